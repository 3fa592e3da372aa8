/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Figures and foreign bytes, made fit to print. Every function writes at most
 * len bytes, the closing NUL included, and returns buf.
 */
#ifndef FORMAT_H
#define FORMAT_H

#include <stddef.h>
#include <stdint.h>

#include "base/escape.h"

/* "83 µs", "1.2 ms", "4.2 s", "3 min 20 s", "2 h 5 min", "3 d 4 h"; "?" for UNKNOWN. */
char *fmt_duration(char *buf, size_t len, int64_t us);

/* "0", "312 B", "1.1 KiB", … in powers of 1024; "?" for UNKNOWN. */
char *fmt_bytes(char *buf, size_t len, int64_t n);

/* "1,204". */
char *fmt_count(char *buf, size_t len, uint64_t n);

/* An address without a port; "?" when family is neither 4 nor 6. addr in network byte order. */
char *fmt_addr(char *buf, size_t len, unsigned int family, const uint8_t *addr);

/* "10.0.0.1:80", "[::1]:80"; without the port when that is negative. */
char *fmt_addr_port(char *buf, size_t len, unsigned int family, const uint8_t *addr,
		    int64_t port);

/* RFC 3339 in UTC, with nanoseconds. Empty when the time is not known. */
char *fmt_time_utc(char *buf, size_t len, int64_t epoch_ns);

/* "14:03:22.118" in local time. */
char *fmt_time_of_day(char *buf, size_t len, int64_t epoch_ns);

/* Columns on a terminal, counting one for each character. */
size_t fmt_width(const char *s);

#endif
