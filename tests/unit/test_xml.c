/* SPDX-License-Identifier: EUPL-1.2
 * The look at raw bytes, the hardened parse, the canonical writer and check, schemas, cutting. */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libxml/parser.h>

#include "lib/xml.h"

static struct bytes
text_bytes(const char *text)
{
	return bytes_of(text, strlen(text));
}

static enum err
parse(struct bytes doc)
{
	OWNED(xmlDoc, d, xml_free) = NULL;

	return xml_parse(doc, &d);
}

static enum err
canonical(struct bytes doc)
{
	OWNED(xmlDoc, d, xml_free) = NULL;

	TRY(xml_parse(doc, &d));
	return xml_check_canonical(d, doc);
}

/* ---- the look at raw bytes ---- */

struct raw {
	const char *text;
	size_t size; /* 0: strlen */
	enum err code;
};

static const struct raw raws[] = {
	{"<a></a>", 0, E_OK},
	{"<a/>", 0, E_OK},
	{" <a/>\n", 0, E_OK},
	{"<a b='1' c = \"x>y\"/>", 0, E_OK},
	{"<a>&amp;&lt;&gt;&quot;&apos;&#xD;&#x9;&#xA;</a>", 0, E_OK},
	{"<a>\xd8\xa3\xd9\x85\xd9\x8a\xd9\x86\xd8\xa9 \xf0\x90\x80\x80</a>", 0, E_OK},
	/* encodings */
	{"\xef\xbb\xbf<a/>", 0, E_NOT_UTF8},
	{"<\0a\0/\0>\0", 8, E_NOT_UTF8},
	{"\xff\xfe<\0a\0/\0>\0", 10, E_NOT_UTF8},
	{"\xfe\xff\0<\0a\0/\0>", 10, E_NOT_UTF8},
	{"<a>\xe9</a>", 0, E_NOT_UTF8},
	{"<a>\xc0\xaf</a>", 0, E_NOT_UTF8},
	{"<a>\xe0\x80\xaf</a>", 0, E_NOT_UTF8},
	{"<a>\xf0\x80\x80\xaf</a>", 0, E_NOT_UTF8},
	{"<a>\xed\xa0\x80</a>", 0, E_NOT_UTF8},
	{"<a>\xf4\x90\x80\x80</a>", 0, E_NOT_UTF8},
	{"<a>\xf5\x80\x80\x80</a>", 0, E_NOT_UTF8},
	{"<a/>\xe2\x82", 0, E_NOT_UTF8},
	{"\x4c\xa7\xf2", 0, E_NOT_UTF8},
	{"<a/>\0<b/>", 9, E_NOT_UTF8},
	/* characters that XML does not have */
	{"<a>\x01</a>", 0, E_MALFORMED},
	{"<a>\x1b[0m</a>", 0, E_MALFORMED},
	{"<a>\xef\xbf\xbe</a>", 0, E_MALFORMED},
	{"<a>\xef\xbf\xbf</a>", 0, E_MALFORMED},
	/* markup */
	{"<?xml version=\"1.0\"?><a/>", 0, E_FORBIDDEN_MARKUP},
	{"<!DOCTYPE a><a/>", 0, E_FORBIDDEN_MARKUP},
	{"<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", 0, E_FORBIDDEN_MARKUP},
	{"<a><!-- x --></a>", 0, E_FORBIDDEN_MARKUP},
	{"<a><![CDATA[x]]></a>", 0, E_FORBIDDEN_MARKUP},
	{"<a><?php x?></a>", 0, E_FORBIDDEN_MARKUP},
	{"<a b=\"<!--\"/>", 0, E_FORBIDDEN_MARKUP},
	{"<a>&xxe;</a>", 0, E_FORBIDDEN_MARKUP},
	{"<a>&#65;</a>", 0, E_FORBIDDEN_MARKUP},
	{"<a>&#x41;</a>", 0, E_FORBIDDEN_MARKUP},
	{"<a>&#xd;</a>", 0, E_FORBIDDEN_MARKUP},
	{"<a>&#0;</a>", 0, E_FORBIDDEN_MARKUP},
	{"<a>&#x202E;</a>", 0, E_FORBIDDEN_MARKUP},
	{"<a b=\"&#60;\"/>", 0, E_FORBIDDEN_MARKUP},
	{"<a>&amp</a>", 0, E_FORBIDDEN_MARKUP},
	{"<a>&", 0, E_FORBIDDEN_MARKUP},
	/* structure */
	{"", 0, E_MALFORMED},
	{" ", 0, E_MALFORMED},
	{"text", 0, E_MALFORMED},
	{"<a>", 0, E_MALFORMED},
	{"</a>", 0, E_MALFORMED},
	{"<a></a></a>", 0, E_MALFORMED},
	{"<a/><b/>", 0, E_MALFORMED},
	{"<a></a>x", 0, E_MALFORMED},
	{"x<a></a>", 0, E_MALFORMED},
	{"<a", 0, E_MALFORMED},
	{"<", 0, E_MALFORMED},
	{"<a b=\"1", 0, E_MALFORMED},
	{"<a b=1/>", 0, E_MALFORMED},
	{"<a b=\"<\"/>", 0, E_MALFORMED},
	{"<a <b/>", 0, E_MALFORMED},
	{"<a b=", 0, E_MALFORMED},
	{"<a \"b\"/>", 0, E_MALFORMED},
};

static void
raw_bytes_get_their_code(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(raws); i++) {
		size_t n = raws[i].size != 0 ? raws[i].size : strlen(raws[i].text);
		/* A copy of exactly that size, so that one octet too far is seen by ASan. */
		uint8_t *copy = malloc(n + (n == 0));
		memcpy(copy, raws[i].text, n);
		enum err got = xml_prescan(bytes_of(copy, n));
		if (got != raws[i].code)
			fail_msg("row %zu: %s, not %s", i, err_word(got), err_word(raws[i].code));
		if (got != E_OK)
			assert_int_equal(parse(bytes_of(copy, n)), got);
		free(copy);
	}
}

static enum err
prescan_repeated(const char *before, const char *piece, size_t times, const char *after)
{
	OWNED_BUF(b) = {0};

	buf_text(&b, before);
	for (size_t i = 0; i < times; i++)
		buf_printf(&b, piece, (unsigned)i);
	buf_text(&b, after);
	return xml_prescan(buf_bytes(&b));
}

#define ATTRIBUTES_10 "<b a='%u' b='' c='' d='' e='' f='' g='' h='' i='' j=''/>"

static void
bounds_are_exact(void **state)
{
	OWNED_BUF(deep) = {0};

	(void)state;
	assert_int_equal(prescan_repeated("<a", " b%u=\"\"", 16, "></a>"), E_OK);
	assert_int_equal(prescan_repeated("<a", " b%u=\"\"", 17, "></a>"), E_TOO_COMPLEX);
	assert_int_equal(prescan_repeated("<a>", "<b%u/>", 3998, "</a>"), E_OK);
	assert_int_equal(prescan_repeated("<a>", "<b%u/>", 3999, "</a>"), E_TOO_COMPLEX);
	assert_int_equal(prescan_repeated("<a>", ATTRIBUTES_10, 800, "</a>"), E_OK);
	assert_int_equal(
		prescan_repeated("<a>", ATTRIBUTES_10, 800, "<b c=''/></a>"), E_TOO_COMPLEX);
	for (size_t n = 32; n <= 33; n++) {
		buf_reset(&deep);
		for (size_t i = 0; i < n; i++)
			buf_text(&deep, "<a>");
		for (size_t i = 0; i < n; i++)
			buf_text(&deep, "</a>");
		assert_int_equal(xml_prescan(buf_bytes(&deep)), n == 32 ? E_OK : E_TOO_COMPLEX);
	}
	/* 8 KiB a tag, its brackets included. */
	assert_int_equal(prescan_repeated("<a b=\"", "x", 8192 - 8, "\"></a>"), E_OK);
	assert_int_equal(prescan_repeated("<a b=\"", "x", 8192 - 7, "\"></a>"), E_TOO_COMPLEX);
	assert_int_equal(
		prescan_repeated("<a>", "xxxxxxxxxxxxxxxx", 16384 - 1, "yyyyyyyyy</a>"), E_OK);
	assert_int_equal(prescan_repeated("<a>", "xxxxxxxxxxxxxxxx", 16384 - 1, "yyyyyyyyyy</a>"),
		E_TOO_LARGE);
}

/* 32 namespaces may be in scope at once; those of a sibling that has ended don't count. */
static void
namespaces_are_counted_in_scope(void **state)
{
	const char *eight = " xmlns:a=\"u:a\" xmlns:b=\"u:b\" xmlns:c=\"u:c\" xmlns:d=\"u:d\""
			    " xmlns:e=\"u:e\" xmlns:f=\"u:f\" xmlns:g=\"u:g\" xmlns:h=\"u:h\"";
	OWNED_BUF(b) = {0};

	(void)state;
	buf_printf(&b, "<r><x%s><x%s><x%s><x%s></x></x></x></x><x%s></x></r>", eight, eight, eight,
		eight, eight);
	assert_int_equal(xml_prescan(buf_bytes(&b)), E_OK);
	buf_reset(&b);
	buf_printf(&b, "<r xmlns=\"u:r\"><x%s><x%s><x%s><x%s></x></x></x></x></r>", eight, eight,
		eight, eight);
	assert_int_equal(xml_prescan(buf_bytes(&b)), E_TOO_COMPLEX);
}

/* Before the parser sees them, to whom they would be expensive. */
static void
crowds_are_refused_at_once(void **state)
{
	OWNED_BUF(attributes) = {0};
	OWNED_BUF(depth) = {0};

	(void)state;
	buf_text(&attributes, "<a");
	for (int i = 0; attributes.size < 250 * 1024; i++)
		buf_printf(&attributes, " a%d=''", i);
	buf_text(&attributes, "/>");
	while (depth.size < 255 * 1024)
		buf_text(&depth, "<a>");
	assert_int_equal(xml_prescan(buf_bytes(&attributes)), E_TOO_COMPLEX);
	assert_int_equal(xml_prescan(buf_bytes(&depth)), E_TOO_COMPLEX);
}

/* ---- parse ---- */

static void
parser_opinions_are_taken_seriously(void **state)
{
	static const char *const malformed[] = {
		"<a><b></a></b>",
		"<p:a></p:a>",
		"<a xmlns:p=\"u\"><p:b q:c=\"\"></p:b></a>",
		"<a b=\"1\" b=\"2\"></a>",
		"<a xmlns:p=\"u\" xmlns:q=\"u\" p:x=\"1\" q:x=\"2\"></a>",
		"<a xmlns:p=\"\"></a>",
		"<a xmlns:xml=\"u\"></a>",
		"<a xmlns:xmlns=\"u\"></a>",
		"<1a></1a>",
		"<a:b:c></a:b:c>",
		"<a b></a>",
		"<a>]]></a>",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(malformed); i++) {
		assert_int_equal(xml_prescan(text_bytes(malformed[i])), E_OK);
		enum err got = parse(text_bytes(malformed[i]));
		if (got != E_MALFORMED)
			fail_msg("row %zu: %s", i, err_word(got));
	}
}

/* Whatever somebody may call one day: after xml_init libxml2 finds nothing to open. */
static void
libxml2_opens_no_file(void **state)
{
	char file[] = "/tmp/daftar-test-XXXXXX";
	OWNED_FD(fd) = mkstemp(file);
	OWNED_BUF(b) = {0};

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "<a>secret</a>", 13), 13);
	assert_null(xmlReadFile(file, NULL, 0));
	buf_printf(&b, "<!DOCTYPE a [<!ENTITY x SYSTEM \"file://%s\">]><a>&x;</a>", file);
	OWNED(xmlDoc, d, xml_free) = xmlReadMemory((char *)b.data, (int)b.size, NULL, NULL,
		XML_PARSE_NOENT | XML_PARSE_DTDLOAD | XML_PARSE_RECOVER);
	xmlChar *text = xmlNodeGetContent(xml_root(d));
	assert_true(text == NULL || strstr((char *)text, "secret") == NULL);
	xmlFree(text);
	unlink(file);
}

/* ---- canonical form ---- */

static void
other_spellings_are_not_canonical(void **state)
{
	static const char *const canonical_ones[] = {
		"<a></a>",
		"<a b=\"1\" c=\"2\"></a>",
		"<p:a xmlns:p=\"u:u\" b=\"\"></p:a>",
		"<a xmlns=\"u:u\"><b></b></a>",
		"<a xmlns=\"u:u\"><b xmlns=\"\"></b></a>",
		"<p:a xmlns:p=\"u:u\"><p:b></p:b></p:a>",
		"<a><p:b xmlns:p=\"u:u\"></p:b><p:b xmlns:p=\"u:u\"></p:b></a>",
		"<a>&amp;&lt;&gt;\"'&#xD;\t\n</a>",
		"<a b=\"&amp;&lt;>&quot;'&#x9;&#xA;&#xD;\"></a>",
		"<a> \n </a>",
	};
	static const char *const others[] = {
		"<a/>",
		"<a ></a>",
		"<a></a >",
		"<a></a>\n",
		"\n<a></a>",
		"<a b='1'></a>",
		"<a b =\"1\"></a>",
		"<a  b=\"1\"></a>",
		"<a c=\"2\" b=\"1\"></a>",
		"<p:a b=\"\" xmlns:p=\"u:u\"></p:a>",
		"<a xmlns:p=\"u:u\"></a>",
		"<a xmlns:p=\"u:u\"><p:b></p:b></a>",
		"<p:a xmlns:p=\"u:u\"><p:b xmlns:p=\"u:u\"></p:b></p:a>",
		"<a xmlns=\"\"></a>",
		"<a xmlns=\"u:u\"><b xmlns=\"u:u\"></b></a>",
		"<a>></a>",
		"<a>&quot;</a>",
		"<a>&apos;</a>",
		"<a>&#x9;</a>",
		"<a>&#xA;</a>",
		"<a>\r</a>",
		"<a>\r\n</a>",
		"<a b=\"&gt;\"></a>",
		"<a b=\"&apos;\"></a>",
		"<a b=\"\t\"></a>",
		"<a b=\"\n\"></a>",
		"<p:a xmlns:p=\"relative\"></p:a>",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(canonical_ones); i++) {
		if (canonical(text_bytes(canonical_ones[i])) != E_OK)
			fail_msg("not canonical: %s", canonical_ones[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (canonical(text_bytes(others[i])) != E_NOT_CANONICAL)
			fail_msg("canonical: %s", others[i]);
	}
}

/* Bytes that are only the beginning of the canonical form, or go on behind it. */
static void
canonical_check_reads_to_the_end(void **state)
{
	struct bytes doc = text_bytes("<a><b></b></a>");
	OWNED(xmlDoc, d, xml_free) = NULL;

	(void)state;
	assert_int_equal(xml_parse(doc, &d), E_OK);
	assert_int_equal(xml_check_canonical(d, bytes_of(doc.data, doc.size - 1)), E_NOT_CANONICAL);
	assert_int_equal(xml_check_canonical(d, text_bytes("<a><b></b></a> ")), E_NOT_CANONICAL);
	assert_int_equal(xml_check_canonical(d, bytes_of(NULL, 0)), E_NOT_CANONICAL);
	assert_int_equal(xml_check_canonical(d, doc), E_OK);
}

/* ---- the writer ---- */

static uint32_t seed = 20261124;

static uint32_t
random_below(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static const char *
random_text(char *out)
{
	static const char *const pieces[] = {"&", "<", ">", "\"", "'", "\t", "\n", "\r", " ", "a",
		"]]>", "&amp;", "\xd8\xa7\xd9\x85", "\xe1\x8a\xa0", "\xf0\x9f\x8c\x8d",
		"\xe2\x80\xae"};
	size_t n = random_below(6);

	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		strcat(out, pieces[random_below(ARRAY_LEN(pieces))]);
	return out;
}

/* An element in a namespace, which is declared when `in_scope' (a bit each) doesn't have it. */
static void
write_random(struct buf *b, unsigned depth, unsigned in_scope)
{
	static const char *const names[] = {"t:Name", "b:Child", "c:Case"};
	static const char *const prefixes[] = {"xmlns:t", "xmlns:b", "xmlns:c"};
	static const char *const uris[] = {NS_TYPES, NS_BIRTH, NS_CASE};
	char text[64], one[64], two[64], three[64];
	size_t k = random_below(3);
	const char *prefix = (in_scope & 1u << k) != 0 ? NULL : uris[k];
	const char *values[] = {random_text(one), random_text(two), random_text(three)};

	for (size_t i = 0; i < 3; i++) {
		if (random_below(3) == 0)
			values[i] = NULL;
	}
	xml_open(b, names[k], prefixes[k], prefix, "Zone", values[0], "calendar", values[1],
		"script", values[2], NULL);
	for (size_t i = random_below(4); depth < 6 && i > 0; i--) {
		xml_put_text(b, random_text(text));
		write_random(b, depth + 1, in_scope | 1u << k);
	}
	xml_element(b, names[k], random_below(2) == 0 ? NULL : random_text(text));
	xml_close(b, names[k]);
}

static void
what_is_written_is_canonical(void **state)
{
	(void)state;
	for (int i = 0; i < 2000; i++) {
		OWNED_BUF(b) = {0};
		OWNED_BUF(again) = {0};
		OWNED(xmlDoc, d, xml_free) = NULL;

		write_random(&b, 0, 0);
		enum err e = xml_parse(buf_bytes(&b), &d);
		if (e == E_TOO_COMPLEX)
			continue;
		assert_int_equal(e, E_OK);
		assert_int_equal(xml_check_canonical(d, buf_bytes(&b)), E_OK);
		assert_int_equal(xml_canonical(d, &again), E_OK);
		assert_int_equal(again.size, b.size);
		assert_memory_equal(again.data, b.data, b.size);
	}
}

static void
nothing_is_written_for_null(void **state)
{
	OWNED_BUF(b) = {0};

	(void)state;
	xml_open(&b, "a", "b", NULL, "c", "", NULL);
	xml_element(&b, "d", NULL);
	xml_element(&b, "e", "");
	xml_close(&b, "a");
	assert_string_equal((char *)b.data, "<a c=\"\"><e></e></a>");
}

/* ---- cutting ---- */

static void
one_element_is_cut_out(void **state)
{
	struct bytes doc = text_bytes("<r><b:Extract x=\"1\"><b:Ex></b:Ex></b:Extract><o></o></r>");
	struct bytes out;

	(void)state;
	assert_true(xml_cut(doc, "b:Extract", &out));
	assert_int_equal(out.size, strlen("<b:Extract x=\"1\"><b:Ex></b:Ex></b:Extract>"));
	assert_memory_equal(out.data, doc.data + 3, out.size);
	assert_true(xml_cut(doc, "r", &out));
	assert_int_equal(out.size, doc.size);
	assert_false(xml_cut(doc, "b:E", &out));
	assert_false(xml_cut(doc, "nothing", &out));
	assert_false(xml_cut(text_bytes("<a><b></b><b></b></a>"), "b", &out));
	assert_false(xml_cut(text_bytes("<a><b><b></b></b></a>"), "b", &out));
	assert_false(xml_cut(text_bytes("<a><b>"), "b", &out));
	assert_false(xml_cut(text_bytes("<a"), "a", &out));
	assert_false(xml_cut(bytes_of(NULL, 0), "a", &out));
	/* Quoted or escaped, it is text. */
	assert_false(xml_cut(text_bytes("<a>&lt;b&gt;x&lt;/b&gt;</a>"), "b", &out));
}

/* ---- walking ---- */

static void
text_is_text_only(void **state)
{
	OWNED(struct arena, a, arena_free) = arena_new();
	OWNED(xmlDoc, d, xml_free) = NULL;

	(void)state;
	assert_int_equal(xml_parse(text_bytes("<r xmlns=\"u:r\" p=\"v\"><a>x &amp; y</a><b><c/></b>"
					      "<a xmlns=\"u:other\">z</a><a>second</a><e/></r>"),
				 &d),
		E_OK);
	xmlNode *r = xml_root(d);
	xmlNode *first = xml_child(r, "u:r", "a");
	assert_string_equal(xml_text(a, first), "x & y");
	assert_string_equal(xml_text(a, xml_next(first, "u:r", "a")), "second");
	assert_string_equal(xml_child_text(a, r, "u:other", "a"), "z");
	assert_string_equal(xml_child_text(a, r, "u:r", "e"), "");
	assert_null(xml_child_text(a, r, "u:r", "b"));
	assert_null(xml_child_text(a, r, "u:r", "none"));
	assert_string_equal(xml_attribute(a, r, "p"), "v");
	assert_null(xml_attribute(a, r, "q"));
	assert_null(xml_attribute(a, NULL, "q"));
	assert_null(xml_child(NULL, "u:r", "a"));
	assert_null(xml_next(NULL, "u:r", "a"));
	assert_null(xml_text(a, NULL));
	assert_null(xml_root(NULL));
	assert_false(xml_is(NULL, "u:r", "r"));
	assert_true(xml_is(r, "u:r", "r"));
}

/* ---- schemas ---- */

static void
put_file(const char *folder, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

#define XSD "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns:u=\"u:u\" "

static const char *const schema_names[] = {
	"envelope.xsd", "content.xsd", "birth.xsd", "case.xsd", "trust.xsd"};

/* The same small schema under every name, importing `location' for u:u. */
static void
put_schemas(const char *folder, const char *location)
{
	char text[1024];

	snprintf(text, sizeof(text),
		XSD "targetNamespace=\"urn:t\"><xs:import namespace=\"u:u\" schemaLocation=\"%s\"/>"
		    "<xs:element name=\"a\" type=\"u:small\"/></xs:schema>",
		location);
	for (size_t i = 0; i < ARRAY_LEN(schema_names); i++)
		put_file(folder, schema_names[i], text);
}

static void
remove_schemas(const char *folder)
{
	char path[256];

	for (size_t i = 0; i < ARRAY_LEN(schema_names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, schema_names[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/part.xsd", folder);
	unlink(path);
	rmdir(folder);
}

#define PART                                                                                       \
	XSD "targetNamespace=\"u:u\"><xs:simpleType name=\"small\">"                               \
	    "<xs:restriction base=\"xs:string\"><xs:maxLength value=\"3\"/></xs:restriction>"      \
	    "</xs:simpleType></xs:schema>"

static void
schemas_import_from_their_own_folder_only(void **state)
{
	char inside[] = "/tmp/daftar-test-XXXXXX", outside[] = "/tmp/daftar-test-XXXXXX";
	char where[64], path[256];
	OWNED(xmlDoc, good, xml_free) = NULL;
	OWNED(xmlDoc, bad, xml_free) = NULL;

	(void)state;
	assert_non_null(mkdtemp(inside));
	assert_non_null(mkdtemp(outside));
	assert_int_equal(xml_load_schemas(inside), E_IO);
	put_file(outside, "part.xsd", PART);
	snprintf(path, sizeof(path), "..%s/part.xsd", strrchr(outside, '/'));
	put_schemas(inside, path);
	assert_int_equal(xml_load_schemas(inside), E_SCHEMA);
	snprintf(path, sizeof(path), "%s/part.xsd", outside);
	put_schemas(inside, path);
	assert_int_equal(xml_load_schemas(inside), E_SCHEMA);
	put_schemas(inside, "http://127.0.0.1:9/part.xsd");
	assert_int_equal(xml_load_schemas(inside), E_SCHEMA);

	/* A folder below is not that folder either. */
	snprintf(path, sizeof(path), "%s/sub", inside);
	assert_int_equal(mkdir(path, 0700), 0);
	put_file(path, "part.xsd", PART);
	put_schemas(inside, "sub/part.xsd");
	assert_int_equal(xml_load_schemas(inside), E_SCHEMA);
	remove_schemas(path);

	put_schemas(inside, "part.xsd");
	put_file(inside, "part.xsd", PART);
	assert_int_equal(xml_load_schemas(inside), E_OK);
	assert_int_equal(xml_parse(text_bytes("<t:a xmlns:t=\"urn:t\">abc</t:a>"), &good), E_OK);
	assert_int_equal(xml_validate(good, SCHEMA_BIRTH, where, sizeof(where)), E_OK);
	assert_string_equal(where, "");
	assert_int_equal(xml_parse(text_bytes("\n<t:a xmlns:t=\"urn:t\">Amina</t:a>"), &bad), E_OK);
	assert_int_equal(xml_validate(bad, SCHEMA_BIRTH, where, sizeof(where)), E_SCHEMA);
	assert_string_equal(where, "line 2, element t:a");
	assert_int_equal(xml_validate(bad, SCHEMA_BIRTH, NULL, 0), E_SCHEMA);
	remove_schemas(inside);
	remove_schemas(outside);
}

static void
our_schemas_load(void **state)
{
	const char *set = getenv("DAFTAR_SCHEMAS");
	OWNED(char, beside, free_chars) = xprintf("%s/../schemas", tests_folder());
	OWNED(xmlDoc, d, xml_free) = NULL;
	char where[64];

	(void)state;
	assert_int_equal(xml_load_schemas(set != NULL ? set : beside), E_OK);
	assert_int_equal(xml_parse(text_bytes("<t:a xmlns:t=\"urn:t\">abc</t:a>"), &d), E_OK);
	for (enum xml_schema s = 0; s < SCHEMA_N; s++) {
		assert_int_equal(xml_validate(d, s, where, sizeof(where)), E_SCHEMA);
		assert_string_equal(where, "line 1, element t:a");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_bytes_get_their_code),
		cmocka_unit_test(bounds_are_exact),
		cmocka_unit_test(namespaces_are_counted_in_scope),
		cmocka_unit_test(crowds_are_refused_at_once),
		cmocka_unit_test(parser_opinions_are_taken_seriously),
		cmocka_unit_test(libxml2_opens_no_file),
		cmocka_unit_test(other_spellings_are_not_canonical),
		cmocka_unit_test(canonical_check_reads_to_the_end),
		cmocka_unit_test(what_is_written_is_canonical),
		cmocka_unit_test(nothing_is_written_for_null),
		cmocka_unit_test(one_element_is_cut_out),
		cmocka_unit_test(text_is_text_only),
		cmocka_unit_test(schemas_import_from_their_own_folder_only),
		cmocka_unit_test(our_schemas_load),
	};

	xml_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
