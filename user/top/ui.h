/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is on the screen, and what a key does to it. It draws into lines, so that
 * tests, files and --batch see what the terminal shows. Pure but for the file that
 * is asked for with a key.
 */
#ifndef TOP_UI_H
#define TOP_UI_H

#include "events/count.h"
#include "events/meta.h"
#include "top/cells.h"
#include "top/view.h"

enum top_key {
	TOP_KEY_NONE = 0,	/* characters are themselves */
	TOP_KEY_ENTER = '\n', TOP_KEY_ESCAPE = 27, TOP_KEY_ERASE = 127, TOP_KEY_KILL = 21,	/* ^U */
	TOP_KEY_UP = 256, TOP_KEY_DOWN, TOP_KEY_PAGE_UP, TOP_KEY_PAGE_DOWN, TOP_KEY_HOME, TOP_KEY_END,
	TOP_KEY_HELP, TOP_KEY_REDRAW,
};

enum top_mode { TOP_TABLE, TOP_TEXT, TOP_ASK_FILTER, TOP_ASK_FILE };

/* All resets of the host, as the kernel side counted them; zeroes: not known. */
struct top_exact {
	uint64_t sent, received;
	uint64_t silent;	/* ... of both, counted only: a storm was sampled */
	uint64_t lost;		/* events of any kind that found no room */
};

struct top_ui {
	struct top_model *model;	/* borrowed */
	const struct source_meta *meta;	/* borrowed; NULL: not known */
	const char *replay;		/* the recording's name; NULL: live */
	bool over;			/* nothing comes any more */
	struct top_exact exact;
	struct count_row *counts;	/* the same by kind, most first; NULL: not known */
	int n_counts;
	struct top_view view;
	struct top_tables *paused;	/* a copy that is shown meanwhile; NULL: not paused */

	enum top_mode mode;
	unsigned int width, height;
	char title[TOP_NAME + 64];	/* of what is read */
	char *text;			/* the same; NULL: the table is shown */
	unsigned int scroll;
	char typed[256];
	char message[256];		/* until the next key */
	bool quit;
};

void top_ui_free(struct top_ui *ui);

/* A key was pressed. */
void top_ui_key(struct top_ui *ui, int key);

/* The whole screen: ui->height lines of ui->width columns. */
void top_ui_draw(struct top_ui *ui, struct cell_line *lines);

/* What is shown with no end to the screen, without colour and hints. 0 or a negative errno. */
int top_ui_print(struct top_ui *ui, FILE *out, unsigned int width);

/* ---- the parts of it ---- */

/* What stands above the rows, and the rows themselves. */
#define TOP_HEAD 4
void top_head(struct top_ui *ui, struct cell_line lines[TOP_HEAD], unsigned int width);
void top_draw_row(const struct top_ui *ui, const struct top_row *row, struct cell_line *l, unsigned int width);
const struct top_tables *top_ui_tables(const struct top_ui *ui);

/* Texts to read: in malloc()ed memory, or NULL without memory. */
char *top_text_story(const struct top_row *row);
char *top_text_explain(const char *code, unsigned int width, char *title, size_t len);
char *top_text_counts(const struct count_row *rows, int n, const struct source_meta *meta);
char *top_text_help(void);

/*
 * The next line of a text, folded at `width` columns under its own indentation, into l. Returns
 * where the one after it begins; NULL: there was none.
 */
const char *top_fold(const char *text, struct cell_line *l, unsigned int width, unsigned int *indent);

#endif
