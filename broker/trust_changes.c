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

/* ---- parties ---- */

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
has_agreement(const struct trust *t, const struct trust_agreement *a)
{
	for (size_t i = 0; i < trust_agreement_count(t); i++) {
		const struct trust_agreement *b = trust_agreement_at(t, i);

		if (strcmp(a->id, b->id) == 0 && party_equal(&a->from, &b->from) &&
			party_equal(&a->to, &b->to) && a->actions == b->actions &&
			a->valid_until == b->valid_until && a->n_purpose == b->n_purpose &&
			a->n_field == b->n_field && a->consent_required == b->consent_required)
			return true;
	}
	return false;
}

static void
tell_agreements(json_t *out, const struct trust *a, const struct trust *b, const char *what)
{
	for (size_t i = 0; i < trust_agreement_count(a); i++) {
		const struct trust_agreement *g = trust_agreement_at(a, i);

		if (!has_agreement(b, g))
			tell(out, "agreement %s from %s to %s %s", g->id, g->from.code, g->to.code,
				what);
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
	tell_agreements(out, after, before, "begins");
	tell_agreements(out, before, after, "ends");
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
