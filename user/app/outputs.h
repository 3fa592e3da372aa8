/* SPDX-License-Identifier: GPL-2.0 */
/* Which sinks a run has: the options that open them, and their files. */
#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "app/options.h"
#include "output/sinks.h"

/* Opens what the options ask for. 0, or -1 with one line in `why`; outputs_close() follows either way. */
int outputs_open(struct sinks *s, const struct options *o, char *why, size_t len);

/* Reopens the files that can go on in a new one, as they may have been renamed. Errors go to stderr. */
void outputs_reopen(struct sinks *s);

/*
 * Opens a file for writing, as fopen() does: NULL with errno. A new one is its owner's alone to read,
 * as records tell of users, programs and peers; a shared one, made to be handed on, as the umask says.
 */
FILE *output_create(const char *path, bool shared, bool append);

void outputs_close(struct sinks *s);

#endif
