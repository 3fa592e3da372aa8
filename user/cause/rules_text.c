/* SPDX-License-Identifier: GPL-2.0 */
#include "cause/rules_text.h"

#include <netinet/tcp.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "incident/format.h"
#include "incident/icmp.h"
#include "incident/names.h"
#include "cause/rules_match.h"
#include "cause/settings.h"

static const char *plural(int64_t n)
{
	return n == 1 ? "" : "s";
}

/* "closed", or how the process ended */
static void verb(const struct incident *inc, char *buf, size_t len)
{
	if (!inc->sender.exit[0])
		snprintf(buf, len, "closed");
	else if (!strcmp(inc->sender.exit, "exit"))
		snprintf(buf, len, "exited");
	else
		snprintf(buf, len, "killed by %s", inc->sender.exit);
}

/* How a call with this name comes to tcp_abort(). */
static const char *way_of(const char *call)
{
	if (!strncmp(call, "send", 4) || !strncmp(call, "write", 5))
		return " (SOCK_DESTROY)";
	if (!strncmp(call, "read", 4) || !strncmp(call, "pread", 5))
		return " (BPF iterator)";
	return "";
}

void text_destroyed(const struct incident *inc, char *buf, size_t len)
{
	const struct killer *k = &inc->killer;

	if (k->pid != UNKNOWN)
		snprintf(buf, len, "the socket was destroyed by %.*s%s", RST_COMM_LEN, k->comm,
			 way_of(k->syscall));
}

void text_unread(const struct incident *inc, char *buf, size_t len)
{
	char how[40];

	verb(inc, how, sizeof(how));
	if (inc->sender.unread > 0)
		snprintf(buf, len, "%s with %lld byte%s unread", how, (long long)inc->sender.unread,
			 plural(inc->sender.unread));
	else
		snprintf(buf, len, "%s with data unread", how);
}

void text_linger_zero(const struct incident *inc, char *buf, size_t len)
{
	char how[40];
	int n;

	verb(inc, how, sizeof(how));
	n = snprintf(buf, len, "%s with SO_LINGER set to 0", how);
	if (inc->sender.unsent > 0)
		snprintf(buf + n, len - n, ", dropping %lld byte%s not yet acknowledged",
			 (long long)inc->sender.unsent, plural(inc->sender.unsent));
}

static const char *segment_name(const struct incident *inc)
{
	if (inc->seg_flags == UNKNOWN)
		return "segment";
	return inc->seg_flags & TH_SYN ? "SYN" : inc->seg_flags & TH_FIN ? "FIN" :
					 "segment without data";
}

/* What the segment that the RST answers brought: "16 bytes". */
static void arrived(const struct incident *inc, char *buf, size_t len)
{
	if (inc->seg_len == UNKNOWN)
		snprintf(buf, len, "data");
	else if (inc->seg_len > 0)
		snprintf(buf, len, "%lld byte%s", (long long)inc->seg_len, plural(inc->seg_len));
	else
		snprintf(buf, len, "a %s", segment_name(inc));
}

/* Signals that the kernel raises for a program's own fault, or a program for itself. */
static bool is_crash(const char *signal)
{
	static const char *const crashes[] = { "SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL",
					       "SIGSYS", "SIGTRAP" };

	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
		if (!strcmp(signal, crashes[i]))
			return true;
	return false;
}

bool text_killed(const struct incident *inc, char *buf, size_t len)
{
	const struct setting *s = setting_of(&inc->sender);
	const char *signal = inc->sender.exit;

	if (!*signal || !strcmp(signal, "exit"))
		return false;
	if (is_crash(signal))
		snprintf(buf, len, "find out why the process crashed: coredumpctl, the service's log, "
			 "dmesg");
	else if (s && s->worker && inc->sender.role == ROLE_SERVER)
		snprintf(buf, len, "look into %s's log for a request that took longer than %s; if it has none, find out "
			 "who sent the process its %s: dmesg for the OOM killer, a service manager, a container's "
			 "limits", s->program, s->worker, signal);
	else
		snprintf(buf, len, "find out who sent the process its %s: dmesg for the OOM killer, a "
			 "service manager, a container's limits or probes", signal);
	return true;
}

void text_after_close(const struct incident *inc, char *buf, size_t len)
{
	char how[40], what[40], ago[32];

	verb(inc, how, sizeof(how));
	arrived(inc, what, sizeof(what));
	if (inc->sender.closed_us == UNKNOWN)
		snprintf(buf, len, "%s arrived for a connection closed before",
			 inc->seg_len > 0 ? "data" : what);
	else
		snprintf(buf, len, "%s arrived %s after the receiver %s%s", what,
			 fmt_duration(ago, sizeof(ago), inc->sender.closed_us),
			 strncmp(how, "killed", 6) ? "" : "was ", how);
}

void text_after_shutdown(const struct incident *inc, char *buf, size_t len)
{
	char what[40], ago[32];

	arrived(inc, what, sizeof(what));
	if (inc->sender.closed_us == UNKNOWN)
		snprintf(buf, len, "%s arrived after the receiver shut down reading", what);
	else
		snprintf(buf, len, "%s arrived %s after the receiver shut the connection down", what,
			 fmt_duration(ago, sizeof(ago), inc->sender.closed_us));
}

void text_closed_port(const struct incident *inc, char *buf, size_t len)
{
	snprintf(buf, len, "nobody listens on port %lld", (long long)inc->sport);
}

void text_queue(const struct incident *inc, char *buf, size_t len)
{
	snprintf(buf, len, "the accept queue was full (%lld of %lld) and tcp_abort_on_overflow is on",
		 (long long)inc->accept_queue, (long long)inc->accept_queue_max);
}

void text_sending(const struct incident *inc, char *buf, size_t len)
{
	snprintf(buf, len, "the peer reset the connection while %lld byte%s on the way to it",
		 (long long)inc->victim.unsent, inc->victim.unsent == 1 ? " was" : "s were");
}

/* nf_hook is of enum nf_inet_hooks. */
void text_netfilter(const struct incident *inc, char *buf, size_t len)
{
	static const char *const chains[] = { NULL, "INPUT", "FORWARD", "OUTPUT" };

	if (inc->nf_hook && inc->nf_hook < ARRAY_SIZE(chains))
		snprintf(buf, len, "a firewall rule in %s rejected the segment with a reset",
			 chains[inc->nf_hook]);
	else
		snprintf(buf, len, "a firewall rule rejected the segment with a reset%s",
			 inc->kind == KIND_RECEIVED ? ": netfilter dropped it just before" : "");
}

void text_icmp(const struct incident *inc, char *buf, size_t len)
{
	int64_t n = inc->victim.retransmits;
	char said[48], from[64];

	if (inc->icmp_type != UNKNOWN)
		snprintf(buf, len, "an ICMP message (%s) from %s ended the attempt to connect",
			 icmp_text(inc, said, sizeof(said)),
			 fmt_addr(from, sizeof(from), inc->family, inc->icmp_from));
	else if (inc->victim.old_state == TCP_SYN_SENT)
		snprintf(buf, len, "an ICMP error%s ended the attempt to connect",
			 n > 0 ? ", or the loss of the route here," : "");
	else if (n > 0)
		snprintf(buf, len, "an ICMP error came, or the route here was lost, and %lld "
			 "retransmission%s in a row went unanswered; no reset was sent",
			 (long long)n, plural(n));
	else
		snprintf(buf, len, "an ICMP error, or the loss of the route here, ended the "
			 "connection; no reset was sent");
}

void text_retransmit(const struct incident *inc, char *buf, size_t len)
{
	int64_t n = inc->victim.retransmits;

	if (n > 0)
		snprintf(buf, len, "%lld retransmission%s in a row went unanswered; no reset was sent",
			 (long long)n, plural(n));
	else
		snprintf(buf, len, "the peer did not answer any more; no reset was sent");
}

void text_user_timeout(const struct incident *inc, char *buf, size_t len)
{
	char limit[32];

	snprintf(buf, len, "no acknowledgement within TCP_USER_TIMEOUT (%s); no reset was sent",
		 fmt_duration(limit, sizeof(limit), inc->victim.user_timeout_ms * 1000));
}

void text_injected(const struct incident *inc, char *buf, size_t len)
{
	char after[32];

	if (inc->went_on_us != UNKNOWN) {
		snprintf(buf, len, "the peer's own data, beyond the reset's number, came %s after it: the peer "
			 "never reset", fmt_duration(after, sizeof(after), inc->went_on_us));
		return;
	}
	if (inc->more_resets > 0) {
		snprintf(buf, len, "%lld more reset%s came, with numbers beyond any that the peer would use",
			 (long long)inc->more_resets, plural(inc->more_resets));
		return;
	}
	snprintf(buf, len, "the reset came with %s %lld, the connection's other segments with %lld",
		 inc->family == 6 ? "hop limit" : "TTL", (long long)inc->rst_ttl,
		 (long long)inc->flow_ttl);
}

void text_refused(const struct incident *inc, char *buf, size_t len)
{
	int64_t again = inc->victim.retrans;
	char after[32];
	int n;

	n = snprintf(buf, len, "the peer answered the SYN to port %lld with a reset",
		     (long long)inc->sport);
	if (inc->victim.age_us != UNKNOWN)
		n += snprintf(buf + n, len - n, " after %s",
			      fmt_duration(after, sizeof(after), inc->victim.age_us));
	if (again > 0)
		n += snprintf(buf + n, len - n, ", the SYN sent %lld time%s more", (long long)again,
			      plural(again));
	if (inc->listens == 1)
		snprintf(buf + n, len - n, ", though somebody listens there");
}

/* ", with 200 bytes on the way to it" */
static void under_way(const struct incident *inc, char *buf, size_t len)
{
	long long unsent = inc->victim.unsent;

	buf[0] = '\0';
	if (!unsent)
		snprintf(buf, len, ", with no data on the way to it");
	else if (inc->victim.unsent != UNKNOWN)
		snprintf(buf, len, ", with %lld byte%s on the way to it", unsent, plural(unsent));
}

/* The silence is given in seconds with a tenth, as the timeouts that it is compared with. */
void text_keepalive_race(const struct incident *inc, char *buf, size_t len)
{
	const struct usual_timeout *t = usual_timeout(inc->victim.heard_us);
	long long tenths = (inc->victim.heard_us + 50000) / 100000;
	char data[64];

	under_way(inc, data, sizeof(data));
	snprintf(buf, len, "the peer reset the connection %lld.%lld s after its last data, close to "
		 "an idle timeout of %d s%s%s%s%s", tenths / 10, tenths % 10, t->seconds,
		 t->whose ? " (default of " : "", t->whose ? t->whose : "",
		 t->whose ? ")" : "", data);
}

void text_peer_fin(const struct incident *inc, char *buf, size_t len)
{
	const char *state = tcp_state_name(inc->victim.tcp_state);
	char data[64];

	under_way(inc, data, sizeof(data));
	snprintf(buf, len, "the peer reset the connection after its FIN (%s here)%s",
		 state ? state : "?", data);
}

void text_peer(const struct incident *inc, char *buf, size_t len)
{
	char data[64], idle[32];
	int n;

	under_way(inc, data, sizeof(data));
	n = snprintf(buf, len, "the peer reset the connection%s", data);
	if (inc->victim.idle_us != UNKNOWN && inc->victim.idle_us >= 1000000)
		snprintf(buf + n, len - n, ", idle for %s",
			 fmt_duration(idle, sizeof(idle), inc->victim.idle_us));
}

void text_unknown(const struct incident *inc, char *buf, size_t len)
{
	if (inc->abort_err == ECONNREFUSED)
		snprintf(buf, len, "the connect was refused: whether by a reset or by an ICMP message is "
			 "among the events that were lost");
}

void text_unseen(struct incident *inc)
{
	size_t n = strlen(inc->cause_text);

	snprintf(inc->cause_text + n, sizeof(inc->cause_text) - n, "; %s",
		 !inc->unseen ? "events were lost, the sending maybe among them" :
		 inc->sender.seen ? "the sending was not seen, only that the connection was given up idle" :
		 inc->recent ? "the sending was not seen, only that the other end's socket closed" :
			       "the sending, on this host, was not seen");
	if (inc->confidence == GUESS)
		snprintf(inc->advice, sizeof(inc->advice), "the sender's record is missing: see what "
			 "the end line says was lost or missed");
}
