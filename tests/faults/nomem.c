/* SPDX-License-Identifier: GPL-2.0 */
/*
 * To be preloaded: the allocation number NOMEM_AT fails, counted from when the program begins to read
 * its options, and no other. How many there were is written to the file NOMEM_COUNT at the end.
 */
#include <dlfcn.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t n);

static long fails, made;
static int counts;

static int refused(void)
{
	if (!counts || ++made != fails)
		return 0;
	errno = ENOMEM;
	return 1;
}

void *malloc(size_t n)
{
	return refused() ? NULL : __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	return refused() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t n)
{
	return refused() ? NULL : __libc_realloc(old, n);
}

int getopt_long(int argc, char *const argv[], const char *shorts, const struct option *longs, int *index)
{
	static int (*next)(int, char *const[], const char *, const struct option *, int *);
	const char *at = getenv("NOMEM_AT");

	if (!next) {
		*(void **)&next = dlsym(RTLD_NEXT, "getopt_long");
		fails = at ? atol(at) : 0;
		counts = 1;
	}
	return next(argc, argv, shorts, longs, index);
}

static void __attribute__((destructor)) tell(void)
{
	const char *path = getenv("NOMEM_COUNT");
	FILE *f;

	counts = 0;
	f = path ? fopen(path, "w") : NULL;
	if (!f)
		return;
	fprintf(f, "%ld\n", made);
	fclose(f);
}
