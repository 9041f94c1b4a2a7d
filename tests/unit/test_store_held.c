/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is held and what is known of revocations, as a store keeps it. Written against store.h only.
 */
#include "tests/unit/store_stage.h"

/* ---- held ---- */

static void
hold(uint64_t seq)
{
	struct store_txn *t = store_begin(store);

	store_hold(t, seq, now);
	assert_int_equal(commit(&t), E_OK);
}

static void
release(uint64_t seq)
{
	struct store_txn *t = store_begin(store);

	store_release(t, seq);
	assert_int_equal(commit(&t), E_OK);
}

static void
assert_whole(void)
{
	struct scrub scrub;

	(void)!store_scrub(store, &scrub);
	assert_string_equal(scrub.first, "");
}

static void
held_message_is_in_no_queue_until_it_is_released(void **unused)
{
	struct party to = party("SO.NIRA");
	struct held held[4];
	struct entry e[4];

	for (uint64_t n = 1; n <= 3; n++)
		file(n, "KE.CRS", "SO.NIRA");
	hold(1);
	hold(2);
	hold(2);
	reopen();
	assert_whole();
	assert_int_equal(store_queue(store, &to, 0, e, 4), 1);
	assert_int_equal(store_queue_depth(store, &to), 1);
	assert_int_equal(store_held_count(store, NULL), 2);
	assert_int_equal(store_held(store, NULL, 0, held, 4), 2);
	assert_true(held[0].seq == 1 && held[1].seq == 2 && held[1].since == NOW);
	assert_int_equal(store_held(store, NULL, 1, held, 4), 1);
	assert_int_equal(store_held(store, NULL, UINT64_MAX, held, 4), 0);
	assert_true(store_held_since(store, NULL, 2) == NOW);
	assert_true(store_held_since(store, NULL, 3) == 0);
	release(2);
	release(2);
	release(3);
	assert_whole();
	assert_int_equal(store_queue(store, &to, 0, e, 4), 2);
	assert_int_equal(e[0].seq, 2);
	assert_int_equal(store_held_count(store, NULL), 1);
}

static void
held_message_expires_and_ends_like_any_other(void **unused)
{
	struct party to = party("SO.NIRA");
	uint64_t expired[4];
	struct store_txn *t;
	struct entry e[4];

	file(1, "KE.CRS", "SO.NIRA");
	hold(1);
	assert_int_equal(store_expired(store, NULL, INT64_MAX, NULL, expired, 4), 1);
	t = store_begin(store);
	store_requeue(t, 1); /* asked for by its addressee: it stays held */
	assert_int_equal(store_held_count(store, t), 1);
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_queue(store, &to, 0, e, 4), 0);
	assert_int_equal(store_queue_depth(store, &to), 0);
	t = store_begin(store);
	end_of_message(t, 1, ST_EXPIRED, bytes_of(NULL, 0));
	assert_int_equal(commit(&t), E_OK);
	assert_whole();
	assert_int_equal(store_held_count(store, NULL), 0);
	assert_int_equal(store_expired(store, NULL, INT64_MAX, NULL, expired, 4), 0);
}

static void
what_was_delivered_is_not_held(void **unused)
{
	struct store_txn *t;

	file(1, "KE.CRS", "SO.NIRA");
	take(1);
	t = store_begin(store);
	store_hold(t, 1, now);
	assert_int_equal(store_error(t), E_STATE);
	store_abort(&t);
}

/* ---- revocation data ---- */

static const char der_text[] = "DER number 0 of the authority";

static struct revocation_facts
facts(uint8_t subject, char version, char der[sizeof der_text])
{
	struct revocation_facts f = {.magic = REVOCATION_MAGIC,
		.code = E_OK,
		.kind = 'C',
		.country = "KE",
		.subject = {{subject}},
		.this_update = NOW,
		.next_update = NOW + HOUR,
		.number = {[19] = (uint8_t)version}};

	memcpy(der, der_text, sizeof der_text);
	der[11] = version;
	digest_of(der, sizeof der_text, &f.digest);
	return f;
}

static uint64_t
keep(uint8_t subject, char version)
{
	struct store_txn *t = store_begin(store);
	char der[sizeof der_text];
	struct revocation_facts f = facts(subject, version, der);
	uint64_t number;

	store_set_revocation(t, &f, bytes_of(der, sizeof der), NOW + 5, &number);
	assert_int_equal(commit(&t), E_OK);
	return number;
}

static void
assert_item(uint64_t after, uint64_t item, uint8_t subject, char version)
{
	struct revocation_item is;
	char der[sizeof der_text];
	struct revocation_facts f = facts(subject, version, der);
	OWNED_BUF(octets) = {0};

	assert_int_equal(store_next_revocation(store, NULL, after, &is, &octets), E_OK);
	assert_int_equal(is.item, item);
	assert_true(is.taken == NOW + 5);
	assert_memory_equal(&is.facts, &f, sizeof f);
	assert_int_equal(octets.size, sizeof der);
	assert_memory_equal(octets.data, der, sizeof der);
}

static void
newest_revocation_data_about_a_subject_takes_the_place_of_the_older(void **unused)
{
	struct revocation_item is;

	assert_int_equal(store_last_revocation(store), 0);
	assert_int_equal(keep(1, '1'), 1);
	assert_int_equal(keep(2, '1'), 2);
	assert_int_equal(keep(1, '2'), 3);
	reopen();
	assert_whole();
	assert_item(0, 2, 2, '1');
	assert_item(2, 3, 1, '2');
	assert_int_equal(store_next_revocation(store, NULL, 3, &is, NULL), E_NOT_FOUND);
	assert_int_equal(store_next_revocation(store, NULL, UINT64_MAX, &is, NULL), E_NOT_FOUND);
	assert_int_equal(store_last_revocation(store), 3);
	assert_int_equal(
		store_revocation_about(store, NULL, 'C', &(struct digest){{1}}, &is), E_OK);
	assert_int_equal(is.item, 3);
	assert_int_equal(
		store_revocation_about(store, NULL, 'O', &(struct digest){{1}}, &is), E_NOT_FOUND);
}

/* Items that only the lost part knew had numbers as well. */
static void
restored_store_gives_no_number_twice(void **unused)
{
	uint64_t last = keep(1, '1'), next;

	assert_int_equal(store_mark_restored(store), E_OK);
	reopen();
	next = keep(2, '1');
	assert_true(next > last + 1000000);
	assert_int_equal(keep(1, '2'), next + 1);
	assert_whole();
}

static void
copy_has_what_is_held_and_revocation_data(void **unused)
{
	OWNED(char, copy, free_chars) = xprintf("%s/copy", folder);
	struct revocation_item is;
	struct scrub scrub;

	file(1, "KE.CRS", "SO.NIRA");
	hold(1);
	keep(1, '1');
	assert_int_equal(store_backup(store, copy, &scrub), E_OK);
	store_close(&store);
	assert_int_equal(store_open(copy, MAP, store_key_of_tests, &store), E_OK);
	assert_int_equal(store_held_count(store, NULL), 1);
	assert_int_equal(store_next_revocation(store, NULL, 0, &is, NULL), E_OK);
	assert_whole();
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(held_message_is_in_no_queue_until_it_is_released),
		T(held_message_expires_and_ends_like_any_other),
		T(what_was_delivered_is_not_held),
		T(newest_revocation_data_about_a_subject_takes_the_place_of_the_older),
		T(restored_store_gives_no_number_twice),
		T(copy_has_what_is_held_and_revocation_data),
	};

	return cmocka_run_group_tests_name("store_held", tests, make_key, drop_key);
}
