/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation data on the line, as a peer has it: asked for, kept, given to the examiner again after
 * a restart; what our own authority has issued is brought; and what is delivered while too little
 * is known is taken, and waits. */
#include "tests/unit/talk_stage.h"

#include "lib/log.h"

/* The examiner's side, as tests set it. */
static struct {
	enum err says;	 /* of revocation data */
	unsigned given;	 /* items */
	char last[16];	 /* the last of them */
	bool held;	 /* what is delivered */
	enum err judges; /* what was held, once more */
	bool still_held;
	unsigned judged;
	int64_t when;
} scene;

static enum err
give(void *context, struct bytes der, struct revocation_facts *out)
{
	*out = (struct revocation_facts){.magic = REVOCATION_MAGIC,
		.code = scene.says,
		.kind = REVOCATION_CRL,
		.country = "KE",
		.subject = {{der.data[0]}}};
	digest_of(der.data, der.size, &out->digest);
	scene.given++;
	assert_true(der.size < sizeof scene.last);
	memset(scene.last, 0, sizeof scene.last);
	memcpy(scene.last, der.data, der.size);
	return scene.says;
}

static enum err
examine_held(void *context, enum examine_mode mode, struct bytes message, struct verdict *out)
{
	enum err e = on_examine(context, mode, message, out);

	out->held = scene.held;
	return e;
}

static enum err
examine_then(void *context, enum examine_mode mode, int64_t when, struct bytes message,
	struct verdict *out)
{
	(void)on_examine(context, mode, message, out);
	scene.judged++;
	scene.when = when;
	out->code = scene.judges;
	out->held = scene.still_held;
	return scene.judges;
}

static void
open_scene(void)
{
	const struct talk_options o = options();
	const struct talk_effects fx = {.context = st,
		.send = on_send,
		.examine = examine_held,
		.examine_at = examine_then,
		.revocation = give,
		.changed = on_changed,
		.soon = on_soon};

	talk_free(&st->talk);
	st->talk = talk_new(&o, st->spool, &fx, st->now, st->tick);
}

static int
begin(void **state)
{
	memset(&scene, 0, sizeof scene);
	if (setup(state) != 0)
		return -1;
	open_scene();
	connect_anew();
	return 0;
}

static void
say_item(uint64_t number, const char *der)
{
	broker_says(&(struct wire){
		.verb = V_STATUS, .number = number, .extra = bytes_of(der, strlen(der))});
}

/* Time passes, and the exchange is heard now and then. */
static void
lives(int64_t ms)
{
	for (int64_t i = 0; i < ms; i += 10000) {
		passes(10000);
		say_refused(&(struct id){{1}}, E_STATE, NOTHING);
	}
}

/* What STATUS names after another WELCOME. */
static uint64_t
asks_from(void)
{
	all_seen();
	connect_anew();
	return expect(V_STATUS)->w.number;
}

/* ---- what the exchange has ---- */

static void
revocation_data_is_asked_for_after_the_last_that_was_kept(void **unused)
{
	assert_int_equal(expect(V_STATUS)->w.number, 0);
	say_item(3, "a1");
	say_item(5, "b1");
	assert_int_equal(scene.given, 2);
	assert_int_equal(asks_from(), 5);
	assert_int_equal(unseen(V_STATUS), 0);
}

static void
what_was_kept_is_given_to_the_examiner_after_a_restart(void **unused)
{
	say_item(3, "a1");
	say_item(4, "a2");
	scene.given = 0;
	open_scene();
	assert_int_equal(scene.given, 1); /* the newest about a subject */
	assert_string_equal(scene.last, "a2");
}

static void
what_our_examiner_refuses_comes_again(void **unused)
{
	say_item(3, "a1");
	scene.says = E_REVOCATION;
	say_item(4, "b1");
	scene.says = E_OK;
	say_item(5, "c1");
	assert_int_equal(asks_from(), 3);
	say_item(4, "b1");
	say_item(5, "c1");
	assert_int_equal(asks_from(), 5);
}

static void
newer_trust_list_has_what_was_refused_asked_for_again(void **unused)
{
	expect(V_STATUS);
	scene.says = E_REVOCATION;
	say_item(3, "a1");
	assert_int_equal(unseen(V_STATUS), 0);
	talk_trust(st->talk, trust);
	talk_turn(st->talk, st->now, st->tick);
	assert_int_equal(expect(V_STATUS)->w.number, 0);
}

static void
what_is_known_already_counts_as_kept(void **unused)
{
	scene.says = E_REVOCATION_OLD;
	say_item(3, "a1");
	assert_int_equal(asks_from(), 3);
}

static void
peer_without_an_examiner_asks_for_nothing(void **unused)
{
	const struct talk_effects fx = {.context = st, .send = on_send, .soon = on_soon};
	struct talk_options o = options();

	o.credit = 0;
	talk_free(&st->talk);
	st->talk = talk_new(&o, st->spool, &fx, st->now, st->tick);
	all_seen();
	connect_anew();
	say_item(3, "a1");
	assert_int_equal(unseen(V_STATUS), 0);
}

/* ---- what is ours ---- */

static void
bring(const char *first, const char *second)
{
	const struct bytes der[] = {
		bytes_of(first, strlen(first)), bytes_of(second, strlen(second))};

	talk_set_revocation(st->talk, der, 2);
	turns();
}

static void
own_data_is_brought_one_at_a_time_until_it_comes_back(void **unused)
{
	expect(V_STATUS);
	bring("own 1", "own 22");
	assert_int_equal(unseen(V_STATUS), 1);
	assert_int_equal(expect(V_STATUS)->extra, 5);
	lives(30000);
	assert_int_equal(unseen(V_STATUS), 0);
	say_item(1, "own 1");
	assert_int_equal(expect(V_STATUS)->extra, 6);
	say_item(2, "own 22");
	bring("own 1", "own 22");
	lives(120000);
	assert_int_equal(unseen(V_STATUS), 0);
}

static void
own_data_without_an_answer_is_brought_again(void **unused)
{
	expect(V_STATUS);
	bring("own 1", "own 22");
	expect(V_STATUS);
	st->seen = st->n;
	lives(70000);
	assert_int_equal(expect(V_STATUS)->extra, 5);
}

static void
own_data_that_is_refused_for_good_is_left(void **unused)
{
	static const struct id none;

	expect(V_STATUS);
	bring("own 1", "own 22");
	assert_int_equal(expect(V_STATUS)->extra, 5);
	say_refused(&none, E_REVOCATION, NOTHING);
	assert_int_equal(expect(V_STATUS)->extra, 6);
	say_refused(&none, E_BUSY, NOTHING);
	passes(10000);
	assert_int_equal(unseen(V_STATUS), 0);
	lives(30000);
	assert_int_equal(expect(V_STATUS)->extra, 6);
	say_refused(&none, E_REVOCATION_OLD, NOTHING);
	passes(10000);
	assert_int_equal(unseen(V_STATUS), 0);
}

/* ---- held ---- */

static struct header
take_held(struct buf *m)
{
	struct header h = compose(A_QUERY, KENYA, SOMALIA, m);

	scene.held = true;
	deliver(m);
	expect(V_TAKEN);
	assert_int_equal(in_state(&h), IN_TAKEN);
	assert_int_equal(talk_held(st->spool, &h.from, &h.id), E_HELD);
	return h;
}

static void
delivery_that_too_little_is_known_of_is_taken_and_held(void **unused)
{
	OWNED_BUF(m) = {0};
	struct header h = take_held(&m);
	int64_t taken = st->now;

	scene.still_held = true;
	say_item(1, "a1");
	assert_int_equal(scene.judged, 1);
	assert_int_equal(talk_held(st->spool, &h.from, &h.id), E_HELD);
	scene.still_held = false;
	st->now += 5000;
	say_item(2, "a2");
	assert_int_equal(scene.judged, 2);
	assert_true(scene.when == taken);
	assert_int_equal(talk_held(st->spool, &h.from, &h.id), E_OK);
	say_item(3, "a3");
	assert_int_equal(scene.judged, 2);
	assert_int_equal(unseen(V_SETTLED), 0);
}

static void
held_delivery_of_a_revoked_signer_is_to_be_rejected(void **unused)
{
	OWNED_BUF(m) = {0};
	struct header h = take_held(&m);

	scene.judges = E_QUARANTINED;
	say_item(1, "a1");
	assert_int_equal(talk_held(st->spool, &h.from, &h.id), E_HELD);
	scene.judges = E_CERT_REVOKED;
	say_item(2, "a2");
	assert_int_equal(talk_held(st->spool, &h.from, &h.id), E_CERT_REVOKED);
}

static void
held_delivery_is_judged_once_more_after_a_restart(void **unused)
{
	OWNED_BUF(m) = {0};
	struct header h = take_held(&m);

	open_scene();
	connect_anew();
	assert_int_equal(scene.judged, 1);
	assert_int_equal(talk_held(st->spool, &h.from, &h.id), E_OK);
}

static void
what_was_never_held_goes_on(void **unused)
{
	OWNED_BUF(m) = {0};
	struct header h = compose(A_QUERY, KENYA, SOMALIA, &m);

	deliver(&m);
	expect(V_TAKEN);
	assert_int_equal(talk_held(st->spool, &h.from, &h.id), E_OK);
	scene.held = true; /* delivered again, after our data has run out */
	deliver(&m);
	expect(V_TAKEN);
	assert_int_equal(talk_held(st->spool, &h.from, &h.id), E_OK);
}

#define S(f) cmocka_unit_test_setup_teardown(f, begin, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		S(revocation_data_is_asked_for_after_the_last_that_was_kept),
		S(what_was_kept_is_given_to_the_examiner_after_a_restart),
		S(what_our_examiner_refuses_comes_again),
		S(newer_trust_list_has_what_was_refused_asked_for_again),
		S(what_is_known_already_counts_as_kept),
		S(peer_without_an_examiner_asks_for_nothing),
		S(own_data_is_brought_one_at_a_time_until_it_comes_back),
		S(own_data_without_an_answer_is_brought_again),
		S(own_data_that_is_refused_for_good_is_left),
		S(delivery_that_too_little_is_known_of_is_taken_and_held),
		S(held_delivery_of_a_revoked_signer_is_to_be_rejected),
		S(held_delivery_is_judged_once_more_after_a_restart),
		S(what_was_never_held_goes_on),
	};

	log_open("test_talk_revocation", LOG_ERROR);
	realm_ready();
	return cmocka_run_group_tests_name("talk_revocation", tests, make_realm, free_realm);
}
