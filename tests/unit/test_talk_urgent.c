/* SPDX-License-Identifier: EUPL-1.2
 *
 * What stops a case goes before everything else, in both directions. */
#include "tests/unit/talk_stage.h"

/* A Cancellation in the conversation of `h'. */
static struct header
cancellation_of(const struct header *h, enum who from, enum who to, struct buf *out)
{
	struct header c = header_for(A_CANCELLATION, from, to);

	c.conversation = h->conversation;
	buf_reset(out);
	message_good(realm, &c, from, to, out);
	return c;
}

static void
begin_with_window(unsigned window)
{
	struct talk_options o = options();

	o.window = window;
	open_talk(&o);
	connect_anew();
	all_seen();
}

static void
assert_said(enum verb verb, const struct buf *m)
{
	const struct said *s = expect(verb);

	assert_int_equal(s->body.size, m->size);
	assert_memory_equal(s->body.data, m->data, m->size);
}

/* Among everything that was said. */
static size_t
times_said(enum verb verb, const struct buf *m)
{
	size_t n = 0;

	for (size_t i = st->seen; i < st->n; i++)
		n += st->said[i].w.verb == verb && st->said[i].body.size == m->size &&
		     memcmp(st->said[i].body.data, m->data, m->size) == 0;
	return n;
}

/* The window is full, a backlog waits, and a message of the conversation is under way. */
static void
cancellation_overtakes_the_backlog(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(stop) = {0};
	struct header first;

	(void)state;
	begin_with_window(2);
	first = file(&m);
	for (int i = 0; i < 5; i++)
		file(&m);
	assert_int_equal(unseen(V_SUBMIT), 2);
	all_seen();
	cancellation_of(&first, SOMALIA, KENYA, &stop);
	file_message(&stop);
	assert_int_equal(unseen(V_SUBMIT), 1);
	assert_said(V_SUBMIT, &stop);
	passes(TALK_TICK_MS);
	assert_int_equal(unseen(V_SUBMIT), 0); /* once */
}

static void
cancellation_is_first_after_a_greeting(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(stop) = {0};
	struct header h;

	(void)state;
	talk_lost(st->talk);
	for (int i = 0; i < 3; i++)
		h = file(&m);
	cancellation_of(&h, SOMALIA, KENYA, &stop);
	file_message(&stop);
	begin_with_window(1);
	talk_turn(st->talk, st->now, st->tick);
	connect_anew();
	assert_said(V_SUBMIT, &stop);
}

/* The exchange may have room for it where it has none for others; if it has none, it waits too. */
static void
cancellation_does_not_wait_for_room(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(stop) = {0};
	struct header h, c;

	(void)state;
	begin_with_window(8);
	h = file(&m);
	say_refused(&h.id, E_BUSY, NOTHING);
	all_seen();
	c = cancellation_of(&h, SOMALIA, KENYA, &stop);
	file_message(&stop);
	assert_said(V_SUBMIT, &stop);
	assert_int_equal(unseen(V_SUBMIT), 0);
	say_refused(&c.id, E_BUSY, NOTHING);
	talk_turn(st->talk, st->now, st->tick);
	assert_int_equal(unseen(V_SUBMIT), 0);
	assert_int_equal(out_state(&c), OUT_FILED);
	passes(10000);
	assert_int_equal(times_said(V_SUBMIT, &stop), 1);
	say_accepted(&c, &stop);
	assert_int_equal(out_state(&c), OUT_SENT);
}

/* Another way to stop the case of `h'. */
static struct header
stop_of(const struct header *h, const char *purpose, struct buf *out)
{
	struct header c = header_for(A_CANCELLATION, SOMALIA, KENYA);

	c.conversation = h->conversation;
	strcpy(c.purpose, purpose);
	buf_reset(out);
	message_good(realm, &c, SOMALIA, KENYA, out);
	file_message(out);
	return c;
}

/* Overtaken by its release, a hold would keep the case frozen for ever. */
static void
P7_release_waits_for_the_receipt_of_its_hold(void **state)
{
	OWNED_BUF(held) = {0};
	OWNED_BUF(released) = {0};
	OWNED_BUF(withdrawn) = {0};
	struct header of = header_for(A_CANCELLATION, SOMALIA, KENYA), hold;

	(void)state;
	begin_with_window(8);
	hold = stop_of(&of, PURPOSE_HOLD, &held);
	(void)stop_of(&of, PURPOSE_RELEASE, &released);
	(void)stop_of(&of, PURPOSE_WITHDRAWAL, &withdrawn);
	assert_int_equal(times_said(V_SUBMIT, &held), 1);
	assert_int_equal(times_said(V_SUBMIT, &released), 0);
	assert_int_equal(times_said(V_SUBMIT, &withdrawn), 1);
	say_accepted(&hold, &held);
	talk_turn(st->talk, st->now, st->tick);
	assert_int_equal(times_said(V_SUBMIT, &released), 1);
}

/* By a clock that is ahead it would be refused, and the case go on. */
static void
P7_cancellation_is_taken_beyond_its_time(void **state)
{
	OWNED_BUF(stop) = {0};
	struct header h = header_for(A_CANCELLATION, KENYA, SOMALIA);

	(void)state;
	begin_with_window(8);
	message_good(realm, &h, KENYA, SOMALIA, &stop);
	st->now += 2 * DAY_MS;
	deliver(&stop);
	assert_int_equal(in_state(&h), IN_TAKEN);
}

static void
answer_to_a_cancellation_is_told_first(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(answer) = {0};
	OWNED_BUF(stop) = {0};
	struct header h = {.realm = ""}, c;

	(void)state;
	begin_with_window(1);
	for (int i = 0; i < 3; i++) {
		h = compose(A_QUERY, KENYA, SOMALIA, &m);
		deliver(&m);
		answer_by(SOMALIA, &h, &m, ST_COMMITTED, &answer);
		settle(&h, &answer);
	}
	assert_int_equal(unseen(V_SETTLED), 1); /* the window is full */
	all_seen();
	c = cancellation_of(&h, KENYA, SOMALIA, &stop);
	deliver(&stop);
	expect(V_TAKEN);
	answer_by(SOMALIA, &c, &stop, ST_COMMITTED, &answer);
	settle(&c, &answer);
	assert_int_equal(unseen(V_SETTLED), 1);
	assert_said(V_SETTLED, &answer);
}

/* A message of the case could not be taken from this bundle, and what stops the case can. */
static void
in_a_bundle_a_cancellation_passes_what_was_left(void **state)
{
	struct talk_options o = options();
	OWNED_BUF(m) = {0};
	OWNED_BUF(stop) = {0};
	struct header early = header_for(A_QUERY, KENYA, SOMALIA), c;

	(void)state;
	o.in_order = false;
	open_talk(&o);
	connect_anew();
	early.created = st->now + 86400000 / 2; /* our clock is behind */
	early.expires = early.retain_until = early.created + 86400000;
	message_from(realm, &early, KENYA, SOMALIA, &m);
	deliver(&m);
	all_seen();
	c = cancellation_of(&early, KENYA, SOMALIA, &stop);
	deliver(&stop);
	expect(V_TAKEN);
	assert_int_equal(in_state(&c), IN_TAKEN);
}

/* Its sender's other messages have taken what room he has. */
static void
cancellation_is_taken_from_a_crowding_sender(void **state)
{
	const struct party kenya = party_of(KENYA);
	OWNED_BUF(m) = {0};
	OWNED_BUF(stop) = {0};
	struct header h, c;

	(void)state;
	begin_with_window(8);
	spool_owe(st->spool, 1000, 300000);
	do {
		h = compose(A_QUERY, KENYA, SOMALIA, &m);
		deliver(&m);
	} while (!spool_crowded(st->spool, &kenya, 1000));
	all_seen();
	compose(A_QUERY, KENYA, SOMALIA, &m);
	deliver(&m);
	assert_int_equal(unseen(V_TAKEN), 0);
	c = cancellation_of(&h, KENYA, SOMALIA, &stop);
	deliver(&stop);
	expect(V_TAKEN);
	assert_int_equal(in_state(&c), IN_TAKEN);
}

/* Parts of a scan go one at a time, when nothing else is left to say, and nothing waits for them.
 */
static void
scan_yields_to_everything_else(void **state)
{
	OWNED_BUF(part) = {0};
	OWNED_BUF(next) = {0};
	OWNED_BUF(m) = {0};
	struct header h, q;

	(void)state;
	begin_with_window(8);
	h = compose(A_ATTACHMENT, SOMALIA, KENYA, &part);
	assert_int_equal(spool_file(st->spool, buf_bytes(&part), st->now), E_OK);
	q = header_for(A_ATTACHMENT, SOMALIA, KENYA);
	q.conversation = h.conversation;
	message_from(realm, &q, SOMALIA, KENYA, &next);
	assert_int_equal(spool_file(st->spool, buf_bytes(&next), st->now), E_OK);
	q = header_for(A_QUERY, SOMALIA, KENYA);
	q.conversation = h.conversation;
	message_from(realm, &q, SOMALIA, KENYA, &m);
	file_message(&m);
	assert_said(V_SUBMIT, &m);
	assert_int_equal(unseen(V_SUBMIT), 0); /* its conversation's message is under way */
	say_accepted(&q, &m);
	assert_said(V_SUBMIT, &part);
	assert_int_equal(unseen(V_SUBMIT), 0);
	q.id = id_new();
	buf_reset(&m);
	message_from(realm, &q, SOMALIA, KENYA, &m);
	file_message(&m);
	assert_said(V_SUBMIT, &m);
	say_accepted(&h, &part);
	assert_int_equal(unseen(V_SUBMIT), 0);
	say_accepted(&q, &m);
	assert_said(V_SUBMIT, &next);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(cancellation_overtakes_the_backlog),
		T(cancellation_is_first_after_a_greeting),
		T(cancellation_does_not_wait_for_room),
		T(P7_release_waits_for_the_receipt_of_its_hold),
		T(P7_cancellation_is_taken_beyond_its_time),
		T(answer_to_a_cancellation_is_told_first),
		T(in_a_bundle_a_cancellation_passes_what_was_left),
		T(cancellation_is_taken_from_a_crowding_sender),
		T(scan_yields_to_everything_else),
	};

	log_open("test_talk_urgent", LOG_ERROR);
	realm_ready();
	return cmocka_run_group_tests(tests, make_realm, free_realm);
}
