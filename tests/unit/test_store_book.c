/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the store keeps so that others can check it: books, conflicts that are signed, messages that
 * are queued again, and who has compared books with us. Written against store.h only. */
#include "tests/unit/store_life.h"

#include "lib/book.h"

/* ---- the book ---- */

struct line {
	int64_t created;
	struct digest element;
	uint64_t seq;
};

struct lines {
	struct line list[64];
	size_t n;
};

static void
keep_line(void *context, int64_t created, const struct digest *element, uint64_t seq)
{
	struct lines *l = context;

	assert_true(l->n < ARRAY_LEN(l->list));
	l->list[l->n++] = (struct line){created, *element, seq};
}

static struct lines
book_of(const char *code, int64_t since, int64_t until)
{
	struct lines l = {.n = 0};
	struct party p = party(code);

	store_book(store, &p, since, until, keep_line, &l);
	return l;
}

/* Message `n' was created n seconds after all began. */
static uint64_t
file_at(uint64_t n, const char *from, const char *to)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;

	sample(&m, n, from, to);
	m.v.header.created = NOW + (int64_t)n * 1000;
	assert_int_equal(accept(t, &m, &e), ACCEPT_NEW);
	assert_int_equal(commit(&t), E_OK);
	return e.seq;
}

static void
book_has_every_message_of_a_party_in_order_of_creation(void **unused)
{
	struct lines l;

	file_at(3, "KE.CRS", "SO.NIRA");
	file_at(1, "SO.NIRA", "KE.CRS");
	file_at(2, "UNHCR.NBO", "SO.NIRA");
	l = book_of("KE.CRS", INT64_MIN, INT64_MAX);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.list[0].seq, 2);
	assert_true(l.list[0].created == NOW + 1000);
	assert_int_equal(l.list[1].seq, 1);
	assert_int_equal(book_of("SO.NIRA", INT64_MIN, INT64_MAX).n, 3);
	assert_int_equal(book_of("UNHCR.NBO", INT64_MIN, INT64_MAX).n, 1);
	assert_int_equal(book_of("UNHCR.NBOX", INT64_MIN, INT64_MAX).n, 0);
}

static void
book_between_two_times_has_both_ends(void **unused)
{
	for (uint64_t n = 1; n <= 5; n++)
		file_at(n, "KE.CRS", "SO.NIRA");
	assert_int_equal(book_of("KE.CRS", NOW + 2000, NOW + 4000).n, 3);
	assert_int_equal(book_of("KE.CRS", NOW + 2000, NOW + 4000).list[0].seq, 2);
	assert_int_equal(book_of("KE.CRS", NOW + 2001, NOW + 3999).n, 1);
	assert_int_equal(book_of("KE.CRS", NOW + 6000, INT64_MAX).n, 0);
}

static void
message_to_oneself_stands_in_the_book_once(void **unused)
{
	file_at(1, "KE.CRS", "KE.CRS");
	assert_int_equal(book_of("KE.CRS", INT64_MIN, INT64_MAX).n, 1);
}

static void
element_is_the_digest_until_the_end_and_says_the_end_after_it(void **unused)
{
	struct digest ended;
	struct store_txn *t;
	struct entry e;
	struct lines l;

	file_at(1, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_entry(store, NULL, 1, &e), E_OK);
	l = book_of("KE.CRS", INT64_MIN, INT64_MAX);
	assert_true(digest_equal(&l.list[0].element, &e.digest));
	take(1);
	l = book_of("SO.NIRA", INT64_MIN, INT64_MAX);
	assert_true(l.n == 1 && digest_equal(&l.list[0].element, &e.digest));
	t = store_begin(store);
	end_of_message(t, 1, ST_REJECTED, bytes_of("x", 1));
	assert_int_equal(commit(&t), E_OK);
	book_element(&e.digest, ST_REJECTED, &ended);
	for (unsigned i = 0; i < 2; i++) {
		l = book_of(i == 0 ? "KE.CRS" : "SO.NIRA", INT64_MIN, INT64_MAX);
		assert_int_equal(l.n, 1);
		assert_true(digest_equal(&l.list[0].element, &ended));
		assert_int_equal(l.list[0].seq, 1);
	}
}

/* ---- conflicts ---- */

static struct notice
newest_notice(const char *code)
{
	struct party p = party(code);
	struct notice n[8];
	size_t found = store_notices(store, &p, 0, n, 8);

	return found == 0 ? (struct notice){.number = 0} : n[found - 1];
}

static bool
conflict(uint64_t seq, uint8_t with)
{
	struct statement what = conflict_of(seq, with);
	struct store_txn *t = store_begin(store);
	bool done = store_conflict(t, seq, &what);

	assert_int_equal(commit(&t), E_OK);
	return done;
}

static struct receipt
conflict_receipt(uint64_t seq, uint8_t with)
{
	OWNED_BUF(b) = {0};
	struct receipt r;

	assert_int_equal(
		store_conflict_receipt(store, NULL, seq, &(struct digest){{with}}, &b), E_OK);
	assert_int_equal(receipt_verify(buf_bytes(&b), ORIGIN, log_public, &r), E_OK);
	return r;
}

static void
conflict_is_stated_and_told_to_both(void **unused)
{
	OWNED_BUF(first) = {0};
	struct receipt r;
	struct entry e;

	file(1, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_receipt(store, NULL, 1, ST_CONFLICT, &first), E_NOT_FOUND);
	assert_true(conflict(1, 7));
	r = conflict_receipt(1, 7);
	assert_int_equal(store_entry(store, NULL, 1, &e), E_OK);
	assert_int_equal(r.what.stage, ST_CONFLICT);
	assert_int_equal(r.what.digest.octet[0], 7);
	assert_true(r.what.has_by && digest_equal(&r.what.by, &e.digest));
	assert_int_equal(e.stage, ST_ACCEPTED);
	assert_true(e.at[ST_CONFLICT] == now);
	assert_int_equal(newest_notice("KE.CRS").stage, ST_CONFLICT);
	assert_int_equal(newest_notice("SO.NIRA").stage, ST_CONFLICT);
	assert_int_equal(newest_notice("SO.NIRA").seq, 1);
	assert_int_equal(store_receipt(store, NULL, 1, ST_CONFLICT, &first), E_OK);
	assert_receipt(1, ST_ACCEPTED);
}

static void
same_conflict_is_stated_once_and_only_the_first_is_told(void **unused)
{
	struct store_figures f;
	struct receipt r;

	file(1, "KE.CRS", "SO.NIRA");
	assert_true(conflict(1, 7));
	r = conflict_receipt(1, 7);
	assert_true(conflict(1, 7));
	assert_true(conflict(1, 8));
	assert_int_equal(conflict_receipt(1, 7).index, r.index);
	assert_int_not_equal(conflict_receipt(1, 8).index, r.index);
	store_figures(store, &f);
	assert_int_equal(f.log_size, 3);
	assert_int_equal(newest_notice("KE.CRS").number, 1);
	assert_int_equal(newest_notice("SO.NIRA").number, 1);
}

static void
conflicts_of_one_entry_are_signed_up_to_a_number(void **unused)
{
	OWNED_BUF(b) = {0};
	struct scrub scrub;

	file(1, "KE.CRS", "SO.NIRA");
	for (uint8_t i = 1; i <= STORE_CONFLICTS_MAX; i++)
		assert_true(conflict(1, i));
	assert_false(conflict(1, STORE_CONFLICTS_MAX + 1));
	assert_true(conflict(1, 3)); /* known */
	assert_int_equal(
		conflict_receipt(1, STORE_CONFLICTS_MAX).what.digest.octet[0], STORE_CONFLICTS_MAX);
	assert_int_equal(store_conflict_receipt(
				 store, NULL, 1, &(struct digest){{STORE_CONFLICTS_MAX + 1}}, &b),
		E_NOT_FOUND);
	assert_int_equal(store_scrub(store, &scrub), E_OK);
}

static void
conflicts_of_one_transaction_have_a_receipt_each(void **unused)
{
	struct statement one, two;
	struct store_txn *t;

	file(1, "KE.CRS", "SO.NIRA");
	one = conflict_of(1, 7);
	two = conflict_of(1, 8);
	t = store_begin(store);
	assert_true(store_conflict(t, 1, &one));
	assert_true(store_conflict(t, 1, &two));
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(conflict_receipt(1, 7).index + 1, conflict_receipt(1, 8).index);
}

/* A conflict is no stage: what comes after it comes as if it had not been. */
static void
message_goes_on_after_a_conflict(void **unused)
{
	struct scrub scrub;
	struct store_txn *t;

	file(1, "KE.CRS", "SO.NIRA");
	assert_true(conflict(1, 7));
	take(1);
	t = store_begin(store);
	end_of_message(t, 1, ST_COMMITTED, bytes_of("x", 1));
	assert_int_equal(commit(&t), E_OK);
	assert_true(conflict(1, 9));
	assert_receipt(1, ST_COMMITTED);
	assert_int_equal(store_scrub(store, &scrub), E_OK);
}

/* ---- queued again ---- */

static void
delivered_message_is_queued_again_and_does_not_expire(void **unused)
{
	struct party to = party("SO.NIRA");
	struct scrub scrub;
	struct store_txn *t;
	uint64_t seq[4];
	struct entry e;

	file(1, "KE.CRS", "SO.NIRA");
	take(1);
	assert_int_equal(store_queue_depth(store, &to), 0);
	t = store_begin(store);
	store_requeue(t, 1);
	store_requeue(t, 1);
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_queue_depth(store, &to), 1);
	assert_int_equal(store_queue(store, &to, 0, &e, 1), 1);
	assert_int_equal(e.stage, ST_DELIVERED);
	assert_int_equal(store_expired(store, NULL, INT64_MAX, NULL, seq, 4), 0);
	assert_int_equal(store_scrub(store, &scrub), E_OK);
}

static void
ended_message_is_not_queued_again(void **unused)
{
	struct store_txn *t;

	file(1, "KE.CRS", "SO.NIRA");
	t = store_begin(store);
	end_of_message(t, 1, ST_EXPIRED, bytes_of(NULL, 0));
	assert_int_equal(commit(&t), E_OK);
	t = store_begin(store);
	store_requeue(t, 1);
	assert_int_equal(store_error(t), E_STATE);
	assert_int_equal(commit(&t), E_STATE);
}

/* ---- epochs ---- */

static void
epoch_comes_with_its_incarnation(void **unused)
{
	const struct id one = {{1, 2, 3}}, two = {{4, 5, 6}};
	struct party p = party("KE.CRS");
	struct store_txn *t = store_begin(store);
	struct id is = {{9}};

	assert_int_equal(store_epoch(store, t, &p, log_public, &is), 0);
	assert_true(id_equal(&is, &no_incarnation));
	store_set_epoch(t, &p, log_public, 4, &one);
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_epoch(store, NULL, &p, log_public, &is), 4);
	assert_true(id_equal(&is, &one));
	t = store_begin(store);
	store_set_epoch(t, &p, log_public, 5, &two);
	assert_int_equal(commit(&t), E_OK);
	reopen();
	assert_int_equal(store_epoch(store, NULL, &p, log_public, &is), 5);
	assert_true(id_equal(&is, &two));
}

/* ---- comparisons, day by day ---- */

static void
keep_day(uint16_t day, bool equal)
{
	const struct compared c = {.day = day, .at = day, .equal = equal, .open = 7};
	const struct party by = party("SO.NIRA"), from = party("KE.CRS");
	struct store_txn *t = store_begin(store);

	store_keep_compared(t, &by, &from, &by, &c);
	assert_int_equal(commit(&t), E_OK);
}

static size_t
kept_days(struct compared out[COMPARED_DAYS])
{
	const struct party by = party("SO.NIRA"), from = party("KE.CRS");

	return store_compared(store, &by, &from, &by, out);
}

static void
of_a_day_the_last_comparison_is_kept(void **unused)
{
	const struct party so = party("SO.NIRA"), nobody = {.code = ""};
	struct compared c[COMPARED_DAYS];
	struct scrub scrub;

	assert_int_equal(kept_days(c), 0);
	keep_day(20000, false);
	keep_day(20002, false);
	keep_day(20001, true);
	keep_day(20002, true);
	reopen();
	assert_int_equal(kept_days(c), 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(c[i].day, 20000 + i);
	assert_false(c[0].equal);
	assert_true(c[2].equal);
	assert_int_equal(c[2].open, 7);
	assert_int_equal(store_compared(store, &so, &nobody, &nobody, c), 0);
	assert_int_equal(store_scrub(store, &scrub), E_OK);
}

static void
days_that_are_old_make_room(void **unused)
{
	struct compared c[COMPARED_DAYS];

	for (uint16_t i = 0; i < COMPARED_DAYS + 5; i++)
		keep_day((uint16_t)(20000 + i), true);
	assert_int_equal(kept_days(c), COMPARED_DAYS);
	assert_int_equal(c[0].day, 20005);
	keep_day(19000, false);
	assert_int_equal(kept_days(c), COMPARED_DAYS);
	assert_int_equal(c[0].day, 20005);
	assert_int_equal(c[COMPARED_DAYS - 1].day, 20000 + COMPARED_DAYS + 4);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(book_has_every_message_of_a_party_in_order_of_creation),
		T(book_between_two_times_has_both_ends),
		T(message_to_oneself_stands_in_the_book_once),
		T(element_is_the_digest_until_the_end_and_says_the_end_after_it),
		T(conflict_is_stated_and_told_to_both),
		T(same_conflict_is_stated_once_and_only_the_first_is_told),
		T(conflicts_of_one_entry_are_signed_up_to_a_number),
		T(conflicts_of_one_transaction_have_a_receipt_each),
		T(message_goes_on_after_a_conflict),
		T(delivered_message_is_queued_again_and_does_not_expire),
		T(ended_message_is_not_queued_again),
		T(epoch_comes_with_its_incarnation),
		T(of_a_day_the_last_comparison_is_kept),
		T(days_that_are_old_make_room),
	};

	return cmocka_run_group_tests_name("store_book", tests, make_key, drop_key);
}
