/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SINK_HTML_H
#define SINK_HTML_H

#include "output/sink.h"

/* Writes the report of a run as a page, at its end. */
extern const struct sink_ops sink_html;

#endif
