/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whatever bytes this host's files hold that other users write or choose: mount points, control
 * groups, maps, perf maps, program files. The first byte says which file the rest is.
 */
#include <sys/stat.h>

#include "fuzz.h"
#include "host/cgroup_path.h"
#include "host/images.h"
#include "host/mountinfo.h"
#include "host/perf_map.h"
#include "host/process_maps.h"

static char proc[64];	/* a /proc of our own, with process 1, whose root is that folder too */

static void make_proc(void)
{
	char path[128];

	if (proc[0])
		return;
	strcpy(proc, "/dev/shm/rsttrace-fuzz-XXXXXX");
	MUST(mkdtemp(proc));
	snprintf(path, sizeof(path), "%s/1", proc);
	MUST(!mkdir(path, 0700));
	snprintf(path, sizeof(path), "%s/tmp", proc);
	MUST(!mkdir(path, 0700));
	snprintf(path, sizeof(path), "%s/1/root", proc);
	MUST(!symlink(proc, path));
}

/* Nothing of it stays behind. */
static void drop_proc(void)
{
	static const char *const names[] = { "/1/root", "/1/maps", "/tmp/perf-1.map", "/file", "/1", "/tmp", "" };
	char path[128];

	for (size_t i = 0; proc[0] && i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", proc, names[i]);
		remove(path);
	}
	proc[0] = '\0';
}

static void put(const char *name, const uint8_t *data, size_t size)
{
	char path[128];
	FILE *f;

	make_proc();
	snprintf(path, sizeof(path), "%s%s", proc, name);
	f = fopen(path, "w");
	MUST(f && (!size || fwrite(data, size, 1, f)));
	fclose(f);
}

static void mounts(const uint8_t *data, size_t size)
{
	struct mountinfo m = {};
	FILE *f = size ? fmemopen((void *)data, size, "r") : NULL;

	while (f && mountinfo_next(&m, f))
		MUST(m.root && m.point && m.type && strlen(m.root) + strlen(m.point) <= m.cap);
	mountinfo_free(&m);
	if (f)
		fclose(f);
}

static void cgroups(const uint8_t *data, size_t size)
{
	struct cgroup_place p;

	cgroup_file_parse((const char *)data, size, &p);
	MUST(strnlen(p.path, sizeof(p.path)) < sizeof(p.path) &&
	     strnlen(p.container, sizeof(p.container)) < sizeof(p.container) &&
	     strnlen(p.unit, sizeof(p.unit)) < sizeof(p.unit) && strnlen(p.pod, sizeof(p.pod)) < sizeof(p.pod));
	cgroup_path_parse((const char *)data, size, &p);
}

static void maps(const uint8_t *data, size_t size)
{
	struct process_maps m;

	put("/1/maps", data, size);
	if (!process_maps_read(&m, proc, 1))
		for (uint64_t addr = 1; addr; addr <<= 3) {
			const struct mapping *at = process_maps_at(&m, addr);

			MUST(!at || mapping_name(at));
		}
	process_maps_free(&m);
}

static void perf_map(const uint8_t *data, size_t size)
{
	struct perf_maps *p;
	const char *name;
	uint64_t off;

	put("/tmp/perf-1.map", data, size);
	p = perf_maps_new(proc);
	MUST(p);
	for (uint64_t addr = 1; addr; addr <<= 3)
		if (perf_map_name(p, 1, addr, &name, &off))
			MUST(*name && off <= addr);
	perf_maps_free(p);
}

static void elf(const uint8_t *data, size_t size)
{
	struct images *i;
	struct image *image;
	struct stat st;
	char path[128], name[64];
	uint64_t addr, off;

	put("/file", data, size);
	snprintf(path, sizeof(path), "%s/file", proc);
	MUST(!stat(path, &st));
	i = images_new(proc);
	image = i ? images_of_mapping(i, 1, &(struct mapping){ .end = 1 << 20, .dev = st.st_dev, .ino = st.st_ino,
						.code = true, .path = (char *)"/file" }) : NULL;
	for (uint64_t at = 1; image && at < 1 << 20; at <<= 2)
		if (image_address(image, at, &addr) && image_name(image, addr, name, sizeof(name), &off))
			MUST(strnlen(name, sizeof(name)) < sizeof(name));
	images_free(i);
	remove(path);	/* the next one is to have another inode, or an image of this one might be taken for it */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const files[])(const uint8_t *data, size_t size) = { mounts, cgroups, maps, perf_map, elf };
	static bool begun;

	if (!begun)
		atexit(drop_proc);
	begun = true;
	if (size)
		files[(data[0] - '0') % 5u](data + 1, size - 1);
	return 0;
}
