/* SPDX-License-Identifier: EUPL-1.2
 *
 * An exchange on a store of its own, a trust list that is a table, a clock that tests set, and a
 * record of every effect. Whatever is sent must rest on the commit: receipts are verified against
 * the log key and must be the ones in the store when they go out, and nothing may be sent while a
 * transaction is open. */
#ifndef DAFTAR_EXCHANGE_FIXTURE_H
#define DAFTAR_EXCHANGE_FIXTURE_H

#include "tests/unit/test.h"

#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "broker/exchange.h"
#include "lib/closing.h"

#define MAP (64 << 20)
#define ORIGIN "log.daftar.example"
#define START 1795507200000 /* 2026-11-24T08:00:00Z */
#define HOUR 3600000

/* ---- a trust list ---- */

struct trust {
	uint64_t version;
	size_t n;
	struct trust_party party[6];
	size_t n_agreements;
	struct trust_agreement agreement[4];
};

/* Everything that the exchange asks of a trust list. */
const struct trust_party *
trust_by_curve(const struct trust *t, const uint8_t key[CURVE_KEY_SIZE])
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < t->party[i].n_curve; k++)
			if (memcmp(t->party[i].curve[k], key, CURVE_KEY_SIZE) == 0)
				return &t->party[i];
	return NULL;
}

const struct trust_party *
trust_party(const struct trust *t, const struct party *code)
{
	for (size_t i = 0; i < t->n; i++)
		if (party_equal(&t->party[i].code, code))
			return &t->party[i];
	return NULL;
}

const struct trust_party *
trust_exchange(const struct trust *t)
{
	return &t->party[0];
}

uint64_t
trust_version(const struct trust *t)
{
	return t->version;
}

struct bytes
trust_bytes(const struct trust *t)
{
	return bytes_of(t->version == 1 ? "list 1" : "list 2", 6);
}

size_t
trust_agreement_count(const struct trust *t)
{
	return t->n_agreements;
}

const struct trust_agreement *
trust_agreement_at(const struct trust *t, size_t i)
{
	return &t->agreement[i];
}

/* Keys are named by one octet: the hub's is 1, KE.CRS has 10 and 11, SO.NIRA 20, UNHCR.NBO 30. */
static inline const uint8_t *
key_named(uint8_t name)
{
	static uint8_t keys[256][CURVE_KEY_SIZE];

	memset(keys[name], name, CURVE_KEY_SIZE);
	return keys[name];
}

static inline void
trust_add(struct trust *t, const char *code, uint8_t key, uint8_t second_key)
{
	struct trust_party *p = &t->party[t->n++];

	assert_true(party_parse(code, &p->code));
	if (code[2] == '.')
		memcpy(p->country, code, 2);
	memcpy(p->curve[p->n_curve++], key_named(key), CURVE_KEY_SIZE);
	if (second_key != 0)
		memcpy(p->curve[p->n_curve++], key_named(second_key), CURVE_KEY_SIZE);
}

static inline struct trust
demo_trust(void)
{
	struct trust t = {.version = 1};

	trust_add(&t, "DAFTAR.HUB", 1, 0);
	trust_add(&t, "KE.CRS", 10, 11);
	trust_add(&t, "SO.NIRA", 20, 21);
	trust_add(&t, "UNHCR.NBO", 30, 0);
	return t;
}

/* ---- the effects ---- */

struct effect {
	peer_no to;
	struct wire w;
	struct buf text, body, extra;
};

struct news {
	char what[16];
	uint64_t seq;
};

struct comparison {
	struct party party;
	struct recon_result result;
};

struct fixture {
	char folder[64];
	struct store *store;
	struct exchange *x;
	struct store_txn *t;
	struct trust trust;
	EVP_PKEY *log_key;
	uint8_t log_public[32];
	int64_t now, tick;
	struct effect effect[4096];
	size_t n;
	struct news news[8192];
	size_t n_news;
	struct comparison comparison[64];
	size_t n_comparisons;
	peer_no unreachable; /* sends to it fail; 0: to nobody */
	uint64_t again[256]; /* judged once more */
	int64_t when[256];   /* as of */
	size_t n_again;
	unsigned in_force; /* revocation data that was given to the examiners */
	bool busy;	   /* the examiners have no room */
};

static struct fixture f;

const char *
trust_log_name(const struct trust *t)
{
	return ORIGIN;
}

const uint8_t *
trust_log_key(const struct trust *t)
{
	return f.log_public;
}
static size_t map_size = MAP;

static inline void
check_receipt(struct bytes receipt, const struct id *id)
{
	OWNED_BUF(stored) = {0};
	struct receipt r;
	struct entry e;

	assert_int_equal(receipt_verify(receipt, ORIGIN, f.log_public, &r), E_OK);
	if (id != NULL)
		assert_true(id_equal(&r.what.id, id));
	assert_int_equal(store_find(f.store, NULL, &r.what.from, &r.what.id, &e), E_OK);
	assert_int_equal(store_receipt(f.store, NULL, e.seq, r.what.stage, &stored), E_OK);
	assert_int_equal(stored.size, receipt.size);
	assert_memory_equal(stored.data, receipt.data, receipt.size);
}

static inline bool
record_send(void *context, peer_no to, const struct wire *w)
{
	struct effect *e = &f.effect[f.n];

	assert_null(f.t); /* never inside a transaction */
	if (to == f.unreachable)
		return false;
	assert_true(f.n < ARRAY_LEN(f.effect));
	if (w->verb == V_RECEIPT || w->verb == V_CONFIRM)
		check_receipt(w->body, &w->id);
	if (w->verb == V_DELIVER)
		check_receipt(w->extra, NULL);
	e->to = to;
	e->w = *w;
	buf_add_bytes(&e->text, w->text);
	buf_add_bytes(&e->body, w->body);
	buf_add_bytes(&e->extra, w->extra);
	f.n++;
	return true;
}

static inline void
record_event(void *context, const char *what, const struct entry *e)
{
	struct news *n = &f.news[f.n_news++];

	assert_null(f.t);
	assert_true(f.n_news <= ARRAY_LEN(f.news));
	assert_true(strlen(what) < sizeof n->what);
	strcpy(n->what, what);
	n->seq = e->seq;
}

static inline void
record_compared(void *context, const struct party *party, const struct recon_result *r)
{
	assert_null(f.t);
	assert_true(f.n_comparisons < ARRAY_LEN(f.comparison));
	f.comparison[f.n_comparisons++] = (struct comparison){*party, *r};
}

static inline bool
record_examine(
	void *context, uint64_t seq, const struct party *from, struct bytes message, int64_t when)
{
	struct entry e;

	assert_null(f.t);
	if (f.busy)
		return false;
	assert_true(f.n_again < ARRAY_LEN(f.again));
	assert_int_equal(store_entry(f.store, NULL, seq, &e), E_OK);
	assert_true(party_equal(from, &e.header.from) && message.size == e.size);
	f.when[f.n_again] = when;
	f.again[f.n_again++] = seq;
	return true;
}

static inline void
record_revocation(void *context, const struct revocation_item *item, struct bytes der)
{
	assert_null(f.t);
	assert_true(item->item > 0 && der.size > 0);
	f.in_force++;
}

static inline void
forget_effects(void)
{
	for (size_t i = 0; i < f.n; i++) {
		buf_free(&f.effect[i].text);
		buf_free(&f.effect[i].body);
		buf_free(&f.effect[i].extra);
	}
	f.n = f.n_news = f.n_comparisons = 0;
}

/* Effects with this verb to this peer; the `nth' of them, from 0, or NULL. */
static inline size_t
count(peer_no to, enum verb v)
{
	size_t n = 0;

	for (size_t i = 0; i < f.n; i++)
		n += f.effect[i].to == to && f.effect[i].w.verb == v;
	return n;
}

static inline const struct effect *
effect_of(peer_no to, enum verb v, size_t nth)
{
	for (size_t i = 0; i < f.n; i++)
		if (f.effect[i].to == to && f.effect[i].w.verb == v && nth-- == 0)
			return &f.effect[i];
	return NULL;
}

static inline size_t
count_news(const char *what)
{
	size_t n = 0;

	for (size_t i = 0; i < f.n_news; i++)
		n += strcmp(f.news[i].what, what) == 0;
	return n;
}

/* ---- set up ---- */

static inline enum err
sign(void *context, uint64_t size, const struct digest *root, struct buf *checkpoint)
{
	return checkpoint_sign(ORIGIN, size, root, f.log_key, checkpoint);
}

static inline enum err
countersign(void *context, struct bytes statement, struct buf *note)
{
	return closing_countersign(statement, ORIGIN, f.log_key, note);
}

static inline void
start_exchange(void)
{
	const struct exchange_effects fx = {.send = record_send,
		.event = record_event,
		.countersign = countersign,
		.compared = record_compared,
		.examine = record_examine,
		.revocation = record_revocation};

	assert_int_equal(
		store_open(f.folder, map_size, (const uint8_t[STORE_KEY_SIZE]){1}, &f.store), E_OK);
	f.x = exchange_new(f.store, &f.trust, sign, NULL, &fx);
	exchange_seed(f.x, 7);
}

static inline void
stop_exchange(void)
{
	store_abort(&f.t);
	exchange_free(&f.x);
	store_close(&f.store);
}

static inline int
set_up(void **state)
{
	static const uint8_t seed[32] = "an Ed25519 seed of thirty-two o.";
	size_t size = sizeof f.log_public;

	memset(&f, 0, sizeof f);
	f.log_key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	assert_int_equal(EVP_PKEY_get_raw_public_key(f.log_key, f.log_public, &size), 1);
	assert_true(scratch_folder(f.folder, sizeof f.folder, "exchange"));
	f.trust = demo_trust();
	f.now = START;
	f.tick = 1000000;
	start_exchange();
	return 0;
}

static inline int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

static inline int
tear_down(void **state)
{
	stop_exchange();
	forget_effects();
	EVP_PKEY_free(f.log_key);
	return nftw(f.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- events: all go into the open transaction, and none may send anything ---- */

static inline struct store_txn *
group(void)
{
	if (f.t == NULL)
		f.t = store_begin(f.store);
	return f.t;
}

static inline enum err
end_group(void)
{
	struct store_txn *t = group();

	f.t = NULL;
	return exchange_commit(f.x, &t);
}

static inline void
say(peer_no peer, uint8_t key, const struct wire *w)
{
	size_t before = f.n + f.n_news;

	exchange_peer_frames(f.x, group(), peer, key_named(key), w, f.now, f.tick);
	assert_int_equal(f.n + f.n_news, before);
}

static inline void
say_hello(peer_no peer, uint8_t key, uint64_t epoch, uint64_t resume, uint64_t credit)
{
	const struct wire w = {.verb = V_HELLO, .epoch = epoch, .resume = resume, .number = credit};

	say(peer, key, &w);
}

/* As another program with the same spool. */
static inline void
say_hello_as(peer_no peer, uint8_t key, uint64_t epoch, uint8_t incarnation)
{
	const struct wire w = {.verb = V_HELLO, .epoch = epoch, .number = 8, .id = {{incarnation}}};

	say(peer, key, &w);
}

/* HELLO, committed, and what it brings forgotten. */
static inline void
connect_peer(peer_no peer, uint8_t key, uint64_t epoch, uint64_t credit)
{
	say_hello(peer, key, epoch, 0, credit);
	assert_int_equal(end_group(), E_OK);
	assert_int_equal(count(peer, V_WELCOME), 1);
	exchange_dispatch(f.x, f.now, f.tick);
}

static inline void
say_credit(peer_no peer, uint8_t key, uint64_t resume, uint64_t credit)
{
	const struct wire w = {.verb = V_CREDIT, .resume = resume, .number = credit};

	say(peer, key, &w);
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
	struct buf octets;
};

/* Message number `n' of a conversation, as the examiner passes it. */
static inline struct sample
sample(uint64_t n, uint64_t conversation, const char *from, const char *to)
{
	struct sample m = {.v = {.magic = VERDICT_MAGIC}};
	struct header *h = &m.v.header;

	buf_printf(&m.octets, "<e:Message>%llu</e:Message>", (unsigned long long)n);
	digest_of(m.octets.data, m.octets.size, &m.v.digest);
	m.v.size = (uint32_t)m.octets.size;
	h->id = numbered_id(n);
	h->conversation = numbered_id(1000000 + conversation);
	h->leg = numbered_id(2000000 + n);
	h->action = A_TRANSCRIPTION_REQUEST;
	assert_true(party_parse(from, &h->from) && party_parse(to, &h->to));
	h->created = START;
	h->expires = START + 24 * (int64_t)HOUR;
	h->retain_until = START + 1000 * (int64_t)HOUR;
	h->channel_seq = n;
	strcpy(h->realm, "demo");
	strcpy(h->agreement, "AGR-1");
	strcpy(h->purpose, "BIRTH-TRANSCRIPTION");
	return m;
}

static inline void
submit(peer_no peer, const struct sample *m)
{
	size_t before = f.n + f.n_news;

	exchange_examined(f.x, group(), peer, &m->v, buf_bytes(&m->octets), NULL, f.now);
	assert_int_equal(f.n + f.n_news, before);
}

/* Files message `n' from KE.CRS to SO.NIRA, as peer 1, in a group of its own. */
static inline void
file(uint64_t n, uint64_t conversation)
{
	struct sample m = sample(n, conversation, "KE.CRS", "SO.NIRA");

	submit(1, &m);
	assert_int_equal(end_group(), E_OK);
	buf_free(&m.octets);
}

static inline void
say_taken(peer_no peer, uint8_t key, uint64_t n)
{
	struct sample m = sample(n, 0, "KE.CRS", "SO.NIRA");
	const struct wire w = {.verb = V_TAKEN, .id = m.v.header.id, .digest = m.v.digest};

	say(peer, key, &w);
	buf_free(&m.octets);
}

static inline void
take(peer_no peer, uint8_t key, uint64_t n)
{
	say_taken(peer, key, n);
	assert_int_equal(end_group(), E_OK);
}

/* SO.NIRA's signed receipt for message `n'; `variant' makes other octets. */
static inline struct sample
receipt_for(uint64_t n, enum stage stage, const char *code, unsigned variant)
{
	struct sample about = sample(n, 0, "KE.CRS", "SO.NIRA");
	struct sample r = sample(500000 + n, 0, "SO.NIRA", "DAFTAR.HUB");

	buf_printf(&r.octets, "<e:Receipt>%u %s</e:Receipt>", variant, stage_word(stage));
	digest_of(r.octets.data, r.octets.size, &r.v.digest);
	r.v.header.action = A_RECEIPT;
	r.v.header.has_ref = true;
	r.v.header.ref = about.v.header.id;
	r.v.header.ref_digest = about.v.digest;
	r.v.has_receipt = 1;
	r.v.stage = stage;
	strcpy(r.v.receipt_code, code);
	buf_free(&about.octets);
	return r;
}

static inline void
say_settled(peer_no peer, const struct sample *r, uint64_t n)
{
	struct id id = numbered_id(n);
	size_t before = f.n + f.n_news;

	exchange_examined(f.x, group(), peer, &r->v, buf_bytes(&r->octets), &id, f.now);
	assert_int_equal(f.n + f.n_news, before);
}

static inline void
settle(peer_no peer, uint64_t n, enum stage stage, const char *code, unsigned variant)
{
	struct sample r = receipt_for(n, stage, code, variant);

	say_settled(peer, &r, n);
	assert_int_equal(end_group(), E_OK);
	buf_free(&r.octets);
}

static inline void
tick(int64_t ms)
{
	f.tick += ms;
	f.now += ms;
	exchange_tick(f.x, group(), f.now, f.tick);
	assert_int_equal(end_group(), E_OK);
}

static inline void
dispatch(void)
{
	exchange_dispatch(f.x, f.now, f.tick);
}

/* ---- what is expected ---- */

static inline void
assert_refused(peer_no peer, uint64_t n, enum err code)
{
	const struct effect *e = effect_of(peer, V_REFUSED, 0);
	struct id id = numbered_id(n);

	assert_non_null(e);
	assert_int_equal(count(peer, V_REFUSED), 1);
	assert_int_equal(count(peer, V_RECEIPT), 0);
	assert_int_equal(e->w.code, code);
	assert_int_equal(e->w.retry, err_retry(code) != 0);
	if (n != 0)
		assert_true(id_equal(&e->w.id, &id));
	if (code != E_CONFLICT)
		assert_string_equal((char *)e->text.data, err_sentence(code));
}

static inline struct entry
entry_of(uint64_t n)
{
	struct id id = numbered_id(n);
	struct entry e;

	assert_int_equal(store_find_id(f.store, NULL, &id, &e), E_OK);
	return e;
}

/* The statement in a RECEIPT or CONFIRM. */
static inline struct statement
said(const struct effect *e)
{
	struct receipt r;

	assert_non_null(e);
	assert_int_equal(receipt_verify(buf_bytes(&e->body), ORIGIN, f.log_public, &r), E_OK);
	return r.what;
}

#endif
