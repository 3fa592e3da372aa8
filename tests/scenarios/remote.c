/* SPDX-License-Identifier: GPL-2.0 */
/* The peer behind a TUN device: packets by hand. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "remote.h"

/* Addresses for documentation. */
#define HERE4 "192.0.2.1"
#define THERE4 "192.0.2.2"
#define HERE6 "2001:db8::1"
#define THERE6 "2001:db8::2"

/* The fixed part, as it is on the wire; what else netinet/tcp.h would bring clashes with TH_*. */
struct tcp_head {
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t offset, flags;
	uint16_t window, check, urgent;
};

struct packet {
	union {
		struct iphdr v4;
		struct ip6_hdr v6;
		uint8_t bytes[2048];
	};
};

static void set_addr4(struct scene *s, int sock, struct ifreq *ifr, long req, const char *ip)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr->ifr_addr;

	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	inet_pton(AF_INET, ip, &sin->sin_addr);
	if (ioctl(sock, req, ifr))
		scene_abort(s, "address %s: %s", ip, strerror(errno));
}

/* Whether the kernel has made up its mind about the address: nobody else answers to it. */
static bool usable6(void *ctx)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6 };
	int sock = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	(void)ctx;
	inet_pton(AF_INET6, HERE6, &at.sin6_addr);
	r = bind(sock, (struct sockaddr *)&at, sizeof(at));
	close(sock);
	return !r;
}

static void set_addr6(struct scene *s, struct ifreq *ifr)
{
	struct in6_ifreq r6 = { .ifr6_prefixlen = 64 };
	int sock = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0 || ioctl(sock, SIOCGIFINDEX, ifr))
		scene_abort(s, "index of %s: %s", ifr->ifr_name, strerror(errno));
	r6.ifr6_ifindex = ifr->ifr_ifindex;
	inet_pton(AF_INET6, HERE6, &r6.ifr6_addr);
	if (ioctl(sock, SIOCSIFADDR, &r6))
		scene_abort(s, "address %s: %s", HERE6, strerror(errno));
	close(sock);
	scene_until(s, "use of the IPv6 address", usable6, NULL);
}

static void device_up(struct scene *s, struct ifreq *ifr)
{
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		scene_abort(s, "socket: %s", strerror(errno));
	if (s->family != V6) {
		set_addr4(s, sock, ifr, SIOCSIFADDR, HERE4);
		set_addr4(s, sock, ifr, SIOCSIFNETMASK, "255.255.255.0");
	}
	ifr->ifr_flags = IFF_UP;
	if (ioctl(sock, SIOCSIFFLAGS, ifr))
		scene_abort(s, "bringing %s up: %s", ifr->ifr_name, strerror(errno));
	close(sock);
	if (s->family == V6)
		set_addr6(s, ifr);
}

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
	device_up(s, &ifr);
}

void remote_share(struct remote *r, const struct remote *first, int port)
{
	*r = *first;
	r->there.port = port;
	r->seq += 1000000;
}

/* One's complement sum of n bytes, n even but for the last piece. */
static uint32_t sum(uint32_t acc, const void *data, size_t n)
{
	const uint8_t *p = data;
	size_t i;

	for (i = 0; i < n; i++)
		acc += i & 1 ? p[i] : p[i] << 8;
	return acc;
}

static uint16_t fold(uint32_t acc)
{
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return htons((uint16_t)~acc);
}

/* Returns where TCP begins. */
static size_t ip_header(struct remote *r, struct packet *p, size_t tcp_len, uint32_t *pseudo)
{
	if (r->there.version == 6) {
		p->v6.ip6_flow = htonl(6u << 28);
		p->v6.ip6_plen = htons((uint16_t)tcp_len);
		p->v6.ip6_nxt = IPPROTO_TCP;
		p->v6.ip6_hlim = (uint8_t)r->ttl;
		inet_pton(AF_INET6, r->there.ip, &p->v6.ip6_src);
		inet_pton(AF_INET6, r->here.ip, &p->v6.ip6_dst);
		*pseudo = sum(IPPROTO_TCP + (uint32_t)tcp_len, &p->v6.ip6_src, 32);
		return sizeof(p->v6);
	}
	p->v4.version = 4;
	p->v4.ihl = 5;
	p->v4.tot_len = htons((uint16_t)(sizeof(p->v4) + tcp_len));
	p->v4.id = htons((uint16_t)r->id++);
	p->v4.ttl = (uint8_t)r->ttl;
	p->v4.protocol = IPPROTO_TCP;
	inet_pton(AF_INET, r->there.ip, &p->v4.saddr);
	inet_pton(AF_INET, r->here.ip, &p->v4.daddr);
	p->v4.check = fold(sum(0, &p->v4, sizeof(p->v4)));
	*pseudo = sum(IPPROTO_TCP + (uint32_t)tcp_len, &p->v4.saddr, 8);
	return sizeof(p->v4);
}

void remote_send_at(struct remote *r, unsigned int flags, uint32_t seq, int len)
{
	size_t tcp_len = sizeof(struct tcp_head) + (size_t)len, at;
	struct packet p = { .bytes = { 0 } };
	struct tcp_head th;
	uint32_t pseudo;

	if (tcp_len > sizeof(p) - sizeof(p.v6))
		scene_abort(r->s, "a segment of %d bytes", len);
	at = ip_header(r, &p, tcp_len, &pseudo);
	th = (struct tcp_head){
		.sport = htons((uint16_t)r->there.port), .dport = htons((uint16_t)r->here.port),
		.seq = htonl(seq), .ack = flags & TH_ACK ? htonl(r->ack) : 0,
		.offset = 5 << 4, .flags = (uint8_t)flags,
		.window = htons((uint16_t)r->window),
	};
	memcpy(p.bytes + at, &th, sizeof(th));
	th.check = fold(sum(pseudo, p.bytes + at, tcp_len));
	memcpy(p.bytes + at, &th, sizeof(th));
	if (write(r->fd, p.bytes, at + tcp_len) != (ssize_t)(at + tcp_len))
		scene_abort(r->s, "writing to the TUN device: %s", strerror(errno));
}

void remote_send(struct remote *r, unsigned int flags, int len)
{
	remote_send_at(r, flags, r->seq, len);
	r->seq += (uint32_t)len + !!(flags & TH_SYN) + !!(flags & TH_FIN);
}

/* The TCP segment in these n bytes; false if it is something else. */
static bool parse(const struct packet *p, ssize_t n, struct segment *seg)
{
	struct tcp_head th;
	size_t at;

	if (n >= (ssize_t)sizeof(p->v4) && p->v4.version == 4 && p->v4.protocol == IPPROTO_TCP)
		at = p->v4.ihl * 4u;
	else if (n >= (ssize_t)sizeof(p->v6) && p->v4.version == 6 &&
		 p->v6.ip6_nxt == IPPROTO_TCP)
		at = sizeof(p->v6);
	else
		return false;
	if (n < (ssize_t)(at + sizeof(th)))
		return false;
	memcpy(&th, p->bytes + at, sizeof(th));
	*seg = (struct segment){
		.flags = th.flags & (TH_FIN | TH_SYN | TH_RST | TH_ACK),
		.sport = ntohs(th.sport), .dport = ntohs(th.dport),
		.seq = ntohl(th.seq), .ack = ntohl(th.ack),
		.len = (uint32_t)((size_t)n - at - (size_t)(th.offset >> 4) * 4),
	};
	return true;
}

/* The next segment, whatever else the device sends in between. */
static struct segment next_segment(struct remote *r)
{
	struct pollfd pfd = { .fd = r->fd, .events = POLLIN };
	int64_t end = now_ms() + r->s->timeout_ms;
	struct segment seg;
	struct packet p;
	ssize_t n;

	while (now_ms() < end) {
		if (poll(&pfd, 1, (int)(end - now_ms())) != 1)
			continue;
		n = read(r->fd, p.bytes, sizeof(p));
		if (n > 0 && parse(&p, n, &seg))
			return seg;
	}
	scene_abort(r->s, "no segment for the remote peer");
}

struct segment remote_await(struct remote *r, unsigned int flags)
{
	struct segment seg = next_segment(r);

	if (seg.flags != (flags & ~TH_PSH))
		scene_abort(r->s, "segment for the remote peer: expected flags 0x%x, got 0x%x",
			    flags, seg.flags);
	if (seg.flags & TH_SYN) {
		r->here.port = (int)seg.sport;
		r->ack = seg.seq;
	}
	if (seg.seq == r->ack)
		r->ack += seg.len + !!(flags & TH_SYN) + !!(flags & TH_FIN);
	return seg;
}

int remote_connecting(struct remote *r, struct actor *a)
{
	struct sockaddr_storage *to = (struct sockaddr_storage *)r->s->buf;
	int fd = net_socket(a, r->s->family);
	socklen_t len = net_sockaddr(&r->there, to);

	actor_begin(a, do_syscall, (long[]){ SYS_connect, fd, (long)to, len }, 4);
	remote_await(r, TH_SYN);
	return fd;
}

int remote_connected(struct remote *r, struct actor *a)
{
	int fd = remote_connecting(r, a);

	remote_send(r, TH_SYN | TH_ACK, 0);
	must(a, "connect", actor_end(a));
	remote_await(r, TH_ACK);
	return fd;
}

void remote_connect(struct remote *r, int port)
{
	r->here.port = port;
	remote_send(r, TH_SYN, 0);
	remote_await(r, TH_SYN | TH_ACK);
	remote_send(r, TH_ACK, 0);
}
