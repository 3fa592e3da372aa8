/* SPDX-License-Identifier: GPL-2.0 */
/* What explain prints, within the width, and what it says of words it does not know. */
#include "cause/explain.h"
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

/* The words of a paragraph survive its folding, in order. */
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

/* A message need not be quoted. */
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

/* ---- what is not known --------------------------------------------------------------- */

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
	refused("curl: (56) Recv failure: Connection reset by peer", "ECONNRESET");
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
		cmocka_unit_test(unknown),
		cmocka_unit_test(full_disk),
	};

	return cmocka_run_group_tests(tests, topics_setup, topics_teardown);
}
