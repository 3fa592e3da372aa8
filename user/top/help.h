/* SPDX-License-Identifier: GPL-2.0 */
/* What the columns mean and what the keys do: for the help screen and the manual. Pure. */
#ifndef TOP_HELP_H
#define TOP_HELP_H

struct top_help {
	const char *what;	/* a heading or a key; NULL: the end */
	const char *text;
};

extern const struct top_help top_help_columns[];
extern const struct top_help top_help_keys[];

#endif
