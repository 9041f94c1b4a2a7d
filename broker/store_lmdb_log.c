/* SPDX-License-Identifier: EUPL-1.2
 *
 * The log inside the store: statements as leaves, the hashes of complete subtrees, checkpoints and
 * receipts. Statements are collected while a transaction is open; store_seal appends them all, has
 * the new root signed once, and makes each its receipt, which leads to that one checkpoint. So a
 * receipt exists exactly when the state that it speaks of does. */
#include "broker/store_lmdb.h"

#include <stdlib.h>
#include <string.h>

struct key
key_node(unsigned level, uint64_t index)
{
	uint8_t octet = (uint8_t)level;

	return key_and_seq(key_and((struct key){.size = 0}, &octet, 1), index);
}

static bool
view_node(const struct view *v, unsigned level, uint64_t index, struct digest *out)
{
	struct key k = key_node(level, index);
	struct bytes hash;

	if (table_get(v, T_NODE, &k, &hash) != E_OK || hash.size != DIGEST_SIZE)
		return false;
	memcpy(out->octet, hash.data, DIGEST_SIZE);
	return true;
}

/* Leaves that are sealed together are neighbours, and share their ways up but for the lowest steps:
 * the nodes that were read or written last are kept while the sealing lasts. A complete subtree
 * never changes, and what was read has been authenticated. */
#define KEPT 1024 /* more than the leaves of most commits have */

struct sealing {
	struct store_txn *t;
	struct kept_node {
		bool is;
		uint8_t level;
		uint64_t index;
		struct digest hash;
	} kept[KEPT];
};

static struct kept_node *
place_of(struct sealing *s, unsigned level, uint64_t index)
{
	return &s->kept[(index + UINT64_C(61) * level) % KEPT];
}

static void
keep_node(struct sealing *s, unsigned level, uint64_t index, const struct digest *hash)
{
	*place_of(s, level, index) = (struct kept_node){true, (uint8_t)level, index, *hash};
}

static bool
get_node(void *context, unsigned level, uint64_t index, struct digest *out)
{
	struct sealing *s = context;
	const struct kept_node *kept = place_of(s, level, index);

	if (kept->is && kept->level == level && kept->index == index) {
		*out = kept->hash;
		return true;
	}
	VIEW(v, s->t->s, s->t);
	if (!view_node(&v, level, index, out))
		return false;
	keep_node(s, level, index, out);
	return true;
}

/* For look-ups outside a transaction. */
static bool
get_committed(void *context, unsigned level, uint64_t index, struct digest *out)
{
	return view_node(context, level, index, out);
}

static void
put_node(void *context, unsigned level, uint64_t index, const struct digest *hash)
{
	struct sealing *s = context;
	struct key k = key_node(level, index);

	table_put(s->t, T_NODE, &k, bytes_of(hash->octet, DIGEST_SIZE));
	keep_node(s, level, index, hash);
}

static struct merkle_store
tree_of(struct sealing *s)
{
	return (struct merkle_store){s, get_node, put_node};
}

struct key
key_receipt(uint64_t seq, enum stage stage)
{
	uint8_t octet = (uint8_t)stage;

	return key_and(key_seq(seq), &octet, 1);
}

/* What was composed behind `at'. */
static void
add_pending(struct store_txn *t, const struct key *receipt, size_t at)
{
	struct pending p = {*receipt, at, t->statements.size - at};

	if (t->n_pending == t->room_pending) {
		t->room_pending = t->room_pending * 2 + 16;
		t->pending = xrealloc(t->pending, t->room_pending * sizeof *t->pending);
	}
	t->pending[t->n_pending++] = p;
}

void
log_statement(struct store_txn *t, const struct key *receipt, const struct statement *what)
{
	size_t at = t->statements.size;

	if (t->error != E_OK)
		return;
	statement_compose(what, &t->statements);
	add_pending(t, receipt, at);
}

uint64_t
log_act(struct store_txn *t, const struct leaf_act *what)
{
	const struct key none = {.size = 0};
	size_t at = t->statements.size;

	if (t->error != E_OK)
		return 0;
	act_compose(what, &t->statements);
	add_pending(t, &none, at);
	return t->figures.log_size + t->n_pending - 1;
}

static struct bytes
statement_of(const struct store_txn *t, const struct pending *p)
{
	return bytes_of(t->statements.data + p->at, p->size);
}

static void
append_leaves(struct sealing *s)
{
	const struct merkle_store tree = tree_of(s);
	struct store_txn *t = s->t;
	struct digest leaf;

	for (size_t i = 0; i < t->n_pending && t->error == E_OK; i++) {
		struct bytes statement = statement_of(t, &t->pending[i]);
		struct key k = key_seq(t->figures.log_size);

		table_append(t, T_LEAF, &k, statement);
		merkle_leaf(statement, &leaf);
		if (!merkle_append(&tree, t->figures.log_size, &leaf))
			txn_failed(t, E_DAMAGED);
		t->figures.log_size++;
	}
}

static void
make_checkpoint(struct sealing *s, store_signer *sign, void *context, struct buf *note)
{
	const struct merkle_store tree = tree_of(s);
	struct store_txn *t = s->t;
	uint64_t size = t->figures.log_size;
	struct key k = key_seq(size);
	struct digest root;
	enum err e;

	if (t->error != E_OK)
		return;
	if (!merkle_root(&tree, size, &root)) {
		txn_failed(t, E_DAMAGED);
		return;
	}
	e = sign(context, size, &root, note);
	if (e != E_OK)
		txn_failed(t, e);
	table_append(t, T_CHECKPOINT, &k, buf_bytes(note));
}

static void
make_receipt(struct sealing *s, const struct pending *p, uint64_t index, struct bytes note)
{
	const struct merkle_store tree = tree_of(s);
	struct store_txn *t = s->t;
	struct digest proof[MERKLE_PROOF_MAX];
	OWNED_BUF(receipt) = {0};
	size_t n;

	if (!merkle_prove(&tree, index, t->figures.log_size, proof, &n)) {
		txn_failed(t, E_DAMAGED);
		return;
	}
	receipt_compose(statement_of(t, p), index, t->figures.log_size, proof, n, note, &receipt);
	table_put(t, T_RECEIPT, &p->receipt, buf_bytes(&receipt));
}

void
store_seal(struct store_txn *t, store_signer *sign, void *context)
{
	uint64_t first = t->figures.log_size;
	struct sealing s = {.t = t};
	OWNED_BUF(note) = {0};

	if (t->n_pending == 0)
		return;
	append_leaves(&s);
	make_checkpoint(&s, sign, context, &note);
	for (size_t i = 0; i < t->n_pending && t->error == E_OK; i++)
		if (t->pending[i].receipt.size > 0)
			make_receipt(&s, &t->pending[i], first + i, buf_bytes(&note));
	t->n_pending = 0;
}

enum err
store_receipt(struct store *s, struct store_txn *t, uint64_t seq, enum stage stage, struct buf *out)
{
	struct key k = key_receipt(seq, stage);
	struct bytes receipt;

	VIEW(v, s, t);
	TRY(table_get(&v, T_RECEIPT, &k, &receipt));
	buf_reset(out);
	buf_add_bytes(out, receipt);
	return E_OK;
}

enum err
store_checkpoint(struct store *s, struct buf *out)
{
	struct key k = key_seq(s->figures.log_size);
	struct bytes note;

	VIEW(v, s, NULL);
	TRY(table_get(&v, T_CHECKPOINT, &k, &note));
	buf_reset(out);
	buf_add_bytes(out, note);
	return E_OK;
}

uint64_t
store_log_size(struct store *s)
{
	return s->figures.log_size;
}

enum err
store_log_root(struct store *s, uint64_t size, struct digest *out)
{
	if (size > s->figures.log_size)
		return E_NOT_FOUND;
	VIEW(v, s, NULL);
	const struct merkle_store tree = {.context = &v, .get = get_committed};

	return merkle_root(&tree, size, out) ? E_OK : E_DAMAGED;
}

enum err
store_prove_grown(struct store *s, uint64_t old, uint64_t size,
	struct digest proof[MERKLE_PROOF_MAX], size_t *n)
{
	*n = 0;
	if (old > size || size > s->figures.log_size)
		return E_NOT_FOUND;
	VIEW(v, s, NULL);
	const struct merkle_store tree = {.context = &v, .get = get_committed};

	return merkle_prove_grown(&tree, old, size, proof, n) ? E_OK : E_DAMAGED;
}

bool
log_has_leaf(const struct view *v, uint64_t index, struct bytes leaf)
{
	const struct merkle_store tree = {.context = (void *)(uintptr_t)v, .get = get_committed};
	uint64_t size = table_last_seq(v, T_CHECKPOINT);
	struct digest proof[MERKLE_PROOF_MAX], hash, root;
	size_t n;

	merkle_leaf(leaf, &hash);
	return index < size && merkle_root(&tree, size, &root) &&
	       merkle_prove(&tree, index, size, proof, &n) &&
	       merkle_verify(&hash, index, size, proof, n, &root) == E_OK;
}

int64_t
store_newest(struct store *s)
{
	struct key k = key_seq(s->figures.log_size - 1);
	struct statement newest;
	struct bytes leaf;
	struct leaf_act act;

	VIEW(v, s, NULL);
	if (s->figures.log_size == 0 || table_get(&v, T_LEAF, &k, &leaf) != E_OK)
		return 0;
	if (act_parse(leaf, &act) == E_OK)
		return act.at;
	return statement_parse(leaf, &newest) == E_OK ? newest.at : 0;
}
