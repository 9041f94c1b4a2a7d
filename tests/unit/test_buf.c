/* SPDX-License-Identifier: EUPL-1.2
 * Buffers, encodings, the arena, the bounded cursor, and the list of errors. */
#include "tests/unit/test.h"

#include "lib/buf.h"

static void
a_buffer_grows_and_stays_terminated(void **state)
{
	OWNED(struct arena, a, arena_free) = arena_new();
	struct buf b = {0};

	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i);
	assert_int_equal(b.size, strlen((char *)b.data));
	buf_reset(&b);
	assert_int_equal(b.size, 0);
	buf_text(&b, "kept");
	assert_string_equal(arena_text_n(a, b.data, b.size), "kept");
	buf_free(&b);
	assert_null(b.data);
}

static void
base64_is_rfc_4648(void **state)
{
	static const struct {
		const char *plain, *coded;
	} rows[] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="},
		{"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct buf b = {0};
		uint8_t out[16];
		size_t size = sizeof out;

		buf_base64(&b, rows[i].plain, strlen(rows[i].plain));
		buf_text(&b, "");
		assert_string_equal((char *)b.data, rows[i].coded);
		assert_true(base64_decode(rows[i].coded, strlen(rows[i].coded), out, &size));
		assert_int_equal(size, strlen(rows[i].plain));
		assert_memory_equal(out, rows[i].plain, size);
		buf_free(&b);
	}
}

static void
base64_has_one_spelling(void **state)
{
	static const char *const wrong[] = {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zm 8", "=m9v",
		"Zg==Zg==", "Zm9v\n", "Z===", "Zm8=Zm8="};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		uint8_t out[16];
		size_t size = sizeof out;

		assert_false(base64_decode(wrong[i], strlen(wrong[i]), out, &size));
	}
	uint8_t small[2];
	size_t size = sizeof small;
	assert_false(base64_decode("Zm9v", 4, small, &size));
}

static void
hex_takes_lower_case_of_the_right_length(void **state)
{
	uint8_t out[2];

	assert_true(hex_decode("00ff", 4, out, 2));
	assert_int_equal(out[1], 0xff);
	assert_false(hex_decode("00FF", 4, out, 2));
	assert_false(hex_decode("00f", 3, out, 2));
	assert_false(hex_decode("00fg", 4, out, 2));
}

static void
a_cursor_never_reads_past_the_end(void **state)
{
	static const uint8_t five[] = {0, 0, 1, 2, 3};
	struct cursor c = cursor_of(bytes_of(five, sizeof five));

	assert_int_equal(cursor_u32(&c), 0x102);
	assert_int_equal(cursor_u8(&c), 3);
	assert_true(cursor_done(&c));
	assert_int_equal(cursor_u8(&c), 0);
	assert_false(cursor_done(&c));
	c = cursor_of(bytes_of(five, sizeof five));
	assert_int_equal(cursor_u64(&c), 0);
	assert_true(c.bad);
	assert_null(cursor_take(&c, 1).data);
	c = cursor_of(bytes_of(five, sizeof five));
	assert_null(cursor_take(&c, SIZE_MAX).data);
	assert_true(c.bad);
}

static void
an_arena_gives_zeroed_aligned_memory(void **state)
{
	OWNED(struct arena, a, arena_free) = arena_new();

	for (size_t size = 1; size < 10000; size += 37) {
		uint8_t *p = arena_alloc(a, size);

		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xa5, size);
	}
}

static void
every_error_has_a_word_of_its_own_and_a_sentence(void **state)
{
	for (int i = 0; i < E_COUNT; i++) {
		const char *word = err_word((enum err)i);

		assert_true(strlen(word) > 1 && strlen(word) < 32);
		assert_int_equal(
			strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"), strlen(word));
		assert_int_equal(err_of_word(word), i);
		assert_true(strlen(err_sentence((enum err)i)) > 3);
	}
	assert_int_equal(err_of_word("NO-SUCH-WORD"), E_UNKNOWN_CODE);
	assert_true(err_retry(E_BUSY));
	assert_false(err_retry(E_SIGNATURE));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_buffer_grows_and_stays_terminated),
		cmocka_unit_test(base64_is_rfc_4648),
		cmocka_unit_test(base64_has_one_spelling),
		cmocka_unit_test(hex_takes_lower_case_of_the_right_length),
		cmocka_unit_test(a_cursor_never_reads_past_the_end),
		cmocka_unit_test(an_arena_gives_zeroed_aligned_memory),
		cmocka_unit_test(every_error_has_a_word_of_its_own_and_a_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
