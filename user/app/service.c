/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A datagram to the socket that NOTIFY_SOCKET names is all there is to sd_notify(): the protocol is
 * documented and stable, and the static program can do without the library.
 */
#include "app/service.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "account/totals.h"

#define STATUS_NS 10000000000ULL	/* how often the status is told where no watchdog waits */

struct service {
	int fd;
	struct sockaddr_un to;
	socklen_t to_len;
	uint64_t every_ns;
	bool watchdog;
	uint64_t next_ns;	/* UINT64_MAX: not before it is ready */
};

/* Half of what the manager waits for, as sd_watchdog_enabled(3) advises; 0: it does not wait. */
static uint64_t watchdog_ns(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (!usec || (pid && strtol(pid, NULL, 10) != getpid()))
		return 0;
	return strtoull(usec, NULL, 10) * 1000 / 2;
}

static int set_address(struct service *s, const char *name)
{
	size_t n = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || n >= sizeof(s->to.sun_path))
		return -EINVAL;
	s->to.sun_family = AF_UNIX;
	memcpy(s->to.sun_path, name, n);
	if (name[0] == '@')	/* an abstract name begins with a NUL, and ends with its length */
		s->to.sun_path[0] = '\0';
	s->to_len = offsetof(struct sockaddr_un, sun_path) + n + (name[0] == '/');
	return 0;
}

static void forget_environment(void)
{
	/* a program that this one starts must not speak for it */
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

int service_open(struct service **out)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct service *s;
	int err;

	*out = NULL;
	if (!name || !*name)
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->next_ns = UINT64_MAX;
	s->every_ns = watchdog_ns();
	s->watchdog = s->every_ns;
	if (!s->watchdog)
		s->every_ns = STATUS_NS;
	s->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	err = s->fd < 0 ? -errno : set_address(s, name);
	forget_environment();
	if (err) {
		service_close(s);
		return err;
	}
	*out = s;
	return 0;
}

void service_close(struct service *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

/*
 * A message that cannot be sent is dropped: the next one comes soon, and if none ever arrives, the
 * manager's watchdog restarts the service.
 */
__attribute__((format(printf, 2, 3)))
static void tell(const struct service *s, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sendto(s->fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT, (const struct sockaddr *)&s->to, s->to_len);
}

void service_ready(struct service *s, uint64_t now_ns)
{
	if (!s)
		return;
	tell(s, "READY=1");
	s->next_ns = now_ns;
}

void service_reloading(struct service *s, uint64_t now_ns)
{
	if (s)
		tell(s, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, now_ns / 1000);
}

void service_stopping(struct service *s)
{
	if (!s)
		return;
	tell(s, "STOPPING=1");
	s->next_ns = UINT64_MAX;
}

void service_step(struct service *s, const struct totals *t, uint64_t now_ns)
{
	uint64_t suppressed = 0;

	if (!s || now_ns < s->next_ns)
		return;
	for (int i = 0; t->rules && i < t->rules->n; i++)
		suppressed += t->rules->row[i].count;
	tell(s, "%sSTATUS=%" PRIu64 " resets recorded, %" PRIu64 " hidden by filters, %" PRIu64 " suppressed",
	     s->watchdog ? "WATCHDOG=1\n" : "", t->incidents, t->suppressed, suppressed);
	s->next_ns = now_ns + s->every_ns;
}

uint64_t service_next(const struct service *s)
{
	return s ? s->next_ns : UINT64_MAX;
}
