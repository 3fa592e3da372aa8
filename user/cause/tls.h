/* SPDX-License-Identifier: GPL-2.0 */
/* Whether a connection speaks TLS, and what of it: by port, by size, by first bytes. Pure. */
#ifndef TLS_H
#define TLS_H

#include "incident/incident.h"

/* The server's port is one that TLS is spoken on from the first byte. */
bool tls_port(const struct incident *inc);

/* The segment that the RST answers begins with a TLS record, or with an alert. */
bool tls_is_record(const struct incident *inc);
bool tls_is_alert(const struct incident *inc);

/* As long as an alert, or as session tickets, are when they stand alone. */
bool tls_alert_size(int64_t n);
bool tls_ticket_size(int64_t n);

#endif
