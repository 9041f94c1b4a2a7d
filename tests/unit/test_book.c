/* SPDX-License-Identifier: EUPL-1.2
 *
 * Books: their order, their doubles, what an element says, and that the fingerprint is the sum of
 * the elements and nothing else. */
#include "tests/unit/test.h"

#include "lib/book.h"

static struct digest
digest_filled(uint8_t octet)
{
	struct digest d;

	memset(d.octet, octet, sizeof d.octet);
	return d;
}

static void
an_open_message_is_its_digest_and_an_end_changes_it(void **state)
{
	struct digest message = digest_filled(7), accepted, delivered, end[STAGE_N];

	(void)state;
	book_element(&message, ST_ACCEPTED, &accepted);
	book_element(&message, ST_DELIVERED, &delivered);
	assert_true(digest_equal(&accepted, &message));
	assert_true(digest_equal(&delivered, &message));
	for (unsigned s = 0; s < STAGE_N; s++) {
		book_element(&message, (enum stage)s, &end[s]);
		assert_int_equal(digest_equal(&end[s], &message), !stage_final((enum stage)s));
		for (unsigned other = 0; other < s; other++)
			if (stage_final((enum stage)s))
				assert_false(digest_equal(&end[s], &end[other]));
	}
}

static void
the_end_is_hashed_with_its_word(void **state)
{
	struct digest message = digest_filled(7), element, expected;
	uint8_t octets[DIGEST_SIZE + 9];

	(void)state;
	memset(octets, 7, DIGEST_SIZE);
	memcpy(octets + DIGEST_SIZE, "COMMITTED", 9);
	digest_of(octets, sizeof octets, &expected);
	book_element(&message, ST_COMMITTED, &element);
	assert_true(digest_equal(&element, &expected));
}

static void
sealing_sorts_by_time_then_element_and_drops_doubles(void **state)
{
	static const struct {
		int64_t time;
		uint8_t octet;
	} in[] = {{5, 1}, {3, 9}, {3, 2}, {5, 1}, {-4, 8}, {3, 9}};
	OWNED(struct book, b, book_free) = book_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(in); i++) {
		struct digest d = digest_filled(in[i].octet);

		book_add(b, in[i].time, &d, in[i].octet);
	}
	book_seal(b);
	assert_int_equal(book_size(b), 4);
	assert_int_equal(book_time(b, 0), 0); /* before 1970 counts as 1970 */
	assert_int_equal(book_ref(b, 0), 8);
	assert_int_equal(book_ref(b, 1), 2);
	assert_int_equal(book_at(b, 2)->octet[0], 9);
	assert_int_equal(book_time(b, 3), 5);
}

static void
elements_are_found_without_their_time(void **state)
{
	OWNED(struct book, b, book_free) = book_new();
	struct digest d;
	uint64_t ref = 0;

	(void)state;
	for (uint64_t i = 0; i < 1000; i++) {
		digest_of(&i, sizeof i, &d);
		book_add(b, (int64_t)(i % 17), &d, i + 1);
	}
	book_seal(b);
	for (uint64_t i = 0; i < 1000; i++) {
		digest_of(&i, sizeof i, &d);
		assert_true(book_find(b, &d, &ref));
		assert_int_equal(ref, i + 1);
	}
	d.octet[31] ^= 1;
	assert_false(book_find(b, &d, &ref));
	assert_false(book_find(b, &d, NULL));
}

static void
a_lower_bound_is_the_first_that_is_not_before(void **state)
{
	OWNED(struct book, b, book_free) = book_new();
	struct digest two = digest_filled(2), three = digest_filled(3), four = digest_filled(4);

	(void)state;
	book_add(b, 10, &two, 0);
	book_add(b, 10, &four, 0);
	book_add(b, 20, &two, 0);
	book_seal(b);
	assert_int_equal(book_lower_bound(b, 0, 0, &two), 0);
	assert_int_equal(book_lower_bound(b, 0, 10, &two), 0);
	assert_int_equal(book_lower_bound(b, 0, 10, &three), 1);
	assert_int_equal(book_lower_bound(b, 2, 10, &three), 2);
	assert_int_equal(book_lower_bound(b, 0, 20, &three), 3);
	assert_int_equal(book_lower_bound(b, 0, UINT64_MAX, &two), 3);
	assert_int_equal(book_lower_bound(b, 3, 0, &two), 3);
}

/* SHA-256 of the sum and of the count. All ones and 1 add up to 0, which a lost carry would spoil.
 */
static void
the_fingerprint_is_of_the_sum_and_the_count(void **state)
{
	OWNED(struct book, b, book_free) = book_new();
	struct digest ones = digest_filled(0xff), one = digest_filled(0), expected;
	uint8_t octets[DIGEST_SIZE + 1] = {0}, out[BOOK_FINGERPRINT_SIZE];

	(void)state;
	one.octet[0] = 1;
	book_add(b, 1, &ones, 0);
	book_add(b, 2, &one, 0);
	book_seal(b);
	octets[DIGEST_SIZE] = 2;
	digest_of(octets, sizeof octets, &expected);
	book_fingerprint(b, out);
	assert_memory_equal(out, expected.octet, sizeof out);
	octets[0] = 1;
	octets[DIGEST_SIZE] = 1;
	digest_of(octets, sizeof octets, &expected);
	book_fingerprint_range(b, 1, 2, out);
	assert_memory_equal(out, expected.octet, sizeof out);
}

/* Kept sums and single elements make the same: a range of a large book has the fingerprint of a
 * book that has nothing else. */
static void
a_range_has_the_fingerprint_of_a_book_of_its_own(void **state)
{
	static const size_t edges[] = {0, 1, 255, 256, 257, 511, 512, 700, 1024, 1500};
	OWNED(struct book, whole, book_free) = book_new();
	uint8_t ranged[BOOK_FINGERPRINT_SIZE], alone[BOOK_FINGERPRINT_SIZE];
	struct digest d;

	(void)state;
	for (uint64_t i = 0; i < 1500; i++) {
		digest_of(&i, sizeof i, &d);
		book_add(whole, (int64_t)i, &d, i);
	}
	book_seal(whole);
	for (size_t l = 0; l < ARRAY_LEN(edges); l++)
		for (size_t u = l; u < ARRAY_LEN(edges); u++) {
			OWNED(struct book, part, book_free) = book_new();
			size_t n = edges[u] - edges[l];

			for (size_t i = edges[l]; i < edges[u]; i++)
				book_add(part, book_time(whole, i), book_at(whole, i), i);
			book_seal(part);
			assert_int_equal(book_size(part), n);
			book_fingerprint_range(whole, edges[l], edges[u], ranged);
			book_fingerprint(part, alone);
			assert_memory_equal(ranged, alone, sizeof alone);
		}
}

static void
an_empty_book_has_a_fingerprint_and_nothing_in_it(void **state)
{
	OWNED(struct book, b, book_free) = book_new();
	uint8_t octets[DIGEST_SIZE + 1] = {0}, out[BOOK_FINGERPRINT_SIZE];
	struct digest expected, d = digest_filled(1);

	(void)state;
	book_seal(b);
	assert_int_equal(book_size(b), 0);
	assert_false(book_find(b, &d, NULL));
	digest_of(octets, sizeof octets, &expected);
	book_fingerprint(b, out);
	assert_memory_equal(out, expected.octet, sizeof out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_message_is_its_digest_and_an_end_changes_it),
		cmocka_unit_test(the_end_is_hashed_with_its_word),
		cmocka_unit_test(sealing_sorts_by_time_then_element_and_drops_doubles),
		cmocka_unit_test(elements_are_found_without_their_time),
		cmocka_unit_test(a_lower_bound_is_the_first_that_is_not_before),
		cmocka_unit_test(the_fingerprint_is_of_the_sum_and_the_count),
		cmocka_unit_test(a_range_has_the_fingerprint_of_a_book_of_its_own),
		cmocka_unit_test(an_empty_book_has_a_fingerprint_and_nothing_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
