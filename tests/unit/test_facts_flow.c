/* SPDX-License-Identifier: GPL-2.0 */
/* What an event says of the flow: its direction, the TTLs of its segments, its idle time. */
#include "events/rst_key.h"
#include "incidents.h"
#include "test.h"

static struct incident with_ttl(int rst, int flow, int queued)
{
	struct rst_event ev = received(10);

	ev.seg.ttl = rst;
	ev.seg.ip_id = rst ? 3 : 0;
	ev.seg.flow_ttl = flow;
	ev.seg.queued_ttl = queued;
	ev.seg.queued_ip_id = queued ? 7 : 0;
	return taken(ev);
}

static void ttls_are(struct incident inc, int64_t rst, int64_t flow)
{
	assert_int_equal(inc.rst_ttl, rst);
	assert_int_equal(inc.flow_ttl, flow);
}

/* Of the TTLs of handshake and queued segment, the one closer to the RST's is taken. */
static void ttls(void **state)
{
	struct rst_event v6 = received(10);
	struct incident inc;

	ttls_are(with_ttl(0, 0, 0), UNKNOWN, UNKNOWN);
	ttls_are(with_ttl(64, 0, 0), 64, UNKNOWN);
	ttls_are(with_ttl(0, 57, 0), UNKNOWN, 57);
	ttls_are(with_ttl(0, 57, 12), UNKNOWN, 57);
	ttls_are(with_ttl(255, 57, 0), 255, 57);
	ttls_are(with_ttl(255, 0, 57), 255, 57);
	ttls_are(with_ttl(57, 250, 58), 57, 58);
	ttls_are(with_ttl(57, 58, 250), 57, 58);
	ttls_are(with_ttl(41, 57, 60), 41, 57);
	ttls_are(with_ttl(57, 58, 56), 57, 58);	/* both equally far */

	/* an identification of 0 counts too, if there is one */
	inc = with_ttl(64, 57, 0);
	assert_int_equal(inc.rst_ip_id, 3);
	assert_int_equal(inc.flow_ip_id, UNKNOWN);
	inc = with_ttl(0, 57, 57);
	assert_int_equal(inc.rst_ip_id, UNKNOWN);
	assert_int_equal(inc.flow_ip_id, 7);
	event_flow(&v6, "fd00::1", 1, "fd00::2", 2);
	v6.seg.ttl = v6.seg.queued_ttl = 64;
	inc = taken(v6);
	ttls_are(inc, 64, 64);
	assert_int_equal(inc.rst_ip_id, UNKNOWN);
	assert_int_equal(inc.flow_ip_id, UNKNOWN);
}

static void loopback(void **state)
{
	static const struct { const char *l, *r; bool is; } flows[] = {
		{ "127.0.0.1", "127.0.0.1", true },
		{ "127.0.0.1", "127.8.9.10", true },
		{ "127.0.0.1", "10.0.0.1", false },
		{ "10.0.0.1", "127.0.0.1", false },
		{ "10.0.0.1", "10.0.0.1", true },
		{ "10.0.0.1", "10.0.0.2", false },
		{ "::1", "::1", true },
		{ "::1", "fd00::1", true },	/* no ::1 leaves a host, or enters it */
		{ "fd00::1", "::1", true },
		{ "fd00::1", "fd00::1", true },
		{ "fd00::1", "fd00::2", false },
		{ "7f00::1", "7f00::2", false },	/* begins like 127 */
	};
	size_t i;

	for (i = 0; i < N(flows); i++) {
		struct rst_event ev = event_at(EV_SENT_ACTIVE, 10);
		struct incident inc;

		event_flow(&ev, flows[i].l, 80, flows[i].r, 4000);
		assert_int_equal(event_is_local(&ev), flows[i].is);
		inc = sent(ev);
		assert_int_equal(inc.sender.local, 1);
		assert_int_equal(inc.victim.local, flows[i].is);
		inc = taken(ev);
		assert_int_equal(inc.victim.local, 1);
		assert_int_equal(inc.sender.local, flows[i].is);
		ev.flags |= EVF_LOOPBACK;
		assert_true(event_is_local(&ev));
	}
}

static void v6(void **state)
{
	static const uint8_t one[16] = { 0xfd, [15] = 1 }, two[16] = { 0xfd, [15] = 2 };
	struct rst_event ev = sent_active(10);
	struct incident inc;

	event_flow(&ev, "fd00::1", 443, "fd00::2", 50000);
	inc = sent(ev);
	assert_int_equal(inc.family, 6);
	assert_memory_equal(inc.saddr, one, 16);
	assert_memory_equal(inc.daddr, two, 16);
	inc = taken(ev);
	assert_memory_equal(inc.saddr, two, 16);
	assert_memory_equal(inc.daddr, one, 16);
	assert_int_equal(inc.sport, 50000);
	assert_int_equal(inc.dport, 443);
}

/* Takes the receipt on a host whose probes show what it sends. */
static struct incident taken_here(const struct rst_event *ev)
{
	struct source_meta meta = events_meta;
	struct incident inc;

	meta.sees_sent = true;
	incident_init(&inc);
	facts_received(&inc, ev, &meta);
	return inc;
}

/* On a flow within this host the sending would be seen, so an unseen one is missing. */
static void unseen(void **state)
{
	struct rst_event in = received(10), out = sent_active(12);
	struct incident inc = taken_here(&in);

	assert_true(inc.unseen);
	facts_sent(&inc, &out, &events_meta);		/* its sending was only told later */
	assert_false(inc.unseen);
	inc = sent(out);
	facts_received(&inc, &in, &events_meta);
	assert_false(inc.unseen);
	/* a connection that ended without a RST misses no sending */
	out = aborted(10, ETIMEDOUT);
	out.flags |= EVF_LOOPBACK;
	incident_init(&inc);
	facts_aborted(&inc, &out, &events_meta);
	assert_false(inc.unseen);
	/* the RST came from another host, where no probe of ours could see it */
	in.flags &= ~EVF_LOOPBACK;
	assert_false(taken_here(&in).unseen);
	/* or this kernel has no probe that shows it */
	assert_false(taken(received(10)).unseen);
}

/* Netfilter dropped the segment that the RST answers: so the RST is a rule's of this host. */
static void filtered(void **state)
{
	struct rst_event in = received(10);
	struct incident inc;

	in.flags &= ~EVF_LOOPBACK;
	in.flags |= EVF_FILTERED;
	inc = taken_here(&in);
	assert_true(inc.filtered && inc.loopback);
	assert_false(inc.unseen);
	assert_int_equal(inc.sender.local, 1);
}

/* Events recorded before the tracer asked for listeners do not tell whether one was there. */
static void listens(void **state)
{
	struct rst_event in = received(10);

	assert_int_equal(taken_here(&in).listens, 0);
	in.flags |= EVF_PEER_LISTENS;
	assert_int_equal(taken_here(&in).listens, 1);
	in.asked_peer = false;
	assert_int_equal(taken_here(&in).listens, UNKNOWN);
}

/* A receipt of the client's, with the server's socket as it was made and closed. */
static struct rst_event with_peer(uint64_t closed, uint64_t born, uint64_t victim_born)
{
	struct rst_event ev = received(100), server = sent_active(100);

	ev.flags |= EVF_PEER;
	ev.peer.owner = server.owner;
	ev.peer.owner.how = OWNER_SOCKET;
	ev.peer.owner.close_ns = closed ? AT_US(closed) : 0;
	ev.peer.birth_ns = born ? AT_US(born) : 0;
	ev.peer.abort = PEER_UNREAD;
	ev.sock.birth_ns = victim_born ? AT_US(victim_born) : 0;
	return ev;
}

static void is_peers(struct rst_event ev, bool is)
{
	struct incident inc = taken_here(&ev);

	assert_true(inc.unseen);
	assert_int_equal(inc.recent, is);
	assert_int_equal(inc.abort, is ? PEER_UNREAD : 0);
	assert_int_equal(inc.sender.pid, is ? SERVER_PID : UNKNOWN);
	assert_int_equal(inc.sender.owner, is ? OWNER_SOCKET : OWNER_NONE);
}

/* The socket at the other end is used, but not one that had its addresses and ports before. */
static void peer(void **state)
{
	struct rst_event ev, out = refusal_sent(101, 7);
	struct incident inc;

	is_peers(with_peer(90, 10, 20), true);
	is_peers(with_peer(15, 10, 20), false);
	is_peers(with_peer(0, 30, 20), true);
	is_peers(with_peer(0, 10, 20), false);
	/* a socket older than the tracer: closed since then, or not known */
	is_peers(with_peer(15, 0, 0), true);
	is_peers(with_peer(0, 15, 0), false);
	ev = with_peer(90, 10, 20);
	ev.sock.id = 0;
	is_peers(ev, false);
	ev = with_peer(90, 10, 20);
	ev.flags &= ~EVF_PEER;
	is_peers(ev, false);
	/* after shutdown() another call may follow */
	ev = with_peer(90, 10, 20);
	ev.peer.owner.close = call_of(ARCH_X86_64, "shutdown", 14, 2, 0);
	inc = taken_here(&ev);
	assert_true(inc.recent);
	assert_int_equal(inc.sender.closed_us, UNKNOWN);
	assert_string_equal(inc.sender.syscall, "");
	/* when the sending is told after all, nothing of this stays */
	ev = with_peer(90, 10, 20);
	inc = taken_here(&ev);
	assert_int_equal(inc.sender.closed_us, 10);
	facts_sent(&inc, &out, &events_meta);
	assert_int_equal(inc.sender.pid, UNKNOWN);
	assert_int_equal(inc.sender.closed_us, UNKNOWN);
}

/* The jiffies of a kernel with this HZ, so long after its boot. */
static uint64_t jiffies_at(unsigned int hz, uint64_t s)
{
	return (1ULL << 32) - 300ULL * hz + s * hz;
}

static void idle(void **state)
{
	struct rst_event ev = sent_active(10);	/* 1000 s after boot */
	uint64_t now = jiffies_at(250, 1000);

	ev.sock.birth_ns = ev.time_ns - 90ULL * 1000000000;
	ev.extra.jiffies = now;
	ev.extra.lsndtime = (uint32_t)(now - 250 * 75);
	ev.extra.lrcvtime = (uint32_t)(now - 250 * 80);
	assert_int_equal(sent(ev).sender.idle_us, 75000000);	/* since the later of the two */
	assert_int_equal(sent(ev).sender.heard_us, 80000000);
	assert_int_equal(sent(ev).sender.said_us, 75000000);
	ev.extra.lrcvtime = (uint32_t)(now - 25);
	assert_int_equal(sent(ev).sender.idle_us, 100000);
	/* ticks are coarser than the clock: no silence is longer than the connection */
	ev.sock.birth_ns = ev.time_ns - 99000000;
	assert_int_equal(sent(ev).sender.idle_us, 99000);
	assert_int_equal(sent(ev).sender.heard_us, 99000);
	assert_int_equal(sent(ev).sender.said_us, 99000);
	/* its 32 bits have wrapped around meanwhile */
	ev = sent_active(10);
	ev.sock.birth_ns = 1;
	ev.time_ns = 310ULL * 1000000000;
	ev.extra.jiffies = jiffies_at(250, 310);
	ev.extra.lsndtime = ev.extra.lrcvtime = (uint32_t)(ev.extra.jiffies - 250 * 20);
	assert_int_equal(sent(ev).sender.idle_us, 20000000);
	assert_int_equal(sent(ev).sender.heard_us, 20000000);
	/* never connected, so nothing came or went */
	ev.extra.lrcvtime = 0;
	assert_int_equal(sent(ev).sender.idle_us, UNKNOWN);
	assert_int_equal(sent(ev).sender.heard_us, UNKNOWN);
	/* an older recording does not have it */
	assert_int_equal(sent(sent_active(10)).sender.idle_us, UNKNOWN);
	assert_int_equal(sent(sent_active(10)).sender.heard_us, UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ttls),
		cmocka_unit_test(loopback),
		cmocka_unit_test(v6),
		cmocka_unit_test(unseen),
		cmocka_unit_test(filtered),
		cmocka_unit_test(listens),
		cmocka_unit_test(peer),
		cmocka_unit_test(idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
