/* SPDX-License-Identifier: GPL-2.0 */
/* What a process has mapped as code, and the files behind it as that process sees them. */
#ifndef PROCESS_MAPS_H
#define PROCESS_MAPS_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

struct mapping {
	uint64_t start, end;
	uint64_t offset;	/* in the file */
	uint64_t dev, ino;	/* 0: no file */
	bool code;
	char *path;		/* as the process sees it, "[vdso]", or "" */
};

struct process_maps {
	struct mapping *map;
	size_t n;
	uint64_t key;		/* a hash: another one if code was mapped elsewhere, or after exec */
};

/* Reads PROC/PID/maps. 0 or a negative errno; process_maps_free() in either case. */
int process_maps_read(struct process_maps *m, const char *proc, int pid);
void process_maps_free(struct process_maps *m);

/* What is mapped at that address, or NULL. */
const struct mapping *process_maps_at(const struct process_maps *m, uint64_t addr);

/* The file's name without its folders; "" if it has no file. */
const char *mapping_name(const struct mapping *m);

/*
 * Opens the mapped file itself, even if it is deleted, or in a mount namespace or a chroot of
 * the process: by /proc/PID/root, or by map_files. Returns the descriptor and the path that was
 * opened, or a negative errno.
 */
int mapping_open(const struct mapping *m, const char *proc, int pid, char *path, size_t len);

/*
 * Opens a path as the process sees it; symbolic links cannot lead out of the process's root.
 * Returns a descriptor of a regular file, or a negative errno.
 */
int process_open(const char *proc, int pid, const char *path);

#endif
