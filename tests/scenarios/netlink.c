/* SPDX-License-Identifier: GPL-2.0 */
/* Building netlink messages and taking their answers. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "netlink.h"

#define ANSWER_SEC 5

static struct nlmsghdr *request(struct nl_msg *m)
{
	return (struct nlmsghdr *)(m->buf + m->start);
}

static void *room(struct nl_msg *m, size_t len)
{
	size_t at = m->len;

	/* the messages are this program's own, so their lengths are known beforehand */
	if (NLMSG_ALIGN(len) > sizeof(m->buf) - at)
		abort();
	memset(m->buf + at, 0, NLMSG_ALIGN(len));
	m->len += NLMSG_ALIGN(len);
	request(m)->nlmsg_len = (uint32_t)(m->len - m->start);
	return m->buf + at;
}

void nl_begin(struct nl_msg *m, uint16_t type, uint16_t flags, const void *head, size_t len)
{
	m->start = m->len;
	room(m, NLMSG_HDRLEN);
	request(m)->nlmsg_type = type;
	request(m)->nlmsg_flags = NLM_F_REQUEST | flags;
	if (flags & NLM_F_ACK)
		m->n_acks++;
	memcpy(room(m, len), head, len);
}

void nl_put(struct nl_msg *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr *a = room(m, NLA_HDRLEN + len);

	a->nla_type = type;
	a->nla_len = (uint16_t)(NLA_HDRLEN + len);
	if (len)
		memcpy((char *)a + NLA_HDRLEN, data, len);
}

void nl_put_str(struct nl_msg *m, uint16_t type, const char *str)
{
	nl_put(m, type, str, strlen(str) + 1);
}

void nl_put_be32(struct nl_msg *m, uint16_t type, uint32_t value)
{
	value = htonl(value);
	nl_put(m, type, &value, sizeof(value));
}

size_t nl_nest(struct nl_msg *m, uint16_t type)
{
	size_t at = m->len;

	nl_put(m, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void nl_nest_end(struct nl_msg *m, size_t at)
{
	((struct nlattr *)(m->buf + at))->nla_len = (uint16_t)(m->len - at);
}

/* Reads answers until all requests have theirs, or one is an error. */
static int answers(int fd, unsigned int n)
{
	char buf[8192] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *h;
	ssize_t len;
	int err;

	while (n) {
		len = recv(fd, buf, sizeof(buf), 0);
		if (len < 0)
			return -errno;
		for (h = (void *)buf; NLMSG_OK(h, len); h = NLMSG_NEXT(h, len)) {
			if (h->nlmsg_type != NLMSG_ERROR)
				continue;
			err = ((struct nlmsgerr *)NLMSG_DATA(h))->error;
			if (err)
				return err;
			n--;
		}
	}
	return 0;
}

int nl_talk(struct nl_msg *m, int protocol)
{
	struct timeval tv = { .tv_sec = ANSWER_SEC };
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	int fd, r = 0;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) ||
	    sendto(fd, m->buf, m->len, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		r = -errno;
	if (!r)
		r = answers(fd, m->n_acks);
	close(fd);
	return r;
}
