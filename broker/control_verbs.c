/* SPDX-License-Identifier: EUPL-1.2
 *
 * What daftarctl and the dashboard may ask: one row a verb, one function a row. Answers hold codes,
 * ids, digests, sizes and times; the broker has nothing else. Before it answers, a verb ends the
 * open group, so that it tells what is on disk. */
#include <stdlib.h>
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"

#define LIST_USUAL 20
#define LIST_MOST 200
#define SEARCH_MOST 20000 /* messages looked through for a tracking number */
#define PAGE 64

/* ---- messages ---- */

static void
free_entries(struct entry **list)
{
	free(*list);
	*list = NULL;
}

static json_t *
timeline_json(const struct entry *e)
{
	json_t *steps = json_array();

	for (enum stage s = 0; s < STAGE_N; s++) {
		json_t *step;

		if (e->at[s] == 0)
			continue;
		step = json_object();
		json_put_text(step, "stage", stage_word(s));
		json_put(step, "at", json_instant(e->at[s]));
		if (s == e->stage && e->code[0] != '\0')
			json_put_text(step, "code", e->code);
		json_add(steps, step);
	}
	return steps;
}

/* What a list shows of a message. */
static json_t *
row_json(const struct entry *e)
{
	json_t *o = json_object();
	char tracking[TRACKING_SIZE];

	tracking_of(&e->header.conversation, tracking);
	json_put_number(o, "seq", e->seq);
	json_put_id(o, "id", &e->header.id);
	json_put_text(o, "tracking", tracking);
	json_put_text(o, "action", action_word(e->header.action));
	json_put_text(o, "from", e->header.from.code);
	json_put_text(o, "to", e->header.to.code);
	json_put_text(o, "stage", stage_word(e->stage));
	json_put_text(o, "code", e->code);
	json_put(o, "timeline", timeline_json(e));
	return o;
}

json_t *
event_json(const char *what, const struct entry *e)
{
	json_t *o = row_json(e);

	json_put_text(o, "event", what);
	json_put(o, "at", json_instant(instant_now()));
	return o;
}

static json_t *
receipts_json(struct daftard *d, const struct entry *e)
{
	json_t *list = json_array();
	OWNED_BUF(receipt) = {0};

	for (enum stage s = 0; s < STAGE_N; s++)
		if (e->at[s] != 0 && store_receipt(d->store, NULL, e->seq, s, &receipt) == E_OK)
			json_add(list, json_string(stage_word(s)));
	return list;
}

static json_t *
conversation_json(struct daftard *d, const struct id *conversation)
{
	OWNED(struct entry, found, free_entries) = xcalloc(PAGE, sizeof *found);
	size_t n = store_conversation(d->store, conversation, found, PAGE);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_add(list, row_json(&found[i]));
	return list;
}

/* It waits for newer revocation data of its sender's country. Takes the row over. */
static json_t *
held_json(struct daftard *d, const struct entry *e, json_t *o)
{
	int64_t since = store_held_since(d->store, NULL, e->seq);

	json_put(o, "held", json_boolean(since != 0));
	if (since != 0)
		json_put(o, "held_since", json_instant(since));
	return o;
}

static const char *
consent_word(struct daftard *d, const struct consent_token *k)
{
	if (store_is_withdrawn(d->store, NULL, k))
		return "withdrawn";
	return k->valid_until <= instant_now() ? "expired" : "in force";
}

/* By what the exchange knows of it; who it is about, it does not. */
static void
put_consent(struct daftard *d, const struct entry *e, json_t *o)
{
	const struct consent_token *k = &e->header.token;
	int64_t since;
	enum stop why = store_stopped(d->store, NULL, e->seq, &since);

	if (why != STOP_NOT)
		json_put(o, why == STOP_FROZEN ? "frozen_since" : "stopped_since",
			json_instant(since));
	if (!e->header.has_token)
		return;
	json_put_id(o, "consent", &k->id);
	json_put_text(o, "consent_state", consent_word(d, k));
	json_put_text(o, "consent_by", k->by.code);
	json_put(o, "consent_until", json_instant(k->valid_until));
	json_put(o, "shown", json_boolean(e->shown));
}

static json_t *
message_json(struct daftard *d, const struct entry *e)
{
	json_t *o = held_json(d, e, row_json(e));

	put_consent(d, e, o);
	json_put_id(o, "conversation", &e->header.conversation);
	json_put_id(o, "leg", &e->header.leg);
	if (e->header.has_ref)
		json_put_id(o, "answers", &e->header.ref);
	if (e->header.has_on_behalf_of)
		json_put_text(o, "on_behalf_of", e->header.on_behalf_of.code);
	json_put_text(o, "agreement", e->header.agreement);
	json_put_text(o, "purpose", e->header.purpose);
	json_put_number(o, "channel_seq", e->header.channel_seq);
	json_put_number(o, "size", e->size);
	json_put_digest(o, "digest", &e->digest);
	json_put(o, "created", json_instant(e->header.created));
	json_put(o, "expires", json_instant(e->header.expires));
	json_put_number(o, "attempts", e->attempts);
	if (e->at[ST_COMMITTED] != 0 || e->at[ST_REJECTED] != 0)
		json_put_digest(o, "by", &e->by);
	json_put(o, "receipts", receipts_json(d, e));
	json_put(o, "messages", conversation_json(d, &e->header.conversation));
	return o;
}

static const char *
text_arg(const json_t *args, const char *name)
{
	return json_string_value(json_object_get(args, name));
}

/* The first message of the newest conversation with this number. */
static enum err
find_tracking(struct daftard *d, const char *tracking, struct entry *out)
{
	OWNED(struct entry, page, free_entries) = xcalloc(PAGE, sizeof *page);
	uint64_t before = 0;
	size_t n, seen = 0;

	while (seen < SEARCH_MOST && (n = store_recent(d->store, before, page, PAGE)) > 0) {
		for (size_t i = 0; i < n; i++) {
			char text[TRACKING_SIZE];

			tracking_of(&page[i].header.conversation, text);
			if (strcmp(text, tracking) != 0)
				continue;
			return store_conversation(d->store, &page[i].header.conversation, out, 1) ==
					       1
				       ? E_OK
				       : E_NOT_FOUND;
		}
		before = page[n - 1].seq;
		seen += n;
	}
	return E_NOT_FOUND;
}

/* By message id or tracking number. */
enum err
message_arg(struct daftard *d, const json_t *args, struct entry *out)
{
	const char *name = text_arg(args, "id");
	char tracking[TRACKING_SIZE];
	struct id id;

	if (name == NULL)
		return E_USAGE;
	if (id_parse(name, &id))
		return store_find_id(d->store, NULL, &id, out);
	if (tracking_parse(name, tracking))
		return find_tracking(d, tracking, out);
	return E_USAGE;
}

static enum err
verb_message_show(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	struct entry e;

	group_end(d);
	TRY(message_arg(d, args, &e));
	*data = message_json(d, &e);
	ledger_note(d, e.seq, ACCESS_SEEN, control_user(d->control));
	return E_OK;
}

static enum err
verb_message_list(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	json_int_t limit = json_integer_value(json_object_get(args, "limit"));
	json_int_t before = json_integer_value(json_object_get(args, "before"));
	OWNED(struct entry, page, free_entries) = xcalloc(LIST_MOST, sizeof *page);
	json_t *list = json_array();
	size_t n;

	group_end(d);
	if (limit <= 0)
		limit = LIST_USUAL;
	if (limit > LIST_MOST)
		limit = LIST_MOST;
	n = store_recent(d->store, before > 0 ? (uint64_t)before : 0, page, (size_t)limit);
	for (size_t i = 0; i < n; i++)
		json_add(list, held_json(d, &page[i], row_json(&page[i])));
	*data = json_object();
	json_put(*data, "messages", list);
	return E_OK;
}

static enum err
verb_message_receipt(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	const char *word = text_arg(args, "stage");
	OWNED_BUF(receipt) = {0};
	struct entry e;
	enum stage s;

	group_end(d);
	TRY(message_arg(d, args, &e));
	s = e.stage;
	if (word != NULL && !stage_parse(word, &s))
		return E_USAGE;
	TRY(store_receipt(d->store, NULL, e.seq, s, &receipt));
	*data = json_object();
	json_put_id(*data, "id", &e.header.id);
	json_put_text(*data, "stage", stage_word(s));
	ledger_note(d, e.seq, ACCESS_SEEN, control_user(d->control));
	json_put(*data, "receipt", json_stringn((const char *)receipt.data, receipt.size));
	return E_OK;
}

/* ---- parties ---- */

struct peer_of {
	const struct party *party;
	bool found;
	struct peer_state state;
};

static void
match_peer(void *context, const struct peer_state *p)
{
	struct peer_of *m = context;

	if (party_equal(&p->party, m->party)) {
		m->found = true;
		m->state = *p;
	}
}

static json_t *
party_json(struct daftard *d, const struct trust_party *p)
{
	struct peer_of m = {.party = &p->code};
	json_t *o = json_object();

	exchange_each_peer(d->exchange, match_peer, &m);
	json_put_text(o, "code", p->code.code);
	json_put_text(o, "country", p->country);
	json_put_text(o, "role", role_word(p->role));
	json_put_text(o, "name", p->name);
	json_put(o, "connected", json_boolean(m.found));
	json_put(o, "since", json_instant(m.found ? m.state.since : 0));
	json_put(o, "heard", json_instant(daftard_heard(d, &p->code)));
	json_put_number(o, "queued", store_queue_depth(d->store, &p->code));
	json_put_number(o, "under_way", m.found ? m.state.under_way : 0);
	json_put_number(o, "credit", m.found ? m.state.credit : 0);
	json_put(o, "reconciling", json_boolean(!store_reconciled(d->store, NULL, &p->code)));
	standing_put(d, &p->code, o);
	return o;
}

json_t *
parties_json(struct daftard *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < trust_count(d->trust); i++) {
		const struct trust_party *p = trust_at(d->trust, i);

		if (p->role != ROLE_EXCHANGE)
			json_add(list, party_json(d, p));
	}
	return list;
}

static enum err
verb_party_list(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;

	(void)args;
	group_end(d);
	*data = json_object();
	json_put(*data, "parties", parties_json(d));
	return E_OK;
}

static json_t *
agreements_json(const struct trust *t, const struct party *party)
{
	json_t *list = json_array();

	for (size_t i = 0; i < trust_agreement_count(t); i++) {
		const struct trust_agreement *a = trust_agreement_at(t, i);
		json_t *o;

		if (!party_equal(&a->from, party) && !party_equal(&a->to, party))
			continue;
		o = json_object();
		json_put_text(o, "id", a->id);
		json_put_text(o, "from", a->from.code);
		json_put_text(o, "to", a->to.code);
		json_put(o, "valid_until", json_instant(a->valid_until));
		json_add(list, o);
	}
	return list;
}

static enum err
verb_party_show(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	const char *code = text_arg(args, "code");
	const struct trust_party *p;
	struct party party;

	if (code == NULL || !party_parse(code, &party))
		return E_USAGE;
	p = trust_party(d->trust, &party);
	if (p == NULL)
		return E_NOT_FOUND;
	group_end(d);
	*data = party_json(d, p);
	json_put_number(*data, "signing_certificates", p->n_sign);
	json_put_number(*data, "encryption_certificates", p->n_encrypt);
	json_put_number(*data, "connection_keys", p->n_curve);
	json_put(*data, "agreements", agreements_json(d->trust, &p->code));
	return E_OK;
}

const struct control_verb look_verbs[] = {
	{"message.show", CONTROL_LOOKS, 0,
		"one message, by id or tracking number, with its timeline", verb_message_show,
		{{"id", CONTROL_MESSAGE, CONTROL_REQUIRED, "id or tracking number", 0, 0}}},
	{"message.list", CONTROL_LOOKS, 0, "the newest messages", verb_message_list,
		{{"limit", CONTROL_NUMBER, CONTROL_OPTIONAL, "how many, 20 without it", 0, 0},
			{"before", CONTROL_NUMBER, CONTROL_OPTIONAL, "older than this `seq'", 0,
				0}}},
	{"message.receipt", CONTROL_LOOKS, 0, "the broker's receipt for a stage",
		verb_message_receipt,
		{{"id", CONTROL_MESSAGE, CONTROL_REQUIRED, "id or tracking number", 0, 0},
			{"stage", CONTROL_TEXT, CONTROL_OPTIONAL, "the last without it", 0, 0}}},
	{"party.list", CONTROL_LOOKS, 0,
		"every party, whether it is connected and what waits for it", verb_party_list,
		{{0}}},
	{"party.show", CONTROL_LOOKS, 0, "one party with its keys and agreements", verb_party_show,
		{{"code", CONTROL_PARTY, CONTROL_REQUIRED, "the party", 0, 0}}},
	{0},
};
