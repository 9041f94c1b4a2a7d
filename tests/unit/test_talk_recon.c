/* SPDX-License-Identifier: EUPL-1.2
 *
 * Comparing books: an exchange that holds what the test gave it, and answers as the protocol says
 * or as a liar would. */
#include "tests/unit/talk_stage.h"

#include <stdlib.h>

#include "lib/closing.h"
#include "lib/negentropy.h"

#define HELD_MAX 16

/* What the exchange holds, and what it can prove of it. */
struct hers {
	struct recon_name name;
	struct buf receipt, extra;
};

static struct hers hers[HELD_MAX];
static size_t n_hers;
static struct book *her_book;
static struct recon_done done; /* as she was told */
static struct recon_difference left[HELD_MAX];
static size_t n_left, lost, queries, dones, evidence;
static size_t n_shown; /* receipts that we have shown her; of the last one */
static enum stage shown_stage;
static struct digest shown_answer;
static uint64_t shown_session;
static struct buf statement;
static bool names_too_much, answers_nothing;

static struct hers *
she_holds(const struct header *h, const struct buf *m, enum stage stage)
{
	struct hers *e = &hers[n_hers++];

	assert_true(n_hers <= HELD_MAX);
	e->name = (struct recon_name){.header = *h, .stage = stage, .accepted = st->now};
	digest_of(m->data, m->size, &e->name.digest);
	book_free(&her_book);
	return e;
}

/* With the addressee's answer where there has to be one. */
static void
she_proves(struct hers *e, const struct buf *m, const struct buf *answer)
{
	struct statement w = statement_for(&e->name.header, m, e->name.stage);

	if (answer != NULL) {
		w.has_by = true;
		digest_of(answer->data, answer->size, &w.by);
		buf_reset(&e->extra);
		buf_add_bytes(&e->extra, buf_bytes(answer));
	}
	receipt_by(log_key, &w, &e->receipt);
}

static void
free_hers(void)
{
	for (size_t i = 0; i < HELD_MAX; i++) {
		buf_free(&hers[i].receipt);
		buf_free(&hers[i].extra);
	}
	memset(hers, 0, sizeof hers);
	n_hers = n_left = lost = queries = dones = evidence = n_shown = 0;
	names_too_much = answers_nothing = false;
	memset(&done, 0, sizeof done);
	book_free(&her_book);
	buf_free(&statement);
}

/* ---- her answers ---- */

static void
make_book(void)
{
	struct digest element;

	her_book = book_new();
	for (size_t i = 0; i < n_hers; i++) {
		book_element(&hers[i].name.digest, hers[i].name.stage, &element);
		book_add(her_book, hers[i].name.header.created, &element, i);
	}
	book_seal(her_book);
}

static bool
she_says(void *context, struct bytes body)
{
	broker_says(&(struct wire){.verb = V_RECON, .body = body});
	return true;
}

static void
answer(const struct recon *in, enum recon_kind kind, struct bytes payload)
{
	struct recon r = *in;
	OWNED_BUF(body) = {0};

	r.kind = kind;
	r.payload = payload;
	recon_encode(&r, &body);
	(void)she_says(NULL, buf_bytes(&body));
}

static void
answer_query(const struct recon *in)
{
	OWNED_BUF(out) = {0};

	queries++;
	if (her_book == NULL)
		make_book();
	assert_int_equal(
		negentropy_answer(her_book, RECON_NEGENTROPY_MAX, in->payload, &out), E_OK);
	answer(in, RECON_ANSWER, buf_bytes(&out));
}

static void
answer_want(const struct recon *in)
{
	struct recon head = *in;
	struct recon_items items;
	struct recon_list list;
	struct digest d;
	uint64_t ref;

	assert_int_equal(recon_items(in, &items), E_OK);
	head.kind = RECON_NAMES;
	recon_list_begin(&list, &head, NULL, she_says, NULL);
	while (recon_next_element(&items, &d) == E_OK)
		if (book_find(her_book, &d, &ref)) {
			recon_list_name(&list, &hers[ref].name);
			if (names_too_much)
				recon_list_name(&list, &hers[ref].name);
		}
	assert_true(recon_list_end(&list));
}

static struct hers *
find_hers(const struct recon_key *k)
{
	for (size_t i = 0; i < n_hers; i++)
		if (id_equal(&hers[i].name.header.id, &k->id) &&
			party_equal(&hers[i].name.header.from, &k->from))
			return &hers[i];
	fail_msg("asked for something else");
	return NULL;
}

static const struct buf *comes_first; /* is delivered before receipts are */

static void
answer_evidence(const struct recon *in)
{
	struct recon head = *in;
	struct recon_items items;
	struct recon_list list;
	struct recon_key k;

	evidence++;
	assert_int_equal(recon_items(in, &items), E_OK);
	if (comes_first != NULL)
		deliver(comes_first);
	comes_first = NULL;
	head.kind = RECON_RECEIPTS;
	recon_list_begin(&list, &head, NULL, she_says, NULL);
	while (recon_next_key(&items, &k) == E_OK) {
		const struct hers *e = find_hers(&k);

		if (e->receipt.size > 0)
			recon_list_receipt(
				&list, &(struct recon_receipt){.key = k,
					       .stage = e->name.stage,
					       .receipt = buf_bytes(&e->receipt),
					       .addressee_receipt = buf_bytes(&e->extra)});
	}
	assert_true(recon_list_end(&list));
}

static void
hear_done(const struct recon *in)
{
	struct recon_items items;

	dones++;
	n_left = 0;
	assert_int_equal(recon_items(in, &items), E_OK);
	assert_false(items.more);
	done = items.done;
	while (recon_next_difference(&items, &left[n_left]) == E_OK)
		n_left++;
}

static void
hear_lost(const struct recon *in)
{
	struct recon_items items;
	struct recon_key k;

	assert_int_equal(recon_items(in, &items), E_OK);
	while (recon_next_key(&items, &k) == E_OK)
		lost++;
}

static void
hear_shown(const struct recon *in)
{
	struct recon_items items;
	struct recon_receipt item;
	struct receipt proof;

	assert_int_equal(recon_items(in, &items), E_OK);
	shown_session = in->session;
	while (recon_next_receipt(&items, &item) == E_OK) {
		n_shown++;
		assert_int_equal(receipt_verify(item.receipt, trust_log_name(trust),
					 trust_log_key(trust), &proof),
			E_OK);
		shown_stage = proof.what.stage;
		digest_of(item.addressee_receipt.data, item.addressee_receipt.size, &shown_answer);
		assert_true(!proof.what.has_by || digest_equal(&shown_answer, &proof.what.by));
	}
}

static void
she_hears(const struct buf *body)
{
	struct recon in;

	assert_int_equal(recon_decode(buf_bytes(body), &in), E_OK);
	if (in.kind == RECON_QUERY)
		answer_query(&in);
	else if (in.kind == RECON_WANT)
		answer_want(&in);
	else if (in.kind == RECON_EVIDENCE)
		answer_evidence(&in);
	else if (in.kind == RECON_LOST)
		hear_lost(&in);
	else if (in.kind == RECON_DONE)
		hear_done(&in);
	else if (in.kind == RECON_RECEIPTS)
		hear_shown(&in);
	else if (in.kind == RECON_STATEMENT) {
		buf_reset(&statement);
		buf_add_bytes(&statement, in.payload);
	}
}

/* Until nothing more is said. */
static void
she_answers(void)
{
	for (const struct said *s; !answers_nothing && (s = next_said(V_RECON)) != NULL;) {
		OWNED_BUF(body) = {0};

		buf_add_bytes(&body, buf_bytes(&s->body));
		she_hears(&body);
	}
}

/* One whole comparison with the exchange. */
static void
compare(void)
{
	unsigned before = st->reports;

	talk_reconcile(st->talk, st->now, st->tick);
	turns();
	she_answers();
	for (int i = 0; i < 8 && st->reports == before; i++) { /* what had a moment to arrive */
		passes(TALK_TICK_MS);
		she_answers();
	}
	assert_int_equal(st->reports, before + 1);
	all_seen();
	book_free(&her_book);
}

static void
assert_left(const char *word)
{
	assert_int_equal(n_left, 1);
	assert_string_equal(left[0].word, word);
	assert_int_equal(st->report.differences, st->report.mended + 1);
}

static int
begin(void **state)
{
	setup(state);
	free_hers();
	connect_anew();
	she_answers();
	assert_int_equal(st->reports, 1);
	assert_int_equal(st->report.code, E_OK);
	all_seen();
	return 0;
}

static int
end(void **state)
{
	free_hers();
	return teardown(state);
}

/* Filed, accepted and known to both. */
static struct header
sent(struct buf *m)
{
	struct header h = file(m);

	say_accepted(&h, m);
	assert_int_equal(out_state(&h), OUT_SENT);
	all_seen();
	return h;
}

static struct header
taken(enum action action, struct buf *m)
{
	struct header h = compose(action, KENYA, SOMALIA, m);

	deliver(m);
	assert_int_equal(in_state(&h), IN_TAKEN);
	all_seen();
	return h;
}

/* ---- when, and how much ---- */

static void
equal_books_cost_one_question(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(in) = {0};
	struct header h = sent(&m), i = taken(A_QUERY, &in);

	(void)state;
	she_holds(&h, &m, ST_ACCEPTED);
	she_holds(&i, &in, ST_DELIVERED);
	queries = dones = 0;
	compare();
	assert_int_equal(queries, 1);
	assert_int_equal(dones, 1);
	assert_int_equal(evidence, 0);
	assert_int_equal(done.elements, 2);
	assert_int_equal(done.differences, 0);
	assert_int_equal(st->report.differences, 0);
	assert_true(has_fact(TALK_LAST_RECON));
}

static void
comparison_comes_daily_and_when_asked_for(void **state)
{
	const struct recon go = {.kind = RECON_GO, .since = INT64_MIN, .until = INT64_MAX};
	OWNED_BUF(body) = {0};

	(void)state;
	recon_encode(&go, &body);
	dones = 0;
	broker_says(&(struct wire){.verb = V_RECON, .body = buf_bytes(&body)});
	she_answers();
	assert_int_equal(dones, 1);
	all_seen();
	passes(5000);
	assert_int_equal(unseen(V_RECON), 0);
	st->tick += 86400000; /* nothing is heard meanwhile, so it is greeted anew */
	passes(TALK_TICK_MS);
	all_seen();
	welcome();
	she_answers();
	assert_int_equal(dones, 2);
}

static void
comparison_that_has_no_answer_is_begun_anew(void **state)
{
	(void)state;
	answers_nothing = true;
	talk_reconcile(st->talk, st->now, st->tick);
	turns();
	assert_int_equal(unseen(V_RECON), 1);
	for (int i = 0; i < 7; i++) {
		passes(10000);
		broker_says(&(struct wire){.verb = V_TRUST, .number = 1, .body = bytes_of("x", 1)});
	}
	assert_int_equal(st->report.code, E_UNREACHABLE);
	assert_true(unseen(V_RECON) >= 2);
	answers_nothing = false;
	she_answers();
	assert_int_equal(st->report.code, E_OK);
}

static void
refused_comparison_is_tried_again(void **state)
{
	OWNED_BUF(payload) = {0};
	struct recon in;

	(void)state;
	talk_reconcile(st->talk, st->now, st->tick);
	turns();
	assert_int_equal(recon_decode(buf_bytes(&expect(V_RECON)->body), &in), E_OK);
	recon_put_code(&payload, E_BUSY, NOTHING);
	answer(&in, RECON_REFUSED, buf_bytes(&payload));
	assert_int_equal(st->report.code, E_BUSY);
	passes(2000);
	she_answers();
	assert_int_equal(st->report.code, E_OK);
}

static void
names_beyond_what_was_asked_end_it(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = compose(A_QUERY, SOMALIA, KENYA, &m);

	(void)state;
	she_holds(&h, &m, ST_ACCEPTED);
	names_too_much = true;
	compare();
	assert_int_equal(st->report.code, E_OK); /* the second name is not read */
	assert_left("WE-LOST-SENT");
}

/* ---- ours to send ---- */

static void
lost_by_the_exchange_is_submitted_again(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = sent(&m);

	(void)state;
	talk_reconcile(st->talk, st->now, st->tick);
	turns();
	she_answers();
	assert_int_equal(out_state(&h), OUT_FILED);
	assert_int_equal(done.differences, 1);
	assert_int_equal(done.mended, 1);
	assert_int_equal(st->report.count[DIFF_BROKER_LOST], 1);
	st->seen = 0;
	assert_memory_equal(expect(V_SUBMIT)->body.data, m.data, m.size);
	say_accepted(&h, &m);
	she_holds(&h, &m, ST_ACCEPTED);
	compare();
	assert_int_equal(st->report.differences, 0);
}

/* The exchange had ended it by its own word, because nothing of the case had reached anybody; now
 * it has forgotten that too, and could let the case go on. */
static void
P7_what_stops_a_case_is_submitted_again_however_it_ended(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(r) = {0};
	struct header h = compose(A_CANCELLATION, SOMALIA, KENYA, &m);
	struct statement w;

	(void)state;
	file_message(&m);
	say_accepted(&h, &m);
	w = statement_for(&h, &m, ST_WITHDRAWN);
	strcpy(w.code, err_word(E_NOT_HELD));
	receipt_by(log_key, &w, &r);
	broker_says(&(struct wire){.verb = V_CONFIRM,
		.number = 1,
		.id = h.id,
		.body = buf_bytes(&r),
		.extra = NOTHING});
	assert_int_equal(out_state(&h), OUT_ENDED);
	all_seen();
	talk_reconcile(st->talk, st->now, st->tick);
	turns();
	she_answers();
	assert_int_equal(out_state(&h), OUT_FILED);
	assert_int_equal(done.mended, 1);
	st->seen = 0;
	assert_memory_equal(expect(V_SUBMIT)->body.data, m.data, m.size);
}

/* Told how it has ended, which she has forgotten. */
static struct header
ended(enum stage stage, struct buf *m)
{
	struct header h = sent(m);
	struct statement w = statement_for(&h, m, stage);
	OWNED_BUF(r) = {0};
	OWNED_BUF(theirs) = {0};

	if (stage == ST_COMMITTED) {
		answer_by(KENYA, &h, m, stage, &theirs);
		w.has_by = true;
		digest_of(theirs.data, theirs.size, &w.by);
	}
	receipt_by(log_key, &w, &r);
	broker_says(&(struct wire){.verb = V_CONFIRM,
		.number = 1,
		.id = h.id,
		.body = buf_bytes(&r),
		.extra = buf_bytes(&theirs)});
	assert_int_equal(out_state(&h), OUT_ENDED);
	all_seen();
	return h;
}

/* Returned by officers of an exchange that was put back from a copy of before. */
static void
end_that_the_exchange_has_forgotten_is_shown(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = ended(ST_DEAD_LETTER, &m);

	(void)state;
	she_holds(&h, &m, ST_ACCEPTED);
	compare();
	assert_int_equal(n_shown, 1);
	assert_int_equal(shown_stage, ST_DEAD_LETTER);
	assert_true(shown_session == 0); /* should she not know what that is, nothing ends of it */
	assert_int_equal(st->report.count[DIFF_CLOSED_IS_OPEN], 1);
	assert_int_equal(st->report.mended, 1);
	assert_int_equal(st->report.open, 0);
	assert_int_equal(n_left, 0);
}

static void
answered_end_is_shown_with_the_answer(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = ended(ST_COMMITTED, &m);

	(void)state;
	she_holds(&h, &m, ST_DELIVERED);
	compare();
	assert_int_equal(n_shown, 1);
	assert_int_equal(shown_stage, ST_COMMITTED);
	assert_int_equal(st->report.count[DIFF_END_FORGOTTEN], 1);
}

/* Under another key of the log our receipt proves nothing to her: a person has to see. */
static void
end_that_cannot_be_proved_is_for_a_person(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = sent(&m);
	struct statement w = statement_for(&h, &m, ST_DEAD_LETTER);

	(void)state;
	assert_int_equal(spool_adopt_out(st->spool, &h, &(struct digest){{0}}, &w, NOTHING, NOTHING,
				 st->now),
		E_CONFLICT);
	assert_int_equal(
		spool_adopt_out(st->spool, &h, &w.digest, &w, NOTHING, NOTHING, st->now), E_OK);
	she_holds(&h, &m, ST_ACCEPTED);
	compare();
	assert_int_equal(n_shown, 0);
	assert_left("CLOSED-IS-OPEN");
	assert_int_equal(st->report.open, 1);
}

/* It is said again instead. */
static void
P7_what_stops_a_case_is_not_shown_as_ended(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(r) = {0};
	struct header h = compose(A_CANCELLATION, SOMALIA, KENYA, &m);
	struct statement w;

	(void)state;
	file_message(&m);
	say_accepted(&h, &m);
	w = statement_for(&h, &m, ST_WITHDRAWN);
	strcpy(w.code, err_word(E_NOT_HELD));
	receipt_by(log_key, &w, &r);
	broker_says(&(struct wire){.verb = V_CONFIRM,
		.number = 1,
		.id = h.id,
		.body = buf_bytes(&r),
		.extra = NOTHING});
	assert_int_equal(out_state(&h), OUT_ENDED);
	all_seen();
	she_holds(&h, &m, ST_ACCEPTED);
	compare();
	assert_int_equal(n_shown, 0);
}

static void
lost_by_us_is_taken_over_with_its_receipt(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(kept) = {0};
	OWNED_BUF(theirs) = {0};
	struct header h = compose(A_QUERY, SOMALIA, KENYA, &m);
	struct hers *e = she_holds(&h, &m, ST_COMMITTED);

	(void)state;
	answer_by(KENYA, &h, &m, ST_COMMITTED, &theirs);
	she_proves(e, &m, &theirs);
	compare();
	assert_int_equal(out_state(&h), OUT_ENDED);
	assert_int_equal(spool_evidence(st->spool, &h.id, "ADDRESSEE", &kept), E_OK);
	assert_memory_equal(kept.data, theirs.data, theirs.size);
	assert_int_equal(done.mended, 1);
	compare();
	assert_int_equal(st->report.differences, 0);
}

static void
nothing_is_known(const struct header *h)
{
	struct out_entry o;
	struct in_entry i;

	assert_int_equal(spool_out(st->spool, &h->id, &o, NULL), E_NOT_FOUND);
	assert_int_equal(spool_in(st->spool, &h->from, &h->id, &i, NULL), E_NOT_FOUND);
}

/* What the exchange says of a message that we do not know, without proving it. */
static void
nothing_is_taken_over(struct hers *e, const struct header *h)
{
	compare();
	nothing_is_known(h);
	assert_int_equal(done.mended, 0);
	assert_int_equal(n_left, 1);
	buf_reset(&e->receipt);
}

static void
without_proof_nothing_that_we_sent_is_taken_over(void **state)
{
	EVP_PKEY *stranger = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	OWNED_BUF(m) = {0};
	OWNED_BUF(theirs) = {0};
	struct header h = compose(A_QUERY, SOMALIA, KENYA, &m);
	struct hers *e = she_holds(&h, &m, ST_COMMITTED);
	struct statement w = statement_for(&h, &m, ST_COMMITTED);

	(void)state;
	nothing_is_taken_over(e, &h); /* no receipt */
	she_proves(e, &m, NULL);      /* without the addressee's word */
	nothing_is_taken_over(e, &h);
	answer_by(OFFICE, &h, &m, ST_COMMITTED, &theirs);
	she_proves(e, &m, &theirs); /* with another's */
	nothing_is_taken_over(e, &h);
	answer_by(KENYA, &h, &m, ST_REJECTED, &theirs);
	she_proves(e, &m, &theirs); /* with another word */
	nothing_is_taken_over(e, &h);
	answer_by(KENYA, &h, &m, ST_COMMITTED, &theirs);
	she_proves(e, &m, &theirs);
	w.has_by = true;
	digest_of(theirs.data, theirs.size, &w.by);
	receipt_by(stranger, &w, &e->receipt); /* another log's */
	nothing_is_taken_over(e, &h);
	digest_of("x", 1, &w.digest);
	receipt_by(log_key, &w, &e->receipt); /* other octets */
	nothing_is_taken_over(e, &h);
	key_free(&stranger);
}

/* An end that its addressee need not have signed: the receipt alone says of which octets. */
static void
proof_of_other_octets_takes_nothing_over(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = compose(A_QUERY, SOMALIA, KENYA, &m);
	struct hers *e = she_holds(&h, &m, ST_DEAD_LETTER);
	struct statement w = statement_for(&h, &m, ST_DEAD_LETTER);

	(void)state;
	digest_of("x", 1, &w.digest);
	receipt_by(log_key, &w, &e->receipt);
	nothing_is_taken_over(e, &h);
	she_proves(e, &m, NULL);
	compare();
	assert_int_equal(out_state(&h), OUT_ENDED);
}

static void
impossible_header_is_not_taken_over(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = compose(A_QUERY, SOMALIA, KENYA, &m);
	struct hers *e = she_holds(&h, &m, ST_ACCEPTED);

	(void)state;
	she_proves(e, &m, NULL);
	e->name.header.channel_seq = UINT64_MAX / 2;
	compare();
	assert_int_equal(done.open, 1);
	nothing_is_known(&h);
}

static void
unheard_end_is_fetched_after_a_moment(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(theirs) = {0};
	struct header h = sent(&m);
	struct hers *e = she_holds(&h, &m, ST_COMMITTED);

	(void)state;
	answer_by(KENYA, &h, &m, ST_COMMITTED, &theirs);
	she_proves(e, &m, &theirs);
	compare();
	assert_int_equal(out_state(&h), OUT_ENDED);
	assert_int_equal(st->report.count[DIFF_END_UNHEARD], 1);
	assert_int_equal(done.mended, 1);
}

static void
notice_that_arrives_meanwhile_is_no_difference(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(theirs) = {0};
	struct header h = sent(&m);
	struct hers *e = she_holds(&h, &m, ST_COMMITTED);
	unsigned before = st->reports;

	(void)state;
	answer_by(KENYA, &h, &m, ST_COMMITTED, &theirs);
	she_proves(e, &m, &theirs);
	talk_reconcile(st->talk, st->now, st->tick);
	turns();
	she_answers();
	assert_int_equal(st->reports, before);
	broker_says(&(struct wire){.verb = V_CONFIRM,
		.number = 1,
		.id = h.id,
		.body = buf_bytes(&e->receipt),
		.extra = buf_bytes(&theirs)});
	passes(3000);
	she_answers();
	assert_int_equal(st->reports, before + 1);
	assert_int_equal(st->report.differences, 0);
	assert_int_equal(evidence, 0);
}

static void
other_octets_are_for_a_person(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(x) = {0};
	struct header h = sent(&m);

	(void)state;
	buf_text(&x, "other octets");
	she_holds(&h, &x, ST_ACCEPTED);
	compare();
	assert_left("OTHER-OCTETS");
	assert_int_equal(st->report.open, 1);
	assert_int_equal(out_state(&h), OUT_SENT);
}

/* ---- ours to receive ---- */

static void
taken_and_lost_is_delivered_again(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = compose(A_CERTIFIED_EXTRACT, KENYA, SOMALIA, &m);

	(void)state;
	she_holds(&h, &m, ST_DELIVERED);
	compare();
	assert_int_equal(lost, 1);
	assert_int_equal(done.mended, 1);
}

/* Said to be done, what comes after it would be delivered first. */
static void
comparison_that_could_not_ask_for_what_was_lost_is_not_done(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = compose(A_CERTIFIED_EXTRACT, KENYA, SOMALIA, &m);
	size_t before = dones;

	(void)state;
	she_holds(&h, &m, ST_DELIVERED);
	st->mute_once = RECON_LOST;
	compare();
	assert_int_equal(lost, 0);
	assert_int_equal(dones, before);
	assert_int_equal(st->report.code, E_UNREACHABLE);
	compare();
	assert_int_equal(lost, 1);
	assert_int_equal(dones, before + 1);
	assert_int_equal(st->report.code, E_OK);
}

static void
answered_and_lost_is_taken_over_with_our_own_word(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(ours) = {0};
	struct header h = compose(A_CERTIFIED_EXTRACT, KENYA, SOMALIA, &m);
	struct hers *e = she_holds(&h, &m, ST_COMMITTED);
	struct in_entry i;

	(void)state;
	answer_by(SOMALIA, &h, &m, ST_COMMITTED, &ours);
	she_proves(e, &m, &ours);
	compare();
	assert_int_equal(spool_in(st->spool, &h.from, &h.id, &i, NULL), E_OK);
	assert_int_equal(i.state, IN_TOLD);
	assert_int_equal(i.stage, ST_COMMITTED);
	compare();
	assert_int_equal(st->report.differences, 0);
}

static void
end_that_we_have_not_signed_is_not_taken_over(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(theirs) = {0};
	OWNED_BUF(x) = {0};
	struct header h = compose(A_CERTIFIED_EXTRACT, KENYA, SOMALIA, &m);
	struct hers *e = she_holds(&h, &m, ST_COMMITTED);

	(void)state;
	nothing_is_taken_over(e, &h);
	answer_by(KENYA, &h, &m, ST_COMMITTED, &theirs); /* somebody else's word */
	she_proves(e, &m, &theirs);
	nothing_is_taken_over(e, &h);
	buf_text(&x, "other octets");
	answer_by(SOMALIA, &h, &x, ST_COMMITTED, &theirs); /* our word, of something else */
	she_proves(e, &m, &theirs);
	nothing_is_taken_over(e, &h);
}

/* Whatever is proved: the register knows whether it has the entry. */
static void
open_extract_is_left_to_its_register(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(n) = {0};
	OWNED_BUF(ours) = {0};
	struct header h = taken(A_CERTIFIED_EXTRACT, &m), g = taken(A_CERTIFIED_EXTRACT, &n);
	struct hers *e = she_holds(&h, &m, ST_COMMITTED);

	(void)state;
	answer_by(SOMALIA, &h, &m, ST_COMMITTED, &ours);
	she_proves(e, &m, &ours);
	e = she_holds(&g, &n, ST_WITHDRAWN);
	she_proves(e, &n, NULL);
	assert_int_equal(spool_claim(st->spool, &g.from, &g.id), E_OK);
	compare();
	assert_int_equal(in_state(&h), IN_TAKEN);
	assert_int_equal(in_state(&g), IN_CLAIMED);
	assert_int_equal(evidence, 0);
}

static void
extract_that_came_meanwhile_is_left_to_its_register(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(ours) = {0};
	struct header h = compose(A_CERTIFIED_EXTRACT, KENYA, SOMALIA, &m);
	struct hers *e = she_holds(&h, &m, ST_COMMITTED);

	(void)state;
	answer_by(SOMALIA, &h, &m, ST_COMMITTED, &ours);
	she_proves(e, &m, &ours);
	comes_first = &m;
	evidence = 0;
	compare();
	assert_int_equal(evidence, 1);
	assert_null(comes_first);
	assert_int_equal(in_state(&h), IN_TAKEN);
}

static void
other_open_message_ends_with_its_proof(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = taken(A_QUERY, &m);
	struct hers *e = she_holds(&h, &m, ST_EXPIRED);

	(void)state;
	compare();
	assert_int_equal(in_state(&h), IN_TAKEN); /* unproved */
	she_proves(e, &m, NULL);
	compare();
	assert_int_equal(in_state(&h), IN_TOLD);
}

static struct header
answered(struct buf *m, struct buf *ours)
{
	struct header h = taken(A_QUERY, m);

	answer_by(SOMALIA, &h, m, ST_COMMITTED, ours);
	settle(&h, ours);
	all_seen();
	return h;
}

static void
settlement_on_its_way_is_no_difference(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(ours) = {0};
	struct header h = answered(&m, &ours);

	(void)state;
	she_holds(&h, &m, ST_DELIVERED);
	compare();
	assert_int_equal(st->report.differences, 0);
	assert_int_equal(in_state(&h), IN_DONE);
}

static void
settlement_that_the_exchange_lost_is_told_again(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(ours) = {0};
	struct header h = answered(&m, &ours);

	(void)state;
	assert_int_equal(spool_told(st->spool, &h.from, &h.id), E_OK);
	welcome(); /* no settlement is under way */
	passes(31000);
	she_holds(&h, &m, ST_DELIVERED);
	connect_anew();
	she_answers();
	assert_int_equal(st->report.count[DIFF_END_UNTOLD], 1);
	st->seen = 0;
	assert_memory_equal(expect(V_SETTLED)->body.data, ours.data, ours.size);
}

static void
ends_that_differ_are_for_a_person(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(ours) = {0};
	struct header h = answered(&m, &ours);

	(void)state;
	she_holds(&h, &m, ST_EXPIRED);
	compare();
	assert_left("ENDS-DIFFER");
	assert_int_equal(in_state(&h), IN_DONE);
}

/* ---- an exchange, or a spool, that was restored ---- */

static void
refused_before_the_comparison_is_said_right_after(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h = file(&m);

	(void)state;
	all_seen();
	say_refused(&h.id, E_RECONCILING, NOTHING);
	assert_int_equal(unseen(V_SUBMIT), 0);
	she_answers(); /* it began by itself */
	st->seen = 0;
	assert_int_equal(unseen(V_SUBMIT), 1);
}

/* The talk goes on with a backup of the spool, which is restored by that. */
static struct spool *
restore_spool(char copy[120])
{
	struct talk_options o = options();
	struct spool *whole = st->spool;
	struct spool_scrub scrub;

	snprintf(copy, 120, "%s/copy", st->folder);
	assert_int_equal(spool_backup(whole, copy, &scrub), E_OK);
	assert_int_equal(spool_open(copy, 0, &st->spool), E_OK);
	assert_true(spool_is_restored(st->spool));
	open_talk(&o);
	return whole;
}

static void
go_on_with(struct spool *whole, const char *copy)
{
	talk_free(&st->talk);
	spool_close(&st->spool);
	remove_spool(copy);
	st->spool = whole;
}

static void
restored_spool_says_nothing_new_before_it_has_compared(void **state)
{
	char copy[120];
	OWNED_BUF(m) = {0};
	struct spool *whole = restore_spool(copy);

	(void)state;
	file(&m);
	connect_anew();
	assert_int_equal(unseen(V_SUBMIT), 0);
	she_answers();
	assert_false(spool_is_restored(st->spool));
	st->seen = 0;
	assert_int_equal(unseen(V_SUBMIT), 1);
	go_on_with(whole, copy);
}

/* The first message of a conversation was taken after the backup; the second must not come before
 * the first was asked for again. */
static void
restored_spool_takes_nothing_before_it_has_compared(void **state)
{
	char copy[120];
	OWNED_BUF(m) = {0};
	struct header h = compose(A_QUERY, KENYA, SOMALIA, &m);
	struct spool *whole = restore_spool(copy);
	struct in_entry e;
	size_t before;

	(void)state;
	talk_connected(st->talk, st->now, st->tick);
	turns();
	assert_int_equal(expect(V_HELLO)->w.number, 0);
	welcome();
	passes(9000); /* CREDIT is said from time to time */
	assert_int_equal(expect(V_CREDIT)->w.number, 0);
	deliver(&m);
	assert_int_equal(unseen(V_TAKEN), 0);
	assert_int_equal(spool_in(st->spool, &h.from, &h.id, &e, NULL), E_NOT_FOUND);
	st->seen = 0;
	before = st->n;
	she_answers();
	assert_false(spool_is_restored(st->spool));
	st->seen = before;
	assert_int_equal(expect(V_CREDIT)->w.number, 8); /* at once, behind the outcome */
	deliver(&m);
	expect(V_TAKEN);
	go_on_with(whole, copy);
}

/* ---- another party ---- */

static uint64_t party_session = 5; /* another one: another book */

static void
party_asks(enum who who, enum recon_kind kind, struct bytes payload)
{
	const struct recon q = {.kind = kind,
		.session = party_session,
		.with = party_of(who),
		.since = INT64_MIN,
		.until = INT64_MAX,
		.payload = payload};
	OWNED_BUF(body) = {0};

	recon_encode(&q, &body);
	all_seen();
	broker_says(&(struct wire){.verb = V_RECON, .body = buf_bytes(&body)});
}

static struct recon
party_hears(void)
{
	struct recon r;

	assert_int_equal(recon_decode(buf_bytes(&expect(V_RECON)->body), &r), E_OK);
	return r;
}

static void
other_party_hears_of_what_is_between_us_only(void **state)
{
	OWNED(struct book, none, book_free) = book_new();
	OWNED_ELEMENTS(have) = {0};
	OWNED_ELEMENTS(need) = {0};
	OWNED_BUF(query) = {0};
	OWNED_BUF(m) = {0};
	struct recon r;

	(void)state;
	sent(&m);
	book_seal(none);
	negentropy_begin(none, RECON_NEGENTROPY_MAX, &query);
	party_asks(OFFICE, RECON_QUERY, buf_bytes(&query));
	r = party_hears();
	assert_int_equal(r.kind, RECON_ANSWER);
	assert_true(party_equal(&r.with, &(struct party){"UNHCR.NBO"}));
	assert_int_equal(
		negentropy_next(none, RECON_NEGENTROPY_MAX, r.payload, &have, &need, &query), E_OK);
	assert_int_equal(need.n, 0);
	passes(2000);
	negentropy_begin(none, RECON_NEGENTROPY_MAX, &query);
	party_asks(KENYA, RECON_QUERY, buf_bytes(&query));
	r = party_hears();
	assert_int_equal(
		negentropy_next(none, RECON_NEGENTROPY_MAX, r.payload, &have, &need, &query), E_OK);
	assert_int_equal(need.n, 1);
}

/* What it sees of our book that is not in its own, which is empty. */
static size_t
unknown_to(enum who who)
{
	OWNED(struct book, none, book_free) = book_new();
	OWNED_ELEMENTS(have) = {0};
	OWNED_ELEMENTS(need) = {0};
	OWNED_BUF(query) = {0};
	struct recon r;

	passes(2000);
	all_seen();
	party_session++;
	book_seal(none);
	negentropy_begin(none, RECON_NEGENTROPY_MAX, &query);
	party_asks(who, RECON_QUERY, buf_bytes(&query));
	r = party_hears();
	assert_int_equal(r.kind, RECON_ANSWER);
	assert_int_equal(
		negentropy_next(none, RECON_NEGENTROPY_MAX, r.payload, &have, &need, &query), E_OK);
	return need.n;
}

static struct header
sent_with_token(enum action action, struct buf *m)
{
	struct header h = header_for(action, SOMALIA, KENYA);
	OWNED_BUF(element) = {0};

	token_give(realm, &h, SOMALIA, KENYA, false, &element);
	message_with_token(realm, &h, &element, SOMALIA, KENYA, m);
	file_message(m);
	say_accepted(&h, m);
	assert_int_equal(out_state(&h), OUT_SENT);
	all_seen();
	return h;
}

/* It may be withdrawn, or have been, before it was offered: neither an answer nor a question of
 * ours tells its addressee of it before we know that he has it. */
static void
P1_other_party_hears_of_no_case_that_has_not_reached_it(void **state)
{
	const struct talk_scope with = {
		.with = party_of(KENYA), .since = INT64_MIN, .until = INT64_MAX};
	OWNED_BUF(extract) = {0};
	OWNED_BUF(stop) = {0};
	struct header x = sent_with_token(A_CERTIFIED_EXTRACT, &extract);
	struct header c = sent_with_token(A_CANCELLATION, &stop);
	struct statement w = statement_for(&c, &stop, ST_WITHDRAWN);
	OWNED_BUF(r) = {0};

	(void)state;
	assert_int_equal(unknown_to(KENYA), 0);
	strcpy(w.code, err_word(E_NOT_HELD));
	receipt_by(log_key, &w, &r);
	broker_says(&(struct wire){.verb = V_CONFIRM,
		.number = 1,
		.id = c.id,
		.body = buf_bytes(&r),
		.extra = NOTHING});
	assert_int_equal(out_state(&c), OUT_ENDED);
	all_seen();
	assert_int_equal(unknown_to(KENYA), 0);
	assert_int_equal(talk_reconcile_with(st->talk, &with, st->now, st->tick), E_OK);
	she_answers();
	assert_int_equal(st->report.code, E_OK);
	assert_int_equal(st->report.elements, 0);
	say_confirm(2, &x, &extract, ST_DELIVERED, NULL);
	assert_int_equal(out_state(&x), OUT_DELIVERED);
	all_seen();
	assert_int_equal(unknown_to(KENYA), 1);
}

static void
other_party_gets_names_and_no_more_than_it_may_ask(void **state)
{
	OWNED(struct book, none, book_free) = book_new();
	OWNED_BUF(query) = {0};
	OWNED_BUF(want) = {0};
	OWNED_BUF(m) = {0};
	struct header h = sent(&m);
	struct recon_items items;
	struct recon_name name;
	struct digest d, element;
	struct recon r;

	(void)state;
	digest_of(m.data, m.size, &d);
	book_element(&d, ST_ACCEPTED, &element);
	buf_u8(&want, 0);
	buf_add(&want, element.octet, DIGEST_SIZE);
	party_asks(KENYA, RECON_WANT, buf_bytes(&want));
	assert_int_equal(party_hears().kind, RECON_REFUSED); /* without a question before */
	book_seal(none);
	negentropy_begin(none, RECON_NEGENTROPY_MAX, &query);
	party_asks(KENYA, RECON_QUERY, buf_bytes(&query));
	assert_int_equal(party_hears().kind, RECON_ANSWER);
	party_asks(KENYA, RECON_WANT, buf_bytes(&want));
	r = party_hears();
	assert_int_equal(recon_items(&r, &items), E_OK);
	assert_int_equal(recon_next_name(&items, &name), E_OK);
	assert_true(id_equal(&name.header.id, &h.id));
	assert_int_equal(name.stage, ST_ACCEPTED);
	assert_int_equal(recon_next_name(&items, &name), E_NOT_FOUND);
	party_asks(KENYA, RECON_EVIDENCE, buf_bytes(&want)); /* not among parties */
	assert_int_equal(unseen(V_RECON), 0);
	party_asks(OFFICE, RECON_QUERY, buf_bytes(&query)); /* too soon */
	assert_int_equal(party_hears().kind, RECON_REFUSED);
}

static void
other_partys_word_changes_nothing(void **state)
{
	const struct talk_scope with = {
		.with = party_of(KENYA), .since = INT64_MIN, .until = INT64_MAX};
	OWNED_BUF(m) = {0};
	OWNED_BUF(in) = {0};
	struct header h = compose(A_QUERY, SOMALIA, KENYA, &m);
	struct header i = taken(A_QUERY, &in);
	struct out_entry o;

	(void)state;
	she_holds(&h, &m, ST_DELIVERED);
	she_holds(&i, &in, ST_WITHDRAWN);
	dones = 0;
	assert_int_equal(talk_reconcile_with(st->talk, &with, st->now, st->tick), E_OK);
	assert_int_equal(talk_reconcile_with(st->talk, &with, st->now, st->tick), E_BUSY);
	she_answers();
	assert_int_equal(st->report.code, E_OK);
	assert_true(party_equal(&st->report.with, &with.with));
	assert_int_equal(st->report.count[DIFF_SENT_UNKNOWN], 1);
	assert_int_equal(st->report.count[DIFF_ENDED_WITHOUT_US], 1);
	assert_int_equal(st->report.mended, 0);
	assert_int_equal(spool_out(st->spool, &h.id, &o, NULL), E_NOT_FOUND);
	assert_int_equal(in_state(&i), IN_TAKEN);
	assert_int_equal(dones, 0);
	assert_int_equal(evidence, 0);
	assert_true(has_fact(TALK_RECON_WITH "KE.CRS"));
}

/* It would use up what the exchange lets us ask. */
static void
other_party_makes_us_compare_with_nobody(void **state)
{
	(void)state;
	party_asks(KENYA, RECON_GO, NOTHING);
	passes(5000);
	assert_int_equal(unseen(V_RECON), 0);
}

static void
without_a_connection_nobody_is_compared_with(void **state)
{
	const struct talk_scope with = {
		.with = party_of(KENYA), .since = INT64_MIN, .until = INT64_MAX};

	(void)state;
	talk_lost(st->talk);
	assert_int_equal(talk_reconcile_with(st->talk, &with, st->now, st->tick), E_UNREACHABLE);
}

/* ---- closing a period ---- */

static void
agreed_period_is_closed_by_both(void **state)
{
	struct talk_scope period = {
		.from = party_of(SOMALIA), .to = party_of(KENYA), .close = true};
	OWNED_BUF(m) = {0};
	OWNED_BUF(note) = {0};
	OWNED_BUF(payload) = {0};
	struct header h = sent(&m);
	struct closing c;
	struct verdict v;
	struct recon r;

	(void)state;
	period.since = st->now - 1000000;
	period.until = st->now + 1000000;
	she_holds(&h, &m, ST_ACCEPTED);
	assert_int_equal(talk_reconcile_with(st->talk, &period, st->now, st->tick), E_OK);
	she_answers();
	assert_true(statement.size > 0);
	examine(buf_bytes(&statement), trust, NULL, NULL, NULL, st->now, &v);
	assert_int_equal(v.code, E_OK);
	assert_int_equal(closing_parse(buf_bytes(&statement), &c), E_OK);
	assert_int_equal(c.count, 1);
	assert_int_equal(c.open, 1);
	assert_true(c.agreed);
	assert_int_equal(
		closing_countersign(buf_bytes(&statement), trust_log_name(trust), log_key, &note),
		E_OK);
	recon_put_code(&payload, E_OK, buf_bytes(&note));
	st->seen = 0;
	r = party_hears();
	answer(&r, RECON_COUNTER, buf_bytes(&payload));
	assert_int_equal(st->report.code, E_OK);
	assert_true(st->reports >= 2);
}

static void
refused_or_false_counter_signature_closes_nothing(void **state)
{
	struct talk_scope period = {
		.from = party_of(SOMALIA), .to = party_of(KENYA), .close = true};
	EVP_PKEY *stranger = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	OWNED_BUF(note) = {0};
	OWNED_BUF(payload) = {0};
	struct recon r;

	(void)state;
	period.since = st->now - 1000000;
	period.until = st->now + 1000000;
	assert_int_equal(talk_reconcile_with(st->talk, &period, st->now, st->tick), E_OK);
	r = party_hears();
	st->seen = 0;
	she_answers();
	recon_put_code(&payload, E_STATE, NOTHING);
	answer(&r, RECON_COUNTER, buf_bytes(&payload));
	assert_int_equal(st->report.code, E_STATE);
	all_seen();
	assert_int_equal(talk_reconcile_with(st->talk, &period, st->now, st->tick), E_OK);
	r = party_hears();
	st->seen = 0;
	she_answers();
	assert_int_equal(
		closing_countersign(buf_bytes(&statement), trust_log_name(trust), stranger, &note),
		E_OK);
	buf_reset(&payload);
	recon_put_code(&payload, E_OK, buf_bytes(&note));
	answer(&r, RECON_COUNTER, buf_bytes(&payload));
	assert_int_equal(st->report.code, E_CHECKPOINT);
	key_free(&stranger);
}

#undef T
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(equal_books_cost_one_question),
		T(comparison_comes_daily_and_when_asked_for),
		T(comparison_that_has_no_answer_is_begun_anew),
		T(refused_comparison_is_tried_again),
		T(names_beyond_what_was_asked_end_it),
		T(lost_by_the_exchange_is_submitted_again),
		T(P7_what_stops_a_case_is_submitted_again_however_it_ended),
		T(end_that_the_exchange_has_forgotten_is_shown),
		T(answered_end_is_shown_with_the_answer),
		T(end_that_cannot_be_proved_is_for_a_person),
		T(P7_what_stops_a_case_is_not_shown_as_ended),
		T(lost_by_us_is_taken_over_with_its_receipt),
		T(without_proof_nothing_that_we_sent_is_taken_over),
		T(proof_of_other_octets_takes_nothing_over),
		T(impossible_header_is_not_taken_over),
		T(unheard_end_is_fetched_after_a_moment),
		T(notice_that_arrives_meanwhile_is_no_difference),
		T(other_octets_are_for_a_person),
		T(taken_and_lost_is_delivered_again),
		T(comparison_that_could_not_ask_for_what_was_lost_is_not_done),
		T(answered_and_lost_is_taken_over_with_our_own_word),
		T(end_that_we_have_not_signed_is_not_taken_over),
		T(open_extract_is_left_to_its_register),
		T(extract_that_came_meanwhile_is_left_to_its_register),
		T(other_open_message_ends_with_its_proof),
		T(settlement_on_its_way_is_no_difference),
		T(settlement_that_the_exchange_lost_is_told_again),
		T(ends_that_differ_are_for_a_person),
		T(refused_before_the_comparison_is_said_right_after),
		T(restored_spool_says_nothing_new_before_it_has_compared),
		T(restored_spool_takes_nothing_before_it_has_compared),
		T(other_party_hears_of_what_is_between_us_only),
		T(P1_other_party_hears_of_no_case_that_has_not_reached_it),
		T(other_party_gets_names_and_no_more_than_it_may_ask),
		T(other_partys_word_changes_nothing),
		T(other_party_makes_us_compare_with_nobody),
		T(without_a_connection_nobody_is_compared_with),
		T(agreed_period_is_closed_by_both),
		T(refused_or_false_counter_signature_closes_nothing),
	};

	log_open("test_talk_recon", LOG_ERROR);
	realm_ready();
	return cmocka_run_group_tests(tests, make_realm, free_realm);
}
