/* SPDX-License-Identifier: EUPL-1.2
 *
 * A registry's days: silence is a refusal when they are over, not before, and only where its law
 * says so. The clock is moved, nobody waits. */
#include "tests/unit/case_stage.h"

#include "adapters/core_parts.h"

#define PROVISION "Civil Registration Act, section 12"
#define PROFILE                                                                                    \
	"<tl:Profile decisionDays=\"6\" tacitDays=\"10\" tier=\"1\"><tl:Provision>" PROVISION      \
	"</tl:Provision></tl:Profile>"

static void
use_profile(const char *profile)
{
	realm_profile = profile;
	trust_free(&trust);
	trust = trust_with(all_pairs, ARRAY_LEN(all_pairs));
	realm_profile = NULL;
	core_set_trust(stage.core, trust);
}

static int
as_registry_with_days(void **state)
{
	stage_begin(SOMALIA, true);
	use_profile(PROFILE);
	return 0;
}

static int
without_days(void **state)
{
	use_profile(NULL);
	return stage_end(state);
}

static void
days_pass(long days)
{
	stage.now += days * DAY_MS;
}

static void
silence_for_all_its_days_is_a_refusal_told_to_both(void **state)
{
	const struct header h = take_extract("7");
	char last[11];
	SENT(s);

	work();
	assert_int_equal(entry_of(&h).state, IN_WAITING);
	core_day(stage.now, 10, last);
	days_pass(11);
	work();
	assert_settled(&h, ST_COMMITTED, "");
	assert_string_equal(entry_of(&h).note, "TacitRefusal");
	read_outbox(&s);
	assert_int_equal(s.n, 2);
	for (size_t i = 0; i < s.n; i++) {
		OWNED(struct outcome, told, outcome_free) = NULL;

		assert_int_equal(outcome_parse(buf_bytes(&s.body[i]), &told), E_OK);
		assert_int_equal(told->result, OUTCOME_TACIT);
		assert_string_equal(told->until, last);
		assert_string_equal(told->legal_provision, PROVISION);
		assert_true(id_equal(&told->answers, &h.id));
		assert_string_equal(told->extract_id, UUID);
	}
	assert_string_equal(s.header[0].to.code, "KE.CRS");
	assert_string_equal(s.header[1].to.code, "UNHCR.NBO");
	assert_false(id_equal(&s.header[0].leg, &s.header[1].leg));
	assert_int_equal(fake->entered, 0);
	/* Once. */
	days_pass(1);
	work();
	assert_int_equal(fake->entered, 0);
}

static void
until_the_last_day_is_over_the_registrar_decides(void **state)
{
	const struct header h = take_extract("7");

	work();
	days_pass(10);
	assert_true(work() <= INT64_C(3600000));
	assert_int_equal(entry_of(&h).state, IN_WAITING);
	assert_int_equal(core_transcribe(stage.core, &h.from, &h.id, NULL, stage.now), E_OK);
	days_pass(8);
	work();
	assert_string_equal(entry_of(&h).note, "SO-1");
}

static void
what_the_registrar_decides_in_time_is_not_refused_again(void **state)
{
	const struct header h = take_extract("7");
	SENT(s);

	work();
	assert_int_equal(core_transcribe(stage.core, &h.from, &h.id, NULL, stage.now), E_OK);
	days_pass(15);
	work();
	read_outbox(&s);
	assert_int_equal(s.n, 2);
}

static void
where_no_law_says_so_silence_is_nothing(void **state)
{
	const struct header h = take_extract("7");

	use_profile("<tl:Profile decisionDays=\"60\" tier=\"1\"></tl:Profile>");
	work();
	days_pass(3650);
	assert_int_equal(work(), CORE_IDLE);
	assert_int_equal(entry_of(&h).state, IN_WAITING);
}

static void
a_list_that_gives_fewer_days_counts_at_once(void **state)
{
	const struct header h = take_extract("7");

	work();
	days_pass(7);
	work();
	assert_int_equal(entry_of(&h).state, IN_WAITING);
	use_profile("<tl:Profile tacitDays=\"5\" tier=\"1\"><tl:Provision>Law</tl:Provision>"
		    "</tl:Profile>");
	work();
	assert_string_equal(entry_of(&h).note, "TacitRefusal");
}

static void
what_the_absent_register_keeps_is_not_silence(void **state)
{
	const struct header h = take_extract("7");

	work();
	fake->lookup = E_REGISTER;
	assert_int_equal(core_transcribe(stage.core, &h.from, &h.id, NULL, stage.now), E_REGISTER);
	assert_int_equal(entry_of(&h).state, IN_CLAIMED);
	days_pass(15);
	work();
	assert_int_equal(entry_of(&h).state, IN_CLAIMED);
	fake->lookup = E_OK;
	days_pass(1);
	work();
	assert_string_equal(entry_of(&h).note, "SO-1");
}

static void
frozen_case_is_not_decided_by_silence(void **state)
{
	CASE(k);
	struct header h;

	case_begin(&k);
	h = extract_of(&k, "7");
	work();
	hold_of(&k, OFFICE);
	days_pass(15);
	work();
	assert_int_equal(entry_of(&h).state, IN_WAITING);
	/* Released: its days have gone on. */
	release_of(&k, OFFICE);
	work();
	days_pass(1);
	work();
	assert_string_equal(entry_of(&h).note, "TacitRefusal");
}

/* The withdrawal was taken, and is not worked on yet. */
static void
withdrawal_comes_before_silence(void **state)
{
	CASE(k);
	struct header h;

	case_begin(&k);
	h = extract_of(&k, "7");
	work();
	days_pass(15);
	withdrawal_of(&k);
	work();
	assert_settled(&h, ST_REJECTED, "CONSENT-WITHDRAWN");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, as_registry_with_days, without_days)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(silence_for_all_its_days_is_a_refusal_told_to_both),
		TEST(until_the_last_day_is_over_the_registrar_decides),
		TEST(what_the_registrar_decides_in_time_is_not_refused_again),
		TEST(where_no_law_says_so_silence_is_nothing),
		TEST(a_list_that_gives_fewer_days_counts_at_once),
		TEST(what_the_absent_register_keeps_is_not_silence),
		TEST(frozen_case_is_not_decided_by_silence),
		TEST(withdrawal_comes_before_silence),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
