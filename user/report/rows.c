/* SPDX-License-Identifier: GPL-2.0 */
#include "report/rows.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"

#include "incident/format.h"

#define MAX_ROWS 200000
#define OTHER_ROWS UINT64_MAX	/* the key of all further rows once there are too many */

const char *const report_by_names[N_BY] = {
	[BY_CAUSE] = "cause", [BY_SITUATION] = "situation", [BY_PAIR] = "pair", [BY_PROCESS] = "process",
	[BY_PORT] = "port", [BY_UNIT] = "unit", [BY_HOST] = "host",
	[BY_KERNEL] = "kernel", [BY_ADDRESSES] = "addresses", [BY_SOURCE] = "source",
};

struct counted {
	struct report_row row;
	UT_hash_handle hh;
};

struct rows {
	enum report_by by;
	struct strings *strings;
	const struct kernels *kernels;
	struct counted *by_key;
	struct report_row *sorted;
};

struct rows *rows_new(enum report_by by, struct strings *strings)
{
	struct rows *r = calloc(1, sizeof(*r));

	if (r)
		*r = (struct rows){ .by = by, .strings = strings };
	return r;
}

void rows_free(struct rows *r)
{
	struct counted *c, *tmp;

	if (!r)
		return;
	HASH_ITER(hh, r->by_key, c, tmp) {
		HASH_DEL(r->by_key, c);
		free(c);
	}
	free(r->sorted);
	free(r);
}

static int add(struct rows *r, uint64_t key, const struct entry *e, bool hurts)
{
	struct counted *c;

	HASH_FIND(hh, r->by_key, &key, sizeof(key), c);
	if (!c && HASH_COUNT(r->by_key) >= MAX_ROWS && key != OTHER_ROWS)
		return add(r, OTHER_ROWS, e, hurts);
	if (!c) {
		c = calloc(1, sizeof(*c));
		if (!c)
			return -ENOMEM;
		c->row = (struct report_row){ .key = key, .first_ns = e->time_ns, .last_ns = e->time_ns };
		HASH_ADD(hh, r->by_key, row.key, sizeof(c->row.key), c);
	}
	c->row.count++;
	c->row.hurt += hurts;
	if (e->time_ns < c->row.first_ns)
		c->row.first_ns = e->time_ns;
	if (e->time_ns > c->row.last_ns)
		c->row.last_ns = e->time_ns;
	return 0;
}

void rows_kernels(struct rows *r, const struct kernels *kernels)
{
	r->kernels = kernels;
}

static uint32_t kernel_of(const struct rows *r, uint32_t host)
{
	return r->kernels ? kernels_of(r->kernels, host) : STRING_NONE;
}

static uint64_t addresses_of(struct rows *r, const struct entry *e)
{
	char text[64];
	uint64_t from = strings_put(r->strings, fmt_addr(text, sizeof(text), e->family, e->saddr));

	return from << 32 | strings_put(r->strings, fmt_addr(text, sizeof(text), e->family, e->daddr));
}

static uint64_t source_of(struct rows *r, const struct entry *e)
{
	char text[64];

	return strings_put(r->strings, fmt_addr_port(text, sizeof(text), e->family, e->saddr, e->sport));
}

/* The lesser port, which mostly is the server's: clients are given ports from a higher range. */
static uint16_t port_of(const struct entry *e)
{
	return e->sport < e->dport ? e->sport : e->dport;
}

int rows_add(struct rows *r, const struct entry *sent, const struct entry *received)
{
	const struct entry *other = received ?: sent;
	bool hurts = entry_hurts(other) || entry_hurts(sent);
	uint64_t one, two;
	int err;

	switch (r->by) {
	case BY_CAUSE:
		return add(r, sent->cause, sent, hurts);
	case BY_SITUATION:
		return add(r, sent->situation ?: other->situation, sent, hurts);
	case BY_PAIR:
		return add(r, (uint64_t)sent->sender << 32 | other->victim, sent, hurts);
	case BY_PORT:
		return add(r, port_of(sent), sent, hurts);
	case BY_ADDRESSES:
		return add(r, addresses_of(r, sent), sent, hurts);
	case BY_SOURCE:
		return add(r, source_of(r, sent), sent, hurts);
	case BY_PROCESS:
		one = sent->flags & ENTRY_KERNEL ? 0 : sent->sender;
		two = other->victim;
		break;
	case BY_UNIT:
		one = sent->sender_unit;
		two = other->victim_unit;
		break;
	case BY_KERNEL:
		one = kernel_of(r, sent->host);
		two = kernel_of(r, other->host);
		break;
	default:
		one = sent->host;
		two = other->host;
		break;
	}
	/* an end that nobody saw is not counted, unless neither end was seen */
	if (!one || !two || one == two)
		return add(r, one ?: two, sent, hurts);
	err = add(r, one, sent, hurts);
	return err ?: add(r, two, sent, hurts);
}

static int most_first(const void *a, const void *b)
{
	const struct report_row *x = a, *y = b;

	return x->count != y->count ? (x->count > y->count ? -1 : 1) : x->key < y->key ? -1 : x->key > y->key;
}

const struct report_row *rows_sorted(struct rows *r, size_t *n)
{
	struct counted *c, *tmp;
	size_t i = 0;

	free(r->sorted);
	*n = HASH_COUNT(r->by_key);
	r->sorted = calloc(*n ?: 1, sizeof(*r->sorted));
	if (!r->sorted)
		out_of_memory();
	HASH_ITER(hh, r->by_key, c, tmp)
		r->sorted[i++] = c->row;
	qsort(r->sorted, *n, sizeof(*r->sorted), most_first);
	return r->sorted;
}

const struct report_row *rows_find(const struct rows *r, uint64_t key)
{
	struct counted *c;

	HASH_FIND(hh, r->by_key, &key, sizeof(key), c);
	return c ? &c->row : NULL;
}

static const char *name_or(const struct rows *r, uint32_t number, const char *none)
{
	return number ? strings_get(r->strings, number) : none;
}

char *rows_name(const struct rows *r, uint64_t key, char *buf, size_t len)
{
	if (key == OTHER_ROWS)
		snprintf(buf, len, "(other)");
	else if (r->by == BY_PORT)
		snprintf(buf, len, "%u", (unsigned int)key);
	else if (r->by == BY_PAIR || r->by == BY_ADDRESSES)
		snprintf(buf, len, "%s → %s", name_or(r, key >> 32, "?"), name_or(r, key, "?"));
	else
		snprintf(buf, len, "%s", name_or(r, key, r->by == BY_SITUATION ? "(none)" : "?"));
	return buf;
}
