/* SPDX-License-Identifier: EUPL-1.2
 * Key files and their modes, strength of keys, certificates and chains. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/param_build.h>

#include "lib/buf.h"
#include "tests/unit/test_files.h"
#include "tests/unit/test_keys.h"

/* The key as PEM, PKCS#8, encrypted when there is a pass phrase. */
static const char *
put_key(const char *name, EVP_PKEY *key, const char *pass)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *text;

	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(b, key, pass ? EVP_aes_256_cbc() : NULL,
				 pass, pass ? (int)strlen(pass) : 0, NULL, NULL),
		1);
	BIO_write(b, "", 1);
	BIO_get_mem_data(b, &text);
	const char *file = put(name, text, 0600);
	BIO_free(b);
	return file;
}

static const char *
put_cert(const char *name, X509 *cert)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *text;

	assert_int_equal(PEM_write_bio_X509(b, cert), 1);
	BIO_write(b, "", 1);
	BIO_get_mem_data(b, &text);
	const char *file = put(name, text, 0644);
	BIO_free(b);
	return file;
}

/* ---- secrets ---- */

static void
secret_files_must_be_private(void **state)
{
	static const struct {
		mode_t mode;
		enum err code;
	} rows[] = {{0600, E_OK}, {0400, E_OK}, {0640, E_KEY_MODE}, {0604, E_KEY_MODE},
		{0660, E_KEY_MODE}, {0644, E_KEY_MODE}, {0700, E_KEY_MODE}, {04600, E_KEY_MODE},
		{0610, E_KEY_MODE}};
	char text[16];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put("s", "secret\n", rows[i].mode);
		assert_int_equal(secret_text(path("s"), text, sizeof(text)), rows[i].code);
		assert_string_equal(text, rows[i].code == E_OK ? "secret" : "");
	}
	if (geteuid() == 0) { /* only root can give a file away */
		put("s", "secret\n", 0600);
		assert_int_equal(chown(path("s"), 1, 1), 0);
		assert_int_equal(secret_text(path("s"), text, sizeof(text)), E_KEY_MODE);
	}
	unlink(path("s"));
}

static void
secret_files_must_be_regular(void **state)
{
	char text[16];

	(void)state;
	assert_int_equal(secret_text(path("none"), text, sizeof(text)), E_NO_KEY);
	assert_int_equal(secret_text(folder, text, sizeof(text)), E_NO_KEY);
	put("s", "secret\n", 0600);
	assert_int_equal(symlink(path("s"), path("link")), 0);
	assert_int_equal(secret_text(path("link"), text, sizeof(text)), E_NO_KEY);
	assert_int_equal(mkfifo(path("pipe"), 0600), 0);
	assert_int_equal(secret_text(path("pipe"), text, sizeof(text)), E_NO_KEY);
	unlink(path("s"));
	unlink(path("link"));
	unlink(path("pipe"));
}

static void
secret_text_fits_or_is_refused(void **state)
{
	char text[8];

	(void)state;
	put("s", "1234567", 0600);
	assert_int_equal(secret_text(path("s"), text, sizeof(text)), E_OK);
	assert_string_equal(text, "1234567");
	put("s", "1234567\n", 0600);
	assert_int_equal(secret_text(path("s"), text, sizeof(text)), E_OK);
	assert_string_equal(text, "1234567");
	put("s", "1234567\n\n", 0600);
	assert_int_equal(secret_text(path("s"), text, sizeof(text)), E_NO_KEY);
	put("s", "12345678", 0600);
	assert_int_equal(secret_text(path("s"), text, sizeof(text)), E_NO_KEY);
	put("s", "", 0600);
	assert_int_equal(secret_text(path("s"), text, sizeof(text)), E_OK);
	assert_string_equal(text, "");
	int fd = open(path("s"), O_WRONLY);
	assert_int_equal(write(fd, "a\0b", 3), 3);
	close(fd);
	assert_int_equal(secret_text(path("s"), text, sizeof(text)), E_NO_KEY);
	unlink(path("s"));
}

static void
secrets_are_hex_of_their_size(void **state)
{
	uint8_t out[4];

	(void)state;
	put("s", "00ff10ab\n", 0600);
	assert_int_equal(secret_load(path("s"), out, 4), E_OK);
	assert_memory_equal(out, "\x00\xff\x10\xab", 4);
	assert_int_equal(secret_load(path("s"), out, 3), E_NO_KEY);
	put("s", "00ff10aX\n", 0600);
	assert_int_equal(secret_load(path("s"), out, 4), E_NO_KEY);
	put("s", "00ff10ab\n", 0644);
	assert_int_equal(secret_load(path("s"), out, 4), E_KEY_MODE);
	unlink(path("s"));
	assert_int_equal(secret_load(path("s"), out, 4), E_NO_KEY);
}

static void
secrets_are_written_once(void **state)
{
	char text[16];
	struct stat st;
	mode_t old = umask(0);

	(void)state;
	assert_int_equal(secret_write(path("w"), "abc", 3), E_OK);
	umask(old);
	assert_int_equal(stat(path("w"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(secret_text(path("w"), text, sizeof(text)), E_OK);
	assert_string_equal(text, "abc");
	assert_int_equal(secret_write(path("w"), "xyz", 3), E_IO);
	assert_int_equal(secret_text(path("w"), text, sizeof(text)), E_OK);
	assert_string_equal(text, "abc");
	unlink(path("w"));
	assert_int_equal(symlink(path("elsewhere"), path("w")), 0);
	assert_int_equal(secret_write(path("w"), "xyz", 3), E_IO);
	assert_int_not_equal(access(path("elsewhere"), F_OK), 0);
	unlink(path("w"));
	assert_int_equal(secret_write(path("no/such"), "x", 1), E_IO);
}

/* ---- keys ---- */

static void
strength_of_keys(void **state)
{
	static const struct {
		const char *kind;
		enum err code;
	} rows[] = {{"P-256", E_OK}, {"P-384", E_OK}, {"ED25519", E_OK}, {"RSA-3072", E_OK},
		{"P-521", E_WEAK_KEY}, {"P-224", E_WEAK_KEY}, {"secp256k1", E_WEAK_KEY},
		{"RSA-1024", E_WEAK_KEY}, {"RSA-2048", E_WEAK_KEY}, {"RSA-3071", E_WEAK_KEY}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED(EVP_PKEY, k, key_free) = make_key(rows[i].kind);
		OWNED(EVP_PKEY, loaded, key_free) = NULL;

		if (key_check_strength(k) != rows[i].code)
			fail_msg("%s", rows[i].kind);
		put_key("k", k, NULL);
		assert_int_equal(key_load(path("k"), &loaded), rows[i].code);
		assert_int_equal(loaded != NULL, rows[i].code == E_OK);
	}
	unlink(path("k"));
}

/* A public key of so many bits, as a certificate may bring one: its numbers need not be prime for
 * that. */
static EVP_PKEY *
rsa_of_bits(int bits)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_new(), *e = BN_new();
	OSSL_PARAM *params;
	EVP_PKEY *k = NULL;

	assert_int_equal(BN_rand(n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
	assert_int_equal(BN_set_word(e, 65537), 1);
	assert_int_equal(OSSL_PARAM_BLD_push_BN(b, "n", n), 1);
	assert_int_equal(OSSL_PARAM_BLD_push_BN(b, "e", e), 1);
	params = OSSL_PARAM_BLD_to_param(b);
	assert_int_equal(EVP_PKEY_fromdata_init(c), 1);
	assert_int_equal(EVP_PKEY_fromdata(c, &k, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(b);
	BN_free(n);
	BN_free(e);
	EVP_PKEY_CTX_free(c);
	return k;
}

/* Longer ones cost more than a message may. */
static void
rsa_is_not_longer_than_8192_bits(void **state)
{
	OWNED(EVP_PKEY, longest, key_free) = rsa_of_bits(8192);
	OWNED(EVP_PKEY, longer, key_free) = rsa_of_bits(8193);

	(void)state;
	assert_int_equal(key_check_strength(longest), E_OK);
	assert_int_equal(key_check_strength(longer), E_WEAK_KEY);
}

static void
rsa_exponent_three_is_weak(void **state)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	BIGNUM *three = BN_new();
	OWNED(EVP_PKEY, k, key_free) = NULL;

	(void)state;
	BN_set_word(three, 3);
	assert_int_equal(EVP_PKEY_keygen_init(c), 1);
	assert_true(EVP_PKEY_CTX_set_rsa_keygen_bits(c, 3072) > 0);
	assert_true(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(c, three) > 0);
	assert_int_equal(EVP_PKEY_keygen(c, &k), 1);
	assert_int_equal(key_check_strength(k), E_WEAK_KEY);
	EVP_PKEY_CTX_free(c);
	BN_free(three);
}

static void
key_files_that_are_none(void **state)
{
	OWNED(EVP_PKEY, k, key_free) = make_key("P-256");
	OWNED(EVP_PKEY, loaded, key_free) = NULL;

	(void)state;
	assert_int_equal(key_load(path("none"), &loaded), E_NO_KEY);
	put("k",
		"-----BEGIN "
		"PRIVATE KEY-----\nAAAA\n-----END "
		"PRIVATE KEY-----\n",
		0600);
	assert_int_equal(key_load(path("k"), &loaded), E_NO_KEY);
	put("k", "", 0600);
	assert_int_equal(key_load(path("k"), &loaded), E_NO_KEY);
	/* Nobody is asked for a pass phrase. */
	put_key("k", k, "pass");
	assert_int_equal(key_load(path("k"), &loaded), E_NO_KEY);
	put_key("k", k, NULL);
	assert_int_equal(chmod(path("k"), 0644), 0);
	assert_int_equal(key_load(path("k"), &loaded), E_KEY_MODE);
	assert_null(loaded);
	assert_int_equal(chmod(path("k"), 0400), 0);
	assert_int_equal(key_load(path("k"), &loaded), E_OK);
	assert_int_equal(EVP_PKEY_eq(loaded, k), 1);
	unlink(path("k"));
}

/* ---- certificates ---- */

static void
certificates_from_files_and_der(void **state)
{
	OWNED(EVP_PKEY, k, key_free) = make_key("P-256");
	OWNED(X509, c, cert_free) = make_cert(k, NULL, NULL, (struct cert_plan){0});
	OWNED(X509, loaded, cert_free) = NULL;
	OWNED(X509, read, cert_free) = NULL;
	unsigned char *der = NULL;
	size_t n = (size_t)i2d_X509(c, &der);

	(void)state;
	assert_int_equal(cert_load(path("none"), &loaded), E_NO_CERT);
	assert_int_equal(cert_load(folder, &loaded), E_NO_CERT);
	put("c", "no certificate", 0644);
	assert_int_equal(cert_load(path("c"), &loaded), E_NO_CERT);
	put_cert("c", c);
	assert_int_equal(cert_load(path("c"), &loaded), E_OK);
	assert_int_equal(X509_cmp(loaded, c), 0);
	unlink(path("c"));

	assert_int_equal(cert_of_der(bytes_of(der, n), &read), E_OK);
	assert_int_equal(X509_cmp(read, c), 0);
	cert_free(&read);
	uint8_t *copy = malloc(9000);
	memset(copy, 0, 9000);
	memcpy(copy, der, n);
	assert_int_equal(cert_of_der(bytes_of(copy, n + 1), &read), E_NO_CERT);
	assert_int_equal(cert_of_der(bytes_of(copy, 9000), &read), E_NO_CERT);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(cert_of_der(bytes_of(copy, i), &read), E_NO_CERT);
	assert_null(read);
	free(copy);
	OPENSSL_free(der);
}

static void
an_identity_is_a_pair(void **state)
{
	OWNED(EVP_PKEY, k, key_free) = make_key("P-256");
	OWNED(EVP_PKEY, stranger, key_free) = make_key("P-256");
	OWNED(X509, c, cert_free) = make_cert(k, NULL, NULL, (struct cert_plan){0});
	OWNED(struct identity, i, identity_free) = NULL;
	struct digest a, b;

	(void)state;
	put_key("k", k, NULL);
	put_key("stranger", stranger, NULL);
	put_cert("c", c);
	assert_int_equal(identity_load(path("none"), path("c"), &i), E_NO_KEY);
	assert_int_equal(identity_load(path("k"), path("none"), &i), E_NO_CERT);
	assert_int_equal(identity_load(path("stranger"), path("c"), &i), E_NO_CERT);
	assert_int_equal(chmod(path("k"), 0640), 0);
	assert_int_equal(identity_load(path("k"), path("c"), &i), E_KEY_MODE);
	assert_int_equal(chmod(path("k"), 0600), 0);
	assert_null(i);
	assert_int_equal(identity_load(path("k"), path("c"), &i), E_OK);
	unsigned n = DIGEST_SIZE;
	X509_digest(c, EVP_sha256(), a.octet, &n);
	digest_of(i->der, i->der_size, &b);
	assert_true(digest_equal(&a, &b));
	identity_free(&i);

	OWNED(EVP_PKEY, weak, key_free) = make_key("RSA-2048");
	OWNED(X509, weak_cert, cert_free) = make_cert(weak, NULL, NULL, (struct cert_plan){0});
	put_key("k", weak, NULL);
	put_cert("c", weak_cert);
	assert_int_equal(identity_load(path("k"), path("c"), &i), E_WEAK_KEY);
	unlink(path("k"));
	unlink(path("stranger"));
	unlink(path("c"));
}

/* ---- chains ---- */

#define DAY (86400 * (int64_t)1000)

static EVP_PKEY *ca_key, *foreign_key, *leaf_key, *weak_key, *sub_key;
static X509 *ca, *foreign;

static enum err
verify_with(X509 *leaf, X509 *first, X509 *second, X509_CRL *crl, int64_t when)
{
	STACK_OF(X509) *anchors = sk_X509_new_null();

	sk_X509_push(anchors, first);
	if (second != NULL)
		sk_X509_push(anchors, second);
	enum err e = cert_verify(leaf, anchors, crl, when);
	sk_X509_free(anchors);
	return e;
}

/* A leaf of `ca' that follows `p', verified now. */
static enum err
verify_plan(struct cert_plan p)
{
	OWNED(X509, leaf, cert_free) = make_cert(leaf_key, ca, ca_key, p);

	return verify_with(leaf, ca, NULL, NULL, instant_now());
}

static void
leaves_lead_to_their_own_anchor(void **state)
{
	OWNED(X509, leaf, cert_free) = make_cert(leaf_key, ca, ca_key, (struct cert_plan){0});
	OWNED(X509, alone, cert_free) = make_cert(leaf_key, NULL, NULL, (struct cert_plan){0});
	int64_t now = instant_now();

	(void)state;
	assert_int_equal(verify_with(leaf, ca, NULL, NULL, now), E_OK);
	assert_int_equal(verify_with(leaf, foreign, ca, NULL, now), E_OK);
	assert_int_equal(verify_with(leaf, foreign, NULL, NULL, now), E_CERT_CHAIN);
	assert_int_equal(verify_with(alone, ca, NULL, NULL, now), E_CERT_CHAIN);
	/* The same name with another key is not the issuer. */
	OWNED(X509, twin, cert_free) = make_authority(foreign_key, "Kenya");
	assert_int_equal(verify_with(leaf, twin, NULL, NULL, now), E_CERT_CHAIN);
	/* A certificate that ends in nobody's anchor, with no anchor at all. */
	STACK_OF(X509) *none = sk_X509_new_null();
	assert_int_equal(cert_verify(leaf, none, NULL, now), E_CERT_CHAIN);
	sk_X509_free(none);
}

static void
time_is_the_callers(void **state)
{
	OWNED(X509, leaf, cert_free) = make_cert(leaf_key, ca, ca_key, (struct cert_plan){0});
	int64_t now = instant_now();

	(void)state;
	assert_int_equal(verify_with(leaf, ca, NULL, NULL, now + 31 * DAY), E_CERT_EXPIRED);
	assert_int_equal(verify_with(leaf, ca, NULL, NULL, now - 2 * DAY), E_CERT_EXPIRED);
	assert_int_equal(verify_plan((struct cert_plan){.from = 1}), E_CERT_EXPIRED);
	assert_int_equal(verify_plan((struct cert_plan){.from = -3, .until = -1}), E_CERT_EXPIRED);
}

static void
weak_links_are_refused(void **state)
{
	OWNED(X509, weak_leaf, cert_free) = make_cert(weak_key, ca, ca_key, (struct cert_plan){0});
	OWNED(X509, weak_ca, cert_free) = make_authority(weak_key, "weak");
	OWNED(X509, of_weak, cert_free) =
		make_cert(leaf_key, weak_ca, weak_key, (struct cert_plan){0});
	int64_t now = instant_now();

	(void)state;
	assert_int_equal(verify_with(weak_leaf, ca, NULL, NULL, now), E_WEAK_KEY);
	assert_int_equal(verify_with(of_weak, weak_ca, NULL, NULL, now), E_WEAK_KEY);
	assert_int_equal(verify_plan((struct cert_plan){.md = EVP_sha1()}), E_WEAK_KEY);
}

static void
leaves_must_be_regular(void **state)
{
	(void)state;
	assert_int_equal(verify_plan((struct cert_plan){0}), E_OK);
	assert_int_equal(verify_plan((struct cert_plan){.usage = "critical,keyAgreement"}), E_OK);
	assert_int_equal(verify_plan((struct cert_plan){.usage = ""}), E_CERT_CHAIN);
	assert_int_equal(verify_plan((struct cert_plan){.constraints = "critical,CA:TRUE",
				 .usage = "critical,keyCertSign,digitalSignature"}),
		E_CERT_CHAIN);
	assert_int_equal(
		verify_plan((struct cert_plan){.usage = "critical,digitalSignature,keyCertSign"}),
		E_CERT_CHAIN);
	assert_int_equal(verify_plan((struct cert_plan){.version = 1}), E_CERT_CHAIN);
	assert_int_equal(verify_plan((struct cert_plan){.serial = -5}), E_CERT_CHAIN);
	assert_int_equal(verify_plan((struct cert_plan){.serial = ZERO_SERIAL}), E_CERT_CHAIN);
	assert_int_equal(verify_plan((struct cert_plan){.other_nid = "nameConstraints",
				 .other_value = "critical,permitted;DNS:example.org"}),
		E_CERT_CHAIN);
	assert_int_equal(
		verify_plan((struct cert_plan){.constraints = "critical,CA:TRUE"}), E_CERT_CHAIN);
	/* An extension that nobody here understands, and that insists on being understood. */
	assert_int_equal(verify_plan((struct cert_plan){
				 .other_nid = "nsComment", .other_value = "critical,x"}),
		E_CERT_CHAIN);
}

/* What X509_V_FLAG_X509_STRICT asks beyond the ordinary. */
static void
anchors_must_be_strict(void **state)
{
	OWNED(X509, loose, cert_free) = make_cert(foreign_key, NULL, NULL,
		(struct cert_plan){.name = "loose",
			.usage = "critical,keyCertSign",
			.constraints = "CA:TRUE"});
	OWNED(X509, leaf, cert_free) =
		make_cert(leaf_key, loose, foreign_key, (struct cert_plan){0});

	(void)state;
	assert_int_equal(verify_with(leaf, loose, NULL, NULL, instant_now()), E_CERT_CHAIN);
}

static void
one_intermediate_and_no_more(void **state)
{
	OWNED(X509, sub, cert_free) = make_cert(sub_key, ca, ca_key,
		(struct cert_plan){.name = "sub",
			.usage = "critical,keyCertSign",
			.constraints = "critical,CA:TRUE"});
	OWNED(X509, sub2, cert_free) = make_cert(foreign_key, sub, sub_key,
		(struct cert_plan){.name = "sub2",
			.usage = "critical,keyCertSign",
			.constraints = "critical,CA:TRUE"});
	OWNED(X509, no_ca, cert_free) =
		make_cert(sub_key, ca, ca_key, (struct cert_plan){.name = "sub"});
	OWNED(X509, leaf, cert_free) = make_cert(leaf_key, sub, sub_key, (struct cert_plan){0});
	OWNED(X509, deep, cert_free) =
		make_cert(leaf_key, sub2, foreign_key, (struct cert_plan){0});
	STACK_OF(X509) *all = sk_X509_new_null();
	int64_t now = instant_now();

	(void)state;
	assert_int_equal(verify_with(leaf, ca, sub, NULL, now), E_OK);
	assert_int_equal(verify_with(leaf, ca, NULL, NULL, now), E_CERT_CHAIN);
	assert_int_equal(verify_with(leaf, ca, no_ca, NULL, now), E_CERT_CHAIN);
	sk_X509_push(all, ca);
	sk_X509_push(all, sub);
	sk_X509_push(all, sub2);
	assert_int_equal(cert_verify(deep, all, NULL, now), E_CERT_CHAIN);
	sk_X509_free(all);
}

static X509_CRL *
make_crl(X509 *issuer, EVP_PKEY *key, X509 *revoked, long from, long until)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_new();

	X509_CRL_set_version(crl, X509_CRL_VERSION_2);
	X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer));
	X509_gmtime_adj(t, from * 86400);
	X509_CRL_set1_lastUpdate(crl, t);
	if (revoked != NULL) {
		X509_REVOKED *r = X509_REVOKED_new();
		X509_REVOKED_set_serialNumber(r, X509_get_serialNumber(revoked));
		X509_REVOKED_set_revocationDate(r, t);
		X509_CRL_add0_revoked(crl, r);
	}
	X509_gmtime_adj(t, until * 86400);
	X509_CRL_set1_nextUpdate(crl, t);
	ASN1_TIME_free(t);
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, issuer, NULL, NULL, crl, 0);
	X509_EXTENSION *e =
		X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
	X509_CRL_add_ext(crl, e, -1);
	X509_EXTENSION_free(e);
	assert_true(X509_CRL_sign(crl, key, EVP_sha256()) > 0);
	return crl;
}

static enum err
verify_crl(X509 *leaf, X509_CRL *crl)
{
	enum err e = verify_with(leaf, ca, NULL, crl, instant_now());

	X509_CRL_free(crl);
	return e;
}

static void
revocation_lists_are_obeyed(void **state)
{
	OWNED(X509, leaf, cert_free) = make_cert(leaf_key, ca, ca_key, (struct cert_plan){0});
	OWNED(X509, other, cert_free) = make_cert(leaf_key, ca, ca_key, (struct cert_plan){0});

	(void)state;
	assert_int_equal(verify_crl(leaf, make_crl(ca, ca_key, NULL, -1, 5)), E_OK);
	assert_int_equal(verify_crl(leaf, make_crl(ca, ca_key, other, -1, 5)), E_OK);
	assert_int_equal(verify_crl(leaf, make_crl(ca, ca_key, leaf, -1, 5)), E_CERT_REVOKED);
	/* A list that is old, another's, or signed by another says nothing good. */
	assert_int_equal(verify_crl(leaf, make_crl(ca, ca_key, NULL, -5, -1)), E_CERT_CHAIN);
	assert_int_equal(
		verify_crl(leaf, make_crl(foreign, foreign_key, NULL, -1, 5)), E_CERT_CHAIN);
	assert_int_equal(verify_crl(leaf, make_crl(ca, foreign_key, NULL, -1, 5)), E_CERT_CHAIN);
}

static int
prepare(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	ca_key = make_key("P-384");
	foreign_key = make_key("P-256");
	leaf_key = make_key("P-256");
	sub_key = make_key("P-256");
	weak_key = make_key("RSA-2048");
	ca = make_authority(ca_key, "Kenya");
	foreign = make_authority(foreign_key, "Somalia");
	return 0;
}

static int
clean(void **state)
{
	(void)state;
	key_free(&ca_key);
	key_free(&foreign_key);
	key_free(&leaf_key);
	key_free(&sub_key);
	key_free(&weak_key);
	cert_free(&ca);
	cert_free(&foreign);
	return rmdir(folder); /* every test has tidied up */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret_files_must_be_private),
		cmocka_unit_test(secret_files_must_be_regular),
		cmocka_unit_test(secret_text_fits_or_is_refused),
		cmocka_unit_test(secrets_are_hex_of_their_size),
		cmocka_unit_test(secrets_are_written_once),
		cmocka_unit_test(strength_of_keys),
		cmocka_unit_test(rsa_is_not_longer_than_8192_bits),
		cmocka_unit_test(rsa_exponent_three_is_weak),
		cmocka_unit_test(key_files_that_are_none),
		cmocka_unit_test(certificates_from_files_and_der),
		cmocka_unit_test(an_identity_is_a_pair),
		cmocka_unit_test(leaves_lead_to_their_own_anchor),
		cmocka_unit_test(time_is_the_callers),
		cmocka_unit_test(weak_links_are_refused),
		cmocka_unit_test(leaves_must_be_regular),
		cmocka_unit_test(anchors_must_be_strict),
		cmocka_unit_test(one_intermediate_and_no_more),
		cmocka_unit_test(revocation_lists_are_obeyed),
	};

	return cmocka_run_group_tests(tests, prepare, clean);
}
