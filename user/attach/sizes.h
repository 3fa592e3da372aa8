/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How many sockets and listeners the programs can remember: as many as the host
 * can have, within a budget of memory. Pure.
 */
#ifndef SIZES_H
#define SIZES_H

#include <stdbool.h>
#include <stdint.h>

struct host_size {
	uint64_t memory;	/* bytes */
	uint64_t files;		/* that may be open at once (fs.file-max) */
	uint32_t cpus;
	uint32_t socket;	/* bytes that the programs keep for each socket */
	uint32_t gone;		/* of how many that are gone it is kept as well */
	bool grows;		/* map entries may be allocated when they are needed, in any context */
};

struct sizes {
	uint32_t socks;
	uint32_t listeners;
	uint64_t bytes;		/* that the sockets take at most: the budget */
	uint32_t least;		/* least size of an LRU map, as each CPU keeps free entries to itself */
};

/*
 * The budget for sockets: where entries are allocated when needed, a 64th of the
 * memory; where all must be allocated at the start, a 256th.
 */
struct sizes sizes_choose(const struct host_size *host);

#endif
