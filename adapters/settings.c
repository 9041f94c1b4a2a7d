/* SPDX-License-Identifier: EUPL-1.2
 *
 * The table of settings, and the checks that a table cannot make. A registry's rules (titles,
 * provisions, name rule, days) are configuration: no country's law is in the code. */
#include "adapters/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/id.h"

static const struct setting own[] = {
	{"party", SET_TEXT, NULL, 0, 0, "code of this registry, such as SO.NIRA"},
	{"party-dir", SET_PATH, NULL, 0, 0, "folder with this party's keys and certificates"},
	{"trust-list", SET_PATH, NULL, 0, 0, "the realm's signed trust list"},
	{"operator-certificate", SET_PATH, NULL, 0, 0, "certificate of the realm's operator"},
	{"revocation-data", SET_LIST, "", 0, 0,
		"files with CRLs and OCSP responses of this country's authority"},
	{"broker", SET_TEXT, NULL, 0, 0, "the exchange, such as tcp://exchange.example:7601"},
	{"line", SET_TEXT, "fast", 0, 0, "fast, or slow: every octet counts"},
	{"spool", SET_PATH, NULL, 0, 0, "folder of the durable spool"},
	{"spool-size", SET_NUMBER, "256", 1, 16384, "room of the spool in MiB"},
	{"keep-days", SET_NUMBER, "35", 0, 3650,
		"days that the spool keeps the bodies of what has ended"},
	{"control", SET_PATH, NULL, 0, 0, "socket for the commands of the registrar"},
	{"decide", SET_TEXT, "manual", 0, 0, "automatic, or manual: a registrar decides each case"},
	{"driver", SET_TEXT, NULL, 0, 0, "kind of the national register: folder or odbc"},
	{"aside-after", SET_NUMBER, "3", 1, 100,
		"deaths of the adapter over one message after which it is set aside for a person"},
	{"liaison", SET_TEXT, NULL, 0, 0, "party code of the liaison office that is told outcomes"},
	{"register-name", SET_TEXT, NULL, 0, 0, "name of the register, as outcomes give it"},
	{"office", SET_TEXT, NULL, 0, 0, "the office that certifies and enters"},
	{"place", SET_TEXT, NULL, 0, 0, "place of issue on extracts"},
	{"certifier", SET_TEXT, NULL, 0, 0, "function of the certifying officer, never a name"},
	{"legal-provision", SET_TEXT, NULL, 0, 0, "provision that refusals rest on"},
	{"appeal-body", SET_TEXT, NULL, 0, 0, "where a refusal may be appealed"},
	{"appeal-days", SET_NUMBER, "30", 1, 3650, "days in which it may be appealed"},
	{"name-rule", SET_TEXT, "as-authored", 0, 0,
		"how a name becomes given and family name: as-authored, last-part, father, "
		"all-in-given"},
	{"script", SET_TEXT, "Latn", 0, 0, "script of the register (ISO 15924)"},
	{"expires-days", SET_NUMBER, "30", 1, 365, "days after which a message is given up"},
	{"retain-days", SET_NUMBER, "365", 1, 3650, "days that an addressee may keep a body"},
	{"credit", SET_NUMBER, "16", 1, 1000, "deliveries that may be under way at once"},
};

static const struct driver_kind *const kinds[] = {&driver_folder, &driver_odbc};

static size_t
count(const struct setting *s)
{
	size_t n = 0;

	while (s[n].name != NULL)
		n++;
	return n;
}

const struct setting *
settings_table(void)
{
	static struct setting table[ARRAY_LEN(own) + 48];
	size_t n = ARRAY_LEN(own);

	if (table[0].name != NULL)
		return table;
	memcpy(table, own, sizeof own);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		size_t more = count(kinds[i]->settings);

		assert(n + more < ARRAY_LEN(table));
		memcpy(table + n, kinds[i]->settings, more * sizeof table[0]);
		n += more;
	}
	return table;
}

const struct driver_kind *
settings_driver(const struct conf *c)
{
	const char *name = conf_text(c, "driver");

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (name != NULL && strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	fprintf(stderr, "driver must be folder or odbc\n");
	return NULL;
}

static bool
is_party(const char *v)
{
	struct party p;

	return party_parse(v, &p);
}

static bool
is_line(const char *text)
{
	return strcmp(text, "fast") == 0 || strcmp(text, "slow") == 0;
}

static bool
is_decision(const char *v)
{
	return strcmp(v, "automatic") == 0 || strcmp(v, "manual") == 0;
}

static bool
is_name_rule(const char *v)
{
	return code_known("name-rule", v);
}

static bool
is_script(const char *v)
{
	return strlen(v) == 4;
}

static bool
is_endpoint(const char *v)
{
	return strncmp(v, "tcp://", 6) == 0;
}

static bool
is_short(const char *v)
{
	return strlen(v) <= 100;
}

static const struct {
	const char *name;
	bool (*good)(const char *v);
	const char *must;
} rules[] = {
	{"party", is_party, "must be a party code such as SO.NIRA"},
	{"liaison", is_party, "must be a party code such as UNHCR.NBO"},
	{"broker", is_endpoint, "must be an endpoint such as tcp://exchange.example:7601"},
	{"decide", is_decision, "must be automatic or manual"},
	{"line", is_line, "must be fast or slow"},
	{"name-rule", is_name_rule, "must be as-authored, last-part, father or all-in-given"},
	{"script", is_script, "must be a script of four letters such as Latn"},
	{"register-name", is_short, "may have 100 characters"},
	{"office", is_short, "may have 100 characters"},
	{"place", is_short, "may have 100 characters"},
	{"certifier", is_short, "may have 100 characters"},
	{"legal-provision", is_short, "may have 100 characters"},
	{"appeal-body", is_short, "may have 100 characters"},
};

enum err
settings_check(const struct conf *c)
{
	enum err e = settings_driver(c) == NULL ? E_CONFIG : E_OK;

	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		const char *v = conf_text(c, rules[i].name);

		if (v != NULL && rules[i].good(v))
			continue;
		fprintf(stderr, "%s %s\n", rules[i].name,
			v == NULL ? "must be given" : rules[i].must);
		e = E_CONFIG;
	}
	return e;
}
