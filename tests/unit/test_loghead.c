/* SPDX-License-Identifier: EUPL-1.2
 *
 * Consistency proofs against RFC 9162 written down as it stands there, and heads of a log: which
 * follow each other, which contradict each other, and what is no head at all. */
#include "tests/unit/log_stage.h"
#include "tests/unit/test_realm.h"

#include <stdio.h>

#include "lib/loghead.h"

#define LEAVES 70

static struct stage_log other = {.generation = 1};
static struct realm *realm;
static struct trust *trust;
static EVP_PKEY *log_key;

static struct stage_log *
log_of(uint64_t size)
{
	static struct stage_log l;
	char leaf[40];

	l.size = 0;
	l.generation = 1;
	for (uint64_t i = 0; i < size; i++) {
		snprintf(leaf, sizeof leaf, "leaf number %llu", (unsigned long long)i);
		stage_log_append(&l, bytes_of(leaf, strlen(leaf)));
	}
	return &l;
}

/* ---- RFC 9162, section 2.1.4.1, to the letter ---- */

static size_t
split(size_t n)
{
	size_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

static void
naive_root(const struct stage_log *l, size_t first, size_t n, struct digest *out)
{
	struct digest left, right;

	if (n == 1) {
		*out = l->node[0][first];
		return;
	}
	naive_root(l, first, split(n), &left);
	naive_root(l, first + split(n), n - split(n), &right);
	merkle_node(&left, &right, out);
}

static size_t
naive_subproof(
	const struct stage_log *l, size_t m, size_t first, size_t n, bool known, struct digest *out)
{
	size_t k = split(n), made;

	if (m == n) {
		if (!known)
			naive_root(l, first, n, out);
		return known ? 0 : 1;
	}
	if (m <= k) {
		made = naive_subproof(l, m, first, k, known, out);
		naive_root(l, first + k, n - k, &out[made]);
	} else {
		made = naive_subproof(l, m - k, first + k, n - k, false, out);
		naive_root(l, first, k, &out[made]);
	}
	return made + 1;
}

static void
proof_of_growth_is_that_of_the_rfc_between_all_sizes(void **state)
{
	struct digest proof[MERKLE_PROOF_MAX], expected[MERKLE_PROOF_MAX], old_root, root;
	struct stage_log *l = log_of(LEAVES);
	const struct merkle_store tree = stage_log_tree(l);
	size_t n;

	(void)state;
	for (size_t size = 1; size <= LEAVES; size++)
		for (size_t old = 1; old <= size; old++) {
			assert_true(merkle_prove_grown(&tree, old, size, proof, &n));
			assert_int_equal(n, naive_subproof(l, old, 0, size, true, expected));
			if (n > 0)
				assert_memory_equal(proof, expected, n * DIGEST_SIZE);
			naive_root(l, 0, old, &old_root);
			naive_root(l, 0, size, &root);
			assert_int_equal(
				merkle_verify_grown(old, &old_root, size, &root, proof, n), E_OK);
		}
}

static void
flip(void *octets, size_t bit)
{
	((uint8_t *)octets)[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

static void
expect_no_bit_may_change(struct stage_log *l, size_t old, size_t size)
{
	const struct merkle_store tree = stage_log_tree(l);
	struct digest proof[MERKLE_PROOF_MAX], old_root, root;
	size_t n;

	assert_true(merkle_root(&tree, old, &old_root));
	assert_true(merkle_root(&tree, size, &root));
	assert_true(merkle_prove_grown(&tree, old, size, proof, &n));
	for (size_t bit = 0; bit < n * DIGEST_SIZE * 8; bit += 7) {
		flip(proof, bit);
		assert_int_equal(
			merkle_verify_grown(old, &old_root, size, &root, proof, n), E_PROOF);
		flip(proof, bit);
	}
	for (size_t bit = 0; bit < DIGEST_SIZE * 8; bit += 3) {
		flip(&old_root, bit);
		assert_int_equal(
			merkle_verify_grown(old, &old_root, size, &root, proof, n), E_PROOF);
		flip(&old_root, bit);
		flip(&root, bit);
		assert_int_equal(
			merkle_verify_grown(old, &old_root, size, &root, proof, n), E_PROOF);
		flip(&root, bit);
	}
	if (n > 0)
		assert_int_equal(
			merkle_verify_grown(old, &old_root, size, &root, proof, n - 1), E_PROOF);
	proof[n] = root;
	assert_int_equal(merkle_verify_grown(old, &old_root, size, &root, proof, n + 1), E_PROOF);
	assert_int_equal(merkle_verify_grown(old, &old_root, size, &root, proof, n), E_OK);
}

static void
proof_of_growth_with_any_bit_altered_is_refused(void **state)
{
	struct stage_log *l = log_of(LEAVES);

	(void)state;
	for (size_t size = 1; size <= 17; size++)
		for (size_t old = 1; old <= size; old++)
			expect_no_bit_may_change(l, old, size);
	expect_no_bit_may_change(l, 64, 70);
	expect_no_bit_may_change(l, 33, 70);
}

static void
no_tree_grows_backwards_or_from_another_nothing(void **state)
{
	const struct merkle_store tree = stage_log_tree(log_of(9));
	struct digest proof[MERKLE_PROOF_MAX], root, nothing;
	size_t n;

	(void)state;
	assert_false(merkle_prove_grown(&tree, 9, 8, proof, &n));
	assert_true(merkle_prove_grown(&tree, 0, 9, proof, &n));
	assert_int_equal(n, 0);
	assert_true(merkle_root(&tree, 9, &root));
	digest_of("", 0, &nothing);
	assert_int_equal(merkle_verify_grown(0, &nothing, 9, &root, proof, 0), E_OK);
	assert_int_equal(merkle_verify_grown(0, &root, 9, &root, proof, 0), E_PROOF);
	assert_int_equal(merkle_verify_grown(9, &root, 8, &root, proof, 0), E_PROOF);
	assert_int_equal(merkle_verify_grown(8, &root, 9, &root, proof, 0), E_PROOF);
}

/* ---- heads ---- */

static struct log_head
head_of(struct stage_log *l, uint64_t size)
{
	OWNED_BUF(note) = {0};
	struct log_head h;

	stage_log_note(l, size, trust_log_name(trust), log_key, &note);
	assert_int_equal(log_head_read(buf_bytes(&note), trust, &h), E_OK);
	return h;
}

static enum err
follows(struct stage_log *l, uint64_t old, uint64_t size)
{
	const struct log_head a = head_of(l, old), b = head_of(l, size);
	OWNED_BUF(proof) = {0};

	stage_log_proof(l, old, size, &proof);
	return log_head_follows(&a, &b, buf_bytes(&proof));
}

static void
head_follows_an_older_one_of_its_log(void **state)
{
	struct stage_log *l = log_of(20);
	static const struct log_head none;
	const struct log_head any = head_of(l, 7);

	(void)state;
	for (uint64_t old = 1; old <= 20; old++)
		assert_int_equal(follows(l, old, 20), E_OK);
	assert_int_equal(log_head_follows(&none, &any, bytes_of(NULL, 0)), E_OK);
}

static void
head_of_a_forked_log_does_not_follow(void **state)
{
	struct stage_log *l = log_of(20);
	struct log_head known = head_of(l, 12), next;
	OWNED_BUF(proof) = {0};

	(void)state;
	other = *l;
	other.size = 11;
	while (other.size < 20)
		stage_log_append(&other, bytes_of("another story", 13));
	next = head_of(&other, 20);
	stage_log_proof(&other, 12, 20, &proof);
	assert_int_equal(log_head_follows(&known, &next, buf_bytes(&proof)), E_LOG_FORKED);
	stage_log_proof(l, 12, 20, &proof);
	assert_int_equal(log_head_follows(&known, &next, buf_bytes(&proof)), E_LOG_FORKED);
	next = head_of(&other, 12);
	assert_true(log_heads_contradict(&known, &next));
	assert_int_equal(log_head_follows(&known, &next, bytes_of(NULL, 0)), E_LOG_FORKED);
	known = head_of(l, 11);
	next = head_of(&other, 11);
	assert_false(log_heads_contradict(&known, &next));
}

static void
head_that_is_shorter_does_not_follow(void **state)
{
	struct stage_log *l = log_of(20);
	const struct log_head known = head_of(l, 12), next = head_of(l, 11);

	(void)state;
	assert_int_equal(log_head_follows(&known, &next, bytes_of(NULL, 0)), E_LOG_FORKED);
}

static void
generations_only_rise(void **state)
{
	struct stage_log *l = log_of(20);
	const struct log_head first = head_of(l, 12);
	struct log_head second;

	(void)state;
	l->generation = 2;
	second = head_of(l, 5);
	assert_int_equal(second.at.generation, 2);
	assert_int_equal(log_head_follows(&first, &second, bytes_of(NULL, 0)), E_OK);
	assert_int_equal(log_head_follows(&second, &first, bytes_of(NULL, 0)), E_LOG_FORKED);
	assert_false(log_heads_contradict(&first, &second));
}

static void
proof_of_odd_length_proves_nothing(void **state)
{
	struct stage_log *l = log_of(20);
	const struct log_head a = head_of(l, 7), b = head_of(l, 20);
	OWNED_BUF(proof) = {0};

	(void)state;
	stage_log_proof(l, 7, 20, &proof);
	buf_u8(&proof, 0);
	assert_int_equal(log_head_follows(&a, &b, buf_bytes(&proof)), E_LOG_FORKED);
	for (size_t i = proof.size; i < DIGEST_SIZE * (MERKLE_PROOF_MAX + 1); i++)
		buf_u8(&proof, 0);
	assert_int_equal(log_head_follows(&a, &b, buf_bytes(&proof)), E_LOG_FORKED);
}

static void
note_of_another_key_or_with_a_nul_is_no_head(void **state)
{
	struct stage_log *l = log_of(3);
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct log_head h;
	OWNED_BUF(note) = {0};

	(void)state;
	stage_log_note(l, 3, trust_log_name(trust), key, &note);
	assert_int_equal(log_head_read(buf_bytes(&note), trust, &h), E_CHECKPOINT);
	stage_log_note(l, 3, trust_log_name(trust), log_key, &note);
	buf_u8(&note, 0);
	assert_int_equal(log_head_read(buf_bytes(&note), trust, &h), E_CHECKPOINT);
	EVP_PKEY_free(key);
}

static void
pair_of_notes_comes_apart_again(void **state)
{
	struct stage_log *l = log_of(9);
	const struct log_head a = head_of(l, 4), b = head_of(l, 9);
	OWNED_BUF(pair) = {0};
	struct bytes x, y;

	(void)state;
	log_pair_compose(&a, &b, &pair);
	assert_int_equal(log_pair_split(buf_bytes(&pair), &x, &y), E_OK);
	assert_int_equal(x.size, strlen(a.note));
	assert_memory_equal(x.data, a.note, x.size);
	assert_int_equal(y.size, strlen(b.note));
	assert_memory_equal(y.data, b.note, y.size);
	assert_int_equal(log_pair_split(x, &x, &y), E_MALFORMED);
	assert_int_equal(log_pair_split(bytes_of("x", 1), &x, &y), E_MALFORMED);
}

static int
prepare(void **state)
{
	size_t size = sizeof realm_log_key;
	OWNED_BUF(list) = {0};

	(void)state;
	log_key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	assert_int_equal(EVP_PKEY_get_raw_public_key(log_key, realm_log_key, &size), 1);
	realm = realm_new();
	realm_sign_list(realm, "7", instant_now(), &list);
	assert_int_equal(
		trust_load(buf_bytes(&list), realm->operator_cert, instant_now(), &trust), E_OK);
	return 0;
}

static int
clear(void **state)
{
	(void)state;
	trust_free(&trust);
	realm_free(&realm);
	key_free(&log_key);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proof_of_growth_is_that_of_the_rfc_between_all_sizes),
		cmocka_unit_test(proof_of_growth_with_any_bit_altered_is_refused),
		cmocka_unit_test(no_tree_grows_backwards_or_from_another_nothing),
		cmocka_unit_test(head_follows_an_older_one_of_its_log),
		cmocka_unit_test(head_of_a_forked_log_does_not_follow),
		cmocka_unit_test(head_that_is_shorter_does_not_follow),
		cmocka_unit_test(generations_only_rise),
		cmocka_unit_test(proof_of_odd_length_proves_nothing),
		cmocka_unit_test(note_of_another_key_or_with_a_nul_is_no_head),
		cmocka_unit_test(pair_of_notes_comes_apart_again),
	};

	realm_ready();
	return cmocka_run_group_tests_name("loghead", tests, prepare, clear);
}
