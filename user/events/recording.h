/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recording: one line of JSON (schema "rsttrace-events/1") that says whose
 * events these are, then the events, each preceded by its size as a 32-bit
 * little-endian number. Events are in the byte order of the host that wrote
 * them, which the line names.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include <stdio.h>

#include "events/source.h"

/* From a recording. `why` says in one line what is wrong with the file. */
int source_file(struct source **out, const char *path, source_fn fn, void *ctx,
		char *why, size_t len);

/* The same from a stream, which the source closes, even on failure; `name` is for messages. */
int source_stream(struct source **out, FILE *f, const char *name, source_fn fn, void *ctx,
		  char *why, size_t len);

#define RECORDING_MAGIC "{\"schema\":\"rsttrace-events/1\""	/* what every recording begins with */

/* Writing a recording: the meta line, then every event. 0 or a negative errno. */
int recording_begin(FILE *f, const struct source_meta *meta);
int recording_event(FILE *f, const void *data, size_t size);

#endif
