/* SPDX-License-Identifier: EUPL-1.2
 *
 * Messages with a consent token before the examiner: right ones, and one for every way in which a
 * token does not cover what it travels with, each with exactly its code. */
#include "tests/unit/test_realm.h"

#include "lib/examiner.h"
#include "lib/header.h"
#include "lib/revocation.h"
#include "tests/unit/test_revoke.h"

#define CONSENT "<tl:ConsentRequired></tl:ConsentRequired>"
#define CLEARANCE "<tl:ClearanceRequired></tl:ClearanceRequired>"

static struct realm *realm;
static struct revocations *known; /* NULL: nothing */

static int
set_up(void **state)
{
	(void)state;
	realm_ready();
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
	realm_demands = CONSENT;
	realm_grace = NULL;
	realm->lost = NULL;
	realm_load(realm);
	return 0;
}

/* ---- judging ---- */

static enum err
judge(const struct buf *message, struct verdict *v)
{
	struct verdict again;

	examine(buf_bytes(message), realm->trust, known, NULL, NULL, instant_now(), v);
	assert_int_equal(verdict_check(bytes_of(v, sizeof *v), buf_bytes(message), &again), E_OK);
	assert_memory_equal(&again, v, sizeof again);
	return (enum err)v->code;
}

static void
expect(const struct buf *message, enum err expected)
{
	struct verdict v;

	assert_string_equal(err_word(judge(message, &v)), err_word(expected));
	assert_int_equal(v.held, 0);
}

/* Whatever `h' and its token say, signed by the office and sent. */
static void
expect_of(struct header *h, enum who from, enum who to, enum err expected)
{
	OWNED_BUF(element) = {0};
	OWNED_BUF(message) = {0};

	token_sign(realm, &h->token, false, &element);
	message_with_token(realm, h, &element, from, to, &message);
	expect(&message, expected);
}

static struct header
with_consent(enum action action, enum who from, enum who to)
{
	struct header h = header_for(action, from, to);

	h.has_token = true;
	h.token = consent_for(&h, KENYA, SOMALIA);
	return h;
}

static struct header
extract(void)
{
	return with_consent(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
}

static void
extract_around(bool cleared, struct buf *out)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(element) = {0};

	token_give(realm, &h, KENYA, SOMALIA, cleared, &element);
	buf_reset(out);
	message_with_token(realm, &h, &element, KENYA, SOMALIA, out);
}

/* ---- accepted ---- */

static void
token_comes_out_with_the_header(void **state)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(element) = {0};
	OWNED_BUF(message) = {0};
	struct bytes found;
	struct verdict v;

	(void)state;
	token_give(realm, &h, KENYA, SOMALIA, true, &element);
	message_with_token(realm, &h, &element, KENYA, SOMALIA, &message);
	assert_int_equal(judge(&message, &v), E_OK);
	assert_memory_equal(&v.header, &h, sizeof h);
	assert_true(message_token(buf_bytes(&message), &found));
	assert_int_equal(found.size, element.size);
	assert_memory_equal(found.data, element.data, element.size);
}

static void
every_message_of_a_case_passes_with_its_token(void **state)
{
	static const enum action actions[] = {A_CERTIFIED_EXTRACT, A_TRANSCRIPTION_OUTCOME, A_QUERY,
		A_CANCELLATION, A_CORRECTION_NOTICE, A_CORRECTION_OUTCOME};
	struct header h = with_consent(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);

	(void)state;
	expect_of(&h, OFFICE, KENYA, E_OK);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		h = with_consent(actions[i], KENYA, SOMALIA);
		if (actions[i] == A_QUERY) /* goes back on the road of the extract */
			h.token = consent_for(&h, SOMALIA, KENYA);
		expect_of(&h, KENYA, SOMALIA, E_OK);
	}
}

/* ---- refused ---- */

static void
message_without_a_token_is_CONSENT_MISSING(void **state)
{
	struct header request = header_for(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);
	struct header plain = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(one) = {0};
	OWNED_BUF(two) = {0};

	(void)state;
	message_from(realm, &request, OFFICE, KENYA, &one);
	expect(&one, E_CONSENT_MISSING);
	message_from(realm, &plain, KENYA, SOMALIA, &two);
	expect(&two, E_CONSENT_MISSING);
}

static void
token_for_something_else_is_CONSENT_SCOPE(void **state)
{
	struct header h = extract();

	(void)state;
	h.token.conversation = id_new();
	expect_of(&h, KENYA, SOMALIA, E_CONSENT_SCOPE);
	h = extract();
	h.token.holder = party_of(LAPSED);
	expect_of(&h, KENYA, SOMALIA, E_CONSENT_SCOPE);
	h = extract();
	h.token.destination = party_of(LAPSED);
	expect_of(&h, KENYA, SOMALIA, E_CONSENT_SCOPE);
	h = extract();
	strcpy(h.token.purpose, "BIRTH-CORRECTION");
	expect_of(&h, KENYA, SOMALIA, E_CONSENT_SCOPE);
}

/* In the name of the office, by whoever has another key. */
static void
token_that_no_officer_signed_is_CONSENT_FORGED(void **state)
{
	static const enum who thieves[] = {KENYA, SOMALIA, HUB};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(thieves); i++) {
		struct header h = extract();
		OWNED_BUF(element) = {0};
		OWNED_BUF(message) = {0};

		assert_int_equal(
			consent_token_grant(&h.token, realm->sign[thieves[i]], &element), E_OK);
		message_with_token(realm, &h, &element, KENYA, SOMALIA, &message);
		expect(&message, E_CONSENT_FORGED);
	}
}

/* The sender lengthens a consent that it was given. */
static void
token_that_its_sender_altered_is_CONSENT_FORGED(void **state)
{
	struct header h = extract();
	struct consent_token given = h.token;
	OWNED_BUF(element) = {0};
	OWNED_BUF(longer) = {0};
	OWNED_BUF(message) = {0};
	char from[INSTANT_TEXT_SIZE], to[INSTANT_TEXT_SIZE];
	uint8_t *at;

	(void)state;
	token_sign(realm, &given, false, &element);
	instant_format(given.valid_until, from);
	instant_format(given.valid_until + DAY_MS, to);
	at = memmem(element.data, element.size, from, strlen(from));
	assert_non_null(at);
	memcpy(at, to, strlen(to));
	assert_true(consent_token_read(buf_bytes(&element), &h.token));
	message_with_token(realm, &h, &element, KENYA, SOMALIA, &message);
	expect(&message, E_CONSENT_FORGED);
}

static void
token_by_a_revoked_certificate_is_CONSENT_FORGED(void **state)
{
	OWNED_BUF(message) = {0};

	(void)state;
	extract_around(true, &message);
	expect(&message, E_OK);
	realm->lost = realm->second->cert;
	realm_load(realm);
	expect(&message, E_CONSENT_FORGED);
	realm->lost = realm->sign[OFFICE]->cert;
	realm_load(realm);
	expect(&message, E_CONSENT_FORGED);
}

/* A person can take a consent back whatever became of the key that it was granted with. */
static void
P7_case_is_stopped_though_its_token_was_signed_with_a_revoked_key(void **state)
{
	struct header h = header_for(A_CANCELLATION, KENYA, SOMALIA);
	OWNED_BUF(element) = {0};
	OWNED_BUF(message) = {0};

	(void)state;
	token_give(realm, &h, KENYA, SOMALIA, false, &element);
	message_with_token(realm, &h, &element, KENYA, SOMALIA, &message);
	realm->lost = realm->sign[OFFICE]->cert;
	realm_load(realm);
	expect(&message, E_OK);
}

static void
token_past_its_end_is_CONSENT_EXPIRED(void **state)
{
	struct header h = extract();

	(void)state;
	h.token.issued -= DAY_MS / 2;
	h.token.valid_until = instant_now() - 1;
	expect_of(&h, KENYA, SOMALIA, E_CONSENT_EXPIRED);
}

static void
road_that_needs_a_second_officer_is_PROTECTION_BLOCK(void **state)
{
	OWNED_BUF(message) = {0};
	struct header request = with_consent(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);

	(void)state;
	realm_demands = CONSENT CLEARANCE;
	realm_load(realm);
	extract_around(false, &message);
	expect(&message, E_PROTECTION);
	expect_of(&request, OFFICE, KENYA, E_PROTECTION);
	extract_around(true, &message);
	expect(&message, E_OK);
}

/* Kenya is not even told that somebody there wants a record of hers in that country. */
static void
request_for_a_road_that_is_none_is_NO_AGREEMENT(void **state)
{
	struct header h = with_consent(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);

	(void)state;
	h.token.destination = party_of(LAPSED);
	expect_of(&h, OFFICE, KENYA, E_NO_AGREEMENT);
}

static void
cancellation_needs_the_token_and_no_agreement_in_force(void **state)
{
	struct header h = with_consent(A_CANCELLATION, SOMALIA, OFFICE);
	struct header bare = header_for(A_CANCELLATION, SOMALIA, OFFICE);
	OWNED_BUF(message) = {0};

	(void)state;
	expect_of(&h, SOMALIA, OFFICE, E_OK);
	message_from(realm, &bare, SOMALIA, OFFICE, &message);
	expect(&message, E_CONSENT_MISSING);
}

/* A forged token is said to be one, whatever else it is. */
static void
token_is_verified_before_it_is_matched(void **state)
{
	struct header h = extract();
	OWNED_BUF(element) = {0};
	OWNED_BUF(message) = {0};

	(void)state;
	h.token.conversation = id_new();
	assert_int_equal(consent_token_grant(&h.token, realm->sign[KENYA], &element), E_OK);
	message_with_token(realm, &h, &element, KENYA, SOMALIA, &message);
	expect(&message, E_CONSENT_FORGED);
}

/* ---- held ---- */

static void
know(struct revocations *r, size_t country)
{
	struct crl_plan p = {
		.issuer = realm->anchor[country], .key = realm->anchor_key[country], .number = 1};
	struct revocation_facts f;
	OWNED_BUF(der) = {0};

	crl_make(&p, &der);
	assert_int_equal(
		revocations_take(r, realm->trust, buf_bytes(&der), instant_now(), &f), E_OK);
}

/* E_HELD is no refusal: the sender's certificate is known to be good, the officer's is not. */
static void
old_data_about_the_office_holds_the_message(void **state)
{
	struct header plain = header_for(A_TRANSCRIPTION_OUTCOME, KENYA, SOMALIA);
	OWNED_BUF(message) = {0};
	OWNED_BUF(without) = {0};
	struct verdict v;

	(void)state;
	realm_grace = "48";
	realm_load(realm);
	known = revocations_new();
	know(known, country_index("KE"));
	extract_around(false, &message);
	assert_int_equal(judge(&message, &v), E_OK);
	assert_int_equal(v.held, 1);
	message_from(realm, &plain, KENYA, SOMALIA, &without);
	expect(&without, E_OK); /* not held: it has no token */
	know(known, country_index(""));
	assert_int_equal(judge(&message, &v), E_OK);
	assert_int_equal(v.held, 0);
	revocations_free(&known);
}

/* ---- spelling: signed all the same ---- */

static void
expect_spelt(const char *what, const char *by)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);
	OWNED_BUF(element) = {0};
	OWNED_BUF(other) = {0};
	OWNED_BUF(message) = {0};
	struct verdict v;
	const uint8_t *at;

	token_give(realm, &h, KENYA, SOMALIA, true, &element);
	at = memmem(element.data, element.size, what, strlen(what));
	assert_non_null(at);
	buf_add(&other, element.data, (size_t)(at - element.data));
	buf_text(&other, by);
	buf_text(&other, (const char *)at + strlen(what));
	message_with_token(realm, &h, &other, KENYA, SOMALIA, &message);
	if (judge(&message, &v) != E_SCHEMA)
		fail_msg("%s: %s", by, err_word((enum err)v.code));
}

static void
token_in_another_form_is_SCHEMA(void **state)
{
	static const char *const rows[][2] = {
		{" by=\"UNHCR.NBO\"", ""},
		{" by=\"UNHCR.NBO\"", " by=\"unhcr.nbo\""},
		{" purpose=\"BIRTH-TRANSCRIPTION\"", " purpose=\"CURIOSITY\""},
		{"<e:Grant ", "<e:Note></e:Note><e:Grant "},
		{"</e:Grant>", "\n</e:Grant>"},
		{"</e:Grant>", "</e:Grant> "},
		{"</e:Grant>", "=</e:Grant>"},
		{"<e:Clearance ", "<e:Grant cert=\"" HEX64 "\">AAAA</e:Grant><e:Clearance "},
		{"</e:ConsentToken>", "<e:Clearance cert=\"" HEX64 "\"></e:Clearance>"
				      "</e:ConsentToken>"},
		{"</e:ConsentToken>", "</e:ConsentToken> "},
		{"</e:ConsentToken>", "</e:ConsentToken><e:ConsentToken></e:ConsentToken>"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		expect_spelt(rows[i][0], rows[i][1]);
}

/* ---- an examiner that lies ---- */

/* Every bit of what it tells about a token. */
static void
no_lie_about_a_token_is_believed(void **state)
{
	OWNED_BUF(message) = {0};
	uint8_t frame[sizeof(struct verdict)];
	struct verdict good, out;
	size_t at = offsetof(struct verdict, header.token);

	(void)state;
	extract_around(true, &message);
	assert_int_equal(judge(&message, &good), E_OK);
	for (size_t i = 0; i < 8 * sizeof good.header.token; i++) {
		memcpy(frame, &good, sizeof frame);
		frame[at + i / 8] ^= (uint8_t)(1u << i % 8);
		if (verdict_check(bytes_of(frame, sizeof frame), buf_bytes(&message), &out) == E_OK)
			assert_true(consent_token_equal(&out.header.token, &good.header.token));
	}
}

static void
token_that_is_there_cannot_be_denied_nor_one_be_invented(void **state)
{
	struct header h = header_for(A_TRANSCRIPTION_OUTCOME, KENYA, SOMALIA);
	OWNED_BUF(with) = {0};
	OWNED_BUF(without) = {0};
	struct verdict v, w, out;

	(void)state;
	extract_around(true, &with);
	assert_int_equal(judge(&with, &v), E_OK);
	message_from(realm, &h, KENYA, SOMALIA, &without);
	assert_int_equal(judge(&without, &w), E_OK);
	w.header.has_token = true;
	assert_int_equal(
		verdict_check(bytes_of(&w, sizeof w), buf_bytes(&without), &out), E_QUARANTINED);
	w.header.token = v.header.token;
	assert_int_equal(
		verdict_check(bytes_of(&w, sizeof w), buf_bytes(&without), &out), E_QUARANTINED);
	w = v;
	w.header.token.cleared = false; /* the second officer's word unsaid */
	memset(&w.header.token.cleared_by, 0, sizeof w.header.token.cleared_by);
	assert_int_equal(
		verdict_check(bytes_of(&w, sizeof w), buf_bytes(&with), &out), E_QUARANTINED);
	v.header.has_token = false;
	assert_int_equal(
		verdict_check(bytes_of(&v, sizeof v), buf_bytes(&with), &out), E_QUARANTINED);
	memset(&v.header.token, 0, sizeof v.header.token);
	assert_int_equal(
		verdict_check(bytes_of(&v, sizeof v), buf_bytes(&with), &out), E_QUARANTINED);
}

/* A refusal may be unjust, but what it carries is kept and shown. */
static void
refusal_with_a_token_that_is_none_is_not_believed(void **state)
{
	OWNED_BUF(message) = {0};
	uint8_t frame[sizeof(struct verdict)];
	struct verdict v, out;

	(void)state;
	extract_around(true, &message);
	assert_int_equal(judge(&message, &v), E_OK);
	v.code = E_SCHEMA;
	assert_int_equal(verdict_check(bytes_of(&v, sizeof v), buf_bytes(&message), &out), E_OK);
	memcpy(frame, &v, sizeof frame);
	frame[offsetof(struct verdict, header.token.cleared)] = 2; /* neither true nor false */
	assert_int_equal(verdict_check(bytes_of(frame, sizeof frame), buf_bytes(&message), &out),
		E_QUARANTINED);
	v.header.token.purpose[0] = '\n';
	assert_int_equal(
		verdict_check(bytes_of(&v, sizeof v), buf_bytes(&message), &out), E_QUARANTINED);
}

static void
no_octet_of_a_token_can_be_altered_in_a_message(void **state)
{
	OWNED_BUF(message) = {0};
	struct bytes token;
	struct verdict v;

	(void)state;
	extract_around(true, &message);
	assert_true(message_token(buf_bytes(&message), &token));
	for (size_t i = (size_t)(token.data - message.data), n = 0; n < token.size; i++, n++) {
		message.data[i] ^= 1;
		assert_int_not_equal(judge(&message, &v), E_OK);
		message.data[i] ^= 1;
	}
	expect(&message, E_OK);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(token_comes_out_with_the_header),
		TEST(every_message_of_a_case_passes_with_its_token),
		TEST(message_without_a_token_is_CONSENT_MISSING),
		TEST(token_for_something_else_is_CONSENT_SCOPE),
		TEST(token_that_no_officer_signed_is_CONSENT_FORGED),
		TEST(token_that_its_sender_altered_is_CONSENT_FORGED),
		TEST(token_by_a_revoked_certificate_is_CONSENT_FORGED),
		TEST(P7_case_is_stopped_though_its_token_was_signed_with_a_revoked_key),
		TEST(token_past_its_end_is_CONSENT_EXPIRED),
		TEST(road_that_needs_a_second_officer_is_PROTECTION_BLOCK),
		TEST(request_for_a_road_that_is_none_is_NO_AGREEMENT),
		TEST(cancellation_needs_the_token_and_no_agreement_in_force),
		TEST(token_is_verified_before_it_is_matched),
		TEST(old_data_about_the_office_holds_the_message),
		TEST(token_in_another_form_is_SCHEMA),
		TEST(no_lie_about_a_token_is_believed),
		TEST(token_that_is_there_cannot_be_denied_nor_one_be_invented),
		TEST(refusal_with_a_token_that_is_none_is_not_believed),
		TEST(no_octet_of_a_token_can_be_altered_in_a_message),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
