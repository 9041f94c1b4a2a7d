/* SPDX-License-Identifier: EUPL-1.2
 *
 * daftard's pool of real examiners: order, and what happens to messages when a process dies. The
 * documents are nonsense, so that a verdict costs nothing. */
#include "tests/unit/test_realm.h"

#include <signal.h>

#include "broker/examiners.h"
#include "tests/unit/test_revoke.h"

#ifdef DAFTAR_SANITIZER
#define BOUND_MS 120000
#else
#define BOUND_MS 20000
#endif

static const struct party kenya = {"KE.CRS"};

struct world {
	struct event_base *base;
	struct realm *realm;
	struct examiners *pool;
	unsigned ready, failed, n;
	enum err why;
	char out[256];	    /* first characters of what came out */
	enum err code[256]; /* and its codes */
	struct id settled;
	struct revocation_facts facts;
	struct buf brought; /* what they are about */
	unsigned checked;
	uint64_t again;
	enum err judged;
};

static void
on_ready(void *context)
{
	((struct world *)context)->ready++;
}

static void
on_failed(void *context, enum err why)
{
	struct world *w = context;

	w->failed++;
	w->why = why;
}

static void
on_examined(void *context, peer_no peer, const struct verdict *v, struct bytes message,
	const struct id *settles)
{
	struct world *w = context;

	assert_int_equal(peer, 1);
	w->out[w->n] = (char)message.data[0];
	w->code[w->n++] = (enum err)v->code;
	if (settles != NULL)
		w->settled = *settles;
}

static void
on_again(void *context, uint64_t seq, const struct verdict *v)
{
	struct world *w = context;

	w->again = seq;
	w->judged = (enum err)v->code;
	w->n++;
}

static void
on_revocation(void *context, peer_no peer, const struct party *by, const struct revocation_facts *f,
	struct bytes der)
{
	struct world *w = context;

	assert_int_equal(peer, 7);
	assert_true(party_equal(by, &kenya));
	w->facts = *f;
	buf_reset(&w->brought);
	buf_add_bytes(&w->brought, der);
	w->checked++;
}

static int
open_world(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -1;
	w->realm = realm_new();
	w->base = event_base_new();
	*state = w;
	return 0;
}

static int
close_world(void **state)
{
	struct world *w = *state;

	examiners_close(&w->pool);
	event_base_loop(w->base, EVLOOP_NONBLOCK);
	event_base_free(w->base);
	realm_free(&w->realm);
	buf_free(&w->brought);
	free(w);
	return 0;
}

static void
until(struct world *w, const unsigned *number, unsigned wanted)
{
	int64_t end = monotonic_now() + BOUND_MS;

	while (*number < wanted && monotonic_now() < end) {
		struct timeval soon = {0, 5000};

		event_base_loopexit(w->base, &soon);
		event_base_loop(w->base, EVLOOP_ONCE);
	}
	assert_true(*number >= wanted);
}

static void
start_with(struct world *w, size_t n, struct bytes list)
{
	const struct examiners_handlers h = {
		w, on_ready, on_failed, on_examined, on_again, on_revocation};

	assert_int_equal(
		examiners_open(w->base, n, list, w->realm->operator_cert, &h, &w->pool), E_OK);
}

static void
start(struct world *w, size_t n)
{
	start_with(w, n, buf_bytes(&w->realm->list));
	until(w, &w->ready, 1);
}

static void
queue(struct world *w, const char *letters)
{
	for (; *letters != '\0'; letters++)
		assert_true(examiners_queue(w->pool, 1, &kenya, bytes_of(letters, 1), NULL));
}

static void
messages_come_out_in_the_order_in_which_they_went_in(void **state)
{
	struct world *w = *state;

	start(w, 2);
	queue(w, "abcdefghijklmnopqrstuvwxyz");
	until(w, &w->n, 26);
	assert_string_equal(w->out, "abcdefghijklmnopqrstuvwxyz");
	for (unsigned i = 0; i < w->n; i++)
		assert_int_equal(w->code[i], E_MALFORMED);
}

static void
a_settlement_says_what_it_settles(void **state)
{
	struct world *w = *state;
	struct id id = id_new();

	start(w, 1);
	assert_true(examiners_queue(w->pool, 1, &kenya, bytes_of("s", 1), &id));
	until(w, &w->n, 1);
	assert_true(id_equal(&w->settled, &id));
}

static void
only_the_message_at_hand_is_quarantined_when_an_examiner_dies(void **state)
{
	struct world *w = *state;
	struct examiners_figures f;
	pid_t before;

	start(w, 1);
	before = examiners_pid(w->pool, 0);
	assert_int_equal(kill(before, SIGSTOP), 0);
	queue(w, "abcd");
	event_base_loop(w->base, EVLOOP_NONBLOCK);
	assert_int_equal(kill(before, SIGABRT), 0);
	assert_int_equal(kill(before, SIGCONT), 0);
	until(w, &w->n, 4);
	assert_string_equal(w->out, "abcd");
	assert_int_equal(w->code[0], E_QUARANTINED);
	for (unsigned i = 1; i < 4; i++)
		assert_int_equal(w->code[i], E_MALFORMED);
	assert_int_not_equal(examiners_pid(w->pool, 0), before);
	examiners_figures(w->pool, &f);
	assert_int_equal(f.quarantined, 1);
	assert_int_equal(f.judged, 4);
	assert_int_equal(f.starts, 2);
	/* Its party waits; others do not. */
	assert_false(examiners_queue(w->pool, 1, &kenya, bytes_of("e", 1), NULL));
	assert_true(
		examiners_queue(w->pool, 1, &(struct party){"SO.NIRA"}, bytes_of("x", 1), NULL));
	until(w, &w->n, 5);
}

static void
a_message_is_judged_again_when_its_examiner_is_killed_from_outside(void **state)
{
	struct world *w = *state;
	struct examiners_figures f;
	pid_t before;

	start(w, 1);
	before = examiners_pid(w->pool, 0);
	assert_int_equal(kill(before, SIGSTOP), 0);
	queue(w, "abcd");
	event_base_loop(w->base, EVLOOP_NONBLOCK);
	assert_int_equal(kill(before, SIGKILL), 0);
	until(w, &w->n, 4);
	assert_string_equal(w->out, "abcd");
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(w->code[i], E_MALFORMED);
	examiners_figures(w->pool, &f);
	assert_int_equal(f.quarantined, 0);
}

/* Kills every examiner as soon as it has the message; one that was quicker is tried again. */
static void
a_message_whose_examiners_are_all_killed_is_quarantined(void **state)
{
	struct world *w = *state;
	struct examiners_figures f = {0};

	start(w, 1);
	for (unsigned n = 0; n < 40 && f.quarantined == 0; n++) {
		queue(w, "a");
		do {
			examiners_figures(w->pool, &f);
			if (f.waiting == 0 && examiners_pid(w->pool, 0) != 0)
				kill(examiners_pid(w->pool, 0), SIGKILL);
			event_base_loop(w->base, EVLOOP_ONCE);
		} while (w->n <= n);
		examiners_figures(w->pool, &f);
	}
	assert_int_equal(f.quarantined, 1);
}

static void
an_examiner_that_stands_still_is_replaced(void **state)
{
	struct world *w = *state;
	pid_t before;

	start(w, 1);
	before = examiners_pid(w->pool, 0);
	assert_int_equal(kill(before, SIGSTOP), 0);
	queue(w, "ab");
	until(w, &w->n, 2);
	assert_int_equal(w->code[0], E_QUARANTINED);
	assert_int_equal(w->code[1], E_MALFORMED);
	assert_int_not_equal(kill(before, 0), 0);
}

static void
an_idle_examiner_that_dies_costs_no_message(void **state)
{
	struct world *w = *state;
	struct examiners_figures f;
	pid_t before;

	start(w, 1);
	before = examiners_pid(w->pool, 0);
	assert_int_equal(kill(before, SIGKILL), 0);
	do {
		event_base_loop(w->base, EVLOOP_ONCE);
		examiners_figures(w->pool, &f);
	} while (f.starts < 2);
	queue(w, "a");
	until(w, &w->n, 1);
	assert_int_equal(w->code[0], E_MALFORMED);
	assert_int_not_equal(examiners_pid(w->pool, 0), before);
}

static void
a_lost_connection_is_not_answered(void **state)
{
	struct world *w = *state;
	struct examiners_figures f;

	start(w, 1);
	queue(w, "abc");
	examiners_forget(w->pool, 1);
	assert_true(examiners_queue(w->pool, 1, &kenya, bytes_of("z", 1), NULL));
	until(w, &w->n, 1);
	assert_string_equal(w->out, "z");
	examiners_figures(w->pool, &f);
	assert_int_equal(f.waiting, 0);
}

static void
a_newer_trust_list_is_taken_between_messages(void **state)
{
	struct world *w = *state;

	start(w, 2);
	queue(w, "ab");
	examiners_trust(w->pool, buf_bytes(&w->realm->list), w->realm->operator_cert);
	queue(w, "cd");
	until(w, &w->n, 4);
	assert_string_equal(w->out, "abcd");
	assert_int_equal(w->code[3], E_MALFORMED);
}

static void
a_trust_list_that_is_none_fails_at_once(void **state)
{
	struct world *w = *state;

	start_with(w, 1, bytes_of("nonsense", 8));
	until(w, &w->failed, 1);
	assert_int_not_equal(w->why, E_OK);
	assert_int_equal(w->ready, 0);
}

static void
an_id_is_guessed_only_where_a_header_has_it(void **state)
{
	static const struct id none;
	struct id id = id_new(), got;
	char text[600], name[ID_TEXT_SIZE];

	(void)state;
	id_format(&id, name);
	snprintf(text, sizeof(text), "<e:Message><e:Header><e:MessageId>%s</e:MessageId>", name);
	got = examiners_probable_id(bytes_of(text, strlen(text)));
	assert_true(id_equal(&got, &id));
	/* cut off, no id, too far behind */
	got = examiners_probable_id(
		bytes_of(text, strlen("<e:Message><e:Header><e:MessageId>") + 35));
	assert_true(id_equal(&got, &none));
	got = examiners_probable_id(bytes_of("<e:MessageId>nonsense", 21));
	assert_true(id_equal(&got, &none));
	snprintf(text, sizeof(text), "%500s<e:MessageId>%s", "", name);
	got = examiners_probable_id(bytes_of(text, strlen(text)));
	assert_true(id_equal(&got, &none));
	got = examiners_probable_id(bytes_of(NULL, 0));
	assert_true(id_equal(&got, &none));
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, open_world, close_world)

/* ---- revocation data ---- */

static void
revocation_data_is_checked_one_at_a_time_for_a_connection(void **state)
{
	struct world *w = *state;
	const struct bytes nonsense = bytes_of("no CRL", 6);

	start(w, 1);
	assert_true(examiners_revocation(w->pool, 7, &kenya, nonsense));
	assert_false(examiners_revocation(w->pool, 7, &kenya, nonsense));
	until(w, &w->checked, 1);
	assert_int_equal(w->facts.code, E_REVOCATION);
	assert_int_equal(w->brought.size, 6);
	assert_true(examiners_revocation(w->pool, 7, &kenya, nonsense));
	until(w, &w->checked, 2);
}

static void
revocation_data_that_an_examiner_dies_of_is_quarantined(void **state)
{
	struct world *w = *state;
	pid_t before;

	start(w, 1);
	before = examiners_pid(w->pool, 0);
	assert_int_equal(kill(before, SIGSTOP), 0);
	assert_true(examiners_revocation(w->pool, 7, &kenya, bytes_of("deadly", 6)));
	event_base_loop(w->base, EVLOOP_NONBLOCK);
	assert_int_equal(kill(before, SIGABRT), 0);
	assert_int_equal(kill(before, SIGCONT), 0);
	until(w, &w->checked, 1);
	assert_int_equal(w->facts.code, E_QUARANTINED);
	/* Its party waits, with messages too. */
	assert_false(examiners_revocation(w->pool, 7, &kenya, bytes_of("x", 1)));
	assert_false(examiners_queue(w->pool, 1, &kenya, bytes_of("e", 1), NULL));
}

/* What the examiner says of a list that it is offered. */
static enum err
offered(struct world *w, const struct buf *der)
{
	unsigned before = w->checked;

	assert_true(examiners_revocation(w->pool, 7, &kenya, buf_bytes(der)));
	until(w, &w->checked, before + 1);
	return (enum err)w->facts.code;
}

static void
until_replaced(struct world *w, pid_t before)
{
	int64_t end = monotonic_now() + BOUND_MS;

	assert_int_equal(kill(before, SIGKILL), 0);
	while ((examiners_pid(w->pool, 0) == before || examiners_pid(w->pool, 0) == 0) &&
		monotonic_now() < end)
		event_base_loop(w->base, EVLOOP_ONCE);
	assert_int_not_equal(examiners_pid(w->pool, 0), before);
}

static void
what_is_in_force_is_known_to_a_new_process_and_under_a_new_list(void **state)
{
	struct world *w = *state;
	struct crl_plan plan = {
		.issuer = w->realm->anchor[1], .key = w->realm->anchor_key[1], .number = 5};
	struct revocation_facts kept;
	OWNED_BUF(der) = {0};

	crl_make(&plan, &der);
	start(w, 1);
	assert_int_equal(offered(w, &der), E_OK);
	kept = w->facts;
	until_replaced(w, examiners_pid(w->pool, 0));
	assert_int_equal(offered(w, &der), E_OK); /* it was not in force */
	examiners_keep(w->pool, &kept, buf_bytes(&der));
	until_replaced(w, examiners_pid(w->pool, 0));
	assert_int_equal(offered(w, &der), E_REVOCATION_OLD);
	examiners_trust(w->pool, buf_bytes(&w->realm->list), w->realm->operator_cert);
	assert_int_equal(offered(w, &der), E_REVOCATION_OLD);
}

static void
stored_message_is_judged_again_under_its_number(void **state)
{
	struct world *w = *state;

	start(w, 1);
	assert_true(examiners_again(w->pool, 42, &kenya, bytes_of("m", 1), 1000));
	until(w, &w->n, 1);
	assert_int_equal(w->again, 42);
	assert_int_equal(w->judged, E_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(messages_come_out_in_the_order_in_which_they_went_in),
		WORLD(a_settlement_says_what_it_settles),
		WORLD(only_the_message_at_hand_is_quarantined_when_an_examiner_dies),
		WORLD(a_message_is_judged_again_when_its_examiner_is_killed_from_outside),
		WORLD(a_message_whose_examiners_are_all_killed_is_quarantined),
		WORLD(an_examiner_that_stands_still_is_replaced),
		WORLD(an_idle_examiner_that_dies_costs_no_message),
		WORLD(a_lost_connection_is_not_answered),
		WORLD(a_newer_trust_list_is_taken_between_messages),
		WORLD(a_trust_list_that_is_none_fails_at_once),
		WORLD(revocation_data_is_checked_one_at_a_time_for_a_connection),
		WORLD(revocation_data_that_an_examiner_dies_of_is_quarantined),
		WORLD(what_is_in_force_is_known_to_a_new_process_and_under_a_new_list),
		WORLD(stored_message_is_judged_again_under_its_number),
		cmocka_unit_test(an_id_is_guessed_only_where_a_header_has_it),
	};

	realm_ready();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
