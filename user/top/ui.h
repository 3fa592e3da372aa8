/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is on the screen, and what a key does. It draws into lines, so that tests, files and --batch
 * get what the terminal shows. Pure, except for the file that a key writes.
 */
#ifndef TOP_UI_H
#define TOP_UI_H

#include "events/count.h"
#include "events/meta.h"
#include "top/cells.h"
#include "top/view.h"

enum top_key {
	TOP_KEY_NONE = 0,	/* characters stand for themselves */
	TOP_KEY_ENTER = '\n', TOP_KEY_ESCAPE = 27, TOP_KEY_ERASE = 127, TOP_KEY_KILL = 21,	/* ^U */
	TOP_KEY_UP = 256, TOP_KEY_DOWN, TOP_KEY_PAGE_UP, TOP_KEY_PAGE_DOWN, TOP_KEY_HOME, TOP_KEY_END,
	TOP_KEY_HELP, TOP_KEY_REDRAW,
};

enum top_mode { TOP_TABLE, TOP_TEXT, TOP_ASK_FILTER, TOP_ASK_FILE };

/* All resets of the host, as the kernel side counted them; all zeroes: not known. */
struct top_exact {
	uint64_t sent, received;
	uint64_t silent;	/* ... of both, those counted only, as a storm was sampled */
	uint64_t lost;		/* events of any kind that found no room */
};

struct top_ui {
	struct top_model *model;	/* borrowed */
	const struct source_meta *meta;	/* borrowed; NULL: not known */
	const char *replay;		/* the recording's name; NULL: live */
	bool over;			/* the run is over, nothing more comes */
	struct top_exact exact;
	struct count_row *counts;	/* the same by kind, the most frequent first; NULL: not known */
	int n_counts;
	struct top_view view;
	struct top_tables *paused;	/* the copy that is shown while paused; NULL: not paused */

	enum top_mode mode;
	unsigned int width, height;
	char title[TOP_NAME + 64];	/* the title of .text */
	char *text;			/* the text that is shown; NULL: the table is */
	unsigned int scroll;
	char typed[256];
	char message[256];		/* shown until the next key */
	bool quit;
};

void top_ui_free(struct top_ui *ui);

/* Acts on a key. */
void top_ui_key(struct top_ui *ui, int key);

/* Draws the whole screen: ui->height lines of ui->width columns. */
void top_ui_draw(struct top_ui *ui, struct cell_line *lines);

/* Prints what is shown in full, without colour and hints. Returns 0 or a negative errno. */
int top_ui_print(struct top_ui *ui, FILE *out, unsigned int width);

/* ---- its parts ---- */

/* The lines above the rows, and the rows. */
#define TOP_HEAD 4
void top_head(struct top_ui *ui, struct cell_line lines[TOP_HEAD], unsigned int width);
void top_draw_row(const struct top_ui *ui, const struct top_row *row, struct cell_line *l, unsigned int width);
const struct top_tables *top_ui_tables(const struct top_ui *ui);

/* Texts to read, in malloc()ed memory; NULL: out of memory. */
char *top_text_story(const struct top_row *row);
char *top_text_explain(const char *code, unsigned int width, char *title, size_t len);
char *top_text_counts(const struct count_row *rows, int n, const struct source_meta *meta);
char *top_text_help(void);

/*
 * Writes the next line of a text into l, folded at `width` columns below its own indentation.
 * Returns where the line after it begins; NULL: there was none.
 */
const char *top_fold(const char *text, struct cell_line *l, unsigned int width, unsigned int *indent);

#endif
