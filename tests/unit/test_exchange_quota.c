/* SPDX-License-Identifier: EUPL-1.2
 *
 * How much of the store one sender may fill. What it has filed stays, what is more waits in its own
 * spool, and nobody else notices. */
#include "tests/unit/exchange_fixture.h"

static int
set_up_connected(void **state)
{
	(void)set_up(state);
	connect_peer(1, 10, 5, 8);
	connect_peer(2, 20, 5, 8);
	forget_effects();
	return 0;
}

/* A message that fills 40 percent of one percent of the store. */
static void
file_large(peer_no peer, uint64_t n, const char *from, const char *to)
{
	struct sample m = sample(n, n, from, to);

	for (size_t wanted = store_size(f.store) / 250; m.octets.size < wanted;)
		buf_text(&m.octets, "0123456789abcdef");
	digest_of(m.octets.data, m.octets.size, &m.v.digest);
	m.v.size = (uint32_t)m.octets.size;
	submit(peer, &m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m.octets);
}

static void
a_sender_fills_its_share_and_no_more(void **state)
{
	(void)state;
	exchange_share(f.x, 1);
	file_large(1, 1, "KE.CRS", "SO.NIRA");
	file_large(1, 2, "KE.CRS", "SO.NIRA");
	assert_int_equal(count(1, V_RECEIPT), 2);
	forget_effects();
	file_large(1, 3, "KE.CRS", "SO.NIRA");
	assert_refused(1, 3, E_QUOTA);
}

static void
others_have_theirs(void **state)
{
	(void)state;
	exchange_share(f.x, 1);
	for (uint64_t n = 1; n <= 3; n++)
		file_large(1, n, "KE.CRS", "SO.NIRA");
	file_large(2, 4, "SO.NIRA", "KE.CRS");
	assert_int_equal(count(2, V_RECEIPT), 1);
}

static void
what_has_ended_is_not_counted(void **state)
{
	struct party kenya = {"KE.CRS"};

	(void)state;
	exchange_share(f.x, 1);
	file_large(1, 1, "KE.CRS", "SO.NIRA");
	file_large(1, 2, "KE.CRS", "SO.NIRA");
	assert_true(store_share(f.store, NULL, &kenya) >= store_size(f.store) / 125);
	tick(25 * (int64_t)HOUR);
	assert_int_equal(entry_of(1).stage, ST_EXPIRED);
	assert_int_equal(store_share(f.store, NULL, &kenya), 0);
}

static void
a_repeat_is_answered_though_the_share_is_full(void **state)
{
	(void)state;
	exchange_share(f.x, 1);
	file_large(1, 1, "KE.CRS", "SO.NIRA");
	file_large(1, 2, "KE.CRS", "SO.NIRA");
	forget_effects();
	file_large(1, 2, "KE.CRS", "SO.NIRA");
	assert_int_equal(count(1, V_RECEIPT), 1);
}

static void
the_trust_list_gives_a_party_more(void **state)
{
	(void)state;
	exchange_share(f.x, 1);
	for (size_t i = 0; i < f.trust.n; i++)
		f.trust.party[i].quota.share = 2;
	for (uint64_t n = 1; n <= 4; n++)
		file_large(1, n, "KE.CRS", "SO.NIRA");
	assert_int_equal(count(1, V_RECEIPT), 4);
}

#define CONNECTED(test) cmocka_unit_test_setup_teardown(test, set_up_connected, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CONNECTED(a_sender_fills_its_share_and_no_more),
		CONNECTED(others_have_theirs),
		CONNECTED(what_has_ended_is_not_counted),
		CONNECTED(a_repeat_is_answered_though_the_share_is_full),
		CONNECTED(the_trust_list_gives_a_party_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
