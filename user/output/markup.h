/* SPDX-License-Identifier: GPL-2.0 */
/* Text in XML and HTML, between tags or quotes. */
#ifndef MARKUP_H
#define MARKUP_H

#include <stdio.h>

/*
 * Any bytes up to a NUL, as text that ends no tag and no quotes. What is no UTF-8, and control
 * characters other than newline and tab, which XML has no way to write, become U+FFFD.
 */
void markup_text(FILE *out, const char *text);

#endif
