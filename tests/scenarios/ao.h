/* SPDX-License-Identifier: GPL-2.0 */
/* TCP-AO (RFC 5925), which kernels may have from 6.7 on. */
#ifndef AO_H
#define AO_H

#include "net.h"

/* Whether this kernel was built with TCP-AO. */
bool ao_known(struct actor *a, enum family family);

/* Has the socket sign what goes to this peer, and accept only signed segments from it. */
void ao_set_key(struct actor *a, int fd, const struct addr *peer);

#endif
