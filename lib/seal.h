/* SPDX-License-Identifier: EUPL-1.2
 *
 * Signing and verifying XML. lib/seal.c and lib/evpsig.c are the only files that meet xmlsec.
 *
 * Two signatures with two meanings: the *signature* of a message (the party's office says: I sent
 * this), and the registrar's *seal* inside a certified extract (XAdES-B: this is what the register
 * holds). Both are enveloped XML-DSig with exclusive canonicalisation, from a closed list of
 * algorithms, and KeyInfo never chooses a key. */
#ifndef DAFTAR_SEAL_H
#define DAFTAR_SEAL_H

#include "lib/buf.h"
#include "lib/keyring.h"
#include "lib/xml.h"

/* Called by xml_init: starts xmlsec, empties its list of transforms and registers only ours. */
void seal_init(void);

/* `doc' is a complete canonical document without a signature; the result is the same document with
 * one ds:Signature as the root's last child, still its own canonical form. It has been verified
 * before it is handed out. The codes of xml_parse, E_NOT_CANONICAL, E_WEAK_KEY, E_NO_KEY (the key
 * can't sign just now), E_SIGNATURE (it is not the certificate's), E_TOO_LARGE. */
enum err seal_sign(struct bytes doc, const struct identity *who, struct buf *out) MUST_USE;
/* The registrar's seal: XAdES baseline B (ETSI EN 319 132-1), SigningTime `when' and
 * SigningCertificateV2 in the signed properties. */
enum err seal_extract(
	struct bytes doc, const struct identity *who, int64_t when, struct buf *out) MUST_USE;

/* The certificate that KeyInfo carries, DER, to be *compared* with the trust list, never trusted.
 * *size is the room on entry. E_UNSIGNED, E_SIGNATURE_SHAPE. */
enum err seal_cert(xmlDoc *doc, uint8_t *der, size_t *size) MUST_USE;

/* First vote: closed template of the signature, then xmlsec over our own EVP classes with `key'.
 * E_UNSIGNED, E_SIGNATURE_SHAPE, E_ALGORITHM, E_SIGNATURE. `doc' may be changed by it: parse anew
 * what is read afterwards. */
enum err seal_verify(xmlDoc *doc, EVP_PKEY *key) MUST_USE;
/* Second vote, without any XML library: cut the Signature out of the canonical bytes, hash,
 * compare, verify SignedInfo. Same codes, and E_NOT_CANONICAL for octets that no canonicaliser
 * would write. */
enum err seal_verify_bytes(struct bytes doc, EVP_PKEY *key) MUST_USE;
/* Parses, checks the canonical form, and asks both votes; E_VOTES_DIFFER when only one of them says
 * yes or they say it of different octets, the first one's code when both say no. KeyInfo is not
 * covered by the signature: compare seal_cert with the trust list before this is called with the
 * key that the list gives. */
enum err seal_verify_both(struct bytes doc, EVP_PKEY *key) MUST_USE;
/* The registrar's seal on a complete extract document: E_SEAL for anything wrong. When `when' is
 * not NULL the claimed SigningTime is stored there. */
enum err seal_verify_extract(struct bytes doc, EVP_PKEY *key, int64_t *when) MUST_USE;

#endif
