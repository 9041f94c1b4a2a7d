/* SPDX-License-Identifier: EUPL-1.2
 *
 * The register's own book beside the spool's: what either has lost is found by its key and named,
 * and what the register has lost is entered again once, through every interruption. */
#include "tests/unit/core_stage.h"

struct told {
	char words[256]; /* in the order of telling, a space behind each */
	char number[64]; /* the last */
};

static struct told told;

static void
note(void *context, const char *word, const struct id *message, const char *number)
{
	(void)context;
	(void)message;
	strcat(strcat(told.words, word), " ");
	assert_true(copy_text(told.number, sizeof told.number, number));
}

static struct register_report
compare(bool mend)
{
	struct register_report r;

	memset(&told, 0, sizeof told);
	assert_int_equal(core_register(stage.core, mend, stage.now, note, NULL, &r), E_OK);
	return r;
}

/* The last entry made goes, as after a restore; the counter stands `at' then. */
static void
lose_last_entry(void)
{
	assert_true(fake->n > 0);
	fake->n--;
}

static void
books_that_agree_say_nothing(void **state)
{
	struct register_report r;

	(void)state;
	take_extract("7");
	take_extract("8");
	take_extract("7"); /* the same act again */
	work();
	r = compare(true);
	assert_string_equal(told.words, "");
	assert_int_equal(r.entries, 2);
	assert_int_equal(r.agree, 2);
	assert_int_equal(r.lost + r.unknown + r.differ + r.mended, 0);
}

static void
lost_entry_is_named_and_not_mended_unasked(void **state)
{
	struct register_report r;

	(void)state;
	take_extract("7");
	work();
	lose_last_entry();
	r = compare(false);
	assert_string_equal(told.words, "register-lost ");
	assert_string_equal(told.number, "SO-1");
	assert_int_equal(r.lost, 1);
	assert_int_equal(fake->n, 0);
}

static void
lost_entry_is_made_again_once(void **state)
{
	struct register_report r;

	(void)state;
	take_extract("7");
	work();
	lose_last_entry();
	r = compare(true);
	assert_string_equal(told.words, "register-lost mended ");
	assert_int_equal(r.mended, 1);
	assert_int_equal(fake->n, 1);
	r = compare(true);
	assert_string_equal(told.words, "");
	assert_int_equal(r.agree, 1);
	assert_int_equal(fake->n, 1);
}

/* Restored to before both entries, the register gives the second one the first one's number. */
static void
new_number_is_told_to_who_was_told_the_old_one(void **state)
{
	struct header first = take_extract("7");
	struct register_report r;
	SENT(s);

	(void)state;
	work();
	lose_last_entry();
	take_extract("8");
	work();
	assert_string_equal(entry_of(&first).note, "SO-1"); /* and so has the other one now */
	r = compare(true);
	assert_string_equal(told.words, "register-lost renumbered ");
	assert_string_equal(told.number, "SO-2");
	assert_int_equal(r.renumbered, 1);
	read_outbox(&s);
	assert_int_equal(s.n, 4 + 2);
	assert_outcome(&s, 4, "KE.CRS", "Transcribed", "SO-2");
	assert_outcome(&s, 5, "UNHCR.NBO", "Transcribed", "SO-2");
	assert_true(id_equal(&s.header[4].ref, &first.id));
	r = compare(true);
	assert_string_equal(told.words, "");
	assert_int_equal(r.agree, 2);
	assert_int_equal(fake->n, 2);
}

static void
interrupted_mending_goes_on_where_it_stood(void **state)
{
	struct register_report r;
	pid_t child;
	int status;

	(void)state;
	take_extract("7");
	work();
	lose_last_entry();
	take_extract("8");
	work();
	stage_stop();
	fake->mishap = DIES_AFTER_ENTRY;
	child = fork();
	if (child == 0) {
		stage_start();
		(void)!core_register(stage.core, true, stage.now, NULL, NULL, &r);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 9);
	fake->mishap = NONE;
	stage_start();
	assert_int_equal(fake->n, 2);
	r = compare(true);
	assert_string_equal(told.words, "renumbered ");
	assert_int_equal(r.renumbered, 1);
	assert_int_equal(fake->n, 2);
}

static void
entry_that_the_spool_does_not_know_is_named(void **state)
{
	struct register_report r;

	(void)state;
	take_extract("7");
	work();
	memset(&fake->entry[fake->n].key, 5, DIGEST_SIZE);
	made_fill(&fake->entry[fake->n++].made, "SO-9", "2026-01-01", "");
	r = compare(true);
	assert_string_equal(told.words, "unknown-here ");
	assert_string_equal(told.number, "SO-9");
	assert_int_equal(r.unknown, 1);
	assert_int_equal(fake->n, 2);
}

static void
changed_number_is_for_a_person(void **state)
{
	struct register_report r;

	(void)state;
	take_extract("7");
	work();
	made_fill(&fake->entry[0].made, "SO-77", "2026-01-01", "");
	r = compare(true);
	assert_string_equal(told.words, "number-differs ");
	assert_int_equal(r.differ, 1);
	assert_int_equal(fake->n, 1);
}

static void
what_was_never_entered_is_not_missed(void **state)
{
	const struct refusal why = {.code = "L04"};
	struct header refused, rejected = header_for(A_CORRECTION_NOTICE, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};

	(void)state;
	body_make(A_CORRECTION_NOTICE, 0, &body);
	take(&rejected, buf_bytes(&body), KENYA, SOMALIA);
	work();
	stage_stop();
	stage.manual = true;
	stage_start();
	refused = take_extract("7");
	work();
	assert_int_equal(
		core_refuse(stage.core, &refused.from, &refused.id, &why, stage.now), E_OK);
	compare(true);
	assert_string_equal(told.words, "");
	assert_int_equal(fake->n, 0);
}

/* We had lost it, and it had expired: so says the exchange, and there is no number. */
static void
what_ended_without_us_is_not_missed(void **state)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	struct digest d = {{1}};
	struct register_report r;

	(void)state;
	h.has_key = true;
	assert_int_equal(
		spool_adopt_in(stage.spool, &h, &d, ST_EXPIRED, "EXPIRED", stage.now), E_OK);
	r = compare(true);
	assert_string_equal(told.words, "");
	assert_int_equal(r.lost, 0);
}

static void
entry_made_by_hand_or_by_another_road_is_not_missed(void **state)
{
	struct header by_hand;

	(void)state;
	fake->enter = E_ALREADY;
	take_extract("7");
	work();
	fake->enter = E_OK;
	stage_stop();
	stage.manual = true;
	stage_start();
	by_hand = take_extract("8");
	work();
	assert_int_equal(
		core_transcribe(stage.core, &by_hand.from, &by_hand.id, "VI/17", stage.now), E_OK);
	compare(true);
	assert_string_equal(told.words, "");
}

static void
entry_that_is_being_made_is_known(void **state)
{
	(void)state;
	take_extract("7");
	fake->mishap = COMMIT_UNKNOWN;
	work();
	compare(true);
	assert_string_equal(told.words, "");
}

static void
register_that_does_not_answer_changes_nothing(void **state)
{
	struct register_report r;

	(void)state;
	take_extract("7");
	work();
	fake->lookup = E_REGISTER;
	assert_int_equal(core_register(stage.core, true, stage.now, NULL, NULL, &r), E_REGISTER);
	fake->lookup = E_OK;
	lose_last_entry();
	fake->enter = E_LOCKED;
	assert_int_equal(core_register(stage.core, true, stage.now, NULL, NULL, &r), E_LOCKED);
	fake->enter = E_OK;
	r = compare(true);
	assert_string_equal(told.words, "register-lost mended ");
	assert_int_equal(r.mended, 1);
}

#define RECEIVER(name) cmocka_unit_test_setup_teardown(name, as_receiver, stage_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RECEIVER(books_that_agree_say_nothing),
		RECEIVER(lost_entry_is_named_and_not_mended_unasked),
		RECEIVER(lost_entry_is_made_again_once),
		RECEIVER(new_number_is_told_to_who_was_told_the_old_one),
		RECEIVER(interrupted_mending_goes_on_where_it_stood),
		RECEIVER(entry_that_the_spool_does_not_know_is_named),
		RECEIVER(changed_number_is_for_a_person),
		RECEIVER(what_was_never_entered_is_not_missed),
		RECEIVER(what_ended_without_us_is_not_missed),
		RECEIVER(entry_made_by_hand_or_by_another_road_is_not_missed),
		RECEIVER(entry_that_is_being_made_is_known),
		RECEIVER(register_that_does_not_answer_changes_nothing),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
