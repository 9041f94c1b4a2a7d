/* SPDX-License-Identifier: EUPL-1.2
 *
 * The book of our spool, and what another party hears of it: of the messages between the two of us,
 * and of nothing else. Its question comes through the exchange, which vouches for who asks; that a
 * party may ask at all is the exchange's to judge by the agreements. Of what we have sent under a
 * consent it hears only what it is known to have: the rest may have been stopped before it was
 * offered, and then nobody may learn that there was a case. */
#include "lib/talk_parts.h"

#include <string.h>

#include "lib/log.h"

#define BOOK_AGAIN_MS 1000 /* another party's next book is made no sooner */

/* A reference: the order in its box, and whether that is the outbox. */
static uint64_t
ref_of(bool out, uint64_t order)
{
	return order << 1 | (out ? 1 : 0);
}

static void
add_element(void *context, int64_t created, const struct digest *element, bool out, uint64_t order)
{
	book_add(context, created, element, ref_of(out, order));
}

static bool
read_ref(struct talk *t, uint64_t ref, struct out_entry *o, struct in_entry *i)
{
	return (ref & 1) != 0 ? spool_out_at(t->spool, ref >> 1, o) == E_OK
			      : spool_in_at(t->spool, ref >> 1, i) == E_OK;
}

static bool
in_scope(const struct recon *scope, const struct header *h)
{
	static const struct party nobody;

	if (!party_equal(&scope->with, &nobody) && !party_equal(&scope->with, &h->from) &&
		!party_equal(&scope->with, &h->to))
		return false;
	return party_equal(&scope->from, &nobody) ||
	       (party_equal(&scope->from, &h->from) && party_equal(&scope->to, &h->to));
}

/* By the addressee's own word, that he has taken it or what became of it there. */
static bool
has_arrived(const struct out_entry *o)
{
	return o->delivered != 0 || o->state == OUT_DELIVERED ||
	       (o->state == OUT_ENDED && (o->stage == ST_COMMITTED || o->stage == ST_REJECTED));
}

static bool
may_be_told(const struct recon *scope, const struct out_entry *o)
{
	return scope->with.code[0] == '\0' || !o->header.has_token || has_arrived(o);
}

static bool
ref_in_scope(struct talk *t, uint64_t ref, const struct recon *scope)
{
	struct out_entry o;
	struct in_entry i;

	if (!read_ref(t, ref, &o, &i))
		return false;
	return (ref & 1) != 0 ? in_scope(scope, &o.header) && may_be_told(scope, &o)
			      : in_scope(scope, &i.header);
}

static bool
is_everything(const struct recon *scope)
{
	return scope->with.code[0] == '\0' && scope->from.code[0] == '\0';
}

enum err
talk_book(struct talk *t, const struct recon *scope, struct book **out)
{
	OWNED(struct book, all, book_free) = book_new();
	OWNED(struct book, some, book_free) = NULL;

	TRY(spool_book(t->spool, scope->since, scope->until, add_element, all));
	book_seal(all);
	if (is_everything(scope)) {
		*out = TAKE(all);
		return E_OK;
	}
	some = book_new();
	for (size_t i = 0; i < book_size(all); i++)
		if (ref_in_scope(t, book_ref(all, i), scope))
			book_add(some, (int64_t)book_time(all, i), book_at(all, i),
				book_ref(all, i));
	book_seal(some);
	*out = TAKE(some);
	return E_OK;
}

void
talk_book_key(struct talk *t, uint64_t ref, struct recon_key *out, struct mine *mine)
{
	struct out_entry o;
	struct in_entry i;
	const struct header *h = (ref & 1) != 0 ? &o.header : &i.header;

	*out = (struct recon_key){.from = {""}};
	memset(mine, 0, sizeof *mine);
	if (!read_ref(t, ref, &o, &i))
		return;
	*out = (struct recon_key){.from = h->from, .id = h->id};
	judge_mine(t, out, mine);
}

/* ---- another party's questions ---- */

void
asked_drop(struct talk *t)
{
	book_free(&t->recon.asked.book);
}

static void
refuse(struct talk *t, const struct recon *r, enum err code)
{
	OWNED_BUF(payload) = {0};

	recon_put_code(&payload, code, bytes_of(NULL, 0));
	(void)!recon_say(t, r, RECON_REFUSED, buf_bytes(&payload));
}

static bool
same_scope(const struct recon *a, const struct recon *b)
{
	return a->session == b->session && party_equal(&a->with, &b->with) &&
	       party_equal(&a->from, &b->from) && party_equal(&a->to, &b->to) &&
	       a->since == b->since && a->until == b->until;
}

/* One book at a time: whoever asks next has his made. */
static enum err
find_book(struct talk *t, const struct recon *r)
{
	struct asked *a = &t->recon.asked;

	if (a->book != NULL && same_scope(&a->head, r))
		return E_OK;
	if (r->kind != RECON_QUERY)
		return E_STATE;
	if (a->at != 0 && t->tick - a->at < BOOK_AGAIN_MS)
		return E_BUSY;
	asked_drop(t);
	a->head = *r;
	a->head.payload = bytes_of(NULL, 0);
	a->at = t->tick;
	return talk_book(t, r, &a->book);
}

static enum err
answer_query(struct talk *t, const struct recon *r)
{
	OWNED_BUF(out) = {0};

	TRY(negentropy_answer(t->recon.asked.book, RECON_NEGENTROPY_MAX, r->payload, &out));
	(void)!recon_say(t, r, RECON_ANSWER, buf_bytes(&out));
	return E_OK;
}

static enum stage
stage_of(const struct mine *m)
{
	if (m->hold == HOLD_ENDED)
		return m->ended;
	return m->hold == HOLD_TAKEN || !m->send ? ST_DELIVERED : ST_ACCEPTED;
}

static void
name_element(struct talk *t, const struct digest *element, struct recon_list *out)
{
	struct recon_key key;
	struct mine mine;
	uint64_t ref;

	if (!book_find(t->recon.asked.book, element, &ref))
		return;
	talk_book_key(t, ref, &key, &mine);
	if (mine.known)
		recon_list_name(out, &(struct recon_name){.header = mine.header,
					     .digest = mine.digest,
					     .stage = stage_of(&mine)});
}

static enum err
answer_want(struct talk *t, const struct recon *r)
{
	struct recon head = *r;
	struct recon_items items;
	struct recon_list list;
	struct digest element;
	enum err e;

	TRY(recon_items(r, &items));
	if (items.c.left > RECON_ASK_MAX * DIGEST_SIZE)
		return E_TOO_LARGE;
	head.kind = RECON_NAMES;
	head.payload = bytes_of(NULL, 0);
	recon_list_begin(&list, &head, NULL, recon_say_body, t);
	while ((e = recon_next_element(&items, &element)) == E_OK)
		name_element(t, &element, &list);
	(void)!recon_list_end(&list);
	return e == E_NOT_FOUND ? E_OK : e;
}

static bool
is_between(const struct talk *t, const struct recon *r)
{
	const struct party *self = &t->o.self;

	if (r->from.code[0] == '\0')
		return true;
	return (party_equal(&r->from, self) && party_equal(&r->to, &r->with)) ||
	       (party_equal(&r->from, &r->with) && party_equal(&r->to, self));
}

void
asked_hear(struct talk *t, const struct recon *r)
{
	enum err e = is_between(t, r) ? find_book(t, r) : E_NOT_FOUND;

	if (e == E_OK)
		e = r->kind == RECON_QUERY ? answer_query(t, r) : answer_want(t, r);
	if (e == E_OK)
		return;
	log_line(LOG_NOTICE, "recon: not answered party=%s code=%s", r->with.code, err_word(e));
	refuse(t, r, e);
}
