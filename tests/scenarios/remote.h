/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer on another host: the director plays it, segment by segment, at the far end of a TUN device
 * of the scene's namespace. No stack of this kernel has its address, so nothing but the scenario
 * answers.
 */
#ifndef REMOTE_H
#define REMOTE_H

#include "raw.h"

#define REMOTE_TTL 57	/* as if from seven routers away */

struct remote {
	struct scene *s;
	int fd;
	struct addr here, there;	/* the ends of the connection, as for want_flow() */
	uint32_t seq;			/* the peer's next sequence number */
	uint32_t ack;			/* what the peer has acknowledged, and expects next */
	uint16_t window;
	const char *text;		/* the payload, of as many bytes as are sent; NULL: any bytes */
	int ttl, id;			/* of what the peer sends; id grows by one each time */
};

/* Makes the device, or skips the scene if there can be none. Port: the peer's. */
void remote_open(struct remote *r, struct scene *s, int port);

/* Another connection through the same device, with another port of the peer's. */
void remote_share(struct remote *r, const struct remote *first, int port);

/* Sends len bytes with these flags at r->seq, and moves that on. */
void remote_send(struct remote *r, unsigned int flags, int len);
/* Sends at another sequence number, and moves nothing on. */
void remote_send_at(struct remote *r, unsigned int flags, uint32_t seq, int len);

/*
 * Waits for the next segment for the peer, which must have exactly these flags (PSH aside). Moves
 * r->ack on and, for a SYN, learns the local port.
 */
struct segment remote_await(struct remote *r, unsigned int flags);

/* Has the actor connect to the peer; returns its socket. */
int remote_connected(struct remote *r, struct actor *a);
/* As remote_connected(), up to the SYN: the call goes on. */
int remote_connecting(struct remote *r, struct actor *a);
/* The peer connects to a listener on port, up to the last ACK. */
void remote_connect(struct remote *r, int port);

#endif
