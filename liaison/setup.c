/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar setup': the office's folder, from what the operator of the realm and daftar-pki have
 * made. Everything is checked where it lies before anything is copied, and daftar.conf comes last:
 * a folder without it is not set up, and setup may simply be run again. Run over an office that is
 * set up, it takes a newer trust list or another address; it never changes who the office is, its
 * keys, or the operator that it has pinned. */
#include <stdio.h>
#include <string.h>

#include "liaison/setup.h"

#define FILE_MOST ((size_t)1 << 20)
#define SAFE "nothing was changed"

struct setup {
	const struct options *options;
	const char *party_dir;
	struct office office; /* as it will be; only home, keys and trust are filled */
};

/* The keys of a party folder; curve.pub and pairs stay behind, an office has no use for them. */
static const char *const key_files[] = {
	"sign.key", "sign.pem", "encrypt.key", "encrypt.pem", "curve.key"};

static enum err
load_from(struct setup *s)
{
	OWNED(char, sign_key, free_chars) = path_in(s->party_dir, "sign.key");
	OWNED(char, sign_cert, free_chars) = path_in(s->party_dir, "sign.pem");
	OWNED(char, encrypt_key, free_chars) = path_in(s->party_dir, "encrypt.key");
	OWNED(char, encrypt_cert, free_chars) = path_in(s->party_dir, "encrypt.pem");
	OWNED(char, curve, free_chars) = path_in(s->party_dir, "curve.key");

	TRY(identity_load(sign_key, sign_cert, &s->office.sign));
	TRY(identity_load(encrypt_key, encrypt_cert, &s->office.encrypt));
	return curve_load(curve, &s->office.curve);
}

/* Who are we? The party that the trust list gives these keys to. */
static enum err
find_self(struct setup *s)
{
	const struct trust_party *p = trust_by_curve(s->office.trust, s->office.curve.public_key);
	struct digest d;

	if (p == NULL)
		return E_UNKNOWN_PARTY;
	s->office.self = p->code;
	digest_of(s->office.sign->der, s->office.sign->der_size, &d);
	for (size_t i = 0; i < p->n_sign; i++)
		if (digest_equal(&p->sign_digest[i], &d))
			return p->role == ROLE_LIAISON ? E_OK : E_CONFIG;
	return E_UNKNOWN_CERT;
}

static enum err
check_broker_key(const struct setup *s)
{
	const struct trust_party *broker = trust_exchange(s->office.trust);
	const char *file = s->options->value[OPT_BROKER_KEY];
	uint8_t key[CURVE_KEY_SIZE];
	OWNED_BUF(text) = {0};

	if (broker == NULL)
		return E_NO_TRUST;
	if (file == NULL)
		return E_OK;
	TRY(input_read(file, FILE_MOST, &text));
	while (text.size > 0 && text.data[text.size - 1] == '\n')
		text.data[--text.size] = '\0';
	if (!curve_parse((char *)text.data, key))
		return E_NO_KEY;
	for (size_t i = 0; i < broker->n_curve; i++)
		if (memcmp(broker->curve[i], key, sizeof key) == 0)
			return E_OK;
	return E_UNKNOWN_CERT;
}

static bool
is_address(const char *address)
{
	const char *colon = strrchr(address, ':');

	return strncmp(address, "tcp://", 6) == 0 && colon > address + 6 && colon[1] != '\0' &&
	       strspn(colon + 1, "0123456789") == strlen(colon + 1) &&
	       strpbrk(address, "\"\\\n ") == NULL;
}

bool
setup_addresses_ok(const char *typed)
{
	OWNED(char, copy, free_chars) = xstrdup(typed);
	char *rest = copy, *one;
	size_t n = 0;

	while ((one = strsep(&rest, ", ")) != NULL) {
		if (one[0] != '\0' && !is_address(one))
			return false;
		n += one[0] != '\0';
	}
	return n > 0;
}

static enum ending
check_address(const char *address)
{
	if (setup_addresses_ok(address))
		return END_DONE;
	return fail(E_USAGE, SAFE, NULL, "--broker is tcp://HOST:PORT, several with commas, not %s",
		line(address));
}

/* ---- checking what is there, step by step ---- */

static enum err
step_operator(struct setup *s)
{
	return cert_load(s->options->value[OPT_OPERATOR], &s->office.operator);
}

static enum err
step_trust(struct setup *s)
{
	return trust_load_file(
		s->options->value[OPT_TRUST], s->office.operator, instant_now(), &s->office.trust);
}

static const struct {
	enum err (*check)(struct setup *s);
	const char *what;
} checks[] = {
	{step_operator, N_("the operator's certificate cannot be read")},
	{step_trust, N_("the trust list cannot be used")},
	{load_from, N_("the keys in the party folder cannot be used")},
	{find_self, N_("the trust list does not know these keys as those of a liaison office")},
};

static enum ending
check_all(struct setup *s)
{
	enum ending end = check_address(s->options->value[OPT_BROKER]);
	enum err e = end == END_DONE ? office_xml() : E_OK;

	if (end != END_DONE)
		return end;
	if (e != E_OK)
		return fail(e, SAFE, NULL, "the schemas cannot be loaded");
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		e = checks[i].check(s);
		if (e != E_OK)
			return fail(
				e, SAFE, "ask the operator of the realm", "%s", _(checks[i].what));
	}
	e = check_broker_key(s);
	if (e != E_OK)
		return fail(e, SAFE, "compare the key with the operator of the realm",
			"the exchange's key is not the one of the trust list");
	return END_DONE;
}

/* ---- an office that is there already ---- */

static enum ending
check_before(struct setup *s)
{
	OWNED(char, file, free_chars) = path_in(s->office.home, CONF_NAME);
	OWNED(struct conf, conf, conf_free) = NULL;
	OWNED_BUF(there) = {0};

	if (input_read(file, FILE_MOST, &there) == E_NOT_FOUND)
		return END_DONE;
	if (conf_load(file, office_settings, &conf) != E_OK)
		return fail(E_CONFIG, SAFE, "mend or remove the file", "%s is not understood",
			line(file));
	if (strcmp(conf_text(conf, "party"), s->office.self.code) == 0)
		return END_DONE;
	return fail(E_CONFLICT, SAFE, "daftar setup --home OTHER-DIR",
		"%s is the home of another office, %s", line(s->office.home),
		line(conf_text(conf, "party")));
}

/* ---- copying ---- */

/* The same again is fine; other content is another key or another operator. */
static enum err
copy_once(const char *from, const char *to)
{
	OWNED_BUF(content) = {0};
	OWNED_BUF(there) = {0};
	enum err e;

	TRY(input_read(from, FILE_MOST, &content));
	e = input_read(to, FILE_MOST, &there);
	if (e == E_NOT_FOUND)
		return file_replace(to, buf_bytes(&content), 0600);
	if (e != E_OK)
		return e;
	return there.size == content.size && memcmp(there.data, content.data, there.size) == 0
		       ? E_OK
		       : E_CONFLICT;
}

/* A newer list wins, also over the one that was handed in; one that is here says what may follow
 * it, also when its days are over. */
static enum err
copy_trust(struct setup *s)
{
	OWNED(char, to, free_chars) = path_in(s->office.home, TRUST_NAME);
	OWNED(struct trust, there, trust_free) = NULL;

	if (trust_load_file(to, s->office.operator, 0, &there) == E_OK) {
		if (trust_version(there) >= trust_version(s->office.trust) &&
			trust_valid_until(there) >= instant_now())
			return E_OK;
		TRY(trust_replaces(there, s->office.trust));
	}
	return file_replace(to, trust_bytes(s->office.trust), 0600);
}

static bool
is_training(const struct setup *s)
{
	return s->options->value[OPT_TRAINING] != NULL || office_is_training(&s->office);
}

/* Does this row of the file set one of what setup sets? */
static bool
is_set_here(const char *row, const struct setup *s)
{
	const char *const names[] = {"party", "broker",
		s->options->value[OPT_LANG] != NULL ? "language" : NULL,
		is_training(s) ? "training" : NULL};
	size_t n;

	row += strspn(row, " \t");
	n = strcspn(row, " \t=");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i] != NULL && strlen(names[i]) == n && strncmp(row, names[i], n) == 0)
			return true;
	return false;
}

/* What people have written there themselves stays. */
static void
keep_rows(const char *file, const struct setup *s, struct buf *out)
{
	OWNED_BUF(there) = {0};
	char *rest, *row;

	if (input_read(file, FILE_MOST, &there) != E_OK || there.size == 0)
		return;
	rest = (char *)there.data;
	while ((row = strsep(&rest, "\n")) != NULL)
		if (row[0] != '\0' && !is_set_here(row, s))
			buf_printf(out, "%s\n", row);
}

static enum err
write_conf(struct setup *s)
{
	OWNED(char, file, free_chars) = path_in(s->office.home, CONF_NAME);
	const char *language = s->options->value[OPT_LANG];
	OWNED_BUF(text) = {0};

	buf_printf(&text, "party = \"%s\"\nbroker = \"%s\"\n", s->office.self.code,
		s->options->value[OPT_BROKER]);
	if (language != NULL && language[strspn(language, "abcdefghijklmnopqrstuvwxyz")] == '\0')
		buf_printf(&text, "language = \"%s\"\n", language);
	if (is_training(s))
		buf_text(&text, "training = true\n");
	keep_rows(file, s, &text);
	return file_replace(file, buf_bytes(&text), 0600);
}

static enum err
copy_all(struct setup *s)
{
	OWNED(char, keys, free_chars) = path_in(s->office.home, "keys");
	OWNED(char, operator, free_chars) = path_in(s->office.home, OPERATOR_NAME);

	TRY(folder_make(s->office.home));
	TRY(folder_make(keys));
	for (size_t i = 0; i < ARRAY_LEN(key_files); i++) {
		OWNED(char, from, free_chars) = path_in(s->party_dir, key_files[i]);
		OWNED(char, to, free_chars) = path_in(keys, key_files[i]);

		TRY(copy_once(from, to));
	}
	TRY(copy_once(s->options->value[OPT_OPERATOR], operator));
	TRY(copy_trust(s));
	return write_conf(s);
}

static enum ending
make(struct setup *s)
{
	enum ending end = check_all(s);
	enum err e;

	if (end == END_DONE)
		end = check_before(s);
	if (end != END_DONE)
		return end;
	e = copy_all(s);
	if (e == E_OK)
		return END_DONE;
	return fail(e, "what was there before is unchanged; setup may be run again",
		e == E_CONFLICT ? "daftar setup --home OTHER-DIR" : NULL,
		"the office's folder %s cannot be made", line(s->office.home));
}

static void
forget(struct office *o)
{
	identity_free(&o->sign);
	identity_free(&o->encrypt);
	trust_free(&o->trust);
	cert_free(&o->operator);
	OPENSSL_cleanse(&o->curve, sizeof o->curve);
	free_chars(&o->home);
}

static enum ending
missing(const struct options *o)
{
	static const struct {
		enum option option;
		const char *instead;
	} needed[] = {
		{OPT_PARTY_DIR, "daftar setup --party-dir DIR, which daftar-pki made"},
		{OPT_TRUST, "daftar setup --trust FILE, the list of the realm"},
		{OPT_OPERATOR, "daftar setup --operator FILE, the certificate of the operator"},
		{OPT_BROKER, "daftar setup --broker tcp://HOST:PORT"},
	};

	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (o->value[needed[i].option] == NULL)
			return ask_cannot(
				N_("daftar setup asks for what is missing"), needed[i].instead);
	return END_DONE;
}

static bool
is_whole(const struct options *o)
{
	return o->value[OPT_PARTY_DIR] != NULL && o->value[OPT_TRUST] != NULL &&
	       o->value[OPT_OPERATOR] != NULL && o->value[OPT_BROKER] != NULL;
}

static enum ending
set_up(const struct options *options)
{
	struct setup s = {.options = options, .party_dir = options->value[OPT_PARTY_DIR]};
	enum ending end;

	s.office.home = office_home(options);
	end = make(&s);
	if (end == END_DONE && is_training(&s))
		say_training();
	if (end == END_DONE)
		note("%s is set up in %s, realm %s.\n", s.office.self.code, line(s.office.home),
			line(trust_realm(s.office.trust)));
	forget(&s.office);
	if (end != END_DONE)
		return end;
	end = command_doctor(options);
	if (end == END_DONE)
		note("next: daftar request new\n");
	return end;
}

enum ending
command_setup(const struct options *options)
{
	struct options filled = *options;
	enum ending end = END_DONE;

	if (!is_whole(options))
		end = ask_may(options) ? setup_ask(&filled) : missing(options);
	if (end == END_DONE && is_whole(&filled))
		end = set_up(&filled);
	setup_ask_free();
	return end;
}
