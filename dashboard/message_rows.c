/* SPDX-License-Identifier: EUPL-1.2
 *
 * A row has the id of its message: the live stream replaces it when it has moved on. */
#include "dashboard/message_rows.h"

#include <stdio.h>
#include <string.h>

const char *const action_values[] = {"", "TranscriptionRequest", "CertifiedExtract",
	"TranscriptionOutcome", "Query", "QueryReply", "Cancellation", "CorrectionNotice",
	"CorrectionOutcome", "Attachment", NULL};
const char *const action_names[] = {N_("any"), N_("Request"), N_("Extract"), N_("Outcome"),
	N_("Question"), N_("Answer"), N_("Cancellation"), N_("Correction"),
	N_("Correction outcome"), N_("Attachment"), NULL};

const char *const stage_values[] = {"", "ACCEPTED", "DELIVERED", "COMMITTED", "REJECTED",
	"WITHDRAWN", "EXPIRED", "DEAD-LETTER", NULL};
const char *const stage_names[] = {N_("any"), N_("Accepted"), N_("Delivered"), N_("Committed"),
	N_("Rejected"), N_("Withdrawn"), N_("Expired"), N_("Dead letter"), NULL};

const char *const state_values[] = {"", "open", "ended", "held", "aside", "stopped", NULL};
const char *const state_names[] = {N_("any"), N_("Under way"), N_("Ended"),
	N_("Held: revocation data too old"), N_("Set aside"), N_("Stopped: protection"), NULL};

const char *
action_words(const char *action)
{
	for (size_t i = 1; action_values[i] != NULL; i++)
		if (strcmp(action_values[i], action) == 0)
			return _(action_names[i]);
	return action;
}

int64_t
message_accepted(const json_t *message)
{
	return instant_of(json_array_get(json_object_get(message, "timeline"), 0), "at");
}

bool
message_is_open(const json_t *message)
{
	const char *stage = text_of(message, "stage");

	if (json_object_get(message, "open") != NULL)
		return is_true(message, "open");
	return strcmp(stage, "ACCEPTED") == 0 || strcmp(stage, "DELIVERED") == 0;
}

void
filter_arg(json_t *args, const struct page *p, const char *name)
{
	static const char *const capitals[] = {"party", "from", "to", "code"};
	const char *value = query_text(p->query, name);
	OWNED(char, text, free_chars) = value != NULL ? xstrdup(value) : NULL;

	if (text == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(capitals); i++)
		for (char *c = text; strcmp(capitals[i], name) == 0 && *c != '\0'; c++)
			if (*c >= 'a' && *c <= 'z')
				*c = (char)(*c - 'a' + 'A');
	json_object_set_new(args, name, json_string(text));
}

const json_t *
filtered_ask(struct page *p, const char *verb, json_t *args)
{
	enum err why = E_OK;
	const json_t *answer = broker_ask(p->broker, verb, args, &why);

	if (answer != NULL)
		return answer;
	if (why == E_USAGE)
		p_empty(p, N_("A filter is not understood: a party looks like KE.CRS, a day like "
			      "2026-11-27."));
	else
		p_error(p, why, why == E_UNREACHABLE ? N_("The exchange does not answer") : NULL);
	return NULL;
}

void
message_link(struct page *p, const json_t *message)
{
	p_link_begin(p, "/message", "id", text_of(message, "id"), NULL);
	p_bdi(p, text_of(message, "tracking"));
	p_link_end(p);
}

void
message_way(struct page *p, const json_t *message)
{
	p_raw(p, "<span class=\"way\">");
	p_bdi(p, text_of(message, "from"));
	p_raw(p, lang_is_rtl() ? " \u2190 " : " \u2192 ");
	p_bdi(p, text_of(message, "to"));
	p_raw(p, "</span>");
}

void
message_state(struct page *p, const json_t *message)
{
	p_raw(p, "<span>");
	p_stage(p, text_of(message, "stage"));
	if (json_is_object(json_object_get(message, "aside"))) {
		p_raw(p, " ");
		p_mark(p, MARK_WARN, N_("set aside"));
	}
	if (is_true(message, "held")) {
		p_raw(p, " ");
		p_mark(p, MARK_WARN, N_("held"));
	}
	if (text_of(message, "code")[0] != '\0' &&
		strcmp(text_of(message, "code"), text_of(message, "stage")) != 0) {
		p_raw(p, " ");
		p_code(p, text_of(message, "code"));
	}
	p_raw(p, "</span>");
}

/* What has ended has no deadline any more. */
static void
put_due(struct page *p, const json_t *message)
{
	int64_t due = instant_of(message, "due");

	if (due == 0 || !message_is_open(message))
		p_raw(p, "\u2013");
	else
		p_left(p, due);
}

void
message_kind(struct page *p, const json_t *message)
{
	p_text(p, action_words(text_of(message, "action")));
}

void
message_age(struct page *p, const json_t *message)
{
	p_age(p, message_accepted(message));
}

const struct column message_columns[] = {
	{N_("Number"), .put = message_link},
	{N_("Kind"), .put = message_kind},
	{N_("From, to"), .put = message_way},
	{N_("State"), .put = message_state},
	{N_("Accepted"), .put = message_age},
	{N_("Due"), .put = put_due},
	{0},
};

void
empty_below(struct page *p, const char *table, bool is_empty, const char *words)
{
	char id[64];

	snprintf(id, sizeof id, "%s-none", table);
	p_part(p, id);
	if (is_empty)
		p_empty(p, words);
	p_part_end(p);
}

void
message_table(struct page *p, const char *id, char mark, const char *caption,
	const struct column *columns, const json_t *messages, const char *empty)
{
	const json_t *message;
	char row[64];
	size_t i;

	p_list_begin(p, id, caption, columns);
	json_array_foreach(messages, i, message)
	{
		snprintf(row, sizeof row, "%c-%s", mark, text_of(message, "id"));
		p_list_row(p, row, columns, message);
	}
	p_table_end(p);
	empty_below(p, id, json_array_size(messages) == 0, empty);
}

void
newest_again(struct page *p, const char *words, const char *cursor)
{
	if (query_text(p->query, cursor) == NULL)
		return;
	p_raw(p, "<p class=\"more\">");
	p_link_here(p, words, cursor, NULL);
	p_raw(p, "</p>");
}
