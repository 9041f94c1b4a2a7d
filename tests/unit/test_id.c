/* SPDX-License-Identifier: EUPL-1.2
 * Ids, tracking numbers, party codes, digests, instants. */
#include "tests/unit/test.h"

#include "lib/id.h"

static void
new_ids_are_version_7_and_rise(void **state)
{
	struct id last = id_new();

	for (int i = 0; i < 20000; i++) {
		struct id next = id_new();
		char text[ID_TEXT_SIZE];
		struct id back;

		assert_true(memcmp(last.octet, next.octet, ID_SIZE) < 0);
		id_format(&next, text);
		assert_true(id_parse(text, &back));
		assert_true(id_equal(&next, &back));
		last = next;
	}
}

static void
an_id_has_one_spelling(void **state)
{
	static const char *const wrong[] = {
		"",
		"018f6cd0-5a2b-7c3d-8e4f-0123456789a",
		"018f6cd0-5a2b-7c3d-8e4f-0123456789abc",
		"018F6CD0-5a2b-7c3d-8e4f-0123456789ab",
		"018f6cd0-5a2b-4c3d-8e4f-0123456789ab",
		"018f6cd0-5a2b-7c3d-ce4f-0123456789ab",
		"018f6cd05a2b-7c3d-8e4f-0123456789abcd",
		"018f6cd0-5a2b-7c3d-8e4f-0123456789g0",
	};
	struct id out;

	assert_true(id_parse("018f6cd0-5a2b-7c3d-8e4f-0123456789ab", &out));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(id_parse(wrong[i], &out));
}

static void
a_tracking_number_survives_dictation(void **state)
{
	struct id id = id_new();
	char standard[TRACKING_SIZE], loose[32], back[TRACKING_SIZE];

	tracking_of(&id, standard);
	assert_int_equal(strlen(standard), 15);
	assert_true(tracking_parse(standard, back));
	assert_string_equal(standard, back);
	/* lower case, no dashes, no DFT, letters for digits */
	size_t n = 0;
	for (const char *p = standard + 4; *p != '\0'; p++)
		if (*p != '-')
			loose[n++] = *p == '0'	 ? 'o'
				     : *p == '1' ? 'l'
						 : (char)(*p | (*p >= 'A' ? 0x20 : 0));
	loose[n] = '\0';
	if (strpbrk(standard + 14, "*~$=") == NULL) {
		assert_true(tracking_parse(loose, back));
		assert_string_equal(standard, back);
	}
}

static void
a_number_that_a_shell_would_obey_is_not_plain(void **state)
{
	assert_true(tracking_is_plain("DFT-7Q2K-M9XA-P"));
	assert_true(tracking_is_plain("DFT-7Q2K-M9XA-U"));
	for (const char *c = "*~$="; *c != '\0'; c++) {
		char number[] = "DFT-7Q2K-M9XA-?";

		number[14] = *c;
		assert_false(tracking_is_plain(number));
	}
}

static void
every_single_wrong_character_of_a_tracking_number_is_caught(void **state)
{
	static const char symbols[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	struct id id = id_new();
	char standard[TRACKING_SIZE], out[TRACKING_SIZE];

	tracking_of(&id, standard);
	for (size_t at = 4; at < 13; at++) {
		char changed[TRACKING_SIZE];

		if (standard[at] == '-')
			continue;
		for (const char *c = symbols; *c != '\0'; c++) {
			memcpy(changed, standard, sizeof changed);
			changed[at] = *c;
			assert_int_equal(tracking_parse(changed, out), *c == standard[at]);
		}
	}
	assert_false(tracking_parse("DFT-7Q2K", out));
	assert_false(tracking_parse("DFT-7Q2K-M9X!-P", out));
	assert_false(tracking_parse("DFT-7Q2K-M9XA-PP", out));
}

static void
party_codes_are_upper_case_with_one_dot(void **state)
{
	static const char *const wrong[] = {"", "KE", "KE.", ".CRS", "ke.crs", "K.CRS", "KE.CRS.X",
		"KE CRS", "KE.CRS\n", "ABCDEFGHI.X", "KE.ABCDEFGHIJKLMNOPQ"};
	struct party p, q;

	assert_true(party_parse("KE.CRS", &p));
	assert_true(party_parse("UNHCR.NBO", &q));
	assert_false(party_equal(&p, &q));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(party_parse(wrong[i], &p));
}

static void
digests_are_sha_256(void **state)
{
	struct digest d, back;
	char text[DIGEST_TEXT_SIZE];

	digest_of("abc", 3, &d);
	digest_format(&d, text);
	assert_string_equal(
		text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_true(digest_parse(text, &back));
	assert_true(digest_equal(&d, &back));
	text[0] = 'B';
	assert_false(digest_parse(text, &back));
	/* RFC 4231, test case 2 */
	digest_hmac(bytes_of("Jefe", 4), bytes_of("what do ya want for nothing?", 28), &d);
	digest_format(&d, text);
	assert_string_equal(
		text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void
an_instant_has_one_spelling(void **state)
{
	static const char *const wrong[] = {"", "2026-11-24T08:00:00Z", "2026-11-24 08:00:00.000Z",
		"2026-02-30T08:00:00.000Z", "2026-11-24T24:00:00.000Z", "2026-11-24T08:00:60.000Z",
		"1969-12-31T23:59:59.999Z", "2026-11-24T08:00:00.000z", "2026-13-01T00:00:00.000Z",
		"2026-00-01T00:00:00.000Z"};
	char text[INSTANT_TEXT_SIZE];
	int64_t ms;

	for (int64_t t = 0; t < 4102444800000; t += 86399999 * 7) {
		instant_format(t, text);
		assert_true(instant_parse(text, &ms));
		assert_int_equal(ms, t);
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(instant_parse(wrong[i], &ms));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_ids_are_version_7_and_rise),
		cmocka_unit_test(an_id_has_one_spelling),
		cmocka_unit_test(a_tracking_number_survives_dictation),
		cmocka_unit_test(a_number_that_a_shell_would_obey_is_not_plain),
		cmocka_unit_test(every_single_wrong_character_of_a_tracking_number_is_caught),
		cmocka_unit_test(party_codes_are_upper_case_with_one_dot),
		cmocka_unit_test(digests_are_sha_256),
		cmocka_unit_test(an_instant_has_one_spelling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
