/* SPDX-License-Identifier: EUPL-1.2
 *
 * The few control sequences (ECMA-48) that every terminal of today has: another screen, a place,
 * the rest of a line, bold, reversed. */
#include "broker/ctl_screen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/id.h"
#include "lib/tty.h"

#define ENTER "\033[?1049h\033[?25l\033[H\033[2J"
#define LEAVE "\033[0m\033[?25h\033[?1049l"
#define ESC_MS 50 /* after Esc: is it the beginning of a key? */

static struct {
	bool open;
	int columns, rows; /* that `shown' was drawn for */
	struct picture shown;
	struct termios raw;
	volatile sig_atomic_t resized, stopped;
} s;

static const char *const looks[] = {
	[LOOK_PLAIN] = "",
	[LOOK_TITLE] = "\033[7m",
	[LOOK_HEAD] = "\033[1m",
	[LOOK_WARN] = "\033[1m",
	[LOOK_MARK] = "\033[2m",
};

/* ---- pictures ---- */

void
picture_add(struct picture *p, enum look look, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	if (p->n == PICTURE_ROWS)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		die("memory");
	va_end(ap);
	p->row[p->n++] = (struct picture_row){text, look};
}

void
picture_clear(struct picture *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->row[i].text);
	p->n = 0;
}

void
picture_print(const struct picture *p)
{
	for (size_t i = 0; i < p->n; i++)
		puts(p->row[i].text);
	fflush(stdout);
}

/* ---- the terminal ---- */

static void
say(const char *text, size_t size)
{
	while (size > 0) {
		ssize_t n = write(STDOUT_FILENO, text, size);

		if (n < 0 && tty_signal() == 0 && (errno == EINTR || errno == EAGAIN)) {
			(void)poll(NULL, 0, 1);
			continue;
		}
		if (n <= 0)
			return;
		text += n;
		size -= (size_t)n;
	}
}

void
screen_close(void)
{
	if (!s.open)
		return;
	s.open = false;
	tty_release();
	(void)!write(STDOUT_FILENO, LEAVE, sizeof LEAVE - 1);
	tcsetattr(STDIN_FILENO, TCSANOW, tty_before());
	picture_clear(&s.shown);
}

static void
on_signal(int number)
{
	if (number == SIGWINCH)
		s.resized = 1;
	else
		s.stopped = 1;
}

static void
catch_signals(void)
{
	struct sigaction a = {.sa_handler = on_signal};

	sigaction(SIGWINCH, &a, NULL);
	sigaction(SIGTSTP, &a, NULL);
}

bool
screen_is_fit(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term != NULL && term[0] != '\0' &&
	       strcmp(term, "dumb") != 0;
}

void
screen_open(void)
{
	if (!tty_remember())
		die("the terminal");
	s.raw = *tty_before();
	s.raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	s.raw.c_cc[VMIN] = 0;
	s.raw.c_cc[VTIME] = 0;
	s.open = true;
	atexit(screen_close);
	tty_guard(LEAVE);
	catch_signals();
	tcsetattr(STDIN_FILENO, TCSANOW, &s.raw);
	say(ENTER, sizeof ENTER - 1);
}

void
screen_size(int *columns, int *rows)
{
	struct winsize size;

	*columns = 80;
	*rows = 24;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
		return;
	*columns = size.ws_col;
	*rows = size.ws_row;
}

/* ---- drawing ---- */

/* Octets of the text that take so many columns; *used says how many they are. */
static size_t
clip(const char *text, int columns, int *used)
{
	size_t i = 0;

	*used = 0;
	while (text[i] != '\0') {
		if (((unsigned char)text[i] & 0xc0) != 0x80 && (*used)++ == columns) {
			(*used)--;
			break;
		}
		i++;
	}
	return i;
}

static void
draw_row(struct buf *out, const struct picture_row *r, size_t at, int columns)
{
	int used;
	size_t n = clip(r->text, columns, &used);

	buf_printf(out, "\033[%zu;1H\033[0m%s%.*s", at + 1, looks[r->look], (int)n, r->text);
	if (r->look == LOOK_TITLE)
		buf_printf(out, "%*s", columns - used, "");
	buf_printf(out, "\033[0m%s", used < columns ? "\033[K" : "");
}

static bool
same(const struct picture_row *a, const struct picture_row *b)
{
	return a->look == b->look && strcmp(a->text, b->text) == 0;
}

void
screen_draw(const struct picture *p)
{
	OWNED_BUF(out) = {0};
	int columns, rows;

	screen_size(&columns, &rows);
	if (columns != s.columns || rows != s.rows) {
		buf_text(&out, "\033[0m\033[2J");
		picture_clear(&s.shown);
	}
	s.columns = columns;
	s.rows = rows;
	for (size_t i = 0; i < p->n && i < (size_t)rows; i++)
		if (i >= s.shown.n || !same(&p->row[i], &s.shown.row[i]))
			draw_row(&out, &p->row[i], i, columns);
	for (size_t i = p->n; i < s.shown.n && i < (size_t)rows; i++)
		buf_printf(&out, "\033[%zu;1H\033[0m\033[K", i + 1);
	if (out.size > 0)
		say((const char *)out.data, out.size);
	picture_clear(&s.shown);
	for (size_t i = 0; i < p->n; i++)
		picture_add(&s.shown, p->row[i].look, "%s", p->row[i].text);
}

/* ---- keys ---- */

/* ^Z: the shell has its terminal as it was, until it lets us go on. */
static void
stand_aside(void)
{
	s.stopped = 0;
	say(LEAVE, sizeof LEAVE - 1);
	tcsetattr(STDIN_FILENO, TCSANOW, tty_before());
	raise(SIGSTOP);
	tcsetattr(STDIN_FILENO, TCSANOW, &s.raw);
	say(ENTER, sizeof ENTER - 1);
	picture_clear(&s.shown);
}

static int
read_octet(int64_t ms)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	unsigned char c;
	int n = poll(&in, 1, (int)ms);

	if (tty_signal() != 0)
		return KEY_QUIT;
	if (s.stopped)
		stand_aside();
	if (n <= 0)
		return s.resized ? KEY_RESIZE : KEY_NOTHING;
	return read(STDIN_FILENO, &c, 1) == 1 ? KEY_LETTER + c : KEY_QUIT;
}

static const struct {
	const char *tail; /* behind Esc */
	enum key key;
} sequences[] = {
	{"[A", KEY_UP},
	{"OA", KEY_UP},
	{"[B", KEY_DOWN},
	{"OB", KEY_DOWN},
	{"[5~", KEY_PAGE_UP},
	{"[6~", KEY_PAGE_DOWN},
	{"[H", KEY_HOME},
	{"OH", KEY_HOME},
	{"[1~", KEY_HOME},
};

/* Esc alone quits; a key that is not known here is none. */
static int
read_sequence(void)
{
	char tail[8] = "";
	int c;

	for (size_t i = 0; i + 1 < sizeof tail; i++) {
		c = read_octet(ESC_MS);
		if (c < KEY_LETTER)
			return i == 0 ? KEY_QUIT : KEY_NOTHING;
		tail[i] = (char)(c - KEY_LETTER);
		for (size_t k = 0; k < ARRAY_LEN(sequences); k++)
			if (strcmp(sequences[k].tail, tail) == 0)
				return (int)sequences[k].key;
		if (i > 0 && tail[i] >= '@')
			break;
	}
	return KEY_NOTHING;
}

int
screen_key(int64_t ms)
{
	int c = read_octet(ms);

	if (c == KEY_RESIZE)
		s.resized = 0;
	if (c == KEY_LETTER + '\033')
		return read_sequence();
	if (c == KEY_LETTER + 'q' || c == KEY_LETTER + 3)
		return KEY_QUIT;
	return c;
}
