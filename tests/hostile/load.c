/* SPDX-License-Identifier: EUPL-1.2
 *
 * Bodies of messages as large as the limits let them be, each of one kind of expense; some at
 * random; and some that go beyond each of the limits. */
#include "tests/hostile/cost.h"

#define ATTRIBUTES 7900
#define ROOM (XML_MESSAGE_MAX - 6000) /* for the header and the signature */

void
repeat(struct buf *out, const char *piece, size_t times)
{
	for (size_t i = 0; i < times; i++)
		buf_text(out, piece);
}

/* As many as the tags and the size allow. */
static void
repeat_elements(struct buf *out, const char *piece, size_t most, size_t tags)
{
	size_t n = most / tags, room = ROOM - out->size;

	if (n > room / strlen(piece))
		n = room / strlen(piece);
	repeat(out, piece, n);
}

static void
many_elements(struct buf *out)
{
	repeat_elements(out, "<e:a></e:a>", 3900, 2);
}

static void
many_different_elements(struct buf *out)
{
	for (int i = 0; i < 1950; i++)
		buf_printf(out, "<e:%s%04x></e:%s%04x>",
			"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", (unsigned)i,
			"nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn", (unsigned)i);
}

static void
many_attributes(struct buf *out)
{
	repeat_elements(out,
		"<e:a a=\"\" b=\"\" c=\"\" d=\"\" e=\"\" f=\"\" g=\"\" h=\"\" i=\"\" j=\"\" k=\"\" "
		"l=\"\" m=\"\" n=\"\" o=\"\" p=\"\"></e:a>",
		ATTRIBUTES / 8, 2);
}

static void
many_attributes_with_values(struct buf *out)
{
	repeat_elements(out,
		"<e:a a=\"1\" b=\"1\" c=\"1\" d=\"1\" e=\"1\" f=\"1\" g=\"1\" h=\"1\" i=\"1\" "
		"j=\"1\" k=\"1\" l=\"1\" m=\"1\" n=\"1\" o=\"1\" p=\"1\"></e:a>",
		ATTRIBUTES / 8, 2);
}

static void
many_different_attributes(struct buf *out)
{
	for (int i = 0; i < ATTRIBUTES / 15; i++) {
		buf_text(out, "<e:a");
		for (int j = 0; j < 15; j++)
			buf_printf(out, " a%04x%x=\"\"", (unsigned)i, (unsigned)j);
		buf_text(out, "></e:a>");
	}
}

static void
many_namespaces(struct buf *out)
{
	OWNED_BUF(open) = {0};

	for (int i = 10; i < 25; i++)
		buf_printf(&open, " xmlns:n%d=\"u:%d\"", i, i);
	for (int i = 0; i < ATTRIBUTES / 15; i++)
		buf_printf(out, "<n10:a%s></n10:a>", (char *)open.data); /* not canonical */
}

/* Four outer elements declare 28 namespaces, each of the others has attributes in 16 of them. */
static void
namespaced_attributes(struct buf *out)
{
	for (int level = 0; level < 4; level++) {
		buf_printf(out, "<n%d:w", 10 + level * 7);
		for (int i = 10 + level * 7; i < 17 + level * 7; i++)
			buf_printf(out, " xmlns:n%d=\"u:%d\"", i, i);
		for (int i = 11 + level * 7; i < 17 + level * 7; i++)
			buf_printf(out, " n%d:a=\"\"", i);
		buf_text(out, ">");
	}
	for (int turn = 0; turn < (ATTRIBUTES - 64) / 16; turn++) {
		buf_text(out, "<n10:a");
		for (int i = 0; i < 16; i++)
			buf_printf(out, " n%d:a=\"\"", 10 + turn % 12 + i);
		buf_text(out, "></n10:a>");
	}
	for (int level = 3; level >= 0; level--)
		buf_printf(out, "</n%d:w>", 10 + level * 7);
}

static void
namespaces_declared_each_time(struct buf *out)
{
	for (int turn = 0; turn < ATTRIBUTES / 14; turn++) {
		buf_text(out, "<n10:a");
		for (int i = 10; i < 17; i++)
			buf_printf(out, " xmlns:n%d=\"u:%d\"", i, i);
		for (int i = 10; i < 17; i++)
			buf_printf(out, " n%d:a=\"\"", i);
		buf_text(out, "></n10:a>");
	}
}

static void
deep(struct buf *out)
{
	for (int i = 0; i < 66; i++) {
		repeat(out, "<e:d>", 29);
		repeat(out, "</e:d>", 29);
	}
}

static void
deep_with_text(struct buf *out)
{
	for (int i = 0; i < 66; i++) {
		repeat(out, "<e:d>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&amp;", 29);
		repeat(out, "a&lt;a</e:d>", 29);
	}
}

static void
long_text(struct buf *out)
{
	repeat(out, "a", ROOM - out->size - 10);
}

static void
references(struct buf *out)
{
	repeat(out, "&amp;", (ROOM - out->size - 10) / 5);
}

static void
line_ends(struct buf *out)
{
	repeat(out, "&#xD;\n", (ROOM - out->size - 10) / 6);
}

static void
long_attributes(struct buf *out)
{
	while (out->size < ROOM - 8300) {
		buf_text(out, "<e:a a=\"");
		repeat(out, "&lt;", 2000);
		buf_text(out, "\"></e:a>");
	}
}

static void
long_names(struct buf *out)
{
	while (out->size < ROOM - 16400) {
		OWNED_BUF(name) = {0};

		buf_printf(&name, "e:n%zu", out->size);
		repeat(&name, "n", 8000);
		buf_printf(out, "<%s></%s>", (char *)name.data, (char *)name.data);
	}
}

static void
ids(struct buf *out)
{
	for (int i = 0; i < 1900; i++)
		buf_printf(out, "<e:a xml:id=\"i%d\"></e:a>", i);
}

static void
cipher(struct buf *out, const char *text)
{
	buf_text(out, "<xenc:EncryptedData xmlns:xenc=\"" NS_XENC
		      "\" Type=\"http://www.w3.org/2001/04/xmlenc#Element\">"
		      "<xenc:EncryptionMethod "
		      "Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\">"
		      "</xenc:EncryptionMethod><ds:KeyInfo xmlns:ds=\"" NS_DSIG
		      "\"><xenc:EncryptedKey><xenc:CipherData><xenc:CipherValue>");
	repeat(out, text, (ROOM - out->size - 300) / strlen(text));
	buf_text(out, "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>"
		      "<xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue>"
		      "</xenc:CipherData></xenc:EncryptedData>");
}

static void
cipher_good(struct buf *out)
{
	cipher(out, "AAAA");
}

static void
cipher_bad_at_the_end(struct buf *out)
{
	cipher(out, "AAAA");
	memcpy(out->data + out->size / 2, "*", 1);
}

void
statement(struct buf *out)
{
	buf_text(out, "<e:ReconciliationStatement>");
	repeat_elements(out,
		"<e:Difference id=\"019a0b7c-5c00-7001-8b02-012345678901\" "
		"word=\"BROKER-LOST\"></e:Difference>",
		3900, 2);
	buf_text(out, "</e:ReconciliationStatement>");
}

static void
statement_of_numbers(struct buf *out)
{
	buf_text(out, "<e:ReconciliationStatement>"
		      "<e:Period from=\"2026-11-01T00:00:00.000Z\" "
		      "to=\"2026-11-02T00:00:00.000Z\"></e:Period>"
		      "<e:Channel from=\"KE.CRS\" to=\"SO.NIRA\"></e:Channel><e:Count>");
	repeat(out, "1", ROOM - out->size - 300);
	buf_text(out, "</e:Count></e:ReconciliationStatement>");
}

static void
party_info(struct buf *out)
{
	buf_text(out, "<xenc:EncryptedData xmlns:xenc=\"" NS_XENC "\">");
	while (out->size < ROOM - 8400) {
		buf_text(out,
			"<xenc11:ConcatKDFParams xmlns:xenc11=\"" NS_XENC11 "\" AlgorithmID=\"");
		repeat(out, "A", 8000);
		buf_text(out, "\"></xenc11:ConcatKDFParams>");
	}
	buf_text(out, "</xenc:EncryptedData>");
}

const struct candidate candidates[] = {
	{"elements", many_elements},
	{"elements of different names", many_different_elements},
	{"empty attributes", many_attributes},
	{"attributes with values", many_attributes_with_values},
	{"attributes of different names", many_different_attributes},
	{"namespaces declared", many_namespaces},
	{"attributes in many namespaces", namespaced_attributes},
	{"namespaces declared and used each time", namespaces_declared_each_time},
	{"depth", deep},
	{"depth with texts", deep_with_text},
	{"one long text", long_text},
	{"references", references},
	{"line ends", line_ends},
	{"long attributes", long_attributes},
	{"long names", long_names},
	{"ids", ids},
	{"base64", cipher_good},
	{"base64 with one wrong sign", cipher_bad_at_the_end},
	{"a statement of thousands", statement},
	{"a number of many digits", statement_of_numbers},
	{"hexadecimal attributes", party_info},
};
const size_t candidates_n = ARRAY_LEN(candidates);

/* ---- at random ---- */

uint64_t random_state;

static unsigned
below(unsigned n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (unsigned)(random_state % n);
}

static void
random_text(struct buf *out, unsigned most)
{
	static const char *const texts[] = {"a", "&amp;", "&#xD;", "\n", "0123456789",
		"AAAA=", "\xe2\x80\x8f", "\xf0\x9f\x92\xa9"};
	const char *text = texts[below(ARRAY_LEN(texts))];

	repeat(out, text, below(most));
}

/* One mixture for the whole document, drawn first. */
void
random_body(struct buf *out)
{
	unsigned attributes = below(15), name = 1 + below(40), depth = 1 + below(28);
	unsigned text = 1 + below(200), value = 1 + below(30), tags = 0;
	bool same = below(2) == 0;

	while (out->size < ROOM - 20000 && tags < 3800 - 2 * depth &&
		tags / 2 * attributes < ATTRIBUTES - 28 * 15) {
		for (unsigned d = 0; d < depth; d++, tags += 2) {
			buf_printf(out, "<e:%0*u", (int)name + 1, 0);
			out->data[out->size - name - 1] = 'n';
			for (unsigned i = 0; i < attributes; i++) {
				buf_printf(out, " a%c%u=\"", 'a' + (int)i, same ? 0 : tags);
				repeat(out, "v", below(value));
				buf_text(out, "\"");
			}
			buf_text(out, ">");
			random_text(out, text);
		}
		for (unsigned d = 0; d < depth; d++) {
			buf_printf(out, "</e:%0*u>", (int)name + 1, 0);
			out->data[out->size - name - 2] = 'n';
		}
	}
}

/* ---- over the limits ---- */

static void
over_attributes(struct buf *out)
{
	buf_text(out, "<e:a");
	for (int i = 0; out->size < ROOM - 100; i++)
		buf_printf(out, " a%d=\"\"", i);
	buf_text(out, "></e:a>");
}

static void
over_attributes_by_one(struct buf *out)
{
	repeat(out,
		"<e:a a=\"\" b=\"\" c=\"\" d=\"\" e=\"\" f=\"\" g=\"\" h=\"\" i=\"\" j=\"\" k=\"\" "
		"l=\"\" m=\"\" n=\"\" o=\"\" p=\"\" q=\"\"></e:a>",
		1900);
}

static void
over_all_attributes(struct buf *out)
{
	repeat(out, "<e:a a=\"\" b=\"\" c=\"\" d=\"\" e=\"\"></e:a>", 1601);
}

static void
over_depth(struct buf *out)
{
	repeat(out, "<e:d>", 20000);
	repeat(out, "</e:d>", 20000);
}

static void
over_depth_by_one(struct buf *out)
{
	repeat(out, "<e:d>", 31);
	repeat(out, "</e:d>", 31);
}

static void
over_tags(struct buf *out)
{
	repeat(out, "<e:a></e:a>", 20000);
}

static void
over_namespaces(struct buf *out)
{
	for (int i = 10; i < 43; i++)
		buf_printf(out, "<n%d:a xmlns:n%d=\"u:%d\">", i, i, i);
	for (int i = 42; i >= 10; i--)
		buf_printf(out, "</n%d:a>", i);
}

static void
over_tag_size(struct buf *out)
{
	buf_text(out, "<e:a a=\"");
	repeat(out, "a", 8192);
	buf_text(out, "\"></e:a>");
}

static void
over_name_size(struct buf *out)
{
	buf_text(out, "<e:");
	repeat(out, "n", 120000);
	buf_text(out, "></e:");
	repeat(out, "n", 120000);
	buf_text(out, ">");
}

static void
over_size(struct buf *out)
{
	repeat(out, "a", XML_MESSAGE_MAX);
}

const struct candidate over[] = {
	{"attributes", over_attributes},
	{"one attribute", over_attributes_by_one},
	{"all attributes", over_all_attributes},
	{"depth", over_depth},
	{"one level", over_depth_by_one},
	{"tags", over_tags},
	{"namespaces", over_namespaces},
	{"a tag", over_tag_size},
	{"a name", over_name_size},
	{"all", over_size},
};
const size_t over_n = ARRAY_LEN(over);
