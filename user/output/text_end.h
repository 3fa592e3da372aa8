/* SPDX-License-Identifier: GPL-2.0 */
/* One end of a connection in words, for a line of the text output. */
#ifndef TEXT_END_H
#define TEXT_END_H

#include "incident/incident.h"
#include "output/text_line.h"

/* The call that closed or shut down, the state, the age: "close(14) in ESTABLISHED after 4.2 s". */
void end_doing(struct line *l, const struct endpoint *ep);

/* Bytes, silences and retransmissions of the connection as this end had it, and how its process ended. */
void end_figures(struct line *l, const struct endpoint *ep);

/* How long the connection had been idle, or this end had heard or said nothing; "" if not for long. */
void end_silence(struct line *l, const struct endpoint *ep);

/* Where the process runs: the unit, the pod, the container. */
void end_place(struct line *l, const struct endpoint *ep);

#endif
