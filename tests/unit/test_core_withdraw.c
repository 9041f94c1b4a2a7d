/* SPDX-License-Identifier: EUPL-1.2
 *
 * Consent that is withdrawn, has ended, or is put on hold, at every step of an adapter's work
 * (domain.md 1.2, P1, P2 and P7). */
#include "tests/unit/case_stage.h"

#include "adapters/core_parts.h"
#include "lib/file.h"

/* ---- what is left ---- */

static void
assert_untouched(void)
{
	SENT(s);

	read_outbox(&s);
	assert_int_equal(s.n, 0);
	assert_int_equal(fake->entered, 0);
	assert_int_equal(fake->n, 0);
}

static void
assert_erased(const struct header *h)
{
	struct in_entry e = entry_of(h);
	struct spool_scrub scrub;

	assert_false(e.body);
	assert_int_equal(spool_scrub(stage.spool, &scrub), E_OK);
}

static void
assert_withdrawn(const struct header *h)
{
	assert_settled(h, ST_REJECTED, "CONSENT-WITHDRAWN");
	assert_int_equal(entry_of(h).code, E_CONSENT_WITHDRAWN);
	assert_erased(h);
}

/* Any part of the message's body, free pages included. */
static bool
stands_in_the_file(const struct buf *message)
{
	OWNED(char, file, free_chars) = xprintf("%s/spool/data.mdb", stage.folder);
	OWNED_BUF(octets) = {0};

	assert_int_equal(file_read(file, (size_t)8 << 20, &octets), E_OK);
	for (size_t i = message->size / 3; i < message->size * 2 / 3; i += 50)
		if (memmem(octets.data, octets.size, message->data + i, 50) != NULL)
			return true;
	return false;
}

/* ---- the receiving side: before the register's commit ---- */

/* More than the next commits would use again by themselves. */
static void
P8_erased_bodies_leave_the_file(void **state)
{
	struct buf message[12] = {{0}};
	CASE(k);
	struct in_entry e;
	struct header x;

	case_begin(&k);
	for (size_t i = 0; i < ARRAY_LEN(message); i++) {
		char number[8];

		snprintf(number, sizeof number, "%zu", i);
		x = extract_of(&k, number);
		assert_int_equal(spool_in(stage.spool, &x.from, &x.id, &e, &message[i]), E_OK);
		assert_true(stands_in_the_file(&message[i]));
	}
	withdrawal_of(&k);
	work();
	assert_withdrawn(&x);
	for (size_t i = 0; i < ARRAY_LEN(message); i++) {
		assert_false(stands_in_the_file(&message[i]));
		buf_free(&message[i]);
	}
}

static void
P7_withdrawal_wins_over_what_was_taken(void **state)
{
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_withdrawn(&x);
	assert_untouched();
	assert_int_equal(fake->looked, 0);
}

static void
P7_withdrawal_wins_over_what_waits_for_the_registrar(void **state)
{
	const struct refusal why = {.code = "I01"};
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	assert_int_equal(entry_of(&x).state, IN_WAITING);
	stop = withdrawal_of(&k);
	assert_int_equal(core_transcribe(stage.core, &x.from, &x.id, NULL, stage.now), E_FROZEN);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_withdrawn(&x);
	assert_int_equal(
		core_transcribe(stage.core, &x.from, &x.id, NULL, stage.now), E_CONSENT_WITHDRAWN);
	assert_int_equal(
		core_refuse(stage.core, &x.from, &x.id, &why, stage.now), E_CONSENT_WITHDRAWN);
	assert_untouched();
}

/* The register does not say whether it has it; what it is not needed for ends meanwhile. */
static void
P7_withdrawal_waits_for_a_register_that_is_silent(void **state)
{
	CASE(k);
	struct header x, other, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	fake->lookup = E_REGISTER;
	work();
	assert_int_equal(entry_of(&x).state, IN_CLAIMED);
	other = extract_of(&k, "8");
	stop = withdrawal_of(&k);
	assert_true(work() <= 30000);
	assert_int_equal(entry_of(&x).state, IN_CLAIMED);
	assert_int_equal(entry_of(&stop).state, IN_TAKEN);
	assert_withdrawn(&other);

	fake->lookup = E_OK;
	stage.now += 60000;
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_withdrawn(&x);
	assert_untouched();
}

static void
begin_entering(const struct whole_case *k, struct header *x, enum err enter, enum mishap mishap)
{
	*x = extract_of(k, "7");
	fake->enter = enter;
	fake->mishap = mishap;
	work();
	assert_int_equal(entry_of(x).state, IN_CLAIMED);
	assert_int_equal(entry_of(x).code, E_INTERRUPTED);
	fake->enter = E_OK;
	fake->mishap = NONE;
	fake->entered = 0;
}

static void
P7_withdrawal_wins_when_the_register_has_nothing(void **state)
{
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	begin_entering(&k, &x, E_REGISTER, NONE);
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_withdrawn(&x);
	assert_untouched();
}

/* What the register holds cannot be understood: that is no answer, and no reason to go on. */
static void
P7_withdrawal_is_not_given_up_for_what_the_register_says(void **state)
{
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	begin_entering(&k, &x, E_REGISTER, NONE);
	fake->lookup = E_REGISTER_DATA;
	stop = withdrawal_of(&k);
	work();
	assert_int_equal(entry_of(&stop).state, IN_TAKEN);
	stage.now += 60000;
	work();
	assert_int_equal(entry_of(&stop).state, IN_TAKEN);
	fake->lookup = E_OK;
	stage.now += 60000;
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_withdrawn(&x);
	assert_untouched();
}

/* Another's entry under the same key is no entry of this message. */
static void
P7_withdrawal_wins_over_what_another_has_entered(void **state)
{
	CASE(k);
	CASE(other);
	struct header first, x, stop;

	case_begin(&other);
	first = extract_of(&other, "7");
	work();
	assert_settled(&first, ST_COMMITTED, "");
	case_begin(&k);
	x = extract_of(&k, "7");
	fake->lookup = E_REGISTER;
	work();
	assert_int_equal(entry_of(&x).state, IN_CLAIMED);
	fake->lookup = E_OK;
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_withdrawn(&x);
	assert_int_equal(fake->n, 1);
	assert_true(entry_of(&first).body);
}

/* ---- after it ---- */

static void
end_outbox(void)
{
	struct id id;
	OWNED_BUF(m) = {0};

	while (spool_next_to_send(stage.spool, NULL, &id, &m) == E_OK) {
		struct statement end = {.stage = ST_COMMITTED, .id = id, .at = stage.now};
		struct out_entry e;

		assert_int_equal(spool_out(stage.spool, &id, &e, NULL), E_OK);
		end.digest = e.digest;
		end.from = e.header.from;
		end.to = e.header.to;
		assert_int_equal(spool_sent(stage.spool, &id, bytes_of("a", 1), stage.now), E_OK);
		assert_int_equal(spool_notice(stage.spool, spool_last_notice(stage.spool) + 1, &end,
					 bytes_of("e", 1), bytes_of("s", 1), stage.now),
			E_OK);
	}
}

static bool
no_body_out(void *context, const struct out_entry *e)
{
	(void)context;
	assert_false(e->body);
	return true;
}

/* It stands in the register, and nobody touches it; its bodies go as soon as all is told. */
static void
P7_too_late_after_the_commit(void **state)
{
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	assert_settled(&x, ST_COMMITTED, "");
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "TOO-LATE");
	assert_int_equal(entry_of(&stop).code, E_TOO_LATE);
	assert_settled(&x, ST_COMMITTED, "");
	assert_erased(&x);
	assert_int_equal(fake->n, 1);
	assert_told("Transcribed", "SO-1");

	end_outbox();
	stage.now += 60000;
	work();
	assert_int_equal(spool_each_out(stage.spool, no_body_out, NULL), E_OK);
	assert_int_equal(work(), CORE_IDLE);
}

static void
P7_too_late_when_the_register_had_committed(void **state)
{
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	begin_entering(&k, &x, E_OK, COMMIT_UNKNOWN);
	assert_int_equal(fake->n, 1);
	fake->lookup = E_REGISTER;
	stop = withdrawal_of(&k);
	work();
	assert_int_equal(entry_of(&stop).state, IN_TAKEN);

	fake->lookup = E_OK;
	stage.now += 60000;
	work();
	assert_settled(&stop, ST_COMMITTED, "TOO-LATE");
	assert_settled(&x, ST_COMMITTED, "");
	assert_erased(&x);
	assert_told("Transcribed", "SO-1");
	assert_int_equal(fake->entered, 0);
}

/* The registrar had noted the number of his entry, and a crash came between. */
static void
P7_too_late_when_it_was_entered_by_hand(void **state)
{
	CASE(k);
	OWNED(char, name, free_chars) = NULL;
	OWNED(char, fact, free_chars) = NULL;
	char key[DIGEST_TEXT_SIZE], id[ID_TEXT_SIZE];
	struct header x, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	assert_int_equal(entry_of(&x).state, IN_WAITING);
	digest_format(&x.key, key);
	id_format(&x.id, id);
	name = xprintf("by-hand/%s", key);
	fact = xprintf("%s 2026-11-24 H-9", id);
	assert_int_equal(spool_set_fact(stage.spool, name, bytes_of(fact, strlen(fact))), E_OK);
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "TOO-LATE");
	assert_settled(&x, ST_COMMITTED, "");
	assert_told("Transcribed", "H-9");
}

/* A register that was restored from an older copy does not get it back. */
static void
withdrawn_case_is_not_entered_again(void **state)
{
	struct register_report report;
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "TOO-LATE");
	assert_erased(&x);
	fake->n = 0;
	assert_int_equal(core_register(stage.core, true, stage.now, NULL, NULL, &report), E_OK);
	assert_int_equal(report.lost, 1);
	assert_int_equal(report.mended, 0);
	assert_int_equal(fake->n, 0);
}

/* ---- what comes later, and what never came ---- */

static void
P7_nothing_of_it_was_here_and_nothing_comes_in_later(void **state)
{
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "NOT-HELD");
	assert_int_equal(entry_of(&stop).code, E_NOT_HELD);
	x = extract_of(&k, "7");
	work();
	assert_withdrawn(&x);
	stage_stop();
	stage_start();
	x = extract_of(&k, "8");
	work();
	assert_withdrawn(&x);
	assert_untouched();
}

static void
another_consent_is_not_touched(void **state)
{
	CASE(k);
	CASE(other);
	struct header x, stop;

	case_begin(&k);
	case_begin(&other);
	x = extract_of(&other, "7");
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "NOT-HELD");
	assert_settled(&x, ST_COMMITTED, "");
	assert_true(entry_of(&x).body);
}

/* ---- who may ---- */

static void
assert_stops_nothing(const struct header *stop, const struct header *x, enum err code)
{
	work();
	assert_settled(stop, ST_REJECTED, err_word(code));
	assert_settled(x, ST_COMMITTED, "");
	assert_int_equal(fake->n, 1);
}

static void
withdrawal_by_another_is_refused(void **state)
{
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	stop = stop_by(&k, KENYA, PURPOSE_WITHDRAWAL, "CONSENT-WITHDRAWN", NULL);
	assert_stops_nothing(&stop, &x, E_CONSENT_SCOPE);
}

static void
withdrawal_of_another_consent_inside_is_refused(void **state)
{
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	stop = stop_by(&k, OFFICE, PURPOSE_WITHDRAWAL, "CONSENT-WITHDRAWN", UUID);
	assert_stops_nothing(&stop, &x, E_HEADER_MISMATCH);
}

static void
hold_that_says_withdrawn_inside_is_refused(void **state)
{
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	stop = stop_by(&k, OFFICE, PURPOSE_HOLD, "CONSENT-WITHDRAWN", NULL);
	assert_stops_nothing(&stop, &x, E_HEADER_MISMATCH);
}

/* A token of one's own with another's id and case: nothing of that case ends, or is erased. */
static void
token_with_anothers_id_stops_only_its_own(void **state)
{
	CASE(k);
	CASE(forged);
	struct header x, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	forged.request = k.request;
	forged.request.token.by = party_of(KENYA);
	token_sign(realm, &forged.request.token, false, &forged.token);
	stop = stop_by(&forged, KENYA, PURPOSE_WITHDRAWAL, "CONSENT-WITHDRAWN", NULL);
	work();
	assert_settled(&stop, ST_COMMITTED, "NOT-HELD");
	assert_true(entry_of(&x).body);
	x = extract_of(&k, "8");
	work();
	assert_settled(&x, ST_COMMITTED, "");
}

/* What may stop a case and cannot be judged yet, for want of revocation data, keeps it waiting. */
static void
case_waits_for_a_withdrawal_that_is_held(void **state)
{
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	stop = withdrawal_of(&k);
	stage.judged = E_HELD;
	work();
	assert_int_equal(entry_of(&stop).state, IN_TAKEN);
	assert_int_equal(entry_of(&x).state, IN_TAKEN);
	stage.judged = E_OK;
	stage.now += 60000;
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_withdrawn(&x);
	assert_untouched();
}

/* ---- hold and release ---- */

static void
held_case_waits_until_the_office_releases_it(void **state)
{
	CASE(k);
	struct header x, stop, later;

	case_begin(&k);
	x = extract_of(&k, "7");
	stop = hold_of(&k, SOMALIA);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_int_equal(entry_of(&x).state, IN_TAKEN);
	later = extract_of(&k, "8");
	stop = release_of(&k, KENYA);
	work();
	assert_settled(&stop, ST_REJECTED, "CONSENT-SCOPE");
	assert_int_equal(entry_of(&x).state, IN_TAKEN);
	assert_int_equal(entry_of(&later).state, IN_TAKEN);
	assert_untouched();
	{
		struct in_entry e = entry_of(&x);

		assert_true(core_is_frozen(stage.core, &e));
	}
	stop = release_of(&k, OFFICE);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_settled(&x, ST_COMMITTED, "");
	assert_settled(&later, ST_COMMITTED, "");
}

/* What rests without a token would never end otherwise: nobody releases what was withdrawn. */
static void
P7_withdrawn_case_is_not_frozen_any_more(void **state)
{
	CASE(k);
	struct header x, stop;
	struct in_entry e;

	case_begin(&k);
	x = extract_of(&k, "7");
	stop = hold_of(&k, OFFICE);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_settled(&x, ST_REJECTED, "CONSENT-WITHDRAWN");
	stop = hold_of(&k, OFFICE);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	e = entry_of(&x);
	e.state = IN_TAKEN;
	assert_false(core_is_frozen(stage.core, &e));
}

static void
registrar_cannot_decide_a_held_case(void **state)
{
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	stop = hold_of(&k, OFFICE);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_int_equal(core_transcribe(stage.core, &x.from, &x.id, "H-1", stage.now), E_FROZEN);
	assert_int_equal(entry_of(&x).state, IN_WAITING);
	assert_untouched();
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_withdrawn(&x);
}

/* ---- consent that ends by itself ---- */

static void
P2_extract_is_not_entered_beyond_its_consent(void **state)
{
	CASE(k);
	struct header x;

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	stage.now = k.request.token.valid_until;
	assert_int_equal(
		core_transcribe(stage.core, &x.from, &x.id, "H-1", stage.now), E_CONSENT_EXPIRED);
	assert_settled(&x, ST_REJECTED, "CONSENT-EXPIRED");
	assert_untouched();
}

static void
P2_extract_that_waits_beyond_its_consent_is_ended(void **state)
{
	CASE(k);
	struct header x;

	case_begin(&k);
	x = extract_of(&k, "7");
	work();
	stage.now = k.request.token.valid_until - 1;
	work();
	assert_int_equal(entry_of(&x).state, IN_WAITING);
	stage.now += 60000;
	work();
	assert_settled(&x, ST_REJECTED, "CONSENT-EXPIRED");
	assert_untouched();
}

static void
P2_claimed_extract_is_not_entered_beyond_its_consent(void **state)
{
	CASE(k);
	struct header x;

	case_begin(&k);
	begin_entering(&k, &x, E_REGISTER, NONE);
	stage.now = k.request.token.valid_until;
	work();
	assert_settled(&x, ST_REJECTED, "CONSENT-EXPIRED");
	assert_untouched();
}

/* ---- the issuing side ---- */

static void
P1_extract_carries_the_token_of_its_request(void **state)
{
	CASE(k);
	OWNED_BUF(message) = {0};
	struct header h;
	struct bytes token;
	struct id id;

	case_begin(&k);
	case_clear(&k);
	k.request.token.valid_until = stage.now + 2 * DAY_MS;
	token_sign(realm, &k.request.token, false, &k.token);
	request_of(&k);
	work();
	assert_int_equal(spool_next_to_send(stage.spool, NULL, &id, &message), E_OK);
	assert_int_equal(message_header(buf_bytes(&message), &h), E_OK);
	assert_int_equal(h.action, A_CERTIFIED_EXTRACT);
	assert_true(h.has_token);
	assert_true(message_token(buf_bytes(&message), &token));
	assert_int_equal(token.size, k.token.size);
	assert_memory_equal(token.data, k.token.data, token.size);
	assert_int_equal(h.expires, k.request.token.valid_until);
}

static void
outcome_carries_no_token(void **state)
{
	CASE(k);
	SENT(s);

	case_begin(&k);
	extract_of(&k, "7");
	work();
	read_outbox(&s);
	assert_int_equal(s.n, 2);
	assert_false(s.header[0].has_token || s.header[1].has_token);
}

static void
P7_withdrawn_request_never_reaches_the_register(void **state)
{
	CASE(k);
	struct header r, stop;

	case_begin(&k);
	r = request_of(&k);
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_withdrawn(&r);
	assert_int_equal(fake->found, 0);
	assert_untouched();
}

static void
P7_withdrawn_request_is_not_certified(void **state)
{
	CASE(k);
	struct header r, stop;

	case_begin(&k);
	r = request_of(&k);
	work();
	assert_int_equal(entry_of(&r).state, IN_WAITING);
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_withdrawn(&r);
	assert_int_equal(core_certify(stage.core, &r.from, &r.id, NULL, NULL, stage.now),
		E_CONSENT_WITHDRAWN);
	assert_int_equal(fake->found, 0);
}

static bool
only_out(void *context, const struct out_entry *e)
{
	struct out_entry *o = context;

	assert_int_equal(o->order, 0);
	*o = *e;
	return true;
}

static void
P7_extract_that_was_not_sent_never_is(void **state)
{
	CASE(k);
	struct out_entry o = {.order = 0};
	struct header r, stop;
	struct id id;
	OWNED_BUF(m) = {0};

	case_begin(&k);
	r = request_of(&k);
	work();
	assert_int_equal(spool_next_to_send(stage.spool, NULL, &id, &m), E_OK);
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_int_equal(spool_next_to_send(stage.spool, NULL, &id, &m), E_NOT_FOUND);
	assert_int_equal(spool_each_out(stage.spool, only_out, &o), E_OK);
	assert_int_equal(o.state, OUT_REFUSED);
	assert_int_equal(o.code, E_CONSENT_WITHDRAWN);
	assert_false(o.body);
	assert_erased(&r);
}

/* The exchange has it, and ends it or not. */
static void
what_was_accepted_is_the_exchanges_to_end(void **state)
{
	CASE(k);
	struct out_entry o = {.order = 0};
	struct header stop;
	struct id id;
	OWNED_BUF(m) = {0};

	case_begin(&k);
	request_of(&k);
	work();
	assert_int_equal(spool_next_to_send(stage.spool, NULL, &id, &m), E_OK);
	assert_int_equal(spool_sent(stage.spool, &id, bytes_of("a", 1), stage.now), E_OK);
	stop = withdrawal_of(&k);
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_int_equal(spool_each_out(stage.spool, only_out, &o), E_OK);
	assert_int_equal(o.state, OUT_SENT);
	assert_false(o.body);
}

/* Too late it may have been; what the outcome says of the person is not kept all the same. */
static void
outcome_of_a_withdrawn_case_is_not_kept(void **state)
{
	CASE(k);
	OWNED(struct outcome, o, outcome_free) = outcome_new();
	struct header h = header_for(A_TRANSCRIPTION_OUTCOME, SOMALIA, KENYA);
	struct out_entry sent = {.order = 0};
	OWNED_BUF(body) = {0};

	case_begin(&k);
	request_of(&k);
	work();
	assert_int_equal(spool_each_out(stage.spool, only_out, &sent), E_OK);
	assert_int_equal(
		spool_sent(stage.spool, &sent.header.id, bytes_of("a", 1), stage.now), E_OK);
	withdrawal_of(&k);
	work();
	h.conversation = sent.header.conversation;
	h.ref = o->answers = sent.header.id;
	h.ref_digest = o->answers_digest = sent.digest;
	o->result = OUTCOME_TRANSCRIBED;
	o->extract_id = UUID;
	o->register_name = "Register of births";
	o->entry_number = "SO-1";
	o->entered_on = "2026-11-24";
	o->office = "Mogadishu";
	outcome_compose(o, &body);
	take(&h, buf_bytes(&body), SOMALIA, KENYA);
	work();
	assert_settled(&h, ST_COMMITTED, "");
	assert_erased(&h);
	assert_int_equal(spool_count_facts(stage.spool, SPOOL_OUTCOMES), 0);
}

static void
nothing_is_composed_with_a_withdrawn_token(void **state)
{
	const struct answer what = {.action = A_QUERY, .to = party_of(KENYA)};
	ANSWERS(a) = {0};
	CASE(k);
	JOB(j) = {.c = stage.core, .now = stage.now};
	struct header x;

	case_begin(&k);
	x = extract_of(&k, "7");
	assert_int_equal(spool_in(stage.spool, &x.from, &x.id, &j.in, &j.message), E_OK);
	assert_int_equal(answers_add(&a, &j, &what,
				 bytes_of(realm_bodies[A_QUERY], strlen(realm_bodies[A_QUERY]))),
		E_OK);
	work();
	withdrawal_of(&k);
	work();
	assert_int_equal(answers_add(&a, &j, &what,
				 bytes_of(realm_bodies[A_QUERY], strlen(realm_bodies[A_QUERY]))),
		E_CONSENT_WITHDRAWN);
}

/* A full spool is no reason to go on with a withdrawn case. */
static void
withdrawal_is_worked_on_in_a_full_spool(void **state)
{
	CASE(k);
	struct header x, stop;

	case_begin(&k);
	x = extract_of(&k, "7");
	stop = withdrawal_of(&k);
	fill_spool();
	work();
	assert_settled(&stop, ST_COMMITTED, "");
	assert_settled(&x, ST_REJECTED, "CONSENT-WITHDRAWN");
	assert_untouched();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RECEIVER(P8_erased_bodies_leave_the_file),
		RECEIVER(P7_withdrawal_wins_over_what_was_taken),
		MANUAL_RECEIVER(P7_withdrawal_wins_over_what_waits_for_the_registrar),
		RECEIVER(P7_withdrawal_waits_for_a_register_that_is_silent),
		RECEIVER(P7_withdrawal_wins_when_the_register_has_nothing),
		RECEIVER(P7_withdrawal_is_not_given_up_for_what_the_register_says),
		RECEIVER(P7_withdrawal_wins_over_what_another_has_entered),
		RECEIVER(P7_too_late_after_the_commit),
		RECEIVER(P7_too_late_when_the_register_had_committed),
		MANUAL_RECEIVER(P7_too_late_when_it_was_entered_by_hand),
		RECEIVER(withdrawn_case_is_not_entered_again),
		RECEIVER(P7_nothing_of_it_was_here_and_nothing_comes_in_later),
		RECEIVER(another_consent_is_not_touched),
		RECEIVER(withdrawal_by_another_is_refused),
		RECEIVER(withdrawal_of_another_consent_inside_is_refused),
		RECEIVER(hold_that_says_withdrawn_inside_is_refused),
		RECEIVER(token_with_anothers_id_stops_only_its_own),
		RECEIVER(case_waits_for_a_withdrawal_that_is_held),
		RECEIVER(held_case_waits_until_the_office_releases_it),
		RECEIVER(P7_withdrawn_case_is_not_frozen_any_more),
		MANUAL_RECEIVER(registrar_cannot_decide_a_held_case),
		MANUAL_RECEIVER(P2_extract_is_not_entered_beyond_its_consent),
		MANUAL_RECEIVER(P2_extract_that_waits_beyond_its_consent_is_ended),
		RECEIVER(P2_claimed_extract_is_not_entered_beyond_its_consent),
		ISSUER(P1_extract_carries_the_token_of_its_request),
		RECEIVER(outcome_carries_no_token),
		ISSUER(P7_withdrawn_request_never_reaches_the_register),
		MANUAL_ISSUER(P7_withdrawn_request_is_not_certified),
		ISSUER(P7_extract_that_was_not_sent_never_is),
		ISSUER(what_was_accepted_is_the_exchanges_to_end),
		ISSUER(outcome_of_a_withdrawn_case_is_not_kept),
		RECEIVER(nothing_is_composed_with_a_withdrawn_token),
		RECEIVER(withdrawal_is_worked_on_in_a_full_spool),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
