/* SPDX-License-Identifier: GPL-2.0 */
/* What is on the screen, whatever its size and the names, and what keys do to it. */
#include <locale.h>
#include <unistd.h>

#include "capture.h"
#include "test.h"
#include "top/ui.h"
#include "tree.h"

#define S 1000000000ULL
#define START (1000 * S)

struct bench {
	struct top_model *m;
	struct top_ui ui;
	struct cell_line lines[100];
	int n;
};

static int begin(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->m = top_model_new(false);
	top_model_tick(b->m, START);
	b->ui = (struct top_ui){ .model = b->m, .width = 80, .height = 24 };
	b->ui.view.by = TOP_BY_PAIR;
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct bench *b = *state;

	top_ui_free(&b->ui);
	top_model_free(b->m);
	free(b);
	return 0;
}

static void add(struct bench *b, const char *sender, const char *cause)
{
	struct incident inc;

	example_incident(&inc);
	snprintf(inc.id, sizeof(inc.id), "id-%d", ++b->n);
	memset(inc.sender.comm, 0, sizeof(inc.sender.comm));
	memcpy(inc.sender.comm, sender, strnlen(sender, sizeof(inc.sender.comm) - 1));
	inc.cause = cause;
	inc.mono_ns = START + b->n;
	assert_int_equal(top_model_incident(b->m, &inc), 0);
}

static void draw(struct bench *b, unsigned int width, unsigned int height)
{
	b->ui.width = width;
	b->ui.height = height;
	top_ui_draw(&b->ui, b->lines);
}

static void press(struct bench *b, const char *keys)
{
	for (; *keys; keys++)
		top_ui_key(&b->ui, (unsigned char)*keys);
	draw(b, b->ui.width, b->ui.height);
}

/* Whether some line on the screen has this text. */
static bool shown(const struct bench *b, const char *text)
{
	for (unsigned int i = 0; i < b->ui.height; i++)
		if (strstr(b->lines[i].text, text))
			return true;
	return false;
}

static void expect(const struct bench *b, const char *text)
{
	if (shown(b, text))
		return;
	for (unsigned int i = 0; i < b->ui.height; i++)
		print_message("|%s|\n", b->lines[i].text);
	fail_msg("not on the screen: %s", text);
}

/* The lines fill the screen to the last column, and nothing in them moves the cursor. */
static void expect_whole(const struct bench *b)
{
	for (unsigned int i = 0; i < b->ui.height; i++) {
		const struct cell_line *l = &b->lines[i];

		assert_int_equal(l->cols, b->ui.width);
		assert_int_equal(cell_width(l->text), b->ui.width);
		for (size_t c = 0; c < l->len; c++)
			assert_true((unsigned char)l->text[c] >= ' ' && l->text[c] != 127);
	}
}

static void test_row(void **state)
{
	struct bench *b = *state;

	add(b, "nginx", "close-with-unread");
	draw(b, 80, 24);
	expect(b, "1 reset  1.0/s   1 hurt, 0 harmless");
	expect(b, "nginx → ab                  close-with-unread     1     1      0  1.0          █");
	draw(b, 160, 24);
	expect(b, "10.0.0.1:80 → 10.0.0.9:53412");
}

static void test_empty(void **state)
{
	struct bench *b = *state;

	draw(b, 80, 24);
	expect(b, "no reset yet");
	/* keys that act on a row, while there is none */
	press(b, "\nejk/x\n\x1b");
	expect_whole(b);
}

static void test_sizes(void **state)
{
	static const char *const names[] = {
		"nginx", "\033[31mred\033[0m", "\xe2\x80\xaeltr", "工工工工工", "a\xcc\x81\xcc\x82", "\xff\xfe\xfd",
		"tab\tnl\n", "fifteen-letters", "→ → →",
	};
	struct bench *b = *state;

	for (size_t i = 0; i < N(names); i++)
		add(b, names[i], i % 2 ? "close-with-unread" : "data-after-shutdown");
	for (int by = 0; by < N_TOP_BY; by++) {
		top_view_by(&b->ui.view, by);
		for (unsigned int width = 1; width <= 300; width += width < 170 ? 1 : 13)
			for (unsigned int height = 0; height < 30; height += 7) {
				draw(b, width, height);
				expect_whole(b);
				press(b, "\n");
				expect_whole(b);
				press(b, "qe");
				expect_whole(b);
				press(b, "qh");
				expect_whole(b);
				press(b, "q");
			}
	}
	assert_false(b->ui.quit);
}

static void test_both_of_a_pair_are_seen(void **state)
{
	struct bench *b = *state;

	add(b, "\x01\x02\x03\x04\x05\x06\x07", "close-with-unread");
	draw(b, 80, 24);
	expect(b, "… → ab");
}

static void test_keys(void **state)
{
	struct bench *b = *state;

	add(b, "nginx", "close-with-unread");
	add(b, "haproxy", "linger-zero");
	add(b, "haproxy", "linger-zero");
	draw(b, 80, 24);
	expect(b, "by pair, sorted by total");
	press(b, "g");
	expect(b, "by process, sorted by total");
	press(b, "GG");
	expect(b, "by situation");
	press(b, "1s");
	expect(b, "by cause, sorted by hurt");
	press(b, "S");
	expect(b, "sorted by total");
	press(b, "5");
	expect(b, "PORT");
	press(b, "q");
	assert_true(b->ui.quit);
}

static void test_story_and_explanation(void **state)
{
	struct bench *b = *state;

	add(b, "nginx", "close-with-unread");
	add(b, "haproxy", "linger-zero");
	add(b, "haproxy", "linger-zero");
	draw(b, 80, 24);
	press(b, "j\n");
	expect(b, "nginx → ab: the last 1 resets");
	expect(b, "with 312 bytes unread");
	/* the advice is folded for this width, and goes on below its own beginning */
	expect(b, "advice  read the request to its end before close");
	draw(b, 50, 24);
	expect(b, "advice  read the request to its end");
	expect(b, "                      before close ");
	draw(b, 80, 24);
	expect(b, "recvfrom(5) = ECONNRESET");
	press(b, "q");
	expect(b, "SENDER → VICTIM");
	press(b, "e");
	expect(b, "what close-with-unread means");
	expect(b, "What happens");
	press(b, "\x1b");
	expect(b, "SENDER → VICTIM");
	assert_false(b->ui.quit);
}

static void test_filter(void **state)
{
	struct bench *b = *state;

	add(b, "nginx", "close-with-unread");
	add(b, "haproxy", "linger-zero");
	draw(b, 80, 24);
	press(b, "/ngix");
	expect(b, "ngix_");
	press(b, "\x7f");
	press(b, "nx\n");
	expect(b, "only /nginx/: 1 of 2 rows");
	assert_false(shown(b, "haproxy"));
	press(b, "/(\n");
	expect(b, "no regular expression: ");
	press(b, "j");
	expect(b, "only /nginx/");
	press(b, "/\x15\n");
	expect(b, "haproxy → ab");
	/* while a line is typed, keys are text */
	press(b, "/q\x1b");
	assert_false(b->ui.quit);
}

static void test_pause(void **state)
{
	struct bench *b = *state;

	add(b, "nginx", "close-with-unread");
	draw(b, 80, 24);
	press(b, "p");
	expect(b, "PAUSED");
	add(b, "nginx", "close-with-unread");
	add(b, "haproxy", "linger-zero");
	draw(b, 80, 24);
	expect(b, "1 reset ");
	assert_false(shown(b, "haproxy"));
	press(b, "1\n");
	expect(b, "close-with-unread: the last 1 resets");
	press(b, "qp");
	expect(b, "3 resets");
	assert_false(shown(b, "PAUSED"));
	expect(b, "linger-zero");
}

static void test_storm_says_so(void **state)
{
	struct bench *b = *state;
	struct incident inc;

	example_incident(&inc);
	inc.sampled = 64;
	inc.mono_ns = START;
	assert_int_equal(top_model_incident(b->m, &inc), 0);
	b->ui.exact = (struct top_exact){ .sent = 100, .received = 90, .silent = 126, .lost = 7 };
	draw(b, 80, 24);
	expect(b, "~64 resets");
	expect(b, "kernel: 100 sent, 90 received; a storm: 126 counted only");
	expect(b, "  ~64   ~64");
	draw(b, 120, 24);
	expect(b, "7 events lost");
}

/* A figure above a column must fit, and says how much it leaves out. */
static void test_large_figures(void **state)
{
	struct bench *b = *state;
	struct incident inc;

	example_incident(&inc);
	inc.sampled = 1234567;
	inc.mono_ns = START;
	assert_int_equal(top_model_incident(b->m, &inc), 0);
	draw(b, 80, 24);
	expect(b, " ~1.2M ~1.2M");
	draw(b, 160, 24);
	expect(b, "~1,234,567");
}

static void read_file(const char *path, char *text, size_t len)
{
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, len - 1, f);
	text[n] = '\0';
	fclose(f);
}

static void test_write(void **state)
{
	char dir[] = "/tmp/rsttrace-top-XXXXXX", path[64], text[4096];
	struct bench *b = *state;

	assert_int_equal(tree_new(dir), 0);
	snprintf(path, sizeof(path), "%s/out", dir);
	add(b, "nginx", "close-with-unread");
	draw(b, 80, 24);
	press(b, "w");
	expect(b, "write to: rsttrace-top-");
	press(b, "\x15");
	press(b, path);
	press(b, "\n");
	expect(b, "written: ");
	read_file(path, text, sizeof(text));
	assert_non_null(strstr(text, "SENDER → VICTIM"));
	assert_non_null(strstr(text, "\nnginx → ab "));
	assert_null(strchr(text, '\033'));
	/* an existing file is not overwritten */
	press(b, "w\x15");
	press(b, path);
	press(b, "\n");
	expect(b, "cannot write");
	expect(b, "File exists");
	/* a story can be written too */
	snprintf(path, sizeof(path), "%s/story", dir);
	press(b, "\nw\x15");
	press(b, path);
	press(b, "\n");
	read_file(path, text, sizeof(text));
	assert_non_null(strstr(text, "recvfrom(5) = ECONNRESET"));
	assert_int_equal(tree_remove(dir), 0);
}

static void test_long_text_scrolls(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 20; i++)
		add(b, "nginx", "close-with-unread");
	draw(b, 80, 24);
	press(b, "\n");
	expect(b, "the last 16 resets");
	expect(b, "─RST→");
	top_ui_key(&b->ui, TOP_KEY_END);
	draw(b, 80, 24);
	assert_true(b->ui.scroll > 50);
	expect(b, "id id-5");
	top_ui_key(&b->ui, TOP_KEY_PAGE_DOWN);
	draw(b, 80, 24);
	expect(b, "id id-5");
	/* a larger screen shows more of the text, without empty lines below */
	draw(b, 80, 100);
	expect(b, "id id-5");
	assert_true(b->lines[98].text[22] != ' ');
	top_ui_key(&b->ui, TOP_KEY_HOME);
	draw(b, 80, 24);
	assert_int_equal(b->ui.scroll, 0);
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(test_row),
		test(test_empty),
		test(test_sizes),
		test(test_both_of_a_pair_are_seen),
		test(test_keys),
		test(test_story_and_explanation),
		test(test_filter),
		test(test_pause),
		test(test_storm_says_so),
		test(test_large_figures),
		test(test_write),
		test(test_long_text_scrolls),
	};

	setenv("TZ", "UTC0", 1);
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
