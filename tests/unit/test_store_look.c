/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people look at agrees with what is there: after random histories, with transactions given
 * up in between, every list is the one that asking every entry gives, and every counter is what
 * counting again gives; over days that are folded, a start, a copy put back, and in a store made
 * before there were indexes. And looking costs as much in a full store as in an empty one. */
#include "tests/unit/store_history.h"

/* ---- tests ---- */

static void
lists_and_counters_are_what_asking_every_entry_gives(void **unused)
{
	OWNED(char, copy, free_chars) = xprintf("%s/copy", folder);
	OWNED(char, place, free_chars) = NULL;
	struct scrub scrub;

	random_state = 7;
	now = NOW;
	history(60, 3);
	assert_all();
	reopen();
	history(10, 3);
	assert_all();
	assert_int_equal(store_backup(store, copy, &scrub), E_OK);
	place = xstrdup(folder);
	store_close(&store);
	snprintf(folder, sizeof folder, "%s", copy);
	open_store(MAP);
	history(10, 3);
	assert_all();
	snprintf(folder, sizeof folder, "%s", place);
}

static void
hours_become_days_and_nothing_is_lost(void **unused)
{
	struct corridor all = {{""}, {""}};
	struct counts n[200];

	random_state = 11;
	now = NOW;
	history(40, 24 * 7);
	assert_true(now - NOW > 100 * DAY);
	assert_whole();
	assert_lists();
	assert_series(&all, COUNT_DAY_MS, 200);
	/* By the hour it is known no more. */
	assert_int_equal(store_series(store, &all, NOW, COUNT_HOUR_MS, n, 24), E_OK);
	for (int i = 0; i < 24; i++)
		assert_int_equal(n[i].reached[ST_ACCEPTED], 0);
}

static void
message_is_found_by_its_tracking_number_or_its_beginning(void **unused)
{
	struct store_filter f = {.look = LOOK_ALL};
	char text[TRACKING_SIZE];
	struct store_page page;
	struct entry e, found[20];
	struct sample m;

	now = NOW;
	for (uint64_t n = 10; n < 40; n++)
		(void)file(n, "KE.CRS", "SO.NIRA");
	sample(&m, 25, "KE.CRS", "SO.NIRA");
	tracking_of(&m.v.header.conversation, text);
	assert_int_equal(store_find_tracking(store, NULL, text, &e), E_OK);
	assert_int_equal(e.seq, 11);
	assert_int_equal(store_find_tracking(store, NULL, "DFT-0000-0000-0", &e), E_NOT_FOUND);
	for (size_t size = 13; size > 4; size--) {
		text[size] = '\0';
		assert_int_equal(filter_words(&f, text), E_OK);
		store_list(store, &f, 0, found, ARRAY_LEN(found), &page);
		assert_true(page.n >= 10);
		assert_int_equal(filter_words(&f, text + 4), E_OK);
		store_list(store, &f, 0, found, ARRAY_LEN(found), &page);
		assert_true(page.n >= 10);
	}
	assert_int_equal(filter_words(&f, "018f0000-0000-7000-8000-000000000019"), E_OK);
	store_list(store, &f, 0, found, ARRAY_LEN(found), &page);
	assert_int_equal(page.n, 1);
	assert_int_equal(found[0].seq, 16);
	assert_int_equal(filter_words(&f, "018F0000-0"), E_OK);
	store_list(store, &f, 20, found, 5, &page);
	assert_int_equal(page.n, 5);
	assert_int_equal(found[0].seq, 19);
	assert_int_equal(page.next, 15);
	assert_int_equal(filter_words(&f, ""), E_USAGE);
	assert_int_equal(filter_words(&f, "<script>"), E_USAGE);
}

static void
what_is_due_comes_soonest_first(void **unused)
{
	struct due after = {.seq = 0};
	struct entry e[4];
	int64_t last = INT64_MIN;
	size_t n, all = 0;

	random_state = 3;
	now = NOW;
	history(30, 2);
	while ((n = store_due(store, &after, e, ARRAY_LEN(e))) > 0)
		for (size_t i = 0; i < n; i++, all++) {
			assert_int_equal(e[i].stage, ST_ACCEPTED);
			assert_true(entry_due(&e[i]) >= last);
			last = entry_due(&e[i]);
		}
	assert_true(all > 10);
}

static void
what_was_taken_is_told_by_corridor_as_it_was_accepted(void **unused)
{
	struct corridor_figures f[64];
	struct entry e[3];
	size_t n, got, all = 0;

	random_state = 5;
	now = NOW;
	history(30, 2);
	n = store_corridors(store, NULL, f, ARRAY_LEN(f));
	for (size_t i = 0; i < n; i++) {
		uint64_t after = 0;
		size_t of = 0;

		while ((got = store_taken(store, &f[i].corridor, after, e, ARRAY_LEN(e))) > 0)
			for (size_t k = 0; k < got; k++, of++) {
				assert_int_equal(e[k].stage, ST_DELIVERED);
				assert_true(party_equal(&e[k].header.to, &f[i].corridor.to));
				assert_true(e[k].seq > after);
				after = e[k].seq;
			}
		assert_int_equal(of, f[i].open - f[i].waiting);
		all += of;
	}
	assert_true(all > 0);
}

/* ---- a store from before ---- */

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
	OWNED(char, copy, free_chars) = NULL;

	if (fresh_folder(state) != 0)
		return -1;
	copy = xprintf("cp '%s/data/store-4/data.mdb' '%s/'", tests_folder(), folder);
	return system(copy);
}

/* tests/data/store-4 was made before there were indexes: thirty messages in every stage, some with
 * a token, one held, one frozen, one a dead letter. */
static void
store_from_before_is_indexed_once(void **unused)
{
	struct entry e, same;
	char text[TRACKING_SIZE];

	random_state = 5;
	now = NOW + 30 * (int64_t)HOUR;
	open_store(MAP);
	assert_all();
	assert_int_equal(store_entry(store, NULL, 30, &e), E_OK);
	tracking_of(&e.header.conversation, text);
	assert_int_equal(store_find_tracking(store, NULL, text, &same), E_OK);
	assert_true(id_equal(&e.header.conversation, &same.header.conversation));
	now += 30 * DAY;
	history(20, 3);
	assert_whole();
	assert_lists();
}

static void
interrupted_indexing_goes_on_where_it_was(void **unused)
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
		assert_true(WIFEXITED(status) && ++interrupted < 50);
	}
	assert_int_equal(WEXITSTATUS(status), E_OK);
	assert_true(interrupted > 1);
	random_state = 5;
	now = NOW + 30 * (int64_t)HOUR;
	open_store(MAP);
	assert_all();
}

static void
half_indexed_store_is_not_looked_at(void **unused)
{
	const struct seq_record begun = {RECORD_VERSION, 0};
	struct key k = key_text("index");
	struct store *copy = NULL;
	struct store_txn *t;

	now = NOW;
	(void)file(1, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_open_copy(folder, store_key_of_tests, &copy), E_OK);
	store_close(&copy);
	t = store_begin(store);
	table_put(t, T_META, &k, bytes_of(&begun, sizeof begun));
	assert_int_equal(store_commit(&t), E_OK);
	assert_int_equal(store_open_copy(folder, store_key_of_tests, &copy), E_VERSION);
}

/* ---- damage ---- */

static void
spoil(enum table table)
{
	struct store_txn *t = store_begin(store);
	MDB_cursor *cursor;
	MDB_val key, value;
	uint8_t octets[200] = {0};

	assert_int_equal(mdb_cursor_open(t->txn, store->dbi[table], &cursor), 0);
	assert_int_equal(mdb_cursor_get(cursor, &key, &value, MDB_LAST), 0);
	memcpy(octets, value.mv_data, value.mv_size);
	octets[value.mv_size - 1] ^= 1;
	value.mv_data = octets;
	assert_int_equal(mdb_cursor_put(cursor, &key, &value, MDB_CURRENT), 0);
	mdb_cursor_close(cursor);
	t->wrote = true;
	assert_int_equal(store_commit(&t), E_OK);
}

/* A counter is not worth a message. */
static void
damaged_counter_stops_nothing_and_is_found(void **unused)
{
	struct scrub scrub;

	now = NOW;
	(void)file(1, "KE.CRS", "SO.NIRA");
	spoil(T_HOUR);
	spoil(T_CORRIDOR);
	assert_int_equal(store_scrub(store, &scrub), E_DAMAGED);
	(void)file(2, "KE.CRS", "SO.NIRA");
	take(2);
	assert_int_equal(store_scrub(store, &scrub), E_DAMAGED);
}

static void
count_one_more(struct store_txn *t, const struct corridor *c)
{
	struct key k = key_hour(hour_of(NOW), c);
	struct count_record r;

	assert_true(table_step(t, T_HOUR, &k, &r, sizeof r));
	r.reached[ST_ACCEPTED]++;
	table_put(t, T_HOUR, &k, bytes_of(&r, sizeof r));
}

/* Both counters say the same, and neither is true. */
static void
counter_that_lies_is_found(void **unused)
{
	const struct corridor all = {{""}, {""}}, c = {party("KE.CRS"), party("SO.NIRA")};
	struct scrub scrub;
	struct store_txn *t;

	now = NOW;
	(void)file(1, "KE.CRS", "SO.NIRA");
	assert_whole();
	t = store_begin(store);
	count_one_more(t, &all);
	count_one_more(t, &c);
	assert_int_equal(store_commit(&t), E_OK);
	assert_int_equal(store_scrub(store, &scrub), E_DAMAGED);
	assert_non_null(strstr(scrub.first, "counters"));
}

/* ---- what looking costs ---- */

/* Records that the first view of an administrator reads. */
static uint64_t
cost_of_looking(void)
{
	static struct counts n[168];
	struct corridor all = {{""}, {""}};
	struct corridor_figures f[16];
	struct store_filter of_one = {.look = LOOK_OPEN}, late = {.look = LOOK_ALL};
	struct due due = {.seq = 0};
	struct entry found[20];
	struct store_figures figures;
	struct store_page page;
	uint64_t ages[WAITS_N], before = store_reads(store);

	store_figures(store, &figures);
	(void)store_corridors(store, NULL, f, ARRAY_LEN(f));
	assert_int_equal(store_series(store, &all, now - 167 * HOUR, COUNT_HOUR_MS, n, 168), E_OK);
	store_ages(store, &all, now, ages);
	store_list(store, &(struct store_filter){.look = LOOK_ALL}, 0, found, 20, &page);
	of_one.to = party(offices[1]);
	store_list(store, &of_one, 0, found, 20, &page);
	late.stages = 1u << ST_DEAD_LETTER;
	store_list(store, &late, 0, found, 20, &page);
	(void)store_due(store, &due, found, 20);
	return store_reads(store) - before;
}

static void
fill(uint64_t first, uint64_t n)
{
	for (uint64_t i = first; i < first + n;) {
		struct store_txn *t = store_begin(store);

		for (unsigned k = 0; k < 1000 && i < first + n; k++, i++) {
			struct sample m;
			struct entry e;

			sample(&m, i, offices[i % PARTIES], offices[(i + 1) % PARTIES]);
			(void)accept(t, &m, &e);
			if (i % 100 != 0)
				end_as(t, e.seq, i % 50 == 1 ? ST_DEAD_LETTER : ST_COMMITTED);
		}
		assert_int_equal(commit(&t), E_OK);
		now += 60000;
	}
}

static void
looking_costs_no_more_in_a_full_store(void **unused)
{
	struct store_filter nobody = {.look = LOOK_ALL, .code = "NO-SUCH-CODE"};
	struct store_filter odd = {.look = LOOK_ENDED, .has_action = true, .action = A_QUERY};
	struct store_page page;
	struct entry found[20];
	uint64_t small, full;

	store_close(&store);
	open_store((size_t)512 << 20);
	now = NOW;
	fill(1, 2000);
	small = cost_of_looking();
	fill(2001, 18000);
	full = cost_of_looking();
	assert_true(full <= small + small / 4);
	assert_true(full < 1000);
	/* What no index finds is looked for in pieces. */
	store_list(store, &nobody, 0, found, 20, &page);
	assert_int_equal(page.n, 0);
	store_list(store, &odd, 0, found, 20, &page);
	assert_int_equal(page.n, 0);
	assert_int_equal(page.looked, LIST_LOOK_MOST);
	assert_true(page.next != 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, clean)
#define OLD(name) cmocka_unit_test_setup_teardown(name, old_store, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(lists_and_counters_are_what_asking_every_entry_gives),
		T(hours_become_days_and_nothing_is_lost),
		T(message_is_found_by_its_tracking_number_or_its_beginning),
		T(what_is_due_comes_soonest_first),
		T(what_was_taken_is_told_by_corridor_as_it_was_accepted),
		OLD(store_from_before_is_indexed_once),
		OLD(interrupted_indexing_goes_on_where_it_was),
		T(half_indexed_store_is_not_looked_at),
		T(damaged_counter_stops_nothing_and_is_found),
		T(counter_that_lies_is_found),
		T(looking_costs_no_more_in_a_full_store),
	};

	return cmocka_run_group_tests_name("store_look", tests, make_key, drop_key);
}
