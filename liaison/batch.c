/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar batch': what a person is told of many rows. */
#include <stdio.h>
#include <string.h>

#include "liaison/batch.h"
#include "liaison/terminal.h"

#define LISTED 20 /* rows that are told one by one */
#define SAFE "what was filed is safe in the spool; no row is filed twice"

struct totals {
	size_t n[ROW_ENDS];
};

static struct totals
count(const struct batch *b)
{
	struct totals t = {{0}};

	for (size_t i = 0; i < b->n; i++)
		t.n[b->done[i].end]++;
	return t;
}

/* ---- telling ---- */

static void
say_row_json(const struct batch *b, size_t i)
{
	const struct batch_done *d = &b->done[i];

	say_json(json_pack("{s:I s:s s:s* s:s* s:s* s:o*}", "line", (json_int_t)b->record[i].line,
		"state", row_end_word(d->end), "tracking", d->number[0] != '\0' ? d->number : NULL,
		"code", d->end == ROW_REJECTED ? err_word(d->code) : NULL, "reason", d->reason,
		"dropped", d->dropped ? json_true() : NULL));
}

static void
say_rows(const struct batch *b)
{
	size_t told = 0, rejected = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct batch_done *d = &b->done[i];

		if (say_in_json()) {
			say_row_json(b, i);
			continue;
		}
		if (d->end == ROW_WAITS && d->number[0] != '\0')
			note("line %zu: %s waits for a second officer (daftar consent clear %s "
			     "--officer-dir DIR)\n",
				b->record[i].line, d->number, d->number);
		if (d->dropped)
			note("line %zu: %s was dropped here and stays so; to file it after all, "
			     "give the row another reference\n",
				b->record[i].line, d->number);
		if (d->end != ROW_REJECTED)
			continue;
		rejected++;
		if (told++ < LISTED)
			note("line %zu: %s\n", b->record[i].line, line(d->reason));
	}
	if (!say_in_json() && rejected > LISTED)
		note(ngettext("and %zu more row\n", "and %zu more rows\n", rejected - LISTED),
			rejected - LISTED);
}

static void
say_totals(const struct batch *b, const struct totals *t, bool file, const char *rejects)
{
	if (say_in_json()) {
		say_json(json_pack("{s:b s:I s:I s:I s:I s:I s:I s:I s:s* s:o*}", "summary", 1,
			"rows", (json_int_t)b->n, "good", (json_int_t)t->n[ROW_GOOD], "filed",
			(json_int_t)t->n[ROW_FILED], "alreadyFiled", (json_int_t)t->n[ROW_ALREADY],
			"waiting", (json_int_t)t->n[ROW_WAITS], "rejected",
			(json_int_t)t->n[ROW_REJECTED], "left", (json_int_t)t->n[ROW_LEFT],
			"rejects", rejects, "warnings", looked_again()));
		return;
	}
	if (file)
		say("filed %zu, filed before %zu, waiting for clearance %zu, rejected %zu, "
		    "left %zu\n",
			t->n[ROW_FILED], t->n[ROW_ALREADY], t->n[ROW_WAITS], t->n[ROW_REJECTED],
			t->n[ROW_LEFT]);
	else
		say("good %zu, filed before %zu, waiting for clearance %zu, rejected %zu\n",
			t->n[ROW_GOOD], t->n[ROW_ALREADY], t->n[ROW_WAITS], t->n[ROW_REJECTED]);
}

static bool
any_dropped(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->done[i].dropped)
			return true;
	return false;
}

/* The first kind of fault that there is, in the order in which they are worst. */
static enum ending
worst(const struct batch *b)
{
	static const enum ending order[] = {
		END_DOCUMENT, END_REFUSED, END_CONFLICT, END_NOT_FOUND, END_TRUST};

	for (size_t k = 0; k < ARRAY_LEN(order); k++)
		for (size_t i = 0; i < b->n; i++)
			if (b->done[i].end == ROW_REJECTED &&
				ending_of(b->done[i].code) == order[k])
				return order[k];
	return END_FAILED;
}

static void
say_next(const struct batch *b, const struct totals *t, bool file, const char *rejects)
{
	if (t->n[ROW_LEFT] > 0) {
		note("The rows that are left were not looked at; nothing was filed of them.\n"
		     "next: the same command once more; it goes on where this one stopped\n");
		return;
	}
	if (t->n[ROW_REJECTED] > 0 && rejects != NULL)
		note("%s has the rejected rows and why; it holds personal data.\n"
		     "next: mend them there, then: daftar batch %s %s\n",
			line(rejects), file ? "file" : "check", line(rejects));
	if (!file && t->n[ROW_GOOD] > 0)
		note("next: daftar batch file %s\n", line(b->path));
	if (t->n[ROW_FILED] > 0)
		note("They are signed, encrypted and safe in the spool, and not sent yet.\n"
		     "next: daftar sync\n");
	else if (t->n[ROW_REJECTED] == 0 && t->n[ROW_GOOD] == 0 && t->n[ROW_ALREADY] > 0 &&
		 !any_dropped(b))
		note("Every row was filed before; nothing was doubled.\n"
		     "next: daftar batch report %s\n",
			line(b->path));
}

static enum ending
tell(struct batch *b, bool file, const char *rejects)
{
	struct totals t = count(b);

	say_rows(b);
	say_totals(b, &t, file, rejects);
	if (b->n == 0)
		note("There is no row in it.\nnext: daftar batch template\n");
	say_next(b, &t, file, rejects);
	if (t.n[ROW_LEFT] > 0)
		return END_INTERRUPTED;
	if (t.n[ROW_REJECTED] > 0)
		return worst(b);
	if (t.n[ROW_WAITS] > 0)
		return END_REFUSED;
	return t.n[ROW_FILED] > 0 ? END_STORED : END_DONE;
}

/* ---- check and file ---- */

static enum ending
run(const struct options *options, bool file)
{
	const char *asked = options->value[OPT_REJECTS];
	OWNED(struct batch, b, batch_free) = NULL;
	OWNED(char, rejects, free_chars) = NULL;
	enum ending end;
	enum err e, written = E_OK;

	if (asked != NULL && strcmp(asked, options->argument[0]) == 0)
		return fail(E_USAGE, "nothing was changed", "daftar help batch file",
			"--rejects names the batch itself");
	end = batch_load(options, &b);
	if (end != END_DONE)
		return end;
	e = batch_run(b, file);
	if (file || asked != NULL)
		written = batch_rejects(b, asked, &rejects);
	end = tell(b, file, rejects);
	if (e != E_OK)
		return fail(e, SAFE,
			e == E_SPOOL_FULL ? "daftar sync, then the same command once more"
					  : "daftar doctor, then the same command once more",
			"%s was not filed to its end", line(b->path));
	if (written != E_OK)
		return fail(written, SAFE, "the same command with --rejects FILE",
			"the rejected rows of %s cannot be written", line(b->path));
	return end;
}

enum ending
command_batch_check(const struct options *options)
{
	return run(options, false);
}

enum ending
command_batch_file(const struct options *options)
{
	return run(options, options->value[OPT_DRY_RUN] == NULL);
}

/* ---- report ---- */

struct telling {
	struct batch *b;
	struct answers answers;
	bool csv;
};

/* The row's case and where it stands; false when it was not filed. */
static bool
find_story(struct telling *t, size_t i, struct story *s)
{
	struct batch_done *d = &t->b->done[i];
	struct digest content;
	OWNED_CASE(c);
	bool draft;

	return batch_row_find(t->b->o, &d->key, &content, d->number, &draft) == E_OK &&
	       case_find(t->b->o, d->number, &c) == E_OK &&
	       story_load_with(t->b->o, &c, &t->answers, s) == E_OK;
}

static const char *
reference(const struct batch *b, size_t i, struct arena *a)
{
	return batch_value(&b->map, &b->record[i], COLUMN_ROW, a);
}

static void
say_line_csv(const char *const *cell, size_t n)
{
	OWNED_BUF(text) = {0};

	for (size_t i = 0; i < n; i++)
		csv_cell(&text, cell[i]);
	say("%s\n", line((char *)text.data));
}

static void
report_row(struct telling *t, size_t i, struct arena *a)
{
	struct story s;
	bool found = find_story(t, i, &s);
	const char *row = reference(t->b, i, a), *number = found ? s.c.number : "";
	const char *state = found ? story_state(&s) : "not-filed";
	const char *since = found ? when(story_since(&s)) : "", *detail = found ? s.detail : "";
	char at[24];

	snprintf(at, sizeof at, "%zu", t->b->record[i].line);
	if (say_in_json())
		say_json(json_pack("{s:I s:s s:s s:s* s:s* s:s*}", "line",
			(json_int_t)t->b->record[i].line, "row", row, "state", state, "tracking",
			found ? number : NULL, "since", found ? since : NULL, "detail",
			detail[0] != '\0' ? detail : NULL));
	else if (t->csv)
		say_line_csv((const char *const[]){at, row, number, state, since, detail}, 6);
	else
		say("%6s  %-20s  %-15s  %s  %s  %s\n", at, line(row), number,
			padded(label_of(state), 19), since, line(detail));
}

enum ending
command_batch_report(const struct options *options)
{
	OWNED(struct batch, b, batch_free) = NULL;
	enum ending end = batch_load(options, &b);
	struct telling t = {.csv = options->value[OPT_CSV] != NULL};
	enum err e;

	if (end != END_DONE)
		return end;
	t.b = b;
	e = answers_load(b->o, &t.answers);
	if (e != E_OK)
		return fail(
			e, "nothing was changed", "daftar doctor", "the answers cannot be read");
	if (t.csv && !say_in_json())
		say_line_csv((const char *const[]){"line", "row", "tracking", "state", "since",
				     "detail"},
			6);
	for (size_t i = 0; i < b->n; i++) {
		struct arena *a = arena_new();

		report_row(&t, i, a);
		arena_free(&a);
	}
	answers_free(&t.answers);
	return END_DONE;
}

/* ---- template ---- */

enum ending
command_batch_template(const struct options *options)
{
	OWNED_BUF(text) = {0};

	(void)options;
	csv_mark(&text);
	for (int i = 0; i < COLUMN_LINE; i++)
		csv_cell(&text, batch_columns[i].name);
	csv_end(&text);
	for (int i = 0; i < COLUMN_LINE; i++)
		csv_cell(&text, batch_columns[i].example);
	csv_end(&text);
	say_octets(buf_bytes(&text));
	note("next: fill it in, one request a row, and save it as \"CSV UTF-8\"; then: daftar "
	     "batch check FILE\n");
	return END_DONE;
}
