/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The records that a chain keeps, and how it finds them: by the RST, by either
 * end's socket, and by when they are due. Every record is either due or shown
 * and idle; it lies in a heap in order of its due time, or in a list in the
 * order in which it was last shown. So the next due record, the room for one
 * more and the removal of one cost the same however many are kept.
 */
#ifndef KEPT_H
#define KEPT_H

#include <uthash.h>

#include "events/rst_key.h"
#include "incident/incident.h"

#define NOT_DUE UINT64_MAX

struct node {
	struct incident inc;
	struct rst_key key;
	uint64_t victim, sender;	/* sockets, as in by_victim and by_sender; 0: in neither */
	uint64_t due_ns;		/* to be shown then; NOT_DUE: shown, and nothing new since */
	bool paired;			/* in by_rst, or behind one that is */
	struct node *alike;		/* the next older one with the same key */
	bool shown;
	uint8_t shown_ends;		/* which ends had been seen then: sender 1, victim 2 */
	bool waited;			/* the wait for a sender unseen is in due_ns */
	uint64_t shown_ns;		/* last, or when its watch ended without news */
	uint64_t gone_ns;		/* when the victim's socket went; 0: it has not */
	bool watched;			/* shown, and due no more but to be dropped, unless news come */
	uint64_t number;		/* of its making: the order of age */
	struct node *next_ripe;		/* for chain_tick() only */

	/* For kept.c only. */
	uint64_t receipt_sk, receipt_id;	/* as in by_receipt and by_id; 0: not there */
	size_t place;			/* in the heap */
	struct node *prev, *next;	/* in the list of idle ones; of spare ones, by next alone */
	UT_hash_handle hh_rst, hh_victim, hh_sender, hh_receipt, hh_id;
};

struct kept {
	struct node *by_rst, *by_victim, *by_sender, *by_receipt, *by_id;
	struct node **heap;
	size_t n_due;
	struct node *idle;
	struct node *spare;		/* memory of records that are gone, for the next ones */
	size_t n, max;
	uint64_t numbers;
};

/* Room for max records. 0 or -ENOMEM. */
int kept_init(struct kept *k, size_t max);
void kept_free(struct kept *k);

/* A record that knows nothing, due at due_ns; there has to be room. NULL when out of memory. */
struct node *kept_add(struct kept *k, uint64_t due_ns);
void kept_drop(struct kept *k, struct node *n);

static inline bool kept_full(const struct kept *k)
{
	return k->n >= k->max;
}

/* The record that is due first, and the one that is idle for longest; NULL: there is none. */
static inline struct node *kept_first_due(const struct kept *k)
{
	return k->n_due ? k->heap[0] : NULL;
}

static inline struct node *kept_first_idle(const struct kept *k)
{
	return k->idle;
}

/* From the one that has just become idle back to the first; NULL: there is none. */
static inline struct node *kept_last_idle(const struct kept *k)
{
	return k->idle ? k->idle->prev : NULL;
}

static inline struct node *kept_idle_before(const struct kept *k, const struct node *n)
{
	return n == k->idle ? NULL : n->prev;
}

/* The record is due at another time, or with NOT_DUE no longer. */
void kept_due(struct kept *k, struct node *n, uint64_t due_ns);

/* By the key of its RST, for the other end to find it: the youngest one, the others behind it. */
void kept_pair(struct kept *k, struct node *n, const struct rst_key *key);
void kept_unpair(struct kept *k, struct node *n);
struct node *kept_find_rst(const struct kept *k, const struct rst_key *key);

/*
 * By an end's socket. A socket that comes again was made anew at the same
 * address: the record that had it before is returned, and found by it no more.
 */
struct node *kept_set_victim(struct kept *k, struct node *n, uint64_t key);
struct node *kept_set_sender(struct kept *k, struct node *n, uint64_t key);
void kept_forget_victim(struct kept *k, struct node *n);
void kept_forget_sender(struct kept *k, struct node *n);
struct node *kept_find_victim(const struct kept *k, uint64_t key);
struct node *kept_find_sender(const struct kept *k, uint64_t key);

/* By the victim's socket, its address or its id, beyond that socket's end: the last one to have it. */
void kept_set_receipt(struct kept *k, struct node *n);
struct node *kept_find_receipt(const struct kept *k, uint64_t sk);
struct node *kept_find_id(const struct kept *k, uint64_t id);

#endif
