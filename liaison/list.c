/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar list': the office's cases, a line each. The name of a case's file is often the child's,
 * so it is shown to who asks for it alone. */
#include <string.h>

#include "lib/csv.h"
#include "liaison/terminal.h"
#include "liaison/worklist.h"

/* What a person has to know without asking for the case. */
static bool
is_stopped_by_consent(const struct story *s)
{
	static const char *const states[] = {"withdrawing", "frozen", "consent-expired"};

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(story_state(s), states[i]) == 0)
			return true;
	return false;
}

/* To the day: the hour is in the timeline of the case. */
static const char *
day_of(int64_t ms)
{
	OWNED(char, day, free_chars) = xprintf("%.10s", when(ms));

	return line(day);
}

static void
add_row(struct table *t, const struct story *s, bool labels)
{
	int64_t due = story_next_term(s);
	OWNED(char, road, free_chars) = xprintf("%s -> %s", s->c.to.code, s->c.destination.code);
	const char *const cells[] = {s->c.number, label_of(story_state(s)), road,
		day_of(story_since(s)), due != 0 ? day_of(due) : "", labels ? s->c.label : "",
		is_stopped_by_consent(s) ? story_next(s) : ""};

	table_add(t, cells);
}

static void
put_instant(struct buf *b, int64_t ms)
{
	char text[INSTANT_TEXT_SIZE] = "";

	if (ms != 0)
		instant_format(ms, text);
	csv_cell(b, text);
}

static void
say_csv(const struct worklist *w, bool labels)
{
	static const char *const names[] = {
		"tracking", "state", "to", "destination", "since", "expectedBy", "label"};
	OWNED_BUF(b) = {0};

	for (size_t i = 0; i < ARRAY_LEN(names) - (labels ? 0 : 1); i++)
		csv_cell(&b, names[i]);
	csv_end(&b);
	for (size_t i = 0; i < w->n; i++) {
		const struct story *s = &w->story[i];

		csv_cell(&b, s->c.number);
		csv_cell(&b, story_state(s));
		csv_cell(&b, s->c.to.code);
		csv_cell(&b, s->c.destination.code);
		put_instant(&b, story_since(s));
		put_instant(&b, story_next_term(s));
		if (labels)
			csv_cell(&b, line(s->c.label));
		csv_end(&b);
	}
	say_octets(buf_bytes(&b));
}

static void
say_list(const struct worklist *w, bool csv, bool labels)
{
	static const char *const titles[] = {N_("number"), N_("state"), N_("from, to"),
		N_("since (UTC)"), N_("expected by"), N_("file"), N_("next")};
	struct table *t;

	if (csv && !say_in_json()) {
		say_csv(w, labels);
		return;
	}
	t = table_new(ARRAY_LEN(titles), titles);
	for (size_t i = 0; i < w->n; i++) {
		json_t *j;

		if (!say_in_json()) {
			add_row(t, &w->story[i], labels);
			continue;
		}
		j = story_json(&w->story[i]);
		if (!labels)
			json_object_set_new(j, "label", json_string(""));
		say_json(j);
	}
	table_say(&t);
}

enum ending
command_list(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	struct worklist w = {.n = 0};
	struct choice c;
	enum ending end = choice_of(options, &c);
	enum err e;

	if (end == END_DONE)
		end = office_open(options, NEED_SPOOL | NEED_KEYS, &o);
	if (end != END_DONE)
		return end;
	e = worklist_load(o, &c, &w);
	if (e == E_OK)
		say_list(&w, options->value[OPT_CSV] != NULL, options->value[OPT_LABELS] != NULL);
	if (e == E_OK && w.n == 0)
		note(c.states == NULL && c.from == NULL && c.since == 0
				? N_("There is no case yet.\nnext: daftar request new\n")
				: N_("No case is like that.\nnext: daftar list\n"));
	worklist_free(&w);
	return e == E_OK ? END_DONE
			 : fail(e, "nothing was changed", "daftar doctor",
				   "the cases cannot be read");
}
