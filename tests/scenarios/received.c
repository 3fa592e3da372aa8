/* SPDX-License-Identifier: GPL-2.0 */
/* Resets whose sender is on another host, and resets that the kernel ignores. */
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "far.h"
#include "registry.h"

#define IDLE_MS 5000		/* a usual idle timeout, and so are its multiples up to 20 s */
#define EARLY_MS 150		/* the rule allows 200 */

void far_open(struct scene *s, struct far *f)
{
	f->client = actor_new(s, "rt-client");
	remote_open(&f->r, s, FAR_PORT);
	f->fd = remote_connected(&f->r, f->client);
}

struct expect *expect_received(struct far *f, const char *cause, const char *state)
{
	struct expect *e = scene_expect(f->r.s, "received", cause);

	want_flow(e, &f->r.there, &f->r.here);
	want_bool(e, "sender_local", false);
	want_absent(e, "sender_pid");
	want_absent(e, "sender_comm");
	want_absent(e, "sender_state");
	want_victim(e, f->client, "caller|socket", state);
	maybe_int(e, "victim_fd", f->fd);
	want_int(e, "rst_seq", f->r.seq);
	return e;
}

void far_reset(struct far *f)
{
	remote_send(&f->r, SEG_RST | SEG_ACK, 0);
	net_wait_state(f->client, f->fd, TCP_CLOSE);
}

void exchange(struct far *f)
{
	net_send(f->client, f->fd, 30);
	remote_await(&f->r, SEG_ACK | SEG_PSH);
	remote_send(&f->r, SEG_ACK | SEG_PSH, 70);
	remote_await(&f->r, SEG_ACK);
	net_recv(f->client, f->fd, 70);
}

static void refused(struct scene *s)
{
	struct far f = { .client = actor_new(s, "rt-client") };
	struct expect *e;

	remote_open(&f.r, s, FAR_PORT);
	f.fd = remote_connecting(&f.r, f.client);
	f.r.seq = 0;
	remote_send(&f.r, SEG_RST | SEG_ACK, 0);
	scene_same(s, "connect", -ECONNREFUSED, actor_end(f.client));

	e = expect_received(&f, "peer-refused", "SYN_SENT");
	/*
	 * a tracepoint does not show the number of the RST, and a socket in SYN_SENT expects none
	 * yet
	 */
	maybe_int(e, "rst_seq", 0);
	want_error(e, ECONNREFUSED, "connect", f.fd, f.client, false);
}

/* No data is on its way, but there was some in both directions before. */
static void plain(struct scene *s)
{
	struct expect *e;
	struct far f;

	far_open(s, &f);
	exchange(&f);
	far_reset(&f);

	e = expect_received(&f, "peer-reset", "ESTABLISHED");
	want_int(e, "victim_unsent", 0);
	want_int(e, "victim_unread", 0);
	want_int(e, "victim_bytes_in", 70);
	want_int(e, "victim_bytes_out", 30);
	net_recv_reset(f.client, f.fd, e);
}

void far_accept(struct scene *s, struct far *f)
{
	int lfd;

	f->client = actor_new(s, "rt-server");
	remote_open(&f->r, s, 40000);
	lfd = net_listen(f->client, s->family, SERVER_PORT, 16);
	remote_connect(&f->r, SERVER_PORT);
	f->fd = net_accept(f->client, lfd);
}

static void plain_accepted(struct scene *s)
{
	struct expect *e;
	struct far f;

	far_accept(s, &f);
	far_reset(&f);

	e = expect_received(&f, "peer-reset", "ESTABLISHED");
	net_recv_reset(f.client, f.fd, e);
	want_victim(e, f.client, "caller", "ESTABLISHED");
}

static void during_send(struct scene *s)
{
	struct expect *e;
	struct far f;

	far_open(s, &f);
	net_send(f.client, f.fd, 100);
	remote_await(&f.r, SEG_ACK | SEG_PSH);
	f.r.ack -= 100;		/* what lies between was lost */
	far_reset(&f);

	e = expect_received(&f, "peer-reset-during-send", "ESTABLISHED");
	want_int(e, "victim_unsent", 100);
	net_recv_reset(f.client, f.fd, e);
}

/* After the peer's FIN a read returns 0, and a write fails with EPIPE. */
static void after_fin(struct scene *s)
{
	bool writes = s->arg;
	struct expect *e;
	struct far f;

	far_open(s, &f);
	remote_send(&f.r, SEG_FIN | SEG_ACK, 0);
	net_wait_state(f.client, f.fd, TCP_CLOSE_WAIT);
	remote_await(&f.r, SEG_ACK);
	far_reset(&f);

	e = expect_received(&f, "peer-reset-after-fin", "CLOSE_WAIT");
	if (writes) {
		actor_sigpipe(f.client, ACTOR_SIGPIPE_IGNORE);
		net_io_fails(f.client, IO_SEND, f.fd, EPIPE);
		want_error(e, EPIPE, "sendto", f.fd, f.client, true);
		return;
	}
	scene_same(s, "recv", 0, net_io(f.client, IO_RECV, f.fd, 16));
	want_str(e, "outcome", "eof");
	want_str(e, "eof_syscall", "recvfrom");
	want_int(e, "eof_fd", f.fd);
	want_int(e, "eof_pid", f.client->pid);
}

/* After its own FIN, which is acknowledged if arg, this end only reads. */
static void after_own_fin(struct scene *s)
{
	struct expect *e;
	struct far f;

	far_open(s, &f);
	net_shutdown(f.client, f.fd, SHUT_WR);
	remote_await(&f.r, SEG_FIN | SEG_ACK);
	if (s->arg) {
		remote_send(&f.r, SEG_ACK, 0);
		net_wait_state(f.client, f.fd, TCP_FIN_WAIT2);
	}
	far_reset(&f);
	e = expect_received(&f, "peer-reset", s->arg ? "FIN_WAIT2" : "FIN_WAIT1");
	net_recv_reset(f.client, f.fd, e);
}

/* Both ends have closed, one after the other, and no process holds the socket. */
static void after_close(struct scene *s)
{
	struct expect *e;
	struct far f;

	far_open(s, &f);
	remote_send(&f.r, SEG_FIN | SEG_ACK, 0);
	net_wait_state(f.client, f.fd, TCP_CLOSE_WAIT);
	remote_await(&f.r, SEG_ACK);
	net_close(f.client, f.fd);
	remote_await(&f.r, SEG_FIN | SEG_ACK);
	remote_send(&f.r, SEG_RST | SEG_ACK, 0);

	e = expect_received(&f, "peer-reset-after-fin", "LAST_ACK");
	want_victim(e, f.client, "caller|socket", "LAST_ACK");
	want_str(e, "outcome", "unnoticed");
}

static void unread_kept(struct scene *s)
{
	struct expect *e;
	struct far f;

	far_open(s, &f);
	remote_send(&f.r, SEG_ACK | SEG_PSH, 40);
	remote_await(&f.r, SEG_ACK);
	far_reset(&f);
	net_recv(f.client, f.fd, 40);

	e = expect_received(&f, "peer-reset", "ESTABLISHED");
	want_int(e, "victim_unread", 40);
	net_recv_reset(f.client, f.fd, e);
}

static int64_t idle_ms(struct actor *a, int fd)
{
	struct { struct tcp_info ti; socklen_t len; } *b = (void *)a->scene->buf;

	b->len = sizeof(b->ti);
	must(a, "TCP_INFO",
	     SYS(a, SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, (long)&b->ti, (long)&b->len));
	return b->ti.tcpi_last_data_recv;
}

/*
 * The time that a connection has been idle is measured by the kernel. An actor that wakes up too
 * late for one usual timeout, on a busy machine, waits for the next.
 */
static void wait_idle(struct actor *a, int fd)
{
	int64_t timeout = 0, idle;

	do {
		timeout += IDLE_MS;
		while ((idle = idle_ms(a, fd)) < timeout - EARLY_MS) {
			int64_t left = timeout - EARLY_MS - idle;
			const struct timespec ts = { left / 1000, left % 1000 * 1000000L };

			nanosleep(&ts, NULL);
		}
	} while (idle > timeout);
}

static struct expect *expect_race(struct far *f, int unsent)
{
	struct expect *e = expect_received(f, "keepalive-race", "ESTABLISHED");

	want_str(e, "confidence", "likely|guess");
	want_int(e, "victim_unsent", unsent);
	net_recv_reset(f->client, f->fd, e);
	return e;
}

/*
 * Two connections that are silent for as long as the server's timeout. On one of them the next
 * request crosses the server's close and has no receiver. The other is reset while idle. Both are
 * in one scenario, as the silence takes long.
 */
static void keepalive_race(struct scene *s)
{
	struct far busy, quiet;
	struct expect *e;

	far_open(s, &busy);
	quiet.client = busy.client;
	remote_share(&quiet.r, &busy.r, FAR_PORT + 1);
	quiet.fd = remote_connected(&quiet.r, quiet.client);
	exchange(&quiet);
	exchange(&busy);
	wait_idle(quiet.client, quiet.fd);
	far_reset(&quiet);

	wait_idle(busy.client, busy.fd);
	net_send(busy.client, busy.fd, 30);
	remote_await(&busy.r, SEG_ACK | SEG_PSH);
	busy.r.ack -= 30;
	far_reset(&busy);

	expect_race(&busy, 30);
	e = expect_race(&quiet, 0);
	want_min(e, "victim_idle_us", (IDLE_MS - EARLY_MS) * 1000L - 100000);
}

/* Data goes through in both directions, so no reset was answered or obeyed. */
static void still_alive(struct far *f)
{
	struct scene *s = f->r.s;
	struct segment seg;

	remote_send(&f->r, SEG_ACK | SEG_PSH, 20);
	seg = remote_await(&f->r, SEG_ACK);
	scene_same(s, "acknowledged", f->r.seq, seg.ack);
	net_recv(f->client, f->fd, 20);
	net_send(f->client, f->fd, 25);
	seg = remote_await(&f->r, SEG_ACK | SEG_PSH);
	scene_same(s, "bytes that came through", 25, seg.len);
	remote_send(&f->r, SEG_ACK, 0);
	net_wait_acked(f->client, f->fd);
}

/*
 * RFC 5961: a RST in the window, but not with the next number, makes the kernel ask the peer by a
 * challenge ACK.
 */
static void challenged(struct scene *s)
{
	struct segment seg;
	struct far f;

	far_open(s, &f);
	remote_send_at(&f.r, SEG_RST, f.r.seq + 100, 0);
	seg = remote_await(&f.r, SEG_ACK);
	scene_same(s, "challenge ACK", f.r.seq, seg.ack);
	still_alive(&f);
}

static void out_of_window(struct scene *s)
{
	struct far f;

	far_open(s, &f);
	remote_send_at(&f.r, SEG_RST, f.r.seq + (1u << 30), 0);
	remote_send_at(&f.r, SEG_RST, f.r.seq - 1000, 0);
	/* the next segment that the peer gets must be about this data */
	still_alive(&f);
}

/* The peer answers the challenge with a RST of the right number. */
static void challenge_met(struct scene *s)
{
	struct segment seg;
	struct expect *e;
	struct far f;

	far_open(s, &f);
	remote_send_at(&f.r, SEG_RST, f.r.seq + 100, 0);
	seg = remote_await(&f.r, SEG_ACK);
	f.r.seq = seg.ack;
	remote_send(&f.r, SEG_RST, 0);
	net_wait_state(f.client, f.fd, TCP_CLOSE);

	e = expect_received(&f, "peer-reset", "ESTABLISHED");
	net_recv_reset(f.client, f.fd, e);
}

/* A reset during the handshake: accept() never returns the connection. */
static void half_open(struct scene *s)
{
	struct far f = { .client = actor_new(s, "rt-server") };
	uint32_t first;
	int lfd;

	remote_open(&f.r, s, 40000);
	lfd = net_listen(f.client, s->family, SERVER_PORT, 16);
	f.r.here.port = SERVER_PORT;
	remote_send(&f.r, SEG_SYN, 0);
	remote_await(&f.r, SEG_SYN | SEG_ACK);
	first = f.r.seq;
	remote_send(&f.r, SEG_RST, 0);
	/* the same pair of ports can connect again: nothing is left of the first attempt */
	f.r.seq = first + 100000;
	remote_connect(&f.r, SERVER_PORT);
	f.fd = net_accept(f.client, lfd);
	still_alive(&f);
}

/* A RST for a port without a socket, for a listener, for a connection that is over. */
enum nobody { NO_SOCKET, TO_LISTENER };

static void for_nobody(struct scene *s)
{
	struct far f = { .client = actor_new(s, "rt-server") };
	int lfd;

	remote_open(&f.r, s, 40000);
	lfd = net_listen(f.client, s->family, SERVER_PORT, 16);
	f.r.here.port = s->arg == NO_SOCKET ? CLOSED_PORT : SERVER_PORT;
	remote_send(&f.r, SEG_RST, 0);
	remote_send(&f.r, SEG_RST | SEG_ACK, 0);
	/* the first segment that the peer gets must be about this connection */
	remote_connect(&f.r, SERVER_PORT);
	f.fd = net_accept(f.client, lfd);
	still_alive(&f);
}

static void timewait(struct scene *s)
{
	struct far f;

	far_open(s, &f);
	net_close(f.client, f.fd);
	remote_await(&f.r, SEG_FIN | SEG_ACK);
	remote_send(&f.r, SEG_FIN | SEG_ACK, 0);
	remote_await(&f.r, SEG_ACK);
	net_wait_timewait(s, s->family, f.r.here.port, FAR_PORT);
	if (s->arg)
		scene_sysctl(s, "net/ipv4/tcp_rfc1337", "1");
	remote_send(&f.r, SEG_RST, 0);
	if (s->arg)
		net_wait_timewait(s, s->family, f.r.here.port, FAR_PORT);
	else
		net_wait_no_timewait(s, s->family, f.r.here.port, FAR_PORT);
}

const struct scenario received_scenarios[] = {
	ROW("far-refused", "another host refuses a connect", refused, V4),
	ROW("far-refused-v6", "the same over IPv6", refused, V6),
	ROW("far-reset", "another host resets a connection", plain, V4),
	ROW("far-reset-v6", "the same over IPv6", plain, V6),
	ROW("far-reset-accepted", "the same, this host is the server", plain_accepted, V4),
	ROW("far-reset-unread", "the same, with data that nobody has read yet",
	    unread_kept, V4),
	ROW("far-reset-sending", "another host resets while data is under way",
	    during_send, V4),
	ROW("far-reset-after-fin", "after its FIN: a read sees the end of file",
	    after_fin, V4, .arg = false),
	ROW("far-reset-after-fin-write", "after its FIN: a write fails",
	    after_fin, V4, .arg = true),
	ROW("far-reset-fin-wait", "after our FIN, which it had acknowledged", after_own_fin, V4,
	    .arg = true),
	ROW("far-reset-fin-wait-1", "after our FIN, not yet acknowledged", after_own_fin, V4),
	ROW("far-reset-after-close", "after its FIN and our close", after_close, V4),
	ROW("keepalive-race", "after some seconds without data: as it lies, and for the next request",
	    keepalive_race, V4, .flags = SC_ALONE),
	ROW("rst-challenged", "in the window, not exact: a challenge ACK, no incident",
	    challenged, V4),
	ROW("rst-challenged-v6", "the same over IPv6", challenged, V6),
	ROW("rst-challenge-met", "the peer answers the challenge with the exact number",
	    challenge_met, V4),
	ROW("rst-out-of-window", "out of the window: no answer, no incident",
	    out_of_window, V4),
	ROW("rst-half-open", "before the handshake is complete: no incident", half_open, V4),
	ROW("rst-no-socket", "for a port without a socket: no incident",
	    for_nobody, V4, .arg = NO_SOCKET),
	ROW("rst-listener", "for a listener: no incident", for_nobody, V4, .arg = TO_LISTENER),
	ROW("rst-timewait", "for a connection in TIME_WAIT: it goes, no incident",
	    timewait, V4, .arg = false),
	ROW("rst-timewait-1337", "the same with tcp_rfc1337: it stays",
	    timewait, V4, .arg = true),
	ROW_END
};
