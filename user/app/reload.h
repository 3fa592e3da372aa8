/* SPDX-License-Identifier: GPL-2.0 */
/* What SIGHUP does besides reopening files: the file of --config is read again. */
#ifndef RELOAD_H
#define RELOAD_H

#include "app/options.h"

/*
 * Takes over the filters that user space applies, and the rules of --suppress. Says on stderr what
 * changed in the file and needs a restart, or what is wrong in it; then all stays as it was.
 */
void reload_config(struct options *o);

#endif
