/* SPDX-License-Identifier: GPL-2.0 */
#include "account/counter.h"

const char *const counter_names[N_COUNTERS] = {
	[CTR_OUT_RSTS] = "OutRsts",
	[CTR_ESTAB_RESETS] = "EstabResets",
	[CTR_ATTEMPT_FAILS] = "AttemptFails",
	[CTR_ABORT_ON_DATA] = "TCPAbortOnData",
	[CTR_ABORT_ON_CLOSE] = "TCPAbortOnClose",
	[CTR_ABORT_ON_MEMORY] = "TCPAbortOnMemory",
	[CTR_ABORT_ON_TIMEOUT] = "TCPAbortOnTimeout",
	[CTR_ABORT_ON_LINGER] = "TCPAbortOnLinger",
	[CTR_EMBRYONIC_RSTS] = "EmbryonicRsts",
	[CTR_LISTEN_OVERFLOWS] = "ListenOverflows",
	[CTR_ABORT_FAILED] = "TCPAbortFailed",
	[CTR_CHALLENGE_ACK] = "TCPChallengeACK",
	[CTR_SYN_CHALLENGE] = "TCPSYNChallenge",
	[CTR_CHALLENGE_SKIPPED] = "TCPACKSkippedChallenge",
	[CTR_ACTIVE_OPENS] = "ActiveOpens",
	[CTR_PASSIVE_OPENS] = "PassiveOpens",
};
