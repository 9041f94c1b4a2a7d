/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the operator of the exchange and its second officer are told of a new list: every change of
 * what protects people is said, and nothing is said where nothing changed. */
#include "tests/unit/test_realm.h"

#include <jansson.h>

#include "broker/trust_changes.h"

static struct realm *realm;

static int
begin(void **state)
{
	(void)state;
	realm_ready();
	realm = realm_new();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	realm_free(&realm);
	return 0;
}

static struct trust *
list_with(const char *demands, const char *profile)
{
	static int64_t now;
	struct trust *t = NULL;
	OWNED_BUF(list) = {0};

	if (now == 0)
		now = instant_now();
	realm_demands = demands;
	realm_profile = profile;
	realm_sign_list(realm, "8", now, &list);
	realm_demands = realm_profile = NULL;
	assert_int_equal(trust_load(buf_bytes(&list), realm->operator_cert, now, &t), E_OK);
	return t;
}

/* Everything that is said of a change, a line each. */
static void
said_of(const char *demands, const char *profile, const char *then, const char *profile_then,
	struct buf *out)
{
	OWNED(struct trust, before, trust_free) = list_with(demands, profile);
	OWNED(struct trust, after, trust_free) = list_with(then, profile_then);
	json_t *changes = trust_changes(before, after), *line;
	size_t i;

	buf_reset(out);
	json_array_foreach(changes, i, line) buf_printf(out, "%s\n", json_string_value(line));
	json_decref(changes);
	buf_text(out, "");
}

#define CONSENT "<tl:ConsentRequired></tl:ConsentRequired>"
#define CLEARANCE "<tl:ClearanceRequired></tl:ClearanceRequired>"
#define FIELD(path) "<tl:Field>" path "</tl:Field>"

static void
every_change_of_an_agreement_is_told(void **state)
{
	/* AGR-1-2: from KENYA to SOMALIA. */
	static const struct {
		const char *before, *after, *told;
	} rows[] = {
		{CONSENT, NULL, "agreement AGR-1-2: consent is not required any more\n"},
		{NULL, CONSENT, "agreement AGR-1-2: consent is required now\n"},
		{CONSENT CLEARANCE, CONSENT,
			"agreement AGR-1-2: a second officer's clearance is not required any "
			"more\n"},
		{CONSENT, CONSENT CLEARANCE,
			"agreement AGR-1-2: a second officer's clearance is required now\n"},
		{FIELD("b:Parent"), NULL,
			"agreement AGR-1-2: extracts may hold other particulars (all)\n"},
		{FIELD("b:Parent"), FIELD("b:Parent") FIELD("b:Annotation"),
			"agreement AGR-1-2: extracts may hold other particulars (some more)\n"},
		{FIELD("b:Parent"), FIELD("b:Annotation"),
			"agreement AGR-1-2: extracts may hold other particulars (some more)\n"},
		{NULL, FIELD("b:Annotation"),
			"agreement AGR-1-2: extracts may hold other particulars (fewer)\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF(said) = {0};

		said_of(rows[i].before, NULL, rows[i].after, NULL, &said);
		if (said.data == NULL || strstr((char *)said.data, rows[i].told) == NULL)
			fail_msg("%s is not among: %s", rows[i].told, (char *)said.data);
	}
}

static void
every_change_of_what_a_registry_says_is_told(void **state)
{
	static const char before[] =
		"<tl:Profile assentAge=\"12\" decisionDays=\"60\" tacitDays=\"240\" tier=\"1\">"
		"<tl:Provision>Law</tl:Provision><tl:Need>b:Parent</tl:Need></tl:Profile>";
	static const struct {
		const char *after, *told;
	} rows[] = {
		{"<tl:Profile assentAge=\"12\" decisionDays=\"60\" tacitDays=\"9\" tier=\"1\">"
		 "<tl:Provision>Law</tl:Provision><tl:Need>b:Parent</tl:Need></tl:Profile>",
			"SO.NIRA: silence is a refusal after 9 days (0: never)\n"},
		{"<tl:Profile assentAge=\"12\" decisionDays=\"60\" tacitDays=\"240\" tier=\"1\">"
		 "<tl:Provision>Other</tl:Provision><tl:Need>b:Parent</tl:Need></tl:Profile>",
			"SO.NIRA: silence is a refusal after 240 days (0: never)\n"},
		{"<tl:Profile assentAge=\"14\" decisionDays=\"60\" tacitDays=\"240\" tier=\"1\">"
		 "<tl:Provision>Law</tl:Provision><tl:Need>b:Parent</tl:Need></tl:Profile>",
			"SO.NIRA: a child's assent from the age of 14 (0: not said)\n"},
		{"<tl:Profile assentAge=\"12\" decisionDays=\"61\" tacitDays=\"240\" tier=\"1\">"
		 "<tl:Provision>Law</tl:Provision><tl:Need>b:Parent</tl:Need></tl:Profile>",
			"SO.NIRA: an extract is decided within 61 days (0: not said)\n"},
		{"<tl:Profile assentAge=\"12\" decisionDays=\"60\" tacitDays=\"240\" tier=\"2\">"
		 "<tl:Provision>Law</tl:Provision><tl:Need>b:Parent</tl:Need></tl:Profile>",
			"SO.NIRA says how far its register has come\n"},
		{"<tl:Profile assentAge=\"12\" decisionDays=\"60\" tacitDays=\"240\" tier=\"1\">"
		 "<tl:Provision>Law</tl:Provision><tl:Need>b:Annotation</tl:Need></tl:Profile>",
			"SO.NIRA: its record holds other particulars\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF(said) = {0};

		said_of(NULL, before, NULL, rows[i].after, &said);
		assert_non_null(said.data);
		assert_string_equal((char *)said.data, rows[i].told);
	}
}

static void
an_unchanged_list_has_no_changes(void **state)
{
	static const char demands[] = FIELD("b:Parent") FIELD("b:Annotation") CONSENT CLEARANCE;
	static const char profile[] =
		"<tl:Profile tier=\"1\"><tl:Need>b:Parent</tl:Need></tl:Profile>";
	OWNED_BUF(said) = {0};

	(void)state;
	said_of(demands, profile, demands, profile, &said);
	assert_int_equal(said.size, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_change_of_an_agreement_is_told),
		cmocka_unit_test(every_change_of_what_a_registry_says_is_told),
		cmocka_unit_test(an_unchanged_list_has_no_changes),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
