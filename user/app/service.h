/* SPDX-License-Identifier: GPL-2.0 */
/* Tells the service manager when the service is ready and that it still runs, by sd_notify(3)'s protocol. */
#ifndef SERVICE_H
#define SERVICE_H

#include <stdint.h>

struct service;
struct totals;

/*
 * Takes NOTIFY_SOCKET and WATCHDOG_USEC out of the environment. *out is NULL when no service manager
 * wants to be told; all functions take that. 0 or a negative errno.
 */
int service_open(struct service **out);
void service_close(struct service *s);

void service_ready(struct service *s, uint64_t now_ns);
void service_reloading(struct service *s, uint64_t now_ns);
void service_stopping(struct service *s);

/* Feeds the watchdog and says what was seen so far, when that is due. */
void service_step(struct service *s, const struct totals *t, uint64_t now_ns);

/* When service_step() has something to do; UINT64_MAX: never. */
uint64_t service_next(const struct service *s);

#endif
