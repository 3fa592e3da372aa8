/* SPDX-License-Identifier: GPL-2.0 */
#include "cause/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"

/*
 * From the programs' own manuals, as of 2025. Rows without process names (libraries, load
 * balancers of clouds) only serve to guess from the length of a silence.
 */
const struct setting settings[] = {
	{ "nginx", "nginx", "keepalive_timeout", "keepalive_timeout in the upstream block", 75, 60,
	  .limit = "client_max_body_size", .wait = "proxy_read_timeout (fastcgi_, uwsgi_)",
	  .first = "client_header_timeout or client_body_timeout" },
	{ "Apache", "apache2|httpd", "KeepAliveTimeout", "ttl of ProxyPass", 5, 0,
	  .limit = "LimitRequestBody", .wait = "ProxyTimeout", .first = "RequestReadTimeout or Timeout" },
	{ "HAProxy", "haproxy", "timeout http-keep-alive, or timeout client",
	  "pool-purge-delay, or timeout server", 0, 5, .limit = "tune.bufsize", .wait = "timeout server",
	  .first = "timeout http-request or timeout client" },
	{ "Envoy", "envoy|wrk:worker_", "idle_timeout of common_http_protocol_options",
	  "idle_timeout of the cluster's common_http_protocol_options", 3600, 3600,
	  .wait = "timeout of the route" },
	{ "Node.js", "node|nodejs|MainThread", "server.keepAliveTimeout", "timeout of the http.Agent",
	  5, 0, .first = "server.headersTimeout or requestTimeout", .drain = "" },
	{ "Go net/http", NULL, "http.Server.IdleTimeout", "http.Transport.IdleConnTimeout", 0, 90, .limit = NULL },
	{ "gunicorn", "gunicorn", "--keep-alive", NULL, 2, 0,
	  .limit = "--limit-request-line", .worker = "--timeout", .drain = "" },
	{ "uvicorn", "uvicorn", "--timeout-keep-alive", NULL, 5, 0, .drain = "" },
	{ "uWSGI", "uwsgi", "http-keepalive and socket-timeout", NULL, 4, 0,
	  .limit = "buffer-size", .worker = "harakiri",
	  .drain = " (or set post-buffering)", .first = "socket-timeout" },
	{ "Puma", "puma", "persistent_timeout", NULL, 20, 0, .first = "first_data_timeout", .drain = "" },
	{ "Tomcat", "http-nio|Catalina|tomcat", "keepAliveTimeout of the Connector", NULL, 20, 0,
	  .limit = "maxSwallowSize", .first = "connectionTimeout" },
	{ "Jetty", "qtp|jetty", "idleTimeout of the connector", "idleTimeout of the HttpClient", 30, 30,
	  .first = "idleTimeout" },
	{ "PHP-FPM", "php-fpm", "request_terminate_timeout", NULL, 0, 0,
	  .worker = "request_terminate_timeout" },
	{ "Varnish", "varnishd|cache-", "timeout_idle", "backend_idle_timeout", 5, 60,
	  .limit = "http_req_size", .wait = "first_byte_timeout", .first = "timeout_idle" },
	{ "Squid", "squid", "client_idle_pconn_timeout", "server_idle_pconn_timeout", 120, 60,
	  .limit = "request_body_max_size", .wait = "read_timeout",
	  .first = "request_start_timeout" },
	{ "MariaDB or MySQL", "mariadbd|mysqld|connection", "wait_timeout", NULL, 28800, 0,
	  .limit = "max_allowed_packet", .first = "connect_timeout" },
	{ "PostgreSQL", "postgres|pgbouncer",
	  "idle_session_timeout, or PgBouncer's client_idle_timeout", "PgBouncer's server_idle_timeout",
	  0, 600, .first = "authentication_timeout" },
	{ "OpenSSH", "sshd|sshd-session|sshd-auth", "UnusedConnectionTimeout", NULL, 0, 0,
	  .first = "LoginGraceTime" },
	{ "Redis", "redis-server|valkey-server|io_thd_", "timeout", NULL, 0, 0,
	  .limit = "client-query-buffer-limit", .first = "timeout" },
	{ "Kafka", "kafka|data-plane-", "connections.max.idle.ms", "connections.max.idle.ms of the client",
	  600, 540, .limit = "socket.request.max.bytes", .wait = "request.timeout.ms" },
	{ "Caddy", "caddy", "idle of servers.timeouts", "keepalive of the reverse_proxy transport", 300,
	  120, .first = "read_header of servers.timeouts" },
	{ "Traefik", "traefik", "respondingTimeouts.idleTimeout", "forwardingTimeouts.idleConnTimeout",
	  180, 90, .wait = "forwardingTimeouts.responseHeaderTimeout",
	  .first = "respondingTimeouts.readTimeout" },
	{ "IIS", NULL, "connectionTimeout", NULL, 120, 0, .limit = NULL },
	{ "AWS ALB or CLB", NULL, "idle_timeout.timeout_seconds", NULL, 60, 60, .limit = NULL },
	{ "AWS NLB, or NAT gateway", NULL, "tcp.idle_timeout.seconds", NULL, 350, 350, .limit = NULL },
	{ "Azure load balancer", NULL, "idleTimeoutInMinutes", NULL, 240, 240, .limit = NULL },
	{ "Google load balancer", NULL, "fixed keepalive timeout", NULL, 600, 600, .limit = NULL },
	{ "Cloudflare", NULL, "fixed connection timeout to origins", NULL, 900, 900, .limit = NULL },
};
const size_t n_settings = sizeof(settings) / sizeof(settings[0]);

/*
 * Whether name is the word, or begins with it and goes on with something else than a letter:
 * "gunicorn: worker", "php-fpm8.2", "http-nio-80", but not "node_exporter".
 */
static bool is_name(const char *name, const char *word, size_t n)
{
	char next = name[n];

	if (strncmp(name, word, n))
		return false;
	return !next || !isalnum((unsigned char)word[n - 1]) || (next != '_' && !isalpha((unsigned char)next));
}

static bool is_one(const char *name, const char *alternatives)
{
	for (const char *w = alternatives; w && *w; w += strspn(w, "|")) {
		size_t n = strcspn(w, "|");

		if (is_name(name, w, n))
			return true;
		w += n;
	}
	return false;
}

static const char *file_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

const struct setting *setting_of(const struct endpoint *ep)
{
	char comm[RST_COMM_LEN + 1] = "";

	memcpy(comm, ep->comm, RST_COMM_LEN);
	for (size_t i = 0; i < n_settings; i++)
		if (is_one(comm, settings[i].names) ||
		    (ep->exe[0] && is_one(file_of(ep->exe), settings[i].names)))
			return &settings[i];
	return NULL;
}

void setting_guess(char *buf, size_t len, int64_t silence_us)
{
	const struct usual_timeout *t = usual_timeout(silence_us);
	size_t at = 0;

	buf[0] = '\0';
	for (size_t i = 0; t && i < n_settings && at < len; i++) {
		const struct setting *s = &settings[i];

		if (s->server_s != t->seconds && s->client_s != t->seconds)
			continue;
		at += snprintf(buf + at, len - at, "%s%s", at ? ", " : "", s->program);
	}
}

/* Silences after which servers, balancers and NATs drop a connection, and who has them as a default. */
static const struct usual_timeout usual_timeouts[] = {
	{ 5, "Apache KeepAliveTimeout, Node.js keepAliveTimeout" },
	{ 10, NULL }, { 15, NULL }, { 20, "Tomcat keepAliveTimeout" },
	{ 30, "Jetty idleTimeout" }, { 40, NULL }, { 45, NULL }, { 50, NULL }, { 55, NULL },
	{ 60, "AWS ALB" }, { 65, NULL }, { 70, NULL },
	{ 75, "nginx keepalive_timeout" }, { 90, NULL }, { 100, NULL },
	{ 120, "IIS connectionTimeout" }, { 180, NULL }, { 240, "Azure load balancer" },
	{ 300, NULL }, { 350, "AWS NLB" }, { 400, NULL }, { 600, "Google load balancer" },
	{ 900, NULL }, { 1800, NULL }, { 3600, "Envoy idle_timeout" }, { 7200, NULL },
};

const struct usual_timeout *usual_timeout(int64_t silence_us)
{
	for (size_t i = 0; i < ARRAY_SIZE(usual_timeouts); i++) {
		int64_t us = usual_timeouts[i].seconds * 1000000LL;
		int64_t margin = us / 50 > 200000 ? us / 50 : 200000;

		if (silence_us >= us - margin && silence_us <= us + margin)
			return &usual_timeouts[i];
	}
	return NULL;
}
