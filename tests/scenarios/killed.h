/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KILLED_H
#define KILLED_H

#include "scene.h"

/*
 * The actor destroys the loopback socket with these ports (its own and the other end's), as `ss -K`
 * does.
 */
void socket_destroy(struct scene *s, struct actor *a, int port, int other);

#endif
