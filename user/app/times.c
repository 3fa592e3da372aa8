/* SPDX-License-Identifier: GPL-2.0 */
#include "app/times.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"

#define NS_PER_S 1000000000LL

static int parse_ago(const char *text, int64_t now_ns, int64_t *out)
{
	static const struct {
		char unit;
		long seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	char *end;
	long n = strtol(text, &end, 10), ns;

	if (end == text || n < 0 || n > 1000000 || !end[0] || end[1])
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++)
		if (*end == units[i].unit) {
			if (__builtin_mul_overflow(n, units[i].seconds * NS_PER_S, &ns))
				return -EINVAL;
			*out = now_ns - ns;
			return 0;
		}
	return -EINVAL;
}

int times_parse(const char *text, int64_t now_ns, int64_t *out)
{
	static const char *const forms[] = {
		"%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d",
	};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, forms[i], &tm);
		int64_t ns;

		if (!end || (*end && strcmp(end, "Z")))
			continue;
		/* nanoseconds in 64 bits reach from 1677 to 2262 */
		if (__builtin_mul_overflow(*end ? timegm(&tm) : mktime(&tm), NS_PER_S, &ns))
			return -EINVAL;
		*out = ns;
		return 0;
	}
	return parse_ago(text, now_ns, out);
}
