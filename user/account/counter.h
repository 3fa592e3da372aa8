/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's counters that resets, timeouts and connections add to, of one network namespace. */
#ifndef COUNTER_H
#define COUNTER_H

#include <stdbool.h>
#include <stdint.h>

enum counter {
	CTR_OUT_RSTS,		/* every RST of the TCP stack, before it is sent */
	CTR_ESTAB_RESETS,	/* any way from ESTABLISHED or CLOSE_WAIT to CLOSE */
	CTR_ATTEMPT_FAILS,
	CTR_ABORT_ON_DATA,
	CTR_ABORT_ON_CLOSE,
	CTR_ABORT_ON_MEMORY,
	CTR_ABORT_ON_TIMEOUT,
	CTR_ABORT_ON_LINGER,
	CTR_EMBRYONIC_RSTS,
	CTR_LISTEN_OVERFLOWS,
	CTR_ABORT_FAILED,	/* counted in OutRsts, but never left: no memory, no route, a rule */
	CTR_CHALLENGE_ACK,	/* sent: for a RST or SYN in the window, or an ACK out of it */
	CTR_SYN_CHALLENGE,	/* ... those for a SYN */
	CTR_CHALLENGE_SKIPPED,	/* not sent: one socket had just sent another */
	CTR_ACTIVE_OPENS,	/* connects whose SYN was sent */
	CTR_PASSIVE_OPENS,	/* handshakes that a listener completed */
	N_COUNTERS,
	N_CLAIMED = CTR_ABORT_FAILED,	/* counters from here on are not accounted for by incidents */
};

/* SNMP (RFC 4022) and Linux MIB names, as /proc/net/snmp and /proc/net/netstat spell them. */
extern const char *const counter_names[N_COUNTERS];

struct counters {
	uint64_t value[N_COUNTERS];
	bool known[N_COUNTERS];
};

/* The counters of one namespace at one moment. */
struct netns_reading {
	uint32_t netns;
	uint64_t time_ns;	/* CLOCK_MONOTONIC, when OutRsts was read */
	struct counters counters;
};

#endif
