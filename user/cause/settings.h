/* SPDX-License-Identifier: GPL-2.0 */
/* What ends idle connections, and where that is set: by program, and by how long it took. Pure. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include "incident/incident.h"

struct setting {
	const char *program;	/* as people call it */
	const char *names;	/* of its processes and threads, or of its file; separated by '|' */
	const char *server;	/* the setting for connections it accepts; NULL: it accepts none */
	const char *client;	/* ... and for those it makes, kept for later; NULL: it keeps none */
	int server_s, client_s;	/* the defaults in seconds; 0: off, or none in particular */
	/* NULL: none that is known */
	const char *limit;	/* the size of a request that it takes */
	const char *wait;	/* how long it waits for an answer, as a client */
	const char *worker;	/* how long its worker may take before its master ends it */
};

extern const struct setting settings[];
extern const size_t n_settings;

/* The row of the program that an end is, or NULL. A name may go on behind what the row has. */
const struct setting *setting_of(const struct endpoint *ep);

/* Who closes idle connections after about this long unless told otherwise; "" for nobody known. */
void setting_guess(char *buf, size_t len, int64_t silence_us);

struct usual_timeout {
	int seconds;
	const char *whose;	/* for whom it is the default; NULL: nobody in particular */
};

/* The idle timeout that a silence is about as long as (2 %, at least 200 ms), or NULL. */
const struct usual_timeout *usual_timeout(int64_t silence_us);

#endif
