/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A REJECT rule as iptables wrote it before it learnt nftables: the whole table
 * in one piece, which takes the old one's place.
 */
#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "firewall.h"

struct policy {
	struct ipt_entry entry;
	struct xt_standard_target target;
};

struct end {
	struct ipt_entry entry;
	struct xt_error_target target;
};

struct reject {
	struct ipt_entry entry;
	struct {
		struct xt_entry_match head;
		struct xt_tcp tcp;
	} __attribute__((aligned(8))) match;
	struct {
		struct xt_entry_target head;
		struct ipt_reject_info info;
	} __attribute__((aligned(8))) target;
};

static void put_reject(struct reject *r, uint16_t port)
{
	r->entry = (struct ipt_entry){ .ip.proto = IPPROTO_TCP, .next_offset = sizeof(*r),
				       .target_offset = offsetof(struct reject, target) };
	r->match.head.u.user.match_size = sizeof(r->match);
	strcpy(r->match.head.u.user.name, "tcp");
	r->match.tcp = (struct xt_tcp){ .spts = { 0, 0xffff }, .dpts = { port, port } };
	r->target.head.u.user.target_size = sizeof(r->target);
	strcpy(r->target.head.u.user.name, "REJECT");
	r->target.info.with = IPT_TCP_RESET;
}

static void put_accept(struct policy *p)
{
	p->entry = (struct ipt_entry){ .target_offset = sizeof(p->entry),
				       .next_offset = sizeof(*p) };
	p->target.target.u.user.target_size = sizeof(p->target);
	p->target.verdict = -NF_ACCEPT - 1;
}

static void put_end(struct end *e)
{
	e->entry = (struct ipt_entry){ .target_offset = sizeof(e->entry),
				       .next_offset = sizeof(*e) };
	e->target.target.u.user.target_size = sizeof(e->target);
	strcpy(e->target.target.u.user.name, XT_ERROR_TARGET);
	strcpy(e->target.errorname, XT_ERROR_TARGET);
}

/* The rule if there is a port, what becomes of the rest on each hook, the end. */
static int replace(int sock, uint16_t port)
{
	const size_t input = port ? sizeof(struct reject) : 0;
	const size_t forward = input + sizeof(struct policy);
	const size_t output = forward + sizeof(struct policy);
	const size_t end = output + sizeof(struct policy);
	uint8_t table[1024] __attribute__((aligned(8))) = { 0 };
	struct ipt_replace *head = (struct ipt_replace *)table;
	uint8_t *entries = table + sizeof(*head);
	struct ipt_getinfo old = { .name = "filter" };
	struct xt_counters counters[64];
	socklen_t len = sizeof(old);

	if (getsockopt(sock, IPPROTO_IP, IPT_SO_GET_INFO, &old, &len))
		return errno == ENOPROTOOPT ? -EOPNOTSUPP : -errno;
	if (old.num_entries > sizeof(counters) / sizeof(counters[0]))
		return -E2BIG;
	if (port)
		put_reject((struct reject *)entries, port);
	put_accept((struct policy *)(entries + input));
	put_accept((struct policy *)(entries + forward));
	put_accept((struct policy *)(entries + output));
	put_end((struct end *)(entries + end));
	*head = (struct ipt_replace){
		.name = "filter", .valid_hooks = old.valid_hooks, .num_entries = port ? 5 : 4,
		.size = (unsigned int)(end + sizeof(struct end)),
		.hook_entry = { [NF_INET_FORWARD] = (unsigned int)forward,
				[NF_INET_LOCAL_OUT] = (unsigned int)output },
		.underflow = { [NF_INET_LOCAL_IN] = (unsigned int)input,
			       [NF_INET_FORWARD] = (unsigned int)forward,
			       [NF_INET_LOCAL_OUT] = (unsigned int)output },
		.num_counters = old.num_entries, .counters = counters,
	};
	return setsockopt(sock, IPPROTO_IP, IPT_SO_SET_REPLACE, table,
			  (socklen_t)(sizeof(*head) + head->size)) ? -errno : 0;
}

int firewall_reject_legacy(uint16_t port)
{
	int sock = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), r;

	if (sock < 0)
		return -errno;
	r = replace(sock, port);
	close(sock);
	return r;
}
