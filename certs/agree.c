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

/* Every path names something that an extract can hold: a slip of the pen would be a particular that
 * never travels, and nobody would know why. */
static enum err
gather_fields(const struct options *o, struct new_agreement *g)
{
	g->field = o->given[OPT_FIELD].value;
	g->n_field = o->given[OPT_FIELD].n;
	return paths_check(o, OPT_FIELD);
}

static enum err
gather_consent(const struct options *o, const struct trust_party *from,
	const struct trust_party *to, struct new_agreement *g)
{
	if (option_given(o, OPT_CONSENT) && option_given(o, OPT_NO_CONSENT))
		return wrong("--consent and --no-consent contradict each other");
	g->clearance_required = option_given(o, OPT_CLEARANCE);
	if (g->clearance_required && option_given(o, OPT_NO_CONSENT))
		return wrong("--clearance needs a consent token, which --no-consent leaves out");
	g->consent_required = !option_given(o, OPT_NO_CONSENT) &&
			      (option_given(o, OPT_CONSENT) || g->clearance_required ||
				      draft_usual_consent(from->role, to->role));
	return E_OK;
}

/* As every party checks it (lib/trust_check.c), in words. */
static enum err
check_also(const struct trust_party *also, const struct trust_party *from,
	const struct trust_party *to)
{
	if (also->role == ROLE_EXCHANGE)
		return wrong("the exchange never opens a body");
	if (also == to)
		return wrong("the addressee can open it anyway");
	if (*also->country && strcmp(also->country, from->country) != 0 &&
		strcmp(also->country, to->country) != 0)
		return wrong(say("%s belongs to a third State", also->code.code));
	return E_OK;
}

static enum err
gather_also(const struct options *o, const struct realm *r, struct new_agreement *g)
{
	const struct trust_party *from = trust_party(realm_next(r), &g->from);
	const struct trust_party *to = trust_party(realm_next(r), &g->to);
	size_t certs = to->n_encrypt_listed;

	g->also = o->given[OPT_ALSO_TO].value;
	g->n_also = o->given[OPT_ALSO_TO].n;
	for (size_t i = 0; i < g->n_also; i++) {
		const struct trust_party *p;

		TRY(realm_find(r, g->also[i], &p));
		TRY(check_also(p, from, to));
		certs += p->n_encrypt_listed;
	}
	if (certs > TRUST_RECIPIENTS)
		return wrong(say("a body has room for %d certificates of all who can open it, and "
				 "these have %zu: retire old ones",
			TRUST_RECIPIENTS, certs));
	return E_OK;
}

static enum err
gather_purposes(const struct options *o, struct new_agreement *g)
{
	static const char *const usual[] = {USUAL_PURPOSE};

	if (o->given[OPT_PURPOSE].n > PURPOSES)
		return wrong("an agreement has at most 4 purposes");
	g->purpose = o->given[OPT_PURPOSE].n > 0 ? o->given[OPT_PURPOSE].value : usual;
	g->n_purpose = o->given[OPT_PURPOSE].n > 0 ? o->given[OPT_PURPOSE].n : 1;
	return E_OK;
}

static enum err
gather(const struct options *o, const struct realm *r, struct new_agreement *g)
{
	const struct trust_party *from, *to;

	TRY(realm_find(r, option_value(o, OPT_FROM), &from));
	TRY(realm_find(r, option_value(o, OPT_TO), &to));
	if (from == to)
		return wrong("a party needs no agreement with itself");
	g->from = from->code;
	g->to = to->code;
	g->valid_until = instant_now() + option_days(o, AGREEMENT_DAYS) * DAY_MS;
	TRY(gather_actions(o, from, to, &g->actions));
	TRY(gather_purposes(o, g));
	TRY(gather_fields(o, g));
	TRY(gather_consent(o, from, to, g));
	return gather_also(o, r, g);
}

/* An agreement with weaker terms that stays beside the new one would still be good. */
static enum err
end_old(const struct options *o, const struct realm *r, const struct new_agreement *g,
	struct draft *d)
{
	const char *id = option_value(o, OPT_INSTEAD);
	const struct trust_agreement *old;

	if (!id)
		return E_OK;
	old = trust_agreement_by_id(realm_next(r), id);
	if (!old || !party_equal(&old->from, &g->from) || !party_equal(&old->to, &g->to) ||
		!draft_end_agreement(d, id))
		return wrong(say("there is no agreement %s between these two", id));
	return E_OK;
}

enum err
pki_agree(const struct options *o)
{
	OWNED(struct realm, r, realm_free) = NULL;
	OWNED(struct draft, d, draft_free) = NULL;
	struct new_agreement g = {.n_purpose = 0};
	char id[AGREEMENT_SIZE];

	TRY(realm_open(o->argument[0], &r));
	TRY(gather(o, r, &g));
	d = realm_draft(r);
	TRY(end_old(o, r, &g, d));
	draft_agreement(d, &g, id);
	TRY(realm_change(r, d, realm_list_days(r->trust)));
	printf("agreement %s: %s to %s%s\n", id, g.from.code, g.to.code,
		g.clearance_required ? ", with consent and a second officer's clearance"
		: g.consent_required ? ", with consent"
				     : "");
	return E_OK;
}

enum err
pki_revoke(const struct options *o)
{
	OWNED(struct realm, r, realm_free) = NULL;
	OWNED(struct draft, d, draft_free) = NULL;
	const struct trust_party *p;

	TRY(realm_open(o->argument[0], &r));
	TRY(realm_find(r, option_value(o, OPT_PARTY), &p));
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
