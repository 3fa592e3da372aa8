/* SPDX-License-Identifier: GPL-2.0 */
#include "app/reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/option_table.h"
#include "base/escape.h"

static bool same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* One line that names the options that have changed and are read only when a run begins. */
static void say_settled(const struct options *o, const struct options *fresh)
{
	char names[1024] = "";
	size_t len = 0;

	for (size_t i = 0; i < n_option_rows; i++)
		if (!(option_rows[i].flags & (RELOADS | NOT_IN_FILE)) && !same(o->given[i], fresh->given[i]))
			len += snprintf(names + len, sizeof(names) - len, "%s%s", len ? ", " : "",
					option_rows[i].name);
	if (len)
		say("reloaded; a restart is needed for %s", names);
	else if (!o->quiet)
		say("reloaded");
}

_Static_assert(OPTIONS_MAX * 16 <= 1024, "room for all names, none of which is longer than 14");

/* The strings of the filter point into fresh->config_text, which the caller keeps. */
static void take_filter(struct filter *f, const struct filter *fresh)
{
	f->pid = fresh->pid;
	f->comm = fresh->comm;
	f->cgroup = fresh->cgroup;
	f->direction = fresh->direction;
	memcpy(f->cause, fresh->cause, sizeof(f->cause));
	f->n_causes = fresh->n_causes;
	f->outcomes = fresh->outcomes;
}

void reload_config(struct options *o)
{
	struct options fresh;
	char why[1024];

	if (!o->config)
		return;
	if (options_parse(&fresh, o->argc, o->argv, why, sizeof(why))) {
		say("not reloaded, all stays as it was: %s", why);
		options_free(&fresh);
		return;
	}
	if (suppress_replace(&o->suppress, &fresh.suppress))
		say("out of memory for the rules of --suppress");
	take_filter(&o->filter, &fresh.filter);
	say_settled(o, &fresh);
	/* the first text is kept: what needs a restart points into it */
	free(o->reloaded_text);
	o->reloaded_text = fresh.config_text;
	fresh.config_text = NULL;
	options_free(&fresh);
}
