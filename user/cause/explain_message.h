/* SPDX-License-Identifier: GPL-2.0 */
/* `rsttrace explain MESSAGE` and `rsttrace explain - < LOG`: prints what message.h knows. */
#ifndef EXPLAIN_MESSAGE_H
#define EXPLAIN_MESSAGE_H

#include <stdio.h>

#include "cause/message.h"

/* The sentences for a meaning, written into buf, which both return. */
#define MEANING_TEXT_MAX 512
const char *meaning_call(const struct meaning *m, char buf[MEANING_TEXT_MAX]);
const char *meaning_sender(const struct meaning *m, char buf[MEANING_TEXT_MAX]);

/* The command that shows the sender, written into buf, which it returns. */
const char *meaning_command(const struct meaning *m, char buf[MEANING_TEXT_MAX]);

void explain_meaning(FILE *out, const struct meaning *m, unsigned int width);

/*
 * Reads a log to its end and prints each meaning with its number of lines, the most frequent
 * first. Returns 0, or the negative errno of the failed read.
 */
int explain_log(FILE *out, FILE *in, unsigned int width);

#endif
