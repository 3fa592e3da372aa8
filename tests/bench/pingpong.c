/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The load of the benchmark: two processes on one core, over TCP on loopback.
 *
 *	pingpong rtt CPU SECONDS	one byte there and back, again and again
 *	pingpong conn CPU SECONDS	connect, accept, close, again and again
 *
 * Prints two numbers: round trips, or connections, per second, and per second
 * of CPU time that the two ends spent. Both ends share a core so that every
 * nanosecond spent in a hook shows in the rate, and the scheduler's choice of
 * core does not. On a quiet machine the two numbers are nearly the same; the
 * second does not count the time that other processes took from that core.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Between two looks at the clock, so that the clock is not what is measured. */
#define BATCH 64

/* Before the measured time: caches, congestion window, frequency. */
#define WARM_UP_NS 20000000ull

/* One step of a load; returns 0 or a negative errno. */
typedef int (*step_fn)(int fd, const struct sockaddr_in *addr);

static int fail(const char *what)
{
	int err = errno ? errno : EIO;

	fprintf(stderr, "pingpong: %s: %s\n", what, strerror(err));
	return -err;
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec ts = { 0 };

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

static int pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? fail("cannot pin to the core") : 0;
}

static int listen_on_loopback(struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, (struct sockaddr *)addr, len) || listen(fd, 128) ||
	    getsockname(fd, (struct sockaddr *)addr, &len))
		return fail("cannot listen on loopback");
	return fd;
}

static int connect_to(const struct sockaddr_in *addr)
{
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) ||
	    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		return fail("cannot connect");
	return fd;
}

/* The other end of "rtt": sends back each byte until the peer closes. */
static int serve_echo(int lfd)
{
	int one = 1;
	char c;
	int fd = accept(lfd, NULL, NULL);

	if (fd < 0 || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		return fail("cannot accept");
	for (;;) {
		ssize_t n = recv(fd, &c, 1, 0);

		if (n <= 0)
			return n ? fail("echo: recv") : 0;
		if (send(fd, &c, 1, MSG_NOSIGNAL) != 1)
			return fail("echo: send");
	}
}

/* The other end of "conn": closes each connection; ends when it is killed. */
static int serve_close(int lfd)
{
	for (;;) {
		int fd = accept(lfd, NULL, NULL);

		if (fd < 0)
			return fail("cannot accept");
		close(fd);
	}
}

static int step_rtt(int fd, const struct sockaddr_in *addr)
{
	char c = 'x';

	(void)addr;
	if (send(fd, &c, 1, MSG_NOSIGNAL) != 1)
		return fail("send");
	if (recv(fd, &c, 1, 0) != 1)
		return fail("recv");
	return 0;
}

static int step_conn(int unused, const struct sockaddr_in *addr)
{
	char c;
	ssize_t n;
	int fd = connect_to(addr);

	(void)unused;
	if (fd < 0)
		return fd;
	n = recv(fd, &c, 1, 0);
	close(fd);
	return n ? fail("the connection did not end cleanly") : 0;
}

static int run_for(uint64_t ns, step_fn step, int fd, const struct sockaddr_in *addr,
		   uint64_t *steps)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC);

	*steps = 0;

	do {
		for (int i = 0; i < BATCH; i++) {
			int err = step(fd, addr);

			if (err)
				return err;
		}
		*steps += BATCH;
	} while (clock_ns(CLOCK_MONOTONIC) - start < ns);
	return 0;
}

static int measure(step_fn step, int fd, const struct sockaddr_in *addr, pid_t server,
		   double seconds)
{
	uint64_t steps, wall, cpu;
	clockid_t server_clock;
	int err = run_for(WARM_UP_NS, step, fd, addr, &steps);

	if (!err && clock_getcpuclockid(server, &server_clock))
		err = fail("cannot read the other end's CPU time");
	if (err)
		return err;
	wall = clock_ns(CLOCK_MONOTONIC);
	cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + clock_ns(server_clock);
	err = run_for(seconds * 1e9, step, fd, addr, &steps);
	wall = clock_ns(CLOCK_MONOTONIC) - wall;
	cpu = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + clock_ns(server_clock) - cpu;
	if (!err)
		printf("%.1f %.1f\n", steps * 1e9 / wall, steps * 1e9 / cpu);
	return err;
}

/* Starts the other end in a process that dies with this one. */
static int start_server(int lfd, int (*serve)(int), pid_t *pid)
{
	pid_t parent = getpid();

	*pid = fork();
	if (*pid < 0)
		return fail("fork");
	if (*pid)
		return 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	_exit(getppid() != parent || serve(lfd) ? 1 : 0);
}

int main(int argc, char **argv)
{
	bool rtt = argc == 4 && !strcmp(argv[1], "rtt");
	struct sockaddr_in addr;
	int lfd, err, fd = -1;
	pid_t pid;

	if (argc != 4 || (!rtt && strcmp(argv[1], "conn")) || atof(argv[3]) <= 0) {
		fprintf(stderr, "usage: pingpong rtt|conn CPU SECONDS\n");
		return 2;
	}
	err = pin(atoi(argv[2]));
	if (err)
		return 1;
	lfd = listen_on_loopback(&addr);
	if (lfd < 0 || start_server(lfd, rtt ? serve_echo : serve_close, &pid))
		return 1;
	if (rtt)
		fd = connect_to(&addr);
	err = rtt && fd < 0 ? fd : measure(rtt ? step_rtt : step_conn, fd, &addr, pid,
					       atof(argv[3]));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return err ? 1 : 0;
}
