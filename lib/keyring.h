/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys and certificates of this machine: read from files, checked before use. A private key file
 * must be a regular file, not a link, owned by this user (or root), mode 0600 or 0400. It holds the
 * key itself, or names one in a PKCS#11 token (lib/token.h). Nothing secret is ever printed. */
#ifndef DAFTAR_KEYRING_H
#define DAFTAR_KEYRING_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "lib/id.h"

#define CURVE_KEY_SIZE 32
#define CURVE_TEXT_SIZE 41 /* Z85 (ZeroMQ RFC 32) and its NUL */

/* A private key and the certificate that goes with it. */
struct identity {
	EVP_PKEY *key;
	X509 *cert;
	uint8_t *der; /* the certificate, DER */
	size_t der_size;
};

/* E_NO_KEY, E_KEY_MODE, E_NO_CERT, E_WEAK_KEY, E_TOKEN, E_PIN; E_NO_CERT too when key and
 * certificate differ. */
enum err identity_load(const char *key_file, const char *cert_file, struct identity **out) MUST_USE;
void identity_free(struct identity **i);

/* Private: PEM PKCS#8, or one line with the URI of a key in a token. */
enum err key_load(const char *file, EVP_PKEY **out) MUST_USE;
enum err cert_load(const char *file, X509 **out) MUST_USE; /* PEM */
enum err cert_of_der(struct bytes der, X509 **out) MUST_USE;
void key_free(EVP_PKEY **k);
void cert_free(X509 **c);
/* E_WEAK_KEY unless P-256, P-384, Ed25519 or RSA of at least 3072 bits. */
enum err key_check_strength(const EVP_PKEY *k) MUST_USE;
/* E_WEAK_KEY unless the certificate's key is strong and its signature uses SHA-256 or better: a
 * signature by an older digest may have been made for another certificate. */
enum err cert_check_strength(X509 *c) MUST_USE;
/* A secret of `size' bytes kept as one line of hex (CURVE secret keys: Z85 is read by transport).
 */
enum err secret_load(const char *file, uint8_t *out, size_t size) MUST_USE;
/* Opens, checks owner and mode, reads at most `size' - 1 bytes of text, NUL-terminated, last
 * newline removed. E_NO_KEY, E_KEY_MODE. */
enum err secret_text(const char *file, char *out, size_t size) MUST_USE;
/* Creates `file' with mode 0600 by O_EXCL, writes, fsyncs. E_IO when it exists. */
enum err secret_write(const char *file, const void *data, size_t size) MUST_USE;

#define SERIAL_MAX 20
/* RFC 5280 section 4.1.2.2: positive, of at most SERIAL_MAX octets. NULL does not fit. */
bool serial_fits(const ASN1_INTEGER *serial);
/* Leads `leaf' to one of `anchors' (X509 of one country) at `when' (ms): strict, no default paths,
 * at most one intermediate (which is then in `anchors' too). E_CERT_CHAIN, E_CERT_EXPIRED,
 * E_CERT_REVOKED, E_WEAK_KEY. `crl' may be NULL; when it is not it must be the leaf's issuer's.
 *
 * Strict (X509_V_FLAG_X509_STRICT) asks of an anchor: basicConstraints critical with CA:TRUE,
 * keyUsage with keyCertSign, a subject key identifier; of a leaf: version 3, an authority key
 * identifier, keyUsage, a positive serial number, no basicConstraints with CA:TRUE, nothing
 * critical but basicConstraints, keyUsage and extKeyUsage, none of the constraints that are for
 * authorities. */
enum err cert_verify(X509 *leaf, STACK_OF(X509) * anchors, X509_CRL *crl, int64_t when) MUST_USE;

#endif
