/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What people find in logs when a connection was reset, and what it means: a row for each message
 * of a program or a language; glibc's own words for the errors in every language it speaks. Pure.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stddef.h>

/* What the program was doing on the connection. */
enum message_way {
	WAY_ANY,	/* the message does not tell */
	WAY_READ,
	WAY_WRITE,
	WAY_CONNECT,
	WAY_EOF,	/* a read that returned 0: no error */
	WAY_TIMEOUT,	/* a timer of the program's own: no error */
	WAY_MAX,
};

#define ERR_OF_LINE (-1)

struct message {
	/* parts that the line holds in this order, separated by '*'; '#' is a number or address; in any case */
	const char *match;
	const char *program;	/* or language, or library */
	const char *comm;	/* for rsttrace -c; NULL: it may be any program */
	int err;		/* errno; 0: the line may name one; ERR_OF_LINE: it has to */
	enum message_way way;
	const char *headline;	/* a few words: what happened to which connection */
	const char *then;	/* what the program does about it; one sentence without a full stop */
};

/* What was recognised in a line. */
struct meaning {
	const struct message *row;	/* NULL: the error alone is known */
	int err;			/* 0: none is named, or there was none */
	enum message_way way;
	const char *language;		/* of glibc's words, "de"; NULL: English, or only a number or name */
};

/* Returns 0, or -ENOENT for a line in which nothing is recognised. */
int message_find(const char *line, struct meaning *m);

/* How many languages beside English there is an error in. */
size_t message_languages(void);

/* Told of each row; any answer but 0 ends the walk. Returns 0, or what fn answered. */
typedef int (*message_fn)(void *ctx, const struct message *row);
int message_walk(message_fn fn, void *ctx);

/* The tables behind the walk, in the order they are asked; each ends with a row without match. */
extern const struct message server_messages[];
extern const struct message client_messages[];
extern const struct message language_messages[];
extern const struct message haproxy_states[];	/* words of HAProxy's log: "SD--" */

/* glibc's words for an error in other languages than English; the last has no text. */
struct translation {
	int err;
	const char *language, *text;
};
extern const struct translation translations[];

#endif
