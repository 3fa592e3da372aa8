/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What `rsttrace explain` knows: causes (the rules' own rows), errors of socket
 * calls, the kernel's reasons, SIGPIPE, and what people believe. The manual and
 * docs/causes.md are made from the same topics. Pure.
 */
#ifndef TOPIC_H
#define TOPIC_H

#include <stddef.h>

#include "cause/rules.h"

enum topic_kind { TOPIC_CAUSE, TOPIC_SITUATION, TOPIC_ERRNO, TOPIC_REASON, TOPIC_SIGNAL, TOPIC_BELIEF, TOPIC_KINDS };

struct topic {
	enum topic_kind kind;
	const char *name;	/* as it is printed */
	const char *also;	/* other words for it, separated by '|'; NULL: none */
	int number;		/* TOPIC_ERRNO, TOPIC_SIGNAL: on this machine */
	const char *headline;	/* a few words */
	const char *wire;	/* on the wire and in the sockets */
	const char *calls;	/* which call gets which error, and why */
	const char *advice;	/* one sentence without a full stop */
	const char *source;	/* kernel functions, RFC sections */
	const char *see;	/* names of other topics, separated by ", "; NULL: none */
	const char *why[CERTAIN + 1];	/* causes and situations: evidence by enum confidence */
};

/*
 * Called for each topic; the walk ends when it returns other than 0. The topic is valid during
 * the call.
 */
typedef int (*topic_fn)(void *ctx, const struct topic *t);

/* Visits all topics, kind by kind. Returns 0, or what ended the walk. */
int topic_walk(topic_fn fn, void *ctx);

/*
 * Looks a word up: a name in any case, with '_' or '-', a reason with or without
 * SK_RST_REASON_, an errno by number or by libc's message. Returns 0, or -ENOENT.
 */
int topic_find(const char *word, struct topic *t);

#define TOPIC_NEAREST_MAX 4
/* Writes the names most like a word, best first, and returns their number; 0: none is similar. */
size_t topic_nearest(const char *word, const char *names[TOPIC_NEAREST_MAX]);

/* The heading of a kind, in the plural: "Causes", … */
const char *topic_kind_title(enum topic_kind kind);

/* The tables behind the walk; each ends with a row without a name. */
extern const struct topic errno_topics[];	/* and SIGPIPE */
extern const struct topic reason_topics[];
extern const struct topic belief_topics[];

#endif
