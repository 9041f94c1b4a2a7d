/* SPDX-License-Identifier: EUPL-1.2
 *
 * The transparency log's arithmetic: RFC 9162 (section 2.1) Merkle tree hashing, inclusion and
 * consistency proofs, and checkpoints as signed notes (C2SP tlog-checkpoint and signed-note,
 * Ed25519). Pure: where nodes are kept is the caller's business. */
#ifndef DAFTAR_MERKLE_H
#define DAFTAR_MERKLE_H

#include <openssl/evp.h>

#include "lib/buf.h"
#include "lib/id.h"

#define MERKLE_PROOF_MAX 64
#define CHECKPOINT_MAX 1024
#define ORIGIN_SIZE 64
#define CHECKPOINT_KEY_ID_SIZE 4

/* SHA-256(0x00 || leaf) and SHA-256(0x01 || left || right). */
void merkle_leaf(struct bytes leaf, struct digest *out);
void merkle_node(const struct digest *left, const struct digest *right, struct digest *out);

/* Complete subtrees are named by level (0: leaves) and index; they never change once made. */
struct merkle_store {
	void *context;
	/* Reads the hash of a complete subtree; false: not there (the tree is damaged). */
	bool (*get)(void *context, unsigned level, uint64_t index, struct digest *out);
	void (*put)(void *context, unsigned level, uint64_t index, const struct digest *hash);
};

/* Appends the leaf hash as number `size' (the tree's size before), putting it and every subtree it
 * completes. False when a node is missing. */
bool merkle_append(const struct merkle_store *s, uint64_t size, const struct digest *leaf) MUST_USE;
/* Root of the tree of the first `size' leaves; of no leaves, SHA-256 of nothing. */
bool merkle_root(const struct merkle_store *s, uint64_t size, struct digest *out) MUST_USE;
/* Inclusion proof (RFC 9162 section 2.1.3) of leaf `index' in the tree of `size' leaves. */
bool merkle_prove(const struct merkle_store *s, uint64_t index, uint64_t size,
	struct digest proof[MERKLE_PROOF_MAX], size_t *n) MUST_USE;
/* Section 2.1.3.2. E_PROOF. */
enum err merkle_verify(const struct digest *leaf, uint64_t index, uint64_t size,
	const struct digest *proof, size_t n, const struct digest *root) MUST_USE;
/* Consistency proof (section 2.1.4) between the trees of the first `old' and of the first `size'
 * leaves, 0 <= old <= size; empty where either is empty or both are the same. */
bool merkle_prove_grown(const struct merkle_store *s, uint64_t old, uint64_t size,
	struct digest proof[MERKLE_PROOF_MAX], size_t *n) MUST_USE;
/* Section 2.1.4.2: the tree of `size' with this root begins with the tree of `old' with that one.
 * E_PROOF. */
enum err merkle_verify_grown(uint64_t old, const struct digest *old_root, uint64_t size,
	const struct digest *root, const struct digest *proof, size_t n) MUST_USE;

/* C2SP signed-note: the first octets of SHA-256(name || 0x0A || 0x01 || Ed25519 public key). */
void checkpoint_key_id(
	const char *name, const uint8_t key[32], uint8_t out[CHECKPOINT_KEY_ID_SIZE]);
/* "origin\nsize\nbase64 root\n\n— name base64(key id || signature)\n" appended to `out'.
 * E_CHECKPOINT when the key is not Ed25519 or the origin has other characters than A-Z a-z 0-9
 * and .-_/: (so that a note needs no escaping anywhere). */
enum err checkpoint_sign(const char *origin, uint64_t size, const struct digest *root,
	EVP_PKEY *key, struct buf *out) MUST_USE;
/* The name under which a log signs in this generation: its own in the first, with "/" and the
 * number in a later one, which begins when the log goes on from a restored copy. False: too long.
 */
bool checkpoint_origin(const char *log, uint64_t generation, char out[ORIGIN_SIZE]) MUST_USE;
/* Whether `name' is such a name of this log; then out is the same as a text. */
bool checkpoint_parse_origin(struct bytes name, const char *log, char out[ORIGIN_SIZE]) MUST_USE;
/* The same, with the number of the generation. */
bool checkpoint_generation(
	struct bytes name, const char *log, char out[ORIGIN_SIZE], uint64_t *generation) MUST_USE;
struct checkpoint {
	uint64_t generation; /* of the log, from 1 */
	uint64_t size;
	struct digest root;
};
/* Verifies with the Ed25519 public key. The note's origin, which is its signature line's name as
 * well, must be `log' or `log' "/" number of a generation from 2. Lines of other signers
 * (witnesses) may stand beside it. E_CHECKPOINT. */
enum err checkpoint_verify(
	struct bytes note, const char *log, const uint8_t key[32], struct checkpoint *out) MUST_USE;

#endif
