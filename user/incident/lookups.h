/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the host told of processes when it was asked: kept in a recording, whose replay has no
 * host to ask. An answer is written once, and again when it is another one; a replay goes by the
 * answer that held at the event. Pure.
 */
#ifndef LOOKUPS_H
#define LOOKUPS_H

#include <stddef.h>
#include <stdint.h>

#include "incident/incident.h"

struct lookups;

#define LOOKUP_MAX 1024		/* bytes: no answer is longer */

/* NULL when out of memory. */
struct lookups *lookups_new(void);
void lookups_free(struct lookups *l);	/* NULL is allowed */

/*
 * At now_ns (of the event) ep was looked up. Writes to buf, of LOOKUP_MAX bytes, what a recording
 * needs of it: returns their number, 0 when a reader knows it already, or -ENOMEM.
 */
int lookups_note(struct lookups *l, const struct endpoint *ep, uint64_t now_ns, void *buf);

/*
 * Takes in what lookups_note() wrote. Returns 0, -ENOENT for bytes that are something else,
 * -EBADMSG for such that make no sense, or -ENOMEM.
 */
int lookups_bytes(struct lookups *l, const void *data, size_t size);

/* Fills ep with the answer that held at now_ns (of the event), as the host would have; or with none. */
void lookups_recall(struct lookups *l, struct endpoint *ep, uint64_t now_ns);

#endif
