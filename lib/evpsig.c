/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two of xmlsec's classes, filled in by us. The key data holds a reference on an EVP_PKEY and a
 * mark whether it may sign; the transform gathers the octets of SignedInfo and, when the last have
 * come, signs them or compares. One class for each method, told apart by their place in the table.
 */
#include "lib/evpsig.h"

#include <xmlsec/buffer.h>
#include <xmlsec/crypto.h>
#include <xmlsec/keysdata.h>
#include <xmlsec/list.h>

#include "lib/xml.h"

/* ---- the key ---- */

struct key_data {
	xmlSecKeyData base;
	EVP_PKEY *key;
	bool may_sign;
};

static int
key_initialize(xmlSecKeyData *data)
{
	struct key_data *k = (struct key_data *)data;

	k->key = NULL;
	k->may_sign = false;
	return 0;
}

static int
key_duplicate(xmlSecKeyData *to, xmlSecKeyData *from)
{
	struct key_data *copy = (struct key_data *)to, *k = (struct key_data *)from;

	if (k->key != NULL && EVP_PKEY_up_ref(k->key) != 1)
		return -1;
	copy->key = k->key;
	copy->may_sign = k->may_sign;
	return 0;
}

static void
key_finalize(xmlSecKeyData *data)
{
	struct key_data *k = (struct key_data *)data;

	EVP_PKEY_free(k->key);
	k->key = NULL;
}

static xmlSecKeyDataType
key_type(xmlSecKeyData *data)
{
	const struct key_data *k = (struct key_data *)data;

	return k->may_sign ? xmlSecKeyDataTypePrivate | xmlSecKeyDataTypePublic
			   : xmlSecKeyDataTypePublic;
}

static xmlSecSize
key_size(xmlSecKeyData *data)
{
	const struct key_data *k = (struct key_data *)data;

	return k->key == NULL ? 0 : (xmlSecSize)EVP_PKEY_get_bits(k->key);
}

static xmlSecKeyDataKlass key_klass = {
	.klassSize = sizeof(xmlSecKeyDataKlass),
	.objSize = sizeof(struct key_data),
	.name = BAD_CAST "evp",
	.usage = xmlSecKeyDataUsageUnknown, /* never read from or written to a document */
	.href = BAD_CAST "urn:daftar:evp",
	.initialize = key_initialize,
	.duplicate = key_duplicate,
	.finalize = key_finalize,
	.getType = key_type,
	.getSize = key_size,
};

xmlSecKey *
evpsig_key(EVP_PKEY *key, bool may_sign)
{
	xmlSecKeyData *data = xmlSecKeyDataCreate(&key_klass);

	if (data == NULL)
		return NULL;
	struct key_data *k = (struct key_data *)data;
	EVP_PKEY_up_ref(key);
	k->key = key;
	k->may_sign = may_sign;
	xmlSecKey *out = xmlSecKeyCreate();
	if (out != NULL && xmlSecKeySetValue(out, data) == 0)
		return out;
	xmlSecKeyDataDestroy(data);
	if (out != NULL)
		xmlSecKeyDestroy(out);
	return NULL;
}

/* ---- the transform ---- */

struct transform {
	xmlSecTransform base;
	EVP_PKEY *key;
	xmlSecBuffer gathered;
};

static xmlSecTransformKlass klasses[METHOD_N];

static enum method
method_of(const xmlSecTransform *t)
{
	return (enum method)(t->id - klasses);
}

static int
transform_initialize(xmlSecTransform *t)
{
	struct transform *x = (struct transform *)t;

	x->key = NULL;
	return xmlSecBufferInitialize(&x->gathered, 0);
}

static void
transform_finalize(xmlSecTransform *t)
{
	struct transform *x = (struct transform *)t;

	EVP_PKEY_free(x->key);
	x->key = NULL;
	xmlSecBufferFinalize(&x->gathered);
}

static int
transform_key_req(xmlSecTransform *t, xmlSecKeyReq *req)
{
	bool sign = t->operation == xmlSecTransformOperationSign;

	req->keyId = &key_klass;
	req->keyType = sign ? xmlSecKeyDataTypePrivate : xmlSecKeyDataTypePublic;
	req->keyUsage = sign ? xmlSecKeyUsageSign : xmlSecKeyUsageVerify;
	return 0;
}

static int
transform_set_key(xmlSecTransform *t, xmlSecKey *key)
{
	struct transform *x = (struct transform *)t;
	xmlSecKeyData *data = xmlSecKeyGetValue(key);
	enum method m;

	if (data == NULL || data->id != &key_klass)
		return -1;
	EVP_PKEY *k = ((struct key_data *)data)->key;
	if (!method_of_key(k, &m) || m != method_of(t))
		return -1;
	EVP_PKEY_up_ref(k);
	x->key = k;
	return 0;
}

static struct bytes
gathered(const struct transform *x)
{
	xmlSecBuffer *b = (xmlSecBuffer *)&x->gathered;

	return bytes_of(xmlSecBufferGetData(b), xmlSecBufferGetSize(b));
}

static int
transform_verify(
	xmlSecTransform *t, const xmlSecByte *data, xmlSecSize size, xmlSecTransformCtx *context)
{
	struct transform *x = (struct transform *)t;

	(void)context;
	bool good = x->key != NULL &&
		    signature_check(x->key, method_of(t), gathered(x), bytes_of(data, size));
	t->status = good ? xmlSecTransformStatusOk : xmlSecTransformStatusFail;
	return 0;
}

/* A key that can't sign (a token pulled out) leaves the value empty, which the caller sees; xmlsec
 * 1.2.37 leaks a buffer when a transform fails at its end. */
static int
sign_gathered(xmlSecTransform *t)
{
	struct transform *x = (struct transform *)t;
	uint8_t sig[SIGNATURE_MAX];
	size_t size = sizeof(sig);

	if (x->key == NULL || !signature_make(x->key, method_of(t), gathered(x), sig, &size))
		size = 0;
	return xmlSecBufferSetData(&t->outBuf, sig, (xmlSecSize)size);
}

static int
transform_execute(xmlSecTransform *t, int last, xmlSecTransformCtx *context)
{
	struct transform *x = (struct transform *)t;
	xmlSecSize size = xmlSecBufferGetSize(&t->inBuf);

	(void)context;
	if (t->status == xmlSecTransformStatusNone)
		t->status = xmlSecTransformStatusWorking;
	if (t->status != xmlSecTransformStatusWorking)
		return 0;
	if (size > 0 &&
		(xmlSecBufferAppend(&x->gathered, xmlSecBufferGetData(&t->inBuf), size) != 0 ||
			xmlSecBufferRemoveHead(&t->inBuf, size) != 0))
		return -1;
	if (!last)
		return 0;
	if (t->operation == xmlSecTransformOperationSign && sign_gathered(t) != 0)
		return -1;
	t->status = xmlSecTransformStatusFinished;
	return 0;
}

#define KLASS(word, uri)                                                                           \
	{                                                                                          \
		.klassSize = sizeof(xmlSecTransformKlass), .objSize = sizeof(struct transform),    \
		.name = BAD_CAST(word), .href = BAD_CAST(uri),                                     \
		.usage = xmlSecTransformUsageSignatureMethod, .initialize = transform_initialize,  \
		.finalize = transform_finalize, .setKeyReq = transform_key_req,                    \
		.setKey = transform_set_key, .verify = transform_verify,                           \
		.getDataType = xmlSecTransformDefaultGetDataType,                                  \
		.pushBin = xmlSecTransformDefaultPushBin, .popBin = xmlSecTransformDefaultPopBin,  \
		.execute = transform_execute,                                                      \
	}

static xmlSecTransformKlass klasses[METHOD_N] = {
	[METHOD_ECDSA_SHA256] = KLASS("ecdsa-sha256", ALG_ECDSA_SHA256),
	[METHOD_ECDSA_SHA384] = KLASS("ecdsa-sha384", ALG_ECDSA_SHA384),
	[METHOD_RSA_SHA256] = KLASS("rsa-sha256", ALG_RSA_SHA256),
};

xmlSecTransformId
evpsig_transform(enum method m)
{
	return &klasses[m];
}

bool
evpsig_register(void)
{
	const xmlSecTransformId kept[] = {
		xmlSecTransformEnvelopedId, xmlSecTransformExclC14NId, xmlSecTransformSha256Id};

	xmlSecPtrListEmpty(xmlSecTransformIdsGet());
	xmlSecPtrListEmpty(xmlSecKeyDataIdsGet());
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		if (xmlSecTransformIdsRegister(kept[i]) != 0)
			return false;
	}
	for (enum method m = 0; m < METHOD_N; m++) {
		if (xmlSecTransformIdsRegister(&klasses[m]) != 0)
			return false;
	}
	return true;
}
