/* SPDX-License-Identifier: EUPL-1.2
 *
 * Officers: where a list names them, the operator's signature alone changes nothing. An approval is
 * an officer's signature over the list without approvals and without the operator's signature, so
 * officers can approve one draft one after the other, and the operator signs last.
 *
 * The list in force decides who must have approved the next one. A list also has to carry what it
 * demands itself: so the officers that it brings in have proved that they hold their keys, and no
 * slip can demand what nobody can give. */
#include "lib/trust_parts.h"

size_t
trust_officer_count(const struct trust *t)
{
	return t->n_officer;
}

const struct trust_officer *
trust_officer_at(const struct trust *t, size_t i)
{
	assert(i < t->n_officer);
	return &t->officer[i];
}

size_t
trust_approvals(const struct trust *t)
{
	return (size_t)t->approvals;
}

/* What the officers sign. The document is used up by it. */
static enum err
gather_approved(struct trust *t, xmlDoc *doc)
{
	xmlNode *node = xml_root(doc)->children;

	while (node) {
		xmlNode *next = node->next;

		if (xml_is(node, NS_TRUST, "Approval") || xml_is(node, NS_DSIG, "Signature")) {
			xmlUnlinkNode(node);
			xmlFreeNode(node);
		}
		node = next;
	}
	buf_text(&t->approved, TRUST_APPROVAL_PREFIX);
	return xml_canonical(doc, &t->approved);
}

/* An officer's key must be good for a signature of the closed list, and his alone: one who has the
 * operator's key, or is listed twice, would be two persons. */
static bool
officer_fits(const struct trust *t, size_t i, const EVP_PKEY *operator_key)
{
	const EVP_PKEY *key = X509_get0_pubkey(t->officer[i].cert);
	enum method method;

	if (!key || !method_of_key(key, &method) || EVP_PKEY_eq(key, operator_key) == 1)
		return false;
	for (size_t k = 0; k < i; k++)
		if (EVP_PKEY_eq(key, X509_get0_pubkey(t->officer[k].cert)) == 1)
			return false;
	return true;
}

/* The certificate's days count at the time of issue: a list does not lose its approvals later. */
static bool
approves(const struct trust_officer *o, const struct trust *list)
{
	EVP_PKEY *key = X509_get0_pubkey(o->cert);
	struct life life = cert_life(o->cert);
	struct bytes text = buf_bytes(&list->approved);
	enum method method;

	if (list->issued_at < life.from || list->issued_at > life.until ||
		!method_of_key(key, &method))
		return false;
	for (size_t i = 0; i < list->n_approval; i++) {
		const struct trust_approval *a = &list->approval[i];

		if (digest_equal(&a->officer, &o->digest) &&
			signature_check(key, method, text, bytes_of(a->value, a->size)))
			return true;
	}
	return false;
}

static enum err
approved_by(const struct trust *demands, const struct trust *list)
{
	size_t n = 0;

	for (size_t i = 0; i < demands->n_officer; i++)
		n += approves(&demands->officer[i], list);
	return n >= demands->approvals ? E_OK : E_APPROVAL;
}

enum err
trust_check_officers(struct trust *t, xmlDoc *doc, X509 *operator_cert)
{
	const EVP_PKEY *operator_key = X509_get0_pubkey(operator_cert);

	if ((t->n_officer > 0) != (t->approvals > 0) || t->approvals > t->n_officer)
		return E_APPROVAL;
	for (size_t i = 0; i < t->n_officer; i++)
		if (!officer_fits(t, i, operator_key))
			return E_APPROVAL;
	if (t->n_approval > 0)
		TRY(gather_approved(t, doc));
	return approved_by(t, t);
}

/* An earlier time of issue would bring the days of an officer back whose certificate has ended. */
enum err
trust_approved(const struct trust *known, const struct trust *next)
{
	if (known->n_officer > 0 && next->issued_at < known->issued_at)
		return E_TRUST_OLD;
	return approved_by(known, next);
}
