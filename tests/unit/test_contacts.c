/* SPDX-License-Identifier: EUPL-1.2
 * Whom to call: what is taken as a contact, and that nothing in it acts on a screen. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "broker/contacts.h"

static const struct setting table[] = {
	{"contacts", SET_LIST, "", 0, 0, "whom to call"},
	{NULL, SET_TEXT, NULL, 0, 0, NULL},
};

static char said[512];

static enum err
check(const char *text, struct conf **out)
{
	FILE *to = fmemopen(said, sizeof said, "w");
	enum err e;

	assert_non_null(to);
	e = conf_read("daftard.conf", text, table, to, out);
	if (e == E_OK)
		e = contacts_check(*out, to);
	fclose(to);
	return e;
}

static void
each_party_has_its_own_in_their_order(void **state)
{
	OWNED(struct conf, c, conf_free) = NULL;
	json_t *list;

	assert_int_equal(
		check("contacts = {\"KE.CRS: desk, +254 20 1\", \"SO.NIRA:nira@example.so\",\n"
		      "\"KE.CRS: bureau de l'\u00e9tat civil: 08:00-17:00\"}",
			&c),
		E_OK);
	list = contacts_json(c, "KE.CRS");
	assert_int_equal(json_array_size(list), 2);
	assert_string_equal(json_string_value(json_array_get(list, 0)), "desk, +254 20 1");
	assert_string_equal(json_string_value(json_array_get(list, 1)),
		"bureau de l'\u00e9tat civil: 08:00-17:00");
	json_decref(list);
	list = contacts_json(c, "SO.NIRA");
	assert_string_equal(json_string_value(json_array_get(list, 0)), "nira@example.so");
	json_decref(list);
	list = contacts_json(c, "KE");
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
}

static void
what_is_no_contact_is_named_with_its_line(void **state)
{
	static const char *const bad[] = {"KE.CRS", "desk: +254", ": desk",
		"KE.CRS:", "KE.CRS:   ", "ke.crs: desk", "KE.CRS: a\\nb", "KE.CRS: \\e[2J",
		"KE.CRS: \xe2\x80\xae"
		"desk",
		"KE.CRS: \xff", "KE.CRS.AND.SOMETHING.FAR.TOO.LONG.TO.BE.A.PARTY: desk"};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		OWNED(char, text, free_chars) =
			xprintf("contacts = {\"SO.NIRA: desk\",\n\"%s\"}\n", bad[i]);
		OWNED(struct conf, c, conf_free) = NULL;

		assert_int_equal(check(text, &c), E_CONFIG);
		assert_non_null(strstr(said, "daftard.conf:"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_party_has_its_own_in_their_order),
		cmocka_unit_test(what_is_no_contact_is_named_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
