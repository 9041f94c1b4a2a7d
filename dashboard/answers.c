/* SPDX-License-Identifier: EUPL-1.2
 *
 * Each rule of the broker's alerts belongs to one question; one that is not known here speaks of
 * whether it works. */
#include "dashboard/answers.h"
#include "dashboard/waits.h"

#include <string.h>

#define SHOWN 3 /* alerts of a question; the rest is counted */

enum question { WORKING, WAITING, EXPIRING, BOOKS };

static enum question
question_of(const json_t *alert)
{
	static const struct {
		const char *rule;
		enum question question;
	} rows[] = {{"stuck", WAITING}, {"aside", WAITING}, {"held", WAITING},
		{"dead-letter", WAITING}, {"trust-list", EXPIRING}, {"certificate", EXPIRING},
		{"deadline", EXPIRING}, {"decision", EXPIRING}, {"revocation", EXPIRING},
		{"books", BOOKS}, {"reconciling", BOOKS}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].rule, text_of(alert, "rule")) == 0)
			return rows[i].question;
	return WORKING;
}

static bool
is_of(const json_t *alert, enum question q)
{
	return question_of(alert) == q && strcmp(text_of(alert, "state"), "ended") != 0;
}

static enum mark
worst_of(const json_t *alerts, enum question q)
{
	enum mark worst = MARK_GOOD;
	const json_t *alert;
	size_t i;

	json_array_foreach(alerts, i, alert)
	{
		if (!is_of(alert, q))
			continue;
		if (strcmp(text_of(alert, "severity"), "critical") == 0)
			return MARK_BAD;
		worst = MARK_WARN;
	}
	return worst;
}

void
answer_alert_words(struct page *p, const json_t *alert)
{
	const char *what = text_of(alert, "what");

	p_raw(p, "<span>");
	p_words(p, "%s", what[0] != '\0' ? _(what) : text_of(alert, "sentence"));
	if (text_of(alert, "subject")[0] != '\0') {
		p_raw(p, ": ");
		p_bdi(p, text_of(alert, "subject"));
	}
	p_raw(p, "</span>");
}

static void
put_alerts_of(struct page *p, const json_t *alerts, enum question q)
{
	const json_t *alert;
	size_t i, n = 0;

	if (worst_of(alerts, q) == MARK_GOOD)
		return;
	p_raw(p, "<ul class=\"warnings\">");
	json_array_foreach(alerts, i, alert)
	{
		if (!is_of(alert, q) || ++n > SHOWN)
			continue;
		p_raw(p, "<li>");
		answer_alert_words(p, alert);
		p_raw(p, "</li>");
	}
	p_raw(p, "</ul>");
	if (n > SHOWN) {
		p_raw(p, "<p><a href=\"/alerts\">");
		p_count(p, (int64_t)(n - SHOWN), "and %lld more", "and %lld more");
		p_raw(p, "</a></p>");
	}
}

static void
card(struct page *p, const char *id, enum mark mark, const char *question, const char *answer)
{
	p_part(p, id);
	p_card(p, id + strlen("a-"), mark, question);
	p_raw(p, "<div class=\"said\"><p class=\"answer\">");
	p_words(p, "%s", _(answer));
	p_raw(p, "</p>");
}

static void
card_end(struct page *p)
{
	p_raw(p, "</div>");
	p_card_end(p);
	p_part_end(p);
}

/* ---- the questions ---- */

static void
answer_working(struct page *p, const json_t *status, const json_t *alerts)
{
	int64_t peers = (int64_t)json_array_size(json_object_get(status, "peers"));
	bool draining = is_true(status, "draining");
	enum mark mark = worst_of(alerts, WORKING);

	if (mark == MARK_GOOD && (draining || peers == 0))
		mark = MARK_WARN;
	card(p, "a-working", mark, N_("Is it working?"),
		mark == MARK_BAD    ? N_("Not as it should.")
		: draining	    ? N_("It takes nothing new and finishes what it has.")
		: mark == MARK_WARN ? N_("Yes, but look at this.")
				    : N_("Yes."));
	put_alerts_of(p, alerts, WORKING);
	p_raw(p, "<p>");
	p_count(p, peers, "%lld party connected", "%lld parties connected");
	p_raw(p, " \u00b7 ");
	p_words(p, N_("running for"));
	p_raw(p, " ");
	p_age(p, instant_of(status, "started"));
	p_raw(p, "</p>");
	card_end(p);
}

static void
put_counted(struct page *p, const char *href, int64_t n, const char *one, const char *many)
{
	if (n == 0)
		return;
	p_raw(p, "<p><a href=\"");
	p_text(p, href);
	p_raw(p, "\">");
	p_count(p, n, one, many);
	p_raw(p, "</a></p>");
}

static void
answer_waiting(struct page *p, const json_t *status, const json_t *alerts)
{
	int64_t queued = number_of(status, "queued"), oldest = instant_of(status, "oldest_queued");
	enum mark mark = worst_of(alerts, WAITING);

	if (mark == MARK_GOOD && waits_need_a_call(status))
		mark = MARK_WARN;
	card(p, "a-waiting", mark, N_("Is anything waiting too long?"),
		mark != MARK_GOOD ? N_("Yes.")
		: queued == 0	  ? N_("No: nothing waits.")
				  : N_("No."));
	put_alerts_of(p, alerts, WAITING);
	if (queued > 0) {
		p_raw(p, "<p><a href=\"/waiting\">");
		p_count(p, queued, "%lld message waits", "%lld messages wait");
		p_raw(p, "</a>");
		if (oldest > 0) {
			p_comma(p);
			p_words(p, N_("the oldest for"));
			p_raw(p, " ");
			p_age(p, oldest);
		}
		p_raw(p, "</p>");
	}
	put_counted(p, "/dead", number_of(status, "aside"), "%lld message is set aside",
		"%lld messages are set aside");
	put_counted(p, "/messages?state=held", number_of(status, "held"), "%lld message is held",
		"%lld messages are held");
	put_waits(p, status);
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
		certificates, i, c) if (strcmp(text_of(c, "what"), "list") != 0 &&
					strcmp(text_of(c, "state"), "revoked-here") != 0 &&
					(first == 0 || instant_of(c, "until") < first)) first =
		instant_of(c, "until");
	return first;
}

/* The first of these is the soonest; 0: there is none. */
static int64_t
first_due(const json_t *deadlines, const char *key)
{
	return instant_of(json_array_get(json_object_get(deadlines, key), 0), "due");
}

static int64_t
sooner_of(int64_t a, int64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

static void
put_end(struct page *p, const char *href, const char *words, int64_t at, const char *otherwise)
{
	p_raw(p, "<p><a href=\"");
	p_text(p, href);
	p_raw(p, "\">");
	p_words(p, "%s", _(words));
	p_raw(p, "</a>: ");
	if (at > 0)
		p_left(p, at);
	else
		p_words(p, "%s", _(otherwise));
	p_raw(p, "</p>");
}

static void
answer_expiring(struct page *p, const json_t *status, const json_t *alerts)
{
	const json_t *certs = json_object_get(
		broker_ask(p->broker, "cert.expiring", json_pack("{s:i}", "days", 90), NULL),
		"certificates");
	const json_t *deadlines =
		broker_ask(p->broker, "deadline.list", json_pack("{s:i}", "limit", 1), NULL);
	int64_t due =
		sooner_of(first_due(deadlines, "messages"), first_due(deadlines, "decisions"));
	enum mark mark = worst_of(alerts, EXPIRING);

	if (due > 0 && due < p->now)
		mark = MARK_BAD;
	card(p, "a-expiring", mark, N_("Does anything expire?"),
		mark == MARK_GOOD ? N_("Not soon.") : N_("Yes."));
	put_alerts_of(p, alerts, EXPIRING);
	put_end(p, "/waiting", N_("Next deadline of a message"), due, N_("none"));
	put_end(p, "/certificates", N_("First certificate"), first_end(certs),
		N_("not within 90 days"));
	put_end(p, "/certificates", N_("Trust list"),
		instant_of(json_object_get(status, "trust"), "valid_until"), N_("none"));
	card_end(p);
}

static void
answer_books(struct page *p, const json_t *alerts)
{
	const json_t *parties =
		json_object_get(broker_ask(p->broker, "reconcile.show", NULL, NULL), "parties");
	int64_t agrees = 0, differs = 0, never = 0;
	enum mark mark = worst_of(alerts, BOOKS);
	const json_t *party;
	size_t i;

	json_array_foreach(parties, i, party)
	{
		const char *state = text_of(party, "state");

		agrees += strcmp(state, "agrees") == 0;
		differs += strcmp(state, "differs") == 0;
		never += strcmp(state, "never") == 0 || strcmp(state, "reconciling") == 0;
	}
	if (differs > 0)
		mark = MARK_BAD;
	card(p, "a-books", mark, N_("Do the books agree?"),
		differs > 0			 ? N_("No.")
		: agrees == 0			 ? N_("They were not compared yet.")
		: never > 0 || mark != MARK_GOOD ? N_("As far as they were compared.")
						 : N_("Yes."));
	put_alerts_of(p, alerts, BOOKS);
	p_raw(p, "<p>");
	p_count(p, agrees, "%lld party agrees", "%lld parties agree");
	if (never > 0) {
		p_raw(p, " \u00b7 ");
		p_count(p, never, "%lld has not compared yet", "%lld have not compared yet");
	}
	p_raw(p, "</p>");
	card_end(p);
}

void
put_answers(struct page *p, const json_t *status, const json_t *alerts)
{
	p_cards(p);
	answer_working(p, status, alerts);
	answer_waiting(p, status, alerts);
	answer_expiring(p, status, alerts);
	answer_books(p, alerts);
	p_cards_end(p);
}
