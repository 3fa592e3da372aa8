/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks for people: a headline, then an indented line for each end, each
 * failing call and the advice. A block is put together in memory and written
 * at once, so that a failed write is one error and leaves no half line.
 */
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "incident/callname.h"
#include "incident/format.h"
#include "incident/names.h"
#include "cause/rules.h"
#include "output/sink.h"
#include "output/text_block.h"
#include "output/text_end.h"
#include "output/text_line.h"

/* Who an end is: "nginx[812]", "java[812] thread http-nio-1", "kernel", "nobody", the address of another host, "?". */
static void add_who(struct line *l, const struct incident *inc, const struct endpoint *ep,
		    const uint8_t *addr)
{
	char text[64];

	if (ep->owner == OWNER_KERNEL && ep->local != 0) {
		line_add(l, "kernel");
	} else if (ep->comm[0] || ep->pid != UNKNOWN) {
		if (ep->comm[0])
			line_escaped(l, endpoint_name(ep), RST_COMM_LEN);
		else
			line_add(l, "?");
		if (ep->pid != UNKNOWN)
			line_add(l, "[%" PRId64 "]", ep->pid);
		if (endpoint_thread(ep)) {
			line_add(l, " thread ");
			line_escaped(l, ep->comm, sizeof(ep->comm));
		}
	} else if (ep == &inc->victim && inc->outcome == OUTCOME_NONE) {
		line_add(l, "nobody");
	} else if (ep->local == 1) {
		line_add(l, "?");
	} else {
		line_add(l, "%s", fmt_addr(text, sizeof(text), inc->family, addr));
	}
}

static const struct rule *rule_of(const struct incident *inc)
{
	return inc->cause ? rule_find(inc->cause) : NULL;
}

static bool fits(const struct sink *s, const struct line *l, size_t col)
{
	return col + 2 + fmt_width(l->text) <= text_width(s);
}

/*
 * Ends the headline, of which col columns are printed, with the cause: the
 * sentence if there is room for it, else the rule's short headline, and the
 * sentence on a line of its own.
 */
static void put_cause(FILE *out, const struct sink *s, const struct incident *inc, size_t col)
{
	const char *sure = inc->confidence == GUESS ? " (guess)" :
			   inc->confidence == LIKELY ? " (likely)" : "";
	const struct rule *rule = rule_of(inc);
	struct line full = { .len = 0 }, brief = { .len = 0 };
	bool same;

	line_add(&brief, "%s%s", rule ? rule->headline : inc->cause ? inc->cause :
				 "cause not known", sure);
	if (inc->cause_text[0]) {
		line_escaped(&full, inc->cause_text, sizeof(inc->cause_text));
		line_add(&full, "%s", sure);
	} else {
		full = brief;
	}
	same = !strcmp(full.text, brief.text) || !rule;
	if (fits(s, &full, col)) {
		line_piece(out, s, &col, TEXT_RED, full.text);
		full.len = 0;
	} else if (!same && fits(s, &brief, col)) {
		line_piece(out, s, &col, TEXT_RED, brief.text);
	}
	fputc('\n', out);
	if (full.len)
		line_put(out, s, "cause", &full);
}

/* Prints the time, both ends and the connection. Returns how many columns are printed. */
static size_t begin_headline(FILE *out, const struct sink *s, const struct incident *inc)
{
	char time[32], from[64], to[64];
	struct line who = { .len = 0 }, flow = { .len = 0 };
	size_t col = 0;

	line_piece(out, s, &col, TEXT_DIM, fmt_time_of_day(time, sizeof(time), inc->time_ns));
	add_who(&who, inc, &inc->sender, inc->saddr);
	line_add(&who, inc->kind == KIND_TIMEOUT || inc->abort_err ? " ─abort→ " : " ─RST→ ");
	add_who(&who, inc, &inc->victim, inc->daddr);
	line_piece(out, s, &col, TEXT_BOLD, who.text);
	if (inc->family == 4 || inc->family == 6) {
		line_add(&flow, "%s → %s",
		    fmt_addr_port(from, sizeof(from), inc->family, inc->saddr, inc->sport),
		    fmt_addr_port(to, sizeof(to), inc->family, inc->daddr, inc->dport));
		line_piece(out, s, &col, NULL, flow.text);
	}
	return col;
}

static void add_sigpipe(struct line *l, const struct failure *f)
{
	static const char *const did[] = {
		[SIGPIPE_NONE] = "SIGPIPE raised",
		[SIGPIPE_HANDLED] = "SIGPIPE raised and handled",
		[SIGPIPE_IGNORED] = "SIGPIPE ignored",
		[SIGPIPE_KILLED] = "SIGPIPE killed the process",
	};

	_Static_assert(ARRAY_SIZE(did) == SIGPIPE_ACTION_MAX, "a text for all that SIGPIPE does");
	if (f->sigpipe != 1)
		return;
	line_add(l, "  %s", did[f->action]);
}

static void add_failure(struct line *l, const struct failure *f, const struct endpoint *ep)
{
	char text[32];

	const char *err = f->err == UNKNOWN ? "error not known" : errno_name(f->err, text, sizeof(text));

	if (f->syscall[0])
		line_escaped(l, f->syscall, sizeof(f->syscall));
	else if (f->err)
		line_add(l, "%s, from a call that was not visible", err);
	else
		line_add(l, "a call that was not visible");
	if (f->fd != UNKNOWN)
		line_add(l, "(%" PRId64 ")", f->fd);
	if (f->returned == RETURNED_PART)
		line_add(l, call_in_pieces(f->syscall, true) ? " = a part, and left %s to the next call" :
			 " = a part, and %s was lost with it", err);
	else if (f->err && f->syscall[0])
		line_add(l, " = %s%s", err, f->returned == RETURNED_EITHER ? ", or a part of its work" : "");
	else if (!f->err)
		line_add(l, " = 0  end of file: the reset was swallowed");
	if (f->delay_us != UNKNOWN)
		line_add(l, "  after %s", fmt_duration(text, sizeof(text), f->delay_us));
	add_sigpipe(l, f);
	/* The caller, when it is not the process the headline names. */
	if (f->pid != UNKNOWN && f->pid != ep->pid) {
		line_add(l, "  by ");
		line_escaped(l, f->comm[0] ? f->comm : "?", sizeof(f->comm));
		line_add(l, "[%" PRId64 "]", f->pid);
	}
}

/*
 * The calls that failed on one end's socket. *label is printed before the first line
 * and is empty afterwards; place, where the process runs, is printed after that line.
 */
static void put_failures(FILE *out, const struct sink *s, const struct incident *inc,
			 bool on_sender, const char **label, bool place)
{
	const struct endpoint *ep = on_sender ? &inc->sender : &inc->victim;
	size_t i;

	for (i = 0; i < incident_n_failures(inc); i++) {
		struct line l = { .len = 0 };

		if (inc->failures[i].on_sender != on_sender)
			continue;
		add_failure(&l, &inc->failures[i], ep);
		if (place)
			end_place(&l, ep);
		line_put(out, s, *label, &l);
		*label = "";
		place = false;
	}
}

static void put_sender(FILE *out, const struct sink *s, const struct incident *inc)
{
	const char *label = "sender";
	struct line l = { .len = 0 };

	if (inc->sender.local != 0) {
		end_doing(&l, &inc->sender);
		end_figures(&l, &inc->sender);
		if (inc->accept_queue != UNKNOWN && inc->accept_queue_max != UNKNOWN)
			line_add(&l, "%saccept queue %" PRId64 " of %" PRId64, line_comma(&l),
				 inc->accept_queue, inc->accept_queue_max);
		end_place(&l, &inc->sender);
	}
	if (l.len) {
		line_put(out, s, label, &l);
		label = "";
	}
	put_failures(out, s, inc, true, &label, false);
}

/* The RST answers a segment of a handshake, or comes from a socket in one; no connection had been before. */
static bool in_handshake(const struct incident *inc)
{
	uint8_t st = inc->sender.tcp_state;

	return (inc->seg_flags != UNKNOWN && inc->seg_flags & TH_SYN) ||
	       (inc->listener && inc->sender.end.how == END_UNKNOWN) ||
	       st == TCP_SYN_SENT || st == TCP_SYN_RECV;
}

/* What the victim's program saw, if no failing call shows it; NULL where one does. */
static const char *outcome_text(const struct incident *inc)
{
	enum outcome outcome = inc->outcome;

	if (outcome == OUTCOME_NONE)
		return in_handshake(inc) ? "nobody: the handshake was not over" :
					   "nobody: the reset ended no socket";
	if (outcome == OUTCOME_UNSET && inc->lost & ~LOST_EARLIER)
		return "events were lost: what it saw is not known";
	return outcome == OUTCOME_UNSET && inc->calls_unseen ? "no probe here shows its calls" :
	       outcome == OUTCOME_UNNOTICED ? "the socket was closed before any call saw the reset" :
	       outcome == OUTCOME_PENDING ? "no call has seen the reset yet" : NULL;
}

static void put_victim(FILE *out, const struct sink *s, const struct incident *inc)
{
	const struct endpoint *ep = &inc->victim;
	const char *label = "victim", *outcome = outcome_text(inc);
	int64_t kept = incident_n_failures(inc);
	struct line l = { .len = 0 };
	bool failed;

	put_failures(out, s, inc, false, &label, true);
	failed = !*label;
	if (ep->local != 0 && (!failed || s->verbose)) {
		end_doing(&l, ep);
		end_figures(&l, ep);
	} else if (ep->local != 0) {
		end_silence(&l, ep);
	}
	if (!failed && outcome)
		line_add(&l, "%s%s", line_comma(&l), outcome);
	if (!failed && ep->local != 0)
		end_place(&l, ep);
	if (l.len)
		line_put(out, s, label, &l);
	if (inc->n_failures <= kept)
		return;
	l = (struct line){ .len = 0 };
	line_add(&l, "and %" PRId64 " more failing calls", inc->n_failures - kept);
	line_put(out, s, "", &l);
}

/* The text that the RST carried. Its sender may have written anything. */
static void put_text_of_rst(FILE *out, const struct sink *s, const struct incident *inc)
{
	struct line l = { .len = 0 };

	if (!inc->rst_text[0])
		return;
	line_add(&l, "the reset carries: \"");
	line_escaped(&l, inc->rst_text, sizeof(inc->rst_text));
	line_add(&l, "\"");
	line_put(out, s, "says", &l);
}

/* The situation: its code, which `rsttrace explain` knows, and what it means. */
static void put_situation(FILE *out, const struct sink *s, const struct incident *inc)
{
	struct line l = { .len = 0 };

	if (inc->follows[0]) {
		line_add(&l, "the incident ");
		line_escaped(&l, inc->follows, sizeof(inc->follows));
		line_add(&l, "%s", text_held_under(s) ? ", above" : "");
		line_put(out, s, "follows", &l);
		l = (struct line){ .len = 0 };
	}
	if (!inc->situation)
		return;
	line_add(&l, "%s%s: ", inc->situation, inc->situation_confidence == GUESS ? " (guess)" :
		 inc->situation_confidence == LIKELY ? " (likely)" : "");
	line_escaped(&l, inc->situation_text, sizeof(inc->situation_text));
	line_put(out, s, "means", &l);
}

static void put_advice(FILE *out, const struct sink *s, const struct incident *inc)
{
	const struct rule *rule = rule_of(inc);
	struct line l = { .len = 0 };

	if (inc->advice[0])
		line_escaped(&l, inc->advice, sizeof(inc->advice));
	else if (rule && rule->advice)
		line_add(&l, "%s", rule->advice);
	if (l.len)
		line_put(out, s, "advice", &l);
}

static void put_update(FILE *out, const struct sink *s, const struct incident *inc)
{
	struct line l = { .len = 0 };

	line_add(&l, "revision %" PRId64 " of ", inc->rev);
	line_escaped(&l, inc->id, sizeof(inc->id));
	line_add(&l, ": replaces the block shown before");
	line_put(out, s, "update", &l);
}

/* A later revision as one line: what is new in place of the cause, as the block before has the rest. */
static void put_completion(FILE *out, const struct sink *s, const struct incident *inc)
{
	size_t col = begin_headline(out, s, inc);
	const char *outcome = outcome_text(inc);
	struct line l = { .len = 0 };
	int64_t more = inc->n_failures - inc->n_told;

	line_add(&l, "later: ");
	if (more > 0 && inc->n_told < MAX_FAILURES)
		add_failure(&l, &inc->failures[inc->n_told], &inc->victim);
	else if (more > 0)
		line_add(&l, "failing calls");
	else
		line_add(&l, "%s", outcome ? outcome : "another outcome");
	if (more > 1)
		line_add(&l, ", and %" PRId64 " more", more - 1);
	line_piece(out, s, &col, TEXT_RED, l.text);
	fputc('\n', out);
	if (!s->verbose)
		return;
	l = (struct line){ .len = 0 };
	line_add(&l, "id ");
	line_escaped(&l, inc->id, sizeof(inc->id));
	line_add(&l, ", revision %" PRId64, inc->rev);
	line_put(out, s, "detail", &l);
}

int text_write(struct sink *s, const char *text, size_t len)
{
	errno = 0;
	if (fwrite(text, 1, len, s->out) != len)
		return errno ? -errno : -EIO;
	return 0;
}

static void put_block(FILE *out, const struct sink *s, const struct incident *inc)
{
	put_cause(out, s, inc, begin_headline(out, s, inc));
	if (inc->rev > 0 && inc->passed)
		put_update(out, s, inc);
	put_sender(out, s, inc);
	text_stack(out, s, &inc->sender);
	put_text_of_rst(out, s, inc);
	put_victim(out, s, inc);
	text_stack(out, s, &inc->victim);
	put_situation(out, s, inc);
	put_advice(out, s, inc);
	if (s->verbose)
		text_detail(out, s, inc);
}

int text_show(struct sink *s, const struct incident *inc)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return -ENOMEM;
	if (inc->only_outcome)
		put_completion(out, s, inc);
	else
		put_block(out, s, inc);
	err = text_stream_close(out, &text) ?: text_write(s, text, len);
	free(text);
	return err;
}

static int text_end(struct sink *s, const struct totals *t)
{
	(void)t;
	return text_held_tick(s, UINT64_MAX);
}

static int text_event(struct sink *s, const struct rst_event *ev, const char *reason)
{
	struct line l = { .len = 0 };

	text_event_line(&l, ev, reason);
	return text_write(s, l.text, l.len);
}

const struct sink_ops sink_text = {
	.incident = text_held_incident,
	.event = text_event,
	.tick = text_held_tick,
	.next = text_held_next,
	.end = text_end,
	.free = text_held_free,
};
