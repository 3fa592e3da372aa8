/* SPDX-License-Identifier: GPL-2.0 */
/* One scenario being played. */
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

#include "kept.h"
#include "play.h"
#include "probes.h"
#include "verdict.h"

/* When the marker has come, only late revisions can still remove a difference. */
#define GRACE_MS 1000

/* How long a scene that is judged later is kept, after the settle time. */
#define KEEP_MS 100

const struct complaint no_marker = {
	.kind = OF_INCIDENTS, .key = "marker", .expected = "an incident of port 9", .got = "none",
};
_Static_assert(MARKER_PORT == 9, "as no_marker says");

static void note(void *ctx, const struct complaint *c)
{
	scene_note(ctx, c);
}

static bool start_own(struct play *p)
{
	struct tracer_opts o = p->j->tracer;
	char path[512];

	if (p->j->each) {
		snprintf(path, sizeof(path), "%s/%s.rec", p->j->each, p->row.sc->name);
		o.record = path;
	}
	if (tracer_start(&p->own, &o, TRACER_START_MS(p->j))) {
		scene_complain(p->st.s, "the tracer did not start");
		return false;
	}
	p->st.t = &p->own;
	return true;
}

/* The director's namespace exists now: keeps it alive, and sees to the tracer. */
static bool on_ready(struct play *p)
{
	struct judge *j = p->j;
	char path[40];

	p->row.netns = p->st.s->netns;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", p->pid);
	p->row.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (p->row.fd < 0) {
		scene_complain(p->st.s, "%s: %s", path, strerror(errno));
		return false;
	}
	if (!j->trace || p->row.sc->flags & SC_LATE_TRACER)
		return true;
	if (j->each)
		return start_own(p);
	p->st.t = j->shared;
	p->st.first = p->row.first = j->shared->n_told;
	return true;
}

static void answer(struct play *p)
{
	char c = (char)p->req;

	/* the tracer has to find the namespace when it ends */
	p->stays = p->req == REQ_OVER && p->j->mode == JUDGE_STORM;
	if (p->stays)
		c = SAY_STAY;
	p->waits = false;
	p->done |= p->req == REQ_DONE;
	p->over |= write(p->ctl, &c, 1) != 1 || p->req == REQ_OVER;
}

/* From here on the tracer has to report all that is expected, and the marker last. */
static void begin_wait(struct play *p)
{
	p->waits = true;
	p->lingers = p->j->keep && p->req == REQ_DONE;
	p->marked = p->req == REQ_CHECK;
	p->seen = p->st.t->n_lines - 1;
	p->end_ms = now_ms() + (p->lingers ? p->j->tracer.settle_ms + KEEP_MS : p->j->timeout_ms);
}

static void end_wait(struct play *p)
{
	bool final = p->req == REQ_DONE;

	if (!final && stage_compare(&p->st, NULL, final))
		scene_note(p->st.s, &(struct complaint){ .kind = OF_CHECKPOINT });
	if (p->st.t->out < 0)
		scene_complain(p->st.s, "the tracer has ended: %.250s",
			       p->st.t->errors.buf ? p->st.t->errors.buf : "");
	else if (!p->marked)
		scene_note(p->st.s, &no_marker);
	stage_compare(&p->st, note, final);
	answer(p);
}

/* What happens to the sockets from here on is not of the scene. */
static void end_linger(struct play *p)
{
	p->st.to_ns = wall_ns();
	answer(p);
}

static void go_on_waiting(struct play *p)
{
	int64_t now = now_ms();
	bool news = p->seen != p->st.t->n_lines;

	p->seen = p->st.t->n_lines;
	if (p->lingers) {
		if (now >= p->end_ms)
			end_linger(p);
		return;
	}
	if (news && !p->marked && stage_marked(&p->st)) {
		p->marked = true;
		if (p->end_ms > now + GRACE_MS)
			p->end_ms = now + GRACE_MS;
	}
	if (now >= p->end_ms || p->st.t->out < 0 ||
	    (news && p->marked && !stage_compare(&p->st, NULL, p->req == REQ_DONE)))
		end_wait(p);
}

/* Acts on what the director asks for. */
static void listen_to(struct play *p)
{
	bool good = true;
	char c;

	if (read(p->ctl, &c, 1) != 1) {
		p->over = true;
		return;
	}
	p->req = (enum request)c;
	switch (p->req) {
	case REQ_READY:
		good = on_ready(p);
		break;
	case REQ_TRACER:
		/* a second play finds the shared tracer at work */
		if (p->j->trace && (p->j->each || p->j->shared))
			good = start_own(p);
		p->wants_tracer = p->j->trace && !p->j->each && !p->j->shared;
		if (p->wants_tracer)
			return;
		break;
	case REQ_CHECK:
	case REQ_DONE:
		if (!p->st.t)
			break;
		begin_wait(p);
		return;
	case REQ_OVER:
		break;
	}
	if (good)
		answer(p);
	else
		p->over = true;
}

void play_traced(struct play *p)
{
	p->wants_tracer = false;
	p->st.t = p->j->shared;
	if (p->st.t) {
		answer(p);
		return;
	}
	scene_complain(p->st.s, "the tracer did not start");
	p->over = true;
}

bool play_acts(const struct play *p)
{
	return !p->waits || p->req != REQ_DONE;
}

int64_t play_poll(struct play *p, struct pollfd *fds)
{
	/* a director that waits for an answer sends nothing */
	fds[0] = (struct pollfd){ .fd = p->waits || p->wants_tracer ? -1 : p->ctl, .events = POLLIN };
	tracer_poll(p->st.t == &p->own ? p->st.t : NULL, fds + 1);
	return p->waits && p->end_ms < p->last_ms ? p->end_ms : p->last_ms;
}

bool play_step(struct play *p, const struct pollfd *fds)
{
	if (p->st.t == &p->own)
		tracer_take(p->st.t, fds + 1);
	if (fds[0].revents)
		listen_to(p);
	if (p->waits && !p->over)
		go_on_waiting(p);
	if (!p->over && now_ms() >= p->last_ms) {
		scene_complain(p->st.s, "still running after %d ms", 12 * p->j->timeout_ms);
		p->done = false;
		p->over = true;
	}
	return !p->over;
}

/* Ends the director and whatever actors are left: they are all in its process group. */
static void clear_stage(struct play *p)
{
	siginfo_t si;

	if (!p->done)
		kill(-p->pid, SIGKILL);
	if (!waitid(P_PID, (id_t)p->pid, &si, WEXITED | WNOWAIT) && p->done &&
	    (si.si_code != CLD_EXITED || si.si_status) && !p->st.s->n_complaints)
		scene_complain(p->st.s, "the director ended with code %d, status %d", si.si_code,
			       si.si_status);
	kill(-p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
}

/* Takes what the scenario's own tracer reported by the time it was over. */
static void stop_own(struct play *p)
{
	int i, late = 0;

	if (p->st.t != &p->own)
		return;
	p->row.own_tracer = true;
	tracer_stop(p->st.t, 2 * p->j->timeout_ms);
	for (i = 0; i < p->st.t->n_told; i++)
		late += stage_incident(&p->st, &p->st.t->told[i]) && !p->st.t->told[i].judged;
	if (late)
		scene_complain(p->st.s, "%d more incidents after the scenario's end", late);
	for (i = 0; i < p->st.t->n_problems; i++)
		scene_complain(p->st.s, "tracer: %s", p->st.t->problems[i]);
	tracer_free(p->st.t);
}

struct scene *play_scene(const struct judge *j, const struct scenario *sc)
{
	struct scene *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		abort();
	s->sc = sc;
	s->family = sc->family;
	s->arg = sc->arg;
	s->probes = j->probes;
	s->timeout_ms = j->timeout_ms;
	s->settle_ms = j->tracer.settle_ms;
	return s;
}

static int fork_director(struct play *p)
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return -errno;
	fflush(NULL);
	p->ctl = pair[0];
	p->st.s->ctl = pair[1];
	p->st.from_ns = p->row.from_ns = wall_ns() - CLOCK_SLACK_NS;
	p->pid = scene_fork(p->st.s);
	close(pair[1]);
	return p->pid < 0 ? p->pid : 0;
}

static bool lacks_probe(const struct judge *j, const struct scenario *sc)
{
	return sc->probe && j->probes && !probe_there(j->probes, sc->probe);
}

struct play *play_new(struct judge *j, const struct scenario *sc)
{
	struct play *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		abort();
	p->j = j;
	p->st.s = play_scene(j, sc);
	p->row = (struct judged){ .sc = sc, .fd = -1, .second = j->second,
				  .first_play = j->first_play };
	p->ctl = -1;
	/* each wait has its own deadline; this one is for a scenario that hangs */
	p->last_ms = now_ms() + 12LL * j->timeout_ms;
	if (lacks_probe(j, sc)) {
		snprintf(p->st.s->skip, sizeof(p->st.s->skip),
			 "the tracer has no probe \"%s\" here", sc->probe);
		p->over = true;
		return p;
	}
	err = fork_director(p);
	if (err) {
		scene_complain(p->st.s, "starting the director: %s", strerror(-err));
		p->over = true;
	}
	return p;
}

struct judged play_end(struct play *p)
{
	struct judged row;

	if (!p->j->keep)
		verdict_take(p);
	if (p->stays)
		p->row.keeper = p->pid;
	else if (p->pid > 0)
		clear_stage(p);
	stop_own(p);
	p->row.netns_too = p->st.s->netns_too;
	if (p->j->keep) {
		p->row.verdict = KEPT;
		kept_write(p->j->keep, p);
	} else {
		verdict_pronounce(p);
	}
	row = p->row;
	if (p->ctl >= 0)
		close(p->ctl);
	play_free(p);
	return row;
}

void play_free(struct play *p)
{
	munmap(p->st.s, sizeof(*p->st.s));
	free(p);
}
