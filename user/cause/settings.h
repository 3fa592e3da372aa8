/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which setting of which program ends idle connections: found by the program, or by the length
 * of the silence. Pure.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "incident/incident.h"

struct setting {
	const char *program;	/* its usual name */
	const char *names;	/* names of its processes, threads or file, separated by '|' */
	const char *server;	/* the idle timeout of connections it accepts; NULL: it accepts none */
	const char *client;	/* ... and of connections it makes and keeps for later; NULL: it keeps none */
	int server_s, client_s;	/* the defaults in seconds; 0: off, or no particular one */
	/* NULL: no such setting is known */
	const char *limit;	/* the greatest size of a request */
	const char *wait;	/* how long it waits for an answer, as a client */
	const char *first;	/* how long it waits for a request, or the whole of one */
	const char *drain;	/* it runs applications: what reads a request that they leave unread; "": nothing */
	const char *worker;	/* how long a worker may take before its master kills it */
};

extern const struct setting settings[];
extern const size_t n_settings;

/* The row of the program at this end, or NULL. Its name may be longer than that of the row. */
const struct setting *setting_of(const struct endpoint *ep);

/*
 * Lists the programs that by default close connections idle for about this long; "" when none
 * is known.
 */
void setting_guess(char *buf, size_t len, int64_t silence_us);

struct usual_timeout {
	int seconds;
	const char *whose;	/* whose default it is; NULL: nobody's in particular */
};

/* The idle timeout that this silence equals within 2 % (at least 200 ms), or NULL. */
const struct usual_timeout *usual_timeout(int64_t silence_us);

#endif
