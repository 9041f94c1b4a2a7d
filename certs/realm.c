/* SPDX-License-Identifier: EUPL-1.2
 *
 * Opening, checking and publishing. A new list is verified exactly as every party will verify it
 * before it takes the place of the old one: an operator's slip is then found here, on one desk, and
 * not by the whole realm. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <libxml/xmlstring.h>

#include "certs/issue.h"
#include "certs/own_keys.h"
#include "certs/pki.h"
#include "certs/place.h"
#include "certs/realm.h"
#include "lib/child.h"
#include "lib/xml.h"

#define DAY_MS INT64_C(86400000)
#define STANDS "the trust list and all keys are as they were"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

enum err
realm_schemas(void)
{
	static bool loaded;
	OWNED(char, folder, free_chars) = NULL;

	if (loaded)
		return E_OK;
	folder = schemas_find();
	if (!folder || xml_load_schemas(folder) != E_OK)
		return refuse(E_IO, "the XML schemas cannot be read", "nothing was changed",
			"install daftar completely, or set DAFTAR_SCHEMAS to the folder schemas/");
	loaded = true;
	return E_OK;
}

/* ---- what is a good name ---- */

bool
realm_name_good(const char *name)
{
	size_t length = strlen(name);

	return length >= 1 && length < REALM_SIZE && strchr(LOWER, name[0]) &&
	       strspn(name, LOWER "0123456789-") == length;
}

bool
office_name_good(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > 256 || !xmlCheckUTF8(BAD_CAST name))
		return false;
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return false;
	return xmlUTF8Strlen(BAD_CAST name) <= 64 && name[0] != ' ' && name[length - 1] != ' ';
}

bool
country_good(const char *country)
{
	return strlen(country) == 2 && strspn(country, UPPER) == 2;
}

static enum err
bad_member(const char *what)
{
	return refuse(E_INPUT, what, "nothing was changed", "daftar-pki --help");
}

enum err
member_check(
	const char *code, const char *country, const char *role, const char *name, enum role *out)
{
	struct party party;

	if (!party_parse(code, &party))
		return bad_member(
			say("`%s' is not a party code such as KE.CRS or UNHCR.NBO", code));
	if (*country && !country_good(country))
		return bad_member(say("`%s' is not a country of ISO 3166-1 such as KE", country));
	if (!role_parse(role, out) || *out == ROLE_EXCHANGE)
		return bad_member(say("`%s' is not a role; there are registry and liaison", role));
	if (*out == ROLE_REGISTRY && !*country)
		return bad_member(say("%s is a registry, so it needs a country", code));
	if (*country && (strncmp(code, country, 2) != 0 || code[2] != '.'))
		return bad_member(
			say("the code %s does not begin with its country, %s.", code, country));
	if (!office_name_good(name))
		return bad_member(
			say("the name of %s must be one line of 1 to 64 characters", code));
	return E_OK;
}

/* ---- opening ---- */

void
realm_free(struct realm **r)
{
	struct realm *old = TAKE(*r);

	if (!old)
		return;
	close_fd(&old->lock);
	identity_free(&old->operator);
	trust_free(&old->trust);
	trust_free(&old->pending);
	free(old);
}

static enum err
lock_folder(const char *folder, int *lock)
{
	*lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*lock < 0)
		return refuse(E_NOT_FOUND, say("%s: %s", folder, strerror(errno)),
			"nothing was changed", "give the folder that `daftar-pki realm' made");
	if (flock(*lock, LOCK_EX | LOCK_NB) < 0)
		return refuse(E_LOCKED, say("another daftar-pki is working in %s", folder),
			"nothing was changed", "wait for it to end, then type the same again");
	return E_OK;
}

enum err
realm_open(const char *folder, struct realm **out)
{
	OWNED(struct realm, r, realm_free) = xcalloc(1, sizeof(*r));
	enum err e;

	r->folder = folder;
	r->lock = -1;
	TRY(realm_schemas());
	TRY(lock_folder(folder, &r->lock));
	e = identity_load(
		path_in(folder, "operator.key"), path_in(folder, "operator.pem"), &r->operator);
	if (e != E_OK)
		return refuse(e,
			say("the operator's key or certificate in %s cannot be used", folder),
			"nothing was changed", "give the folder that `daftar-pki realm' made");
	/* Time 0: a list whose days are over must still be read in order to be renewed. */
	e = trust_load_file(path_in(folder, "trust.xml"), r->operator->cert, 0, &r->trust);
	if (e != E_OK)
		return refuse(e, say("%s/trust.xml is refused", folder), "nothing was changed",
			"put back the trust list that was published last (any party has it)");
	TRY(realm_load_pending(r));
	*out = TAKE(r);
	return E_OK;
}

enum err
realm_find(const struct realm *r, const char *code, const struct trust_party **out)
{
	struct party party;

	*out = party_parse(code, &party) ? trust_party(realm_next(r), &party) : NULL;
	if (*out)
		return E_OK;
	return refuse(E_UNKNOWN_PARTY, say("%s is not in the trust list", code),
		"nothing was changed", say("daftar-pki show %s/trust.xml", r->folder));
}

/* ---- authorities ---- */

void
authority_free(struct authority *a)
{
	cert_free(&a->cert);
	key_free(&a->key);
}

static enum err
make_authority(const char *realm, const char *country, const char *key_file, const char *cert_file,
	struct authority *out)
{
	out->key = issue_key();
	out->cert = issue_authority(out->key, country, realm);
	TRY(own_key_write(out->key, key_file, false));
	return own_cert_write(out->cert, cert_file, false);
}

static enum err
load_authority(const char *key_file, const char *cert_file, struct authority *out)
{
	OWNED(struct identity, i, identity_free) = NULL;
	enum err e = identity_load(key_file, cert_file, &i);

	if (e != E_OK)
		return refuse(e, say("the authority %s and %s cannot be used", key_file, cert_file),
			"nothing was changed", "bring both files back from the safe copy");
	out->key = TAKE(i->key);
	out->cert = TAKE(i->cert);
	return E_OK;
}

enum err
realm_authority(const char *folder, const char *realm, const char *country, struct draft *d,
	struct authority *out)
{
	const char *name = *country ? country : "realm";
	const char *key_file = say("%s/ca/%s.key", folder, name);
	const char *cert_file = say("%s/anchors/%s.pem", folder, name);

	if (place_exists(key_file) || place_exists(cert_file))
		TRY(load_authority(key_file, cert_file, out));
	else
		TRY(make_authority(realm, country, key_file, cert_file, out));
	draft_anchor(d, country, out->cert);
	return E_OK;
}

/* ---- publishing ---- */

long
realm_list_days(const struct trust *t)
{
	long days = (long)((trust_valid_until(t) - trust_issued_at(t)) / DAY_MS);

	return days > 0 ? days : LIST_DAYS;
}

enum err
realm_publish(const char *folder, const struct identity *operator, struct draft * d, long days,
	struct trust **out)
{
	OWNED(struct trust, t, trust_free) = NULL;
	OWNED_BUF(list) = {0};
	enum err e;

	draft_finish(d, days);
	e = draft_sign(d, operator, & list);
	if (e == E_OK)
		e = trust_load(buf_bytes(&list), operator->cert, instant_now(), &t);
	if (e != E_OK)
		return refuse(e, "the new trust list would be refused by every party", STANDS,
			"look at what was to be added: codes, countries, keys that are used twice, "
			"or "
			"more than one list can hold");
	TRY(place_replace(path_in(folder, "trust.xml"), buf_bytes(&list)));
	trust_free(out);
	*out = TAKE(t);
	return E_OK;
}
