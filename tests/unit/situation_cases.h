/* SPDX-License-Identifier: GPL-2.0 */
/* Exchanges in short form, and what the situations have to say of them. */
#ifndef SITUATION_CASES_H
#define SITUATION_CASES_H

#include "rule_cases.h"

#define MS(n) ((n) * 1000LL)
#define S(n) ((n) * 1000000LL)
#define HEAD(...) { __VA_ARGS__ }

/* One end when the RST was sent; a member that is 0 is known to be 0. */
struct side {
	enum rst_role role;
	uint8_t state;
	int64_t in, out, unread, unsent;
	int64_t age, heard, said;
	const char *comm, *exit;
	bool unknown;		/* all is unknown, except the role and the state */
};

struct story {
	const char *situation;		/* NULL: none */
	enum confidence sure;
	const char *text;		/* NULL: the headline */
	const char *cause;
	enum kind kind;
	struct side s, v;
	/* how the connection had ended at the sender before */
	enum rst_end how;
	int64_t ago, end_unsent, end_heard, end_said, end_rst_seq;
	uint8_t seg;
	int64_t seg_len, seg_seq;
	uint8_t head[8];
	int sport, dport, family, abort_err;
	int icmp_code;	/* over IPv4, of destination unreachable; 0: no message was kept */
	bool linger0, no_sock, timewait, listener, still_listens, local;
	bool earlier_sent, earlier_lost;	/* the sending of the RST in .how */
};

extern const struct story stories[];
extern const size_t n_stories;

void story_incident(struct incident *inc, const struct story *st);

#endif
