/* SPDX-License-Identifier: EUPL-1.2
 *
 * Dates in the wizard: typed as the papers say them, told back in words in two calendars, and kept
 * only when the person has said that this is the day. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/date_said.h"
#include "lib/record_rule.h"
#include "liaison/wizard.h"

/* ---- told back ---- */

static void
put_day(struct buf *b, enum calendar c, int day)
{
	struct ymd d;

	if (ymd_of(c, day, &d))
		date_text(c, &d, lang_now(), b);
}

/* The other calendar that the person may know the day in. */
static enum calendar
other_calendar(const struct draft *d, enum calendar c)
{
	const char *language = draft_text(d, "language");

	if (c != CALENDAR_GREGORIAN)
		return CALENDAR_GREGORIAN;
	return strcmp(language, "am") == 0 || strcmp(language, "ti") == 0 ? CALENDAR_ETHIOPIC
									  : CALENDAR_HIJRI_UMALQURA;
}

static void
put_span(struct buf *b, enum calendar c, const struct day_span *s)
{
	if (s->first != s->last && s->first > DAY_LEAST) {
		put_day(b, c, s->first);
		buf_text(b, " - ");
	}
	if (s->last < DAY_MOST)
		put_day(b, c, s->last);
}

static void
tell_back(const struct draft *d, const struct date_reading *r)
{
	enum calendar other = other_calendar(d, r->calendar);
	OWNED_BUF(own) = {0};
	OWNED_BUF(converted) = {0};

	put_span(&own, r->calendar, &r->days);
	put_span(&converted, other, &r->days);
	ask_say("  %s: %s\n", calendar_name(r->calendar), own.size == 0 ? "" : (char *)own.data);
	if (converted.size > 0)
		ask_say("  %s: %s\n", calendar_name(other), (char *)converted.data);
	if (r->days.first == r->days.last)
		ask_say("  %s\n", weekday_name(weekday_of(r->days.first), lang_now()));
	if (!calendar_is_sure(r->calendar, r->from.year) ||
		(converted.size > 0 && calendar_is_hijri(other)))
		ask_say(N_("  (a Hijri day can differ by a day or two: the moon was watched)\n"));
	if (r->doubt != 0 || r->days.first != r->days.last)
		ask_say(N_("  It is kept as only partly known, never as one day.\n"));
}

/* ---- one reading of several ---- */

static enum answer
ask_reading(const struct date_said *s, const struct date_reading **r)
{
	struct choice list[DATE_READINGS];
	struct buf words[DATE_READINGS] = {{0}};
	size_t n = s->n <= DATE_READINGS ? s->n : DATE_READINGS, chosen = 0;
	enum answer a;

	for (size_t i = 0; i < n; i++) {
		put_span(&words[i], s->reading[i].calendar, &s->reading[i].days);
		list[i] = (struct choice){s->reading[i].value,
			words[i].size == 0 ? s->reading[i].value : (char *)words[i].data};
	}
	ask_say(N_("This can be read in several ways. Which one do the papers mean?\n"));
	a = ask_choice(list, n, -1, &chosen);
	for (size_t i = 0; i < n; i++)
		buf_free(&words[i]);
	*r = &s->reading[chosen];
	return a;
}

static json_t *
json_of_date(const struct date_reading *r, const char *text)
{
	OWNED(struct arena, a, arena_free) = arena_new();
	struct record_date date = {.value = NULL};

	date_record(r, text, a, &date);
	return json_pack("{s:s s:s s:s s:s s:b}", "authored", date.authored, "calendar",
		date.calendar, "value", date.value, "basis", date.basis, "placed",
		date_looks_placed(r));
}

/* NULL: it is not what the papers say. */
static enum answer
confirm(struct draft *d, const struct date_said *said, const char *text, json_t **value)
{
	const struct date_reading *r = &said->reading[0];
	enum answer a = said->n > 1 ? ask_reading(said, &r) : ANSWER_GIVEN;
	bool yes = false;

	if (a != ANSWER_GIVEN)
		return a;
	tell_back(d, r);
	if (date_looks_placed(r))
		ask_say(N_("  1 January and 1 July often stand where nobody knew the day.\n"));
	ask_say(N_("Is that the date in the papers?\n"));
	a = ask_yes(1, &yes);
	if (a == ANSWER_GIVEN && yes)
		*value = json_of_date(r, text);
	return a;
}

static enum calendar
calendar_chosen(const struct draft *d)
{
	enum calendar c;

	return calendar_of_word(draft_text(d, "calendar"), &c) ? c : CALENDAR_ANY;
}

enum answer
ask_date(struct draft *d, const struct wizard_row *q, json_t **value)
{
	const char *before = json_string_value(json_object_get(draft_answer(d, q->id), "authored"));
	OWNED_BUF(typed) = {0};
	struct date_said said;
	enum answer a;

	while (true) {
		a = ask_with(before, &typed);
		if (a == ANSWER_NONE) {
			ask_say(N_("This is needed. Type it, or ? for help.\n"));
			continue;
		}
		if (a != ANSWER_GIVEN)
			return a;
		(void)date_said((char *)typed.data, calendar_chosen(d), &said);
		if (said.n == 0) {
			ask_say(N_("Not taken: %s\n"), said.problem);
			continue;
		}
		a = confirm(d, &said, (char *)typed.data, value);
		if (a == ANSWER_HELP || (a == ANSWER_GIVEN && *value == NULL)) {
			ask_say(N_("Then type it again, exactly as the papers write it.\n"));
			continue;
		}
		return a;
	}
}

char *
words_of_date(const json_t *value)
{
	const char *calendar = json_string_value(json_object_get(value, "calendar"));
	const char *sentence = calendar != NULL ? code_sentence("calendar", calendar) : NULL;

	return xprintf("%s = %s (%s)", json_string_value(json_object_get(value, "authored")),
		json_string_value(json_object_get(value, "value")),
		sentence != NULL ? _(sentence) : "");
}

/* ---- a day of the office's own work ---- */

/* "today", "in a year" or a day as people say it, as YYYY-MM-DD. */
static bool
day_said(const char *text, char out[EDTF_SIZE])
{
	int today = calendar_today();
	struct day_span s = {today, today};
	struct date_said said;

	if (strcasecmp(text, "today") == 0 || strcasecmp(text, _("today")) == 0) {
		edtf_of_span(&s, 0, out);
		return true;
	}
	if (strcasecmp(text, "in a year") == 0 || strcasecmp(text, _("in a year")) == 0) {
		s.first += 365;
		s.last += 365;
		edtf_of_span(&s, 0, out);
		return true;
	}
	if (rule_problem(RULE_DAY, text) == NULL)
		return copy_text(out, EDTF_SIZE, text);
	return date_said(text, CALENDAR_GREGORIAN, &said) &&
	       rule_problem(RULE_DAY, said.reading[0].value) == NULL &&
	       copy_text(out, EDTF_SIZE, said.reading[0].value);
}

enum answer
ask_day(struct draft *d, const struct wizard_row *q, json_t **value)
{
	OWNED(char, fallback, free_chars) = proposed(d, q);
	OWNED_BUF(typed) = {0};
	char day[EDTF_SIZE], shown[EDTF_SIZE];
	enum answer a;

	while (true) {
		a = ask_with(fallback != NULL && day_said(fallback, shown) ? shown : NULL, &typed);
		if (a == ANSWER_NONE) {
			ask_say(N_("This is needed. Type it, or ? for help.\n"));
			continue;
		}
		if (a != ANSWER_GIVEN)
			return a;
		if (day_said((char *)typed.data, day)) {
			*value = json_string(day);
			return ANSWER_GIVEN;
		}
		ask_say(N_("Not taken: one day is needed, such as today, 5 October 2026 or "
			   "2026-10-05.\n"));
	}
}
