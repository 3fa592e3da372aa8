/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The loads of the benchmark: pingpong LOAD CPU SECONDS, over loopback.
 *
 *	rtt		one byte there and back, again and again
 *	conn		connect, accept, close
 *	refused[6]	connect to a port that nobody listens on
 *	aborted[6]	connect, accept, a byte, close with SO_LINGER 0
 *	udp		a datagram to a port that nobody has
 *	syn		a SYN to a listener whose queue is full
 *
 * Prints two numbers: steps per second, and per second of CPU time that the two
 * ends spent. Both ends share a core so that every nanosecond spent in a hook
 * shows in the rate, and the scheduler's choice of core does not. On a quiet
 * machine the two numbers are nearly the same; the second does not count the
 * time that other processes took from that core.
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

/* Steps between two readings of the clock, so that its cost does not count. */
#define BATCH 64

/* Run before the measured time, until caches, congestion window and CPU frequency are steady. */
#define WARM_UP_NS 20000000ull

/* Where the load goes, v4 or v6. */
struct end {
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
	socklen_t len;
};

struct load {
	const char *name;
	int (*serve)(int lfd);		/* the other end; NULL: there is none */
	int (*step)(int fd, const struct end *to);	/* 0 or a negative errno */
	int (*prepare)(const struct end *to);	/* a descriptor for the steps, or a negative errno */
	bool v6;
	int backlog;			/* -1: nobody listens */
};

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

/* Takes a port on loopback: listens on it, or with a negative backlog only keeps others from it. */
static int take_port(struct end *end, bool v6, int backlog)
{
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(end, 0, sizeof(*end));
	end->len = v6 ? sizeof(end->in6) : sizeof(end->in);
	end->any.sa_family = v6 ? AF_INET6 : AF_INET;
	if (v6)
		end->in6.sin6_addr = in6addr_loopback;
	else
		end->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || bind(fd, &end->any, end->len) || (backlog >= 0 && listen(fd, backlog)) ||
	    getsockname(fd, &end->any, &end->len))
		return fail("cannot have a port on loopback");
	return fd;
}

static int connect_to(const struct end *to)
{
	int one = 1;
	int fd = socket(to->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, &to->any, to->len) ||
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

/* The other end of "aborted": a byte tells that the connection is accepted. */
static int serve_aborted(int lfd)
{
	for (;;) {
		int fd = accept(lfd, NULL, NULL);
		char c = 'x';

		if (fd < 0)
			return fail("cannot accept");
		if (send(fd, &c, 1, MSG_NOSIGNAL) == 1 && recv(fd, &c, 1, 0) >= 0)
			return fail("the connection was not aborted");
		close(fd);
	}
}

static int step_rtt(int fd, const struct end *to)
{
	char c = 'x';

	(void)to;
	if (send(fd, &c, 1, MSG_NOSIGNAL) != 1)
		return fail("send");
	if (recv(fd, &c, 1, 0) != 1)
		return fail("recv");
	return 0;
}

static int step_conn(int unused, const struct end *to)
{
	char c;
	ssize_t n;
	int fd = connect_to(to);

	(void)unused;
	if (fd < 0)
		return fd;
	n = recv(fd, &c, 1, 0);
	close(fd);
	return n ? fail("the connection did not end cleanly") : 0;
}

static int step_refused(int unused, const struct end *to)
{
	int fd = socket(to->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err = fd < 0 || !connect(fd, &to->any, to->len) || errno != ECONNREFUSED;

	(void)unused;
	close(fd);
	return err ? fail("the connection was not refused") : 0;
}

static int step_aborted(int unused, const struct end *to)
{
	const struct linger now = { .l_onoff = 1 };
	int fd = connect_to(to);
	char c;

	(void)unused;
	if (fd < 0)
		return fd;
	if (recv(fd, &c, 1, 0) != 1 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)))
		return fail("cannot abort");
	close(fd);
	return 0;
}

static int step_udp(int fd, const struct end *to)
{
	return sendto(fd, "x", 1, 0, &to->any, to->len) == 1 ? 0 : fail("cannot send");
}

static int step_syn(int unused, const struct end *to)
{
	int fd = socket(to->any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int err = fd < 0 || !connect(fd, &to->any, to->len) || errno != EINPROGRESS;

	(void)unused;
	close(fd);
	return err ? fail("the queue is not full") : 0;
}

static int udp_socket(const struct end *to)
{
	return socket(to->any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static const struct load loads[] = {
	{ "rtt", serve_echo, step_rtt, connect_to, false, 128 },
	{ "conn", serve_close, step_conn, NULL, false, 128 },
	{ "refused", NULL, step_refused, NULL, false, -1 },
	{ "refused6", NULL, step_refused, NULL, true, -1 },
	{ "aborted", serve_aborted, step_aborted, NULL, false, 128 },
	{ "aborted6", serve_aborted, step_aborted, NULL, true, 128 },
	{ "udp", NULL, step_udp, udp_socket, false, -1 },
	{ "syn", NULL, step_syn, connect_to, false, 0 },	/* the first connection fills the queue */
};

static int run_for(uint64_t ns, const struct load *load, int fd, const struct end *to, uint64_t *steps)
{
	uint64_t start = clock_ns(CLOCK_MONOTONIC);

	*steps = 0;

	do {
		for (int i = 0; i < BATCH; i++) {
			int err = load->step(fd, to);

			if (err)
				return err;
		}
		*steps += BATCH;
	} while (clock_ns(CLOCK_MONOTONIC) - start < ns);
	return 0;
}

static uint64_t spent_ns(const clockid_t *server)
{
	return clock_ns(CLOCK_PROCESS_CPUTIME_ID) + (server ? clock_ns(*server) : 0);
}

static int measure(const struct load *load, int fd, const struct end *to, pid_t server, double seconds)
{
	uint64_t steps, wall, cpu;
	clockid_t clock, *other = server ? &clock : NULL;
	int err = run_for(WARM_UP_NS, load, fd, to, &steps);

	if (!err && other && clock_getcpuclockid(server, other))
		err = fail("cannot read the other end's CPU time");
	if (err)
		return err;
	wall = clock_ns(CLOCK_MONOTONIC);
	cpu = spent_ns(other);
	err = run_for(seconds * 1e9, load, fd, to, &steps);
	wall = clock_ns(CLOCK_MONOTONIC) - wall;
	cpu = spent_ns(other) - cpu;
	if (!err)
		printf("%.1f %.1f\n", steps * 1e9 / wall, steps * 1e9 / cpu);
	return err;
}

/* Starts the other end, if there is one, in a process that dies with this one. */
static int start_server(const struct load *load, int lfd, pid_t *pid)
{
	pid_t parent = getpid();

	*pid = load->serve ? fork() : 0;
	if (*pid < 0)
		return fail("fork");
	if (*pid || !load->serve)
		return 0;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	_exit(getppid() != parent || load->serve(lfd) ? 1 : 0);
}

static int run(const struct load *load, double seconds)
{
	struct end to;
	int err, fd = 0, lfd = take_port(&to, load->v6, load->backlog);
	pid_t pid;

	if (lfd < 0 || start_server(load, lfd, &pid))
		return -1;
	if (load->prepare)
		fd = load->prepare(&to);
	err = fd < 0 ? fd : measure(load, fd, &to, pid, seconds);
	if (pid) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	return err;
}

int main(int argc, char **argv)
{
	const struct load *load = NULL;

	for (size_t i = 0; argc == 4 && i < sizeof(loads) / sizeof(loads[0]); i++)
		if (!strcmp(argv[1], loads[i].name))
			load = &loads[i];
	if (!load || atof(argv[3]) <= 0) {
		fprintf(stderr, "usage: pingpong LOAD CPU SECONDS; LOAD:");
		for (size_t i = 0; i < sizeof(loads) / sizeof(loads[0]); i++)
			fprintf(stderr, " %s", loads[i].name);
		fprintf(stderr, "\n");
		return 2;
	}
	return pin(atoi(argv[2])) || run(load, atof(argv[3])) ? 1 : 0;
}
