/* SPDX-License-Identifier: GPL-2.0 */
#include "host/unwind.h"

#include <linux/audit.h>

/* Places in struct pt_regs: see STACK_REGS in bpf/compat.bpf.h. */
#if defined(__x86_64__)
#define NATIVE AUDIT_ARCH_X86_64
#define REG_SP 19
#define REG_PC 16
#elif defined(__aarch64__)
#define NATIVE AUDIT_ARCH_AARCH64
#define REG_SP 31
#define REG_PC 32
#else
#error "unknown architecture: add its registers here"
#endif

uint64_t raw_stack_pc(const struct raw_stack *raw)
{
	return raw->stack.arch == NATIVE ? raw->stack.regs[REG_PC] : 0;
}

#ifdef HAVE_LIBDW

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <elfutils/libdwfl.h>

#define N_SPACES 16	/* processes whose files stay open */

/* A process as libdwfl sees it. Used as long as the mappings do not change. */
struct space {
	struct unwinder *u;
	int pid;
	uint64_t key;
	uint64_t used;
	Dwfl *dwfl;		/* NULL: free */
	const struct process_maps *maps;	/* this and .raw: set during unwind() only */
	const struct raw_stack *raw;
	struct unwound *out;
};

struct unwinder {
	const char *proc;
	uint64_t uses;
	struct space space[N_SPACES];
};

struct unwinder *unwinder_new(const char *proc)
{
	struct unwinder *u = calloc(1, sizeof(*u));

	if (u)
		u->proc = proc;
	return u;
}

static void forget(struct space *s)
{
	dwfl_end(s->dwfl);
	*s = (struct space){};
}

void unwinder_free(struct unwinder *u)
{
	for (int i = 0; u && i < N_SPACES; i++)
		forget(&u->space[i]);
	free(u);
}

/* ---- what libdwfl asks for ---------------------------------------------------------- */

static int find_elf(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base, char **file, Elf **elf)
{
	const struct space *s = *userdata;
	const struct mapping *m = s->maps ? process_maps_at(s->maps, base) : NULL;
	char path[PATH_MAX];

	(void)mod;
	(void)name;
	(void)file;
	(void)elf;
	return m ? mapping_open(m, s->u->proc, s->pid, path, sizeof(path)) : -1;
}

static int find_no_debuginfo(Dwfl_Module *mod, void **userdata, const char *name, Dwarf_Addr base,
			     const char *file, const char *link, GElf_Word crc, char **out)
{
	(void)mod;
	(void)userdata;
	(void)name;
	(void)base;
	(void)file;
	(void)link;
	(void)crc;
	(void)out;
	return -1;	/* no separate debug file: the unwind tables are in the file itself */
}

static pid_t next_thread(Dwfl *dwfl, void *arg, void **thread_arg)
{
	const struct space *s = arg;

	(void)dwfl;
	if (*thread_arg)
		return 0;
	*thread_arg = arg;
	return s->pid;
}

static bool read_memory(Dwfl *dwfl, Dwarf_Addr addr, Dwarf_Word *word, void *arg)
{
	const struct space *s = arg;
	const struct rst_stack *st = &s->raw->stack;
	uint64_t at = addr - st->regs[REG_SP];

	(void)dwfl;
	if (addr < st->regs[REG_SP] || at + sizeof(*word) > st->n_memory)
		return false;
	memcpy(word, st->memory + at, sizeof(*word));
	return true;
}

#if defined(__x86_64__)
static bool set_registers(Dwfl_Thread *thread, void *arg)
{
	/* in the order of DWARF's numbers: ax dx cx bx si di bp sp r8 to r15 ip */
	static const int from[] = { 10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16 };
	const struct space *s = arg;
	Dwarf_Word regs[sizeof(from) / sizeof(from[0])];

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++)
		regs[i] = s->raw->stack.regs[from[i]];
	return dwfl_thread_state_registers(thread, 0, sizeof(from) / sizeof(from[0]), regs);
}
#else
static bool set_registers(Dwfl_Thread *thread, void *arg)
{
	const struct space *s = arg;
	Dwarf_Word regs[REG_SP + 1];	/* x0 to x30, and sp, as DWARF numbers them */

	for (int i = 0; i <= REG_SP; i++)
		regs[i] = s->raw->stack.regs[i];
	dwfl_thread_state_register_pc(thread, s->raw->stack.regs[REG_PC]);
	return dwfl_thread_state_registers(thread, 0, REG_SP + 1, regs);
}
#endif

/* ---- a process ---------------------------------------------------------------------- */

/* Every file that has code in the process, from its first mapping to its last. */
static int report(struct space *s)
{
	const struct process_maps *maps = s->maps;
	void **userdata;

	dwfl_report_begin(s->dwfl);
	for (size_t i = 0, end; i < maps->n; i = end) {
		const struct mapping *m = &maps->map[i];
		bool code = m->code;
		Dwfl_Module *mod;

		for (end = i + 1; end < maps->n && !strcmp(maps->map[end].path, m->path) &&
		     maps->map[end].ino == m->ino; end++)
			code |= maps->map[end].code;
		if (!code || (!m->ino && strcmp(m->path, "[vdso]")))
			continue;
		mod = dwfl_report_module(s->dwfl, m->path, m->start, maps->map[end - 1].end);
		if (!mod || dwfl_module_info(mod, &userdata, NULL, NULL, NULL, NULL, NULL, NULL) == NULL)
			return -1;
		*userdata = s;
	}
	return dwfl_report_end(s->dwfl, NULL, NULL);
}

static int open_space(struct space *s)
{
	static const Dwfl_Callbacks callbacks = { .find_elf = find_elf, .find_debuginfo = find_no_debuginfo };
	static const Dwfl_Thread_Callbacks threads = {
		.next_thread = next_thread, .memory_read = read_memory, .set_initial_registers = set_registers,
	};

	s->dwfl = dwfl_begin(&callbacks);
	if (!s->dwfl)
		return -1;
	if (!report(s) && dwfl_attach_state(s->dwfl, NULL, s->pid, &threads, s))
		return 0;
	forget(s);
	return -1;
}

/* The space of the process, made anew if its mappings have changed. NULL: it cannot be made. */
static struct space *space_of(struct unwinder *u, int pid, const struct process_maps *maps,
			      const struct raw_stack *raw)
{
	struct space *s = &u->space[0];

	for (int i = 0; i < N_SPACES; i++) {
		struct space *other = &u->space[i];

		if (other->dwfl && other->pid == pid) {
			s = other;
			break;
		}
		if (other->used < s->used)
			s = other;
	}
	if (s->dwfl && (s->pid != pid || s->key != maps->key))
		forget(s);
	s->u = u;
	s->pid = pid;
	s->key = maps->key;
	s->maps = maps;
	s->raw = raw;
	s->used = ++u->uses;
	return s->dwfl || !open_space(s) ? s : NULL;
}

/* Whether the file's unwind tables cover that address. */
static bool has_table(Dwfl *dwfl, uint64_t pc)
{
	Dwfl_Module *mod = dwfl_addrmodule(dwfl, pc);
	Dwarf_Addr bias;
	Dwarf_CFI *cfi = mod ? dwfl_module_eh_cfi(mod, &bias) : NULL;
	Dwarf_Frame *frame = NULL;
	bool found = cfi && !dwarf_cfi_addrframe(cfi, pc - bias, &frame);

	free(frame);
	return found;
}

static int on_frame(Dwfl_Frame *state, void *arg)
{
	struct space *s = arg;
	struct unwound *out = s->out;
	const struct mapping *m;
	bool activation;
	uint64_t before;
	Dwarf_Addr pc;

	if (out->n == RST_STACK_FRAMES || !dwfl_frame_pc(state, &pc, &activation))
		return DWARF_CB_ABORT;
	m = process_maps_at(s->maps, pc);
	if (!m || !m->code)
		return DWARF_CB_ABORT;
	before = out->n ? out->pc[out->n - 1] - !out->exact[out->n - 1] : 0;
	out->by_pointer[out->n] = out->n && (out->by_pointer[out->n - 1] || !has_table(s->dwfl, before));
	out->exact[out->n] = activation;
	out->pc[out->n++] = pc;
	return DWARF_CB_OK;
}

void unwind(struct unwinder *u, const struct raw_stack *raw, const struct process_maps *maps,
	    struct unwound *out)
{
	struct space *s;

	out->n = 0;
	if (!raw->stack.n_memory || !raw_stack_pc(raw))
		return;
	s = space_of(u, raw->task.pid, maps, raw);
	if (!s)
		return;
	s->out = out;
	dwfl_getthread_frames(s->dwfl, s->pid, on_frame, s);
	s->maps = NULL;
	s->raw = NULL;
}

#else

struct unwinder *unwinder_new(const char *proc)
{
	(void)proc;
	return NULL;
}

void unwinder_free(struct unwinder *u)
{
	(void)u;
}

void unwind(struct unwinder *u, const struct raw_stack *raw, const struct process_maps *maps,
	    struct unwound *out)
{
	(void)u;
	(void)raw;
	(void)maps;
	out->n = 0;
}

#endif
