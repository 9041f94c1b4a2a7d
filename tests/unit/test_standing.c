/* SPDX-License-Identifier: EUPL-1.2
 *
 * What officers decide, as words and on disk: the standing of a party, barred certificates, and
 * changes with their second officer. tests/data/store-2 was made by the program that knew the
 * second layout, with none of it. */
#include "tests/unit/store_life.h"

#include "broker/ending.h"
#include "broker/store_lmdb.h"

static struct decision
decision(enum standing s, const char *by, const char *reason)
{
	struct decision d = {.standing = s, .since = NOW};

	assert_true(copy_text(d.by, sizeof d.by, by));
	assert_true(copy_text(d.reason, sizeof d.reason, reason));
	return d;
}

static struct change
change(enum change_kind kind, uint32_t uid, const char *by)
{
	struct change c = {.kind = kind, .state = CHANGE_WAITS, .proposed = NOW, .by_uid = uid};

	assert_true(copy_text(c.by, sizeof c.by, by));
	strcpy(c.reason, "key stolen");
	return c;
}

static void
decide(const char *code, const struct decision *d)
{
	struct store_txn *t = store_begin(store);
	struct party p = party(code);

	store_decide(t, &p, d);
	assert_int_equal(store_commit(&t), E_OK);
}

/* ---- words ---- */

static void
reason_is_printable_and_bounded(void **unused)
{
	char text[REASON_SIZE + 1];

	memset(text, 'x', sizeof text);
	text[REASON_SIZE] = '\0';
	assert_false(reason_is_fit(text));
	assert_true(reason_is_fit(text + 1));
	assert_false(reason_is_fit(NULL));
	assert_false(reason_is_fit(""));
	assert_false(reason_is_fit("   "));
	assert_false(reason_is_fit("two\nlines"));
	assert_false(reason_is_fit("\x1b[2J"));
	assert_false(reason_is_fit("caf\xc3\xa9"));
	assert_true(reason_is_fit("its key was stolen, see case 12/2026"));
}

static void
every_word_is_its_own(void **unused)
{
	assert_string_equal(standing_word(STANDING_GOOD), "good");
	assert_string_equal(standing_word(STANDING_SUSPENDED), "suspended");
	assert_string_equal(standing_word(STANDING_CUT), "cut");
	assert_string_equal(change_kind_word(CHANGE_TRUST), "trust-list");
	assert_string_equal(change_state_word(CHANGE_WAITS), "waits");
}

/* ---- the second officer ---- */

static void
nobody_approves_his_own_change(void **unused)
{
	struct change c = change(CHANGE_RESUME, 1001, "amina");

	assert_int_equal(change_may_approve(&c, 1001, NOW + 1), E_OFFICER);
	assert_int_equal(change_may_approve(&c, 1002, NOW + 1), E_OK);
}

static void
change_is_approved_once_and_within_its_time(void **unused)
{
	struct change c = change(CHANGE_RESUME, 1001, "amina");

	assert_int_equal(change_may_approve(&c, 1002, NOW + CHANGE_LIFE_MS - 1), E_OK);
	assert_int_equal(change_may_approve(&c, 1002, NOW + CHANGE_LIFE_MS), E_STATE);
	for (enum change_state s = CHANGE_DONE; s < CHANGE_STATES; s++) {
		c.state = s;
		assert_int_equal(change_may_approve(&c, 1002, NOW + 1), E_STATE);
	}
}

/* ---- what ends ---- */

static void
what_ends_is_told_in_three_steps(void **unused)
{
	static const int64_t days[][2] = {
		{91, -1}, {90, 90}, {31, 90}, {30, 30}, {8, 30}, {7, 7}, {1, 7}, {0, 0}, {-1, 0}};
	struct trust_expiry x = {.what = EXPIRY_SIGN, .party = party("KE.CRS")};
	char text[ENDING_TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_LEN(days); i++) {
		x.until = NOW + days[i][0] * DAY_MS;
		assert_int_equal(ending_threshold(&x, 90 * DAY_MS, NOW), days[i][1]);
	}
	x.until = NOW + 20 * DAY_MS;
	ending_describe(&x, 30, text);
	assert_string_equal(text, "a certificate (sign) of KE.CRS ends within 30 days, at "
				  "2026-12-14T08:00:00.000Z");
	ending_describe(&x, 0, text);
	assert_non_null(strstr(text, "has ended at 2026-12-14"));
	x = (struct trust_expiry){.what = EXPIRY_ANCHOR, .country = "KE", .until = NOW + DAY_MS};
	ending_describe(&x, 7, text);
	assert_non_null(strstr(text, "(anchor) of KE ends"));
}

/* A list that lives for 90 days is not told to end when it is new. */
static void
list_is_told_by_its_own_life(void **unused)
{
	struct trust_expiry x = {.what = EXPIRY_LIST, .until = NOW + 30 * DAY_MS};

	assert_int_equal(ending_threshold(&x, 90 * DAY_MS, NOW), 30);
	assert_int_equal(ending_threshold(&x, 50 * DAY_MS, NOW), -1);
	x.until = NOW + 60 * DAY_MS;
	assert_int_equal(ending_threshold(&x, 90 * DAY_MS, NOW), -1);
	assert_int_equal(ending_threshold(&x, 365 * DAY_MS, NOW), 90);
}

/* ---- on disk ---- */

static void
standing_is_kept_over_a_restart(void **unused)
{
	struct decision cut = decision(STANDING_CUT, "amina", "key stolen"), d;
	struct decision again = decision(STANDING_GOOD, "bile", "new keys");
	struct party so = party("SO.NIRA"), ke = party("KE.CRS");

	assert_int_equal(store_standing(store, NULL, &so), STANDING_GOOD);
	assert_int_equal(store_decision(store, NULL, &so, &d), E_NOT_FOUND);
	decide("SO.NIRA", &cut);
	reopen();
	assert_int_equal(store_standing(store, NULL, &so), STANDING_CUT);
	assert_int_equal(store_standing(store, NULL, &ke), STANDING_GOOD);
	assert_int_equal(store_decision(store, NULL, &so, &d), E_OK);
	assert_memory_equal(&d, &cut, sizeof d);
	decide("SO.NIRA", &again);
	assert_int_equal(store_standing(store, NULL, &so), STANDING_GOOD);
	assert_int_equal(store_decision(store, NULL, &so, &d), E_OK);
	assert_string_equal(d.by, "bile");
}

static void
barred_certificate_is_the_partys_own(void **unused)
{
	struct party so = party("SO.NIRA"), ke = party("KE.CRS");
	struct digest cert = {{7}}, other = {{8}};
	struct decision d = decision(STANDING_CUT, "amina", "key stolen"), got;
	struct store_txn *t = store_begin(store);

	store_bar(t, &so, &cert, &d);
	assert_true(store_is_barred(store, t, &so, &cert));
	assert_false(store_is_barred(store, NULL, &so, &cert));
	assert_int_equal(store_commit(&t), E_OK);
	reopen();
	assert_true(store_is_barred(store, NULL, &so, &cert));
	assert_false(store_is_barred(store, NULL, &so, &other));
	assert_false(store_is_barred(store, NULL, &ke, &cert));
	assert_int_equal(store_barred(store, NULL, &so, &cert, &got), E_OK);
	assert_string_equal(got.reason, "key stolen");
}

static void
change_keeps_its_document_until_it_has_ended(void **unused)
{
	struct change c = change(CHANGE_TRUST, 1001, "amina"), got;
	struct store_txn *t = store_begin(store);
	OWNED_BUF(document) = {0};

	store_add_change(t, &c, bytes_of("a list", 6));
	assert_int_equal(c.number, 1);
	assert_int_equal(commit(&t), E_OK);
	reopen();
	assert_int_equal(store_change(store, NULL, 1, &got, &document), E_OK);
	assert_memory_equal(&got, &c, sizeof got);
	assert_int_equal(document.size, 6);
	assert_memory_equal(document.data, "a list", 6);
	got.state = CHANGE_DONE;
	got.decided = NOW + 5;
	got.second_uid = 1002;
	strcpy(got.second, "bile");
	t = store_begin(store);
	store_end_change(t, &got);
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_change(store, NULL, 1, &c, &document), E_OK);
	assert_memory_equal(&got, &c, sizeof got);
	assert_int_equal(document.size, 0);
	assert_int_equal(store_change(store, NULL, 2, &c, &document), E_NOT_FOUND);
}

static void
changes_are_listed_newest_first(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct change c, list[4];

	for (int i = 0; i < 5; i++) {
		c = change(CHANGE_CUT, 0, "root");
		store_add_change(t, &c, bytes_of(NULL, 0));
	}
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_changes(store, 0, list, 4), 4);
	assert_int_equal(list[0].number, 5);
	assert_int_equal(list[3].number, 2);
	assert_int_equal(store_changes(store, 2, list, 4), 1);
	assert_int_equal(list[0].number, 1);
	assert_int_equal(store_changes(store, 1, list, 4), 0);
}

static void
decisions_are_scrubbed_and_in_a_backup(void **unused)
{
	OWNED(char, copy, free_chars) = xprintf("%s/copy", folder);
	struct decision cut = decision(STANDING_CUT, "amina", "key stolen");
	struct change c = change(CHANGE_CUT, 0, "root");
	struct digest cert = {{7}};
	struct party so = party("SO.NIRA");
	struct store *other = NULL;
	struct store_txn *t = store_begin(store);
	struct scrub scrub;

	store_decide(t, &so, &cut);
	store_bar(t, &so, &cert, &cut);
	store_add_change(t, &c, bytes_of("x", 1));
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_scrub(store, &scrub), E_OK);
	assert_int_equal(store_backup(store, copy, &scrub), E_OK);
	assert_int_equal(store_open_copy(copy, store_key_of_tests, &other), E_OK);
	assert_int_equal(store_standing(other, NULL, &so), STANDING_CUT);
	assert_true(store_is_barred(other, NULL, &so, &cert));
	assert_int_equal(store_change(other, NULL, 1, &c, NULL), E_OK);
	store_close(&other);
}

/* Writes past everything that the store itself would refuse to write. */
static void
write_record(enum table table, const struct key *k, const void *content, size_t size)
{
	struct store_txn *t = store_begin(store);

	table_put(t, table, k, bytes_of(content, size));
	assert_int_equal(store_commit(&t), E_OK);
}

static void
what_cannot_be_read_lets_nobody_in(void **unused)
{
	struct party so = party("SO.NIRA");
	struct digest cert = {{7}};
	struct key standing = key_party(&so), barred = key_and(standing, cert.octet, DIGEST_SIZE);
	struct decision_record unknown = {.version = RECORD_VERSION, .standing = STANDING_N};
	struct scrub scrub;

	write_record(T_STANDING, &standing, "short", 5);
	write_record(T_BARRED, &barred, &unknown, sizeof unknown);
	assert_int_equal(store_standing(store, NULL, &so), STANDING_CUT);
	assert_true(store_is_barred(store, NULL, &so, &cert));
	write_record(T_STANDING, &standing, &unknown, sizeof unknown);
	assert_int_equal(store_standing(store, NULL, &so), STANDING_CUT);
	assert_int_equal(store_scrub(store, &scrub), E_DAMAGED);
	assert_int_equal(scrub.damaged, 2);
}

static void
change_that_is_none_is_not_served(void **unused)
{
	struct change_record r = {.version = CHANGE_VERSION, .state = CHANGE_STATES};
	struct key first = key_seq(1), second = key_seq(2);
	struct scrub scrub;
	struct change c;

	write_record(T_CHANGE, &first, &r, sizeof r);
	assert_int_equal(store_change(store, NULL, 1, &c, NULL), E_DAMAGED);
	write_record(T_CHANGE, &second, "short", 5);
	assert_int_equal(store_change(store, NULL, 2, &c, NULL), E_VERSION);
	assert_int_equal(store_changes(store, 0, &c, 1), 0);
	assert_int_equal(store_scrub(store, &scrub), E_DAMAGED);
	assert_int_equal(scrub.damaged, 2);
}

/* ---- changes and the log ---- */

static void
add_changes(uint64_t n)
{
	struct store_txn *t = store_begin(store);

	for (uint64_t i = 0; i < n; i++) {
		struct change c = change(CHANGE_CUT, 0, "root");

		c.party = party("SO.NIRA");
		store_add_change(t, &c, bytes_of(NULL, 0));
		assert_int_equal(c.leaf, i + 1);
		assert_int_equal(c.end_leaf, 0);
	}
	assert_int_equal(commit(&t), E_OK);
}

static void
every_change_is_a_leaf_and_so_is_its_end(void **unused)
{
	struct store_txn *t;
	struct scrub scrub;
	struct change c;
	struct audit a;

	add_changes(3);
	assert_int_equal(store_log_size(store), 3);
	assert_int_equal(store_change(store, NULL, 2, &c, NULL), E_OK);
	c.state = CHANGE_DONE;
	c.decided = NOW + 9;
	strcpy(c.second, "bile");
	t = store_begin(store);
	store_end_change(t, &c);
	assert_int_equal(commit(&t), E_OK);
	reopen();
	assert_int_equal(store_change(store, NULL, 2, &c, NULL), E_OK);
	assert_int_equal(c.leaf, 2);
	assert_int_equal(c.end_leaf, 4);
	assert_int_equal(store_newest(store), NOW + 9);
	store_audit(store, 0, 10, &a);
	assert_int_equal(a.checked, 3);
	assert_int_equal(a.n_bad, 0);
	assert_false(a.more);
	assert_int_equal(store_scrub(store, &scrub), E_OK);
	store_audit(store, 1, 1, &a);
	assert_int_equal(a.last, 2);
	assert_true(a.more);
}

/* As by someone who has the store's key: what he writes is authentic, but the log is another. */
static void
alter(uint64_t number, size_t at)
{
	struct key k = key_seq(number);
	struct bytes content;
	OWNED_BUF(copy) = {0};

	VIEW(v, store, NULL);
	assert_int_equal(table_get(&v, T_CHANGE, &k, &content), E_OK);
	buf_add_bytes(&copy, content);
	copy.data[at] ^= 1;
	write_record(T_CHANGE, &k, copy.data, copy.size);
}

static void
altered_change_is_found_by_its_leaf(void **unused)
{
	static const size_t places[] = {offsetof(struct change_record, kind),
		offsetof(struct change_record, party), offsetof(struct change_record, proposed),
		offsetof(struct change_record, by), offsetof(struct change_record, reason),
		offsetof(struct change_record, leaf)};
	struct scrub scrub;
	struct audit a;

	add_changes(2);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		alter(2, places[i]);
		store_audit(store, 0, 10, &a);
		assert_int_equal(a.n_bad, 1);
		assert_int_equal(a.bad[0], 2);
		assert_int_equal(store_scrub(store, &scrub), E_DAMAGED);
		alter(2, places[i]);
	}
	store_audit(store, 0, 10, &a);
	assert_int_equal(a.n_bad, 0);
}

static void
change_that_was_taken_away_is_found(void **unused)
{
	struct store_txn *t;
	struct key k = key_seq(1);
	struct scrub scrub;
	struct audit a;

	add_changes(2);
	t = store_begin(store);
	table_delete(t, T_CHANGE, &k);
	assert_int_equal(store_commit(&t), E_OK);
	store_audit(store, 0, 10, &a);
	assert_int_equal(a.n_bad, 1);
	assert_int_equal(a.bad[0], 1);
	assert_int_equal(store_scrub(store, &scrub), E_DAMAGED);
	assert_non_null(strstr(scrub.first, "the change of this act is missing"));
}

static void
change_of_the_first_version_is_read_and_has_no_leaf(void **unused)
{
	struct change_record r = {.version = 1, .state = CHANGE_DONE, .by = "root"};
	struct key first = key_seq(1), third = key_seq(3);
	struct change c = change(CHANGE_CUT, 0, "root");
	struct store_txn *t;
	struct audit a;

	write_record(T_CHANGE, &first, &r, CHANGE_RECORD_1);
	assert_int_equal(store_change(store, NULL, 1, &c, NULL), E_OK);
	assert_int_equal(c.leaf, 0);
	assert_string_equal(c.by, "root");
	c = change(CHANGE_CUT, 0, "root");
	t = store_begin(store);
	store_add_change(t, &c, bytes_of(NULL, 0));
	assert_int_equal(commit(&t), E_OK);
	store_audit(store, 0, 10, &a);
	assert_int_equal(a.before_leaves, 1);
	assert_int_equal(a.n_bad, 0);
	/* None is made without a leaf any more: put in later, it is a forgery. */
	write_record(T_CHANGE, &third, &r, CHANGE_RECORD_1);
	store_audit(store, 0, 10, &a);
	assert_int_equal(a.n_bad, 1);
	assert_int_equal(a.bad[0], 3);
}

static void
act_is_read_only_in_its_one_form(void **unused)
{
	struct leaf_act a = {.number = 7,
				.kind = "cut",
				.state = "done",
				.subject = "KE.CRS",
				.by = "amina",
				.second = "bile",
				.at = NOW},
			again;
	OWNED_BUF(leaf) = {0};

	act_compose(&a, &leaf);
	assert_int_equal(act_parse(buf_bytes(&leaf), &again), E_OK);
	assert_int_equal(again.number, 7);
	assert_string_equal(again.second, "bile");
	for (size_t i = 0; i < leaf.size; i++) {
		assert_int_equal(act_parse(bytes_of(leaf.data, i), &again), E_MALFORMED);
	}
	buf_text(&leaf, "x");
	assert_int_equal(act_parse(buf_bytes(&leaf), &again), E_MALFORMED);
	assert_false(act_text_is_fit("<b>"));
	assert_false(act_text_is_fit("a\nb"));
}

/* ---- the layout before ---- */

static int
second_layout(void **state)
{
	OWNED(char, copy, free_chars) = NULL;

	if (fresh_folder(state) != 0)
		return -1;
	copy = xprintf("cp '%s/data/store-2/data.mdb' '%s/'", tests_folder(), folder);
	return system(copy);
}

static void
store_of_the_second_layout_gets_the_new_tables(void **unused)
{
	struct decision cut = decision(STANDING_CUT, "amina", "key stolen");
	struct party so = party("SO.NIRA");
	struct scrub scrub;

	assert_int_equal(store_open_copy(folder, store_key_of_tests, &store), E_VERSION);
	open_store(MAP);
	assert_int_equal(store_standing(store, NULL, &so), STANDING_GOOD);
	assert_int_equal(store_trust_version(store), 5);
	decide("SO.NIRA", &cut);
	reopen();
	assert_int_equal(store_standing(store, NULL, &so), STANDING_CUT);
	assert_receipt(1, ST_ACCEPTED);
	(void)!store_scrub(store, &scrub);
	assert_string_equal(scrub.first, "");
	assert_true(scrub.records > 200);
}

/* The new tables were made once; one that is gone is damage. */
static void
new_table_that_is_missing_is_damage(void **unused)
{
	struct store_txn *t;

	open_store(MAP);
	t = store_begin(store);
	assert_int_equal(mdb_drop(t->txn, store->dbi[T_STANDING], 1), 0);
	t->wrote = true;
	assert_int_equal(store_commit(&t), E_OK);
	store_close(&store);
	assert_int_equal(store_open(folder, MAP, store_key_of_tests, &store), E_DAMAGED);
}

static void
store_with_more_tables_is_left_as_it_is(void **unused)
{
	const struct tables_record more = {RECORD_VERSION, TABLES + 1};
	struct key k = key_text("tables");

	open_store(MAP);
	write_record(T_META, &k, &more, sizeof more);
	store_close(&store);
	assert_int_equal(store_open(folder, MAP, store_key_of_tests, &store), E_VERSION);
	assert_int_equal(store_open_copy(folder, store_key_of_tests, &store), E_VERSION);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, clean)
#define OLD(name) cmocka_unit_test_setup_teardown(name, second_layout, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reason_is_printable_and_bounded),
		cmocka_unit_test(every_word_is_its_own),
		cmocka_unit_test(nobody_approves_his_own_change),
		cmocka_unit_test(change_is_approved_once_and_within_its_time),
		cmocka_unit_test(what_ends_is_told_in_three_steps),
		cmocka_unit_test(list_is_told_by_its_own_life),
		T(standing_is_kept_over_a_restart),
		T(barred_certificate_is_the_partys_own),
		T(change_keeps_its_document_until_it_has_ended),
		T(changes_are_listed_newest_first),
		T(decisions_are_scrubbed_and_in_a_backup),
		T(what_cannot_be_read_lets_nobody_in),
		T(change_that_is_none_is_not_served),
		cmocka_unit_test(act_is_read_only_in_its_one_form),
		T(every_change_is_a_leaf_and_so_is_its_end),
		T(altered_change_is_found_by_its_leaf),
		T(change_that_was_taken_away_is_found),
		T(change_of_the_first_version_is_read_and_has_no_leaf),
		OLD(store_of_the_second_layout_gets_the_new_tables),
		OLD(new_table_that_is_missing_is_damage),
		OLD(store_with_more_tables_is_left_as_it_is),
	};

	return cmocka_run_group_tests_name("standing", tests, make_key, drop_key);
}
