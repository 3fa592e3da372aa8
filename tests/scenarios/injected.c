/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Resets in the name of a peer that is seven routers away, and what their TTL (hop limit) shows of
 * where they were sent.
 */

#include <netinet/tcp.h>

#include "far.h"
#include "probes.h"
#include "registry.h"

static struct expect *reset_with(struct far *f, long ttl, const char *cause)
{
	struct expect *e;

	f->r.ttl = (int)ttl;
	f->r.id = 0;
	far_reset(f);
	e = expect_received(f, cause, "ESTABLISHED");
	want_int(e, "rst_ttl", ttl);
	want_int(e, "flow_ttl", REMOTE_TTL);
	if (f->r.s->family == V6)
		want_absent(e, "rst_ip_id");
	else
		want_int(e, "rst_ip_id", 0);
	net_recv_reset(f->client, f->fd, e);
	return e;
}

static void forged(struct scene *s)
{
	struct far f;

	far_open(s, &f);
	exchange(&f);
	want_str(reset_with(&f, s->arg, "injected"), "confidence", "likely");
}

static void forged_accepted(struct scene *s)
{
	struct far f;

	far_accept(s, &f);
	want_str(reset_with(&f, s->arg, "injected"), "confidence", "likely");
}

/* The forger is as many routers away as the peer, if the first TTL of both was a usual one. */
static void beside(struct scene *s)
{
	struct far f;

	far_open(s, &f);
	exchange(&f);
	want_str(reset_with(&f, 255 - (64 - REMOTE_TTL), "injected"), "confidence", "guess");
}

static void genuine(struct scene *s)
{
	struct far f;

	far_open(s, &f);
	exchange(&f);
	reset_with(&f, s->arg, "peer-reset");
}

static void genuine_accepted(struct scene *s)
{
	struct far f;

	far_accept(s, &f);
	reset_with(&f, s->arg, "peer-reset");
}

/* A proxy made the handshake for the peer; the segments of the peer itself have not been read. */
static void proxied(struct scene *s)
{
	struct far f = { .client = actor_new(s, "rt-client") };
	struct expect *e;

	remote_open(&f.r, s, FAR_PORT);
	f.r.ttl = 250;
	f.fd = remote_connected(&f.r, f.client);
	f.r.ttl = REMOTE_TTL;
	f.r.id = 7000;
	remote_send(&f.r, SEG_ACK | SEG_PSH, 40);
	remote_await(&f.r, SEG_ACK);
	far_reset(&f);
	net_recv(f.client, f.fd, 40);

	e = expect_received(&f, "peer-reset", "ESTABLISHED");
	want_int(e, "rst_ttl", REMOTE_TTL);
	want_int(e, "flow_ttl", REMOTE_TTL);
	want_int(e, "flow_ip_id", 7000);
	want_int(e, "rst_ip_id", 7001);
	net_recv_reset(f.client, f.fd, e);
}

/* The RST has a text that says why, with bytes that must not reach a terminal. */
static void spoken(struct scene *s)
{
	static const char text[] = "blocked by \033[31mpolicy 7\0 ";
	struct far f;
	struct expect *e;

	far_open(s, &f);
	exchange(&f);
	f.r.text = text;
	remote_send_at(&f.r, SEG_RST | SEG_ACK, f.r.seq, sizeof(text) - 1);
	net_wait_state(f.client, f.fd, TCP_CLOSE);
	e = expect_received(&f, "peer-reset", "ESTABLISHED");
	want_str(e, "rst_text", "blocked by \033[31mpolicy 7. ");
	net_recv_reset(f.client, f.fd, e);
}

#define TTL_ROW(name, summary, run, family, ...) \
	ROW(name, summary, run, family, .probe = PROBE_TTL, __VA_ARGS__)

const struct scenario injected_scenarios[] = {
	TTL_ROW("injected-near", "a reset with a higher TTL than the flow's", forged, V4, .arg = 255),
	TTL_ROW("injected-near-v6", "the same over IPv6", forged, V6, .arg = 255),
	TTL_ROW("injected-far", "a reset with a lower TTL than the flow's", forged, V4, .arg = 41),
	TTL_ROW("injected-far-v6", "the same over IPv6", forged, V6, .arg = 41),
	TTL_ROW("injected-accepted", "a reset with another TTL than the client's",
		forged_accepted, V4, .arg = REMOTE_TTL + 2),
	TTL_ROW("injected-accepted-v6", "the same over IPv6",
		forged_accepted, V6, .arg = REMOTE_TTL - 2),
	TTL_ROW("injected-beside", "another first TTL, and the same way: a guess", beside, V4, .arg = 0),
	TTL_ROW("not-injected", "the flow's TTL, another IP-ID: the peer's own",
		genuine, V4, .arg = REMOTE_TTL),
	TTL_ROW("not-injected-v6", "the flow's hop limit: the peer's own",
		genuine, V6, .arg = REMOTE_TTL),
	TTL_ROW("not-injected-accepted", "the client's TTL: its own",
		genuine_accepted, V4, .arg = REMOTE_TTL),
	TTL_ROW("not-injected-rerouted", "one router less on the way: the peer's own",
		genuine, V4, .arg = REMOTE_TTL + 1),
	TTL_ROW("not-injected-proxied", "unlike the handshake, but like the data: the peer's own",
		proxied, V4, .arg = 0),
	TTL_ROW("reset-with-text", "a reset that carries its reason in words", spoken, V4),
	TTL_ROW("reset-with-text-v6", "the same over IPv6", spoken, V6),
	ROW_END
};
