/* SPDX-License-Identifier: GPL-2.0 */
#include "output/sink.h"

#include <errno.h>

int sink_flush(struct sink *s)
{
	if (!s->out)
		return 0;
	errno = 0;
	if (fflush(s->out) || ferror(s->out))
		return errno ? -errno : -EIO;
	return 0;
}
