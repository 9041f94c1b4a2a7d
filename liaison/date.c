/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar date': what a date is in every calendar, by which rule, and what it becomes in a record.
 * What cannot be used is refused with the reason and with what to type instead: no reading is taken
 * where there are two. */
#include <string.h>

#include "lib/date_said.h"
#include "liaison/daftar.h"
#include "liaison/lookup.h"
#include "liaison/terminal.h"

#define NOTHING "nothing was changed"

/* ---- what was typed ---- */

/* "-" alone: on standard input, so that a birthday need not stand in a command line. NULL: it
 * cannot be read, as was told. */
static char *
typed(const struct options *o, enum ending *end)
{
	struct buf b = {0};

	*end = END_DONE;
	if (o->n_arguments == 1 && strcmp(o->arguments[0], "-") == 0) {
		const char *text = typed_text("-", end);

		return text != NULL ? xstrdup(text) : NULL;
	}
	for (int i = 0; i < o->n_arguments; i++)
		buf_printf(&b, "%s%s", i == 0 ? "" : " ", o->arguments[i]);
	buf_add(&b, "", 0);
	return (char *)buf_take(&b, NULL);
}

static void
today(struct date_said *out)
{
	int day = calendar_today();
	struct date_reading *r = &out->reading[0];

	memset(out, 0, sizeof *out);
	out->n = 1;
	r->days = (struct day_span){day, day};
	r->basis = "document";
	edtf_of_span(&r->days, '\0', r->value);
	if (!ymd_of(CALENDAR_GREGORIAN, day, &r->from))
		die("the clock");
	r->to = r->from;
}

static enum ending
calendar_asked(const char *word, enum calendar *out)
{
	OWNED_BUF(words) = {0};

	*out = CALENDAR_ANY;
	if (word == NULL || calendar_of_word(word, out))
		return END_DONE;
	code_words("calendar", &words);
	blame((const char *)words.data);
	return fail(E_USAGE, NOTHING, "daftar codes calendar", "there is no calendar called %s",
		line(word));
}

/* ---- one calendar ---- */

/* What of a span can be said in the calendar: both ends, one that is open, or nothing. */
struct span_said {
	bool there, one;
	bool has_first, has_last;
	struct ymd first, last;
};

static struct span_said
said_in(enum calendar c, const struct day_span *s)
{
	struct span_said out = {.one = s->first == s->last};

	out.has_first = s->first > DAY_LEAST && ymd_of(c, s->first, &out.first);
	out.has_last = s->last < DAY_MOST && ymd_of(c, s->last, &out.last);
	out.there = (out.has_first || s->first <= DAY_LEAST) &&
		    (out.has_last || s->last >= DAY_MOST) && (out.has_first || out.has_last);
	return out;
}

static void
put_end(bool there, enum calendar c, const struct ymd *d, struct buf *out)
{
	if (there)
		date_text(c, d, lang_now(), out);
	else
		buf_text(out, "..");
}

static void
put_span(enum calendar c, const struct span_said *s, struct buf *out)
{
	put_end(s->has_first, c, &s->first, out);
	if (s->one)
		return;
	buf_text(out, " / ");
	put_end(s->has_last, c, &s->last, out);
}

/* How far the conversion can be relied on. */
static const char *
reliance(enum calendar c, const struct span_said *s)
{
	const struct ymd *d = s->has_first ? &s->first : &s->last;

	if (!calendar_is_hijri(c))
		return N_("exact");
	return c == CALENDAR_HIJRI_UMALQURA && !calendar_is_sure(c, d->year)
		       ? N_("within 2 days, and the table is not confirmed for that year")
		       : N_("within 2 days");
}

static void
iso_of(const struct ymd *d, char out[16])
{
	snprintf(out, 16, "%04d-%02d-%02d", d->year % 10000, d->month % 100, d->day % 100);
}

static void
put_iso(json_t *j, const char *key, bool there, const struct ymd *d)
{
	char text[16];

	iso_of(d, text);
	json_object_set_new(j, key, there ? json_string(text) : json_null());
}

static json_t *
calendar_json(enum calendar c, const struct day_span *days)
{
	struct span_said s = said_in(c, days);
	OWNED_BUF(text) = {0};
	json_t *j = json_pack("{s:s s:s s:b}", "calendar", calendar_word(c), "rule",
		calendar_rule(c), "known", s.there);

	if (!s.there)
		return j;
	put_span(c, &s, &text);
	put_iso(j, "first", s.has_first, &s.first);
	put_iso(j, "last", s.has_last, &s.last);
	json_object_set_new(j, "text", json_string((const char *)text.data));
	json_object_set_new(j, "leeway", json_integer(calendar_is_hijri(c) ? CALENDAR_LEEWAY : 0));
	json_object_set_new(j, "confirmed",
		json_boolean(calendar_is_sure(c, s.has_first ? s.first.year : s.last.year)));
	return j;
}

/* ---- the answer ---- */

static json_t *
others_json(const struct date_said *said)
{
	json_t *list = json_array();

	for (enum calendar c = 0; c < CALENDAR_N; c++)
		if ((said->others & 1u << c) != 0)
			json_array_append_new(list, json_string(calendar_word(c)));
	return list;
}

static json_t *
weekday_json(const struct date_reading *r)
{
	if (r->days.first != r->days.last)
		return json_null();
	return json_string(weekday_name(weekday_of(r->days.first), "en"));
}

static void
answer_json(const char *text, const struct date_said *said)
{
	const struct date_reading *r = &said->reading[0];
	json_t *list = json_array();

	for (enum calendar c = 0; c < CALENDAR_N; c++)
		json_array_append_new(list, calendar_json(c, &r->days));
	say_json(json_pack("{s:b s:s s:s s:s s:s s:s s:o s:o s:o s:b s:o*}", "ok", 1, "said", text,
		"calendar", calendar_word(r->calendar), "rule", calendar_rule(r->calendar), "value",
		r->value, "basis", r->basis, "weekday", weekday_json(r), "calendars", list,
		"others", others_json(said), "placeholder", date_looks_placed(r), "warnings",
		looked_again()));
}

static void
answer_lines(const struct date_said *said)
{
	static const char *const titles[] = {
		N_("calendar"), N_("date"), N_("rule"), N_("how exact")};
	const struct date_reading *r = &said->reading[0];
	struct table *t = table_new(ARRAY_LEN(titles), titles);

	say("%s  (read as: %s)\n", r->value, calendar_name(r->calendar));
	if (r->days.first == r->days.last)
		say("%s\n", weekday_name(weekday_of(r->days.first), lang_now()));
	say("\n");
	for (enum calendar c = 0; c < CALENDAR_N; c++) {
		struct span_said s = said_in(c, &r->days);
		OWNED_BUF(text) = {0};
		const char *cells[ARRAY_LEN(titles)] = {
			calendar_name(c), "-", calendar_rule(c), ""};

		if (s.there) {
			put_span(c, &s, &text);
			cells[1] = (const char *)text.data;
			cells[3] = _(reliance(c, &s));
		}
		table_add(t, cells);
	}
	table_say(&t);
}

static void
warn_of_others(unsigned others)
{
	OWNED_BUF(b) = {0};

	buf_text(&b, _("the same digits are another date with --from"));
	for (enum calendar c = 0; c < CALENDAR_N; c++)
		if ((others & 1u << c) != 0)
			buf_printf(&b, " %s", calendar_word(c));
	look_again((const char *)b.data);
}

/* What she should know before she uses it. */
static void
warn(const struct date_said *said)
{
	const struct date_reading *r = &said->reading[0];

	if (date_looks_placed(r))
		look_again(_("such a day is often written when only the year is known; if so, the "
			     "basis is "
			     "placeholder"));
	if (strcmp(r->basis, "age-estimate") == 0)
		look_again(_("reckoned from an age: the basis is age-estimate"));
	if (r->month_first)
		look_again(_("read with the month first, for there is no such month as the other "
			     "number"));
	if (calendar_is_hijri(r->calendar))
		look_again(_("a Hijri day by a table may be two days off: the text in the papers "
			     "counts"));
	if (said->others != 0)
		warn_of_others(said->others);
}

static void
say_next(const struct date_reading *r)
{
	note("next: in a case file write the text as in the papers, calendar %s, value %s, basis "
	     "%s\n",
		calendar_word(r->calendar), r->value, r->basis);
}

/* ---- no answer ---- */

static char *
with_calendar(enum calendar c, const char *text)
{
	return xprintf("daftar date --from %s \"%s\"", calendar_word(c), line(text));
}

/* What to type instead: with the calendar named, or one of the readings as year-month-day. */
static char *
instead(const char *text, enum calendar asked, const struct date_said *said)
{
	bool calendars = false;
	char iso[16];

	for (size_t i = 0; i < said->n; i++)
		calendars |= said->reading[i].calendar != said->reading[0].calendar;
	for (size_t i = 0; calendars && i < said->n; i++)
		if (said->reading[i].calendar != CALENDAR_GREGORIAN)
			return with_calendar(said->reading[i].calendar, text);
	if (said->n > 1) {
		iso_of(&said->reading[0].from, iso);
		return with_calendar(said->reading[0].calendar, iso);
	}
	for (enum calendar c = 0; asked == CALENDAR_ANY && c < CALENDAR_N; c++)
		if ((said->others & 1u << c) != 0)
			return with_calendar(c, text);
	return xstrdup("daftar help dates");
}

static enum ending
refuse(const char *text, enum calendar asked, const struct date_said *said)
{
	OWNED(char, next, free_chars) = instead(text, asked, said);

	about(text);
	blame(said->problem);
	return fail(E_DATE, NOTHING, line(next), "%s cannot be used as a date", line(text));
}

enum ending
command_date(const struct options *options)
{
	struct date_said said;
	enum calendar asked;
	enum ending end;
	OWNED(char, text, free_chars) = typed(options, &end);

	if (end == END_DONE)
		end = calendar_asked(options->value[OPT_FROM], &asked);
	if (end != END_DONE)
		return end;
	if (options->argument[0] == NULL)
		today(&said);
	else if (!date_said(text, asked, &said))
		return refuse(text, asked, &said);
	warn(&said);
	if (say_in_json())
		answer_json(options->argument[0] == NULL ? said.reading[0].value : text, &said);
	else
		answer_lines(&said);
	say_next(&said.reading[0]);
	return END_DONE;
}
