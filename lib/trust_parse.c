/* SPDX-License-Identifier: EUPL-1.2
 *
 * From a validated trust.xsd document to structs. The schema has already said which elements and
 * attributes there are, so this file is straight copying; still nothing is taken on trust: a value
 * that does not fit its struct is E_SCHEMA, never a cut-off text. */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>

#include "lib/trust_parts.h"

#define HOUR_MS INT64_C(3600000)
#define PROFILE_DAYS_MAX 3650

static size_t
count(const xmlNode *parent, const char *name)
{
	size_t n = 0;

	for (xmlNode *at = xml_child(parent, NS_TRUST, name); at; at = xml_next(at, NS_TRUST, name))
		n++;
	return n;
}

static enum err
text_into(char *dst, size_t size, const char *value)
{
	return value && *value && copy_text(dst, size, value) ? E_OK : E_SCHEMA;
}

static enum err
parse_instant(const char *value, int64_t *out)
{
	return value && instant_parse(value, out) ? E_OK : E_SCHEMA;
}

static enum err
parse_party_code(const char *value, struct party *out)
{
	return value && party_parse(value, out) ? E_OK : E_SCHEMA;
}

/* An absent country is "", the realm itself. */
static enum err
parse_country(struct arena *a, const xmlNode *node, char out[3])
{
	const char *value = xml_attribute(a, node, "country");

	if (!value)
		return E_OK;
	if (strlen(value) != 2 || strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 2)
		return E_SCHEMA;
	memcpy(out, value, 3);
	return E_OK;
}

static enum err
parse_number(const char *value, uint64_t *out)
{
	if (!value || !*value || strlen(value) > 18)
		return E_SCHEMA;
	*out = 0;
	for (; *value; value++) {
		if (*value < '0' || *value > '9')
			return E_SCHEMA;
		*out = *out * 10 + (uint64_t)(*value - '0');
	}
	return *out > 0 ? E_OK : E_SCHEMA;
}

static enum err
parse_key32(const char *value, uint8_t out[32])
{
	size_t size = 32;

	if (!value || !base64_decode(value, strlen(value), out, &size) || size != 32)
		return E_SCHEMA;
	return E_OK;
}

static enum err
parse_cert(struct arena *a, const xmlNode *node, X509 **out, struct digest *digest)
{
	const char *text = xml_text(a, node);
	uint8_t der[CERT_DER_MAX];
	size_t size = sizeof(der);

	if (!text || !base64_decode(text, strlen(text), der, &size))
		return E_SCHEMA;
	if (cert_of_der(bytes_of(der, size), out) != E_OK)
		return E_SCHEMA;
	if (digest)
		digest_of(der, size, digest);
	return E_OK;
}

static enum err
parse_log(struct trust *t, const xmlNode *root)
{
	const xmlNode *log = xml_child(root, NS_TRUST, "Log");

	TRY(parse_key32(xml_attribute(t->arena, log, "key"), t->log_key));
	t->log_name = xml_attribute(t->arena, log, "name");
	return t->log_name && *t->log_name ? E_OK : E_SCHEMA;
}

/* The schema has made sure of 0 to 168 hours. */
static enum err
parse_grace(struct arena *a, const xmlNode *node, int64_t *out)
{
	const char *value = xml_attribute(a, node, "revocationGrace");
	size_t length = value ? strlen(value) : 0;

	*out = -1;
	if (!value)
		return E_OK;
	if (length < 1 || length > 3 || strspn(value, "0123456789") != length)
		return E_SCHEMA;
	*out = strtol(value, NULL, 10) * HOUR_MS;
	return *out <= TRUST_GRACE_HOURS * HOUR_MS ? E_OK : E_SCHEMA;
}

static enum err
parse_officers(struct trust *t, const xmlNode *root)
{
	const xmlNode *at = xml_child(root, NS_TRUST, "Officer");
	const char *approvals = xml_attribute(t->arena, root, "approvals");

	t->officer = arena_alloc(t->arena, count(root, "Officer") * sizeof(*t->officer) + 1);
	for (; at; at = xml_next(at, NS_TRUST, "Officer")) {
		struct trust_officer *o = &t->officer[t->n_officer++];

		o->name = xml_attribute(t->arena, at, "name");
		if (!o->name)
			return E_SCHEMA;
		TRY(parse_cert(t->arena, at, &o->cert, &o->digest));
	}
	return approvals ? parse_number(approvals, &t->approvals) : E_OK;
}

static enum err
parse_approvals(struct trust *t, const xmlNode *root)
{
	const xmlNode *at = xml_child(root, NS_TRUST, "Approval");

	t->approval = arena_alloc(t->arena, count(root, "Approval") * sizeof(*t->approval) + 1);
	for (; at; at = xml_next(at, NS_TRUST, "Approval")) {
		struct trust_approval *a = &t->approval[t->n_approval++];
		const char *officer = xml_attribute(t->arena, at, "officer");
		const char *value = xml_text(t->arena, at);

		a->size = sizeof(a->value);
		if (!officer || !digest_parse(officer, &a->officer) || !value ||
			!base64_decode(value, strlen(value), a->value, &a->size))
			return E_SCHEMA;
	}
	return E_OK;
}

static enum err
parse_anchors(struct trust *t, const xmlNode *root)
{
	const xmlNode *at = xml_child(root, NS_TRUST, "Anchor");

	t->anchor = arena_alloc(t->arena, count(root, "Anchor") * sizeof(*t->anchor) + 1);
	for (; at; at = xml_next(at, NS_TRUST, "Anchor")) {
		struct trust_anchor *anchor = &t->anchor[t->n_anchor++];

		TRY(parse_country(t->arena, at, anchor->country));
		TRY(parse_grace(t->arena, at, &anchor->grace_ms));
		TRY(parse_cert(t->arena, at, &anchor->cert, &anchor->digest));
	}
	return E_OK;
}

static enum err
parse_party_keys(struct arena *a, const xmlNode *node, struct trust_party *p)
{
	const xmlNode *at = xml_child(node, NS_TRUST, "Sign");

	for (; at; at = xml_next(at, NS_TRUST, "Sign")) {
		if (p->n_sign == TRUST_CERTS)
			return E_SCHEMA;
		TRY(parse_cert(a, at, &p->sign[p->n_sign], &p->sign_digest[p->n_sign]));
		p->n_sign++;
	}
	at = xml_child(node, NS_TRUST, "Encrypt");
	for (; at; at = xml_next(at, NS_TRUST, "Encrypt")) {
		if (p->n_encrypt == TRUST_CERTS)
			return E_SCHEMA;
		TRY(parse_cert(a, at, &p->encrypt[p->n_encrypt], NULL));
		p->n_encrypt++;
	}
	p->n_encrypt_listed = p->n_encrypt;
	at = xml_child(node, NS_TRUST, "Curve");
	for (; at; at = xml_next(at, NS_TRUST, "Curve")) {
		if (p->n_curve == TRUST_CURVES)
			return E_SCHEMA;
		TRY(parse_key32(xml_text(a, at), p->curve[p->n_curve]));
		p->n_curve++;
	}
	return E_OK;
}

/* An absent attribute is 0: the exchange's own default. */
static enum err
parse_quota(struct arena *a, const xmlNode *node, const char *name, uint32_t *out)
{
	const char *text = xml_attribute(a, node, name);
	uint64_t number = 0;

	if (text)
		TRY(parse_number(text, &number));
	if (number > UINT32_MAX)
		return E_SCHEMA;
	*out = (uint32_t)number;
	return E_OK;
}

static enum err
parse_quotas(struct arena *a, const xmlNode *node, struct trust_party *p)
{
	TRY(parse_quota(a, node, "messagesPerMinute", &p->quota.messages));
	TRY(parse_quota(a, node, "octetsPerMinute", &p->quota.octets));
	TRY(parse_quota(a, node, "storeShare", &p->quota.share));
	return p->quota.share <= 100 ? E_OK : E_SCHEMA;
}

/* The texts of the children of this name; none of them: *n is 0. */
static enum err
parse_paths(
	struct arena *a, const xmlNode *node, const char *name, const char *const **out, size_t *n)
{
	const xmlNode *at = xml_child(node, NS_TRUST, name);
	const char **list = arena_alloc(a, count(node, name) * sizeof(*list) + 1);

	*out = list;
	for (*n = 0; at; at = xml_next(at, NS_TRUST, name)) {
		const char *path = xml_text(a, at);

		if (!path || !*path)
			return E_SCHEMA;
		list[(*n)++] = path;
	}
	return E_OK;
}

/* An absent attribute is 0. */
static enum err
parse_days(struct arena *a, const xmlNode *node, const char *name, unsigned *out)
{
	const char *text = xml_attribute(a, node, name);
	uint64_t number = 0;

	if (text)
		TRY(parse_number(text, &number));
	if (number > PROFILE_DAYS_MAX)
		return E_SCHEMA;
	*out = (unsigned)number;
	return E_OK;
}

static enum err
parse_profile(struct arena *a, const xmlNode *party, struct trust_profile *p)
{
	const xmlNode *node = xml_child(party, NS_TRUST, "Profile");
	const xmlNode *provision = node ? xml_child(node, NS_TRUST, "Provision") : NULL;
	const char *tier;

	if (!node)
		return E_OK;
	p->given = true;
	tier = xml_attribute(a, node, "tier");
	if (!tier || strlen(tier) != 1 || *tier < '0' || *tier > '3')
		return E_SCHEMA;
	p->tier = (unsigned)(*tier - '0');
	TRY(parse_days(a, node, "decisionDays", &p->decision_days));
	TRY(parse_days(a, node, "tacitDays", &p->tacit_days));
	TRY(parse_days(a, node, "assentAge", &p->assent_age));
	p->provision = provision ? xml_text(a, provision) : NULL;
	return parse_paths(a, node, "Need", &p->need, &p->n_need);
}

static enum err
parse_parties(struct trust *t, const xmlNode *root)
{
	const xmlNode *at = xml_child(root, NS_TRUST, "Party");

	t->party = arena_alloc(t->arena, count(root, "Party") * sizeof(*t->party) + 1);
	for (; at; at = xml_next(at, NS_TRUST, "Party")) {
		struct trust_party *p = &t->party[t->n_party++];
		const char *role = xml_attribute(t->arena, at, "role");

		TRY(parse_party_code(xml_attribute(t->arena, at, "code"), &p->code));
		TRY(parse_country(t->arena, at, p->country));
		p->name = xml_attribute(t->arena, at, "name");
		if (!p->name || !role || !role_parse(role, &p->role))
			return E_SCHEMA;
		TRY(parse_quotas(t->arena, at, p));
		TRY(parse_party_keys(t->arena, at, p));
		TRY(parse_profile(t->arena, at, &p->profile));
	}
	return E_OK;
}

static enum err
parse_agreement_lists(struct arena *a, const xmlNode *node, struct trust_agreement *g)
{
	const xmlNode *at = xml_child(node, NS_TRUST, "Action");

	for (; at; at = xml_next(at, NS_TRUST, "Action")) {
		const char *word = xml_text(a, at);
		enum action action;

		if (!word || !action_parse(word, &action))
			return E_SCHEMA;
		g->actions |= UINT32_C(1) << action;
	}
	at = xml_child(node, NS_TRUST, "Purpose");
	for (; at; at = xml_next(at, NS_TRUST, "Purpose")) {
		if (g->n_purpose == ARRAY_LEN(g->purpose))
			return E_SCHEMA;
		TRY(text_into(g->purpose[g->n_purpose++], PURPOSE_SIZE, xml_text(a, at)));
	}
	return E_OK;
}

static enum err
parse_also(struct arena *a, const xmlNode *node, struct trust_agreement *g)
{
	const xmlNode *at = xml_child(node, NS_TRUST, "AlsoTo");

	for (; at; at = xml_next(at, NS_TRUST, "AlsoTo")) {
		if (g->n_also == ARRAY_LEN(g->also))
			return E_SCHEMA;
		TRY(parse_party_code(xml_text(a, at), &g->also[g->n_also++]));
	}
	return E_OK;
}

static enum err
parse_agreements(struct trust *t, const xmlNode *root)
{
	const xmlNode *at = xml_child(root, NS_TRUST, "Agreement");
	struct arena *a = t->arena;

	t->agreement = arena_alloc(a, count(root, "Agreement") * sizeof(*t->agreement) + 1);
	for (; at; at = xml_next(at, NS_TRUST, "Agreement")) {
		struct trust_agreement *g = &t->agreement[t->n_agreement++];

		TRY(text_into(g->id, sizeof(g->id), xml_attribute(a, at, "id")));
		TRY(parse_party_code(xml_attribute(a, at, "from"), &g->from));
		TRY(parse_party_code(xml_attribute(a, at, "to"), &g->to));
		TRY(parse_instant(xml_attribute(a, at, "validUntil"), &g->valid_until));
		TRY(parse_agreement_lists(a, at, g));
		TRY(parse_paths(a, at, "Field", &g->field, &g->n_field));
		TRY(parse_also(a, at, g));
		g->consent_required = xml_child(at, NS_TRUST, "ConsentRequired") != NULL;
		g->clearance_required = xml_child(at, NS_TRUST, "ClearanceRequired") != NULL;
	}
	return E_OK;
}

/* Hex in any case, with or without leading zeros, as people copy it from certificate viewers. */
static enum err
parse_serial(const char *text, struct trust_revocation *r)
{
	BIGNUM *number = NULL;
	size_t length = text ? strlen(text) : 0;
	bool fits = length > 0 && length <= 2 * SERIAL_MAX &&
		    strspn(text, "0123456789abcdefABCDEF") == length &&
		    BN_hex2bn(&number, text) == (int)length;

	if (fits)
		r->serial_size = (size_t)BN_bn2bin(number, r->serial);
	BN_free(number);
	return fits ? E_OK : E_SCHEMA;
}

static enum err
parse_revocations(struct trust *t, const xmlNode *root)
{
	const xmlNode *at = xml_child(root, NS_TRUST, "Revoked");

	t->revoked = arena_alloc(t->arena, count(root, "Revoked") * sizeof(*t->revoked) + 1);
	for (; at; at = xml_next(at, NS_TRUST, "Revoked")) {
		struct trust_revocation *r = &t->revoked[t->n_revoked++];

		TRY(parse_serial(xml_attribute(t->arena, at, "serial"), r));
		TRY(parse_country(t->arena, at, r->country));
		TRY(parse_instant(xml_attribute(t->arena, at, "at"), &r->at));
	}
	return E_OK;
}

enum err
trust_parse(struct trust *t, xmlDoc *doc)
{
	const xmlNode *root = xml_root(doc);
	struct arena *a = t->arena;

	if (!xml_is(root, NS_TRUST, "TrustList"))
		return E_SCHEMA;
	TRY(text_into(t->realm, sizeof(t->realm), xml_attribute(a, root, "realm")));
	TRY(parse_number(xml_attribute(a, root, "version"), &t->version));
	TRY(parse_instant(xml_attribute(a, root, "issuedAt"), &t->issued_at));
	TRY(parse_instant(xml_attribute(a, root, "validUntil"), &t->valid_until));
	TRY(parse_log(t, root));
	TRY(parse_officers(t, root));
	TRY(parse_anchors(t, root));
	TRY(parse_parties(t, root));
	TRY(parse_agreements(t, root));
	TRY(parse_revocations(t, root));
	return parse_approvals(t, root);
}
