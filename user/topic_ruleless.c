/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Causes that the record may name but that no rule finds yet. A rule that learns
 * to find one takes its row along to rules.c.
 */
#include "topic.h"

const struct rule ruleless_causes[] = {
	{ .cause = "injected",
	  .headline = "the reset does not look like the peer's packets",
	  .advice = "capture on both hosts: a RST that arrives here but never left the peer "
		    "comes from a device in between",
	  .wire = "The RST carries a TTL or IP-ID unlike those of the flow's other segments: a "
		  "firewall, an intrusion prevention system, a balancer or a censor made it in "
		  "the peer's name. Often both ends get one.",
	  .calls = "A forged RST with the right sequence number works like a real one: "
		   "ECONNRESET for the next call. One merely within the window draws a "
		   "challenge ACK, and no call fails.",
	  .source = "tcp_validate_incoming(), tcp_reset(); RFC 5961, 3; RFC 3360" },
	{ .cause = NULL },
};
