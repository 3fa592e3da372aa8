/* SPDX-License-Identifier: GPL-2.0 */
#include "attach/tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

static void add_cpus(struct rst_count *sum, const struct rst_count *cpu, int n)
{
	for (int i = 0; i < n; i++) {
		sum->seen += cpu[i].seen;
		sum->silent += cpu[i].silent;
		sum->lost += cpu[i].lost;
		sum->filtered += cpu[i].filtered;
		if (!sum->comm[0])
			memcpy(sum->comm, cpu[i].comm, sizeof(sum->comm) - 1);
	}
}

static int most_first(const void *a, const void *b)
{
	const struct count_row *x = a, *y = b;

	if (x->count.seen != y->count.seen)
		return x->count.seen < y->count.seen ? 1 : -1;
	return memcmp(&x->key, &y->key, sizeof(x->key));
}

/* Reads up to `max` rows of the map, each summed over all CPUs; `cpus` is room for one row's values. */
static int read_rows(int fd, struct count_row *rows, int max, struct rst_count *cpus, int n_cpus)
{
	const struct rst_count_key *last = NULL;
	int n = 0;

	while (n < max && !bpf_map_get_next_key(fd, last, &rows[n].key)) {
		last = &rows[n].key;
		if (bpf_map_lookup_elem(fd, last, cpus))
			return -errno;
		add_cpus(&rows[n++].count, cpus, n_cpus);
	}
	return n;
}

static int map_fd(const struct loader *l, const char *name)
{
	return bpf_object__find_map_fd_by_name(loader_object(l), name);
}

int tally_read(const struct loader *l, struct count_row **out, int *n)
{
	int cpus = libbpf_num_possible_cpus(), err = -ENOMEM, found;
	struct count_row *rows = calloc(RST_COUNT_KEYS + 1, sizeof(*rows));
	struct rst_count *value = cpus > 0 ? calloc(cpus, sizeof(*value)) : NULL;
	__u32 zero = 0;

	if (!rows || !value)
		goto fail;
	found = err = read_rows(map_fd(l, "counts"), rows, RST_COUNT_KEYS, value, cpus);
	if (err < 0)
		goto fail;
	if (bpf_map_lookup_elem(map_fd(l, "counts_other"), &zero, value)) {
		err = -errno;
		goto fail;
	}
	add_cpus(&rows[found].count, value, cpus);
	rows[found].other = true;
	qsort(rows, found, sizeof(*rows), most_first);
	*n = found + (rows[found].count.seen > 0);
	*out = rows;
	free(value);
	return 0;
fail:
	free(rows);
	free(value);
	return err;
}

size_t tally_costs(const struct loader *l, struct program_cost *cost, size_t max)
{
	const struct bpf_object *obj = loader_object(l);
	struct bpf_program *p;
	size_t n = 0;

	bpf_object__for_each_program(p, obj) {
		struct bpf_prog_info info = {};
		__u32 len = sizeof(info);

		if (n == max || bpf_program__fd(p) < 0 ||
		    bpf_obj_get_info_by_fd(bpf_program__fd(p), &info, &len) || !info.run_cnt)
			continue;
		cost[n++] = (struct program_cost){ bpf_program__name(p), info.run_cnt, info.run_time_ns };
	}
	return n;
}
