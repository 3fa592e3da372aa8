/* SPDX-License-Identifier: GPL-2.0 */
#include "top/hist.h"

#include <string.h>

static uint64_t step_of(const struct hist_scale *s, uint64_t at_ns)
{
	return at_ns > s->begin_ns ? (at_ns - s->begin_ns) / s->width_ns : 0;
}

int hist_scale_to(struct hist_scale *s, uint64_t now_ns)
{
	uint64_t step = step_of(s, now_ns);

	if (s->whole && step >= HIST_STEPS) {
		s->width_ns *= 2;
		s->now /= 2;
		return 1;
	}
	if (step > s->now)
		s->now = step;
	return 0;
}

void hist_halve(struct hist *h)
{
	for (int i = 0; i < HIST_STEPS / 2; i++)
		h->step[i] = h->step[2 * i] + h->step[2 * i + 1];
	memset(h->step + HIST_STEPS / 2, 0, sizeof(h->step) / 2);
	h->last /= 2;
}

/* Moves to a newer step; the steps between are empty. */
static void advance(struct hist *h, uint64_t step)
{
	if (step >= h->last + HIST_STEPS)
		memset(h->step, 0, sizeof(h->step));
	else
		for (uint64_t i = h->last + 1; i <= step; i++)
			h->step[i % HIST_STEPS] = 0;
	if (step > h->last)
		h->last = step;
}

void hist_add(struct hist *h, const struct hist_scale *s, uint64_t at_ns, int64_t n)
{
	uint64_t step = step_of(s, at_ns);
	uint32_t *at = &h->step[step % HIST_STEPS];

	if (step + HIST_STEPS <= h->last)
		return;
	advance(h, step);
	*at = n < 0 && (uint64_t)-n > *at ? 0 : *at + n;
}

/* The count of a step; 0 if it is not kept. */
static uint64_t at_step(const struct hist *h, uint64_t step)
{
	return step > h->last || step + HIST_STEPS <= h->last ? 0 : h->step[step % HIST_STEPS];
}

uint64_t hist_sum(const struct hist *h, const struct hist_scale *s, unsigned int steps)
{
	uint64_t sum = 0;

	for (unsigned int i = 1; i <= steps && i <= s->now; i++)
		sum += at_step(h, s->now - i);
	return sum;
}

/* Spreads all steps, from the first to the newest, over the columns. */
static void whole_columns(const struct hist *h, const struct hist_scale *s, uint64_t *out, unsigned int cols)
{
	uint64_t steps = s->now + 1;

	for (uint64_t step = 0; step < steps; step++)
		out[step * cols / steps] += at_step(h, step);
}

void hist_columns(const struct hist *h, const struct hist_scale *s, uint64_t *out, unsigned int cols)
{
	unsigned int each = HIST_STEPS / cols;
	/* ends with the newest step */
	int64_t step = (int64_t)s->now + 1 - (int64_t)each * cols;

	memset(out, 0, cols * sizeof(*out));
	if (s->whole) {
		whole_columns(h, s, out, cols);
		return;
	}
	for (unsigned int c = 0; c < cols; c++)
		for (unsigned int i = 0; i < each; i++, step++)
			out[c] += step < 0 ? 0 : at_step(h, step);
}
