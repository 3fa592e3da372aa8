/* SPDX-License-Identifier: GPL-2.0 */
/* The terminal: the only file that knows curses. */
#ifndef TOP_SCREEN_H
#define TOP_SCREEN_H

#include <stdbool.h>

#include "top/cells.h"

struct screen;

/* Whether there is a terminal behind standard input and output that can place its cursor; else why not. */
bool screen_possible(char *why, size_t len);

/* Takes the terminal; NULL, with one line in `why`, where that fails. */
struct screen *screen_open(bool color, char *why, size_t len);

/* The terminal is as it was; NULL is allowed. */
void screen_close(struct screen *s);

/* How large it is now. */
void screen_size(struct screen *s, unsigned int *width, unsigned int *height);

/* Shows as many lines as it is high. */
void screen_draw(struct screen *s, const struct cell_line *lines, unsigned int height);

/* The next key that was pressed, an enum top_key or a byte; does not wait. TOP_KEY_NONE: none. */
int screen_key(struct screen *s);

#endif
