/* SPDX-License-Identifier: GPL-2.0 */
/* Text for people, filled to the width of their terminal. */
#ifndef PARAGRAPH_H
#define PARAGRAPH_H

#include <stdio.h>

#define PARAGRAPH_INDENT 2

/*
 * A text's words from column `at` on; lines begin at `left` and end at `width`. A long word stays
 * whole.
 */
void fill(FILE *out, const char *text, unsigned int at, unsigned int left, unsigned int width);

/* An indented text with a label before it. */
void paragraph(FILE *out, const char *label, const char *text, unsigned int width);

#endif
