/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/ring.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "events/clock_step.h"
#include "host/clock.h"

struct ring_source {
	struct source base;
	struct ring_buffer *rb;
	int in_batch;		/* samples handed over by this call of take() */
	/* positions of the reader and the writers, in the map's first pages; NULL: cannot be read */
	const unsigned long *read, *written;
	uint64_t size;
	int clock;		/* see clock_watch() */
};

/*
 * How many samples take() hands over at most: in a storm the buffer fills as fast as it is read,
 * and the rest of the loop has to run too.
 */
#define BATCH 4096
#define BATCH_FULL (-ECANCELED)

/* What comes from now on has another time of day. */
static int step_clock(struct source *s)
{
	struct clock_step step = clock_step_at(clock_mono_ns(), clock_offset());
	int answer = s->fn(s->ctx, &step, sizeof(step));

	s->meta.boot_offset_ns = step.offset_ns;
	return answer;
}

static int ring_take(struct source *s)
{
	struct ring_source *r = (struct ring_source *)s;
	int n, answer = 0;

	r->in_batch = 0;
	n = ring_buffer__consume(r->rb);
	if (n == BATCH_FULL)
		return r->in_batch;
	/* only once the buffer is empty: what was in it is from before, or from that very moment */
	if (n >= 0 && clock_was_set(r->clock))
		answer = step_clock(s);
	return answer < 0 ? answer : n;
}

static void unmap(const unsigned long *page)
{
	if (page)
		munmap((void *)page, sysconf(_SC_PAGESIZE));
}

static void ring_close(struct source *s)
{
	struct ring_source *r = (struct ring_source *)s;

	unmap(r->read);
	unmap(r->written);
	ring_buffer__free(r->rb);
	if (r->clock >= 0)
		close(r->clock);
	free(s);
}

static const struct source_ops ring_ops = {
	.take = ring_take,
	.close = ring_close,
};

static int on_sample(void *ctx, void *data, size_t size)
{
	struct ring_source *r = ctx;
	int answer = r->base.fn(r->base.ctx, data, size);

	if (answer < 0)
		return answer;
	return ++r->in_batch == BATCH || answer ? BATCH_FULL : 0;
}

/* The boot's id, without dashes, as in systemd's journal. */
static void read_boot(char boot[33])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
	int n = 0, c;

	while (f && n < 32 && (c = fgetc(f)) != EOF)
		if (c != '-' && c != '\n')
			boot[n++] = c;
	boot[n == 32 ? n : 0] = '\0';
	if (f)
		fclose(f);
}

/* CONFIG_HZ, from the resolution of a coarse clock, which is a tick (KTIME_LOW_RES). */
static unsigned int tick_rate(void)
{
	struct timespec tick;

	if (clock_getres(CLOCK_MONOTONIC_COARSE, &tick) || tick.tv_sec || !tick.tv_nsec)
		return 0;
	return (unsigned int)((1000000000 + tick.tv_nsec / 2) / tick.tv_nsec);
}

static const unsigned long *map_page(int fd, int number)
{
	long size = sysconf(_SC_PAGESIZE);
	void *page = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, number * size);

	return page == MAP_FAILED ? NULL : page;
}

/* A ring buffer's size in bytes, which is its number of entries. 0: not known. */
static uint64_t map_size(int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.max_entries;
}

void source_ring_fill(const struct source *s, uint64_t *used, uint64_t *size)
{
	const struct ring_source *r = (const struct ring_source *)s;

	*used = *size = 0;
	if (!r->read || !r->written)
		return;
	*used = __atomic_load_n(r->written, __ATOMIC_ACQUIRE) - __atomic_load_n(r->read, __ATOMIC_ACQUIRE);
	*size = r->size;
}

/* The descriptor that is waited for tells of the clock, too. */
static int watch_clock(struct ring_source *r)
{
	struct epoll_event ev = { .events = EPOLLIN };

	r->clock = clock_watch();
	if (r->clock < 0)
		return r->clock;
	return epoll_ctl(r->base.fd, EPOLL_CTL_ADD, r->clock, &ev) ? -errno : 0;
}

int source_ring(struct source **out, const struct loader *l, source_fn fn, void *ctx)
{
	const struct caps *caps = loader_caps(l);
	const struct plan *plan = loader_plan(l);
	struct ring_source *r = calloc(1, sizeof(*r));
	struct source_meta *m;
	int err;

	if (!r)
		return -ENOMEM;
	r->base = (struct source){ .ops = &ring_ops, .fn = fn, .ctx = ctx };
	m = &r->base.meta;
	if (gethostname(m->host, sizeof(m->host) - 1))
		m->host[0] = '\0';
	read_boot(m->boot);
	memcpy(m->release, caps->release, sizeof(m->release));
	memcpy(m->reason, caps->reason, sizeof(m->reason));
	m->n_reasons = caps->n_reasons;
	m->boot_offset_ns = clock_offset();
	m->hz = tick_rate();
	m->sees_sent = plan->sees_sent;
	m->misses_calls = plan->misses_calls;
	r->rb = ring_buffer__new(loader_ring_fd(l), on_sample, r, NULL);
	if (!r->rb) {
		err = -errno;
		free(r);
		return err;
	}
	r->base.fd = ring_buffer__epoll_fd(r->rb);
	err = watch_clock(r);
	if (err) {
		ring_close(&r->base);
		return err;
	}
	r->read = map_page(loader_ring_fd(l), 0);
	r->written = map_page(loader_ring_fd(l), 1);
	r->size = map_size(loader_ring_fd(l));
	*out = &r->base;
	return 0;
}
