/* SPDX-License-Identifier: EUPL-1.2
 *
 * One function a kind of frame. A frame that cannot be answered is refused by an X with a code; so
 * is one that costs more than its party has left to spend. Answers are made from what the open
 * group has written too, and sent when that is committed. */
#include "broker/reconcile_parts.h"

#include <stdlib.h>
#include <string.h>

#include "lib/negentropy.h"

#define IDLE_MS 600000	  /* a session that nobody uses is forgotten */
#define PRICE_OCTETS 4096 /* so many that are answered cost as much as a frame */
#define KEY_SIZE (PARTY_SIZE + ID_SIZE)

struct reconcile *
reconcile_new(struct store *store, struct peers *peers, struct promises *promises,
	const struct exchange_effects *fx)
{
	struct reconcile *r = xcalloc(1, sizeof *r);

	r->store = store;
	r->peers = peers;
	r->promises = promises;
	r->fx = fx;
	return r;
}

void
reconcile_on(struct reconcile *r, reconcile_lost *lost, reconcile_shown *shown, void *context)
{
	r->lost = lost;
	r->shown = shown;
	r->context = context;
}

void
reconcile_free(struct reconcile **r)
{
	if (*r == NULL)
		return;
	for (size_t i = 0; i < SESSIONS; i++)
		session_end(&(*r)->session[i]);
	for (size_t i = 0; i < (*r)->n_accounts; i++)
		free((*r)->accounts[i].named);
	free((*r)->accounts);
	free(*r);
	*r = NULL;
}

/* ---- saying ---- */

static bool
say(void *context, struct bytes body)
{
	const struct question *q = context;

	if (q->account != NULL) /* it was understood */
		q->account->left -= (int64_t)(body.size / PRICE_OCTETS);
	promise_recon(q->r->promises, q->peer->no, body);
	return true;
}

static struct recon
head_of(const struct question *q, enum recon_kind kind)
{
	struct recon out = q->in;

	out.kind = kind;
	out.payload = bytes_of(NULL, 0);
	return out;
}

void
recon_answer(const struct question *q, enum recon_kind kind, struct bytes payload)
{
	struct recon out = head_of(q, kind);
	OWNED_BUF(body) = {0};

	out.payload = payload;
	recon_encode(&out, &body);
	(void)say((void *)q, buf_bytes(&body));
}

static void
refuse(const struct question *q, enum err code)
{
	OWNED_BUF(payload) = {0};

	recon_put_code(&payload, code, bytes_of(NULL, 0));
	recon_answer(q, RECON_REFUSED, buf_bytes(&payload));
}

/* ---- questions ---- */

static enum err
hear_query(const struct question *q)
{
	struct session *s = session_of(q);
	OWNED_BUF(out) = {0};

	TRY(session_book(q, s));
	spend(q, 0, book_size(s->book));
	TRY(negentropy_answer(s->book, RECON_NEGENTROPY_MAX, q->in.payload, &out));
	recon_answer(q, RECON_ANSWER, buf_bytes(&out));
	return E_OK;
}

/* To its addressee, only when it was shown to him. */
static bool
is_of(const struct entry *e, const struct party *party)
{
	return party_equal(&e->header.from, party) ||
	       (e->shown && party_equal(&e->header.to, party));
}

static void
add_name(const struct question *q, const struct session *s, const struct digest *element,
	struct recon_list *out)
{
	struct recon_name name;
	struct entry e;
	uint64_t seq;

	if (!book_find(s->book, element, &seq) || store_entry(q->r->store, q->t, seq, &e) != E_OK ||
		!is_of(&e, &q->peer->party))
		return;
	name = (struct recon_name){.header = e.header,
		.digest = e.digest,
		.stage = e.stage,
		.accepted = e.at[ST_ACCEPTED]};
	memcpy(name.code, e.code, sizeof name.code);
	recon_list_name(out, &name);
}

/* What has changed since the book was read has another element now, and is named as it is now. */
static enum err
hear_want(const struct question *q)
{
	const struct recon head = head_of(q, RECON_NAMES);
	struct session *s = session_of(q);
	struct recon_items items;
	struct recon_list out;
	struct digest element;
	size_t n = 0;
	enum err e;

	if (s == NULL)
		return E_STATE;
	TRY(recon_items(&q->in, &items));
	if (items.c.left > RECON_ASK_MAX * DIGEST_SIZE)
		return E_TOO_LARGE;
	TRY(session_book(q, s));
	recon_list_begin(&out, &head, NULL, say, (void *)q);
	for (; (e = recon_next_element(&items, &element)) == E_OK; n++)
		add_name(q, s, &element, &out);
	spend(q, n, 0);
	(void)!recon_list_end(&out);
	return e == E_NOT_FOUND ? E_OK : e;
}

/* Every stage of a message of this party's that we have a receipt for. */
static void
add_receipts(const struct question *q, const struct recon_key *key, struct recon_list *out)
{
	OWNED_BUF(receipt) = {0};
	OWNED_BUF(extra) = {0};
	struct entry e;

	if (store_find(q->r->store, q->t, &key->from, &key->id, &e) != E_OK ||
		!is_of(&e, &q->peer->party))
		return;
	for (enum stage stage = ST_ACCEPTED; stage < STAGE_N; stage++) {
		bool settled = stage == ST_COMMITTED || stage == ST_REJECTED;
		struct recon_receipt item = {.key = *key, .stage = stage};

		if (e.at[stage] == 0 ||
			store_receipt(q->r->store, q->t, e.seq, stage, &receipt) != E_OK)
			continue;
		if (settled && store_extra(q->r->store, e.seq, &extra) != E_OK)
			continue;
		item.receipt = buf_bytes(&receipt);
		if (settled)
			item.addressee_receipt = buf_bytes(&extra);
		recon_list_receipt(out, &item);
	}
}

static enum err
hear_evidence(const struct question *q)
{
	const struct recon head = head_of(q, RECON_RECEIPTS);
	struct recon_items items;
	struct recon_list out;
	struct recon_key key;
	size_t n = 0;
	enum err e;

	TRY(recon_items(&q->in, &items));
	if (items.c.left > RECON_ASK_MAX * KEY_SIZE)
		return E_TOO_LARGE;
	recon_list_begin(&out, &head, NULL, say, (void *)q);
	for (; (e = recon_next_key(&items, &key)) == E_OK; n++)
		add_receipts(q, &key, &out);
	spend(q, n, 0);
	(void)!recon_list_end(&out);
	return e == E_NOT_FOUND ? E_OK : e;
}

/* Its addressee has lost it. What has ended stays ended, and is never delivered again. */
static void
requeue(const struct question *q, const struct recon_key *key)
{
	struct entry e;

	if (store_find(q->r->store, q->t, &key->from, &key->id, &e) != E_OK ||
		!party_equal(&e.header.to, &q->peer->party) || stage_final(e.stage) || !e.shown)
		return;
	q->r->lost(q->r->context, q->t, &e, q->now);
}

static enum err
hear_lost(const struct question *q)
{
	struct recon_items items;
	struct recon_key key;
	size_t n = 0;
	enum err e;

	TRY(recon_items(&q->in, &items));
	for (; (e = recon_next_key(&items, &key)) == E_OK; n++)
		requeue(q, &key);
	spend(q, n, 0);
	return e == E_NOT_FOUND ? E_OK : e;
}

/* ---- the outcome ---- */

static enum err
note_differences(const struct question *q, struct recon_items *items)
{
	struct account *a = q->account;
	struct recon_difference d;
	enum err e;

	if (!a->naming)
		a->n_named = 0;
	if (a->named == NULL)
		a->named = xcalloc(RECONCILE_NAMED, sizeof *a->named);
	while ((e = recon_next_difference(items, &d)) == E_OK)
		if (a->n_named < RECONCILE_NAMED)
			a->named[a->n_named++] = d;
	a->naming = items->more;
	spend(q, a->n_named, 0);
	return e == E_NOT_FOUND ? E_OK : e;
}

static void
keep_day(const struct question *q, const struct recon_result *r)
{
	const struct party everybody = {.code = ""};
	const struct compared c = {.day = (uint16_t)(r->at / DAY_MS),
		.at = r->at,
		.equal = r->open == 0,
		.elements = (uint32_t)r->elements,
		.differences = (uint32_t)r->differences,
		.mended = (uint32_t)r->mended,
		.open = (uint32_t)r->open};

	store_keep_compared(q->t, &q->peer->party, &everybody, &everybody, &c);
}

/* Only a comparison of everything says that the books agree. */
static enum err
hear_done(const struct question *q)
{
	struct session *s = session_of(q);
	struct recon_items items;
	struct recon_result result = {.at = q->now};

	if (s == NULL || !scope_is_everything(&s->head) || s->head.since != INT64_MIN ||
		s->head.until != INT64_MAX)
		return E_STATE;
	if (q->peer->unheard)
		return E_BUSY; /* it begins anew, and shows it again */
	TRY(recon_items(&q->in, &items));
	TRY(note_differences(q, &items));
	if (items.more)
		return E_OK;
	result.elements = items.done.elements;
	result.differences = items.done.differences;
	result.mended = items.done.mended;
	result.open = items.done.open;
	memcpy(result.fingerprint, items.done.fingerprint, sizeof result.fingerprint);
	store_set_reconciled(q->t, &q->peer->party, &result);
	keep_day(q, &result);
	q->peer->compared = q->now;
	q->peer->owed_notices = true;
	promise_compared(q->r->promises, &q->peer->party, &result);
	session_end(s);
	return E_OK;
}

/* ---- another party ---- */

static bool
may_compare(const struct trust *t, const struct party *a, const struct party *b, int64_t now)
{
	for (size_t i = 0; i < trust_agreement_count(t); i++) {
		const struct trust_agreement *g = trust_agreement_at(t, i);

		if (g->valid_until > now &&
			((party_equal(&g->from, a) && party_equal(&g->to, b)) ||
				(party_equal(&g->from, b) && party_equal(&g->to, a))))
			return true;
	}
	return false;
}

/* The other party hears it from this one, whatever was written in the frame. */
static enum err
relay(const struct question *q)
{
	struct recon out = q->in;
	const struct peer *to;
	OWNED_BUF(body) = {0};

	if (!may_compare(q->trust, &q->peer->party, &q->in.with, q->now))
		return E_NO_AGREEMENT;
	to = peers_of_party(q->r->peers, &q->in.with);
	if (to == NULL)
		return E_UNREACHABLE;
	out.with = q->peer->party;
	recon_encode(&out, &body);
	spend(q, q->in.payload.size / 1024, 0);
	promise_recon(q->r->promises, to->no, buf_bytes(&body));
	return E_OK;
}

/* ---- events ---- */

static enum err
hear(const struct question *q)
{
	if (q->in.with.code[0] != '\0')
		return relay(q);
	if (!scope_is_everything(&q->in) && !party_equal(&q->in.from, &q->peer->party) &&
		!party_equal(&q->in.to, &q->peer->party))
		return E_NOT_FOUND;
	switch (q->in.kind) {
	case RECON_QUERY:
		return hear_query(q);
	case RECON_WANT:
		return hear_want(q);
	case RECON_EVIDENCE:
		return hear_evidence(q);
	case RECON_LOST:
		return hear_lost(q);
	case RECON_DONE:
		return hear_done(q);
	case RECON_RECEIPTS:
		return hear_shown(q);
	case RECON_STATEMENT: /* comes by the examiners */
		q->peer->stating = q->in.session;
		return E_OK;
	case RECON_REFUSED: /* of our wish to start: later, then */
		return E_OK;
	case RECON_GO:
	case RECON_ANSWER:
	case RECON_NAMES:
	case RECON_COUNTER:
		return E_WIRE;
	}
	return E_WIRE;
}

void
reconcile_hear(struct reconcile *r, const struct trust *trust, struct store_txn *t, struct peer *p,
	struct bytes body, int64_t now, int64_t tick)
{
	struct question q = {.r = r, .trust = trust, .t = t, .peer = p, .now = now, .tick = tick};
	enum err e = recon_decode(body, &q.in);

	r->tick = tick;
	if (e != E_OK)
		q.in = (struct recon){.since = INT64_MIN, .until = INT64_MAX};
	if (e == E_OK) {
		q.account = account_of(r, &p->party, tick);
		spend(&q, 0, 0);
		e = account_can_spend(q.account, tick) ? hear(&q) : E_BUSY;
	}
	if (q.in.kind == RECON_QUERY)
		p->unheard = false;
	if (e != E_OK && q.in.kind == RECON_RECEIPTS)
		p->unheard = true;
	if (e != E_OK)
		refuse(&q, e);
}

void
reconcile_gone(struct reconcile *r, peer_no peer)
{
	for (size_t i = 0; i < SESSIONS; i++)
		if (r->session[i].used && r->session[i].peer == peer)
			session_end(&r->session[i]);
}

void
reconcile_ask(struct reconcile *r, struct peer *p, int64_t tick)
{
	const struct recon go = {.kind = RECON_GO, .since = INT64_MIN, .until = INT64_MAX};
	OWNED_BUF(body) = {0};

	recon_encode(&go, &body);
	promise_recon(r->promises, p->no, buf_bytes(&body));
	p->asked = tick;
}

void
reconcile_ask_closing(struct reconcile *r, struct peer *p, const struct party *from,
	const struct party *to, int64_t since, int64_t until)
{
	const struct recon go = {
		.kind = RECON_GO, .from = *from, .to = *to, .since = since, .until = until};
	OWNED_BUF(body) = {0};

	recon_encode(&go, &body);
	promise_recon(r->promises, p->no, buf_bytes(&body));
}

void
reconcile_tick(struct reconcile *r, int64_t now, int64_t tick)
{
	r->tick = tick;
	for (size_t i = 0; i < SESSIONS; i++)
		if (r->session[i].used && tick - r->session[i].at >= IDLE_MS)
			session_end(&r->session[i]);
	for (size_t i = 0; i < r->peers->n; i++) {
		struct peer *p = r->peers->list[i];

		if (p->no != PEER_COURIER && now - p->compared >= RECONCILE_EVERY &&
			tick - p->asked >= RECONCILE_ASK_AGAIN)
			reconcile_ask(r, p, tick);
	}
}

void
reconcile_each(struct reconcile *r, const struct party *party, reconcile_visit *each, void *context)
{
	for (size_t i = 0; i < r->n_accounts; i++)
		for (size_t k = 0;
			party_equal(&r->accounts[i].party, party) && k < r->accounts[i].n_named;
			k++)
			each(context, &r->accounts[i].named[k]);
}
