/* SPDX-License-Identifier: EUPL-1.2
 *
 * The table of particulars against the schema and against an extract that has everything. What is
 * left is judged by the elements of the document, not by the table. */
#include "tests/unit/fields_stage.h"

/* ---- the table and the schema ---- */

static xmlNode *
first_of(const xmlNode *parent, const char *name)
{
	for (xmlNode *at = parent ? parent->children : NULL; at; at = at->next)
		if (at->type == XML_ELEMENT_NODE && strcmp((const char *)at->name, name) == 0)
			return at;
	return NULL;
}

static bool
attribute_is(xmlNode *node, const char *name, const char *value)
{
	xmlChar *text = xmlGetNoNsProp(node, BAD_CAST name);
	bool same = text != NULL && strcmp((const char *)text, value) == 0;

	xmlFree(text);
	return same;
}

/* The sequence of the complexType of this name, NULL: none, or a type of another schema. */
static xmlNode *
sequence_of(xmlNode *schema, const char *type)
{
	xmlNode *at = schema->children;

	if (strncmp(type, "b:", 2) != 0)
		return NULL;
	for (; at; at = at->next)
		if (at->type == XML_ELEMENT_NODE && attribute_is(at, "name", type + 2))
			return first_of(at, "sequence");
	return NULL;
}

typedef void leaf_visit(void *context, const char *path);

static void
each_leaf(xmlNode *schema, xmlNode *sequence, const char *above, leaf_visit *visit, void *context)
{
	for (xmlNode *at = sequence->children; at; at = at->next) {
		OWNED(char, path, free_chars) = NULL;
		xmlChar *name, *ref, *type;
		xmlNode *below;

		if (at->type != XML_ELEMENT_NODE || strcmp((const char *)at->name, "element") != 0)
			continue;
		name = xmlGetNoNsProp(at, BAD_CAST "name");
		ref = xmlGetNoNsProp(at, BAD_CAST "ref");
		type = xmlGetNoNsProp(at, BAD_CAST "type");
		path = xprintf("%s%s%s", above, ref ? "" : "b:", (char *)(ref ? ref : name));
		below = type ? sequence_of(schema, (const char *)type) : NULL;
		if (below && !is_core(path)) {
			OWNED(char, deeper, free_chars) = xprintf("%s/", path);

			each_leaf(schema, below, deeper, visit, context);
		} else {
			visit(context, path);
		}
		xmlFree(name);
		xmlFree(ref);
		xmlFree(type);
	}
}

static bool
in_table(const char *path)
{
	for (size_t i = 0; extract_field_at(i); i++)
		if (strcmp(extract_field_at(i), path) == 0)
			return true;
	return false;
}

static void
check_leaf(void *context, const char *path)
{
	size_t *n = context;

	if (!is_core(path) && !in_table(path))
		fail_msg("%s has no row in lib/extract_fields.c", path);
	*n += in_table(path);
}

static void
every_particular_of_the_schema_has_a_row(void **state)
{
	OWNED(char, folder, free_chars) = schemas_find();
	OWNED(char, file, free_chars) = xprintf("%s/birth.xsd", folder);
	OWNED(xmlDoc, doc, xml_free) = NULL;
	OWNED_BUF(text) = {0};
	xmlNode *schema, *at;
	size_t n = 0, rows = 0;

	(void)state;
	text_of_file(file, &text);
	doc = xmlReadMemory((char *)text.data, (int)text.size, NULL, NULL, XML_PARSE_NONET);
	assert_non_null(doc);
	schema = xmlDocGetRootElement(doc);
	at = schema->children;
	while (at &&
		!(at->type == XML_ELEMENT_NODE && attribute_is(at, "name", "CertifiedExtract")))
		at = at->next;
	assert_non_null(at);
	each_leaf(schema, first_of(first_of(at, "complexType"), "sequence"), "", check_leaf, &n);
	while (extract_field_at(rows))
		rows++;
	assert_int_equal(n, rows); /* and no row names what is not there */
}

/* ---- cutting ---- */

static void
each_particular_can_be_cut_alone(void **state)
{
	const char *all[FIELDS_MAX];
	size_t n = 0;

	(void)state;
	while (extract_field_at(n)) {
		assert_true(n < FIELDS_MAX);
		all[n] = extract_field_at(n);
		n++;
	}
	for (size_t i = 0; i < n; i++) {
		OWNED(struct extract, x, extract_free) = whole_extract();
		const char *kept = all[i], *others[FIELDS_MAX];
		struct found f = {0};

		for (size_t k = 0, m = 0; k < n; k++)
			if (k != i)
				others[m++] = all[k];
		assert_string_equal(extract_extra(x, others, n - 1), kept);
		extract_cut(x, others, n - 1, "agreement");
		assert_null(extract_extra(x, others, n - 1));
		look_at(x, &f);
		assert_false(has_found(&f, kept));
		for (size_t k = 0; k + 1 < n; k++)
			if (strcmp(kept, "b:Parent/t:Name") != 0 ||
				strncmp(others[k], "b:Parent/", 9) != 0)
				assert_true(has_found(&f, others[k]));
		assert_redacted(
			x, strcmp(kept, "b:Parent/t:Name") == 0 ? "b:Parent" : kept, "agreement");
	}
}

static void
the_core_is_never_cut(void **state)
{
	static const char *const least[] = {"t:Extension"};
	OWNED(struct extract, x, extract_free) = whole_extract();
	struct found f = {0};

	(void)state;
	extract_cut(x, least, 1, "agreement");
	look_at(x, &f);
	for (size_t i = 0; i < ARRAY_LEN(core_paths); i++)
		assert_true(has_found(&f, core_paths[i]));
}

static void
without_a_list_what_every_state_protects_stays_at_home(void **state)
{
	static const char *const protected[] = {
		"b:Parent/b:Residence", "b:Parent/b:MaritalStatus", "b:Declarant"};
	OWNED(struct extract, x, extract_free) = whole_extract();
	struct found f = {0};

	(void)state;
	assert_string_equal(extract_extra(x, NULL, 0), protected[0]);
	extract_cut(x, NULL, 0, "agreement");
	assert_null(extract_extra(x, NULL, 0));
	look_at(x, &f);
	for (size_t i = 0; extract_field_at(i); i++) {
		bool stays = false;

		for (size_t k = 0; k < ARRAY_LEN(protected); k++)
			stays |= strcmp(protected[k], extract_field_at(i)) == 0;
		assert_int_equal(has_found(&f, extract_field_at(i)), !stays);
	}
}

static void
a_path_allows_what_is_below_it_and_no_namesake(void **state)
{
	static const char *const parent[] = {"b:Parent"};
	static const char *const pare[] = {"b:Par", "b:Parent[1]", "Parent", "b:Parent/b:Birth"};
	OWNED(struct extract, x, extract_free) = whole_extract();
	OWNED(struct extract, y, extract_free) = whole_extract();

	(void)state;
	extract_cut(x, parent, 1, "agreement");
	assert_non_null(x->parents);
	assert_non_null(x->parents->residence);
	assert_null(x->verbatim);
	extract_cut(y, pare, ARRAY_LEN(pare), "agreement");
	assert_null(y->parents);
	assert_true(extract_field_known("b:Parent"));
	assert_true(extract_field_known("b:Subject/t:Name"));
	for (size_t i = 0; i < ARRAY_LEN(pare); i++)
		assert_false(extract_field_known(pare[i]));
}

/* Nothing that people have written freely passes under another name. */
static void
free_texts_are_particulars_of_their_own(void **state)
{
	static const char *const most[] = {
		"b:Entry", "b:Subject", "b:Birth", "b:Parent", "b:Declarant"};
	OWNED(struct extract, x, extract_free) = whole_extract();
	static const char *const texts[] = {
		"b:Annotation", "b:VerbatimText", "b:Translation", "t:Extension"};
	struct found f = {0};

	(void)state;
	extract_cut(x, most, ARRAY_LEN(most), "agreement");
	look_at(x, &f);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_false(has_found(&f, texts[i]));
}

static void
an_extension_is_told_by_the_reader(void **state)
{
	OWNED(char, file, free_chars) =
		xprintf("%s/data/valid/certified-extract/extended.xml", tests_folder());
	static const char *const list[] = {"b:Parent", "b:Annotation", "b:VerbatimText",
		"b:Translation", "b:Entry", "b:Subject", "b:Birth", "b:Declarant"};
	OWNED(struct extract, x, extract_free) = extract_of_file(file);

	(void)state;
	assert_non_null(x->extension);
	assert_string_equal(extract_extra(x, list, ARRAY_LEN(list)), "t:Extension");
}

static void
each_cut_is_told_once(void **state)
{
	static const char *const list[] = {"b:Parent/t:Name"};
	OWNED(struct extract, x, extract_free) = whole_extract();
	size_t n = 0;

	(void)state;
	x->redaction = NULL;
	extract_cut(x, list, 1, "not-needed");
	extract_cut(x, list, 1, "agreement");
	for (const struct text_item *t = x->redaction; t; t = t->next) {
		assert_string_equal(t->detail, "not-needed");
		assert_true(code_known("redaction", t->detail));
		for (const struct text_item *u = t->next; u; u = u->next)
			assert_string_not_equal(t->value, u->value);
		n++;
	}
	/* All that can be cut but the names. */
	for (size_t i = 0; extract_field_at(i); i++)
		n--;
	assert_int_equal(n, (size_t)-1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_particular_of_the_schema_has_a_row),
		cmocka_unit_test(each_particular_can_be_cut_alone),
		cmocka_unit_test(the_core_is_never_cut),
		cmocka_unit_test(without_a_list_what_every_state_protects_stays_at_home),
		cmocka_unit_test(a_path_allows_what_is_below_it_and_no_namesake),
		cmocka_unit_test(free_texts_are_particulars_of_their_own),
		cmocka_unit_test(an_extension_is_told_by_the_reader),
		cmocka_unit_test(each_cut_is_told_once),
	};

	xml_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
