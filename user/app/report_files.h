/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads files of records, one after another: JSON Lines or recordings, plain or compressed by gzip or
 * zstd. Errors go to stderr, with file and place; the records before the error count.
 */
#ifndef REPORT_FILES_H
#define REPORT_FILES_H

#include "app/options.h"
#include "report/lines.h"

#define BAD_LINES_SHOWN 3	/* of a file */

struct report_files {
	const struct options *o;
	int (*incident)(void *ctx, const struct incident *inc);	/* 0 or a negative errno, which ends it */
	void (*end)(void *ctx, const struct line_end *end);
	int (*check)(void *ctx, const struct line_check *check);	/* like incident(); may be NULL */
	void *ctx;
	bool again;		/* the files were read before: errors are not printed again */
	size_t read, damaged;
	/* the file that is being read */
	const char *path;
	uint64_t good_lines, bad_lines;
	struct bad_line bad[BAD_LINES_SHOWN];
	uint64_t records;	/* of all files */
	uint64_t shown_ns;	/* when progress was last shown */
};

/* A file, or the files of a directory in the order of their names. 0 or a negative errno. */
int report_files_read(struct report_files *f, const char *path);

#endif
