/* SPDX-License-Identifier: EUPL-1.2
 *
 * Cutting a party off, suspending it, and taking it back. One officer is enough to take away, which
 * may be urgent; giving back what was cut off needs two. */
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"

enum err
party_arg(struct daftard *d, const json_t *args, const char *name, const struct trust_party **out)
{
	const char *code = json_string_value(json_object_get(args, name));
	struct party party;

	if (code == NULL || !party_parse(code, &party))
		return E_USAGE;
	*out = trust_party(d->trust, &party);
	return *out != NULL && (*out)->role != ROLE_EXCHANGE ? E_OK : E_NOT_FOUND;
}

enum err
reason_arg(const json_t *args, struct change *c)
{
	const char *reason = json_string_value(json_object_get(args, "reason"));

	if (!reason_is_fit(reason))
		return E_USAGE;
	return copy_text(c->reason, sizeof c->reason, reason) ? E_OK : E_USAGE;
}

void
standing_put(struct daftard *d, const struct party *party, json_t *o)
{
	struct decision why;

	json_put_text(o, "standing", standing_word(store_standing(d->store, NULL, party)));
	if (store_decision(d->store, NULL, party, &why) != E_OK)
		return;
	json_put(o, "standing_since", json_instant(why.since));
	json_put_text(o, "standing_by", why.by);
	if (why.second[0] != '\0')
		json_put_text(o, "standing_second", why.second);
	json_put_text(o, "standing_reason", why.reason);
}

static enum err
change_standing(struct daftard *d, const json_t *args, enum change_kind kind, json_t **data)
{
	struct change c = {.kind = kind};
	const struct trust_party *p;
	enum standing now;

	TRY(party_arg(d, args, "code", &p));
	TRY(reason_arg(args, &c));
	c.party = p->code;
	now = store_standing(d->store, NULL, &c.party);
	if (!change_leads_from(kind, now))
		return E_STATE;
	return change_wish(
		d, &c, bytes_of(NULL, 0), kind == CHANGE_RESUME && now == STANDING_CUT, data);
}

enum err
verb_party_cut(void *context, const json_t *args, json_t **data)
{
	return change_standing(context, args, CHANGE_CUT, data);
}

enum err
verb_party_suspend(void *context, const json_t *args, json_t **data)
{
	return change_standing(context, args, CHANGE_SUSPEND, data);
}

enum err
verb_party_resume(void *context, const json_t *args, json_t **data)
{
	return change_standing(context, args, CHANGE_RESUME, data);
}
