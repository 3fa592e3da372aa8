/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small HTTP server that closes connections too early, for the demo and the comparison test.
 *
 *	early_close [-e N] [-m MANNERS] [-p PORT]
 *
 * Listens on loopback (port 0: the kernel chooses), prints the port, and
 * serves until it is killed. Every N-th request (default 1: each) is treated
 * with MANNERS, the others are answered as they should be:
 *
 *	unread	reads a part of the request and closes: the rest of it is
 *		still unread, so the kernel sends a RST
 *	answer	the same, but sends a short answer first, which the RST may
 *		or may not let the client read
 *	linger	reads the request, sets SO_LINGER {1,0}, closes: a RST
 *	fin	reads the request, answers nothing, closes: a FIN; whatever
 *		the client sends after that is answered with a RST
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum manners { UNREAD, ANSWER, LINGER, FIN };

static const char *const manners_name[] = { "unread", "answer", "linger", "fin" };

struct server {
	enum manners manners;
	unsigned long every;
	unsigned long served;
	int port;
};

static int listen_on(int port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(addr);
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, (struct sockaddr *)&addr, len) || listen(fd, 128) ||
	    getsockname(fd, (struct sockaddr *)&addr, &len)) {
		fprintf(stderr, "early_close: cannot listen on port %d: %s\n", port,
			strerror(errno));
		return -1;
	}
	printf("%d\n", ntohs(addr.sin_port));
	fflush(stdout);
	return fd;
}

/* Reads up to the blank line that ends a request. False: the client went away. */
static bool read_request(int fd)
{
	char buf[4096];
	size_t len = 0;

	while (len < sizeof(buf) - 1) {
		ssize_t n = recv(fd, buf + len, sizeof(buf) - 1 - len, 0);

		if (n <= 0)
			return false;
		len += n;
		buf[len] = 0;
		if (strstr(buf, "\r\n\r\n"))
			return true;
	}
	return false;
}

static void answer(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		perror("early_close: send");
}

static void be_rude(const struct server *s, int fd)
{
	struct linger now = { .l_onoff = 1, .l_linger = 0 };
	char part[16];

	switch (s->manners) {
	case UNREAD:
		if (recv(fd, part, sizeof(part), 0) < 0)
			perror("early_close: recv");
		break;
	case ANSWER:
		if (recv(fd, part, sizeof(part), 0) > 0)
			answer(fd, "HTTP/1.0 503 Busy\r\n\r\n");
		break;
	case LINGER:
		if (read_request(fd))
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		break;
	case FIN:
		read_request(fd);
		break;
	}
}

/* Returns when accept() fails. */
static void serve(struct server *s, int lfd)
{
	for (;;) {
		int fd = accept(lfd, NULL, NULL);

		if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
			continue;
		if (fd < 0) {
			perror("early_close: accept");
			return;
		}
		if (++s->served % s->every == 0)
			be_rude(s, fd);
		else if (read_request(fd))
			answer(fd, "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nok\n");
		close(fd);
	}
}

static int parse_manners(const char *name, enum manners *out)
{
	for (int i = UNREAD; i <= FIN; i++) {
		if (!strcmp(name, manners_name[i])) {
			*out = i;
			return 0;
		}
	}
	return -1;
}

static int parse(struct server *s, int argc, char **argv)
{
	int opt, err = 0;

	while ((opt = getopt(argc, argv, "e:m:p:")) != -1) {
		switch (opt) {
		case 'e': s->every = strtoul(optarg, NULL, 10); break;
		case 'm': err |= parse_manners(optarg, &s->manners); break;
		case 'p': s->port = atoi(optarg); break;
		default: return -1;
		}
	}
	return err || optind != argc || !s->every ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct server s = { .manners = UNREAD, .every = 1 };
	int lfd;

	if (parse(&s, argc, argv)) {
		fprintf(stderr, "usage: early_close [-e N] [-m unread|answer|linger|fin] "
				"[-p PORT]\n");
		return 2;
	}
	lfd = listen_on(s.port);
	if (lfd < 0)
		return 1;
	serve(&s, lfd);
	return 1;
}
