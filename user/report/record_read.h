/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One line of JSON back to what it was made of: the inverse of record.h, by the same table. Keys
 * that this version does not know are skipped. Pure; the bytes may be anything.
 */
#ifndef RECORD_READ_H
#define RECORD_READ_H

#include <stddef.h>
#include <stdint.h>

#include "incident/incident.h"

enum line_kind {
	LINE_INCIDENT,
	LINE_END,	/* the totals of a run */
	LINE_OTHER,	/* a raw event, or what a later version writes */
	LINE_WRONG,
};

/* What the end line says of what a run did not see. */
struct line_end {
	int64_t lost, missed, suppressed;
};

struct record_line {
	struct incident inc;	/* LINE_INCIDENT; what the line does not tell is as incident_init() has it */
	struct line_end end;	/* LINE_END */
	const char *why;	/* LINE_WRONG: what is wrong */
	size_t at;		/* ... and how many bytes into the line */
};

/* Codes that no rule of this version has are kept for as long as the reader lives. */
struct record_reader;

/* NULL when out of memory. */
struct record_reader *record_reader_new(void);
void record_reader_free(struct record_reader *r);

/* Reads n bytes, a line without its newline. */
enum line_kind record_read(struct record_reader *r, struct record_line *out, const char *line, size_t n);

#endif
