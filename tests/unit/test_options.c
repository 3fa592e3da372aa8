/* SPDX-License-Identifier: GPL-2.0 */
/* The command line: each option, and each way to get it wrong. */
#include <sys/stat.h>
#include <unistd.h>

#include "app/options.h"
#include "test.h"

#define MAX_ARGS 12

/* A command line in writable memory, as main() gets it, and the result. */
struct line {
	char *argv[MAX_ARGS + 2];
	int argc;
	struct options o;
	char why[256];
	int err;
};

static struct line *parse(const char *first, ...)
{
	struct line *l = calloc(1, sizeof(*l));
	const char *word;
	va_list ap;

	assert_non_null(l);
	l->argv[l->argc++] = strdup("rsttrace");
	va_start(ap, first);
	for (word = first; word; word = va_arg(ap, const char *)) {
		assert_in_range(l->argc, 1, MAX_ARGS);
		l->argv[l->argc++] = strdup(word);
	}
	va_end(ap);
	memset(&l->o, 0xa5, sizeof(l->o));	/* options_parse() must overwrite all of it */
	l->err = options_parse(&l->o, l->argc, l->argv, l->why, sizeof(l->why));
	return l;
}

static void done(struct line *l)
{
	for (int i = 0; i < l->argc; i++)
		free(l->argv[i]);
	free(l);
}

#define PARSE(...) parse(__VA_ARGS__, NULL)

/* Checks a member after an accepted command line. */
#define ACCEPTS(check, ...) do {					\
	struct line *l = PARSE(__VA_ARGS__);				\
	if (l->err)							\
		fail_msg("refused: %s", l->why);			\
	assert_string_equal(l->why, "");				\
	assert_true(check);						\
	done(l);							\
} while (0)

/* Checks that the line is refused, and that `why` says this. */
#define REFUSES(message, ...) do {					\
	struct line *l = PARSE(__VA_ARGS__);				\
	assert_int_equal(l->err, -EINVAL);				\
	assert_string_equal(l->why, message);				\
	done(l);							\
} while (0)

static void nothing_given(void **state)
{
	struct line *l = parse(NULL);
	struct options *o = &l->o;

	assert_int_equal(l->err, 0);
	assert_int_equal(o->mode, MODE_TRACE);
	assert_int_equal(o->hooks, LADDER_AUTO);
	assert_int_equal(o->color, COLOR_AUTO);
	assert_int_equal(o->settle_ms, 300);
	assert_int_equal(o->rate, 500);
	assert_true(o->duration_s == 0);
	assert_int_equal(o->count, 0);
	assert_false(o->json || o->events || o->quiet || o->verbose || o->fail_on || o->user.name);
	assert_null(o->output);
	assert_null(o->record);
	assert_null(o->replay);
	assert_null(o->command);
	assert_int_equal(o->filter.pid, 0);
	assert_int_equal(o->filter.port, 0);
	assert_int_equal(o->filter.addr_family, 0);
	assert_null(o->filter.comm);
	assert_int_equal(o->filter.n_causes, 0);
	assert_false(o->filter.follow);
	done(l);
}

static void switches(void **state)
{
	ACCEPTS(l->o.json, "--json");
	ACCEPTS(l->o.events, "--events");
	ACCEPTS(l->o.quiet, "--quiet");
	ACCEPTS(l->o.quiet, "-q");
	ACCEPTS(l->o.verbose, "--verbose");
	ACCEPTS(l->o.verbose, "-v");
	ACCEPTS(l->o.json && l->o.quiet && l->o.verbose, "-qv", "--json");
	ACCEPTS(l->o.mode == MODE_HELP, "--help");
	ACCEPTS(l->o.mode == MODE_HELP, "-h");
	ACCEPTS(l->o.mode == MODE_VERSION, "--version");
	ACCEPTS(l->o.mode == MODE_VERSION, "-V");
}

static void values(void **state)
{
	ACCEPTS(l->o.filter.pid == 812, "-p", "812");
	ACCEPTS(l->o.filter.pid == 812, "-p812");
	ACCEPTS(l->o.filter.pid == 4194304, "--pid", "4194304");
	ACCEPTS(l->o.filter.pid == 812, "--pid=812");
	ACCEPTS(!strcmp(l->o.filter.comm, "ngin*"), "-c", "ngin*");
	ACCEPTS(!strcmp(l->o.filter.comm, "x y"), "--comm", "x y");
	ACCEPTS(l->o.filter.port == 65535, "--port", "65535");
	ACCEPTS(l->o.filter.lport == 1, "--lport", "1");
	ACCEPTS(l->o.filter.rport == 443, "--rport", "443");
	ACCEPTS(l->o.filter.addr_family == 4 && l->o.filter.addr_bits == 8, "--addr", "10.0.0.0/8");
	ACCEPTS(l->o.filter.addr_family == 6 && l->o.filter.addr_bits == 128, "--addr", "::1");
	ACCEPTS(!strcmp(l->o.filter.cgroup, "/system.slice"), "--cgroup", "/system.slice");
	ACCEPTS(l->o.filter.direction == SENT, "--direction", "sent");
	ACCEPTS(l->o.filter.direction == RECEIVED, "--direction=received");
	ACCEPTS(l->o.filter.n_causes == 2 && !strcmp(l->o.filter.cause[1], "peer-reset"),
		"--cause", "closed-port,peer-reset");
	ACCEPTS(l->o.duration_s == 2.5, "-d", "2.5");
	ACCEPTS(l->o.duration_s == 10, "--duration", "10");
	ACCEPTS(l->o.count == 3, "-n", "3");
	ACCEPTS(l->o.count == 3, "--count=3");
	ACCEPTS(l->o.settle_ms == 0, "--settle", "0");
	ACCEPTS(l->o.rate == 0, "--rate", "0");
	ACCEPTS(l->o.rate == 20, "--rate", "20");
	ACCEPTS(l->o.settle_ms == 1500, "--settle", "1500");
	ACCEPTS(l->o.hooks == LADDER_KPROBE, "--hooks", "kprobe");
	ACCEPTS(l->o.hooks == LADDER_FENTRY, "--hooks=fentry");
	ACCEPTS(l->o.hooks == LADDER_TRACEPOINT, "--hooks", "tracepoint");
	ACCEPTS(!strcmp(l->o.output, "out.json"), "-o", "out.json");
	ACCEPTS(!strcmp(l->o.output, "out.json"), "--output", "out.json");
	ACCEPTS(!strcmp(l->o.record, "x.rec"), "--record", "x.rec");
	ACCEPTS(!strcmp(l->o.replay, "x.rec"), "--replay", "x.rec");
	ACCEPTS(l->o.color == COLOR_ALWAYS, "--color", "always");
	ACCEPTS(l->o.color == COLOR_NEVER, "--color", "never");
	ACCEPTS(l->o.color == COLOR_AUTO, "--color", "auto");
	/* the last one counts */
	ACCEPTS(l->o.filter.port == 81, "--port", "80", "--port", "81");
	/* a value may look like an option */
	ACCEPTS(!strcmp(l->o.filter.comm, "-v") && !l->o.verbose, "-c", "-v");
}

/* A namespace: an inode number, a path, or the pid of a process in it. */
static void namespaces(void **state)
{
	char pid[16];
	struct stat st;

	assert_int_equal(stat("/proc/self/ns/net", &st), 0);
	snprintf(pid, sizeof(pid), "%d", getpid());
	ACCEPTS(l->o.filter.netns == 4026531840U, "--netns", "4026531840");
	ACCEPTS(l->o.filter.netns == st.st_ino, "--netns", "/proc/self/ns/net");
	ACCEPTS(l->o.filter.netns == st.st_ino, "--netns", pid);
	/* more than fits into the kernel's inode numbers */
	REFUSES("--netns: '4294967296' is neither a path, an inode number nor a pid",
		"--netns", "4294967296");
	REFUSES("--netns: '/no/such/namespace' is neither a path, an inode number nor a pid",
		"--netns", "/no/such/namespace");
	REFUSES("--netns: '/proc/self/status' is neither a path, an inode number nor a pid",
		"--netns", "/proc/self/status");
	REFUSES("--netns: '' is neither a path, an inode number nor a pid",
		"--netns", "");
}

static void missing_values(void **state)
{
	static const char *const options[] = {
		"-p", "--pid", "-c", "--comm", "--port", "--lport", "--rport", "--addr", "--netns",
		"--cgroup", "--direction", "--cause", "-d", "--duration", "-n", "--count", "--settle",
		"--hooks", "-o", "--output", "--record", "--replay", "--color",
	};
	char want[64];

	for (size_t i = 0; i < N(options); i++) {
		snprintf(want, sizeof(want), "option %s needs a value", options[i]);
		REFUSES(want, options[i]);
		REFUSES(want, "--json", options[i]);
	}
	REFUSES("option -qp needs a value", "-qp");
}

static void bad_values(void **state)
{
	REFUSES("--pid: '0' is no process id (a number from 1 to 4194304)", "-p", "0");
	REFUSES("--pid: '-5' is no process id (a number from 1 to 4194304)",
		"-p", "-5");
	REFUSES("--pid: 'nginx' is no process id (a number from 1 to 4194304)",
		"--pid", "nginx");
	REFUSES("--pid: '12x' is no process id (a number from 1 to 4194304)",
		"--pid", "12x");
	REFUSES("--pid: '' is no process id (a number from 1 to 4194304)", "--pid", "");
	REFUSES("--pid: '4194305' is no process id (a number from 1 to 4194304)",
		"--pid", "4194305");
	REFUSES("--pid: '99999999999999999999' is no process id (a number from 1 to 4194304)",
		"--pid", "99999999999999999999");
	REFUSES("--comm: '' is empty", "-c", "");
	REFUSES("--port: '0' is no port (a number from 1 to 65535)", "--port", "0");
	REFUSES("--port: '65536' is no port (a number from 1 to 65535)",
		"--port", "65536");
	REFUSES("--lport: 'http' is no port (a number from 1 to 65535)",
		"--lport", "http");
	REFUSES("--rport: '80,81' is no port (a number from 1 to 65535)",
		"--rport", "80,81");
	REFUSES("--addr: '10.0.0.0/33' is no address of IPv4 or IPv6, with /BITS or without",
		"--addr", "10.0.0.0/33");
	REFUSES("--addr: 'example' is no address of IPv4 or IPv6, with /BITS or without",
		"--addr", "example");
	REFUSES("--cgroup: '' is empty", "--cgroup", "");
	REFUSES("--direction: 'both' is none of sent, received", "--direction", "both");
	REFUSES("--cause: 'slow' is no cause, nor causes with commas between (rsttrace explain lists them)",
		"--cause", "slow");
	REFUSES("--cause: 'closed-port,slow' is no cause, nor causes with commas between (rsttrace explain lists them)",
		"--cause", "closed-port,slow");
	REFUSES("--duration: '0' is no number of seconds above 0", "-d", "0");
	REFUSES("--duration: '-1' is no number of seconds above 0", "-d", "-1");
	REFUSES("--duration: 'nan' is no number of seconds above 0", "-d", "nan");
	REFUSES("--duration: 'inf' is no number of seconds above 0", "-d", "inf");
	REFUSES("--duration: '5s' is no number of seconds above 0", "-d", "5s");
	REFUSES("--count: '-1' is no number (0 to 1000000000)", "-n", "-1");
	REFUSES("--count: 'ten' is no number (0 to 1000000000)", "-n", "ten");
	REFUSES("--settle: '-1' is no number (0 to 1000000000)", "--settle", "-1");
	REFUSES("--settle: '1.5' is no number (0 to 1000000000)", "--settle", "1.5");
	REFUSES("--hooks: 'fexit' is none of auto, fentry, tracepoint, kprobe",
		"--hooks", "fexit");
	REFUSES("--output: '' is empty", "-o", "");
	REFUSES("--record: '' is empty", "--record", "");
	REFUSES("--replay: '' is empty", "--replay", "");
	REFUSES("--color: 'on' is none of auto, always, never", "--color", "on");
}

static void unknown_options(void **state)
{
	REFUSES("unknown option --bogus", "--bogus");
	REFUSES("unknown option --bogus=5", "--bogus=5");
	REFUSES("unknown option -x", "-x");
	REFUSES("unknown option -x", "--json", "-qx");
	REFUSES("unknown option -x", "-xq");
	/* the beginning of two names */
	REFUSES("unknown option --co", "--co", "x");
	REFUSES("option --quiet takes no value", "--quiet=yes");
	REFUSES("option --json takes no value", "--json=yes");
	/* the first mistake is reported */
	REFUSES("--port: 'x' is no port (a number from 1 to 65535)",
		"--port", "x", "--bogus");
}

static void commands(void **state)
{
	ACCEPTS(l->o.command == l->argv + 2 && !l->o.command[1], "--", "true");
	ACCEPTS(l->o.command == l->argv + 3 && !strcmp(l->o.command[2], "200") && !l->o.command[3] &&
		!l->o.count, "--json", "--", "ab", "-n", "200");
	/* words after -- belong to the command, even if they look like options */
	ACCEPTS(!l->o.json && !strcmp(l->o.command[0], "--json"), "--", "--json");
	ACCEPTS(!strcmp(l->o.command[0], "check") && l->o.mode == MODE_TRACE, "--", "check");
	ACCEPTS(!strcmp(l->o.command[0], "--"), "--", "--");
	ACCEPTS(l->o.fail_on == FAIL_ON_RESET && l->o.command, "--fail-on-reset", "--", "true");
	ACCEPTS(l->o.fail_on == FAIL_ON_HURT && l->o.command, "--fail-on-reset=hurt", "--", "true");
	REFUSES("--fail-on-reset: 'x' is not hurt, the only word that may stand there", "--fail-on-reset=x", "--", "true");
	REFUSES("--fail-on-reset needs a COMMAND after --", "--fail-on-reset=hurt");
	ACCEPTS(l->o.user.uid == 0 && !strcmp(l->o.user.name, "root"), "-u", "root", "--", "true");
	ACCEPTS(l->o.user.name && l->o.user.uid == 0, "--user=0", "--", "true");
	REFUSES("--user: 'no such user' is no user of this host, neither by name nor by number", "-u", "no such user", "--", "true");
	REFUSES("--user needs a COMMAND after --", "-u", "root");
	REFUSES("no COMMAND after --", "--");
	REFUSES("no COMMAND after --", "-v", "--");
}

static void words(void **state)
{
	ACCEPTS(l->o.mode == MODE_CHECK, "check");
	ACCEPTS(l->o.mode == MODE_CHECK && l->o.verbose, "-v", "check");
	ACCEPTS(l->o.mode == MODE_CHECK && l->o.json && l->o.verbose, "-v", "check", "--json");
	ACCEPTS(l->o.mode == MODE_CHECK && !strcmp(l->o.btf, "x.btf"), "check", "--btf", "x.btf");
	ACCEPTS(l->o.mode == MODE_EXPLAIN && !l->o.words[0], "explain");
	ACCEPTS(l->o.mode == MODE_EXPLAIN && !strcmp(l->o.words[0], "broken") &&
		!strcmp(l->o.words[1], "pipe") && !l->o.words[2], "-v", "explain", "broken", "pipe");
	REFUSES("do not know what to do with 'ab' (a command to trace comes after --)", "ab", "-n", "5");
	REFUSES("check does not know what to do with 'it'", "check", "it");
	REFUSES("check does not know what to do with 'it'", "check", "--json", "it");
	REFUSES("unknown option --jsn", "check", "--jsn");
	REFUSES("do not know what to do with '-' (a command to trace comes after --)", "-");
	ACCEPTS(l->o.mode == MODE_CHECK && l->o.verbose, "check", "-v");
}

static void tops(void **state)
{
	ACCEPTS(l->o.mode == MODE_TOP && !l->o.top.batch && l->o.top.by == TOP_BY_PAIR, "top");
	ACCEPTS(l->o.mode == MODE_TOP && l->o.top.batch && l->o.top.by == TOP_BY_CONTAINER && l->o.filter.port == 80,
		"--port", "80", "top", "--by", "container", "--batch", "--interval", "0.5");
	ACCEPTS(l->o.top.batch && l->o.top.once && l->o.duration_s == 2, "top", "--once");
	ACCEPTS(l->o.duration_s == 7, "top", "--once", "-d", "7");
	ACCEPTS(l->o.duration_s == 3, "top", "--once", "--interval=3");
	ACCEPTS(!l->o.duration_s, "top", "--once", "--replay", "x.rec");
	ACCEPTS(l->o.output && l->o.top.batch, "top", "-o", "x", "--batch");
	REFUSES("top writes to a file with --batch or --once (and with a key)", "top", "-o", "x");
	REFUSES("top takes no COMMAND", "top", "--", "true");
	REFUSES("top takes no COMMAND", "top", "true");
	REFUSES("--json means nothing to top", "top", "--json");
	REFUSES("--since means nothing to top", "top", "--since", "3h");
	REFUSES("top has no rows by that: cause, situation, pair, process, port or container", "top", "--by", "unit");
	REFUSES("--once goes with top", "--once");
	REFUSES("--interval means nothing to report", "report", "--interval", "3", "a");
	REFUSES("--interval: '0' is no number of seconds above 0", "top", "--interval", "0");
}

static void reports(void **state)
{
	ACCEPTS(l->o.mode == MODE_REPORT && !strcmp(l->o.report.files[0], "a") && l->o.report.n_files == 1,
		"report", "a");
	ACCEPTS(l->o.report.by == BY_PORT && l->o.json && l->o.quiet && l->o.filter.port == 80 &&
		!strcmp(l->o.report.files[0], "a") && !strcmp(l->o.report.files[1], "b") &&
		!strcmp(l->o.report.files[2], "c") && l->o.report.n_files == 3,
		"-q", "report", "--json", "a", "--by", "port", "b", "--port=80", "c");
	ACCEPTS(l->o.report.since_ns == 1790000000000000000 && l->o.report.compare,
		"report", "--compare", "--since", "2026-09-21T14:13:20Z", "a", "b");
	ACCEPTS(!strcmp(l->o.report.ask->name, "hurt") && l->o.report.ask->hurt && l->o.report.ask->by == BY_CAUSE,
		"report", "--ask", "hurt", "a");
	REFUSES("--ask goes without --by, --cause, --outcome and --compare", "report", "--ask", "hurt", "--by", "port", "a");
	REFUSES("--ask goes without --by, --cause, --outcome and --compare", "report", "--ask", "causes", "--outcome", "eof", "a");
	REFUSES("--html goes with a report, not with this question, which compares",
		"report", "--ask", "new-since-yesterday", "--html", "x", "a");
	REFUSES("report needs a FILE: JSON Lines or a recording", "report");
	REFUSES("--compare needs two FILEs or directories", "report", "--compare", "a");
	REFUSES("--html goes with a report, not with --compare", "report", "--compare", "--html", "x", "a", "b");
	REFUSES("--pcapng goes with a report, not with --compare", "report", "--compare", "--pcapng", "x", "a", "b");
	REFUSES("--hooks means nothing to report", "--hooks", "auto", "report", "a");
	REFUSES("--duration means nothing to report", "report", "a", "-d", "3");
	REFUSES("--by goes with report or top", "--by", "port");
	REFUSES("report has no rows by that: cause, situation, pair, process, port, unit, host, "
		"kernel, addresses or source", "report", "--by", "container", "a");
	REFUSES("--by: 'cook' is none of cause, situation, pair, process, port, container, unit, host, "
		"kernel, addresses, source", "report", "--by", "cook", "a");
	REFUSES("--ask: 'why' is none of who-resets-whom, causes, situations, new-since-yesterday, services, kernels, "
		"worst-pairs, refused-services, firewall-rejects, hurt, unexplained", "report", "--ask", "why", "a");
	REFUSES("--since: '4054-11-27T10:00:00Z' is no time (2026-11-27T10:00:00Z, without Z local; 90m, 2h, 3d: so long ago)",
		"report", "--since", "4054-11-27T10:00:00Z", "a");
	REFUSES("--until: '1000000d' is no time (2026-11-27T10:00:00Z, without Z local; 90m, 2h, 3d: so long ago)",
		"report", "--until", "1000000d", "a");
	REFUSES("--since: 'x' is no time (2026-11-27T10:00:00Z, without Z local; 90m, 2h, 3d: so long ago)",
		"report", "--since", "x", "a");
}

static void conflicts(void **state)
{
	static const char replay[] = "--replay reads what was recorded: "
				     "it goes with neither a command nor --record";

	REFUSES(replay, "--replay", "a.rec", "--record", "b.rec");
	REFUSES(replay, "--record", "b.rec", "--replay", "a.rec");
	REFUSES(replay, "--replay", "a.rec", "--", "true");
	REFUSES("--fail-on-reset needs a COMMAND after --", "--fail-on-reset");
	ACCEPTS(l->o.record && l->o.command, "--record", "b.rec", "--", "true");
	/* help is shown, whatever else is on the line */
	ACCEPTS(l->o.mode == MODE_HELP, "--help", "ab");
	ACCEPTS(l->o.mode == MODE_VERSION, "--fail-on-reset", "-V");
}

/* One parse leaves nothing behind for the next. */
static void twice(void **state)
{
	ACCEPTS(l->o.json, "--json", "--port", "80");
	ACCEPTS(!l->o.json && !l->o.filter.port && l->o.quiet, "-q");
}

/* The usage has every option that is taken, with what it takes. */
static void usage(void **state)
{
	static const char *const names[] = {
		"-p, --pid PID ", "-c, --comm NAME ", "--port PORT ", "--lport PORT ", "--rport PORT ",
		"--addr ADDR[/BITS] ", "--netns NS ", "--cgroup PATH ", "--direction sent|received ",
		"--cause CODE[,CODE] ", "-d, --duration SEC ", "-n, --count N ", "--settle MS ",
		"--hooks auto|fentry|tracepoint|kprobe ", "--btf FILE ", "--json ", "-o, --output FILE ", "--events ", "--all ", "--outcome ",
		"--record FILE ", "--replay FILE ", "--fail-on-reset[=hurt] ", "-u, --user USER ", "--color auto|always|never ",
		"-q, --quiet ", "-v, --verbose ", "-h, --help ", "-V, --version ", "rsttrace check ",
		"-- COMMAND", "77",
	};
	char text[8192] = "";
	FILE *f = fmemopen(text, sizeof(text), "w");

	assert_non_null(f);
	options_usage(f);
	fclose(f);
	for (size_t i = 0; i < N(names); i++)
		if (!strstr(text, names[i]))
			fail_msg("the usage does not have '%s'", names[i]);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		assert_in_range(strlen(line), 0, 110);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given),
		cmocka_unit_test(switches),
		cmocka_unit_test(values),
		cmocka_unit_test(namespaces),
		cmocka_unit_test(missing_values),
		cmocka_unit_test(bad_values),
		cmocka_unit_test(unknown_options),
		cmocka_unit_test(commands),
		cmocka_unit_test(words),
		cmocka_unit_test(tops),
		cmocka_unit_test(reports),
		cmocka_unit_test(conflicts),
		cmocka_unit_test(twice),
		cmocka_unit_test(usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
