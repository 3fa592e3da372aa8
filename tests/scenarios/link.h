/* SPDX-License-Identifier: GPL-2.0 */
/* Network devices of the caller's namespace. */
#ifndef LINK_H
#define LINK_H

#include "scene.h"

/* Sets these flags of the device (IFF_UP …). */
void link_set(struct scene *s, const char *name, unsigned int flags);

/* Takes these flags away. */
void link_clear(struct scene *s, const char *name, unsigned int flags);

/* Gives the device an address of the scene's family, and waits until it is the host's own. */
void link_addr(struct scene *s, const char *name, const char *text);

#endif
