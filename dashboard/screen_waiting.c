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
static const char *
why_words(const char *why)
{
	static const struct {
		const char *word, *words;
	} rows[] = {
		{"expiry", N_("the message expires")},
		{"consent", N_("the consent ends")},
		{"legal", N_("the legal deadline")},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].word, why) == 0)
			return _(rows[i].words);
	return why;
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

static void
put_row(struct page *p, const json_t *message)
{
	char id[64];

	snprintf(id, sizeof id, "m-%s", text_of(message, "id"));
	p_row(p, id);
	p_cell(p);
	message_link(p, message);
	p_cell_end(p);
	p_cell(p);
	put_due(p, message);
	p_cell_end(p);
	p_cell(p);
	p_text(p, why_words(text_of(message, "why")));
	p_cell_end(p);
	p_cell(p);
	p_text(p, action_words(text_of(message, "action")));
	p_cell_end(p);
	p_cell(p);
	message_way(p, message);
	p_cell_end(p);
	p_cell(p);
	message_state(p, message);
	p_cell_end(p);
	p_cell(p);
	p_age(p, message_accepted(message));
	p_cell_end(p);
	p_row_end(p);
}

void
screen_waiting(struct page *p)
{
	const char *after = query_text(p->query, "after");
	json_t *args = json_pack("{s:i}", "limit", ROWS);
	const json_t *answer, *messages, *message;
	size_t i;

	if (after != NULL)
		json_object_set_new(args, "after", json_string(after));
	answer = p_ask(p, "deadline.list", args);
	if (answer == NULL)
		return;
	messages = json_object_get(answer, "messages");
	p_table(p, "waiting", N_("What ends first stands first"));
	p_column(p, N_("Number"));
	p_column(p, N_("Due"));
	p_column(p, N_("Why then"));
	p_column(p, N_("Kind"));
	p_column(p, N_("From, to"));
	p_column(p, N_("State"));
	p_column(p, N_("Accepted"));
	p_rows(p);
	json_array_foreach(messages, i, message) put_row(p, message);
	p_table_end(p);
	empty_below(p, "waiting", json_array_size(messages) == 0, N_("Nothing waits."));
	if (after != NULL) {
		p_raw(p, "<p class=\"more\">");
		p_link_here(p, N_("Soonest"), "after", NULL);
		p_raw(p, "</p>");
	}
	p_more(p, "after", json_object_get(answer, "next"));
}
