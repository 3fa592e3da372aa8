/* SPDX-License-Identifier: GPL-2.0 */
/* What the tracer says of its own probes: `rsttrace check --json`. */
#ifndef PROBES_H
#define PROBES_H

#include <jansson.h>
#include <stdbool.h>

/* Probes that some scenarios depend on, by the names the tracer gives them. */
#define PROBE_TAKEN "error taken"
#define PROBE_SPLICE_IN "splice in failed"
#define PROBE_TTL "peer's TTL"

/* Runs the check with these hooks. Returns what it says, owned by the caller, or NULL. */
json_t *probes_check(const char *path, const char *hooks);

/* Reads what such a check has said before. Returns it, owned by the caller, or NULL. */
json_t *probes_read(const char *file);

/* Whether the check knows the probe and does not call it missing. */
bool probe_there(const json_t *check, const char *probe);

#endif
