/* SPDX-License-Identifier: EUPL-1.2
 *
 * What comparing books may cost. A session's book is read from the store at its first question and
 * kept, because reading it is the dear part; books are dropped again, the idlest first, when all
 * together take too much memory. What a party asks has a price in frames, and so much a second is
 * earned back: a comparison of a million elements is affordable once, not without end. */
#include "broker/reconcile_parts.h"

#include <stdlib.h>

#define SESSIONS_OF_ONE 4
#define ELEMENT_SIZE 60		      /* of a book in memory */
#define BOOKS_MOST ((size_t)64 << 20) /* octets, of all sessions but the one that is at work */
#define BOOK_MOST ((size_t)256 << 20) /* octets, of one */
#define SPEND_MOST 32768	      /* what a party may spend at once */
#define SPEND_PER_S 128
#define PRICE_ELEMENTS 2048 /* so many elements that are walked cost as much as a frame */
#define PRICE_ITEMS 64

/* ---- what it costs ---- */

struct account *
account_of(struct reconcile *r, const struct party *party, int64_t tick)
{
	size_t i = 0;

	while (i < r->n_accounts && !party_equal(&r->accounts[i].party, party))
		i++;
	if (i == r->n_accounts) {
		r->accounts = xrealloc(r->accounts, ++r->n_accounts * sizeof *r->accounts);
		r->accounts[i] = (struct account){.party = *party, .left = SPEND_MOST, .at = tick};
	}
	return &r->accounts[i];
}

bool
account_can_spend(struct account *a, int64_t tick)
{
	int64_t earned = (tick - a->at) * SPEND_PER_S / 1000;

	if (earned > 0) {
		a->left = a->left + earned < SPEND_MOST ? a->left + earned : SPEND_MOST;
		a->at = tick;
	}
	return a->left > 0;
}

void
spend(const struct question *q, size_t items, size_t elements)
{
	q->account->left -= (int64_t)(1 + items / PRICE_ITEMS + elements / PRICE_ELEMENTS);
}

/* ---- sessions ---- */

void
session_end(struct session *s)
{
	book_free(&s->book);
	*s = (struct session){.used = false};
}

static struct session *
session_find(struct reconcile *r, const struct question *q)
{
	for (size_t i = 0; i < SESSIONS; i++)
		if (r->session[i].used && r->session[i].peer == q->peer->no &&
			r->session[i].head.session == q->in.session)
			return &r->session[i];
	return NULL;
}

static bool
is_idler(const struct session *s, const struct session *than)
{
	return than == NULL || (than->used && (!s->used || s->at < than->at));
}

/* A place for a new one: one of its own peer's, when that has enough, or one that is free, or the
 * one that has been idle for longest. */
static struct session *
session_place(struct reconcile *r, const struct question *q)
{
	struct session *any = NULL, *own = NULL;
	size_t n = 0;

	for (size_t i = 0; i < SESSIONS; i++) {
		struct session *s = &r->session[i];

		if (is_idler(s, any))
			any = s;
		if (!s->used || s->peer != q->peer->no)
			continue;
		n++;
		if (is_idler(s, own))
			own = s;
	}
	return n >= SESSIONS_OF_ONE ? own : any;
}

static void
drop_books(struct reconcile *r, const struct session *but)
{
	for (;;) {
		struct session *oldest = NULL;
		size_t size = 0;

		for (size_t i = 0; i < SESSIONS; i++) {
			struct session *s = &r->session[i];

			if (s->book == NULL || s == but)
				continue;
			size += book_size(s->book) * ELEMENT_SIZE;
			if (oldest == NULL || s->at < oldest->at)
				oldest = s;
		}
		if (size <= BOOKS_MOST)
			return;
		book_free(&oldest->book);
	}
}

struct reading {
	const struct question *q;
	const struct recon *scope;
	struct book *book;
	size_t walked, taken;
};

bool
scope_is_everything(const struct recon *scope)
{
	return scope->from.code[0] == '\0';
}

static bool
in_channel(const struct reading *reading, uint64_t seq)
{
	const struct recon *scope = reading->scope;
	struct entry e;

	return scope_is_everything(scope) ||
	       (store_entry(reading->q->r->store, reading->q->t, seq, &e) == E_OK &&
		       party_equal(&e.header.from, &scope->from) &&
		       party_equal(&e.header.to, &scope->to));
}

static void
read_one(void *context, int64_t created, const struct digest *element, uint64_t seq)
{
	struct reading *reading = context;

	reading->walked++;
	if (created >= reading->scope->until && reading->scope->until != INT64_MAX)
		return;
	if (reading->taken * ELEMENT_SIZE > BOOK_MOST || !in_channel(reading, seq))
		return;
	book_add(reading->book, created, element, seq);
	reading->taken++;
}

enum err
scope_book(const struct question *q, const struct recon *scope, struct book **out)
{
	struct reading reading = {.q = q, .scope = scope};

	if (store_error(q->t) != E_OK)
		return E_BUSY; /* nothing can be read from what has come to nothing */
	reading.book = book_new();
	store_book(q->r->store, &q->peer->party, scope->since, scope->until, read_one, &reading);
	spend(q, 0, reading.walked);
	if (reading.taken * ELEMENT_SIZE > BOOK_MOST) {
		book_free(&reading.book);
		return E_TOO_LARGE;
	}
	book_seal(reading.book);
	*out = reading.book;
	return E_OK;
}

enum err
session_book(const struct question *q, struct session *s)
{
	s->at = q->tick;
	if (s->book != NULL)
		return E_OK;
	TRY(scope_book(q, &s->head, &s->book));
	drop_books(q->r, s);
	return E_OK;
}

/* A session is about what its first question was about. */
struct session *
session_of(const struct question *q)
{
	struct session *s = session_find(q->r, q);

	if (s != NULL || q->in.kind != RECON_QUERY)
		return s;
	s = session_place(q->r, q);
	session_end(s);
	s->used = true;
	s->peer = q->peer->no;
	s->head = q->in;
	s->head.payload = bytes_of(NULL, 0);
	return s;
}
