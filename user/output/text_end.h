/* SPDX-License-Identifier: GPL-2.0 */
/* One end of a connection in words, for a line of the text output. */
#ifndef TEXT_END_H
#define TEXT_END_H

#include "incident/incident.h"
#include "output/text_line.h"

/* The call that closed or shut down, the state, the age: "close(14) in ESTABLISHED after 4.2 s". */
void end_doing(struct line *l, const struct endpoint *ep);

/* What went over the connection, and how it stood. */
void end_figures(struct line *l, const struct endpoint *ep);

/* For how long nothing did; shorter pauses are no news. */
void end_silence(struct line *l, const struct endpoint *ep);

/* Where the process runs: the unit, the container. */
void end_place(struct line *l, const struct endpoint *ep);

#endif
