/* SPDX-License-Identifier: GPL-2.0 */
#include "report/questions.h"

#include <string.h>

#include "base/array.h"

static const struct question questions[] = {
	{ .name = "who-resets-whom", .by = BY_PAIR },
	{ .name = "causes", .by = BY_CAUSE },
	{ .name = "situations", .by = BY_SITUATION },
	{ .name = "new-since-yesterday", .by = BY_PAIR, .compare = true },
	{ .name = "services", .by = BY_UNIT },
	{ .name = "kernels", .by = BY_KERNEL },
	{ .name = "worst-pairs", .by = BY_ADDRESSES, .hurt = true },
	{ .name = "refused-services", .by = BY_SOURCE,
	  .cause = { "closed-port", "peer-refused", "accept-queue-overflow" } },
	{ .name = "firewall-rejects", .by = BY_SOURCE, .cause = { "firewall-reject" } },
	{ .name = "hurt", .by = BY_CAUSE, .hurt = true },
	{ .name = "unexplained", .by = BY_HOST, .cause = { "unknown" } },
};

const struct question *question_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++)
		if (!strcmp(questions[i].name, name))
			return &questions[i];
	return NULL;
}
