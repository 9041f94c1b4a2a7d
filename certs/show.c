/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-pki show': a trust list for people and for programs. Nothing of a list that does not
 * verify is shown; one whose days are over is shown, said to be so, and ends with status 1. */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/x509.h>

#include "certs/issue.h"
#include "certs/pki.h"
#include "certs/place.h"
#include "certs/realm.h"

static const char *
instant_text(int64_t ms)
{
	char text[INSTANT_TEXT_SIZE];

	instant_format(ms, text);
	return say("%s", text);
}

static const char *
base64_text(const void *data, size_t size)
{
	OWNED_BUF(b) = {0};

	buf_base64(&b, data, size);
	return say("%s", (const char *)b.data);
}

static const char *
print_text(const struct digest *d)
{
	char print[FINGERPRINT_SIZE];

	fingerprint_format(d, print);
	return say("%s", print);
}

/* ---- for people ---- */

static void
print_words(const char *what, const char *const *word, size_t n)
{
	if (n > 0)
		printf("    %s", what);
	for (size_t i = 0; i < n; i++)
		printf(" %s", word[i]);
	if (n > 0)
		printf("\n");
}

static void
print_profile(const struct trust_profile *p)
{
	printf("    tier %u", p->tier);
	if (p->decision_days > 0)
		printf(", decides within %u days", p->decision_days);
	if (p->assent_age > 0)
		printf(", a child's assent from the age of %u", p->assent_age);
	printf("\n");
	if (p->tacit_days > 0)
		printf("    silence for %u days is a refusal: %s\n", p->tacit_days, p->provision);
	print_words("its record holds", p->need, p->n_need);
}

/* `x': everything of the list that ends, for the certificates to encrypt to. */
static void
print_party(const struct trust_party *p, const struct trust_expiry *x, size_t n)
{
	printf("  %-20s %-9s %-3s %s\n", p->code.code, role_word(p->role),
		*p->country ? p->country : "-", p->name);
	for (size_t i = 0; i < p->n_sign; i++) {
		printf("    signs until %.10s  %s%s\n", instant_text(p->sign_until[i]),
			print_text(&p->sign_digest[i]),
			p->sign_revoked[i] <= instant_now() ? "  REVOKED" : "");
	}
	for (size_t i = 0; i < n; i++)
		if (x[i].what == EXPIRY_ENCRYPT && party_equal(&x[i].party, &p->code))
			printf("    opens until %.10s  %s\n", instant_text(x[i].until),
				print_text(&x[i].digest));
	for (size_t i = 0; i < p->n_curve; i++) {
		struct digest d;

		digest_of(p->curve[i], CURVE_KEY_SIZE, &d);
		printf("    line key                %s\n", print_text(&d));
	}
	if (p->profile.given)
		print_profile(&p->profile);
}

static void
print_agreement(const struct trust_agreement *g)
{
	printf("  %-12s %s to %s until %.10s:", g->id, g->from.code, g->to.code,
		instant_text(g->valid_until));
	for (enum action a = 0; a < ACTION_N; a++)
		if (g->actions & UINT32_C(1) << a)
			printf(" %s", action_word(a));
	printf("; for");
	for (size_t i = 0; i < g->n_purpose; i++)
		printf(" %s", g->purpose[i]);
	printf("%s%s\n", g->consent_required ? "; with consent" : "",
		g->clearance_required ? "; with a second officer's clearance" : "");
	print_words("extracts hold", g->field, g->n_field);
	for (size_t i = 0; i < g->n_also; i++)
		printf("    can be opened by %s too\n", g->also[i].code);
}

static void
print_officers(const struct trust *t)
{
	if (trust_officer_count(t) > 0)
		printf("officers  %zu must approve a change\n", trust_approvals(t));
	for (size_t i = 0; i < trust_officer_count(t); i++)
		printf("  %s  %s\n", print_text(&trust_officer_at(t, i)->digest),
			trust_officer_at(t, i)->name);
}

static struct trust_expiry *
all_that_ends(const struct trust *t, int64_t until, size_t *n)
{
	struct trust_expiry *x;

	*n = trust_expiring(t, 0, until, NULL, 0);
	x = xcalloc(*n + 1, sizeof *x);
	(void)trust_expiring(t, 0, until, x, *n);
	return x;
}

static void
print_list(const struct trust *t, const struct digest *operator)
{
	size_t n;
	struct trust_expiry *x = all_that_ends(t, INT64_MAX, &n);

	printf("trust list of realm %s, version %llu\nissued %s, valid until %s\n", trust_realm(t),
		(unsigned long long)trust_version(t), instant_text(trust_issued_at(t)),
		instant_text(trust_valid_until(t)));
	printf("operator  %s\nlog       %s %s\n", print_text(operator), trust_log_name(t),
		base64_text(trust_log_key(t), 32));
	print_officers(t);
	printf("parties\n");
	for (size_t i = 0; i < trust_count(t); i++)
		print_party(trust_at(t, i), x, n);
	free(x);
	printf("agreements\n");
	for (size_t i = 0; i < trust_agreement_count(t); i++)
		print_agreement(trust_agreement_at(t, i));
}

static void
print_expiring(const struct trust *t, int64_t until)
{
	size_t n;
	struct trust_expiry *x = all_that_ends(t, until, &n);

	for (size_t i = 0; i < n; i++)
		printf("%.10s  %-20s %-8s %s\n", instant_text(x[i].until),
			x[i].party.code[0] ? x[i].party.code
			: x[i].country[0]  ? x[i].country
					   : "-",
			expiry_word(x[i].what),
			x[i].what == EXPIRY_LIST ? "" : print_text(&x[i].digest));
	free(x);
}

/* ---- for programs ---- */

static json_t *
must(json_t *j)
{
	if (!j)
		die("no memory for a JSON text");
	return j;
}

static void
add(json_t *array, json_t *item)
{
	if (json_array_append_new(array, item) < 0)
		die("no memory for a JSON text");
}

static json_t *
json_of_words(const char *const *word, size_t n)
{
	json_t *list = must(json_array());

	for (size_t i = 0; i < n; i++)
		add(list, must(json_string(word[i])));
	return list;
}

static json_t *
json_of_profile(const struct trust_profile *p)
{
	json_t *o = must(json_pack(
		"{si so}", "tier", (int)p->tier, "needs", json_of_words(p->need, p->n_need)));

	if (p->decision_days > 0)
		json_object_set_new(o, "decisionDays", must(json_integer(p->decision_days)));
	if (p->tacit_days > 0) {
		json_object_set_new(o, "tacitDays", must(json_integer(p->tacit_days)));
		json_object_set_new(o, "provision", must(json_string(p->provision)));
	}
	if (p->assent_age > 0)
		json_object_set_new(o, "assentAge", must(json_integer(p->assent_age)));
	return o;
}

static json_t *
json_of_party(const struct trust_party *p)
{
	json_t *sign = must(json_array()), *curve = must(json_array()), *all;
	char text[DIGEST_TEXT_SIZE];

	for (size_t i = 0; i < p->n_sign; i++) {
		digest_format(&p->sign_digest[i], text);
		add(sign, must(json_pack("{ss ss sb}", "sha256", text, "until",
				  instant_text(p->sign_until[i]), "revoked",
				  p->sign_revoked[i] <= instant_now())));
	}
	for (size_t i = 0; i < p->n_curve; i++)
		add(curve, must(json_string(base64_text(p->curve[i], CURVE_KEY_SIZE))));
	all = must(json_pack("{ss ss ss ss so so}", "code", p->code.code, "country", p->country,
		"role", role_word(p->role), "name", p->name, "sign", sign, "curve", curve));
	if (p->profile.given)
		json_object_set_new(all, "profile", json_of_profile(&p->profile));
	return all;
}

static json_t *
json_of_agreement(const struct trust_agreement *g)
{
	json_t *actions = must(json_array()), *purposes = must(json_array());
	json_t *also = must(json_array());

	for (size_t i = 0; i < g->n_also; i++)
		add(also, must(json_string(g->also[i].code)));
	for (enum action a = 0; a < ACTION_N; a++)
		if (g->actions & UINT32_C(1) << a)
			add(actions, must(json_string(action_word(a))));
	for (size_t i = 0; i < g->n_purpose; i++)
		add(purposes, must(json_string(g->purpose[i])));
	return must(json_pack("{ss ss ss ss so so so sb sb so}", "id", g->id, "from", g->from.code,
		"to", g->to.code, "validUntil", instant_text(g->valid_until), "actions", actions,
		"purposes", purposes, "fields", json_of_words(g->field, g->n_field),
		"consentRequired", (int)g->consent_required, "clearanceRequired",
		(int)g->clearance_required, "alsoTo", also));
}

static json_t *
json_of_expiry(const struct trust *t, int64_t until)
{
	json_t *all = must(json_array());
	size_t n;
	struct trust_expiry *x = all_that_ends(t, until, &n);
	char digest[DIGEST_TEXT_SIZE];

	for (size_t i = 0; i < n; i++) {
		digest_format(&x[i].digest, digest);
		add(all, must(json_pack("{ss ss ss ss ss}", "what", expiry_word(x[i].what), "party",
				 x[i].party.code, "country", x[i].country, "sha256",
				 x[i].what == EXPIRY_LIST ? "" : digest, "until",
				 instant_text(x[i].until))));
	}
	free(x);
	return all;
}

static void
put_json(json_t *j)
{
	OWNED(char, text, free_chars) = json_dumps(j, JSON_COMPACT);

	json_decref(j);
	if (!text)
		die("no memory for a JSON text");
	puts(text);
}

static void
print_json(const struct trust *t, const struct digest *operator)
{
	json_t *parties = must(json_array()), *agreements = must(json_array()), *all;
	char print[DIGEST_TEXT_SIZE];

	digest_format(operator, print);
	for (size_t i = 0; i < trust_count(t); i++)
		add(parties, json_of_party(trust_at(t, i)));
	for (size_t i = 0; i < trust_agreement_count(t); i++)
		add(agreements, json_of_agreement(trust_agreement_at(t, i)));
	all = must(json_pack("{ss sI ss ss ss s{ss ss} so so}", "realm", trust_realm(t), "version",
		(json_int_t)trust_version(t), "issuedAt", instant_text(trust_issued_at(t)),
		"validUntil", instant_text(trust_valid_until(t)), "operator", print, "log", "name",
		trust_log_name(t), "key", base64_text(trust_log_key(t), 32), "parties", parties,
		"agreements", agreements));
	put_json(all);
}

/* ---- */

static enum err
load_operator(const struct options *o, X509 **out)
{
	OWNED(char, copy, free_chars) = xstrdup(o->argument[0]);
	const char *file = option_value(o, OPT_OPERATOR);
	enum err e;

	if (!file)
		file = path_in(dirname(copy), "operator.pem");
	e = cert_load(file, out);
	if (e == E_OK)
		return E_OK;
	return refuse(e, say("%s cannot be used", file), "nothing was shown that is not verified",
		"give the operator's certificate with --operator FILE");
}

static void
show(const struct trust *t, const struct options *o, const struct digest *operator)
{
	const char *days = option_value(o, OPT_EXPIRING);
	int64_t until = instant_now() + (days ? strtol(days, NULL, 10) : 0) * INT64_C(86400000);

	if (days && option_given(o, OPT_JSON))
		put_json(json_of_expiry(t, until));
	else if (days)
		print_expiring(t, until);
	else if (option_given(o, OPT_JSON))
		print_json(t, operator);
	else
		print_list(t, operator);
}

enum err
pki_show(const struct options *o)
{
	OWNED(struct trust, t, trust_free) = NULL;
	OWNED(X509, operator, cert_free) = NULL;
	const char *file = o->argument[0];
	struct digest d;
	enum err e;

	TRY(realm_schemas());
	TRY(load_operator(o, &operator));
	e = trust_load_file(file, operator, 0, &t);
	if (e != E_OK)
		return refuse(e, say("%s is refused", file),
			"nothing was shown that is not verified",
			"give the certificate of the operator who signed it with --operator FILE");
	issue_cert_digest(operator, & d);
	show(t, o, &d);
	if (trust_valid_until(t) >= instant_now())
		return E_OK;
	return refuse(E_TRUST_OLD, say("the validity of %s has ended", file),
		"what was shown is what the operator signed",
		"the operator renews it: daftar-pki resign REALM");
}
