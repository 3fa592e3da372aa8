/* SPDX-License-Identifier: GPL-2.0 */
/* The host that the director plays at the far end of the wire. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "wire.h"

static int version(const struct wire *w)
{
	return w->family == V6 ? 6 : 4;
}

/* The header of a packet from the far end to the near one. */
static struct raw_ip ip_header(const struct wire *w)
{
	struct addr near = wire_near(w, 0), far = wire_far(w, 0);

	return raw_ip(&far, &near, 64, 0);
}

static void send_packet(const struct wire *w, const uint8_t *buf, size_t len)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = w->ifindex,
				  .sll_halen = sizeof(w->mac) };

	to.sll_protocol = htons(w->family == V6 ? ETH_P_IPV6 : ETH_P_IP);
	memcpy(to.sll_addr, w->mac, sizeof(w->mac));
	if (sendto(w->fd, buf, len, 0, (struct sockaddr *)&to, sizeof(to)) != (ssize_t)len)
		scene_abort(w->s, "sending a packet: %s", strerror(errno));
}

void wire_send(const struct wire *w, const struct segment *seg)
{
	struct raw_ip ip = ip_header(w);
	uint8_t buf[RAW_MAX];

	send_packet(w, buf, raw_tcp(buf, &ip, seg));
}

void wire_unreachable(const struct wire *w, const struct segment *seg, int type, int code)
{
	struct raw_ip ip = ip_header(w);
	uint8_t buf[RAW_MAX];

	send_packet(w, buf, raw_icmp(buf, &ip, type, code, seg));
}

/* Reads the next packet that came over the wire, within the time left. */
static size_t receive(const struct wire *w, uint8_t *buf, size_t size, int64_t end)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	struct sockaddr_ll from;
	socklen_t len;
	ssize_t n;

	for (;;) {
		int64_t left = end - now_ms();

		if (left <= 0 || !poll(&p, 1, (int)left))
			return 0;
		len = sizeof(from);
		n = recvfrom(w->fd, buf, size, 0, (struct sockaddr *)&from, &len);
		if (n > 0 && from.sll_pkttype != PACKET_OUTGOING)
			return (size_t)n;
	}
}

struct segment wire_await(const struct wire *w, int lport, int rport, uint8_t flags)
{
	int64_t end = now_ms() + w->s->timeout_ms;
	uint8_t buf[RAW_MAX];
	struct segment seg;
	size_t len;

	while ((len = receive(w, buf, sizeof(buf), end)))
		if (raw_parse(buf, len, version(w), &seg) && seg.dport == rport &&
		    (!lport || seg.sport == lport) && (seg.flags & flags) == flags)
			return seg;
	scene_abort(w->s, "no segment with flags 0x%x came over the wire", flags);
}

static int consumed(uint8_t flags, int len)
{
	return len + !!(flags & SEG_SYN) + !!(flags & SEG_FIN);
}

struct segment peer_await(struct peer *p, uint8_t flags)
{
	struct segment seg = wire_await(p->w, p->lport, p->rport, flags);

	p->last = seg;
	p->ack = seg.seq + (uint32_t)consumed(seg.flags, seg.len);
	if (seg.ts)
		p->tsecr = seg.tsval;
	return seg;
}

struct segment peer_segment(const struct peer *p, uint8_t flags)
{
	return (struct segment){ .sport = p->rport, .dport = p->lport, .seq = p->seq,
				 .ack = flags & SEG_ACK ? p->ack : 0, .flags = flags,
				 .window = p->w->window, .ts = p->w->ts,
				 .tsval = p->tsval, .tsecr = p->tsecr };
}

void peer_send_with(struct peer *p, uint8_t flags, int len, const uint8_t *options, int n)
{
	struct segment seg = peer_segment(p, flags);

	seg.options = options;
	seg.n_options = n;
	seg.len = len;
	wire_send(p->w, &seg);
	p->seq += (uint32_t)consumed(flags, len);
}

void peer_send_at(const struct peer *p, uint8_t flags, uint32_t seq, int len)
{
	struct segment seg = peer_segment(p, flags);

	seg.seq = seq;
	seg.len = len;
	wire_send(p->w, &seg);
}

void peer_send(struct peer *p, uint8_t flags, int len)
{
	peer_send_with(p, flags, len, NULL, 0);
}

long wire_connect(struct wire *w, struct actor *a, int fd)
{
	struct addr far = wire_far(w, FAR_PORT);

	return net_connect_to(a, fd, &far);
}

struct peer peer_called(struct wire *w, struct actor *a, int fd)
{
	struct peer p = { .w = w, .rport = FAR_PORT, .seq = 1000000, .tsval = 1000 };
	struct addr far = wire_far(w, FAR_PORT);

	net_connect_begin(a, fd, &far);
	p.last = wire_await(w, 0, FAR_PORT, SEG_SYN);
	p.lport = p.last.sport;
	p.ack = p.last.seq + 1;
	p.tsecr = p.last.tsval;
	return p;
}

int peer_accept(struct wire *w, struct actor *a, struct peer *p)
{
	int fd = net_socket(a, w->family);

	*p = peer_called(w, a, fd);
	peer_send(p, SEG_SYN | SEG_ACK, 0);
	peer_await(p, SEG_ACK);
	must(a, "connect over the wire", actor_end(a));
	return fd;
}

struct peer peer_stranger(struct wire *w, int lport)
{
	return (struct peer){ .w = w, .lport = lport, .rport = FAR_CLIENT, .seq = 1000000,
			      .ack = 2000000, .tsval = 1000 };
}

struct peer peer_knock(struct wire *w, int lport, int rport)
{
	struct peer p = { .w = w, .lport = lport, .rport = rport, .seq = 1000000,
			  .tsval = 1000 };

	peer_send(&p, SEG_SYN, 0);
	peer_await(&p, SEG_SYN | SEG_ACK);
	return p;
}

int peer_connect(struct wire *w, struct actor *a, int lfd, int lport, struct peer *p)
{
	*p = peer_knock(w, lport, FAR_CLIENT);
	peer_send(p, SEG_ACK, 0);
	return net_accept(a, lfd);
}

void peer_finish(struct peer *p, struct actor *a, int fd)
{
	net_close(a, fd);
	peer_await(p, SEG_FIN);
	peer_send(p, SEG_FIN | SEG_ACK, 0);
	peer_await(p, SEG_ACK);
}

void peer_half_finish(struct peer *p, struct actor *a, int fd)
{
	net_close(a, fd);
	peer_await(p, SEG_FIN);
	peer_send(p, SEG_ACK, 0);
	net_wait_timewait(p->w->s, p->w->family, p->lport, p->rport);
}

struct expect *expect_abort(const struct peer *p, const char *cause, const struct actor *a,
			    const char *state)
{
	struct expect *e = scene_expect(p->w->s, "timeout", cause);

	want_far_sender(e, p);
	want_victim(e, a, "caller|socket", state);
	want_absent(e, "rst_seq");
	want_absent(e, "reason");
	want_absent(e, "sender_pid");
	return e;
}

void want_own_error(struct expect *e, int err, const char *syscall, int fd, const struct actor *a)
{
	struct error_expect *x = want_failure(e, strerrorname_np(err), syscall, fd, a->pid, a->comm,
					      false);

	maybe_failure_str(x, "side", "sender");
}

void want_far_sender(struct expect *e, const struct peer *p)
{
	struct addr near = wire_near(p->w, p->lport), far = wire_far(p->w, p->rport);

	want_flow(e, &far, &near);
}

void want_far_victim(struct expect *e, const struct peer *p)
{
	struct addr near = wire_near(p->w, p->lport), far = wire_far(p->w, p->rport);

	want_flow(e, &near, &far);
	want_absent(e, "victim_pid");
}
