/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the link says and how it hears the answers: greeting, the outbox, receipts that get lost,
 * come twice, are forged, and refusals of both kinds. */
#include "tests/unit/link_stage.h"

/* ---- greeting ---- */

static void
hello_names_epoch_resume_and_credit(void **state)
{
	const struct wire *w = &scene->heard[0].w;

	(void)state;
	assert_int_equal(w->verb, V_HELLO);
	assert_true(w->epoch > 1);
	assert_int_equal(w->resume, 0);
	assert_int_equal(w->number, 8);
	assert_int_equal(scene->ups, 1);
}

static void
second_link_on_one_spool_is_locked(void **state)
{
	struct link *other = NULL;

	(void)state;
	assert_int_equal(open_link(&other), E_LOCKED);
	assert_null(other);
}

static void
stale_epoch_ends_the_link_for_good(void **state)
{
	OWNED_BUF(m) = {0};
	struct id none = {{0}}, id;

	(void)state;
	broker_says(&(struct wire){
		.verb = V_REFUSED, .id = none, .code = E_STALE_EPOCH, .retry = false});
	while (!scene->fenced)
		turn();
	assert_false(link_is_up(scene->link));
	scene->seen = scene->n;
	id = file(&m);
	event_base_loop(scene->base, EVLOOP_NONBLOCK);
	assert_true(unheard(V_SUBMIT));
	assert_int_equal(out_state(&id), OUT_FILED);
}

static void
forgetful_broker_is_greeted_again(void **state)
{
	OWNED_BUF(m) = {0};
	struct id none = {{0}};
	struct id id = file(&m);
	int64_t start = monotonic_now();

	(void)state;
	expect(V_SUBMIT);
	while (monotonic_now() - start <= 1000) /* greetings are at least a second apart */
		turn();
	broker_says(
		&(struct wire){.verb = V_REFUSED, .id = none, .code = E_NOT_READY, .retry = true});
	expect(V_HELLO);
	assert_memory_equal(expect(V_SUBMIT)->body.data, m.data, m.size);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
}

static void
restarted_broker_is_greeted_and_told_again(void **state)
{
	OWNED_BUF(m) = {0};
	struct id id = file(&m);

	(void)state;
	expect(V_SUBMIT);
	broker_restarts();
	assert_int_equal(expect(V_HELLO)->w.epoch, scene->heard[0].w.epoch);
	assert_memory_equal(expect(V_SUBMIT)->body.data, m.data, m.size);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	assert_int_equal(scene->ups, 2);
}

static void
bye_is_said_at_the_end(void **state)
{
	(void)state;
	link_close(&scene->link);
	expect(V_BYE);
}

static void
newer_trust_list_is_handed_on_and_an_older_one_is_not(void **state)
{
	(void)state;
	broker_says(&(struct wire){.verb = V_TRUST, .number = 7, .body = bytes_of("same", 4)});
	heard_all();
	assert_int_equal(scene->offered.size, 5);
	assert_memory_equal(scene->offered.data, "newer", 5);
}

/* ---- the outbox ---- */

static void
filed_message_is_submitted_and_its_receipt_kept(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(kept) = {0};
	struct id id = file(&m);
	const struct heard *h = expect(V_SUBMIT);

	(void)state;
	assert_int_equal(h->body.size, m.size);
	assert_memory_equal(h->body.data, m.data, m.size);
	assert_int_equal(out_state(&id), OUT_FILED);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	assert_int_equal(spool_evidence(scene->spool, &id, "ACCEPTED", &kept), E_OK);
	assert_true(kept.size > 0);
	assert_true(scene->changes > 0);
}

static void
receipt_that_comes_twice_is_kept_once(void **state)
{
	OWNED_BUF(m) = {0};
	struct id id = file(&m);

	(void)state;
	expect(V_SUBMIT);
	say_accepted(&id, &m);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	said_all();
	assert_int_equal(out_state(&id), OUT_SENT);
	assert_true(unheard(V_SUBMIT));
}

static void
forged_receipts_are_dropped(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(other) = {0};
	EVP_PKEY *stranger = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct id id = file(&m), else_id = id_new();
	struct statement good = statement_for(&id, &m, SOMALIA, KENYA, ST_ACCEPTED), bad;

	(void)state;
	expect(V_SUBMIT);
	say_receipt(stranger, &id, &good); /* another log's */
	bad = good;
	digest_of("x", 1, &bad.digest);
	say_receipt(scene->log_key, &id, &bad); /* other bytes */
	bad = good;
	bad.to = party_of(OFFICE);
	say_receipt(scene->log_key, &id, &bad); /* another addressee */
	bad = good;
	bad.from = party_of(KENYA);
	bad.to = party_of(OFFICE);
	say_receipt(scene->log_key, &id, &bad); /* somebody else's */
	bad = good;
	bad.id = else_id;
	say_receipt(scene->log_key, &id, &bad); /* another message */
	bad = good;
	bad.stage = ST_COMMITTED;
	say_receipt(scene->log_key, &id, &bad); /* too much */
	broker_says(&(struct wire){.verb = V_RECEIPT, .id = id, .body = bytes_of("junk", 4)});
	said_all();
	assert_int_equal(out_state(&id), OUT_FILED);
	assert_int_equal(spool_evidence(scene->spool, &id, "ACCEPTED", &other), E_NOT_FOUND);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
	key_free(&stranger);
}

static void
busy_broker_is_asked_again_later(void **state)
{
	OWNED_BUF(m) = {0};
	struct id id = file(&m);
	struct out_entry e;
	int64_t start;

	(void)state;
	expect(V_SUBMIT);
	start = monotonic_now();
	broker_says(&(struct wire){.verb = V_REFUSED, .id = id, .code = E_BUSY, .retry = true});
	expect(V_SUBMIT);
	assert_true(monotonic_now() - start >= 700);
	assert_int_equal(spool_out(scene->spool, &id, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_FILED);
	assert_int_equal(e.code, E_BUSY);
	assert_int_equal(e.attempts, 1);
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
}

static void
final_refusal_is_kept_and_not_asked_again(void **state)
{
	OWNED_BUF(m) = {0};
	struct id id = file(&m);
	struct out_entry e;

	(void)state;
	expect(V_SUBMIT);
	broker_says(&(struct wire){.verb = V_REFUSED,
		.id = id,
		.code = E_CONFLICT,
		.retry = false,
		.text = bytes_of("two digests", 11)});
	until_out(&id, OUT_REFUSED);
	assert_int_equal(spool_out(scene->spool, &id, &e, NULL), E_OK);
	assert_int_equal(e.code, E_CONFLICT);
	said_all();
	assert_true(unheard(V_SUBMIT));
}

static void
no_more_than_a_window_is_under_way(void **state)
{
	struct buf m[40] = {{0}};
	struct id id[40];
	size_t submits = 0;

	(void)state;
	for (int i = 0; i < 40; i++)
		id[i] = file(&m[i]);
	said_all();
	for (size_t i = 0; i < scene->n; i++)
		submits += scene->heard[i].w.verb == V_SUBMIT;
	assert_int_equal(submits, 32);
	scene->seen = scene->n;
	say_accepted(&id[0], &m[0]);
	assert_memory_equal(expect(V_SUBMIT)->body.data, m[32].data, m[32].size);
	for (int i = 0; i < 40; i++)
		buf_free(&m[i]);
}

static void
conversation_is_submitted_in_its_order(void **state)
{
	OWNED_BUF(first) = {0};
	OWNED_BUF(second) = {0};
	OWNED_BUF(other) = {0};
	struct id conversation = id_new();
	struct id one = file_in(&conversation, &first), two = file_in(&conversation, &second);

	(void)state;
	file(&other);
	assert_memory_equal(expect(V_SUBMIT)->body.data, first.data, first.size);
	assert_memory_equal(expect(V_SUBMIT)->body.data, other.data, other.size);
	said_all();
	assert_true(unheard(V_SUBMIT));
	say_accepted(&one, &first);
	assert_memory_equal(expect(V_SUBMIT)->body.data, second.data, second.size);
	say_accepted(&two, &second);
	until_out(&two, OUT_SENT);
}

static void
message_that_is_damaged_on_disk_does_not_hold_up_the_others(void **state)
{
	OWNED_BUF(bad) = {0};
	OWNED_BUF(good) = {0};
	struct id one, two;
	struct out_entry e;

	(void)state;
	link_close(&scene->link);
	scene->link = NULL;
	one = file_quietly(&bad);
	two = file_quietly(&good);
	spool_close(&scene->spool);
	flip_in_spool(&bad);
	assert_int_equal(spool_open(scene->place, 0, &scene->spool), E_OK);
	assert_int_equal(open_link(&scene->link), E_OK);
	assert_memory_equal(expect(V_SUBMIT)->body.data, good.data, good.size);
	assert_int_equal(spool_out(scene->spool, &one, &e, NULL), E_OK);
	assert_int_equal(e.state, OUT_REFUSED);
	assert_int_equal(e.code, E_IO);
	say_accepted(&two, &good);
	until_out(&two, OUT_SENT);
}

static void
frames_that_are_no_verb_are_dropped(void **state)
{
	OWNED_BUF(m) = {0};
	struct bytes junk[2] = {bytes_of("DXP1", 4), bytes_of("NONSENSE", 8)};
	struct id id = file(&m);

	(void)state;
	expect(V_SUBMIT);
	assert_true(gate_send(scene->gate, scene->last_peer, junk, 2));
	assert_true(gate_send(scene->gate, scene->last_peer, junk + 1, 1));
	say_accepted(&id, &m);
	until_out(&id, OUT_SENT);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(hello_names_epoch_resume_and_credit),
		T(second_link_on_one_spool_is_locked),
		T(stale_epoch_ends_the_link_for_good),
		T(forgetful_broker_is_greeted_again),
		T(restarted_broker_is_greeted_and_told_again),
		T(bye_is_said_at_the_end),
		T(newer_trust_list_is_handed_on_and_an_older_one_is_not),
		T(filed_message_is_submitted_and_its_receipt_kept),
		T(receipt_that_comes_twice_is_kept_once),
		T(forged_receipts_are_dropped),
		T(busy_broker_is_asked_again_later),
		T(final_refusal_is_kept_and_not_asked_again),
		T(no_more_than_a_window_is_under_way),
		T(conversation_is_submitted_in_its_order),
		T(message_that_is_damaged_on_disk_does_not_hold_up_the_others),
		T(frames_that_are_no_verb_are_dropped),
	};

	log_open("test_link", LOG_ERROR);
	realm_ready();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
