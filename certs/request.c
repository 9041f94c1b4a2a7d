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

enum err
pki_request(const struct options *o)
{
	__attribute__((cleanup(request_clear))) struct request r = {0};
	OWNED(struct own_keys, k, own_keys_free) = NULL;
	const char *folder = o->argument[0];
	bool force = option_given(o, OPT_FORCE);
	OWNED_BUF(text) = {0};
	enum role role;

	r.party = option_value(o, OPT_PARTY);
	r.country = option_given(o, OPT_COUNTRY) ? option_value(o, OPT_COUNTRY) : "";
	r.role = option_value(o, OPT_ROLE);
	r.name = option_value(o, OPT_NAME);
	TRY(member_check(r.party, r.country, r.role, r.name, &role));
	TRY(own_keys_take(option_value(o, OPT_TOKEN), &k));
	request_compose(&r, k, &text);
	TRY(place_folder(folder));
	TRY(own_keys_write(k, folder, force));
	TRY(place_public(path_in(folder, REQUEST_FILE), buf_bytes(&text), force));
	tell(&r, folder);
	return E_OK;
}
