/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages that programs write into logs when a connection was reset, and what they mean: a row
 * for each message of a program or a language, and glibc's texts for the errors in every
 * language that it has. Pure.
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
	/*
	 * parts that the line holds in this order, separated by '*'; '#' is a number or an
	 * address; letters match in either case
	 */
	const char *match;
	const char *program;	/* or the name of a language or library */
	const char *comm;	/* for rsttrace -c; NULL: any program may write it */
	int err;		/* errno; 0: the line may name one; ERR_OF_LINE: the line must name one */
	enum message_way way;
	const char *headline;	/* a few words: what happened, and to which connection */
	const char *then;	/* what the program does about it; one sentence without a full stop */
};

/* What was recognised in a line. */
struct meaning {
	const struct message *row;	/* NULL: only the error was recognised */
	int err;			/* 0: the line names none, or there was no error */
	enum message_way way;
	const char *language;		/* of glibc's text, "de"; NULL: English, or only a number or name */
};

/* Returns 0, or -ENOENT for a line in which nothing is recognised. */
int message_find(const char *line, struct meaning *m);

/* The number of languages besides English that the errors are known in. */
size_t message_languages(void);

/*
 * Called for each row; the walk ends when it returns other than 0. message_walk() returns 0, or
 * that value.
 */
typedef int (*message_fn)(void *ctx, const struct message *row);
int message_walk(message_fn fn, void *ctx);

/* The tables, in the order in which they are searched; each ends with a row whose match is NULL. */
extern const struct message server_messages[];
extern const struct message client_messages[];
extern const struct message language_messages[];
extern const struct message haproxy_states[];	/* the states in HAProxy's log: "SD--" */

/* glibc's text for an error in a language other than English; in the last row it is NULL. */
struct translation {
	int err;
	const char *language, *text;
};
extern const struct translation translations[];

#endif
