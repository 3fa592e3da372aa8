/* SPDX-License-Identifier: GPL-2.0 */
/* Data for a peer that has closed, or has shut down reading. */
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "net.h"
#include "registry.h"

/* What the server does after its first write has caused the RST. */
enum after { WRITE_IGNORED, WRITE_CAUGHT, WRITE_KILLED, WRITE_NOSIGNAL, READ_EOF };

static void server_notices(struct scene *s, struct conn *c, struct expect *e, enum after after)
{
	struct error_expect *err;
	int status;

	switch (after) {
	case WRITE_IGNORED:
	case WRITE_CAUGHT:
		actor_sigpipe(c->server, after == WRITE_CAUGHT ? ACTOR_SIGPIPE_CATCH :
								 ACTOR_SIGPIPE_IGNORE);
		net_io_fails(c->server, IO_SEND, c->sfd, EPIPE);
		scene_same(s, "SIGPIPE caught", after == WRITE_CAUGHT,
			   atomic_load(&c->server->sigpipes));
		break;
	case WRITE_NOSIGNAL:
		actor_sigpipe(c->server, ACTOR_SIGPIPE_CATCH);
		net_io_fails(c->server, IO_SEND_NOSIGNAL, c->sfd, EPIPE);
		scene_same(s, "SIGPIPE caught", 0, atomic_load(&c->server->sigpipes));
		break;
	case WRITE_KILLED:
		net_io_begin(c->server, IO_SEND, c->sfd, 16);
		status = actor_reap(c->server);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGPIPE)
			scene_complain(s, "server: expected death by SIGPIPE, got status 0x%x",
				       status);
		break;
	case READ_EOF:
		scene_same(s, "recv", 0, net_io(c->server, IO_RECV, c->sfd, 16));
		/* the point of this scene: no call failed */
		want_str(e, "outcome", "eof");
		want_str(e, "eof_syscall", "recvfrom");
		want_int(e, "eof_fd", c->sfd);
		want_int(e, "eof_pid", c->server->pid);
		want_str(e, "eof_comm", c->server->comm);
		return;
	}
	err = want_error(e, EPIPE, "sendto", c->sfd, c->server, after != WRITE_NOSIGNAL);
	if (after != WRITE_NOSIGNAL)
		maybe_failure_str(err, "sigpipe_action",
				  after == WRITE_CAUGHT ? "handled" :
				  after == WRITE_KILLED ? "killed" : "ignored");
}

/* The server's first write, which causes the RST. */
static struct expect *server_writes(struct scene *s, struct conn *c, const char *cause)
{
	struct expect *e;

	net_send(c->server, c->sfd, 16);
	net_wait_state(c->server, c->sfd, TCP_CLOSE);
	e = scene_expect(s, "reply", cause);
	want_flow(e, &c->caddr, &c->saddr);
	want_sender(e, c->client, "caller|socket");
	want_absent(e, "sender_exit");
	want_victim(e, c->server, "caller|socket|listener", "CLOSE_WAIT");
	maybe_int(e, "victim_fd", c->sfd);
	return e;
}

/* The usual course: the closed end has become a timewait socket. */
static void data_after_close(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	conn_to_timewait(s, &c, false);
	e = server_writes(s, &c, "data-after-close");
	want_str(e, "sender_state", "TIME_WAIT");
	want_str(e, "sender_syscall", "close");
	want_int(e, "sender_fd", c.cfd);
	maybe_str(e, "reason", "TCP_TIMEWAIT_SOCKET");
	server_notices(s, &c, e, s->arg);
}

/*
 * The same at once: most often the FIN is not acknowledged yet, so the closed end is an orphan in
 * FIN_WAIT1, and other code of the kernel answers.
 */
static void data_after_close_early(struct scene *s)
{
	long delayed = net_counter(s, "DelayedACKs");
	struct conn c = conn_new(s);
	struct expect *e;

	net_close(c.client, c.cfd);
	net_wait_state(c.server, c.sfd, TCP_CLOSE_WAIT);
	/* an ACK sent from another processor might arrive after the data, and draw a RST as well */
	if (net_counter(s, "DelayedACKs") != delayed)
		net_wait_fin_acked(s, s->family, c.caddr.port, SERVER_PORT);
	e = server_writes(s, &c, "data-after-close");
	want_str(e, "sender_state", "FIN_WAIT1|FIN_WAIT2|TIME_WAIT");
	want_str(e, "sender_syscall", "close");
	want_int(e, "sender_fd", c.cfd);
	maybe_int(e, "sender_unsent", 0);	/* a FIN is no byte */
	maybe_str(e, "reason", "TCP_ABORT_ON_DATA|TCP_TIMEWAIT_SOCKET");
	server_notices(s, &c, e, s->arg);
}

/* The process that closed has ended too, and is still the one to be named. */
static void data_after_exit(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	conn_to_timewait(s, &c, true);
	e = server_writes(s, &c, "data-after-close");
	want_str(e, "sender_state", "TIME_WAIT");
	want_str(e, "sender_exit", "exit");
	maybe_str(e, "sender_syscall", "exit_group");
	server_notices(s, &c, e, s->arg);
}

/* shutdown(SHUT_RDWR) without close: the socket is still somebody's. */
static void data_after_shutdown(struct scene *s)
{
	struct conn c = conn_new(s);
	struct expect *e;

	conn_shutdown(&c, SHUT_RDWR);
	e = server_writes(s, &c, "data-after-shutdown");
	want_str(e, "sender_state", "FIN_WAIT2");
	maybe_str(e, "sender_syscall", "shutdown");
	maybe_str(e, "reason", "TCP_ABORT_ON_DATA");
	server_notices(s, &c, e, s->arg);
}

/* The end that sent the RST gets an error too, as its socket is dead. */
static void data_after_shutdown_both(struct scene *s)
{
	struct conn c = conn_new(s);
	struct error_expect *err;
	struct expect *e;

	conn_shutdown(&c, SHUT_RDWR);
	e = server_writes(s, &c, "data-after-shutdown");
	want_str(e, "sender_state", "FIN_WAIT2");
	server_notices(s, &c, e, WRITE_IGNORED);
	err = net_recv_reset(c.client, c.cfd, e);
	maybe_failure_str(err, "side", "sender");
}

const struct scenario peer_gone_scenarios[] = {
	ROW("data-after-close", "second write after the peer's close, SIGPIPE ignored",
	    data_after_close, V4, .arg = WRITE_IGNORED),
	ROW("data-after-close-v6", "the same over IPv6",
	    data_after_close, V6, .arg = WRITE_IGNORED),
	ROW("data-after-close-mapped", "the same, IPv6 listener, IPv4 client",
	    data_after_close, MAPPED, .arg = WRITE_IGNORED),
	ROW("data-after-close-mapped-client", "the same, IPv4 listener, IPv6 client",
	    data_after_close, MAPPED_CLIENT, .arg = WRITE_IGNORED),
	ROW("epipe-caught", "the same, SIGPIPE caught", data_after_close, V4, .arg = WRITE_CAUGHT),
	ROW("epipe-default", "the same, SIGPIPE kills", data_after_close, V4, .arg = WRITE_KILLED),
	ROW("epipe-nosignal", "the same, MSG_NOSIGNAL",
	    data_after_close, V4, .arg = WRITE_NOSIGNAL),
	ROW("data-after-close-eof", "the same, but a read swallows the error",
	    data_after_close, V4, .arg = READ_EOF),
	ROW("data-after-close-early", "the write follows the close at once",
	    data_after_close_early, V4, .arg = WRITE_IGNORED),
	ROW("data-after-exit", "the peer has exited", data_after_exit, V4, .arg = WRITE_IGNORED),
	ROW("data-after-shutdown", "the peer has shut down, not closed",
	    data_after_shutdown, V4, .arg = WRITE_IGNORED),
	ROW("data-after-shutdown-eof", "the same, but a read swallows the error",
	    data_after_shutdown, V4, .arg = READ_EOF),
	ROW("data-after-shutdown-both", "the same, and the peer's own call fails too",
	    data_after_shutdown_both, V4),
	ROW_END
};
