/* SPDX-License-Identifier: EUPL-1.2
 *
 * The scrub finds what no record's authentication can: records that are each as they were written,
 * and do not agree. Each row spoils a good store in one way, through the store's own steps. */
#include "tests/unit/store_life.h"

#include "broker/store_lmdb.h"
#include "lib/log.h"

#define MESSAGES 24

static int
lived(void **state)
{
	if (fresh(state) != 0)
		return -1;
	live(MESSAGES);
	return 0;
}

/* ---- ways to spoil ---- */

static struct entry
entry(uint64_t seq)
{
	struct entry e;

	assert_int_equal(store_entry(store, NULL, seq, &e), E_OK);
	return e;
}

static void
lose_queue_place(struct store_txn *t)
{
	struct entry e = entry(6);
	struct key k = key_and_seq(key_party(&e.header.to), 6);

	table_delete(t, T_QUEUE, &k);
}

static void
queue_what_has_ended(struct store_txn *t)
{
	struct entry e = entry(3);
	struct key k = key_and_seq(key_party(&e.header.to), 3);

	table_put(t, T_QUEUE, &k, bytes_of(NULL, 0));
}

static void
lose_expiry(struct store_txn *t)
{
	struct key k = key_and_seq(key_time(entry(6).header.expires), 6);

	table_delete(t, T_EXPIRY, &k);
}

static void
lose_body(struct store_txn *t)
{
	store_forget_body(t, 6);
}

static void
change_body(struct store_txn *t)
{
	struct key k = key_seq(6);

	table_put(t, T_BODY, &k, bytes_of("another body", 12));
}

static void
lose_extra(struct store_txn *t)
{
	struct key k = key_seq(3);

	table_delete(t, T_EXTRA, &k);
}

static void
change_extra(struct store_txn *t)
{
	struct key k = key_seq(3);

	table_put(t, T_EXTRA, &k, bytes_of("y", 1));
}

static void
lose_receipt(struct store_txn *t)
{
	struct key k = key_receipt(3, ST_DELIVERED);

	table_delete(t, T_RECEIPT, &k);
}

static void
add_receipt(struct store_txn *t)
{
	struct key k = key_receipt(6, ST_DELIVERED);

	table_put(t, T_RECEIPT, &k, bytes_of("x", 1));
}

static void
lose_id(struct store_txn *t)
{
	struct entry e = entry(3);
	struct key party = key_party(&e.header.from);
	struct key k = key_and(key_id(&e.header.id), party.octet, party.size);

	table_delete(t, T_ID, &k);
}

static void
lose_conversation(struct store_txn *t)
{
	struct entry e = entry(3);
	struct key k = key_and_seq(key_id(&e.header.conversation), 3);

	table_delete(t, T_CONVERSATION, &k);
}

static void
lose_line_of_book(struct store_txn *t)
{
	struct entry e = entry(3);
	struct entry_record r;
	struct key k;

	entry_pack(&e, &r);
	k = key_book(&e.header.to, &r);
	table_delete(t, T_BOOK, &k);
}

/* As if the message were still open in one of its books. */
static void
add_line_of_book(struct store_txn *t)
{
	const struct seq_record place = {RECORD_VERSION, 3};
	struct entry e = entry(3);
	struct entry_record r;
	struct key k;

	e.stage = ST_ACCEPTED;
	entry_pack(&e, &r);
	k = key_book(&e.header.to, &r);
	table_put(t, T_BOOK, &k, bytes_of(&place, sizeof place));
}

static void
lose_entry(struct store_txn *t)
{
	struct key k = key_seq(7);

	table_delete(t, T_ENTRY, &k);
}

static void
lose_notice(struct store_txn *t)
{
	struct party p = party("KE.CRS");
	struct key k = key_and_seq(key_party(&p), 1);

	table_delete(t, T_NOTICE, &k);
}

static void
change_party(struct store_txn *t)
{
	const struct party_record r = {RECORD_VERSION, 1, 1};
	struct party p = party("KE.CRS");
	struct key k = key_party(&p);

	table_put(t, T_PARTY, &k, bytes_of(&r, sizeof r));
}

static void
change_leaf(struct store_txn *t)
{
	struct key k = key_seq(2);

	table_put(t, T_LEAF, &k, bytes_of("another leaf", 12));
}

static void
change_node(struct store_txn *t)
{
	const struct digest other = {{1}};
	struct key k = key_node(2, 1);

	table_put(t, T_NODE, &k, bytes_of(other.octet, DIGEST_SIZE));
}

static void
lose_node(struct store_txn *t)
{
	struct key k = key_node(1, 2);

	table_delete(t, T_NODE, &k);
}

static void
lose_checkpoint(struct store_txn *t)
{
	struct key k = key_seq(t->figures.log_size);

	table_delete(t, T_CHECKPOINT, &k);
}

static void
change_checkpoint(struct store_txn *t)
{
	struct key k = key_seq(t->figures.log_size);

	table_put(t, T_CHECKPOINT, &k, bytes_of("log\n70\nroot\n\n", 13));
}

static void
lose_conflict_receipt(struct store_txn *t)
{
	struct key k = key_receipt(1, ST_CONFLICT);

	k = key_and(k, "\2", 1);
	table_delete(t, T_RECEIPT, &k);
}

static void
change_messages(struct store_txn *t)
{
	t->figures.messages++;
	lose_checkpoint(t);
}

static void
change_stages(struct store_txn *t)
{
	t->figures.stage[ST_COMMITTED]++;
	t->figures.stage[ST_REJECTED]--;
	store_attempts(t, 1, 1);
}

static void
change_epoch(struct store_txn *t)
{
	struct party p = party("KE.CRS");
	struct key k = key_and(key_party(&p), log_public, 32);

	table_put(t, T_EPOCH, &k, bytes_of("x", 1));
}

static const struct {
	void (*spoil)(struct store_txn *t);
	const char *found; /* a part of what is said of the first one */
} rows[] = {
	{lose_queue_place, "is in no queue"},
	{lose_expiry, "stage and its expiry"},
	{queue_what_has_ended, "has ended and is in a queue"},
	{lose_body, "has no body"},
	{change_body, "its body has another digest"},
	{lose_extra, "receipt is missing"},
	{change_extra, "receipt is another one"},
	{lose_receipt, "stages and its receipts"},
	{add_receipt, "stages and its receipts"},
	{lose_id, "not found by its id"},
	{lose_conversation, "not in its conversation"},
	{lose_line_of_book, "not in the books"},
	{add_line_of_book, "table=book"},
	{lose_entry, "its entry is missing"},
	{lose_notice, "notices are not all there"},
	{change_party, "queue has another length"},
	{change_leaf, "its node has another hash"},
	{change_node, "not the hash of its children"},
	{lose_node, "a node below it is missing"},
	{lose_checkpoint, ""}, /* met last */
	{change_checkpoint, "another root"},
	{lose_conflict_receipt, "table=conflict"},
	{change_messages, ""},
	{change_stages, "COMMITTED"},
	{change_epoch, "no epoch of ours"},
};

static void
what_does_not_agree_is_found(void **unused)
{
	struct scrub scrub;
	struct store_txn *t;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (i > 0)
			assert_int_equal(lived(NULL), 0);
		t = store_begin(store);
		rows[i].spoil(t);
		assert_int_equal(commit(&t), E_OK);
		assert_int_equal(store_scrub(store, &scrub), E_DAMAGED);
		assert_true(scrub.damaged > 0);
		if (strstr(scrub.first, rows[i].found) == NULL)
			fail_msg("row %zu: `%s' does not say `%s'", i, scrub.first, rows[i].found);
		if (i + 1 < ARRAY_LEN(rows))
			assert_int_equal(clean(NULL), 0);
	}
}

static void
good_store_is_whole(void **unused)
{
	struct scrub scrub;

	assert_int_equal(store_scrub(store, &scrub), E_OK);
	assert_int_equal(scrub.damaged, 0);
	assert_string_equal(scrub.first, "");
	assert_true(scrub.records > 10 * MESSAGES);
}

static void
empty_store_is_whole(void **unused)
{
	struct scrub scrub;

	assert_int_equal(clean(NULL), 0);
	assert_int_equal(fresh(NULL), 0);
	assert_int_equal(store_scrub(store, &scrub), E_OK);
}

/* Another process looks while this one writes: what it meets is of many commits, and whole. */
static void
store_is_scrubbed_while_it_is_written_to(void **unused)
{
	struct store *copy = NULL;
	struct scrub scrub;
	int status = 0, done = 0;
	pid_t child;

	store_close(&store);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		open_store(MAP);
		for (uint64_t n = 1000; n < 1400; n++)
			if (file(n, "KE.CRS", "SO.NIRA") % 3 == 0)
				take(n - 1000 + MESSAGES + 1);
		store_close(&store);
		_exit(0);
	}
	assert_int_equal(store_open_copy(folder, store_key_of_tests, &copy), E_OK);
	while (done == 0) {
		done = waitpid(child, &status, WNOHANG);
		assert_int_equal(store_scrub(copy, &scrub), E_OK);
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_true(scrub.records > 400 * 10);
	store_close(&copy);
}

#define T(name) cmocka_unit_test_setup_teardown(name, lived, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(good_store_is_whole),
		T(empty_store_is_whole),
		T(what_does_not_agree_is_found),
		T(store_is_scrubbed_while_it_is_written_to),
	};

	return cmocka_run_group_tests_name("store_scrub", tests, make_key, drop_key);
}
