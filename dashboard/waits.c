/* SPDX-License-Identifier: EUPL-1.2
 *
 * The same list stands in the answer about one message and in that about all of them; the latter
 * counts the messages. */
#include "dashboard/waits.h"

#include <string.h>

#define SHOWN 4

static bool
is_away(const json_t *row)
{
	return strcmp(text_of(row, "does"), "compares") == 0 && !is_true(row, "connected");
}

bool
waits_need_a_call(const json_t *answer)
{
	const json_t *row;
	size_t i;

	json_array_foreach(
		json_object_get(answer, "waits_for"), i, row) if (is_away(row)) return true;
	return false;
}

static void
put_sentence(struct page *p, const json_t *row)
{
	if (strcmp(text_of(row, "does"), "speaks") == 0) {
		p_words(p, N_("It has compared its books, and may say again what was withdrawn. "
			      "Nothing is to be done until"));
		p_raw(p, " ");
		p_instant(p, instant_of(row, "until"));
	} else if (is_away(row))
		p_words(p, N_("It has not compared its books since the restore and is not "
			      "connected. Call this office: its program must connect once."));
	else
		p_words(p, N_("It has not compared its books since the restore. It is connected "
			      "and does so by itself."));
}

static void
put_row(struct page *p, const json_t *row)
{
	p_raw(p, "<li>");
	p_link(p, text_of(row, "party"), "/party", "code", text_of(row, "party"), NULL);
	p_raw(p, ": ");
	if (number_of(row, "messages") > 0) {
		p_count(p, number_of(row, "messages"), "%lld message waits for it.",
			"%lld messages wait for it.");
		p_raw(p, " ");
	}
	put_sentence(p, row);
	p_raw(p, "</li>");
}

void
put_waits(struct page *p, const json_t *answer)
{
	const json_t *list = json_object_get(answer, "waits_for");
	size_t n = json_array_size(list);

	if (n == 0)
		return;
	p_raw(p, "<p>");
	p_words(p, N_("The exchange was restored from a copy. Waited for:"));
	p_raw(p, "</p><ul class=\"warnings\">");
	for (size_t i = 0; i < n && i < SHOWN; i++)
		put_row(p, json_array_get(list, i));
	p_raw(p, "</ul><p>");
	if (n > SHOWN) {
		p_count(p, (int64_t)(n - SHOWN), "and %lld more", "and %lld more");
		p_raw(p, " ");
	}
	p_runbook(p, "reconciling");
	p_raw(p, "</p>");
}
