/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writing and reading the papers of an enrolment. A request is a stranger's file: every field is
 * checked before it is used, and its one signature covers a plain text made of the fields (a line
 * each), so that JSON's freedoms of spelling never matter. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>
#include <openssl/err.h>

#include "certs/issue.h"
#include "certs/join.h"
#include "certs/pki.h"
#include "certs/place.h"
#include "certs/realm.h"
#include "lib/xml.h"

#define REQUEST_MAX (32 * 1024)
#define ANSWER_MAX (2 * XML_MESSAGE_MAX)
#define SIGNATURE_MAX 512

void
request_clear(struct request *r)
{
	request_free(&r->sign);
	request_free(&r->encrypt);
}

void
answer_clear(struct answer *a)
{
	cert_free(&a->sign);
	cert_free(&a->encrypt);
	cert_free(&a->operator);
}

static void
drop_json(json_t **j)
{
	json_decref(TAKE(*j));
}

/* ---- the request ---- */

/* What is signed. No field can hold a line feed, so two requests never give one text. */
static void
signed_text(const struct request *r, struct buf *out)
{
	struct digest sign, encrypt;

	issue_request_digest(r->sign, &sign);
	issue_request_digest(r->encrypt, &encrypt);
	buf_printf(
		out, "daftar-request-1\n%s\n%s\n%s\n%s\n", r->party, r->country, r->role, r->name);
	buf_hex(out, sign.octet, DIGEST_SIZE);
	buf_text(out, "\n");
	buf_hex(out, encrypt.octet, DIGEST_SIZE);
	buf_text(out, "\n");
	buf_hex(out, r->curve, sizeof(r->curve));
	buf_text(out, "\n");
}

static void
free_md(EVP_MD_CTX **c)
{
	EVP_MD_CTX_free(*c);
}

static void
sign_text(struct bytes text, EVP_PKEY *key, struct buf *base64)
{
	OWNED(EVP_MD_CTX, c, free_md) = EVP_MD_CTX_new();
	uint8_t signature[SIGNATURE_MAX];
	size_t size = sizeof(signature);

	if (!c || EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key) != 1 ||
		EVP_DigestSign(c, signature, &size, text.data, text.size) != 1)
		die("OpenSSL: signing a request failed");
	buf_base64(base64, signature, size);
}

static bool
verify_text(struct bytes text, EVP_PKEY *key, const char *base64)
{
	OWNED(EVP_MD_CTX, c, free_md) = EVP_MD_CTX_new();
	uint8_t signature[2 * SIGNATURE_MAX];
	size_t size = sizeof(signature);

	return c && base64_decode(base64, strlen(base64), signature, &size) &&
	       EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
	       EVP_DigestVerify(c, signature, size, text.data, text.size) == 1;
}

static void
put(json_t *object, const char *name, const char *value)
{
	if (json_object_set_new(object, name, json_string(value)) < 0)
		die("no memory for %s", name);
}

static void
dump(json_t *object, struct buf *out)
{
	OWNED(char, text, free_chars) = json_dumps(object, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	if (!text)
		die("no memory for a JSON text");
	buf_text(out, text);
	buf_text(out, "\n");
}

void
request_compose(struct request *r, const struct own_keys *k, struct buf *out)
{
	struct subject s = {.country = r->country, .office = r->name, .code = r->party};
	OWNED(json_t, object, drop_json) = json_object();
	OWNED_BUF(text) = {0};
	OWNED_BUF(sign) = {0};
	OWNED_BUF(encrypt) = {0};
	OWNED_BUF(signature) = {0};
	char curve[CURVE_TEXT_SIZE];

	r->sign = issue_request(&s, k->sign);
	r->encrypt = issue_request(&s, k->encrypt);
	memcpy(r->curve, k->curve.public_key, sizeof(r->curve));
	signed_text(r, &text);
	digest_of(text.data, text.size, &r->print);
	sign_text(buf_bytes(&text), k->sign, &signature);
	issue_request_pem(r->sign, &sign);
	issue_request_pem(r->encrypt, &encrypt);
	curve_format(r->curve, curve);
	put(object, "daftar", "request-1");
	put(object, "party", r->party);
	put(object, "country", r->country);
	put(object, "role", r->role);
	put(object, "name", r->name);
	put(object, "sign", (const char *)sign.data);
	put(object, "encrypt", (const char *)encrypt.data);
	put(object, "curve", curve);
	put(object, "signature", (const char *)signature.data);
	dump(object, out);
}

/* ---- reading ---- */

static enum err
bad_paper(enum err code, const char *file, const char *why)
{
	return refuse(code, say("%s is refused: %s", file, why),
		"nothing was changed, no certificate was issued or installed",
		"ask the other side to send the file again, by another way if you can");
}

static enum err
read_json(const char *file, size_t most, const char *kind, json_t **out)
{
	OWNED_BUF(text) = {0};
	OWNED(json_t, object, drop_json) = NULL;
	const char *found;

	TRY(place_read(file, most, &text));
	object = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
	found = json_string_value(json_object_get(object, "daftar"));
	if (!found || strcmp(found, kind) != 0)
		return bad_paper(E_INPUT, file, say("it is not a file of the kind %s", kind));
	*out = TAKE(object);
	return E_OK;
}

/* A copy of a field; "" when it is missing or not a text, which no check lets pass but country's.
 */
static const char *
field(const json_t *object, const char *name)
{
	const char *value = json_string_value(json_object_get(object, name));

	return say("%s", value ? value : "");
}

static enum err
check_keys(const struct request *r, const char *file, const char *signature)
{
	OWNED(EVP_PKEY, sign, key_free) = NULL;
	OWNED(EVP_PKEY, encrypt, key_free) = NULL;
	OWNED_BUF(text) = {0};
	enum err e = issue_request_key(r->sign, &sign);

	if (e == E_OK)
		e = issue_request_key(r->encrypt, &encrypt);
	if (e != E_OK)
		return bad_paper(e, file, "a key does not prove itself");
	if (EVP_PKEY_eq(sign, encrypt) == 1)
		return bad_paper(E_INPUT, file, "one key cannot both sign and decrypt");
	signed_text(r, &text);
	if (!verify_text(buf_bytes(&text), sign, signature))
		return bad_paper(E_SIGNATURE, file, "its signature does not fit its content");
	return E_OK;
}

enum err
request_read(const char *file, struct request *r)
{
	OWNED(json_t, object, drop_json) = NULL;
	OWNED_BUF(text) = {0};
	enum role role;

	TRY(read_json(file, REQUEST_MAX, "request-1", &object));
	r->party = field(object, "party");
	r->country = field(object, "country");
	r->role = field(object, "role");
	r->name = field(object, "name");
	TRY(member_check(r->party, r->country, r->role, r->name, &role));
	r->sign = issue_request_of_pem(field(object, "sign"));
	r->encrypt = issue_request_of_pem(field(object, "encrypt"));
	ERR_clear_error();
	if (!r->sign || !r->encrypt || !curve_parse(field(object, "curve"), r->curve))
		return bad_paper(E_INPUT, file, "a key is missing or cannot be read");
	TRY(check_keys(r, file, field(object, "signature")));
	signed_text(r, &text);
	digest_of(text.data, text.size, &r->print);
	return E_OK;
}

/* ---- the answer ---- */

static void
put_cert(json_t *object, const char *name, X509 *cert)
{
	OWNED_BUF(pem) = {0};

	issue_cert_pem(cert, &pem);
	put(object, name, (const char *)pem.data);
}

void
answer_compose(const struct answer *a, struct buf *out)
{
	OWNED(json_t, object, drop_json) = json_object();

	put(object, "daftar", "answer-1");
	put(object, "party", a->party);
	put_cert(object, "sign", a->sign);
	put_cert(object, "encrypt", a->encrypt);
	put_cert(object, "operator", a->operator);
	put(object, "trust", a->trust);
	dump(object, out);
}

enum err
answer_read(const char *file, struct answer *a)
{
	OWNED(json_t, object, drop_json) = NULL;

	TRY(read_json(file, ANSWER_MAX, "answer-1", &object));
	a->party = field(object, "party");
	a->trust = field(object, "trust");
	a->sign = issue_cert_of_pem(field(object, "sign"));
	a->encrypt = issue_cert_of_pem(field(object, "encrypt"));
	a->operator= issue_cert_of_pem(field(object, "operator"));
	ERR_clear_error();
	if (!a->sign || !a->encrypt || !a->operator)
		return bad_paper(E_INPUT, file, "a certificate is missing or cannot be read");
	return E_OK;
}
