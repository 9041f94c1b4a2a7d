/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the spool does by case: entries tell of the consent token that came with them, what stops a
 * case is found first, bodies of a case are erased, and what was not sent of it never is. */
#include "tests/unit/spool_stage.h"

#include <stdlib.h>

/* A message of a case, with the case's token. */
static void
make_of_case(enum action action, const struct header *first, const struct party *from,
	const struct party *to, struct header *h, struct buf *out)
{
	OWNED_BUF(token) = {0};

	make(h, from, to, 0, out);
	h->action = action;
	if (first != NULL)
		h->conversation = first->conversation;
	make_token(h, &token);
	buf_reset(out);
	header_open_message(h, out);
	header_compose_with(h, buf_bytes(&token), out);
	buf_text(out, "<e:Body>CCCCCCCCCCCCCCCC</e:Body></e:Message>");
}

static struct header
file_of_case(struct spool *s, enum action action, const struct header *first)
{
	OWNED_BUF(m) = {0};
	struct header h;

	make_of_case(action, first, &office, &kenya, &h, &m);
	assert_int_equal(spool_file(s, buf_bytes(&m), NOW), E_OK);
	return h;
}

static struct header
take_of_case(struct spool *s, enum action action, const struct header *first)
{
	OWNED_BUF(m) = {0};
	struct header h;
	bool again;

	make_of_case(action, first, &kenya, &somalia, &h, &m);
	assert_int_equal(spool_take(s, buf_bytes(&m), NOW, &again), E_OK);
	return h;
}

static void
entries_keep_what_the_token_says(void **state)
{
	struct place *p = *state;
	const struct header filed = file_of_case(p->s, A_TRANSCRIPTION_REQUEST, NULL);
	const struct header taken = take_of_case(p->s, A_CERTIFIED_EXTRACT, NULL);
	struct spool_scrub scrub;
	struct out_entry o;
	struct in_entry i;

	reopen(p);
	assert_int_equal(spool_out(p->s, &filed.id, &o, NULL), E_OK);
	assert_true(o.header.has_token);
	assert_true(consent_token_equal(&o.header.token, &filed.token));
	assert_true(o.header.token.cleared);
	assert_int_equal(spool_in(p->s, &kenya, &taken.id, &i, NULL), E_OK);
	assert_true(i.header.has_token);
	assert_true(consent_token_equal(&i.header.token, &taken.token));
	assert_int_equal(spool_scrub(p->s, &scrub), E_OK);
}

/* ---- what goes first ---- */

static void
cancellations_are_found_before_a_backlog(void **state)
{
	struct place *p = *state;
	struct out_entry o = {.order = 0};
	struct spool_scrub scrub;
	struct header h[2];
	struct buf m = {0};

	for (int i = 0; i < 20; i++)
		file(p->s, &m);
	assert_int_equal(spool_next_urgent_out(p->s, 0, &o, &m), E_NOT_FOUND);
	h[0] = file_of_case(p->s, A_CANCELLATION, NULL);
	file(p->s, &m);
	h[1] = file_of_case(p->s, A_CANCELLATION, NULL);
	reopen(p);
	for (size_t i = 0; i < ARRAY_LEN(h); i++) {
		assert_int_equal(spool_next_urgent_out(p->s, o.order, &o, &m), E_OK);
		assert_true(id_equal(&o.header.id, &h[i].id));
	}
	assert_int_equal(spool_next_urgent_out(p->s, o.order, &o, &m), E_NOT_FOUND);
	assert_int_equal(spool_sent(p->s, &h[0].id, TEXT("accepted"), NOW), E_OK);
	assert_int_equal(spool_next_urgent_out(p->s, 0, &o, &m), E_OK);
	assert_true(id_equal(&o.header.id, &h[1].id));
	assert_int_equal(spool_refile(p->s, &h[0].id), E_OK);
	assert_int_equal(spool_next_urgent_out(p->s, 0, &o, &m), E_OK);
	assert_true(id_equal(&o.header.id, &h[0].id));
	assert_int_equal(spool_scrub(p->s, &scrub), E_OK);
	buf_free(&m);
}

static void
cancellation_taken_is_found_until_it_is_told(void **state)
{
	struct place *p = *state;
	const struct header h = take_of_case(p->s, A_CANCELLATION, NULL);
	const struct spool_done done = {
		.id = h.id, .from = kenya, .note = "", .receipt = TEXT("answer")};
	struct in_entry e;
	struct buf m = {0};

	take(p->s, &kenya, &m);
	assert_int_equal(spool_next_urgent_in(p->s, 0, &e, &m), E_OK);
	assert_true(id_equal(&e.header.id, &h.id));
	assert_true(m.size > 0);
	assert_int_equal(spool_file_all(p->s, NULL, 0, &done, NOW), E_OK);
	assert_int_equal(spool_next_urgent_in(p->s, 0, &e, NULL), E_OK);
	assert_int_equal(e.state, IN_DONE);
	assert_int_equal(spool_told(p->s, &kenya, &h.id), E_OK);
	assert_int_equal(spool_next_urgent_in(p->s, 0, &e, NULL), E_NOT_FOUND);
	buf_free(&m);
}

/* What stops a case is let in where nothing else is. */
static void
crowded_spool_takes_what_stops_a_case(void **state)
{
	struct place *p = *state;
	static const uint8_t filler[20000];
	struct header h;
	struct buf m = {0};
	enum err e = E_OK;
	bool again;

	for (int i = 0; e == E_OK && i < 1000; i++) {
		make(&h, &kenya, &somalia, sizeof filler, &m);
		e = spool_take(p->s, buf_bytes(&m), NOW, &again);
	}
	assert_int_equal(e, E_SPOOL_FULL);
	spool_owe(p->s, 1, 1); /* only what is used counts */
	make(&h, &kenya, &somalia, sizeof filler, &m);
	while (spool_take(p->s, buf_bytes(&m), NOW, &again) == E_OK)
		make(&h, &kenya, &somalia, sizeof filler, &m);
	take_of_case(p->s, A_CANCELLATION, NULL);
	file_of_case(p->s, A_CANCELLATION, NULL);
	buf_free(&m);
}

/* What the addressee has said with a COMMITTED end is kept with it. */
static void
code_of_a_committed_end_is_kept(void **state)
{
	struct place *p = *state;
	struct header h;
	OWNED_BUF(m) = {0};
	struct statement end;
	struct out_entry o;

	make_of_case(A_CANCELLATION, NULL, &office, &kenya, &h, &m);
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_OK);
	end = statement(&h.id, &m, ST_COMMITTED, "TOO-LATE");
	assert_int_equal(spool_notice(p->s, 1, &end, TEXT("end"), TEXT("signed"), NOW), E_OK);
	assert_int_equal(spool_out(p->s, &h.id, &o, NULL), E_OK);
	assert_int_equal(o.stage, ST_COMMITTED);
	assert_int_equal(o.code, E_OK);
	assert_string_equal(o.reason, "TOO-LATE");
}

/* ---- the end of a case ---- */

static bool
has_out_body(struct spool *s, const struct header *h)
{
	struct out_entry o;

	assert_int_equal(spool_out(s, &h->id, &o, NULL), E_OK);
	return o.body;
}

static bool
has_in_body(struct spool *s, const struct header *h)
{
	struct in_entry i;

	assert_int_equal(spool_in(s, &h->from, &h->id, &i, NULL), E_OK);
	return i.body;
}

static void
end_in(struct spool *s, const struct header *h)
{
	const struct spool_done done = {
		.id = h->id, .from = h->from, .note = "", .receipt = TEXT("answer")};

	assert_int_equal(spool_file_all(s, NULL, 0, &done, NOW), E_OK);
}

static void
erasing_leaves_what_is_needed_and_what_is_anothers(void **state)
{
	struct place *p = *state;
	const struct header first = file_of_case(p->s, A_TRANSCRIPTION_REQUEST, NULL);
	const struct header sent = file_of_case(p->s, A_QUERY, &first);
	const struct header stop = file_of_case(p->s, A_CANCELLATION, &first);
	const struct header told = file_of_case(p->s, A_TRANSCRIPTION_OUTCOME, &first);
	const struct header other = file_of_case(p->s, A_TRANSCRIPTION_REQUEST, NULL);
	const struct header open = take_of_case(p->s, A_CERTIFIED_EXTRACT, &first);
	const struct header done = take_of_case(p->s, A_TRANSCRIPTION_OUTCOME, &first);
	OWNED(char, outcome, free_chars) = NULL;
	OWNED_BUF(fact) = {0};
	struct spool_scrub scrub;
	char id[ID_TEXT_SIZE];

	assert_int_equal(spool_sent(p->s, &sent.id, TEXT("a"), NOW), E_OK);
	assert_int_equal(spool_sent(p->s, &stop.id, TEXT("a"), NOW), E_OK);
	assert_int_equal(spool_sent(p->s, &told.id, TEXT("a"), NOW), E_OK);
	assert_int_equal(spool_sent(p->s, &other.id, TEXT("a"), NOW), E_OK);
	end_in(p->s, &done);
	assert_int_equal(spool_told(p->s, &done.from, &done.id), E_OK);
	id_format(&done.id, id);
	outcome = xprintf("outcome/%s", id);
	assert_int_equal(spool_set_fact(p->s, outcome, TEXT("body")), E_OK);

	assert_int_equal(spool_erase(p->s, &first.conversation, true), E_OK);
	assert_true(has_out_body(p->s, &sent));
	assert_int_equal(spool_erase(p->s, &first.conversation, false), E_OK);
	assert_true(has_out_body(p->s, &first)); /* is still to be sent */
	assert_false(has_out_body(p->s, &sent));
	assert_true(has_out_body(p->s, &stop));
	assert_true(has_out_body(p->s, &told));
	assert_int_equal(spool_refile(p->s, &stop.id), E_OK);
	assert_true(has_out_body(p->s, &other));
	assert_true(has_in_body(p->s, &open));
	assert_false(has_in_body(p->s, &done));
	assert_int_equal(spool_fact(p->s, outcome, &fact), E_NOT_FOUND);
	end_in(p->s, &open);
	assert_int_equal(spool_erase(p->s, &first.conversation, false), E_OK);
	assert_false(has_in_body(p->s, &open));
	assert_int_equal(spool_scrub(p->s, &scrub), E_OK);
	reopen(p);
	assert_int_equal(spool_sweep(p->s, NOW + INT64_C(400) * 86400000), E_OK);
	assert_int_equal(spool_scrub(p->s, &scrub), E_OK);
}

static void
what_was_not_accepted_is_never_sent(void **state)
{
	struct place *p = *state;
	const struct header first = file_of_case(p->s, A_TRANSCRIPTION_REQUEST, NULL);
	const struct header again = file_of_case(p->s, A_TRANSCRIPTION_REQUEST, NULL);
	const struct header stop = file_of_case(p->s, A_CANCELLATION, &first);
	struct consent_token forged = first.token;
	struct spool_scrub scrub;
	struct out_entry o;
	struct id next;
	struct buf m = {0};

	forged.by = kenya; /* another office's token with the same id */
	assert_int_equal(spool_end_unsent(p->s, &forged, E_CONSENT_WITHDRAWN, NOW), E_OK);
	assert_int_equal(out_state(p->s, &first.id), OUT_FILED);
	assert_int_equal(spool_end_unsent(p->s, &first.token, E_CONSENT_WITHDRAWN, NOW), E_OK);
	assert_int_equal(spool_out(p->s, &first.id, &o, NULL), E_OK);
	assert_int_equal(o.state, OUT_REFUSED);
	assert_int_equal(o.code, E_CONSENT_WITHDRAWN);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &m), E_OK);
	assert_true(id_equal(&next, &again.id));
	assert_int_equal(out_state(p->s, &stop.id), OUT_FILED);

	/* Filed anew, it had been accepted: nothing is said again, and its receipt stands. */
	assert_int_equal(spool_sent(p->s, &again.id, TEXT("a"), NOW), E_OK);
	assert_int_equal(spool_refile(p->s, &again.id), E_OK);
	assert_int_equal(spool_end_unsent(p->s, &again.token, E_CONSENT_WITHDRAWN, NOW), E_OK);
	assert_int_equal(out_state(p->s, &again.id), OUT_SENT);
	assert_int_equal(spool_scrub(p->s, &scrub), E_OK);
	buf_free(&m);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(entries_keep_what_the_token_says),
		T(cancellations_are_found_before_a_backlog),
		T(cancellation_taken_is_found_until_it_is_told),
		T(crowded_spool_takes_what_stops_a_case),
		T(code_of_a_committed_end_is_kept),
		T(erasing_leaves_what_is_needed_and_what_is_anothers),
		T(what_was_not_accepted_is_never_sent),
	};

	log_open("test_spool_case", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
