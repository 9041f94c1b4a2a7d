/* SPDX-License-Identifier: EUPL-1.2
 *
 * Does a certificate lead to an anchor? OpenSSL builds the chain, strictly and from nothing but the
 * anchors it is given; what it does not ask is asked here. */
#include "lib/keyring.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

bool
serial_fits(const ASN1_INTEGER *serial)
{
	if (serial == NULL || serial->type != V_ASN1_INTEGER || serial->length > SERIAL_MAX)
		return false;
	return serial->length > 0 && !all_zero(serial->data, (size_t)serial->length);
}

/* What a leaf may say: nothing that is for authorities, and nothing critical beside what is checked
 * here and by its user. OpenSSL would let a critical thing pass that it only knows the name of. */
static bool
leaf_extension_fits(X509_EXTENSION *e)
{
	switch (OBJ_obj2nid(X509_EXTENSION_get_object(e))) {
	case NID_basic_constraints:
	case NID_key_usage:
	case NID_ext_key_usage:
		return true;
	case NID_name_constraints:
	case NID_policy_constraints:
	case NID_policy_mappings:
	case NID_inhibit_any_policy:
		return false;
	default:
		return !X509_EXTENSION_get_critical(e);
	}
}

/* What OpenSSL doesn't ask of a leaf: version 3, a regular serial number, a stated key usage, no
 * right to issue. */
static bool
leaf_is_regular(X509 *leaf)
{
	if (X509_get_version(leaf) != X509_VERSION_3 || !serial_fits(X509_get0_serialNumber(leaf)))
		return false;
	for (int i = 0; i < X509_get_ext_count(leaf); i++)
		if (!leaf_extension_fits(X509_get_ext(leaf, i)))
			return false;
	uint32_t flags = X509_get_extension_flags(leaf);
	uint32_t usage = X509_get_key_usage(leaf);
	/* Without a stated usage all its bits are set. */
	return (flags & EXFLAG_INVALID) == 0 && (flags & EXFLAG_CA) == 0 &&
	       (usage & KU_KEY_CERT_SIGN) == 0;
}

static enum err
err_of_verify(int code)
{
	switch (code) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return E_CERT_EXPIRED;
	case X509_V_ERR_CERT_REVOKED:
		return E_CERT_REVOKED;
	case X509_V_ERR_EE_KEY_TOO_SMALL:
	case X509_V_ERR_CA_KEY_TOO_SMALL:
	case X509_V_ERR_CA_MD_TOO_WEAK:
		return E_WEAK_KEY;
	}
	return E_CERT_CHAIN;
}

enum err
cert_check_strength(X509 *c)
{
	EVP_PKEY *k = X509_get0_pubkey(c);
	int digest = NID_undef;

	if (k == NULL)
		return E_CERT_CHAIN;
	TRY(key_check_strength(k));
	/* Also of RSASSA-PSS; Ed25519 has its digest built in. */
	if (X509_get_signature_nid(c) == NID_ED25519)
		return E_OK;
	if (X509_get_signature_info(c, &digest, NULL, NULL, NULL) != 1)
		return E_WEAK_KEY;
	return digest == NID_sha256 || digest == NID_sha384 || digest == NID_sha512 ? E_OK
										    : E_WEAK_KEY;
}

/* Security level 2 lets RSA of 2048 bits and SHA-224 pass, and does not look at the anchor. */
static enum err
chain_strength(X509_STORE_CTX *c)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(c);

	for (int i = 0; i < sk_X509_num(chain); i++)
		TRY(cert_check_strength(sk_X509_value(chain, i)));
	return E_OK;
}

static void
store_free(X509_STORE **s)
{
	X509_STORE_free(*s);
	*s = NULL;
}

static void
store_ctx_free(X509_STORE_CTX **c)
{
	X509_STORE_CTX_free(*c);
	*c = NULL;
}

static void
crls_free(STACK_OF(X509_CRL) * *s)
{
	sk_X509_CRL_free(*s); /* the lists in it are the caller's */
	*s = NULL;
}

enum err
cert_verify(X509 *leaf, STACK_OF(X509) * anchors, X509_CRL *crl, int64_t when)
{
	OWNED(X509_STORE, store, store_free) = X509_STORE_new();
	OWNED(X509_STORE_CTX, c, store_ctx_free) = X509_STORE_CTX_new();
	OWNED(STACK_OF(X509_CRL), crls, crls_free) = sk_X509_CRL_new_null();
	unsigned long flags = X509_V_FLAG_X509_STRICT;

	if (store == NULL || c == NULL || crls == NULL ||
		X509_STORE_CTX_init(c, store, leaf, NULL) != 1)
		die("no memory to verify a certificate");
	X509_STORE_CTX_set0_trusted_stack(c, anchors);
	if (crl != NULL) {
		sk_X509_CRL_push(crls, crl);
		X509_STORE_CTX_set0_crls(c, crls);
		flags |= X509_V_FLAG_CRL_CHECK;
	}
	X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(c);
	X509_VERIFY_PARAM_set_flags(p, flags);
	X509_VERIFY_PARAM_set_auth_level(p, 2);
	X509_VERIFY_PARAM_set_depth(p, 1);
	X509_VERIFY_PARAM_set_time(p, (time_t)(when / 1000));
	bool good = X509_verify_cert(c) == 1;
	ERR_clear_error();
	if (!good)
		return err_of_verify(X509_STORE_CTX_get_error(c));
	TRY(chain_strength(c));
	return leaf_is_regular(leaf) ? E_OK : E_CERT_CHAIN;
}
