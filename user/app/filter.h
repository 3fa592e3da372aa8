/* SPDX-License-Identifier: GPL-2.0 */
/* Which incidents and events to show. Pure. */
#ifndef FILTER_H
#define FILTER_H

#include <sys/types.h>

#include "incident/incident.h"

#define MAX_FILTER_CAUSES 16
#define FOLLOW_ENDED_NS (120 * 1000000000ULL)	/* twice as long as TIME_WAIT and FIN_WAIT2 last */

struct followed_pid;

/* A zeroed filter lets everything through. Strings are borrowed. */
struct filter {
	pid_t pid;
	const char *comm;	/* a shell pattern; of events the thread's name has to match */
	int port, lport, rport;
	uint8_t addr[16];	/* network byte order */
	int addr_family;	/* 4, 6; 0: any address */
	int addr_bits;
	uint32_t netns;
	const char *cgroup;	/* this path or below it */
	enum { ANY_DIRECTION, SENT, RECEIVED } direction;
	const char *cause[MAX_FILTER_CAUSES];
	int n_causes;
	const char *situation[MAX_FILTER_CAUSES];
	int n_situations;
	unsigned int outcomes;	/* bits 1 << enum outcome; 0: any */
	bool follow;			/* only the followed processes */
	struct followed_pid *pids;	/* filter_free() */
	struct followed_pid *ended;	/* followed ones that have ended, oldest first */
};

/* Follows a process; -ENOMEM or 0. */
int filter_follow(struct filter *f, pid_t pid);

/*
 * A followed process has ended, at now_ns. It is followed for FOLLOW_ENDED_NS more, as its sockets
 * may still be reset; after that its id may be another process's.
 */
void filter_ended(struct filter *f, pid_t pid, uint64_t now_ns);

/* Whether it may hide an incident of a process that it asks for. */
bool filter_narrows(const struct filter *f);

bool filter_follows(const struct filter *f, pid_t pid);
void filter_free(struct filter *f);

bool filter_incident(const struct filter *f, const struct incident *inc);
/* The part that the kernel side can apply. It never leaves out what filter_incident() lets through. */
void filter_for_kernel(const struct filter *f, struct rst_filter *out);
/* Raw events have no cause, direction or cgroup path, so filters on these do not hide events. */
bool filter_event(const struct filter *f, const struct rst_event *ev);

/*
 * Parsers for the options; 0, or -EINVAL with nothing changed. An address may
 * have a prefix length.
 */
int filter_parse_addr(struct filter *f, const char *word);
int filter_parse_causes(struct filter *f, const char *words);
/* Adds one to those that are wanted. */
int filter_add_cause(struct filter *f, const char *word);
int filter_add_situation(struct filter *f, const char *word);
int filter_parse_outcomes(struct filter *f, const char *words);
int filter_parse_direction(struct filter *f, const char *word);

#endif
