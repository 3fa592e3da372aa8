/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Whether a connection speaks TLS, and which messages these are: by port, size and first bytes.
 * Pure.
 */
#ifndef TLS_H
#define TLS_H

#include "incident/incident.h"

/* Whether the server's port is one where TLS begins with the first byte. */
bool tls_port(const struct incident *inc);

/* Whether the segment that the RST answers begins with a TLS record, or with an alert. */
bool tls_is_record(const struct incident *inc);
bool tls_is_alert(const struct incident *inc);

/* Whether a single alert, or session tickets, are this long. */
bool tls_alert_size(int64_t n);
bool tls_ticket_size(int64_t n);

#endif
