/* SPDX-License-Identifier: GPL-2.0 */
/* The advice of a situation, with what this incident adds to it. */
#include "cause/situations_text.h"

#include <stdio.h>
#include <string.h>

#include "cause/rules_text.h"
#include "cause/settings.h"
#include "cause/situations_match.h"

void advise_after_reset(const struct incident *inc, char *buf, size_t len)
{
	if (!went_on(inc))
		return;
	if (inc->earlier_sent)
		snprintf(buf, len, "look at that reset's record, and at what translates addresses between the two "
			 "(NAT, conntrack): this host saw it sent, so nobody forged it, but its sender knew no "
			 "connection with these addresses and numbers");
	else if (inc->lost & LOST_EARLIER)
		snprintf(buf, len, "look at that reset's record, and for what sent it: this host may have, and the "
			 "event is lost; else somebody in the peer's name, or a NAT that does not know the connection");
	else
		snprintf(buf, len, "look between the hosts: the peer never sent that reset, so somebody did in "
			 "its name (firewall, conntrack, balancer), or its numbers are not those seen here");
}

void advise_restarted(const struct incident *inc, char *buf, size_t len)
{
	if (inc->still_listens)
		snprintf(buf, len, "set net.ipv4.tcp_migrate_req=1: the other listeners of the port then take "
			 "over what is queued; or drain first: stop new connections, accept, then close");
}

void advise_idle(const struct incident *inc, char *buf, size_t len)
{
	const struct setting *s = setting_of(&inc->sender);
	const char *name = !s ? NULL : inc->sender.role == ROLE_CLIENT ? s->client : s->server;

	if (!name)
		return;
	if (inc->sender.role == ROLE_CLIENT)
		snprintf(buf, len, "nothing, if the server only answers: the client put an unused connection away (%s: "
			 "%s); if the server speaks by itself (WebSocket, events), raise that, or have it send pings",
			 s->program, name);
	else
		snprintf(buf, len, "%s's %s looks like it: make the client's idle timeout (pool, keep-alive) shorter "
			 "than that, or raise it; retry what is safe to repeat", s->program, name);
}

void advise_refused(const struct incident *inc, char *buf, size_t len)
{
	if (inc->sender.bytes_out == 0)
		snprintf(buf, len, "look at the server for a rule that rejects connections (an access list; HAProxy: "
			 "tcp-request connection reject) and for a limit of them, in its settings and its log");
}

void advise_killed(const struct incident *inc, char *buf, size_t len)
{
	text_killed(inc, buf, len);
}

/* Many clients are proxies: then their own client may have left. */
void advise_left(const struct incident *inc, char *buf, size_t len)
{
	const struct setting *s = setting_of(&inc->sender);

	if (inc->kind != KIND_RECEIVED && inc->sender.bytes_out == 0) {
		snprintf(buf, len, "nothing at the server: the client had asked nothing; look there for a spare connection "
			 "of a pool, a check, or a start that was cancelled");
		return;
	}
	if (s && s->wait && inc->kind != KIND_RECEIVED)
		snprintf(buf, len, "look at %s's %s, or whether its own client had left, and at the server for why "
			 "the answer took so long; the reset is the client's doing", s->program, s->wait);
}

void advise_early(const struct incident *inc, char *buf, size_t len)
{
	const struct setting *s = setting_of(&inc->sender);

	if (s && s->drain)
		snprintf(buf, len, "%s's application answered with the rest of the request unread: have it read that to a "
			 "bound first%s; at the client, read the answer that lies there when a write fails",
			 s->program, s->drain);
	else if (s && s->limit && inc->sender.unread > 0)
		snprintf(buf, len, "see %s's log: a request larger than its %s, or one rejected unread; at the client, "
			 "when a write fails, still read the answer that has come", s->program, s->limit);
}

void advise_gave_up(const struct incident *inc, char *buf, size_t len)
{
	const struct setting *s = setting_of(&inc->sender);

	if (waited_in_vain(inc))
		advise_waited(inc, buf, len);
	else if (inc->kind == KIND_ACTIVE && inc->sender.unread == 0)
		snprintf(buf, len, "look into the server's log at this time: it rejected the request (nginx: return 444), or "
			 "its handler or backend failed or closed the connection");
	else if (s && s->limit && inc->sender.unread > 0)
		snprintf(buf, len, "look into %s's log at this time: a limit on the request's size (%s: raise it), a "
			 "timeout%s%s%s, a backend that failed, or a crash", s->program, s->limit,
			 s->worker ? " (" : "", s->worker ? s->worker : "", s->worker ? ")" : "");
}
