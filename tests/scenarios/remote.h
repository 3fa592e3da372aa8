/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer on another host: the director plays it, segment by segment, at the
 * far end of a TUN device of the scene's namespace. No stack of this kernel
 * stands behind its address, so nothing but the scenario answers.
 */
#ifndef REMOTE_H
#define REMOTE_H

#include "raw.h"

#define REMOTE_TTL 57	/* as from seven routers away */

struct remote {
	struct scene *s;
	int fd;
	struct addr here, there;	/* the connection's ends, as want_flow() takes them */
	uint32_t seq;			/* the peer's next */
	uint32_t ack;			/* what the peer expects next */
	uint16_t window;
	const char *text;		/* its payload, of as many bytes as are sent; NULL: any */
	int ttl, id;			/* of what it sends; id goes up by one each time */
};

/* Makes the device; skips the scene where there is none to be had. Port: the peer's. */
void remote_open(struct remote *r, struct scene *s, int port);

/* Another connection through the same device, with another port of the peer's. */
void remote_share(struct remote *r, const struct remote *first, int port);

/* Sends len bytes with these flags at r->seq, which they move on. */
void remote_send(struct remote *r, unsigned int flags, int len);
/* The same at another place in the sequence, moving nothing. */
void remote_send_at(struct remote *r, unsigned int flags, uint32_t seq, int len);

/*
 * The next segment for the peer, which must have just these flags (PSH aside).
 * Moves r->ack behind it and, for a SYN, learns the local port.
 */
struct segment remote_await(struct remote *r, unsigned int flags);

/* Has the actor connect to the peer; returns its socket. */
int remote_connected(struct remote *r, struct actor *a);
/* The same up to the SYN: the call goes on. */
int remote_connecting(struct remote *r, struct actor *a);
/* Has the peer connect to a listener on port, up to the last ACK. */
void remote_connect(struct remote *r, int port);

#endif
