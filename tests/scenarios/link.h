/* SPDX-License-Identifier: GPL-2.0 */
/* Network devices of the namespace that the caller is in. */
#ifndef LINK_H
#define LINK_H

#include "scene.h"

/* Sets these flags of the device (IFF_UP …). */
void link_set(struct scene *s, const char *name, unsigned int flags);

/* ... or takes them away. */
void link_clear(struct scene *s, const char *name, unsigned int flags);

/* Gives it an address of the scene's family, the host's own when this returns. */
void link_addr(struct scene *s, const char *name, const char *text);

#endif
