/* SPDX-License-Identifier: EUPL-1.2
 *
 * Alerts: what lasts now and who has taken it on, what ended lately, and the rules in words. */
#include <stdio.h>
#include <string.h>

#include "dashboard/screen.h"

/* ---- words ---- */

static enum mark
mark_of(const json_t *a)
{
	if (strcmp(text_of(a, "state"), "ended") == 0)
		return MARK_IDLE;
	return strcmp(text_of(a, "severity"), "critical") == 0 ? MARK_BAD : MARK_WARN;
}

static void
put_severity(struct page *p, const json_t *a)
{
	p_mark(p, mark_of(a),
		strcmp(text_of(a, "severity"), "critical") == 0 ? N_("critical") : N_("warning"));
}

/* What a number of the rules' table counts: "1 message". Times as people say them: 1,440 minutes
 * are 24 hours. */
static void
put_amount(struct page *p, int64_t n, const char *unit)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} times[] = {{"minutes", 60000}, {"hours", 3600000}, {"days", 86400000}};

	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		if (strcmp(times[i].unit, unit) == 0) {
			p_span(p, n * times[i].ms);
			return;
		}
	if (strcmp(unit, "messages") == 0)
		p_count(p, n, "%lld message", "%lld messages");
	else if (strcmp(unit, "times") == 0)
		p_count(p, n, "%lld time", "%lld times");
	else if (strcmp(unit, "changes") == 0)
		p_count(p, n, "%lld change", "%lld changes");
	else if (strcmp(unit, "authorities") == 0)
		p_count(p, n, "%lld authority", "%lld authorities");
	else {
		p_number(p, n);
		p_raw(p, " ");
		p_text(p, strcmp(unit, "percent") == 0 ? _("percent") : unit);
	}
}

static void
put_state(struct page *p, const json_t *a)
{
	const char *state = text_of(a, "state");

	if (strcmp(state, "acked") == 0)
		p_mark(p, MARK_GOOD, N_("taken on"));
	else if (strcmp(state, "muted") == 0)
		p_mark(p, MARK_IDLE, N_("muted"));
	else if (strcmp(state, "ended") == 0)
		p_mark(p, MARK_IDLE, N_("ended"));
	else
		p_mark(p, mark_of(a), N_("nobody has taken it on"));
	if (text_of(a, "by")[0] != '\0') {
		p_raw(p, " ");
		p_bdi(p, text_of(a, "by"));
	}
	if (strcmp(state, "muted") == 0) {
		p_raw(p, " ");
		p_words(p, N_("until"));
		p_raw(p, " ");
		p_instant(p, instant_of(a, "until"));
	}
}

/* The sentence of its rule, whom it is about, and the number. */
static void
put_sentence(struct page *p, const json_t *a)
{
	const json_t *args = json_object_get(a, "args");
	const char *what = text_of(a, "what"), *subject = text_of(a, "subject");

	p_raw(p, "<span>");
	p_text(p, what[0] != '\0' ? _(what) : text_of(a, "sentence"));
	if (subject[0] != '\0' && what[0] != '\0') {
		p_raw(p, ": ");
		p_code(p, subject);
	}
	if (json_object_get(args, "n") != NULL) {
		p_raw(p, " (");
		put_amount(p, number_of(args, "n"), text_of(args, "unit"));
		p_raw(p, ")");
	}
	if (json_object_get(args, "at") != NULL) {
		p_raw(p, " ");
		p_instant(p, instant_of(args, "at"));
	}
	p_raw(p, "</span>");
}

/* ---- what lasts ---- */

/* Until when it is not sent: the hours that a night has, and a day. */
static void
put_acts(struct page *p, const json_t *a)
{
	const char *id = text_of(a, "id"), *state = text_of(a, "state");

	if (strcmp(state, "ended") == 0)
		return;
	if (strcmp(state, "firing") == 0)
		p_act(p, "/act/alert-ack", "id", id, NULL);
	p_raw(p, " ");
	if (strcmp(state, "muted") == 0)
		p_act(p, "/act/alert-unmute", "id", id, NULL);
	else
		p_act(p, "/act/alert-mute", "id", id, "until", "8h", NULL);
}

static void
put_what_to_do(struct page *p, const json_t *a)
{
	p_runbook(p, text_of(a, "runbook"));
	p_raw(p, " ");
	put_acts(p, a);
}

static const struct column alert_columns[] = {
	{N_("Severity"), .put = put_severity},
	{N_("What is wrong"), .put = put_sentence},
	{N_("Since"), .key = "since", .time = p_age},
	{N_("State"), .put = put_state},
	{N_("What to do"), .put = put_what_to_do},
	{0},
};

static void
put_list(struct page *p, const char *id, const char *caption, const json_t *list, bool ended)
{
	const json_t *a;
	size_t i;

	p_list_begin(p, id, caption, alert_columns);
	json_array_foreach(list, i, a) if ((strcmp(text_of(a, "state"), "ended") == 0) == ended)
		p_list_row(p, text_of(a, "id"), alert_columns, a);
	p_table_end(p);
}

static int64_t
count_state(const json_t *list, const char *state)
{
	const json_t *a;
	int64_t n = 0;
	size_t i;

	json_array_foreach(list, i, a) n += strcmp(text_of(a, "state"), state) == 0;
	return n;
}

static void
put_firing(struct page *p, const json_t *list)
{
	int64_t firing = count_state(list, "firing"), acked = count_state(list, "acked"),
		muted = count_state(list, "muted");

	p_part(p, "alerts-answer");
	p_cards(p);
	p_card(p, "alerts-card",
		firing > 0  ? MARK_BAD
		: acked > 0 ? MARK_WARN
			    : MARK_GOOD,
		N_("Is anybody needed?"));
	p_raw(p, "<p class=\"answer\">");
	p_words(p, firing > 0 ? N_("Somebody is needed") : N_("Nobody is needed"));
	p_raw(p, "</p>");
	if (firing > 0) {
		p_raw(p, "<p>");
		p_count(p, firing, "%lld alert that nobody has taken on",
			"%lld alerts that nobody has taken on");
		p_raw(p, "</p>");
	}
	if (acked > 0) {
		p_raw(p, "<p>");
		p_count(p, acked, "%lld alert taken on", "%lld alerts taken on");
		p_raw(p, "</p>");
	}
	if (muted > 0) {
		p_raw(p, "<p>");
		p_count(p, muted, "%lld alert muted", "%lld alerts muted");
		p_raw(p, "</p>");
	}
	p_card_end(p);
	p_cards_end(p);
	if (firing + acked + muted == 0)
		p_empty(p, N_("No alert. The rules below are watched all the time."));
	p_part_end(p);
	put_list(p, "alerts", N_("What lasts, the worst first"), list, false);
}

/* ---- rules ---- */

static void
put_threshold(struct page *p, const json_t *r)
{
	if (json_is_number(json_object_get(r, "threshold")))
		put_amount(p, number_of(r, "threshold"), text_of(r, "unit"));
}

static bool
is_muted(const json_t *r)
{
	return instant_of(r, "muted_until") != 0;
}

static void
put_rule(struct page *p, const json_t *r)
{
	p_text(p, _(text_of(r, "sentence")));
}

static void
put_watch(struct page *p, const json_t *r)
{
	if (!is_true(r, "on"))
		p_mark(p, MARK_IDLE, N_("switched off"));
	else if (is_muted(r)) {
		p_mark(p, MARK_IDLE, N_("muted"));
		p_raw(p, " ");
		p_bdi(p, text_of(r, "muted_by"));
		p_raw(p, " ");
		p_instant(p, instant_of(r, "muted_until"));
	} else
		p_mark(p, MARK_GOOD, N_("watched"));
}

static void
put_mute(struct page *p, const json_t *r)
{
	const char *name = text_of(r, "name");

	if (is_muted(r))
		p_act(p, "/act/alert-unmute", "rule", name, NULL);
	else
		p_act(p, "/act/alert-mute", "rule", name, "until", "8h", NULL);
}

static const struct column rule_columns[] = {
	{N_("Alert when"), .put = put_rule},
	{N_("Threshold"), .put = put_threshold},
	{N_("State"), .put = put_watch},
	{N_("Name"), .key = "name", .text = p_code},
	{N_("Act"), .put = put_mute},
	{0},
};

static void
put_rules(struct page *p, const json_t *rules)
{
	p_section(p, "rules", N_("Rules"));
	p_note(p, N_("Thresholds are settings of daftard.conf. Where alerts are sent, by mail, "
		     "webhook or "
		     "command, is in daftar-alert.conf."));
	p_list(p, "rule-list", N_("What is watched"), rule_columns, rules);
	p_section_end(p);
}

void
screen_alerts(struct page *p)
{
	const json_t *answer = p_ask(p, "alert.list", json_pack("{s:b}", "all", 1)), *list;

	if (answer == NULL)
		return;
	list = json_object_get(answer, "alerts");
	p_section(p, "now", N_("Now"));
	put_firing(p, list);
	p_section_end(p);
	if (count_state(list, "ended") > 0) {
		p_section(p, "ended", N_("Ended lately"));
		put_list(p, "alerts-ended", N_("What has ended within seven days"), list, true);
		p_section_end(p);
	}
	put_rules(p, json_object_get(answer, "rules"));
}
