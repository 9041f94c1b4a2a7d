/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rules of the exchange, one by one: who is heard, what is accepted, what ends a message, and
 * that nothing is said before the commit that makes it true. Deliveries and notices have a file of
 * their own, test_dispatch.c. */
#include "tests/unit/exchange_fixture.h"

#include <sys/wait.h>

/* KE.CRS is peer 1, SO.NIRA peer 2, UNHCR.NBO peer 3. */
static int
set_up_connected(void **state)
{
	(void)set_up(state);
	connect_peer(1, 10, 5, 8);
	connect_peer(2, 20, 5, 8);
	connect_peer(3, 30, 5, 8);
	forget_effects();
	return 0;
}

/* ---- HELLO ---- */

static void
hello_is_welcomed_and_the_trust_list_follows(void **state)
{
	say_hello(1, 10, 1, 0, 8);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(f.n, 1);
	assert_int_equal(f.effect[0].w.verb, V_WELCOME);
	assert_int_equal(f.effect[0].w.number, 1);
	assert_string_equal((char *)f.effect[0].text.data, "DAFTAR.HUB");
	dispatch();
	assert_int_equal(f.n, 2);
	assert_int_equal(f.effect[1].w.verb, V_TRUST);
	assert_int_equal(f.effect[1].w.number, 1);
	assert_string_equal((char *)f.effect[1].body.data, "list 1");
	dispatch();
	assert_int_equal(f.n, 2);
}

static void
nothing_is_heard_before_hello(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");
	struct sample r = receipt_for(1, ST_COMMITTED, "", 0);

	say_taken(1, 10, 1);
	say_credit(2, 20, 0, 8);
	submit(3, &m);
	say_settled(4, &r, 1);
	say(5, 10, &(struct wire){.verb = V_BYE});
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 1, E_NOT_READY);
	assert_refused(2, 0, E_NOT_READY);
	assert_refused(3, 1, E_NOT_READY);
	assert_refused(4, 1, E_NOT_READY);
	assert_refused(5, 0, E_NOT_READY);
	buf_free(&m.octets);
	buf_free(&r.octets);
}

static void
key_that_the_trust_list_does_not_know_is_refused(void **state)
{
	say_hello(1, 99, 1, 0, 8);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 0, E_UNKNOWN_PARTY);
	say_credit(1, 99, 0, 8);
	forget_effects();
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 0, E_NOT_READY);
}

static struct speaker
speaker_of(const char *code, uint8_t key)
{
	struct speaker s;
	struct party party;

	assert_true(party_parse(code, &party));
	assert_true(exchange_speaker(f.x, &party, key_named(key), &s));
	return s;
}

/* For people: who speaks, since when, and that a copy has tried to. */
static void
who_speaks_and_which_copy_was_fenced_off_is_told(void **state)
{
	struct speaker s;
	struct party ke;

	assert_true(party_parse("KE.CRS", &ke));
	assert_false(exchange_speaker(f.x, &ke, key_named(10), &s));
	say_hello_as(1, 10, 5, 1);
	assert_int_equal(end_group(), E_OK);
	s = speaker_of("KE.CRS", 10);
	assert_int_equal(s.epoch, 5);
	assert_int_equal(s.incarnation.octet[0], 1);
	assert_int_equal(s.since, f.now);
	assert_true(s.connected);
	assert_int_equal(s.fenced, 0);
	f.now += HOUR;
	say_hello_as(2, 10, 5, 2);
	say_hello_as(3, 10, 4, 3);
	assert_int_equal(end_group(), E_OK);
	s = speaker_of("KE.CRS", 10);
	assert_int_equal(s.epoch, 5);
	assert_int_equal(s.since, f.now - HOUR); /* the copy has changed nothing */
	assert_int_equal(s.fenced, f.now);
	assert_int_equal(s.fenced_epoch, 4);
	assert_int_equal(s.fenced_times, 2);
	assert_false(exchange_speaker(f.x, &ke, key_named(11), &s)); /* its other key is silent */
	stop_exchange();
	start_exchange();
	say_hello_as(1, 10, 5, 1);
	assert_int_equal(end_group(), E_OK);
	s = speaker_of("KE.CRS", 10);
	assert_int_equal(s.epoch, 5);
	assert_int_equal(s.since, 0); /* it spoke before this start */
	assert_int_equal(s.fenced, 0);
}

static void
lower_epoch_is_fenced_off(void **state)
{
	connect_peer(1, 10, 5, 8);
	forget_effects();
	say_hello(2, 10, 4, 0, 8);
	assert_int_equal(end_group(), E_OK);
	assert_refused(2, 0, E_STALE_EPOCH);
	file(1, 1); /* the newer one is still heard */
	assert_int_equal(count(1, V_RECEIPT), 1);
}

/* A restored snapshot and the machine that it was made of, both started. */
static void
copy_of_a_spool_with_the_same_epoch_is_fenced_off(void **state)
{
	say_hello_as(1, 10, 5, 1);
	assert_int_equal(end_group(), E_OK);
	forget_effects();
	say_hello_as(2, 10, 5, 2);
	assert_int_equal(end_group(), E_OK);
	assert_refused(2, 0, E_STALE_EPOCH);
	file(1, 1);
	assert_int_equal(count(1, V_RECEIPT), 1);
	stop_exchange();
	start_exchange();
	forget_effects();
	say_hello_as(2, 10, 5, 2);
	assert_int_equal(end_group(), E_OK);
	assert_refused(2, 0, E_STALE_EPOCH);
}

static void
same_incarnation_on_a_new_connection_is_welcome(void **state)
{
	say_hello_as(1, 10, 5, 1);
	say_hello_as(2, 10, 5, 1); /* in one group */
	say_hello_as(3, 10, 6, 2); /* started again */
	assert_int_equal(end_group(), E_OK);
	for (peer_no peer = 1; peer <= 3; peer++)
		assert_int_equal(count(peer, V_WELCOME), 1);
	forget_effects();
	say_hello_as(4, 10, 6, 1);
	assert_int_equal(end_group(), E_OK);
	assert_refused(4, 0, E_STALE_EPOCH);
}

static void
fence_stands_after_a_restart(void **state)
{
	connect_peer(1, 10, 5, 8);
	stop_exchange();
	start_exchange();
	forget_effects();
	say_hello(2, 10, 4, 0, 8);
	assert_int_equal(end_group(), E_OK);
	assert_refused(2, 0, E_STALE_EPOCH);
}

static void
same_or_higher_epoch_takes_over_the_key(void **state)
{
	for (uint64_t epoch = 5; epoch <= 6; epoch++) {
		connect_peer(1, 10, 5, 8);
		connect_peer(2, 10, epoch, 8);
		forget_effects();
		say_credit(1, 10, 0, 8);
		say_credit(2, 10, 0, 8);
		assert_int_equal(end_group(), E_OK);
		assert_refused(1, 0, E_NOT_READY);
		assert_int_equal(count(2, V_REFUSED), 0);
		say(2, 10, &(struct wire){.verb = V_BYE});
		assert_int_equal(end_group(), E_OK);
	}
}

static void
fenced_twin_can_not_submit_or_settle(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");

	connect_peer(1, 10, 5, 8);
	say_hello(2, 10, 6, 0, 8);
	submit(1, &m); /* was being examined when the newer one came */
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 1, E_NOT_READY);
	buf_free(&m.octets);
}

static void
keys_of_one_party_have_epochs_of_their_own(void **state)
{
	connect_peer(1, 10, 9, 8);
	forget_effects();
	connect_peer(2, 11, 1, 8);
	assert_int_equal(count(2, V_WELCOME), 1);
	say_credit(1, 10, 0, 8);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_REFUSED), 0);
}

static void
hello_again_on_one_connection_is_welcomed_again(void **state)
{
	connect_peer(1, 10, 5, 8);
	forget_effects();
	connect_peer(1, 10, 5, 8);
	assert_int_equal(count(1, V_WELCOME), 1);
	forget_effects();
	file(1, 1);
	assert_int_equal(count(1, V_RECEIPT), 1);
}

static void
number_with_another_key_is_another_peer(void **state)
{
	connect_peer(1, 10, 5, 8);
	forget_effects();
	say_credit(1, 20, 0, 8);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 0, E_NOT_READY);
}

static void
count_peers(void *context, const struct peer_state *p)
{
	size_t *n = context;

	assert_string_equal(p->party.code, "SO.NIRA");
	(*n)++;
}

static void
number_that_says_hello_with_another_key_has_changed_hands(void **state)
{
	size_t n = 0;

	connect_peer(1, 10, 5, 8);
	forget_effects();
	connect_peer(1, 20, 5, 8);
	exchange_each_peer(f.x, count_peers, &n);
	assert_int_equal(n, 1);
}

static void
peer_that_is_silent_for_35_s_is_gone(void **state)
{
	connect_peer(1, 10, 5, 8);
	connect_peer(2, 20, 5, 8);
	tick(34999);
	say_credit(2, 20, 0, 8);
	assert_int_equal(end_group(), E_OK);
	tick(1);
	forget_effects();
	say_credit(1, 10, 0, 8);
	say_credit(2, 20, 0, 8);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 0, E_NOT_READY);
	assert_int_equal(count(2, V_REFUSED), 0);
}

static void
peer_that_said_bye_or_was_found_gone_is_not_heard(void **state)
{
	connect_peer(1, 10, 5, 8);
	connect_peer(2, 20, 5, 8);
	forget_effects();
	say(1, 10, &(struct wire){.verb = V_BYE});
	assert_int_equal(end_group(), E_OK);
	exchange_peer_gone(f.x, 2);
	exchange_peer_gone(f.x, 77);
	say_credit(1, 10, 0, 8);
	say_credit(2, 20, 0, 8);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 0, E_NOT_READY);
	assert_refused(2, 0, E_NOT_READY);
}

static void
verbs_that_a_peer_must_not_say_are_refused(void **state)
{
	static const enum verb verbs[] = {
		V_WELCOME, V_RECEIPT, V_REFUSED, V_DELIVER, V_CONFIRM, V_TRUST};

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		forget_effects();
		say(1, 10, &(struct wire){.verb = verbs[i]});
		assert_int_equal(end_group(), E_OK);
		assert_refused(1, 0, E_WIRE);
	}
	forget_effects();
	say(1, 10, &(struct wire){.verb = V_SUBMIT}); /* comes by exchange_examined */
	say(1, 10, &(struct wire){.verb = V_SETTLED});
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(f.n, 0);
}

static void
newer_trust_list_goes_to_all_and_puts_out_whom_it_does_not_know(void **state)
{
	struct trust newer = demo_trust();

	newer.version = 2;
	newer.party[1].n_curve = 0;			    /* KE.CRS is cut off */
	memcpy(newer.party[3].curve[0], key_named(21), 32); /* a key that changed its party */
	newer.party[2].n_curve = 1;
	connect_peer(4, 21, 1, 8);
	forget_effects();
	exchange_trust(f.x, &newer);
	assert_int_equal(f.n, 0);
	dispatch();
	assert_int_equal(count(2, V_TRUST), 1);
	assert_string_equal((char *)effect_of(2, V_TRUST, 0)->body.data, "list 2");
	assert_int_equal(f.n, 1);
	say_credit(1, 10, 0, 8);
	say_credit(4, 21, 0, 8);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 0, E_NOT_READY);
	assert_refused(4, 0, E_NOT_READY);
	exchange_trust(f.x, &f.trust);
}

static void
visit(void *context, const struct peer_state *p)
{
	struct peer_state *list = context;

	list[p->no] = *p;
}

static void
connected_peers_can_be_listed(void **state)
{
	struct peer_state list[4] = {{0}};

	file(1, 1);
	dispatch();
	exchange_each_peer(f.x, visit, list);
	assert_string_equal(list[1].party.code, "KE.CRS");
	assert_string_equal(list[2].party.code, "SO.NIRA");
	assert_int_equal(list[2].epoch, 5);
	assert_int_equal(list[2].credit, 8);
	assert_int_equal(list[2].under_way, 1);
	assert_true(list[2].since == START);
}

static void
a_peer_is_known_by_the_program_that_it_names(void **state)
{
	static const char said[] = "daftar-adapter/9.9 list=3 thin";
	char much[200];
	struct peer_state list[4] = {{0}};
	struct wire w = {
		.verb = V_HELLO, .epoch = 6, .number = 8, .text = bytes_of(said, strlen(said))};

	say(2, 20, &w);
	memset(much, 'a', sizeof much);
	w.text = bytes_of(much, sizeof much);
	say(3, 30, &w);
	assert_int_equal(end_group(), E_OK);
	exchange_each_peer(f.x, visit, list);
	assert_string_equal(list[1].program, "");
	assert_string_equal(list[2].program, "daftar-adapter/9.9");
	assert_true(list[2].thin);
	assert_int_equal(strlen(list[3].program), 39);
	assert_false(list[3].thin);
}

/* ---- SUBMIT ---- */

static void
accepted_message_has_its_receipt_after_the_commit(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");
	struct statement what;

	submit(1, &m); /* which checks that nothing is sent */
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(f.n, 1);
	what = said(effect_of(1, V_RECEIPT, 0));
	assert_true(id_equal(&what.id, &m.v.header.id));
	assert_true(digest_equal(&what.digest, &m.v.digest));
	assert_string_equal(what.to.code, "SO.NIRA");
	assert_int_equal(what.stage, ST_ACCEPTED);
	assert_true(what.at == START);
	assert_int_equal(count_news("accepted"), 1);
	buf_free(&m.octets);
}

static void
same_message_again_has_the_same_receipt(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");

	submit(1, &m);
	submit(1, &m); /* in the group that makes the receipt */
	assert_int_equal(end_group(), E_OK);
	file(2, 1);
	f.now += HOUR;
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	stop_exchange();
	start_exchange();
	connect_peer(1, 10, 6, 8);
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_RECEIPT), 5);
	for (size_t i = 1; i < 5; i++)
		if (i != 2) /* of the other message */
			assert_string_equal((char *)effect_of(1, V_RECEIPT, 0)->body.data,
				(char *)effect_of(1, V_RECEIPT, i)->body.data);
	assert_int_equal(count_news("accepted"), 2);
	assert_int_equal(count_news("repeated"), 3);
	buf_free(&m.octets);
}

/* The certificate may have been revoked, the time may have passed: it was accepted. */
static void
same_message_again_is_answered_even_if_it_would_be_refused_now(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");

	file(1, 1);
	forget_effects();
	m.v.code = E_CERT_REVOKED;
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_RECEIPT), 1);
	assert_int_equal(count(1, V_REFUSED), 0);
	buf_free(&m.octets);
}

static void
assert_conflict(peer_no peer, const struct digest *stored, const struct digest *offered)
{
	char s[DIGEST_TEXT_SIZE], o[DIGEST_TEXT_SIZE], text[200];

	digest_format(stored, s);
	digest_format(offered, o);
	snprintf(text, sizeof text, "stored=%s offered=%s", s, o);
	assert_refused(peer, 0, E_CONFLICT);
	assert_string_equal((char *)effect_of(peer, V_REFUSED, 0)->text.data, text);
}

static void
same_id_with_other_octets_is_a_conflict_that_names_both(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA"), other = m;
	struct entry stored;

	other.v.digest.octet[5] ^= 1;
	submit(1, &m);
	submit(1, &other); /* in one group */
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_RECEIPT), 1);
	assert_int_equal(count(1, V_REFUSED), 1);
	forget_effects();
	submit(1, &other);
	assert_int_equal(end_group(), E_OK);
	assert_conflict(1, &m.v.digest, &other.v.digest);
	assert_int_equal(count_news("conflict"), 1);
	stored = entry_of(1);
	assert_true(digest_equal(&stored.digest, &m.v.digest));
	buf_free(&m.octets);
}

static void
refusal_of_the_examiner_is_passed_on(void **state)
{
	static const enum err codes[] = {
		E_SIGNATURE, E_SCHEMA, E_EXPIRED, E_CLOCK, E_NO_AGREEMENT, E_QUARANTINED};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		struct sample m = sample(i + 1, 1, "KE.CRS", "SO.NIRA");

		forget_effects();
		m.v.code = codes[i];
		submit(1, &m);
		assert_int_equal(end_group(), E_OK);
		assert_refused(1, i + 1, codes[i]);
		buf_free(&m.octets);
	}
	struct store_figures figures;
	store_figures(f.store, &figures);
	assert_int_equal(figures.messages, 0);
}

static void
nobody_submits_for_another_party(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");

	submit(3, &m); /* UNHCR.NBO says so; an examiner that was taken over agrees */
	assert_int_equal(end_group(), E_OK);
	assert_refused(3, 1, E_SENDER_MISMATCH);
	buf_free(&m.octets);
}

static void
exchange_takes_no_message_for_itself(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "DAFTAR.HUB");
	struct sample r = sample(2, 1, "KE.CRS", "SO.NIRA");

	r.v.header.action = A_RECEIPT;
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 1, E_ACTION);
	forget_effects();
	submit(1, &r);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 2, E_ACTION);
	buf_free(&m.octets);
	buf_free(&r.octets);
}

/* ---- TAKEN ---- */

static void
taken_message_is_delivered_and_leaves_the_queue(void **state)
{
	struct party to = f.trust.party[2].code;
	struct entry e;

	file(1, 1);
	f.now += 1000;
	take(2, 20, 1);
	e = entry_of(1);
	assert_int_equal(e.stage, ST_DELIVERED);
	assert_true(e.at[ST_DELIVERED] == START + 1000);
	assert_int_equal(store_queue_depth(f.store, &to), 0);
	assert_int_equal(count_news("delivered"), 1);
	assert_int_equal(count(2, V_RECEIPT) + count(2, V_REFUSED), 0);
}

static void
taken_twice_is_taken_once(void **state)
{
	struct store_figures figures;

	file(1, 1);
	say_taken(2, 20, 1);
	take(2, 20, 1);
	take(2, 20, 1);
	settle(2, 1, ST_COMMITTED, "", 0);
	take(2, 20, 1);
	store_figures(f.store, &figures);
	assert_int_equal(figures.log_size, 3);
	assert_int_equal(count(2, V_REFUSED), 0);
}

static void
only_the_addressee_takes(void **state)
{
	file(1, 1);
	forget_effects();
	say_taken(1, 10, 1); /* the sender */
	say_taken(3, 30, 1); /* anybody */
	say_taken(2, 20, 2); /* what does not exist has the same answer */
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 1, E_NOT_FOUND);
	assert_refused(3, 1, E_NOT_FOUND);
	assert_refused(2, 2, E_NOT_FOUND);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
}

static void
taken_names_the_octets(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");
	struct wire w = {.verb = V_TAKEN, .id = m.v.header.id, .digest = m.v.digest};

	file(1, 1);
	forget_effects();
	w.digest.octet[0] ^= 1;
	say(2, 20, &w);
	assert_int_equal(end_group(), E_OK);
	assert_conflict(2, &m.v.digest, &w.digest);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	buf_free(&m.octets);
}

/* Somebody who guesses an id can not stand between a message and its addressee. */
static void
id_used_by_two_senders_is_taken_by_digest(void **state)
{
	struct sample squatter = sample(1, 1, "UNHCR.NBO", "SO.NIRA");

	squatter.v.digest.octet[0] ^= 1;
	submit(3, &squatter);
	assert_int_equal(end_group(), E_OK);
	file(1, 1);
	forget_effects();
	take(2, 20, 1);
	settle(2, 1, ST_COMMITTED, "", 0);
	assert_int_equal(count(2, V_REFUSED), 0);
	assert_string_equal(said(effect_of(2, V_RECEIPT, 0)).from.code, "KE.CRS");
	buf_free(&squatter.octets);
}

/* ---- SETTLED ---- */

static void
settled_message_ends_with_the_addressees_word(void **state)
{
	struct sample r = receipt_for(1, ST_COMMITTED, "", 0);
	struct statement what;
	OWNED_BUF(b) = {0};

	file(1, 1);
	take(2, 20, 1);
	forget_effects();
	settle(2, 1, ST_COMMITTED, "", 0);
	assert_int_equal(count(2, V_RECEIPT), 1);
	what = said(effect_of(2, V_RECEIPT, 0));
	assert_int_equal(what.stage, ST_COMMITTED);
	assert_true(what.has_by && digest_equal(&what.by, &r.v.digest));
	assert_string_equal(what.code, "");
	assert_int_equal(store_body(f.store, NULL, 1, &b), E_NOT_FOUND);
	assert_int_equal(store_extra(f.store, 1, &b), E_OK);
	assert_memory_equal(b.data, r.octets.data, r.octets.size);
	assert_int_equal(count_news("committed"), 1);
	buf_free(&r.octets);
}

static void
rejected_message_ends_with_a_code(void **state)
{
	file(1, 1);
	take(2, 20, 1);
	forget_effects();
	settle(2, 1, ST_REJECTED, "SEAL", 0);
	assert_int_equal(said(effect_of(2, V_RECEIPT, 0)).stage, ST_REJECTED);
	assert_string_equal(said(effect_of(2, V_RECEIPT, 0)).code, "SEAL");
	assert_string_equal(entry_of(1).code, "SEAL");
	assert_int_equal(count_news("rejected"), 1);
}

static void
settling_what_was_not_said_to_be_taken_takes_it(void **state)
{
	struct party to = f.trust.party[2].code;
	struct store_figures figures;

	file(1, 1);
	settle(2, 1, ST_REJECTED, "BODY", 0);
	assert_int_equal(entry_of(1).stage, ST_REJECTED);
	assert_int_equal(store_queue_depth(f.store, &to), 0);
	store_figures(f.store, &figures);
	assert_int_equal(figures.log_size, 2);
	forget_effects();
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 0);
}

static void
settled_again_has_the_same_receipt(void **state)
{
	struct sample r = receipt_for(1, ST_COMMITTED, "", 0);

	file(1, 1);
	take(2, 20, 1);
	forget_effects();
	say_settled(2, &r, 1);
	say_settled(2, &r, 1); /* in one group */
	assert_int_equal(end_group(), E_OK);
	file(2, 1);
	r.v.code = E_CERT_EXPIRED; /* as it would be judged a year later */
	say_settled(2, &r, 1);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(2, V_RECEIPT), 3);
	assert_int_equal(count(2, V_REFUSED), 0);
	for (size_t i = 1; i < 3; i++)
		assert_string_equal((char *)effect_of(2, V_RECEIPT, 0)->body.data,
			(char *)effect_of(2, V_RECEIPT, i)->body.data);
	buf_free(&r.octets);
}

static void
end_of_a_message_does_not_change_any_more(void **state)
{
	file(1, 1);
	take(2, 20, 1);
	settle(2, 1, ST_COMMITTED, "", 0);
	forget_effects();
	settle(2, 1, ST_REJECTED, "SEAL", 0);
	assert_refused(2, 1, E_FINAL);
	forget_effects();
	settle(2, 1, ST_COMMITTED, "", 1); /* other octets that say the same */
	assert_refused(2, 1, E_FINAL);
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
}

/* What is wrong with a settlement, and what is said about it. */
static void
change_code(struct sample *r)
{
	r->v.code = E_SIGNATURE;
}

static void
change_action(struct sample *r)
{
	r->v.header.action = A_QUERY;
}

static void
change_body(struct sample *r)
{
	r->v.has_receipt = 0;
}

static void
change_sender(struct sample *r)
{
	assert_true(party_parse("KE.CRS", &r->v.header.from));
}

static void
change_addressee(struct sample *r)
{
	assert_true(party_parse("KE.CRS", &r->v.header.to));
}

static void
change_ref(struct sample *r)
{
	r->v.header.ref = numbered_id(7);
}

static void
change_has_ref(struct sample *r)
{
	r->v.header.has_ref = false;
}

static void
change_stage(struct sample *r)
{
	r->v.stage = ST_DELIVERED;
}

static void
change_receipt_code(struct sample *r)
{
	strcpy(r->v.receipt_code, "<SEAL>");
}

static void
change_ref_digest(struct sample *r)
{
	r->v.header.ref_digest.octet[0] ^= 1;
}

static void
settlement_must_be_the_addressees_signed_receipt(void **state)
{
	static const struct {
		void (*change)(struct sample *r);
		enum err code;
	} wrong[] = {{change_code, E_SIGNATURE}, {change_action, E_ACTION}, {change_body, E_ACTION},
		{change_sender, E_SENDER_MISMATCH}, {change_addressee, E_NOT_ADDRESSEE},
		{change_ref, E_WIRE}, {change_has_ref, E_WIRE}, {change_stage, E_SCHEMA},
		{change_receipt_code, E_SCHEMA}, {change_ref_digest, E_CONFLICT}};

	file(1, 1);
	take(2, 20, 1);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct sample r = receipt_for(1, ST_COMMITTED, "", 0);

		wrong[i].change(&r);
		forget_effects();
		say_settled(2, &r, 1);
		assert_int_equal(end_group(), E_OK);
		assert_refused(2, 1, wrong[i].code);
		assert_int_equal(entry_of(1).stage, ST_DELIVERED);
		buf_free(&r.octets);
	}
}

static void
only_the_addressee_settles(void **state)
{
	struct sample r = receipt_for(1, ST_COMMITTED, "", 0);

	file(1, 1);
	forget_effects();
	assert_true(party_parse("UNHCR.NBO", &r.v.header.from));
	say_settled(3, &r, 1);
	assert_int_equal(end_group(), E_OK);
	assert_refused(3, 1, E_NOT_FOUND);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	buf_free(&r.octets);
}

/* ---- expiry ---- */

static void
message_that_nobody_took_in_time_has_expired(void **state)
{
	struct party to = f.trust.party[2].code;
	struct entry e;
	OWNED_BUF(b) = {0};

	file(1, 1);
	f.now = START + 24 * (int64_t)HOUR - 1;
	tick(0);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	tick(1);
	e = entry_of(1);
	assert_int_equal(e.stage, ST_EXPIRED);
	assert_string_equal(e.code, "EXPIRED");
	assert_int_equal(store_queue_depth(f.store, &to), 0);
	assert_int_equal(store_body(f.store, NULL, e.seq, &b), E_NOT_FOUND);
	assert_int_equal(count_news("expired"), 1);
	tick(1000);
	assert_int_equal(count_news("expired"), 1);
}

static void
message_that_was_taken_does_not_expire(void **state)
{
	file(1, 1);
	take(2, 20, 1);
	tick(100 * (int64_t)HOUR);
	assert_int_equal(entry_of(1).stage, ST_DELIVERED);
}

static void
nothing_comes_after_expiry(void **state)
{
	file(1, 1);
	f.now += 25 * (int64_t)HOUR;
	tick(0);
	forget_effects();
	take(2, 20, 1);
	assert_refused(2, 1, E_FINAL);
	forget_effects();
	settle(2, 1, ST_COMMITTED, "", 0);
	assert_refused(2, 1, E_FINAL);
	assert_int_equal(entry_of(1).stage, ST_EXPIRED);
}

/* Whether the addressee has it, only he knows: TAKEN may have been lost with its connection. */
static void
message_that_was_offered_is_its_addressees_to_end(void **state)
{
	file(1, 1);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
	exchange_peer_gone(f.x, 2);
	tick(25 * (int64_t)HOUR);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	connect_peer(2, 20, 6, 8);
	assert_int_equal(count(2, V_DELIVER), 2); /* too late, and still */
	take(2, 20, 1);
	tick(60000);
	assert_int_equal(entry_of(1).stage, ST_DELIVERED);
}

static void
message_that_was_offered_is_not_awaited_for_ever(void **state)
{
	file(1, 1);
	dispatch();
	tick(1000); /* written down */
	stop_exchange();
	start_exchange();
	connect_peer(1, 10, 6, 8);
	tick((24 + 7 * 24) * (int64_t)HOUR - 2000);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	tick(60000);
	assert_int_equal(entry_of(1).stage, ST_EXPIRED);
}

/* ---- groups ---- */

static void
group_behaves_as_if_its_events_came_one_by_one(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");
	struct sample r = receipt_for(1, ST_COMMITTED, "", 0);
	struct sample rejected = receipt_for(1, ST_REJECTED, "SEAL", 0);

	submit(1, &m);
	say_taken(2, 20, 1);
	say_settled(2, &r, 1);
	say_settled(2, &rejected, 1);
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_RECEIPT), 2);
	assert_int_equal(count(2, V_RECEIPT), 1);
	assert_int_equal(count(2, V_REFUSED), 1);
	assert_int_equal(effect_of(2, V_REFUSED, 0)->w.code, E_FINAL);
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
	buf_free(&m.octets);
	buf_free(&r.octets);
	buf_free(&rejected.octets);
}

/* Writes until nothing more fits, behind the exchange's back. */
static void
overfill(void)
{
	struct sample m = sample(900, 900, "KE.CRS", "SO.NIRA");
	uint8_t *octets = xcalloc(1, 200000);
	struct entry e;

	for (uint64_t n = 900; store_error(group()) == E_OK; n++) {
		m.v.header.id = numbered_id(n);
		(void)store_accept(f.t, &m.v, bytes_of(octets, 200000), f.now, &e);
	}
	assert_int_equal(store_error(f.t), E_STORE_FULL);
	free_octets(&octets);
	buf_free(&m.octets);
}

static void
group_that_does_not_fit_is_refused_and_comes_to_nothing(void **state)
{
	struct sample m = sample(2, 1, "KE.CRS", "SO.NIRA");
	struct sample other = m;

	file(1, 1);
	dispatch();
	forget_effects();
	other.v.digest.octet[0] ^= 1;
	submit(1, &m);
	submit(1, &other); /* would be a conflict with what will not be there */
	say_taken(2, 20, 1);
	say_hello(4, 11, 3, 0, 8);
	overfill();
	assert_int_equal(end_group(), E_STORE_FULL);
	assert_int_equal(count(1, V_REFUSED), 2);
	assert_int_equal(effect_of(1, V_REFUSED, 0)->w.code, E_STORE_FULL);
	assert_int_equal(effect_of(1, V_REFUSED, 1)->w.code, E_STORE_FULL);
	assert_true(effect_of(1, V_REFUSED, 0)->w.retry);
	assert_refused(4, 0, E_STORE_FULL);
	assert_int_equal(f.n, 3);
	assert_int_equal(f.n_news, 0);

	forget_effects();
	dispatch(); /* the TAKEN did not count, so it is offered again */
	assert_int_equal(count(2, V_DELIVER), 1);
	take(2, 20, 1);
	submit(1, &m);
	say_credit(4, 11, 0, 8);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_RECEIPT), 1);
	assert_int_equal(effect_of(4, V_REFUSED, 0)->w.code, E_NOT_READY);
	assert_int_equal(entry_of(1).stage, ST_DELIVERED);
	buf_free(&m.octets);
}

/* Its messages come without waiting for answers: on a line the sender would stop. */
static void
bundle_is_put_off_behind_a_message_that_is_put_off(void **state)
{
	struct sample m[3];

	for (uint64_t i = 0; i < 3; i++)
		m[i] = sample(i + 1, 7, "KE.CRS", "SO.NIRA");
	connect_peer(PEER_COURIER, 10, 6, 8);
	submit(PEER_COURIER, &m[0]);
	m[1].v.code = E_CLOCK;
	submit(PEER_COURIER, &m[1]);
	submit(PEER_COURIER, &m[2]);
	submit(PEER_COURIER, &m[0]);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(PEER_COURIER, V_RECEIPT), 2);
	assert_int_equal(count(PEER_COURIER, V_REFUSED), 2);
	assert_int_equal(effect_of(PEER_COURIER, V_REFUSED, 1)->w.code, E_BUSY);
	m[1].v.code = E_OK;
	forget_effects();
	connect_peer(PEER_COURIER, 10, 7, 8); /* the next bundle */
	submit(PEER_COURIER, &m[1]);
	overfill();
	assert_int_equal(end_group(), E_STORE_FULL);
	submit(PEER_COURIER, &m[2]);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(PEER_COURIER, V_RECEIPT), 0);
	forget_effects();
	connect_peer(PEER_COURIER, 10, 8, 8);
	submit(PEER_COURIER, &m[1]);
	submit(PEER_COURIER, &m[2]);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(PEER_COURIER, V_RECEIPT), 2);
	for (uint64_t i = 0; i < 3; i++)
		buf_free(&m[i].octets);
}

static void
full_store_refuses_new_messages_and_serves_the_others(void **state)
{
	uint8_t *octets = xcalloc(1, 200000);
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");
	uint64_t n = 0;

	while (count(1, V_REFUSED) == 0 && n < 1000) {
		m.v.header.id = numbered_id(++n);
		exchange_examined(f.x, group(), 1, &m.v, bytes_of(octets, 200000), NULL, f.now);
		assert_int_equal(end_group(), E_OK);
	}
	assert_in_range(n, 100, 400);
	assert_int_equal(effect_of(1, V_REFUSED, 0)->w.code, E_STORE_FULL);
	assert_true(effect_of(1, V_REFUSED, 0)->w.retry);
	forget_effects();
	m.v.header.id = numbered_id(1);
	submit(1, &m); /* a repeat */
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_RECEIPT), 1);
	take(2, 20, 1);
	assert_int_equal(entry_of(1).stage, ST_DELIVERED);
	free_octets(&octets);
	buf_free(&m.octets);
}

static enum err
no_signature(void *context, uint64_t size, const struct digest *root, struct buf *checkpoint)
{
	return E_NO_KEY;
}

static void
exchange_ends_when_the_store_fails_otherwise(void **state)
{
	const struct exchange_effects fx = {NULL, record_send, record_event};
	pid_t child;
	int status;

	stop_exchange();
	child = fork();
	if (child == 0) {
		start_exchange();
		exchange_free(&f.x);
		f.x = exchange_new(f.store, &f.trust, no_signature, NULL, &fx);
		say_hello(1, 10, 5, 0, 8);
		(void)!end_group();
		struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");
		submit(1, &m);
		(void)!end_group();
		_exit(77);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	start_exchange();
	struct store_figures figures;
	store_figures(f.store, &figures);
	assert_int_equal(figures.messages, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define CONNECTED(name) cmocka_unit_test_setup_teardown(name, set_up_connected, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(hello_is_welcomed_and_the_trust_list_follows),
		T(nothing_is_heard_before_hello),
		T(key_that_the_trust_list_does_not_know_is_refused),
		T(lower_epoch_is_fenced_off),
		T(who_speaks_and_which_copy_was_fenced_off_is_told),
		T(copy_of_a_spool_with_the_same_epoch_is_fenced_off),
		T(same_incarnation_on_a_new_connection_is_welcome),
		T(fence_stands_after_a_restart),
		T(same_or_higher_epoch_takes_over_the_key),
		T(fenced_twin_can_not_submit_or_settle),
		T(keys_of_one_party_have_epochs_of_their_own),
		T(hello_again_on_one_connection_is_welcomed_again),
		T(number_with_another_key_is_another_peer),
		T(number_that_says_hello_with_another_key_has_changed_hands),
		T(peer_that_is_silent_for_35_s_is_gone),
		T(peer_that_said_bye_or_was_found_gone_is_not_heard),
		CONNECTED(verbs_that_a_peer_must_not_say_are_refused),
		CONNECTED(newer_trust_list_goes_to_all_and_puts_out_whom_it_does_not_know),
		CONNECTED(connected_peers_can_be_listed),
		CONNECTED(a_peer_is_known_by_the_program_that_it_names),
		CONNECTED(accepted_message_has_its_receipt_after_the_commit),
		CONNECTED(same_message_again_has_the_same_receipt),
		CONNECTED(same_message_again_is_answered_even_if_it_would_be_refused_now),
		CONNECTED(same_id_with_other_octets_is_a_conflict_that_names_both),
		CONNECTED(refusal_of_the_examiner_is_passed_on),
		CONNECTED(nobody_submits_for_another_party),
		CONNECTED(exchange_takes_no_message_for_itself),
		CONNECTED(taken_message_is_delivered_and_leaves_the_queue),
		CONNECTED(taken_twice_is_taken_once),
		CONNECTED(only_the_addressee_takes),
		CONNECTED(taken_names_the_octets),
		CONNECTED(id_used_by_two_senders_is_taken_by_digest),
		CONNECTED(settled_message_ends_with_the_addressees_word),
		CONNECTED(rejected_message_ends_with_a_code),
		CONNECTED(settling_what_was_not_said_to_be_taken_takes_it),
		CONNECTED(settled_again_has_the_same_receipt),
		CONNECTED(end_of_a_message_does_not_change_any_more),
		CONNECTED(settlement_must_be_the_addressees_signed_receipt),
		CONNECTED(only_the_addressee_settles),
		CONNECTED(message_that_nobody_took_in_time_has_expired),
		CONNECTED(message_that_was_taken_does_not_expire),
		CONNECTED(nothing_comes_after_expiry),
		CONNECTED(message_that_was_offered_is_its_addressees_to_end),
		CONNECTED(message_that_was_offered_is_not_awaited_for_ever),
		CONNECTED(group_behaves_as_if_its_events_came_one_by_one),
		CONNECTED(group_that_does_not_fit_is_refused_and_comes_to_nothing),
		CONNECTED(bundle_is_put_off_behind_a_message_that_is_put_off),
		CONNECTED(full_store_refuses_new_messages_and_serves_the_others),
		T(exchange_ends_when_the_store_fails_otherwise),
	};

	return cmocka_run_group_tests_name("exchange", tests, NULL, NULL);
}
