/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a situation fits an incident, once the cause is known: judged by which end was client
 * and which server, what each had read and written, and how long it had been silent. A
 * situation that only this speaks for is likely at most.
 */
#include "cause/situations_match.h"

#include <string.h>

#include "cause/rules_match.h"
#include "cause/situations.h"
#include "cause/tls.h"
#include "incident/icmp.h"

enum { SYN_SENT = 2, FIN_WAIT1 = 4, FIN_WAIT2 = 5, CLOSE_WAIT = 8,
       LAST_ACK = 9, CLOSING = 11 };	/* include/net/tcp_states.h */

#define TH_FIN 0x01
#define TH_SYN 0x02
#define TH_ACK 0x10

#define MS 1000LL
#define SECOND 1000000LL

#define SHORT_US (1 * SECOND)		/* longer than a probe takes on any path */
#define TICK_US (10 * MS)		/* the longest tick of a kernel, at 100 Hz */
#define LITTLE 4096			/* a long greeting or error message */
#define FLIGHT 8192			/* the first messages of a TLS server, with certificates */
#define MUCH 4096			/* more than is under way between two calls */
#define PAUSE_US (100 * MS)		/* longer than between two segments of one request */
#define HEAP 65536			/* more than is unread at a reader that keeps up */

static bool cause_is(const struct incident *inc, const char *cause)
{
	return inc->cause && !strcmp(inc->cause, cause);
}

static enum confidence sure_if(bool yes, enum confidence c)
{
	return yes ? c : CONFIDENCE_UNSET;
}

static bool known(int64_t n)
{
	return n != UNKNOWN;
}

static bool some(int64_t n)
{
	return known(n) && n > 0;
}

/* The sender took the connection away with a RST, not a FIN. */
static bool is_abort(const struct incident *inc)
{
	return cause_is(inc, "close-with-unread") || cause_is(inc, "linger-zero") ||
	       cause_is(inc, "disconnect");
}

/* The sender had closed in order, and then data came. */
static bool is_after_close(const struct incident *inc)
{
	return cause_is(inc, "data-after-close") || cause_is(inc, "data-after-shutdown");
}

/* The sender is on another host, known by its RST alone. Where a sending may be lost, it may be on this one. */
static bool is_remote(const struct incident *inc)
{
	return inc->kind == KIND_RECEIVED && !inc->loopback && !inc->translated && !cause_is(inc, "injected") &&
	       inc->victim.old_state != SYN_SENT && !(inc->lost & LOST_SENDING);
}

static bool is_reply_to(const struct incident *inc, int64_t flags)
{
	return inc->kind == KIND_REPLY && known(inc->seg_flags) &&
	       (inc->seg_flags & (TH_SYN | TH_ACK | TH_FIN)) == flags;
}

int64_t silence_at_close(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;
	bool before = s->end.how == END_CLOSED;
	int64_t heard = before ? s->end.heard_us : s->heard_us;
	int64_t said = before ? s->end.said_us : s->said_us;

	if (!known(heard) || !known(said))
		return UNKNOWN;
	return heard < said ? heard : said;
}

int64_t unsent_at_close(const struct incident *inc)
{
	return inc->sender.end.how == END_CLOSED ? inc->sender.end.unsent : inc->sender.unsent;
}

/* ---- no connection any more ------------------------------------------------------- */

/* tcp_close() in SYN_SENT sends nothing; the SYN-ACK then finds no socket */
enum confidence situation_abandoned(const struct incident *inc)
{
	return sure_if(is_reply_to(inc, TH_SYN | TH_ACK) && inc->sender.end.how == END_CONNECTING,
		       CERTAIN);
}

enum confidence situation_after_reset(const struct incident *inc)
{
	return sure_if(inc->kind == KIND_REPLY && (inc->listener || !inc->sender.have_sock) &&
		       (inc->sender.end.how == END_RST_SENT || inc->sender.end.how == END_RST_RECEIVED),
		       CERTAIN);
}

enum confidence situation_after_error(const struct incident *inc)
{
	return sure_if(inc->kind == KIND_REPLY && (inc->listener || !inc->sender.have_sock) &&
		       inc->sender.end.how == END_FAILED, CERTAIN);
}

bool went_on(const struct incident *inc)
{
	const struct ending *end = &inc->sender.end;

	if (end->how != END_RST_RECEIVED || !known(end->rst_seq) || !known(inc->seg_seq) ||
	    !some(inc->seg_len))
		return false;
	return (int32_t)((uint32_t)inc->seg_seq + (uint32_t)inc->seg_len - (uint32_t)end->rst_seq) > 0;
}

/* The last ACK came twice, or late: the socket has left LAST_ACK, so the listener gets the ACK. */
enum confidence situation_late_ack(const struct incident *inc)
{
	return sure_if(inc->listener && is_reply_to(inc, TH_ACK) && !some(inc->seg_len) &&
		       (inc->sender.end.how == END_PEER_CLOSED || inc->sender.end.how == END_CLOSED),
		       LIKELY);
}

enum confidence situation_rejected(const struct incident *inc)
{
	return sure_if(cause_is(inc, "icmp-unreachable") && inc->victim.old_state == SYN_SENT &&
		       icmp_rejects(inc), LIKELY);
}

enum confidence situation_restarted(const struct incident *inc)
{
	if (!cause_is(inc, "listener-closed"))
		return CONFIDENCE_UNSET;
	return inc->still_listens ? CERTAIN : GUESS;
}

/* A server's data came to a host that has no such connection, and is not known to have had it. */
enum confidence situation_untranslated(const struct incident *inc)
{
	return sure_if(cause_is(inc, "stray-segment") && inc->sender.role == ROLE_CLIENT &&
		       inc->sender.end.how == END_UNKNOWN && !inc->listener && known(inc->seg_flags) &&
		       !(inc->seg_flags & TH_SYN) && inc->victim.role == ROLE_SERVER,
		       GUESS);
}

/* ---- hardly a connection ------------------------------------------------------------ */

enum confidence situation_aborted(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;

	/* a program sent the SYN from a raw socket: the kernel answers the SYN-ACK */
	if (cause_is(inc, "stray-segment") && is_reply_to(inc, TH_SYN | TH_ACK) &&
	    s->end.how == END_UNKNOWN)
		return LIKELY;
	/* nothing was read: what is unread is the server's side of the TLS handshake */
	return sure_if(s->role == ROLE_CLIENT && cause_is(inc, "close-with-unread") &&
		       tls_port(inc) && some(s->bytes_out) && endpoint_read(s) == 0,
		       LIKELY);
}

static bool said_nothing(const struct endpoint *ep)
{
	return ep->bytes_in == 0 && ep->bytes_out == 0;
}

enum confidence situation_probe(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender, *v = &inc->victim;

	if (is_remote(inc) && v->role == ROLE_SERVER)
		return sure_if(said_nothing(v) && known(v->age_us) && v->age_us < SHORT_US, LIKELY);
	/* whatever became of a greeting; a process that ended is known where what it had sent is not */
	return sure_if(s->role == ROLE_CLIENT && (is_abort(inc) || (is_after_close(inc) && !s->exit[0])) &&
		       s->bytes_out == 0 && known(s->bytes_in) && s->bytes_in <= LITTLE && known(s->age_us) &&
		       s->age_us - (some(s->closed_us) ? s->closed_us : 0) < SHORT_US, LIKELY);
}

/* ---- TLS ---------------------------------------------------------------------------------- */

static bool is_closing(const struct incident *inc)
{
	uint8_t v = inc->victim.old_state;

	return inc->sender.old_state == CLOSE_WAIT || v == FIN_WAIT1 || v == FIN_WAIT2 ||
	       v == LAST_ACK || v == CLOSING || inc->outcome == OUTCOME_NONE;
}

/* The bytes of a segment that arrives are seen; those left unread are gone when the RST is sent. */
enum confidence situation_close_notify(const struct incident *inc)
{
	if (is_after_close(inc) && tls_is_record(inc))
		return sure_if(tls_is_alert(inc), LIKELY);
	if (is_after_close(inc))
		return sure_if(tls_alert_size(inc->seg_len) && tls_port(inc), LIKELY);
	if (!cause_is(inc, "close-with-unread") || !tls_alert_size(inc->sender.unread) ||
	    !some(endpoint_read(&inc->sender)))
		return CONFIDENCE_UNSET;
	if (tls_port(inc))
		return LIKELY;
	return sure_if(is_closing(inc), GUESS);
}

/* Session tickets come right after the handshake, and are small. */
enum confidence situation_tickets(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;
	int64_t since = s->age_us;

	if (s->role != ROLE_CLIENT || !known(since) || since > 10 * SECOND || !some(s->bytes_out))
		return CONFIDENCE_UNSET;
	if (is_after_close(inc))
		return sure_if(tls_ticket_size(inc->seg_len) && !tls_is_alert(inc) &&
			       (tls_is_record(inc) || (tls_port(inc) && s->bytes_in <= FLIGHT)),
			       LIKELY);
	if (!cause_is(inc, "close-with-unread") || !tls_port(inc))
		return CONFIDENCE_UNSET;
	return sure_if(tls_ticket_size(s->unread) && some(endpoint_read(s)), LIKELY);
}

/* ---- how much was under way ------------------------------------------------------------------ */

enum confidence situation_slow(const struct incident *inc)
{
	int64_t unsent = unsent_at_close(inc);

	if (!some(unsent) || unsent < HEAP)
		return CONFIDENCE_UNSET;
	if (is_after_close(inc))
		return LIKELY;
	/* only the reader's own end shows what it had left unread */
	if (is_abort(inc) && !inc->victim.seen && inc->lost & LOST_RECEIPT)
		return MAY_FIT;
	/* a reader that keeps up has little unread, and the sender goes on sending */
	return sure_if(is_abort(inc) && some(inc->victim.unread) &&
		       (inc->victim.unread >= HEAP / 2 ||
			(inc->victim.unread >= LITTLE && inc->sender.said_us >= WAITED_US)),
		       LIKELY);
}

enum confidence situation_thrown(const struct incident *inc)
{
	bool takes = is_abort(inc) || cause_is(inc, "out-of-memory") || cause_is(inc, "socket-killed");

	return sure_if(takes && known(inc->sender.unsent) && inc->sender.unsent >= MUCH, CERTAIN);
}

/* ---- silences ------------------------------------------------------------------------------------ */

/*
 * Nobody owed an answer when this end closed: a server had spoken last, a client had heard
 * last. A client that waits in vain for an answer has not been idle.
 */
static bool between_requests(const struct endpoint *s)
{
	bool before = s->end.how == END_CLOSED;
	int64_t heard = before ? s->end.heard_us : s->heard_us;
	int64_t said = before ? s->end.said_us : s->said_us;

	return s->role == ROLE_CLIENT ? heard <= said && some(s->bytes_in) :
				       s->bytes_out != 0 && said <= heard + TICK_US;
}

/* The connection had carried data, and then nothing for long. */
static bool was_idle(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;
	int64_t silence = silence_at_close(inc);

	return known(silence) && silence >= WAITED_US && !s->exit[0] && between_requests(s) &&
	       (some(s->bytes_in) || some(s->bytes_out)) && !some(unsent_at_close(inc));
}

/* The request crossed the FIN: its writer could not know of the close. */
enum confidence situation_race(const struct incident *inc)
{
	if (cause_is(inc, "keepalive-race"))
		return inc->confidence;
	return sure_if(is_after_close(inc) && was_idle(inc) && some(inc->seg_len) &&
		       known(inc->sender.closed_us) && inc->sender.closed_us < SHORT_US,
		       LIKELY);
}

/* The peer's FIN came after its last data, as long after as somebody's timeout, and then a write. */
static enum confidence idle_elsewhere(const struct incident *inc)
{
	const struct endpoint *v = &inc->victim;

	if (!cause_is(inc, "peer-reset-after-fin") || v->old_state != CLOSE_WAIT ||
	    !known(v->heard_us) || v->heard_us < WAITED_US || !some(v->unsent))
		return CONFIDENCE_UNSET;
	return usual_timeout(v->heard_us) ? LIKELY : GUESS;
}

enum confidence situation_idle(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;

	if (is_remote(inc))
		return idle_elsewhere(inc);
	if (is_after_close(inc))
		return sure_if(was_idle(inc) && some(inc->seg_len), LIKELY);
	if (cause_is(inc, "linger-zero"))
		return sure_if(was_idle(inc), LIKELY);
	/* the peer of an idle connection had said goodbye, and nobody read that */
	return sure_if(cause_is(inc, "close-with-unread") && s->old_state == CLOSE_WAIT &&
		       some(endpoint_read(s)) && known(s->said_us) && s->said_us >= WAITED_US &&
		       !s->exit[0] && s->unread <= LITTLE,
		       LIKELY);
}

/* ---- by role: the server went ----------------------------------------------------------------------- */

/* What the server had read before it closed. */
static int64_t server_read(const struct endpoint *s)
{
	return s->end.how == END_CLOSED ? s->bytes_in : endpoint_read(s);
}

static bool was_killed(const struct endpoint *s)
{
	return s->exit[0] && strcmp(s->exit, "exit");
}

/* The server read nothing and answered a little; or it took away a connection that had just come. */
enum confidence situation_refused(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;

	if (s->role != ROLE_SERVER || was_killed(s))
		return CONFIDENCE_UNSET;
	if (is_abort(inc) && s->linger0 == 1 && s->bytes_out == 0 && endpoint_read(s) == 0 && !s->exit[0])
		return sure_if(known(s->age_us) && s->age_us < SHORT_US, LIKELY);
	return sure_if((is_abort(inc) || is_after_close(inc)) && server_read(s) == 0 &&
		       some(s->bytes_out) && s->bytes_out <= LITTLE,
		       LIKELY);
}

/* A server with a process for each connection, as PostgreSQL and sshd, ends that process with it. */
enum confidence situation_server_ended(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;

	return sure_if(s->role == ROLE_SERVER && s->exit[0] && some(s->bytes_out) &&
		       (is_abort(inc) || is_after_close(inc)),
		       CERTAIN);
}

/*
 * What was still under way of a request comes within a round trip after the close. What comes
 * later was written by a client that had paused and not looked for the end of file.
 */
enum confidence situation_written_later(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;
	int64_t trip = some(inc->victim.srtt_us) ? inc->victim.srtt_us : 0;

	return sure_if(s->role == ROLE_SERVER && cause_is(inc, "data-after-close") && some(s->bytes_out) &&
		       some(inc->seg_len) && known(s->closed_us) && s->closed_us >= PAUSE_US + 2 * trip,
		       LIKELY);
}

enum confidence situation_early(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender, *v = &inc->victim;

	if (is_remote(inc) && v->role == ROLE_CLIENT)
		return sure_if(cause_is(inc, "peer-reset-during-send") && some(v->bytes_in), GUESS);
	if (s->role != ROLE_SERVER || !some(s->bytes_out) || s->exit[0])
		return CONFIDENCE_UNSET;
	/* a TLS server writes before it answers, so bytes written are no evidence of an answer */
	if (is_after_close(inc))
		return sure_if(some(inc->seg_len), tls_port(inc) ? GUESS : LIKELY);
	return sure_if(cause_is(inc, "close-with-unread"), tls_port(inc) ? GUESS : LIKELY);
}

enum confidence situation_gave_up(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender, *v = &inc->victim;

	if (is_remote(inc) && v->role == ROLE_CLIENT)
		return sure_if(v->bytes_in == 0 && some(v->bytes_out), LIKELY);
	if (s->role != ROLE_SERVER || s->bytes_out != 0)
		return CONFIDENCE_UNSET;
	if (is_after_close(inc))
		return sure_if(some(s->bytes_in) || some(inc->seg_len), LIKELY);
	return sure_if(is_abort(inc) && (some(s->bytes_in) || cause_is(inc, "linger-zero")), LIKELY);
}

/* A close with SO_LINGER 0, after all that had come was read. */
enum confidence situation_cut_off(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;

	return sure_if(s->role == ROLE_SERVER && cause_is(inc, "linger-zero") && some(s->bytes_out), LIKELY);
}

/* ---- by role: the client went ----------------------------------------------------------------------- */

/* The answer was there, on its way, or still to come. */
static bool answer_missed(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;

	return some(s->unread) || some(inc->victim.unsent) || some(inc->seg_len) ||
	       (some(s->bytes_out) && (s->bytes_in == 0 || (known(s->heard_us) && s->said_us < s->heard_us)));
}

/* Only the sending shows for certain whether the process was ending. */
enum confidence situation_exited(const struct incident *inc)
{
	if (inc->sender.role != ROLE_CLIENT || !(is_abort(inc) || is_after_close(inc)) || !answer_missed(inc))
		return CONFIDENCE_UNSET;
	return inc->sender.exit[0] ? CERTAIN : inc->unseen ? MAY_FIT : CONFIDENCE_UNSET;
}

enum confidence situation_left(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender, *v = &inc->victim;

	if (is_remote(inc) && v->role == ROLE_SERVER)
		return sure_if(some(v->bytes_in) || some(v->bytes_out), LIKELY);
	return sure_if(s->role == ROLE_CLIENT && (is_abort(inc) || is_after_close(inc)) &&
		       answer_missed(inc),
		       LIKELY);
}

/* The client aborted after it had read all that had come, as the server in situation_cut_off(). */
enum confidence situation_client_done(const struct incident *inc)
{
	const struct endpoint *s = &inc->sender;

	return sure_if(s->role == ROLE_CLIENT && cause_is(inc, "linger-zero") && some(s->bytes_in) &&
		       s->unread == 0 && s->unsent == 0 && !s->exit[0],
		       LIKELY);
}
