/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/lookups.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include <utlist.h>

#include "base/array.h"
#include "base/text.h"

/*
 * How many processes are remembered; those not asked about for longest are forgotten. A reader
 * asks some thousands of events later than the writer noted the answer, so it remembers more.
 */
#define WRITER_KEEPS 4096
#define READER_KEEPS (4 * WRITER_KEEPS)

/* Which process was asked about. The id alone is not enough, as ids are used again. */
struct who {
	uint64_t cgroup_id;
	uint32_t pid, tid;
	char comm[RST_COMM_LEN];
};

/* The answer. A recording has the strings that follow `process` one after another, with their NULs. */
struct answer {
	char process[RST_COMM_LEN];
	char exe[sizeof(((struct endpoint *)0)->exe)];
	char cgroup[sizeof(((struct endpoint *)0)->cgroup)];
	char container[sizeof(((struct endpoint *)0)->container)];
	char unit[sizeof(((struct endpoint *)0)->unit)];
};

/* What precedes an answer in a recording. */
struct front {
	struct rst_head head;
	struct rst_section section;
	struct who who;
	char process[RST_COMM_LEN];
};

_Static_assert(sizeof(struct front) == 24 + 8 + 32 + 16, "layout of recordings");
_Static_assert(sizeof(struct front) + sizeof(struct answer) - RST_COMM_LEN <= LOOKUP_MAX, "room for any");

/* An answer, and since when it held; a list, newest first. */
struct version {
	uint64_t since_ns;
	struct answer answer;
	struct version *next;
};

struct known {
	struct who who;
	struct version *versions;
	UT_hash_handle hh;
};

struct lookups {
	struct known *known;	/* in the order in which they were last added to, oldest first */
	uint64_t now_ns;	/* no older time will be asked for */
};

struct lookups *lookups_new(void)
{
	return calloc(1, sizeof(struct lookups));
}

static void drop_versions(struct version **from)
{
	struct version *v, *tmp;

	LL_FOREACH_SAFE(*from, v, tmp)
		free(v);
	*from = NULL;
}

static void drop(struct lookups *l, struct known *k)
{
	HASH_DEL(l->known, k);
	drop_versions(&k->versions);
	free(k);
}

void lookups_free(struct lookups *l)
{
	while (l && l->known)
		drop(l, l->known);
	free(l);
}

static void who_is(struct who *who, const struct endpoint *ep)
{
	memset(who, 0, sizeof(*who));
	who->cgroup_id = ep->cgroup_id;
	who->pid = ep->pid > 0 ? (uint32_t)ep->pid : 0;
	who->tid = ep->tid > 0 ? (uint32_t)ep->tid : 0;
	memcpy(who->comm, ep->comm, sizeof(who->comm));
}

static struct known *find(struct lookups *l, const struct who *who)
{
	struct known *k;

	HASH_FIND(hh, l->known, who, sizeof(*who), k);
	return k;
}

/* The answer that held at that time, or NULL. */
static struct version *version_at(const struct known *k, uint64_t time_ns)
{
	struct version *v = k ? k->versions : NULL;

	while (v && v->since_ns > time_ns)
		v = v->next;
	return v;
}

/* Adds an answer that holds from now on, and moves its process to the end of the list. */
static int add(struct lookups *l, const struct who *who, const struct version *new, unsigned int keep)
{
	struct known *k = find(l, who);
	struct version *v = malloc(sizeof(*v)), *held;

	if (!k)
		k = calloc(1, sizeof(*k));
	else
		HASH_DEL(l->known, k);
	if (!k || !v) {
		free(v);
		if (k)
			drop_versions(&k->versions);
		free(k);
		return -ENOMEM;
	}
	k->who = *who;
	HASH_ADD(hh, l->known, who, sizeof(k->who), k);
	*v = *new;
	LL_PREPEND(k->versions, v);
	held = version_at(k, l->now_ns);
	if (held)
		drop_versions(&held->next);
	if (HASH_COUNT(l->known) > keep)
		drop(l, l->known);
	return 0;
}

/* ---- writing ---- */

static void answer_of(struct answer *a, const struct endpoint *ep)
{
	memset(a, 0, sizeof(*a));
	text_copy(a->process, sizeof(a->process), ep->process);
	text_copy(a->exe, sizeof(a->exe), ep->exe);
	text_copy(a->cgroup, sizeof(a->cgroup), ep->cgroup);
	text_copy(a->container, sizeof(a->container), ep->container);
	text_copy(a->unit, sizeof(a->unit), ep->unit);
}

static size_t put_string(char *at, const char *s)
{
	size_t n = strlen(s) + 1;

	memcpy(at, s, n);
	return n;
}

static int put(void *buf, const struct who *who, const struct version *v)
{
	const struct answer *a = &v->answer;
	struct front f = { .who = *who };
	size_t n = sizeof(f);
	char *out = buf;

	n += put_string(out + n, a->exe);
	n += put_string(out + n, a->cgroup);
	n += put_string(out + n, a->container);
	n += put_string(out + n, a->unit);
	memcpy(f.process, a->process, sizeof(f.process));
	f.head.size = n;
	f.head.wire = RST_WIRE;
	f.head.type = EV_LOOKUP;
	f.head.time_ns = v->since_ns;
	f.section.kind = SEC_LOOKUP;
	f.section.size = n - sizeof(f.head);
	memcpy(out, &f, sizeof(f));
	return (int)n;
}

int lookups_note(struct lookups *l, const struct endpoint *ep, uint64_t now_ns, void *buf)
{
	static const struct answer none;
	struct version new = { .since_ns = now_ns };
	const struct version *old;
	struct who who;
	int err;

	l->now_ns = now_ns;
	who_is(&who, ep);
	answer_of(&new.answer, ep);
	old = version_at(find(l, &who), UINT64_MAX);
	if (!memcmp(&new.answer, old ? &old->answer : &none, sizeof(new.answer)))
		return 0;
	err = add(l, &who, &new, WRITER_KEEPS);
	return err ?: put(buf, &who, &new);
}

/* ---- reading ---- */

/* The next string and its NUL. False: there is none, or it is too long. */
static bool take_string(char *dst, size_t len, const char **at, size_t *left)
{
	size_t n = strnlen(*at, *left);

	if (n == *left || n >= len)
		return false;
	memcpy(dst, *at, n);
	*at += n + 1;
	*left -= n + 1;
	return true;
}

static bool take_answer(struct answer *a, const struct front *f, const char *at, size_t left)
{
	const struct { char *dst; size_t len; } strings[] = {
		{ a->exe, sizeof(a->exe) }, { a->cgroup, sizeof(a->cgroup) },
		{ a->container, sizeof(a->container) }, { a->unit, sizeof(a->unit) },
	};

	memcpy(a->process, f->process, sizeof(a->process) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		if (!take_string(strings[i].dst, strings[i].len, &at, &left))
			return false;
	return true;
}

int lookups_bytes(struct lookups *l, const void *data, size_t size)
{
	struct version new = { .since_ns = 0 };
	struct front f;

	if (size < sizeof(f.head))
		return -ENOENT;
	memcpy(&f.head, data, sizeof(f.head));
	if (f.head.type != EV_LOOKUP)
		return -ENOENT;
	if (f.head.size < sizeof(f) || f.head.size > size)
		return -EBADMSG;
	memcpy(&f, data, sizeof(f));
	if (f.section.kind != SEC_LOOKUP ||
	    !take_answer(&new.answer, &f, (const char *)data + sizeof(f), f.head.size - sizeof(f)))
		return -EBADMSG;
	new.since_ns = f.head.time_ns;
	f.who.comm[RST_COMM_LEN - 1] = '\0';
	return add(l, &f.who, &new, READER_KEEPS);
}

void lookups_recall(struct lookups *l, struct endpoint *ep, uint64_t now_ns)
{
	const struct version *v;
	const struct answer *a;
	struct who who;

	l->now_ns = now_ns;
	who_is(&who, ep);
	v = version_at(find(l, &who), now_ns);
	if (!v)
		return;
	a = &v->answer;
	memcpy(ep->process, a->process, sizeof(ep->process));
	memcpy(ep->exe, a->exe, sizeof(ep->exe));
	memcpy(ep->cgroup, a->cgroup, sizeof(ep->cgroup));
	memcpy(ep->container, a->container, sizeof(ep->container));
	memcpy(ep->unit, a->unit, sizeof(ep->unit));
}
