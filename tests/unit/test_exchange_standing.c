/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the exchange does with a party that was suspended or cut off, and with a certificate that
 * was revoked here. */
#include "tests/unit/exchange_fixture.h"

static void
decide(const char *code, enum standing s)
{
	struct decision d = {.standing = s, .since = f.now, .by = "amina", .reason = "key stolen"};
	struct store_txn *t;
	struct party p;

	assert_true(party_parse(code, &p));
	t = store_begin(f.store);
	store_decide(t, &p, &d);
	assert_int_equal(store_commit(&t), E_OK);
}

static void
submit_one(peer_no peer, uint64_t n, const char *from, const char *to)
{
	struct sample m = sample(n, n, from, to);

	submit(peer, &m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m.octets);
}

static void
suspended_party_brings_nothing_new(void **state)
{
	struct store_figures figures;

	connect_peer(1, 10, 1, 8);
	decide("KE.CRS", STANDING_SUSPENDED);
	assert_false(exchange_takes_new(f.x, group(), 1));
	forget_effects();
	submit_one(1, 7, "KE.CRS", "SO.NIRA");
	assert_refused(1, 7, E_SUSPENDED);
	store_figures(f.store, &figures);
	assert_int_equal(figures.messages, 0);
	decide("KE.CRS", STANDING_GOOD);
	assert_true(exchange_takes_new(f.x, group(), 1));
	forget_effects();
	submit_one(1, 7, "KE.CRS", "SO.NIRA");
	assert_int_equal(count(1, V_RECEIPT), 1);
}

static void
suspended_party_is_given_nothing_and_nothing_is_lost(void **state)
{
	connect_peer(1, 10, 1, 8);
	connect_peer(2, 20, 1, 8);
	decide("SO.NIRA", STANDING_SUSPENDED);
	file(7, 1);
	forget_effects();
	dispatch();
	tick(20000);
	say_credit(2, 20, 0, 8);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 0);
	decide("SO.NIRA", STANDING_GOOD);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
}

/* What it was given before is finished: the sender hears of it. */
static void
suspended_party_finishes_what_it_has(void **state)
{
	connect_peer(1, 10, 1, 8);
	connect_peer(2, 20, 1, 8);
	file(7, 1);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
	decide("SO.NIRA", STANDING_SUSPENDED);
	take(2, 20, 7);
	settle(2, 7, ST_COMMITTED, "", 1);
	assert_int_equal(entry_of(7).stage, ST_COMMITTED);
	assert_int_equal(count(2, V_REFUSED), 0);
}

static void
cut_party_is_not_welcome(void **state)
{
	decide("KE.CRS", STANDING_CUT);
	say_hello(1, 10, 1, 0, 8);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 0, E_CUT);
	assert_int_equal(count(1, V_WELCOME), 0);
	submit_one(1, 7, "KE.CRS", "SO.NIRA");
	assert_int_equal(effect_of(1, V_REFUSED, 1)->w.code, E_NOT_READY);
}

static void
messages_for_a_cut_party_wait(void **state)
{
	connect_peer(1, 10, 1, 8);
	decide("SO.NIRA", STANDING_CUT);
	file(7, 1);
	assert_int_equal(entry_of(7).stage, ST_ACCEPTED);
	decide("SO.NIRA", STANDING_GOOD);
	connect_peer(2, 20, 1, 8);
	assert_int_equal(count(2, V_DELIVER), 1);
}

static void
bar(const char *code, uint8_t cert)
{
	struct decision d = {.standing = STANDING_CUT, .since = f.now, .reason = "key stolen"};
	struct digest digest = {{cert}};
	struct store_txn *t;
	struct party p;

	assert_true(party_parse(code, &p));
	t = store_begin(f.store);
	store_bar(t, &p, &digest, &d);
	assert_int_equal(store_commit(&t), E_OK);
}

static void
certificate_that_was_revoked_here_signs_nothing(void **state)
{
	struct sample m = sample(7, 1, "KE.CRS", "SO.NIRA");

	m.v.cert = (struct digest){{9}};
	connect_peer(1, 10, 1, 8);
	bar("SO.NIRA", 9); /* of another party */
	bar("KE.CRS", 9);
	forget_effects();
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 7, E_CERT_REVOKED);
	m.v.cert = (struct digest){{8}};
	forget_effects();
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_RECEIPT), 1);
	buf_free(&m.octets);
}

/* What was accepted keeps its receipt. */
static void
accepted_message_has_its_receipt_after_a_revocation(void **state)
{
	struct sample m = sample(7, 1, "KE.CRS", "SO.NIRA");

	m.v.cert = (struct digest){{9}};
	connect_peer(1, 10, 1, 8);
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	bar("KE.CRS", 9);
	forget_effects();
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(1, V_RECEIPT), 1);
	assert_int_equal(count(1, V_REFUSED), 0);
	buf_free(&m.octets);
}

static void
certificate_that_was_revoked_here_settles_nothing(void **state)
{
	struct sample r = receipt_for(7, ST_COMMITTED, "", 1);

	r.v.cert = (struct digest){{9}};
	connect_peer(1, 10, 1, 8);
	connect_peer(2, 20, 1, 8);
	file(7, 1);
	dispatch();
	take(2, 20, 7);
	bar("SO.NIRA", 9);
	forget_effects();
	say_settled(2, &r, 7);
	assert_int_equal(end_group(), E_OK);
	assert_refused(2, 7, E_CERT_REVOKED);
	assert_int_equal(entry_of(7).stage, ST_DELIVERED);
	buf_free(&r.octets);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(suspended_party_brings_nothing_new),
		T(suspended_party_is_given_nothing_and_nothing_is_lost),
		T(suspended_party_finishes_what_it_has),
		T(cut_party_is_not_welcome),
		T(messages_for_a_cut_party_wait),
		T(certificate_that_was_revoked_here_signs_nothing),
		T(accepted_message_has_its_receipt_after_a_revocation),
		T(certificate_that_was_revoked_here_settles_nothing),
	};

	return cmocka_run_group_tests_name("exchange_standing", tests, NULL, NULL);
}
