/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KILLED_H
#define KILLED_H

#include "scene.h"

/* Has the actor take down the loopback socket of these ports (its own, the other one), as `ss -K`. */
void socket_destroy(struct scene *s, struct actor *a, int port, int other);

#endif
