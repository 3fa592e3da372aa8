/* SPDX-License-Identifier: GPL-2.0 */
/*
 * runs COMMAND... - how often each BPF program runs while nothing is reset, and for
 * how long, counted by the kernel. Starts the command, waits until it says that it is
 * ready, plays each load a fixed number of times and prints for each program that ran
 *
 *	LOAD<tab>PROGRAM<tab>RUNS<tab>NANOSECONDS
 *
 * both for all steps together. The number of runs is exact everywhere. The time is
 * exact in a guest whose clock counts instructions (tests/vm/run.sh --skip-idle), as
 * other work on the machine does not change it. A line "steps<tab>LOAD<tab>N" has the
 * number of steps.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#define STEPS 100
#define PLAYS 8	/* the least time counts: a program may be interrupted, or its task preempted */
#define WARM_UP 50	/* steps until maps and caches are filled */
#define MAX_PROGS 256

struct prog {
	__u32 id;
	char name[BPF_OBJ_NAME_LEN];
	__u64 runs, ns;
};

struct progs {
	struct prog at[MAX_PROGS];
	int n;
};

static void die(const char *what)
{
	fprintf(stderr, "runs: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void read_progs(struct progs *p)
{
	__u32 id = 0;

	p->n = 0;
	while (!bpf_prog_get_next_id(id, &id) && p->n < MAX_PROGS) {
		struct bpf_prog_info info = { 0 };
		__u32 len = sizeof(info);
		int fd = bpf_prog_get_fd_by_id(id);
		struct prog *at = &p->at[p->n];

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &len)) {
			at->id = id;
			memcpy(at->name, info.name, sizeof(at->name));
			at->runs = info.run_cnt;
			at->ns = info.run_time_ns;
			p->n++;
		}
		close(fd);
	}
}

static const struct prog *find(const struct progs *p, __u32 id)
{
	for (int i = 0; i < p->n; i++)
		if (p->at[i].id == id)
			return &p->at[i];
	return NULL;
}

static void print_difference(const char *load, const struct progs *before, const struct progs *after)
{
	for (int i = 0; i < after->n; i++) {
		const struct prog *b = find(before, after->at[i].id), *a = &after->at[i];

		if (b && a->runs > b->runs)
			printf("%s\t%s\t%llu\t%llu\n", load, a->name,
			       (unsigned long long)(a->runs - b->runs),
			       (unsigned long long)(a->ns - b->ns));
	}
}

static int take_port(struct sockaddr_in *addr, bool listens)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (void *)addr, len) || (listens && listen(fd, 128)) ||
	    getsockname(fd, (void *)addr, &len))
		die("cannot have a port");
	return fd;
}

/* Accepts; with `echo` sends back each byte until the peer closes; closes. */
static void serve(int lfd, bool echo)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int fd = accept(lfd, NULL, NULL), one = 1;
		char c;

		if (fd < 0)
			_exit(1);
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		while (echo && recv(fd, &c, 1, 0) == 1 && send(fd, &c, 1, MSG_NOSIGNAL) == 1)
			;
		close(fd);
	}
}

static int connected(const struct sockaddr_in *addr)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd < 0 || connect(fd, (const void *)addr, sizeof(*addr)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		die("cannot connect");
	return fd;
}

/* The server closes first, then the client: as bench/pingpong does. */
static void connections(const struct sockaddr_in *addr, int n)
{
	char c;

	while (n-- > 0) {
		int fd = connected(addr);

		if (recv(fd, &c, 1, 0))
			die("the connection did not end cleanly");
		close(fd);
	}
}

static void round_trips(int fd, int n)
{
	char c = 'x';

	while (n-- > 0)
		if (send(fd, &c, 1, MSG_NOSIGNAL) != 1 || recv(fd, &c, 1, 0) != 1)
			die("a round trip failed");
}

/* Sends datagrams to a port that nobody has: the kernel drops each in kfree_skb(), which is hooked. */
static void datagrams(int n)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	while (n-- > 0)
		if (sendto(fd, "x", 1, 0, (void *)&addr, sizeof(addr)) < 0)
			die("cannot send");
	close(fd);
}

/* Connects to a bound port without a listener: with --rate 1 all resets but the first are counted only. */
static void refusals(const struct sockaddr_in *held, int n)
{
	while (n-- > 0) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (fd < 0 || !connect(fd, (const void *)held, sizeof(*held)) || errno != ECONNREFUSED)
			die("a connect was not refused");
		close(fd);
	}
}

static struct progs before, after;

static void play(const char *load)
{
	bool echo = !strcmp(load, "rtt");
	struct sockaddr_in addr;
	int lfd = take_port(&addr, strcmp(load, "refused")), fd = -1;
	pid_t server = fork();

	if (!server)
		serve(lfd, echo);
	for (int steps = WARM_UP; steps; steps = steps == WARM_UP ? STEPS : 0) {
		if (echo && fd < 0)
			fd = connected(&addr);
		if (steps == STEPS)
			read_progs(&before);
		if (echo)
			round_trips(fd, steps);
		else if (!strcmp(load, "drop"))
			datagrams(steps);
		else if (!strcmp(load, "refused"))
			refusals(&addr, steps);
		else
			connections(&addr, steps);
	}
	read_progs(&after);
	printf("steps\t%s\t%d\n", load, STEPS);
	print_difference(load, &before, &after);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	close(fd);
	close(lfd);
}

/* Returns once the command has said "ready". */
static pid_t start(char **argv)
{
	char line[512];
	int fd[2];
	pid_t pid;
	FILE *f;

	if (pipe(fd))
		die("pipe");
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fd[1], 2);
		close(fd[0]);
		if (!freopen("/dev/null", "w", stdout))
			die("/dev/null");
		execvp(argv[0], argv);
		die(argv[0]);
	}
	close(fd[1]);
	f = fdopen(fd[0], "r");
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, ": ready"))
			return pid;
	fprintf(stderr, "runs: %s does not start\n", argv[0]);
	exit(1);
}

int main(int argc, char **argv)
{
	cpu_set_t one;
	pid_t pid;

	if (argc < 2) {
		fprintf(stderr, "usage: runs COMMAND...\n");
		return 2;
	}
	if (bpf_enable_stats(BPF_STATS_RUN_TIME) < 0)
		die("cannot have programs counted");
	pid = start(argv + 1);
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof(one), &one);
	for (int i = 0; i < PLAYS; i++) {
		play("conn");
		play("rtt");
		play("drop");
		play("refused");
	}
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	return 0;
}
