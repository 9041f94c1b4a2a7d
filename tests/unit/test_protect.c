/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rules that protect the person behind a request. One thing of a request that is in order is
 * changed at a time, and the code is expected that belongs to it. */
#include "tests/unit/test_realm.h"

#include "lib/protect.h"
#include "lib/record_rule.h"

#define TODAY "2026-11-27"

static struct realm *realm;
static struct identity *second;	  /* another officer of the liaison office, with another key */
static struct identity *same_key; /* another certificate of the key that files */
static struct trust_party liaison;
static struct digest filing;

static struct request *
read_case(const char *name)
{
	OWNED(char, file, free_chars) = xprintf("%s/data/cases/%s", tests_folder(), name);
	OWNED_BUF(problems) = {0};
	struct request *r = NULL;
	char text[16384];
	FILE *f = fopen(file, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof text, f);
	fclose(f);
	assert_int_equal(request_of_json(text, n, &r, &problems), E_OK);
	return r;
}

static struct protect_context
context(void)
{
	return (struct protect_context){.requested_country = "KE",
		.destination_country = "SO",
		.purpose = "BIRTH-TRANSCRIPTION",
		.today = TODAY,
		.liaison = &liaison,
		.signer = &filing};
}

/* Where it was refused says `words', when they are not NULL. */
static void
expect(const struct request *r, const struct protect_context *k, const char *code,
	const char *words)
{
	const char *why = "";
	const char *got = protect_request(r, k, &why);

	if (code == NULL && got != NULL)
		fail_msg("refused: %s %s", got, why);
	if (code == NULL)
		return;
	if (got == NULL || strcmp(got, code) != 0)
		fail_msg("wanted %s, got %s", code, got != NULL ? why : "nothing");
	if (words != NULL && strstr(why, words) == NULL)
		fail_msg("wanted \"%s\" in: %s", words, why);
	assert_non_null(strstr(why, "nothing was passed on"));
}

static struct risk_clearance *
finding(struct request *r, const char *feared)
{
	r->risk = arena_alloc(r->arena, sizeof *r->risk);
	*r->risk = (struct risk_clearance){
		.officer = "NBO-PROT-009", .result = "CLEARED", .on = TODAY};
	if (feared != NULL) {
		r->risk->feared = arena_alloc(r->arena, sizeof *r->risk->feared);
		r->risk->feared->value = feared;
	}
	return r->risk;
}

static void
set_birth(struct request *r, const char *edtf, const char *basis)
{
	r->locator.birth_date = arena_alloc(r->arena, sizeof *r->locator.birth_date);
	*r->locator.birth_date = (struct record_date){
		.value = edtf, .calendar = "gregorian", .authored = "x", .basis = basis};
}

static void
add_document(struct request *r, const char *kind)
{
	struct document *d = arena_alloc(r->arena, sizeof *d);

	*d = (struct document){kind, HEX64, "application/pdf", r->documents};
	r->documents = d;
}

/* ---- P1, P2, P12: the consent ---- */

static void
other_destination(struct request *r)
{
	r->consent.destination = "UG.NIRA";
}

static void
other_purpose(struct request *r)
{
	r->consent.purpose = "BIRTH-EXTRACT";
}

static void
no_language(struct request *r)
{
	r->consent.language = NULL;
}

static void
no_evidence(struct request *r)
{
	r->consent.evidence_digest = NULL;
}

static void
risks_not_explained(struct request *r)
{
	r->consent.risks_explained = false;
}

static void
given_tomorrow(struct request *r)
{
	r->consent.given_on = "2026-11-28";
}

static void
over_yesterday(struct request *r)
{
	r->consent.valid_until = "2026-11-26";
}

static void
only_the_mothers(struct request *r)
{
	r->consent.subject = "mother";
	r->consent.capacity_basis = "self";
}

static void
second_is_for_another(struct request *r)
{
	r->consent.next = arena_alloc(r->arena, sizeof *r->consent.next);
	*r->consent.next = r->consent;
	r->consent.next->next = NULL;
	r->consent.next->destination = "UG.NIRA";
}

static void
second_is_over(struct request *r)
{
	second_is_for_another(r);
	r->consent.next->destination = r->consent.destination;
	r->consent.next->valid_until = "2026-11-26";
}

static const struct {
	void (*change)(struct request *r);
	const char *code, *words;
} consents[] = {
	{other_destination, "P01", "another destination or purpose"},
	{other_purpose, "P01", "another destination or purpose"},
	{second_is_for_another, "P01", "another destination or purpose"},
	{no_language, "P01", "in a language"},
	{no_evidence, "P01", "ask the person again"},
	{risks_not_explained, "P01", "risks were explained"},
	{given_tomorrow, "P01", "a day to come"},
	{over_yesterday, "P02", "expired"},
	{second_is_over, "P02", "expired"},
	{only_the_mothers, "P01", "whose birth it is"},
};

static void
P1_P2_each_rule_of_a_consent_has_its_code(void **state)
{
	const struct protect_context k = context();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(consents); i++) {
		OWNED(struct request, r, request_free) = read_case("hodan.json");

		expect(r, &k, NULL, NULL);
		consents[i].change(r);
		expect(r, &k, consents[i].code, consents[i].words);
	}
}

static void
P2_the_last_day_of_a_consent_counts(void **state)
{
	OWNED(struct request, r, request_free) = read_case("hodan.json");
	const struct protect_context k = context();

	(void)state;
	r->consent.given_on = TODAY;
	r->consent.valid_until = TODAY;
	expect(r, &k, NULL, NULL);
}

static void
P12_a_consent_with_a_condition_is_none(void **state)
{
	OWNED(struct request, r, request_free) = read_case("selam.json");
	OWNED(struct request, again, request_free) = NULL;
	const struct protect_context k = context();
	OWNED_BUF(b) = {0};

	(void)state;
	expect(r, &k, NULL, NULL);
	r->consent.next->no_conditionality = false;
	expect(r, &k, "P01", "refusing costs nothing");
	request_compose(r, &b);
	assert_int_equal(request_parse(buf_bytes(&b), &again), E_SCHEMA);
}

/* ---- P6: by which right, at which age ---- */

/* Who may consent for a person of such a date of birth, and whether the child is asked, from 12. */
static const struct {
	const char *birth, *basis;
	const char *by_parent, *by_itself; /* code; NULL: may */
	bool asked;
} ages[] = {
	{"2024-03-09", "document", NULL, "P01", false},
	{"2014-11-28", "document", NULL, "P01", false}, /* twelve tomorrow */
	{"2014-11-27", "document", NULL, "P01", true},	/* twelve today */
	{"2008-11-28", "document", NULL, "P01", true},	/* eighteen tomorrow */
	{"2008-11-27", "document", "P01", NULL, false}, /* eighteen today */
	{"1990", "document", "P01", NULL, false},
	{"2008", "document", NULL, "P01", true},
	{"2008-11", "document", NULL, "P01", true},
	{"2014", "document", NULL, "P01", true},
	{"2015", "document", NULL, "P01", false},
	{"2008-01-01", "document", "P01", NULL, false},
	{"2008-01-01", "placeholder", NULL, "P01", true},
	{"2014-07-01", "placeholder", NULL, "P01", true},
	{"2014-12-01", "placeholder", NULL, "P01", true},
	{"2007-01-01", "age-estimate", NULL, "P01", true},
	{"2006-01-01", "age-estimate", "P01", NULL, false},
	{"2007~", "declaration", NULL, "P01", true},
	{"2005?", "declaration", "P01", NULL, false},
	{"2016%", "declaration", NULL, "P01", true},
	{"2017~", "declaration", NULL, "P01", false},
	{"200X", "declaration", NULL, "P01", true},
	{"199X", "declaration", "P01", NULL, false},
	{"2000/2020", "declaration", NULL, "P01", true},
	{"../1999", "declaration", "P01", NULL, false},
	{"2020/..", "declaration", NULL, "P01", false},
	{"../2010", "declaration", NULL, "P01", true},
	{"XXXX", "declaration", NULL, "P01", true},
};

static void
P6_doubt_about_an_age_counts_for_protection(void **state)
{
	struct protect_context k = context();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ages); i++) {
		OWNED(struct request, r, request_free) = read_case("hodan.json");
		struct assent assent = {"2026-11-26", "so", "NBO-0417"};

		set_birth(r, ages[i].birth, ages[i].basis);
		k.assent_age = 0;
		expect(r, &k, ages[i].by_parent, NULL);
		r->consent.given_by = "self";
		r->consent.capacity_basis = "self";
		expect(r, &k, ages[i].by_itself, NULL);
		r->consent.given_by = "father";
		r->consent.capacity_basis = "parental-authority";
		k.assent_age = 12;
		expect(r, &k, ages[i].asked ? "P01" : ages[i].by_parent,
			ages[i].asked ? "assent" : NULL);
		r->consent.assent = &assent;
		expect(r, &k, ages[i].by_parent, NULL);
	}
}

static void
P6_an_assent_of_a_day_to_come_is_none(void **state)
{
	OWNED(struct request, r, request_free) = read_case("hodan.json");
	struct assent assent = {"2026-11-28", "so", "NBO-0417"};
	struct protect_context k = context();

	(void)state;
	set_birth(r, "2012-01-05", "document");
	k.assent_age = 12;
	r->consent.assent = &assent;
	expect(r, &k, "P01", "record the assent");
	assent.on = TODAY;
	expect(r, &k, NULL, NULL);
}

static void
P6_a_converted_day_is_two_days_wide(void **state)
{
	OWNED(struct request, r, request_free) = read_case("hodan.json");
	const struct protect_context k = context();

	(void)state;
	set_birth(r, "2008-11-25", "document");
	expect(r, &k, "P01", "an adult");
	r->locator.birth_date->calendar = "hijri-umalqura";
	expect(r, &k, NULL, NULL);
	r->locator.birth_date->value = "2008-10-30";
	expect(r, &k, "P01", "an adult");
}

static void
P6_an_unknown_age_is_asked_for(void **state)
{
	OWNED(struct request, r, request_free) = read_case("no-entry.json");
	struct protect_context k = context();

	(void)state;
	expect(r, &k, NULL, NULL);
	k.assent_age = 12;
	expect(r, &k, "P01", "state the date of birth");
	k.record_follows = true;
	expect(r, &k, NULL, NULL);
	r->consent.given_by = "self";
	r->consent.capacity_basis = "self";
	expect(r, &k, NULL, NULL);
	k.record_follows = false;
	expect(r, &k, "P01", "state the date of birth");
}

static void
P6_the_records_date_counts(void **state)
{
	OWNED(struct request, r, request_free) = read_case("hodan.json");
	const struct record_date adult = {.value = "2001", .basis = "document"};
	const struct record_date unknown = {.value = "XXXX", .basis = "document"};
	struct protect_context k = context();

	(void)state;
	k.birth = &adult;
	expect(r, &k, "P01", "an adult consents for itself");
	r->consent.given_by = "self";
	r->consent.capacity_basis = "self";
	expect(r, &k, NULL, NULL);
	k.birth = &unknown;
	expect(r, &k, "P01", "a parent or guardian consents");
}

static void
P6_a_guardian_shows_the_guardianship(void **state)
{
	static const char *const births[] = {"2024-03-09", "1980-01-01", "XXXX"};
	static const char *const papers[] = {"guardianship", "court-judgment"};
	const struct protect_context k = context();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(births) * ARRAY_LEN(papers); i++) {
		OWNED(struct request, r, request_free) = read_case("hodan.json");

		set_birth(r, births[i / 2], "document");
		r->consent.given_by = "guardian";
		r->consent.capacity_basis = "guardianship";
		expect(r, &k, "P01", "no document shows the guardianship");
		add_document(r, papers[i % 2]);
		expect(r, &k, NULL, NULL);
		r->consent.capacity_basis = "parental-authority";
		expect(r, &k, "P01", NULL);
	}
}

static void
P6_nobody_consents_for_a_parent(void **state)
{
	OWNED(struct request, r, request_free) = read_case("selam.json");
	const struct protect_context k = context();

	(void)state;
	expect(r, &k, NULL, NULL);
	r->consent.next->given_by = "father";
	expect(r, &k, "P01", "own consent");
	r->consent.next->given_by = "mother";
	r->consent.next->capacity_basis = "parental-authority";
	expect(r, &k, "P01", "own consent");
}

static void
the_lower_age_protects_more(void **state)
{
	(void)state;
	assert_int_equal(protect_assent_age(0, 0), 0);
	assert_int_equal(protect_assent_age(12, 0), 12);
	assert_int_equal(protect_assent_age(0, 14), 14);
	assert_int_equal(protect_assent_age(12, 14), 12);
	assert_int_equal(protect_assent_age(14, 12), 12);
}

/* ---- P9: whom the person fears ---- */

static void
P9_a_feared_destination_needs_a_clearance(void **state)
{
	OWNED(struct request, r, request_free) = read_case("hodan.json");
	struct protect_context k = context();

	(void)state;
	finding(r, "ET");
	expect(r, &k, NULL, NULL); /* not the destination */
	finding(r, "SO");
	expect(r, &k, "P04", "not signed by a second officer");
	assert_int_equal(protect_clear(r, second), E_OK);
	expect(r, &k, NULL, NULL);
	k.signer = NULL;
	expect(r, &k, NULL, NULL);
	r->risk->result = "BLOCKED";
	expect(r, &k, "P04", "1951 Convention, article 25");
}

static void
P9_the_origin_is_asked_with_a_clearance_only(void **state)
{
	OWNED(struct request, r, request_free) = read_case("hodan.json");
	const struct protect_context k = context();

	(void)state;
	r->case_type = "ORIGIN-EXTRACT";
	expect(r, &k, "P04", "1951 Convention, article 25");
	finding(r, NULL);
	expect(r, &k, "P04", "not signed by a second officer");
	assert_int_equal(protect_clear(r, second), E_OK);
	expect(r, &k, NULL, NULL);
}

static void
P9_a_feared_state_is_never_asked(void **state)
{
	static const char *const types[] = {"ORIGIN-EXTRACT", "ORIGIN-ENTRY", "THIRD-COUNTRY"};
	struct protect_context k = context();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		OWNED(struct request, r, request_free) = read_case("hodan.json");

		r->case_type = types[i];
		finding(r, "KE");
		assert_int_equal(protect_clear(r, second), E_OK);
		expect(r, &k, "P04", "must not be filed");
		finding(r, "ET");
		assert_int_equal(protect_clear(r, second), E_OK);
		expect(r, &k, NULL, NULL);
		k.requested_country = ""; /* of whatever State it is */
		expect(r, &k, "P04", NULL);
		k.requested_country = "KE";
	}
}

static void
P9_a_clearance_follows_the_consent(void **state)
{
	static const struct {
		const char *on;
		bool good;
	} rows[] = {
		{"2026-10-04", false}, {"2026-10-05", true}, {TODAY, true}, {"2026-11-28", false}};
	const struct protect_context k = context();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(struct request, r, request_free) = read_case("hodan.json");

		finding(r, "SO")->on = rows[i].on;
		assert_int_equal(protect_clear(r, second), E_OK);
		expect(r, &k, rows[i].good ? NULL : "P04", rows[i].good ? NULL : "older");
	}
}

static void
another_type(struct request *r)
{
	r->case_type = "THIRD-COUNTRY";
}

static void
another_holder(struct request *r)
{
	r->requested_of = party_of(SOMALIA);
}

static void
another_destination(struct request *r)
{
	assert_true(party_parse("UG.NIRA", &r->destination));
}

static void
another_consent(struct request *r)
{
	r->consent.id = UUID;
}

static void
a_consent_more(struct request *r)
{
	second_is_for_another(r);
	r->consent.next->destination = r->consent.destination;
}

static void
another_officer(struct request *r)
{
	r->risk->officer = "NBO-PROT-010";
}

static void
another_day(struct request *r)
{
	r->risk->on = "2026-11-26";
}

static void
another_country(struct request *r)
{
	struct text_item *more = arena_alloc(r->arena, sizeof *more);

	*more = (struct text_item){.value = "ET"};
	r->risk->feared->next = more;
}

static void
another_signature(struct request *r)
{
	OWNED(struct request, other, request_free) = read_case("selam.json");

	finding(other, "SO");
	assert_int_equal(protect_clear(other, second), E_OK);
	r->risk->approval_value = arena_text(r->arena, other->risk->approval_value);
}

static void
no_certificate(struct request *r)
{
	r->risk->approval_cert = HEX64;
}

static void
the_witness_clears(struct request *r)
{
	r->risk->officer = r->consent.witnessed_by;
	assert_int_equal(protect_clear(r, second), E_OK);
}

static void
the_witness_of_an_assent_clears(struct request *r)
{
	r->consent.assent = arena_alloc(r->arena, sizeof *r->consent.assent);
	*r->consent.assent = (struct assent){TODAY, "so", r->risk->officer};
}

static void
who_files_clears(struct request *r)
{
	assert_int_equal(protect_clear(r, realm->sign[OFFICE]), E_OK);
}

static void
one_key_clears(struct request *r)
{
	assert_int_equal(protect_clear(r, same_key), E_OK);
}

static void
a_registry_clears(struct request *r)
{
	assert_int_equal(protect_clear(r, realm->sign[KENYA]), E_OK);
}

static const struct {
	void (*change)(struct request *r);
	const char *words;
} clearances[] = {
	{another_type, "does not hold"},
	{another_holder, "does not hold"},
	{another_destination, "does not hold"},
	{another_consent, "does not hold"},
	{a_consent_more, "does not hold"},
	{another_officer, "does not hold"},
	{another_day, "does not hold"},
	{another_country, "does not hold"},
	{another_signature, "does not hold"},
	{no_certificate, "does not hold"},
	{a_registry_clears, "does not hold"},
	{the_witness_clears, "also took a consent"},
	{the_witness_of_an_assent_clears, "also took a consent"},
	{who_files_clears, "the key that files the case"},
	{one_key_clears, "the key that files the case"},
};

static void
P9_a_clearance_is_a_second_officers_for_this_case(void **state)
{
	const struct protect_context k = context();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(clearances); i++) {
		OWNED(struct request, r, request_free) = read_case("hodan.json");

		finding(r, "SO");
		assert_int_equal(protect_clear(r, second), E_OK);
		expect(r, &k, NULL, NULL);
		clearances[i].change(r);
		expect(r, &k, "P04", clearances[i].words);
	}
}

static void
P9_a_forged_clearance_is_refused_where_none_is_needed(void **state)
{
	OWNED(struct request, r, request_free) = read_case("hodan.json");
	const struct protect_context k = context();

	(void)state;
	finding(r, "ET");
	assert_int_equal(protect_clear(r, realm->sign[KENYA]), E_OK);
	expect(r, &k, "P04", "does not hold");
}

static void
P9_a_revoked_or_expired_officer_clears_nothing(void **state)
{
	OWNED(struct request, r, request_free) = read_case("hodan.json");
	const struct trust_party as_it_is = liaison;
	struct protect_context k = context();

	(void)state;
	finding(r, "SO");
	assert_int_equal(protect_clear(r, second), E_OK);
	liaison.sign_revoked[1] = INT64_MAX - 1;
	expect(r, &k, "P04", "does not hold");
	liaison = as_it_is;
	liaison.sign_until[1] = 1;
	expect(r, &k, "P04", "does not hold");
	liaison = as_it_is;
	liaison.sign_from[1] = INT64_MAX;
	expect(r, &k, "P04", "does not hold");
	liaison = as_it_is;
	k.liaison = NULL;
	expect(r, &k, "P04", "does not hold");
}

static void
a_case_without_a_finding_cannot_be_cleared(void **state)
{
	OWNED(struct request, r, request_free) = read_case("hodan.json");

	(void)state;
	assert_int_equal(protect_clear(r, second), E_INPUT);
}

static void
a_clearance_survives_the_road(void **state)
{
	OWNED(struct request, r, request_free) = read_case("hodan.json");
	OWNED(struct request, again, request_free) = NULL;
	const struct protect_context k = context();
	OWNED(xmlDoc, doc, xml_free) = NULL;
	OWNED_BUF(b) = {0};

	(void)state;
	finding(r, "SO");
	assert_int_equal(protect_clear(r, second), E_OK);
	request_compose(r, &b);
	assert_int_equal(xml_parse(buf_bytes(&b), &doc), E_OK);
	assert_int_equal(xml_validate(doc, SCHEMA_CASE, NULL, 0), E_OK);
	assert_int_equal(request_parse(buf_bytes(&b), &again), E_OK);
	expect(again, &k, NULL, NULL);
}

/* ---- until when ---- */

static void
the_earliest_consent_ends_the_case(void **state)
{
	OWNED(struct request, r, request_free) = read_case("selam.json");
	int64_t end;

	(void)state;
	r->consent.next->valid_until = "2026-12-01";
	assert_true(instant_parse("2026-12-01T23:59:59.999Z", &end));
	assert_true(protect_until(r) == end);
	r->consent.valid_until = "2026-11-30";
	assert_true(protect_until(r) == end - DAY_MS);
	r->consent.valid_until = r->consent.next->valid_until = NULL;
	assert_true(protect_until(r) == 0);
}

/* ---- the group ---- */

static void
list_officer(const struct identity *i)
{
	size_t n = liaison.n_sign++;

	liaison.sign[n] = i->cert;
	digest_of(i->der, i->der_size, &liaison.sign_digest[n]);
	liaison.sign_until[n] = liaison.sign_revoked[n] = INT64_MAX;
}

static int
group_setup(void **state)
{
	(void)state;
	realm_ready();
	realm = realm_new();
	second = identity_make(realm, &realm_parties[OFFICE], true);
	same_key = identity_make(realm, &realm_parties[OFFICE], true);
	key_free(&same_key->key);
	EVP_PKEY_up_ref(realm->sign[OFFICE]->key);
	same_key->key = realm->sign[OFFICE]->key;
	X509_set_pubkey(same_key->cert, same_key->key);
	list_officer(realm->sign[OFFICE]);
	list_officer(second);
	list_officer(same_key);
	filing = liaison.sign_digest[0];
	return 0;
}

static int
group_teardown(void **state)
{
	(void)state;
	identity_free(&second);
	identity_free(&same_key);
	realm_free(&realm);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P1_P2_each_rule_of_a_consent_has_its_code),
		cmocka_unit_test(P2_the_last_day_of_a_consent_counts),
		cmocka_unit_test(P12_a_consent_with_a_condition_is_none),
		cmocka_unit_test(P6_doubt_about_an_age_counts_for_protection),
		cmocka_unit_test(P6_an_assent_of_a_day_to_come_is_none),
		cmocka_unit_test(P6_a_converted_day_is_two_days_wide),
		cmocka_unit_test(P6_an_unknown_age_is_asked_for),
		cmocka_unit_test(P6_the_records_date_counts),
		cmocka_unit_test(P6_a_guardian_shows_the_guardianship),
		cmocka_unit_test(P6_nobody_consents_for_a_parent),
		cmocka_unit_test(the_lower_age_protects_more),
		cmocka_unit_test(P9_a_feared_destination_needs_a_clearance),
		cmocka_unit_test(P9_the_origin_is_asked_with_a_clearance_only),
		cmocka_unit_test(P9_a_feared_state_is_never_asked),
		cmocka_unit_test(P9_a_clearance_follows_the_consent),
		cmocka_unit_test(P9_a_clearance_is_a_second_officers_for_this_case),
		cmocka_unit_test(P9_a_forged_clearance_is_refused_where_none_is_needed),
		cmocka_unit_test(P9_a_revoked_or_expired_officer_clears_nothing),
		cmocka_unit_test(a_case_without_a_finding_cannot_be_cleared),
		cmocka_unit_test(a_clearance_survives_the_road),
		cmocka_unit_test(the_earliest_consent_ends_the_case),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
