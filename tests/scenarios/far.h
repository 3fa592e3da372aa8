/* SPDX-License-Identifier: GPL-2.0 */
/* A connection of this host with another one (remote.h), and the reset that ends it. */
#ifndef FAR_H
#define FAR_H

#include "remote.h"

#define FAR_PORT 443

struct far {
	struct remote r;
	struct actor *client;	/* the process on this host */
	int fd;
};

/* A client here, a server there; or the other way round. */
void far_open(struct scene *s, struct far *f);
void far_accept(struct scene *s, struct far *f);

/* A request and its answer. */
void exchange(struct far *f);

/* The reset, and the socket dead. */
void far_reset(struct far *f);

/* Its incident, with nothing known of the sender. */
struct expect *expect_received(struct far *f, const char *cause, const char *state);

#endif
