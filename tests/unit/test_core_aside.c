/* SPDX-License-Identifier: EUPL-1.2
 *
 * A message that the adapter dies of, with processes that really die: it is counted, set aside for
 * a person, tried again or refused; and the register has the record once whatever is done.
 */
#include "tests/unit/core_stage.h"

#define AFTER 3

static void
begin(void)
{
	stage_start();
	core_begin(stage.core, AFTER);
}

static int
as_counting_receiver(void **state)
{
	(void)state;
	stage_begin(SOMALIA, false);
	core_begin(stage.core, AFTER);
	return 0;
}

/* A stop by signal between two pieces of work. */
static void
stop_cleanly(void)
{
	core_end(stage.core);
	stage_stop();
}

/* A process begins, works and ends: false when it has died of it. */
static bool
lives_through_work(void)
{
	int status;
	pid_t child;

	stage_stop();
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		begin();
		work();
		stage_stop(); /* without a word: as if it died of something else, later */
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 9 || WEXITSTATUS(status) == 0);
	begin();
	return WEXITSTATUS(status) == 0;
}

static bool
is_aside(const struct header *h)
{
	struct in_entry e = entry_of(h);

	return core_is_aside(stage.core, &e);
}

static size_t
deaths(const struct header *h)
{
	struct in_entry e = entry_of(h);

	return core_deaths(stage.core, &e);
}

static void
die_of(const struct header *h)
{
	while (!is_aside(h)) {
		assert_true(deaths(h) < AFTER);
		assert_false(lives_through_work());
	}
}

static enum err
retry(const struct header *h)
{
	return core_retry(stage.core, &h->from, &h->id);
}

static enum err
refuse(const struct header *h)
{
	static const struct refusal why = {.code = "I01"};

	return core_refuse(stage.core, &h->from, &h->id, &why, stage.now);
}

static void
deadly(const char *number)
{
	strcpy(fake->deadly, number);
}

static void
what_kills_each_time_is_set_aside_and_others_flow(void **state)
{
	struct header bad = take_extract("7"), good = take_extract("8");

	(void)state;
	deadly("7");
	die_of(&bad);
	assert_int_equal(deaths(&bad), AFTER);
	assert_int_equal(fake->n, 0);
	assert_true(lives_through_work());
	assert_settled(&good, ST_COMMITTED, "");
	assert_int_equal(entry_of(&bad).state, IN_CLAIMED);
	assert_int_equal(core_count_aside(stage.core), 1);
	/* It stays so, however often the adapter starts. */
	assert_true(lives_through_work());
	assert_true(lives_through_work());
	assert_true(is_aside(&bad));
}

static void
mended_it_is_tried_again_and_entered_once(void **state)
{
	struct header bad = take_extract("7");

	(void)state;
	deadly("7");
	die_of(&bad);
	deadly("");
	assert_int_equal(retry(&bad), E_OK);
	work();
	assert_settled(&bad, ST_COMMITTED, "");
	assert_int_equal(fake->n, 1);
	assert_told("Transcribed", "SO-1");
	assert_int_equal(retry(&bad), E_STATE);
	assert_int_equal(core_count_aside(stage.core), 0);
	assert_int_equal(deaths(&bad), 0);
}

static void
not_mended_one_more_death_sets_it_aside_again(void **state)
{
	struct header bad = take_extract("7"), good;

	(void)state;
	deadly("7");
	die_of(&bad);
	assert_int_equal(retry(&bad), E_OK);
	assert_false(is_aside(&bad));
	assert_false(lives_through_work());
	assert_true(is_aside(&bad));
	good = take_extract("8");
	assert_true(lives_through_work());
	assert_settled(&good, ST_COMMITTED, "");
}

/* It had been entered before the first death, and asking for it kills as well. */
static void
what_the_register_has_is_found_on_the_next_try(void **state)
{
	struct header bad = take_extract("7");

	(void)state;
	fake->mishap = DIES_AFTER_ENTRY;
	assert_false(lives_through_work());
	assert_int_equal(fake->n, 1);
	fake->deadly_look = true;
	die_of(&bad);
	fake->deadly_look = false;
	fake->mishap = NONE;
	assert_int_equal(retry(&bad), E_OK);
	work();
	assert_settled(&bad, ST_COMMITTED, "");
	assert_int_equal(fake->n, 1);
	assert_int_equal(fake->entered, 1);
	assert_told("Transcribed", "SO-1");
}

static void
what_the_register_has_is_not_refused(void **state)
{
	struct header bad = take_extract("7");

	(void)state;
	fake->mishap = DIES_AFTER_ENTRY;
	assert_false(lives_through_work());
	fake->deadly_look = true;
	die_of(&bad);
	fake->deadly_look = false;
	fake->lookup = E_LOCKED;
	assert_int_equal(refuse(&bad), E_LOCKED);
	assert_true(is_aside(&bad));
	fake->lookup = E_OK;
	assert_int_equal(refuse(&bad), E_TOO_LATE);
	assert_settled(&bad, ST_COMMITTED, "");
	assert_told("Transcribed", "SO-1");
	assert_int_equal(core_count_aside(stage.core), 0);
}

static void
what_the_register_has_not_is_refused_and_told(void **state)
{
	struct header bad = take_extract("7");

	(void)state;
	deadly("7");
	die_of(&bad);
	assert_int_equal(
		core_transcribe(stage.core, &bad.from, &bad.id, NULL, stage.now), E_ADAPTER_DIED);
	assert_int_equal(refuse(&bad), E_OK);
	assert_told("Refused", "I01");
	assert_int_equal(fake->n, 0);
	assert_int_equal(core_count_aside(stage.core), 0);
	assert_true(lives_through_work());
}

/* Whose the entry is, if there is one, only the first can tell. */
static void
its_twin_waits_and_keeps_nobody_waiting(void **state)
{
	struct header bad = take_extract("7"), twin, good;

	(void)state;
	deadly("7");
	die_of(&bad);
	twin = take_extract("7");
	good = take_extract("8");
	assert_true(work() == CORE_IDLE);
	assert_int_equal(entry_of(&twin).state, IN_TAKEN);
	assert_settled(&good, ST_COMMITTED, "");
	deadly("");
	assert_int_equal(retry(&bad), E_OK);
	work();
	assert_settled(&bad, ST_COMMITTED, "");
	assert_settled(&twin, ST_COMMITTED, "");
	assert_int_equal(entry_of(&twin).code, E_ALREADY);
	assert_int_equal(fake->n, 2);
}

static void
what_goes_wrong_without_a_death_is_not_counted(void **state)
{
	struct header h = take_extract("7");

	(void)state;
	deadly("7");
	assert_false(lives_through_work());
	assert_false(lives_through_work());
	deadly("");
	assert_int_equal(deaths(&h), AFTER - 1);
	fake->enter = E_LOCKED;
	for (int i = 0; i < 2 * AFTER; i++) {
		stage.now += 60000;
		assert_true(lives_through_work());
	}
	assert_int_equal(deaths(&h), AFTER - 1);
	for (int i = 0; i < 2 * AFTER; i++) {
		work();
		stop_cleanly();
		begin();
		stage.now += 60000;
	}
	assert_int_equal(deaths(&h), AFTER - 1);
	fake->enter = E_OK;
	work();
	assert_settled(&h, ST_COMMITTED, "");
	assert_int_equal(fake->n, 1);
	assert_int_equal(deaths(&h), 0);
}

static size_t
facts(const char *prefix)
{
	return spool_count_facts(stage.spool, prefix);
}

static void
after_a_clean_end_work_leaves_no_mark(void **state)
{
	struct header h = take_extract("7");

	(void)state;
	assert_int_equal(facts("runs"), 1);
	stop_cleanly();
	deadly("7");
	assert_false(lives_through_work());
	assert_int_equal(facts("at-work/"), 0);
	assert_int_equal(deaths(&h), 0);
	assert_false(lives_through_work());
	assert_int_equal(deaths(&h), 1);
	deadly("");
	work();
	assert_int_equal(facts("at-work/"), 0);
	core_end(stage.core);
	assert_int_equal(facts("runs"), 0);
}

/* Nothing can be begun in a full spool, and what kills is set aside all the same. */
static void
in_a_full_spool_it_is_set_aside_too(void **state)
{
	struct header bad = take_extract("7"), good = take_extract("8");

	(void)state;
	fill_spool();
	deadly("7");
	die_of(&bad);
	assert_true(lives_through_work());
	assert_settled(&good, ST_COMMITTED, "");
}

#define COUNTING(name) cmocka_unit_test_setup_teardown(name, as_counting_receiver, stage_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		COUNTING(what_kills_each_time_is_set_aside_and_others_flow),
		COUNTING(mended_it_is_tried_again_and_entered_once),
		COUNTING(not_mended_one_more_death_sets_it_aside_again),
		COUNTING(what_the_register_has_is_found_on_the_next_try),
		COUNTING(what_the_register_has_is_not_refused),
		COUNTING(what_the_register_has_not_is_refused_and_told),
		COUNTING(its_twin_waits_and_keeps_nobody_waiting),
		COUNTING(what_goes_wrong_without_a_death_is_not_counted),
		COUNTING(after_a_clean_end_work_leaves_no_mark),
		COUNTING(in_a_full_spool_it_is_set_aside_too),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
