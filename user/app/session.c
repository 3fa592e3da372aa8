/* SPDX-License-Identifier: GPL-2.0 */
#include "app/session.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "account/losses.h"
#include "app/command.h"
#include "app/give_up.h"
#include "app/kernel_totals.h"
#include "app/late_hooks.h"
#include "app/metering.h"
#include "app/outputs.h"
#include "app/pipeline.h"
#include "app/reload.h"
#include "app/service.h"
#include "app/top_run.h"
#include "attach/check.h"
#include "attach/loader.h"
#include "attach/ring.h"
#include "base/array.h"
#include "base/escape.h"
#include "events/frames.h"
#include "events/recording.h"
#include "host/account.h"
#include "host/clock.h"
#include "host/resolve.h"
#include "host/stack_names.h"
#include "output/summary.h"

#define NS_PER_MS 1000000ULL

struct session {
	struct options *o;
	struct signals *signals;
	struct loader *loader;		/* NULL: a replay */
	struct source *source;
	struct resolver *resolver;
	struct stack_names *stack_names;	/* NULL: no stacks are asked for */
	uint8_t frames[FRAMES_EVENT_MAX];
	struct pipeline *pipeline;
	struct metering *metering;	/* NULL: no --metrics */
	struct losses losses;
	struct command command;
	struct top_run *top;		/* NULL: no live view */
	struct count_row *counts;	/* the kernel side's, once the run is over */
	struct sinks sinks;
	uint64_t begin_ns;
	bool ended;			/* no event comes any more */
	struct late_hooks late;
	struct service *service;	/* NULL: no service manager wants to be told */
};

/* ---- called by the pipeline ---------------------------------------------------- */

/* Whether the event is a stack to make frames of, or has frames that may get more names here. */
static bool wants_names(const struct session *s, const void *data, size_t size)
{
	struct rst_head head;

	if (!s->stack_names || size < sizeof(head))
		return false;
	memcpy(&head, data, sizeof(head));
	return head.type == EV_STACK || head.type == EV_FRAMES;
}

static int on_bytes(void *ctx, const void *data, size_t size)
{
	struct session *s = ctx;
	int n;

	if (!wants_names(s, data, size))
		return pipeline_bytes(s->pipeline, data, size);
	n = stack_names_event(s->stack_names, data, size, s->frames);
	return n < 0 ? -EPROTO : pipeline_bytes(s->pipeline, s->frames, n);
}

static void on_resolve(void *ctx, struct endpoint *ep)
{
	struct session *s = ctx;

	if (s->resolver)
		resolve_endpoint(s->resolver, ep);
}

static void on_module(void *ctx)
{
	struct session *s = ctx;

	if (!s->loader)
		return;
	if (s->stack_names)
		stack_names_refresh(s->stack_names);
	late_hooks_module(&s->late, clock_mono_ns());
}

/* ---- opening ------------------------------------------------------------------ */

static int attach(struct session *s, char *why, size_t len)
{
	const struct options *o = s->o;
	struct loader_opts lo = { .hooks = o->hooks, .follow = o->command, .ignored = o->events,
				  .cancelled = o->events || o->record, .btf = o->btf, .rate = o->rate,
				  .stacks = o->stacks, .verbose = o->verbose };
	int err;

	if (!o->record)		/* a recording gets everything, as a replay may have other filters */
		filter_for_kernel(&o->filter, &lo.filter);
	err = loader_probe(&s->loader, &lo, why, len);

	if (!err)
		err = loader_start(s->loader, why, len);
	if (err)
		return EXIT_CANNOT_TRACE;
	err = source_ring(&s->source, s->loader, on_bytes, s);
	if (!err)
		err = resolver_open("/proc", "", NULL, &s->resolver);
	if (!err && o->command) {
		err = command_fork(&s->command, o->command, &o->user, &s->signals->before);
		s->signals->command = err ? 0 : s->command.pid;
		if (!err)
			err = filter_follow(&s->o->filter, s->command.pid);
		if (!err)
			err = loader_follow(s->loader, s->command.pid);
	}
	if (err)
		snprintf(why, len, "%s", strerror(-err));
	return err ? EXIT_FAILURE : 0;
}

static int begin_pipeline(struct session *s)
{
	static const struct pipeline_ops ops = { .resolve = on_resolve, .module = on_module };
	const struct pipeline_config cfg = {
		.meta = &s->source->meta, .filter = &s->o->filter, .suppress = &s->o->suppress,
		.sinks = &s->sinks, .settle_ns = s->o->settle_ms * NS_PER_MS, .count = s->o->count,
		.events = s->o->events, .replay = !s->loader,
		/* only where all that happened to the command is seen */
		.verdict = s->o->command && !s->o->count && !filter_narrows(&s->o->filter),
	};
	struct totals *t;

	s->pipeline = pipeline_new(&cfg, &ops, s);
	if (!s->pipeline)
		return -ENOMEM;
	if (s->loader) {
		t = pipeline_totals(s->pipeline);
		t->doubts.no_probe = plan_lacks_sent(loader_plan(s->loader));
		account_begin(t);
	}
	sinks_begin(&s->sinks, &s->source->meta);
	return 0;
}

int session_open(struct session **out, struct options *o, struct signals *signals, char *why, size_t len)
{
	struct session *s = calloc(1, sizeof(*s));
	int status;

	if (!s) {
		snprintf(why, len, "out of memory");
		return EXIT_FAILURE;
	}
	s->o = o;
	s->signals = signals;
	s->command.gate = -1;
	s->command.ended = true;
	s->late.next_ns = UINT64_MAX;
	losses_begin(&s->losses, clock_mono_ns());
	if (service_open(&s->service)) {
		snprintf(why, len, "NOTIFY_SOCKET names no socket");
		session_close(s);
		return EXIT_FAILURE;
	}
	status = outputs_open(&s->sinks, o, why, len) ? EXIT_FAILURE : 0;
	if (!status && o->mode == MODE_TOP)
		status = top_run_open(&s->top, o, &s->sinks.one[0], why, len);
	if (!status && o->replay)
		status = source_file(&s->source, o->replay, on_bytes, s, why, len) ? EXIT_FAILURE : 0;
	else if (!status)
		status = attach(s, why, len);
	if (!status && (o->stacks || o->replay))
		status = stack_names_open("/proc", !o->replay, &s->stack_names) ? EXIT_FAILURE : 0;
	if (!status && begin_pipeline(s)) {
		snprintf(why, len, "out of memory");
		status = EXIT_FAILURE;
	}
	if (!status && o->metrics &&
	    metering_open(&s->metering, &s->sinks, &(struct metering_of){ s->o, s->loader, s->source, s->pipeline },
			  why, len))
		status = EXIT_FAILURE;
	if (!status && o->confine && give_up_privileges(o, s->loader, why, len))
		status = EXIT_FAILURE;
	if (status) {
		session_close(s);
		return status;
	}
	*out = s;
	return 0;
}

void session_close(struct session *s)
{
	command_stop(&s->command);
	metering_close(s->metering);
	pipeline_free(s->pipeline);
	losses_free(&s->losses);
	if (s->source)
		s->source->ops->close(s->source);
	loader_stop(s->loader);
	resolver_free(s->resolver);
	stack_names_free(s->stack_names);
	free(s->counts);
	filter_free(&s->o->filter);
	outputs_close(&s->sinks);
	top_run_close(s->top);
	service_close(s->service);
	free(s);
}

/* ---- running ------------------------------------------------------------------ */

/* How long to wait for events, in ms, before something else is due; -1: forever. */
static int wait_ms(const struct session *s, uint64_t end_ns)
{
	uint64_t now = clock_mono_ns(), next = pipeline_next(s->pipeline), wait;
	uint64_t asked = metrics_server_wait(metering_server(s->metering));
	uint64_t draws = top_run_next(s->top), tells = service_next(s->service);

	if (end_ns < next)
		next = end_ns;
	if (draws < next)
		next = draws;
	if (s->late.next_ns < next)
		next = s->late.next_ns;
	if (tells < next)
		next = tells;
	if (asked < UINT64_MAX && now + asked < next)
		next = now + asked;
	if (next == UINT64_MAX)
		return -1;
	wait = next > now ? (next - now) / NS_PER_MS + 1 : 0;
	return wait > INT_MAX ? INT_MAX : (int)wait;
}

/* SIGHUP: files may have been renamed, and the configuration changed. */
static void reload(struct session *s)
{
	service_reloading(s->service, clock_mono_ns());
	outputs_reopen(&s->sinks);
	reload_config(s->o);
	service_ready(s->service, clock_mono_ns());
	s->signals->reopen = false;
}

/* Waits for events, signals and keys. A recording needs no waiting. */
static void wait_for_news(struct session *s, uint64_t end_ns)
{
	struct pollfd fds[] = {
		{ .fd = s->signals->fd, .events = POLLIN },
		{ .fd = s->source->fd, .events = POLLIN },
		{ .fd = metrics_server_fd(metering_server(s->metering)), .events = POLLIN },
		{ .fd = top_run_fd(s->top), .events = POLLIN },
	};

	if (s->loader || s->ended)
		poll(fds, ARRAY_SIZE(fds), wait_ms(s, end_ns));
	if (fds[3].revents & ~POLLIN)
		top_run_hangup(s->top);
	signals_read(s->signals);
	if (s->signals->reopen)
		reload(s);
	metrics_server_run(metering_server(s->metering));
}

/* Called before pipeline_tick(): records that are due by now_ns must not be shown without known gaps. */
static int look_for_losses(struct session *s, uint64_t now_ns)
{
	struct losses_reading r = { .before_ns = clock_mono_ns() };
	struct rst_stats *st;
	int err;

	if (pipeline_next(s->pipeline) > now_ns)
		return 0;
	err = kernel_stats(s->loader, s->pipeline, &st, &r.n_cpus, &r.missed);
	if (err)
		return err;
	top_run_counted(s->top, s->loader, st, r.n_cpus);
	r.per_cpu = st;
	r.after_ns = clock_mono_ns();
	err = losses_look(&s->losses, &r, on_bytes, s);
	free(st);
	return err;
}

/*
 * Waits, takes what has come and shows what has settled. The clock is read before the
 * source, and while events come, the time is that of the last one taken: older events
 * cannot be in the source any more.
 */
static int step(struct session *s, uint64_t end_ns)
{
	uint64_t now;
	int n, err = 0;

	wait_for_news(s, end_ns);
	now = clock_mono_ns();
	late_hooks_step(&s->late, now);
	n = s->source->ops->take(s->source);
	if (n < 0)
		return n;
	if (s->loader && n > 0)
		loader_events_came(s->loader);
	if (s->loader)
		err = look_for_losses(s, now) ?:
		      pipeline_tick(s->pipeline, n > 0 ? pipeline_event_ns(s->pipeline) : now);
	sinks_flush(&s->sinks);
	top_run_step(s->top, now);
	service_step(s->service, pipeline_totals(s->pipeline), now);
	return err < 0 ? err : 0;
}

static bool run_is_over(const struct session *s, uint64_t end_ns)
{
	return pipeline_over(s->pipeline) || top_run_over(s->top) || (s->loader && clock_mono_ns() >= end_ns);
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

static int loop(struct session *s)
{
	uint64_t end = s->o->duration_s ? s->begin_ns + s->o->duration_s * 1e9 : UINT64_MAX;
	int err = 0;

	while (!err && !s->signals->stop && !run_is_over(s, end)) {
		err = step(s, end);
		if (!s->o->command || !command_reap(&s->command))
			continue;
		s->signals->command = 0;
		return err ?: drain(s);
	}
	return err;
}

/* Takes the events that are still in the ring buffer, so that none is missing. */
static int finish(struct session *s)
{
	int n;

	if (s->loader) {
		late_hooks_try(&s->late);
		account_end(pipeline_totals(s->pipeline));
		loader_detach(s->loader);	/* otherwise a storm would fill the buffer for ever */
		do
			n = s->source->ops->take(s->source);
		while (n > 0);
	}
	if (s->loader)
		look_for_losses(s, UINT64_MAX);
	return pipeline_finish(s->pipeline);
}

/* Keeps the live view of a recording on the screen until the user quits. */
static void linger(struct session *s)
{
	s->ended = true;
	top_run_ended(s->top);
	while (top_run_lingers(s->top) && !s->signals->stop) {
		top_run_step(s->top, clock_mono_ns());
		wait_for_news(s, UINT64_MAX);
	}
	top_run_leave(s->top);
}

static void end_records(struct session *s)
{
	const struct totals *t = pipeline_totals(s->pipeline);

	sinks_end(&s->sinks, t);
	if (!s->o->quiet && s->sinks.err != -EPIPE)
		summary_print(stderr, t);
}

static int exit_status(struct session *s, int err)
{
	int write_err = s->sinks.err == -EPIPE ? 0 : s->sinks.err;
	if (write_err)
		say("cannot write %s: %s", s->sinks.failed, strerror(-write_err));
	if (s->source->why[0])
		say("%s; what came before it is shown", s->source->why);
	else if (err == -EPROTO)
		say("the ring buffer holds an event that makes no sense; what came before it is shown");
	else if (err && err != -ENODATA)
		say("reading events: %s", strerror(-err));
	if (write_err || (err && err != -ENODATA))
		return EXIT_FAILURE;
	if (!s->o->command)
		return EXIT_SUCCESS;
	if ((s->o->fail_on == FAIL_ON_RESET && pipeline_suffered(s->pipeline)) ||
	    (s->o->fail_on == FAIL_ON_HURT && pipeline_hurt(s->pipeline)))
		return EXIT_RESET_SUFFERED;
	return s->command.status;
}

static void warn_stacks(const struct session *s)
{
	const char *lack;

	for (unsigned int i = 0; s->o->stacks && s->stack_names && (lack = stack_names_lack(s->stack_names, i)); i++)
		say("--stacks: %s", lack);
}

int session_run(struct session *s)
{
	int err, last;

	if (s->loader && !s->o->quiet) {
		check_warn(stderr, loader_plan(s->loader));
		warn_stacks(s);
		fputs("rsttrace: ready\n", stderr);
	}
	s->begin_ns = clock_mono_ns();
	late_hooks_begin(&s->late, s->loader, s->o->quiet, s->begin_ns);
	service_ready(s->service, s->begin_ns);
	if (s->o->command)
		command_go(&s->command);
	err = loop(s);
	service_stopping(s->service);
	command_stop(&s->command);
	last = finish(s);
	if (!err || err == -ENODATA)
		err = last ?: err;
	if (s->loader)
		kernel_totals(s->loader, s->pipeline, &s->source->meta, pipeline_totals(s->pipeline), &s->counts);
	linger(s);
	end_records(s);
	return exit_status(s, err);
}
