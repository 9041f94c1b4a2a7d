/* SPDX-License-Identifier: EUPL-1.2
 *
 * A store in which something of everything has happened, and all that it serves as one digest. */
#ifndef DAFTAR_STORE_LIFE_H
#define DAFTAR_STORE_LIFE_H

#include "tests/unit/store_stage.h"

static const char *const life_parties[] = {"KE.CRS", "SO.NIRA", "UNHCR.NBO"};

static inline struct statement
conflict_of(uint64_t seq, uint8_t with)
{
	struct statement what;
	struct entry e;

	assert_int_equal(store_entry(store, NULL, seq, &e), E_OK);
	what = statement(&e.header, &(struct digest){{with}}, ST_CONFLICT, now);
	what.has_by = true;
	what.by = e.digest;
	return what;
}

static inline void
life_end(struct store_txn *t, uint64_t n)
{
	if (n % 6 == 0)
		return;
	if (n % 6 != 5)
		state(t, n, ST_DELIVERED);
	if (n % 6 <= 2)
		store_dequeue(t, n);
	if (n % 6 == 1)
		return;
	if (n % 6 == 2)
		store_requeue(t, n);
	else if (n % 6 == 5)
		end_of_message(t, n, ST_EXPIRED, bytes_of(NULL, 0));
	else
		end_of_message(t, n, n % 6 == 3 ? ST_COMMITTED : ST_REJECTED,
			bytes_of(life_parties, sizeof *life_parties));
}

static inline void
life_others(struct store_txn *t)
{
	const struct recon_result r = {.at = NOW, .elements = 7, .fingerprint = {9}};
	struct party p = party("KE.CRS");
	struct statement what = conflict_of(1, 7), same = conflict_of(1, 8);

	store_set_epoch(t, &p, log_public, 12, &(struct id){{1, 2, 3}});
	store_set_trust_version(t, 5);
	store_set_reconciled(t, &p, &r);
	assert_true(store_conflict(t, 1, &what));
	assert_true(store_conflict(t, 1, &same));
}

/* `n' messages in groups of ten, in every stage. Entry 2 of six was delivered and is in its queue
 * again. */
static inline void
live(uint64_t n)
{
	struct store_txn *t;
	struct sample m;
	struct entry e;

	for (uint64_t i = 1; i <= n;) {
		t = store_begin(store);
		for (unsigned k = 0; k < 10 && i <= n; k++, i++) {
			sample(&m, i, life_parties[i % 3], life_parties[(i + 1) % 3]);
			assert_int_equal(accept(t, &m, &e), ACCEPT_NEW);
		}
		assert_int_equal(commit(&t), E_OK);
	}
	t = store_begin(store);
	for (uint64_t i = 1; i <= n; i++)
		life_end(t, i);
	life_others(t);
	assert_int_equal(commit(&t), E_OK);
}

/* ---- all that it serves ---- */

static inline void
add_entry(struct buf *b, const struct entry *e)
{
	const struct header *h = &e->header;

	buf_printf(b, "%llu %u %d %s %u %s %s %s %s %s %d %lld %lld %lld %llu",
		(unsigned long long)e->seq, e->size, (int)e->stage, e->code, e->attempts, h->realm,
		h->from.code, h->to.code, h->agreement, h->purpose, (int)h->action,
		(long long)h->created, (long long)h->expires, (long long)h->retain_until,
		(unsigned long long)h->channel_seq);
	for (enum stage s = 0; s < STAGE_N; s++)
		buf_printf(b, " %lld", (long long)e->at[s]);
	buf_add(b, h->id.octet, ID_SIZE);
	buf_add(b, h->conversation.octet, ID_SIZE);
	buf_add(b, h->leg.octet, ID_SIZE);
	buf_add(b, h->ref.octet, ID_SIZE);
	buf_add(b, h->ref_digest.octet, DIGEST_SIZE);
	buf_add(b, h->key.octet, DIGEST_SIZE);
	buf_add(b, e->digest.octet, DIGEST_SIZE);
	buf_add(b, e->by.octet, DIGEST_SIZE);
}

static inline void
add_result(struct buf *b, enum err e, const struct buf *content)
{
	buf_printf(b, " %d:", (int)e);
	if (e == E_OK)
		buf_add(b, content->data, content->size);
}

static inline void
add_message(struct buf *b, uint64_t seq)
{
	OWNED_BUF(c) = {0};
	struct entry e, same;
	enum err found = store_entry(store, NULL, seq, &e);

	add_result(b, found, &c);
	if (found != E_OK)
		return;
	add_entry(b, &e);
	add_result(b, store_find(store, NULL, &e.header.from, &e.header.id, &same), &c);
	buf_u64(b, same.seq);
	buf_u64(b, store_conversation(store, &e.header.conversation, &same, 1));
	add_result(b, store_body(store, NULL, seq, &c), &c);
	add_result(b, store_extra(store, seq, &c), &c);
	for (enum stage s = 0; s < STAGE_N; s++)
		add_result(b, store_receipt(store, NULL, seq, s, &c), &c);
	for (uint8_t d = 7; d < 9; d++)
		add_result(
			b, store_conflict_receipt(store, NULL, seq, &(struct digest){{d}}, &c), &c);
}

static inline void
add_line(void *context, int64_t created, const struct digest *element, uint64_t seq)
{
	buf_u64(context, (uint64_t)created);
	buf_add(context, element->octet, DIGEST_SIZE);
	buf_u64(context, seq);
}

static inline void
add_party(struct buf *b, const struct party *p)
{
	struct entry *queue = xcalloc(512, sizeof *queue);
	struct notice *notices = xcalloc(512, sizeof *notices);
	struct recon_result r = {.at = 0};
	struct id incarnation;
	OWNED_BUF(none) = {0};
	size_t n = store_queue(store, p, 0, queue, 512);

	for (size_t i = 0; i < n; i++)
		add_entry(b, &queue[i]);
	n = store_notices(store, p, 0, notices, 512);
	for (size_t i = 0; i < n; i++)
		buf_printf(b, " %llu %llu %d", (unsigned long long)notices[i].number,
			(unsigned long long)notices[i].seq, (int)notices[i].stage);
	buf_u64(b, store_queue_depth(store, p));
	buf_u64(b, store_epoch(store, NULL, p, log_public, &incarnation));
	buf_add(b, incarnation.octet, ID_SIZE);
	add_result(b, store_recon(store, p, &r), &none);
	buf_u64(b, (uint64_t)r.at ^ r.elements ^ r.fingerprint[0]);
	buf_u64(b, store_reconciled(store, NULL, p));
	store_book(store, p, INT64_MIN, INT64_MAX, add_line, b);
	free(queue);
	free(notices);
}

/* One digest of everything, so that two stores can be compared. */
static inline void
served(uint64_t messages, struct digest *out)
{
	struct store_figures f;
	uint64_t expired[512];
	OWNED_BUF(b) = {0};
	OWNED_BUF(note) = {0};
	size_t n = store_expired(store, NULL, INT64_MAX, NULL, expired, 512);

	for (size_t i = 0; i < n; i++)
		buf_u64(&b, expired[i]);
	for (uint64_t seq = 0; seq <= messages + 1; seq++)
		add_message(&b, seq);
	for (size_t i = 0; i < ARRAY_LEN(life_parties); i++) {
		struct party p = party(life_parties[i]);

		add_party(&b, &p);
	}
	store_figures(store, &f);
	buf_printf(&b, "%llu %llu %llu %lld", (unsigned long long)f.messages,
		(unsigned long long)f.queued, (unsigned long long)f.log_size,
		(long long)f.oldest_queued);
	buf_add(&b, f.stage, sizeof f.stage);
	add_result(&b, store_checkpoint(store, &note), &note);
	buf_u64(&b, store_trust_version(store));
	buf_u64(&b, store_generation(store));
	digest_of(b.data, b.size, out);
}

#endif
