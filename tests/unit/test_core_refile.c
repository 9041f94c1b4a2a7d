/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the exchange has given back is made anew and filed once: an extract, an outcome, a refusal;
 * not what is still open, was discarded, or belongs to a case that was withdrawn or is frozen.
 */
#include "tests/unit/case_stage.h"

/* The exchange ends everything in the outbox; the ids in the order of filing. */
static size_t
end_outbox(enum stage stage_of_end, const char *code, struct id *ids, size_t most)
{
	OWNED_BUF(m) = {0};
	size_t n = 0;

	while (n < most && spool_next_to_send(stage.spool, NULL, &ids[n], &m) == E_OK) {
		struct statement end = {.stage = stage_of_end, .id = ids[n], .at = stage.now};
		struct out_entry e;

		assert_int_equal(spool_out(stage.spool, &ids[n], &e, NULL), E_OK);
		end.digest = e.digest;
		end.from = e.header.from;
		end.to = e.header.to;
		snprintf(end.code, sizeof end.code, "%s", code);
		assert_int_equal(
			spool_sent(stage.spool, &ids[n], bytes_of("a", 1), stage.now), E_OK);
		assert_int_equal(spool_notice(stage.spool, spool_last_notice(stage.spool) + 1, &end,
					 bytes_of("e", 1), bytes_of(NULL, 0), stage.now),
			E_OK);
		n++;
	}
	return n;
}

static size_t
give_back(struct id *ids)
{
	return end_outbox(ST_DEAD_LETTER, "RETURNED", ids, 4);
}

static enum err
refile_with(const struct id *id, const char *code, struct id *anew)
{
	const struct refile how = {.why = {.code = code}};

	return core_refile(stage.core, id, &how, stage.now, anew);
}

static enum err
refile(const struct id *id, struct id *anew)
{
	return refile_with(id, NULL, anew);
}

static bool
count_one(void *context, const struct out_entry *e)
{
	(void)e;
	++*(size_t *)context;
	return true;
}

static size_t
given_back(void)
{
	size_t n = 0;

	assert_int_equal(core_each_given_back(stage.core, count_one, &n), E_OK);
	return n;
}

static void
returned_extract_is_made_anew_once(void **state)
{
	struct header h = take_request();
	struct id ids[4], first, second;
	struct out_entry old;
	SENT(s);

	(void)state;
	work();
	assert_int_equal(give_back(ids), 1);
	assert_int_equal(given_back(), 1);
	assert_int_equal(spool_out(stage.spool, &ids[0], &old, NULL), E_OK);
	assert_int_equal(refile(&ids[0], &first), E_OK);
	assert_int_equal(refile(&ids[0], &second), E_OK);
	assert_true(id_equal(&first, &second));
	assert_false(id_equal(&first, &ids[0]));
	assert_int_equal(given_back(), 0);
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	assert_true(id_equal(&s.header[0].id, &first));
	assert_int_equal(s.header[0].action, A_CERTIFIED_EXTRACT);
	assert_true(id_equal(&s.header[0].conversation, &h.conversation));
	assert_true(id_equal(&s.header[0].ref, &h.id));
	/* Whoever had the first has it under the same key. */
	assert_true(s.header[0].has_key && digest_equal(&s.header[0].key, &old.header.key));
}

static void
what_was_not_given_back_is_not_sent_again(void **state)
{
	struct header h = take_request();
	struct id ids[4], anew;
	OWNED_BUF(m) = {0};

	(void)state;
	work();
	assert_int_equal(refile(&h.id, &anew), E_NOT_FOUND);
	assert_int_equal(spool_next_to_send(stage.spool, NULL, &ids[0], &m), E_OK);
	assert_int_equal(refile(&ids[0], &anew), E_STATE);
	assert_int_equal(end_outbox(ST_DEAD_LETTER, "DISCARDED", ids, 4), 1);
	assert_int_equal(refile(&ids[0], &anew), E_STATE);
	assert_int_equal(given_back(), 0);
	take_request();
	work();
	assert_int_equal(end_outbox(ST_COMMITTED, "", ids, 4), 1);
	assert_int_equal(refile(&ids[0], &anew), E_STATE);
}

static void
register_that_is_away_or_has_no_such_entry_sends_nothing(void **state)
{
	struct id ids[4], anew;
	SENT(s);

	(void)state;
	take_request();
	work();
	give_back(ids);
	fake->find = E_LOCKED;
	assert_int_equal(refile(&ids[0], &anew), E_LOCKED);
	fake->find = E_RECORD_NOT_FOUND;
	assert_int_equal(refile(&ids[0], &anew), E_NOT_FOUND);
	read_outbox(&s);
	assert_int_equal(s.n, 0);
	fake->find = E_OK;
	assert_int_equal(refile(&ids[0], &anew), E_OK);
}

static void
returned_outcome_is_told_again_to_whom_it_was_for(void **state)
{
	struct id ids[4], anew;
	SENT(s);

	(void)state;
	take_extract("7");
	work();
	assert_int_equal(give_back(ids), 2);
	assert_int_equal(refile(&ids[1], &anew), E_OK);
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	assert_outcome(&s, 0, "UNHCR.NBO", "Transcribed", "SO-1");
	assert_int_equal(given_back(), 1);
	assert_int_equal(fake->n, 1);
	assert_int_equal(fake->entered, 1);
}

static void
returned_refusal_needs_its_code_again(void **state)
{
	const struct refusal why = {.code = "L10"};
	struct id ids[4], anew;
	struct header h = take_extract("7");
	SENT(s);

	(void)state;
	work();
	assert_int_equal(core_refuse(stage.core, &h.from, &h.id, &why, stage.now), E_OK);
	assert_int_equal(give_back(ids), 2);
	assert_int_equal(refile(&ids[0], &anew), E_INPUT);
	assert_int_equal(refile_with(&ids[0], "X99", &anew), E_INPUT);
	assert_int_equal(refile_with(&ids[0], "L10", &anew), E_OK);
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	assert_outcome(&s, 0, "KE.CRS", "Refused", "L10");
}

static void
of_a_case_that_is_stopped_nothing_is_sent_again(void **state)
{
	struct id ids[4], more[4], anew;
	SENT(s);
	CASE(k);

	(void)state;
	case_begin(&k);
	request_of(&k);
	work();
	assert_int_equal(give_back(ids), 1);
	hold_of(&k, OFFICE);
	work();
	assert_int_equal(refile(&ids[0], &anew), E_FROZEN);
	withdrawal_of(&k);
	work();
	assert_int_equal(refile(&ids[0], &anew), E_CONSENT_WITHDRAWN);
	end_outbox(ST_COMMITTED, "", more, 4);
	read_outbox(&s);
	assert_int_equal(s.n, 0);
}

static void
after_the_consent_has_ended_nothing_is_sent_again(void **state)
{
	struct id ids[4], anew;
	CASE(k);

	(void)state;
	case_begin(&k);
	request_of(&k);
	work();
	assert_int_equal(give_back(ids), 1);
	stage.now = k.request.token.valid_until;
	assert_int_equal(refile(&ids[0], &anew), E_CONSENT_EXPIRED);
}

/* The request's own consents have ended: it would be refused today. */
static void
what_may_not_be_answered_now_is_not_sent_again(void **state)
{
	struct id ids[4], anew;

	(void)state;
	take_request();
	work();
	assert_int_equal(give_back(ids), 1);
	fake->find = E_LOCKED; /* it is not even asked */
	stage.now += 20 * 366 * DAY_MS;
	assert_int_equal(refile(&ids[0], &anew), E_PROTECTION);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ISSUER(returned_extract_is_made_anew_once),
		ISSUER(what_was_not_given_back_is_not_sent_again),
		ISSUER(register_that_is_away_or_has_no_such_entry_sends_nothing),
		RECEIVER(returned_outcome_is_told_again_to_whom_it_was_for),
		MANUAL_RECEIVER(returned_refusal_needs_its_code_again),
		ISSUER(of_a_case_that_is_stopped_nothing_is_sent_again),
		ISSUER(what_may_not_be_answered_now_is_not_sent_again),
		ISSUER(after_the_consent_has_ended_nothing_is_sent_again),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
