/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/sizes.h"

#define LEAST_SOCKS 32768
#define MOST_SOCKS (1u << 19)
#define LISTENERS 4096
#define MOST_LISTENERS 65536
#define FREE_PER_CPU 128	/* kernel/bpf/bpf_lru_list.h, before the commit d4adf1c9ee77 */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct sizes sizes_choose(const struct host_size *host)
{
	uint64_t budget = host->memory / (host->grows ? 64 : 256);
	uint64_t room = budget / host->socket;
	uint64_t socks = least(least(room - least(room, host->gone), host->files), MOST_SOCKS);

	if (socks < LEAST_SOCKS)
		socks = LEAST_SOCKS;
	return (struct sizes){
		.socks = socks,
		.bytes = (socks + host->gone) * host->socket,
		.listeners = host->grows ? MOST_LISTENERS : LISTENERS,
		.least = FREE_PER_CPU * host->cpus,
	};
}
