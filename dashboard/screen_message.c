/* SPDX-License-Identifier: EUPL-1.2
 *
 * One message: where it is, who has it, until when, what proves it, and what may be done. Looking
 * is written into the ledger by the broker, and who has looked before is asked for by hand. */
#include "dashboard/message_rows.h"
#include "dashboard/screen.h"
#include "dashboard/waits.h"

#include <stdio.h>
#include <string.h>

#define LEDGER_ROWS 60

/* ---- where it is ---- */

struct step {
	const char *stage, *words;
};

static bool
is_reached(const json_t *message, const char *stage)
{
	const json_t *step;
	size_t i;

	json_array_foreach(json_object_get(message, "timeline"), i,
		step) if (strcmp(text_of(step, "stage"), stage) == 0) return true;
	return false;
}

/* Its sender may withdraw what it likes: that is neither good nor bad. */
static void
put_sign(struct page *p, bool there, const char *stage)
{
	if (!there)
		p_raw(p, "<li class=\"to-come\"><span class=\"sign\" aria-hidden=\"true\">\u25cb");
	else if (strcmp(stage, "COMMITTED") == 0 || strcmp(stage, "ACCEPTED") == 0 ||
		 strcmp(stage, "DELIVERED") == 0)
		p_raw(p, "<li class=\"good\"><span class=\"sign\" aria-hidden=\"true\">\u2713");
	else if (strcmp(stage, "WITHDRAWN") == 0)
		p_raw(p, "<li class=\"idle\"><span class=\"sign\" aria-hidden=\"true\">\u2013");
	else
		p_raw(p, "<li class=\"bad\"><span class=\"sign\" aria-hidden=\"true\">\u2717");
}

static void
put_step(struct page *p, const json_t *message, const char *stage, const char *words)
{
	const json_t *step;
	bool there = is_reached(message, stage);
	size_t i;

	put_sign(p, there, stage);
	p_raw(p, "</span><b>");
	p_words(p, "%s", _(words));
	p_raw(p, "</b><span class=\"when\">");
	if (!there)
		p_words(p, N_("not yet"));
	json_array_foreach(json_object_get(message, "timeline"), i,
		step) if (strcmp(text_of(step, "stage"), stage) == 0)
		p_time(p, text_of(step, "at"));
	p_raw(p, "</span></li>");
}

/* The three steps that every message takes, the last of them as it came about. */
static void
put_track(struct page *p, const json_t *message)
{
	const char *stage = text_of(message, "stage");
	const char *end = "COMMITTED", *words = N_("Committed");

	for (size_t i = 1; stage_values[i] != NULL; i++)
		if (!message_is_open(message) && strcmp(stage_values[i], stage) == 0)
			end = stage_values[i], words = stage_names[i];
	p_raw(p, "<ol class=\"track\">");
	put_step(p, message, "ACCEPTED", N_("Accepted"));
	if (message_is_open(message) || is_reached(message, "DELIVERED"))
		put_step(p, message, "DELIVERED", N_("Delivered"));
	put_step(p, message, end, words);
	p_raw(p, "</ol>");
}

static void
put_why(struct page *p, const char *code)
{
	if (code[0] == '\0')
		return;
	p_raw(p, "<p class=\"why\">");
	p_code(p, code);
	if (err_of_word(code) != E_UNKNOWN_CODE) {
		p_raw(p, " ");
		p_sentence(p, code);
	}
	p_raw(p, "</p>");
}

/* It waits, and not for its addressee: somebody or something has to come first. */
static bool
is_kept_back(const json_t *message)
{
	return json_is_object(json_object_get(message, "aside")) || is_true(message, "held") ||
	       instant_of(message, "frozen_since") != 0 ||
	       instant_of(message, "stopped_since") != 0;
}

/* In a sentence: where is it, who has it, until when. */
static void
put_where(struct page *p, const json_t *message)
{
	const char *stage = text_of(message, "stage"), *to = text_of(message, "to");
	const json_t *aside = json_object_get(message, "aside");
	int64_t due = instant_of(message, "due");

	p_raw(p, is_kept_back(message) ? "<p class=\"where warn\"><span class=\"sign\" "
					 "aria-hidden=\"true\">!</span> "
				       : "<p class=\"where\">");
	if (json_is_object(aside))
		p_words(p, N_("It is set aside here and waits for a person to decide."));
	else if (is_true(message, "held"))
		p_words(p, N_("It waits here for newer revocation data of the sender's country."));
	else if (instant_of(message, "frozen_since") != 0)
		p_words(p, N_("It waits here: the case is frozen to protect a person."));
	else if (instant_of(message, "stopped_since") != 0)
		p_words(p, N_("It is not passed on: its consent has ended."));
	else if (strcmp(stage, "ACCEPTED") == 0)
		p_words(p, N_("It waits here until %s takes it."), to);
	else if (strcmp(stage, "DELIVERED") == 0)
		p_words(p, N_("%s has it and has not said yet what came of it."), to);
	else if (strcmp(stage, "COMMITTED") == 0)
		p_words(p, N_("%s has entered it. Nothing is left to do."), to);
	else if (strcmp(stage, "REJECTED") == 0)
		p_words(p, N_("%s has refused it. The sender knows why."), to);
	else
		p_words(p, N_("It has ended without being entered. The sender knows."));
	if (due != 0 && message_is_open(message)) {
		p_raw(p, " ");
		p_words(p, N_("Last moment:"));
		p_raw(p, " ");
		p_instant(p, due);
		p_raw(p, due < p->now ? " <span class=\"due bad\">(" : " <span>(");
		p_left(p, due);
		p_raw(p, ")</span>");
	}
	p_raw(p, "</p>");
	put_why(p, json_is_object(aside) ? text_of(aside, "code") : text_of(message, "code"));
}

/* ---- what may be done ---- */

static void
put_acts(struct page *p, const json_t *message)
{
	static const struct {
		const char *word, *path;
	} acts[] = {{"hold", "/act/hold"}, {"release", "/act/release"}, {"retry", "/act/retry"},
		{"return", "/act/return"}};
	const json_t *word;
	size_t i;

	p_raw(p, "<p class=\"acts\">");
	json_array_foreach(json_object_get(message, "allowed"), i,
		word) for (size_t k = 0; k < ARRAY_LEN(acts);
			   k++) if (json_is_string(word) &&
				    strcmp(json_string_value(word), acts[k].word) == 0)
		p_act(p, acts[k].path, "id", text_of(message, "id"), NULL);
	p_raw(p, "</p>");
}

/* ---- what proves it ---- */

/* The broker's verdicts are words of a fixed list; all but the first are bad news. */
static void
put_verdict(struct page *p, const json_t *evidence)
{
	static const char *const known[] = {N_("signature verified"), N_("signature not verified"),
		N_("not about this message"), N_("not of this log"), N_("no receipt"),
		N_("receipt not readable: DAMAGED")};
	const char *verdict = text_of(evidence, "verdict");

	if (verdict[0] == '\0')
		p_raw(p, "\u2013");
	else
		p_mark(p, strcmp(verdict, known[0]) == 0 ? MARK_GOOD : MARK_BAD, verdict);
}

static void
put_leaf(struct page *p, const json_t *e)
{
	if (json_is_integer(json_object_get(e, "leaf")))
		p_number(p, number_of(e, "leaf"));
	else
		p_raw(p, "\u2013");
}

static void
put_signer(struct page *p, const json_t *e)
{
	if (text_of(e, "by")[0] != '\0')
		p_code(p, text_of(e, "by"));
	else
		p_raw(p, "\u2013");
}

static const struct column evidence_columns[] = {
	{N_("Stage"), .key = "stage", .text = p_stage},
	{N_("When"), .key = "at", .text = p_time},
	{N_("Leaf"), .put = put_leaf, .figure = true},
	{N_("Receipt"), .put = put_verdict},
	{N_("Signer's fingerprint"), .put = put_signer},
	{0},
};

static void
put_evidence(struct page *p, const json_t *message)
{
	const json_t *list = json_object_get(message, "evidence");

	if (json_array_size(list) == 0)
		return;
	p_section(p, "evidence", N_("Receipts and signatures"));
	p_list(p, "evidence-table",
		N_("Each step is a leaf of the public log, with a signed receipt"),
		evidence_columns, list);
	p_note(p, N_("To check a receipt away from here: daftarctl message receipt, then "
		     "daftar verify."));
	p_section_end(p);
}

/* ---- facts ---- */

static void
fact_text(struct page *p, const char *words, const json_t *o, const char *key)
{
	if (text_of(o, key)[0] == '\0')
		return;
	p_fact_code(p, words, text_of(o, key));
}

static void
fact_time(struct page *p, const char *words, const json_t *o, const char *key)
{
	if (instant_of(o, key) == 0)
		return;
	p_fact(p, words);
	p_time(p, text_of(o, key));
	p_fact_end(p);
}

static void
fact_number(struct page *p, const char *words, const json_t *o, const char *key)
{
	if (!json_is_integer(json_object_get(o, key)))
		return;
	p_fact_number(p, words, number_of(o, key));
}

static void
put_consent(struct page *p, const json_t *m)
{
	const char *state = text_of(m, "consent_state");
	bool good = strcmp(state, "in force") == 0;

	if (text_of(m, "consent")[0] == '\0')
		return;
	p_section(p, "consent", N_("Consent"));
	p_facts(p);
	p_fact(p, N_("State"));
	p_mark(p, good ? MARK_GOOD : MARK_BAD,
		good				  ? N_("in force")
		: strcmp(state, "withdrawn") == 0 ? N_("withdrawn")
						  : N_("expired"));
	p_fact_end(p);
	fact_text(p, N_("Taken by"), m, "consent_by");
	fact_time(p, N_("Valid until"), m, "consent_until");
	fact_text(p, N_("Token"), m, "consent");
	p_facts_end(p);
	p_section_end(p);
}

static void
put_aside(struct page *p, const json_t *m)
{
	const json_t *aside = json_object_get(m, "aside");

	if (!json_is_object(aside))
		return;
	p_fact(p, N_("Set aside"));
	p_time(p, text_of(aside, "since"));
	p_raw(p, " ");
	p_code(p, text_of(aside, "code"));
	if (text_of(aside, "by")[0] != '\0') {
		p_raw(p, " ");
		p_words(p, N_("by"));
		p_raw(p, " ");
		p_bdi(p, text_of(aside, "by"));
	}
	p_fact_end(p);
	if (text_of(aside, "reason")[0] == '\0')
		return;
	p_fact_bdi(p, N_("Reason"), text_of(aside, "reason"));
}

static void
put_facts(struct page *p, const json_t *m)
{
	p_section(p, "facts", N_("Particulars"));
	p_facts(p);
	p_fact(p, N_("Kind"));
	p_text(p, action_words(text_of(m, "action")));
	p_fact_end(p);
	p_fact(p, N_("From, to"));
	p_link_begin(p, "/corridor", "from", text_of(m, "from"), "to", text_of(m, "to"), NULL);
	message_way(p, m);
	p_link_end(p);
	p_fact_end(p);
	fact_text(p, N_("On behalf of"), m, "on_behalf_of");
	fact_text(p, N_("Agreement"), m, "agreement");
	fact_text(p, N_("Purpose"), m, "purpose");
	put_aside(p, m);
	fact_time(p, N_("Held since"), m, "held_since");
	fact_time(p, N_("Made"), m, "created");
	fact_time(p, N_("Expires"), m, "expires");
	fact_number(p, N_("Times offered"), m, "attempts");
	fact_time(p, N_("Leased until"), m, "lease_until");
	fact_number(p, N_("Fence (epoch of the addressee)"), m, "fence");
	fact_number(p, N_("Number in its channel"), m, "channel_seq");
	p_fact(p, N_("Size"));
	p_octets(p, number_of(m, "size"));
	p_fact_end(p);
	fact_text(p, N_("Message id"), m, "id");
	fact_text(p, N_("SHA-256"), m, "digest");
	fact_text(p, N_("Addressee's receipt"), m, "by");
	p_facts_end(p);
	p_section_end(p);
}

/* ---- the case ---- */

static void
put_case(struct page *p, const json_t *m)
{
	const json_t *messages = json_object_get(m, "messages");

	if (json_array_size(messages) < 2)
		return;
	p_section(p, "case", N_("All messages of this case"));
	message_table(p, "case-table", 'm', N_("In the order in which they were accepted"),
		message_columns, messages, N_("No message yet."));
	p_section_end(p);
}

static void
put_handler(struct page *p, const json_t *e)
{
	p_bdi(p, text_of(e, "who"));
	if (text_of(e, "officer")[0] != '\0') {
		p_raw(p, " ");
		p_bdi(p, text_of(e, "officer"));
	}
}

static const struct column ledger_columns[] = {
	{N_("What"), .key = "what", .text = p_code},
	{N_("When"), .key = "at", .text = p_time},
	{N_("Who"), .put = put_handler},
	{N_("Agreement"), .key = "agreement", .text = p_bdi},
	{0},
};

static void
put_ledger(struct page *p, const json_t *m)
{
	const json_t *answer, *entries;
	size_t n;

	if (!p_may(p, ROLE_AUDITOR))
		return;
	p_section(p, "ledger", N_("Who has handled this case"));
	if (query_text(p->query, "ledger") == NULL) {
		p_raw(p, "<p>");
		p_link_here(p, N_("Show the ledger"), "ledger", "1");
		p_raw(p, "</p>");
		p_note(p, N_("That you have looked is written into it."));
		p_section_end(p);
		return;
	}
	answer = p_ask(p, "ledger", json_pack("{s:s}", "id", text_of(m, "id")));
	entries = json_object_get(answer, "entries");
	n = json_array_size(entries);
	p_list_begin(p, "ledger-table", N_("Newest last; the last 60"), ledger_columns);
	for (size_t i = n > LEDGER_ROWS ? n - LEDGER_ROWS : 0; i < n; i++)
		p_list_row(p, NULL, ledger_columns, json_array_get(entries, i));
	p_table_end(p);
	p_section_end(p);
}

void
screen_message(struct page *p)
{
	const char *id = query_text(p->query, "id");
	const json_t *m;

	m = p_ask(p, "message.show", json_pack("{s:s}", "id", id != NULL ? id : ""));
	if (m == NULL) {
		p_is_missing(p);
		return;
	}
	snprintf(p->title, sizeof p->title, "%s", text_of(m, "tracking"));
	p_part(p, "state");
	put_track(p, m);
	put_where(p, m);
	put_acts(p, m);
	p_part_end(p);
	p_part(p, "waits-for");
	put_waits(p, m);
	p_part_end(p);
	put_facts(p, m);
	p_part(p, "proof");
	put_evidence(p, m);
	p_part_end(p);
	put_consent(p, m);
	put_case(p, m);
	put_ledger(p, m);
}
