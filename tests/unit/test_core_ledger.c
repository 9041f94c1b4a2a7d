/* SPDX-License-Identifier: EUPL-1.2
 *
 * Whoever opens the body of a message is written down, and nothing can be taken out unseen. */
#include "tests/unit/core_stage.h"

#include "adapters/ledger.h"

static json_t *
entries_of(const struct header *h, enum err expected)
{
	json_t *list = json_array();

	assert_int_equal(ledger_list(stage.spool, &h->conversation, list), expected);
	return list;
}

static void
P11_what_the_machine_opens_is_written_down_once(void **state)
{
	struct header h = take_request();
	OWNED(json_t, list, json_decrefp) = NULL;
	const json_t *entry;
	char id[ID_TEXT_SIZE];

	fake->find = E_UNREACHABLE; /* the register is away: it tries again */
	work();
	stage.now += 3600000;
	fake->find = E_OK;
	work();
	assert_settled(&h, ST_COMMITTED, "");
	list = entries_of(&h, E_OK);
	assert_int_equal(json_array_size(list), 1);
	entry = json_array_get(list, 0);
	id_format(&h.id, id);
	assert_string_equal(json_string_value(json_object_get(entry, "by")), "machine");
	assert_string_equal(
		json_string_value(json_object_get(entry, "why")), "TranscriptionRequest");
	assert_string_equal(json_string_value(json_object_get(entry, "message")), id);
	assert_string_equal(json_string_value(json_object_get(entry, "agreement")), h.agreement);
}

static void
look(const struct header *h, uint32_t uid)
{
	const struct reading r = {"show", true, uid};

	ledger_note(stage.spool, h, &r, stage.now);
}

static void
P11_every_look_of_a_registrar_is_written_down(void **state)
{
	struct header h = take_request();
	OWNED(json_t, list, json_decrefp) = NULL;

	work();
	look(&h, 1001);
	look(&h, 1001);
	list = entries_of(&h, E_OK);
	assert_int_equal(json_array_size(list), 3);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 2), "uid")), 1001);
}

static void
drop(const struct header *h, unsigned n)
{
	char id[ID_TEXT_SIZE];
	OWNED(char, name, free_chars) = NULL;

	id_format(&h->conversation, id);
	name = xprintf(LEDGER_FACTS "%s/%08u", id, n);
	assert_int_equal(spool_drop_fact(stage.spool, name), E_OK);
}

static void
P11_an_entry_that_is_missing_is_seen(void **state)
{
	struct header h = take_request();
	OWNED(json_t, first, json_decrefp) = NULL;
	OWNED(json_t, last, json_decrefp) = NULL;

	for (int i = 0; i < 4; i++)
		look(&h, 1);
	drop(&h, 4); /* the last one */
	last = entries_of(&h, E_DAMAGED);
	assert_int_equal(json_array_size(last), 3);
	look(&h, 1);
	drop(&h, 1);
	first = entries_of(&h, E_DAMAGED);
	assert_int_equal(json_array_size(first), 3);
}

/* Entry `n' says something else, under the spool's own key. */
static void
put_in_its_place(const struct header *h, unsigned n)
{
	static const char other[] = "{\"at\":\"2026-11-24T08:00:00.000Z\",\"before\":\"\"}";
	char id[ID_TEXT_SIZE];
	OWNED(char, name, free_chars) = NULL;

	id_format(&h->conversation, id);
	name = xprintf(LEDGER_FACTS "%s/%08u", id, n);
	assert_int_equal(spool_set_fact(stage.spool, name, bytes_of(other, strlen(other))), E_OK);
}

static void
P11_an_entry_that_is_another_one_is_seen(void **state)
{
	struct header first = take_request(), last = take_request();
	OWNED(json_t, a, json_decrefp) = NULL;
	OWNED(json_t, b, json_decrefp) = NULL;

	for (int i = 0; i < 2; i++)
		look(&first, 1);
	put_in_its_place(&first, 1);
	a = entries_of(&first, E_DAMAGED);
	last.conversation = id_new();
	look(&last, 1);
	put_in_its_place(&last, 1);
	b = entries_of(&last, E_DAMAGED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			P11_what_the_machine_opens_is_written_down_once, as_issuer, stage_end),
		cmocka_unit_test_setup_teardown(
			P11_every_look_of_a_registrar_is_written_down, as_issuer, stage_end),
		cmocka_unit_test_setup_teardown(
			P11_an_entry_that_is_missing_is_seen, as_issuer, stage_end),
		cmocka_unit_test_setup_teardown(
			P11_an_entry_that_is_another_one_is_seen, as_issuer, stage_end),
	};

	realm_ready();
	return cmocka_run_group_tests_name("core_ledger", tests, group_setup, group_teardown);
}
