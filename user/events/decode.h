/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes in, events out. The bytes may come from a file, so nothing in them is
 * trusted: sizes, enums and strings are checked here and nowhere else.
 */
#ifndef DECODE_H
#define DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "events/event.h"

/*
 * Returns 0 and fills *out: fields that an older writer did not have are zero, those that
 * a newer one has added are skipped. -EBADMSG: not an event, *out untouched. -ENOTSUP: an
 * event of another wire version, or of a type that this version does not know.
 */
int decode(struct rst_event *out, const void *data, size_t size);

#endif
