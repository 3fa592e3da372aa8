/* SPDX-License-Identifier: GPL-2.0 */
/* All topics of explain, for the tests to go through. */
#ifndef TOPICS_H
#define TOPICS_H

#include "cause/topic.h"

#define MAX_TOPICS 128

struct topics {
	struct topic topic[MAX_TOPICS];
	size_t n;
};

int topics_setup(void **state);
int topics_teardown(void **state);

#endif
