/* SPDX-License-Identifier: GPL-2.0 */
/* The names of containers and pods, from files as each engine keeps them. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "host/container_name.h"
#include "test.h"
#include "tree.h"

#define ID "3e1f0a5c9b7d2e4f60718293a4b5c6d7e8f90112233445566778899aabbccdde"
#define ID2 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define UID "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
#define SECOND 1000000000ULL

struct host {
	char dir[64];
	struct container_names *names;
};

static int host_up(void **state)
{
	struct host *h = calloc(1, sizeof(*h));

	if (!h)
		return -1;
	strcpy(h->dir, "/tmp/rsttrace-test-XXXXXX");
	if (tree_new(h->dir))
		return -1;
	h->names = container_names_new(h->dir);
	*state = h;
	return h->names ? 0 : -1;
}

static int host_down(void **state)
{
	struct host *h = *state;
	int err = tree_remove(h->dir);

	container_names_free(h->names);
	free(h);
	return err;
}

static void expect_at(const struct host *h, uint64_t now, const char *id, const char *uid,
		      const char *name, const char *pod)
{
	const struct container_name *c = container_names_find(h->names, id, uid, now);

	assert_string_equal(c->name, name);
	assert_string_equal(c->pod, pod);
}

/* Looks at a time when nothing is remembered. */
static void expect(const struct host *h, const char *id, const char *uid, const char *name,
		   const char *pod)
{
	static uint64_t now;

	now += 100 * SECOND;
	expect_at(h, now, id, uid, name, pod);
}

#define CONTAINERD "run/containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json"

static void each_engine(void **state)
{
	static const struct {
		const char *path, *text, *name, *pod;
	} cases[] = {
		{ "var/lib/docker/containers/" ID "/config.v2.json",
		  "{\"ID\":\"" ID "\",\"Name\":\"/web-1\"}", "web-1", "" },
		{ "var/lib/docker/containers/" ID "/config.v2.json",
		  "{\"Name\":\"/k8s_nginx_cart-7d9_shop_" UID "_0\"}", "nginx", "shop/cart-7d9" },
		{ "var/lib/docker/containers/" ID "/config.v2.json",
		  "{\"Name\":\"/k8s_POD_cart-7d9_shop_" UID "_0\"}", "", "shop/cart-7d9" },
		{ "var/lib/containers/storage/overlay-containers/containers.json",
		  "[{\"id\":\"" ID2 "\",\"names\":[\"other\"]},{\"id\":\"" ID
		  "\",\"names\":[\"web-1\",\"second\"]}]", "web-1", "" },
		{ "var/lib/containers/storage/vfs-containers/volatile-containers.json",
		  "[{\"id\":\"" ID "\",\"names\":[\"passing\"]}]", "passing", "" },
		{ "run/containers/storage/overlay-containers/volatile-containers.json",
		  "[{\"id\":\"" ID "\",\"names\":[\"k8s_a_b_c_" UID "_3\"]}]", "a", "c/b" },
		{ "run/containers/storage/overlay-containers/" ID "/userdata/config.json",
		  "{\"annotations\":{\"io.kubernetes.container.name\":\"nginx\","
		  "\"io.kubernetes.pod.name\":\"cart-0\",\"io.kubernetes.pod.namespace\":\"shop\"}}",
		  "nginx", "shop/cart-0" },
		{ CONTAINERD,
		  "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"nginx\","
		  "\"io.kubernetes.cri.sandbox-name\":\"cart-0\","
		  "\"io.kubernetes.cri.sandbox-namespace\":\"shop\"}}", "nginx", "shop/cart-0" },
		{ CONTAINERD,	/* the pod's own container (its sandbox) */
		  "{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":\"cart-0\","
		  "\"io.kubernetes.cri.sandbox-namespace\":\"shop\"}}", "", "shop/cart-0" },
		{ "run/k3s/containerd/io.containerd.runtime.v2.task/k8s.io/" ID "/config.json",
		  "{\"annotations\":{\"io.kubernetes.cri.container-name\":\"edge\"}}", "edge", "" },
		{ "run/containerd/io.containerd.runtime.v2.task/default/" ID "/config.json",
		  "{\"annotations\":{\"nerdctl/name\":\"web-1\"}}", "web-1", "" },
	};
	struct host *h = *state;
	char path[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		tree_put(h->dir, cases[i].path, cases[i].text);
		expect(h, ID, "", cases[i].name, cases[i].pod);
		expect(h, ID2, "", strstr(cases[i].text, ID2) ? "other" : "", "");
		snprintf(path, sizeof(path), "%s/%s", h->dir, cases[i].path);
		assert_int_equal(remove(path), 0);
		expect(h, ID, "", "", "");
	}
}

static void docker_elsewhere(void **state)
{
	struct host *h = *state;

	tree_put(h->dir, "etc/docker/daemon.json", "{\"data-root\":\"/srv/docker\"}");
	tree_put(h->dir, "srv/docker/containers/" ID "/config.v2.json", "{\"Name\":\"/far\"}");
	expect(h, ID, "", "far", "");
}

static void from_the_kubelet(void **state)
{
	struct host *h = *state;

	tree_put(h->dir, "var/log/pods/shop_cart-0_" UID "/", NULL);
	expect(h, ID, UID, "", "shop/cart-0");
	expect(h, "", UID, "", "shop/cart-0");
	tree_put(h->dir, "var/log/containers/cart-0_shop_nginx-ingress-" ID ".log", "");
	expect(h, ID, "", "nginx-ingress", "shop/cart-0");
	/* two folders for one uid: one is wrong, and it is not known which */
	tree_put(h->dir, "var/log/pods/shop_cart-1_" UID "/", NULL);
	expect(h, "", UID, "", "");
}

/* A file that is missing, no JSON, of other types or too long gives no name. */
static void nothing_to_be_had(void **state)
{
	static const char *const bad[] = {
		"", "{", "null", "[]", "{\"annotations\":[]}", "{\"annotations\":{\"nerdctl/name\":7}}",
		"{\"annotations\":{\"nerdctl/name\":\"a\\u0000b\"}}",
		"{\"annotations\":{\"io.kubernetes.pod.name\":\"a\"}}",
	};
	struct host *h = *state;
	char text[256], path[512];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		tree_put(h->dir, CONTAINERD, bad[i]);
		tree_put(h->dir, "var/lib/containers/storage/overlay-containers/containers.json", bad[i]);
		expect(h, ID, "", "", "");
	}
	snprintf(text, sizeof(text), "{\"annotations\":{\"nerdctl/name\":\"%0128d\"}}", 0);
	tree_put(h->dir, CONTAINERD, text);
	expect(h, ID, "", "", "");
	/* nobody writes into this pipe: opening it for reading would wait for ever */
	snprintf(path, sizeof(path), "%s/" CONTAINERD, h->dir);
	assert_int_equal(remove(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect(h, ID, "", "", "");
}

/* An id is a name, not a path or a pattern. */
static void hostile_ids(void **state)
{
	struct host *h = *state;

	tree_put(h->dir, "run/containerd/io.containerd.runtime.v2.task/default/" ID "/config.json",
		 "{\"annotations\":{\"nerdctl/name\":\"web-1\"}}");
	tree_put(h->dir, "var/log/pods/shop_cart-0_" UID "/", NULL);
	expect(h, "*", "*", "", "");
	expect(h, "../default/" ID, "", "", "");
	expect(h, "[0-9a-f]*", "?", "", "");
	expect(h, "", "", "", "");
	expect(h, ID, "", "web-1", "");
}

/* A name is kept for a minute, its absence for a second; many containers push out the oldest. */
static void remembered(void **state)
{
	struct host *h = *state;
	char id[32];

	expect_at(h, SECOND, ID, "", "", "");
	tree_put(h->dir, CONTAINERD, "{\"annotations\":{\"nerdctl/name\":\"web-1\"}}");
	expect_at(h, 2 * SECOND - 1, ID, "", "", "");
	expect_at(h, 2 * SECOND, ID, "", "web-1", "");
	tree_put(h->dir, CONTAINERD, "{\"annotations\":{\"nerdctl/name\":\"web-2\"}}");
	expect_at(h, 62 * SECOND - 1, ID, "", "web-1", "");
	expect_at(h, 62 * SECOND, ID, "", "web-2", "");
	tree_put(h->dir, CONTAINERD, "{\"annotations\":{\"nerdctl/name\":\"web-3\"}}");
	for (int i = 0; i < 64; i++) {
		snprintf(id, sizeof(id), "other-%d", i);
		expect_at(h, 62 * SECOND, id, "", "", "");
	}
	expect_at(h, 62 * SECOND, ID, "", "web-3", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_engine, host_up, host_down),
		cmocka_unit_test_setup_teardown(docker_elsewhere, host_up, host_down),
		cmocka_unit_test_setup_teardown(from_the_kubelet, host_up, host_down),
		cmocka_unit_test_setup_teardown(nothing_to_be_had, host_up, host_down),
		cmocka_unit_test_setup_teardown(hostile_ids, host_up, host_down),
		cmocka_unit_test_setup_teardown(remembered, host_up, host_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
