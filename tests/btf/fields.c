/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fields OBJECT NAME=BTF... - compare what the BPF programs believe of the
 * kernel's types with the types of these kernels.
 *
 * OBJECT has a variable in_kernel_T for each struct T of vmlinux.h and of the
 * flavours beside it (the Makefile makes it so), and the programs, whose
 * relocations tell how fields are read. libbpf finds a field by its name and
 * corrects the offset; that it has the size and the sign which the program was
 * compiled for, nobody else checks. So, for every field:
 *
 * - it exists in some kernel; and where it does not, a program asks for it
 *   first, or for another that comes and goes with it;
 * - it is of the same kind, size and sign, unless the program reads it as a
 *   bit field, which adapts to all three. A plain char may have either sign;
 * - a register is at the very same offset: the layout is the architecture's,
 *   and a program reads several at once, by the offset of the first. The type
 *   of those that are not read is the kernel's business (cs became a union).
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>

#include "uses.h"

#define PREFIX "in_kernel_"
#define MAX_KERNELS 16
#define MAX_ROWS 1024

/* Fields that are read only if another field was asked for. */
static const struct {
	const char *field, *asked;
} behind[] = {
	{ "mptcp_subflow_context.conn", "tcp_sock.is_mptcp" },
	{ "sock_common.skc_v6_rcv_saddr", "sock_common.skc_v6_daddr" },
};

enum verdict { SAME, ABSENT, DIFFERENT };

struct row {
	char field[96];
	unsigned char use;
	bool registers;
	enum verdict verdict[MAX_KERNELS];
	char why[MAX_KERNELS][80];
};

struct check {
	struct btf *local;
	struct uses *uses;
	const char *name[MAX_KERNELS];
	struct btf *kernel[MAX_KERNELS];
	int ambiguous[MAX_KERNELS];		/* several structs have this name */
	int n_kernels;
	struct row row[MAX_ROWS];
	int n_rows;
};

/* The name of a struct without its flavour. */
static void base_name(char *out, size_t len, const char *name)
{
	const char *end = strstr(name, "___");

	snprintf(out, len, "%.*s", (int)(end && end != name ? end - name : (long)strlen(name)), name);
}

/* ---- the comparison of one field */

struct found {
	const struct btf_member *m;
	__u32 bit_off, bits;	/* bits: the width of a bit field */
};

/* Finds a member as libbpf does: also inside members without a name. */
static bool find_member(const struct btf *btf, const struct btf_type *t, const char *name,
			struct found *f, __u32 base)
{
	for (int i = 0; i < btf_vlen(t); i++) {
		const struct btf_member *m = &btf_members(t)[i];
		__u32 id = m->type;
		const struct btf_type *inner = skip_mods(btf, &id);

		f->bit_off = base + btf_member_bit_offset(t, i);
		f->bits = btf_member_bitfield_size(t, i);
		f->m = m;
		if (!strcmp(str(btf, m->name_off), name))
			return true;
		if (!m->name_off && btf_is_composite(inner) &&
		    find_member(btf, inner, name, f, f->bit_off))
			return true;
	}
	return false;
}

static void __attribute__((format(printf, 3, 4))) differ(struct row *r, int k, const char *fmt, ...)
{
	va_list ap;

	r->verdict[k] = DIFFERENT;
	va_start(ap, fmt);
	vsnprintf(r->why[k], sizeof(r->why[k]), fmt, ap);
	va_end(ap);
}

static bool is_signed(const struct btf_type *t)
{
	return btf_is_int(t) ? btf_int_encoding(t) & BTF_INT_SIGNED : btf_kflag(t);
}

static bool is_char(const struct btf *btf, const struct btf_type *t)
{
	return !strcmp(str(btf, t->name_off), "char");
}

static void compare_types(const struct check *c, struct row *r, int k, __u32 lid, __u32 kid)
{
	const struct btf *kernel = c->kernel[k];
	const struct btf_type *l = skip_mods(c->local, &lid), *t = skip_mods(kernel, &kid);
	bool number = btf_is_int(l) || btf_is_any_enum(l);
	char name[64];

	if (number != (btf_is_int(t) || btf_is_any_enum(t)) ||
	    (!number && btf_kind(l) != btf_kind(t))) {
		differ(r, k, "another kind of type");
	} else if (number) {
		if (l->size != t->size)
			differ(r, k, "%u bytes, not %u", t->size, l->size);
		else if (is_signed(l) != is_signed(t) && !is_char(c->local, l))
			differ(r, k, "%ssigned", is_signed(t) ? "" : "un");
	} else if (btf_is_array(l)) {
		if (btf_array(t)->nelems < btf_array(l)->nelems)
			differ(r, k, "%u elements, not %u", btf_array(t)->nelems,
			       btf_array(l)->nelems);
		else
			compare_types(c, r, k, btf_array(l)->type, btf_array(t)->type);
	} else if (btf_is_ptr(l)) {
		lid = l->type;
		kid = t->type;
		l = skip_mods(c->local, &lid);
		t = skip_mods(kernel, &kid);
		if (btf_is_ptr(l) || btf_is_composite(l))	/* not to void: its target counts */
			compare_types(c, r, k, lid, kid);
	} else if (l->name_off) {
		base_name(name, sizeof(name), str(c->local, l->name_off));
		if (strcmp(name, str(kernel, t->name_off)))
			differ(r, k, "a %s", str(kernel, t->name_off));
	}
}

static void compare_field(const struct check *c, struct row *r, int k, __u32 lid,
			  __u32 local_bits, __u32 local_off, const struct found *f)
{
	if (r->registers && f->bit_off != local_off)
		differ(r, k, "at byte %u, not %u", f->bit_off / 8, local_off / 8);
	else if (r->use & AS_BITS || (r->registers && !(r->use & READ)))
		return;
	else if (f->bits || local_bits)
		differ(r, k, "a bit field");
	else
		compare_types(c, r, k, lid, f->m->type);
}

/* ---- the walk over all fields */

static struct row *row_of(struct check *c, const char *field)
{
	for (int i = 0; i < c->n_rows; i++)
		if (!strcmp(c->row[i].field, field))
			return &c->row[i];
	if (c->n_rows == MAX_ROWS) {
		fprintf(stderr, "fields: more than %d fields\n", MAX_ROWS);
		exit(2);
	}
	snprintf(c->row[c->n_rows].field, sizeof(c->row[0].field), "%s", field);
	return &c->row[c->n_rows++];
}

/* Compares the struct with the kernel's; NULL: the kernel has none. */
static void walk(struct check *c, int k, const char *path, __u32 lid, const struct btf_type *t)
{
	const struct btf_type *l = btf__type_by_id(c->local, lid);

	for (int i = 0; i < btf_vlen(l) && i < MAX_MEMBERS; i++) {
		const struct btf_member *m = &btf_members(l)[i];
		__u32 inner = m->type, kid;
		const struct btf_type *it = skip_mods(c->local, &inner), *kt = NULL;
		const char *name = str(c->local, m->name_off);
		bool nameless = btf_is_composite(it) && !it->name_off;
		struct found f = {};
		struct row *r;
		char field[96];

		if (!name[0]) {
			walk(c, k, path, inner, t);
			continue;
		}
		snprintf(field, sizeof(field), "%s.%s", path, name);
		r = row_of(c, field);
		r->use |= c->uses->of[lid][i];
		r->registers = strstr(path, "pt_regs");
		if (!t || !find_member(c->kernel[k], t, name, &f, 0)) {
			r->verdict[k] = ABSENT;
		} else {
			compare_field(c, r, k, m->type, btf_member_bitfield_size(l, i),
				      btf_member_bit_offset(l, i), &f);
			kid = f.m->type;
			kt = skip_mods(c->kernel[k], &kid);
		}
		if (nameless)
			walk(c, k, field, inner, kt && btf_is_composite(kt) ? kt : NULL);
	}
}

/* The kernel's struct of this name; there may not be two. */
static const struct btf_type *kernel_struct(struct check *c, int k, const char *name)
{
	const struct btf_type *found = NULL;

	for (__u32 id = 1; id < btf__type_cnt(c->kernel[k]); id++) {
		const struct btf_type *t = btf__type_by_id(c->kernel[k], id);

		if (!btf_is_composite(t) || !btf_vlen(t) || strcmp(str(c->kernel[k], t->name_off), name))
			continue;
		if (found) {
			printf("    struct %s: more than one\n", name);
			c->ambiguous[k]++;
		}
		found = t;
	}
	return found;
}

static bool has_enumerator(const struct btf *btf, const char *name, const char *value)
{
	int id = btf__find_by_name_kind(btf, name, BTF_KIND_ENUM);
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (int i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(str(btf, btf_enum(t)[i].name_off), value))
			return true;
	return false;
}

/* Compares the enumerators that a program reads or asks for. */
static void compare_enum(struct check *c, int k, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(c->local, id);
	char name[64], value[64], field[sizeof(name) + sizeof(value)];

	base_name(name, sizeof(name), str(c->local, t->name_off));
	for (int i = 0; i < btf_vlen(t) && i < MAX_MEMBERS; i++) {
		struct row *r;

		if (!c->uses->of[id][i])
			continue;
		base_name(value, sizeof(value), str(c->local, btf_enum(t)[i].name_off));
		snprintf(field, sizeof(field), "%s.%s", name, value);
		r = row_of(c, field);
		r->use |= c->uses->of[id][i] | READ;
		if (!has_enumerator(c->kernel[k], name, value))
			r->verdict[k] = ABSENT;
	}
}

static void compare_kernel(struct check *c, int k)
{
	for (__u32 id = 1; id < btf__type_cnt(c->local); id++) {
		const struct btf_type *t = btf__type_by_id(c->local, id);
		const char *name = str(c->local, t->name_off);
		__u32 type = t->type;
		char base[64];

		if (btf_is_any_enum(t))
			compare_enum(c, k, id);
		if (!btf_is_var(t) || strncmp(name, PREFIX, strlen(PREFIX)))
			continue;
		skip_mods(c->local, &type);
		base_name(base, sizeof(base), name + strlen(PREFIX));
		walk(c, k, name + strlen(PREFIX), type, kernel_struct(c, k, base));
	}
}

/* ---- the report */

static int count(const struct check *c, const struct row *r, enum verdict v)
{
	int n = 0;

	for (int k = 0; k < c->n_kernels; k++)
		n += r->verdict[k] == v;
	return n;
}

/* A field that no kernel has is a mistake in vmlinux.h, even if programs ask for it first. */
static int report_header(const struct check *c)
{
	int bad = 0;

	for (const struct row *r = c->row; r < c->row + c->n_rows; r++) {
		if (count(c, r, ABSENT) < c->n_kernels)
			continue;
		printf("    %s: in no kernel\n", r->field);
		bad++;
	}
	printf("%s types-header (%d fields)\n", bad ? "FAIL" : "ok", c->n_rows);
	return bad;
}

/* The field that programs ask for before they read this one, if there is one. */
static const struct row *guard_of(const struct check *c, const struct row *r)
{
	const char *name = r->field;

	if (r->use & ASKED)
		return r;
	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++)
		if (!strcmp(behind[i].field, name))
			name = behind[i].asked;
	for (const struct row *g = c->row; g < c->row + c->n_rows; g++)
		if (g->use & ASKED && !strcmp(g->field, name))
			return g;
	return NULL;
}

static int report_kernel(const struct check *c, int k)
{
	int bad = c->ambiguous[k];

	for (const struct row *r = c->row; r < c->row + c->n_rows; r++) {
		const struct row *guard = guard_of(c, r);

		if (r->verdict[k] == DIFFERENT) {
			printf("    %s: %s\n", r->field, r->why[k]);
			bad++;
		} else if (r->verdict[k] == ABSENT && guard && guard->verdict[k] == ABSENT) {
			printf("    %s: absent, %s%s\n", r->field,
			       guard == r ? "asked for" : "as is ", guard == r ? "" : guard->field);
		} else if (r->verdict[k] == ABSENT) {
			printf("    %s: absent, and nothing asks for it\n", r->field);
			bad++;
		}
	}
	printf("%s types-%s\n", bad ? "FAIL" : "ok", c->name[k]);
	return bad;
}

static int load(struct check *c, int argc, char **argv)
{
	int err;

	c->local = argc > 2 ? btf__parse_elf(argv[1], NULL) : NULL;
	if (!c->local || argc - 2 > MAX_KERNELS) {
		fprintf(stderr, "usage: fields OBJECT NAME=BTF...\n");
		return -EINVAL;
	}
	c->uses = uses_read(c->local, argv[1]);
	err = c->uses ? 0 : -errno;
	for (int i = 2; i < argc && !err; i++, c->n_kernels++) {
		char *path = strchr(argv[i], '=');

		c->kernel[i - 2] = path ? btf__parse_raw(path + 1) : NULL;
		if (!c->kernel[i - 2])
			err = -ENOENT;
		else
			*path = '\0';
		c->name[i - 2] = argv[i];
	}
	if (err)
		fprintf(stderr, "fields: cannot read the types: %s\n", strerror(-err));
	return err;
}

int main(int argc, char **argv)
{
	struct check *c = calloc(1, sizeof(*c));
	int err = c ? load(c, argc, argv) : -ENOMEM, failed = 0;

	for (int k = 0; k < (err ? 0 : c->n_kernels); k++)
		compare_kernel(c, k);
	if (!err) {
		failed = !!report_header(c);
		for (int k = 0; k < c->n_kernels; k++)
			failed += !!report_kernel(c, k);
		printf("%d passed, %d failed, 0 skipped\n", c->n_kernels + 1 - failed, failed);
	}
	for (int k = 0; c && k < MAX_KERNELS; k++)
		btf__free(c->kernel[k]);
	if (c) {
		btf__free(c->local);
		free(c->uses);
	}
	free(c);
	return err ? 2 : !!failed;
}
