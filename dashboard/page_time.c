/* SPDX-License-Identifier: EUPL-1.2
 *
 * Times and ages. Instants are written in UTC and named so; the browser adds its own. An age is a
 * <time> of class "age" or "left" whose words the browser moves on; where it stands in the page is
 * remembered, because a part is not news when only its ages have changed. */
#include <string.h>

#include "dashboard/page.h"
#include "lib/id.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

void
p_instant(struct page *p, int64_t ms)
{
	char text[INSTANT_TEXT_SIZE];

	if (ms <= 0) {
		p_raw(p, "\u2013");
		return;
	}
	instant_format(ms, text);
	p_raw(p, "<time dir=\"ltr\" datetime=\"");
	p_text(p, text);
	p_raw(p, "\">");
	text[10] = ' ';
	text[19] = '\0';
	p_text(p, text);
	p_raw(p, " UTC</time>");
}

void
p_time(struct page *p, const char *instant)
{
	int64_t ms = 0;

	if (!instant_parse(instant, &ms))
		ms = 0;
	p_instant(p, ms);
}

/* From the least to the greatest: each from twice its size on, so that "90 sec" is said and not "1
 * min". */
static const struct {
	int64_t size;
	const char *words, *name;
} units[] = {{1000, N_("%lld sec"), "sec"}, {MINUTE, N_("%lld min"), "min"},
	{HOUR, N_("%lld hr"), "hr"}, {DAY, NULL, "day"}};

/* Seconds, minutes and hours are short for themselves; days have a plural. */
static const char *
unit_words(size_t i, int64_t n)
{
	if (units[i].words != NULL)
		return _(units[i].words);
	return ngettext("%lld day", "%lld days", (unsigned long)n);
}

void
p_span(struct page *p, int64_t ms)
{
	size_t i = 0;
	int64_t n;

	while (i + 1 < ARRAY_LEN(units) && ms >= 2 * units[i + 1].size)
		i++;
	n = (ms < 0 ? 0 : ms) / units[i].size;
	OWNED(char, text, free_chars) = xprintf(unit_words(i, n), (long long)n);
	p_text(p, text);
}

/* One number of each kind of plural, in the order in which the script asks for them: zero, one,
 * two, few, many, other. Where a number is said as a digit, a 0 stands for it. */
static void
put_plurals(struct page *p, size_t i)
{
	static const int64_t one_of[] = {0, 1, 2, 3, 11, 100};

	for (size_t k = 0; k < ARRAY_LEN(one_of); k++) {
		OWNED(char, text, free_chars) = xprintf(unit_words(i, one_of[k]), 0LL);

		if (k > 0)
			p_raw(p, "|");
		p_text(p, text);
	}
}

void
p_units(struct page *p)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		p_raw(p, " data-");
		p_raw(p, units[i].name);
		p_raw(p, "=\"");
		put_plurals(p, i);
		p_raw(p, "\"");
	}
}

static void
age_begin(struct page *p)
{
	if (p->n_ages < ARRAY_LEN(p->age))
		p->age[p->n_ages].begin = p->out->size;
}

static void
age_end(struct page *p)
{
	if (p->n_ages < ARRAY_LEN(p->age))
		p->age[p->n_ages++].end = p->out->size;
}

static void
open_time(struct page *p, const char *tag, int64_t ms)
{
	char text[INSTANT_TEXT_SIZE];

	instant_format(ms, text);
	p_raw(p, tag);
	p_text(p, text);
	p_raw(p, "\">");
}

void
p_age(struct page *p, int64_t since_ms)
{
	if (since_ms <= 0) {
		p_raw(p, "\u2013");
		return;
	}
	open_time(p, "<time class=\"age\" datetime=\"", since_ms);
	age_begin(p);
	p_span(p, p->now - since_ms);
	age_end(p);
	p_raw(p, "</time>");
}

void
p_left(struct page *p, int64_t until_ms)
{
	int64_t left = until_ms - p->now;

	if (until_ms <= 0) {
		p_raw(p, "\u2013");
		return;
	}
	open_time(p, "<time class=\"left\" datetime=\"", until_ms);
	age_begin(p);
	if (left < 0)
		p_words(p, N_("late by"));
	else
		p_words(p, N_("in"));
	p_raw(p, " ");
	p_span(p, left < 0 ? -left : left);
	age_end(p);
	p_raw(p, "</time>");
}

void
p_slowly(struct page *p)
{
	p_numbers(p, "<div data-minute=\"%lld\">", (long long)(p->now / MINUTE));
	age_begin(p);
}

void
p_slowly_end(struct page *p)
{
	age_end(p);
	p_raw(p, "</div>");
}
