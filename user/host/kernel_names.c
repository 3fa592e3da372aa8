/* SPDX-License-Identifier: GPL-2.0 */
#include "host/kernel_names.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* kallsyms has no sizes of functions: an address that far after a symbol is in a module loaded later. */
#define LONGEST_FUNCTION (64U << 10)

struct symbol {
	uint64_t addr;
	uint32_t text;		/* its place in the texts */
};

struct kernel_names {
	struct symbol *symbol;
	size_t n, cap;
	char *texts;
	size_t n_texts, cap_texts;
};

static bool grow(void **mem, size_t *cap, size_t wanted, size_t each)
{
	void *more;

	if (wanted <= *cap)
		return true;
	more = realloc(*mem, 2 * wanted * each);
	if (!more)
		return false;
	*mem = more;
	*cap = 2 * wanted;
	return true;
}

/* Adds "NAME" or "NAME\t[MODULE]", with the tabulator replaced by a blank. */
static bool add(struct kernel_names *k, uint64_t addr, char *text)
{
	size_t len = strcspn(text, "\n") + 1;
	char *tab = strchr(text, '\t');

	text[len - 1] = '\0';
	if (tab)
		*tab = ' ';
	if (!grow((void **)&k->symbol, &k->cap, k->n + 1, sizeof(*k->symbol)) ||
	    !grow((void **)&k->texts, &k->cap_texts, k->n_texts + len, 1))
		return false;
	k->symbol[k->n++] = (struct symbol){ addr, k->n_texts };
	memcpy(k->texts + k->n_texts, text, len);
	k->n_texts += len;
	return true;
}

static int by_addr(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static int read_symbols(struct kernel_names *k, FILE *f)
{
	char *line = NULL;
	size_t cap = 0;
	int err = 0;

	while (!err && getline(&line, &cap, f) > 0) {
		char *rest, *type;
		uint64_t addr = strtoull(line, &rest, 16);

		type = rest + strspn(rest, " ");
		if (addr && *type && strchr("tTwW", *type) && type[1] == ' ' && !add(k, addr, type + 2))
			err = -ENOMEM;
	}
	free(line);
	if (k->n)
		qsort(k->symbol, k->n, sizeof(k->symbol[0]), by_addr);
	return err ?: k->n ? 0 : -EACCES;
}

int kernel_names_read(const char *proc, struct kernel_names **out)
{
	struct kernel_names *k = calloc(1, sizeof(*k));
	char path[PATH_MAX];
	FILE *f;
	int err;

	if (!k)
		return -ENOMEM;
	snprintf(path, sizeof(path), "%s/kallsyms", proc);
	f = fopen(path, "re");
	err = f ? read_symbols(k, f) : -errno;
	if (f)
		fclose(f);
	if (err) {
		kernel_names_free(k);
		return err;
	}
	*out = k;
	return 0;
}

bool kernel_names_shown(const char *proc)
{
	unsigned long long addr = 0;
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/kallsyms", proc);
	f = fopen(path, "re");
	/* a per-CPU variable may be at address 0, so several lines are tried */
	for (int i = 0; f && i < 16 && !addr && fscanf(f, "%llx %*[^\n]", &addr) == 1; i++)
		;
	if (f)
		fclose(f);
	return addr;
}

void kernel_names_free(struct kernel_names *k)
{
	if (!k)
		return;
	free(k->symbol);
	free(k->texts);
	free(k);
}

bool kernel_name(const struct kernel_names *k, uint64_t addr, unsigned int back, char *text, size_t len)
{
	size_t low = 0, high = k->n;
	const struct symbol *s;
	const char *name;
	int n;

	while (low < high) {	/* the first symbol after the address */
		size_t middle = (low + high) / 2;

		if (k->symbol[middle].addr <= addr - back)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return false;
	s = &k->symbol[low - 1];
	if (addr - s->addr >= LONGEST_FUNCTION)
		return false;
	name = k->texts + s->text;
	n = strcspn(name, " ");
	snprintf(text, len, "%.*s+0x%" PRIx64 "%s", n, name, addr - s->addr, name + n);
	return true;
}
