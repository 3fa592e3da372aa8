/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What one event says about an incident. Pure: events in, members of the
 * incident out; nothing is looked up but the names of system calls.
 */
#ifndef FACTS_H
#define FACTS_H

#include "incident/incident.h"
#include "events/meta.h"

/* The sending end: EV_SENT_*. Fills sender, segment and flow. */
void facts_sent(struct incident *inc, const struct rst_event *ev, const struct source_meta *meta);

/* The receiving end: EV_RECEIVED. Fills victim, and segment and flow where the sender did not. */
void facts_received(struct incident *inc, const struct rst_event *ev,
		    const struct source_meta *meta);

/* A connection that died without a RST: EV_ABORTED. The victim is its owner, the peer the sender. */
void facts_aborted(struct incident *inc, const struct rst_event *ev,
		   const struct source_meta *meta);

/*
 * EV_ABORTED: whether keepalive gave the connection up (tcp_keepalive_timer()), as no other timer
 * does while nothing waits for an acknowledgement. Then *sent is the RST that left before.
 */
bool facts_keepalive(const struct rst_event *ev, struct rst_event *sent);

/*
 * The socket ended with no error left on it (EV_DESTROY with err 0), although no call
 * was seen to fail: a call that no probe shows took the error. Returns false if one was seen.
 */
bool facts_taken_unseen(struct incident *inc);

/*
 * EV_SENT_*: whether the RST ends the sender's own socket while a process still holds
 * it (data after shutdown, keepalive, ss -K), so that calls of the sender will fail as
 * well. A process that resets by itself has closed the socket and makes no more calls,
 * except after connect(AF_UNSPEC), which leaves ECONNRESET.
 */
bool facts_kills_sender(const struct incident *inc, const struct rst_event *ev);

/*
 * Whether a call is on another socket than the incident's. One that was never tracked is known by its
 * address alone; where nothing tells of its end, another has that address later, with other ports.
 */
bool facts_other_socket(const struct incident *inc, const struct rst_event *ev, bool on_sender);

/* EV_CALL: a call failed, or took the reset for the end of the stream. */
void facts_call(struct incident *inc, const struct rst_event *ev, bool on_sender);

/*
 * How long a reset from elsewhere is watched. If the peer then sends more data, or more
 * resets with other numbers come, the peer did not send this one.
 */
#define WATCH_NS 2000000000ULL

/* A reset from elsewhere: nothing on this host shows who sent it. */
bool facts_may_be_forged(const struct incident *inc);

/*
 * A segment that came for the connection after its reset: true if its data lies
 * beyond the number of the RST, so that its sender has not sent that.
 */
bool facts_peer_goes_on(struct incident *inc, const struct rst_event *ev);

/* One more RST for the connection, which was ignored: true if its number lies beyond the first's. */
bool facts_another_reset(struct incident *inc, const struct rst_event *ev);

/*
 * `lost` (LOST_*) says which of the events that the incident lacks may have been lost. It is then
 * not known on which host an end is that was not seen.
 */
void facts_lost(struct incident *inc, uint8_t lost);

/*
 * What the victim's program saw so far; `gone`: its socket exists no more.
 * OUTCOME_UNSET where the receipt, or a call that failed, may have gone unseen.
 */
enum outcome facts_outcome(const struct incident *inc, bool gone);

#endif
