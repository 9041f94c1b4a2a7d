/* SPDX-License-Identifier: EUPL-1.2
 *
 * A terminal as a screen that is drawn again and again, over thin lines: only rows that differ from
 * what stands there are sent. However the program ends, the terminal is left as it was found. */
#ifndef DAFTAR_CTL_SCREEN_H
#define DAFTAR_CTL_SCREEN_H

#include "lib/base.h"

enum look { LOOK_PLAIN, LOOK_TITLE, LOOK_HEAD, LOOK_WARN, LOOK_MARK };

#define PICTURE_ROWS 200
struct picture {
	struct picture_row {
		char *text; /* one line of UTF-8, nothing in it that a terminal obeys */
		enum look look;
	} row[PICTURE_ROWS];
	size_t n;
};
/* Rows beyond the last are dropped. The text is kept. */
void picture_add(struct picture *p, enum look look, const char *fmt, ...) PRINTF(3, 4);
void picture_clear(struct picture *p);
/* As lines, for who does not draw. */
void picture_print(const struct picture *p);

enum key {
	KEY_NOTHING, /* the time is over */
	KEY_RESIZE,
	KEY_UP,
	KEY_DOWN,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_QUIT,	 /* q, Esc, ^C, a signal, or nobody is at the terminal any more */
	KEY_LETTER = 256 /* and the letter */
};

/* May this terminal be drawn on? */
bool screen_is_fit(void);
void screen_open(void);
void screen_close(void);
void screen_size(int *columns, int *rows);
void screen_draw(const struct picture *p);
/* The next key, or KEY_NOTHING after so many milliseconds. */
int screen_key(int64_t ms);

#endif
