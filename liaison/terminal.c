/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is known of the terminal. Bidi is something that a terminal either does or does not do, and
 * none can be asked; those that do it can be told by a variable that they document. Inside of tmux
 * and screen the terminal around them does it, whose variable is still there. */
#include "liaison/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "liaison/bidi.h"
#include "liaison/layout.h"

#define LEAST 20
#define MOST 1000

static bool is_plain;

static bool
is_set(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0';
}

void
terminal_open(bool plain)
{
	is_plain = plain || is_set("DAFTAR_PLAIN");
}

bool
terminal_is_plain(void)
{
	return is_plain;
}

size_t
terminal_columns(int fd)
{
	const char *columns = getenv("COLUMNS");
	long n = columns != NULL ? strtol(columns, NULL, 10) : 0;
	struct winsize size = {0};

	if (!isatty(fd))
		return 0;
	if (n <= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0)
		n = size.ws_col;
	if (n <= 0)
		n = 80;
	return n < LEAST ? LEAST : n > MOST ? MOST : (size_t)n;
}

bool
terminal_draws(int fd)
{
	const char *kind = getenv("TERM");

	return !is_plain && isatty(fd) && kind != NULL && kind[0] != '\0' &&
	       strcmp(kind, "dumb") != 0;
}

bool
terminal_colours(int fd)
{
	return !is_set("NO_COLOR") && terminal_draws(fd);
}

/* Those that put right-to-left text in order themselves: VTE since 0.58, Konsole, mlterm, Terminal
 * of macOS, PuTTY where it says its name. */
static bool
does_bidi(void)
{
	static const char *const variables[] = {"KONSOLE_VERSION", "MLTERM"};
	const char *vte = getenv("VTE_VERSION"), *program = getenv("TERM_PROGRAM"),
		   *kind = getenv("TERM");

	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		if (is_set(variables[i]))
			return true;
	return (vte != NULL && atoi(vte) >= 5800) ||
	       (program != NULL && strcmp(program, "Apple_Terminal") == 0) ||
	       (kind != NULL &&
		       (strncmp(kind, "putty", 5) == 0 || strncmp(kind, "mlterm", 6) == 0));
}

bool
terminal_is_visual(void)
{
	const char *set = getenv("DAFTAR_BIDI");

	if (is_plain || (set != NULL && strcmp(set, "logical") == 0))
		return false;
	return (set != NULL && strcmp(set, "visual") == 0) || !does_bidi();
}

bool
terminal_is_vte(int fd)
{
	const char *vte = getenv("VTE_VERSION");

	return terminal_draws(fd) && vte != NULL && atoi(vte) >= 5800 && !is_set("TMUX") &&
	       !is_set("STY") && !terminal_is_visual();
}

/* ---- texts of a certain width ---- */

size_t
text_columns(const char *text)
{
	return layout_columns(text, strlen(text));
}

const char *
padded(const char *text, size_t columns)
{
	size_t there = text_columns(text);
	OWNED(char, wide, free_chars) = NULL;

	if (is_plain || there >= columns)
		return text;
	wide = xprintf("%s%*s", text, (int)(columns - there), "");
	return line(wide);
}

/* The octets of the longest beginning that takes no more than so many columns. */
static size_t
beginning(const char *text, size_t columns)
{
	size_t size = strlen(text), at = 0, next;

	while (at < size) {
		for (next = at + 1; next < size && ((unsigned char)text[next] & 0xc0) == 0x80;)
			next++;
		if (layout_columns(text, next) > columns)
			break;
		at = next;
	}
	return at;
}

const char *
clipped(const char *text, size_t columns)
{
	OWNED(char, cut, free_chars) = NULL;

	text = line(text);
	if (text_columns(text) <= columns || columns == 0)
		return text;
	cut = xprintf("%.*s…", (int)beginning(text, columns - 1), text);
	return line(cut);
}

const char *
on_screen(const char *text)
{
	OWNED_BUF(turned) = {0};

	text = line(text);
	if (!terminal_is_visual() || !bidi_has_rtl(text, strlen(text)))
		return text;
	bidi_visual(text, strlen(text), lang_is_rtl(), &turned);
	return line((char *)turned.data);
}
