/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What people call it, seen from the end that is reset: peers on other hosts that leave or give up,
 * and resets that no peer has sent.
 */
#include <errno.h>
#include <netinet/tcp.h>

#include "far.h"
#include "registry.h"

#define PROBE_MS 1000		/* the longest that a probe takes, as in the situation */

/*
 * A reset that the peer has not sent, as it goes on: with data beyond the number of the reset or,
 * with arg, with another reset beyond it.
 */
static void never_sent(struct scene *s)
{
	struct expect *e;
	struct far f;

	far_open(s, &f);
	exchange(&f);
	far_reset(&f);
	e = expect_received(&f, "injected", "ESTABLISHED");
	want_str(e, "confidence", "likely");
	want_str(e, "victim_role", "client");
	want_str(e, "sender_role", "server");
	net_recv_reset(f.client, f.fd, e);
	remote_send(&f.r, SEG_ACK | SEG_PSH, 70);
	remote_await(&f.r, SEG_RST);
	e = scene_expect(s, "reply", "stray-segment");
	want_flow(e, &f.r.here, &f.r.there);
	want_str(e, "situation", "after-reset");
	want_str(e, "sender_ended", "reset-received");
	want_present(e, "follows");
}

static void train(struct scene *s)
{
	struct expect *e;
	struct far f;

	far_open(s, &f);
	exchange(&f);
	far_reset(&f);
	e = expect_received(&f, "injected", "ESTABLISHED");
	want_str(e, "confidence", "likely");
	remote_send_at(&f.r, SEG_RST | SEG_ACK, f.r.seq + 1460, 0);
	remote_send_at(&f.r, SEG_RST | SEG_ACK, f.r.seq + 4380, 0);
	net_recv_reset(f.client, f.fd, e);
}

/* Another reset with the same number: a peer answers each segment with one. */
static void twice(struct scene *s)
{
	struct expect *e;
	struct far f;

	far_open(s, &f);
	exchange(&f);
	far_reset(&f);
	remote_send_at(&f.r, SEG_RST, f.r.seq, 0);
	e = expect_received(&f, "peer-reset", "ESTABLISHED");
	net_recv_reset(f.client, f.fd, e);
}

/* The client, on another host, leaves: its request is not answered yet, or it left very soon. */
static void left_elsewhere(struct scene *s)
{
	int64_t begin = now_ms();
	struct expect *e;
	struct far f;

	far_accept(s, &f);
	if (s->arg) {
		remote_send(&f.r, SEG_ACK | SEG_PSH, 70);
		remote_await(&f.r, SEG_ACK);
		net_recv(f.client, f.fd, 70);
	}
	far_reset(&f);
	e = expect_received(&f, "peer-reset", "ESTABLISHED");
	/* on a busy machine it may take longer than a probe does */
	if (s->arg || now_ms() - begin < PROBE_MS) {
		want_str(e, "situation", s->arg ? "client-left" : "probe");
		want_str(e, "situation_confidence", "likely");
	}
	want_str(e, "victim_role", "server");
	want_str(e, "sender_role", "client");
	want_str(e, "stage", s->arg ? "post-data" : "post-ack");
	net_recv_reset(f.client, f.fd, e);
}

/* The server, on another host, answers nothing. */
static void gave_up_elsewhere(struct scene *s)
{
	struct expect *e;
	struct far f;

	far_open(s, &f);
	net_send(f.client, f.fd, 30);
	remote_await(&f.r, SEG_ACK | SEG_PSH);
	remote_send(&f.r, SEG_ACK, 0);
	net_wait_acked(f.client, f.fd);
	far_reset(&f);
	e = expect_received(&f, "peer-reset", "ESTABLISHED");
	want_str(e, "situation", "gave-up");
	want_str(e, "victim_role", "client");
	net_recv_reset(f.client, f.fd, e);
}

const struct scenario situations_peer_scenarios[] = {
	ROW("never-sent", "a reset, and the peer's data beyond its number", never_sent, V4),
	ROW("never-sent-v6", "the same over IPv6", never_sent, V6),
	ROW("reset-train", "a reset, and more of them beyond its number", train, V4),
	ROW("reset-twice", "a reset, and another of the same number", twice, V4),
	ROW("client-left-far", "the client, elsewhere, resets after its request", left_elsewhere, V4,
	    .arg = 1),
	ROW("probe-far", "the client, elsewhere, resets at once", left_elsewhere, V4),
	ROW("gave-up-far", "the server, elsewhere, resets without an answer", gave_up_elsewhere, V4),
	ROW_END
};
