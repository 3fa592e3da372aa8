/* SPDX-License-Identifier: GPL-2.0 */
/* The check as one JSON object. What is not known is absent, as in the record. */
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include <jansson.h>

#include "base/array.h"
#include "base/json_line.h"
#include "attach/advice.h"
#include "attach/check.h"
#include "attach/privileges.h"
#include "host/images.h"

static const struct record_doc docs[] = {
	{ "type", "string", "always check" },
	{ "schema", "string", "the format, " RECORD_SCHEMA },
	{ "version", "string", "of rsttrace" },
	{ "possible", "bool", "whether resets can be traced here" },
	{ "why", "string", "if not: why, in one line" },
	{ "host", "string", "name of this host" },
	{ "kernel", "string", "its release" },
	{ "machine", "string", "its architecture" },
	{ "btf", "string", "where the kernel's types come from: kernel, file, image (found beside the "
	  "kernel's image) or none" },
	{ "btf_file", "string", "the file given with --btf" },
	{ "lockdown", "string", "the kernel's lockdown mode, where securityfs tells" },
	{ "privileges[].name", "string", "a capability that tracing can use" },
	{ "privileges[].held", "bool", "whether this process has it, or CAP_SYS_ADMIN in its place" },
	{ "privileges[].required", "bool", "whether there is no tracing without it" },
	{ "privileges[].without", "string", "if not held: what is missing for that" },
	{ "memlock_counts", "bool", "whether BPF memory counts against RLIMIT_MEMLOCK" },
	{ "memlock", "int", "that limit in bytes; absent if it does not count, or there is none" },
	{ "memlock_needed", "int", "about how much is needed, in bytes" },
	{ "sockets", "int", "how many sockets at once can have an owner; end lines count those beyond "
	  "(owners_unkept)" },
	{ "sockets_memory", "int", "the memory that they take at most, in bytes: a 64th of the host's if "
	  "sockets_grow, else a 256th, and no less than 10 MiB" },
	{ "sockets_grow", "bool", "whether that is taken as sockets come, and not at the start" },
	{ "listeners", "int", "likewise how many listening addresses" },
	{ "ring_sleeps", "bool", "whether the lock of ring buffers sleeps, so that programs would hang "
	  "the host: there is no tracing then" },
	{ "fentry", "string", "yes, or the kernel's answer to trying it" },
	{ "kprobe", "string", "likewise" },
	{ "followed_max", "int", "how many processes of a traced command are followed at once" },
	{ "snapshot", "bool", "whether owners of sockets older than the trace are known" },
	{ "reasons", "string", "kernel: it gives the reason of a RST; inferred: it does not" },
	{ "program_stacks", "string", "what --stacks tells of programs: names, or build-ids where this "
	  "rsttrace was built without libdw" },
	{ "kernel_stacks", "bool", "whether it tells the kernel's" },
	{ "probes[].name", "string", "a thing to see, by the name in the table for people" },
	{ "probes[].state", "string", "attached, waiting (for a module), missing, or usable where "
	  "tracing is not possible for another cause" },
	{ "probes[].by", "string", "fentry, tracepoint or kprobe" },
	{ "probes[].at", "array of strings", "the kernel's functions or tracepoints" },
	{ "probes[].modules", "array of strings", "modules not loaded yet: it is attached when they are" },
	{ "probes[].refused[].by", "string", "a better way that could not be had" },
	{ "probes[].refused[].at", "string", "its first function or tracepoint" },
	{ "probes[].refused[].why", "string", "what stands against it" },
	{ "probes[].refused[].change", "string", "what would have to change for it" },
	{ "probes[].without", "string", "if missing or waiting: what incidents lack" },
};

int check_describe(int (*fn)(void *ctx, const struct record_doc *doc), void *ctx)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < ARRAY_SIZE(docs); i++)
		ret = fn(ctx, &docs[i]);
	return ret;
}

/* json_object_set_new() that leaves out a key whose value is NULL. */
static int put(json_t *o, const char *key, json_t *value)
{
	return value ? json_object_set_new(o, key, value) : 0;
}

static json_t *text(const char *s)
{
	return s && *s ? json_string(s) : NULL;
}

static json_t *privileges_json(const struct caps *caps)
{
	json_t *list = json_array();

	for (int i = 0; i < n_privileges; i++) {
		const struct privilege *p = &privileges[i];
		bool held = privilege_held(caps, p);
		json_t *o = json_object();

		if (!privilege_wanted(caps, p)) {
			json_decref(o);
			continue;
		}
		put(o, "name", text(p->name));
		put(o, "held", json_boolean(held));
		put(o, "required", json_boolean(p->required));
		if (!held)
			put(o, "without", text(p->without));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *refused_json(const struct caps *caps, const struct choice *c)
{
	json_t *list = json_array();

	for (int i = 0; i < c->n_better; i++) {
		json_t *o = json_object();

		put(o, "by", text(ladder_name(c->better[i].rung->ladder)));
		put(o, "at", text(c->better[i].rung->prog[0].symbol));
		put(o, "why", text(c->better[i].why));
		put(o, "change", text(advice_better(caps, c, i)));
		json_array_append_new(list, o);
	}
	return list;
}

static const char *state_word(const struct check *c, const struct choice *ch)
{
	static const char *const words[] = {
		[PROBE_MISSING] = "missing", [PROBE_WAITING] = "waiting", [PROBE_ATTACHED] = "attached",
	};

	return ch->rung && c->why ? "usable" : words[choice_state(ch)];
}

static json_t *probe_json(const struct check *c, const struct choice *ch)
{
	json_t *o = json_object(), *at = json_array(), *modules = json_array();
	const struct hook_prog *p = ch->rung ? ch->rung->prog : NULL;

	for (int i = 0; p && p[i].prog; i++) {
		bool tp = ch->rung->ladder == LADDER_TRACEPOINT;

		if (ch->waiting >> i & 1)
			json_array_append_new(modules, json_string(p[i].module));
		if (p[i].module || caps_args(c->caps, p[i].symbol, tp) != CAP_ABSENT)
			json_array_append_new(at, json_string(p[i].symbol));
	}
	put(o, "name", text(ch->probe->name));
	put(o, "state", text(state_word(c, ch)));
	put(o, "by", ch->rung ? text(ladder_name(ch->rung->ladder)) : NULL);
	put(o, "at", json_array_size(at) ? json_incref(at) : NULL);
	put(o, "modules", json_array_size(modules) ? json_incref(modules) : NULL);
	put(o, "refused", ch->n_better ? refused_json(c->caps, ch) : NULL);
	if (choice_state(ch) != PROBE_ATTACHED)
		put(o, "without", text(ch->probe->without));
	json_decref(at);
	json_decref(modules);
	return o;
}

static json_t *tried(const struct caps *caps, int err)
{
	return caps->tried ? text(err ? kernel_error(err) : "yes") : NULL;
}

static const char *btf_word(const struct caps *caps)
{
	return !caps->btf ? "none" : caps->btf_file ? "file" : caps->own_btf ? "kernel" : "image";
}

static void put_facts(json_t *o, const struct caps *caps)
{
	put(o, "host", text(caps->host));
	put(o, "kernel", text(caps->release));
	put(o, "machine", text(caps->machine));
	put(o, "btf", text(btf_word(caps)));
	put(o, "btf_file", text(caps->btf_file));
	put(o, "lockdown", text(caps->lockdown));
	put(o, "privileges", privileges_json(caps));
	if (!caps->btf)
		return;
	put(o, "memlock_counts", json_boolean(caps->memlock_counts));
	if (caps->memlock_counts && caps->memlock != UINT64_MAX)
		put(o, "memlock", json_integer(caps->memlock));
	if (caps->memlock_needed)
		put(o, "memlock_needed", json_integer(caps->memlock_needed));
	put(o, "sockets", json_integer(caps->sizes.socks));
	put(o, "sockets_memory", json_integer(caps->sizes.bytes));
	put(o, "sockets_grow", json_boolean(caps->maps_grow));
	put(o, "listeners", json_integer(caps->sizes.listeners));
	put(o, "ring_sleeps", json_boolean(caps->ring_sleeps));
	put(o, "fentry", tried(caps, caps->trampolines));
	put(o, "kprobe", tried(caps, caps->kprobes));
	put(o, "followed_max", json_integer(RST_FOLLOWED));
	put(o, "snapshot", json_boolean(caps->iter_task_file));
	put(o, "program_stacks", text(images_supported() ? "names" : "build-ids"));
	put(o, "kernel_stacks", json_boolean(caps->kernel_addresses));
	put(o, "reasons", text(caps->n_reasons ? "kernel" : "inferred"));
}

int check_json(FILE *out, const struct check *c, const char *version)
{
	json_t *o = json_object(), *probes = json_array();
	int err;

	put(o, "type", text("check"));
	put(o, "schema", text(RECORD_SCHEMA));
	put(o, "version", text(version));
	put(o, "possible", json_boolean(!c->why));
	put(o, "why", text(c->why));
	put_facts(o, c->caps);
	for (int i = 0; i < c->plan->n; i++)
		json_array_append_new(probes, probe_json(c, &c->plan->choice[i]));
	put(o, "probes", probes);
	err = json_line(out, o);
	if (!err && fflush(out))
		err = -errno;
	json_decref(o);
	return err;
}
