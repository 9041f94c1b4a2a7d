/* SPDX-License-Identifier: EUPL-1.2
 *
 * The control verbs about how long bodies stay: what is here and why, legal holds, dropping by
 * hand, and a report of what has left. A hold is laid by one officer; where officers are named,
 * another one than he lifts it, and only an officer drops anything by hand. */
#include <stdlib.h>
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"
#include "lib/log.h"

#define HOLDS_MOST 256
#define CASE_MOST 256
#define PAGE 2000 /* messages that one call of the report looks at */

static void
free_entries(struct entry **list)
{
	free(*list);
	*list = NULL;
}

static const char *
text_arg(const json_t *args, const char *name)
{
	const char *text = json_string_value(json_object_get(args, name));

	return text != NULL ? text : "";
}

/* ---- what it is about ---- */

/* By the id of a message, the id of a conversation, or a tracking number, which names one. *list
 * has its messages. */
static enum err
subject_arg(struct daftard *d, const json_t *args, struct legal_subject *of, struct entry *list,
	size_t *n)
{
	struct id id;

	group_end(d);
	*n = 1;
	*of = (struct legal_subject){.is_case = false};
	if (id_parse(text_arg(args, "id"), &id) &&
		store_find_id(d->store, NULL, &id, &list[0]) == E_OK) {
		of->seq = list[0].seq;
		return E_OK;
	}
	of->is_case = true;
	if (id_parse(text_arg(args, "id"), &of->conversation)) {
		*n = store_conversation(d->store, &of->conversation, list, CASE_MOST);
		return *n > 0 ? E_OK : E_NOT_FOUND;
	}
	TRY(message_arg(d, args, &list[0]));
	of->conversation = list[0].header.conversation;
	*n = store_conversation(d->store, &of->conversation, list, CASE_MOST);
	return E_OK;
}

/* ---- who does it ---- */

static enum err
who_asks(struct daftard *d, const json_t *args, uint32_t *uid, char by[OFFICER_SIZE],
	char reason[REASON_SIZE])
{
	if (!reason_is_fit(text_arg(args, "reason")) ||
		!copy_text(reason, REASON_SIZE, text_arg(args, "reason")))
		return E_USAGE;
	*uid = control_user(d->control);
	officers_name(&d->officers, *uid, by);
	return E_OK;
}

static enum err
may_destroy(struct daftard *d, uint32_t uid, const struct legal_hold *laid)
{
	if (!officers_are_two(&d->officers))
		return E_OK;
	return officers_have(&d->officers, uid) && (laid == NULL || laid->uid != uid) ? E_OK
										      : E_OFFICER;
}

static void
note_all(struct store_txn *t, const struct entry *list, size_t n, enum access_kind kind,
	uint32_t uid, const char *by, int64_t now)
{
	struct access a = {.kind = kind, .at = now, .uid = uid};

	(void)!copy_text(a.by, sizeof a.by, by);
	for (size_t i = 0; i < n; i++)
		store_add_access(t, list[i].seq, &a);
}

/* ---- what is told ---- */

static json_t *
hold_json(const struct legal_item *item)
{
	json_t *o = json_object();

	if (item->of.is_case)
		json_put_id(o, "conversation", &item->of.conversation);
	else
		json_put_number(o, "seq", item->of.seq);
	json_put(o, "since", json_instant(item->hold.since));
	json_put_text(o, "by", item->hold.by);
	json_put_text(o, "reason", item->hold.reason);
	return o;
}

static const char *
why_gone(const struct entry *e, int64_t *at)
{
	enum stage end = e->stage;

	*at = e->at[end];
	if (end == ST_WITHDRAWN)
		return "withdrawn";
	return stage_final(end) ? "end" : "stopped";
}

static json_t *
body_json(struct daftard *d, const struct entry *e)
{
	json_t *o = json_object();
	struct gone g;
	int64_t at;

	json_put_id(o, "id", &e->header.id);
	json_put_text(o, "from", e->header.from.code);
	json_put_text(o, "to", e->header.to.code);
	json_put_text(o, "stage", stage_word(e->stage));
	json_put(o, "retain_until", json_instant(e->header.retain_until));
	json_put(o, "held",
		json_boolean(
			store_is_legally_held(d->store, NULL, e->seq, &e->header.conversation)));
	json_put(o, "body", json_boolean(store_has_body(d->store, NULL, e->seq)));
	if (store_gone(d->store, NULL, e->seq, &g) == E_OK) {
		json_put_text(o, "left", gone_word(g.why));
		json_put(o, "left_at", json_instant(g.at));
		json_put_text(o, "by", g.by);
		json_put_text(o, "reason", g.reason);
	} else if (!store_has_body(d->store, NULL, e->seq)) {
		json_put_text(o, "left", why_gone(e, &at));
		json_put(o, "left_at", json_instant(at));
	}
	return o;
}

static json_t *
holds_json(struct daftard *d)
{
	struct legal_item item[HOLDS_MOST];
	size_t n = store_legal_holds(d->store, NULL, item, HOLDS_MOST);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_add(list, hold_json(&item[i]));
	return list;
}

/* Holds, and the oldest body that is here. */
static json_t *
all_json(struct daftard *d)
{
	json_t *o = json_object();
	struct entry e;
	uint64_t seq;

	json_put(o, "holds", holds_json(d));
	if (store_bodies(d->store, NULL, 0, &seq, 1) == 1 &&
		store_entry(d->store, NULL, seq, &e) == E_OK) {
		json_put_id(o, "oldest", &e.header.id);
		json_put(o, "oldest_at", json_instant(e.at[ST_ACCEPTED]));
		json_put_text(o, "oldest_stage", stage_word(e.stage));
	}
	return o;
}

static json_t *
subject_json(struct daftard *d, const struct legal_subject *of, const struct entry *list, size_t n)
{
	struct legal_item item = {.of = *of};
	json_t *o = json_object(), *rows = json_array();

	if (store_legal(d->store, NULL, of, &item.hold) == E_OK)
		json_put(o, "hold", hold_json(&item));
	for (size_t i = 0; i < n; i++)
		json_add(rows, body_json(d, &list[i]));
	json_put(o, "messages", rows);
	return o;
}

enum err
verb_retain_show(void *context, const json_t *args, json_t **data)
{
	OWNED(struct entry, list, free_entries) = xcalloc(CASE_MOST, sizeof *list);
	struct daftard *d = context;
	struct legal_subject of;
	size_t n;

	group_end(d);
	if (text_arg(args, "id")[0] == '\0') {
		*data = all_json(d);
		return E_OK;
	}
	TRY(subject_arg(d, args, &of, list, &n));
	*data = subject_json(d, &of, list, n);
	return E_OK;
}

/* ---- holding ---- */

enum err
verb_retain_hold(void *context, const json_t *args, json_t **data)
{
	OWNED(struct entry, list, free_entries) = xcalloc(CASE_MOST, sizeof *list);
	struct daftard *d = context;
	struct legal_hold h = {.since = instant_now()};
	struct legal_subject of;
	struct change c;
	struct store_txn *t;
	size_t n;

	TRY(who_asks(d, args, &h.uid, h.by, h.reason));
	TRY(subject_arg(d, args, &of, list, &n));
	t = store_begin(d->store);
	store_legal_hold(t, &of, &h);
	note_all(t, list, n, ACCESS_HELD, h.uid, h.by, h.since);
	change_note(d, t, CHANGE_LEGAL_HOLD, text_arg(args, "id"), h.reason, &c);
	TRY(daftard_commit(d, &t));
	change_told(d, &c);
	log_message(LOG_WARNING, &list[0].header.id, "legal hold by=%s messages=%zu reason=\"%s\"",
		h.by, n, h.reason);
	*data = subject_json(d, &of, list, n);
	return E_OK;
}

/* What it had kept is dropped by the exchange, with the reason that it was lifted. */
enum err
verb_retain_release(void *context, const json_t *args, json_t **data)
{
	OWNED(struct entry, list, free_entries) = xcalloc(CASE_MOST, sizeof *list);
	struct daftard *d = context;
	struct legal_subject of;
	struct legal_hold laid;
	char by[OFFICER_SIZE], reason[REASON_SIZE];
	struct change c;
	struct store_txn *t;
	uint32_t uid;
	size_t n;

	TRY(who_asks(d, args, &uid, by, reason));
	TRY(subject_arg(d, args, &of, list, &n));
	TRY(store_legal(d->store, NULL, &of, &laid));
	TRY(may_destroy(d, uid, &laid));
	t = store_begin(d->store);
	store_legal_lift(t, &of);
	note_all(t, list, n, ACCESS_RELEASED, uid, by, instant_now());
	change_note(d, t, CHANGE_LEGAL_RELEASE, text_arg(args, "id"), reason, &c);
	TRY(daftard_commit(d, &t));
	change_told(d, &c);
	log_message(LOG_WARNING, &list[0].header.id,
		"legal hold lifted by=%s messages=%zu reason=\"%s\"", by, n, reason);
	*data = subject_json(d, &of, list, n);
	return E_OK;
}

/* ---- dropping by hand ---- */

/* What is not yet with its addressee is not dropped: it expires, or its sender withdraws it. */
static bool
may_drop(struct daftard *d, const struct entry *e)
{
	return e->stage != ST_ACCEPTED && store_has_body(d->store, NULL, e->seq) &&
	       !store_is_legally_held(d->store, NULL, e->seq, &e->header.conversation);
}

static json_t *
purge_json(bool dry, const struct entry *list, size_t n)
{
	json_t *o = json_object(), *rows = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *row = json_object();

		json_put_id(row, "id", &list[i].header.id);
		json_put_text(row, "from", list[i].header.from.code);
		json_put_text(row, "to", list[i].header.to.code);
		json_put_text(row, "stage", stage_word(list[i].stage));
		json_put_number(row, "size", list[i].size);
		json_add(rows, row);
	}
	json_put(o, "dry_run", json_boolean(dry));
	json_put(o, "dropped", rows);
	return o;
}

static enum err
purge(struct daftard *d, const json_t *args, const struct entry *list, size_t n)
{
	struct gone g = {.why = GONE_HAND, .at = instant_now()};
	struct change c;
	struct store_txn *t;

	TRY(who_asks(d, args, &g.uid, g.by, g.reason));
	TRY(may_destroy(d, g.uid, NULL));
	t = store_begin(d->store);
	for (size_t i = 0; i < n; i++)
		store_drop_body(t, list[i].seq, &g);
	note_all(t, list, n, ACCESS_PURGED, g.uid, g.by, g.at);
	change_note(d, t, CHANGE_PURGE, text_arg(args, "id"), g.reason, &c);
	TRY(daftard_commit(d, &t));
	change_told(d, &c);
	for (size_t i = 0; i < n; i++)
		log_message(LOG_WARNING, &list[i].header.id, "body dropped by=%s reason=\"%s\"",
			g.by, g.reason);
	return E_OK;
}

/* With `dry_run' nothing is dropped, and no reason is asked. */
enum err
verb_retain_purge(void *context, const json_t *args, json_t **data)
{
	OWNED(struct entry, list, free_entries) = xcalloc(CASE_MOST, sizeof *list);
	bool dry = json_is_true(json_object_get(args, "dry_run"));
	struct daftard *d = context;
	struct legal_subject of;
	size_t n, left = 0;

	TRY(subject_arg(d, args, &of, list, &n));
	for (size_t i = 0; i < n; i++)
		if (may_drop(d, &list[i]))
			list[left++] = list[i];
	if (!dry && left == 0)
		return E_STATE;
	if (!dry)
		TRY(purge(d, args, list, left));
	*data = purge_json(dry, list, left);
	return E_OK;
}

/* ---- the report ---- */

static void
count_one(json_t *rows, const struct entry *e, const char *why)
{
	OWNED(char, channel, free_chars) =
		xprintf("%s %s %s", e->header.from.code, e->header.to.code, why);
	json_int_t n = json_integer_value(json_object_get(rows, channel));

	json_put_number(rows, channel, (uint64_t)n + 1);
}

static void
count_entry(struct daftard *d, const struct entry *e, int64_t since, int64_t until, json_t *left)
{
	const char *why;
	struct gone g;
	int64_t at;

	if (store_has_body(d->store, NULL, e->seq))
		return;
	why = why_gone(e, &at);
	if (store_gone(d->store, NULL, e->seq, &g) == E_OK) {
		why = gone_word(g.why);
		at = g.at;
	}
	if (at >= since && at < until)
		count_one(left, e, why);
}

/* A page of messages, those after number `after'; `next' is missing behind the last. Who asks adds
 * the pages up: the whole store is too much for one turn of the loop. */
enum err
verb_retain_report(void *context, const json_t *args, json_t **data)
{
	OWNED(struct entry, list, free_entries) = xcalloc(PAGE, sizeof *list);
	json_int_t since = json_integer_value(json_object_get(args, "since"));
	json_int_t until = json_integer_value(json_object_get(args, "until"));
	json_int_t after = json_integer_value(json_object_get(args, "after"));
	struct daftard *d = context;
	json_t *left = json_object();
	size_t n;

	group_end(d);
	n = store_from(d->store, after > 0 ? (uint64_t)after : 0, list, PAGE);
	for (size_t i = 0; i < n; i++)
		count_entry(d, &list[i], since, until != 0 ? until : INT64_MAX, left);
	*data = all_json(d);
	json_put(*data, "left", left);
	if (n == PAGE)
		json_put_number(*data, "next", list[n - 1].seq);
	return E_OK;
}
