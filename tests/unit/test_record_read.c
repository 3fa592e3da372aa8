/* SPDX-License-Identifier: GPL-2.0 */
/* A line that is read and written again is the same line. */
#include <glob.h>

#include "capture.h"
#include "report/record_read.h"
#include "test.h"

static struct record_reader *reader;

static int open_reader(void **state)
{
	reader = record_reader_new();
	return !reader;
}

static int close_reader(void **state)
{
	record_reader_free(reader);
	return 0;
}

static enum line_kind read_text(struct record_line *out, const char *text)
{
	return record_read(reader, out, text, strlen(text));
}

/* Writes what was read: it has to be the same line. */
static void expect_same(const char *line)
{
	struct record_line out;
	char want[65536];

	assert_int_equal(read_text(&out, line), LINE_INCIDENT);
	snprintf(want, sizeof(want), "%s\n", line);
	expect_incident(&sink_json, &out.inc, want);
}

static void the_contracts_example(void **state)
{
	struct incident inc;
	struct capture c;

	example_incident(&inc);
	inc.sender.seen = inc.victim.seen = true;
	capture_open(&c, &sink_json);
	capture_incident(&c, &inc);
	c.text[c.len - 1] = '\0';
	expect_same(c.text);
	capture_close(&c);
}

/* Every record in the golden files. */
static void every_golden(void **state)
{
	size_t records = 0;
	glob_t files;

	assert_int_equal(glob("tests/data/*.json", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		FILE *f = fopen(files.gl_pathv[i], "r");
		char *line = NULL;
		size_t room = 0;
		ssize_t n;

		assert_non_null(f);
		while ((n = getline(&line, &room, f)) > 0) {
			struct record_line out;

			line[n - 1] = '\0';
			if (strstr(line, "\"type\":\"end\"")) {
				assert_int_equal(read_text(&out, line), LINE_END);
				continue;
			}
			if (strstr(line, "\"type\":\"event\"")) {
				assert_int_equal(read_text(&out, line), LINE_OTHER);
				continue;
			}
			expect_same(line);
			records++;
		}
		free(line);
		fclose(f);
	}
	globfree(&files);
	assert_true(records > 50);
}

#define HEAD "{\"schema\":\"rsttrace/1\","

/* A line of "rsttrace check --json" says which kernel a host runs. */
static void hosts_say_what_they_are(void **state)
{
	struct record_line out;

	assert_int_equal(read_text(&out, "{\"type\":\"check\",\"schema\":\"rsttrace/1\",\"host\":\"web1\","
				   "\"kernel\":\"6.1.0\",\"probes\":[{\"name\":\"x\"}]}"), LINE_CHECK);
	assert_string_equal(out.check.host, "web1");
	assert_string_equal(out.check.kernel, "6.1.0");
	assert_int_equal(read_text(&out, HEAD "\"type\":\"check\"}"), LINE_CHECK);
	assert_string_equal(out.check.host, "");
	assert_int_equal(read_text(&out, HEAD "\"type\":\"check\",\"kernel\":6}"), LINE_WRONG);
}

static void keys_in_any_order(void **state)
{
	struct record_line out;

	assert_int_equal(read_text(&out, "{ \"victim_pid\" : 7 , \"new_key\":[{\"a\":null}], \"saddr\":\"::1\","
				   "\"errors\":[{\"x\":1,\"errno\":\"EPIPE\",\"side\":\"sender\"}],"
				   "\"id\":\"a\\u00e9\", \"schema\":\"rsttrace/1\" }"), LINE_INCIDENT);
	assert_int_equal(out.inc.victim.pid, 7);
	assert_int_equal(out.inc.family, 6);
	assert_int_equal(out.inc.saddr[15], 1);
	assert_string_equal(out.inc.id, "a\xc3\xa9");
	assert_int_equal(out.inc.n_failures, 1);
	assert_int_equal(out.inc.failures[0].err, EPIPE);
	assert_true(out.inc.failures[0].on_sender);
	assert_true(out.inc.sender.pid == UNKNOWN);
}

/* Keys of later versions do not make the line unreadable, and their codes are kept. */
static void later_versions(void **state)
{
	struct record_line a, b;

	assert_int_equal(read_text(&a, HEAD "\"cause\":\"new-cause\",\"kind\":\"new\",\"outcome\":\"new\"}"),
			 LINE_INCIDENT);
	assert_string_equal(a.inc.cause, "new-cause");
	assert_int_equal(a.inc.kind, KIND_NONE);
	assert_int_equal(read_text(&b, HEAD "\"cause\":\"new-cause\"}"), LINE_INCIDENT);
	assert_ptr_equal(a.inc.cause, b.inc.cause);
	/* a code goes into capture files and onto terminals as it is */
	assert_int_equal(read_text(&b, HEAD "\"cause\":\"new\\ncause=x\",\"situation\":\"\\u001b[2J\"}"), LINE_INCIDENT);
	assert_null(b.inc.cause);
	assert_null(b.inc.situation);
	assert_int_equal(read_text(&a, HEAD "\"type\":\"new\",\"lost\":\"x\",\"id\":{}}"), LINE_OTHER);
}

static void too_long_texts_are_cut(void **state)
{
	char line[4096], name[1024];
	struct record_line out;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	snprintf(line, sizeof(line), HEAD "\"sender_comm\":\"%s\",\"id\":\"%s\",\"cause\":\"%s\"}", name, name, name);
	assert_int_equal(read_text(&out, line), LINE_INCIDENT);
	assert_int_equal(strlen(out.inc.sender.comm), RST_COMM_LEN - 1);
	assert_int_equal(strlen(out.inc.id), sizeof(out.inc.id) - 1);
}

static void many_errors(void **state)
{
	char line[4096] = HEAD "\"errors\":[{\"errno\":\"EPIPE\"}";
	struct record_line out;

	for (int i = 0; i < 11; i++)
		strcat(line, ",{\"errno\":\"ECONNRESET\"}");
	strcat(line, "]}");
	assert_int_equal(read_text(&out, line), LINE_INCIDENT);
	assert_int_equal(out.inc.n_failures, 12);
	assert_int_equal(incident_n_failures(&out.inc), MAX_FAILURES);
}

static void expect_wrong(const char *line, size_t at, const char *why)
{
	struct record_line out;

	assert_int_equal(read_text(&out, line), LINE_WRONG);
	assert_string_equal(out.why, why);
	assert_int_equal(out.at, at);
}

static void says_what_is_wrong(void **state)
{
	expect_wrong("", 0, "it ends too soon");
	expect_wrong("[]", 0, "an object was expected here");
	expect_wrong("{}", 0, "it is no line of rsttrace (schema rsttrace/1)");
	expect_wrong("{\"schema\":\"rsttrace/2\"}", 0, "it is no line of rsttrace (schema rsttrace/1)");
	expect_wrong(HEAD "\"rev\":\"x\"}", 29, "a whole number was expected here");
	expect_wrong(HEAD "\"host\":1}", 30, "a string was expected here");
	expect_wrong(HEAD "\"errors\":{}}", 32, "a list was expected here");
	expect_wrong(HEAD "\"errors\":[1]}", 33, "an object was expected here");
	expect_wrong(HEAD "\"host\":\"a", 32, "a string does not end");
	expect_wrong(HEAD "\"sport\":80} x", 35, "more follows");
	expect_wrong(HEAD "\"sport\":80", 33, "it ends too soon");
}

/* A line cut at any byte is refused, and nothing after its end is read. */
static void cut_anywhere(void **state)
{
	static const char line[] = HEAD "\"id\":\"b-7\",\"rev\":1,\"saddr\":\"10.0.0.1\",\"victim_local\":true,"
		"\"errors\":[{\"errno\":\"EPIPE\",\"inferred\":true}],\"eof_fd\":3}";
	struct record_line out;

	assert_int_equal(read_text(&out, line), LINE_INCIDENT);
	for (size_t n = 0; n < sizeof(line) - 1; n++) {
		char *copy = malloc(n ?: 1);

		memcpy(copy, line, n);
		assert_int_equal(record_read(reader, &out, copy, n), LINE_WRONG);
		assert_true(out.at <= n);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_contracts_example),
		cmocka_unit_test(every_golden),
		cmocka_unit_test(hosts_say_what_they_are),
		cmocka_unit_test(keys_in_any_order),
		cmocka_unit_test(later_versions),
		cmocka_unit_test(too_long_texts_are_cut),
		cmocka_unit_test(many_errors),
		cmocka_unit_test(says_what_is_wrong),
		cmocka_unit_test(cut_anywhere),
	};

	return cmocka_run_group_tests(tests, open_reader, close_reader);
}
