/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was changed, by whom, why and when, with its place in the public log; what waits for a
 * second officer, and why it is not approved here; and whether the store and the log agree. */
#include <stdio.h>
#include <string.h>

#include "dashboard/message_rows.h"
#include "dashboard/screen.h"

static const struct {
	const char *kind, *words;
} kinds[] = {
	{"cut", N_("party cut off")},
	{"suspend", N_("party suspended")},
	{"resume", N_("party served again")},
	{"trust-list", N_("trust list installed")},
	{"revoke", N_("certificate not accepted any more")},
	{"waive", N_("party served without comparing")},
	{"legal-hold", N_("legal hold laid")},
	{"legal-release", N_("legal hold lifted")},
	{"purge", N_("body dropped")},
	{"hold", N_("message set aside")},
	{"release", N_("message released")},
	{"retry", N_("message tried again")},
	{"return", N_("message returned to its sender")},
	{"discard", N_("dead letters discarded")},
	{"corridor-close", N_("corridor closed")},
	{"corridor-open", N_("corridor opened")},
	{"drain", N_("draining switched")},
	{"alert-ack", N_("alert taken on")},
	{"alert-mute", N_("alert muted")},
	{"alert-unmute", N_("alert unmuted")},
	{"settings", N_("settings changed")},
	{"log-level", N_("log level changed")},
};

const char *
change_words(const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0)
			return _(kinds[i].words);
	return kind;
}

static void
put_state(struct page *p, const char *state)
{
	if (strcmp(state, "done") == 0)
		p_mark(p, MARK_GOOD, N_("done"));
	else if (strcmp(state, "waits") == 0)
		p_mark(p, MARK_WARN, N_("waits for a second officer"));
	else if (strcmp(state, "rejected") == 0)
		p_mark(p, MARK_IDLE, N_("rejected"));
	else
		p_mark(p, MARK_IDLE, N_("lapsed"));
}

/* ---- what waits ---- */

static void
put_waiting(struct page *p, const json_t *c)
{
	OWNED(char, number, free_chars) = xprintf("%lld", (long long)number_of(c, "number"));

	p_raw(p, "<article class=\"card warn\"><h3>");
	p_text(p, change_words(text_of(c, "kind")));
	p_raw(p, " ");
	p_bdi(p, text_of(c, "party")[0] != '\0' ? text_of(c, "party") : text_of(c, "subject"));
	p_raw(p, "</h3>");
	p_facts(p);
	p_fact_bdi(p, N_("Asked for by"), text_of(c, "by"));
	p_fact_bdi(p, N_("Reason"), text_of(c, "reason"));
	p_fact(p, N_("Lapses"));
	p_left(p, instant_of(c, "until"));
	p_fact_end(p);
	p_fact(p, N_("The second officer types, at the machine itself"));
	p_raw(p, "<code dir=\"ltr\">daftarctl change approve ");
	p_text(p, number);
	p_raw(p, "</code>");
	p_fact_end(p);
	p_facts_end(p);
	p_act(p, "/act/change-reject", "number", number, NULL);
	p_raw(p, "</article>");
}

static void
put_all_waiting(struct page *p, const json_t *list)
{
	const json_t *c;
	int64_t n = 0;
	size_t i;

	p_section(p, "waiting", N_("Waiting for a second officer"));
	p_part(p, "audit-waiting");
	json_array_foreach(list, i, c)
	{
		if (strcmp(text_of(c, "state"), "waits") != 0)
			continue;
		if (n++ == 0)
			p_cards(p);
		put_waiting(p, c);
	}
	if (n > 0)
		p_cards_end(p);
	else
		p_empty(p, N_("Nothing waits."));
	p_part_end(p);
	p_note(p, N_("Two officers are two persons at two doors: a change may be asked for here, "
		     "and the "
		     "second approval never comes through the dashboard, so that whoever has taken "
		     "over a browser can not approve what he asked for."));
	p_section_end(p);
}

/* ---- the list ---- */

static void
put_leaf(struct page *p, const json_t *c)
{
	const json_t *leaf = json_object_get(c, "leaf"), *end = json_object_get(c, "end_leaf");

	if (json_is_integer(leaf))
		p_number(p, json_integer_value(leaf));
	else
		p_raw(p, "\u2013");
	if (json_is_integer(end) && !json_equal(leaf, end)) {
		p_comma(p);
		p_number(p, json_integer_value(end));
	}
}

static void
put_who(struct page *p, const json_t *c)
{
	p_bdi(p, text_of(c, "by"));
	if (text_of(c, "second")[0] == '\0')
		return;
	p_comma(p);
	p_bdi(p, text_of(c, "second"));
}

/* A corridor stands as "KE.CRS to SO.NIRA", a message as its id: both lead to their pages. */
static void
put_subject(struct page *p, const char *kind, const char *subject)
{
	const char *to = strstr(subject, " to ");

	if (strncmp(kind, "corridor-", 9) == 0 && to != NULL) {
		OWNED(char, from, free_chars) = xprintf("%.*s", (int)(to - subject), subject);
		OWNED(json_t, road, json_decrefp) =
			json_pack("{s:s, s:s}", "from", from, "to", to + strlen(" to "));

		p_link_begin(p, "/corridor", "from", from, "to", to + strlen(" to "), NULL);
		message_way(p, road);
		p_link_end(p);
	} else if (strcmp(kind, "hold") == 0 || strcmp(kind, "release") == 0 ||
		   strcmp(kind, "retry") == 0 || strcmp(kind, "return") == 0) {
		p_link_begin(p, "/message", "id", subject, NULL);
		p_code(p, subject);
		p_link_end(p);
	} else
		p_code(p, subject);
}

static void
put_about(struct page *p, const json_t *c)
{
	const char *party = text_of(c, "party"), *subject = text_of(c, "subject");

	if (party[0] != '\0')
		p_link(p, party, "/party", "code", party, NULL);
	if (party[0] != '\0' && subject[0] != '\0')
		p_raw(p, " ");
	if (subject[0] != '\0')
		put_subject(p, text_of(c, "kind"), subject);
	if (party[0] == '\0' && subject[0] == '\0')
		p_raw(p, "\u2013");
}

/* Of the decision, or of the proposal while there is none. */
static void
put_when(struct page *p, const json_t *c)
{
	int64_t decided = instant_of(c, "decided");

	p_instant(p, decided != 0 ? decided : instant_of(c, "proposed"));
}

static void
put_kind(struct page *p, const json_t *c)
{
	p_text(p, change_words(text_of(c, "kind")));
}

static void
put_number(struct page *p, const json_t *c)
{
	OWNED(char, number, free_chars) = xprintf("%lld", (long long)number_of(c, "number"));

	p_text(p, number);
}

static const struct column columns[] = {
	{N_("Number"), .put = put_number},
	{N_("When"), .put = put_when},
	{N_("What"), .put = put_kind},
	{N_("About"), .put = put_about},
	{N_("By whom"), .put = put_who},
	{N_("Why"), .key = "reason", .text = p_bdi},
	{N_("State"), .key = "state", .text = put_state},
	{N_("Leaf of the log"), .put = put_leaf, .figure = true},
	{0},
};

static void
put_filter(struct page *p)
{
	const char *values[ARRAY_LEN(kinds) + 2] = {""};
	const char *words[ARRAY_LEN(kinds) + 2] = {N_("any")};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		values[i + 1] = kinds[i].kind;
		words[i + 1] = kinds[i].words;
	}
	p_filter(p, N_("Find changes"));
	p_choice(p, "kind", N_("What"), values, words);
	p_field(p, "by", N_("By whom"), "");
	p_filter_end(p);
}

static void
put_changes(struct page *p, const json_t *answer)
{
	const json_t *list = json_object_get(answer, "changes"), *c;
	size_t i;

	p_section(p, "changes", N_("Changes"));
	put_filter(p);
	if (json_array_size(list) == 0)
		p_empty(p, N_("No change of this kind was ever made."));
	else {
		p_list_begin(p, "change-list", N_("What was changed, the newest first"), columns);
		json_array_foreach(list, i, c)
		{
			OWNED(char, id, free_chars) =
				xprintf("%lld", (long long)number_of(c, "number"));

			p_list_row(p, id, columns, c);
		}
		p_table_end(p);
	}
	p_more(p, "before", json_object_get(answer, "next"));
	p_section_end(p);
}

/* ---- the chain ---- */

static void
put_verdict(struct page *p)
{
	const json_t *v = p_ask(p, "audit.verify", NULL);
	int64_t bad = number_of(v, "bad");

	if (v == NULL)
		return;
	p_facts(p);
	p_fact(p, N_("Result"));
	if (bad == 0)
		p_mark(p, MARK_GOOD, N_("the store and the log say the same"));
	else
		p_mark(p, MARK_BAD, N_("the store says something else than the log"));
	p_fact_end(p);
	p_fact_number(p, N_("Changes checked"), number_of(v, "checked"));
	p_fact_number(p, N_("Not borne out"), bad);
	p_fact_number(p, N_("Entries in the log"), number_of(v, "log_size"));
	p_fact_code(p, N_("Head of the log"), text_of(v, "head"));
	p_facts_end(p);
}

static void
put_chain(struct page *p)
{
	p_section(p, "chain", N_("Check of the chain"));
	p_note(p, N_("Every change is a leaf of the public log, of which every party has a signed "
		     "head: "
		     "nobody can take one back without being seen."));
	if (query_text(p->query, "check") != NULL)
		put_verdict(p);
	else {
		p_raw(p, "<p class=\"acts\">");
		p_link_here(p, N_("Check now"), "check", "1");
		p_raw(p, "</p>");
	}
	p_section_end(p);
}

/* Only what was given. */
static json_t *
list_args(const struct page *p)
{
	static const char *const names[] = {"kind", "by"};
	json_t *args = json_object();
	int64_t before = query_number(p->query, "before", 0, 1, INT64_MAX);

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (query_text(p->query, names[i]) != NULL)
			json_object_set_new(
				args, names[i], json_string(query_text(p->query, names[i])));
	if (before > 0)
		json_object_set_new(args, "before", json_integer((json_int_t)before));
	return args;
}

void
screen_audit(struct page *p)
{
	const json_t *waiting = p_ask(p, "change.list", NULL), *answer;

	if (waiting == NULL)
		return;
	put_all_waiting(p, json_object_get(waiting, "changes"));
	answer = p_ask(p, "audit.list", list_args(p));
	if (answer != NULL)
		put_changes(p, answer);
	put_chain(p);
}
