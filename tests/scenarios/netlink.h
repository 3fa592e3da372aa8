/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Netlink requests made by hand: guests have neither ip, ss nor nft. One message
 * holds one or more requests; it is sent as a whole, and each request that asks
 * for an answer must succeed.
 */
#ifndef NETLINK_H
#define NETLINK_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

struct nl_msg {
	size_t len;
	size_t start;		/* of the request that is being built */
	unsigned int n_acks;	/* how many answers to wait for */
	char buf[4096] __attribute__((aligned(NLMSG_ALIGNTO)));
};

/* Begins a request, with the header (of len bytes) that its type has. */
void nl_begin(struct nl_msg *m, uint16_t type, uint16_t flags, const void *head, size_t len);

void nl_put(struct nl_msg *m, uint16_t type, const void *data, size_t len);
void nl_put_str(struct nl_msg *m, uint16_t type, const char *str);
void nl_put_be32(struct nl_msg *m, uint16_t type, uint32_t value);

/* What is put between these two calls is nested. */
size_t nl_nest(struct nl_msg *m, uint16_t type);
void nl_nest_end(struct nl_msg *m, size_t at);

/*
 * Sends the message on a new socket of this protocol, in the caller's network namespace. Returns 0
 * or the first negative errno.
 */
int nl_talk(struct nl_msg *m, int protocol);

#endif
