/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What the kernel side sends to user space: the only header that both include.
 *
 * An event is a head followed by sections. Each section begins with its kind and its size, at a
 * multiple of eight bytes, and is there only if the writer knows what it holds. All integers are in
 * host byte order, addresses in network byte order.
 *
 * Fields are only ever appended to a section, and new sections get new numbers: a reader takes
 * missing fields for zero and skips what it does not know (user/events/decode.c). Zero means "not
 * known" wherever zero is no valid value; where it is one, a flag says whether the field was read.
 */
#ifndef RST_WIRE_H
#define RST_WIRE_H

#ifndef __VMLINUX_H__
#include <linux/types.h>
#endif

#define RST_WIRE 2		/* version 1 was one fixed struct; it can still be read */
#define RST_COMM_LEN 16
#define RST_PAYLOAD_MAX 256	/* one more than is kept of a payload, so that a longer one shows */

#include "wire_stack.h"

enum rst_event_type {
	EV_SENT_ACTIVE = 1,	/* the TCP stack aborted a connection with a RST */
	EV_SENT_REPLY,		/* the TCP stack answered a segment with a RST */
	EV_SENT_NETFILTER,	/* a REJECT rule answered a segment with a RST */
	EV_RECEIVED,		/* a RST hit a socket of this host */
	EV_CALL,		/* a call on a socket failed, or read 0 on a reset one */
	EV_DESTROY,		/* a socket that had been reset is gone */
	EV_FORK,		/* a followed process forked */
	EV_ABORTED,		/* a connection died of an error and without a RST */
	EV_IGNORED,		/* a RST arrived and ended no socket */
	EV_MODULE,		/* the kernel loads a module: a hook may wait for it */
	EV_GAP,			/* events are missing: .gap says how many of which type */
	EV_EXIT,		/* a followed process ended; its sockets may live on */
	EV_CANCELLED,		/* a connect was given up by its owner, before any answer */
	EV_STACK,		/* the stack of the thread whose event comes next, with the same time and CPU */
	EV_TYPE_MAX,
};

/* Only in recordings, written by user space: see user/incident/lookups.c. */
#define EV_LOOKUP 255
#define SEC_LOOKUP 255
/* ... the frames of an EV_STACK: names, but no memory (user/events/frames.h). */
#define EV_FRAMES 254
#define SEC_FRAMES 254
/* ... that the wall clock was set (user/events/clock_step.h). */
#define EV_CLOCK 253
#define SEC_CLOCK 253

/* What became of a RST that ended no socket: rst_extra.fate of EV_IGNORED. */
enum rst_fate {
	FATE_UNKNOWN = 0,	/* a socket dropped it; the kernel does not show why */
	FATE_CHALLENGED,	/* in the window, but not exact: answered with a challenge ACK */
	FATE_OUT_OF_WINDOW,
	FATE_HANDSHAKE,		/* for a connection that nobody could accept yet */
	FATE_CONNECTING,	/* in SYN_SENT, without an ACK of the SYN */
	FATE_LISTENER,
	FATE_TIME_WAIT,
	FATE_CLOSED,		/* for a socket whose connection had ended */
	FATE_NO_SOCKET,
	FATE_MAX,
};

/* What a drop reason of the running kernel means for a RST; 0: it is no RST's. */
enum rst_drop {
	DROP_UNSPECIFIED = 1,	/* NOT_SPECIFIED: only the socket shows the fate */
	DROP_NO_SOCKET,
	DROP_RESET,		/* TCP_RESET: challenged, or there was no connection to reset */
	DROP_SEQUENCE,		/* out of the window */
	DROP_FLAGS,		/* an ACK where there must be none */
	DROP_ACK,		/* the ACK, or the echoed timestamp, is of something never sent */
	DROP_CLOSED,
	DROP_FILTERED,		/* by netfilter, as a REJECT rule does after it has answered */
};

#define RST_DROP_REASONS 128	/* greater ones are taken for 0 */

/* How an owner is known; the record has these names. */
enum rst_owner_how {
	OWNER_NONE = 0,
	OWNER_CALLER,		/* the task whose call ran the hook */
	OWNER_SOCKET,		/* the last task seen using this socket */
	OWNER_SNAPSHOT,		/* held the file when the tracer started */
	OWNER_LISTENER,		/* owns the listener the connection came through */
	OWNER_KERNEL,		/* no socket: the kernel answered for nobody */
	OWNER_HOW_MAX,
};

/* rst_head.flags */
#define EVF_SOCK	(1u << 0)	/* .sock was read from a full socket */
#define EVF_TIMEWAIT	(1u << 1)	/* the socket is a timewait sock */
#define EVF_REQUEST	(1u << 2)	/* the socket is a request sock */
#define EVF_LISTEN	(1u << 3)	/* the socket is a listener */
#define EVF_SEQ		(1u << 4)	/* .seg.rst_seq is the number of the RST itself */
#define EVF_ACK		(1u << 5)	/* .seg.rst_ack is the number of the RST itself */
#define EVF_REASON	(1u << 6)	/* .seg.reason was given by the kernel */
#define EVF_SEGMENT	(1u << 7)	/* .seg.tcp_flags and .len are of the answered segment */
#define EVF_LOOPBACK	(1u << 8)	/* the other end is reached through lo: it is on this host */
#define EVF_EOF		(1u << 9)	/* EV_CALL: recv returned 0 on a reset socket */
#define EVF_RECV	(1u << 10)	/* EV_CALL: receive side (otherwise send side) */
#define EVF_CONNECT	(1u << 11)	/* EV_CALL: connect */
#define EVF_SIGPIPE	(1u << 12)	/* EV_CALL: the call raised SIGPIPE */
#define EVF_SIGPIPE_IGN	(1u << 13)	/* ... which the task ignores or blocks */
#define EVF_SIGPIPE_DFL	(1u << 14)	/* ... whose default action kills */
#define EVF_RECENT	(1u << 15)	/* .owner and .sock.id are of the last socket with this 4-tuple */
#define EVF_ERRNO_GUESS	(1u << 16)	/* EV_CALL: errno inferred, the hook does not show it */
#define EVF_NO_RST	(1u << 17)	/* EV_RECEIVED: tcp_reset() without a RST segment */
#define EVF_SIGPIPE_SEEN (1u << 18)	/* EV_CALL: signals are watched, so no EVF_SIGPIPE means none */
#define EVF_JOIN	(1u << 21)	/* the answered SYN, or ACK of a handshake, is to join an MPTCP connection */
#define EVF_CALL_GUESS	(1u << 20)	/* EV_CALL: this call, or one before it that no hook shows */
#define EVF_SEQ_GUESS	(1u << 22)	/* ... or not: the RST may have come after what was out of order */
#define EVF_FILTERED	(1u << 23)	/* EV_RECEIVED: netfilter has just dropped the segment that the RST answers */
#define EVF_PEER_LISTENS (1u << 24)	/* EV_RECEIVED: a connect was refused where somebody listens */
#define EVF_PEER	(1u << 25)	/* EV_RECEIVED: .peer was on this host, and has ended or begun to close */
#define EVF_SECOND	(1u << 26)	/* told by the second load of the programs */
#define EVF_NOBODY	(1u << 27)	/* the kernel answered for no socket, and there was none lately */
#define EVF_STILL_LISTENS (1u << 28)	/* EV_SENT_ACTIVE: of a closed listener's child; another has the port */
#define EVF_UNROUTED	(1u << 29)	/* EV_SENT_ACTIVE: the socket's route is none, or down: the RST may have gone nowhere */
#define EVF_PART	(1u << 30)	/* EV_CALL: it had sent a part before the error: it returns that, not the error */
#define EVF_PART_GUESS	(1u << 31)	/* EV_CALL: a writer had waited for room: a call that sends in pieces may have */
#define EVF_TAKEN	(1u << 19)	/* EV_CALL: the call takes the pending error by itself (SO_ERROR, recvmmsg) */

#define EV_SEQ_SURE(ev)	(((ev)->flags & (EVF_SEQ | EVF_SEQ_GUESS)) == EVF_SEQ)

/* Which side of the connection a socket is; rst_extra.role, rst_ending.role. */
enum rst_role {
	ROLE_UNKNOWN = 0,
	ROLE_CLIENT,		/* it connected */
	ROLE_SERVER,		/* it was accepted, or will be */
	ROLE_MAX,
};
#define ROLE_GUESS 0x80		/* guessed, as it is older than the tracer: by a listener on its port */

/* How a connection that is gone ended: rst_ending.how. */
enum rst_end {
	END_UNKNOWN = 0,
	END_CLOSED,		/* by its owner, whose FIN went first */
	END_PEER_CLOSED,	/* by the other end, whose FIN went first, and then by its owner */
	END_RST_SENT,
	END_RST_RECEIVED,
	END_CONNECTING,		/* given up by its owner in SYN_SENT */
	END_FAILED,		/* by an error, without a RST */
	END_MAX,
};

/* rst_task.flags */
#define TASKF_EXITING	(1u << 0)
#define TASKF_KTHREAD	(1u << 1)
#define TASKF_IO_WORKER	(1u << 2)
#define TASKF_SYSCALL	(1u << 3)	/* .call is valid */

/* rst_sock.bits */
#define SOCKF_DEAD	(1u << 0)	/* orphaned: no process holds it */
#define SOCKF_LINGER	(1u << 1)	/* SO_LINGER on; .lingertime is its time */
#define SOCKF_ORPHAN	(1u << 2)	/* sk_socket is NULL */
#define SOCKF_OLD_STATE	(1u << 3)	/* .old_state was seen at the change to CLOSE */
#define SOCKF_EVIDENCE	(1u << 5)	/* unread, unsent, bytes, rtt were read from a connection */

/* A system call as the registers show it; user space knows which argument is a descriptor. */
struct rst_call {
	__u32 arch;		/* AUDIT_ARCH_* of the ABI; 0: no call known */
	__s32 nr;
	__s32 arg[3];		/* the low halves */
};

/* The running task. Whether it has to do with the event is for user space to judge. */
struct rst_task {
	__u32 pid;		/* thread group, as user space says pid */
	__u32 tid;
	__u32 uid;
	__u32 flags;
	__s32 exit_code;	/* wait status, with TASKF_EXITING */
	struct rst_call call;	/* the syscall it is in, with TASKF_SYSCALL */
	__u64 cgroup;		/* cgroup v2 id */
	char comm[RST_COMM_LEN];
};

/* Who owns the socket, and the close or shutdown it made last. */
struct rst_owner {
	__u32 pid;
	__u32 tid;
	__u32 uid;
	__u32 how;		/* enum rst_owner_how */
	__s32 fd;		/* from the snapshot; -1: .used tells */
	struct rst_call used;	/* the call that made it the owner */
	struct rst_call close;	/* the call that closed or shut down; with .close_ns */
	__u32 close_flags;	/* TASKF_EXITING */
	__s32 close_exit_code;
	__u32 pad;
	__u64 close_ns;		/* monotonic; 0: neither closed nor shut down */
	__u64 cgroup;
	char comm[RST_COMM_LEN];
};

/* Both ends as this host sees them, ports in host byte order. */
struct rst_flow {
	__u8 laddr[16];		/* v4 in the first 4 bytes; v4-mapped is v4 */
	__u8 raddr[16];
	__u16 lport;
	__u16 rport;
	__u16 family;		/* 4 or 6; 0: not known */
	__u16 pad;
	__u32 netns;		/* inode number */
};

struct rst_sock {
	__u64 sk;		/* address: an identity while the socket lives */
	__u64 id;		/* unique per socket and boot; 0: never tracked */
	__u64 birth_ns;		/* monotonic, when connect or the handshake was seen; 0: before the tool */
	__u64 bytes_in;		/* data received in order */
	__u64 bytes_out;	/* data sent, retransmissions not counted */
	__u32 unread;		/* bytes received and never read */
	__u32 unsent;		/* bytes written and never acknowledged */
	__u32 srtt_us;
	__u32 retrans;
	__u32 snd_nxt;
	__u32 rcv_nxt;
	__u32 accept_queue;	/* listener */
	__u32 accept_queue_max;
	__u32 lingertime;	/* jiffies; with SOCKF_LINGER, 0 means close() resets */
	__s32 linger2;		/* TCP_LINGER2: negative means no FIN_WAIT2 for orphans */
	__s32 sk_err;
	__u32 bits;
	__u8 state;
	__u8 old_state;		/* before CLOSE, with SOCKF_OLD_STATE */
	__u8 shutdown;		/* RCV_SHUTDOWN 1, SEND_SHUTDOWN 2 */
	__u8 pad[5];
};

/* The RST, and the segment it answers. */
struct rst_seg {
	__u32 rst_seq;
	__u32 rst_ack;
	__u32 reason;		/* a number of the running kernel's enum sk_rst_reason */
	__u32 len;		/* of the answered segment: its payload in bytes */
	__u8 tcp_flags;		/* of the answered segment: FIN 1 SYN 2 RST 4 PSH 8 ACK 16 */
	__u8 ttl;		/* TTL or hop limit of the RST as it arrived; 0: not known */
	__u16 ip_id;		/* of the RST; v4, where .ttl is known */
	__u16 queued_ip_id;	/* v4, with .queued_ttl */
	__u8 queued_ttl;	/* of the newest segment that nobody has read; 0: not known */
	__u8 flow_ttl;		/* of the handshake's last segment from the peer; 0: not known */
	__u32 sampled;		/* N: 1 in N of chains like this one is told; 0: all are */
	__u32 seq;		/* of the answered segment, with EVF_SEGMENT */
	__u8 head[8];		/* ... and the first bytes of its payload; 0 after its end */
};

/* What later versions added: zero in events of earlier ones. */
struct rst_extra {
	__u64 msk;		/* EV_RECEIVED, EV_SENT_ACTIVE: the MPTCP socket above this subflow */
	__u64 jiffies;		/* the kernel's, to compare the two below with */
	__u32 lsndtime;		/* jiffies32 when data was last sent */
	__u32 lrcvtime;		/* ... and last received */
	__u32 user_timeout_ms;	/* TCP_USER_TIMEOUT; 0: none */
	__u8 retransmits;	/* unanswered retransmissions in a row */
	__u8 probes_out;	/* unanswered probes in a row */
	__u8 nf_hook;		/* EV_SENT_NETFILTER: 1 INPUT, 2 FORWARD, 3 OUTPUT (enum nf_inet_hooks) */
	__u8 fate;		/* EV_IGNORED: enum rst_fate */
	__u32 segs_in;		/* segments of any kind ... */
	__u32 segs_out;
	__u32 data_segs_in;	/* ... and with data */
	__u32 data_segs_out;
	__u8 role;		/* enum rst_role, maybe with ROLE_GUESS */
	__u8 pad[7];
};

/* How the connection of the answered segment had ended: with EVF_RECENT, or of an orphan. */
struct rst_ending {
	__u64 time_ns;		/* monotonic, when its end began; 0: not known */
	__u64 bytes_in;		/* data received in order by then */
	__u64 bytes_out;	/* ... and written by then */
	__u32 unsent;		/* ... of which this had not been acknowledged by then */
	__u32 heard;		/* jiffies from the last data received until then */
	__u32 said;		/* ... and from the last data sent until then */
	__u32 rst_seq;		/* END_RST_RECEIVED: of that RST */
	__u8 how;		/* enum rst_end */
	__u8 role;		/* enum rst_role */
	__u8 told;		/* how many RSTs after that one were told */
	__u8 pad[5];
};

/* EV_RECEIVED, with EVF_PEER: the socket of the other end, in case the sending is not seen. */
struct rst_peer {
	struct rst_owner owner;	/* the listener's, with EVF_PEER_LISTENS */
	__u64 birth_ns;		/* as in rst_sock */
	__u8 old_state;		/* before CLOSE; 0: only its FIN was seen */
	__u8 abort;		/* PEER_* */
	__u8 pad[6];
};

/* rst_peer.abort: it closed without a FIN while its connection stood, and ... */
#define PEER_UNREAD	(1u << 0)	/* there was data that nobody had read */
#define PEER_LINGER0	(1u << 1)	/* SO_LINGER was on, its time 0 */

/* EV_RECEIVED: what the RST carried, mostly a text that says why (RFC 9293, 3.5.3). */
struct rst_payload {
	__u32 len;		/* of all that was carried; .data is zero after it */
	__u8 data[RST_PAYLOAD_MAX];
	__u32 pad;
};

/* EV_ABORTED: the ICMP message that answered the SYN, if the socket has kept it. */
struct rst_icmp {
	__u8 from[16];		/* who sent it; v4 in the first 4 bytes */
	__u8 family;		/* 4 or 6; 0: none was kept */
	__u8 type;
	__u8 code;
	__u8 pad[5];
};

/* What is missing on this CPU since its last gap event. */
struct rst_gap {
	__u64 from_ns;		/* monotonic: all of them come from between this and the gap's own time */
	__u32 lost[16];		/* by type: events that found no room in the ring buffer */
};

struct rst_child {
	__u32 pid;		/* EV_FORK */
	__u32 pad;
};

/* The front of every event. */
struct rst_head {
	__u16 size;		/* of the event, this included */
	__u8 wire;		/* RST_WIRE */
	__u8 type;		/* enum rst_event_type */
	__u32 cpu;
	__u64 time_ns;		/* CLOCK_MONOTONIC */
	__u32 flags;		/* EVF_* */
	__s32 err;		/* EV_CALL: errno, positive; EV_DESTROY: the sk_err that no call took */
};

enum rst_section_kind {
	SEC_TASK = 1,
	SEC_OWNER,
	SEC_FLOW,
	SEC_SOCK,
	SEC_SEG,
	SEC_EXTRA,
	SEC_PEER,
	SEC_CHILD,
	SEC_GAP,
	SEC_PAYLOAD,
	SEC_ENDING,
	SEC_STACK,
	SEC_ICMP,
	SEC_KIND_MAX,
};

/* ... and of every section. */
struct rst_section {
	__u16 kind;		/* enum rst_section_kind */
	__u16 size;		/* this included; the next one begins at a multiple of 8 */
	__u32 pad;
} __attribute__((aligned(8)));

/* What a reset is counted as: the part of its cause that is seen at once. */
enum rst_class {
	CLASS_CLOSED_PORT,	/* a SYN met no socket */
	CLASS_STRAY,		/* ... another segment did */
	CLASS_TIME_WAIT,	/* a segment met a timewait sock */
	CLASS_LISTENER,		/* ... a listener that does not take it */
	CLASS_SOCKET,		/* ... a connection that does not take it */
	CLASS_ABORT,		/* a call of the owner's aborted the connection */
	CLASS_LINGER_ZERO,	/* ... with SO_LINGER on, its time 0 */
	CLASS_GIVEN_UP,		/* a timer or another process aborted it */
	CLASS_REJECT,		/* a REJECT rule answered */
	CLASS_REFUSED,		/* received while connecting */
	CLASS_RECEIVED,		/* received on a connection */
	CLASS_DIED,		/* ended by an error, without a RST */
	CLASS_MAX,
};

/* The range of the local port: resets are counted by it. */
enum rst_ports {
	PORTS_SYSTEM,		/* below 1024 */
	PORTS_USER,		/* below 32768 */
	PORTS_EPHEMERAL,
	PORTS_MAX,
};

#define RST_COUNT_KEYS 1024
#define RST_FOLLOWED 32768	/* processes of a traced command, at once */
#define RST_NO_REASON 0xffff

/* The chains that are asked for, as far as the kernel side can tell them; zero asks for any. */
struct rst_filter {
	__u32 addr[4], mask[4];	/* as in rst_flow */
	__u32 netns;
	__u16 port, lport, rport;	/* of either end: which end is on this host is not looked at here */
	__u16 family;		/* with .addr */
};

struct rst_count_key {
	__u32 netns;
	__u32 pid;		/* the owner's; 0: none, or not known */
	__u16 reason;		/* enum sk_rst_reason of the running kernel, or RST_NO_REASON */
	__u8 type;		/* enum rst_event_type: kind and direction */
	__u8 class;		/* enum rst_class */
	__u8 family;		/* as in rst_flow */
	__u8 ports;		/* enum rst_ports */
	__u16 pad;
};

struct rst_count {
	__u64 seen;		/* all of them */
	__u64 silent;		/* ... that were counted only */
	__u64 lost;		/* ... that found no room in the ring buffer */
	char comm[RST_COMM_LEN];	/* the owner's, on one of the CPUs at least */
	__u64 filtered;		/* ... of chains that no filter asks for, and that were counted only */
};

/* Counters, one set for each CPU, so that every loss is counted. */
struct rst_stats {
	__u64 seen[EV_TYPE_MAX];	/* events of each type, lost ones included */
	__u64 lost[EV_TYPE_MAX];	/* no room in the ring buffer */
	__u64 ignored[FATE_MAX];	/* RSTs that ended no socket, whether told as events or not */
	__u64 filtered[EV_TYPE_MAX];	/* ... events of chains that no filter asks for, counted only */
	__u64 stackless;		/* stacks left out to leave room for events */
	__u64 spared;			/* runs that the kernel refused to a program, and its spare did */
	__u64 gap_ns;			/* when the first event was lost that no gap has told yet; 0: none */
	__u64 told[EV_TYPE_MAX];	/* how many of the lost ones were told in gaps */
};

_Static_assert(sizeof(struct rst_call) == 20, "wire layout");
_Static_assert(sizeof(struct rst_task) == 64, "wire layout");
_Static_assert(sizeof(struct rst_owner) == 104, "wire layout");
_Static_assert(sizeof(struct rst_flow) == 44, "wire layout");
_Static_assert(sizeof(struct rst_sock) == 96, "wire layout");
_Static_assert(sizeof(struct rst_seg) == 40, "wire layout");
_Static_assert(sizeof(struct rst_extra) == 56, "wire layout");
_Static_assert(sizeof(struct rst_peer) == 120, "wire layout");
_Static_assert(sizeof(struct rst_payload) == 264, "wire layout");
_Static_assert(sizeof(struct rst_icmp) == 24, "wire layout");
_Static_assert(sizeof(struct rst_gap) == 72, "wire layout");
_Static_assert(sizeof(struct rst_user_frame) == 32, "wire layout");
_Static_assert(sizeof(struct rst_stack) == 16 + 48 * 8 + 48 * 32 + 34 * 8 + 16384, "wire layout");
_Static_assert(sizeof(struct rst_frame) == 32, "wire layout");
_Static_assert(sizeof(struct rst_head) == 24, "wire layout");
_Static_assert(sizeof(struct rst_section) == 8, "wire layout");
_Static_assert(sizeof(struct rst_count_key) == 16, "no holes: it is a map's key");
_Static_assert(EV_TYPE_MAX <= sizeof(((struct rst_gap *)0)->lost) / sizeof(__u32), "wire layout");
_Static_assert(sizeof(struct rst_ending) == 48, "wire layout");

#endif
