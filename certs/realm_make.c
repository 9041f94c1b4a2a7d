/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-pki realm': a whole realm at once, for a demonstration or as the beginning of a real one,
 * whose registries then make new keys of their own (request, enrol, accept). It is built in a
 * folder beside the one that was asked for and renamed when it is complete, so a realm is there
 * whole or not at all. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "certs/issue.h"
#include "certs/own_keys.h"
#include "certs/pki.h"
#include "certs/place.h"
#include "certs/realm.h"

#define HUB "DAFTAR.HUB"
#define PAIR_SIZE 32

struct member {
	const char *code, *country, *role, *name;
	enum role role_code;
};

static const struct member usual_members[] = {
	{"KE.CRS", "KE", "registry", "Civil Registration Services, Kenya", ROLE_REGISTRY},
	{"SO.NIRA", "SO", "registry", "National Identification and Registration Authority, Somalia",
		ROLE_REGISTRY},
	{"UNHCR.NBO", "", "liaison", "UNHCR Nairobi, civil registration liaison", ROLE_LIAISON},
};

struct build {
	const char *name;   /* of the realm */
	const char *folder; /* where it is being built */
	const char *token;  /* folder with key files that name keys in a token, or NULL */
	bool consent;	    /* where it is usual, messages need a consent token */
	struct member member[OPTION_VALUES + ARRAY_LEN(usual_members)];
	size_t n;
	struct identity operator;
	struct draft *draft;
};

static void
end_build(struct build *b)
{
	key_free(&b->operator.key);
	cert_free(&b->operator.cert);
	free_octets(&b->operator.der);
	draft_free(&b->draft);
}

/* ---- who belongs to it ---- */

/* CODE:COUNTRY:ROLE:NAME; the name may hold colons. */
static enum err
parse_member(const char *text, struct member *m)
{
	OWNED(char, copy, free_chars) = xstrdup(text);
	char *rest = copy;
	const char *field[3];

	for (size_t i = 0; i < ARRAY_LEN(field); i++) {
		field[i] = strsep(&rest, ":");
		if (!rest)
			return refuse(E_USAGE,
				say("--party %s is not CODE:COUNTRY:ROLE:NAME", text),
				"nothing was changed",
				"for example --party 'ET.ICS:ET:registry:ICS, Ethiopia'");
	}
	m->code = say("%s", field[0]);
	m->country = say("%s", field[1]);
	m->role = say("%s", field[2]);
	m->name = say("%s", rest);
	return member_check(m->code, m->country, m->role, m->name, &m->role_code);
}

static enum err
check_codes(const struct build *b)
{
	for (size_t i = 0; i < b->n; i++) {
		bool twice = strcmp(b->member[i].code, HUB) == 0;

		for (size_t k = 0; k < i; k++)
			twice = twice || strcmp(b->member[i].code, b->member[k].code) == 0;
		if (twice)
			return refuse(E_INPUT,
				say("the party %s is there already", b->member[i].code),
				"nothing was changed", "give each party a code of its own");
	}
	return E_OK;
}

static enum err
gather_members(struct build *b, const struct options *o)
{
	for (size_t i = 0; i < o->given[OPT_PARTY].n; i++)
		TRY(parse_member(o->given[OPT_PARTY].value[i], &b->member[b->n++]));
	if (b->n == 0) {
		memcpy(b->member, usual_members, sizeof(usual_members));
		b->n = ARRAY_LEN(usual_members);
	}
	return check_codes(b);
}

/* ---- its parts ---- */

static enum err
make_folders(const struct build *b)
{
	static const char *const names[] = {"anchors", "ca", "parties", "pairs"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		TRY(place_folder(path_in(b->folder, names[i])));
	return E_OK;
}

static enum err
make_operator(struct build *b)
{
	struct identity *i = &b->operator;
	unsigned char *der = NULL;
	struct own_key key;
	int size;

	TRY(own_key_take(b->token, "operator.key", &key));
	i->key = key.key;
	i->cert = issue_operator(i->key, b->name);
	size = i2d_X509(i->cert, &der);
	if (size <= 0)
		die("no memory for a certificate");
	i->der = xmalloc((size_t)size);
	i->der_size = (size_t)size;
	memcpy(i->der, der, (size_t)size);
	OPENSSL_free(der);
	TRY(own_key_place(&key, path_in(b->folder, "operator.key"), false));
	return own_cert_write(i->cert, path_in(b->folder, "operator.pem"), false);
}

static enum err
issue_both(
	const struct build *b, const struct member *m, const struct own_keys *k, const char *folder)
{
	__attribute__((cleanup(authority_free))) struct authority a = {0};
	struct subject s = {.country = m->country, .office = m->name, .code = m->code};
	OWNED(X509, sign, cert_free) = NULL;
	OWNED(X509, encrypt, cert_free) = NULL;
	struct new_party p = {
		.code = m->code, .country = m->country, .role = m->role, .name = m->name};

	TRY(realm_authority(b->folder, b->name, m->country, b->draft, &a));
	sign = issue_party(&s, k->sign, FOR_SIGNING, a.cert, a.key);
	encrypt = issue_party(&s, k->encrypt, FOR_ENCRYPTION, a.cert, a.key);
	TRY(own_cert_write(sign, path_in(folder, "sign.pem"), false));
	TRY(own_cert_write(encrypt, path_in(folder, "encrypt.pem"), false));
	p.sign = sign;
	p.encrypt = encrypt;
	memcpy(p.curve, k->curve.public_key, sizeof(p.curve));
	draft_party(b->draft, &p);
	return E_OK;
}

static enum err
make_member(const struct build *b, const struct member *m)
{
	OWNED(struct own_keys, k, own_keys_free) = own_keys_make();
	const char *folder = say("%s/parties/%s", b->folder, m->code);

	TRY(place_folder(folder));
	TRY(own_keys_write(k, folder, false));
	return issue_both(b, m, k, folder);
}

/* The log's key is made first: the draft begins with its public half. */
static enum err
make_hub(struct build *b)
{
	OWNED(EVP_PKEY, log, key_free) = issue_log_key();
	const char *folder = say("%s/parties/" HUB, b->folder);
	struct member hub = {
		.code = HUB,
		.country = "",
		.role = role_word(ROLE_EXCHANGE),
		.name = say("Exchange of the realm %s", b->name),
	};
	uint8_t public_key[32];
	size_t size = sizeof(public_key);

	if (EVP_PKEY_get_raw_public_key(log, public_key, &size) != 1 || size != sizeof(public_key))
		die("OpenSSL: reading an Ed25519 key failed");
	b->draft = draft_new(b->name, say("Operator of the realm %s", b->name), public_key,
		say("daftar/%s", b->name));
	TRY(make_member(b, &hub));
	return own_key_write(log, path_in(folder, "log.key"), false);
}

/* ---- what two of them share ---- */

static enum err
make_pair(const struct build *b, const char *one, const char *two)
{
	const char *first = strcmp(one, two) < 0 ? one : two;
	const char *second = first == one ? two : one;
	uint8_t secret[PAIR_SIZE];
	OWNED_BUF(line) = {0};
	struct bytes text;

	if (RAND_bytes(secret, sizeof(secret)) != 1)
		die("OpenSSL: no random octets");
	buf_hex(&line, secret, sizeof(secret));
	buf_text(&line, "\n");
	OPENSSL_cleanse(secret, sizeof(secret));
	text = buf_bytes(&line);
	TRY(place_secret(say("%s/pairs/%s+%s.key", b->folder, first, second), text, false));
	TRY(place_secret(say("%s/parties/%s/pair-%s.key", b->folder, one, two), text, false));
	return place_secret(say("%s/parties/%s/pair-%s.key", b->folder, two, one), text, false);
}

static enum err
make_pairs(const struct build *b)
{
	for (size_t i = 0; i < b->n; i++)
		for (size_t k = i + 1; k < b->n; k++)
			if (b->member[i].role_code == ROLE_REGISTRY &&
				b->member[k].role_code == ROLE_REGISTRY)
				TRY(make_pair(b, b->member[i].code, b->member[k].code));
	return E_OK;
}

static void
agree_usual(const struct build *b, const struct member *from, const struct member *to)
{
	const char *purpose = USUAL_PURPOSE;
	struct new_agreement g = {
		.actions = draft_usual_actions(from->role_code, to->role_code),
		.purpose = &purpose,
		.n_purpose = 1,
		.consent_required =
			b->consent && draft_usual_consent(from->role_code, to->role_code),
		.valid_until = instant_now() + AGREEMENT_DAYS * INT64_C(86400000),
	};
	char id[AGREEMENT_SIZE];

	if (!g.actions)
		return;
	if (!party_parse(from->code, &g.from) || !party_parse(to->code, &g.to))
		assert(!"members were checked");
	draft_agreement(b->draft, &g, id);
}

static void
make_agreements(const struct build *b)
{
	for (size_t i = 0; i < b->n; i++)
		for (size_t k = 0; k < b->n; k++)
			if (i != k)
				agree_usual(b, &b->member[i], &b->member[k]);
}

/* ---- all of it ---- */

static enum err
build_all(struct build *b, long days, const char *grace_hours)
{
	OWNED(struct trust, t, trust_free) = NULL;

	TRY(make_folders(b));
	TRY(make_operator(b));
	TRY(make_hub(b));
	for (size_t i = 0; i < b->n; i++)
		TRY(make_member(b, &b->member[i]));
	TRY(make_pairs(b));
	make_agreements(b);
	if (grace_hours)
		draft_revocation_grace(b->draft, strtol(grace_hours, NULL, 10));
	return realm_publish(b->folder, &b->operator, b->draft, days, &t);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

/* rename() takes the place of an empty folder and of nothing else. */
static enum err
move_into_place(const char *folder, const char *target, bool force)
{
	if (rename(folder, target) == 0)
		return place_sync(target);
	if (force && (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)) {
		TRY(place_aside(target));
		if (rename(folder, target) == 0)
			return place_sync(target);
	}
	if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
		return refuse(E_STATE, say("%s is there already and is not written over", target),
			"the keys and the trust list in it are untouched",
			say("use another folder, or: daftar-pki realm %s --force   (the old one is "
			    "kept under a new name)",
				target));
	return refuse(E_IO, say("%s cannot be made: %s", target, strerror(errno)),
		"everything that was there before is untouched",
		"look at the folder's owner, mode and free space");
}

static void
tell(const struct build *b, const char *target)
{
	char print[FINGERPRINT_SIZE];
	struct digest d;

	issue_cert_digest(b->operator.cert, &d);
	fingerprint_format(&d, print);
	printf("realm %s is in %s: the exchange %s and", b->name, target, HUB);
	for (size_t i = 0; i < b->n; i++)
		printf(" %s", b->member[i].code);
	printf("\noperator's fingerprint: %s\n"
	       "its private keys (operator.key, ca/, parties/, pairs/) have mode 0600: keep a copy "
	       "in a safe place\n",
		print);
}

static enum err
build_at(struct build *b, const char *target, const struct options *o)
{
	char *folder = (char *)say("%s.new-XXXXXX", target);
	enum err e;

	if (!mkdtemp(folder))
		return refuse(E_IO, say("%s cannot be made: %s", target, strerror(errno)),
			"everything that was there before is untouched",
			"make the folder above it first, look at its owner, mode and free space");
	b->folder = folder;
	b->token = option_value(o, OPT_TOKEN);
	b->consent = !option_given(o, OPT_NO_CONSENT);
	e = build_all(b, option_days(o, LIST_DAYS), option_value(o, OPT_REVOCATION_GRACE));
	if (e == E_OK)
		e = move_into_place(folder, target, option_given(o, OPT_FORCE));
	if (e != E_OK)
		(void)nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	return e;
}

/* "DIR/" and "DIR" are one folder; the name beside it must not end up inside it. */
static const char *
without_slash(const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	return say("%.*s", (int)length, path);
}

enum err
pki_realm(const struct options *o)
{
	__attribute__((cleanup(end_build))) struct build b = {0};
	const char *target = without_slash(o->argument[0]);
	const char *name = option_value(o, OPT_NAME);

	b.name = name ? name : "demo";
	if (!realm_name_good(b.name))
		return refuse(E_INPUT,
			say("`%s' is not a name for a realm: a-z, 0-9, -, at most 31", b.name),
			"nothing was changed", "daftar-pki realm DIR --name demo");
	TRY(gather_members(&b, o));
	TRY(realm_schemas());
	TRY(build_at(&b, target, o));
	tell(&b, target);
	return E_OK;
}
