/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-pki accept': the office that joins installs the operator's answer. First the operator:
 * the certificate that is pinned here, or the fingerprint that was read out. Then the list,
 * verified with it. Then the certificates: they must be ours, by our keys and by the list. Only
 * then is anything written.
 *
 * After a renewal the keys lie in the folder next/ and move up: the ones that were in use are kept
 * under other names, and the old key for opening stays at hand, for what was encrypted to it and is
 * still on its way. A run that was interrupted is done again and finishes the move. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "certs/issue.h"
#include "certs/join.h"
#include "certs/pki.h"
#include "certs/place.h"
#include "certs/realm.h"

#define OURS_STANDS "nothing was installed; the keys made for the request are untouched"

static enum err
no_fit(const char *what)
{
	return refuse(E_NO_CERT, what, OURS_STANDS,
		"ask the operator whether the answer is for this request; if another request was "
		"sent, it belongs to another folder");
}

static enum err
check_operator(const struct answer *a, const struct options *o, const char *folder)
{
	const char *pinned = path_in(folder, "operator.pem");
	OWNED(X509, known, cert_free) = NULL;
	struct digest d;

	if (place_exists(pinned)) {
		if (cert_load(pinned, &known) == E_OK && X509_cmp(known, a->operator) == 0)
			return E_OK;
		return refuse(E_STATE,
			say("the answer comes from another operator than %s", pinned), OURS_STANDS,
			"call the operator before you trust this answer");
	}
	issue_cert_digest(a->operator, & d);
	return fingerprint_check(&d, option_value(o, OPT_OPERATOR_FINGERPRINT), "the operator",
		say("daftar-pki accept %s --answer %s --operator-fingerprint 'WHAT THEY READ'",
			folder, option_value(o, OPT_ANSWER)));
}

/* The file of this name that the answer is about: the next one, until it has moved up. */
static const char *
held(const char *folder, const char *name)
{
	const char *next = say("%s/" NEXT_FOLDER "/%s", folder, name);

	return place_exists(next) ? next : path_in(folder, name);
}

static enum err
check_key(const char *folder, const char *name, X509 *cert)
{
	const char *file = held(folder, name);
	OWNED(EVP_PKEY, key, key_free) = NULL;
	enum err e = key_load(file, &key);

	if (e != E_OK)
		return refuse(e, say("%s cannot be used", file), OURS_STANDS,
			"give the folder that `daftar-pki request' made");
	if (EVP_PKEY_eq(key, X509_get0_pubkey(cert)) != 1)
		return no_fit(say("a certificate in the answer does not fit %s", file));
	return E_OK;
}

static bool
among(X509 *const *list, size_t n, X509 *cert)
{
	for (size_t i = 0; i < n; i++)
		if (X509_cmp(list[i], cert) == 0)
			return true;
	return false;
}

static enum err
check_entry(const struct answer *a, const struct trust *t, const char *folder)
{
	const struct trust_party *p;
	struct curve_pair pair;
	struct party code;
	enum err e;

	p = party_parse(a->party, &code) ? trust_party(t, &code) : NULL;
	if (!p || !among(p->sign, p->n_sign, a->sign) ||
		!among(p->encrypt, p->n_encrypt, a->encrypt))
		return no_fit(
			say("the trust list does not name these certificates for %s", a->party));
	TRY(check_key(folder, "sign.key", a->sign));
	TRY(check_key(folder, "encrypt.key", a->encrypt));
	e = curve_load(held(folder, "curve.key"), &pair);
	if (e != E_OK)
		return refuse(e, say("%s/curve.key cannot be used", folder), OURS_STANDS,
			"give the folder that `daftar-pki request' made");
	if (trust_by_curve(t, pair.public_key) != p)
		return no_fit(
			say("the trust list does not name %s/curve.key for %s", folder, a->party));
	return E_OK;
}

/* A list that is here already says what may follow it. */
static enum err
check_list(const struct trust *t, X509 *operator, const char * folder)
{
	const char *file = path_in(folder, "trust.xml");
	OWNED(struct trust, known, trust_free) = NULL;
	enum err e;

	if (!place_exists(file))
		return E_OK;
	e = trust_load_file(file, operator, 0, &known);
	if (e == E_OK)
		e = trust_replaces(known, t);
	if (e == E_OK)
		return E_OK;
	return refuse(e, say("%s is not replaced by the answer's list", file), OURS_STANDS,
		e == E_APPROVAL ? "call the operator and an officer before you trust this answer; "
				  "where officers changed, accept the lists between first"
				: "ask the operator for the newest list");
}

/* ---- the move of new keys ---- */

static enum err
move(const char *from, const char *to)
{
	if (rename(from, to) == 0)
		return place_sync(to);
	return refuse(E_IO, say("%s cannot be renamed to %s: %s", from, to, strerror(errno)),
		"all keys are there, under one name or the other",
		"look at the folder's owner and mode, then type the same again");
}

/* The key that opens what was encrypted before keeps a name that programs know. */
static enum err
set_aside(const char *folder, const char *name)
{
	const char *file = path_in(folder, name), *old;

	if (!place_exists(file))
		return E_OK;
	if (strncmp(name, "encrypt.", strlen("encrypt.")) != 0)
		return place_aside(file);
	old = say("%s/encrypt.old.%s", folder, name + strlen("encrypt."));
	TRY(place_aside(old));
	return move(file, old);
}

static enum err
move_up(const char *folder)
{
	static const char *const names[] = {"sign.key", "sign.pem", "encrypt.key", "encrypt.pem",
		"curve.key", "curve.pub", REQUEST_FILE};
	const char *next = path_in(folder, NEXT_FOLDER);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *file = path_in(next, names[i]);

		if (!place_exists(file))
			continue;
		TRY(set_aside(folder, names[i]));
		TRY(move(file, path_in(folder, names[i])));
	}
	(void)rmdir(next);
	return E_OK;
}

/* Lays the certificate beside the keys that are to move up, unless it has done so already. */
static enum err
lay_ready(X509 *cert, const char *folder, const char *name)
{
	OWNED(X509, there, cert_free) = NULL;

	if (cert_load(path_in(folder, name), &there) == E_OK && X509_cmp(there, cert) == 0)
		return E_OK;
	return own_cert_write(cert, say("%s/" NEXT_FOLDER "/%s", folder, name), true);
}

static enum err
install_certs(const struct answer *a, const char *folder, bool force)
{
	if (!place_exists(path_in(folder, NEXT_FOLDER))) {
		TRY(own_cert_write(a->sign, path_in(folder, "sign.pem"), force));
		return own_cert_write(a->encrypt, path_in(folder, "encrypt.pem"), force);
	}
	TRY(lay_ready(a->sign, folder, "sign.pem"));
	TRY(lay_ready(a->encrypt, folder, "encrypt.pem"));
	return move_up(folder);
}

enum err
pki_accept(const struct options *o)
{
	__attribute__((cleanup(answer_clear))) struct answer a = {0};
	OWNED(struct trust, t, trust_free) = NULL;
	const char *folder = o->argument[0];
	bool force = option_given(o, OPT_FORCE);
	enum err e;

	TRY(answer_read(option_value(o, OPT_ANSWER), &a));
	TRY(realm_schemas());
	TRY(check_operator(&a, o, folder));
	e = trust_load(bytes_of(a.trust, strlen(a.trust)), a.operator, instant_now(), &t);
	if (e != E_OK)
		return refuse(e, "the trust list in the answer is refused", OURS_STANDS,
			"ask the operator to send the answer again");
	TRY(check_entry(&a, t, folder));
	TRY(check_list(t, a.operator, folder));
	TRY(install_certs(&a, folder, force));
	TRY(own_cert_write(a.operator, path_in(folder, "operator.pem"), false));
	TRY(place_replace(path_in(folder, "trust.xml"), trust_bytes(t)));
	printf("%s belongs to realm %s now: its certificates, operator.pem and trust.xml (version "
	       "%llu) are in %s\n",
		a.party, trust_realm(t), (unsigned long long)trust_version(t), folder);
	return E_OK;
}
