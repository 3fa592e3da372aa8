/* SPDX-License-Identifier: GPL-2.0 */
/* What the path of a control group says of container, unit and pod. */
#include "host/cgroup_path.h"
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
		/* Amazon ECS, LXC */
		{ "/ecs/0123456789abcdef0123456789abcdef/" ID, ID, "", "" },
		{ "/ecs/0123456789abcdef0123456789abcdef/"
		  "0123456789abcdef0123456789abcdef-1234567890",
		  "0123456789abcdef0123456789abcdef-1234567890", "", "" },
		{ "/lxc/web1", "web1", "", "" },
		{ "/lxc.payload.web1/system.slice/nginx.service", "web1", "nginx.service", "" },
		{ "/lxc.payload/web1", "web1", "", "" },
		/* paths that are almost, but not quite, of these forms */
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

/* A part that is too long to keep is left out; the rest of the path still counts. */
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

/* Any text, cut at any byte: nothing outside of it is read (the sanitizers watch). */
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

/* With versions 1 and 2 side by side, only version 1 says something. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),
		cmocka_unit_test(long_paths),
		cmocka_unit_test(cut_texts),
		cmocka_unit_test(file_v2),
		cmocka_unit_test(file_hybrid),
		cmocka_unit_test(file_v1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
