/* SPDX-License-Identifier: EUPL-1.2
 *
 * Opening an encrypted body. Where the decryption key is, no XML library is: the element's octets
 * are compared with the one form that the profile has, and values are taken from the places where
 * that form has them. Every key in it must be well-formed, also those for others. Whatever fails
 * from the first use of the private key on fails alike, at the tag of the text: an unwrapping that
 * went wrong goes on with a random key. Only a token that is away is told apart: that says nothing
 * of the message, which waits until the token is back. */
#include "lib/encrypt.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "lib/bodykey.h"
#include "lib/literal.h"
#include "lib/token.h"
#include "lib/xml.h"

#define RECIPIENTS_MAX 4

/* One EncryptedKey. */
struct envelope {
	bool by_ec;
	enum curve curve;
	uint8_t point[BODYKEY_POINT_MAX];
	size_t point_size;
	struct digest cert;
	uint8_t wrapped[BODYKEY_WRAPPED_MAX];
	size_t wrapped_size;
};

struct parsed {
	struct envelope envelope[RECIPIENTS_MAX];
	size_t n;
	struct bytes text; /* base64 of nonce, text and tag */
};

static enum err
take_text(struct cursor *c, const char *text)
{
	return literal_take(c, text) ? E_OK : E_BODY;
}

/* `before' and then the value of an attribute, which must be `value'. */
static enum err
take_choice(struct cursor *c, const char *before, const char *value)
{
	TRY(take_text(c, before));
	return literal_is(literal_value(c), value) ? E_OK : E_ALGORITHM;
}

/* Base64 of 1 to `room' octets. */
static enum err
take_octets(struct cursor *c, uint8_t *out, size_t room, size_t *size)
{
	struct bytes v = literal_value(c);

	*size = room;
	bool good = base64_decode((const char *)v.data, v.size, out, size) && *size > 0;
	return good ? E_OK : E_BODY;
}

static enum err
take_recipient(struct cursor *c, struct envelope *e)
{
	size_t n;

	TRY(take_choice(c,
		"<ds:X509Data><ds11:X509Digest xmlns:ds11=\"" NS_DSIG11 "\" Algorithm=\"",
		ALG_SHA256));
	TRY(take_text(c, "\">"));
	TRY(take_octets(c, e->cert.octet, DIGEST_SIZE, &n));
	if (n != DIGEST_SIZE)
		return E_BODY;
	return take_text(c, "</ds11:X509Digest></ds:X509Data>");
}

static enum err
take_curve(struct cursor *c, struct envelope *e)
{
	TRY(take_text(c,
		"<xenc:OriginatorKeyInfo><ds:KeyValue><ds11:ECKeyValue xmlns:ds11=\"" NS_DSIG11
		"\"><ds11:NamedCurve URI=\""));
	struct bytes uri = literal_value(c);
	for (enum curve k = 0; k < CURVE_N; k++) {
		if (literal_is(uri, curve_uri(k))) {
			e->curve = k;
			return E_OK;
		}
	}
	return E_ALGORITHM;
}

static enum err
take_agreement(struct cursor *c, struct envelope *e)
{
	TRY(take_choice(c,
		"\"></xenc:EncryptionMethod><ds:KeyInfo><xenc:AgreementMethod Algorithm=\"",
		ALG_ECDH_ES));
	TRY(take_choice(c,
		"\"><xenc11:KeyDerivationMethod xmlns:xenc11=\"" NS_XENC11 "\" Algorithm=\"",
		ALG_CONCAT_KDF));
	TRY(take_choice(c, "\"><xenc11:ConcatKDFParams AlgorithmID=\"", KDF_ALGORITHM_ID));
	TRY(take_choice(c, "\" PartyUInfo=\"", KDF_PARTY_U));
	TRY(take_choice(c, "\" PartyVInfo=\"", KDF_PARTY_V));
	TRY(take_choice(c, "\"><ds:DigestMethod Algorithm=\"", ALG_SHA256));
	TRY(take_text(c, "\"></ds:DigestMethod></xenc11:ConcatKDFParams>"
			 "</xenc11:KeyDerivationMethod>"));
	TRY(take_curve(c, e));
	TRY(take_text(c, "\"></ds11:NamedCurve><ds11:PublicKey>"));
	TRY(take_octets(c, e->point, sizeof(e->point), &e->point_size));
	TRY(take_text(c, "</ds11:PublicKey></ds11:ECKeyValue></ds:KeyValue>"
			 "</xenc:OriginatorKeyInfo><xenc:RecipientKeyInfo>"));
	TRY(take_recipient(c, e));
	return take_text(c, "</xenc:RecipientKeyInfo></xenc:AgreementMethod></ds:KeyInfo>");
}

static enum err
take_oaep(struct cursor *c, struct envelope *e)
{
	TRY(take_choice(c, "\"><ds:DigestMethod Algorithm=\"", ALG_SHA256));
	TRY(take_choice(c,
		"\"></ds:DigestMethod><xenc11:MGF xmlns:xenc11=\"" NS_XENC11 "\" Algorithm=\"",
		ALG_MGF1_SHA256));
	TRY(take_text(c, "\"></xenc11:MGF></xenc:EncryptionMethod><ds:KeyInfo>"));
	TRY(take_recipient(c, e));
	return take_text(c, "</ds:KeyInfo>");
}

static enum err
take_envelope(struct cursor *c, struct envelope *e)
{
	TRY(take_text(c, "<xenc:EncryptedKey><xenc:EncryptionMethod Algorithm=\""));
	struct bytes method = literal_value(c);
	e->by_ec = literal_is(method, ALG_KEY_WRAP);
	if (!e->by_ec && !literal_is(method, ALG_RSA_OAEP))
		return E_ALGORITHM;
	TRY(e->by_ec ? take_agreement(c, e) : take_oaep(c, e));
	TRY(take_text(c, "<xenc:CipherData><xenc:CipherValue>"));
	TRY(take_octets(c, e->wrapped, sizeof(e->wrapped), &e->wrapped_size));
	return take_text(c, "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedKey>");
}

static enum err
parse(struct bytes element, struct parsed *p)
{
	struct cursor c = cursor_of(element);

	TRY(take_choice(
		&c, "<xenc:EncryptedData xmlns:xenc=\"" NS_XENC "\" Type=\"", TYPE_ELEMENT));
	TRY(take_choice(&c, "\"><xenc:EncryptionMethod Algorithm=\"", ALG_GCM));
	TRY(take_text(&c, "\"></xenc:EncryptionMethod><ds:KeyInfo xmlns:ds=\"" NS_DSIG "\">"));
	do {
		if (p->n == RECIPIENTS_MAX)
			return E_BODY;
		TRY(take_envelope(&c, &p->envelope[p->n++]));
	} while (!literal_take(&c, "</ds:KeyInfo>"));
	TRY(take_text(&c, "<xenc:CipherData><xenc:CipherValue>"));
	p->text = literal_value(&c);
	TRY(take_text(&c, "</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"));
	return cursor_done(&c) ? E_OK : E_BODY;
}

static bool
unwrap_by_ec(const struct envelope *e, EVP_PKEY *mine, uint8_t key[BODYKEY_SIZE])
{
	uint8_t kek[BODYKEY_SIZE];
	enum curve curve;

	if (!curve_of_key(mine, &curve) || curve != e->curve)
		return false;
	OWNED(EVP_PKEY, theirs, key_free) =
		ephemeral_read(curve, bytes_of(e->point, e->point_size));
	bool ok = theirs != NULL && bodykey_agree(mine, theirs, kek) &&
		  bodykey_unwrap(kek, bytes_of(e->wrapped, e->wrapped_size), key);
	OPENSSL_cleanse(kek, sizeof(kek));
	return ok;
}

/* Leaves `key' as it was when it can't be unwrapped. */
static bool
unwrap(const struct envelope *e, EVP_PKEY *mine, uint8_t key[BODYKEY_SIZE])
{
	if (e->by_ec)
		return unwrap_by_ec(e, mine, key);
	return EVP_PKEY_get_base_id(mine) == EVP_PKEY_RSA &&
	       bodykey_rsa_unwrap(mine, bytes_of(e->wrapped, e->wrapped_size), key);
}

static const struct envelope *
find_envelope(const struct parsed *p, const struct identity *who)
{
	struct digest d;

	digest_of(who->der, who->der_size, &d);
	for (size_t i = 0; i < p->n; i++) {
		if (digest_equal(&p->envelope[i].cert, &d))
			return &p->envelope[i];
	}
	return NULL;
}

enum err
decrypt_body(struct bytes element, const struct identity *who, struct buf *plain)
{
	struct parsed p = {0};
	uint8_t key[BODYKEY_SIZE];

	TRY(parse(element, &p));
	const struct envelope *mine = find_envelope(&p, who);
	if (mine == NULL)
		return E_BODY;
	size_t size = p.text.size;
	uint8_t *sealed = xmalloc(size + 1);
	if (RAND_bytes(key, sizeof(key)) != 1)
		die("no random key could be made");
	bool decoded = base64_decode((const char *)p.text.data, p.text.size, sealed, &size);
	bool unwrapped = unwrap(mine, who->key, key);
	bool opened = decoded && gcm_open(key, bytes_of(sealed, size), plain);
	OPENSSL_cleanse(key, sizeof(key));
	free_octets(&sealed);
	return unwrapped && opened ? E_OK : token_trouble(who->key, E_BODY);
}
