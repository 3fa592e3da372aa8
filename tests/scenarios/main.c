/* SPDX-License-Identifier: GPL-2.0 */
/*
 * scenarios: causes each kind of reset for real and checks what the tracer reports. One static
 * program, for live runs and for guests that have nothing else.
 */
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "judge.h"
#include "kept.h"
#include "probes.h"
#include "registry.h"
#include "results.h"
#include "skip.h"
#include "storm.h"
#include "verdict.h"

#define JOBS_PER_CPU 8
/* how many plays may wait for their verdict beside one that is played */
#define MOST_WAIT 8

struct options {
	struct judge judge;
	struct skip_list skip;
	const char *results;	/* file that gets a line for each scenario, or NULL */
	const char *keep;	/* file that gets scenes to be judged later, or NULL */
	const char *kept;	/* file of such scenes to judge now, or NULL */
	bool once;		/* failed scenarios are not played again: the caller does that */
	int storm;		/* how many incidents a storm of all scenarios has to make; 0: no storm */
	long seed;		/* 0: any */
	char **names;		/* patterns of names; none: all scenarios */
	int n_names;
	bool list;
	int jobs;		/* 0: as many as suit this machine */
	const char *check;	/* file with the output of `rsttrace check --json`, or NULL */
	json_t *probes;		/* from that check; NULL without a tracer */
};

static const char usage_text[] =
"usage: scenarios [OPTIONS] [NAME...]\n"
"Causes TCP resets and checks what rsttrace says about them. NAME may be a pattern.\n"
"  --rsttrace PATH   the tracer (default: build/rsttrace)\n"
"  --hooks KIND      passed on to it (default: auto)\n"
"  --probes FILE     what `rsttrace check --json` says with them (default: it is asked)\n"
"  --settle MS       passed on to it (default: 150)\n"
"  --each DIR        one tracer per scenario, its recording in DIR/NAME.rec; one at a time\n"
"  --record FILE     record what the shared tracer sees\n"
"  --jobs N          so many scenarios at a time (default: 8 for each CPU)\n"
"  --no-trace        no tracer: check only what the processes themselves see\n"
"  --skip-file FILE  lines of KERNEL[/HOOKS] SCENARIO REASON, the first two may be patterns\n"
"                    (default: tests/scenarios/skip); what skips itself otherwise has failed\n"
"  --kernel NAME     this kernel's name in the skip file (default: uname -r)\n"
"  --try-skipped     play only what the skip file lists here: what passes is listed wrongly\n"
"  --storm COUNT     all of them again and again, shuffled, until COUNT incidents were told\n"
"  --seed N          for the shuffling (default: any)\n"
"  --results FILE    append what came of each, as JSON lines\n"
"  --once            play nothing again: what failed is for others to play in a fresh guest\n"
"  --keep FILE       do not judge, only record (--record) and keep in FILE what was expected\n"
"  --judge FILE      play nothing: judge what was kept in FILE, by the recording (--replay)\n"
"  --replay FILE     the recording for --judge\n"
"  --timeout SEC     for each wait (default: 5)\n"
"  --list            print the names and what they do\n"
"  -v, --verbose     print all incidents and what the tracer writes to stderr\n";

enum { OPT_RSTTRACE = 256, OPT_HOOKS, OPT_SETTLE, OPT_EACH, OPT_RECORD, OPT_JOBS, OPT_NO_TRACE,
       OPT_SKIP_FILE, OPT_KERNEL, OPT_TRY_SKIPPED, OPT_STORM, OPT_SEED, OPT_RESULTS, OPT_TIMEOUT, OPT_LIST,
       OPT_ONCE, OPT_PROBES, OPT_KEEP, OPT_JUDGE, OPT_REPLAY };

static const struct option long_options[] = {
	{ "rsttrace", required_argument, NULL, OPT_RSTTRACE },
	{ "hooks", required_argument, NULL, OPT_HOOKS },
	{ "probes", required_argument, NULL, OPT_PROBES },
	{ "settle", required_argument, NULL, OPT_SETTLE },
	{ "each", required_argument, NULL, OPT_EACH },
	{ "record", required_argument, NULL, OPT_RECORD },
	{ "jobs", required_argument, NULL, OPT_JOBS },
	{ "no-trace", no_argument, NULL, OPT_NO_TRACE },
	{ "skip-file", required_argument, NULL, OPT_SKIP_FILE },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "try-skipped", no_argument, NULL, OPT_TRY_SKIPPED },
	{ "storm", required_argument, NULL, OPT_STORM },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "results", required_argument, NULL, OPT_RESULTS },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "list", no_argument, NULL, OPT_LIST },
	{ "once", no_argument, NULL, OPT_ONCE },
	{ "keep", required_argument, NULL, OPT_KEEP },
	{ "judge", required_argument, NULL, OPT_JUDGE },
	{ "replay", required_argument, NULL, OPT_REPLAY },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 },
};

static int number(const char *text, int max)
{
	char *end;
	long v = strtol(text, &end, 10);

	return *end || v < 1 || v > max ? -1 : (int)v;
}

/* Returns -1 to go on, or an exit status. */
static int parse(struct options *o, int argc, char **argv)
{
	struct judge *j = &o->judge;
	int c;

	while ((c = getopt_long(argc, argv, "vh", long_options, NULL)) != -1) {
		switch (c) {
		case OPT_RSTTRACE: j->tracer.path = optarg; break;
		case OPT_HOOKS: j->tracer.hooks = optarg; break;
		case OPT_PROBES: o->check = optarg; break;
		case OPT_SETTLE: j->tracer.settle_ms = number(optarg, 60000); break;
		case OPT_EACH: j->each = optarg; break;
		case OPT_RECORD: j->tracer.record = optarg; break;
		case OPT_JOBS: o->jobs = number(optarg, MAX_JOBS); break;
		case OPT_NO_TRACE: j->trace = false; break;
		case OPT_SKIP_FILE: o->skip.file = optarg; break;
		case OPT_KERNEL: o->skip.kernel = optarg; break;
		case OPT_TRY_SKIPPED: j->mode = JUDGE_LISTED; break;
		case OPT_STORM:
			j->mode = JUDGE_STORM;
			o->storm = number(optarg, 1000000);
			break;
		case OPT_SEED: o->seed = number(optarg, INT_MAX); break;
		case OPT_RESULTS: o->results = optarg; break;
		case OPT_TIMEOUT: j->timeout_ms = 1000 * number(optarg, 3600); break;
		case OPT_LIST: o->list = true; break;
		case OPT_ONCE: o->once = true; break;
		case OPT_KEEP: o->keep = optarg; break;
		case OPT_JUDGE: o->kept = optarg; break;
		case OPT_REPLAY: j->tracer.replay = optarg; break;
		case 'v': j->verbose = j->tracer.verbose = true; break;
		case 'h':
			fputs(usage_text, stdout);
			return 0;
		default:
			return 2;
		}
	}
	if (j->tracer.settle_ms < 0 || j->timeout_ms < 0 || o->jobs < 0 || o->storm < 0 ||
	    o->seed < 0) {
		fprintf(stderr, "scenarios: --settle, --timeout, --jobs, --storm and --seed take a "
			"positive number\n");
		return 2;
	}
	if (!o->kept != !j->tracer.replay || (o->keep && (!j->tracer.record || o->kept))) {
		fprintf(stderr, "scenarios: --keep goes with --record, --judge with --replay\n");
		return 2;
	}
	o->names = argv + optind;
	o->n_names = argc - optind;
	return -1;
}

static bool chosen(const struct options *o, const struct scenario *sc)
{
	int i;

	for (i = 0; i < o->n_names; i++)
		if (!fnmatch(o->names[i], sc->name, 0))
			return true;
	return !o->n_names;
}

/* Calls fn for each row of the registry until it returns other than 0. */
static int for_each(int (*fn)(struct options *o, const struct scenario *sc, void *ctx),
		    struct options *o, void *ctx)
{
	const struct scenario *const *table, *sc;
	int r = 0;

	for (table = registry; *table && !r; table++)
		for (sc = *table; sc->name && !r; sc++)
			r = fn(o, sc, ctx);
	return r;
}

static int print_row(struct options *o, const struct scenario *sc, void *ctx)
{
	(void)ctx;
	if (chosen(o, sc))
		printf("%-32s %s\n", sc->name, sc->summary);
	return 0;
}

static int name_is(struct options *o, const struct scenario *sc, void *ctx)
{
	(void)o;
	return !fnmatch(ctx, sc->name, 0);
}

static bool names_known(struct options *o)
{
	int i;

	for (i = 0; i < o->n_names; i++) {
		if (for_each(name_is, o, o->names[i]))
			continue;
		fprintf(stderr, "scenarios: no scenario %s; --list shows all\n", o->names[i]);
		return false;
	}
	return true;
}

/* What is to be played, in the order of the registry. */
struct queue {
	const struct scenario **sc;
	int n, at;
	unsigned int flags;	/* gives only scenarios with these flags */
};

static int enqueue(struct options *o, const struct scenario *sc, void *ctx)
{
	struct judged row = { .sc = sc, .fd = -1, .verdict = SKIPPED };
	struct queue *q = ctx;
	int listed;

	if (!chosen(o, sc))
		return 0;
	listed = skip_listed(&o->skip, sc->name, row.reason, sizeof(row.reason));
	if (listed < 0) {
		fprintf(stderr, "scenarios: %s: %s\n", o->skip.file, strerror(-listed));
		return listed;
	}
	if (listed && o->judge.keep)
		kept_write_row(o->judge.keep, &row);
	else if (listed && o->judge.mode == JUDGE_SUITE)
		judge_add(&o->judge, &row);
	if (!listed == (o->judge.mode == JUDGE_LISTED))
		return 0;
	q->sc = realloc(q->sc, (size_t)(q->n + 1) * sizeof(*q->sc));
	if (!q->sc)
		abort();
	q->sc[q->n++] = sc;
	return 0;
}

static const struct scenario *next(void *ctx)
{
	struct queue *q = ctx;
	const struct scenario *sc;

	while (q->at < q->n) {
		sc = q->sc[q->at++];
		if (sc->flags == q->flags)
			return sc;
	}
	return NULL;
}

static void play_those(struct judge *j, struct queue *q, unsigned int flags, int jobs, int most)
{
	q->at = 0;
	q->flags = flags;
	judge_play(j, next, q, jobs, most);
}

/* Plays first those scenarios that must begin without a tracer. Returns 0 or a negative errno. */
static int play_all(struct options *o, struct queue *q)
{
	struct judge *j = &o->judge;
	/* a recording of one scenario must not have another's events */
	bool one = j->each;
	int most = one ? 1 : j->keep ? MAX_JOBS : o->jobs > MOST_WAIT ? o->jobs : MOST_WAIT;
	int err;

	play_those(j, q, SC_LATE_TRACER, one ? 1 : MAX_JOBS, one ? 1 : MAX_JOBS);
	err = judge_start_tracer(j);
	if (err)
		return err;
	play_those(j, q, 0, one ? 1 : o->jobs, most);
	play_those(j, q, SC_ALONE, 1, 1);
	if (!o->once && !j->keep)
		judge_play_again(j);
	return 0;
}

/* Counts the shared tracer, which has ended, as one more test: whether it did anything wrong itself. */
static void judge_shared(struct judge *j, bool once)
{
	struct tracer *t = j->shared;
	int i;

	judge_latecomers(j);
	if (!once)
		verdict_settle(j, judge_gaps(j));
	for (i = 0; i < t->n_problems; i++)
		printf("FAIL tracer: %s\n", t->problems[i]);
	if (!t->n_problems)
		printf("ok tracer\n");
	j->count[t->n_problems ? FAILED : PASSED]++;
}

/* Plays what the options ask for. Returns 0 or a negative errno. */
static int play(struct options *o)
{
	struct storm storm = { .wanted = o->storm, .seed = o->seed };
	struct judge *j = &o->judge;
	struct queue q = { .n = 0 };
	int r = for_each(enqueue, o, &q);

	if (!r && j->mode == JUDGE_STORM) {
		r = judge_start_tracer(j);
		if (!r) {
			storm_play(&storm, j, q.sc, q.n, o->jobs);
			judge_play_again(j);
		}
	} else if (!r) {
		r = play_all(o, &q);
	}
	if (j->shared)
		judge_stop_tracer(j);
	if (j->keep)
		kept_write_tracer(j->keep, j->shared);
	else if (j->shared)
		judge_shared(j, o->once);
	if (j->shared && j->mode == JUDGE_STORM)
		storm_reconcile(&storm, j);
	free(q.sc);
	return r;
}

static int play_or_judge(struct options *o)
{
	struct judge *j = &o->judge;
	int r;

	if (o->kept) {
		r = kept_judge(j, o->kept);
		if (!r)
			judge_shared(j, true);
		return r;
	}
	if (o->keep && !(j->keep = fopen(o->keep, "we"))) {
		r = -errno;
		fprintf(stderr, "scenarios: %s: %s\n", o->keep, strerror(-r));
		return r;
	}
	r = play(o);
	if (j->keep && fclose(j->keep))
		r = -errno;
	return r;
}

static void print_sum(const struct judge *j)
{
	if (j->keep) {
		printf("%d scenes kept, to be judged\n", j->n_judged);
		return;
	}
	if (j->count[AGAIN] || judge_gaps(j))
		printf("%d failed once; known to be missing: %lld runs and events, %lld of them withheld\n",
		       j->count[AGAIN], judge_gaps(j), j->withheld);
	printf("%d passed, %d failed, %d skipped\n", j->count[PASSED], j->count[FAILED],
	       j->count[SKIPPED] + j->count[NEVER_PLAYED]);
}

static int run(struct options *o)
{
	struct judge *j = &o->judge;
	int r;

	if (j->trace && !o->kept) {
		o->probes = o->check ? probes_read(o->check) :
				       probes_check(j->tracer.path, j->tracer.hooks);
		if (!o->probes) {
			fprintf(stderr, "scenarios: %s check failed\n", o->check ? o->check : j->tracer.path);
			return 1;
		}
	}
	j->probes = o->probes;
	r = play_or_judge(o);
	if (o->results && results_append(j, o->results)) {
		fprintf(stderr, "scenarios: cannot write %s\n", o->results);
		r = -EIO;
	}
	print_sum(j);
	r = r || j->count[FAILED] || (o->once && j->count[AGAIN]);
	judge_free(j);
	json_decref(o->probes);
	return r ? 1 : 0;
}

/* More than there are processors: plays mostly wait, for the settle time or for timers of the kernel. */
static int default_jobs(void)
{
	long n = JOBS_PER_CPU * sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > MAX_JOBS ? MAX_JOBS : (int)n;
}

/* A storm keeps the namespaces of all that it has played open. */
static void raise_nofile(void)
{
	const struct rlimit enough = { 65536, 65536 };
	struct rlimit r;

	if (!setrlimit(RLIMIT_NOFILE, &enough) || getrlimit(RLIMIT_NOFILE, &r))
		return;
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

int main(int argc, char **argv)
{
	struct options o = { .judge = { .tracer = { .path = "build/rsttrace", .hooks = "auto",
						    .settle_ms = 150 },
					.trace = true, .timeout_ms = 5000 },
			     .skip = { .file = "tests/scenarios/skip" } };
	struct utsname un;
	int r;

	if (argc == 2 && !strcmp(argv[1], HOLD_OPTION))
		return pause();
	r = parse(&o, argc, argv);
	if (r >= 0)
		return r;
	if (!names_known(&o))
		return 2;
	if (o.list)
		return for_each(print_row, &o, NULL);
	if (geteuid() && !o.kept) {
		fprintf(stderr, "scenarios: needs root, for network namespaces\n");
		return 77;
	}
	if (!o.jobs)
		o.jobs = default_jobs();
	if (!o.seed)
		o.seed = time(NULL) % INT_MAX + 1;
	o.skip.hooks = o.judge.tracer.hooks;
	if (!o.skip.kernel)
		o.skip.kernel = uname(&un) ? "unknown" : un.release;
	raise_nofile();
	/* a write to a dead director must not kill the judge */
	signal(SIGPIPE, SIG_IGN);
	return run(&o);
}
