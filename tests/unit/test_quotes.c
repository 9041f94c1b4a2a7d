/* SPDX-License-Identifier: EUPL-1.2
 *
 * No problem, sentence or line of the log quotes a value of a case file or of a paper (P10): every
 * value is spoilt in turn, in every way that there is, with a mark in it that is then looked for in
 * everything that was said, standard error included. */
#include "tests/unit/test.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include <jansson.h>

#include "lib/child.h"
#include "lib/log.h"
#include "lib/record.h"
#include "lib/xml.h"

#define MARK "Qxmarkqx"

/* ---- what was said on standard error meanwhile ---- */

static FILE *said;
static int real;

static int
listen_in(void **state)
{
	(void)state;
	said = tmpfile();
	real = dup(STDERR_FILENO);
	return said != NULL && real >= 0 && dup2(fileno(said), STDERR_FILENO) >= 0 ? 0 : -1;
}

static int
listen_off(void **state)
{
	(void)state;
	(void)dup2(real, STDERR_FILENO);
	(void)close(real);
	return fclose(said);
}

static void
assert_unsaid(void)
{
	OWNED_BUF(all) = {0};
	char piece[4096];
	size_t n;

	(void)fflush(stderr);
	rewind(said);
	while ((n = fread(piece, 1, sizeof piece, said)) > 0)
		buf_add(&all, piece, n);
	if (all.size > 0 && strstr((char *)all.data, MARK) != NULL)
		fail_msg("standard error quotes a value");
}

/* ---- files ---- */

static void
read_file(const char *path, struct buf *out)
{
	FILE *f = fopen(path, "rb");
	char piece[4096];
	size_t n;

	if (f == NULL)
		fail_msg("cannot open %s", path);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(out, piece, n);
	(void)fclose(f);
}

static json_t *
load_case(const char *name)
{
	OWNED(char, path, free_chars) = xprintf("%s/data/cases/%s", tests_folder(), name);
	OWNED_BUF(text) = {0};
	json_t *root;

	read_file(path, &text);
	root = json_loadb((char *)text.data, text.size, 0, NULL);
	assert_non_null(root);
	return root;
}

/* What the examples do not have. */
static void
complete_case(json_t *root)
{
	json_t *consent = json_object_get(root, "consent");

	if (json_is_array(consent))
		consent = json_array_get(consent, 0);
	json_object_set_new(consent, "assent",
		json_pack("{s:s s:s s:s}", "on", "2026-11-02", "language", "so", "witnessedBy",
			"NBO-0417"));
	json_object_set_new(root, "riskClearance",
		json_pack("{s:s s:s s:s s:[s] s:{s:s s:s}}", "officer", "NBO-PROT-009", "result",
			"CLEARED", "on", "2026-11-03", "fearedCountry", "ET", "approval", "cert",
			"1bce1c9fb72864a4fb2d663b1cd21482a0a92edef435175fa634cdb33e9569b7", "value",
			"MEUCIQDxMEUCIQDxMEUCIQDxMEUCIQDxMEUCIQDxMEUCIQDxMEUCIQDxMEUCIQDx"));
}

/* ---- every value of a case file ---- */

static void
check_case(const json_t *root, bool must_fail)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED_BUF(problems) = {0};
	char *text = json_dumps(root, JSON_COMPACT);
	enum err e = request_of_json(text, strlen(text), &r, &problems);

	if (must_fail && e != E_INPUT)
		fail_msg("taken: %s", text);
	if (e == E_INPUT)
		assert_true(problems.size > 0);
	if (problems.size > 0 && strstr((char *)problems.data, MARK) != NULL)
		fail_msg("quoted: %s", (char *)problems.data);
	free(text);
}

static json_t *
spoil(size_t way)
{
	static const char long_one[] = MARK " " MARK " " MARK " " MARK " " MARK " " MARK " ";
	OWNED_BUF(b) = {0};

	switch (way) {
	case 0:
		return json_string(MARK);
	case 1:
		return json_string(MARK "\xE2\x80\xAE");
	case 2:
		return json_string("\n" MARK);
	case 3:
		return json_pack("{s:s}", "value", MARK);
	case 4:
		return json_pack("[s]", MARK);
	case 5:
		for (size_t i = 0; i < 50; i++)
			buf_text(&b, long_one);
		return json_string((char *)b.data);
	default:
		return NULL;
	}
}

/* Puts something else in every place below `at', one at a time, and puts back what was there. */
static size_t
walk_values(json_t *root, json_t *at)
{
	size_t n = 0, size = json_is_object(at) ? json_object_size(at) : json_array_size(at);

	for (size_t i = 0; i < size; i++) {
		void *iter = json_is_object(at) ? json_object_iter(at) : NULL;
		json_t *value, *other;

		for (size_t k = 0; iter != NULL && k < i; k++)
			iter = json_object_iter_next(at, iter);
		value = iter != NULL ? json_object_iter_value(iter) : json_array_get(at, i);
		n += walk_values(root, value) + 1;
		json_incref(value);
		for (size_t way = 0; (other = spoil(way)) != NULL; way++) {
			if (iter != NULL)
				json_object_iter_set_new(at, iter, other);
			else
				json_array_set_new(at, i, other);
			check_case(root, way == 3);
		}
		if (iter != NULL)
			json_object_iter_set_new(at, iter, value);
		else
			json_array_set_new(at, i, value);
	}
	return n;
}

static void
P10_problems_of_a_case_file_quote_no_value(void **state)
{
	static const char *const names[] = {
		"hodan.json", "yuusuf.json", "selam.json", "no-entry.json"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		json_t *root = load_case(names[i]);

		complete_case(root);
		check_case(root, false);
		assert_true(walk_values(root, root) > 20);
		json_decref(root);
	}
	assert_unsaid();
}

/* Every value that may be is marked, and then the file is cut off, or one octet of it is another.
 */
static void
mark_all(json_t *root, json_t *at)
{
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(at, key, value)
	{
		if (json_is_string(value) && strcmp(key, "full") == 0)
			json_string_set(value, MARK);
		if (json_is_string(value) && (strcmp(key, "value") == 0) &&
			json_object_get(at, "kind") != NULL)
			json_string_set(value, MARK);
		if (json_is_string(value) &&
			(strcmp(key, "office") == 0 || strcmp(key, "text") == 0 ||
				strcmp(key, "authored") == 0 || strcmp(key, "legalBasis") == 0 ||
				strcmp(key, "entryNumber") == 0))
			json_string_set(value, MARK);
		mark_all(root, value);
	}
	json_array_foreach(at, i, value) mark_all(root, value);
}

static void
check_text(const char *text, size_t size)
{
	OWNED(struct request, r, request_free) = NULL;
	OWNED_BUF(problems) = {0};
	enum err e = request_of_json(text, size, &r, &problems);

	assert_true(e == E_OK || problems.size > 0);
	if (problems.size > 0 && strstr((char *)problems.data, MARK) != NULL)
		fail_msg("quoted: %s", (char *)problems.data);
}

static void
P10_problems_of_a_broken_file_quote_no_value(void **state)
{
	json_t *root = load_case("selam.json");
	char *text;
	size_t size;

	(void)state;
	mark_all(root, root);
	check_case(root, false);
	text = json_dumps(root, JSON_INDENT(1));
	size = strlen(text);
	for (size_t i = 0; i < size; i++) {
		const char was = text[i];

		check_text(text, i);
		text[i] = "\"\\}{,\x01\xFF"[i % 7];
		if (was != MARK[0])
			check_text(text, size);
		text[i] = was;
	}
	free(text);
	json_decref(root);
	assert_unsaid();
}

/* ---- every value of a paper ---- */

static enum err
read_paper(const char *folder, struct bytes doc)
{
	OWNED(struct extract, x, extract_free) = NULL;
	OWNED(struct request, r, request_free) = NULL;
	OWNED(struct outcome, o, outcome_free) = NULL;

	if (strcmp(folder, "certified-extract") == 0)
		return extract_parse(doc, &x);
	return strcmp(folder, "transcription-request") == 0 ? request_parse(doc, &r)
							    : outcome_parse(doc, &o);
}

/* As an adapter does it, with what it writes to the log. */
static void
check_paper(const char *folder, enum xml_schema schema, struct bytes doc)
{
	OWNED(xmlDoc, d, xml_free) = NULL;
	char where[128] = "";
	enum err e = xml_parse(doc, &d);

	if (e == E_OK)
		e = xml_validate(d, schema, where, sizeof where);
	if (e == E_OK)
		e = read_paper(folder, doc);
	if (strstr(where, MARK) != NULL)
		fail_msg("quoted: %s", where);
	assert_null(strstr(err_sentence(e), MARK));
	log_line(LOG_ERROR, "refused code=%s where=\"%s\"", err_word(e), where);
}

/* The value between `from' and `to' becomes something else. */
static void
check_value(
	const char *folder, enum xml_schema schema, const struct buf *doc, size_t from, size_t to)
{
	static const char *const others[] = {MARK, MARK "\xE2\x80\xAE", "<" MARK "></" MARK ">",
		"&" MARK ";", MARK "\x01", "\xFF" MARK};

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		OWNED_BUF(b) = {0};

		buf_add(&b, doc->data, from);
		buf_text(&b, others[i]);
		buf_add(&b, doc->data + to, doc->size - to);
		check_paper(folder, schema, buf_bytes(&b));
	}
}

static size_t
check_values(const char *folder, enum xml_schema schema, const struct buf *doc)
{
	size_t n = 0;

	for (size_t i = 0; i < doc->size; i++) {
		char open = (char)doc->data[i], close = open == '>' ? '<' : '"';
		const uint8_t *end = memchr(doc->data + i + 1, close, doc->size - i - 1);

		if ((open != '>' && open != '"') || end == NULL)
			continue;
		if (end > doc->data + i + 1 || open == '"') {
			check_value(folder, schema, doc, i + 1, (size_t)(end - doc->data));
			n++;
		}
		if (open == '"')
			i = (size_t)(end - doc->data);
	}
	return n;
}

static void
P10_faults_of_a_paper_quote_no_value(void **state)
{
	static const struct {
		const char *folder, *name;
		enum xml_schema schema;
	} papers[] = {
		{"transcription-request", "cleared.xml", SCHEMA_CASE},
		{"certified-extract", "everything.xml", SCHEMA_BIRTH},
		{"transcription-outcome", "refused.xml", SCHEMA_CASE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(papers); i++) {
		OWNED(char, path, free_chars) = xprintf(
			"%s/data/valid/%s/%s", tests_folder(), papers[i].folder, papers[i].name);
		OWNED_BUF(doc) = {0};

		read_file(path, &doc);
		assert_true(check_values(papers[i].folder, papers[i].schema, &doc) > 5);
	}
	assert_unsaid();
}

/* A sentence has no place where a value could stand. */
static void
P10_sentences_are_constant(void **state)
{
	(void)state;
	for (enum err e = E_OK; e < E_COUNT; e++) {
		assert_non_null(err_sentence(e));
		assert_null(strchr(err_sentence(e), '%'));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			P10_problems_of_a_case_file_quote_no_value, listen_in, listen_off),
		cmocka_unit_test_setup_teardown(
			P10_problems_of_a_broken_file_quote_no_value, listen_in, listen_off),
		cmocka_unit_test_setup_teardown(
			P10_faults_of_a_paper_quote_no_value, listen_in, listen_off),
		cmocka_unit_test(P10_sentences_are_constant),
	};
	OWNED(char, schemas, free_chars) = schemas_find();

	log_open("test_quotes", LOG_DETAIL);
	xml_init();
	if (schemas == NULL)
		schemas = xprintf("%s/../schemas", tests_folder());
	assert_int_equal(xml_load_schemas(schemas), E_OK);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
