/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/name_set.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 1024	/* a power of two */

/* Of most of a kernel's names the first two characters show that they are not in the set. */
struct name_set {
	uint8_t seen[65536 / 8];
	char *slot[SLOTS];
	int n;
};

static uint16_t head_of(const char *name)
{
	return (uint8_t)name[0] << 8 | (name[0] ? (uint8_t)name[1] : 0);
}

/*
 * The slot where the name is or belongs. Half of the slots stay empty, so the search ends
 * soon.
 */
static uint32_t slot_of(const struct name_set *set, const char *name)
{
	uint32_t at = 0;

	for (const char *c = name; *c; c++)
		at = at * 31 + (uint8_t)*c;
	for (at %= SLOTS; set->slot[at] && strcmp(set->slot[at], name); at = (at + 1) % SLOTS)
		;
	return at;
}

struct name_set *name_set_new(void)
{
	return calloc(1, sizeof(struct name_set));
}

void name_set_free(struct name_set *set)
{
	for (int i = 0; set && i < SLOTS; i++)
		free(set->slot[i]);
	free(set);
}

int name_set_add(struct name_set *set, const char *name, bool flavour)
{
	const char *end = flavour ? strstr(name, "___") : NULL;
	uint32_t slot;
	char *copy;

	if (!name[0] || set->n == SLOTS / 2)
		return name[0] ? -ENOMEM : 0;
	copy = strndup(name, end && end != name ? (size_t)(end - name) : strlen(name));
	if (!copy)
		return -ENOMEM;
	slot = slot_of(set, copy);
	if (set->slot[slot]) {
		free(copy);
		return 0;
	}
	set->slot[slot] = copy;
	set->seen[head_of(copy) / 8] |= 1 << head_of(copy) % 8;
	set->n++;
	return 0;
}

bool name_set_has(const struct name_set *set, const char *name)
{
	uint16_t head = head_of(name);

	return set->seen[head / 8] & 1 << head % 8 && set->slot[slot_of(set, name)];
}
