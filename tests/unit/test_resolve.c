/* SPDX-License-Identifier: GPL-2.0 */
/* Control group paths, and the live resolver on a /proc made for the test. */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup_path.h"
#include "resolve.h"
#include "test.h"

#define ID "3e1f0a5c9b7d2e4f60718293a4b5c6d7e8f90112233445566778899aabbccdde"
#define ID2 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define UID "0a1b2c3d-1111-2222-3333-444455556666"
#define UID_ "0a1b2c3d_1111_2222_3333_444455556666"

static void paths(void **state)
{
	static const struct { const char *path, *container, *unit, *pod; } cases[] = {
		{ "/", "", "", "" },
		{ "", "", "", "" },
		{ "/init.scope", "", "init.scope", "" },
		{ "/system.slice/nginx.service", "", "nginx.service", "" },
		{ "/system.slice/system-getty.slice/getty@tty1.service", "", "getty@tty1.service", "" },
		{ "/user.slice/user-1000.slice/session-3.scope", "", "session-3.scope", "" },
		{ "/user.slice/user-1000.slice/user@1000.service/app.slice/web.service", "",
		  "web.service", "" },
		{ "/system.slice/nginx.service (deleted)", "", "nginx.service", "" },
		{ "/system.slice/ssh.socket", "", "ssh.socket", "" },
		{ "/.service", "", "", "" },
		/* Docker: cgroupfs and systemd drivers; containerd's nerdctl */
		{ "/docker/" ID, ID, "", "" },
		{ "/system.slice/docker-" ID ".scope", ID, "", "" },
		{ "/system.slice/docker-" ID ".scope/system.slice/nginx.service", ID,
		  "nginx.service", "" },
		{ "/default/" ID, ID, "", "" },
		{ "/system.slice/nerdctl-" ID ".scope", ID, "", "" },
		/* a container in a container: the inner one */
		{ "/docker/" ID "/docker/" ID2, ID2, "", "" },
		/* Kubernetes: cgroupfs and systemd drivers, and the two mixed up */
		{ "/kubepods/burstable/pod" UID "/" ID, ID, "", UID },
		{ "/kubepods.slice/kubepods-pod" UID_ ".slice/cri-containerd-" ID ".scope", ID,
		  "", UID },
		{ "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_
		  ".slice/crio-" ID ".scope", ID, "", UID },
		{ "/system.slice/containerd.service/kubepods-burstable-pod" UID_
		  ".slice:cri-containerd:" ID, ID, "containerd.service", UID },
		{ "/kubepods/besteffort/pod0123456789abcdef0123456789abcdef/" ID, ID, "",
		  "0123456789abcdef0123456789abcdef" },
		{ "/kubepods/podium/" ID, ID, "", "" },
		{ "/kubepods/pod1234/x", "", "", "" },
		/* CRI-O and Podman; their monitors are outside of the container */
		{ "/machine.slice/libpod-" ID ".scope", ID, "", "" },
		{ "/machine.slice/libpod-" ID ".scope/container", ID, "", "" },
		{ "/machine.slice/libpod-conmon-" ID ".scope", "", "libpod-conmon-" ID ".scope", "" },
		{ "/libpod_parent/libpod-" ID, ID, "", "" },
		{ "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID
		  ".scope/container", ID, "user@1000.service", "" },
		{ "/system.slice/web.service/libpod-payload-" ID, ID, "web.service", "" },
		/* Amazon's, LXC's */
		{ "/ecs/0123456789abcdef0123456789abcdef/" ID, ID, "", "" },
		{ "/ecs/0123456789abcdef0123456789abcdef/"
		  "0123456789abcdef0123456789abcdef-1234567890",
		  "0123456789abcdef0123456789abcdef-1234567890", "", "" },
		{ "/lxc/web1", "web1", "", "" },
		{ "/lxc.payload.web1/system.slice/nginx.service", "web1", "nginx.service", "" },
		{ "/lxc.payload/web1", "web1", "", "" },
		/* near misses */
		{ "/docker/" ID "0", "", "", "" },
		{ "/docker/x" ID, "", "", "" },
		{ "/system.slice/docker-3e1f.scope", "", "docker-3e1f.scope", "" },
		{ "/docker/3E1F0A5C9B7D2E4F60718293A4B5C6D7E8F90112233445566778899AABBCCDDE", "",
		  "", "" },
	};
	struct cgroup_place p;
	size_t i;

	for (i = 0; i < N(cases); i++) {
		cgroup_path_parse(cases[i].path, strlen(cases[i].path), &p);
		assert_string_equal(p.container, cases[i].container);
		assert_string_equal(p.unit, cases[i].unit);
		assert_string_equal(p.pod, cases[i].pod);
		assert_int_equal(strncmp(p.path, cases[i].path, strlen(p.path)), 0);
	}
}

/* What does not fit whole is left out; the rest of the path still tells. */
static void long_paths(void **state)
{
	struct cgroup_place p;
	char path[1024] = "/";

	memset(path + 1, 'a', 300);
	strcpy(path + 301, ".service/docker-" ID ".scope");
	cgroup_path_parse(path, strlen(path), &p);
	assert_string_equal(p.path, "");
	assert_string_equal(p.unit, "");
	assert_string_equal(p.container, ID);
	memset(path, '/', 600);
	cgroup_path_parse(path, 600, &p);
	assert_string_equal(p.container, "");
}

/* Any text, cut anywhere: no byte outside of it is read (the sanitizers watch). */
static void cut_texts(void **state)
{
	static const char text[] = "12:cpu:/docker/" ID "\n1:name=systemd:/a.service\n"
				   "0::/kubepods/pod" UID "/" ID "\n:\n::\n:::\nx\n";
	struct cgroup_place p;
	size_t n;

	for (n = 0; n < sizeof(text); n++) {
		char *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, text, n);
		if (cgroup_file_parse(copy, n, &p))
			assert_true(n < strlen("12:cpu:/"));
		cgroup_path_parse(copy, n, &p);
		free(copy);
	}
}

static void file_v2(void **state)
{
	static const char text[] = "0::/system.slice/docker-" ID ".scope\n";
	struct cgroup_place p;

	assert_int_equal(cgroup_file_parse(text, strlen(text), &p), 0);
	assert_string_equal(p.path, "/system.slice/docker-" ID ".scope");
	assert_string_equal(p.container, ID);
	assert_string_equal(p.unit, "");
	assert_false(p.mixed);
}

/* Version 1 and 2 side by side: everything of use is in version 1. */
static void file_hybrid(void **state)
{
	static const char text[] =
		"12:pids:/docker/" ID "\n"
		"11:cpu,cpuacct:/docker/" ID "\n"
		"1:name=systemd:/system.slice/web.service\n"
		"0::/\n";
	static const char unified[] =
		"4:memory:/user.slice\n"
		"1:name=systemd:/user.slice/user-0.slice/session-1.scope\n"
		"0::/user.slice/user-0.slice/session-1.scope\n";
	static const char differ[] = "1:name=systemd:/system.slice/web.service\n0::/init.scope\n";
	static const char only_v2[] = "1:name=systemd:/\n0::/system.slice/web.service\n";
	struct cgroup_place p;

	assert_int_equal(cgroup_file_parse(only_v2, strlen(only_v2), &p), 0);
	assert_string_equal(p.unit, "web.service");
	assert_int_equal(cgroup_file_parse(differ, strlen(differ), &p), 0);
	assert_string_equal(p.path, "/init.scope");
	assert_string_equal(p.unit, "web.service");
	assert_int_equal(cgroup_file_parse(text, strlen(text), &p), 0);
	assert_string_equal(p.path, "/system.slice/web.service");
	assert_string_equal(p.container, ID);
	assert_string_equal(p.unit, "web.service");
	assert_true(p.mixed);
	assert_int_equal(cgroup_file_parse(unified, strlen(unified), &p), 0);
	assert_string_equal(p.path, "/user.slice/user-0.slice/session-1.scope");
	assert_string_equal(p.unit, "session-1.scope");
	assert_string_equal(p.container, "");
}

static void file_v1(void **state)
{
	static const char text[] = "3:memory:/kubepods/pod" UID "/" ID "\n2:cpu:/\n";
	struct cgroup_place p;

	assert_int_equal(cgroup_file_parse(text, strlen(text), &p), 0);
	assert_string_equal(p.path, "/kubepods/pod" UID "/" ID);
	assert_string_equal(p.container, ID);
	assert_string_equal(p.pod, UID);
	assert_true(p.mixed);
	assert_int_equal(cgroup_file_parse("", 0, &p), -ENOENT);
	assert_int_equal(cgroup_file_parse("nonsense\n", 9, &p), -ENOENT);
	assert_string_equal(p.path, "");
}

/* A machine in a folder: proc/ and cgroup/. */
struct machine {
	char dir[64];
	struct resolver *r;
};

static uint64_t now;

static uint64_t fake_now(void)
{
	return now;
}

static void put(const struct machine *m, const char *path, const char *text)
{
	char full[512], *slash;
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", m->dir, path);
	for (slash = full + strlen(m->dir) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	if (!text)
		return;
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static uint64_t inode(const struct machine *m, const char *path)
{
	char full[512];
	struct stat st;

	snprintf(full, sizeof(full), "%s/%s", m->dir, path);
	assert_int_equal(stat(full, &st), 0);
	return st.st_ino;
}

static void put_process(const struct machine *m, int pid, const char *comm, const char *cgroup)
{
	char path[128], text[128], exe[512];

	snprintf(path, sizeof(path), "proc/%d/comm", pid);
	snprintf(text, sizeof(text), "%s\n", comm);
	put(m, path, text);
	snprintf(path, sizeof(path), "proc/%d/cgroup", pid);
	put(m, path, cgroup);
	snprintf(exe, sizeof(exe), "%s/proc/%d/exe", m->dir, pid);
	assert_int_equal(symlink("/usr/sbin/nginx", exe), 0);
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
	if (!mkdtemp(m->dir))
		return -1;
	/* with the blanks of the folder's name as mountinfo writes them */
	snprintf(text, sizeof(text),
		 "20 1 0:19 / /proc rw,nosuid shared:1 - proc proc rw\n"
		 "21 1 0:20 /part /elsewhere rw - cgroup2 cgroup2 rw\n"
		 "22 1 0:20 / /tmp/rsttrace\\040test\\040%s/cgroup rw shared:9 - cgroup2 cgroup2 rw\n",
		 m->dir + strlen("/tmp/rsttrace test "));
	put(m, "proc/self/mountinfo", text);
	put(m, "proc/self/cgroup", "0::/\n");
	put(m, "cgroup/system.slice/nginx.service/", NULL);
	put(m, "cgroup/system.slice/docker-" ID ".scope/", NULL);
	put(m, "cgroup/cgroup.procs", "");
	snprintf(proc, sizeof(proc), "%s/proc", m->dir);
	now = 1000;
	*state = m;
	return resolver_open(proc, fake_now, &m->r);
}

static int rm(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int machine_down(void **state)
{
	struct machine *m = *state;
	int err;

	resolver_free(m->r);
	err = nftw(m->dir, rm, 16, FTW_DEPTH | FTW_PHYS);
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
	endpoint_of(&ep, 812, "nginx", inode(m, "cgroup" NGINX_CGROUP));
	resolve_endpoint(m->r, &ep);
	expect(&ep, "/usr/sbin/nginx", NGINX_CGROUP, "", "nginx.service");
	/* without an id there is only the file to go by */
	endpoint_of(&ep, 812, "nginx", 0);
	resolve_endpoint(m->r, &ep);
	expect(&ep, "/usr/sbin/nginx", NGINX_CGROUP, "", "nginx.service");
}

static void thread_with_its_own_name(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;

	put_process(m, 812, "java", "0::" NGINX_CGROUP "\n");
	put(m, "proc/812/task/815/comm", "Acceptor\n");
	endpoint_of(&ep, 812, "Acceptor", 0);
	ep.tid = 815;
	resolve_endpoint(m->r, &ep);
	expect(&ep, "/usr/sbin/nginx", NGINX_CGROUP, "", "nginx.service");
}

/* The id is taken by another program: neither its path nor its group is ours. */
static void id_used_again(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;

	put_process(m, 812, "intruder", "0::" NGINX_CGROUP "\n");
	endpoint_of(&ep, 812, "nginx", inode(m, "cgroup" DOCKER_CGROUP));
	resolve_endpoint(m->r, &ep);
	expect(&ep, "", DOCKER_CGROUP, ID, "");
}

/* The process is in another group now: the one of the event counts. */
static void moved_process(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;

	put_process(m, 812, "nginx", "0::" NGINX_CGROUP "\n");
	endpoint_of(&ep, 812, "nginx", inode(m, "cgroup" DOCKER_CGROUP));
	resolve_endpoint(m->r, &ep);
	expect(&ep, "/usr/sbin/nginx", DOCKER_CGROUP, ID, "");
}

static void dead_process(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;

	endpoint_of(&ep, 4242, "gone", inode(m, "cgroup" DOCKER_CGROUP));
	resolve_endpoint(m->r, &ep);
	expect(&ep, "", DOCKER_CGROUP, ID, "");
	endpoint_of(&ep, 4242, "gone", inode(m, "cgroup"));
	resolve_endpoint(m->r, &ep);
	expect(&ep, "", "/", "", "");
}

/* What was once read is known when process and group are gone. */
static void remembered(void **state)
{
	struct machine *m = *state;
	uint64_t id = inode(m, "cgroup" DOCKER_CGROUP);
	struct endpoint ep;

	put_process(m, 812, "nginx", "0::" DOCKER_CGROUP "\n");
	endpoint_of(&ep, 812, "nginx", id);
	resolve_endpoint(m->r, &ep);
	drop(m, "proc/812/cgroup");
	drop(m, "proc/812/comm");
	drop(m, "proc/812/exe");
	drop(m, "proc/812");
	drop(m, "cgroup" DOCKER_CGROUP);
	endpoint_of(&ep, 812, "nginx", id);
	resolve_endpoint(m->r, &ep);
	expect(&ep, "", DOCKER_CGROUP, ID, "");
}

/* A group that is not there is not looked for again at once. */
static void missing_for_a_while(void **state)
{
	struct machine *m = *state;
	struct endpoint ep;
	uint64_t id;

	put(m, "elsewhere/late.service/", NULL);
	id = inode(m, "elsewhere/late.service");
	endpoint_of(&ep, 4242, "gone", id);
	resolve_endpoint(m->r, &ep);
	expect(&ep, "", "", "", "");
	/* the same inode turns up in the tree */
	{
		char from[512], to[512];

		snprintf(from, sizeof(from), "%s/elsewhere/late.service", m->dir);
		snprintf(to, sizeof(to), "%s/cgroup/late.service", m->dir);
		assert_int_equal(rename(from, to), 0);
	}
	assert_int_equal(inode(m, "cgroup/late.service"), id);
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

/* A path too long to keep is left out, not cut. */
static void long_exe(void **state)
{
	struct machine *m = *state;
	char exe[512], target[300];
	struct endpoint ep;

	put_process(m, 812, "nginx", "0::" NGINX_CGROUP "\n");
	snprintf(exe, sizeof(exe), "%s/proc/812/exe", m->dir);
	memset(target, 'x', sizeof(target) - 1);
	target[0] = '/';
	target[256] = '\0';
	assert_int_equal(unlink(exe), 0);
	assert_int_equal(symlink(target, exe), 0);
	endpoint_of(&ep, 812, "nginx", 0);
	resolve_endpoint(m->r, &ep);
	assert_string_equal(ep.exe, "");
	target[255] = '\0';
	assert_int_equal(unlink(exe), 0);
	assert_int_equal(symlink(target, exe), 0);
	resolve_endpoint(m->r, &ep);
	assert_string_equal(ep.exe, target);
}

/* On a mixed host a v2 id is everybody's: each process's own file is read. */
static void mixed_host(void **state)
{
	struct machine *m = *state;
	uint64_t root = inode(m, "cgroup");
	struct resolver *r = NULL;
	struct endpoint ep;
	char proc[96];

	put(m, "proc/self/cgroup", "1:name=systemd:/\n0::/\n");
	snprintf(proc, sizeof(proc), "%s/proc", m->dir);
	assert_int_equal(resolver_open(proc, NULL, &r), 0);
	endpoint_of(&ep, 4242, "gone", root);
	resolve_endpoint(r, &ep);
	expect(&ep, "", "/", "", "");
	put_process(m, 1, "a", "2:cpu:/docker/" ID "\n1:name=systemd:/a.service\n0::/\n");
	put_process(m, 2, "b", "2:cpu:/docker/" ID2 "\n1:name=systemd:/b.service\n0::/\n");
	endpoint_of(&ep, 1, "a", root);
	resolve_endpoint(r, &ep);
	expect(&ep, "/usr/sbin/nginx", "/a.service", ID, "a.service");
	endpoint_of(&ep, 2, "b", root);
	resolve_endpoint(r, &ep);
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

	put(m, "proc/self/mountinfo", "20 1 0:19 / /proc rw - proc proc rw\nx - cgroup2 \n");
	put_process(m, 812, "nginx", "0::" NGINX_CGROUP "\n");
	snprintf(proc, sizeof(proc), "%s/proc", m->dir);
	assert_int_equal(resolver_open(proc, NULL, &r), 0);
	endpoint_of(&ep, 812, "nginx", 77);
	resolve_endpoint(r, &ep);
	expect(&ep, "/usr/sbin/nginx", NGINX_CGROUP, "", "nginx.service");
	endpoint_of(&ep, 4242, "gone", 77);
	resolve_endpoint(r, &ep);
	expect(&ep, "", "", "", "");
	resolver_free(r);

	assert_int_equal(resolver_open("/nonexistent", NULL, &r), 0);
	endpoint_of(&ep, 812, "nginx", 77);
	resolve_endpoint(r, &ep);
	expect(&ep, "", "", "", "");
	resolver_free(r);
	resolver_free(NULL);
}

/* The true /proc: this very process. */
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
	assert_int_equal(resolver_open("/proc", NULL, &r), 0);
	endpoint_of(&ep, getpid(), comm, 0);
	resolve_endpoint(r, &ep);
	assert_string_equal(ep.exe, strlen(exe) < sizeof(ep.exe) ? exe : "");
	resolver_free(r);
}

#define ON_MACHINE(test) cmocka_unit_test_setup_teardown(test, machine_up, machine_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(long_paths),
		cmocka_unit_test(cut_texts),
		cmocka_unit_test(file_v2),
		cmocka_unit_test(file_hybrid),
		cmocka_unit_test(file_v1),
		ON_MACHINE(running_process),
		ON_MACHINE(thread_with_its_own_name),
		ON_MACHINE(id_used_again),
		ON_MACHINE(moved_process),
		ON_MACHINE(dead_process),
		ON_MACHINE(remembered),
		ON_MACHINE(missing_for_a_while),
		ON_MACHINE(ends_without_a_process),
		ON_MACHINE(long_exe),
		ON_MACHINE(mixed_host),
		ON_MACHINE(nothing_mounted),
		cmocka_unit_test(this_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
