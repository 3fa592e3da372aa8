/* SPDX-License-Identifier: GPL-2.0 */
#include "app/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/account.h"
#include "incident/chain.h"
#include "attach/check.h"
#include "cause/rules.h"
#include "host/clock.h"
#include "app/command.h"
#include "events/decode.h"
#include "attach/loader.h"
#include "attach/ring.h"
#include "events/repeat.h"
#include "host/resolve.h"
#include "app/outputs.h"
#include "events/recording.h"
#include "events/source.h"
#include "output/summary.h"

#define NS_PER_MS 1000000ULL
#define LONGEST_WAIT_MS 200
#define RETRY_NS 500000000ULL

struct session {
	struct options *o;
	struct loader *loader;		/* NULL: a replay */
	struct source *source;
	struct resolver *resolver;
	struct chain *chain;
	struct command command;
	struct outputs outputs;
	FILE *record;
	struct repeats repeats;
	struct totals totals;
	uint64_t begin_ns;
	uint64_t now_ns;		/* the chain's clock: this host's, or the recording's */
	uint64_t event_ns;		/* when the last event happened */
	uint64_t retried_ns;		/* when waiting hooks were last tried */
	int record_err;			/* of the recording: likewise */
	bool command_suffered;
	bool over;			/* enough was shown */
};

/* ---- the stages' callbacks --------------------------------------------------- */

static bool hurts_command(const struct session *s, const struct incident *inc)
{
	const struct filter *f = &s->o->filter;

	if (inc->victim.pid != UNKNOWN && filter_follows(f, inc->victim.pid))
		return true;
	for (int i = 0; i < inc->n_failures && i < MAX_FAILURES; i++)
		if (!inc->failures[i].on_sender && filter_follows(f, inc->failures[i].pid))
			return true;
	return false;
}

static void on_incident(void *ctx, const struct incident *inc)
{
	struct session *s = ctx;

	netns_totals_incident(s->totals.netns, inc);
	if (s->over || s->outputs.err)
		return;
	s->totals.received += !inc->rev && inc->victim.seen;
	if (!filter_incident(&s->o->filter, inc)) {
		s->totals.suppressed += !inc->rev;
		return;
	}
	if (hurts_command(s, inc))
		s->command_suffered = true;
	if (!inc->rev)
		totals_add(&s->totals, inc);
	outputs_incident(&s->outputs, inc);
	s->over = s->o->count && s->totals.incidents >= (uint64_t)s->o->count;
}

static void on_no_receipt(void *ctx, const struct incident *inc)
{
	netns_totals_no_receipt(((struct session *)ctx)->totals.netns, inc);
}

static void on_unmatched(void *ctx, const struct rst_event *ev)
{
	(void)ev;
	((struct session *)ctx)->totals.unmatched++;
}

static void on_resolve(void *ctx, struct endpoint *ep)
{
	struct session *s = ctx;

	if (s->resolver)
		resolve_endpoint(s->resolver, ep);
}

static void follow_child(struct session *s, const struct rst_event *ev)
{
	if (filter_follows(&s->o->filter, ev->task.pid))
		filter_follow(&s->o->filter, ev->child);
}

static void retry_hooks(struct session *s)
{
	int err = loader_retry(s->loader);

	if (err && !s->o->quiet)
		fprintf(stderr, "rsttrace: the programs cannot be loaded a second time (%s): "
			"runs that the kernel refuses them will be missed\n", strerror(-err));
}

static int on_bytes(void *ctx, const void *data, size_t size)
{
	struct session *s = ctx;
	struct rst_event ev;
	int err = decode(&ev, data, size);

	if (err == -ENOTSUP)
		return 0;
	if (err)
		return -EPROTO;
	if (ev.type == EV_MODULE) {
		if (s->loader)
			retry_hooks(s);
		return 0;
	}
	if (repeats_find(&s->repeats, &ev))
		return 0;
	s->totals.events++;
	s->event_ns = ev.time_ns;
	err = netns_totals_event(s->totals.netns, &ev);
	if (err)
		return err;
	if (s->record && !s->record_err)
		s->record_err = recording_event(s->record, data, size);
	if (!s->loader) {
		/* there is no kernel to ask how many there were */
		s->totals.sent += ev.type == EV_SENT_ACTIVE || ev.type == EV_SENT_REPLY;
		s->totals.ignored[ev.extra.fate] += ev.type == EV_IGNORED;
		s->now_ns = ev.time_ns;
		chain_tick(s->chain, s->now_ns);
	}
	if (ev.type == EV_FORK)
		follow_child(s, &ev);
	else if (s->o->events && filter_event(&s->o->filter, &ev))
		outputs_event(&s->outputs, &ev, ev.flags & EVF_REASON ?
			      source_reason(&s->source->meta, ev.seg.reason) : NULL);
	return chain_event(s->chain, &ev);
}

/* ---- opening ------------------------------------------------------------------ */

static int open_output(struct session *s, char *why, size_t len)
{
	const struct options *o = s->o;

	if (outputs_open(&s->outputs, o, why, len))
		return EXIT_FAILURE;
	if (!o->record)
		return 0;
	s->record = fopen(o->record, "we");
	if (s->record)
		return 0;
	snprintf(why, len, "cannot write %s: %s", o->record, strerror(errno));
	return EXIT_FAILURE;
}

static int attach(struct session *s, char *why, size_t len)
{
	const struct options *o = s->o;
	struct loader_opts lo = { .hooks = o->hooks, .follow = o->command, .ignored = o->events,
				  .btf = o->btf, .verbose = o->verbose };
	int err = loader_probe(&s->loader, &lo, why, len);

	if (!err)
		err = loader_start(s->loader, why, len);
	if (err)
		return EXIT_CANNOT_TRACE;
	s->totals.doubts.no_probe = plan_lacks_sent(loader_plan(s->loader));
	account_begin(&s->totals);
	err = source_ring(&s->source, loader_ring_fd(s->loader), loader_caps(s->loader),
			  loader_plan(s->loader), on_bytes, s);
	if (!err)
		err = resolver_open("/proc", NULL, &s->resolver);
	if (!err && s->record)
		err = recording_begin(s->record, &s->source->meta);
	if (!err && o->command) {
		err = command_fork(&s->command, o->command);
		if (!err)
			err = filter_follow(&s->o->filter, s->command.pid);
		if (!err)
			err = loader_follow(s->loader, s->command.pid);
	}
	if (err)
		snprintf(why, len, "%s", strerror(-err));
	return err ? EXIT_FAILURE : 0;
}

int session_open(struct session **out, struct options *o, char *why, size_t len)
{
	static const struct chain_ops ops = {
		.diagnose = diagnose, .incident = on_incident,
		.no_receipt = on_no_receipt, .unmatched = on_unmatched, .resolve = on_resolve,
	};
	struct chain_config cfg = { .settle_ns = o->settle_ms * NS_PER_MS };
	struct session *s = calloc(1, sizeof(*s));
	int status;

	if (!s) {
		snprintf(why, len, "out of memory");
		return EXIT_FAILURE;
	}
	s->o = o;
	s->command.gate = -1;
	s->command.ended = true;
	s->totals.netns = netns_totals_new();
	if (!s->totals.netns)
		snprintf(why, len, "out of memory");
	status = s->totals.netns ? open_output(s, why, len) : EXIT_FAILURE;
	if (!status && o->replay)
		status = source_file(&s->source, o->replay, on_bytes, s, why, len) ? EXIT_FAILURE : 0;
	else if (!status)
		status = attach(s, why, len);
	if (!status) {
		s->chain = chain_new(&s->source->meta, &cfg, &ops, s);
		if (!s->chain) {
			snprintf(why, len, "out of memory");
			status = EXIT_FAILURE;
		}
	}
	if (status) {
		session_close(s);
		return status;
	}
	outputs_begin(&s->outputs, &s->source->meta);
	*out = s;
	return 0;
}

void session_close(struct session *s)
{
	command_stop(&s->command);
	chain_free(s->chain);
	if (s->source)
		s->source->ops->close(s->source);
	loader_stop(s->loader);
	resolver_free(s->resolver);
	netns_totals_free(s->totals.netns);
	filter_free(&s->o->filter);
	if (s->record)
		fclose(s->record);
	outputs_close(&s->outputs);
	free(s);
}

/* ---- running ------------------------------------------------------------------ */

/* How long the source may wait before something else is due. */
static int wait_ms(const struct session *s, uint64_t end_ns)
{
	uint64_t now = clock_mono_ns(), next = chain_next(s->chain);
	uint64_t wait;

	if (end_ns < next)
		next = end_ns;
	wait = next > now ? (next - now) / NS_PER_MS + 1 : 0;
	return wait > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : (int)wait;
}

/*
 * Waits for events, then shows what has settled. The clock is read before the
 * last look into the source, and while that still brings events time is only
 * as late as they are: nothing older is still in there.
 */
static int step(struct session *s, uint64_t end_ns)
{
	uint64_t now;
	int n = s->source->ops->poll(s->source, s->loader ? wait_ms(s, end_ns) : 0);

	if (n < 0 && n != -EINTR)
		return n;
	if (s->loader) {
		now = clock_mono_ns();
		if (now - s->retried_ns > RETRY_NS) {
			s->retried_ns = now;
			retry_hooks(s);
		}
		n = s->source->ops->poll(s->source, 0);
		if (n < 0 && n != -EINTR)
			return n;
		s->now_ns = n > 0 ? s->event_ns : now;
		chain_tick(s->chain, s->now_ns);
	}
	outputs_flush(&s->outputs);
	return 0;
}

static bool run_is_over(const struct session *s, uint64_t end_ns)
{
	return s->over || s->outputs.err || s->record_err || (s->loader && clock_mono_ns() >= end_ns);
}

/* The command has ended: its last resets get the settle time they would have had. */
static int drain(struct session *s)
{
	uint64_t end = clock_mono_ns() + s->o->settle_ms * NS_PER_MS;
	int err = 0;

	while (!err && !run_is_over(s, end))
		err = step(s, end);
	return err;
}

static int loop(struct session *s, const struct session_signals *sig)
{
	uint64_t end = s->o->duration_s ? s->begin_ns + s->o->duration_s * 1e9 : UINT64_MAX;
	int err = 0;

	while (!err && !*sig->stop && !run_is_over(s, end)) {
		if (*sig->reopen) {
			*sig->reopen = 0;
			outputs_reopen(&s->outputs);
		}
		err = step(s, end);
		if (s->o->command && command_reap(&s->command))
			return err ?: drain(s);
	}
	return err;
}

/* Takes what is in the ring buffer now, so that nothing that happened goes unsaid. */
static void finish(struct session *s)
{
	int n;

	if (s->loader) {
		account_end(&s->totals);
		loader_detach(s->loader);	/* or a storm would never let this end */
		do
			n = s->source->ops->poll(s->source, 0);
		while (n > 0 && !s->record_err);
	}
	chain_finish(s->chain);
	if (s->record && !s->record_err && fflush(s->record))
		s->record_err = -errno;
}

static void count_totals(struct session *s)
{
	struct rst_stats *st;
	int n;

	if (!s->loader)
		return;
	if (loader_stats(s->loader, &st, &n))
		return;
	repeats_uncount(&s->repeats, st);
	s->totals.missed = s->totals.doubts.missed = loader_missed(s->loader, st, n);
	totals_lost(&s->totals, st, n);
	free(st);
}

static void end_records(struct session *s)
{
	outputs_end(&s->outputs, &s->totals);
	if (!s->o->quiet && s->outputs.err != -EPIPE)
		summary_print(stderr, &s->totals);
}

static int exit_status(struct session *s, int err)
{
	int write_err = s->outputs.err == -EPIPE ? 0 : s->outputs.err;

	if (write_err)
		fprintf(stderr, "rsttrace: cannot write %s: %s\n", s->outputs.failed, strerror(-write_err));
	if (s->record_err)
		fprintf(stderr, "rsttrace: cannot write %s: %s\n", s->o->record,
			strerror(-s->record_err));
	if (err == -EPROTO)
		fprintf(stderr, "rsttrace: %s holds an event that makes no sense; "
			"what came before it is shown\n",
			s->o->replay ? s->o->replay : "the ring buffer");
	else if (err && err != -ENODATA && err != -EBADMSG)
		fprintf(stderr, "rsttrace: reading events: %s\n", strerror(-err));
	if (write_err || s->record_err || (err && err != -ENODATA))
		return EXIT_FAILURE;
	if (!s->o->command)
		return EXIT_SUCCESS;
	if (s->o->fail_on_reset && s->command_suffered)
		return EXIT_RESET_SUFFERED;
	return s->command.status;
}

int session_run(struct session *s, const struct session_signals *sig)
{
	int err;

	if (s->loader && !s->o->quiet) {
		check_warn(stderr, loader_plan(s->loader));
		fputs("rsttrace: ready\n", stderr);
	}
	s->begin_ns = s->now_ns = s->retried_ns = clock_mono_ns();
	if (s->o->command)
		command_go(&s->command);
	err = loop(s, sig);
	command_stop(&s->command);
	finish(s);
	count_totals(s);
	end_records(s);
	return exit_status(s, err);
}
