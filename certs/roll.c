/* SPDX-License-Identifier: EUPL-1.2
 *
 * New keys of a party beside its old ones, and old ones out. A renewal is an enrolment of a party
 * that is there: the same request, compared over the telephone, and the same answer. Both sets
 * count until the old one ends or is retired; a retired certificate is revoked as well, so that the
 * next list of its authority says so, too. */
#include <stdio.h>
#include <string.h>

#include "certs/enrol.h"
#include "certs/issue.h"
#include "certs/join.h"
#include "certs/pki.h"
#include "certs/place.h"
#include "certs/realm.h"

static enum err
find_party(const struct realm *r, const char *code, const struct trust_party **out)
{
	struct party party;

	*out = party_parse(code, &party) ? trust_party(realm_next(r), &party) : NULL;
	if (!*out)
		return refuse(E_UNKNOWN_PARTY, say("%s is not in the trust list", code),
			"nothing was changed", say("daftar-pki show %s/trust.xml", r->folder));
	if ((*out)->role == ROLE_EXCHANGE)
		return refuse(E_STATE, "the keys of the exchange are not changed this way",
			"nothing was changed", "see OPERATIONS: the keys of the exchange");
	return E_OK;
}

/* ---- renew ---- */

static enum err
check_room(const struct trust_party *p, const struct request *r)
{
	if (strcmp(p->country, r->country) != 0)
		return refuse(E_INPUT,
			say("the request is of country `%s', %s is of `%s'", r->country, r->party,
				p->country),
			"nothing was changed", "ask for a request made with --renew");
	if (p->n_sign < TRUST_CERTS && p->n_encrypt < TRUST_CERTS && p->n_curve < TRUST_CURVES)
		return E_OK;
	return refuse(E_STATE, say("%s has as many keys as a list can hold", r->party),
		"all of them still count",
		"retire old ones first: daftar-pki retire REALM --party CODE --cert FINGERPRINT");
}

static enum err
issue(struct realm *realm, const struct request *r, const char *home, long days, const char *answer)
{
	__attribute__((cleanup(authority_free))) struct authority a = {0};
	struct subject s = {.country = r->country, .office = r->name, .code = r->party};
	OWNED(struct draft, d, draft_free) = realm_draft(realm);
	OWNED(X509, sign, cert_free) = NULL;
	OWNED(X509, encrypt, cert_free) = NULL;
	struct party code;

	if (!party_parse(r->party, &code))
		assert(!"request_read checks the code");
	TRY(realm_authority(realm->folder, trust_realm(realm->trust), r->country, d, &a));
	sign = issue_party(&s, X509_REQ_get0_pubkey(r->sign), FOR_SIGNING, a.cert, a.key);
	encrypt = issue_party(&s, X509_REQ_get0_pubkey(r->encrypt), FOR_ENCRYPTION, a.cert, a.key);
	TRY(enrol_keep(r, home, sign, encrypt));
	draft_renew(d, &code, sign, encrypt, r->curve);
	TRY(realm_change(realm, d, days));
	if (realm->pending) {
		printf("once the draft is published, type the same again: %s is then written\n",
			answer);
		return E_OK;
	}
	TRY(enrol_answer(realm, r, sign, encrypt, answer));
	printf("%s has new keys beside its old ones: send %s to them\n"
	       "once they work with the new keys: daftar-pki retire %s --party %s --cert "
	       "FINGERPRINT\n",
		r->party, answer, realm->folder, r->party);
	return E_OK;
}

enum err
pki_renew(const struct options *o)
{
	__attribute__((cleanup(request_clear))) struct request r = {0};
	OWNED(struct realm, realm, realm_free) = NULL;
	const char *file = option_value(o, OPT_REQUEST), *answer = option_value(o, OPT_ANSWER);
	const struct trust_party *p;
	const char *home;

	TRY(request_read(file, &r));
	TRY(realm_open(o->argument[0], &realm));
	TRY(enrol_answer_free(answer));
	TRY(find_party(realm, r.party, &p));
	home = say("%s/parties/%s/renewed", realm->folder, r.party);
	if (enrol_listed(realm_next(realm), &r))
		return enrol_again(realm, &r, home, answer);
	TRY(check_room(p, &r));
	TRY(fingerprint_check(&r.print, option_value(o, OPT_FINGERPRINT),
		say("the request of %s", r.party),
		say("daftar-pki renew %s --request %s --answer %s --fingerprint 'WHAT THEY READ'",
			realm->folder, file, answer)));
	TRY(place_folder(say("%s/parties/%s", realm->folder, r.party)));
	return issue(realm, &r, home, option_days(o, realm_list_days(realm->trust)), answer);
}

/* ---- retire ---- */

enum err
pki_retire(const struct options *o)
{
	const char *code = option_value(o, OPT_PARTY), *print = option_value(o, OPT_CERT);
	OWNED(struct realm, r, realm_free) = NULL;
	OWNED(struct draft, d, draft_free) = NULL;
	const struct trust_party *p;

	TRY(realm_open(o->argument[0], &r));
	TRY(find_party(r, code, &p));
	d = realm_draft(r);
	switch (draft_retire(d, &p->code, print, fingerprint_fits, instant_now())) {
	case RETIRED:
		break;
	case NOT_THERE:
		return refuse(E_NOT_FOUND,
			say("%s has no certificate or key with the fingerprint %s", code, print),
			"nothing was changed",
			say("look for it with: daftar-pki show %s/trust.xml", r->folder));
	case LAST_ONE:
		return refuse(E_STATE, say("it is the only one of its kind that %s has", code),
			"nothing was changed, it still counts",
			say("let them renew first, or cut them off: daftar-pki revoke %s --party "
			    "%s",
				r->folder, code));
	}
	return realm_change(r, d, realm_list_days(r->trust));
}
