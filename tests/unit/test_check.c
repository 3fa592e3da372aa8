/* SPDX-License-Identifier: GPL-2.0 */
/* `rsttrace check` names each missing probe, what that hides, and what would have to change. */
#include <jansson.h>
#include <linux/capability.h>

#include "attach/check.h"
#include "kernels.h"
#include "attach/privileges.h"
#include "test.h"

#define BIT(cap) (1ULL << (cap))
#define ALL_PRIVILEGES UINT64_MAX

struct kernel {
	struct caps caps;
	struct plan plan;
	struct check check;
};

/* The number of arguments that the first rung with this symbol needs. */
static int args_wanted(const struct cap_symbol *s)
{
	for (int i = 0; i < N_PROBES; i++)
		for (int r = 0; r < MAX_RUNGS; r++)
			for (const struct hook_prog *p = probes[i].rung[r].prog; p->prog; p++)
				if (!strcmp(p->symbol, s->name) && p->args)
					return p->args;
	return 3;
}

/* A kernel that has everything and refuses nothing; call replan() after a change. */
static void kernel_new(struct kernel *k)
{
	struct caps *caps = &k->caps;

	memset(k, 0, sizeof(*k));
	snprintf(caps->release, sizeof(caps->release), "6.18.0-test");
	snprintf(caps->machine, sizeof(caps->machine), "x86_64");
	caps->btf = caps->own_btf = caps->tried = true;
	caps->privileges = ALL_PRIVILEGES;
	caps->memlock = UINT64_MAX;
	caps->iter_task_file = 1;
	caps->n_reasons = 1;
	caps->n_symbols = hooks_symbols(caps->symbol, MAX_CAP_SYMBOLS);
	for (int i = 0; i < caps->n_symbols; i++)
		caps->symbol[i].args = args_wanted(&caps->symbol[i]);
	k->check = (struct check){ .caps = &k->caps, .plan = &k->plan };
	hooks_plan(&k->plan, caps, LADDER_AUTO);
}

static void replan(struct kernel *k)
{
	hooks_plan(&k->plan, &k->caps, LADDER_AUTO);
}

static void kernel_poor(struct kernel *k)
{
	kernel_new(k);
	k->caps.trampolines = -EPERM;
	k->caps.kprobes = -ENOENT;
	replan(k);
}

/* The caller frees the text. */
static char *text_of(const struct kernel *k)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	assert_int_equal(check_print(f, &k->check), 0);
	fclose(f);
	return text;
}

static json_t *json_of(const struct kernel *k)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	json_t *o;

	assert_int_equal(check_json(f, &k->check, "1.2.3"), 0);
	fclose(f);
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);	/* one line */
	o = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(o);
	free(text);
	return o;
}

static json_t *named(json_t *list, const char *name)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
		if (!strcmp(json_string_value(json_object_get(o, "name")), name))
			return o;
	fail_msg("no '%s' in the list", name);
	return NULL;
}

static const char *string(json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key)) ?: "(absent)";
}

#define HAS(text, what) assert_non_null(strstr(text, what))
#define LACKS(text, what) assert_null(strstr(text, what))

static void rich(void **state)
{
	struct kernel k;
	char *text;
	json_t *o, *p;

	kernel_new(&k);
	text = text_of(&k);
	HAS(text, "6.18.0-test, x86_64\n");
	HAS(text, "privileges   all that are of use\n");
	LACKS(text, "MISSING");
	LACKS(text, "Not to be seen");
	LACKS(text, "To see more");
	free(text);
	o = json_of(&k);
	assert_true(json_is_true(json_object_get(o, "possible")));
	assert_string_equal(string(o, "version"), "1.2.3");
	assert_string_equal(string(o, "btf"), "kernel");
	assert_string_equal(string(o, "fentry"), "yes");
	assert_string_equal(string(o, "reasons"), "kernel");
	assert_int_equal(json_array_size(json_object_get(o, "probes")), N_PROBES);
	p = named(json_object_get(o, "probes"), "receive failed");
	assert_string_equal(string(p, "state"), "attached");
	assert_string_equal(string(p, "by"), "fentry");
	assert_int_equal(json_array_size(json_object_get(p, "at")), 2);
	assert_null(json_object_get(p, "refused"));
	assert_null(json_object_get(p, "without"));
	json_decref(o);
}

static void poor(void **state)
{
	struct kernel k;
	char *text;
	json_t *o, *p, *r;

	kernel_poor(&k);
	text = text_of(&k);
	HAS(text, "\naccept                MISSING");
	HAS(text, "\nNot to be seen here:\n");
	HAS(text, chosen(&k.plan, "accept")->probe->without);
	LACKS(text, chosen(&k.plan, "SIGPIPE")->probe->without);
	HAS(text, "\nTo see more:\n  fentry     seccomp or a security module denies");
	HAS(text, "\n  kprobe     CONFIG_KPROBES=y");
	free(text);
	o = json_of(&k);
	p = named(json_object_get(o, "probes"), "accept");
	assert_string_equal(string(p, "state"), "missing");
	assert_string_equal(string(p, "without"), chosen(&k.plan, "accept")->probe->without);
	assert_null(json_object_get(p, "by"));
	r = json_array_get(json_object_get(p, "refused"), 1);
	assert_string_equal(string(r, "by"), "kprobe");
	assert_string_equal(string(r, "at"), "inet_csk_accept");
	assert_string_equal(string(r, "why"), "not in this kernel");
	assert_string_equal(string(r, "change"), "CONFIG_KPROBES=y and CONFIG_KPROBE_EVENTS=y");
	p = named(json_object_get(o, "probes"), "send failed");
	assert_string_equal(string(p, "by"), "tracepoint");
	json_decref(o);
}

static void waits_for_module(void **state)
{
	struct kernel k;
	char *text;
	json_t *o, *p;

	kernel_new(&k);
	chosen(&k.plan, "firewall reject")->waiting = 3;
	text = text_of(&k);
	HAS(text, "\nfirewall reject       waiting     nf_send_reset            "
		  "module not loaded: nf_reject_ipv4 nf_reject_ipv6\n");
	HAS(text, ", until the module is loaded\n");
	HAS(text, "modprobe -a nf_reject_ipv4 nf_reject_ipv6: attached as soon as they load\n");
	LACKS(text, "MISSING");
	free(text);
	o = json_of(&k);
	p = named(json_object_get(o, "probes"), "firewall reject");
	assert_string_equal(string(p, "state"), "waiting");
	assert_int_equal(json_array_size(json_object_get(p, "modules")), 2);
	assert_string_equal(string(p, "without"), chosen(&k.plan, "firewall reject")->probe->without);
	json_decref(o);

	/* only one of its two functions is there */
	chosen(&k.plan, "firewall reject")->waiting = 2;
	text = text_of(&k);
	HAS(text, "\nfirewall reject       kprobe      nf_send_reset            "
		  "module not loaded: nf_reject_ipv6\n");
	LACKS(text, "until the module");
	free(text);
}

static void no_privileges(void **state)
{
	struct kernel k;
	char *text, names[64];
	json_t *o;

	kernel_new(&k);
	k.caps.tried = false;
	k.caps.privileges = BIT(CAP_PERFMON);
	k.plan.n = 0;
	k.check.why = "this process lacks CAP_BPF";
	privileges_missing(&k.caps, names, sizeof(names));
	assert_string_equal(names, "CAP_BPF");
	text = text_of(&k);
	HAS(text, "privileges   missing CAP_BPF, CAP_SYS_PTRACE, CAP_SYS_ADMIN\n");
	HAS(text, "fentry       not tried\n");
	LACKS(text, "PROBE");
	free(text);
	o = json_of(&k);
	assert_true(json_is_false(json_object_get(o, "possible")));
	assert_string_equal(string(o, "why"), "this process lacks CAP_BPF");
	assert_null(json_object_get(o, "fentry"));
	assert_true(json_is_false(json_object_get(named(json_object_get(o, "privileges"), "CAP_BPF"),
						  "held")));
	json_decref(o);
	k.caps.privileges = 0;
	privileges_missing(&k.caps, names, sizeof(names));
	assert_string_equal(names, "CAP_BPF and CAP_PERFMON");
	/* the capability that included both before they existed */
	k.caps.privileges = BIT(CAP_SYS_ADMIN);
	privileges_missing(&k.caps, names, sizeof(names));
	assert_string_equal(names, "");
}

static void some_privileges(void **state)
{
	struct kernel k;
	char *text;

	kernel_new(&k);
	k.caps.privileges = BIT(CAP_BPF) | BIT(CAP_PERFMON);
	k.caps.kprobes = -EACCES;
	k.caps.perf_paranoid = 3;
	replan(&k);
	text = text_of(&k);
	HAS(text, "privileges   missing CAP_SYS_PTRACE, CAP_SYS_ADMIN\n");
	HAS(text, "executables of other users' processes");
	HAS(text, "\n  kprobe     CAP_SYS_ADMIN, or sysctl kernel.perf_event_paranoid=2\n");
	free(text);
	/* this setting does not prevent it */
	k.caps.perf_paranoid = 2;
	text = text_of(&k);
	LACKS(text, "perf_event_paranoid");
	free(text);
}

static void sleeping_ring(void **state)
{
	struct kernel k;
	char *text;

	kernel_new(&k);
	text = text_of(&k);
	LACKS(text, "ring buffer");
	free(text);
	k.caps.ring_sleeps = true;
	text = text_of(&k);
	HAS(text, "ring buffer  its lock sleeps (PREEMPT_RT)");
	free(text);
}

static void memlock(void **state)
{
	struct kernel k;
	char *text;
	json_t *o;

	kernel_new(&k);
	k.caps.memlock_counts = true;
	k.caps.memlock = 65536;
	k.caps.memlock_needed = 1 << 20;
	k.caps.privileges = BIT(CAP_BPF) | BIT(CAP_PERFMON) | BIT(CAP_SYS_PTRACE) | BIT(CAP_SYS_ADMIN);
	text = text_of(&k);
	HAS(text, "privileges   missing CAP_SYS_RESOURCE\n");
	HAS(text, "memlock      64 KiB allowed, about 1024 KiB needed\n");
	free(text);
	o = json_of(&k);
	assert_int_equal(json_integer_value(json_object_get(o, "memlock")), 65536);
	json_decref(o);
	k.caps.memlock = UINT64_MAX;
	text = text_of(&k);
	HAS(text, "privileges   all that are of use\n");
	HAS(text, "memlock      no limit\n");
	free(text);
}

static void types_from_a_file(void **state)
{
	struct kernel k;
	char *text;
	json_t *o, *p;

	kernel_new(&k);
	k.caps.btf_file = "vm.btf";
	k.caps.own_btf = false;
	k.caps.trampolines = -ENOENT;
	k.caps.iter_task_file = 0;
	replan(&k);
	text = text_of(&k);
	HAS(text, "BTF          vm.btf; the kernel has none of its own\n");
	HAS(text, "fentry: the kernel has no BTF of its own\n");
	HAS(text, "\n  fentry     a kernel with BTF of its own (CONFIG_DEBUG_INFO_BTF=y)\n");
	HAS(text, "snapshot     no");
	HAS(text, "commands     up to 32768 processes of a traced command (-- COMMAND) are followed at once");
	free(text);
	o = json_of(&k);
	assert_string_equal(string(o, "btf"), "file");
	assert_string_equal(string(o, "btf_file"), "vm.btf");
	p = named(json_object_get(o, "probes"), "reset received");
	assert_string_equal(string(p, "by"), "kprobe");
	json_decref(o);
}

/* ---- every key of the JSON is documented, with its type ---------------------------- */

struct lookup {
	const char *key, *type;
	bool found;
};

static int compare(void *ctx, const struct record_doc *doc)
{
	struct lookup *l = ctx;

	if (!strcmp(doc->key, l->key)) {
		l->found = true;
		assert_string_equal(doc->type, l->type);
	}
	return 0;
}

static const char *type_of(const json_t *v)
{
	return json_is_string(v) ? "string" : json_is_integer(v) ? "int" :
	       json_is_boolean(v) ? "bool" : "array of strings";
}

static void documented(json_t *o, const char *prefix)
{
	const char *key;
	json_t *v, *item;
	char path[128];
	size_t i;

	json_object_foreach(o, key, v) {
		struct lookup l = { .key = path, .type = type_of(v) };

		assert_false(json_is_null(v));
		if (json_is_object(json_array_get(v, 0))) {
			snprintf(path, sizeof(path), "%s%s[].", prefix, key);
			json_array_foreach(v, i, item)
				documented(item, path);
			continue;
		}
		snprintf(path, sizeof(path), "%s%s", prefix, key);
		check_describe(compare, &l);
		if (!l.found)
			fail_msg("%s is not documented", path);
	}
}

static void keys(void **state)
{
	struct kernel k;
	json_t *o;

	kernel_poor(&k);
	k.check.why = "no";
	k.caps.btf_file = "f";
	snprintf(k.caps.lockdown, sizeof(k.caps.lockdown), "none");
	k.caps.memlock_counts = true;
	k.caps.memlock = k.caps.memlock_needed = 4096;
	k.caps.privileges = BIT(CAP_SYS_ADMIN);
	o = json_of(&k);
	documented(o, "");
	json_decref(o);
	kernel_new(&k);
	chosen(&k.plan, "firewall reject")->waiting = 1;
	o = json_of(&k);
	documented(o, "");
	json_decref(o);
}

static void write_error(void **state)
{
	struct kernel k;
	FILE *f = fopen("/dev/full", "w");

	kernel_new(&k);
	assert_non_null(f);
	assert_int_equal(check_print(f, &k.check), -ENOSPC);
	assert_int_equal(check_json(f, &k.check, "1"), -ENOSPC);
	fclose(f);
}

static void warning(void **state)
{
	char text[512] = "", want[64];
	struct kernel k;
	int missing = 0;
	FILE *f;

	kernel_poor(&k);
	for (int i = 0; i < k.plan.n; i++)
		missing += choice_state(&k.plan.choice[i]) == PROBE_MISSING;
	assert_in_range(missing, 1, N_PROBES - 1);
	snprintf(want, sizeof(want), "rsttrace: %d of %d probes cannot be had", missing, N_PROBES);
	f = fmemopen(text, sizeof(text), "w");
	check_warn(f, &k.plan);
	fclose(f);
	assert_int_equal(strncmp(text, want, strlen(want)), 0);
	kernel_new(&k);
	memset(text, 0, sizeof(text));
	f = fmemopen(text, sizeof(text), "w");
	check_warn(f, &k.plan);
	fclose(f);
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rich),
		cmocka_unit_test(poor),
		cmocka_unit_test(waits_for_module),
		cmocka_unit_test(no_privileges),
		cmocka_unit_test(some_privileges),
		cmocka_unit_test(memlock),
		cmocka_unit_test(sleeping_ring),
		cmocka_unit_test(types_from_a_file),
		cmocka_unit_test(keys),
		cmocka_unit_test(write_error),
		cmocka_unit_test(warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
