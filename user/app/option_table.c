/* SPDX-License-Identifier: GPL-2.0 */
#include "app/option_table.h"

#include <errno.h>
#include <string.h>

#include "base/array.h"

#define AT(m) offsetof(struct options, m)

const struct option_row option_rows[] = {
	{ "pid", 'p', "PID", "only incidents that this process has a part in", take_pid, AT(filter.pid), RELOADS },
	{ "comm", 'c', "NAME", "only processes of this name (a shell pattern; not threads)", take_string, AT(filter.comm), RELOADS },
	{ "port", 0, "PORT", "only connections with this port at either end", take_port, AT(filter.port), 0 },
	{ "lport", 0, "PORT", "... at an end that is on this host", take_port, AT(filter.lport), 0 },
	{ "rport", 0, "PORT", "... at the other end", take_port, AT(filter.rport), 0 },
	{ "addr", 0, "ADDR[/BITS]", "only connections with such an address at an end, v4 or v6", take_addr, AT(filter), 0 },
	{ "netns", 0, "NS", "only this network namespace: a path, an inode or a pid", take_netns, AT(filter.netns), 0 },
	{ "cgroup", 0, "PATH", "only processes in this control group or below", take_string, AT(filter.cgroup), RELOADS },
	{ "direction", 0, "sent|received", "only resets that this host sent, or received", take_direction, AT(filter), RELOADS },
	{ "cause", 0, "CODE[,CODE]", "only these causes", take_causes, AT(filter), RELOADS },
	{ "outcome", 0, "WORD[,WORD]", "only these outcomes; error and eof are those that hurt", take_outcomes, AT(filter), RELOADS },
	{ "suppress", 0, "KEY=VALUE[,...]", "count, but do not show, what matches all of it (repeatable)", take_suppress, AT(suppress), REPEATS | RELOADS },
	{ "duration", 'd', "SEC", "end after so many seconds", take_seconds, AT(duration_s), 0 },
	{ "count", 'n', "N", "end after so many incidents", take_long, AT(count), 0 },
	{ "settle", 0, "MS", "how long a record waits for the call that fails (300)", take_long, AT(settle_ms), 0 },
	{ "rate", 0, "N", "records of a kind of reset in a second, then samples (500; 0: all)", take_long, AT(rate), 0 },
	{ "stacks", 0, NULL, "also the stacks in the call that reset and in the one that failed", take_switch, AT(stacks), 0 },
	{ "hooks", 0, "auto|fentry|tracepoint|kprobe", "how to attach; auto takes the best of each", take_hooks, AT(hooks), 0 },
	{ "config", 0, "FILE", "read options from FILE first, one a line: name = value", take_string, AT(config), NOT_IN_FILE },
	{ "btf", 0, "FILE", "the kernel's types, for a kernel without BTF of its own", take_string, AT(btf), 0 },
	{ "json", 0, NULL, "JSON Lines instead of text", take_switch, AT(json), 0 },
	{ "output", 'o', "FILE", "write records to FILE (SIGHUP reopens it)", take_string, AT(output), 0 },
	{ "json-file", 0, "FILE", "also write JSON Lines to FILE (SIGHUP reopens it)", take_string, AT(json_file), 0 },
	{ "confine", 0, NULL, "give up privileges, and other files, once all is attached", take_switch, AT(confine), 0 },
	{ "append", 0, NULL, "add to the files of --output and --json-file", take_switch, AT(append), 0 },
	{ "journal", 0, NULL, "write records to the systemd journal, keys as RSTTRACE_KEY", take_switch, AT(journal), 0 },
	{ "all", 0, NULL, "show each record whole, also those that are alike", take_switch, AT(all), 0 },
	{ "events", 0, NULL, "also show raw events as they come, and resets that ended nothing", take_switch, AT(events), 0 },
	{ "record", 0, "FILE", "also keep the raw events in FILE, for --replay", take_string, AT(record), 0 },
	{ "replay", 0, "FILE", "read events from such a FILE instead of the kernel", take_string, AT(replay), 0 },
	{ "pcapng", 0, "FILE", "also write a capture file for Wireshark, each reset with its story", take_string, AT(pcapng), 0 },
	{ "html", 0, "FILE", "write a report as one page for browsers too", take_string, AT(html), 0 },
	{ "junit", 0, "FILE", "also write a report for CI servers: a case for each kind of reset", take_string, AT(junit), 0 },
	{ "metrics", 0, "ADDR:PORT", "serve metrics by HTTP, for Prometheus; PORT alone: on loopback", take_string, AT(metrics), 0 },
	{ "metrics-by", 0, "WORD[,WORD]", "... also by process, unit, container, port (200 rows each)", take_metrics_by, AT(metrics_by), 0 },
	{ "user", 'u', "USER", "run COMMAND as this user, a name or a number", take_user, AT(user), 0 },
	{ "fail-on-reset", 0, "[=hurt]", "exit with 3 when COMMAND was reset (hurt: and a call saw it)", take_fail_on, AT(fail_on), 0 },
	{ "color", 0, "auto|always|never", "colour; auto means on a terminal", take_color, AT(color), 0 },
	{ "quiet", 'q', NULL, "nothing but records", take_switch, AT(quiet), 0 },
	{ "verbose", 'v', NULL, "more of each incident; what is attached, what the kernel answers", take_switch, AT(verbose), 0 },
	{ "by", 0, "cause|situation|pair|process|port|container|unit|host|kernel|addresses|source", "what a row stands for", take_by, 0, 0 },
	{ "since", 0, "TIME", "report: not before (2026-11-27T10:00Z; 90m: so long ago)", take_time, AT(report.since_ns), 0 },
	{ "until", 0, "TIME", "report: before that time", take_time, AT(report.until_ns), 0 },
	{ "ask", 0, "QUESTION", "report: the rows for a question, by its name (hurt, services, ...)", take_ask, AT(report.ask), 0 },
	{ "compare", 0, NULL, "report: of two FILEs or folders, what is new, worse, gone", take_switch, AT(report.compare), 0 },
	{ "top", 0, "N", "report: so many rows (20)", take_long, AT(report.top), 0 },
	{ "skew", 0, "SEC", "report: how far apart the hosts' clocks may be (30)", take_long, AT(report.skew_s), 0 },
	{ "keep", 0, "N", "report: pair at most so many incidents (4000000)", take_long, AT(report.keep), 0 },
	{ "batch", 0, NULL, "top: print the rows every --interval, without a terminal", take_switch, AT(top.batch), 0 },
	{ "once", 0, NULL, "top: print them once, after --duration or one --interval", take_switch, AT(top.once), 0 },
	{ "interval", 0, "SEC", "top: between two printed tables (2)", take_seconds, AT(top.interval_s), 0 },
	{ "help", 'h', NULL, "this text", take_help, 0, NOT_IN_FILE },
	{ "version", 'V', NULL, "the version", take_version, 0, NOT_IN_FILE },
};

const size_t n_option_rows = ARRAY_SIZE(option_rows);
_Static_assert(ARRAY_SIZE(option_rows) <= OPTIONS_MAX, "room for the text of each");

const struct option_row *option_find(const char *name)
{
	for (size_t i = 0; i < n_option_rows; i++)
		if (!strcmp(option_rows[i].name, name))
			return &option_rows[i];
	return NULL;
}

/* What to say of a wrong value. For functions not listed, the row's alternatives are printed. */
static const struct { take_fn take; const char *wrong; } wrongs[] = {
	{ take_fail_on, "is not hurt, the only word that may stand there" },
	{ take_user, "is no user of this host, neither by name nor by number" },
	{ take_pid, "is no process id (a number from 1 to 4194304)" },
	{ take_port, "is no port (a number from 1 to 65535)" },
	{ take_long, "is no number (0 to 1000000000)" },
	{ take_seconds, "is no number of seconds above 0" },
	{ take_string, "is empty" },
	{ take_addr, "is no address of IPv4 or IPv6, with /BITS or without" },
	{ take_metrics_by, "is none of process, unit, container, port, nor a list of these" },
	{ take_time, "is no time (2026-11-27T10:00:00Z, without Z local; 90m, 2h, 3d: so long ago)" },
	{ take_netns, "is neither a path, an inode number nor a pid" },
	{ take_suppress, "is no rule (KEY=VALUE[,KEY=VALUE...], each key once, but for situation and cause, which rsttrace explain "
	  "lists; keys: " SUPPRESS_KEYS ")" },
	{ take_ask, "is none of " QUESTIONS },
	{ take_outcomes, "is none of error, eof, unnoticed, pending, none, remote, nor a list of these" },
	{ take_causes, "is no cause, nor causes with commas between (rsttrace explain lists them)" },
};

static void say_wrong(const struct option_row *row, const char *arg, char *why, size_t len)
{
	int at = snprintf(why, len, "'%.120s' ", arg);

	why += at;
	len -= at;
	for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++)
		if (wrongs[i].take == row->take) {
			snprintf(why, len, "%s", wrongs[i].wrong);
			return;
		}
	at = snprintf(why, len, "is none of ");
	for (const char *w = row->arg; *w && at + 2 < (int)len; w++)
		at += snprintf(why + at, len - at, *w == '|' ? ", " : "%c", *w);
}

int option_take(struct options *o, const struct option_row *row, char *arg, char *why, size_t len)
{
	if (!row->take(o, row->at, arg)) {
		o->given[row - option_rows] = arg ? arg : "";
		return 0;
	}
	say_wrong(row, arg, why, len);
	return -EINVAL;
}
