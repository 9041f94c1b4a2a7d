/* SPDX-License-Identifier: EUPL-1.2
 *
 * The trust list: loaded and checked once, then only read. Nothing of a list is looked at before
 * its signature has been verified with the operator's pinned key, and no list is half used: any
 * fault refuses the whole of it, and the caller keeps the one it had.
 *
 * Look-ups are binary searches in sorted arrays (trust_check.c sorts them). */
#include <fcntl.h>
#include <string.h>

#include "lib/file.h"
#include "lib/seal.h"
#include "lib/trust_parts.h"

static const char *const role_words[ROLE_N] = {
	[ROLE_REGISTRY] = "registry",
	[ROLE_LIAISON] = "liaison",
	[ROLE_EXCHANGE] = "exchange",
};

const char *
role_word(enum role r)
{
	assert(r < ROLE_N);
	return role_words[r];
}

bool
role_parse(const char *word, enum role *out)
{
	for (enum role r = 0; r < ROLE_N; r++) {
		if (strcmp(word, role_words[r]) == 0) {
			*out = r;
			return true;
		}
	}
	return false;
}

/* ---- loading ---- */

static void
free_party(struct trust_party *p)
{
	for (size_t i = 0; i < TRUST_CERTS; i++) {
		cert_free(&p->sign[i]);
		cert_free(&p->encrypt[i]);
	}
}

void
trust_free(struct trust **t)
{
	struct trust *old = TAKE(*t);

	if (!old)
		return;
	for (size_t i = 0; i < old->n_party; i++)
		free_party(&old->party[i]);
	for (size_t i = 0; i < old->n_anchor; i++)
		cert_free(&old->anchor[i].cert);
	for (size_t i = 0; i < old->n_officer; i++)
		cert_free(&old->officer[i].cert);
	buf_free(&old->document);
	buf_free(&old->approved);
	arena_free(&old->arena);
	free(old);
}

/* KeyInfo is not covered by the signature: it must be the pinned certificate, or two documents with
 * different bytes could both be "the" list of one version. */
static bool
names_operator(xmlDoc *doc, X509 *operator_cert)
{
	uint8_t told[CERT_DER_MAX];
	size_t size = sizeof(told);
	unsigned char *der = NULL;
	bool same;
	int n;

	if (seal_cert(doc, told, &size) != E_OK)
		return false;
	n = i2d_X509(operator_cert, &der);
	same = n > 0 && (size_t)n == size && memcmp(der, told, size) == 0;
	OPENSSL_free(der);
	return same;
}

/* Whatever is wrong with the bytes or the signature, the answer is the same: no trust. */
static enum err
verify_signature(struct bytes list, X509 *operator_cert)
{
	EVP_PKEY *key = X509_get0_pubkey(operator_cert);
	OWNED(xmlDoc, doc, xml_free) = NULL;

	if (!key)
		return E_NO_TRUST;
	TRY(key_check_strength(key));
	if (xml_parse(list, &doc) != E_OK || xml_check_canonical(doc, list) != E_OK ||
		!names_operator(doc, operator_cert) || seal_verify_both(list, key) != E_OK)
		return E_NO_TRUST;
	return E_OK;
}

static enum err
load(struct bytes list, X509 *operator_cert, int64_t now, struct trust *t, xmlDoc **doc)
{
	t->arena = arena_new();
	TRY(verify_signature(list, operator_cert));
	TRY(xml_parse(list, doc));
	TRY(xml_validate(*doc, SCHEMA_TRUST, NULL, 0));
	TRY(trust_parse(t, *doc));
	if (t->valid_until < now)
		return E_TRUST_OLD;
	TRY(trust_check(t, operator_cert, now));
	buf_add_bytes(&t->document, list);
	return E_OK;
}

enum err
trust_load(struct bytes list, X509 *operator_cert, int64_t now, struct trust **out)
{
	OWNED(struct trust, t, trust_free) = xcalloc(1, sizeof(*t));
	OWNED(xmlDoc, doc, xml_free) = NULL;

	TRY(load(list, operator_cert, now, t, &doc));
	TRY(trust_check_officers(t, doc, operator_cert));
	*out = TAKE(t);
	return E_OK;
}

enum err
trust_look(struct bytes list, X509 *signer, int64_t now, struct trust **out)
{
	OWNED(struct trust, t, trust_free) = xcalloc(1, sizeof(*t));
	OWNED(xmlDoc, doc, xml_free) = NULL;

	TRY(load(list, signer, now, t, &doc));
	*out = TAKE(t);
	return E_OK;
}

static enum err
read_list(const char *file, struct buf *out)
{
	OWNED_FD(fd) = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	return fd >= 0 && file_read_from(fd, XML_MESSAGE_MAX, out) == E_OK ? E_OK : E_NO_TRUST;
}

enum err
trust_load_file(const char *file, X509 *operator_cert, int64_t now, struct trust **out)
{
	OWNED_BUF(list) = {0};

	TRY(read_list(file, &list));
	return trust_load(buf_bytes(&list), operator_cert, now, out);
}

enum err
trust_replaces(const struct trust *known, const struct trust *next)
{
	if (strcmp(known->realm, next->realm) != 0)
		return E_WRONG_REALM;
	if (next->version > known->version)
		return trust_approved(known, next);
	if (next->version == known->version && next->document.size == known->document.size &&
		memcmp(next->document.data, known->document.data, next->document.size) == 0)
		return E_OK;
	return E_TRUST_OLD;
}

/* ---- look-ups ---- */

uint64_t
trust_version(const struct trust *t)
{
	return t->version;
}

bool
trust_is_training(const struct trust *t)
{
	static const char *const begins[] = {"demo", "test", "train"};

	for (size_t i = 0; i < ARRAY_LEN(begins); i++)
		if (strncmp(trust_realm(t), begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

const char *
trust_realm(const struct trust *t)
{
	return t->realm;
}

int64_t
trust_issued_at(const struct trust *t)
{
	return t->issued_at;
}

int64_t
trust_valid_until(const struct trust *t)
{
	return t->valid_until;
}

struct bytes
trust_bytes(const struct trust *t)
{
	return buf_bytes(&t->document);
}

size_t
trust_count(const struct trust *t)
{
	return t->n_party;
}

const struct trust_party *
trust_at(const struct trust *t, size_t i)
{
	assert(i < t->n_party);
	return &t->party[i];
}

static int
code_order(const void *code, const void *party)
{
	return memcmp(code, &((const struct trust_party *)party)->code, sizeof(struct party));
}

const struct trust_party *
trust_party(const struct trust *t, const struct party *code)
{
	return bsearch(code, t->party, t->n_party, sizeof(*t->party), code_order);
}

static int
curve_order(const void *key, const void *curve)
{
	return memcmp(key, ((const struct trust_curve *)curve)->key, CURVE_KEY_SIZE);
}

const struct trust_party *
trust_by_curve(const struct trust *t, const uint8_t key[CURVE_KEY_SIZE])
{
	const struct trust_curve *c =
		bsearch(key, t->curve, t->n_curve, sizeof(*t->curve), curve_order);

	return c ? c->party : NULL;
}

const struct trust_party *
trust_exchange(const struct trust *t)
{
	return t->exchange;
}

const uint8_t *
trust_log_key(const struct trust *t)
{
	return t->log_key;
}

const char *
trust_log_name(const struct trust *t)
{
	return t->log_name;
}

enum err
trust_signing_key(
	const struct trust_party *p, const struct digest *cert, int64_t when, EVP_PKEY **out)
{
	for (size_t i = 0; i < p->n_sign; i++) {
		if (!digest_equal(&p->sign_digest[i], cert))
			continue;
		if (when >= p->sign_revoked[i])
			return E_CERT_REVOKED;
		if (when < p->sign_from[i] || when > p->sign_until[i])
			return E_CERT_EXPIRED;
		*out = X509_get0_pubkey(p->sign[i]);
		return E_OK;
	}
	return E_UNKNOWN_CERT;
}

EVP_PKEY *
trust_listed_key(const struct trust_party *p, const struct digest *cert)
{
	for (size_t i = 0; i < p->n_sign; i++)
		if (digest_equal(&p->sign_digest[i], cert))
			return X509_get0_pubkey(p->sign[i]);
	return NULL;
}

/* ---- agreements ---- */

/* The first agreement of the road from `from' to `to'. */
static size_t
road_start(const struct trust *t, const struct party *from, const struct party *to)
{
	size_t low = 0, high = t->n_agreement;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct trust_agreement *g = t->road[middle];
		int order = memcmp(&g->from, from, sizeof(*from));

		if (order == 0)
			order = memcmp(&g->to, to, sizeof(*to));
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct trust_agreement *
trust_agreement(
	const struct trust *t, const struct party *from, const struct party *to, enum action action)
{
	const struct trust_agreement *best = NULL;

	for (size_t i = road_start(t, from, to); i < t->n_agreement; i++) {
		const struct trust_agreement *g = t->road[i];

		if (!party_equal(&g->from, from) || !party_equal(&g->to, to))
			break;
		if ((g->actions & UINT32_C(1) << action) &&
			(!best || g->valid_until > best->valid_until))
			best = g;
	}
	return best;
}

static size_t
add_certs(const struct trust_party *p, X509 **out, size_t n, size_t max)
{
	for (size_t i = 0; p && i < p->n_encrypt && n < max; i++)
		out[n++] = p->encrypt[i];
	return n;
}

size_t
trust_recipients(
	const struct trust *t, const struct trust_agreement *agreement, X509 **out, size_t max)
{
	const struct trust_party *to = trust_party(t, &agreement->to);
	size_t n = add_certs(to, out, 0, max);

	for (size_t i = 0; n > 0 && i < agreement->n_also; i++)
		n = add_certs(trust_party(t, &agreement->also[i]), out, n, max);
	return n;
}

size_t
trust_agreement_count(const struct trust *t)
{
	return t->n_agreement;
}

const struct trust_agreement *
trust_agreement_at(const struct trust *t, size_t i)
{
	assert(i < t->n_agreement);
	return &t->agreement[i];
}

size_t
trust_revocation_count(const struct trust *t)
{
	return t->n_revoked;
}

const struct trust_revocation *
trust_revocation_at(const struct trust *t, size_t i)
{
	assert(i < t->n_revoked);
	return &t->revoked[i];
}

bool
trust_demand(const struct trust *t, size_t i, struct trust_demand *out)
{
	for (size_t k = 0; k < t->n_anchor; k++) {
		const struct trust_anchor *a = &t->anchor[k];

		if (a->grace_ms < 0 || i-- > 0)
			continue;
		*out = (struct trust_demand){.anchor = a->digest, .grace_ms = a->grace_ms};
		memcpy(out->country, a->country, sizeof out->country);
		return true;
	}
	return false;
}

int64_t
trust_grace(const struct trust *t, const struct digest *anchor)
{
	for (size_t k = 0; k < t->n_anchor; k++)
		if (digest_equal(&t->anchor[k].digest, anchor))
			return t->anchor[k].grace_ms;
	return -1;
}
