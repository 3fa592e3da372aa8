/* SPDX-License-Identifier: GPL-2.0 */
#include "host/images.h"

#ifdef HAVE_LIBDW

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <elfutils/libdwelf.h>
#include <elfutils/libdwfl.h>
#include "base/hash.h"
#include <utlist.h>

/* where Debian has it, and where Fedora has it */
#if __has_include(<libiberty/demangle.h>)
#include <libiberty/demangle.h>
#else
#include <demangle.h>
#endif


#define MOST_IMAGES 128
#define DEBUG_FOLDER "/usr/lib/debug"

/* Identifies a file in every process that has mapped it: while it is open here, no other has the inode. */
struct file_key {
	uint64_t dev, ino;	/* 0, 0: the file is found by its build-id alone */
};

/* Stands for the vDSO, which is in no file but the same in every process. */
#define VDSO_DEV UINT64_MAX

/* The name found for an address. It is kept because libdw goes through all symbols for each address. */
struct answer {
	uint64_t addr, off;
	char *name;			/* NULL: no function is known there */
	UT_hash_handle hh;
};

#define MOST_ANSWERS 4096		/* kept for an image; when there are more, all are dropped */

struct image {
	struct file_key key;
	uint8_t build_id[BUILD_ID_BYTES];
	bool has_id;			/* it is found by its build-id: the first image with that id is */
	Dwfl_Callbacks callbacks;
	Dwfl *dwfl;			/* NULL: it is no ELF file, and need not be opened again */
	Dwfl_Module *mod;
	char *file;
	char *debug_path;		/* where debug files are looked for */
	struct answer *answers;
	struct image *prev, *next;	/* in order of use, the most recently used last */
	UT_hash_handle hh_key, hh_id;
};

struct images {
	const char *proc;
	struct image *by_key, *by_id, *all;
	unsigned int n;
};

struct images *images_new(const char *proc)
{
	struct images *i = calloc(1, sizeof(*i));

	/* otherwise libdw would download debug files during the trace */
	unsetenv("DEBUGINFOD_URLS");
	if (i)
		i->proc = proc;
	return i;
}

bool images_supported(void)
{
	return true;
}

static void forget_answers(struct image *image)
{
	struct answer *a, *tmp;

	HASH_ITER(hh, image->answers, a, tmp) {
		HASH_DEL(image->answers, a);
		free(a->name);
		free(a);
	}
}

static void drop(struct images *i, struct image *image)
{
	forget_answers(image);
	if (image->key.dev || image->key.ino)
		HASH_DELETE(hh_key, i->by_key, image);
	if (image->has_id)
		HASH_DELETE(hh_id, i->by_id, image);
	DL_DELETE(i->all, image);
	i->n--;
	dwfl_end(image->dwfl);
	free(image->debug_path);
	free(image->file);
	free(image);
}

void images_free(struct images *i)
{
	while (i && i->all)
		drop(i, i->all);
	free(i);
}

static struct image *use(struct images *i, struct image *image)
{
	DL_DELETE(i->all, image);
	DL_APPEND(i->all, image);
	return image->dwfl ? image : NULL;
}

static void read_build_id(struct image *image)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(image->mod, &bias);
	const void *bits;
	ssize_t n = elf ? dwelf_elf_gnu_build_id(elf, &bits) : -1;

	/* the kernel pads a shorter build-id with zeroes, and has none that is longer */
	if (n > 0 && n <= BUILD_ID_BYTES)
		memcpy(image->build_id, bits, n);
}

/*
 * Takes the descriptor. The symbols, and the debug files that may have them, are read at once,
 * while the process and its root are there: debug files are looked for beside the file, below the
 * host's folder of them and below the process's.
 */
static int open_elf(struct image *image, int fd, const char *path)
{
	image->callbacks = (Dwfl_Callbacks){
		.find_elf = dwfl_build_id_find_elf, .find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address, .debuginfo_path = &image->debug_path,
	};
	image->dwfl = dwfl_begin(&image->callbacks);
	if (image->dwfl)
		image->mod = dwfl_report_elf(image->dwfl, image->file, path, fd, 0, true);
	if (!image->mod)
		close(fd);
	if (!image->mod || dwfl_report_end(image->dwfl, NULL, NULL)) {
		dwfl_end(image->dwfl);
		image->dwfl = NULL;
		return -1;
	}
	read_build_id(image);
	dwfl_module_getsymtab(image->mod);
	return 0;
}

static void enter(struct images *i, struct image *image)
{
	static const uint8_t no_id[BUILD_ID_BYTES];
	struct image *same = NULL;

	if (image->key.dev || image->key.ino)
		HASH_ADD(hh_key, i->by_key, key, sizeof(image->key), image);
	HASH_FIND(hh_id, i->by_id, image->build_id, sizeof(image->build_id), same);
	image->has_id = !same && memcmp(image->build_id, no_id, sizeof(no_id));
	if (image->has_id)
		HASH_ADD(hh_id, i->by_id, build_id, sizeof(image->build_id), image);
	DL_APPEND(i->all, image);
	i->n++;
}

/* Takes the descriptor. root: the process's, below which debug files may lie. NULL: it failed. */
static struct image *open_image(struct images *i, int fd, const char *path, const char *file,
				const char *root, struct file_key key)
{
	struct image *image = calloc(1, sizeof(*image));

	if (!image || !(image->file = strdup(file)) ||
	    asprintf(&image->debug_path, ":.debug:" DEBUG_FOLDER ":%s" DEBUG_FOLDER, root) < 0) {
		if (image)
			free(image->file);
		free(image);
		close(fd);
		return NULL;
	}
	while (i->n >= MOST_IMAGES)
		drop(i, i->all);
	image->key = key;
	open_elf(image, fd, path);
	enter(i, image);
	return image->dwfl ? image : NULL;
}

struct image *images_of_mapping(struct images *i, int pid, const struct mapping *m)
{
	struct file_key key = { m->dev, m->ino };
	char path[PATH_MAX], root[64];
	struct image *image = NULL;
	int fd;

	if (!m->ino)
		key.dev = VDSO_DEV;
	if (!m->path[0] || (!m->ino && strcmp(m->path, "[vdso]")))
		return NULL;
	HASH_FIND(hh_key, i->by_key, &key, sizeof(key), image);
	if (image)
		return use(i, image);
	fd = mapping_open(m, i->proc, pid, path, sizeof(path));
	if (fd < 0)
		return NULL;
	snprintf(root, sizeof(root), "%s/%d/root", i->proc, pid);
	return open_image(i, fd, path, mapping_name(m), root, key);
}

/* FOLDER/.build-id/ab/cdef….debug */
static int open_by_id(const uint8_t id[BUILD_ID_BYTES], char *path, size_t len)
{
	int at = snprintf(path, len, DEBUG_FOLDER "/.build-id/%02x/", id[0]);

	for (int b = 1; b < BUILD_ID_BYTES; b++)
		at += snprintf(path + at, len - at, "%02x", id[b]);
	snprintf(path + at, len - at, ".debug");
	return open(path, O_RDONLY | O_CLOEXEC);
}

struct image *images_of_build_id(struct images *i, const uint8_t id[BUILD_ID_BYTES])
{
	struct image *image = NULL;
	char path[PATH_MAX];
	int fd;

	HASH_FIND(hh_id, i->by_id, id, BUILD_ID_BYTES, image);
	if (image)
		return use(i, image);
	fd = open_by_id(id, path, sizeof(path));
	return fd < 0 ? NULL : open_image(i, fd, path, "", "", (struct file_key){});
}

const uint8_t *image_build_id(const struct image *image)
{
	return image->build_id;
}

const char *image_file(const struct image *image)
{
	return image->file;
}

bool image_address(const struct image *image, uint64_t offset, uint64_t *addr)
{
	GElf_Addr bias;
	Elf *elf = dwfl_module_getelf(image->mod, &bias);
	size_t n = 0;
	GElf_Phdr ph;

	if (!elf || elf_getphdrnum(elf, &n))
		return false;
	for (size_t k = 0; k < n; k++)
		if (gelf_getphdr(elf, k, &ph) && ph.p_type == PT_LOAD && offset >= ph.p_offset &&
		    offset - ph.p_offset < ph.p_filesz) {
			*addr = offset - ph.p_offset + ph.p_vaddr;
			return true;
		}
	return false;
}

/* The demangled name without its parameters, so that it fits on a line. */
static char *plain_name(const char *symbol)
{
	char *plain = cplus_demangle(symbol, DMGL_ANSI | DMGL_AUTO);
	size_t n = strcspn(symbol, "@");	/* a version of the symbol follows */

	return plain ?: strndup(symbol, n ?: strlen(symbol));
}

static struct answer *ask(struct image *image, uint64_t addr)
{
	struct answer *a = calloc(1, sizeof(*a));
	const char *symbol = NULL;
	GElf_Addr bias;
	GElf_Sym sym;

	if (!a)
		return NULL;
	a->addr = addr;
	if (dwfl_module_getelf(image->mod, &bias))
		symbol = dwfl_module_addrinfo(image->mod, addr + bias, &a->off, &sym, NULL, NULL, NULL);
	/* the nearest symbol before the address may end before it */
	if (symbol && *symbol && a->off < sym.st_size)
		a->name = plain_name(symbol);
	if (HASH_COUNT(image->answers) >= MOST_ANSWERS)
		forget_answers(image);
	HASH_ADD(hh, image->answers, addr, sizeof(a->addr), a);
	return a;
}

bool image_name(struct image *image, uint64_t addr, char *name, size_t len, uint64_t *off)
{
	struct answer *a = NULL;

	HASH_FIND(hh, image->answers, &addr, sizeof(addr), a);
	if (!a)
		a = ask(image, addr);
	if (!a || !a->name)
		return false;
	*off = a->off;
	snprintf(name, len, "%s", a->name);
	return true;
}

#else

struct images *images_new(const char *proc)
{
	(void)proc;
	return NULL;
}

void images_free(struct images *i)
{
	(void)i;
}

bool images_supported(void)
{
	return false;
}

struct image *images_of_mapping(struct images *i, int pid, const struct mapping *m)
{
	(void)i;
	(void)pid;
	(void)m;
	return NULL;
}

struct image *images_of_build_id(struct images *i, const uint8_t id[BUILD_ID_BYTES])
{
	(void)i;
	(void)id;
	return NULL;
}

const uint8_t *image_build_id(const struct image *image)
{
	(void)image;
	return NULL;
}

const char *image_file(const struct image *image)
{
	(void)image;
	return "";
}

bool image_address(const struct image *image, uint64_t offset, uint64_t *addr)
{
	(void)image;
	(void)offset;
	(void)addr;
	return false;
}

bool image_name(struct image *image, uint64_t addr, char *name, size_t len, uint64_t *off)
{
	(void)image;
	(void)addr;
	(void)name;
	(void)len;
	(void)off;
	return false;
}

#endif
