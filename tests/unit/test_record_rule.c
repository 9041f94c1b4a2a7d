/* SPDX-License-Identifier: EUPL-1.2
 *
 * Single values of a record: which dates, texts and names may stand in one, what people are shown,
 * and the key under which a birth is entered once. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "lib/record.h"
#include "lib/record_rule.h"

static void
dates_of_the_subset_are_known(void **state)
{
	static const char *const good[] = {"2024", "2024-05", "2024-05-17", "2024-02-29", "199X",
		"19XX", "XXXX", "1994-XX", "1994-XX-XX", "1994-05-XX", "2024?", "2024-05~",
		"2024-05-17%", "2023/2024", "2023-05/2023-06", "../2024", "2024/..", "1990~/1992~",
		"199X/1995", "2024/2024", "0001"};
	static const char *const bad[] = {"", "24", "2024-13", "2024-00", "2024-2-3", "2023-02-29",
		"2024-05-32", "2024-05-00", "1XXX", "X994", "199X-05", "XXXX-05-12", "1994-XX-05",
		"2024-21", "-2024", "Y17E7", "2024-05-17T10:00", "2024//2025", "../..", "2025/2024",
		"2024?~", "2024-05-17 ", " 2024", "{2024}", "[2024]", "2024/", "/2024", "../",
		"20240517", "2024-05-17/", "1994-XX-XXX"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!edtf_ok(good[i]))
			fail_msg("%s is refused", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (edtf_ok(bad[i]))
			fail_msg("%s is taken", bad[i]);
}

static void
texts_hold_no_hidden_characters(void **state)
{
	static const char *const bad[] = {"", "a\tb", "a\nb", "a\x7F", "a\xC2\x85", "a\xE2\x80\xAE",
		"\xE2\x80\xAA", "a\xE2\x81\xA6", "a\xE2\x81\xA9", "a\xE2\x80\xA8", "\xEE\x80\x80",
		"\xEF\xB7\x90", "\xEF\xBF\xBF", "\xF0\x9F\xBF\xBF", "\xF3\xB0\x80\x80", "\xFF",
		"\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5",
		"\xBF\xBF", "\xE0\x81\xA1", "\xF0\x80\x81\xA1"};
	static const char *const good[] = {"a", "Asha", "هودن", "ትዕግሥት", "O'Neil-\xC3\x89", "a b",
		"\xF0\x9E\xA4\x80", "\xE2\x80\x93"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (rule_problem(RULE_NAME, bad[i]) == NULL)
			fail_msg("bad text %zu is taken", i);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (rule_problem(RULE_NAME, good[i]) != NULL)
			fail_msg("good text %zu is refused", i);
	assert_null(rule_problem(RULE_TEXT, "two\nlines"));
	assert_non_null(rule_problem(RULE_TEXT, "a\rb"));
	assert_non_null(rule_problem(RULE_LINE, NULL));
}

#define ZWJ "\xE2\x80\x8D"

static void
joiners_stand_between_arabic_letters(void **state)
{
	static const char *const arabic[] = {
		"\u0628", "\u0750", "\u08A0", "\uFB50", "\uFDF2", "\uFE8D"};
	static const char *const other[] = {"", "a", "\u1230", "\u05D0", "\uFE00", "\u2013"};
	char name[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(arabic); i++) {
		(void)snprintf(name, sizeof name, "%s" ZWJ "%s", arabic[i], arabic[0]);
		assert_null(rule_problem(RULE_NAME, name));
		(void)snprintf(name, sizeof name, "%s" ZWJ "%s", arabic[0], arabic[i]);
		assert_null(rule_problem(RULE_NAME_PART, name));
		(void)snprintf(name, sizeof name, "%s" ZWJ "%s", arabic[0], other[i]);
		assert_non_null(rule_problem(RULE_NAME, name));
		(void)snprintf(name, sizeof name, "%s" ZWJ "%s", other[i], arabic[0]);
		assert_non_null(rule_problem(RULE_NAME_PART, name));
	}
}

static void
lengths_count_characters(void **state)
{
	OWNED_BUF(b) = {0};

	(void)state;
	for (size_t i = 0; i < 300; i++)
		buf_text(&b, "ሰ");
	assert_null(rule_problem(RULE_NAME, (const char *)b.data));
	buf_text(&b, "x");
	assert_non_null(rule_problem(RULE_NAME, (const char *)b.data));
}

/* ---- names, words, keys ---- */

static void
the_authoritative_form_is_shown(void **state)
{
	struct name_form latin = {.full = "Hodan Abdi", .script = "Latn"};
	struct name_form arabic = {.full = "هودن", .script = "Arab", .next = &latin};
	struct name n = {&arabic};

	(void)state;
	assert_string_equal(name_full(&n), "");
	latin.authoritative = true;
	assert_string_equal(name_full(&n), "Hodan Abdi");
	n.forms = NULL;
	assert_string_equal(name_full(&n), "");
}

static void
outcomes_have_words(void **state)
{
	static const char *const words[] = {
		"Transcribed", "AlreadyTranscribed", "Refused", "TacitRefusal", "Deferred"};
	struct outcome o = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		o.result = i;
		assert_string_equal(outcome_word(&o), words[i]);
	}
}

static void
key_of(const char *office, const char *number, const char *value, char out[DIGEST_TEXT_SIZE])
{
	static const uint8_t secret[32] = {1, 2, 3};
	struct record_date date = {.value = value};
	struct register_entry entry = {
		.number = number, .office = office, .registered_on = value == NULL ? NULL : &date};
	struct party receiver;
	struct digest d;

	assert_true(party_parse("SO.NIRA", &receiver));
	record_key(bytes_of(secret, sizeof secret), &receiver, "KE", &entry, &d);
	digest_format(&d, out);
}

/* The expected value was made with the openssl command, which knows nothing of daftar:
 * printf '\0\0\0\7SO.NIRA\0\0\0\2KE\0\0\0\7Garissa\0\0\0\00212\0\0\0\0042024\0\0\0\5birth' |
 * openssl dgst -sha256 -mac HMAC -macopt hexkey:01020300... */
static void
keys_depend_on_every_part_and_its_bounds(void **state)
{
	char key[DIGEST_TEXT_SIZE], other[DIGEST_TEXT_SIZE];

	(void)state;
	key_of("Garissa", "12", "2024-03-09", key);
	assert_string_equal(
		key, "b3383850f63c1c2154c50a5e8bdda384ed6bd4deed0017c415d64be88a2519ed");
	key_of("Garissa", "12", "2024-12~", other);
	assert_string_equal(other, key);
	key_of("Garissa", "12", "2023-03-09", other);
	assert_string_not_equal(other, key);
	key_of("Garissa1", "2", "2024-03-09", other);
	assert_string_not_equal(other, key);
	key_of("Garissa", "122024", NULL, other);
	assert_string_not_equal(other, key);
	key_of("Garissa", "12", NULL, key);
	key_of("Garissa", "12", "../2024", other);
	assert_string_equal(other, key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_of_the_subset_are_known),
		cmocka_unit_test(texts_hold_no_hidden_characters),
		cmocka_unit_test(joiners_stand_between_arabic_letters),
		cmocka_unit_test(lengths_count_characters),
		cmocka_unit_test(the_authoritative_form_is_shown),
		cmocka_unit_test(outcomes_have_words),
		cmocka_unit_test(keys_depend_on_every_part_and_its_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
