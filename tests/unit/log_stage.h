/* SPDX-License-Identifier: EUPL-1.2
 *
 * A log that grows, for tests that play the exchange: receipts, heads and proofs of one log, or,
 * with a second one, of two. */
#ifndef DAFTAR_LOG_STAGE_H
#define DAFTAR_LOG_STAGE_H

#include "tests/unit/test.h"

#include "lib/receipt.h"
#include "lib/trust.h"

#define LOG_STAGE_LEAVES 4096
#define LOG_STAGE_LEVELS 13

struct stage_log {
	struct digest node[LOG_STAGE_LEVELS][LOG_STAGE_LEAVES];
	uint64_t size, generation;
};

static struct stage_log the_log __attribute__((unused)) = {.generation = 1};

static inline bool
stage_log_get(void *context, unsigned level, uint64_t index, struct digest *out)
{
	const struct stage_log *l = context;

	*out = l->node[level][index];
	return true;
}

static inline void
stage_log_put(void *context, unsigned level, uint64_t index, const struct digest *hash)
{
	((struct stage_log *)context)->node[level][index] = *hash;
}

static inline struct merkle_store
stage_log_tree(struct stage_log *l)
{
	return (struct merkle_store){l, stage_log_get, stage_log_put};
}

static inline void
stage_log_append(struct stage_log *l, struct bytes leaf)
{
	const struct merkle_store tree = stage_log_tree(l);
	struct digest hash;

	assert_true(l->size < LOG_STAGE_LEAVES);
	merkle_leaf(leaf, &hash);
	assert_true(merkle_append(&tree, l->size++, &hash));
}

/* Of the tree as it was with that size. */
static inline void
stage_log_note(struct stage_log *l, uint64_t size, const char *name, EVP_PKEY *key, struct buf *out)
{
	const struct merkle_store tree = stage_log_tree(l);
	char origin[ORIGIN_SIZE];
	struct digest root;

	assert_true(checkpoint_origin(name, l->generation, origin));
	assert_true(merkle_root(&tree, size, &root));
	buf_reset(out);
	assert_int_equal(checkpoint_sign(origin, size, &root, key, out), E_OK);
}

static inline void
stage_log_proof(struct stage_log *l, uint64_t old, uint64_t size, struct buf *out)
{
	const struct merkle_store tree = stage_log_tree(l);
	struct digest proof[MERKLE_PROOF_MAX];
	size_t n;

	assert_true(merkle_prove_grown(&tree, old, size, proof, &n));
	buf_reset(out);
	buf_add(out, proof, n * DIGEST_SIZE);
}

/* Appends the statement. */
static inline void
stage_log_receipt(struct stage_log *l, const struct statement *what, const char *name,
	EVP_PKEY *key, struct buf *out)
{
	const struct merkle_store tree = stage_log_tree(l);
	struct digest proof[MERKLE_PROOF_MAX];
	OWNED_BUF(leaf) = {0};
	OWNED_BUF(note) = {0};
	size_t n;

	statement_compose(what, &leaf);
	stage_log_append(l, buf_bytes(&leaf));
	stage_log_note(l, l->size, name, key, &note);
	assert_true(merkle_prove(&tree, l->size - 1, l->size, proof, &n));
	buf_reset(out);
	receipt_compose(buf_bytes(&leaf), l->size - 1, l->size, proof, n, buf_bytes(&note), out);
}

#endif
