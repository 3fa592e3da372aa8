/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spares - the second load of the programs is attached when the kernel has refused
 * a run, not before; if it cannot be loaded, that is reported, once. On a kernel
 * that does not count refused runs (before 5.12) there is no second load.
 *
 * Linked with --wrap=bpf_obj_get_info_by_fd, from which the loader learns of
 * refused runs, --wrap=poll, with which it waits for one, and
 * --wrap=object_constants, to break a program just before it is loaded.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>

#include "attach/loader.h"
#include "attach/object.h"

#define PATIENCE_SEC 60		/* on an emulated processor loading takes seconds */

static atomic_int refusals;	/* reported for every program instead of the kernel's count */
static atomic_int looks;	/* how often the spares found no refused run and waited */
static bool counted;		/* this kernel counts refused runs */
static bool breaking;

int __real_bpf_obj_get_info_by_fd(int fd, void *info, __u32 *len);
int __wrap_bpf_obj_get_info_by_fd(int fd, void *info, __u32 *len);

int __wrap_bpf_obj_get_info_by_fd(int fd, void *info, __u32 *len)
{
	struct bpf_prog_info *prog = info;
	size_t end = offsetof(struct bpf_prog_info, recursion_misses) + sizeof(__u64);
	int err = __real_bpf_obj_get_info_by_fd(fd, info, len);

	if (!err && *len >= end) {
		counted = true;
		prog->recursion_misses = refusals;
	}
	return err;
}

int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	looks++;
	return __real_poll(fds, n, timeout);
}

void __real_object_constants(struct rsttrace_bpf *skel, const struct plan *plan);
void __wrap_object_constants(struct rsttrace_bpf *skel, const struct plan *plan);

/* Lets every program begin with a read from beyond its stack, so that it is refused. */
void __wrap_object_constants(struct rsttrace_bpf *skel, const struct plan *plan)
{
	struct bpf_program *prog;

	__real_object_constants(skel, plan);
	bpf_object__for_each_program(prog, skel->obj)
		if (breaking)
			*(struct bpf_insn *)bpf_program__insns(prog) = (struct bpf_insn){
				.code = BPF_LDX | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_0,
				.src_reg = BPF_REG_10, .off = 8,
			};
}

static int entries(const char *dir, const char *kind)
{
	char path[512], to[64];
	struct dirent *d;
	DIR *f = opendir(dir);
	int n = 0;

	while (f && (d = readdir(f))) {
		ssize_t len;

		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, d->d_name);
		len = kind ? readlink(path, to, sizeof(to) - 1) : 0;
		to[len > 0 ? len : 0] = '\0';
		n += !kind || strstr(to, kind);
	}
	if (f)
		closedir(f);
	return n;
}

static int links(void)
{
	return entries("/proc/self/fd", "bpf_link");
}

static int programs(void)
{
	return entries("/proc/self/fd", "bpf-prog");
}

static bool waits(void)
{
	return looks > 1;
}

static bool thread_ended(void)
{
	return entries("/proc/self/task", NULL) == 1;
}

static bool await(bool (*what)(void))
{
	const struct timespec moment = { .tv_nsec = 10000000 };

	for (int i = 0; i < PATIENCE_SEC * 100 && !what(); i++)
		nanosleep(&moment, NULL);
	return what();
}

static const char *when_refused(struct loader *l)
{
	int first = links(), loaded = programs();
	int err = loader_retry(l);

	if (!counted)
		return err || !thread_ended() ? "they are loaded, and for nothing" : NULL;
	if (err || !await(waits) || programs() == loaded)
		return "they are not loaded";
	if (links() != first)
		return "they are attached though no run was refused";
	refusals = 1;
	loader_events_came(l);
	if (!await(thread_ended) || links() == first || loader_retry(l))
		return "they are not attached when a run is refused";
	loader_detach(l);
	return links() ? "they are not detached" : NULL;
}

static const char *when_broken(struct loader *l)
{
	int err;

	breaking = true;
	err = loader_retry(l);
	if (!counted)
		return err || !thread_ended() ? "they are loaded" : NULL;
	if (err || !await(thread_ended) || loader_retry(l) != -EACCES)
		return "that they cannot be loaded is not told";
	return loader_retry(l) ? "it is told again" : NULL;
}

/* The loader is detached while the thread waits for refused runs. */
static const char *when_never_needed(struct loader *l)
{
	if (loader_retry(l) || (counted && !await(waits)))
		return "they are not loaded";
	loader_detach(l);
	return thread_ended() && !links() ? NULL : "they go on";
}

/* Runs a test in a process of its own, as libbpf's handlers cannot be registered twice in one. */
static bool passes(const char *name, const char *(*test)(struct loader *))
{
	struct loader_opts opts = { .hooks = LADDER_AUTO };
	struct loader *l = NULL;
	char why[256] = "";
	const char *wrong = why;
	int status;

	if (fork())
		return wait(&status) > 0 && !status;
	if (!loader_probe(&l, &opts, why, sizeof(why)) && !loader_start(l, why, sizeof(why)))
		wrong = test(l);
	loader_stop(l);
	printf("%s verifier-spares-%s%s%s\n", wrong ? "FAIL" : "ok", name, wrong ? ": " : "",
	       wrong ? wrong : "");
	exit(!!wrong);
}

int main(void)
{
	bool ok = passes("when-refused", when_refused);

	ok &= passes("when-broken", when_broken);
	ok &= passes("when-never-needed", when_never_needed);
	return !ok;
}
