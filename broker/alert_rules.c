/* SPDX-License-Identifier: EUPL-1.2
 *
 * One function a kind of rule. A finding is named for as long as it is so; how long it must be so
 * before somebody is told, and after, is the affair of broker/alert.def. */
#include "broker/alert_rules.h"

#include <stdio.h>

#define DAY_MS 86400000ll
#define HOUR_MS 3600000ll
#define USUAL_MOST (7 * DAY_MS)
#define STUCK_BADLY 3 /* times what is too long */

/* ---- the exchange itself ---- */

static void
look_at_exchange(const struct alert_world *w, struct alerts *out)
{
	const struct {
		bool is;
		enum alert_rule rule;
		uint64_t n;
	} row[] = {
		{w->not_ready, ALERT_NOT_READY, 0},
		{w->damaged > 0 || w->scrub_damaged, ALERT_DAMAGED, w->damaged},
		{w->log_differs, ALERT_LOG, 0},
		{w->full, ALERT_STORE_FULL, 0},
		{w->clock_behind, ALERT_CLOCK, 0},
		{w->aside > 0, ALERT_ASIDE, w->aside},
		{w->changes > 0, ALERT_CHANGE, w->changes},
		{w->too_old > 0, ALERT_REVOCATION, w->too_old},
		{w->held > 0, ALERT_HELD, w->held},
		{w->scrub_failed, ALERT_SCRUB, 0},
		{w->draining, ALERT_DRAINING, 0},
	};

	for (size_t i = 0; i < ARRAY_LEN(row); i++)
		if (row[i].is)
			alerts_found(
				out, &(struct alert_found){
					     .rule = row[i].rule, .subject = "", .n = row[i].n});
}

static void
look_at_room(const struct alert_world *w, const struct alert_limits *l, struct alerts *out)
{
	int64_t left = w->full_at - w->now;

	if (l->fill != 0 && w->fill >= l->fill)
		alerts_found(out, &(struct alert_found){
					  .rule = ALERT_STORE_FILLS, .subject = "", .n = w->fill});
	if (l->forecast == 0 || w->full_at == 0 || left > l->forecast)
		return;
	alerts_found(out, &(struct alert_found){.rule = ALERT_FORECAST,
				  .subject = "",
				  .n = left > 0 ? (uint64_t)(left / DAY_MS) : 0,
				  .when = w->full_at});
}

static void
look_at_backup(const struct alert_world *w, const struct alert_limits *l, struct alerts *out)
{
	int64_t age = w->now - w->backup_at;

	if (l->backup == 0 || w->backup_at == 0 || age <= l->backup)
		return;
	alerts_found(out, &(struct alert_found){.rule = ALERT_BACKUP,
				  .subject = "",
				  .n = (uint64_t)(age / HOUR_MS),
				  .when = w->backup_at});
}

/* ---- what ends ---- */

/* 90, 30, 7 days, and the end itself, are each worse than the one before. */
static unsigned
level_of(unsigned days)
{
	if (days == 0)
		return 3;
	if (days <= 7)
		return 2;
	return days <= 30 ? 1 : 0;
}

static void
look_at_endings(const struct alert_world *w, struct alerts *out)
{
	for (size_t i = 0; i < w->n_endings; i++) {
		const struct alert_ending *e = &w->ending[i];
		int64_t left = e->until - w->now;

		alerts_found(out,
			&(struct alert_found){.rule = e->subject[0] == '\0' ? ALERT_TRUST_LIST
									    : ALERT_CERTIFICATE,
				.subject = e->subject,
				.level = level_of(e->days),
				.critical = level_of(e->days) >= 2,
				.n = left > 0 ? (uint64_t)(left / DAY_MS) : 0,
				.when = e->until});
	}
}

/* ---- parties ---- */

static void
look_at_books(const struct alert_party *p, struct alerts *out)
{
	if (p->reconciling)
		alerts_found(
			out, &(struct alert_found){.rule = ALERT_RECONCILING, .subject = p->code});
	else if (p->differing > 0)
		alerts_found(
			out, &(struct alert_found){
				     .rule = ALERT_BOOKS, .subject = p->code, .n = p->differing});
}

static void
look_at_queue(
	const struct alert_party *p, const struct alert_limits *l, int64_t now, struct alerts *out)
{
	int64_t age = now - p->oldest;
	bool badly = age > l->stuck * STUCK_BADLY;

	if (l->stuck == 0 || p->oldest == 0 || age <= l->stuck)
		return;
	alerts_found(out, &(struct alert_found){.rule = ALERT_STUCK,
				  .subject = p->code,
				  .level = badly,
				  .critical = badly,
				  .n = p->queued,
				  .when = p->oldest});
}

static void
look_at_silence(const struct alert_party *p, const struct alert_limits *l, struct alerts *out)
{
	if (l->silence == 0 || p->silent <= alert_too_silent(l, p->usual))
		return;
	alerts_found(out,
		&(struct alert_found){.rule = ALERT_SILENCE, .subject = p->code, .when = p->heard});
}

static void
look_at_party(
	const struct alert_party *p, const struct alert_limits *l, int64_t now, struct alerts *out)
{
	look_at_books(p, out);
	if (p->out) { /* that it waits and is silent follows from it */
		alerts_found(
			out, &(struct alert_found){.rule = ALERT_PARTY_OUT, .subject = p->code});
		return;
	}
	look_at_queue(p, l, now, out);
	look_at_silence(p, l, out);
}

static void
look_at_roads(enum alert_rule rule, const struct alert_road *road, size_t n, struct alerts *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct alert_road *r = &road[i];
		char subject[ALERT_SUBJECT_SIZE];

		snprintf(subject, sizeof subject, "%s>%s", r->from, r->to);
		alerts_found(out,
			&(struct alert_found){
				.rule = rule, .subject = subject, .n = r->n, .when = r->soonest});
	}
}

void
alert_rules_look(const struct alert_world *w, const struct alert_limits *l, struct alerts *out)
{
	look_at_exchange(w, out);
	look_at_room(w, l, out);
	look_at_endings(w, out);
	for (size_t i = 0; i < w->n_parties; i++)
		look_at_party(&w->party[i], l, w->now, out);
	look_at_roads(ALERT_DEADLINE, w->road, w->n_roads, out);
	look_at_roads(ALERT_DECISION, w->undecided, w->n_undecided, out);
	look_at_backup(w, l, out);
}

/* ---- what is usual ---- */

/* Longer pauses are learned at once and forgotten slowly. */
int64_t
alert_usual(int64_t usual, int64_t pause)
{
	if (pause > USUAL_MOST)
		pause = USUAL_MOST;
	return pause > usual ? pause : usual;
}

int64_t
alert_usual_fades(int64_t usual)
{
	return usual - usual / 8;
}

int64_t
alert_too_silent(const struct alert_limits *l, int64_t usual)
{
	return 2 * usual > l->silence ? 2 * usual : l->silence;
}

bool
alert_is_near(const struct alert_limits *l, int64_t accepted, int64_t due, int64_t now)
{
	int64_t left = due - now;

	return l->deadline != 0 && left <= l->deadline && left <= (due - accepted) / 4;
}
