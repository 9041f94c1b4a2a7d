/* SPDX-License-Identifier: EUPL-1.2
 * Bodies encrypted and opened again, by the wrong people, altered everywhere, and in other
 * profiles; and the key agreement worked out a second time by hand. */
#include <stdio.h>

#include <openssl/core_names.h>

#include "lib/bodykey.h"
#include "lib/encrypt.h"
#include "lib/xml.h"
#include "tests/unit/test_keys.h"

static struct identity *p256, *p384, *rsa, *other, *ed25519, *weak;
static uint8_t text[2048];

static struct bytes
plain(void)
{
	return bytes_of(text, sizeof(text));
}

static void
seal_for(const struct identity *who, struct buf *out)
{
	assert_int_equal(encrypt_body(plain(), &who->cert, 1, out), E_OK);
}

static enum err
open_one(const struct buf *b, const struct identity *who)
{
	OWNED_BUF(out) = {0};
	enum err e = decrypt_body(buf_bytes(b), who, &out);

	if (e == E_OK) {
		assert_int_equal(out.size, sizeof(text));
		assert_memory_equal(out.data, text, sizeof(text));
	} else {
		assert_int_equal(out.size, 0);
	}
	return e;
}

/* `good' with the first `what' replaced. */
static void
replaced(struct buf *out, const struct buf *good, const char *what, const char *by)
{
	const char *all = (const char *)good->data, *hit = strstr(all, what);

	assert_non_null(hit);
	buf_reset(out);
	buf_add(out, all, (size_t)(hit - all));
	buf_text(out, by);
	buf_text(out, hit + strlen(what));
}

/* ---- good ones ---- */

static void
size_classes(void **state)
{
	static const size_t kib[] = {2, 4, 8, 16, 32, 64, 128, 160};

	(void)state;
	assert_int_equal(encrypt_class(0), 2048);
	for (size_t i = 0; i < ARRAY_LEN(kib); i++) {
		assert_int_equal(encrypt_class(kib[i] * 1024), kib[i] * 1024);
		assert_int_equal(encrypt_class(kib[i] * 1024 + 1),
			i + 1 < ARRAY_LEN(kib) ? kib[i + 1] * 1024 : 0);
	}
}

static void
everyone_addressed_can_open(void **state)
{
	struct identity *all[] = {p256, p384, rsa, other};
	X509 *to[] = {p256->cert, p384->cert, rsa->cert, other->cert};

	(void)state;
	for (size_t n = 1; n <= 4; n++) {
		OWNED_BUF(b) = {0};
		OWNED(xmlDoc, d, xml_free) = NULL;

		assert_int_equal(encrypt_body(plain(), to, n, &b), E_OK);
		for (size_t i = 0; i < 4; i++)
			assert_int_equal(open_one(&b, all[i]), i < n ? E_OK : E_BODY);
		assert_int_equal(xml_parse(buf_bytes(&b), &d), E_OK);
		assert_int_equal(xml_check_canonical(d, buf_bytes(&b)), E_OK);
	}
}

static void
the_largest_body_fits_into_a_message(void **state)
{
	X509 *to[] = {rsa->cert, p384->cert, p256->cert, other->cert};
	size_t size = 160 * 1024;
	uint8_t *large = calloc(1, size);
	OWNED_BUF(b) = {0};
	OWNED_BUF(out) = {0};

	(void)state;
	large[size - 1] = 7;
	assert_int_equal(encrypt_body(bytes_of(large, size), to, 4, &b), E_OK);
	assert_true(b.size < XML_MESSAGE_MAX - 24 * 1024);
	assert_int_equal(decrypt_body(buf_bytes(&b), p256, &out), E_OK);
	assert_int_equal(out.size, size);
	assert_memory_equal(out.data, large, size);
	free(large);
}

static void
nothing_is_used_twice(void **state)
{
	OWNED_BUF(a) = {0};
	OWNED_BUF(b) = {0};
	struct bytes one, two;

	(void)state;
	seal_for(p256, &a);
	seal_for(p256, &b);
	assert_int_equal(a.size, b.size);
	assert_true(xml_cut(buf_bytes(&a), "ds11:PublicKey", &one));
	assert_true(xml_cut(buf_bytes(&b), "ds11:PublicKey", &two));
	assert_memory_not_equal(one.data, two.data, one.size);
	/* Same text, same size: the nonce, at the front of the last value, makes them differ. */
	const char *mark = "</ds:KeyInfo><xenc:CipherData><xenc:CipherValue>";
	const char *from_a = strstr(strstr((char *)a.data, "</xenc:EncryptedKey>"), mark);
	const char *from_b = strstr(strstr((char *)b.data, "</xenc:EncryptedKey>"), mark);
	assert_memory_not_equal(from_a + strlen(mark), from_b + strlen(mark), 16);
	assert_memory_not_equal(from_a + strlen(mark) + 16, from_b + strlen(mark) + 16, 16);
}

/* The wrapped key, opened with no function of ours: Z by EVP, SHA-256 over counter, Z and the
 * parameters as the document writes them, AES key wrap by EVP. */
static void
the_agreement_is_what_the_document_says(void **state)
{
	OWNED_BUF(b) = {0};
	OWNED_BUF(hashed) = {0};
	struct bytes cut;
	uint8_t point[128], wrapped[128], z[64], kek[32], key[64], info[128];
	size_t point_size = sizeof(point), wrapped_size = sizeof(wrapped), z_size = sizeof(z);

	(void)state;
	seal_for(p256, &b);
	assert_true(xml_cut(buf_bytes(&b), "ds11:PublicKey", &cut));
	size_t tag = strlen("<ds11:PublicKey>");
	assert_true(
		base64_decode((char *)cut.data + tag, cut.size - 2 * tag - 1, point, &point_size));
	struct bytes envelope;
	assert_true(xml_cut(buf_bytes(&b), "xenc:EncryptedKey", &envelope));
	assert_true(xml_cut(envelope, "xenc:CipherValue", &cut));
	tag = strlen("<xenc:CipherValue>");
	assert_true(base64_decode(
		(char *)cut.data + tag, cut.size - 2 * tag - 1, wrapped, &wrapped_size));

	EVP_PKEY *theirs = EVP_PKEY_new();
	EVP_PKEY_copy_parameters(theirs, p256->key);
	assert_int_equal(EVP_PKEY_set1_encoded_public_key(theirs, point, point_size), 1);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(p256->key, NULL);
	assert_int_equal(EVP_PKEY_derive_init(c), 1);
	assert_int_equal(EVP_PKEY_derive_set_peer(c, theirs), 1);
	assert_int_equal(EVP_PKEY_derive(c, z, &z_size), 1);
	EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(theirs);

	buf_u32(&hashed, 1);
	buf_add(&hashed, z, z_size);
	const char *names[] = {" AlgorithmID=\"", " PartyUInfo=\"", " PartyVInfo=\""};
	for (size_t i = 0; i < 3; i++) {
		const char *hex = strstr((char *)b.data, names[i]) + strlen(names[i]);
		size_t n = (size_t)(strchr(hex, '"') - hex) / 2;
		for (size_t k = 0; k < n; k++) {
			unsigned v;
			assert_int_equal(sscanf(hex + 2 * k, "%2X", &v), 1);
			info[k] = (uint8_t)v;
		}
		assert_int_equal(info[0], 0);
		buf_add(&hashed, info + 1, n - 1);
	}
	EVP_Digest(hashed.data, hashed.size, kek, NULL, EVP_sha256(), NULL);
	EVP_CIPHER_CTX *w = EVP_CIPHER_CTX_new();
	int n = 0;
	EVP_CIPHER_CTX_set_flags(w, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	assert_int_equal(EVP_DecryptInit_ex(w, EVP_aes_256_wrap(), NULL, kek, NULL), 1);
	assert_int_equal(EVP_DecryptUpdate(w, key, &n, wrapped, (int)wrapped_size), 1);
	assert_int_equal(n, 32);
	EVP_CIPHER_CTX_free(w);
}

/* Test case 14 of the GCM specification: key, nonce and one block of text, all zeros. */
static void
gcm_opens_a_published_vector(void **state)
{
	static const uint8_t sealed[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* nonce */
		0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60, 0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3,
		0x9d, 0x18, /* text */
		0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0, 0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a,
		0xb9, 0x19}; /* tag */
	static const uint8_t zeros[32];
	OWNED_BUF(out) = {0};

	(void)state;
	assert_true(gcm_open(zeros, bytes_of(sealed, sizeof(sealed)), &out));
	assert_int_equal(out.size, 16);
	assert_memory_equal(out.data, zeros, 16);
	for (size_t n = 0; n < sizeof(sealed); n++)
		assert_false(gcm_open(zeros, bytes_of(sealed, n), &out));
}

/* ---- keys that are not good enough ---- */

static void
not_every_key_can_be_encrypted_to(void **state)
{
	X509 *mixed[] = {p256->cert, weak->cert};
	OWNED_BUF(b) = {0};

	(void)state;
	assert_int_equal(encrypt_body(plain(), &ed25519->cert, 1, &b), E_ALGORITHM);
	assert_int_equal(encrypt_body(plain(), &weak->cert, 1, &b), E_WEAK_KEY);
	assert_int_equal(encrypt_body(plain(), mixed, 2, &b), E_WEAK_KEY);
	assert_int_equal(b.size, 0);
}

static void
the_certificate_alone_opens_nothing(void **state)
{
	struct identity thief = *other;
	OWNED_BUF(ec) = {0};
	OWNED_BUF(by_rsa) = {0};

	(void)state;
	seal_for(p256, &ec);
	seal_for(rsa, &by_rsa);
	assert_int_equal(open_one(&ec, other), E_BODY);
	thief.der = p256->der;
	thief.der_size = p256->der_size;
	assert_int_equal(open_one(&ec, &thief), E_BODY);
	thief.key = X509_get0_pubkey(p256->cert);
	assert_int_equal(open_one(&ec, &thief), E_BODY);
	thief.key = rsa->key;
	assert_int_equal(open_one(&ec, &thief), E_BODY);
	thief.key = p384->key;
	assert_int_equal(open_one(&ec, &thief), E_BODY);
	thief.der = rsa->der;
	thief.der_size = rsa->der_size;
	assert_int_equal(open_one(&by_rsa, &thief), E_BODY);
	thief.key = weak->key;
	assert_int_equal(open_one(&by_rsa, &thief), E_BODY);
}

/* ---- altered ---- */

/* One flipped bit in each octet: whatever it hits, the same refusal, or that of the profile. */
static void
every_altered_octet_is_refused(void **state)
{
	X509 *to[] = {p256->cert, rsa->cert};
	OWNED_BUF(b) = {0};
	size_t profile = 0;

	(void)state;
	assert_int_equal(encrypt_body(plain(), to, 2, &b), E_OK);
	for (size_t i = 0; i < b.size; i++) {
		uint8_t was = b.data[i];

		b.data[i] ^= (uint8_t)(1u << (i % 8));
		enum err by_ec = open_one(&b, p256), by_rsa = open_one(&b, rsa);
		/* The wrapped key and the ephemeral key of the one don't matter to the other. */
		assert_true(by_ec != E_OK || by_rsa != E_OK);
		assert_true(by_ec == E_OK || by_ec == E_BODY || by_ec == E_ALGORITHM);
		assert_true(by_rsa == E_OK || by_rsa == E_BODY || by_rsa == E_ALGORITHM);
		assert_int_equal(by_ec == E_ALGORITHM, by_rsa == E_ALGORITHM);
		profile += by_ec == E_ALGORITHM ? 1 : 0;
		b.data[i] = was;
	}
	assert_true(profile > 300);
	assert_int_equal(open_one(&b, p256), E_OK);
}

static void
every_cut_is_refused(void **state)
{
	OWNED_BUF(b) = {0};
	OWNED_BUF(more) = {0};

	(void)state;
	seal_for(p256, &b);
	for (size_t n = 0; n < b.size; n++) {
		OWNED_BUF(out) = {0};
		uint8_t *copy = malloc(n + (n == 0));
		memcpy(copy, b.data, n);
		enum err e = decrypt_body(bytes_of(copy, n), p256, &out);
		assert_true(e == E_BODY || e == E_ALGORITHM);
		assert_int_equal(out.size, 0);
		free(copy);
	}
	buf_add_bytes(&more, buf_bytes(&b));
	buf_text(&more, " ");
	assert_int_equal(open_one(&more, p256), E_BODY);
	buf_reset(&more);
	buf_text(&more, " ");
	buf_add_bytes(&more, buf_bytes(&b));
	assert_int_equal(open_one(&more, p256), E_BODY);
}

/* ---- other profiles ---- */

struct change {
	const char *what, *by;
	enum err code;
};

static void
expect_changes(const struct identity *who, const struct change *rows, size_t n)
{
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};

	seal_for(who, &good);
	for (size_t i = 0; i < n; i++) {
		replaced(&b, &good, rows[i].what, rows[i].by);
		enum err e = open_one(&b, who);
		if (e != rows[i].code)
			fail_msg("row %zu: %s", i, err_word(e));
	}
}

#define XENC11 "http://www.w3.org/2009/xmlenc11#"
#define XENC "http://www.w3.org/2001/04/xmlenc#"

static void
other_profiles_are_refused(void **state)
{
	static const struct change common[] = {
		{XENC11 "aes256-gcm", XENC11 "aes128-gcm", E_ALGORITHM},
		{XENC11 "aes256-gcm", XENC "aes256-cbc", E_ALGORITHM},
		{XENC11 "aes256-gcm", XENC "tripledes-cbc", E_ALGORITHM},
		{XENC "Element\"", XENC "Content\"", E_ALGORITHM},
		{" Type=\"", " MimeType=\"", E_BODY},
		{"xmlns:xenc=\"" XENC "\"", "xmlns:xenc=\"urn:x\"", E_BODY},
		{"<xenc:EncryptedKey>", "<xenc:EncryptedKey Id=\"k\">", E_BODY},
		{"<xenc:EncryptedKey>", "", E_BODY},
		{"<xenc:CipherValue>",
			"<xenc:CipherReference URI=\"http://127.0.0.1:9/\">"
			"</xenc:CipherReference><xenc:CipherValue>",
			E_BODY},
		{"<xenc:CipherValue>", "<xenc:CipherValue>\n", E_BODY},
		{"X509Digest xmlns:ds11=\"http://www.w3.org/2009/xmldsig11#\" Algorithm=\"" XENC,
			"X509Digest xmlns:ds11=\"http://www.w3.org/2009/xmldsig11#\" Algorithm=\"u",
			E_ALGORITHM},
		{"<ds:X509Data>", "<ds:KeyName>x</ds:KeyName><ds:X509Data>", E_BODY},
	};
	static const struct change ec[] = {
		{XENC "kw-aes256", XENC "kw-aes128", E_ALGORITHM},
		{XENC "kw-aes256", XENC "kw-tripledes", E_ALGORITHM},
		{XENC11 "ECDH-ES", XENC "dh", E_ALGORITHM},
		{XENC11 "ConcatKDF", XENC11 "pbkdf2", E_ALGORITHM},
		{" AlgorithmID=\"00", " AlgorithmID=\"01", E_ALGORITHM},
		{" PartyUInfo=\"0064", " PartyUInfo=\"0065", E_ALGORITHM},
		{" PartyVInfo=\"0064", " PartyVInfo=\"0065", E_ALGORITHM},
		{" PartyVInfo=\"0064", " SuppPubInfo=\"00\" PartyVInfo=\"0064", E_BODY},
		{"DigestMethod Algorithm=\"" XENC "sha256",
			"DigestMethod Algorithm=\"" XENC "sha512", E_ALGORITHM},
		{"urn:oid:1.2.840.10045.3.1.7", "urn:oid:1.3.132.0.10", E_ALGORITHM},
		{"urn:oid:1.2.840.10045.3.1.7", "urn:oid:1.3.132.0.34", E_BODY},
	};
	static const struct change by_rsa[] = {
		{XENC11 "rsa-oaep", XENC "rsa-1_5", E_ALGORITHM},
		{XENC11 "rsa-oaep", XENC "rsa-oaep-mgf1p", E_ALGORITHM},
		{"mgf1sha256", "mgf1sha1", E_ALGORITHM},
		{"DigestMethod Algorithm=\"" XENC "sha256", "DigestMethod Algorithm=\"" XENC "sha1",
			E_ALGORITHM},
		{"<ds:DigestMethod", "<xenc:OAEPparams>AA==</xenc:OAEPparams><ds:DigestMethod",
			E_BODY},
	};

	(void)state;
	expect_changes(p256, common, ARRAY_LEN(common));
	expect_changes(rsa, common, ARRAY_LEN(common));
	expect_changes(p256, ec, ARRAY_LEN(ec));
	expect_changes(rsa, by_rsa, ARRAY_LEN(by_rsa));
}

/* ---- points that are no keys ---- */

static void
points_off_the_curve_are_refused(void **state)
{
	uint8_t point[65] = {0x04};
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};
	OWNED_BUF(coded) = {0};
	struct bytes cut;

	(void)state;
	seal_for(p256, &good);
	assert_true(xml_cut(buf_bytes(&good), "ds11:PublicKey", &cut));
	OWNED(char, old, free_chars) = xprintf("%.*s", (int)cut.size, (const char *)cut.data);
	for (int i = 0; i < 4; i++) {
		size_t size = i == 1 ? 1 : i == 2 ? 33 : 65;

		memset(point + 1, i == 3 ? 0xff : 0x11, 64);
		point[0] = i == 1 ? 0x00 : i == 2 ? 0x02 : 0x04; /* infinity; compressed */
		assert_null(ephemeral_read(CURVE_P256, bytes_of(point, size)));
		buf_reset(&coded);
		buf_text(&coded, "<ds11:PublicKey>");
		buf_base64(&coded, point, size);
		buf_text(&coded, "</ds11:PublicKey>");
		replaced(&b, &good, old, (char *)coded.data);
		assert_int_equal(open_one(&b, p256), E_BODY);
	}
}

/* OpenSSL also reads the hybrid form of a point; the profile has one form. */
static void
points_have_one_form(void **state)
{
	OWNED_BUF(good) = {0};
	uint8_t point[BODYKEY_POINT_MAX];
	size_t size;
	OWNED(EVP_PKEY, k, key_free) = ephemeral_new(CURVE_P256, point, &size);

	(void)state;
	OWNED(EVP_PKEY, same, key_free) = ephemeral_read(CURVE_P256, bytes_of(point, size));
	assert_non_null(same);
	point[0] = (uint8_t)(0x06 | (point[64] & 1));
	assert_null(ephemeral_read(CURVE_P256, bytes_of(point, size)));
	point[0] = (uint8_t)(0x02 | (point[64] & 1));
	assert_null(ephemeral_read(CURVE_P256, bytes_of(point, 33)));
	point[0] = 0x04;
	assert_null(ephemeral_read(CURVE_P256, bytes_of(point, 64)));
	assert_null(ephemeral_read(CURVE_P384, bytes_of(point, size)));
}

/* The key's value, longer or shorter than a wrapped key is. */
static void
wrapped_keys_have_their_size(void **state)
{
	static const uint8_t octets[1024] = {1};
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};
	OWNED_BUF(coded) = {0};
	struct bytes envelope, cut;

	(void)state;
	seal_for(p256, &good);
	assert_true(xml_cut(buf_bytes(&good), "xenc:EncryptedKey", &envelope));
	assert_true(xml_cut(envelope, "xenc:CipherValue", &cut));
	OWNED(char, old, free_chars) = xprintf("%.*s", (int)cut.size, (const char *)cut.data);
	for (size_t n = 0; n <= sizeof(octets); n += 8) {
		buf_reset(&coded);
		buf_text(&coded, "<xenc:CipherValue>");
		buf_base64(&coded, octets, n);
		buf_text(&coded, "</xenc:CipherValue>");
		replaced(&b, &good, old, (char *)coded.data);
		assert_int_equal(open_one(&b, p256), E_BODY);
	}
}

/* The key for another recipient is read as strictly as one's own. */
static void
keys_for_others_must_be_well_formed(void **state)
{
	X509 *to[] = {p256->cert, other->cert};
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};
	OWNED_BUF(from) = {0};
	struct digest d;

	(void)state;
	assert_int_equal(encrypt_body(plain(), to, 2, &good), E_OK);
	digest_of(other->der, other->der_size, &d);
	buf_base64(&from, d.octet, DIGEST_SIZE);
	replaced(&b, &good, (char *)from.data, "AAAA");
	assert_int_equal(open_one(&b, p256), E_BODY);
	replaced(&b, &good, (char *)from.data, "");
	assert_int_equal(open_one(&b, p256), E_BODY);
	/* Another's digest may be anything of that size: it is his. */
	replaced(&b, &good, (char *)from.data, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
	assert_int_equal(open_one(&b, p256), E_OK);
}

/* OAEP and its MGF1 with SHA-256, asked of OpenSSL by name. */
static void
oaep_uses_sha256(void **state)
{
	uint8_t key[BODYKEY_SIZE] = {1, 2, 3}, wrapped[BODYKEY_WRAPPED_MAX], out[512];
	size_t size = sizeof(wrapped), n = sizeof(out);
	OSSL_PARAM p[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_PAD_MODE, (char *)"oaep", 0),
		OSSL_PARAM_construct_utf8_string(
			OSSL_ASYM_CIPHER_PARAM_OAEP_DIGEST, (char *)"SHA256", 0),
		OSSL_PARAM_construct_utf8_string(
			OSSL_ASYM_CIPHER_PARAM_MGF1_DIGEST, (char *)"SHA256", 0),
		OSSL_PARAM_construct_end()};

	(void)state;
	assert_true(bodykey_rsa_wrap(X509_get0_pubkey(rsa->cert), key, wrapped, &size));
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(rsa->key, NULL);
	assert_int_equal(EVP_PKEY_decrypt_init_ex(c, p), 1);
	assert_int_equal(EVP_PKEY_decrypt(c, out, &n, wrapped, size), 1);
	assert_int_equal(n, sizeof(key));
	assert_memory_equal(out, key, sizeof(key));
	EVP_PKEY_CTX_free(c);
}

static void
five_recipients_are_too_many(void **state)
{
	X509 *to[] = {p256->cert, p384->cert, rsa->cert, other->cert};
	OWNED_BUF(b) = {0};
	OWNED_BUF(more) = {0};
	OWNED_BUF(one) = {0};
	struct bytes cut;

	(void)state;
	assert_int_equal(encrypt_body(plain(), to, 4, &b), E_OK);
	seal_for(p256, &one);
	assert_true(xml_cut(buf_bytes(&one), "xenc:EncryptedKey", &cut));
	OWNED(char, fifth, free_chars) =
		xprintf("%.*s<xenc:EncryptedKey>", (int)cut.size, (const char *)cut.data);
	replaced(&more, &b, "<xenc:EncryptedKey>", fifth);
	assert_int_equal(open_one(&more, p384), E_BODY);
}

static int
make_keys(void **state)
{
	(void)state;
	p256 = make_identity("P-256");
	other = make_identity("P-256");
	p384 = make_identity("P-384");
	rsa = make_identity("RSA-3072");
	weak = make_identity("RSA-2048");
	ed25519 = make_identity("ED25519");
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)(i * 7);
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
	identity_free(&weak);
	identity_free(&ed25519);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(size_classes),
		cmocka_unit_test(everyone_addressed_can_open),
		cmocka_unit_test(the_largest_body_fits_into_a_message),
		cmocka_unit_test(nothing_is_used_twice),
		cmocka_unit_test(the_agreement_is_what_the_document_says),
		cmocka_unit_test(gcm_opens_a_published_vector),
		cmocka_unit_test(not_every_key_can_be_encrypted_to),
		cmocka_unit_test(the_certificate_alone_opens_nothing),
		cmocka_unit_test(every_altered_octet_is_refused),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(other_profiles_are_refused),
		cmocka_unit_test(points_off_the_curve_are_refused),
		cmocka_unit_test(points_have_one_form),
		cmocka_unit_test(wrapped_keys_have_their_size),
		cmocka_unit_test(keys_for_others_must_be_well_formed),
		cmocka_unit_test(oaep_uses_sha256),
		cmocka_unit_test(five_recipients_are_too_many),
	};

	xml_init();
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
