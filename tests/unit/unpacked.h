/* SPDX-License-Identifier: GPL-2.0 */
/* Reads back what a page has for its script. */
#ifndef UNPACKED_H
#define UNPACKED_H

#include <jansson.h>

/* Unpacks a block of columns from n bytes of base64; fails the test if it is none. */
json_t *unpack_block(const char *base64, size_t n);

/* The value of a column in row `at`; NULL: none. */
const json_t *unpacked_value(const json_t *block, const char *key, size_t at);

#endif
