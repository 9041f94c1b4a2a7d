/* SPDX-License-Identifier: EUPL-1.2
 *
 * A signer without rules: it signs whatever SignedInfo it is told to, with digests that fit and a
 * value that verifies, so that a check which lets a forbidden form through has nothing else to
 * refuse it for. */
#ifndef DAFTAR_TEST_FORGE_H
#define DAFTAR_TEST_FORGE_H

#include "lib/seal.h"
#include "lib/signature.h"
#include "tests/unit/test_keys.h"

#define BODY_OPEN "<e:Message xmlns:e=\"urn:daftar:envelope:1\" realm=\"demo\">"
#define BODY_TEXT                                                                                  \
	"<e:Header><e:From>UNHCR.NBO</e:From><e:To>KE.CRS</e:To></e:Header><e:Body>x</e:Body>"
#define BODY_CLOSE "</e:Message>"
#define BODY BODY_OPEN BODY_TEXT BODY_CLOSE

#define TRANSFORM(uri) "<ds:Transform Algorithm=\"" uri "\"></ds:Transform>"
#define BOTH_TRANSFORMS TRANSFORM(ALG_ENVELOPED) TRANSFORM(ALG_EXC_C14N)

/* Parts of a signature; NULL stands for the right one. %D in `reference' and `more' is replaced by
 * the document's digest. */
struct forgery {
	const char *canonicalization;	  /* URI */
	const char *method;		  /* URI */
	const char *reference_attributes; /* " URI=\"\"" */
	const char *transforms;
	const char *digest_method; /* URI */
	const char *more;	   /* behind the reference */
	const char *key_info;	   /* content of ds:KeyInfo; %C is the certificate */
	const char *behind;	   /* behind ds:KeyInfo */
	const char *attributes;	   /* of ds:Signature */
	const EVP_MD *value_md;	   /* of the value: default, the one of our method */
	const char *body;	   /* what stands in the root before the signature */
	const char *close;	   /* the end of the document */
};

static inline void
put_filled(struct buf *b, const char *text, const char *mark, const char *value)
{
	for (const char *hit; (hit = strstr(text, mark)) != NULL; text = hit + strlen(mark)) {
		buf_add(b, text, (size_t)(hit - text));
		buf_text(b, value);
	}
	buf_text(b, text);
}

#define OR(a, b) ((a) != NULL ? (a) : (b))

static inline void
forge_signed_info(struct buf *b, const struct forgery *f, const char *method, const char *digest)
{
	buf_printf(b,
		"<ds:CanonicalizationMethod Algorithm=\"%s\"></ds:CanonicalizationMethod>"
		"<ds:SignatureMethod Algorithm=\"%s\"></ds:SignatureMethod>"
		"<ds:Reference%s><ds:Transforms>%s</ds:Transforms>"
		"<ds:DigestMethod Algorithm=\"%s\"></ds:DigestMethod>"
		"<ds:DigestValue>%s</ds:DigestValue></ds:Reference>",
		OR(f->canonicalization, ALG_EXC_C14N), OR(f->method, method),
		OR(f->reference_attributes, " URI=\"\""), OR(f->transforms, BOTH_TRANSFORMS),
		OR(f->digest_method, ALG_SHA256), digest);
	put_filled(b, OR(f->more, ""), "%D", digest);
	buf_text(b, "</ds:SignedInfo>");
}

/* Any key, any digest: raw r||s for EC keys. */
static inline void
forge_value(struct buf *out, EVP_PKEY *key, const EVP_MD *md, const struct buf *info)
{
	uint8_t sig[SIGNATURE_MAX];
	size_t n = sizeof(sig);
	enum method m;

	if (md == NULL && method_of_key(key, &m)) {
		assert_true(signature_make(key, m, buf_bytes(info), sig, &n));
		buf_base64(out, sig, n);
		return;
	}
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestSignInit(c, NULL, md != NULL ? md : EVP_sha256(), NULL, key), 1);
	assert_int_equal(EVP_DigestSign(c, sig, &n, info->data, info->size), 1);
	EVP_MD_CTX_free(c);
	buf_base64(out, sig, n);
}

static inline void
forge_digest(
	struct buf *out, const struct forgery *f, const char *root_open, const char *root_close)
{
	OWNED_BUF(doc) = {0};
	uint8_t md[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	bool sha1 = f->digest_method != NULL && strstr(f->digest_method, "sha1") != NULL;

	buf_printf(&doc, "%s%s%s", root_open, OR(f->body, BODY_TEXT), root_close);
	EVP_Digest(doc.data, doc.size, md, &n, sha1 ? EVP_sha1() : EVP_sha256(), NULL);
	buf_base64(out, md, n);
}

/* The signature element alone. */
static inline void
forge_signature(struct buf *out, const struct forgery *f, const struct identity *who)
{
	OWNED_BUF(digest) = {0};
	OWNED_BUF(info) = {0};
	OWNED_BUF(alone) = {0};
	OWNED_BUF(value) = {0};
	OWNED_BUF(cert) = {0};
	enum method m;

	if (!method_of_key(who->key, &m))
		m = METHOD_RSA_SHA256;
	forge_digest(&digest, f, BODY_OPEN, OR(f->close, BODY_CLOSE));
	forge_signed_info(&info, f, method_uri(m), (char *)digest.data);
	buf_text(&alone, "<ds:SignedInfo xmlns:ds=\"" NS_DSIG "\">");
	buf_add_bytes(&alone, buf_bytes(&info));
	forge_value(&value, who->key, f->value_md, &alone);
	buf_base64(&cert, who->der, who->der_size);
	buf_printf(out,
		"<ds:Signature xmlns:ds=\"" NS_DSIG "\"%s><ds:SignedInfo>%s"
		"<ds:SignatureValue>%s</ds:SignatureValue><ds:KeyInfo>",
		OR(f->attributes, ""), (char *)info.data, (char *)value.data);
	put_filled(out,
		OR(f->key_info,
			"<ds:X509Data><ds:X509Certificate>%C</ds:X509Certificate></ds:X509Data>"),
		"%C", (char *)cert.data);
	buf_printf(out, "</ds:KeyInfo>%s</ds:Signature>", OR(f->behind, ""));
}

/* The whole message. */
static inline void
forge(struct buf *out, const struct forgery *f, const struct identity *who)
{
	buf_printf(out, BODY_OPEN "%s", OR(f->body, BODY_TEXT));
	forge_signature(out, f, who);
	buf_text(out, OR(f->close, BODY_CLOSE));
}

/* ---- asking the votes ---- */

static inline EVP_PKEY *
key_of(const struct identity *i)
{
	return X509_get0_pubkey(i->cert);
}

static inline enum err
vote_tree(struct bytes doc, EVP_PKEY *key)
{
	OWNED(xmlDoc, d, xml_free) = NULL;

	TRY(xml_parse(doc, &d));
	return seal_verify(d, key);
}

/* Both votes, each alone, and together. */
static inline void
expect_each(const struct buf *b, EVP_PKEY *key, enum err tree, enum err bytes, const char *what)
{
	enum err by_tree = vote_tree(buf_bytes(b), key);
	enum err by_bytes = seal_verify_bytes(buf_bytes(b), key);
	enum err both = seal_verify_both(buf_bytes(b), key);

	if (by_tree != tree)
		fail_msg("%s: tree says %s, not %s", what, err_word(by_tree), err_word(tree));
	if (by_bytes != bytes)
		fail_msg("%s: bytes say %s, not %s", what, err_word(by_bytes), err_word(bytes));
	if ((tree == E_OK) != (bytes == E_OK))
		assert_int_equal(both, E_VOTES_DIFFER);
	else
		assert_int_equal(both == E_OK, tree == E_OK);
}

static inline void
expect(const struct buf *b, EVP_PKEY *key, enum err code, const char *what)
{
	expect_each(b, key, code, code, what);
}

/* `good' with the first `what' replaced. */
static inline void
replaced(struct buf *out, const struct buf *good, const char *what, const char *by)
{
	const char *text = (const char *)good->data, *hit = strstr(text, what);

	assert_non_null(hit);
	buf_reset(out);
	buf_add(out, text, (size_t)(hit - text));
	buf_text(out, by);
	buf_text(out, hit + strlen(what));
}

#endif
