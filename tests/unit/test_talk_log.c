/* SPDX-License-Identifier: EUPL-1.2
 *
 * The exchange's log, watched by a party: when it asks, what it keeps, and which lies about the log
 * raise the alarm. */
#include "tests/unit/talk_stage.h"

static struct stage_log twin = {.generation = 1};

static void
grow(struct stage_log *l, unsigned n, const char *story)
{
	for (unsigned i = 0; i < n; i++)
		stage_log_append(l, bytes_of(story, strlen(story)));
}

/* A log of its own for each test, with a twin that differs from its leaf number `shared' on. */
static void
two_logs(unsigned size, unsigned shared)
{
	the_log.size = 0;
	the_log.generation = 1;
	grow(&the_log, shared, "common");
	twin = the_log;
	grow(&the_log, size - shared, "one story");
	grow(&twin, size - shared, "another story");
}

static void
begin(void)
{
	connect_anew();
	say_head(&the_log);
}

static uint64_t
known_size(void)
{
	OWNED_BUF(note) = {0};
	struct log_head h;

	if (log_head_note(st->spool, &note) != E_OK)
		return 0;
	assert_int_equal(log_head_read(buf_bytes(&note), trust, &h), E_OK);
	return h.at.size;
}

/* Time passes in which the exchange shows that it is there. */
static void
lives(int64_t ms)
{
	for (int64_t i = 0; i < ms; i += 10000) {
		passes(10000);
		broker_says(&(struct wire){.verb = V_TRUST, .number = 1, .body = bytes_of("x", 1)});
	}
}

/* Until it asks about the log, which may take a minute. */
static void
until_asked(void)
{
	all_seen();
	for (int i = 0; i < 120 && unseen(V_LOG) == 0; i++) {
		passes(1000);
		if (i % 10 == 0)
			broker_says(&(struct wire){
				.verb = V_TRUST, .number = 1, .body = bytes_of("x", 1)});
	}
}

/* ---- asking ---- */

static void
head_is_asked_for_after_welcome_and_every_hour(void **state)
{
	(void)state;
	two_logs(9, 9);
	connect_anew();
	assert_int_equal(st->said[st->seen].w.verb, V_LOG);
	assert_int_equal(st->said[st->seen].w.number, 0);
	say_head(&the_log);
	assert_int_equal(known_size(), 9);
	all_seen();
	for (int i = 0; i < 12; i++) {
		lives(290000);
		assert_int_equal(unseen(V_LOG), 0);
		all_seen();
	}
	lives(130000);
	assert_int_equal(st->n > 0 && next_said(V_LOG) != NULL, true);
	st->seen = 0;
	grow(&the_log, 5, "more");
	say_head(&the_log);
	assert_int_equal(known_size(), 14);
	assert_false(has_forked());
}

static void
head_is_known_after_a_restart(void **state)
{
	struct talk_options o;

	(void)state;
	two_logs(9, 9);
	begin();
	o = options();
	open_talk(&o);
	all_seen();
	connect_anew();
	assert_int_equal(expect(V_LOG)->w.number, 9);
}

static void
unasked_and_unsigned_heads_change_nothing(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	OWNED_BUF(note) = {0};
	struct wire w = {.verb = V_HEAD};

	(void)state;
	two_logs(9, 4);
	begin();
	stage_log_note(&twin, 9, trust_log_name(trust), log_key, &note);
	w.body = buf_bytes(&note);
	w.number = 9;
	broker_says(&w); /* nobody has asked */
	connect_anew();
	expect(V_LOG);
	stage_log_note(&twin, 9, trust_log_name(trust), key, &note);
	w.body = buf_bytes(&note);
	broker_says(&w); /* not signed by the log */
	w.number = 8;
	stage_log_note(&twin, 9, trust_log_name(trust), log_key, &note);
	w.body = buf_bytes(&note);
	broker_says(&w); /* not what was asked */
	assert_int_equal(known_size(), 9);
	assert_false(has_forked());
	EVP_PKEY_free(key);
}

/* ---- lies ---- */

static void
head_with_another_root_is_an_alarm(void **state)
{
	OWNED_BUF(pair) = {0};
	struct bytes a, b;
	struct log_head x, y;

	(void)state;
	two_logs(9, 8);
	begin();
	connect_anew();
	say_head(&twin);
	assert_true(has_forked());
	assert_int_equal(known_size(), 9);
	assert_int_equal(spool_fact(st->spool, TALK_ALARMS "forked/1.9-1.9", &pair), E_OK);
	assert_int_equal(log_pair_split(buf_bytes(&pair), &a, &b), E_OK);
	assert_int_equal(log_head_read(a, trust, &x), E_OK);
	assert_int_equal(log_head_read(b, trust, &y), E_OK);
	assert_true(log_heads_contradict(&x, &y)); /* anyone can check it */
}

static void
head_that_shrinks_is_an_alarm(void **state)
{
	(void)state;
	two_logs(9, 9);
	begin();
	the_log.size = 8;
	connect_anew();
	say_head(&the_log);
	assert_true(has_forked());
}

/* Also beside a proof that holds, for sizes that were asked for. */
static void
head_that_shrinks_beside_a_proof_is_an_alarm(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(note) = {0};
	OWNED_BUF(proof) = {0};
	struct header h;
	struct wire w, asked;

	(void)state;
	two_logs(9, 9);
	begin();
	h = file(&m);
	say_accepted(&h, &m);
	until_asked();
	asked = expect(V_LOG)->w;
	assert_int_equal(asked.resume, 10);
	head_of(&the_log, &asked, &w, &note, &proof);
	stage_log_note(&the_log, 8, trust_log_name(trust), log_key, &note);
	w.body = buf_bytes(&note);
	broker_says(&w);
	assert_true(has_forked());
}

static void
head_of_a_forked_log_is_an_alarm_whatever_proof_it_brings(void **state)
{
	OWNED_BUF(note) = {0};
	OWNED_BUF(proof) = {0};
	struct wire w, asked;

	(void)state;
	two_logs(9, 4);
	begin();
	grow(&twin, 5, "more");
	connect_anew();
	say_head(&twin);
	assert_true(has_forked());
	assert_int_equal(talk_log_acknowledge(st->talk, st->now, st->tick), E_OK);
	the_log.size = 9;
	turns();
	say_head(&the_log);
	assert_false(has_forked());
	connect_anew();
	asked = expect(V_LOG)->w;
	grow(&the_log, 5, "more");
	head_of(&twin, &asked, &w, &note, &proof);
	stage_log_proof(&the_log, 9, 14, &proof); /* of the other log */
	w.extra = buf_bytes(&proof);
	broker_says(&w);
	assert_true(has_forked());
}

static void
log_of_a_later_generation_is_told_and_goes_on(void **state)
{
	OWNED_BUF(pair) = {0};

	(void)state;
	two_logs(9, 4);
	begin();
	twin.size = 6;
	twin.generation = 2;
	connect_anew();
	say_head(&twin);
	assert_false(has_forked());
	assert_int_equal(known_size(), 6);
	assert_int_equal(spool_fact(st->spool, LOG_GENERATION_FACTS "2", &pair), E_OK);
	connect_anew();
	say_head(&the_log); /* and back */
	assert_true(has_forked());
}

/* ---- receipts ---- */

static void
receipt_of_a_forked_log_of_one_size_is_not_kept(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(r) = {0};
	struct statement w;
	struct header h;

	(void)state;
	two_logs(9, 4);
	begin();
	h = file(&m);
	w = statement_for(&h, &m, ST_ACCEPTED);
	twin.size = 8;
	stage_log_receipt(&twin, &w, trust_log_name(trust), log_key, &r);
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = h.id, .body = buf_bytes(&r)});
	assert_true(has_forked());
	assert_int_equal(out_state(&h), OUT_FILED);
}

static void
receipt_of_a_forked_log_of_another_size_is_found_out_within_two_minutes(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(r) = {0};
	struct statement w;
	struct header h;

	(void)state;
	two_logs(9, 4);
	begin();
	h = file(&m);
	w = statement_for(&h, &m, ST_ACCEPTED);
	stage_log_receipt(&twin, &w, trust_log_name(trust), log_key, &r);
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = h.id, .body = buf_bytes(&r)});
	assert_int_equal(out_state(&h), OUT_SENT);
	until_asked();
	grow(&the_log, 6, "more");
	say_head(&the_log);
	assert_true(has_forked());
}

static void
receipts_of_an_honest_log_are_proved_one_after_the_other(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;

	(void)state;
	two_logs(9, 9);
	begin();
	for (int i = 0; i < 3; i++) {
		h = file(&m);
		say_accepted(&h, &m);
	}
	for (int i = 0; i < 3; i++) {
		until_asked();
		say_head(&the_log);
	}
	all_seen();
	lives(600000);
	assert_int_equal(unseen(V_LOG), 0);
	assert_int_equal(known_size(), 12);
	assert_false(has_forked());
}

/* A receipt for a message that was accepted before the exchange was restored is as good as ever. */
static void
receipt_of_an_earlier_generation_still_counts(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;

	(void)state;
	two_logs(9, 4);
	twin.generation = 2;
	connect_anew();
	say_head(&twin);
	h = file(&m);
	say_accepted(&h, &m);
	assert_int_equal(out_state(&h), OUT_SENT);
	assert_false(has_forked());
}

static void
receipt_of_a_generation_that_the_log_denies_is_an_alarm(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(r) = {0};
	struct statement w;
	struct header h;

	(void)state;
	two_logs(9, 4);
	begin();
	h = file(&m);
	w = statement_for(&h, &m, ST_ACCEPTED);
	twin.generation = 3;
	stage_log_receipt(&twin, &w, trust_log_name(trust), log_key, &r);
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = h.id, .body = buf_bytes(&r)});
	say_head(&the_log);
	assert_true(has_forked());
}

/* ---- what the alarm stops, and what not ---- */

static void
forked_log_stops_what_is_new_and_finishes_what_was_begun(void **state)
{
	OWNED_BUF(begun) = {0};
	OWNED_BUF(mine) = {0};
	OWNED_BUF(answer) = {0};
	OWNED_BUF(late) = {0};
	struct header h;
	struct in_entry e;

	(void)state;
	two_logs(9, 4);
	begin();
	h = compose(A_QUERY, KENYA, SOMALIA, &begun);
	deliver(&begun);
	assert_int_equal(in_state(&h), IN_TAKEN);
	connect_anew();
	say_head(&twin);
	assert_true(has_forked());
	assert_int_equal(expect(V_CREDIT)->w.number, 0);
	all_seen();
	file(&mine);
	assert_int_equal(unseen(V_SUBMIT), 0);
	answer_by(SOMALIA, &h, &begun, ST_COMMITTED, &answer);
	settle(&h, &answer);
	expect(V_SETTLED);
	h = compose(A_QUERY, KENYA, SOMALIA, &late);
	deliver(&late);
	assert_int_equal(spool_in(st->spool, &h.from, &h.id, &e, NULL), E_NOT_FOUND);
	/* A restart does not forget it. */
	{
		struct talk_options o = options();

		open_talk(&o);
	}
	all_seen();
	talk_connected(st->talk, st->now, st->tick);
	assert_int_equal(expect(V_HELLO)->w.number, 0);
	welcome();
	assert_int_equal(unseen(V_SUBMIT), 0);
}

static void
what_stops_a_case_goes_to_a_forked_log_too(void **state)
{
	OWNED_BUF(request) = {0};
	OWNED_BUF(stop) = {0};
	struct header h, c;

	(void)state;
	two_logs(9, 4);
	begin();
	connect_anew();
	say_head(&twin);
	assert_true(has_forked());
	all_seen();
	h = file(&request);
	assert_int_equal(unseen(V_SUBMIT), 0);
	c = header_for(A_CANCELLATION, SOMALIA, KENYA);
	c.conversation = h.conversation;
	message_good(realm, &c, SOMALIA, KENYA, &stop);
	file_message(&stop);
	assert_int_equal(expect(V_SUBMIT)->body.size, stop.size);
	assert_int_equal(unseen(V_SUBMIT), 0);
}

static void
acknowledged_fork_is_kept_and_work_goes_on(void **state)
{
	OWNED_BUF(m) = {0};

	(void)state;
	two_logs(9, 4);
	begin();
	assert_int_equal(talk_log_acknowledge(st->talk, st->now, st->tick), E_NOT_FOUND);
	connect_anew();
	say_head(&twin);
	file(&m);
	all_seen();
	assert_int_equal(talk_log_acknowledge(st->talk, st->now, st->tick), E_OK);
	turns();
	assert_false(has_forked());
	assert_true(has_fact(LOG_FORKED_FACTS "1.9-1.9"));
	assert_int_equal(unseen(V_SUBMIT), 1);
	assert_int_equal(expect(V_CREDIT)->w.number, 8);
	st->seen = 0;
	say_head(&twin);
	assert_int_equal(known_size(), 9);
	assert_false(has_forked());
}

static void
pairs_that_are_kept_are_bounded(void **state)
{
	(void)state;
	two_logs(200, 4);
	begin();
	for (unsigned i = 0; i < 40; i++) {
		connect_anew();
		twin.size = 100 + i;
		say_head(&twin);
	}
	assert_int_equal(spool_count_facts(st->spool, TALK_ALARMS "forked/"), 16);
}

/* ---- another party's head ---- */

static enum err
compare_with(struct stage_log *l, uint64_t size)
{
	OWNED_BUF(note) = {0};
	enum err e;

	stage_log_note(l, size, trust_log_name(trust), log_key, &note);
	e = talk_log_compare(st->talk, buf_bytes(&note), st->now, st->tick);
	turns();
	return e;
}

static void
head_of_another_party_is_compared_at_once_or_by_a_proof(void **state)
{
	(void)state;
	two_logs(20, 20);
	the_log.size = 12;
	connect_anew();
	assert_int_equal(compare_with(&the_log, 12), E_NOT_FOUND);
	say_head(&the_log);
	assert_int_equal(compare_with(&the_log, 12), E_OK);
	assert_int_equal(compare_with(&the_log, 7), E_BUSY);
	say_head(&the_log);
	assert_int_equal(compare_with(&the_log, 7), E_OK);
	the_log.size = 20;
	assert_int_equal(compare_with(&the_log, 18), E_BUSY);
	say_head(&the_log);
	assert_int_equal(compare_with(&the_log, 18), E_OK);
	assert_int_equal(known_size(), 18);
	twin.generation = 2;
	assert_int_equal(compare_with(&twin, 18), E_STATE);
	assert_int_equal(
		talk_log_compare(st->talk, bytes_of("x", 1), st->now, st->tick), E_CHECKPOINT);
	assert_false(has_forked());
}

static void
split_view_is_found_by_comparing(void **state)
{
	(void)state;
	two_logs(20, 4);
	begin();
	assert_int_equal(compare_with(&twin, 20), E_LOG_FORKED);
	assert_true(has_forked());
	assert_int_equal(compare_with(&twin, 20), E_LOG_FORKED);
}

static void
split_view_of_another_size_is_found_because_no_proof_exists(void **state)
{
	(void)state;
	two_logs(20, 4);
	begin();
	assert_int_equal(compare_with(&twin, 13), E_BUSY);
	say_head(&the_log);
	assert_int_equal(compare_with(&twin, 13), E_LOG_FORKED);
	assert_true(has_forked());
}

/* Each of two honest parties is shown a log of its own. The addressee's Receipt, which is signed
 * and so can not be altered on its way, says what it was shown. */
static struct header
told_of(struct stage_log *l, uint64_t size)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	OWNED_BUF(note) = {0};
	struct header h = file(&m);

	say_accepted(&h, &m);
	stage_log_note(l, size, trust_log_name(trust), log_key, &note);
	answer_seeing(KENYA, &h, &m, ST_COMMITTED, buf_bytes(&note), &answer);
	say_confirm(1, &h, &m, ST_COMMITTED, &answer);
	assert_int_equal(out_state(&h), OUT_ENDED);
	return h;
}

static void
split_view_is_found_by_two_parties_that_exchange_one_message(void **state)
{
	(void)state;
	two_logs(20, 4);
	begin();
	told_of(&twin, 13);
	for (int i = 0; i < 3 && !has_forked(); i++) {
		until_asked();
		say_head(&the_log);
	}
	assert_true(has_forked());
}

static void
split_view_of_one_size_is_found_at_once(void **state)
{
	(void)state;
	two_logs(20, 4);
	begin();
	told_of(&twin, 20);
	assert_true(has_forked());
}

static void
same_view_is_no_alarm(void **state)
{
	(void)state;
	two_logs(20, 20);
	begin();
	told_of(&the_log, 13);
	for (int i = 0; i < 3; i++) {
		until_asked();
		say_head(&the_log);
	}
	assert_false(has_forked());
}

static void
our_own_word_names_the_head_that_we_know(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	struct log_head seen;
	struct bytes note;
	const struct said *s;

	(void)state;
	two_logs(9, 9);
	begin();
	h.expires = st->now - 1;
	message_from(realm, &h, KENYA, SOMALIA, &m);
	deliver(&m); /* refused: too late */
	s = expect(V_SETTLED);
	assert_true(message_log_head(buf_bytes(&s->body), &note));
	assert_int_equal(log_head_read(note, trust, &seen), E_OK);
	assert_int_equal(seen.at.size, 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(head_is_asked_for_after_welcome_and_every_hour),
		T(head_is_known_after_a_restart),
		T(unasked_and_unsigned_heads_change_nothing),
		T(head_with_another_root_is_an_alarm),
		T(head_that_shrinks_is_an_alarm),
		T(head_that_shrinks_beside_a_proof_is_an_alarm),
		T(head_of_a_forked_log_is_an_alarm_whatever_proof_it_brings),
		T(log_of_a_later_generation_is_told_and_goes_on),
		T(receipt_of_a_forked_log_of_one_size_is_not_kept),
		T(receipt_of_a_forked_log_of_another_size_is_found_out_within_two_minutes),
		T(receipts_of_an_honest_log_are_proved_one_after_the_other),
		T(receipt_of_an_earlier_generation_still_counts),
		T(receipt_of_a_generation_that_the_log_denies_is_an_alarm),
		T(forked_log_stops_what_is_new_and_finishes_what_was_begun),
		T(what_stops_a_case_goes_to_a_forked_log_too),
		T(acknowledged_fork_is_kept_and_work_goes_on),
		T(pairs_that_are_kept_are_bounded),
		T(head_of_another_party_is_compared_at_once_or_by_a_proof),
		T(split_view_is_found_by_comparing),
		T(split_view_of_another_size_is_found_because_no_proof_exists),
		T(split_view_is_found_by_two_parties_that_exchange_one_message),
		T(split_view_of_one_size_is_found_at_once),
		T(same_view_is_no_alarm),
		T(our_own_word_names_the_head_that_we_know),
	};

	log_open("test_talk_log", LOG_ERROR);
	realm_ready();
	return cmocka_run_group_tests(tests, make_realm, free_realm);
}
