/* SPDX-License-Identifier: EUPL-1.2
 *
 * The operator's changes of a list that need no new keys: an agreement more, a party less, new days
 * for what there is. */
#include <stdio.h>
#include <string.h>

#include "certs/pki.h"
#include "certs/realm.h"

#define DAY_MS INT64_C(86400000)
#define PURPOSES 4

static enum err
wrong(const char *what)
{
	return refuse(E_INPUT, what, "nothing was changed", "daftar-pki agree --help");
}

static enum err
find_party(const struct realm *r, const char *code, const struct trust_party **out)
{
	struct party party;

	*out = party_parse(code, &party) ? trust_party(realm_next(r), &party) : NULL;
	if (*out)
		return E_OK;
	return refuse(E_UNKNOWN_PARTY, say("%s is not in the trust list", code),
		"nothing was changed", say("daftar-pki show %s/trust.xml", r->folder));
}

static enum err
gather_actions(const struct options *o, const struct trust_party *from,
	const struct trust_party *to, uint32_t *out)
{
	enum action a;

	*out = 0;
	for (size_t i = 0; i < o->given[OPT_ACTION].n; i++) {
		const char *word = o->given[OPT_ACTION].value[i];

		if (!action_parse(word, &a))
			return wrong(say("`%s' is not a kind of message", word));
		*out |= UINT32_C(1) << a;
	}
	if (!*out)
		*out = draft_usual_actions(from->role, to->role);
	if (!*out)
		return wrong(say("a %s and a %s have no usual messages: name them with --action",
			role_word(from->role), role_word(to->role)));
	return E_OK;
}

enum err
pki_agree(const struct options *o)
{
	OWNED(struct realm, r, realm_free) = NULL;
	OWNED(struct draft, d, draft_free) = NULL;
	const struct trust_party *from, *to;
	const char *usual = USUAL_PURPOSE;
	const char *const *purpose = &usual;
	size_t n = o->given[OPT_PURPOSE].n;
	char id[AGREEMENT_SIZE];
	uint32_t actions;

	if (n > PURPOSES)
		return wrong("an agreement has at most 4 purposes");
	if (n > 0)
		purpose = o->given[OPT_PURPOSE].value;
	TRY(realm_open(o->argument[0], &r));
	TRY(find_party(r, option_value(o, OPT_FROM), &from));
	TRY(find_party(r, option_value(o, OPT_TO), &to));
	if (from == to)
		return wrong("a party needs no agreement with itself");
	TRY(gather_actions(o, from, to, &actions));
	d = realm_draft(r);
	draft_agreement(d, &from->code, &to->code, actions, purpose, n > 0 ? n : 1,
		instant_now() + option_days(o, AGREEMENT_DAYS) * DAY_MS, id);
	TRY(realm_change(r, d, realm_list_days(r->trust)));
	printf("agreement %s: %s to %s\n", id, option_value(o, OPT_FROM), option_value(o, OPT_TO));
	return E_OK;
}

enum err
pki_revoke(const struct options *o)
{
	OWNED(struct realm, r, realm_free) = NULL;
	OWNED(struct draft, d, draft_free) = NULL;
	const struct trust_party *p;

	TRY(realm_open(o->argument[0], &r));
	TRY(find_party(r, option_value(o, OPT_PARTY), &p));
	if (p->role == ROLE_EXCHANGE)
		return refuse(E_STATE, "the exchange itself cannot be revoked",
			"nothing was changed",
			"make a new realm, or bring the exchange's keys back from the safe copy");
	d = realm_draft(r);
	draft_cut_off(d, &p->code, instant_now());
	TRY(realm_change(r, d, realm_list_days(r->trust)));
	printf("%s is cut off as soon as the exchange has this list; at once: daftarctl party cut "
	       "%s\n",
		option_value(o, OPT_PARTY), option_value(o, OPT_PARTY));
	return E_OK;
}

enum err
pki_resign(const struct options *o)
{
	OWNED(struct realm, r, realm_free) = NULL;
	OWNED(struct draft, d, draft_free) = NULL;

	TRY(realm_open(o->argument[0], &r));
	d = realm_draft(r);
	return realm_change(r, d, option_days(o, LIST_DAYS));
}
