/* SPDX-License-Identifier: GPL-2.0 */
#include "events/meta.h"

#include <stddef.h>

const char *source_reason(const struct source_meta *meta, uint32_t number)
{
	if (number >= (uint32_t)meta->n_reasons || !meta->reason[number][0])
		return NULL;
	return meta->reason[number];
}
