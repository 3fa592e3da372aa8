/* SPDX-License-Identifier: GPL-2.0 */
#include "iterator.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <unistd.h>

#include "destroy.skel.h"

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level, (void)fmt, (void)ap;
	return 0;
}

/* Reads the iterator: the program runs for each socket, within read(). */
static long read_all(struct bpf_link *link)
{
	int fd = bpf_iter_create(bpf_link__fd(link));
	char buf[256];
	ssize_t n;
	long r;

	if (fd < 0)
		return fd;
	do
		n = read(fd, buf, sizeof(buf));
	while (n > 0 || (n < 0 && errno == EAGAIN));
	r = n < 0 ? -errno : 0;
	close(fd);
	return r;
}

long do_iterate_and_destroy(const long *arg)
{
	struct destroy_bpf *skel;
	struct bpf_link *link;
	long r;

	libbpf_set_print(quiet);
	skel = destroy_bpf__open();
	if (!skel)
		return -errno;
	skel->rodata->own_port = (uint16_t)arg[0];
	skel->rodata->other_port = htons((uint16_t)arg[1]);
	r = destroy_bpf__load(skel);
	if (!r) {
		link = bpf_program__attach_iter(skel->progs.destroy, NULL);
		r = link ? read_all(link) : -errno;
		bpf_link__destroy(link);
	}
	destroy_bpf__destroy(skel);
	return r;
}
