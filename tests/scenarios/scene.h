/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scene: one scenario while it runs.
 *
 * The main process (the judge) forks a director, which moves to a network
 * namespace of its own and runs the scenario's function. The director starts
 * actors, processes that do what it tells them, one call at a time, so that a
 * scenario reads from top to bottom although several processes take part. Only
 * actors touch the sockets under test.
 *
 * struct scene lives in memory shared by all of them, at one address.
 */
#ifndef SCENE_H
#define SCENE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "expect.h"

#define MAX_ACTORS 8
#define MAX_EXPECTS 8
#define MAX_COMPLAINTS 32
#define ACTOR_ARGS 7
#define IO_BUF (64 * 1024)
/* The only argument of a program that keeps its files open and does nothing, for actors to exec. */
#define HOLD_OPTION "--hold"

/* Port of the reset that marks the end of a scene: nobody listens there. */
#define MARKER_PORT 9

enum family {
	V4,
	V6,
	MAPPED,		/* AF_INET6 listener, AF_INET client */
	MAPPED_CLIENT,	/* AF_INET listener, AF_INET6 client */
};

struct scene;

/* A row of the registry. */
struct scenario {
	const char *name;
	const char *summary;
	void (*run)(struct scene *s);
	enum family family;
	int arg;			/* for functions that serve several rows */
	unsigned int flags;		/* SC_* */
	const char *probe;		/* skipped where the tracer says this probe is missing */
};

/* Then .arg, .flags and .probe, where they are not zero. */
#define ROW(name_, summary_, run_, family_, ...) \
	{ .name = name_, .summary = summary_, .run = run_, .family = family_, __VA_ARGS__ }
#define ROW_END { .name = NULL }

/* No tracer may run until the function calls scene_start_tracer(). */
#define SC_LATE_TRACER (1u << 0)
/* Changes something of the whole host, or has to be in time: played by itself. */
#define SC_ALONE (1u << 1)

/* Runs in an actor. Returns what it likes; by custom, a negative errno on failure. */
typedef long (*actor_fn)(const long *arg);

struct actor {
	struct scene *scene;
	char comm[16];
	pid_t pid;
	int pidfd;			/* the director's */
	int cmd, done;			/* eventfds */
	bool alive;
	bool busy;			/* a call was begun and not ended */
	bool orphan;			/* another actor's child */
	int status;			/* as of waitpid(), once it is dead */
	actor_fn fn;
	long arg[ACTOR_ARGS];
	long ret;
	atomic_int started;		/* it has taken up the call */
	atomic_int sigpipes;		/* caught so far, with ACTOR_SIGPIPE_CATCH */
};

struct scene {
	const struct scenario *sc;
	enum family family;
	long arg;
	int timeout_ms;
	int settle_ms;
	const json_t *probes;		/* what the tracer says of them; NULL without a tracer */
	pid_t director;
	uint64_t netns;			/* inode */
	uint64_t netns_too;		/* another one whose incidents are of the scene; 0: none */
	int ctl;			/* the director's end of a socket pair */
	int marker;			/* the marker's socket */
	struct actor actors[MAX_ACTORS];
	int n_actors;
	struct expect expects[MAX_EXPECTS];
	int n_expects;
	struct complaint complaints[MAX_COMPLAINTS];
	int n_complaints;
	char skip[200];
	char buf[IO_BUF];		/* what actors send, receive and pass around */
};

/* What a director asks of the judge; the judge answers with one byte. */
enum request {
	REQ_READY = 'r',	/* the namespace is there */
	REQ_TRACER = 't',	/* start the tracer now */
	REQ_CHECK = 'c',	/* wait for the incidents expected so far */
	REQ_DONE = 'd',		/* all has happened, and the marker too */
	REQ_OVER = 'o',		/* no actor is left */
};

/* The answer to REQ_OVER, unless the director is to go: its namespace is still needed. */
#define SAY_STAY 's'

/* For the judge: forks a director; returns its pid, or a negative errno. */
pid_t scene_fork(struct scene *s);

/* Records a complaint; where there is no room for more, those there are suffice. */
void scene_note(struct scene *s, const struct complaint *c);

/* Records that something is not as it should be, and goes on. */
void scene_complain(struct scene *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The same, and ends the scene. */
void scene_abort(struct scene *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* The same, for a wait in vain: the scene never came about. */
void scene_gave_up(struct scene *s, const char *what) __attribute__((noreturn));

/* Ends the scene: this machine cannot play it. */
void scene_skip(struct scene *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* Records a value other than expected. */
void scene_same(struct scene *s, const char *what, long expected, long got);

/* Whether the tracer has this probe here, so that it can be held to what it shows. */
bool scene_probed(const struct scene *s, const char *probe);

/* One more incident to expect; kind and cause as the contract names them. */
struct expect *scene_expect(struct scene *s, const char *kind, const char *cause);

/* With SC_LATE_TRACER: returns once the tracer is attached. */
void scene_start_tracer(struct scene *s);

/* Returns once the tracer has told all that is expected so far. */
void scene_checkpoint(struct scene *s);

/* Writes a sysctl of the scene's namespace, e.g. "net/ipv4/tcp_fin_timeout". */
void scene_sysctl(struct scene *s, const char *name, const char *value);

/* Waits until fn is true, looking again and again; aborts with what after the timeout. */
void scene_until(struct scene *s, const char *what, bool (*fn)(void *ctx), void *ctx);

/* Moves a descriptor of the machinery out of the way; aborts if fd is negative. */
int fd_aside(struct scene *s, int fd);

/* Milliseconds of a clock that only goes forward. */
int64_t now_ms(void);

/* Starts an actor; comm is its name as the kernel will tell it. */
struct actor *actor_new(struct scene *s, const char *comm);

/* Has parent fork: the new actor inherits its files. */
struct actor *actor_fork(struct actor *parent, const char *comm);

/* Has the actor call fn(arg) and returns what fn returns. arg has n values. */
long actor_call(struct actor *a, actor_fn fn, const long *arg, int n);

/* The same in two parts, for calls that block; actor_begin() does not wait. */
void actor_begin(struct actor *a, actor_fn fn, const long *arg, int n);
long actor_end(struct actor *a);

/* Returns once the actor, in a call begun before, sleeps in the kernel. */
void actor_wait_blocked(struct actor *a);

/* Whether the thread sleeps in the kernel, interruptibly, right now. */
bool task_sleeps(pid_t pid, pid_t tid);

/* Begins fn and waits: false if the actor died of it. */
bool actor_survives(struct actor *a, actor_fn fn, const long *arg, int n);

/* Begins fn and waits for the actor's death. Returns its status as of waitpid(). */
int actor_dies(struct actor *a, actor_fn fn, const long *arg, int n);

/* Waits for the actor's death. Returns its status as of waitpid(). */
int actor_reap(struct actor *a);

/* Kills it and waits. */
int actor_kill(struct actor *a, int sig);

enum actor_sigpipe { ACTOR_SIGPIPE_DEFAULT, ACTOR_SIGPIPE_IGNORE, ACTOR_SIGPIPE_CATCH };
void actor_sigpipe(struct actor *a, enum actor_sigpipe how);

/* Expectations on the two ends; owners, states: alternatives as in want_str(). */
void want_sender(struct expect *e, const struct actor *a, const char *owners);
void want_victim(struct expect *e, const struct actor *a, const char *owners, const char *state);
/* A call of actor a that fails with err (a positive errno). Sets the outcome. */
struct error_expect *want_error(struct expect *e, int err, const char *syscall, int fd,
				const struct actor *a, bool sigpipe);

#endif
