/* SPDX-License-Identifier: GPL-2.0 */
/* Incidents in short form, and what the rules have to say of them. */
#ifndef RULE_CASES_H
#define RULE_CASES_H

#include "events.h"
#include "incident/incident.h"

#define DEAD SOCKF_DEAD
#define ORPHAN SOCKF_ORPHAN
#define BOTH 3
/* For members of which 0 is a value like any other. */
#define IS(n) ((struct maybe){ true, n })

struct maybe {
	bool known;
	int64_t n;
};

/* The part of an incident that a rule looks at. */
struct shape {
	enum kind kind;
	const char *reason;		/* of a kernel that gives one */
	uint8_t state, old_state;	/* of the sending socket */
	uint32_t bits;
	uint8_t shutdown;
	struct maybe unread, unsent, closed_us, seg_len;
	bool linger0, no_sock, timewait, recent, listener, join;
	int linger2, sk_err;
	struct maybe probes;		/* unanswered, of keepalive */
	enum rst_end ended;		/* how the connection that the segment was for had ended */
	uint8_t seg;			/* flags of the segment answered; 0: none */
	int queue, queue_max;
	int sport;
	const char *syscall, *exit;
	bool mptcp, by_caller, by_kernel;
	uint8_t nf_hook;
	uint8_t victim;			/* the state of the victim's socket */
	struct maybe victim_unsent, heard_us, idle_us, user_timeout_ms, age_us;
	int retransmits, retrans;	/* in a row; in all */
	int abort_err;			/* the connection ended without a RST, by this error */
	int icmp_type, icmp_code;	/* 0, 0: no message was kept; it came from 10.0.0.1 */
	const char *killer, *killer_call;	/* the task that ran when the RST was sent */
	bool unseen, loopback, filtered;	/* with a received RST */
	uint8_t abort;			/* PEER_*, of the sender whose RST was not seen */
	struct maybe listens;
	int rst_ttl, flow_ttl, family;	/* 0: not known */
};

struct rule_case {
	const char *cause;
	enum confidence sure;		/* with the reason */
	enum confidence inferred;	/* without the kernel's reason; CONFIDENCE_UNSET: it needs one */
	const char *text;		/* NULL: the headline */
	struct shape shape;
};

#define ACTIVE .kind = KIND_ACTIVE
#define CALLED ACTIVE, .state = CLOSE	/* aborted by a call, which sets the state to CLOSE before the RST */
#define REPLY .kind = KIND_REPLY
#define RECEIVED .kind = KIND_RECEIVED
#define UNSEEN RECEIVED, .unseen = true, .loopback = true
#define ABORTED .kind = KIND_TIMEOUT

extern const struct rule_case cases_sent[], cases_received[];
extern const size_t n_cases_sent, n_cases_received;
/* The i-th of all cases; NULL after the last. */
const struct rule_case *rule_case(size_t i);

/* Makes the incident, with the reason that the kernel gives, if any. */
void shape_incident(struct incident *inc, const struct shape *sh, const char *reason);

/* The codes that scripts rely on: docs and filters have no others. */
extern const char *const cause_codes[];
extern const size_t n_cause_codes;

#endif
