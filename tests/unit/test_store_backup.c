/* SPDX-License-Identifier: EUPL-1.2
 *
 * Copies, and what begins when one comes back: a new generation in which nobody's word is taken
 * before books have been compared. And that a disk which fails at a commit ends the process. */
#include "tests/unit/store_life.h"

#include <errno.h>

#include "broker/store_lmdb.h"
#include "lib/log.h"

#define MESSAGES 24

static bool disk_fails;

/* LMDB flushes with this one. */
int
fdatasync(int fd)
{
	if (!disk_fails)
		return fsync(fd);
	errno = EIO;
	return -1;
}

static char copy[96];

static int
lived(void **state)
{
	if (fresh(state) != 0)
		return -1;
	live(MESSAGES);
	snprintf(copy, sizeof copy, "%s/copy", folder);
	return 0;
}

static void
open_the_copy(void)
{
	store_close(&store);
	assert_int_equal(store_open(copy, MAP, store_key_of_tests, &store), E_OK);
}

static void
backup_serves_what_the_store_served(void **unused)
{
	struct digest before, after;
	struct store *looked = NULL;
	struct scrub scrub;
	struct stat st;

	served(MESSAGES, &before);
	assert_int_equal(store_backup(store, copy, &scrub), E_OK);
	assert_true(scrub.records > 10 * MESSAGES && scrub.damaged == 0);
	store_close(&store);
	assert_int_equal(store_open_copy(copy, store_key_of_tests, &looked), E_OK);
	store = looked;
	snprintf(copy + strlen(copy), sizeof copy - strlen(copy), "/data.mdb");
	assert_int_equal(stat(copy, &st), 0);
	assert_true(st.st_blocks * 512 < MAP / 8);    /* only what is used */
	assert_int_equal(store_generation(store), 1); /* looking does not begin a new one */
	served(MESSAGES, &after);
	assert_true(digest_equal(&before, &after));
}

static void
store_goes_on_after_a_backup(void **unused)
{
	struct scrub scrub;

	assert_int_equal(store_backup(store, copy, &scrub), E_OK);
	file(1000, "KE.CRS", "SO.NIRA");
	reopen();
	assert_int_equal(store_generation(store), 1);
	assert_false(store_is_restored(store));
	assert_receipt(MESSAGES + 1, ST_ACCEPTED);
}

static void
backup_needs_a_new_folder(void **unused)
{
	struct scrub scrub;
	struct stat st;

	assert_int_equal(mkdir(copy, 0700), 0);
	assert_int_equal(store_backup(store, copy, &scrub), E_IO);
	assert_int_equal(stat(copy, &st), 0); /* somebody else's: left alone */
	assert_int_equal(rmdir(copy), 0);
	assert_int_equal(store_backup(store, "/no/such/folder", &scrub), E_IO);
}

static void
backup_of_a_damaged_store_does_not_count(void **unused)
{
	struct key k = key_seq(6);
	struct store_txn *t = store_begin(store);
	struct scrub scrub;
	struct stat st;

	table_put(t, T_BODY, &k, bytes_of("another body", 12));
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_backup(store, copy, &scrub), E_DAMAGED);
	assert_non_null(strstr(scrub.first, "digest"));
	assert_int_equal(stat(copy, &st), -1);
}

static void
opening_a_backup_begins_a_generation(void **unused)
{
	struct scrub scrub;
	uint64_t generation;

	assert_int_equal(store_backup(store, copy, &scrub), E_OK);
	open_the_copy();
	generation = store_generation(store);
	assert_true(generation > 1);
	assert_true(store_is_restored(store));
	store_close(&store);
	assert_int_equal(store_open(copy, MAP, store_key_of_tests, &store), E_OK);
	assert_int_equal(store_generation(store), generation); /* once */
	assert_int_equal(store_scrub(store, &scrub), E_OK);
	file(1000, "KE.CRS", "SO.NIRA");
	assert_receipt(MESSAGES + 1, ST_ACCEPTED);
}

static void
backup_of_a_restored_store_is_the_next_generation(void **unused)
{
	struct scrub scrub;
	uint64_t first;

	assert_int_equal(store_backup(store, copy, &scrub), E_OK);
	open_the_copy();
	first = store_generation(store);
	snprintf(copy, sizeof copy, "%s/second", folder);
	assert_int_equal(store_backup(store, copy, &scrub), E_OK);
	open_the_copy();
	assert_true(store_generation(store) > first);
}

static void
store_can_be_marked_by_hand(void **unused)
{
	uint64_t generation;

	assert_int_equal(store_mark_restored(store), E_OK);
	assert_false(store_is_restored(store));
	reopen();
	generation = store_generation(store);
	assert_true(generation > 1);
	assert_int_equal(store_mark_restored(store), E_OK); /* this opening has done it */
	reopen();
	assert_int_equal(store_generation(store), generation);
}

/* ---- who has compared ---- */

static void
reconcile(const char *code, uint64_t elements)
{
	const struct recon_result r = {.at = now, .elements = elements, .differences = 2};
	struct store_txn *t = store_begin(store);
	struct party p = party(code);

	store_set_reconciled(t, &p, &r);
	assert_true(store_reconciled(store, t, &p));
	assert_int_equal(commit(&t), E_OK);
}

static void
each_party_compares_once_in_each_later_generation(void **unused)
{
	struct party kenya = party("KE.CRS"), somalia = party("SO.NIRA");
	struct recon_result r;

	assert_true(store_reconciled(store, NULL, &somalia)); /* in the first nobody has to */
	reconcile("KE.CRS", 9);
	assert_int_equal(store_mark_restored(store), E_OK);
	reopen();
	assert_false(store_reconciled(store, NULL, &kenya));
	assert_false(store_reconciled(store, NULL, &somalia));
	assert_int_equal(store_recon(store, &kenya, &r), E_OK);
	assert_int_equal(r.elements, 9);
	reconcile("KE.CRS", 11);
	assert_true(store_reconciled(store, NULL, &kenya));
	assert_false(store_reconciled(store, NULL, &somalia));
	reopen();
	assert_true(store_reconciled(store, NULL, &kenya));
	assert_int_equal(store_recon(store, &kenya, &r), E_OK);
	assert_true(r.elements == 11 && r.differences == 2 && r.at == now);
	assert_int_equal(store_recon(store, &somalia, &r), E_NOT_FOUND);
}

/* ---- a disk that fails ---- */

static void
commit_that_was_not_flushed_ends_the_process(void **unused)
{
	int status;
	pid_t child;

	store_close(&store);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)!freopen("/dev/null", "w", stderr);
		open_store(MAP);
		disk_fails = true;
		file(1000, "KE.CRS", "SO.NIRA");
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	open_store(MAP);
}

#define T(name) cmocka_unit_test_setup_teardown(name, lived, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(backup_serves_what_the_store_served),
		T(store_goes_on_after_a_backup),
		T(backup_needs_a_new_folder),
		T(backup_of_a_damaged_store_does_not_count),
		T(opening_a_backup_begins_a_generation),
		T(backup_of_a_restored_store_is_the_next_generation),
		T(store_can_be_marked_by_hand),
		T(each_party_compares_once_in_each_later_generation),
		T(commit_that_was_not_flushed_ends_the_process),
	};

	return cmocka_run_group_tests_name("store_backup", tests, make_key, drop_key);
}
