/* SPDX-License-Identifier: GPL-2.0 */
/* What the tracer says of its own probes: `rsttrace check`. */
#ifndef PROBES_H
#define PROBES_H

/* Probes that some scenarios depend on, by the names the tracer gives them. */
#define PROBE_TAKEN "error taken"
#define PROBE_SPLICE_IN "splice in failed"
#define PROBE_TTL "peer's TTL"

/*
 * Runs the check with these hooks. Returns 0 and the text, which the caller
 * frees, or a negative errno.
 */
int probes_check(const char *path, const char *hooks, char **text);

/* 1: the text says that this probe is missing, 0: it has it, -ENOENT: it knows no such probe. */
int probe_missing(const char *text, const char *probe);

#endif
