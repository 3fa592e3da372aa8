/* SPDX-License-Identifier: GPL-2.0 */
/* Text for people, wrapped to the width of their terminal. */
#ifndef PARAGRAPH_H
#define PARAGRAPH_H

#include <stdio.h>

#define PARAGRAPH_INDENT 2

/*
 * Prints a text's words, the first at column `at`; further lines begin at column `left`, and
 * all end at `width`. A long word is not broken.
 */
void fill(FILE *out, const char *text, unsigned int at, unsigned int left, unsigned int width);

/* Prints a text with a label before it, both indented. */
void paragraph(FILE *out, const char *label, const char *text, unsigned int width);

#endif
