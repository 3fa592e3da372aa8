/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Puts the programs into the kernel. The only file that knows the skeleton.
 */
#ifndef LOADER_H
#define LOADER_H

#include <stdbool.h>
#include <sys/types.h>

#include "attach/caps.h"
#include "wire.h"
#include "attach/hooks.h"

struct loader;

struct loader_opts {
	enum ladder hooks;
	bool follow;		/* watch forks of the processes given to loader_follow() */
	bool ignored;		/* also tell the RSTs that end no socket */
	bool cancelled;		/* also tell the connects that are given up, which are counted anyway */
	const char *btf;	/* a file with the kernel's types; NULL: the kernel's own */
	bool stacks;		/* copy the stacks of threads that reset and of those whose calls fail */
	struct rst_filter filter;	/* only chains that it lets through are told; zero: all */
	unsigned int rate;	/* how many chains of each kind of reset are told in a second; 0: all */
	bool verbose;		/* libbpf's messages and the verifier's logs go to stderr */
};

/*
 * Finds out what the kernel offers and chooses a plan; attaches nothing. Returns 0
 * or a negative errno with one line in `why`. *out is the caller's (loader_stop),
 * and NULL only when out of memory: after another failure loader_caps() has what
 * is known, and the plan is empty.
 */
int loader_probe(struct loader **out, const struct loader_opts *opts, char *why, size_t len);

/*
 * Loads and attaches everything and takes the snapshot of existing sockets. A
 * rung that the kernel refuses to load or attach is given up for the next one;
 * loader_plan() has what runs in the end. Returns 0 or a negative errno.
 */
int loader_start(struct loader *l, char *why, size_t len);
void loader_stop(struct loader *l);

/* Detaches the programs: no event comes any more, those in the ring buffer stay. */
void loader_detach(struct loader *l);

/*
 * Attaches the hooks on a module that was loaded, or loaded again; at its first call it also
 * starts loading the spares. Cheap. Returns 0 or, once, the negative errno that says why there
 * are no spares.
 */
int loader_retry(struct loader *l);

/*
 * Loads the spares at once, instead of at the first loader_retry(): what is left to do can be done
 * without privileges, but for kprobes on modules that load later. 0 or a negative errno.
 */
int loader_settle(struct loader *l);

/*
 * Whether an event of type EV_MODULE tells when loader_retry() has something to
 * do. Otherwise it is to be called now and then.
 */
bool loader_watches(const struct loader *l);

/* To be called when events have come: from then on refused runs are looked for. */
void loader_events_came(struct loader *l);

const struct caps *loader_caps(const struct loader *l);
const struct plan *loader_plan(const struct loader *l);

/* The ring buffer's map, owned by the loader. */
int loader_ring_fd(const struct loader *l);

/* Traces this process and those that it forks from now on, each as long as it lives. */
int loader_follow(struct loader *l, pid_t pid);

/* Reads the counters of every CPU into an array of *n (owned by the caller, free()). */
int loader_stats(const struct loader *l, struct rst_stats **out, int *n);

/* Sockets whose owner could not be kept: there was no room, or newer sockets took it. */
uint64_t loader_unkept(const struct loader *l);

/* Children of followed processes that could not be followed: there was no room for them. */
uint64_t loader_unfollowed(const struct loader *l);

/*
 * How often the kernel did not run a program because the same program was already
 * running on that CPU (__bpf_trace_run(), __bpf_prog_enter_recur()), and no spare
 * ran in its place; 0 where the kernel does not count that (before 5.12). What the
 * run would have told is lost.
 */
uint64_t loader_missed(const struct loader *l, const struct rst_stats *st, int n);

/* The object with every program and map, owned by the loader. */
struct bpf_object;
const struct bpf_object *loader_object(const struct loader *l);

#endif
