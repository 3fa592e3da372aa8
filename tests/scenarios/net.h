/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The sockets of actors. A function whose description mentions no negative errno aborts the scene
 * when it fails: it sets the stage. The calls under test are made by net_io() or actor_sys(), whose
 * result the scenario checks.
 */
#ifndef NET_H
#define NET_H

#include <netinet/in.h>

#include "scene.h"

#define SERVER_PORT 8080
#define CLOSED_PORT 4242
/* The only port left to clients by net_one_client_port(). */
#define CLIENT_PORT 45000

/* One end of a connection, as the incident has to show it. */
struct addr {
	int version;		/* 4 or 6; v4-mapped is 4 */
	char ip[INET6_ADDRSTRLEN];
	int port;
};

/* A connection and the actors that hold its ends. */
struct conn {
	struct actor *server, *client;
	int lfd, sfd, cfd;	/* listener, accepted, connecting; -1: none */
	struct addr saddr, caddr;
};

/* Makes a raw system call in the actor; returns its result, or a negative errno. */
long actor_sys(struct actor *a, long nr, const long *arg, int n);
#define SYS(a, nr, ...) \
	actor_sys(a, nr, (const long[]){ __VA_ARGS__ }, \
		  sizeof((const long[]){ __VA_ARGS__ }) / sizeof(long))

/* For actor_call() and its like: the number of the call, then its arguments. */
long do_syscall(const long *arg);
/* Ends the process with status arg[0]. */
long do_exit_group(const long *arg);

/* Returns r, and aborts the scene if it is a negative errno. */
long must(struct actor *a, const char *what, long r);

/* Fills in how a client of this family reaches the port; returns the length. */
socklen_t net_target(enum family family, int port, struct sockaddr_storage *to);
/* The same for an address, and the reverse; v4-mapped becomes version 4. */
socklen_t net_sockaddr(const struct addr *at, struct sockaddr_storage *to);
struct addr net_addr(const struct sockaddr_storage *ss);
/* The loopback address that resets of this family's connections carry. */
struct addr net_loopback(enum family family, int port);

/*
 * A refused socket loses its port. So the port of clients is fixed beforehand, as the only one
 * there is: bind() would fix it as well, but most clients do not call it.
 */
void net_one_client_port(struct scene *s);

int net_socket(struct actor *a, enum family family);
/* A socket that is bound to the port; a listener on it. Both on any address. */
int net_bound(struct actor *a, enum family family, int port);
int net_listen(struct actor *a, enum family family, int port, int backlog);
/*
 * Makes a blocking connect; returns the result of the call. The address goes into the scene's
 * buffer.
 */
long net_connect(struct actor *a, int fd, enum family family, int port);
long net_connect_to(struct actor *a, int fd, const struct addr *to);
/* Begins a connect; actor_end() ends it. */
void net_connect_begin(struct actor *a, int fd, const struct addr *to);
/* connect(AF_UNSPEC), which dissolves the connection. */
void net_disconnect(struct actor *a, int fd);
int net_accept(struct actor *a, int lfd);
void net_close(struct actor *a, int fd);
void net_shutdown(struct actor *a, int fd, int how);
void net_setsockopt(struct actor *a, int fd, int level, int name, const void *val, int len);
void net_linger0(struct actor *a, int fd);
struct addr net_name(struct actor *a, int fd);
/* Reads SO_ERROR, which clears it. */
int net_so_error(struct actor *a, int fd);

/* Sends n bytes, or receives exactly n. */
void net_send(struct actor *a, int fd, int n);
void net_recv(struct actor *a, int fd, int n);

/* Waits for a TCP state (TCP_ESTABLISHED …). */
void net_wait_state(struct actor *a, int fd, int state);
/* Waits until exactly n bytes are unread (SIOCINQ). */
void net_wait_unread(struct actor *a, int fd, int n);
/* Waits until nothing more arrives, as the sender has no room left. */
void net_wait_stalled(struct actor *a, int fd);
/* Waits until all that was sent is acknowledged (SIOCOUTQ). */
void net_wait_acked(struct actor *a, int fd);
/* Waits until n connections wait to be accepted. */
void net_wait_queued(struct actor *a, int lfd, int n);
/* Waits until the socket of this pair of ports is a timewait one. */
void net_wait_timewait(struct scene *s, enum family family, int lport, int rport);
/* Waits until that socket is a timewait one or its FIN is acknowledged. */
void net_wait_fin_acked(struct scene *s, enum family family, int lport, int rport);

/* Waits until there is no such timewait socket. */
void net_wait_no_timewait(struct scene *s, enum family family, int lport, int rport);
/* A counter of TcpExt in the scene's namespace; -1 if there is none of this name. */
long net_counter(struct scene *s, const char *name);
/* Waits until there is no socket at all with this pair of ports. */
void net_wait_gone(struct scene *s, enum family family, int lport, int rport);

/* poll() for these events, ERR and HUP: what it returns at once, or within the scene's timeout. */
int net_poll_now(struct actor *a, int fd, int events);
int net_poll(struct actor *a, int fd, int events);

/* Listens if c->lfd is -1, connects, accepts. c->server and c->client must be set. */
void conn_open(struct scene *s, struct conn *c);
/* Starts two actors, rt-server and rt-client, and connects them. */
struct conn conn_new(struct scene *s);
/* As conn_new(), with n bytes from the client that the server has not read. */
struct conn conn_unread(struct scene *s, int n);
/* As conn_open(), but without accept(): c->sfd stays -1. */
void conn_queue(struct scene *s, struct conn *c);

/* The client shuts down: SHUT_WR, or SHUT_RDWR; its FIN is acknowledged when this returns. */
void conn_shutdown(struct conn *c, int how);

/*
 * The client closes, or exits, and its end becomes a timewait socket. If the ACK arrives while
 * close() is at work, an orphan in FIN_WAIT2 stays (tcp_rcv_state_process()): then it tries again
 * with a new connection.
 */
void conn_to_timewait(struct scene *s, struct conn *c, bool exits);

/*
 * The server aborts the connection (SO_LINGER {1,0}), and the client's end is dead. Returns the
 * expectation, complete for the sender, without errors so far.
 */
struct expect *conn_reset(struct scene *s, struct conn *c);
/* As conn_reset(), but the client aborts, and the server's end is dead. */
struct expect *conn_reset_by_client(struct scene *s, struct conn *c);

/* Expects that CLOSED_PORT on loopback refused the client, whose port is CLIENT_PORT. */
struct expect *expect_refused(struct scene *s, const struct actor *client);

/*
 * The server aborts while a call of the client's sleeps, which was begun before and fails with
 * ECONNRESET. Returns the expectation, without errors so far.
 */
struct expect *conn_reset_waiting(struct scene *s, struct conn *c);

/*
 * Waits until the client's end is dead; then its recv fails, and the incident is expected to have
 * that.
 */
void conn_client_notices(struct conn *c, struct expect *e);

/* Expects this direction of the RST. */
void want_flow(struct expect *e, const struct addr *from, const struct addr *to);

/* Ways to send and to receive. */
enum io {
	IO_READ, IO_RECV, IO_RECVMSG, IO_READV, IO_RECVMMSG, IO_SPLICE_IN,
	IO_WRITE, IO_SEND, IO_SENDMSG, IO_WRITEV, IO_SENDMMSG, IO_SENDFILE, IO_SPLICE_OUT,
	IO_SEND_NOSIGNAL, IO_PEEK,
};

/* The name of the system call. */
const char *io_syscall(enum io how);

/* For actor_call() and its like: how, fd, buffer, length. */
long do_io(const long *arg);
/* Makes one call for up to n bytes; returns its result or a negative errno. */
long net_io(struct actor *a, enum io how, int fd, int n);
/* Begins a call that blocks; actor_end() ends it. */
void net_io_begin(struct actor *a, enum io how, int fd, int n);

/* Makes the call, and complains unless it fails with err (positive). */
void net_io_fails(struct actor *a, enum io how, int fd, int err);
/* Complains unless a recv begun before fails with err (positive). */
void net_recv_ends(struct actor *a, int err);
/* A recv that fails with ECONNRESET, which the incident is expected to have. */
struct error_expect *net_recv_reset(struct actor *a, int fd, struct expect *e);

#endif
