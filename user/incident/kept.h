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

#include "base/hash.h"

#include "events/rst_key.h"
#include "incident/incident.h"

#define NOT_DUE UINT64_MAX

struct node {
	struct incident inc;
	struct rst_key key;
	uint64_t victim, sender;	/* sockets, as in by_victim and by_sender; 0: in neither */
	uint64_t due_ns;		/* to be shown then; NOT_DUE: shown, and nothing new since */
	bool paired;			/* in by_rst, or in the list .alike of one that is */
	struct node *alike;		/* the next older record with the same key */
	bool shown;
	uint8_t shown_ends;		/* which ends had been seen when it was shown: sender 1, victim 2 */
	bool waited;			/* due_ns includes the wait for a sender that was not seen */
	uint64_t shown_ns;		/* last, or when its watch ended without news */
	uint64_t gone_ns;		/* when the victim's socket went; 0: it has not */
	bool watched;			/* shown; when due it is dropped, unless something more comes */
	uint64_t number;		/* counts the records as they are made: smaller is older */
	struct node *next_ripe;		/* for chain_tick() only */

	/* For kept.c only. */
	uint64_t receipt_sk, receipt_id;	/* as in by_receipt and by_id; 0: not there */
	size_t place;			/* in the heap */
	struct node *prev, *next;	/* in the list of idle records, or by .next of free ones */
	UT_hash_handle hh_rst, hh_victim, hh_sender, hh_receipt, hh_id;
};

struct kept {
	struct node *by_rst, *by_victim, *by_sender, *by_receipt, *by_id;
	struct node **heap;
	size_t n_due;
	struct node *idle;
	struct node *spare;		/* free nodes, to be used again */
	size_t n, max;
	uint64_t numbers;
};

/* Room for max records. 0 or -ENOMEM. */
int kept_init(struct kept *k, size_t max);
void kept_free(struct kept *k);

/* Adds an empty record, due at due_ns; there has to be room. NULL when out of memory. */
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

/* The record that became idle last; kept_idle_before() leads back to the first. NULL: none. */
static inline struct node *kept_last_idle(const struct kept *k)
{
	return k->idle ? k->idle->prev : NULL;
}

static inline struct node *kept_idle_before(const struct kept *k, const struct node *n)
{
	return n == k->idle ? NULL : n->prev;
}

/* Makes the record due at another time, or with NOT_DUE idle. */
void kept_due(struct kept *k, struct node *n, uint64_t due_ns);

/* Makes the record to be found by its RST: the youngest with that key, .alike leads to the others. */
void kept_pair(struct kept *k, struct node *n, const struct rst_key *key);
void kept_unpair(struct kept *k, struct node *n);
struct node *kept_find_rst(const struct kept *k, const struct rst_key *key);

/*
 * Makes the record to be found by an end's socket. If another record had that key, its
 * socket is gone and a new one has the same address: that record is returned, and is no
 * longer found by the key.
 */
struct node *kept_set_victim(struct kept *k, struct node *n, uint64_t key);
struct node *kept_set_sender(struct kept *k, struct node *n, uint64_t key);
void kept_forget_victim(struct kept *k, struct node *n);
void kept_forget_sender(struct kept *k, struct node *n);
struct node *kept_find_victim(const struct kept *k, uint64_t key);
struct node *kept_find_sender(const struct kept *k, uint64_t key);

/*
 * Makes the record to be found by the victim's socket, its address or its id, even after
 * that socket has ended. The last record with an address or an id is found.
 */
void kept_set_receipt(struct kept *k, struct node *n);
struct node *kept_find_receipt(const struct kept *k, uint64_t sk);
struct node *kept_find_id(const struct kept *k, uint64_t id);

#endif
