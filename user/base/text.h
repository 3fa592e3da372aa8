/* SPDX-License-Identifier: GPL-2.0 */
/* Text put together piece by piece, where printf() would be most of the cost. */
#ifndef TEXT_H
#define TEXT_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Copies as much as fits, and a NUL; NULL is copied as "". */
static inline void text_copy(char *dst, size_t len, const char *src)
{
	size_t n = src ? strnlen(src, len - 1) : 0;

	if (n)
		memcpy(dst, src, n);
	dst[n] = '\0';
}

/*
 * Closes what open_memstream() has opened on *text. Returns 0, or -ENOMEM when there is no text: glibc's
 * fclose() says nothing of it when it cannot shrink the text, and leaves NULL.
 */
static inline int text_stream_close(FILE *out, char *const *text)
{
	return fclose(out) || !*text ? -ENOMEM : 0;
}

/* Writes v in a base of up to 16, with at least `width` digits and no NUL. Returns their end. */
static inline char *text_digits(char *dst, uint64_t v, unsigned int base, int width)
{
	char digits[64];
	int n = 0;

	for (; v || n < width; v /= base)
		digits[n++] = "0123456789abcdef"[v % base];
	while (n)
		*dst++ = digits[--n];
	return dst;
}

static inline char *text_decimal(char *dst, uint64_t v, int width)
{
	return text_digits(dst, v, 10, width);
}

static inline char *text_hex(char *dst, uint64_t v)
{
	return text_digits(dst, v, 16, 1);
}

#endif
