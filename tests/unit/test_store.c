/* SPDX-License-Identifier: EUPL-1.2
 *
 * What every store must do, whatever it is made of: written against store.h only, so that each
 * implementation runs the same file. */
#include "tests/unit/store_stage.h"

/* ---- accepting ---- */

static void
accepted_message_is_found_under_each_of_its_names(void **unused)
{
	struct sample m;
	struct entry e, many[4];
	OWNED_BUF(body) = {0};

	sample(&m, 7, "KE.CRS", "SO.NIRA");
	m.v.header.has_on_behalf_of = true;
	m.v.header.on_behalf_of = party("UNHCR.NBO");
	struct store_txn *t = store_begin(store);
	assert_int_equal(accept(t, &m, &e), ACCEPT_NEW);
	assert_int_equal(e.seq, 1);
	assert_int_equal(commit(&t), E_OK);
	reopen();

	assert_int_equal(store_entry(store, NULL, 1, &e), E_OK);
	assert_header(&e.header, &m.v.header);
	assert_true(digest_equal(&e.digest, &m.v.digest));
	assert_int_equal(e.size, m.bytes.size);
	assert_int_equal(e.stage, ST_ACCEPTED);
	assert_true(e.at[ST_ACCEPTED] == NOW && e.at[ST_DELIVERED] == 0);
	assert_int_equal(store_find(store, NULL, &m.v.header.from, &m.v.header.id, &e), E_OK);
	assert_int_equal(store_find_id(store, NULL, &m.v.header.id, &e), E_OK);
	assert_int_equal(
		store_find_to(store, NULL, &m.v.header.to, &m.v.header.id, NULL, &e), E_OK);
	assert_int_equal(store_queue(store, &m.v.header.to, 0, many, 4), 1);
	assert_int_equal(store_conversation(store, &m.v.header.conversation, many, 4), 1);
	assert_int_equal(store_recent(store, 0, many, 4), 1);
	assert_int_equal(store_body(store, NULL, 1, &body), E_OK);
	assert_string_equal((char *)body.data, m.text);
	assert_receipt(1, ST_ACCEPTED);
}

static void
what_is_not_there_is_not_found(void **unused)
{
	struct party p = party("KE.CRS"), other = party("SO.NIRA");
	struct id id = numbered_id(1), unknown = numbered_id(2);
	uint64_t none[1];
	struct entry e;
	struct notice n;
	OWNED_BUF(b) = {0};

	assert_int_equal(store_checkpoint(store, &b), E_NOT_FOUND);
	file(1, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_find(store, NULL, &p, &unknown, &e), E_NOT_FOUND);
	assert_int_equal(store_find(store, NULL, &other, &id, &e), E_NOT_FOUND);
	assert_int_equal(store_find_id(store, NULL, &unknown, &e), E_NOT_FOUND);
	assert_int_equal(store_find_to(store, NULL, &p, &id, NULL, &e), E_NOT_FOUND);
	assert_int_equal(store_entry(store, NULL, 2, &e), E_NOT_FOUND);
	assert_int_equal(store_entry(store, NULL, 0, &e), E_NOT_FOUND);
	assert_int_equal(store_body(store, NULL, 2, &b), E_NOT_FOUND);
	assert_int_equal(store_extra(store, 1, &b), E_NOT_FOUND);
	assert_int_equal(store_receipt(store, NULL, 1, ST_DELIVERED, &b), E_NOT_FOUND);
	assert_int_equal(store_queue(store, &p, 0, &e, 1), 0);
	assert_int_equal(store_queue(store, &other, UINT64_MAX, &e, 1), 0);
	assert_int_equal(store_notices(store, &p, 0, &n, 1), 0);
	assert_int_equal(store_expired(store, NULL, NOW, NULL, none, 1), 0);
	assert_int_equal(store_conversation(store, &unknown, &e, 1), 0);
	assert_int_equal(store_recent(store, 1, &e, 1), 0);
	assert_int_equal(store_queue_depth(store, &p), 0);
}

static void
same_message_again_is_the_first_one(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry first, again;

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	assert_int_equal(accept(t, &m, &first), ACCEPT_NEW);
	assert_int_equal(accept(t, &m, &again), ACCEPT_SAME); /* in one group */
	assert_int_equal(again.seq, first.seq);
	assert_int_equal(commit(&t), E_OK);
	reopen();
	t = store_begin(store);
	assert_int_equal(accept(t, &m, &again), ACCEPT_SAME);
	assert_int_equal(again.seq, first.seq);
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_queue(store, &m.v.header.to, 0, &again, 1), 1);
}

static void
same_id_with_other_octets_is_a_conflict(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct sample m, other;
	struct entry first, e;

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	other = m;
	other.v.digest.octet[31] ^= 1;
	assert_int_equal(accept(t, &m, &first), ACCEPT_NEW);
	assert_int_equal(accept(t, &other, &e), ACCEPT_CONFLICT); /* in one group */
	assert_true(digest_equal(&e.digest, &m.v.digest));
	assert_int_equal(commit(&t), E_OK);
	t = store_begin(store);
	assert_int_equal(accept(t, &other, &e), ACCEPT_CONFLICT);
	assert_int_equal(e.seq, first.seq);
	assert_true(digest_equal(&e.digest, &m.v.digest));
	store_abort(&t);
}

static void
id_belongs_to_its_sender(void **unused)
{
	struct party to = party("SO.NIRA");
	struct sample a, b;
	struct entry e;
	struct store_txn *t = store_begin(store);

	sample(&a, 1, "UG.NIRA", "SO.NIRA"); /* sorts behind the later one */
	sample(&b, 1, "KE.CRS", "SO.NIRA");
	b.v.digest.octet[0] ^= 1;
	assert_int_equal(accept(t, &a, &e), ACCEPT_NEW);
	assert_int_equal(accept(t, &b, &e), ACCEPT_NEW);
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_find_id(store, NULL, &a.v.header.id, &e), E_OK);
	assert_int_equal(e.seq, 1);
	assert_int_equal(store_find_to(store, NULL, &to, &a.v.header.id, NULL, &e), E_OK);
	assert_int_equal(e.seq, 1);
	assert_int_equal(store_find_to(store, NULL, &to, &a.v.header.id, &a.v.digest, &e), E_OK);
	assert_int_equal(e.seq, 1);
	assert_int_equal(store_find_to(store, NULL, &to, &a.v.header.id, &b.v.digest, &e), E_OK);
	assert_int_equal(e.seq, 2);

	t = store_begin(store); /* and with the first to sort before the later one */
	sample(&a, 2, "KE.CRS", "SO.NIRA");
	sample(&b, 2, "UG.NIRA", "SO.NIRA");
	assert_int_equal(accept(t, &a, &e), ACCEPT_NEW);
	assert_int_equal(accept(t, &b, &e), ACCEPT_NEW);
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_find_id(store, NULL, &a.v.header.id, &e), E_OK);
	assert_int_equal(e.seq, 3);
}

static void
id_is_remembered_after_the_message_has_ended(void **unused)
{
	uint64_t seq = file(1, "KE.CRS", "SO.NIRA");
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;
	OWNED_BUF(b) = {0};

	end_of_message(t, seq, ST_COMMITTED, bytes_of("signed", 6));
	assert_int_equal(commit(&t), E_OK);
	reopen();
	assert_int_equal(store_body(store, NULL, seq, &b), E_NOT_FOUND);
	t = store_begin(store);
	sample(&m, 1, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_accept(t, &m.v, m.bytes, NOW, &e), ACCEPT_SAME);
	assert_int_equal(e.stage, ST_COMMITTED);
	store_abort(&t);
}

/* ---- transactions ---- */

static void
look_ups_in_a_transaction_see_its_writes_others_do_not(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct party p = party("SO.NIRA");
	uint8_t key[32] = {1};
	uint64_t seq[4];
	struct sample m;
	struct entry e;
	OWNED_BUF(b) = {0};

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	(void)accept(t, &m, &e);
	store_set_epoch(t, &p, key, 9, &no_incarnation);
	assert_int_equal(store_find(store, t, &m.v.header.from, &m.v.header.id, &e), E_OK);
	assert_int_equal(store_find_id(store, t, &m.v.header.id, &e), E_OK);
	assert_int_equal(store_find_to(store, t, &p, &m.v.header.id, NULL, &e), E_OK);
	assert_int_equal(store_body(store, t, 1, &b), E_OK);
	assert_int_equal(store_expired(store, t, NOW + 9 * HOUR, NULL, seq, 4), 1);
	assert_int_equal(store_epoch(store, t, &p, key, NULL), 9);

	assert_int_equal(
		store_find(store, NULL, &m.v.header.from, &m.v.header.id, &e), E_NOT_FOUND);
	assert_int_equal(store_entry(store, NULL, 1, &e), E_NOT_FOUND);
	assert_int_equal(store_body(store, NULL, 1, &b), E_NOT_FOUND);
	assert_int_equal(store_queue(store, &p, 0, &e, 1), 0);
	assert_int_equal(store_expired(store, NULL, NOW + 9 * HOUR, NULL, seq, 4), 0);
	assert_int_equal(store_epoch(store, NULL, &p, key, NULL), 0);

	store_dequeue(t, 1);
	assert_int_equal(store_expired(store, t, NOW + 9 * HOUR, NULL, seq, 4), 0);
	store_seal(t, sign, NULL);
	assert_int_equal(store_receipt(store, t, 1, ST_ACCEPTED, &b), E_OK);
	assert_int_equal(store_receipt(store, NULL, 1, ST_ACCEPTED, &b), E_NOT_FOUND);
	assert_int_equal(store_commit(&t), E_OK);
	assert_int_equal(store_receipt(store, NULL, 1, ST_ACCEPTED, &b), E_OK);
}

static void
aborted_transaction_leaves_nothing(void **unused)
{
	struct store_figures before, after;
	struct store_txn *t;
	struct sample m;
	struct entry e;

	file(1, "KE.CRS", "SO.NIRA");
	store_figures(store, &before);
	t = store_begin(store);
	sample(&m, 2, "KE.CRS", "SO.NIRA");
	(void)accept(t, &m, &e);
	store_seal(t, sign, NULL);
	store_abort(&t);
	assert_null(t);
	store_figures(store, &after);
	assert_memory_equal(&before, &after, sizeof before);
	assert_int_equal(store_find_id(store, NULL, &m.v.header.id, &e), E_NOT_FOUND);
	assert_int_equal(file(3, "KE.CRS", "SO.NIRA"), 2);
	assert_receipt(2, ST_ACCEPTED);
}

static void
first_failure_is_kept_and_later_steps_do_nothing(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	(void)accept(t, &m, &e);
	assert_int_equal(store_error(t), E_OK);
	store_dequeue(t, 77);
	assert_int_equal(store_error(t), E_NOT_FOUND);
	state(t, 1, ST_ACCEPTED);
	sample(&m, 2, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_accept(t, &m.v, m.bytes, NOW, &e), ACCEPT_NEW);
	assert_int_equal(e.seq, 0);
	assert_int_equal(store_entry(store, t, 1, &e), E_NOT_FOUND);
	assert_int_equal(commit(&t), E_NOT_FOUND);
	assert_null(t);
	assert_int_equal(store_entry(store, NULL, 1, &e), E_NOT_FOUND);
}

static enum err
sign_nothing(void *context, uint64_t size, const struct digest *root, struct buf *checkpoint)
{
	return E_NO_KEY;
}

static void
without_a_signed_checkpoint_nothing_is_committed(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	(void)accept(t, &m, &e);
	store_seal(t, sign_nothing, NULL);
	assert_int_equal(store_commit(&t), E_NO_KEY);
	assert_int_equal(store_entry(store, NULL, 1, &e), E_NOT_FOUND);
}

static void
transaction_without_writes_is_no_commit(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct store_figures f;
	unsigned calls = 0;

	store_seal(t, sign, &calls);
	assert_int_equal(store_commit(&t), E_OK);
	store_figures(store, &f);
	assert_int_equal(f.commits, 0);
	assert_int_equal(calls, 0);
}

/* ---- the log ---- */

static void
group_has_one_checkpoint_and_a_receipt_for_each_statement(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct checkpoint at;
	unsigned calls = 0;
	OWNED_BUF(note) = {0};

	for (uint64_t n = 1; n <= 20; n++) {
		struct sample m;
		struct entry e;

		sample(&m, n, "KE.CRS", "SO.NIRA");
		(void)accept(t, &m, &e);
		if (n % 3 == 0)
			state(t, n, ST_DELIVERED);
	}
	store_seal(t, sign, &calls);
	assert_int_equal(calls, 1);
	assert_int_equal(store_commit(&t), E_OK);
	assert_int_equal(store_checkpoint(store, &note), E_OK);
	assert_int_equal(checkpoint_verify(buf_bytes(&note), ORIGIN, log_public, &at), E_OK);
	assert_int_equal(at.size, 26);
	for (uint64_t n = 1; n <= 20; n++) {
		assert_receipt(n, ST_ACCEPTED);
		if (n % 3 == 0)
			assert_receipt(n, ST_DELIVERED);
	}
}

/* Of more leaves than the sealing keeps nodes, behind some that it has not written itself. */
static void
receipts_of_a_large_group_verify(void **unused)
{
	const uint64_t n_messages = 700;
	struct store_txn *t;

	for (uint64_t n = 1; n <= 5; n++)
		assert_int_equal(file(n, "KE.CRS", "SO.NIRA"), n);
	t = store_begin(store);
	for (uint64_t n = 6; n <= n_messages; n++) {
		struct sample m;
		struct entry e;

		sample(&m, n, "KE.CRS", "SO.NIRA");
		(void)accept(t, &m, &e);
		state(t, n, ST_DELIVERED);
	}
	store_seal(t, sign, NULL);
	assert_int_equal(store_commit(&t), E_OK);
	for (uint64_t n = 1; n <= n_messages; n++)
		assert_receipt(n, ST_ACCEPTED);
	for (uint64_t n = 6; n <= n_messages; n++)
		assert_receipt(n, ST_DELIVERED);
}

static void
receipts_verify_at_every_size_of_the_log(void **unused)
{
	for (uint64_t n = 1; n <= 40; n++) {
		assert_int_equal(file(n, "KE.CRS", "SO.NIRA"), n);
		assert_receipt(n, ST_ACCEPTED);
		if (n % 8 == 0)
			reopen();
	}
	for (uint64_t n = 1; n <= 40; n++)
		assert_receipt(n, ST_ACCEPTED);
}

static void
receipt_stays_what_it_was(void **unused)
{
	uint64_t seq = file(1, "KE.CRS", "SO.NIRA");
	OWNED_BUF(first) = {0};
	OWNED_BUF(later) = {0};

	assert_int_equal(store_receipt(store, NULL, seq, ST_ACCEPTED, &first), E_OK);
	for (uint64_t n = 2; n <= 9; n++)
		file(n, "KE.CRS", "SO.NIRA");
	take(seq);
	reopen();
	assert_int_equal(store_receipt(store, NULL, seq, ST_ACCEPTED, &later), E_OK);
	assert_int_equal(first.size, later.size);
	assert_memory_equal(first.data, later.data, first.size);
}

/* ---- stages ---- */

static void
entry_tells_how_far_it_has_come(void **unused)
{
	uint64_t seq = file(1, "KE.CRS", "SO.NIRA");
	static const char extra[] = "<e:Message>signed by the addressee</e:Message>";
	struct store_txn *t;
	struct digest by;
	struct entry e;
	OWNED_BUF(b) = {0};

	take(seq);
	t = store_begin(store);
	store_attempts(t, seq, 3);
	end_of_message(t, seq, ST_REJECTED, bytes_of(extra, strlen(extra)));
	assert_int_equal(commit(&t), E_OK);
	reopen();
	assert_int_equal(store_entry(store, NULL, seq, &e), E_OK);
	digest_of(extra, strlen(extra), &by);
	assert_int_equal(e.stage, ST_REJECTED);
	assert_true(e.at[ST_ACCEPTED] == NOW && e.at[ST_DELIVERED] == NOW + 1000);
	assert_true(e.at[ST_REJECTED] == NOW + 5000);
	assert_string_equal(e.code, "SEAL");
	assert_true(digest_equal(&e.by, &by));
	assert_int_equal(e.attempts, 3);
	assert_int_equal(store_extra(store, seq, &b), E_OK);
	assert_string_equal((char *)b.data, extra);
	assert_receipt(seq, ST_DELIVERED);
	assert_receipt(seq, ST_REJECTED);
}

/* The stages that a message has gone through, and the one that must not follow. */
static void
expect_no_way(uint64_t n, const enum stage *gone, size_t count, enum stage next)
{
	uint64_t seq = file(n, "KE.CRS", "SO.NIRA");
	struct store_txn *t = store_begin(store);
	struct entry e;

	for (size_t i = 0; i < count; i++)
		state(t, seq, gone[i]);
	assert_int_equal(commit(&t), E_OK);
	t = store_begin(store);
	state(t, seq, next);
	assert_int_equal(store_error(t), E_STATE);
	assert_int_equal(commit(&t), E_STATE);
	assert_int_equal(store_entry(store, NULL, seq, &e), E_OK);
	assert_int_equal(e.stage, count == 0 ? ST_ACCEPTED : gone[count - 1]);
}

static void
stages_only_go_forward(void **unused)
{
	uint64_t n = 0;

	expect_no_way(++n, NULL, 0, ST_ACCEPTED);
	expect_no_way(++n, (enum stage[]){ST_DELIVERED}, 1, ST_DELIVERED);
	expect_no_way(++n, (enum stage[]){ST_DELIVERED}, 1, ST_ACCEPTED);
	expect_no_way(++n, NULL, 0, ST_CONFLICT);
	for (enum stage end = ST_COMMITTED; end < ST_CONFLICT; end++)
		for (enum stage next = ST_ACCEPTED; next < STAGE_N; next++)
			expect_no_way(++n, &end, 1, next);
}

static void
stages_only_go_forward_within_one_transaction(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	(void)accept(t, &m, &e);
	state(t, 1, ST_EXPIRED);
	assert_int_equal(store_error(t), E_OK);
	state(t, 1, ST_COMMITTED);
	assert_int_equal(commit(&t), E_STATE);
}

static void
stages_only_go_forward_even_over_one_that_was_left_out(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	(void)store_accept(t, &m.v, m.bytes, NOW, &e);
	state(t, 1, ST_DELIVERED);
	assert_int_equal(store_error(t), E_OK);
	state(t, 1, ST_ACCEPTED);
	assert_int_equal(commit(&t), E_STATE);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(accepted_message_is_found_under_each_of_its_names),
		T(what_is_not_there_is_not_found),
		T(same_message_again_is_the_first_one),
		T(same_id_with_other_octets_is_a_conflict),
		T(id_belongs_to_its_sender),
		T(id_is_remembered_after_the_message_has_ended),
		T(look_ups_in_a_transaction_see_its_writes_others_do_not),
		T(aborted_transaction_leaves_nothing),
		T(first_failure_is_kept_and_later_steps_do_nothing),
		T(without_a_signed_checkpoint_nothing_is_committed),
		T(transaction_without_writes_is_no_commit),
		T(group_has_one_checkpoint_and_a_receipt_for_each_statement),
		T(receipts_of_a_large_group_verify),
		T(receipts_verify_at_every_size_of_the_log),
		T(receipt_stays_what_it_was),
		T(entry_tells_how_far_it_has_come),
		T(stages_only_go_forward),
		T(stages_only_go_forward_within_one_transaction),
		T(stages_only_go_forward_even_over_one_that_was_left_out),
	};

	return cmocka_run_group_tests_name("store", tests, make_key, drop_key);
}
