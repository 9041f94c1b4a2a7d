/* SPDX-License-Identifier: EUPL-1.2
 *
 * The civil record and the papers of a case, written and read: the same bytes come back whatever is
 * there or left out, and the reader alone, without a schema, takes nothing that the schema refuses.
 * All people are fictitious. */
#include "tests/unit/test.h"

#include <dirent.h>
#include <stdio.h>

#include "lib/record.h"
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

/* One of the papers, behind one face. */
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

static enum err
cancellation_again(struct bytes doc, struct buf *out)
{
	OWNED(struct cancellation, c, cancellation_free) = NULL;

	TRY(cancellation_parse(doc, &c));
	cancellation_compose(c, out);
	return E_OK;
}

static enum err
query_again(struct bytes doc, struct buf *out)
{
	OWNED(struct query, q, query_free) = NULL;

	TRY(query_parse(doc, &q));
	query_compose(q, out);
	return E_OK;
}

static enum err
reply_again(struct bytes doc, struct buf *out)
{
	OWNED(struct query_reply, r, query_reply_free) = NULL;

	TRY(query_reply_parse(doc, &r));
	query_reply_compose(r, out);
	return E_OK;
}

static enum err
attachment_again(struct bytes doc, struct buf *out)
{
	OWNED(struct attachment, a, attachment_free) = NULL;

	TRY(attachment_parse(doc, &a));
	attachment_compose(a, out);
	return E_OK;
}

static const struct paper papers[] = {
	{"certified-extract", SCHEMA_BIRTH, extract_again},
	{"transcription-request", SCHEMA_CASE, request_again},
	{"transcription-outcome", SCHEMA_CASE, outcome_again},
	{"cancellation", SCHEMA_CASE, cancellation_again},
	{"query", SCHEMA_CASE, query_again},
	{"query-reply", SCHEMA_CASE, reply_again},
	{"attachment", SCHEMA_CASE, attachment_again},
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
		assert_true(each_example("valid", &papers[i], check_round_trip) >= 2);
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
	assert_int_equal(request_parse(load("valid/transcription-request/cleared.xml"), &s), E_OK);
	assert_int_equal(request_parse(load("valid/transcription-request/hodan.xml"), &r), E_OK);
	r->risk = s->risk;
	r->consent.next = s->consent.next;
	r->consent.assent = s->consent.assent;
	void *optional[] = {&r->urgency, &r->locator.office, &r->locator.entry_number,
		&r->locator.birth_date, &r->locator.birth_place, &r->locator.mother,
		&r->locator.father, &r->locator.name.forms->next, &r->consent.interpreter,
		&r->consent.assent, &r->consent.next, &r->risk, &r->risk->feared,
		&r->risk->approval_cert, &r->documents, &r->documents->next};
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

/* An appeal that lacks a part is none: the outcome stays valid, and a reader that needs one says
 * so. */
static void
an_appeal_is_told_whole_or_not_at_all(void **state)
{
	struct text_item reason = {.value = "I03"};
	struct outcome o = {.result = OUTCOME_REFUSED,
		.reason = &reason,
		.legal_provision = "Act, section 34",
		.appeal_body = "Regional Court",
		.appeal_by = "2026-12-24"};
	const char **const parts[] = {&o.legal_provision, &o.appeal_body, &o.appeal_by};

	(void)state;
	assert_true(id_parse("019a0b7c-5c00-7002-8b02-012345678902", &o.answers));
	for (size_t i = 0; i < 2 * ARRAY_LEN(parts); i++) {
		OWNED_BUF(b) = {0};
		OWNED_BUF(again) = {0};
		const char *kept = *parts[i / 2];

		*parts[i / 2] = i % 2 == 0 ? NULL : "";
		outcome_compose(&o, &b);
		assert_valid(&b, SCHEMA_CASE);
		assert_null(strstr((const char *)b.data, "Appeal"));
		reason.value = "L04";
		buf_reset(&b);
		outcome_compose(&o, &b);
		assert_int_equal(outcome_again(buf_bytes(&b), &again), E_SCHEMA);
		reason.value = "I03";
		*parts[i / 2] = kept;
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

/* Whatever a changed document makes of itself: what the reader takes, the schema takes too. */
static void
check_changed(const struct paper *p, struct bytes doc)
{
	OWNED(xmlDoc, d, xml_free) = NULL;
	OWNED_BUF(b) = {0};
	char where[128] = "";

	if (p->again(doc, &b) != E_OK)
		return;
	assert_valid(&b, p->schema);
	assert_int_equal(xml_parse(doc, &d), E_OK);
	if (xml_validate(d, p->schema, where, sizeof where) != E_OK)
		fail_msg("the reader takes what is not valid at %s: %.*s", where, (int)doc.size,
			(const char *)doc.data);
}

/* The two parts of `text' with something else between them. */
static void
check_spliced(const struct paper *p, const char *head_end, const char *middle, size_t times,
	const char *tail)
{
	OWNED_BUF(b) = {0};

	buf_add(&b, text, (size_t)(head_end - text));
	for (size_t i = 0; i < times; i++)
		buf_text(&b, middle);
	buf_text(&b, tail);
	check_changed(p, buf_bytes(&b));
}

static const struct {
	size_t paper;
	const char *name;
} whole[] = {
	{0, "valid/certified-extract/everything.xml"},
	{1, "valid/transcription-request/selam.xml"},
	{1, "valid/transcription-request/hodan.xml"},
	{2, "valid/transcription-outcome/refused.xml"},
	{2, "valid/transcription-outcome/transcribed.xml"},
	{2, "valid/transcription-outcome/already-full.xml"},
	{2, "valid/transcription-outcome/not-found.xml"},
	{2, "valid/transcription-outcome/tacit.xml"},
	{2, "valid/transcription-outcome/deferred.xml"},
};

static void
with_octets_changed_or_cut_off(void **state)
{
	static const char instead[] = "<>\"=/X0 \x80";

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct paper *p = &papers[whole[i].paper];
		struct bytes doc = load(whole[i].name);

		for (size_t at = i; at < doc.size; at += 3) {
			char kept = text[at];

			check_changed(p, bytes_of(text, at));
			text[at] = instead[at % (sizeof instead - 1)];
			check_changed(p, doc);
			text[at] = kept;
		}
	}
}

/* Behind the end tag of the element that begins at `at'. */
static const char *
element_end(const char *at)
{
	int depth = 0;

	do {
		depth += at[1] == '/' ? -1 : 1;
		at = strchr(at + 1, '<');
	} while (at != NULL && depth > 0 && (at[1] != '/' || depth > 1));
	return at == NULL ? NULL : strchr(at, '>') + 1;
}

static void
with_elements_left_out_or_repeated(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(whole); i++) {
		const struct paper *p = &papers[whole[i].paper];

		(void)load(whole[i].name);
		for (const char *at = text; (at = strchr(at + 1, '<')) != NULL;) {
			const char *end = at[1] == '/' ? NULL : element_end(at);
			OWNED_BUF(element) = {0};

			if (end == NULL)
				continue;
			buf_add(&element, at, (size_t)(end - at));
			check_spliced(p, at, "", 0, end);
			check_spliced(p, end, (const char *)element.data, 1, end);
			if (element.size < 2000)
				check_spliced(p, end, (const char *)element.data, 40, end);
			check_spliced(p, end, "<x></x>", 1, end);
			check_spliced(p, at, "text", 1, at);
			check_spliced(p, at, "</a>", 1, at);
		}
	}
}

static void
with_attributes_left_out_or_added(void **state)
{
	static const char *const more[] = {" x=\"1\"", " value=\"2024\"", " visibility=\"public\"",
		" kin=\"x\"", " xmlns:p=\"urn:x\" p:kind=\"given\"", " lang=\"so\""};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(whole); i++) {
		const struct paper *p = &papers[whole[i].paper];

		(void)load(whole[i].name);
		for (const char *at = text; (at = strpbrk(at + 1, " >")) != NULL;) {
			const char *tag = at;

			while (tag > text && *tag != '<' && tag[-1] != '>')
				tag--;
			if (*tag != '<' || tag[1] == '/')
				continue;
			for (size_t j = 0; j < ARRAY_LEN(more) && *at == '>'; j++)
				check_spliced(p, at, more[j], 1, at);
			if (*at == ' ' && strchr(at, '"') != NULL)
				check_spliced(p, at, "", 0, strchr(strchr(at, '"') + 1, '"') + 1);
		}
	}
}

/* Every text and attribute in its turn made empty, long, or something else. */
static void
with_values_changed(void **state)
{
	static const char *const values[] = {"", " ", "x", "2024-02-30", "2024-13", "00", "a\tb",
		"Public", "so", "\xE2\x80\x8C", "ke-upi", "C.S"};
	static const size_t lengths[] = {60, 61, 63, 64, 100, 101, 300, 301, 2001};
	OWNED_BUF(lengthy) = {0};

	(void)state;
	for (size_t i = 0; i < 20001; i++)
		buf_text(&lengthy, "A");
	for (size_t i = 0; i < ARRAY_LEN(whole); i++) {
		const struct paper *p = &papers[whole[i].paper];

		(void)load(whole[i].name);
		for (const char *at = text; (at = strpbrk(at, "\">")) != NULL; at++) {
			const char *end = at + 1 + strcspn(at + 1, *at == '>' ? "<" : "\"");

			if (*end == '\0' || (*at == '"' && at[-1] != '='))
				continue;
			for (size_t j = 0; j < ARRAY_LEN(values); j++)
				check_spliced(p, at + 1, values[j], 1, end);
			for (size_t j = 0; j < ARRAY_LEN(lengths) && i != 2; j++)
				check_spliced(p, at + 1, "A", lengths[j], end);
			if (i == 0)
				check_spliced(p, at + 1, (const char *)lengthy.data, 1, end);
		}
	}
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
	assert_int_equal(changed(extract, USUAL, "\"given\">Ho", "\"given\">Ho" ZWNJ), E_SCHEMA);
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
		cmocka_unit_test(an_appeal_is_told_whole_or_not_at_all),
		cmocka_unit_test(what_the_markup_means_is_text),
		cmocka_unit_test(the_reader_refuses_what_the_schema_refuses),
		cmocka_unit_test(with_octets_changed_or_cut_off),
		cmocka_unit_test(with_elements_left_out_or_repeated),
		cmocka_unit_test(with_attributes_left_out_or_added),
		cmocka_unit_test(with_values_changed),
		cmocka_unit_test(one_paper_is_not_read_as_another),
		cmocka_unit_test(what_a_schema_cannot_say_is_refused_by_the_reader),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
