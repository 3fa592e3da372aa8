/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A REJECT rule as nft writes it, or as today's iptables does, which uses nftables as well, but
 * with the old target.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <linux/netfilter_ipv6/ip6t_REJECT.h>

#include "firewall.h"
#include "netlink.h"

/* The old targets work only in a table of this name. */
#define TABLE "filter"

static uint8_t family_of(bool v6)
{
	return v6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

static void begin(struct nl_msg *m, int type, int flags, uint8_t family)
{
	struct nfgenmsg head = { .nfgen_family = family, .version = NFNETLINK_V0 };

	nl_begin(m, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), (uint16_t)(flags | NLM_F_ACK),
		 &head, sizeof(head));
}

static void batch(struct nl_msg *m, int type)
{
	struct nfgenmsg head = { .version = NFNETLINK_V0,
				 .res_id = htons(NFNL_SUBSYS_NFTABLES) };

	nl_begin(m, (uint16_t)type, 0, &head, sizeof(head));
}

struct expression {
	size_t elem, data;
};

static struct expression expression(struct nl_msg *m, const char *name)
{
	struct expression x;

	x.elem = nl_nest(m, NFTA_LIST_ELEM);
	nl_put_str(m, NFTA_EXPR_NAME, name);
	x.data = nl_nest(m, NFTA_EXPR_DATA);
	return x;
}

static void expression_end(struct nl_msg *m, struct expression x)
{
	nl_nest_end(m, x.data);
	nl_nest_end(m, x.elem);
}

/* Matches the destination port: bytes 2 and 3 of the transport header. */
static void match_port(struct nl_msg *m, uint16_t port)
{
	struct expression x = expression(m, "payload");
	size_t data;

	nl_put_be32(m, NFTA_PAYLOAD_DREG, NFT_REG_1);
	nl_put_be32(m, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
	nl_put_be32(m, NFTA_PAYLOAD_OFFSET, 2);
	nl_put_be32(m, NFTA_PAYLOAD_LEN, 2);
	expression_end(m, x);

	x = expression(m, "cmp");
	nl_put_be32(m, NFTA_CMP_SREG, NFT_REG_1);
	nl_put_be32(m, NFTA_CMP_OP, NFT_CMP_EQ);
	data = nl_nest(m, NFTA_CMP_DATA);
	port = htons(port);
	nl_put(m, NFTA_DATA_VALUE, &port, sizeof(port));
	nl_nest_end(m, data);
	expression_end(m, x);
}

static void reject_by_icmp(struct nl_msg *m, uint8_t code)
{
	struct expression x = expression(m, "reject");

	nl_put_be32(m, NFTA_REJECT_TYPE, NFT_REJECT_ICMP_UNREACH);
	nl_put(m, NFTA_REJECT_ICMP_CODE, &code, sizeof(code));
	expression_end(m, x);
}

static void reject(struct nl_msg *m, bool v6, bool xtables)
{
	struct { int with, pad; } info = { .with = v6 ? (int)IP6T_TCP_RESET : (int)IPT_TCP_RESET };
	struct expression x = expression(m, xtables ? "target" : "reject");

	if (xtables) {
		nl_put_str(m, NFTA_TARGET_NAME, "REJECT");
		nl_put_be32(m, NFTA_TARGET_REV, 0);
		nl_put(m, NFTA_TARGET_INFO, &info, sizeof(info));
	} else {
		nl_put_be32(m, NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST);
	}
	expression_end(m, x);
}

static void immediate(struct nl_msg *m, int reg, const void *value, size_t len)
{
	struct expression x = expression(m, "immediate");
	size_t data;

	nl_put_be32(m, NFTA_IMMEDIATE_DREG, (uint32_t)reg);
	data = nl_nest(m, NFTA_IMMEDIATE_DATA);
	nl_put(m, NFTA_DATA_VALUE, value, len);
	nl_nest_end(m, data);
	expression_end(m, x);
}

/*
 * Begins a rule for this port, in a chain of its own. Its expressions follow, and the nest is to be
 * ended. With a device, if the hook is of that family.
 */
static size_t rule(struct nl_msg *m, uint8_t family, const char *type, uint32_t hook,
		   const char *dev, uint16_t port)
{
	size_t nest;

	batch(m, NFNL_MSG_BATCH_BEGIN);
	begin(m, NFT_MSG_NEWTABLE, NLM_F_CREATE, family);
	nl_put_str(m, NFTA_TABLE_NAME, TABLE);

	begin(m, NFT_MSG_NEWCHAIN, NLM_F_CREATE, family);
	nl_put_str(m, NFTA_CHAIN_TABLE, TABLE);
	nl_put_str(m, NFTA_CHAIN_NAME, type);
	nest = nl_nest(m, NFTA_CHAIN_HOOK);
	nl_put_be32(m, NFTA_HOOK_HOOKNUM, hook);
	nl_put_be32(m, NFTA_HOOK_PRIORITY, 0);
	if (dev)
		nl_put_str(m, NFTA_HOOK_DEV, dev);
	nl_nest_end(m, nest);
	nl_put_str(m, NFTA_CHAIN_TYPE, type);

	begin(m, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, family);
	nl_put_str(m, NFTA_RULE_TABLE, TABLE);
	nl_put_str(m, NFTA_RULE_CHAIN, type);
	nest = nl_nest(m, NFTA_RULE_EXPRESSIONS);
	match_port(m, port);
	return nest;
}

int firewall_dnat(bool v6, uint16_t port, const char *ip, uint16_t to)
{
	struct nl_msg m = { 0 };
	struct expression x;
	uint8_t addr[16];
	size_t nest;

	inet_pton(v6 ? AF_INET6 : AF_INET, ip, addr);
	to = htons(to);
	nest = rule(&m, family_of(v6), "nat", NF_INET_PRE_ROUTING, NULL, port);
	immediate(&m, NFT_REG_1, addr, v6 ? 16 : 4);
	immediate(&m, NFT_REG_2, &to, sizeof(to));
	x = expression(&m, "nat");
	nl_put_be32(&m, NFTA_NAT_TYPE, NFT_NAT_DNAT);
	nl_put_be32(&m, NFTA_NAT_FAMILY, v6 ? NFPROTO_IPV6 : NFPROTO_IPV4);
	nl_put_be32(&m, NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
	nl_put_be32(&m, NFTA_NAT_REG_PROTO_MIN, NFT_REG_2);
	expression_end(&m, x);
	nl_nest_end(&m, nest);
	batch(&m, NFNL_MSG_BATCH_END);
	return nl_talk(&m, NETLINK_NETFILTER);
}

int firewall_reject(bool v6, uint32_t hook, uint16_t port, bool xtables)
{
	struct nl_msg m = { 0 };
	size_t nest = rule(&m, family_of(v6), "filter", hook, NULL, port);

	reject(&m, v6, xtables);
	nl_nest_end(&m, nest);
	if (xtables) {
		nest = nl_nest(&m, NFTA_RULE_COMPAT);
		nl_put_be32(&m, NFTA_RULE_COMPAT_PROTO, IPPROTO_TCP);
		nl_put_be32(&m, NFTA_RULE_COMPAT_FLAGS, 0);
		nl_nest_end(&m, nest);
	}
	batch(&m, NFNL_MSG_BATCH_END);
	return nl_talk(&m, NETLINK_NETFILTER);
}

int firewall_reject_icmp(bool v6, uint32_t hook, uint16_t port, uint8_t code)
{
	struct nl_msg m = { 0 };
	size_t nest = rule(&m, family_of(v6), "filter", hook, NULL, port);

	reject_by_icmp(&m, code);
	nl_nest_end(&m, nest);
	batch(&m, NFNL_MSG_BATCH_END);
	return nl_talk(&m, NETLINK_NETFILTER);
}

int firewall_reject_on(const char *dev, uint16_t port)
{
	struct nl_msg m = { 0 };
	size_t nest = rule(&m, NFPROTO_NETDEV, "filter", NF_NETDEV_INGRESS, dev, port);

	reject(&m, false, false);
	nl_nest_end(&m, nest);
	batch(&m, NFNL_MSG_BATCH_END);
	return nl_talk(&m, NETLINK_NETFILTER);
}

int firewall_drop(bool v6, uint16_t port)
{
	struct nl_msg m = { 0 };
	size_t nest = rule(&m, family_of(v6), "filter", NF_INET_LOCAL_OUT, NULL, port), data, verdict;
	struct expression x = expression(&m, "immediate");

	nl_put_be32(&m, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	data = nl_nest(&m, NFTA_IMMEDIATE_DATA);
	verdict = nl_nest(&m, NFTA_DATA_VERDICT);
	nl_put_be32(&m, NFTA_VERDICT_CODE, NF_DROP);
	nl_nest_end(&m, verdict);
	nl_nest_end(&m, data);
	expression_end(&m, x);
	nl_nest_end(&m, nest);
	batch(&m, NFNL_MSG_BATCH_END);
	return nl_talk(&m, NETLINK_NETFILTER);
}

int firewall_clear(bool v6)
{
	struct nl_msg m = { 0 };

	batch(&m, NFNL_MSG_BATCH_BEGIN);
	begin(&m, NFT_MSG_DELTABLE, 0, family_of(v6));
	nl_put_str(&m, NFTA_TABLE_NAME, TABLE);
	batch(&m, NFNL_MSG_BATCH_END);
	return nl_talk(&m, NETLINK_NETFILTER);
}
