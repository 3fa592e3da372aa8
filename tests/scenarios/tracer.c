/* SPDX-License-Identifier: GPL-2.0 */
/* Running the tracer and reading its JSON lines. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scene.h"
#include "tracer.h"

static void __attribute__((format(printf, 2, 3))) problem(struct tracer *t, const char *fmt, ...)
{
	va_list ap;

	if (t->n_problems == MAX_PROBLEMS)
		return;
	va_start(ap, fmt);
	vsnprintf(t->problems[t->n_problems++], sizeof(t->problems[0]), fmt, ap);
	va_end(ap);
}

static struct told *told_get(struct tracer *t, const char *id)
{
	struct told *x;
	int i;

	/* a revision follows its record closely, so the newest is looked at first */
	for (i = t->n_told - 1; i >= 0; i--)
		if (!strcmp(t->told[i].id, id))
			return &t->told[i];
	if (t->n_told == t->max_told) {
		t->max_told = t->max_told ? 2 * t->max_told : 64;
		t->told = realloc(t->told, t->max_told * sizeof(*t->told));
		if (!t->told)
			abort();
	}
	x = &t->told[t->n_told++];
	memset(x, 0, sizeof(*x));
	return x;
}

static void take_incident(struct tracer *t, json_t *obj)
{
	const char *id = json_string_value(json_object_get(obj, "id"));
	json_int_t rev = json_integer_value(json_object_get(obj, "rev"));
	struct told *x;

	if (!id || !json_is_integer(json_object_get(obj, "rev"))) {
		problem(t, "a record without id or rev");
		json_decref(obj);
		return;
	}
	x = told_get(t, id);
	if (!x->obj && rev)
		problem(t, "%s: first seen with rev %lld", id, (long long)rev);
	if (x->obj && rev <= x->rev)
		problem(t, "%s: rev %lld after rev %lld", id, (long long)rev, (long long)x->rev);
	json_decref(x->obj);
	x->obj = obj;
	x->id = id;
	x->rev = rev;
	x->netns = (uint64_t)json_integer_value(json_object_get(obj, "netns"));
	x->time_ns = json_integer_value(json_object_get(obj, "time_ns"));
	x->sport = json_integer_value(json_object_get(obj, "sport"));
	t->newest = x;
}

static void take_line(struct tracer *t, const char *line)
{
	json_error_t err;
	json_t *obj = json_loads(line, JSON_REJECT_DUPLICATES, &err);
	const char *type;

	t->n_lines++;
	if (!json_is_object(obj)) {
		problem(t, "not a JSON object (%s): %.200s", obj ? "other type" : err.text, line);
		json_decref(obj);
		return;
	}
	if (t->end)
		problem(t, "a line after the end line: %.200s", line);
	type = json_string_value(json_object_get(obj, "type"));
	if (!type) {
		take_incident(t, obj);
	} else if (!strcmp(type, "end") && !t->end) {
		t->end = obj;
	} else {
		problem(t, "a line of type %.40s", type);
		json_decref(obj);
	}
}

/* Appends what can be read. Returns false at end of file. */
static bool text_fill(struct text *x, int fd)
{
	ssize_t n;

	if (x->size - x->len < 4096) {
		x->size = x->size ? 2 * x->size : 16384;
		x->buf = realloc(x->buf, x->size);
		if (!x->buf)
			abort();
	}
	n = read(fd, x->buf + x->len, x->size - x->len - 1);
	if (n <= 0)
		return n < 0 && (errno == EINTR || errno == EAGAIN);
	x->len += (size_t)n;
	x->buf[x->len] = 0;
	return true;
}

static void fill_lines(struct tracer *t)
{
	char *p, *nl;

	if (!text_fill(&t->lines, t->out)) {
		if (t->lines.len)
			problem(t, "the output ends in the middle of a line");
		close(t->out);
		t->out = -1;
		return;
	}
	for (p = t->lines.buf; (nl = strchr(p, '\n')); p = nl + 1) {
		*nl = 0;
		t->newest = NULL;
		take_line(t, p);
		if (t->on_line)
			t->on_line(t, t->ctx);
	}
	t->lines.len -= (size_t)(p - t->lines.buf);
	memmove(t->lines.buf, p, t->lines.len + 1);
}

/* Keeps all of stderr: it is short, and needed in full when the tracer fails. */
static void fill_errors(struct tracer *t)
{
	struct text *x = &t->errors;
	char *last;

	if (!text_fill(&t->errors, t->err)) {
		close(t->err);
		t->err = -1;
		return;
	}
	last = strrchr(x->buf + x->shown, '\n');
	if (t->verbose && last) {
		fprintf(stderr, "%.*s", (int)(last + 1 - x->buf - x->shown), x->buf + x->shown);
		x->shown = (size_t)(last + 1 - x->buf);
	}
	if (!t->ready)
		t->ready = strstr(t->errors.buf, "rsttrace: ready\n") != NULL;
}

void tracer_poll(const struct tracer *t, struct pollfd *fds)
{
	fds[0] = (struct pollfd){ .fd = t ? t->out : -1, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = t ? t->err : -1, .events = POLLIN };
}

void tracer_take(struct tracer *t, const struct pollfd *fds)
{
	if (fds[1].revents)
		fill_errors(t);
	if (fds[0].revents)
		fill_lines(t);
}

/* Waits for output until end_ms at most, and reads it. */
static void pump(struct tracer *t, int64_t end_ms)
{
	struct pollfd fds[TRACER_FDS] = { { .fd = -1 } };
	int64_t left = end_ms - now_ms();

	tracer_poll(t, fds);
	if (poll(fds, TRACER_FDS, left > 0 ? (int)left : 0) > 0)
		tracer_take(t, fds);
}

static void __attribute__((noreturn)) run_tracer(const struct tracer_opts *o, int out, int err)
{
	const char *argv[12];
	char settle[16];
	int n = 0;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	snprintf(settle, sizeof(settle), "%d", o->settle_ms);
	argv[n++] = o->path;
	argv[n++] = "--json";
	argv[n++] = "--settle";
	argv[n++] = settle;
	if (o->replay) {
		argv[n++] = "--replay";
		argv[n++] = o->replay;
	} else {
		argv[n++] = "--hooks";
		argv[n++] = o->hooks;
	}
	if (o->record) {
		argv[n++] = "--record";
		argv[n++] = o->record;
	}
	argv[n] = NULL;
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		_exit(126);
	execvp(o->path, (char **)argv);
	dprintf(STDERR_FILENO, "%s: %s\n", o->path, strerror(errno));
	_exit(127);
}

static int spawn(struct tracer *t, const struct tracer_opts *o)
{
	int out[2], err[2];

	if (pipe2(out, O_CLOEXEC))
		return -errno;
	if (pipe2(err, O_CLOEXEC)) {
		close(out[0]);
		close(out[1]);
		return -errno;
	}
	t->pid = fork();
	if (!t->pid)
		run_tracer(o, out[1], err[1]);
	close(out[1]);
	close(err[1]);
	t->out = out[0];
	t->err = err[0];
	return t->pid < 0 ? -EAGAIN : 0;
}

int tracer_start(struct tracer *t, const struct tracer_opts *o, int timeout_ms)
{
	int64_t end = now_ms() + timeout_ms;
	int err;

	memset(t, 0, sizeof(*t));
	t->verbose = o->verbose;
	fflush(NULL);
	err = spawn(t, o);
	if (err) {
		fprintf(stderr, "scenarios: starting %s: %s\n", o->path, strerror(-err));
		return err;
	}
	while (!t->ready && t->err >= 0 && now_ms() < end)
		pump(t, end);
	if (t->ready)
		return 0;
	fprintf(stderr, "scenarios: %s %s; it wrote:\n%s", o->path,
		t->err < 0 ? "ended before it was ready" : "does not get ready",
		t->errors.buf ? t->errors.buf : "");
	kill(t->pid, SIGKILL);
	waitpid(t->pid, NULL, 0);
	tracer_free(t);
	return -ECHILD;
}

static void check_end(struct tracer *t)
{
	const json_t *lost = json_object_get(t->end, "lost");
	const json_t *n = json_object_get(t->end, "incidents");

	if (!t->end) {
		problem(t, "no end line");
		return;
	}
	if (!json_is_integer(lost) || json_integer_value(lost))
		problem(t, "lost: expected 0, got %lld", (long long)json_integer_value(lost));
	if (!json_is_integer(n) || json_integer_value(n) != t->n_told)
		problem(t, "incidents: expected %d, got %lld", t->n_told,
			(long long)json_integer_value(n));
}

/* Reads until the end of its output, which has to come now. */
static void take_rest(struct tracer *t, int timeout_ms)
{
	int64_t end = now_ms() + timeout_ms;
	int status;

	while ((t->out >= 0 || t->err >= 0) && now_ms() < end)
		pump(t, end);
	if (t->out >= 0 || t->err >= 0) {
		problem(t, "still running after %d ms more", timeout_ms);
		kill(t->pid, SIGKILL);
	}
	if (waitpid(t->pid, &status, 0) != t->pid)
		problem(t, "waitpid: %s", strerror(errno));
	else if (status)
		problem(t, "wait status: expected 0, got 0x%x; it wrote: %.250s", status,
			t->errors.buf ? t->errors.buf : "nothing");
	check_end(t);
}

void tracer_stop(struct tracer *t, int timeout_ms)
{
	/* if it had ended before, its status or the missing end line shows that */
	kill(t->pid, SIGINT);
	take_rest(t, timeout_ms);
}

int tracer_replay(struct tracer *t, const struct tracer_opts *o, int timeout_ms)
{
	int err = spawn(t, o);

	if (err) {
		fprintf(stderr, "scenarios: starting %s: %s\n", o->path, strerror(-err));
		return err;
	}
	take_rest(t, timeout_ms);
	return 0;
}

void tracer_free(struct tracer *t)
{
	int i;

	for (i = 0; i < t->n_told; i++)
		json_decref(t->told[i].obj);
	json_decref(t->end);
	free(t->told);
	free(t->lines.buf);
	free(t->errors.buf);
	if (t->out >= 0)
		close(t->out);
	if (t->err >= 0)
		close(t->err);
}
