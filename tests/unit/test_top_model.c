/* SPDX-License-Identifier: GPL-2.0 */
/* What `rsttrace top` counts: rows that stay, revisions, samples, limits. */
#include "capture.h"
#include "cause/rules.h"
#include "test.h"
#include "top/model.h"

#define S 1000000000ULL
#define START (1000 * S)

static struct incident number(int n)
{
	struct incident inc;

	example_incident(&inc);
	snprintf(inc.id, sizeof(inc.id), "id-%d", n);
	inc.mono_ns = START + n;
	return inc;
}

static int new_model(void **state)
{
	struct top_model *m = top_model_new(false);

	top_model_tick(m, START);
	*state = m;
	return m ? 0 : -1;
}

static int free_model(void **state)
{
	top_model_free(*state);
	return 0;
}

static void take(struct top_model *m, const struct incident *inc)
{
	assert_int_equal(top_model_incident(m, inc), 0);
}

/* The row with that name; fails the test if there is none. */
static const struct top_row *row(const struct top_model *m, enum top_by by, const char *name)
{
	const struct top_table *t = &top_model_tables(m)->by[by];

	for (unsigned int i = 0; i < t->n; i++)
		if (!strcmp(t->row[i].name, name))
			return &t->row[i];
	fail_msg("no row %s by %s", name, top_by_names[by]);
	return NULL;
}

static const struct top_row *others(const struct top_model *m, enum top_by by)
{
	return &top_model_tables(m)->by[by].row[TOP_ROWS];
}

static void test_every_grouping(void **state)
{
	struct incident inc = number(1);

	take(*state, &inc);
	assert_int_equal(row(*state, TOP_BY_CAUSE, "close-with-unread")->count.total, 1);
	assert_int_equal(row(*state, TOP_BY_PAIR, "nginx → ab")->count.hurt, 1);
	assert_int_equal(row(*state, TOP_BY_PROCESS, "nginx")->count.total, 1);
	assert_int_equal(row(*state, TOP_BY_PROCESS, "ab")->count.total, 1);
	assert_int_equal(row(*state, TOP_BY_PORT, "80")->count.total, 1);
	assert_int_equal(row(*state, TOP_BY_CONTAINER, "nginx.service")->count.total, 1);
	assert_int_equal(top_model_tables(*state)->all.total, 1);
}

static void test_hurt_harmless_and_neither(void **state)
{
	static const struct { enum outcome o; int hurt, harmless; } cases[] = {
		{ OUTCOME_ERROR, 1, 0 }, { OUTCOME_EOF, 1, 0 }, { OUTCOME_UNNOTICED, 0, 1 },
		{ OUTCOME_NONE, 0, 1 }, { OUTCOME_PENDING, 0, 0 }, { OUTCOME_REMOTE, 0, 0 },
		{ OUTCOME_UNSET, 0, 0 },
	};
	uint64_t hurt = 0, harmless = 0;

	for (size_t i = 0; i < N(cases); i++) {
		struct incident inc = number(i);
		const struct top_row *r;

		inc.outcome = cases[i].o;
		take(*state, &inc);
		r = row(*state, TOP_BY_CAUSE, "close-with-unread");
		hurt += cases[i].hurt;
		harmless += cases[i].harmless;
		assert_int_equal(r->count.total, i + 1);
		assert_int_equal(r->count.hurt, hurt);
		assert_int_equal(r->count.harmless, harmless);
	}
}

static void test_revision_replaces(void **state)
{
	struct incident inc = number(1);
	const struct top_row *r;

	inc.outcome = OUTCOME_PENDING;
	take(*state, &inc);
	inc.rev = 1;
	inc.passed = true;
	inc.was = OUTCOME_PENDING;
	inc.outcome = OUTCOME_ERROR;
	take(*state, &inc);
	r = row(*state, TOP_BY_PAIR, "nginx → ab");
	assert_int_equal(r->count.total, 1);
	assert_int_equal(r->count.hurt, 1);
	assert_int_equal(r->n_last, 1);
	assert_int_equal(top_kept_incident(r->last[0])->rev, 1);
	assert_int_equal(top_model_tables(*state)->all.total, 1);
	assert_int_equal(top_model_tables(*state)->all.hurt, 1);
}

/* A later revision knows more: rows that it no longer belongs to do not count it any more. */
static void test_revision_of_other_rows(void **state)
{
	struct incident inc = number(1);
	const struct top_row *was;

	inc.cause = "unknown";
	take(*state, &inc);
	for (int rev = 1; rev < 4; rev++) {
		inc.rev = rev;
		inc.passed = true;
		inc.was = OUTCOME_ERROR;
		inc.cause = "close-with-unread";
		strcpy(inc.victim.comm, "curl");
		take(*state, &inc);
	}
	was = row(*state, TOP_BY_CAUSE, "unknown");
	assert_int_equal(was->count.total, 0);
	assert_int_equal(was->count.records, 0);
	assert_int_equal(was->n_last, 0);
	assert_null(top_main_cause(was));
	assert_int_equal(hist_sum(&was->hist, &(struct hist_scale){ START, S, 1, 0 }, 1), 0);
	assert_int_equal(row(*state, TOP_BY_PAIR, "nginx → ab")->count.total, 0);
	assert_int_equal(row(*state, TOP_BY_PAIR, "nginx → curl")->count.total, 1);
	assert_int_equal(row(*state, TOP_BY_PAIR, "nginx → curl")->n_last, 1);
	assert_int_equal(row(*state, TOP_BY_CAUSE, "close-with-unread")->count.hurt, 1);
	assert_int_equal(row(*state, TOP_BY_PROCESS, "nginx")->count.total, 1);
}

static void test_revision_of_one_no_longer_kept(void **state)
{
	struct incident first = number(1), inc;

	first.outcome = OUTCOME_PENDING;
	take(*state, &first);
	for (int i = 2; i < 2 + TOP_LAST; i++) {
		inc = number(i);
		take(*state, &inc);
	}
	first.rev = 1;
	first.passed = true;
	first.was = OUTCOME_PENDING;
	first.outcome = OUTCOME_UNNOTICED;
	take(*state, &first);
	assert_int_equal(row(*state, TOP_BY_CAUSE, "close-with-unread")->count.total, 1 + TOP_LAST);
	assert_int_equal(row(*state, TOP_BY_CAUSE, "close-with-unread")->count.harmless, 1);
	assert_int_equal(row(*state, TOP_BY_PROCESS, "ab")->count.harmless, 1);
	assert_int_equal(row(*state, TOP_BY_CAUSE, "close-with-unread")->n_last, TOP_LAST);
}

static void test_samples_stand_for_many(void **state)
{
	struct incident inc = number(1);

	take(*state, &inc);
	inc = number(2);
	inc.sampled = 64;
	take(*state, &inc);
	assert_int_equal(row(*state, TOP_BY_CAUSE, "close-with-unread")->count.total, 65);
	assert_int_equal(row(*state, TOP_BY_CAUSE, "close-with-unread")->count.hurt, 65);
	assert_int_equal(row(*state, TOP_BY_CAUSE, "close-with-unread")->count.records, 2);
	assert_int_equal(row(*state, TOP_BY_CAUSE, "close-with-unread")->count.sampled, 1);
	assert_int_equal(top_main_cause(row(*state, TOP_BY_PAIR, "nginx → ab"))->n, 65);
}

static void test_rows_stay(void **state)
{
	struct incident inc = number(1);
	const struct top_row *r;

	take(*state, &inc);
	r = row(*state, TOP_BY_PROCESS, "nginx");
	top_model_tick(*state, START + 3600 * S);
	assert_ptr_equal(row(*state, TOP_BY_PROCESS, "nginx"), r);
	assert_int_equal(r->count.total, 1);
	assert_true(top_rate(top_model_tables(*state), &r->hist, r->count.total) == 0);
	assert_int_equal(r->n_last, 1);
}

static void test_rate(void **state)
{
	const struct top_row *r;

	for (int i = 0; i < 100; i++) {
		struct incident inc = number(i);

		inc.mono_ns = START + i * S / 5;	/* five in each second */
		take(*state, &inc);
	}
	r = row(*state, TOP_BY_PAIR, "nginx → ab");
	assert_true(top_rate(top_model_tables(*state), &r->hist, r->count.total) == 5);
	top_model_tick(*state, START + 25 * S);	/* in five of the last ten seconds nothing came */
	assert_true(top_rate(top_model_tables(*state), &r->hist, r->count.total) == 2.5);
}

/* However many names there are, each reset is counted in a row, or in the row for all others. */
static void test_bounded(void **state)
{
	enum { MANY = 20000 };
	const struct top_table *ports = &top_model_tables(*state)->by[TOP_BY_PORT];
	struct incident inc;
	uint64_t sum = 0;

	for (int i = 0; i < MANY; i++) {
		inc = number(i);
		inc.sport = 1 + i % 5000;
		snprintf(inc.victim.comm, sizeof(inc.victim.comm), "client%d", i);
		take(*state, &inc);
	}
	assert_int_equal(ports->n, TOP_ROWS);
	for (unsigned int i = 0; i <= TOP_ROWS; i++) {
		sum += ports->row[i].count.total;
		assert_true(ports->row[i].n_last >= 1);
	}
	assert_int_equal(sum, MANY);
	assert_int_equal(others(*state, TOP_BY_PORT)->count.total, MANY - 4 * TOP_ROWS);
	/* counted once in the row for all others, though neither process has a row */
	inc = number(MANY);
	strcpy(inc.sender.comm, "late");
	strcpy(inc.victim.comm, "later");
	sum = others(*state, TOP_BY_PROCESS)->count.total;
	take(*state, &inc);
	assert_int_equal(others(*state, TOP_BY_PROCESS)->count.total, sum + 1);
}

static void test_copy_stays(void **state)
{
	struct incident inc = number(1);
	struct top_tables *copy;

	take(*state, &inc);
	copy = top_tables_copy(*state);
	assert_non_null(copy);
	for (int i = 2; i < 100; i++) {
		inc = number(i);
		take(*state, &inc);
	}
	assert_int_equal(copy->by[TOP_BY_PAIR].row[0].count.total, 1);
	assert_int_equal(copy->by[TOP_BY_PAIR].row[0].n_last, 1);
	assert_string_equal(top_kept_incident(copy->by[TOP_BY_PAIR].row[0].last[0])->id, "id-1");
	top_tables_free(copy);
	assert_int_equal(row(*state, TOP_BY_PAIR, "nginx → ab")->count.total, 99);
}

static void test_processes(void **state)
{
	struct incident inc = number(1);

	take(*state, &inc);
	assert_int_equal(row(*state, TOP_BY_PROCESS, "ab")->first_pid, 991);
	assert_int_equal(row(*state, TOP_BY_PROCESS, "ab")->n_pids, 1);
	inc = number(2);
	inc.victim.pid = 992;
	take(*state, &inc);
	assert_int_equal(row(*state, TOP_BY_PROCESS, "ab")->n_pids, 2);
	assert_int_equal(row(*state, TOP_BY_PROCESS, "nginx")->n_pids, 1);
	/* a process that resets itself is one row, not two */
	inc = number(3);
	strcpy(inc.sender.comm, "ring");
	strcpy(inc.victim.comm, "ring");
	take(*state, &inc);
	assert_int_equal(row(*state, TOP_BY_PROCESS, "ring")->count.total, 1);
	assert_int_equal(row(*state, TOP_BY_PROCESS, "ring")->n_pids, 2);
}

/* The server's port is found by who connected, before the numbers are compared. */
static void test_port_of_the_server(void **state)
{
	struct incident inc = number(1);

	inc.sender.role = ROLE_CLIENT;
	take(*state, &inc);
	assert_int_equal(row(*state, TOP_BY_PORT, "53412")->count.total, 1);
	inc = number(2);
	inc.victim.role = ROLE_CLIENT;
	inc.sport = 60000;
	take(*state, &inc);
	assert_int_equal(row(*state, TOP_BY_PORT, "60000")->count.total, 1);
}

static void test_situations(void **state)
{
	struct incident inc = number(1);

	take(*state, &inc);
	assert_int_equal(row(*state, TOP_BY_SITUATION, "(none named)")->count.total, 1);
	inc = number(2);
	inc.situation = "client-left";
	take(*state, &inc);
	assert_int_equal(row(*state, TOP_BY_SITUATION, "client-left")->count.hurt, 1);
}

/* Servers on other hosts have their addresses as names, their clients share one row. */
static void test_far_ends(void **state)
{
	struct incident inc = number(1);

	endpoint_init(&inc.victim);
	inc.victim.local = 0;
	inc.outcome = OUTCOME_REMOTE;
	take(*state, &inc);
	assert_int_equal(row(*state, TOP_BY_PAIR, "nginx → remote clients")->count.total, 1);
	inc = number(2);
	endpoint_init(&inc.sender);
	inc.sender.local = 0;
	take(*state, &inc);
	assert_int_equal(row(*state, TOP_BY_PAIR, "10.0.0.1 → ab")->count.total, 1);
	inc = number(3);
	inc.outcome = OUTCOME_NONE;
	endpoint_init(&inc.victim);
	inc.sender.owner = OWNER_KERNEL;
	take(*state, &inc);
	assert_int_equal(row(*state, TOP_BY_PAIR, "kernel → nobody")->count.total, 1);
}

static void test_hostile_names(void **state)
{
	struct incident inc = number(1);

	memcpy(inc.sender.comm, "\033[31m\xe2\x80\xaeX", 9);
	take(*state, &inc);
	row(*state, TOP_BY_PROCESS, "\\x1b[31m\\xe2\\x80\\xaeX");
	row(*state, TOP_BY_PAIR, "\\x1b[31m\\xe2\\x80\\xaeX → ab");
}

static void test_main_cause(void **state)
{
	static const char *const causes[] = { "a", "b", "b", "c", "d", "e", "f", "g", "g", "g" };
	const struct top_row *r;

	for (size_t i = 0; i < N(causes); i++) {
		struct incident inc = number(i);

		inc.cause = causes[i];
		take(*state, &inc);
	}
	r = row(*state, TOP_BY_PAIR, "nginx → ab");
	assert_string_equal(top_main_cause(r)->code, "g");
	assert_int_equal(top_main_cause(r)->n, 3);
	assert_true(n_rules <= TOP_CAUSES);
	assert_int_equal(r->count.total, N(causes));
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, new_model, free_model)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_every_grouping),
		test(test_hurt_harmless_and_neither),
		test(test_revision_replaces),
		test(test_revision_of_other_rows),
		test(test_revision_of_one_no_longer_kept),
		test(test_samples_stand_for_many),
		test(test_rows_stay),
		test(test_rate),
		test(test_bounded),
		test(test_copy_stays),
		test(test_processes),
		test(test_port_of_the_server),
		test(test_situations),
		test(test_far_ends),
		test(test_hostile_names),
		test(test_main_cause),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
