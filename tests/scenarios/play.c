/* SPDX-License-Identifier: GPL-2.0 */
/* One scenario while it is played, and the judgement on the incidents of its namespace. */
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

#include "play.h"
#include "probes.h"

/* Once the marker is there, only late revisions can still mend a difference. */
#define GRACE_MS 1000

#define CHECKPOINT "differences at a checkpoint:"

static void complain(void *ctx, const char *text)
{
	scene_complain(ctx, "%s", text);
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

/* The director's namespace exists now: keep it alive, and see to the tracer. */
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

	/* The namespace is to be found by the tracer when it ends. */
	p->stays = p->req == REQ_OVER && p->j->mode == JUDGE_STORM;
	if (p->stays)
		c = SAY_STAY;
	p->waits = false;
	p->done |= p->req == REQ_DONE;
	p->over |= write(p->ctl, &c, 1) != 1 || p->req == REQ_OVER;
}

/* From now on the tracer has to tell everything that is expected, and the marker at the end. */
static void begin_wait(struct play *p)
{
	p->waits = true;
	p->marked = p->req == REQ_CHECK;
	p->seen = p->st.t->n_lines - 1;
	p->end_ms = now_ms() + p->j->timeout_ms;
}

static void end_wait(struct play *p)
{
	bool final = p->req == REQ_DONE;

	if (!final && stage_compare(&p->st, NULL, final))
		scene_complain(p->st.s, CHECKPOINT);
	if (p->st.t->out < 0)
		scene_complain(p->st.s, "the tracer has ended: %.250s",
			       p->st.t->errors.buf ? p->st.t->errors.buf : "");
	else if (!p->marked)
		scene_complain(p->st.s, "marker: expected an incident of port %d, got none",
			       MARKER_PORT);
	stage_compare(&p->st, complain, final);
	answer(p);
}

static void go_on_waiting(struct play *p)
{
	int64_t now = now_ms();
	bool news = p->seen != p->st.t->n_lines;

	p->seen = p->st.t->n_lines;
	if (news && !p->marked && stage_marked(&p->st)) {
		p->marked = true;
		if (p->end_ms > now + GRACE_MS)
			p->end_ms = now + GRACE_MS;
	}
	if (now >= p->end_ms || p->st.t->out < 0 ||
	    (news && p->marked && !stage_compare(&p->st, NULL, p->req == REQ_DONE)))
		end_wait(p);
}

/* Takes up what the director asks for. */
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
		/* played again, it finds the shared one at work already */
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

int64_t play_poll(struct play *p, struct pollfd *fds)
{
	/* A director that waits for an answer sends nothing. */
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

/* Whether the complaint is of a key that ends so, and something else was told than this. */
static bool told_other(const char *text, const char *key, const char *const *allowed)
{
	const char *at = strstr(text, key), *got = strstr(text, ", got ");

	if (!at || !got || at > got || !strcmp(got, ", got nothing"))
		return false;
	for (; *allowed; allowed++)
		if (!strncmp(got + 7, *allowed, strlen(*allowed)) &&
		    got[7 + strlen(*allowed)] == '"')
			return false;
	return true;
}

/*
 * What must not be told, whatever event is missing: another cause, owner or
 * process. Less than the whole may be: the victim's view, a weaker owner.
 */
static bool is_wrong(const char *text)
{
	static const char *const causes[] = { "peer-refused", "peer-reset", "peer-reset-after-fin",
					      "peer-reset-during-send", "keepalive-race", NULL };
	static const char *const owners[] = { "none", "listener", "socket", "snapshot", NULL };
	static const char *const no[] = { NULL };

	return told_other(text, "cause: expected ", causes) ||
	       told_other(text, "_owner: expected ", owners) ||
	       told_other(text, "pid: expected ", no) || told_other(text, "comm: expected ", no);
}

/* How many failing calls were told, beside how many there are; 0: it is not about that. */
static int compare_errors(const char *text)
{
	int wanted, got;

	return sscanf(text, "errors: expected %d, got %d", &wanted, &got) == 2 ? got - wanted : 0;
}

/* Not told at all: an incident, one of its ends, a failing call, or how the owner uses the socket. */
static bool is_lack(const char *text)
{
	return !strncmp(text, "incident: expected", 18) || !strncmp(text, "kind: expected", 14) ||
	       strstr(text, "_owner: expected") || strstr(text, "the sending was not seen") ||
	       (strstr(text, "_fd: expected") && strstr(text, ", got nothing")) ||
	       compare_errors(text) < 0;
}

/* Otherwise than expected: evidence, or what the actors met. An incident or a call too many is none. */
static bool is_difference(const char *text)
{
	return !strcmp(text, CHECKPOINT) || (strstr(text, ": expected ") && compare_errors(text) <= 0);
}

/* The scene that it is about was never reached: nothing has been said of the tracer. */
static bool gave_up(const struct scene *s)
{
	return s->n_complaints == 1 && !strncmp(s->complaints[0], GAVE_UP, strlen(GAVE_UP));
}

enum excuse { NO_EXCUSE, LACKS, DIFFERS };

/* What would have it played again. */
static enum excuse excuse_of(const struct play *p)
{
	const struct scene *s = p->st.s;
	int i, lacks = 0, differences = 0;

	for (i = 0; i < s->n_complaints; i++) {
		if (is_wrong(s->complaints[i]))
			return NO_EXCUSE;
		lacks += is_lack(s->complaints[i]);
		differences += is_difference(s->complaints[i]);
	}
	if (p->done ? lacks : gave_up(s))
		return LACKS;
	return differences && differences == s->n_complaints ? DIFFERS : NO_EXCUSE;
}

static bool is_repeated(const struct play *p)
{
	enum excuse e = excuse_of(p);

	return e && judge_repeats(p->j, p->st.s->sc, e == DIFFERS);
}

static void mark_judged(struct play *p)
{
	bool shown = p->j->verbose && !is_repeated(p);
	int i;

	for (i = p->st.first; p->st.t && i < p->st.t->n_told; i++) {
		struct told *x = &p->st.t->told[i];

		if (!stage_has(&p->st, x))
			continue;
		x->judged = true;
		p->row.incidents += x->sport != MARKER_PORT;
		if (shown) {
			char *text = json_dumps(x->obj, 0);

			fprintf(stderr, "%s: %s\n", p->row.sc->name, text);
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

static void print_complaints(const struct play *p)
{
	const char *verdict = verdict_names[p->row.verdict];
	const struct scene *s = p->st.s;
	int i;

	if (!s->n_complaints)
		printf("%s %s: the director ended too early\n", verdict, s->sc->name);
	for (i = 0; i < s->n_complaints; i++)
		printf("%s %s: %s\n", verdict, s->sc->name, s->complaints[i]);
}

/* What the skip file lists has been excused; to skip oneself is no excuse. */
static void pronounce(struct play *p)
{
	const struct scene *s = p->st.s;
	bool good = p->done && !s->n_complaints;
	bool listed = p->j->mode == JUDGE_LISTED;

	p->row.verdict = good != listed ? PASSED :
			 is_repeated(p) ? REPEATED : FAILED;
	p->row.differs = p->row.verdict == REPEATED && excuse_of(p) == DIFFERS;
	if (listed && good)
		printf("FAIL %s: passes, and is listed to be skipped here\n", s->sc->name);
	else if (listed)
		snprintf(p->row.reason, sizeof(p->row.reason), "still fails: %.230s",
			 *s->skip ? s->skip : s->complaints[0]);
	else if (*s->skip && !s->n_complaints)
		printf("FAIL %s: unexpected skip, the skip file does not list it: %s\n",
		       s->sc->name, s->skip);
	else if (!good)
		print_complaints(p);
}

static struct scene *scene_map(const struct judge *j, const struct scenario *sc)
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
	return sc->probe && j->probes && probe_missing(j->probes, sc->probe);
}

struct play *play_new(struct judge *j, const struct scenario *sc)
{
	struct play *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		abort();
	p->j = j;
	p->st.s = scene_map(j, sc);
	p->row = (struct judged){ .sc = sc, .fd = -1 };
	p->ctl = -1;
	/* Each wait has its own deadline; this one is for a scenario gone astray. */
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

	mark_judged(p);
	if (p->stays)
		p->row.keeper = p->pid;
	else if (p->pid > 0)
		clear_stage(p);
	stop_own(p);
	stage_tell(&p->st, p->row.expected, sizeof(p->row.expected), p->row.confidence,
		   sizeof(p->row.confidence));
	p->row.netns_too = p->st.s->netns_too;
	pronounce(p);
	row = p->row;
	if (p->ctl >= 0)
		close(p->ctl);
	munmap(p->st.s, sizeof(*p->st.s));
	free(p);
	return row;
}
