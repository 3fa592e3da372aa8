/* SPDX-License-Identifier: GPL-2.0 */
/* Giving up what a tracer that is attached does not need any more (--confine). */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdint.h>
#include <stddef.h>

#define MAX_CONFINED_PATHS 16

/* What may still be opened, and all below it; NULL after the last. A path that is not there is left out. */
struct confine_paths {
	const char *read[MAX_CONFINED_PATHS];
	const char *write[MAX_CONFINED_PATHS];	/* folders: files in them may be made and written */
};

/*
 * From now on files can be opened below these paths only: Landlock. Returns 0, -ENOSYS where the kernel has
 * none, or another negative errno.
 */
int confine_files(const struct confine_paths *paths);

/* No program can be executed, no BPF loaded, nothing mounted, traced or measured: seccomp. 0 or a negative errno. */
int confine_calls(void);

/* Only these capabilities stay, of those that there are: a bit each. 0 or a negative errno. */
int confine_privileges(uint64_t keep);

/* Only these are effective from now on; the others stay permitted and can be made effective again. */
int confine_effective(uint64_t keep);

/* For a process that is to do nothing but read links and answer: CAP_SYS_PTRACE and a few calls stay. */
int confine_reader(void);

#endif
