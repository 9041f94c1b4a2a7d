/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar consent clear': a second officer of the office has looked at a draft that tells a State
 * about somebody who may fear it, and signs with a key of the officer's own. What is signed is the
 * finding inside the request, which only the addressee reads; on roads where the agreement says so,
 * the token too. */
#include <string.h>

#include "lib/protect.h"
#include "liaison/consent.h"

#define NOTHING "nothing was changed and nothing was sent"

static enum err
load_officer(const struct office *o, const char *folder, struct identity **out)
{
	OWNED(char, key, free_chars) = path_in(folder, "sign.key");
	OWNED(char, cert, free_chars) = path_in(folder, "sign.pem");
	OWNED(struct identity, i, identity_free) = NULL;
	struct digest d;
	EVP_PKEY *listed;

	TRY(identity_load(key, cert, &i));
	digest_of(i->der, i->der_size, &d);
	TRY(trust_signing_key(trust_party(o->trust, &o->self), &d, instant_now(), &listed));
	if (EVP_PKEY_eq(i->key, o->sign->key) == 1) {
		blame("this is the key that files the case; the second officer has another one");
		return E_PROTECTION;
	}
	*out = TAKE(i);
	return E_OK;
}

static enum err
clear_finding(struct request *r, const struct identity *officer, struct officer_case *c)
{
	TRY(protect_clear(r, officer));
	buf_reset(&c->body);
	request_compose(r, &c->body);
	return E_OK;
}

static enum err
clear_token(struct office *o, const struct identity *officer, struct officer_case *c)
{
	OWNED_BUF(cleared) = {0};
	struct consent_token t;

	TRY(case_grant(o, c));
	if (!case_token(c, &t))
		return E_INPUT;
	TRY(consent_token_clear(&t, buf_bytes(&c->token), officer, &cleared));
	TRY(consent_token_verify(buf_bytes(&cleared), &t, o->trust, NULL, instant_now()));
	buf_reset(&c->token);
	buf_add_bytes(&c->token, buf_bytes(&cleared));
	return E_OK;
}

/* Nothing is kept unless the draft may be filed then. */
static enum err
clear_case(struct office *o, const struct identity *officer, struct officer_case *c)
{
	OWNED(struct request, r, request_free) = NULL;

	TRY(case_again(o, c));
	if (c->stop[STOP_WITHDRAWAL].at != 0)
		return E_CONSENT_WITHDRAWN;
	if (c->body.size == 0)
		return E_STATE;
	TRY(consents_stand(o, c));
	TRY(request_parse(buf_bytes(&c->body), &r));
	TRY(check_rules(o, r));
	if (clearance_is_given(o, r, c))
		return E_STATE;
	if (finding_waits(o, r))
		TRY(clear_finding(r, officer, c));
	if (road_needs_clearance(o, r))
		TRY(clear_token(o, officer, c));
	TRY(check_clearance(o, r, c));
	TRY(signed_drop(o, c->number)); /* it was made without the clearance */
	TRY(case_save(o, c));
	ledger_note(o, &c->conversation, "cleared by a second officer");
	return E_OK;
}

static enum ending
tell(const struct officer_case *c)
{
	if (say_in_json())
		say_json(json_pack("{s:s s:b}", "tracking", c->number, "cleared", 1));
	else
		say("%s cleared\n", c->number);
	note("next: daftar request file %s\n", c->number);
	return END_DONE;
}

enum ending
command_consent_clear(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	OWNED(struct identity, officer, identity_free) = NULL;
	const char *folder = options->value[OPT_OFFICER_DIR];
	enum ending end = office_open(options, NEED_ALL, &o);
	OWNED_FD(lock) = -1;
	OWNED_CASE(c);
	enum err e;

	if (end == END_DONE)
		end = case_of_argument(o, options->argument[0], &c);
	if (end != END_DONE)
		return end;
	if (c.body.size == 0)
		return fail(E_STATE, NOTHING, "daftar track NUMBER", "%s is no draft any more",
			c.number);
	e = load_officer(o, folder, &officer);
	if (e != E_OK)
		return fail(e, NOTHING, "daftar help consent clear",
			"%s is not the folder of a second officer of this office", line(folder));
	e = case_lock(o, &lock);
	if (e == E_OK)
		e = clear_case(o, officer, &c);
	if (e == E_STATE)
		return fail(e, NOTHING, "daftar request file NUMBER",
			"%s needs no second officer, or one has signed", c.number);
	return e == E_OK ? tell(&c) : check_fail(e, NOTHING, c.number);
}
