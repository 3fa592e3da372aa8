/* SPDX-License-Identifier: GPL-2.0 */
/* Events as bytes, as writers make them. */
#ifndef TEST_WIRE_BYTES_H
#define TEST_WIRE_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "events/event.h"

/* The first wire has every section, one after the other. */
#define FIXED_SIZE 512

struct bytes {
	uint8_t data[2048];
	size_t size;
};

/* An event of the first wire, complete. */
struct bytes fixed_bytes(const struct rst_event *ev);
/* What only its first `size` bytes say. */
void fixed_part(struct rst_event *out, const struct rst_event *ev, size_t size);

/* An event of this wire: the head, then section after section. */
struct bytes head_bytes(const struct rst_event *ev);
void add_section(struct bytes *b, unsigned int kind, const void *content, size_t size);

/* All sections of an event except those in `without` (bits 1 << kind). */
struct bytes section_bytes(const struct rst_event *ev, unsigned int without);

/* Runs decode() on a block of exactly that size, so that a read past its end is found. */
int decode_bytes(struct rst_event *out, const struct bytes *b);

/* Checks that decode() refuses it with this error, and leaves its output alone. */
void expect_refused(const struct bytes *b, int err);

#endif
