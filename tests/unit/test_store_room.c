/* SPDX-License-Identifier: EUPL-1.2
 *
 * What every store does when the process dies, when there is no room, and when it is opened.
 * Written against store.h only. */
#include "tests/unit/store_stage.h"

/* ---- the process dies ---- */

/* Commits for ever, and says each number on the pipe after its commit. Every third message is taken
 * and every sixth ended in the group that accepts the next. */
static void
work_until_killed(int pipe)
{
	open_store(MAP);
	struct store_figures f;
	store_figures(store, &f);
	for (uint64_t n = f.messages + 1;; n++) {
		struct store_txn *t = store_begin(store);
		struct sample m;
		struct entry e;

		sample(&m, n, "KE.CRS", "SO.NIRA");
		if (accept(t, &m, &e) != ACCEPT_NEW || e.seq != n)
			_exit(2);
		if (n % 3 == 1 && n > 1)
			end_of_message(t, n - 1, n % 2 ? ST_COMMITTED : ST_EXPIRED, m.bytes);
		if (commit(&t) != E_OK || write(pipe, &n, sizeof n) != sizeof n)
			_exit(3);
	}
}

/* Kills it the moment it has reported this many commits; the last number that it reported. */
static uint64_t
kill_after(unsigned reports)
{
	uint64_t n = 0, last = 0;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[0]);
		work_until_killed(ends[1]);
	}
	close(ends[1]);
	while (reports-- > 0 && read(ends[0], &n, sizeof n) == sizeof n)
		last = n;
	kill(child, SIGKILL);
	while (read(ends[0], &n, sizeof n) == sizeof n)
		last = n;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return last;
}

/* Everything that hangs together does, up to the last commit. */
static void
assert_consistent(uint64_t at_least)
{
	struct party ke = party("KE.CRS"), so = party("SO.NIRA");
	uint64_t stage[STAGE_N] = {0}, ended = 0;
	struct store_figures f;
	struct notice notice;
	OWNED_BUF(b) = {0};

	store_figures(store, &f);
	assert_true(f.messages >= at_least);
	for (uint64_t n = 1; n <= f.messages; n++) {
		struct sample m;
		struct entry e;

		sample(&m, n, "KE.CRS", "SO.NIRA");
		assert_int_equal(
			store_find(store, NULL, &m.v.header.from, &m.v.header.id, &e), E_OK);
		assert_int_equal(e.seq, n);
		assert_receipt(n, ST_ACCEPTED);
		assert_receipt(n, e.stage);
		assert_int_equal(
			store_body(store, NULL, n, &b), stage_final(e.stage) ? E_NOT_FOUND : E_OK);
		stage[e.stage]++;
		ended += stage_final(e.stage);
	}
	for (int s = 0; s < STAGE_N; s++)
		assert_int_equal(f.stage[s], stage[s]);
	assert_int_equal(f.log_size, f.messages + ended);
	assert_int_equal(f.queued, f.messages - ended);
	assert_int_equal(store_queue_depth(store, &so), f.queued);
	assert_int_equal(store_notices(store, &ke, ended, &notice, 1), 0);
	if (ended > 0)
		assert_int_equal(store_notices(store, &ke, ended - 1, &notice, 1), 1);
}

static void
killed_process_loses_nothing_that_it_committed(void **unused)
{
	for (unsigned i = 0; i < 12; i++) {
		uint64_t reported = kill_after(1 + i * 3);

		assert_true(reported > 0);
		open_store(MAP);
		assert_consistent(reported);
		store_close(&store);
	}
}

static void
store_is_open_in_one_process_at_a_time(void **unused)
{
	struct store *second = NULL;

	assert_int_equal(store_open(folder, MAP, store_key_of_tests, &second), E_LOCKED);
	assert_null(second);
	store_close(&store);
	assert_true(kill_after(1) > 0); /* it had it, and died with it */
	open_store(MAP);
}

/* ---- no room ---- */

#define SMALL_MAP (4 << 20)

static void
sample_of(struct sample *m, uint64_t n, struct bytes octets)
{
	sample(m, n, "KE.CRS", "SO.NIRA");
	m->bytes = octets;
	digest_of(octets.data, octets.size, &m->v.digest);
}

static uint64_t
fill_while_there_is_room(struct bytes octets, unsigned group)
{
	uint64_t n = 0;

	while (store_has_room(store)) {
		struct store_txn *t = store_begin(store);
		struct sample m;
		struct entry e;

		for (unsigned i = 0; i < group && store_has_room(store); i++) {
			sample_of(&m, ++n, octets);
			(void)accept(t, &m, &e);
		}
		assert_int_equal(commit(&t), E_OK);
		assert_true(n < 100000);
	}
	return n;
}

/* Goes on until nine tenths are used; the number of the last. */
static uint64_t
fill_in_spite(struct bytes octets, uint64_t n)
{
	struct store_figures figures;
	struct sample m;
	struct entry e;

	for (store_figures(store, &figures); figures.map_used < SMALL_MAP / 10 * 9;
		store_figures(store, &figures)) {
		struct store_txn *t = store_begin(store);

		sample_of(&m, ++n, octets);
		(void)accept(t, &m, &e);
		assert_int_equal(commit(&t), E_OK);
	}
	return n;
}

static void
full_store_finishes_what_it_accepted(void **unused)
{
	static const unsigned groups[] = {1, 7, 64};
	uint8_t octets[5000], extra[5000];
	struct store_figures f;

	memset(octets, 'b', sizeof octets);
	memset(extra, 'x', sizeof extra);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		(void)clean(unused);
		assert_int_equal(mkdir(folder, 0700), 0);
		open_store(SMALL_MAP);
		uint64_t n = fill_while_there_is_room(bytes_of(octets, sizeof octets), groups[i]);
		assert_in_range(n, 30, 300);
		for (uint64_t seq = 1; seq <= n; seq++)
			take(seq);
		for (uint64_t seq = 1; seq <= n; seq++) {
			struct store_txn *t = store_begin(store);

			end_of_message(t, seq, ST_COMMITTED, bytes_of(extra, sizeof extra));
			assert_int_equal(commit(&t), E_OK);
		}
		store_figures(store, &f);
		assert_int_equal(f.stage[ST_COMMITTED], n);
		assert_receipt(n, ST_COMMITTED);
	}
}

static void
room_comes_back_when_bodies_are_forgotten(void **unused)
{
	uint8_t *octets = xcalloc(1, 100000);
	uint64_t n;

	(void)clean(unused);
	assert_int_equal(mkdir(folder, 0700), 0);
	open_store(SMALL_MAP);
	n = fill_while_there_is_room(bytes_of(octets, 100000), 64);
	n = fill_in_spite(bytes_of(octets, 100000), n);
	assert_false(store_has_room(store));
	for (uint64_t seq = 1; seq <= n; seq++) {
		struct store_txn *t = store_begin(store);

		end_of_message(t, seq, ST_EXPIRED, bytes_of(NULL, 0));
		assert_int_equal(commit(&t), E_OK);
	}
	file(n + 1, "KE.CRS", "SO.NIRA"); /* pages are free after the next commit */
	assert_true(store_has_room(store));
	free_octets(&octets);
}

static void
group_that_does_not_fit_leaves_the_store_as_it_was(void **unused)
{
	uint8_t *octets = xcalloc(1, 200000);
	struct store_figures before, after;
	struct store_txn *t;
	uint64_t n = 1;
	struct entry e;

	(void)clean(unused);
	assert_int_equal(mkdir(folder, 0700), 0);
	open_store(SMALL_MAP);
	assert_int_equal(file(1, "KE.CRS", "SO.NIRA"), 1);
	store_figures(store, &before);
	t = store_begin(store);
	while (store_error(t) == E_OK && n < 1000) {
		struct sample m;

		sample_of(&m, ++n, bytes_of(octets, 200000));
		(void)accept(t, &m, &e);
	}
	assert_int_equal(store_error(t), E_STORE_FULL);
	assert_int_equal(commit(&t), E_STORE_FULL);
	store_figures(store, &after);
	assert_memory_equal(&before, &after, sizeof before);
	take(1);
	assert_receipt(1, ST_DELIVERED);
	free_octets(&octets);
}

/* ---- opening ---- */

static void
disk_is_taken_when_the_store_is_made(void **unused)
{
	char probe[96], file_name[96];
	struct stat st;
	int fd;

	snprintf(probe, sizeof probe, "%s/probe", folder);
	fd = open(probe, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	if (fallocate(fd, 0, 0, 4096) == 0) {
		open_store(MAP);
		snprintf(file_name, sizeof file_name, "%s/data.mdb", folder);
		assert_int_equal(stat(file_name, &st), 0);
		assert_true(st.st_size >= MAP && (size_t)st.st_blocks * 512 >= MAP);
	}
	close(fd);
}

static void
disk_that_is_too_small_is_noticed_at_once(void **unused)
{
	struct rlimit old, small;
	enum err e;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = MAP / 2;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	e = store_open(folder, MAP, store_key_of_tests, &store);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(e, E_STORE_FULL);
	assert_null(store);
	open_store(MAP); /* and nothing is in the way afterwards */
	file(1, "KE.CRS", "SO.NIRA");
}

static void
map_that_is_too_small_is_noticed_at_once(void **unused)
{
	assert_int_equal(store_open(folder, 4096, store_key_of_tests, &store), E_STORE_FULL);
	assert_null(store);
}

static void
folder_that_cannot_be_made_is_an_error(void **unused)
{
	char deep[96];

	snprintf(deep, sizeof deep, "%s/no/such", folder);
	assert_int_equal(store_open(deep, MAP, store_key_of_tests, &store), E_IO);
	assert_null(store);
	snprintf(deep, sizeof deep, "%s/new", folder);
	assert_int_equal(store_open(deep, MAP, store_key_of_tests, &store), E_OK);
}

static void
map_may_grow_later(void **unused)
{
	struct store_figures f;

	open_store(SMALL_MAP);
	file(1, "KE.CRS", "SO.NIRA");
	store_close(&store);
	open_store(2 * SMALL_MAP);
	store_figures(store, &f);
	assert_int_equal(f.map_size, 2 * SMALL_MAP);
	assert_receipt(1, ST_ACCEPTED);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, clean)
#define CLOSED(name) cmocka_unit_test_setup_teardown(name, fresh_folder, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CLOSED(killed_process_loses_nothing_that_it_committed),
		T(store_is_open_in_one_process_at_a_time),
		T(full_store_finishes_what_it_accepted),
		T(room_comes_back_when_bodies_are_forgotten),
		T(group_that_does_not_fit_leaves_the_store_as_it_was),
		CLOSED(disk_is_taken_when_the_store_is_made),
		CLOSED(disk_that_is_too_small_is_noticed_at_once),
		CLOSED(map_that_is_too_small_is_noticed_at_once),
		CLOSED(folder_that_cannot_be_made_is_an_error),
		CLOSED(map_may_grow_later),
	};

	return cmocka_run_group_tests_name("store_room", tests, make_key, drop_key);
}
