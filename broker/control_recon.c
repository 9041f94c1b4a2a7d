/* SPDX-License-Identifier: EUPL-1.2
 *
 * What daftarctl asks about books: who has compared his with ours, what differed, and please
 * compare now. A comparison is the party's work; here it is only asked for, and its outcome shown.
 */
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"
#include "lib/closing.h"
#include "lib/difference.h"
#include "lib/log.h"

static json_t *
fingerprint_json(const uint8_t fingerprint[16])
{
	OWNED_BUF(hex) = {0};

	buf_hex(&hex, fingerprint, 16);
	return json_stringn((const char *)hex.data, hex.size);
}

static void
put_result(json_t *o, const struct recon_result *r)
{
	json_put(o, "at", json_instant(r->at));
	json_put_number(o, "elements", r->elements);
	json_put_number(o, "differences", r->differences);
	json_put_number(o, "mended", r->mended);
	json_put_number(o, "open", r->open);
	json_put(o, "fingerprint", fingerprint_json(r->fingerprint));
}

bool
books_differ(const struct recon_result *r)
{
	return r->open > 0; /* the rest is mended, or mends itself */
}

json_t *
compared_json(const char *what, const struct party *party, const struct recon_result *r)
{
	json_t *o = json_object();

	json_put_text(o, "event", what);
	json_put_text(o, "party", party->code);
	put_result(o, r);
	return o;
}

/* ---- parties ---- */

struct sought {
	const struct party *party;
	bool found;
};

static void
seek(void *context, const struct peer_state *p)
{
	struct sought *s = context;

	s->found = s->found || (p->no != PEER_COURIER && party_equal(&p->party, s->party));
}

bool
party_is_connected(struct daftard *d, const struct party *party)
{
	struct sought s = {.party = party};

	exchange_each_peer(d->exchange, seek, &s);
	return s.found;
}

/* "reconciling" before everything else: nothing is taken from it, or given to it. */
static const char *
state_of(struct daftard *d, const struct party *party, const struct recon_result *last)
{
	if (!store_reconciled(d->store, NULL, party))
		return "reconciling";
	if (last->at == 0)
		return "never";
	return books_differ(last) ? "differs" : "agrees";
}

static json_t *
row_json(struct daftard *d, const struct party *party)
{
	struct recon_result last;
	json_t *o = json_object();

	if (store_recon(d->store, party, &last) != E_OK)
		last = (struct recon_result){.at = 0};
	json_put_text(o, "code", party->code);
	json_put(o, "connected", json_boolean(party_is_connected(d, party)));
	json_put_text(o, "state", state_of(d, party, &last));
	put_result(o, &last);
	json_put_number(o, "at_ms", (uint64_t)last.at);
	return o;
}

/* The party that is named, or all when none is: calls `each' with it. */
static enum err
each_party(struct daftard *d, const json_t *args,
	void (*each)(struct daftard *d, const struct party *party, json_t *data), json_t *data)
{
	const char *code = json_string_value(json_object_get(args, "party"));
	struct party party;

	if (code != NULL) {
		if (!party_parse(code, &party))
			return E_USAGE;
		if (trust_party(d->trust, &party) == NULL)
			return E_NOT_FOUND;
		each(d, &party, data);
		return E_OK;
	}
	for (size_t i = 0; i < trust_count(d->trust); i++)
		if (trust_at(d->trust, i)->role != ROLE_EXCHANGE)
			each(d, &trust_at(d->trust, i)->code, data);
	return E_OK;
}

static void
show_one(struct daftard *d, const struct party *party, json_t *data)
{
	json_add(json_object_get(data, "parties"), row_json(d, party));
}

enum err
verb_reconcile_show(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;

	group_end(d);
	*data = json_object();
	json_put_number(*data, "generation", store_generation(d->store));
	json_put(*data, "restored", json_boolean(store_is_restored(d->store)));
	json_put(*data, "parties", json_array());
	return each_party(d, args, show_one, *data);
}

static void
ask_one(struct daftard *d, const struct party *party, json_t *data)
{
	if (exchange_ask(d->exchange, party, monotonic_now()))
		show_one(d, party, data);
	else
		json_add(json_object_get(data, "unreachable"), json_string(party->code));
}

/* Those who were asked, as they stood before; the rest could not be. */
enum err
verb_reconcile_run(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	enum err e;

	group_end(d);
	*data = json_object();
	json_put(*data, "parties", json_array());
	json_put(*data, "unreachable", json_array());
	e = each_party(d, args, ask_one, *data);
	(void)group_txn(d);
	group_end(d);
	return e;
}

/* ---- differences ---- */

static void
add_difference(void *context, const struct recon_difference *d)
{
	json_t *o = json_object();
	enum difference known;

	json_put_text(o, "difference", d->word);
	json_put_text(o, "from", d->key.from.code);
	json_put_id(o, "id", &d->key.id);
	if (difference_parse(d->word, &known)) {
		json_put_text(o, "mend", mend_word(difference_mend(known)));
		json_put_text(o, "sentence", difference_sentence(known));
	}
	json_add(context, o);
}

enum err
verb_reconcile_diff(void *context, const json_t *args, json_t **data)
{
	const char *code = json_string_value(json_object_get(args, "party"));
	struct daftard *d = context;
	struct party party;
	json_t *named;

	if (code == NULL || !party_parse(code, &party))
		return E_USAGE;
	TRY(verb_reconcile_show(context, args, data));
	named = json_array();
	exchange_each_difference(d->exchange, &party, add_difference, named);
	json_put(*data, "differences", named);
	return E_OK;
}

/* ---- closings ---- */

/* The same for who does not read signed documents: they are what counts. */
static void
put_stated(json_t *o, struct bytes statement)
{
	OWNED_BUF(hex) = {0};
	struct digest digest;
	struct closing c;

	if (closing_parse(statement, &c) != E_OK)
		return;
	buf_hex(&hex, c.fingerprint, sizeof c.fingerprint);
	json_put(o, "since", json_instant(c.since));
	json_put(o, "until", json_instant(c.until));
	json_put_number(o, "count", c.count);
	json_put_number(o, "open", c.open);
	json_put(o, "fingerprint", json_stringn((const char *)hex.data, hex.size));
	json_put(o, "agreed", json_boolean(c.agreed));
	digest_of(statement.data, statement.size, &digest);
	json_put_digest(o, "digest", &digest);
}

static void
add_closing(struct daftard *d, const struct party *by, const struct party *from,
	const struct party *to, json_t *list)
{
	OWNED_BUF(statement) = {0};
	OWNED_BUF(note) = {0};
	json_t *o;

	if (store_closing(d->store, NULL, by, from, to, &statement, &note) != E_OK)
		return;
	o = json_object();
	json_put_text(o, "by", by->code);
	put_stated(o, buf_bytes(&statement));
	json_put(o, "statement", json_stringn((const char *)statement.data, statement.size));
	json_put(o, "note", json_stringn((const char *)note.data, note.size));
	json_add(list, o);
}

/* An operator answers for it that this party cannot compare (only a courier reaches it): it is
 * served again, and what its next comparison finds is found then. */
enum err
verb_reconcile_waive(void *context, const json_t *args, json_t **data)
{
	const char *code = json_string_value(json_object_get(args, "party"));
	const char *reason = json_string_value(json_object_get(args, "reason"));
	const struct recon_result nothing = {.at = instant_now()};
	struct daftard *d = context;
	struct party party;
	struct change c;

	if (code == NULL || !party_parse(code, &party))
		return E_USAGE;
	if (trust_party(d->trust, &party) == NULL)
		return E_NOT_FOUND;
	group_end(d);
	if (store_reconciled(d->store, NULL, &party))
		return E_STATE;
	store_set_reconciled(group_txn(d), &party, &nothing);
	change_note(d, group_txn(d), CHANGE_WAIVE, party.code,
		reason != NULL ? reason : "no reason was given", &c);
	TRY(group_finish(d));
	change_told(d, &c);
	log_line(LOG_WARNING, "reconcile: waived for party=%s", party.code);
	return verb_reconcile_show(context, args, data);
}

/* Both sides are asked; who of them could be is told. */
enum err
verb_reconcile_sign(void *context, const json_t *args, json_t **data)
{
	const char *sender = json_string_value(json_object_get(args, "from"));
	const char *addressee = json_string_value(json_object_get(args, "to"));
	int64_t since = json_integer_value(json_object_get(args, "since"));
	int64_t until = json_integer_value(json_object_get(args, "until"));
	struct daftard *d = context;
	struct party side[2];
	json_t *asked;

	if (sender == NULL || addressee == NULL || !party_parse(sender, &side[0]) ||
		!party_parse(addressee, &side[1]) || since < 0 || until <= since)
		return E_USAGE;
	group_end(d);
	(void)group_txn(d);
	asked = json_array();
	for (size_t i = 0; i < ARRAY_LEN(side); i++)
		if (exchange_ask_closing(d->exchange, &side[i], &side[0], &side[1], since, until))
			json_add(asked, json_string(side[i].code));
	group_end(d);
	*data = json_object();
	json_put(*data, "asked", asked);
	return E_OK;
}

/* What each side of the channel has signed last, and our counter-signatures. */
enum err
verb_reconcile_closing(void *context, const json_t *args, json_t **data)
{
	const char *sender = json_string_value(json_object_get(args, "from"));
	const char *addressee = json_string_value(json_object_get(args, "to"));
	struct daftard *d = context;
	struct party from, to;
	json_t *list;

	if (sender == NULL || addressee == NULL || !party_parse(sender, &from) ||
		!party_parse(addressee, &to))
		return E_USAGE;
	group_end(d);
	list = json_array();
	add_closing(d, &from, &from, &to, list);
	add_closing(d, &to, &from, &to, list);
	if (json_array_size(list) == 0) {
		json_decref(list);
		return E_NOT_FOUND;
	}
	*data = json_object();
	json_put(*data, "closings", list);
	return E_OK;
}
