/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is accepted while too little is known of revoked certificates: held, judged once more when
 * revocation data comes, and then released or ended. And who may bring that data, and is told it.
 */
#include "tests/unit/exchange_fixture.h"

/* ---- steps ---- */

static struct revocation_facts
facts(const char *country, uint8_t subject, const char *der, enum err code)
{
	struct revocation_facts r = {.magic = REVOCATION_MAGIC,
		.code = code,
		.kind = REVOCATION_CRL,
		.subject = {{subject}},
		.this_update = START,
		.next_update = START + HOUR};

	memcpy(r.country, country, 2);
	digest_of(der, strlen(der), &r.digest);
	return r;
}

/* As peer, of that party (NULL: the operator). */
static enum err
bring(peer_no peer, const char *by, const char *country, const char *der, enum err code)
{
	struct revocation_facts r = facts(country, (uint8_t)country[0], der, code);
	struct party party;
	enum err e;

	assert_true(party_parse(by != NULL ? by : "KE.CRS", &party));
	e = exchange_revocation(f.x, group(), peer, by != NULL ? &party : NULL, &r,
		bytes_of(der, strlen(der)), f.now);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	return e;
}

static void
file_held(uint64_t n, uint64_t conversation)
{
	struct sample m = sample(n, conversation, "KE.CRS", "SO.NIRA");

	m.v.held = 1;
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	buf_free(&m.octets);
}

/* The verdict on the message with this number of acceptance. */
static void
judged(uint64_t seq, enum err code, bool held)
{
	struct verdict v = {.magic = VERDICT_MAGIC, .code = code, .held = held};
	struct entry e;

	assert_int_equal(store_entry(f.store, NULL, seq, &e), E_OK);
	v.header = e.header;
	v.digest = e.digest;
	exchange_again(f.x, group(), seq, &v, f.now);
	assert_int_equal(end_group(), E_OK);
	dispatch();
}

static void
connect_both(void)
{
	connect_peer(1, 10, 1, 8);
	connect_peer(2, 20, 1, 8);
	tick(1000);
	dispatch();
	forget_effects();
	f.n_again = 0;
}

static bool
is_held(uint64_t seq)
{
	return store_held_since(f.store, NULL, seq) != 0;
}

/* ---- held ---- */

static void
held_message_is_accepted_and_not_offered(void **unused)
{
	connect_both();
	file_held(1, 1);
	assert_int_equal(count(1, V_RECEIPT), 1);
	assert_int_equal(said(effect_of(1, V_RECEIPT, 0)).stage, ST_ACCEPTED);
	assert_int_equal(count_news("held"), 1);
	tick(10000);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 0);
	file(2, 2); /* another conversation passes by */
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
	assert_true(is_held(1) && !is_held(2));
}

static void
fresh_revocation_data_releases_what_was_held(void **unused)
{
	connect_both();
	file_held(1, 1);
	f.now += 7000;
	assert_int_equal(bring(1, "KE.CRS", "KE", "crl 1", E_OK), E_OK);
	assert_int_equal(f.in_force, 1);
	assert_int_equal(f.n_again, 1);
	assert_true(f.again[0] == 1 && f.when[0] == entry_of(1).at[ST_ACCEPTED]);
	assert_true(f.when[0] < f.now);
	assert_int_equal(count(2, V_DELIVER), 0);
	judged(1, E_OK, false);
	assert_int_equal(count_news("released"), 1);
	assert_int_equal(count(2, V_DELIVER), 1);
	assert_false(is_held(1));
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
}

static void
what_is_still_too_old_stays_held(void **unused)
{
	connect_both();
	file_held(1, 1);
	assert_int_equal(bring(1, "KE.CRS", "KE", "crl 1", E_OK), E_OK);
	judged(1, E_OK, true);
	assert_true(is_held(1));
	assert_int_equal(bring(1, "KE.CRS", "KE", "crl 2", E_OK), E_OK);
	assert_int_equal(f.n_again, 2);
	judged(1, E_QUARANTINED, false); /* says nothing about it */
	assert_true(is_held(1));
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	assert_int_equal(count(2, V_DELIVER), 0);
}

static void
held_message_of_a_revoked_signer_is_a_dead_letter(void **unused)
{
	struct statement what;

	connect_both();
	file_held(1, 1);
	assert_int_equal(bring(1, "KE.CRS", "KE", "crl 1", E_OK), E_OK);
	judged(1, E_CERT_REVOKED, false);
	assert_int_equal(entry_of(1).stage, ST_DEAD_LETTER);
	assert_string_equal(entry_of(1).code, "CERT-REVOKED");
	assert_int_equal(count_news("dead-letter"), 1);
	what = said(effect_of(1, V_CONFIRM, 0));
	assert_int_equal(what.stage, ST_DEAD_LETTER);
	assert_string_equal(what.code, "CERT-REVOKED");
	assert_int_equal(count(2, V_DELIVER), 0);
	assert_int_equal(store_held_count(f.store, NULL), 0);
}

static void
held_message_expires(void **unused)
{
	connect_both();
	file_held(1, 1);
	tick(25 * HOUR);
	assert_int_equal(entry_of(1).stage, ST_EXPIRED);
	assert_int_equal(store_held_count(f.store, NULL), 0);
}

static void
what_is_behind_a_held_message_of_its_conversation_waits_with_it(void **unused)
{
	connect_both();
	file_held(1, 1);
	file(2, 1);
	dispatch();
	assert_true(is_held(2));
	assert_int_equal(count(2, V_DELIVER), 0);
	assert_int_equal(bring(1, "KE.CRS", "KE", "crl 1", E_OK), E_OK);
	assert_int_equal(f.n_again, 2);
	judged(1, E_OK, false);
	judged(2, E_OK, false);
	assert_int_equal(count(2, V_DELIVER), 1); /* one of a conversation at a time */
	take(2, 20, 1);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 2);
}

static void
held_message_is_judged_again_after_a_restart(void **unused)
{
	connect_both();
	file_held(1, 1);
	stop_exchange();
	start_exchange();
	assert_true(is_held(1));
	tick(1000);
	dispatch();
	assert_int_equal(f.n_again, 1);
	judged(1, E_OK, false);
	connect_peer(2, 21, 1, 8);
	assert_int_equal(count(2, V_DELIVER), 1);
}

static void
newer_trust_list_has_everything_held_judged_again(void **unused)
{
	connect_both();
	file_held(1, 1);
	f.trust.version = 2;
	exchange_trust(f.x, &f.trust);
	dispatch();
	assert_int_equal(f.n_again, 1);
}

static void
released_message_comes_back_into_its_old_place(void **unused)
{
	connect_peer(1, 10, 1, 8);
	connect_peer(2, 20, 1, 0);
	tick(1000);
	dispatch();
	forget_effects();
	f.n_again = 0;
	file_held(1, 1);
	file(2, 2);
	dispatch(); /* the lane has read on */
	assert_int_equal(bring(1, "KE.CRS", "KE", "crl 1", E_OK), E_OK);
	judged(1, E_OK, false);
	say_credit(2, 20, 0, 1);
	assert_int_equal(end_group(), E_OK);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
	take(2, 20, 1);
	assert_int_equal(entry_of(1).stage, ST_DELIVERED);
}

/* ---- queued ---- */

static void
queued_message_of_a_signer_revoked_before_it_is_a_dead_letter(void **unused)
{
	connect_peer(1, 10, 1, 8);
	tick(1000);
	dispatch();
	f.n_again = 0;
	file(1, 1);
	file(2, 2);
	forget_effects();
	assert_int_equal(bring(1, "KE.CRS", "KE", "crl 1", E_OK), E_OK);
	assert_int_equal(f.n_again, 2);
	judged(1, E_CERT_REVOKED, false);
	judged(2, E_UNKNOWN_CERT, false); /* was settled when it was accepted */
	assert_int_equal(entry_of(1).stage, ST_DEAD_LETTER);
	assert_int_equal(entry_of(2).stage, ST_ACCEPTED);
}

static void
what_was_offered_is_its_addressees_to_judge(void **unused)
{
	connect_both();
	file(1, 1);
	dispatch();
	assert_int_equal(count(2, V_DELIVER), 1);
	assert_int_equal(bring(1, "KE.CRS", "KE", "crl 1", E_OK), E_OK);
	assert_int_equal(f.n_again, 0);
}

static void
examiners_are_asked_a_few_at_a_time(void **unused)
{
	connect_peer(1, 10, 1, 8);
	tick(1000);
	dispatch();
	for (uint64_t n = 1; n <= 40; n++)
		file(n, n);
	f.n_again = 0;
	f.busy = true;
	assert_int_equal(bring(1, "KE.CRS", "KE", "crl 1", E_OK), E_OK);
	assert_int_equal(f.n_again, 0);
	f.busy = false;
	dispatch();
	assert_int_equal(f.n_again, 16);
	for (size_t i = 0; i < 40; i++)
		judged(f.again[i], E_OK, false);
	assert_int_equal(f.n_again, 40);
}

static void
data_of_another_country_moves_nothing(void **unused)
{
	connect_both();
	file_held(1, 1);
	assert_int_equal(bring(2, "SO.NIRA", "SO", "crl so", E_OK), E_OK);
	assert_int_equal(f.n_again, 0);
	assert_true(is_held(1));
}

/* ---- who brings it, who is told ---- */

static void
party_brings_data_of_its_own_country_only(void **unused)
{
	connect_both();
	assert_int_equal(bring(1, "KE.CRS", "SO", "crl so", E_OK), E_REVOCATION);
	assert_refused(1, 0, E_REVOCATION);
	assert_int_equal(f.in_force, 0);
	forget_effects();
	assert_int_equal(bring(1, "KE.CRS", "KE", "crl 1", E_REVOCATION_OLD), E_REVOCATION_OLD);
	assert_refused(1, 0, E_REVOCATION_OLD);
	assert_int_equal(f.in_force, 0);
	assert_int_equal(bring(99, NULL, "SO", "crl so", E_OK), E_OK);
	assert_int_equal(f.in_force, 1);
}

static void
say_status(peer_no peer, uint8_t key, uint64_t number)
{
	const struct wire w = {.verb = V_STATUS, .number = number};

	say(peer, key, &w);
	assert_int_equal(end_group(), E_OK);
	dispatch();
}

static void
peers_that_asked_are_told_what_is_new_to_them(void **unused)
{
	connect_both();
	assert_int_equal(bring(99, NULL, "KE", "crl 1", E_OK), E_OK);
	assert_int_equal(bring(99, NULL, "SO", "crl so", E_OK), E_OK);
	assert_int_equal(count(1, V_STATUS) + count(2, V_STATUS), 0);
	say_status(1, 10, 0);
	assert_int_equal(count(1, V_STATUS), 2);
	assert_int_equal(effect_of(1, V_STATUS, 0)->w.number, 1);
	assert_int_equal(effect_of(1, V_STATUS, 1)->w.number, 2);
	assert_memory_equal(effect_of(1, V_STATUS, 1)->extra.data, "crl so", 6);
	say_status(2, 20, 1);
	assert_int_equal(count(2, V_STATUS), 1);
	forget_effects();
	assert_int_equal(bring(99, NULL, "KE", "crl 2", E_OK), E_OK);
	assert_int_equal(count(1, V_STATUS), 1);
	assert_int_equal(effect_of(1, V_STATUS, 0)->w.number, 3);
	assert_int_equal(count(2, V_STATUS), 1);
	forget_effects();
	say_status(2, 20, 77); /* of a store that was newer than this one */
	assert_int_equal(count(2, V_STATUS), 2);
}

static enum err
hears(const char *by, const char *der)
{
	struct digest digest;
	struct party party;

	digest_of(der, strlen(der), &digest);
	if (by != NULL)
		assert_true(party_parse(by, &party));
	return exchange_hears_revocation(f.x, by != NULL ? &party : NULL, &digest, f.tick);
}

static void
octets_in_force_are_known(void **unused)
{
	assert_int_equal(hears("KE.CRS", "crl 1"), E_OK);
	assert_int_equal(bring(99, NULL, "KE", "crl 1", E_OK), E_OK);
	assert_int_equal(hears("KE.CRS", "crl 1"), E_REVOCATION_OLD);
	stop_exchange();
	start_exchange();
	assert_int_equal(hears(NULL, "crl 1"), E_REVOCATION_OLD);
	assert_int_equal(bring(99, NULL, "KE", "crl 2", E_OK), E_OK);
	assert_int_equal(hears("KE.CRS", "crl 1"), E_OK); /* an examiner says that it is old */
	assert_int_equal(hears("KE.CRS", "crl 2"), E_REVOCATION_OLD);
}

static void
party_that_brings_too_much_is_told_to_wait(void **unused)
{
	for (int i = 0; i < 8; i++)
		assert_int_equal(hears("KE.CRS", "nonsense"), E_OK);
	assert_int_equal(hears("KE.CRS", "nonsense"), E_BUSY);
	assert_int_equal(hears("SO.NIRA", "nonsense"), E_OK);
	assert_int_equal(hears(NULL, "nonsense"), E_OK);
	f.tick += 60000;
	assert_int_equal(hears("KE.CRS", "nonsense"), E_OK);
}

static void
settlement_by_a_held_signer_is_to_be_said_again(void **unused)
{
	struct sample r;

	connect_both();
	file(1, 1);
	dispatch();
	take(2, 20, 1);
	forget_effects();
	r = receipt_for(1, ST_COMMITTED, "", 1);
	r.v.held = 1;
	say_settled(2, &r, 1);
	assert_int_equal(end_group(), E_OK);
	assert_refused(2, 1, E_HELD);
	forget_effects();
	r.v.held = 0;
	say_settled(2, &r, 1);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(2, V_RECEIPT), 1);
	buf_free(&r.octets);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(held_message_is_accepted_and_not_offered),
		T(fresh_revocation_data_releases_what_was_held),
		T(what_is_still_too_old_stays_held),
		T(held_message_of_a_revoked_signer_is_a_dead_letter),
		T(held_message_expires),
		T(what_is_behind_a_held_message_of_its_conversation_waits_with_it),
		T(held_message_is_judged_again_after_a_restart),
		T(newer_trust_list_has_everything_held_judged_again),
		T(released_message_comes_back_into_its_old_place),
		T(queued_message_of_a_signer_revoked_before_it_is_a_dead_letter),
		T(what_was_offered_is_its_addressees_to_judge),
		T(examiners_are_asked_a_few_at_a_time),
		T(data_of_another_country_moves_nothing),
		T(party_brings_data_of_its_own_country_only),
		T(peers_that_asked_are_told_what_is_new_to_them),
		T(octets_in_force_are_known),
		T(party_that_brings_too_much_is_told_to_wait),
		T(settlement_by_a_held_signer_is_to_be_said_again),
	};

	return cmocka_run_group_tests_name("exchange_held", tests, NULL, NULL);
}
