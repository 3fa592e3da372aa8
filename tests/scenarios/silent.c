/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Segments that would draw a RST but for one fault. The kernel drops them silently, so there is
 * nothing to report.
 */
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#include "ao.h"
#include "net.h"
#include "registry.h"
#include "wire.h"

#define GUARDED_PORT 8081

#ifndef IPV6_MINHOPCOUNT
#define IPV6_MINHOPCOUNT 73
#endif

/* A signature (RFC 2385) by a key that nobody has. */
static const uint8_t signature[20] = { 1, 1, 19, 18, 's', 'i', 'g', 'n', 'e', 'd' };

/* A signature as of TCP-AO (RFC 5925), with keys that nobody has either. */
static const uint8_t ao_signature[16] = { 29, 16, 7, 7, 's', 'i', 'g', 'n', 'e', 'd' };

static void sign(struct segment *seg)
{
	seg->options = signature;
	seg->n_options = sizeof(signature);
}

/*
 * Sends the segment, then a SYN from the same port to a listener: the first answer must be to the
 * SYN.
 */
static void unanswered(struct wire *w, const struct segment *seg, struct actor *srv, int lfd)
{
	struct peer p = peer_stranger(w, SERVER_PORT);
	struct segment answer;

	p.rport = seg->sport;
	wire_send(w, seg);
	peer_send(&p, SEG_SYN, 0);
	answer = wire_await(w, 0, p.rport, 0);
	scene_same(w->s, "port that answers", SERVER_PORT, answer.sport);
	scene_same(w->s, "flags of the answer", SEG_SYN | SEG_ACK, answer.flags);
	p.ack = answer.seq + 1;
	peer_send(&p, SEG_ACK, 0);
	peer_finish(&p, srv, net_accept(srv, lfd));
}

/* To a port without a listener. arg: the flags of the segment, or 0: it is damaged. */
static void to_nobody(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct segment seg;
	struct wire w;
	struct peer p;

	wire_open(s, &w);
	p = peer_stranger(&w, CLOSED_PORT);
	seg = peer_segment(&p, s->arg ? (uint8_t)s->arg : SEG_ACK);
	if (s->arg)
		sign(&seg);
	else
		seg.damaged = true;
	unanswered(&w, &seg, srv, net_listen(srv, s->family, SERVER_PORT, 16));
}

/* A kernel that does not know the option accepts the segment. */
static void ao_to_nobody(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct segment seg;
	struct expect *e;
	struct wire w;
	struct peer p;

	wire_open(s, &w);
	p = peer_stranger(&w, CLOSED_PORT);
	seg = peer_segment(&p, SEG_ACK);
	seg.options = ao_signature;
	seg.n_options = sizeof(ao_signature);
	if (ao_known(srv, s->family)) {
		unanswered(&w, &seg, srv, net_listen(srv, s->family, SERVER_PORT, 16));
		return;
	}
	wire_send(&w, &seg);
	peer_await(&p, SEG_RST);
	e = scene_expect(s, "reply", "stray-segment");
	want_far_victim(e, &p);
	want_str(e, "sender_owner", "kernel");
	want_str(e, "outcome", "remote");
	maybe_str(e, "reason", "NO_SOCKET");
}

/* Data for a closed connection: the kernel would answer if it had the key. */
static void to_timewait(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server"), *cli = actor_new(s, "rt-client");
	struct segment data;
	struct wire w;
	struct peer p;
	int fd;

	wire_open(s, &w);
	fd = peer_accept(&w, cli, &p);
	peer_half_finish(&p, cli, fd);
	data = peer_segment(&p, SEG_ACK);
	data.len = 10;
	sign(&data);
	unanswered(&w, &data, srv, net_listen(srv, s->family, SERVER_PORT, 16));
}

enum guard { KEY, AO_KEY, FILTER, HOPS };

static void set_key(struct actor *a, int fd, const struct wire *w)
{
	struct addr far = wire_far(w, 0);
	struct tcp_md5sig md5 = { .tcpm_keylen = 3, .tcpm_key = "key" };

	net_sockaddr(&far, &md5.tcpm_addr);
	net_setsockopt(a, fd, IPPROTO_TCP, TCP_MD5SIG, &md5, sizeof(md5));
}

static void set_ao_key(struct actor *a, int fd, const struct wire *w)
{
	struct addr far = wire_far(w, 0);

	if (!ao_known(a, w->family))
		scene_skip(w->s, "this kernel has no TCP-AO");
	ao_set_key(a, fd, &far);
}

/* A filter that lets nothing through. */
static long do_filter(const long *arg)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { .len = 1, .filter = &nothing };

	return setsockopt((int)arg[0], SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

/*
 * To a listener that takes only signed segments, or filters all, or takes only those from near by.
 * arg: which.
 */
static void to_listener(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	int open = net_listen(srv, s->family, SERVER_PORT, 16), fd, hops = 255;
	struct segment ack;
	struct wire w;
	struct peer p;

	wire_open(s, &w);
	fd = net_listen(srv, s->family, GUARDED_PORT, 16);
	if (s->arg == KEY)
		set_key(srv, fd, &w);
	else if (s->arg == AO_KEY)
		set_ao_key(srv, fd, &w);
	else if (s->arg == FILTER)
		must(srv, "SO_ATTACH_FILTER", actor_call(srv, do_filter, (long[]){ fd }, 1));
	else if (s->family == V6)
		net_setsockopt(srv, fd, IPPROTO_IPV6, IPV6_MINHOPCOUNT, &hops, sizeof(hops));
	else
		net_setsockopt(srv, fd, IPPROTO_IP, IP_MINTTL, &hops, sizeof(hops));
	p = peer_stranger(&w, GUARDED_PORT);
	ack = peer_segment(&p, SEG_ACK);
	unanswered(&w, &ack, srv, open);
}

/* A SYN comes when as many handshakes are open as the listener allows: one, or on newer kernels two. */
static void requests_full(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server");
	struct segment syn;
	struct wire w;
	struct peer p;
	int open, fd;

	scene_sysctl(s, "net/ipv4/tcp_syncookies", "0");
	wire_open(s, &w);
	open = net_listen(srv, s->family, SERVER_PORT, 16);
	fd = net_listen(srv, s->family, GUARDED_PORT, 1);
	p = peer_knock(&w, GUARDED_PORT, FAR_CLIENT + 1);
	syn = peer_segment(&p, SEG_SYN);
	syn.sport = FAR_CLIENT + 2;
	wire_send(&w, &syn);
	syn.sport = FAR_CLIENT;
	unanswered(&w, &syn, srv, open);
	peer_send(&p, SEG_ACK, 0);
	peer_finish(&p, srv, net_accept(srv, fd));
}

const struct scenario silent_scenarios[] = {
	ROW("signed-no-socket", "an ACK signed with MD5 to a port nobody knows: no RST",
	    to_nobody, V4, .arg = SEG_ACK),
	ROW("signed-no-socket-v6", "the same over IPv6", to_nobody, V6, .arg = SEG_ACK),
	ROW("signed-closed-port", "a signed SYN to a port nobody listens on: no RST",
	    to_nobody, V4, .arg = SEG_SYN),
	ROW("signed-closed-port-v6", "the same over IPv6", to_nobody, V6, .arg = SEG_SYN),
	ROW("stray-signed-ao", "an ACK signed with TCP-AO to a port nobody knows: no RST, if known",
	    ao_to_nobody, V4),
	ROW("stray-signed-ao-v6", "the same over IPv6", ao_to_nobody, V6),
	ROW("signed-timewait", "signed data after a close: no RST", to_timewait, V4),
	ROW("signed-timewait-v6", "the same over IPv6", to_timewait, V6),
	ROW("unsigned-listener", "a stray ACK to a listener that wants a signature: no RST",
	    to_listener, V4, .arg = KEY),
	ROW("unsigned-listener-v6", "the same over IPv6", to_listener, V6, .arg = KEY),
	ROW("unsigned-listener-ao", "the same to a listener that wants TCP-AO: no RST",
	    to_listener, V4, .arg = AO_KEY),
	ROW("unsigned-listener-ao-v6", "the same over IPv6", to_listener, V6, .arg = AO_KEY),
	ROW("filtered-listener", "a stray ACK to a listener with a filter: no RST",
	    to_listener, V4, .arg = FILTER),
	ROW("min-ttl-listener", "a stray ACK to a listener with IP_MINTTL: no RST",
	    to_listener, V4, .arg = HOPS),
	ROW("min-ttl-listener-v6", "the same over IPv6", to_listener, V6, .arg = HOPS),
	ROW("damaged-segment", "a stray ACK with a wrong checksum: no RST", to_nobody, V4),
	ROW("requests-full", "a SYN while too many handshakes are open: no RST",
	    requests_full, V4),
	ROW_END
};
