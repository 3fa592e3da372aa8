/* SPDX-License-Identifier: GPL-2.0 */
#include "app/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The whole file as a string, and its size. */
static int read_whole(const char *path, char **text, size_t *size)
{
	FILE *f = fopen(path, "re");
	int err = 0;

	if (!f)
		return -errno;
	*text = malloc(CONFIG_MAX + 1);
	if (!*text) {
		fclose(f);
		return -ENOMEM;
	}
	*size = fread(*text, 1, CONFIG_MAX + 1, f);
	if (ferror(f))
		err = -errno;
	else if (*size > CONFIG_MAX)
		err = -EFBIG;
	else
		(*text)[*size] = '\0';
	fclose(f);
	return err;
}

/* Cuts off the blanks at both ends. */
static char *trim(char *s)
{
	size_t n;

	s += strspn(s, " \t\r");
	n = strlen(s);
	while (n && strchr(" \t\r", s[n - 1]))
		n--;
	s[n] = '\0';
	return s;
}

static int take_line(char *line, config_fn fn, void *ctx, char *why, size_t len)
{
	char *name = trim(line), *equals, *value = NULL;

	if (!*name || *name == '#' || *name == ';')
		return 0;
	equals = strchr(name, '=');
	if (equals) {
		*equals = '\0';
		value = trim(equals + 1);
		name = trim(name);
	}
	if (!*name || strpbrk(name, " \t")) {
		snprintf(why, len, "expected name = value, or the name of a switch alone");
		return -EINVAL;
	}
	return fn(ctx, name, value, why, len);
}

static int take_lines(const char *path, char *text, size_t size, config_fn fn, void *ctx, char *why, size_t len)
{
	unsigned int number = 0;
	char wrong[512];
	int err = 0;

	for (char *line = text, *end; !err && line < text + size; line = end + 1) {
		end = memchr(line, '\n', text + size - line) ?: text + size;
		*end = '\0';
		number++;
		if (strlen(line) < (size_t)(end - line)) {
			snprintf(wrong, sizeof(wrong), "holds a NUL byte");
			err = -EINVAL;
		} else {
			err = take_line(line, fn, ctx, wrong, sizeof(wrong));
		}
	}
	if (err)
		snprintf(why, len, "%.200s:%u: %s", path, number, wrong);
	return err;
}

int config_read(const char *path, char **text, config_fn fn, void *ctx, char *why, size_t len)
{
	char *whole = NULL;
	size_t size = 0;
	int err = read_whole(path, &whole, &size);

	if (err == -EFBIG)
		snprintf(why, len, "cannot read %.200s: it is longer than %d bytes", path, CONFIG_MAX);
	else if (err)
		snprintf(why, len, "cannot read %.200s: %s", path, strerror(-err));
	else
		err = take_lines(path, whole, size, fn, ctx, why, len);
	if (err)
		free(whole);
	else
		*text = whole;
	return err;
}
