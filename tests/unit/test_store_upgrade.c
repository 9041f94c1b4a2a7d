/* SPDX-License-Identifier: EUPL-1.2
 *
 * tests/data/store-1 was made by the program that knew the first layout only: twenty messages in
 * every stage. Opened now, it is rewritten under a key, with a book; and however often that is
 * interrupted, nothing is lost. */
#include "tests/unit/store_life.h"

#include "broker/store_lmdb.h"

#define MESSAGES 20

/* LMDB flushes with this one; a child can be told to end at the n-th. */
static int flushes_left = -1;

int
fdatasync(int fd)
{
	if (flushes_left >= 0 && flushes_left-- == 0)
		_exit(9);
	return fsync(fd);
}

static int
old_store(void **state)
{
	OWNED(char, from, free_chars) = xprintf("%s/data/store-1/data.mdb", tests_folder());
	OWNED_FD(in) = open(from, O_RDONLY | O_CLOEXEC);
	OWNED_FD(out) = -1;
	OWNED(char, to, free_chars) = NULL;
	uint8_t octets[4096];
	ssize_t n;

	if (in < 0 || fresh_folder(state) != 0)
		return -1;
	to = xprintf("%s/data.mdb", folder);
	out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	while ((n = read(in, octets, sizeof octets)) > 0)
		if (write(out, octets, (size_t)n) != n)
			return -1;
	return 0;
}

static void
assert_message(uint64_t n)
{
	static const enum stage ends[] = {
		ST_EXPIRED, ST_ACCEPTED, ST_DELIVERED, ST_COMMITTED, ST_REJECTED};
	OWNED_BUF(b) = {0};
	struct digest d;
	struct entry e;

	assert_int_equal(store_entry(store, NULL, n, &e), E_OK);
	assert_int_equal(e.stage, ends[n % 5]);
	for (enum stage s = 0; s <= e.stage; s++)
		if (e.at[s] != 0 && store_receipt(store, NULL, n, s, &b) != E_NOT_FOUND)
			assert_receipt(n, s);
	if (e.stage == ST_ACCEPTED || e.stage == ST_DELIVERED) {
		assert_int_equal(store_body(store, NULL, n, &b), E_OK);
		digest_of(b.data, b.size, &d);
		assert_true(digest_equal(&d, &e.digest));
	}
	if (e.stage == ST_COMMITTED)
		assert_int_equal(store_extra(store, n, &b), E_OK);
}

static void
assert_whole(void)
{
	struct party p = party("KE.CRS");
	struct lines_seen {
		size_t n;
	} seen = {0};
	struct scrub scrub;
	struct id incarnation;
	OWNED_BUF(lines) = {0};

	open_store(MAP);
	(void)!store_scrub(store, &scrub);
	assert_string_equal(scrub.first, "");
	assert_true(scrub.records > 200);
	for (uint64_t n = 1; n <= MESSAGES; n++)
		assert_message(n);
	store_book(store, &p, INT64_MIN, INT64_MAX, add_line, &lines);
	seen.n = lines.size / (8 + DIGEST_SIZE + 8);
	assert_int_equal(seen.n, MESSAGES);
	assert_int_equal(store_epoch(store, NULL, &p, (const uint8_t[32]){1}, &incarnation), 5);
	assert_true(id_equal(&incarnation, &no_incarnation));
	assert_int_equal(store_trust_version(store), 7);
	assert_int_equal(store_generation(store), 1);
}

static void
store_of_the_first_layout_is_rewritten_under_a_key(void **unused)
{
	const uint8_t other[STORE_KEY_SIZE] = {7};

	assert_false(store_needs_key(folder));
	assert_int_equal(store_open_copy(folder, store_key_of_tests, &store), E_VERSION);
	assert_whole();
	store_close(&store);
	assert_true(store_needs_key(folder));
	assert_int_equal(store_open(folder, MAP, other, &store), E_DAMAGED);
	assert_whole();
	file(100, "KE.CRS", "SO.NIRA");
	assert_receipt(MESSAGES + 1, ST_ACCEPTED);
}

/* The process ends at each flush in turn, until there is none left to end at. */
static void
interrupted_rewriting_goes_on_where_it_was(void **unused)
{
	unsigned interrupted = 0;
	int status = 9 << 8;

	for (int at = 0; WEXITSTATUS(status) == 9; at = at == 0 ? 1 : at) {
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0) {
			flushes_left = at;
			_exit(store_open(folder, MAP, store_key_of_tests, &store));
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		interrupted++;
		assert_true(interrupted < 200);
	}
	assert_int_equal(WEXITSTATUS(status), E_OK);
	assert_true(interrupted > 10);
	assert_whole();
}

static void
damaged_store_of_the_first_layout_is_not_rewritten(void **unused)
{
	OWNED(char, file, free_chars) = xprintf("%s/data.mdb", folder);
	OWNED_FD(fd) = open(file, O_RDWR | O_CLOEXEC);
	static const char text[] = "message 6 of the first layout";
	static uint8_t image[1 << 20];
	ssize_t n = pread(fd, image, sizeof image, 0);
	uint8_t *at = memmem(image, (size_t)n, text, sizeof text - 1);

	assert_non_null(at);
	assert_int_equal(pwrite(fd, "M", 1, at - image), 1);
	assert_int_equal(store_open(folder, MAP, store_key_of_tests, &store), E_DAMAGED);
}

#define T(name) cmocka_unit_test_setup_teardown(name, old_store, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(store_of_the_first_layout_is_rewritten_under_a_key),
		T(interrupted_rewriting_goes_on_where_it_was),
		T(damaged_store_of_the_first_layout_is_not_rewritten),
	};

	return cmocka_run_group_tests_name("store_upgrade", tests, make_key, drop_key);
}
