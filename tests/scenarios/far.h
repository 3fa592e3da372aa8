/* SPDX-License-Identifier: GPL-2.0 */
/* A connection of this host with another host (remote.h), and the reset that ends it. */
#ifndef FAR_H
#define FAR_H

#include "remote.h"

#define FAR_PORT 443

struct far {
	struct remote r;
	struct actor *client;	/* the process on this host */
	int fd;
};

/* Opens a connection with the client here and the server there, or the other way round. */
void far_open(struct scene *s, struct far *f);
void far_accept(struct scene *s, struct far *f);

/* Sends a request and its answer. */
void exchange(struct far *f);

/* Sends the RST, and waits until the socket is dead. */
void far_reset(struct far *f);

/* Expects its incident, in which nothing is known of the sender. */
struct expect *expect_received(struct far *f, const char *cause, const char *state);

#endif
