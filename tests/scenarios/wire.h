/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The wire: a veth pair of which one end has addresses, the near ones, and the
 * other end belongs to nobody. The director plays the host at that far end, one
 * crafted segment at a time, so it can be silent, late or wrong at will.
 */
#ifndef WIRE_H
#define WIRE_H

#include "net.h"
#include "raw.h"

#define FAR_PORT 7000		/* a service that the far host plays */
#define FAR_CLIENT 50000	/* where it connects from */

struct wire {
	struct scene *s;
	enum family family;
	int fd;			/* packet socket on the far end; -1: a router has it */
	int router;		/* the router's namespace; -1: none */
	int ifindex;		/* of the far end */
	uint8_t mac[6];		/* of the near end */
	uint16_t window;	/* what the far host will take; it can be changed */
	bool ts;		/* it uses timestamps */
};

/* A connection as the far host sees it. */
struct peer {
	struct wire *w;
	int lport, rport;	/* near, far */
	uint32_t seq, ack;	/* the far host's next number, the next one it expects */
	uint32_t tsval, tsecr;	/* with timestamps */
	struct segment last;	/* that came of it */
};

/* Sets the pair up, both ends in the caller's namespace. */
void wire_open(struct scene *s, struct wire *w);

/*
 * The same, but at the far end is a router in a namespace of its own. It has a route to the
 * far host, and no such host exists.
 */
void wire_open_router(struct scene *s, struct wire *w);
/* An actor that is the far host behind that router, in a namespace of its own. */
struct actor *wire_far_actor(struct wire *w, const char *comm);
/* Goes to the router's namespace and back. */
int wire_enter(const struct wire *w);
void wire_leave(const struct wire *w, int home);
/* From now on this namespace has no way to the far host, and says so by ICMP. */
void wire_lose_route(const struct wire *w);

/*
 * An actor that is the far host, right at the far end, in a namespace that is
 * its own alone: when it dies, that goes, and the wire with it.
 */
struct actor *wire_open_actor(struct scene *s, struct wire *w, const char *comm);
/* Waits until the wire is gone. */
void wire_wait_gone(struct wire *w);

/* The address family of what goes over it. */
int wire_af(const struct wire *w);
struct addr wire_near(const struct wire *w, int port);
struct addr wire_far(const struct wire *w, int port);
struct addr wire_router(const struct wire *w, int port);

/* A segment of this connection, with its next numbers: change what is to be wrong. */
struct segment peer_segment(const struct peer *p, uint8_t flags);
/* Sends one as it is and counts its payload and flags. */
void peer_send(struct peer *p, uint8_t flags, int len);
/* The same with options, n bytes: a multiple of four. */
void peer_send_with(struct peer *p, uint8_t flags, int len, const uint8_t *options, int n);
/* The same at another place in the sequence, counting nothing. */
void peer_send_at(const struct peer *p, uint8_t flags, uint32_t seq, int len);
void wire_send(const struct wire *w, const struct segment *seg);

/* Waits for the next segment from lport (0: any) to rport that has all of flags. */
struct segment wire_await(const struct wire *w, int lport, int rport, uint8_t flags);
/* The same for a connection, whose numbers then follow. */
struct segment peer_await(struct peer *p, uint8_t flags);

/* Tells that this segment could not be delivered (its type and code). */
void wire_unreachable(const struct wire *w, const struct segment *seg, int type, int code);

/* A blocking connect() of the actor to the far host; returns the call's result. */
long wire_connect(struct wire *w, struct actor *a, int fd);

/* A connect() of the actor to the far host, up to its SYN; it is to be ended by actor_end(). */
struct peer peer_called(struct wire *w, struct actor *a, int fd);
/* The same, answered, established. Returns the descriptor. */
int peer_accept(struct wire *w, struct actor *a, struct peer *p);
/* A connection that this host knows nothing of. */
struct peer peer_stranger(struct wire *w, int lport);
/* The far host's SYN from rport to a listener, and the SYN-ACK it got. */
struct peer peer_knock(struct wire *w, int lport, int rport);
/* Connects to lport and has it accepted. Returns the descriptor. */
int peer_connect(struct wire *w, struct actor *a, int lfd, int lport, struct peer *p);

/* The actor closes, and the far host too: nothing is left but a timewait socket. */
void peer_finish(struct peer *p, struct actor *a, int fd);
/* The actor closes, and the far host acknowledges that but does not close: the same is left. */
void peer_half_finish(struct peer *p, struct actor *a, int fd);

/* An incident of a connection that the far host has let down: an abort without a RST. */
struct expect *expect_abort(const struct peer *p, const char *cause, const struct actor *a,
			    const char *state);

/* A call of the sender's own that fails. */
void want_own_error(struct expect *e, int err, const char *syscall, int fd,
		    const struct actor *a);

/* The RST goes from the far end to the near one. */
void want_far_sender(struct expect *e, const struct peer *p);
/* The RST goes from the near end to the far one, which is on another host. */
void want_far_victim(struct expect *e, const struct peer *p);

#endif
