/* SPDX-License-Identifier: GPL-2.0 */
/* Recordings: what is written is read back, and what is no recording is recognised. */
#include <unistd.h>

#include "events.h"
#include "events/recording.h"
#include "test.h"

/* A file for each test, and the bytes that were read from it. */
struct tape {
	char path[64];
	FILE *f;
	uint8_t got[8][sizeof(struct rst_event) + 64];
	size_t size[8];
	int n;
	int answer;	/* what the receiver of the bytes returns */
	char why[256];
};

static int setup(void **state)
{
	struct tape *t = calloc(1, sizeof(*t));
	int fd;

	assert_non_null(t);
	strcpy(t->path, "/tmp/rsttrace-test-XXXXXX");
	fd = mkstemp(t->path);
	assert_true(fd >= 0);
	t->f = fdopen(fd, "w");
	assert_non_null(t->f);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct tape *t = *state;

	if (t->f)
		fclose(t->f);
	unlink(t->path);
	free(t);
	return 0;
}

static int on_bytes(void *ctx, const void *data, size_t size)
{
	struct tape *t = ctx;

	assert_in_range(t->n, 0, 7);
	assert_in_range(size, 1, sizeof(t->got[0]));
	memcpy(t->got[t->n], data, size);
	t->size[t->n++] = size;
	return t->answer;
}

static void put(struct tape *t, const void *data, size_t size)
{
	assert_int_equal(fwrite(data, 1, size, t->f), size);
}

static void put_text(struct tape *t, const char *text)
{
	put(t, text, strlen(text));
}

static void put_event(struct tape *t, struct rst_event ev)
{
	assert_int_equal(recording_event(t->f, &ev, sizeof(ev)), 0);
}

static void written(struct tape *t)
{
	assert_int_equal(fclose(t->f), 0);
	t->f = NULL;
}

static struct source *opened(struct tape *t)
{
	struct source *s = NULL;

	written(t);
	if (source_file(&s, t->path, on_bytes, t, t->why, sizeof(t->why)))
		fail_msg("%s", t->why);
	return s;
}

/* Checks that this is no recording, and that the message names the file and the reason. */
static void refused(struct tape *t, const char *because)
{
	struct source *s = NULL;
	char want[320];

	written(t);
	assert_true(source_file(&s, t->path, on_bytes, t, t->why, sizeof(t->why)) < 0);
	assert_null(s);
	snprintf(want, sizeof(want), "%s: %s", t->path, because);
	assert_string_equal(t->why, want);
	assert_int_equal(t->n, 0);
}

static void written_and_read(void **state)
{
	struct tape *t = *state;
	struct rst_event one = sent_active(10), two = received(11);
	struct source *s;

	assert_int_equal(recording_begin(t->f, &events_meta), 0);
	put_event(t, one);
	put_event(t, two);
	s = opened(t);
	assert_string_equal(s->meta.host, "testhost");
	assert_string_equal(s->meta.release, "6.12.0");
	assert_string_equal(s->meta.boot, "");
	assert_int_equal(s->meta.boot_offset_ns, events_meta.boot_offset_ns);
	assert_int_equal(s->meta.n_reasons, events_meta.n_reasons);
	assert_int_equal(s->meta.hz, events_meta.hz);
	assert_false(s->meta.sees_sent || s->meta.misses_calls);
	assert_memory_equal(s->meta.reason, events_meta.reason, sizeof(s->meta.reason));
	t->answer = 1;	/* ends the reading for now */
	assert_int_equal(s->ops->take(s), 1);
	assert_int_equal(t->n, 1);
	t->answer = 0;
	assert_int_equal(s->ops->take(s), -ENODATA);
	assert_int_equal(s->ops->take(s), -ENODATA);
	assert_int_equal(t->n, 2);
	assert_int_equal(t->size[0], sizeof(one));
	assert_memory_equal(t->got[0], &one, sizeof(one));
	assert_memory_equal(t->got[1], &two, sizeof(two));
	s->ops->close(s);
}

static void no_events(void **state)
{
	struct source_meta meta = events_meta;
	struct tape *t = *state;
	struct source *s;

	meta.sees_sent = meta.misses_calls = true;
	strcpy(meta.boot, "0123456789abcdef0123456789abcdef");
	assert_int_equal(recording_begin(t->f, &meta), 0);
	s = opened(t);
	assert_true(s->meta.sees_sent && s->meta.misses_calls);
	assert_string_equal(s->meta.boot, meta.boot);
	assert_int_equal(s->ops->take(s), -ENODATA);
	assert_int_equal(t->n, 0);
	s->ops->close(s);
}

/* Events of a newer writer are longer, as the size before each says. */
static void other_sizes(void **state)
{
	struct tape *t = *state;
	uint8_t big[sizeof(struct rst_event) + 40] = { 1, 2, 3 };
	struct source *s;

	assert_int_equal(recording_begin(t->f, &events_meta), 0);
	assert_int_equal(recording_event(t->f, big, sizeof(big)), 0);
	assert_int_equal(recording_event(t->f, "x", 1), 0);
	s = opened(t);
	assert_int_equal(s->ops->take(s), -ENODATA);
	assert_int_equal(t->n, 2);
	assert_int_equal(t->size[0], sizeof(big));
	assert_memory_equal(t->got[0], big, sizeof(big));
	assert_int_equal(t->size[1], 1);
	s->ops->close(s);
}

/* The line on what is wrong names the place, so many bytes behind the first line. */
static void said(const struct source *s, const char *what, size_t behind)
{
	char line[8192] = "", want[128];
	FILE *f = fmemopen(line, sizeof(line), "w");

	assert_non_null(f);
	assert_int_equal(recording_begin(f, &events_meta), 0);
	fclose(f);
	snprintf(want, sizeof(want), ": the recording %s, at byte %zu", what, strlen(line) + behind);
	assert_non_null(strstr(s->why, want));
}

static void receiver_says_no(void **state)
{
	struct tape *t = *state;
	struct source *s;

	assert_int_equal(recording_begin(t->f, &events_meta), 0);
	put_event(t, sent_active(10));
	put_event(t, sent_active(11));
	t->answer = -ENOMEM;
	s = opened(t);
	assert_int_equal(s->ops->take(s), -ENOMEM);
	assert_string_equal(s->why, "");	/* that is not the file's fault */
	s->ops->close(s);
}

static void receiver_makes_no_sense_of_it(void **state)
{
	struct tape *t = *state;
	struct source *s;

	assert_int_equal(recording_begin(t->f, &events_meta), 0);
	put_event(t, sent_active(10));
	put_event(t, sent_active(11));
	t->answer = 1;
	s = opened(t);
	assert_int_equal(s->ops->take(s), 1);
	t->answer = -EPROTO;
	assert_int_equal(s->ops->take(s), -EPROTO);
	said(s, "holds an event that makes no sense", 4 + sizeof(struct rst_event));
	s->ops->close(s);
}

/* A recording that is cut inside an event gives all events before it, then reports where it ends. */
static void torn(void **state)
{
	size_t whole = 4 + sizeof(struct rst_event), cut;

	for (cut = 1; cut < whole; cut += cut < 6 ? 1 : 71) {
		struct rst_event ev = received(11);
		uint32_t size = sizeof(ev);
		uint8_t bytes[sizeof(size) + sizeof(ev)];
		struct source *s;
		struct tape *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		assert_int_equal(recording_begin(t->f, &events_meta), 0);
		put_event(t, sent_active(10));
		memcpy(bytes, &size, sizeof(size));
		memcpy(bytes + sizeof(size), &ev, sizeof(ev));
		put(t, bytes, cut);
		s = opened(t);
		assert_int_equal(s->ops->take(s), -EBADMSG);
		assert_int_equal(t->n, 1);
		said(s, "breaks off inside an event", 4 + sizeof(struct rst_event));
		s->ops->close(s);
		teardown(state);
	}
}

static void impossible_sizes(void **state)
{
	static const uint32_t sizes[] = { 0, 65537, UINT32_MAX };
	static const uint8_t filler[70000];

	for (size_t i = 0; i < N(sizes); i++) {
		struct source *s;
		struct tape *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		assert_int_equal(recording_begin(t->f, &events_meta), 0);
		put(t, &sizes[i], 4);
		put(t, filler, sizeof(filler));
		s = opened(t);
		assert_int_equal(s->ops->take(s), -EBADMSG);
		assert_int_equal(t->n, 0);
		said(s, "has a size that no event has", 0);
		s->ops->close(s);
		teardown(state);
	}
}

#define NOT_ONE "not a recording of rsttrace (--record)"

static void empty(void **state)
{
	refused(*state, NOT_ONE);
}

static void other_files(void **state)
{
	static const char *const texts[] = {
		"\n", "{}\n", "[]\n", "42\n", "{\"schema\":\"rsttrace/1\",\"wire\":1}\n",
		"{\"schema\":1,\"wire\":1}\n", "{\"schema\":\"rsttrace-events/2\",\"wire\":1}\n",
		"\xd4\xc3\xb2\xa1\x02\x00",
	};

	for (size_t i = 0; i < N(texts); i++) {
		assert_int_equal(setup(state), 0);
		put_text(*state, texts[i]);
		refused(*state, NOT_ONE);
		teardown(state);
	}
}

/* Of what begins as a recording it is said where its first line is no more what it was. */
static void damaged_first_line(void **state)
{
	static const struct { const char *text, *because; } lines[] = {
		{ "{\"schema\":\"rsttrace-events/1\"", "the recording breaks off in its first line, at byte 29" },
		{ "{\"schema\":\"rsttrace-events/1\",\"wire\":}\n",
		  "the recording's first line is damaged, at byte 38: unexpected token near '}'" },
	};

	for (size_t i = 0; i < N(lines); i++) {
		assert_int_equal(setup(state), 0);
		put_text(*state, lines[i].text);
		refused(*state, lines[i].because);
		teardown(state);
	}
}

static void other_byte_order(void **state)
{
	struct tape *t = *state;

	put_text(t, "{\"schema\":\"rsttrace-events/1\",\"wire\":1,\"byte_order\":\"middle\"}\n");
	refused(t, "recorded on a host of the other byte order");
}

static void no_byte_order(void **state)
{
	struct tape *t = *state;

	put_text(t, "{\"schema\":\"rsttrace-events/1\",\"wire\":1}\n");
	refused(t, "recorded on a host of the other byte order");
}

/* The file that recording_begin() wrote, with one piece replaced. */
static void put_meta_but(struct tape *t, const char *from, const char *to)
{
	char line[8192] = "", *at;
	FILE *f = fmemopen(line, sizeof(line), "w");

	assert_non_null(f);
	assert_int_equal(recording_begin(f, &events_meta), 0);
	fclose(f);
	at = strstr(line, from);
	assert_non_null(at);
	fprintf(t->f, "%.*s%s%s", (int)(at - line), line, to, at + strlen(from));
}

static void other_wire(void **state)
{
	struct tape *t = *state;

	put_meta_but(t, "\"wire\":2", "\"wire\":3");
	refused(t, "recorded by another version of rsttrace, which this one cannot read");
}

static void no_wire(void **state)
{
	struct tape *t = *state;

	put_meta_but(t, "\"wire\":2,", "");
	refused(t, "recorded by another version of rsttrace, which this one cannot read");
}

/* Members with other types than rsttrace writes count as absent; names are cut to size. */
static void odd_meta(void **state)
{
	struct tape *t = *state;
	struct source *s;
	char reasons[2048] = "[", host[128];

	memset(host, 'h', sizeof(host));
	snprintf(host + 100, sizeof(host) - 100, "\",\"release\":5,");
	for (int i = 0; i < MAX_REASONS + 20; i++)
		strcat(reasons, i == 1 ? "7," : "\"R\",");
	strcat(reasons, "\"R\"]");
	fprintf(t->f, "{\"schema\":\"rsttrace-events/1\",\"wire\":1,\"byte_order\":\"%s\","
		"\"host\":\"%s\"boot_offset_ns\":\"x\",\"reasons\":%s}\n",
		*(const uint8_t *)&(uint16_t){ 1 } ? "little" : "big", host, reasons);
	s = opened(t);
	assert_int_equal(strlen(s->meta.host), sizeof(s->meta.host) - 1);
	assert_string_equal(s->meta.release, "");
	assert_int_equal(s->meta.boot_offset_ns, 0);
	assert_int_equal(s->meta.n_reasons, MAX_REASONS);
	assert_string_equal(source_reason(&s->meta, 0), "R");
	assert_null(source_reason(&s->meta, 1));
	assert_string_equal(source_reason(&s->meta, MAX_REASONS - 1), "R");
	assert_null(source_reason(&s->meta, MAX_REASONS));
	s->ops->close(s);
}

static void no_file(void **state)
{
	struct source *s = NULL;
	char why[256];

	assert_int_equal(source_file(&s, "/no/such/recording", on_bytes, NULL, why, sizeof(why)),
			 -ENOENT);
	assert_string_equal(why, "/no/such/recording: No such file or directory");
	assert_null(s);
}

static void a_folder(void **state)
{
	struct source *s = NULL;
	char why[256] = "";

	assert_true(source_file(&s, "/", on_bytes, NULL, why, sizeof(why)) < 0);
	assert_null(s);
	assert_true(why[0]);
}

static void full_disk(void **state)
{
	FILE *f = fopen("/dev/full", "w");
	struct rst_event ev = sent_active(10);
	int err;

	assert_non_null(f);
	err = recording_begin(f, &events_meta);
	if (!err)
		err = recording_event(f, &ev, sizeof(ev));
	assert_int_equal(err, -ENOSPC);
	fclose(f);
}

static void reasons(void **state)
{
	assert_string_equal(source_reason(&events_meta, 0), "NOT_SPECIFIED");
	assert_string_equal(source_reason(&events_meta, 14), "TCP_STATE");
	assert_null(source_reason(&events_meta, 13));
	assert_null(source_reason(&events_meta, 16));
	assert_null(source_reason(&events_meta, UINT32_MAX));
}

#define TAPE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TAPE_TEST(written_and_read),
		TAPE_TEST(no_events),
		TAPE_TEST(other_sizes),
		TAPE_TEST(receiver_says_no),
		TAPE_TEST(receiver_makes_no_sense_of_it),
		cmocka_unit_test(torn),
		cmocka_unit_test(impossible_sizes),
		TAPE_TEST(empty),
		cmocka_unit_test(other_files),
		cmocka_unit_test(damaged_first_line),
		TAPE_TEST(other_byte_order),
		TAPE_TEST(no_byte_order),
		TAPE_TEST(other_wire),
		TAPE_TEST(no_wire),
		TAPE_TEST(odd_meta),
		cmocka_unit_test(no_file),
		cmocka_unit_test(a_folder),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(reasons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
