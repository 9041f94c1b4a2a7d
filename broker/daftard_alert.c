/* SPDX-License-Identifier: EUPL-1.2
 *
 * Driving the alerts: when to look, what is written down, who is told. What was found is kept in a
 * transaction of its own, outside the exchange's groups: no answer to a peer waits for it. */
#include "broker/daftard_alert.h"

#include <stdlib.h>

#include "broker/control_json.h"
#include "broker/store_alert.h"
#include "lib/log.h"
#include "lib/notify.h"

#define LOOK_MS 1000
#define SAVE_MS (5 * 60 * 1000)
#define HOUR_MS 3600000ll
#define DAY_MS 86400000ll
#define PAGE 64
#define GATE_SLOW_MS 30000

struct daftard_alerts {
	struct alerts all;
	struct alert_limits limits;
	struct alert_senses senses;
	struct store_txn *txn; /* of the look under way, NULL: nothing to keep yet */
	int64_t next_look, next_save, next_ask; /* monotonic ms */
	bool behind; /* something is not on disk: all is written next time */
};

/* ---- opening ---- */

static struct alert_limits
limits_of(const struct conf *c)
{
	return (struct alert_limits){
		.stuck = conf_number(c, "alert-stuck-minutes") * 60000ll,
		.deadline = conf_number(c, "alert-deadline-hours") * HOUR_MS,
		.silence = conf_number(c, "alert-silence-minutes") * 60000ll,
		.fill = (unsigned)conf_number(c, "alert-store-percent"),
		.forecast = conf_number(c, "alert-forecast-days") * DAY_MS,
		.backup = conf_number(c, "alert-backup-hours") * HOUR_MS,
	};
}

static void
load(struct daftard *d, struct alerts *all)
{
	struct alert page[PAGE];
	uint64_t after = 0;
	int64_t now = instant_now();
	size_t n;

	for (enum alert_rule r = 0; r < ALERT_RULES; r++)
		store_mute(d->store, r, &all->mute[r]);
	while ((n = store_alerts(d->store, after, page, PAGE)) > 0) {
		for (size_t i = 0; i < n; i++)
			alerts_put(all, &page[i], now);
		after = page[n - 1].number;
	}
}

void
alerts_open(struct daftard *d)
{
	d->alerts = xcalloc(1, sizeof *d->alerts);
	d->alerts->limits = limits_of(d->conf);
	load(d, &d->alerts->all);
	senses_open(d, &d->alerts->senses);
}

/* ---- what is kept ---- */

/* Alerts never take the room in which what was accepted is finished. */
static bool
may_write(struct daftard *d)
{
	return store_has_room_to_stop(d->store);
}

static struct store_txn *
txn_of(struct daftard *d)
{
	if (d->alerts->txn == NULL && may_write(d))
		d->alerts->txn = store_begin(d->store);
	return d->alerts->txn;
}

static void
keep(void *context, const struct alert *x)
{
	struct store_txn *t = txn_of(context);

	if (t != NULL)
		store_put_alert(t, x);
	else
		((struct daftard *)context)->alerts->behind = true;
}

static void
drop(void *context, const struct alert *x)
{
	struct store_txn *t = txn_of(context);

	if (t != NULL)
		store_drop_alert(t, x->number);
}

static void
keep_all(struct daftard *d, struct store_txn *t)
{
	const struct alerts *all = &d->alerts->all;

	for (size_t i = 0; d->alerts->behind && i < all->n; i++)
		if (all->list[i].number != 0)
			store_put_alert(t, &all->list[i]);
	senses_keep(t, &d->alerts->senses, instant_now());
}

static void
commit(struct daftard *d, bool whole)
{
	struct store_txn *t = whole ? txn_of(d) : d->alerts->txn;
	enum err e;

	if (t == NULL)
		return;
	if (whole)
		keep_all(d, t);
	d->alerts->txn = NULL;
	e = store_commit(&t);
	if (e != E_OK && !d->alerts->behind)
		log_line(LOG_WARNING, "alerts not written down code=%s", err_word(e));
	d->alerts->behind = e != E_OK || (d->alerts->behind && !whole);
}

/* ---- who is told ---- */

static void
tell(void *context, const char *what, const struct alert *x)
{
	struct daftard *d = context;
	json_t *o = alert_json(d, x);
	char text[ALERT_TEXT_SIZE];

	alert_describe(x, text);
	log_line(x->ended != 0			    ? LOG_NOTICE
		 : x->severity == SEVERITY_CRITICAL ? LOG_ERROR
						    : LOG_WARNING,
		"alert=%llu %s rule=%s: %s", (unsigned long long)x->number, what,
		alert_word(x->rule), text);
	json_put_text(o, "event", "alert");
	json_put_text(o, "change", what);
	control_tell(d->control, o);
}

/* ---- a look ---- */

void
alerts_look(struct daftard *d)
{
	const struct alert_effects fx = {d, tell, keep, drop};
	struct daftard_alerts *a = d->alerts;

	group_end(d);
	a->limits = limits_of(d->conf); /* they may have been read anew */
	alerts_begin(&a->all, instant_now());
	senses_look(d, &a->senses, &a->limits, &a->all);
	alerts_end(&a->all, &fx);
	commit(d, false);
}

/* A manager with less patience than ours is told sooner. */
static int64_t
gate_slow(void)
{
	int64_t within = notify_within();

	return within > 0 && within / 2 < GATE_SLOW_MS ? within / 2 : GATE_SLOW_MS;
}

bool
daftard_is_well(const struct daftard *d)
{
	return gate_child_owes(d->gate) < gate_slow();
}

/* Whoever watches us hears that we are well only while the gate answers. That the loop runs and
 * that commits come back is shown by getting here: both happen in it. */
static void
tell_manager(struct daftard *d, int64_t tick)
{
	if (tick >= d->alerts->next_ask) {
		d->alerts->next_ask = tick + gate_slow() / 3;
		gate_child_ask(d->gate, 2 * gate_slow());
	}
	if (daftard_is_well(d))
		notify_well();
}

void
alerts_tick(struct daftard *d)
{
	int64_t tick = monotonic_now();

	if (tick < d->alerts->next_look)
		return;
	d->alerts->next_look = tick + LOOK_MS;
	alerts_look(d);
	tell_manager(d, tick);
	if (tick < d->alerts->next_save)
		return;
	d->alerts->next_save = tick + SAVE_MS;
	commit(d, true);
}

void
alerts_note(struct daftard *d, enum alert_rule rule, const char *subject)
{
	if (d->alerts != NULL)
		alerts_happened(&d->alerts->all, rule, subject, instant_now());
}

void
alerts_save(struct daftard *d)
{
	commit(d, true);
}

void
alerts_close(struct daftard *d)
{
	if (d->alerts == NULL)
		return;
	senses_close(&d->alerts->senses);
	alerts_free(&d->alerts->all);
	free(d->alerts);
	d->alerts = NULL;
}

/* ---- for others ---- */

struct alerts *
alerts_of(struct daftard *d)
{
	return &d->alerts->all;
}

const struct alert_limits *
alert_limits_of(const struct daftard *d)
{
	return &d->alerts->limits;
}

int64_t
alerts_store_full_at(const struct daftard *d)
{
	return d->alerts->senses.room.full_at;
}

int64_t
alerts_backup_at(const struct daftard *d)
{
	return d->alerts->senses.backup_at;
}

int64_t
alerts_heard(struct daftard *d, const struct party *p)
{
	return senses_heard(&d->alerts->senses, p);
}
