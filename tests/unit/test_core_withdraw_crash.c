/* SPDX-License-Identifier: EUPL-1.2
 *
 * A withdrawal meets a process that ends before or behind any commit of its spool: either the act
 * is not in the register and nobody is told of one, or it is, and the answer is TOO-LATE. */
#include <dlfcn.h>
#include <lmdb.h>

#include "tests/unit/case_stage.h"

#define CUT 9	/* exit status of a process that was cut off */
#define MOST 60 /* commits of a step, more than there are */

static int cut;	   /* at the commit of that number; 0: at none */
static bool after; /* behind it, not before it */

/* In the place of LMDB's own, for this program. */
int
mdb_txn_commit(MDB_txn *txn)
{
	int (*real)(MDB_txn *) = NULL;
	int rc;

	*(void **)&real = dlsym(RTLD_NEXT, "mdb_txn_commit");
	assert_non_null(real);
	if (cut == 1 && !after)
		_exit(CUT);
	rc = real(txn);
	if (cut == 1)
		_exit(CUT);
	cut -= cut > 0;
	return rc;
}

/* A process ends here, not the machine: nothing has to reach the disk. */
int
fdatasync(int fd)
{
	(void)fd;
	return 0;
}

int
fsync(int fd)
{
	(void)fd;
	return 0;
}

/* Another process opens the spool, works, and is cut off at commit n. False when it came to its
 * end before. */
static bool
work_cut_off(int n)
{
	pid_t pid;
	int status;

	stage_stop();
	pid = fork();
	if (pid == 0) {
		stage_start();
		cut = n;
		work();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == CUT);
	stage_start();
	return WEXITSTATUS(status) == CUT;
}

static size_t
waits_to_be_sent(void)
{
	struct spool_counts c;

	assert_int_equal(spool_count(stage.spool, &c), E_OK);
	return c.out[OUT_FILED];
}

/* One of the two ends, and all of it. */
static void
assert_one_end(const struct header *x, const struct header *stop)
{
	struct spool_scrub scrub;
	struct in_entry e;

	stage.now += 60000;
	work();
	assert_int_equal(spool_scrub(stage.spool, &scrub), E_OK);
	if (fake->n == 0) {
		assert_settled(stop, ST_COMMITTED, "");
		assert_settled(x, ST_REJECTED, "CONSENT-WITHDRAWN");
		assert_int_equal(waits_to_be_sent(), 0);
	} else {
		assert_int_equal(fake->n, 1);
		assert_settled(stop, ST_COMMITTED, "TOO-LATE");
		assert_settled(x, ST_COMMITTED, "");
		assert_int_equal(waits_to_be_sent(), 2);
	}
	e = entry_of(x);
	assert_false(e.body);
}

typedef bool run(const struct whole_case *k, int n);

/* At every commit, before it and behind it. */
static void
at_every_commit(enum who self, run *once)
{
	int cuts = 0;

	for (int side = 0; side < 2; side++) {
		bool goes_on = true;

		after = side == 1;
		for (int n = 1; goes_on; n++) {
			CASE(k);

			assert_true(n < MOST);
			stage_begin(self, false);
			case_begin(&k);
			goes_on = once(&k, n);
			cuts += goes_on;
			assert_int_equal(stage_end(NULL), 0);
		}
	}
	assert_true(cuts >= 6);
}

/* ---- the steps ---- */

static bool
withdraw_what_was_taken(const struct whole_case *k, int n)
{
	const struct header x = extract_of(k, "7"), stop = withdrawal_of(k);
	bool was_cut = work_cut_off(n);

	assert_one_end(&x, &stop);
	assert_int_equal(fake->n, 0);
	return was_cut;
}

static bool
withdraw_what_was_entered(const struct whole_case *k, int n)
{
	const struct header x = extract_of(k, "7");
	struct header stop;
	bool was_cut;

	work();
	stop = withdrawal_of(k);
	was_cut = work_cut_off(n);
	assert_one_end(&x, &stop);
	assert_int_equal(fake->n, 1);
	return was_cut;
}

static bool
withdraw_what_is_claimed(const struct whole_case *k, int n, enum mishap mishap)
{
	const struct header x = extract_of(k, "7");
	struct header stop;
	bool was_cut;

	fake->mishap = mishap;
	fake->enter = mishap == NONE ? E_REGISTER : E_OK;
	work();
	assert_int_equal(entry_of(&x).state, IN_CLAIMED);
	fake->mishap = NONE;
	fake->enter = E_OK;
	stop = withdrawal_of(k);
	was_cut = work_cut_off(n);
	assert_one_end(&x, &stop);
	assert_int_equal(fake->n, mishap == NONE ? 0 : 1);
	return was_cut;
}

static bool
withdraw_what_was_not_committed(const struct whole_case *k, int n)
{
	return withdraw_what_is_claimed(k, n, NONE);
}

static bool
withdraw_what_was_committed(const struct whole_case *k, int n)
{
	return withdraw_what_is_claimed(k, n, COMMIT_UNKNOWN);
}

/* The entering is cut off, and then the withdrawal comes. */
static bool
withdraw_at_each_step_of_entering(const struct whole_case *k, int n)
{
	const struct header x = extract_of(k, "7");
	bool was_cut = work_cut_off(n);
	const struct header stop = withdrawal_of(k);

	assert_one_end(&x, &stop);
	return was_cut;
}

/* The same for the extract of the issuing side: none goes out. */
static bool
withdraw_at_each_step_of_certifying(const struct whole_case *k, int n)
{
	struct header r = request_of(k), stop;
	bool was_cut = work_cut_off(n);
	struct spool_scrub scrub;

	stop = withdrawal_of(k);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_int_equal(waits_to_be_sent(), 0);
	assert_false(entry_of(&r).body);
	assert_int_equal(spool_scrub(stage.spool, &scrub), E_OK);
	return was_cut;
}

static void
P7_withdrawal_of_what_was_taken_is_cut_off(void **state)
{
	at_every_commit(SOMALIA, withdraw_what_was_taken);
}

static void
P7_withdrawal_of_what_was_entered_is_cut_off(void **state)
{
	at_every_commit(SOMALIA, withdraw_what_was_entered);
}

static void
P7_withdrawal_of_what_is_claimed_is_cut_off(void **state)
{
	at_every_commit(SOMALIA, withdraw_what_was_not_committed);
	at_every_commit(SOMALIA, withdraw_what_was_committed);
}

static void
P7_withdrawal_comes_between_any_two_commits_of_an_entry(void **state)
{
	at_every_commit(SOMALIA, withdraw_at_each_step_of_entering);
}

static void
P7_withdrawal_comes_between_any_two_commits_of_an_extract(void **state)
{
	at_every_commit(KENYA, withdraw_at_each_step_of_certifying);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P7_withdrawal_of_what_was_taken_is_cut_off),
		cmocka_unit_test(P7_withdrawal_of_what_was_entered_is_cut_off),
		cmocka_unit_test(P7_withdrawal_of_what_is_claimed_is_cut_off),
		cmocka_unit_test(P7_withdrawal_comes_between_any_two_commits_of_an_entry),
		cmocka_unit_test(P7_withdrawal_comes_between_any_two_commits_of_an_extract),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
