/* SPDX-License-Identifier: EUPL-1.2
 *
 * Work waiting: what ends first by law, consent or expiry stands first, not what came first. */
#include "dashboard/message_rows.h"
#include "dashboard/screen.h"

#include <stdio.h>
#include <string.h>

#define ROWS 25
#define SOON_MS (24 * 3600000ll)

/* What makes the moment the last one. */
static void
put_why(struct page *p, const json_t *message)
{
	const char *why = text_of(message, "why");

	static const struct {
		const char *word, *words;
	} rows[] = {
		{"expiry", N_("the message expires")},
		{"consent", N_("the consent ends")},
		{"decision", N_("the registry means to decide by then")},
		{"tacit", N_("silence is a refusal then")},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].word, why) == 0)
			why = _(rows[i].words);
	p_text(p, why);
	if (text_of(message, "provision")[0] != '\0') {
		p_raw(p, " (");
		p_bdi(p, text_of(message, "provision"));
		p_raw(p, ")");
	}
}

static void
put_due(struct page *p, const json_t *message)
{
	int64_t due = instant_of(message, "due"), left = due - p->now;

	if (due == 0) {
		p_raw(p, "\u2013");
		return;
	}
	p_raw(p, "<span>");
	p_raw(p, left < 0	  ? "<span class=\"due bad\">\u2717 "
		 : left < SOON_MS ? "<span class=\"due warn\">! "
				  : "<span class=\"due\">");
	p_left(p, due);
	p_raw(p, "</span><br>");
	p_instant(p, due);
	p_raw(p, "</span>");
}

static const struct column columns[] = {
	{N_("Number"), .put = message_link},
	{N_("Due"), .put = put_due},
	{N_("Why then"), .put = put_why},
	{N_("Kind"), .put = message_kind},
	{N_("From, to"), .put = message_way},
	{N_("State"), .put = message_state},
	{N_("Accepted"), .put = message_age},
	{0},
};

/* What a registry has taken and is to decide. A row of the table above moves here when it is
 * taken. */
static void
put_decisions(struct page *p, const json_t *decisions)
{
	p_section(p, "undecided", N_("Taken, to be decided"));
	p_note(p, N_("By the days that the registry has given in the trust list, in UTC, from the "
		     "day on "
		     "which it has taken the extract; of a registry that has given none nothing is "
		     "known here. Its own count is the one that holds."));
	message_table(p, "decisions", 'd', N_("What is to be decided first stands first"), columns,
		decisions, N_("No extract waits for a decision whose days are known."));
	p_section_end(p);
}

void
screen_waiting(struct page *p)
{
	const char *after = query_text(p->query, "after");
	json_t *args = json_pack("{s:i}", "limit", ROWS);
	const json_t *answer;

	if (after != NULL)
		json_object_set_new(args, "after", json_string(after));
	answer = p_ask(p, "deadline.list", args);
	if (answer == NULL)
		return;
	message_table(p, "waiting", 'm', N_("What ends first stands first"), columns,
		json_object_get(answer, "messages"), N_("Nothing waits."));
	newest_again(p, N_("Soonest"), "after");
	p_more(p, "after", json_object_get(answer, "next"));
	put_decisions(p, json_object_get(answer, "decisions"));
}
