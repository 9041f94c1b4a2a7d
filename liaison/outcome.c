/* SPDX-License-Identifier: EUPL-1.2
 *
 * What registries answer. A delivery is in the spool before this file sees it; it is opened with
 * the office's key, its result is noted, what belongs to it (entry number, codes) is kept sealed,
 * and a signed receipt is filed. What cannot be opened or does not belong to the case is answered
 * REJECTED with its code, so that its sender learns of it. */
#include <stdio.h>
#include <string.h>

#include "lib/log.h"
#include "lib/loghead.h"
#include "lib/talk.h"
#include "liaison/daftar.h"

#define RECEIPT_LIVES_MS (INT64_C(30) * 86400000)

enum err
outcome_open(struct office *o, const struct in_entry *e, struct outcome **out)
{
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};
	struct in_entry same;

	TRY(spool_in(o->spool, &e->header.from, &e->header.id, &same, &message));
	if (!same.body)
		return E_NOT_FOUND; /* dropped after keep-days; the gist of it stands in the note */
	TRY(message_open_either(buf_bytes(&message), o->encrypt, o->encrypt_before, &body));
	return outcome_parse(buf_bytes(&body), out);
}

/* Only those who were asked may answer a case. */
static enum err
check_sender(struct office *o, const struct header *h)
{
	char number[TRACKING_SIZE];
	OWNED_CASE(c);
	enum err e;

	if (h->action != A_TRANSCRIPTION_OUTCOME)
		return E_ACTION;
	tracking_of(&h->conversation, number);
	e = case_find(o, number, &c);
	if (e == E_NOT_FOUND)
		return E_OK; /* of before this computer: kept, and of no use to anybody else */
	if (e != E_OK)
		return E_IO; /* this office's own trouble: the answer waits */
	return party_equal(&h->from, &c.to) || party_equal(&h->from, &c.destination)
		       ? E_OK
		       : E_SENDER_MISMATCH;
}

/* That a record was entered, the registry that enters it says and nobody else. Who was to issue
 * answers the request itself: refuses it, or puts it off. */
static enum err
check_issuer(struct office *o, const struct officer_case *c, const struct header *h,
	const struct outcome *u)
{
	struct out_entry request;

	if (u->result == OUTCOME_TRANSCRIBED || u->result == OUTCOME_ALREADY)
		return E_SENDER_MISMATCH;
	TRY(spool_out(o->spool, &c->message, &request, NULL));
	return id_equal(&h->ref, &c->message) && digest_equal(&h->ref_digest, &request.digest)
		       ? E_OK
		       : E_NOT_FOUND;
}

static enum err
check_answer(struct office *o, const struct header *h, const struct outcome *u)
{
	char number[TRACKING_SIZE];
	OWNED_CASE(c);

	if (!h->has_ref || !id_equal(&h->ref, &u->answers) ||
		!digest_equal(&h->ref_digest, &u->answers_digest))
		return E_HEADER_MISMATCH;
	tracking_of(&h->conversation, number);
	if (case_find(o, number, &c) != E_OK || party_equal(&h->from, &c.destination))
		return E_OK;
	return check_issuer(o, &c, h, u);
}

/* ---- the detail of an outcome: the entry's number, or the codes ---- */

static char *
key_of(const struct party *from, const struct id *id)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	return xprintf("answer/%s/%s", from->code, text);
}

static void
detail_of(const struct outcome *u, struct buf *out)
{
	if (u->entry_number != NULL)
		buf_text(out, u->entry_number);
	for (const struct text_item *r = u->reason; r != NULL; r = r->next)
		buf_printf(out, "%s%s", out->size > 0 ? " " : "", r->value);
}

static void
keep_detail(struct office *o, const struct in_entry *e, const struct outcome *u)
{
	OWNED(char, key, free_chars) = key_of(&e->header.from, &e->header.id);
	OWNED_BUF(detail) = {0};

	detail_of(u, &detail);
	/* Without it the outcome is opened again, for as long as it is kept. */
	if (detail.size > 0)
		(void)!sealed_set(o, key, buf_bytes(&detail));
}

void
outcome_detail(struct office *o, const struct in_entry *e, char *out, size_t size)
{
	OWNED(char, key, free_chars) = key_of(&e->header.from, &e->header.id);
	OWNED(struct outcome, u, outcome_free) = NULL;
	OWNED_BUF(detail) = {0};
	const char *kept = strchr(e->note, ' '); /* where it stood before it was sealed */

	if (kept != NULL)
		buf_text(&detail, kept + 1);
	else if (sealed_get(o, key, &detail) != E_OK && outcome_open(o, e, &u) == E_OK)
		detail_of(u, &detail);
	snprintf(out, size, "%s", detail.size > 0 ? (char *)detail.data : "");
}

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

/* What comes after the withdrawal is heard, and not kept. */
static enum err
erase_withdrawn(struct office *o, const struct id *conversation)
{
	char number[TRACKING_SIZE];
	OWNED_CASE(c);

	tracking_of(conversation, number);
	if (case_find(o, number, &c) != E_OK || c.stop[STOP_WITHDRAWAL].at == 0)
		return E_OK;
	return spool_erase(o->spool, conversation, false);
}

static enum err
settle_one(struct office *o, const struct in_entry *e)
{
	OWNED(struct outcome, u, outcome_free) = NULL;
	enum err code = talk_held(o->spool, &e->header.from, &e->header.id);

	if (code == E_OK)
		code = check_sender(o, &e->header);
	if (code == E_OK)
		code = outcome_open(o, e, &u);
	if (code == E_OK)
		code = check_answer(o, &e->header, u);
	if (err_retry(code))
		return code; /* this machine's trouble, not the sender's */
	if (code == E_OK)
		keep_detail(o, e, u);
	if (code == E_OK)
		ledger_note(o, &e->header.conversation, "outcome opened");
	TRY(settle(o, e, code, code == E_OK ? outcome_word(u) : ""));
	return erase_withdrawn(o, &e->header.conversation);
}

enum err
outcome_settle_all(struct office *o)
{
	struct in_entry e = {.order = 0};
	enum err got;

	while ((got = spool_next_in(o->spool, IN_TAKEN, e.order, &e, NULL)) == E_OK)
		if (talk_held(o->spool, &e.header.from, &e.header.id) != E_HELD)
			TRY(settle_one(o, &e));
	return got == E_NOT_FOUND ? E_OK : got;
}
