/* SPDX-License-Identifier: EUPL-1.2
 *
 * Two lists side by side: parties, their keys, agreements, officers, and how long it is valid. */
#include "broker/trust_changes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "broker/control_json.h"

static void tell(json_t *out, const char *fmt, ...) PRINTF(2, 3);
static void
tell(json_t *out, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	json_add(out, json_string(text));
}

/* ---- keys ---- */

static bool
has_cert(const struct trust_party *p, const struct digest *cert, bool revoked)
{
	for (size_t i = 0; i < p->n_sign; i++)
		if (digest_equal(&p->sign_digest[i], cert))
			return revoked == (p->sign_revoked[i] != INT64_MAX);
	return false;
}

static bool
has_curve(const struct trust_party *p, const uint8_t key[CURVE_KEY_SIZE])
{
	for (size_t i = 0; i < p->n_curve; i++)
		if (memcmp(p->curve[i], key, CURVE_KEY_SIZE) == 0)
			return true;
	return false;
}

/* Certificates that may sign in `a' and not in `b'. */
static size_t
certs_beyond(const struct trust_party *a, const struct trust_party *b)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_sign; i++)
		n += a->sign_revoked[i] == INT64_MAX && !has_cert(b, &a->sign_digest[i], false);
	return n;
}

static size_t
curves_beyond(const struct trust_party *a, const struct trust_party *b)
{
	size_t n = 0;

	for (size_t i = 0; i < a->n_curve; i++)
		n += !has_curve(b, a->curve[i]);
	return n;
}

static void
tell_keys(json_t *out, const char *code, const char *what, size_t more, size_t less)
{
	if (more > 0)
		tell(out, "%s may use %zu more %s", code, more, what);
	if (less > 0)
		tell(out, "%s may no longer use %zu %s", code, less, what);
}

static bool
has_word(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

/* Words of `a' that `b' does not have. */
static size_t
words_beyond(const char *const *a, size_t n, const char *const *b, size_t m)
{
	size_t beyond = 0;

	for (size_t i = 0; i < n; i++)
		beyond += !has_word(b, m, a[i]);
	return beyond;
}

static bool
same_words(const char *const *a, size_t n, const char *const *b, size_t m)
{
	return words_beyond(a, n, b, m) == 0 && words_beyond(b, m, a, n) == 0;
}

/* ---- parties ---- */

static bool
same_provision(const struct trust_profile *a, const struct trust_profile *b)
{
	if (!a->provision || !b->provision)
		return a->provision == b->provision;
	return strcmp(a->provision, b->provision) == 0;
}

static void
tell_profile(json_t *out, const char *code, const struct trust_profile *was,
	const struct trust_profile *is)
{
	if (was->given != is->given || was->tier != is->tier)
		tell(out, "%s %s", code,
			is->given ? "says how far its register has come"
				  : "says nothing of its register any more");
	if (was->tacit_days != is->tacit_days || !same_provision(was, is))
		tell(out, "%s: silence is a refusal after %u days (0: never)", code,
			is->tacit_days);
	if (was->decision_days != is->decision_days)
		tell(out, "%s: an extract is decided within %u days (0: not said)", code,
			is->decision_days);
	if (was->assent_age != is->assent_age)
		tell(out, "%s: a child's assent from the age of %u (0: not said)", code,
			is->assent_age);
	if (!same_words(was->need, was->n_need, is->need, is->n_need))
		tell(out, "%s: its record holds other particulars", code);
}

static void
tell_party(json_t *out, const struct trust_party *was, const struct trust_party *is)
{
	const char *code = is->code.code;

	tell_keys(
		out, code, "signing certificate(s)", certs_beyond(is, was), certs_beyond(was, is));
	tell_keys(out, code, "connection key(s)", curves_beyond(is, was), curves_beyond(was, is));
	if (was->role != is->role)
		tell(out, "%s becomes %s", code, role_word(is->role));
	if (memcmp(&was->quota, &is->quota, sizeof was->quota) != 0)
		tell(out, "%s is given other quotas", code);
	tell_profile(out, code, &was->profile, &is->profile);
}

static void
tell_parties(json_t *out, const struct trust *before, const struct trust *after)
{
	for (size_t i = 0; i < trust_count(after); i++) {
		const struct trust_party *is = trust_at(after, i);
		const struct trust_party *was = trust_party(before, &is->code);

		if (was == NULL)
			tell(out, "%s (%s) joins as %s", is->code.code, is->name,
				role_word(is->role));
		else
			tell_party(out, was, is);
	}
	for (size_t i = 0; i < trust_count(before); i++)
		if (trust_party(after, &trust_at(before, i)->code) == NULL)
			tell(out, "%s leaves and is cut off", trust_at(before, i)->code.code);
}

bool
trust_adds_party(const struct trust *before, const struct trust *after)
{
	for (size_t i = 0; i < trust_count(after); i++)
		if (trust_party(before, &trust_at(after, i)->code) == NULL)
			return true;
	return false;
}

/* ---- agreements and officers ---- */

static bool
has_purposes(const struct trust_agreement *a, const struct trust_agreement *b)
{
	for (size_t i = 0; i < a->n_purpose; i++) {
		size_t k = 0;

		while (k < b->n_purpose && strcmp(a->purpose[i], b->purpose[k]) != 0)
			k++;
		if (k == b->n_purpose)
			return false;
	}
	return true;
}

static bool
can_open(const struct trust_agreement *g, const struct party *p)
{
	for (size_t i = 0; i < g->n_also; i++)
		if (party_equal(&g->also[i], p))
			return true;
	return false;
}

static void
tell_also(json_t *out, const struct trust_agreement *a, const struct trust_agreement *b,
	const char *what)
{
	for (size_t i = 0; i < a->n_also; i++)
		if (!can_open(b, &a->also[i]))
			tell(out, "agreement %s: %s %s open what is sent", a->id, a->also[i].code,
				what);
}

static void
tell_need(json_t *out, const char *id, const char *what, bool was, bool is)
{
	if (was != is)
		tell(out, "agreement %s: %s is %s", id, what,
			is ? "required now" : "not required any more");
}

static void
tell_terms(json_t *out, const struct trust_agreement *was, const struct trust_agreement *is)
{
	tell_need(out, is->id, "consent", was->consent_required, is->consent_required);
	tell_need(out, is->id, "a second officer's clearance", was->clearance_required,
		is->clearance_required);
	tell_also(out, is, was, "can now");
	tell_also(out, was, is, "can no longer");
	/* No list lets everything pass. */
	if (!same_words(was->field, was->n_field, is->field, is->n_field))
		tell(out, "agreement %s: extracts may hold other particulars (%s)", is->id,
			is->n_field == 0 ? "all"
			: was->n_field > 0 && words_beyond(is->field, is->n_field, was->field,
						      was->n_field) > 0
				? "some more"
				: "fewer");
	if (was->actions != is->actions)
		tell(out, "agreement %s: other kinds of messages", is->id);
	if (!has_purposes(was, is) || !has_purposes(is, was))
		tell(out, "agreement %s: other purposes", is->id);
	if (was->valid_until != is->valid_until)
		tell(out, "agreement %s: ends on another day", is->id);
}

/* The agreement of the same id on the same road. */
static const struct trust_agreement *
same_agreement(const struct trust *t, const struct trust_agreement *g)
{
	const struct trust_agreement *found = trust_agreement_by_id(t, g->id);

	return found && party_equal(&g->from, &found->from) && party_equal(&g->to, &found->to)
		       ? found
		       : NULL;
}

static void
tell_agreements(json_t *out, const struct trust *before, const struct trust *after)
{
	for (size_t i = 0; i < trust_agreement_count(after); i++) {
		const struct trust_agreement *g = trust_agreement_at(after, i);
		const struct trust_agreement *was = same_agreement(before, g);

		if (was)
			tell_terms(out, was, g);
		else
			tell(out, "agreement %s from %s to %s begins%s", g->id, g->from.code,
				g->to.code,
				g->clearance_required ? ", with consent and clearance"
				: g->consent_required ? ", with consent"
						      : ", without consent");
	}
	for (size_t i = 0; i < trust_agreement_count(before); i++) {
		const struct trust_agreement *g = trust_agreement_at(before, i);

		if (!same_agreement(after, g))
			tell(out, "agreement %s from %s to %s ends", g->id, g->from.code,
				g->to.code);
	}
}

static bool
has_officer(const struct trust *t, const struct trust_officer *o)
{
	for (size_t i = 0; i < trust_officer_count(t); i++)
		if (digest_equal(&trust_officer_at(t, i)->digest, &o->digest))
			return true;
	return false;
}

static void
tell_officers(json_t *out, const struct trust *a, const struct trust *b, const char *what)
{
	for (size_t i = 0; i < trust_officer_count(a); i++)
		if (!has_officer(b, trust_officer_at(a, i)))
			tell(out, "a trust-list officer %s", what);
}

json_t *
trust_changes(const struct trust *before, const struct trust *after)
{
	char until[INSTANT_TEXT_SIZE];
	json_t *out = json_array();

	if (trust_version(before) != trust_version(after))
		tell(out, "version %llu becomes version %llu",
			(unsigned long long)trust_version(before),
			(unsigned long long)trust_version(after));
	tell_parties(out, before, after);
	tell_agreements(out, before, after);
	tell_officers(out, after, before, "is added");
	tell_officers(out, before, after, "is taken out");
	if (trust_approvals(before) != trust_approvals(after))
		tell(out, "a change will need %zu approvals instead of %zu", trust_approvals(after),
			trust_approvals(before));
	if (trust_valid_until(before) != trust_valid_until(after)) {
		instant_format(trust_valid_until(after), until);
		tell(out, "valid until %s", until);
	}
	return out;
}
