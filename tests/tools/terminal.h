/* SPDX-License-Identifier: EUPL-1.2
 *
 * The parts of tests/tools/terminal: the screen that a program draws on (libvterm, met in
 * terminal_screen.c alone) and the recording of it. */
#ifndef DAFTAR_TEST_TERMINAL_H
#define DAFTAR_TEST_TERMINAL_H

#include <sys/types.h>

#include "lib/buf.h"

/* ---- the screen (tests/tools/terminal_screen.c) ---- */
struct screen;
/* What the terminal answers the program, and the keys that are typed, are added to `typed'. */
struct screen *screen_new(int columns, int rows, struct buf *typed);
void screen_free(struct screen **s);
void screen_put(struct screen *s, const void *octets, size_t size);
void screen_resize(struct screen *s, int columns, int rows);
void screen_get_size(const struct screen *s, int *columns, int *rows);
/* The lines that have left at the top, if `whole', and those on the screen. A line that fills its
 * row goes on in the next one; otherwise each ends in a newline. */
void screen_text(struct screen *s, bool whole, struct buf *out);
/* A row of the screen as it is, the spaces at its end left out. */
void screen_row(struct screen *s, int row, struct buf *out);
void screen_character(struct buf *out, uint32_t c); /* in UTF-8 */
/* Enter, Up, F1, ^C, Alt-x, ...; false: there is no such key. */
bool screen_key(struct screen *s, const char *name);
/* Is there a cell with a colour of its own? One that is bold, underlined or reversed? */
bool screen_is_coloured(struct screen *s);
bool screen_is_marked(struct screen *s);
/* The program has taken the whole screen for itself, or hidden the cursor. */
bool screen_is_taken(const struct screen *s);

/* ---- the recording: asciicast, version 2 (tests/tools/terminal_record.c) ---- */
struct recording;
struct recording *recording_new(const char *file, int columns, int rows);
void recording_put(struct recording *r, const void *octets, size_t size); /* r may be NULL */
void recording_resize(struct recording *r, int columns, int rows);
void recording_free(struct recording **r);

/* ---- the program and its terminal (tests/tools/terminal_line.c) ---- */
struct terminal {
	int columns, rows;
	int64_t wait; /* ms, for each step */
	const char *record, *term;
	bool bytes; /* not UTF-8 */
	struct screen *screen;
	struct recording *recording;
	struct buf typed; /* not yet taken by the program */
	int line;	  /* our end of the terminal, -1: hung up */
	pid_t pid;
	int pidfd;
	bool closed;   /* nobody has the other end any more */
	bool ended;    /* the program */
	int status;    /* as a shell would say it */
	size_t looked; /* `next' looks behind this place of the whole text */
	int step;      /* of the script, its line */
};
extern struct terminal t;
/* Runs the command; dies when it cannot. What does not start ends with 126 or 127. */
void line_start(char *const argv[]);
/* Waits for output, for room to type into, or the end of the program; false: the time (monotonic
 * ms) is over, or nothing can happen any more. */
bool line_happens(int64_t until);
/* All that is there to be read; false: nothing was. */
bool line_take(void);
/* The size in t, made known to the program. */
void line_size(void);

#endif
