/* SPDX-License-Identifier: GPL-2.0 */
/* Types from a file: of this kernel, of another one, cut short, damaged anywhere. */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach/btf_file.h"
#include "attach/btf_trim.h"
#include "attach/name_set.h"
#include "test.h"

#define TCP_SIZE 2304

struct place {
	char dir[64], file[80], slab[80];
	struct btf *own;
};

/* The structs whose sizes are compared, and a few that refer to each other. */
static struct btf *kernel(int tcp_size)
{
	static const char *const names[] = { "sock", "sk_buff", "task_struct", "socket" };
	struct btf *btf = btf__new_empty();
	int i32 = btf__add_int(btf, "int", 4, BTF_INT_SIGNED), sock = 0, list, ptr, proto;

	for (size_t i = 0; i < N(names); i++) {
		int id = btf__add_struct(btf, names[i], 64 + 8 * i);

		btf__add_field(btf, "x", i32, 0, 0);
		sock = sock ?: id;
	}
	list = btf__add_array(btf, i32, i32, 4);
	ptr = btf__add_ptr(btf, sock);
	btf__add_struct(btf, "tcp_sock", tcp_size);
	btf__add_field(btf, "inet", sock, 0, 0);
	btf__add_field(btf, "list", list, 512, 0);
	btf__add_typedef(btf, "sk_t", btf__add_const(btf, sock));
	btf__add_enum(btf, "state", 4);
	btf__add_enum_value(btf, "TCP_CLOSE", 7);
	proto = btf__add_func_proto(btf, i32);
	btf__add_func_param(btf, "sk", ptr);
	btf__add_func(btf, "tcp_reset", BTF_FUNC_STATIC, proto);
	return btf;
}

static void put(const char *path, const void *data, size_t size)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static void put_btf(struct place *p, struct btf *btf)
{
	__u32 size;
	const void *raw = btf__raw_data(btf, &size);

	put(p->file, raw, size);
	btf__free(btf);
}

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level;
	(void)fmt;
	(void)ap;
	return 0;
}

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->dir, "/tmp/test_btf_file-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->file, sizeof(p->file), "%s/btf", p->dir);
	snprintf(p->slab, sizeof(p->slab), "%s/slab", p->dir);
	*state = p;
	return 0;
}

static void slab_says(struct place *p, const char *size)
{
	char path[128];

	assert_int_equal(mkdir(p->slab, 0700), 0);
	snprintf(path, sizeof(path), "%s/TCP", p->slab);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/TCP/object_size", p->slab);
	put(path, size, strlen(size));
}

static int teardown(void **state)
{
	struct place *p = *state;
	char path[128];

	snprintf(path, sizeof(path), "%s/TCP/object_size", p->slab);
	unlink(path);
	snprintf(path, sizeof(path), "%s/TCP", p->slab);
	rmdir(path);
	rmdir(p->slab);
	unlink(p->file);
	rmdir(p->dir);
	btf__free(p->own);
	free(p);
	return 0;
}

static void accepted(struct place *p)
{
	char why[256] = "";
	struct btf *btf = btf_file_open(p->file, p->own, p->slab, why, sizeof(why));

	if (!btf)
		fail_msg("refused: %s", why);
	btf__free(btf);
}

static void refused(struct place *p, const char *because)
{
	char why[256] = "";

	assert_null(btf_file_open(p->file, p->own, p->slab, why, sizeof(why)));
	assert_int_equal(strncmp(why, "--btf ", 6), 0);
	assert_non_null(strstr(why, p->file));
	if (!strstr(why, because))
		fail_msg("'%s' does not say '%s'", why, because);
	assert_null(strchr(why, '\n'));
}

static void of_this_kernel(void **state)
{
	struct place *p = *state;

	put_btf(p, kernel(TCP_SIZE));
	accepted(p);			/* this kernel has no types to compare them with */
	p->own = kernel(TCP_SIZE);
	accepted(p);
	slab_says(p, "2304\n");
	accepted(p);
}

static void of_another_kernel(void **state)
{
	struct place *p = *state;

	p->own = kernel(TCP_SIZE);
	put_btf(p, kernel(TCP_SIZE + 8));
	refused(p, "struct tcp_sock has 2312 bytes there, 2304 here");
}

static void of_another_kernel_by_slab(void **state)
{
	struct place *p = *state;

	put_btf(p, kernel(TCP_SIZE));
	slab_says(p, "2296\n");
	refused(p, "struct tcp_sock has 2304 bytes there, 2296 here");
}

static void of_no_kernel(void **state)
{
	struct place *p = *state;
	struct btf *btf = btf__new_empty();

	btf__add_struct(btf, "sock", 8);
	put_btf(p, btf);
	refused(p, "not a kernel's types: no struct tcp_sock");
}

static void not_btf(void **state)
{
	struct place *p = *state;
	char zeros[4096] = "";

	refused(p, "No such file");
	put(p->file, "", 0);
	refused(p, "not BTF");
	put(p->file, "some text\n", 10);
	refused(p, "not BTF");
	put(p->file, zeros, sizeof(zeros));
	refused(p, "not BTF");
	put(p->file, "\177ELF and no more", 16);
	refused(p, "not BTF");
	unlink(p->file);
	mkdir(p->file, 0700);
	refused(p, "");
	rmdir(p->file);
}

/*
 * A file cut at any byte is refused. With any one byte changed it is refused, or what is read
 * from it can be used.
 */
static void damaged(void **state)
{
	struct place *p = *state;
	struct btf *whole = kernel(TCP_SIZE), *btf, *trimmed;
	struct name_set *names = name_set_new();
	uint32_t size, len, *ids;
	char why[256];
	const void *raw = btf__raw_data(whole, &size);
	unsigned char *copy = malloc(size);
	int usable = 0;

	assert_int_equal(btf_names(names, whole), 0);
	memcpy(copy, raw, size);
	for (__u32 n = 0; n < size; n++) {
		put(p->file, copy, n);
		refused(p, "");
	}
	for (__u32 at = 0; at < size; at++) {
		for (int flip = 1; flip < 256; flip <<= 1) {
			copy[at] ^= flip;
			put(p->file, copy, size);
			copy[at] ^= flip;
			btf = btf_file_open(p->file, NULL, p->slab, why, sizeof(why));
			trimmed = btf ? btf_trim(btf__raw_data(btf, &len), len, names, &ids) : NULL;
			usable += trimmed != NULL;
			if (trimmed)
				free(ids);
			btf__free(trimmed);
			btf__free(btf);
		}
	}
	assert_in_range(usable, 1, 8 * size - 1);
	free(copy);
	name_set_free(names);
	btf__free(whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_this_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(of_another_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(of_another_kernel_by_slab, setup, teardown),
		cmocka_unit_test_setup_teardown(of_no_kernel, setup, teardown),
		cmocka_unit_test_setup_teardown(not_btf, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged, setup, teardown),
	};

	libbpf_set_print(quiet);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
