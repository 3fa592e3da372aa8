/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire: a veth pair. One end has addresses, the near ones; the other end is no host's. The
 * director plays the host at that far end, one segment at a time, so it can be silent, late or
 * wrong as the scenario wants.
 */
#ifndef WIRE_H
#define WIRE_H

#include "net.h"
#include "raw.h"

#define FAR_PORT 7000		/* a service that the far host plays */
#define FAR_CLIENT 50000	/* the port that it connects from */

struct wire {
	struct scene *s;
	enum family family;
	int fd;			/* packet socket on the far end; -1: a router is there */
	int router;		/* the router's namespace; -1: none */
	int ifindex;		/* of the far end */
	uint8_t mac[6];		/* of the near end */
	uint16_t window;	/* how much the far host takes; may be changed */
	bool ts;		/* the far host uses timestamps */
};

/* A connection as the far host sees it. */
struct peer {
	struct wire *w;
	int lport, rport;	/* near, far */
	uint32_t seq, ack;	/* the far host's next sequence number, and the one that it expects */
	uint32_t tsval, tsecr;	/* values of its timestamps */
	struct segment last;	/* the last segment that came for it */
};

/* Makes the pair, both ends in the caller's namespace. */
void wire_open(struct scene *s, struct wire *w);

/*
 * The same with a router at the far end, in a namespace of its own. It has a route to the far host,
 * but there is no such host.
 */
void wire_open_router(struct scene *s, struct wire *w);
/* An actor that is the far host behind that router, in a namespace of its own. */
struct actor *wire_far_actor(struct wire *w, const char *comm);
/* Enters the router's namespace, and leaves it. */
int wire_enter(const struct wire *w);
void wire_leave(const struct wire *w, int home);
/* Takes the route to the far host away from this namespace, which then says so by ICMP. */
void wire_lose_route(const struct wire *w);

/*
 * An actor that is the far host, directly at the far end, in a namespace that only it is in: when
 * the actor dies, the namespace goes, and the wire with it.
 */
struct actor *wire_open_actor(struct scene *s, struct wire *w, const char *comm);
/* Waits until the wire no longer exists. */
void wire_wait_gone(struct wire *w);

/* The address family on the wire. */
int wire_af(const struct wire *w);
struct addr wire_near(const struct wire *w, int port);
struct addr wire_far(const struct wire *w, int port);
struct addr wire_router(const struct wire *w, int port);

/* A segment of this connection with its next numbers, to be changed where it has to be wrong. */
struct segment peer_segment(const struct peer *p, uint8_t flags);
/* Sends a segment, and counts its payload and flags. */
void peer_send(struct peer *p, uint8_t flags, int len);
/* The same with options, n bytes: a multiple of four. */
void peer_send_with(struct peer *p, uint8_t flags, int len, const uint8_t *options, int n);
/* Sends a segment at another sequence number, and counts nothing. */
void peer_send_at(const struct peer *p, uint8_t flags, uint32_t seq, int len);
void wire_send(const struct wire *w, const struct segment *seg);

/* Waits for the next segment from lport (0: any) to rport that has all of flags. */
struct segment wire_await(const struct wire *w, int lport, int rport, uint8_t flags);
/* The same for a connection, whose numbers move on. */
struct segment peer_await(struct peer *p, uint8_t flags);

/* Says by ICMP, with this type and code, that the segment could not be delivered. */
void wire_unreachable(const struct wire *w, const struct segment *seg, int type, int code);

/* The actor makes a blocking connect() to the far host; returns the result of the call. */
long wire_connect(struct wire *w, struct actor *a, int fd);

/* The actor connects to the far host, up to the SYN; actor_end() ends the call. */
struct peer peer_called(struct wire *w, struct actor *a, int fd);
/* The same, answered and established. Returns the descriptor. */
int peer_accept(struct wire *w, struct actor *a, struct peer *p);
/* A connection that this host knows nothing of. */
struct peer peer_stranger(struct wire *w, int lport);
/* The far host's SYN from rport to a listener; the SYN-ACK has come. */
struct peer peer_knock(struct wire *w, int lport, int rport);
/* The far host connects to lport and is accepted. Returns the descriptor. */
int peer_connect(struct wire *w, struct actor *a, int lfd, int lport, struct peer *p);

/* The actor closes, and the far host too: only a timewait socket is left. */
void peer_finish(struct peer *p, struct actor *a, int fd);
/*
 * The actor closes, and the far host acknowledges that but does not close: only a timewait socket
 * is left.
 */
void peer_half_finish(struct peer *p, struct actor *a, int fd);

/* Expects that the far host let this connection down: an abort without a RST. */
struct expect *expect_abort(const struct peer *p, const char *cause, const struct actor *a,
			    const char *state);

/* Expects a failing call of the sender's own. */
void want_own_error(struct expect *e, int err, const char *syscall, int fd,
		    const struct actor *a);

/* Expects a RST from the far end to the near one. */
void want_far_sender(struct expect *e, const struct peer *p);
/* Expects a RST from the near end to the far one, which is on another host. */
void want_far_victim(struct expect *e, const struct peer *p);

#endif
