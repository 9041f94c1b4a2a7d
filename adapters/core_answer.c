/* SPDX-License-Identifier: EUPL-1.2
 *
 * Composing and filing answers. Whatever an entry leads to (messages to others, our signed Receipt
 * for the exchange) goes into the spool in one transaction with the settlement, so they cannot come
 * apart. Numbers of a channel that a crash has wasted stay wasted. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "adapters/core_parts.h"
#include "adapters/match.h"
#include "lib/log.h"
#include "lib/loghead.h"

#define DAY_MS INT64_C(86400000)

void
core_day(int64_t now, long days, char out[11])
{
	time_t s = (time_t)(now / 1000);
	struct tm local;

	if (localtime_r(&s, &local) == NULL)
		die("the clock");
	day_format((s + local.tm_gmtoff) / 86400 + days, out);
}

const struct trust_agreement *
answer_agreement(const struct core *c, const struct party *to, enum action action)
{
	return trust_agreement(c->o.trust, &c->o.self, to, action);
}

/* The purpose of what is answered where the agreement knows it, else the agreement's first. */
static const char *
purpose_of(const struct trust_agreement *a, const char *wanted)
{
	for (size_t i = 0; i < a->n_purpose; i++)
		if (strcmp(a->purpose[i], wanted) == 0)
			return wanted;
	return a->purpose[0];
}

static enum err
fill_header(struct job *j, const struct answer *what, struct header *h)
{
	const struct core_options *o = &j->c->o;

	memset(h, 0, sizeof *h);
	if (!copy_text(h->realm, sizeof h->realm, trust_realm(o->trust)))
		return E_NO_TRUST;
	h->id = id_new();
	h->conversation = j->in.header.conversation;
	h->leg = what->leg != NULL ? *what->leg : id_new();
	h->action = what->action;
	h->from = o->self;
	h->to = what->to;
	h->created = j->now;
	h->expires = j->now + o->profile.expires_days * DAY_MS;
	h->retain_until = j->now + o->profile.retain_days * DAY_MS;
	h->has_ref = true;
	h->ref = j->in.header.id;
	h->ref_digest = j->in.digest;
	h->has_key = what->key != NULL;
	if (what->key != NULL)
		h->key = *what->key;
	return spool_next_seq(o->spool, &h->to, instant_now(), &h->channel_seq);
}

/* What tells of the person, or asks about one, goes on with the token that let the case come here;
 * an outcome needs none. */
static bool
carries_token(enum action action)
{
	return action == A_CERTIFIED_EXTRACT || action == A_QUERY || action == A_QUERY_REPLY ||
	       action == A_CORRECTION_NOTICE;
}

/* The same octets, signatures and all. Nothing that carries a token outlives it. */
static enum err
copy_token(
	const struct job *j, const struct trust_agreement *g, struct header *h, struct bytes *token)
{
	const struct consent_token *k = &j->in.header.token;

	*token = bytes_of(NULL, 0);
	if (!carries_token(h->action))
		return E_OK;
	if (!j->in.header.has_token)
		return g->consent_required ? E_CONSENT_MISSING : E_OK;
	if (!id_equal(&k->conversation, &h->conversation))
		return E_CONSENT_SCOPE;
	TRY(consent_lasts(j));
	if (case_is_withdrawn(j))
		return E_CONSENT_WITHDRAWN;
	if (!message_token(buf_bytes(&j->message), token))
		return E_CONSENT_MISSING;
	h->has_token = true;
	h->token = *k;
	if (h->expires > k->valid_until)
		h->expires = k->valid_until;
	return E_OK;
}

enum err
answers_add(struct answers *a, struct job *j, const struct answer *what, struct bytes body)
{
	const struct core *c = j->c;
	const struct trust_party *to = trust_party(c->o.trust, &what->to);
	const struct trust_agreement *agreement = answer_agreement(c, &what->to, what->action);
	X509 *certs[TRUST_RECIPIENTS];
	struct bytes token;
	struct header h;

	assert(a->n < ANSWERS_MAX);
	if (to == NULL)
		return E_UNKNOWN_PARTY;
	if (agreement == NULL)
		return E_NO_AGREEMENT;
	TRY(fill_header(j, what, &h));
	if (!copy_text(h.agreement, sizeof h.agreement, agreement->id) ||
		!copy_text(
			h.purpose, sizeof h.purpose, purpose_of(agreement, j->in.header.purpose)))
		return E_NO_AGREEMENT;
	TRY(copy_token(j, agreement, &h, &token));
	TRY(message_compose_with(&h, token, body, certs,
		trust_recipients(c->o.trust, agreement, certs, ARRAY_LEN(certs)), c->o.sign,
		&a->message[a->n]));
	log_message(
		LOG_NOTICE, &h.id, "composed action=%s to=%s", action_word(h.action), h.to.code);
	a->n++;
	return E_OK;
}

enum err
answers_add_both(struct answers *a, struct job *j, struct bytes body)
{
	struct answer what = {A_TRANSCRIPTION_OUTCOME, j->in.header.from, &j->in.header.leg, NULL};

	TRY(answers_add(a, j, &what, body));
	what.to = j->c->o.profile.liaison;
	what.leg = NULL;
	return answers_add(a, j, &what, body);
}

void
answers_free(struct answers *a)
{
	for (size_t i = 0; i < ANSWERS_MAX; i++)
		buf_free(&a->message[i]);
	a->n = 0;
}

static enum err
compose_receipt(struct job *j, enum stage stage, const char *word, struct buf *out)
{
	const struct trust_party *exchange = trust_exchange(j->c->o.trust);
	struct answer what = {.action = A_RECEIPT, .leg = &j->in.header.leg};
	OWNED_BUF(head) = {0};
	struct header h;

	if (exchange == NULL)
		return E_NO_TRUST;
	what.to = exchange->code;
	TRY(fill_header(j, &what, &h));
	strcpy(h.agreement, "NONE");
	strcpy(h.purpose, "RECEIPT");
	if (log_head_note(j->c->o.spool, &head) != E_OK)
		buf_reset(&head);
	return message_compose_receipt_seeing(&h, stage, word, buf_bytes(&head), j->c->o.sign, out);
}

enum err
answers_file(struct answers *a, struct job *j, enum stage stage, enum err code, const char *word,
	const char *note)
{
	struct bytes message[ANSWERS_MAX];
	struct spool_done done = {
		.id = j->in.header.id, .from = j->in.header.from, .note = note, .code = code};
	OWNED_BUF(receipt) = {0};

	TRY(compose_receipt(j, stage, word, &receipt));
	for (size_t i = 0; i < a->n; i++)
		message[i] = buf_bytes(&a->message[i]);
	done.receipt = buf_bytes(&receipt);
	TRY(spool_file_all(j->c->o.spool, message, a->n, &done, j->now));
	log_message(LOG_NOTICE, &j->in.header.id, "done stage=%s code=%s answers=%zu",
		stage_word(stage), err_word(code), a->n);
	return E_OK;
}

enum err
job_reject(struct job *j, enum err code)
{
	ANSWERS(none) = {0};

	TRY(answers_file(&none, j, ST_REJECTED, code, err_word(code), err_word(code)));
	j->in.state = IN_DONE;
	return E_OK;
}

/* ---- refusals ---- */

static void
compose_refusal(struct job *j, const char *extract_id, const struct refusal *why, struct buf *out)
{
	OWNED(struct outcome, o, outcome_free) = outcome_new();
	const struct profile *p = &j->c->o.profile;
	struct text_item reason = {.value = why->code};
	char appeal_by[11];

	core_day(j->now, p->appeal_days, appeal_by);
	o->result = OUTCOME_REFUSED;
	o->extract_id = extract_id;
	o->answers = j->in.header.id;
	o->answers_digest = j->in.digest;
	o->reason = &reason;
	o->explanation = why->explanation;
	o->legal_provision = p->legal_provision;
	o->appeal_body = why->appeal_body != NULL ? why->appeal_body : p->appeal_body;
	o->appeal_by = why->appeal_by != NULL ? why->appeal_by : appeal_by;
	outcome_compose(o, out);
}

/* A request is refused to who asked; an extract to its issuer and to the liaison. */
enum err
job_refuse(struct job *j, const char *extract_id, const struct refusal *why)
{
	struct answer what = {A_TRANSCRIPTION_OUTCOME, j->in.header.from, &j->in.header.leg, NULL};
	ANSWERS(a) = {0};
	OWNED_BUF(body) = {0};

	compose_refusal(j, extract_id, why, &body);
	if (j->in.header.action == A_CERTIFIED_EXTRACT)
		TRY(answers_add_both(&a, j, buf_bytes(&body)));
	else
		TRY(answers_add(&a, j, &what, buf_bytes(&body)));
	return answers_file(&a, j, ST_COMMITTED, E_OK, NULL, why->code);
}

enum err
refusal_again(struct job *j, const struct party *to, const struct refusal *why, struct answers *a)
{
	bool asker = party_equal(to, &j->in.header.from);
	const struct answer what = {
		A_TRANSCRIPTION_OUTCOME, *to, asker ? &j->in.header.leg : NULL, NULL};
	OWNED(struct extract, x, extract_free) = NULL;
	OWNED_BUF(body) = {0};

	if (j->in.header.action == A_CERTIFIED_EXTRACT)
		TRY(extract_parse(buf_bytes(&j->body), &x));
	compose_refusal(j, x != NULL ? x->id : NULL, why, &body);
	return answers_add(a, j, &what, buf_bytes(&body));
}
