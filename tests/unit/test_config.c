/* SPDX-License-Identifier: GPL-2.0 */
/* The file of --config: what it sets, what the command line sets instead, and each way to get it wrong. */
#include <unistd.h>

#include "app/config.h"
#include "app/option_table.h"
#include "test.h"

#define MAX_ARGS 6

static char path[] = "/tmp/rsttrace-config-XXXXXX";

static int begin(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 || close(fd);
}

static int end(void **state)
{
	return unlink(path);
}

static void put(const char *text, size_t size)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

/* Parses "rsttrace --config FILE" and these words, with that text in the file. */
static int parse(struct options *o, char *why, const char *text, const char *const *words)
{
	char *argv[MAX_ARGS + 4] = { "rsttrace", "--config", path };
	int argc = 3;

	put(text, strlen(text));
	for (; *words; words++)
		argv[argc++] = (char *)*words;
	memset(o, 0xa5, sizeof(*o));
	return options_parse(o, argc, argv, why, 1024);
}

#define WORDS(...) ((const char *const []){ __VA_ARGS__, NULL })
#define NONE ((const char *const []){ NULL })

#define ACCEPTS(check, text, words) do {				\
	struct options o;						\
	char why[1024] = "";						\
									\
	if (parse(&o, why, text, words))				\
		fail_msg("refused: %s", why);				\
	assert_true(check);						\
	options_free(&o);						\
} while (0)

/* The file is refused: the line of it, and what is said of that. */
#define REFUSES(line, message, text, words) do {			\
	struct options o;						\
	char why[1024] = "", want[1024];				\
									\
	snprintf(want, sizeof(want), "%s:%d: %s", path, line, message);	\
	assert_int_equal(parse(&o, why, text, words), -EINVAL);		\
	assert_string_equal(why, want);					\
	options_free(&o);						\
} while (0)

static void settings(void **state)
{
	ACCEPTS(!o.json && o.settle_ms == 300, "", NONE);
	ACCEPTS(o.json && o.settle_ms == 20 && !strcmp(o.output, "/var/log/a b.jsonl"),
		"# a comment\n\n  ; another\njson\nsettle=20\n\toutput  =  /var/log/a b.jsonl  \r\n", NONE);
	ACCEPTS(o.json && !o.quiet && o.verbose, "json = yes\nquiet = no\nverbose", NONE);
	ACCEPTS(o.filter.n_causes == 2 && !strcmp(o.filter.cause[1], "linger-zero"),
		"cause = closed-port,linger-zero\n", NONE);
	/* the value goes to the end of the line */
	ACCEPTS(!strcmp(o.output, "a=b # c"), "output = a=b # c\n", NONE);
	ACCEPTS(o.mode == MODE_CHECK && o.hooks == LADDER_FENTRY, "hooks = fentry\n", WORDS("check"));
}

static void command_line_wins(void **state)
{
	ACCEPTS(o.filter.port == 81, "port = 80\n", WORDS("--port", "81"));
	ACCEPTS(o.filter.port == 80 && o.quiet, "port = 80\n", WORDS("-q"));
	/* a value that the command line overrides is checked all the same */
	REFUSES(1, "port: 'x' is no port (a number from 1 to 65535)", "port = x\n", WORDS("--port", "81"));
	/* rules of both places count */
	ACCEPTS(o.suppress.counts.n == 3, "suppress = port=80\nsuppress = port=81\n",
		WORDS("--suppress", "cause=peer-reset"));
}

static void mistakes(void **state)
{
	REFUSES(2, "there is no option 'jsn' (names are those of the long options)", "json\njsn\n", NONE);
	REFUSES(1, "there is no option 'd' (names are those of the long options)", "d = 5\n", NONE);
	REFUSES(3, "expected name = value, or the name of a switch alone", "\n\njson output\n", NONE);
	REFUSES(1, "expected name = value, or the name of a switch alone", "= 5", NONE);
	REFUSES(1, "port needs a value: port = PORT", "port\n", NONE);
	REFUSES(1, "output: '' is empty", "output =\n", NONE);
	REFUSES(1, "json: 'on' is neither yes nor no", "json = on\n", NONE);
	REFUSES(2, "port is given for the second time", "port = 80\nport = 80\n", NONE);
	REFUSES(1, "help goes on the command line only", "help\n", NONE);
	REFUSES(1, "config goes on the command line only", "config = x\n", NONE);
	REFUSES(1, "since is no option of a trace", "since = 3h\n", NONE);
	REFUSES(1, "once is no option of a trace", "once\n", NONE);
	REFUSES(1, "by is no option of a trace", "by = port\n", NONE);
	REFUSES(1, "suppress: 'port' is no rule (KEY=VALUE[,KEY=VALUE...], each key once, but for situation and cause, "
		"which rsttrace explain lists; keys: " SUPPRESS_KEYS ")",
		"suppress = port\n", NONE);
}

/* What the command line may not combine, the file may not combine either. */
static void together(void **state)
{
	struct options o;
	char why[1024];

	assert_int_equal(parse(&o, why, "replay = a.rec\nrecord = b.rec\n", NONE), -EINVAL);
	assert_string_equal(why, "--replay reads what was recorded: it goes with neither a command nor --record");
	options_free(&o);
	assert_int_equal(parse(&o, why, "", WORDS("top")), -EINVAL);
	assert_string_equal(why, "--config means nothing to top");
	options_free(&o);
	assert_int_equal(parse(&o, why, "", WORDS("report", "a")), -EINVAL);
	assert_string_equal(why, "--config means nothing to report");
	options_free(&o);
}

static int count(void *ctx, const char *name, char *value, char *why, size_t len)
{
	++*(int *)ctx;
	return 0;
}

static void files(void **state)
{
	char why[1024], want[1024], *text = NULL, *large;
	int n = 0;

	put("a\nb\0c\nd", 7);
	assert_int_equal(config_read(path, &text, count, &n, why, sizeof(why)), -EINVAL);
	snprintf(want, sizeof(want), "%s:2: holds a NUL byte", path);
	assert_string_equal(why, want);
	assert_int_equal(n, 1);
	assert_int_equal(config_read("/no/such/file", &text, count, &n, why, sizeof(why)), -ENOENT);
	assert_string_equal(why, "cannot read /no/such/file: No such file or directory");
	assert_int_equal(config_read("/tmp", &text, count, &n, why, sizeof(why)), -EISDIR);
	large = calloc(1, CONFIG_MAX + 1);
	assert_non_null(large);
	memset(large, '\n', CONFIG_MAX + 1);
	put(large, CONFIG_MAX);
	assert_int_equal(config_read(path, &text, count, &n, why, sizeof(why)), 0);
	free(text);
	put(large, CONFIG_MAX + 1);
	assert_int_equal(config_read(path, &text, count, &n, why, sizeof(why)), -EFBIG);
	free(large);
	assert_int_equal(n, 1);
}

/* Every option but those that the file cannot have is known there by its long name. */
static void every_option(void **state)
{
	char text[128], why[1024];
	struct options o;

	for (size_t i = 0; i < n_option_rows; i++) {
		snprintf(text, sizeof(text), "%s = \x01\n", option_rows[i].name);
		if (parse(&o, why, text, NONE) && strstr(why, "there is no option"))
			fail_msg("%s", why);
		options_free(&o);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings),
		cmocka_unit_test(command_line_wins),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(together),
		cmocka_unit_test(files),
		cmocka_unit_test(every_option),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
