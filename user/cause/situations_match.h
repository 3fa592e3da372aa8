/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a situation fits an incident, once the cause is known; CONFIDENCE_UNSET: another does. */
#ifndef SITUATIONS_MATCH_H
#define SITUATIONS_MATCH_H

#include "incident/incident.h"

enum confidence situation_abandoned(const struct incident *inc);
enum confidence situation_after_reset(const struct incident *inc);
enum confidence situation_late_ack(const struct incident *inc);
enum confidence situation_after_error(const struct incident *inc);
enum confidence situation_rejected(const struct incident *inc);
enum confidence situation_restarted(const struct incident *inc);
enum confidence situation_untranslated(const struct incident *inc);
enum confidence situation_aborted(const struct incident *inc);
enum confidence situation_probe(const struct incident *inc);
enum confidence situation_close_notify(const struct incident *inc);
enum confidence situation_tickets(const struct incident *inc);
enum confidence situation_exited(const struct incident *inc);
enum confidence situation_slow(const struct incident *inc);
enum confidence situation_thrown(const struct incident *inc);
enum confidence situation_race(const struct incident *inc);
enum confidence situation_idle(const struct incident *inc);
enum confidence situation_unasked(const struct incident *inc);
enum confidence situation_refused(const struct incident *inc);
enum confidence situation_server_ended(const struct incident *inc);
enum confidence situation_written_later(const struct incident *inc);
enum confidence situation_early(const struct incident *inc);
enum confidence situation_gave_up(const struct incident *inc);
enum confidence situation_cut_off(const struct incident *inc);
enum confidence situation_left(const struct incident *inc);
enum confidence situation_client_done(const struct incident *inc);

#define WAITED_US 900000	/* the shortest timeout in use is 1 s, less a few ticks */

/* How long the end that closed had neither read nor written when it closed; UNKNOWN: not known. */
int64_t silence_at_close(const struct incident *inc);

/* How long the sender had heard nothing when it closed; UNKNOWN: not known. */
int64_t heard_at_close(const struct incident *inc);

/* Whether the sender had neither heard nor said anything for as long as a timeout takes. */
bool waited_in_vain(const struct incident *inc);

/* Whether the peer that had reset the connection now sends data beyond the number of its RST. */
bool went_on(const struct incident *inc);

/* How much the sender had written that was not acknowledged when it closed; UNKNOWN: not known. */
int64_t unsent_at_close(const struct incident *inc);

#endif
