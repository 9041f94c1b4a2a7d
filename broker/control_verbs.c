/* SPDX-License-Identifier: EUPL-1.2
 *
 * Parties, as people look at them. Answers hold codes, ids, digests, sizes and times; the broker
 * has nothing else. Before it answers, a verb ends the open group, so that it tells what is on
 * disk. */
#include <string.h>

#include "broker/contacts.h"
#include "broker/control_json.h"
#include "broker/daftard.h"

static const char *
text_arg(const json_t *args, const char *name)
{
	return json_string_value(json_object_get(args, name));
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

/* How it is reached, and by which program, as that says of itself. */
static void
put_program(const struct peer_state *p, json_t *o)
{
	json_put_text(o, "mode", p->no == PEER_COURIER ? "courier" : p->thin ? "slow" : "live");
	if (p->program[0] != '\0')
		json_put_text(o, "version", p->program);
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
	json_put_number(o, "epoch", m.found ? m.state.epoch : 0);
	json_put(o, "heard", json_instant(daftard_heard(d, &p->code)));
	if (m.found)
		put_program(&m.state, o);
	json_put_number(o, "queued", store_queue_depth(d->store, &p->code));
	json_put_number(o, "under_way", m.found ? m.state.under_way : 0);
	json_put_number(o, "credit", m.found ? m.state.credit : 0);
	json_put(o, "reconciling", json_boolean(!store_reconciled(d->store, NULL, &p->code)));
	fence_put(d, p, o);
	json_put(o, "contacts", contacts_json(d->conf, p->code.code));
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
	json_put(*data, "speakers", speakers_json(d, p));
	json_put(*data, "agreements", agreements_json(d->trust, &p->code));
	return E_OK;
}

const struct control_verb look_verbs[] = {
	{"party.list", CONTROL_LOOKS, 0,
		"every party, whether it is connected and what waits for it", verb_party_list,
		{{0}}},
	{"party.show", CONTROL_LOOKS, 0, "one party with its keys and agreements", verb_party_show,
		{{"code", CONTROL_PARTY, CONTROL_REQUIRED, "the party", 0, 0}}},
	{0},
};
