/* SPDX-License-Identifier: GPL-2.0 */
#include "capture.h"
#include "test.h"

void capture_open(struct capture *c, const struct sink_ops *ops)
{
	*c = (struct capture){ .sink.ops = ops };
	c->sink.out = open_memstream(&c->text, &c->len);
	assert_non_null(c->sink.out);
}

void capture_close(struct capture *c)
{
	fclose(c->sink.out);
	free(c->text);
}

void capture_incident(struct capture *c, const struct incident *inc)
{
	assert_int_equal(c->sink.ops->incident(&c->sink, inc), 0);
	assert_int_equal(sink_flush(&c->sink), 0);
}

void capture_event(struct capture *c, const struct rst_event *ev, const char *reason)
{
	assert_int_equal(c->sink.ops->event(&c->sink, ev, reason), 0);
	assert_int_equal(sink_flush(&c->sink), 0);
}

void expect_incident(const struct sink_ops *ops, const struct incident *inc, const char *want)
{
	struct capture c;

	capture_open(&c, ops);
	capture_incident(&c, inc);
	assert_string_equal(c.text, want);
	capture_close(&c);
}

void expect_event(const struct sink_ops *ops, const struct rst_event *ev, const char *reason,
		  const char *want)
{
	struct capture c;

	capture_open(&c, ops);
	capture_event(&c, ev, reason);
	assert_string_equal(c.text, want);
	capture_close(&c);
}

void example_incident(struct incident *inc)
{
	incident_init(inc);
	strcpy(inc->id, "b1-7");
	inc->time_ns = 1709215402118000001;
	inc->kind = KIND_ACTIVE;
	inc->family = 4;
	memcpy(inc->saddr, "\x0a\x00\x00\x01", 4);
	memcpy(inc->daddr, "\x0a\x00\x00\x09", 4);
	inc->sport = 80;
	inc->dport = 53412;
	inc->cause = "close-with-unread";
	strcpy(inc->cause_text, "closed with 312 bytes unread");
	strcpy(inc->advice, "read the request to its end before close");
	inc->confidence = CERTAIN;
	inc->outcome = OUTCOME_ERROR;
	inc->sender.local = inc->victim.local = 1;
	inc->sender.pid = inc->sender.tid = 812;
	strcpy(inc->sender.comm, "nginx");
	strcpy(inc->sender.syscall, "close");
	strcpy(inc->sender.state, "ESTABLISHED");
	strcpy(inc->sender.unit, "nginx.service");
	inc->sender.owner = OWNER_CALLER;
	inc->sender.fd = 14;
	inc->sender.age_us = 4200000;
	inc->sender.bytes_in = 1126;
	inc->sender.bytes_out = 0;
	inc->victim.pid = inc->victim.tid = 991;
	strcpy(inc->victim.comm, "ab");
	inc->victim.owner = OWNER_SOCKET;
	inc->n_failures = 1;
	inc->failures[0] = (struct failure){
		.err = ECONNRESET, .syscall = "recvfrom", .fd = 5, .pid = 991, .tid = 991,
		.comm = "ab", .delay_us = 83, .sigpipe = 0,
	};
}

void example_event(struct rst_event *ev)
{
	memset(ev, 0, sizeof(*ev));
	ev->size = sizeof(*ev);
	ev->wire = RST_WIRE;
	ev->type = EV_SENT_ACTIVE;
	ev->cpu = 1;
	ev->time_ns = 12345678901234;
	ev->flags = EVF_SOCK | EVF_SEQ | EVF_REASON;
	ev->task.pid = ev->task.tid = 812;
	strcpy(ev->task.comm, "nginx");
	ev->task.flags = TASKF_SYSCALL;
	ev->task.call.arch = 0xc000003e;
	ev->task.call.nr = 3;
	ev->task.call.arg[0] = 14;
	ev->owner.how = OWNER_CALLER;
	ev->owner.pid = ev->owner.tid = 812;
	ev->owner.fd = -1;
	strcpy(ev->owner.comm, "nginx");
	ev->flow.family = 4;
	memcpy(ev->flow.laddr, "\x0a\x00\x00\x01", 4);
	memcpy(ev->flow.raddr, "\x0a\x00\x00\x09", 4);
	ev->flow.lport = 80;
	ev->flow.rport = 53412;
	ev->flow.netns = 4026531840;
	ev->sock.id = 7;
	ev->sock.state = 7;
	ev->sock.old_state = 1;
	ev->sock.bits = SOCKF_OLD_STATE | SOCKF_EVIDENCE;
	ev->sock.unread = 312;
	ev->seg.rst_seq = 99;
}
