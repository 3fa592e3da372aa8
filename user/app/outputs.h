/* SPDX-License-Identifier: GPL-2.0 */
/* Which sinks a run has: the options that open them, and their files. */
#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "app/options.h"
#include "output/sinks.h"

/* Opens what the options ask for. 0, or -1 with one line in `why`; outputs_close() follows either way. */
int outputs_open(struct sinks *s, const struct options *o, char *why, size_t len);

/* Opens those files anew that may be moved away meanwhile; says on stderr which it cannot. */
void outputs_reopen(struct sinks *s);

void outputs_close(struct sinks *s);

#endif
