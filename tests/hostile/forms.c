/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signatures of every wrong form, and values of every wrong kind. Where that can be done at all
 * they are signed well with the sender's own key, so that only the form is wrong. */
#include "tests/hostile/hostile.h"

#include <openssl/bn.h>

/* ---- forms ---- */

#define C14N "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define C14N11 "http://www.w3.org/2006/12/xml-c14n11"
#define XPATH_URI "http://www.w3.org/TR/1999/REC-xpath-19991116"
#define XPATH2_URI "http://www.w3.org/2002/06/xmldsig-filter2"
#define XSLT_URI "http://www.w3.org/TR/1999/REC-xslt-19991116"
#define XPOINTER_URI "http://www.w3.org/2001/04/xmldsig-more/xptr"
#define MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define MORE07 "http://www.w3.org/2007/05/xmldsig-more#"
#define SHAPE "SIGNATURE-SHAPE"
#define WITHIN(uri, content) "<ds:Transform Algorithm=\"" uri "\">" content "</ds:Transform>"
#define SECOND(uri, transforms)                                                                    \
	"<ds:Reference URI=\"" uri "\"><ds:Transforms>" transforms                                 \
	"</ds:Transforms><ds:DigestMethod Algorithm=\"" ALG_SHA256 "\"></ds:DigestMethod>"         \
	"<ds:DigestValue>%D</ds:DigestValue></ds:Reference>"
#define XSL(body)                                                                                  \
	"<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\">" body \
	"</xsl:stylesheet>"
#define CERT_OF(mark) "<ds:X509Certificate>" mark "</ds:X509Certificate>"
#define EC_VALUE                                                                                   \
	"<ds:KeyValue><dsig11:ECKeyValue xmlns:dsig11=\"" NS_DSIG11 "\"><dsig11:NamedCurve "       \
	"URI=\"urn:oid:1.2.840.10045.3.1.7\"></dsig11:NamedCurve><dsig11:PublicKey>%K"             \
	"</dsig11:PublicKey></dsig11:ECKeyValue></ds:KeyValue>"

static const struct {
	const char *name, *fit;
	struct form f;
} forms[] = {
	/* transforms */
	{"no transform", SHAPE, {.transforms = ""}},
	{"enveloped only", SHAPE, {.transforms = TRANSFORM(ALG_ENVELOPED)}},
	{"c14n only", SHAPE, {.transforms = TRANSFORM(ALG_EXC_C14N)}},
	{"other order", SHAPE, {.transforms = TRANSFORM(ALG_EXC_C14N) TRANSFORM(ALG_ENVELOPED)}},
	{"c14n twice", SHAPE, {.transforms = BOTH_TRANSFORMS TRANSFORM(ALG_EXC_C14N)}},
	{"enveloped twice", SHAPE, {.transforms = TRANSFORM(ALG_ENVELOPED) BOTH_TRANSFORMS}},
	{"inclusive", SHAPE, {.transforms = TRANSFORM(ALG_ENVELOPED) TRANSFORM(C14N)}},
	{"inclusive 1.1", SHAPE, {.transforms = TRANSFORM(ALG_ENVELOPED) TRANSFORM(C14N11)}},
	{"with comments", SHAPE,
		{.transforms = TRANSFORM(ALG_ENVELOPED) TRANSFORM(ALG_EXC_C14N "WithComments")}},
	{"1.1 with comments", SHAPE,
		{.transforms = TRANSFORM(ALG_ENVELOPED) TRANSFORM(C14N11 "#WithComments")}},
	{"base64", SHAPE, {.transforms = TRANSFORM(NS_DSIG "base64")}},
	{"base64 last", SHAPE, {.transforms = BOTH_TRANSFORMS TRANSFORM(NS_DSIG "base64")}},
	{"xpath true", SHAPE,
		{.transforms = TRANSFORM(ALG_ENVELOPED) WITHIN(
			 XPATH_URI, "<ds:XPath>true()</ds:XPath>") TRANSFORM(ALG_EXC_C14N)}},
	{"xpath nothing", SHAPE,
		{.transforms = WITHIN(XPATH_URI, "<ds:XPath>false()</ds:XPath>")
				TRANSFORM(ALG_EXC_C14N)}},
	{"xpath for ever", SHAPE,
		{.transforms = WITHIN(XPATH_URI, "<ds:XPath>count(//*[count(//*[count(//*)])])"
						 "</ds:XPath>") TRANSFORM(ALG_EXC_C14N)}},
	{"xpath filter 2", SHAPE,
		{.transforms = WITHIN(XPATH2_URI,
			 "<f:XPath xmlns:f=\"" XPATH2_URI "\" Filter=\"subtract\">//*</f:XPath>")
				TRANSFORM(ALG_EXC_C14N)}},
	{"xslt", SHAPE, {.transforms = WITHIN(XSLT_URI, XSL("")) TRANSFORM(ALG_EXC_C14N)}},
	{"xslt that opens", SHAPE,
		{.transforms = WITHIN(
			 XSLT_URI, XSL("<xsl:include href=\"file:///etc/passwd\"></xsl:include>"))
				TRANSFORM(ALG_EXC_C14N)}},
	{"xpointer", SHAPE,
		{.transforms = WITHIN(XPOINTER_URI,
			 "<x:XPointer xmlns:x=\"" MORE "xptr\">xpointer(/)</x:XPointer>")}},
	{"inclusive namespaces", SHAPE,
		{.transforms = TRANSFORM(ALG_ENVELOPED) WITHIN(ALG_EXC_C14N,
			 "<ec:InclusiveNamespaces xmlns:ec=\"" ALG_EXC_C14N
			 "\" PrefixList=\"e\"></ec:InclusiveNamespaces>")}},
	{"unknown transform", SHAPE, {.transforms = TRANSFORM("urn:x")}},
	{"decryption transform", SHAPE,
		{.transforms = TRANSFORM("http://www.w3.org/2002/07/decrypt#XML") BOTH_TRANSFORMS}},
	/* references */
	{"no URI", SHAPE, {.reference = ""}},
	{"URI to an id", SHAPE, {.reference = " URI=\"#kept\""}},
	{"xpointer root", SHAPE, {.reference = " URI=\"#xpointer(/)\""}},
	{"xpointer id", SHAPE, {.reference = " URI=\"#xpointer(id('kept'))\""}},
	{"xpointer injection", SHAPE, {.reference = " URI=\"#x')|id('y\""}},
	{"http", SHAPE, {.reference = " URI=\"http://127.0.0.1:9/x\""}},
	{"https", SHAPE, {.reference = " URI=\"https://127.0.0.1:9/x\""}},
	{"ftp", SHAPE, {.reference = " URI=\"ftp://127.0.0.1:9/x\""}},
	{"file", SHAPE, {.reference = " URI=\"file:///etc/hostname\""}},
	{"absolute path", SHAPE, {.reference = " URI=\"/etc/hostname\""}},
	{"relative path", SHAPE, {.reference = " URI=\"x.xml\""}},
	{"reference with an id", SHAPE, {.reference = " Id=\"r\" URI=\"\""}},
	{"reference with a type", SHAPE, {.reference = " Type=\"" NS_DSIG "Manifest\" URI=\"\""}},
	{"second reference", SHAPE, {.more = SECOND("", BOTH_TRANSFORMS)}},
	{"second to an id", SHAPE, {.more = SECOND("#kept", BOTH_TRANSFORMS)}},
	{"second to the network", SHAPE, {.more = SECOND("http://127.0.0.1:9/", "")}},
	{"second to a manifest", SHAPE,
		{.more = SECOND("#m", TRANSFORM(ALG_EXC_C14N)),
			.behind = "<ds:Object><ds:Manifest Id=\"m\">" SECOND(
				"", BOTH_TRANSFORMS) "</ds:Manifest></ds:Object>"}},
	/* algorithms */
	{"HMAC, public key", "ALGORITHM", {.method = MORE "hmac-sha256", .value = VALUE_HMAC_KEY}},
	{"HMAC, certificate", "ALGORITHM",
		{.method = MORE "hmac-sha256", .value = VALUE_HMAC_CERT}},
	{"HMAC-SHA1", "ALGORITHM",
		{.method = NS_DSIG "hmac-sha1", .digest = "SHA1", .value = VALUE_HMAC_KEY}},
	{"HMAC under our method", "SIGNATURE SCHEMA", {.value = VALUE_HMAC_KEY}},
	{"ECDSA-SHA1", "ALGORITHM",
		{.method = MORE "ecdsa-sha1", .digest = "SHA1", .digest_method = NS_DSIG "sha1"}},
	{"SHA-1 digest only", "ALGORITHM", {.digest = "SHA1", .digest_method = NS_DSIG "sha1"}},
	{"MD5 digest only", "ALGORITHM", {.digest = "MD5", .digest_method = MORE "md5"}},
	{"ECDSA-SHA512", "ALGORITHM",
		{.method = MORE "ecdsa-sha512",
			.digest = "SHA512",
			.digest_method = "http://www.w3.org/2001/04/xmlenc#sha512"}},
	{"ECDSA-SHA384 by a P-256 key", "SIGNATURE-SHAPE SIGNATURE",
		{.method = ALG_ECDSA_SHA384, .digest = "SHA384"}},
	{"SHA-1 value under our method", "SIGNATURE-SHAPE SIGNATURE", {.digest = "SHA1"}},
	{"RSA-SHA256 named", "SIGNATURE", {.method = ALG_RSA_SHA256}},
	{"RSA-SHA1", "ALGORITHM", {.method = NS_DSIG "rsa-sha1"}},
	{"RSA-MD5", "ALGORITHM", {.method = MORE "rsa-md5"}},
	{"RSA-PSS", "ALGORITHM", {.method = MORE07 "sha256-rsa-MGF1"}},
	{"DSA-SHA1", "ALGORITHM", {.method = NS_DSIG "dsa-sha1"}},
	{"EdDSA", "ALGORITHM", {.method = "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519"}},
	{"method none", "ALGORITHM", {.method = "none", .value = VALUE_NONE}},
	{"method empty", "ALGORITHM", {.method = ""}},
	{"method in large letters", "ALGORITHM",
		{.method = "HTTP://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"}},
	{"inclusive canonicalization", "ALGORITHM", {.canonicalization = C14N}},
	{"canonicalization 1.1", "ALGORITHM", {.canonicalization = C14N11}},
	{"canonicalization with comments", "ALGORITHM",
		{.canonicalization = ALG_EXC_C14N "WithComments"}},
	{"HMAC output length", "ALGORITHM SIGNATURE-SHAPE",
		{.method = MORE "hmac-sha256\"><ds:HMACOutputLength>1</ds:HMACOutputLength>"
				"</ds:SignatureMethod><ds:SignatureMethod Algorithm=\"x",
			.value = VALUE_HMAC_KEY}},
	{"no value", SHAPE, {.value = VALUE_NONE}},
	/* keys */
	{"no key info", SHAPE, {.key_info = ""}},
	{"key value", SHAPE, {.key_info = EC_VALUE}},
	{"key value first", SHAPE, {.key_info = EC_VALUE X509_DATA}},
	{"key value last", SHAPE, {.key_info = X509_DATA EC_VALUE}},
	{"key name", SHAPE, {.key_info = "<ds:KeyName>KE.CRS</ds:KeyName>"}},
	{"retrieval from the network", SHAPE,
		{.key_info = "<ds:RetrievalMethod URI=\"http://127.0.0.1:9/\">"
			     "</ds:RetrievalMethod>"}},
	{"retrieval from a file", SHAPE,
		{.key_info = "<ds:RetrievalMethod Type=\"" NS_DSIG
			     "rawX509Certificate\" URI=\"file:///etc/hostname\">"
			     "</ds:RetrievalMethod>"}},
	{"key info reference", SHAPE,
		{.key_info = "<dsig11:KeyInfoReference xmlns:dsig11=\"" NS_DSIG11
			     "\" URI=\"#k\"></dsig11:KeyInfoReference>"}},
	{"encrypted key", SHAPE,
		{.key_info = "<xenc:EncryptedKey xmlns:xenc=\"" NS_XENC
			     "\"><xenc:CipherData><xenc:CipherReference "
			     "URI=\"http://127.0.0.1:9/\"></xenc:CipherReference>"
			     "</xenc:CipherData></xenc:EncryptedKey>"}},
	{"DER key value", SHAPE,
		{.key_info = "<dsig11:DEREncodedKeyValue xmlns:dsig11=\"" NS_DSIG11
			     "\">%K</dsig11:DEREncodedKeyValue>"}},
	{"chain of two", SHAPE,
		{.key_info = "<ds:X509Data>" CERT_OF("%C") CERT_OF("%X") "</ds:X509Data>"}},
	{"chain of two, other first", SHAPE,
		{.key_info = "<ds:X509Data>" CERT_OF("%X") CERT_OF("%C") "</ds:X509Data>"}},
	{"two X509Data", SHAPE, {.key_info = X509_DATA X509_DATA}},
	{"issuer and serial", SHAPE,
		{.key_info = "<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>CN=x"
			     "</ds:X509IssuerName><ds:X509SerialNumber>1</ds:X509SerialNumber>"
			     "</ds:X509IssuerSerial></ds:X509Data>"}},
	{"certificate and CRL", SHAPE,
		{.key_info = "<ds:X509Data>" CERT_OF("%C") "<ds:X509CRL>AAAA</ds:X509CRL>"
							   "</ds:X509Data>"}},
	{"other party's certificate", "UNKNOWN-CERT",
		{.key_info = "<ds:X509Data>" CERT_OF("%X") "</ds:X509Data>"}},
	{"public key for a certificate", "UNKNOWN-CERT",
		{.key_info = "<ds:X509Data>" CERT_OF("%K") "</ds:X509Data>"}},
	{"text for a certificate", SHAPE,
		{.key_info = "<ds:X509Data>" CERT_OF("none") "*</ds:X509Data>"}},
	/* more in the signature */
	{"object", SHAPE, {.behind = "<ds:Object>x</ds:Object>"}},
	{"empty object", SHAPE, {.behind = "<ds:Object></ds:Object>"}},
	{"manifest", SHAPE,
		{.behind = "<ds:Object><ds:Manifest>" SECOND(
			 "http://127.0.0.1:9/", "") "</ds:Manifest></ds:Object>"}},
	{"second key info", SHAPE, {.behind = "<ds:KeyInfo>" X509_DATA "</ds:KeyInfo>"}},
	{"signature with an id", SHAPE, {.attributes = " Id=\"s\""}},
};

static void
judge_form(struct tally *t, const struct sample *s, size_t i)
{
	const struct family f = {forms[i].name, forms[i].fit, NULL};
	OWNED_BUF(doc) = {0};
	OWNED_BUF(covered) = {0};

	put_unsigned(&covered, s);
	put(&doc, s->open);
	put(&doc, s->header);
	put(&doc, s->body);
	form_sign(&doc, t->world, s, &forms[i].f, buf_bytes(&covered));
	buf_text(&doc, "</e:Message>");
	judge(t, s, &f, buf_bytes(&doc), ALL_MODES);
}

/* ---- values ---- */

#define P256_ORDER "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"

/* r and s are changed as the letter says; the good ones stand in `value'. */
static size_t
change_value(char letter, uint8_t value[200])
{
	BIGNUM *n = NULL, *s = BN_bin2bn(value + 32, 32, NULL);
	size_t size = 64;

	BN_hex2bn(&n, P256_ORDER);
	switch (letter) {
	case 'r': /* r is zero */
		memset(value, 0, 32);
		break;
	case 's':
		memset(value + 32, 0, 32);
		break;
	case 'z':
		memset(value, 0, 64);
		break;
	case 'o': /* s is one, r is one */
		memset(value, 0, 64);
		value[31] = value[63] = 1;
		break;
	case 'n': /* r and s are the order */
		BN_bn2binpad(n, value, 32);
		BN_bn2binpad(n, value + 32, 32);
		break;
	case '+': /* s + n, in 33 octets */
		BN_add(s, s, n);
		BN_bn2binpad(s, value + 32, 33);
		size = 65;
		break;
	case 't': /* cut */
		size = 63;
		break;
	case 'h':
		size = 32;
		break;
	case 'e': /* one octet more */
		value[64] = 0;
		size = 65;
		break;
	case 'l': /* zeros before each half */
		memmove(value + 33, value, 64);
		memmove(value + 1, value + 33, 32);
		memmove(value + 34, value + 65, 32);
		value[0] = value[33] = 0;
		size = 66;
		break;
	case 'x': /* halves exchanged */
		memcpy(value + 64, value, 32);
		memmove(value, value + 32, 64);
		break;
	case 'd': /* the DER form of other verifiers */
		memmove(value + 4, value, 32);
		memcpy(value, "\x30\x44\x02\x20", 4);
		size = 70;
		break;
	default:
		memset(value, 0xff, 64);
	}
	BN_free(n);
	BN_free(s);
	return size;
}

static void
value_of(const struct sample *s, struct bytes *text, uint8_t out[200])
{
	size_t n = 200;

	assert_true(xml_cut(s->signature, "ds:SignatureValue", text));
	text->data += strlen("<ds:SignatureValue>");
	text->size -= strlen("<ds:SignatureValue></ds:SignatureValue>");
	assert_true(base64_decode((const char *)text->data, text->size, out, &n) && n == 64);
}

static void
put_with_value(struct buf *out, const struct sample *s, const uint8_t *value, size_t size)
{
	OWNED_BUF(text) = {0};
	OWNED(char, old, free_chars) = NULL;
	uint8_t unused[200];
	struct bytes at;

	value_of(s, &at, unused);
	old = xprintf("%.*s", (int)at.size, (const char *)at.data);
	buf_base64(&text, value, size);
	(void)replaced(out, buf_bytes(&s->message), old, (char *)text.data);
}

static void
judge_values(struct tally *t, const struct sample *s)
{
	static const struct family f = {
		"signature value", "SIGNATURE SIGNATURE-SHAPE SCHEMA", NULL};

	for (const char *letter = "rszon+thelxdf"; *letter != '\0'; letter++) {
		OWNED_BUF(doc) = {0};
		uint8_t value[200] = {0};
		struct bytes at;
		size_t size;

		value_of(s, &at, value);
		size = change_value(*letter, value);
		put_with_value(&doc, s, value, size);
		judge(t, s, &f, buf_bytes(&doc), ALL_MODES);
	}
}

/* (r, n - s) is a good signature over the same octets by the same key, and whoever carries a
 * message can work it out: a second message with the same id. Only the smaller of the two counts.
 */
static size_t
count_twins(struct world *w)
{
	size_t accepted = 0;

	for (enum action a = 0; a < ACTION_N; a++) {
		const struct sample *s = &w->sample[a];
		BIGNUM *n = NULL, *half;
		OWNED_BUF(doc) = {0};
		uint8_t value[200];
		struct bytes at;
		struct verdict v;

		value_of(s, &at, value);
		half = BN_bin2bn(value + 32, 32, NULL);
		BN_hex2bn(&n, P256_ORDER);
		BN_sub(half, n, half);
		BN_bn2binpad(half, value + 32, 32);
		put_with_value(&doc, s, value, 64);
		accepted += examiner_examine(
				    w->examiner, EXAMINE_FILE, NULL, buf_bytes(&doc), &v) == E_OK
				    ? 1
				    : 0;
		BN_free(n);
		BN_free(half);
	}
	return accepted;
}

bool
part_forms(struct world *w)
{
	struct tally t = {.world = w};
	size_t twins;
	bool good;

	for (enum action a = 0; a < ACTION_N; a++) {
		for (size_t i = 0; i < ARRAY_LEN(forms); i++)
			judge_form(&t, &w->sample[a], i);
		judge_values(&t, &w->sample[a]);
	}
	good = report(&t, "forms, algorithms, keys and values of signatures, 10 actions", 900);
	twins = count_twins(w);
	printf("# the second ECDSA signature (r, n - s) over the same octets: %zu of %d accepted\n",
		twins, (int)ACTION_N);
	return good && twins == 0;
}

/* For those who watch what an examiner asks of its kernel: everything that names a file or a host
 * is among them. */
bool
part_access(struct world *w)
{
	static const enum action actions[] = {A_QUERY, A_RECEIPT};
	struct tally t = {.world = w};

	for (size_t a = 0; a < ARRAY_LEN(actions); a++)
		for (size_t i = 0; i < ARRAY_LEN(forms); i++)
			judge_form(&t, &w->sample[actions[a]], i);
	printf("# shown: %zu documents of %zu forms\n", t.documents, ARRAY_LEN(forms));
	return part_controls(w) && t.accepted == 0 && t.lost == 0;
}
