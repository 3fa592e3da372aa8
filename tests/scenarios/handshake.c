/* SPDX-License-Identifier: GPL-2.0 */
/* Segments that do not fit: into a handshake, or into any connection. */
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net.h"
#include "probes.h"
#include "registry.h"
#include "wire.h"

static struct expect *expect_listener(const struct peer *p, const char *cause,
				      const struct actor *srv)
{
	struct expect *e = scene_expect(p->w->s, "reply", cause);

	want_far_victim(e, p);
	want_sender(e, srv, "caller|socket|snapshot");
	want_str(e, "sender_state", "LISTEN");
	want_int(e, "accept_queue", 0);
	want_int(e, "accept_queue_max", 16);
	want_absent(e, "sender_syscall");
	want_str(e, "outcome", "remote");
	return e;
}

/* arg: net.ipv4.tcp_syncookies. */
static void stray_ack_listener(struct scene *s)
{
	char value[2] = { (char)('0' + s->arg) };
	struct actor *srv = actor_new(s, "rt-server");
	struct expect *e;
	struct wire w;
	struct peer p;

	scene_sysctl(s, "net/ipv4/tcp_syncookies", value);
	wire_open(s, &w);
	net_listen(srv, s->family, SERVER_PORT, 16);
	p = peer_stranger(&w, SERVER_PORT);
	peer_send(&p, SEG_ACK, 0);
	scene_same(s, "number of the RST", (long)p.ack, (long)peer_await(&p, SEG_RST).seq);
	e = expect_listener(&p, "bad-syn-cookie", srv);
	maybe_str(e, "reason", "TCP_FLAGS");
}

/* The right cookie makes a connection, so there is nothing to report. */
static void good_cookie(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct wire w;
	struct peer p;
	int lfd, fd;

	scene_sysctl(s, "net/ipv4/tcp_syncookies", "2");
	wire_open(s, &w);
	lfd = net_listen(srv, s->family, SERVER_PORT, 16);
	fd = peer_connect(&w, srv, lfd, SERVER_PORT, &p);
	peer_finish(&p, srv, fd);
}

enum wrong { OTHER_COOKIE, BAD_ACK, SECOND_SYN };

static const struct {
	const char *cookies;	/* net.ipv4.tcp_syncookies */
	uint8_t flags;
	uint32_t seq, ack;	/* distance from the right ones */
	const char *cause, *reason;
} wrongs[] = {
	/* the SYN was answered with a cookie, but the ACK has another one */
	[OTHER_COOKIE] = { "2", SEG_ACK, 0, 0x55555555, "bad-syn-cookie", "TCP_FLAGS" },
	/*
	 * the kernel finds the half-open connection, sees that the ACK is not for it and passes it
	 * to the listener, which then treats it as any stray ACK
	 */
	[BAD_ACK] = { "0", SEG_ACK, 0, 1000, "bad-handshake-ack|bad-syn-cookie", "TCP_FLAGS" },
	[SECOND_SYN] = { "1", SEG_SYN, 10, 0, "syn-in-connection", "INVALID_SYN" },
};

/* The last segment of the handshake is wrong. arg: how. */
static void half_open(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct wire w;
	struct peer p;

	scene_sysctl(s, "net/ipv4/tcp_syncookies", wrongs[s->arg].cookies);
	wire_open(s, &w);
	net_listen(srv, s->family, SERVER_PORT, 16);
	p = peer_knock(&w, SERVER_PORT, FAR_CLIENT);
	p.seq += wrongs[s->arg].seq;
	p.ack += wrongs[s->arg].ack;
	peer_send(&p, wrongs[s->arg].flags, 0);
	peer_await(&p, SEG_RST);
	maybe_str(expect_listener(&p, wrongs[s->arg].cause, srv), "reason", wrongs[s->arg].reason);
}

/*
 * In an established connection such a segment only draws a challenge ACK, so there is nothing to
 * report.
 */
static void syn_established(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct wire w;
	struct peer p;
	int lfd, fd;

	wire_open(s, &w);
	lfd = net_listen(srv, s->family, SERVER_PORT, 16);
	fd = peer_connect(&w, srv, lfd, SERVER_PORT, &p);
	peer_send_at(&p, SEG_SYN, p.seq + 10, 0);
	peer_await(&p, SEG_ACK);
	scene_same(s, "RST in the answer", 0, p.last.flags & SEG_RST);
	net_wait_state(srv, fd, TCP_ESTABLISHED);
	peer_finish(&p, srv, fd);
}

/* The connect() goes on, and the right answer still completes it. */
static struct expect *syn_sent_answered(struct scene *s, struct wire *w, const char *cause,
					void (*spoil)(struct segment *seg))
{
	struct actor *cli = actor_new(s, "rt-client");
	struct segment seg;
	struct expect *e;
	struct peer p;
	int fd;

	fd = net_socket(cli, s->family);
	p = peer_called(w, cli, fd);
	w->ts = p.last.ts;
	seg = peer_segment(&p, SEG_SYN | SEG_ACK);
	spoil(&seg);
	wire_send(w, &seg);
	wire_await(w, p.lport, p.rport, SEG_RST);
	e = scene_expect(s, "reply", cause);
	want_far_victim(e, &p);
	want_sender(e, cli, "caller|socket");
	want_str(e, "sender_state", "SYN_SENT");
	maybe_str(e, "sender_syscall", "connect");
	maybe_int(e, "sender_fd", fd);

	peer_send(&p, SEG_SYN | SEG_ACK, 0);
	peer_await(&p, SEG_ACK);
	must(cli, "connect", actor_end(cli));
	peer_finish(&p, cli, fd);
	return e;
}

static void ack_beyond(struct segment *seg)
{
	seg->ack += 1000;
}

static void bad_ack_syn_sent(struct scene *s)
{
	struct wire w;

	wire_open(s, &w);
	maybe_str(syn_sent_answered(s, &w, "bad-handshake-ack", ack_beyond),
		  "reason", "TCP_INVALID_ACK_SEQUENCE");
}

static void foreign_echo(struct segment *seg)
{
	seg->tsecr += 0x10000000;
}

static void bad_echo_syn_sent(struct scene *s)
{
	struct wire w;

	scene_sysctl(s, "net/ipv4/tcp_timestamps", "1");
	wire_open(s, &w);
	maybe_str(syn_sent_answered(s, &w, "bad-handshake-ack", foreign_echo),
		  "reason", "TCP_RFC7323_PAWS");
}

/*
 * A RST need not have the expected number. It may have the one after all that came out of order, if
 * a segment before that was lost (RFC 5961, 3.2 does not say so). Or, after a FIN, the number of
 * the FIN, as some systems send it (arg).
 */
static void unexpected_number(struct scene *s)
{
	static const uint8_t sack_permitted[] = { 1, 1, 4, 2 };
	struct actor *cli = actor_new(s, "rt-client");
	int fd = net_socket(cli, s->family);
	struct expect *e;
	struct wire w;
	struct peer p;

	wire_open(s, &w);
	p = peer_called(&w, cli, fd);
	peer_send_with(&p, SEG_SYN | SEG_ACK, 0, sack_permitted, sizeof(sack_permitted));
	peer_await(&p, SEG_ACK);
	must(cli, "connect", actor_end(cli));
	if (s->arg) {
		peer_send(&p, SEG_FIN | SEG_ACK, 0);
		p.seq--;
	} else {
		p.seq += 100;
		peer_send(&p, SEG_ACK, 20);
	}
	peer_await(&p, SEG_ACK);
	peer_send(&p, SEG_RST, 0);
	net_wait_state(cli, fd, TCP_CLOSE);

	e = scene_expect(s, "received", s->arg ? "peer-reset-after-fin" : "peer-reset");
	want_far_sender(e, &p);
	if (scene_probed(s, PROBE_TTL))
		want_int(e, "rst_seq", p.seq);
	else if (s->arg)
		want_int(e, "rst_seq", p.seq + 1);	/* nothing shows that the RST had another one */
	else
		want_absent(e, "rst_seq");
	want_victim(e, cli, "caller|socket", s->arg ? "CLOSE_WAIT" : "ESTABLISHED");
	if (s->arg) {
		scene_same(s, "recv", 0, net_io(cli, IO_RECV, fd, 16));
		want_str(e, "outcome", "eof");
		return;
	}
	net_recv_reset(cli, fd, e);
}

const struct scenario handshake_scenarios[] = {
	ROW("stray-ack-listener", "an ACK of nothing reaches a listener", stray_ack_listener, V4,
	    .arg = 1),
	ROW("stray-ack-listener-v6", "the same over IPv6", stray_ack_listener, V6, .arg = 1),
	ROW("stray-ack-cookies", "the same with tcp_syncookies=2", stray_ack_listener, V4,
	    .arg = 2),
	ROW("stray-ack-no-cookies", "the same with tcp_syncookies=0", stray_ack_listener, V4,
	    .arg = 0),
	ROW("bad-syn-cookie", "the ACK of a handshake returns another cookie", half_open, V4,
	    .arg = OTHER_COOKIE),
	ROW("bad-syn-cookie-v6", "the same over IPv6", half_open, V6, .arg = OTHER_COOKIE),
	ROW("good-syn-cookie", "it returns the right one", good_cookie, V4),
	ROW("bad-ack-half-open", "an unacceptable ACK for a half-open connection",
	    half_open, V4, .arg = BAD_ACK),
	ROW("syn-in-connection", "a second SYN inside a half-open connection", half_open, V4,
	    .arg = SECOND_SYN),
	ROW("syn-in-connection-v6", "the same over IPv6", half_open, V6, .arg = SECOND_SYN),
	ROW("syn-established", "a SYN inside a full connection", syn_established, V4),
	ROW("bad-ack-syn-sent", "an unacceptable ACK answers a SYN", bad_ack_syn_sent, V4),
	ROW("bad-ack-syn-sent-v6", "the same over IPv6", bad_ack_syn_sent, V6),
	ROW("rst-sack-edge", "a RST with the number behind what came out of order",
	    unexpected_number, V4),
	ROW("rst-sack-edge-v6", "the same over IPv6", unexpected_number, V6),
	ROW("rst-fin-number", "a RST with the number of the FIN before it",
	    unexpected_number, V4, .arg = 1),
	ROW("bad-echo-syn-sent", "a foreign timestamp answers a SYN", bad_echo_syn_sent, V4),
	ROW_END
};
