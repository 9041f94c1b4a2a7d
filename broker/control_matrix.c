/* SPDX-License-Identifier: EUPL-1.2
 *
 * Do the books agree, day by day: of each party what its comparisons with the exchange came to, and
 * of each channel what its two sides have stated, signed. A page of channels at a time; the days
 * are those that the store keeps. */
#include <stdlib.h>
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"
#include "broker/ending.h"

#define DAYS_USUAL 14
#define CHANNELS_USUAL 50
#define CHANNELS_MOST 200

static const struct party everybody = {.code = ""};

struct matrix {
	struct daftard *d;
	uint16_t first, last; /* days since 1970 */
	int64_t now;
};

/* One side's days; found[i] is that of day first + i, with at 0 where there is none. */
struct side {
	struct compared day[COMPARED_DAYS];
};

static void
side_of(const struct matrix *m, const struct party *by, const struct party *from,
	const struct party *to, struct side *out)
{
	struct compared kept[COMPARED_DAYS];
	size_t n = store_compared(m->d->store, by, from, to, kept);

	*out = (struct side){.day = {{.at = 0}}};
	for (size_t i = 0; i < n; i++)
		if (kept[i].day >= m->first && kept[i].day <= m->last)
			out->day[kept[i].day - m->first] = kept[i];
}

static const char *
word_of(const struct compared *c)
{
	if (c->at == 0)
		return "unheard";
	return c->equal ? "equal" : "differs";
}

/* Of both sides: what differs is said before what was not heard. */
static const char *
word_of_both(const struct compared *a, const struct compared *b)
{
	if ((a->at != 0 && !a->equal) || (b->at != 0 && !b->equal))
		return "differs";
	if (a->at != 0 && b->at != 0)
		return "equal";
	return a->at != 0 || b->at != 0 ? "half" : "unheard";
}

/* "2026-11-27" */
static void
put_day(json_t *o, const char *key, uint16_t day)
{
	char text[INSTANT_TEXT_SIZE];

	instant_format(day * DAY_MS, text);
	text[10] = '\0';
	json_put_text(o, key, text);
}

static json_t *
days_json(const struct matrix *m)
{
	json_t *list = json_array();

	for (unsigned day = m->last; day >= m->first; day--) {
		json_t *o = json_object();

		put_day(o, "day", (uint16_t)day);
		json_put(o, "over", json_boolean((day + 1) * DAY_MS <= m->now));
		json_add(list, o);
	}
	return list;
}

/* ---- parties ---- */

static json_t *
comparison_json(const struct compared *c)
{
	json_t *o = json_object();

	json_put_text(o, "state", word_of(c));
	if (c->at == 0)
		return o;
	json_put(o, "at", json_instant(c->at));
	json_put_number(o, "elements", c->elements);
	json_put_number(o, "differences", c->differences);
	json_put_number(o, "mended", c->mended);
	json_put_number(o, "open", c->open);
	return o;
}

static json_t *
party_row(const struct matrix *m, const struct party *party)
{
	json_t *o = json_object(), *cells = json_array();
	struct side side;

	side_of(m, party, &everybody, &everybody, &side);
	for (unsigned day = m->last; day >= m->first; day--)
		json_add(cells, comparison_json(&side.day[day - m->first]));
	json_put_text(o, "code", party->code);
	json_put(o, "cells", cells);
	return o;
}

/* ---- channels ---- */

static json_t *
channel_row(const struct matrix *m, const struct party *from, const struct party *to)
{
	json_t *o = json_object(), *cells = json_array();
	struct side sender, addressee;

	side_of(m, from, from, to, &sender);
	side_of(m, to, from, to, &addressee);
	for (unsigned day = m->last; day >= m->first; day--) {
		const struct compared *a = &sender.day[day - m->first];
		const struct compared *b = &addressee.day[day - m->first];
		json_t *cell = json_object();

		json_put_text(cell, "state", word_of_both(a, b));
		json_put_text(cell, "sender", word_of(a));
		json_put_text(cell, "addressee", word_of(b));
		if (a->at != 0 || b->at != 0)
			json_put_number(cell, "elements", a->at != 0 ? a->elements : b->elements);
		json_add(cells, cell);
	}
	json_put_text(o, "from", from->code);
	json_put_text(o, "to", to->code);
	json_put(o, "cells", cells);
	return o;
}

/* Of several agreements on one channel the first speaks for it. */
static bool
is_first(const struct trust *t, size_t i)
{
	const struct trust_agreement *a = trust_agreement_at(t, i);

	for (size_t k = 0; k < i; k++)
		if (party_equal(&trust_agreement_at(t, k)->from, &a->from) &&
			party_equal(&trust_agreement_at(t, k)->to, &a->to))
			return false;
	return true;
}

static void
put_channels(const struct matrix *m, size_t after, size_t limit, json_t *o)
{
	const struct trust *t = m->d->trust;
	json_t *rows = json_array();
	size_t i = after;

	for (; i < trust_agreement_count(t) && json_array_size(rows) < limit; i++)
		if (is_first(t, i))
			json_add(rows, channel_row(m, &trust_agreement_at(t, i)->from,
					       &trust_agreement_at(t, i)->to));
	json_put(o, "channels", rows);
	json_put(o, "next",
		i < trust_agreement_count(t) ? json_integer((json_int_t)i) : json_null());
}

static void
put_parties(const struct matrix *m, json_t *o)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < trust_count(m->d->trust); i++)
		if (trust_at(m->d->trust, i)->role != ROLE_EXCHANGE)
			json_add(rows, party_row(m, &trust_at(m->d->trust, i)->code));
	json_put(o, "parties", rows);
}

static enum err
number_arg(const json_t *args, const char *name, json_int_t usual, json_int_t most, json_int_t *out)
{
	const json_t *value = json_object_get(args, name);

	*out = value == NULL ? usual : json_integer_value(value);
	return *out >= 0 && *out <= most ? E_OK : E_USAGE;
}

/* The parties are told with the first page of channels. */
enum err
verb_reconcile_matrix(void *context, const json_t *args, json_t **data)
{
	struct matrix m = {.d = context, .now = instant_now()};
	json_int_t days, limit, after;

	TRY(number_arg(args, "days", DAYS_USUAL, COMPARED_DAYS, &days));
	TRY(number_arg(args, "limit", CHANNELS_USUAL, CHANNELS_MOST, &limit));
	TRY(number_arg(args, "after", 0, INT32_MAX, &after));
	if (days == 0 || limit == 0 || m.now < COMPARED_DAYS * DAY_MS)
		return E_USAGE;
	group_end(m.d);
	m.last = (uint16_t)(m.now / DAY_MS);
	m.first = (uint16_t)(m.last - days + 1);
	*data = json_object();
	json_put(*data, "days", days_json(&m));
	if (after == 0)
		put_parties(&m, *data);
	put_channels(&m, (size_t)after, (size_t)limit, *data);
	return E_OK;
}
