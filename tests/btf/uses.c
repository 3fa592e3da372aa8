/* SPDX-License-Identifier: GPL-2.0 */
#include "uses.h"

#include <errno.h>
#include <fcntl.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/btf.h>
#include <linux/bpf.h>

const struct btf_type *skip_mods(const struct btf *btf, __u32 *id)
{
	const struct btf_type *t = btf__type_by_id(btf, *id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t))) {
		*id = t->type;
		t = btf__type_by_id(btf, *id);
	}
	return t;
}

const char *str(const struct btf *btf, __u32 off)
{
	const char *s = btf__name_by_offset(btf, off);

	return s ? s : "";
}

static unsigned char use_of(enum bpf_core_relo_kind kind)
{
	switch (kind) {
	case BPF_CORE_FIELD_BYTE_OFFSET:
		return READ;
	case BPF_CORE_FIELD_EXISTS:
	case BPF_CORE_ENUMVAL_EXISTS:
		return ASKED;
	case BPF_CORE_FIELD_LSHIFT_U64:
	case BPF_CORE_FIELD_RSHIFT_U64:
		return READ | AS_BITS;
	case BPF_CORE_ENUMVAL_VALUE:
		return READ;
	default:	/* sizes and whole types are no use of a field */
		return 0;
	}
}

/* Marks every member that the path "0:1:2" goes through. */
static int mark(struct uses *u, const struct bpf_core_relo *r)
{
	const char *s = str(u->local, r->access_str_off);
	__u32 id = r->type_id;
	const struct btf_type *t = skip_mods(u->local, &id);
	unsigned char use = use_of(r->kind);
	char *end;
	long i = strtol(s, &end, 10);

	if (btf_is_any_enum(t)) {
		u->of[id][i] |= use;
		return 0;
	}
	while (*end == ':') {
		i = strtol(end + 1, &end, 10);
		t = skip_mods(u->local, &id);
		if (btf_is_array(t)) {
			id = btf_array(t)->type;
		} else if (btf_is_composite(t) && i < btf_vlen(t) && i < MAX_MEMBERS) {
			/* only the last member is asked for, the others are passed */
			u->of[id][i] |= *end == ':' ? use & ~ASKED : use;
			id = btf_members(t)[i].type;
		} else {
			return -EINVAL;
		}
	}
	return 0;
}

/* The header of .BTF.ext, which linux/btf.h lacks; the records of each section follow it. */
struct ext_header {
	__u16 magic;
	__u8 version, flags;
	__u32 hdr_len;
	__u32 func_info_off, func_info_len;
	__u32 line_info_off, line_info_len;
	__u32 core_relo_off, core_relo_len;
};

static int mark_all(struct uses *u, const unsigned char *raw, size_t size)
{
	const struct ext_header *h = (const void *)raw;
	__u32 at, end, rec_size;

	if (size < sizeof(*h) || h->hdr_len < sizeof(*h) || !h->core_relo_len ||
	    size < (size_t)h->hdr_len + h->core_relo_off + h->core_relo_len)
		return -EINVAL;
	at = h->hdr_len + h->core_relo_off;
	end = at + h->core_relo_len;
	memcpy(&rec_size, raw + at, 4);
	for (at += 4; at + 8 <= end; ) {
		__u32 n;

		memcpy(&n, raw + at + 4, 4);
		for (at += 8; n && at + rec_size <= end; n--, at += rec_size) {
			struct bpf_core_relo r;
			int err;

			memcpy(&r, raw + at, sizeof(r));
			err = mark(u, &r);
			if (err)
				return err;
		}
	}
	return 0;
}

/* Finds .BTF.ext in the object. */
static int read_object(struct uses *u, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err = -ENOENT;
	Elf *elf = elf_version(EV_CURRENT) != EV_NONE ? elf_begin(fd, ELF_C_READ, NULL) : NULL;
	Elf_Scn *scn = NULL;
	size_t names;

	if (elf && !elf_getshdrstrndx(elf, &names)) {
		while ((scn = elf_nextscn(elf, scn))) {
			Elf64_Shdr *sh = elf64_getshdr(scn);
			const char *name = sh ? elf_strptr(elf, names, sh->sh_name) : NULL;
			Elf_Data *data = name && !strcmp(name, ".BTF.ext") ?
					 elf_rawdata(scn, NULL) : NULL;

			if (data)
				err = mark_all(u, data->d_buf, data->d_size);
		}
	}
	elf_end(elf);
	if (fd >= 0)
		close(fd);
	return err;
}

struct uses *uses_read(const struct btf *local, const char *path)
{
	struct uses *u = calloc(1, sizeof(*u) + btf__type_cnt(local) * sizeof(u->of[0]));
	int err;

	if (!u)
		return NULL;
	u->local = local;
	err = read_object(u, path);
	if (!err)
		return u;
	free(u);
	errno = -err;
	return NULL;
}
