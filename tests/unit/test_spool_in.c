/* SPDX-License-Identifier: EUPL-1.2
 *
 * The inbox and small facts: a repeat is known as one however late it comes, states go forward
 * only, and answers and settlement come together or not at all. */
#include "tests/unit/spool_stage.h"

/* ---- inbox ---- */

static void
taken_message_is_known_again(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, back = {0};
	struct id id = take(p->s, &kenya, &m);
	struct in_entry e;
	bool again = false;

	reopen(p);
	assert_int_equal(spool_take(p->s, buf_bytes(&m), NOW + 1, &again), E_OK);
	assert_true(again);
	assert_int_equal(spool_in(p->s, &kenya, &id, &e, &back), E_OK);
	assert_int_equal(e.taken, NOW);
	assert_int_equal(e.state, IN_TAKEN);
	assert_int_equal(back.size, m.size);
	alter(&m);
	assert_int_equal(spool_take(p->s, buf_bytes(&m), NOW, &again), E_CONFLICT);
	buf_free(&m);
	buf_free(&back);
}

static void
two_senders_may_use_one_id(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, twin = {0};
	struct header h;
	struct in_entry e;
	bool again = true;

	make(&h, &kenya, &somalia, 10, &m);
	assert_int_equal(spool_take(p->s, buf_bytes(&m), NOW, &again), E_OK);
	h.from = office;
	header_open_message(&h, &twin);
	header_compose(&h, &twin);
	buf_text(&twin, "<e:Body></e:Body></e:Message>");
	assert_int_equal(spool_take(p->s, buf_bytes(&twin), NOW, &again), E_OK);
	assert_false(again);
	assert_int_equal(spool_claim(p->s, &office, &h.id), E_OK);
	assert_int_equal(in_state(p->s, &kenya, &h.id), IN_TAKEN);
	assert_int_equal(in_state(p->s, &office, &h.id), IN_CLAIMED);
	assert_int_equal(spool_next_in(p->s, IN_TAKEN, 0, &e, NULL), E_OK);
	assert_true(party_equal(&e.header.from, &kenya));
	assert_int_equal(spool_next_in(p->s, IN_TAKEN, e.order, &e, NULL), E_NOT_FOUND);
	buf_free(&m);
	buf_free(&twin);
}

static struct spool_done
done_of(const struct id *id, const char *receipt)
{
	return (struct spool_done){.id = *id, .from = kenya, .receipt = TEXT(receipt)};
}

static void
inbox_states_go_forward_only(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = take(p->s, &kenya, &m);
	struct spool_done done = done_of(&id, "signed");
	struct in_entry e;

	assert_int_equal(spool_told(p->s, &kenya, &id), E_STATE);
	assert_int_equal(spool_wait(p->s, &kenya, &id), E_OK);
	assert_int_equal(spool_wait(p->s, &kenya, &id), E_OK);
	assert_int_equal(spool_claim(p->s, &kenya, &id), E_OK);
	assert_int_equal(spool_claim(p->s, &kenya, &id), E_OK);
	assert_int_equal(spool_wait(p->s, &kenya, &id), E_STATE);
	assert_int_equal(spool_note(p->s, &kenya, &id, E_OK, "2026/117"), E_OK);
	assert_int_equal(spool_file_all(p->s, NULL, 0, &done, NOW + 5), E_OK);
	assert_int_equal(spool_claim(p->s, &kenya, &id), E_STATE);
	assert_int_equal(spool_note(p->s, &kenya, &id, E_OK, "x"), E_STATE);
	assert_int_equal(spool_told(p->s, &kenya, &id), E_OK);
	assert_int_equal(spool_told(p->s, &kenya, &id), E_OK);
	reopen(p);
	assert_int_equal(spool_in(p->s, &kenya, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, IN_TOLD);
	assert_int_equal(e.attempts, 2);
	assert_int_equal(e.done, NOW + 5);
	assert_string_equal(e.note, "2026/117");
	buf_free(&m);
}

static void
note_that_is_too_long_is_refused(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = take(p->s, &kenya, &m);
	char note[65];

	memset(note, '7', 64);
	note[64] = '\0';
	assert_int_equal(spool_note(p->s, &kenya, &id, E_OK, note), E_INPUT);
	note[63] = '\0';
	assert_int_equal(spool_note(p->s, &kenya, &id, E_REGISTER, note), E_OK);
	buf_free(&m);
}

static void
inbox_is_walked_by_state_oldest_first(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, back = {0};
	struct in_entry e;
	struct id id[4];

	for (int i = 0; i < 4; i++)
		id[i] = take(p->s, &kenya, &m);
	assert_int_equal(spool_claim(p->s, &kenya, &id[1]), E_OK);
	assert_int_equal(spool_next_in(p->s, IN_TAKEN, 0, &e, &back), E_OK);
	assert_true(id_equal(&e.header.id, &id[0]));
	assert_true(back.size > 0);
	assert_int_equal(spool_next_in(p->s, IN_TAKEN, e.order, &e, NULL), E_OK);
	assert_true(id_equal(&e.header.id, &id[2]));
	assert_int_equal(spool_next_in(p->s, IN_TAKEN, e.order, &e, NULL), E_OK);
	assert_true(id_equal(&e.header.id, &id[3]));
	assert_int_equal(spool_next_in(p->s, IN_TAKEN, e.order, &e, NULL), E_NOT_FOUND);
	assert_int_equal(spool_next_in(p->s, IN_CLAIMED, 0, &e, NULL), E_OK);
	assert_true(id_equal(&e.header.id, &id[1]));
	assert_int_equal(spool_next_in(p->s, IN_WAITING, 0, &e, NULL), E_NOT_FOUND);
	assert_int_equal(spool_next_in(p->s, IN_DONE, 0, &e, NULL), E_NOT_FOUND);
	assert_int_equal(spool_next_in(p->s, IN_TOLD, 0, &e, NULL), E_NOT_FOUND);
	buf_free(&m);
	buf_free(&back);
}

static void
answers_and_settlement_come_together_or_not_at_all(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, a = {0}, b = {0}, back = {0};
	struct id id = take(p->s, &kenya, &m);
	struct spool_done done = done_of(&id, "signed");
	struct bytes both[2];
	struct spool_counts c;
	struct in_entry e;
	struct header h;

	make(&h, &somalia, &kenya, 10, &a);
	make(&h, &somalia, &office, 10, &b);
	both[0] = buf_bytes(&a);
	both[1] = TEXT("no message");
	assert_int_equal(spool_file_all(p->s, both, 2, &done, NOW), E_MALFORMED);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], 0);
	assert_int_equal(in_state(p->s, &kenya, &id), IN_TAKEN);
	both[1] = buf_bytes(&b);
	assert_int_equal(spool_note(p->s, &kenya, &id, E_INTERRUPTED, "entering"), E_OK);
	done.note = "a note that is longer than the sixty-four octets that there are for it";
	assert_int_equal(spool_file_all(p->s, both, 2, &done, NOW), E_INPUT);
	assert_int_equal(spool_in(p->s, &kenya, &id, &e, NULL), E_OK);
	assert_int_equal(e.code, E_INTERRUPTED);
	done.note = "17";
	done.code = E_ALREADY;
	assert_int_equal(spool_file_all(p->s, both, 2, &done, NOW), E_OK);
	assert_int_equal(spool_in(p->s, &kenya, &id, &e, NULL), E_OK);
	assert_int_equal(e.code, E_ALREADY);
	assert_string_equal(e.note, "17");
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], 2);
	assert_int_equal(c.in[IN_DONE], 1);
	assert_int_equal(c.in[IN_TAKEN], 0);
	assert_int_equal(spool_answer(p->s, &kenya, &id, &back), E_OK);
	assert_string_equal((char *)back.data, "signed");
	buf_free(&m);
	buf_free(&a);
	buf_free(&b);
	buf_free(&back);
}

static void
second_answer_to_one_message_is_refused(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, a = {0}, b = {0};
	struct id id = take(p->s, &kenya, &m);
	struct spool_done done = done_of(&id, "signed"), other = done_of(&id, "otherwise");
	struct spool_counts c;
	struct header h;
	struct bytes one;

	make(&h, &somalia, &kenya, 10, &a);
	make(&h, &somalia, &kenya, 10, &b);
	one = buf_bytes(&a);
	assert_int_equal(spool_file_all(p->s, &one, 1, &done, NOW), E_OK);
	assert_int_equal(spool_file_all(p->s, &one, 1, &done, NOW), E_OK);
	assert_int_equal(spool_file_all(p->s, &one, 1, &other, NOW), E_STATE);
	one = buf_bytes(&b);
	assert_int_equal(spool_file_all(p->s, &one, 1, &done, NOW), E_STATE);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], 1);
	buf_free(&m);
	buf_free(&a);
	buf_free(&b);
}

/* ---- facts ---- */

static bool
count_fact(void *context, const char *key, struct bytes value)
{
	char *seen = context;

	strcat(seen, key);
	strcat(seen, "=");
	strncat(seen, (const char *)value.data, value.size);
	strcat(seen, ";");
	return true;
}

static void
facts_are_kept_and_walked_by_prefix(void **state)
{
	static uint8_t large[(256 << 10) + 1];
	struct place *p = *state;
	char seen[128] = "";
	struct buf b = {0};

	assert_int_equal(spool_fact(p->s, "draft/1", &b), E_NOT_FOUND);
	assert_int_equal(spool_set_fact(p->s, "draft/2", TEXT("b")), E_OK);
	assert_int_equal(spool_set_fact(p->s, "draft/1", TEXT("x")), E_OK);
	assert_int_equal(spool_set_fact(p->s, "draft/1", TEXT("a")), E_OK);
	assert_int_equal(spool_set_fact(p->s, "drafu", TEXT("no")), E_OK);
	assert_int_equal(spool_set_fact(p->s, "draf", TEXT("no")), E_OK);
	reopen(p);
	assert_int_equal(spool_fact(p->s, "draft/1", &b), E_OK);
	assert_string_equal((char *)b.data, "a");
	assert_int_equal(spool_each_fact(p->s, "draft/", count_fact, seen), E_OK);
	assert_string_equal(seen, "draft/1=a;draft/2=b;");
	assert_int_equal(spool_set_fact(p->s, "large", bytes_of(large, sizeof large)), E_TOO_LARGE);
	buf_free(&b);
	/* all of one name at once, and nothing of a name that only begins like it */
	assert_int_equal(spool_drop_facts(p->s, "draft/"), E_OK);
	assert_int_equal(spool_count_facts(p->s, "draft/"), 0);
	assert_int_equal(spool_count_facts(p->s, "draf"), 2);
	assert_int_equal(spool_drop_facts(p->s, "draft/"), E_OK);
}

static void
channel_numbers_never_repeat(void **state)
{
	struct place *p = *state;
	uint64_t seq;

	for (uint64_t i = 1; i <= 3; i++) {
		assert_int_equal(spool_next_seq(p->s, &kenya, 0, &seq), E_OK);
		assert_int_equal(seq, i);
		reopen(p);
	}
	assert_int_equal(spool_next_seq(p->s, &somalia, 0, &seq), E_OK);
	assert_int_equal(seq, 1);
}

/* Whoever hears the one before and the one behind does not see that one between was stopped. */
static void
P1_channel_numbers_tell_of_nothing_that_was_stopped(void **state)
{
	const int64_t day = 86400000;
	struct place *p = *state;
	uint64_t seq, last;

	assert_int_equal(spool_next_seq(p->s, &kenya, NOW, &seq), E_OK);
	assert_int_equal(spool_next_seq(p->s, &kenya, NOW + 3, &last), E_OK); /* never heard of */
	assert_int_equal(spool_next_seq(p->s, &kenya, NOW + day, &last), E_OK);
	assert_int_equal(last - seq, day);
	assert_int_equal(spool_next_seq(p->s, &kenya, NOW, &seq), E_OK); /* a clock set back */
	assert_int_equal(seq, last + 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(taken_message_is_known_again),
		T(two_senders_may_use_one_id),
		T(inbox_states_go_forward_only),
		T(note_that_is_too_long_is_refused),
		T(inbox_is_walked_by_state_oldest_first),
		T(answers_and_settlement_come_together_or_not_at_all),
		T(second_answer_to_one_message_is_refused),
		T(facts_are_kept_and_walked_by_prefix),
		T(channel_numbers_never_repeat),
		T(P1_channel_numbers_tell_of_nothing_that_was_stopped),
	};

	log_open("test_spool_in", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
