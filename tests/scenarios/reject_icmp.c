/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Firewall rules that answer a connect by ICMP, as REJECT does by default. The message comes while
 * connect() still holds the socket, and is only noted on it.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <linux/netfilter.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "firewall.h"
#include "net.h"
#include "probes.h"
#include "registry.h"
#include "wire.h"

/* The codes that REJECT can send, its default first, and the errno that the kernel makes of each. */
static const struct code {
	uint8_t code;
	int err;
} codes4[] = {
	{ ICMP_PORT_UNREACH, ECONNREFUSED }, { ICMP_NET_UNREACH, ENETUNREACH },
	{ ICMP_HOST_UNREACH, EHOSTUNREACH }, { ICMP_PROT_UNREACH, ENOPROTOOPT },
	{ ICMP_NET_ANO, ENETUNREACH },	     { ICMP_HOST_ANO, EHOSTUNREACH },
	{ ICMP_PKT_FILTERED, EHOSTUNREACH }, { 0, 0 },
}, codes6[] = {
	{ ICMP6_DST_UNREACH_NOPORT, ECONNREFUSED }, { ICMP6_DST_UNREACH_NOROUTE, ENETUNREACH },
	{ ICMP6_DST_UNREACH_ADMIN, EACCES },	    { ICMP6_DST_UNREACH_ADDR, EHOSTUNREACH },
	{ 5 /* policy fail */, EACCES },	    { 6 /* reject route */, EACCES },
	{ 0, 0 },
};

/* Whether the code says port unreachable or prohibited, as a router without a route does not. */
static bool is_rule(const struct code *c)
{
	return c->err == ECONNREFUSED || c->err == EACCES || c->code == ICMP_NET_ANO ||
	       c->code == ICMP_HOST_ANO || c->code == ICMP_PKT_FILTERED;
}

static const struct code *codes_of(const struct scene *s)
{
	return s->family == V6 ? codes6 : codes4;
}

static void reject(struct scene *s, uint32_t hook, int port, const struct code *c)
{
	int r = firewall_reject_icmp(s->family == V6, hook, (uint16_t)port, c->code);

	if (r == -EOPNOTSUPP || r == -ENOENT || r == -EPROTONOSUPPORT)
		scene_skip(s, "this kernel has no such rule: %s", strerror(-r));
	if (r)
		scene_abort(s, "adding a rule: %s", strerror(-r));
}

/*
 * Removes the rule: the judge keeps the namespace alive, and a rule in it would keep the module
 * loaded.
 */
static void clear(struct scene *s)
{
	int r = firewall_clear(s->family == V6);

	if (r)
		scene_abort(s, "removing a rule: %s", strerror(-r));
}

/* A connect that is answered by ICMP: who connects, where to, and what is expected of it. */
struct attempt {
	struct actor *cli;
	int fd;
	const struct code *said;
	struct addr near, far;
	const char *by;		/* the address that the message came from */
};

static struct expect *rejected(struct scene *s, const struct attempt *t)
{
	struct expect *e = scene_expect(s, "timeout", "icmp-unreachable");

	want_flow(e, &t->far, &t->near);
	want_victim(e, t->cli, "caller|socket", "SYN_SENT");
	want_absent(e, "rst_seq");
	want_absent(e, "reason");
	want_absent(e, "sender_pid");
	want_str(e, "victim_role", "client");
	if (is_rule(t->said))
		want_str(e, "situation", "rejected");
	else
		want_absent(e, "situation");
	if (s->family == V6) {	/* over IPv6 the socket does not keep the message */
		want_absent(e, "icmp_type");
		return e;
	}
	want_str(e, "confidence", "certain");
	want_int(e, "icmp_type", ICMP_DEST_UNREACH);
	want_int(e, "icmp_code", t->said->code);
	want_str(e, "icmp_from", t->by);
	return e;
}

static void on_loopback(struct scene *s, struct attempt *t, int port, const struct code *said)
{
	*t = (struct attempt){ .cli = t->cli ?: actor_new(s, "rt-client"), .said = said, .by = "127.0.0.1" };
	t->near = net_loopback(s->family, CLIENT_PORT);
	t->far = net_loopback(s->family, port);
	t->fd = net_socket(t->cli, s->family);
}

/* Connects a socket whose SYN meets a rule at this hook, which answers with REJECT's default code. */
static struct attempt behind_rule(struct scene *s, uint32_t hook)
{
	const struct code *c = codes_of(s);
	struct attempt t = { .cli = NULL };

	reject(s, hook, SERVER_PORT, c);
	net_one_client_port(s);
	on_loopback(s, &t, SERVER_PORT, c);
	return t;
}

static void connect_in_background(struct scene *s, const struct attempt *t)
{
	scene_same(s, "fcntl", 0, SYS(t->cli, SYS_fcntl, t->fd, F_SETFL, O_NONBLOCK));
	scene_same(s, "connect", -EINPROGRESS, net_connect_to(t->cli, t->fd, &t->far));
}

/* Over IPv6 nothing wakes poll(): a program that wants to know has to ask again. */
static bool has_error(void *ctx)
{
	const struct attempt *t = ctx;
	int err = net_so_error(t->cli, t->fd);

	if (err && err != t->said->err)
		scene_same(t->cli->scene, "SO_ERROR", t->said->err, err);
	return err;
}

/* Whether it can be known what SO_ERROR takes: by a hook, or because the socket keeps the message. */
static bool shows_taken(const struct scene *s)
{
	return s->family != V6 || scene_probed(s, PROBE_TAKEN);
}

/*
 * The program asks for SO_ERROR at once, as curl does when poll() says that there is an error, and
 * closes.
 */
static void asked(struct scene *s, struct attempt *t)
{
	struct error_expect *err;

	connect_in_background(s, t);
	if (s->family != V6)
		scene_same(s, "poll", POLLERR, net_poll(t->cli, t->fd, POLLOUT) & POLLERR);
	scene_until(s, "SO_ERROR", has_error, t);
	net_close(t->cli, t->fd);
	err = want_error(rejected(s, t), t->said->err, "getsockopt", t->fd, t->cli, false);
	if (!scene_probed(s, PROBE_TAKEN))
		failure_unseen(err);
}

/* Each code in turn, by a rule for a port of its own. */
static void every_code(struct scene *s)
{
	const struct code *c = codes_of(s);
	struct attempt t = { .cli = NULL };

	if (!shows_taken(s))
		scene_skip(s, "no hook shows getsockopt(SO_ERROR), and the socket keeps no message");
	net_one_client_port(s);
	for (int port = SERVER_PORT; c->err; c++, port++) {
		reject(s, NF_INET_LOCAL_IN, port, c);
		on_loopback(s, &t, port, c);
		asked(s, &t);
	}
	clear(s);
}

/*
 * A blocking connect. The first message is only noted, as connect() holds the socket; the answer to
 * the second SYN, a second later, ends the attempt.
 */
static void waits(struct scene *s)
{
	struct attempt t = behind_rule(s, (uint32_t)s->arg);

	scene_same(s, "connect", -t.said->err, net_connect_to(t.cli, t.fd, &t.far));
	want_error(rejected(s, &t), t.said->err, "connect", t.fd, t.cli, false);
	clear(s);
}

/* A non-blocking connect. The program asks for SO_ERROR when the second SYN has been answered. */
static void polls(struct scene *s)
{
	struct attempt t = behind_rule(s, NF_INET_LOCAL_IN);
	struct error_expect *err;

	connect_in_background(s, &t);
	net_wait_state(t.cli, t.fd, TCP_CLOSE);
	scene_same(s, "SO_ERROR", t.said->err, net_so_error(t.cli, t.fd));
	net_close(t.cli, t.fd);
	err = want_error(rejected(s, &t), t.said->err, "getsockopt", t.fd, t.cli, false);
	if (!scene_probed(s, PROBE_TAKEN))
		failure_unseen(err);
	clear(s);
}

/* Over IPv6 only a counter shows that the message has come. */
static bool has_message6(void *ctx)
{
	FILE *f = fopen("/proc/self/net/snmp6", "re");
	unsigned long n = 0;
	char line[128];

	(void)ctx;
	while (f && !n && fgets(line, sizeof(line), f))
		sscanf(line, "Icmp6InDestUnreachs %lu", &n);
	if (f)
		fclose(f);
	return n;
}

/* The program closes the socket without asking for the error that the message left on it. */
static void never_asked(struct scene *s)
{
	struct attempt t = behind_rule(s, (uint32_t)s->arg);

	connect_in_background(s, &t);
	if (s->family != V6)
		scene_same(s, "poll", POLLERR, net_poll(t.cli, t.fd, POLLOUT) & POLLERR);
	else
		scene_until(s, "the ICMPv6 message", has_message6, NULL);
	net_close(t.cli, t.fd);
	want_str(rejected(s, &t), "outcome", "unnoticed");
	clear(s);
}

/* A rule of this host's for another host's port: as the SYN leaves, or (FORWARD) at the router. */
static void elsewhere(struct scene *s)
{
	const struct code *c = codes_of(s);
	struct attempt t = { .cli = actor_new(s, "rt-client"), .said = c };
	struct addr by;
	struct wire w;
	int home;

	if (!shows_taken(s))
		scene_skip(s, "no hook shows getsockopt(SO_ERROR), and the socket keeps no message");
	if (s->arg == NF_INET_FORWARD) {
		wire_open_router(s, &w);
		by = wire_router(&w, 0);
		home = wire_enter(&w);
		/* the router sends a redirect too, and would limit the rate of its messages */
		scene_sysctl(s, s->family == V6 ? "net/ipv6/icmp/ratelimit" : "net/ipv4/icmp_ratelimit", "0");
		reject(s, NF_INET_FORWARD, FAR_PORT, c);
		wire_leave(&w, home);
	} else {
		wire_open(s, &w);
		by = wire_near(&w, 0);
		reject(s, NF_INET_LOCAL_OUT, FAR_PORT, c);
	}
	net_one_client_port(s);
	t.by = by.ip;
	t.near = wire_near(&w, CLIENT_PORT);
	t.far = wire_far(&w, FAR_PORT);
	t.fd = net_socket(t.cli, s->family);
	asked(s, &t);
	home = s->arg == NF_INET_FORWARD ? wire_enter(&w) : -1;
	clear(s);
	if (home >= 0)
		wire_leave(&w, home);
}

const struct scenario reject_icmp_scenarios[] = {
	ROW("reject-icmp-codes", "REJECT with each ICMP code on INPUT, asked for by SO_ERROR", every_code,
	    V4),
	ROW("reject-icmp-codes-v6", "the same over IPv6", every_code, V6),
	ROW("reject-icmp-blocking", "REJECT by ICMP on INPUT: connect() waits for its second SYN", waits, V4,
	    .arg = NF_INET_LOCAL_IN),
	ROW("reject-icmp-blocking-v6", "the same over IPv6", waits, V6, .arg = NF_INET_LOCAL_IN),
	ROW("reject-icmp-output-blocking", "the same on OUTPUT", waits, V4, .arg = NF_INET_LOCAL_OUT),
	ROW("reject-icmp-polled", "REJECT by ICMP on INPUT: the second SYN's answer wakes poll()", polls, V4),
	ROW("reject-icmp-polled-v6", "the same over IPv6", polls, V6),
	ROW("reject-icmp-unnoticed", "REJECT by ICMP on INPUT: closed without a look", never_asked, V4,
	    .arg = NF_INET_LOCAL_IN),
	ROW("reject-icmp-unnoticed-v6", "the same over IPv6", never_asked, V6, .arg = NF_INET_LOCAL_IN),
	ROW("reject-icmp-output", "REJECT by ICMP on OUTPUT, asked for by SO_ERROR", elsewhere, V4,
	    .arg = NF_INET_LOCAL_OUT),
	ROW("reject-icmp-output-v6", "the same over IPv6", elsewhere, V6, .arg = NF_INET_LOCAL_OUT),
	ROW("reject-icmp-forward", "REJECT by ICMP on FORWARD, asked for by SO_ERROR", elsewhere, V4,
	    .arg = NF_INET_FORWARD),
	ROW("reject-icmp-forward-v6", "the same over IPv6", elsewhere, V6, .arg = NF_INET_FORWARD),
	ROW_END
};
