/* SPDX-License-Identifier: EUPL-1.2
 *
 * A store in a folder of its own, and messages for it: what the tests of the store share. */
#ifndef DAFTAR_STORE_STAGE_H
#define DAFTAR_STORE_STAGE_H

#include "tests/unit/test.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "broker/store.h"

#define MAP (64 << 20)
#define ORIGIN "log.daftar.example"
#define NOW 1795507200000 /* 2026-11-24T08:00:00Z */
#define HOUR 3600000

static const uint8_t store_key_of_tests[STORE_KEY_SIZE] = "a key of the store, for tests.";
__attribute__((unused)) static const struct id no_incarnation;
static char folder[64];
static struct store *store;
static EVP_PKEY *log_key;
static uint8_t log_public[32];
__attribute__((unused)) static int64_t now = NOW; /* when messages are accepted */

/* ---- a store of its own for every test ---- */

static inline int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

static inline void
open_store(size_t map_size)
{
	assert_int_equal(store_open(folder, map_size, store_key_of_tests, &store), E_OK);
}

static inline void
reopen(void)
{
	store_close(&store);
	open_store(MAP);
}

static inline int
fresh_folder(void **state)
{
	return scratch_folder(folder, sizeof folder, "store") ? 0 : -1;
}

static inline int
fresh(void **state)
{
	if (fresh_folder(state) != 0)
		return -1;
	open_store(MAP);
	return 0;
}

static inline int
clean(void **state)
{
	store_close(&store);
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static inline int
make_key(void **state)
{
	static const uint8_t seed[32] = "an Ed25519 seed of thirty-two o.";
	size_t size = sizeof log_public;

	log_key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	return EVP_PKEY_get_raw_public_key(log_key, log_public, &size) != 1;
}

static inline int
drop_key(void **state)
{
	EVP_PKEY_free(log_key);
	return 0;
}

/* ---- messages ---- */

static inline enum err
sign(void *context, uint64_t size, const struct digest *root, struct buf *checkpoint)
{
	unsigned *calls = context;

	if (calls != NULL)
		(*calls)++;
	return checkpoint_sign(ORIGIN, size, root, log_key, checkpoint);
}

static inline struct party
party(const char *code)
{
	struct party p;

	assert_true(party_parse(code, &p));
	return p;
}

static inline struct id
numbered_id(uint64_t n)
{
	struct id id = {{0x01, 0x8f, 0, 0, 0, 0, 0x70, 0, 0x80}};

	for (int i = 0; i < 6; i++)
		id.octet[15 - i] = (uint8_t)(n >> 8 * i);
	return id;
}

struct sample {
	struct verdict v;
	char text[64];
	struct bytes bytes;
};

/* Message number `n'; ten in a row make a conversation. */
static inline void
sample(struct sample *m, uint64_t n, const char *from, const char *to)
{
	memset(m, 0, sizeof *m);
	snprintf(m->text, sizeof m->text, "<e:Message>%llu</e:Message>", (unsigned long long)n);
	m->bytes = bytes_of(m->text, strlen(m->text));
	m->v.magic = VERDICT_MAGIC;
	m->v.size = (uint32_t)m->bytes.size;
	digest_of(m->text, m->bytes.size, &m->v.digest);
	m->v.header = (struct header){.id = numbered_id(n),
		.conversation = numbered_id(1000000 + n / 10),
		.leg = numbered_id(2000000 + n),
		.action = A_CERTIFIED_EXTRACT,
		.from = party(from),
		.to = party(to),
		.created = NOW,
		.expires = NOW + HOUR * (int64_t)(1 + n % 7),
		.retain_until = NOW + 1000 * (int64_t)HOUR,
		.channel_seq = n,
		.has_ref = true,
		.ref = numbered_id(3000000 + n),
		.ref_digest = m->v.digest,
		.has_key = true,
		.key = m->v.digest};
	strcpy(m->v.header.realm, "demo");
	strcpy(m->v.header.agreement, "AGR-7");
	strcpy(m->v.header.purpose, "BIRTH-TRANSCRIPTION");
}

static inline struct statement
statement(const struct header *h, const struct digest *digest, enum stage stage, int64_t at)
{
	return (struct statement){.id = h->id,
		.digest = *digest,
		.from = h->from,
		.to = h->to,
		.stage = stage,
		.at = at};
}

static inline void
state(struct store_txn *t, uint64_t seq, enum stage stage)
{
	struct statement what;
	struct entry e;

	if (store_entry(store, t, seq, &e) != E_OK)
		return;
	what = statement(&e.header, &e.digest, stage, now + 1000 * stage);
	store_state(t, seq, &what, stage != ST_ACCEPTED, bytes_of(NULL, 0));
}

static inline enum accept_result
accept(struct store_txn *t, const struct sample *m, struct entry *e)
{
	enum accept_result r = store_accept(t, &m->v, m->bytes, now, e);

	if (r == ACCEPT_NEW)
		state(t, e->seq, ST_ACCEPTED);
	return r;
}

static inline enum err
commit(struct store_txn **t)
{
	store_seal(*t, sign, NULL);
	return store_commit(t);
}

/* Accepts one in a transaction of its own; its number. */
static inline uint64_t
file(uint64_t n, const char *from, const char *to)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;

	sample(&m, n, from, to);
	assert_int_equal(accept(t, &m, &e), ACCEPT_NEW);
	assert_int_equal(commit(&t), E_OK);
	return e.seq;
}

static inline void
take(uint64_t seq)
{
	struct store_txn *t = store_begin(store);

	state(t, seq, ST_DELIVERED);
	store_dequeue(t, seq);
	assert_int_equal(commit(&t), E_OK);
}

static inline void
assert_receipt(uint64_t seq, enum stage stage)
{
	OWNED_BUF(b) = {0};
	struct receipt r;
	struct entry e;

	assert_int_equal(store_entry(store, NULL, seq, &e), E_OK);
	assert_int_equal(store_receipt(store, NULL, seq, stage, &b), E_OK);
	assert_int_equal(receipt_verify(buf_bytes(&b), ORIGIN, log_public, &r), E_OK);
	assert_true(id_equal(&r.what.id, &e.header.id));
	assert_true(digest_equal(&r.what.digest, &e.digest));
	assert_int_equal(r.what.stage, stage);
	assert_true(r.what.at == e.at[stage]);
}

static inline void
assert_header(const struct header *a, const struct header *b)
{
	assert_string_equal(a->realm, b->realm);
	assert_true(id_equal(&a->id, &b->id));
	assert_true(id_equal(&a->conversation, &b->conversation));
	assert_true(id_equal(&a->leg, &b->leg));
	assert_int_equal(a->action, b->action);
	assert_true(party_equal(&a->from, &b->from));
	assert_true(party_equal(&a->to, &b->to));
	assert_int_equal(a->has_on_behalf_of, b->has_on_behalf_of);
	assert_true(party_equal(&a->on_behalf_of, &b->on_behalf_of));
	assert_true(a->created == b->created && a->expires == b->expires);
	assert_true(a->retain_until == b->retain_until && a->channel_seq == b->channel_seq);
	assert_int_equal(a->has_ref, b->has_ref);
	assert_true(id_equal(&a->ref, &b->ref));
	assert_true(digest_equal(&a->ref_digest, &b->ref_digest));
	assert_string_equal(a->agreement, b->agreement);
	assert_string_equal(a->purpose, b->purpose);
	assert_int_equal(a->has_key, b->has_key);
	assert_true(digest_equal(&a->key, &b->key));
}

static inline void
end_of_message(struct store_txn *t, uint64_t seq, enum stage stage, struct bytes extra)
{
	struct statement what;
	struct entry e;

	assert_int_equal(store_entry(store, t, seq, &e), E_OK);
	what = statement(&e.header, &e.digest, stage, NOW + 5000);
	what.has_by = extra.size > 0;
	if (what.has_by)
		digest_of(extra.data, extra.size, &what.by);
	if (stage == ST_REJECTED)
		strcpy(what.code, "SEAL");
	store_state(t, seq, &what, true, extra);
	store_dequeue(t, seq);
	store_forget_body(t, seq);
}

#endif
