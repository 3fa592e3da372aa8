/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MPTCP with a far host that the director plays: what that does wrong, or asks for, makes the
 * kernel itself reset the subflow, without a call of any process.
 */
#include <errno.h>
#include <nettle/hmac.h>
#include <string.h>
#include <sys/socket.h>

#include "mptcp.h"
#include "registry.h"
#include "wire.h"

/* RFC 8684, 8.1: the options' subtypes are the upper four bits of their third byte. */
#define KIND 30
#define CAPABLE 0x00
#define VERSION 1
#define SHA256 1
#define JOIN 0x10
#define DSS 0x20
#define FASTCLOSE 0x70

/* Finds the option of this length after the addresses, ports and numbers of a SYN-ACK. */
static const uint8_t *find_option(const struct peer *p, uint8_t len, uint8_t subtype)
{
	const struct segment *seg = &p->last;
	int i;

	for (i = 0; i + len <= seg->packet_len; i++)
		if (seg->packet[i] == KIND && seg->packet[i + 1] == len &&
		    seg->packet[i + 2] == subtype)
			return seg->packet + i;
	scene_abort(p->w->s, "the SYN-ACK has no such option of MPTCP's");
}

static const uint8_t far_key[8] = "far";

/* Accepts an MPTCP connection. Returns the descriptor, and the server's key. */
static int far_mptcp(struct scene *s, struct wire *w, struct actor *srv, struct peer *p,
		     uint8_t *key)
{
	static const uint8_t syn[] = { KIND, 4, CAPABLE | VERSION, SHA256 };
	uint8_t ack[20] = { KIND, sizeof(ack), CAPABLE | VERSION, SHA256 };
	static const uint8_t dss[] = { KIND, 8, DSS, 1, 0, 0, 0, 0 };
	int lfd, fd;

	scene_sysctl(s, "net/mptcp/enabled", "1");
	wire_open(s, w);
	lfd = mptcp_listen(srv, s);
	*p = peer_stranger(w, SERVER_PORT);
	peer_send_with(p, SEG_SYN, 0, syn, sizeof(syn));
	peer_await(p, SEG_SYN | SEG_ACK);
	memcpy(key, find_option(p, 12, CAPABLE | VERSION) + 4, 8);
	memcpy(ack + 4, far_key, 8);
	memcpy(ack + 12, key, 8);
	peer_send_with(p, SEG_ACK, 0, ack, sizeof(ack));
	fd = net_accept(srv, lfd);
	/* both sides have used the options, so the connection cannot fall back to plain TCP */
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

/* The far host asks for the end of the connection, and gets an answer on each subflow. */
static void fastclose(struct actor *srv, int fd, struct peer *p, const uint8_t *key)
{
	uint8_t close[12] = { KIND, sizeof(close), FASTCLOSE, 0 };
	struct expect *e;

	memcpy(close + 4, key, 8);
	peer_send_with(p, SEG_ACK, 0, close, sizeof(close));
	peer_await(p, SEG_RST);
	net_io_fails(srv, IO_RECV, fd, ECONNRESET);
	e = expect_subflow_reset(p, srv);
	maybe_str(e, "reason", "MPTCP_RST_EUNSPEC|NOT_SPECIFIED");
	want_own_error(e, ECONNRESET, "recvfrom", fd, srv);
}

static void fastclose_asked(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct wire w;
	struct peer p;
	uint8_t key[8];
	int fd = far_mptcp(s, &w, srv, &p, key);

	fastclose(srv, fd, &p, key);
}

/*
 * Data that has no place in the connection. Only after bytes were sent again can the connection not
 * fall back to plain TCP.
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

static const uint8_t far_nonce[4] = "none";

/* The far host's SYN that would add a subflow to the connection with this key. */
static void join(struct peer *q, const struct peer *first, const uint8_t *key)
{
	uint8_t syn[12] = { KIND, sizeof(syn), JOIN, 1 };
	struct sha256_ctx sha;

	*q = peer_stranger(first->w, SERVER_PORT);
	q->rport = first->rport + 1;
	/* RFC 8684, 3.2: the token is the beginning of the key's hash */
	sha256_init(&sha);
	sha256_update(&sha, 8, key);
	sha256_digest(&sha, 4, syn + 4);
	memcpy(syn + 8, far_nonce, 4);
	peer_send_with(q, SEG_SYN, 0, syn, sizeof(syn));
	peer_await(q, SEG_SYN | SEG_ACK);
}

/* Proves that the far host knows both keys (RFC 8684, 3.2). */
static void prove(struct peer *q, const uint8_t *key)
{
	uint8_t ack[24] = { KIND, sizeof(ack), JOIN }, keys[16], nonces[8];
	struct hmac_sha256_ctx mac;

	memcpy(keys, far_key, 8);
	memcpy(keys + 8, key, 8);
	memcpy(nonces, far_nonce, 4);
	memcpy(nonces + 4, find_option(q, 16, JOIN) + 12, 4);
	hmac_sha256_set_key(&mac, sizeof(keys), keys);
	hmac_sha256_update(&mac, sizeof(nonces), nonces);
	hmac_sha256_digest(&mac, 20, ack + 4);
	peer_send_with(q, SEG_ACK, 0, ack, sizeof(ack));
}

static void expect_join_denied(const struct peer *q, const struct actor *srv)
{
	struct expect *e = scene_expect(q->w->s, "reply", "mptcp-reset");

	want_far_victim(e, q);
	want_sender(e, srv, "caller|socket");
	want_str(e, "sender_state", "LISTEN");
	maybe_str(e, "reason", "MPTCP_RST_EMPTCP|MPTCP_RST_EPROHIBIT|NOT_SPECIFIED");
	want_str(e, "outcome", "remote");
}

/* The far host knows the token, but does not prove that it knows the keys. */
static void join_unproven(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct peer p, q;
	uint8_t key[8];
	struct wire w;
	int fd = far_mptcp(s, &w, srv, &p, key);

	join(&q, &p, key);
	key[0] ^= 1;
	prove(&q, key);
	key[0] ^= 1;
	peer_await(&q, SEG_RST);
	expect_join_denied(&q, srv);
	/* a mere close would be given up after a minute: a reset when this scene is long over */
	fastclose(srv, fd, &p, key);
}

/* The connection is about to end, and takes no more subflows. */
static void join_late(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct peer p, q;
	uint8_t key[8];
	struct wire w;
	int fd = far_mptcp(s, &w, srv, &p, key);

	join(&q, &p, key);
	net_shutdown(srv, fd, SHUT_WR);
	prove(&q, key);
	peer_await(&q, SEG_RST);
	expect_join_denied(&q, srv);
	fastclose(srv, fd, &p, key);
}

const struct scenario subflow_scenarios[] = {
	ROW("mptcp-fastclose", "MPTCP: the far host asks for a fast close", fastclose_asked, V4),
	ROW("mptcp-fastclose-v6", "the same over IPv6", fastclose_asked, V6),
	ROW("mptcp-unmapped", "MPTCP: data that belong nowhere in the connection",
	    unmapped_data, V4),
	ROW("mptcp-join-unproven", "MPTCP: another subflow, whose HMAC is wrong", join_unproven, V4),
	ROW("mptcp-join-unproven-v6", "the same over IPv6", join_unproven, V6),
	ROW("mptcp-join-late", "MPTCP: another subflow as the connection ends", join_late, V4),
	ROW_END
};
