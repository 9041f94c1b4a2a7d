/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is taken back before it has left, and nothing else; what is asked for again. */
#include "tests/unit/spool_stage.h"

#include <stdlib.h>

static void
go_on_line(struct spool *s)
{
	uint64_t epoch;

	assert_int_equal(spool_take_link(s, &epoch), E_OK);
	assert_int_equal(spool_offer(s), E_OK);
	assert_int_equal(spool_offer(s), E_OK);
}

static void
assert_sound(struct spool *s)
{
	struct spool_scrub scrub;

	assert_int_equal(spool_scrub(s, &scrub), E_OK);
	assert_int_equal(scrub.damaged, 0);
}

static void
what_never_left_is_taken_back_for_good(void **state)
{
	struct place *p = *state;
	OWNED_BUF(m) = {0};
	OWNED_BUF(next) = {0};
	struct id first = file(p->s, &m), second = file(p->s, &m), found;
	struct out_entry e;

	assert_false(spool_may_have_left(p->s, 1));
	assert_int_equal(spool_take_back(p->s, &first, NOW), E_OK);
	assert_int_equal(spool_out(p->s, &first, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_REFUSED);
	assert_int_equal(e.code, E_DROPPED);
	assert_false(e.body);
	assert_int_equal(spool_next_to_send(p->s, NULL, &found, &next), E_OK);
	assert_true(id_equal(&found, &second));
	assert_int_equal(spool_take_back(p->s, &first, NOW), E_STATE);
	assert_int_equal(spool_ask_again(p->s, &first), E_STATE);
	assert_sound(p->s);
	reopen(p);
	assert_int_equal(spool_take_back(p->s, &second, NOW), E_OK);
	assert_int_equal(spool_next_to_send(p->s, NULL, &found, &next), E_NOT_FOUND);
	assert_sound(p->s);
}

static void
what_may_have_left_is_never_taken_back(void **state)
{
	struct place *p = *state;
	OWNED_BUF(m) = {0};
	struct id before = file(p->s, &m), beside, after;

	go_on_line(p->s);
	beside = file(p->s, &m);
	assert_int_equal(spool_take_back(p->s, &before, NOW), E_STATE);
	assert_int_equal(spool_take_back(p->s, &beside, NOW), E_STATE);
	spool_give_link(p->s);
	after = file(p->s, &m);
	assert_int_equal(spool_take_back(p->s, &before, NOW), E_STATE);
	assert_int_equal(spool_take_back(p->s, &beside, NOW), E_STATE);
	assert_true(spool_may_have_left(p->s, 2));
	assert_int_equal(spool_take_back(p->s, &after, NOW), E_OK);
	assert_int_equal(out_state(p->s, &before), OUT_FILED);
	assert_sound(p->s);
}

/* A link that nobody answered has shown nothing to anybody. */
static void
line_without_an_answer_changes_nothing(void **state)
{
	struct place *p = *state;
	OWNED_BUF(m) = {0};
	struct id id = file(p->s, &m);
	uint64_t epoch;

	assert_int_equal(spool_take_link(p->s, &epoch), E_OK);
	spool_give_link(p->s);
	assert_int_equal(spool_take_back(p->s, &id, NOW), E_OK);
}

static void
process_that_died_on_line_leaves_nothing_to_take_back(void **state)
{
	struct place *p = *state;
	OWNED_BUF(m) = {0};
	struct id before, between, after;
	uint64_t epoch;
	int status;
	pid_t child;

	before = file(p->s, &m);
	spool_close(&p->s);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct spool *s;

		if (spool_open(p->spool, 0, &s) == E_OK && spool_take_link(s, &epoch) == E_OK &&
			spool_offer(s) == E_OK)
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(spool_open(p->spool, 0, &p->s), E_OK);
	between = file(p->s, &m);
	assert_int_equal(spool_take_back(p->s, &before, NOW), E_STATE);
	assert_int_equal(spool_take_back(p->s, &between, NOW), E_STATE);
	assert_int_equal(spool_take_link(p->s, &epoch), E_OK);
	spool_give_link(p->s);
	after = file(p->s, &m);
	assert_int_equal(spool_take_back(p->s, &between, NOW), E_STATE);
	assert_int_equal(spool_take_back(p->s, &after, NOW), E_OK);
}

static void
old_spool_and_restored_copy_take_nothing_back(void **state)
{
	struct place *p = *state;
	OWNED_BUF(m) = {0};
	struct id id = file(p->s, &m);

	assert_int_equal(spool_drop_fact(p->s, "offered"), E_OK);
	assert_int_equal(spool_take_back(p->s, &id, NOW), E_STATE);
	assert_int_equal(spool_take_over(p->s, NOW), E_OK);
	id = file(p->s, &m);
	assert_int_equal(spool_take_back(p->s, &id, NOW), E_STATE);
	assert_int_equal(out_state(p->s, &id), OUT_FILED);
}

static void
what_stops_a_case_is_not_taken_back(void **state)
{
	struct place *p = *state;
	OWNED_BUF(m) = {0};
	OWNED_BUF(token) = {0};
	struct header h;

	make(&h, &office, &kenya, 0, &m);
	h.action = A_CANCELLATION;
	make_token(&h, &token);
	buf_reset(&m);
	header_open_message(&h, &m);
	header_compose_with(&h, buf_bytes(&token), &m);
	buf_text(&m, "<e:Body>CCCC</e:Body></e:Message>");
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_OK);
	assert_int_equal(spool_take_back(p->s, &h.id, NOW), E_STATE);
	assert_int_equal(out_state(p->s, &h.id), OUT_FILED);
}

static void
what_was_not_taken_is_asked_for_again(void **state)
{
	struct place *p = *state;
	OWNED_BUF(m) = {0};
	OWNED_BUF(next) = {0};
	struct id id = file(p->s, &m), unknown = id_new(), found;
	struct out_entry e;

	assert_int_equal(spool_put_off(p->s, &id, E_BUSY), E_OK);
	assert_int_equal(spool_ask_again(p->s, &id), E_OK);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.attempts, 0);
	assert_int_equal(e.code, E_OK);
	assert_int_equal(spool_refused(p->s, &id, E_NO_AGREEMENT, NOW), E_OK);
	assert_int_equal(spool_next_to_send(p->s, NULL, &found, &next), E_NOT_FOUND);
	assert_int_equal(spool_ask_again(p->s, &id), E_OK);
	assert_int_equal(spool_next_to_send(p->s, NULL, &found, &next), E_OK);
	assert_true(id_equal(&found, &id));
	assert_int_equal(next.size, m.size);
	assert_memory_equal(next.data, m.data, m.size); /* the same octets, so it counts once */
	assert_sound(p->s);
	assert_int_equal(spool_sent(p->s, &id, bytes_of("r", 1), NOW), E_OK);
	assert_int_equal(spool_ask_again(p->s, &id), E_STATE);
	assert_int_equal(out_state(p->s, &id), OUT_SENT);
	assert_int_equal(spool_ask_again(p->s, &unknown), E_NOT_FOUND);
	assert_int_equal(spool_take_back(p->s, &unknown, NOW), E_NOT_FOUND);
	assert_sound(p->s);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_never_left_is_taken_back_for_good),
		T(what_may_have_left_is_never_taken_back),
		T(line_without_an_answer_changes_nothing),
		T(process_that_died_on_line_leaves_nothing_to_take_back),
		T(old_spool_and_restored_copy_take_nothing_back),
		T(what_stops_a_case_is_not_taken_back),
		T(what_was_not_taken_is_asked_for_again),
	};

	log_open("test_spool_back", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
