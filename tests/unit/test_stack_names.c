/* SPDX-License-Identifier: GPL-2.0 */
/* What gives frames their names: mappings, perf maps and the kernel's symbols, of a made-up /proc. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/kernel_names.h"
#include "host/perf_map.h"
#include "host/process_maps.h"
#include "test.h"
#include "tree.h"

static char dir[64];

static int up(void **state)
{
	strcpy(dir, "/tmp/rsttrace-names-XXXXXX");
	return tree_new(dir);
}

static int down(void **state)
{
	return tree_remove(dir);
}

#define CODE "00400000-00401000 r--p 00000000 08:01 42                    /usr/bin/with space\n" \
	     "00401000-00403000 r-xp 00001000 08:01 42                    /usr/bin/with space\n"
#define HEAP "01000000-01021000 rw-p 00000000 00:00 0                     [heap]\n"
#define MORE "01000000-01042000 rw-p 00000000 00:00 0                     [heap]\n"
#define MADE "7f0000000000-7f0000001000 rwxp 00000000 00:00 0 \n"
#define VDSO "7fff00000000-7fff00002000 r-xp 00000000 00:00 0             [vdso]\n"

static uint64_t key_of(const char *text)
{
	struct process_maps m;
	uint64_t key;

	tree_put(dir, "5/maps", text);
	assert_int_equal(process_maps_read(&m, dir, 5), 0);
	key = m.key;
	process_maps_free(&m);
	return key;
}

static void mappings(void **state)
{
	const struct mapping *code;
	struct process_maps m;

	tree_put(dir, "5/maps", CODE HEAP MADE VDSO);
	assert_int_equal(process_maps_read(&m, dir, 5), 0);
	assert_int_equal(m.n, 5);
	code = process_maps_at(&m, 0x401000);
	assert_string_equal(code->path, "/usr/bin/with space");
	assert_string_equal(mapping_name(code), "with space");
	assert_int_equal(code->offset, 0x1000);
	assert_int_equal(code->ino, 42);
	assert_true(code->code);
	assert_ptr_equal(process_maps_at(&m, 0x402fff), code);
	assert_null(process_maps_at(&m, 0x403000));
	assert_null(process_maps_at(&m, 0));
	assert_null(process_maps_at(&m, UINT64_MAX));
	assert_false(process_maps_at(&m, 0x1000000)->code);
	assert_string_equal(process_maps_at(&m, 0x7f0000000800)->path, "");
	process_maps_free(&m);
	assert_int_equal(process_maps_read(&m, dir, 6), -ENOENT);
	process_maps_free(&m);
	/* a zombie has no mappings */
	tree_put(dir, "7/maps", "");
	assert_int_equal(process_maps_read(&m, dir, 7), -ESRCH);
	process_maps_free(&m);
}

/* The key changes with another program or another library, not with a growing heap or compiled code. */
static void key_is_of_code(void **state)
{
	assert_int_equal(key_of(CODE HEAP), key_of(CODE MORE));
	assert_int_equal(key_of(CODE HEAP), key_of(CODE HEAP MADE));
	assert_int_not_equal(key_of(CODE HEAP), key_of(CODE HEAP VDSO));
}

/* Files are opened below the process's root: a link in there leads nowhere outside. */
static void opens_below_root(void **state)
{
	char text[8] = "";
	int fd;

	tree_put(dir, "5/root/etc/name", "inside");
	tree_put(dir, "outside", "outside");
	tree_link(dir, "5/root/absolute", "/etc/name");
	tree_link(dir, "5/root/out", "../../outside");
	fd = process_open(dir, 5, "/absolute");
	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof(text)), 6);
	assert_memory_equal(text, "inside", 6);
	close(fd);
	assert_int_equal(process_open(dir, 5, "/out"), -ENOENT);
	assert_int_equal(process_open(dir, 5, "/etc"), -EINVAL);
	assert_int_equal(process_open(dir, 9, "/etc/name"), -ENOENT);
}

/* Opening a pipe without a writer does not wait. */
static void opens_no_pipe(void **state)
{
	char path[128];

	tree_put(dir, "5/root/tmp/", NULL);
	snprintf(path, sizeof(path), "%s/5/root/tmp/pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(process_open(dir, 5, "/tmp/pipe"), -EINVAL);
	unlink(path);
}

static void expect_name(struct perf_maps *p, uint64_t addr, const char *want, uint64_t want_off)
{
	const char *name;
	uint64_t off;

	assert_true(perf_map_name(p, 5, addr, &name, &off));
	assert_string_equal(name, want);
	assert_int_equal(off, want_off);
}

/*
 * The file is named by the process's number inside its namespace; the file grows; code in it is
 * replaced.
 */
static void perf_map(void **state)
{
	struct perf_maps *p = perf_maps_new(dir);
	const char *name;
	uint64_t off;

	tree_put(dir, "5/status", "Name:\tjava\nNSpid:\t5\t1\n");
	tree_put(dir, "5/root/tmp/perf-5.map", "1000 10 wrong\n");
	assert_false(perf_map_name(p, 5, 0x1000, &name, &off));
	tree_put(dir, "5/root/tmp/perf-1.map", "2000 20 Interpreter\n1000 10 Lshop/Cart;::add all\nnonsense\n10\n");
	expect_name(p, 0x1000, "Lshop/Cart;::add all", 0);
	expect_name(p, 0x100f, "Lshop/Cart;::add all", 15);
	expect_name(p, 0x201f, "Interpreter", 31);
	assert_false(perf_map_name(p, 5, 0x1010, &name, &off));
	assert_false(perf_map_name(p, 5, 0xfff, &name, &off));
	/* the second entry is newer, and covers a part of the first */
	tree_put(dir, "5/root/tmp/perf-1.map", "1000 100 old\n1010 10 new\n1000 8 newest\n");
	expect_name(p, 0x1004, "newest", 4);
	expect_name(p, 0x1009, "old", 9);
	expect_name(p, 0x1018, "new", 8);
	expect_name(p, 0x1030, "old", 0x30);
	perf_maps_free(p);
}

#define SYMBOLS \
	"0000000000000000 A fixed_percpu_data\n" \
	"ffffffff81000100 T tcp_close\n" \
	"ffffffff81000000 t inet_release\n" \
	"ffffffff81000200 D some_data\n" \
	"ffffffffc0000000 t mptcp_close\t[mptcp]\n"

static void expect_kernel(const struct kernel_names *k, uint64_t addr, const char *want)
{
	char text[64];

	assert_true(kernel_name(k, addr, 0, text, sizeof(text)));
	assert_string_equal(text, want);
}

static void kernel_symbols(void **state)
{
	struct kernel_names *k = NULL;
	char text[64];

	tree_put(dir, "kallsyms", SYMBOLS);
	assert_true(kernel_names_shown(dir));
	assert_int_equal(kernel_names_read(dir, &k), 0);
	expect_kernel(k, 0xffffffff81000000, "inet_release+0x0");
	expect_kernel(k, 0xffffffff810000ff, "inet_release+0xff");
	expect_kernel(k, 0xffffffff81000210, "tcp_close+0x110");
	expect_kernel(k, 0xffffffffc0000010, "mptcp_close+0x10 [mptcp]");
	/* a call that ends a function which never returns */
	assert_true(kernel_name(k, 0xffffffff81000100, 1, text, sizeof(text)));
	assert_string_equal(text, "inet_release+0x100");
	assert_false(kernel_name(k, 0xffffffff80ffffff, 0, text, sizeof(text)));
	/* in a module that was loaded later */
	assert_false(kernel_name(k, 0xffffffffb0000000, 0, text, sizeof(text)));
	kernel_names_free(k);
}

static void hidden_symbols(void **state)
{
	struct kernel_names *k = NULL;

	tree_put(dir, "kallsyms", "0000000000000000 T tcp_close\n0000000000000000 t inet_release\n");
	assert_false(kernel_names_shown(dir));
	assert_int_equal(kernel_names_read(dir, &k), -EACCES);
	assert_null(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mappings),
		cmocka_unit_test(key_is_of_code),
		cmocka_unit_test(opens_below_root),
		cmocka_unit_test(opens_no_pipe),
		cmocka_unit_test(perf_map),
		cmocka_unit_test(kernel_symbols),
		cmocka_unit_test(hidden_symbols),
	};

	return cmocka_run_group_tests(tests, up, down);
}
