/* SPDX-License-Identifier: GPL-2.0 */
/* The terminal: only screen.c knows curses. */
#ifndef TOP_SCREEN_H
#define TOP_SCREEN_H

#include <stdbool.h>

#include "top/cells.h"

struct screen;

/* Whether standard input and output are a terminal that can place its cursor; `why` says why not. */
bool screen_possible(char *why, size_t len);

/* Takes the terminal. Returns NULL, with one line in `why`, if that fails. */
struct screen *screen_open(bool color, char *why, size_t len);

/* Puts the terminal back as it was. NULL is allowed. */
void screen_close(struct screen *s);

/* The present size of the screen. */
void screen_size(struct screen *s, unsigned int *width, unsigned int *height);

/* Shows `height` lines. */
void screen_draw(struct screen *s, const struct cell_line *lines, unsigned int height);

/* The next key that was pressed: an enum top_key or a byte; TOP_KEY_NONE: none. Does not wait. */
int screen_key(struct screen *s);

#endif
