/* SPDX-License-Identifier: GPL-2.0 */
#include "app/top_run.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "app/session.h"
#include "attach/tally.h"
#include "base/escape.h"
#include "host/clock.h"
#include "top/screen.h"
#include "top/top.h"

#define NS_PER_MS 1000000ULL
#define DRAW_NS (250 * NS_PER_MS)	/* least time between two drawings, however much comes in */
#define KEY_NS (20 * NS_PER_MS)		/* ... when a key was pressed */
#define CLOCK_NS (1000 * NS_PER_MS)	/* most time between two: the time of day is shown */
#define PRINT_WIDTH 160

struct top_run {
	struct top top;
	const struct options *o;
	struct screen *screen;	/* NULL: --batch, or not yet */
	bool failed;		/* the terminal could not be opened, or was closed */
	char why[160];		/* ... and why */
	int held_stderr;	/* the true stderr, while .said is in its place; -1: it is not */
	int said;		/* a file in memory: what was printed on stderr meanwhile */
	uint64_t drawn_ns, counts_ns;
	bool pressed;
};

/* The screen needs a UTF-8 locale, to count characters as columns. */
static void set_locale(void)
{
	if (!setlocale(LC_CTYPE, "") || strcmp(nl_langinfo(CODESET), "UTF-8"))
		setlocale(LC_CTYPE, "C.UTF-8");
}

static unsigned int print_width(void)
{
	const char *columns = getenv("COLUMNS");
	long n = columns ? strtol(columns, NULL, 10) : 0;

	return n >= 40 && n <= 400 ? n : PRINT_WIDTH;
}

int top_run_open(struct top_run **out, const struct options *o, struct sink *sink, char *why, size_t len)
{
	struct top_run *t;

	if (!o->top.batch && !screen_possible(why, len))
		return EXIT_USAGE;
	t = calloc(1, sizeof(*t));
	if (!t || top_begin(&t->top, o->replay)) {
		free(t);
		snprintf(why, len, "out of memory");
		return EXIT_FAILURE;
	}
	set_locale();
	t->o = o;
	t->held_stderr = t->said = -1;
	t->top.batch = o->top.batch;
	t->top.once = o->top.once;
	t->top.interval_ns = o->top.interval_s * 1e9;
	t->top.width = print_width();
	top_view_by(&t->top.ui.view, o->top.by);
	sink->state = &t->top;
	*out = t;
	return 0;
}

/* ---- the terminal ----------------------------------------------------------------- */

/* Keeps what is printed on stderr until the screen is closed, as it would spoil the picture. */
static void hold_stderr(struct top_run *t)
{
	t->said = memfd_create("stderr", MFD_CLOEXEC);
	t->held_stderr = t->said < 0 ? -1 : dup(STDERR_FILENO);
	if (t->held_stderr >= 0)
		dup2(t->said, STDERR_FILENO);
}

static void release_stderr(struct top_run *t)
{
	char text[4096];
	off_t at = 0;
	ssize_t n;

	fflush(stderr);
	if (t->held_stderr >= 0) {
		dup2(t->held_stderr, STDERR_FILENO);
		close(t->held_stderr);
		while ((n = pread(t->said, text, sizeof(text), at)) > 0) {
			fwrite(text, 1, n, stderr);
			at += n;
		}
	}
	if (t->said >= 0)
		close(t->said);
	t->held_stderr = t->said = -1;
}

static bool colored(const struct options *o)
{
	const char *no = getenv("NO_COLOR");

	return o->color == COLOR_ALWAYS || (o->color == COLOR_AUTO && !(no && *no));
}

static void take_screen(struct top_run *t)
{
	t->screen = screen_open(colored(t->o), t->why, sizeof(t->why));
	t->failed = !t->screen;
	if (t->screen)
		hold_stderr(t);
}

void top_run_leave(struct top_run *t)
{
	if (!t)
		return;
	screen_close(t->screen);
	t->screen = NULL;
	release_stderr(t);
	if (t->why[0])
		say("%s", t->why);
	t->why[0] = '\0';
}

void top_run_close(struct top_run *t)
{
	if (!t)
		return;
	top_run_leave(t);
	top_end(&t->top);
	free(t);
}

/* ---- in the loop -------------------------------------------------------------------- */

int top_run_fd(const struct top_run *t)
{
	return t && t->screen ? STDIN_FILENO : -1;
}

uint64_t top_run_next(const struct top_run *t)
{
	if (!t || t->top.batch || t->failed)
		return UINT64_MAX;
	return t->drawn_ns + (t->pressed ? KEY_NS : CLOCK_NS);
}

static void draw(struct top_run *t)
{
	struct top_ui *ui = &t->top.ui;
	struct cell_line *lines;

	screen_size(t->screen, &ui->width, &ui->height);
	lines = calloc(ui->height ?: 1, sizeof(*lines));
	if (!lines)
		return;
	top_ui_draw(ui, lines);
	screen_draw(t->screen, lines, ui->height);
	free(lines);
}

void top_run_step(struct top_run *t, uint64_t now_ns)
{
	int key;

	if (!t || t->top.batch || t->failed)
		return;
	if (!t->screen)
		take_screen(t);
	if (!t->screen)
		return;
	while ((key = screen_key(t->screen)) != TOP_KEY_NONE) {
		t->pressed = true;
		if (key != TOP_KEY_REDRAW)
			top_ui_key(&t->top.ui, key);
	}
	if (now_ns < t->drawn_ns + (t->pressed ? KEY_NS : DRAW_NS))
		return;
	draw(t);
	t->drawn_ns = now_ns;
	t->pressed = false;
}

void top_run_hangup(struct top_run *t)
{
	t->failed = true;
}

bool top_run_over(const struct top_run *t)
{
	return t && (t->failed || t->top.ui.quit);
}

void top_run_ended(struct top_run *t)
{
	if (t)
		t->top.ui.over = true;
}

bool top_run_lingers(const struct top_run *t)
{
	return t && t->o->replay && !t->top.batch && !top_run_over(t);
}

void top_run_counted(struct top_run *t, const struct loader *l, const struct rst_stats *per_cpu, int n_cpus)
{
	uint64_t now_ns = clock_mono_ns();
	struct count_row *rows;
	int n;

	if (!t)
		return;
	top_counted(&t->top, per_cpu, n_cpus);
	if (now_ns < t->counts_ns + CLOCK_NS || tally_read(l, &rows, &n))
		return;
	t->top.ui.exact.silent = 0;
	for (int i = 0; i < n; i++)
		t->top.ui.exact.silent += rows[i].count.silent;
	free(t->top.ui.counts);
	t->top.ui.counts = rows;
	t->top.ui.n_counts = n;
	t->counts_ns = now_ns;
}
