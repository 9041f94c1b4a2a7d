/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar request new' at a terminal: the questions one after the other, every answer durable
 * before the next is asked, until the case holds against the rules and is kept as any other. */
#include <stdlib.h>
#include <string.h>

#include "liaison/wizard.h"

#define NOTHING N_("nothing was kept and nothing was sent")

/* How a conversation ended. */
struct wizard {
	struct draft d;
	bool over;
	enum ending end;
};

static void
leave(struct wizard *w, enum ending end)
{
	w->over = true;
	w->end = end;
}

/* ---- leaving ---- */

static void
leave_kept(struct wizard *w, enum ending end)
{
	const char *number = w->d.number;

	leave(w, end);
	ask_end();
	if (w->d.turn == 0) {
		note("Nothing was answered, and nothing is kept.\nnext: daftar request new\n");
		return;
	}
	if (say_in_json())
		say_json(json_pack("{s:s s:s}", "tracking", number, "state", "unfinished"));
	note("Everything that was answered is kept, sealed, under %s. Nothing has left this "
	     "computer.\nnext: daftar request new --resume %s\n",
		number, number);
}

static void
discard(struct wizard *w)
{
	enum err e = draft_drop(&w->d);

	ask_end();
	if (e != E_OK) {
		leave(w, fail(e, N_("the draft is still kept"), "daftar doctor",
				 "the draft %s cannot be erased", w->d.number));
		return;
	}
	note("The draft is erased; nothing is kept.\nnext: daftar request new\n");
	leave(w, END_DONE);
}

static void
quit(struct wizard *w)
{
	bool keep = true;

	if (w->d.turn == 0) {
		leave_kept(w, END_DONE);
		return;
	}
	ask_say(N_("Keep what was answered, to go on another time?\n"));
	if (ask_yes(1, &keep) == ANSWER_GIVEN && !keep)
		discard(w);
	else
		leave_kept(w, END_DONE);
}

static void
leave_as(struct wizard *w, enum answer a)
{
	if (a == ANSWER_QUIT)
		quit(w);
	else if (a == ANSWER_SAVE)
		leave_kept(w, END_DONE);
	else if (a == ANSWER_GONE)
		leave(w, END_INTERRUPTED); /* nobody is there to be told */
	else
		leave_kept(w, END_INTERRUPTED);
}

/* ---- keeping an answer ---- */

static void
keep(struct wizard *w)
{
	OWNED_BUF(typed) = {0};
	enum answer a;
	enum err e;

	while ((e = draft_keep(&w->d)) != E_OK) {
		if (e == E_CONFLICT) {
			leave(w, fail(e, N_("what the other window has kept is safe"),
					 "daftar request new",
					 "another window has changed or ended the draft %s",
					 w->d.number));
			return;
		}
		ask_say(N_("This answer is not kept yet: %s (%s). The answers before it are "
			   "safe.\nMake room on the disk, then press Enter to try again; quit "
			   "leaves without it.\n"),
			_(err_sentence(e)), err_word(e));
		a = ask_line(NULL, &typed);
		if (a == ANSWER_QUIT || a == ANSWER_SAVE || a == ANSWER_INTERRUPT ||
			a == ANSWER_GONE) {
			leave_as(w, a == ANSWER_QUIT ? ANSWER_SAVE : a);
			return;
		}
	}
}

/* ---- what may not be filed ---- */

static void
stop_for_protection(struct wizard *w, enum err e)
{
	OWNED(char, number, free_chars) = xstrdup(w->d.number);

	(void)!draft_drop(&w->d);
	ask_end();
	leave(w, check_fail(e, NOTHING, number));
}

/* The person may have been misunderstood: the answer can still be changed. True: it ends. */
static bool
ask_end_of_it(struct wizard *w)
{
	const struct choice list[2] = {{"change", _("an answer was wrong: change it")},
		{"end", _("end here: everything that was answered is erased")}};
	size_t chosen = 0;
	enum answer a = ask_choice(list, 2, -1, &chosen);

	if (a != ANSWER_GIVEN && a != ANSWER_BACK && a != ANSWER_HELP)
		leave_as(w, a);
	return a == ANSWER_GIVEN && chosen == 1;
}

/* Whom the case would tell is looked at before anything is asked about the person. True: it is
 * well so far. */
static bool
check_protection(struct wizard *w)
{
	enum err e = draft_fear(&w->d);

	if (e == E_OK)
		return true;
	say_blamed();
	if (ask_end_of_it(w)) {
		e = draft_fear(&w->d);
		stop_for_protection(w, e);
	}
	return false;
}

static bool
decides_protection(const struct wizard_row *q)
{
	static const char *const ids[] = {
		"case-type", "issuing", "receiving", "feared", "risk-result"};

	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		if (strcmp(q->id, ids[i]) == 0)
			return true;
	return false;
}

/* ---- one question ---- */

static void
show_question(const struct draft *d, const struct wizard_row *q)
{
	OWNED(char, text, free_chars) = NULL;
	size_t at = 1;

	for (const struct wizard_row *before = wizard_rows; before < q; before++)
		at += row_is_asked(before, d);
	text = xprintf("%zu. %s", at, _(q->text));
	ask_title(text);
}

static void
show_help(const struct wizard_row *q)
{
	ask_say("  %s\n", _(q->help));
	if (q->example != NULL)
		ask_say(N_("  For example: %s\n"), _(q->example));
	ask_say(N_("  < goes back, save keeps it for another time, quit leaves. = in front takes a "
		   "word such as save as your answer.\n"));
}

static enum answer
ask_one(struct wizard *w, const struct wizard_row *q)
{
	json_t *value = NULL;
	enum answer a;

	do {
		show_question(&w->d, q);
		a = row_ask(&w->d, q, &value);
		if (a == ANSWER_HELP)
			show_help(q);
	} while (a == ANSWER_HELP);
	ask_title(NULL);
	if (a != ANSWER_GIVEN)
		return a;
	draft_set(&w->d, q, value);
	keep(w);
	return a;
}

static const struct wizard_row *
asked_before(const struct draft *d, const struct wizard_row *q)
{
	while (q > wizard_rows) {
		q--;
		if (row_is_asked(q, d))
			return q;
	}
	return NULL;
}

/* Back, over what answers itself without being asked. */
static const struct wizard_row *
go_back(struct wizard *w, const struct wizard_row *q)
{
	const struct wizard_row *to = asked_before(&w->d, q);

	if (to == NULL) {
		ask_say(N_("This is the first question.\n"));
		return q;
	}
	return to;
}

/* Asks from `q' on; the next one, NULL: all is answered, or over. */
static const struct wizard_row *
go_on(struct wizard *w, const struct wizard_row *q)
{
	unsigned before;
	enum answer a;
	bool back = false;

	while (true) {
		before = ask_count();
		a = ask_one(w, q);
		if (w->over)
			return NULL;
		if (a == ANSWER_BACK || (back && a == ANSWER_GIVEN && ask_count() == before)) {
			const struct wizard_row *to = go_back(w, q);

			back = to != q;
			q = to;
			continue;
		}
		if (a != ANSWER_GIVEN) {
			leave_as(w, a);
			return NULL;
		}
		if (decides_protection(q) && !check_protection(w)) {
			back = false;
			if (w->over)
				return NULL;
			continue;
		}
		return row_open(&w->d);
	}
}

/* ---- the end ---- */

static void
show_problem(const struct draft *d, const char *problem)
{
	const struct wizard_row *q = row_of_path(d, problem);
	const char *what = strstr(problem, ": ");

	if (q != NULL && what != NULL)
		ask_say("  - %s: %s\n", _(q->label), _(what + 2));
	else
		ask_say("  - %s\n", line(problem));
}

static void
show_problems(const struct draft *d, struct buf *problems)
{
	char *rest = problems->size == 0 ? NULL : (char *)problems->data, *one;

	ask_say(N_("This is not a valid case yet:\n"));
	while ((one = strsep(&rest, "\n")) != NULL)
		if (one[0] != '\0')
			show_problem(d, one);
}

/* What does not depend on the person is proposed in the next case. */
static void
remember(const struct draft *d)
{
	json_t *habit = json_object();
	char *text;

	for (size_t i = 0; i < wizard_rows_n; i++)
		if (wizard_rows[i].remembered && json_is_string(draft_answer(d, wizard_rows[i].id)))
			json_object_set_new(habit, wizard_rows[i].id,
				json_copy((json_t *)draft_answer(d, wizard_rows[i].id)));
	text = json_dumps(habit, JSON_COMPACT);
	json_decref(habit);
	if (text != NULL)
		(void)!sealed_set(d->o, "habit", bytes_of(text, strlen(text)));
	free(text);
}

static void
keep_case(struct wizard *w, struct case_file *f)
{
	OWNED_CASE(c);
	bool again = false;
	enum ending end;

	ask_end();
	end = case_keep(w->d.o, f, "wizard", &w->d.id, &c, &again);
	if (end == END_DONE) {
		remember(&w->d);
		(void)!draft_drop(&w->d); /* otherwise with the next look at the drafts */
		end = case_kept(w->d.o, f, &c, again);
	}
	leave(w, end);
}

static void
check_whole(struct wizard *w)
{
	OWNED_CASE_FILE(f);
	OWNED_BUF(problems) = {0};
	enum err e = draft_check(&w->d, &f, &problems);

	if (e == E_OK) {
		keep_case(w, &f);
		return;
	}
	if (e == E_INPUT && problems.size > 0) {
		show_problems(&w->d, &problems);
		return;
	}
	ask_say(N_("This may not be filed (%s):\n"), err_word(e));
	say_blamed();
	if (e == E_PROTECTION && ask_end_of_it(w)) {
		case_file_free(&f);
		(void)!draft_check(&w->d, &f, &problems);
		stop_for_protection(w, e);
	}
}

static void
converse(struct wizard *w)
{
	const struct wizard_row *q = row_open(&w->d), *change = NULL;
	enum answer a = ANSWER_GIVEN;

	while (!w->over) {
		if (q != NULL) {
			q = go_on(w, q);
			continue;
		}
		switch (review(&w->d, &change, &a)) {
		case REVIEW_KEEP:
			check_whole(w);
			break;
		case REVIEW_CHANGE:
			q = change;
			break;
		case REVIEW_LEAVE:
			leave_as(w, a);
			break;
		}
	}
}

/* ---- which draft ---- */

/* Go on with it, or be rid of it. */
static void
choose_what(struct wizard *w)
{
	const struct choice list[2] = {
		{"go-on", _("go on with it")}, {"discard", _("erase it for good")}};
	size_t chosen = 0;
	enum answer a = ask_choice(list, 2, 0, &chosen);

	if (a == ANSWER_GIVEN && chosen == 1)
		discard(w);
	else if (a != ANSWER_GIVEN)
		leave_as(w, a == ANSWER_QUIT ? ANSWER_SAVE : a);
}

static void
choose_draft(struct wizard *w, struct office *o)
{
	bool begun = false;
	enum answer a = draft_choose(o, &w->d, &begun);

	if (a != ANSWER_GIVEN)
		leave(w, a == ANSWER_INTERRUPT || a == ANSWER_GONE ? END_INTERRUPTED : END_DONE);
	else if (begun)
		choose_what(w);
}

static enum ending
find_draft(struct wizard *w, struct office *o, const char *typed)
{
	char number[TRACKING_SIZE];
	enum err e = E_NOT_FOUND;

	if (tracking_parse(typed, number))
		e = draft_find(o, number, &w->d);
	if (e == E_OK)
		return END_DONE;
	about(typed);
	return fail(e, N_("nothing was changed"), "daftar request new",
		"there is no unfinished draft %s in this office", line(typed));
}

enum ending
wizard_run(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	const char *resume = options->value[OPT_RESUME];
	struct wizard w = {.over = false};
	enum ending end;

	if (!ask_may(options))
		return ask_cannot(
			N_("request new asks for the case"), "daftar request new --from FILE");
	end = office_open(options, NEED_ALL, &o);
	if (end == END_DONE && resume != NULL)
		end = find_draft(&w, o, resume);
	if (end != END_DONE)
		return end;
	ask_begin(office_is_training(o));
	if (resume == NULL)
		choose_draft(&w, o);
	if (!w.over)
		ask_say(N_("The case is %s; write that number on the paper form.\nAt every "
			   "question: ? for help, < to go back, save to go on another time, "
			   "quit.\n"),
			w.d.number);
	converse(&w);
	ask_end();
	draft_free(&w.d);
	return w.end;
}
