/* SPDX-License-Identifier: GPL-2.0 */
#include "app/give_up.h"

#include <errno.h>
#include <libgen.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/confine.h"
#include "attach/loader.h"
#include "base/array.h"
#include "base/escape.h"
#include "host/link_reader.h"

/* What resolving reads: processes, control groups, and what container engines say of names. */
static const char *const always[] = {
	"/proc", "/sys/fs/cgroup", "/run/containerd", "/run/k3s/containerd", "/run/containers/storage",
	"/var/lib/containers/storage", "/var/lib/docker/containers", "/var/log/containers", "/var/log/pods",
};

_Static_assert(ARRAY_SIZE(always) + 2 <= MAX_CONFINED_PATHS, "room for the configuration, and the end");

/* The folder of a file, in memory of its own; NULL: there is no file, or no memory. */
static char *folder_of(const char *file)
{
	char *copy = file ? strdup(file) : NULL, *folder = copy ? strdup(dirname(copy)) : NULL;

	free(copy);
	return folder;
}

/* Files that are opened again later: at SIGHUP. */
static int give_up_files(const struct options *o)
{
	struct confine_paths paths = {};
	char *config = folder_of(o->config), *output = folder_of(o->output), *json = folder_of(o->json_file);
	int n = 0, err;

	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		paths.read[i] = always[i];
	paths.read[ARRAY_SIZE(always)] = config;
	if (output)
		paths.write[n++] = output;
	if (json)
		paths.write[n++] = json;
	err = confine_files(&paths);
	free(config);
	free(output);
	free(json);
	return err;
}

/* Up to 5.18 reading a map needs CAP_BPF as well, where kernel.unprivileged_bpf_disabled is set. */
static bool reads_counters(const struct loader *loader)
{
	struct rst_stats *st;
	int n, err = loader_stats(loader, &st, &n);

	if (!err)
		free(st);
	return !err;
}

static int give_up_capabilities(const struct loader *loader)
{
	static const int may_stay[] = { CAP_BPF, CAP_SYS_ADMIN };
	int err = confine_effective(0);

	if (err || reads_counters(loader))
		return err ?: confine_privileges(0);
	say("--confine: this kernel asks for CAP_BPF or CAP_SYS_ADMIN when its counters are read: one is kept");
	for (size_t i = 0; i < ARRAY_SIZE(may_stay); i++)
		if (!confine_effective(1ULL << may_stay[i]) && reads_counters(loader))
			return confine_privileges(1ULL << may_stay[i]);
	return -EPERM;
}

int give_up_privileges(const struct options *o, struct loader *loader, char *why, size_t len)
{
	int err = loader_settle(loader);

	if (err)
		say("the programs cannot be loaded a second time (%s): runs that the kernel refuses them will be missed",
		    strerror(-err));
	tzset();	/* reads the time zone's file now, as it cannot be opened later */
	err = link_reader_start(confine_reader) ?: give_up_files(o);
	if (err == -ENOSYS) {
		say("--confine: this kernel has no Landlock: which files can be opened is not restricted");
		err = 0;
	}
	err = err ?: give_up_capabilities(loader) ?: confine_calls();
	if (err)
		snprintf(why, len, "--confine: %s", strerror(-err));
	return err ? -1 : 0;
}
