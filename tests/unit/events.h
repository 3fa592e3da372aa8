/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events as the kernel side would send them, for tests: a server nginx[812] on
 * 10.0.0.1:80 and a client ab[991] on 10.0.0.9:53412, both on this host.
 * Tests change what matters to them.
 */
#ifndef TEST_EVENTS_H
#define TEST_EVENTS_H

#include <netinet/tcp.h>
#include <stdint.h>

#include "events/event.h"
#include "events/source.h"

#define SERVER_PID 812
#define CLIENT_PID 991
#define SERVER_SK 0xffff888104d2c000ULL
#define CLIENT_SK 0xffff888104d2d000ULL
#define SERVER_ID 0x51ULL
#define CLIENT_ID 0x52ULL
#define SERVER_PORT 80
#define CLIENT_PORT 53412
#define NETNS 4026531840U
#define RST_SEQ 3000000001U

/* Short names, for the tables of cases. */
enum { ESTABLISHED = TCP_ESTABLISHED, SYN_SENT = TCP_SYN_SENT, SYN_RECV = TCP_SYN_RECV,
       FIN_WAIT1 = TCP_FIN_WAIT1, FIN_WAIT2 = TCP_FIN_WAIT2, TIME_WAIT = TCP_TIME_WAIT,
       CLOSE = TCP_CLOSE, CLOSE_WAIT = TCP_CLOSE_WAIT, LAST_ACK = TCP_LAST_ACK,
       LISTEN = TCP_LISTEN, CLOSING = TCP_CLOSING };

/* enum sk_rst_reason, as in events_meta */
enum { R_NOT_SPECIFIED, R_NO_SOCKET, R_TCP_ABORT_ON_CLOSE = 11, R_TCP_STATE = 14,
       R_TCP_KEEPALIVE_TIMEOUT };

/* include/uapi/linux/audit.h */
#define ARCH_X86_64 0xc000003eU
#define ARCH_I386 0x40000003U
#define ARCH_AARCH64 0xc00000b7U
#define ARCH_ARM 0x40000028U

/* The monotonic clock: so many microseconds after a moment that all tests share. */
#define AT_US(us) (1000000000000ULL + (us) * 1000ULL)

extern const struct source_meta events_meta;

/* An event with only its head and its time. */
struct rst_event event_at(enum rst_event_type type, uint64_t us);

/* Set a part of an event. Addresses are text, v4 or v6. */
void event_flow(struct rst_event *ev, const char *laddr, int lport, const char *raddr, int rport);
void event_task(struct rst_event *ev, uint32_t pid, const char *comm);
void event_owner(struct rst_event *ev, enum rst_owner_how how, uint32_t pid, const char *comm);
/* A call by its name, in an ABI; fails the test if the ABI has none of that name. */
struct rst_call call_of(uint32_t arch, const char *name, int a0, int a1, int a2);
/* The task is in this call, of x86-64. */
void event_in_call(struct rst_event *ev, const char *name, int fd);

/* The server closes descriptor 14 in ESTABLISHED, and a RST is sent. */
struct rst_event sent_active(uint64_t us);
/* A segment of the client's to the server's port is answered, as there is no socket. */
struct rst_event sent_reply(uint64_t us, uint8_t tcp_flags, uint32_t len);
/* A timewait sock answers, for a connection that the server closed 4.1 ms before. */
struct rst_event timewait_reply(uint64_t us);
/* The RST arrives at the client, in softirq on top of the server's process. */
struct rst_event received(uint64_t us);
/* A call of the client on its socket, descriptor 5, fails; err 0: end of file. */
struct rst_event client_call(uint64_t us, const char *name, int err);
/* The client's socket is destroyed; err: the error that no call has taken from it. */
struct rst_event destroyed(uint64_t us, int err);
/* The client's connection ends by an error, and no RST is sent. */
struct rst_event aborted(uint64_t us, int err);

/* A closed port answers a SYN of the client's; the client receives the answer. */
struct rst_event refusal_sent(uint64_t us, uint32_t ack);
struct rst_event refusal_received(uint64_t us, uint32_t ack);

/* The same event with other addresses, another namespace, other sockets and other processes. */
struct rst_event elsewhere(struct rst_event ev, uint32_t netns);

#endif
