/* SPDX-License-Identifier: GPL-2.0 */
#include "host/cgroup_path.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"

#define ID_LEN 64	/* hex digits of the usual container id */
/* A part of a text that is not NUL-terminated. */
struct span {
	const char *s;
	size_t n;
};

static bool starts(struct span c, const char *head)
{
	size_t n = strlen(head);

	return c.n >= n && !memcmp(c.s, head, n);
}

static bool ends(struct span c, const char *tail)
{
	size_t n = strlen(tail);

	return c.n >= n && !memcmp(c.s + c.n - n, tail, n);
}

static bool equals(struct span c, const char *s)
{
	return c.n == strlen(s) && !memcmp(c.s, s, c.n);
}

/* Copies the name if all of it fits. Half a name would be a wrong name. */
static void keep(char *out, size_t size, struct span c)
{
	if (c.n >= size)
		return;
	memcpy(out, c.s, c.n);
	out[c.n] = '\0';
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static size_t hex_run(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n && is_hex(s[i]); i++)
		;
	return i;
}

/* Fargate: 32 hex digits, a dash, a decimal number. */
static bool is_fargate_id(struct span c)
{
	size_t i;

	if (c.n < 32 + 1 + 6 || hex_run(c.s, 32) < 32 || c.s[32] != '-')
		return false;
	for (i = 33; i < c.n; i++) {
		if (c.s[i] < '0' || c.s[i] > '9')
			return false;
	}
	return true;
}

/*
 * Engines name a container's group ID (with the cgroupfs driver), ENGINE-ID.scope (with
 * systemd's) or SLICE:ENGINE:ID (when containerd and runc use different drivers). A conmon
 * scope holds the container's monitor, which is not in the container.
 */
static bool engine_id(struct span c, struct span *id)
{
	struct span head;

	if (ends(c, ".scope"))
		c.n -= strlen(".scope");
	if (is_fargate_id(c)) {
		*id = c;
		return true;
	}
	if (c.n < ID_LEN || hex_run(c.s + c.n - ID_LEN, ID_LEN) < ID_LEN)
		return false;
	head = (struct span){ c.s, c.n - ID_LEN };
	if (head.n && head.s[head.n - 1] != '-' && head.s[head.n - 1] != ':')
		return false;
	if (ends(head, "conmon-"))
		return false;
	*id = (struct span){ c.s + head.n, ID_LEN };
	return true;
}

/* LXC: /lxc/NAME, /lxc.payload/NAME, /lxc.payload.NAME. */
static bool lxc_name(struct span c, struct span parent, struct span *name)
{
	static const char head[] = "lxc.payload.";

	if (starts(c, head) && c.n > strlen(head)) {
		*name = (struct span){ c.s + strlen(head), c.n - strlen(head) };
		return true;
	}
	if (!equals(parent, "lxc") && !equals(parent, "lxc.payload"))
		return false;
	*name = c;
	return true;
}

/* podUID, or …-podUID.slice with underscores for dashes, before any colon. */
static bool pod_uid(struct span c, char *out, size_t size)
{
	const char *colon = memchr(c.s, ':', c.n);
	char uid[40];
	size_t i, n = 0;

	if (colon)
		c.n = colon - c.s;
	if (ends(c, ".slice"))
		c.n -= strlen(".slice");
	for (i = c.n; i && (is_hex(c.s[i - 1]) || c.s[i - 1] == '_' || c.s[i - 1] == '-'); i--)
		;
	/* i is right after "pod", or before its "d", which is a hexadecimal digit, too */
	while (i < c.n && !(i >= 3 && !memcmp(c.s + i - 3, "pod", 3)))
		i++;
	if (i < 3 || (i > 3 && c.s[i - 4] != '-'))
		return false;
	for (; i < c.n && n < sizeof(uid) - 1; i++)
		uid[n++] = c.s[i] == '_' ? '-' : c.s[i];
	/* A UUID, or the hash that a static pod has in its place. */
	if (i < c.n || (n != 36 && n != 32))
		return false;
	keep(out, size, (struct span){ uid, n });
	return true;
}

static bool is_unit(struct span c)
{
	static const char *const kinds[] = { ".service", ".scope", ".socket", ".mount", ".swap" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (ends(c, kinds[i]) && c.n > strlen(kinds[i]))
			return true;
	}
	return false;
}

static void parse_component(struct span c, struct span parent, struct cgroup_place *out)
{
	struct span id;

	pod_uid(c, out->pod, sizeof(out->pod));
	if (engine_id(c, &id) || lxc_name(c, parent, &id))
		keep(out->container, sizeof(out->container), id);
	else if (is_unit(c))
		keep(out->unit, sizeof(out->unit), c);
}

/*
 * The kernel appends " (deleted)" to the path of a group that was removed while a process was
 * in it.
 */
static struct span without_deleted(struct span c)
{
	static const char mark[] = " (deleted)";

	if (ends(c, mark))
		c.n -= strlen(mark);
	return c;
}

void cgroup_path_parse(const char *path, size_t len, struct cgroup_place *out)
{
	struct span all = without_deleted((struct span){ path, len }), parent = { path, 0 };
	size_t i = 0;

	memset(out, 0, sizeof(*out));
	keep(out->path, sizeof(out->path), all);
	while (i < all.n) {
		const char *slash = memchr(all.s + i, '/', all.n - i);
		size_t end = slash ? (size_t)(slash - all.s) : all.n;
		struct span c = { all.s + i, end - i };

		if (c.n) {
			parse_component(c, parent, out);
			parent = c;
		}
		i = end + 1;
	}
}

/* The fields of "ID:CONTROLLERS:PATH". */
struct hierarchy {
	struct span controllers, path;
	bool v2;
};

static bool next_hierarchy(const char *text, size_t len, size_t *pos, struct hierarchy *h)
{
	while (*pos < len) {
		const char *s = text + *pos, *nl = memchr(s, '\n', len - *pos);
		size_t n = nl ? (size_t)(nl - s) : len - *pos;
		const char *first = memchr(s, ':', n), *second;

		*pos += n + 1;
		if (!first)
			continue;
		second = memchr(first + 1, ':', s + n - first - 1);
		if (!second || second + 1 == s + n)
			continue;
		h->controllers = (struct span){ first + 1, second - first - 1 };
		h->path = (struct span){ second + 1, s + n - second - 1 };
		h->v2 = first == s + 1 && *s == '0' && !h->controllers.n;
		return true;
	}
	return false;
}

int cgroup_file_parse(const char *text, size_t len, struct cgroup_place *out)
{
	struct cgroup_place place, other = { .path = "" }, v2 = other, systemd = other;
	bool have_v2 = false, have_systemd = false, have_other = false;
	struct hierarchy h;
	size_t pos = 0;

	memset(out, 0, sizeof(*out));
	while (next_hierarchy(text, len, &pos, &h)) {
		cgroup_path_parse(h.path.s, h.path.n, &place);
		if (h.v2) {
			v2 = place;
			have_v2 = true;
		} else if (equals(h.controllers, "name=systemd")) {
			systemd = place;
			have_systemd = true;
		} else if (!have_other || (!other.container[0] && place.container[0])) {
			other = place;
			have_other = true;
		}
	}
	if (!have_v2 && !have_systemd && !have_other)
		return -ENOENT;
	/* with both versions mounted, the v2 tree may be unused: every process is in its root */
	*out = have_v2 && (strcmp(v2.path, "/") || !have_systemd) ? v2 :
	       have_systemd ? systemd : other;
	out->mixed = have_systemd || have_other;
	if (systemd.unit[0])
		memcpy(out->unit, systemd.unit, sizeof(out->unit));
	if (!out->container[0]) {
		const struct cgroup_place *from = systemd.container[0] ? &systemd : &other;

		memcpy(out->container, from->container, sizeof(out->container));
		memcpy(out->pod, from->pod, sizeof(out->pod));
	}
	return 0;
}
