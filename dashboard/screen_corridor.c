/* SPDX-License-Identifier: EUPL-1.2
 *
 * One corridor: is it open, what waits in it and for how long, by which rules, whom to call, and
 * the act that closes or opens it. */
#include "dashboard/corridors.h"
#include "dashboard/screen.h"

#include <stdio.h>
#include <string.h>

#include "dashboard/message_rows.h"
#include "dashboard/series.h"

#define WAITING 10
#define CHANGES 10

static void
put_state(struct page *p, const json_t *c)
{
	const char *from = text_of(c, "from"), *to = text_of(c, "to");
	bool closed = corridor_is_closed(c);

	p_part(p, "state");
	p_raw(p, "<p class=\"where\">");
	corridor_state(p, c);
	p_raw(p, " ");
	if (closed)
		p_words(p, N_("Nothing new is taken for it; what was accepted before goes on."));
	else
		p_words(p, N_("Messages are taken for it and passed on."));
	p_raw(p, "</p>");
	if (text_of(c, "reason")[0] != '\0') {
		p_raw(p, "<p class=\"why\">");
		p_words(p, N_("Reason given:"));
		p_raw(p, " ");
		p_bdi(p, text_of(c, "reason"));
		if (text_of(c, "by")[0] != '\0') {
			p_raw(p, " ");
			p_words(p, N_("by"));
			p_raw(p, " ");
			p_bdi(p, text_of(c, "by"));
		}
		p_raw(p, " ");
		p_instant(p, instant_of(c, "since"));
		p_raw(p, "</p>");
	}
	p_facts(p);
	p_fact_number(p, N_("Waiting"), number_of(c, "waiting"));
	p_fact(p, N_("Oldest"));
	p_age(p, instant_of(c, "oldest"));
	p_fact_end(p);
	p_facts_end(p);
	p_raw(p, "<p class=\"acts\">");
	p_act(p, closed ? "/act/corridor-open" : "/act/corridor-close", "from", from, "to", to,
		NULL);
	p_raw(p, "</p>");
	p_part_end(p);
}

/* ---- rules ---- */

static void
put_needed(struct page *p, bool needed)
{
	if (needed)
		p_words(p, N_("needed"));
	else
		p_raw(p, "\u2013");
}

static void
put_consent(struct page *p, const json_t *a)
{
	put_needed(p, is_true(a, "consent_required"));
}

static void
put_clearance(struct page *p, const json_t *a)
{
	put_needed(p, is_true(a, "clearance_required"));
}

static void
put_validity(struct page *p, const json_t *a)
{
	p_time(p, text_of(a, "valid_until"));
	p_raw(p, " ");
	if (instant_of(a, "valid_until") != 0)
		p_left(p, instant_of(a, "valid_until"));
}

static const struct column agreement_columns[] = {
	{N_("Agreement"), .key = "id", .text = p_code},
	{N_("Valid until"), .put = put_validity},
	{N_("Consent token"), .put = put_consent},
	{N_("Clearance"), .put = put_clearance},
	{0},
};

/* How long the addressee takes, as the trust list says of it. */
static void
put_deadline(struct page *p, const json_t *c)
{
	int64_t decision = number_of(c, "decision_days"), tacit = number_of(c, "tacit_days");

	if (decision > 0) {
		p_raw(p, "<p>");
		p_count(p, decision, "The addressee decides within %lld day.",
			"The addressee decides within %lld days.");
		p_raw(p, "</p>");
	}
	if (tacit > 0) {
		p_raw(p, "<p>");
		p_count(p, tacit, "After %lld day its silence is a refusal.",
			"After %lld days its silence is a refusal.");
		p_raw(p, "</p>");
	}
}

static void
put_rules(struct page *p, const json_t *c)
{
	const json_t *list = json_object_get(c, "agreements");

	p_section(p, "rules", N_("Rules"));
	put_deadline(p, c);
	p_list(p, "agreements", N_("Agreements that this corridor rests on"), agreement_columns,
		list);
	if (json_array_size(list) == 0)
		p_empty(p, N_("No agreement is in force: nothing is taken."));
	p_section_end(p);
}

/* ---- people ---- */

/* An office's contact: what the trust list says of it, which is public in the realm. */
static void
put_contact(struct page *p, const json_t *contact)
{
	static const char *const keys[] = {"role", "office", "phone", "email", "hours"};

	p_raw(p, "<li>");
	if (json_is_string(contact))
		p_bdi(p, json_string_value(contact));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (text_of(contact, keys[i])[0] == '\0')
			continue;
		p_bdi(p, text_of(contact, keys[i]));
		p_raw(p, " ");
	}
	p_raw(p, "</li>");
}

static void
put_party(struct page *p, const char *code)
{
	const json_t *party =
		broker_ask(p->broker, "party.show", json_pack("{s:s}", "code", code), NULL);
	const json_t *contacts = json_object_get(party, "contacts"), *contact;
	size_t i;

	p_raw(p, "<div class=\"party\"><h3>");
	p_link(p, code, "/party", "code", code, NULL);
	p_raw(p, "</h3><p>");
	p_bdi(p, text_of(party, "name"));
	p_raw(p, "</p><p>");
	if (is_true(party, "connected"))
		p_mark(p, MARK_GOOD, N_("connected"));
	else
		p_mark(p, MARK_WARN, N_("not connected"));
	p_raw(p, " ");
	p_words(p, N_("last heard"));
	p_raw(p, " ");
	p_age(p, instant_of(party, "heard"));
	p_raw(p, "</p>");
	if (json_array_size(contacts) == 0)
		p_note(p, N_("The trust list names nobody to call."));
	p_raw(p, "<ul>");
	json_array_foreach(contacts, i, contact) put_contact(p, contact);
	p_raw(p, "</ul></div>");
}

/* ---- changes ---- */

static void
put_who(struct page *p, const json_t *change)
{
	p_bdi(p, text_of(change, "by"));
	if (text_of(change, "second")[0] != '\0') {
		p_comma(p);
		p_bdi(p, text_of(change, "second"));
	}
}

static void
put_kind(struct page *p, const char *kind)
{
	p_text(p, change_words(kind));
}

static const struct column change_columns[] = {
	{N_("What"), .key = "kind", .text = put_kind},
	{N_("When"), .key = "proposed", .text = p_time},
	{N_("Who"), .put = put_who},
	{N_("Reason"), .key = "reason", .text = p_bdi},
	{0},
};

static void
put_changes(struct page *p, const json_t *list)
{
	p_section(p, "changes", N_("Opened and closed"));
	if (json_array_size(list) == 0) {
		p_empty(p, N_("It was never closed."));
		p_section_end(p);
		return;
	}
	p_list_begin(p, "changes-table", N_("Changes, newest first"), change_columns);
	for (size_t i = 0; i < json_array_size(list) && i < CHANGES; i++)
		p_list_row(p, NULL, change_columns, json_array_get(list, i));
	p_table_end(p);
	p_section_end(p);
}

/* ---- all of it ---- */

static void
put_waiting(struct page *p, const char *from, const char *to)
{
	const json_t *answer;

	p_section(p, "under-way", N_("Under way"));
	answer = p_ask(p, "message.list",
		json_pack("{s:i,s:s,s:s,s:s}", "limit", WAITING, "from", from, "to", to, "state",
			"open"));
	if (answer != NULL) {
		message_table(p, "messages", 'm', N_("Messages under way, newest first"),
			message_columns, json_object_get(answer, "messages"), N_("Nothing waits."));
		p_raw(p, "<p>");
		p_link_words(p, N_("All messages of this corridor"), "/messages", "from", from,
			"to", to, NULL);
		p_raw(p, "</p>");
	}
	p_section_end(p);
}

static void
put_charts(struct page *p, const json_t *c)
{
	const json_t *series = json_object_get(c, "series");
	const json_t *ages = json_object_get(c, "ages");

	if (!json_is_object(series))
		series = c;
	if (!json_is_object(ages))
		ages = json_object_get(series, "waiting");
	p_section(p, "flow-of-messages", N_("What came and went"));
	series_choice(p);
	p_raw(p, "<div class=\"charts\">");
	series_flow(p, series);
	series_pace(p, series);
	if (json_is_object(ages))
		series_ages(p, ages);
	p_raw(p, "</div>");
	p_section_end(p);
}

void
screen_corridor(struct page *p)
{
	const char *from = query_text(p->query, "from"), *to = query_text(p->query, "to");
	const json_t *c;

	c = p_ask(p, "corridor.show",
		json_pack("{s:s,s:s,s:i}", "from", from != NULL ? from : "", "to",
			to != NULL ? to : "", "hours", series_hours(p)));
	if (c == NULL || from == NULL || to == NULL) {
		p_is_missing(p);
		return;
	}
	snprintf(p->title, sizeof p->title, "%s \u2192 %s", from, to);
	put_state(p, c);
	put_charts(p, c);
	put_waiting(p, from, to);
	put_rules(p, c);
	p_section(p, "people", N_("Whom to call"));
	p_raw(p, "<div class=\"parties\">");
	put_party(p, from);
	put_party(p, to);
	p_raw(p, "</div>");
	p_section_end(p);
	put_changes(p, json_object_get(c, "changes"));
}
