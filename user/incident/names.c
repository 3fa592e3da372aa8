/* SPDX-License-Identifier: GPL-2.0 */
#include "incident/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "incident/incident.h"

static const char *const kind_names[] = {
	[KIND_ACTIVE] = "active",     [KIND_REPLY] = "reply",	  [KIND_NETFILTER] = "netfilter",
	[KIND_RECEIVED] = "received", [KIND_TIMEOUT] = "timeout",
};

static const char *const outcome_names[] = {
	[OUTCOME_ERROR] = "error",	   [OUTCOME_EOF] = "eof",
	[OUTCOME_UNNOTICED] = "unnoticed", [OUTCOME_PENDING] = "pending",
	[OUTCOME_NONE] = "none",	   [OUTCOME_REMOTE] = "remote",
};

static const char *const confidence_names[] = {
	[GUESS] = "guess",
	[LIKELY] = "likely",
	[CERTAIN] = "certain",
};

static const char *const owner_names[] = {
	[OWNER_NONE] = "none",	       [OWNER_CALLER] = "caller",
	[OWNER_SOCKET] = "socket",     [OWNER_SNAPSHOT] = "snapshot",
	[OWNER_LISTENER] = "listener", [OWNER_KERNEL] = "kernel",
};

static const char *const action_names[] = {
	[SIGPIPE_HANDLED] = "handled",
	[SIGPIPE_IGNORED] = "ignored",
	[SIGPIPE_KILLED] = "killed",
};

static const char *const returned_names[] = {
	[RETURNED_PART] = "part",
	[RETURNED_EITHER] = "error-or-part",
};

static const char *const role_names[] = {
	[ROLE_CLIENT] = "client",
	[ROLE_SERVER] = "server",
};

static const char *const stage_names[] = {
	[STAGE_POST_SYN] = "post-syn",	 [STAGE_POST_ACK] = "post-ack",
	[STAGE_POST_DATA] = "post-data", [STAGE_LATER] = "later",
};

static const char *const end_names[] = {
	[END_CLOSED] = "closed",	[END_PEER_CLOSED] = "peer-closed",
	[END_RST_SENT] = "reset-sent",	[END_RST_RECEIVED] = "reset-received",
	[END_CONNECTING] = "connecting", [END_FAILED] = "failed",
};

_Static_assert(ARRAY_SIZE(kind_names) == KIND_MAX, "a name for every kind");
_Static_assert(ARRAY_SIZE(outcome_names) == OUTCOME_MAX, "a name for every outcome");
_Static_assert(ARRAY_SIZE(confidence_names) == CONFIDENCE_MAX, "a name for every confidence");
_Static_assert(ARRAY_SIZE(owner_names) == OWNER_HOW_MAX, "a name for every way to know an owner");
_Static_assert(ARRAY_SIZE(action_names) == SIGPIPE_ACTION_MAX, "a name for all that SIGPIPE does");

_Static_assert(ARRAY_SIZE(returned_names) == RETURNED_MAX, "a name for all that a call returned");

static const char *name_of(const char *const *names, size_t n, unsigned int v)
{
	return v < n ? names[v] : NULL;
}

const char *kind_name(unsigned int v)
{
	return name_of(kind_names, ARRAY_SIZE(kind_names), v);
}

const char *outcome_name(unsigned int v)
{
	return name_of(outcome_names, ARRAY_SIZE(outcome_names), v);
}

const char *confidence_name(unsigned int v)
{
	return name_of(confidence_names, ARRAY_SIZE(confidence_names), v);
}

const char *role_name(unsigned int v)
{
	return name_of(role_names, ARRAY_SIZE(role_names), v);
}

const char *stage_name(unsigned int v)
{
	return name_of(stage_names, ARRAY_SIZE(stage_names), v);
}

const char *end_name(unsigned int v)
{
	return name_of(end_names, ARRAY_SIZE(end_names), v);
}

const char *owner_how_name(unsigned int v)
{
	return name_of(owner_names, ARRAY_SIZE(owner_names), v);
}

const char *sigpipe_action_name(unsigned int v)
{
	return name_of(action_names, ARRAY_SIZE(action_names), v);
}

const char *returned_name(unsigned int v)
{
	return name_of(returned_names, ARRAY_SIZE(returned_names), v);
}

const char *event_name(unsigned int v)
{
	static const char *const names[] = {
		[EV_SENT_ACTIVE] = "sent-active", [EV_SENT_REPLY] = "sent-reply",
		[EV_SENT_NETFILTER] = "sent-netfilter", [EV_RECEIVED] = "received",
		[EV_CALL] = "call", [EV_DESTROY] = "destroy", [EV_FORK] = "fork",
		[EV_ABORTED] = "aborted", [EV_IGNORED] = "ignored",
		[EV_MODULE] = "module", [EV_GAP] = "gap", [EV_EXIT] = "exit",
		[EV_STACK] = "stack",
		[EV_CANCELLED] = "connect-cancelled",
	};

	_Static_assert(ARRAY_SIZE(names) == EV_TYPE_MAX, "a name for every event");
	return name_of(names, ARRAY_SIZE(names), v);
}

const char *class_name(unsigned int v)
{
	static const char *const names[] = {
		[CLASS_CLOSED_PORT] = "closed-port", [CLASS_STRAY] = "stray-segment",
		[CLASS_TIME_WAIT] = "time-wait",     [CLASS_LISTENER] = "listener",
		[CLASS_SOCKET] = "connection",	     [CLASS_ABORT] = "abort",
		[CLASS_LINGER_ZERO] = "linger-zero", [CLASS_GIVEN_UP] = "given-up",
		[CLASS_REJECT] = "reject",	     [CLASS_REFUSED] = "refused",
		[CLASS_RECEIVED] = "received",	     [CLASS_DIED] = "died",
	};

	_Static_assert(ARRAY_SIZE(names) == CLASS_MAX, "a name for every class");
	return name_of(names, ARRAY_SIZE(names), v);
}

const char *class_text(unsigned int v)
{
	static const char *const texts[] = {
		[CLASS_CLOSED_PORT] = "sent: nobody listens there",
		[CLASS_STRAY] = "sent: a segment of no known connection",
		[CLASS_TIME_WAIT] = "sent: a segment for a connection in TIME_WAIT",
		[CLASS_LISTENER] = "sent: a segment that a listener does not take",
		[CLASS_SOCKET] = "sent: a segment that a connection does not take",
		[CLASS_ABORT] = "sent: a call aborted the connection",
		[CLASS_LINGER_ZERO] = "sent: closed with SO_LINGER on, its time 0",
		[CLASS_GIVEN_UP] = "sent: a timer or somebody else aborted the connection",
		[CLASS_REJECT] = "sent: a firewall rule rejected a segment",
		[CLASS_REFUSED] = "received: a connect was refused",
		[CLASS_RECEIVED] = "received: a connection was reset",
		[CLASS_DIED] = "no RST: a connection died of an error",
	};

	_Static_assert(ARRAY_SIZE(texts) == CLASS_MAX, "a text for every class");
	return name_of(texts, ARRAY_SIZE(texts), v);
}

const char *ports_name(unsigned int v)
{
	static const char *const names[] = {
		[PORTS_SYSTEM] = "system", [PORTS_USER] = "user", [PORTS_EPHEMERAL] = "ephemeral",
	};

	_Static_assert(ARRAY_SIZE(names) == PORTS_MAX, "a name for every class of ports");
	return name_of(names, ARRAY_SIZE(names), v);
}

const char *fate_name(unsigned int v)
{
	static const char *const names[] = {
		[FATE_UNKNOWN] = "unknown",	  [FATE_CHALLENGED] = "challenge-ack",
		[FATE_OUT_OF_WINDOW] = "out-of-window", [FATE_HANDSHAKE] = "handshake",
		[FATE_CONNECTING] = "connecting", [FATE_LISTENER] = "listener",
		[FATE_TIME_WAIT] = "time-wait",	  [FATE_CLOSED] = "closed-socket",
		[FATE_NO_SOCKET] = "no-socket",
	};

	_Static_assert(ARRAY_SIZE(names) == FATE_MAX, "a name for every fate");
	return name_of(names, ARRAY_SIZE(names), v);
}

const char *fate_text(unsigned int v)
{
	static const char *const texts[] = {
		[FATE_UNKNOWN] = "dropped by a socket that this kernel does not name",
		[FATE_CHALLENGED] = "answered with a challenge ACK",
		[FATE_OUT_OF_WINDOW] = "out of the window",
		[FATE_HANDSHAKE] = "during a handshake",
		[FATE_CONNECTING] = "for a connect() in progress, without acknowledging it",
		[FATE_LISTENER] = "for a listener",
		[FATE_TIME_WAIT] = "in TIME_WAIT",
		[FATE_CLOSED] = "for a socket that had ended already",
		[FATE_NO_SOCKET] = "for no socket",
	};

	_Static_assert(ARRAY_SIZE(texts) == FATE_MAX, "a text for every fate");
	return name_of(texts, ARRAY_SIZE(texts), v);
}

const char *errno_name(int64_t err, char *buf, size_t len)
{
	const char *name = err > 0 && err <= INT32_MAX ? strerrorname_np(err) : NULL;

	if (name)
		return name;
	snprintf(buf, len, "%" PRId64, err);
	return buf;
}

const char *tcp_state_name(unsigned int v)
{
	static const char *const names[] = {
		NULL,	     "ESTABLISHED", "SYN_SENT",	  "SYN_RECV", "FIN_WAIT1",
		"FIN_WAIT2", "TIME_WAIT",   "CLOSE",	  "CLOSE_WAIT", "LAST_ACK",
		"LISTEN",    "CLOSING",	    "NEW_SYN_RECV",
	};

	return name_of(names, ARRAY_SIZE(names), v);
}
