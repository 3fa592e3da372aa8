/* SPDX-License-Identifier: GPL-2.0 */
#include "app/late_hooks.h"

#include <string.h>

#include "attach/loader.h"
#include "base/escape.h"

/*
 * EV_MODULE comes before the module can be traced, so the hooks that wait for it are tried
 * again and again: how often, and for how long.
 */
#define RETRY_NS 500000000ULL
#define RETRY_FOR_NS (4 * RETRY_NS)

void late_hooks_try(const struct late_hooks *h)
{
	int err = h->loader ? loader_retry(h->loader) : 0;

	if (err && !h->quiet)
		say("the programs cannot be loaded a second time (%s): runs that the kernel refuses them will be missed",
		    strerror(-err));
}

void late_hooks_begin(struct late_hooks *h, struct loader *loader, bool quiet, uint64_t now_ns)
{
	*h = (struct late_hooks){ loader, quiet, UINT64_MAX, 0 };
	if (loader)
		late_hooks_module(h, now_ns);
}

void late_hooks_module(struct late_hooks *h, uint64_t now_ns)
{
	if (!h->loader)
		return;
	h->next_ns = now_ns;
	h->until_ns = now_ns + RETRY_FOR_NS;
}

void late_hooks_step(struct late_hooks *h, uint64_t now_ns)
{
	if (!h->loader || now_ns < h->next_ns)
		return;
	late_hooks_try(h);
	h->next_ns = now_ns < h->until_ns || !loader_watches(h->loader) ? now_ns + RETRY_NS : UINT64_MAX;
}
