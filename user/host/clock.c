/* SPDX-License-Identifier: GPL-2.0 */
#include "host/clock.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

int64_t clock_offset(void)
{
	int64_t best = INT64_MAX, offset = 0;

	for (int i = 0; i < 5; i++) {
		int64_t before = clock_mono_ns();
		int64_t wall = clock_ns(CLOCK_REALTIME);
		int64_t after = clock_mono_ns();

		if (after - before >= best)
			continue;
		best = after - before;
		offset = wall - (before + after) / 2;
	}
	return offset;
}

/* The kernel cancels a timer of the wall clock when that is set, and when the machine wakes up. */
int clock_watch(void)
{
	const struct itimerspec never = { .it_value.tv_sec = INT64_MAX / 1000000000 };
	int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (!timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL))
		return fd;
	close(fd);
	return -EINVAL;
}

bool clock_was_set(int watch)
{
	uint64_t n;

	return watch >= 0 && read(watch, &n, sizeof(n)) < 0 && errno == ECANCELED;
}
