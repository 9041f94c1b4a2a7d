/* SPDX-License-Identifier: EUPL-1.2
 *
 * The terminal as a screen: ncurses is met here alone. However the program ends, the terminal is
 * left as it was found: on the usual ways out by ncurses, in a crash by octets that were prepared
 * before. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/tty.h"
#include "liaison/terminal.h"
#include "liaison/tui.h"

#include <curses.h> /* last: it takes common words for its own */

#define ESC_MS 50 /* after Esc: is it the beginning of a key? */

static struct {
	bool open, colours;
	char restore[256]; /* what leaves the full screen, for a crash */
} s;

/* ---- leaving ---- */

void
screen_close(void)
{
	if (!s.open)
		return;
	s.open = false;
	tty_release();
	endwin();
}

static void
prepare(void)
{
	static char *const names[] = {"sgr0", "cnorm", "rmkx", "rmcup"};

	s.restore[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *octets = tigetstr(names[i]);

		if (octets != NULL && octets != (char *)-1 &&
			strlen(s.restore) + strlen(octets) < sizeof s.restore)
			strcat(s.restore, octets);
	}
}

int
screen_signal(void)
{
	return tty_signal();
}

/* ---- beginning ---- */

static bool
is_fit(const char **why)
{
	const char *term = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		*why = N_("this is no terminal; the same is told, line by line, by daftar list");
	else if (term == NULL || term[0] == '\0' || !terminal_draws(STDOUT_FILENO))
		*why = N_("this terminal draws nothing; the same is told, line by line, by daftar "
			  "list");
	else
		return true;
	return false;
}

bool
screen_open(const char **why)
{
	SCREEN *screen;

	if (!is_fit(why))
		return false;
	if (!tty_remember() || (screen = newterm(NULL, stdout, stdin)) == NULL) {
		*why = N_("this kind of terminal is not known here: set TERM to another one, "
			  "xterm for instance");
		return false;
	}
	set_term(screen);
	prepare();
	s.open = true;
	atexit(screen_close);
	tty_guard(s.restore);
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	set_escdelay(ESC_MS);
	curs_set(0);
	s.colours = terminal_colours(STDOUT_FILENO) && has_colors();
	if (s.colours) {
		start_color();
		use_default_colors();
		init_pair(1, COLOR_YELLOW, -1);
		init_pair(2, COLOR_CYAN, -1);
	}
	return true;
}

void
screen_size(int *columns, int *rows)
{
	getmaxyx(stdscr, *rows, *columns);
}

/* ---- drawing ---- */

/* Colour says nothing that the words or a mark do not. */
static attr_t
look_of(enum tui_look look)
{
	switch (look) {
	case LOOK_PLAIN:
		return A_NORMAL;
	case LOOK_TITLE:
		return A_REVERSE | A_BOLD;
	case LOOK_PART:
		return A_BOLD | (s.colours ? (attr_t)COLOR_PAIR(2) : A_NORMAL);
	case LOOK_SELECTED:
	case LOOK_QUESTION:
		return A_REVERSE;
	case LOOK_WARN:
		return A_BOLD | (s.colours ? (attr_t)COLOR_PAIR(1) : A_NORMAL);
	case LOOK_HELP:
		return A_DIM;
	}
	return A_NORMAL;
}

void
screen_show(const struct tui_line *l, int rows)
{
	int columns, there;

	screen_size(&columns, &there);
	erase();
	for (int i = 0; i < rows && i < there; i++) {
		if (l[i].text == NULL)
			continue;
		attrset((int)look_of(l[i].look));
		mvaddstr(i, 0, l[i].text);
		if (l[i].look == LOOK_TITLE || l[i].look == LOOK_QUESTION) {
			int x = getcurx(stdscr);

			if (getcury(stdscr) == i)
				mvhline(i, x, ' ' | look_of(l[i].look), columns - x);
		}
	}
	attrset(A_NORMAL);
	refresh();
}

/* ---- keys ---- */

static const struct {
	int code;
	enum tui_key key;
} keys[] = {
	{KEY_UP, KEY_IS_UP},
	{KEY_DOWN, KEY_IS_DOWN},
	{KEY_PPAGE, KEY_IS_PAGE_UP},
	{KEY_NPAGE, KEY_IS_PAGE_DOWN},
	{KEY_HOME, KEY_IS_HOME},
	{KEY_END, KEY_IS_END},
	{KEY_ENTER, KEY_IS_ENTER},
	{KEY_RIGHT, KEY_IS_ENTER},
	{KEY_LEFT, KEY_IS_ESC},
	{KEY_BACKSPACE, KEY_IS_BACKSPACE},
	{KEY_RESIZE, KEY_IS_RESIZE},
};

static const struct {
	wint_t c;
	enum tui_key key;
} characters[] = {
	{'\r', KEY_IS_ENTER},
	{'\n', KEY_IS_ENTER},
	{27, KEY_IS_ESC},
	{8, KEY_IS_BACKSPACE},
	{127, KEY_IS_BACKSPACE},
};

struct tui_press
screen_key(int ms)
{
	wint_t c;
	int kind;

	timeout(ms);
	kind = get_wch(&c);
	if (kind == KEY_CODE_YES) {
		for (size_t i = 0; i < ARRAY_LEN(keys); i++)
			if (keys[i].code == (int)c)
				return (struct tui_press){.key = keys[i].key};
		return (struct tui_press){.key = KEY_IS_NONE};
	}
	if (kind == ERR)
		return (struct tui_press){.key = KEY_IS_NONE};
	for (size_t i = 0; i < ARRAY_LEN(characters); i++)
		if (characters[i].c == c)
			return (struct tui_press){.key = characters[i].key};
	return (struct tui_press){.key = KEY_IS_CHAR, .c = (uint32_t)c};
}
