/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What /proc said of processes when they were looked up. A recording keeps these answers, as a
 * replay cannot ask the host. An answer is written when it is new or has changed; a replay takes
 * the one that held at the time of the event. Pure.
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
 * Notes that ep was looked up for an event of now_ns. Writes what a recording needs of the answer to
 * buf, of LOOKUP_MAX bytes. Returns how many bytes, 0 when a reader has it already, or -ENOMEM.
 */
int lookups_note(struct lookups *l, const struct endpoint *ep, uint64_t now_ns, void *buf);

/*
 * Takes in what lookups_note() wrote. Returns 0, -ENOENT for bytes of another kind,
 * -EBADMSG for a damaged answer, or -ENOMEM.
 */
int lookups_bytes(struct lookups *l, const void *data, size_t size);

/* Fills ep with the answer that held at now_ns, the event's time; leaves it alone if there is none. */
void lookups_recall(struct lookups *l, struct endpoint *ep, uint64_t now_ns);

#endif
