/* SPDX-License-Identifier: EUPL-1.2
 *
 * The office's home folder: what `daftar setup' has put there, opened and checked as far as a
 * command needs it. Whatever is wrong is told here, with the command that mends it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/child.h"
#include "lib/conf.h"
#include "lib/xml.h"
#include "liaison/context.h"
#include "liaison/seal_key.h"

#define DAY_MS INT64_C(86400000)
#define UNTOUCHED "nothing was changed; what was filed before is safe in the spool"
#define SET_UP "daftar setup, which asks; or daftar help setup for its options"

const struct setting office_settings[] = {
	{"party", SET_TEXT, NULL, 0, 0, "code of this office, UNHCR.NBO"},
	{"broker", SET_TEXT, NULL, 0, 0,
		"where the exchange listens, tcp://host:port; several with commas are tried in "
		"turn"},
	{"trust", SET_PATH, TRUST_NAME, 0, 0, "the newest trust list"},
	{"operator", SET_PATH, OPERATOR_NAME, 0, 0,
		"certificate of the realm's operator, pinned at setup"},
	{"keys", SET_PATH, "keys", 0, 0, "folder of this office's keys and certificates"},
	{"spool", SET_PATH, "spool", 0, 0, "folder of what was filed and taken"},
	{"spool-size", SET_NUMBER, "128", 2, 65536, "room for the spool, MiB"},
	{"assent-age", SET_NUMBER, "0", 0, 21,
		"age from which a child's own assent is needed; 0: as the registries have set"},
	{"language", SET_TEXT, "", 0, 0, "of this office's people: en, fr, ar, am, so, sw or ti"},
	{"keep-days", SET_NUMBER, "365", 0, 3650, "days that bodies of what has ended are kept"},
	{"training", SET_SWITCH, "no", 0, 0,
		"nothing that is done here counts; said everywhere, and always in a realm whose "
		"name "
		"begins with demo, test or train"},
	{NULL, SET_TEXT, NULL, 0, 0, NULL},
};

char *
office_home(const struct options *o)
{
	char name[CONTEXT_SIZE];

	if (context_now(o, name))
		return context_home(name);
	return xstrdup(o->value[OPT_HOME] != NULL && o->value[OPT_HOME][0] != '\0'
			       ? o->value[OPT_HOME]
			       : getenv("DAFTAR_HOME"));
}

/* Before anything is opened, and whatever state the file is in. */
char *
office_language(const struct options *o)
{
	static const char name[] = "language", between[] = " \t=\"'";
	OWNED(char, home, free_chars) = office_home(o);
	OWNED(char, file, free_chars) = path_in(home, CONF_NAME);
	OWNED_BUF(text) = {0};
	char *rest, *row;

	if (input_read(file, 1 << 20, &text) != E_OK || text.size == 0)
		return NULL;
	rest = (char *)text.data;
	while ((row = strsep(&rest, "\n")) != NULL) {
		row += strspn(row, " \t");
		if (strncmp(row, name, strlen(name)) != 0)
			continue;
		row += strlen(name);
		row += strspn(row, between);
		return xprintf("%.*s", (int)strspn(row, "abcdefghijklmnopqrstuvwxyz"), row);
	}
	return NULL;
}

enum err
office_xml(void)
{
	static bool ready;
	OWNED(char, schemas, free_chars) = NULL;

	if (ready)
		return E_OK;
	schemas = schemas_find();
	if (schemas == NULL)
		return E_IO;
	xml_init();
	TRY(xml_load_schemas(schemas));
	ready = true;
	return E_OK;
}

/* ---- the parts ---- */

static enum ending
check_context(const struct options *options)
{
	char name[CONTEXT_SIZE];
	OWNED(char, home, free_chars) = NULL;

	if (!context_now(options, name) || strcmp(name, CONTEXT_DEFAULT) == 0)
		return END_DONE;
	home = context_home(name);
	if (access(home, F_OK) == 0)
		return END_DONE;
	return fail(E_NOT_FOUND, "nothing was changed", "daftar context list",
		"there is no context of that name on this computer");
}

static enum ending
open_conf(struct office *o)
{
	OWNED(char, file, free_chars) = path_in(o->home, CONF_NAME);
	OWNED_BUF(there) = {0};

	if (input_read(file, 1 << 20, &there) != E_OK)
		return fail(E_CONFIG, "nothing was changed", SET_UP,
			"this office is not set up: there is no %s", line(file));
	if (conf_load(file, office_settings, &o->conf) != E_OK)
		return fail(E_CONFIG, UNTOUCHED, NULL, "%s is not understood", line(file));
	if (!party_parse(conf_text(o->conf, "party"), &o->self))
		return fail(E_CONFIG, UNTOUCHED, NULL, "%s: `party' is no party code", line(file));
	return END_DONE;
}

static enum err
load_trust(struct office *o)
{
	TRY(office_xml());
	TRY(cert_load(conf_text(o->conf, "operator"), &o->operator));
	TRY(trust_load_file(conf_text(o->conf, "trust"), o->operator, instant_now(), &o->trust));
	return trust_party(o->trust, &o->self) != NULL ? E_OK : E_UNKNOWN_PARTY;
}

static bool
is_one_of(X509 *const *certs, size_t n, const X509 *cert)
{
	for (size_t i = 0; i < n; i++)
		if (X509_cmp(certs[i], cert) == 0)
			return true;
	return false;
}

/* With other keys than those that everybody else knows, what is signed is refused everywhere, and
 * answers that cannot be opened would be rejected for good. */
static enum err
check_listed(const struct office *o)
{
	const struct trust_party *p = o->trust == NULL ? NULL : trust_party(o->trust, &o->self);

	if (p == NULL)
		return E_OK;
	return is_one_of(p->sign, p->n_sign, o->sign->cert) &&
			       is_one_of(p->encrypt, p->n_encrypt, o->encrypt->cert)
		       ? E_OK
		       : E_UNKNOWN_CERT;
}

/* Answers that were encrypted to the key before the last change may still be on their way. */
static enum err
load_before(struct office *o, const char *folder)
{
	OWNED(char, key, free_chars) = path_in(folder, "encrypt.old.key");
	OWNED(char, cert, free_chars) = path_in(folder, "encrypt.old.pem");

	return access(key, F_OK) == 0 ? identity_load(key, cert, &o->encrypt_before) : E_OK;
}

static enum err
load_keys(struct office *o)
{
	const char *folder = conf_text(o->conf, "keys");
	OWNED(char, sign_key, free_chars) = path_in(folder, "sign.key");
	OWNED(char, sign_cert, free_chars) = path_in(folder, "sign.pem");
	OWNED(char, encrypt_key, free_chars) = path_in(folder, "encrypt.key");
	OWNED(char, encrypt_cert, free_chars) = path_in(folder, "encrypt.pem");
	OWNED(char, curve, free_chars) = path_in(folder, "curve.key");

	TRY(identity_load(sign_key, sign_cert, &o->sign));
	TRY(identity_load(encrypt_key, encrypt_cert, &o->encrypt));
	TRY(curve_load(curve, &o->curve));
	TRY(load_before(o, folder));
	return check_listed(o);
}

static enum err
load_spool(struct office *o)
{
	TRY(spool_open(conf_text(o->conf, "spool"),
		(size_t)conf_number(o->conf, "spool-size") << 20, &o->spool));
	o->data_keys = data_keys_new();
	spool_keep(o->spool, conf_number(o->conf, "keep-days") * DAY_MS);
	return spool_sweep(o->spool, instant_now());
}

static const struct part {
	enum need need;
	enum err (*load)(struct office *o);
	const char *what, *next;
} parts[] = {
	{NEED_TRUST, load_trust, N_("the trust list cannot be used"),
		N_("daftar setup with the operator's newest trust list")},
	{NEED_KEYS, load_keys, N_("the keys of this office cannot be used"), "daftar doctor"},
	{NEED_SPOOL, load_spool, N_("the spool cannot be opened"), "daftar doctor"},
};

enum err
office_load(struct office *o, enum need part)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i].need == part)
			return parts[i].load(o);
	return E_OK;
}

enum ending
office_open(const struct options *options, int need, struct office **out)
{
	OWNED(struct office, o, office_free) = xcalloc(1, sizeof *o);
	enum ending end;
	enum err e;

	o->home = office_home(options);
	end = check_context(options);
	if (end == END_DONE)
		end = open_conf(o);
	for (size_t i = 0; i < ARRAY_LEN(parts) && end == END_DONE; i++) {
		e = (need & (int)parts[i].need) != 0 ? parts[i].load(o) : E_OK;
		if (e != E_OK)
			end = fail(e, UNTOUCHED, parts[i].next, "%s", _(parts[i].what));
	}
	if (end == END_DONE && office_is_training(o))
		say_training();
	if (end == END_DONE && o->encrypt != NULL && o->spool != NULL) {
		e = office_seal_anew(o);
		if (e != E_OK)
			end = fail(e, UNTOUCHED, "daftar doctor", "the cases cannot be sealed");
	}
	if (end == END_DONE)
		*out = TAKE(o);
	return end;
}

void
office_free(struct office **o)
{
	struct office *old = *o;

	if (old == NULL)
		return;
	/* Twice: what the last commits have let go of is within reach after another one. What fails
	 * is done when somebody takes the link. */
	if (old->spool != NULL && spool_wipe(old->spool) == E_OK)
		(void)!spool_wipe(old->spool);
	spool_close(&old->spool);
	data_keys_free(&old->data_keys);
	identity_free(&old->sign);
	identity_free(&old->encrypt);
	identity_free(&old->encrypt_before);
	OPENSSL_cleanse(&old->curve, sizeof old->curve);
	trust_free(&old->trust);
	cert_free(&old->operator);
	conf_free(&old->conf);
	free_chars(&old->home);
	free_chars(&old->at);
	free(old);
	*o = NULL;
}

/* ---- where the exchange listens ---- */

static const char *
broker_at(const struct office *o, size_t i, size_t *size)
{
	const char *at = o->at != NULL ? o->at : conf_text(o->conf, "broker");

	while (true) {
		at += strspn(at, ", ");
		*size = strcspn(at, ", ");
		if (*size == 0)
			return NULL;
		if (i-- == 0)
			return at;
		at += *size;
	}
}

size_t
office_brokers(const struct office *o)
{
	size_t n = 0, size;

	while (broker_at(o, n, &size) != NULL)
		n++;
	return n;
}

const char *
office_broker_at(const struct office *o, size_t i)
{
	size_t size;
	const char *at = broker_at(o, i, &size);

	return at == NULL ? "" : kept_text_n(at, size);
}

const char *
office_broker(const struct office *o)
{
	return office_broker_at(o, o->broker);
}

/* The next one in turn. */
void
office_next_broker(struct office *o)
{
	size_t n = office_brokers(o);

	o->broker = n > 0 ? (o->broker + 1) % n : 0;
}

/* The file first: what is in force is also what the next command will read. */
enum err
office_new_trust(struct office *o, struct bytes list)
{
	OWNED(struct trust, t, trust_free) = NULL;

	TRY(trust_load(list, o->operator, instant_now(), &t));
	if (trust_version(t) == trust_version(o->trust))
		return E_TRUST_OLD;
	TRY(trust_replaces(o->trust, t));
	TRY(file_replace(conf_text(o->conf, "trust"), list, 0600));
	trust_free(&o->trust);
	o->trust = TAKE(t);
	return E_OK;
}

bool
office_is_training(const struct office *o)
{
	return (o->conf != NULL && conf_switch(o->conf, "training")) ||
	       (o->trust != NULL && trust_is_training(o->trust));
}
