/* SPDX-License-Identifier: GPL-2.0 */
#include "app/metrics_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define IDLE_S 30		/* a connection that sends nothing for so long is closed */
#define MAX_CONNECTIONS 32

#define TEXT "text/plain; version=0.0.4; charset=utf-8"
#define OPEN_METRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"

struct metrics_server {
	struct MHD_Daemon *daemon;
	metrics_fn fn;
	void *ctx;
	int fd;
};

/* The address as the socket wants it. Returns 0 or -EINVAL. */
static int parse(const char *where, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	const char *colon = strrchr(where, ':'), *digits = colon ? colon + 1 : where;
	char addr[INET6_ADDRSTRLEN + 2] = "127.0.0.1", *end;
	size_t n = colon ? (size_t)(colon - where) : 0;
	unsigned long port = strtoul(digits, &end, 10);

	if (*digits < '0' || *digits > '9' || *end || !port || port > 65535 || n >= sizeof(addr))
		return -EINVAL;
	if (colon) {
		memcpy(addr, where, n);
		addr[n] = '\0';
	}
	memset(out, 0, sizeof(*out));
	if (addr[0] == '[' && addr[n - 1] == ']') {
		addr[n - 1] = '\0';
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		return inet_pton(AF_INET6, addr + 1, &v6->sin6_addr) == 1 ? 0 : -EINVAL;
	}
	v4->sin_family = AF_INET;
	v4->sin_port = htons(port);
	return inet_pton(AF_INET, addr, &v4->sin_addr) == 1 ? 0 : -EINVAL;
}

static enum MHD_Result answer(struct MHD_Connection *c, unsigned int status, const char *type,
			      char *body, size_t len)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result = MHD_NO;

	if (!r) {
		free(body);
		return MHD_NO;
	}
	if (MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type))
		result = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result answer_text(struct MHD_Connection *c, unsigned int status, const char *text)
{
	char *body = strdup(text);

	return body ? answer(c, status, "text/plain; charset=utf-8", body, strlen(body)) : MHD_NO;
}

static enum MHD_Result answer_metrics(struct metrics_server *s, struct MHD_Connection *c)
{
	const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	bool open_metrics = accept && strstr(accept, "application/openmetrics-text");
	char *body = NULL;
	size_t len;
	FILE *out = open_memstream(&body, &len);
	bool whole;

	if (!out)
		return MHD_NO;
	s->fn(s->ctx, out, open_metrics);
	whole = !ferror(out);
	if (text_stream_close(out, &body) || !whole) {
		free(body);
		return MHD_NO;
	}
	return answer(c, MHD_HTTP_OK, open_metrics ? OPEN_METRICS : TEXT, body, len);
}

static enum MHD_Result on_request(void *cls, struct MHD_Connection *c, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *size, void **request)
{
	static int seen;

	(void)version;
	(void)data;
	/* at the first call only the head is there; a body is ignored */
	if (!*request || *size) {
		*request = &seen;
		*size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return answer_text(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD are known here\n");
	if (!strcmp(url, "/metrics"))
		return answer_metrics(cls, c);
	if (!strcmp(url, "/"))
		return answer_text(c, MHD_HTTP_OK, "rsttrace: see /metrics\n");
	return answer_text(c, MHD_HTTP_NOT_FOUND, "there is /metrics here, and nothing else\n");
}

int metrics_server_open(struct metrics_server **out, const char *where, metrics_fn fn, void *ctx,
			char *why, size_t len)
{
	struct metrics_server *s = calloc(1, sizeof(*s));
	const union MHD_DaemonInfo *info;
	struct sockaddr_storage addr;
	unsigned int flags = MHD_USE_EPOLL;

	if (!s) {
		snprintf(why, len, "out of memory");
		return -1;
	}
	s->fn = fn;
	s->ctx = ctx;
	if (parse(where, &addr)) {
		snprintf(why, len, "--metrics: '%.80s' is neither PORT nor ADDR:PORT (127.0.0.1:9464, "
			 "[::1]:9464)", where);
		free(s);
		return -1;
	}
	if (addr.ss_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	errno = 0;
	s->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, s,
				     MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&addr,
				     MHD_OPTION_CONNECTION_LIMIT, MAX_CONNECTIONS,
				     MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S, MHD_OPTION_END);
	info = s->daemon ? MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	if (!info) {
		snprintf(why, len, "--metrics: cannot listen on %.80s: %s", where,
			 errno ? strerror(errno) : "the HTTP library gives no reason");
		metrics_server_close(s);
		return -1;
	}
	s->fd = info->epoll_fd;
	*out = s;
	return 0;
}

void metrics_server_close(struct metrics_server *s)
{
	if (!s)
		return;
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	free(s);
}

int metrics_server_fd(const struct metrics_server *s)
{
	return s ? s->fd : -1;
}

uint64_t metrics_server_wait(const struct metrics_server *s)
{
	MHD_UNSIGNED_LONG_LONG ms;

	return s && MHD_get_timeout(s->daemon, &ms) == MHD_YES ? ms * 1000000ULL : UINT64_MAX;
}

void metrics_server_run(struct metrics_server *s)
{
	if (s)
		MHD_run(s->daemon);
}
