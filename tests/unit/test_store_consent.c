/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a store keeps of consents: which messages carry one, which were withdrawn, which cases are
 * frozen, what is stopped, and what its addressee may know of. Written against store.h only, but
 * for the damage. */
#include "tests/unit/store_life.h"

#include "broker/store_lmdb_consent.h"

static struct consent_token
token(uint64_t n)
{
	struct consent_token k = {.id = numbered_id(7000000 + n),
		.conversation = numbered_id(8000000 + n),
		.by = party("UNHCR.NBO"),
		.holder = party("KE.CRS"),
		.destination = party("SO.NIRA"),
		.issued = NOW - HOUR,
		.valid_until = NOW + HOUR / 2,
		.cert = {{1, 2}},
		.cleared = true,
		.cleared_by = {{3}}};

	strcpy(k.purpose, "BIRTH-TRANSCRIPTION");
	return k;
}

static uint64_t
file_as(uint64_t n, uint64_t k, enum action a)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;

	sample(&m, n, "KE.CRS", "SO.NIRA");
	m.v.header.action = a;
	m.v.header.has_token = true;
	m.v.header.token = token(k);
	m.v.header.conversation = token(k).conversation;
	assert_int_equal(accept(t, &m, &e), ACCEPT_NEW);
	assert_int_equal(commit(&t), E_OK);
	return e.seq;
}

static uint64_t
file_with(uint64_t n, uint64_t k)
{
	return file_as(n, k, A_CERTIFIED_EXTRACT);
}

static void
assert_whole(void)
{
	struct scrub scrub;

	(void)!store_scrub(store, &scrub);
	assert_string_equal(scrub.first, "");
}

#define STEP(call)                                                                                 \
	do {                                                                                       \
		struct store_txn *t = store_begin(store);                                          \
		call;                                                                              \
		assert_int_equal(commit(&t), E_OK);                                                \
	} while (0)

static size_t
queued(void)
{
	struct party to = party("SO.NIRA");
	struct entry e[8];
	size_t n = store_queue(store, &to, 0, e, 8) + store_urgent(store, &to, 0, e, 8);

	assert_int_equal(store_queue_depth(store, &to), n);
	return n;
}

/* ---- tokens ---- */

static void
token_comes_back_as_it_was(void **unused)
{
	struct consent_token k = token(1);
	struct entry e;

	(void)file_with(1, 1);
	(void)file(2, "KE.CRS", "SO.NIRA");
	reopen();
	assert_int_equal(store_entry(store, NULL, 1, &e), E_OK);
	assert_true(e.header.has_token && consent_token_equal(&e.header.token, &k));
	assert_false(e.shown);
	assert_int_equal(store_entry(store, NULL, 2, &e), E_OK);
	assert_true(!e.header.has_token && e.shown);
	assert_whole();
}

static void
messages_are_found_by_their_consent_and_their_case(void **unused)
{
	struct consent_token k = token(1), other = token(1);
	uint64_t seq[4];

	other.by = party("KE.CRS"); /* the same id, of another office */
	(void)file_with(1, 1);
	(void)file_with(2, 2);
	(void)file_with(3, 1);
	assert_int_equal(store_of_token(store, NULL, &k, 0, seq, 4), 2);
	assert_true(seq[0] == 1 && seq[1] == 3);
	assert_int_equal(store_of_token(store, NULL, &k, 1, seq, 4), 1);
	assert_int_equal(store_of_token(store, NULL, &k, 0, seq, 1), 1);
	assert_int_equal(store_of_token(store, NULL, &other, 0, seq, 4), 0);
	assert_int_equal(store_of_case(store, NULL, &k.conversation, 0, seq, 4), 2);
}

static void
P2_expires_with_its_consent_when_that_ends_sooner(void **unused)
{
	struct due due = {.at = 0};
	uint64_t seq[4];
	struct entry e;

	(void)file_with(1, 1);		     /* it would expire after two hours */
	(void)file_as(2, 1, A_CANCELLATION); /* after three: it outlives the consent */
	assert_int_equal(store_expired(store, NULL, NOW + HOUR / 2, &due, seq, 4), 1);
	assert_int_equal(seq[0], 1);
	assert_true(due.at == NOW + HOUR / 2);
	assert_int_equal(store_entry(store, NULL, 1, &e), E_OK);
	assert_true(entry_due(&e) == NOW + HOUR / 2);
	assert_int_equal(store_entry(store, NULL, 2, &e), E_OK);
	assert_true(entry_due(&e) == e.header.expires);
}

/* ---- withdrawn, frozen ---- */

static void
P2_withdrawn_is_withdrawn_for_ever(void **unused)
{
	struct consent_token k = token(1), other = token(1);
	uint64_t seq = file_as(1, 1, A_CANCELLATION);
	struct store_figures f;

	other.by = party("KE.CRS");
	assert_false(store_is_withdrawn(store, NULL, &k));
	STEP({
		store_withdraw(t, &k, seq, NOW);
		store_withdraw(t, &k, seq, NOW + 1);
		assert_true(store_is_withdrawn(store, t, &k));
	});
	reopen();
	assert_true(store_is_withdrawn(store, NULL, &k));
	assert_false(store_is_withdrawn(store, NULL, &other));
	store_figures(store, &f);
	assert_int_equal(f.withdrawn, 1);
	assert_whole();
}

static void
frozen_is_a_case_of_one_office(void **unused)
{
	struct consent_token k = token(1), other = token(1);
	struct header h = {.has_token = true, .token = k, .conversation = k.conversation};
	struct party who = party("SO.NIRA");

	other.by = party("SO.NIRA");
	STEP(store_freeze(t, &k, &who, NOW));
	reopen();
	assert_true(store_is_frozen(store, NULL, &h));
	h.token = other;
	assert_false(store_is_frozen(store, NULL, &h));
	h.has_token = false;
	h.from = party("KE.CRS");
	h.to = party("UNHCR.NBO");
	assert_true(store_is_frozen(store, NULL, &h));
	h.to = party("ET.INVEA");
	assert_false(store_is_frozen(store, NULL, &h));
	STEP(store_thaw(t, &k));
	h.to = party("UNHCR.NBO");
	assert_false(store_is_frozen(store, NULL, &h));
	assert_whole();
}

/* ---- stopped ---- */

static void
stopped_message_is_in_no_queue_and_expires(void **unused)
{
	int64_t since = 0;
	uint64_t seq[4];

	(void)file_with(1, 1);
	(void)file_with(2, 2);
	STEP({
		store_stop(t, 1, STOP_FROZEN, NOW + 5);
		store_stop(t, 2, STOP_CONSENT, NOW + 6);
		store_stop(t, 2, STOP_FROZEN, NOW + 7); /* it stays as it was */
	});
	reopen();
	assert_whole();
	assert_int_equal(queued(), 0);
	assert_int_equal(store_stopped(store, NULL, 1, &since), STOP_FROZEN);
	assert_true(since == NOW + 5);
	assert_int_equal(store_stopped(store, NULL, 2, &since), STOP_CONSENT);
	assert_true(since == NOW + 6);
	assert_int_equal(store_expired(store, NULL, INT64_MAX, NULL, seq, 4), 2);
	STEP({
		store_requeue(t, 1); /* asked for by its addressee: it stays where it is */
		store_resume(t, 1);
		store_resume(t, 2);
	});
	assert_whole();
	assert_int_equal(queued(), 1);
	assert_int_equal(store_stopped(store, NULL, 1, NULL), STOP_NOT);
	assert_int_equal(store_stopped(store, NULL, 2, NULL), STOP_CONSENT);
	STEP({
		end_of_message(t, 2, ST_WITHDRAWN, bytes_of(NULL, 0));
		store_dequeue(t, 2);
	});
	assert_whole();
	assert_int_equal(store_stopped(store, NULL, 2, NULL), STOP_NOT);
}

static void
held_and_stopped_is_queued_when_it_is_neither(void **unused)
{
	(void)file_with(1, 1);
	STEP({
		store_hold(t, 1, NOW);
		store_stop(t, 1, STOP_FROZEN, NOW);
	});
	assert_whole();
	STEP(store_release(t, 1));
	assert_whole();
	assert_int_equal(queued(), 0);
	STEP({
		store_hold(t, 1, NOW);
		store_resume(t, 1);
	});
	assert_int_equal(queued(), 0);
	STEP(store_release(t, 1));
	assert_int_equal(queued(), 1);
	assert_whole();
}

static void
what_has_ended_is_not_stopped(void **unused)
{
	struct store_txn *late;

	(void)file_with(1, 1);
	STEP(end_of_message(t, 1, ST_EXPIRED, bytes_of(NULL, 0)));
	late = store_begin(store);
	store_stop(late, 1, STOP_CONSENT, NOW);
	assert_int_equal(store_error(late), E_STATE);
	store_abort(&late);
}

/* Its body is not needed again, and its part of the sender's share is given back once. */
static void
body_of_what_is_stopped_for_good_may_go(void **unused)
{
	struct party from = party("KE.CRS");
	uint64_t share;

	(void)file_with(1, 1);
	(void)file_with(2, 2);
	share = store_share(store, NULL, &from);
	STEP({
		store_stop(t, 1, STOP_CONSENT, NOW);
		store_forget_body(t, 1);
		store_forget_body(t, 1);
	});
	assert_int_equal(store_share(store, NULL, &from), share / 2);
	assert_whole();
	STEP({
		store_stop(t, 2, STOP_FROZEN, NOW);
		store_forget_body(t, 2);
	});
	{
		struct scrub scrub;

		assert_int_equal(store_scrub(store, &scrub), E_DAMAGED);
	}
}

/* ---- the queue of what stops a case ---- */

static void
what_stops_a_case_has_a_queue_of_its_own(void **unused)
{
	struct party to = party("SO.NIRA");
	struct store_figures f;
	struct entry e[4];

	(void)file(1, "KE.CRS", "SO.NIRA");
	(void)file_as(2, 1, A_CANCELLATION);
	assert_int_equal(store_queue(store, &to, 0, e, 4), 1);
	assert_int_equal(e[0].seq, 1);
	assert_true(store_is_queued(store, NULL, &e[0]));
	assert_int_equal(store_urgent(store, &to, 0, e, 4), 1);
	assert_int_equal(e[0].seq, 2);
	assert_true(store_is_queued(store, NULL, &e[0]));
	assert_int_equal(store_urgent(store, &to, 2, e, 4), 0);
	store_figures(store, &f);
	assert_int_equal(f.queued, 2);
	take(2);
	assert_int_equal(store_urgent(store, &to, 0, e, 4), 0);
	assert_int_equal(queued(), 1);
	STEP(store_requeue(t, 2));
	assert_int_equal(queued(), 2);
	assert_whole();
}

/* ---- what its addressee may know of ---- */

static void
count_line(void *context, int64_t created, const struct digest *element, uint64_t seq)
{
	++*(size_t *)context;
}

static size_t
lines(const char *code)
{
	struct party p = party(code);
	size_t n = 0;

	store_book(store, &p, INT64_MIN, INT64_MAX, count_line, &n);
	return n;
}

static void
P1_addressee_has_in_his_book_what_was_shown_to_him(void **unused)
{
	struct store_txn *first;
	struct statement what;
	struct entry e;

	for (uint64_t n = 1; n <= 3; n++)
		(void)file_with(n, n);
	first = store_begin(store);
	what = conflict_of(1, 7);
	assert_true(store_conflict(first, 1, &what));
	end_of_message(first, 1, ST_WITHDRAWN, bytes_of(NULL, 0));
	store_show(first, 2);
	store_show(first, 2);
	assert_int_equal(commit(&first), E_OK);
	assert_int_equal(lines("SO.NIRA"), 1);
	assert_int_equal(lines("KE.CRS"), 3);
	assert_true(store_last_notice(store, &what.to) == 0);
	assert_true(store_last_notice(store, &what.from) > 0);
	assert_int_equal(store_entry(store, NULL, 2, &e), E_OK);
	assert_true(e.shown);
	STEP({
		end_of_message(t, 2, ST_EXPIRED, bytes_of(NULL, 0));
		state(t, 3, ST_DELIVERED); /* who has it knows of it */
		store_dequeue(t, 3);
	});
	assert_int_equal(lines("SO.NIRA"), 2);
	assert_whole();
}

/* ---- damage and copies ---- */

static void
assert_found(enum table table, struct key k)
{
	struct store_txn *t = store_begin(store);
	struct scrub scrub;

	table_delete(t, table, &k);
	assert_int_equal(store_commit(&t), E_OK);
	assert_int_equal(store_scrub(store, &scrub), E_DAMAGED);
}

static void
lost_token_is_found(void **unused)
{
	struct consent_token k = token(1);

	(void)file_with(1, 1);
	assert_found(T_TOKEN, key_and_seq(key_token(&k), 1));
}

static void
lost_place_in_the_urgent_queue_is_found(void **unused)
{
	struct party to = party("SO.NIRA");

	(void)file_as(1, 1, A_CANCELLATION);
	assert_found(T_URGENT, key_and_seq(key_party(&to), 1));
}

static void
lost_stop_is_found(void **unused)
{
	(void)file_with(1, 1);
	STEP(store_stop(t, 1, STOP_FROZEN, NOW));
	assert_found(T_STOPPED, key_seq(1));
}

static void
write_raw(enum table table, struct key k, const void *octets, size_t size)
{
	struct store_txn *t = store_begin(store);

	table_put(t, table, &k, bytes_of(octets, size));
	assert_int_equal(store_commit(&t), E_OK);
}

static void
what_nothing_leads_to_is_found(void **unused)
{
	const struct withdrawn_record withdrawn = {RECORD_VERSION, NOW, 1};
	const struct stopped_record stopped = {RECORD_VERSION, 9, NOW};
	struct consent_token k = token(1), other = token(2);
	struct scrub scrub;

	(void)file_as(1, 1, A_CANCELLATION);
	assert_whole();
	write_raw(T_WITHDRAWN, key_token(&other), &withdrawn, sizeof withdrawn);
	write_raw(T_TOKEN, key_and_seq(key_token(&other), 1), "", 0);
	write_raw(T_FROZEN, key_token(&k), "x", 1);
	write_raw(T_STOPPED, key_seq(5), &stopped, sizeof stopped);
	assert_int_equal(store_scrub(store, &scrub), E_DAMAGED);
	assert_int_equal(scrub.damaged, 4);
}

/* What cannot be read stops: a person can be asked, and what has gone out cannot be called back. */
static void
P2_what_cannot_be_read_stops(void **unused)
{
	struct consent_token k = token(1);
	struct header h = {.has_token = true, .token = k, .conversation = k.conversation};

	write_raw(T_WITHDRAWN, key_token(&k), "\1", 1);
	write_raw(T_FROZEN, key_case(&k.conversation, &k.by), "\1", 1);
	assert_true(store_is_withdrawn(store, NULL, &k));
	assert_true(store_is_frozen(store, NULL, &h));
}

static void
consents_are_in_a_backup(void **unused)
{
	OWNED(char, copy, free_chars) = xprintf("%s/copy", folder);
	OWNED(struct store, other, store_close) = NULL;
	struct consent_token k = token(1);
	struct scrub scrub;

	(void)file_with(1, 1);
	(void)file_as(2, 1, A_CANCELLATION);
	STEP({
		store_withdraw(t, &k, 2, NOW);
		store_stop(t, 1, STOP_CONSENT, NOW);
		store_freeze(t, &k, &k.by, NOW);
	});
	assert_int_equal(store_backup(store, copy, &scrub), E_OK);
	assert_int_equal(store_open_copy(copy, store_key_of_tests, &other), E_OK);
	assert_true(store_is_withdrawn(other, NULL, &k));
	assert_int_equal(store_stopped(other, NULL, 1, NULL), STOP_CONSENT);
}

/* ---- the layout before ---- */

static int
third_layout(void **state)
{
	OWNED(char, cp, free_chars) = NULL;

	if (fresh_folder(state) != 0)
		return -1;
	cp = xprintf("cp '%s/data/store-3/data.mdb' '%s/'", tests_folder(), folder);
	return system(cp);
}

/* tests/data/store-3 was made before there were tokens: twelve messages in every stage, the sixth
 * held. */
static void
store_of_the_third_layout_is_read_and_goes_on(void **unused)
{
	struct party to = party("SO.NIRA");
	struct entry e[4];

	assert_int_equal(store_open_copy(folder, store_key_of_tests, &store), E_VERSION);
	open_store(MAP);
	assert_whole();
	assert_int_equal(store_held_count(store, NULL), 1);
	assert_int_equal(store_entry(store, NULL, 12, &e[0]), E_OK);
	assert_true(e[0].shown && !e[0].header.has_token);
	assert_int_equal(e[0].attempts, 3);
	assert_receipt(1, ST_ACCEPTED);
	(void)file_with(100, 1);
	STEP({
		store_release(t, 6);
		end_of_message(
			t, 12, ST_EXPIRED, bytes_of(NULL, 0)); /* an old record is rewritten */
	});
	reopen();
	assert_whole();
	assert_true(store_queue(store, &to, 0, e, 4) > 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, clean)
#define OLD(name) cmocka_unit_test_setup_teardown(name, third_layout, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(token_comes_back_as_it_was),
		T(messages_are_found_by_their_consent_and_their_case),
		T(P2_expires_with_its_consent_when_that_ends_sooner),
		T(P2_withdrawn_is_withdrawn_for_ever),
		T(frozen_is_a_case_of_one_office),
		T(stopped_message_is_in_no_queue_and_expires),
		T(held_and_stopped_is_queued_when_it_is_neither),
		T(what_has_ended_is_not_stopped),
		T(body_of_what_is_stopped_for_good_may_go),
		T(what_stops_a_case_has_a_queue_of_its_own),
		T(P1_addressee_has_in_his_book_what_was_shown_to_him),
		T(lost_token_is_found),
		T(lost_place_in_the_urgent_queue_is_found),
		T(lost_stop_is_found),
		T(what_nothing_leads_to_is_found),
		T(P2_what_cannot_be_read_stops),
		T(consents_are_in_a_backup),
		OLD(store_of_the_third_layout_is_read_and_goes_on),
	};

	return cmocka_run_group_tests_name("store_consent", tests, make_key, drop_key);
}
