/* SPDX-License-Identifier: EUPL-1.2
 *
 * One party: its connection, its standing and why, its agreements, certificates and contacts, and
 * what an officer can do about it. */
#include <string.h>

#include "dashboard/books.h"
#include "dashboard/certs.h"
#include "dashboard/parties.h"

static void
put_why(struct page *p, const json_t *party)
{
	if (text_of(party, "standing_by")[0] == '\0')
		return;
	p_fact(p, N_("Decided"));
	p_instant(p, instant_of(party, "standing_since"));
	p_raw(p, " ");
	p_bdi(p, text_of(party, "standing_by"));
	if (text_of(party, "standing_second")[0] != '\0') {
		p_comma(p);
		p_bdi(p, text_of(party, "standing_second"));
	}
	p_fact_end(p);
	p_fact_bdi(p, N_("Reason"), text_of(party, "standing_reason"));
}

static void
put_connection(struct page *p, const json_t *party)
{
	p_fact(p, N_("Connection"));
	p_connected(p, party);
	if (is_true(party, "connected")) {
		p_raw(p, " ");
		p_age(p, instant_of(party, "since"));
	}
	p_fact_end(p);
	p_fact(p, N_("Last heard"));
	p_instant(p, instant_of(party, "heard"));
	if (instant_of(party, "heard") != 0) {
		p_raw(p, " (");
		p_age(p, instant_of(party, "heard"));
		p_raw(p, ")");
	}
	p_fact_end(p);
	if (text_of(party, "mode")[0] != '\0') {
		p_fact(p, N_("Mode"));
		p_mode(p, party);
		p_fact_end(p);
	}
	if (text_of(party, "version")[0] != '\0')
		p_fact_bdi(p, N_("Its program, as it says"), text_of(party, "version"));
}

/* Which process speaks for it now, and whether a copy of its spool has tried to. */
static void
put_speaker(struct page *p, const json_t *s)
{
	p_fact(p, N_("Speaks for it"));
	p_words(p, N_("epoch %lld"), (long long)number_of(s, "epoch"));
	if (text_of(s, "incarnation")[0] != '\0') {
		p_comma(p);
		p_words(p, N_("instance"));
		p_raw(p, " ");
		p_code(p, text_of(s, "incarnation"));
	}
	p_comma(p);
	if (instant_of(s, "since") != 0) {
		p_words(p, N_("since"));
		p_raw(p, " ");
		p_instant(p, instant_of(s, "since"));
	} else
		p_words(p, N_("since before the start of the exchange"));
	p_fact_end(p);
	if (instant_of(s, "fenced") == 0)
		return;
	p_fact(p, N_("Fenced off"));
	p_mark(p, MARK_WARN, N_("an older copy of this spool"));
	p_raw(p, " ");
	p_instant(p, instant_of(s, "fenced"));
	p_raw(p, " ");
	p_runbook(p, "twin");
	p_fact_end(p);
}

static void
put_speakers(struct page *p, const json_t *party)
{
	const json_t *s;
	size_t i;

	json_array_foreach(json_object_get(party, "speakers"), i, s) put_speaker(p, s);
}

static void
put_facts(struct page *p, const json_t *party)
{
	p_part(p, "party-facts");
	p_facts(p);
	p_fact_bdi(p, N_("Office"), text_of(party, "name"));
	p_fact(p, N_("Country and role"));
	p_bdi(p, text_of(party, "country"));
	p_raw(p, " ");
	p_words(p, "%s", _(role_words(text_of(party, "role"))));
	p_fact_end(p);
	put_connection(p, party);
	put_speakers(p, party);
	p_fact(p, N_("Waiting for it"));
	p_link_begin(p, "/messages", "to", text_of(party, "code"), "state", "open", NULL);
	p_number(p, number_of(party, "queued"));
	p_link_end(p);
	p_fact_end(p);
	p_fact_number(p, N_("Under way"), number_of(party, "under_way"));
	p_fact(p, N_("Standing"));
	p_standing(p, party);
	p_fact_end(p);
	put_why(p, party);
	p_facts_end(p);
	p_part_end(p);
}

/* Only what leads away from the present standing. */
static void
put_acts(struct page *p, const json_t *party)
{
	const char *code = text_of(party, "code"), *standing = text_of(party, "standing");

	p_part(p, "party-acts");
	p_raw(p, "<p class=\"acts\">");
	if (strcmp(standing, "good") == 0)
		p_act(p, "/act/party-suspend", "code", code, NULL);
	else
		p_act(p, "/act/party-resume", "code", code, NULL);
	if (strcmp(standing, "cut") != 0)
		p_act(p, "/act/party-cut", "code", code, NULL);
	if (is_true(party, "connected"))
		p_act(p, "/act/party-test", "party", code, NULL);
	p_link_words(p, N_("Book of this party"), "/reconciliation/party", "party", code, NULL);
	p_raw(p, "</p>");
	p_part_end(p);
}

/* What it has answered last when it was asked to compare, whoever asked. */
static void
put_tested(struct page *p, const json_t *party)
{
	const json_t *row = json_array_get(
		json_object_get(p_ask(p, "reconcile.show",
					json_pack("{s:s}", "party", text_of(party, "code"))),
			"parties"),
		0);
	int64_t at = instant_of(row, "at");

	p_part(p, "party-test");
	p_facts(p);
	p_fact(p, N_("Last answer to a test or a comparison"));
	if (at == 0)
		p_words(p, N_("none yet"));
	else {
		p_instant(p, at);
		p_raw(p, " (");
		p_age(p, at);
		p_raw(p, ") ");
		p_books_mark(p, text_of(row, "state"));
	}
	p_fact_end(p);
	p_facts_end(p);
	p_note(p,
		is_true(party, "connected")
			? N_("An answer within half a minute of a test shows that the line and the "
			     "adapter behind it work. Without one its program hangs: call this "
			     "office.")
			: N_("It is not connected and cannot be tested from here: call this "
			     "office."));
	p_part_end(p);
}

static void
put_agreement(struct page *p, const json_t *a)
{
	p_link_begin(p, "/corridor", "from", text_of(a, "from"), "to", text_of(a, "to"), NULL);
	p_bdi(p, text_of(a, "id"));
	p_link_end(p);
}

static const struct column agreement_columns[] = {
	{N_("Agreement"), .put = put_agreement},
	{N_("From"), .key = "from", .text = p_bdi},
	{N_("To"), .key = "to", .text = p_bdi},
	{N_("Valid until"), .key = "valid_until", .time = p_instant},
	{N_("Time left"), .key = "valid_until", .time = p_ends},
	{0},
};

static void
put_agreements(struct page *p, const json_t *list)
{
	p_section(p, "agreements", N_("Agreements"));
	if (json_array_size(list) == 0)
		p_empty(p, N_("This party has no agreement: it may send nothing and is sent "
			      "nothing."));
	else
		p_list(p, "agreement-list", N_("Agreements of this party"), agreement_columns,
			list);
	p_section_end(p);
}

static void
put_keys(struct page *p, const json_t *party, const char *code)
{
	const json_t *list = p_ask(p, "cert.list", json_pack("{s:s}", "party", code));

	p_section(p, "keys", N_("Keys and certificates"));
	p_facts(p);
	p_fact_number(p, N_("Signing certificates"), number_of(party, "signing_certificates"));
	p_fact_number(
		p, N_("Encryption certificates"), number_of(party, "encryption_certificates"));
	p_fact_number(p, N_("Connection keys"), number_of(party, "connection_keys"));
	p_facts_end(p);
	if (list != NULL)
		p_certificates(p, json_object_get(list, "certificates"), 0, CERTS_SHOWN);
	p_section_end(p);
}

/* Of functions, never of persons, as the exchange's operator has written them down. */
static void
put_contacts(struct page *p, const json_t *list)
{
	const json_t *c;
	size_t i;

	p_section(p, "contacts", N_("Whom to call"));
	if (json_array_size(list) == 0)
		p_empty(p, N_("Nobody is named. Write a desk of this office, never a person, into "
			      "`contacts' of daftard.conf and reload it."));
	else {
		p_raw(p, "<ul>");
		json_array_foreach(list, i, c)
		{
			p_raw(p, "<li>");
			p_bdi(p, json_is_string(c) ? json_string_value(c) : text_of(c, "text"));
			p_raw(p, "</li>");
		}
		p_raw(p, "</ul>");
	}
	p_section_end(p);
}

void
screen_party(struct page *p)
{
	const char *code = query_text(p->query, "code");
	const json_t *party;

	if (code == NULL) {
		p->status = 404;
		p_error(p, E_NOT_FOUND, N_("No party was named"));
		return;
	}
	party = p_ask(p, "party.show", json_pack("{s:s}", "code", code));
	if (party == NULL) {
		p_is_missing(p);
		return;
	}
	(void)!copy_text(p->title, sizeof p->title, code);
	put_facts(p, party);
	put_acts(p, party);
	put_tested(p, party);
	put_agreements(p, json_object_get(party, "agreements"));
	put_keys(p, party, code);
	put_contacts(p, json_object_get(party, "contacts"));
}
