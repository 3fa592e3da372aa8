/* SPDX-License-Identifier: GPL-2.0 */
/* Bytes to events: what decode() takes, and what it turns away. */
#include "events/decode.h"
#include "events.h"
#include "test.h"

/* What an output that must stay untouched is filled with. */
#define UNTOUCHED 0xa5

/* The event's bytes in a block of just that size, so that reading past it is found out. */
static int decode_exact(struct rst_event *out, const struct rst_event *ev, size_t size)
{
	uint8_t *block = malloc(size ? size : 1);
	int err;

	assert_non_null(block);
	memset(block, 0x5a, size);
	memcpy(block, ev, size < sizeof(*ev) ? size : sizeof(*ev));
	err = decode(out, block, size);
	free(block);
	return err;
}

static void refused(const struct rst_event *ev, size_t size, int want)
{
	struct rst_event out, before;

	memset(&out, UNTOUCHED, sizeof(out));
	before = out;
	assert_int_equal(decode_exact(&out, ev, size), want);
	assert_memory_equal(&out, &before, sizeof(out));
}

static void whole(void **state)
{
	struct rst_event ev = sent_active(0), out;

	assert_int_equal(decode_exact(&out, &ev, sizeof(ev)), 0);
	assert_memory_equal(&out, &ev, sizeof(ev));
}

static void ignored(void **state)
{
	struct rst_event ev = event_at(EV_IGNORED, 3), out;

	ev.extra.fate = FATE_NO_SOCKET;
	assert_int_equal(decode_exact(&out, &ev, sizeof(ev)), 0);
	assert_int_equal(out.extra.fate, FATE_NO_SOCKET);
	ev.extra.fate = FATE_MAX;
	refused(&ev, sizeof(ev), -EBADMSG);
}

/* The bytes may lie anywhere in a file's buffer. */
static void unaligned(void **state)
{
	struct rst_event ev = received(7), out;
	uint8_t block[sizeof(ev) + 8];
	size_t at;

	for (at = 0; at < 8; at++) {
		memcpy(block + at, &ev, sizeof(ev));
		assert_int_equal(decode(&out, block + at, sizeof(ev)), 0);
		assert_memory_equal(&out, &ev, sizeof(ev));
	}
}

/* The first writer of this wire version ended its events with seg. */
#define FIRST_SIZE (offsetof(struct rst_event, seg) + sizeof(struct rst_seg))

static void short_ones(void **state)
{
	struct rst_event ev = sent_active(0);
	size_t size;

	for (size = 0; size < FIRST_SIZE; size++) {
		refused(&ev, size, -EBADMSG);
		ev.size = size;
		refused(&ev, size, -EBADMSG);
		ev.size = sizeof(ev);
	}
}

/* An older writer's events lack what was appended since: it is zero. */
static void older(void **state)
{
	static const uint8_t zeros[sizeof(struct rst_event)];
	struct rst_event ev, out;

	memset(&ev, 0x11, sizeof(ev));
	ev.wire = RST_WIRE;
	ev.type = EV_RECEIVED;
	ev.flow.family = 4;
	ev.owner.how = ev.peer.owner.how = OWNER_NONE;
	ev.extra.fate = FATE_UNKNOWN;
	ev.task.comm[15] = ev.owner.comm[15] = ev.peer.owner.comm[15] = '\0';
	for (ev.size = FIRST_SIZE; ev.size < sizeof(ev); ev.size += 4) {
		memset(&out, UNTOUCHED, sizeof(out));
		assert_int_equal(decode_exact(&out, &ev, ev.size), 0);
		assert_memory_equal(&out, &ev, ev.size);
		assert_memory_equal((uint8_t *)&out + ev.size, zeros, sizeof(out) - ev.size);
	}
}

/* An event that says to be longer than what there is of it. */
static void torn(void **state)
{
	struct rst_event ev = sent_active(0);

	ev.size = sizeof(ev) + 1;
	refused(&ev, sizeof(ev), -EBADMSG);
	ev.size = UINT16_MAX;
	refused(&ev, sizeof(ev) + 100, -EBADMSG);
}

/* One that says to be shorter than any writer makes it. */
static void understated(void **state)
{
	struct rst_event ev = sent_active(0);

	ev.size = 0;
	refused(&ev, sizeof(ev), -EBADMSG);
	ev.size = FIRST_SIZE - 1;
	refused(&ev, sizeof(ev), -EBADMSG);
}

/* A newer writer has appended fields: they are left aside. */
static void longer(void **state)
{
	struct rst_event ev = sent_active(0), out;

	ev.size = sizeof(ev) + 64;
	assert_int_equal(decode_exact(&out, &ev, sizeof(ev) + 64), 0);
	assert_memory_equal(&out, &ev, sizeof(ev));
}

static void wrong_wire(void **state)
{
	struct rst_event ev = sent_active(0);

	ev.wire = RST_WIRE + 1;
	refused(&ev, sizeof(ev), -ENOTSUP);
	ev.wire = 0;
	refused(&ev, sizeof(ev), -ENOTSUP);
}

static void types(void **state)
{
	struct rst_event ev = sent_active(0), out;
	int type;

	for (type = EV_SENT_ACTIVE; type < EV_TYPE_MAX; type++) {
		ev.type = type;
		assert_int_equal(decode_exact(&out, &ev, sizeof(ev)), 0);
		assert_int_equal(out.type, type);
	}
	ev.type = 0;
	refused(&ev, sizeof(ev), -ENOTSUP);
	for (type = EV_TYPE_MAX; type <= UINT8_MAX; type++) {
		ev.type = type;
		refused(&ev, sizeof(ev), -ENOTSUP);
	}
}

/* Names of processes end, whatever the bytes say; what is before the end stays. */
static void names_end(void **state)
{
	struct rst_event ev = sent_active(0), out;

	memset(ev.task.comm, 't', sizeof(ev.task.comm));
	memset(ev.owner.comm, 'o', sizeof(ev.owner.comm));
	assert_int_equal(decode_exact(&out, &ev, sizeof(ev)), 0);
	assert_string_equal(out.task.comm, "ttttttttttttttt");
	assert_string_equal(out.owner.comm, "ooooooooooooooo");
	assert_int_equal(out.flow.lport, ev.flow.lport);
}

static void families(void **state)
{
	struct rst_event ev = sent_active(0), out;
	int family;

	for (family = 0; family < 300; family++) {
		ev.flow.family = family;
		if (family == 0 || family == 4 || family == 6)
			assert_int_equal(decode_exact(&out, &ev, sizeof(ev)), 0);
		else
			refused(&ev, sizeof(ev), -EBADMSG);
	}
}

static void owners(void **state)
{
	struct rst_event ev = sent_active(0), out;

	for (ev.owner.how = OWNER_NONE; ev.owner.how < OWNER_HOW_MAX; ev.owner.how++)
		assert_int_equal(decode_exact(&out, &ev, sizeof(ev)), 0);
	refused(&ev, sizeof(ev), -EBADMSG);
	ev.owner.how = UINT32_MAX;
	refused(&ev, sizeof(ev), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),
		cmocka_unit_test(ignored),
		cmocka_unit_test(unaligned),
		cmocka_unit_test(short_ones),
		cmocka_unit_test(older),
		cmocka_unit_test(torn),
		cmocka_unit_test(understated),
		cmocka_unit_test(longer),
		cmocka_unit_test(wrong_wire),
		cmocka_unit_test(types),
		cmocka_unit_test(names_end),
		cmocka_unit_test(families),
		cmocka_unit_test(owners),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
