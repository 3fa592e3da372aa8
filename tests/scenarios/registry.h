/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The scenarios: one table for each file, which ends with a row without a name.
 *
 * To add one, write a function that plays it, and a ROW for it in the file that fits. The function
 * starts its actors (scene.h), has them make their calls (net.h), waits for what it needs by
 * looking at the sockets, and describes each incident with scene_expect() and the want_*() calls
 * (expect.h). What it does not describe is not compared; an incident that it does not mention at
 * all makes it fail. The table of a new file is declared here and listed in registry.c.
 */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "scene.h"

extern const struct scenario refuse_scenarios[];
extern const struct scenario close_scenarios[];
extern const struct scenario dying_scenarios[];
extern const struct scenario peer_gone_scenarios[];
extern const struct scenario listener_scenarios[];
extern const struct scenario late_ack_scenarios[];
extern const struct scenario outcome_scenarios[];
extern const struct scenario owner_scenarios[];
extern const struct scenario hands_scenarios[];
extern const struct scenario older_scenarios[];
extern const struct scenario calls_scenarios[];
extern const struct scenario surface_scenarios[];
extern const struct scenario nonblock_scenarios[];
extern const struct scenario part_scenarios[];
extern const struct scenario uring_scenarios[];
extern const struct scenario mptcp_scenarios[];
extern const struct scenario subflow_scenarios[];
extern const struct scenario tls_scenarios[];
extern const struct scenario received_scenarios[];
extern const struct scenario injected_scenarios[];
extern const struct scenario timers_scenarios[];
extern const struct scenario unreachable_scenarios[];
extern const struct scenario handshake_scenarios[];
extern const struct scenario fastopen_scenarios[];
extern const struct scenario stray_scenarios[];
extern const struct scenario queue_scenarios[];
extern const struct scenario killed_scenarios[];
extern const struct scenario disconnect_scenarios[];
extern const struct scenario unsent_scenarios[];
extern const struct scenario firewall_scenarios[];
extern const struct scenario reject_icmp_scenarios[];
extern const struct scenario silent_scenarios[];
extern const struct scenario ao_scenarios[];
extern const struct scenario limits_scenarios[];
extern const struct scenario situations_scenarios[];
extern const struct scenario situations_end_scenarios[];
extern const struct scenario situations_far_scenarios[];
extern const struct scenario situations_peer_scenarios[];
extern const struct scenario healthy_scenarios[];

/* All tables, in the order in which they are played; the last is NULL. */
extern const struct scenario *const registry[];

/* The scenario with this name, or NULL. */
const struct scenario *registry_find(const char *name);

#endif
