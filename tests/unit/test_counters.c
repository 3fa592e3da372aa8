/* SPDX-License-Identifier: GPL-2.0 */
/* Reads the kernel's counters from a made-up /proc. */
#include <unistd.h>

#include "host/counters.h"
#include "host/mountinfo.h"
#include "test.h"
#include "tree.h"

#define MAX_SEEN 8

struct tree {
	char dir[64];
	struct netns_reading seen[MAX_SEEN];
	int n;
	int answer;		/* what the callback returns */
};

/* A process in a namespace with this name; without counters if out_rsts is negative. */
static void process(const struct tree *t, const char *pid, const char *ns, int out_rsts)
{
	char name[128], text[512];

	snprintf(name, sizeof(name), "%s/ns/net", pid);
	tree_link(t->dir, name, ns);
	if (out_rsts < 0)
		return;
	snprintf(name, sizeof(name), "%s/net/snmp", pid);
	snprintf(text, sizeof(text),
		 "Ip: Forwarding DefaultTTL\nIp: 1 64\n"
		 "Tcp: MaxConn AttemptFails EstabResets CurrEstab OutRsts InCsumErrors\n"
		 "Tcp: -1 3 4 1 %d 0\n"
		 "Udp: InDatagrams\nUdp: 9\n", out_rsts);
	tree_put(t->dir, name, text);
	snprintf(name, sizeof(name), "%s/net/netstat", pid);
	tree_put(t->dir, name, "TcpExt: SyncookiesSent EmbryonicRsts ListenOverflows TCPAbortOnData\n"
			       "TcpExt: 0 5 6 18446744073709551615\n"
			       "IpExt: InNoRoutes\nIpExt: 0\n");
}

static int keep(void *ctx, const struct netns_reading *r)
{
	struct tree *t = ctx;

	assert_true(t->n < MAX_SEEN);
	t->seen[t->n++] = *r;
	return t->answer;
}

static const struct netns_reading *seen(const struct tree *t, uint32_t netns)
{
	for (int i = 0; i < t->n; i++)
		if (t->seen[i].netns == netns)
			return &t->seen[i];
	return NULL;
}

static uint64_t clock_of_the_test(void)
{
	return 1234567;
}

static int each(struct tree *t)
{
	t->n = 0;
	return counters_each(t->dir, clock_of_the_test, keep, t);
}

static int setup(void **state)
{
	struct tree *t = calloc(1, sizeof(*t));

	if (!t)
		return -1;
	strcpy(t->dir, "/tmp/test_counters.XXXXXX");
	*state = t;
	return tree_new(t->dir);
}

static int teardown(void **state)
{
	struct tree *t = *state;
	int err = tree_remove(t->dir);

	free(t);
	return err;
}

static void every_counter(void **state)
{
	const struct netns_reading *r;
	struct tree *t = *state;

	process(t, "1", "net:[4026531840]", 17);
	assert_int_equal(each(t), 0);
	assert_int_equal(t->n, 1);
	r = seen(t, 4026531840u);
	assert_non_null(r);
	assert_int_equal(r->time_ns, 1234567);
	assert_int_equal(r->counters.value[CTR_OUT_RSTS], 17);
	assert_int_equal(r->counters.value[CTR_ATTEMPT_FAILS], 3);
	assert_int_equal(r->counters.value[CTR_ESTAB_RESETS], 4);
	assert_int_equal(r->counters.value[CTR_EMBRYONIC_RSTS], 5);
	assert_int_equal(r->counters.value[CTR_LISTEN_OVERFLOWS], 6);
	assert_true(r->counters.value[CTR_ABORT_ON_DATA] == UINT64_MAX);
	assert_true(r->counters.known[CTR_ABORT_ON_DATA]);
	assert_false(r->counters.known[CTR_ABORT_FAILED]);
}

static void each_namespace_once(void **state)
{
	struct tree *t = *state;

	process(t, "1", "net:[5]", 10);
	process(t, "20", "net:[5]", 10);
	process(t, "300", "net:[6]", 20);
	process(t, "self", "net:[7]", 30);	/* its name is no number, so it is no process */
	assert_int_equal(each(t), 0);
	assert_int_equal(t->n, 2);
	assert_int_equal(seen(t, 5)->counters.value[CTR_OUT_RSTS], 10);
	assert_int_equal(seen(t, 6)->counters.value[CTR_OUT_RSTS], 20);
	assert_int_equal(counters_own_netns(t->dir), 7);
}

/* One process of a namespace has just ended; another one is still there. */
static void by_a_process_that_can_be_read(void **state)
{
	struct tree *t = *state;

	process(t, "1", "net:[5]", -1);
	process(t, "2", "net:[5]", 10);
	process(t, "3", "net:[5]", -1);
	process(t, "4", "net:[6]", -1);
	assert_int_equal(each(t), 0);
	assert_int_equal(t->n, 1);
	assert_int_equal(seen(t, 5)->counters.value[CTR_OUT_RSTS], 10);
}

static void what_is_no_namespace(void **state)
{
	struct tree *t = *state;

	process(t, "1", "net:[5", 1);
	process(t, "2", "net:[]", 1);
	process(t, "3", "net:[5]x", 1);
	process(t, "4", "mnt:[5]", 1);
	process(t, "5", "net:[0]", 1);
	tree_put(t->dir, "6/", NULL);	/* a zombie has no namespaces */
	assert_int_equal(each(t), 0);
	assert_int_equal(t->n, 0);
	assert_int_equal(counters_own_netns(t->dir), 0);
}

static void torn_files(void **state)
{
	struct tree *t = *state;

	process(t, "1", "net:[5]", 10);
	tree_put(t->dir, "1/net/snmp", "Tcp: AttemptFails EstabResets OutRsts\nTcp: 3\n");
	process(t, "2", "net:[6]", 10);
	tree_put(t->dir, "2/net/snmp", "Tcp: OutRsts\n");
	process(t, "3", "net:[7]", 10);
	tree_put(t->dir, "3/net/snmp", "");
	assert_int_equal(each(t), 0);
	assert_int_equal(t->n, 0);
}

/*
 * A namespace bound to a file that cannot be entered is left out, and so is one that a process is
 * in.
 */
static void bound_namespaces(void **state)
{
	struct tree *t = *state;

	process(t, "1", "net:[5]", 10);
	tree_put(t->dir, "self/mountinfo",
	    "22 1 0:4 net:[5] /run/netns/a rw - nsfs nsfs rw\n"
	    "23 1 0:4 net:[6] /nowhere/b rw shared:1 - nsfs nsfs rw\n"
	    "24 1 0:4 mnt:[7] /nowhere/c rw - nsfs nsfs rw\n"
	    "25 1 0:4 / /sys rw - sysfs sysfs rw\n"
	    "26 1 0:4 net:[8] /nowhere/d rw - tmpfs x rw\n"
	    "nonsense\n");
	assert_int_equal(each(t), 0);
	assert_int_equal(t->n, 1);
	assert_non_null(seen(t, 5));
}

static void the_callback_ends_it(void **state)
{
	struct tree *t = *state;

	process(t, "1", "net:[5]", 10);
	process(t, "2", "net:[6]", 10);
	t->answer = -ENOMEM;
	assert_int_equal(each(t), -ENOMEM);
	assert_int_equal(t->n, 1);
}

static void no_proc(void **state)
{
	struct tree *t = *state;

	assert_int_equal(counters_each("/nowhere", clock_of_the_test, keep, t), -ENOENT);
	assert_int_equal(t->n, 0);
	assert_int_equal(counters_own_netns("/nowhere"), 0);
}

/* This machine's own counters: those of the own process need no privileges. */
static void the_real_one(void **state)
{
	struct tree *t = *state;
	char proc[128], link[256];
	ssize_t n;

	snprintf(proc, sizeof(proc), "%s/proc", t->dir);
	tree_link(t->dir, "proc/1", "/proc/self");
	n = readlink("/proc/self/ns/net", link, sizeof(link) - 1);
	assert_true(n > 0);
	link[n] = '\0';
	assert_int_equal(counters_each(proc, NULL, keep, t), 0);
	assert_int_equal(t->n, 1);
	snprintf(proc, sizeof(proc), "net:[%u]", t->seen[0].netns);
	assert_string_equal(proc, link);
	assert_int_equal(t->seen[0].netns, counters_own_netns("/proc"));
	assert_true(t->seen[0].time_ns > 0);
	for (int i = 0; i < N_COUNTERS; i++)
		assert_true(t->seen[0].counters.known[i]);
}

static void mount_lines(void **state)
{
	char text[] = "36 35 98:0 /a\\040b /c\\134d rw,noatime master:1 shared:2 - ext3 /dev/root rw\n"
		      "36 35 98:0 / /short\n"
		      "36 35 98:0 / /x rw - tmpfs\n"
		      "36 35 98:0 - tmpfs x rw\n"
		      "36 35 98:0 / /trunc\\04 rw - nsfs nsfs rw";
	FILE *f = fmemopen(text, strlen(text), "r");
	struct mountinfo m = {};

	assert_non_null(f);
	assert_int_equal(mountinfo_next(&m, f), 1);
	assert_string_equal(m.root, "/a b");
	assert_string_equal(m.point, "/c\\d");
	assert_string_equal(m.type, "ext3");
	assert_int_equal(mountinfo_next(&m, f), 1);
	assert_string_equal(m.point, "/x");
	assert_string_equal(m.type, "tmpfs");
	assert_int_equal(mountinfo_next(&m, f), 1);
	assert_string_equal(m.point, "/trunc\\04");
	assert_int_equal(mountinfo_next(&m, f), 0);
	mountinfo_free(&m);
	fclose(f);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_counter),
		TEST(each_namespace_once),
		TEST(by_a_process_that_can_be_read),
		TEST(what_is_no_namespace),
		TEST(torn_files),
		TEST(bound_namespaces),
		TEST(the_callback_ends_it),
		TEST(no_proc),
		TEST(the_real_one),
		cmocka_unit_test(mount_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
