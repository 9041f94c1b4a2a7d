/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is no XML, or XML that no message may be: every piece of markup put in, taken out and
 * doubled at every place where markup stands in a good message, every sort of declaration, entity,
 * encoding, character and name that the recommendations forbid or allow and we do not. */
#include "tests/hostile/hostile.h"

#include <ctype.h>
#include <iconv.h>

#define BYTES "MALFORMED FORBIDDEN-MARKUP NOT-UTF8 NOT-CANONICAL TOO-COMPLEX"
#define ANY BYTES " SCHEMA SIGNATURE SIGNATURE-SHAPE UNSIGNED ALGORITHM UNKNOWN-CERT WRONG-REALM"

static void
judge_text(struct tally *t, const struct sample *s, const char *name, const char *fit,
	const struct buf *doc)
{
	const struct family f = {name, fit, NULL};

	judge(t, s, &f, buf_bytes(doc), ONE_MODE);
}

/* `piece' between the octets before and behind `at'; `skip' octets there are left out. */
static void
put_at(struct buf *out, struct bytes doc, size_t at, size_t skip, const void *piece, size_t size)
{
	buf_add(out, doc.data, at);
	buf_add(out, piece, size);
	buf_add(out, doc.data + at + skip, doc.size - at - skip);
}

/* ---- markup put in ---- */

static const char *const pieces[] = {"<", ">", "&", "'", "=", "/", "<!", "<?", "</", "/>", "]]>",
	"<![CDATA[", "<![CDATA[x]]>", "<!--", "-->", "<!-- -->", "<!--->", "<?x?>", "<?xml?>", "?>",
	"<a>", "</a>", "<a/>", "<:a></:a>", "<a:></a:>", "<1a></1a>", "<-a></-a>", "< a></ a>",
	"<a b></a>", "<a b=c></a>", "<a b='1' b='1'></a>", "<p:a></p:a>", "<a p:b=''></a>", "&x;",
	"&amp", "&;", "& amp;", "&#0;", "&#1;", "&#xD800;", "&#xFFFE;", "&#x110000;", "&#x202e;",
	"&#65;", "&#;", "&#x;", "%x;", "\x01", "\x1b", "\xff", "\xc0\x80", "\xed\xa0\x80",
	"\xef\xbf\xbe", "\xef\xbf\xbf", "\xef\xbb\xbf", "\xe2\x80", "<\xc3\x97></\xc3\x97>"};

static bool
is_markup(uint8_t c)
{
	return c == '<' || c == '>' || c == '"' || c == '=';
}

static void
put_in(struct tally *t, const struct sample *s, size_t step)
{
	struct bytes m = buf_bytes(&s->message);
	size_t place = 0;

	for (size_t at = 0; at <= m.size; at++) {
		bool here = at == m.size || is_markup(m.data[at]) ||
			    (at > 0 && is_markup(m.data[at - 1]));

		if (!here || place++ % step != 0)
			continue;
		for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
			OWNED_BUF(doc) = {0};

			put_at(&doc, m, at, 0, pieces[i], strlen(pieces[i]));
			judge_text(t, s, pieces[i], ANY, &doc);
		}
	}
}

/* ---- markup taken out and doubled ---- */

static void
take_out_and_double(struct tally *t, const struct sample *s)
{
	struct bytes m = buf_bytes(&s->message);

	for (size_t at = 0; at < m.size; at++) {
		OWNED_BUF(without) = {0};
		OWNED_BUF(doubled) = {0};

		if (strchr("<>/\"=: ", m.data[at]) == NULL)
			continue;
		put_at(&without, m, at, 1, "", 0);
		judge_text(t, s, "markup taken out", ANY, &without);
		if (m.data[at] == ' ')
			continue; /* a spelling, see edits.c */
		put_at(&doubled, m, at, 0, m.data + at, 1);
		judge_text(t, s, "markup doubled", ANY, &doubled);
	}
}

/* The tag that begins at `at'. */
static size_t
tag_size(struct bytes m, size_t at)
{
	const uint8_t *end = memchr(m.data + at, '>', m.size - at);

	assert_non_null(end);
	return (size_t)(end + 1 - (m.data + at));
}

static void
mistreat_tags(struct tally *t, const struct sample *s)
{
	struct bytes m = buf_bytes(&s->message);

	for (size_t at = 0; at < m.size; at++) {
		OWNED_BUF(without) = {0};
		OWNED_BUF(twice) = {0};
		OWNED_BUF(other) = {0};
		size_t n;

		if (m.data[at] != '<')
			continue;
		n = tag_size(m, at);
		put_at(&without, m, at, n, "", 0);
		judge_text(t, s, "tag taken out", "MALFORMED", &without);
		put_at(&twice, m, at, 0, m.data + at, n);
		judge_text(t, s, "tag doubled", "MALFORMED TOO-COMPLEX", &twice);
		put_at(&other, m, at + n - 1, 0, "z", 1);
		judge_text(t, s, "tag of another name", "MALFORMED", &other);
		OWNED_BUF(large) = {0};
		put_at(&large, m, at + (m.data[at + 1] == '/' ? 2 : 1), 1, "E", 1);
		judge_text(t, s, "tag in large letters", "MALFORMED", &large);
	}
}

/* ---- inside of every start tag ---- */

static const struct {
	const char *text, *fit;
} in_tags[] = {
	{" z:a=\"\"", "MALFORMED"},
	{" a=\"1\" a=\"1\"", "MALFORMED"},
	{" a=\"1\" a=\"2\"", "MALFORMED"},
	{" xmlns:y=\"urn:y\" xmlns:z=\"urn:y\" y:a=\"\" z:a=\"\"", "MALFORMED"},
	{" xmlns:y=\"urn:y\" xmlns:y=\"urn:y\"", "MALFORMED"},
	{" xmlns:z=\"\"", "MALFORMED"},
	{" xmlns:xml=\"urn:y\"", "MALFORMED"},
	{" xmlns:y=\"http://www.w3.org/XML/1998/namespace\"", "MALFORMED"},
	{" xmlns=\"http://www.w3.org/XML/1998/namespace\"", "MALFORMED"},
	{" xmlns:xmlns=\"http://www.w3.org/2000/xmlns/\"", "MALFORMED"},
	{" xmlns:y=\"http://www.w3.org/2000/xmlns/\"", "MALFORMED"},
	{" xmlns=\"http://www.w3.org/2000/xmlns/\"", "MALFORMED"},
	{" y:z:a=\"\"", "MALFORMED"},
	{" :a=\"\"", "MALFORMED"},
	{" 1a=\"\"", "MALFORMED"},
	{" -a=\"\"", "MALFORMED"},
	{" a", "MALFORMED"},
	{" a=", "MALFORMED"},
	{" a=1", "MALFORMED"},
	{" a=\"<\"", "MALFORMED"},
	{" a=\"&\"", "FORBIDDEN-MARKUP"},
	{" a=\"&x;\"", "FORBIDDEN-MARKUP"},
	{" a=\"&#x41;\"", "FORBIDDEN-MARKUP"},
	{" a=\"<!-- -->\"", "FORBIDDEN-MARKUP"},
	{" a=\"1\"b=\"2\"", "MALFORMED"},
	{" \"a\"=\"1\"", "MALFORMED"},
	{" a=\"\x01\"", "MALFORMED"},
	{" a\x01=\"\"", "MALFORMED"},
	{" a=\"\xff\"", "NOT-UTF8"},
	{" \xc3\x97=\"\"", "MALFORMED"},
	{" xmlns:y=\"y\" y:a=\"\"", "NOT-CANONICAL"},
	{" xmlns:y=\"../y\" y:a=\"\"", "NOT-CANONICAL"},
	{" xml:id=\"1\"", BYTES " SCHEMA SIGNATURE-SHAPE"},
	{" xml:space=\"none\"", BYTES " SCHEMA SIGNATURE-SHAPE"},
	{" /", "MALFORMED"},
	{" ?", "MALFORMED"},
	{" !", "MALFORMED"},
};

static void
inside_of_tags(struct tally *t, const struct sample *s)
{
	struct bytes m = buf_bytes(&s->message);

	for (size_t at = 0; at + 1 < m.size; at++) {
		size_t end;

		if (m.data[at] != '<' || m.data[at + 1] == '/')
			continue;
		end = at + tag_size(m, at) - 1;
		for (size_t i = 0; i < ARRAY_LEN(in_tags); i++) {
			OWNED_BUF(doc) = {0};

			put_at(&doc, m, end, 0, in_tags[i].text, strlen(in_tags[i].text));
			judge_text(t, s, in_tags[i].text, in_tags[i].fit, &doc);
		}
	}
}

/* ---- before and behind the root ---- */

#define ENTITY(name, value) "<!ENTITY " name " \"" value "\">"
#define TEN(x) x x x x x x x x x x

static const char *const before_root[] = {
	"<?xml version=\"1.0\"?>",
	"<?xml version=\"1.1\"?>",
	"<?xml version=\"1.9\"?>",
	"<?xml version=\"2.0\"?>",
	"<?xml version='1.0' standalone='yes'?>",
	"<?xml encoding=\"UTF-8\"?>",
	"<?XML version=\"1.0\"?>",
	"<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
	"<?xml version=\"1.0\" encoding=\"UTF-7\"?>",
	"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>",
	"<?xml version=\"1.0\" encoding=\"IBM037\"?>",
	"<?xml version=\"1.0\" encoding=\"UCS-4\"?>",
	"<?xml version=\"1.0\" encoding=\"no-such\"?>",
	"<?xml-stylesheet href=\"file:///etc/hostname\"?>",
	"<!-- -->",
	"<!-- -- -->",
	"<!DOCTYPE e:Message>",
	"<!DOCTYPE e:Message []>",
	"<!DOCTYPE e:Message SYSTEM \"file:///etc/hostname\">",
	"<!DOCTYPE e:Message SYSTEM \"http://127.0.0.1:9/\">",
	"<!DOCTYPE e:Message PUBLIC \"-//W3C//DTD XHTML 1.0//EN\" \"http://127.0.0.1:9/\">",
	"<!DOCTYPE e:Message [<!ATTLIST e:Message realm CDATA \"prod\">]>",
	"<!DOCTYPE e:Message [<!ATTLIST e:Body Id ID #FIXED \"b\">]>",
	"<!DOCTYPE e:Message [<!ATTLIST e:Body xmlns:e CDATA \"urn:x\">]>",
	"<!DOCTYPE e:Message [<!ELEMENT e:Message ANY>]>",
	"<!DOCTYPE e:Message [<!ELEMENT e:Message (e:Body)>]>",
	"<!DOCTYPE e:Message [<!NOTATION n SYSTEM \"file:///bin/sh\">]>",
	"<!DOCTYPE e:Message [" ENTITY("a", "x") "]>",
	"<!DOCTYPE e:Message [" ENTITY("lt", "&#38;#60;") "]>",
	"<!DOCTYPE e:Message [<!ENTITY a SYSTEM \"file:///etc/hostname\">]>",
	"<!DOCTYPE e:Message [<!ENTITY a SYSTEM \"http://127.0.0.1:9/\">]>",
	"<!DOCTYPE e:Message [<!ENTITY a SYSTEM \"x\" NDATA n>]>",
	"<!DOCTYPE e:Message [<!ENTITY % p SYSTEM \"http://127.0.0.1:9/\"> %p;]>",
	"<!DOCTYPE e:Message [<!ENTITY % p \"<!ENTITY a 'x'>\"> %p;]>",
	"<!DOCTYPE e:Message [<![INCLUDE[" ENTITY("a", "x") "]]>]>",
	"<!DOCTYPE e:Message [" ENTITY("a", "&a;") "]>",
	"<!DOCTYPE e:Message [" ENTITY("a", "&b;") ENTITY("b", "&a;") "]>",
	"<!DOCTYPE e:Message [" ENTITY("a", "xxxxxxxxxx") ENTITY("b", TEN("&a;"))
		ENTITY("c", TEN("&b;")) ENTITY("d", TEN("&c;")) ENTITY("e", TEN("&d;")) "]>",
	"<!DOCTYPE e:Message [<!--]>",
	"<!DOCTYPE e:Message [<?x?>]>",
	"<!DOCTYPE e:Message [",
	"<!DOCTYPE",
	"<!doctype e:Message>",
	"<![CDATA[x]]>",
	"<!>",
	"<?>",
	"<?x",
};

static const struct {
	const char *text, *fit;
	size_t size;
} around[] = {
	{"x", "MALFORMED", 1},
	{"<a></a>", "MALFORMED", 7},
	{"<a/>", "MALFORMED", 4},
	{"</a>", "MALFORMED", 4},
	{"&amp;", "MALFORMED", 5},
	{"&#xA;", "MALFORMED", 5},
	{"]]>", "MALFORMED", 3},
	{"\xef\xbb\xbf", "NOT-UTF8 MALFORMED", 3},
	{"\xfe\xff", "NOT-UTF8", 2},
	{"\xff\xfe", "NOT-UTF8", 2},
	{"\0", "NOT-UTF8", 1},
	{"\0<a></a>", "NOT-UTF8", 8},
	{"\x1a", "MALFORMED", 1},
	{"\xc2\xa0", "MALFORMED", 2},
	{"\xe2\x80\xa8", "MALFORMED", 3},
	{"\x0c", "MALFORMED", 1},
};

static void
around_the_root(struct tally *t, const struct sample *s)
{
	struct bytes m = buf_bytes(&s->message);

	for (size_t i = 0; i < ARRAY_LEN(before_root); i++) {
		OWNED_BUF(doc) = {0};
		OWNED_BUF(with) = {0};
		OWNED_BUF(behind) = {0};

		put_at(&doc, m, 0, 0, before_root[i], strlen(before_root[i]));
		judge_text(t, s, before_root[i], "FORBIDDEN-MARKUP", &doc);
		(void)replaced(&with, buf_bytes(&doc), "<e:To>", "<e:To>&a;");
		judge_text(t, s, before_root[i], "FORBIDDEN-MARKUP", &with);
		put_at(&behind, m, m.size, 0, before_root[i], strlen(before_root[i]));
		judge_text(t, s, before_root[i], "FORBIDDEN-MARKUP", &behind);
	}
	for (size_t i = 0; i < ARRAY_LEN(around); i++) {
		OWNED_BUF(before) = {0};
		OWNED_BUF(behind) = {0};

		put_at(&before, m, 0, 0, around[i].text, around[i].size);
		judge_text(t, s, "before the root", around[i].fit, &before);
		put_at(&behind, m, m.size, 0, around[i].text, around[i].size);
		judge_text(t, s, "behind the root", around[i].fit, &behind);
	}
}

/* ---- characters ---- */

static const char *const not_utf8[] = {"\x80", "\xbf", "\xc0\x80", "\xc0\xaf", "\xc1\xbf", "\xc3",
	"\xc3\x28", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xe2\x28\xa1", "\xed\xa0\x80",
	"\xed\xbf\xbf", "\xed\xa0\x80\xed\xb0\x80", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
	"\xf0\x9f\x92", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",
	"\xfc\x84\x80\x80\x80\x80", "\xfe", "\xff"};

static const char *const places[] = {"<e:To>", "<e:Header>", " realm=\"", "<e:To", "</e:To",
	"<ds:SignatureValue>", "<e:Message", "</e:Message>"};

static void
characters(struct tally *t, const struct sample *s)
{
	struct bytes m = buf_bytes(&s->message);

	for (size_t p = 0; p < ARRAY_LEN(places); p++) {
		const uint8_t *hit = memmem(m.data, m.size, places[p], strlen(places[p]));
		size_t at = (size_t)(hit - m.data) + strlen(places[p]);

		assert_non_null(hit);
		for (size_t i = 0; i < ARRAY_LEN(not_utf8); i++) {
			OWNED_BUF(doc) = {0};

			put_at(&doc, m, at, 0, not_utf8[i], strlen(not_utf8[i]));
			judge_text(t, s, "no UTF-8", "NOT-UTF8", &doc);
		}
		for (uint8_t c = 0; c < 0x20; c++) {
			OWNED_BUF(doc) = {0};

			put_at(&doc, m, at, 0, &c, 1);
			if (!isspace(c) || c == '\v' || c == '\f')
				judge_text(t, s, "control character",
					c == 0 ? "NOT-UTF8" : "MALFORMED", &doc);
		}
	}
}

/* ---- encodings ---- */

static void
encodings(struct tally *t, const struct sample *s)
{
	static const char *const names[] = {"UTF-16LE", "UTF-16BE", "UTF-16", "UTF-32LE",
		"UTF-32BE", "UTF-32", "UCS-2", "IBM037", "IBM1047", "UTF-7"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		iconv_t c = iconv_open(names[i], "UTF-8");
		char *in = (char *)s->message.data, *out;
		size_t in_left = s->message.size, room = s->message.size * 5 + 16, left = room;
		OWNED(char, wide, free_chars) = xmalloc(room);
		OWNED_BUF(doc) = {0};

		if (c == (iconv_t)-1) {
			printf("# no encoding %s here\n", names[i]);
			continue;
		}
		out = wide;
		if (iconv(c, &in, &in_left, &out, &left) == (size_t)-1)
			die("%s", names[i]);
		iconv_close(c);
		buf_add(&doc, wide, room - left);
		judge_text(t, s, names[i], "NOT-UTF8 MALFORMED FORBIDDEN-MARKUP TOO-LARGE", &doc);
	}
}

bool
part_malformed(struct world *w, bool thorough)
{
	struct tally t = {.world = w};

	for (enum action a = 0; a < ACTION_N; a++) {
		const struct sample *s = &w->sample[a];

		around_the_root(&t, s);
		encodings(&t, s);
		characters(&t, s);
		mistreat_tags(&t, s);
		if (!thorough && a != A_RECEIPT && a != A_QUERY)
			continue;
		take_out_and_double(&t, s);
		inside_of_tags(&t, s);
		put_in(&t, s, thorough ? 1 : 4);
	}
	return report(&t, "malformed or forbidden XML", 1500);
}
