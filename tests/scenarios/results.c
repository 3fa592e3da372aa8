/* SPDX-License-Identifier: GPL-2.0 */
#include "results.h"

#include <errno.h>
#include <stdio.h>

static void write_line(FILE *f, json_t *obj)
{
	json_dumpf(obj, f, JSON_COMPACT);
	fputc('\n', f);
	json_decref(obj);
}

static json_t *row_json(const struct judged *d)
{
	return json_pack("{s:s, s:s, s:s, s:b, s:s, s:s, s:s, s:O*}", "scenario", d->sc->name,
			 "verdict", verdict_names[d->verdict], "grade", grade_names[d->grade],
			 "second", d->second, "expected", d->expected, "confidence", d->confidence,
			 "reason", d->verdict == SKIPPED ? d->reason : "",
			 "complaints", d->complaints);
}

int results_append(const struct judge *j, const char *file)
{
	FILE *f = fopen(file, "ae");
	int i;

	if (!f)
		return -errno;
	for (i = 0; i < j->n_judged; i++)
		write_line(f, row_json(&j->judged[i]));
	write_line(f, json_pack("{s:I, s:i}", "gaps", (json_int_t)judge_gaps(j), "problems",
				j->shared ? j->shared->n_problems : 0));
	return fclose(f) ? -errno : 0;
}
