/* SPDX-License-Identifier: GPL-2.0 */
/* Whether records made of fewer events are weaker forms of the full records. */
#ifndef WEAKEN_WEAKER_H
#define WEAKEN_WEAKER_H

#include <stdbool.h>

#include <jansson.h>

/* Reads the table of causes that are wider than others. Ends the program if it cannot. */
void wider_load(const char *path);

/*
 * For each record of `less`, its last revision has to be a weaker form of some revision of
 * a record of `full`, another one for each; what a later revision adds may be lost.
 * Returns for how many that is not so, and prints why, after `what`.
 */
int weaker(const json_t *full, const json_t *less, const char *what);

/* The same for sendings lost without a gap: records must show that, and be no surer than "likely". */
int weaker_unseen(const json_t *full, const json_t *less, const char *what);

#endif
