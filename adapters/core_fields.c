/* SPDX-License-Identifier: EUPL-1.2
 *
 * What an extract may hold on its way (domain.md, P5): no more than every consent lets out of the
 * register, than the two States have agreed on, and than the receiving registry enters. Each list
 * cuts in turn, and the extract says what was left out and why: a particular that is missing must
 * not look as if the register did not hold it. The receiving side asks the same lists again.
 *
 * The field set of a consent is a ladder: the core, the parents' names beside it, everything. Of
 * several consents each cuts for itself.
 *
 * The day of registration belongs to the entry's name and always travels: the key under which the
 * addressee enters the act is made of it, and two requests with different consents must not become
 * two acts. */
#include <string.h>

#include "adapters/core_parts.h"
#include "lib/extract_fields.h"
#include "lib/log.h"

#define CONSENT "field-set"
#define AGREEMENT "agreement"
#define NEED "not-needed"

/* What stands beside the number in the entry's name, and the parents' names behind it. */
static const char *const ladder[] = {
	"b:Entry/b:Volume", "b:Entry/b:Page", "b:Entry/b:Serial", "b:Parent/t:Name"};

/* A word that is not on the ladder reaches nothing beyond the core. */
static void
cut_by_consent(struct extract *x, const struct consent *c)
{
	const char *set = c->field_set != NULL ? c->field_set : "";
	size_t parents = strcmp(set, "BIRTH-PARENTS") == 0;

	if (strcmp(set, "BIRTH-FULL") != 0)
		extract_cut(x, ladder, ARRAY_LEN(ladder) - 1 + parents, CONSENT);
}

/* NULL where it says nothing. */
static const struct trust_profile *
profile_of(const struct job *j, const struct party *receiver)
{
	const struct trust_party *p = trust_party(j->c->o.trust, receiver);

	return p != NULL && p->profile.n_need > 0 ? &p->profile : NULL;
}

void
extract_limit(
	struct job *j, const struct request *r, const struct trust_agreement *g, struct extract *x)
{
	const struct trust_profile *p = profile_of(j, &g->to);

	for (const struct consent *c = &r->consent; c != NULL; c = c->next)
		cut_by_consent(x, c);
	extract_cut(x, g->field, g->n_field, AGREEMENT);
	if (p != NULL)
		extract_cut(x, p->need, p->n_need, NEED);
}

enum err
extract_within(struct job *j, const struct trust_agreement *g, const struct extract *x)
{
	const struct trust_profile *p = profile_of(j, &g->to);
	const char *extra = extract_extra(x, g->field, g->n_field);

	if (extra == NULL && p != NULL)
		extra = extract_extra(x, p->need, p->n_need);
	if (extra == NULL)
		return E_OK;
	log_message(LOG_WARNING, &j->in.header.id,
		"the extract holds a particular that was not agreed on field=%s agreement=%s",
		extra, g->id);
	return E_FIELD;
}
