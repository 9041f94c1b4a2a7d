/* SPDX-License-Identifier: EUPL-1.2
 *
 * The Merkle tree against RFC 9162 written down as it stands there (recursively, over all leaves),
 * and checkpoints against notes made with another program. */
#include "tests/unit/test.h"

#include <stdio.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#include "lib/merkle.h"

#define LEVELS 8
#define LEAVES 70

/* ---- the tree under test: nodes in an array ---- */

struct nodes {
	struct digest hash[LEVELS][LEAVES + 1];
	bool there[LEVELS][LEAVES + 1];
	unsigned reads;
};

static bool
get(void *context, unsigned level, uint64_t index, struct digest *out)
{
	struct nodes *n = context;

	n->reads++;
	if (level >= LEVELS || index > LEAVES || !n->there[level][index])
		return false;
	*out = n->hash[level][index];
	return true;
}

static void
put(void *context, unsigned level, uint64_t index, const struct digest *hash)
{
	struct nodes *n = context;

	assert_true(level < LEVELS && index <= LEAVES);
	assert_false(n->there[level][index]); /* a complete subtree is made once */
	n->hash[level][index] = *hash;
	n->there[level][index] = true;
}

static struct nodes nodes;
static const struct merkle_store tree = {&nodes, get, put};
static struct digest leaves[LEAVES];

static void
leaf_octets(unsigned i, struct buf *out)
{
	buf_reset(out);
	buf_printf(out, "leaf number %u", i);
}

static void
grow(void)
{
	OWNED_BUF(leaf) = {0};

	memset(&nodes, 0, sizeof nodes);
	for (unsigned i = 0; i < LEAVES; i++) {
		leaf_octets(i, &leaf);
		merkle_leaf(buf_bytes(&leaf), &leaves[i]);
		assert_true(merkle_append(&tree, i, &leaves[i]));
	}
}

/* ---- RFC 9162, sections 2.1.1 and 2.1.3.1, to the letter ---- */

static size_t
split(size_t n)
{
	size_t k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

static void
sha256(uint8_t prefix, const void *data, size_t size, struct digest *out)
{
	uint8_t octets[128] = {prefix};

	assert_true(size < sizeof octets);
	memcpy(octets + 1, data, size);
	assert_int_equal(EVP_Digest(octets, size + 1, out->octet, NULL, EVP_sha256(), NULL), 1);
}

static void
naive_root(size_t first, size_t n, struct digest *out)
{
	OWNED_BUF(leaf) = {0};
	struct digest pair[2];

	if (n == 1) {
		leaf_octets((unsigned)first, &leaf);
		sha256(0x00, leaf.data, leaf.size, out);
		return;
	}
	naive_root(first, split(n), &pair[0]);
	naive_root(first + split(n), n - split(n), &pair[1]);
	sha256(0x01, pair, sizeof pair, out);
}

static size_t
naive_path(size_t m, size_t first, size_t n, struct digest *out)
{
	size_t k = split(n), made;

	if (n == 1)
		return 0;
	if (m < k) {
		made = naive_path(m, first, k, out);
		naive_root(first + k, n - k, &out[made]);
	} else {
		made = naive_path(m - k, first + k, n - k, out);
		naive_root(first, k, &out[made]);
	}
	return made + 1;
}

/* ---- the tree ---- */

static void
root_of_nothing_is_the_hash_of_nothing(void **state)
{
	char text[DIGEST_TEXT_SIZE];
	struct digest root;

	(void)state;
	assert_true(merkle_root(&tree, 0, &root));
	digest_format(&root, text);
	assert_string_equal(
		text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void
root_is_that_of_the_rfc_at_every_size(void **state)
{
	struct digest root, expected;

	(void)state;
	for (size_t size = 1; size <= LEAVES; size++) {
		assert_true(merkle_root(&tree, size, &root));
		naive_root(0, size, &expected);
		assert_memory_equal(&root, &expected, DIGEST_SIZE);
	}
}

/* The leaves and roots that implementations of RFC 6962 and 9162 hand down to each other. */
static void
roots_are_those_of_certificate_transparency(void **state)
{
	static const char *const leaf[] = {"", "00", "10", "2021", "3031", "40414243",
		"5051525354555657", "606162636465666768696a6b6c6d6e6f"};
	static const char *const root[] = {
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
	static struct nodes fresh;
	const struct merkle_store s = {&fresh, get, put};
	char text[DIGEST_TEXT_SIZE];
	uint8_t octets[16];
	struct digest d;

	(void)state;
	memset(&fresh, 0, sizeof fresh);
	for (size_t i = 0; i < ARRAY_LEN(leaf); i++) {
		size_t size = strlen(leaf[i]) / 2;

		assert_true(hex_decode(leaf[i], strlen(leaf[i]), octets, size));
		merkle_leaf(bytes_of(octets, size), &d);
		assert_true(merkle_append(&s, i, &d));
		assert_true(merkle_root(&s, i + 1, &d));
		digest_format(&d, text);
		assert_string_equal(text, root[i]);
	}
}

static void
proof_is_that_of_the_rfc_for_every_leaf_at_every_size(void **state)
{
	struct digest proof[MERKLE_PROOF_MAX], expected[MERKLE_PROOF_MAX], root;
	size_t n;

	(void)state;
	for (size_t size = 1; size <= LEAVES; size++) {
		assert_true(merkle_root(&tree, size, &root));
		for (size_t i = 0; i < size; i++) {
			assert_true(merkle_prove(&tree, i, size, proof, &n));
			assert_int_equal(n, naive_path(i, 0, size, expected));
			if (n > 0)
				assert_memory_equal(proof, expected, n * DIGEST_SIZE);
			assert_int_equal(merkle_verify(&leaves[i], i, size, proof, n, &root), E_OK);
		}
	}
}

static void
proof_reads_no_more_than_the_edges_of_the_tree(void **state)
{
	struct digest proof[MERKLE_PROOF_MAX];
	size_t n;

	(void)state;
	nodes.reads = 0;
	assert_true(merkle_prove(&tree, 3, LEAVES, proof, &n));
	assert_in_range(nodes.reads, 7, 14);
}

static void
flip(void *octets, size_t bit)
{
	((uint8_t *)octets)[bit / 8] ^= (uint8_t)(1 << bit % 8);
}

static void
expect_no_bit_may_change(size_t i, size_t size)
{
	struct digest proof[MERKLE_PROOF_MAX], root, leaf = leaves[i];
	size_t n;

	assert_true(merkle_root(&tree, size, &root));
	assert_true(merkle_prove(&tree, i, size, proof, &n));
	for (size_t bit = 0; bit < n * DIGEST_SIZE * 8; bit++) {
		flip(proof, bit);
		assert_int_equal(merkle_verify(&leaf, i, size, proof, n, &root), E_PROOF);
		flip(proof, bit);
	}
	for (size_t bit = 0; bit < DIGEST_SIZE * 8; bit++) {
		flip(&leaf, bit);
		assert_int_equal(merkle_verify(&leaf, i, size, proof, n, &root), E_PROOF);
		flip(&leaf, bit);
		flip(&root, bit);
		assert_int_equal(merkle_verify(&leaf, i, size, proof, n, &root), E_PROOF);
		flip(&root, bit);
	}
	assert_int_equal(merkle_verify(&leaf, i, size, proof, n, &root), E_OK);
}

static void
proof_with_any_bit_altered_is_refused(void **state)
{
	static const size_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 33, 64, 70};

	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sizes); s++)
		for (size_t i = 0; i < sizes[s]; i++)
			expect_no_bit_may_change(i, sizes[s]);
}

static void
proof_holds_for_its_own_leaf_only(void **state)
{
	struct digest proof[MERKLE_PROOF_MAX], root;
	size_t n;

	(void)state;
	for (size_t size = 1; size <= 20; size++)
		for (size_t i = 0; i < size; i++) {
			assert_true(merkle_root(&tree, size, &root));
			assert_true(merkle_prove(&tree, i, size, proof, &n));
			for (size_t other = 0; other < size + 3; other++)
				assert_int_equal(
					merkle_verify(&leaves[i], other, size, proof, n, &root),
					other == i ? E_OK : E_PROOF);
		}
}

static void
proof_of_another_length_is_refused(void **state)
{
	struct digest proof[MERKLE_PROOF_MAX] = {0}, root;
	size_t n;

	(void)state;
	for (size_t size = 1; size <= LEAVES; size++)
		for (size_t i = 0; i < size; i++) {
			assert_true(merkle_root(&tree, size, &root));
			assert_true(merkle_prove(&tree, i, size, proof, &n));
			assert_int_equal(
				merkle_verify(&leaves[i], i, size, proof, n + 1, &root), E_PROOF);
			if (n > 0)
				assert_int_equal(
					merkle_verify(&leaves[i], i, size, proof, n - 1, &root),
					E_PROOF);
		}
}

static void
nothing_is_a_leaf_of_the_empty_tree(void **state)
{
	struct digest proof[MERKLE_PROOF_MAX], root;
	size_t n;

	(void)state;
	assert_true(merkle_root(&tree, 0, &root));
	assert_false(merkle_prove(&tree, 0, 0, proof, &n));
	assert_false(merkle_prove(&tree, 7, 7, proof, &n));
	assert_int_equal(merkle_verify(&root, 0, 0, proof, 0, &root), E_PROOF);
}

static void
missing_node_is_noticed(void **state)
{
	static struct nodes holed;
	const struct merkle_store s = {&holed, get, put};
	struct digest proof[MERKLE_PROOF_MAX], root;
	size_t n;

	(void)state;
	memset(&holed, 0, sizeof holed);
	for (unsigned i = 0; i < 7; i++)
		assert_true(merkle_append(&s, i, &leaves[i]));
	holed.there[1][2] = false;
	assert_false(merkle_append(&s, 7, &leaves[7]));
	assert_false(merkle_root(&s, 7, &root));
	assert_false(merkle_prove(&s, 0, 7, proof, &n));
	assert_true(merkle_prove(&s, 0, 4, proof, &n));
}

/* ---- checkpoints ---- */

/* Made with Python's cryptography module, Ed25519 seed 00 01 02 .. 1f. */
static const char origin[] = "log.daftar.example/demo";
static const char note[] = "log.daftar.example/demo\n"
			   "8\n"
			   "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n"
			   "\n"
			   "\xe2\x80\x94 log.daftar.example/demo "
			   "C7msPyUVJ8eIC/Gkau4nZtxv5/"
			   "qGVf5+rLDSTWfzsqHZhDNOXIXRN2quxH1n8hYDyPgwEzu1QEbyiUFKkEiDhxLNTwU=\n";
static const char root_text[] = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
static const char key_text[] = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";

static uint8_t log_key[32];

static EVP_PKEY *
seed_key(uint8_t first)
{
	uint8_t seed[32];
	EVP_PKEY *key;

	for (size_t i = 0; i < sizeof seed; i++)
		seed[i] = (uint8_t)(first + i);
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	assert_non_null(key);
	return key;
}

static int
prepare(void **state)
{
	(void)state;
	grow();
	assert_true(hex_decode(key_text, strlen(key_text), log_key, sizeof log_key));
	return 0;
}

static enum err
verify(const char *text, size_t size)
{
	struct checkpoint at;

	return checkpoint_verify(bytes_of(text, size), origin, log_key, &at);
}

/* The note with one part replaced. */
static enum err
verify_with(const char *part, const char *by)
{
	const char *at = strstr(note, part);
	OWNED_BUF(b) = {0};

	assert_non_null(at);
	buf_add(&b, note, (size_t)(at - note));
	buf_text(&b, by);
	buf_text(&b, at + strlen(part));
	return verify((char *)b.data, b.size);
}

/* The key of the Go library's documentation: PeterNeumann+c74f20a3+ARpc2QcU... */
static void
key_id_is_that_of_signed_note(void **state)
{
	static const char key[] =
		"1a5cd907143c384c41e830c5bce12aa8817ec5649aaabf2c31388b35b2d744d6";
	uint8_t octets[32], id[CHECKPOINT_KEY_ID_SIZE];

	(void)state;
	assert_true(hex_decode(key, strlen(key), octets, sizeof octets));
	checkpoint_key_id("PeterNeumann", octets, id);
	assert_memory_equal(id, "\xc7\x4f\x20\xa3", sizeof id);
}

static void
checkpoint_is_that_of_another_program(void **state)
{
	EVP_PKEY *key = seed_key(0);
	OWNED_BUF(made) = {0};
	struct digest root;

	(void)state;
	assert_true(digest_parse(root_text, &root));
	buf_text(&made, "before");
	assert_int_equal(checkpoint_sign(origin, 8, &root, key, &made), E_OK);
	assert_string_equal((char *)made.data + strlen("before"), note);
	EVP_PKEY_free(key);
}

static void
checkpoint_of_another_program_verifies(void **state)
{
	char text[DIGEST_TEXT_SIZE];
	struct checkpoint at;

	(void)state;
	assert_int_equal(
		checkpoint_verify(bytes_of(note, strlen(note)), origin, log_key, &at), E_OK);
	digest_format(&at.root, text);
	assert_int_equal(at.size, 8);
	assert_int_equal(at.generation, 1);
	assert_string_equal(text, root_text);
}

static void
checkpoint_with_any_bit_altered_is_refused(void **state)
{
	char altered[sizeof note];

	(void)state;
	memcpy(altered, note, sizeof note);
	for (size_t bit = 0; bit < strlen(note) * 8; bit++) {
		flip(altered, bit);
		assert_int_equal(verify(altered, strlen(note)), E_CHECKPOINT);
		flip(altered, bit);
	}
	assert_int_equal(verify(altered, strlen(note)), E_OK);
}

static void
checkpoint_cut_off_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t size = 0; size < strlen(note); size++)
		assert_int_equal(verify(note, size), E_CHECKPOINT);
	assert_int_equal(verify(NULL, 0), E_CHECKPOINT);
}

static void
checkpoint_has_one_spelling(void **state)
{
	(void)state;
	assert_int_equal(verify_with("\n8\n", "\n08\n"), E_CHECKPOINT);
	assert_int_equal(verify_with("\n8\n", "\n+8\n"), E_CHECKPOINT);
	assert_int_equal(verify_with("\n8\n", "\n\n"), E_CHECKPOINT);
	assert_int_equal(verify_with("\n8\n", "\n18446744073709551624\n"), E_CHECKPOINT);
	assert_int_equal(verify_with("\n\n", "\nan extension\n\n"), E_CHECKPOINT);
	assert_int_equal(verify_with("\n\n", "\n\n\n"), E_CHECKPOINT);
	assert_int_equal(verify_with("TwU=\n", "TwU=\n\n"), E_CHECKPOINT);
	assert_int_equal(verify_with("TwU=\n", "TwU=\nx"), E_CHECKPOINT);
}

/* A number with a zero in front, signed as it should be. */
static void
checkpoint_has_one_spelling_even_when_it_is_signed(void **state)
{
	static const char text[] = "log.daftar.example/demo\n08\n"
				   "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n";
	EVP_PKEY *key = seed_key(0);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t stamp[4 + 64];
	size_t size = 64;
	OWNED_BUF(b) = {0};

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key), 1);
	assert_int_equal(EVP_DigestSign(ctx, stamp + 4, &size, (uint8_t *)text, strlen(text)), 1);
	checkpoint_key_id(origin, log_key, stamp);
	buf_printf(&b, "%s\n\xe2\x80\x94 %s ", text, origin);
	buf_base64(&b, stamp, sizeof stamp);
	buf_text(&b, "\n");
	assert_int_equal(verify((char *)b.data, b.size), E_CHECKPOINT);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
}

static void
checkpoint_of_another_log_is_refused(void **state)
{
	struct checkpoint at;
	uint8_t key[32];

	(void)state;
	memcpy(key, log_key, sizeof key);
	key[31] ^= 1;
	assert_int_equal(
		checkpoint_verify(bytes_of(note, strlen(note)), origin, key, &at), E_CHECKPOINT);
	assert_int_equal(
		checkpoint_verify(bytes_of(note, strlen(note)), "log.daftar.example", log_key, &at),
		E_CHECKPOINT);
}

/* Does a note that was signed under this name count for the log? */
static enum err
signed_as(const char *name)
{
	EVP_PKEY *key = seed_key(1);
	uint8_t public_key[32];
	size_t room = sizeof public_key;
	struct digest root = {{7}};
	OWNED_BUF(b) = {0};
	struct checkpoint at;

	assert_int_equal(EVP_PKEY_get_raw_public_key(key, public_key, &room), 1);
	assert_int_equal(checkpoint_sign(name, 9, &root, key, &b), E_OK);
	EVP_PKEY_free(key);
	return checkpoint_verify(buf_bytes(&b), origin, public_key, &at);
}

static void
checkpoint_of_a_later_generation_counts_under_its_own_name(void **state)
{
	static const char *const others[] = {
		"/", "/0", "/1", "/02", "/-2", "/2a", "/2/2", "/x", "2", "/18446744073709551616"};
	char name[ORIGIN_SIZE];

	(void)state;
	assert_true(checkpoint_origin(origin, 1, name));
	assert_string_equal(name, origin);
	assert_int_equal(signed_as(name), E_OK);
	for (uint64_t generation = 2; generation < 200; generation += 9) {
		assert_true(checkpoint_origin(origin, generation, name));
		assert_string_not_equal(name, origin);
		assert_int_equal(signed_as(name), E_OK);
	}
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		OWNED(char, other, free_chars) = xprintf("%s%s", origin, others[i]);

		assert_int_equal(signed_as(other), E_CHECKPOINT);
	}
}

static void
origin_that_is_too_long_is_none(void **state)
{
	char name[ORIGIN_SIZE], log[ORIGIN_SIZE];

	(void)state;
	memset(log, 'a', sizeof log);
	log[ORIGIN_SIZE - 3] = '\0';
	assert_true(checkpoint_origin(log, 9, name));
	assert_false(checkpoint_origin(log, 10, name));
}

#define WITNESS "\xe2\x80\x94 witness.example AAAAAQIDBAUGBwgJCgsMDQ4PEA==\n"
#define OURS "\xe2\x80\x94 log.daftar.example/demo C7ms"

static void
witnesses_may_sign_beside_us(void **state)
{
	(void)state;
	assert_int_equal(verify_with(OURS, WITNESS OURS), E_OK);
	assert_int_equal(verify_with("TwU=\n", "TwU=\n" WITNESS WITNESS), E_OK);
	assert_int_equal(
		verify_with("TwU=\n", "TwU=\n\xe2\x80\x94 witness.example AAA\n"), E_CHECKPOINT);
	assert_int_equal(verify_with("TwU=\n", "TwU=\n\xe2\x80\x94  AAAAAQIDBAU=\n"), E_CHECKPOINT);
}

static void
our_signature_stands_once(void **state)
{
	const char *ours = strstr(note, "\xe2\x80\x94");
	OWNED_BUF(twice) = {0};

	(void)state;
	buf_text(&twice, note);
	buf_text(&twice, ours);
	assert_int_equal(verify((char *)twice.data, twice.size), E_CHECKPOINT);
	assert_int_equal(verify(note, (size_t)(ours - note)), E_CHECKPOINT);
}

static void
witness_alone_is_not_enough(void **state)
{
	const char *ours = strstr(note, "\xe2\x80\x94");
	OWNED_BUF(b) = {0};

	(void)state;
	buf_add(&b, note, (size_t)(ours - note));
	buf_text(&b, WITNESS);
	assert_int_equal(verify((char *)b.data, b.size), E_CHECKPOINT);
}

static void
unfit_origin_or_key_signs_nothing(void **state)
{
	static const char *const unfit[] = {"", "a b", "a+b", "a<b", "a\nb", "\xc3\xa9",
		"0123456789012345678901234567890123456789012345678901234567890123"};
	EVP_PKEY *key = seed_key(0), *p256 = EVP_EC_gen("P-256");
	struct digest root = {{0}};
	OWNED_BUF(b) = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(unfit); i++)
		assert_int_equal(checkpoint_sign(unfit[i], 1, &root, key, &b), E_CHECKPOINT);
	assert_int_equal(checkpoint_sign(origin, 1, &root, p256, &b), E_CHECKPOINT);
	assert_int_equal(b.size, 0);
	EVP_PKEY_free(key);
	EVP_PKEY_free(p256);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_of_nothing_is_the_hash_of_nothing),
		cmocka_unit_test(root_is_that_of_the_rfc_at_every_size),
		cmocka_unit_test(roots_are_those_of_certificate_transparency),
		cmocka_unit_test(proof_is_that_of_the_rfc_for_every_leaf_at_every_size),
		cmocka_unit_test(proof_reads_no_more_than_the_edges_of_the_tree),
		cmocka_unit_test(proof_with_any_bit_altered_is_refused),
		cmocka_unit_test(proof_holds_for_its_own_leaf_only),
		cmocka_unit_test(proof_of_another_length_is_refused),
		cmocka_unit_test(nothing_is_a_leaf_of_the_empty_tree),
		cmocka_unit_test(missing_node_is_noticed),
		cmocka_unit_test(key_id_is_that_of_signed_note),
		cmocka_unit_test(checkpoint_is_that_of_another_program),
		cmocka_unit_test(checkpoint_of_another_program_verifies),
		cmocka_unit_test(checkpoint_with_any_bit_altered_is_refused),
		cmocka_unit_test(checkpoint_cut_off_anywhere_is_refused),
		cmocka_unit_test(checkpoint_has_one_spelling),
		cmocka_unit_test(checkpoint_has_one_spelling_even_when_it_is_signed),
		cmocka_unit_test(checkpoint_of_another_log_is_refused),
		cmocka_unit_test(checkpoint_of_a_later_generation_counts_under_its_own_name),
		cmocka_unit_test(origin_that_is_too_long_is_none),
		cmocka_unit_test(witnesses_may_sign_beside_us),
		cmocka_unit_test(our_signature_stands_once),
		cmocka_unit_test(witness_alone_is_not_enough),
		cmocka_unit_test(unfit_origin_or_key_signs_nothing),
	};

	return cmocka_run_group_tests_name("merkle", tests, prepare, NULL);
}
