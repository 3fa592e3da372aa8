/* SPDX-License-Identifier: GPL-2.0 */
/* Closing a socket the hard way: with bytes unread, or with SO_LINGER 0. */
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net.h"
#include "registry.h"

#define UNREAD 312

/* The server's close resets the connection, and the client's recv fails. */
static struct expect *expect_closed(struct scene *s, const struct conn *c, const char *cause,
				    const char *state, int unread)
{
	struct expect *e = scene_expect(s, "active", cause);

	want_flow(e, &c->saddr, &c->caddr);
	want_sender(e, c->server, "caller");
	want_str(e, "sender_syscall", "close");
	want_int(e, "sender_fd", c->sfd);
	want_str(e, "sender_state", state);
	want_int(e, "sender_unread", unread);
	maybe_int(e, "sender_bytes_in", unread);
	want_absent(e, "sender_exit");
	want_victim(e, c->client, "caller|socket", "ESTABLISHED");
	maybe_int(e, "victim_bytes_out", unread);
	maybe_int(e, "victim_fd", c->cfd);
	return e;
}

static void close_with_unread(struct scene *s)
{
	struct conn c = conn_unread(s, UNREAD);
	struct expect *e;

	net_close(c.server, c.sfd);
	e = expect_closed(s, &c, "close-with-unread", "ESTABLISHED", UNREAD);
	maybe_str(e, "reason", "TCP_ABORT_ON_CLOSE|NOT_SPECIFIED");
	conn_client_notices(&c, e);
}

/*
 * A FIN in the receive queue counts as one in the kernel's arithmetic, but it is no unread
 * byte.
 */
static void close_unread_after_fin(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	net_send(c.client, c.cfd, UNREAD);
	conn_shutdown(&c, SHUT_WR);
	net_wait_unread(c.server, c.sfd, UNREAD);
	net_close(c.server, c.sfd);
	e = expect_closed(s, &c, "close-with-unread", "CLOSE_WAIT", UNREAD);
	want_str(e, "victim_state", "FIN_WAIT2");
	conn_client_notices(&c, e);
}

/* Part of the data was read, so only the rest counts as unread. */
static void close_partly_read(struct scene *s)
{
	struct conn c = conn_unread(s, UNREAD);
	struct expect *e;

	net_recv(c.server, c.sfd, UNREAD - 1);
	net_close(c.server, c.sfd);
	e = expect_closed(s, &c, "close-with-unread", "ESTABLISHED", 1);
	maybe_int(e, "sender_bytes_in", UNREAD);
	maybe_int(e, "victim_bytes_out", UNREAD);
	conn_client_notices(&c, e);
}

static void linger_zero(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	net_linger0(c.server, c.sfd);
	net_close(c.server, c.sfd);
	e = expect_closed(s, &c, "linger-zero", "ESTABLISHED", 0);
	want_bool(e, "sender_linger0", true);
	maybe_str(e, "reason", "TCP_STATE|NOT_SPECIFIED");
	conn_client_notices(&c, e);
}

/* With unread bytes and SO_LINGER 0 at once, the kernel tests the unread bytes first. */
static void linger_zero_unread(struct scene *s)
{
	struct conn c = conn_unread(s, UNREAD);
	struct expect *e;

	net_linger0(c.server, c.sfd);
	net_close(c.server, c.sfd);
	e = expect_closed(s, &c, "close-with-unread", "ESTABLISHED", UNREAD);
	want_bool(e, "sender_linger0", true);
	maybe_str(e, "reason", "TCP_ABORT_ON_CLOSE|NOT_SPECIFIED");
	conn_client_notices(&c, e);
}

const struct scenario close_scenarios[] = {
	ROW("close-with-unread", "close with bytes never read", close_with_unread, V4),
	ROW("close-with-unread-v6", "the same over IPv6", close_with_unread, V6),
	ROW("close-with-unread-mapped", "the same, IPv6 listener, IPv4 client",
	    close_with_unread, MAPPED),
	ROW("close-unread-after-fin", "the same after the client has sent its FIN",
	    close_unread_after_fin, V4),
	ROW("close-partly-read", "close with the last byte unread", close_partly_read, V4),
	ROW("linger-zero", "close with SO_LINGER {1,0}", linger_zero, V4),
	ROW("linger-zero-v6", "the same over IPv6", linger_zero, V6),
	ROW("linger-zero-mapped", "the same, IPv6 listener, IPv4 client", linger_zero, MAPPED),
	ROW("linger-zero-unread", "SO_LINGER {1,0} and unread bytes", linger_zero_unread, V4),
	ROW_END
};
