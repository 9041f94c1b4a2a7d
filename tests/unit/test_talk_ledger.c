/* SPDX-License-Identifier: EUPL-1.2
 *
 * Asking the exchange who has handled a case: one question at a time, its own answer, an end. */
#include "tests/unit/talk_stage.h"

static struct {
	unsigned n;
	struct id id;
	enum err e;
	char lines[64];
} told;

static void
on_ledger(void *context, const struct id *conversation, enum err e, struct bytes lines)
{
	(void)context;
	assert_true(lines.size < sizeof told.lines);
	told.n++;
	told.id = *conversation;
	told.e = e;
	if (lines.size > 0)
		memcpy(told.lines, lines.data, lines.size);
	told.lines[lines.size] = '\0';
}

static int
setup_asker(void **state)
{
	struct talk_effects fx = {.send = on_send, .ledger = on_ledger};
	struct talk_options o;

	if (setup(state) != 0)
		return -1;
	memset(&told, 0, sizeof told);
	o = options();
	fx.context = st;
	o.credit = 0;
	talk_free(&st->talk);
	st->talk = talk_new(&o, st->spool, &fx, st->now, st->tick);
	return 0;
}

static enum err
ask(struct id *id)
{
	*id = id_new();
	return talk_ledger_ask(st->talk, id, st->now, st->tick);
}

static void
the_answer_to_a_question_is_told(void **state)
{
	struct id id, other = id_new();

	(void)state;
	assert_int_equal(ask(&id), E_UNREACHABLE);
	connect_anew();
	assert_int_equal(ask(&id), E_OK);
	(void)expect(V_LEDGER);
	assert_int_equal(ask(&other), E_BUSY);
	broker_says(&(struct wire){.verb = V_LEDGER, .id = other, .extra = bytes_of("x\n", 2)});
	assert_int_equal(told.n, 0);
	broker_says(&(struct wire){.verb = V_LEDGER, .id = id, .extra = bytes_of("{}\n", 3)});
	assert_int_equal(told.n, 1);
	assert_true(id_equal(&told.id, &id));
	assert_string_equal(told.lines, "{}\n");
	broker_says(&(struct wire){.verb = V_LEDGER, .id = id, .extra = bytes_of("{}\n", 3)});
	assert_int_equal(told.n, 1);
}

static void
a_question_without_an_answer_ends(void **state)
{
	struct id id;

	(void)state;
	connect_anew();
	assert_int_equal(ask(&id), E_OK);
	say_refused(&id, E_BUSY, NOTHING);
	assert_int_equal(told.e, E_BUSY);
	assert_int_equal(ask(&id), E_OK);
	passes(31000);
	assert_int_equal(told.n, 2);
	assert_int_equal(told.e, E_UNREACHABLE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			the_answer_to_a_question_is_told, setup_asker, teardown),
		cmocka_unit_test_setup_teardown(
			a_question_without_an_answer_ends, setup_asker, teardown),
	};

	realm_ready();
	return cmocka_run_group_tests_name("talk_ledger", tests, make_realm, free_realm);
}
