/* SPDX-License-Identifier: EUPL-1.2
 *
 * The book says exactly what is open and what has ended, in the order in which books are compared;
 * and what a comparison has found can be mended without losing what is known. */
#include "tests/unit/spool_stage.h"

struct page {
	struct {
		int64_t created;
		struct digest element;
		bool out;
		uint64_t order;
	} line[64];
	size_t n;
};

static void
add(void *context, int64_t created, const struct digest *element, bool out, uint64_t order)
{
	struct page *p = context;

	assert_true(p->n < ARRAY_LEN(p->line));
	p->line[p->n].created = created;
	p->line[p->n].element = *element;
	p->line[p->n].out = out;
	p->line[p->n++].order = order;
}

static struct page
book(struct spool *s)
{
	struct page p = {.n = 0};

	assert_int_equal(spool_book(s, INT64_MIN, INT64_MAX, add, &p), E_OK);
	return p;
}

static struct digest
ended(const struct digest *d, const char *word)
{
	struct buf b = {0};
	struct digest e;

	buf_add(&b, d->octet, DIGEST_SIZE);
	buf_text(&b, word);
	digest_of(b.data, b.size, &e);
	buf_free(&b);
	return e;
}

static void
assert_line(struct spool *s, const struct digest *element, bool out, uint64_t order)
{
	struct page p = book(s);

	assert_int_equal(p.n, 1);
	assert_memory_equal(p.line[0].element.octet, element->octet, DIGEST_SIZE);
	assert_int_equal(p.line[0].created, NOW);
	assert_int_equal(p.line[0].out, out);
	assert_int_equal(p.line[0].order, order);
}

static void
assert_scrubbed(struct spool *s)
{
	struct spool_scrub scrub;

	assert_int_equal(spool_scrub(s, &scrub), E_OK);
}

/* ---- the book ---- */

static void
line_of_what_was_filed_follows_its_states(void **state)
{
	struct place *p = *state;
	struct statement w;
	struct buf m = {0};
	struct digest done;
	struct id id = file(p->s, &m);

	w = statement(&id, &m, ST_DELIVERED, "");
	assert_int_equal(book(p->s).n, 0); /* the broker does not have it yet */
	assert_int_equal(spool_sent(p->s, &id, TEXT("accepted"), NOW), E_OK);
	assert_line(p->s, &w.digest, true, 1);
	assert_int_equal(spool_notice(p->s, 1, &w, TEXT("d"), NOTHING, NOW), E_OK);
	assert_line(p->s, &w.digest, true, 1);
	w.stage = ST_EXPIRED;
	assert_int_equal(spool_notice(p->s, 2, &w, TEXT("e"), NOTHING, NOW), E_OK);
	done = ended(&w.digest, "EXPIRED");
	assert_line(p->s, &done, true, 1);
	reopen(p);
	assert_line(p->s, &done, true, 1);
	assert_scrubbed(p->s);
	buf_free(&m);
}

static void
refused_message_is_in_no_book(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = file(p->s, &m);

	assert_int_equal(spool_refused(p->s, &id, E_NO_AGREEMENT, NOW), E_OK);
	assert_int_equal(book(p->s).n, 0);
	buf_free(&m);
}

static void
line_of_what_was_taken_ends_with_our_answer(void **state)
{
	struct place *p = *state;
	struct spool_done done = {.from = kenya,
		.receipt = TEXT("<e:Receipt><e:Stage>REJECTED</e:Stage><e:Code>L04</e:Code>")};
	struct buf m = {0};
	struct digest d, end;
	struct in_entry e;

	done.id = take(p->s, &kenya, &m);
	digest_of(m.data, m.size, &d);
	end = ended(&d, "REJECTED");
	assert_line(p->s, &d, false, 1);
	assert_int_equal(spool_claim(p->s, &kenya, &done.id), E_OK);
	assert_line(p->s, &d, false, 1);
	assert_int_equal(spool_in_at(p->s, 1, &e), E_OK);
	assert_int_equal(e.stage, ST_ACCEPTED);
	assert_int_equal(spool_file_all(p->s, NULL, 0, &done, NOW), E_OK);
	assert_line(p->s, &end, false, 1);
	assert_int_equal(spool_told(p->s, &kenya, &done.id), E_OK);
	assert_line(p->s, &end, false, 1);
	assert_int_equal(spool_in_at(p->s, 1, &e), E_OK);
	assert_int_equal(e.stage, ST_REJECTED);
	assert_int_equal(spool_in_at(p->s, 2, &e), E_NOT_FOUND);
	assert_scrubbed(p->s);
	buf_free(&m);
}

static struct id
file_at(struct spool *s, int64_t created)
{
	struct header h;
	struct buf m = {0};

	make(&h, &office, &kenya, 10, &m);
	h.created = created;
	buf_reset(&m);
	header_open_message(&h, &m);
	header_compose(&h, &m);
	buf_text(&m, "<e:Body></e:Body></e:Message>");
	assert_int_equal(spool_file(s, buf_bytes(&m), NOW), E_OK);
	assert_int_equal(spool_sent(s, &h.id, TEXT("accepted"), NOW), E_OK);
	buf_free(&m);
	return h.id;
}

static void
book_is_in_order_and_within_bounds(void **state)
{
	struct place *p = *state;
	struct page all, some = {.n = 0};

	for (int64_t i = 0; i < 20; i++)
		(void)file_at(p->s, NOW + (i * 7 % 10) * 1000);
	all = book(p->s);
	assert_int_equal(all.n, 20);
	for (size_t i = 1; i < all.n; i++)
		assert_true(all.line[i - 1].created < all.line[i].created ||
			    (all.line[i - 1].created == all.line[i].created &&
				    memcmp(all.line[i - 1].element.octet, all.line[i].element.octet,
					    DIGEST_SIZE) < 0));
	assert_int_equal(spool_book(p->s, NOW + 2000, NOW + 5000, add, &some), E_OK);
	assert_int_equal(some.n, 6);
	assert_int_equal(some.line[0].created, NOW + 2000);
	assert_int_equal(some.line[5].created, NOW + 4000);
}

static void
entry_is_found_by_its_order(void **state)
{
	struct place *p = *state;
	struct out_entry e;
	struct buf m = {0};
	struct id id;

	(void)file(p->s, &m);
	id = file(p->s, &m);
	assert_int_equal(spool_out_at(p->s, 2, &e), E_OK);
	assert_true(id_equal(&e.header.id, &id));
	assert_true(e.body);
	assert_int_equal(spool_out_at(p->s, 3, &e), E_NOT_FOUND);
	buf_free(&m);
}

/* ---- mending ---- */

static void
refiled_message_goes_before_later_ones_of_its_conversation(void **state)
{
	struct place *p = *state;
	struct statement w;
	struct buf m = {0}, back = {0};
	struct id first, second, third, next;

	first = file(p->s, &m);
	w = statement(&first, &m, ST_COMMITTED, "");
	second = file(p->s, &m);
	third = file(p->s, &m);
	assert_int_equal(spool_sent(p->s, &first, TEXT("accepted"), NOW), E_OK);
	assert_int_equal(spool_notice(p->s, 1, &w, TEXT("ended"), TEXT("x"), NOW), E_OK);
	assert_int_equal(spool_sent(p->s, &second, TEXT("accepted"), NOW), E_OK);
	assert_int_equal(spool_refile(p->s, &first), E_OK);
	assert_int_equal(out_state(p->s, &first), OUT_FILED);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &back), E_OK);
	assert_true(id_equal(&next, &first));
	assert_int_equal(spool_next_to_send(p->s, &next, &next, &back), E_OK);
	assert_true(id_equal(&next, &third));
	assert_evidence(p->s, &first, "ACCEPTED", "accepted");
	assert_evidence(p->s, &first, "ENDED", "ended");
	assert_int_equal(book(p->s).n, 1); /* only the second is at the broker */
	assert_scrubbed(p->s);
	buf_free(&m);
	buf_free(&back);
}

static void
refiled_message_is_accepted_and_ends_again(void **state)
{
	struct place *p = *state;
	struct out_entry e;
	struct statement w;
	struct buf m = {0};
	struct id id = file(p->s, &m);

	w = statement(&id, &m, ST_REJECTED, "L04");
	assert_int_equal(spool_sent(p->s, &id, TEXT("first"), NOW), E_OK);
	assert_int_equal(spool_notice(p->s, 1, &w, TEXT("end"), TEXT("x"), NOW), E_OK);
	assert_int_equal(spool_refile(p->s, &id), E_OK);
	assert_int_equal(spool_refile(p->s, &id), E_OK); /* it is */
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_FILED);
	assert_int_equal(spool_put_off(p->s, &id, E_BUSY), E_OK);
	assert_int_equal(spool_sent(p->s, &id, TEXT("second"), NOW + 1), E_OK);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_ENDED);
	assert_int_equal(e.code, err_of_word("L04"));
	assert_int_equal(e.sent, NOW);
	assert_int_equal(spool_notice(p->s, 2, &w, TEXT("end again"), TEXT("x"), NOW), E_OK);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_ENDED);
	assert_string_equal(e.reason, "L04");
	assert_evidence(p->s, &id, "ACCEPTED", "first");
	assert_evidence(p->s, &id, "ENDED", "end");
	assert_scrubbed(p->s);
	buf_free(&m);
}

/* By an exchange that was restored from a backup: the message's own time is over by now. */
static void
refusal_of_a_refiled_message_takes_nothing_back(void **state)
{
	struct place *p = *state;
	struct out_entry e;
	struct statement w;
	struct buf m = {0};
	struct id ended = file(p->s, &m), delivered, next;

	w = statement(&ended, &m, ST_COMMITTED, "");
	assert_int_equal(spool_sent(p->s, &ended, TEXT("r"), NOW), E_OK);
	assert_int_equal(spool_notice(p->s, 1, &w, TEXT("end"), TEXT("x"), NOW), E_OK);
	assert_int_equal(spool_refile(p->s, &ended), E_OK);
	assert_int_equal(spool_refused(p->s, &ended, E_EXPIRED, NOW + 1), E_OK);
	assert_int_equal(spool_out(p->s, &ended, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_ENDED);
	assert_int_equal(e.stage, ST_COMMITTED);
	assert_int_equal(e.code, E_OK);
	assert_int_equal(e.ended, NOW);
	delivered = file(p->s, &m);
	w = statement(&delivered, &m, ST_DELIVERED, "");
	assert_int_equal(spool_sent(p->s, &delivered, TEXT("r"), NOW), E_OK);
	assert_int_equal(spool_notice(p->s, 2, &w, TEXT("d"), NOTHING, NOW), E_OK);
	assert_int_equal(spool_refile(p->s, &delivered), E_OK);
	assert_int_equal(spool_refused(p->s, &delivered, E_EXPIRED, NOW + 1), E_OK);
	assert_int_equal(spool_out(p->s, &delivered, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_DELIVERED);
	assert_int_equal(e.code, E_EXPIRED);
	assert_int_equal(spool_next_to_send(p->s, NULL, &next, &m), E_NOT_FOUND);
	assert_scrubbed(p->s);
	buf_free(&m);
}

static void
other_end_of_a_refiled_message_is_not_taken(void **state)
{
	struct place *p = *state;
	struct out_entry e;
	struct statement w;
	struct buf m = {0};
	struct id id = file(p->s, &m);

	w = statement(&id, &m, ST_COMMITTED, "");
	assert_int_equal(spool_sent(p->s, &id, TEXT("r"), NOW), E_OK);
	assert_int_equal(spool_notice(p->s, 1, &w, TEXT("end"), TEXT("x"), NOW), E_OK);
	assert_int_equal(spool_refile(p->s, &id), E_OK);
	w = statement(&id, &m, ST_EXPIRED, "EXPIRED");
	assert_int_equal(spool_notice(p->s, 1, &w, TEXT("late"), NOTHING, NOW), E_OK);
	assert_int_equal(spool_out(p->s, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_ENDED);
	assert_int_equal(e.stage, ST_COMMITTED);
	assert_evidence(p->s, &id, "ENDED", "end");
	assert_scrubbed(p->s);
	buf_free(&m);
}

static void
refused_or_unknown_message_is_not_refiled(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct id id = file(p->s, &m), other = id_new();

	assert_int_equal(spool_refused(p->s, &id, E_NO_AGREEMENT, NOW), E_OK);
	assert_int_equal(spool_refile(p->s, &id), E_STATE);
	assert_int_equal(spool_refile(p->s, &other), E_NOT_FOUND);
	buf_free(&m);
}

static void
told_answer_can_be_told_again(void **state)
{
	struct place *p = *state;
	struct spool_done done = {.from = kenya, .receipt = TEXT("answer")};
	struct in_entry e;
	struct buf m = {0};
	struct id other = id_new();

	done.id = take(p->s, &kenya, &m);
	assert_int_equal(spool_retell(p->s, &kenya, &other), E_NOT_FOUND);
	assert_int_equal(spool_retell(p->s, &kenya, &done.id), E_STATE);
	assert_int_equal(spool_file_all(p->s, NULL, 0, &done, NOW), E_OK);
	assert_int_equal(spool_told(p->s, &kenya, &done.id), E_OK);
	assert_int_equal(spool_retell(p->s, &kenya, &done.id), E_OK);
	assert_int_equal(spool_retell(p->s, &kenya, &done.id), E_OK); /* it is being told */
	assert_int_equal(spool_next_in(p->s, IN_DONE, 0, &e, NULL), E_OK);
	assert_true(id_equal(&e.header.id, &done.id));
	assert_scrubbed(p->s);
	assert_int_equal(spool_told(p->s, &kenya, &done.id), E_OK);
	assert_int_equal(spool_next_in(p->s, IN_DONE, 0, &e, NULL), E_NOT_FOUND);
	buf_free(&m);
}

/* ---- what was lost, and what the exchange proves of it ---- */

static void
sent_message_that_was_lost_is_known_again(void **state)
{
	struct place *p = *state;
	struct out_entry e;
	struct statement w;
	struct buf m = {0}, back = {0};
	struct header h;
	struct digest end;
	uint64_t seq;

	make(&h, &office, &kenya, 50, &m);
	h.channel_seq = 17;
	w = statement(&h.id, &m, ST_COMMITTED, "");
	assert_int_equal(
		spool_adopt_out(p->s, &h, &w.digest, &w, TEXT("end"), TEXT("x"), NOW), E_OK);
	assert_int_equal(
		spool_adopt_out(p->s, &h, &w.digest, &w, TEXT("again"), TEXT("y"), NOW), E_OK);
	assert_int_equal(spool_out(p->s, &h.id, &e, &back), E_OK);
	assert_int_equal(e.state, OUT_ENDED);
	assert_false(e.body);
	assert_int_equal(back.size, 0);
	assert_evidence(p->s, &h.id, "ENDED", "end");
	assert_evidence(p->s, &h.id, "ADDRESSEE", "x");
	assert_evidence(p->s, &h.id, "ACCEPTED", NULL);
	end = ended(&w.digest, "COMMITTED");
	assert_line(p->s, &end, true, 1);
	assert_int_equal(spool_refile(p->s, &h.id), E_STATE); /* there is nothing to send */
	assert_int_equal(spool_next_seq(p->s, &kenya, 0, &seq), E_OK);
	assert_int_equal(seq, 18);
	w.stage = ST_REJECTED;
	assert_int_equal(
		spool_adopt_out(p->s, &h, &w.digest, &w, TEXT("r"), TEXT("x"), NOW), E_STATE);
	w.digest.octet[0] ^= 1;
	assert_int_equal(
		spool_adopt_out(p->s, &h, &w.digest, &w, TEXT("r"), TEXT("x"), NOW), E_CONFLICT);
	assert_scrubbed(p->s);
	buf_free(&m);
	buf_free(&back);
}

static void
adopted_stages_move_forward_only(void **state)
{
	struct place *p = *state;
	struct statement w;
	struct buf m = {0};
	struct header h;

	make(&h, &office, &kenya, 50, &m);
	w = statement(&h.id, &m, ST_ACCEPTED, "");
	assert_int_equal(spool_adopt_out(p->s, &h, &w.digest, &w, TEXT("a"), NOTHING, NOW), E_OK);
	assert_int_equal(out_state(p->s, &h.id), OUT_SENT);
	assert_evidence(p->s, &h.id, "ACCEPTED", "a");
	w.stage = ST_DELIVERED;
	assert_int_equal(spool_adopt_out(p->s, &h, &w.digest, &w, TEXT("d"), NOTHING, NOW), E_OK);
	assert_int_equal(out_state(p->s, &h.id), OUT_DELIVERED);
	w.stage = ST_ACCEPTED;
	assert_int_equal(spool_adopt_out(p->s, &h, &w.digest, &w, TEXT("b"), NOTHING, NOW), E_OK);
	assert_int_equal(out_state(p->s, &h.id), OUT_DELIVERED);
	assert_evidence(p->s, &h.id, "ACCEPTED", "a");
	assert_scrubbed(p->s);
	buf_free(&m);
}

static void
filed_message_that_the_exchange_has_is_moved_forward(void **state)
{
	struct place *p = *state;
	struct out_entry e;
	struct statement w;
	struct buf m = {0};
	struct header h;

	make(&h, &office, &kenya, 50, &m);
	w = statement(&h.id, &m, ST_DELIVERED, "");
	assert_int_equal(spool_file(p->s, buf_bytes(&m), NOW), E_OK);
	assert_int_equal(spool_adopt_out(p->s, &h, &w.digest, &w, TEXT("d"), NOTHING, NOW), E_OK);
	assert_int_equal(spool_out(p->s, &h.id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_DELIVERED);
	assert_true(e.body);
	assert_int_equal(spool_next_to_send(p->s, NULL, &h.id, &m), E_NOT_FOUND);
	assert_scrubbed(p->s);
	buf_free(&m);
}

static void
taken_message_that_was_lost_is_known_again(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct in_entry e;
	struct digest d;
	struct header h;
	bool again = false;

	make(&h, &kenya, &somalia, 50, &m);
	digest_of(m.data, m.size, &d);
	assert_int_equal(spool_adopt_in(p->s, &h, &d, ST_DELIVERED, "", NOW), E_STATE);
	assert_int_equal(spool_adopt_in(p->s, &h, &d, ST_COMMITTED, "", NOW), E_OK);
	assert_int_equal(spool_adopt_in(p->s, &h, &d, ST_COMMITTED, "", NOW), E_OK);
	assert_int_equal(spool_in(p->s, &kenya, &h.id, &e, NULL), E_OK);
	assert_int_equal(e.state, IN_TOLD);
	assert_int_equal(e.stage, ST_COMMITTED);
	assert_false(e.body);
	assert_int_equal(spool_take(p->s, buf_bytes(&m), NOW, &again), E_OK);
	assert_true(again); /* so nothing is entered a second time */
	assert_int_equal(spool_retell(p->s, &kenya, &h.id), E_STATE);
	assert_int_equal(spool_adopt_in(p->s, &h, &d, ST_EXPIRED, "", NOW), E_STATE);
	d.octet[0] ^= 1;
	assert_int_equal(spool_adopt_in(p->s, &h, &d, ST_COMMITTED, "", NOW), E_CONFLICT);
	assert_scrubbed(p->s);
	buf_free(&m);
}

static void
taken_message_that_has_ended_elsewhere_is_told(void **state)
{
	struct place *p = *state;
	struct buf m = {0};
	struct in_entry e;
	struct digest d;
	struct header h;
	bool again;

	make(&h, &kenya, &somalia, 50, &m);
	digest_of(m.data, m.size, &d);
	assert_int_equal(spool_take(p->s, buf_bytes(&m), NOW, &again), E_OK);
	assert_int_equal(spool_adopt_in(p->s, &h, &d, ST_REJECTED, "L04", NOW), E_OK);
	assert_int_equal(spool_in(p->s, &kenya, &h.id, &e, NULL), E_OK);
	assert_int_equal(e.state, IN_TOLD);
	assert_int_equal(e.stage, ST_REJECTED);
	assert_string_equal(e.note, "L04");
	assert_true(e.body);
	assert_scrubbed(p->s);
	buf_free(&m);
}

/* Its register may have it: whatever is proved, that is asked first. */
static void
claimed_message_is_not_ended_from_outside(void **state)
{
	static const enum stage ends[] = {ST_COMMITTED, ST_REJECTED, ST_EXPIRED, ST_DEAD_LETTER};
	struct place *p = *state;
	struct buf m = {0};
	struct in_entry e;
	struct digest d;
	struct header h;
	bool again;

	make(&h, &kenya, &somalia, 50, &m);
	digest_of(m.data, m.size, &d);
	assert_int_equal(spool_take(p->s, buf_bytes(&m), NOW, &again), E_OK);
	assert_int_equal(spool_claim(p->s, &kenya, &h.id), E_OK);
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		assert_int_equal(spool_adopt_in(p->s, &h, &d, ends[i], "", NOW), E_STATE);
	assert_int_equal(spool_in(p->s, &kenya, &h.id, &e, NULL), E_OK);
	assert_int_equal(e.state, IN_CLAIMED);
	assert_scrubbed(p->s);
	buf_free(&m);
}

/* ---- notices ---- */

/* An exchange that was brought back gives its numbers out a second time. */
static void
notice_of_a_number_that_was_here_before_is_heard(void **state)
{
	struct place *p = *state;
	struct statement w;
	struct buf m = {0};
	struct id first = file(p->s, &m), second;

	w = statement(&first, &m, ST_COMMITTED, "");
	assert_int_equal(spool_notice(p->s, 7, &w, TEXT("end"), TEXT("x"), NOW), E_OK);
	second = file(p->s, &m);
	w = statement(&second, &m, ST_EXPIRED, "");
	assert_int_equal(spool_notice(p->s, 5, &w, TEXT("other"), NOTHING, NOW), E_OK);
	assert_int_equal(out_state(p->s, &second), OUT_ENDED);
	assert_int_equal(spool_last_notice(p->s), 7);
	w.stage = ST_COMMITTED;
	assert_int_equal(spool_notice(p->s, 5, &w, TEXT("again"), NOTHING, NOW), E_OK);
	assert_evidence(p->s, &second, "ENDED", "other");
	assert_scrubbed(p->s);
	buf_free(&m);
}

static void
word_of_a_conflict_is_kept_and_ends_nothing(void **state)
{
	struct place *p = *state;
	struct statement w;
	struct buf m = {0};
	struct id id = file(p->s, &m);

	w = statement(&id, &m, ST_CONFLICT, "");
	w.has_by = true;
	w.by = w.digest;
	w.digest.octet[0] ^= 1;
	assert_int_equal(spool_sent(p->s, &id, TEXT("accepted"), NOW), E_OK);
	assert_int_equal(spool_notice(p->s, 1, &w, TEXT("conflict"), NOTHING, NOW), E_OK);
	assert_int_equal(out_state(p->s, &id), OUT_SENT);
	assert_evidence(p->s, &id, "CONFLICT", "conflict");
	w.by.octet[0] ^= 1;
	assert_int_equal(spool_notice(p->s, 2, &w, TEXT("of others"), NOTHING, NOW), E_OK);
	assert_evidence(p->s, &id, "CONFLICT", "conflict");
	assert_int_equal(spool_last_notice(p->s), 2);
	assert_scrubbed(p->s);
	buf_free(&m);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(line_of_what_was_filed_follows_its_states),
		T(refused_message_is_in_no_book),
		T(line_of_what_was_taken_ends_with_our_answer),
		T(book_is_in_order_and_within_bounds),
		T(entry_is_found_by_its_order),
		T(refiled_message_goes_before_later_ones_of_its_conversation),
		T(refiled_message_is_accepted_and_ends_again),
		T(refusal_of_a_refiled_message_takes_nothing_back),
		T(other_end_of_a_refiled_message_is_not_taken),
		T(refused_or_unknown_message_is_not_refiled),
		T(told_answer_can_be_told_again),
		T(sent_message_that_was_lost_is_known_again),
		T(adopted_stages_move_forward_only),
		T(filed_message_that_the_exchange_has_is_moved_forward),
		T(taken_message_that_was_lost_is_known_again),
		T(taken_message_that_has_ended_elsewhere_is_told),
		T(claimed_message_is_not_ended_from_outside),
		T(notice_of_a_number_that_was_here_before_is_heard),
		T(word_of_a_conflict_is_kept_and_ends_nothing),
	};

	log_open("test_spool_book", LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
