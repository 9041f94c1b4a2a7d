/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-pki request': run in the office that joins. Its keys are made here and stay here. */
#include <stdio.h>

#include "certs/join.h"
#include "certs/pki.h"
#include "certs/place.h"
#include "certs/realm.h"

static void
tell(const struct request *r, const char *folder)
{
	char print[FINGERPRINT_SIZE];

	fingerprint_format(&r->print, print);
	printf("the keys of %s are in %s, mode 0600: they never leave this machine\n"
	       "send %s/" REQUEST_FILE " to the operator of the realm, then call them and read:\n"
	       "  %s\n",
		r->party, folder, folder, print);
}

/* ---- new keys of an office that has some ---- */

static const char *
name_part(X509 *cert, int nid)
{
	char text[256] = "";

	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(cert), nid, text, sizeof(text));
	return say("%s", text);
}

/* Who it is stands in the certificate that it has. The role is only told to the reader of the
 * request: the list knows it. */
static enum err
own_names(const char *folder, struct request *r)
{
	OWNED(X509, cert, cert_free) = NULL;
	const char *file = path_in(folder, "sign.pem");
	enum err e = cert_load(file, &cert);

	if (e != E_OK)
		return refuse(e, say("%s cannot be used", file), "nothing was changed",
			"give the folder of the keys that are in use");
	r->party = name_part(cert, NID_commonName);
	r->country = name_part(cert, NID_countryName);
	r->name = name_part(cert, NID_organizationName);
	r->role = *r->country ? "registry" : "liaison";
	return E_OK;
}

/* ---- */

enum err
pki_request(const struct options *o)
{
	__attribute__((cleanup(request_clear))) struct request r = {0};
	OWNED(struct own_keys, k, own_keys_free) = NULL;
	const char *folder = o->argument[0];
	bool force = option_given(o, OPT_FORCE);
	OWNED_BUF(text) = {0};
	enum role role;

	if (option_given(o, OPT_RENEW)) {
		TRY(own_names(folder, &r));
		folder = path_in(folder, NEXT_FOLDER);
	} else {
		r.party = option_value(o, OPT_PARTY);
		r.country = option_given(o, OPT_COUNTRY) ? option_value(o, OPT_COUNTRY) : "";
		r.role = option_value(o, OPT_ROLE);
		r.name = option_value(o, OPT_NAME);
	}
	TRY(member_check(r.party, r.country, r.role, r.name, &role));
	TRY(own_keys_take(option_value(o, OPT_TOKEN), &k));
	request_compose(&r, k, &text);
	TRY(place_folder(folder));
	TRY(own_keys_write(k, folder, force));
	TRY(place_public(path_in(folder, REQUEST_FILE), buf_bytes(&text), force));
	tell(&r, folder);
	return E_OK;
}
