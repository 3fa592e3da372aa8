/* SPDX-License-Identifier: GPL-2.0 */
/* How sure it is that an incident has the cause of a rule; CONFIDENCE_UNSET: it has another. */
#ifndef RULES_MATCH_H
#define RULES_MATCH_H

#include "cause/settings.h"
#include "incident/incident.h"

enum confidence match_mptcp(const struct incident *inc);
enum confidence match_killed(const struct incident *inc);
enum confidence match_linger2(const struct incident *inc);
enum confidence match_memory(const struct incident *inc);
enum confidence match_keepalive(const struct incident *inc);
enum confidence match_unread(const struct incident *inc);
enum confidence match_listener_closed(const struct incident *inc);
enum confidence match_linger_zero(const struct incident *inc);
enum confidence match_disconnect(const struct incident *inc);
enum confidence match_netfilter(const struct incident *inc);
enum confidence match_closed_port(const struct incident *inc);
enum confidence match_after_close(const struct incident *inc);
enum confidence match_stray(const struct incident *inc);
enum confidence match_after_shutdown(const struct incident *inc);
enum confidence match_syn(const struct incident *inc);
enum confidence match_overflow(const struct incident *inc);
enum confidence match_cookie(const struct incident *inc);
enum confidence match_handshake(const struct incident *inc);
enum confidence match_user_timeout(const struct incident *inc);
enum confidence match_icmp(const struct incident *inc);
enum confidence match_retransmit(const struct incident *inc);
enum confidence match_injected(const struct incident *inc);
enum confidence match_keepalive_race(const struct incident *inc);
enum confidence match_refused(const struct incident *inc);
enum confidence match_peer_fin(const struct incident *inc);
enum confidence match_peer_sending(const struct incident *inc);
enum confidence match_peer(const struct incident *inc);
enum confidence match_any(const struct incident *inc);

#endif
