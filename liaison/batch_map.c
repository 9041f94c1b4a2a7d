/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the columns of a batch are called. A header that nobody knows is refused, for a misspelt one
 * would be left out silently otherwise; --map says what other people's columns mean, which of them
 * are passed over, and what stands in every row. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "liaison/batch.h"

#define MAP_MAX ((size_t)64 << 10)

const struct batch_column batch_columns[COLUMN_N] = {
#define COLUMN(constant, name, kind, path, example, sentence)                                      \
	[COLUMN_##constant] = {name, kind, path, example, sentence},
#include "liaison/batch_column.def"
#undef COLUMN
};

void
batch_map_free(struct batch_map *m)
{
	for (size_t i = 0; i < m->n; i++)
		free_chars(&m->renamed[i].theirs);
	free(m->renamed);
	for (size_t i = 0; i < COLUMN_N; i++)
		free_chars(&m->constant[i]);
	*m = (struct batch_map){.renamed = NULL};
}

/* ---- words ---- */

/* Takes white space from both ends; in place. */
static char *
trimmed(char *text)
{
	size_t n;

	while (isspace((unsigned char)*text))
		text++;
	n = strlen(text);
	while (n > 0 && isspace((unsigned char)text[n - 1]))
		text[--n] = '\0';
	return text;
}

/* Case, and "-" and blanks for "_", make no other column. */
static bool
is_called(const char *given, const char *name)
{
	for (; *given != '\0' && *name != '\0'; given++, name++) {
		int c = tolower((unsigned char)*given);

		if ((c == ' ' || c == '-' ? '_' : c) != *name)
			return false;
	}
	return *given == *name;
}

static int
column_called(const char *given)
{
	for (int i = 0; i < COLUMN_N; i++)
		if (is_called(given, batch_columns[i].name))
			return i;
	return -1;
}

static enum err
blame_line(size_t n, const char *what)
{
	OWNED(char, text, free_chars) = xprintf(_("--map, entry %zu: %s"), n, _(what));

	blame(text);
	return E_INPUT;
}

/* ---- --map ---- */

static enum err
map_constant(struct batch_map *m, size_t n, char *ours, char *value)
{
	int column = column_called(trimmed(ours));

	if (column < 0)
		return blame_line(n, N_("there is no column of the name before :="));
	if (column == COLUMN_ROW)
		return blame_line(n, N_("the row's reference cannot be the same in every row"));
	free_chars(&m->constant[column]);
	m->constant[column] = xstrdup(trimmed(value));
	return E_OK;
}

static enum err
map_one(struct batch_map *m, size_t n, char *entry)
{
	char *equals = strchr(entry, '='), *ours;
	struct batch_renamed r = {.ours = -1};

	if (equals == NULL)
		return blame_line(n, N_("write theirs=ours, theirs=- or ours:=value"));
	*equals = '\0';
	if (equals > entry && equals[-1] == ':') {
		equals[-1] = '\0';
		return map_constant(m, n, entry, equals + 1);
	}
	ours = trimmed(equals + 1);
	if (strcmp(ours, "-") != 0) {
		r.ours = column_called(ours);
		if (r.ours < 0)
			return blame_line(n, N_("there is no column of the name behind ="));
	}
	r.theirs = xstrdup(trimmed(entry));
	m->renamed = xrealloc(m->renamed, (m->n + 1) * sizeof *m->renamed);
	m->renamed[m->n++] = r;
	return E_OK;
}

/* Entries with `separator' between; in a file "#" begins a remark. */
static enum err
map_all(struct batch_map *m, char *text, const char *separator, bool file)
{
	enum err e = E_OK, one;
	char *rest = text, *entry;
	size_t n = 0;

	while ((entry = strsep(&rest, separator)) != NULL) {
		n++;
		entry = trimmed(entry);
		if (*entry == '\0' || (file && *entry == '#'))
			continue;
		one = map_one(m, n, entry);
		e = e == E_OK ? one : e;
	}
	return e;
}

enum err
batch_map_read(const char *given, struct batch_map *m)
{
	OWNED(char, text, free_chars) = NULL;
	OWNED_BUF(file) = {0};
	struct csv_fault fault;

	for (int i = 0; i < COLUMN_N; i++)
		m->at[i] = -1;
	if (given == NULL)
		return E_OK;
	if (access(given, F_OK) != 0 && strchr(given, '=') != NULL) {
		text = xstrdup(given);
		return map_all(m, text, ",", false);
	}
	TRY(file_read(given, MAP_MAX, &file));
	if (!csv_text_ok(buf_bytes(&file), &fault))
		return blame_line(fault.line, fault.what);
	text = (char *)buf_take(&file, NULL);
	return map_all(m, strncmp(text, "\xef\xbb\xbf", 3) == 0 ? text + 3 : text, "\n", true);
}

/* ---- the header ---- */

static struct batch_renamed *
renamed(struct batch_map *m, const char *theirs)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcasecmp(m->renamed[i].theirs, theirs) == 0)
			return &m->renamed[i];
	return NULL;
}

static void
blame_header(size_t i, const char *name, const char *what)
{
	OWNED(char, text, free_chars) = xprintf(_("column %zu, \"%s\": %s"), i + 1, name, _(what));

	blame(text);
}

static bool
find_column(struct batch_map *m, size_t i, const char *name)
{
	struct batch_renamed *r = renamed(m, name);
	int ours = r != NULL ? r->ours : column_called(name);

	if (r != NULL)
		r->used = true;
	if (r != NULL && ours < 0)
		return true;
	if (ours < 0) {
		blame_header(i, name,
			N_("there is no such column; name it with --map theirs=ours, or pass it "
			   "over with --map theirs=-"));
		return false;
	}
	if (m->at[ours] >= 0) {
		blame_header(i, name, N_("this column is there twice"));
		return false;
	}
	m->at[ours] = (int)i;
	return true;
}

enum err
batch_map_header(struct batch_map *m, const struct csv *c)
{
	bool good = true, any = false;

	for (size_t i = 0; i < c->columns; i++) {
		OWNED(char, copy, free_chars) = xstrdup(c->header[i]);
		const char *name = trimmed(copy);

		/* a spreadsheet's empty columns behind the last one */
		any |= name[0] != '\0';
		if (name[0] != '\0' && !find_column(m, i, name))
			good = false;
	}
	if (!any)
		blame(_("line 1: there are no names of columns"));
	for (size_t i = 0; i < m->n; i++)
		if (!m->renamed[i].used) {
			blame_header(i, m->renamed[i].theirs,
				N_("--map names it, and the file has no such column"));
			good = false;
		}
	return good && any ? E_OK : E_INPUT;
}

const char *
batch_value(const struct batch_map *m, const struct batch_record *r, enum column column,
	struct arena *a)
{
	int at = m->at[column];
	const char *text = at >= 0 && (size_t)at < r->n ? r->cell[at] : "";
	char *value = trimmed(arena_text(a, text));

	if (value[0] == '\0' && m->constant[column] != NULL)
		return m->constant[column];
	return value;
}
