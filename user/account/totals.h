/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Totals of a run: what was recorded, what was lost, and what the kernel
 * itself counted over the same time.
 */
#ifndef TOTALS_H
#define TOTALS_H

#include <stdint.h>

#include "events/event.h"
#include "events/count.h"
#include "events/meta.h"
#include "incident/incident.h"
#include "account/netns_totals.h"

#define MAX_PAIRS 64
#define MAX_CAUSES 64
#define MAX_SITUATIONS 128
#define MAX_LOST_CPUS 64

/* Incidents of a cause, or of a situation with that cause. */
struct cause_row {
	const char *cause, *situation;	/* .situation NULL: of the cause */
	uint64_t count, hurt;	/* .hurt: a call failed, or took the reset for the end of the stream */
};

/* A rule of --suppress, and how many incidents it hid. */
struct rule_count {
	char *rule;	/* as it was given */
	char *words;	/* a copy that its filter points into */
	uint64_t count;
	bool off;	/* a reload has removed it */
};

struct rule_counts {
	struct rule_count *row;
	int n;
};

struct connections;

struct totals {
	uint64_t incidents;	/* records that passed the filters, revisions not counted */
	uint64_t events;	/* events decoded */
	uint64_t lost;		/* events that found no room in the ring buffer */
	uint64_t missed;	/* runs of programs that the kernel refused: see loader_missed() */
	uint64_t stackless;	/* stacks that were wanted but found no room */
	uint64_t unkept;	/* sockets whose owner could not be kept: see loader_unkept() */
	uint64_t unfollowed;	/* children that could not be followed: see loader_unfollowed() */
	uint64_t suppressed;	/* incidents that the filters hid */
	const struct rule_counts *rules;	/* incidents that rules hid; borrowed; NULL: there are none */
	uint64_t unmatched;	/* failing calls on sockets no reset was seen for */
	uint64_t sent, received;	/* RSTs this host was seen to send, to receive */
	uint64_t ignored[FATE_MAX];	/* RSTs that arrived and ended no socket */
	uint64_t cancelled;	/* connects that their owners gave up before any answer */
	struct { int cpu; uint64_t lost; } lost_cpu[MAX_LOST_CPUS];
	int n_lost_cpu;
	uint64_t outcome[OUTCOME_MAX];	/* of the incidents, by their newest revision */
	/* by the newest revision of each incident, so a row's count may have fallen back to 0 */
	struct cause_row cause[MAX_CAUSES], situation[MAX_SITUATIONS];
	int n_cause, n_situation;
	/* sender -> victim, by process name; what does not fit is in pairs_rest */
	struct { char sender[RST_COMM_LEN], victim[RST_COMM_LEN]; uint64_t count; } pair[MAX_PAIRS];
	int n_pair;
	uint64_t pairs_rest;
	/* the kernel side's own counters of resets, largest first, the rest in the last; NULL: none */
	const struct count_row *counts;
	int n_counts;
	const struct source_meta *meta;	/* for the kernel's reasons; both are borrowed */
	uint64_t sent_silent, received_silent;	/* resets that were counted only */
	uint64_t crowded_silent;	/* ... and that were of too many kinds to be told apart */
	uint64_t sent_filtered, received_filtered;	/* ... those that no filter asks for */
	/* the kernel's counters in the tool's own network namespace: growth since the start */
	struct counters own;
	struct netns_totals *netns;	/* borrowed; NULL: not kept */
	struct netns_doubts doubts;
	struct connections *connections;	/* borrowed; NULL: not counted */
};

/* Counts an incident that is shown. A later revision replaces its earlier counts. 0 or -ENOMEM. */
int totals_add(struct totals *t, const struct incident *inc);

/* Takes the kernel side's counts, largest first, and adds what they say of resets without a record. */
void totals_counts(struct totals *t, const struct count_row *counts, int n,
		   const struct source_meta *meta);

/* How many of a row's resets have no record. */
uint64_t count_untold(const struct rst_count *c);

/* Adds lost and seen events read from the kernel's per-CPU counters. */
void totals_lost(struct totals *t, const struct rst_stats *per_cpu, int n_cpu);

#endif
