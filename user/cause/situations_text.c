/* SPDX-License-Identifier: GPL-2.0 */
#include "cause/situations_text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cause/rules_text.h"
#include "cause/settings.h"
#include "cause/situations_match.h"
#include "cause/tls.h"
#include "incident/format.h"
#include "incident/icmp.h"

#define TH_ACK 0x10

/* "1 byte", "6,357 bytes" */
static const char *bytes(char *buf, size_t len, int64_t n)
{
	char count[32];

	snprintf(buf, len, "%s byte%s", fmt_count(count, sizeof(count), n > 0 ? n : 0), n == 1 ? "" : "s");
	return buf;
}

static const char *count(char *buf, size_t len, int64_t n)
{
	return fmt_count(buf, len, n > 0 ? n : 0);
}

const char *text_seconds(char *buf, size_t len, int64_t us)
{
	if (us < 1000000)
		return fmt_duration(buf, len, us);
	snprintf(buf, len, "%lld.%lld s", (long long)((us + 50000) / 1000000),
		 (long long)((us + 50000) / 100000 % 10));
	return buf;
}

/* ---- no connection any more ------------------------------------------------------- */

void say_abandoned(const struct incident *inc, char *buf, size_t len)
{
	const struct endpoint *s = &inc->sender;
	char waited[32], late[32];

	if (s->end.ago_us == UNKNOWN)
		return;
	if (s->age_us != UNKNOWN && s->age_us >= s->end.ago_us)
		snprintf(buf, len, "connect() was given up after %s; the SYN-ACK came %s after that",
			 text_seconds(waited, sizeof(waited), s->age_us - s->end.ago_us),
			 fmt_duration(late, sizeof(late), s->end.ago_us));
	else
		snprintf(buf, len, "connect() was given up; the SYN-ACK came %s after that",
			 fmt_duration(late, sizeof(late), s->end.ago_us));
}

void say_after_reset(const struct incident *inc, char *buf, size_t len)
{
	const struct ending *end = &inc->sender.end;
	bool here = end->how == END_RST_SENT;
	char ago[32] = "";
	int n;

	if (end->ago_us != UNKNOWN)
		fmt_duration(ago, sizeof(ago), end->ago_us);
	n = snprintf(buf, len, "a reset %s this end had ended the connection %s%sbefore",
		     here ? "sent by" : "that came to", ago, *ago ? " " : "");
	if (!here && went_on(inc) && n > 0 && (size_t)n < len)
		snprintf(buf + n, len - n, inc->earlier_sent ?
			 ", and the peer goes on beyond its number, though this host saw it sent" :
			 inc->lost & LOST_EARLIER ? ", and the peer goes on, so it may not be the one that sent it" :
			 ", and the peer goes on as if it had sent none");
}

void say_after_error(const struct incident *inc, char *buf, size_t len)
{
	char ago[32];

	if (inc->sender.end.ago_us != UNKNOWN)
		snprintf(buf, len, "an error had ended the connection at this end %s before",
			 fmt_duration(ago, sizeof(ago), inc->sender.end.ago_us));
}

void say_late_ack(const struct incident *inc, char *buf, size_t len)
{
	char ago[32];

	if (inc->sender.end.ago_us != UNKNOWN)
		snprintf(buf, len, "an ACK came once more for a connection that had ended in peace %s before",
			 fmt_duration(ago, sizeof(ago), inc->sender.end.ago_us));
}

void say_rejected(const struct incident *inc, char *buf, size_t len)
{
	const char *said = inc->abort_err == EACCES ? "administratively prohibited" : "port unreachable";
	char numbers[48];

	if (inc->icmp_type != UNKNOWN)
		said = icmp_text(inc, numbers, sizeof(numbers));
	snprintf(buf, len, "the SYN to port %lld was answered by ICMP: %s, as REJECT rules do",
		 (long long)inc->sport, said);
}

void say_restarted(const struct incident *inc, char *buf, size_t len)
{
	if (inc->still_listens)
		snprintf(buf, len, "one of several listeners of port %lld closed with this connection in "
			 "its queue", (long long)inc->sport);
	else
		snprintf(buf, len, "a listener of port %lld closed with this connection in its queue",
			 (long long)inc->sport);
}

/* ---- hardly a connection ------------------------------------------------------------ */

void say_aborted(const struct incident *inc, char *buf, size_t len)
{
	char n[48];

	if (inc->kind == KIND_REPLY)
		snprintf(buf, len, "a SYN-ACK came for a connect that no socket here made");
	else
		snprintf(buf, len, "the client closed with the server's side of the TLS handshake, %s, unread",
			 bytes(n, sizeof(n), inc->sender.unread));
}

void say_probe(const struct incident *inc, char *buf, size_t len)
{
	int64_t age = inc->sender.age_us != UNKNOWN ? inc->sender.age_us : inc->victim.age_us;
	char after[32];

	if (age != UNKNOWN && inc->sender.closed_us > 0 && inc->sender.closed_us < age)
		age -= inc->sender.closed_us;
	if (age != UNKNOWN)
		snprintf(buf, len, "the client connected, asked nothing and was gone after %s",
			 fmt_duration(after, sizeof(after), age));
}

/* ---- TLS ---------------------------------------------------------------------------------- */

void say_close_notify(const struct incident *inc, char *buf, size_t len)
{
	int64_t n = inc->kind == KIND_REPLY ? inc->seg_len : inc->sender.unread;

	snprintf(buf, len, "what %s is a TLS close_notify by its %s (%lld bytes)",
		 inc->kind == KIND_REPLY ? "came after the close" : "was left unread",
		 tls_is_record(inc) ? "first bytes" : "size", (long long)n);
}

void say_tickets(const struct incident *inc, char *buf, size_t len)
{
	int64_t n = inc->kind == KIND_REPLY ? inc->seg_len : inc->sender.unread;
	char size[48], age[32];

	snprintf(buf, len, "%s%s that the client never read, %s after it connected: TLS session tickets by "
		 "size and order", inc->kind == KIND_REPLY ? "" : "it was ", bytes(size, sizeof(size), n),
		 fmt_duration(age, sizeof(age), inc->sender.age_us));
}

/* ---- how much was under way ------------------------------------------------------------------ */

void say_slow(const struct incident *inc, char *buf, size_t len)
{
	char n[48];

	snprintf(buf, len, "when the sender closed, the reader was %s behind",
		 bytes(n, sizeof(n), unsent_at_close(inc)));
}

void say_thrown(const struct incident *inc, char *buf, size_t len)
{
	char n[48];

	snprintf(buf, len, "the reset threw away %s that had been written and not acknowledged",
		 bytes(n, sizeof(n), inc->sender.unsent));
}

/* ---- silences ------------------------------------------------------------------------------------ */

static const char *role_word(const struct endpoint *ep)
{
	return ep->role == ROLE_CLIENT ? "client" : ep->role == ROLE_SERVER ? "server" : "peer";
}

/* Whose idle timeout it was, ": nginx, keepalive_timeout", or whose default is as long. */
static void whose(const struct incident *inc, int64_t silence, char *buf, size_t len)
{
	const struct setting *s = setting_of(&inc->sender);
	const char *name = !s ? NULL : inc->sender.role == ROLE_CLIENT ? s->client : s->server;
	char list[120];

	buf[0] = '\0';
	if (name) {
		snprintf(buf, len, ": %s, %s", s->program, name);
		return;
	}
	setting_guess(list, sizeof(list), silence);
	if (list[0])
		snprintf(buf, len, ": as long as the default of %s", list);
}

/*
 * Only the receiver is seen: it knows how long ago its peer's last data came, but not when the
 * FIN did.
 */
static void say_silence_here(const struct incident *inc, char *buf, size_t len)
{
	char quiet[32], list[120];
	int64_t heard = inc->victim.heard_us;
	int n;

	if (heard == UNKNOWN)
		return;
	setting_guess(list, sizeof(list), heard);
	n = snprintf(buf, len, "data met a connection whose peer had been silent for %s",
		     text_seconds(quiet, sizeof(quiet), heard));
	if (list[0] && n > 0 && (size_t)n < len)
		snprintf(buf + n, len - n, ": as long as the default of %s", list);
}

void say_race(const struct incident *inc, char *buf, size_t len)
{
	char quiet[32], late[32], who[160];
	int64_t silence = silence_at_close(inc);

	if (inc->kind != KIND_REPLY || silence == UNKNOWN) {
		say_silence_here(inc, buf, len);
		return;
	}
	whose(inc, silence, who, sizeof(who));
	snprintf(buf, len, "the %s closed after %s of silence; data came %s later%s",
		 role_word(&inc->sender), text_seconds(quiet, sizeof(quiet), silence),
		 fmt_duration(late, sizeof(late), inc->sender.closed_us), who);
}

void say_idle(const struct incident *inc, char *buf, size_t len)
{
	char quiet[32], late[40] = "", ago[32], who[160];
	int64_t silence = silence_at_close(inc);

	if (inc->kind == KIND_RECEIVED || silence == UNKNOWN) {
		say_silence_here(inc, buf, len);
		return;
	}
	if (inc->sender.closed_us != UNKNOWN)
		snprintf(late, sizeof(late), "; data came %s later",
			 fmt_duration(ago, sizeof(ago), inc->sender.closed_us));
	if (inc->sender.unread > 0) {
		snprintf(buf, len, "the %s gave up a connection that it had not used for %s, a goodbye of %lld "
			 "bytes unread", role_word(&inc->sender), text_seconds(quiet, sizeof(quiet),
								    inc->sender.said_us),
			 (long long)inc->sender.unread);
		return;
	}
	whose(inc, silence, who, sizeof(who));
	snprintf(buf, len, "the %s closed after %s of silence%s%s", role_word(&inc->sender),
		 text_seconds(quiet, sizeof(quiet), silence), late, who);
}

/* ---- by role ------------------------------------------------------------------------------------------- */

void say_refused(const struct incident *inc, char *buf, size_t len)
{
	char n[48], after[32];

	if (inc->sender.bytes_out == 0) {
		snprintf(buf, len, "the server read nothing, wrote nothing and reset the connection after %s",
			 fmt_duration(after, sizeof(after), inc->sender.age_us));
		return;
	}
	snprintf(buf, len, "the server read nothing, wrote %s and closed",
		 bytes(n, sizeof(n), inc->sender.bytes_out));
}

void say_early(const struct incident *inc, char *buf, size_t len)
{
	const struct endpoint *s = &inc->sender;
	char out[48], in[48], rest[48];

	if (inc->kind == KIND_RECEIVED)
		snprintf(buf, len, "the server had answered (%s came) while the request was still being sent",
			 bytes(in, sizeof(in), inc->victim.bytes_in));
	else if (s->unread > 0)
		snprintf(buf, len, "the server answered (%s) and closed with %s of %s unread",
			 bytes(out, sizeof(out), s->bytes_out), count(rest, sizeof(rest), s->unread),
			 bytes(in, sizeof(in), s->bytes_in));
	else
		snprintf(buf, len, "the server had answered (%s) and closed; more data of the client's came",
			 bytes(out, sizeof(out), s->bytes_out));
}

/* " (16 KiB and 4 bytes)": a buffer's size and a few bytes of header, as most limits are. */
static void limit(int64_t n, char *buf, size_t len)
{
	int64_t size = 512;

	buf[0] = '\0';
	while (size * 2 <= n)
		size *= 2;
	if (n >= 1024 && n - size <= 16 && n < (1 << 30))
		snprintf(buf, len, " (%lld KiB%s%.0lld%s)", (long long)size / 1024, n > size ? " and " : "",
			 (long long)(n - size), n > size ? " bytes" : "");
}

static void ended_by(const struct endpoint *s, char *buf, size_t len)
{
	snprintf(buf, len, "%s%s", !s->exit[0] ? "closed" : !strcmp(s->exit, "exit") ? "exited" :
		 "was ended by ", s->exit[0] && strcmp(s->exit, "exit") ? s->exit : "");
}

void say_gave_up(const struct incident *inc, char *buf, size_t len)
{
	const struct endpoint *s = &inc->sender;
	char got[32], of[48], how[40], hint[64], n[48], quiet[32], vain[48] = "";
	int64_t r = endpoint_read(s);

	ended_by(s, how, sizeof(how));
	if (waited_in_vain(inc))
		snprintf(vain, sizeof(vain), " for %s", text_seconds(quiet, sizeof(quiet), silence_at_close(inc)));
	if (inc->kind == KIND_RECEIVED) {
		snprintf(buf, len, "the server answered nothing to %s, and reset",
			 bytes(n, sizeof(n), inc->victim.bytes_out));
	} else if (s->unread > 0 && r != UNKNOWN) {
		limit(r, hint, sizeof(hint));
		snprintf(buf, len, "the server read %s of %s%s, answered nothing%s and %s",
			 count(got, sizeof(got), r), bytes(of, sizeof(of), s->bytes_in), hint, vain, how);
	} else if (s->bytes_in > 0) {
		snprintf(buf, len, "the server had %s, answered nothing%s and %s",
			 bytes(of, sizeof(of), s->bytes_in), vain, how);
	} else {
		snprintf(buf, len, "the server read nothing, answered nothing%s and %s", vain, how);
	}
}

/*
 * How long the server had heard nothing may be why it ended. How long it had said nothing tells
 * less, as its last words may be a goodbye.
 */
void say_server_ended(const struct incident *inc, char *buf, size_t len)
{
	const struct endpoint *s = &inc->sender;
	int64_t quiet = s->end.how == END_CLOSED ? s->end.heard_us : s->heard_us;
	char heard[32], how[40], out[48];

	ended_by(s, how, sizeof(how));
	if (quiet >= 100000)
		snprintf(buf, len, "the server had answered (%s) and %s, having heard nothing for %s",
			 bytes(out, sizeof(out), s->bytes_out), how, text_seconds(heard, sizeof(heard), quiet));
	else
		snprintf(buf, len, "the server had answered (%s) and %s",
			 bytes(out, sizeof(out), s->bytes_out), how);
}

void say_written_later(const struct incident *inc, char *buf, size_t len)
{
	const struct endpoint *s = &inc->sender;
	char out[48], late[32], n[48], quiet[32], had[64] = "";

	if (heard_at_close(inc) >= WAITED_US)
		snprintf(had, sizeof(had), ", having heard nothing for %s",
			 text_seconds(quiet, sizeof(quiet), heard_at_close(inc)));
	snprintf(buf, len, "the server had answered (%s) and closed%s; %s of the client's came %s later",
		 bytes(out, sizeof(out), s->bytes_out), had, bytes(n, sizeof(n), inc->seg_len),
		 fmt_duration(late, sizeof(late), s->closed_us));
}

void say_cut_off(const struct incident *inc, char *buf, size_t len)
{
	char out[48];

	snprintf(buf, len, "the server aborted after it had written %s",
		 bytes(out, sizeof(out), inc->sender.bytes_out));
}

/* How long the client had waited since it last wrote. */
static int64_t waited(const struct incident *inc)
{
	return inc->sender.end.how == END_CLOSED ? inc->sender.end.said_us : inc->sender.said_us;
}

static void say_answer(const struct incident *inc, char *buf, size_t len)
{
	const struct endpoint *s = &inc->sender;
	char n[48];

	if (s->unread > 0)
		snprintf(buf, len, "with %s unread", bytes(n, sizeof(n), s->unread));
	else if (inc->victim.unsent > 0)
		snprintf(buf, len, "with %s on the way to it", bytes(n, sizeof(n), inc->victim.unsent));
	else if (inc->kind == KIND_REPLY && inc->seg_len > 0)
		snprintf(buf, len, "and %s came after that", bytes(n, sizeof(n), inc->seg_len));
	else
		snprintf(buf, len, "without an answer");
}

void say_exited(const struct incident *inc, char *buf, size_t len)
{
	bool killed = strcmp(inc->sender.exit, "exit") != 0;
	char what[80];

	say_answer(inc, what, sizeof(what));
	snprintf(buf, len, "the client's process %s%s %s", killed ? "was ended by " : "exited",
		 killed ? inc->sender.exit : "", what);
}

void say_left(const struct incident *inc, char *buf, size_t len)
{
	char after[32], what[80];
	int64_t us = waited(inc);

	if (inc->kind == KIND_RECEIVED) {
		bool elsewhere = inc->sender.local != 1 && !inc->unseen && !(inc->lost & LOST_SENDING);

		snprintf(buf, len, "the client%s reset the connection%s", elsewhere ? ", on another host," : "",
			 inc->victim.unsent > 0 ? " with the answer on the way to it" : "");
		return;
	}
	say_answer(inc, what, sizeof(what));
	if (us == UNKNOWN || us < 1000 || inc->sender.bytes_out == 0)
		snprintf(buf, len, "the client left %s", what);
	else
		snprintf(buf, len, "the client left %s after its last word, %s",
			 text_seconds(after, sizeof(after), us), what);
}

void say_client_done(const struct incident *inc, char *buf, size_t len)
{
	char n[48];

	snprintf(buf, len, "the client had read all that came, %s, and aborted",
		 bytes(n, sizeof(n), inc->sender.bytes_in));
}
