/* SPDX-License-Identifier: GPL-2.0 */
/* Playing a scenario and judging the incidents of its namespace. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "judge.h"
#include "stage.h"

/* Once the marker is there, only late revisions can still mend a difference. */
#define GRACE_MS 1000

struct play {
	struct judge *j;
	struct stage st;	/* its tracer: the one to judge, NULL before it was started */
	struct tracer own;
	int ctl;
	bool done;		/* the scenario ran to its end */
	struct judged *entry;
};

static void complain(void *ctx, const char *text)
{
	scene_complain(ctx, "%s", text);
}

/* All tracers that run have to be read, lest they block on a full pipe. */
static bool pump(struct play *p, int fd, int timeout_ms)
{
	struct tracer *list[2];
	int n = 0;

	if (p->j->shared)
		list[n++] = p->j->shared;
	if (p->st.t && p->st.t != p->j->shared)
		list[n++] = p->st.t;
	return tracers_pump(list, n, fd, timeout_ms);
}

static void disown_earlier(struct play *p)
{
	int i;

	for (i = 0; p->st.t && i < p->st.t->n_told; i++)
		p->st.t->told[i].foreign |= p->st.t->told[i].netns == p->st.s->netns;
}

/* Waits until all expectations are met, and for the marker if final. */
static void await(struct play *p, bool final)
{
	int64_t now = now_ms(), end = now + p->j->timeout_ms;
	bool marked = !final;

	for (; now < end && p->st.t->out >= 0; now = now_ms()) {
		if (!marked && stage_marked(&p->st)) {
			marked = true;
			if (end > now + GRACE_MS)
				end = now + GRACE_MS;
		}
		if (marked && !stage_compare(&p->st, NULL, final))
			break;
		pump(p, -1, (int)(end - now));
	}
	if (!final && stage_compare(&p->st, NULL, final))
		scene_complain(p->st.s, "differences at a checkpoint:");
	if (p->st.t->out < 0)
		scene_complain(p->st.s, "the tracer has ended: %.250s",
			       p->st.t->errors.buf ? p->st.t->errors.buf : "");
	else if (!marked)
		scene_complain(p->st.s, "marker: expected an incident of port %d, got none",
			       MARKER_PORT);
	stage_compare(&p->st, complain, final);
}

static bool start_own(struct play *p)
{
	struct tracer_opts o = p->j->tracer;
	char path[512];

	if (p->j->each) {
		snprintf(path, sizeof(path), "%s/%s.rec", p->j->each, p->st.s->sc->name);
		o.record = path;
	}
	/* The tracer is a large program to load on an emulated machine. */
	if (tracer_start(&p->own, &o, 4 * p->j->timeout_ms)) {
		scene_complain(p->st.s, "the tracer did not start");
		return false;
	}
	p->st.t = &p->own;
	return true;
}

/* The namespace is there: remember it, and see to the tracer. */
static bool on_ready(struct play *p)
{
	struct judge *j = p->j;
	char path[40];

	j->judged = realloc(j->judged, (j->n_judged + 1) * sizeof(*j->judged));
	if (!j->judged)
		abort();
	p->entry = &j->judged[j->n_judged++];
	snprintf(path, sizeof(path), "/proc/%d/ns/net", p->st.s->director);
	*p->entry = (struct judged){ .sc = p->st.s->sc, .netns = p->st.s->netns,
				     .from_ns = p->st.from_ns };
	p->entry->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (p->entry->fd < 0) {
		scene_complain(p->st.s, "%s: %s", path, strerror(errno));
		return false;
	}
	if (!j->trace || p->st.s->sc->flags & SC_LATE_TRACER)
		return true;
	if (j->each)
		return start_own(p);
	p->st.t = j->shared;
	disown_earlier(p);
	return true;
}

/* Returns false when there is no point in going on. */
static bool answer(struct play *p, char req)
{
	switch ((enum request)req) {
	case REQ_READY:
		if (!on_ready(p))
			return false;
		break;
	case REQ_TRACER:
		if (p->j->trace && !p->st.t && !start_own(p))
			return false;
		break;
	case REQ_CHECK:
		if (p->st.t)
			await(p, false);
		break;
	case REQ_DONE:
		if (p->st.t)
			await(p, true);
		p->done = true;
		break;
	}
	return write(p->ctl, &req, 1) == 1;
}

static void serve(struct play *p)
{
	/* Each wait has its own deadline; this one is for a scenario gone astray. */
	int64_t end = now_ms() + 12LL * p->j->timeout_ms;
	char req;

	while (now_ms() < end) {
		if (!pump(p, p->ctl, (int)(end - now_ms())))
			continue;
		if (read(p->ctl, &req, 1) != 1 || !answer(p, req))
			return;
	}
	scene_complain(p->st.s, "still running after %d ms", 12 * p->j->timeout_ms);
}

/* Ends the director and whatever actors are left: they are all in its process group. */
static void clear_stage(struct play *p, pid_t pid)
{
	siginfo_t si;

	/* After its end it sees to it, in bounded time, that all close in good order. */
	if (!p->done)
		kill(-pid, SIGKILL);
	if (!waitid(P_PID, (id_t)pid, &si, WEXITED | WNOWAIT) && p->done &&
	    (si.si_code != CLD_EXITED || si.si_status) && !p->st.s->n_complaints)
		scene_complain(p->st.s, "the director ended with code %d, status %d", si.si_code,
			       si.si_status);
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void mark_judged(struct play *p)
{
	int i;

	for (i = 0; p->st.t && i < p->st.t->n_told; i++) {
		struct told *x = &p->st.t->told[i];

		if (!stage_has(&p->st, x))
			continue;
		x->judged = true;
		if (p->j->verbose) {
			char *text = json_dumps(x->obj, 0);

			fprintf(stderr, "%s: %s\n", p->st.s->sc->name, text);
			free(text);
		}
	}
}

/* What the scenario's own tracer told when it was over. */
static void stop_own(struct play *p)
{
	int i, late = 0;

	if (p->st.t != &p->own)
		return;
	p->entry->own_tracer = true;
	tracer_stop(p->st.t, 2 * p->j->timeout_ms);
	for (i = 0; i < p->st.t->n_told; i++)
		late += stage_incident(&p->st, &p->st.t->told[i]) && !p->st.t->told[i].judged;
	if (late)
		scene_complain(p->st.s, "%d more incidents after the scenario's end", late);
	for (i = 0; i < p->st.t->n_problems; i++)
		scene_complain(p->st.s, "tracer: %s", p->st.t->problems[i]);
	tracer_free(p->st.t);
}

static enum verdict pronounce(const struct play *p)
{
	const struct scene *s = p->st.s;
	int i;

	if (s->n_complaints || (!p->done && !*s->skip)) {
		if (!s->n_complaints)
			printf("FAIL %s: the director ended too early\n", s->sc->name);
		for (i = 0; i < s->n_complaints; i++)
			printf("FAIL %s: %s\n", s->sc->name, s->complaints[i]);
		return FAILED;
	}
	if (*s->skip) {
		printf("skip %s: %s\n", s->sc->name, s->skip);
		return SKIPPED;
	}
	printf("ok %s\n", s->sc->name);
	return PASSED;
}

static struct scene *scene_map(const struct judge *j, const struct scenario *sc)
{
	struct scene *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	s->sc = sc;
	s->family = sc->family;
	s->arg = sc->arg;
	s->probes = j->probes;
	s->timeout_ms = j->timeout_ms;
	s->settle_ms = j->tracer.settle_ms;
	return s;
}

enum verdict judge_play(struct judge *j, const struct scenario *sc)
{
	struct play p = { .j = j, .st.s = scene_map(j, sc) };
	enum verdict v = FAILED;
	int pair[2];
	pid_t pid;

	if (!p.st.s || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		printf("FAIL %s: no memory or no socket pair: %s\n", sc->name, strerror(errno));
		goto out;
	}
	fflush(NULL);
	p.ctl = pair[0];
	p.st.s->ctl = pair[1];
	p.st.from_ns = wall_ns() - CLOCK_SLACK_NS;
	pid = scene_fork(p.st.s);
	close(pair[1]);
	if (pid < 0) {
		printf("FAIL %s: fork: %s\n", sc->name, strerror(-pid));
		goto out_pair;
	}
	p.st.s->director = pid;
	serve(&p);
	mark_judged(&p);
	clear_stage(&p, pid);
	stop_own(&p);
	v = pronounce(&p);
	if (p.entry)
		p.entry->verdict = v;
out_pair:
	close(pair[0]);
out:
	fflush(stdout);
	if (p.st.s)
		munmap(p.st.s, sizeof(*p.st.s));
	return v;
}

int judge_latecomers(struct judge *j)
{
	int i, k, failed = 0;

	for (k = 0; k < j->n_judged; k++) {
		struct judged *d = &j->judged[k];
		int late = 0;

		for (i = 0; i < j->shared->n_told; i++) {
			const struct told *x = &j->shared->told[i];

			late += x->netns == d->netns && x->sport != MARKER_PORT && !x->judged &&
				!x->foreign && x->time_ns >= d->from_ns;
		}
		/* What failed was cut short: its sockets went as they could. */
		if (!late || d->own_tracer || d->verdict != PASSED)
			continue;
		printf("FAIL %s: %d more incidents after the scenario's end\n", d->sc->name, late);
		failed++;
	}
	return failed;
}
