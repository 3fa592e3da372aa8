/* SPDX-License-Identifier: GPL-2.0 */
/* What every unit test includes: cmocka, the headers that it needs first, and common ones. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

#endif
