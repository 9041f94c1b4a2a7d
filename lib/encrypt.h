/* SPDX-License-Identifier: EUPL-1.2
 *
 * Body encryption, author to addressee: XML Encryption 1.1 syntax with a closed profile.
 * AES-256-GCM for the content (96-bit nonce in front, 128-bit tag behind: XML Encryption 1.1
 * section 5.2.4); the key wrapped by ECDH-ES + ConcatKDF(SHA-256) + AES-256 key wrap to an EC key,
 * or by RSA-OAEP with SHA-256 and MGF1-SHA-256 to an RSA key. OpenSSL's primitives are called
 * directly, after the outer signature was checked; everything else is refused with one error.
 *
 * The element, exactly (without the line breaks; schemas/ and lib/decrypt.c know no other):
 *
 *	<xenc:EncryptedData xmlns:xenc=".." Type="http://www.w3.org/2001/04/xmlenc#Element">
 *	<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes256-gcm"/>
 *	<ds:KeyInfo xmlns:ds=".."> 1 to 4 EncryptedKey </ds:KeyInfo>
 *	<xenc:CipherData><xenc:CipherValue>nonce, text, tag</xenc:CipherValue></xenc:CipherData>
 *	</xenc:EncryptedData>
 *
 * EncryptedKey to an EC key (ephemeral key on the recipient's curve, P-256 or P-384):
 *
 *	<xenc:EncryptedKey>
 *	<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#kw-aes256"/>
 *	<ds:KeyInfo><xenc:AgreementMethod Algorithm="http://www.w3.org/2009/xmlenc11#ECDH-ES">
 *	<xenc11:KeyDerivationMethod xmlns:xenc11=".."
 *	 Algorithm="http://www.w3.org/2009/xmlenc11#ConcatKDF">
 *	<xenc11:ConcatKDFParams AlgorithmID=".." PartyUInfo=".." PartyVInfo="..">
 *	<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
 *	</xenc11:ConcatKDFParams></xenc11:KeyDerivationMethod>
 *	<xenc:OriginatorKeyInfo><ds:KeyValue><ds11:ECKeyValue xmlns:ds11="..">
 *	<ds11:NamedCurve URI="urn:oid:1.2.840.10045.3.1.7"/>
 *	<ds11:PublicKey>uncompressed point</ds11:PublicKey>
 *	</ds11:ECKeyValue></ds:KeyValue></xenc:OriginatorKeyInfo>
 *	<xenc:RecipientKeyInfo> recipient </xenc:RecipientKeyInfo>
 *	</xenc:AgreementMethod></ds:KeyInfo>
 *	<xenc:CipherData><xenc:CipherValue>40 octets</xenc:CipherValue></xenc:CipherData>
 *	</xenc:EncryptedKey>
 *
 * and to an RSA key:
 *
 *	<xenc:EncryptedKey>
 *	<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#rsa-oaep">
 *	<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
 *	<xenc11:MGF xmlns:xenc11=".." Algorithm="http://www.w3.org/2009/xmlenc11#mgf1sha256"/>
 *	</xenc:EncryptionMethod>
 *	<ds:KeyInfo> recipient </ds:KeyInfo>
 *	<xenc:CipherData><xenc:CipherValue>..</xenc:CipherValue></xenc:CipherData>
 *	</xenc:EncryptedKey>
 *
 * where the recipient is named by his certificate's digest:
 *
 *	<ds:X509Data><ds11:X509Digest xmlns:ds11=".."
 *	 Algorithm="http://www.w3.org/2001/04/xmlenc#sha256">base64</ds11:X509Digest></ds:X509Data>
 *
 * The ConcatKDF parameters (first octet: no padding bits) are the ASCII texts "A256KW",
 * "daftar-author" and "daftar-addressee"; they are the same for every message. */
#ifndef DAFTAR_ENCRYPT_H
#define DAFTAR_ENCRYPT_H

#include "lib/buf.h"
#include "lib/keyring.h"

/* Size classes a plaintext is padded to, so that its length says little: 2, 4, 8, 16, 32, 64, 128
 * and 160 KiB. 0 when it is larger than that. */
size_t encrypt_class(size_t plain);

/* Appends a canonical xenc:EncryptedData element (namespaces declared in it) for every certificate
 * in `to' (1 to 4). `plain' is the complete padded plaintext. */
enum err encrypt_body(struct bytes plain, X509 *const *to, size_t n, struct buf *out) MUST_USE;
/* `element' is the EncryptedData as it stands in the verified message. E_BODY whatever is wrong;
 * E_ALGORITHM for a profile other than ours. */
enum err decrypt_body(struct bytes element, const struct identity *who, struct buf *plain) MUST_USE;

#endif
