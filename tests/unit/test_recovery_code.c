/* SPDX-License-Identifier: EUPL-1.2
 *
 * Codes on paper: as typed by hand they are read, and every slip of one character is told by its
 * group. */
#include <ctype.h>

#include "certs/recovery_code.h"
#include "tests/unit/test.h"

static void
test_typed(void **state)
{
	char code[RECOVERY_CODE_SIZE], read[RECOVERY_CODE_SIZE], typed[128];
	size_t n = 0;

	(void)state;
	recovery_code_make(code);
	assert_int_equal(strlen(code), RECOVERY_CODE_SIZE - 1);
	assert_int_equal(recovery_code_read(code, read), 0);
	assert_string_equal(read, code);
	for (const char *p = code; *p != '\0'; p++) {
		typed[n++] = *p == '0' ? 'o' : *p == '1' ? 'l' : (char)tolower((unsigned char)*p);
		if (n % 7 == 0)
			typed[n++] = ' ';
	}
	typed[n++] = '\n';
	typed[n] = '\0';
	assert_int_equal(recovery_code_read(typed, read), 0);
	assert_string_equal(read, code);
}

static void
test_slips(void **state)
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	char code[RECOVERY_CODE_SIZE], slip[RECOVERY_CODE_SIZE + 2], read[RECOVERY_CODE_SIZE];

	(void)state;
	recovery_code_make(code);
	for (size_t i = 0; i < RECOVERY_CODE_SIZE - 1; i++) {
		for (const char *d = digits; *d != '\0' && code[i] != '-'; d++) {
			memcpy(slip, code, RECOVERY_CODE_SIZE);
			slip[i] = *d;
			assert_int_equal(recovery_code_read(slip, read),
				*d == code[i] ? 0 : (int)(i / (RECOVERY_GROUP + 1)) + 1);
		}
	}
	memcpy(slip, code, RECOVERY_CODE_SIZE);
	slip[40] = '\0';
	assert_int_equal(recovery_code_read(slip, read), 7);
	slip[0] = 'U'; /* no digit of this alphabet */
	assert_int_equal(recovery_code_read(slip, read), 1);
	assert_int_equal(recovery_code_read("", read), 1);
	memcpy(slip, code, RECOVERY_CODE_SIZE);
	strcat(slip, "0");
	assert_int_equal(recovery_code_read(slip, read), RECOVERY_GROUPS + 1);
}

static void
test_key(void **state)
{
	char one[RECOVERY_CODE_SIZE], two[RECOVERY_CODE_SIZE];
	uint8_t key[RECOVERY_KEY_SIZE], again[RECOVERY_KEY_SIZE], other[RECOVERY_KEY_SIZE];

	(void)state;
	recovery_code_make(one);
	recovery_code_make(two);
	assert_string_not_equal(one, two);
	recovery_code_key(one, key);
	recovery_code_key(one, again);
	recovery_code_key(two, other);
	assert_memory_equal(key, again, sizeof key);
	assert_memory_not_equal(key, other, sizeof key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_typed),
		cmocka_unit_test(test_slips),
		cmocka_unit_test(test_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
