/* SPDX-License-Identifier: EUPL-1.2
 *
 * Reading goes by writing: an element is what its facts are written as, so there is one spelling
 * and no parser to disagree with. */
#include "lib/consent_token_parts.h"

#include <string.h>

#include "lib/header.h"
#include "lib/signature.h"
#include "lib/xml.h"

#define QNAME "e:ConsentToken"

/* ---- writing ---- */

/* The start tag: all that the facts say, but who has signed. */
static void
compose_tag(const struct consent_token *t, struct buf *out)
{
	char id[ID_TEXT_SIZE], conversation[ID_TEXT_SIZE];
	char issued[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE];

	id_format(&t->id, id);
	id_format(&t->conversation, conversation);
	instant_format(t->issued, issued);
	instant_format(t->valid_until, until);
	xml_open(out, QNAME, "by", t->by.code, "conversation", conversation, "destination",
		t->destination.code, "holder", t->holder.code, "id", id, "issuedAt", issued,
		"purpose", t->purpose, "validUntil", until, NULL);
}

void
consent_token_signed_text(const struct consent_token *t, const char *prefix, struct buf *out)
{
	buf_text(out, prefix);
	compose_tag(t, out);
}

static enum err
sign(const struct consent_token *t, const char *prefix, const char *qname,
	const struct identity *signer, struct digest *cert, struct buf *out)
{
	OWNED_BUF(text) = {0};
	uint8_t value[SIGNATURE_MAX];
	size_t size = sizeof value;
	char hex[DIGEST_TEXT_SIZE];
	enum method method;

	consent_token_signed_text(t, prefix, &text);
	if (!method_of_key(signer->key, &method))
		return E_WEAK_KEY;
	if (!signature_make(signer->key, method, buf_bytes(&text), value, &size))
		return E_NO_KEY;
	digest_of(signer->der, signer->der_size, cert);
	digest_format(cert, hex);
	xml_open(out, qname, "cert", hex, NULL);
	buf_base64(out, value, size);
	xml_close(out, qname);
	return E_OK;
}

enum err
consent_token_grant(struct consent_token *t, const struct identity *signer, struct buf *element)
{
	OWNED_BUF(grant) = {0};

	if (t->cleared)
		return E_STATE;
	TRY(sign(t, GRANT_PREFIX, "e:Grant", signer, &t->cert, &grant));
	compose_tag(t, element);
	buf_add_bytes(element, buf_bytes(&grant));
	xml_close(element, QNAME);
	return E_OK;
}

/* ---- reading ---- */

static bool
skip(struct bytes *v, const char *text)
{
	size_t n = strlen(text);

	if (v->size < n || memcmp(v->data, text, n) != 0)
		return false;
	*v = bytes_of(v->data + n, v->size - n);
	return true;
}

/* <qname cert="hex">value</qname> */
static bool
skip_signature(struct bytes *v, const char *qname, struct digest *cert, struct bytes *value)
{
	OWNED(char, start, free_chars) = xprintf("<%s cert=\"", qname);
	OWNED(char, end, free_chars) = xprintf("</%s>", qname);
	char hex[DIGEST_TEXT_SIZE] = "";
	const uint8_t *close;

	if (!skip(v, start) || v->size < DIGEST_TEXT_SIZE - 1)
		return false;
	memcpy(hex, v->data, DIGEST_TEXT_SIZE - 1);
	*v = bytes_of(v->data + DIGEST_TEXT_SIZE - 1, v->size - (DIGEST_TEXT_SIZE - 1));
	if (!digest_parse(hex, cert) || !skip(v, "\">"))
		return false;
	close = v->size > 0 ? memchr(v->data, '<', v->size) : NULL;
	if (close == NULL || close == v->data)
		return false;
	*value = bytes_of(v->data, (size_t)(close - v->data));
	*v = bytes_of(close, v->size - value->size);
	return skip(v, end);
}

static bool
starts_with(struct bytes v, const char *text)
{
	return skip(&v, text);
}

/* Behind the start tag. What begins like a clearance has to be one. */
static bool
skip_signatures(struct bytes *v, struct token_parts *p, struct consent_token *t)
{
	if (!skip_signature(v, "e:Grant", &t->cert, &p->grant))
		return false;
	t->cleared = starts_with(*v, "<e:Clearance ");
	p->clearance = bytes_of(NULL, 0);
	if (t->cleared && !skip_signature(v, "e:Clearance", &t->cleared_by, &p->clearance))
		return false;
	return skip(v, "</" QNAME ">");
}

/* The value of the next attribute, in the order in which they are written. */
static bool
skip_attribute(struct bytes *v, const char *name, char *out, size_t size)
{
	OWNED(char, start, free_chars) = xprintf("%s=\"", name);
	const uint8_t *end;
	size_t n;

	if (!skip(v, start))
		return false;
	end = v->size > 0 ? memchr(v->data, '"', v->size) : NULL;
	n = end == NULL ? size : (size_t)(end - v->data);
	if (n >= size)
		return false;
	memcpy(out, v->data, n);
	memset(out + n, 0, size - n);
	*v = bytes_of(end + 1, v->size - n - 1);
	return skip(v, " ") || (v->size > 0 && v->data[0] == '>');
}

static bool
read_id(struct bytes *v, const char *name, struct id *out)
{
	char text[ID_TEXT_SIZE];

	return skip_attribute(v, name, text, sizeof text) && id_parse(text, out);
}

static bool
read_instant(struct bytes *v, const char *name, int64_t *out)
{
	char text[INSTANT_TEXT_SIZE];

	return skip_attribute(v, name, text, sizeof text) && instant_parse(text, out);
}

static bool
read_party(struct bytes *v, const char *name, struct party *out)
{
	char text[PARTY_SIZE];

	return skip_attribute(v, name, text, sizeof text) && party_parse(text, out);
}

static bool
read_tag(struct bytes *v, struct consent_token *t)
{
	return skip(v, "<" QNAME " ") && read_party(v, "by", &t->by) &&
	       read_id(v, "conversation", &t->conversation) &&
	       read_party(v, "destination", &t->destination) &&
	       read_party(v, "holder", &t->holder) && read_id(v, "id", &t->id) &&
	       read_instant(v, "issuedAt", &t->issued) &&
	       skip_attribute(v, "purpose", t->purpose, sizeof t->purpose) &&
	       read_instant(v, "validUntil", &t->valid_until) && skip(v, ">");
}

/* What was read is written again: nothing may stand there that the facts do not say. */
bool
consent_token_parts(struct bytes octets, struct consent_token *t, struct token_parts *p)
{
	OWNED_BUF(tag) = {0};
	struct bytes rest = octets;

	memset(t, 0, sizeof *t);
	if (!read_tag(&rest, t) || !consent_token_sane(t))
		return false;
	compose_tag(t, &tag);
	p->tag = bytes_of(octets.data, octets.size - rest.size);
	if (p->tag.size != tag.size || memcmp(p->tag.data, tag.data, tag.size) != 0 ||
		!skip_signatures(&rest, p, t))
		return false;
	p->size = octets.size - rest.size;
	return p->size <= CONSENT_TOKEN_MAX;
}

bool
consent_token_read(struct bytes element, struct consent_token *out)
{
	struct token_parts p;

	return consent_token_parts(element, out, &p) && p.size == element.size;
}

bool
consent_token_sane(const struct consent_token *t)
{
	struct party again;

	return party_parse(t->by.code, &again) && party_equal(&again, &t->by) &&
	       party_parse(t->holder.code, &again) && party_equal(&again, &t->holder) &&
	       party_parse(t->destination.code, &again) && party_equal(&again, &t->destination) &&
	       t->purpose[0] != '\0' && text_sane(t->purpose, sizeof t->purpose, HEADER_ALPHABET) &&
	       t->issued >= 0 && t->issued < t->valid_until && t->valid_until < INSTANT_END &&
	       (t->cleared || all_zero(&t->cleared_by, sizeof t->cleared_by));
}

bool
consent_token_stands_in(struct bytes octets, const struct consent_token *t, size_t *size)
{
	struct consent_token there;
	struct token_parts p;

	if (!consent_token_parts(octets, &there, &p) || !consent_token_equal(&there, t))
		return false;
	*size = p.size;
	return true;
}

bool
consent_token_equal(const struct consent_token *a, const struct consent_token *b)
{
	return id_equal(&a->id, &b->id) && id_equal(&a->conversation, &b->conversation) &&
	       party_equal(&a->by, &b->by) && party_equal(&a->holder, &b->holder) &&
	       party_equal(&a->destination, &b->destination) &&
	       strncmp(a->purpose, b->purpose, sizeof a->purpose) == 0 && a->issued == b->issued &&
	       a->valid_until == b->valid_until && digest_equal(&a->cert, &b->cert) &&
	       a->cleared == b->cleared && digest_equal(&a->cleared_by, &b->cleared_by);
}

enum err
consent_token_clear(struct consent_token *t, struct bytes element, const struct identity *officer,
	struct buf *out)
{
	OWNED_BUF(clearance) = {0};
	struct consent_token there;
	struct digest cert;
	struct token_parts p;

	if (!consent_token_parts(element, &there, &p) || !consent_token_equal(&there, t))
		return E_INPUT;
	digest_of(officer->der, officer->der_size, &cert);
	if (there.cleared || digest_equal(&cert, &there.cert))
		return E_STATE;
	TRY(sign(t, CLEARANCE_PREFIX, "e:Clearance", officer, &t->cleared_by, &clearance));
	t->cleared = true;
	buf_add(out, element.data, p.size - strlen("</" QNAME ">"));
	buf_add_bytes(out, buf_bytes(&clearance));
	xml_close(out, QNAME);
	return E_OK;
}
