/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a report keeps of each incident: about a hundred bytes, for a million incidents. Names are
 * numbers in a table of strings. Bounded: an incident that finds no room has to be counted without
 * being kept.
 */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "incident/incident.h"
#include "report/strings.h"

/* entry.flags */
#define ENTRY_SENT	(1u << 0)	/* its host saw it being sent */
#define ENTRY_RECEIVED	(1u << 1)	/* its host saw it end the victim's socket */
#define ENTRY_SEQ	(1u << 2)	/* .seq is known */
#define ENTRY_ACK	(1u << 3)	/* .ack is known */
#define ENTRY_KERNEL	(1u << 6)	/* the sender is no process: the kernel answered for nobody */
#define ENTRY_SAMPLED	(1u << 5)	/* of a storm, in which not every reset was told */
#define ENTRY_WANTED	(1u << 4)	/* by the filters; others are kept as possible partners */

/* What an incident, or the two of a pair, show of a RST's way. */
enum way {
	WAY_HERE,		/* both ends seen by one host */
	WAY_PAIRED,		/* both ends seen, by two hosts or in two records of one */
	WAY_TRANSLATED,		/* ... with other addresses or ports at either end */
	WAY_LOST,		/* sent, but not received by a host that was traced then */
	WAY_NOT_SENT,		/* received, but not sent by its address's host, which was traced then */
	WAY_ELSEWHERE,		/* the host of the other end is not known to have been traced */
	WAY_NO_RST,		/* the connection was given up without a RST */
	N_WAYS,
};

struct entry {
	uint64_t id;		/* see incident_number() */
	int64_t time_ns;
	uint8_t saddr[16], daddr[16];
	uint32_t seq, ack;
	uint32_t host, cause, situation;
	uint32_t sender, victim;		/* the names of the processes */
	uint32_t sender_unit, victim_unit;
	uint32_t partner;	/* the number of the other end's entry + 1; 0: not paired */
	uint16_t sport, dport;
	uint16_t rev;
	uint32_t stands_for;	/* how many resets it stands for; 1: only itself */
	uint8_t family, kind, outcome, flags, way;
	bool written;		/* to a second output, by whoever reads the files again */
};

/* Fills in all but .partner and .way. */
void entry_of(struct entry *e, const struct incident *inc, struct strings *strings);

static inline bool entry_hurts(const struct entry *e)
{
	return outcome_hurts(e->outcome);
}

struct store;

/* A store for at most `max` entries; NULL when out of memory. */
struct store *store_new(size_t max);
void store_free(struct store *s);

enum store_put { STORE_NEW, STORE_REPLACED, STORE_OLDER, STORE_FULL };

/*
 * Keeps a copy. An entry of the same incident is replaced, unless it is of a later revision.
 * STORE_FULL: not kept.
 */
enum store_put store_put(struct store *s, const struct entry *e);

/* The entry of the incident with this id, or NULL. */
struct entry *store_find(const struct store *s, uint64_t id);
/* The number of that entry + 1; 0: there is none. */
uint32_t store_number(const struct store *s, uint64_t id);

size_t store_count(const struct store *s);
struct entry *store_at(const struct store *s, size_t i);

/*
 * Whether a RST is counted by this entry: of a pair by the sender's, and only if the filters want
 * one of its ends.
 */
bool entry_counts(const struct store *s, const struct entry *e);

/* The memory used, in bytes. */
size_t store_bytes(const struct store *s);

#endif
