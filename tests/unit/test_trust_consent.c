/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a consent token lets pass, and between whom: the agreement demands one, the token says for
 * which case, which road, which purpose and how long. Its signatures are another test's
 * (test_consent_token.c). */
#include "tests/unit/test_realm.h"

#define CONSENT "<tl:ConsentRequired></tl:ConsentRequired>"
#define CLEARANCE "<tl:ClearanceRequired></tl:ClearanceRequired>"
#define LIFE (20 * DAY_MS) /* of an agreement */

static struct realm *realm;
static int64_t now;

static int
set_up(void **state)
{
	(void)state;
	realm_ready();
	realm_demands = CONSENT;
	realm = realm_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	realm_free(&realm);
	return 0;
}

static int
begin(void **state)
{
	(void)state;
	now = instant_now();
	realm_load(realm);
	return 0;
}

/* ---- lists ---- */

static void
write_road(enum who from, enum who to, int64_t until, const char *demands, struct buf *out)
{
	realm_demands = demands;
	put_agreement(out, from, to, until);
	realm_demands = CONSENT;
}

static void
adopt(const struct buf *plain)
{
	buf_reset(&realm->list);
	realm_sign(realm, plain, &realm->list);
	trust_free(&realm->trust);
	assert_int_equal(
		trust_load(buf_bytes(&realm->list), realm->operator_cert, now, &realm->trust),
		E_OK);
}

/* A list in which one agreement ends at `until' and demands something else. */
static void
change_road(enum who from, enum who to, int64_t until, const char *demands)
{
	OWNED_BUF(plain) = {0};
	OWNED_BUF(changed) = {0};
	OWNED_BUF(before) = {0};
	OWNED_BUF(after) = {0};
	const uint8_t *at;

	realm_list(realm, "8", now, &plain);
	write_road(from, to, now + LIFE, CONSENT, &before);
	write_road(from, to, until, demands, &after);
	at = memmem(plain.data, plain.size, before.data, before.size);
	assert_non_null(at);
	buf_add(&changed, plain.data, (size_t)(at - plain.data));
	buf_add_bytes(&changed, buf_bytes(&after));
	buf_text(&changed, (const char *)at + before.size);
	adopt(&changed);
}

/* A list in which one agreement is for something else. */
static void
repurpose_road(enum who from, enum who to)
{
	static const char was[] = "<tl:Purpose>BIRTH-TRANSCRIPTION<";
	OWNED_BUF(plain) = {0};
	OWNED_BUF(changed) = {0};
	OWNED(char, id, free_chars) = xprintf("id=\"AGR-%d-%d\"", (int)from, (int)to);
	const uint8_t *at;
	size_t before;

	realm_list(realm, "8", now, &plain);
	at = memmem(plain.data, plain.size, id, strlen(id));
	assert_non_null(at);
	at = memmem(at, plain.size - (size_t)(at - plain.data), was, strlen(was));
	assert_non_null(at);
	before = (size_t)(at - plain.data);
	buf_add(&changed, plain.data, before);
	buf_text(&changed, "<tl:Purpose>BIRTH-EXTRACT<");
	buf_text(&changed, (const char *)at + strlen(was));
	adopt(&changed);
}

/* ---- headers ---- */

static void
expect(const struct header *h, enum err expected)
{
	assert_string_equal(err_word(trust_allows(realm->trust, h, now)), err_word(expected));
}

static struct header
with_token(enum action action, enum who from, enum who to)
{
	struct header h = header_for(action, from, to);

	h.has_token = true;
	h.token = consent_for(&h, KENYA, SOMALIA);
	return h;
}

static struct header
good_request(void)
{
	return with_token(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);
}

static struct header
good_extract(void)
{
	return with_token(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
}

/* Kenya, to which an extract goes here, asks who has sent it. */
static struct header
good_question(void)
{
	struct header h = with_token(A_QUERY, KENYA, SOMALIA);

	h.token.holder = party_of(SOMALIA);
	h.token.destination = party_of(KENYA);
	return h;
}

/* ---- a token is there ---- */

static void
what_tells_of_a_person_needs_a_token(void **state)
{
	static const enum action telling[] = {
		A_CERTIFIED_EXTRACT, A_QUERY, A_CORRECTION_NOTICE, A_TRANSCRIPTION_REQUEST};
	static const enum action ending[] = {A_TRANSCRIPTION_OUTCOME, A_CORRECTION_OUTCOME};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(telling); i++) {
		bool request = telling[i] == A_TRANSCRIPTION_REQUEST;
		struct header h = request		  ? good_request()
				  : telling[i] == A_QUERY ? good_question()
							  : with_token(telling[i], KENYA, SOMALIA);

		expect(&h, E_OK);
		h.has_token = false;
		expect(&h, E_CONSENT_MISSING);
	}
	for (size_t i = 0; i < ARRAY_LEN(ending); i++) {
		struct header h = with_token(ending[i], KENYA, SOMALIA);

		expect(&h, E_OK);
		h.has_token = false;
		expect(&h, E_OK);
	}
}

static void
agreement_that_demands_none_lets_pass_without(void **state)
{
	struct header h = good_extract();

	(void)state;
	change_road(KENYA, SOMALIA, now + LIFE, NULL);
	expect(&h, E_OK);
	h.token.conversation = id_new(); /* one that is there has to be right */
	expect(&h, E_CONSENT_SCOPE);
	h.has_token = false;
	expect(&h, E_OK);
}

/* ---- it is for this ---- */

static void
token_of_another_case_is_SCOPE(void **state)
{
	static const enum action actions[] = {A_CERTIFIED_EXTRACT, A_QUERY, A_CORRECTION_NOTICE,
		A_TRANSCRIPTION_OUTCOME, A_CORRECTION_OUTCOME, A_CANCELLATION};
	struct header h = good_request();

	(void)state;
	h.token.conversation = id_new();
	expect(&h, E_CONSENT_SCOPE);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		h = actions[i] == A_QUERY ? good_question()
					  : with_token(actions[i], KENYA, SOMALIA);
		expect(&h, E_OK);
		h.token.conversation = id_new();
		expect(&h, E_CONSENT_SCOPE);
	}
}

static void
token_of_another_purpose_is_SCOPE(void **state)
{
	struct header h = good_request();

	(void)state;
	strcpy(h.token.purpose, "BIRTH-EXTRACT");
	expect(&h, E_CONSENT_SCOPE);
	h = good_extract();
	strcpy(h.token.purpose, "BIRTH-EXTRACT");
	expect(&h, E_CONSENT_SCOPE);
}

/* All that a token may name, and the one road that it opens to an extract. */
static void
extract_goes_from_the_holder_to_the_one_destination(void **state)
{
	static const enum who parties[] = {HUB, KENYA, SOMALIA, OFFICE, LAPSED};
	size_t passed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parties); i++)
		for (size_t k = 0; k < ARRAY_LEN(parties); k++) {
			struct header h = good_extract();
			bool right = parties[i] == KENYA && parties[k] == SOMALIA;

			h.token.holder = party_of(parties[i]);
			h.token.destination = party_of(parties[k]);
			expect(&h, right ? E_OK : E_CONSENT_SCOPE);
			passed += right;
		}
	assert_int_equal(passed, 1);
}

static void
request_comes_from_the_office_that_took_the_consent(void **state)
{
	struct header h = good_request();

	(void)state;
	h.token.by = party_of(HUB);
	expect(&h, E_CONSENT_SCOPE);
	h = good_request();
	h.token.holder = party_of(SOMALIA);
	expect(&h, E_CONSENT_SCOPE);
	/* The holder may not turn it into a request of its own. */
	h = with_token(A_TRANSCRIPTION_REQUEST, KENYA, SOMALIA);
	expect(&h, E_CONSENT_SCOPE);
}

/* It goes to who has had the case before, so that it tells of the case nobody who might never. */
static void
question_goes_back_on_the_road(void **state)
{
	struct header h = good_question();

	(void)state;
	expect(&h, E_OK);
	h.token.by = party_of(SOMALIA); /* of either registry, to the office */
	expect(&h, E_OK);
	h.token.holder = party_of(KENYA);
	h.token.destination = party_of(HUB);
	expect(&h, E_OK);
	h.token.by = party_of(HUB);
	expect(&h, E_CONSENT_SCOPE);
	h = with_token(A_QUERY, KENYA, SOMALIA); /* the holder, of where it may never go */
	expect(&h, E_CONSENT_SCOPE);
	h = with_token(A_QUERY, OFFICE, KENYA); /* the office asks nobody */
	expect(&h, E_CONSENT_SCOPE);
}

static void
answer_goes_to_who_may_ask(void **state)
{
	struct header h;

	(void)state;
	h = with_token(A_QUERY_REPLY, KENYA, SOMALIA);
	expect(&h, E_OK);
	h.token.holder = party_of(SOMALIA);
	h.token.destination = party_of(KENYA);
	expect(&h, E_CONSENT_SCOPE);
	h = with_token(A_QUERY_REPLY, OFFICE, KENYA);
	expect(&h, E_OK);
	h.token.by = party_of(HUB);
	expect(&h, E_CONSENT_SCOPE);
}

static void
correction_stays_among_the_three(void **state)
{
	struct header h;

	(void)state;
	h = with_token(A_CORRECTION_NOTICE, KENYA, SOMALIA);
	h.token.destination = party_of(LAPSED);
	expect(&h, E_CONSENT_SCOPE);
	h = with_token(A_CORRECTION_NOTICE, LAPSED, SOMALIA);
	expect(&h, E_CONSENT_SCOPE);
}

/* ---- how long ---- */

static void
consent_ends(void **state)
{
	struct header h[] = {good_request(), good_extract(), good_question()};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(h); i++) {
		h[i].token.valid_until = now + 1;
		expect(&h[i], E_OK);
		h[i].token.valid_until = now;
		expect(&h[i], E_CONSENT_EXPIRED);
		h[i].token.valid_until = now - DAY_MS;
		expect(&h[i], E_CONSENT_EXPIRED);
	}
}

/* What has become of a case is told, and a case is stopped, also when the consent has ended. */
static void
what_ends_a_case_passes_after_the_consent(void **state)
{
	struct header outcome = with_token(A_TRANSCRIPTION_OUTCOME, KENYA, SOMALIA);
	struct header stop = with_token(A_CANCELLATION, OFFICE, KENYA);

	(void)state;
	outcome.token.valid_until = stop.token.valid_until = now - DAY_MS;
	outcome.token.issued = stop.token.issued = now - 2 * DAY_MS;
	expect(&outcome, E_OK);
	expect(&stop, E_OK);
}

/* ---- two officers ---- */

static void
road_that_needs_two_officers_is_PROTECTION_for_one(void **state)
{
	struct header h = good_extract();

	(void)state;
	change_road(KENYA, SOMALIA, now + LIFE, CONSENT CLEARANCE);
	expect(&h, E_PROTECTION);
	h.token.cleared = true;
	expect(&h, E_OK);
	h.has_token = false;
	expect(&h, E_CONSENT_MISSING);
	/* Who demands a clearance has demanded a token. */
	change_road(KENYA, SOMALIA, now + LIFE, CLEARANCE);
	expect(&h, E_CONSENT_MISSING);
}

/* The request itself tells: it is looked at before the registry is asked. */
static void
request_is_stopped_by_what_the_road_behind_it_needs(void **state)
{
	struct header h = good_request();

	(void)state;
	change_road(KENYA, SOMALIA, now + LIFE, CONSENT CLEARANCE);
	expect(&h, E_PROTECTION);
	h.token.cleared = true;
	expect(&h, E_OK);
	change_road(OFFICE, KENYA, now + LIFE, CONSENT CLEARANCE);
	expect(&h, E_OK);
	h.token.cleared = false;
	expect(&h, E_PROTECTION);
}

static void
request_for_a_road_that_is_none_is_NO_AGREEMENT(void **state)
{
	struct header h = good_request();

	(void)state;
	h.token.destination = party_of(LAPSED);
	expect(&h, E_NO_AGREEMENT);
	assert_true(party_parse("ET.ICS", &h.token.destination)); /* on no list */
	expect(&h, E_NO_AGREEMENT);
	h = good_request();
	h.token.destination = h.token.holder;
	expect(&h, E_NO_AGREEMENT);
	h = good_request();
	change_road(KENYA, SOMALIA, now - 1, CONSENT);
	expect(&h, E_NO_AGREEMENT);
	repurpose_road(KENYA, SOMALIA);
	expect(&h, E_NO_AGREEMENT);
}

/* ---- stopping a case ---- */

static void
each_of_the_three_stops_a_case(void **state)
{
	static const char *const purposes[] = {PURPOSE_WITHDRAWAL, PURPOSE_HOLD, PURPOSE_RELEASE};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(purposes); i++) {
		struct header h = with_token(A_CANCELLATION, OFFICE, KENYA);

		strcpy(h.purpose, purposes[i]);
		expect(&h, E_OK);
		h = with_token(A_CANCELLATION, KENYA, SOMALIA);
		strcpy(h.purpose, purposes[i]);
		expect(&h, E_OK);
	}
}

static void
cancellation_passes_on_a_road_that_has_ended(void **state)
{
	struct header h = with_token(A_CANCELLATION, SOMALIA, OFFICE);

	(void)state;
	expect(&h, E_OK); /* its agreement ended yesterday */
	h = with_token(A_QUERY, SOMALIA, OFFICE);
	expect(&h, E_NO_AGREEMENT);
	h = with_token(A_CANCELLATION, SOMALIA, KENYA); /* there never was one */
	expect(&h, E_NO_AGREEMENT);
}

static void
cancellation_without_the_token_is_MISSING(void **state)
{
	struct header h = with_token(A_CANCELLATION, OFFICE, KENYA);

	(void)state;
	h.has_token = false;
	expect(&h, E_CONSENT_MISSING);
	change_road(OFFICE, KENYA, now + LIFE, NULL); /* whatever the agreement demands */
	expect(&h, E_CONSENT_MISSING);
}

static void
cancellation_by_or_to_a_stranger_is_SCOPE(void **state)
{
	struct header h = with_token(A_CANCELLATION, OFFICE, KENYA);

	(void)state;
	h.token.holder = party_of(LAPSED);
	expect(&h, E_CONSENT_SCOPE);
	h = with_token(A_CANCELLATION, LAPSED, SOMALIA);
	expect(&h, E_CONSENT_SCOPE);
}

static void
cancellation_of_another_purpose_is_PURPOSE(void **state)
{
	struct header h = with_token(A_CANCELLATION, OFFICE, KENYA);

	(void)state;
	strcpy(h.purpose, "BIRTH-TRANSCRIPTION");
	expect(&h, E_PURPOSE);
	h = good_request();
	strcpy(h.purpose, PURPOSE_WITHDRAWAL); /* nor the other way round */
	expect(&h, E_PURPOSE);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_tells_of_a_person_needs_a_token),
		TEST(agreement_that_demands_none_lets_pass_without),
		TEST(token_of_another_case_is_SCOPE),
		TEST(token_of_another_purpose_is_SCOPE),
		TEST(extract_goes_from_the_holder_to_the_one_destination),
		TEST(request_comes_from_the_office_that_took_the_consent),
		TEST(question_goes_back_on_the_road),
		TEST(answer_goes_to_who_may_ask),
		TEST(correction_stays_among_the_three),
		TEST(consent_ends),
		TEST(what_ends_a_case_passes_after_the_consent),
		TEST(road_that_needs_two_officers_is_PROTECTION_for_one),
		TEST(request_is_stopped_by_what_the_road_behind_it_needs),
		TEST(request_for_a_road_that_is_none_is_NO_AGREEMENT),
		TEST(each_of_the_three_stops_a_case),
		TEST(cancellation_passes_on_a_road_that_has_ended),
		TEST(cancellation_without_the_token_is_MISSING),
		TEST(cancellation_by_or_to_a_stranger_is_SCOPE),
		TEST(cancellation_of_another_purpose_is_PURPOSE),
	};

	realm_answers = true;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
