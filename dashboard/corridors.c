/* SPDX-License-Identifier: EUPL-1.2
 *
 * Rows of corridors. The broker says how much trouble one has; here it gets a sign. */
#include "dashboard/corridors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dashboard/message_rows.h"

bool
corridor_is_closed(const json_t *corridor)
{
	return strcmp(text_of(corridor, "state"), "closed") == 0;
}

enum mark
corridor_mark(const json_t *corridor)
{
	int64_t trouble = number_of(corridor, "trouble");

	if (trouble >= 2)
		return MARK_BAD;
	return trouble == 1 || corridor_is_closed(corridor) ? MARK_WARN : MARK_GOOD;
}

/* What the broker says is the matter: words of a fixed list, here to be translated. */
static const char *const troubles[] = {N_("waits too long"), N_("dead letters"),
	N_("no agreement in force"), N_("a party is cut off"), N_("messages expired"), N_("slow"),
	N_("agreement ends soon"), N_("in order")};

void
corridor_state(struct page *p, const json_t *corridor)
{
	bool closed = corridor_is_closed(corridor);
	const char *word = closed ? N_("closed") : N_("open");

	for (size_t i = 0; i < ARRAY_LEN(troubles); i++)
		if (!closed && strcmp(text_of(corridor, "trouble_word"), troubles[i]) == 0)
			word = troubles[i];
	p_mark(p, corridor_mark(corridor), word);
}

void
corridor_link(struct page *p, const json_t *corridor)
{
	p_link_begin(p, "/corridor", "from", text_of(corridor, "from"), "to",
		text_of(corridor, "to"), NULL);
	message_way(p, corridor);
	p_link_end(p);
}

static void
put_failed(struct page *p, const json_t *corridor)
{
	const json_t *day = json_object_get(corridor, "day");

	p_number(
		p, number_of(day, "rejected") + number_of(day, "expired") + number_of(day, "dead"));
}

static void
put_accepted(struct page *p, const json_t *corridor)
{
	p_number(p, number_of(json_object_get(corridor, "day"), "accepted"));
}

static void
put_committed(struct page *p, const json_t *corridor)
{
	p_number(p, number_of(json_object_get(corridor, "day"), "committed"));
}

static void
put_agreement_end(struct page *p, const json_t *corridor)
{
	if (instant_of(corridor, "valid_until") != 0)
		p_left(p, instant_of(corridor, "valid_until"));
	else
		p_raw(p, "\u2013");
}

static const struct column columns[] = {
	{N_("Corridor"), .put = corridor_link},
	{N_("State"), .put = corridor_state},
	{N_("Waiting"), .key = "waiting", .number = p_number},
	{N_("Oldest"), .key = "oldest", .time = p_age},
	{N_("Accepted, 24 h"), .put = put_accepted, .figure = true},
	{N_("Committed, 24 h"), .put = put_committed, .figure = true},
	{N_("Failed, 24 h"), .put = put_failed, .figure = true},
	{N_("Agreement ends"), .put = put_agreement_end},
	{0},
};

static void
put_row(struct page *p, const char *table, const json_t *corridor)
{
	char id[64];

	snprintf(id, sizeof id, "%.8s-%.20s-%.20s", table, text_of(corridor, "from"),
		text_of(corridor, "to"));
	p_list_row(p, id, columns, corridor);
}

/* Worst first, then the longest wait, then by name. */
static int
by_trouble(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int64_t wait_x = instant_of(x, "oldest"), wait_y = instant_of(y, "oldest");
	int from;

	if (number_of(x, "trouble") != number_of(y, "trouble"))
		return number_of(x, "trouble") > number_of(y, "trouble") ? -1 : 1;
	if (wait_x != wait_y)
		return wait_x == 0 || (wait_y != 0 && wait_x > wait_y) ? 1 : -1;
	from = strcmp(text_of(x, "from"), text_of(y, "from"));
	return from != 0 ? from : strcmp(text_of(x, "to"), text_of(y, "to"));
}

static void
free_list(const json_t ***list)
{
	free(*list);
	*list = NULL;
}

void
corridor_table(struct page *p, const char *id, const char *caption, const json_t *corridors,
	size_t most, bool only_trouble)
{
	OWNED(const json_t *, list, free_list) =
		xcalloc(json_array_size(corridors) + 1, sizeof *list);
	const json_t *corridor;
	size_t i, n = 0;

	json_array_foreach(corridors, i,
		corridor) if (!only_trouble || corridor_mark(corridor) != MARK_GOOD) list[n++] =
		corridor;
	qsort(list, n, sizeof *list, by_trouble);
	p_list_begin(p, id, caption, columns);
	for (i = 0; i < n && i < most; i++)
		put_row(p, id, list[i]);
	p_table_end(p);
	empty_below(p, id, n == 0,
		only_trouble ? N_("No corridor has trouble.")
			     : N_("No corridor: the trust list holds no agreement."));
}
