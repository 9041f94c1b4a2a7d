/* SPDX-License-Identifier: EUPL-1.2
 *
 * The civil record and the papers of a case, written and read: the same bytes come back whatever is
 * there or left out, and the reader alone, without a schema, takes nothing that the schema refuses.
 * All people are fictitious. */
#include "tests/unit/test.h"

#include <dirent.h>
#include <stdio.h>

#include "lib/record.h"
#include "lib/record_rule.h"
#include "lib/xml.h"

#define DOCUMENT_MAX (64 * 1024)

static char text[DOCUMENT_MAX];

static struct bytes
load(const char *name)
{
	char path[512];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof path, "%s/data/%s", tests_folder(), name);
	f = fopen(path, "rb");
	if (f == NULL)
		fail_msg("cannot open %s", path);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	return bytes_of(text, n);
}

static void
assert_valid(const struct buf *b, enum xml_schema schema)
{
	OWNED(xmlDoc, doc, xml_free) = NULL;
	char where[128] = "";

	assert_int_equal(xml_parse(buf_bytes(b), &doc), E_OK);
	if (xml_check_canonical(doc, buf_bytes(b)) != E_OK)
		fail_msg("not canonical: %.*s", (int)b->size, (const char *)b->data);
	if (xml_validate(doc, schema, where, sizeof where) != E_OK)
		fail_msg("not valid at %s", where);
}

static void
assert_same(const struct buf *b, struct bytes wanted)
{
	assert_int_equal(b->size, wanted.size);
	assert_memory_equal(b->data, wanted.data, wanted.size);
}

/* One of the three papers, behind one face. */
struct paper {
	const char *folder;
	enum xml_schema schema;
	enum err (*again)(struct bytes doc, struct buf *out); /* parse and compose */
};

static enum err
extract_again(struct bytes doc, struct buf *out)
{
	OWNED(struct extract, x, extract_free) = NULL;

	TRY(extract_parse(doc, &x));
	extract_compose(x, out);
	return E_OK;
}

static enum err
request_again(struct bytes doc, struct buf *out)
{
	OWNED(struct request, r, request_free) = NULL;

	TRY(request_parse(doc, &r));
	request_compose(r, out);
	return E_OK;
}

static enum err
outcome_again(struct bytes doc, struct buf *out)
{
	OWNED(struct outcome, o, outcome_free) = NULL;

	TRY(outcome_parse(doc, &o));
	outcome_compose(o, out);
	return E_OK;
}

static const struct paper papers[] = {
	{"certified-extract", SCHEMA_BIRTH, extract_again},
	{"transcription-request", SCHEMA_CASE, request_again},
	{"transcription-outcome", SCHEMA_CASE, outcome_again},
};

static size_t
each_example(const char *side, const struct paper *p,
	void (*check)(const struct paper *p, const char *name, struct bytes doc))
{
	char folder[512], name[512];
	size_t n = 0;
	DIR *d;

	(void)snprintf(folder, sizeof folder, "%s/data/%s/%s", tests_folder(), side, p->folder);
	d = opendir(folder);
	assert_non_null(d);
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof name, "%s/%s/%.200s", side, p->folder, e->d_name);
		check(p, name, load(name));
		n++;
	}
	(void)closedir(d);
	return n;
}

/* ---- the same bytes ---- */

/* What the structs do not hold: seal and extensions, always the last elements. */
static struct bytes
without_tail(struct bytes doc, char *room, size_t size)
{
	const char *all = (const char *)doc.data, *end = strrchr(all, '<');
	const char *tail = strstr(all, "<t:Extension");

	if (tail == NULL)
		tail = strstr(all, "<ds:Signature");
	if (tail == NULL)
		return doc;
	assert_true(doc.size < size);
	memcpy(room, all, (size_t)(tail - all));
	strcpy(room + (tail - all), end);
	return bytes_of(room, strlen(room));
}

static void
check_round_trip(const struct paper *p, const char *name, struct bytes doc)
{
	static char room[DOCUMENT_MAX];
	OWNED_BUF(b) = {0};

	if (p->again(doc, &b) != E_OK)
		fail_msg("%s is refused", name);
	assert_same(&b, without_tail(doc, room, sizeof room));
	assert_valid(&b, p->schema);
}

static void
parsed_and_composed_papers_are_the_same_bytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(papers); i++)
		assert_true(each_example("valid", &papers[i], check_round_trip) >= 4);
}

static void
assert_extract_stands(const struct extract *x)
{
	OWNED_BUF(first) = {0};
	OWNED_BUF(second) = {0};

	extract_compose(x, &first);
	assert_valid(&first, SCHEMA_BIRTH);
	assert_int_equal(extract_again(buf_bytes(&first), &second), E_OK);
	assert_same(&second, buf_bytes(&first));
}

/* Leaves out one thing at a time. */
static void
every_optional_piece_of_an_extract_may_be_absent(void **state)
{
	OWNED(struct extract, x, extract_free) = NULL;

	(void)state;
	assert_int_equal(extract_parse(load("valid/certified-extract/everything.xml"), &x), E_OK);
	void *optional[] = {&x->entry.volume, &x->entry.page, &x->entry.serial,
		&x->entry.registered_on, &x->entry.late, &x->identifier, &x->identifier->normalized,
		&x->identifier->visibility, &x->nationality, &x->nationality->detail,
		&x->nationality->visibility, &x->birth_time, &x->birth_clock, &x->birth_place.iso,
		&x->birth_place.pcode, &x->multiplicity, &x->parents, &x->parents->next,
		&x->parents->visibility, &x->parents->birth_date, &x->parents->birth_place,
		&x->parents->nationality, &x->parents->identifier, &x->parents->residence,
		&x->parents->marital_status, &x->declarant, &x->annotation, &x->annotation->date,
		&x->annotation->next->visibility, &x->verbatim, &x->translation, &x->redaction,
		&x->consent_digest, &x->valid_until, &x->name.forms->next->system};
	for (size_t i = 0; i < ARRAY_LEN(optional); i++) {
		void *nothing = NULL, *kept;

		memcpy(&kept, optional[i], sizeof kept);
		assert_non_null(kept);
		memcpy(optional[i], &nothing, sizeof nothing);
		assert_extract_stands(x);
		memcpy(optional[i], &kept, sizeof kept);
	}
	assert_extract_stands(x);
}

static void
every_optional_piece_of_a_request_may_be_absent(void **state)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED(struct request, s, request_free) = NULL;

	(void)state;
	assert_int_equal(request_parse(load("valid/transcription-request/selam.xml"), &s), E_OK);
	assert_int_equal(request_parse(load("valid/transcription-request/hodan.xml"), &r), E_OK);
	r->risk = s->risk;
	r->consent.next = s->consent.next;
	void *optional[] = {&r->urgency, &r->locator.office, &r->locator.entry_number,
		&r->locator.birth_date, &r->locator.birth_place, &r->locator.mother,
		&r->locator.father, &r->locator.name.forms->next, &r->consent.interpreter,
		&r->consent.next, &r->risk, &r->risk->feared, &r->documents, &r->documents->next};
	for (size_t i = 0; i < ARRAY_LEN(optional); i++) {
		OWNED_BUF(first) = {0};
		OWNED_BUF(second) = {0};
		void *nothing = NULL, *kept;

		memcpy(&kept, optional[i], sizeof kept);
		assert_non_null(kept);
		memcpy(optional[i], &nothing, sizeof nothing);
		request_compose(r, &first);
		assert_valid(&first, SCHEMA_CASE);
		assert_int_equal(request_again(buf_bytes(&first), &second), E_OK);
		assert_same(&second, buf_bytes(&first));
		memcpy(optional[i], &kept, sizeof kept);
	}
}

static void
what_the_markup_means_is_text(void **state)
{
	OWNED(struct extract, x, extract_free) = NULL;
	OWNED(struct extract, y, extract_free) = NULL;
	OWNED_BUF(b) = {0};

	(void)state;
	assert_int_equal(extract_parse(load("valid/certified-extract/usual.xml"), &x), E_OK);
	x->entry.office = "</b:Office><b:Sex>M</b:Sex> & \"co\" ]]>";
	extract_compose(x, &b);
	assert_valid(&b, SCHEMA_BIRTH);
	assert_int_equal(extract_parse(buf_bytes(&b), &y), E_OK);
	assert_string_equal(y->entry.office, x->entry.office);
}

/* ---- hostile input ---- */

/* What is skipped by the reader is the schema's and the seal's to judge. */
static bool
is_in_the_tail(const char *name)
{
	return strstr(name, "/extension-") != NULL || strstr(name, "/seal-without-") != NULL;
}

static void
check_refused(const struct paper *p, const char *name, struct bytes doc)
{
	OWNED_BUF(b) = {0};
	enum err e = p->again(doc, &b);

	if (is_in_the_tail(name))
		return;
	if (e != E_SCHEMA)
		fail_msg("%s: %s", name, err_word(e));
}

static void
the_reader_refuses_what_the_schema_refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(papers); i++)
		assert_true(each_example("invalid", &papers[i], check_refused) >= 3);
}

/* Whatever a changed document makes of itself: it is refused, or what was read is valid. */
static void
check_changed(const struct paper *p, struct bytes doc)
{
	OWNED_BUF(b) = {0};

	if (p->again(doc, &b) == E_OK)
		assert_valid(&b, p->schema);
}

static void
changed_documents_are_refused_or_valid(void **state)
{
	static const char *const names[] = {"valid/certified-extract/everything.xml",
		"valid/transcription-request/selam.xml", "valid/transcription-outcome/refused.xml"};
	static const char instead[] = "<>\"=/X0 \x80";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct bytes doc = load(names[i]);

		for (size_t at = 0; at < doc.size; at++) {
			char kept = text[at];

			check_changed(&papers[i], bytes_of(text, at));
			text[at] = instead[at % (sizeof instead - 1)];
			check_changed(&papers[i], doc);
			text[at] = kept;
		}
	}
}

/* Two neighbouring elements changed about, one left out, one twice: the order is the schema's. */
static void
elements_moved_about_are_refused_or_valid(void **state)
{
	static char room[DOCUMENT_MAX];
	struct bytes doc = load("valid/certified-extract/everything.xml");

	(void)state;
	for (char *at = text; (at = strchr(at + 1, '<')) != NULL;) {
		char *behind = strchr(at + 1, '<');
		char *third = behind == NULL ? NULL : strchr(behind + 1, '<');

		if (third == NULL)
			break;
		memcpy(room, text, (size_t)(at - text));
		strcpy(room + (at - text), third);
		check_changed(&papers[0], bytes_of(room, strlen(room)));
		memcpy(room, text, (size_t)(third - text));
		strcpy(room + (third - text), at);
		check_changed(&papers[0], bytes_of(room, strlen(room)));
	}
	assert_int_equal(strlen(text), doc.size);
}

static void
one_paper_is_not_read_as_another(void **state)
{
	OWNED(struct extract, x, extract_free) = NULL;
	OWNED(struct request, r, request_free) = NULL;
	OWNED(struct outcome, o, outcome_free) = NULL;

	(void)state;
	assert_int_equal(
		extract_parse(load("valid/transcription-request/hodan.xml"), &x), E_SCHEMA);
	assert_int_equal(request_parse(load("valid/certified-extract/usual.xml"), &r), E_SCHEMA);
	assert_int_equal(
		outcome_parse(load("valid/transcription-request/hodan.xml"), &o), E_SCHEMA);
	assert_int_equal(extract_parse(bytes_of("", 0), &x), E_MALFORMED);
	assert_int_equal(extract_parse(bytes_of("<?xml?><a/>", 11), &x), E_FORBIDDEN_MARKUP);
	assert_null(x);
}

/* The document with the first `old' in it replaced by `new'. */
static enum err
changed(const struct paper *p, const char *name, const char *old, const char *new)
{
	const char *at = load(name).size > 0 ? strstr(text, old) : NULL;
	OWNED_BUF(in) = {0};
	OWNED_BUF(out) = {0};

	assert_non_null(at);
	buf_add(&in, text, (size_t)(at - text));
	buf_text(&in, new);
	buf_text(&in, at + strlen(old));
	return p->again(buf_bytes(&in), &out);
}

#define USUAL "valid/certified-extract/usual.xml"
#define ZWNJ "\xE2\x80\x8C"

static void
what_a_schema_cannot_say_is_refused_by_the_reader(void **state)
{
	const struct paper *extract = &papers[0], *outcome = &papers[2];

	(void)state;
	assert_int_equal(changed(extract, USUAL, "authoritative=\"true\" ", ""), E_SCHEMA);
	assert_int_equal(changed(extract, USUAL, "2024-03-09", "2023-02-29"), E_SCHEMA);
	assert_int_equal(changed(extract, USUAL, "2024-03-09", "2024-02-29"), E_OK);
	assert_int_equal(changed(extract, USUAL, "2024-03-09", "2024/2023"), E_SCHEMA);
	assert_int_equal(changed(extract, USUAL, "2026-11-24", "2026-11-31"), E_SCHEMA);
	assert_int_equal(changed(extract, USUAL, "<t:Full>Ho", "<t:Full>Ho" ZWNJ), E_SCHEMA);
	assert_int_equal(changed(extract, USUAL, "<t:Full>هو", "<t:Full>هو" ZWNJ), E_OK);
	assert_int_equal(changed(extract, USUAL, "<t:Full>ه", "<t:Full>" ZWNJ "ه"), E_SCHEMA);
	assert_int_equal(changed(extract, "valid/certified-extract/family-name.xml", "</t:Form>",
				 "<t:NoFamilyName></t:NoFamilyName></t:Form>"),
		E_SCHEMA);
	assert_int_equal(
		changed(outcome, "valid/transcription-outcome/not-found.xml", "I01", "L01"),
		E_SCHEMA);
	assert_int_equal(
		changed(outcome, "valid/transcription-outcome/not-found.xml", "I01", "P04"), E_OK);
}

/* ---- single rules ---- */

static void
dates_of_the_subset_are_known(void **state)
{
	static const char *const good[] = {"2024", "2024-05", "2024-05-17", "2024-02-29", "199X",
		"19XX", "XXXX", "1994-XX", "1994-XX-XX", "1994-05-XX", "2024?", "2024-05~",
		"2024-05-17%", "2023/2024", "2023-05/2023-06", "../2024", "2024/..", "1990~/1992~",
		"199X/1995", "2024/2024", "0001"};
	static const char *const bad[] = {"", "24", "2024-13", "2024-00", "2024-2-3", "2023-02-29",
		"2024-05-32", "2024-05-00", "1XXX", "X994", "199X-05", "XXXX-05-12", "1994-XX-05",
		"2024-21", "-2024", "Y17E7", "2024-05-17T10:00", "2024//2025", "../..", "2025/2024",
		"2024?~", "2024-05-17 ", " 2024", "{2024}", "[2024]", "2024/", "/2024", "../",
		"20240517", "2024-05-17/", "1994-XX-XXX"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!edtf_ok(good[i]))
			fail_msg("%s is refused", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (edtf_ok(bad[i]))
			fail_msg("%s is taken", bad[i]);
}

static void
texts_hold_no_hidden_characters(void **state)
{
	static const char *const bad[] = {"", "a\tb", "a\nb", "a\x7F", "a\xC2\x85", "a\xE2\x80\xAE",
		"\xE2\x80\xAA", "a\xE2\x81\xA6", "a\xE2\x81\xA9", "a\xE2\x80\xA8", "\xEE\x80\x80",
		"\xEF\xB7\x90", "\xEF\xBF\xBF", "\xF0\x9F\xBF\xBF", "\xF3\xB0\x80\x80", "\xFF",
		"\xC3", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5"};
	static const char *const good[] = {"a", "Asha", "هودن", "ትዕግሥት", "O'Neil-\xC3\x89", "a b",
		"\xF0\x9E\xA4\x80", "\xE2\x80\x93"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (rule_problem(RULE_NAME, bad[i]) == NULL)
			fail_msg("bad text %zu is taken", i);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (rule_problem(RULE_NAME, good[i]) != NULL)
			fail_msg("good text %zu is refused", i);
	assert_null(rule_problem(RULE_TEXT, "two\nlines"));
	assert_non_null(rule_problem(RULE_TEXT, "a\rb"));
	assert_non_null(rule_problem(RULE_LINE, NULL));
}

static void
lengths_count_characters(void **state)
{
	OWNED_BUF(b) = {0};

	(void)state;
	for (size_t i = 0; i < 300; i++)
		buf_text(&b, "ሰ");
	assert_null(rule_problem(RULE_NAME, (const char *)b.data));
	buf_text(&b, "x");
	assert_non_null(rule_problem(RULE_NAME, (const char *)b.data));
}

/* ---- names, words, keys ---- */

static void
the_authoritative_form_is_shown(void **state)
{
	struct name_form latin = {.full = "Hodan Abdi", .script = "Latn"};
	struct name_form arabic = {.full = "هودن", .script = "Arab", .next = &latin};
	struct name n = {&arabic};

	(void)state;
	assert_string_equal(name_full(&n), "");
	latin.authoritative = true;
	assert_string_equal(name_full(&n), "Hodan Abdi");
	n.forms = NULL;
	assert_string_equal(name_full(&n), "");
}

static void
outcomes_have_words(void **state)
{
	static const char *const words[] = {
		"Transcribed", "AlreadyTranscribed", "Refused", "TacitRefusal", "Deferred"};
	struct outcome o = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		o.result = i;
		assert_string_equal(outcome_word(&o), words[i]);
	}
}

static void
key_of(const char *office, const char *number, const char *value, char out[DIGEST_TEXT_SIZE])
{
	static const uint8_t secret[32] = {1, 2, 3};
	struct record_date date = {.value = value};
	struct register_entry entry = {
		.number = number, .office = office, .registered_on = value == NULL ? NULL : &date};
	struct party receiver;
	struct digest d;

	assert_true(party_parse("SO.NIRA", &receiver));
	record_key(bytes_of(secret, sizeof secret), &receiver, "KE", &entry, &d);
	digest_format(&d, out);
}

/* The expected value was made with the openssl command, which knows nothing of daftar:
 * printf '\0\0\0\7SO.NIRA\0\0\0\2KE\0\0\0\7Garissa\0\0\0\00212\0\0\0\0042024\0\0\0\5birth' |
 * openssl dgst -sha256 -mac HMAC -macopt hexkey:01020300... */
static void
keys_depend_on_every_part_and_its_bounds(void **state)
{
	char key[DIGEST_TEXT_SIZE], other[DIGEST_TEXT_SIZE];

	(void)state;
	key_of("Garissa", "12", "2024-03-09", key);
	assert_string_equal(
		key, "b3383850f63c1c2154c50a5e8bdda384ed6bd4deed0017c415d64be88a2519ed");
	key_of("Garissa", "12", "2024-12~", other);
	assert_string_equal(other, key);
	key_of("Garissa", "12", "2023-03-09", other);
	assert_string_not_equal(other, key);
	key_of("Garissa1", "2", "2024-03-09", other);
	assert_string_not_equal(other, key);
	key_of("Garissa", "122024", NULL, other);
	assert_string_not_equal(other, key);
	key_of("Garissa", "12", NULL, key);
	key_of("Garissa", "12", "../2024", other);
	assert_string_equal(other, key);
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
		cmocka_unit_test(parsed_and_composed_papers_are_the_same_bytes),
		cmocka_unit_test(every_optional_piece_of_an_extract_may_be_absent),
		cmocka_unit_test(every_optional_piece_of_a_request_may_be_absent),
		cmocka_unit_test(what_the_markup_means_is_text),
		cmocka_unit_test(the_reader_refuses_what_the_schema_refuses),
		cmocka_unit_test(changed_documents_are_refused_or_valid),
		cmocka_unit_test(elements_moved_about_are_refused_or_valid),
		cmocka_unit_test(one_paper_is_not_read_as_another),
		cmocka_unit_test(what_a_schema_cannot_say_is_refused_by_the_reader),
		cmocka_unit_test(dates_of_the_subset_are_known),
		cmocka_unit_test(texts_hold_no_hidden_characters),
		cmocka_unit_test(lengths_count_characters),
		cmocka_unit_test(the_authoritative_form_is_shown),
		cmocka_unit_test(outcomes_have_words),
		cmocka_unit_test(keys_depend_on_every_part_and_its_bounds),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
