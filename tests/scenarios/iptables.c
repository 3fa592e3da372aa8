/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A REJECT rule as iptables wrote it before it used nftables: a whole table, which replaces the old
 * one.
 */
#include <errno.h>
#include <netinet/in.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "firewall.h"

/* A rule is an entry, its matches and its target, one after the other. */
#define MATCH_AT sizeof(struct ipt_entry)
#define MATCH_SIZE XT_ALIGN(sizeof(struct xt_entry_match) + sizeof(struct xt_tcp))
#define REJECT_AT (MATCH_AT + MATCH_SIZE)
#define REJECT_SIZE XT_ALIGN(sizeof(struct xt_entry_target) + sizeof(struct ipt_reject_info))
#define REJECT_RULE (REJECT_AT + REJECT_SIZE)
#define POLICY_RULE (sizeof(struct ipt_entry) + sizeof(struct xt_standard_target))
#define END_RULE (sizeof(struct ipt_entry) + sizeof(struct xt_error_target))

static struct ipt_entry *put_entry(uint8_t *at, size_t target, size_t size)
{
	struct ipt_entry *entry = (struct ipt_entry *)at;

	entry->target_offset = (uint16_t)target;
	entry->next_offset = (uint16_t)size;
	return entry;
}

static void put_reject(uint8_t *at, uint16_t port)
{
	struct xt_entry_match *match = (struct xt_entry_match *)(at + MATCH_AT);
	struct xt_entry_target *target = (struct xt_entry_target *)(at + REJECT_AT);
	const struct xt_tcp tcp = { .spts = { 0, 0xffff }, .dpts = { port, port } };
	const struct ipt_reject_info info = { .with = IPT_TCP_RESET };

	put_entry(at, REJECT_AT, REJECT_RULE)->ip.proto = IPPROTO_TCP;
	match->u.user.match_size = MATCH_SIZE;
	strcpy(match->u.user.name, "tcp");
	memcpy(match->data, &tcp, sizeof(tcp));
	target->u.user.target_size = REJECT_SIZE;
	strcpy(target->u.user.name, "REJECT");
	memcpy(target->data, &info, sizeof(info));
}

static void put_accept(uint8_t *at)
{
	struct xt_standard_target *t = (struct xt_standard_target *)(at + sizeof(struct ipt_entry));

	put_entry(at, sizeof(struct ipt_entry), POLICY_RULE);
	t->target.u.user.target_size = sizeof(*t);
	t->verdict = -NF_ACCEPT - 1;
}

static void put_end(uint8_t *at)
{
	struct xt_error_target *t = (struct xt_error_target *)(at + sizeof(struct ipt_entry));

	put_entry(at, sizeof(struct ipt_entry), END_RULE);
	t->target.u.user.target_size = sizeof(*t);
	strcpy(t->target.u.user.name, XT_ERROR_TARGET);
	strcpy(t->errorname, XT_ERROR_TARGET);
}

/* Writes the rule, if there is a port, the policy of each hook, and the end of the table. */
static int replace(int sock, uint16_t port)
{
	const size_t input = port ? REJECT_RULE : 0;
	const size_t forward = input + POLICY_RULE;
	const size_t output = forward + POLICY_RULE;
	const size_t end = output + POLICY_RULE;
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
		put_reject(entries, port);
	put_accept(entries + input);
	put_accept(entries + forward);
	put_accept(entries + output);
	put_end(entries + end);
	*head = (struct ipt_replace){
		.name = "filter", .valid_hooks = old.valid_hooks, .num_entries = port ? 5 : 4,
		.size = (unsigned int)(end + END_RULE),
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
