/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/kept.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <utlist.h>

int kept_init(struct kept *k, size_t max)
{
	*k = (struct kept){ .max = max };
	k->heap = malloc(max * sizeof(k->heap[0]));
	return k->heap ? 0 : -ENOMEM;
}

void kept_free(struct kept *k)
{
	struct node *n;

	while (k->n_due)
		kept_drop(k, k->heap[0]);
	while (k->idle)
		kept_drop(k, k->idle);
	while ((n = k->spare)) {
		LL_DELETE(k->spare, n);
		free(n);
	}
	free(k->heap);
}

/* ---- due times: a binary heap ------------------------------------------------- */

static bool before(const struct node *a, const struct node *b)
{
	return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->number < b->number;
}

static void put(struct kept *k, size_t place, struct node *n)
{
	k->heap[place] = n;
	n->place = place;
}

/* Puts a record where it belongs in the heap; `place` is its old one, or a free one. */
static void sift(struct kept *k, size_t place, struct node *n)
{
	size_t child;

	for (; place && before(n, k->heap[(place - 1) / 2]); place = (place - 1) / 2)
		put(k, place, k->heap[(place - 1) / 2]);
	for (; (child = 2 * place + 1) < k->n_due; place = child) {
		child += child + 1 < k->n_due && before(k->heap[child + 1], k->heap[child]);
		if (!before(k->heap[child], n))
			break;
		put(k, place, k->heap[child]);
	}
	put(k, place, n);
}

static void take_out(struct kept *k, struct node *n)
{
	struct node *last;

	if (n->due_ns == NOT_DUE) {
		DL_DELETE(k->idle, n);
		return;
	}
	last = k->heap[--k->n_due];
	if (last != n)
		sift(k, n->place, last);
}

static void put_in(struct kept *k, struct node *n, uint64_t due_ns)
{
	n->due_ns = due_ns;
	if (due_ns == NOT_DUE)
		DL_APPEND(k->idle, n);
	else
		sift(k, k->n_due++, n);
}

void kept_due(struct kept *k, struct node *n, uint64_t due_ns)
{
	if (n->due_ns == due_ns)
		return;
	take_out(k, n);
	put_in(k, n, due_ns);
}

/* ---- coming and going ----------------------------------------------------------- */

struct node *kept_add(struct kept *k, uint64_t due_ns)
{
	struct node *n = k->spare;

	if (n)
		LL_DELETE(k->spare, n);
	else
		n = malloc(sizeof(*n));
	if (!n)
		return NULL;
	memset((char *)n + sizeof(n->inc), 0, sizeof(*n) - sizeof(n->inc));
	incident_init(&n->inc);
	n->number = k->numbers++;
	k->n++;
	put_in(k, n, due_ns);
	return n;
}

static void forget_receipt(struct kept *k, struct node *n)
{
	if (n->receipt_sk)
		HASH_DELETE(hh_receipt, k->by_receipt, n);
	n->receipt_sk = 0;
}

static void forget_id(struct kept *k, struct node *n)
{
	if (n->receipt_id)
		HASH_DELETE(hh_id, k->by_id, n);
	n->receipt_id = 0;
}

void kept_drop(struct kept *k, struct node *n)
{
	kept_unpair(k, n);
	kept_forget_victim(k, n);
	kept_forget_sender(k, n);
	forget_receipt(k, n);
	forget_id(k, n);
	take_out(k, n);
	k->n--;
	LL_PREPEND(k->spare, n);
}

/* ---- by the RST ------------------------------------------------------------------ */

void kept_pair(struct kept *k, struct node *n, const struct rst_key *key)
{
	n->alike = kept_find_rst(k, key);
	if (n->alike)
		HASH_DELETE(hh_rst, k->by_rst, n->alike);
	n->key = *key;
	n->paired = true;
	HASH_ADD(hh_rst, k->by_rst, key, sizeof(n->key), n);
}

void kept_unpair(struct kept *k, struct node *n)
{
	struct node *youngest;

	if (!n->paired)
		return;
	youngest = kept_find_rst(k, &n->key);
	if (youngest == n) {
		HASH_DELETE(hh_rst, k->by_rst, n);
		if (n->alike)
			HASH_ADD(hh_rst, k->by_rst, key, sizeof(n->key), n->alike);
	} else {
		while (youngest->alike != n)
			youngest = youngest->alike;
		youngest->alike = n->alike;
	}
	n->alike = NULL;
	n->paired = false;
}

struct node *kept_find_rst(const struct kept *k, const struct rst_key *key)
{
	struct node *n;

	HASH_FIND(hh_rst, k->by_rst, key, sizeof(*key), n);
	return n;
}

/* ---- by socket ------------------------------------------------------------------- */

struct node *kept_find_victim(const struct kept *k, uint64_t key)
{
	struct node *n;

	HASH_FIND(hh_victim, k->by_victim, &key, sizeof(key), n);
	return n;
}

struct node *kept_find_sender(const struct kept *k, uint64_t key)
{
	struct node *n;

	HASH_FIND(hh_sender, k->by_sender, &key, sizeof(key), n);
	return n;
}

void kept_forget_victim(struct kept *k, struct node *n)
{
	if (n->victim)
		HASH_DELETE(hh_victim, k->by_victim, n);
	n->victim = 0;
}

void kept_forget_sender(struct kept *k, struct node *n)
{
	if (n->sender)
		HASH_DELETE(hh_sender, k->by_sender, n);
	n->sender = 0;
}

struct node *kept_set_victim(struct kept *k, struct node *n, uint64_t key)
{
	struct node *old;

	kept_forget_victim(k, n);
	if (!key)
		return NULL;
	old = kept_find_victim(k, key);
	if (old)
		kept_forget_victim(k, old);
	n->victim = key;
	HASH_ADD(hh_victim, k->by_victim, victim, sizeof(n->victim), n);
	return old;
}

struct node *kept_set_sender(struct kept *k, struct node *n, uint64_t key)
{
	struct node *old;

	kept_forget_sender(k, n);
	if (!key)
		return NULL;
	old = kept_find_sender(k, key);
	if (old)
		kept_forget_sender(k, old);
	n->sender = key;
	HASH_ADD(hh_sender, k->by_sender, sender, sizeof(n->sender), n);
	return old;
}

struct node *kept_find_receipt(const struct kept *k, uint64_t sk)
{
	struct node *n;

	HASH_FIND(hh_receipt, k->by_receipt, &sk, sizeof(sk), n);
	return n;
}

struct node *kept_find_id(const struct kept *k, uint64_t id)
{
	struct node *n;

	HASH_FIND(hh_id, k->by_id, &id, sizeof(id), n);
	return n;
}

static void set_id(struct kept *k, struct node *n, uint64_t id)
{
	struct node *old = id ? kept_find_id(k, id) : NULL;

	if (old)
		forget_id(k, old);
	n->receipt_id = id;
	if (id)
		HASH_ADD(hh_id, k->by_id, receipt_id, sizeof(n->receipt_id), n);
}

void kept_set_receipt(struct kept *k, struct node *n)
{
	struct node *old;

	forget_receipt(k, n);
	forget_id(k, n);
	set_id(k, n, n->inc.victim.sock_id);
	if (!n->inc.victim.sk)
		return;
	old = kept_find_receipt(k, n->inc.victim.sk);
	if (old)
		forget_receipt(k, old);
	n->receipt_sk = n->inc.victim.sk;
	HASH_ADD(hh_receipt, k->by_receipt, receipt_sk, sizeof(n->receipt_sk), n);
}
