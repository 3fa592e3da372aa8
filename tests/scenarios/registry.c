/* SPDX-License-Identifier: GPL-2.0 */
#include <stddef.h>
#include <string.h>

#include "registry.h"

const struct scenario *const registry[] = {
	refuse_scenarios,
	close_scenarios,
	dying_scenarios,
	peer_gone_scenarios,
	listener_scenarios,
	late_ack_scenarios,
	outcome_scenarios,
	owner_scenarios,
	hands_scenarios,
	older_scenarios,
	calls_scenarios,
	surface_scenarios,
	nonblock_scenarios,
	part_scenarios,
	uring_scenarios,
	mptcp_scenarios,
	subflow_scenarios,
	tls_scenarios,
	received_scenarios,
	injected_scenarios,
	timers_scenarios,
	unreachable_scenarios,
	handshake_scenarios,
	fastopen_scenarios,
	stray_scenarios,
	queue_scenarios,
	killed_scenarios,
	disconnect_scenarios,
	unsent_scenarios,
	firewall_scenarios,
	reject_icmp_scenarios,
	silent_scenarios,
	ao_scenarios,
	situations_scenarios,
	situations_end_scenarios,
	situations_far_scenarios,
	situations_peer_scenarios,
	healthy_scenarios,
	/* last, as it lowers limits of the whole host */
	limits_scenarios,
	NULL,
};

const struct scenario *registry_find(const char *name)
{
	const struct scenario *const *table, *sc;

	for (table = registry; *table; table++)
		for (sc = *table; sc->name; sc++)
			if (!strcmp(name, sc->name))
				return sc;
	return NULL;
}
