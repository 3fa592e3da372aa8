/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a report keeps of each incident: about a hundred bytes, by the million. Names are numbers of
 * a table of strings. Bounded: what finds no room has to be counted without being kept.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incident/incident.h"
#include "report/strings.h"

/* entry.flags */
#define ENTRY_SENT	(1u << 0)	/* its host saw the sender send it */
#define ENTRY_RECEIVED	(1u << 1)	/* its host saw the victim's socket end */
#define ENTRY_SEQ	(1u << 2)	/* .seq is known */
#define ENTRY_ACK	(1u << 3)	/* .ack is known */
#define ENTRY_SAMPLED	(1u << 5)	/* of a storm of which not every reset was told */
#define ENTRY_WANTED	(1u << 4)	/* by the filters: others are kept for being another's other end */

/* What an incident, or two of them, show of the way of a RST. */
enum way {
	WAY_HERE,		/* both ends on one host */
	WAY_PAIRED,		/* both ends, on two hosts or in two records of one */
	WAY_TRANSLATED,		/* the same, with other addresses or ports on the way */
	WAY_LOST,		/* sent, and never received by a host that was traced then */
	WAY_FORGED,		/* received, and never sent by a host that was traced then */
	WAY_ELSEWHERE,		/* the other end's host is not known to have been traced */
	WAY_NO_RST,		/* the connection was given up without one */
	N_WAYS,
};

struct entry {
	uint64_t id;		/* incident_number() */
	int64_t time_ns;
	uint8_t saddr[16], daddr[16];
	uint32_t seq, ack;
	uint32_t host, cause, situation;
	uint32_t sender, victim;		/* names of the processes */
	uint32_t sender_unit, victim_unit;
	uint32_t partner;	/* the other end's entry + 1, once they are paired; 0: none */
	uint16_t sport, dport;
	uint16_t rev;
	uint32_t stands_for;	/* so many resets; 1: itself */
	uint8_t family, kind, outcome, flags, way;
	bool written;		/* to a second output, by who reads the files again */
};

/* Fills all but .partner and .way. */
void entry_of(struct entry *e, const struct incident *inc, struct strings *strings);

static inline bool entry_hurts(const struct entry *e)
{
	return outcome_hurts(e->outcome);
}

struct store;

/* At most so many entries; NULL when out of memory. */
struct store *store_new(size_t max);
void store_free(struct store *s);

enum store_put { STORE_NEW, STORE_REPLACED, STORE_OLDER, STORE_FULL };

/*
 * Keeps a copy. The entry of the same incident is replaced by a later revision, or by the same one,
 * and not by an older. STORE_FULL: not kept.
 */
enum store_put store_put(struct store *s, const struct entry *e);

/* The entry of that incident, or NULL. */
struct entry *store_find(const struct store *s, uint64_t id);
/* Its number for store_at() + 1; 0: there is none. */
uint32_t store_number(const struct store *s, uint64_t id);

size_t store_count(const struct store *s);
struct entry *store_at(const struct store *s, size_t i);

/*
 * Whether this is the entry to count a RST by: of a pair the sender's, and only if the filters want
 * one of its ends.
 */
bool entry_counts(const struct store *s, const struct entry *e);

/* How many bytes it takes. */
size_t store_bytes(const struct store *s);

#endif
