/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftar-pki: makes a realm, and lets parties join it. One table of options and one of commands;
 * the parser and --help come from the same rows. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "certs/pki.h"
#include "lib/secrets.h"
#include "lib/trust.h"
#include "lib/xml.h"

struct option_row {
	const char *name;
	const char *value; /* NULL: a switch */
	const char *sentence;
};

static const struct option_row option_rows[OPT_N] = {
	[OPT_NAME] = {"name", "TEXT",
		"name of the realm (default demo), or of the office that joins"},
	[OPT_PARTY] = {"party", "CODE",
		"the party; for `realm' CODE:COUNTRY:ROLE:NAME, once for each (COUNTRY may be "
		"empty)"},
	[OPT_COUNTRY] = {"country", "CC",
		"country of the party, ISO 3166-1 (none: an organisation)"},
	[OPT_ROLE] = {"role", "ROLE", "registry or liaison"},
	[OPT_REQUEST] = {"request", "FILE", "the request that the office sent"},
	[OPT_ANSWER] = {"answer", "FILE", "the operator's answer, to be written or read"},
	[OPT_FINGERPRINT] = {"fingerprint", "HEX", "what the office read out over the telephone"},
	[OPT_OPERATOR_FINGERPRINT] = {"operator-fingerprint", "HEX", "what the operator read out"},
	[OPT_OPERATOR] = {"operator", "FILE",
		"the operator's certificate (default: operator.pem beside the list)"},
	[OPT_FROM] = {"from", "CODE", "the sender"},
	[OPT_TO] = {"to", "CODE", "the addressee"},
	[OPT_ACTION] = {"action", "WORD",
		"a kind of message, repeated for several (default: what the two roles need)"},
	[OPT_PURPOSE] = {"purpose", "WORD", "a purpose, repeated (default BIRTH-TRANSCRIPTION)"},
	[OPT_FIELD] = {"field", "PATH",
		"a particular that an extract may hold, repeated (default: all that are not "
		"protected)"},
	[OPT_CONSENT] = {"consent", NULL, "what tells of a person needs a consent token"},
	[OPT_NO_CONSENT] = {"no-consent", NULL, "no consent token is needed"},
	[OPT_CLEARANCE] = {"clearance", NULL,
		"and the token needs a second officer's clearance: for requests to a State that "
		"people have fled from"},
	[OPT_ALSO_TO] = {"also-to", "CODE",
		"bodies can be opened by this party too, repeated for at most 3"},
	[OPT_INSTEAD] = {"instead", "ID", "the agreement between the two that ends with this one"},
	[OPT_TIER] = {"tier", "N",
		"0 paper, 1 digitising, 2 a central register, 3 one with interfaces"},
	[OPT_NEED] = {"need", "PATH",
		"a particular that the registry's own record holds, repeated (default: all)"},
	[OPT_DECISION_DAYS] = {"decision-days", "N", "days within which an extract is decided"},
	[OPT_TACIT_DAYS] = {"tacit-days", "N", "days after which silence is a refusal"},
	[OPT_PROVISION] = {"provision", "TEXT", "the rule of law that says so"},
	[OPT_ASSENT_AGE] = {"assent-age", "N", "age from which a child's own assent is recorded"},
	[OPT_DAYS] = {"days", "N",
		"days that the trust list (default 90), agreement (730) or revocation list (7) is "
		"valid"},
	[OPT_REVOCATION_GRACE] = {"revocation-grace", "HOURS",
		"messages wait when their country's revocation list is this much too old (0 to "
		"168; default: no such list is needed)"},
	[OPT_OFFICER] = {"officer", "FILE|DIR",
		"certificate of an officer, once for each; for `approve' the officer's own folder"},
	[OPT_APPROVALS] = {"approvals", "N", "how many of the officers must approve a change"},
	[OPT_YES] = {"yes", NULL, "what it changes was read: do not ask"},
	[OPT_CERT] = {"cert", "HEX", "fingerprint of the certificate or key that is to go"},
	[OPT_RENEW] = {"renew", NULL, "new keys beside the ones that are in DIR"},
	[OPT_EXPIRING] = {"expiring", "DAYS", "only what ends within so many days"},
	[OPT_TAKE] = {"take", "FILE", "install the secret that the other party brought"},
	[OPT_TOKEN] = {"token", "DIR",
		"folder with key files (operator.key; sign.key, encrypt.key) that name keys in a "
		"token, to be used instead of new ones"},
	[OPT_OUT] = {"out", "FILE",
		"where the list of revoked certificates goes (default crl/CC.crl in REALM)"},
	[OPT_JSON] = {"json", NULL, "one JSON object for programs"},
	[OPT_FORCE] = {"force", NULL, "set what is there aside under a new name, then go on"},
	[OPT_HELP] = {"help", NULL, "this text"},
};

#define BIT(option) (UINT64_C(1) << (option))

struct command {
	const char *name;
	const char *arguments;
	size_t n_arguments;
	uint64_t required, allowed;
	enum err (*run)(const struct options *o);
	const char *sentence;
};

static const struct command commands[] = {
	{"realm", "DIR", 1, 0,
		BIT(OPT_NAME) | BIT(OPT_PARTY) | BIT(OPT_DAYS) | BIT(OPT_REVOCATION_GRACE) |
			BIT(OPT_TOKEN) | BIT(OPT_NO_CONSENT) | BIT(OPT_FORCE),
		pki_realm,
		"make a realm: authorities, operator, exchange, parties, signed trust list"},
	{"request", "DIR", 1, BIT(OPT_PARTY) | BIT(OPT_ROLE) | BIT(OPT_NAME),
		BIT(OPT_COUNTRY) | BIT(OPT_RENEW) | BIT(OPT_TOKEN) | BIT(OPT_FORCE), pki_request,
		"the office that joins: make its keys here, and a request for the operator"},
	{"enrol", "REALM", 1, BIT(OPT_REQUEST) | BIT(OPT_ANSWER),
		BIT(OPT_FINGERPRINT) | BIT(OPT_DAYS), pki_enrol,
		"the operator: check a request, issue its certificates, write the answer"},
	{"accept", "DIR", 1, BIT(OPT_ANSWER), BIT(OPT_OPERATOR_FINGERPRINT) | BIT(OPT_FORCE),
		pki_accept,
		"the office that joins: check the answer against its keys and install it"},
	{"agree", "REALM", 1, BIT(OPT_FROM) | BIT(OPT_TO),
		BIT(OPT_ACTION) | BIT(OPT_PURPOSE) | BIT(OPT_FIELD) | BIT(OPT_CONSENT) |
			BIT(OPT_NO_CONSENT) | BIT(OPT_CLEARANCE) | BIT(OPT_ALSO_TO) |
			BIT(OPT_INSTEAD) | BIT(OPT_DAYS),
		pki_agree, "the operator: add an agreement to the trust list"},
	{"profile", "REALM", 1, BIT(OPT_PARTY) | BIT(OPT_TIER),
		BIT(OPT_NEED) | BIT(OPT_DECISION_DAYS) | BIT(OPT_TACIT_DAYS) | BIT(OPT_PROVISION) |
			BIT(OPT_ASSENT_AGE),
		pki_profile, "the operator: write down what a registry says of itself"},
	{"revoke", "REALM", 1, BIT(OPT_PARTY), 0, pki_revoke,
		"the operator: cut a party off, revoke its certificates"},
	{"resign", "REALM", 1, 0, BIT(OPT_DAYS), pki_resign,
		"the operator: sign the trust list again, valid for longer"},
	{"renew", "REALM", 1, BIT(OPT_REQUEST) | BIT(OPT_ANSWER),
		BIT(OPT_FINGERPRINT) | BIT(OPT_DAYS), pki_renew,
		"the operator: list new keys of a party beside its old ones"},
	{"retire", "REALM", 1, BIT(OPT_PARTY) | BIT(OPT_CERT), 0, pki_retire,
		"the operator: take one old certificate or key of a party out"},
	{"officer", "DIR", 1, BIT(OPT_NAME), 0, pki_officer,
		"an officer: make the key that approves changes of a trust list"},
	{"officers", "REALM", 1, BIT(OPT_APPROVALS), BIT(OPT_OFFICER), pki_officers,
		"the operator: name the officers, and how many must approve (0: none)"},
	{"approve", "DRAFT", 1, BIT(OPT_OFFICER), BIT(OPT_YES) | BIT(OPT_OPERATOR_FINGERPRINT),
		pki_approve, "an officer: see what a draft changes, and approve of it"},
	{"publish", "REALM", 1, 0, 0, pki_publish,
		"the operator: sign a draft that has its approvals, and put it in force"},
	{"crl", "REALM", 1, 0, BIT(OPT_COUNTRY) | BIT(OPT_DAYS) | BIT(OPT_OUT), pki_crl,
		"the operator: issue the list of an authority's revoked certificates"},
	{"pair", "DIR OTHER", 2, 0, BIT(OPT_TAKE) | BIT(OPT_FORCE), pki_pair,
		"make (or take) the secret shared with one other registry"},
	{"save-keys", "DIR FILE", 2, 0, 0, pki_save_keys,
		"seal all keys of a folder into a file, under a code for a piece of paper"},
	{"restore-keys", "FILE DIR", 2, 0, 0, pki_restore_keys,
		"bring them back; the code is read from standard input"},
	{"show", "TRUST.xml", 1, 0, BIT(OPT_OPERATOR) | BIT(OPT_JSON) | BIT(OPT_EXPIRING), pki_show,
		"verify a trust list and show it"},
};

/* ---- help ---- */

static void
print_option(enum option i, const char *pre, const char *post)
{
	const struct option_row *row = &option_rows[i];

	printf(" %s--%s%s%s%s", pre, row->name, row->value ? " " : "", row->value ? row->value : "",
		post);
}

static void
print_command(const struct command *c)
{
	printf("  daftar-pki %s %s", c->name, c->arguments);
	for (enum option i = 0; i < OPT_N; i++)
		if (c->required & BIT(i))
			print_option(i, "", "");
	for (enum option i = 0; i < OPT_N; i++)
		if (c->allowed & BIT(i))
			print_option(i, "[", "]");
	printf("\n      %s\n", c->sentence);
}

static void
print_help(const struct command *only)
{
	uint64_t used = only ? only->required | only->allowed : UINT64_MAX;

	printf("daftar-pki: keys, certificates and the trust list of a realm\n\n");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!only || only == &commands[i])
			print_command(&commands[i]);
	printf("\n");
	for (enum option i = 0; i < OPT_N; i++)
		if ((used | BIT(OPT_HELP)) & BIT(i))
			printf("  --%-22s %s\n", option_rows[i].name, option_rows[i].sentence);
	printf("\nPrivate keys are written with mode 0600 and never overwritten. "
	       "Status: 0 done, 1 refused, 2 command line not understood.\n");
}

/* ---- the command line ---- */

static enum err
usage(const char *what, const struct command *c)
{
	return refuse(E_USAGE, what, "nothing was done",
		c ? say("daftar-pki %s --help", c->name) : "daftar-pki --help");
}

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static bool
find_option(const char *name, size_t length, enum option *out)
{
	for (enum option i = 0; i < OPT_N; i++) {
		if (strlen(option_rows[i].name) == length &&
			memcmp(option_rows[i].name, name, length) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static enum err
keep_option(const struct command *c, struct options *o, enum option which, const char *value)
{
	uint64_t known = c->required | c->allowed | BIT(OPT_HELP);

	if (!(known & BIT(which)))
		return usage(say("`%s' has no option --%s", c->name, option_rows[which].name), c);
	if (o->given[which].n == OPTION_VALUES)
		return usage(say("--%s is given too often", option_rows[which].name), c);
	o->given[which].value[o->given[which].n++] = value;
	return E_OK;
}

/* --name, --name VALUE and --name=VALUE. *word is moved past what was used. */
static enum err
parse_option(const struct command *c, struct options *o, char ***word)
{
	const char *text = **word + 2;
	const char *equals = strchr(text, '=');
	const char *value = equals ? equals + 1 : NULL;
	enum option which;

	if (!find_option(text, equals ? (size_t)(equals - text) : strlen(text), &which))
		return usage(say("there is no option %s", **word), c);
	if (!option_rows[which].value && value)
		return usage(say("--%s takes no value", option_rows[which].name), c);
	if (option_rows[which].value && !value) {
		value = (*word)[1];
		if (!value)
			return usage(say("--%s needs a value", option_rows[which].name), c);
		++*word;
	}
	return keep_option(c, o, which, value ? value : "");
}

static enum err
parse_words(const struct command *c, struct options *o, char **word)
{
	size_t n = 0;

	for (; *word; word++) {
		if (strncmp(*word, "--", 2) == 0) {
			TRY(parse_option(c, o, &word));
			continue;
		}
		if (n == c->n_arguments)
			return usage(say("`%s' does not fit after `%s %s'", *word, c->name,
					     c->arguments),
				c);
		o->argument[n++] = *word;
	}
	if (option_given(o, OPT_HELP))
		return E_OK;
	if (n < c->n_arguments)
		return usage(say("`%s' needs %s", c->name, c->arguments), c);
	for (enum option i = 0; i < OPT_N && !option_given(o, OPT_RENEW); i++)
		if ((c->required & BIT(i)) && !option_given(o, i))
			return usage(say("`%s' needs --%s", c->name, option_rows[i].name), c);
	return E_OK;
}

static enum err
check_grace(const struct command *c, const struct options *o)
{
	const char *text = option_value(o, OPT_REVOCATION_GRACE);
	char *end;
	long hours;

	if (!text)
		return E_OK;
	hours = strtol(text, &end, 10);
	if (*end || end == text || hours < 0 || hours > TRUST_GRACE_HOURS)
		return usage("--revocation-grace is a number of hours from 0 to 168", c);
	return E_OK;
}

static enum err
check_number(const struct command *c, const struct options *o, enum option which)
{
	const char *text = option_value(o, which);
	char *end;
	long days;

	if (!text)
		return E_OK;
	days = strtol(text, &end, 10);
	if (*end || end == text || days < 1 || days > 3650)
		return usage(say("--%s is a number from 1 to 3650", option_rows[which].name), c);
	return E_OK;
}

static enum err
check_days(const struct command *c, const struct options *o)
{
	TRY(check_number(c, o, OPT_DAYS));
	return check_number(c, o, OPT_EXPIRING);
}

static int
run(const struct command *c, char **words)
{
	struct options o = {0};

	if (parse_words(c, &o, words) != E_OK)
		return 2;
	if (option_given(&o, OPT_HELP)) {
		print_help(c);
		return 0;
	}
	if (check_days(c, &o) != E_OK || check_grace(c, &o) != E_OK)
		return 2;
	xml_init();
	return c->run(&o) == E_OK ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const struct command *c;

	secrets_guard();
	setlocale(LC_CTYPE, "");
	umask(077);
	if (argc < 2) {
		print_help(NULL);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0) {
		print_help(NULL);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("daftar-pki %s\n", PACKAGE_VERSION);
		return 0;
	}
	c = find_command(argv[1]);
	if (!c) {
		(void)!usage(say("there is no command `%s'", argv[1]), NULL);
		return 2;
	}
	return run(c, argv + 2);
}
