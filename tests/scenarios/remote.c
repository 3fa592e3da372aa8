/* SPDX-License-Identifier: GPL-2.0 */
/* The peer behind a TUN device. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "link.h"
#include "remote.h"

/* Addresses for documentation. */
#define HERE4 "192.0.2.1"
#define THERE4 "192.0.2.2"
#define HERE6 "2001:db8::1"
#define THERE6 "2001:db8::2"

void remote_open(struct remote *r, struct scene *s, int port)
{
	struct ifreq ifr = { .ifr_name = "far", .ifr_flags = IFF_TUN | IFF_NO_PI };
	bool v6 = s->family == V6;
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		scene_skip(s, "/dev/net/tun: %s", strerror(errno));
	if (ioctl(fd, TUNSETIFF, &ifr))
		scene_abort(s, "TUNSETIFF: %s", strerror(errno));
	*r = (struct remote){ .s = s, .fd = fd_aside(s, fd), .seq = 1000000, .window = 60000,
			      .ttl = REMOTE_TTL, .id = 4000,
			      .here = { .version = v6 ? 6 : 4 },
			      .there = { .version = v6 ? 6 : 4, .port = port } };
	strcpy(r->here.ip, v6 ? HERE6 : HERE4);
	strcpy(r->there.ip, v6 ? THERE6 : THERE4);
	link_set(s, ifr.ifr_name, IFF_UP);
	link_addr(s, ifr.ifr_name, r->here.ip);
}

void remote_share(struct remote *r, const struct remote *first, int port)
{
	*r = *first;
	r->there.port = port;
	r->seq += 1000000;
}

void remote_send_at(struct remote *r, unsigned int flags, uint32_t seq, int len)
{
	struct raw_ip ip = raw_ip(&r->there, &r->here, r->ttl, r->id++);
	struct segment seg = {
		.sport = r->there.port, .dport = r->here.port, .seq = seq,
		.ack = flags & SEG_ACK ? r->ack : 0, .flags = (uint8_t)flags,
		.window = r->window, .len = len, .text = r->text,
	};
	uint8_t buf[RAW_MAX];
	size_t n = raw_tcp(buf, &ip, &seg);

	if (write(r->fd, buf, n) != (ssize_t)n)
		scene_abort(r->s, "writing to the TUN device: %s", strerror(errno));
}

void remote_send(struct remote *r, unsigned int flags, int len)
{
	remote_send_at(r, flags, r->seq, len);
	r->seq += (uint32_t)len + !!(flags & SEG_SYN) + !!(flags & SEG_FIN);
}

/* The next TCP segment; other packets of the device are skipped. */
static struct segment next_segment(struct remote *r)
{
	struct pollfd pfd = { .fd = r->fd, .events = POLLIN };
	int64_t end = now_ms() + r->s->timeout_ms;
	struct segment seg;
	uint8_t buf[RAW_MAX];
	ssize_t n;

	while (now_ms() < end) {
		if (poll(&pfd, 1, (int)(end - now_ms())) != 1)
			continue;
		n = read(r->fd, buf, sizeof(buf));
		if (n > 0 && raw_parse(buf, (size_t)n, r->there.version, &seg))
			return seg;
	}
	scene_abort(r->s, "no segment for the remote peer");
}

struct segment remote_await(struct remote *r, unsigned int flags)
{
	struct segment seg = next_segment(r);

	seg.flags &= SEG_FIN | SEG_SYN | SEG_RST | SEG_ACK;
	if (seg.flags != (flags & ~SEG_PSH))
		scene_abort(r->s, "segment for the remote peer: expected flags 0x%x, got 0x%x",
			    flags, seg.flags);
	if (seg.flags & SEG_SYN) {
		r->here.port = seg.sport;
		r->ack = seg.seq;
	}
	if (seg.seq == r->ack)
		r->ack += (uint32_t)seg.len + !!(flags & SEG_SYN) + !!(flags & SEG_FIN);
	return seg;
}

int remote_connecting(struct remote *r, struct actor *a)
{
	int fd = net_socket(a, r->s->family);

	net_connect_begin(a, fd, &r->there);
	remote_await(r, SEG_SYN);
	return fd;
}

int remote_connected(struct remote *r, struct actor *a)
{
	int fd = remote_connecting(r, a);

	remote_send(r, SEG_SYN | SEG_ACK, 0);
	must(a, "connect", actor_end(a));
	remote_await(r, SEG_ACK);
	return fd;
}

void remote_connect(struct remote *r, int port)
{
	r->here.port = port;
	remote_send(r, SEG_SYN, 0);
	remote_await(r, SEG_SYN | SEG_ACK);
	remote_send(r, SEG_ACK, 0);
}
