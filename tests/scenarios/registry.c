/* SPDX-License-Identifier: GPL-2.0 */
#include <stddef.h>

#include "registry.h"

const struct scenario *const registry[] = {
	refuse_scenarios,
	close_scenarios,
	dying_scenarios,
	peer_gone_scenarios,
	listener_scenarios,
	outcome_scenarios,
	owner_scenarios,
	older_scenarios,
	calls_scenarios,
	healthy_scenarios,
	NULL,
};
