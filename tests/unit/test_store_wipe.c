/* SPDX-License-Identifier: EUPL-1.2
 *
 * Real deletion: when a body has left, its octets leave the file. What somebody may still look at
 * does not. */
#include "tests/unit/store_stage.h"

#include <lmdb.h>
#include <sys/mman.h>

static const char mark[] = "UNMISTAKABLE-OCTETS-OF-A-BODY";
static uint8_t big[40000];

/* How often the octets stand in the file, wherever. */
static size_t
hits(const char *octets)
{
	OWNED(char, file, free_chars) = xprintf("%s/data.mdb", folder);
	OWNED_FD(fd) = open(file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	const uint8_t *map, *at;
	size_t n = 0;

	assert_int_equal(fstat(fd, &st), 0);
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(map != MAP_FAILED);
	for (at = map;
		(at = memmem(at, (size_t)(map + st.st_size - at), octets, strlen(octets))) != NULL;
		at++)
		n++;
	munmap((void *)(uintptr_t)map, (size_t)st.st_size);
	return n;
}

/* A body of so many octets, full of the mark. More than a page, as every sealed one is. */
static uint64_t
file_marked(uint64_t n, size_t size)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;

	sample(&m, n, "KE.CRS", "SO.NIRA");
	for (size_t i = 0; i < size; i++)
		big[i] = (uint8_t)mark[i % (sizeof mark - 1)];
	memcpy(big, m.text, strlen(m.text));
	m.bytes = bytes_of(big, size);
	digest_of(big, size, &m.v.digest);
	m.v.size = (uint32_t)size;
	assert_int_equal(accept(t, &m, &e), ACCEPT_NEW);
	assert_int_equal(commit(&t), E_OK);
	return e.seq;
}

static void
settle(uint64_t seq)
{
	struct store_txn *t = store_begin(store);

	end_of_message(t, seq, ST_COMMITTED, bytes_of("receipt", 7));
	assert_int_equal(commit(&t), E_OK);
}

static void
wipe_all(void)
{
	int calls = 0;

	while (store_wipe(store, 256 * 1024, true))
		assert_true(++calls < 2000);
}

static void
assert_whole(void)
{
	struct scrub found;

	assert_int_equal(store_scrub(store, &found), E_OK);
}

static void
octets_of_a_body_leave_the_file_with_it(void **state)
{
	uint64_t seq[20];

	for (uint64_t i = 0; i < 20; i++)
		seq[i] = file_marked(i + 1, 4500 + 1800 * i);
	for (uint64_t i = 0; i < 20; i++)
		take(seq[i]);
	wipe_all();
	assert_true(hits(mark) > 1000);
	for (uint64_t i = 0; i < 20; i++)
		settle(seq[i]);
	assert_true(hits(mark) > 100); /* deleted, and still there: what this is all about */
	wipe_all();
	assert_int_equal(hits(mark), 0);
	assert_whole();
}

static void
what_is_in_use_is_left_alone(void **state)
{
	OWNED_BUF(body) = {0};
	uint64_t gone = file_marked(1, 30000), kept = file_marked(2, 30000);
	struct entry e;
	struct digest d;

	take(gone);
	settle(gone);
	wipe_all();
	assert_int_equal(store_body(store, NULL, kept, &body), E_OK);
	assert_int_equal(store_entry(store, NULL, kept, &e), E_OK);
	digest_of(body.data, body.size, &d);
	assert_true(digest_equal(&d, &e.digest));
	assert_whole();
	reopen();
	assert_whole();
}

/* Between two wipes everything is used again and again, by other bodies. */
static void
pages_that_are_used_again_are_not_overwritten(void **state)
{
	for (uint64_t n = 1; n <= 120; n++) {
		uint64_t seq = file_marked(n, 4500 + n % 7 * 5000);

		take(seq);
		if (n % 3 != 0)
			settle(seq);
		(void)store_wipe(store, 3 * 4096, n % 5 == 0);
		if (n % 20 == 0)
			assert_whole();
	}
	wipe_all();
	assert_whole();
	reopen();
	assert_whole();
}

/* A child that reads the body as of before: until it has gone, what it looks at stays. */
static void
what_a_reader_looks_at_is_not_overwritten(void **state)
{
	uint64_t seq = file_marked(1, 30000);
	int go[2], done[2], status;
	char c;
	pid_t child;

	take(seq);
	assert_int_equal(pipe(go) | pipe(done), 0);
	child = fork();
	if (child == 0) {
		MDB_env *env;
		MDB_txn *txn;

		if (mdb_env_create(&env) != 0 || mdb_env_open(env, folder, MDB_RDONLY, 0) != 0 ||
			mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) != 0 ||
			write(done[1], "x", 1) != 1 || read(go[0], &c, 1) != 1)
			_exit(1);
		_exit(0); /* as one that is killed: its place is given up by whoever looks */
	}
	assert_int_equal(read(done[0], &c, 1), 1);
	settle(seq);
	for (int i = 0; i < 20; i++)
		(void)store_wipe(store, 1 << 20, true);
	assert_true(hits(mark) > 900);
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	store_forget_readers(store);
	wipe_all();
	assert_int_equal(hits(mark), 0);
}

/* What a commit that never counted has left behind the last page. */
static void
octets_behind_the_last_page_leave_too(void **state)
{
	OWNED(char, file, free_chars) = xprintf("%s/data.mdb", folder);
	OWNED_FD(fd) = open(file, O_RDWR | O_CLOEXEC);

	(void)file_marked(1, 100);
	for (size_t i = 0; i < sizeof big; i++)
		big[i] = (uint8_t)mark[i % (sizeof mark - 1)];
	assert_int_equal(pwrite(fd, big, sizeof big, MAP - 10 * 4096), sizeof big);
	assert_true(hits(mark) > 1000);
	reopen();
	wipe_all();
	assert_true(hits(mark) <= 3); /* the one that is stored */
	assert_whole();
}

static void
copies_hold_nothing_of_what_was_deleted(void **state)
{
	uint64_t seq = file_marked(1, 30000);
	char of[64];
	struct scrub found;

	take(seq);
	settle(seq);
	memcpy(of, folder, sizeof of);
	strcat(folder, "-copy");
	assert_int_equal(store_backup(store, folder, &found), E_OK);
	assert_int_equal(hits(mark), 0);
	assert_int_equal(nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	memcpy(folder, of, sizeof folder);
	assert_true(hits(mark) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			octets_of_a_body_leave_the_file_with_it, fresh, clean),
		cmocka_unit_test_setup_teardown(what_is_in_use_is_left_alone, fresh, clean),
		cmocka_unit_test_setup_teardown(
			pages_that_are_used_again_are_not_overwritten, fresh, clean),
		cmocka_unit_test_setup_teardown(
			what_a_reader_looks_at_is_not_overwritten, fresh, clean),
		cmocka_unit_test_setup_teardown(
			octets_behind_the_last_page_leave_too, fresh, clean),
		cmocka_unit_test_setup_teardown(
			copies_hold_nothing_of_what_was_deleted, fresh, clean),
	};

	return cmocka_run_group_tests_name("store_wipe", tests, make_key, drop_key);
}
