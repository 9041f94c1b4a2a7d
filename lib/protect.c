/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rules are a table; the first that does not hold gives the code. What protects from a State
 * comes first: whether a consent is in order does not matter when the case must not be known. */
#include "lib/protect.h"

#include <string.h>

#define SUBSTITUTE                                                                                 \
	"the country of residence can issue a substitute document instead (1951 Convention, "      \
	"article 25)"

/* NULL when the rule holds, otherwise the sentence. */
typedef const char *rule_of_protection(
	const struct request *r, const struct protect_context *k, const struct age *age);

static bool
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* ---- P04: whom the person fears ---- */

/* A registry of no known country may be of any. */
static bool
is_feared(const struct request *r, const char *country)
{
	const struct text_item *first = r->risk != NULL ? r->risk->feared : NULL;

	for (const struct text_item *f = first; f != NULL; f = f->next)
		if (country == NULL || country[0] == '\0' || same(f->value, country))
			return true;
	return false;
}

static const char *
not_blocked(const struct request *r, const struct protect_context *k, const struct age *age)
{
	(void)k;
	(void)age;
	return r->risk == NULL || same(r->risk->result, "CLEARED")
		       ? NULL
		       : "the protection officer has blocked the case; nothing was passed "
			 "on, " SUBSTITUTE;
}

/* That State would read in the request that it is feared, whatever an officer has found. */
static const char *
asked_of_no_feared_state(
	const struct request *r, const struct protect_context *k, const struct age *age)
{
	(void)age;
	return !is_feared(r, k->requested_country)
		       ? NULL
		       : "the registry that would be asked is one of a State that the person "
			 "fears; nothing was passed on and the case must not be filed, " SUBSTITUTE;
}

static bool
needs_clearance(const struct request *r, const struct protect_context *k)
{
	return same(r->case_type, "ORIGIN-EXTRACT") || is_feared(r, k->destination_country);
}

static const char *
cleared_where_needed(
	const struct request *r, const struct protect_context *k, const struct age *age)
{
	(void)age;
	if (r->risk == NULL)
		return !needs_clearance(r, k)
			       ? NULL
			       : "the State of origin would learn of the person, and no officer "
				 "has "
				 "cleared that; nothing was passed on, ask for a clearance by a "
				 "second officer, or " SUBSTITUTE;
	/* One that is there is looked at even where none is needed: a forgery is no accident. */
	if (!needs_clearance(r, k) && r->risk->approval_cert == NULL)
		return NULL;
	return clearance_problem(r, k);
}

/* What was found before anybody had consented was found about something else. */
static const char *
cleared_after_consent(
	const struct request *r, const struct protect_context *k, const struct age *age)
{
	const char *first = r->consent.given_on;

	(void)age;
	if (!needs_clearance(r, k))
		return NULL;
	for (const struct consent *c = r->consent.next; c != NULL; c = c->next)
		if (strcmp(c->given_on, first) < 0)
			first = c->given_on;
	return strcmp(r->risk->on, first) >= 0 && strcmp(r->risk->on, k->today) <= 0
		       ? NULL
		       : "the clearance is older than the first consent, or of a day to come; "
			 "nothing was passed on, let the second officer look at the case again";
}

/* ---- P01: who has consented to what ---- */

static bool
has_document(const struct request *r, const char *kind)
{
	for (const struct document *d = r->documents; d != NULL; d = d->next)
		if (same(d->kind, kind))
			return true;
	return false;
}

static bool
is_about_child(const struct consent *c)
{
	return same(c->subject, "child");
}

static const char *
somebody_consents_for_the_child(
	const struct request *r, const struct protect_context *k, const struct age *age)
{
	(void)k;
	(void)age;
	for (const struct consent *c = &r->consent; c != NULL; c = c->next)
		if (is_about_child(c))
			return NULL;
	return "there is no consent for the person whose birth it is; nothing was passed on, "
	       "record one";
}

static const char *
scope(const struct consent *c, const struct request *r, const struct protect_context *k)
{
	return same(c->destination, r->destination.code) && same(c->purpose, k->purpose)
		       ? NULL
		       : "a consent is for another destination or purpose; nothing was passed on, "
			 "ask the person again for this one";
}

static const char *
free_will(const struct consent *c, const struct request *r, const struct protect_context *k)
{
	(void)r;
	(void)k;
	return c->risks_explained && c->no_conditionality && c->language != NULL &&
			       c->evidence_digest != NULL
		       ? NULL
		       : "a consent does not say that the risks were explained, in a language, and "
			 "that refusing costs nothing; nothing was passed on, ask the person again";
}

static const char *
given(const struct consent *c, const struct request *r, const struct protect_context *k)
{
	(void)r;
	return strcmp(c->given_on, k->today) <= 0
		       ? NULL
		       : "a consent is given on a day to come; nothing was passed on, mend the day";
}

static const char *
lasts(const struct consent *c, const struct request *r, const struct protect_context *k)
{
	(void)r;
	return strcmp(k->today, c->valid_until) <= 0
		       ? NULL
		       : "a consent has expired; nothing was passed on, ask the person again";
}

static const char *
each_consent(const struct request *r, const struct protect_context *k,
	const char *(*rule)(
		const struct consent *, const struct request *, const struct protect_context *))
{
	const char *why = NULL;

	for (const struct consent *c = &r->consent; c != NULL && why == NULL; c = c->next)
		why = rule(c, r, k);
	return why;
}

#define EACH(name, rule)                                                                           \
	static const char *name(                                                                   \
		const struct request *r, const struct protect_context *k, const struct age *age)   \
	{                                                                                          \
		(void)age;                                                                         \
		return each_consent(r, k, rule);                                                   \
	}
EACH(consents_cover, scope)
EACH(consents_are_free, free_will)
EACH(consents_are_given, given)
EACH(consents_last, lasts)

/* ---- P01: by which right ---- */

static bool
by_guardian(const struct consent *c)
{
	return same(c->given_by, "guardian") && same(c->capacity_basis, "guardianship");
}

static bool
by_parent(const struct consent *c)
{
	return (same(c->given_by, "mother") || same(c->given_by, "father")) &&
	       same(c->capacity_basis, "parental-authority");
}

/* Of what is its own: the child's consent is given by `self', a parent's by that parent. */
static bool
by_itself(const struct consent *c)
{
	return same(c->given_by, is_about_child(c) ? "self" : c->subject) &&
	       same(c->capacity_basis, "self");
}

static const char *
guardian_has_papers(const struct request *r, const struct protect_context *k, const struct age *age)
{
	(void)k;
	(void)age;
	for (const struct consent *c = &r->consent; c != NULL; c = c->next)
		if (by_guardian(c) && !has_document(r, "guardianship") &&
			!has_document(r, "court-judgment"))
			return "a guardian has consented, and no document shows the guardianship; "
			       "nothing was passed on, add the document (guardianship or "
			       "court-judgment)";
	return NULL;
}

static const char *
right_of(const struct consent *c, const struct protect_context *k, const struct age *age)
{
	if (by_guardian(c))
		return NULL;
	if (!is_about_child(c))
		return by_itself(c) ? NULL
				    : "a parent's or guardian's own particulars need that person's "
				      "own consent; nothing was passed on, ask that person";
	if (!age->known && k->record_follows && (by_parent(c) || by_itself(c)))
		return NULL;
	if (age_may_be_under(age, ADULT_AGE, k->today))
		return by_parent(c) ? NULL
		       : age->known
			       ? "for a child, or who may be one, a parent or guardian consents; "
				 "nothing was passed on, ask the parent or guardian"
			       : "whether the person is of age is not known; nothing was passed "
				 "on, state the date of birth, as well as it is known, or ask a "
				 "parent or guardian";
	return by_itself(c) ? NULL
			    : "an adult consents for itself; nothing was passed on, ask the "
			      "person whose birth it is";
}

static const char *
given_by_right(const struct request *r, const struct protect_context *k, const struct age *age)
{
	const char *why = NULL;

	for (const struct consent *c = &r->consent; c != NULL && why == NULL; c = c->next)
		why = right_of(c, k, age);
	return why;
}

/* ---- P01: the child's own word ---- */

static bool
has_assent(const struct consent *c, const char *today)
{
	return c->assent != NULL && c->assent->on != NULL && strcmp(c->assent->on, today) <= 0 &&
	       c->assent->language != NULL && c->assent->witnessed_by != NULL;
}

static bool
needs_assent(const struct protect_context *k, const struct age *age)
{
	if (k->assent_age <= 0 || (!age->known && k->record_follows))
		return false;
	return age_may_be_under(age, ADULT_AGE, k->today) &&
	       age_may_have_reached(age, k->assent_age, k->today);
}

static const char *
child_was_asked(const struct request *r, const struct protect_context *k, const struct age *age)
{
	if (!needs_assent(k, age))
		return NULL;
	for (const struct consent *c = &r->consent; c != NULL; c = c->next)
		if (is_about_child(c) && !has_assent(c, k->today))
			return age->known
				       ? "the child is, or may be, old enough to be asked, and its "
					 "assent is not recorded; nothing was passed on, ask the "
					 "child and record the assent"
				       : "whether the child is old enough to be asked is not "
					 "known; nothing was passed on, state the date of birth, "
					 "as well as it is known, or record the child's assent";
	return NULL;
}

/* ---- the table ---- */

static const struct {
	const char *code;
	rule_of_protection *rule;
} rules[] = {
	{"P04", not_blocked},
	{"P04", asked_of_no_feared_state},
	{"P04", cleared_where_needed},
	{"P04", cleared_after_consent},
	{"P01", somebody_consents_for_the_child},
	{"P01", consents_cover},
	{"P01", consents_are_free},
	{"P01", consents_are_given},
	{"P02", consents_last},
	{"P01", guardian_has_papers},
	{"P01", given_by_right},
	{"P01", child_was_asked},
};

/* The record's date counts where it tells something. */
static struct age
age_in(const struct request *r, const struct protect_context *k)
{
	struct age a = age_of(k->birth);

	return a.known ? a : age_of(r->locator.birth_date);
}

const char *
protect_request(const struct request *r, const struct protect_context *k, const char **why)
{
	const struct age age = age_in(r, k);

	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		*why = rules[i].rule(r, k, &age);
		if (*why != NULL)
			return rules[i].code;
	}
	return NULL;
}

const char *
protect_consent(const struct consent *c, const struct protect_context *k, const char **why)
{
	const struct age unknown = age_of(NULL);

	*why = free_will(c, NULL, k);
	if (*why == NULL)
		*why = given(c, NULL, k);
	if (*why == NULL)
		*why = right_of(c, k, &unknown);
	if (*why != NULL)
		return "P01";
	*why = lasts(c, NULL, k);
	return *why == NULL ? NULL : "P02";
}

int
protect_assent_age(int a, int b)
{
	return a > 0 && (b <= 0 || a < b) ? a : b;
}

int64_t
protect_until(const struct request *r)
{
	int64_t least = 0;

	for (const struct consent *c = &r->consent; c != NULL; c = c->next) {
		OWNED(char, end, free_chars) =
			xprintf("%sT23:59:59.999Z", c->valid_until != NULL ? c->valid_until : "");
		int64_t t;

		if (instant_parse(end, &t) && (least == 0 || t < least))
			least = t;
	}
	return least;
}
