/* SPDX-License-Identifier: EUPL-1.2
 *
 * Closing a period of a channel: a party's signed statement is compared with our own book, and
 * counter-signed when it says the same. The pair is kept; the same statement again has the same
 * answer, whatever has happened since. A statement is no message of the exchange: nothing is
 * accepted, delivered or logged. */
#include "broker/reconcile_parts.h"

#include <stdlib.h>
#include <string.h>

#include "lib/closing.h"

static void
free_closing(struct closing **c)
{
	free(*c);
}

/* The book has the same messages with the same ends, and as many. */
static enum err
compare(const struct question *q, const struct closing *c)
{
	const struct recon scope = {
		.from = c->from, .to = c->to, .since = c->since, .until = c->until};
	OWNED(struct book, book, book_free) = NULL;
	uint8_t fingerprint[BOOK_FINGERPRINT_SIZE];

	TRY(scope_book(q, &scope, &book));
	book_fingerprint(book, fingerprint);
	return book_size(book) == c->count &&
			       memcmp(fingerprint, c->fingerprint, sizeof fingerprint) == 0
		       ? E_OK
		       : E_DIFFERS;
}

/* For each whole day of the period that is kept: did our book bear it out? */
static void
keep_days(const struct question *q, const struct closing *c, bool equal)
{
	int64_t last = c->until / DAY_MS, first = (c->since + DAY_MS - 1) / DAY_MS;
	struct compared day = {.at = q->now, .equal = equal, .elements = (uint32_t)c->count};

	if (last > q->now / DAY_MS + 1 || c->since < 0)
		return;
	if (first < last - COMPARED_DAYS)
		first = last - COMPARED_DAYS;
	for (int64_t d = first; d < last; d++) {
		day.day = (uint16_t)d;
		store_keep_compared(q->t, &q->peer->party, &c->from, &c->to, &day);
	}
}

static bool
is_known(const struct question *q, const struct closing *c, struct bytes message, struct buf *note)
{
	OWNED_BUF(statement) = {0};

	return store_closing(q->r->store, q->t, &q->peer->party, &c->from, &c->to, &statement,
		       note) == E_OK &&
	       statement.size == message.size &&
	       memcmp(statement.data, message.data, message.size) == 0;
}

static enum err
close_channel(const struct question *q, const struct verdict *v, struct bytes message,
	struct closing *c, struct buf *note)
{
	const struct exchange_effects *fx = q->r->fx;
	enum err e;

	if (v->code != E_OK)
		return (enum err)v->code;
	if (!party_equal(&v->header.from, &q->peer->party))
		return E_SENDER_MISMATCH;
	if (closing_parse(message, c) != E_OK)
		return E_SCHEMA;
	if (!party_equal(&c->from, &q->peer->party) && !party_equal(&c->to, &q->peer->party))
		return E_NOT_FOUND;
	if (is_known(q, c, message, note))
		return E_OK;
	if (fx->countersign == NULL)
		return E_ACTION;
	if (!account_can_spend(q->account, q->tick))
		return E_BUSY;
	e = compare(q, c);
	if (e == E_OK || e == E_DIFFERS)
		keep_days(q, c, e == E_OK);
	TRY(e);
	TRY(fx->countersign(fx->context, message, note));
	store_set_closing(q->t, &q->peer->party, &c->from, &c->to, message, buf_bytes(note));
	return E_OK;
}

void
reconcile_state(struct reconcile *r, struct store_txn *t, struct peer *p, const struct verdict *v,
	struct bytes message, int64_t now)
{
	struct question q = {.r = r, .t = t, .peer = p, .now = now, .tick = r->tick};
	OWNED(struct closing, c, free_closing) = xcalloc(1, sizeof *c);
	OWNED_BUF(payload) = {0};
	OWNED_BUF(note) = {0};
	enum err e;

	q.account = account_of(r, &p->party, r->tick);
	e = close_channel(&q, v, message, c, &note);
	q.in = (struct recon){.session = p->stating,
		.from = c->from,
		.to = c->to,
		.since = c->since,
		.until = c->until};
	recon_put_code(&payload, e, buf_bytes(&note));
	recon_answer(&q, RECON_COUNTER, buf_bytes(&payload));
}
