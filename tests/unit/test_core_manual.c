/* SPDX-License-Identifier: EUPL-1.2
 *
 * The registrar decides: nothing leaves, and nothing is entered, before she says so.
 */
#include "tests/unit/core_stage.h"

/* ---- the registrar decides ---- */

static void
manual_request_waits_until_it_is_certified(void **state)
{
	struct header h = take_request();
	SENT(s);

	assert_true(work() == CORE_IDLE);
	assert_int_equal(entry_of(&h).state, IN_WAITING);
	assert_int_equal(fake->found, 0);
	fake->find = E_AMBIGUOUS;
	assert_int_equal(
		core_certify(stage.core, &h.from, &h.id, NULL, NULL, stage.now), E_AMBIGUOUS);
	assert_int_equal(entry_of(&h).state, IN_WAITING);
	fake->find = E_OK;
	assert_int_equal(core_certify(stage.core, &h.from, &h.id, "99", NULL, stage.now), E_OK);
	assert_settled(&h, ST_COMMITTED, "");
	read_outbox(&s);
	assert_non_null(strstr((char *)s.body[0].data, "<b:Number>99</b:Number>"));
	assert_int_equal(core_certify(stage.core, &h.from, &h.id, NULL, NULL, stage.now), E_STATE);
}

static void
manual_request_can_be_refused(void **state)
{
	const struct refusal why = {"I02", "the office burnt down", "Ministry", "2027-02-01"};
	const struct refusal unknown = {.code = "X99"},
			     no_day = {.code = "L04", .appeal_by = "soon"};
	OWNED(struct outcome, o, outcome_free) = NULL;
	struct header h = take_request();
	SENT(s);

	work();
	assert_int_equal(core_refuse(stage.core, &h.from, &h.id, &unknown, stage.now), E_INPUT);
	assert_int_equal(core_refuse(stage.core, &h.from, &h.id, &no_day, stage.now), E_INPUT);
	assert_int_equal(core_refuse(stage.core, &h.from, &h.id, &why, stage.now), E_OK);
	assert_settled(&h, ST_COMMITTED, "");
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	assert_int_equal(outcome_parse(buf_bytes(&s.body[0]), &o), E_OK);
	assert_string_equal(o->reason->value, "I02");
	assert_string_equal(o->appeal_body, "Ministry");
	assert_string_equal(o->appeal_by, "2027-02-01");
	assert_string_equal(o->explanation, "the office burnt down");
	assert_int_equal(core_refuse(stage.core, &h.from, &h.id, &why, stage.now), E_STATE);
}

static void
manual_extract_waits_until_it_is_transcribed(void **state)
{
	struct header h = take_extract("7");

	work();
	assert_int_equal(entry_of(&h).state, IN_WAITING);
	assert_int_equal(fake->looked + fake->entered, 0);
	assert_int_equal(core_certify(stage.core, &h.from, &h.id, NULL, NULL, stage.now), E_STATE);
	assert_int_equal(core_transcribe(stage.core, &h.from, &h.id, NULL, stage.now), E_OK);
	assert_settled(&h, ST_COMMITTED, "");
	assert_told("Transcribed", "SO-1");
}

static void
bad_seal_is_not_shown_to_the_registrar(void **state)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};

	compose_extract("7", SOMALIA, &body, &h.key);
	take(&h, buf_bytes(&body), KENYA, SOMALIA);
	work();
	assert_settled(&h, ST_REJECTED, "SEAL");
}

static void
decision_is_carried_out_when_the_register_is_free(void **state)
{
	struct header h = take_extract("7");

	work();
	fake->enter = E_LOCKED;
	assert_int_equal(core_transcribe(stage.core, &h.from, &h.id, NULL, stage.now), E_LOCKED);
	assert_int_equal(entry_of(&h).state, IN_CLAIMED);
	assert_int_equal(core_transcribe(stage.core, &h.from, &h.id, NULL, stage.now), E_STATE);
	fake->enter = E_OK;
	stage_stop();
	stage_start();
	work();
	assert_settled(&h, ST_COMMITTED, "");
	assert_told("Transcribed", "SO-1");
}

/* Two messages of one act: the second must not be entered, nor take the first one's entry for its
 * own, while the first is on its way. */
static void
second_message_is_locked_while_the_first_is_claimed(void **state)
{
	struct header first = take_extract("7"), second = take_extract("7");

	work();
	fake->enter = E_LOCKED;
	assert_int_equal(
		core_transcribe(stage.core, &first.from, &first.id, NULL, stage.now), E_LOCKED);
	fake->enter = E_OK;
	assert_int_equal(
		core_transcribe(stage.core, &second.from, &second.id, NULL, stage.now), E_LOCKED);
	assert_int_equal(
		core_transcribe(stage.core, &second.from, &second.id, "99", stage.now), E_LOCKED);
	assert_int_equal(entry_of(&second).state, IN_WAITING);
	stage.now += 1000;
	work();
	assert_settled(&first, ST_COMMITTED, "");
	assert_int_equal(entry_of(&first).code, E_OK);
	assert_int_equal(
		core_transcribe(stage.core, &second.from, &second.id, NULL, stage.now), E_OK);
	assert_int_equal(entry_of(&second).code, E_ALREADY);
	assert_int_equal(fake->n, 1);
}

static void
entry_by_hand_is_remembered_under_its_key(void **state)
{
	struct header h = take_extract("7"), again;
	SENT(s);

	work();
	assert_int_equal(core_transcribe(stage.core, &h.from, &h.id, "Vol 3, 17", stage.now), E_OK);
	assert_settled(&h, ST_COMMITTED, "");
	assert_int_equal(fake->entered, 0);
	assert_told("Transcribed", "Vol 3, 17");
	stage_stop();
	stage_start();
	again = take_extract("7");
	work();
	assert_int_equal(
		core_transcribe(stage.core, &again.from, &again.id, NULL, stage.now), E_OK);
	assert_int_equal(entry_of(&again).code, E_ALREADY);
	assert_int_equal(fake->entered, 0);
	read_outbox(&s);
	assert_outcome(&s, 2, "KE.CRS", "AlreadyTranscribed", "Vol 3, 17");
}

static void
number_by_hand_does_not_hide_the_registers_own(void **state)
{
	struct header first = take_extract("7"), second = take_extract("7");
	SENT(s);

	work();
	assert_int_equal(
		core_transcribe(stage.core, &first.from, &first.id, NULL, stage.now), E_OK);
	assert_int_equal(
		core_transcribe(stage.core, &second.from, &second.id, "99", stage.now), E_OK);
	read_outbox(&s);
	assert_outcome(&s, 2, "KE.CRS", "AlreadyTranscribed", "SO-1");
}

static void
refused_extract_is_told_to_issuer_and_liaison(void **state)
{
	const struct refusal why = {.code = "L04"};
	struct header h = take_extract("7");

	work();
	assert_int_equal(core_refuse(stage.core, &h.from, &h.id, &why, stage.now), E_OK);
	assert_settled(&h, ST_COMMITTED, "");
	assert_told("Refused", "L04");
	assert_int_equal(fake->looked + fake->entered, 0);
}

static void
unknown_entry_is_not_found(void **state)
{
	struct id id = id_new();
	struct party from = party_of(KENYA);

	assert_int_equal(core_certify(stage.core, &from, &id, NULL, NULL, stage.now), E_NOT_FOUND);
}

/* Taken in good faith; while it waited, the news came that its signer had been revoked before. */
static void
waiting_extract_of_a_revoked_signer_is_not_entered(void **state)
{
	struct header h = take_extract("7"), by_hand;

	work();
	stage.judged = E_QUARANTINED; /* nobody can tell just now */
	assert_int_equal(core_transcribe(stage.core, &h.from, &h.id, NULL, stage.now), E_HELD);
	assert_int_equal(entry_of(&h).state, IN_WAITING);
	stage.judged = E_CERT_REVOKED;
	assert_int_equal(
		core_transcribe(stage.core, &h.from, &h.id, NULL, stage.now), E_CERT_REVOKED);
	assert_settled(&h, ST_REJECTED, "CERT-REVOKED");
	stage.judged = E_OK;
	by_hand = take_extract("8");
	work();
	stage.judged = E_CERT_REVOKED;
	assert_int_equal(core_transcribe(stage.core, &by_hand.from, &by_hand.id, "9", stage.now),
		E_CERT_REVOKED);
	assert_settled(&by_hand, ST_REJECTED, "CERT-REVOKED");
	assert_int_equal(fake->looked + fake->entered, 0);
}

static void
waiting_request_of_a_revoked_signer_is_not_answered(void **state)
{
	struct header h = take_request();
	SENT(s);

	work();
	stage.judged = E_CERT_REVOKED;
	assert_int_equal(
		core_certify(stage.core, &h.from, &h.id, NULL, NULL, stage.now), E_CERT_REVOKED);
	assert_settled(&h, ST_REJECTED, "CERT-REVOKED");
	read_outbox(&s);
	assert_int_equal(s.n, 0);
	assert_int_equal(fake->found, 0);
}

/* Agreements end and certificates expire; that does not undo what was taken before. */
static void
what_has_only_ended_since_is_entered(void **state)
{
	struct header h = take_extract("7");

	work();
	stage.judged = E_CERT_EXPIRED;
	assert_int_equal(core_transcribe(stage.core, &h.from, &h.id, NULL, stage.now), E_OK);
	assert_settled(&h, ST_COMMITTED, "");
}

/* From then on the register may hold it, and what becomes of it is told as it is. */
static void
claimed_extract_comes_to_its_end_whoever_is_revoked(void **state)
{
	struct header h = take_extract("7");

	work();
	fake->enter = E_LOCKED;
	assert_int_equal(core_transcribe(stage.core, &h.from, &h.id, NULL, stage.now), E_LOCKED);
	stage.judged = E_CERT_REVOKED;
	fake->enter = E_OK;
	stage_stop();
	stage_start();
	work();
	assert_settled(&h, ST_COMMITTED, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		MANUAL_ISSUER(manual_request_waits_until_it_is_certified),
		MANUAL_ISSUER(manual_request_can_be_refused),
		MANUAL_RECEIVER(manual_extract_waits_until_it_is_transcribed),
		MANUAL_RECEIVER(bad_seal_is_not_shown_to_the_registrar),
		MANUAL_RECEIVER(decision_is_carried_out_when_the_register_is_free),
		MANUAL_RECEIVER(second_message_is_locked_while_the_first_is_claimed),
		MANUAL_RECEIVER(entry_by_hand_is_remembered_under_its_key),
		MANUAL_RECEIVER(number_by_hand_does_not_hide_the_registers_own),
		MANUAL_RECEIVER(refused_extract_is_told_to_issuer_and_liaison),
		MANUAL_RECEIVER(unknown_entry_is_not_found),
		MANUAL_RECEIVER(waiting_extract_of_a_revoked_signer_is_not_entered),
		MANUAL_ISSUER(waiting_request_of_a_revoked_signer_is_not_answered),
		MANUAL_RECEIVER(what_has_only_ended_since_is_entered),
		MANUAL_RECEIVER(claimed_extract_comes_to_its_end_whoever_is_revoked),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
