/* SPDX-License-Identifier: EUPL-1.2
 *
 * A lying exchange: it alters, replays, withholds, swaps and invents. Whatever it says, nothing is
 * entered, settled or ended that its sender and addressee have not signed, a spool can not be
 * filled with inventions, and an exchange that is honest again finds everything as it was. */
#include "tests/unit/talk_stage.h"

static void
begin(void)
{
	connect_anew();
	all_seen();
}

/* An accepted message of ours that waits for its end. */
static struct header
sent(struct buf *m)
{
	struct header h = file(m);

	say_accepted(&h, m);
	assert_int_equal(out_state(&h), OUT_SENT);
	return h;
}

static bool
is_taken(const struct header *h)
{
	struct in_entry e;

	return spool_in(st->spool, &h->from, &h->id, &e, NULL) == E_OK;
}

static uint64_t
taken(void)
{
	struct spool_counts c;

	assert_int_equal(spool_count(st->spool, &c), E_OK);
	return c.in[IN_TAKEN];
}

static void
receipt_for(const struct header *h, const struct buf *m, enum stage stage, struct buf *out)
{
	const struct statement w = statement_for(h, m, stage);

	receipt_by(log_key, &w, out);
}

static void
say_deliver(const struct buf *m, const struct buf *receipt)
{
	broker_says(&(struct wire){.verb = V_DELIVER,
		.number = 1,
		.body = buf_bytes(m),
		.extra = receipt == NULL ? NOTHING : buf_bytes(receipt)});
}

/* ---- alter ---- */

/* Every octet once, in turn in one of its bits; nothing of it is taken, and then the true one is.
 */
static void
delivery_with_any_octet_altered_is_not_taken(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(r) = {0};
	struct header h;

	(void)state;
	begin();
	h = compose(A_QUERY, KENYA, SOMALIA, &m);
	receipt_for(&h, &m, ST_ACCEPTED, &r);
	for (size_t i = 0; i < m.size; i += 13) {
		m.data[i] ^= (uint8_t)(1 << i % 7);
		say_deliver(&m, &r);
		m.data[i] ^= (uint8_t)(1 << i % 7);
		assert_int_equal(taken(), 0);
		st->n = st->seen = 0;
	}
	for (size_t i = 0; i < r.size; i += 3) {
		r.data[i] ^= (uint8_t)(1 << i % 7);
		say_deliver(&m, &r);
		r.data[i] ^= (uint8_t)(1 << i % 7);
		assert_int_equal(taken(), 0);
	}
	assert_int_equal(spool_count_facts(st->spool, "refused/"), 0);
	say_deliver(&m, &r);
	assert_true(is_taken(&h));
}

static void
receipt_with_any_octet_altered_is_not_kept(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(r) = {0};
	struct header h;

	(void)state;
	begin();
	h = file(&m);
	receipt_for(&h, &m, ST_ACCEPTED, &r);
	for (size_t i = 0; i < r.size; i++) {
		r.data[i] ^= (uint8_t)(1 << i % 7);
		broker_says(&(struct wire){.verb = V_RECEIPT, .id = h.id, .body = buf_bytes(&r)});
		r.data[i] ^= (uint8_t)(1 << i % 7);
		assert_int_equal(out_state(&h), OUT_FILED);
	}
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = h.id, .body = buf_bytes(&r)});
	assert_int_equal(out_state(&h), OUT_SENT);
}

static void
notice_with_any_octet_altered_ends_nothing(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h;

	(void)state;
	begin();
	h = sent(&m);
	answer_by(KENYA, &h, &m, ST_COMMITTED, &answer);
	for (size_t i = 0; i < answer.size; i += 29) {
		answer.data[i] ^= (uint8_t)(1 << i % 7);
		say_confirm(1, &h, &m, ST_COMMITTED, &answer);
		answer.data[i] ^= (uint8_t)(1 << i % 7);
		assert_int_equal(out_state(&h), OUT_SENT);
		connect_anew();
		all_seen();
	}
	say_confirm(1, &h, &m, ST_COMMITTED, &answer);
	assert_int_equal(out_state(&h), OUT_ENDED);
}

static void
welcome_by_another_party_is_not_heard(void **state)
{
	(void)state;
	talk_connected(st->talk, st->now, st->tick);
	broker_says(&(struct wire){.verb = V_WELCOME, .number = 7, .text = bytes_of("KE.CRS", 6)});
	broker_says(
		&(struct wire){.verb = V_WELCOME, .number = 7, .text = bytes_of("DAFTAR.HUG", 10)});
	assert_false(talk_is_up(st->talk));
	welcome();
	assert_true(talk_is_up(st->talk));
}

/* ---- swap and replay ---- */

static void
delivery_needs_the_exchanges_own_receipt_for_it(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(other) = {0};
	OWNED_BUF(r) = {0};
	struct header h, o;
	struct statement w;

	(void)state;
	begin();
	h = compose(A_QUERY, KENYA, SOMALIA, &m);
	o = compose(A_QUERY, KENYA, SOMALIA, &other);
	say_deliver(&m, NULL);
	receipt_for(&o, &other, ST_ACCEPTED, &r);
	say_deliver(&m, &r);
	receipt_for(&h, &m, ST_DELIVERED, &r);
	say_deliver(&m, &r);
	w = statement_for(&h, &m, ST_ACCEPTED);
	w.from = party_of(HUB);
	receipt_by(log_key, &w, &r);
	say_deliver(&m, &r);
	assert_int_equal(taken(), 0);
	assert_int_equal(unseen(V_TAKEN) + unseen(V_SETTLED), 0);
	deliver(&m);
	assert_true(is_taken(&h));
}

static void
another_partys_message_is_not_taken(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;

	(void)state;
	begin();
	h = compose(A_QUERY, SOMALIA, KENYA, &m);
	deliver(&m);
	assert_false(is_taken(&h));
	assert_int_equal(taken(), 0);
}

static void
delivery_that_is_replayed_is_taken_once(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h;

	(void)state;
	begin();
	h = compose(A_QUERY, KENYA, SOMALIA, &m);
	for (int i = 0; i < 5; i++)
		deliver(&m); /* each time with another receipt */
	assert_int_equal(taken(), 1);
	answer_by(SOMALIA, &h, &m, ST_COMMITTED, &answer);
	settle(&h, &answer);
	for (int i = 0; i < 5; i++)
		deliver(&m);
	assert_int_equal(taken(), 0);
	assert_int_equal(in_state(&h), IN_DONE);
}

static void
receipt_for_another_message_settles_nothing(void **state)
{
	OWNED_BUF(a) = {0};
	OWNED_BUF(b) = {0};
	OWNED_BUF(r) = {0};
	struct header x, y;

	(void)state;
	begin();
	x = file(&a);
	y = file(&b);
	receipt_for(&y, &b, ST_ACCEPTED, &r);
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = x.id, .body = buf_bytes(&r)});
	assert_int_equal(out_state(&x), OUT_FILED);
	assert_int_equal(out_state(&y), OUT_FILED);
	receipt_for(&x, &b, ST_ACCEPTED, &r); /* its id, other octets */
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = x.id, .body = buf_bytes(&r)});
	assert_int_equal(out_state(&x), OUT_FILED);
	say_accepted(&x, &a);
	assert_int_equal(out_state(&x), OUT_SENT);
}

static void
receipt_of_another_log_settles_nothing(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	OWNED_BUF(m) = {0};
	OWNED_BUF(r) = {0};
	struct statement w;
	struct header h;

	(void)state;
	begin();
	h = file(&m);
	w = statement_for(&h, &m, ST_ACCEPTED);
	receipt_by(key, &w, &r);
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = h.id, .body = buf_bytes(&r)});
	stage_log_receipt(&the_log, &w, "log.elsewhere.example", log_key, &r);
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = h.id, .body = buf_bytes(&r)});
	assert_int_equal(out_state(&h), OUT_FILED);
	EVP_PKEY_free(key);
}

/* ---- invented ends ---- */

static void
no_end_is_believed_that_its_party_has_not_signed(void **state)
{
	static const enum stage ends[] = {ST_COMMITTED, ST_REJECTED, ST_WITHDRAWN};
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h;

	(void)state;
	begin();
	h = sent(&m);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		say_confirm(1, &h, &m, ends[i], NULL);
		connect_anew();
		answer_by(SOMALIA, &h, &m, ST_COMMITTED, &answer); /* signed by another */
		say_confirm(1, &h, &m, ends[i], &answer);
		connect_anew();
		answer_by(KENYA, &h, &m, ends[i] == ST_COMMITTED ? ST_REJECTED : ST_COMMITTED,
			&answer); /* he says something else */
		say_confirm(1, &h, &m, ends[i], &answer);
		connect_anew();
		assert_int_equal(out_state(&h), OUT_SENT);
		all_seen();
	}
	assert_int_equal(spool_last_notice(st->spool), 0);
}

static void
expiry_before_its_time_is_not_believed(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;

	(void)state;
	begin();
	h = sent(&m);
	say_confirm(1, &h, &m, ST_EXPIRED, NULL);
	assert_int_equal(out_state(&h), OUT_SENT);
	st->now = h.expires + 1;
	connect_anew();
	say_confirm(1, &h, &m, ST_EXPIRED, NULL);
	assert_int_equal(out_state(&h), OUT_ENDED);
}

static void
end_does_not_change(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h;
	struct out_entry e;

	(void)state;
	begin();
	h = sent(&m);
	answer_by(KENYA, &h, &m, ST_COMMITTED, &answer);
	say_confirm(1, &h, &m, ST_COMMITTED, &answer);
	say_confirm(2, &h, &m, ST_DEAD_LETTER, NULL);
	answer_by(KENYA, &h, &m, ST_REJECTED, &answer);
	connect_anew();
	say_confirm(2, &h, &m, ST_REJECTED, &answer);
	assert_int_equal(spool_out(st->spool, &h.id, &e, NULL), E_OK);
	assert_int_equal(e.stage, ST_COMMITTED);
}

static void
refusal_does_not_unsay_a_receipt(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;

	(void)state;
	begin();
	h = sent(&m);
	say_refused(&h.id, E_SIGNATURE, NOTHING);
	assert_int_equal(out_state(&h), OUT_SENT);
}

/* ---- withhold ---- */

static void
withheld_notice_is_noticed_and_asked_for(void **state)
{
	OWNED_BUF(a) = {0};
	OWNED_BUF(b) = {0};
	struct header x, y;

	(void)state;
	begin();
	x = sent(&a);
	y = sent(&b);
	say_confirm(2, &y, &b, ST_DELIVERED, NULL); /* the first was dropped */
	assert_int_equal(out_state(&y), OUT_SENT);
	all_seen();
	passes(6000);
	assert_int_equal(expect(V_HELLO)->w.resume, 0);
	welcome();
	say_confirm(1, &x, &a, ST_DELIVERED, NULL);
	say_confirm(2, &y, &b, ST_DELIVERED, NULL);
	assert_int_equal(out_state(&x), OUT_DELIVERED);
	assert_int_equal(out_state(&y), OUT_DELIVERED);
}

static void
endless_numbers_move_nothing(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;

	(void)state;
	begin();
	h = sent(&m);
	say_confirm(UINT64_MAX, &h, &m, ST_DELIVERED, NULL);
	assert_int_equal(spool_last_notice(st->spool), 0);
	assert_int_equal(out_state(&h), OUT_SENT);
	connect_anew();
	say_confirm(1, &h, &m, ST_DELIVERED, NULL);
	assert_int_equal(out_state(&h), OUT_DELIVERED);
}

/* ---- fill ---- */

static void
conflict_inventions_are_bounded(void **state)
{
	OWNED_BUF(r) = {0};

	(void)state;
	begin();
	for (int i = 0; i < 200; i++) {
		struct statement w = {.id = id_new(),
			.from = party_of(KENYA),
			.to = party_of(SOMALIA),
			.stage = ST_CONFLICT,
			.at = st->now,
			.has_by = true};

		w.digest.octet[0] = (uint8_t)i;
		w.by.octet[0] = (uint8_t)(i + 1);
		receipt_by(log_key, &w, &r);
		say_refused(&w.id, E_CONFLICT, buf_bytes(&r));
	}
	assert_in_range(spool_count_facts(st->spool, TALK_ALARMS), 1, 64);
}

static void
rubbish_that_the_exchange_has_not_accepted_leaves_nothing(void **state)
{
	struct spool_counts before, after;
	OWNED_BUF(m) = {0};

	(void)state;
	begin();
	assert_int_equal(spool_count(st->spool, &before), E_OK);
	for (int i = 0; i < 50; i++) {
		compose(A_QUERY, KENYA, SOMALIA, &m);
		m.data[m.size / 2] ^= 1;
		say_deliver(&m, NULL);
		st->n = st->seen = 0;
	}
	assert_int_equal(spool_count(st->spool, &after), E_OK);
	assert_int_equal(after.map_used, before.map_used);
	assert_int_equal(spool_count_facts(st->spool, "refused/"), 0);
}

/* Receipts for messages of ours that were never filed: counted as told, and nothing kept. */
static void
invented_ends_of_unknown_messages_are_not_kept(void **state)
{
	struct spool_counts before, after;
	OWNED_BUF(m) = {0};

	(void)state;
	begin();
	assert_int_equal(spool_count(st->spool, &before), E_OK);
	for (unsigned i = 1; i <= 100; i++) {
		struct header h = header_for(A_QUERY, SOMALIA, KENYA);

		buf_reset(&m);
		buf_printf(&m, "nothing %u", i);
		say_confirm(i, &h, &m, ST_DEAD_LETTER, NULL);
		st->n = st->seen = 0;
	}
	assert_int_equal(spool_count(st->spool, &after), E_OK);
	assert_memory_equal(after.out, before.out, sizeof after.out);
	assert_in_range(after.map_used, 0, before.map_used + 65536);
}

/* In a comparison: what we are said to have had, and do not know. */
static void
adopted_inventions_leave_room_for_work(void **state)
{
	struct spool_counts c;
	OWNED_BUF(m) = {0};
	OWNED_BUF(r) = {0};
	enum err e = E_OK;
	unsigned n = 0;

	(void)state;
	begin();
	for (; e == E_OK && n < 5000; n++) {
		struct header h = header_for(A_QUERY, SOMALIA, KENYA);
		struct statement w;

		buf_reset(&m);
		buf_printf(&m, "nothing %u", n);
		w = statement_for(&h, &m, ST_EXPIRED);
		receipt_for(&h, &m, ST_EXPIRED, &r);
		e = spool_adopt_out(st->spool, &h, &w.digest, &w, buf_bytes(&r), NOTHING, st->now);
	}
	assert_int_equal(e, E_SPOOL_FULL);
	assert_int_equal(spool_count(st->spool, &c), E_OK);
	assert_in_range(c.map_used, 0, c.map_size / 100 * 55);
	all_seen();
	compose(A_QUERY, SOMALIA, KENYA, &m);
	assert_int_equal(spool_file(st->spool, buf_bytes(&m), st->now), E_OK);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(delivery_with_any_octet_altered_is_not_taken),
		T(receipt_with_any_octet_altered_is_not_kept),
		T(notice_with_any_octet_altered_ends_nothing),
		T(welcome_by_another_party_is_not_heard),
		T(delivery_needs_the_exchanges_own_receipt_for_it),
		T(another_partys_message_is_not_taken),
		T(delivery_that_is_replayed_is_taken_once),
		T(receipt_for_another_message_settles_nothing),
		T(receipt_of_another_log_settles_nothing),
		T(no_end_is_believed_that_its_party_has_not_signed),
		T(expiry_before_its_time_is_not_believed),
		T(end_does_not_change),
		T(refusal_does_not_unsay_a_receipt),
		T(withheld_notice_is_noticed_and_asked_for),
		T(endless_numbers_move_nothing),
		T(conflict_inventions_are_bounded),
		T(rubbish_that_the_exchange_has_not_accepted_leaves_nothing),
		T(invented_ends_of_unknown_messages_are_not_kept),
		T(adopted_inventions_leave_room_for_work),
	};

	log_open("test_talk_evil", LOG_ERROR);
	realm_ready();
	return cmocka_run_group_tests(tests, make_realm, free_realm);
}
