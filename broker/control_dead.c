/* SPDX-License-Identifier: EUPL-1.2
 *
 * Dead letters: what waits for a person, which can be tried again or ended here, and what has ended
 * as one, which its sender was told and only its sender can file again. Many are done with at once
 * by a filter; a batch is bounded, and is one change. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/control_act.h"
#include "broker/control_json.h"

#define LIST_USUAL 50
#define LIST_MOST 200
#define LOOK_MOST 5000 /* that are set aside, in one call */
#define PAGE 64
#define BATCH 500 /* in one change */
#define NAMED 20
#define GROUPS_MOST 64

/* ---- which ---- */

struct which {
	char code[32];
	struct party from, to; /* "": any */
	int64_t since;
};

static enum err
party_of(const json_t *args, const char *name, struct party *out)
{
	const char *text = json_string_value(json_object_get(args, name));

	return text == NULL || party_parse(text, out) ? E_OK : E_USAGE;
}

/* ms UTC, an instant, or a day. */
static enum err
since_of(const json_t *args, int64_t *out)
{
	const json_t *since = json_object_get(args, "since");
	char day[INSTANT_TEXT_SIZE];

	*out = 0;
	if (since == NULL)
		return E_OK;
	if (json_is_integer(since)) {
		*out = json_integer_value(since);
		return E_OK;
	}
	if (!json_is_string(since))
		return E_USAGE;
	if (instant_parse(json_string_value(since), out))
		return E_OK;
	snprintf(day, sizeof day, "%.10sT00:00:00.000Z", json_string_value(since));
	return strlen(json_string_value(since)) == 10 && instant_parse(day, out) ? E_OK : E_USAGE;
}

static enum err
which_of(const json_t *args, struct which *w)
{
	const char *code = json_string_value(json_object_get(args, "code"));

	*w = (struct which){.since = 0};
	if (code != NULL && !copy_text(w->code, sizeof w->code, code))
		return E_USAGE;
	TRY(party_of(args, "from", &w->from));
	TRY(party_of(args, "to", &w->to));
	return since_of(args, &w->since);
}

static bool
is_of(const struct which *w, const struct entry *e, const char *code, int64_t since)
{
	if (w->from.code[0] != '\0' && !party_equal(&w->from, &e->header.from))
		return false;
	if (w->to.code[0] != '\0' && !party_equal(&w->to, &e->header.to))
		return false;
	return (w->code[0] == '\0' || strcmp(w->code, code) == 0) && since >= w->since;
}

/* Of what is set aside, in order; false: enough. */
typedef bool visit(void *context, struct daftard *d, const struct entry *e, const struct aside *a);

static void
each_aside(struct daftard *d, const struct which *w, visit *each, void *context)
{
	uint64_t seq[PAGE], after = 0;
	size_t n = PAGE, looked = 0;
	struct entry e;
	struct aside a;

	while (n == PAGE && looked < LOOK_MOST) {
		n = store_asides(d->store, NULL, after, seq, PAGE);
		for (size_t i = 0; i < n; i++) {
			after = seq[i];
			if (store_aside(d->store, NULL, seq[i], &a) == E_OK &&
				store_entry(d->store, NULL, seq[i], &e) == E_OK &&
				is_of(w, &e, a.code, a.since) && !each(context, d, &e, &a))
				return;
		}
		looked += n;
	}
}

/* ---- the list ---- */

static void
free_entries(struct entry **list)
{
	free(*list);
	*list = NULL;
}

static json_t *
row_of(struct daftard *d, const struct entry *e, const struct aside *a)
{
	json_t *o = event_json("", e);

	json_object_del(o, "event");
	json_object_del(o, "at");
	json_put_text(o, "code", a != NULL ? a->code : e->code);
	json_put(o, "ended", json_boolean(a == NULL));
	json_put(o, "aside", aside_json(d, e->seq));
	json_put_number(o, "attempts", e->attempts);
	dead_put_turn(o, a != NULL ? a->code : e->code, a == NULL);
	return o;
}

static json_t *
retry_json(struct daftard *d, const char *code)
{
	struct retried r;
	json_t *o;

	if (store_retried(d->store, NULL, code, &r) != E_OK)
		return json_null();
	o = json_object();
	json_put(o, "at", json_instant(r.at));
	json_put_number(o, "n", r.n);
	json_put_number(o, "ok", r.taken);
	json_put_number(o, "again", r.again);
	return o;
}

/* The group of this code; a loan. */
static json_t *
group_of(struct daftard *d, json_t *groups, const char *code, bool ended)
{
	json_t *group;
	size_t i;

	json_array_foreach(groups, i,
		group) if (strcmp(json_string_value(json_object_get(group, "code")), code) == 0 &&
			   json_is_true(json_object_get(group, "ended")) == ended) return group;
	if (json_array_size(groups) == GROUPS_MOST)
		return NULL;
	group = json_object();
	json_put_text(group, "code", code);
	json_put_text(group, "sentence", err_sentence(err_of_word(code)));
	dead_put_turn(group, code, ended);
	json_put(group, "ended", json_boolean(ended));
	json_put_number(group, "n", 0);
	json_put(group, "last_retry", ended ? json_null() : retry_json(d, code));
	json_add(groups, group);
	return group;
}

static void
count_in(struct daftard *d, json_t *groups, const struct entry *e, const struct aside *a)
{
	json_t *group = group_of(d, groups, a != NULL ? a->code : e->code, a == NULL);

	if (group == NULL)
		return;
	json_put_number(group, "n", (uint64_t)json_integer_value(json_object_get(group, "n")) + 1);
	json_put(group, "example", row_of(d, e, a));
}

/* Both kinds become one list, newest first. */
struct listing {
	json_t *groups, *messages;
	uint64_t before, next;
	size_t limit;
	struct entry *aside; /* the newest, of those before `before' .. */
	size_t n;	     /* .. a ring of `limit' */
	struct which which;
};

static bool
take_aside(void *context, struct daftard *d, const struct entry *e, const struct aside *a)
{
	struct listing *l = context;

	count_in(d, l->groups, e, a);
	if (l->before == 0 || e->seq < l->before)
		l->aside[l->n++ % l->limit] = *e;
	return true;
}

/* The newest dead letters before `before', as far as one look goes. */
static size_t
list_ended(struct daftard *d, struct listing *l, struct entry *out, uint64_t *next)
{
	OWNED(struct entry, page, free_entries) = xcalloc(PAGE, sizeof *page);
	uint64_t before = l->before;
	size_t got = PAGE, looked = 0, n = 0;

	for (; got == PAGE && n < l->limit && looked < LOOK_MOST; looked += got) {
		got = store_recent(d->store, before, page, PAGE);
		for (size_t i = 0; i < got && n < l->limit; i++) {
			before = page[i].seq;
			if (page[i].stage == ST_DEAD_LETTER &&
				is_of(&l->which, &page[i], page[i].code,
					page[i].at[ST_DEAD_LETTER]))
				out[n++] = page[i];
		}
	}
	*next = got == PAGE || n == l->limit ? before : 0;
	return n;
}

static void
put_row(struct daftard *d, struct listing *l, const struct entry *e, const struct aside *a)
{
	if (a == NULL)
		count_in(d, l->groups, e, NULL);
	json_add(l->messages, row_of(d, e, a));
	l->next = e->seq;
}

/* Of two lists, each newest first. */
static void
merge(struct daftard *d, struct listing *l)
{
	OWNED(struct entry, ended, free_entries) = xcalloc(l->limit, sizeof *ended);
	size_t kept = l->n < l->limit ? l->n : l->limit, i = 0, k = 0, n_ended;
	uint64_t next;
	struct aside a;

	n_ended = list_ended(d, l, ended, &next);
	while (json_array_size(l->messages) < l->limit && (i < kept || k < n_ended)) {
		const struct entry *e = i < kept ? &l->aside[(l->n - 1 - i) % l->limit] : NULL;

		if (e != NULL && (k == n_ended || e->seq > ended[k].seq)) {
			i++;
			if (store_aside(d->store, NULL, e->seq, &a) == E_OK)
				put_row(d, l, e, &a);
		} else {
			put_row(d, l, &ended[k++], NULL);
		}
	}
	if (i == kept && k == n_ended && l->n <= l->limit)
		l->next = next;
}

static enum err
verb_dead_list(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	int64_t limit = json_integer_value(json_object_get(args, "limit"));
	int64_t before = json_integer_value(json_object_get(args, "before"));
	struct listing l = {.limit = LIST_USUAL, .before = before > 0 ? (uint64_t)before : 0};
	OWNED(struct entry, kept, free_entries) = NULL;

	TRY(which_of(args, &l.which));
	if (limit > 0)
		l.limit = limit < LIST_MOST ? (size_t)limit : LIST_MOST;
	group_end(d);
	kept = l.aside = xcalloc(l.limit, sizeof *l.aside);
	l.groups = json_array();
	l.messages = json_array();
	each_aside(d, &l.which, take_aside, &l);
	merge(d, &l);
	*data = json_object();
	json_put(*data, "groups", l.groups);
	json_put(*data, "messages", l.messages);
	json_put(*data, "next", l.next > 0 ? json_integer((json_int_t)l.next) : json_null());
	return E_OK;
}

/* ---- many at once ---- */

struct batch {
	json_t *seq, *ids;
	uint64_t matches;
};

static bool
take_one(void *context, struct daftard *d, const struct entry *e, const struct aside *a)
{
	struct batch *b = context;
	char id[ID_TEXT_SIZE];

	(void)d;
	(void)a;
	id_format(&e->header.id, id);
	b->matches++;
	if (json_array_size(b->seq) < BATCH)
		json_add(b->seq, json_integer((json_int_t)e->seq));
	if (json_array_size(b->ids) < NAMED)
		json_add(b->ids, json_string(id));
	return true;
}

static bool
has_filter(const json_t *args)
{
	static const char *const names[] = {"code", "from", "to", "since"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (json_object_get(args, names[i]) != NULL)
			return true;
	return false;
}

static enum err
find_one(struct daftard *d, const json_t *args, struct batch *b)
{
	struct entry e;
	struct aside a;

	TRY(message_arg(d, args, &e));
	if (store_aside(d->store, NULL, e.seq, &a) != E_OK) {
		if (stage_final(e.stage))
			control_explain(d->control,
				"the message has ended and its sender was told; nothing was "
				"changed: only its sender can file it again, under a new id");
		return stage_final(e.stage) ? E_FINAL : E_STATE;
	}
	(void)take_one(b, d, &e, &a);
	return E_OK;
}

/* E_USAGE: neither an id nor a filter, which would be all of them by mistake. */
static enum err
find_batch(struct daftard *d, const json_t *args, struct batch *b)
{
	struct which w;

	if (json_object_get(args, "id") != NULL)
		return find_one(d, args, b);
	if (!has_filter(args)) {
		control_explain(d->control,
			"an id or a filter is needed (code, from, to, since); nothing was changed");
		return E_USAGE;
	}
	TRY(which_of(args, &w));
	each_aside(d, &w, take_one, b);
	return E_OK;
}

static void
describe(const struct batch *b, const json_t *args, char out[CHANGE_SUBJECT_SIZE])
{
	const char *code = json_string_value(json_object_get(args, "code"));

	if (b->matches == 1)
		snprintf(out, CHANGE_SUBJECT_SIZE, "%s",
			json_string_value(json_array_get(b->ids, 0)));
	else
		snprintf(out, CHANGE_SUBJECT_SIZE, "%zu messages%s%s", json_array_size(b->seq),
			code != NULL ? " code=" : "", code != NULL ? code : "");
}

static enum err
act_on(struct daftard *d, const json_t *args, enum change_kind kind, const struct batch *b,
	json_t **data)
{
	OWNED(json_t, what, json_decrefp) =
		json_pack("{s:O, s:O}", "seq", b->seq, "reason", json_object_get(args, "reason"));
	OWNED(json_t, change, json_decrefp) = NULL;
	char subject[CHANGE_SUBJECT_SIZE];
	const json_t *done;

	if (what == NULL)
		return E_USAGE;
	describe(b, args, subject);
	TRY(change_ask(d, kind, subject, what, &change));
	done = json_object_get(change, "done");
	json_put(*data, "done",
		done != NULL ? json_integer(json_integer_value(done)) : json_integer(0));
	json_put(*data, "change", TAKE(change));
	return E_OK;
}

static enum err
dead_act(struct daftard *d, const json_t *args, enum change_kind kind, json_t **data)
{
	bool dry = json_is_true(json_object_get(args, "dry_run"));
	OWNED(json_t, seq, json_decrefp) = json_array();
	OWNED(json_t, ids, json_decrefp) = json_array();
	struct batch b = {.seq = seq, .ids = ids};

	group_end(d);
	TRY(find_batch(d, args, &b));
	*data = json_object();
	json_put_number(*data, "matches", b.matches);
	json_put(*data, "ids", json_incref(ids));
	json_put(*data, "done", json_false());
	json_put(*data, "change", json_null());
	if (dry || b.matches == 0)
		return E_OK;
	return act_on(d, args, kind, &b, data);
}

static enum err
verb_dead_retry(void *context, const json_t *args, json_t **data)
{
	return dead_act(context, args, CHANGE_RETRY, data);
}

static enum err
verb_dead_discard(void *context, const json_t *args, json_t **data)
{
	return dead_act(context, args, CHANGE_DISCARD, data);
}

/* An argument that no row knows is refused: a filter that is misspelt must not fit everything. */
#define FILTER                                                                                     \
	{"code", CONTROL_TEXT, CONTROL_OPTIONAL, "only what has this code", 0, 31},                \
		{"from", CONTROL_PARTY, CONTROL_OPTIONAL, "only of this sender", 0, 0},            \
		{"since", CONTROL_WHEN, CONTROL_OPTIONAL,                                          \
			"only what was set aside or ended since then", 0, 32},                     \
	{                                                                                          \
		"to", CONTROL_PARTY, CONTROL_OPTIONAL, "only for this addressee", 0, 0             \
	}
#define ACT                                                                                        \
	{"id", CONTROL_MESSAGE, CONTROL_OPTIONAL, "this one", 0, 0}, FILTER,                       \
		{"dry_run", CONTROL_SWITCH, CONTROL_OPTIONAL, "say only what would be done", 0,    \
			0},                                                                        \
		CONTROL_WHY

const struct control_verb dead_verbs[] = {
	{"dead.list", CONTROL_LOOKS, 0,
		"what is set aside, and what has ended as a dead letter, by code", verb_dead_list,
		{FILTER, {"limit", CONTROL_NUMBER, CONTROL_OPTIONAL, "rows, 50 without it", 1, 200},
			{"before", CONTROL_NUMBER, CONTROL_OPTIONAL, "`next' of the page before", 0,
				0}}},
	{"dead.retry", CONTROL_OPERATOR, CONTROL_CHANGES,
		"try again what is set aside: one, or all that a filter fits", verb_dead_retry,
		{ACT}},
	{"dead.discard", CONTROL_SECURITY, CONTROL_CHANGES | CONTROL_TWO,
		"end what is set aside, for good; its senders are told", verb_dead_discard, {ACT}},
	{0},
};
