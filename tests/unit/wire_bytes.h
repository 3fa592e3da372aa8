/* SPDX-License-Identifier: GPL-2.0 */
/* Events as bytes, as writers put them on the wire. */
#ifndef TEST_WIRE_BYTES_H
#define TEST_WIRE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "events/event.h"

/* The first wire: every section, one after the other. */
#define FIXED_SIZE 512

struct bytes {
	uint8_t data[2048];
	size_t size;
};

/* Of the first wire, all of it. */
struct bytes fixed_bytes(const struct rst_event *ev);
/* What its first bytes say, and no more. */
void fixed_part(struct rst_event *out, const struct rst_event *ev, size_t size);

/* Of this wire: the head alone, then section after section. */
struct bytes head_bytes(const struct rst_event *ev);
void add_section(struct bytes *b, unsigned int kind, const void *content, size_t size);

/* All sections of an event, but for those in `without` (bits 1 << kind). */
struct bytes section_bytes(const struct rst_event *ev, unsigned int without);

/* decode() of a block of just that size, so that reading past it is found out. */
int decode_bytes(struct rst_event *out, const struct bytes *b);

/* decode() does not take it, for this reason, and leaves its output alone. */
void expect_refused(const struct bytes *b, int err);

#endif
