/* SPDX-License-Identifier: GPL-2.0 */
#include "report/strings.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

struct string {
	uint32_t number;
	UT_hash_handle hh;
	char text[];
};

struct strings {
	struct string *by_text, *last;
	struct string **by_number;
	uint32_t n, room;
	size_t bytes;
};

static struct string *add(struct strings *s, const char *text, size_t len)
{
	struct string *new;

	if (s->n == s->room) {
		uint32_t room = s->room ? 2 * s->room : 256;
		struct string **more = realloc(s->by_number, room * sizeof(*more));

		if (!more)
			return NULL;
		s->by_number = more;
		s->room = room;
	}
	new = malloc(sizeof(*new) + len + 1);
	if (!new)
		return NULL;
	memcpy(new->text, text, len + 1);
	new->number = s->n;
	HASH_ADD_KEYPTR(hh, s->by_text, new->text, len, new);
	s->by_number[s->n++] = new;
	s->bytes += sizeof(*new) + len + 1;
	return new;
}

struct strings *strings_new(void)
{
	struct strings *s = calloc(1, sizeof(*s));

	if (s && add(s, "", 0) && add(s, "(other)", 7))
		return s;
	strings_free(s);
	return NULL;
}

uint32_t strings_put(struct strings *s, const char *text)
{
	size_t len = strlen(text);
	struct string *found;

	/* mostly the string is the one before */
	if (s->last && !strcmp(s->last->text, text))
		return s->last->number;
	HASH_FIND(hh, s->by_text, text, len, found);
	if (!found && s->n < MAX_STRINGS)
		found = add(s, text, len);
	if (!found)
		return STRING_OTHER;
	s->last = found;
	return found->number;
}

const char *strings_get(const struct strings *s, uint32_t number)
{
	return number < s->n ? s->by_number[number]->text : "";
}

size_t strings_bytes(const struct strings *s)
{
	return s->bytes + s->room * sizeof(*s->by_number);
}

void strings_free(struct strings *s)
{
	struct string *one, *tmp;

	if (!s)
		return;
	HASH_ITER(hh, s->by_text, one, tmp) {
		HASH_DEL(s->by_text, one);
		free(one);
	}
	free(s->by_number);
	free(s);
}
