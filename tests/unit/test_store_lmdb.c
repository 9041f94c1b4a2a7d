/* SPDX-License-Identifier: EUPL-1.2
 *
 * What only the LMDB store has: records with a check and a version. Damage is made with LMDB's own
 * calls and by flipping bits in the file, and must be found wherever it is met. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "broker/store_lmdb.h"

#define MAP (16 << 20)
#define NOW 1795507200000
#define MESSAGES 30
#define FLIPS 150

static const uint8_t store_key_of_tests[STORE_KEY_SIZE] = "a key of the store, for tests.";
static const struct id no_incarnation;
static char folder[64];
static struct store *store;

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

/* Not checked here: that is for the contract. */
static enum err
sign(void *context, uint64_t size, const struct digest *root, struct buf *checkpoint)
{
	buf_printf(checkpoint, "checkpoint %llu", (unsigned long long)size);
	return E_OK;
}

static struct party
party(const char *code)
{
	struct party p;

	assert_true(party_parse(code, &p));
	return p;
}

static void
body_of(uint64_t n, struct buf *out)
{
	buf_reset(out);
	for (int i = 0; i < 200; i++)
		buf_printf(out, "message %llu line %d\n", (unsigned long long)n, i);
}

static struct id
id_of(uint64_t n)
{
	struct id id = {{1, 2, 3, 4, 5, 6, 0x70, 0, 0x80}};

	id.octet[15] = (uint8_t)n;
	return id;
}

static void
accept(struct store_txn *t, uint64_t n)
{
	struct verdict v = {.magic = VERDICT_MAGIC};
	OWNED_BUF(body) = {0};
	struct statement what;
	struct entry e;

	body_of(n, &body);
	digest_of(body.data, body.size, &v.digest);
	v.header = (struct header){.id = id_of(n),
		.from = party("KE.CRS"),
		.to = party("SO.NIRA"),
		.expires = NOW + (int64_t)n};
	assert_int_equal(store_accept(t, &v, buf_bytes(&body), NOW, &e), ACCEPT_NEW);
	what = (struct statement){.id = v.header.id,
		.digest = v.digest,
		.from = v.header.from,
		.to = v.header.to,
		.at = NOW};
	store_state(t, e.seq, &what, true, bytes_of("extra", 5));
}

static int
set_up(void **state)
{
	struct store_txn *t;

	snprintf(folder, sizeof folder, "/tmp/daftar-lmdb-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(store_open(folder, MAP, store_key_of_tests, &store), E_OK);
	t = store_begin(store);
	for (uint64_t n = 1; n <= MESSAGES; n++)
		accept(t, n);
	store_set_epoch(t, &(struct party){"KE.CRS"}, (const uint8_t[32]){1}, 5, &no_incarnation);
	store_seal(t, sign, NULL);
	assert_int_equal(store_commit(&t), E_OK);
	return 0;
}

static int
tear_down(void **state)
{
	store_close(&store);
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- damage by LMDB's own hand ---- */

/* Changes one octet of a value: `at' from its start, check included. */
static void
damage(enum table table, struct key k, size_t at)
{
	MDB_val key = {k.size, k.octet}, value;
	MDB_txn *txn;
	uint8_t *copy;

	assert_int_equal(mdb_txn_begin(store->env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_get(txn, store->dbi[table], &key, &value), 0);
	copy = xmalloc(value.mv_size);
	memcpy(copy, value.mv_data, value.mv_size);
	copy[at < value.mv_size ? at : value.mv_size - 1] ^= 0x10;
	value.mv_data = copy;
	assert_int_equal(mdb_put(txn, store->dbi[table], &key, &value, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	free_octets(&copy);
}

static struct key
receipt_key(uint64_t seq)
{
	return key_and(key_seq(seq), "\0", 1);
}

static void
damaged_record_is_found_and_not_served(void **state)
{
	OWNED_BUF(b) = {0};
	struct entry e;
	struct id id = id_of(5);

	damage(T_BODY, key_seq(1), 1000);
	damage(T_BODY, key_seq(2), 0); /* the check itself */
	damage(T_RECEIPT, receipt_key(3), 50);
	damage(T_ENTRY, key_seq(4), 30);
	damage(T_EXTRA, key_seq(6), 9);
	assert_int_equal(store_body(store, NULL, 1, &b), E_DAMAGED);
	assert_int_equal(store_body(store, NULL, 2, &b), E_DAMAGED);
	assert_int_equal(store_receipt(store, NULL, 3, ST_ACCEPTED, &b), E_DAMAGED);
	assert_int_equal(store_entry(store, NULL, 4, &e), E_DAMAGED);
	assert_int_equal(store_extra(store, 6, &b), E_DAMAGED);
	struct key k = key_and(key_id(&id), "KE.CRS", 7);
	damage(T_ID, k, 12);
	assert_int_equal(store_find(store, NULL, &(struct party){"KE.CRS"}, &id, &e), E_DAMAGED);
	assert_int_equal(store_body(store, NULL, 3, &b), E_OK);
}

static void
record_under_another_key_is_damage(void **state)
{
	struct key one = key_seq(1), two = key_seq(2);
	MDB_val from = {one.size, one.octet}, to = {two.size, two.octet}, value;
	OWNED_BUF(b) = {0};
	MDB_txn *txn;
	uint8_t *copy;

	assert_int_equal(mdb_txn_begin(store->env, NULL, 0, &txn), 0);
	assert_int_equal(mdb_get(txn, store->dbi[T_BODY], &from, &value), 0);
	copy = xmalloc(value.mv_size);
	memcpy(copy, value.mv_data, value.mv_size);
	value.mv_data = copy;
	assert_int_equal(mdb_put(txn, store->dbi[T_BODY], &to, &value, 0), 0);
	assert_int_equal(mdb_txn_commit(txn), 0);
	free_octets(&copy);
	assert_int_equal(store_body(store, NULL, 2, &b), E_DAMAGED);
}

static void
list_ends_at_a_damaged_record(void **state)
{
	struct party to = party("SO.NIRA"), from = party("KE.CRS");
	struct entry e[MESSAGES];
	struct notice n[MESSAGES];
	uint64_t seq[MESSAGES];

	damage(T_ENTRY, key_seq(4), 30);
	assert_int_equal(store_queue(store, &to, 0, e, MESSAGES), 3);
	assert_int_equal(store_queue(store, &to, 4, e, MESSAGES), MESSAGES - 4);
	assert_int_equal(store_recent(store, 6, e, MESSAGES), 1);
	damage(T_NOTICE, key_and_seq(key_party(&from), 7), 12);
	assert_int_equal(store_notices(store, &from, 0, n, MESSAGES), 6);
	damage(T_EXPIRY, key_and_seq(key_time(NOW + 2), 2), 0);
	assert_int_equal(store_expired(store, NULL, NOW + 100, NULL, seq, MESSAGES), 1);
	damage(T_QUEUE, key_and_seq(key_party(&to), 10), 0);
	assert_int_equal(store_queue(store, &to, 4, e, MESSAGES), 5);
}

static void
step_on_a_damaged_record_fails_the_transaction(void **state)
{
	struct store_txn *t;

	damage(T_ENTRY, key_seq(4), 30);
	t = store_begin(store);
	store_dequeue(t, 4);
	assert_int_equal(store_error(t), E_DAMAGED);
	assert_int_equal(store_commit(&t), E_DAMAGED);
	damage(T_META, key_text("figures"), 20);
	t = store_begin(store);
	assert_int_equal(store_error(t), E_DAMAGED);
	store_abort(&t);
}

/* The tree of 30 leaves is built on by a proof that needs the node over the first 16. */
static void
log_with_a_damaged_node_makes_no_receipt(void **state)
{
	struct store_txn *t;

	damage(T_NODE, key_and_seq(key_and((struct key){.size = 0}, "\4", 1), 0), 12);
	t = store_begin(store);
	accept(t, 99);
	store_seal(t, sign, NULL);
	assert_int_equal(store_commit(&t), E_DAMAGED);
}

static void
damaged_epoch_lets_nobody_in(void **state)
{
	struct party p = party("KE.CRS");
	uint8_t key[32] = {1};

	assert_int_equal(store_epoch(store, NULL, &p, key, NULL), 5);
	damage(T_EPOCH, key_and(key_party(&p), key, 32), 12);
	assert_true(store_epoch(store, NULL, &p, key, NULL) == UINT64_MAX);
}

/* ---- versions ---- */

static void
write_raw(enum table table, struct key k, const void *record, size_t size)
{
	struct store_txn *t = store_begin(store);

	table_put(t, table, &k, bytes_of(record, size));
	assert_int_equal(store_commit(&t), E_OK);
}

static void
store_of_a_newer_version_is_not_opened(void **state)
{
	struct schema_record newer = {RECORD_VERSION, SCHEMA_VERSION + 1};

	write_raw(T_META, key_text("schema"), &newer, sizeof newer);
	store_close(&store);
	assert_int_equal(store_open(folder, MAP, store_key_of_tests, &store), E_VERSION);
	assert_null(store);
	assert_int_equal(store_open(folder, MAP, store_key_of_tests, &store),
		E_VERSION); /* nothing was changed */
}

static void
record_of_a_newer_version_is_not_guessed_at(void **state)
{
	struct entry_record r = {.version = ENTRY_VERSION + 1};
	struct entry e;

	write_raw(T_ENTRY, key_seq(3), &r, sizeof r);
	assert_int_equal(store_entry(store, NULL, 3, &e), E_VERSION);
	write_raw(T_ENTRY, key_seq(3), "\1too short", 10);
	assert_int_equal(store_entry(store, NULL, 3, &e), E_VERSION);
}

static void
record_with_impossible_words_is_damage(void **state)
{
	struct key k = key_seq(3);
	struct entry_record good, r;
	struct entry e;

	VIEW(v, store, NULL);
	assert_int_equal(entry_record_get(&v, 3, &good), E_OK);
	view_end(&v);
	v.txn = NULL;
	r = good;
	r.stage = STAGE_N;
	write_raw(T_ENTRY, k, &r, sizeof r);
	assert_int_equal(store_entry(store, NULL, 3, &e), E_DAMAGED);
	r = good;
	memset(r.action, 'x', sizeof r.action);
	write_raw(T_ENTRY, k, &r, sizeof r);
	assert_int_equal(store_entry(store, NULL, 3, &e), E_DAMAGED);
	r = good;
	memset(r.purpose, 'x', sizeof r.purpose); /* without its end */
	write_raw(T_ENTRY, k, &r, sizeof r);
	assert_int_equal(store_entry(store, NULL, 3, &e), E_DAMAGED);
}

/* ---- bits that flip ---- */

struct truth {
	struct entry entry[MESSAGES + 1];
	struct buf body[MESSAGES + 1], receipt[MESSAGES + 1];
};

static void
learn(struct truth *truth)
{
	for (uint64_t n = 1; n <= MESSAGES; n++) {
		assert_int_equal(store_entry(store, NULL, n, &truth->entry[n]), E_OK);
		assert_int_equal(store_body(store, NULL, n, &truth->body[n]), E_OK);
		assert_int_equal(
			store_receipt(store, NULL, n, ST_ACCEPTED, &truth->receipt[n]), E_OK);
	}
}

/* By what is on disk, because a struct may have holes. */
static bool
is_entry(const struct entry *e, const struct truth *truth)
{
	struct entry_record is, should_be;

	if (e->seq < 1 || e->seq > MESSAGES)
		return false;
	entry_pack(e, &is);
	entry_pack(&truth->entry[e->seq], &should_be);
	return memcmp(&is, &should_be, sizeof is) == 0;
}

static bool
differs(const struct buf *a, const struct buf *b)
{
	return a->size != b->size || memcmp(a->data, b->data, a->size) != 0;
}

/* In a child: 0 when all that is served is true, 3 when a lie is. It may also die. */
static int
look_at_everything(const struct truth *truth)
{
	struct party to = party("SO.NIRA"), from = party("KE.CRS");
	OWNED_BUF(b) = {0};
	struct entry e;

	if (store_open(folder, MAP, store_key_of_tests, &store) != E_OK)
		return 1;
	for (uint64_t n = 1; n <= MESSAGES; n++) {
		struct id id = id_of(n);

		if (store_entry(store, NULL, n, &e) == E_OK && (e.seq != n || !is_entry(&e, truth)))
			return 3;
		if (store_find(store, NULL, &from, &id, &e) == E_OK && e.seq != n)
			return 3;
		if (store_body(store, NULL, n, &b) == E_OK && differs(&b, &truth->body[n]))
			return 3;
		if (store_receipt(store, NULL, n, ST_ACCEPTED, &b) == E_OK &&
			differs(&b, &truth->receipt[n]))
			return 3;
		if (store_queue(store, &to, n - 1, &e, 1) == 1 && !is_entry(&e, truth))
			return 3;
	}
	return 0;
}

static void
flip(int fd, off_t bit)
{
	uint8_t octet;

	assert_int_equal(pread(fd, &octet, 1, bit / 8), 1);
	octet ^= (uint8_t)(1 << bit % 8);
	assert_int_equal(pwrite(fd, &octet, 1, bit / 8), 1);
}

static void
flipped_bits_are_never_served(void **state)
{
	static struct truth truth;
	uint64_t random = 1, harmless = 0;
	struct store_figures figures;
	char file[96];
	int fd, status;

	learn(&truth);
	store_figures(store, &figures);
	store_close(&store);
	snprintf(file, sizeof file, "%s/data.mdb", folder);
	fd = open(file, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	for (int i = 0; i < FLIPS; i++) {
		off_t bit;
		pid_t child;

		random = random * 6364136223846793005 + 1442695040888963407;
		bit = (off_t)((random >> 20) % (figures.map_used * 8));
		flip(fd, bit);
		child = fork();
		if (child == 0) {
			alarm(20);
			(void)!freopen("/dev/null", "w", stderr);
			_exit(look_at_everything(&truth));
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		flip(fd, bit);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 3)
			fail_msg("bit %lld of data.mdb was served flipped", (long long)bit);
		harmless += WIFEXITED(status) && WEXITSTATUS(status) == 0;
	}
	close(fd);
	assert_true(harmless > 0 && harmless <= FLIPS);
	for (uint64_t n = 1; n <= MESSAGES; n++) {
		buf_free(&truth.body[n]);
		buf_free(&truth.receipt[n]);
	}
	assert_int_equal(store_open(folder, MAP, store_key_of_tests, &store), E_OK);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(damaged_record_is_found_and_not_served),
		T(record_under_another_key_is_damage),
		T(list_ends_at_a_damaged_record),
		T(step_on_a_damaged_record_fails_the_transaction),
		T(log_with_a_damaged_node_makes_no_receipt),
		T(damaged_epoch_lets_nobody_in),
		T(store_of_a_newer_version_is_not_opened),
		T(record_of_a_newer_version_is_not_guessed_at),
		T(record_with_impossible_words_is_damage),
		T(flipped_bits_are_never_served),
	};

	return cmocka_run_group_tests_name("store_lmdb", tests, NULL, NULL);
}
