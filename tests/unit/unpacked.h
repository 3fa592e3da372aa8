/* SPDX-License-Identifier: GPL-2.0 */
/* What a page's script reads, read back. */
#ifndef UNPACKED_H
#define UNPACKED_H

#include <jansson.h>

/* A packed block of columns, n bytes of base64; fails the test where it is none. */
json_t *unpack_block(const char *base64, size_t n);

/* The value in row `at` of a column; NULL: none. */
const json_t *unpacked_value(const json_t *block, const char *key, size_t at);

#endif
