/* SPDX-License-Identifier: GPL-2.0 */
/* What Wireshark is told, and what it may ask. */
#include "app/extcap.h"
#include "test.h"

struct call {
	enum extcap ret;
	struct options o;
	char why[256], *out;
	size_t len;
};

/* The words of a command line after the program's name. */
#define CALL(c, ...) call(c, (char *[]){ "rsttrace", __VA_ARGS__, NULL })

static void call(struct call *c, char **argv)
{
	FILE *out = open_memstream(&c->out, &c->len);
	int argc = 0;

	while (argv[argc])
		argc++;
	c->ret = extcap_serve(&c->o, argc, argv, out, c->why, sizeof(c->why));
	fclose(out);
}

static void expect(enum extcap ret, const char *text, char **argv)
{
	struct call c = {};

	call(&c, argv);
	assert_int_equal(c.ret, ret);
	assert_non_null(strstr(ret == EXTCAP_WRONG ? c.why : c.out, text));
	free(c.out);
}

#define EXPECT(ret, text, ...) expect(ret, text, (char *[]){ "rsttrace", __VA_ARGS__, NULL })

static void answers(void **state)
{
	EXPECT(EXTCAP_ANSWERED, "interface {value=rsttrace}{display=", "--extcap-interfaces");
	EXPECT(EXTCAP_ANSWERED, "extcap {version=", "--extcap-interfaces", "--extcap-version=4.0");
	EXPECT(EXTCAP_ANSWERED, "dlt {number=101}", "--extcap-interface", "rsttrace", "--extcap-dlts");
	EXPECT(EXTCAP_ANSWERED, "{call=--replay}", "--extcap-interface=rsttrace", "--extcap-config");
	EXPECT(EXTCAP_ANSWERED, "{value=closed-port}", "--extcap-interface=rsttrace", "--extcap-config");
	EXPECT(EXTCAP_ANSWERED, "capture filter", "--extcap-interface=rsttrace",
	       "--extcap-capture-filter", "tcp");
}

static void captures(void **state)
{
	struct call c = {};

	CALL(&c, "--capture", "--extcap-interface", "rsttrace", "--fifo", "/tmp/f",
	     "--extcap-capture-filter", "", "--port", "80", "--extcap-control-in", "x");
	assert_int_equal(c.ret, EXTCAP_CAPTURE);
	assert_string_equal(c.o.pcapng, "/tmp/f");
	assert_int_equal(c.o.filter.port, 80);
	assert_true(c.o.capture_only);
	assert_true(c.o.quiet);
	free(c.out);
}

static void refuses(void **state)
{
	EXPECT(EXTCAP_WRONG, "'eth0' is not rsttrace", "--extcap-interface", "eth0", "--extcap-dlts");
	EXPECT(EXTCAP_WRONG, "--extcap-interface needs a value", "--extcap-interface");
	EXPECT(EXTCAP_WRONG, "--fifo", "--extcap-interface=rsttrace", "--capture");
	EXPECT(EXTCAP_WRONG, "--fifo needs a value", "--extcap-interface=rsttrace", "--capture", "--fifo");
	EXPECT(EXTCAP_WRONG, "capture filter", "--extcap-interface=rsttrace", "--capture", "--fifo=f",
	       "--extcap-capture-filter=tcp");
	EXPECT(EXTCAP_WRONG, "--port: 'x' is no port", "--extcap-interface=rsttrace", "--capture", "--fifo=f",
	       "--port", "x");
	EXPECT(EXTCAP_WRONG, "options of a trace alone", "--extcap-interface=rsttrace", "--capture",
	       "--fifo=f", "--", "true");
}

/* The words after -- belong to the traced command. */
static void leaves_other_calls_alone(void **state)
{
	EXPECT(EXTCAP_NOT, "", "--json");
	EXPECT(EXTCAP_NOT, "", "--", "dumpcap", "--extcap-interfaces");
	EXPECT(EXTCAP_NOT, "", "--", "x", "--fifo");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(captures),
		cmocka_unit_test(refuses),
		cmocka_unit_test(leaves_other_calls_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
