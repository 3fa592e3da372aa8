/* SPDX-License-Identifier: GPL-2.0 */
/* The raw events as text, byte for byte. */
#include <netinet/tcp.h>
#include <time.h>

#include "capture.h"
#include "test.h"

static void text_event_lines(void **state)
{
	struct rst_event ev;

	example_event(&ev);
	ev.type = EV_GAP;
	ev.gap.from_ns = ev.time_ns - 35000;
	ev.gap.lost[EV_RECEIVED] = 2;
	ev.gap.lost[EV_CALL] = 1;
	expect_event(&sink_text, &ev, NULL,
		"   12345.678901  CPU 1   gap             2 received, 1 call lost in the last 35 µs\n");
	example_event(&ev);
	expect_event(&sink_text, &ev, "TCP_ABORT_ON_CLOSE",
		"   12345.678901  CPU 1   sent-active     10.0.0.1:80 → 10.0.0.9:53412  "
		"owner nginx[812] by caller  task nginx[812] in close(14)  ESTABLISHED  "
		"unread 312 unsent 0  seq 99  TCP_ABORT_ON_CLOSE\n");
	ev.type = EV_CALL;
	ev.flags = EVF_RECV | EVF_SIGPIPE;
	ev.err = EPIPE;
	ev.owner.how = OWNER_NONE;
	ev.task.flags = 0;
	ev.sock.bits = 0;
	memset(ev.task.comm, '\n', sizeof(ev.task.comm));
	expect_event(&sink_text, &ev, NULL,
		"   12345.678901  CPU 1   call            10.0.0.1:80 - 10.0.0.9:53412  task "
		"\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a\\x0a"
		"[812]  EPIPE  SIGPIPE\n");
	memset(&ev.task, 0, sizeof(ev.task));
	ev.type = EV_IGNORED;
	ev.flags = EVF_SEQ;
	ev.err = 0;
	ev.extra.fate = FATE_CHALLENGED;
	expect_event(&sink_text, &ev, NULL,
		"   12345.678901  CPU 1   ignored         10.0.0.1:80 ← 10.0.0.9:53412  task ?[0]  "
		"seq 99  challenge-ack\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_event_lines),
	};

	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
