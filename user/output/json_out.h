/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Writes one line of JSON value by value, without building a tree: a storm has
 * tens of thousands of incidents a second, with up to eighty keys each.
 *
 * Keys are those of the tables and written as they are. Strings may hold any
 * bytes: what is no UTF-8 is replaced. The first error of the stream is kept.
 */
#ifndef JSON_OUT_H
#define JSON_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct json_out {
	FILE *out;
	int err;		/* the negative errno of the write that failed */
	bool comma;		/* the next member or item needs one before it */
	size_t len;
	char buf[4096];		/* not yet written to the stream */
};

/* Begins the line's object. */
void json_out_begin(struct json_out *j, FILE *out);
/* Ends it. 0 or a negative errno. */
int json_out_end(struct json_out *j);

/* Members. A string has at most n bytes and ends before a NUL. */
void json_out_string(struct json_out *j, const char *key, const char *s, size_t n);
void json_out_strings(struct json_out *j, const char *key, const char *const *s, size_t n);
void json_out_int(struct json_out *j, const char *key, int64_t v);
void json_out_bool(struct json_out *j, const char *key, bool v);

/* A member that is a list of objects, and each of these. */
void json_out_list(struct json_out *j, const char *key);
void json_out_item(struct json_out *j);
void json_out_item_end(struct json_out *j);
void json_out_list_end(struct json_out *j);

#endif
