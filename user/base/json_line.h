/* SPDX-License-Identifier: GPL-2.0 */
/* A JSON document as one line that is fit for a terminal as well. */
#ifndef JSON_LINE_H
#define JSON_LINE_H

#include <stdio.h>

#include <jansson.h>

/* Writes it with a newline; hidden characters (base/escape.h) as \uXXXX. 0 or a negative errno. */
int json_line(FILE *out, const json_t *doc);

#endif
