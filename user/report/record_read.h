/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reads one line of JSON into the struct that it was made of: the inverse of record.h, with the
 * same table. Keys that this version does not know are skipped. Pure; the bytes may be anything.
 */
#ifndef RECORD_READ_H
#define RECORD_READ_H

#include <stddef.h>
#include <stdint.h>

#include "incident/incident.h"

enum line_kind {
	LINE_INCIDENT,
	LINE_END,	/* the totals of a run */
	LINE_CHECK,	/* what a host says of itself, by rsttrace check --json */
	LINE_OTHER,	/* a raw event, or a line of a later version */
	LINE_WRONG,
};

/* What the end line says that a run did not see. */
struct line_end {
	int64_t lost, missed, suppressed;
};

struct line_check {
	char host[65], kernel[65];	/* "": not told */
};

struct record_line {
	struct incident inc;	/* LINE_INCIDENT; members that the line lacks are as after incident_init() */
	struct line_end end;	/* LINE_END */
	struct line_check check;	/* LINE_CHECK */
	const char *why;	/* LINE_WRONG: what is wrong */
	size_t at;		/* ... and at which byte of the line */
};

/* The reader owns the codes in its records that this version does not know. */
struct record_reader;

/* Returns NULL when out of memory. */
struct record_reader *record_reader_new(void);
void record_reader_free(struct record_reader *r);

/* Reads a line of n bytes, without its newline. */
enum line_kind record_read(struct record_reader *r, struct record_line *out, const char *line, size_t n);

#endif
