/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-pki crl': the list of what an authority of the realm has revoked, made of the trust list
 * that is in force. Its number is written down before the list is issued, so that no two lists ever
 * have the same one, also after an interrupted run. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certs/issue.h"
#include "certs/pki.h"
#include "certs/place.h"
#include "certs/realm.h"

#define CRL_DAYS 7
#define NUMBER_MAX 32 /* octets of the file that keeps the number */

static enum err
find_authority(const struct realm *r, const char *country, struct authority *out)
{
	const char *name = *country ? country : "realm";
	OWNED(struct identity, i, identity_free) = NULL;
	enum err e = identity_load(say("%s/ca/%s.key", r->folder, name),
		say("%s/anchors/%s.pem", r->folder, name), &i);

	if (e != E_OK)
		return refuse(e,
			say("%s has no authority of %s that can be used", r->folder,
				*country ? country : "the realm itself"),
			"nothing was issued, the number of the last list is as it was",
			say("look for the countries in %s/anchors; bring a lost key back from the "
			    "safe copy",
				r->folder));
	out->key = TAKE(i->key);
	out->cert = TAKE(i->cert);
	return E_OK;
}

static enum err
read_number(const char *file, uint64_t *out)
{
	OWNED_BUF(text) = {0};
	char *end;

	*out = 0;
	if (!place_exists(file))
		return E_OK;
	TRY(place_read(file, NUMBER_MAX, &text));
	*out = strtoull((const char *)text.data, &end, 10);
	if (text.size > 1 && *end == '\n' && *out > 0 && *out < UINT64_MAX)
		return E_OK;
	return refuse(E_INPUT, say("%s does not hold a number", file),
		"nothing was issued; the lists that were issued count as before",
		"write the number of the last list there: openssl crl -inform DER -noout "
		"-crlnumber -in FILE");
}

static enum err
next_number(const char *file, uint64_t *out)
{
	OWNED_BUF(text) = {0};

	TRY(read_number(file, out));
	++*out;
	buf_printf(&text, "%" PRIu64 "\n", *out);
	return place_replace(file, buf_bytes(&text));
}

/* Points to what the list revokes of that country by now; for the caller to free. */
static const struct trust_revocation **
gather(const struct trust *t, const char *country, size_t *n)
{
	size_t most = trust_revocation_count(t);
	const struct trust_revocation **out = xcalloc(most + 1, sizeof *out);

	*n = 0;
	for (size_t i = 0; i < most; i++) {
		const struct trust_revocation *r = trust_revocation_at(t, i);

		if (strcmp(r->country, country) == 0 && r->at <= instant_now())
			out[(*n)++] = r;
	}
	return out;
}

static void
make(const struct realm *r, const char *country, const struct options *o, struct crl *c,
	const struct authority *a, struct buf *out)
{
	const struct trust_revocation **revoked = gather(r->trust, country, &c->n);

	c->revoked = revoked;
	c->days = option_days(o, CRL_DAYS);
	issue_crl(c, a->cert, a->key, out);
	free(revoked);
	c->revoked = NULL;
}

static const char *
place_of(const struct realm *r, const char *name, const struct options *o)
{
	const char *given = option_value(o, OPT_OUT);

	return given ? given : say("%s/crl/%s.crl", r->folder, name);
}

enum err
pki_crl(const struct options *o)
{
	__attribute__((cleanup(authority_free))) struct authority a = {0};
	const char *country = option_given(o, OPT_COUNTRY) ? option_value(o, OPT_COUNTRY) : "";
	const char *name = *country ? country : "realm", *file;
	OWNED(struct realm, r, realm_free) = NULL;
	OWNED_BUF(der) = {0};
	struct crl c = {0};

	if (*country && !country_good(country))
		return refuse(E_INPUT,
			say("`%s' is not a country of ISO 3166-1 such as KE", country),
			"nothing was issued", "daftar-pki crl --help");
	TRY(realm_open(o->argument[0], &r));
	TRY(find_authority(r, country, &a));
	TRY(place_folder(path_in(r->folder, "crl")));
	TRY(next_number(say("%s/crl/%s.number", r->folder, name), &c.number));
	make(r, country, o, &c, &a, &der);
	file = place_of(r, name, o);
	TRY(place_replace(file, buf_bytes(&der)));
	printf("%s: number %" PRIu64 " of the authority of %s, %zu revoked, for %ld days\n"
	       "hand it in at the exchange: daftarctl crl add %s\n",
		file, c.number, *country ? country : "the realm itself", c.n, c.days, file);
	return E_OK;
}
