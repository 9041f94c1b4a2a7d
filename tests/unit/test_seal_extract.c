/* SPDX-License-Identifier: EUPL-1.2
 * The registrar's seal (XAdES baseline B): what is accepted, and what is not. Form is asked of each
 * vote alone, so that a wrong form is not mistaken for a wrong value. */
#include <stdio.h>

#include "lib/seal_parts.h"
#include "tests/unit/test_forge.h"

#define EXTRACT_OPEN "<b:CertifiedExtract xmlns:b=\"urn:daftar:birth:1\">"
#define EXTRACT_TEXT                                                                               \
	"<b:Child><t:Name xmlns:t=\"urn:daftar:types:1\">\xd8\xa3\xd9\x85\xd9\x8a\xd9\x86\xd8\xa9" \
	"</t:Name></b:Child>"
#define EXTRACT_CLOSE "</b:CertifiedExtract>"
#define EXTRACT EXTRACT_OPEN EXTRACT_TEXT EXTRACT_CLOSE
#define WHEN 1795507200123 /* 2026-11-24T08:00:00.123Z */

static struct identity *p256, *p384, *rsa, *other;
static struct claims claims;

static enum err
form_by_tree(const struct buf *b, enum form form, EVP_PKEY *key)
{
	OWNED(xmlDoc, d, xml_free) = NULL;

	TRY(xml_parse(buf_bytes(b), &d));
	return seal_vote_tree(d, form, key, &claims);
}

static void
expect_seal(const struct buf *b, enum err code, const char *what)
{
	enum err by_tree = form_by_tree(b, FORM_EXTRACT, key_of(p256));
	enum err by_bytes = seal_vote_bytes(buf_bytes(b), FORM_EXTRACT, key_of(p256), &claims);

	if (by_tree != code)
		fail_msg("%.40s: tree says %s", what, err_word(by_tree));
	if (by_bytes != code)
		fail_msg("%.40s: bytes say %s", what, err_word(by_bytes));
	if (code != E_OK)
		assert_int_equal(seal_verify_extract(buf_bytes(b), key_of(p256), NULL), E_SEAL);
}

static void
seal_one(const struct identity *who, struct buf *out)
{
	assert_int_equal(seal_extract(bytes_of(EXTRACT, strlen(EXTRACT)), who, WHEN, out), E_OK);
}

static void
seal_and_verify_with_every_kind_of_key(void **state)
{
	const struct identity *all[] = {p256, p384, rsa};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		OWNED_BUF(out) = {0};
		OWNED(xmlDoc, d, xml_free) = NULL;
		uint8_t der[8192];
		size_t size = sizeof(der);
		int64_t when = 0;

		seal_one(all[i], &out);
		assert_int_equal(seal_verify_extract(buf_bytes(&out), key_of(all[i]), &when), E_OK);
		assert_true(when == WHEN);
		assert_int_equal(seal_verify_extract(buf_bytes(&out), key_of(all[i]), NULL), E_OK);
		assert_int_equal(
			seal_verify_extract(buf_bytes(&out), key_of(other), &when), E_SEAL);
		assert_int_equal(xml_parse(buf_bytes(&out), &d), E_OK);
		assert_int_equal(xml_check_canonical(d, buf_bytes(&out)), E_OK);
		assert_int_equal(seal_cert(d, der, &size), E_OK);
		assert_memory_equal(der, all[i]->der, size);
		assert_non_null(strstr((char *)out.data,
			"<xades:SigningTime>2026-11-24T08:00:00.123Z</xades:SigningTime>"));
	}
}

static void
the_two_forms_are_not_taken_for_each_other(void **state)
{
	struct bytes doc = bytes_of(EXTRACT, strlen(EXTRACT));
	OWNED_BUF(message) = {0};
	OWNED_BUF(sealed) = {0};

	(void)state;
	assert_int_equal(seal_sign(doc, p256, &message), E_OK);
	seal_one(p256, &sealed);
	expect_seal(&message, E_SIGNATURE_SHAPE, "signature for a seal");
	assert_int_equal(seal_verify_both(buf_bytes(&sealed), key_of(p256)), E_SIGNATURE_SHAPE);
	assert_int_equal(form_by_tree(&sealed, FORM_MESSAGE, key_of(p256)), E_SIGNATURE_SHAPE);
	assert_int_equal(seal_vote_bytes(buf_bytes(&sealed), FORM_MESSAGE, key_of(p256), &claims),
		E_SIGNATURE_SHAPE);
}

static void
anything_more_is_refused_everywhere(void **state)
{
	static const char *const more[] = {
		" ", "<ds:Object></ds:Object>", "<xades:CertDigest></xades:CertDigest>"};
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};
	size_t places = 0;

	(void)state;
	seal_one(p256, &good);
	const char *text = (const char *)good.data;
	const char *end = strstr(text, "</ds:Signature>");
	for (const char *p = strstr(text, "<ds:Signature "); (p = strchr(p, '>')) < end; p++) {
		/* xades is declared from QualifyingProperties on. */
		bool declared = p > strstr(text, "<xades:Q") && p < strstr(text, "</xades:Q");
		for (size_t i = 0; i < (declared ? 3 : 2); i++) {
			buf_reset(&b);
			buf_printf(&b, "%.*s%s%s", (int)(p + 1 - text), text, more[i], p + 1);
			expect_seal(&b, E_SIGNATURE_SHAPE, p);
			places++;
		}
		const char *tag = p;
		while (*tag != '<')
			tag--;
		if (tag[1] == '/')
			continue;
		buf_reset(&b);
		buf_printf(&b, "%.*s zzz=\"1\"%s", (int)(p - text), text, p);
		expect_seal(&b, E_SIGNATURE_SHAPE, tag);
	}
	assert_true(places > 100);
}

static void
anything_less_is_refused_everywhere(void **state)
{
	static const char *const elements[] = {"ds:SignedInfo", "ds:CanonicalizationMethod",
		"ds:SignatureMethod", "ds:SignatureValue", "ds:KeyInfo", "ds:X509Data",
		"ds:X509Certificate", "ds:Object", "xades:QualifyingProperties",
		"xades:SignedProperties", "xades:SignedSignatureProperties", "xades:SigningTime",
		"xades:SigningCertificateV2", "xades:Cert", "xades:CertDigest"};
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};

	(void)state;
	seal_one(p256, &good);
	for (size_t i = 0; i < ARRAY_LEN(elements); i++) {
		struct bytes cut;

		assert_true(xml_cut(buf_bytes(&good), elements[i], &cut));
		size_t before = (size_t)(cut.data - good.data);
		buf_reset(&b);
		buf_add(&b, good.data, before);
		buf_add(&b, cut.data + cut.size, good.size - before - cut.size);
		expect_seal(&b, E_SIGNATURE_SHAPE, elements[i]);
	}
}

static void
each_fixed_value_is_fixed(void **state)
{
	static const struct {
		const char *what, *by;
		enum err code;
	} rows[] = {
		{" Id=\"seal\"", " Id=\"seat\"", E_SIGNATURE_SHAPE},
		{" Id=\"seal\"", "", E_SIGNATURE_SHAPE},
		{"URI=\"\"", "URI=\"#seal\"", E_SIGNATURE_SHAPE},
		{"URI=\"#seal-properties\"", "URI=\"#seal\"", E_SIGNATURE_SHAPE},
		{"URI=\"#seal-properties\"", "URI=\"\"", E_SIGNATURE_SHAPE},
		{"Type=\"http://uri.etsi.org/01903#Sig", "Type=\"http://uri.etsi.org/01903#sig",
			E_SIGNATURE_SHAPE},
		{"Target=\"#seal\"", "Target=\"#s\"", E_SIGNATURE_SHAPE},
		{"Id=\"seal-properties\"", "Id=\"properties\"", E_SIGNATURE_SHAPE},
		{"http://uri.etsi.org/01903/v1.3.2#", "http://uri.etsi.org/01903/v1.4.1#",
			E_SIGNATURE_SHAPE},
		{"2026-11-24T08:00:00.123Z", "2026-11-24T08:00:00Z", E_SIGNATURE_SHAPE},
		{"2026-11-24T08:00:00.123Z", "2026-11-24T08:00:00.123+03:00", E_SIGNATURE_SHAPE},
		{"2026-11-24T08:00:00.123Z", "2026-11-31T08:00:00.123Z", E_SIGNATURE_SHAPE},
		{"2026-11-24T08:00:00.123Z", "", E_SIGNATURE_SHAPE},
		{"2026-11-24T08:00:00.123Z", "2025-11-24T08:00:00.123Z", E_SIGNATURE},
		{"ecdsa-sha256", "hmac-sha256", E_ALGORITHM},
		{ALG_SHA256, NS_DSIG "sha1", E_ALGORITHM},
		{"\xd9\x8a", "\xd9\x89", E_SIGNATURE},
	};
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};

	(void)state;
	seal_one(p256, &good);
	expect_seal(&good, E_OK, "good");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		replaced(&b, &good, rows[i].what, rows[i].by);
		expect_seal(&b, rows[i].code, rows[i].by);
	}
	/* The digest methods of the second reference and of the certificate, one after the other.
	 */
	for (int nth = 2; nth <= 3; nth++) {
		const char *hit = (const char *)good.data;
		for (int i = 0; i < nth; i++)
			hit = strstr(hit + 1, "#sha256\"");
		buf_reset(&b);
		buf_printf(&b, "%.*s#sha512\"%s", (int)(hit - (const char *)good.data),
			(const char *)good.data, hit + strlen("#sha256\""));
		expect_seal(&b, E_ALGORITHM, "another digest method");
	}
}

/* Ids are ours to give: nothing else in the document may have the one that is signed. */
static void
a_second_element_with_the_id_is_refused(void **state)
{
	const char *doc = "<b:X xmlns:b=\"urn:daftar:birth:1\" xml:id=\"seal-properties\"></b:X>";
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};

	(void)state;
	assert_int_equal(seal_extract(bytes_of(doc, strlen(doc)), p256, WHEN, &b), E_MALFORMED);
	assert_int_equal(b.size, 0);
	seal_one(p256, &good);
	replaced(&b, &good, "<b:Child>", "<b:Child xml:id=\"seal-properties\">");
	assert_int_equal(form_by_tree(&b, FORM_EXTRACT, key_of(p256)), E_SIGNATURE_SHAPE);
	assert_int_equal(seal_verify_extract(buf_bytes(&b), key_of(p256), NULL), E_SEAL);
	/* An attribute that is only called Id is no id. */
	const char *id = "<b:X xmlns:b=\"urn:daftar:birth:1\" Id=\"seal-properties\"></b:X>";
	buf_reset(&b);
	assert_int_equal(seal_extract(bytes_of(id, strlen(id)), p256, WHEN, &b), E_OK);
	assert_int_equal(seal_verify_extract(buf_bytes(&b), key_of(p256), NULL), E_OK);
}

/* KeyInfo is not signed; the signed properties say which certificate it must be. */
static void
another_certificate_for_the_same_key_is_refused(void **state)
{
	X509 *again = make_cert(p256->key, NULL, NULL, (struct cert_plan){.name = "again"});
	struct identity twin = *p256;
	OWNED_BUF(good) = {0};
	OWNED_BUF(old) = {0};
	OWNED_BUF(new) = {0};
	OWNED_BUF(b) = {0};
	unsigned char *der = NULL;

	(void)state;
	int n = i2d_X509(again, &der);
	seal_one(p256, &good);
	buf_base64(&old, p256->der, p256->der_size);
	buf_base64(&new, der, (size_t)n);
	replaced(&b, &good, (char *)old.data, (char *)new.data);
	assert_int_equal(form_by_tree(&b, FORM_EXTRACT, key_of(p256)), E_OK);
	assert_int_equal(seal_vote_bytes(buf_bytes(&b), FORM_EXTRACT, key_of(p256), &claims), E_OK);
	assert_int_equal(seal_verify_extract(buf_bytes(&b), key_of(p256), NULL), E_SEAL);

	/* Named and carried is another's certificate: it doesn't hold the key. */
	twin.der = other->der;
	twin.der_size = other->der_size;
	buf_reset(&b);
	seal_one(&twin, &b);
	assert_int_equal(form_by_tree(&b, FORM_EXTRACT, key_of(p256)), E_OK);
	assert_int_equal(seal_verify_extract(buf_bytes(&b), key_of(p256), NULL), E_SEAL);
	/* Or it is no certificate at all. */
	twin.der = (uint8_t *)"no certificate";
	twin.der_size = 14;
	buf_reset(&b);
	seal_one(&twin, &b);
	assert_int_equal(seal_verify_extract(buf_bytes(&b), key_of(p256), NULL), E_SEAL);
	OPENSSL_free(der);
	X509_free(again);
}

/* Here nothing is left out: the certificate is covered too. */
static void
every_flipped_bit_is_refused(void **state)
{
	OWNED_BUF(b) = {0};

	(void)state;
	seal_one(p256, &b);
	for (size_t i = 0; i < b.size; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			b.data[i] ^= (uint8_t)(1u << bit);
			assert_int_equal(
				seal_verify_extract(buf_bytes(&b), key_of(p256), NULL), E_SEAL);
			b.data[i] ^= (uint8_t)(1u << bit);
		}
	}
	assert_int_equal(seal_verify_extract(buf_bytes(&b), key_of(p256), NULL), E_OK);
}

static void
an_unsealed_extract_is_refused(void **state)
{
	struct bytes doc = bytes_of(EXTRACT, strlen(EXTRACT));

	(void)state;
	assert_int_equal(seal_verify_extract(doc, key_of(p256), NULL), E_SEAL);
	assert_int_equal(seal_verify_extract(bytes_of(NULL, 0), key_of(p256), NULL), E_SEAL);
	assert_int_equal(seal_vote_bytes(doc, FORM_EXTRACT, key_of(p256), &claims), E_UNSIGNED);
}

static int
make_keys(void **state)
{
	(void)state;
	p256 = make_identity("P-256");
	other = make_identity("P-256");
	p384 = make_identity("P-384");
	rsa = make_identity("RSA-3072");
	return 0;
}

static int
free_keys(void **state)
{
	(void)state;
	identity_free(&p256);
	identity_free(&other);
	identity_free(&p384);
	identity_free(&rsa);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seal_and_verify_with_every_kind_of_key),
		cmocka_unit_test(the_two_forms_are_not_taken_for_each_other),
		cmocka_unit_test(anything_more_is_refused_everywhere),
		cmocka_unit_test(anything_less_is_refused_everywhere),
		cmocka_unit_test(each_fixed_value_is_fixed),
		cmocka_unit_test(a_second_element_with_the_id_is_refused),
		cmocka_unit_test(another_certificate_for_the_same_key_is_refused),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(an_unsealed_extract_is_refused),
	};

	xml_init();
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
