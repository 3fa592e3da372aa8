/* SPDX-License-Identifier: GPL-2.0 */
#include "events/decode.h"

#include <errno.h>
#include <string.h>

#define PLACE(member) offsetof(struct rst_event, member), sizeof(((struct rst_event *)0)->member)

/* Where a section's content goes in struct rst_event, and how many bytes this version knows. */
static const struct place { size_t at, size; } places[SEC_KIND_MAX] = {
	[SEC_TASK] = { PLACE(task) },	[SEC_OWNER] = { PLACE(owner) },
	[SEC_FLOW] = { PLACE(flow) },	[SEC_SOCK] = { PLACE(sock) },
	[SEC_SEG] = { PLACE(seg) },	[SEC_EXTRA] = { PLACE(extra) },
	[SEC_PEER] = { PLACE(peer) },	[SEC_CHILD] = { PLACE(child) },
	[SEC_GAP] = { PLACE(gap) },	[SEC_PAYLOAD] = { PLACE(payload) },
	[SEC_ENDING] = { PLACE(ending) },
	[SEC_ICMP] = { PLACE(icmp) },
};

#define TASK (1u << SEC_TASK)
#define FLOW (1u << SEC_FLOW)
#define SOCK (1u << SEC_SOCK)
#define SEG (1u << SEC_SEG)

/* The sections without which an event of its type says nothing. */
static const unsigned int needed[EV_TYPE_MAX] = {
	[EV_SENT_ACTIVE] = TASK | FLOW | SOCK | SEG,
	[EV_SENT_REPLY] = FLOW | SEG,
	[EV_SENT_NETFILTER] = FLOW | SEG,
	[EV_RECEIVED] = FLOW | SOCK | SEG,
	[EV_CALL] = TASK | SOCK,
	[EV_DESTROY] = SOCK,
	[EV_FORK] = TASK | 1u << SEC_CHILD,
	[EV_ABORTED] = FLOW | SOCK,
	[EV_IGNORED] = FLOW | SEG,
	[EV_GAP] = 1u << SEC_GAP,
	[EV_EXIT] = TASK,
	[EV_CANCELLED] = FLOW | SOCK,
};

/* A section that is longer than known comes from a newer writer, a shorter one from an older. */
static void put(struct rst_event *ev, unsigned int kind, const void *data, size_t size)
{
	const struct place *p = &places[kind];

	memcpy((uint8_t *)ev + p->at, data, size < p->size ? size : p->size);
}

static int read_sections(struct rst_event *ev, const uint8_t *data)
{
	struct rst_section front;
	unsigned int found = 0;

	for (size_t at = sizeof(struct rst_head); at < ev->size; at += (front.size + 7) & ~7u) {
		if (ev->size - at < sizeof(front))
			return -EBADMSG;
		memcpy(&front, data + at, sizeof(front));
		if (front.size < sizeof(front) || front.size > ev->size - at || !front.kind)
			return -EBADMSG;
		if (front.kind >= SEC_KIND_MAX)
			continue;
		if (found & 1u << front.kind)
			return -EBADMSG;
		found |= 1u << front.kind;
		put(ev, front.kind, data + at + sizeof(front), front.size - sizeof(front));
	}
	if (needed[ev->type] & ~found)
		return -EBADMSG;
	if (ev->flags & EVF_NOBODY)
		ev->owner.how = OWNER_KERNEL;
	/* this host's TCP sends no RST with a text, so the writer looked for no other end here */
	ev->asked_peer = ev->type == EV_RECEIVED &&
			 (found & 1u << SEC_PEER || !(found & 1u << SEC_PAYLOAD));
	return 0;
}

/* The first wire version: sections of fixed size at fixed places; later writers appended the last. */
static const struct { unsigned int kind; size_t at, size; } fixed[] = {
	{ SEC_TASK, 24, 64 }, { SEC_OWNER, 88, 104 }, { SEC_FLOW, 192, 44 }, { SEC_CHILD, 236, 4 },
	{ SEC_SOCK, 240, 96 }, { SEC_SEG, 336, 24 }, { SEC_EXTRA, 360, 32 }, { SEC_PEER, 392, 120 },
};

#define FIXED_MIN (336 + 24)
#define FIXED_PEER 392

static int read_fixed(struct rst_event *ev, const uint8_t *data)
{
	if (ev->size < FIXED_MIN)
		return -EBADMSG;
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]) && fixed[i].at < ev->size; i++) {
		size_t left = ev->size - fixed[i].at;

		put(ev, fixed[i].kind, data + fixed[i].at, left < fixed[i].size ? left : fixed[i].size);
	}
	ev->asked_peer = ev->size > FIXED_PEER;
	return 0;
}

static bool makes_sense(const struct rst_event *ev)
{
	return (ev->flow.family == 0 || ev->flow.family == 4 || ev->flow.family == 6) &&
	       ev->owner.how < OWNER_HOW_MAX && ev->peer.owner.how < OWNER_HOW_MAX &&
	       ev->extra.fate < FATE_MAX && ev->ending.how < END_MAX &&
	       (ev->icmp.family == 0 || ev->icmp.family == 4 || ev->icmp.family == 6);
}

int decode(struct rst_event *out, const void *data, size_t size)
{
	struct rst_event ev = { .owner.fd = -1 };
	int err;

	if (size < sizeof(struct rst_head))
		return -EBADMSG;
	memcpy(&ev, data, sizeof(struct rst_head));
	if (ev.size < sizeof(struct rst_head) || ev.size > size)
		return -EBADMSG;
	if (!ev.wire || ev.wire > RST_WIRE || !ev.type || ev.type >= EV_TYPE_MAX)
		return -ENOTSUP;
	err = ev.wire == 1 ? read_fixed(&ev, data) : read_sections(&ev, data);
	if (err)
		return err;
	if (!makes_sense(&ev))
		return -EBADMSG;
	ev.task.comm[RST_COMM_LEN - 1] = '\0';
	ev.owner.comm[RST_COMM_LEN - 1] = '\0';
	ev.peer.owner.comm[RST_COMM_LEN - 1] = '\0';
	*out = ev;
	return 0;
}

_Static_assert(offsetof(struct rst_event, task) == sizeof(struct rst_head), "one copy takes the head");
