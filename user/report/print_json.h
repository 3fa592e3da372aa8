/* SPDX-License-Identifier: GPL-2.0 */
/* Prints a report as one JSON object on one line; other rooms include print.h. */
#ifndef PRINT_JSON_H
#define PRINT_JSON_H

#include "report/change.h"
#include "report/print.h"

/* Both return 0 or a negative errno. */
int report_json(const struct report_print *p, const struct report *r);
int report_compare_json(const struct report_print *p, const struct report *before,
			const struct report *after, const struct change_row *rows, size_t n);

#endif
