/* SPDX-License-Identifier: EUPL-1.2
 *
 * A campaign of damage. A store in which everything has happened is damaged on disk: single bits
 * anywhere in its used pages and in the two pages that decide which tree counts, pages of zeros, a
 * file that was cut off, an older file in place of a newer one. Each time a process of its own
 * opens it, scrubs it and reads everything. Either the damage is found (an error, or an end of the
 * process), or everything served is as it was. Anything else would be a lie that nobody notices. */
#include "tests/unit/store_life.h"

#include "broker/store_lmdb.h"
#include "lib/log.h"

#define SMALL_MAP (2 << 20)
#define MESSAGES 60
#define FLIPS 2000
#define PAGES 60
#define CUTS 30
#define HEAD 152 /* octets of a page that decides which tree counts */

enum verdict_of_child { FOUND, HARMLESS, SILENT, VERDICTS };
#define EXIT_VERDICT 40 /* any other status: the process was stopped by what it read */

static struct {
	char file[96];
	int fd;
	size_t used; /* octets */
	uint8_t *image;
	struct digest truth;
	uint64_t random;
	unsigned count[VERDICTS];
} campaign;

static uint64_t
draw(uint64_t below)
{
	campaign.random = campaign.random * 6364136223846793005 + 1442695040888963407;
	return (campaign.random >> 33) % below;
}

/* ---- one damaged image ---- */

static void NORETURN
look_at_it(void)
{
	struct rlimit none = {0, 0};
	struct digest seen;
	struct scrub scrub;

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)!freopen("/dev/null", "w", stderr);
	for (int s = 1; s < 32; s++)
		(void)signal(s, SIG_DFL); /* the test's own handlers would go on */
	alarm(20);
	store = NULL;
	if (store_open(folder, SMALL_MAP, store_key_of_tests, &store) != E_OK ||
		store_scrub(store, &scrub) != E_OK)
		_exit(EXIT_VERDICT + FOUND);
	served(MESSAGES, &seen);
	_exit(EXIT_VERDICT + (digest_equal(&seen, &campaign.truth) ? HARMLESS : SILENT));
}

static enum verdict_of_child
judge(void)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0)
		look_at_it();
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) >= EXIT_VERDICT &&
		WEXITSTATUS(status) < EXIT_VERDICT + VERDICTS)
		return (enum verdict_of_child)(WEXITSTATUS(status) - EXIT_VERDICT);
	return FOUND;
}

static void
judge_and_mend(const char *what, uint64_t where)
{
	enum verdict_of_child v = judge();

	campaign.count[v]++;
	if (v == SILENT)
		print_message(
			"%s %llu was served as if it were true\n", what, (unsigned long long)where);
	assert_int_equal(ftruncate(campaign.fd, SMALL_MAP), 0);
	assert_int_equal(pwrite(campaign.fd, campaign.image, campaign.used, 0), campaign.used);
}

static void
flip(uint64_t bit)
{
	uint8_t octet = (uint8_t)(campaign.image[bit / 8] ^ 1 << bit % 8);

	assert_int_equal(pwrite(campaign.fd, &octet, 1, (off_t)(bit / 8)), 1);
	judge_and_mend("bit", bit);
}

/* ---- the store that is damaged ---- */

/* On a file system without a disk where there is one: the campaign opens a store thousands of
 * times. */
static int
prepare(void **state)
{
	static const uint64_t seed = 20261127;
	struct store_figures f;

	campaign.random = seed;
	memset(campaign.count, 0, sizeof campaign.count);
	snprintf(folder, sizeof folder, "%s/daftar-flip-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(folder));
	open_store(SMALL_MAP);
	live(MESSAGES);
	served(MESSAGES, &campaign.truth);
	store_figures(store, &f);
	store_close(&store);
	snprintf(campaign.file, sizeof campaign.file, "%s/data.mdb", folder);
	campaign.fd = open(campaign.file, O_RDWR | O_CLOEXEC);
	assert_true(campaign.fd >= 0);
	campaign.image = xmalloc(SMALL_MAP);
	assert_int_equal(pread(campaign.fd, campaign.image, SMALL_MAP, 0), SMALL_MAP);
	for (campaign.used = SMALL_MAP; campaign.image[campaign.used - 1] == 0;)
		campaign.used--;
	campaign.used = (campaign.used + 4095) / 4096 * 4096;
	return 0;
}

static int
finish(void **state)
{
	close(campaign.fd);
	free(campaign.image);
	return clean(state);
}

static void
report(const char *what)
{
	print_message("%s: %u found, %u harmless, %u silent\n", what, campaign.count[FOUND],
		campaign.count[HARMLESS], campaign.count[SILENT]);
	assert_int_equal(campaign.count[SILENT], 0);
}

/* How many of the usual number; `DAFTAR_FLIPS' in the environment says another. */
static unsigned
flips(void)
{
	const char *set = getenv("DAFTAR_FLIPS");

	return set != NULL ? (unsigned)strtoul(set, NULL, 10) : FLIPS;
}

/* ---- the campaign ---- */

static void
undamaged_store_is_harmless(void **unused)
{
	judge_and_mend("nothing", 0);
	assert_int_equal(campaign.count[HARMLESS], 1);
}

static void
flipped_bit_is_found_or_harmless(void **unused)
{
	for (unsigned i = flips(); i > 0; i--)
		flip(draw(campaign.used * 8));
	report("bits");
	assert_true(campaign.count[FOUND] > 0);
}

static void
flipped_bit_of_a_head_is_found(void **unused)
{
	for (uint64_t page = 0; page < 2; page++)
		for (uint64_t octet = 16; octet < HEAD; octet++)
			flip((page * 4096 + octet) * 8 + draw(8));
	for (uint64_t bit = 0; bit < 64; bit++) { /* the number of the commit */
		flip((HEAD - 8) * 8 + bit);
		flip((4096 + HEAD - 8) * 8 + bit);
	}
	report("bits of the heads");
	assert_int_equal(campaign.count[HARMLESS], 0);
}

static void
page_of_zeros_is_found_or_harmless(void **unused)
{
	static const uint8_t zeros[4096];

	for (unsigned i = 0; i < PAGES; i++) {
		uint64_t page = i < 2 ? i : draw(campaign.used / 4096);

		assert_int_equal(
			pwrite(campaign.fd, zeros, sizeof zeros, (off_t)page * 4096), sizeof zeros);
		judge_and_mend("page", page);
	}
	report("pages of zeros");
	assert_true(campaign.count[FOUND] > 0);
}

static void
file_that_was_cut_off_is_found_or_harmless(void **unused)
{
	for (unsigned i = 0; i < CUTS; i++) {
		uint64_t size = i == 0 ? 0 : draw(campaign.used);

		assert_int_equal(ftruncate(campaign.fd, (off_t)size), 0);
		judge_and_mend("cut at", size);
	}
	report("cuts");
	assert_int_equal(campaign.count[HARMLESS], 0);
}

/* The whole file as it was one commit ago, in good order. */
static void
older_file_in_place_of_a_newer_one_is_found(void **unused)
{
	struct store_txn *t;

	open_store(SMALL_MAP);
	t = store_begin(store);
	store_attempts(t, 6, 9);
	assert_int_equal(commit(&t), E_OK);
	store_close(&store);
	assert_int_equal(pwrite(campaign.fd, campaign.image, SMALL_MAP, 0), SMALL_MAP);
	assert_int_equal(store_open(folder, SMALL_MAP, store_key_of_tests, &store), E_DAMAGED);
	assert_int_equal(store_restored(folder, store_key_of_tests), E_OK);
	assert_int_equal(store_open(folder, SMALL_MAP, store_key_of_tests, &store), E_OK);
	assert_true(store_generation(store) > 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, prepare, finish)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(undamaged_store_is_harmless),
		T(flipped_bit_is_found_or_harmless),
		T(flipped_bit_of_a_head_is_found),
		T(page_of_zeros_is_found_or_harmless),
		T(file_that_was_cut_off_is_found_or_harmless),
		T(older_file_in_place_of_a_newer_one_is_found),
	};

	log_open("test_store_flip", LOG_ERROR);
	return cmocka_run_group_tests_name("store_flip", tests, make_key, drop_key);
}
