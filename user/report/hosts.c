/* SPDX-License-Identifier: GPL-2.0 */
#include "report/hosts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define MAX_ADDRESSES 1000000	/* further ones are not kept, so they belong to no host */
#define SEVERAL UINT32_MAX

struct address {
	uint8_t addr[16];
	uint32_t host;		/* the number of its name, or SEVERAL */
	UT_hash_handle hh;
};

struct host {
	uint32_t name;
	int64_t first_ns, last_ns;
	int64_t sampled_first_ns, sampled_last_ns;	/* of storms of which it told a part */
	UT_hash_handle hh;
};

struct hosts {
	struct address *addresses;
	struct host *hosts;
};

struct hosts *hosts_new(void)
{
	return calloc(1, sizeof(struct hosts));
}

static struct host *host_of(const struct hosts *h, uint32_t name)
{
	struct host *found;

	HASH_FIND(hh, h->hosts, &name, sizeof(name), found);
	return found;
}

static int note_time(struct hosts *h, const struct entry *e)
{
	struct host *host = host_of(h, e->host);

	if (!host) {
		host = calloc(1, sizeof(*host));
		if (!host)
			return -ENOMEM;
		*host = (struct host){ .name = e->host, .first_ns = e->time_ns, .last_ns = e->time_ns,
				       .sampled_first_ns = INT64_MAX, .sampled_last_ns = INT64_MIN };
		HASH_ADD(hh, h->hosts, name, sizeof(host->name), host);
	}
	if (e->time_ns < host->first_ns)
		host->first_ns = e->time_ns;
	if (e->time_ns > host->last_ns)
		host->last_ns = e->time_ns;
	if (!(e->flags & ENTRY_SAMPLED))
		return 0;
	if (e->time_ns < host->sampled_first_ns)
		host->sampled_first_ns = e->time_ns;
	if (e->time_ns > host->sampled_last_ns)
		host->sampled_last_ns = e->time_ns;
	return 0;
}

static int note_address(struct hosts *h, const uint8_t addr[16], uint32_t host)
{
	struct address *a;

	HASH_FIND(hh, h->addresses, addr, 16, a);
	if (a) {
		if (a->host != host)
			a->host = SEVERAL;
		return 0;
	}
	if (HASH_COUNT(h->addresses) >= MAX_ADDRESSES)
		return 0;
	a = calloc(1, sizeof(*a));
	if (!a)
		return -ENOMEM;
	memcpy(a->addr, addr, sizeof(a->addr));
	a->host = host;
	HASH_ADD(hh, h->addresses, addr, sizeof(a->addr), a);
	return 0;
}

int hosts_note(struct hosts *h, const struct entry *e)
{
	int err = note_time(h, e);

	/* not of a REJECT rule: it may answer for a host behind this one */
	if (!err && e->flags & ENTRY_SENT && e->kind != KIND_NETFILTER)
		err = note_address(h, e->saddr, e->host);
	if (!err && e->flags & ENTRY_RECEIVED)
		err = note_address(h, e->daddr, e->host);
	return err;
}

bool hosts_traced(const struct hosts *h, const uint8_t addr[16], int64_t time_ns, int64_t skew_ns)
{
	const struct host *host;
	struct address *a;

	HASH_FIND(hh, h->addresses, addr, 16, a);
	if (!a || a->host == SEVERAL)
		return false;
	host = host_of(h, a->host);
	if (!host || time_ns < host->first_ns - skew_ns || time_ns > host->last_ns + skew_ns)
		return false;
	return host->sampled_first_ns > host->sampled_last_ns ||
	       time_ns < host->sampled_first_ns - skew_ns || time_ns > host->sampled_last_ns + skew_ns;
}

void hosts_free(struct hosts *h)
{
	struct address *a, *atmp;
	struct host *host, *htmp;

	if (!h)
		return;
	HASH_ITER(hh, h->addresses, a, atmp) {
		HASH_DEL(h->addresses, a);
		free(a);
	}
	HASH_ITER(hh, h->hosts, host, htmp) {
		HASH_DEL(h->hosts, host);
		free(host);
	}
	free(h);
}
