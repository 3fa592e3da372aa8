/* SPDX-License-Identifier: GPL-2.0 */
#include "base/hash.h"

#include <stdlib.h>

#include "base/escape.h"

void out_of_memory(void)
{
	say("out of memory");
	exit(EXIT_FAILURE);
}
