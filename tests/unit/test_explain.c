/* SPDX-License-Identifier: GPL-2.0 */
/* What explain prints, within its width, and what it answers to unknown words. */
#include "cause/explain.h"
#include "cause/explain_message.h"
#include "test.h"
#include "topics.h"

static char *print(char *const *words, unsigned int width, int *err, char *why, size_t len)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	why[0] = '\0';
	*err = explain(f, words, width, why, len);
	assert_int_equal(fclose(f), 0);
	return text;
}

static size_t longest_line(const char *text)
{
	size_t longest = 0, n;

	for (; *text; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		assert_true(!n || text[n - 1] != ' ');
		if (n > longest)
			longest = n;
	}
	return longest;
}

static void width(void **state)
{
	static const unsigned int widths[] = { 1, 56, 80, 132 };
	const struct topics *all = *state;

	for (size_t i = 0; i < all->n; i++)
		for (size_t w = 0; w < N(widths); w++) {
			char *words[] = { (char *)all->topic[i].name, NULL };
			char why[256], *text;
			int err;

			text = print(words, widths[w], &err, why, sizeof(why));
			assert_int_equal(err, 0);
			if (longest_line(text) > (widths[w] < 56 ? 56 : widths[w]))
				fail_msg("%s is wider than %u:\n%s", words[0], widths[w], text);
			free(text);
		}
}

/* Whether the words of a paragraph are there, in order, however it is folded. */
static bool has_words(const char *text, const char *paragraph)
{
	while (*paragraph) {
		size_t n = strcspn(paragraph, " ");

		if (strncmp(text, paragraph, n))
			return false;
		text += n + strspn(text + n, " \n");
		paragraph += n + strspn(paragraph + n, " ");
	}
	return true;
}

static void must_have(const char *text, const char *paragraph)
{
	size_t n = strcspn(paragraph, " ");

	for (const char *at = text; *at; at++)
		if (!strncmp(at, paragraph, n) && has_words(at, paragraph))
			return;
	fail_msg("'%s' is not in\n%s", paragraph, text);
}

static void everything_printed(void **state)
{
	const struct topics *all = *state;

	for (size_t i = 0; i < all->n; i++) {
		const struct topic *t = &all->topic[i];
		char *words[] = { (char *)t->name, NULL };
		char why[256], *text;
		int err;

		text = print(words, 50, &err, why, sizeof(why));
		assert_int_equal(strncmp(text, t->name, strlen(t->name)), 0);
		must_have(text, t->headline);
		must_have(text, t->wire);
		must_have(text, t->calls);
		must_have(text, t->advice);
		must_have(text, t->source);
		if (t->see)
			must_have(text, t->see);
		for (int c = GUESS; c <= CERTAIN; c++)
			if (t->why[c])
				must_have(text, t->why[c]);
		free(text);
	}
}

static void list(void **state)
{
	const struct topics *all = *state;
	char *none[] = { NULL };
	char why[256], line[256], *text;
	int err;

	text = print(none, 80, &err, why, sizeof(why));
	assert_int_equal(err, 0);
	for (size_t i = 0; i < all->n; i++) {
		snprintf(line, sizeof(line), "\n  %-25s %s\n", all->topic[i].name,
			 all->topic[i].headline);
		if (!strstr(text, line))
			fail_msg("not listed: %s", all->topic[i].name);
	}
	free(text);
}

/* A message need not be in quotes. */
static void words_are_joined(void **state)
{
	char *words[] = { "Connection", "reset", "by", "peer", NULL };
	char why[256], *text;
	int err;

	text = print(words, 80, &err, why, sizeof(why));
	assert_int_equal(err, 0);
	assert_int_equal(strncmp(text, "ECONNRESET (", 12), 0);
	free(text);
}

/* Everything that the row says, with the call, the command and the topic of the error. */
static void message(void **state)
{
	const struct message *row = &server_messages[0];
	char *words[] = { "recv() failed (104: Connection reset by peer)", "while reading response header",
			  "from upstream, client: 10.0.0.9", NULL };
	char why[256], *text;
	int err;

	text = print(words, 60, &err, why, sizeof(why));
	assert_int_equal(err, 0);
	assert_int_equal(strncmp(text, "nginx: ", 7), 0);
	must_have(text, row->headline);
	must_have(text, row->then);
	must_have(text, "failed with ECONNRESET (104, Connection reset by peer)");
	must_have(text, "rsttrace -c nginx --direction received");
	must_have(text, "See also ECONNRESET");
	assert_in_range(longest_line(text), 1, 60);
	free(text);
}

/* For a message of libc alone, in any language, explain prints what it prints for the error's name. */
static void message_of_libc(void **state)
{
	char *words[] = { "断开的管道", NULL }, *name[] = { "EPIPE", NULL };
	char why[256], *text, *topic;
	int err;

	topic = print(name, 80, &err, why, sizeof(why));
	text = print(words, 80, &err, why, sizeof(why));
	assert_int_equal(err, 0);
	assert_int_equal(strncmp(text, topic, strlen(topic)), 0);
	must_have(text + strlen(topic), "failed with EPIPE (32, Broken pipe)");
	must_have(text + strlen(topic), "Language zh_CN");
	must_have(text + strlen(topic), "rsttrace --direction received");
	free(topic);
	free(text);
}

static void log_is_counted(void **state)
{
	static char lines[] =
		"GET / 200\n"
		"write tcp 10.0.0.9:1->10.0.0.2:2: write: broken pipe\n"
		"[error] recv() failed (104: Connection reset by peer) while reading upstream\n"
		"mydaemon: Connection refused\n"
		"write tcp 10.0.0.9:3->10.0.0.2:2: write: broken pipe";	/* no newline */
	FILE *in = fmemopen(lines, strlen(lines), "r"), *out;
	char *text = NULL, *go, *nginx, *alone;
	size_t size;

	out = open_memstream(&text, &size);
	assert_int_equal(explain_log(out, in, 120), 0);
	fclose(out);
	fclose(in);
	go = strstr(text, "       2  line 2          Go: a write");
	nginx = strstr(text, "       1  line 3          nginx: ");
	alone = strstr(text, "       1  line 4          connect() failed with ECONNREFUSED\n");
	assert_true(go && nginx && alone && go < nginx && nginx < alone);
	assert_non_null(strstr(nginx, "rsttrace -c nginx --direction received\n"));
	assert_non_null(strstr(alone, "\n4 of 5 lines tell of connections that failed or ended\n"));
	free(text);
}

static void empty_log(void **state)
{
	FILE *in = fopen("/dev/null", "r"), *out;
	char *text = NULL;
	size_t size;

	out = open_memstream(&text, &size);
	assert_int_equal(explain_log(out, in, 80), 0);
	fclose(out);
	fclose(in);
	assert_string_equal(text, "0 of 0 lines tell of connections that failed or ended\n");
	free(text);
	in = fopen("/", "r");	/* a folder can be opened, but not read */
	assert_int_equal(explain_log(stdout, in, 80), -EISDIR);
	fclose(in);
}

/* ---- unknown words ------------------------------------------------------------------ */

static void refused(const char *word, const char *nearest)
{
	char *words[] = { (char *)word, NULL };
	char why[256], expected[256], *text;
	int err;

	text = print(words, 80, &err, why, sizeof(why));
	assert_int_equal(err, -ENOENT);
	assert_string_equal(text, "");
	free(text);
	snprintf(expected, sizeof(expected), nearest ? "; nearest: %s" : "; rsttrace explain lists",
		 nearest);
	if (!strstr(why, expected))
		fail_msg("'%s' gives: %s", word, why);
	assert_null(strchr(why, '\n'));
}

static void unknown(void **state)
{
	static char endless[5000];

	refused("econreset", "ECONNRESET");
	refused("close-with-unred", "close-with-unread");
	refused("unread", "close-with-unread");
	refused("keepalive", "keepalive-");
	refused("TCP_ABORT_ON", "TCP_ABORT_ON_");
	refused("curl: (99) nothing that is known", NULL);
	refused("xyzzy", NULL);
	refused("4711", NULL);
	refused("0", NULL);
	refused("", NULL);
	refused("SK_RST_REASON_", NULL);
	refused("\033[31m", NULL);
	memset(endless, 'x', sizeof(endless) - 1);
	refused(endless, NULL);
}

static void full_disk(void **state)
{
	char *words[] = { "EPIPE", NULL };
	char why[256];
	FILE *f = fopen("/dev/full", "w");

	assert_non_null(f);
	assert_int_equal(explain(f, words, 80, why, sizeof(why)), -EIO);
	fclose(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(width),
		cmocka_unit_test(everything_printed),
		cmocka_unit_test(list),
		cmocka_unit_test(words_are_joined),
		cmocka_unit_test(message),
		cmocka_unit_test(message_of_libc),
		cmocka_unit_test(log_is_counted),
		cmocka_unit_test(empty_log),
		cmocka_unit_test(unknown),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests(tests, topics_setup, topics_teardown);
}
