/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A listener that closes while the last ACK of a handshake is being processed: after the check that
 * it listens, before the child is in its queue. The child is reset where the ACK is processed: in
 * the task that sent the ACK, or that the ACK interrupted.
 *
 * A gate makes this race of a few instructions certain: a socket filter on the listener, which the
 * kernel runs between the two, and which holds the ACK until the listener is shut. The listener is
 * shut by shutdown(), which leaves it its port: once a close() is over, the kernel makes no child
 * at all.
 */
#include <errno.h>
#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net.h"
#include "registry.h"
#include "wire.h"

#define SYN_FLAG 2		/* in byte 13 of the header */
/*
 * The gate is read this often in each of 33 calls. The verifier follows every round, which takes
 * long: so there are few rounds, and each passes the time by copying this much from one map to
 * another (arm64 does not copy a buffer onto itself).
 */
#define ROUNDS 200
#define TO_COPY (256 << 10)

/* Shared by the filter and the processes that map it. */
struct gate_word {
	atomic_uint reached;	/* an ACK is at the gate */
	atomic_uint open;	/* it may go on */
	atomic_uint passed;	/* the gate was opened: the rounds did not just run out */
};

struct gate {
	struct gate_word *word;
	int filter;
};

static int bpf_call(struct scene *s, const char *what, int cmd, union bpf_attr *attr)
{
	long r = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	if (r < 0)
		scene_abort(s, "%s: %s", what, strerror(errno));
	return (int)r;
}

static int new_map(struct scene *s, unsigned int type, unsigned int value_size, unsigned int flags)
{
	union bpf_attr attr = { .map_type = type, .key_size = 4, .value_size = value_size,
				.max_entries = 1, .map_flags = flags };

	return fd_aside(s, bpf_call(s, "BPF_MAP_CREATE", BPF_MAP_CREATE, &attr));
}

#define INSN(code_, dst, src, off_, imm_) \
	{ .code = (code_), .dst_reg = (dst), .src_reg = (src), .off = (off_), .imm = (imm_) }
#define MOV(dst, src) INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define SET(dst, imm) INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define CALL(func) INSN(BPF_JMP | BPF_CALL, 0, 0, 0, func)
#define FROM_MAP(dst, kind, fd) INSN(BPF_LD | BPF_DW | BPF_IMM, dst, kind, 0, fd), \
	INSN(0, 0, 0, 0, 0)
#define JUMP(op, reg, imm, off) INSN(BPF_JMP | (op) | BPF_K, reg, 0, off, imm)
#define WORD(member) offsetof(struct gate_word, member)

/* The filter: SYNs pass; an ACK waits until the gate opens, or until all rounds are over. */
static int load_filter(struct scene *s, int words, int again, int from, int to)
{
	const struct bpf_insn code[] = {
		/* 0 */ MOV(6, 1),
		/* 1 */ INSN(BPF_LD | BPF_ABS | BPF_B, 0, 0, 0, 13),
		/* 2 */ JUMP(BPF_JSET, 0, SYN_FLAG, 24),
		/* 3 */ FROM_MAP(8, BPF_PSEUDO_MAP_VALUE, words),
		/* 5 */ INSN(BPF_ST | BPF_MEM | BPF_W, 8, 0, WORD(reached), 1),
		/* 6 */ SET(7, 0),
		/* 7 */ INSN(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, 0),
		/* 8 */ FROM_MAP(1, BPF_PSEUDO_MAP_FD, to),
		/* 10 */ MOV(2, 10),
		/* 11 */ INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
		/* 12 */ FROM_MAP(3, BPF_PSEUDO_MAP_VALUE, from),
		/* 14 */ SET(4, BPF_ANY),
		/* 15 */ CALL(BPF_FUNC_map_update_elem),
		/* 16 */ INSN(BPF_LDX | BPF_MEM | BPF_W, 0, 8, WORD(open), 0),
		/* 17 */ JUMP(BPF_JNE, 0, 0, 8),
		/* 18 */ INSN(BPF_ALU64 | BPF_ADD | BPF_K, 7, 0, 0, 1),
		/* 19 */ JUMP(BPF_JLT, 7, ROUNDS, -12),
		/* 20 */ MOV(1, 6),
		/* 21 */ FROM_MAP(2, BPF_PSEUDO_MAP_FD, again),
		/* 23 */ SET(3, 0),
		/* 24 */ CALL(BPF_FUNC_tail_call),
		/* 25 */ JUMP(BPF_JA, 0, 0, 1),
		/* 26 */ INSN(BPF_ST | BPF_MEM | BPF_W, 8, 0, WORD(passed), 1),
		/* 27 */ SET(0, -1),
		/* 28 */ INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
				.insns = (uintptr_t)code,
				.insn_cnt = sizeof(code) / sizeof(code[0]),
				.license = (uintptr_t)"GPL" };

	return fd_aside(s, bpf_call(s, "BPF_PROG_LOAD", BPF_PROG_LOAD, &attr));
}

/* To be called before actors are started, as they inherit the gate. */
static struct gate gate_new(struct scene *s)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	union bpf_attr attr = { 0 };
	const int zero = 0;
	struct gate g;
	int words, again, from, to;

	setrlimit(RLIMIT_MEMLOCK, &none);	/* 5.10 counts the memory of maps against this limit */
	words = new_map(s, BPF_MAP_TYPE_ARRAY, sizeof(struct gate_word), BPF_F_MMAPABLE);
	again = new_map(s, BPF_MAP_TYPE_PROG_ARRAY, 4, 0);
	from = new_map(s, BPF_MAP_TYPE_ARRAY, TO_COPY, 0);
	to = new_map(s, BPF_MAP_TYPE_ARRAY, TO_COPY, 0);
	g.filter = load_filter(s, words, again, from, to);
	attr.map_fd = (uint32_t)again;
	attr.key = (uintptr_t)&zero;
	attr.value = (uintptr_t)&g.filter;
	bpf_call(s, "BPF_MAP_UPDATE_ELEM", BPF_MAP_UPDATE_ELEM, &attr);
	g.word = mmap(NULL, sizeof(*g.word), PROT_READ | PROT_WRITE, MAP_SHARED, words, 0);
	if (g.word == MAP_FAILED)
		scene_abort(s, "mmap of the gate: %s", strerror(errno));
	return g;
}

/* The task that waits at the gate needs another processor than the ACK that is held there. */
static long do_stay_on(const long *arg)
{
	cpu_set_t may, set;
	long nth = arg[0];
	int cpu;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(may), &may))
		return -errno;
	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, &may) || nth--)
			continue;
		CPU_SET(cpu, &set);
		return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
	}
	return -ENOENT;
}

/* Starts an actor on the first processor; ACKs are to be sent from the second. */
static struct actor *gatekeeper(struct scene *s, const char *comm)
{
	struct actor *a = actor_new(s, comm);

	must(a, "sched_setaffinity", actor_call(a, do_stay_on, (long[]){ 0 }, 1));
	return a;
}

/* Waits for an ACK at the gate, shuts the listener arg[0] and opens the gate. */
static long do_shut(const long *arg)
{
	struct gate_word *word = (struct gate_word *)arg[1];
	int64_t end = now_ms() + arg[2];
	long r;

	while (!atomic_load(&word->reached))
		if (now_ms() > end)
			return -ETIMEDOUT;
	r = shutdown((int)arg[0], SHUT_RDWR) ? -errno : 0;
	atomic_store(&word->open, 1);
	return r;
}

static void shut_begin(struct gate *g, struct actor *srv, int lfd)
{
	memset(g->word, 0, sizeof(*g->word));
	actor_begin(srv, do_shut, (long[]){ lfd, (long)g->word, srv->scene->timeout_ms }, 3);
}

/* The ACK must have been held when the listener was shut, or the scene was not played. */
static void shut_end(struct gate *g, struct actor *srv)
{
	must(srv, "shutdown of the listener", actor_end(srv));
	if (!atomic_load(&g->word->passed))
		scene_gave_up(srv->scene, "the ACK came too early");
}

/* One of several listeners on the port. */
static int listen_gated(const struct gate *g, struct actor *a)
{
	struct sockaddr_storage *at = (struct sockaddr_storage *)a->scene->buf;
	int af = a->scene->family == V4 ? AF_INET : AF_INET6;
	int one = 1, fd = (int)must(a, "socket", SYS(a, SYS_socket, af, SOCK_STREAM, 0));

	net_setsockopt(a, fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	net_setsockopt(a, fd, SOL_SOCKET, SO_ATTACH_BPF, &g->filter, sizeof(g->filter));
	memset(at, 0, sizeof(*at));
	at->ss_family = (sa_family_t)af;
	((struct sockaddr_in *)at)->sin_port = htons(SERVER_PORT);
	must(a, "bind", SYS(a, SYS_bind, fd, (long)at, sizeof(*at)));
	must(a, "listen", SYS(a, SYS_listen, fd, 16));
	return fd;
}

/*
 * The one that shut the listener has to be named, neither the sender of the ACK nor another
 * listener.
 */
static struct expect *expect_shut(struct scene *s, const struct actor *srv, int lfd)
{
	struct expect *e = scene_expect(s, "active", "listener-closed");

	want_sender(e, srv, "listener");
	want_str(e, "sender_state", "SYN_RECV");
	want_str(e, "sender_syscall", "shutdown");
	want_int(e, "sender_fd", lfd);
	maybe_str(e, "reason", "TCP_STATE|NOT_SPECIFIED");
	return e;
}

/* Moves the client to the second processor. a: the client; NULL: the director itself. */
static void move_over(struct scene *s, struct actor *a)
{
	const long second = 1;
	long r = a ? actor_call(a, do_stay_on, &second, 1) : do_stay_on(&second);

	if (r == -ENOENT)
		scene_skip(s, "this machine has one processor");
	if (r < 0)
		scene_abort(s, "sched_setaffinity: %s", strerror((int)-r));
}

/* The client sends the ACK itself, in connect(). */
static void late_ack(struct scene *s)
{
	struct gate g = gate_new(s);
	struct actor *srv = gatekeeper(s, "rt-server"), *cli = actor_new(s, "rt-client");
	struct addr at = net_loopback(s->family, SERVER_PORT);
	struct expect *e;
	int lfd, fd;
	long r;

	move_over(s, cli);
	lfd = listen_gated(&g, srv);
	fd = net_socket(cli, s->family);
	shut_begin(&g, srv, lfd);
	r = net_connect(cli, fd, s->family, SERVER_PORT);
	shut_end(&g, srv);
	scene_same(s, "connect", -ECONNRESET, r);
	e = expect_shut(s, srv, lfd);
	want_str(e, "saddr", at.ip);
	want_int(e, "sport", at.port);
	want_victim(e, cli, "caller|socket", "ESTABLISHED");
	failure_unseen(want_error(e, ECONNRESET, "connect", fd, cli, false));
	net_close(cli, fd);
}

/*
 * Another process joins the listener before the ACK comes. arg: the first one closes, so that the
 * handshake moves to the second, and the second is shut.
 */
static void late_ack_shared(struct scene *s)
{
	struct gate g = gate_new(s);
	struct actor *first = gatekeeper(s, "rt-first"), *second = gatekeeper(s, "rt-second");
	struct actor *shuts = s->arg ? second : first;
	struct expect *e;
	struct wire w;
	struct peer p;
	int fd, fd2;

	move_over(s, NULL);
	wire_open(s, &w);
	if (s->arg)
		scene_sysctl(s, "net/ipv4/tcp_migrate_req", "1");
	fd = listen_gated(&g, first);
	p = peer_knock(&w, SERVER_PORT, FAR_CLIENT);
	fd2 = listen_gated(&g, second);
	if (s->arg) {
		net_close(first, fd);
		fd = fd2;
	}
	shut_begin(&g, shuts, fd);
	peer_send(&p, SEG_ACK, 0);
	shut_end(&g, shuts);
	peer_await(&p, SEG_RST);
	e = expect_shut(s, shuts, fd);
	want_far_victim(e, &p);
	want_str(e, "outcome", "remote");
}

const struct scenario late_ack_scenarios[] = {
	ROW("late-ack", "a listener is shut while the last ACK of a handshake is under way",
	    late_ack, V4, .flags = SC_ALONE),
	ROW("late-ack-v6", "the same over IPv6", late_ack, V6, .flags = SC_ALONE),
	ROW("late-ack-mapped", "the same, IPv6 listener, IPv4 client", late_ack, MAPPED,
	    .flags = SC_ALONE),
	ROW("late-ack-shared", "the same, and another process listens there too",
	    late_ack_shared, V4, .flags = SC_ALONE),
	ROW("late-ack-migrated", "the same after the handshake has gone over to that one",
	    late_ack_shared, V4, .arg = 1, .flags = SC_ALONE),
	ROW_END
};
