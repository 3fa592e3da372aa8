/* SPDX-License-Identifier: GPL-2.0 */
/* What every sink must withstand: hostile events, and failing writes. */
#include <jansson.h>
#include <signal.h>
#include <unistd.h>

#include "capture.h"
#include "test.h"

/* Whatever a recording has, the sinks write valid text and do not crash. */
static void hostile_events(void **state)
{
	struct rst_event ev;
	unsigned int fill;

	for (fill = 0; fill < 256; fill++) {
		struct capture c;
		json_t *obj;

		memset(&ev, fill, sizeof(ev));
		capture_open(&c, &sink_json);
		capture_event(&c, &ev, "R");
		obj = json_loads(c.text, JSON_REJECT_DUPLICATES, NULL);
		assert_non_null(obj);
		json_decref(obj);
		capture_close(&c);
		capture_open(&c, &sink_text);
		capture_event(&c, &ev, "R");
		assert_ptr_equal(strchr(c.text, '\n'), c.text + c.len - 1);
		capture_close(&c);
	}
}

static const struct sink_ops *const all[] = { &sink_json, &sink_text };

static void full_disk(void **state)
{
	struct incident inc;
	size_t i;

	example_incident(&inc);
	for (i = 0; i < N(all); i++) {
		struct sink s = { .ops = all[i], .out = fopen("/dev/full", "w") };
		int n, err;

		assert_non_null(s.out);
		assert_int_equal(s.ops->incident(&s, &inc), 0);	/* still in the buffer */
		assert_int_equal(sink_flush(&s), -ENOSPC);
		assert_true(sink_flush(&s) < 0);	/* the error is reported from now on */
		/* also if the buffer overflows in the middle */
		for (n = 0, err = 0; !err && n < 1000; n++)
			err = s.ops->incident(&s, &inc);
		assert_int_equal(err, -ENOSPC);
		fclose(s.out);
	}
}

static void closed_pipe(void **state)
{
	struct incident inc;
	size_t i;

	example_incident(&inc);
	for (i = 0; i < N(all); i++) {
		struct sink s = { .ops = all[i] };
		int fds[2];

		assert_int_equal(pipe(fds), 0);
		close(fds[0]);
		s.out = fdopen(fds[1], "w");
		assert_non_null(s.out);
		setvbuf(s.out, NULL, _IONBF, 0);
		assert_int_equal(s.ops->incident(&s, &inc), -EPIPE);
		fclose(s.out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_events),
		cmocka_unit_test(full_disk),
		cmocka_unit_test(closed_pipe),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
