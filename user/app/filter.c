/* SPDX-License-Identifier: GPL-2.0 */
#include "app/filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#include "cause/rules.h"
#include "cause/situations.h"
#include "incident/names.h"

struct followed_pid {
	pid_t pid;
	uint64_t ended_ns;
	UT_hash_handle hh;
};

static struct followed_pid *find_pid(struct followed_pid *pids, pid_t pid)
{
	struct followed_pid *p;

	HASH_FIND_INT(pids, &pid, p);
	return p;
}

int filter_follow(struct filter *f, pid_t pid)
{
	struct followed_pid *p = find_pid(f->ended, pid);

	if (find_pid(f->pids, pid))
		return 0;
	if (p)
		HASH_DEL(f->ended, p);
	else
		p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->pid = pid;
	HASH_ADD_INT(f->pids, pid, p);
	f->follow = true;
	return 0;
}

void filter_ended(struct filter *f, pid_t pid, uint64_t now_ns)
{
	struct followed_pid *p = find_pid(f->pids, pid), *tmp;

	if (p) {
		HASH_DEL(f->pids, p);
		p->ended_ns = now_ns;
		HASH_ADD_INT(f->ended, pid, p);
	}
	/* uthash iterates in the order of adding, so the first ones ended first */
	HASH_ITER(hh, f->ended, p, tmp) {
		if (p->ended_ns + FOLLOW_ENDED_NS > now_ns)
			break;
		HASH_DEL(f->ended, p);
		free(p);
	}
}

bool filter_narrows(const struct filter *f)
{
	return f->comm || f->port || f->lport || f->rport || f->addr_family || f->netns || f->cgroup ||
	       f->direction != ANY_DIRECTION || f->n_causes || f->outcomes;
}

bool filter_follows(const struct filter *f, pid_t pid)
{
	return find_pid(f->pids, pid) || find_pid(f->ended, pid);
}

static void free_pids(struct followed_pid **pids)
{
	struct followed_pid *p, *tmp;

	HASH_ITER(hh, *pids, p, tmp) {
		HASH_DEL(*pids, p);
		free(p);
	}
}

void filter_free(struct filter *f)
{
	free_pids(&f->pids);
	free_pids(&f->ended);
}

static bool addr_in(const struct filter *f, uint8_t family, const uint8_t *addr)
{
	int whole = f->addr_bits / 8, rest = f->addr_bits % 8;

	if (family != f->addr_family || memcmp(addr, f->addr, whole))
		return false;
	return !rest || (addr[whole] ^ f->addr[whole]) >> (8 - rest) == 0;
}

static bool pid_wanted(const struct filter *f, int64_t pid)
{
	return (f->pid && pid == f->pid) || (f->follow && filter_follows(f, pid));
}

static bool pids_match(const struct filter *f, const struct incident *inc)
{
	if (pid_wanted(f, inc->sender.pid) || pid_wanted(f, inc->victim.pid))
		return true;
	for (int i = 0; i < inc->n_failures && i < MAX_FAILURES; i++)
		if (pid_wanted(f, inc->failures[i].pid))
			return true;
	return false;
}

static bool comm_is(const struct filter *f, const char *comm)
{
	return comm[0] && !fnmatch(f->comm, comm, 0);
}

static bool comms_match(const struct filter *f, const struct incident *inc)
{
	if (comm_is(f, endpoint_name(&inc->sender)) || comm_is(f, endpoint_name(&inc->victim)))
		return true;
	/* other processes' calls: of these only the thread's name is known */
	for (int i = 0; i < inc->n_failures && i < MAX_FAILURES; i++) {
		const struct failure *call = &inc->failures[i];

		if (call->pid != inc->sender.pid && call->pid != inc->victim.pid &&
		    comm_is(f, call->comm))
			return true;
	}
	return false;
}

/* A port is local at the end that this host saw, and remote at the other end. */
static bool ports_match(const struct filter *f, const struct incident *inc)
{
	bool s = inc->sender.local == 1, v = inc->victim.local == 1;

	if (f->port && inc->sport != f->port && inc->dport != f->port)
		return false;
	if (f->lport && !(s && inc->sport == f->lport) && !(v && inc->dport == f->lport))
		return false;
	return !f->rport || (s && inc->dport == f->rport) || (v && inc->sport == f->rport);
}

static bool below(const char *path, const char *top)
{
	size_t n = strlen(top);

	while (n && top[n - 1] == '/')
		n--;
	return !strncmp(path, top, n) && (!path[n] || path[n] == '/');
}

static bool cause_wanted(const struct filter *f, const char *cause)
{
	for (int i = 0; i < f->n_causes; i++)
		if (!strcmp(f->cause[i], cause))
			return true;
	return !f->n_causes;
}

static bool situation_wanted(const struct filter *f, const char *situation)
{
	for (int i = 0; situation && i < f->n_situations; i++)
		if (!strcmp(f->situation[i], situation))
			return true;
	return !f->n_situations;
}

bool filter_incident(const struct filter *f, const struct incident *inc)
{
	if ((f->pid || f->follow) && !pids_match(f, inc))
		return false;
	if (f->comm && !comms_match(f, inc))
		return false;
	if (!ports_match(f, inc))
		return false;
	if (f->addr_family && !addr_in(f, inc->family, inc->saddr) &&
	    !addr_in(f, inc->family, inc->daddr))
		return false;
	if (f->netns && inc->netns != f->netns &&
	    (inc->netns != UNKNOWN || inc->victim.netns != f->netns))
		return false;
	if (f->cgroup && !below(inc->sender.cgroup, f->cgroup) && !below(inc->victim.cgroup, f->cgroup))
		return false;
	if (f->direction == SENT && !inc->sender.seen)
		return false;
	if (f->direction == RECEIVED && !inc->victim.seen)
		return false;
	if (f->outcomes && !(f->outcomes & 1u << inc->outcome))
		return false;
	return cause_wanted(f, inc->cause) && situation_wanted(f, inc->situation);
}

bool filter_event(const struct filter *f, const struct rst_event *ev)
{
	const struct rst_flow *fl = &ev->flow;

	/* events that the filter asks for may be among the missing ones */
	if (ev->type == EV_GAP)
		return true;
	if ((f->pid || f->follow) && !pid_wanted(f, ev->owner.pid) && !pid_wanted(f, ev->task.pid))
		return false;
	if (f->comm && !comm_is(f, ev->owner.comm) && !comm_is(f, ev->task.comm))
		return false;
	if (f->port && fl->lport != f->port && fl->rport != f->port)
		return false;
	if ((f->lport && fl->lport != f->lport) || (f->rport && fl->rport != f->rport))
		return false;
	if (f->addr_family && !addr_in(f, fl->family, fl->laddr) && !addr_in(f, fl->family, fl->raddr))
		return false;
	return !f->netns || fl->netns == f->netns;
}

void filter_for_kernel(const struct filter *f, struct rst_filter *out)
{
	uint8_t mask[16] = {};

	for (int bit = 0; bit < f->addr_bits; bit++)
		mask[bit / 8] |= 0x80 >> bit % 8;
	*out = (struct rst_filter){
		.netns = f->netns, .port = f->port, .lport = f->lport, .rport = f->rport,
		.family = f->addr_family,
	};
	memcpy(out->addr, f->addr, sizeof(out->addr));
	memcpy(out->mask, mask, sizeof(out->mask));
}

int filter_parse_addr(struct filter *f, const char *word)
{
	char text[INET6_ADDRSTRLEN + 8], *slash, *end;
	uint8_t addr[16] = {};
	int family, max;
	long bits;

	if (snprintf(text, sizeof(text), "%s", word) >= (int)sizeof(text))
		return -EINVAL;
	slash = strchr(text, '/');
	if (slash)
		*slash++ = '\0';
	if (inet_pton(AF_INET, text, addr) == 1)
		family = 4, max = 32;
	else if (inet_pton(AF_INET6, text, addr) == 1)
		family = 6, max = 128;
	else
		return -EINVAL;
	bits = slash ? strtol(slash, &end, 10) : max;
	if (slash && (!*slash || *end || bits < 0 || bits > max))
		return -EINVAL;
	memcpy(f->addr, addr, sizeof(addr));
	f->addr_family = family;
	f->addr_bits = bits;
	return 0;
}

int filter_add_cause(struct filter *f, const char *word)
{
	const struct rule *rule = rule_find(word);

	if (!rule || f->n_causes == MAX_FILTER_CAUSES)
		return -EINVAL;
	f->cause[f->n_causes++] = rule->cause;
	return 0;
}

int filter_add_situation(struct filter *f, const char *word)
{
	const struct situation *situation = situation_find(word);

	if (!situation || f->n_situations == MAX_FILTER_CAUSES)
		return -EINVAL;
	f->situation[f->n_situations++] = situation->name;
	return 0;
}

int filter_parse_causes(struct filter *f, const char *words)
{
	struct filter causes = {};
	char code[32];

	for (const char *w = words; *w; w += strspn(w, ",")) {
		size_t len = strcspn(w, ",");

		if (len >= sizeof(code))
			return -EINVAL;
		memcpy(code, w, len);
		code[len] = '\0';
		if (filter_add_cause(&causes, code))
			return -EINVAL;
		w += len;
	}
	if (!causes.n_causes)
		return -EINVAL;
	memcpy(f->cause, causes.cause, sizeof(f->cause));
	f->n_causes = causes.n_causes;
	return 0;
}

int filter_parse_outcomes(struct filter *f, const char *words)
{
	unsigned int bits = 0;

	for (const char *w = words; *w; w += strspn(w, ",")) {
		size_t len = strcspn(w, ",");
		int o = OUTCOME_UNSET + 1;

		while (o < OUTCOME_MAX && (strlen(outcome_name(o)) != len || strncmp(outcome_name(o), w, len)))
			o++;
		if (o == OUTCOME_MAX)
			return -EINVAL;
		bits |= 1u << o;
		w += len;
	}
	if (!bits)
		return -EINVAL;
	f->outcomes = bits;
	return 0;
}

int filter_parse_direction(struct filter *f, const char *word)
{
	if (!strcmp(word, "sent"))
		f->direction = SENT;
	else if (!strcmp(word, "received"))
		f->direction = RECEIVED;
	else
		return -EINVAL;
	return 0;
}
