/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys of names: which spellings are the same letters, which are only heard alike, and which are
 * other names. */
#include "tests/unit/test.h"

#include "lib/name_family.h"
#include "lib/name_key.h"

static const struct {
	const char *a, *b;
	enum name_likeness likeness;
} pairs[] = {
	/* case, gaps, normal form, diacritics, apostrophes */
	{"Hodan  Abdi", "HODAN ABDI ", NAME_SAME},
	{"\xc3\x89lodie", "E\xcc\x81lodie", NAME_SAME},
	{"Élodie", "Elodie", NAME_SAME},
	{"Jean-Pierre", "Jean Pierre", NAME_SAME},
	{"Sa'id", "Sa’id", NAME_SAME},
	{"Öström", "Ostrom", NAME_SAME},
	{"Ħamrun", "Hamrun", NAME_SAME},
	/* Arabic: vowel signs, tatweel, alef, yeh, teh marbuta, direction marks */
	{"مُحَمَّد", "محمد", NAME_SAME},
	{"محـــمد", "محمد", NAME_SAME},
	{"أحمد", "احمد", NAME_SAME},
	{"إبراهيم", "ابراهيم", NAME_SAME},
	{"آمنة", "امنه", NAME_SAME},
	{"فاطمة", "فاطمه", NAME_SAME},
	{"علي", "على", NAME_SAME},
	{"\xe2\x80\x8f"
	 "علي",
		"علي", NAME_SAME},
	{"هودن عبدي", "هودن\xc2\xa0عبدي", NAME_SAME},
	/* Ge'ez letters that sound alike */
	{"ኃይለ ሥላሴ", "ሀይለ ስላሴ", NAME_SAME},
	{"ሐጎስ", "ሃጎስ", NAME_SAME},
	{"ዓለም", "አለም", NAME_SAME},
	{"ፀሐይ", "ጸሀይ", NAME_SAME},
	{"ኀይሌ", "ሃይሌ", NAME_SAME},
	{"ገብረ፡መድኅን", "ገብረ መድህን", NAME_SAME},
	/* heard alike: a person looks */
	{"Mohamed Ali", "Mohammed Ali", NAME_ALIKE},
	{"Mohamed Ali", "Muhammad Ali", NAME_ALIKE},
	{"Maxamed Cali", "Mohamed Ali", NAME_ALIKE},
	{"Cabdullaahi Xasan", "Abdullahi Hassan", NAME_ALIKE},
	{"Abd al-Rahman Omar", "Cabdiraxmaan Cumar", NAME_ALIKE},
	{"Abdul Rahman Umar", "Abdurrahman Omar", NAME_ALIKE},
	{"Faadumo", "Fatima", NAME_ALIKE},
	{"محمد علي", "Mohamed Ali", NAME_ALIKE},
	{"መሐመድ", "محمد", NAME_ALIKE},
	{"Sarah", "Sara", NAME_ALIKE},
	{"Hodan Abdi Warsame", "Hodan Abdi", NAME_ALIKE},
	{"Hodan bint Abdi", "Hodan Abdi", NAME_ALIKE},
	{"Gebre Medhin", "Gebremedhin", NAME_ALIKE},
	/* a mark that is a vowel or a consonant: Ram and Rama, Kamala and Kamal */
	{"राम", "रमा", NAME_ALIKE},
	{"မိုး", "မား", NAME_ALIKE},
	{"সীতা", "সতি", NAME_ALIKE},
	{"கமலா", "கமல", NAME_ALIKE},
	{"กิต", "กีต", NAME_ALIKE},
	{"រស្មី", "រស្ម", NAME_ALIKE},
	{"राम", "राम  ", NAME_SAME},
	{"राम", "सीता", NAME_OTHER},
	/* other names */
	{"Hodan", "Hodan Abdi", NAME_OTHER},
	{"Mohamed", "Mahmoud", NAME_OTHER},
	{"محمد", "محمود", NAME_OTHER},
	{"Ali", "Ola", NAME_OTHER},
	{"Ali Hassan", "Hassan Ali", NAME_OTHER},
	{"Amina", "Amira", NAME_OTHER},
	{"Hassan", "Hussein", NAME_OTHER},
	{"سالم", "سليم", NAME_OTHER},
	{"ሰላም", "ሳሌም", NAME_OTHER},
	{"Hodan Abdi", "Hodan Abdisalam", NAME_OTHER},
	{"", "", NAME_OTHER},
	{"'", "’", NAME_OTHER},
	{"\xff", "\xfe", NAME_OTHER},
};

static void
spellings_are_told_from_other_names(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		if (names_compare(pairs[i].a, pairs[i].b) != pairs[i].likeness)
			print_message("# %s and %s\n", pairs[i].a, pairs[i].b);
		assert_int_equal(names_compare(pairs[i].a, pairs[i].b), pairs[i].likeness);
		assert_int_equal(names_compare(pairs[i].b, pairs[i].a), pairs[i].likeness);
	}
}

/* What is folded once stays as it is: otherwise two keys of one name could differ. */
static void
key_of_a_key_is_itself(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		OWNED(char, key, free_chars) = name_key(pairs[i].a);
		OWNED(char, again, free_chars) = name_key(key);

		if (pairs[i].a[0] != '\xff')
			assert_string_equal(key, again);
	}
}

/* The same letters are always of one class. */
static void
same_letters_are_one_class(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		OWNED(char, a, free_chars) = name_class(pairs[i].a);
		OWNED(char, b, free_chars) = name_class(pairs[i].b);

		if (pairs[i].likeness == NAME_SAME)
			assert_string_equal(a, b);
	}
}

static void
odd_texts_have_keys_too(void **state)
{
	static const char *const odd[] = {"\xef\xb7\xba", "\xf0\x9d\x94\xb8\xf0\x9d\x94\xb9",
		"\xef\xb8\x8f", "\xe1\x84\x80\xe1\x85\xa1", "a\xcc\x81\xcc\x82\xcc\x83",
		"\xf4\x8f\xbf\xbf", "\xed\xa0\x80", "\xef\xbf\xbf", "ﷲ", "ǅ", "ŉ"};
	char longest[4001];

	for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
		OWNED(char, key, free_chars) = name_key(odd[i]);
		OWNED(char, class, free_chars) = name_class(odd[i]);

		assert_non_null(key);
		assert_non_null(class);
	}
	memset(longest, 'x', 4000);
	longest[4000] = '\0';
	OWNED(char, class, free_chars) = name_class(longest);
	assert_string_equal(class, "h");
	for (size_t i = 0; i + 2 < sizeof longest; i += 2)
		memcpy(longest + i, "ka", 2);
	OWNED(char, cut, free_chars) = name_class(longest);
	assert_true(strlen(cut) < NAME_SOUND_SIZE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spellings_are_told_from_other_names),
		cmocka_unit_test(key_of_a_key_is_itself),
		cmocka_unit_test(same_letters_are_one_class),
		cmocka_unit_test(odd_texts_have_keys_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
