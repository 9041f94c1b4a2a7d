/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the exchange does for a consent that it cannot read: it ends what a consent does not cover
 * any more, stops and freezes cases, and tells nobody of a case who does not know of it. Names that
 * begin with P1, P2 or P7 prove that promise. */
#include "tests/unit/exchange_fixture.h"

#include "lib/negentropy.h"

#define HOLDER 1
#define TAKER 2
#define OFFICE 3
#define VALID (12 * (int64_t)HOUR)

/* KE.CRS is peer 1 and holds the record, UNHCR.NBO is peer 3 and took the consent. SO.NIRA, which
 * may be told, is not connected. */
static int
set_up_office(void **state)
{
	(void)set_up(state);
	connect_peer(HOLDER, 10, 5, 8);
	connect_peer(OFFICE, 30, 5, 8);
	forget_effects();
	return 0;
}

static void
connect_taker(uint64_t epoch, uint64_t credit)
{
	say_hello(TAKER, 20, epoch, 0, credit);
	assert_int_equal(end_group(), E_OK);
	dispatch();
}

/* So much time, in which nobody falls silent. */
static void
pass(int64_t ms)
{
	f.now += ms - 1000;
	tick(1000);
}

/* ---- messages of a case ---- */

/* The consent of case `n'; its conversation has the same number. */
static struct consent_token
token(uint64_t n)
{
	struct consent_token k = {.id = numbered_id(7000000 + n),
		.conversation = numbered_id(1000000 + n),
		.issued = START - HOUR,
		.valid_until = START + VALID};

	assert_true(party_parse("UNHCR.NBO", &k.by) && party_parse("KE.CRS", &k.holder) &&
		    party_parse("SO.NIRA", &k.destination));
	strcpy(k.purpose, "BIRTH-TRANSCRIPTION");
	return k;
}

static struct sample
of_case(uint64_t n, uint64_t k, enum action a, const char *from, const char *to)
{
	struct sample m = sample(n, k, from, to);

	m.v.header.action = a;
	m.v.header.has_token = true;
	m.v.header.token = token(k);
	return m;
}

static void
hand_in(peer_no peer, struct sample *m)
{
	submit(peer, m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m->octets);
}

/* The extract, from the holder to the destination. */
static void
send_extract(uint64_t n, uint64_t k)
{
	struct sample m = of_case(n, k, A_CERTIFIED_EXTRACT, "KE.CRS", "SO.NIRA");

	hand_in(HOLDER, &m);
}

static struct sample
stopping(uint64_t n, uint64_t k, const char *purpose, const char *from, const char *to)
{
	struct sample m = of_case(n, k, A_CANCELLATION, from, to);

	strcpy(m.v.header.purpose, purpose);
	return m;
}

/* The office says so to the destination. */
static void
say_stop(uint64_t n, uint64_t k, const char *purpose)
{
	struct sample m = stopping(n, k, purpose, "UNHCR.NBO", "SO.NIRA");

	hand_in(OFFICE, &m);
}

static void
withdraw(uint64_t n, uint64_t k)
{
	say_stop(n, k, PURPOSE_WITHDRAWAL);
}

static void
take_one(uint64_t n)
{
	struct entry e = entry_of(n);

	say(TAKER, 20, &(struct wire){.verb = V_TAKEN, .id = e.header.id, .digest = e.digest});
	assert_int_equal(end_group(), E_OK);
}

static void
settle_one(uint64_t n, enum stage stage, const char *code)
{
	struct sample r = receipt_for(n, stage, code, 0);

	r.v.header.ref_digest = entry_of(n).digest;
	say_settled(TAKER, &r, n);
	assert_int_equal(end_group(), E_OK);
	buf_free(&r.octets);
}

static size_t
taker_heard(void)
{
	size_t n = 0;

	for (size_t i = 0; i < f.n; i++)
		n += f.effect[i].to == TAKER && f.effect[i].w.verb != V_WELCOME &&
		     f.effect[i].w.verb != V_TRUST;
	return n;
}

static bool
was_delivered(uint64_t n)
{
	struct entry e = entry_of(n);
	OWNED_BUF(text) = {0};

	buf_printf(&text, "<e:Message>%llu</e:Message>", (unsigned long long)n);
	for (size_t i = 0; i < f.n; i++)
		if (f.effect[i].to == TAKER && f.effect[i].w.verb == V_DELIVER &&
			f.effect[i].body.size == text.size &&
			memcmp(f.effect[i].body.data, text.data, text.size) == 0)
			return e.seq != 0;
	return false;
}

static void
assert_ended(uint64_t n, enum stage stage, enum err code)
{
	struct entry e = entry_of(n);
	OWNED_BUF(body) = {0};

	assert_int_equal(e.stage, stage);
	assert_string_equal(e.code, err_word(code));
	assert_int_equal(store_body(f.store, NULL, e.seq, &body), E_NOT_FOUND);
}

static void
assert_told(peer_no sender, enum stage stage, enum err code)
{
	struct statement what;

	dispatch();
	assert_int_equal(count(sender, V_CONFIRM), 1);
	what = said(effect_of(sender, V_CONFIRM, 0));
	assert_int_equal(what.stage, stage);
	assert_string_equal(what.code, err_word(code));
}

static void
add_line(void *context, int64_t created, const struct digest *element, uint64_t seq)
{
	++*(size_t *)context;
}

static size_t
lines_of_book(const char *code)
{
	struct party p;
	size_t n = 0;

	assert_true(party_parse(code, &p));
	store_book(f.store, &p, INT64_MIN, INT64_MAX, add_line, &n);
	return n;
}

static void
assert_whole(void)
{
	struct scrub scrub;

	(void)!store_scrub(f.store, &scrub);
	assert_string_equal(scrub.first, "");
}

/* ---- a consent that runs out ---- */

static void
P2_a_queued_message_ends_when_its_consent_expires(void **state)
{
	send_extract(1, 1);
	pass(VALID - 1);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	f.now++;
	tick(0);
	assert_ended(1, ST_EXPIRED, E_CONSENT_EXPIRED);
	assert_int_equal(count_news("expired"), 1);
	assert_told(HOLDER, ST_EXPIRED, E_CONSENT_EXPIRED);
	connect_taker(5, 8);
	assert_int_equal(taker_heard(), 0);
	assert_int_equal(lines_of_book("SO.NIRA"), 0);
	assert_whole();
}

static void
P2_nothing_is_offered_between_the_end_of_its_consent_and_the_next_look(void **state)
{
	send_extract(1, 1);
	f.now += VALID;
	connect_taker(5, 8);
	assert_int_equal(taker_heard(), 0);
}

/* Its addressee may have it, so it does not end yet; but it does not go out again either. */
static void
P2_what_was_offered_is_not_offered_again_when_its_consent_has_expired(void **state)
{
	connect_taker(5, 8);
	send_extract(1, 1);
	dispatch();
	assert_true(was_delivered(1));
	exchange_peer_gone(f.x, TAKER);
	f.now += VALID;
	forget_effects();
	connect_taker(6, 8);
	assert_false(was_delivered(1));
	tick(1000);
	dispatch();
	pass(3600000);
	dispatch();
	assert_false(was_delivered(1));
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	assert_whole();
	settle_one(1, ST_REJECTED, "CONSENT-EXPIRED");
	assert_int_equal(entry_of(1).stage, ST_REJECTED);
	assert_whole();
}

static void
P2_addressee_that_does_not_come_back_is_not_awaited_for_ever(void **state)
{
	connect_taker(5, 8);
	send_extract(1, 1);
	dispatch();
	exchange_peer_gone(f.x, TAKER);
	pass(VALID + 1);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	f.now += 8 * INT64_C(86400000);
	tick(60000); /* it is looked at again */
	assert_ended(1, ST_EXPIRED, E_CONSENT_EXPIRED);
	assert_whole();
}

static void
P2_what_a_consent_does_not_cover_any_more_is_not_accepted(void **state)
{
	f.now += VALID;
	send_extract(1, 1);
	assert_refused(HOLDER, 1, E_CONSENT_EXPIRED);
}

/* What came of a case is told after its consent has run out, too. */
static void
outcome_outlives_the_consent(void **state)
{
	struct sample m = of_case(1, 1, A_TRANSCRIPTION_OUTCOME, "KE.CRS", "SO.NIRA");

	f.now += VALID;
	hand_in(HOLDER, &m);
	assert_int_equal(count(HOLDER, V_RECEIPT), 1);
	tick(0);
	connect_taker(5, 8);
	assert_true(was_delivered(1));
	assert_whole();
}

/* Revocation data of the office's country has come: the key that the token was signed with is
 * stolen. */
static void
P1_queued_message_ends_when_its_token_turns_out_to_be_forged(void **state)
{
	struct sample m = of_case(1, 1, A_CERTIFIED_EXTRACT, "KE.CRS", "SO.NIRA");
	const struct revocation_facts facts = {
		.magic = REVOCATION_MAGIC, .code = E_OK, .kind = 'C', .subject = {{7}}};
	struct verdict v = m.v;

	hand_in(HOLDER, &m);
	tick(1000);
	f.n_again = 0;
	exchange_revocation(f.x, group(), OFFICE, NULL, &facts, bytes_of("DER", 3), f.now);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	assert_int_equal(f.n_again, 1);
	v.code = E_CONSENT_FORGED;
	exchange_again(f.x, group(), f.again[0], &v, f.now);
	assert_int_equal(end_group(), E_OK);
	assert_ended(1, ST_DEAD_LETTER, E_CONSENT_FORGED);
}

/* ---- withdrawn ---- */

static void
P7_what_was_never_offered_ends_when_the_consent_is_withdrawn(void **state)
{
	struct sample again;

	send_extract(1, 1);
	send_extract(2, 2);
	withdraw(3, 1);
	assert_ended(1, ST_WITHDRAWN, E_CONSENT_WITHDRAWN);
	assert_int_equal(entry_of(2).stage, ST_ACCEPTED); /* another's */
	assert_int_equal(count_news("withdrawn"), 2);
	assert_told(HOLDER, ST_WITHDRAWN, E_CONSENT_WITHDRAWN);
	forget_effects();
	send_extract(4, 1);
	assert_refused(HOLDER, 4, E_CONSENT_WITHDRAWN);
	forget_effects();
	again = of_case(1, 1, A_CERTIFIED_EXTRACT, "KE.CRS", "SO.NIRA");
	hand_in(HOLDER, &again);
	assert_int_equal(count(HOLDER, V_RECEIPT), 1); /* its old one */
	assert_int_equal(said(effect_of(HOLDER, V_RECEIPT, 0)).stage, ST_ACCEPTED);
	assert_whole();
}

/* The withdrawal itself ends here as well: to tell it would tell that there was a case. */
static void
P1_destination_never_learns_of_a_case_that_ended_before_anything_was_offered(void **state)
{
	struct sample other = of_case(1, 1, A_CERTIFIED_EXTRACT, "KE.CRS", "SO.NIRA");
	struct entry e;

	send_extract(1, 1);
	buf_printf(&other.octets, " ");
	digest_of(other.octets.data, other.octets.size, &other.v.digest);
	hand_in(HOLDER, &other); /* a conflict, which both sides are told otherwise */
	withdraw(2, 1);
	say_stop(3, 1, PURPOSE_HOLD);
	say_stop(4, 1, PURPOSE_RELEASE);
	for (uint64_t n = 2; n <= 4; n++)
		assert_ended(n, ST_WITHDRAWN, E_NOT_HELD);
	assert_int_equal(count_news("withdrawn"), 4);
	dispatch();
	assert_int_equal(count(OFFICE, V_CONFIRM), 3);
	assert_string_equal(said(effect_of(OFFICE, V_CONFIRM, 2)).code, "NOT-HELD");
	forget_effects();
	connect_taker(5, 8);
	pass(60000);
	dispatch();
	assert_int_equal(taker_heard(), 0);
	assert_int_equal(lines_of_book("SO.NIRA"), 0);
	assert_int_equal(lines_of_book("UNHCR.NBO"), 3);
	for (uint64_t n = 1; n <= 2; n++) { /* as if it did not exist, even to who knows the id */
		forget_effects();
		e = entry_of(n);
		say(TAKER, 20,
			&(struct wire){.verb = V_TAKEN, .id = e.header.id, .digest = e.digest});
		assert_int_equal(end_group(), E_OK);
		assert_refused(TAKER, n, E_NOT_FOUND);
		forget_effects();
		settle_one(n, ST_REJECTED, "");
		assert_refused(TAKER, n, E_NOT_FOUND);
	}
	assert_whole();
}

/* Not before it goes out, and not when it ends without that. */
static void
P1_book_of_the_destination_has_what_was_offered_and_no_more(void **state)
{
	send_extract(1, 1);
	send_extract(2, 2);
	assert_int_equal(lines_of_book("SO.NIRA"), 0);
	assert_int_equal(lines_of_book("KE.CRS"), 2);
	connect_taker(5, 1);
	assert_int_equal(count(TAKER, V_DELIVER), 1);
	assert_true(was_delivered(1));
	assert_int_equal(lines_of_book("SO.NIRA"), 1);
	withdraw(3, 2);
	assert_ended(2, ST_WITHDRAWN, E_CONSENT_WITHDRAWN);
	take_one(1);
	dispatch();
	assert_int_equal(lines_of_book("SO.NIRA"), 1);
	assert_whole();
}

static void
P7_what_was_offered_and_not_taken_is_not_sent_again(void **state)
{
	OWNED_BUF(body) = {0};

	connect_taker(5, 8);
	send_extract(1, 1);
	dispatch();
	assert_true(was_delivered(1));
	forget_effects();
	withdraw(2, 1);
	assert_int_equal(store_body(f.store, NULL, entry_of(1).seq, &body), E_NOT_FOUND);
	dispatch();
	assert_true(was_delivered(2));
	forget_effects();
	tick(30000);
	dispatch();
	exchange_peer_gone(f.x, TAKER);
	connect_taker(6, 8);
	assert_false(was_delivered(1));
	assert_true(was_delivered(2));
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	assert_whole();
	take_one(2);
	settle_one(2, ST_COMMITTED, "NOT-HELD");
	assert_ended(1, ST_WITHDRAWN, E_CONSENT_WITHDRAWN);
	assert_ended(2, ST_COMMITTED, E_NOT_HELD);
	assert_whole();
}

static void
P7_what_was_taken_is_its_addressees_to_end(void **state)
{
	connect_taker(5, 8);
	for (uint64_t n = 1; n <= 2; n++) {
		send_extract(n, n);
		dispatch();
		take_one(n);
		withdraw(10 + n, n);
		assert_int_equal(entry_of(n).stage, ST_DELIVERED);
	}
	dispatch();
	assert_true(was_delivered(11) && was_delivered(12));
	settle_one(1, ST_REJECTED, "CONSENT-WITHDRAWN");
	settle_one(11, ST_COMMITTED, "");
	settle_one(2, ST_COMMITTED, "");
	settle_one(12, ST_COMMITTED, "TOO-LATE");
	assert_int_equal(entry_of(1).stage, ST_REJECTED);
	assert_int_equal(entry_of(2).stage, ST_COMMITTED);
	assert_whole();
}

/* It does not say of the one what it says of the other. */
static void
P7_not_held_ends_only_what_was_not_taken(void **state)
{
	connect_taker(5, 8);
	send_extract(1, 1);
	dispatch();
	take_one(1);
	withdraw(2, 1);
	settle_one(2, ST_COMMITTED, "NOT-HELD");
	assert_int_equal(entry_of(1).stage, ST_DELIVERED);
	settle_one(1, ST_COMMITTED, "");
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
}

static void
P7_withdrawn_and_never_answered_ends_as_withdrawn(void **state)
{
	connect_taker(5, 8);
	send_extract(1, 1);
	dispatch();
	exchange_peer_gone(f.x, TAKER);
	withdraw(2, 1);
	pass(VALID + 1);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	f.now += 8 * INT64_C(86400000);
	tick(60000); /* it is looked at again */
	assert_ended(1, ST_WITHDRAWN, E_CONSENT_WITHDRAWN);
}

/* Ten thousand of others wait, as many are under way as may be, and its own conversation is not
 * taken: it goes out with the next look. */
static void
P7_withdrawal_overtakes_ten_thousand_queued(void **state)
{
	struct party to = token(1).destination;

	connect_taker(5, 4);
	send_extract(1, 1);
	dispatch();
	assert_true(was_delivered(1));
	for (uint64_t n = 0; n < 10000; n++) {
		struct sample m = sample(1000 + n, 1000 + n, "KE.CRS", "SO.NIRA");

		submit(HOLDER, &m);
		buf_free(&m.octets);
		if (n % 1000 == 999) {
			assert_int_equal(end_group(), E_OK);
			dispatch();
			forget_effects();
		}
	}
	assert_int_equal(store_queue_depth(f.store, &to), 10001);
	withdraw(2, 1);
	dispatch();
	assert_int_equal(count(TAKER, V_DELIVER), 2); /* and one in the place of what was stopped */
	assert_string_equal(
		(char *)effect_of(TAKER, V_DELIVER, 0)->body.data, "<e:Message>2</e:Message>");
}

/* A message of the case behind the withdrawal, and the rest of the conversation that has no token:
 * only what carries the token is stopped. */
static void
withdrawal_stops_what_carries_its_token(void **state)
{
	struct sample other = sample(2, 1, "KE.CRS", "SO.NIRA");

	send_extract(1, 1);
	hand_in(HOLDER, &other);
	withdraw(3, 1);
	connect_taker(5, 8);
	assert_true(was_delivered(2));
	assert_false(was_delivered(1));
}

/* Whatever one sender may fill, and though nothing new is taken: room for this is kept. */
static void
P7_full_exchange_still_stops_a_case(void **state)
{
	uint64_t n = 10;

	send_extract(1, 1);
	for (; store_has_room(f.store) && n < 1000; n++) {
		struct sample m = sample(n, n, "KE.CRS", "SO.NIRA");

		hand_in(HOLDER, &m);
	}
	forget_effects();
	send_extract(2, 2);
	assert_refused(HOLDER, 2, E_STORE_FULL);
	exchange_share(f.x, 1);
	withdraw(3, 1);
	assert_ended(1, ST_WITHDRAWN, E_CONSENT_WITHDRAWN);
	assert_whole();
}

/* ---- who may ---- */

static void
stop_as(peer_no peer, uint64_t n, const char *purpose, const char *from, const char *to,
	enum err code)
{
	struct sample m = stopping(n, 1, purpose, from, to);

	forget_effects();
	hand_in(peer, &m);
	if (code == E_OK)
		assert_int_equal(count(peer, V_RECEIPT), 1);
	else
		assert_refused(peer, n, code);
}

static void
P7_only_the_office_that_took_a_consent_withdraws_it(void **state)
{
	struct sample m;

	connect_taker(5, 8);
	send_extract(1, 1);
	stop_as(HOLDER, 2, PURPOSE_WITHDRAWAL, "KE.CRS", "SO.NIRA", E_CONSENT_SCOPE);
	stop_as(TAKER, 3, PURPOSE_WITHDRAWAL, "SO.NIRA", "KE.CRS", E_CONSENT_SCOPE);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	stop_as(HOLDER, 4, PURPOSE_HOLD, "KE.CRS", "SO.NIRA", E_OK);
	stop_as(TAKER, 5, PURPOSE_RELEASE, "SO.NIRA", "KE.CRS", E_CONSENT_SCOPE);
	stop_as(HOLDER, 6, PURPOSE_RELEASE, "KE.CRS", "SO.NIRA", E_CONSENT_SCOPE);
	stop_as(OFFICE, 7, "BIRTH-TRANSCRIPTION", "UNHCR.NBO", "SO.NIRA", E_PURPOSE);
	stop_as(OFFICE, 8, PURPOSE_RELEASE, "UNHCR.NBO", "SO.NIRA", E_OK);
	stop_as(TAKER, 9, PURPOSE_HOLD, "SO.NIRA", "UNHCR.NBO", E_OK);
	forget_effects();
	m = stopping(10, 1, PURPOSE_WITHDRAWAL, "UNHCR.NBO", "SO.NIRA");
	m.v.header.has_token = false;
	hand_in(OFFICE, &m);
	assert_refused(OFFICE, 10, E_CONSENT_MISSING);
	forget_effects();
	m = stopping(11, 1, PURPOSE_WITHDRAWAL, "UNHCR.NBO", "SO.NIRA");
	m.v.header.conversation = numbered_id(4);
	hand_in(OFFICE, &m);
	assert_refused(OFFICE, 11, E_CONSENT_SCOPE);
}

/* Another office takes the id of the consent, and the case's, for a token of its own. */
static void
nobody_stops_a_case_with_a_token_of_his_own(void **state)
{
	const char *const what[] = {PURPOSE_WITHDRAWAL, PURPOSE_HOLD};

	send_extract(1, 1);
	for (uint64_t i = 0; i < 2; i++) {
		struct sample m = stopping(2 + i, 1, what[i], "KE.CRS", "SO.NIRA");

		m.v.header.token.by = m.v.header.from;
		m.v.header.token.holder = m.v.header.to;
		hand_in(HOLDER, &m);
	}
	assert_int_equal(count(HOLDER, V_RECEIPT), 3);
	connect_taker(5, 8);
	assert_true(was_delivered(1));
	assert_false(was_delivered(2) || was_delivered(3));
}

/* ---- frozen ---- */

static void
P7_frozen_case_waits_and_is_let_go_in_its_order(void **state)
{
	connect_taker(5, 8);
	send_extract(1, 1);
	dispatch();
	take_one(1);
	exchange_peer_gone(f.x, TAKER);
	send_extract(2, 1);
	say_stop(3, 1, PURPOSE_HOLD);
	send_extract(4, 1);
	send_extract(5, 5);
	assert_int_equal(count_news("frozen"), 2);
	forget_effects();
	connect_taker(6, 8);
	assert_true(was_delivered(3) && was_delivered(5)); /* the hold, and another case */
	assert_int_equal(count(TAKER, V_DELIVER), 2);
	assert_whole();
	stop_exchange();
	start_exchange();
	connect_peer(OFFICE, 30, 6, 8);
	forget_effects();
	connect_taker(7, 8);
	assert_false(was_delivered(2) || was_delivered(4));
	forget_effects();
	say_stop(6, 1, PURPOSE_RELEASE);
	assert_int_equal(count_news("thawed"), 2);
	dispatch();
	assert_true(was_delivered(2));
	assert_false(was_delivered(6)); /* behind the hold */
	assert_false(was_delivered(4)); /* behind the other one of its conversation */
	take_one(3);
	dispatch();
	assert_true(was_delivered(6));
	take_one(2);
	dispatch();
	assert_true(was_delivered(4));
	assert_whole();
}

static void
what_is_frozen_expires_and_is_withdrawn_like_any_other(void **state)
{
	send_extract(1, 1);
	send_extract(2, 2);
	say_stop(3, 1, PURPOSE_HOLD);
	say_stop(4, 2, PURPOSE_HOLD);
	withdraw(5, 1);
	assert_ended(1, ST_WITHDRAWN, E_CONSENT_WITHDRAWN);
	pass(VALID);
	assert_ended(2, ST_EXPIRED, E_CONSENT_EXPIRED);
	assert_whole();
}

/* What has no token is frozen with the case that it can be of, and what it cannot be of is not. */
static void
messages_without_a_token_freeze_with_their_conversation(void **state)
{
	struct sample own = sample(1, 1, "KE.CRS", "SO.NIRA"),
		      later = sample(4, 1, "KE.CRS", "SO.NIRA");
	struct sample other = sample(2, 1, "DAFTAR.HUB", "SO.NIRA");

	hand_in(HOLDER, &own);
	connect_peer(9, 1, 5, 8);
	hand_in(9, &other);
	say_stop(3, 1, PURPOSE_HOLD);
	hand_in(HOLDER, &later);
	connect_taker(5, 8);
	assert_false(was_delivered(1) || was_delivered(4));
	assert_true(was_delivered(2));
}

/* ---- without fresh revocation data ---- */

static void
P7_stopping_is_believed_at_once_and_letting_go_is_not(void **state)
{
	struct sample m = stopping(2, 1, PURPOSE_HOLD, "UNHCR.NBO", "SO.NIRA");

	send_extract(1, 1);
	m.v.held = true;
	hand_in(OFFICE, &m);
	assert_int_equal(store_stopped(f.store, NULL, entry_of(1).seq, NULL), STOP_FROZEN);
	assert_int_equal(store_held_count(f.store, NULL), 0);
	forget_effects();
	m = stopping(3, 1, PURPOSE_RELEASE, "UNHCR.NBO", "SO.NIRA");
	m.v.held = true;
	hand_in(OFFICE, &m);
	assert_refused(OFFICE, 3, E_HELD);
	forget_effects();
	m = stopping(4, 1, PURPOSE_WITHDRAWAL, "UNHCR.NBO", "SO.NIRA");
	m.v.held = true;
	hand_in(OFFICE, &m);
	assert_ended(1, ST_WITHDRAWN, E_CONSENT_WITHDRAWN);
}

/* ---- crashes and restores ---- */

/* The exchange ends the moment after the offer: the destination may have it, and has to be told. */
static void
P7_crash_does_not_forget_that_something_was_offered(void **state)
{
	connect_taker(5, 8);
	send_extract(1, 1);
	dispatch();
	assert_true(was_delivered(1));
	stop_exchange();
	start_exchange();
	connect_peer(OFFICE, 30, 6, 8);
	withdraw(2, 1);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	assert_int_equal(entry_of(2).stage, ST_ACCEPTED);
	forget_effects();
	connect_taker(6, 8);
	assert_false(was_delivered(1));
	assert_true(was_delivered(2));
}

static char copy[80];

static void
back_up(void)
{
	struct scrub s;

	snprintf(copy, sizeof copy, "%s/copy", f.folder);
	assert_int_equal(store_backup(f.store, copy, &s), E_OK);
}

static void
compared(const char *code)
{
	const struct recon_result r = {.at = f.now};
	struct party p;

	assert_true(party_parse(code, &p));
	store_set_reconciled(group(), &p, &r);
	assert_int_equal(end_group(), E_OK);
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
	connect_peer(HOLDER, 10, 6, 8);
	connect_peer(OFFICE, 30, 6, 8);
	connect_peer(TAKER, 20, 6, 8);
	tick(1000);
	forget_effects();
}

/* The copy was made before the withdrawal: it may only go on when the office had the time to say
 * again what it had said. */
static void
P2_restored_exchange_offers_nothing_before_the_office_had_its_say(void **state)
{
	struct sample plain = sample(2, 2, "KE.CRS", "SO.NIRA");

	send_extract(1, 1);
	hand_in(HOLDER, &plain);
	back_up();
	withdraw(3, 1);
	restore();
	compared("SO.NIRA");
	compared("KE.CRS");
	tick(3600000);
	connect_taker(7, 8);
	assert_false(was_delivered(1));
	assert_true(was_delivered(2));
	assert_int_equal(lines_of_book("SO.NIRA"), 1);
	compared("UNHCR.NBO");
	connect_peer(OFFICE, 30, 7, 8);
	forget_effects();
	withdraw(3, 1);
	tick(600000);
	connect_taker(8, 8);
	assert_false(was_delivered(1));
	assert_true(was_delivered(3)); /* nobody knows what was offered after the copy was made */
	assert_whole();
}

static void
restored_exchange_goes_on_when_the_office_has_said_nothing(void **state)
{
	send_extract(1, 1);
	back_up();
	restore();
	compared("SO.NIRA");
	compared("KE.CRS");
	compared("UNHCR.NBO");
	dispatch();
	assert_false(was_delivered(1));
	tick(600000);
	connect_taker(7, 8);
	assert_true(was_delivered(1));
}

/* Accepted in time and forgotten: its addressee may have answered it. */
static void
P2_what_comes_back_after_a_restore_goes_no_further(void **state)
{
	back_up();
	connect_taker(5, 8);
	send_extract(1, 1);
	dispatch();
	assert_true(was_delivered(1));
	restore();
	compared("SO.NIRA");
	compared("KE.CRS");
	compared("UNHCR.NBO");
	withdraw(2, 1);
	send_extract(1, 1);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	forget_effects();
	tick(3600000);
	connect_taker(7, 8);
	assert_false(was_delivered(1));
	settle_one(1, ST_COMMITTED, "");
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
	assert_whole();
}

static bool
taker_says(void *context, struct bytes body)
{
	(void)context;
	say(TAKER, 20, &(struct wire){.verb = V_RECON, .body = body});
	return end_group() == E_OK;
}

/* One question, and the outcome, whatever the answer. */
static void
taker_compares(void)
{
	struct recon r = {
		.kind = RECON_QUERY, .session = 9, .since = INT64_MIN, .until = INT64_MAX};
	const struct recon_done done = {.elements = 0};
	struct book *own = book_new();
	struct recon_list list;
	OWNED_BUF(question) = {0};
	OWNED_BUF(body) = {0};

	book_seal(own);
	negentropy_begin(own, RECON_NEGENTROPY_MAX, &question);
	r.payload = buf_bytes(&question);
	recon_encode(&r, &body);
	assert_true(taker_says(NULL, buf_bytes(&body)));
	r.kind = RECON_DONE;
	r.payload = bytes_of(NULL, 0);
	recon_list_begin(&list, &r, &done, taker_says, NULL);
	assert_true(recon_list_end(&list));
	book_free(&own);
}

/* Answered, forgotten, filed again, and its consent withdrawn before it was offered again: its
 * addressee has compared its book before it could find this one in ours. */
static void
file_again_and_withdraw(void)
{
	back_up();
	connect_taker(5, 8);
	send_extract(1, 1);
	dispatch();
	settle_one(1, ST_COMMITTED, "");
	restore();
	taker_compares();
	compared("KE.CRS");
	compared("UNHCR.NBO");
	send_extract(1, 1);
	withdraw(2, 1);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	tick(40 * 24 * (int64_t)HOUR);
	tick(HOUR);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	connect_taker(7, 8);
	assert_int_equal(lines_of_book("SO.NIRA"), 2);
	taker_compares();
	pass(9 * (int64_t)60000);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	connect_taker(8, 8);
}

static void
P7_what_a_restored_exchange_has_forgotten_ends_as_its_addressee_says(void **state)
{
	file_again_and_withdraw();
	settle_one(1, ST_COMMITTED, "");
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
	assert_whole();
}

static void
P7_what_its_addressee_has_not_answered_ends_as_withdrawn(void **state)
{
	file_again_and_withdraw();
	tick(2 * (int64_t)60000);
	assert_ended(1, ST_WITHDRAWN, E_CONSENT_WITHDRAWN);
	assert_whole();
}

/* It had refused the extract, and so has nothing of the case: that is not the end of the extract.
 */
static void
P7_nothing_held_is_no_end_of_what_was_refused_before_a_restore(void **state)
{
	back_up();
	connect_taker(5, 8);
	send_extract(1, 1);
	dispatch();
	settle_one(1, ST_REJECTED, "SEAL");
	restore();
	taker_compares();
	compared("KE.CRS");
	compared("UNHCR.NBO");
	send_extract(1, 1);
	withdraw(2, 1);
	settle_one(2, ST_COMMITTED, "NOT-HELD");
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	settle_one(1, ST_REJECTED, "SEAL");
	assert_int_equal(entry_of(1).stage, ST_REJECTED);
	assert_whole();
}

/* The office's clock is behind: its word looks as if it were of before the restore, and might have
 * been offered then; its consent is of after it, and nothing of the case has reached anybody. */
static void
P2_what_stops_a_case_is_not_shown_to_who_knows_nothing(void **state)
{
	struct sample m = stopping(2, 1, PURPOSE_WITHDRAWAL, "UNHCR.NBO", "SO.NIRA");

	back_up();
	restore();
	compared("UNHCR.NBO");
	m.v.header.token.issued = instant_now() + HOUR;
	hand_in(OFFICE, &m);
	assert_ended(2, ST_WITHDRAWN, E_NOT_HELD);
	assert_int_equal(lines_of_book("SO.NIRA"), 0);
	assert_whole();
}

/* Its addressee was restored, and asks for what it has lost. */
static void
say_lost(uint64_t n)
{
	struct recon r = {.kind = RECON_LOST, .session = 7, .since = INT64_MIN, .until = INT64_MAX};
	struct entry e = entry_of(n);
	OWNED_BUF(payload) = {0};
	OWNED_BUF(body) = {0};

	buf_u8(&payload, 0);
	buf_add(&payload, e.header.from.code, PARTY_SIZE);
	buf_add(&payload, e.header.id.octet, ID_SIZE);
	r.payload = buf_bytes(&payload);
	recon_encode(&r, &body);
	say(TAKER, 20, &(struct wire){.verb = V_RECON, .body = buf_bytes(&body)});
	assert_int_equal(end_group(), E_OK);
}

static void
P7_what_is_lost_by_its_addressee_does_not_go_out_again(void **state)
{
	connect_taker(5, 8);
	for (uint64_t n = 1; n <= 3; n++) {
		send_extract(n, n);
		dispatch();
		take_one(n);
	}
	withdraw(11, 1);
	say_stop(12, 2, PURPOSE_HOLD);
	forget_effects();
	for (uint64_t n = 1; n <= 3; n++)
		say_lost(n);
	dispatch();
	assert_false(was_delivered(1) || was_delivered(2));
	assert_true(was_delivered(3));
	assert_whole();
	say_stop(13, 2, PURPOSE_RELEASE);
	dispatch();
	assert_true(was_delivered(2));
	settle_one(11, ST_COMMITTED, "NOT-HELD");
	assert_ended(1, ST_WITHDRAWN, E_CONSENT_WITHDRAWN);
	assert_whole();
}

/* Its addressee had taken it, was brought back from before that, and has answered the withdrawal.
 */
static void
P7_what_is_lost_after_the_answer_is_for_a_person(void **state)
{
	(void)state;
	connect_taker(5, 8);
	send_extract(1, 1);
	dispatch();
	take_one(1);
	withdraw(11, 1);
	dispatch();
	settle_one(11, ST_COMMITTED, "NOT-HELD");
	say_lost(1);
	dispatch();
	assert_ended(1, ST_DEAD_LETTER, E_CONSENT_WITHDRAWN);
	assert_whole();
}

/* Of somebody who may use it for one child, and has another's extract to send. */
static void
P1_a_token_is_for_one_record(void **state)
{
	struct sample m = of_case(2, 1, A_CERTIFIED_EXTRACT, "KE.CRS", "SO.NIRA");

	(void)state;
	connect_taker(5, 8);
	send_extract(1, 1);
	forget_effects();
	m.v.header.key.octet[0] ^= 1;
	hand_in(HOLDER, &m);
	assert_refused(HOLDER, 2, E_CONSENT_SCOPE);
	send_extract(3, 1);
	assert_int_equal(entry_of(3).stage, ST_ACCEPTED);
	assert_whole();
}

/* Room for ten thousand that have not ended, and for some dozens. */
static int
set_up_large(void **state)
{
	map_size = (size_t)400 << 20;
	return set_up_office(state);
}

static int
set_up_small(void **state)
{
	map_size = (size_t)4 << 20;
	return set_up_office(state);
}

static int
tear_down_sized(void **state)
{
	map_size = MAP;
	return tear_down(state);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up_office, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(P2_a_queued_message_ends_when_its_consent_expires),
		T(P2_nothing_is_offered_between_the_end_of_its_consent_and_the_next_look),
		T(P2_what_was_offered_is_not_offered_again_when_its_consent_has_expired),
		T(P2_addressee_that_does_not_come_back_is_not_awaited_for_ever),
		T(P2_what_a_consent_does_not_cover_any_more_is_not_accepted),
		T(outcome_outlives_the_consent),
		T(P1_queued_message_ends_when_its_token_turns_out_to_be_forged),
		T(P7_what_was_never_offered_ends_when_the_consent_is_withdrawn),
		T(P1_destination_never_learns_of_a_case_that_ended_before_anything_was_offered),
		T(P1_book_of_the_destination_has_what_was_offered_and_no_more),
		T(P7_what_was_offered_and_not_taken_is_not_sent_again),
		T(P7_what_was_taken_is_its_addressees_to_end),
		T(P7_not_held_ends_only_what_was_not_taken),
		T(P7_withdrawn_and_never_answered_ends_as_withdrawn),
		cmocka_unit_test_setup_teardown(
			P7_withdrawal_overtakes_ten_thousand_queued, set_up_large, tear_down_sized),
		cmocka_unit_test_setup_teardown(
			P7_full_exchange_still_stops_a_case, set_up_small, tear_down_sized),
		T(withdrawal_stops_what_carries_its_token),
		T(P7_only_the_office_that_took_a_consent_withdraws_it),
		T(nobody_stops_a_case_with_a_token_of_his_own),
		T(P7_frozen_case_waits_and_is_let_go_in_its_order),
		T(what_is_frozen_expires_and_is_withdrawn_like_any_other),
		T(messages_without_a_token_freeze_with_their_conversation),
		T(P7_stopping_is_believed_at_once_and_letting_go_is_not),
		T(P7_crash_does_not_forget_that_something_was_offered),
		T(P2_restored_exchange_offers_nothing_before_the_office_had_its_say),
		T(restored_exchange_goes_on_when_the_office_has_said_nothing),
		T(P2_what_comes_back_after_a_restore_goes_no_further),
		T(P7_what_a_restored_exchange_has_forgotten_ends_as_its_addressee_says),
		T(P7_what_its_addressee_has_not_answered_ends_as_withdrawn),
		T(P7_nothing_held_is_no_end_of_what_was_refused_before_a_restore),
		T(P2_what_stops_a_case_is_not_shown_to_who_knows_nothing),
		T(P7_what_is_lost_by_its_addressee_does_not_go_out_again),
		T(P7_what_is_lost_after_the_answer_is_for_a_person),
		T(P1_a_token_is_for_one_record),
	};

	return cmocka_run_group_tests_name("exchange_consent", tests, NULL, NULL);
}
