/* SPDX-License-Identifier: GPL-2.0 */
/* The sockets of actors, to set the stage. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "net.h"

long do_syscall(const long *a)
{
	long r = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);

	return r < 0 ? -errno : r;
}

long do_exit_group(const long *arg)
{
	_exit((int)arg[0]);
}

long actor_sys(struct actor *a, long nr, const long *arg, int n)
{
	long v[ACTOR_ARGS] = { nr };

	memcpy(v + 1, arg, n * sizeof(*arg));
	return actor_call(a, do_syscall, v, n + 1);
}

long must(struct actor *a, const char *what, long r)
{
	if (r < 0)
		scene_abort(a->scene, "%s in %s: %s", what, a->comm, strerror((int)-r));
	return r;
}

/* Two ports, as the kernel logs a complaint about a range of one. */
void net_one_client_port(struct scene *s)
{
	scene_sysctl(s, "net/ipv4/ip_local_port_range", "45000 45001");
	scene_sysctl(s, "net/ipv4/ip_local_reserved_ports", "45001");
}

int net_socket(struct actor *a, enum family family)
{
	int af = family == V4 || family == MAPPED ? AF_INET : AF_INET6;

	return (int)must(a, "socket", SYS(a, SYS_socket, af, SOCK_STREAM, 0));
}

/* A bound socket. af: the family of the socket, AF_INET6 for v4-mapped addresses. */
static int bound(struct actor *a, int af, int port)
{
	struct sockaddr_storage *at = (struct sockaddr_storage *)a->scene->buf;
	int one = 1, fd;

	fd = (int)must(a, "socket", SYS(a, SYS_socket, af, SOCK_STREAM, 0));
	net_setsockopt(a, fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	memset(at, 0, sizeof(*at));
	at->ss_family = (sa_family_t)af;
	/* The port has the same place in both kinds of address; zeroes are any address. */
	((struct sockaddr_in *)at)->sin_port = htons(port);
	must(a, "bind", SYS(a, SYS_bind, fd, (long)at, sizeof(*at)));
	return fd;
}

int net_bound(struct actor *a, enum family family, int port)
{
	return bound(a, family == V4 || family == MAPPED ? AF_INET : AF_INET6, port);
}

int net_listen(struct actor *a, enum family family, int port, int backlog)
{
	int fd = bound(a, family == V4 || family == MAPPED_CLIENT ? AF_INET : AF_INET6, port);

	must(a, "listen", SYS(a, SYS_listen, fd, backlog));
	return fd;
}

long net_connect(struct actor *a, int fd, enum family family, int port)
{
	struct sockaddr_storage *to = (struct sockaddr_storage *)a->scene->buf;
	socklen_t len = net_target(family, port, to);

	return SYS(a, SYS_connect, fd, (long)to, len);
}

void net_connect_begin(struct actor *a, int fd, const struct addr *to)
{
	struct sockaddr_storage *at = (struct sockaddr_storage *)a->scene->buf;
	socklen_t len = net_sockaddr(to, at);

	actor_begin(a, do_syscall, (long[]){ SYS_connect, fd, (long)at, len }, 4);
}

long net_connect_to(struct actor *a, int fd, const struct addr *to)
{
	net_connect_begin(a, fd, to);
	return actor_end(a);
}

void net_disconnect(struct actor *a, int fd)
{
	struct sockaddr *to = (struct sockaddr *)a->scene->buf;

	memset(to, 0, sizeof(*to));
	to->sa_family = AF_UNSPEC;
	must(a, "connect(AF_UNSPEC)", SYS(a, SYS_connect, fd, (long)to, sizeof(*to)));
}

int net_accept(struct actor *a, int lfd)
{
	return (int)must(a, "accept", SYS(a, SYS_accept4, lfd, 0, 0, 0));
}

void net_close(struct actor *a, int fd)
{
	must(a, "close", SYS(a, SYS_close, fd));
}

void net_shutdown(struct actor *a, int fd, int how)
{
	must(a, "shutdown", SYS(a, SYS_shutdown, fd, how));
}

void net_setsockopt(struct actor *a, int fd, int level, int name, const void *val, int len)
{
	memcpy(a->scene->buf, val, len);
	must(a, "setsockopt",
	     SYS(a, SYS_setsockopt, fd, level, name, (long)a->scene->buf, len));
}

void net_linger0(struct actor *a, int fd)
{
	struct linger l = { .l_onoff = 1, .l_linger = 0 };

	net_setsockopt(a, fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}

struct addr net_name(struct actor *a, int fd)
{
	struct { struct sockaddr_storage ss; socklen_t len; } *b = (void *)a->scene->buf;

	b->len = sizeof(b->ss);
	must(a, "getsockname", SYS(a, SYS_getsockname, fd, (long)&b->ss, (long)&b->len));
	return net_addr(&b->ss);
}

static long getsockopt_int(struct actor *a, int fd, int level, int name)
{
	struct { int val; socklen_t len; } *b = (void *)a->scene->buf;

	b->len = sizeof(b->val);
	must(a, "getsockopt",
	     SYS(a, SYS_getsockopt, fd, level, name, (long)&b->val, (long)&b->len));
	return b->val;
}

int net_so_error(struct actor *a, int fd)
{
	return (int)getsockopt_int(a, fd, SOL_SOCKET, SO_ERROR);
}

void net_send(struct actor *a, int fd, int n)
{
	long r = must(a, "send", net_io(a, IO_SEND, fd, n));

	if (r != n)
		scene_abort(a->scene, "send in %s: %ld of %d bytes", a->comm, r, n);
}

void net_recv(struct actor *a, int fd, int n)
{
	long r;

	while (n > 0) {
		r = must(a, "recv", net_io(a, IO_RECV, fd, n));
		if (!r)
			scene_abort(a->scene, "recv in %s: %d bytes missing", a->comm, n);
		n -= (int)r;
	}
}

/* A socket, and the number to wait for. */
struct wait {
	struct actor *a;
	int fd, want;
};

static const struct tcp_info *tcp_info(struct actor *a, int fd)
{
	struct { struct tcp_info ti; socklen_t len; } *b = (void *)a->scene->buf;

	b->len = sizeof(b->ti);
	must(a, "TCP_INFO",
	     SYS(a, SYS_getsockopt, fd, IPPROTO_TCP, TCP_INFO, (long)&b->ti, (long)&b->len));
	return &b->ti;
}

static bool has_state(void *ctx)
{
	struct wait *w = ctx;

	return tcp_info(w->a, w->fd)->tcpi_state == w->want;
}

void net_wait_state(struct actor *a, int fd, int state)
{
	char what[48];

	snprintf(what, sizeof(what), "fd %d of %s in state %d", fd, a->comm, state);
	scene_until(a->scene, what, has_state, &(struct wait){ a, fd, state });
}

/* tcpi_unacked of a listener is the length of its accept queue. */
static bool has_queued(void *ctx)
{
	struct wait *w = ctx;

	return (int)tcp_info(w->a, w->fd)->tcpi_unacked == w->want;
}

void net_wait_queued(struct actor *a, int lfd, int n)
{
	scene_until(a->scene, "connections in the accept queue", has_queued,
		    &(struct wait){ a, lfd, n });
}

static int ioctl_int(struct actor *a, int fd, long req)
{
	int *v = (int *)a->scene->buf;

	must(a, "ioctl", SYS(a, SYS_ioctl, fd, req, (long)v));
	return *v;
}

static bool has_unread(void *ctx)
{
	struct wait *w = ctx;

	return ioctl_int(w->a, w->fd, SIOCINQ) == w->want;
}

void net_wait_unread(struct actor *a, int fd, int n)
{
	scene_until(a->scene, "unread bytes", has_unread, &(struct wait){ a, fd, n });
}

/*
 * Longer than an acknowledgement may be delayed (40 ms), which gives the sender room; shorter than
 * the 200 ms after which the sender probes the window. A probe that crosses a RST would draw a
 * second RST: so such scenarios are SC_ALONE.
 */
#define STALLED_MS 100

struct stall {
	struct actor *a;
	int fd, unread;
	int64_t since_ms;
};

static bool is_stalled(void *ctx)
{
	struct stall *st = ctx;
	int unread = ioctl_int(st->a, st->fd, SIOCINQ);

	if (unread != st->unread || !unread) {
		st->unread = unread;
		st->since_ms = now_ms();
	}
	return now_ms() - st->since_ms > STALLED_MS;
}

void net_wait_stalled(struct actor *a, int fd)
{
	struct stall st = { .a = a, .fd = fd, .since_ms = now_ms() };

	scene_until(a->scene, "a sender without room", is_stalled, &st);
}

static bool has_acked(void *ctx)
{
	struct wait *w = ctx;

	return ioctl_int(w->a, w->fd, SIOCOUTQ) == 0;
}

void net_wait_acked(struct actor *a, int fd)
{
	scene_until(a->scene, "bytes acknowledged", has_acked, &(struct wait){ a, fd, 0 });
}

struct tw_wait {
	enum family family;
	unsigned int lport, rport;
	bool any;		/* any socket, not only a timewait one */
	bool fin_wait2;		/* also a socket in FIN_WAIT2 */
};

/*
 * Timewait sockets are shown without netlink only by /proc/net/tcp: their timer is always number 3.
 * It shows the namespace of its reader.
 */
static bool is_timewait(void *ctx)
{
	const struct tw_wait *w = ctx;
	const char *path = w->family == V6 || w->family == MAPPED_CLIENT ? "/proc/self/net/tcp6" :
									     "/proc/self/net/tcp";
	unsigned int lport, rport, state, timer;
	bool found = false;
	char line[256];
	FILE *f = fopen(path, "re");

	if (!f)
		return false;
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, " %*u: %*[^:]:%x %*[^:]:%x %x %*x:%*x %x:", &lport, &rport,
			       &state, &timer) == 4 &&
			lport == w->lport && rport == w->rport &&
			(w->any || timer == 3 || (w->fin_wait2 && state == TCP_FIN_WAIT2));
	fclose(f);
	return found;
}

/* Closing the server's end as well ends an orphan in FIN_WAIT2 without a reset. */
void conn_to_timewait(struct scene *s, struct conn *c, bool exits)
{
	int tries = MAX_ACTORS - 3;	/* each attempt that exits costs an actor */

	for (;;) {
		struct tw_wait w = { s->family, (unsigned int)c->caddr.port,
				     SERVER_PORT, .any = false };

		if (exits)
			actor_dies(c->client, do_exit_group, (long[]){ 0 }, 1);
		else
			net_close(c->client, c->cfd);
		net_wait_state(c->server, c->sfd, TCP_CLOSE_WAIT);
		net_wait_fin_acked(s, s->family, c->caddr.port, SERVER_PORT);
		if (is_timewait(&w))
			return;
		if (!--tries)
			scene_abort(s, "no timewait socket, however often the client closes");
		net_close(c->server, c->sfd);
		if (exits)
			c->client = actor_new(s, c->client->comm);
		conn_open(s, c);
	}
}

void net_wait_timewait(struct scene *s, enum family family, int lport, int rport)
{
	struct tw_wait w = { family, (unsigned int)lport, (unsigned int)rport, .any = false };

	scene_until(s, "timewait socket", is_timewait, &w);
}

/*
 * A FIN that is acknowledged while close() holds the socket leaves it a full socket
 * (tcp_rcv_state_process). The other end must not close before that ACK, which is delayed, has
 * come: it might arrive from another processor after the FIN of that end, and be old by its
 * timestamp; what answers it is answered by a RST, which ends the timewait socket.
 */
void net_wait_fin_acked(struct scene *s, enum family family, int lport, int rport)
{
	struct tw_wait w = { family, (unsigned int)lport, (unsigned int)rport, .fin_wait2 = true };

	scene_until(s, "ACK of the FIN", is_timewait, &w);
}

/* One line has the names, the next line the values. */
long net_counter(struct scene *s, const char *name)
{
	char heads[8192], values[8192], *h, *v, *hs, *vs;
	FILE *f = fopen("/proc/self/net/netstat", "re");
	long value = -1;

	if (!f || !fgets(heads, sizeof(heads), f) || !fgets(values, sizeof(values), f))
		scene_abort(s, "/proc/self/net/netstat cannot be read");
	fclose(f);
	h = strtok_r(heads, " \n", &hs);
	v = strtok_r(values, " \n", &vs);
	while (h && v && value < 0) {
		if (!strcmp(h, name))
			value = strtol(v, NULL, 10);
		h = strtok_r(NULL, " \n", &hs);
		v = strtok_r(NULL, " \n", &vs);
	}
	return value;
}

static bool is_no_timewait(void *ctx)
{
	return !is_timewait(ctx);
}

void net_wait_no_timewait(struct scene *s, enum family family, int lport, int rport)
{
	struct tw_wait w = { family, (unsigned int)lport, (unsigned int)rport, .any = false };

	scene_until(s, "end of the timewait socket", is_no_timewait, &w);
}

void net_wait_gone(struct scene *s, enum family family, int lport, int rport)
{
	struct tw_wait w = { family, (unsigned int)lport, (unsigned int)rport, .any = true };

	scene_until(s, "end of the socket", is_no_timewait, &w);
}

static int poll_for(struct actor *a, int fd, int events, int timeout_ms)
{
	struct { struct pollfd p; struct timespec ts; } *b = (void *)a->scene->buf;
	long r;

	b->p = (struct pollfd){ .fd = fd, .events = (short)events };
	b->ts = (struct timespec){ .tv_sec = timeout_ms / 1000,
				   .tv_nsec = timeout_ms % 1000 * 1000000L };
	r = must(a, "ppoll", SYS(a, SYS_ppoll, (long)&b->p, 1, (long)&b->ts, 0, 8));
	return r ? b->p.revents : 0;
}

int net_poll_now(struct actor *a, int fd, int events)
{
	return poll_for(a, fd, events, 0);
}

int net_poll(struct actor *a, int fd, int events)
{
	/* A little less than the time after which an actor counts as stuck. */
	int r = poll_for(a, fd, events, a->scene->timeout_ms - a->scene->timeout_ms / 8);

	if (!r)
		scene_abort(a->scene, "fd %d of %s: no event", fd, a->comm);
	return r;
}
