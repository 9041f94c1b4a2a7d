/* SPDX-License-Identifier: EUPL-1.2
 * The families of signatures that must be refused, by each of the two votes alone. They are signed
 * well; only their form is wrong. */
#include <stdio.h>

#include "tests/unit/test_forge.h"

static struct identity *p256, *rsa, *small_rsa, *ed25519;

/* ---- forms that must be refused ---- */

#define SHAPE E_SIGNATURE_SHAPE
#define URI_C14N "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define XPATH "http://www.w3.org/TR/1999/REC-xpath-19991116"
#define XSLT "http://www.w3.org/TR/1999/REC-xslt-19991116"
#define BASE64 "http://www.w3.org/2000/09/xmldsig#base64"
#define MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define SECOND(uri)                                                                                \
	"<ds:Reference URI=\"" uri "\"><ds:Transforms>" BOTH_TRANSFORMS                            \
	"</ds:Transforms><ds:DigestMethod Algorithm=\"" ALG_SHA256 "\"></ds:DigestMethod>"         \
	"<ds:DigestValue>%D</ds:DigestValue></ds:Reference>"
#define CERT "<ds:X509Data><ds:X509Certificate>%C</ds:X509Certificate></ds:X509Data>"
#define KEY_VALUE                                                                                  \
	"<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>AQAB</ds:Modulus><ds:Exponent>AQAB"              \
	"</ds:Exponent></ds:RSAKeyValue></ds:KeyValue>"

struct family {
	const char *name;
	struct forgery f;
	enum err code;
};

static const struct family families[] = {
	/* transforms */
	{"no transform", {.transforms = ""}, SHAPE},
	{"enveloped only", {.transforms = TRANSFORM(ALG_ENVELOPED)}, SHAPE},
	{"c14n only", {.transforms = TRANSFORM(ALG_EXC_C14N)}, SHAPE},
	{"order", {.transforms = TRANSFORM(ALG_EXC_C14N) TRANSFORM(ALG_ENVELOPED)}, SHAPE},
	{"three", {.transforms = BOTH_TRANSFORMS TRANSFORM(ALG_EXC_C14N)}, SHAPE},
	{"enveloped twice", {.transforms = TRANSFORM(ALG_ENVELOPED) TRANSFORM(ALG_ENVELOPED)},
		SHAPE},
	{"inclusive c14n", {.transforms = TRANSFORM(ALG_ENVELOPED) TRANSFORM(URI_C14N)}, SHAPE},
	{"with comments",
		{.transforms = TRANSFORM(ALG_ENVELOPED) TRANSFORM(ALG_EXC_C14N "WithComments")},
		SHAPE},
	{"xpath signs nothing",
		{.transforms = "<ds:Transform Algorithm=\"" XPATH
			       "\"><ds:XPath>false()</ds:XPath></ds:Transform>"},
		SHAPE},
	{"xpath between",
		{.transforms = TRANSFORM(ALG_ENVELOPED) "<ds:Transform Algorithm=\"" XPATH
							"\"><ds:XPath>1</ds:XPath></ds:Transform>"},
		SHAPE},
	{"xslt", {.transforms = TRANSFORM(XSLT)}, SHAPE},
	{"base64", {.transforms = TRANSFORM(BASE64)}, SHAPE},
	{"inclusive namespaces",
		{.transforms = TRANSFORM(
			 ALG_ENVELOPED) "<ds:Transform Algorithm=\"" ALG_EXC_C14N
					"\"><ec:InclusiveNamespaces xmlns:ec=\"" ALG_EXC_C14N
					"\" PrefixList=\"e\">"
					"</ec:InclusiveNamespaces></ds:Transform>"},
		SHAPE},
	{"unknown transform", {.transforms = TRANSFORM("urn:x")}, SHAPE},
	/* references */
	{"two references", {.more = SECOND("")}, SHAPE},
	{"two references, one to an id", {.more = SECOND("#x")}, SHAPE},
	{"external uri", {.reference_attributes = " URI=\"http://127.0.0.1:9/x\""}, SHAPE},
	{"file uri", {.reference_attributes = " URI=\"file:///etc/hostname\""}, SHAPE},
	{"relative uri", {.reference_attributes = " URI=\"x.xml\""}, SHAPE},
	{"id", {.reference_attributes = " URI=\"#x\""}, SHAPE},
	{"xpointer root", {.reference_attributes = " URI=\"#xpointer(/)\""}, SHAPE},
	{"xpointer id", {.reference_attributes = " URI=\"#xpointer(id('x'))\""}, SHAPE},
	{"xpointer injection", {.reference_attributes = " URI=\"#x')|id('y\""}, SHAPE},
	{"no uri", {.reference_attributes = ""}, SHAPE},
	{"reference id", {.reference_attributes = " Id=\"r\" URI=\"\""}, SHAPE},
	{"reference type",
		{.reference_attributes = " Type=\"http://www.w3.org/2000/09/xmldsig#Manifest\""
					 " URI=\"\""},
		SHAPE},
	/* algorithms */
	{"hmac", {.method = MORE "hmac-sha256"}, E_ALGORITHM},
	{"hmac sha1", {.method = NS_DSIG "hmac-sha1"}, E_ALGORITHM},
	{"rsa sha1", {.method = NS_DSIG "rsa-sha1"}, E_ALGORITHM},
	{"ecdsa sha1", {.method = MORE "ecdsa-sha1"}, E_ALGORITHM},
	{"dsa sha1", {.method = NS_DSIG "dsa-sha1"}, E_ALGORITHM},
	{"rsa md5", {.method = MORE "rsa-md5"}, E_ALGORITHM},
	{"rsa pss", {.method = "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"},
		E_ALGORITHM},
	{"ecdsa sha512", {.method = MORE "ecdsa-sha512"}, E_ALGORITHM},
	{"no method", {.method = ""}, E_ALGORITHM},
	{"method with a space", {.method = ALG_ECDSA_SHA256 " "}, E_ALGORITHM},
	{"sha1 digest", {.digest_method = NS_DSIG "sha1"}, E_ALGORITHM},
	{"md5 digest", {.digest_method = MORE "md5"}, E_ALGORITHM},
	{"sha512 digest", {.digest_method = "http://www.w3.org/2001/04/xmlenc#sha512"},
		E_ALGORITHM},
	{"inclusive canonicalization", {.canonicalization = URI_C14N}, E_ALGORITHM},
	{"canonicalization with comments", {.canonicalization = ALG_EXC_C14N "WithComments"},
		E_ALGORITHM},
	{"method of another key", {.method = ALG_RSA_SHA256}, E_SIGNATURE},
	{"method of another curve", {.method = ALG_ECDSA_SHA384}, E_SIGNATURE},
	/* KeyInfo */
	{"key value", {.key_info = KEY_VALUE}, SHAPE},
	{"certificate and key value", {.key_info = CERT KEY_VALUE}, SHAPE},
	{"key value and certificate", {.key_info = KEY_VALUE CERT}, SHAPE},
	{"key name", {.key_info = "<ds:KeyName>KE.CRS</ds:KeyName>"}, SHAPE},
	{"retrieval method",
		{.key_info = "<ds:RetrievalMethod "
			     "URI=\"http://127.0.0.1:9/\"></ds:RetrievalMethod>"},
		SHAPE},
	{"empty key info", {.key_info = ""}, SHAPE},
	{"two certificates",
		{.key_info = "<ds:X509Data><ds:X509Certificate>%C</ds:X509Certificate>"
			     "<ds:X509Certificate>%C</ds:X509Certificate></ds:X509Data>"},
		SHAPE},
	{"two x509 data", {.key_info = CERT CERT}, SHAPE},
	{"issuer and serial",
		{.key_info = "<ds:X509Data><ds:X509SubjectName>CN=x</ds:X509SubjectName>"
			     "</ds:X509Data>"},
		SHAPE},
	{"empty certificate",
		{.key_info = "<ds:X509Data><ds:X509Certificate></ds:X509Certificate>"
			     "</ds:X509Data>"},
		SHAPE},
	{"certificate with a line break",
		{.key_info = "<ds:X509Data><ds:X509Certificate>\n%C</ds:X509Certificate>"
			     "</ds:X509Data>"},
		SHAPE},
	{"not base64",
		{.key_info = "<ds:X509Data><ds:X509Certificate>*%C</ds:X509Certificate>"
			     "</ds:X509Data>"},
		SHAPE},
	/* more in the signature than there may be */
	{"object", {.behind = "<ds:Object>x</ds:Object>"}, SHAPE},
	{"manifest",
		{.behind = "<ds:Object><ds:Manifest><ds:Reference URI=\"http://127.0.0.1:9/\">"
			   "</ds:Reference></ds:Manifest></ds:Object>"},
		SHAPE},
	{"id", {.attributes = " Id=\"s\""}, SHAPE},
	{"text behind", {.behind = " "}, SHAPE},
	{"foreign child", {.behind = "<x:y xmlns:x=\"urn:x\"></x:y>"}, SHAPE},
	/* a second signature, in the part that is signed */
	{"signature in the header",
		{.body = "<e:Header><ds:Signature xmlns:ds=\"" NS_DSIG "\"></ds:Signature>"
			 "</e:Header>"},
		SHAPE},
	{"signature before the signature",
		{.body = BODY_TEXT "<ds:Signature xmlns:ds=\"" NS_DSIG "\"></ds:Signature>"},
		SHAPE},
};

static void
wrong_forms_are_refused_by_each_vote(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		OWNED_BUF(b) = {0};

		forge(&b, &families[i].f, p256);
		expect(&b, key_of(p256), families[i].code, families[i].name);
	}
}

static void
weak_keys_are_refused(void **state)
{
	OWNED_BUF(b) = {0};
	OWNED_BUF(c) = {0};

	(void)state;
	forge(&b, &(struct forgery){.method = ALG_RSA_SHA256}, small_rsa);
	expect(&b, key_of(small_rsa), E_ALGORITHM, "RSA-1024");
	forge(&c, &(struct forgery){0}, p256);
	expect(&c, key_of(ed25519), E_ALGORITHM, "Ed25519");
	expect(&c, key_of(rsa), E_SIGNATURE, "another kind of key");
	buf_reset(&b);
	forge(&b, &(struct forgery){.value_md = EVP_sha1()}, rsa);
	expect(&b, key_of(rsa), E_SIGNATURE, "value over SHA-1");
}

/* At every place of a right signature one thing more: the form is refused, not the value. */
static void
anything_more_is_refused_everywhere(void **state)
{
	static const char *const more[] = {" ", "x", "<ds:Object></ds:Object>", "&amp;"};
	OWNED_BUF(s) = {0};
	OWNED_BUF(b) = {0};
	size_t places = 0;

	(void)state;
	forge_signature(&s, &(struct forgery){0}, p256);
	const char *sig = (const char *)s.data;
	for (const char *p = sig; (p = strchr(p, '>')) != NULL && p[1] != '\0'; p++) {
		for (size_t i = 0; i < ARRAY_LEN(more); i++) {
			buf_reset(&b);
			buf_printf(&b, BODY_OPEN BODY_TEXT "%.*s%s%s" BODY_CLOSE,
				(int)(p + 1 - sig), sig, more[i], p + 1);
			expect(&b, key_of(p256), SHAPE, p);
			places++;
		}
		const char *tag = p;
		while (*tag != '<')
			tag--;
		if (tag[1] == '/')
			continue;
		buf_reset(&b);
		buf_printf(&b, BODY_OPEN BODY_TEXT "%.*s zzz=\"1\"%s" BODY_CLOSE, (int)(p - sig),
			sig, p);
		expect(&b, key_of(p256), SHAPE, tag);
	}
	assert_int_equal(places, 27 * ARRAY_LEN(more));
}

/* Every element in turn is left out. */
static void
anything_less_is_refused_everywhere(void **state)
{
	static const char *const elements[] = {"ds:SignedInfo", "ds:CanonicalizationMethod",
		"ds:SignatureMethod", "ds:Reference", "ds:Transforms", "ds:DigestMethod",
		"ds:DigestValue", "ds:SignatureValue", "ds:KeyInfo", "ds:X509Data",
		"ds:X509Certificate"};
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};

	(void)state;
	forge(&good, &(struct forgery){0}, p256);
	for (size_t i = 0; i < ARRAY_LEN(elements); i++) {
		struct bytes cut;

		assert_true(xml_cut(buf_bytes(&good), elements[i], &cut));
		size_t before = (size_t)(cut.data - good.data);
		buf_reset(&b);
		buf_add(&b, good.data, before);
		buf_add(&b, cut.data + cut.size, good.size - before - cut.size);
		expect(&b, key_of(p256), SHAPE, elements[i]);
	}
}

/* ---- places ---- */

static void
a_moved_signature_is_refused(void **state)
{
	OWNED_BUF(s) = {0};
	OWNED_BUF(b) = {0};

	(void)state;
	forge_signature(&s, &(struct forgery){0}, p256);
	const char *sig = (const char *)s.data;
	buf_printf(&b, BODY_OPEN "%s" BODY_TEXT BODY_CLOSE, sig);
	expect(&b, key_of(p256), SHAPE, "first child");
	buf_reset(&b);
	buf_printf(&b,
		BODY_OPEN "<e:Header><e:From>UNHCR.NBO</e:From>%s<e:To>KE.CRS</e:To>"
			  "</e:Header><e:Body>x</e:Body>" BODY_CLOSE,
		sig);
	expect(&b, key_of(p256), SHAPE, "in the header");
	buf_reset(&b);
	buf_printf(&b, BODY_OPEN BODY_TEXT "%s%s" BODY_CLOSE, sig, sig);
	expect(&b, key_of(p256), SHAPE, "twice");
	buf_reset(&b);
	buf_printf(&b, BODY_OPEN BODY_TEXT "%s " BODY_CLOSE, sig);
	expect(&b, key_of(p256), SHAPE, "text behind");
	buf_reset(&b);
	buf_printf(&b, BODY_OPEN BODY_TEXT "%s<e:More></e:More>" BODY_CLOSE, sig);
	expect(&b, key_of(p256), SHAPE, "element behind");
	buf_reset(&b);
	buf_printf(&b, BODY_OPEN BODY_TEXT "<e:W>%s</e:W>" BODY_CLOSE, sig);
	expect(&b, key_of(p256), SHAPE, "wrapped");
	buf_reset(&b);
	buf_text(&b, sig);
	expect(&b, key_of(p256), SHAPE, "the root itself");
	buf_reset(&b);
	buf_text(&b, BODY);
	expect(&b, key_of(p256), E_UNSIGNED, "none");
}

/* XML signature wrapping: a well signed message as a part of a forged one. */
static void
a_signed_message_inside_another_is_refused(void **state)
{
	OWNED_BUF(good) = {0};
	OWNED_BUF(s) = {0};
	OWNED_BUF(b) = {0};

	(void)state;
	forge(&good, &(struct forgery){0}, p256);
	forge_signature(&s, &(struct forgery){0}, p256);
	const char *sig = (const char *)s.data;
	buf_printf(&b, BODY_OPEN "<e:Body>forged</e:Body>%s" BODY_CLOSE, sig);
	expect(&b, key_of(p256), E_SIGNATURE, "another body");
	buf_reset(&b);
	buf_printf(&b,
		"<f xmlns=\"urn:f\"><e:Body xmlns:e=\"urn:daftar:envelope:1\">forged</e:Body>"
		"%s</f>",
		(char *)good.data);
	expect(&b, key_of(p256), SHAPE, "the original inside");
	buf_reset(&b);
	buf_printf(&b, BODY_OPEN "<e:Body>forged</e:Body>%s%s" BODY_CLOSE, BODY, sig);
	expect(&b, key_of(p256), E_SIGNATURE, "the original beside");
	buf_reset(&b);
	buf_printf(&b,
		BODY_OPEN "<e:Body>forged</e:Body>%.*s<ds:Object>" BODY
			  "</ds:Object></ds:Signature>" BODY_CLOSE,
		(int)(s.size - strlen("</ds:Signature>")), sig);
	expect(&b, key_of(p256), SHAPE, "the original in an object");
}

/* The prefix is part of the form; another one is another spelling of the same signature. */
static void
another_prefix_is_refused(void **state)
{
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};

	(void)state;
	forge(&good, &(struct forgery){0}, p256);
	for (const char *p = (char *)good.data; *p != '\0';) {
		size_t n = strncmp(p, "<ds:", 4) == 0 ? 4 : strncmp(p, "</ds:", 5) == 0 ? 5 : 0;
		if (strncmp(p, "xmlns:ds", 8) == 0) {
			buf_text(&b, "xmlns:dz");
			p += 8;
		} else if (n > 0) {
			buf_text(&b, n == 4 ? "<dz:" : "</dz:");
			p += n;
		} else {
			buf_add(&b, p++, 1);
		}
	}
	/* For the second vote a Signature under another name is no signature. */
	expect_each(&b, key_of(p256), SHAPE, E_UNSIGNED, "prefix");
}

/* A signature with a foreign prefix inside what is signed: an oddity that only the tree sees. */
static void
votes_that_differ_are_told(void **state)
{
	OWNED_BUF(b) = {0};

	(void)state;
	forge(&b, &(struct forgery){.body = "<x:Signature xmlns:x=\"" NS_DSIG "\"></x:Signature>"},
		p256);
	expect_each(&b, key_of(p256), SHAPE, E_OK, "foreign prefix");
	assert_int_equal(seal_verify_both(buf_bytes(&b), key_of(p256)), E_VOTES_DIFFER);
}

/* ---- text around the signature ---- */

static void
forbidden_octets_are_refused_before_anything_else(void **state)
{
	static const struct {
		const char *what, *by;
		enum err both;
	} rows[] = {
		{"<e:Header>", "<e:Header><!-- -->", E_FORBIDDEN_MARKUP},
		{"UNHCR", "UN<!-- -->HCR", E_FORBIDDEN_MARKUP},
		{"UNHCR", "<![CDATA[UNHCR]]>", E_FORBIDDEN_MARKUP},
		{"UNHCR", "UN<?x?>HCR", E_FORBIDDEN_MARKUP},
		{"<e:Message", "<!DOCTYPE x [<!ATTLIST e:Message Id ID #IMPLIED>]><e:Message",
			E_FORBIDDEN_MARKUP},
		{"<e:Message", "<?xml version=\"1.0\"?><e:Message", E_FORBIDDEN_MARKUP},
		{"UNHCR", "&#85;NHCR", E_FORBIDDEN_MARKUP},
		{"UNHCR", "&#x55;NHCR", E_FORBIDDEN_MARKUP},
		{"UNHCR", "&x;", E_FORBIDDEN_MARKUP},
		{"<e:Message", "\xef\xbb\xbf<e:Message", E_NOT_UTF8},
		{"UNHCR", "UNHCR\xff", E_NOT_UTF8},
		{"UNHCR", "UNHCR\x01", E_MALFORMED},
		{"<e:From>", "<e:From >", E_NOT_CANONICAL},
		{"<e:Body>x</e:Body>", "<e:Body>x</e:Body>\n", E_SIGNATURE},
		{"</e:From>", "</e:From >", E_NOT_CANONICAL},
		{"realm=\"demo\"", "realm='demo'", E_NOT_CANONICAL},
		{"realm=\"demo\"", " realm=\"demo\"", E_NOT_CANONICAL},
		{"UNHCR", "UNHCR>", E_NOT_CANONICAL},
		{"UNHCR", "UNHCR\r", E_NOT_CANONICAL},
		{"UNHCR", "UNHCR&apos;", E_NOT_CANONICAL},
		{"<e:Body>x</e:Body>", "<e:Body/>", E_NOT_CANONICAL},
	};
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};

	(void)state;
	forge(&good, &(struct forgery){0}, p256);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		replaced(&b, &good, rows[i].what, rows[i].by);
		enum err both = seal_verify_both(buf_bytes(&b), key_of(p256));
		if (both != rows[i].both)
			fail_msg("row %zu: %s", i, err_word(both));
		assert_int_not_equal(seal_verify_bytes(buf_bytes(&b), key_of(p256)), E_OK);
	}
	/* NUL, and a second document behind it. */
	buf_reset(&b);
	buf_add_bytes(&b, buf_bytes(&good));
	buf_u8(&b, 0);
	buf_text(&b, BODY);
	assert_int_equal(seal_verify_both(buf_bytes(&b), key_of(p256)), E_NOT_UTF8);
	assert_int_equal(seal_verify_bytes(buf_bytes(&b), key_of(p256)), E_NOT_CANONICAL);
}

static void
utf16_is_refused(void **state)
{
	OWNED_BUF(good) = {0};
	OWNED_BUF(wide) = {0};

	(void)state;
	forge(&good, &(struct forgery){0}, p256);
	for (size_t i = 0; i < good.size; i++) {
		buf_u8(&wide, good.data[i]);
		buf_u8(&wide, 0);
	}
	assert_int_equal(seal_verify_both(buf_bytes(&wide), key_of(p256)), E_NOT_UTF8);
	assert_int_equal(seal_verify_bytes(buf_bytes(&wide), key_of(p256)), E_NOT_CANONICAL);
}

/* Octets that no canonicaliser writes, signed as they stand. */
static void
signed_octets_must_be_canonical(void **state)
{
	static const struct {
		struct forgery f;
		enum err tree;
	} rows[] = {
		{{.body = "<e:a><e:b></e:a></e:b>"}, E_MALFORMED},
		{{.body = "<e:a></e:aa>"}, E_MALFORMED},
		{{.body = "x</e:Message><e:Message xmlns:e=\"urn:daftar:envelope:1\">"},
			E_MALFORMED},
		{{.body = "x</e:Message> <e:Message xmlns:e=\"urn:daftar:envelope:1\">"},
			E_MALFORMED},
		{{.close = ""}, E_MALFORMED},
		{{.close = "</e:Message></e:Message>"}, E_MALFORMED},
		{{.close = "</e:Message>\n"}, E_SIGNATURE},
		{{.body = "<e:a>></e:a>"}, E_SIGNATURE},
		{{.body = "<e:a>\r</e:a>"}, E_SIGNATURE},
		{{.body = "<e:a>\x01</e:a>"}, E_MALFORMED},
		{{.body = "<e:a>&quot;</e:a>"}, E_SIGNATURE},
		{{.body = "<e:a>&#x9;</e:a>"}, E_SIGNATURE},
		{{.body = "<e:a>&amp</e:a>"}, E_FORBIDDEN_MARKUP},
		{{.body = "<e:a b=\"<\"></e:a>"}, E_MALFORMED},
		{{.body = "<e:a b=\"\t\"></e:a>"}, E_SIGNATURE},
		{{.body = "<e:a b=\"\n\"></e:a>"}, E_SIGNATURE},
		{{.body = "<e:a b=\"&gt;\"></e:a>"}, E_SIGNATURE},
		{{.body = "<e:a b='1'></e:a>"}, E_SIGNATURE},
		{{.body = "<e:a b=1></e:a>"}, E_MALFORMED},
		{{.body = "<e:a b></e:a>"}, E_MALFORMED},
		{{.body = "<e:a ></e:a>"}, E_SIGNATURE},
		{{.body = "<e:a  b=\"1\"></e:a>"}, E_SIGNATURE},
		{{.body = "<e:a b=\"1\"c=\"2\"></e:a>"}, E_MALFORMED},
		{{.body = "<e:a/>"}, E_SIGNATURE},
		{{.body = "<></>"}, E_MALFORMED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF(b) = {0};

		forge(&b, &rows[i].f, p256);
		expect_each(&b, key_of(p256), rows[i].tree, E_NOT_CANONICAL,
			OR(rows[i].f.body, rows[i].f.close));
	}
}

/* The right elements in the right order, but one inside another. */
static void
nesting_is_part_of_the_form(void **state)
{
	static const char digest_method[] =
		"<ds:DigestMethod Algorithm=\"" ALG_SHA256 "\"></ds:DigestMethod>";
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};
	OWNED_BUF(from) = {0};
	OWNED_BUF(to) = {0};
	struct bytes value;

	(void)state;
	forge(&good, &(struct forgery){0}, p256);
	buf_printf(&from, "</ds:Transforms>%s", digest_method);
	buf_printf(&to, "%s</ds:Transforms>", digest_method);
	replaced(&b, &good, (char *)from.data, (char *)to.data);
	expect(&b, key_of(p256), SHAPE, "DigestMethod in Transforms");
	assert_true(xml_cut(buf_bytes(&good), "ds:SignatureValue", &value));
	buf_reset(&from);
	buf_reset(&to);
	buf_printf(&from, "</ds:SignedInfo>%.*s", (int)value.size, (const char *)value.data);
	buf_printf(&to, "%.*s</ds:SignedInfo>", (int)value.size, (const char *)value.data);
	replaced(&b, &good, (char *)from.data, (char *)to.data);
	expect(&b, key_of(p256), SHAPE, "SignatureValue in SignedInfo");
	replaced(&b, &good, "<ds:KeyInfo>", "");
	buf_reset(&to);
	replaced(&to, &b, "</ds:KeyInfo>", "");
	expect(&to, key_of(p256), SHAPE, "X509Data in Signature");
}

static void
crowds_are_refused_even_when_signed(void **state)
{
	OWNED_BUF(body) = {0};
	OWNED_BUF(b) = {0};

	(void)state;
	for (int i = 0; i < 60; i++)
		buf_text(&body, "<e:D>");
	for (int i = 0; i < 60; i++)
		buf_text(&body, "</e:D>");
	forge(&b, &(struct forgery){.body = (char *)body.data}, p256);
	assert_int_equal(vote_tree(buf_bytes(&b), key_of(p256)), E_TOO_COMPLEX);
	assert_int_equal(seal_verify_bytes(buf_bytes(&b), key_of(p256)), E_NOT_CANONICAL);

	buf_reset(&body);
	buf_reset(&b);
	buf_text(&body, "<e:D");
	for (int i = 0; i < 20000; i++)
		buf_printf(&body, " a%05d=\"\"", i);
	buf_text(&body, "></e:D>");
	forge(&b, &(struct forgery){.body = (char *)body.data}, p256);
	assert_int_equal(seal_verify_both(buf_bytes(&b), key_of(p256)), E_TOO_COMPLEX);
}

static int
make_keys(void **state)
{
	(void)state;
	p256 = make_identity("P-256");
	rsa = make_identity("RSA-3072");
	small_rsa = make_identity("RSA-1024");
	ed25519 = make_identity("ED25519");
	return 0;
}

static int
free_keys(void **state)
{
	(void)state;
	identity_free(&p256);
	identity_free(&rsa);
	identity_free(&small_rsa);
	identity_free(&ed25519);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_forms_are_refused_by_each_vote),
		cmocka_unit_test(weak_keys_are_refused),
		cmocka_unit_test(anything_more_is_refused_everywhere),
		cmocka_unit_test(anything_less_is_refused_everywhere),
		cmocka_unit_test(a_moved_signature_is_refused),
		cmocka_unit_test(a_signed_message_inside_another_is_refused),
		cmocka_unit_test(another_prefix_is_refused),
		cmocka_unit_test(votes_that_differ_are_told),
		cmocka_unit_test(forbidden_octets_are_refused_before_anything_else),
		cmocka_unit_test(utf16_is_refused),
		cmocka_unit_test(signed_octets_must_be_canonical),
		cmocka_unit_test(nesting_is_part_of_the_form),
		cmocka_unit_test(crowds_are_refused_even_when_signed),
	};

	xml_init();
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
