/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who may send what to whom: the agreement that the header names, its purpose, and the consent
 * token that travels along. Asked by everybody who judges a message, for each of them. */
#include <string.h>

#include "lib/trust_parts.h"

#define NO_AGREEMENT "NONE"
#define RECEIPT_PURPOSE "RECEIPT"
#define STATEMENT_PURPOSE "RECONCILIATION"

static int
id_order(const void *id, const void *agreement)
{
	return strcmp(id, ((const struct trust_agreement *)agreement)->id);
}

const struct trust_agreement *
trust_agreement_by_id(const struct trust *t, const char *id)
{
	return bsearch(id, t->agreement, t->n_agreement, sizeof(*t->agreement), id_order);
}

static bool
has_purpose(const struct trust_agreement *g, const char *purpose)
{
	for (size_t i = 0; i < g->n_purpose; i++)
		if (strcmp(g->purpose[i], purpose) == 0)
			return true;
	return false;
}

/* What the exchange and a party say to each other about messages, which no agreement has to allow.
 */
static enum err
allows_clear(const struct trust_party *from, const struct trust_party *to, const struct header *h)
{
	const char *purpose = h->action == A_RECEIPT ? RECEIPT_PURPOSE : STATEMENT_PURPOSE;

	if ((from->role == ROLE_EXCHANGE) == (to->role == ROLE_EXCHANGE))
		return E_NO_AGREEMENT;
	if (strcmp(h->agreement, NO_AGREEMENT) != 0)
		return E_NO_AGREEMENT;
	return strcmp(h->purpose, purpose) == 0 ? E_OK : E_PURPOSE;
}

/* What tells of a person, or asks about one. What ends a case needs no consent. */
static bool
tells(enum action a)
{
	return a == A_TRANSCRIPTION_REQUEST || a == A_ATTACHMENT || a == A_CERTIFIED_EXTRACT ||
	       a == A_QUERY || a == A_QUERY_REPLY || a == A_CORRECTION_NOTICE;
}

/* From the office that took the consent to the registry that may use it: the request and the scans
 * that belong to it. */
static bool
is_asking(enum action a)
{
	return a == A_TRANSCRIPTION_REQUEST || a == A_ATTACHMENT;
}

static bool
is_of_token(const struct consent_token *k, const struct party *p)
{
	return party_equal(p, &k->by) || party_equal(p, &k->holder) ||
	       party_equal(p, &k->destination);
}

/* Who has had the case in hand before, and knows that he has it: the office, which asks nobody, or,
 * of the destination, the registry that has sent it the extract. The other way round a question
 * would tell the destination of a case that may never go there. */
static bool
may_ask(const struct consent_token *k, const struct party *asks, const struct party *asked)
{
	return (party_equal(asked, &k->by) && is_of_token(k, asks)) ||
	       (party_equal(asks, &k->destination) && party_equal(asked, &k->holder));
}

/* Is the token for this case and this road? A request goes from the office that took the consent to
 * the registry that may use it, an extract from there to the one destination; a question goes back
 * on that road, its answer the same way; a correction stays among the three. */
static bool
is_on_its_road(const struct header *h)
{
	const struct consent_token *k = &h->token;

	if (!id_equal(&k->conversation, &h->conversation))
		return false;
	if (is_asking(h->action))
		return party_equal(&h->from, &k->by) && party_equal(&h->to, &k->holder);
	if (h->action == A_CERTIFIED_EXTRACT)
		return party_equal(&h->from, &k->holder) && party_equal(&h->to, &k->destination);
	if (h->action == A_QUERY)
		return may_ask(k, &h->from, &h->to);
	if (h->action == A_QUERY_REPLY)
		return may_ask(k, &h->to, &h->from);
	return is_of_token(k, &h->from) && is_of_token(k, &h->to);
}

/* No agreement, and none that has ended, keeps anybody from stopping a case. */
static enum err
allows_cancellation(const struct header *h)
{
	if (strcmp(h->purpose, PURPOSE_WITHDRAWAL) != 0 && strcmp(h->purpose, PURPOSE_HOLD) != 0 &&
		strcmp(h->purpose, PURPOSE_RELEASE) != 0)
		return E_PURPOSE;
	if (!h->has_token)
		return E_CONSENT_MISSING;
	return is_on_its_road(h) ? E_OK : E_CONSENT_SCOPE;
}

/* A request must not tell the issuing registry of a case that could not go on from there: asking a
 * State about a person tells it where the person is. */
static enum err
allows_road(const struct trust *t, const struct consent_token *k, int64_t now)
{
	const struct trust_agreement *g =
		trust_agreement(t, &k->holder, &k->destination, A_CERTIFIED_EXTRACT);

	if (!g || g->valid_until < now || !has_purpose(g, k->purpose))
		return E_NO_AGREEMENT;
	return g->clearance_required && !k->cleared ? E_PROTECTION : E_OK;
}

/* A clearance is a part of a token: who demands the one demands the other. */
static bool
demands_token(const struct trust_agreement *g)
{
	return g->consent_required || g->clearance_required;
}

/* In the order in which a person could mend it. */
static enum err
allows_consent(
	const struct trust *t, const struct trust_agreement *g, const struct header *h, int64_t now)
{
	const struct consent_token *k = &h->token;

	if (!h->has_token)
		return demands_token(g) && tells(h->action) ? E_CONSENT_MISSING : E_OK;
	if (!is_on_its_road(h))
		return E_CONSENT_SCOPE;
	if (!tells(h->action))
		return E_OK;
	if (strcmp(k->purpose, h->purpose) != 0)
		return E_CONSENT_SCOPE;
	if (k->valid_until <= now)
		return E_CONSENT_EXPIRED;
	if (g->clearance_required && !k->cleared)
		return E_PROTECTION;
	return is_asking(h->action) ? allows_road(t, k, now) : E_OK;
}

enum err
trust_allows(const struct trust *t, const struct header *h, int64_t now)
{
	const struct trust_party *from = trust_party(t, &h->from);
	const struct trust_party *to = trust_party(t, &h->to);
	const struct trust_agreement *g;

	if (strcmp(h->realm, t->realm) != 0)
		return E_WRONG_REALM;
	if (!from || !to || (h->has_on_behalf_of && !trust_party(t, &h->on_behalf_of)))
		return E_UNKNOWN_PARTY;
	if (h->action == A_RECEIPT ||
		(h->action == A_RECONCILIATION_STATEMENT && to->role == ROLE_EXCHANGE))
		return allows_clear(from, to, h);
	g = trust_agreement_by_id(t, h->agreement);
	if (!g || !party_equal(&g->from, &h->from) || !party_equal(&g->to, &h->to))
		return E_NO_AGREEMENT;
	if (h->action >= ACTION_N || !(g->actions & UINT32_C(1) << h->action))
		return E_NO_AGREEMENT;
	if (h->action == A_CANCELLATION)
		return allows_cancellation(h);
	if (g->valid_until < now)
		return E_NO_AGREEMENT;
	if (!has_purpose(g, h->purpose))
		return E_PURPOSE;
	return allows_consent(t, g, h, now);
}
