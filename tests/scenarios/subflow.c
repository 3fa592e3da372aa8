/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MPTCP with a far host that the director plays: what it does wrong, or asks
 * for, makes the kernel reset the subflow by itself, without a call of anybody's.
 */
#include <errno.h>
#include <string.h>

#include "mptcp.h"
#include "registry.h"
#include "wire.h"

/* RFC 8684, 8.1: the options' subtypes are the upper four bits of their third byte. */
#define KIND 30
#define CAPABLE 0x00
#define VERSION 1
#define SHA256 1
#define DSS 0x20
#define FASTCLOSE 0x70

/* The server's key, behind the addresses, ports and numbers of its SYN-ACK. */
static void find_key(const struct peer *p, uint8_t *key)
{
	static const uint8_t begin[] = { KIND, 12, CAPABLE | VERSION };
	const struct segment *seg = &p->last;
	int i;

	for (i = 0; i + 12 <= seg->packet_len; i++)
		if (!memcmp(seg->packet + i, begin, sizeof(begin))) {
			memcpy(key, seg->packet + i + 4, 8);
			return;
		}
	scene_abort(p->w->s, "the SYN-ACK has no key");
}

/* Returns the descriptor, and the server's key. */
static int far_mptcp(struct scene *s, struct wire *w, struct actor *srv, struct peer *p,
		     uint8_t *key)
{
	static const uint8_t syn[] = { KIND, 4, CAPABLE | VERSION, SHA256 };
	uint8_t ack[20] = { KIND, sizeof(ack), CAPABLE | VERSION, SHA256, 'f', 'a', 'r' };
	static const uint8_t dss[] = { KIND, 8, DSS, 1, 0, 0, 0, 0 };
	int lfd, fd;

	scene_sysctl(s, "net/mptcp/enabled", "1");
	wire_open(s, w);
	lfd = mptcp_listen(srv, s);
	*p = peer_stranger(w, SERVER_PORT);
	peer_send_with(p, SEG_SYN, 0, syn, sizeof(syn));
	peer_await(p, SEG_SYN | SEG_ACK);
	find_key(p, key);
	memcpy(ack + 12, key, 8);
	peer_send_with(p, SEG_ACK, 0, ack, sizeof(ack));
	fd = net_accept(srv, lfd);
	/* Both sides have used the options: there is no way back to plain TCP. */
	peer_send_with(p, SEG_ACK, 0, dss, sizeof(dss));
	return fd;
}

static struct expect *expect_subflow_reset(const struct peer *p, const struct actor *srv)
{
	struct expect *e = scene_expect(p->w->s, "active", "mptcp-reset");

	want_far_victim(e, p);
	want_sender(e, srv, "socket|listener");
	want_str(e, "sender_state", "ESTABLISHED");
	want_bool(e, "sender_mptcp", true);
	want_absent(e, "sender_syscall");
	return e;
}

/* The far host asks for the end of the connection, and is answered on each subflow. */
static void fastclose_asked(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	uint8_t close[12] = { KIND, sizeof(close), FASTCLOSE, 0 };
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd = far_mptcp(s, &w, srv, &p, close + 4);

	peer_send_with(&p, SEG_ACK, 0, close, sizeof(close));
	peer_await(&p, SEG_RST);
	net_io_fails(srv, IO_RECV, fd, ECONNRESET);
	e = expect_subflow_reset(&p, srv);
	maybe_str(e, "reason", "MPTCP_RST_EUNSPEC|NOT_SPECIFIED");
	want_own_error(e, ECONNRESET, "recvfrom", fd, srv);
}

/*
 * Data that belong nowhere in the connection. Only where bytes have been sent
 * a second time is it too late to go on without MPTCP.
 */
static void unmapped_data(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct expect *e;
	struct wire w;
	struct peer p;
	uint8_t key[8];
	int fd = far_mptcp(s, &w, srv, &p, key);

	net_send(srv, fd, 10);
	peer_await(&p, SEG_PSH);
	peer_send(&p, SEG_ACK, 0);
	peer_await(&p, SEG_ACK);
	peer_send(&p, SEG_ACK, 0);
	peer_send(&p, SEG_ACK | SEG_PSH, 10);
	peer_await(&p, SEG_RST);
	e = expect_subflow_reset(&p, srv);
	maybe_str(e, "reason", "MPTCP_RST_EMIDDLEBOX|MPTCP_RST_EMPTCP|NOT_SPECIFIED");
	net_close(srv, fd);
}

const struct scenario subflow_scenarios[] = {
	ROW("mptcp-fastclose", "MPTCP: the far host asks for a fast close", fastclose_asked, V4),
	ROW("mptcp-fastclose-v6", "the same over IPv6", fastclose_asked, V6),
	ROW("mptcp-unmapped", "MPTCP: data that belong nowhere in the connection",
	    unmapped_data, V4),
	ROW_END
};
