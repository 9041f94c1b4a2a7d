/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the issuing adapter does for the protection of a person: the rules are asked before the
 * register is, and with what the record says; the consent token says no more than the consents;
 * whoever is feared learns nothing; and what is told to the receiving registry shows nothing of the
 * way on which it came. */
#include "tests/unit/core_stage.h"

#include "adapters/core_parts.h"
#include "lib/header.h"
#include "lib/protect.h"

static void
cleared(struct request *r, const char *feared, const struct identity *officer)
{
	char today[11];

	core_day(stage.now, 0, today);
	r->risk = arena_alloc(r->arena, sizeof *r->risk);
	*r->risk = (struct risk_clearance){
		.officer = "NBO-PROT-009", .result = "CLEARED", .on = arena_text(r->arena, today)};
	r->risk->feared = arena_alloc(r->arena, sizeof *r->risk->feared);
	r->risk->feared->value = feared;
	if (officer != NULL)
		assert_int_equal(protect_clear(r, officer), E_OK);
}

static void
set_assent_age(enum who who, unsigned age)
{
	const struct party p = party_of(who);

	((struct trust_party *)trust_party(trust, &p))->profile.assent_age = age;
}

static void
again(void)
{
	stage_end(NULL);
	stage_begin(KENYA, false);
}

/* ---- P9 ---- */

static void
blocked(struct request *r)
{
	cleared(r, "SO", NULL);
	r->risk->result = "BLOCKED";
}

static void
feared_and_not_cleared(struct request *r)
{
	cleared(r, "SO", NULL);
}

static void
cleared_by_who_files(struct request *r)
{
	cleared(r, "SO", realm->sign[OFFICE]);
}

static void
cleared_by_a_registry(struct request *r)
{
	cleared(r, "SO", realm->sign[KENYA]);
}

static void
asks_the_feared_state(struct request *r)
{
	cleared(r, "KE", realm->second);
}

static void
origin_without_clearance(struct request *r)
{
	r->case_type = "ORIGIN-EXTRACT";
}

static void (*const refused_for_protection[])(struct request *r) = {
	blocked,
	feared_and_not_cleared,
	cleared_by_who_files,
	cleared_by_a_registry,
	asks_the_feared_state,
	origin_without_clearance,
};

/* The spool's channel to a party has never been used: not even a number was taken. */
static void
assert_channel_untouched(enum who to)
{
	const struct party p = party_of(to);
	uint64_t seq;

	assert_int_equal(spool_next_seq(stage.spool, &p, 0, &seq), E_OK);
	assert_int_equal(seq, 1);
}

/* The register is not asked, the secret shared with that State is not used, and there is one
 * message: the refusal, to the liaison. */
static void
P9_no_trace_towards_the_feared_country(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refused_for_protection); i++) {
		OWNED(struct request, r, request_free) = case_hodan();
		OWNED(struct outcome, o, outcome_free) = NULL;
		struct header h;
		SENT(s);

		if (i > 0)
			again();
		stage.no_secret = true;
		refused_for_protection[i](r);
		h = take_request_of(r);
		assert_true(work() == CORE_IDLE);
		assert_settled(&h, ST_COMMITTED, "");
		read_outbox(&s);
		assert_int_equal(s.n, 1);
		assert_outcome(&s, 0, "UNHCR.NBO", "Refused", "P04");
		assert_int_equal(outcome_parse(buf_bytes(&s.body[0]), &o), E_OK);
		assert_non_null(o->explanation);
		assert_int_equal(fake->found + fake->looked + fake->entered, 0);
		assert_channel_untouched(SOMALIA);
	}
}

static void
P9_a_refusal_advises_a_substitute_document(void **state)
{
	OWNED(struct request, r, request_free) = case_hodan();
	OWNED(struct outcome, o, outcome_free) = NULL;
	SENT(s);

	(void)state;
	blocked(r);
	take_request_of(r);
	work();
	read_outbox(&s);
	assert_int_equal(outcome_parse(buf_bytes(&s.body[0]), &o), E_OK);
	assert_non_null(strstr(o->explanation, "1951 Convention, article 25"));
}

static void
P9_a_second_officer_clears_the_way(void **state)
{
	OWNED(struct request, r, request_free) = case_hodan();
	struct header h;
	SENT(s);

	(void)state;
	cleared(r, "SO", realm->second);
	h = take_request_of(r);
	work();
	assert_settled(&h, ST_COMMITTED, "");
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.header[0].action, A_CERTIFIED_EXTRACT);
	assert_null(strstr((char *)s.body[0].data, "Feared"));
	assert_null(strstr((char *)s.body[0].data, "Clearance"));
}

/* ---- P6: what the record says ---- */

static struct request *
case_without_date(void)
{
	struct request *r = case_hodan();

	r->locator = (struct locator){.entry_number = "7"};
	return r;
}

static void
expect_refused_after_the_register(const struct request *r, const char *words)
{
	OWNED(struct outcome, o, outcome_free) = NULL;
	const struct header h = take_request_of(r);
	size_t before = fake->found;
	SENT(s);

	work();
	assert_settled(&h, ST_COMMITTED, "");
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	assert_outcome(&s, 0, "UNHCR.NBO", "Refused", "P01");
	assert_int_equal(outcome_parse(buf_bytes(&s.body[0]), &o), E_OK);
	assert_non_null(strstr(o->explanation, words));
	assert_int_equal(fake->found, before + 1);
	assert_channel_untouched(SOMALIA);
}

static void
P6_the_record_shows_a_minor(void **state)
{
	OWNED(struct request, r, request_free) = case_without_date();

	(void)state;
	r->consent.given_by = "self";
	r->consent.capacity_basis = "self";
	expect_refused_after_the_register(r, "a parent or guardian consents");
}

static void
P6_the_record_shows_a_child_that_had_to_be_asked(void **state)
{
	OWNED(struct request, r, request_free) = case_without_date();
	struct assent assent = {r->consent.given_on, "so", "NBO-0417"};
	struct header h;
	SENT(s);

	(void)state;
	set_assent_age(KENYA, 2);
	expect_refused_after_the_register(r, "record the assent");
	again();
	set_assent_age(KENYA, 16);
	set_assent_age(SOMALIA, 2);
	expect_refused_after_the_register(r, "record the assent");
	again();
	r->consent.assent = &assent;
	h = take_request_of(r);
	work();
	set_assent_age(KENYA, 0);
	set_assent_age(SOMALIA, 0);
	assert_settled(&h, ST_COMMITTED, "");
	read_outbox(&s);
	assert_int_equal(s.header[0].action, A_CERTIFIED_EXTRACT);
}

/* ---- P1, P2: the token and the consents ---- */

static void
token_as_it_should_be(struct header *h, struct request *r)
{
}

static void
token_of_another_destination(struct header *h, struct request *r)
{
	h->token.destination = party_of(LAPSED);
}

static void
token_of_another_holder(struct header *h, struct request *r)
{
	h->token.holder = party_of(SOMALIA);
}

static void
token_of_another_case(struct header *h, struct request *r)
{
	h->token.conversation = id_new();
}

static void
token_of_another_purpose(struct header *h, struct request *r)
{
	strcpy(h->token.purpose, "BIRTH-EXTRACT");
}

static void
token_that_outlasts_the_consent(struct header *h, struct request *r)
{
	char day[11];

	core_day(stage.now, 3, day);
	r->consent.valid_until = arena_text(r->arena, day);
}

static void
token_that_is_over(struct header *h, struct request *r)
{
	h->token.valid_until = stage.now;
}

static const struct {
	void (*change)(struct header *h, struct request *r);
	const char *code;
} tokens[] = {
	{token_as_it_should_be, NULL},
	{token_of_another_destination, "P01"},
	{token_of_another_holder, "P01"},
	{token_of_another_case, "P01"},
	{token_of_another_purpose, "P01"},
	{token_that_outlasts_the_consent, "P01"},
	{token_that_is_over, "P02"},
};

static void
take_with_token(struct header *h, const struct request *r, const struct identity *granting)
{
	X509 *const certs[] = {realm->encrypt[KENYA]->cert};
	OWNED_BUF(element) = {0};
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};
	bool twice;

	assert_int_equal(consent_token_grant(&h->token, granting, &element), E_OK);
	h->has_token = true;
	request_compose(r, &body);
	assert_int_equal(message_compose_with(h, buf_bytes(&element), buf_bytes(&body), certs, 1,
				 realm->sign[OFFICE], &message),
		E_OK);
	assert_int_equal(spool_take(stage.spool, buf_bytes(&message), stage.now, &twice), E_OK);
}

static void
expect_of_token(struct header *h, const char *code)
{
	SENT(s);

	work();
	assert_settled(h, ST_COMMITTED, "");
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	if (code != NULL) {
		assert_outcome(&s, 0, "UNHCR.NBO", "Refused", code);
		assert_int_equal(fake->found, 0);
		assert_channel_untouched(SOMALIA);
	} else {
		assert_int_equal(s.header[0].action, A_CERTIFIED_EXTRACT);
		assert_true(consent_token_equal(&s.header[0].token, &h->token));
	}
}

static void
P1_P2_a_token_says_no_more_than_the_consents(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		OWNED(struct request, r, request_free) = case_hodan();
		struct header h;

		if (i > 0)
			again();
		h = header_for(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);
		h.token = consent_for(&h, KENYA, SOMALIA);
		tokens[i].change(&h, r);
		take_with_token(&h, r, realm->sign[OFFICE]);
		expect_of_token(&h, tokens[i].code);
	}
}

static void
P1_a_token_is_granted_by_who_files(void **state)
{
	OWNED(struct request, r, request_free) = case_hodan();
	struct header h = header_for(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);

	(void)state;
	h.token = consent_for(&h, KENYA, SOMALIA);
	take_with_token(&h, r, realm->second);
	expect_of_token(&h, "P01");
}

static void
demand_consent(bool demanded)
{
	const struct party from = party_of(KENYA), to = party_of(SOMALIA);
	const struct trust_agreement *road =
		trust_agreement(trust, &from, &to, A_CERTIFIED_EXTRACT);

	assert_non_null(road);
	((struct trust_agreement *)road)->consent_required = demanded;
}

static void
P1_a_road_that_demands_a_token_is_closed_without_one(void **state)
{
	OWNED(struct request, r, request_free) = case_hodan();
	struct header h;

	(void)state;
	demand_consent(true);
	h = take_request_of(r);
	expect_of_token(&h, "P01");
	again();
	h = header_for(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);
	h.token = consent_for(&h, KENYA, SOMALIA);
	take_with_token(&h, r, realm->sign[OFFICE]);
	expect_of_token(&h, NULL);
	demand_consent(false);
}

/* ---- P4 ---- */

#define MARK "QXMARK"
#define MARK_DIGEST "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"
#define MARK_ID "3f1c9a52-7d40-4b6e-9a11-c0ffeec0ffee"

/* What a camp's number, address, officers and papers leave in a request. */
static void
mark(struct request *r)
{
	struct document *d = arena_alloc(r->arena, sizeof *d);
	struct assent *a = arena_alloc(r->arena, sizeof *a);

	*a = (struct assent){r->consent.given_on, "qx-QXMARK", MARK "-A1"};
	*d = (struct document){
		"proof-of-registration", MARK_DIGEST, "application/pdf", r->documents};
	r->documents = d;
	r->urgency = "urgent";
	r->legal_basis = "123-45C67890 " MARK " Tripartite Agreement";
	r->locator.office = "Camp of " MARK ", block 7";
	r->locator.birth_place->text = "Camp of " MARK ", tent 9";
	r->locator.name.forms->full = "123-45-67890 " MARK;
	r->locator.name.forms->parts->value = "123-45-67890 " MARK;
	r->locator.mother.forms->full = MARK " UNHCR";
	r->locator.birth_date->authored = MARK " in the camp";
	r->consent.id = MARK_ID;
	r->consent.language = "qx-QXMARK";
	r->consent.interpreter = MARK "-I1";
	r->consent.witnessed_by = MARK "-W1";
	r->consent.evidence_digest = MARK_DIGEST;
	r->consent.assent = a;
	r->consent.field_set = "BIRTH-FULL";
	cleared(r, "SO", NULL);
	r->risk->officer = MARK "-P1";
	assert_int_equal(protect_clear(r, realm->second), E_OK);
}

/* A register that keeps the camp's number and file beside its own particulars. */
static enum err
marked_find(struct driver *d, const struct locator *l, struct extract **out)
{
	struct row r = {
		.name = {"entry_number", "office", "registered_on", "child_name", "sex",
			"birth_date", "birth_place", "birth_country", "child_id_scheme", "child_id",
			"mother_name", "mother_id_scheme", "mother_id"},
		.value = {l->entry_number, "Westlands", "2024-02-20", "Hodan Abdi", "F",
			"2024-03-09", "Nairobi", "KE", "unhcr-case", "123-45C67890", "Asha Nuur",
			"unhcr-ind", "QXM-12345678"},
		.n = 13,
	};

	(void)d;
	fake->found++;
	return row_extract(&r, out);
}

static void
assert_shows_nothing(const char *text, bool has_token)
{
	static const char *const marks[] = {MARK, "QXM", MARK_DIGEST, MARK_ID, "123-45", "camp",
		"Camp", "unhcr", "UNHCR", "NBO", "urgent", "Tripartite", "ORIGIN", "proof-of",
		"Feared", "Clearance", "Approval", "CLEARED", "asylum", "refugee", "Consent>"};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (strstr(text, marks[i]) != NULL)
			fail_msg("%s%s", has_token ? "header: " : "body: ", marks[i]);
}

/* The header without the token, whose party codes the exchange goes by. */
static void
assert_header_is_codes(const struct header *h)
{
	struct header bare = *h;
	OWNED_BUF(octets) = {0};

	assert_true(h->has_token);
	bare.has_token = false;
	header_compose_with(&bare, bytes_of(NULL, 0), &octets);
	assert_shows_nothing((const char *)octets.data, true);
	for (const uint8_t *p = octets.data; *p != '\0'; p++)
		assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789.-:/<>=\" ",
			*p));
}

static void
P4_receiving_leg_shows_nothing_of_asylum(void **state)
{
	OWNED(struct request, r, request_free) = case_hodan();
	struct header h = header_for(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);
	struct driver_kind kind = fake_kind;
	SENT(s);

	(void)state;
	kind.find = marked_find;
	stage.core->o.kind = &kind;
	mark(r);
	h.token = consent_for(&h, KENYA, SOMALIA);
	take_with_token(&h, r, realm->sign[OFFICE]);
	work();
	assert_settled(&h, ST_COMMITTED, "");
	read_outbox(&s);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.header[0].action, A_CERTIFIED_EXTRACT);
	assert_string_equal(s.header[0].to.code, "SO.NIRA");
	assert_false(id_equal(&s.header[0].leg, &h.leg));
	assert_shows_nothing((const char *)s.body[0].data, false);
	assert_header_is_codes(&s.header[0]);
}

/* ---- P10 ---- */

/* Refusals quote nothing of the request either. */
static void
P10_refusals_quote_nothing(void **state)
{
	static void (*const changes[])(struct request * r) = {blocked, feared_and_not_cleared,
		cleared_by_a_registry, asks_the_feared_state, origin_without_clearance};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		OWNED(struct request, r, request_free) = case_hodan();
		SENT(s);

		if (i > 0)
			again();
		mark(r);
		r->risk = NULL;
		changes[i](r);
		take_request_of(r);
		work();
		read_outbox(&s);
		assert_outcome(&s, 0, "UNHCR.NBO", "Refused", "P04");
		assert_null(strstr((char *)s.body[0].data, MARK));
		assert_null(strstr((char *)s.body[0].data, "c0ffee"));
		assert_null(strstr((char *)s.body[0].data, "Hodan"));
	}
}

/* Everything that is said on standard error while `r' is worked on. */
static void
listen_to(const struct request *r, struct buf *out)
{
	FILE *said = tmpfile();
	int real = dup(STDERR_FILENO);
	char piece[4096];
	size_t n;

	assert_true(said != NULL && real >= 0);
	assert_true(dup2(fileno(said), STDERR_FILENO) >= 0);
	log_open("test_core", LOG_DETAIL);
	take_request_of(r);
	work();
	log_open("test_core", LOG_ERROR);
	assert_true(dup2(real, STDERR_FILENO) >= 0);
	close(real);
	rewind(said);
	while ((n = fread(piece, 1, sizeof piece, said)) > 0)
		buf_add(out, piece, n);
	fclose(said);
}

static void
P10_the_log_quotes_nothing(void **state)
{
	static void (*const changes[])(struct request * r) = {NULL, blocked, cleared_by_a_registry,
		asks_the_feared_state, origin_without_clearance};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		OWNED(struct request, r, request_free) = case_hodan();
		struct driver_kind kind = fake_kind;
		OWNED_BUF(said) = {0};

		if (i > 0)
			again();
		kind.find = marked_find;
		stage.core->o.kind = &kind;
		mark(r);
		if (changes[i] != NULL)
			changes[i](r);
		listen_to(r, &said);
		assert_non_null(strstr((char *)said.data, " done stage=COMMITTED"));
		assert_null(strstr((char *)said.data, MARK));
		assert_null(strstr((char *)said.data, "QXM"));
		assert_null(strstr((char *)said.data, "c0ffee"));
		assert_null(strstr((char *)said.data, "Hodan"));
		assert_null(strstr((char *)said.data, "2024-03-09"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ISSUER(P9_no_trace_towards_the_feared_country),
		ISSUER(P9_a_refusal_advises_a_substitute_document),
		ISSUER(P9_a_second_officer_clears_the_way),
		ISSUER(P6_the_record_shows_a_minor),
		ISSUER(P6_the_record_shows_a_child_that_had_to_be_asked),
		ISSUER(P1_P2_a_token_says_no_more_than_the_consents),
		ISSUER(P1_a_token_is_granted_by_who_files),
		ISSUER(P1_a_road_that_demands_a_token_is_closed_without_one),
		ISSUER(P4_receiving_leg_shows_nothing_of_asylum),
		ISSUER(P10_refusals_quote_nothing),
		ISSUER(P10_the_log_quotes_nothing),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
