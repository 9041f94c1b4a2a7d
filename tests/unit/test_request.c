/* SPDX-License-Identifier: EUPL-1.2
 *
 * The officer's case file. Every problem is provoked by changing one thing of a good file, and the
 * line that names it is expected word for word; no problem may quote what the file holds. */
#include "tests/unit/test.h"

#include <stdio.h>

#include "lib/record.h"
#include "lib/xml.h"

static char text[64 * 1024];

static void
load(const char *name)
{
	char path[512];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof path, "%s/data/cases/%s", tests_folder(), name);
	f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("cannot open %s", path);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	(void)fclose(f);
}

static void
good_files_become_valid_requests(void **state)
{
	static const char *const names[] = {
		"hodan.json", "yuusuf.json", "selam.json", "no-entry.json"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		OWNED(struct request, r, request_free) = NULL;
		OWNED(xmlDoc, doc, xml_free) = NULL;
		OWNED_BUF(problems) = {0};
		OWNED_BUF(b) = {0};

		load(names[i]);
		if (request_of_json(text, strlen(text), &r, &problems) != E_OK)
			fail_msg("%s: %s", names[i], (const char *)problems.data);
		assert_int_equal(problems.size, 0);
		request_compose(r, &b);
		assert_int_equal(xml_parse(buf_bytes(&b), &doc), E_OK);
		assert_int_equal(xml_check_canonical(doc, buf_bytes(&b)), E_OK);
		assert_int_equal(xml_validate(doc, SCHEMA_CASE, NULL, 0), E_OK);
	}
}

static void
a_file_is_read_as_it_is_meant(void **state)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED_BUF(problems) = {0};

	(void)state;
	load("selam.json");
	assert_int_equal(request_of_json(text, strlen(text), &r, &problems), E_OK);
	assert_string_equal(r->case_type, "ORIGIN-ENTRY");
	assert_string_equal(r->requested_of.code, "KE.CRS");
	assert_string_equal(r->destination.code, "SO.NIRA");
	assert_null(r->urgency);
	assert_string_equal(r->applicant_relation, "mother");
	assert_string_equal(r->locator.office, "Turkana");
	assert_string_equal(r->locator.entry_number, "0430550127");
	assert_string_equal(name_full(&r->locator.name), "Selam Maxamed Cismaan");
	assert_string_equal(name_full(&r->locator.mother), "ትዕግሥት ገብረ መድኅን ወልዴ");
	assert_string_equal(r->locator.mother.forms->next->system, "am-Latn-t-am-m0-bgn");
	assert_true(r->locator.name.forms->no_family_name);
	assert_string_equal(r->locator.name.forms->parts->next->kind, "father");
	assert_string_equal(r->locator.birth_date->calendar, "ethiopic");
	assert_string_equal(r->locator.birth_place->pcode, "KE023");
	assert_string_equal(r->consent.interpreter, "NBO-INT-012");
	assert_true(r->consent.risks_explained && r->consent.no_conditionality);
	assert_non_null(r->consent.next);
	assert_string_equal(r->consent.next->subject, "mother");
	assert_null(r->consent.next->next);
	assert_string_equal(r->risk->feared->value, "ET");
	assert_null(r->documents);
}

/* hodan.json, or selam.json where `file' says so, with `old' replaced by `new'; the only problem
 * that comes of it. */
struct change {
	const char *old;
	const char *new;
	const char *problem;
};

static void
expect(const char *file, const struct change *c)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED_BUF(in) = {0};
	OWNED_BUF(problems) = {0};
	OWNED_BUF(wanted) = {0};
	const char *at;

	load(file);
	at = strstr(text, c->old);
	if (at == NULL)
		fail_msg("%s has no %s", file, c->old);
	buf_add(&in, text, (size_t)(at - text));
	buf_text(&in, c->new);
	buf_text(&in, at + strlen(c->old));
	buf_printf(&wanted, "%s\n", c->problem);
	assert_int_equal(request_of_json((const char *)in.data, in.size, &r, &problems), E_INPUT);
	assert_null(r);
	if (problems.data == NULL || strcmp((char *)problems.data, (char *)wanted.data) != 0)
		fail_msg("%s: wanted %sgot %s", c->new, wanted.data,
			problems.data != NULL ? (char *)problems.data : "nothing");
}

static void
missing_keys_are_named(void **state)
{
	static const struct change changes[] = {
		{"\"caseType\": \"ORIGIN-ENTRY\",", "", "caseType: missing"},
		{"\"requestedOf\": \"KE.CRS\",", "", "requestedOf: missing"},
		{"\"applicant\": { \"relation\": \"mother\" },", "", "applicant: missing"},
		{"\"relation\": \"mother\"", "", "applicant.relation: missing"},
		{"\"script\": \"Latn\", ", "", "locator.name[1].script: missing"},
		{"\"lang\": \"ar\",", "", "locator.name[2].lang: missing"},
		{"\"full\": \"Hodan Abdi Warsame\",", "", "locator.name[1].full: missing"},
		{"\"kind\": \"father\", ", "", "locator.name[1].parts[2].kind: missing"},
		{", \"value\": \"Abdi\"", "", "locator.name[1].parts[2].value: missing"},
		{", \"calendar\": \"gregorian\"", "", "locator.birthDate.calendar: missing"},
		{", \"authored\": \"9th March 2024\"", "", "locator.birthDate.authored: missing"},
		{", \"basis\": \"document\"", "", "locator.birthDate.basis: missing"},
		{"\"value\": \"2024-03-09\", ", "", "locator.birthDate.value: missing"},
		{", \"country\": \"KE\"", "", "locator.birthPlace.country: missing"},
		{"\"validUntil\": \"2035-12-31\",", "", "consent.validUntil: missing"},
		{"\"risksExplained\": true,", "", "consent.risksExplained: missing"},
		{"\"noConditionality\": true,", "", "consent.noConditionality: missing"},
		{"\"text\": \"Pumwani Maternity Hospital, Nairobi\", ", "",
			"locator.birthPlace.text: missing"},
		{"\"kind\": \"consent-form\", ", "", "documents[1].kind: missing"},
		{", \"mediaType\": \"image/jpeg\"", "", "documents[2].mediaType: missing"},
		{"\"kind\": \"mother-identity\", \"digest\"",
			"\"kind\": \"mother-identity\", \"Digest\"",
			"documents[2].Digest: unknown key\ndocuments[2].digest: missing"},
		{"\"parts\": [\n\t\t\t\t\t{ \"kind\": \"given\", \"value\": \"Hodan\" },",
			"\"Parts\": [\n\t\t\t\t\t{ \"kind\": \"given\", \"value\": \"Hodan\" },",
			"locator.name[1].Parts: unknown key\nlocator.name[1].parts: missing"},
		{"\"mediaType\": \"application/pdf\"", "\"mediaType\": null",
			"documents[1].mediaType: must be a text in quotes"},
		{",\n\t\"legalBasis\": \"Tripartite Agreement on Voluntary Repatriation, clause on "
		 "civil status\"",
			"", "legalBasis: missing"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		expect("hodan.json", &changes[i]);
}

static void
unknown_keys_are_refused(void **state)
{
	static const struct change changes[] = {
		{"\"urgency\"", "\"urgencey\"", "urgencey: unknown key"},
		{"\"office\"", "\"Office\"", "locator.Office: unknown key"},
		{"\"noFamilyName\"", "\"no_family_name\"",
			"locator.name[1].no_family_name: unknown key"},
		{"\"kind\": \"given\"", "\"kind\": \"given\", \"note\": 1",
			"locator.name[1].parts[1].note: unknown key"},
		{"\"iso\"", "\"iso3166\"", "locator.birthPlace: unknown key that is not shown"},
		{"\"basis\"", "\"basis\": \"document\", \"Basis\"",
			"locator.birthDate.Basis: unknown key"},
		{"\"interpreter\"", "\"interpreter Sahra Cali\"",
			"consent: unknown key that is not shown"},
		{"\"urgency\": \"normal\"", "\"\": \"normal\"",
			"the file: unknown key that is not shown"},
		{"{ \"relation\": \"mother\" }", "{ \"relation\": \"mother\", \"name\": \"x\" }",
			"applicant.name: unknown key"},
		{"\"kind\": \"consent-form\"", "\"kind\": \"consent-form\", \"text\": \"\"",
			"documents[1].text: unknown key"},
	};
	static const struct change risk = {
		"\"officer\"", "\"note\": \"\", \"officer\"", "riskClearance.note: unknown key"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		expect("hodan.json", &changes[i]);
	expect("selam.json", &risk);
}

static void
codes_outside_their_list_are_refused(void **state)
{
	static const struct change changes[] = {
		{"\"ORIGIN-ENTRY\"", "\"ORIGIN\"",
			"caseType: must be one of ORIGIN-ENTRY, ORIGIN-EXTRACT, THIRD-COUNTRY"},
		{"\"normal\"", "\"Normal\"", "urgency: must be one of normal, urgent"},
		{"\"relation\": \"mother\"", "\"relation\": \"aunt\"",
			"applicant.relation: must be one of self, mother, father, guardian, "
			"liaison-ex-officio"},
		{"\"kind\": \"grandfather\"", "\"kind\": \"surname\"",
			"locator.name[1].parts[3].kind: must be one of given, father, grandfather, "
			"great-grandfather, mother, family, family-prefix, nisba, kunya, laqab, "
			"unknown"},
		{"\"gregorian\"", "\"julian\"",
			"locator.birthDate.calendar: must be one of gregorian, ethiopic, coptic, "
			"hijri-civil, hijri-umalqura"},
		{"\"purpose\": \"BIRTH-TRANSCRIPTION\"", "\"purpose\": \"\"",
			"consent.purpose: must be one of BIRTH-TRANSCRIPTION, BIRTH-EXTRACT, "
			"BIRTH-CORRECTION, CASE-WITHDRAWAL, CASE-HOLD, CASE-RELEASE, "
			"RECONCILIATION, "
			"RECEIPT"},
		{"\"givenBy\": \"mother\"", "\"givenBy\": \"liaison-ex-officio\"",
			"consent.givenBy: must be one of self, mother, father, guardian"},
		{"\"image/jpeg\"", "\"text/html\"",
			"documents[2].mediaType: must be one of application/pdf, image/jpeg, "
			"image/png"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		expect("hodan.json", &changes[i]);
}

static void
values_must_follow_their_rules(void **state)
{
	static const struct change changes[] = {
		{"\"KE.CRS\"", "\"ke.crs\"", "requestedOf: must be a party code such as KE.CRS"},
		{"\"Nairobi East\"", "\"\"",
			"locator.office: must be 1 to 300 characters on one line, without "
			"controls"},
		{"\"0412873920\"", "412873920", "locator.entryNumber: must be a text in quotes"},
		{"\"Latn\"", "\"latin\"",
			"locator.name[1].script: must be a script such as Latn, Arab or Ethi (ISO "
			"15924)"},
		{"\"lang\": \"so\"", "\"lang\": \"Somali\"",
			"locator.name[1].lang: must be a language such as so, ar or am (BCP 47)"},
		{"\"lang\": \"ar\",", "\"lang\": \"ar\", \"system\": \"bgn\",",
			"locator.name[2].system: must be a romanisation such as "
			"ar-Latn-t-ar-m0-bgn or x-icao9303"},
		{"\"Hodan Abdi Warsame\"", "\"Hodan\\u202EAbdi\"",
			"locator.name[1].full: must be 1 to 300 characters on one line, without "
			"controls or stray joiners"},
		{"\"value\": \"Hodan\"", "\"value\": \"Ho\\u200Ddan\"",
			"locator.name[1].parts[1].value: must be 1 to 100 characters on one line, "
			"without controls or stray joiners"},
		{"\"2024-03-09\"", "\"2024-02-30\"",
			"locator.birthDate.value: must be a date such as 2024, 2024-05, "
			"2024-05-17, "
			"2024-XX, 2024~ or 2023/2024"},
		{"\"country\": \"KE\"", "\"country\": \"Kenya\"",
			"locator.birthPlace.country: must be a country of two capital letters (ISO "
			"3166-1)"},
		{"\"KE-30\"", "\"KE30\"",
			"locator.birthPlace.iso: must be a subdivision such as KE-30 (ISO 3166-2)"},
		{"\"KE047\"", "\"KE-047\"",
			"locator.birthPlace.pcode: must be a P-code such as KE047"},
		{"\"id\": \"3f1c9a52-", "\"id\": \"3F1C9A52-",
			"consent.id: must be a UUID in lower case"},
		{"\"2026-10-05\"", "\"05/10/2026\"",
			"consent.givenOn: must be a day that exists, written YYYY-MM-DD"},
		{"\"NBO-0417\"", "\"J. Wanjiru\"",
			"consent.witnessedBy: must be a code of 2 to 40 capital letters, digits, "
			"dots or dashes"},
		{"\"risksExplained\": true", "\"risksExplained\": \"yes\"",
			"consent.risksExplained: must be true: without it there is no consent"},
		{"\"noConditionality\": true", "\"noConditionality\": false",
			"consent.noConditionality: must be true: without it there is no consent"},
		{"\"authoritative\": true", "\"authoritative\": 1",
			"locator.name[1].authoritative: must be true or false"},
	};
	static const struct change digest = {"\"evidenceDigest\": \"", "\"evidenceDigest\": \"0",
		"consent.evidenceDigest: must be a SHA-256 digest of 64 hexadecimal digits in "
		"lower case"};
	static const struct change copy = {"\"kind\": \"consent-form\", \"digest\": \"",
		"\"kind\": \"consent-form\", \"digest\": \"x",
		"documents[1].digest: must be a SHA-256 digest of 64 hexadecimal digits in lower "
		"case"};
	static const struct change feared = {"[\"ET\"]", "[\"ET\", \"Eritrea\"]",
		"riskClearance.fearedCountry[2]: must be a country of two capital letters (ISO "
		"3166-1)"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		expect("hodan.json", &changes[i]);
	expect("hodan.json", &digest);
	expect("hodan.json", &copy);
	expect("selam.json", &feared);
}

#define APPROVAL(cert, value)                                                                      \
	"[\"ET\"], \"approval\": { \"cert\": \"" cert "\", \"value\": \"" value "\" }"
#define CERT "1bce1c9fb72864a4fb2d663b1cd21482a0a92edef435175fa634cdb33e9569b7"
#define VALUE "MEUCIQDxMEUCIQDxMEUCIQDxMEUCIQDxMEUCIQDxMEUCIQDxMEUCIQDxMEUCIQDx"

static void
assent_and_approval_are_checked(void **state)
{
	static const struct change assents[] = {
		{"\"witnessedBy\": \"NBO-0417\"", "\"witnessedBy\": \"NBO-0417\", \"assent\": true",
			"consent.assent: must be an object in braces"},
		{"\"witnessedBy\": \"NBO-0417\"", "\"witnessedBy\": \"NBO-0417\", \"assent\": {}",
			"consent.assent.on: missing\nconsent.assent.language: missing\n"
			"consent.assent.witnessedBy: missing"},
		{"\"witnessedBy\": \"NBO-0417\"",
			"\"witnessedBy\": \"NBO-0417\", \"assent\": { \"on\": \"today\", "
			"\"language\": \"so\", \"witnessedBy\": \"NBO-0417\" }",
			"consent.assent.on: must be a day that exists, written YYYY-MM-DD"},
		{"\"witnessedBy\": \"NBO-0417\"",
			"\"witnessedBy\": \"NBO-0417\", \"assent\": { \"on\": \"2026-10-05\", "
			"\"language\": \"so\", \"witnessedBy\": \"NBO-0417\", \"by\": \"x\" }",
			"consent.assent.by: unknown key"},
	};
	static const struct change approvals[] = {
		{"[\"ET\"]", APPROVAL("1bce", VALUE),
			"riskClearance.approval.cert: must be a SHA-256 digest of 64 hexadecimal "
			"digits in lower case"},
		{"[\"ET\"]", APPROVAL(CERT, "approved"),
			"riskClearance.approval.value: must be a signature of 64 to 1366 "
			"characters in base64, on one line"},
		{"[\"ET\"]", APPROVAL(CERT, VALUE "==="),
			"riskClearance.approval.value: must be a signature of 64 to 1366 "
			"characters in base64, on one line"},
		{"[\"ET\"]", "[\"ET\"], \"approval\": []",
			"riskClearance.approval: must be an object in braces"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(assents); i++)
		expect("hodan.json", &assents[i]);
	for (size_t i = 0; i < ARRAY_LEN(approvals); i++)
		expect("selam.json", &approvals[i]);
}

/* What stands in the file stands in the paper. */
static void
assent_and_approval_come_into_the_paper(void **state)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED_BUF(in) = {0};
	OWNED_BUF(problems) = {0};
	OWNED_BUF(b) = {0};
	const char *at;

	(void)state;
	load("selam.json");
	at = strstr(text, "[\"ET\"]");
	buf_add(&in, text, (size_t)(at - text));
	buf_text(&in, APPROVAL(CERT, VALUE "=="));
	buf_text(&in, at + strlen("[\"ET\"]"));
	assert_int_equal(request_of_json((const char *)in.data, in.size, &r, &problems), E_OK);
	assert_string_equal(r->risk->approval_cert, CERT);
	assert_null(r->consent.assent);
	request_compose(r, &b);
	assert_non_null(strstr((const char *)b.data,
		"<c:FearedCountry>ET</c:FearedCountry><c:Approval cert=\"" CERT "\">" VALUE
		"==</c:Approval></c:RiskClearance>"));
}

static void
shapes_are_checked(void **state)
{
	static const struct change changes[] = {
		{"{ \"relation\": \"mother\" }", "\"mother\"",
			"applicant: must be an object in braces"},
		{"\"parts\": [", "\"parts\": [ 7,",
			"locator.name[1].parts[1]: must be an object in braces"},
		{"\"documents\": [", "\"documents\": [ [],",
			"documents[1]: must be an object in braces"},
	};
	static const struct change no_consents = {"\"consent\": [", "\"consent\": [ true,",
		"consent[1]: must be an object in braces"};
	static const struct change no_list = {"[\"ET\"]", "\"ET\"",
		"riskClearance.fearedCountry: must be a list in brackets of 0 to 8 members"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		expect("hodan.json", &changes[i]);
	expect("selam.json", &no_consents);
	expect("selam.json", &no_list);
}

static void
what_must_fit_together_does(void **state)
{
	static const struct change hodan[] = {
		{"\"destination\": \"SO.NIRA\",\n\t\"urgency\"",
			"\"destination\": \"ET.INVEA\",\n\t\"urgency\"",
			"consent.destination: must be the destination of the request"},
		{"\"requestedOf\": \"KE.CRS\"", "\"requestedOf\": \"SO.NIRA\"",
			"destination: must be another registry than requestedOf"},
		{"\"validUntil\": \"2035-12-31\"", "\"validUntil\": \"2026-10-04\"",
			"consent.validUntil: must not be before givenOn"},
		{"\"capacityBasis\": \"parental-authority\"", "\"capacityBasis\": \"self\"",
			"consent.capacityBasis: does not fit givenBy"},
		{"\"authoritative\": true,", "",
			"locator.name: exactly one form must be authoritative"},
		{"\"script\": \"Arab\",", "\"script\": \"Arab\", \"authoritative\": true,",
			"locator.name: exactly one form must be authoritative"},
		{"\"kind\": \"grandfather\"", "\"kind\": \"family\"",
			"locator.name: a form with a family name cannot be without one"},
	};
	static const struct change yuusuf = {"\"birthDate\": { \"value\": \"2021-06\", "
					     "\"calendar\": \"gregorian\", \"authored\": "
					     "\"June 2021\", \"basis\": \"declaration\" },",
		"", "locator.birthDate: missing, and there is no entryNumber either"};
	static const struct change no_entry[] = {
		{"\"entryNumber\": \"0499999999\", \"office\": \"Mombasa\"",
			"\"office\": \"Mombasa\"",
			"locator.name: missing, and there is no entryNumber either\n"
			"locator.birthDate: missing, and there is no entryNumber either"},
		{"\"office\": \"Mombasa\"",
			"\"birthPlace\": { \"text\": \"Mombasa\", \"country\": \"KE\" }",
			"locator.name: missing beside the other particulars"},
		{"\"office\": \"Mombasa\"",
			"\"mother\": [ { \"script\": \"Latn\", \"lang\": \"so\", "
			"\"authoritative\": true, "
			"\"full\": \"Asha\", \"parts\": [ { \"kind\": \"given\", \"value\": "
			"\"Asha\" } ] } ]",
			"locator.name: missing beside the other particulars"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(hodan); i++)
		expect("hodan.json", &hodan[i]);
	for (size_t i = 0; i < ARRAY_LEN(no_entry); i++)
		expect("no-entry.json", &no_entry[i]);
	expect("yuusuf.json", &yuusuf);
}

static void
consents_are_read_by_themselves(void **state)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED_BUF(problems) = {0};
	OWNED_BUF(wrapped) = {0};
	char *start, *end;

	(void)state;
	load("selam.json");
	start = strstr(text, "\"consent\": [");
	end = strstr(text, "\"riskClearance\"");
	assert_true(start != NULL && end != NULL);
	while (*end != ',')
		end--;
	buf_printf(&wrapped, "{%.*s}", (int)(end - start), start);
	assert_int_equal(consents_of_json((char *)wrapped.data, wrapped.size, &r, &problems), E_OK);
	assert_string_equal(r->consent.next->subject, "mother");
	assert_null(r->case_type);
	/* a whole case is no list of consents */
	assert_int_equal(consents_of_json(text, strlen(text), &r, &problems), E_INPUT);
	assert_non_null(strstr((char *)problems.data, "caseType: unknown key"));
	buf_reset(&problems);
	assert_int_equal(consents_of_json("{}", 2, &r, &problems), E_INPUT);
	assert_non_null(strstr((char *)problems.data, "consent: missing"));
}

static void
syntax_is_told_by_its_line(void **state)
{
	static const struct change changes[] = {
		{"\"requestedOf\": \"KE.CRS\",", "\"requestedOf\": \"KE.CRS\"",
			"line 4: not JSON here or just before; a comma, colon or quote is missing "
			"or too much"},
		{"\"urgency\": \"normal\",", "\"urgency\": \"normal\", \"urgency\": \"urgent\",",
			"line 5: a key is there twice"},
		{"\"Nairobi East\"", "\"Nairobi\\u0000East\"", "line 8: contains a NUL character"},
		{"\"Nairobi East\"",
			"\"Nairobi\xFF"
			"East\"",
			"line 8: not valid UTF-8"},
		{"\"Nairobi East\"", "1e999", "line 8: a number is too large"},
	};
	static const struct change behind = {"clause on civil status\"\n}",
		"clause on civil status\"\n}\n{}",
		"line 59: there is something behind the end of the case"};
	static const struct change open = {"clause on civil status\"\n}",
		"clause on civil status\"\n",
		"line 59: the file ends too early; a bracket, brace or quote is not closed"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(changes); i++)
		expect("hodan.json", &changes[i]);
	expect("yuusuf.json", &behind);
	expect("yuusuf.json", &open);
}

static void
check_whole(const char *json, size_t size, const char *problem)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED_BUF(problems) = {0};

	assert_int_equal(request_of_json(json, size, &r, &problems), E_INPUT);
	assert_string_equal((const char *)problems.data, problem);
}

static void
what_is_no_case_at_all_is_refused(void **state)
{
	OWNED_BUF(big) = {0};
	OWNED_BUF(deep) = {0};

	(void)state;
	check_whole("[]", 2, "line 1: the file must be one object in braces\n");
	check_whole("", 0,
		"line 1: the file ends too early; a bracket, brace or quote is not closed\n");
	for (size_t i = 0; i < 3000; i++)
		buf_text(&deep, "[");
	check_whole((const char *)deep.data, deep.size, "line 1: too many levels\n");
	while (big.size <= (size_t)256 * 1024)
		buf_text(&big, "        ");
	check_whole((const char *)big.data, big.size, "the file is larger than 256 KiB\n");
}

/* Every value of the file is made wrong at once: each is named, none is quoted. */
static void
problems_never_quote_a_value(void **state)
{
	static const char *const files[] = {"hodan.json", "selam.json"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		OWNED(struct request, r, request_free) = NULL;
		OWNED_BUF(in) = {0};
		OWNED_BUF(problems) = {0};
		bool in_value = false;

		load(files[i]);
		for (const char *p = text; *p != '\0'; p++) {
			buf_add(&in, p, 1);
			if (*p == '"' && !in_value && p > text + 2 && p[-1] == ' ' &&
				p[-2] == ':') {
				buf_text(&in, "CANARY\\u202E");
				in_value = true;
			} else if (*p == '"') {
				in_value = false;
			}
		}
		assert_int_equal(
			request_of_json((const char *)in.data, in.size, &r, &problems), E_INPUT);
		assert_non_null(strstr((const char *)problems.data, "consent"));
		assert_null(strstr((const char *)problems.data, "CANARY"));
		assert_null(strstr((const char *)problems.data, "Hodan"));
		assert_null(strstr((const char *)problems.data, "Selam"));
	}
}

static void
many_problems_are_counted(void **state)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED_BUF(in) = {0};
	OWNED_BUF(problems) = {0};
	size_t lines = 0;

	(void)state;
	buf_text(&in, "{");
	for (char a = 'a'; a <= 'z'; a++)
		for (char b = 'a'; b <= 'j'; b++)
			buf_printf(&in, "%s\"%c%c\": 1", in.size > 1 ? "," : "", a, b);
	buf_text(&in, "}");
	assert_int_equal(request_of_json((const char *)in.data, in.size, &r, &problems), E_INPUT);
	for (size_t i = 0; i < problems.size; i++)
		lines += problems.data[i] == '\n';
	assert_int_equal(lines, 101);
	assert_non_null(strstr((const char *)problems.data, "\nand 167 more\n"));
}

/* Cut off anywhere, or with one octet changed: refused or read, and never more than that. */
static void
damaged_files_do_no_harm(void **state)
{
	size_t size;

	(void)state;
	load("selam.json");
	size = strlen(text) - 1; /* without the last line feed */
	for (size_t at = 0; at < size; at++) {
		OWNED(struct request, cut, request_free) = NULL;
		OWNED(struct request, r, request_free) = NULL;
		OWNED_BUF(problems) = {0};
		char kept = text[at];

		assert_int_not_equal(request_of_json(text, at, &cut, &problems), E_OK);
		text[at] = "\"{}[]:,\\x"[at % 9];
		if (request_of_json(text, size, &r, &problems) == E_OK)
			assert_non_null(r);
		text[at] = kept;
	}
}

static int
start(void **state)
{
	const char *set = getenv("DAFTAR_SCHEMAS");
	char path[512];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/../schemas", tests_folder());
	xml_init();
	return xml_load_schemas(set != NULL ? set : path) == E_OK ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_files_become_valid_requests),
		cmocka_unit_test(a_file_is_read_as_it_is_meant),
		cmocka_unit_test(missing_keys_are_named),
		cmocka_unit_test(unknown_keys_are_refused),
		cmocka_unit_test(codes_outside_their_list_are_refused),
		cmocka_unit_test(values_must_follow_their_rules),
		cmocka_unit_test(assent_and_approval_are_checked),
		cmocka_unit_test(assent_and_approval_come_into_the_paper),
		cmocka_unit_test(shapes_are_checked),
		cmocka_unit_test(what_must_fit_together_does),
		cmocka_unit_test(consents_are_read_by_themselves),
		cmocka_unit_test(syntax_is_told_by_its_line),
		cmocka_unit_test(what_is_no_case_at_all_is_refused),
		cmocka_unit_test(problems_never_quote_a_value),
		cmocka_unit_test(many_problems_are_counted),
		cmocka_unit_test(damaged_files_do_no_harm),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
