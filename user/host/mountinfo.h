/* SPDX-License-Identifier: GPL-2.0 */
/* The lines of /proc/PID/mountinfo (proc_pid_mountinfo(5)). Pure but for the stream it reads. */
#ifndef MOUNTINFO_H
#define MOUNTINFO_H

#include <stdio.h>

/* Zeroed before the first use; freed by mountinfo_free(). The fields point into the line. */
struct mountinfo {
	char *line;
	size_t cap;
	char *root;	/* what of the file system is mounted */
	char *point;	/* where */
	char *type;	/* of the file system */
};

/* Reads the next line that is one. 1, or 0 at the end. */
int mountinfo_next(struct mountinfo *m, FILE *f);
void mountinfo_free(struct mountinfo *m);

#endif
