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
 * The socket is gone and its error with it, but no call was seen to take it:
 * one that no probe shows did (EV_DESTROY with err 0).
 */
void facts_taken_unseen(struct incident *inc);

/*
 * EV_SENT_*: the RST ends the sender's own socket, which its process still holds:
 * data after shutdown, keepalive, ss -K. Its calls will fail as well. What a process
 * itself ends is closed, but for connect(AF_UNSPEC), which leaves ECONNRESET.
 */
bool facts_kills_sender(const struct incident *inc, const struct rst_event *ev);

/* A failing call, or the end of file that swallowed the reset: EV_CALL. */
void facts_call(struct incident *inc, const struct rst_event *ev, bool on_sender);

/* How long a reset from elsewhere is watched: a peer that goes on, or sends more, never sent it. */
#define WATCH_NS 2000000000ULL

/* A reset from elsewhere, of which nothing here shows who sent it. */
bool facts_may_be_forged(const struct incident *inc);

/*
 * A segment that came for the connection after its reset: true if its data lies
 * beyond the number of the RST, so that its sender has not sent that.
 */
bool facts_peer_goes_on(struct incident *inc, const struct rst_event *ev);

/* One more RST for it, which was ignored: true if its number lies beyond what any peer would use. */
bool facts_another_reset(struct incident *inc, const struct rst_event *ev);

/*
 * What the incident lacks may be among events that were lost: LOST_*. Where an end is that was
 * not seen is not known then.
 */
void facts_lost(struct incident *inc, uint8_t lost);

/*
 * What the victim's application saw so far; `gone`: its socket exists no more.
 * OUTCOME_UNSET where the victim, or a call that saw it, may be there unseen.
 */
enum outcome facts_outcome(const struct incident *inc, bool gone);

#endif
