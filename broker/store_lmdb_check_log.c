/* SPDX-License-Identifier: EUPL-1.2
 *
 * What must hold within the log: every leaf has its hash, every node is the hash of its two
 * children, and every checkpoint is of the root that the log had at its size. */
#include "broker/store_lmdb.h"

#include <string.h>

static uint64_t
seq_in(const struct key *k, size_t at)
{
	return k->size < at + 8 ? 0 : key_last_seq(bytes_of(k->octet, at + 8));
}

static bool
node_at(struct scrub_run *run, unsigned level, uint64_t index, struct digest *out)
{
	struct key k = key_node(level, index);
	struct bytes hash;

	if (table_get(run->view, T_NODE, &k, &hash) != E_OK || hash.size != DIGEST_SIZE)
		return false;
	memcpy(out->octet, hash.data, DIGEST_SIZE);
	return true;
}

static bool
get_node(void *context, unsigned level, uint64_t index, struct digest *out)
{
	return node_at(context, level, index, out);
}

/* An act has its change, which knows its leaf: whoever takes a change away, or puts another one in
 * its place, is found by what the log says. */
static const char *
check_act(struct scrub_run *run, uint64_t index, struct bytes leaf)
{
	struct bytes content, document;
	struct change c;
	struct key k;
	struct leaf_act a;

	if (act_parse(leaf, &a) != E_OK)
		return NULL;
	k = key_seq(a.number);
	if (table_get(run->view, T_CHANGE, &k, &content) != E_OK ||
		change_read(content, a.number, &c, &document) != E_OK)
		return "the change of this act is missing";
	return c.leaf == index + 1 || c.end_leaf == index + 1 ? NULL
							      : "its change has another leaf";
}

const char *
check_leaf(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct digest is, node;

	if (k->size != 8 || seq_in(k, 0) >= run->figures.log_size)
		return "beyond the end of the log";
	merkle_leaf(content, &is);
	if (!node_at(run, 0, seq_in(k, 0), &node) || !digest_equal(&is, &node))
		return "its node has another hash";
	return check_act(run, seq_in(k, 0), content);
}

const char *
check_node(struct scrub_run *run, const struct key *k, struct bytes content)
{
	struct digest left, right, is;
	struct bytes there;
	struct key leaf;

	if (k->size != 9 || content.size != DIGEST_SIZE || k->octet[0] > 63)
		return "no node of ours";
	leaf = key_seq(seq_in(k, 1));
	if (k->octet[0] == 0)
		return table_get(run->view, T_LEAF, &leaf, &there) == E_OK ? NULL
									   : "its leaf is missing";
	if (!node_at(run, k->octet[0] - 1u, 2 * seq_in(k, 1), &left) ||
		!node_at(run, k->octet[0] - 1u, 2 * seq_in(k, 1) + 1, &right))
		return "a node below it is missing";
	merkle_node(&left, &right, &is);
	return memcmp(is.octet, content.data, DIGEST_SIZE) == 0 ? NULL
								: "not the hash of its children";
}

/* The second and the third line of the note, as they should be. */
const char *
check_checkpoint(struct scrub_run *run, const struct key *k, struct bytes content)
{
	const struct merkle_store tree = {run, get_node, NULL};
	uint64_t size = seq_in(k, 0);
	struct digest root;
	OWNED_BUF(should) = {0};

	if (k->size != 8 || size == 0 || size > run->figures.log_size)
		return "of no size that the log had";
	if (!merkle_root(&tree, size, &root))
		return "the log has no root at this size";
	buf_printf(&should, "\n%llu\n", (unsigned long long)size);
	buf_base64(&should, root.octet, DIGEST_SIZE);
	buf_text(&should, "\n\n");
	return memmem(content.data, content.size, should.data, should.size) != NULL
		       ? NULL
		       : "the log has another root at this size";
}
