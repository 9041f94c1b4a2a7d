/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation data for the operator: handing it in, in pieces that fit a line, and what is in force,
 * with the authorities of the trust list that demand fresh data and have none. */
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"

/* ---- crl.put, crl.add, crl.show ---- */

enum err
verb_crl_put(void *context, const json_t *args, json_t **data)
{
	struct daftard_revocation *r = &((struct daftard *)context)->revocation;
	OWNED_BUF(piece) = {0};

	(void)data;
	TRY(octets_arg(args, &piece));
	if (json_integer_value(json_object_get(args, "at")) == 0)
		buf_reset(&r->in);
	if (r->in.size + piece.size > REVOCATION_MAX)
		return E_TOO_LARGE;
	buf_add_bytes(&r->in, buf_bytes(&piece));
	return E_OK;
}

enum err
verb_crl_show(void *context, const json_t *args, json_t **data)
{
	const struct daftard_revocation *r = &((struct daftard *)context)->revocation;

	(void)args;
	*data = json_object();
	json_put(*data, "running", json_boolean(r->checking));
	json_put_text(*data, "code", err_word(r->checking ? E_BUSY : r->code));
	json_put_text(*data, "sentence", err_sentence(r->checking ? E_BUSY : r->code));
	return E_OK;
}

enum err
verb_crl_add(void *context, const json_t *args, json_t **data)
{
	TRY(daftard_add_revocation(context));
	return verb_crl_show(context, args, data);
}

/* ---- crl.list ---- */

static void
put_number(json_t *o, const uint8_t number[20])
{
	char text[41] = "";
	size_t from = 0;

	while (from < 19 && number[from] == 0)
		from++;
	for (size_t i = from; i < 20; i++)
		sprintf(text + 2 * (i - from), "%02x", number[i]);
	json_put_text(o, "number", text);
}

/* Since when it is too old to rely on; 0: it is not, or its authority demands no fresh data. */
static int64_t
too_old_since(const struct daftard *d, const struct revocation_facts *f, int64_t now)
{
	int64_t grace = trust_grace(d->trust, &f->subject);
	int64_t end = f->next_update + grace;

	return f->kind == REVOCATION_CRL && grace >= 0 && end < now ? end : 0;
}

static json_t *
item_json(const struct daftard *d, const struct revocation_item *i, int64_t now)
{
	const struct revocation_facts *f = &i->facts;
	json_t *o = json_object();

	json_put_number(o, "item", i->item);
	json_put_text(o, "country", f->country);
	json_put_text(o, "kind", f->kind == REVOCATION_CRL ? "CRL" : "OCSP");
	put_number(o, f->number);
	json_put(o, "this_update", json_instant(f->this_update));
	json_put(o, "next_update", json_instant(f->next_update));
	json_put(o, "taken", json_instant(i->taken));
	json_put_number(o, "age_ms", (uint64_t)(now > f->this_update ? now - f->this_update : 0));
	json_put(o, "too_old_since", json_instant(too_old_since(d, f, now)));
	json_put_digest(o, "about", &f->subject);
	return o;
}

/* Its authority demands fresh data, and there is none at all. */
static json_t *
missing_json(const struct trust_demand *a)
{
	json_t *o = json_object();

	json_put_text(o, "country", a->country);
	json_put_text(o, "kind", "none");
	json_put_digest(o, "about", &a->anchor);
	return o;
}

enum err
verb_crl_list(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	struct revocation_item item = {.item = 0};
	json_t *list = json_array();
	struct trust_demand a;
	int64_t now = instant_now();

	(void)args;
	group_end(d);
	while (store_next_revocation(d->store, NULL, item.item, &item, NULL) == E_OK)
		json_add(list, item_json(d, &item, now));
	for (size_t i = 0; trust_demand(d->trust, i, &a); i++)
		if (store_revocation_about(d->store, NULL, REVOCATION_CRL, &a.anchor, &item) ==
			E_NOT_FOUND)
			json_add(list, missing_json(&a));
	*data = json_object();
	json_put(*data, "crls", list);
	json_put_number(*data, "held", store_held_count(d->store, NULL));
	return E_OK;
}

size_t
count_too_old(const struct daftard *d)
{
	struct revocation_item item;
	int64_t now = instant_now();
	struct trust_demand a;
	size_t n = 0;

	for (size_t i = 0; trust_demand(d->trust, i, &a); i++)
		n += store_revocation_about(d->store, NULL, REVOCATION_CRL, &a.anchor, &item) !=
			     E_OK ||
		     too_old_since(d, &item.facts, now) != 0;
	return n;
}
