/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the link takes: deliveries, settlements and notices, each believed only as far as it is
 * proved. */
#include "tests/unit/link_stage.h"

/* ---- deliveries ---- */

static void
delivery_is_durable_before_taken_is_said(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = from_kenya(&m);
	const struct heard *t;
	struct digest d;

	(void)state;
	deliver(&m);
	t = expect(V_TAKEN);
	digest_of(m.data, m.size, &d);
	assert_true(id_equal(&t->w.id, &h.id));
	assert_true(digest_equal(&t->w.digest, &d));
	assert_int_equal(in_state(&h), IN_TAKEN);
	assert_int_equal(expect(V_CREDIT)->w.number, 8);
}

static void
delivery_that_comes_again_is_taken_once(void **state)
{
	OWNED_BUF(m) = {0};
	struct spool_counts c;

	(void)state;
	from_kenya(&m);
	deliver(&m);
	deliver(&m);
	expect(V_TAKEN);
	expect(V_TAKEN);
	assert_int_equal(spool_count(scene->spool, &c), E_OK);
	assert_int_equal(c.in[IN_TAKEN], 1);
}

/* Its first TAKEN was lost; since then its time is over. Our work on it is not. */
static void
delivery_that_was_taken_is_not_refused_when_it_comes_too_late(void **state)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(m) = {0};

	(void)state;
	h.expires = instant_now() + 1500;
	message_from(scene->realm, &h, KENYA, SOMALIA, &m);
	deliver(&m);
	expect(V_TAKEN);
	while (instant_now() <= h.expires)
		turn();
	deliver(&m);
	expect(V_TAKEN);
	assert_int_equal(in_state(&h), IN_TAKEN);
}

static void
altered_delivery_is_refused_with_a_signed_receipt(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = from_kenya(&m), r;
	const struct heard *s;
	struct verdict v;
	struct in_entry e;
	enum stage stage;
	char code[32];
	char *at = strstr((char *)m.data, "<e:RetainUntil>20");

	(void)state;
	at[strlen("<e:RetainUntil>20")] ^= 1;
	deliver(&m);
	s = expect(V_SETTLED);
	assert_true(id_equal(&s->w.id, &h.id));
	examine(buf_bytes(&s->body), scene->trust, NULL, NULL, NULL, instant_now(), &v);
	assert_int_equal(v.code, E_OK);
	assert_int_equal(message_header(buf_bytes(&s->body), &r), E_OK);
	assert_true(id_equal(&r.ref, &h.id));
	assert_int_equal(message_receipt(buf_bytes(&s->body), &stage, code, sizeof code), E_OK);
	assert_int_equal(stage, ST_REJECTED);
	assert_string_equal(code, err_word(E_SIGNATURE));
	assert_int_equal(spool_in(scene->spool, &h.from, &h.id, &e, NULL), E_NOT_FOUND);
}

/* A second word about it could differ from the first, and the first may be on its way. */
static void
refusal_is_said_again_octet_for_octet(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(first) = {0};
	const struct heard *s;
	char *at;

	(void)state;
	from_kenya(&m);
	at = strstr((char *)m.data, "<e:RetainUntil>20");
	at[strlen("<e:RetainUntil>20")] ^= 1;
	deliver(&m);
	s = expect(V_SETTLED);
	buf_add_bytes(&first, buf_bytes(&s->body));
	deliver(&m);
	s = expect(V_SETTLED);
	assert_int_equal(s->body.size, first.size);
	assert_memory_equal(s->body.data, first.data, first.size);
}

static void
undecidable_delivery_is_left_to_come_again(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = from_kenya(&m);
	struct in_entry e;

	(void)state;
	examiner_is_dead = true;
	deliver(&m);
	said_all();
	assert_true(unheard(V_TAKEN) && unheard(V_SETTLED));
	assert_int_equal(spool_in(scene->spool, &h.from, &h.id, &e, NULL), E_NOT_FOUND);
	examiner_is_dead = false;
	deliver(&m);
	expect(V_TAKEN);
	assert_int_equal(in_state(&h), IN_TAKEN);
}

static void
verdict_of_an_old_trust_list_is_not_final(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = header_for(A_QUERY, OFFICE, SOMALIA);

	(void)state;
	message_from(scene->realm, &h, OFFICE, SOMALIA, &m);
	scene->welcome = trust_version(scene->trust) + 1;
	broker_restarts();
	expect(V_HELLO);
	while (scene->ups < 2)
		turn();
	deliver(&m);
	said_all();
	assert_true(unheard(V_SETTLED) && unheard(V_TAKEN));
}

static void
message_without_an_agreement_is_refused(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = header_for(A_QUERY, OFFICE, SOMALIA);
	enum stage stage;
	char code[32];

	(void)state;
	message_from(scene->realm, &h, OFFICE, SOMALIA, &m);
	deliver(&m);
	assert_int_equal(
		message_receipt(buf_bytes(&expect(V_SETTLED)->body), &stage, code, sizeof code),
		E_OK);
	assert_string_equal(code, err_word(E_NO_AGREEMENT));
}

static void
delivery_with_a_receipt_for_another_is_left(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(r) = {0};
	struct header h = from_kenya(&m);
	struct statement w = statement_for(&h.id, &m, KENYA, SOMALIA, ST_ACCEPTED);

	(void)state;
	digest_of("x", 1, &w.digest);
	receipt_by(scene->log_key, &w, &r);
	broker_says(&(struct wire){
		.verb = V_DELIVER, .number = 1, .body = buf_bytes(&m), .extra = buf_bytes(&r)});
	said_all();
	assert_true(unheard(V_TAKEN) && unheard(V_SETTLED));
	w = statement_for(&h.id, &m, KENYA, SOMALIA, ST_ACCEPTED);
	receipt_by(scene->log_key, &w, &r);
	broker_says(&(struct wire){
		.verb = V_DELIVER, .number = 2, .body = buf_bytes(&m), .extra = buf_bytes(&r)});
	expect(V_TAKEN);
}

static void
full_spool_takes_nothing_and_asks_for_nothing(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;
	struct in_entry e;
	bool again;
	enum err full = E_OK;

	(void)state;
	while (full == E_OK) { /* by another sender: one alone is not let fill it */
		h = header_for(A_QUERY, OFFICE, SOMALIA);
		buf_reset(&m);
		message_from(scene->realm, &h, OFFICE, SOMALIA, &m);
		full = spool_take(scene->spool, buf_bytes(&m), instant_now(), &again);
	}
	assert_int_equal(full, E_SPOOL_FULL);
	h = from_kenya(&m);
	deliver(&m);
	assert_int_equal(expect(V_CREDIT)->w.number, 0);
	assert_true(unheard(V_TAKEN) && unheard(V_SETTLED));
	assert_int_equal(spool_in(scene->spool, &h.from, &h.id, &e, NULL), E_NOT_FOUND);
}

/* ---- settlements ---- */

static void
settlement_is_told_until_its_receipt_comes(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h = done(&m, &answer);
	struct statement w = statement_for(&h.id, &m, KENYA, SOMALIA, ST_COMMITTED);
	const struct heard *s = expect(V_SETTLED);

	(void)state;
	assert_true(id_equal(&s->w.id, &h.id));
	assert_memory_equal(s->body.data, answer.data, answer.size);
	w.has_by = true;
	digest_of("x", 1, &w.by);
	say_receipt(scene->log_key, &h.id, &w); /* for another answer than ours */
	said_all();
	assert_int_equal(in_state(&h), IN_DONE);
	digest_of(answer.data, answer.size, &w.by);
	say_receipt(scene->log_key, &h.id, &w);
	until_in(&h, IN_TOLD);
	deliver(&m); /* a broker that has forgotten is told the same again */
	expect(V_TAKEN);
	s = expect(V_SETTLED);
	assert_memory_equal(s->body.data, answer.data, answer.size);
	assert_int_equal(in_state(&h), IN_DONE);
	say_receipt(scene->log_key, &h.id, &w);
	until_in(&h, IN_TOLD);
}

static void
settlement_of_what_has_ended_otherwise_is_over(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h = done(&m, &answer);

	(void)state;
	expect(V_SETTLED);
	broker_says(&(struct wire){.verb = V_REFUSED, .id = h.id, .code = E_FINAL, .retry = false});
	until_in(&h, IN_TOLD);
}

static void
settlement_that_is_refused_otherwise_stays_to_be_told(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	struct header h = done(&m, &answer);

	(void)state;
	expect(V_SETTLED);
	broker_says(
		&(struct wire){.verb = V_REFUSED, .id = h.id, .code = E_SIGNATURE, .retry = false});
	said_all();
	assert_int_equal(in_state(&h), IN_DONE);
	assert_true(unheard(V_SETTLED));
}

/* ---- notices ---- */

static void
signed_by(enum who who, const struct id *id, const struct buf *message, enum stage stage,
	struct buf *out)
{
	struct header r = header_for(A_RECEIPT, who, HUB);

	r.ref = *id;
	digest_of(message->data, message->size, &r.ref_digest);
	buf_reset(out);
	assert_int_equal(
		message_compose_receipt(&r, stage, NULL, scene->realm->sign[who], out), E_OK);
}

static void
notices_move_the_state_and_are_acknowledged(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(theirs) = {0};
	OWNED_BUF(kept) = {0};
	struct id id = file(&m);
	struct statement w = statement_for(&id, &m, SOMALIA, KENYA, ST_DELIVERED);

	(void)state;
	expect(V_SUBMIT);
	say_accepted(&id, &m);
	confirm(1, &w, NULL);
	until_out(&id, OUT_DELIVERED);
	assert_int_equal(expect(V_CREDIT)->w.resume, 1);
	signed_by(KENYA, &id, &m, ST_COMMITTED, &theirs);
	w.stage = ST_COMMITTED;
	w.has_by = true;
	digest_of(theirs.data, theirs.size, &w.by);
	confirm(2, &w, &theirs);
	until_out(&id, OUT_ENDED);
	assert_int_equal(expect(V_CREDIT)->w.resume, 2);
	assert_int_equal(spool_evidence(scene->spool, &id, "ADDRESSEE", &kept), E_OK);
	assert_memory_equal(kept.data, theirs.data, theirs.size);
	confirm(2, &w, &theirs); /* again */
	heard_all();
	assert_int_equal(spool_last_notice(scene->spool), 2);
}

static void
notice_without_the_addressees_word_is_not_believed(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(theirs) = {0};
	struct id id = file(&m);
	struct statement w = statement_for(&id, &m, SOMALIA, KENYA, ST_COMMITTED);

	(void)state;
	expect(V_SUBMIT);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	confirm(1, &w, NULL); /* nobody's word */
	heard_all();
	assert_int_equal(out_state(&id), OUT_SENT);
	assert_int_equal(spool_last_notice(scene->spool), 0);
}

/* One wrong thing in a notice; then a right one with the next number must wait for the next HELLO,
 * or the wrong one would be skipped for ever. */
static void
notice_is_dropped(enum who signer, enum stage said, bool other_bytes)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(theirs) = {0};
	OWNED_BUF(x) = {0};
	struct id id = file(&m);
	struct statement w = statement_for(&id, &m, SOMALIA, KENYA, ST_COMMITTED);
	struct statement delivered = statement_for(&id, &m, SOMALIA, KENYA, ST_DELIVERED);

	expect(V_SUBMIT);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	buf_text(&x, "other bytes");
	signed_by(signer, &id, other_bytes ? &x : &m, said, &theirs);
	w.has_by = true;
	digest_of(theirs.data, theirs.size, &w.by);
	confirm(1, &w, &theirs);
	confirm(2, &delivered, NULL);
	heard_all();
	assert_int_equal(out_state(&id), OUT_SENT);
	assert_int_equal(spool_last_notice(scene->spool), 0);
}

static void
notice_signed_by_another_party_is_dropped(void **state)
{
	(void)state;
	notice_is_dropped(SOMALIA, ST_COMMITTED, false);
}

static void
notice_whose_stages_differ_is_dropped(void **state)
{
	(void)state;
	notice_is_dropped(KENYA, ST_REJECTED, false);
}

static void
notice_about_other_bytes_is_dropped(void **state)
{
	(void)state;
	notice_is_dropped(KENYA, ST_COMMITTED, true);
}

static void
dropped_notice_is_asked_for_again(void **state)
{
	OWNED_BUF(m) = {0};
	struct id id = file(&m);
	struct statement w = statement_for(&id, &m, SOMALIA, KENYA, ST_COMMITTED);
	struct statement delivered = statement_for(&id, &m, SOMALIA, KENYA, ST_DELIVERED);

	(void)state;
	expect(V_SUBMIT);
	confirm(1, &w, NULL);
	heard_all();
	assert_int_equal(expect(V_HELLO)->w.resume, 0);
	confirm(1, &delivered, NULL);
	until_out(&id, OUT_DELIVERED);
}

static void
link_without_examiner_leaves_an_addressees_word_for_later(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(theirs) = {0};
	struct id id = file(&m);
	struct statement w = statement_for(&id, &m, SOMALIA, KENYA, ST_COMMITTED);

	(void)state;
	expect(V_SUBMIT);
	link_close(&scene->link);
	assert_int_equal(open_link_with(NULL, &scene->link), E_OK);
	assert_int_equal(expect(V_HELLO)->w.number, 0);
	expect(V_SUBMIT);
	say_accepted(&id, &m);
	signed_by(KENYA, &id, &m, ST_COMMITTED, &theirs);
	w.has_by = true;
	digest_of(theirs.data, theirs.size, &w.by);
	confirm(1, &w, &theirs);
	heard_all();
	assert_int_equal(out_state(&id), OUT_SENT);
	assert_int_equal(spool_last_notice(scene->spool), 0);
}

static void
notice_for_an_unknown_message_counts_as_kept(void **state)
{
	(void)state;
	confirm_nothing(1);
	assert_int_equal(expect(V_CREDIT)->w.resume, 1);
	assert_int_equal(spool_last_notice(scene->spool), 1);
}

/* To keep it would be to say that the missing ones are kept as well. */
static void
notice_behind_a_missing_one_waits_for_it(void **state)
{
	(void)state;
	confirm_nothing(2);
	heard_all();
	assert_int_equal(spool_last_notice(scene->spool), 0);
	assert_int_equal(expect(V_HELLO)->w.resume, 0);
	confirm_nothing(1);
	confirm_nothing(2);
	while (expect(V_CREDIT)->w.resume != 2)
		;
}

static void
notice_of_a_conflict_is_an_alarm_and_no_end(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(other) = {0};
	OWNED_BUF(fact) = {0};
	OWNED(char, name, free_chars) = NULL;
	struct id id = file(&m);
	char text[ID_TEXT_SIZE];
	struct statement w;

	(void)state;
	expect(V_SUBMIT);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	buf_text(&other, "other octets");
	w = statement_for(&id, &other, SOMALIA, KENYA, ST_CONFLICT);
	w.has_by = true;
	digest_of(m.data, m.size, &w.by);
	confirm(1, &w, NULL);
	while (expect(V_CREDIT)->w.resume != 1)
		;
	assert_int_equal(out_state(&id), OUT_SENT);
	id_format(&id, text);
	name = xprintf("alarm/conflict/%s", text);
	assert_int_equal(spool_fact(scene->spool, name, &fact), E_OK);
	assert_true(fact.size > 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(delivery_is_durable_before_taken_is_said),
		T(delivery_that_comes_again_is_taken_once),
		T(altered_delivery_is_refused_with_a_signed_receipt),
		T(refusal_is_said_again_octet_for_octet),
		T(undecidable_delivery_is_left_to_come_again),
		T(verdict_of_an_old_trust_list_is_not_final),
		T(message_without_an_agreement_is_refused),
		T(delivery_with_a_receipt_for_another_is_left),
		T(full_spool_takes_nothing_and_asks_for_nothing),
		T(settlement_is_told_until_its_receipt_comes),
		T(settlement_of_what_has_ended_otherwise_is_over),
		T(settlement_that_is_refused_otherwise_stays_to_be_told),
		T(notices_move_the_state_and_are_acknowledged),
		T(notice_without_the_addressees_word_is_not_believed),
		T(notice_signed_by_another_party_is_dropped),
		T(notice_whose_stages_differ_is_dropped),
		T(notice_about_other_bytes_is_dropped),
		T(dropped_notice_is_asked_for_again),
		T(link_without_examiner_leaves_an_addressees_word_for_later),
		T(notice_for_an_unknown_message_counts_as_kept),
		T(notice_behind_a_missing_one_waits_for_it),
		T(notice_of_a_conflict_is_an_alarm_and_no_end),
		T(delivery_that_was_taken_is_not_refused_when_it_comes_too_late),
	};

	log_open("test_link_take", LOG_ERROR);
	realm_ready();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
