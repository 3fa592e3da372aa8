/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a scenario expects of one incident: a table of JSON keys with values of a known type. A new
 * key needs no new code here, so a later scenario may ask for anything in the record.
 *
 * Plain data without pointers: it is in memory that the scenario's process shares with the judge.
 */
#ifndef EXPECT_H
#define EXPECT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "complaint.h"

#define MAX_FIELDS 48
#define MAX_ERROR_FIELDS 12
#define MAX_ERRORS 8

enum want {
	WANT_STR,	/* one of the values in .str, which '|' separates */
	WANT_INT,
	WANT_MIN,	/* an integer of at least .num */
	WANT_BOOL,
	WANT_PRESENT,	/* any string */
	WANT_ABSENT,	/* the key must not be there */
};

struct field {
	char key[24];
	enum want want;
	bool optional;	/* may be absent; if it is there, it must fit */
	int64_t num;
	char str[64];
};

struct error_expect {
	struct field fields[MAX_ERROR_FIELDS];
	int n_fields;
};

struct expect {
	struct field fields[MAX_FIELDS];
	int n_fields;
	struct error_expect errors[MAX_ERRORS];
	int n_errors;
};

/* Each call replaces what was expected of the same key before. */
void want_str(struct expect *e, const char *key, const char *values);
void want_int(struct expect *e, const char *key, int64_t value);
void want_min(struct expect *e, const char *key, int64_t least);
void want_bool(struct expect *e, const char *key, bool value);
void want_present(struct expect *e, const char *key);
void want_absent(struct expect *e, const char *key);

/* The same for keys that some kernels or hooks do not show. */
void maybe_str(struct expect *e, const char *key, const char *values);
void maybe_int(struct expect *e, const char *key, int64_t value);

/*
 * Expects one more failing call, in the order in which the calls were made. pid and fd may be
 * negative: then they are not compared.
 */
struct error_expect *want_failure(struct expect *e, const char *err, const char *syscall, int fd,
				  int pid, const char *comm, bool sigpipe);

/* Expects one more key of a failing call, or another value; maybe: if the key is there. */
void want_failure_int(struct error_expect *err, const char *key, int64_t value);
void want_failure_bool(struct error_expect *err, const char *key, bool value);
void want_failure_str(struct error_expect *err, const char *key, const char *values);
void want_failure_absent(struct error_expect *err, const char *key);
void maybe_failure_str(struct error_expect *err, const char *key, const char *values);
void maybe_failure_int(struct error_expect *err, const char *key, int64_t value);
/* Everything expected of the call may be missing, except its errno: no hook shows the call. */
void failure_unseen(struct error_expect *err);
void want_failure_min(struct error_expect *err, const char *key, int64_t least);

/* Compares all fields. Returns the number of differences; report may be NULL. */
int expect_compare(const struct expect *e, const json_t *incident, complain_fn report, void *ctx);

/* What is expected of a key with a text; "" if nothing is. */
const char *expect_str(const struct expect *e, const char *key);

/* Whether the incident is of the connection, and has the direction, that e is about. */
bool expect_same_flow(const struct expect *e, const json_t *incident, bool and_kind);

/*
 * Checks what holds for any incident: its schema, its types, times between from_ns and to_ns (since
 * the epoch), and error_* keys that repeat the victim's first failing call (or the sender's, if
 * only the sender saw an error).
 */
int incident_sane(const json_t *incident, int64_t from_ns, int64_t to_ns, complain_fn report,
		  void *ctx);

#endif
