/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of functions that a process has compiled for itself: runtimes write them to
 * /tmp/perf-PID.map, in their own /tmp and with the number they have in their own pid namespace
 * (java -XX:+DumpPerfMapAtExit or an agent, node --perf-basic-prof).
 */
#ifndef PERF_MAP_H
#define PERF_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct perf_maps;

/* NULL when out of memory. proc is borrowed. */
struct perf_maps *perf_maps_new(const char *proc);
void perf_maps_free(struct perf_maps *p);	/* NULL is allowed */

/*
 * The function at addr, and how far after its beginning addr is; false: the process has
 * written no such file, or the file has nothing for that address. The name is valid until
 * the next call.
 */
bool perf_map_name(struct perf_maps *p, int pid, uint64_t addr, const char **name, uint64_t *off);

#endif
