/* SPDX-License-Identifier: GPL-2.0 */
/* Names of processes, and of threads that have their own. */
#include "app/filter.h"
#include "capture.h"
#include "test.h"

/* The process is named, and the thread as well if it has another name. */
static void text_thread(void **state)
{
	struct incident inc;
	struct capture c;

	example_incident(&inc);
	endpoint_user(&inc.sender, 812, 812, "nginx\0\0\0\0\0\0\0\0\0\0");
	endpoint_user(&inc.victim, 991, 995, "http-nio-8080-1");
	capture_open(&c, &sink_text);
	capture_incident(&c, &inc);
	assert_non_null(strstr(c.text, "  nginx[812] ─RST→ http-nio-8080-1[991]  "));
	capture_close(&c);
	strcpy(inc.victim.process, "java");
	capture_open(&c, &sink_text);
	capture_incident(&c, &inc);
	assert_non_null(strstr(c.text, "  nginx[812] ─RST→ java[991] thread http-nio-8080-1  "));
	capture_close(&c);
	/* another thread of the same process */
	endpoint_user(&inc.victim, 991, 996, "http-nio-8080-2");
	assert_string_equal(endpoint_name(&inc.victim), "java");
	endpoint_user(&inc.victim, 992, 997, "http-nio-8080-2");
	assert_string_equal(endpoint_name(&inc.victim), "http-nio-8080-2");
	assert_false(endpoint_thread(&inc.victim));
}

/* -c compares the name of the process; a thread's name counts only if the process's is not known. */
static void processes(void **state)
{
	struct filter f = { .comm = "java" };
	struct incident inc;

	incident_init(&inc);
	inc.victim.pid = 991;
	strcpy(inc.victim.comm, "http-nio-8080-1");
	inc.n_failures = 1;
	inc.failures[0].pid = 991;
	strcpy(inc.failures[0].comm, "http-nio-8080-1");
	assert_false(filter_incident(&f, &inc));
	f.comm = "http-nio-*";
	assert_true(filter_incident(&f, &inc));
	strcpy(inc.victim.process, "java");
	assert_false(filter_incident(&f, &inc));
	f.comm = "java";
	assert_true(filter_incident(&f, &inc));
	/* a call of another process */
	f.comm = "helper";
	inc.failures[0].pid = 444;
	strcpy(inc.failures[0].comm, "helper");
	assert_true(filter_incident(&f, &inc));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_thread),
		cmocka_unit_test(processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
