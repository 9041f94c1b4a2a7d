/* SPDX-License-Identifier: EUPL-1.2
 *
 * The second officer's signature on a finding of risk. Whoever files a case cannot clear it: the
 * other certificate must hold another key, and the finding must be another officer's than the one
 * who took the consent. */
#include <string.h>

#include "lib/protect.h"
#include "lib/signature.h"

#define CLEARANCE_PREFIX "daftar risk clearance 1\n"

/* ---- what is signed ---- */

/* The words have alphabets without spaces and line feeds, so a line can be read in one way only. */
static void
put_line(struct buf *b, const char *key, const char *value)
{
	buf_printf(b, "%s %s\n", key, value != NULL ? value : "");
}

static void
compose_signed_text(const struct request *r, struct buf *out)
{
	buf_text(out, CLEARANCE_PREFIX);
	put_line(out, "case", r->case_type);
	put_line(out, "of", r->requested_of.code);
	put_line(out, "to", r->destination.code);
	put_line(out, "officer", r->risk->officer);
	put_line(out, "result", r->risk->result);
	put_line(out, "on", r->risk->on);
	for (const struct text_item *f = r->risk->feared; f != NULL; f = f->next)
		put_line(out, "feared", f->value);
	for (const struct consent *c = &r->consent; c != NULL; c = c->next)
		put_line(out, "consent", c->id);
}

enum err
protect_clear(struct request *r, const struct identity *officer)
{
	OWNED_BUF(text) = {0};
	OWNED_BUF(base64) = {0};
	uint8_t value[SIGNATURE_MAX];
	size_t size = sizeof value;
	char hex[DIGEST_TEXT_SIZE];
	struct digest cert;
	enum method method;

	if (r->risk == NULL)
		return E_INPUT;
	if (!method_of_key(officer->key, &method))
		return E_WEAK_KEY;
	compose_signed_text(r, &text);
	if (!signature_make(officer->key, method, buf_bytes(&text), value, &size))
		return E_NO_KEY;
	digest_of(officer->der, officer->der_size, &cert);
	digest_format(&cert, hex);
	buf_base64(&base64, value, size);
	r->risk->approval_cert = arena_text(r->arena, hex);
	r->risk->approval_value = arena_text(r->arena, (const char *)base64.data);
	return E_OK;
}

/* ---- whose it is ---- */

/* The certificate was valid on some part of the finding's day, and was never revoked: a stolen key
 * signs with any date. */
static EVP_PKEY *
officer_key(const struct trust_party *p, const struct digest *cert, const char *day)
{
	OWNED(char, start, free_chars) = xprintf("%sT00:00:00.000Z", day);
	OWNED(char, end, free_chars) = xprintf("%sT23:59:59.999Z", day);
	int64_t from, until;

	if (!instant_parse(start, &from) || !instant_parse(end, &until))
		return NULL;
	for (size_t i = 0; i < p->n_sign; i++)
		if (digest_equal(&p->sign_digest[i], cert))
			return p->sign_from[i] <= until && p->sign_until[i] >= from &&
					       p->sign_revoked[i] == INT64_MAX
				       ? X509_get0_pubkey(p->sign[i])
				       : NULL;
	return NULL;
}

static bool
is_signed(const struct request *r, EVP_PKEY *key)
{
	const char *base64 = r->risk->approval_value;
	OWNED_BUF(text) = {0};
	uint8_t value[SIGNATURE_MAX];
	size_t size = sizeof value;
	enum method method;

	compose_signed_text(r, &text);
	return method_of_key(key, &method) && base64_decode(base64, strlen(base64), value, &size) &&
	       signature_check(key, method, buf_bytes(&text), bytes_of(value, size));
}

static bool
took_a_consent(const struct request *r, const char *officer)
{
	for (const struct consent *c = &r->consent; c != NULL; c = c->next)
		if (strcmp(c->witnessed_by, officer) == 0 ||
			(c->assent != NULL && strcmp(c->assent->witnessed_by, officer) == 0))
			return true;
	return false;
}

const char *
clearance_problem(const struct request *r, const struct protect_context *k)
{
	const struct risk_clearance *risk = r->risk;
	struct digest cert;
	EVP_PKEY *key, *signer;

	if (risk->approval_cert == NULL || risk->approval_value == NULL)
		return "the clearance is not signed by a second officer; nothing was passed on, "
		       "let another officer of the office look at the case and sign it";
	if (took_a_consent(r, risk->officer))
		return "the officer who cleared the case also took a consent; nothing was passed "
		       "on, let another officer of the office look at the case and sign it";
	key = k->liaison != NULL && digest_parse(risk->approval_cert, &cert)
		      ? officer_key(k->liaison, &cert, risk->on)
		      : NULL;
	if (key == NULL || !is_signed(r, key))
		return "the second officer's signature on the clearance does not hold; nothing "
		       "was passed on, let the officer look at the case and sign it again";
	signer = k->signer != NULL ? trust_listed_key(k->liaison, k->signer) : NULL;
	if (k->signer != NULL && (signer == NULL || EVP_PKEY_eq(signer, key) == 1))
		return "the clearance is signed with the key that files the case; nothing was "
		       "passed on, let another officer of the office sign it with the officer's "
		       "own key";
	return NULL;
}
