/* SPDX-License-Identifier: GPL-2.0 */
#include "app/option_take.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "app/times.h"
#include "base/array.h"
#include "host/clock.h"
#include "output/metrics.h"

#define PID_LIMIT 4194304	/* include/linux/threads.h, PID_MAX_LIMIT */

static void *member(struct options *o, size_t at)
{
	return (char *)o + at;
}

int take_switch(struct options *o, size_t at, char *arg)
{
	(void)arg;
	*(bool *)member(o, at) = true;
	return 0;
}

int take_string(struct options *o, size_t at, char *arg)
{
	*(const char **)member(o, at) = arg;
	return *arg ? 0 : -EINVAL;
}

static int parse_long(const char *arg, long min, long max, long *out)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(arg, &end, 10);
	if (errno || !*arg || *end || n < min || n > max)
		return -EINVAL;
	*out = n;
	return 0;
}

int take_long(struct options *o, size_t at, char *arg)
{
	return parse_long(arg, 0, 1000000000, member(o, at));
}

static int take_int(struct options *o, size_t at, char *arg, long max)
{
	long n;
	int err = parse_long(arg, 1, max, &n);

	if (!err)
		*(int *)member(o, at) = n;
	return err;
}

int take_port(struct options *o, size_t at, char *arg)
{
	return take_int(o, at, arg, 65535);
}

int take_pid(struct options *o, size_t at, char *arg)
{
	return take_int(o, at, arg, PID_LIMIT);
}

int take_seconds(struct options *o, size_t at, char *arg)
{
	char *end;
	double s = strtod(arg, &end);

	if (!*arg || *end || !(s > 0) || s > 1e9)
		return -EINVAL;
	*(double *)member(o, at) = s;
	return 0;
}

int take_hooks(struct options *o, size_t at, char *arg)
{
	return ladder_parse(arg, member(o, at));
}

int take_color(struct options *o, size_t at, char *arg)
{
	static const char *const words[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never",
	};

	_Static_assert(ARRAY_SIZE(words) == COLOR_MAX, "a word for every colour mode");
	for (int i = 0; i < COLOR_MAX; i++)
		if (!strcmp(arg, words[i])) {
			*(enum color *)member(o, at) = i;
			return 0;
		}
	return -EINVAL;
}

/* Without a word any reset of the command counts, with "hurt" only one that a call of the command met. */
int take_fail_on(struct options *o, size_t at, char *arg)
{
	if (arg && strcmp(arg, "hurt"))
		return -EINVAL;
	*(enum fail_on *)member(o, at) = arg ? FAIL_ON_HURT : FAIL_ON_RESET;
	return 0;
}

int take_user(struct options *o, size_t at, char *arg)
{
	return command_user_find(member(o, at), arg);
}

int take_addr(struct options *o, size_t at, char *arg)
{
	return filter_parse_addr(member(o, at), arg);
}

/* A path, an inode number (they begin far above any pid) or a pid. */
int take_netns(struct options *o, size_t at, char *arg)
{
	char path[64], *end;
	unsigned long n = strtoul(arg, &end, 10);
	struct statfs fs;
	struct stat st;

	if (*arg && !*end && n > PID_LIMIT && n <= UINT32_MAX) {
		*(uint32_t *)member(o, at) = n;
		return 0;
	}
	if (*arg && !*end) {
		snprintf(path, sizeof(path), "/proc/%lu/ns/net", n);
		arg = path;
	}
	if (stat(arg, &st) || statfs(arg, &fs))
		return -errno;
	if (fs.f_type != NSFS_MAGIC)
		return -EINVAL;
	*(uint32_t *)member(o, at) = st.st_ino;
	return 0;
}

int take_causes(struct options *o, size_t at, char *arg)
{
	return filter_parse_causes(member(o, at), arg);
}

int take_suppress(struct options *o, size_t at, char *arg)
{
	return suppress_add(member(o, at), arg);
}

int take_outcomes(struct options *o, size_t at, char *arg)
{
	return filter_parse_outcomes(member(o, at), arg);
}

int take_metrics_by(struct options *o, size_t at, char *arg)
{
	static const struct { const char *word; unsigned int by; } words[] = {
		{ "process", METRICS_BY_PROCESS }, { "unit", METRICS_BY_UNIT },
		{ "container", METRICS_BY_CONTAINER }, { "port", METRICS_BY_PORT },
	};

	for (const char *w = arg; *w; w += strspn(w, ",")) {
		size_t i = 0, len = strcspn(w, ",");

		while (i < ARRAY_SIZE(words) && (strlen(words[i].word) != len || strncmp(words[i].word, w, len)))
			i++;
		if (i == ARRAY_SIZE(words))
			return -EINVAL;
		*(unsigned int *)member(o, at) |= words[i].by;
		w += len;
	}
	return *arg ? 0 : -EINVAL;
}

int take_direction(struct options *o, size_t at, char *arg)
{
	return filter_parse_direction(member(o, at), arg);
}

/* Takes the words of "report" and those of "top"; options_parse() checks later that the command knows the word. */
int take_by(struct options *o, size_t at, char *arg)
{
	enum report_by report = 0;
	enum top_by top = 0;

	(void)at;
	while (report < N_BY && strcmp(arg, report_by_names[report]))
		report++;
	while (top < N_TOP_BY && strcmp(arg, top_by_names[top]))
		top++;
	if (report == N_BY && top == N_TOP_BY)
		return -EINVAL;
	o->report.by = report;
	o->top.by = top;
	return 0;
}

int take_ask(struct options *o, size_t at, char *arg)
{
	const struct question *q = question_find(arg);

	*(const struct question **)member(o, at) = q;
	return q ? 0 : -EINVAL;
}

int take_time(struct options *o, size_t at, char *arg)
{
	return times_parse(arg, clock_ns(CLOCK_REALTIME), member(o, at));
}

int take_help(struct options *o, size_t at, char *arg)
{
	(void)at;
	(void)arg;
	o->mode = MODE_HELP;
	return 0;
}

int take_version(struct options *o, size_t at, char *arg)
{
	(void)at;
	(void)arg;
	o->mode = MODE_VERSION;
	return 0;
}
