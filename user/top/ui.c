/* SPDX-License-Identifier: GPL-2.0 */
#include "top/ui.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "incident/format.h"

#define FOOT 1
#define FILE_WIDTH 160		/* of files: no screen limits their width */

static const char table_hints[] = "Enter story  e why  g group  s sort  / filter  p pause  w write  h help  q quit";
static const char text_hints[] = "up down, page up, page down  w write  q back";

static unsigned int rows_fit(const struct top_ui *ui)
{
	return ui->height > TOP_HEAD + FOOT ? ui->height - TOP_HEAD - FOOT : 0;
}

static unsigned int lines_fit(const struct top_ui *ui)
{
	return ui->height > 1 + FOOT ? ui->height - 1 - FOOT : 0;
}

void top_ui_free(struct top_ui *ui)
{
	top_tables_free(ui->paused);
	top_view_free(&ui->view);
	free(ui->text);
	free(ui->counts);
}

/* ---- texts ----------------------------------------------------------------------- */

static void read_text(struct top_ui *ui, char *text)
{
	if (!text) {
		snprintf(ui->message, sizeof(ui->message), "nothing to show, or no memory for it");
		return;
	}
	free(ui->text);
	ui->text = text;
	ui->mode = TOP_TEXT;
	ui->scroll = 0;
}

static void open_story(struct top_ui *ui)
{
	const struct top_row *row = top_view_chosen(&ui->view);

	if (!row)
		return;
	snprintf(ui->title, sizeof(ui->title), "%s: the last %u resets, newest first", row->name, row->n_last);
	read_text(ui, top_text_story(row));
}

static void open_explain(struct top_ui *ui)
{
	const struct top_row *row = top_view_chosen(&ui->view);
	const struct top_cause *main = row ? top_main_cause(row) : NULL;
	char *text = NULL;

	if (!row)
		return;
	/* incidents without a situation have a cause nevertheless */
	if (ui->view.by == TOP_BY_SITUATION)
		text = top_text_explain(row->name, ui->width, ui->title, sizeof(ui->title));
	if (!text)
		text = top_text_explain(main ? main->code : "unknown", ui->width, ui->title, sizeof(ui->title));
	read_text(ui, text);
}

static void open_counts(struct top_ui *ui)
{
	if (!ui->n_counts) {
		snprintf(ui->message, sizeof(ui->message), "%s", ui->replay ?
			 "a recording has no counts of the kernel" : "the kernel has counted no reset yet");
		return;
	}
	snprintf(ui->title, sizeof(ui->title), "all resets that the kernel counted, exact");
	read_text(ui, top_text_counts(ui->counts, ui->n_counts, ui->meta));
}

static void open_help(struct top_ui *ui)
{
	snprintf(ui->title, sizeof(ui->title), "help");
	read_text(ui, top_text_help());
}

static unsigned int count_lines(const struct top_ui *ui)
{
	unsigned int n = 0, indent = 0;
	const char *text = ui->text;

	for (;;) {
		struct cell_line l = { .n_spans = 0 };

		text = top_fold(text, &l, ui->width, &indent);
		if (!text)
			return n;
		n++;
	}
}

static void scroll(struct top_ui *ui, int by)
{
	unsigned int lines = count_lines(ui), fit = lines_fit(ui), most = lines > fit ? lines - fit : 0;
	int64_t to = (int64_t)ui->scroll + by;

	ui->scroll = to < 0 ? 0 : to > most ? most : to;
}

/* ---- typing into a line ------------------------------------------------------------- */

static void ask(struct top_ui *ui, enum top_mode mode, const char *typed)
{
	ui->mode = mode;
	snprintf(ui->typed, sizeof(ui->typed), "%s", typed);
}

static void ask_file(struct top_ui *ui)
{
	const struct top_tables *t = top_ui_tables(ui);
	char time[40], name[64], *end = name;

	fmt_time_utc(time, sizeof(time), ui->meta ? source_wall_ns(ui->meta, t->now_ns) : (int64_t)t->now_ns);
	time[*time ? 19 : 0] = '\0';
	end += snprintf(end, sizeof(name), "rsttrace-top-");
	for (const char *p = time; *p; p++)
		if (*p != ':' && *p != '-')
			*end++ = *p;
	snprintf(end, name + sizeof(name) - end, "Z.txt");
	ask(ui, TOP_ASK_FILE, name);
}

static void write_file(struct top_ui *ui, const char *path)
{
	/* never overwrites a file, nor follows a link that somebody has made */
	FILE *f = fopen(path, "wxe");
	int err = f ? top_ui_print(ui, f, FILE_WIDTH) : -errno;

	if (f && fclose(f) && !err)
		err = -errno;
	if (err)
		snprintf(ui->message, sizeof(ui->message), "cannot write %.160s: %s", path, strerror(-err));
	else
		snprintf(ui->message, sizeof(ui->message), "written: %.200s", path);
}

/* The mode in which the line was opened. */
static enum top_mode mode_behind(const struct top_ui *ui)
{
	return ui->text ? TOP_TEXT : TOP_TABLE;
}

static void answer(struct top_ui *ui)
{
	enum top_mode asked = ui->mode;
	char wrong[128];

	ui->mode = mode_behind(ui);
	if (asked == TOP_ASK_FILE && *ui->typed)
		write_file(ui, ui->typed);
	if (asked == TOP_ASK_FILTER && top_view_filter(&ui->view, ui->typed, wrong, sizeof(wrong)))
		snprintf(ui->message, sizeof(ui->message), "no regular expression: %s", wrong);
}

static void erase(char *typed)
{
	size_t n = strlen(typed);

	while (n && ((unsigned char)typed[n - 1] & 0xc0) == 0x80)
		n--;
	typed[n ? n - 1 : 0] = '\0';
}

static void key_to_line(struct top_ui *ui, int key)
{
	size_t n = strlen(ui->typed);

	if (key == TOP_KEY_ENTER) {
		answer(ui);
	} else if (key == TOP_KEY_ESCAPE) {
		ui->mode = mode_behind(ui);
	} else if (key == TOP_KEY_ERASE) {
		erase(ui->typed);
	} else if (key == TOP_KEY_KILL) {
		ui->typed[0] = '\0';
	} else if (key >= ' ' && key < 256 && n + 1 < sizeof(ui->typed) && n < TOP_NAME) {
		ui->typed[n] = key;
		ui->typed[n + 1] = '\0';
	}
}

/* ---- keys --------------------------------------------------------------------------- */

/* By how many lines a key moves, if a page has `page` lines; 0: it does not move. */
static int moves(int key, int page)
{
	switch (key) {
	case TOP_KEY_UP:
	case 'k':
		return -1;
	case TOP_KEY_DOWN:
	case 'j':
		return 1;
	case TOP_KEY_PAGE_UP:
		return -page;
	case TOP_KEY_PAGE_DOWN:
	case ' ':
		return page;
	case TOP_KEY_HOME:
		return -1000000;
	case TOP_KEY_END:
		return 1000000;
	}
	return 0;
}

static void key_to_text(struct top_ui *ui, int key)
{
	int by = moves(key, lines_fit(ui) ?: 1);

	if (by) {
		scroll(ui, by);
	} else if (key == 'w') {
		ask_file(ui);
	} else if (key == 'q' || key == TOP_KEY_ESCAPE || key == TOP_KEY_ERASE) {
		free(ui->text);
		ui->text = NULL;
		ui->mode = TOP_TABLE;
	}
}

static void toggle_pause(struct top_ui *ui)
{
	if (ui->paused) {
		top_tables_free(ui->paused);
		ui->paused = NULL;
	} else {
		ui->paused = top_tables_copy(ui->model);
	}
}

static void key_to_table(struct top_ui *ui, int key)
{
	struct top_view *v = &ui->view;
	int by = moves(key, rows_fit(ui) ?: 1);

	if (by) {
		top_view_move(v, by, rows_fit(ui));
		return;
	}
	if (key >= '1' && key < '1' + N_TOP_BY) {
		top_view_by(v, key - '1');
		return;
	}
	switch (key) {
	case TOP_KEY_ENTER:
		open_story(ui);
		break;
	case 'e':
		open_explain(ui);
		break;
	case 'c':
		open_counts(ui);
		break;
	case 'g':
	case '\t':
		top_view_by(v, (v->by + 1) % N_TOP_BY);
		break;
	case 'G':
		top_view_by(v, (v->by + N_TOP_BY - 1) % N_TOP_BY);
		break;
	case 's':
		top_view_sort(v, (v->sort + 1) % N_TOP_SORT);
		break;
	case 'S':
		top_view_sort(v, (v->sort + N_TOP_SORT - 1) % N_TOP_SORT);
		break;
	case '/':
		ask(ui, TOP_ASK_FILTER, v->pattern);
		break;
	case 'p':
		toggle_pause(ui);
		break;
	case 'w':
		ask_file(ui);
		break;
	case 'h':
	case '?':
	case TOP_KEY_HELP:
		open_help(ui);
		break;
	case TOP_KEY_ESCAPE:
		if (v->filtered)
			top_view_filter(v, "", NULL, 0);
		break;
	case 'q':
		ui->quit = true;
		break;
	}
}

void top_ui_key(struct top_ui *ui, int key)
{
	ui->message[0] = '\0';
	/* the key acts on the rows that were there when it was pressed */
	if (ui->mode == TOP_ASK_FILTER || ui->mode == TOP_ASK_FILE)
		key_to_line(ui, key);
	else if (ui->mode == TOP_TABLE)
		key_to_table(ui, key);
	else
		key_to_text(ui, key);
	top_view_update(&ui->view, top_ui_tables(ui), rows_fit(ui));
}

/* ---- drawing ------------------------------------------------------------------------- */

static void draw_foot(const struct top_ui *ui, struct cell_line *l)
{
	if (ui->message[0])
		cell_add(l, CELL_NOTE, " %s", ui->message);
	else if (ui->mode == TOP_ASK_FILTER)
		cell_add(l, CELL_NOTE, " filter (regular expression, empty: none): %s_", ui->typed);
	else if (ui->mode == TOP_ASK_FILE)
		cell_add(l, CELL_NOTE, " write to: %s_", ui->typed);
	else
		cell_add(l, CELL_BAR, "%s", ui->text ? text_hints : table_hints);
	cell_fill(l, ui->message[0] || ui->mode >= TOP_ASK_FILTER ? CELL_NOTE : CELL_BAR, ui->width);
}

static void draw_text(struct top_ui *ui, struct cell_line *lines)
{
	unsigned int fit = lines_fit(ui), indent = 0;
	const char *text = ui->text;

	scroll(ui, 0);	/* the size of the screen may have changed */
	cell_add(&lines[0], CELL_BAR, "rsttrace top  %s", ui->title);
	cell_fill(&lines[0], CELL_BAR, ui->width);
	for (unsigned int i = 0; text && i < ui->scroll + fit; i++) {
		struct cell_line skipped = { .n_spans = 0 };

		text = top_fold(text, i < ui->scroll ? &skipped : &lines[1 + i - ui->scroll], ui->width, &indent);
	}
}

static void draw_table(struct top_ui *ui, struct cell_line *lines)
{
	struct top_view *v = &ui->view;
	unsigned int fit = rows_fit(ui);

	for (unsigned int i = 0; i < fit && v->first + i < v->n_shown; i++) {
		struct cell_line *l = &lines[TOP_HEAD + i];

		top_draw_row(ui, v->shown[v->first + i], l, ui->width);
		if (v->first + i == v->chosen)
			cell_restyle(l, CELL_CHOSEN);
	}
	if (!v->n_shown && fit > 1)
		cell_add(&lines[TOP_HEAD + 1], CELL_DIM, "  %s", v->filtered ? "no row matches" :
			 ui->over ? "no reset in it" : "no reset yet");
}

void top_ui_draw(struct top_ui *ui, struct cell_line *lines)
{
	struct cell_line head[TOP_HEAD] = {};

	memset(lines, 0, ui->height * sizeof(*lines));
	top_view_update(&ui->view, top_ui_tables(ui), rows_fit(ui));
	if (ui->text) {
		draw_text(ui, lines);
	} else {
		top_head(ui, head, ui->width);
		for (unsigned int i = 0; i < TOP_HEAD && i < ui->height; i++)
			lines[i] = head[i];
		draw_table(ui, lines);
	}
	if (ui->height)
		lines[ui->height - 1] = (struct cell_line){ .n_spans = 0 };
	if (ui->height)
		draw_foot(ui, &lines[ui->height - 1]);
	for (unsigned int i = 0; i < ui->height; i++)
		cell_fill(&lines[i], CELL_PLAIN, ui->width);
}

static int print_table(struct top_ui *ui, FILE *out, unsigned int width)
{
	struct cell_line head[TOP_HEAD] = {};
	int err = 0;

	top_view_update(&ui->view, top_ui_tables(ui), TOP_ROWS + 1);
	top_head(ui, head, width);
	for (int i = 0; !err && i < TOP_HEAD; i++)
		if (head[i].text[strspn(head[i].text, " ")])
			err = cell_print(out, &head[i]);
	for (unsigned int i = 0; !err && i < ui->view.n_shown; i++) {
		struct cell_line l = { .n_spans = 0 };

		top_draw_row(ui, ui->view.shown[i], &l, width);
		err = cell_print(out, &l);
	}
	return err;
}

static int print_text(const struct top_ui *ui, FILE *out, unsigned int width)
{
	const char *text = ui->text;
	unsigned int indent = 0;

	if (fprintf(out, "%s\n", ui->title) < 0)
		return -1;
	for (;;) {
		struct cell_line l = { .n_spans = 0 };

		text = top_fold(text, &l, width, &indent);
		if (!text)
			return 0;
		if (cell_print(out, &l))
			return -1;
	}
}

int top_ui_print(struct top_ui *ui, FILE *out, unsigned int width)
{
	int err;

	errno = 0;
	err = ui->text ? print_text(ui, out, width) : print_table(ui, out, width);
	return err ? -(errno ?: EIO) : 0;
}
