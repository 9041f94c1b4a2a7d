/* SPDX-License-Identifier: EUPL-1.2
 *
 * The peer's rules, driven with a clock of the test's own: what is said again and when, what is
 * never said twice at a time, what ends everything, and what is kept of a conflict. */
#include "tests/unit/talk_stage.h"

static void
begin(void)
{
	connect_anew();
	assert_true(talk_is_up(st->talk));
	all_seen();
}

/* ---- greeting ---- */

static void
greeting_is_said_until_it_is_answered(void **state)
{
	(void)state;
	talk_connected(st->talk, st->now, st->tick);
	expect(V_HELLO);
	passes(5000);
	assert_null(next_said(V_HELLO));
	passes(1000);
	expect(V_HELLO);
	assert_false(talk_is_up(st->talk));
	welcome();
	assert_true(talk_is_up(st->talk));
	assert_int_equal(st->ups, 1);
}

static void
hello_carries_epoch_and_incarnation(void **state)
{
	struct talk_options o = options();
	const struct said *h;

	(void)state;
	memset(o.incarnation.octet, 0x5a, ID_SIZE);
	open_talk(&o);
	talk_connected(st->talk, st->now, st->tick);
	h = expect(V_HELLO);
	assert_int_equal(h->w.epoch, 7);
	assert_true(id_equal(&h->w.id, &o.incarnation));
}

static void
silent_broker_is_greeted_again_and_then_is_down(void **state)
{
	(void)state;
	begin();
	passes(20000);
	assert_null(next_said(V_HELLO));
	assert_true(talk_is_up(st->talk));
	passes(1000);
	expect(V_HELLO);
	passes(10000);
	assert_false(talk_is_up(st->talk));
}

static void
credit_is_said_at_least_every_ten_seconds(void **state)
{
	(void)state;
	begin();
	passes(9000);
	assert_int_equal(expect(V_CREDIT)->w.number, 8);
}

static void
fenced_is_final(void **state)
{
	static const struct id none;
	OWNED_BUF(m) = {0};

	(void)state;
	begin();
	say_refused(&none, E_STALE_EPOCH, NOTHING);
	assert_int_equal(st->fences, 1);
	assert_true(talk_is_fenced(st->talk));
	all_seen();
	file(&m);
	welcome();
	talk_connected(st->talk, st->now, st->tick);
	talk_reconcile(st->talk, st->now, st->tick);
	talk_bye(st->talk);
	passes(120000);
	assert_int_equal(st->n, 0);
	assert_false(talk_is_up(st->talk));
	assert_int_equal(st->fences, 1);
}

/* ---- said again ---- */

static void
message_without_an_answer_is_said_again_after_thirty_seconds(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;

	(void)state;
	begin();
	h = file(&m);
	expect(V_SUBMIT);
	for (int i = 0; i < 3; i++) { /* heard from now and then, or it would be greeted */
		passes(10000);
		welcome();
	}
	assert_int_equal(unseen(V_SUBMIT), 0);
	passes(1000);
	assert_memory_equal(expect(V_SUBMIT)->body.data, m.data, m.size);
	say_accepted(&h, &m);
	passes(10000);
	assert_int_equal(unseen(V_SUBMIT), 0);
	assert_int_equal(out_state(&h), OUT_SENT);
}

static void
what_can_not_be_said_is_said_later(void **state)
{
	OWNED_BUF(m) = {0};

	(void)state;
	begin();
	st->mute = true;
	file(&m);
	st->mute = false;
	passes(TALK_TICK_MS);
	expect(V_SUBMIT);
}

static void
lost_taken_is_said_again_at_the_next_delivery(void **state)
{
	OWNED_BUF(m) = {0};
	struct spool_counts c;

	(void)state;
	begin();
	compose(A_QUERY, KENYA, SOMALIA, &m);
	st->mute = true;
	deliver(&m);
	st->mute = false;
	assert_int_equal(unseen(V_TAKEN), 0);
	deliver(&m);
	expect(V_TAKEN);
	assert_int_equal(spool_count(st->spool, &c), E_OK);
	assert_int_equal(c.in[IN_TAKEN], 1);
}

static void
settlement_without_an_answer_is_said_again(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h;

	(void)state;
	begin();
	h = compose(A_QUERY, KENYA, SOMALIA, &m);
	deliver(&m);
	answer_by(SOMALIA, &h, &m, ST_COMMITTED, &answer);
	settle(&h, &answer);
	expect(V_SETTLED);
	for (int i = 0; i < 3; i++) {
		passes(10000);
		welcome();
	}
	assert_int_equal(unseen(V_SETTLED), 0);
	passes(1000);
	assert_memory_equal(expect(V_SETTLED)->body.data, answer.data, answer.size);
}

/* The exchange has lost our answer, which it had, and the first telling is lost as well. */
static void
settlement_of_what_comes_again_is_said_until_it_is_answered(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h;

	(void)state;
	begin();
	h = compose(A_QUERY, KENYA, SOMALIA, &m);
	deliver(&m);
	answer_by(SOMALIA, &h, &m, ST_COMMITTED, &answer);
	settle(&h, &answer);
	assert_int_equal(spool_told(st->spool, &h.from, &h.id), E_OK);
	connect_anew();
	all_seen();
	deliver(&m);
	expect(V_TAKEN);
	expect(V_SETTLED);
	for (int i = 0; i < 4; i++) {
		passes(10000);
		welcome();
	}
	assert_memory_equal(expect(V_SETTLED)->body.data, answer.data, answer.size);
	assert_int_equal(in_state(&h), IN_DONE);
}

/* ---- put off ---- */

/* How long the outbox waits after a refusal. */
static int64_t
waits(const struct header *h)
{
	int64_t start = st->tick;

	all_seen();
	say_refused(&h->id, E_BUSY, NOTHING);
	while (next_said(V_SUBMIT) == NULL) {
		passes(TALK_TICK_MS);
		if ((st->tick - start) % 10000 == 0)
			welcome(); /* it is still there */
		assert_true(st->tick - start < 100000);
	}
	return st->tick - start;
}

static struct header
deliver_of(const struct id *conversation, int64_t created)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(m) = {0};

	h.conversation = *conversation;
	h.created = created;
	message_from(realm, &h, KENYA, SOMALIA, &m);
	deliver(&m);
	return h;
}

/* On a line the exchange would not have offered it yet. */
static void
in_a_bundle_nothing_passes_what_was_left(void **state)
{
	const struct id one = id_new(), other = id_new();
	struct talk_options o = options();
	struct header early, behind, beside;
	struct in_entry e;

	(void)state;
	o.in_order = false;
	open_talk(&o);
	begin();
	early = deliver_of(&one, st->now + 86400000 / 2); /* our clock is behind */
	behind = deliver_of(&one, st->now);
	beside = deliver_of(&other, st->now);
	assert_int_equal(spool_in(st->spool, &early.from, &early.id, &e, NULL), E_NOT_FOUND);
	assert_int_equal(spool_in(st->spool, &behind.from, &behind.id, &e, NULL), E_NOT_FOUND);
	assert_int_equal(in_state(&beside), IN_TAKEN);
}

static struct header
taken_and_done(enum who from, const struct id *id)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h = header_for(A_QUERY, from, SOMALIA);
	bool again;

	if (id != NULL)
		h.id = *id;
	message_from(realm, &h, from, SOMALIA, &m);
	assert_int_equal(spool_take(st->spool, buf_bytes(&m), st->now, &again), E_OK);
	answer_by(SOMALIA, &h, &m, ST_COMMITTED, &answer);
	settle(&h, &answer);
	return h;
}

/* Signed with a certificate that was revoked since, say. */
static void
settlements_that_are_refused_for_good_leave_room_for_others(void **state)
{
	const struct said *s;
	struct header last;

	(void)state;
	begin();
	for (int i = 0; i < 32; i++)
		taken_and_done(KENYA, NULL);
	last = taken_and_done(KENYA, NULL);
	while ((s = next_said(V_SETTLED)) != NULL) {
		assert_false(id_equal(&s->w.id, &last.id)); /* the window is full */
		say_refused(&s->w.id, E_CERT_REVOKED, NOTHING);
	}
	for (int i = 0; i < 7; i++) { /* heard from now and then */
		passes(10000);
		welcome();
	}
	do
		s = expect(V_SETTLED);
	while (!id_equal(&s->w.id, &last.id));
}

/* Two senders may use one id, and a refusal names no sender. */
static void
settlements_of_one_id_are_not_under_way_together(void **state)
{
	struct header first, second;

	(void)state;
	begin();
	first = taken_and_done(KENYA, NULL);
	second = taken_and_done(OFFICE, &first.id);
	expect(V_SETTLED);
	assert_int_equal(unseen(V_SETTLED), 0);
	say_refused(&first.id, E_FINAL, NOTHING);
	assert_int_equal(in_state(&first), IN_TOLD);
	assert_int_equal(in_state(&second), IN_DONE);
	expect(V_SETTLED);
	say_refused(&second.id, E_FINAL, NOTHING);
	assert_int_equal(in_state(&second), IN_TOLD);
}

static void
delay_after_refusals_grows_and_is_capped(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;
	int64_t last = 0;

	(void)state;
	begin();
	h = file(&m);
	expect(V_SUBMIT);
	for (int i = 0; i < 12; i++) {
		int64_t nominal = i < 6 ? 1000 << i : 60000;

		last = waits(&h);
		assert_true(last >= nominal - nominal / 4);
		assert_true(last <= nominal + nominal / 4 + TALK_TICK_MS);
	}
	say_accepted(&h, &m);
	h = file(&m);
	expect(V_SUBMIT);
	assert_true(waits(&h) <= 2000); /* it begins anew */
}

static void
same_seed_makes_the_same_delays(void **state)
{
	const struct talk_options o = options();
	OWNED_BUF(m) = {0};
	struct header h;
	int64_t first[3];

	(void)state;
	begin();
	h = file(&m);
	for (int i = 0; i < 3; i++)
		first[i] = waits(&h);
	open_talk(&o);
	begin();
	for (int i = 0; i < 3; i++)
		assert_int_equal(waits(&h), first[i]);
}

/* ---- order and windows ---- */

static void
conversation_has_one_message_under_way(void **state)
{
	OWNED_BUF(a) = {0};
	OWNED_BUF(b) = {0};
	struct header one = header_for(A_QUERY, SOMALIA, KENYA), two = one;

	(void)state;
	begin();
	two.id = id_new();
	message_from(realm, &one, SOMALIA, KENYA, &a);
	message_from(realm, &two, SOMALIA, KENYA, &b);
	file_message(&a);
	file_message(&b);
	assert_int_equal(unseen(V_SUBMIT), 1);
	expect(V_SUBMIT);
	say_accepted(&one, &a);
	assert_memory_equal(expect(V_SUBMIT)->body.data, b.data, b.size);
}

static void
owner_may_choose_window_and_order(void **state)
{
	struct talk_options o = options();
	struct header h = header_for(A_QUERY, SOMALIA, KENYA);
	OWNED_BUF(m) = {0};

	(void)state;
	o.window = 5;
	o.in_order = false;
	open_talk(&o);
	begin();
	for (int i = 0; i < 7; i++) {
		h.id = id_new();
		buf_reset(&m);
		message_from(realm, &h, SOMALIA, KENYA, &m);
		file_message(&m);
	}
	assert_int_equal(unseen(V_SUBMIT), 5);
}

/* ---- conflicts ---- */

static struct statement
conflict_of(const struct header *h, const struct buf *m)
{
	struct statement w = statement_for(h, m, ST_CONFLICT);

	w.has_by = true;
	w.by = w.digest;
	digest_of("other", 5, &w.digest);
	return w;
}

static void
alarm_key(const struct header *h, char out[128])
{
	char id[ID_TEXT_SIZE];

	id_format(&h->id, id);
	snprintf(out, 128, "%sconflict/%s", TALK_ALARMS, id);
}

static void
proof_of_a_conflict_is_kept(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(proof) = {0};
	OWNED_BUF(kept) = {0};
	struct statement w;
	struct header h;
	char key[128];

	(void)state;
	begin();
	h = file(&m);
	alarm_key(&h, key);
	w = conflict_of(&h, &m);
	receipt_by(log_key, &w, &proof);
	say_refused(&h.id, E_CONFLICT, buf_bytes(&proof));
	assert_int_equal(spool_fact(st->spool, key, &kept), E_OK);
	assert_memory_equal(kept.data, proof.data, proof.size);
	assert_int_equal(out_state(&h), OUT_REFUSED);
}

static void
proof_that_proves_nothing_is_dropped(void **state)
{
	EVP_PKEY *stranger = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	OWNED_BUF(m) = {0};
	OWNED_BUF(proof) = {0};
	struct statement w;
	struct header h;
	char key[128];

	(void)state;
	begin();
	h = file(&m);
	alarm_key(&h, key);
	w = conflict_of(&h, &m);
	receipt_by(stranger, &w, &proof); /* another log's */
	say_refused(&h.id, E_CONFLICT, buf_bytes(&proof));
	w.by = w.digest;
	receipt_by(log_key, &w, &proof); /* one message only */
	say_refused(&h.id, E_CONFLICT, buf_bytes(&proof));
	w = conflict_of(&h, &m);
	w.from = party_of(KENYA);
	w.to = party_of(OFFICE);
	receipt_by(log_key, &w, &proof); /* of others */
	say_refused(&h.id, E_CONFLICT, buf_bytes(&proof));
	w = statement_for(&h, &m, ST_ACCEPTED);
	receipt_by(log_key, &w, &proof); /* of another thing */
	say_refused(&h.id, E_CONFLICT, buf_bytes(&proof));
	assert_false(has_fact(key));
	key_free(&stranger);
}

static void
notice_of_a_conflict_reaches_sender_and_addressee(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(proof) = {0};
	OWNED_BUF(kept) = {0};
	struct header h[2];
	char key[128];

	(void)state;
	begin();
	h[0] = file(&m);
	h[1] = compose(A_QUERY, KENYA, SOMALIA, &m);
	for (uint64_t i = 0; i < 2; i++) {
		const struct statement w = conflict_of(&h[i], &m);

		alarm_key(&h[i], key);
		receipt_by(log_key, &w, &proof);
		broker_says(&(struct wire){.verb = V_CONFIRM,
			.number = i + 1,
			.id = h[i].id,
			.body = buf_bytes(&proof)});
		assert_true(has_fact(key));
		assert_int_equal(spool_last_notice(st->spool), i + 1);
	}
	assert_int_equal(out_state(&h[0]), OUT_FILED); /* nothing else follows from it */
}

/* KENYA has seen our message, and uses its id for two of its own. */
static void
conflict_of_another_under_our_id_does_not_hide_ours(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(proof) = {0};
	struct statement w;
	struct header h;
	char key[128];

	(void)state;
	begin();
	h = file(&m);
	alarm_key(&h, key);
	w = conflict_of(&h, &m);
	w.from = party_of(KENYA);
	w.to = party_of(SOMALIA);
	receipt_by(log_key, &w, &proof);
	say_refused(&h.id, E_CONFLICT, buf_bytes(&proof));
	assert_int_equal(spool_count_facts(st->spool, TALK_ALARMS), 1);
	w = conflict_of(&h, &m);
	for (int i = 0; i < 2; i++) {
		receipt_by(log_key, &w, &proof);
		say_refused(&h.id, E_CONFLICT, buf_bytes(&proof));
		assert_int_equal(spool_count_facts(st->spool, TALK_ALARMS), 2);
	}
	strcat(key, "/SO.NIRA");
	assert_true(has_fact(key));
}

/* The exchange has forgotten the first, and its sender has signed another. */
static void
second_message_under_one_id_is_refused_with_an_alarm(void **state)
{
	OWNED_BUF(first) = {0};
	OWNED_BUF(second) = {0};
	struct header h;
	char key[128];

	(void)state;
	begin();
	h = compose(A_QUERY, KENYA, SOMALIA, &first);
	alarm_key(&h, key);
	deliver(&first);
	deliver(&first);
	assert_int_equal(unseen(V_TAKEN), 2);
	assert_false(has_fact(key));
	h.channel_seq++;
	message_from(realm, &h, KENYA, SOMALIA, &second);
	deliver(&second);
	assert_int_equal(unseen(V_TAKEN), 2);
	assert_int_equal(unseen(V_SETTLED), 1);
	assert_true(has_fact(key));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(greeting_is_said_until_it_is_answered),
		T(hello_carries_epoch_and_incarnation),
		T(silent_broker_is_greeted_again_and_then_is_down),
		T(credit_is_said_at_least_every_ten_seconds),
		T(fenced_is_final),
		T(message_without_an_answer_is_said_again_after_thirty_seconds),
		T(what_can_not_be_said_is_said_later),
		T(lost_taken_is_said_again_at_the_next_delivery),
		T(settlement_without_an_answer_is_said_again),
		T(settlement_of_what_comes_again_is_said_until_it_is_answered),
		T(settlements_that_are_refused_for_good_leave_room_for_others),
		T(settlements_of_one_id_are_not_under_way_together),
		T(in_a_bundle_nothing_passes_what_was_left),
		T(delay_after_refusals_grows_and_is_capped),
		T(same_seed_makes_the_same_delays),
		T(conversation_has_one_message_under_way),
		T(owner_may_choose_window_and_order),
		T(proof_of_a_conflict_is_kept),
		T(proof_that_proves_nothing_is_dropped),
		T(notice_of_a_conflict_reaches_sender_and_addressee),
		T(conflict_of_another_under_our_id_does_not_hide_ours),
		T(second_message_under_one_id_is_refused_with_an_alarm),
	};

	log_open("test_talk", LOG_ERROR);
	realm_ready();
	return cmocka_run_group_tests(tests, make_realm, free_realm);
}
