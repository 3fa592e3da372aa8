/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzz targets share: each includes it once. What an output must never be ends the target. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jansson.h>

#include "base/escape.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(condition)								\
	do {									\
		if (!(condition)) {						\
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);	\
			abort();						\
		}								\
	} while (0)

/* Lines of JSON, each an object without a key twice. */
__attribute__((unused)) static void must_be_json_lines(const char *text)
{
	size_t n;

	for (; *text; text += n + 1) {
		json_t *line;

		n = strcspn(text, "\n");
		line = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
		if (text[n] != '\n' || !json_is_object(line)) {
			fprintf(stderr, "not a line of JSON: %.*s\n", (int)n, text);
			abort();
		}
		json_decref(line);
	}
}

/* Text that may be shown on a terminal: UTF-8, and nothing hidden but the ends of lines. */
__attribute__((unused)) static void must_be_printable(const char *text, size_t len)
{
	uint32_t cp;

	for (int n; len; text += n, len -= n) {
		n = utf8_char(text, len, &cp);
		if (n && (cp == '\n' || !utf8_hidden(cp)))
			continue;
		fprintf(stderr, "not for terminals: %.60s\n", text);
		abort();
	}
}

/* The bytes as a file; fills in its path and returns a descriptor to close, which ends the file. */
__attribute__((unused)) static int file_of(const uint8_t *data, size_t size, char path[32])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size && !lseek(fd, 0, SEEK_SET));
	snprintf(path, 32, "/proc/self/fd/%d", fd);
	return fd;
}

#endif
