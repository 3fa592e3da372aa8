/* SPDX-License-Identifier: GPL-2.0 */
/* The one list of options. The command line, the file of --config and the documentation are made from it. */
#ifndef OPTION_TABLE_H
#define OPTION_TABLE_H

#include <stddef.h>

#include "app/option_take.h"

#define REPEATS 1u	/* may be given more than once, and all count */
#define RELOADS 2u	/* a new value in the file counts from the next SIGHUP on */
#define NOT_IN_FILE 4u

struct option_row {
	const char *name;
	char letter;
	const char *arg;	/* NULL: a switch; "[=WORD]": the value may be left out */
	const char *help;
	take_fn take;
	size_t at;		/* the member that take() sets */
	unsigned int flags;
};

extern const struct option_row option_rows[];
extern const size_t n_option_rows;

/* The row of that name, without dashes; NULL: there is none. */
const struct option_row *option_find(const char *name);

/*
 * Takes an argument and notes its text in o->given. Returns 0, or -EINVAL with what is wrong in
 * `why`: "'x' is no number".
 */
int option_take(struct options *o, const struct option_row *row, char *arg, char *why, size_t len);

#endif
