/* SPDX-License-Identifier: EUPL-1.2
 *
 * The facts that alerts are drawn from: what the daemon, its children and its store are asked, once
 * a look. Nothing here walks over messages but those that are about to expire, and of them a bound
 * number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/daftard_alert.h"
#include "broker/undecided.h"
#include "broker/ending.h"
#include "broker/store_alert.h"
#include "lib/merkle.h"

#define MINUTE_MS 60000ll
#define HOUR_MS 3600000ll
#define ROOM_MS 10000
#define UNDECIDED_MS 10000
#define NEAR_MOST 512 /* messages looked at for their deadline .. */
#define NEAR_PAGE 64
#define ROADS_MOST 64
#define ENDINGS_MOST 128

struct hearing_of {
	struct party party;
	struct hearing h;
};

/* ---- who was heard, and how long silence is usual ---- */

/* While nobody listened, nobody could be heard. */
static void
load_hearing(struct daftard *d, struct hearing_of *of, int64_t looked)
{
	if (store_hearing(d->store, &of->party, &of->h) != E_OK) {
		of->h = (struct hearing){.heard = 0};
		return;
	}
	if (looked != 0 && d->started > looked)
		of->h.away += d->started - (looked > of->h.heard ? looked : of->h.heard);
}

static struct hearing_of *
hearing_of(struct daftard *d, struct alert_senses *s, const struct party *p)
{
	struct hearing_of *of;

	for (size_t i = 0; i < s->n_hearing; i++)
		if (party_equal(&s->hearing[i].party, p))
			return &s->hearing[i];
	s->hearing = xrealloc(s->hearing, (s->n_hearing + 1) * sizeof *s->hearing);
	of = &s->hearing[s->n_hearing++];
	of->party = *p;
	load_hearing(d, of, store_instant(d->store, INSTANT_LOOKED));
	return of;
}

static void
listen_to(struct daftard *d, struct hearing_of *of)
{
	int64_t heard = daftard_heard(d, &of->party);
	int64_t pause = heard - of->h.heard - of->h.away;

	if (heard <= of->h.heard)
		return;
	if (of->h.heard != 0 && pause > MINUTE_MS)
		of->h.usual = alert_usual(of->h.usual, pause);
	of->h.heard = heard;
	of->h.away = 0;
}

int64_t
senses_heard(const struct alert_senses *s, const struct party *p)
{
	for (size_t i = 0; i < s->n_hearing; i++)
		if (party_equal(&s->hearing[i].party, p))
			return s->hearing[i].h.heard;
	return 0;
}

static void
fade(struct alert_senses *s, int64_t now)
{
	if (s->faded == 0)
		s->faded = now;
	if (now - s->faded < DAY_MS)
		return;
	s->faded = now;
	for (size_t i = 0; i < s->n_hearing; i++)
		s->hearing[i].h.usual = alert_usual_fades(s->hearing[i].h.usual);
}

void
senses_keep(struct store_txn *t, struct alert_senses *s, int64_t now)
{
	for (size_t i = 0; i < s->n_hearing; i++)
		if (s->hearing[i].h.heard != 0)
			store_put_hearing(t, &s->hearing[i].party, &s->hearing[i].h);
	store_put_instant(t, INSTANT_LOOKED, now);
	if (s->backup_at != 0)
		store_put_instant(t, INSTANT_BACKUP, s->backup_at);
	if (s->first != 0)
		store_put_instant(t, INSTANT_FIRST, s->first);
}

/* ---- parties ---- */

static int64_t
oldest_of(struct daftard *d, const struct party *p)
{
	struct entry e;
	int64_t at = 0;

	if (store_queue(d->store, p, 0, &e, 1) == 1)
		at = e.at[ST_ACCEPTED];
	if (store_urgent(d->store, p, 0, &e, 1) == 1 && (at == 0 || e.at[ST_ACCEPTED] < at))
		at = e.at[ST_ACCEPTED];
	return at;
}

static struct alert_party
party_of(struct daftard *d, struct alert_senses *s, const struct trust_party *p, int64_t now)
{
	struct hearing_of *of = hearing_of(d, s, &p->code);
	struct recon_result last;
	struct alert_party a = {.code = p->code.code,
		.out = store_standing(d->store, NULL, &p->code) != STANDING_GOOD,
		.reconciling = !store_reconciled(d->store, NULL, &p->code),
		.oldest = oldest_of(d, &p->code),
		.queued = store_queue_depth(d->store, &p->code)};

	listen_to(d, of);
	a.usual = of->h.usual;
	a.heard = of->h.heard;
	a.silent = of->h.heard == 0 ? 0 : now - of->h.heard - of->h.away;
	if (!a.reconciling && store_recon(d->store, &p->code, &last) == E_OK && books_differ(&last))
		a.differing = last.differences - last.mended;
	return a;
}

static struct alert_party *
parties_of(struct daftard *d, struct alert_senses *s, int64_t now, size_t *n)
{
	struct alert_party *list = xcalloc(trust_count(d->trust) + 1, sizeof *list);

	*n = 0;
	for (size_t i = 0; i < trust_count(d->trust); i++)
		if (trust_at(d->trust, i)->role != ROLE_EXCHANGE)
			list[(*n)++] = party_of(d, s, trust_at(d->trust, i), now);
	return list;
}

/* ---- what is near its end ---- */

struct roads {
	struct alert_road list[ROADS_MOST];
	struct entry first[ROADS_MOST]; /* that names the two */
	size_t n;
};

static void
add_near(struct roads *r, const struct entry *e, int64_t due)
{
	size_t i = 0;

	while (i < r->n && (!party_equal(&r->first[i].header.from, &e->header.from) ||
				   !party_equal(&r->first[i].header.to, &e->header.to)))
		i++;
	if (i == ROADS_MOST)
		return;
	if (i == r->n) {
		r->first[r->n++] = *e;
		r->list[i] = (struct alert_road){
			r->first[i].header.from.code, r->first[i].header.to.code, 0, due};
	}
	r->list[i].n++;
	if (due < r->list[i].soonest)
		r->list[i].soonest = due;
}

static void
look_for_near(struct daftard *d, const struct alert_limits *l, int64_t now, struct roads *r)
{
	struct due after = {0, 0};
	uint64_t seq[NEAR_PAGE];
	size_t n = NEAR_PAGE;
	struct entry e;

	if (l->deadline == 0)
		return;
	for (size_t seen = 0; n == NEAR_PAGE && seen < NEAR_MOST; seen += n) {
		n = store_expired(d->store, NULL, now + l->deadline, &after, seq, NEAR_PAGE);
		for (size_t i = 0; i < n; i++)
			if (store_entry(d->store, NULL, seq[i], &e) == E_OK &&
				alert_is_near(l, e.at[ST_ACCEPTED], entry_due(&e), now))
				add_near(r, &e, entry_due(&e));
	}
}

/* Days pass slowly, and there may be many corridors. */
static void
look_for_undecided(
	struct daftard *d, struct alert_senses *s, const struct alert_limits *l, int64_t now)
{
	struct undecided *list;
	int64_t tick = monotonic_now();
	size_t n;

	if (tick < s->undecided_at)
		return;
	s->undecided_at = tick + UNDECIDED_MS;
	s->undecided->n = 0;
	list = xcalloc(UNDECIDED_MOST, sizeof *list);
	n = undecided_look(d->store, d->trust, now, list, UNDECIDED_MOST);
	for (size_t i = 0; i < n; i++)
		if (alert_is_near(l, list[i].entry.at[ST_DELIVERED], list[i].due, now))
			add_near(s->undecided, &list[i].entry, list[i].due);
	free(list);
}

/* ---- what ends ---- */

struct endings {
	struct alert_ending list[ENDINGS_MOST];
	char subject[ENDINGS_MOST][ALERT_SUBJECT_SIZE];
	size_t n;
};

/* "KE.CRS sign 1a2b3c4d5e6f7081", "KE anchor ..", "operator ..". */
static void
name_ending(const struct trust_expiry *x, char out[ALERT_SUBJECT_SIZE])
{
	const char *whose = x->party.code[0] != '\0' ? x->party.code : x->country;
	OWNED_BUF(print) = {0};

	if (x->what == EXPIRY_LIST)
		return;
	buf_hex(&print, x->digest.octet, 8);
	snprintf(out, ALERT_SUBJECT_SIZE, "%s%s%s %s", whose, whose[0] != '\0' ? " " : "",
		expiry_word(x->what), (const char *)print.data);
}

static void
look_for_endings(struct daftard *d, int64_t now, struct endings *out)
{
	int64_t life = trust_valid_until(d->trust) - trust_issued_at(d->trust);
	size_t n = trust_expiring(d->trust, now, 90 * DAY_MS, NULL, 0), got;
	struct trust_expiry *list = xcalloc(n + 1, sizeof *list);

	got = trust_expiring(d->trust, now, 90 * DAY_MS, list, n);
	for (size_t i = 0; i < got && i < n && out->n < ENDINGS_MOST; i++) {
		int64_t days = ending_threshold(&list[i], life, now);

		if (days < 0 ||
			(list[i].what == EXPIRY_SIGN &&
				store_is_barred(d->store, NULL, &list[i].party, &list[i].digest)))
			continue;
		name_ending(&list[i], out->subject[out->n]);
		out->list[out->n] =
			(struct alert_ending){out->subject[out->n], list[i].until, (unsigned)days};
		out->n++;
	}
	free(list);
}

/* ---- room ---- */

/* By what was added within the hours that are known. */
static int64_t
full_at(const struct alert_room *r, const struct store_figures *f, int64_t now)
{
	uint64_t most = f->map_size / 10 * 8, first = r->sample[0];
	int64_t hours = (int64_t)r->n - 1;
	double rate;

	if (hours < 1 || f->map_used <= first)
		return 0;
	if (f->map_used >= most)
		return now;
	rate = (double)(f->map_used - first) / (double)(hours * HOUR_MS);
	if ((double)(most - f->map_used) / rate > 3650.0 * DAY_MS)
		return 0;
	return now + (int64_t)((double)(most - f->map_used) / rate);
}

static void
sample(struct alert_room *r, uint64_t used)
{
	if (r->n == ARRAY_LEN(r->sample)) {
		memmove(r->sample, r->sample + 1, sizeof r->sample - sizeof *r->sample);
		r->n--;
	}
	r->sample[r->n++] = used;
}

static void
look_at_room(struct daftard *d, struct alert_room *r, int64_t now)
{
	int64_t tick = monotonic_now();
	struct store_figures f;

	if (tick < r->next_look)
		return;
	r->next_look = tick + ROOM_MS;
	store_figures(d->store, &f);
	if (tick >= r->next_sample) {
		r->next_sample = tick + HOUR_MS;
		sample(r, f.map_used);
	}
	r->fill = (unsigned)(f.map_used / (f.map_size / 100 + 1));
	r->full_at = full_at(r, &f, now);
}

/* ---- the log ---- */

/* What we have signed last must be what we hold. */
static bool
log_differs(struct daftard *d, uint64_t size)
{
	OWNED_BUF(note) = {0};
	struct checkpoint at;
	struct digest root;

	return store_checkpoint(d->store, &note) != E_OK ||
	       checkpoint_verify(buf_bytes(&note), trust_log_name(d->trust),
		       trust_log_key(d->trust), &at) != E_OK ||
	       at.size != size || store_log_root(d->store, size, &root) != E_OK ||
	       !digest_equal(&root, &at.root);
}

static void
look_at_log(struct daftard *d, struct alert_senses *s)
{
	uint64_t size = store_log_size(d->store);

	if (size == s->log_size)
		return;
	s->log_size = size;
	s->log_differs = log_differs(d, size);
}

/* ---- all of it ---- */

void
senses_open(struct daftard *d, struct alert_senses *s)
{
	s->undecided = xcalloc(1, sizeof *s->undecided);
	s->backup_at = store_instant(d->store, INSTANT_BACKUP);
	s->first = store_instant(d->store, INSTANT_FIRST);
	if (s->first == 0)
		s->first = instant_now();
}

void
senses_close(struct alert_senses *s)
{
	free(s->hearing);
	free(s->undecided);
	*s = (struct alert_senses){.hearing = NULL};
}

static void
note_quarantines(struct daftard *d, struct alert_senses *s)
{
	struct examiners_figures f;

	examiners_figures(d->examiners, &f);
	if (f.quarantined > s->quarantined)
		alerts_note(d, ALERT_QUARANTINE, "");
	s->quarantined = f.quarantined;
}

static void
look_at_daemon(struct daftard *d, struct alert_senses *s, struct alert_world *w)
{
	const struct work *scrub = &d->scrub, *backup = &d->backup;

	if (backup->at > s->backup_at && backup->result.code == E_OK)
		s->backup_at = backup->at;
	w->not_ready = !d->ready || gate_child_pid(d->gate) == 0 || !daftard_is_well(d);
	w->full = !store_has_room(d->store);
	w->clock_behind = exchange_clock_behind(d->exchange, w->now);
	w->damaged = exchange_damaged(d->exchange);
	w->scrub_damaged = scrub->at != 0 && scrub->result.code == E_DAMAGED;
	w->scrub_failed = scrub->at != 0 && scrub->result.code != E_OK && !w->scrub_damaged;
	w->held = store_held_count(d->store, NULL);
	w->aside = store_aside_count(d->store, NULL);
	w->changes = changes_wait(d);
	w->too_old = count_too_old(d);
	w->log_differs = s->log_differs;
	w->fill = s->room.fill;
	w->full_at = s->room.full_at;
	w->backup_at = s->backup_at != 0 ? s->backup_at : s->first;
}

void
senses_look(
	struct daftard *d, struct alert_senses *s, const struct alert_limits *l, struct alerts *out)
{
	struct roads *roads = xcalloc(1, sizeof *roads);
	struct endings *endings = xcalloc(1, sizeof *endings);
	struct alert_world w = {.now = out->now};
	struct alert_party *parties = parties_of(d, s, w.now, &w.n_parties);

	fade(s, w.now);
	look_at_room(d, &s->room, w.now);
	look_at_log(d, s);
	note_quarantines(d, s);
	look_at_daemon(d, s, &w);
	look_for_near(d, l, w.now, roads);
	look_for_undecided(d, s, l, w.now);
	look_for_endings(d, w.now, endings);
	w.party = parties;
	w.road = roads->list;
	w.n_roads = roads->n;
	w.undecided = s->undecided->list;
	w.n_undecided = s->undecided->n;
	w.ending = endings->list;
	w.n_endings = endings->n;
	alert_rules_look(&w, l, out);
	free(parties);
	free(endings);
	free(roads);
}
