/* SPDX-License-Identifier: GPL-2.0 */
/* The page: its sentence, its figures, its rows; and how the sink of a run treats revisions. */
#include "capture.h"
#include "page/page.h"
#include "page/sink_html.h"
#include "told.h"
#include "unpacked.h"
#include "test.h"

/* The page of these incidents, in memory. */
static char *page_of(const struct incident *inc, size_t n)
{
	struct report *r = new_report(BY_CAUSE, 1000);
	struct page_config cfg = { .report = r, .among = SIZE_MAX, .files = 1 };
	struct page *p;
	char *text;
	size_t len;
	FILE *out;

	for (size_t i = 0; i < n; i++)
		add(r, inc[i]);
	assert_int_equal(report_finish(r), 0);
	p = page_new(&cfg);
	assert_non_null(p);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(page_incident(p, &inc[i]), 0);
	out = open_memstream(&text, &len);
	assert_int_equal(page_write(p, out), 0);
	fclose(out);
	page_free(p);
	report_free(r);
	return text;
}

static void has(const char *page, const char *what)
{
	if (!strstr(page, what))
		fail_msg("%s", what);
}

/* The rows of the first packed block with that class. */
static json_t *block_of(const char *page, const char *class)
{
	char begin[80];
	const char *at;

	snprintf(begin, sizeof(begin), "<script type=\"text/plain\" class=\"%s\">", class);
	at = strstr(page, begin);
	assert_non_null(at);
	at += strlen(begin);
	return unpack_block(at, strcspn(at, "<"));
}

static void says(const struct incident *inc, size_t n, const char *sentence)
{
	char *page = page_of(inc, n);

	has(page, sentence);
	free(page);
}

static void the_verdict(void **state)
{
	struct incident some[4];

	says(NULL, 0, "No connection was reset.");
	for (int i = 0; i < 4; i++)
		some[i] = told("a", i, 9, true, true);
	says(some, 1, "<strong>The one reset broke a call</strong>: <em>closed with data unread</em>, nginx → curl.");
	some[3].outcome = OUTCOME_NONE;
	some[2].cause = "linger-zero";
	says(some, 4, "<strong>3 of 4 resets broke a call</strong>; 2 of these: <em>closed with data unread</em>, nginx → curl.");
	strcpy(some[1].victim.comm, "wget");
	strcpy(some[2].victim.comm, "wget");
	some[2].cause = some[1].cause;
	says(some, 4, "; all 3 of these: <em>closed with data unread</em>, mostly nginx → wget (2).");
	for (int i = 0; i < 4; i++)
		some[i].outcome = OUTCOME_REMOTE;
	says(some, 4, "<strong>No call was seen to break by any of the 4 resets</strong>; all 4 of these: ");
	says(some, 1, "<strong>One reset, and no call was seen to break by it</strong>: ");
}

static void names_stay_names(void **state)
{
	struct incident inc = told("<i>&\"'", 1, 2, true, true);
	char *page;
	json_t *block;

	strcpy(inc.sender.comm, "</script><b>");
	strcpy(inc.victim.comm, "a\r\"\x1b\xff");
	inc.cause = "<img src=x>";
	page = page_of(&inc, 1);
	assert_null(strstr(page, "<b>"));
	assert_null(strstr(page, "<i>"));
	assert_null(strstr(page, "<img"));
	has(page, " data-victim=\"a&#13;&quot;&#27;\xef\xbf\xbd\"");
	has(page, "a\\x0d&quot;\\x1b\\xff");
	block = block_of(page, "table");
	assert_string_equal(json_string_value(unpacked_value(block, "sender", 0)), "</script><b>");
	json_decref(block);
	free(page);
}

/* The two records of a pair are one row, with what each of them says. */
static void a_pair_is_one_row(void **state)
{
	const struct incident ends[] = { told("b", 1, 2, false, true), told("a", 1, 2, true, false) };
	char *page = page_of(ends, 2);
	json_t *table = block_of(page, "table"), *details = block_of(page, "details");

	assert_int_equal(json_integer_value(json_object_get(table, "n")), 1);
	assert_int_equal(json_integer_value(json_object_get(details, "n")), 2);
	assert_string_equal(json_string_value(unpacked_value(table, "host", 0)), "a");
	assert_string_equal(json_string_value(unpacked_value(table, "victim_host", 0)), "b");
	assert_string_equal(json_string_value(unpacked_value(table, "victim", 0)), "curl");
	assert_string_equal(json_string_value(unpacked_value(table, "outcome", 0)), "error");
	assert_int_equal(json_integer_value(unpacked_value(table, "at", 0)), 1);
	assert_int_equal(json_integer_value(unpacked_value(table, "other", 0)), 0);
	assert_string_equal(json_string_value(unpacked_value(details, "host", 1)), "a");
	json_decref(table);
	json_decref(details);
	free(page);
}

static void only_so_many_without_a_script(void **state)
{
	static struct incident many[PAGE_FIRST_ROWS + 5];
	const char *at;
	char *page;
	int n = 0;

	for (size_t i = 0; i < N(many); i++)
		many[i] = told("a", 1, 2, true, true);
	page = page_of(many, N(many));
	for (at = page; (at = strstr(at, "<details>")); at++)
		n++;
	assert_int_equal(n, PAGE_FIRST_ROWS);
	has(page, "These are the first 200; the others need JavaScript.");
	free(page);
}

/* A run: a late revision replaces what was written before. */
static void a_run(void **state)
{
	static const struct totals totals = { .lost = 7 };
	struct incident inc;
	struct capture c;
	json_t *block;

	example_incident(&inc);
	inc.outcome = OUTCOME_PENDING;
	inc.rev = 0;
	capture_open(&c, &sink_html);
	if (!c.sink.state)
		assert_int_equal(sink_html.begin(&c.sink), 0);
	assert_int_equal(sink_html.incident(&c.sink, &inc), 0);
	inc.outcome = OUTCOME_ERROR;
	inc.rev = 1;
	assert_int_equal(sink_html.incident(&c.sink, &inc), 0);
	assert_int_equal(sink_html.end(&c.sink, &totals), 0);
	fflush(c.sink.out);
	has(c.text, "The one reset broke a call");
	has(c.text, "7 events were lost");
	block = block_of(c.text, "details");
	assert_int_equal(json_integer_value(json_object_get(block, "n")), 1);
	assert_int_equal(json_integer_value(unpacked_value(block, "rev", 0)), 1);
	json_decref(block);
	sink_html.free(&c.sink);
	capture_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_verdict),
		cmocka_unit_test(names_stay_names),
		cmocka_unit_test(a_pair_is_one_row),
		cmocka_unit_test(only_so_many_without_a_script),
		cmocka_unit_test(a_run),
	};

	return cmocka_run_group_tests(tests, open_strings, close_strings);
}
