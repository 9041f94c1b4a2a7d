/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which process speaks for a party, and whether an older copy of its spool was turned away: then
 * there is a copy somewhere that somebody should stop. */
#include "broker/control_json.h"
#include "broker/daftard.h"

static const struct id no_id;

#define SHOWN_OF_INCARNATION 4 /* octets: enough to tell two apart */

static json_t *
incarnation_json(const struct id *incarnation)
{
	OWNED_BUF(hex) = {0};

	if (id_equal(incarnation, &no_id))
		return json_null();
	buf_hex(&hex, incarnation->octet, SHOWN_OF_INCARNATION);
	return json_stringn((const char *)hex.data, hex.size);
}

static json_t *
speaker_json(const struct speaker *s)
{
	char key[CURVE_TEXT_SIZE];
	json_t *o = json_object();

	curve_format(s->key, key);
	json_put_text(o, "key", key);
	/* One that is damaged reads as the highest of all: nobody is let in. */
	json_put(o, "epoch",
		s->epoch <= INT64_MAX ? json_integer((json_int_t)s->epoch) : json_null());
	json_put(o, "incarnation", incarnation_json(&s->incarnation));
	json_put(o, "since", json_instant(s->since));
	json_put(o, "connected", json_boolean(s->connected));
	json_put(o, "fenced", json_instant(s->fenced));
	if (s->fenced != 0) {
		json_put_number(o, "fenced_epoch", s->fenced_epoch);
		json_put_number(o, "fenced_times", s->fenced_times);
	}
	return o;
}

void
fence_put(struct daftard *d, const struct trust_party *p, json_t *o)
{
	struct speaker s;
	int64_t last = 0;

	for (size_t i = 0; i < p->n_curve; i++)
		if (exchange_speaker(d->exchange, &p->code, p->curve[i], &s) && s.fenced > last)
			last = s.fenced;
	json_put(o, "fenced", json_instant(last));
}

json_t *
speakers_json(struct daftard *d, const struct trust_party *p)
{
	json_t *list = json_array();
	struct speaker s;

	for (size_t i = 0; i < p->n_curve; i++)
		if (exchange_speaker(d->exchange, &p->code, p->curve[i], &s))
			json_add(list, speaker_json(&s));
	return list;
}
