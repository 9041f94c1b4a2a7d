/* SPDX-License-Identifier: EUPL-1.2
 *
 * One id, two contents, both signed by their sender: the first stands, the second is refused with a
 * proof that names both digests, and both sides hear of it. */
#include "tests/unit/exchange_fixture.h"

#define SIGNED_MOST 16

static int
set_up_connected(void **state)
{
	(void)set_up(state);
	connect_peer(1, 10, 5, 8);
	connect_peer(2, 20, 5, 8);
	file(1, 1);
	forget_effects();
	return 0;
}

/* Message 1 with other octets; each variant differs from every other. */
static void
file_other(unsigned variant)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");

	buf_printf(&m.octets, "<!-- %u -->", variant);
	digest_of(m.octets.data, m.octets.size, &m.v.digest);
	submit(1, &m);
	buf_free(&m.octets);
}

static struct digest
digest_of_other(unsigned variant)
{
	OWNED_BUF(b) = {0};
	struct digest d;

	buf_printf(&b, "<e:Message>1</e:Message><!-- %u -->", variant);
	digest_of(b.data, b.size, &d);
	return d;
}

static void
conflict(unsigned variant)
{
	file_other(variant);
	assert_int_equal(end_group(), E_OK);
}

/* The proof in the nth REFUSED to peer 1, NULL when it has none. */
static const struct buf *
proof(size_t nth)
{
	const struct effect *e = effect_of(1, V_REFUSED, nth);

	assert_non_null(e);
	assert_int_equal(e->w.code, E_CONFLICT);
	assert_false(e->w.retry);
	return e->extra.size > 0 ? &e->extra : NULL;
}

static void
assert_proof(const struct buf *b, unsigned variant)
{
	struct digest offered = digest_of_other(variant), stands = entry_of(1).digest;
	struct id id = numbered_id(1);
	struct receipt r;

	assert_non_null(b);
	assert_int_equal(receipt_verify(buf_bytes(b), ORIGIN, f.log_public, &r), E_OK);
	assert_int_equal(r.what.stage, ST_CONFLICT);
	assert_true(id_equal(&r.what.id, &id));
	assert_string_equal(r.what.from.code, "KE.CRS");
	assert_string_equal(r.what.to.code, "SO.NIRA");
	assert_true(digest_equal(&r.what.digest, &offered));
	assert_true(r.what.has_by && digest_equal(&r.what.by, &stands));
}

static void
assert_same_octets(const struct buf *a, const struct buf *b)
{
	assert_non_null(a);
	assert_non_null(b);
	assert_int_equal(a->size, b->size);
	assert_memory_equal(a->data, b->data, a->size);
}

static uint64_t
log_size(void)
{
	struct store_figures figures;

	store_figures(f.store, &figures);
	return figures.log_size;
}

static void
conflict_is_proved_by_a_receipt_that_names_both_digests(void **state)
{
	conflict(1);
	assert_refused(1, 1, E_CONFLICT);
	assert_proof(proof(0), 1);
	assert_int_equal(entry_of(1).stage, ST_ACCEPTED);
	assert_int_equal(log_size(), 2);
	assert_int_equal(count_news("conflict"), 1);
}

static void
same_conflict_again_has_the_same_proof(void **state)
{
	file_other(1);
	file_other(1); /* in the group that makes the proof */
	assert_int_equal(end_group(), E_OK);
	conflict(2);
	f.now += HOUR;
	conflict(1);
	stop_exchange();
	start_exchange();
	connect_peer(1, 10, 6, 8);
	conflict(1);
	assert_proof(proof(0), 1);
	assert_proof(proof(2), 2);
	assert_same_octets(proof(0), proof(1));
	assert_same_octets(proof(0), proof(3));
	assert_same_octets(proof(0), proof(4));
	assert_int_equal(log_size(), 3);
}

static void
sixteen_are_signed_and_the_seventeenth_is_refused_without_a_proof(void **state)
{
	for (unsigned i = 0; i <= SIGNED_MOST; i++)
		conflict(i);
	for (unsigned i = 0; i < SIGNED_MOST; i++)
		assert_proof(proof(i), i);
	assert_null(proof(SIGNED_MOST));
	assert_int_equal(log_size(), 1 + SIGNED_MOST);
	conflict(SIGNED_MOST - 1);
	assert_same_octets(proof(SIGNED_MOST - 1), proof(SIGNED_MOST + 1));
}

static void
both_sides_are_told_of_the_first_conflict(void **state)
{
	conflict(1);
	conflict(2);
	conflict(1);
	dispatch();
	assert_int_equal(count(1, V_CONFIRM), 1);
	assert_int_equal(count(2, V_CONFIRM), 1);
	for (peer_no peer = 1; peer <= 2; peer++) {
		assert_proof(&effect_of(peer, V_CONFIRM, 0)->body, 1);
		assert_int_equal(effect_of(peer, V_CONFIRM, 0)->extra.size, 0);
	}
}

static void
addressee_that_was_away_is_told_when_it_comes(void **state)
{
	exchange_peer_gone(f.x, 2);
	conflict(1);
	dispatch();
	assert_int_equal(count(2, V_CONFIRM), 0);
	connect_peer(2, 20, 6, 8);
	dispatch();
	assert_proof(&effect_of(2, V_CONFIRM, 0)->body, 1);
}

/* Whoever can not sign for the sender can not raise an alarm about him either. */
static void
octets_that_an_examiner_refuses_make_no_conflict(void **state)
{
	struct sample m = sample(1, 1, "KE.CRS", "SO.NIRA");

	m.v.digest.octet[0] ^= 1;
	m.v.code = E_SIGNATURE;
	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	assert_refused(1, 1, E_SIGNATURE);
	assert_int_equal(effect_of(1, V_REFUSED, 0)->extra.size, 0);
	assert_int_equal(log_size(), 1);
	dispatch();
	assert_int_equal(count(2, V_CONFIRM), 0);
	buf_free(&m.octets);
}

static void
addressee_that_names_other_octets_signs_nothing_and_proves_nothing(void **state)
{
	struct wire w = {.verb = V_TAKEN, .id = numbered_id(1), .digest = digest_of_other(1)};

	say(2, 20, &w);
	assert_int_equal(end_group(), E_OK);
	assert_refused(2, 1, E_CONFLICT);
	assert_int_equal(effect_of(2, V_REFUSED, 0)->extra.size, 0);
	assert_int_equal(log_size(), 1);
}

static void
conflict_about_a_message_that_has_ended_changes_nothing_of_its_end(void **state)
{
	take(2, 20, 1);
	settle(2, 1, ST_COMMITTED, "", 0);
	forget_effects();
	conflict(1);
	assert_proof(proof(0), 1);
	assert_int_equal(entry_of(1).stage, ST_COMMITTED);
	conflict(1);
	assert_same_octets(proof(0), proof(1));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up_connected, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(conflict_is_proved_by_a_receipt_that_names_both_digests),
		T(same_conflict_again_has_the_same_proof),
		T(sixteen_are_signed_and_the_seventeenth_is_refused_without_a_proof),
		T(both_sides_are_told_of_the_first_conflict),
		T(addressee_that_was_away_is_told_when_it_comes),
		T(octets_that_an_examiner_refuses_make_no_conflict),
		T(addressee_that_names_other_octets_signs_nothing_and_proves_nothing),
		T(conflict_about_a_message_that_has_ended_changes_nothing_of_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
