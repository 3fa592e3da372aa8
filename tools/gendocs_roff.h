/* SPDX-License-Identifier: GPL-2.0 */
/* Pieces of a manual page, in the man(7) macros. */
#ifndef GENDOCS_ROFF_H
#define GENDOCS_ROFF_H

#include "app/options.h"
#include "gendocs.h"

/* Prints text without changes: a control character means something only at the start of a line. */
void roff_text(FILE *out, const char *text);
void roff_line(FILE *out, const char *text);
void roff_section(FILE *out, const char *title);
void roff_entry(FILE *out, const char *tag, const char *text);
void roff_option(FILE *out, const struct option_doc *doc);

#endif
