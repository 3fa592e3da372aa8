/* SPDX-License-Identifier: GPL-2.0 */
/* Parts of a block for people, put together in memory. */
#ifndef TEXT_BLOCK_H
#define TEXT_BLOCK_H

#include <stdbool.h>
#include <stdio.h>

#include "incident/incident.h"

/* With -v: what a program would read from the record. */
void text_detail(FILE *out, bool color, const struct incident *inc);

#endif
