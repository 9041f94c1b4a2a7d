/* SPDX-License-Identifier: EUPL-1.2
 *
 * xmlsec as an engine for digests and signatures, and nothing more: what it is shown was compared
 * with a closed template before, the key comes from the caller, its own lists of algorithms and key
 * formats were emptied, and it can open nothing. Beside its vote stands that of seal_bytes.c, which
 * shares no line with libxml2 or xmlsec; a document counts as signed when both say so. */
#include <string.h>

#include <openssl/err.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/base64.h>
#include <xmlsec/buffer.h>
#include <xmlsec/crypto.h>
#include <xmlsec/errors.h>
#include <xmlsec/io.h>
#include <xmlsec/xmldsig.h>

#include "lib/evpsig.h"
#include "lib/seal_parts.h"
#include "lib/token.h"

/* xmlsec's texts quote the document. */
static void
say_nothing(const char *file, int line, const char *function, const char *object,
	const char *subject, int reason, const char *text)
{
	(void)file;
	(void)line;
	(void)function;
	(void)object;
	(void)subject;
	(void)reason;
	(void)text;
}

void
seal_init(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	if (xmlSecInit() != 0 || xmlSecCheckVersion() != 1 || xmlSecCryptoInit() != 0)
		die("xmlsec cannot be started");
	xmlSecErrorsSetCallback(say_nothing);
	xmlSecIOCleanupCallbacks();
	xmlSecBase64SetDefaultLineSize(0);
	if (!evpsig_register())
		die("xmlsec does not take our algorithms");
}

static void
context_free(xmlSecDSigCtx **c)
{
	if (*c != NULL)
		xmlSecDSigCtxDestroy(*c);
	*c = NULL;
}

/* A context that knows one key, the algorithms of `form', and no document but the one at hand. */
static xmlSecDSigCtx *
context_new(EVP_PKEY *key, enum form form, enum method method, bool sign)
{
	xmlSecDSigCtx *c = xmlSecDSigCtxCreate(NULL);
	bool ok = c != NULL;

	ok = ok && xmlSecDSigCtxEnableSignatureTransform(c, evpsig_transform(method)) == 0;
	ok = ok && xmlSecDSigCtxEnableSignatureTransform(c, xmlSecTransformExclC14NId) == 0;
	ok = ok && xmlSecDSigCtxEnableReferenceTransform(c, xmlSecTransformEnvelopedId) == 0;
	ok = ok && xmlSecDSigCtxEnableReferenceTransform(c, xmlSecTransformExclC14NId) == 0;
	ok = ok && xmlSecDSigCtxEnableReferenceTransform(c, xmlSecTransformSha256Id) == 0;
	if (!ok)
		die("no memory for a signature");
	c->flags |= XMLSEC_DSIG_FLAGS_IGNORE_MANIFESTS;
	if (!sign) /* what read_covered() looks at */
		c->flags |= XMLSEC_DSIG_FLAGS_STORE_SIGNEDINFO_REFERENCES;
	c->enabledReferenceUris = xmlSecTransformUriTypeEmpty;
	if (form == FORM_EXTRACT)
		c->enabledReferenceUris |= xmlSecTransformUriTypeSameDocument;
	c->signKey = evpsig_key(key, sign);
	if (c->signKey == NULL)
		die("no memory for a key");
	return c;
}

/* Tells libxml2 which element "#seal-properties" means; false when another one has that id. */
static bool
register_properties(xmlDoc *doc, xmlNode *signature)
{
	xmlNode *object = xml_child(signature, NS_DSIG, "Object");
	xmlNode *qualifying = xml_child(object, NS_XADES, "QualifyingProperties");
	xmlNode *properties = xml_child(qualifying, NS_XADES, "SignedProperties");
	xmlAttr *id = properties == NULL ? NULL : xmlHasProp(properties, BAD_CAST "Id");

	return id != NULL && xmlAddID(NULL, doc, BAD_CAST SEAL_PROPERTIES_ID, id) != NULL;
}

/* ---- first vote ---- */

/* What the digest of the first reference was taken of. Nothing, for a canonical form that failed,
 * is no document. */
static bool
read_covered(xmlSecDSigCtx *c, struct digest *out)
{
	xmlSecDSigReferenceCtx *r = xmlSecPtrListGetItem(&c->signedInfoReferences, 0);
	xmlSecBuffer *b = r == NULL ? NULL : xmlSecDSigReferenceCtxGetPreDigestBuffer(r);

	if (b == NULL || xmlSecBufferGetSize(b) == 0)
		return false;
	digest_of(xmlSecBufferGetData(b), xmlSecBufferGetSize(b), out);
	return true;
}

enum err
seal_vote_tree(xmlDoc *doc, enum form form, EVP_PKEY *key, struct claims *claims)
{
	xmlNode *signature;
	enum method ours;
	xmlSecSize references = form == FORM_EXTRACT ? 2 : 1;

	TRY(seal_shape(doc, form, &signature, claims));
	if (!method_of_key(key, &ours))
		return E_ALGORITHM;
	/* The context knows this one method; a signature by another is refused by xmlsec. */
	if (form == FORM_EXTRACT && !register_properties(doc, signature))
		return E_SIGNATURE_SHAPE;
	OWNED(xmlSecDSigCtx, c, context_free) = context_new(key, form, ours, false);
	bool good = xmlSecDSigCtxVerify(c, signature) == 0 &&
		    c->status == xmlSecDSigStatusSucceeded &&
		    xmlSecPtrListGetSize(&c->signedInfoReferences) == references &&
		    read_covered(c, &claims->covered);
	ERR_clear_error();
	return good ? E_OK : E_SIGNATURE;
}

enum err
seal_verify(xmlDoc *doc, EVP_PKEY *key)
{
	struct claims claims;

	return seal_vote_tree(doc, FORM_MESSAGE, key, &claims);
}

enum err
seal_verify_bytes(struct bytes doc, EVP_PKEY *key)
{
	struct claims claims;

	return seal_vote_bytes(doc, FORM_MESSAGE, key, &claims);
}

/* ---- both votes ---- */

enum err
seal_votes_together(
	enum err by_tree, const struct claims *tree, enum err by_bytes, const struct claims *bytes)
{
	if ((by_tree == E_OK) != (by_bytes == E_OK))
		return E_VOTES_DIFFER;
	if (by_tree != E_OK)
		return by_tree;
	bool same = digest_equal(&tree->covered, &bytes->covered) &&
		    tree->method == bytes->method && tree->when == bytes->when &&
		    tree->cert_size == bytes->cert_size &&
		    memcmp(tree->cert, bytes->cert, tree->cert_size) == 0;
	return same ? E_OK : E_VOTES_DIFFER;
}

static enum err
vote(struct bytes doc, enum form form, EVP_PKEY *key, struct claims *claims)
{
	struct claims second = {0};

	memset(claims, 0, sizeof *claims);
	OWNED(xmlDoc, tree, xml_free) = NULL;
	TRY(xml_parse(doc, &tree));
	TRY(xml_check_canonical(tree, doc));
	enum err by_tree = seal_vote_tree(tree, form, key, claims);
	enum err by_bytes = seal_vote_bytes(doc, form, key, &second);
	return seal_votes_together(by_tree, claims, by_bytes, &second);
}

enum err
seal_verify_both(struct bytes doc, EVP_PKEY *key)
{
	struct claims claims;

	return vote(doc, FORM_MESSAGE, key, &claims);
}

/* The certificate in KeyInfo must be the one that the signed properties name, and hold `key'. */
static bool
cert_is_the_sealed_one(const struct claims *claims, EVP_PKEY *key)
{
	OWNED(X509, cert, cert_free) = NULL;
	struct digest d;

	digest_of(claims->cert, claims->cert_size, &d);
	if (!digest_equal(&d, &claims->cert_digest))
		return false;
	if (cert_of_der(bytes_of(claims->cert, claims->cert_size), &cert) != E_OK)
		return false;
	return EVP_PKEY_eq(X509_get0_pubkey(cert), key) == 1;
}

enum err
seal_verify_extract(struct bytes doc, EVP_PKEY *key, int64_t *when)
{
	struct claims claims;

	if (vote(doc, FORM_EXTRACT, key, &claims) != E_OK || !cert_is_the_sealed_one(&claims, key))
		return E_SEAL;
	if (when != NULL)
		*when = claims.when;
	return E_OK;
}

/* ---- signing ---- */

static enum err
fill_template(xmlDoc *tree, enum form form, enum method method, EVP_PKEY *key)
{
	xmlNode *signature = xml_root(tree)->last;

	if (form == FORM_EXTRACT && !register_properties(tree, signature))
		return E_MALFORMED;
	OWNED(xmlSecDSigCtx, c, context_free) = context_new(key, form, method, true);
	bool signed_it = xmlSecDSigCtxSign(c, signature) == 0 && c->result != NULL &&
			 xmlSecBufferGetSize(c->result) > 0;
	ERR_clear_error();
	return signed_it ? E_OK : token_trouble(key, E_NO_KEY);
}

enum err
seal_make(
	struct bytes doc, enum form form, const struct identity *who, int64_t when, struct buf *out)
{
	enum method method;
	OWNED_BUF(template) = {0};
	OWNED_BUF(made) = {0};
	OWNED(xmlDoc, tree, xml_free) = NULL;

	if (!method_of_key(who->key, &method))
		return E_WEAK_KEY;
	TRY(seal_template(doc, form, method, who, when, &template));
	TRY(xml_parse(buf_bytes(&template), &tree));
	TRY(xml_check_canonical(tree, buf_bytes(&template)));
	TRY(fill_template(tree, form, method, who->key));
	TRY(xml_canonical(tree, &made));
	if (made.size > XML_MESSAGE_MAX)
		return E_TOO_LARGE;
	/* Nothing leaves here that a receiver would refuse; a key that does not fit its
	 * certificate, or a fault while signing, ends here too. */
	struct claims claims;
	TRY(seal_vote_bytes(buf_bytes(&made), form, X509_get0_pubkey(who->cert), &claims));
	buf_add_bytes(out, buf_bytes(&made));
	return E_OK;
}

enum err
seal_sign(struct bytes doc, const struct identity *who, struct buf *out)
{
	return seal_make(doc, FORM_MESSAGE, who, 0, out);
}

enum err
seal_extract(struct bytes doc, const struct identity *who, int64_t when, struct buf *out)
{
	return seal_make(doc, FORM_EXTRACT, who, when, out);
}
