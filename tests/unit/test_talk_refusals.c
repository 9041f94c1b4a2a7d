/* SPDX-License-Identifier: EUPL-1.2
 *
 * What one sender can do to an addressee: messages that are refused, and messages that wait for a
 * person. However many there were, the next refusal is made, and others have room in the spool. */
#include "tests/unit/talk_stage.h"

#define MOST 1000
#define PENDING "refused/"
#define TOLD "refused-told/"

static void
begin(void)
{
	connect_anew();
	all_seen();
}

static void
deliver_altered(struct buf *m, struct header *h)
{
	OWNED_BUF(r) = {0};
	struct statement w;

	*h = compose(A_QUERY, KENYA, SOMALIA, m);
	m->data[m->size / 2] ^= 1;
	w = statement_for(h, m, ST_ACCEPTED);
	receipt_by(log_key, &w, &r);
	broker_says(&(struct wire){
		.verb = V_DELIVER, .number = 1, .body = buf_bytes(m), .extra = buf_bytes(&r)});
}

/* The exchange has written down this refusal of the message. */
static void
say_rejected(const struct header *h, const struct buf *m, struct bytes refusal)
{
	struct statement w = statement_for(h, m, ST_REJECTED);
	OWNED_BUF(r) = {0};

	w.has_by = true;
	digest_of(refusal.data, refusal.size, &w.by);
	receipt_by(log_key, &w, &r);
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = h->id, .body = buf_bytes(&r)});
}

static void
fill(const char *kind)
{
	char name[64];

	assert_int_equal(spool_group(st->spool), E_OK);
	for (int i = 0; i < MOST; i++) {
		snprintf(name, sizeof name, "%s%04d", kind, i);
		assert_int_equal(spool_set_fact(st->spool, name, NOTHING), E_OK);
	}
	assert_int_equal(spool_group_end(st->spool), E_OK);
}

static void
refusal_that_was_answered_gives_its_place(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(first) = {0};
	struct header h;

	(void)state;
	begin();
	fill(TOLD);
	deliver_altered(&m, &h);
	buf_add_bytes(&first, buf_bytes(&expect(V_SETTLED)->body));
	assert_int_equal(spool_count_facts(st->spool, PENDING), 1);
	say_rejected(&h, &m, buf_bytes(&first));
	assert_int_equal(spool_count_facts(st->spool, PENDING), 0);
	assert_int_equal(spool_count_facts(st->spool, TOLD), MOST);
	/* A repetition of the answer pushes nothing out. */
	say_rejected(&h, &m, buf_bytes(&first));
	assert_int_equal(spool_count_facts(st->spool, TOLD), MOST);
}

static void
refusal_that_was_answered_is_said_again_octet_for_octet(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(first) = {0};
	const struct said *again;
	struct header h;

	(void)state;
	begin();
	deliver_altered(&m, &h);
	buf_add_bytes(&first, buf_bytes(&expect(V_SETTLED)->body));
	say_rejected(&h, &m, buf_bytes(&first));
	broker_says(&(struct wire){.verb = V_DELIVER, .number = 2, .body = buf_bytes(&m)});
	again = expect(V_SETTLED);
	assert_int_equal(again->body.size, first.size);
	assert_memory_equal(again->body.data, first.data, first.size);
}

/* A false answer is none: the refusal is still to be told. */
static void
refusal_is_not_told_by_an_answer_about_another(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;

	(void)state;
	begin();
	deliver_altered(&m, &h);
	expect(V_SETTLED);
	say_rejected(&h, &m, bytes_of("another", 7));
	assert_int_equal(spool_count_facts(st->spool, PENDING), 1);
	assert_int_equal(spool_count_facts(st->spool, TOLD), 0);
}

static void
refusals_without_an_answer_are_bounded(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;

	(void)state;
	begin();
	fill(PENDING);
	deliver_altered(&m, &h);
	assert_null(next_said(V_SETTLED));
	assert_int_equal(spool_count_facts(st->spool, PENDING), MOST);
}

/* ---- the room of the spool ---- */

static bool
is_taken(enum who from, size_t *said)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(r) = {0};
	struct header h = compose(A_QUERY, from, SOMALIA, &m);
	struct statement w = statement_for(&h, &m, ST_ACCEPTED);
	struct in_entry e;

	receipt_by(log_key, &w, &r);
	st->n = st->seen = 0;
	broker_says(&(struct wire){
		.verb = V_DELIVER, .number = 1, .body = buf_bytes(&m), .extra = buf_bytes(&r)});
	*said = st->n;
	return spool_in(st->spool, &h.from, &h.id, &e, NULL) == E_OK;
}

static void
senders_unfinished_messages_leave_room_for_others(void **state)
{
	const struct party kenya = party_of(KENYA), office = party_of(OFFICE);
	struct spool_done done = {.receipt = bytes_of("R", 1)};
	struct in_entry first;
	size_t said, n = 0;

	(void)state;
	begin();
	while (n < 100 && is_taken(KENYA, &said))
		n++;
	assert_in_range(n, 5, 20);
	/* No answer, no refusal, and others are still heard: the credit is as it was. */
	assert_int_equal(said, 0);
	assert_true(spool_crowded(st->spool, &kenya, 1000));
	assert_false(spool_crowded(st->spool, &office, 1000));
	talk_connected(st->talk, st->now, st->tick);
	turns();
	assert_true(expect(V_HELLO)->w.number > 0);
	welcome();
	/* As soon as something is done there is room. */
	assert_int_equal(spool_next_in(st->spool, IN_TAKEN, 0, &first, NULL), E_OK);
	done.id = first.header.id;
	done.from = first.header.from;
	assert_int_equal(spool_file_all(st->spool, NULL, 0, &done, st->now), E_OK);
	assert_true(is_taken(KENYA, &said));
}

/* ---- a channel that the exchange has closed ---- */

static struct header
file_for(enum who to, struct buf *m)
{
	struct header h = compose(A_QUERY, SOMALIA, to, m);

	file_message(m);
	return h;
}

static void
what_is_for_others_goes_on_when_a_channel_is_closed(void **state)
{
	OWNED_BUF(m) = {0};
	struct header shut, second, other;

	(void)state;
	begin();
	shut = file_for(KENYA, &m);
	assert_memory_equal(expect(V_SUBMIT)->body.data, m.data, m.size);
	say_refused(&shut.id, E_CLOSED, NOTHING);
	second = file_for(KENYA, &m);
	assert_int_equal(unseen(V_SUBMIT), 0);
	other = file_for(OFFICE, &m);
	assert_memory_equal(expect(V_SUBMIT)->body.data, m.data, m.size);
	say_accepted(&other, &m);
	assert_int_equal(out_state(&other), OUT_SENT);
	assert_int_equal(out_state(&shut), OUT_FILED);
	for (int i = 0; i < 10 && unseen(V_SUBMIT) == 0; i++) {
		passes(10000);
		welcome();
	}
	assert_int_equal(unseen(V_SUBMIT), 2); /* both are said again, in their order */
	assert_int_equal(out_state(&second), OUT_FILED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(refusal_that_was_answered_gives_its_place),
		T(refusal_that_was_answered_is_said_again_octet_for_octet),
		T(refusal_is_not_told_by_an_answer_about_another),
		T(refusals_without_an_answer_are_bounded),
		T(senders_unfinished_messages_leave_room_for_others),
		T(what_is_for_others_goes_on_when_a_channel_is_closed),
	};

	log_open("test_talk_refusals", LOG_ERROR);
	realm_ready();
	return cmocka_run_group_tests(tests, make_realm, free_realm);
}
