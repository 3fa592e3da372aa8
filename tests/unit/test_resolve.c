/* SPDX-License-Identifier: GPL-2.0 */
/* The resolver of a live run, on a made-up /proc. */
#include <unistd.h>

#include "host/resolve.h"
#include "test.h"
#include "tree.h"

#define ID "3e1f0a5c9b7d2e4f60718293a4b5c6d7e8f90112233445566778899aabbccdde"
#define ID2 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

/* A machine in a folder: proc/ and cgroup/. */
struct machine {
	char dir[64];
	struct resolver *r;
};

#define A_MOMENT 5000000	/* how long a look-up is valid, in ns */

static uint64_t now;

static uint64_t fake_now(void)
{
	return now;
}

static void put_process(const struct machine *m, int pid, const char *comm, const char *cgroup)
{
	char path[128], text[128];

	snprintf(path, sizeof(path), "proc/%d/comm", pid);
	snprintf(text, sizeof(text), "%s\n", comm);
	tree_put(m->dir, path, text);
	snprintf(path, sizeof(path), "proc/%d/cgroup", pid);
	tree_put(m->dir, path, cgroup);
	snprintf(path, sizeof(path), "proc/%d/exe", pid);
	tree_link(m->dir, path, "/usr/sbin/nginx");
}

static void drop(const struct machine *m, const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", m->dir, path);
	assert_int_equal(remove(full), 0);
}

static int machine_up(void **state)
{
	struct machine *m = calloc(1, sizeof(*m));
	char text[512], proc[96];

	if (!m)
		return -1;
	strcpy(m->dir, "/tmp/rsttrace test XXXXXX");
	if (tree_new(m->dir))
		return -1;
	/* the blanks in the folder's name are written as in mountinfo */
	snprintf(text, sizeof(text),
		 "20 1 0:19 / /proc rw,nosuid shared:1 - proc proc rw\n"
		 "21 1 0:20 /part /elsewhere rw - cgroup2 cgroup2 rw\n"
		 "22 1 0:20 / /tmp/rsttrace\\040test\\040%s/cgroup rw shared:9 - cgroup2 cgroup2 rw\n",
		 m->dir + strlen("/tmp/rsttrace test "));
	tree_put(m->dir, "proc/self/mountinfo", text);
	tree_put(m->dir, "proc/self/cgroup", "0::/\n");
	tree_put(m->dir, "cgroup/system.slice/nginx.service/", NULL);
	tree_put(m->dir, "cgroup/system.slice/docker-" ID ".scope/", NULL);
	tree_put(m->dir, "cgroup/cgroup.procs", "");
	snprintf(proc, sizeof(proc), "%s/proc", m->dir);
	now = 1000;
	*state = m;
	return resolver_open(proc, m->dir, fake_now, &m->r);
}

static int machine_down(void **state)
{
	struct machine *m = *state;
	int err;

	resolver_free(m->r);
	err = tree_remove(m->dir);
	free(m);
	return err;
}

static void endpoint_of(struct endpoint *ep, int pid, const char *comm, uint64_t cgroup_id)
{
	struct incident inc;

	incident_init(&inc);
	*ep = inc.sender;
	ep->local = 1;
	ep->pid = ep->tid = pid;
	ep->owner = OWNER_SOCKET;
	snprintf(ep->comm, sizeof(ep->comm), "%s", comm);
	ep->cgroup_id = cgroup_id;
}

/* Looks up an endpoint. */
static void resolved(struct resolver *r, struct endpoint *ep, int pid, const char *comm,
		     uint64_t cgroup_id)
{
	endpoint_of(ep, pid, comm, cgroup_id);
	resolve_endpoint(r, ep);
}

static void expect(const struct endpoint *ep, const char *exe, const char *cgroup,
		   const char *container, const char *unit)
{
	assert_string_equal(ep->exe, exe);
	assert_string_equal(ep->cgroup, cgroup);
	assert_string_equal(ep->container, container);
	assert_string_equal(ep->unit, unit);
}

#define NGINX_CGROUP "/system.slice/nginx.service"
#define DOCKER_CGROUP "/system.slice/docker-" ID ".scope"

static void running_process(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;

	put_process(m, 812, "nginx", "0::" NGINX_CGROUP "\n");
	resolved(m->r, &ep, 812, "nginx", tree_inode(m->dir, "cgroup" NGINX_CGROUP));
	expect(&ep, "/usr/sbin/nginx", NGINX_CGROUP, "", "nginx.service");
	/* without an id only the process's file can be used */
	resolved(m->r, &ep, 812, "nginx", 0);
	expect(&ep, "/usr/sbin/nginx", NGINX_CGROUP, "", "nginx.service");
}

static void thread_with_its_own_name(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;

	put_process(m, 812, "java", "0::" NGINX_CGROUP "\n");
	tree_put(m->dir, "proc/812/task/815/comm", "Acceptor\n");
	endpoint_of(&ep, 812, "Acceptor", 0);
	ep.tid = 815;
	resolve_endpoint(m->r, &ep);
	expect(&ep, "/usr/sbin/nginx", NGINX_CGROUP, "", "nginx.service");
	assert_string_equal(ep.comm, "Acceptor");
	assert_string_equal(ep.process, "java");
}

/*
 * Another program has this pid now: its path and its control group do not belong to the event's
 * process.
 */
static void id_used_again(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;

	put_process(m, 812, "intruder", "0::" NGINX_CGROUP "\n");
	resolved(m->r, &ep, 812, "nginx", tree_inode(m->dir, "cgroup" DOCKER_CGROUP));
	expect(&ep, "", DOCKER_CGROUP, ID, "");
	assert_string_equal(ep.process, "");
	/* the same if the thread is not known */
	endpoint_of(&ep, 812, "nginx", tree_inode(m->dir, "cgroup" DOCKER_CGROUP));
	ep.tid = UNKNOWN;
	resolve_endpoint(m->r, &ep);
	expect(&ep, "", DOCKER_CGROUP, ID, "");
}

/* The process is in another group now, but the one in the event counts. */
static void moved_process(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;

	put_process(m, 812, "nginx", "0::" NGINX_CGROUP "\n");
	resolved(m->r, &ep, 812, "nginx", tree_inode(m->dir, "cgroup" DOCKER_CGROUP));
	expect(&ep, "/usr/sbin/nginx", DOCKER_CGROUP, ID, "");
}

static void dead_process(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;

	resolved(m->r, &ep, 4242, "gone", tree_inode(m->dir, "cgroup" DOCKER_CGROUP));
	expect(&ep, "", DOCKER_CGROUP, ID, "");
	resolved(m->r, &ep, 4242, "gone", tree_inode(m->dir, "cgroup"));
	expect(&ep, "", "/", "", "");
}

/* What was read once is still known when process and group are gone. */
static void remembered(void **state)
{
	struct machine *m = *state;
	uint64_t id = tree_inode(m->dir, "cgroup" DOCKER_CGROUP);
	struct endpoint ep;

	put_process(m, 812, "nginx", "0::" DOCKER_CGROUP "\n");
	resolved(m->r, &ep, 812, "nginx", id);
	drop(m, "proc/812/cgroup");
	drop(m, "proc/812/comm");
	drop(m, "proc/812/exe");
	drop(m, "proc/812");
	drop(m, "cgroup" DOCKER_CGROUP);
	now += A_MOMENT;
	resolved(m->r, &ep, 812, "nginx", id);
	expect(&ep, "", DOCKER_CGROUP, ID, "");
}

/*
 * In a storm the same process is not looked up for each event, but another process with its number
 * is.
 */
static void looked_up_a_moment_ago(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;

	put_process(m, 812, "nginx", "0::" NGINX_CGROUP "\n");
	resolved(m->r, &ep, 812, "nginx", 0);
	expect(&ep, "/usr/sbin/nginx", NGINX_CGROUP, "", "nginx.service");
	drop(m, "proc/812/cgroup");
	drop(m, "proc/812/comm");
	drop(m, "proc/812/exe");
	drop(m, "proc/812");
	now += A_MOMENT - 1;
	resolved(m->r, &ep, 812, "nginx", 0);
	expect(&ep, "/usr/sbin/nginx", NGINX_CGROUP, "", "nginx.service");
	resolved(m->r, &ep, 812, "httpd", 0);
	expect(&ep, "", "", "", "");
	resolved(m->r, &ep, 812, "nginx", 0);
	expect(&ep, "", "", "", "");
	put_process(m, 812, "nginx", "0::" NGINX_CGROUP "\n");
	now += A_MOMENT;
	resolved(m->r, &ep, 812, "nginx", 0);
	expect(&ep, "/usr/sbin/nginx", NGINX_CGROUP, "", "nginx.service");
}

/* A group that was not found is not searched again at once. */
static void missing_for_a_while(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;
	uint64_t id;

	tree_put(m->dir, "elsewhere/late.service/", NULL);
	id = tree_inode(m->dir, "elsewhere/late.service");
	resolved(m->r, &ep, 4242, "gone", id);
	expect(&ep, "", "", "", "");
	/* a group with this inode is made */
	{
		char from[512], to[512];

		snprintf(from, sizeof(from), "%s/elsewhere/late.service", m->dir);
		snprintf(to, sizeof(to), "%s/cgroup/late.service", m->dir);
		assert_int_equal(rename(from, to), 0);
	}
	assert_int_equal(tree_inode(m->dir, "cgroup/late.service"), id);
	now += 999999999;
	resolve_endpoint(m->r, &ep);
	expect(&ep, "", "", "", "");
	now += 1;
	resolve_endpoint(m->r, &ep);
	expect(&ep, "", "/late.service", "", "late.service");
}

static void ends_without_a_process(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;

	put_process(m, 812, "nginx", "0::" NGINX_CGROUP "\n");
	endpoint_of(&ep, 812, "nginx", 0);
	ep.local = 0;
	resolve_endpoint(m->r, &ep);
	expect(&ep, "", "", "", "");
	ep.local = 1;
	ep.owner = OWNER_KERNEL;
	resolve_endpoint(m->r, &ep);
	expect(&ep, "", "", "", "");
	endpoint_of(&ep, 4242, "gone", 0);
	ep.pid = UNKNOWN;
	resolve_endpoint(m->r, &ep);
	expect(&ep, "", "", "", "");
}

/* A path that is too long to keep is left out, not cut. */
static void long_exe(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;
	char target[300];

	put_process(m, 812, "nginx", "0::" NGINX_CGROUP "\n");
	memset(target, 'x', sizeof(target) - 1);
	target[0] = '/';
	target[256] = '\0';
	tree_link(m->dir, "proc/812/exe", target);
	resolved(m->r, &ep, 812, "nginx", 0);
	assert_string_equal(ep.exe, "");
	target[255] = '\0';
	now += A_MOMENT;
	tree_link(m->dir, "proc/812/exe", target);
	resolve_endpoint(m->r, &ep);
	assert_string_equal(ep.exe, target);
}

/*
 * On a host with both versions of control groups all processes have the same v2 id, so each
 * one's own file is read.
 */
static void mixed_host(void **state)
{
	struct machine *m = *state;
	uint64_t root = tree_inode(m->dir, "cgroup");
	struct resolver *r = NULL;
	struct endpoint ep;
	char proc[96];

	tree_put(m->dir, "proc/self/cgroup", "1:name=systemd:/\n0::/\n");
	snprintf(proc, sizeof(proc), "%s/proc", m->dir);
	assert_int_equal(resolver_open(proc, m->dir, NULL, &r), 0);
	resolved(r, &ep, 4242, "gone", root);
	expect(&ep, "", "/", "", "");
	put_process(m, 1, "a", "2:cpu:/docker/" ID "\n1:name=systemd:/a.service\n0::/\n");
	put_process(m, 2, "b", "2:cpu:/docker/" ID2 "\n1:name=systemd:/b.service\n0::/\n");
	resolved(r, &ep, 1, "a", root);
	expect(&ep, "/usr/sbin/nginx", "/a.service", ID, "a.service");
	resolved(r, &ep, 2, "b", root);
	expect(&ep, "/usr/sbin/nginx", "/b.service", ID2, "b.service");
	resolver_free(r);
}

/* A machine without control groups, and one without a /proc. */
static void nothing_mounted(void **state)
{
	struct machine *m = *state;
	struct resolver *r = NULL;
	struct endpoint ep;
	char proc[96];

	tree_put(m->dir, "proc/self/mountinfo", "20 1 0:19 / /proc rw - proc proc rw\nx - cgroup2 \n");
	put_process(m, 812, "nginx", "0::" NGINX_CGROUP "\n");
	snprintf(proc, sizeof(proc), "%s/proc", m->dir);
	assert_int_equal(resolver_open(proc, m->dir, NULL, &r), 0);
	resolved(r, &ep, 812, "nginx", 77);
	expect(&ep, "/usr/sbin/nginx", NGINX_CGROUP, "", "nginx.service");
	resolved(r, &ep, 4242, "gone", 77);
	expect(&ep, "", "", "", "");
	resolver_free(r);

	assert_int_equal(resolver_open("/nonexistent", "", NULL, &r), 0);
	resolved(r, &ep, 812, "nginx", 77);
	expect(&ep, "", "", "", "");
	resolver_free(r);
	resolver_free(NULL);
}

/* The real /proc, and this process. */
static void this_process(void **state)
{
	struct resolver *r = NULL;
	struct endpoint ep;
	char comm[64] = "", exe[512] = "";
	FILE *f = fopen("/proc/self/comm", "r");

	assert_non_null(f);
	assert_non_null(fgets(comm, sizeof(comm), f));
	fclose(f);
	comm[strcspn(comm, "\n")] = '\0';
	assert_true(readlink("/proc/self/exe", exe, sizeof(exe) - 1) > 0);
	assert_int_equal(resolver_open("/proc", "", NULL, &r), 0);
	resolved(r, &ep, getpid(), comm, 0);
	assert_string_equal(ep.exe, strlen(exe) < sizeof(ep.exe) ? exe : "");
	resolver_free(r);
}

#define ON_MACHINE(test) cmocka_unit_test_setup_teardown(test, machine_up, machine_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_MACHINE(running_process),
		ON_MACHINE(thread_with_its_own_name),
		ON_MACHINE(id_used_again),
		ON_MACHINE(moved_process),
		ON_MACHINE(dead_process),
		ON_MACHINE(remembered),
		ON_MACHINE(looked_up_a_moment_ago),
		ON_MACHINE(missing_for_a_while),
		ON_MACHINE(ends_without_a_process),
		ON_MACHINE(long_exe),
		ON_MACHINE(mixed_host),
		ON_MACHINE(nothing_mounted),
		cmocka_unit_test(this_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
