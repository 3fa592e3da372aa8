/* SPDX-License-Identifier: GPL-2.0 */
/* "rsttrace report": reads the files and prints a report of them. */
#ifndef REPORT_RUN_H
#define REPORT_RUN_H

#include "app/options.h"

/* Returns the program's exit status; it is 1 also when a file could not be read in full. */
int report_run(const struct options *o);

#endif
