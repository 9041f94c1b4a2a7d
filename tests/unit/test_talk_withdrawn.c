/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which messages an exchange may end by its own word because a consent was withdrawn or has ended,
 * and what it may not end so, however it says it. */
#include "tests/unit/talk_stage.h"

static uint64_t number; /* of the last notice that was heard */

static void
begin(void)
{
	number = 0;
	connect_anew();
	all_seen();
}

/* Ours, accepted, with a consent token or without one. */
static struct header
sent(enum action action, bool with_token, struct buf *m)
{
	struct header h = header_for(action, SOMALIA, KENYA);
	OWNED_BUF(element) = {0};

	h.expires = h.created + 60 * DAY_MS; /* behind the token's end */
	if (with_token)
		token_give(realm, &h, SOMALIA, KENYA, false, &element);
	message_with_token(realm, &h, &element, SOMALIA, KENYA, m);
	file_message(m);
	say_accepted(&h, m);
	assert_int_equal(out_state(&h), OUT_SENT);
	return h;
}

/* The exchange's word for it, with no word of the addressee. */
static bool
is_believed(const struct header *h, const struct buf *m, enum stage stage, enum err code)
{
	struct statement w = statement_for(h, m, stage);
	OWNED_BUF(r) = {0};

	strcpy(w.code, err_word(code));
	receipt_by(log_key, &w, &r);
	broker_says(&(struct wire){.verb = V_CONFIRM,
		.number = number + 1,
		.id = h->id,
		.body = buf_bytes(&r),
		.extra = NOTHING});
	if (out_state(h) == OUT_ENDED) {
		number++;
		return true;
	}
	connect_anew();
	all_seen();
	return false;
}

static void
what_carries_a_consent_ends_with_it(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(n) = {0};
	struct header with, without;
	struct out_entry e;

	(void)state;
	begin();
	with = sent(A_CERTIFIED_EXTRACT, true, &m);
	without = sent(A_QUERY, false, &n);
	assert_false(is_believed(&without, &n, ST_WITHDRAWN, E_CONSENT_WITHDRAWN));
	assert_false(is_believed(&with, &m, ST_WITHDRAWN, E_WITHDRAWN));
	assert_false(is_believed(&with, &m, ST_WITHDRAWN, E_NOT_HELD));
	assert_true(is_believed(&with, &m, ST_WITHDRAWN, E_CONSENT_WITHDRAWN));
	assert_int_equal(spool_out(st->spool, &with.id, &e, NULL), E_OK);
	assert_int_equal(e.stage, ST_WITHDRAWN);
	assert_string_equal(e.reason, "CONSENT-WITHDRAWN");
}

static void
only_what_stops_a_case_may_have_reached_nothing(void **state)
{
	OWNED_BUF(m) = {0};
	struct header h;

	(void)state;
	begin();
	h = sent(A_CANCELLATION, true, &m);
	assert_true(is_believed(&h, &m, ST_WITHDRAWN, E_NOT_HELD));
}

static void
a_consents_end_is_the_messages_and_not_before(void **state)
{
	OWNED_BUF(m) = {0};
	OWNED_BUF(n) = {0};
	struct header with, without;
	int64_t now;

	(void)state;
	begin();
	now = st->now;
	with = sent(A_CERTIFIED_EXTRACT, true, &m);
	without = sent(A_QUERY, false, &n);
	assert_false(is_believed(&with, &m, ST_EXPIRED, E_CONSENT_EXPIRED));
	st->now = with.token.valid_until;
	assert_true(is_believed(&with, &m, ST_EXPIRED, E_CONSENT_EXPIRED));
	st->now = without.expires - 1;
	assert_false(is_believed(&without, &n, ST_EXPIRED, E_CONSENT_EXPIRED));
	st->now = now;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(what_carries_a_consent_ends_with_it),
		T(only_what_stops_a_case_may_have_reached_nothing),
		T(a_consents_end_is_the_messages_and_not_before),
	};

	log_open("test_talk_withdrawn", LOG_ERROR);
	realm_ready();
	return cmocka_run_group_tests(tests, make_realm, free_realm);
}
