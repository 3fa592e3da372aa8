/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which programs to attach: for each logical probe a ladder of ways, best
 * first, and the choice among them. Pure: decides from caps, attaches nothing.
 */
#ifndef HOOKS_H
#define HOOKS_H

#include <stdint.h>

#include "attach/caps.h"
#include "wire.h"

enum ladder { LADDER_AUTO, LADDER_FENTRY, LADDER_TRACEPOINT, LADDER_KPROBE, LADDER_MAX };

#define MAX_RUNGS 4
#define MAX_RUNG_PROGS 7	/* including an empty one at the end */

/* In the order in which `rsttrace check` shows them. */
enum probe_id {
	PROBE_SENT_ACTIVE,
	PROBE_SENT_REPLY,
	PROBE_RECEIVED,
	PROBE_DROPPED,
	PROBE_HANDSHAKE,
	PROBE_STATE,
	PROBE_PEER_TTL,
	PROBE_SEND,
	PROBE_RECEIVE,
	PROBE_SPLICE,
	PROBE_ERROR_TAKEN,
	PROBE_CONNECT,
	PROBE_REJECT,
	PROBE_ACCEPT,
	PROBE_DESTROYED,
	PROBE_SIGPIPE,
	N_PROBES,
};

/* One BPF program of a rung and the kernel symbol that it is attached to. */
struct hook_prog {
	const char *prog;	/* its name in the BPF object */
	const char *symbol;
	int args;		/* needs exactly so many arguments; 0: any number */
	bool optional;		/* the rung works without it where the symbol is absent */
	const char *module;	/* the symbol may come later, with this module */
};

struct rung {
	enum ladder ladder;
	int min_args;		/* usable only where the first symbol has at least so many arguments */
	struct hook_prog prog[MAX_RUNG_PROGS];
	const char *lacks;	/* what to print where the symbol has fewer */
};

struct probe {
	const char *name;
	const char *without;	/* what incidents lack when it cannot be attached */
	bool required;		/* at least one required probe must attach */
	bool with_segment;	/* of use only where a received RST shows its segment */
	bool spared;		/* its programs, but no kprobes, are loaded twice: bpf/spare.bpf.h */
	struct rung rung[MAX_RUNGS];	/* best first */
};

extern const struct probe probes[N_PROBES];

/* What became of one probe. */
struct choice {
	const struct probe *probe;
	const struct rung *rung;	/* NULL: the probe cannot be attached */
	unsigned int waiting;		/* a bit for each program of the rung whose module is not loaded */
	char refused[160];		/* why better rungs were not taken, "" when the best was */
	struct { const struct rung *rung; char why[96]; } better[MAX_RUNGS];	/* the same for each */
	int n_better;
};

enum probe_state { PROBE_MISSING, PROBE_WAITING, PROBE_ATTACHED };

struct plan {
	struct choice choice[N_PROBES];	/* by enum probe_id */
	int n;				/* N_PROBES once the plan is made */
	/* constants for the programs, see bpf/compat.bpf.h */
	int active_reason_arg, reply_reason_arg, tp_reason_arg, reset_skb_arg, accept_args;
	int drop_reason_arg, drop_sk_arg;
	bool typed;		/* tracepoints hand over typed pointers (tp_btf) */
	bool tp_sends_active, tp_sends_reply;
	bool tp_drops, tp_handshakes, sees_challenge, shows_filtered;
	uint8_t drop[RST_DROP_REASONS];	/* enum rst_drop by the kernel's enum skb_drop_reason */
	bool sees_sent;		/* every RST that the host's TCP sends is seen */
	bool misses_calls;	/* sends or receives that fail are not seen */
};

/* The kernel symbols of all rungs, for caps_from_btf(). Returns their number. */
int hooks_symbols(struct cap_symbol *out, int max);

/* The program's name as the table has it, which outlives the skeleton; NULL: not there. */
const char *hooks_prog_name(const char *prog);

/*
 * Chooses a rung for each probe. `only` restricts function probes to one ladder
 * (LADDER_AUTO: the best); probes that exist as tracepoints alone keep them.
 */
void hooks_plan(struct plan *plan, const struct caps *caps, enum ladder only);

/* PROBE_WAITING: all its programs wait for a module. */
enum probe_state choice_state(const struct choice *c);

const char *ladder_name(enum ladder l);

/* A negative errno of the kernel's in words. */
const char *kernel_error(int err);

/* 0 and *out, or -EINVAL for a word that is none of auto, fentry, tracepoint, kprobe. */
int ladder_parse(const char *word, enum ladder *out);

/* Why the first of the required probes cannot be attached. */
const char *plan_refusal(const struct plan *plan);

/* Whether a probe for sent RSTs cannot be attached, so that some will be unseen. */
bool plan_lacks_sent(const struct plan *plan);

#endif
