/* SPDX-License-Identifier: EUPL-1.2
 *
 * Asking a person at a terminal, one question at a time. Whoever asks has looked with ask_may()
 * whether there is somebody to ask. At every question `?' asks for help, `<' goes back, "save" (or
 * Ctrl-D) leaves with what is kept, "quit" leaves; `=' in front takes such a word as a text. */
#ifndef DAFTAR_LIAISON_ASK_H
#define DAFTAR_LIAISON_ASK_H

#include "liaison/daftar.h"

enum answer {
	ANSWER_GIVEN,
	ANSWER_NONE, /* Enter alone: the default, where there is one */
	ANSWER_BACK,
	ANSWER_SAVE,
	ANSWER_QUIT,
	ANSWER_HELP,
	ANSWER_INTERRUPT, /* Ctrl-C, or a signal that ends */
	ANSWER_GONE	  /* the terminal is no more */
};

/* Is there a terminal, and may it be used? Not with --no-input. */
bool ask_may(const struct options *o);
/* Tells that nobody can be asked, and what to give instead; E_USAGE. */
enum ending ask_cannot(const char *what, const char *instead) MUST_USE;

/* Between the two the terminal is in raw mode; it is put back at exit as well. With `training'
 * every line to type in says so. */
void ask_begin(bool training);
void ask_end(void);

/* Words of the conversation, also with --quiet; the format is translated. */
void ask_say(const char *fmt, ...) PRINTF(1, 2);

/* Said before the next words or the next line, if there are any: the question, for whoever may find
 * that it answers itself. NULL: no more. The text is shown as it is. */
void ask_title(const char *text);

/* A line. `recall' (NULL: none) is put there for changing by Up or Tab. */
enum answer ask_line(const char *recall, struct buf *out) MUST_USE;

/* How many lines were asked for so far. */
unsigned ask_count(void);

struct choice {
	const char *word;     /* the code; what may be typed instead of the number */
	const char *sentence; /* for people, translated already */
};
/* Shows the list, `fallback' (an index, -1: none) as the default, and asks until one is chosen. */
enum answer ask_choice(const struct choice *list, size_t n, int fallback, size_t *chosen) MUST_USE;
/* Which of them somebody means who typed this: its number, its word, the beginning of its sentence
 * when it is no other's. -1: none. */
int ask_meant(const struct choice *list, size_t n, const char *typed);
/* Yes or no; `fallback' 1, 0, or -1 for none. */
enum answer ask_yes(int fallback, bool *yes) MUST_USE;

#endif
