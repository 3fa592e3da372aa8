/* SPDX-License-Identifier: GPL-2.0 */
/* The JSON reader of the report, held against jansson: what that takes, this takes, with the same strings. */
#include "fuzz.h"
#include "report/json_pull.h"

/* Whether a document goes beyond what ours takes: its depth, its integers, characters that end a string. */
static bool is_plain(const json_t *j, int depth)
{
	const char *key;
	json_t *value;
	size_t i;

	if (!depth)
		return false;
	json_object_foreach((json_t *)j, key, value)
		if (!is_plain(value, depth - 1))
			return false;
	json_array_foreach(j, i, value)
		if (!is_plain(value, depth - 1))
			return false;
	return true;
}

static void compare(const json_t *want, struct json_pull *p)
{
	struct pull_slice key;
	char text[256];

	MUST(pull_want(p, '{'));
	if (pull_next_is(p, '}'))
		return;
	do {
		struct pull_slice s;
		json_t *value;

		MUST(pull_string(p, &key) && pull_want(p, ':'));
		MUST(pull_copy(text, sizeof(text), &key) < sizeof(text));
		value = key.n < sizeof(text) ? json_object_get(want, text) : NULL;
		if (!value || !json_is_string(value)) {
			MUST(pull_skip(p));
			continue;
		}
		MUST(pull_string(p, &s));
		MUST(pull_copy(text, sizeof(text), &s) == strlen(text));
		MUST(s.n >= sizeof(text) || !strcmp(text, json_string_value(value)));
	} while (pull_next_is(p, ','));
	MUST(pull_want(p, '}') && pull_ends(p));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *want = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct json_pull p;
	int64_t v;
	bool b;

	pull_begin(&p, (const char *)data, size);
	/* jansson passes over a NUL behind a number, which no JSON has */
	if (json_is_object(want) && is_plain(want, 60) && !memchr(data, 0, size)) {
		compare(want, &p);
	} else if (!pull_skip(&p) || !pull_ends(&p)) {
		MUST(p.why && p.at >= (const char *)data && p.at <= (const char *)data + size);
	}
	json_decref(want);
	pull_begin(&p, (const char *)data, size);
	pull_integer(&p, &v);
	pull_bool(&p, &b);
	return 0;
}
