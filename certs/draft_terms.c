/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the parties of a list have agreed on, and what a registry says of itself: the words of a
 * list, where trust_write.c and draft_keys.c have its keys. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "certs/draft_parts.h"
#include "lib/xml.h"

#define BIT(action) (UINT32_C(1) << (action))

static const uint32_t usual_actions[ROLE_N][ROLE_N] = {
	[ROLE_LIAISON][ROLE_REGISTRY] = BIT(A_TRANSCRIPTION_REQUEST) | BIT(A_CANCELLATION) |
					BIT(A_QUERY_REPLY) | BIT(A_ATTACHMENT),
	[ROLE_REGISTRY][ROLE_LIAISON] =
		BIT(A_TRANSCRIPTION_OUTCOME) | BIT(A_QUERY) | BIT(A_CANCELLATION),
	[ROLE_REGISTRY][ROLE_REGISTRY] = BIT(A_CERTIFIED_EXTRACT) | BIT(A_TRANSCRIPTION_OUTCOME) |
					 BIT(A_QUERY) | BIT(A_QUERY_REPLY) |
					 BIT(A_CORRECTION_NOTICE) | BIT(A_CORRECTION_OUTCOME) |
					 BIT(A_CANCELLATION),
};

uint32_t
draft_usual_actions(enum role from, enum role to)
{
	return usual_actions[from][to];
}

bool
draft_usual_consent(enum role from, enum role to)
{
	return to == ROLE_REGISTRY && (from == ROLE_LIAISON || from == ROLE_REGISTRY);
}

/* ---- agreements ---- */

static xmlNode *
find_agreement(const struct draft *d, const char *id)
{
	xmlNode *at = xml_child(draft_root(d), NS_TRUST, "Agreement");

	while (at && !draft_attribute_is(at, "id", id))
		at = xml_next(at, NS_TRUST, "Agreement");
	return at;
}

/* A draft may be added to again and again before it is published. */
static void
new_id(const struct draft *d, char id[AGREEMENT_SIZE])
{
	unsigned n = 1;

	do
		(void)snprintf(
			id, AGREEMENT_SIZE, "AGR-%" PRIu64 "-%u", draft_next_version(d), n++);
	while (find_agreement(d, id));
}

static void
add(const struct draft *d, xmlNode *parent, const char *name, const char *text)
{
	xmlAddChild(parent, draft_element(d, name, text));
}

static void
add_all(const struct draft *d, xmlNode *parent, const char *name, const char *const *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(d, parent, name, text[i]);
}

void
draft_agreement(struct draft *d, const struct new_agreement *g, char id[AGREEMENT_SIZE])
{
	xmlNode *node = draft_element(d, "Agreement", NULL);

	new_id(d, id);
	draft_set(node, "from", g->from.code);
	draft_set(node, "id", id);
	draft_set(node, "to", g->to.code);
	draft_set_instant(node, "validUntil", g->valid_until);
	for (enum action a = 0; a < ACTION_N; a++)
		if (g->actions & BIT(a))
			add(d, node, "Action", action_word(a));
	add_all(d, node, "Purpose", g->purpose, g->n_purpose);
	add_all(d, node, "Field", g->field, g->n_field);
	if (g->consent_required)
		add(d, node, "ConsentRequired", NULL);
	if (g->clearance_required)
		add(d, node, "ClearanceRequired", NULL);
	add_all(d, node, "AlsoTo", g->also, g->n_also);
	draft_insert(d, node);
}

bool
draft_end_agreement(struct draft *d, const char *id)
{
	xmlNode *node = find_agreement(d, id);

	if (node)
		draft_remove(node);
	return node != NULL;
}

/* ---- what a registry says of itself ---- */

void
draft_profile(struct draft *d, const struct party *code, const struct new_profile *p)
{
	xmlNode *party = draft_find_party(d, code);
	xmlNode *old = xml_child(party, NS_TRUST, "Profile");
	xmlNode *node = draft_element(d, "Profile", NULL);

	assert(party);
	if (old)
		draft_remove(old);
	if (p->assent_age)
		draft_set(node, "assentAge", p->assent_age);
	if (p->decision_days)
		draft_set(node, "decisionDays", p->decision_days);
	if (p->tacit_days)
		draft_set(node, "tacitDays", p->tacit_days);
	draft_set(node, "tier", p->tier);
	if (p->provision)
		add(d, node, "Provision", p->provision);
	add_all(d, node, "Need", p->need, p->n_need);
	xmlAddChild(party, node);
}
