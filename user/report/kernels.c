/* SPDX-License-Identifier: GPL-2.0 */
#include "report/kernels.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hash.h"

#include "report/strings.h"

struct ran {
	uint32_t host, kernel;
	UT_hash_handle hh;
};

struct kernels {
	struct ran *by_host;
};

struct kernels *kernels_new(void)
{
	return calloc(1, sizeof(struct kernels));
}

void kernels_free(struct kernels *k)
{
	struct ran *r, *tmp;

	if (!k)
		return;
	HASH_ITER(hh, k->by_host, r, tmp) {
		HASH_DEL(k->by_host, r);
		free(r);
	}
	free(k);
}

int kernels_note(struct kernels *k, uint32_t host, uint32_t kernel)
{
	struct ran *r;

	HASH_FIND(hh, k->by_host, &host, sizeof(host), r);
	if (r) {
		if (r->kernel != kernel)
			r->kernel = STRING_NONE;
		return 0;
	}
	r = calloc(1, sizeof(*r));
	if (!r)
		return -ENOMEM;
	r->host = host;
	r->kernel = kernel;
	HASH_ADD(hh, k->by_host, host, sizeof(r->host), r);
	return 0;
}

uint32_t kernels_of(const struct kernels *k, uint32_t host)
{
	struct ran *r;

	HASH_FIND(hh, k->by_host, &host, sizeof(host), r);
	return r ? r->kernel : STRING_NONE;
}
