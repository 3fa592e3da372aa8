/* SPDX-License-Identifier: GPL-2.0 */
/* Set members of JSON objects; return 0 or -ENOMEM. The new value is theirs, also after a failure. */
#ifndef JSON_SET_H
#define JSON_SET_H

#include <errno.h>
#include <stdint.h>

#include <jansson.h>

static inline int set(json_t *obj, const char *key, json_t *val)
{
	return json_object_set_new(obj, key, val) ? -ENOMEM : 0;
}

static inline int set_int(json_t *obj, const char *key, int64_t v)
{
	return set(obj, key, json_integer(v));
}

/* A counter beyond the largest integer that JSON readers take is set to that integer. */
static inline int set_count(json_t *obj, const char *key, uint64_t v)
{
	return set_int(obj, key, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

#endif
