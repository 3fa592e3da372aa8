/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes to events: what decode() accepts, and what it refuses. */
#include "events.h"
#include "events/decode.h"
#include "test.h"
#include "wire_bytes.h"

/* An event with something in every section. */
static struct rst_event full_event(void)
{
	struct rst_event ev = received(7);

	ev.wire = RST_WIRE;
	ev.peer.owner = ev.owner;
	ev.peer.birth_ns = 5;
	ev.extra.jiffies = 6;
	ev.child = 7;
	ev.gap.from_ns = 8;
	ev.gap.lost[EV_CALL] = 9;
	ev.payload.len = 300;
	memset(ev.payload.data, 'x', RST_PAYLOAD_MAX - 1);
	ev.icmp = (struct rst_icmp){ .from = { 10, 0, 0, 1 }, .family = 4, .type = 3, .code = 13 };
	return ev;
}

static void expect_decoded(const struct bytes *b, struct rst_event want)
{
	struct rst_event out;

	assert_int_equal(decode_bytes(&out, b), 0);
	want.size = b->size;
	assert_memory_equal(&out, &want, sizeof(out));
}

static void whole(void **state)
{
	struct rst_event ev = full_event();
	struct bytes b = section_bytes(&ev, 0);

	expect_decoded(&b, ev);
}

/* The bytes may be at any address of a file's buffer. */
static void unaligned(void **state)
{
	struct rst_event ev = full_event(), out;
	struct bytes b = section_bytes(&ev, 0);
	uint8_t block[sizeof(b.data) + 8];

	ev.size = b.size;
	for (size_t at = 0; at < 8; at++) {
		memcpy(block + at, b.data, b.size);
		assert_int_equal(decode(&out, block + at, b.size), 0);
		assert_memory_equal(&out, &ev, sizeof(ev));
	}
}

/* Without its section a member is not known, and a descriptor is -1. */
static void absent_sections(void **state)
{
	struct rst_event ev = full_event(), want = ev;
	struct bytes b;

	memset(&want.owner, 0, sizeof(want.owner));
	memset(&want.extra, 0, sizeof(want.extra));
	memset(&want.peer, 0, sizeof(want.peer));
	want.owner.fd = -1;
	want.asked_peer = false;	/* beside a payload */
	b = section_bytes(&ev, 1u << SEC_OWNER | 1u << SEC_EXTRA | 1u << SEC_PEER);
	expect_decoded(&b, want);
}

static void needed_sections(void **state)
{
	static const struct { int type, kind; } needed[] = {
		{ EV_SENT_ACTIVE, SEC_TASK }, { EV_SENT_ACTIVE, SEC_FLOW }, { EV_SENT_ACTIVE, SEC_SOCK },
		{ EV_SENT_ACTIVE, SEC_SEG }, { EV_SENT_REPLY, SEC_FLOW }, { EV_SENT_REPLY, SEC_SEG },
		{ EV_SENT_NETFILTER, SEC_FLOW }, { EV_SENT_NETFILTER, SEC_SEG },
		{ EV_RECEIVED, SEC_FLOW }, { EV_RECEIVED, SEC_SOCK }, { EV_RECEIVED, SEC_SEG },
		{ EV_CALL, SEC_TASK }, { EV_CALL, SEC_SOCK }, { EV_DESTROY, SEC_SOCK },
		{ EV_FORK, SEC_TASK }, { EV_FORK, SEC_CHILD }, { EV_ABORTED, SEC_FLOW },
		{ EV_ABORTED, SEC_SOCK }, { EV_IGNORED, SEC_FLOW }, { EV_IGNORED, SEC_SEG },
		{ EV_GAP, SEC_GAP }, { EV_EXIT, SEC_TASK },
	};
	struct rst_event ev = full_event(), out;

	for (size_t i = 0; i < N(needed); i++) {
		struct bytes b;

		ev.type = needed[i].type;
		b = section_bytes(&ev, 0);
		assert_int_equal(decode_bytes(&out, &b), 0);
		b = section_bytes(&ev, 1u << needed[i].kind);
		expect_refused(&b, -EBADMSG);
	}
}

/* A newer writer adds sections, and members to known sections. */
static void newer(void **state)
{
	struct rst_event ev = full_event(), want;
	struct { struct rst_task task; uint64_t more; } longer = { ev.task, 77 };
	struct bytes b = section_bytes(&ev, 1u << SEC_TASK);

	add_section(&b, SEC_KIND_MAX, "of a kind to come", 17);
	add_section(&b, SEC_TASK, &longer, sizeof(longer));
	add_section(&b, UINT16_MAX, "", 0);
	want = ev;
	expect_decoded(&b, want);
}

/* An older writer has less: the rest is zero. */
static void older(void **state)
{
	struct rst_event ev = full_event(), want = ev;
	struct bytes b = section_bytes(&ev, 1u << SEC_SEG);
	size_t some = offsetof(struct rst_seg, ttl);

	add_section(&b, SEC_SEG, &ev.seg, some);
	memset((uint8_t *)&want.seg + some, 0, sizeof(want.seg) - some);
	expect_decoded(&b, want);
}

static void twice(void **state)
{
	struct rst_event ev = full_event();
	struct bytes b = section_bytes(&ev, 0);

	add_section(&b, SEC_EXTRA, &ev.extra, sizeof(ev.extra));
	expect_refused(&b, -EBADMSG);
}

/* Cut anywhere but at the end of a section, whether or not the size in front is right. */
static void torn(void **state)
{
	struct rst_event ev = full_event();
	struct bytes all = section_bytes(&ev, 0);
	uint16_t size;

	for (size_t cut = 0; cut < all.size; cut++) {
		struct bytes b = all;

		b.size = cut;
		expect_refused(&b, -EBADMSG);
		size = cut;
		memcpy(b.data, &size, sizeof(size));
		if (cut < offsetof(struct rst_head, err) + 4 || cut % 8)
			expect_refused(&b, -EBADMSG);
	}
}

/* A section that is shorter than its head, reaches past the event, or has no kind. */
static void bad_fronts(void **state)
{
	static const struct rst_section bad[] = {
		{ .kind = SEC_TASK, .size = 0 }, { .kind = SEC_TASK, .size = 7 },
		{ .kind = SEC_TASK, .size = 81 }, { .kind = SEC_TASK, .size = UINT16_MAX },
		{ .kind = SEC_KIND_MAX, .size = UINT16_MAX }, { .kind = 0, .size = 8 },
	};
	struct rst_event ev = full_event();

	for (size_t i = 0; i < N(bad); i++) {
		struct bytes b = section_bytes(&ev, 1u << SEC_TASK);
		size_t at = b.size;

		add_section(&b, SEC_TASK, &ev.task, sizeof(ev.task));
		memcpy(b.data + at, &bad[i], sizeof(bad[i]));
		expect_refused(&b, -EBADMSG);
	}
}

/* The kernel answered for no socket: that is known, and counts as an owner. */
static void nobody(void **state)
{
	struct rst_event ev = full_event(), out;
	struct bytes b;

	ev.flags |= EVF_NOBODY;
	b = section_bytes(&ev, 1u << SEC_OWNER);
	assert_int_equal(decode_bytes(&out, &b), 0);
	assert_int_equal(out.owner.how, OWNER_KERNEL);
}

static void other_wires(void **state)
{
	struct rst_event ev = full_event();
	struct bytes b = section_bytes(&ev, 0);

	b.data[offsetof(struct rst_head, wire)] = RST_WIRE + 1;
	expect_refused(&b, -ENOTSUP);
	b.data[offsetof(struct rst_head, wire)] = 0;
	expect_refused(&b, -ENOTSUP);
}

static void types(void **state)
{
	struct rst_event ev = full_event(), out;
	struct bytes b;

	for (int type = 1; type <= UINT8_MAX; type++) {
		ev.type = type;
		b = section_bytes(&ev, 0);
		if (type >= EV_TYPE_MAX) {
			expect_refused(&b, -ENOTSUP);
			continue;
		}
		assert_int_equal(decode_bytes(&out, &b), 0);
		assert_int_equal(out.type, type);
		assert_int_equal(out.asked_peer, type == EV_RECEIVED);
	}
	ev.type = 0;
	b = section_bytes(&ev, 0);
	expect_refused(&b, -ENOTSUP);
}

/* Names of processes have an end, whatever the bytes; what comes before it stays. */
static void names_end(void **state)
{
	struct rst_event ev = full_event(), out;
	struct bytes b;

	memset(ev.task.comm, 't', sizeof(ev.task.comm));
	memset(ev.owner.comm, 'o', sizeof(ev.owner.comm));
	memset(ev.peer.owner.comm, 'p', sizeof(ev.peer.owner.comm));
	b = section_bytes(&ev, 0);
	assert_int_equal(decode_bytes(&out, &b), 0);
	assert_string_equal(out.task.comm, "ttttttttttttttt");
	assert_string_equal(out.owner.comm, "ooooooooooooooo");
	assert_string_equal(out.peer.owner.comm, "ppppppppppppppp");
	assert_int_equal(out.flow.lport, ev.flow.lport);
}

static void families(void **state)
{
	struct rst_event ev = full_event(), out;

	for (int family = 0; family < 300; family++) {
		struct bytes b;

		ev.flow.family = family;
		b = section_bytes(&ev, 0);
		if (family == 0 || family == 4 || family == 6)
			assert_int_equal(decode_bytes(&out, &b), 0);
		else
			expect_refused(&b, -EBADMSG);
	}
}

static void enums(void **state)
{
	struct rst_event ev = full_event(), out;
	struct bytes b;

	for (ev.owner.how = OWNER_NONE; ev.owner.how < OWNER_HOW_MAX; ev.owner.how++) {
		b = section_bytes(&ev, 0);
		assert_int_equal(decode_bytes(&out, &b), 0);
	}
	b = section_bytes(&ev, 0);
	expect_refused(&b, -EBADMSG);
	ev = full_event();
	ev.peer.owner.how = UINT32_MAX;
	b = section_bytes(&ev, 0);
	expect_refused(&b, -EBADMSG);
	ev = full_event();
	ev.extra.fate = FATE_MAX;
	b = section_bytes(&ev, 0);
	expect_refused(&b, -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),	   cmocka_unit_test(unaligned),
		cmocka_unit_test(absent_sections), cmocka_unit_test(needed_sections),
		cmocka_unit_test(newer),	   cmocka_unit_test(older),
		cmocka_unit_test(twice),	   cmocka_unit_test(torn),
		cmocka_unit_test(bad_fronts),	   cmocka_unit_test(nobody),
		cmocka_unit_test(other_wires),	   cmocka_unit_test(types),
		cmocka_unit_test(names_end),	   cmocka_unit_test(families),
		cmocka_unit_test(enums),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
