/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keeping what was promised: each promise becomes one effect, built from what the store holds after
 * the commit. */
#include "broker/promise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- promising ---- */

static struct promise *
promise_add(struct promises *ps, enum promise_kind kind, peer_no to)
{
	struct promise *p;

	if (ps->n == ps->room) {
		ps->room = ps->room * 2 + 16;
		ps->list = xrealloc(ps->list, ps->room * sizeof *ps->list);
	}
	p = &ps->list[ps->n++];
	*p = (struct promise){.kind = kind, .to = to};
	return p;
}

void
promise_welcome(struct promises *ps, peer_no to)
{
	(void)promise_add(ps, PROMISE_WELCOME, to);
}

void
promise_receipt(
	struct promises *ps, peer_no to, const struct id *id, uint64_t seq, enum stage stage)
{
	struct promise *p = promise_add(ps, PROMISE_RECEIPT, to);

	p->id = *id;
	p->seq = seq;
	p->stage = stage;
}

void
promise_refusal(struct promises *ps, peer_no to, const struct id *id, enum err code)
{
	promise_refusal_saying(ps, to, id, code, "");
}

void
promise_refusal_saying(
	struct promises *ps, peer_no to, const struct id *id, enum err code, const char *text)
{
	struct promise *p = promise_add(ps, PROMISE_REFUSAL, to);

	p->id = *id;
	p->code = code;
	snprintf(p->text, sizeof p->text, "%s", text);
}

void
promise_conflict(struct promises *ps, peer_no to, const struct entry *e,
	const struct digest *offered, bool proved)
{
	char s[DIGEST_TEXT_SIZE], o[DIGEST_TEXT_SIZE];
	struct promise *p = promise_add(ps, PROMISE_REFUSAL, to);

	digest_format(&e->digest, s);
	digest_format(offered, o);
	p->id = e->header.id;
	p->code = E_CONFLICT;
	p->offered = *offered;
	p->seq = proved ? e->seq : 0;
	snprintf(p->text, sizeof p->text, "stored=%s offered=%s", s, o);
}

void
promise_news(struct promises *ps, const char *news, uint64_t seq)
{
	struct promise *p = promise_add(ps, PROMISE_NEWS, 0);

	p->news = news;
	p->seq = seq;
}

static void
promise_octets(struct promise *p, struct bytes body)
{
	if (body.size == 0)
		return;
	p->octets = xmalloc(body.size);
	p->size = body.size;
	memcpy(p->octets, body.data, body.size);
}

void
promise_recon(struct promises *ps, peer_no to, struct bytes body)
{
	struct promise *p = promise_add(ps, PROMISE_RECON, to);

	promise_octets(p, body);
}

void
promise_compared(struct promises *ps, const struct party *party, const struct recon_result *r)
{
	struct promise *p = promise_add(ps, PROMISE_COMPARED, 0);

	p->party = *party;
	p->result = *r;
}

void
promise_head(
	struct promises *ps, peer_no to, const struct wire *asked, uint64_t size, struct bytes note)
{
	struct promise *p = promise_add(ps, PROMISE_HEAD, to);

	p->from_size = asked->number;
	p->to_size = asked->resume;
	p->log_size = size;
	promise_octets(p, note);
}

void
promise_ledger(struct promises *ps, peer_no to, const struct id *conversation, struct bytes lines)
{
	struct promise *p = promise_add(ps, PROMISE_LEDGER, to);

	p->id = *conversation;
	promise_octets(p, lines);
}

/* ---- keeping ---- */

static bool
send_ledger(const struct promise *p, const struct exchange_effects *fx)
{
	const struct wire w = {
		.verb = V_LEDGER, .id = p->id, .extra = bytes_of(p->octets, p->size)};

	return fx->send(fx->context, p->to, &w);
}

static bool
send_recon(const struct promise *p, const struct exchange_effects *fx)
{
	const struct wire w = {.verb = V_RECON, .body = bytes_of(p->octets, p->size)};

	return fx->send(fx->context, p->to, &w);
}

static bool
tell_compared(const struct promise *p, const struct exchange_effects *fx)
{
	if (fx->compared != NULL)
		fx->compared(fx->context, &p->party, &p->result);
	return true;
}

static bool
send_welcome(const struct promise *p, const struct trust *trust, const struct exchange_effects *fx)
{
	const char *self = trust_exchange(trust)->code.code;
	const struct wire w = {.verb = V_WELCOME,
		.number = trust_version(trust),
		.text = bytes_of(self, strlen(self))};

	return fx->send(fx->context, p->to, &w);
}

static bool
send_refusal(const struct promise *p, struct bytes proof, const struct exchange_effects *fx)
{
	const char *text = p->text[0] != '\0' ? p->text : err_sentence(p->code);
	const struct wire w = {.verb = V_REFUSED,
		.id = p->id,
		.code = p->code,
		.retry = err_retry(p->code) != 0,
		.text = bytes_of(text, strlen(text)),
		.extra = proof};

	return fx->send(fx->context, p->to, &w);
}

/* A conflict beyond those that are signed, or whose receipt cannot be read, is refused unsigned. */
static bool
send_refusal_with_proof(
	const struct promise *p, struct store *store, const struct exchange_effects *fx)
{
	OWNED_BUF(proof) = {0};

	if (p->seq == 0 || store_conflict_receipt(store, NULL, p->seq, &p->offered, &proof) != E_OK)
		buf_reset(&proof);
	return send_refusal(p, buf_bytes(&proof), fx);
}

/* A receipt that cannot be read is damage on the disk: the peer is told to ask again, and the store
 * has said in the log what is wrong. */
static bool
send_receipt(const struct promise *p, struct store *store, const struct exchange_effects *fx)
{
	struct wire w = {.verb = V_RECEIPT, .id = p->id};
	OWNED_BUF(receipt) = {0};

	if (store_receipt(store, NULL, p->seq, p->stage, &receipt) != E_OK) {
		struct promise refusal = {.to = p->to, .id = p->id, .code = E_IO};

		return send_refusal(&refusal, bytes_of(NULL, 0), fx);
	}
	w.body = buf_bytes(&receipt);
	return fx->send(fx->context, p->to, &w);
}

/* What can not be proved, because the log is not so long, goes without a proof: the peer is to see
 * how long it is. */
static bool
send_head(const struct promise *p, struct store *store, const struct exchange_effects *fx)
{
	struct digest proof[MERKLE_PROOF_MAX];
	uint64_t to = p->to_size != 0 ? p->to_size : p->log_size;
	struct wire w = {.verb = V_HEAD,
		.number = p->from_size,
		.resume = p->to_size,
		.body = bytes_of(p->octets, p->size)};
	size_t n;

	if (store_prove_grown(store, p->from_size, to, proof, &n) == E_DAMAGED) {
		const struct promise refusal = {.to = p->to, .code = E_DAMAGED};

		return send_refusal(&refusal, bytes_of(NULL, 0), fx);
	}
	w.extra = bytes_of(proof, n * DIGEST_SIZE);
	return fx->send(fx->context, p->to, &w);
}

static bool
tell_news(const struct promise *p, struct store *store, const struct exchange_effects *fx)
{
	struct entry e;

	if (store_entry(store, NULL, p->seq, &e) == E_OK)
		fx->event(fx->context, p->news, &e);
	return true;
}

static bool
keep(const struct promise *p, struct store *store, const struct trust *trust,
	const struct exchange_effects *fx)
{
	switch (p->kind) {
	case PROMISE_WELCOME:
		return send_welcome(p, trust, fx);
	case PROMISE_RECEIPT:
		return send_receipt(p, store, fx);
	case PROMISE_REFUSAL:
		return send_refusal_with_proof(p, store, fx);
	case PROMISE_NEWS:
		return tell_news(p, store, fx);
	case PROMISE_RECON:
		return send_recon(p, fx);
	case PROMISE_COMPARED:
		return tell_compared(p, fx);
	case PROMISE_HEAD:
		return send_head(p, store, fx);
	case PROMISE_LEDGER:
		return send_ledger(p, fx);
	}
	return true;
}

void
promises_keep(struct promises *ps, struct store *store, const struct trust *trust,
	const struct exchange_effects *fx, promise_lost *lost, void *context)
{
	for (size_t i = 0; i < ps->n; i++)
		if (!keep(&ps->list[i], store, trust, fx))
			lost(context, ps->list[i].to);
	promises_forget(ps);
}

/* Somebody waits for it. A comparison that is cut off is begun anew by its party. */
static bool
is_answer(enum promise_kind kind)
{
	return kind == PROMISE_WELCOME || kind == PROMISE_RECEIPT || kind == PROMISE_REFUSAL ||
	       kind == PROMISE_LEDGER;
}

void
promises_blame(struct promises *ps, size_t first)
{
	for (size_t i = first; i < ps->n; i++)
		ps->list[i].blamed = true;
}

void
promises_break(struct promises *ps, enum err code, const struct exchange_effects *fx,
	promise_lost *lost, void *context)
{
	for (size_t i = 0; i < ps->n; i++) {
		const struct promise *p = &ps->list[i];
		const struct promise broken = {
			.to = p->to, .id = p->id, .code = p->blamed ? E_DAMAGED : code};

		if (is_answer(p->kind) && !send_refusal(&broken, bytes_of(NULL, 0), fx))
			lost(context, broken.to);
	}
	promises_forget(ps);
}

void
promises_forget(struct promises *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		free_octets(&ps->list[i].octets);
	ps->n = 0;
}

void
promises_free(struct promises *ps)
{
	promises_forget(ps);
	free(ps->list);
	*ps = (struct promises){.n = 0};
}
