/* SPDX-License-Identifier: GPL-2.0 */
#include "events/stacks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define MOST_BYTES (32U << 20)	/* that different stacks may take */
#define N_COMING 64		/* stacks that wait for their events: a few for each CPU at most */

struct kept_stack {
	UT_hash_handle hh;
	char *key;			/* the frames' texts, a line each */
	struct stack_text text;
};

struct coming {
	uint64_t time_ns;		/* 0: none */
	uint32_t cpu;
	const struct stack_text *user, *kernel;
};

struct stacks {
	struct kept_stack *kept;
	size_t bytes;
	uint64_t left_out;
	unsigned int next;
	struct coming coming[N_COMING];
};

struct stacks *stacks_new(void)
{
	return calloc(1, sizeof(struct stacks));
}

void stacks_free(struct stacks *s)
{
	struct kept_stack *k, *tmp;

	if (!s)
		return;
	HASH_ITER(hh, s->kept, k, tmp) {
		HASH_DEL(s->kept, k);
		free(k->key);
		free(k);
	}
	free(s);
}

uint64_t stacks_left_out(const struct stacks *s)
{
	return s->left_out;
}

/* Writes the frames' texts one after another, as the key; their number in *n. */
static size_t make_key(char *key, const struct frames *frames, bool kernel, unsigned int *n)
{
	size_t len = 0;

	*n = 0;
	for (unsigned int i = 0; i < frames->n; i++) {
		const struct frame *f = &frames->frame[i];

		if (!(f->flags & FRAMEF_KERNEL) == kernel || !f->text[0])
			continue;
		/* the kernel marks a frame that may be false in the same way */
		if (f->flags & FRAMEF_POINTER)
			len += sprintf(key + len, "? ");
		len += sprintf(key + len, "%s", f->text) + 1;
		++*n;
	}
	return len;
}

/* Keeps a new stack. NULL: out of memory. */
static struct kept_stack *keep(struct stacks *s, const char *key, size_t len, unsigned int n)
{
	struct kept_stack *k = calloc(1, sizeof(*k) + n * sizeof(k->text.frame[0]));
	const char *at;

	if (!k)
		return NULL;
	k->key = malloc(len);
	if (!k->key) {
		free(k);
		return NULL;
	}
	memcpy(k->key, key, len);
	k->text.n = n;
	at = k->key;
	for (unsigned int i = 0; i < n; i++, at += strlen(at) + 1)
		k->text.frame[i] = at;
	HASH_ADD_KEYPTR(hh, s->kept, k->key, len, k);
	s->bytes += sizeof(*k) + n * sizeof(k->text.frame[0]) + len;
	return k;
}

static int intern(struct stacks *s, const struct frames *frames, bool kernel, const struct stack_text **out)
{
	char key[MAX_FRAMES * (FRAME_TEXT_MAX + 4)];
	struct kept_stack *k = NULL;
	unsigned int n;
	size_t len = make_key(key, frames, kernel, &n);

	*out = NULL;
	if (!n)
		return 0;
	HASH_FIND(hh, s->kept, key, len, k);
	if (!k && s->bytes >= MOST_BYTES) {
		s->left_out++;
		return 0;
	}
	if (!k)
		k = keep(s, key, len, n);
	if (!k)
		return -ENOMEM;
	*out = &k->text;
	return 0;
}

int stacks_bytes(struct stacks *s, const void *data, size_t size)
{
	struct frames frames;
	struct rst_head head;
	struct coming *c;

	if (size < sizeof(head))
		return -ENOENT;
	memcpy(&head, data, sizeof(head));
	if (head.type != EV_FRAMES)
		return -ENOENT;
	if (frames_decode(&frames, data, size))
		return -EBADMSG;
	c = &s->coming[s->next++ % N_COMING];
	*c = (struct coming){ .time_ns = head.time_ns, .cpu = head.cpu };
	return intern(s, &frames, false, &c->user) ?: intern(s, &frames, true, &c->kernel);
}

void stacks_give(struct stacks *s, struct rst_event *ev)
{
	for (unsigned int i = 1; i <= N_COMING; i++) {
		struct coming *c = &s->coming[(s->next - i) % N_COMING];

		if (!c->time_ns)
			return;
		if (c->time_ns != ev->time_ns || c->cpu != ev->cpu)
			continue;
		ev->stack = c->user;
		ev->kstack = c->kernel;
		return;
	}
}
