/* SPDX-License-Identifier: EUPL-1.2
 *
 * One message is set aside, put back, tried again or ended; a channel is closed and opened; the
 * exchange is drained. A verb says which messages, by number, so that what a second officer
 * approves is what the first one saw. */
#include "broker/control_act.h"

#include <stdio.h>
#include <string.h>

#include "broker/control_json.h"

/* ---- what is told ---- */

json_t *
aside_json(struct daftard *d, uint64_t seq)
{
	struct aside a;
	json_t *o;

	if (store_aside(d->store, NULL, seq, &a) != E_OK)
		return json_null();
	o = json_object();
	json_put(o, "since", json_instant(a.since));
	json_put_text(o, "code", a.code);
	json_put_text(o, "by", a.by);
	json_put_text(o, "reason", a.reason);
	return o;
}

json_t *
allowed_json(struct daftard *d, const struct entry *e)
{
	static const char *const words[] = {"release", "retry", "return"};
	size_t n = ARRAY_LEN(words);
	json_t *list = json_array();
	struct aside a;

	if (exchange_may_have_ended(d->exchange, NULL, e, instant_now()))
		n--; /* a return would be refused as RECONCILING */
	if (store_aside(d->store, NULL, e->seq, &a) == E_OK)
		for (size_t i = 0; i < n; i++)
			json_add(list, json_string(words[i]));
	else if (!stage_final(e->stage) && e->header.action != A_CANCELLATION &&
		 (e->stage == ST_ACCEPTED || store_is_queued(d->store, NULL, e)) &&
		 store_stopped(d->store, NULL, e->seq, NULL) != STOP_CONSENT)
		json_add(list, json_string("hold"));
	return list;
}

void
closed_put(struct daftard *d, const struct party *from, const struct party *to, json_t *o)
{
	struct decision why;

	json_put_text(o, "state", store_is_closed(d->store, NULL, from, to) ? "closed" : "open");
	if (store_closed(d->store, NULL, from, to, &why) != E_OK)
		return;
	json_put(o, "since", json_instant(why.since));
	json_put_text(o, "by", why.by);
	json_put_text(o, "reason", why.reason);
}

void
drain_put(struct daftard *d, json_t *o)
{
	bool draining = store_is_draining(d->store, NULL);
	struct decision why;

	json_put(o, "draining", json_boolean(draining));
	if (!draining)
		return;
	if (store_drain(d->store, NULL, &why) == E_OK) {
		json_put(o, "draining_since", json_instant(why.since));
		json_put_text(o, "draining_by", why.by);
		json_put_text(o, "draining_reason", why.reason);
	}
	/* Offered and not answered: the others are safe here whatever is stopped. */
	json_put_number(o, "under_way", exchange_under_way(d->exchange));
}

/* ---- changes ---- */

static uint64_t
seq_at(const json_t *args, size_t i)
{
	return (uint64_t)json_integer_value(json_array_get(json_object_get(args, "seq"), i));
}

typedef enum err act_one(
	struct daftard *d, struct store_txn *t, const struct change *c, uint64_t seq);

/* What has moved on meanwhile is left as it is. E_STATE: that was all of it. */
static enum err
act_each(struct daftard *d, struct store_txn *t, const struct change *c, const json_t *args,
	json_t *data, act_one *one)
{
	size_t n = json_array_size(json_object_get(args, "seq")), done = 0;
	enum err e = E_NOT_FOUND, last = E_OK;

	for (size_t i = 0; i < n; i++) {
		e = one(d, t, c, seq_at(args, i));
		if (e == E_OK)
			done++;
		else
			last = e;
	}
	if (done == 0)
		return last != E_OK ? last : E_NOT_FOUND;
	json_put_number(data, "done", done);
	return E_OK;
}

static enum err
hold_one(struct daftard *d, struct store_txn *t, const struct change *c, uint64_t seq)
{
	struct aside a = {.since = c->decided, .uid = c->by_uid};

	strcpy(a.code, err_word(E_ASIDE));
	memcpy(a.by, c->by, sizeof a.by);
	memcpy(a.reason, c->reason, sizeof a.reason);
	return exchange_set_aside(d->exchange, t, seq, &a);
}

static enum err
release_one(struct daftard *d, struct store_txn *t, const struct change *c, uint64_t seq)
{
	return exchange_put_back(d->exchange, t, seq, false, c->decided);
}

static enum err
retry_one(struct daftard *d, struct store_txn *t, const struct change *c, uint64_t seq)
{
	return exchange_put_back(d->exchange, t, seq, true, c->decided);
}

static enum err
return_one(struct daftard *d, struct store_txn *t, const struct change *c, uint64_t seq)
{
	return exchange_return(d->exchange, t, seq, E_RETURNED, c->decided);
}

static enum err
discard_one(struct daftard *d, struct store_txn *t, const struct change *c, uint64_t seq)
{
	return exchange_return(d->exchange, t, seq, E_DISCARDED, c->decided);
}

enum err
act_hold(struct daftard *d, struct store_txn *t, const struct change *c, const json_t *args,
	json_t *data)
{
	return act_each(d, t, c, args, data, hold_one);
}

enum err
act_release(struct daftard *d, struct store_txn *t, const struct change *c, const json_t *args,
	json_t *data)
{
	return act_each(d, t, c, args, data, release_one);
}

enum err
act_retry(struct daftard *d, struct store_txn *t, const struct change *c, const json_t *args,
	json_t *data)
{
	return act_each(d, t, c, args, data, retry_one);
}

enum err
act_return(struct daftard *d, struct store_txn *t, const struct change *c, const json_t *args,
	json_t *data)
{
	return act_each(d, t, c, args, data, return_one);
}

enum err
act_discard(struct daftard *d, struct store_txn *t, const struct change *c, const json_t *args,
	json_t *data)
{
	return act_each(d, t, c, args, data, discard_one);
}

/* ---- channels, draining ---- */

static struct decision
decision_by(const struct change *c, bool off)
{
	struct decision d = {
		.standing = off ? STANDING_SUSPENDED : STANDING_GOOD, .since = c->decided};

	memcpy(d.by, c->by, sizeof d.by);
	memcpy(d.reason, c->reason, sizeof d.reason);
	return d;
}

static enum err
set_closed(struct daftard *d, struct store_txn *t, const struct change *c, const json_t *args,
	bool closed)
{
	const struct decision what = decision_by(c, closed);
	struct party from, to;

	if (!party_parse(json_string_value(json_object_get(args, "from")), &from) ||
		!party_parse(json_string_value(json_object_get(args, "to")), &to))
		return E_USAGE;
	if (store_is_closed(d->store, t, &from, &to) == closed)
		return E_STATE;
	store_set_closed(t, &from, &to, &what);
	return E_OK;
}

enum err
act_close(struct daftard *d, struct store_txn *t, const struct change *c, const json_t *args,
	json_t *data)
{
	json_put_text(data, "state_of_corridor", "closed");
	return set_closed(d, t, c, args, true);
}

enum err
act_open(struct daftard *d, struct store_txn *t, const struct change *c, const json_t *args,
	json_t *data)
{
	json_put_text(data, "state_of_corridor", "open");
	return set_closed(d, t, c, args, false);
}

enum err
act_drain(struct daftard *d, struct store_txn *t, const struct change *c, const json_t *args,
	json_t *data)
{
	bool on = json_is_true(json_object_get(args, "on"));
	const struct decision what = decision_by(c, on);

	if (store_is_draining(d->store, t) == on)
		return E_STATE;
	store_set_drain(t, &what);
	json_put(data, "draining", json_boolean(on));
	return E_OK;
}

/* ---- verbs ---- */

/* What is said of a message that this cannot be done with. */
static enum err
explained(struct daftard *d, const struct entry *e, enum change_kind kind, enum err code)
{
	char id[ID_TEXT_SIZE];

	id_format(&e->header.id, id);
	if (code == E_STATE && kind == CHANGE_HOLD)
		control_explain(d->control,
			"%s cannot be set aside: its addressee has it, it is set aside, or it "
			"stops a case; nothing was changed. Type: daftarctl message show %s",
			id, id);
	else if (code == E_RECONCILING)
		control_explain(d->control,
			"%s is of before the exchange was restored, and may have ended otherwise; "
			"nothing was changed, it stays set aside. Do it again when its sender has "
			"compared books, and its addressee too and ten minutes have passed. Type: "
			"daftarctl reconcile show",
			id);
	else if (code == E_STATE)
		control_explain(d->control,
			"%s is not set aside; nothing was changed. Type: daftarctl message show "
			"%s",
			id, id);
	return code;
}

static enum err
ask_for(struct daftard *d, const json_t *args, enum change_kind kind, json_t **data)
{
	OWNED(json_t, what, json_decrefp) = NULL;
	char id[ID_TEXT_SIZE];
	struct aside a;
	struct entry e;

	group_end(d);
	TRY(message_arg(d, args, &e));
	id_format(&e.header.id, id);
	if (stage_final(e.stage))
		return E_FINAL;
	if (kind != CHANGE_HOLD && store_aside(d->store, NULL, e.seq, &a) == E_NOT_FOUND)
		return explained(d, &e, kind, E_STATE);
	what = json_pack("{s:[I], s:s, s:O}", "seq", (json_int_t)e.seq, "id", id, "reason",
		json_object_get(args, "reason"));
	return explained(d, &e, kind, change_ask(d, kind, id, what, data));
}

static enum err
verb_message_hold(void *context, const json_t *args, json_t **data)
{
	return ask_for(context, args, CHANGE_HOLD, data);
}

static enum err
verb_message_release(void *context, const json_t *args, json_t **data)
{
	return ask_for(context, args, CHANGE_RELEASE, data);
}

static enum err
verb_message_retry(void *context, const json_t *args, json_t **data)
{
	return ask_for(context, args, CHANGE_RETRY, data);
}

static enum err
verb_message_return(void *context, const json_t *args, json_t **data)
{
	return ask_for(context, args, CHANGE_RETURN, data);
}

static enum err
ask_corridor(struct daftard *d, const json_t *args, enum change_kind kind, json_t **data)
{
	const struct trust_party *from, *to;
	char subject[CHANGE_SUBJECT_SIZE];

	TRY(party_arg(d, args, "from", &from));
	TRY(party_arg(d, args, "to", &to));
	snprintf(subject, sizeof subject, "%s to %s", from->code.code, to->code.code);
	group_end(d);
	return change_ask(d, kind, subject, args, data);
}

static enum err
verb_corridor_close(void *context, const json_t *args, json_t **data)
{
	return ask_corridor(context, args, CHANGE_CLOSE, data);
}

static enum err
verb_corridor_open(void *context, const json_t *args, json_t **data)
{
	return ask_corridor(context, args, CHANGE_OPEN, data);
}

static enum err
verb_drain(void *context, const json_t *args, json_t **data)
{
	bool on = json_is_true(json_object_get(args, "on"));

	group_end(context);
	return change_ask(context, CHANGE_DRAIN, on ? "on" : "off", args, data);
}

#define WHICH                                                                                      \
	{                                                                                          \
		"id", CONTROL_MESSAGE, CONTROL_REQUIRED, "id of the message, or tracking number",  \
			0, 0                                                                       \
	}
#define FROM_TO                                                                                    \
	{"from", CONTROL_PARTY, CONTROL_REQUIRED, "sender", 0, 0},                                 \
	{                                                                                          \
		"to", CONTROL_PARTY, CONTROL_REQUIRED, "addressee", 0, 0                           \
	}

const struct control_verb act_verbs[] = {
	{"message.hold", CONTROL_OPERATOR, CONTROL_CHANGES,
		"set it aside: it is given to nobody; its time goes on", verb_message_hold,
		{WHICH, CONTROL_WHY}},
	{"message.release", CONTROL_OPERATOR, CONTROL_CHANGES,
		"give it to its addressee again, what was set aside", verb_message_release,
		{WHICH, CONTROL_WHY}},
	{"message.retry", CONTROL_OPERATOR, CONTROL_CHANGES,
		"the same as another try, whose outcome is kept", verb_message_retry,
		{WHICH, CONTROL_WHY}},
	{"message.return", CONTROL_SECURITY, CONTROL_CHANGES | CONTROL_TWO,
		"end what was set aside; its sender is told, and may file it again",
		verb_message_return, {WHICH, CONTROL_WHY}},
	{"corridor.close", CONTROL_SECURITY, CONTROL_CHANGES,
		"take nothing new for this channel; what was accepted is delivered",
		verb_corridor_close, {FROM_TO, CONTROL_WHY}},
	{"corridor.open", CONTROL_SECURITY, CONTROL_CHANGES, "take it again", verb_corridor_open,
		{FROM_TO, CONTROL_WHY}},
	{"drain", CONTROL_OPERATOR, CONTROL_CHANGES,
		"take nothing new at all, or again; what was accepted is finished", verb_drain,
		{{"on", CONTROL_SWITCH, CONTROL_REQUIRED, "true: from now on nothing new", 0, 0},
			CONTROL_WHY}},
	{0},
};
