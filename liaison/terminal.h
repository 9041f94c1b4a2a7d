/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people see, beyond single lines (say, note and fail of daftar.h): tables, facts, questions,
 * progress; and how lines are laid out. Everything here passes through liaison/say.c, so what it is
 * given is escaped; titles and labels are N_("...") and are translated here, cells and values are
 * data (or translated by the caller).
 *
 * On a terminal lines are folded between words to its width, never inside a number or a command to
 * type, and in an order that reads right where Arabic is (liaison/bidi.h). Into a file or a pipe
 * they go as they are. With --plain nothing is aligned, folded or drawn twice: one fact a line. */
#ifndef DAFTAR_TERMINAL_H
#define DAFTAR_TERMINAL_H

#include "liaison/daftar.h"

/* ---- facts ---- */

/* Once, with say_open: `plain' is the option (DAFTAR_PLAIN in the environment does the same). */
void terminal_open(bool plain);
bool terminal_is_plain(void);
/* Columns of the terminal behind the descriptor, 20 or more; 0 when there is none. COLUMNS in the
 * environment goes before what the terminal says. */
size_t terminal_columns(int fd);
/* Does the terminal draw? Not with --plain, TERM=dumb, or when the descriptor is none. */
bool terminal_draws(int fd);
/* May there be colour? Only where it draws, and without NO_COLOR. Colour never says anything alone.
 */
bool terminal_colours(int fd);
/* Right-to-left text has to be put in visual order, because the terminal does not do it itself.
 * DAFTAR_BIDI=logical or visual decides; otherwise what the terminal is known to do. */
bool terminal_is_visual(void);
/* Does it do bidi when asked (VTE, not inside of tmux or screen)? */
bool terminal_is_vte(int fd);

/* ---- width ---- */

/* Columns that the text takes on a screen: combining marks none, wide characters two. */
size_t text_columns(const char *text);
/* The text with spaces behind, to that many columns; as it is with --plain. Lives until the end. */
const char *padded(const char *text, size_t columns);
/* The text cut to so many columns, with a dot more where something was cut. Lives until the end. */
const char *clipped(const char *text, size_t columns);
/* For a full-screen view that places text by itself: the text in the order and the letter forms
 * that this terminal wants. Lives until the end. */
const char *on_screen(const char *text);

/* What is given from here on to live until the end lives until words_end only, which gets what
 * words_begin gave. For what draws the same screen again and again. */
struct arena *words_begin(void);
void words_end(struct arena *before);
/* What say, note and fail say goes into the buffer, escaped, until it is NULL again. For a full
 * screen, which shows it in its own place. */
void say_catch(struct buf *into);

/* ---- saying more than a line ---- */

/* What a word of ours that programs read ("filed", "expired", "ok") is called in the person's
 * language. Other words come back as they are. */
const char *label_of(const char *word);

/* A text of ours (a translation, no data) in paragraphs of one line each: folded on a terminal, and
 * into a file as well. */
void say_prose(const char *text);
/* "label: value", when there is a value. Standard output. */
void say_fact(const char *label, const char *value);
/* On a terminal that draws: what is shown begins anew at the top. Otherwise nothing. */
void say_clear(void);
/* A question without a newline behind, at once, to standard error; like say in its format. */
void say_prompt(const char *fmt, ...) PRINTF(1, 2);
/* A word in the middle of a line, for say to go on with; its colour on a terminal that has one. */
enum tint { TINT_NONE, TINT_GOOD, TINT_WARN, TINT_BAD, TINT_N };
void say_tinted(enum tint tint, const char *text);

/* Rows with the same columns. As wide as its cells where that fits, with its titles on a terminal;
 * a block of "title: cell" lines for each row where it does not, and with --plain. Cells that are
 * NULL or empty are left out of a block. Nothing is said before table_say, which frees it. */
#define TABLE_COLUMNS 8
struct table;
struct table *table_new(size_t columns, const char *const titles[]);
void table_add(struct table *t, const char *const cells[]);
void table_say(struct table **t);

/* How far a long work is: drawn over itself a few times a second on a terminal, a line every tenth
 * part otherwise, nothing with --quiet. Standard error. `what' is N_("filing"), for instance. */
struct progress {
	const char *what;
	uint64_t total, done;
	int64_t began, drawn; /* ms, monotonic */
	unsigned tenth;
	bool draws, open;
};
void progress_open(struct progress *p, const char *what, uint64_t total);
void progress_step(struct progress *p, uint64_t done); /* so many by now */
void progress_close(struct progress *p);	       /* leaves a clean line */

#endif
