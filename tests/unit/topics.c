/* SPDX-License-Identifier: GPL-2.0 */
#include "topics.h"
#include "test.h"

static int keep(void *ctx, const struct topic *t)
{
	struct topics *all = ctx;

	assert_true(all->n < MAX_TOPICS);
	all->topic[all->n++] = *t;
	return 0;
}

int topics_setup(void **state)
{
	struct topics *all = calloc(1, sizeof(*all));

	*state = all;
	return !all || topic_walk(keep, all);
}

int topics_teardown(void **state)
{
	free(*state);
	return 0;
}
