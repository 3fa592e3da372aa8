/* SPDX-License-Identifier: GPL-2.0 */
/* When resets came, by cause: stacked bars as a picture, which the script replaces by a chart. */
#include <inttypes.h>

#include "incident/format.h"
#include "page/parts.h"

#define WIDTH 960.0
#define HEIGHT 150.0

static uint64_t bucket_sum(const struct timeline *t, unsigned int bucket, int n_series)
{
	uint64_t sum = 0;

	for (int s = 0; s < n_series; s++)
		sum += t->count[s][bucket];
	return sum;
}

static void put_series(FILE *out, const struct timeline *t, int series, uint64_t most)
{
	double w = WIDTH / t->n;
	bool begun = false;

	for (unsigned int b = 0; b < t->n; b++) {
		uint64_t below = bucket_sum(t, b, series), n = t->count[series][b];

		if (!n)
			continue;
		if (!begun)
			fprintf(out, "<path class=\"c%d\" d=\"", series);
		begun = true;
		fprintf(out, "M%.1f %.1fh%.1fv-%.1fh-%.1fz", b * w, HEIGHT - below * HEIGHT / most,
			w > 3 ? w - 1 : w, n * HEIGHT / most, w > 3 ? w - 1 : w);
	}
	if (begun)
		fputs("\"/>", out);
}

void part_timeline(FILE *out, const struct model *m)
{
	const struct timeline *t = &m->timeline;
	uint64_t most = 0;
	char text[32];

	if (!t->n)
		return;
	for (unsigned int b = 0; b < t->n; b++)
		if (bucket_sum(t, b, N_SERIES) > most)
			most = bucket_sum(t, b, N_SERIES);
	fprintf(out, "<section id=\"timeline\"><h2>When</h2><p class=\"dim\">resets in %s, at most ",
		fmt_duration(text, sizeof(text), t->step_ns / 1000));
	put_count(out, most);
	fprintf(out, "</p>\n<div id=\"chart\"><svg viewBox=\"0 0 %.0f %.0f\" preserveAspectRatio=\"none\" "
		"role=\"img\" aria-label=\"resets over time, by cause\">", WIDTH, HEIGHT);
	for (int s = 0; s < N_SERIES; s++)
		put_series(out, t, s, most);
	fputs("</svg><p class=\"axis\"><span>", out);
	put_time(out, t->first_ns);
	fputs("</span><span>", out);
	put_time(out, t->first_ns + t->n * t->step_ns);
	fputs(" UTC</span></p></div><div id=\"legend\"></div></section>\n", out);
}
