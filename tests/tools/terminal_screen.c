/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a terminal would show, by libvterm: its screen, the lines that left it at the top, and the
 * octets that its keys send, which depend on the modes that the program has set. */
#include <stdlib.h>
#include <string.h>

#include <vterm.h>

#include "tests/tools/terminal.h"

struct screen {
	VTerm *vt;
	VTermScreen *cells;
	struct buf left; /* lines that left at the top, as screen_text says them */
	struct buf *typed;
	bool alternate, cursor_hidden;
};

/* ---- cells to text ---- */

void
screen_character(struct buf *out, uint32_t c)
{
	if (c < 0x80)
		buf_u8(out, (uint8_t)c);
	else if (c < 0x800) {
		buf_u8(out, (uint8_t)(0xc0 | c >> 6));
		buf_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_u8(out, (uint8_t)(0xe0 | c >> 12));
		buf_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		buf_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		buf_u8(out, (uint8_t)(0xf0 | c >> 18));
		buf_u8(out, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		buf_u8(out, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		buf_u8(out, (uint8_t)(0x80 | (c & 0x3f)));
	}
}

#define SECOND_HALF UINT32_MAX /* of a wide character */

/* Returns whether the row is filled up to its last cell. */
static bool
add_cells(struct buf *out, const VTermScreenCell *cells, int n)
{
	int used = n;

	while (used > 0 && cells[used - 1].chars[0] == 0)
		used--;
	for (int i = 0; i < used; i++) {
		if (cells[i].chars[0] == SECOND_HALF)
			continue;
		screen_character(out, cells[i].chars[0] == 0 ? ' ' : cells[i].chars[0]);
		for (int k = 1; k < VTERM_MAX_CHARS_PER_CELL && cells[i].chars[k] != 0; k++)
			screen_character(out, cells[i].chars[k]);
	}
	return n > 0 && used == n;
}

static VTermScreenCell *
row_of(struct screen *s, int row, int columns)
{
	VTermScreenCell *cells = xcalloc((size_t)columns, sizeof *cells);

	for (int i = 0; i < columns; i++)
		vterm_screen_get_cell(s->cells, (VTermPos){.row = row, .col = i}, &cells[i]);
	return cells;
}

static bool
add_row(struct screen *s, int row, struct buf *out)
{
	int rows, columns;
	VTermScreenCell *cells;
	bool full;

	vterm_get_size(s->vt, &rows, &columns);
	cells = row_of(s, row, columns);
	full = add_cells(out, cells, columns);
	free(cells);
	return full;
}

static void
trim(struct buf *b, size_t from)
{
	while (b->size > from && b->data[b->size - 1] == ' ')
		b->data[--b->size] = '\0';
}

void
screen_row(struct screen *s, int row, struct buf *out)
{
	size_t from = out->size;

	add_row(s, row, out);
	trim(out, from);
}

void
screen_text(struct screen *s, bool whole, struct buf *out)
{
	int rows, columns;

	if (whole)
		buf_add_bytes(out, buf_bytes(&s->left));
	vterm_get_size(s->vt, &rows, &columns);
	for (int row = 0; row < rows; row++) {
		size_t from = out->size;

		if (add_row(s, row, out))
			continue;
		trim(out, from);
		buf_text(out, "\n");
	}
}

/* ---- what libvterm tells ---- */

static int
on_line_left(int columns, const VTermScreenCell *cells, void *user)
{
	struct screen *s = user;
	size_t from = s->left.size;

	if (!add_cells(&s->left, cells, columns)) {
		trim(&s->left, from);
		buf_text(&s->left, "\n");
	}
	return 1;
}

static int
on_property(VTermProp property, VTermValue *value, void *user)
{
	struct screen *s = user;

	if (property == VTERM_PROP_ALTSCREEN)
		s->alternate = value->boolean != 0;
	if (property == VTERM_PROP_CURSORVISIBLE)
		s->cursor_hidden = value->boolean == 0;
	return 1;
}

static void
on_answer(const char *octets, size_t size, void *user)
{
	struct screen *s = user;

	buf_add(s->typed, octets, size);
}

static const VTermScreenCallbacks callbacks = {
	.sb_pushline = on_line_left,
	.settermprop = on_property,
};

/* ---- the screen ---- */

struct screen *
screen_new(int columns, int rows, struct buf *typed)
{
	struct screen *s = xcalloc(1, sizeof *s);

	s->typed = typed;
	s->vt = vterm_new(rows, columns);
	vterm_set_utf8(s->vt, 1);
	vterm_output_set_callback(s->vt, on_answer, s);
	s->cells = vterm_obtain_screen(s->vt);
	vterm_screen_enable_altscreen(s->cells, 1);
	vterm_screen_set_callbacks(s->cells, &callbacks, s);
	vterm_screen_reset(s->cells, 1);
	return s;
}

void
screen_free(struct screen **s)
{
	if (*s == NULL)
		return;
	vterm_free((*s)->vt);
	buf_free(&(*s)->left);
	free(*s);
	*s = NULL;
}

void
screen_put(struct screen *s, const void *octets, size_t size)
{
	vterm_input_write(s->vt, octets, size);
}

void
screen_resize(struct screen *s, int columns, int rows)
{
	vterm_set_size(s->vt, rows, columns);
}

void
screen_get_size(const struct screen *s, int *columns, int *rows)
{
	vterm_get_size(s->vt, rows, columns);
}

bool
screen_is_taken(const struct screen *s)
{
	return s->alternate || s->cursor_hidden;
}

static bool
any_cell(struct screen *s, bool (*is)(const VTermScreenCell *cell))
{
	int rows, columns;

	vterm_get_size(s->vt, &rows, &columns);
	for (int row = 0; row < rows; row++) {
		VTermScreenCell *cells = row_of(s, row, columns);
		bool found = false;

		for (int i = 0; i < columns && !found; i++)
			found = is(&cells[i]);
		free(cells);
		if (found)
			return true;
	}
	return false;
}

static bool
has_colour(const VTermScreenCell *cell)
{
	return !VTERM_COLOR_IS_DEFAULT_FG(&cell->fg) || !VTERM_COLOR_IS_DEFAULT_BG(&cell->bg);
}

static bool
has_mark(const VTermScreenCell *cell)
{
	return cell->attrs.bold || cell->attrs.underline || cell->attrs.reverse;
}

bool
screen_is_coloured(struct screen *s)
{
	return any_cell(s, has_colour);
}

bool
screen_is_marked(struct screen *s)
{
	return any_cell(s, has_mark);
}

/* ---- keys ---- */

static const struct {
	const char *name;
	VTermKey key;
} keys[] = {
	{"Enter", VTERM_KEY_ENTER},
	{"Tab", VTERM_KEY_TAB},
	{"Esc", VTERM_KEY_ESCAPE},
	{"Backspace", VTERM_KEY_BACKSPACE},
	{"Up", VTERM_KEY_UP},
	{"Down", VTERM_KEY_DOWN},
	{"Left", VTERM_KEY_LEFT},
	{"Right", VTERM_KEY_RIGHT},
	{"Home", VTERM_KEY_HOME},
	{"End", VTERM_KEY_END},
	{"PageUp", VTERM_KEY_PAGEUP},
	{"PageDown", VTERM_KEY_PAGEDOWN},
	{"Insert", VTERM_KEY_INS},
	{"Delete", VTERM_KEY_DEL},
};

static bool
named_key(struct screen *s, const char *name, VTermModifier with)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strcmp(keys[i].name, name) == 0) {
			vterm_keyboard_key(s->vt, keys[i].key, with);
			return true;
		}
	if (name[0] == 'F' && name[1] >= '1' && name[1] <= '9') {
		vterm_keyboard_key(s->vt, VTERM_KEY_FUNCTION(atoi(name + 1)), with);
		return true;
	}
	return false;
}

bool
screen_key(struct screen *s, const char *name)
{
	VTermModifier with = VTERM_MOD_NONE;

	if (strcmp(name, "Space") == 0)
		name = " ";
	if (name[0] == '^' && name[1] != '\0' && name[2] == '\0') {
		buf_u8(s->typed, (uint8_t)name[1] & 0x1f);
		return true;
	}
	if (strncmp(name, "Shift-", 6) == 0) {
		with = VTERM_MOD_SHIFT;
		name += 6;
	} else if (strncmp(name, "Alt-", 4) == 0) {
		with = VTERM_MOD_ALT;
		name += 4;
	}
	if (name[0] != '\0' && name[1] == '\0') {
		vterm_keyboard_unichar(s->vt, (unsigned char)name[0], with);
		return true;
	}
	return named_key(s, name, with);
}
