/* SPDX-License-Identifier: EUPL-1.2
 *
 * What registries answer: whose word counts for what, and what is kept of it, sealed: the entry's
 * number, or the codes. */
#include <stdio.h>
#include <string.h>

#include "liaison/incoming.h"

enum err
outcome_open(struct office *o, const struct in_entry *e, struct outcome **out)
{
	OWNED_BUF(body) = {0};

	/* Once it is not kept any more the gist of it stands in the note. */
	TRY(incoming_open(o, e, &body));
	return outcome_parse(buf_bytes(&body), out);
}

/* Only those who were asked may answer a case. */
static enum err
check_sender(struct office *o, const struct header *h)
{
	OWNED_CASE(c);
	enum err e = incoming_case(o, h, &c);

	/* Of before this computer: kept, and of no use to anybody else. */
	return e == E_NOT_FOUND ? E_OK : e;
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

/* ---- by when a person has to do something about it ---- */

/* The day stands beside the case; nothing about the person. */
static void
keep_day(struct office *o, const struct id *conversation, const struct outcome *u)
{
	const char *day = u->appeal_by != NULL ? u->appeal_by : u->until;
	char text[ID_TEXT_SIZE];
	OWNED(char, key, free_chars) = NULL;
	OWNED(char, value, free_chars) = NULL;

	id_format(conversation, text);
	key = xprintf("due/%s", text);
	if (day == NULL) {
		(void)!spool_drop_fact(o->spool, key); /* decided */
		return;
	}
	value = xprintf("%s %s", day, u->appeal_by != NULL ? "appeal" : "until");
	(void)!spool_set_fact(o->spool, key, bytes_of(value, strlen(value)));
}

enum err
outcome_take(struct office *o, const struct in_entry *e, char note[NOTE_SIZE])
{
	OWNED(struct outcome, u, outcome_free) = NULL;

	TRY(check_sender(o, &e->header));
	TRY(outcome_open(o, e, &u));
	TRY(check_answer(o, &e->header, u));
	keep_detail(o, e, u);
	keep_day(o, &e->header.conversation, u);
	(void)!copy_text(note, NOTE_SIZE, outcome_word(u));
	return E_OK;
}
