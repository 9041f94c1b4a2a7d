/* SPDX-License-Identifier: EUPL-1.2
 *
 * The full screen (`daftar tui'). Its model knows neither office nor terminal: it is given what
 * there is and which key was pressed, says what it wants done, and draws itself as lines of text.
 * liaison/tui.c does what is wanted, liaison/screen.c alone meets the terminal. */
#ifndef DAFTAR_TUI_H
#define DAFTAR_TUI_H

#include "lib/message.h"

#define TUI_COLUMNS 40 /* the least */
#define TUI_ROWS 12

/* ---- keys ---- */
enum tui_key {
	KEY_IS_NONE,
	KEY_IS_CHAR,
	KEY_IS_ENTER,
	KEY_IS_ESC,
	KEY_IS_UP,
	KEY_IS_DOWN,
	KEY_IS_PAGE_UP,
	KEY_IS_PAGE_DOWN,
	KEY_IS_HOME,
	KEY_IS_END,
	KEY_IS_BACKSPACE,
	KEY_IS_RESIZE
};
struct tui_press {
	enum tui_key key;
	uint32_t c; /* of KEY_IS_CHAR */
};

/* What is to be done about it. */
enum tui_want {
	WANT_NOTHING,
	WANT_QUIT,
	WANT_RELOAD,
	WANT_CASE, /* the text of the case that is open, with what is about the person or not */
	WANT_SYNC,
	WANT_DROP, /* the selected message of the outbox; it was confirmed */
	WANT_RETRY
};

/* ---- what there is ---- */
enum tui_part { PART_DECIDE, PART_DUE, PART_DRAFT, PART_WAITING, PART_FINISHED, PART_N };
struct tui_item {
	char number[TRACKING_SIZE];
	enum tui_part part;
	const char *state;
	char to[PARTY_SIZE], destination[PARTY_SIZE];
	int64_t since, due; /* ms, 0: none */
	size_t at;	    /* the caller's own */
};
struct tui_out {
	char number[TRACKING_SIZE], to[PARTY_SIZE];
	const char *word, *action, *code; /* code NULL: none */
	const char *no_drop, *no_retry;	  /* why not, still to be translated; NULL: it can be */
	int64_t filed;
	size_t at; /* the caller's own */
};

enum tui_view { VIEW_QUEUE, VIEW_CASE, VIEW_OUTBOX, VIEW_HELP };
struct tui {
	char title[96]; /* office and realm */
	bool training, syncing;
	enum tui_view view;
	struct tui_item *item; /* by part, then as given */
	size_t n_item, at_item;
	struct tui_out *out;
	size_t n_out, at_out;
	struct buf text;	    /* of the case that is open */
	char number[TRACKING_SIZE]; /* its number */
	bool personal;		    /* with what is about the person */
	size_t scrolled;	    /* lines of the text, or of help */
	bool searching;
	char sought[24];
	enum tui_want asked; /* waits for y or n */
	struct buf said;     /* the message line */
	int rows;	     /* as drawn last */
	/* A sentence about the item that is selected; may be NULL. */
	const char *(*describe)(void *context, size_t at);
	void *context;
};
void tui_free(struct tui *t);
/* Takes the arrays; what was selected stays selected, by its number. */
void tui_set_items(struct tui *t, struct tui_item **item, size_t n);
void tui_set_outbox(struct tui *t, struct tui_out **out, size_t n);
/* The text that WANT_CASE has asked for; lines end in newlines. */
void tui_set_text(struct tui *t, struct bytes text);
void tui_say(struct tui *t, const char *text); /* the message line, until the next key */
enum tui_want tui_press(struct tui *t, struct tui_press p);

/* ---- as lines ---- */
enum tui_look {
	LOOK_PLAIN,
	LOOK_TITLE,
	LOOK_PART,
	LOOK_SELECTED,
	LOOK_WARN,
	LOOK_QUESTION,
	LOOK_HELP
};
struct tui_line {
	char *text; /* malloc'ed, no wider than was said; NULL: empty */
	enum tui_look look;
};
/* Fills `rows' lines. */
void tui_draw(struct tui *t, int columns, int rows, struct tui_line *out);
void tui_lines_free(struct tui_line *line, int rows);

/* ---- the terminal (liaison/screen.c) ---- */
/* False, with the reason to tell (N_("...")), where there is no terminal to draw on. */
bool screen_open(const char **why);
void screen_close(void); /* the terminal is as it was; any number of times */
void screen_size(int *columns, int *rows);
void screen_show(const struct tui_line *line, int rows);
/* Waits for a key, `ms' at most; KEY_IS_NONE: none came. */
struct tui_press screen_key(int ms);
/* The signal that ended it, 0: none did. */
int screen_signal(void);

#endif
