/* SPDX-License-Identifier: GPL-2.0 */
/* A workload without faults: nothing may be reported. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"
#include "registry.h"

#define CONNECTIONS 4
#define REQUESTS 1000
#define BODY 512

/* Reads until the blank line, at most len - 1 bytes. Returns their number, 0 at the end of file. */
static long read_head(int fd, char *buf, size_t len)
{
	size_t n = 0;
	ssize_t r;

	for (;;) {
		r = recv(fd, buf + n, len - 1 - n, 0);
		if (r < 0)
			return -errno;
		if (!r)
			return n ? -EPROTO : 0;
		n += (size_t)r;
		buf[n] = 0;
		if (strstr(buf, "\r\n\r\n"))
			return (long)n;
		if (n == len - 1)
			return -EMSGSIZE;
	}
}

/* Answers one request. Returns 1, 0 at the end of file, or a negative errno. */
static long serve_one(int fd)
{
	char in[512], out[1024];
	long r = read_head(fd, in, sizeof(in));
	int n;

	if (r <= 0)
		return r;
	if (strncmp(in, "GET / HTTP/1.1\r\n", 16))
		return -EPROTO;
	n = snprintf(out, sizeof(out), "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%0*d", BODY,
		     BODY, 7);
	return send(fd, out, (size_t)n, 0) == n ? 1 : -errno;
}

/*
 * Serves arg[1] connections from the listener arg[0] until all are closed. Returns the number of
 * requests.
 */
static long do_serve(const long *arg)
{
	struct pollfd p[1 + CONNECTIONS];
	int n = 0, open = 0, i;
	long served = 0, r;

	p[0] = (struct pollfd){ .fd = (int)arg[0], .events = POLLIN };
	while (n < arg[1] || open) {
		if (poll(p, (nfds_t)(1 + n), -1) < 0)
			return -errno;
		for (i = 1; i <= n; i++) {
			if (p[i].fd < 0 || !p[i].revents)
				continue;
			r = serve_one(p[i].fd);
			if (r < 0)
				return r;
			served += r;
			if (r)
				continue;
			close(p[i].fd);
			p[i].fd = -1;
			open--;
		}
		if (!(p[0].revents & POLLIN) || n == arg[1])
			continue;
		i = accept(p[0].fd, NULL, NULL);
		if (i < 0)
			return -errno;
		p[++n] = (struct pollfd){ .fd = i, .events = POLLIN };
		open++;
	}
	return served;
}

static long one_request(int fd)
{
	static const char req[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
	char buf[2048], *body;
	long n;
	ssize_t r;

	if (send(fd, req, sizeof(req) - 1, 0) != sizeof(req) - 1)
		return -errno;
	n = read_head(fd, buf, sizeof(buf));
	if (n <= 0)
		return n ? n : -EPIPE;
	if (strncmp(buf, "HTTP/1.1 200 ", 13))
		return -EPROTO;
	body = strstr(buf, "\r\n\r\n") + 4;
	for (n -= body - buf; n < BODY; n += r) {
		r = recv(fd, buf, sizeof(buf), 0);
		if (r <= 0)
			return r ? -errno : -EPIPE;
	}
	return n == BODY ? 0 : -EPROTO;
}

/* Makes arg[0] requests over arg[1] connections, in turn. */
static long do_requests(const long *arg)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(SERVER_PORT),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd[CONNECTIONS], i;
	long r;

	for (i = 0; i < arg[1]; i++) {
		fd[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (fd[i] < 0 || connect(fd[i], (struct sockaddr *)&to, sizeof(to)))
			return -errno;
	}
	for (i = 0; i < arg[0]; i++) {
		r = one_request(fd[i % arg[1]]);
		if (r)
			return r;
	}
	for (i = 0; i < arg[1]; i++)
		close(fd[i]);
	return arg[0];
}

static void healthy(struct scene *s)
{
	struct actor *srv = actor_new(s, "rt-server"), *cli = actor_new(s, "rt-client");
	int lfd = net_listen(srv, V4, SERVER_PORT, 16);

	actor_begin(srv, do_serve, (long[]){ lfd, CONNECTIONS }, 2);
	scene_same(s, "requests answered", REQUESTS,
		   actor_call(cli, do_requests, (long[]){ REQUESTS, CONNECTIONS }, 2));
	scene_same(s, "requests served", REQUESTS, actor_end(srv));
}

const struct scenario healthy_scenarios[] = {
	ROW("healthy", "1000 HTTP requests with keep-alive: nothing to report", healthy, V4),
	ROW_END
};
