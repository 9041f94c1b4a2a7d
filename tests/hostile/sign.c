/* SPDX-License-Identifier: EUPL-1.2
 *
 * The signer without rules: it signs whatever it is told to, in whatever form, with values that
 * fit, so that a check which lets a forbidden form through has nothing else to refuse it for. */
#include "tests/hostile/hostile.h"

#include <openssl/hmac.h>

#include "lib/signature.h"

static void
put_key(struct buf *out, const struct identity *who)
{
	unsigned char *der = NULL;
	int size = i2d_PUBKEY(X509_get0_pubkey(who->cert), &der);

	assert_true(size > 0);
	buf_base64(out, der, (size_t)size);
	OPENSSL_free(der);
}

/* `text' with its marks filled. */
static void
put_filled(struct buf *out, const struct world *w, const struct sample *s, const char *text,
	const char *digest)
{
	const struct identity *me = world_signer(w, s), *other = w->realm->sign[OFFICE];

	for (; *text != '\0'; text++) {
		if (text[0] != '%') {
			buf_add(out, text, 1);
			continue;
		}
		text++;
		if (*text == 'D')
			buf_text(out, digest);
		else if (*text == 'C')
			buf_base64(out, me->der, me->der_size);
		else if (*text == 'X')
			buf_base64(out, other->der, other->der_size);
		else
			put_key(out, me);
	}
}

#define OR(a, b) ((a) != NULL ? (a) : (b))

static void
put_digest(struct buf *out, const struct form *f, struct bytes covered)
{
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	assert_int_equal(EVP_Digest(covered.data, covered.size, md, &n,
				 EVP_get_digestbyname(OR(f->digest, "SHA256")), NULL),
		1);
	buf_base64(out, md, n);
}

static void
put_signed(struct buf *out, const struct form *f, EVP_PKEY *key, const struct buf *info)
{
	uint8_t value[SIGNATURE_MAX];
	size_t n = sizeof value;
	enum method m;
	EVP_MD_CTX *c;

	if (f->digest == NULL && method_of_key(key, &m)) {
		assert_true(signature_make(key, m, buf_bytes(info), value, &n));
		buf_base64(out, value, n);
		return;
	}
	c = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(
				 c, NULL, EVP_get_digestbyname(OR(f->digest, "SHA256")), NULL, key),
		1);
	assert_int_equal(EVP_DigestSign(c, value, &n, info->data, info->size), 1);
	EVP_MD_CTX_free(c);
	buf_base64(out, value, n);
}

/* The key that everybody knows: the certificate, or the public key in it. */
static void
put_hmac(struct buf *out, const struct form *f, const struct identity *who, const struct buf *info)
{
	uint8_t value[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	unsigned char *der = NULL;
	int size = i2d_PUBKEY(X509_get0_pubkey(who->cert), &der);
	const void *key = f->value == VALUE_HMAC_KEY ? der : who->der;
	int key_size = f->value == VALUE_HMAC_KEY ? size : (int)who->der_size;

	assert_non_null(HMAC(EVP_get_digestbyname(OR(f->digest, "SHA256")), key, key_size,
		info->data, info->size, value, &n));
	OPENSSL_free(der);
	buf_base64(out, value, n);
}

static void
put_value(struct buf *out, const struct form *f, const struct identity *who, const struct buf *info)
{
	if (f->value == VALUE_GOOD)
		put_signed(out, f, who->key, info);
	else if (f->value != VALUE_NONE)
		put_hmac(out, f, who, info);
}

void
form_sign(struct buf *out, const struct world *w, const struct sample *s, const struct form *f,
	struct bytes covered)
{
	OWNED_BUF(digest) = {0};
	OWNED_BUF(info) = {0};
	OWNED_BUF(alone) = {0};

	put_digest(&digest, f, covered);
	buf_printf(&info,
		"<ds:CanonicalizationMethod Algorithm=\"%s\"></ds:CanonicalizationMethod>"
		"<ds:SignatureMethod Algorithm=\"%s\"></ds:SignatureMethod>"
		"<ds:Reference%s><ds:Transforms>%s</ds:Transforms>"
		"<ds:DigestMethod Algorithm=\"%s\"></ds:DigestMethod>"
		"<ds:DigestValue>%s</ds:DigestValue></ds:Reference>",
		OR(f->canonicalization, ALG_EXC_C14N), OR(f->method, ALG_ECDSA_SHA256),
		OR(f->reference, " URI=\"\""), OR(f->transforms, BOTH_TRANSFORMS),
		OR(f->digest_method, ALG_SHA256), (char *)digest.data);
	put_filled(&info, w, s, OR(f->more, ""), (char *)digest.data);
	buf_text(&info, "</ds:SignedInfo>");
	buf_printf(&alone, "<ds:SignedInfo xmlns:ds=\"" NS_DSIG "\">%s", (char *)info.data);
	buf_printf(out,
		"<ds:Signature xmlns:ds=\"" NS_DSIG "\"%s><ds:SignedInfo>%s<ds:SignatureValue>",
		OR(f->attributes, ""), (char *)info.data);
	put_value(out, f, world_signer(w, s), &alone);
	buf_text(out, "</ds:SignatureValue><ds:KeyInfo>");
	put_filled(out, w, s, OR(f->key_info, X509_DATA), "");
	buf_text(out, "</ds:KeyInfo>");
	put_filled(out, w, s, OR(f->behind, ""), (char *)digest.data);
	buf_text(out, "</ds:Signature>");
}

void
put_well_signed(struct buf *out, const struct world *w, const struct sample *s, struct bytes doc)
{
	static const struct form right;
	size_t end = strlen("</e:Message>"); /* under any prefix of one letter */

	buf_add(out, doc.data, doc.size - end);
	form_sign(out, w, s, &right, doc);
	buf_add(out, doc.data + doc.size - end, end);
}
