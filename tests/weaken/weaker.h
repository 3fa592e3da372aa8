/* SPDX-License-Identifier: GPL-2.0 */
/* Whether what is told of less is less, and not something else. */
#ifndef WEAKEN_WEAKER_H
#define WEAKEN_WEAKER_H

#include <stdbool.h>

#include <jansson.h>

/* Reads the table of causes that are wider than others. Ends the program if it cannot. */
void wider_load(const char *path);

/*
 * Each record of `less`, in its last revision, has one of its own in `full` that
 * it is a weakening of, in one of its revisions: what came after that is lost.
 * Returns how many have none, and prints what is wrong with them behind `what`.
 */
int weaker(const json_t *full, const json_t *less, const char *what);

/* The same where the sendings left no mark: the records say so themselves, and are no more than likely. */
int weaker_unseen(const json_t *full, const json_t *less, const char *what);

#endif
