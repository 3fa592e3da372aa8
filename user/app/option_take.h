/* SPDX-License-Identifier: GPL-2.0 */
/* Parsing an option's argument: a function for each kind of value. */
#ifndef OPTION_TAKE_H
#define OPTION_TAKE_H

#include <stddef.h>

#include "app/options.h"

/* Takes the argument into the member at that place: 0 or a negative errno. */
typedef int (*take_fn)(struct options *o, size_t at, char *arg);

int take_switch(struct options *o, size_t at, char *arg);
int take_string(struct options *o, size_t at, char *arg);
int take_long(struct options *o, size_t at, char *arg);
int take_port(struct options *o, size_t at, char *arg);
int take_pid(struct options *o, size_t at, char *arg);
int take_seconds(struct options *o, size_t at, char *arg);
int take_hooks(struct options *o, size_t at, char *arg);
int take_color(struct options *o, size_t at, char *arg);
int take_fail_on(struct options *o, size_t at, char *arg);
int take_user(struct options *o, size_t at, char *arg);
int take_addr(struct options *o, size_t at, char *arg);
int take_netns(struct options *o, size_t at, char *arg);
int take_causes(struct options *o, size_t at, char *arg);
int take_suppress(struct options *o, size_t at, char *arg);
int take_outcomes(struct options *o, size_t at, char *arg);
int take_metrics_by(struct options *o, size_t at, char *arg);
int take_direction(struct options *o, size_t at, char *arg);
int take_by(struct options *o, size_t at, char *arg);
int take_ask(struct options *o, size_t at, char *arg);
int take_time(struct options *o, size_t at, char *arg);
int take_help(struct options *o, size_t at, char *arg);
int take_version(struct options *o, size_t at, char *arg);

#endif
