/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Millions of incidents for "rsttrace report": incidents COUNT HOST HOSTS prints the JSON Lines of
 * one of HOSTS hosts (HOST from 0), each with COUNT incidents. Every run prints the same.
 *
 * Of ten incidents seven stay on the host; one RST goes from each host to the next, whose clock is
 * 2 s off; one goes through a NAT there; one goes to a host that nobody traces. Every hundredth is
 * revised, and of every thousandth to the next host only the sending is seen.
 */
#include <stdlib.h>
#include <string.h>

#include "incident/incident.h"
#include "output/sink.h"

#define BEGIN_NS 1790000000000000000LL
#define STEP_NS 3600000000LL		/* a thousand an hour */
#define SKEW_NS 2000000000LL

enum way { HERE, TO_NEXT, THROUGH_NAT, ELSEWHERE };

static const struct story {
	const char *cause, *text, *advice, *sender, *victim;
	enum kind kind;
} stories[] = {
	{ "close-with-unread", "closed with 312 bytes unread",
	  "read the request to its end, or shutdown(SHUT_WR) and drain before close", "nginx", "ab", KIND_ACTIVE },
	{ "data-after-close", "15 bytes arrived 82 µs after the receiver closed",
	  "the writer should read first and stop at end of file", "java", "python3", KIND_REPLY },
	{ "closed-port", "nobody listens on port 8080", "start the service, or fix the port", "", "curl", KIND_REPLY },
	{ "linger-zero", "closed with SO_LINGER {1,0}", "leave SO_LINGER alone", "haproxy", "node", KIND_ACTIVE },
};

static void put_address(uint8_t *addr, int host, int n)
{
	const uint8_t text[] = { 10, host, n >> 8, n };

	memcpy(addr, text, sizeof(text));
}

static enum way way_of(long n)
{
	return n % 10 < 7 ? HERE : n % 10 == 7 ? TO_NEXT : n % 10 == 8 ? THROUGH_NAT : ELSEWHERE;
}

static void fill_end(struct endpoint *ep, const char *comm, long n)
{
	ep->local = 1;
	ep->seen = true;
	ep->owner = OWNER_CALLER;
	ep->pid = ep->tid = 1000 + n % 40;
	ep->uid = 33;
	ep->fd = n % 100;
	snprintf(ep->comm, sizeof(ep->comm), "%s", comm);
	snprintf(ep->exe, sizeof(ep->exe), "/usr/bin/%s", comm);
	snprintf(ep->unit, sizeof(ep->unit), "%s.service", comm);
	snprintf(ep->cgroup, sizeof(ep->cgroup), "/system.slice/%s.service", comm);
	strcpy(ep->state, "ESTABLISHED");
	ep->unread = n % 5000;
	ep->unsent = ep->linger0 = ep->retrans = 0;
	ep->age_us = n % 100000;
	ep->bytes_in = n;
	ep->bytes_out = 2 * n;
	ep->srtt_us = 40 + n % 50;
}

static void fill_failure(struct incident *inc)
{
	inc->n_failures = 1;
	inc->failures[0] = (struct failure){
		.err = 104, .syscall = "recvfrom", .fd = inc->victim.fd, .pid = inc->victim.pid,
		.tid = inc->victim.tid, .delay_us = 83, .sigpipe = 0,
	};
	memcpy(inc->failures[0].comm, inc->victim.comm, RST_COMM_LEN);
	inc->outcome = OUTCOME_ERROR;
}

/* The n-th incident that host `from` sends to `to`; `sent`, `received`: which ends are seen. */
static void fill(struct incident *inc, int from, int to, long n, bool sent, bool received)
{
	const struct story *s = &stories[n / 10 % 4];

	incident_init(inc);
	snprintf(inc->id, sizeof(inc->id), "%08x-%lx-%d", sent ? from : to, (unsigned long)n * 4096, sent ? 0 : 1);
	snprintf(inc->host, sizeof(inc->host), "host%d", sent ? from : to);
	inc->rev = 0;
	inc->time_ns = BEGIN_NS + n * STEP_NS + (sent ? 0 : SKEW_NS);
	inc->kind = sent ? s->kind : KIND_RECEIVED;
	inc->family = 4;
	put_address(inc->saddr, from, 1);
	put_address(inc->daddr, to, 2);
	inc->sport = 80 + n % 7;
	inc->dport = 32768 + n % 28000;
	inc->netns = 4026531840;
	inc->rst_seq = (uint32_t)(n * 2654435761u + from);
	inc->rst_ack = (uint32_t)(n * 40503u + 77);
	inc->cause = sent ? s->cause : "peer-reset";
	strcpy(inc->cause_text, sent ? s->text : "reset by the other end");
	strcpy(inc->advice, s->advice);
	inc->confidence = sent ? CERTAIN : LIKELY;
	inc->sender.local = sent;
	inc->victim.local = received;
	inc->outcome = OUTCOME_REMOTE;
	if (sent)
		fill_end(&inc->sender, s->sender, n);
	if (received) {
		fill_end(&inc->victim, s->victim, n + 1);
		fill_failure(inc);
		inc->rst_ttl = 64;
		inc->rst_ip_id = 0;
	}
}

static int put(struct sink *json, const struct incident *inc)
{
	return json->ops->incident(json, inc);
}

static int put_one(struct sink *json, int host, int hosts, long n)
{
	int next = (host + 1) % hosts, before = (host + hosts - 1) % hosts;
	enum way way = hosts > 1 ? way_of(n) : HERE;
	struct incident inc;
	int err;

	fill(&inc, host, way == HERE ? host : way == ELSEWHERE ? 200 : next, n, true, way == HERE);
	err = put(json, &inc);
	if (!err && n % 100 == 0) {
		inc.rev = 1;
		err = put(json, &inc);
	}
	if (err || (way != TO_NEXT && way != THROUGH_NAT) || n % 1000 == 7)
		return err;
	fill(&inc, before, host, n, false, true);
	if (way == THROUGH_NAT)
		put_address(inc.saddr, 250, 9);
	return put(json, &inc);
}

int main(int argc, char **argv)
{
	struct sink json = { .ops = &sink_json, .out = stdout };
	static char buf[1 << 20];

	if (argc != 4) {
		fputs("usage: incidents COUNT HOST HOSTS\n", stderr);
		return 2;
	}
	setvbuf(stdout, buf, _IOFBF, sizeof(buf));
	for (long n = 0; n < atol(argv[1]); n++)
		if (put_one(&json, atoi(argv[2]), atoi(argv[3]), n))
			return EXIT_FAILURE;
	return fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
}
