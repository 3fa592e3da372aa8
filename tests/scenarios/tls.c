/* SPDX-License-Identifier: GPL-2.0 */
/* Kernel TLS: reads look for an error before the end of file. */
#include <errno.h>
#include <linux/tls.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "net.h"
#include "registry.h"

#ifndef SOL_TLS
#define SOL_TLS 282
#endif
#ifndef TCP_ULP
#define TCP_ULP 31
#endif

/* Sets what a handshake would have agreed on; each direction has its own key. */
static void tls_key(struct actor *a, int fd, int direction, char seed)
{
	struct tls12_crypto_info_aes_gcm_128 ci = {
		.info = { .version = TLS_1_2_VERSION, .cipher_type = TLS_CIPHER_AES_GCM_128 },
	};
	long r;

	memset(ci.iv, seed + 1, sizeof(ci.iv));
	memset(ci.key, seed + 2, sizeof(ci.key));
	memset(ci.salt, seed + 3, sizeof(ci.salt));
	memcpy(a->scene->buf, &ci, sizeof(ci));
	r = SYS(a, SYS_setsockopt, fd, SOL_TLS, direction, (long)a->scene->buf, sizeof(ci));
	if (r == -ENOENT)
		scene_skip(a->scene, "kernel TLS has no AES-GCM here");
	must(a, direction == TLS_TX ? "TLS_TX" : "TLS_RX", r);
}

static void tls_end(struct actor *a, int fd, char sends, char receives)
{
	long r;

	strcpy(a->scene->buf, "tls");
	r = SYS(a, SYS_setsockopt, fd, IPPROTO_TCP, TCP_ULP, (long)a->scene->buf, 3);
	if (r == -ENOENT || r == -ENOPROTOOPT)
		scene_skip(a->scene, "no kernel TLS: %s", strerror((int)-r));
	must(a, "TCP_ULP", r);
	tls_key(a, fd, TLS_TX, sends);
	tls_key(a, fd, TLS_RX, receives);
}

/* A connection that has carried a record in each direction. */
static struct conn tls_conn(struct scene *s)
{
	struct conn c = conn_new(s);

	tls_end(c.server, c.sfd, 'a', 'k');
	tls_end(c.client, c.cfd, 'k', 'a');
	net_send(c.client, c.cfd, 16);
	net_recv(c.server, c.sfd, 16);
	net_send(c.server, c.sfd, 16);
	net_recv(c.client, c.cfd, 16);
	return c;
}

static void recv_fails(struct scene *s)
{
	struct conn c = tls_conn(s);
	struct expect *e = conn_reset(s, &c);

	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	net_io_fails(c.client, s->arg, c.cfd, ECONNRESET);
	want_error(e, ECONNRESET, io_syscall(s->arg), c.cfd, c.client, false);
}

/*
 * A record that could not be sent puts its error back on the socket: each send fails with
 * ECONNRESET, without SIGPIPE, until a read takes the error for good.
 */
static void send_fails(struct scene *s)
{
	struct conn c = tls_conn(s);
	struct expect *e = conn_reset(s, &c);

	want_victim(e, c.client, "caller|socket", "ESTABLISHED");
	actor_sigpipe(c.client, ACTOR_SIGPIPE_CATCH);
	net_io_fails(c.client, IO_SEND, c.cfd, ECONNRESET);
	net_io_fails(c.client, IO_SEND, c.cfd, ECONNRESET);
	scene_same(s, "SIGPIPE caught", 0, atomic_load(&c.client->sigpipes));
	net_io_fails(c.client, IO_RECV, c.cfd, ECONNRESET);
	scene_same(s, "recv after the error", 0, net_io(c.client, IO_RECV, c.cfd, 16));
	want_error(e, ECONNRESET, "sendto", c.cfd, c.client, false);
	want_error(e, ECONNRESET, "sendto", c.cfd, c.client, false);
	want_error(e, ECONNRESET, "recvfrom", c.cfd, c.client, false);
}

static void reader_waits(struct scene *s)
{
	struct conn c = tls_conn(s);
	struct expect *e;

	net_io_begin(c.client, IO_RECV, c.cfd, 16);
	e = conn_reset_waiting(s, &c);
	want_error(e, ECONNRESET, "recvfrom", c.cfd, c.client, false);
}

/*
 * A plain socket would read an end of file, and the error would be lost; a socket with TLS reads
 * EPIPE, an errno that people do not expect of a read.
 */
static void close_wait(struct scene *s)
{
	struct conn c = tls_conn(s);
	struct expect *e;

	net_close(c.client, c.cfd);
	net_wait_state(c.server, c.sfd, TCP_CLOSE_WAIT);
	net_wait_fin_acked(s, s->family, c.caddr.port, SERVER_PORT);
	net_send(c.server, c.sfd, 16);
	net_wait_state(c.server, c.sfd, TCP_CLOSE);
	actor_sigpipe(c.server, ACTOR_SIGPIPE_CATCH);
	net_io_fails(c.server, IO_RECV, c.sfd, EPIPE);
	scene_same(s, "SIGPIPE caught", 0, atomic_load(&c.server->sigpipes));

	e = scene_expect(s, "reply", "data-after-close");
	want_flow(e, &c.caddr, &c.saddr);
	want_sender(e, c.client, "caller|socket");
	want_victim(e, c.server, "caller|socket", "CLOSE_WAIT");
	want_error(e, EPIPE, "recvfrom", c.sfd, c.server, false);
}

const struct scenario tls_scenarios[] = {
	ROW("tls-recv", "kernel TLS: recv fails", recv_fails, V4, .arg = IO_RECV),
	ROW("tls-read", "kernel TLS: read fails", recv_fails, V4, .arg = IO_READ),
	ROW("tls-recv-v6", "kernel TLS over IPv6: recv fails", recv_fails, V6, .arg = IO_RECV),
	ROW("tls-send", "kernel TLS: sends fail with ECONNRESET until a read takes it", send_fails, V4),
	ROW("tls-reader", "kernel TLS: the reset wakes a sleeping recv", reader_waits, V4),
	ROW("tls-close-wait", "kernel TLS: recv after data for a closed peer: EPIPE",
	    close_wait, V4),
	ROW_END
};
