/* SPDX-License-Identifier: GPL-2.0 */
/* Exchanges of a client and a server, and the situations to expect of how they end. */
#ifndef EXCHANGE_H
#define EXCHANGE_H

#include "net.h"

/* Sends n bytes from one end to the other, until acknowledged; the first `read` of them are read. */
void say(struct actor *a, int fd, struct actor *b, int bfd, int n, int read);

/* Waits until no data has come or gone for this long. */
void net_wait_silent(struct actor *a, int fd, int ms);

/* Expects an incident; situation: NULL: any. */
struct expect *expect_told(struct scene *s, const char *kind, const char *cause,
			   const char *situation, const char *sure);

/* Expects that the server's close resets the client, and the other way round. */
struct expect *by_server(struct scene *s, const struct conn *c, const char *cause,
			 const char *situation, const char *sure);
struct expect *by_client(struct scene *s, const struct conn *c, const char *cause,
			 const char *situation, const char *sure);

#endif
