/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who knocked and was turned away: keys that the trust list does not know, or that are cut off
 * here. The gate tells of one a second at most; the newest few are remembered. */
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"

void
knock_note(struct knocks *k, const uint8_t key[CURVE_KEY_SIZE], int64_t now)
{
	struct knock one = {.first = now};
	size_t i = 0;

	while (i < k->n && memcmp(k->list[i].key, key, CURVE_KEY_SIZE) != 0)
		i++;
	if (i < k->n)
		one = k->list[i];
	else if (k->n < KNOCKS_MOST)
		k->n++;
	else
		i = KNOCKS_MOST - 1;
	memmove(&k->list[1], &k->list[0], i * sizeof k->list[0]);
	memcpy(one.key, key, CURVE_KEY_SIZE);
	one.last = now;
	one.times++;
	k->list[0] = one;
}

static json_t *
knock_json(const struct daftard *d, const struct knock *k)
{
	const struct trust_party *who = trust_by_curve(d->trust, k->key);
	char text[CURVE_TEXT_SIZE];
	json_t *o = json_object();

	curve_format(k->key, text);
	json_put_text(o, "key", text);
	json_put_text(o, "party", who != NULL ? who->code.code : "");
	json_put(o, "first", json_instant(k->first));
	json_put(o, "last", json_instant(k->last));
	json_put_number(o, "times", k->times);
	return o;
}

enum err
verb_gate_knocks(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	json_t *list = json_array();

	(void)args;
	for (size_t i = 0; i < d->knocks.n; i++)
		json_add(list, knock_json(d, &d->knocks.list[i]));
	*data = json_object();
	json_put(*data, "knocks", list);
	return E_OK;
}
