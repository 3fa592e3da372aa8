/* SPDX-License-Identifier: GPL-2.0 */
#include "counters.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* SNMP (RFC 4022) and Linux MIB names, as /proc/net/snmp and /proc/net/netstat spell them. */
static const char *const names[] = {
	"OutRsts", "EstabResets", "AttemptFails", "TCPAbortOnData", "TCPAbortOnClose",
	"TCPAbortOnMemory", "TCPAbortOnTimeout", "TCPAbortOnLinger", "TCPAbortFailed",
	"EmbryonicRsts", "ListenOverflows",
};

#define N_NAMES (sizeof(names) / sizeof(names[0]))
_Static_assert(N_NAMES <= MAX_COUNTERS, "struct counters holds every name");

static void note(struct counters *c, const char *name, const char *value)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		if (strcmp(names[i], name))
			continue;
		c->value[i] = strtoull(value, NULL, 10);
		c->known[i] = true;
	}
}

/* Both files come in pairs of lines: "Tcp: names…", then "Tcp: values…". */
static void read_file(struct counters *c, const char *proc, const char *file)
{
	char path[256], *heads = NULL, *values = NULL;
	size_t nh = 0, nv = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/net/%s", proc, file);
	f = fopen(path, "re");
	if (!f)
		return;
	while (getline(&heads, &nh, f) > 0 && getline(&values, &nv, f) > 0) {
		char *hs, *vs;
		char *h = strtok_r(heads, " \n", &hs), *v = strtok_r(values, " \n", &vs);

		while (h && v) {
			note(c, h, v);
			h = strtok_r(NULL, " \n", &hs);
			v = strtok_r(NULL, " \n", &vs);
		}
	}
	free(heads);
	free(values);
	fclose(f);
}

void counters_read(struct counters *c, const char *proc)
{
	memset(c, 0, sizeof(*c));
	read_file(c, proc, "snmp");
	read_file(c, proc, "netstat");
}

void counters_growth(struct totals *t, const struct counters *before, const struct counters *after)
{
	t->n_counter = 0;
	for (size_t i = 0; i < N_NAMES; i++) {
		if (!before->known[i] || !after->known[i])
			continue;
		t->counter[t->n_counter].name = names[i];
		t->counter[t->n_counter++].delta = after->value[i] - before->value[i];
	}
}
