/* SPDX-License-Identifier: EUPL-1.2
 *
 * The registers, read as their owners would read them: the folder's files with a CSV reader of its
 * own, the data base with the sqlite3 shell. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/crash/checker.h"

#define CELLS 24
#define CELL 512

static struct made *
add(struct made_list *l, const char *reg)
{
	if (l->n == l->room) {
		l->room = l->room * 2 + 64;
		l->list = xrealloc(l->list, l->room * sizeof *l->list);
	}
	memset(&l->list[l->n], 0, sizeof *l->list);
	l->list[l->n].reg = reg;
	return &l->list[l->n++];
}

/* One line of quoted cells. */
static size_t
cells(FILE *f, char cell[CELLS][CELL])
{
	size_t n = 0, at = 0;
	bool quoted = false;
	int c;

	memset(cell, 0, (size_t)CELLS * CELL);
	while ((c = fgetc(f)) != EOF && (quoted || c != '\n')) {
		if (c == '"')
			quoted = !quoted;
		else if (c == ',' && !quoted && n < CELLS - 1)
			n++, at = 0;
		else if (at < CELL - 1 && c != '\r')
			cell[n][at++] = (char)c;
	}
	return n + 1;
}

static const char *
value(char name[CELLS][CELL], char cell[CELLS][CELL], const char *wanted)
{
	for (size_t i = 0; i < CELLS; i++)
		if (strcmp(name[i], wanted) == 0)
			return cell[i];
	return "";
}

static void
read_entry(const char *folder, const char *key, struct made_list *out)
{
	OWNED(char, csv, free_chars) = xprintf("%s/new/%s.csv", folder, key);
	static char name[CELLS][CELL], cell[CELLS][CELL];
	FILE *f = fopen(csv, "re");
	struct made *m;

	if (f == NULL) {
		fault(HALF, "entry %s has no line", key);
		return;
	}
	(void)cells(f, name);
	if (cells(f, cell) < 10 || strcmp(value(name, cell, "key"), key) != 0)
		fault(HALF, "entry %s is not whole", key);
	fclose(f);
	m = add(out, "folder");
	if (!copy_text(m->key, sizeof m->key, key) ||
		!copy_text(m->number, sizeof m->number, value(name, cell, "entry_number")) ||
		!copy_text(m->message, sizeof m->message, value(name, cell, "message")))
		fault(HALF, "entry %s has words that are too long", key);
	snprintf(m->act, sizeof m->act, "%.2s %.100s %.60s", value(name, cell, "issuing_country"),
		value(name, cell, "issuing_office"), value(name, cell, "issuing_entry"));
	m->issued = strtoull(value(name, cell, "issuing_entry"), NULL, 10);
}

static int
by_number(const void *a, const void *b)
{
	const struct made *x = a, *y = b;

	return strcmp(x->number, y->number);
}

/* A paper register has no gaps: its numbers are 1 to n. */
static void
judge_numbers(struct made_list *l, size_t first, const char *prefix)
{
	qsort(l->list + first, l->n - first, sizeof *l->list, by_number);
	for (size_t i = first; i < l->n; i++) {
		OWNED(char, wanted, free_chars) = xprintf("%s%06zu", prefix, i - first + 1);

		if (strcmp(l->list[i].number, wanted) == 0)
			continue;
		fault(HALF, "number %s is %s: a gap or a number given twice", wanted,
			l->list[i].number);
		return;
	}
}

void
register_folder(const char *folder, const char *prefix, struct made_list *out)
{
	OWNED(char, path, free_chars) = xprintf("%s/new", folder);
	DIR *d = opendir(path);
	size_t first = out->n;
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		OWNED(char, xml, free_chars) = NULL;
		size_t n = strlen(e->d_name);

		if (n != 68)
			continue;
		e->d_name[64] = '\0';
		xml = xprintf("%s/%s.xml", path, e->d_name);
		if (strcmp(e->d_name + 65, "xml") == 0)
			read_entry(folder, e->d_name, out);
		else if (access(xml, F_OK) != 0)
			fault(HALF, "line %s has no entry", e->d_name);
	}
	if (d == NULL)
		die("checker: %s", path);
	closedir(d);
	judge_numbers(out, first, prefix);
}

/* Marks, origins and births must tell the same. */
void
register_sqlite(const char *file, struct made_list *out)
{
	OWNED(char, command, free_chars) =
		xprintf("sqlite3 -separator '|' '%s' \"SELECT m.mark_key, m.entry_number, "
			"m.message, o.country, o.office, o.foreign_entry_no, b.entry_no IS NULL "
			"FROM daftar_mark m "
			"LEFT JOIN foreign_origin o ON o.entry_no = m.entry_number "
			"LEFT JOIN birth_entry b ON b.entry_no = m.entry_number "
			"UNION ALL SELECT '', o.entry_no, '', o.country, o.office, "
			"o.foreign_entry_no, 0 FROM foreign_origin o "
			"WHERE o.entry_no NOT IN (SELECT entry_number FROM daftar_mark)\"",
			file);
	FILE *p = popen(command, "re");
	char line[1024], *rest;

	if (p == NULL)
		die("checker: sqlite3");
	while (fgets(line, sizeof line, p) != NULL) {
		struct made *m = add(out, "sqlite");
		const char *field[7];

		rest = line;
		for (size_t i = 0; i < ARRAY_LEN(field); i++)
			if ((field[i] = strsep(&rest, "|\n")) == NULL)
				field[i] = "";
		if (!copy_text(m->key, sizeof m->key, field[0]) ||
			!copy_text(m->number, sizeof m->number, field[1]) ||
			!copy_text(m->message, sizeof m->message, field[2]) ||
			field[0][0] == '\0' || field[5][0] == '\0' || field[6][0] != '0')
			fault(HALF, "entry %s has no mark, no origin or no birth", field[1]);
		snprintf(m->act, sizeof m->act, "%.2s %.100s %.60s", field[3], field[4], field[5]);
		m->issued = strtoull(field[5], NULL, 10);
	}
	if (pclose(p) != 0)
		die("checker: sqlite3 cannot read %s", file);
}

static int
by_issued(const void *a, const void *b)
{
	const struct made *x = a, *y = b;

	if (x->issued != y->issued)
		return x->issued < y->issued ? -1 : 1;
	return strcmp(x->act, y->act);
}

void
register_judge(struct made_list *all)
{
	if (all->n == 0)
		return;
	qsort(all->list, all->n, sizeof *all->list, by_issued);
	for (size_t i = 1; i < all->n; i++) {
		const struct made *a = &all->list[i - 1], *b = &all->list[i];

		if (strcmp(a->act, b->act) == 0)
			fault(TWICE, "act %s is entry %s and entry %s", a->act, a->number,
				b->number);
	}
}
