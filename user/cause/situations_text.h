/* SPDX-License-Identifier: GPL-2.0 */
/* The sentence of a situation, and what an incident adds to its advice. */
#ifndef SITUATIONS_TEXT_H
#define SITUATIONS_TEXT_H

#include <stddef.h>

#include "incident/incident.h"

/* Seconds with a tenth, as the timeouts that they are compared with. */
const char *text_seconds(char *buf, size_t len, int64_t us);

void say_abandoned(const struct incident *inc, char *buf, size_t len);
void say_after_reset(const struct incident *inc, char *buf, size_t len);
void say_late_ack(const struct incident *inc, char *buf, size_t len);
void say_after_error(const struct incident *inc, char *buf, size_t len);
void say_rejected(const struct incident *inc, char *buf, size_t len);
void say_restarted(const struct incident *inc, char *buf, size_t len);
void say_aborted(const struct incident *inc, char *buf, size_t len);
void say_probe(const struct incident *inc, char *buf, size_t len);
void say_close_notify(const struct incident *inc, char *buf, size_t len);
void say_tickets(const struct incident *inc, char *buf, size_t len);
void say_exited(const struct incident *inc, char *buf, size_t len);
void say_slow(const struct incident *inc, char *buf, size_t len);
void say_thrown(const struct incident *inc, char *buf, size_t len);
void say_race(const struct incident *inc, char *buf, size_t len);
void say_idle(const struct incident *inc, char *buf, size_t len);
void say_unasked(const struct incident *inc, char *buf, size_t len);
void say_refused(const struct incident *inc, char *buf, size_t len);
void say_early(const struct incident *inc, char *buf, size_t len);
void say_gave_up(const struct incident *inc, char *buf, size_t len);
void say_server_ended(const struct incident *inc, char *buf, size_t len);
void say_written_later(const struct incident *inc, char *buf, size_t len);
void say_cut_off(const struct incident *inc, char *buf, size_t len);
void say_left(const struct incident *inc, char *buf, size_t len);
void say_client_done(const struct incident *inc, char *buf, size_t len);

void advise_after_reset(const struct incident *inc, char *buf, size_t len);
void advise_restarted(const struct incident *inc, char *buf, size_t len);
void advise_idle(const struct incident *inc, char *buf, size_t len);
void advise_unasked(const struct incident *inc, char *buf, size_t len);
void advise_waited(const struct incident *inc, char *buf, size_t len);
void advise_refused(const struct incident *inc, char *buf, size_t len);
void advise_early(const struct incident *inc, char *buf, size_t len);
void advise_gave_up(const struct incident *inc, char *buf, size_t len);
void advise_left(const struct incident *inc, char *buf, size_t len);
void advise_killed(const struct incident *inc, char *buf, size_t len);

#endif
