/* SPDX-License-Identifier: EUPL-1.2
 *
 * The spool's ground and its outbox: what a call says is done is on disk, a flipped bit is found,
 * states only rise, evidence is kept once, an id keeps its first bytes for ever. */
#include "tests/unit/spool_stage.h"

/* ---- opening ---- */

static void
folder_and_files_are_of_the_owner_alone(void **state)
{
	struct place *p = *state;
	char file[160];
	struct stat st;

	assert_int_equal(stat(p->spool, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	snprintf(file, sizeof file, "%s/data.mdb", p->spool);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
folder_that_is_open_to_others_is_closed(void **state)
{
	struct place *p = *state;
	struct stat st;

	assert_int_equal(chmod(p->spool, 0755), 0);
	reopen(p);
	assert_int_equal(stat(p->spool, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void
whole_map_is_taken_from_the_disk(void **state)
{
	struct place *p = *state;
	char file[160];
	struct stat st;

	snprintf(file, sizeof file, "%s/data.mdb", p->spool);
	assert_int_equal(stat(file, &st), 0);
	assert_true((size_t)st.st_size >= SMALL);
	assert_true((size_t)st.st_blocks * 512 >= SMALL);
}

static void
map_grows_and_never_shrinks(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	struct buf m = {0};
	struct id id = file(p->s, &m);

	spool_close(&p->s);
	assert_int_equal(spool_open(p->spool, 2 * SMALL, &p->s), E_OK);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.map_size, 2 * SMALL);
	spool_close(&p->s);
	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.map_size, 2 * SMALL);
	assert_int_equal(out_state(p->s, &id), OUT_FILED);
	buf_free(&m);
}

static void
second_opening_in_one_process_is_locked(void **state)
{
	struct place *p = *state;
	struct spool *other = NULL;

	assert_int_equal(spool_open(p->spool, SMALL, &other), E_LOCKED);
	assert_null(other);
}

static void
file_that_is_no_spool_is_refused(void **state)
{
	struct place *p = *state;
	char file[160], junk[8192];
	int fd;

	spool_close(&p->s);
	snprintf(file, sizeof file, "%s/data.mdb", p->spool);
	memset(junk, 'x', sizeof junk);
	fd = open(file, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, junk, sizeof junk), sizeof junk);
	close(fd);
	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_IO);
}

static void
flipped_bit_is_found_and_never_served(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, back = {0};
	struct out_entry e;
	struct header h;
	struct id next;

	make(&h, &office, &kenya, 3000, &m);
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_OK);
	spool_close(&p->s);
	flip(p->spool, "AAAAAAAA");
	assert_int_equal(spool_open(p->spool, SMALL, &p->s), E_OK);
	assert_int_equal(spool_out(p->s, &h.id, &e, &back), E_IO);
	assert_int_equal(back.size, 0);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &back), E_IO);
	assert_true(id_equal(&next, &h.id));
	assert_int_equal(spool_refused(p->s, &next, E_IO, NOW), E_OK);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &back), E_NOT_FOUND);
	buf_free(&m);
	buf_free(&back);
}

/* ---- outbox ---- */

static void
filed_message_survives_and_is_found(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, back = {0};
	struct out_entry e;
	struct id id = file(p->s, &m);

	reopen(p);
	assert_int_equal(spool_out(p->s, &id, &e, &back), E_OK);
	assert_int_equal(e.state, OUT_FILED);
	assert_int_equal(e.code, E_OK);
	assert_int_equal(e.filed, NOW);
	assert_int_equal(e.sent, 0);
	assert_int_equal(e.order, 1);
	assert_true(party_equal(&e.header.to, &kenya));
	assert_true(id_equal(&e.header.id, &id));
	assert_string_equal(e.header.agreement, "AGR-1");
	assert_int_equal(e.header.action, A_TRANSCRIPTION_REQUEST);
	assert_int_equal(back.size, m.size);
	assert_memory_equal(back.data, m.data, m.size);
	buf_free(&m);
	buf_free(&back);
}

static void
filing_again_changes_nothing(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	struct buf m = {0};

	file(p->s, &m);
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW + 1), E_OK);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], 1);
	buf_free(&m);
}

static void
same_id_with_other_bytes_is_a_conflict_for_ever(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = file(p->s, &m);
	struct statement w = statement(&id, &m, ST_COMMITTED, "");

	assert_int_equal(spool_notice(p->s, 1, &w, TEXT("end"), NOTHING, NOW), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_ENDED);
	alter(&m);
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_CONFLICT);
	reopen(p);
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_CONFLICT);
	buf_free(&m);
}

static void
what_is_no_message_is_not_filed(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	bool again;

	assert_int_equal(spool_file(p->s, TEXT("<e:Message>"), NOW), E_MALFORMED);
	assert_int_equal(spool_take(p->s, TEXT("<e:Message>"), NOW, &again), E_MALFORMED);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_FILED], 0);
	assert_int_equal(c.in[IN_TAKEN], 0);
}

static void
outbox_states_rise_and_keep_their_evidence(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = file(p->s, &m);
	struct statement delivered = statement(&id, &m, ST_DELIVERED, "");
	struct statement ended = statement(&id, &m, ST_COMMITTED, "");
	struct out_entry e;

	assert_int_equal(spool_sent(p->s, &id, TEXT("accepted"), NOW + 1), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_SENT);
	assert_int_equal(spool_notice(p->s, 1, &delivered, TEXT("dlv"), NOTHING, NOW + 2), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_DELIVERED);
	assert_int_equal(spool_notice(p->s, 2, &ended, TEXT("end"), TEXT("signed"), NOW + 3), E_OK);
	reopen(p);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_ENDED);
	assert_int_equal(e.stage, ST_COMMITTED);
	assert_int_equal(e.sent, NOW + 1);
	assert_int_equal(e.delivered, NOW + 2);
	assert_int_equal(e.ended, NOW + 3);
	assert_evidence(p->s, &id, "ACCEPTED", "accepted");
	assert_evidence(p->s, &id, "DELIVERED", "dlv");
	assert_evidence(p->s, &id, "ENDED", "end");
	assert_evidence(p->s, &id, "ADDRESSEE", "signed");
	assert_int_equal(spool_last_notice(p->s), 2);
	buf_free(&m);
}

static void
outbox_states_never_fall(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = file(p->s, &m);
	struct statement delivered = statement(&id, &m, ST_DELIVERED, "");
	struct statement ended = statement(&id, &m, ST_REJECTED, "L04");
	struct statement expired = statement(&id, &m, ST_EXPIRED, "");
	struct out_entry e;

	assert_int_equal(spool_notice(p->s, 1, &ended, TEXT("end"), TEXT("signed"), NOW), E_OK);
	assert_int_equal(spool_notice(p->s, 2, &delivered, TEXT("late"), NOTHING, NOW + 1), E_OK);
	assert_int_equal(spool_notice(p->s, 3, &expired, TEXT("other"), NOTHING, NOW + 2), E_OK);
	assert_int_equal(spool_sent(p->s, &id, TEXT("accepted"), NOW + 3), E_OK);
	assert_int_equal(spool_refused(p->s, &id, E_CONFLICT, NOW + 4), E_STATE);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_ENDED);
	assert_int_equal(e.stage, ST_REJECTED);
	assert_int_equal(e.code, E_UNKNOWN_CODE);
	assert_string_equal(e.reason, "L04");
	assert_int_equal(e.ended, NOW);
	assert_evidence(p->s, &id, "ENDED", "end");
	assert_evidence(p->s, &id, "DELIVERED", "late");
	assert_evidence(p->s, &id, "ACCEPTED", "accepted");
	buf_free(&m);
}

static void
first_receipt_stands(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = file(p->s, &m);

	assert_int_equal(spool_sent(p->s, &id, TEXT("first"), NOW), E_OK);
	assert_int_equal(spool_sent(p->s, &id, TEXT("second"), NOW), E_OK);
	assert_evidence(p->s, &id, "ACCEPTED", "first");
	buf_free(&m);
}

static void
refusal_is_a_word_and_a_receipt_beats_it(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct out_entry e;
	struct id id = file(p->s, &m), next;

	assert_int_equal(spool_refused(p->s, &id, E_NO_AGREEMENT, NOW), E_OK);
	assert_int_equal(spool_refused(p->s, &id, E_CONFLICT, NOW), E_OK);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_REFUSED);
	assert_int_equal(e.code, E_NO_AGREEMENT);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &m), E_NOT_FOUND);
	assert_int_equal(spool_sent(p->s, &id, TEXT("proof"), NOW), E_OK);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_SENT);
	assert_int_equal(e.code, E_OK);
	assert_int_equal(e.ended, 0);
	buf_free(&m);
}

static void
put_off_message_stays_filed_and_is_counted(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, again = {0};
	struct out_entry e;
	struct id id = file(p->s, &m), next;

	assert_int_equal(spool_put_off(p->s, &id, E_BUSY), E_OK);
	assert_int_equal(spool_put_off(p->s, &id, E_BUSY), E_OK);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_FILED);
	assert_int_equal(e.code, E_BUSY);
	assert_int_equal(e.attempts, 2);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &again), E_OK);
	assert_true(id_equal(&next, &id));
	assert_int_equal(spool_sent(p->s, &id, TEXT("r"), NOW), E_OK);
	assert_int_equal(spool_put_off(p->s, &id, E_BUSY), E_STATE);
	buf_free(&m);
	buf_free(&again);
}

static void
every_end_has_its_code(void **state)
{
	static const struct {
		enum stage stage;
		const char *said;
		enum err code;
	} ends[] = {
		{ST_COMMITTED, "", E_OK},
		{ST_REJECTED, "SCHEMA", E_SCHEMA},
		{ST_REJECTED, "I01", E_UNKNOWN_CODE},
		{ST_EXPIRED, "EXPIRED", E_EXPIRED},
		{ST_WITHDRAWN, "", E_WITHDRAWN},
		{ST_DEAD_LETTER, "", E_DEAD_LETTER},
	};
	struct place *p = *state;
	struct buf m = {0};
	struct out_entry e;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct id id = file(p->s, &m);
		struct statement w = statement(&id, &m, ends[i].stage, ends[i].said);

		assert_int_equal(spool_notice(p->s, i + 1, &w, TEXT("end"), NOTHING, NOW), E_OK);
		assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
		assert_int_equal(e.stage, ends[i].stage);
		assert_int_equal(e.code, ends[i].code);
		assert_string_equal(e.reason, ends[i].said);
	}
	buf_free(&m);
}

static void
unknown_ids_are_said_to_be_unknown(void **state)
{
	struct place *p = *state;
	struct id id = id_new(), next;
	struct buf b = {0};
	struct out_entry o;
	struct in_entry i;

	assert_int_equal(spool_sent(p->s, &id, TEXT("r"), NOW), E_NOT_FOUND);
	assert_int_equal(spool_refused(p->s, &id, E_BUSY, NOW), E_NOT_FOUND);
	assert_int_equal(spool_put_off(p->s, &id, E_BUSY), E_NOT_FOUND);
	assert_int_equal(spool_out(p->s, &id, &o, NULL), E_NOT_FOUND);
	assert_int_equal(spool_next_to_send(p->s, &id, &next, &b), E_NOT_FOUND);
	assert_int_equal(spool_in(p->s, &kenya, &id, &i, NULL), E_NOT_FOUND);
	assert_int_equal(spool_claim(p->s, &kenya, &id), E_NOT_FOUND);
	assert_int_equal(spool_told(p->s, &kenya, &id), E_NOT_FOUND);
	assert_int_equal(spool_answer(p->s, &kenya, &id, &b), E_NOT_FOUND);
	buf_free(&b);
}

static void
unknown_notices_and_those_of_other_bytes_count_as_kept(void **state)
{
	struct place *p = *state;
	struct buf m = {0}, other = {0};
	struct id id = file(p->s, &m), stranger = id_new();
	struct statement unknown = statement(&stranger, &m, ST_COMMITTED, "");
	struct statement delivered = statement(&id, &m, ST_DELIVERED, "");
	struct statement foreign;

	assert_int_equal(spool_notice(p->s, 7, &unknown, TEXT("r"), NOTHING, NOW), E_OK);
	assert_int_equal(spool_last_notice(p->s), 7);
	assert_int_equal(spool_notice(p->s, 7, &delivered, TEXT("r"), NOTHING, NOW), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_DELIVERED);
	buf_text(&other, "other bytes");
	foreign = statement(&id, &other, ST_COMMITTED, "");
	assert_int_equal(spool_notice(p->s, 8, &foreign, TEXT("r"), NOTHING, NOW), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_DELIVERED);
	assert_evidence(p->s, &id, "ENDED", NULL);
	reopen(p);
	assert_int_equal(spool_last_notice(p->s), 8);
	buf_free(&m);
	buf_free(&other);
}

static void
what_waits_is_offered_oldest_first(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id[5], next;

	for (int i = 0; i < 5; i++)
		id[i] = file(p->s, &m);
	assert_int_equal(spool_sent(p->s, &id[1], TEXT("r"), NOW), E_OK);
	assert_int_equal(spool_refused(p->s, &id[3], E_CONFLICT, NOW), E_OK);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &m), E_OK);
	assert_true(id_equal(&next, &id[0]));
	assert_int_equal(spool_next_to_send(p->s, &next, &next, &m), E_OK);
	assert_true(id_equal(&next, &id[2]));
	assert_int_equal(spool_next_to_send(p->s, &next, &next, &m), E_OK);
	assert_true(id_equal(&next, &id[4]));
	assert_int_equal(spool_next_to_send(p->s, &next, &next, &m), E_NOT_FOUND);
	/* going on after one that has left works as well */
	assert_int_equal(spool_next_to_send(p->s, &id[1], &next, &m), E_OK);
	assert_true(id_equal(&next, &id[2]));
	buf_free(&m);
}

static bool
collect(void *context, const struct out_entry *e)
{
	uint64_t *seen = context;

	assert_int_equal(e->order, *seen + 1);
	(*seen)++;
	return *seen < 3;
}

static void
visit_goes_in_order_and_stops_when_told(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	uint64_t seen = 0;

	for (int i = 0; i < 5; i++)
		file(p->s, &m);
	assert_int_equal(spool_each_out(p->s, collect, &seen), E_OK);
	assert_int_equal(seen, 3);
	buf_free(&m);
}

static bool
look_closer(void *context, const struct out_entry *e)
{
	struct buf b = {0};
	struct out_entry same;

	assert_int_equal(spool_out(context, &e->header.id, &same, &b), E_OK);
	assert_true(b.size > 0);
	assert_int_equal(spool_sent(context, &e->header.id, TEXT("r"), NOW), E_OK);
	buf_free(&b);
	return true;
}

static void
visitor_may_use_the_spool(void **state)
{
	struct place *p = *state;
	struct spool_counts c;
	struct buf m = {0};

	file(p->s, &m);
	file(p->s, &m);
	assert_int_equal(spool_each_out(p->s, look_closer, p->s), E_OK);
	assert_int_equal(spool_count(p->s, &c), E_OK);
	assert_int_equal(c.out[OUT_SENT], 2);
	buf_free(&m);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(folder_and_files_are_of_the_owner_alone),
		T(folder_that_is_open_to_others_is_closed),
		T(whole_map_is_taken_from_the_disk),
		T(map_grows_and_never_shrinks),
		T(second_opening_in_one_process_is_locked),
		T(file_that_is_no_spool_is_refused),
		T(flipped_bit_is_found_and_never_served),
		T(filed_message_survives_and_is_found),
		T(filing_again_changes_nothing),
		T(same_id_with_other_bytes_is_a_conflict_for_ever),
		T(what_is_no_message_is_not_filed),
		T(outbox_states_rise_and_keep_their_evidence),
		T(outbox_states_never_fall),
		T(first_receipt_stands),
		T(refusal_is_a_word_and_a_receipt_beats_it),
		T(put_off_message_stays_filed_and_is_counted),
		T(every_end_has_its_code),
		T(unknown_ids_are_said_to_be_unknown),
		T(unknown_notices_and_those_of_other_bytes_count_as_kept),
		T(what_waits_is_offered_oldest_first),
		T(visit_goes_in_order_and_stops_when_told),
		T(visitor_may_use_the_spool),
	};

	log_open("test_spool", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
