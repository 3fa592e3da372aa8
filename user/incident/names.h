/* SPDX-License-Identifier: GPL-2.0 */
/* Words for numbers: those that records have (docs/record.md), and the kernel's. NULL where there is none. */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>
#include <stdint.h>

/* The words by which a record names the enums of incident.h; NULL for "not known". */
const char *kind_name(unsigned int v);
const char *outcome_name(unsigned int v);
const char *confidence_name(unsigned int v);
const char *owner_how_name(unsigned int v);
const char *sigpipe_action_name(unsigned int v);
const char *returned_name(unsigned int v);
const char *role_name(unsigned int v);
const char *stage_name(unsigned int v);
const char *end_name(unsigned int v);

/* "sent-active", …: enum rst_event_type. */
const char *event_name(unsigned int v);

/* "challenge-ack", … and the same in words, after a number of resets: enum rst_fate. */
const char *fate_name(unsigned int v);
const char *fate_text(unsigned int v);

/* "closed-port", … and the same in words: enum rst_class. */
const char *class_name(unsigned int v);
const char *class_text(unsigned int v);

/* "system", …: enum rst_ports. */
const char *ports_name(unsigned int v);

/* "ESTABLISHED", …: a TCP state as the kernel numbers it. */
const char *tcp_state_name(unsigned int v);

/* "ECONNRESET"; an errno without a name is its number, written into buf. Never NULL. */
const char *errno_name(int64_t err, char *buf, size_t len);

#endif
