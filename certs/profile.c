/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-pki profile': what a registry has said of itself is written into the list. What is not
 * said is not there: the profile is replaced as a whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/xmlstring.h>

#include "certs/pki.h"
#include "certs/realm.h"
#include "lib/extract_fields.h"

#define PROVISION_MAX 300 /* characters */

static enum err
wrong(const char *what)
{
	return refuse(E_INPUT, what, "nothing was changed", "daftar-pki profile --help");
}

/* ---- element paths, of agreements too ---- */

static const char *
known_paths(void)
{
	OWNED_BUF(known) = {0};

	for (size_t i = 0; extract_field_at(i); i++)
		buf_printf(&known, "%s%s", i > 0 ? ", " : "", extract_field_at(i));
	return say("%s", (const char *)known.data);
}

enum err
paths_check(const struct options *o, enum option which)
{
	for (size_t i = 0; i < o->given[which].n; i++) {
		const char *path = o->given[which].value[i];

		if (!extract_field_known(path))
			return refuse(E_INPUT, say("`%s' is no particular of an extract", path),
				"nothing was changed",
				say("choose among %s; b:Parent is all of a parent's",
					known_paths()));
	}
	return E_OK;
}

/* ---- the rest ---- */

/* *out is NULL when the option was not given. */
static enum err
take_number(const struct options *o, enum option which, long least, long most, const char *what,
	const char **out)
{
	const char *text = option_value(o, which);
	char *end;
	long number;

	*out = NULL;
	if (!text)
		return E_OK;
	number = strtol(text, &end, 10);
	if (*end || end == text || number < least || number > most)
		return wrong(say("%s is a number from %ld to %ld", what, least, most));
	*out = say("%ld", number);
	return E_OK;
}

/* One line of the law's own name and number. */
static bool
provision_good(const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return *text && xmlCheckUTF8(BAD_CAST text) &&
	       xmlUTF8Strlen(BAD_CAST text) <= PROVISION_MAX;
}

static enum err
gather(const struct options *o, struct new_profile *p)
{
	TRY(take_number(o, OPT_TIER, 0, 3, "--tier", &p->tier));
	TRY(take_number(o, OPT_DECISION_DAYS, 1, 3650, "--decision-days", &p->decision_days));
	TRY(take_number(o, OPT_TACIT_DAYS, 1, 3650, "--tacit-days", &p->tacit_days));
	TRY(take_number(o, OPT_ASSENT_AGE, 1, 21, "--assent-age", &p->assent_age));
	p->provision = option_value(o, OPT_PROVISION);
	if (!p->tacit_days != !p->provision)
		return wrong("silence is a refusal only by law: --tacit-days and --provision go "
			     "together");
	if (p->provision && !provision_good(p->provision))
		return wrong("--provision is one line of 1 to 300 characters");
	p->need = o->given[OPT_NEED].value;
	p->n_need = o->given[OPT_NEED].n;
	return paths_check(o, OPT_NEED);
}

enum err
pki_profile(const struct options *o)
{
	OWNED(struct realm, r, realm_free) = NULL;
	OWNED(struct draft, d, draft_free) = NULL;
	struct new_profile p = {.tier = NULL};
	const struct trust_party *party;

	TRY(gather(o, &p));
	TRY(realm_open(o->argument[0], &r));
	TRY(realm_find(r, option_value(o, OPT_PARTY), &party));
	if (party->role != ROLE_REGISTRY)
		return wrong(say("%s is no registry: it enters no records", party->code.code));
	d = realm_draft(r);
	draft_profile(d, &party->code, &p);
	TRY(realm_change(r, d, realm_list_days(r->trust)));
	printf("%s: what it says of itself is in the list\n", option_value(o, OPT_PARTY));
	return E_OK;
}
