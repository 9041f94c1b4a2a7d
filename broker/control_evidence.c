/* SPDX-License-Identifier: EUPL-1.2
 *
 * What proves that a message has been where we say: each stage is a leaf of the log, and its
 * receipt leads from there to a checkpoint that is signed with the log's key. The receipt is
 * verified as anybody else would verify it, by its octets alone; then it must say what the entry
 * says. */
#include <string.h>

#include "broker/control_look.h"

static const char *
verdict_on(const struct daftard *d, const struct entry *e, enum stage s, struct bytes octets,
	struct receipt *r)
{
	if (receipt_verify(octets, trust_log_name(d->trust), trust_log_key(d->trust), r) != E_OK)
		return "signature not verified";
	if (!id_equal(&r->what.id, &e->header.id) || r->what.stage != s ||
		(s != ST_CONFLICT && !digest_equal(&r->what.digest, &e->digest)))
		return "not about this message";
	if (r->at.size > store_log_size(d->store) || r->index >= r->at.size)
		return "not of this log";
	return "signature verified";
}

static void
put_signer(const struct daftard *d, json_t *o)
{
	struct digest key;

	digest_of(trust_log_key(d->trust), 32, &key);
	json_put_digest(o, "by", &key);
}

static json_t *
stage_json(struct daftard *d, const struct entry *e, enum stage s)
{
	json_t *o = json_object();
	OWNED_BUF(octets) = {0};
	struct receipt r;
	enum err found = store_receipt(d->store, NULL, e->seq, s, &octets);
	const char *verdict = "no receipt";

	json_put_text(o, "stage", stage_word(s));
	json_put(o, "at", json_instant(e->at[s]));
	json_put(o, "receipt", json_boolean(found == E_OK));
	if (found == E_OK)
		verdict = verdict_on(d, e, s, buf_bytes(&octets), &r);
	else if (found == E_DAMAGED)
		verdict = "receipt not readable: DAMAGED";
	json_put_text(o, "verdict", verdict);
	if (strcmp(verdict, "signature verified") != 0)
		return o;
	json_put_number(o, "leaf", r.index);
	json_put_number(o, "log_size", r.at.size);
	put_signer(d, o);
	return o;
}

json_t *
evidence_json(struct daftard *d, const struct entry *e)
{
	json_t *list = json_array();

	for (enum stage s = 0; s < STAGE_N; s++)
		if (e->at[s] != 0)
			json_add(list, stage_json(d, e, s));
	return list;
}
