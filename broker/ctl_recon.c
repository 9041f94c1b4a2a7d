/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftarctl reconcile: the party compares, daftard hears of it, so "run" asks and then looks until
 * every party that was asked has said what came of it, or the time is up. The exit status says how
 * the books stand. */
#include <string.h>
#include <time.h>

#include "broker/ctl_print.h"
#include "lib/control.h"
#include "lib/id.h"

#define LOOK_NS 200000000
#define WAIT_MS 60000

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

enum err
ctl_reconcile(const char *socket, json_t *args, json_t **data)
{
	const struct timespec pause = {0, LOOK_NS};
	int64_t deadline = monotonic_now() + WAIT_MS;
	OWNED(json_t, before, json_decrefp) = NULL;
	OWNED(json_t, now, json_decrefp) = NULL;

	TRY(control_call(socket, "reconcile.run", args, &before));
	for (;;) {
		json_decref(now);
		now = NULL;
		TRY(control_call(socket, "reconcile.show", NULL, &now));
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
