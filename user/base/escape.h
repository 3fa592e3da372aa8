/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes from outside, made fit to print: names that processes gave themselves, paths, what a recording
 * or a segment holds. Every function writes at most len bytes, the closing NUL included, and returns buf.
 */
#ifndef ESCAPE_H
#define ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * For terminals: n bytes of any kind (fewer if a NUL comes first). Hidden characters and bytes that
 * are no UTF-8 become \xNN, a backslash is doubled. What does not fit is cut off between characters.
 */
char *fmt_escape(char *buf, size_t len, const char *s, size_t n);

/* The same for a whole sentence, which may hold names that were escaped before: backslashes stay. */
char *fmt_message(char *buf, size_t len, const char *s, size_t n);

/* For JSON: each byte that is no UTF-8 becomes U+FFFD; all else is kept. */
char *fmt_utf8(char *buf, size_t len, const char *s, size_t n);

/*
 * The length in bytes (1 to 4) of the UTF-8 character at s, its code point in
 * *cp; 0 if there is none (RFC 3629: no overlong form, no surrogate).
 */
int utf8_char(const char *s, size_t n, uint32_t *cp);

/* The code point as JSON's \uXXXX; beyond U+FFFF as two of them. */
#define U_ESCAPE_MAX 12
char *fmt_u_escape(char *buf, size_t len, uint32_t cp);

/* Control characters (C0, DEL, C1), and those that are invisible or change the direction of a text. */
bool utf8_hidden(uint32_t cp);

/* Prints "rsttrace: " and one line of text to standard error, fit for a terminal whatever is in it. */
__attribute__((format(printf, 1, 2))) void say(const char *fmt, ...);

#endif
