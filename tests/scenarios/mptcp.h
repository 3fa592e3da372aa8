/* SPDX-License-Identifier: GPL-2.0 */
/* MPTCP sockets; a scene is skipped on kernels without them. */
#ifndef MPTCP_H
#define MPTCP_H

#include "net.h"

int mptcp_socket(struct actor *a, enum family family);
/* A listener on SERVER_PORT. */
int mptcp_listen(struct actor *a, struct scene *s);

#endif
