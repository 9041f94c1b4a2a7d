/* SPDX-License-Identifier: EUPL-1.2
 *
 * Setup at a terminal. Each answer is looked at as soon as it is given: a certificate is read, a
 * list is verified. The operator's certificate decides whom this office will believe, so its
 * fingerprint is compared by two people before anything is copied; until then nothing was changed.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "liaison/setup.h"

#define GROUP 4 /* characters of a fingerprint that are read together */

/* What was found on the way. */
static struct {
	struct options *o;
	char *kept[OPT_N]; /* texts that the options point at */
	X509 *operator;
	struct trust *trust;
	char *home;
} at;

void
setup_ask_free(void)
{
	for (size_t i = 0; i < OPT_N; i++)
		free_chars(&at.kept[i]);
	trust_free(&at.trust);
	cert_free(&at.operator);
	free_chars(&at.home);
}

static void
set(enum option option, const char *text)
{
	char *copy = xstrdup(text);

	free_chars(&at.kept[option]);
	at.kept[option] = copy;
	at.o->value[option] = copy;
}

/* A path as a person types it. */
static char *
path_said(const char *typed)
{
	const char *home = getenv("HOME");

	return typed[0] == '~' && typed[1] == '/' && home != NULL ? path_in(home, typed + 2)
								  : xstrdup(typed);
}

/* ---- language ---- */

static enum answer
ask_language(void)
{
	static const struct choice list[] = {{"en", "English"}, {"fr", "Français"},
		{"ar", "العربية"}, {"am", "አማርኛ"}, {"ti", "ትግርኛ"}, {"so", "Soomaali"},
		{"sw", "Kiswahili"}};
	size_t chosen = 0;
	int now = 0;
	enum answer a;

	for (size_t i = 0; i < ARRAY_LEN(list); i++)
		if (strcmp(list[i].word, lang_now()) == 0)
			now = (int)i;
	a = ask_choice(list, ARRAY_LEN(list), now, &chosen);
	if (a != ANSWER_GIVEN)
		return a;
	set(OPT_LANG, list[chosen].word);
	lang_open(list[chosen].word, NULL);
	say_direction();
	return a;
}

/* ---- files ---- */

/* What stands in the office's folder already, NULL: nothing. */
static char *
there_already(const char *name)
{
	OWNED(char, path, free_chars) = path_in(at.home, name);

	return access(path, R_OK) == 0 ? TAKE(path) : NULL;
}

/* Asks for a path until `look' finds it well. */
static enum answer
ask_path(
	enum option option, const char *name, enum err (*look)(const char *path), const char *wrong)
{
	OWNED(char, before, free_chars) = there_already(name);
	OWNED_BUF(typed) = {0};
	enum answer a;
	enum err e;

	if (before != NULL)
		ask_say(N_("(Enter: %s)\n"), line(before));
	while (true) {
		OWNED(char, path, free_chars) = NULL;

		a = ask_line(before, &typed);
		if (a == ANSWER_NONE && before == NULL)
			ask_say(N_("This is needed. Type it, or ? for help.\n"));
		if (a == ANSWER_NONE && before == NULL)
			continue;
		if (a != ANSWER_GIVEN && a != ANSWER_NONE)
			return a;
		path = a == ANSWER_NONE ? xstrdup(before) : path_said((char *)typed.data);
		e = look(path);
		if (e == E_OK) {
			set(option, path);
			return ANSWER_GIVEN;
		}
		ask_say(N_("Not taken: %s: %s (%s)\n"), _(wrong), _(err_sentence(e)), err_word(e));
	}
}

static enum err
look_keys(const char *folder)
{
	OWNED(char, key, free_chars) = path_in(folder, "sign.key");
	OWNED(char, cert, free_chars) = path_in(folder, "sign.pem");
	OWNED(struct identity, i, identity_free) = NULL;

	return identity_load(key, cert, &i);
}

static enum answer
ask_party(void)
{
	return ask_path(OPT_PARTY_DIR, "keys", look_keys,
		N_("the keys sign.key and sign.pem in that folder cannot be used"));
}

/* ---- the operator ---- */

static enum err
look_operator(const char *path)
{
	cert_free(&at.operator);
	return cert_load(path, &at.operator);
}

static enum answer
confirm_fingerprint(void)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	OWNED_BUF(hex) = {0};
	OWNED_BUF(typed) = {0};
	const char *last;
	enum answer a;

	if (X509_digest(at.operator, EVP_sha256(), digest, &size) != 1)
		die("a certificate's digest");
	buf_hex(&hex, digest, size);
	last = (char *)hex.data + hex.size - GROUP;
	ask_say(N_("The fingerprint of the operator's certificate:\n"));
	for (size_t i = 0; i < hex.size; i += 4 * (size_t)GROUP)
		ask_say("  %.4s %.4s %.4s %.4s\n", hex.data + i, hex.data + i + GROUP,
			hex.data + i + 2 * GROUP, hex.data + i + 3 * GROUP);
	ask_say(N_("Read it to the operator of the realm, by telephone or face to face. When every "
		   "group is the same, type the last group.\n"));
	while (true) {
		a = ask_line(NULL, &typed);
		if (a == ANSWER_GIVEN && strcasecmp((char *)typed.data, last) == 0)
			return ANSWER_GIVEN;
		if (a != ANSWER_GIVEN && a != ANSWER_NONE)
			return a;
		ask_say(N_("That is not the last group. If a group differs, type quit: nothing was "
			   "changed.\n"));
	}
}

static enum answer
ask_operator(void)
{
	OWNED(char, pinned, free_chars) = there_already(OPERATOR_NAME);
	enum answer a = ask_path(
		OPT_OPERATOR, OPERATOR_NAME, look_operator, N_("this certificate cannot be read"));

	/* One that this office has pinned before was compared then. */
	if (a == ANSWER_GIVEN && pinned != NULL && strcmp(at.o->value[OPT_OPERATOR], pinned) == 0)
		return a;
	return a == ANSWER_GIVEN ? confirm_fingerprint() : a;
}

/* ---- the trust list ---- */

static enum err
look_trust(const char *path)
{
	TRY(office_xml());
	trust_free(&at.trust);
	return trust_load_file(path, at.operator, instant_now(), &at.trust);
}

static enum answer
ask_trust(void)
{
	enum answer a = ask_path(OPT_TRUST, TRUST_NAME, look_trust,
		N_("this trust list is not the operator's, or not in force"));

	if (a == ANSWER_GIVEN)
		ask_say(N_("  version %llu of realm %s, until %s\n"),
			(unsigned long long)trust_version(at.trust), line(trust_realm(at.trust)),
			when(trust_valid_until(at.trust)));
	return a;
}

/* ---- the exchange ---- */

static char *
address_before(void)
{
	OWNED(char, file, free_chars) = path_in(at.home, CONF_NAME);
	OWNED(struct conf, conf, conf_free) = NULL;

	if (access(file, F_OK) != 0 || conf_load(file, office_settings, &conf) != E_OK)
		return NULL;
	return xstrdup(conf_text(conf, "broker"));
}

static enum answer
ask_broker(void)
{
	OWNED(char, before, free_chars) = address_before();
	OWNED_BUF(typed) = {0};
	enum answer a;

	if (before != NULL)
		ask_say(N_("(Enter: %s)\n"), line(before));
	while (true) {
		a = ask_line(before, &typed);
		if (a == ANSWER_NONE && before != NULL)
			buf_text(&typed, before);
		else if (a != ANSWER_GIVEN && a != ANSWER_NONE)
			return a;
		if (typed.size > 0 && setup_addresses_ok((char *)typed.data)) {
			set(OPT_BROKER, (char *)typed.data);
			return ANSWER_GIVEN;
		}
		ask_say(N_("Not taken: an address is tcp://, a name, a colon and a number, such as "
			   "tcp://hub.example.org:7701\n"));
	}
}

/* ---- training ---- */

static enum answer
ask_training(void)
{
	const struct office o = {.trust = at.trust};
	bool yes = false;
	enum answer a;

	if (office_is_training(&o)) {
		ask_say(N_("  By its name this is a realm to learn in; everything will say so.\n"));
		return ANSWER_GIVEN;
	}
	a = ask_yes(0, &yes);
	if (a == ANSWER_GIVEN)
		at.o->value[OPT_TRAINING] = yes ? "" : NULL;
	return a;
}

/* ---- the table ---- */

static const struct {
	enum option option; /* asked where it was not given */
	enum answer (*ask)(void);
	const char *text, *help; /* N_ */
} steps[] = {
	{OPT_LANG, ask_language, "Language / langue / لغة",
		N_("The language that daftar speaks on this computer. --lang changes it for one "
		   "command.")},
	{OPT_PARTY_DIR, ask_party, N_("Folder with the keys of this office"),
		N_("The folder that the operator of the realm made for this office with "
		   "daftar-pki: "
		   "it holds sign.key, sign.pem, encrypt.key, encrypt.pem and curve.key. Keys that "
		   "are in a card or token stand there as files of one line that begins with "
		   "pkcs11:.")},
	{OPT_OPERATOR, ask_operator, N_("File with the certificate of the realm's operator"),
		N_("operator.pem, from the operator. Every later trust list has to be signed with "
		   "its key, so it has to be the right one: it is compared now and never changed "
		   "again.")},
	{OPT_TRUST, ask_trust, N_("File with the realm's trust list"),
		N_("trust.xml, from the operator: who belongs to the realm, and which agreements "
		   "are "
		   "in force.")},
	{OPT_BROKER, ask_broker, N_("Where does the exchange listen?"),
		N_("The address that the operator gave you. Several are typed with commas; they "
		   "are "
		   "tried in turn.")},
	{OPT_TRAINING, ask_training, N_("Is this office for training only?"),
		N_("Then every question, list and printout says so, and nothing that is done "
		   "counts. "
		   "Another office on this computer can be a real one: daftar help context add.")},
};

/* Those that were not on the command line. */
static bool
is_asked(const struct options *given, size_t i)
{
	return given->value[steps[i].option] == NULL;
}

/* What was given on the command line is needed by later steps. */
static enum err
look_at_given(const struct options *given, size_t i)
{
	const char *path = given->value[steps[i].option];

	if (steps[i].option == OPT_OPERATOR)
		return look_operator(path);
	return steps[i].option == OPT_TRUST ? look_trust(path) : E_OK;
}

static enum ending
leave(enum answer a)
{
	ask_end();
	at.o->value[OPT_BROKER] = NULL; /* not whole: nothing is done */
	if (a != ANSWER_GONE)
		note("Nothing was changed.\nnext: daftar setup\n");
	return a == ANSWER_INTERRUPT || a == ANSWER_GONE ? END_INTERRUPTED : END_DONE;
}

static size_t
step_before(const struct options *given, size_t i)
{
	for (size_t j = i; j > 0; j--)
		if (is_asked(given, j - 1))
			return j - 1;
	return i;
}

static enum answer
ask_step(size_t i)
{
	OWNED(char, text, free_chars) = xprintf("%zu. %s", i + 1, _(steps[i].text));
	enum answer a;

	do {
		ask_title(text);
		a = steps[i].ask();
		if (a == ANSWER_HELP)
			ask_say("  %s\n", _(steps[i].help));
	} while (a == ANSWER_HELP);
	ask_title(NULL);
	return a;
}

static void
say_welcome(void)
{
	ask_say(N_("This sets up the office in %s. At every question: ? for help, < to go back, "
		   "quit "
		   "leaves; nothing is changed before the end.\n"),
		line(at.home));
}

enum ending
setup_ask(struct options *o)
{
	bool welcomed = false;
	const struct options given = *o;
	size_t i = 0;
	enum err e;

	at.o = o;
	at.home = office_home(o);
	ask_begin(false);
	while (i < ARRAY_LEN(steps)) {
		enum answer a = ANSWER_GIVEN;

		/* in the language that was chosen */
		if (!welcomed && steps[i].option != OPT_LANG) {
			say_welcome();
			welcomed = true;
		}
		if (is_asked(&given, i))
			a = ask_step(i);
		else if ((e = look_at_given(&given, i)) != E_OK) {
			ask_end();
			return fail(e, N_("nothing was changed"), "ask the operator of the realm",
				"%s cannot be used", line(given.value[steps[i].option]));
		}
		if (a == ANSWER_BACK)
			i = step_before(&given, i);
		else if (a == ANSWER_GIVEN)
			i++;
		else
			return leave(a);
	}
	ask_end();
	return END_DONE;
}
