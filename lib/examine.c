/* SPDX-License-Identifier: EUPL-1.2
 *
 * The steps of an examination, in their order: each may rely on what the ones before it have made
 * sure of, and none costs more than what the sender has proved so far. Nothing is looked up before
 * the bytes are known to be harmless, no signature is computed before the parties, the certificate
 * and the form of the signature are known to be right. Whether the certificate is still good is
 * said after the signature: a message that is "only" expired or revoked is no forgery.
 *
 * The verdict begins as zeros and is filled on the way, so that a refusal can name the message when
 * its header could be read; what could not be understood stays zero. */
#include "lib/examine.h"

#include <string.h>
#include <time.h>

#include "lib/closing.h"
#include "lib/header.h"
#include "lib/seal_parts.h"
#include "lib/xml.h"

#define FUTURE_MAX (5 * 60 * INT64_C(1000)) /* how far a sender's clock may be ahead, ms */

struct examination {
	struct bytes message;
	const struct trust *trust;
	const struct revocations *revocations;
	const struct party *peer, *self;
	int64_t now;
	struct verdict *out;
	xmlDoc *doc;
	const struct trust_party *sender;
	EVP_PKEY *key;
};

static enum err
step_parse(struct examination *x)
{
	return xml_parse(x->message, &x->doc);
}

static enum err
step_canonical(struct examination *x)
{
	return xml_check_canonical(x->doc, x->message);
}

/* As far as it goes: the schema has not spoken yet, and if it will refuse, the refusal can still
 * name the message. */
static enum err
step_name(struct examination *x)
{
	bool understood = header_read(x->doc, &x->out->header) == E_OK;

	(void)understood;
	return xml_is(xml_root(x->doc), NS_ENVELOPE, "Message") ? E_OK : E_SCHEMA;
}

/* Before the schema, which knows only one form of signature: a missing or strange one deserves its
 * own answer. */
static enum err
step_signature_form(struct examination *x)
{
	struct claims claims;
	xmlNode *signature;

	TRY(seal_shape(x->doc, FORM_MESSAGE, &signature, &claims));
	digest_of(claims.cert, claims.cert_size, &x->out->cert);
	return E_OK;
}

static enum err
step_schema(struct examination *x)
{
	return validate_strictly(x->doc, x->message, SCHEMA_ENVELOPE);
}

/* ---- the one spelling ---- */

static const char *
prefix_of(const xmlNs *ns)
{
	static const char *const prefixes[][2] = {{NS_ENVELOPE, "e"}, {NS_DSIG, "ds"},
		{NS_DSIG11, "ds11"}, {NS_XENC, "xenc"}, {NS_XENC11, "xenc11"}};

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (strcmp((const char *)ns->href, prefixes[i][0]) == 0)
			return prefixes[i][1];
	return "";
}

static bool
has_its_prefix(const xmlNode *element)
{
	const xmlNs *ns = element->ns;

	return ns != NULL && ns->prefix != NULL &&
	       strcmp((const char *)ns->prefix, prefix_of(ns)) == 0;
}

/* `element' and everything in it; a text stands alone or not at all. */
static bool
is_plain(const xmlNode *element)
{
	if (!has_its_prefix(element))
		return false;
	for (const xmlNode *n = element->children; n != NULL; n = n->next) {
		bool text = n->type != XML_ELEMENT_NODE;

		if (text && (n->prev != NULL || n->next != NULL))
			return false;
		if (!text && !is_plain(n))
			return false;
	}
	return true;
}

/* To a schema every prefix and white space between elements is the same. To those who check a
 * verdict without an XML library it is not: they find the parts of a message as octets. */
static enum err
step_spelling(struct examination *x)
{
	return is_plain(xml_root(x->doc)) ? E_OK : E_SCHEMA;
}

/* What a schema can not say: values in their one spelling, and what each action must carry. */
static enum err
step_header(struct examination *x)
{
	const struct header *h = &x->out->header;

	if (header_read(x->doc, &x->out->header) != E_OK)
		return E_SCHEMA;
	if (h->action == A_CERTIFIED_EXTRACT && !h->has_key)
		return E_SCHEMA;
	return h->action == A_RECEIPT && !h->has_ref ? E_SCHEMA : E_OK;
}

/* What a schema cannot say: a statement that agrees names no differences, and the other way round.
 */
static enum err
read_statement(const struct examination *x)
{
	struct closing c;

	return closing_parse(x->message, &c) == E_OK ? E_OK : E_SCHEMA;
}

/* The schema has made sure that the stage is COMMITTED or REJECTED: that is all that an addressee
 * has to say. */
static enum err
read_receipt(struct examination *x)
{
	struct verdict *v = x->out;
	enum stage stage;

	if (clear_receipt_read(x->doc, &stage, v->receipt_code, sizeof v->receipt_code) != E_OK)
		return E_SCHEMA;
	v->has_receipt = 1;
	v->stage = stage;
	return E_OK;
}

static enum err
step_body(struct examination *x)
{
	const xmlNode *body = xml_child(xml_root(x->doc), NS_ENVELOPE, "Body");
	enum action action = x->out->header.action;

	if (action == A_RECEIPT)
		return read_receipt(x);
	if (action == A_RECONCILIATION_STATEMENT)
		return read_statement(x);
	return xml_child(body, NS_XENC, "EncryptedData") ? E_OK : E_SCHEMA;
}

/* A list whose days are over says nothing about today. */
static enum err
step_trust(struct examination *x)
{
	return trust_valid_until(x->trust) < x->now ? E_TRUST_OLD : E_OK;
}

static enum err
step_parties(struct examination *x)
{
	const struct header *h = &x->out->header;

	if (strcmp(h->realm, trust_realm(x->trust)) != 0)
		return E_WRONG_REALM;
	x->sender = trust_party(x->trust, &h->from);
	if (x->sender == NULL || trust_party(x->trust, &h->to) == NULL)
		return E_UNKNOWN_PARTY;
	if (h->has_on_behalf_of && trust_party(x->trust, &h->on_behalf_of) == NULL)
		return E_UNKNOWN_PARTY;
	if (x->peer != NULL && !party_equal(x->peer, &h->from))
		return E_SENDER_MISMATCH;
	return x->self != NULL && !party_equal(x->self, &h->to) ? E_NOT_ADDRESSEE : E_OK;
}

static enum err
step_certificate(struct examination *x)
{
	x->key = trust_listed_key(x->sender, &x->out->cert);
	return x->key != NULL ? E_OK : E_UNKNOWN_CERT;
}

static enum err
step_signature(struct examination *x)
{
	return seal_verify_both(x->message, x->key);
}

static enum err
step_life(struct examination *x)
{
	return trust_signing_key(x->sender, &x->out->cert, x->now, &x->key);
}

/* Not knowing is no reason to refuse: the message is accepted, and held until somebody knows. */
static enum err
step_revocation(struct examination *x)
{
	enum err e = revocations_judge(x->revocations, x->trust, x->sender, &x->out->cert, x->now);

	x->out->held = e == E_HELD;
	return e == E_HELD ? E_OK : e;
}

/* Its signatures; what it allows is the agreement's business. A certificate that may have been
 * revoked holds the message as that of its signer does. One that was revoked lets nothing pass but
 * what stops the case: a consent can be withdrawn whatever became of the key that it was granted
 * with. */
static enum err
step_token(struct examination *x)
{
	const struct header *h = &x->out->header;
	struct bytes element;
	enum err e;

	if (!h->has_token)
		return E_OK;
	if (!message_token(x->message, &element))
		return E_SCHEMA;
	e = consent_token_verify(element, &h->token, x->trust, x->revocations, x->now);
	if (e == E_CERT_REVOKED && h->action == A_CANCELLATION)
		return E_OK;
	x->out->held |= e == E_HELD;
	return e == E_HELD ? E_OK : e == E_CERT_REVOKED ? E_CONSENT_FORGED : e;
}

static enum err
step_agreement(struct examination *x)
{
	return trust_allows(x->trust, &x->out->header, x->now);
}

/* A receipt says what has happened: no clock, whosever is wrong, unsays it, and one that could not
 * be told in time must still end its message. */
static enum err
step_times(struct examination *x)
{
	const struct header *h = &x->out->header;

	if (h->action == A_RECEIPT)
		return E_OK;
	if (h->expires <= x->now)
		return E_EXPIRED;
	return h->created > x->now + FUTURE_MAX ? E_CLOCK : E_OK;
}

static enum err (*const steps[])(struct examination *) = {
	step_parse,
	step_canonical,
	step_name,
	step_signature_form,
	step_schema,
	step_spelling,
	step_header,
	step_body,
	step_trust,
	step_parties,
	step_certificate,
	step_signature,
	step_life,
	step_revocation,
	step_token,
	step_agreement,
	step_times,
};

static enum err
run_steps(struct examination *x)
{
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		TRY(steps[i](x));
	return E_OK;
}

/* Of this thread, which is the only one: the process's own clock moves in ticks while a limit on
 * CPU time is set. */
static int64_t
cpu_us(void)
{
	struct timespec t;

	if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) != 0)
		die("no clock for CPU time");
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void
examine(struct bytes message, const struct trust *trust, const struct revocations *revocations,
	const struct party *peer, const struct party *self, int64_t now, struct verdict *out)
{
	struct examination x = {.message = message,
		.trust = trust,
		.revocations = revocations,
		.peer = peer,
		.self = self,
		.now = now,
		.out = out};
	int64_t start = cpu_us();

	memset(out, 0, sizeof *out);
	out->magic = VERDICT_MAGIC;
	out->size = (uint32_t)message.size;
	digest_of(message.data, message.size, &out->digest);
	out->code = run_steps(&x);
	if (out->code != E_OK)
		out->held = 0;
	xml_free(&x.doc);
	out->cpu_us = (uint32_t)(cpu_us() - start);
}
