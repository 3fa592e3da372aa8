/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections with signed segments (TCP-AO). The kernel signs its RSTs too, so the peer accepts
 * them.
 */
#include "ao.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "registry.h"

/* include/uapi/linux/tcp.h, as of 6.7 */
#define AO_ADD_KEY 38
#define AO_INFO 40

struct ao_add {
	struct sockaddr_storage addr;
	char alg_name[64];
	int32_t ifindex;
	uint32_t set_current : 1, set_rnext : 1, reserved : 30;
	uint16_t reserved2;
	uint8_t prefix, sndid, rcvid, maclen, keyflags, keylen;
	uint8_t key[80];
} __attribute__((aligned(8)));

bool ao_known(struct actor *a, enum family family)
{
	struct { char info[256]; socklen_t len; } *b = (void *)a->scene->buf;
	int fd = net_socket(a, family);
	long r;

	memset(b, 0, sizeof(*b));
	b->len = sizeof(b->info);
	r = SYS(a, SYS_getsockopt, fd, IPPROTO_TCP, AO_INFO, (long)b->info, (long)&b->len);
	net_close(a, fd);
	return r != -ENOPROTOOPT;
}

void ao_set_key(struct actor *a, int fd, const struct addr *peer)
{
	struct ao_add key = { .alg_name = "hmac(sha1)", .prefix = peer->version == 6 ? 128 : 32,
			      .sndid = 1, .rcvid = 1, .keylen = 3, .key = "key" };
	struct addr any_port = *peer;

	any_port.port = 0;
	net_sockaddr(&any_port, &key.addr);
	net_setsockopt(a, fd, IPPROTO_TCP, AO_ADD_KEY, &key, sizeof(key));
}

/* Both ends have the key. */
static struct conn ao_conn(struct scene *s)
{
	struct conn c = { .server = actor_new(s, "rt-server"),
			  .client = actor_new(s, "rt-client") };
	struct addr peer = net_loopback(s->family, 0);

	if (!ao_known(c.client, s->family))
		scene_skip(s, "this kernel has no TCP-AO");
	c.lfd = net_listen(c.server, s->family, SERVER_PORT, 16);
	ao_set_key(c.server, c.lfd, &peer);
	c.cfd = net_socket(c.client, s->family);
	ao_set_key(c.client, c.cfd, &peer);
	must(c.client, "connect", net_connect(c.client, c.cfd, s->family, SERVER_PORT));
	c.caddr = net_name(c.client, c.cfd);
	c.saddr = net_loopback(s->family, SERVER_PORT);
	c.sfd = net_accept(c.server, c.lfd);
	return c;
}

static void linger_zero(struct scene *s)
{
	struct conn c = ao_conn(s);
	struct expect *e;

	net_linger0(c.server, c.sfd);
	net_close(c.server, c.sfd);
	net_wait_state(c.client, c.cfd, TCP_CLOSE);
	e = scene_expect(s, "active", "linger-zero");
	want_flow(e, &c.saddr, &c.caddr);
	want_sender(e, c.server, "caller");
	want_str(e, "sender_syscall", "close");
	want_str(e, "sender_state", "ESTABLISHED");
	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	net_io_fails(c.client, IO_RECV, c.cfd, ECONNRESET);
	want_error(e, ECONNRESET, "recvfrom", c.cfd, c.client, false);
}

/* A socket that is shut down answers signed data with a signed RST. */
static void data_after_shutdown(struct scene *s)
{
	struct conn c = ao_conn(s);
	struct expect *e;

	net_shutdown(c.client, c.cfd, SHUT_RDWR);
	net_wait_state(c.server, c.sfd, TCP_CLOSE_WAIT);
	net_send(c.server, c.sfd, 16);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	e = scene_expect(s, "reply", "data-after-shutdown");
	want_flow(e, &c.caddr, &c.saddr);
	want_sender(e, c.client, "caller|socket");
	want_victim(e, c.server, "caller|socket|listener", "CLOSE_WAIT");
	actor_sigpipe(c.server, ACTOR_SIGPIPE_CATCH);
	net_io_fails(c.server, IO_SEND, c.sfd, EPIPE);
	want_error(e, EPIPE, "sendto", c.sfd, c.server, true);
}

/* The timewait socket keeps the key, and signs its RST. */
static void data_after_close(struct scene *s)
{
	struct conn c = ao_conn(s);
	struct expect *e;

	net_close(c.client, c.cfd);
	net_wait_timewait(s, s->family, c.caddr.port, SERVER_PORT);
	net_send(c.server, c.sfd, 16);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	e = scene_expect(s, "reply", "data-after-close");
	want_flow(e, &c.caddr, &c.saddr);
	want_sender(e, c.client, "caller|socket");
	want_str(e, "sender_state", "TIME_WAIT");
	want_victim(e, c.server, "caller|socket|listener", "CLOSE_WAIT");
	actor_sigpipe(c.server, ACTOR_SIGPIPE_CATCH);
	net_io_fails(c.server, IO_SEND, c.sfd, EPIPE);
	want_error(e, EPIPE, "sendto", c.sfd, c.server, true);
}

const struct scenario ao_scenarios[] = {
	ROW("ao-linger-zero", "TCP-AO: close with SO_LINGER {1,0}", linger_zero, V4),
	ROW("ao-linger-zero-v6", "the same over IPv6", linger_zero, V6),
	ROW("ao-data-after-shutdown", "TCP-AO: data for a socket that has shut down",
	    data_after_shutdown, V4),
	ROW("ao-data-after-shutdown-v6", "the same over IPv6", data_after_shutdown, V6),
	ROW("ao-data-after-close", "TCP-AO: data for a connection that was closed",
	    data_after_close, V4),
	ROW("ao-data-after-close-v6", "the same over IPv6", data_after_close, V6),
	ROW_END
};
