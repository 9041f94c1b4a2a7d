/* SPDX-License-Identifier: EUPL-1.2
 *
 * The first page: four questions and their answers, then what came and went, then what is in
 * trouble. Each answer is a live part of its own. */
#include <string.h>

#include "dashboard/corridors.h"
#include "dashboard/screen.h"
#include "dashboard/series.h"

#define MINUTE_MS 60000ll
#define DAY_MS (24 * 60 * MINUTE_MS)
#define CORRIDORS 8
#define ALERTS 6

/* ---- the four answers ---- */

static void
card(struct page *p, const char *id, enum mark mark, const char *question)
{
	p_part(p, id);
	p_card(p, id + strlen("a-"), mark, question);
}

static void
card_end(struct page *p)
{
	p_card_end(p);
	p_part_end(p);
}

static void
say(struct page *p, const char *words)
{
	p_raw(p, "<p class=\"says\">");
	p_words(p, "%s", _(words));
	p_raw(p, "</p>");
}

static void
put_warnings(struct page *p, const json_t *status)
{
	const json_t *list = json_object_get(status, "warnings"), *warning;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	p_raw(p, "<ul class=\"warnings\">");
	json_array_foreach(list, i, warning)
	{
		if (i == 4)
			break;
		p_raw(p, "<li>");
		p_words(p, "%s", json_is_string(warning) ? _(json_string_value(warning)) : "");
		p_raw(p, "</li>");
	}
	p_raw(p, "</ul>");
}

static void
answer_working(struct page *p, const json_t *status)
{
	const char *state = text_of(status, "state");
	size_t peers = json_array_size(json_object_get(status, "peers"));
	bool draining = is_true(status, "draining"), bad = strcmp(state, "critical") == 0;
	bool warn = draining || peers == 0 || strcmp(state, "ok") != 0;

	card(p, "a-working", bad ? MARK_BAD : warn ? MARK_WARN : MARK_GOOD, N_("Is it working?"));
	say(p, bad	   ? N_("Not as it should.")
		: draining ? N_("It takes nothing new and finishes what it has.")
		: warn	   ? N_("Yes, but look at this:")
			   : N_("Yes."));
	put_warnings(p, status);
	p_raw(p, "<p class=\"more\">");
	p_count(p, (int64_t)peers, "%lld party connected", "%lld parties connected");
	p_raw(p, " \u00b7 ");
	p_words(p, N_("running for"));
	p_raw(p, " ");
	p_age(p, instant_of(status, "started"));
	p_raw(p, "</p>");
	card_end(p);
}

static void
put_aside(struct page *p, const json_t *status)
{
	int64_t aside = number_of(status, "aside"), held = number_of(status, "held");

	if (aside > 0) {
		p_raw(p, "<p><a href=\"/dead\">");
		p_count(p, aside, "%lld message is set aside", "%lld messages are set aside");
		p_raw(p, "</a></p>");
	}
	if (held > 0) {
		p_raw(p, "<p><a href=\"/messages?state=held\">");
		p_count(p, held, "%lld message is held", "%lld messages are held");
		p_raw(p, "</a></p>");
	}
}

static void
answer_waiting(struct page *p, const json_t *status)
{
	int64_t queued = number_of(status, "queued"), oldest = instant_of(status, "oldest_queued");
	int64_t age = queued > 0 && oldest > 0 ? p->now - oldest : 0;
	bool bad = age > 7 * DAY_MS, warn = age > DAY_MS || number_of(status, "aside") > 0;

	card(p, "a-waiting",
		bad    ? MARK_BAD
		: warn ? MARK_WARN
		       : MARK_GOOD,
		N_("Is anything waiting too long?"));
	if (queued == 0) {
		say(p, N_("No: every accepted message is with its addressee."));
	} else {
		say(p, age > DAY_MS ? N_("Yes.") : N_("No."));
		p_raw(p, "<p><a href=\"/waiting\">");
		p_count(p, queued, "%lld message waits", "%lld messages wait");
		p_raw(p, "</a>");
		if (oldest > 0) {
			p_raw(p, ", ");
			p_words(p, N_("the oldest for"));
			p_raw(p, " ");
			p_age(p, oldest);
		}
		p_raw(p, "</p>");
	}
	put_aside(p, status);
	card_end(p);
}

/* The first end of the certificates' list, ms UTC; 0: none within its days. */
static int64_t
first_end(const json_t *certificates)
{
	const json_t *c;
	int64_t first = 0;
	size_t i;

	json_array_foreach(
		certificates, i, c) if (strcmp(text_of(c, "state"), "revoked-here") != 0 &&
					(first == 0 || instant_of(c, "until") < first)) first =
		instant_of(c, "until");
	return first;
}

static void
put_end(struct page *p, const char *words, int64_t at)
{
	p_raw(p, "<p>");
	p_words(p, "%s", _(words));
	p_raw(p, " ");
	if (at > 0)
		p_left(p, at);
	else
		p_words(p, N_("not within 90 days"));
	p_raw(p, "</p>");
}

static void
answer_expiring(struct page *p, const json_t *status)
{
	const json_t *certs = json_object_get(
		broker_ask(p->broker, "cert.expiring", json_pack("{s:i}", "days", 90), NULL),
		"certificates");
	const json_t *soonest =
		json_array_get(json_object_get(broker_ask(p->broker, "deadline.list",
						       json_pack("{s:i}", "limit", 1), NULL),
				       "messages"),
			0);
	int64_t list = instant_of(json_object_get(status, "trust"), "valid_until");
	int64_t cert = first_end(certs), due = instant_of(soonest, "due");
	int64_t first = cert > 0 && cert < list ? cert : list;
	bool late = due > 0 && due < p->now;
	bool bad = first - p->now < 7 * DAY_MS || late;
	bool warn = first - p->now < 30 * DAY_MS || (due > 0 && due - p->now < DAY_MS);

	card(p, "a-expiring",
		bad    ? MARK_BAD
		: warn ? MARK_WARN
		       : MARK_GOOD,
		N_("Does anything expire?"));
	say(p, late ? N_("A message is late.") : bad || warn ? N_("Yes, soon.") : N_("Not soon."));
	if (due > 0) {
		p_raw(p, "<p><a href=\"/waiting\">");
		p_words(p, N_("The next deadline"));
		p_raw(p, "</a> ");
		p_left(p, due);
		p_raw(p, "</p>");
	}
	put_end(p, N_("Certificates:"), cert);
	put_end(p, N_("Trust list:"), list);
	card_end(p);
}

static void
answer_books(struct page *p)
{
	const json_t *parties =
		json_object_get(broker_ask(p->broker, "reconcile.show", NULL, NULL), "parties");
	const json_t *party;
	int64_t agrees = 0, differs = 0, never = 0;
	size_t i;

	json_array_foreach(parties, i, party)
	{
		const char *state = text_of(party, "state");

		agrees += strcmp(state, "agrees") == 0;
		differs += strcmp(state, "differs") == 0;
		never += strcmp(state, "never") == 0 || strcmp(state, "reconciling") == 0;
	}
	card(p, "a-books",
		differs > 0 ? MARK_BAD
		: never > 0 ? MARK_WARN
			    : MARK_GOOD,
		N_("Do the books agree?"));
	say(p, differs > 0   ? N_("No.")
		: never == 0 ? N_("Yes.")
			     : N_("As far as they were compared."));
	if (differs > 0) {
		p_raw(p, "<p>");
		p_count(p, differs, "They differ with %lld party.",
			"They differ with %lld parties.");
		p_raw(p, "</p>");
	}
	p_raw(p, "<p>");
	p_count(p, agrees, "%lld party agrees", "%lld parties agree");
	if (never > 0) {
		p_raw(p, " \u00b7 ");
		p_count(p, never, "%lld has not compared yet", "%lld have not compared yet");
	}
	p_raw(p, "</p>");
	card_end(p);
}

/* ---- below them ---- */

static void
put_charts(struct page *p)
{
	int hours = series_hours(p);
	const json_t *series;

	p_section(p, "flow-of-messages", N_("What came and went"));
	series_choice(p);
	series = p_ask(p, "stats.series", json_pack("{s:i}", "hours", hours));
	if (series != NULL) {
		p_raw(p, "<div class=\"charts\">");
		series_flow(p, series);
		series_pace(p, series);
		series_ages(p, json_object_get(series, "waiting"));
		p_raw(p, "</div>");
	}
	p_section_end(p);
}

static void
put_corridors(struct page *p)
{
	const json_t *answer;

	p_section(p, "trouble", N_("Corridors with trouble"));
	answer = p_ask(p, "corridor.list", NULL);
	if (answer != NULL)
		corridor_table(p, "trouble-table", N_("Worst first"),
			json_object_get(answer, "corridors"), CORRIDORS, true);
	p_raw(p, "<p>");
	p_link_words(p, N_("All corridors"), "/corridors", NULL);
	p_raw(p, "</p>");
	p_section_end(p);
}

static void
put_alert(struct page *p, const json_t *alert)
{
	bool critical = strcmp(text_of(alert, "severity"), "critical") == 0;

	p_row(p, text_of(alert, "id"));
	p_cell(p);
	p_mark(p, critical ? MARK_BAD : MARK_WARN, critical ? N_("critical") : N_("warning"));
	p_cell_end(p);
	p_cell(p);
	p_words(p, "%s", text_of(alert, "sentence"));
	p_cell_end(p);
	p_cell(p);
	p_bdi(p, text_of(alert, "subject"));
	p_cell_end(p);
	p_cell(p);
	p_age(p, instant_of(alert, "since"));
	p_cell_end(p);
	p_row_end(p);
}

static void
put_alerts(struct page *p)
{
	const json_t *answer, *alerts;

	p_section(p, "alerts", N_("Newest alerts"));
	answer = p_ask(p, "alert.list", NULL);
	alerts = json_object_get(answer, "alerts");
	if (json_array_size(alerts) > 0) {
		p_table(p, "alerts-table", N_("Newest first"));
		p_column(p, N_("Severity"));
		p_column(p, N_("What"));
		p_column(p, N_("Of"));
		p_column(p, N_("For"));
		p_rows(p);
		for (size_t i = 0; i < json_array_size(alerts) && i < ALERTS; i++)
			put_alert(p, json_array_get(alerts, i));
		p_table_end(p);
	} else if (answer != NULL) {
		p_empty(p, N_("No alert."));
	}
	p_section_end(p);
}

void
screen_overview(struct page *p)
{
	const json_t *status = p_ask(p, "status", NULL);

	if (status == NULL)
		return;
	p_cards(p);
	answer_working(p, status);
	answer_waiting(p, status);
	answer_expiring(p, status);
	answer_books(p);
	p_cards_end(p);
	put_charts(p);
	put_corridors(p);
	put_alerts(p);
}
