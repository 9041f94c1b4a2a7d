/* SPDX-License-Identifier: EUPL-1.2
 *
 * The schemas against examples: tests/data/valid holds documents of every type, each its own
 * canonical form; tests/data/invalid holds what differs from a valid one by one thing, and
 * faults.txt says at which element that has to be found. And the code lists, which are written once
 * and stand in three places. */
#include "tests/unit/test.h"

#include <dirent.h>
#include <stdio.h>

#include "lib/message.h"
#include "lib/record.h"
#include "lib/xml.h"

#define PATH_MAX_ 512
#define DOCUMENT_MAX (512 * 1024)

static char document[DOCUMENT_MAX];

static const struct {
	const char *type;
	enum xml_schema schema;
} types[] = {
	{"message", SCHEMA_ENVELOPE},
	{"receipt", SCHEMA_ENVELOPE},
	{"content", SCHEMA_CONTENT},
	{"certified-extract", SCHEMA_BIRTH},
	{"correction-notice", SCHEMA_BIRTH},
	{"correction-outcome", SCHEMA_BIRTH},
	{"transcription-request", SCHEMA_CASE},
	{"transcription-outcome", SCHEMA_CASE},
	{"query", SCHEMA_CASE},
	{"query-reply", SCHEMA_CASE},
	{"attachment", SCHEMA_CASE},
	{"cancellation", SCHEMA_CASE},
	{"trust-list", SCHEMA_TRUST},
};

static const char *
schemas_folder(void)
{
	static char path[PATH_MAX_];
	const char *set = getenv("DAFTAR_SCHEMAS");

	if (set != NULL)
		return set;
	(void)snprintf(path, sizeof path, "%s/../schemas", tests_folder());
	return path;
}

static struct bytes
load(const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		fail_msg("cannot open %s", path);
	n = fread(document, 1, sizeof document, f);
	(void)fclose(f);
	return bytes_of(document, n);
}

static void
each_file(const char *side, size_t type, size_t least,
	void (*check)(const char *path, const char *name, enum xml_schema schema))
{
	char folder[PATH_MAX_], path[PATH_MAX_ * 2], name[PATH_MAX_];
	size_t n = 0;
	DIR *d;

	(void)snprintf(
		folder, sizeof folder, "%s/data/%s/%s", tests_folder(), side, types[type].type);
	d = opendir(folder);
	if (d == NULL)
		fail_msg("cannot open %s", folder);
	for (const struct dirent *e; (e = readdir(d)) != NULL;) {
		if (e->d_name[0] == '.')
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		(void)snprintf(name, sizeof name, "%s/%.200s", types[type].type, e->d_name);
		check(path, name, types[type].schema);
		n++;
	}
	(void)closedir(d);
	if (n < least)
		fail_msg("%s has only %zu examples", folder, n);
}

/* ---- the examples ---- */

static void
check_valid(const char *path, const char *name, enum xml_schema schema)
{
	OWNED(xmlDoc, doc, xml_free) = NULL;
	struct bytes bytes = load(path);
	char where[128] = "";

	if (xml_parse(bytes, &doc) != E_OK)
		fail_msg("%s does not parse", name);
	if (xml_check_canonical(doc, bytes) != E_OK)
		fail_msg("%s is not its canonical form", name);
	if (xml_validate(doc, schema, where, sizeof where) != E_OK)
		fail_msg("%s is not valid at %s", name, where);
}

static void
valid_examples_are_valid_and_canonical(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		each_file("valid", i, 1, check_valid);
}

/* The element at which faults.txt says that the file is at fault. */
static bool
fault_of(const char *name, char element[64])
{
	char path[PATH_MAX_], line[256], file[200];
	bool found = false;
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/data/invalid/faults.txt", tests_folder());
	f = fopen(path, "r");
	assert_non_null(f);
	while (!found && fgets(line, sizeof line, f) != NULL)
		found = sscanf(line, "%199s %63s", file, element) == 2 && strcmp(file, name) == 0;
	(void)fclose(f);
	return found;
}

static size_t n_invalid;

static void
check_invalid(const char *path, const char *name, enum xml_schema schema)
{
	OWNED(xmlDoc, doc, xml_free) = NULL;
	char where[128] = "", element[64] = "", wanted[96];

	n_invalid++;
	if (!fault_of(name, element))
		fail_msg("%s is not in faults.txt", name);
	if (xml_parse(load(path), &doc) != E_OK)
		fail_msg("%s does not parse", name);
	if (xml_validate(doc, schema, where, sizeof where) != E_SCHEMA)
		fail_msg("%s is valid", name);
	(void)snprintf(wanted, sizeof wanted, "line 1, element %s", element);
	if (strstr(where, " element ") == NULL ||
		strcmp(strstr(where, " element "), strstr(wanted, " element ")) != 0)
		fail_msg("%s: fault at %s, not at %s", name, where, element);
}

static void
invalid_examples_fail_for_their_reason(void **state)
{
	char path[PATH_MAX_], line[256];
	size_t n = 0;
	FILE *f;

	(void)state;
	n_invalid = 0;
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		each_file("invalid", i, 3, check_invalid);
	(void)snprintf(path, sizeof path, "%s/data/invalid/faults.txt", tests_folder());
	f = fopen(path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL)
		n += line[0] != '#';
	(void)fclose(f);
	assert_int_equal(n, n_invalid);
}

/* Every paper is a document of its own, with every namespace that it uses: it fits into a content
 * as it stands. */
static void
every_paper_fits_into_a_content(void **state)
{
	static const char head[] = "<e:Content xmlns:e=\"" NS_ENVELOPE "\">";
	char path[PATH_MAX_];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/data/valid/content/query.xml", tests_folder());
	struct bytes query = load(path), header = {0};
	OWNED_BUF(copy) = {0};

	assert_true(xml_cut(query, "e:Header", &header));
	buf_add_bytes(&copy, header);
	(void)snprintf(
		path, sizeof path, "%s/data/valid/certified-extract/sealed.xml", tests_folder());
	struct bytes paper = load(path), cut = {0};
	OWNED_BUF(content) = {0};

	buf_text(&content, head);
	buf_add_bytes(&content, buf_bytes(&copy));
	buf_add_bytes(&content, paper);
	buf_text(&content, "<e:Padding></e:Padding></e:Content>");
	OWNED(xmlDoc, doc, xml_free) = NULL;
	assert_int_equal(xml_parse(buf_bytes(&content), &doc), E_OK);
	assert_int_equal(xml_check_canonical(doc, buf_bytes(&content)), E_OK);
	assert_int_equal(xml_validate(doc, SCHEMA_CONTENT, NULL, 0), E_OK);
	assert_true(xml_cut(buf_bytes(&content), "b:CertifiedExtract", &cut));
	assert_int_equal(cut.size, paper.size);
	assert_memory_equal(cut.data, paper.data, paper.size);
}

/* ---- the code lists ---- */

struct row {
	char list[64], code[64], sentence[200];
};
static struct row rows[512];
static size_t n_rows;

static void
load_csv(void)
{
	char path[PATH_MAX_ * 2], line[512];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/codes.csv", schemas_folder());
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	assert_string_equal(line, "list,code,sentence\n");
	for (n_rows = 0; fgets(line, sizeof line, f) != NULL; n_rows++) {
		struct row *r = &rows[n_rows];

		assert_true(n_rows < ARRAY_LEN(rows));
		if (sscanf(line, "%63[^,],%63[^,],%199[^,\n]", r->list, r->code, r->sentence) != 3)
			fail_msg("codes.csv:%zu is not three plain fields", n_rows + 2);
	}
	(void)fclose(f);
}

static void
compiled_codes_are_the_csv(void **state)
{
	size_t compiled = 0;

	(void)state;
#define CODE(list, code, sentence) compiled++;
#include "lib/codes.def"
#undef CODE
	load_csv();
	assert_int_equal(compiled, n_rows);
	for (size_t i = 0; i < n_rows; i++) {
		const char *sentence = code_sentence(rows[i].list, rows[i].code);

		if (sentence == NULL || strcmp(sentence, rows[i].sentence) != 0)
			fail_msg("codes.def differs from codes.csv:%zu", i + 2);
	}
	assert_false(code_known("sex", "m"));
	assert_false(code_known("sex", "L01"));
	assert_false(code_known("none", "M"));
	assert_false(code_known("sex", NULL));
}

/* "case-type" makes "CaseTypeCode". */
static void
type_name(const char *list, char out[80])
{
	bool start = true;

	for (; *list != '\0'; list++) {
		if (*list == '-') {
			start = true;
			continue;
		}
		*out++ = start ? (char)(*list - 'a' + 'A') : *list;
		start = false;
	}
	strcpy(out, "Code");
}

#define NS_XSD "http://www.w3.org/2001/XMLSchema"

static void
enumerations_are_the_csv(void **state)
{
	char path[PATH_MAX_ * 2], wanted[80];
	struct arena *a = arena_new();
	size_t at = 0;

	(void)state;
	load_csv();
	(void)snprintf(path, sizeof path, "%s/codes.xsd", schemas_folder());
	/* A schema of ours has a declaration and a comment, which xml_parse refuses. */
	struct bytes text = load(path);
	OWNED(xmlDoc, doc, xml_free) =
		xmlReadMemory((const char *)text.data, (int)text.size, NULL, "UTF-8", 0);
	const xmlNode *type = xml_child(xml_root(doc), NS_XSD, "simpleType");

	for (; type != NULL; type = xml_next(type, NS_XSD, "simpleType")) {
		const xmlNode *e =
			xml_child(xml_child(type, NS_XSD, "restriction"), NS_XSD, "enumeration");

		assert_non_null(e);
		for (; e != NULL; e = xml_next(e, NS_XSD, "enumeration"), at++) {
			assert_true(at < n_rows);
			type_name(rows[at].list, wanted);
			assert_string_equal(xml_attribute(a, type, "name"), wanted);
			assert_string_equal(xml_attribute(a, e, "value"), rows[at].code);
		}
	}
	assert_int_equal(at, n_rows);
	arena_free(&a);
}

static size_t
rows_of(const char *list)
{
	size_t n = 0;

	for (size_t i = 0; i < n_rows; i++)
		n += strcmp(rows[i].list, list) == 0;
	return n;
}

static void
actions_and_stages_are_those_of_the_exchange(void **state)
{
	(void)state;
	load_csv();
#define ACTION(name, word, body) assert_true(code_known("action", word));
#include "lib/action.def"
#undef ACTION
#define STAGE(name, word, final) assert_true(code_known("stage", word));
#include "lib/stage.def"
#undef STAGE
	assert_int_equal(rows_of("action"), ACTION_N);
	assert_int_equal(rows_of("stage"), STAGE_N);
}

static int
load_schemas(void **state)
{
	(void)state;
	xml_init();
	return xml_load_schemas(schemas_folder()) == E_OK ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid_examples_are_valid_and_canonical),
		cmocka_unit_test(invalid_examples_fail_for_their_reason),
		cmocka_unit_test(every_paper_fits_into_a_content),
		cmocka_unit_test(compiled_codes_are_the_csv),
		cmocka_unit_test(enumerations_are_the_csv),
		cmocka_unit_test(actions_and_stages_are_those_of_the_exchange),
	};

	return cmocka_run_group_tests(tests, load_schemas, NULL);
}
