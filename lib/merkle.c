/* SPDX-License-Identifier: EUPL-1.2
 *
 * RFC 9162 section 2.1 over complete subtrees. A tree of any size is a row of complete subtrees,
 * one for each bit that is set in its size, the largest at the left; a complete subtree never
 * changes. So appending writes each node once, and a root or a proof reads about log2(size) nodes,
 * however old the leaf is. Everything walks from the leaves upwards. */
#include "lib/merkle.h"

#include <string.h>

static const EVP_MD *
sha256(void)
{
	static EVP_MD *md;

	/* Fetched once: looking an algorithm up costs more than hashing a node. */
	if (md == NULL && (md = EVP_MD_fetch(NULL, "SHA256", NULL)) == NULL)
		die("no SHA-256");
	return md;
}

static void
hash(uint8_t prefix, struct bytes a, struct bytes b, struct digest *out)
{
	static EVP_MD_CTX *ctx;

	if (ctx == NULL && (ctx = EVP_MD_CTX_new()) == NULL)
		die("no SHA-256");
	if (EVP_DigestInit_ex(ctx, sha256(), NULL) != 1 || EVP_DigestUpdate(ctx, &prefix, 1) != 1 ||
		EVP_DigestUpdate(ctx, a.data, a.size) != 1 ||
		EVP_DigestUpdate(ctx, b.data, b.size) != 1 ||
		EVP_DigestFinal_ex(ctx, out->octet, NULL) != 1)
		die("SHA-256 failed");
}

void
merkle_leaf(struct bytes leaf, struct digest *out)
{
	hash(0x00, leaf, bytes_of("", 0), out);
}

void
merkle_node(const struct digest *left, const struct digest *right, struct digest *out)
{
	hash(0x01, bytes_of(left->octet, DIGEST_SIZE), bytes_of(right->octet, DIGEST_SIZE), out);
}

bool
merkle_append(const struct merkle_store *s, uint64_t size, const struct digest *leaf)
{
	struct digest node = *leaf, left;
	uint64_t index = size;
	unsigned level = 0;

	s->put(s->context, level, index, &node);
	for (; index & 1; index >>= 1, level++) {
		if (!s->get(s->context, level, index - 1, &left))
			return false;
		merkle_node(&left, &node, &node);
		s->put(s->context, level + 1, index >> 1, &node);
	}
	return true;
}

/* The hash over the last `span' leaves of a tree of `size', where `span' is made of the lowest bits
 * of `size': the ragged right edge. */
static bool
edge(const struct merkle_store *s, uint64_t size, uint64_t span, struct digest *out)
{
	struct digest node;
	bool begun = false;

	for (unsigned level = 0; level < 64; level++) {
		if ((span >> level & 1) == 0)
			continue;
		if (!s->get(s->context, level, (size >> level) - 1, &node))
			return false;
		if (begun)
			merkle_node(&node, out, out);
		else
			*out = node;
		begun = true;
	}
	return begun;
}

bool
merkle_root(const struct merkle_store *s, uint64_t size, struct digest *out)
{
	if (size == 0) {
		digest_of("", 0, out);
		return true;
	}
	return edge(s, size, size, out);
}

/* The node at `index' of `level' in the tree of `size' leaves, which may be its ragged edge. */
static bool
node_at(const struct merkle_store *s, unsigned level, uint64_t index, uint64_t size,
	struct digest *out)
{
	uint64_t first = index << level;

	if (size - first >= (uint64_t)1 << level)
		return s->get(s->context, level, index, out);
	return edge(s, size, size - first, out);
}

/* The siblings on the way from a node of `level' to the root of the tree of `size' leaves. */
static bool
way_up(const struct merkle_store *s, unsigned level, uint64_t node, uint64_t size,
	struct digest proof[MERKLE_PROOF_MAX], size_t *n)
{
	for (uint64_t last = (size - 1) >> level; last > 0; level++, node >>= 1, last >>= 1) {
		uint64_t sibling = node ^ 1;

		/* The last node of a level with an even number has none: it rises as it is. */
		if (sibling > last)
			continue;
		if (!node_at(s, level, sibling, size, &proof[(*n)++]))
			return false;
	}
	return true;
}

bool
merkle_prove(const struct merkle_store *s, uint64_t index, uint64_t size,
	struct digest proof[MERKLE_PROOF_MAX], size_t *n)
{
	*n = 0;
	return index < size && way_up(s, 0, index, size, proof, n);
}

enum err
merkle_verify(const struct digest *leaf, uint64_t index, uint64_t size, const struct digest *proof,
	size_t n, const struct digest *root)
{
	uint64_t node = index, last = size - 1;
	struct digest r = *leaf;

	if (index >= size)
		return E_PROOF;
	for (size_t i = 0; i < n; i++) {
		if (last == 0)
			return E_PROOF;
		if ((node & 1) != 0 || node == last) {
			merkle_node(&proof[i], &r, &r);
			while ((node & 1) == 0 && node != 0) {
				node >>= 1;
				last >>= 1;
			}
		} else {
			merkle_node(&r, &proof[i], &r);
		}
		node >>= 1;
		last >>= 1;
	}
	return last == 0 && digest_equal(&r, root) ? E_OK : E_PROOF;
}

/* The largest complete subtree that ends with the tree of `old' leaves is what both trees have in
 * common there; from it the path upwards is that of an inclusion proof. */
bool
merkle_prove_grown(const struct merkle_store *s, uint64_t old, uint64_t size,
	struct digest proof[MERKLE_PROOF_MAX], size_t *n)
{
	uint64_t node = old - 1;
	unsigned level = 0;

	*n = 0;
	if (old > size)
		return false;
	if (old == 0 || old == size)
		return true;
	for (; (node & 1) != 0; node >>= 1)
		level++;
	if (node != 0 && !node_at(s, level, node, size, &proof[(*n)++]))
		return false;
	return way_up(s, level, node, size, proof, n);
}

/* What a walk upwards has come to: both trees' hashes over what was read so far. */
struct climb {
	uint64_t node, last;
	struct digest old, now;
};

static bool
climb_on(struct climb *c, const struct digest *with)
{
	if (c->last == 0)
		return false;
	if ((c->node & 1) != 0 || c->node == c->last) {
		merkle_node(with, &c->old, &c->old);
		merkle_node(with, &c->now, &c->now);
		while ((c->node & 1) == 0 && c->node != 0) {
			c->node >>= 1;
			c->last >>= 1;
		}
	} else {
		merkle_node(&c->now, with, &c->now);
	}
	c->node >>= 1;
	c->last >>= 1;
	return true;
}

enum err
merkle_verify_grown(uint64_t old, const struct digest *old_root, uint64_t size,
	const struct digest *root, const struct digest *proof, size_t n)
{
	struct climb c = {.node = old - 1, .last = size - 1};
	struct digest none;
	size_t i = 0;

	if (old == 0) {
		digest_of("", 0, &none);
		return n == 0 && digest_equal(old_root, &none) ? E_OK : E_PROOF;
	}
	if (old == size)
		return n == 0 && digest_equal(old_root, root) ? E_OK : E_PROOF;
	if (old > size || n == 0)
		return E_PROOF;
	for (; (c.node & 1) != 0; c.node >>= 1, c.last >>= 1)
		continue;
	/* A complete old tree is not in its own proof. */
	c.old = c.now = c.node == 0 ? *old_root : proof[i++];
	while (i < n)
		if (!climb_on(&c, &proof[i++]))
			return E_PROOF;
	return c.last == 0 && digest_equal(&c.old, old_root) && digest_equal(&c.now, root)
		       ? E_OK
		       : E_PROOF;
}
