/* SPDX-License-Identifier: EUPL-1.2
 *
 * Messages: the search for a tracking number first, then filters. All of it lives in the address,
 * so that a link, a bookmark or a note to a colleague carries it. The broker looks at so many
 * messages a call and says where it stopped: a search goes on from there. */
#include "dashboard/message_rows.h"
#include "dashboard/screen.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 25

/* Filters that a form sets and message.list takes. */
static const char *const filters[] = {
	"party", "from", "to", "action", "stage", "code", "state", "since", "until"};

static bool
is_filtered(const struct page *p)
{
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		if (query_text(p->query, filters[i]) != NULL)
			return true;
	return false;
}

static json_t *
list_args(const struct page *p)
{
	json_t *args = json_pack("{s:i}", "limit", ROWS);
	int64_t before = query_number(p->query, "before", 0, 1, INT64_MAX);

	filter_arg(args, p, "q");
	for (size_t i = 0; i < ARRAY_LEN(filters); i++)
		filter_arg(args, p, filters[i]);
	if (before > 0)
		json_object_set_new(args, "before", json_integer(before));
	return args;
}

static void
put_more_filters(struct page *p)
{
	p_raw(p, is_filtered(p) ? "<details class=\"more\" open>" : "<details class=\"more\">");
	p_raw(p, "<summary>");
	p_words(p, N_("Filters"));
	p_raw(p, "</summary><div class=\"fields\">");
	p_choice(p, "state", N_("State"), state_values, state_names);
	p_choice(p, "action", N_("Kind"), action_values, action_names);
	p_choice(p, "stage", N_("Stage"), stage_values, stage_names);
	p_field(p, "from", N_("From"), "KE.CRS");
	p_field(p, "to", N_("To"), "SO.NIRA");
	p_field(p, "party", N_("From or to"), "UNHCR.NBO");
	p_field(p, "code", N_("Code"), "EXPIRED");
	p_field(p, "since", N_("Accepted from (UTC)"), "2026-11-27");
	p_field(p, "until", N_("until (UTC)"), "2026-11-28");
	p_raw(p, "</div></details>");
}

static void
put_search(struct page *p)
{
	p_raw(p, "<div class=\"search\">");
	p_filter(p, N_("Search"));
	p_raw(p, "<div class=\"first\">");
	p_field(p, "q", N_("Tracking number or message id"), "DFT-3R2T-7W2B-9");
	p_raw(p, "</div>");
	put_more_filters(p);
	p_filter_end(p);
	p_raw(p, "</div>");
}

/* Whether this filter is what is shown; without a name: none is. */
static bool
is_ready(const struct page *p, const char *name, const char *value)
{
	const char *given = name != NULL ? query_text(p->query, name) : NULL;

	if (name == NULL)
		return !is_filtered(p) && query_text(p->query, "q") == NULL;
	return given != NULL && strcmp(given, value) == 0;
}

/* Filters that are wanted often; further ones are kept by the browser (assets/saved.js). */
static void
put_ready(struct page *p)
{
	static const struct {
		const char *words, *name, *value;
	} ready[] = {
		{N_("All"), NULL, NULL},
		{N_("Under way"), "state", "open"},
		{N_("Set aside"), "state", "aside"},
		{N_("Held"), "state", "held"},
		{N_("Rejected"), "stage", "REJECTED"},
		{N_("Expired"), "stage", "EXPIRED"},
		{N_("Requests"), "action", "TranscriptionRequest"},
	};

	p_raw(p, "<nav class=\"ready\" aria-label=\"");
	p_words(p, N_("Ready filters"));
	p_raw(p, "\"><ul>");
	for (size_t i = 0; i < ARRAY_LEN(ready); i++) {
		p_raw(p,
			is_ready(p, ready[i].name, ready[i].value) ? "<li class=\"now\">" : "<li>");
		p_link_words(p, ready[i].words, "/messages", ready[i].name, ready[i].value, NULL);
		p_raw(p, "</li>");
	}
	p_raw(p, "</ul></nav><div id=\"saved\" data-save=\"");
	p_words(p, N_("Save this filter"));
	p_raw(p, "\" data-name=\"");
	p_words(p, N_("Name of the filter"));
	p_raw(p, "\" data-drop=\"");
	p_words(p, N_("Remove"));
	p_raw(p, "\" hidden></div>");
}

static void
put_found(struct page *p, const json_t *answer)
{
	const json_t *messages = json_object_get(answer, "messages");
	const json_t *next = json_object_get(answer, "next");
	bool further = next != NULL && !json_is_null(next);
	bool sought = is_filtered(p) || query_text(p->query, "q") != NULL;

	message_table(p, "messages", 'm', N_("Newest first"), message_columns, messages,
		further	 ? N_("Not found among the newest messages: look further back.")
		: sought ? N_("No message fits.")
			 : N_("No message yet."));
	newest_again(p, N_("Newest"), "before");
	p_more(p, "before", next);
}

void
screen_messages(struct page *p)
{
	const json_t *answer;

	put_search(p);
	put_ready(p);
	answer = filtered_ask(p, "message.list", list_args(p));
	if (answer != NULL)
		put_found(p, answer);
}
