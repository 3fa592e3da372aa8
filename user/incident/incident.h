/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An incident: everything known about one reset. Plain data, one owner, no
 * pointers: it may be copied and kept.
 *
 * A number that is not known is UNKNOWN, a string that is not known is empty;
 * neither reaches the output. record_rows.c has one row for each member.
 */
#ifndef INCIDENT_H
#define INCIDENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "events/event.h"

#define UNKNOWN INT64_MIN
#define MAX_FAILURES 8

enum kind { KIND_NONE, KIND_ACTIVE, KIND_REPLY, KIND_NETFILTER, KIND_RECEIVED, KIND_TIMEOUT,
	    KIND_MAX };

enum outcome {
	OUTCOME_UNSET,
	OUTCOME_ERROR,		/* a call failed */
	OUTCOME_EOF,		/* a read took the reset for the end of the stream */
	OUTCOME_UNNOTICED,	/* the socket was destroyed before any call met the reset */
	OUTCOME_PENDING,	/* no call has met it so far */
	OUTCOME_NONE,		/* no socket received it */
	OUTCOME_REMOTE,		/* the victim is on another host */
	OUTCOME_MAX,
};

enum confidence { CONFIDENCE_UNSET, GUESS, LIKELY, CERTAIN, CONFIDENCE_MAX };

/* Events that may have been lost: that they are absent then proves nothing. */
#define LOST_SENDING	(1u << 0)
#define LOST_RECEIPT	(1u << 1)
#define LOST_CALLS	(1u << 2)	/* on the victim's socket, or the sender's, since the reset */
#define LOST_END	(1u << 3)	/* of the victim's socket */
#define LOST_LATER	(1u << 4)	/* segments for the connection after a reset from elsewhere */
#define LOST_EARLIER	(1u << 5)	/* the sending of the reset that had ended the connection before */

/* How far the connection had come, in the terms of Cloudflare Radar. */
enum stage {
	STAGE_UNKNOWN,
	STAGE_POST_SYN,		/* the handshake was not over */
	STAGE_POST_ACK,		/* no data had gone either way */
	STAGE_POST_DATA,	/* one segment with data had been sent */
	STAGE_LATER,
};

/* What SIGPIPE did, beyond being raised. */
enum sigpipe_action { SIGPIPE_NONE, SIGPIPE_HANDLED, SIGPIPE_IGNORED, SIGPIPE_KILLED,
		      SIGPIPE_ACTION_MAX };

/* What a call returned that met an error after it may have done a part of its work. */
enum returned {
	RETURNED_ERROR,
	RETURNED_PART,		/* the part: the error was lost with it */
	RETURNED_EITHER,	/* the error, or a part: not known which */
	RETURNED_MAX,
};

/* One call that met an error on the victim's socket, or read end of file there. */
struct failure {
	int64_t err;		/* errno; 0: end of file */
	char syscall[24];
	int64_t fd, pid, tid;
	char comm[RST_COMM_LEN];
	int64_t delay_us;	/* since the RST */
	int64_t sigpipe;	/* 0, 1 or UNKNOWN */
	enum sigpipe_action action;
	enum returned returned;
	bool inferred;		/* no hook shows the errno: it follows from the socket's state */
	bool on_sender;		/* the sender's own socket, which its RST killed too */
};

/* How the connection had ended before, as far as one end is concerned. */
struct ending {
	enum rst_end how;
	int64_t ago_us;		/* before the RST */
	int64_t unsent;		/* bytes written and not acknowledged then */
	int64_t heard_us, said_us;	/* the silences then */
	int64_t rst_seq;	/* END_RST_RECEIVED */
};

/* One end of the connection. */
struct endpoint {
	int64_t local;		/* 1: this host saw it; 0: it did not */
	int64_t pid, tid, uid, fd;
	char comm[RST_COMM_LEN];	/* of the thread */
	char process[RST_COMM_LEN];	/* of the first thread; "": not known */
	char exe[256];
	enum rst_owner_how owner;
	char syscall[24];	/* sender: the call that caused the RST */
	char state[16];		/* TCP state before the RST */
	int64_t unread, unsent, linger0;
	char exit[16];		/* "exit", or the signal that ends the process */
	char cgroup[256];
	char container[72];
	char container_name[128];
	char pod[192];		/* NAMESPACE/NAME */
	char unit[128];
	enum rst_role role;
	int64_t role_guess;	/* 1: the role is a guess */
	struct ending end;
	int64_t segs_in, segs_out;
	int64_t said_us;	/* since it last sent data, or since the handshake */
	int64_t age_us, idle_us, heard_us, bytes_in, bytes_out, srtt_us, retrans;
	int64_t mptcp;		/* 1: an MPTCP subflow */
	/* of the thread: the sender's at its call, the victim's at the first that failed; NULL: not known */
	const struct stack_text *stack, *kstack;

	/* Not printed: for chain and rules. */
	uint64_t cgroup_id;
	uint32_t netns;		/* where this end was seen; 0: nowhere */
	uint64_t sock_id, sk;
	int64_t closed_us;	/* how long before the RST the owner closed or shut down; UNKNOWN: it had not */
	uint32_t bits;		/* SOCKF_* */
	uint8_t shutdown, tcp_state, old_state;
	int32_t linger2, sk_err;
	int64_t data_segs;	/* both ways */
	int64_t user_timeout_ms;	/* TCP_USER_TIMEOUT; UNKNOWN: not set */
	int64_t retransmits, probes;	/* unanswered ones in a row */
	bool accepted_only;	/* its owner has accepted it at most, and done nothing with it since */
	bool seen;		/* this end's event is in */
	bool have_sock;		/* a full socket was read */
	bool timewait;
};

/* The process in whose call the kernel aborted a socket that another process owns. */
struct killer {
	int64_t pid;
	char comm[RST_COMM_LEN];
	char syscall[24];
};

struct incident {
	char id[48];
	int64_t rev;
	int64_t time_ns;	/* since the epoch */
	char host[65];
	enum kind kind;
	uint8_t family;		/* 4 or 6 */
	uint8_t saddr[16], daddr[16];	/* network byte order; v4 in the first 4 bytes */
	int64_t sport, dport;
	int64_t netns;
	int64_t rst_seq;
	int64_t sampled;	/* one in so many chains of events was told; UNKNOWN: all were */
	int64_t rst_ack;	/* UNKNOWN: it has none, or not seen */
	int64_t rst_ttl, rst_ip_id;	/* as it arrived; hop limit, and no id, in v6 */
	int64_t flow_ttl, flow_ip_id;	/* of another segment of the sender's */
	char rst_text[RST_PAYLOAD_MAX];	/* what the RST carried; any bytes but NUL */
	int64_t icmp_type, icmp_code;	/* KIND_TIMEOUT: of the message that answered the SYN; UNKNOWN: not kept */
	uint8_t icmp_from[16];		/* ... and who sent it */
	char reason[40];
	const char *cause;	/* a code from the rule table, never freed */
	char cause_text[256];
	char advice[256];
	enum confidence confidence;
	const char *situation;	/* a code from the table of situations; NULL: none */
	char situation_text[256];
	enum confidence situation_confidence;
	enum stage stage;
	char follows[48];	/* id of the incident that this one came from */
	enum outcome outcome;
	struct endpoint sender, victim;
	struct killer killer;
	int64_t accept_queue, accept_queue_max;
	struct failure failures[MAX_FAILURES];
	int64_t n_failures;	/* may exceed MAX_FAILURES: the rest was counted, not kept */

	/* Not printed: about the revisions before this one. */
	bool passed;		/* one was shown: the filters let it through */
	bool only_outcome;	/* ... and only the outcome and the failing calls have changed since */
	enum outcome was;	/* outcome, cause, situation and number of failures of the last one */
	const char *was_cause, *was_situation;
	int64_t n_told;

	/* Not printed: evidence for the rules. */
	uint64_t mono_ns;	/* CLOCK_MONOTONIC of the first event */
	int64_t seg_flags;	/* TCP flags of the segment answered; UNKNOWN: none */
	int64_t seg_len;
	int64_t seg_seq;	/* of that segment's first byte */
	uint8_t seg_head[8];	/* its payload's first bytes */
	bool loopback;
	bool unrouted;		/* the RST may have gone nowhere: its socket had no route */
	int32_t abort_err;	/* KIND_TIMEOUT: the errno left on the socket */
	uint8_t nf_hook;	/* KIND_NETFILTER: enum nf_inet_hooks; 0: not known */
	bool calls_unseen;	/* no probe shows the victim's calls: one may have met the reset */
	uint8_t lost;		/* LOST_*: which events may have been lost, as far as is known now */
	bool unseen;		/* this host sent the RST, and a probe should have shown it, but none did */
	bool filtered;		/* netfilter had just dropped the segment that the RST answers */
	uint8_t abort;		/* if unseen: PEER_*, how the other end's socket closed */
	int64_t listens;	/* 1: a socket listened where the connect was refused; 0: none was known */
	bool recent;		/* the sender's owner is that of a socket that had closed, or begun to */
	bool join;		/* the segment answered was to join an MPTCP connection: a SYN, or the ACK after it */
	bool listener;		/* the sending socket is a listener */
	bool translated;	/* another record has the same RST, as it was before a NAT */
	bool earlier_sent;	/* .follows: the RST that had ended the connection was seen being sent */
	bool passed_on;		/* .follows: what the sender's process met on another connection */
	int64_t went_on_us;	/* data beyond the RST's number came so long after it; UNKNOWN: none */
	int64_t more_resets;	/* that came later, with numbers beyond this one's */
	bool still_listens;	/* listener-closed: another listener has the port */
	bool by_kernel;		/* no process was running where the RST was sent */
};

/* Set every member to "not known". */
void incident_init(struct incident *inc);
void endpoint_init(struct endpoint *ep);
void killer_init(struct killer *k);

/*
 * Sets whose socket the end is: name is the thread's, of RST_COMM_LEN bytes. If the end had
 * another process before, that one's name is forgotten.
 */
void endpoint_user(struct endpoint *ep, uint32_t pid, uint32_t tid, const char *name);

/* Whose socket the end is, is not known, nor what was looked up of it. */
void endpoint_forget_user(struct endpoint *ep);

/* The process's name, or its thread's if only that is known; RST_COMM_LEN bytes, maybe empty. */
const char *endpoint_name(const struct endpoint *ep);

/* Whether the thread has a name of its own. */
bool endpoint_thread(const struct endpoint *ep);

/* Whether the victim's program noticed: a call failed, or took the reset for the end of the stream. */
bool outcome_hurts(enum outcome o);

/*
 * Makes the id from the incident's first event. The boot's id is part of it: the clock
 * starts again with each boot, and may be the same on another host.
 */
void incident_set_id(struct incident *inc, const char *boot, const struct rst_event *ev);

/* A number made from host and id, so that it is the same wherever the record is read. */
uint64_t incident_number(const struct incident *inc);

/* Bytes that the end's process has read; UNKNOWN where that cannot be said. */
int64_t endpoint_read(const struct endpoint *ep);

/* The failing calls that were kept: at most MAX_FAILURES. */
size_t incident_n_failures(const struct incident *inc);

/* The errno that the reset, or the timeout, left on the victim's socket. */
int incident_left_error(const struct incident *inc);

/*
 * The first call that returned an error, on the victim's socket if any did there; NULL where
 * none did, or where one before it may have been lost.
 */
const struct failure *incident_first_error(const struct incident *inc);

/* The first read that took the reset for the end of the stream, or NULL, also where it may be lost. */
const struct failure *incident_first_eof(const struct incident *inc);

#endif
