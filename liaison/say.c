/* SPDX-License-Identifier: EUPL-1.2
 *
 * The tool's one mouth: every octet on its way out is looked at here (escape.c), and on a terminal
 * every line is laid out (layout.c) when it is whole. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "liaison/layout.h"
#include "liaison/say.h"

#define PROSE_COLUMNS 80

static bool in_json, is_quiet;
static struct arena *kept; /* texts that live until the end */

/* One of the two ways out. On a terminal a line waits until it is whole. */
struct way {
	bool is_terminal, colours, over;
	struct layout layout;
	struct buf line;
};
static struct way ways[2]; /* standard output, standard error */

static struct way *
way_of(FILE *to)
{
	return &ways[to == stderr];
}

/*
 * A reader that has gone away (head, less) is no error of ours, and wants no more results. Words on
 * the way that nobody hears end nothing: a terminal that goes away is told by reading from it.
 */
static void
put(FILE *to, const char *octets, size_t size)
{
	bool done = (size == 0 || fwrite(octets, 1, size, to) == size) && fflush(to) == 0;

	if (!done && to == stdout)
		exit(END_FAILED);
}

/* VTE takes every line for one from left to right, but can be asked to look at its letters. */
static void
ask_to_look(bool look)
{
	if (lang_is_rtl() && terminal_is_vte(STDOUT_FILENO))
		put(stdout, look ? "\033[?2501h" : "\033[?2501l", 8);
}

static void
way_open(FILE *to)
{
	struct way *w = way_of(to);

	w->is_terminal = isatty(fileno(to)) == 1;
	w->layout = (struct layout){.plain = terminal_is_plain(),
		.visual = w->is_terminal && terminal_is_visual(),
		.rtl = lang_is_rtl(),
		.colours = terminal_colours(fileno(to))};
}

void
say_direction(void)
{
	for (size_t i = 0; i < ARRAY_LEN(ways); i++)
		ways[i].layout.rtl = lang_is_rtl();
}

static void
put_rests(void)
{
	put_rest(stdout);
	put_rest(stderr);
	ask_to_look(false);
}

void
say_open(bool json, bool quiet)
{
	in_json = json;
	is_quiet = quiet;
	way_open(stdout);
	way_open(stderr);
	ask_to_look(true);
	atexit(put_rests);
}

bool
say_is_quiet(void)
{
	return is_quiet;
}

bool
say_in_json(void)
{
	return in_json;
}

static struct arena *
keep(void)
{
	if (kept == NULL)
		kept = arena_new();
	return kept;
}

const char *
line(const char *text)
{
	OWNED_BUF(b) = {0};

	if (text == NULL)
		return "";
	escape(&b, text, false);
	return kept_words(&b);
}

const char *
kept_words(const struct buf *b)
{
	return arena_text_n(keep(), b->data == NULL ? (uint8_t *)"" : b->data, b->size);
}

struct arena *
words_begin(void)
{
	struct arena *before = kept;

	kept = arena_new();
	return before;
}

void
words_end(struct arena *before)
{
	arena_free(&kept);
	kept = before;
}

/* ---- out ---- */

static struct buf *caught; /* what is said goes there instead, NULL: to the screen */

void
say_catch(struct buf *into)
{
	caught = into;
}

/* A whole line of a terminal. What was drawn on it before is cleared. */
static void
put_line(FILE *to, const void *octets, size_t size, const char *end)
{
	struct way *w = way_of(to);
	OWNED_BUF(out) = {0};

	if (w->over)
		buf_text(&out, "\r\033[K");
	w->over = false;
	w->layout.columns = w->layout.plain || !w->is_terminal ? 0 : terminal_columns(fileno(to));
	layout_line(&w->layout, octets, size, &out);
	buf_text(&out, end);
	put(to, (char *)out.data, out.size);
}

void
put_text(FILE *to, const void *octets, size_t size)
{
	struct way *w = way_of(to);
	const char *at = octets, *end;

	if (caught != NULL) {
		layout_unmark(octets, size, caught);
		return;
	}
	if (!w->is_terminal && !w->layout.plain) {
		OWNED_BUF(out) = {0};

		layout_unmark(octets, size, &out);
		put(to, (char *)out.data, out.size);
		return;
	}
	for (; (end = memchr(at, '\n', size)) != NULL;
		size -= (size_t)(end + 1 - at), at = end + 1) {
		buf_add(&w->line, at, (size_t)(end - at));
		put_line(to, w->line.data, w->line.size, "\n");
		buf_reset(&w->line);
	}
	buf_add(&w->line, at, size);
}

void
put_rest(FILE *to)
{
	struct way *w = way_of(to);

	if (w->line.size > 0)
		put_line(to, w->line.data, w->line.size, "");
	buf_reset(&w->line);
}

void
put_over(FILE *to, const char *text)
{
	struct way *w = way_of(to);

	w->over = true;
	put_line(to, text, strlen(text), "");
	w->over = text[0] != '\0';
}

void
say_prose(const char *text)
{
	struct layout how = ways[0].layout;
	OWNED_BUF(b) = {0};
	const char *end;

	if (ways[0].is_terminal || how.plain || how.rtl) {
		say("%s\n", text);
		return;
	}
	how.columns = PROSE_COLUMNS;
	for (; text[0] != '\0'; text = end[0] != '\0' ? end + 1 : end) {
		end = strchrnul(text, '\n');
		layout_line(&how, text, (size_t)(end - text), &b);
		buf_text(&b, "\n");
	}
	put_text(stdout, b.data, b.size);
}

static void
put_words(FILE *to, const char *prefix, const char *fmt, va_list ap)
{
	OWNED_BUF(b) = {0};
	char *text = NULL;

	if (vasprintf(&text, fmt[0] == '\0' ? "" : _(fmt), ap) < 0)
		die("memory");
	buf_text(&b, prefix);
	escape(&b, text, true);
	free(text);
	put_text(to, b.data, b.size);
}

void
say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	put_words(stdout, "", fmt, ap);
	va_end(ap);
}

void
note(const char *fmt, ...)
{
	va_list ap;

	if (is_quiet)
		return;
	va_start(ap, fmt);
	put_words(stderr, "", fmt, ap);
	va_end(ap);
}

static bool training;

void
say_training(void)
{
	if (!training && !in_json)
		note("[training] This is a realm to learn in: nothing that is done here counts.\n");
	training = true;
}

const char *
kept_text_n(const char *text, size_t n)
{
	return arena_text_n(keep(), text, n);
}

void
say_told(const char *fmt, va_list ap)
{
	put_words(stderr, "", fmt, ap);
}

/* Everything above ASCII is escaped by JSON's own means, so that no terminal obeys it. */
void
say_json(json_t *o)
{
	json_t *whole = json_pack("{s:i}", "v", 1);
	char *text;

	json_object_update(whole, o);
	if (training && json_object_get(whole, "training") == NULL)
		json_object_set_new(whole, "training", json_true());
	text = json_dumps(whole, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (text == NULL)
		die("memory");
	put_rest(stdout);
	put(stdout, text, strlen(text));
	put(stdout, "\n", 1);
	free(text);
	json_decref(whole);
	json_decref(o);
}

/* A question stands in front of what is typed. Where the question was moved to the right, what is
 * typed goes below it. */
void
say_prompt(const char *fmt, ...)
{
	struct way *w = &ways[1];
	va_list ap;

	va_start(ap, fmt);
	put_words(stderr, "", fmt, ap);
	va_end(ap);
	if (!w->is_terminal)
		return;
	bool below = w->layout.visual && w->layout.rtl;
	put_rest(stderr);
	put(stderr, below ? "\n> " : " ", below ? 3 : 1);
}

void
say_clear(void)
{
	static const char whole[] = "\033[H\033[2J\033[3J";

	put_rest(stdout);
	if (terminal_draws(STDOUT_FILENO))
		put(stdout, whole, strlen(whole));
}

void
say_tinted(enum tint tint, const char *text)
{
	static const char marks[TINT_N] = {MARK_PLAIN, MARK_GOOD, MARK_WARN, MARK_BAD};
	OWNED_BUF(b) = {0};

	buf_add(&b, &marks[tint], 1);
	escape(&b, text, false);
	buf_add(&b, &(char){MARK_PLAIN}, 1);
	put_text(stdout, b.data, b.size);
}

void
say_octets(struct bytes v)
{
	put_rest(stdout);
	put(stdout, (const char *)v.data, v.size);
}

/* ---- times ---- */

const char *
when(int64_t ms)
{
	char text[INSTANT_TEXT_SIZE];
	OWNED_BUF(b) = {0};

	if (ms == 0)
		return "";
	instant_format(ms, text);
	buf_printf(&b, "%.10s %.8s UTC", text, text + 11);
	return arena_text(keep(), (char *)b.data);
}
