/* SPDX-License-Identifier: GPL-2.0 */
#include "top/screen.h"

#include <stdlib.h>
#include <unistd.h>

#include "top/ui.h"

/* last, as they define macros with the names of terminal capabilities */
#include <curses.h>
#include <term.h>

/*
 * Curses prints to the screen that was made last: there is one, and this is it. Characters arrive
 * as single bytes.
 */
struct screen {
	SCREEN *curses;
	bool color;
};

enum { PAIR_RED = 1, PAIR_GREEN, PAIR_YELLOW, PAIR_CYAN, PAIR_BAR };

static void begin_colors(struct screen *s)
{
	s->color = s->color && has_colors() && start_color() == OK;
	if (!s->color)
		return;
	use_default_colors();
	init_pair(PAIR_RED, COLOR_RED, -1);
	init_pair(PAIR_GREEN, COLOR_GREEN, -1);
	init_pair(PAIR_YELLOW, COLOR_YELLOW, -1);
	init_pair(PAIR_CYAN, COLOR_CYAN, -1);
	init_pair(PAIR_BAR, COLOR_BLACK, COLOR_CYAN);
}

bool screen_possible(char *why, size_t len)
{
	const char *term = getenv("TERM"), *place;
	int found = 0;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		snprintf(why, len, "top needs a terminal; --batch and --once print text without one");
		return false;
	}
	place = setupterm(NULL, STDOUT_FILENO, &found) == OK ? tigetstr("cup") : NULL;
	if (place && place != (const char *)-1)
		return true;
	snprintf(why, len, "top cannot place its cursor on a terminal of the kind '%.40s' (TERM); --batch "
		 "and --once need none", term && *term ? term : "not set");
	return false;
}

struct screen *screen_open(bool color, char *why, size_t len)
{
	struct screen *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->color = color;
	s->curses = newterm(NULL, stdout, stdin);
	if (!s->curses) {
		snprintf(why, len, "top cannot take the terminal");
		free(s);
		return NULL;
	}
	begin_colors(s);
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	set_escdelay(25);	/* ms; the bytes of one key come together */
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	return s;
}

void screen_close(struct screen *s)
{
	if (!s)
		return;
	endwin();
	delscreen(s->curses);
	free(s);
}

void screen_size(struct screen *s, unsigned int *width, unsigned int *height)
{
	(void)s;
	*width = COLS;
	*height = LINES;
}

static chtype style_of(const struct screen *s, enum cell_style style)
{
	const chtype plain[N_CELL_STYLES] = {
		[CELL_DIM] = A_DIM, [CELL_BOLD] = A_BOLD, [CELL_HURT] = A_BOLD, [CELL_NOTE] = A_BOLD,
		[CELL_BAR] = A_REVERSE, [CELL_HEAD] = A_UNDERLINE | A_BOLD, [CELL_CHOSEN] = A_REVERSE,
	};
	const chtype colored[N_CELL_STYLES] = {
		[CELL_DIM] = A_DIM, [CELL_BOLD] = A_BOLD, [CELL_HURT] = A_BOLD | COLOR_PAIR(PAIR_RED),
		[CELL_GOOD] = COLOR_PAIR(PAIR_GREEN), [CELL_SPARK] = COLOR_PAIR(PAIR_CYAN),
		[CELL_NOTE] = A_BOLD | COLOR_PAIR(PAIR_YELLOW),
		[CELL_BAR] = COLOR_PAIR(PAIR_BAR), [CELL_HEAD] = A_UNDERLINE | A_BOLD,
		[CELL_CHOSEN] = A_REVERSE,
	};

	return s->color ? colored[style] : plain[style];
}

static void draw_line(const struct screen *s, int y, const struct cell_line *l)
{
	if (move(y, 0) == ERR)
		return;
	for (unsigned int i = 0; i < l->n_spans; i++) {
		size_t end = i + 1 < l->n_spans ? l->span[i + 1].at : l->len;

		attrset(style_of(s, l->span[i].style));
		addnstr(l->text + l->span[i].at, (int)(end - l->span[i].at));
	}
	attrset(A_NORMAL);
}

void screen_draw(struct screen *s, const struct cell_line *line, unsigned int height)
{
	erase();
	for (unsigned int y = 0; y < height; y++)
		draw_line(s, y, &line[y]);
	refresh();
}

int screen_key(struct screen *s)
{
	static const struct { int curses, key; } keys[] = {
		{ KEY_UP, TOP_KEY_UP }, { KEY_DOWN, TOP_KEY_DOWN }, { KEY_PPAGE, TOP_KEY_PAGE_UP },
		{ KEY_NPAGE, TOP_KEY_PAGE_DOWN }, { KEY_HOME, TOP_KEY_HOME }, { KEY_END, TOP_KEY_END },
		{ KEY_ENTER, TOP_KEY_ENTER }, { '\r', TOP_KEY_ENTER }, { '\n', TOP_KEY_ENTER },
		{ KEY_BACKSPACE, TOP_KEY_ERASE }, { '\b', TOP_KEY_ERASE }, { KEY_LEFT, TOP_KEY_ERASE },
		{ KEY_F(1), TOP_KEY_HELP }, { KEY_RIGHT, TOP_KEY_ENTER },
	};
	int c = getch();

	(void)s;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (c == keys[i].curses)
			return keys[i].key;
	if (c == ('L' & 0x1f)) {
		clearok(curscr, TRUE);
		return TOP_KEY_REDRAW;
	}
	if (c == KEY_RESIZE)
		return TOP_KEY_REDRAW;
	return c > 0 && c < 256 ? c : c == ERR ? TOP_KEY_NONE : TOP_KEY_REDRAW;
}
