/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the running kernel offers: facts, gathered once from its BTF and by
 * trying. All decisions (hooks.c) are made from this struct alone, so a test can
 * stand for any kernel by filling it in.
 */
#ifndef CAPS_H
#define CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "attach/sizes.h"
#include "events/meta.h"

struct btf;
struct name_set;

#define CAP_ABSENT (-1)

/* A kernel function or tracepoint that a hook may need. */
struct cap_symbol {
	const char *name;
	bool tracepoint;
	int args;		/* number of arguments, CAP_ABSENT: not there */
	int id;			/* in the kernel's own BTF; 0: not known */
	int reason_arg;		/* index of the enum sk_rst_reason argument; 0: none */
	int drop_arg;		/* of the enum skb_drop_reason argument; 0: none */
};

#define MAX_CAP_SYMBOLS 48
#define MAX_DROPS 128
#define MAX_REFUSED 32

/* Members that were tried are 0 when they work, else the negative errno of the trial. */
struct caps {
	char host[65], release[65], machine[65];
	bool btf;		/* the kernel's types are known */
	bool own_btf;		/* the kernel itself has its types: fentry and the snapshot need that */
	const char *btf_file;	/* the types come from this file; NULL: from the kernel */
	uint64_t privileges;	/* effective capabilities, a bit each */
	bool memlock_counts;	/* BPF memory counts against RLIMIT_MEMLOCK, as up to 5.10 */
	bool maps_grow;		/* map entries can be allocated when they are needed, in any context */
	struct sizes sizes;	/* how much the programs can remember; .socks 0: not known */
	uint64_t memlock, memlock_needed;	/* in bytes; UINT64_MAX: no limit */
	bool ring_sleeps;	/* the lock of ring buffers may sleep: 5.10 with PREEMPT_RT */
	char lockdown[24];	/* the mode, "" when not known */
	int perf_paranoid;	/* kernel.perf_event_paranoid */
	bool kernel_addresses;	/* /proc/kallsyms shows them: kernel stacks have names */
	bool tried;		/* the next three members are known */
	int read_kernel;	/* programs may read the kernel's memory */
	int trampolines;	/* fentry */
	int kprobes;
	int typed_refused;	/* errno of a typed tracepoint (tp_btf) that the kernel refused; 0: none */
	int iter_task_file;	/* BTF id of the iterator over open files; 0: none */
	struct cap_symbol symbol[MAX_CAP_SYMBOLS];
	int n_symbols;
	/* programs that the kernel did not load or attach, and its errno (negative) */
	struct { const char *prog; int err; } refused[MAX_REFUSED];
	int n_refused;
	char reason[MAX_REASONS][40];	/* enum sk_rst_reason without its prefix; "" : none */
	int n_reasons;
	char drop[MAX_DROPS][40];	/* enum skb_drop_reason, likewise */
	int n_drops;
};

/*
 * Fills caps from a kernel's BTF for the given symbols (n rows whose name and
 * tracepoint members are set; the names are borrowed). Tries nothing on the
 * running kernel. Returns 0, -E2BIG or -ENOMEM.
 */
int caps_from_btf(struct caps *caps, const struct btf *btf,
		  const struct cap_symbol *wanted, int n);

/* Adds the names that caps_from_btf() looks for. Returns 0 or -ENOMEM. */
int caps_names(struct name_set *set, const struct cap_symbol *wanted, int n);

/*
 * Fills in the BTF ids of functions and tracepoints. Only the kernel's own BTF has them (NULL: there is
 * none). If it was trimmed, ids[] maps the trimmed ids back to the kernel's; else ids is NULL.
 */
void caps_own_ids(struct caps *caps, const struct btf *own, const uint32_t *ids);

/* Asks the running system for what needs no privilege: names, privileges, limits. */
void caps_ask(struct caps *caps);

/* Tries a program that reads kernel memory, a trampoline and a kprobe on the running kernel. */
void caps_try(struct caps *caps);

/* The symbol's row, or NULL when nobody asked for it. */
const struct cap_symbol *caps_symbol(const struct caps *caps, const char *name, bool tracepoint);

/* Whether programs can get a tracepoint's arguments as typed pointers (tp_btf). */
bool caps_typed(const struct caps *caps);

/* Notes that the kernel refused a program (the name is borrowed). */
void caps_refuse(struct caps *caps, const char *prog, int err);

/* The errno with which the kernel refused a program; 0: it has not refused it. */
int caps_refused(const struct caps *caps, const char *prog);

/* Number of arguments, or CAP_ABSENT. */
int caps_args(const struct caps *caps, const char *name, bool tracepoint);

#endif
