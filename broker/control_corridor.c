/* SPDX-License-Identifier: EUPL-1.2
 *
 * Corridors: who may send to whom by the trust list, and who has. What waits, what the last day
 * brought, and how much trouble there is, from figures kept at commit; nothing here grows with the
 * number of messages. */
#include <stdlib.h>
#include <string.h>

#include "broker/control_act.h"
#include "broker/control_look.h"
#include "broker/daftard_alert.h"

#define CHANGES_LOOK 500 /* changes that are looked through for those of a corridor */
#define CHANGES_MOST 20

struct road {
	struct corridor_figures figures;
	struct counts day;
	const struct trust_agreement *agreement; /* the one that is valid longest, NULL: none */
};
struct roads {
	struct road *list;
	size_t n, room;
};

static void
roads_free(struct roads *r)
{
	free(r->list);
}

static struct road *
add_road(struct roads *r, const struct corridor *c)
{
	if (r->n == r->room) {
		r->room = r->room == 0 ? 64 : 2 * r->room;
		r->list = xrealloc(r->list, r->room * sizeof *r->list);
	}
	r->list[r->n] = (struct road){.figures = {.corridor = *c}};
	return &r->list[r->n++];
}

static int
by_corridor(const void *a, const void *b)
{
	const struct corridor *x = &((const struct road *)a)->figures.corridor;
	const struct corridor *y = &((const struct road *)b)->figures.corridor;
	int order = strcmp(x->from.code, y->from.code);

	return order != 0 ? order : strcmp(x->to.code, y->to.code);
}

/* One road of each that is there twice: figures of the one, the agreement of the other. */
static void
merge_roads(struct roads *r)
{
	size_t n = 0;

	qsort(r->list, r->n, sizeof *r->list, by_corridor);
	for (size_t i = 0; i < r->n; i++) {
		struct road *last = n > 0 ? &r->list[n - 1] : NULL, *next = &r->list[i];

		if (last == NULL || by_corridor(last, next) != 0) {
			r->list[n++] = *next;
			continue;
		}
		if (last->figures.messages == 0)
			last->figures = next->figures;
		if (next->agreement != NULL &&
			(last->agreement == NULL ||
				next->agreement->valid_until > last->agreement->valid_until))
			last->agreement = next->agreement;
	}
	r->n = n;
}

static void
add_travelled(struct daftard *d, struct roads *r)
{
	struct corridor_figures page[64];
	struct corridor last, *after = NULL;
	size_t n;

	while ((n = store_corridors(d->store, after, page, ARRAY_LEN(page))) > 0) {
		for (size_t i = 0; i < n; i++)
			add_road(r, &page[i].corridor)->figures = page[i];
		last = page[n - 1].corridor;
		after = &last;
	}
}

static void
count_day(void *context, const struct corridor *c, const struct counts *n)
{
	struct roads *r = context;
	struct road wanted = {.figures = {.corridor = *c}};
	struct road *found = bsearch(&wanted, r->list, r->n, sizeof *r->list, by_corridor);

	if (found != NULL)
		counts_add(&found->day, n);
}

static void
gather(struct daftard *d, struct roads *r)
{
	for (size_t i = 0; i < trust_agreement_count(d->trust); i++) {
		const struct trust_agreement *a = trust_agreement_at(d->trust, i);

		add_road(r, &(struct corridor){a->from, a->to})->agreement = a;
	}
	add_travelled(d, r);
	merge_roads(r);
	store_each_count(d->store, instant_now() - COUNT_DAY_MS, count_day, r);
}

/* ---- how much trouble ---- */

/* 0 to 3, and a word of a fixed list. */
static int
trouble_of(struct daftard *d, const struct road *r, const char **word)
{
	const struct corridor_figures *f = &r->figures;
	int64_t now = instant_now(), waited = f->oldest != 0 ? now - f->oldest : 0;
	int64_t stuck = alert_limits_of(d)->stuck;
	bool out = store_standing(d->store, NULL, &f->corridor.from) != STANDING_GOOD ||
		   store_standing(d->store, NULL, &f->corridor.to) != STANDING_GOOD;
	const struct {
		bool is;
		int trouble;
		const char *word;
	} all[] = {
		{stuck > 0 && waited > stuck, 3, "waits too long"},
		{r->day.reached[ST_DEAD_LETTER] > 0, 2, "dead letters"},
		{f->waiting > 0 && (r->agreement == NULL || r->agreement->valid_until < now), 2,
			"no agreement in force"},
		{out, 2, "a party is cut off"},
		{r->day.reached[ST_EXPIRED] > 0, 1, "messages expired"},
		{stuck > 0 && waited > stuck / 2, 1, "slow"},
		{r->agreement != NULL && r->agreement->valid_until >= now &&
				r->agreement->valid_until - now < 30 * COUNT_DAY_MS,
			1, "agreement ends soon"},
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (all[i].is) {
			*word = all[i].word;
			return all[i].trouble;
		}
	*word = "in order";
	return 0;
}

/* ---- rows ---- */

static json_t *
road_json(struct daftard *d, const struct road *r)
{
	const struct corridor_figures *f = &r->figures;
	json_t *o = json_object();
	const char *word;

	json_put_text(o, "from", f->corridor.from.code);
	json_put_text(o, "to", f->corridor.to.code);
	closed_put(d, &f->corridor.from, &f->corridor.to, o);
	json_put_text(o, "agreement", r->agreement != NULL ? r->agreement->id : "");
	json_put(o, "valid_until",
		json_instant(r->agreement != NULL ? r->agreement->valid_until : 0));
	json_put_number(o, "messages", f->messages);
	json_put_number(o, "waiting", f->waiting);
	json_put(o, "oldest", json_instant(f->oldest));
	json_put_number(o, "open", f->open);
	json_put(o, "oldest_open", json_instant(f->oldest_open));
	json_put(o, "day", counts_json(&r->day));
	json_put_number(o, "trouble", (uint64_t)trouble_of(d, r, &word));
	json_put_text(o, "trouble_word", word);
	return o;
}

static enum err
verb_corridor_list(void *context, const json_t *args, json_t **data)
{
	__attribute__((cleanup(roads_free))) struct roads roads = {.n = 0};
	struct daftard *d = context;
	json_t *list = json_array();

	(void)args;
	group_end(d);
	gather(d, &roads);
	for (size_t i = 0; i < roads.n; i++)
		json_add(list, road_json(d, &roads.list[i]));
	*data = json_object();
	json_put(*data, "corridors", list);
	return E_OK;
}

/* ---- one corridor ---- */

static json_t *
agreements_of(const struct trust *t, const struct corridor *c)
{
	json_t *list = json_array();

	for (size_t i = 0; i < trust_agreement_count(t); i++) {
		const struct trust_agreement *a = trust_agreement_at(t, i);
		json_t *o;

		if (!party_equal(&a->from, &c->from) || !party_equal(&a->to, &c->to))
			continue;
		o = json_object();
		json_put_text(o, "id", a->id);
		json_put(o, "valid_until", json_instant(a->valid_until));
		json_put(o, "consent_required", json_boolean(a->consent_required));
		json_put(o, "clearance_required", json_boolean(a->clearance_required));
		json_add(list, o);
	}
	return list;
}

/* How long the addressee may take, as it has said of itself. */
static void
put_deadline(const struct trust *t, const struct corridor *c, json_t *o)
{
	const struct trust_party *p = trust_party(t, &c->to);
	OWNED(char, words, free_chars) = NULL;

	if (p == NULL || !p->profile.given)
		return;
	json_put_number(o, "decision_days", p->profile.decision_days);
	json_put_number(o, "tacit_days", p->profile.tacit_days);
	if (p->profile.tacit_days > 0)
		words = xprintf("decides within %u days; after %u days silence is a refusal (%s)",
			p->profile.decision_days, p->profile.tacit_days,
			p->profile.provision != NULL ? p->profile.provision : "");
	else if (p->profile.decision_days > 0)
		words = xprintf("decides within %u days", p->profile.decision_days);
	if (words != NULL)
		json_put_text(o, "deadline_rule", words);
}

static void
free_changes(struct change **list)
{
	free(*list);
	*list = NULL;
}

/* When it was closed and opened, newest first. */
static json_t *
changes_of(struct daftard *d, const struct corridor *c)
{
	OWNED(char, subject, free_chars) = xprintf("%s to %s", c->from.code, c->to.code);
	OWNED(struct change, page, free_changes) = xcalloc(CHANGES_LOOK, sizeof *page);
	size_t n = store_changes(d->store, 0, page, CHANGES_LOOK);
	json_t *list = json_array();

	for (size_t i = 0; i < n && json_array_size(list) < CHANGES_MOST; i++)
		if ((page[i].kind == CHANGE_CLOSE || page[i].kind == CHANGE_OPEN) &&
			strcmp(page[i].subject, subject) == 0)
			json_add(list, change_json(&page[i]));
	return list;
}

static enum err
corridor_arg(const json_t *args, struct corridor *c)
{
	return party_in(args, "from", &c->from) && party_in(args, "to", &c->to) &&
			       c->from.code[0] != '\0' && c->to.code[0] != '\0'
		       ? E_OK
		       : E_USAGE;
}

/* E_NOT_FOUND: no agreement names it, and nothing has ever travelled there. */
static enum err
find_road(struct daftard *d, const struct corridor *c, struct road *out)
{
	__attribute__((cleanup(roads_free))) struct roads roads = {.n = 0};
	const struct road wanted = {.figures = {.corridor = *c}};
	const struct road *found;

	gather(d, &roads);
	if (roads.n == 0)
		return E_NOT_FOUND;
	found = bsearch(&wanted, roads.list, roads.n, sizeof *roads.list, by_corridor);
	if (found == NULL)
		return E_NOT_FOUND;
	*out = *found;
	return E_OK;
}

static enum err
verb_corridor_show(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	struct corridor c;
	struct road r;
	json_t *series;

	TRY(corridor_arg(args, &c));
	group_end(d);
	TRY(find_road(d, &c, &r));
	*data = road_json(d, &r);
	json_put(*data, "agreements", agreements_of(d->trust, &c));
	put_deadline(d->trust, &c, *data);
	series = json_object();
	json_put(*data, "series", series);
	TRY(series_put(d, &c, hours_arg(args), series));
	json_put(*data, "ages", json_incref(json_object_get(series, "waiting")));
	json_put(*data, "changes", changes_of(d, &c));
	return E_OK;
}

const struct control_verb corridor_verbs[] = {
	{"corridor.list", CONTROL_LOOKS, 0,
		"who sends to whom: what waits, what the last day brought, and what is wrong",
		verb_corridor_list, {{0}}},
	{"corridor.show", CONTROL_LOOKS, 0, "one of them, with its rules and its days",
		verb_corridor_show,
		{{"from", CONTROL_PARTY, CONTROL_REQUIRED, "the sender", 0, 0},
			{"to", CONTROL_PARTY, CONTROL_REQUIRED, "the addressee", 0, 0},
			{"hours", CONTROL_NUMBER, CONTROL_OPTIONAL, "how far back, 24 without it",
				1, 720}}},
	{0},
};
