/* SPDX-License-Identifier: EUPL-1.2
 * Signatures of messages: made, verified by both votes, altered everywhere. */
#include <stdio.h>

#include <openssl/bn.h>

#include "tests/unit/test_forge.h"

static struct identity *p256, *p384, *rsa, *other, *small_rsa, *ed25519;

/* ---- good ones ---- */

static void
sign_and_verify_with_every_kind_of_key(void **state)
{
	const struct identity *all[] = {p256, p384, rsa};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (int round = 0; round < 20; round++) {
			OWNED_BUF(doc) = {0};
			OWNED_BUF(out) = {0};
			OWNED(xmlDoc, d, xml_free) = NULL;
			uint8_t der[8192];
			size_t size = sizeof(der);

			buf_printf(&doc, BODY_OPEN "<e:N>%d</e:N>" BODY_CLOSE, round);
			assert_int_equal(seal_sign(buf_bytes(&doc), all[i], &out), E_OK);
			expect(&out, key_of(all[i]), E_OK, "good");
			expect(&out, key_of(other), E_SIGNATURE, "other key");
			assert_int_equal(xml_parse(buf_bytes(&out), &d), E_OK);
			assert_int_equal(xml_check_canonical(d, buf_bytes(&out)), E_OK);
			assert_int_equal(seal_cert(d, der, &size), E_OK);
			assert_int_equal(size, all[i]->der_size);
			assert_memory_equal(der, all[i]->der, size);
		}
	}
}

/* The forger's idea of a right signature is ours, so what it makes wrong is wrong for one reason.
 */
static void
the_forger_can_also_be_honest(void **state)
{
	const struct identity *all[] = {p256, p384, rsa};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		OWNED_BUF(b) = {0};

		forge(&b, &(struct forgery){0}, all[i]);
		expect(&b, key_of(all[i]), E_OK, "honest");
	}
}

static void
names_of_every_script_are_signed(void **state)
{
	OWNED_BUF(doc) = {0};
	OWNED_BUF(out) = {0};

	(void)state;
	buf_text(&doc, "<e:M xmlns:e=\"urn:e\" a=\"&quot;&#xA;&amp;\xe1\x8a\xa0\">&lt;\xd8\xa3"
		       "\xd9\x85&#xD;\n&gt;&amp;<t:x xmlns:t=\"urn:t\"></t:x></e:M>");
	assert_int_equal(seal_sign(buf_bytes(&doc), p256, &out), E_OK);
	expect(&out, key_of(p256), E_OK, "scripts");
}

/* ---- signing refuses ---- */

static void
what_cannot_be_verified_is_not_signed(void **state)
{
	static const struct {
		const char *doc;
		enum err code;
	} rows[] = {
		{"", E_MALFORMED},
		{"text", E_MALFORMED},
		{"<a>", E_MALFORMED},
		{"<a></b>", E_MALFORMED},
		{"<a><b></a></b>", E_MALFORMED},
		{"<a/>", E_MALFORMED},
		{"<a b='1'></a>", E_NOT_CANONICAL},
		{"<a></a>\n", E_NOT_CANONICAL},
		{"<a>\r</a>", E_NOT_CANONICAL},
		{"<a xmlns:q=\"urn:q\"></a>", E_NOT_CANONICAL},
		{"<a><!-- --></a>", E_FORBIDDEN_MARKUP},
		{"<a>\xff</a>", E_NOT_UTF8},
	};
	OWNED_BUF(out) = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bytes doc = bytes_of(rows[i].doc, strlen(rows[i].doc));
		enum err got = seal_sign(doc, p256, &out);
		if (got != rows[i].code)
			fail_msg("row %zu: %s", i, err_word(got));
		assert_int_equal(out.size, 0);
	}
	OWNED_BUF(signed_once) = {0};
	assert_int_equal(seal_sign(bytes_of(BODY, strlen(BODY)), p256, &signed_once), E_OK);
	assert_int_equal(seal_sign(buf_bytes(&signed_once), p256, &out), E_SIGNATURE_SHAPE);
}

static void
weak_or_wrong_keys_do_not_sign(void **state)
{
	struct bytes doc = bytes_of(BODY, strlen(BODY));
	struct identity mixed = *p256;
	OWNED_BUF(out) = {0};
	OWNED_BUF(large) = {0};

	(void)state;
	assert_int_equal(seal_sign(doc, small_rsa, &out), E_WEAK_KEY);
	assert_int_equal(seal_sign(doc, ed25519, &out), E_WEAK_KEY);
	mixed.key = other->key;
	assert_int_equal(seal_sign(doc, &mixed, &out), E_SIGNATURE);
	mixed.key = key_of(p256); /* the public half can't sign */
	assert_int_equal(seal_sign(doc, &mixed, &out), E_NO_KEY);
	buf_text(&large, "<a>");
	while (large.size < XML_MESSAGE_MAX - 100)
		buf_text(&large, "x");
	buf_text(&large, "</a>");
	assert_int_equal(seal_sign(buf_bytes(&large), p256, &out), E_TOO_LARGE);
	assert_int_equal(out.size, 0);
}

/* The largest message that there may be is signed, one octet more is not. */
static void
the_size_limit_is_exact(void **state)
{
	OWNED_BUF(b) = {0};
	OWNED_BUF(out) = {0};
	OWNED_BUF(none) = {0};

	(void)state;
	assert_int_equal(seal_sign(bytes_of("<a></a>", 7), p256, &out), E_OK);
	size_t room = XML_MESSAGE_MAX - out.size;
	buf_reset(&out);
	buf_text(&b, "<a>");
	for (size_t i = 0; i < room; i++)
		buf_text(&b, "x");
	buf_text(&b, "</a>");
	assert_int_equal(seal_sign(buf_bytes(&b), p256, &out), E_OK);
	assert_int_equal(out.size, XML_MESSAGE_MAX);
	expect(&out, key_of(p256), E_OK, "largest");
	b.size -= 4;
	buf_text(&b, "x</a>");
	assert_int_equal(seal_sign(buf_bytes(&b), p256, &none), E_TOO_LARGE);
	assert_int_equal(none.size, 0);
}

/* ---- values ---- */

static void
values_have_their_exact_length(void **state)
{
	struct bytes data = bytes_of("data", 4);
	uint8_t sig[SIGNATURE_MAX + 1];
	size_t n = SIGNATURE_MAX, small = 63;

	(void)state;
	assert_true(signature_make(p256->key, METHOD_ECDSA_SHA256, data, sig, &n));
	assert_int_equal(n, 64);
	assert_true(signature_check(key_of(p256), METHOD_ECDSA_SHA256, data, bytes_of(sig, 64)));
	for (size_t size = 0; size < 100; size++) {
		uint8_t *copy = calloc(1, size + 1);
		memcpy(copy, sig, size < 64 ? size : 64);
		assert_int_equal(signature_check(key_of(p256), METHOD_ECDSA_SHA256, data,
					 bytes_of(copy, size)),
			size == 64);
		free(copy);
	}
	assert_false(signature_make(p256->key, METHOD_ECDSA_SHA256, data, sig, &small));
	assert_false(signature_make(p256->key, METHOD_ECDSA_SHA384, data, sig, &n));
	assert_false(signature_make(p256->key, METHOD_RSA_SHA256, data, sig, &n));
	small = 383;
	assert_false(signature_make(rsa->key, METHOD_RSA_SHA256, data, sig, &small));
	n = SIGNATURE_MAX;
	assert_true(signature_make(rsa->key, METHOD_RSA_SHA256, data, sig, &n));
	assert_int_equal(n, 384);
	assert_true(signature_check(key_of(rsa), METHOD_RSA_SHA256, data, bytes_of(sig, 384)));
	assert_false(signature_check(key_of(rsa), METHOD_RSA_SHA256, data, bytes_of(sig, 383)));
	assert_false(signature_check(key_of(rsa), METHOD_ECDSA_SHA256, data, bytes_of(sig, 64)));
	assert_false(signature_check(key_of(p256), METHOD_RSA_SHA256, data, bytes_of(sig, 384)));
}

/* Of (r, s) and (r, n - s) only the smaller s counts, whatever made it, and we make no other. */
static void
one_of_two_values_counts(void **state)
{
	static const char order[] =
		"FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
	BIGNUM *n = NULL, *s;

	(void)state;
	assert_int_not_equal(BN_hex2bn(&n, order), 0);
	for (int i = 0; i < 64; i++) {
		struct bytes data = bytes_of(&i, sizeof(i));
		uint8_t sig[SIGNATURE_MAX];
		size_t size = sizeof(sig);

		assert_true(signature_make(p256->key, METHOD_ECDSA_SHA256, data, sig, &size));
		assert_true(signature_check(
			key_of(p256), METHOD_ECDSA_SHA256, data, bytes_of(sig, 64)));
		s = BN_bin2bn(sig + 32, 32, NULL);
		assert_int_equal(BN_sub(s, n, s), 1);
		assert_int_equal(BN_bn2binpad(s, sig + 32, 32), 32);
		BN_free(s);
		assert_false(signature_check(
			key_of(p256), METHOD_ECDSA_SHA256, data, bytes_of(sig, 64)));
	}
	BN_free(n);
}

/* ---- altered messages ---- */

/* Everything but the certificate is covered by the signature. Of an altered certificate it is
 * seal_cert that tells: what it gives is not in the trust list. */
static void
every_flipped_bit_is_noticed(void **state)
{
	OWNED_BUF(b) = {0};
	struct bytes cert;

	(void)state;
	assert_int_equal(seal_sign(bytes_of(BODY, strlen(BODY)), p256, &b), E_OK);
	assert_true(xml_cut(buf_bytes(&b), "ds:X509Certificate", &cert));
	size_t from = (size_t)(cert.data - b.data), to = from + cert.size, accepted = 0;
	for (size_t i = 0; i < b.size; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			b.data[i] ^= (uint8_t)(1u << bit);
			enum err e = seal_verify_both(buf_bytes(&b), key_of(p256));
			if (e == E_OK) {
				OWNED(xmlDoc, d, xml_free) = NULL;
				uint8_t der[8192];
				size_t size = sizeof(der);

				assert_true(i > from && i < to);
				assert_int_equal(xml_parse(buf_bytes(&b), &d), E_OK);
				assert_int_equal(seal_cert(d, der, &size), E_OK);
				assert_true(size != p256->der_size ||
					    memcmp(der, p256->der, size) != 0);
				accepted++;
			}
			assert_int_not_equal(e, E_VOTES_DIFFER);
			b.data[i] ^= (uint8_t)(1u << bit);
		}
	}
	assert_true(accepted > 0);
	expect(&b, key_of(p256), E_OK, "as it was");
}

static void
every_cut_and_every_hole_is_noticed(void **state)
{
	OWNED_BUF(b) = {0};
	OWNED_BUF(less) = {0};

	(void)state;
	assert_int_equal(seal_sign(bytes_of(BODY, strlen(BODY)), p256, &b), E_OK);
	for (size_t n = 0; n < b.size; n++) {
		uint8_t *copy = malloc(n + (n == 0));
		memcpy(copy, b.data, n);
		assert_int_not_equal(seal_verify_both(bytes_of(copy, n), key_of(p256)), E_OK);
		assert_int_not_equal(seal_verify_bytes(bytes_of(copy, n), key_of(p256)), E_OK);
		free(copy);
	}
	for (size_t i = 0; i < b.size; i++) {
		buf_reset(&less);
		buf_add(&less, b.data, i);
		buf_add(&less, b.data + i + 1, b.size - i - 1);
		assert_int_not_equal(seal_verify_both(buf_bytes(&less), key_of(p256)), E_OK);
	}
}

/* Values of the right form that are not signatures. */
static void
impossible_values_are_refused(void **state)
{
	static const char *const values[] = {
		"",
		"AAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAA==",
		"//////////////////////////////////////////////////////////////////////////////////"
		"////8=",
		"//////////////////////////////////////////////////////////////////////////////////"
		"//"
		"/w==",
	};
	OWNED_BUF(good) = {0};
	OWNED_BUF(b) = {0};

	(void)state;
	forge(&good, &(struct forgery){0}, p256);
	const char *from = strstr((char *)good.data, "<ds:SignatureValue>") + 19;
	char old[256] = "";
	memcpy(old, from, (size_t)(strchr(from, '<') - from));
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		replaced(&b, &good, old, values[i]);
		enum err e = seal_verify_both(buf_bytes(&b), key_of(p256));
		assert_true(e == E_SIGNATURE || e == E_SIGNATURE_SHAPE);
		assert_int_equal(seal_verify_bytes(buf_bytes(&b), key_of(p256)), e);
	}
}

/* ---- the certificate that is named ---- */

static void
named_certificate_codes(void **state)
{
	static const struct {
		const char *doc;
		enum err code;
	} rows[] = {
		{"<a></a>", E_UNSIGNED},
		{"<a><ds:Signature xmlns:ds=\"" NS_DSIG "\"></ds:Signature>x</a>",
			E_SIGNATURE_SHAPE},
		{"<a><ds:Signature xmlns:ds=\"" NS_DSIG "\"></ds:Signature></a>",
			E_SIGNATURE_SHAPE},
		{"<a><ds:Signature xmlns:ds=\"" NS_DSIG "\"><ds:KeyInfo><ds:X509Data>"
		 "<ds:X509Certificate>AA=A</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
		 "</ds:Signature></a>",
			E_SIGNATURE_SHAPE},
	};
	uint8_t der[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(xmlDoc, d, xml_free) = NULL;
		size_t size = sizeof(der);

		assert_int_equal(xml_parse(bytes_of(rows[i].doc, strlen(rows[i].doc)), &d), E_OK);
		assert_int_equal(seal_cert(d, der, &size), rows[i].code);
	}
	OWNED_BUF(good) = {0};
	OWNED(xmlDoc, d, xml_free) = NULL;
	size_t size = sizeof(der);
	forge(&good, &(struct forgery){0}, p256);
	assert_int_equal(xml_parse(buf_bytes(&good), &d), E_OK);
	assert_int_equal(seal_cert(d, der, &size), E_SIGNATURE_SHAPE); /* no room for it */
}

static int
make_keys(void **state)
{
	(void)state;
	p256 = make_identity("P-256");
	other = make_identity("P-256");
	p384 = make_identity("P-384");
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
	identity_free(&other);
	identity_free(&p384);
	identity_free(&rsa);
	identity_free(&small_rsa);
	identity_free(&ed25519);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sign_and_verify_with_every_kind_of_key),
		cmocka_unit_test(the_forger_can_also_be_honest),
		cmocka_unit_test(names_of_every_script_are_signed),
		cmocka_unit_test(what_cannot_be_verified_is_not_signed),
		cmocka_unit_test(weak_or_wrong_keys_do_not_sign),
		cmocka_unit_test(the_size_limit_is_exact),
		cmocka_unit_test(values_have_their_exact_length),
		cmocka_unit_test(one_of_two_values_counts),
		cmocka_unit_test(every_flipped_bit_is_noticed),
		cmocka_unit_test(every_cut_and_every_hole_is_noticed),
		cmocka_unit_test(impossible_values_are_refused),
		cmocka_unit_test(named_certificate_codes),
	};

	xml_init();
	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
