/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar-pki show': a trust list for people and for programs. Nothing of a list that does not
 * verify is shown; one whose days are over is shown, said to be so, and ends with status 1. */
#include <libgen.h>
#include <stdio.h>
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

/* ---- for people ---- */

static void
print_party(const struct trust_party *p)
{
	printf("  %-20s %-9s %-3s %s\n", p->code.code, role_word(p->role),
		*p->country ? p->country : "-", p->name);
	for (size_t i = 0; i < p->n_sign; i++) {
		char print[FINGERPRINT_SIZE];

		fingerprint_format(&p->sign_digest[i], print);
		printf("    signs until %.10s  %s%s\n", instant_text(p->sign_until[i]), print,
			p->sign_revoked[i] <= instant_now() ? "  REVOKED" : "");
	}
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
	printf("\n");
}

static void
print_list(const struct trust *t, const struct digest *operator)
{
	char print[FINGERPRINT_SIZE];

	fingerprint_format(operator, print);
	printf("trust list of realm %s, version %llu\nissued %s, valid until %s\n", trust_realm(t),
		(unsigned long long)trust_version(t), instant_text(trust_issued_at(t)),
		instant_text(trust_valid_until(t)));
	printf("operator  %s\nlog       %s %s\nparties\n", print, trust_log_name(t),
		base64_text(trust_log_key(t), 32));
	for (size_t i = 0; i < trust_count(t); i++)
		print_party(trust_at(t, i));
	printf("agreements\n");
	for (size_t i = 0; i < trust_agreement_count(t); i++)
		print_agreement(trust_agreement_at(t, i));
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
json_of_party(const struct trust_party *p)
{
	json_t *sign = must(json_array()), *curve = must(json_array());
	char text[DIGEST_TEXT_SIZE];

	for (size_t i = 0; i < p->n_sign; i++) {
		digest_format(&p->sign_digest[i], text);
		add(sign, must(json_pack("{ss ss sb}", "sha256", text, "until",
				  instant_text(p->sign_until[i]), "revoked",
				  p->sign_revoked[i] <= instant_now())));
	}
	for (size_t i = 0; i < p->n_curve; i++)
		add(curve, must(json_string(base64_text(p->curve[i], CURVE_KEY_SIZE))));
	return must(json_pack("{ss ss ss ss so so}", "code", p->code.code, "country", p->country,
		"role", role_word(p->role), "name", p->name, "sign", sign, "curve", curve));
}

static json_t *
json_of_agreement(const struct trust_agreement *g)
{
	json_t *actions = must(json_array()), *purposes = must(json_array());

	for (enum action a = 0; a < ACTION_N; a++)
		if (g->actions & UINT32_C(1) << a)
			add(actions, must(json_string(action_word(a))));
	for (size_t i = 0; i < g->n_purpose; i++)
		add(purposes, must(json_string(g->purpose[i])));
	return must(json_pack("{ss ss ss ss so so}", "id", g->id, "from", g->from.code, "to",
		g->to.code, "validUntil", instant_text(g->valid_until), "actions", actions,
		"purposes", purposes));
}

static void
print_json(const struct trust *t, const struct digest *operator)
{
	json_t *parties = must(json_array()), *agreements = must(json_array()), *all;
	OWNED(char, text, free_chars) = NULL;
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
	text = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	if (!text)
		die("no memory for a JSON text");
	puts(text);
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
	if (option_given(o, OPT_JSON))
		print_json(t, &d);
	else
		print_list(t, &d);
	if (trust_valid_until(t) >= instant_now())
		return E_OK;
	return refuse(E_TRUST_OLD, say("the validity of %s has ended", file),
		"what was shown is what the operator signed",
		"the operator renews it: daftar-pki resign REALM");
}
