/* SPDX-License-Identifier: EUPL-1.2
 *
 * What every store must do, whatever it is made of: written against store.h only, so that each
 * implementation runs the same file. */
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
static const struct id no_incarnation;
static char folder[64];
static struct store *store;
static EVP_PKEY *log_key;
static uint8_t log_public[32];
static int64_t now = NOW; /* when messages are accepted */

/* ---- a store of its own for every test ---- */

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	return remove(path);
}

static void
open_store(size_t map_size)
{
	assert_int_equal(store_open(folder, map_size, store_key_of_tests, &store), E_OK);
}

static void
reopen(void)
{
	store_close(&store);
	open_store(MAP);
}

static int
fresh_folder(void **state)
{
	snprintf(folder, sizeof folder, "/tmp/daftar-store-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int
fresh(void **state)
{
	if (fresh_folder(state) != 0)
		return -1;
	open_store(MAP);
	return 0;
}

static int
clean(void **state)
{
	store_close(&store);
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static int
make_key(void **state)
{
	static const uint8_t seed[32] = "an Ed25519 seed of thirty-two o.";
	size_t size = sizeof log_public;

	log_key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	return EVP_PKEY_get_raw_public_key(log_key, log_public, &size) != 1;
}

static int
drop_key(void **state)
{
	EVP_PKEY_free(log_key);
	return 0;
}

/* ---- messages ---- */

static enum err
sign(void *context, uint64_t size, const struct digest *root, struct buf *checkpoint)
{
	unsigned *calls = context;

	if (calls != NULL)
		(*calls)++;
	return checkpoint_sign(ORIGIN, size, root, log_key, checkpoint);
}

static struct party
party(const char *code)
{
	struct party p;

	assert_true(party_parse(code, &p));
	return p;
}

static struct id
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
static void
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

static struct statement
statement(const struct header *h, const struct digest *digest, enum stage stage, int64_t at)
{
	return (struct statement){.id = h->id,
		.digest = *digest,
		.from = h->from,
		.to = h->to,
		.stage = stage,
		.at = at};
}

static void
state(struct store_txn *t, uint64_t seq, enum stage stage)
{
	struct statement what;
	struct entry e;

	if (store_entry(store, t, seq, &e) != E_OK)
		return;
	what = statement(&e.header, &e.digest, stage, now + 1000 * stage);
	store_state(t, seq, &what, stage != ST_ACCEPTED, bytes_of(NULL, 0));
}

static enum accept_result
accept(struct store_txn *t, const struct sample *m, struct entry *e)
{
	enum accept_result r = store_accept(t, &m->v, m->bytes, now, e);

	if (r == ACCEPT_NEW)
		state(t, e->seq, ST_ACCEPTED);
	return r;
}

static enum err
commit(struct store_txn **t)
{
	store_seal(*t, sign, NULL);
	return store_commit(t);
}

/* Accepts one in a transaction of its own; its number. */
static uint64_t
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

static void
take(uint64_t seq)
{
	struct store_txn *t = store_begin(store);

	state(t, seq, ST_DELIVERED);
	store_dequeue(t, seq);
	assert_int_equal(commit(&t), E_OK);
}

static void
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

static void
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

/* ---- accepting ---- */

static void
accepted_message_is_found_under_each_of_its_names(void **unused)
{
	struct sample m;
	struct entry e, many[4];
	OWNED_BUF(body) = {0};

	sample(&m, 7, "KE.CRS", "SO.NIRA");
	m.v.header.has_on_behalf_of = true;
	m.v.header.on_behalf_of = party("UNHCR.NBO");
	struct store_txn *t = store_begin(store);
	assert_int_equal(accept(t, &m, &e), ACCEPT_NEW);
	assert_int_equal(e.seq, 1);
	assert_int_equal(commit(&t), E_OK);
	reopen();

	assert_int_equal(store_entry(store, NULL, 1, &e), E_OK);
	assert_header(&e.header, &m.v.header);
	assert_true(digest_equal(&e.digest, &m.v.digest));
	assert_int_equal(e.size, m.bytes.size);
	assert_int_equal(e.stage, ST_ACCEPTED);
	assert_true(e.at[ST_ACCEPTED] == NOW && e.at[ST_DELIVERED] == 0);
	assert_int_equal(store_find(store, NULL, &m.v.header.from, &m.v.header.id, &e), E_OK);
	assert_int_equal(store_find_id(store, NULL, &m.v.header.id, &e), E_OK);
	assert_int_equal(
		store_find_to(store, NULL, &m.v.header.to, &m.v.header.id, NULL, &e), E_OK);
	assert_int_equal(store_queue(store, &m.v.header.to, 0, many, 4), 1);
	assert_int_equal(store_conversation(store, &m.v.header.conversation, many, 4), 1);
	assert_int_equal(store_recent(store, 0, many, 4), 1);
	assert_int_equal(store_body(store, NULL, 1, &body), E_OK);
	assert_string_equal((char *)body.data, m.text);
	assert_receipt(1, ST_ACCEPTED);
}

static void
what_is_not_there_is_not_found(void **unused)
{
	struct party p = party("KE.CRS"), other = party("SO.NIRA");
	struct id id = numbered_id(1), unknown = numbered_id(2);
	uint64_t none[1];
	struct entry e;
	struct notice n;
	OWNED_BUF(b) = {0};

	assert_int_equal(store_checkpoint(store, &b), E_NOT_FOUND);
	file(1, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_find(store, NULL, &p, &unknown, &e), E_NOT_FOUND);
	assert_int_equal(store_find(store, NULL, &other, &id, &e), E_NOT_FOUND);
	assert_int_equal(store_find_id(store, NULL, &unknown, &e), E_NOT_FOUND);
	assert_int_equal(store_find_to(store, NULL, &p, &id, NULL, &e), E_NOT_FOUND);
	assert_int_equal(store_entry(store, NULL, 2, &e), E_NOT_FOUND);
	assert_int_equal(store_entry(store, NULL, 0, &e), E_NOT_FOUND);
	assert_int_equal(store_body(store, NULL, 2, &b), E_NOT_FOUND);
	assert_int_equal(store_extra(store, 1, &b), E_NOT_FOUND);
	assert_int_equal(store_receipt(store, NULL, 1, ST_DELIVERED, &b), E_NOT_FOUND);
	assert_int_equal(store_queue(store, &p, 0, &e, 1), 0);
	assert_int_equal(store_queue(store, &other, UINT64_MAX, &e, 1), 0);
	assert_int_equal(store_notices(store, &p, 0, &n, 1), 0);
	assert_int_equal(store_expired(store, NULL, NOW, none, 1), 0);
	assert_int_equal(store_conversation(store, &unknown, &e, 1), 0);
	assert_int_equal(store_recent(store, 1, &e, 1), 0);
	assert_int_equal(store_queue_depth(store, &p), 0);
}

static void
same_message_again_is_the_first_one(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry first, again;

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	assert_int_equal(accept(t, &m, &first), ACCEPT_NEW);
	assert_int_equal(accept(t, &m, &again), ACCEPT_SAME); /* in one group */
	assert_int_equal(again.seq, first.seq);
	assert_int_equal(commit(&t), E_OK);
	reopen();
	t = store_begin(store);
	assert_int_equal(accept(t, &m, &again), ACCEPT_SAME);
	assert_int_equal(again.seq, first.seq);
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_queue(store, &m.v.header.to, 0, &again, 1), 1);
}

static void
same_id_with_other_octets_is_a_conflict(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct sample m, other;
	struct entry first, e;

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	other = m;
	other.v.digest.octet[31] ^= 1;
	assert_int_equal(accept(t, &m, &first), ACCEPT_NEW);
	assert_int_equal(accept(t, &other, &e), ACCEPT_CONFLICT); /* in one group */
	assert_true(digest_equal(&e.digest, &m.v.digest));
	assert_int_equal(commit(&t), E_OK);
	t = store_begin(store);
	assert_int_equal(accept(t, &other, &e), ACCEPT_CONFLICT);
	assert_int_equal(e.seq, first.seq);
	assert_true(digest_equal(&e.digest, &m.v.digest));
	store_abort(&t);
}

static void
id_belongs_to_its_sender(void **unused)
{
	struct party to = party("SO.NIRA");
	struct sample a, b;
	struct entry e;
	struct store_txn *t = store_begin(store);

	sample(&a, 1, "UG.NIRA", "SO.NIRA"); /* sorts behind the later one */
	sample(&b, 1, "KE.CRS", "SO.NIRA");
	b.v.digest.octet[0] ^= 1;
	assert_int_equal(accept(t, &a, &e), ACCEPT_NEW);
	assert_int_equal(accept(t, &b, &e), ACCEPT_NEW);
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_find_id(store, NULL, &a.v.header.id, &e), E_OK);
	assert_int_equal(e.seq, 1);
	assert_int_equal(store_find_to(store, NULL, &to, &a.v.header.id, NULL, &e), E_OK);
	assert_int_equal(e.seq, 1);
	assert_int_equal(store_find_to(store, NULL, &to, &a.v.header.id, &a.v.digest, &e), E_OK);
	assert_int_equal(e.seq, 1);
	assert_int_equal(store_find_to(store, NULL, &to, &a.v.header.id, &b.v.digest, &e), E_OK);
	assert_int_equal(e.seq, 2);

	t = store_begin(store); /* and with the first to sort before the later one */
	sample(&a, 2, "KE.CRS", "SO.NIRA");
	sample(&b, 2, "UG.NIRA", "SO.NIRA");
	assert_int_equal(accept(t, &a, &e), ACCEPT_NEW);
	assert_int_equal(accept(t, &b, &e), ACCEPT_NEW);
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_find_id(store, NULL, &a.v.header.id, &e), E_OK);
	assert_int_equal(e.seq, 3);
}

static void
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

static void
id_is_remembered_after_the_message_has_ended(void **unused)
{
	uint64_t seq = file(1, "KE.CRS", "SO.NIRA");
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;
	OWNED_BUF(b) = {0};

	end_of_message(t, seq, ST_COMMITTED, bytes_of("signed", 6));
	assert_int_equal(commit(&t), E_OK);
	reopen();
	assert_int_equal(store_body(store, NULL, seq, &b), E_NOT_FOUND);
	t = store_begin(store);
	sample(&m, 1, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_accept(t, &m.v, m.bytes, NOW, &e), ACCEPT_SAME);
	assert_int_equal(e.stage, ST_COMMITTED);
	store_abort(&t);
}

/* ---- transactions ---- */

static void
look_ups_in_a_transaction_see_its_writes_others_do_not(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct party p = party("SO.NIRA");
	uint8_t key[32] = {1};
	uint64_t seq[4];
	struct sample m;
	struct entry e;
	OWNED_BUF(b) = {0};

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	(void)accept(t, &m, &e);
	store_set_epoch(t, &p, key, 9, &no_incarnation);
	assert_int_equal(store_find(store, t, &m.v.header.from, &m.v.header.id, &e), E_OK);
	assert_int_equal(store_find_id(store, t, &m.v.header.id, &e), E_OK);
	assert_int_equal(store_find_to(store, t, &p, &m.v.header.id, NULL, &e), E_OK);
	assert_int_equal(store_body(store, t, 1, &b), E_OK);
	assert_int_equal(store_expired(store, t, NOW + 9 * HOUR, seq, 4), 1);
	assert_int_equal(store_epoch(store, t, &p, key, NULL), 9);

	assert_int_equal(
		store_find(store, NULL, &m.v.header.from, &m.v.header.id, &e), E_NOT_FOUND);
	assert_int_equal(store_entry(store, NULL, 1, &e), E_NOT_FOUND);
	assert_int_equal(store_body(store, NULL, 1, &b), E_NOT_FOUND);
	assert_int_equal(store_queue(store, &p, 0, &e, 1), 0);
	assert_int_equal(store_expired(store, NULL, NOW + 9 * HOUR, seq, 4), 0);
	assert_int_equal(store_epoch(store, NULL, &p, key, NULL), 0);

	store_dequeue(t, 1);
	assert_int_equal(store_expired(store, t, NOW + 9 * HOUR, seq, 4), 0);
	store_seal(t, sign, NULL);
	assert_int_equal(store_receipt(store, t, 1, ST_ACCEPTED, &b), E_OK);
	assert_int_equal(store_receipt(store, NULL, 1, ST_ACCEPTED, &b), E_NOT_FOUND);
	assert_int_equal(store_commit(&t), E_OK);
	assert_int_equal(store_receipt(store, NULL, 1, ST_ACCEPTED, &b), E_OK);
}

static void
aborted_transaction_leaves_nothing(void **unused)
{
	struct store_figures before, after;
	struct store_txn *t;
	struct sample m;
	struct entry e;

	file(1, "KE.CRS", "SO.NIRA");
	store_figures(store, &before);
	t = store_begin(store);
	sample(&m, 2, "KE.CRS", "SO.NIRA");
	(void)accept(t, &m, &e);
	store_seal(t, sign, NULL);
	store_abort(&t);
	assert_null(t);
	store_figures(store, &after);
	assert_memory_equal(&before, &after, sizeof before);
	assert_int_equal(store_find_id(store, NULL, &m.v.header.id, &e), E_NOT_FOUND);
	assert_int_equal(file(3, "KE.CRS", "SO.NIRA"), 2);
	assert_receipt(2, ST_ACCEPTED);
}

static void
first_failure_is_kept_and_later_steps_do_nothing(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	(void)accept(t, &m, &e);
	assert_int_equal(store_error(t), E_OK);
	store_dequeue(t, 77);
	assert_int_equal(store_error(t), E_NOT_FOUND);
	state(t, 1, ST_ACCEPTED);
	sample(&m, 2, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_accept(t, &m.v, m.bytes, NOW, &e), ACCEPT_NEW);
	assert_int_equal(e.seq, 0);
	assert_int_equal(store_entry(store, t, 1, &e), E_NOT_FOUND);
	assert_int_equal(commit(&t), E_NOT_FOUND);
	assert_null(t);
	assert_int_equal(store_entry(store, NULL, 1, &e), E_NOT_FOUND);
}

static enum err
sign_nothing(void *context, uint64_t size, const struct digest *root, struct buf *checkpoint)
{
	return E_NO_KEY;
}

static void
without_a_signed_checkpoint_nothing_is_committed(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	(void)accept(t, &m, &e);
	store_seal(t, sign_nothing, NULL);
	assert_int_equal(store_commit(&t), E_NO_KEY);
	assert_int_equal(store_entry(store, NULL, 1, &e), E_NOT_FOUND);
}

static void
transaction_without_writes_is_no_commit(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct store_figures f;
	unsigned calls = 0;

	store_seal(t, sign, &calls);
	assert_int_equal(store_commit(&t), E_OK);
	store_figures(store, &f);
	assert_int_equal(f.commits, 0);
	assert_int_equal(calls, 0);
}

/* ---- the log ---- */

static void
group_has_one_checkpoint_and_a_receipt_for_each_statement(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct digest root;
	unsigned calls = 0;
	uint64_t size;
	OWNED_BUF(note) = {0};

	for (uint64_t n = 1; n <= 20; n++) {
		struct sample m;
		struct entry e;

		sample(&m, n, "KE.CRS", "SO.NIRA");
		(void)accept(t, &m, &e);
		if (n % 3 == 0)
			state(t, n, ST_DELIVERED);
	}
	store_seal(t, sign, &calls);
	assert_int_equal(calls, 1);
	assert_int_equal(store_commit(&t), E_OK);
	assert_int_equal(store_checkpoint(store, &note), E_OK);
	assert_int_equal(
		checkpoint_verify(buf_bytes(&note), ORIGIN, log_public, &size, &root), E_OK);
	assert_int_equal(size, 26);
	for (uint64_t n = 1; n <= 20; n++) {
		assert_receipt(n, ST_ACCEPTED);
		if (n % 3 == 0)
			assert_receipt(n, ST_DELIVERED);
	}
}

static void
receipts_verify_at_every_size_of_the_log(void **unused)
{
	for (uint64_t n = 1; n <= 40; n++) {
		assert_int_equal(file(n, "KE.CRS", "SO.NIRA"), n);
		assert_receipt(n, ST_ACCEPTED);
		if (n % 8 == 0)
			reopen();
	}
	for (uint64_t n = 1; n <= 40; n++)
		assert_receipt(n, ST_ACCEPTED);
}

static void
receipt_stays_what_it_was(void **unused)
{
	uint64_t seq = file(1, "KE.CRS", "SO.NIRA");
	OWNED_BUF(first) = {0};
	OWNED_BUF(later) = {0};

	assert_int_equal(store_receipt(store, NULL, seq, ST_ACCEPTED, &first), E_OK);
	for (uint64_t n = 2; n <= 9; n++)
		file(n, "KE.CRS", "SO.NIRA");
	take(seq);
	reopen();
	assert_int_equal(store_receipt(store, NULL, seq, ST_ACCEPTED, &later), E_OK);
	assert_int_equal(first.size, later.size);
	assert_memory_equal(first.data, later.data, first.size);
}

/* ---- stages ---- */

static void
entry_tells_how_far_it_has_come(void **unused)
{
	uint64_t seq = file(1, "KE.CRS", "SO.NIRA");
	static const char extra[] = "<e:Message>signed by the addressee</e:Message>";
	struct store_txn *t;
	struct digest by;
	struct entry e;
	OWNED_BUF(b) = {0};

	take(seq);
	t = store_begin(store);
	store_attempts(t, seq, 3);
	end_of_message(t, seq, ST_REJECTED, bytes_of(extra, strlen(extra)));
	assert_int_equal(commit(&t), E_OK);
	reopen();
	assert_int_equal(store_entry(store, NULL, seq, &e), E_OK);
	digest_of(extra, strlen(extra), &by);
	assert_int_equal(e.stage, ST_REJECTED);
	assert_true(e.at[ST_ACCEPTED] == NOW && e.at[ST_DELIVERED] == NOW + 1000);
	assert_true(e.at[ST_REJECTED] == NOW + 5000);
	assert_string_equal(e.code, "SEAL");
	assert_true(digest_equal(&e.by, &by));
	assert_int_equal(e.attempts, 3);
	assert_int_equal(store_extra(store, seq, &b), E_OK);
	assert_string_equal((char *)b.data, extra);
	assert_receipt(seq, ST_DELIVERED);
	assert_receipt(seq, ST_REJECTED);
}

/* The stages that a message has gone through, and the one that must not follow. */
static void
expect_no_way(uint64_t n, const enum stage *gone, size_t count, enum stage next)
{
	uint64_t seq = file(n, "KE.CRS", "SO.NIRA");
	struct store_txn *t = store_begin(store);
	struct entry e;

	for (size_t i = 0; i < count; i++)
		state(t, seq, gone[i]);
	assert_int_equal(commit(&t), E_OK);
	t = store_begin(store);
	state(t, seq, next);
	assert_int_equal(store_error(t), E_STATE);
	assert_int_equal(commit(&t), E_STATE);
	assert_int_equal(store_entry(store, NULL, seq, &e), E_OK);
	assert_int_equal(e.stage, count == 0 ? ST_ACCEPTED : gone[count - 1]);
}

static void
stages_only_go_forward(void **unused)
{
	uint64_t n = 0;

	expect_no_way(++n, NULL, 0, ST_ACCEPTED);
	expect_no_way(++n, (enum stage[]){ST_DELIVERED}, 1, ST_DELIVERED);
	expect_no_way(++n, (enum stage[]){ST_DELIVERED}, 1, ST_ACCEPTED);
	expect_no_way(++n, NULL, 0, ST_CONFLICT);
	for (enum stage end = ST_COMMITTED; end < ST_CONFLICT; end++)
		for (enum stage next = ST_ACCEPTED; next < STAGE_N; next++)
			expect_no_way(++n, &end, 1, next);
}

static void
stages_only_go_forward_within_one_transaction(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	(void)accept(t, &m, &e);
	state(t, 1, ST_EXPIRED);
	assert_int_equal(store_error(t), E_OK);
	state(t, 1, ST_COMMITTED);
	assert_int_equal(commit(&t), E_STATE);
}

static void
stages_only_go_forward_even_over_one_that_was_left_out(void **unused)
{
	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;

	sample(&m, 1, "KE.CRS", "SO.NIRA");
	(void)store_accept(t, &m.v, m.bytes, NOW, &e);
	state(t, 1, ST_DELIVERED);
	assert_int_equal(store_error(t), E_OK);
	state(t, 1, ST_ACCEPTED);
	assert_int_equal(commit(&t), E_STATE);
}

/* ---- queues, notices, expiry ---- */

static void
queue_is_in_order_of_acceptance_for_each_addressee(void **unused)
{
	struct party so = party("SO.NIRA"), longer = party("SO.NIRA2");
	struct entry e[16];

	for (uint64_t n = 1; n <= 12; n++)
		file(n, "KE.CRS", n % 3 == 0 ? "SO.NIRA2" : "SO.NIRA");
	assert_int_equal(store_queue(store, &so, 0, e, 16), 8);
	for (size_t i = 1; i < 8; i++)
		assert_true(e[i - 1].seq < e[i].seq);
	assert_int_equal(store_queue(store, &longer, 0, e, 16), 4);
	assert_int_equal(e[0].seq, 3);
	assert_int_equal(store_queue(store, &so, 4, e, 3), 3);
	assert_int_equal(e[0].seq, 5);
	assert_int_equal(e[2].seq, 8);
	assert_int_equal(store_queue_depth(store, &so), 8);
	assert_int_equal(store_queue_depth(store, &longer), 4);
}

static void
taken_message_is_in_no_queue(void **unused)
{
	struct party to = party("SO.NIRA");
	uint64_t expired[8];
	struct entry e[8];

	for (uint64_t n = 1; n <= 3; n++)
		file(n, "KE.CRS", "SO.NIRA");
	take(2);
	reopen();
	assert_int_equal(store_queue(store, &to, 0, e, 8), 2);
	assert_int_equal(e[0].seq, 1);
	assert_int_equal(e[1].seq, 3);
	assert_int_equal(store_queue_depth(store, &to), 2);
	assert_int_equal(store_expired(store, NULL, NOW + 100 * (int64_t)HOUR, expired, 8), 2);
}

static void
dequeueing_twice_is_dequeueing_once(void **unused)
{
	struct party to = party("SO.NIRA");
	struct store_figures f;
	struct store_txn *t;

	file(1, "KE.CRS", "SO.NIRA");
	file(2, "KE.CRS", "SO.NIRA");
	t = store_begin(store);
	store_dequeue(t, 1);
	store_dequeue(t, 1);
	assert_int_equal(commit(&t), E_OK);
	t = store_begin(store);
	store_dequeue(t, 1);
	assert_int_equal(commit(&t), E_OK);
	store_figures(store, &f);
	assert_int_equal(f.queued, 1);
	assert_int_equal(store_queue_depth(store, &to), 1);
}

static void
notices_are_numbered_for_each_party(void **unused)
{
	struct party ke = party("KE.CRS"), ug = party("UG.NIRA");
	struct notice n[8];

	file(1, "KE.CRS", "SO.NIRA");
	file(2, "UG.NIRA", "SO.NIRA");
	file(3, "KE.CRS", "SO.NIRA");
	take(3);
	take(2);
	take(1);
	struct store_txn *t = store_begin(store);
	end_of_message(t, 3, ST_COMMITTED, bytes_of("signed", 6));
	assert_int_equal(commit(&t), E_OK);
	reopen();
	assert_int_equal(store_notices(store, &ke, 0, n, 8), 3);
	assert_true(n[0].number == 1 && n[0].seq == 3 && n[0].stage == ST_DELIVERED);
	assert_true(n[1].number == 2 && n[1].seq == 1 && n[1].stage == ST_DELIVERED);
	assert_true(n[2].number == 3 && n[2].seq == 3 && n[2].stage == ST_COMMITTED);
	assert_int_equal(store_notices(store, &ug, 0, n, 8), 1);
	assert_true(n[0].number == 1 && n[0].seq == 2);
	assert_int_equal(store_notices(store, &ke, 1, n, 1), 1);
	assert_int_equal(n[0].number, 2);
	assert_int_equal(store_notices(store, &ke, 3, n, 8), 0);
	assert_int_equal(store_notices(store, &ke, UINT64_MAX, n, 8), 0);
}

static void
expired_messages_come_oldest_first(void **unused)
{
	uint64_t seq[8];

	for (uint64_t n = 6; n >= 1; n--) /* number n expires n + 1 hours after NOW */
		file(n, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_expired(store, NULL, NOW + 2 * HOUR - 1, seq, 8), 0);
	assert_int_equal(store_expired(store, NULL, NOW + 2 * HOUR, seq, 8), 1);
	assert_int_equal(seq[0], 6);
	assert_int_equal(store_expired(store, NULL, NOW + 4 * HOUR, seq, 8), 3);
	assert_true(seq[0] == 6 && seq[1] == 5 && seq[2] == 4);
	assert_int_equal(store_expired(store, NULL, NOW + 4 * HOUR, seq, 2), 2);

	struct store_txn *t = store_begin(store);
	struct sample m;
	struct entry e;
	sample(&m, 7, "KE.CRS", "SO.NIRA");
	m.v.header.expires = -1; /* in 1969 */
	(void)accept(t, &m, &e);
	assert_int_equal(commit(&t), E_OK);
	assert_int_equal(store_expired(store, NULL, -2, seq, 8), 0);
	assert_int_equal(store_expired(store, NULL, NOW, seq, 8), 1);
	assert_int_equal(seq[0], 7);
}

static void
conversation_is_in_order_of_acceptance(void **unused)
{
	struct id conversation = numbered_id(1000001);
	struct entry e[16];

	for (uint64_t n = 25; n >= 5; n--) /* 10 to 19 belong to it */
		file(n, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_conversation(store, &conversation, e, 16), 10);
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(e[i].header.channel_seq, 19 - i);
	assert_int_equal(store_conversation(store, &conversation, e, 3), 3);
}

static void
recent_messages_come_newest_first(void **unused)
{
	struct entry e[8];

	for (uint64_t n = 1; n <= 5; n++)
		file(n, "KE.CRS", "SO.NIRA");
	assert_int_equal(store_recent(store, 0, e, 2), 2);
	assert_true(e[0].seq == 5 && e[1].seq == 4);
	assert_int_equal(store_recent(store, 4, e, 8), 3);
	assert_true(e[0].seq == 3 && e[2].seq == 1);
}

/* ---- epochs and figures ---- */

static void
epoch_belongs_to_a_party_and_a_key(void **unused)
{
	struct party ke = party("KE.CRS"), so = party("SO.NIRA");
	uint8_t one[32] = {1}, two[32] = {2};
	struct store_txn *t = store_begin(store);

	store_set_epoch(t, &ke, one, 5, &no_incarnation);
	store_set_epoch(t, &ke, two, 6, &no_incarnation);
	store_set_epoch(t, &ke, one, UINT64_MAX, &no_incarnation);
	assert_int_equal(store_trust_version(store), 0);
	store_set_trust_version(t, 3);
	assert_int_equal(commit(&t), E_OK);
	reopen();
	assert_int_equal(store_trust_version(store), 3);
	assert_true(store_epoch(store, NULL, &ke, one, NULL) == UINT64_MAX);
	assert_int_equal(store_epoch(store, NULL, &ke, two, NULL), 6);
	assert_int_equal(store_epoch(store, NULL, &so, one, NULL), 0);
}

static void
figures_are_those_of_the_last_commit(void **unused)
{
	struct store_figures f;
	struct store_txn *t;

	store_figures(store, &f);
	assert_int_equal(f.messages, 0);
	assert_true(f.oldest_queued == 0);
	for (uint64_t n = 1; n <= 6; n++) {
		now = NOW + (int64_t)n;
		file(n, "KE.CRS", n == 1 ? "SO.CRS" : "SO.NIRA");
	}
	now = NOW;
	take(2);
	t = store_begin(store);
	end_of_message(t, 3, ST_COMMITTED, bytes_of("signed", 6));
	end_of_message(t, 4, ST_EXPIRED, bytes_of(NULL, 0));
	assert_int_equal(commit(&t), E_OK);
	store_figures(store, &f);
	assert_int_equal(f.commits, 8);
	reopen();
	store_figures(store, &f);
	assert_int_equal(f.commits, 0); /* since start */
	assert_int_equal(f.messages, 6);
	assert_int_equal(f.queued, 3);
	assert_int_equal(f.log_size, 9);
	assert_int_equal(f.stage[ST_ACCEPTED], 3);
	assert_int_equal(f.stage[ST_DELIVERED], 1);
	assert_int_equal(f.stage[ST_COMMITTED], 1);
	assert_int_equal(f.stage[ST_EXPIRED], 1);
	assert_true(f.oldest_queued == NOW + 1);
	assert_int_equal(f.map_size, MAP);
	assert_in_range(f.map_used, 16 * 4096, 1 << 20);
}

/* ---- the process dies ---- */

/* Commits for ever, and says each number on the pipe after its commit. Every third message is taken
 * and every sixth ended in the group that accepts the next. */
static void
work_until_killed(int pipe)
{
	open_store(MAP);
	struct store_figures f;
	store_figures(store, &f);
	for (uint64_t n = f.messages + 1;; n++) {
		struct store_txn *t = store_begin(store);
		struct sample m;
		struct entry e;

		sample(&m, n, "KE.CRS", "SO.NIRA");
		if (accept(t, &m, &e) != ACCEPT_NEW || e.seq != n)
			_exit(2);
		if (n % 3 == 1 && n > 1)
			end_of_message(t, n - 1, n % 2 ? ST_COMMITTED : ST_EXPIRED, m.bytes);
		if (commit(&t) != E_OK || write(pipe, &n, sizeof n) != sizeof n)
			_exit(3);
	}
}

/* Kills it the moment it has reported this many commits; the last number that it reported. */
static uint64_t
kill_after(unsigned reports)
{
	uint64_t n = 0, last = 0;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[0]);
		work_until_killed(ends[1]);
	}
	close(ends[1]);
	while (reports-- > 0 && read(ends[0], &n, sizeof n) == sizeof n)
		last = n;
	kill(child, SIGKILL);
	while (read(ends[0], &n, sizeof n) == sizeof n)
		last = n;
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return last;
}

/* Everything that hangs together does, up to the last commit. */
static void
assert_consistent(uint64_t at_least)
{
	struct party ke = party("KE.CRS"), so = party("SO.NIRA");
	uint64_t stage[STAGE_N] = {0}, ended = 0;
	struct store_figures f;
	struct notice notice;
	OWNED_BUF(b) = {0};

	store_figures(store, &f);
	assert_true(f.messages >= at_least);
	for (uint64_t n = 1; n <= f.messages; n++) {
		struct sample m;
		struct entry e;

		sample(&m, n, "KE.CRS", "SO.NIRA");
		assert_int_equal(
			store_find(store, NULL, &m.v.header.from, &m.v.header.id, &e), E_OK);
		assert_int_equal(e.seq, n);
		assert_receipt(n, ST_ACCEPTED);
		assert_receipt(n, e.stage);
		assert_int_equal(
			store_body(store, NULL, n, &b), stage_final(e.stage) ? E_NOT_FOUND : E_OK);
		stage[e.stage]++;
		ended += stage_final(e.stage);
	}
	for (int s = 0; s < STAGE_N; s++)
		assert_int_equal(f.stage[s], stage[s]);
	assert_int_equal(f.log_size, f.messages + ended);
	assert_int_equal(f.queued, f.messages - ended);
	assert_int_equal(store_queue_depth(store, &so), f.queued);
	assert_int_equal(store_notices(store, &ke, ended, &notice, 1), 0);
	if (ended > 0)
		assert_int_equal(store_notices(store, &ke, ended - 1, &notice, 1), 1);
}

static void
killed_process_loses_nothing_that_it_committed(void **unused)
{
	for (unsigned i = 0; i < 12; i++) {
		uint64_t reported = kill_after(1 + i * 3);

		assert_true(reported > 0);
		open_store(MAP);
		assert_consistent(reported);
		store_close(&store);
	}
}

static void
store_is_open_in_one_process_at_a_time(void **unused)
{
	struct store *second = NULL;

	assert_int_equal(store_open(folder, MAP, store_key_of_tests, &second), E_LOCKED);
	assert_null(second);
	store_close(&store);
	assert_true(kill_after(1) > 0); /* it had it, and died with it */
	open_store(MAP);
}

/* ---- no room ---- */

#define SMALL_MAP (4 << 20)

static void
sample_of(struct sample *m, uint64_t n, struct bytes octets)
{
	sample(m, n, "KE.CRS", "SO.NIRA");
	m->bytes = octets;
	digest_of(octets.data, octets.size, &m->v.digest);
}

static uint64_t
fill_while_there_is_room(struct bytes octets, unsigned group)
{
	uint64_t n = 0;

	while (store_has_room(store)) {
		struct store_txn *t = store_begin(store);
		struct sample m;
		struct entry e;

		for (unsigned i = 0; i < group && store_has_room(store); i++) {
			sample_of(&m, ++n, octets);
			(void)accept(t, &m, &e);
		}
		assert_int_equal(commit(&t), E_OK);
		assert_true(n < 100000);
	}
	return n;
}

/* Goes on until nine tenths are used; the number of the last. */
static uint64_t
fill_in_spite(struct bytes octets, uint64_t n)
{
	struct store_figures figures;
	struct sample m;
	struct entry e;

	for (store_figures(store, &figures); figures.map_used < SMALL_MAP / 10 * 9;
		store_figures(store, &figures)) {
		struct store_txn *t = store_begin(store);

		sample_of(&m, ++n, octets);
		(void)accept(t, &m, &e);
		assert_int_equal(commit(&t), E_OK);
	}
	return n;
}

static void
full_store_finishes_what_it_accepted(void **unused)
{
	static const unsigned groups[] = {1, 7, 64};
	uint8_t octets[5000], extra[5000];
	struct store_figures f;

	memset(octets, 'b', sizeof octets);
	memset(extra, 'x', sizeof extra);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		(void)clean(unused);
		assert_int_equal(mkdir(folder, 0700), 0);
		open_store(SMALL_MAP);
		uint64_t n = fill_while_there_is_room(bytes_of(octets, sizeof octets), groups[i]);
		assert_in_range(n, 30, 300);
		for (uint64_t seq = 1; seq <= n; seq++)
			take(seq);
		for (uint64_t seq = 1; seq <= n; seq++) {
			struct store_txn *t = store_begin(store);

			end_of_message(t, seq, ST_COMMITTED, bytes_of(extra, sizeof extra));
			assert_int_equal(commit(&t), E_OK);
		}
		store_figures(store, &f);
		assert_int_equal(f.stage[ST_COMMITTED], n);
		assert_receipt(n, ST_COMMITTED);
	}
}

static void
room_comes_back_when_bodies_are_forgotten(void **unused)
{
	uint8_t *octets = xcalloc(1, 100000);
	uint64_t n;

	(void)clean(unused);
	assert_int_equal(mkdir(folder, 0700), 0);
	open_store(SMALL_MAP);
	n = fill_while_there_is_room(bytes_of(octets, 100000), 64);
	n = fill_in_spite(bytes_of(octets, 100000), n);
	assert_false(store_has_room(store));
	for (uint64_t seq = 1; seq <= n; seq++) {
		struct store_txn *t = store_begin(store);

		end_of_message(t, seq, ST_EXPIRED, bytes_of(NULL, 0));
		assert_int_equal(commit(&t), E_OK);
	}
	file(n + 1, "KE.CRS", "SO.NIRA"); /* pages are free after the next commit */
	assert_true(store_has_room(store));
	free_octets(&octets);
}

static void
group_that_does_not_fit_leaves_the_store_as_it_was(void **unused)
{
	uint8_t *octets = xcalloc(1, 200000);
	struct store_figures before, after;
	struct store_txn *t;
	uint64_t n = 1;
	struct entry e;

	(void)clean(unused);
	assert_int_equal(mkdir(folder, 0700), 0);
	open_store(SMALL_MAP);
	assert_int_equal(file(1, "KE.CRS", "SO.NIRA"), 1);
	store_figures(store, &before);
	t = store_begin(store);
	while (store_error(t) == E_OK && n < 1000) {
		struct sample m;

		sample_of(&m, ++n, bytes_of(octets, 200000));
		(void)accept(t, &m, &e);
	}
	assert_int_equal(store_error(t), E_STORE_FULL);
	assert_int_equal(commit(&t), E_STORE_FULL);
	store_figures(store, &after);
	assert_memory_equal(&before, &after, sizeof before);
	take(1);
	assert_receipt(1, ST_DELIVERED);
	free_octets(&octets);
}

/* ---- opening ---- */

static void
disk_is_taken_when_the_store_is_made(void **unused)
{
	char probe[96], file_name[96];
	struct stat st;
	int fd;

	snprintf(probe, sizeof probe, "%s/probe", folder);
	fd = open(probe, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	if (fallocate(fd, 0, 0, 4096) == 0) {
		open_store(MAP);
		snprintf(file_name, sizeof file_name, "%s/data.mdb", folder);
		assert_int_equal(stat(file_name, &st), 0);
		assert_true(st.st_size >= MAP && (size_t)st.st_blocks * 512 >= MAP);
	}
	close(fd);
}

static void
disk_that_is_too_small_is_noticed_at_once(void **unused)
{
	struct rlimit old, small;
	enum err e;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = MAP / 2;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	e = store_open(folder, MAP, store_key_of_tests, &store);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(e, E_STORE_FULL);
	assert_null(store);
	open_store(MAP); /* and nothing is in the way afterwards */
	file(1, "KE.CRS", "SO.NIRA");
}

static void
map_that_is_too_small_is_noticed_at_once(void **unused)
{
	assert_int_equal(store_open(folder, 4096, store_key_of_tests, &store), E_STORE_FULL);
	assert_null(store);
}

static void
folder_that_cannot_be_made_is_an_error(void **unused)
{
	char deep[96];

	snprintf(deep, sizeof deep, "%s/no/such", folder);
	assert_int_equal(store_open(deep, MAP, store_key_of_tests, &store), E_IO);
	assert_null(store);
	snprintf(deep, sizeof deep, "%s/new", folder);
	assert_int_equal(store_open(deep, MAP, store_key_of_tests, &store), E_OK);
}

static void
map_may_grow_later(void **unused)
{
	struct store_figures f;

	open_store(SMALL_MAP);
	file(1, "KE.CRS", "SO.NIRA");
	store_close(&store);
	open_store(2 * SMALL_MAP);
	store_figures(store, &f);
	assert_int_equal(f.map_size, 2 * SMALL_MAP);
	assert_receipt(1, ST_ACCEPTED);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fresh, clean)
#define CLOSED(name) cmocka_unit_test_setup_teardown(name, fresh_folder, clean)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(accepted_message_is_found_under_each_of_its_names),
		T(what_is_not_there_is_not_found),
		T(same_message_again_is_the_first_one),
		T(same_id_with_other_octets_is_a_conflict),
		T(id_belongs_to_its_sender),
		T(id_is_remembered_after_the_message_has_ended),
		T(look_ups_in_a_transaction_see_its_writes_others_do_not),
		T(aborted_transaction_leaves_nothing),
		T(first_failure_is_kept_and_later_steps_do_nothing),
		T(without_a_signed_checkpoint_nothing_is_committed),
		T(transaction_without_writes_is_no_commit),
		T(group_has_one_checkpoint_and_a_receipt_for_each_statement),
		T(receipts_verify_at_every_size_of_the_log),
		T(receipt_stays_what_it_was),
		T(entry_tells_how_far_it_has_come),
		T(stages_only_go_forward),
		T(stages_only_go_forward_within_one_transaction),
		T(stages_only_go_forward_even_over_one_that_was_left_out),
		T(queue_is_in_order_of_acceptance_for_each_addressee),
		T(taken_message_is_in_no_queue),
		T(dequeueing_twice_is_dequeueing_once),
		T(notices_are_numbered_for_each_party),
		T(expired_messages_come_oldest_first),
		T(conversation_is_in_order_of_acceptance),
		T(recent_messages_come_newest_first),
		T(epoch_belongs_to_a_party_and_a_key),
		T(figures_are_those_of_the_last_commit),
		CLOSED(killed_process_loses_nothing_that_it_committed),
		T(store_is_open_in_one_process_at_a_time),
		T(full_store_finishes_what_it_accepted),
		T(room_comes_back_when_bodies_are_forgotten),
		T(group_that_does_not_fit_leaves_the_store_as_it_was),
		CLOSED(disk_is_taken_when_the_store_is_made),
		CLOSED(disk_that_is_too_small_is_noticed_at_once),
		CLOSED(map_that_is_too_small_is_noticed_at_once),
		CLOSED(folder_that_cannot_be_made_is_an_error),
		CLOSED(map_may_grow_later),
	};

	return cmocka_run_group_tests_name("store", tests, make_key, drop_key);
}
