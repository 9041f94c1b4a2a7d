/* SPDX-License-Identifier: EUPL-1.2
 *
 * What has come. A delivery is in the spool before this file sees it; it is opened with the
 * office's key, what is needed of it is kept sealed, and a signed receipt is filed, in one
 * transaction. What cannot be opened or does not belong to the case is answered REJECTED with its
 * code, so that its sender learns of it. */
#include <string.h>

#include "lib/log.h"
#include "lib/loghead.h"
#include "lib/talk.h"
#include "liaison/consent.h"
#include "liaison/incoming.h"

#define RECEIPT_LIVES_MS (INT64_C(30) * 86400000)

enum err
incoming_open(struct office *o, const struct in_entry *e, struct buf *body)
{
	OWNED_BUF(message) = {0};
	struct in_entry same;

	TRY(spool_in(o->spool, &e->header.from, &e->header.id, &same, &message));
	if (!same.body)
		return E_NOT_FOUND; /* dropped after keep-days */
	return message_open_either(buf_bytes(&message), o->encrypt, o->encrypt_before, body);
}

enum err
incoming_case(struct office *o, const struct header *h, struct officer_case *out)
{
	char number[TRACKING_SIZE];
	enum err e;

	tracking_of(&h->conversation, number);
	e = case_find(o, number, out);
	if (e != E_OK)
		return e == E_NOT_FOUND ? e : E_IO; /* this office's own trouble: it waits */
	if (!id_equal(&h->conversation, &out->conversation))
		return E_NOT_FOUND; /* a number is short enough to be met on purpose */
	return party_equal(&h->from, &out->to) || party_equal(&h->from, &out->destination)
		       ? E_OK
		       : E_SENDER_MISMATCH;
}

/* ---- a registry holds a case ---- */

/* The one thing that a registry may do to stop a case; only the office lets it go on. */
static enum err
check_hold(const struct in_entry *e, const struct officer_case *c, const struct cancellation *x)
{
	const struct header *h = &e->header;
	struct consent_token ours;

	if (strcmp(h->purpose, PURPOSE_HOLD) != 0 || strcmp(x->kind, "PROTECTION-HOLD") != 0)
		return E_CONSENT_SCOPE;
	if (x->from != NULL && strcmp(x->from, h->from.code) != 0)
		return E_HEADER_MISMATCH;
	return case_token(c, &ours) && h->has_token && id_equal(&ours.id, &h->token.id)
		       ? E_OK
		       : E_CONSENT_SCOPE;
}

enum err
hold_take(struct office *o, const struct in_entry *e, char note[NOTE_SIZE])
{
	OWNED(struct cancellation, x, cancellation_free) = NULL;
	OWNED_BUF(body) = {0};
	OWNED_CASE(c);

	TRY(incoming_case(o, &e->header, &c));
	TRY(incoming_open(o, e, &body));
	TRY(cancellation_parse(buf_bytes(&body), &x));
	TRY(check_hold(e, &c, x));
	c.held_by[party_equal(&e->header.from, &c.to) ? 0 : 1] = instant_now();
	(void)!copy_text(note, NOTE_SIZE, x->kind);
	return case_save(o, &c);
}

/* ---- settling ---- */

static enum err
compose_receipt(struct office *o, const struct in_entry *e, enum err code, struct buf *out)
{
	const struct trust_party *broker = trust_exchange(o->trust);
	OWNED_BUF(head) = {0};
	struct header h = {.action = A_RECEIPT,
		.id = id_new(),
		.conversation = e->header.conversation,
		.leg = e->header.leg,
		.from = o->self,
		.created = instant_now(),
		.has_ref = true,
		.ref = e->header.id,
		.ref_digest = e->digest};

	if (broker == NULL)
		return E_NO_TRUST;
	h.to = broker->code;
	h.expires = h.created + RECEIPT_LIVES_MS;
	h.retain_until = e->header.retain_until;
	if (!copy_text(h.realm, sizeof h.realm, trust_realm(o->trust)) ||
		!copy_text(h.agreement, sizeof h.agreement, "NONE") ||
		!copy_text(h.purpose, sizeof h.purpose, "RECEIPT"))
		return E_CONFIG;
	TRY(spool_next_seq(o->spool, &h.to, instant_now(), &h.channel_seq));
	if (log_head_note(o->spool, &head) != E_OK)
		buf_reset(&head);
	return message_compose_receipt_seeing(&h, code == E_OK ? ST_COMMITTED : ST_REJECTED,
		code == E_OK ? NULL : err_word(code), buf_bytes(&head), o->sign, out);
}

static enum err
settle(struct office *o, const struct in_entry *e, enum err code, const char *text)
{
	OWNED_BUF(receipt) = {0};
	struct spool_done done = {.id = e->header.id, .from = e->header.from};

	TRY(compose_receipt(o, e, code, &receipt));
	done.receipt = buf_bytes(&receipt);
	TRY(spool_note(o->spool, &e->header.from, &e->header.id, code, text));
	TRY(spool_file_all(o->spool, NULL, 0, &done, instant_now()));
	log_message(LOG_NOTICE, &e->header.id, "%s code=%s",
		code == E_OK ? "committed" : "rejected", err_word(code));
	return E_OK;
}

static const struct {
	enum action action;
	enum err (*take)(struct office *o, const struct in_entry *e, char note[NOTE_SIZE]);
	const char *noted; /* in the ledger of the case */
} rules[] = {
	{A_TRANSCRIPTION_OUTCOME, outcome_take, N_("outcome opened")},
	{A_QUERY, question_take, N_("question opened")},
	{A_CANCELLATION, hold_take, N_("hold of a registry opened")},
};

static enum err
take(struct office *o, const struct in_entry *e, char note[NOTE_SIZE])
{
	enum err code = talk_held(o->spool, &e->header.from, &e->header.id);

	if (code != E_OK)
		return code;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		if (rules[i].action != e->header.action)
			continue;
		TRY(rules[i].take(o, e, note));
		ledger_note(o, &e->header.conversation, rules[i].noted);
		return E_OK;
	}
	return E_ACTION;
}

/* What comes after the withdrawal is heard, and not kept. */
static enum err
erase_withdrawn(struct office *o, const struct id *conversation)
{
	char number[TRACKING_SIZE];
	OWNED_CASE(c);

	tracking_of(conversation, number);
	if (case_find(o, number, &c) != E_OK || c.stop[STOP_WITHDRAWAL].at == 0)
		return E_OK;
	TRY(question_erase(o, conversation));
	return spool_erase(o->spool, conversation, false);
}

static enum err
take_and_settle(struct office *o, const struct in_entry *e)
{
	char note[NOTE_SIZE] = "";
	enum err code = take(o, e, note);

	if (err_retry(code))
		return code; /* this machine's trouble, not the sender's */
	return settle(o, e, code, code == E_OK ? note : "");
}

/* Kept and settled at once. What changes the case itself is done while nobody else does. */
static enum err
settle_one(struct office *o, const struct in_entry *e)
{
	OWNED_FD(lock) = -1;
	enum err did, kept;

	if (e->header.action == A_CANCELLATION)
		TRY(case_lock(o, &lock));
	TRY(spool_group(o->spool));
	did = take_and_settle(o, e);
	kept = spool_group_end(o->spool);
	TRY(did);
	TRY(kept);
	return erase_withdrawn(o, &e->header.conversation);
}

enum err
incoming_settle_all(struct office *o)
{
	struct in_entry e = {.order = 0};
	enum err got;

	while ((got = spool_next_in(o->spool, IN_TAKEN, e.order, &e, NULL)) == E_OK)
		if (talk_held(o->spool, &e.header.from, &e.header.id) != E_HELD)
			TRY(settle_one(o, &e));
	return got == E_NOT_FOUND ? E_OK : got;
}
