/* SPDX-License-Identifier: GPL-2.0 */
#include "host/container_name.h"

#include <fcntl.h>
#include <glob.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

#define N_KEPT 64
#define FOUND_NS 60000000000ULL		/* a container can be given another name */
#define MISSING_NS 1000000000ULL
#define MAX_FILE (16 << 20)		/* containers.json tells of every container of the host */

struct kept {
	char id[72], uid[40];
	uint64_t until_ns;	/* 0: nothing is in here */
	struct container_name found;
};

struct container_names {
	char *root;
	struct kept kept[N_KEPT];
	size_t oldest;
};

/* A name that does not fit is left out, as a part of a name would be a wrong name. */
static void keep(char *out, size_t size, const char *s, size_t len)
{
	if (len >= size || memchr(s, '\0', len))
		return;
	memcpy(out, s, len);
	out[len] = '\0';
}

static void keep_string(char *out, size_t size, const json_t *s)
{
	if (json_is_string(s))
		keep(out, size, json_string_value(s), json_string_length(s));
}

static void keep_pod(struct container_name *c, const char *ns, size_t ns_len, const char *name,
		     size_t name_len)
{
	if (!ns_len || !name_len || ns_len + 1 + name_len >= sizeof(c->pod))
		return;
	memcpy(c->pod, ns, ns_len);
	c->pod[ns_len] = '/';
	memcpy(c->pod + ns_len + 1, name, name_len);
	c->pod[ns_len + 1 + name_len] = '\0';
}

/*
 * k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT, as cri-dockerd and CRI-O name a container for the
 * engine. None of these parts has an underscore in it. The container "POD" only holds the pod's
 * namespaces, so it has no name.
 */
static bool kubernetes_name(struct container_name *c, const char *s, size_t len)
{
	const char *part[6];
	size_t n[6], i;

	for (i = 0; i < ARRAY_SIZE(part); i++) {
		const char *end = memchr(s, '_', len);

		if (!end == (i + 1 < ARRAY_SIZE(part)))
			return false;
		part[i] = s;
		n[i] = end ? (size_t)(end - s) : len;
		s += n[i] + !!end;
		len -= n[i] + !!end;
	}
	if (n[0] != 3 || memcmp(part[0], "k8s", 3))
		return false;
	if (n[1] != 3 || memcmp(part[1], "POD", 3))
		keep(c->name, sizeof(c->name), part[1], n[1]);
	keep_pod(c, part[3], n[3], part[2], n[2]);
	return true;
}

static void engine_name(struct container_name *c, const char *s, size_t len)
{
	if (len && *s == '/') {		/* docker */
		s++;
		len--;
	}
	if (!kubernetes_name(c, s, len))
		keep(c->name, sizeof(c->name), s, len);
}

/* A regular file's JSON, or NULL. Reading any other kind of file could block, or never end. */
static json_t *read_json(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	json_t *j = NULL;
	struct stat st;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size <= MAX_FILE)
		j = json_loadfd(fd, 0, NULL);
	close(fd);
	return j;
}

/* docker: the container's own file. */
static void from_docker(const json_t *j, const char *id __attribute__((unused)),
			struct container_name *c)
{
	const json_t *name = json_object_get(j, "Name");

	if (json_is_string(name))
		engine_name(c, json_string_value(name), json_string_length(name));
}

/* podman, CRI-O: lists of all containers. */
static void from_storage(const json_t *j, const char *id, struct container_name *c)
{
	const json_t *one, *name;
	size_t i;

	json_array_foreach(j, i, one) {
		const char *its = json_string_value(json_object_get(one, "id"));

		if (!its || strcmp(its, id))
			continue;
		name = json_array_get(json_object_get(one, "names"), 0);
		if (json_is_string(name))
			engine_name(c, json_string_value(name), json_string_length(name));
	}
}

/* The annotations of a runtime's bundle, as each manager of containers writes them. */
static const struct annotations {
	const char *name, *pod, *pod_ns;
} annotations[] = {
	{ "io.kubernetes.cri.container-name", "io.kubernetes.cri.sandbox-name",
	  "io.kubernetes.cri.sandbox-namespace" },			/* containerd */
	{ "io.kubernetes.container.name", "io.kubernetes.pod.name",
	  "io.kubernetes.pod.namespace" },				/* CRI-O */
	{ "nerdctl/name", NULL, NULL },
};

static void from_bundle(const json_t *j, const char *id __attribute__((unused)),
			struct container_name *c)
{
	const json_t *all = json_object_get(j, "annotations");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(annotations); i++) {
		const struct annotations *a = &annotations[i];
		const json_t *name = json_object_get(all, a->name);
		const json_t *pod = a->pod ? json_object_get(all, a->pod) : NULL;
		const json_t *ns = a->pod_ns ? json_object_get(all, a->pod_ns) : NULL;

		if (json_is_string(name) && strcmp(json_string_value(name), "POD"))
			keep_string(c->name, sizeof(c->name), name);
		if (json_is_string(pod) && json_is_string(ns))
			keep_pod(c, json_string_value(ns), json_string_length(ns),
				 json_string_value(pod), json_string_length(pod));
		if (c->name[0] || c->pod[0])
			return;
	}
}

/* The files that names are read from, in this order. %s is the container's id. */
static const struct place {
	const char *pattern;	/* for glob(): the part that is not known is a namespace of the engine */
	void (*read)(const json_t *j, const char *id, struct container_name *c);
} places[] = {
	{ "/run/containerd/io.containerd.runtime.v2.task/*/%s/config.json", from_bundle },
	{ "/run/k3s/containerd/io.containerd.runtime.v2.task/*/%s/config.json", from_bundle },
	{ "/run/containers/storage/overlay-containers/%s/userdata/config.json", from_bundle },
	{ "/var/lib/containers/storage/overlay-containers/%s/userdata/config.json", from_bundle },
	/* containers.json, and volatile-containers.json for those run with --rm */
	{ "/var/lib/containers/storage/*-containers/*containers.json", from_storage },
	{ "/run/containers/storage/*-containers/*containers.json", from_storage },
	{ "/var/lib/docker/containers/%s/config.v2.json", from_docker },
};

/* The paths that fit the pattern below root; the caller frees *found, which is filled either way. */
static size_t look(const char *root, const char *pattern, const char *what, glob_t *found)
{
	char tail[512], path[PATH_MAX];
	int n;

	memset(found, 0, sizeof(*found));
	n = snprintf(tail, sizeof(tail), pattern, what);
	if (n < 0 || (size_t)n >= sizeof(tail))
		return 0;
	n = snprintf(path, sizeof(path), "%s%s", root, tail);
	if (n < 0 || (size_t)n >= sizeof(path) || glob(path, GLOB_NOSORT, NULL, found))
		return 0;
	return found->gl_pathc;
}

static void ask_engines(const char *root, const char *id, struct container_name *c)
{
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(places) && !c->name[0] && !c->pod[0]; i++) {
		size_t n;
		glob_t found;

		n = look(root, places[i].pattern, id, &found);
		for (k = 0; k < n && !c->name[0] && !c->pod[0]; k++) {
			json_t *j = read_json(found.gl_pathv[k]);

			places[i].read(j, id, c);
			json_decref(j);
		}
		globfree(&found);
	}
}

/* docker's configuration may name another directory for its containers. */
static void ask_moved_docker(const char *root, const char *id, struct container_name *c)
{
	char path[PATH_MAX];
	const char *data;
	json_t *conf, *j;

	snprintf(path, sizeof(path), "%s/etc/docker/daemon.json", root);
	conf = read_json(path);
	data = json_string_value(json_object_get(conf, "data-root"));
	if (data && snprintf(path, sizeof(path), "%s%s/containers/%s/config.v2.json", root, data,
			     id) < (int)sizeof(path)) {
		j = read_json(path);
		from_docker(j, id, c);
		json_decref(j);
	}
	json_decref(conf);
}

/* /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log, which the kubelet links for collectors. */
static void ask_log_links(const char *root, const char *id, struct container_name *c)
{
	glob_t found;

	if (look(root, "/var/log/containers/*-%s.log", id, &found) == 1) {
		const char *base = strrchr(found.gl_pathv[0], '/') + 1;
		const char *ns = strchr(base, '_'), *name = ns ? strchr(ns + 1, '_') : NULL;

		if (name) {
			keep(c->name, sizeof(c->name), name + 1,
			     strlen(name + 1) - strlen(id) - strlen("-.log"));
			keep_pod(c, ns + 1, name - ns - 1, base, ns - base);
		}
	}
	globfree(&found);
}

/* /var/log/pods/NAMESPACE_POD_UID, the kubelet's folder for a pod's logs. */
static void ask_pod_logs(const char *root, const char *uid, struct container_name *c)
{
	glob_t found;

	if (look(root, "/var/log/pods/*_%s", uid, &found) == 1) {
		const char *base = strrchr(found.gl_pathv[0], '/') + 1;
		const char *pod = strchr(base, '_'), *end = strrchr(base, '_');

		if (pod < end)
			keep_pod(c, base, pod - base, pod + 1, end - pod - 1);
	}
	globfree(&found);
}

/* No '/' and nothing that glob() would expand: only such an id is put into a path. */
static bool is_plain(const char *s)
{
	return *s && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
			     strlen(s) && s[0] != '.';
}

static void ask(const char *root, const char *id, const char *uid, struct container_name *c)
{
	memset(c, 0, sizeof(*c));
	if (is_plain(id)) {
		ask_engines(root, id, c);
		if (!c->name[0] && !c->pod[0])
			ask_moved_docker(root, id, c);
		if (!c->name[0])
			ask_log_links(root, id, c);
	}
	if (!c->pod[0] && is_plain(uid))
		ask_pod_logs(root, uid, c);
}

/* The slot of that container, or else the one that was filled longest ago, emptied. */
static struct kept *slot(struct container_names *n, const char *id, const char *uid)
{
	for (size_t i = 0; i < N_KEPT; i++)
		if (n->kept[i].until_ns && !strcmp(n->kept[i].id, id) && !strcmp(n->kept[i].uid, uid))
			return &n->kept[i];
	n->oldest = (n->oldest + 1) % N_KEPT;
	n->kept[n->oldest].until_ns = 0;
	return &n->kept[n->oldest];
}

const struct container_name *container_names_find(struct container_names *n, const char *id,
						  const char *pod_uid, uint64_t now_ns)
{
	struct kept *k = slot(n, id, pod_uid);
	bool found;

	if (now_ns < k->until_ns)
		return &k->found;
	memset(k, 0, sizeof(*k));
	keep(k->id, sizeof(k->id), id, strlen(id));
	keep(k->uid, sizeof(k->uid), pod_uid, strlen(pod_uid));
	ask(n->root, id, pod_uid, &k->found);
	found = k->found.name[0] || k->found.pod[0];
	k->until_ns = now_ns + (found ? FOUND_NS : MISSING_NS);
	return &k->found;
}

struct container_names *container_names_new(const char *root)
{
	struct container_names *n = calloc(1, sizeof(*n));

	if (n)
		n->root = strdup(root);
	if (n && !n->root) {
		free(n);
		n = NULL;
	}
	return n;
}

void container_names_free(struct container_names *n)
{
	if (!n)
		return;
	free(n->root);
	free(n);
}
