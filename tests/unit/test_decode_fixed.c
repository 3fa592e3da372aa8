/* SPDX-License-Identifier: GPL-2.0 */
/* Events of the first wire, which old recordings hold: one fixed struct. */
#include "events.h"
#include "test.h"
#include "wire_bytes.h"

/* An event of the first wire. */
static struct rst_event first(struct rst_event ev)
{
	ev.size = FIXED_SIZE;
	ev.wire = 1;
	return ev;
}

/* Its first `size` bytes, which is what its writer wrote. */
static struct bytes cut(const struct rst_event *ev, size_t size)
{
	struct bytes b = fixed_bytes(ev);

	b.size = size;
	return b;
}

static void refused(const struct rst_event *ev, size_t size, int want)
{
	struct bytes b = cut(ev, size);

	expect_refused(&b, want);
}

static void expect_decoded(const struct rst_event *ev, struct rst_event want)
{
	struct bytes b = cut(ev, ev->size);
	struct rst_event out;

	assert_int_equal(decode_bytes(&out, &b), 0);
	assert_memory_equal(&out, &want, sizeof(out));
}

static void whole(void **state)
{
	struct rst_event ev = first(sent_active(0)), want = ev;

	want.asked_peer = true;
	expect_decoded(&ev, want);
}

/* The first version of this wire ended its events after seg. */
#define FIRST_SIZE 360

static void short_ones(void **state)
{
	struct rst_event ev = first(sent_active(0));

	for (size_t size = 0; size < FIRST_SIZE; size++) {
		refused(&ev, size, -EBADMSG);
		ev.size = size;
		refused(&ev, size, -EBADMSG);
		ev.size = FIXED_SIZE;
	}
}

/* Events of an older version lack what was appended later: that is zero. */
static void older(void **state)
{
	struct rst_event ev = first(received(0)), want;

	memset(&ev.seg, 0x11, sizeof(ev.seg));
	memset(&ev.extra, 0x11, sizeof(ev.extra));
	memset(&ev.peer, 0x11, sizeof(ev.peer));
	ev.extra.fate = FATE_UNKNOWN;
	ev.peer.owner.how = OWNER_NONE;
	ev.peer.owner.comm[15] = '\0';
	for (ev.size = FIRST_SIZE; ev.size <= FIXED_SIZE; ev.size += 4) {
		memset(&want, 0, sizeof(want));
		fixed_part(&want, &ev, ev.size);
		want.asked_peer = ev.size > FIXED_SIZE - sizeof(ev.peer);
		expect_decoded(&ev, want);
	}
}

/* An event that claims to be longer than it is. */
static void torn(void **state)
{
	struct rst_event ev = first(sent_active(0));

	ev.size = FIXED_SIZE + 1;
	refused(&ev, FIXED_SIZE, -EBADMSG);
	ev.size = UINT16_MAX;
	refused(&ev, FIXED_SIZE + 100, -EBADMSG);
}

/* An event that claims to be shorter than any version makes it. */
static void understated(void **state)
{
	struct rst_event ev = first(sent_active(0));

	ev.size = 0;
	refused(&ev, FIXED_SIZE, -EBADMSG);
	ev.size = FIRST_SIZE - 1;
	refused(&ev, FIXED_SIZE, -EBADMSG);
}

/* An event that is longer than in the last version: what follows is ignored. */
static void longer(void **state)
{
	struct rst_event ev = first(sent_active(0)), want;

	ev.size = FIXED_SIZE + 64;
	want = ev;
	want.asked_peer = true;
	expect_decoded(&ev, want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),	cmocka_unit_test(short_ones),
		cmocka_unit_test(older),	cmocka_unit_test(torn),
		cmocka_unit_test(understated),	cmocka_unit_test(longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
