/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scene: one scenario while it runs.
 *
 * The main process (the judge) forks a director, which moves to a network namespace of its own and
 * runs the scenario's function. The director starts actors: processes that do what it says, one
 * call at a time. So a scenario reads from top to bottom although several processes take part. Only
 * actors touch the sockets under test.
 *
 * struct scene is in memory that all of them share, at one address.
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
/* The only argument of a program for actors to exec, which keeps its files open and does nothing. */
#define HOLD_OPTION "--hold"

/* The port of the reset that marks the end of a scene: nobody listens there. */
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
	int arg;			/* for functions that several rows share */
	unsigned int flags;		/* SC_* */
	const char *probe;		/* skipped if the tracer says that this probe is missing */
};

/* May be followed by .arg, .flags and .probe. */
#define ROW(name_, summary_, run_, family_, ...) \
	{ .name = name_, .summary = summary_, .run = run_, .family = family_, __VA_ARGS__ }
#define ROW_END { .name = NULL }

/* No tracer may run before the function calls scene_start_tracer(). */
#define SC_LATE_TRACER (1u << 0)
/* Played alone: it changes something of the whole host, or has to be in time. */
#define SC_ALONE (1u << 1)

/* Runs in an actor. Returns any number; by custom, a negative errno on failure. */
typedef long (*actor_fn)(const long *arg);

struct actor {
	struct scene *scene;
	char comm[16];
	pid_t pid;
	int pidfd;			/* the director's */
	int cmd, done;			/* eventfds */
	bool alive;
	bool busy;			/* a call was begun and has not ended */
	bool orphan;			/* the child of another actor */
	int status;			/* as from waitpid(), when it is dead */
	actor_fn fn;
	long arg[ACTOR_ARGS];
	long ret;
	atomic_int started;		/* how often it has begun a call */
	atomic_int sigpipes;		/* how many it has caught, with ACTOR_SIGPIPE_CATCH */
};

struct scene {
	const struct scenario *sc;
	enum family family;
	long arg;
	int timeout_ms;
	int settle_ms;
	const json_t *probes;		/* as the tracer's check has them; NULL without a tracer */
	pid_t director;
	uint64_t netns;			/* inode */
	uint64_t netns_too;		/* another one whose incidents belong to the scene; 0: none */
	int ctl;			/* the director's end of a socket pair */
	int marker;			/* the marker's socket */
	struct actor actors[MAX_ACTORS];
	int n_actors;
	struct expect expects[MAX_EXPECTS];
	int n_expects;
	struct complaint complaints[MAX_COMPLAINTS];
	int n_complaints;
	char skip[200];
	char buf[IO_BUF];		/* what actors send, receive and pass */
};

/* What a director asks of the judge, which answers with one byte. */
enum request {
	REQ_READY = 'r',	/* the namespace exists */
	REQ_TRACER = 't',	/* start the tracer now */
	REQ_CHECK = 'c',	/* wait for the incidents expected so far */
	REQ_DONE = 'd',		/* all has happened, the marker included */
	REQ_OVER = 'o',		/* no actor is left */
};

/* The answer to REQ_OVER if the director has to stay, as its namespace is still needed. */
#define SAY_STAY 's'

/* Forks a director, for the judge; returns its pid, or a negative errno. */
pid_t scene_fork(struct scene *s);

/* Records a complaint; if there is no room, those recorded before are enough. */
void scene_note(struct scene *s, const struct complaint *c);

/* Complains in words, and goes on. */
void scene_complain(struct scene *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Complains in words, and ends the scene. */
void scene_abort(struct scene *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* Ends the scene after a wait in vain: it never came about. */
void scene_gave_up(struct scene *s, const char *what) __attribute__((noreturn));

/* Ends the scene, as this machine cannot play it. */
void scene_skip(struct scene *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* Complains if a value is not as expected. */
void scene_same(struct scene *s, const char *what, long expected, long got);

/* Whether the tracer has this probe here, so that what the probe shows may be expected. */
bool scene_probed(const struct scene *s, const char *probe);

/* Adds an incident to be expected; kind and cause as the record has them. */
struct expect *scene_expect(struct scene *s, const char *kind, const char *cause);

/* With SC_LATE_TRACER: returns when the tracer is attached. */
void scene_start_tracer(struct scene *s);

/* Returns when the tracer has reported all that is expected so far. */
void scene_checkpoint(struct scene *s);

/* Writes a sysctl of the scene's namespace, e.g. "net/ipv4/tcp_fin_timeout". */
void scene_sysctl(struct scene *s, const char *name, const char *value);

/* Calls fn again and again until it returns true; aborts with `what` after the timeout. */
void scene_until(struct scene *s, const char *what, bool (*fn)(void *ctx), void *ctx);

/* Moves a descriptor that is not under test to a high number; aborts if fd is negative. */
int fd_aside(struct scene *s, int fd);

/* Milliseconds of a clock that never goes back. */
int64_t now_ms(void);

/* Starts an actor; comm is the name that its process gets. */
struct actor *actor_new(struct scene *s, const char *comm);

/* Has parent fork: the new actor inherits its open files. */
struct actor *actor_fork(struct actor *parent, const char *comm);

/* Has the actor call fn(arg) and returns the result. arg has n values. */
long actor_call(struct actor *a, actor_fn fn, const long *arg, int n);

/* The same in two steps, for calls that block; actor_begin() does not wait. */
void actor_begin(struct actor *a, actor_fn fn, const long *arg, int n);
long actor_end(struct actor *a);

/* Returns when the actor, in a call begun before, sleeps in the kernel. */
void actor_wait_blocked(struct actor *a);

/* Whether the thread now sleeps in the kernel, interruptibly. */
bool task_sleeps(pid_t pid, pid_t tid);

/* Begins fn and waits; false if the actor died in it. */
bool actor_survives(struct actor *a, actor_fn fn, const long *arg, int n);

/* Begins fn and waits for the actor's death. Returns its status as from waitpid(). */
int actor_dies(struct actor *a, actor_fn fn, const long *arg, int n);

/* Waits for the actor's death. Returns its status as from waitpid(). */
int actor_reap(struct actor *a);

/* Kills the actor and waits for its death. */
int actor_kill(struct actor *a, int sig);

enum actor_sigpipe { ACTOR_SIGPIPE_DEFAULT, ACTOR_SIGPIPE_IGNORE, ACTOR_SIGPIPE_CATCH };
void actor_sigpipe(struct actor *a, enum actor_sigpipe how);

/* Expect these two ends; owners and state may have alternatives, as in want_str(). */
void want_sender(struct expect *e, const struct actor *a, const char *owners);
void want_victim(struct expect *e, const struct actor *a, const char *owners, const char *state);
/* Expects a call of actor a that fails with err (a positive errno). Sets the outcome. */
struct error_expect *want_error(struct expect *e, int err, const char *syscall, int fd,
				const struct actor *a, bool sigpipe);

#endif
