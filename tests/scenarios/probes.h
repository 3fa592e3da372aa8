/* SPDX-License-Identifier: GPL-2.0 */
/* What the tracer says of its own probes: `rsttrace check --json`. */
#ifndef PROBES_H
#define PROBES_H

#include <jansson.h>
#include <stdbool.h>

/* Probes that some scenarios depend on, by the names that the tracer has for them. */
#define PROBE_TAKEN "error taken"
#define PROBE_SPLICE_IN "splice in failed"
#define PROBE_SEND "send failed"
#define PROBE_TTL "peer's TTL"

/* Runs the check with these hooks. Returns its output, which the caller owns, or NULL. */
json_t *probes_check(const char *path, const char *hooks);

/* Reads the output of an earlier check. The caller owns it; NULL if it cannot be read. */
json_t *probes_read(const char *file);

/* Whether the check has the probe and does not call it missing. */
bool probe_there(const json_t *check, const char *probe);

#endif
