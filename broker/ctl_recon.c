/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl reconcile: the party compares, daftard hears of it, so "run" asks and then looks until
 * every party that was asked has said what came of it, or the time is up. The exit status says how
 * the books stand. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "broker/ctl_command.h"
#include "lib/closing.h"
#include "lib/id.h"

#define LOOK_NS 200000000
#define WAIT_MS 60000

#define SIGN_MS 20000
#define DAY_MS INT64_C(86400000)

enum { BOOKS_AGREE = 0, BOOKS_DIFFER = 1, BOOKS_UNKNOWN = 3 };

static const json_t *
row_of(const json_t *data, const char *code)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(data, "parties"), i,
		row) if (strcmp(text_of(row, "code"), code) == 0) return row;
	return NULL;
}

static int64_t
compared_at(const json_t *row)
{
	return json_integer_value(json_object_get(row, "at_ms"));
}

/* Has every party that stands in `before' compared since, or gone? */
static bool
is_over(const json_t *before, const json_t *now)
{
	const json_t *row;
	size_t i;

	json_array_foreach(json_object_get(before, "parties"), i, row)
	{
		const json_t *there = row_of(now, text_of(row, "code"));

		if (there != NULL && compared_at(there) <= compared_at(row) &&
			json_is_true(json_object_get(there, "connected")))
			return false;
	}
	return true;
}

/* Of those who were asked, as they stand now; who has said nothing could not be reached. */
static json_t *
outcome(const json_t *before, const json_t *now)
{
	json_t *parties = json_array(), *unreachable;
	const json_t *row;
	size_t i;

	unreachable = json_copy(json_object_get(before, "unreachable"));
	json_array_foreach(json_object_get(before, "parties"), i, row)
	{
		const json_t *there = row_of(now, text_of(row, "code"));

		if (there != NULL && compared_at(there) > compared_at(row))
			json_array_append(parties, (json_t *)there);
		else
			json_array_append(unreachable, json_object_get(row, "code"));
	}
	return json_pack("{s:o, s:o}", "parties", parties, "unreachable", unreachable);
}

static enum err
run_all(const struct options *o, json_t *args, json_t **data)
{
	const struct timespec pause = {0, LOOK_NS};
	int64_t deadline = monotonic_now() + WAIT_MS;
	OWNED(json_t, before, json_decrefp) = NULL;
	OWNED(json_t, now, json_decrefp) = NULL;

	TRY(ctl_call(o, "reconcile.run", args, &before));
	for (;;) {
		json_decref(now);
		now = NULL;
		TRY(ctl_call(o, "reconcile.show", NULL, &now));
		if (is_over(before, now) || monotonic_now() > deadline)
			break;
		(void)nanosleep(&pause, NULL);
	}
	*data = outcome(before, now);
	return E_OK;
}

int
ctl_books(const json_t *data)
{
	int status = BOOKS_AGREE;
	const json_t *row;
	size_t i;

	if (json_array_size(json_object_get(data, "unreachable")) > 0)
		status = BOOKS_UNKNOWN;
	json_array_foreach(json_object_get(data, "parties"), i, row)
	{
		if (strcmp(text_of(row, "state"), "differs") == 0)
			return BOOKS_DIFFER;
		if (strcmp(text_of(row, "state"), "agrees") != 0)
			status = BOOKS_UNKNOWN;
	}
	return status;
}

/* ---- signing ---- */

struct period {
	int64_t since, until;
};

static bool
instant_of_day(const char *year_month, const char *day, int64_t *out)
{
	OWNED(char, text, free_chars) = xprintf("%.7s-%.2sT00:00:00.000Z", year_month, day);

	return instant_parse(text, out);
}

/* The first day of the month after that in which `ms' is. */
static bool
month_after(int64_t ms, int64_t *out)
{
	char text[INSTANT_TEXT_SIZE];

	instant_format(ms + 31 * DAY_MS, text);
	return instant_of_day(text, "01", out);
}

static bool
period_of(const char *text, struct period *p)
{
	if (text[0] == '\0') {
		*p = (struct period){0, instant_now()};
		return true;
	}
	if (strlen(text) == 10 && text[7] == '-' && instant_of_day(text, text + 8, &p->since)) {
		p->until = p->since + DAY_MS;
		return true;
	}
	return strlen(text) == 7 && instant_of_day(text, "01", &p->since) &&
	       month_after(p->since, &p->until);
}

static bool
is_of(const json_t *closing, const struct period *p)
{
	const char *statement = text_of(closing, "statement");
	struct closing c;

	return closing_parse(bytes_of(statement, strlen(statement)), &c) == E_OK &&
	       c.since == p->since && c.until == p->until;
}

/* The closings of that period, of those that were signed last. */
static enum err
signed_so_far(const struct options *o, json_t *channel, const struct period *p, json_t *out)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	const json_t *closing;
	enum err e = ctl_call(o, "reconcile.closing", channel, &data);
	size_t i;

	json_array_clear(out);
	if (e == E_NOT_FOUND)
		return E_OK;
	json_array_foreach(json_object_get(data, "closings"), i, closing) if (is_of(closing, p))
		json_array_append(out, (json_t *)closing);
	return e;
}

static enum err
sign(const struct options *o, const char *from, const char *to, const char *period, json_t **data,
	int *status)
{
	const struct timespec pause = {0, LOOK_NS};
	int64_t deadline = monotonic_now() + SIGN_MS;
	OWNED(json_t, channel, json_decrefp) = json_pack("{s:s,s:s}", "from", from, "to", to);
	OWNED(json_t, asked, json_decrefp) = NULL;
	OWNED(json_t, closings, json_decrefp) = json_array();
	struct period p;
	size_t n;

	if (channel == NULL || !period_of(period, &p))
		return E_USAGE;
	json_object_set_new(channel, "since", json_integer(p.since));
	json_object_set_new(channel, "until", json_integer(p.until));
	TRY(ctl_call(o, "reconcile.sign", channel, &asked));
	json_object_del(channel, "since"); /* what was signed is asked for by channel */
	json_object_del(channel, "until");
	n = json_array_size(json_object_get(asked, "asked"));
	for (;;) {
		TRY(signed_so_far(o, channel, &p, closings));
		if (json_array_size(closings) >= n || monotonic_now() > deadline)
			break;
		(void)nanosleep(&pause, NULL);
	}
	*status = json_array_size(closings) < n ? BOOKS_DIFFER
		  : n < 2			? BOOKS_UNKNOWN
						: BOOKS_AGREE;
	*data = json_pack("{s:O}", "closings", closings);
	return E_OK;
}

/* ---- the commands ---- */

int
ctl_reconcile_run(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = run_all(o, args, &data);
	int status = ctl_end(o, c, ctl_item(o), data, e);

	return e == E_OK ? ctl_books(data) : status;
}

int
ctl_books_ask(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = ctl_call(o, c->doing->verb, args, &data);
	int status = ctl_end(o, c, ctl_item(o), data, e);

	return e == E_OK ? ctl_books(data) : status;
}

int
ctl_reconcile_sign(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	int status = EXIT_FAILED;
	enum err e = sign(o, text_of(args, "from"), text_of(args, "to"), text_of(args, "period"),
		&data, &status);
	int failed = ctl_end(o, c, ctl_item(o), data, e);

	return e == E_OK ? status : failed;
}

/* ---- printing ---- */

static const struct column book_columns[] = {
	{"party", "code", 14},
	{"connected", "connected", 9},
	{"books", "state", 11},
	{"compared", "at", 24},
	{"messages", "elements", 8},
	{"differences", "differences", 11},
	{"mended", "mended", 6},
	{"open", "open", 0},
};

void
print_books(const json_t *data)
{
	const json_t *code;
	size_t i;

	if (json_is_true(json_object_get(data, "restored")))
		print_field("generation", "%" PRId64 ", the store was restored from a backup",
			number_of(data, "generation"));
	print_table(json_object_get(data, "parties"), book_columns, ARRAY_LEN(book_columns));
	json_array_foreach(json_object_get(data, "unreachable"), i, code)
		print_field(json_string_value(code), "was not reached");
}

/* The notes are texts for people; the statements that they are about are in --json. */
void
print_closings(const json_t *data)
{
	const json_t *closing;
	size_t i;

	json_array_foreach(json_object_get(data, "closings"), i, closing)
	{
		if (i > 0)
			putchar('\n');
		print_field("stated by", "%s", text_of(closing, "by"));
		fputs(text_of(closing, "note"), stdout);
	}
}
