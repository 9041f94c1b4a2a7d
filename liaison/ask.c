/* SPDX-License-Identifier: EUPL-1.2
 *
 * The terminal in raw mode: what is typed is shown by this file and not by the kernel, so that
 * nothing that is pasted can make the terminal obey. What only adds to the line is written as it
 * is; a screen reader then says what was typed and nothing else. */
#include "liaison/ask.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "lib/obeyed.h"
#include "liaison/edit.h"
#include "liaison/terminal.h"

#define NARROW 30 /* columns: below, the realm stands on a line of its own */
#define TRAINING N_("[training] ")

static struct {
	bool open, training;
	bool simple; /* knows no movements */
	struct termios before;
	struct sigaction signals_before[4];
	uint8_t waiting[512]; /* typed ahead */
	size_t at, n;
} tty;

static volatile sig_atomic_t caught, hung_up, resized;

static const int signals[4] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH};

static void
on_signal(int signal)
{
	if (signal == SIGHUP)
		hung_up = 1;
	else if (signal == SIGWINCH)
		resized = 1;
	else
		caught = 1;
}

/* ---- the terminal ---- */

bool
ask_may(const struct options *o)
{
	return o->value[OPT_NO_INPUT] == NULL && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

enum ending
ask_cannot(const char *what, const char *instead)
{
	return fail(E_USAGE, N_("nothing was changed"), instead,
		"%s: there is no terminal to ask at, or --no-input was given", _(what));
}

static void
put(const char *octets, size_t n)
{
	while (n > 0) {
		ssize_t done = write(STDERR_FILENO, octets, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return; /* reading will tell */
		octets += done;
		n -= (size_t)done;
	}
}

static void
put_text(const char *text)
{
	put(text, strlen(text));
}

static void
raw(void)
{
	struct termios t = tty.before;

	t.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IXON | ISTRIP);
	t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
	if (!tty.simple)
		put_text("\033[?2004h"); /* marks around what is pasted */
}

static void
cooked(void)
{
	if (!tty.simple)
		put_text("\033[?2004l");
	(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &tty.before);
}

void
ask_end(void)
{
	if (!tty.open)
		return;
	tty.open = false;
	cooked();
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		(void)sigaction(signals[i], &tty.signals_before[i], NULL);
	OPENSSL_cleanse(tty.waiting, sizeof tty.waiting);
}

void
ask_begin(bool training)
{
	struct sigaction a = {.sa_handler = on_signal};
	const char *term = getenv("TERM");
	static bool registered;

	if (tty.open)
		return;
	tty.training = training;
	tty.simple = term == NULL || strcmp(term, "dumb") == 0;
	if (tcgetattr(STDIN_FILENO, &tty.before) != 0)
		return;
	tty.open = true;
	caught = hung_up = 0;
	if (!registered)
		registered = atexit(ask_end) == 0;
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		(void)sigaction(signals[i], &a, &tty.signals_before[i]);
	raw();
}

static size_t
columns(void)
{
	struct winsize w;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
}

static char *title;

void
ask_title(const char *text)
{
	free_chars(&title);
	if (text != NULL)
		title = xstrdup(text);
}

static void
say_title(void)
{
	OWNED(char, text, free_chars) = TAKE(title);

	if (text != NULL)
		ask_say("\n%s\n", text);
}

void
ask_say(const char *fmt, ...)
{
	va_list ap;

	say_title();
	va_start(ap, fmt);
	say_told(fmt, ap);
	va_end(ap);
}

/* ---- the line on the screen ---- */

struct shown {
	struct buf text;
	size_t cursor;
};

static const char *
prefix(void)
{
	static char text[64];
	static const char *training; /* as this terminal wants it */
	bool wide = columns() >= NARROW;

	if (training == NULL)
		training = tty.training ? on_screen(_(TRAINING)) : "";
	snprintf(text, sizeof text, "%s> ", wide ? training : "");
	return text;
}

static size_t
width_of(const struct buf *b)
{
	return b->size == 0 ? 0 : edit_width((char *)b->data, b->size);
}

static bool
begins_with(const struct buf *whole, const struct buf *part)
{
	return part->size == 0 ||
	       (whole->size >= part->size && memcmp(whole->data, part->data, part->size) == 0);
}

static void
show_anew(const struct shown *s)
{
	char back[32];
	size_t behind = width_of(&s->text) - s->cursor;

	put_text(tty.simple ? "\n" : "\r\033[K");
	put_text(prefix());
	put((char *)s->text.data, s->text.size);
	snprintf(back, sizeof back, "\033[%zuD", behind);
	if (behind > 0 && !tty.simple)
		put_text(back);
}

/* Where the terminal does not order right-to-left text itself; the cursor then stays at the end. */
static void
order(struct shown *s)
{
	const char *visual;

	if (s->text.size == 0 || !terminal_is_visual())
		return;
	visual = on_screen((char *)s->text.data);
	if (strcmp(visual, (char *)s->text.data) == 0)
		return;
	buf_reset(&s->text);
	buf_text(&s->text, visual);
	s->cursor = width_of(&s->text);
}

/* Writes no more than has changed. */
static void
show(struct shown *old, const struct edit *e)
{
	size_t room = columns(), used = edit_width(prefix(), strlen(prefix()));
	struct shown now = {.cursor = 0};
	bool at_end;

	now.cursor = edit_show(e, room > used + 2 ? room - used : 2, &now.text);
	order(&now);
	at_end = now.cursor == width_of(&now.text) && old->cursor == width_of(&old->text);
	if (at_end && begins_with(&now.text, &old->text))
		put((char *)now.text.data + old->text.size, now.text.size - old->text.size);
	else if (at_end && begins_with(&old->text, &now.text))
		for (size_t i = now.cursor; i < old->cursor; i++)
			put_text("\b \b");
	else
		show_anew(&now);
	buf_free(&old->text);
	*old = now;
}

/* ---- a line ---- */

/* One octet; -1: the terminal has gone, 0: something else is to be looked at. */
static int
next_octet(uint8_t *octet)
{
	ssize_t n;

	if (tty.at < tty.n) {
		*octet = tty.waiting[tty.at++];
		return 1;
	}
	if (caught || hung_up || resized)
		return 0;
	n = read(STDIN_FILENO, tty.waiting, sizeof tty.waiting);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0)
		return -1;
	tty.n = (size_t)n;
	tty.at = 1;
	*octet = tty.waiting[0];
	return 1;
}

static void
say_refused(uint32_t c)
{
	if (c == '\n')
		ask_say(N_("Not taken: several lines at once. Give one answer at a time.\n"));
	else if (c == 0xfffd)
		ask_say(N_("Not taken: something in it is no UTF-8 text. Type it instead.\n"));
	else
		ask_say(N_("Not taken: it holds the hidden character U+%04X, which can change what "
			   "a line seems to say. Type it without.\n"),
			(unsigned)c);
}

static void
suspend(void)
{
	cooked();
	put_text("\n");
	(void)raise(SIGTSTP);
	raw();
}

static void
start_line(struct shown *s)
{
	buf_reset(&s->text);
	s->cursor = 0;
	if (tty.training && columns() < NARROW) {
		put_text(_(TRAINING));
		put_text("\n");
	}
	put_text(prefix());
}

/* What an event asks for besides the line itself; true: the line goes on. */
static bool
go_on(enum edit_event event, struct edit *e, struct shown *s, const char *recall)
{
	switch (event) {
	case EDIT_RECALL:
		if (recall != NULL && e->text.size == 0)
			edit_set(e, recall);
		return true;
	case EDIT_SUSPEND:
		suspend();
		start_line(s);
		return true;
	case EDIT_REFUSED:
		put_text("\n");
		say_refused(e->refused);
		e->refused = 0;
		start_line(s);
		return true;
	case EDIT_NOTHING:
	case EDIT_CHANGED:
		return true;
	case EDIT_ENTER:
	case EDIT_END:
	case EDIT_INTERRUPT:
		return false;
	}
	return false;
}

static enum answer
read_line(struct edit *e, const char *recall)
{
	enum edit_event event = EDIT_NOTHING;
	struct shown s = {.cursor = 0};
	uint8_t octet;
	int got;

	start_line(&s);
	do {
		got = next_octet(&octet);
		if (got == 0 && (caught || hung_up))
			break;
		if (got == 0) {
			resized = 0;
			show_anew(&s);
			continue;
		}
		if (got < 0)
			break;
		event = edit_octet(e, octet);
		if (!go_on(event, e, &s, recall))
			break;
		if (tty.at == tty.n)
			show(&s, e);
	} while (true);
	if (got > 0)
		show(&s, e);
	buf_free(&s.text);
	put_text("\n");
	if (got < 0 || hung_up)
		return ANSWER_GONE;
	if (caught || event == EDIT_INTERRUPT)
		return ANSWER_INTERRUPT;
	return event == EDIT_END ? ANSWER_SAVE : ANSWER_GIVEN;
}

/* Without blanks at both ends. */
static void
trim(const struct buf *from, struct buf *to)
{
	size_t first = 0, end = from->size;

	while (first < end && from->data[first] == ' ')
		first++;
	while (end > first && from->data[end - 1] == ' ')
		end--;
	buf_reset(to);
	buf_add(to, from->data == NULL ? (const uint8_t *)"" : from->data + first, end - first);
}

static enum answer
command_of(struct buf *text)
{
	static const struct {
		const char *word;
		enum answer answer;
	} commands[] = {
		{"?", ANSWER_HELP},
		{"\u061f", ANSWER_HELP},
		{"<", ANSWER_BACK},
		{N_("help"), ANSWER_HELP},
		{N_("back"), ANSWER_BACK},
		{N_("save"), ANSWER_SAVE},
		{N_("quit"), ANSWER_QUIT},
	};
	const char *typed = (char *)text->data;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcasecmp(typed, commands[i].word) == 0 ||
			strcasecmp(typed, _(commands[i].word)) == 0)
			return commands[i].answer;
	if (typed[0] == '=') {
		memmove(text->data, text->data + 1, text->size);
		text->size--;
	}
	return ANSWER_GIVEN;
}

static unsigned count;

unsigned
ask_count(void)
{
	return count;
}

enum answer
ask_line(const char *recall, struct buf *out)
{
	struct edit e = {.hostile = char_is_obeyed};
	enum answer a = ANSWER_GONE;

	count++;
	say_title();
	if (tty.open)
		a = read_line(&e, recall);
	trim(&e.text, out);
	edit_free(&e);
	if (a != ANSWER_GIVEN)
		return a;
	return out->size == 0 ? ANSWER_NONE : command_of(out);
}
