/* SPDX-License-Identifier: GPL-2.0 */
/* The parts that the text sink is made of. Functions return 0 or a negative errno. */
#ifndef TEXT_BLOCK_H
#define TEXT_BLOCK_H

#include "output/sink.h"

/* Writes a record now: a block, or a line that completes one. */
int text_show(struct sink *s, const struct incident *inc);

/* With -v: more of the record's keys, such as the id and the sequence number. */
void text_detail(FILE *out, const struct sink *s, const struct incident *inc);

/* The program's frames; the kernel's too with -v, or where the program's are not known. */
void text_stack(FILE *out, const struct sink *s, const struct endpoint *ep);

/* Writes what was put together in memory, in one go. */
int text_write(struct sink *s, const char *text, size_t len);

/*
 * Records are held back for .hold_ns, so that blocks are shown in order of time and incidents that
 * follow another one under it. With .runs, those alike are shown as a count.
 */
int text_held_incident(struct sink *s, const struct incident *inc);
int text_held_tick(struct sink *s, uint64_t now_ns);
uint64_t text_held_next(const struct sink *s);
void text_held_free(struct sink *s);

/* Whether the block that is being shown is right under that of the incident it follows. */
bool text_held_under(const struct sink *s);

#endif
