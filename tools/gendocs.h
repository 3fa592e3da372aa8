/* SPDX-License-Identifier: GPL-2.0 */
/* Documents made from the program's own tables: each function prints a whole one. */
#ifndef GENDOCS_H
#define GENDOCS_H

#include <stdio.h>

void gendocs_record(FILE *out);	/* docs/record.md */
void gendocs_causes(FILE *out);	/* docs/causes.md */
void gendocs_messages(FILE *out);	/* docs/messages.md */
void gendocs_man(FILE *out);		/* docs/rsttrace.8 */
void gendocs_man_report(FILE *out);	/* docs/rsttrace-report.1 */
void gendocs_bash(FILE *out);	/* contrib/completion/rsttrace.bash */
void gendocs_fish(FILE *out);	/* contrib/completion/rsttrace.fish */
void gendocs_zsh(FILE *out);	/* contrib/completion/_rsttrace */
void gendocs_lua(FILE *out);	/* contrib/wireshark/rsttrace.lua */

#endif
