/* SPDX-License-Identifier: GPL-2.0 */
#include "top/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#include "base/text.h"

#define NS_PER_S 1000000000ULL
#define WHOLE_STEP_NS 1000000	/* the first length of a step */
#define RATE_STEPS 10
#define MAX_OF (2 * N_TOP_BY)	/* how many rows count one incident at most */

/* An incident that some rows keep; copies of the tables may keep it as well. */
struct top_kept {
	struct incident inc;
	struct top_row *of[MAX_OF];	/* the rows that count it */
	unsigned int n_of;
	uint64_t stands_for;
	unsigned int rows, copies;	/* how many rows and copies keep it */
	UT_hash_handle hh;	/* by id, as long as a row keeps it */
};

/* Finds a row by its name. */
struct named {
	char name[TOP_NAME];
	struct top_row *row;
	UT_hash_handle hh;
};

struct top_model {
	struct top_tables t;
	struct named *names[N_TOP_BY];
	struct top_kept *kept;
	unsigned int n_kept;
};

struct top_model *top_model_new(bool whole)
{
	struct top_model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->t.scale.whole = whole;
	m->t.scale.width_ns = whole ? WHOLE_STEP_NS : NS_PER_S;
	for (int by = 0; by < N_TOP_BY; by++) {
		struct top_row *other = &m->t.by[by].row[TOP_ROWS];

		other->other = true;
		text_copy(other->name, sizeof(other->name), "(all others)");
	}
	return m;
}

const struct top_tables *top_model_tables(const struct top_model *m)
{
	return &m->t;
}

const struct incident *top_kept_incident(const struct top_kept *k)
{
	return &k->inc;
}

/* ---- incidents that are kept ---------------------------------------------------- */

static void free_unused(struct top_kept *k)
{
	if (!k->rows && !k->copies)
		free(k);
}

static void let_go(struct top_model *m, struct top_kept *k)
{
	if (!--k->rows) {
		HASH_DEL(m->kept, k);
		m->n_kept--;
	}
	free_unused(k);
}

static void drop_oldest(struct top_model *m, struct top_row *row, unsigned int n)
{
	struct top_kept *gone[TOP_LAST];

	memcpy(gone, row->last, n * sizeof(*gone));
	row->n_last -= n;
	memmove(row->last, row->last + n, row->n_last * sizeof(*row->last));
	for (unsigned int i = 0; i < n; i++)
		let_go(m, gone[i]);
}

/* Lets each row drop the older half of the incidents that it keeps, but never its last one. */
static void make_room(struct top_model *m)
{
	for (int by = 0; by < N_TOP_BY; by++)
		for (unsigned int i = 0; i <= TOP_ROWS; i++) {
			struct top_row *row = &m->t.by[by].row[i];

			drop_oldest(m, row, row->n_last / 2);
		}
}

static void keep(struct top_model *m, struct top_row *row, struct top_kept *k)
{
	if (row->n_last == TOP_LAST)
		drop_oldest(m, row, 1);
	row->last[row->n_last++] = k;
	k->rows++;
}

/* Takes the incident from those that the row keeps. */
static void forget(struct top_model *m, struct top_row *row, struct top_kept *k)
{
	for (unsigned int i = 0; i < row->n_last; i++) {
		if (row->last[i] != k)
			continue;
		row->n_last--;
		memmove(row->last + i, row->last + i + 1, (row->n_last - i) * sizeof(*row->last));
		let_go(m, k);
		return;
	}
}

/* ---- rows ------------------------------------------------------------------------ */

/* The row with that name. NULL: there is none, or with `make`: out of memory. */
static struct top_row *find_row(struct top_model *m, enum top_by by, const char *name, bool make)
{
	struct top_table *t = &m->t.by[by];
	struct named *n;

	HASH_FIND_STR(m->names[by], name, n);
	if (n)
		return n->row;
	if (t->n == TOP_ROWS)
		return &t->row[TOP_ROWS];
	if (!make)
		return NULL;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	n->row = &t->row[t->n++];
	text_copy(n->name, sizeof(n->name), name);
	text_copy(n->row->name, sizeof(n->row->name), name);
	HASH_ADD_STR(m->names[by], name, n);
	return n->row;
}

/* Writes the rows that count an incident. Returns their number, or -ENOMEM. */
static int rows_of(struct top_model *m, const struct incident *inc, bool make, struct top_row *of[MAX_OF])
{
	int n = 0;

	for (int by = 0; by < N_TOP_BY; by++) {
		struct top_keys keys;

		top_keys(&keys, by, inc);
		for (int i = 0; i < keys.n; i++) {
			struct top_row *row = find_row(m, by, keys.name[i], make);

			if (!row && make)
				return -ENOMEM;
			/* both ends may be in the row for all others */
			if (row && !(i && n && of[n - 1] == row))
				of[n++] = row;
		}
	}
	return n;
}

static void count(struct top_counts *c, enum outcome o, int64_t by)
{
	c->hurt += outcome_hurts(o) ? by : 0;
	c->harmless += o == OUTCOME_UNNOTICED || o == OUTCOME_NONE ? by : 0;
}

static void count_cause(struct top_row *row, const char *code, int64_t by)
{
	unsigned int i;

	for (i = 0; i < row->n_causes && strcmp(row->cause[i].code, code); i++)
		;
	if (i == TOP_CAUSES)
		return;
	if (i == row->n_causes)
		row->cause[row->n_causes++] = (struct top_cause){ .code = code };
	row->cause[i].n += by;
}

/* Adds a record to the counts, or takes it away (sign). */
static void add_counts(struct top_counts *c, const struct incident *inc, int64_t stands_for, int sign)
{
	c->total += sign * stands_for;
	c->records += sign;
	c->sampled += stands_for > 1 ? sign : 0;
	count(c, inc->outcome, sign * stands_for);
}

static void add_row(struct top_model *m, struct top_row *row, const struct incident *inc,
		    int64_t stands_for, int sign)
{
	add_counts(&row->count, inc, stands_for, sign);
	hist_add(&row->hist, &m->t.scale, inc->mono_ns, sign * stands_for);
	count_cause(row, inc->cause ?: "unknown", sign * stands_for);
}

static void note_pid(struct top_row *row, const struct endpoint *ep)
{
	if (ep->pid == UNKNOWN || row->n_pids > 1 || (row->n_pids && row->first_pid == ep->pid))
		return;
	row->first_pid = ep->pid;
	row->n_pids++;
}

static void note_latest(struct top_row *row, const struct incident *inc)
{
	if (inc->mono_ns < row->last_ns)
		return;
	row->last_ns = inc->mono_ns;
	row->last_time_ns = inc->time_ns;
	row->latest_port = top_port(inc);
	top_pair(row->latest, inc);
}

static void note_process(struct top_model *m, const struct endpoint *ep)
{
	char name[TOP_NAME];
	struct top_row *row;

	if (!*endpoint_name(ep))
		return;
	top_process(name, ep);
	row = find_row(m, TOP_BY_PROCESS, name, false);
	if (row && !row->other)
		note_pid(row, ep);
}

/* ---- what comes in ---------------------------------------------------------------- */

static void begin_at(struct top_tables *t, uint64_t now_ns)
{
	if (t->begin_ns)
		return;
	t->begin_ns = t->scale.begin_ns = now_ns;
}

void top_model_tick(struct top_model *m, uint64_t now_ns)
{
	struct top_tables *t = &m->t;

	begin_at(t, now_ns);
	if (now_ns > t->now_ns)
		t->now_ns = now_ns;
	while (hist_scale_to(&t->scale, t->now_ns)) {
		hist_halve(&t->hist);
		for (int by = 0; by < N_TOP_BY; by++)
			for (unsigned int i = 0; i <= TOP_ROWS; i++)
				hist_halve(&t->by[by].row[i].hist);
	}
}

/* Counts a new record in all its rows. */
static int take(struct top_model *m, const struct incident *inc)
{
	struct top_row *of[MAX_OF];
	struct top_kept *k;
	int n = rows_of(m, inc, true, of);

	if (n < 0)
		return n;
	/* ends, as one incident for each row is less than TOP_POOL */
	while (m->n_kept >= TOP_POOL)
		make_room(m);
	k = calloc(1, sizeof(*k));
	if (!k)
		return -ENOMEM;
	k->inc = *inc;
	k->n_of = n;
	k->stands_for = inc->sampled > 1 ? inc->sampled : 1;
	memcpy(k->of, of, n * sizeof(*of));
	HASH_ADD_STR(m->kept, inc.id, k);
	m->n_kept++;
	add_counts(&m->t.all, inc, k->stands_for, 1);
	hist_add(&m->t.hist, &m->t.scale, inc->mono_ns, k->stands_for);
	for (int i = 0; i < n; i++) {
		add_row(m, of[i], inc, k->stands_for, 1);
		note_latest(of[i], inc);
		keep(m, of[i], k);
	}
	note_process(m, &inc->sender);
	note_process(m, &inc->victim);
	return 0;
}

static bool is_among(struct top_row *const *of, unsigned int n, const struct top_row *row)
{
	for (unsigned int i = 0; i < n; i++)
		if (of[i] == row)
			return true;
	return false;
}

/* Counts another revision, which may belong to other rows, in place of the earlier one. */
static int replace(struct top_model *m, struct top_kept *k, const struct incident *inc)
{
	struct top_row *of[MAX_OF], *was[MAX_OF];
	int n = rows_of(m, inc, true, of), n_was = k->n_of;

	if (n < 0)
		return n;
	memcpy(was, k->of, sizeof(was));
	add_counts(&m->t.all, &k->inc, k->stands_for, -1);
	add_counts(&m->t.all, inc, k->stands_for, 1);
	for (int i = 0; i < n_was; i++)
		add_row(m, was[i], &k->inc, k->stands_for, -1);
	k->inc = *inc;
	k->n_of = n;
	memcpy(k->of, of, n * sizeof(*of));
	for (int i = 0; i < n; i++) {
		add_row(m, of[i], inc, k->stands_for, 1);
		note_latest(of[i], inc);
		if (!is_among(was, n_was, of[i]))
			keep(m, of[i], k);
	}
	/* last: the record lives only while a row keeps it */
	for (int i = 0; i < n_was; i++)
		if (!is_among(of, n, was[i]))
			forget(m, was[i], k);
	return 0;
}

/*
 * Counts another outcome of an incident that no row keeps any more: the revision itself says what
 * the outcome was.
 */
static void amend(struct top_model *m, const struct incident *inc)
{
	struct top_row *of[MAX_OF];
	int64_t stands_for = inc->sampled > 1 ? inc->sampled : 1;
	int n = rows_of(m, inc, false, of);

	count(&m->t.all, inc->was, -stands_for);
	count(&m->t.all, inc->outcome, stands_for);
	for (int i = 0; i < n; i++) {
		count(&of[i]->count, inc->was, -stands_for);
		count(&of[i]->count, inc->outcome, stands_for);
	}
}

int top_model_incident(struct top_model *m, const struct incident *inc)
{
	struct top_kept *k;

	HASH_FIND_STR(m->kept, inc->id, k);
	top_model_tick(m, inc->mono_ns);
	if (k)
		return replace(m, k, inc);
	if (!inc->passed)
		return take(m, inc);
	amend(m, inc);
	return 0;
}

/* ---- what is shown ------------------------------------------------------------------ */

struct top_tables *top_tables_copy(const struct top_model *m)
{
	struct top_tables *t = malloc(sizeof(*t));

	if (!t)
		return NULL;
	*t = m->t;
	for (int by = 0; by < N_TOP_BY; by++)
		for (unsigned int i = 0; i <= TOP_ROWS; i++)
			for (unsigned int j = 0; j < t->by[by].row[i].n_last; j++)
				t->by[by].row[i].last[j]->copies++;
	return t;
}

void top_tables_free(struct top_tables *t)
{
	for (int by = 0; t && by < N_TOP_BY; by++)
		for (unsigned int i = 0; i <= TOP_ROWS; i++)
			for (unsigned int j = 0; j < t->by[by].row[i].n_last; j++) {
				t->by[by].row[i].last[j]->copies--;
				free_unused(t->by[by].row[i].last[j]);
			}
	free(t);
}

void top_model_free(struct top_model *m)
{
	if (!m)
		return;
	for (int by = 0; by < N_TOP_BY; by++) {
		struct named *n, *tmp;

		for (unsigned int i = 0; i <= TOP_ROWS; i++)
			drop_oldest(m, &m->t.by[by].row[i], m->t.by[by].row[i].n_last);
		HASH_ITER(hh, m->names[by], n, tmp) {
			HASH_DEL(m->names[by], n);
			free(n);
		}
	}
	free(m);
}

double top_rate(const struct top_tables *t, const struct hist *h, uint64_t total)
{
	uint64_t ran_ns = t->now_ns - t->begin_ns;
	double s = ran_ns < NS_PER_S ? 1 : ran_ns / 1e9;

	if (t->scale.whole || t->scale.now < RATE_STEPS)
		return total / s;
	return hist_sum(h, &t->scale, RATE_STEPS) / (double)RATE_STEPS;
}

const struct top_cause *top_main_cause(const struct top_row *row)
{
	const struct top_cause *most = NULL;

	for (unsigned int i = 0; i < row->n_causes; i++)
		if (row->cause[i].n && (!most || row->cause[i].n > most->n))
			most = &row->cause[i];
	return most;
}
