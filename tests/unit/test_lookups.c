/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the host said of processes, as a recording keeps it: written once, and right for each moment
 * of it.
 */
#include "incident/lookups.h"
#include "test.h"

struct written {
	struct lookups *l;
	uint8_t bytes[8][LOOKUP_MAX];
	int size[8];
	int n;
};

static struct endpoint someone(int64_t pid, const char *comm, const char *exe)
{
	struct endpoint ep;

	endpoint_init(&ep);
	endpoint_user(&ep, (uint32_t)pid, (uint32_t)pid + 1, (char[RST_COMM_LEN]){ 0 });
	strcpy(ep.comm, comm);
	strcpy(ep.exe, exe);
	return ep;
}

/* Looks up at that time; returns whether the answer had to be written. */
static bool note(struct written *w, const struct endpoint *ep, uint64_t now_ns)
{
	int n = lookups_note(w->l, ep, now_ns, w->bytes[w->n]);

	assert_true(n >= 0 && n <= LOOKUP_MAX);
	if (n)
		w->size[w->n++] = n;
	return n;
}

static struct lookups *read_back(const struct written *w)
{
	struct lookups *l = lookups_new();

	for (int i = 0; i < w->n; i++)
		assert_int_equal(lookups_bytes(l, w->bytes[i], w->size[i]), 0);
	return l;
}

static void recalls(struct lookups *l, int64_t pid, const char *comm, uint64_t now_ns, const char *exe)
{
	struct endpoint ep = someone(pid, comm, "");

	lookups_recall(l, &ep, now_ns);
	assert_string_equal(ep.exe, exe);
}

static void an_answer_is_written_once(void **state)
{
	struct written w = { .l = lookups_new() };
	struct endpoint ep = someone(7, "seven", "/bin/seven"), nobody = someone(8, "eight", "");
	struct lookups *l;

	strcpy(ep.process, "leader");
	strcpy(ep.container, "c0ffee");
	strcpy(ep.unit, "seven.service");
	memset(ep.cgroup, 'g', sizeof(ep.cgroup) - 1);
	ep.cgroup_id = 70;
	assert_true(note(&w, &ep, 100));
	assert_false(note(&w, &ep, 200));
	assert_false(note(&w, &nobody, 300));	/* no answer counts as not asked */
	l = read_back(&w);
	lookups_free(w.l);

	nobody = someone(7, "seven", "");
	nobody.cgroup_id = 70;
	lookups_recall(l, &nobody, 250);
	assert_memory_equal(&nobody, &ep, sizeof(ep));
	recalls(l, 7, "seven", 250, "");	/* in another control group: another process */
	lookups_free(l);
}

/* A process ends, and its number goes to another of the same name. */
static void the_answer_of_that_time(void **state)
{
	struct written w = { .l = lookups_new() };
	struct endpoint old = someone(7, "x", "/old/x"), new = someone(7, "x", "/new/x"), gone = someone(7, "x", "");
	struct lookups *l;

	assert_true(note(&w, &old, 100));
	assert_true(note(&w, &new, 200));
	assert_true(note(&w, &gone, 300));
	assert_true(note(&w, &new, 400));
	l = read_back(&w);
	lookups_free(w.l);
	recalls(l, 7, "x", 99, "");
	recalls(l, 7, "x", 100, "/old/x");
	recalls(l, 7, "x", 299, "/new/x");
	recalls(l, 7, "x", 300, "");
	recalls(l, 7, "y", 300, "");
	recalls(l, 8, "x", 300, "");
	recalls(l, 7, "x", 1000, "/new/x");
	lookups_free(l);
}

/* A process that the writer takes for known is known to the reader, however many there are. */
static void many(void **state)
{
	struct written w = { .l = lookups_new() };
	struct lookups *l = lookups_new();
	uint32_t seed = 3;

	for (uint64_t now = 1; now < 60000; now++) {
		struct endpoint ep, empty;
		char exe[32];

		seed = seed * 1664525 + 1013904223;
		snprintf(exe, sizeof(exe), "/bin/%u", (seed >> 8) % 9000);
		ep = someone(1 + (seed >> 8) % 9000, "many", exe);
		w.n = 0;
		if (note(&w, &ep, now))
			assert_int_equal(lookups_bytes(l, w.bytes[0], w.size[0]), 0);
		empty = someone(ep.pid, "many", "");
		lookups_recall(l, &empty, now);
		assert_string_equal(empty.exe, exe);
	}
	lookups_free(w.l);
	lookups_free(l);
}

static void bytes_that_make_no_sense(void **state)
{
	struct written w = { .l = lookups_new() };
	struct endpoint ep = someone(7, "seven", "/bin/seven");
	struct rst_head other = { .size = sizeof(other), .wire = RST_WIRE, .type = EV_GAP };
	struct lookups *l = lookups_new();

	assert_true(note(&w, &ep, 100));
	lookups_free(w.l);
	assert_int_equal(lookups_bytes(l, &other, sizeof(other)), -ENOENT);
	assert_int_equal(lookups_bytes(l, &other, 3), -ENOENT);
	for (int size = sizeof(other); size < w.size[0]; size++) {
		uint8_t *cut = malloc(size);

		memcpy(cut, w.bytes[0], size);
		assert_int_equal(lookups_bytes(l, cut, size), -EBADMSG);
		((struct rst_head *)cut)->size = size;
		assert_int_equal(lookups_bytes(l, cut, size), -EBADMSG);
		free(cut);
	}
	recalls(l, 7, "seven", 100, "");
	lookups_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_written_once),
		cmocka_unit_test(the_answer_of_that_time),
		cmocka_unit_test(many),
		cmocka_unit_test(bytes_that_make_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
