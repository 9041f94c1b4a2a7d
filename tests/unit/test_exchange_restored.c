/* SPDX-License-Identifier: EUPL-1.2
 *
 * An exchange that was put back from a copy: what senders show it of how their messages had ended,
 * and that nothing of before is offered before they had the chance to. */
#include "tests/unit/exchange_fixture.h"

#include "lib/negentropy.h"

#define SENDER 1
#define TAKER 2

static char copy[80];
static struct buf proof, answer; /* of the end of message 1, as its sender keeps them */

static int
set_up_two(void **state)
{
	(void)set_up(state);
	connect_peer(SENDER, 10, 5, 8);
	connect_peer(TAKER, 20, 5, 8);
	forget_effects();
	return 0;
}

static int
tear_down_two(void **state)
{
	buf_free(&proof);
	buf_free(&answer);
	return tear_down(state);
}

static void
back_up(void)
{
	struct scrub s;

	snprintf(copy, sizeof copy, "%s/copy", f.folder);
	assert_int_equal(store_backup(f.store, copy, &s), E_OK);
}

static void
restore(void)
{
	char folder[sizeof f.folder];

	stop_exchange();
	memcpy(folder, f.folder, sizeof folder);
	assert_true(copy_text(f.folder, sizeof f.folder, copy));
	start_exchange();
	memcpy(f.folder, folder, sizeof folder);
	forget_effects();
	connect_peer(SENDER, 10, 6, 8);
	connect_peer(TAKER, 20, 6, 8);
	forget_effects();
}

/* ---- ends, and what is kept of them ---- */

static void
keep(enum stage stage)
{
	uint64_t seq = entry_of(1).seq;

	assert_int_equal(store_receipt(f.store, NULL, seq, stage, &proof), E_OK);
	buf_reset(&answer);
	if (stage == ST_COMMITTED || stage == ST_REJECTED)
		assert_int_equal(store_extra(f.store, seq, &answer), E_OK);
}

static void
set_aside(uint64_t n)
{
	struct aside a = {.since = f.now, .by = "amina", .reason = "looked at"};

	strcpy(a.code, err_word(E_ASIDE));
	assert_int_equal(exchange_set_aside(f.x, group(), entry_of(n).seq, &a), E_OK);
	assert_int_equal(end_group(), E_OK);
}

static void
return_first(void)
{
	set_aside(1);
	assert_int_equal(exchange_return(f.x, group(), entry_of(1).seq, E_RETURNED, f.now), E_OK);
	assert_int_equal(end_group(), E_OK);
	keep(ST_DEAD_LETTER);
}

static void
commit_first(void)
{
	settle(TAKER, 1, ST_COMMITTED, "", 0);
	keep(ST_COMMITTED);
}

/* ---- comparing ---- */

static peer_no speaker;

static bool
says(void *context, struct bytes body)
{
	(void)context;
	say(speaker, (uint8_t)(speaker * 10), &(struct wire){.verb = V_RECON, .body = body});
	return end_group() == E_OK;
}

static void
asks(peer_no peer)
{
	struct recon r = {
		.kind = RECON_QUERY, .session = 9, .since = INT64_MIN, .until = INT64_MAX};
	struct book *own = book_new();
	OWNED_BUF(question) = {0};
	OWNED_BUF(body) = {0};

	speaker = peer;
	book_seal(own);
	negentropy_begin(own, RECON_NEGENTROPY_MAX, &question);
	r.payload = buf_bytes(&question);
	recon_encode(&r, &body);
	assert_true(says(NULL, buf_bytes(&body)));
	book_free(&own);
}

/* The proof, as one of the end of message n. */
static void
shows_of(peer_no peer, uint64_t n)
{
	const struct recon head = {.kind = RECON_RECEIPTS};
	const struct entry e = entry_of(n);
	struct recon_list list;

	speaker = peer;
	recon_list_begin(&list, &head, NULL, says, NULL);
	recon_list_receipt(
		&list, &(struct recon_receipt){.key = {.from = e.header.from, .id = e.header.id},
			       .stage = ST_DEAD_LETTER,
			       .receipt = buf_bytes(&proof),
			       .addressee_receipt = buf_bytes(&answer)});
	assert_true(recon_list_end(&list));
}

static void
shows(peer_no peer)
{
	shows_of(peer, 1);
}

static void
is_done(peer_no peer)
{
	const struct recon head = {
		.kind = RECON_DONE, .session = 9, .since = INT64_MIN, .until = INT64_MAX};
	const struct recon_done done = {.elements = 0};
	struct recon_list list;

	speaker = peer;
	recon_list_begin(&list, &head, &done, says, NULL);
	assert_true(recon_list_end(&list));
}

static void
compares(peer_no peer)
{
	asks(peer);
	is_done(peer);
}

static size_t
offered(void)
{
	f.tick += 2000;
	forget_effects();
	dispatch();
	return count(TAKER, V_DELIVER);
}

static bool
is_served(peer_no peer)
{
	return exchange_hears(f.x, NULL, peer) == E_OK;
}

static void
assert_whole(void)
{
	struct scrub s;

	assert_int_equal(store_scrub(f.store, &s), E_OK);
}

/* ---- what is held back ---- */

/* Its addressee has compared, its sender has not: it might show that it has ended. */
static void
nothing_of_before_is_offered_before_its_sender_has_compared(void **state)
{
	file(1, 1);
	back_up();
	restore();
	compares(TAKER);
	assert_int_equal(offered(), 0);
	compares(SENDER);
	assert_int_equal(offered(), 1);
}

static void
who_is_away_keeps_nobody_elses_messages(void **state)
{
	struct sample m = sample(2, 2, "UNHCR.NBO", "SO.NIRA");

	for (uint64_t n = 100; n < 200; n++)
		file(n, n);
	connect_peer(3, 30, 5, 8);
	submit(3, &m);
	assert_int_equal(end_group(), E_OK);
	back_up();
	restore();
	connect_peer(3, 30, 6, 8);
	compares(TAKER);
	assert_int_equal(offered(), 0);
	compares(3);
	assert_int_equal(offered(), 1);
	buf_free(&m.octets);
}

/* ---- whom a message waits for ---- */

static size_t
waits_of(uint64_t n, struct waits_for w[WAITS_MOST])
{
	const struct entry e = entry_of(n);

	return exchange_waits_for(f.x, &e, f.now, w);
}

static void
assert_waits(const struct waits_for *w, const char *party, enum waits_as as)
{
	assert_string_equal(w->party.code, party);
	assert_int_equal(w->as, as);
	assert_int_equal(w->until, 0);
}

/* Each is named as long as the message waits for it, and no longer. */
static void
who_is_waited_for_is_named_until_he_was_heard(void **state)
{
	struct waits_for w[WAITS_MOST];

	file(1, 1);
	assert_int_equal(waits_of(1, w), 0); /* in the first generation nobody is */
	back_up();
	restore();
	assert_int_equal(waits_of(1, w), 2);
	assert_waits(&w[0], "KE.CRS", WAITS_SENDER);
	assert_waits(&w[1], "SO.NIRA", WAITS_ADDRESSEE);
	compares(TAKER);
	assert_int_equal(waits_of(1, w), 1);
	assert_waits(&w[0], "KE.CRS", WAITS_SENDER);
	compares(SENDER);
	assert_int_equal(waits_of(1, w), 0);
	assert_int_equal(offered(), 1);
}

static void
consent_to(struct header *h)
{
	h->has_token = true;
	h->token = (struct consent_token){.id = numbered_id(7000001),
		.conversation = h->conversation,
		.holder = h->from,
		.destination = h->to,
		.issued = START - HOUR,
		.valid_until = START + 24 * HOUR};
	assert_true(party_parse("UNHCR.NBO", &h->token.by));
}

/* Its office has to compare, and has some minutes then to say what was withdrawn. */
static void
what_carries_a_consent_waits_for_the_office_that_took_it(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");
	struct waits_for w[WAITS_MOST];

	consent_to(&m.v.header);
	submit(SENDER, &m);
	assert_int_equal(end_group(), E_OK);
	back_up();
	restore();
	compares(TAKER);
	compares(SENDER);
	assert_int_equal(waits_of(1, w), 1);
	assert_waits(&w[0], "UNHCR.NBO", WAITS_OFFICE);
	assert_int_equal(offered(), 0);
	connect_peer(3, 30, 6, 8);
	compares(3);
	assert_int_equal(waits_of(1, w), 1);
	assert_true(w[0].until > f.now && w[0].until <= f.now + 600000);
	tick(600000);
	assert_int_equal(waits_of(1, w), 0);
	buf_free(&m.octets);
}

/* It is under way to nobody any more. */
static void
what_has_ended_waits_for_nobody(void **state)
{
	struct waits_for w[WAITS_MOST];

	file(1, 1);
	commit_first();
	back_up();
	restore();
	assert_int_equal(waits_of(1, w), 0);
}

/* ---- what is shown ---- */

static void
what_officers_had_ended_ends_again_and_is_never_offered(void **state)
{
	file(1, 1);
	back_up();
	return_first();
	restore();
	compares(TAKER);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	asks(SENDER);
	shows(SENDER);
	is_done(SENDER);
	assert_int_equal(entry_of(1).stage, ST_DEAD_LETTER);
	assert_string_equal(entry_of(1).code, "RETURNED");
	assert_int_equal(offered(), 0);
	assert_whole();
}

static void
what_was_answered_ends_as_it_was_answered(void **state)
{
	OWNED_BUF(kept) = {0};

	file(1, 1);
	back_up();
	commit_first();
	restore();
	compares(TAKER);
	shows(SENDER);
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
	assert_int_equal(store_extra(f.store, entry_of(1).seq, &kept), E_OK);
	assert_memory_equal(kept.data, answer.data, answer.size);
	forget_effects();
	settle(TAKER, 1, ST_COMMITTED, "", 0); /* it says so again, and is answered */
	assert_int_equal(count(TAKER, V_RECEIPT), 1);
	assert_whole();
}

/* Set aside in the copy as well, it is in no queue. */
static void
what_was_set_aside_in_the_copy_ends_too(void **state)
{
	file(1, 1);
	set_aside(1);
	back_up();
	assert_int_equal(exchange_return(f.x, group(), entry_of(1).seq, E_DISCARDED, f.now), E_OK);
	assert_int_equal(end_group(), E_OK);
	keep(ST_DEAD_LETTER);
	restore();
	shows(SENDER);
	assert_int_equal(entry_of(1).stage, ST_DEAD_LETTER);
	assert_string_equal(entry_of(1).code, "DISCARDED");
	assert_whole();
}

/* ---- what proves nothing ---- */

static void
nobody_shows_how_anothers_message_has_ended(void **state)
{
	file(1, 1);
	back_up();
	return_first();
	restore();
	shows(TAKER);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
}

static void
what_is_forged_or_of_another_message_changes_nothing(void **state)
{
	file(1, 1);
	back_up();
	commit_first();
	restore();
	answer.data[0] ^= 1; /* not what he had signed */
	shows(SENDER);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	answer.data[0] ^= 1;
	f.log_public[0] ^= 1; /* another log's */
	shows(SENDER);
	f.log_public[0] ^= 1;
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	assert_int_equal(store_receipt(f.store, NULL, entry_of(1).seq, ST_ACCEPTED, &proof), E_OK);
	shows(SENDER); /* it had been accepted: no end */
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
}

static void
receipt_of_another_message_proves_nothing(void **state)
{
	file(2, 2);
	back_up();
	file(1, 1);
	return_first();
	restore();
	shows_of(SENDER, 2);
	assert_int_equal(entry_of(2).stage, ST_ACCEPTED);
}

/* What its addressee has said since the restore stands: it has the message. */
static void
what_its_addressee_has_taken_since_is_his_to_end(void **state)
{
	file(1, 1);
	back_up();
	return_first();
	restore();
	compares(TAKER);
	f.now = instant_now() + HOUR;
	take(TAKER, 20, 1);
	assert_int_equal(entry_of(1).stage, ST_DELIVERED);
	shows(SENDER);
	assert_int_equal(entry_of(1).stage, ST_DELIVERED);
	settle(TAKER, 1, ST_COMMITTED, "", 0);
	shows(SENDER);
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
	assert_whole();
}

/* It goes to its addressee anew: what it is to stop may have been forgotten as well. */
static void
what_stops_a_case_is_not_ended_by_what_is_shown(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");
	struct header *h = &m.v.header;

	h->action = A_CANCELLATION;
	strcpy(h->purpose, PURPOSE_HOLD);
	h->has_token = true;
	h->token = (struct consent_token){.id = numbered_id(7000001),
		.conversation = h->conversation,
		.by = h->to,
		.holder = h->from,
		.destination = h->from,
		.issued = START - HOUR,
		.valid_until = START + HOUR};
	submit(SENDER, &m);
	assert_int_equal(end_group(), E_OK);
	back_up();
	commit_first();
	restore();
	shows(SENDER);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	buf_free(&m.octets);
}

/* ---- what officers may end ---- */

static enum err
returned(void)
{
	enum err e = exchange_return(f.x, group(), entry_of(1).seq, E_RETURNED, f.now);

	assert_int_equal(end_group(), E_OK);
	return e;
}

static void
time_passes(void)
{
	static uint64_t epoch = 10;

	tick(11 * 60000);
	forget_effects();
	connect_peer(SENDER, 10, ++epoch, 8);
	connect_peer(TAKER, 20, epoch, 8);
}

/* It was answered, and its sender told: another end would be a second one. */
static void
what_may_have_ended_is_not_returned_before_both_sides_were_heard(void **state)
{
	file(1, 1);
	back_up();
	commit_first();
	restore();
	set_aside(1);
	time_passes();
	assert_int_equal(returned(), E_RECONCILING);
	compares(TAKER);
	time_passes();
	assert_int_equal(returned(), E_RECONCILING); /* its sender might show how it ended */
	compares(SENDER);
	assert_int_equal(returned(), E_OK); /* nobody knows better */
	assert_string_equal(entry_of(1).code, "RETURNED");
	assert_whole();
}

static void
its_addressee_has_time_to_say_again_what_he_had_answered(void **state)
{
	file(1, 1);
	back_up();
	commit_first();
	restore();
	set_aside(1);
	time_passes();
	compares(SENDER);
	assert_int_equal(returned(), E_RECONCILING);
	compares(TAKER);
	assert_int_equal(returned(), E_RECONCILING);
	settle(TAKER, 1, ST_COMMITTED, "", 0);
	assert_int_equal(returned(), E_FINAL);
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
}

static void
waive(const char *code)
{
	struct store_txn *t = store_begin(f.store);
	const struct recon_result none = {.at = f.now};
	struct party p;

	assert_true(party_parse(code, &p));
	store_set_reconciled(t, &p, &none);
	assert_int_equal(store_commit(&t), E_OK);
}

/* What he does not take is why officers return it. */
static void
who_never_comes_is_not_waited_for_once_that_was_waived(void **state)
{
	file(1, 1);
	back_up();
	restore();
	set_aside(1);
	compares(SENDER);
	time_passes();
	assert_int_equal(returned(), E_RECONCILING);
	waive(entry_of(1).header.to.code);
	time_passes();
	assert_int_equal(returned(), E_OK);
}

/* It could not be heard: the comparison does not count, and begins anew. */
static void
comparison_in_which_something_was_not_heard_is_not_done(void **state)
{
	struct recon r = {.kind = RECON_RECEIPTS, .payload = bytes_of("\7", 1)};
	OWNED_BUF(body) = {0};

	file(1, 1);
	back_up();
	restore();
	asks(SENDER);
	recon_encode(&r, &body);
	assert_true(says(NULL, buf_bytes(&body)));
	is_done(SENDER);
	assert_false(is_served(SENDER));
	compares(SENDER);
	assert_true(is_served(SENDER));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up_two, tear_down_two)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(nothing_of_before_is_offered_before_its_sender_has_compared),
		T(who_is_away_keeps_nobody_elses_messages),
		T(who_is_waited_for_is_named_until_he_was_heard),
		T(what_carries_a_consent_waits_for_the_office_that_took_it),
		T(what_has_ended_waits_for_nobody),
		T(what_officers_had_ended_ends_again_and_is_never_offered),
		T(what_was_answered_ends_as_it_was_answered),
		T(what_was_set_aside_in_the_copy_ends_too),
		T(nobody_shows_how_anothers_message_has_ended),
		T(what_is_forged_or_of_another_message_changes_nothing),
		T(receipt_of_another_message_proves_nothing),
		T(what_its_addressee_has_taken_since_is_his_to_end),
		T(what_stops_a_case_is_not_ended_by_what_is_shown),
		T(what_may_have_ended_is_not_returned_before_both_sides_were_heard),
		T(its_addressee_has_time_to_say_again_what_he_had_answered),
		T(who_never_comes_is_not_waited_for_once_that_was_waived),
		T(comparison_in_which_something_was_not_heard_is_not_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
