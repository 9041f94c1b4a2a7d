/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-pki enrol': the operator's side. The fingerprint is compared before anything is issued.
 * The same request a second time changes nothing and writes the answer again, so a lost answer or
 * an interrupted run needs no thought. */
#include <stdio.h>
#include <string.h>

#include "certs/enrol.h"
#include "certs/issue.h"
#include "certs/join.h"
#include "certs/pki.h"
#include "certs/place.h"
#include "certs/realm.h"

static bool
cert_has_key_of(X509 *cert, X509_REQ *request)
{
	EVP_PKEY *wanted = X509_REQ_get0_pubkey(request);

	return wanted && EVP_PKEY_eq(X509_get0_pubkey(cert), wanted) == 1;
}

bool
enrol_listed(const struct trust *t, const struct request *r)
{
	const struct trust_party *p;
	struct party code;

	p = party_parse(r->party, &code) ? trust_party(t, &code) : NULL;
	for (size_t i = 0; p && i < p->n_sign; i++)
		if (cert_has_key_of(p->sign[i], r->sign))
			return trust_by_curve(t, r->curve) == p &&
			       strcmp(p->country, r->country) == 0;
	return false;
}

enum err
enrol_answer(const struct realm *realm, const struct request *r, X509 *sign, X509 *encrypt,
	const char *file)
{
	struct answer a = {
		.party = r->party,
		.sign = sign,
		.encrypt = encrypt,
		.operator= realm->operator->cert,
		.trust = say("%.*s", (int)trust_bytes(realm->trust).size,
			(const char *)trust_bytes(realm->trust).data),
	};
	OWNED_BUF(text) = {0};

	answer_compose(&a, &text);
	return place_public(file, buf_bytes(&text), false);
}

enum err
enrol_again(
	const struct realm *realm, const struct request *r, const char *folder, const char *file)
{
	OWNED(X509, sign, cert_free) = NULL;
	OWNED(X509, encrypt, cert_free) = NULL;
	enum err e;

	if (!enrol_listed(realm->trust, r))
		return refuse(E_STATE,
			say("%s is in the draft, which waits for officers", r->party),
			"nothing was changed",
			say("daftar-pki publish %s, then type the same again", realm->folder));
	e = cert_load(path_in(folder, "sign.pem"), &sign);
	if (e == E_OK)
		e = cert_load(path_in(folder, "encrypt.pem"), &encrypt);
	if (e != E_OK)
		return refuse(e, say("the certificates of %s are not in %s", r->party, folder),
			"the party is enrolled and the trust list stands",
			"bring that folder back from the safe copy");
	printf("%s was enrolled with this request before; the answer is written again\n", r->party);
	return enrol_answer(realm, r, sign, encrypt, file);
}

/* What an interrupted run has left is replaced: the list that counts did not name it yet. */
enum err
enrol_keep(const struct request *r, const char *folder, X509 *sign, X509 *encrypt)
{
	char curve[CURVE_TEXT_SIZE + 1];

	TRY(place_folder(folder));
	TRY(own_cert_write(sign, path_in(folder, "sign.pem"), true));
	TRY(own_cert_write(encrypt, path_in(folder, "encrypt.pem"), true));
	curve_format(r->curve, curve);
	curve[CURVE_TEXT_SIZE - 1] = '\n';
	return place_public(path_in(folder, "curve.pub"), bytes_of(curve, CURVE_TEXT_SIZE), true);
}

static enum err
publish_party(struct realm *realm, const struct request *r, X509 *sign, X509 *encrypt,
	struct draft *d, long days)
{
	struct new_party p = {.code = r->party,
		.country = r->country,
		.role = r->role,
		.name = r->name,
		.sign = sign,
		.encrypt = encrypt};

	memcpy(p.curve, r->curve, sizeof(p.curve));
	draft_party(d, &p);
	return realm_change(realm, d, days);
}

static enum err
issue(struct realm *realm, const struct request *r, const char *folder, long days,
	const char *answer)
{
	__attribute__((cleanup(authority_free))) struct authority a = {0};
	struct subject s = {.country = r->country, .office = r->name, .code = r->party};
	OWNED(struct draft, d, draft_free) = NULL;
	OWNED(X509, sign, cert_free) = NULL;
	OWNED(X509, encrypt, cert_free) = NULL;

	d = realm_draft(realm);
	TRY(realm_authority(realm->folder, trust_realm(realm->trust), r->country, d, &a));
	sign = issue_party(&s, X509_REQ_get0_pubkey(r->sign), FOR_SIGNING, a.cert, a.key);
	encrypt = issue_party(&s, X509_REQ_get0_pubkey(r->encrypt), FOR_ENCRYPTION, a.cert, a.key);
	TRY(enrol_keep(r, folder, sign, encrypt));
	TRY(publish_party(realm, r, sign, encrypt, d, days));
	if (realm->pending)
		return E_OK;
	return enrol_answer(realm, r, sign, encrypt, answer);
}

static void
tell(const struct realm *realm, const struct request *r, const char *answer)
{
	char print[FINGERPRINT_SIZE];
	struct digest d;

	issue_cert_digest(realm->operator->cert, &d);
	fingerprint_format(&d, print);
	printf("%s belongs to realm %s: trust list version %llu is in %s/trust.xml\n"
	       "send %s to them, and read the operator's fingerprint to them:\n  %s\n"
	       "what they may send, and to whom, is added with: daftar-pki agree %s --from %s --to "
	       "CODE\n",
		r->party, trust_realm(realm->trust),
		(unsigned long long)trust_version(realm->trust), realm->folder, answer, print,
		realm->folder, r->party);
}

static void
tell_waiting(const struct request *r, const char *answer)
{
	printf("the certificates of %s are made; once the draft is published, type the same again: "
	       "%s is then written\n",
		r->party, answer);
}

enum err
enrol_answer_free(const char *file)
{
	if (!place_exists(file))
		return E_OK;
	return refuse(E_STATE, say("%s is there already and is not written over", file),
		"nothing was changed", "give another name with --answer");
}

enum err
pki_enrol(const struct options *o)
{
	__attribute__((cleanup(request_clear))) struct request r = {0};
	OWNED(struct realm, realm, realm_free) = NULL;
	const char *file = option_value(o, OPT_REQUEST), *answer = option_value(o, OPT_ANSWER);
	const char *folder = o->argument[0], *home;
	const struct trust_party *p;
	struct party code;

	TRY(request_read(file, &r));
	TRY(realm_open(folder, &realm));
	TRY(enrol_answer_free(answer));
	printf("request of %s: %s, %s, country %s\n", r.party, r.role, r.name,
		*r.country ? r.country : "none");
	if (!party_parse(r.party, &code))
		assert(!"request_read checks the code");
	home = say("%s/parties/%s", folder, r.party);
	p = trust_party(realm_next(realm), &code);
	if (enrol_listed(realm_next(realm), &r))
		return enrol_again(realm, &r, home, answer);
	if (p)
		return refuse(E_STATE, say("%s is in the trust list with other keys", r.party),
			"those keys still count and nothing was changed",
			say("if these are its next keys: daftar-pki renew; if the old ones are "
			    "lost "
			    "or known to others: daftar-pki revoke %s --party %s, then enrol again",
				folder, r.party));
	TRY(fingerprint_check(&r.print, option_value(o, OPT_FINGERPRINT),
		say("the request of %s", r.party),
		say("daftar-pki enrol %s --request %s --answer %s --fingerprint 'WHAT THEY READ'",
			folder, file, answer)));
	TRY(issue(realm, &r, home, option_days(o, realm_list_days(realm->trust)), answer));
	if (realm->pending)
		tell_waiting(&r, answer);
	else
		tell(realm, &r, answer);
	return E_OK;
}
