/* SPDX-License-Identifier: GPL-2.0 */
/* The sentence of a cause with an incident's figures in it. */
#ifndef RULES_TEXT_H
#define RULES_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "incident/incident.h"

void text_destroyed(const struct incident *inc, char *buf, size_t len);
void text_unread(const struct incident *inc, char *buf, size_t len);
void text_linger_zero(const struct incident *inc, char *buf, size_t len);
void text_after_close(const struct incident *inc, char *buf, size_t len);
void text_after_shutdown(const struct incident *inc, char *buf, size_t len);
void text_closed_port(const struct incident *inc, char *buf, size_t len);
void text_queue(const struct incident *inc, char *buf, size_t len);
void text_netfilter(const struct incident *inc, char *buf, size_t len);
void text_icmp(const struct incident *inc, char *buf, size_t len);
void text_retransmit(const struct incident *inc, char *buf, size_t len);
void text_user_timeout(const struct incident *inc, char *buf, size_t len);
void text_injected(const struct incident *inc, char *buf, size_t len);
void text_refused(const struct incident *inc, char *buf, size_t len);
void text_peer_fin(const struct incident *inc, char *buf, size_t len);
void text_unknown(const struct incident *inc, char *buf, size_t len);
void text_peer(const struct incident *inc, char *buf, size_t len);
void text_keepalive_race(const struct incident *inc, char *buf, size_t len);
/* Writes what to do about a sender that was killed; false: it was not killed. */
bool text_killed(const struct incident *inc, char *buf, size_t len);
void text_sending(const struct incident *inc, char *buf, size_t len);

/* Adds to the sentence that it rests on the receipt alone, and what was not seen. */
void text_unseen(struct incident *inc);

#endif
