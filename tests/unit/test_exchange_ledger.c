/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who has handled a case: told to those whose case it is, and to nobody else. */
#include "tests/unit/exchange_fixture.h"

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

static const char *
ask(peer_no peer, uint8_t key, uint64_t conversation)
{
	static char lines[64 * 1024];
	const struct id id = numbered_id(1000000 + conversation);
	const struct effect *e;

	forget_effects();
	say(peer, key, &(struct wire){.verb = V_LEDGER, .id = id});
	assert_int_equal(end_group(), E_OK);
	e = effect_of(peer, V_LEDGER, 0);
	assert_non_null(e);
	assert_true(id_equal(&e->w.id, &id));
	assert_true(e->extra.size < sizeof lines);
	memcpy(lines, e->extra.data, e->extra.size);
	lines[e->extra.size] = '\0';
	return lines;
}

static size_t
lines_of(const char *lines)
{
	size_t n = 0;

	for (; *lines != '\0'; lines++)
		n += *lines == '\n';
	return n;
}

static void
settled_case(void)
{
	file(1, 7);
	dispatch();
	take(2, 20, 1);
	settle(2, 1, ST_COMMITTED, "", 1);
}

/* P11: who, what, when, and under which mandate. */
static void
P11_every_step_of_a_case_is_told_to_its_parties(void **state)
{
	const char *lines;

	settled_case();
	lines = ask(1, 10, 7);
	assert_int_equal(lines_of(lines), 4);
	assert_non_null(strstr(lines, "{\"what\":\"offered\",\"who\":\"DAFTAR.HUB\",\"times\":1"));
	assert_non_null(strstr(lines, "\"at\":\"2026-11-24T08:00:00.000Z\",\"what\":\"accepted\","
				      "\"who\":\"DAFTAR.HUB\""));
	assert_non_null(strstr(lines, "\"what\":\"delivered\",\"who\":\"SO.NIRA\""));
	assert_non_null(strstr(lines, "\"what\":\"committed\",\"who\":\"SO.NIRA\""));
	assert_non_null(
		strstr(lines, "\"agreement\":\"AGR-1\",\"purpose\":\"BIRTH-TRANSCRIPTION\""));
	assert_int_equal(lines_of(ask(2, 20, 7)), 4);
}

/* P11: to somebody else it looks like a case that does not exist. */
static void
P11_nobody_else_learns_that_there_is_a_case(void **state)
{
	settled_case();
	assert_string_equal(ask(3, 30, 7), "");
	assert_string_equal(ask(3, 30, 8), "");
}

/* The road of one message is not told to a party of another message of the case. */
static void
P11_a_party_is_told_of_its_own_messages(void **state)
{
	struct sample m = sample(2, 7, "UNHCR.NBO", "KE.CRS");

	settled_case();
	submit(3, &m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m.octets);
	assert_int_equal(lines_of(ask(1, 10, 7)), 5);
	assert_int_equal(lines_of(ask(2, 20, 7)), 4);
	assert_null(strstr(ask(2, 20, 7), "UNHCR"));
	assert_int_equal(lines_of(ask(3, 30, 7)), 1);
}

/* The token of message 3, by UNHCR.NBO. */
static struct sample
with_token(uint64_t n)
{
	struct sample m = sample(n, 7, "KE.CRS", "SO.NIRA");
	struct header *h = &m.v.header;

	h->has_token = true;
	h->token = (struct consent_token){.id = numbered_id(77),
		.conversation = h->conversation,
		.holder = h->from,
		.destination = h->to,
		.issued = START,
		.valid_until = START + 24 * (int64_t)HOUR};
	assert_true(party_parse("UNHCR.NBO", &h->token.by));
	strcpy(h->token.purpose, h->purpose);
	return m;
}

/* Nor of what is on its way to it, before it is offered: it may never be. */
static void
P11_who_took_the_consent_is_told_of_the_whole_case(void **state)
{
	struct sample m = with_token(3);

	exchange_peer_gone(f.x, 2);
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m.octets);
	assert_int_equal(lines_of(ask(3, 30, 7)), 1);
	assert_non_null(
		strstr(ask(3, 30, 7), "\"token\":\"018f0000-0000-7000-8000-00000000004d\""));
	say_hello(2, 20, 6, 0, 0);
	assert_int_equal(end_group(), E_OK);
	assert_string_equal(ask(2, 20, 7), "");
}

/* An office that has heard a number of a case, and files something of its own under it. */
static void
P11_another_offices_token_opens_no_case(void **state)
{
	struct sample own = with_token(3), other = with_token(4);

	assert_true(party_parse("SO.NIRA", &own.v.header.token.by));
	submit(1, &own);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(lines_of(ask(3, 30, 7)), 0);
	other.v.header.token.id = numbered_id(78);
	submit(1, &other);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(lines_of(ask(3, 30, 7)), 1);
	assert_null(strstr(ask(3, 30, 7), "00000000004d"));
	buf_free(&own.octets);
	buf_free(&other.octets);
}

static void
P11_an_administrator_who_looked_is_told_of_without_a_name(void **state)
{
	struct access a = {.kind = ACCESS_SEEN, .at = START + 5000, .uid = 4711, .by = "anna"};
	const char *lines;

	settled_case();
	store_add_access(group(), 1, &a);
	a.at += 59000; /* within the minute: the same look */
	store_add_access(group(), 1, &a);
	a.at += 2000;
	store_add_access(group(), 1, &a);
	assert_int_equal(end_group(), E_OK);
	lines = ask(1, 10, 7);
	assert_int_equal(lines_of(lines), 6);
	assert_non_null(strstr(lines, "\"what\":\"seen\",\"who\":\"DAFTAR.HUB\","
				      "\"by\":\"administrator\""));
	assert_null(strstr(lines, "anna"));
	assert_null(strstr(lines, "4711"));
}

static void
accesses_of_a_message_are_bounded(void **state)
{
	struct access a = {.kind = ACCESS_SEEN, .at = START};
	struct access list[STORE_ACCESSES_MAX + 1];

	file(1, 7);
	for (int i = 0; i < STORE_ACCESSES_MAX + 5; i++) {
		a.at += 61000;
		store_add_access(group(), 1, &a);
		assert_int_equal(end_group(), E_OK);
	}
	assert_int_equal(
		store_accesses(f.store, NULL, 1, list, STORE_ACCESSES_MAX + 1), STORE_ACCESSES_MAX);
	assert_int_equal(list[STORE_ACCESSES_MAX - 1].at, a.at);
}

static void
who_asks_too_often_is_put_off(void **state)
{
	for (int i = 0; i < 16; i++)
		(void)ask(1, 10, 7);
	forget_effects();
	say(1, 10, &(struct wire){.verb = V_LEDGER, .id = numbered_id(1)});
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 1, E_BUSY);
	tick(2000);
	(void)ask(1, 10, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(P11_every_step_of_a_case_is_told_to_its_parties,
			set_up_connected, tear_down),
		cmocka_unit_test_setup_teardown(
			P11_nobody_else_learns_that_there_is_a_case, set_up_connected, tear_down),
		cmocka_unit_test_setup_teardown(
			P11_a_party_is_told_of_its_own_messages, set_up_connected, tear_down),
		cmocka_unit_test_setup_teardown(P11_who_took_the_consent_is_told_of_the_whole_case,
			set_up_connected, tear_down),
		cmocka_unit_test_setup_teardown(
			P11_another_offices_token_opens_no_case, set_up_connected, tear_down),
		cmocka_unit_test_setup_teardown(
			P11_an_administrator_who_looked_is_told_of_without_a_name, set_up_connected,
			tear_down),
		cmocka_unit_test_setup_teardown(
			accesses_of_a_message_are_bounded, set_up_connected, tear_down),
		cmocka_unit_test_setup_teardown(
			who_asks_too_often_is_put_off, set_up_connected, tear_down),
	};

	return cmocka_run_group_tests_name("exchange_ledger", tests, NULL, NULL);
}
