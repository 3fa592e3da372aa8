/* SPDX-License-Identifier: GPL-2.0 */
/* For each message that explain knows, a line as it is found in logs. */
#include "cause/message.h"
#include "test.h"

#include <errno.h>

/* The line, the row that has to be found first, and the error of the call. */
static const struct { const char *line, *match; int err; } cases[] = {
#include "message_lines.h"
};

static void each_line_its_row(void **state)
{
	for (size_t i = 0; i < N(cases); i++) {
		struct meaning m = {};

		if (message_find(cases[i].line, &m) || !m.row || strcmp(m.row->match, cases[i].match))
			fail_msg("'%s' is taken for '%s'", cases[i].line, m.row ? m.row->match : "nothing");
		if (m.err != cases[i].err)
			fail_msg("'%s': error %d", cases[i].line, m.err);
		assert_true((unsigned int)m.way < WAY_MAX);
	}
}

static int has_line(void *ctx, const struct message *row)
{
	for (size_t i = 0; i < N(cases); i++)
		if (!strcmp(cases[i].match, row->match)) {
			++*(int *)ctx;
			return 0;
		}
	fail_msg("no line for '%s'", row->match);
	return 1;
}

static void each_row_a_line(void **state)
{
	int n = 0;

	assert_int_equal(message_walk(has_line, &n), 0);
	assert_true(n >= 120);
}

/* A text is a fragment: explain and the docs add full stops and labels. */
static int is_well_made(void *ctx, const struct message *row)
{
	assert_true(row->program && row->headline && row->then);
	assert_true(strlen(row->match) >= 4 && (unsigned int)row->way < WAY_MAX);
	assert_true(row->headline[strlen(row->headline) - 1] != '.');
	assert_true(row->then[strlen(row->then) - 1] != '.');
	/* a message about an end without an error names no errno */
	assert_true(!row->err || (row->way != WAY_EOF && row->way != WAY_TIMEOUT));
	return 0;
}

static void rows(void **state)
{
	message_walk(is_well_made, NULL);
}

static void error_alone(void **state)
{
	static const struct { const char *line; int err; enum message_way way; } lines[] = {
		{ "mydaemon: write to peer: Connection reset by peer", ECONNRESET, WAY_WRITE },
		{ "mydaemon[812]: recv: connection RESET BY PEER", ECONNRESET, WAY_READ },
		{ "E 14:03:22 conn.cc:81 ECONNRESET", ECONNRESET, WAY_ANY },
		{ "sink: Broken pipe", EPIPE, WAY_WRITE },
		{ "cannot connect to 10.0.0.9: Connection refused", ECONNREFUSED, WAY_CONNECT },
		{ "peer 3: No route to host", EHOSTUNREACH, WAY_ANY },
		{ "peer 3: Network is unreachable", ENETUNREACH, WAY_ANY },
		{ "peer 3: Connection timed out", ETIMEDOUT, WAY_ANY },
		{ "peer 3: Software caused connection abort", ECONNABORTED, WAY_ANY },
		{ "my_send() failed, errno=104", ECONNRESET, WAY_WRITE },
		{ "error code 111", ECONNREFUSED, WAY_CONNECT },
	};

	for (size_t i = 0; i < N(lines); i++) {
		struct meaning m;

		assert_int_equal(message_find(lines[i].line, &m), 0);
		if (m.row)
			fail_msg("'%s' is taken for '%s'", lines[i].line, m.row->match);
		assert_int_equal(m.err, lines[i].err);
		assert_int_equal(m.way, lines[i].way);
		assert_null(m.language);
	}
}

static void each_language(void **state)
{
	size_t n = 0;

	for (const struct translation *t = translations; t->text; t++, n++) {
		char line[512];
		struct meaning m;

		snprintf(line, sizeof(line), "mydaemon: 10.0.0.9: %s (x)", t->text);
		assert_int_equal(message_find(line, &m), 0);
		assert_null(m.row);
		assert_int_equal(m.err, t->err);
		assert_string_equal(m.language, t->language);
	}
	assert_true(n > 200);
	assert_in_range(message_languages(), 30, 40);
}

/* The language is known also if a program's row fits. */
static void row_and_language(void **state)
{
	struct meaning m;

	assert_int_equal(message_find("[Errno 104] Соединение разорвано другой стороной", &m), 0);
	assert_non_null(m.row);
	assert_string_equal(m.row->program, "Python");
	assert_int_equal(m.err, ECONNRESET);
	assert_string_equal(m.language, "ru");
}

static void nothing(void **state)
{
	static const char *const lines[] = {
		"", " ", "GET /index.html HTTP/1.1 200 104", "[Errno 2] No such file or directory",
		"open failed: Permission denied (os error 13)", "errno 0", "SHIP", "CHAT 1/2", "SD", "xSD--",
		"an SD-- in the middle of a line", "Connection reset by port 22",
	};

	for (size_t i = 0; i < N(lines); i++) {
		struct meaning m;
		int err = message_find(lines[i], &m);

		if (!strcmp(lines[i], "SD"))
			assert_int_equal(err, 0);	/* in HAProxy's TCP log a state has two letters */
		else if (!strncmp(lines[i], "Connection reset", 16))
			assert_null(m.row);		/* without an address it is not ssh's message */
		else if (err != -ENOENT)
			fail_msg("'%s' is taken for something", lines[i]);
	}
}

/* Arbitrary bytes, long lines and characters cut in the middle are read without harm. */
static void any_bytes(void **state)
{
	char line[2048];
	struct meaning m;

	for (int c = 1; c < 256; c++) {
		memset(line, c, sizeof(line) - 1);
		line[sizeof(line) - 1] = '\0';
		assert_int_equal(message_find(line, &m), -ENOENT);
	}
	for (const struct translation *t = translations; t->text; t++) {
		snprintf(line, sizeof(line), "%.*s", (int)strlen(t->text) - 1, t->text);
		message_find(line, &m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_its_row),
		cmocka_unit_test(each_row_a_line),
		cmocka_unit_test(rows),
		cmocka_unit_test(error_alone),
		cmocka_unit_test(each_language),
		cmocka_unit_test(row_and_language),
		cmocka_unit_test(nothing),
		cmocka_unit_test(any_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
