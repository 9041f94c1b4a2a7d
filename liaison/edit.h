/* SPDX-License-Identifier: EUPL-1.2
 *
 * A line that a person types: octets of a terminal in raw mode go in, a text comes out. Without a
 * terminal of its own, so that it can be tried without one. What a terminal would obey never gets
 * into the text: the line, or what was pasted, is refused as a whole, with the character. */
#ifndef DAFTAR_LIAISON_EDIT_H
#define DAFTAR_LIAISON_EDIT_H

#include "lib/buf.h"

#define EDIT_MAX 4096 /* octets of one answer */

enum edit_event {
	EDIT_NOTHING, /* nothing to be seen of it */
	EDIT_CHANGED, /* show the line anew */
	EDIT_ENTER,
	EDIT_END,	/* the end of input on an empty line (Ctrl-D) */
	EDIT_INTERRUPT, /* Ctrl-C */
	EDIT_SUSPEND,	/* Ctrl-Z */
	EDIT_RECALL,	/* the default is wanted for changing (Up, Tab) */
	EDIT_REFUSED	/* `refused' says what of, and is reset by who has read it: a line is
			   empty then, a paste was not taken */
};

struct edit {
	struct buf text; /* UTF-8 */
	size_t at;	 /* octet before which the next character goes */
	/* May this character not stand in any answer? */
	bool (*hostile)(uint32_t c);
	uint32_t refused; /* the first that may not; '\n' for a paste of several lines */

	/* ---- of edit.c ---- */
	uint8_t partial[4]; /* of a character or of an escape sequence */
	size_t n_partial;
	size_t need;
	char escape[16];
	size_t n_escape;
	bool in_escape, in_paste;
	struct buf before; /* the text before a paste */
	size_t before_at;
};

void edit_free(struct edit *e);
void edit_clear(struct edit *e);
void edit_set(struct edit *e, const char *text);
enum edit_event edit_octet(struct edit *e, uint8_t octet) MUST_USE;
/* Columns that a text of UTF-8 takes on the screen. */
size_t edit_width(const char *text, size_t size);
/* What of the line is shown in `columns' columns: appended to `out'; answers the column of the
 * cursor. A line that is too long is shown around the cursor. */
size_t edit_show(const struct edit *e, size_t columns, struct buf *out);

#endif
