/* SPDX-License-Identifier: GPL-2.0 */
#include "events/decode.h"

#include <errno.h>
#include <string.h>

/* The events of wire version 1 were never shorter than up to here. */
#define MIN_SIZE (offsetof(struct rst_event, seg) + sizeof(struct rst_seg))

int decode(struct rst_event *out, const void *data, size_t size)
{
	struct rst_event ev = {};
	size_t n = size < sizeof(ev) ? size : sizeof(ev);

	if (size < MIN_SIZE)
		return -EBADMSG;
	memcpy(&ev, data, n);
	if (ev.size < MIN_SIZE || ev.size > size)
		return -EBADMSG;
	if (ev.wire != RST_WIRE || !ev.type || ev.type >= EV_TYPE_MAX)
		return -ENOTSUP;
	if (ev.flow.family != 0 && ev.flow.family != 4 && ev.flow.family != 6)
		return -EBADMSG;
	if (ev.owner.how >= OWNER_HOW_MAX || ev.peer.owner.how >= OWNER_HOW_MAX ||
	    ev.extra.fate >= FATE_MAX)
		return -EBADMSG;
	ev.task.comm[RST_COMM_LEN - 1] = '\0';
	ev.owner.comm[RST_COMM_LEN - 1] = '\0';
	ev.peer.owner.comm[RST_COMM_LEN - 1] = '\0';
	*out = ev;
	return 0;
}
