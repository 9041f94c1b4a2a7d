/* SPDX-License-Identifier: EUPL-1.2
 *
 * Alerts as people see them: what lasts, what went by, the rules in words, and that somebody has
 * seen one or wants to hear nothing of it for a while. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/contacts.h"
#include "broker/control_json.h"
#include "broker/daftard_alert.h"
#include "broker/store_alert.h"
#include "lib/log.h"

#define MUTE_MOST_MS (30 * 86400000ll)

/* ---- in words ---- */

void
alert_describe(const struct alert *x, char out[ALERT_TEXT_SIZE])
{
	const char *unit = alert_unit(x->rule);
	char when[INSTANT_TEXT_SIZE] = "";
	size_t n;

	snprintf(out, ALERT_TEXT_SIZE, "%s%s%s", alert_sentence(x->rule),
		x->subject[0] != '\0' ? ": " : "", x->subject);
	if (x->when != 0)
		instant_format(x->when, when);
	n = strlen(out);
	if (unit[0] != '\0')
		snprintf(out + n, ALERT_TEXT_SIZE - n, " (%" PRIu64 " %s%s%s)", x->n, unit,
			when[0] != '\0' ? ", " : "", when);
	else if (when[0] != '\0')
		snprintf(out + n, ALERT_TEXT_SIZE - n, " (%s)", when);
}

/* What its number counts, and the instant that it is about, for who says it in another language. */
static json_t *
args_json(const struct alert *x)
{
	json_t *o = json_object();

	if (alert_unit(x->rule)[0] != '\0') {
		json_put_number(o, "n", x->n);
		json_put_text(o, "unit", alert_unit(x->rule));
	}
	if (x->when != 0)
		json_put(o, "at", json_instant(x->when));
	return o;
}

json_t *
alert_json(struct daftard *d, const struct alert *x)
{
	const struct alerts *all = alerts_of(d);
	int64_t now = instant_now(), muted = alert_muted_until(all, x, now);
	enum alert_state state = alert_state(all, x, now);
	const char *mute_by = x->muted_until >= muted ? x->muted_by : all->mute[x->rule].by;
	char number[24], text[ALERT_TEXT_SIZE];
	json_t *o = json_object();

	snprintf(number, sizeof number, "%" PRIu64, x->number);
	alert_describe(x, text);
	json_put_text(o, "id", number);
	json_put_text(o, "rule", alert_word(x->rule));
	json_put_text(o, "severity", severity_word(x->severity));
	json_put_text(o, "subject", x->subject);
	json_put(o, "since", json_instant(x->since));
	json_put_text(o, "what", alert_sentence(x->rule));
	json_put_text(o, "sentence", text);
	json_put(o, "args", args_json(x));
	json_put_text(o, "state", alert_state_word(state));
	json_put(o, "by", json_null());
	if (state == ALERT_ACKED)
		json_put_text(o, "by", x->acked_by);
	if (state == ALERT_MUTED)
		json_put_text(o, "by", mute_by);
	json_put(o, "acked", json_instant(x->acked));
	json_put(o, "until", json_instant(muted));
	json_put(o, "ended", json_instant(x->ended));
	json_put_text(o, "runbook", alert_word(x->rule));
	json_put(o, "contacts", contacts_json(d->conf, x->subject));
	return o;
}

/* ---- the list ---- */

/* What lasts before what has ended, critical before warning, newest first. */
static int
compare(const void *a, const void *b)
{
	const struct alert *x = *(const struct alert *const *)a;
	const struct alert *y = *(const struct alert *const *)b;

	if ((x->ended != 0) != (y->ended != 0))
		return x->ended != 0 ? 1 : -1;
	if (x->ended == 0 && x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return x->number > y->number ? -1 : x->number < y->number;
}

static void
free_pointers(const struct alert ***list)
{
	free(*list);
}

/* Loans, until the next look. */
static const struct alert **
sorted(const struct alerts *all, size_t *n)
{
	const struct alert **list = xcalloc(all->n + 1, sizeof *list);

	*n = 0;
	for (size_t i = 0; i < all->n; i++)
		if (all->list[i].number != 0)
			list[(*n)++] = &all->list[i];
	qsort(list, *n, sizeof *list, compare);
	return list;
}

static uint64_t
threshold_of(const struct alert_limits *l, enum alert_rule r, const char **unit)
{
	const struct {
		enum alert_rule rule;
		uint64_t n;
		const char *unit;
	} row[] = {
		{ALERT_STUCK, (uint64_t)l->stuck / 60000, "minutes"},
		{ALERT_DEADLINE, (uint64_t)l->deadline / 3600000, "hours"},
		{ALERT_DECISION, (uint64_t)l->deadline / 3600000, "hours"},
		{ALERT_SILENCE, (uint64_t)l->silence / 60000, "minutes"},
		{ALERT_STORE_FILLS, l->fill, "percent"},
		{ALERT_FORECAST, (uint64_t)l->forecast / 86400000, "days"},
		{ALERT_BACKUP, (uint64_t)l->backup / 3600000, "hours"},
		{ALERT_CERTIFICATE, 90, "days"},
		{ALERT_TRUST_LIST, 90, "days"},
	};

	*unit = NULL;
	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		if (row[i].rule == r) {
			*unit = row[i].unit;
			return row[i].n;
		}
	return 0;
}

static json_t *
rule_json(struct daftard *d, enum alert_rule r)
{
	const struct alert_mute *mute = &alerts_of(d)->mute[r];
	const char *unit;
	uint64_t n = threshold_of(alert_limits_of(d), r, &unit);
	json_t *o = json_object();

	json_put_text(o, "name", alert_word(r));
	json_put_text(o, "sentence", alert_sentence(r));
	json_put(o, "threshold", json_null());
	if (unit != NULL) {
		json_put_number(o, "threshold", n);
		json_put_text(o, "unit", unit);
	}
	json_put(o, "on", json_boolean(unit == NULL || n != 0));
	json_put(o, "muted_until", json_instant(mute->until > instant_now() ? mute->until : 0));
	json_put_text(o, "muted_by", mute->until > instant_now() ? mute->by : "");
	return o;
}

static enum err
verb_alert_list(void *context, const json_t *args, json_t **data)
{
	bool everything = json_is_true(json_object_get(args, "all"));
	struct daftard *d = context;
	json_t *list = json_array(), *rules = json_array();
	OWNED(const struct alert *, all, free_pointers) = NULL;
	size_t n;

	alerts_look(d);
	all = sorted(alerts_of(d), &n);
	for (size_t i = 0; i < n; i++)
		if (everything || all[i]->ended == 0)
			json_add(list, alert_json(d, all[i]));
	for (enum alert_rule r = 0; r < ALERT_RULES; r++)
		json_add(rules, rule_json(d, r));
	*data = json_object();
	json_put_text(*data, "realm", trust_realm(d->trust));
	json_put(*data, "alerts", list);
	json_put(*data, "rules", rules);
	json_put_number(*data, "left_out", alerts_of(d)->left_out);
	return E_OK;
}

const char *
alerts_warnings(struct daftard *d, json_t *warnings)
{
	const struct alerts *all = alerts_of(d);
	OWNED(const struct alert *, list, free_pointers) = NULL;
	char text[ALERT_TEXT_SIZE];
	const char *worst = "ok";
	size_t n;

	list = sorted(all, &n);
	for (size_t i = 0; i < n && list[i]->ended == 0; i++) {
		if (alert_state(all, list[i], instant_now()) == ALERT_MUTED)
			continue;
		if (strcmp(worst, "critical") != 0)
			worst = severity_word(list[i]->severity);
		alert_describe(list[i], text);
		json_add(warnings, json_string(text));
	}
	return worst;
}

/* ---- what a person does with one ---- */

static enum err
alert_arg(struct daftard *d, const json_t *args, struct alert **out)
{
	const json_t *id = json_object_get(args, "id");
	const char *text = json_string_value(id);
	char *end = NULL;
	uint64_t number =
		text != NULL ? strtoull(text, &end, 10) : (uint64_t)json_integer_value(id);

	if (number == 0 || (text != NULL && *end != '\0'))
		return E_USAGE;
	*out = alerts_at(alerts_of(d), number);
	return *out != NULL ? E_OK : E_NOT_FOUND;
}

/* "8h", "90m", "2d", an instant in ms, or the text of one; at most 30 days from now. */
static enum err
until_arg(const json_t *args, int64_t now, int64_t *out)
{
	static const struct {
		char letter;
		int64_t ms;
	} units[] = {{'m', 60000}, {'h', 3600000}, {'d', 86400000}};
	const char *text = json_string_value(json_object_get(args, "until"));
	char *end = NULL;
	long n;

	*out = 0;
	if (text != NULL && !instant_parse(text, out)) {
		n = strtol(text, &end, 10);
		if (n > 0 && end[0] == '\0')
			*out = n;
		for (size_t i = 0; i < ARRAY_LEN(units); i++)
			if (n > 0 && n < 100000 && end[0] == units[i].letter && end[1] == '\0')
				*out = now + n * units[i].ms;
	}
	return *out > now && *out - now <= MUTE_MOST_MS ? E_OK : E_USAGE;
}

/* ---- changes: written down with their reason, and a leaf of the log ---- */

static const char *
reason_of(const json_t *args)
{
	return json_string_value(json_object_get(args, "reason"));
}

/* Of an alert, or (NULL) of a rule: both are on disk, or neither. */
static enum err
keep_change(struct daftard *d, enum change_kind kind, const struct alert *x, enum alert_rule r,
	const char *reason)
{
	OWNED(char, subject, free_chars) =
		x != NULL ? xprintf("%" PRIu64 " %s %s", x->number, alert_word(r), x->subject)
			  : xstrdup(alert_word(r));
	struct store_txn *t = store_begin(d->store);
	struct change c;
	enum err e;

	if (x != NULL)
		store_put_alert(t, x);
	else
		store_put_mute(t, r, &alerts_of(d)->mute[r]);
	change_note(d, t, kind, subject, reason, &c);
	e = daftard_commit(d, &t);
	if (e == E_OK)
		log_line(LOG_NOTICE, "alert %s: %s by=%s reason=\"%s\"", subject,
			change_kind_word(kind), c.by, c.reason);
	return e;
}

static void
tell(struct daftard *d, const char *what, json_t *event)
{
	json_put_text(event, "event", "alert");
	json_put_text(event, "change", what);
	control_tell(d->control, event);
}

/* What the change does to an alert; until: of a mute. */
static enum err
change_alert(
	struct daftard *d, const json_t *args, enum change_kind kind, int64_t until, json_t **data)
{
	char by[OFFICER_SIZE];
	struct alert *x, was;
	enum err e;

	alerts_look(d);
	TRY(alert_arg(d, args, &x));
	was = *x;
	officers_name(&d->officers, control_user(d->control), by);
	TRY(kind == CHANGE_ACK ? alert_ack(x, by, instant_now()) : alert_mute(x, by, until));
	e = keep_change(d, kind, x, x->rule, reason_of(args));
	if (e != E_OK) {
		*x = was;
		return e;
	}
	*data = alert_json(d, x);
	tell(d, change_kind_word(kind), alert_json(d, x));
	return E_OK;
}

static enum err
change_rule(
	struct daftard *d, const json_t *args, enum change_kind kind, int64_t until, json_t **data)
{
	char by[OFFICER_SIZE];
	struct alert_mute was;
	enum alert_rule rule;
	enum err e;

	if (!alert_parse(json_string_value(json_object_get(args, "rule")), &rule)) {
		control_explain(d->control, "there is no such rule; alert.list names them");
		return E_NOT_FOUND;
	}
	alerts_look(d);
	was = alerts_of(d)->mute[rule];
	officers_name(&d->officers, control_user(d->control), by);
	alerts_mute_rule(alerts_of(d), rule, by, until);
	e = keep_change(d, kind, NULL, rule, reason_of(args));
	if (e != E_OK) {
		alerts_of(d)->mute[rule] = was;
		return e;
	}
	*data = rule_json(d, rule);
	tell(d, change_kind_word(kind), rule_json(d, rule));
	return E_OK;
}

static enum err
verb_alert_ack(void *context, const json_t *args, json_t **data)
{
	return change_alert(context, args, CHANGE_ACK, 0, data);
}

/* One alert, or whatever its rule will find. */
static enum err
change_mute(
	struct daftard *d, const json_t *args, enum change_kind kind, int64_t until, json_t **data)
{
	bool of_rule = json_object_get(args, "rule") != NULL;

	if (of_rule == (json_object_get(args, "id") != NULL)) {
		control_explain(d->control, "give the id of an alert, or a rule");
		return E_USAGE;
	}
	return of_rule ? change_rule(d, args, kind, until, data)
		       : change_alert(d, args, kind, until, data);
}

static enum err
verb_alert_mute(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	int64_t until;

	if (until_arg(args, instant_now(), &until) != E_OK) {
		control_explain(
			d->control, "until is 90m, 8h, 2d or an instant, and at most 30 days away");
		return E_USAGE;
	}
	return change_mute(d, args, CHANGE_MUTE, until, data);
}

static enum err
verb_alert_unmute(void *context, const json_t *args, json_t **data)
{
	return change_mute(context, args, CHANGE_UNMUTE, 0, data);
}

const struct control_verb alert_verbs[] = {
	{"alert.list", CONTROL_LOOKS, 0,
		"what somebody should look at, and the rules by which that is found",
		verb_alert_list,
		{{"all", CONTROL_SWITCH, CONTROL_OPTIONAL, "with those that have ended", 0, 0}}},
	{"alert.ack", CONTROL_OPERATOR, CONTROL_CHANGES,
		"somebody has seen it; it is told again only when it gets worse", verb_alert_ack,
		{{"id", CONTROL_TEXT, CONTROL_REQUIRED, "of the alert", 0, 20}, CONTROL_WHY}},
	{"alert.mute", CONTROL_OPERATOR, CONTROL_CHANGES,
		"tell nobody of this alert, or of any of this rule, until then", verb_alert_mute,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "of the alert", 0, 20},
			{"rule", CONTROL_TEXT, CONTROL_OPTIONAL, "or a rule", 0, 24},
			{"until", CONTROL_TEXT, CONTROL_REQUIRED,
				"90m, 8h, 2d, or an instant; at most 30 days away", 0, 32},
			CONTROL_WHY}},
	{"alert.unmute", CONTROL_OPERATOR, CONTROL_CHANGES, "tell of it again", verb_alert_unmute,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "of the alert", 0, 20},
			{"rule", CONTROL_TEXT, CONTROL_OPTIONAL, "or a rule", 0, 24}, CONTROL_WHY}},
	{0},
};
