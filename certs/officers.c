/* SPDX-License-Identifier: EUPL-1.2
 *
 * Officers: persons whose approval a change of the trust list needs beside the operator's
 * signature. `daftar-pki officer' makes one's key, on his own machine; `officers' enters them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certs/issue.h"
#include "certs/officers.h"
#include "certs/own_keys.h"
#include "certs/pki.h"
#include "certs/place.h"
#include "certs/realm.h"

/* For daftarctl from afar. */
static enum err
write_line_keys(const char *folder)
{
	struct curve_pair pair;
	enum err e;

	curve_generate(&pair);
	e = own_curve_write(&pair, folder, false);
	explicit_bzero(&pair, sizeof pair);
	return e;
}

enum err
pki_officer(const struct options *o)
{
	OWNED(EVP_PKEY, key, key_free) = issue_key();
	OWNED(X509, cert, cert_free) = NULL;
	const char *folder = o->argument[0], *name = option_value(o, OPT_NAME);
	char print[FINGERPRINT_SIZE];
	struct digest d;

	if (!office_name_good(name))
		return refuse(E_INPUT, "the officer's name must be one line of 1 to 64 characters",
			"nothing was changed", "daftar-pki officer --help");
	cert = issue_officer(key, name);
	TRY(place_folder(folder));
	TRY(own_key_write(key, path_in(folder, OFFICER_KEY), false));
	TRY(own_cert_write(cert, path_in(folder, OFFICER_CERT), false));
	TRY(write_line_keys(folder));
	issue_cert_digest(cert, &d);
	fingerprint_format(&d, print);
	printf("the key of %s is in %s, mode 0600: it never leaves this machine\n"
	       "send %s/" OFFICER_CERT " to the operator of the realm, then call them and read:\n"
	       "  %s\n"
	       "%s/curve.pub is for an exchange that officers reach from afar (officer-keys)\n",
		name, folder, folder, print, folder);
	return E_OK;
}

/* ---- entering them ---- */

#define OFFICERS_MAX 8

struct officers {
	struct new_officer list[OFFICERS_MAX];
	size_t n;
	unsigned long approvals;
};

static void
officers_clear(struct officers *s)
{
	for (size_t i = 0; i < s->n; i++)
		cert_free(&s->list[i].cert);
}

static enum err
wrong(const char *what)
{
	return refuse(E_INPUT, what, "nothing was changed", "daftar-pki officers --help");
}

/* The name that the officer gave himself stands in his certificate. */
static const char *
name_in(X509 *cert)
{
	char text[256] = "";

	(void)X509_NAME_get_text_by_NID(
		X509_get_subject_name(cert), NID_commonName, text, sizeof(text));
	return say("%s", text);
}

static enum err
read_officer(const char *file, struct officers *s)
{
	struct new_officer *one = &s->list[s->n];
	char print[FINGERPRINT_SIZE];
	struct digest d;
	enum err e = cert_load(file, &one->cert);

	if (e != E_OK)
		return refuse(e, say("%s is no certificate", file), "nothing was changed",
			"give the file " OFFICER_CERT " that the officer sent");
	s->n++;
	one->name = name_in(one->cert);
	if (!office_name_good(one->name))
		return wrong(say("%s does not name an officer", file));
	issue_cert_digest(one->cert, &d);
	fingerprint_format(&d, print);
	printf("officer %s: %s   (compare it with what they read to you)\n", one->name, print);
	return E_OK;
}

static enum err
gather(const struct options *o, struct officers *s)
{
	const char *text = option_value(o, OPT_APPROVALS);
	size_t n = o->given[OPT_OFFICER].n;
	char *end;

	if (n > OFFICERS_MAX)
		return wrong("a list has at most 8 officers");
	s->approvals = strtoul(text, &end, 10);
	if (*end || end == text || s->approvals > n || (s->approvals == 0) != (n == 0))
		return wrong(say(
			"--approvals %s: give how many of the %zu officers must approve", text, n));
	for (size_t i = 0; i < n; i++)
		TRY(read_officer(o->given[OPT_OFFICER].value[i], s));
	return E_OK;
}

/* What every party would refuse, told before anybody is asked to approve it. */
static enum err
check_apart(const struct officers *s, X509 *operator_cert)
{
	for (size_t i = 0; i < s->n; i++) {
		const EVP_PKEY *key = X509_get0_pubkey(s->list[i].cert);

		if (!key || EVP_PKEY_eq(key, X509_get0_pubkey(operator_cert)) == 1)
			return wrong("an officer cannot have the operator's key");
		for (size_t k = 0; k < i; k++)
			if (EVP_PKEY_eq(key, X509_get0_pubkey(s->list[k].cert)) == 1)
				return wrong("an officer is given twice");
	}
	return E_OK;
}

enum err
pki_officers(const struct options *o)
{
	__attribute__((cleanup(officers_clear))) struct officers s = {0};
	OWNED(struct realm, r, realm_free) = NULL;
	OWNED(struct draft, d, draft_free) = NULL;

	TRY(gather(o, &s));
	TRY(realm_open(o->argument[0], &r));
	TRY(check_apart(&s, r->operator->cert));
	d = realm_draft(r);
	draft_officers(d, s.list, s.n, s.approvals);
	return realm_change(r, d, realm_list_days(r->trust));
}
