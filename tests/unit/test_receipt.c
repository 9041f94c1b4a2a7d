/* SPDX-License-Identifier: EUPL-1.2
 *
 * Statements and receipts: what is composed verifies and says the same again, whatever is altered
 * is refused, and each refusal says what was wrong. */
#include "tests/unit/test.h"

#include <openssl/evp.h>

#include "lib/receipt.h"

#define TREE 13
#define PLACE 6
#define ORIGIN "log.daftar.example"

struct log {
	struct digest node[5][TREE];
	EVP_PKEY *key;
	uint8_t public_key[32];
};

static struct log log_;
static struct statement what;
static struct buf receipt; /* of `what', leaf PLACE in the tree of TREE leaves */

static bool
get(void *context, unsigned level, uint64_t index, struct digest *out)
{
	*out = ((struct log *)context)->node[level][index];
	return true;
}

static void
put(void *context, unsigned level, uint64_t index, const struct digest *hash)
{
	((struct log *)context)->node[level][index] = *hash;
}

static const struct merkle_store tree = {&log_, get, put};

static void
fill(struct statement *s)
{
	memset(s, 0, sizeof *s);
	assert_true(id_parse("018f6c00-1111-7222-8333-444455556666", &s->id));
	digest_of("a message", 9, &s->digest);
	assert_true(party_parse("KE.CRS", &s->from));
	assert_true(party_parse("SO.NIRA", &s->to));
	s->stage = ST_REJECTED;
	s->at = 1795507200123;
	strcpy(s->code, "SEAL");
	s->has_by = true;
	digest_of("a receipt", 9, &s->by);
}

/* A receipt for these statement octets, with everything else right. */
static void
issue_as(const char *name, struct bytes statement, struct buf *out)
{
	struct digest leaf, root, proof[MERKLE_PROOF_MAX];
	OWNED_BUF(note) = {0};
	size_t n;

	for (uint64_t i = 0; i < TREE; i++) {
		merkle_leaf(i == PLACE ? statement : bytes_of(&i, sizeof i), &leaf);
		assert_true(merkle_append(&tree, i, &leaf));
	}
	assert_true(merkle_root(&tree, TREE, &root));
	assert_true(merkle_prove(&tree, PLACE, TREE, proof, &n));
	assert_int_equal(checkpoint_sign(name, TREE, &root, log_.key, &note), E_OK);
	receipt_compose(statement, PLACE, TREE, proof, n, buf_bytes(&note), out);
}

static void
issue(struct bytes statement, struct buf *out)
{
	issue_as(ORIGIN, statement, out);
}

static int
prepare(void **state)
{
	static const uint8_t seed[32] = "an Ed25519 seed of thirty-two o.";
	OWNED_BUF(statement) = {0};
	size_t size = 32;

	(void)state;
	log_.key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
	assert_int_equal(EVP_PKEY_get_raw_public_key(log_.key, log_.public_key, &size), 1);
	fill(&what);
	statement_compose(&what, &statement);
	issue(buf_bytes(&statement), &receipt);
	return 0;
}

static int
clean_up(void **state)
{
	(void)state;
	buf_free(&receipt);
	EVP_PKEY_free(log_.key);
	return 0;
}

static enum err
verify(struct bytes r, struct receipt *out)
{
	return receipt_verify(r, ORIGIN, log_.public_key, out);
}

/* The receipt with the first occurrence of one part replaced. */
static enum err
verify_with(const char *part, const char *by)
{
	const char *text = (const char *)receipt.data, *at = strstr(text, part);
	struct receipt ignored;
	OWNED_BUF(b) = {0};

	assert_non_null(at);
	buf_add(&b, text, (size_t)(at - text));
	buf_text(&b, by);
	buf_text(&b, at + strlen(part));
	return verify(buf_bytes(&b), &ignored);
}

static void
assert_same_statement(const struct statement *a, const struct statement *b)
{
	assert_true(id_equal(&a->id, &b->id));
	assert_true(digest_equal(&a->digest, &b->digest));
	assert_true(party_equal(&a->from, &b->from));
	assert_true(party_equal(&a->to, &b->to));
	assert_int_equal(a->stage, b->stage);
	assert_true(a->at == b->at);
	assert_string_equal(a->code, b->code);
	assert_int_equal(a->has_by, b->has_by);
	assert_true(digest_equal(&a->by, &b->by));
}

/* ---- statements ---- */

static void
statement_has_the_form_of_the_protocol(void **state)
{
	OWNED_BUF(b) = {0};

	(void)state;
	statement_compose(&what, &b);
	assert_string_equal((char *)b.data,
		"<e:Statement><e:For digest=\"f53c09ca39717a45c62d9aca8f8113ed"
		"dbfd5f81dcab0b33b1c1834075225e68\" from=\"KE.CRS\" "
		"id=\"018f6c00-1111-7222-8333-444455556666\" to=\"SO.NIRA\"></e:For>"
		"<e:Stage>REJECTED</e:Stage><e:At>2026-11-24T08:00:00.123Z</e:At>"
		"<e:Code>SEAL</e:Code><e:By>83eb65c95f440cb09910acf3c9cbefd6"
		"4381a6097980698b568cc4a749668244</e:By></e:Statement>");
}

static void
statement_of_every_stage_comes_back(void **state)
{
	(void)state;
	for (int stage = 0; stage < STAGE_N; stage++)
		for (int form = 0; form < 4; form++) {
			struct statement s, back;
			OWNED_BUF(b) = {0};

			fill(&s);
			s.stage = (enum stage)stage;
			if (form & 1)
				s.code[0] = '\0';
			if (form & 2) {
				s.has_by = false;
				memset(&s.by, 0, sizeof s.by);
			}
			statement_compose(&s, &b);
			assert_int_equal(statement_parse(buf_bytes(&b), &back), E_OK);
			assert_same_statement(&s, &back);
		}
}

static void
statement_has_one_spelling(void **state)
{
	static const struct {
		const char *part, *by;
	} other[] = {{"<e:Stage>", "<e:Stage >"}, {"REJECTED", "rejected"}, {"REJECTED", "SHELVED"},
		{"KE.CRS", "ke.crs"}, {"KE.CRS", ""}, {"SO.NIRA", "SO.NIRA&amp;"},
		{"SEAL", "SE AL"}, {"SEAL", "S<AL"}, {"<e:Code>SEAL", "<e:Code>"},
		{"018f6c00", "018F6C00"}, {".123Z", "Z"}, {".123Z", ".123+00:00"},
		{"\" from=", "\"  from="}, {"</e:Statement>", "</e:Statement> "},
		{"</e:Statement>", ""}, {"</e:By>", "0</e:By>"}, {"f53c", "F53C"},
		{"SEAL", "A23456789012345678901234567890123"},
		{"<e:By>", "<e:Code>X</e:Code><e:By>"}};
	OWNED_BUF(whole) = {0};

	(void)state;
	statement_compose(&what, &whole);
	for (size_t i = 0; i < ARRAY_LEN(other); i++) {
		const char *text = (char *)whole.data, *at = strstr(text, other[i].part);
		struct statement ignored;
		OWNED_BUF(b) = {0};

		assert_non_null(at);
		buf_add(&b, text, (size_t)(at - text));
		buf_text(&b, other[i].by);
		buf_text(&b, at + strlen(other[i].part));
		assert_int_equal(statement_parse(buf_bytes(&b), &ignored), E_MALFORMED);
	}
}

static void
statement_cut_off_anywhere_is_refused(void **state)
{
	OWNED_BUF(b) = {0};

	(void)state;
	statement_compose(&what, &b);
	for (size_t size = 0; size < b.size; size++) {
		uint8_t *cut = xmalloc(size); /* of its own, so that a read past its end shows */
		struct statement ignored;

		memcpy(cut, b.data, size);
		assert_int_equal(statement_parse(bytes_of(cut, size), &ignored), E_MALFORMED);
		free_octets(&cut);
	}
}

/* ---- receipts ---- */

static void
receipt_verifies_and_says_what_was_stated(void **state)
{
	struct receipt r;

	(void)state;
	assert_int_equal(verify(buf_bytes(&receipt), &r), E_OK);
	assert_same_statement(&r.what, &what);
	assert_true(r.index == PLACE && r.at.size == TREE);
}

static void
receipt_with_any_bit_altered_is_refused(void **state)
{
	struct receipt ignored;

	(void)state;
	for (size_t bit = 0; bit < receipt.size * 8; bit++) {
		receipt.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_not_equal(verify(buf_bytes(&receipt), &ignored), E_OK);
		receipt.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_int_equal(verify(buf_bytes(&receipt), &ignored), E_OK);
}

static void
receipt_cut_off_anywhere_is_refused(void **state)
{
	(void)state;
	for (size_t size = 0; size < receipt.size; size++) {
		uint8_t *cut = xmalloc(size);
		struct receipt ignored;

		memcpy(cut, receipt.data, size);
		assert_int_equal(verify(bytes_of(cut, size), &ignored), E_MALFORMED);
		free_octets(&cut);
	}
}

static void
receipt_for_another_outcome_is_no_receipt(void **state)
{
	(void)state;
	assert_int_equal(verify_with("REJECTED", "COMMITTED"), E_PROOF);
	assert_int_equal(verify_with("SEAL", "BODY"), E_PROOF);
	assert_int_equal(verify_with("KE.CRS", "KE.CRT"), E_PROOF);
	assert_int_equal(verify_with(".123Z", ".124Z"), E_PROOF);
}

static void
receipt_for_another_place_is_no_receipt(void **state)
{
	(void)state;
	assert_int_equal(verify_with("index=\"6\"", "index=\"7\""), E_PROOF);
	assert_int_equal(verify_with("size=\"13\"", "size=\"12\""), E_PROOF);
	assert_int_equal(verify_with("index=\"6\"", "index=\"06\""), E_MALFORMED);
	assert_int_equal(verify_with("index=\"6\"", "index=\"\""), E_MALFORMED);
	assert_int_equal(verify_with("index=\"6\"", "index=\"18446744073709551622\""), E_MALFORMED);
}

static void
receipt_under_another_checkpoint_is_no_receipt(void **state)
{
	struct receipt ignored;
	uint8_t other_key[32];

	(void)state;
	memcpy(other_key, log_.public_key, sizeof other_key);
	other_key[0] ^= 1;
	assert_int_equal(verify_with(ORIGIN, "log.other.example"), E_CHECKPOINT);
	assert_int_equal(verify_with("\n13\n", "\n14\n"), E_CHECKPOINT);
	assert_int_equal(
		receipt_verify(buf_bytes(&receipt), ORIGIN, other_key, &ignored), E_CHECKPOINT);
	assert_int_equal(
		receipt_verify(buf_bytes(&receipt), "log.other.example", log_.public_key, &ignored),
		E_CHECKPOINT);
}

static void
receipt_of_a_later_generation_counts(void **state)
{
	struct receipt r;
	OWNED_BUF(statement) = {0};
	OWNED_BUF(later) = {0};

	(void)state;
	statement_compose(&what, &statement);
	issue_as(ORIGIN "/2", buf_bytes(&statement), &later);
	assert_int_equal(verify(buf_bytes(&later), &r), E_OK);
	assert_same_statement(&r.what, &what);
	buf_reset(&later);
	issue_as(ORIGIN "/1", buf_bytes(&statement), &later);
	assert_int_equal(verify(buf_bytes(&later), &r), E_CHECKPOINT);
}

static void
receipt_with_too_long_a_proof_is_refused(void **state)
{
	static const char hash[] = "<e:Hash>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</e:Hash>";
	OWNED_BUF(b) = {0};

	(void)state;
	for (int i = 0; i <= MERKLE_PROOF_MAX; i++)
		buf_text(&b, hash);
	buf_text(&b, "</e:Proof>");
	assert_int_equal(verify_with("</e:Proof>", (char *)b.data), E_MALFORMED);
	assert_int_equal(verify_with("</e:Proof>", "<e:Hash>AAAA</e:Hash></e:Proof>"), E_MALFORMED);
}

/* A leaf that really is in the log, but is not a statement. */
static void
leaf_that_is_no_statement_earns_no_receipt(void **state)
{
	static const char leaf[] = "<e:Statement>anything</e:Statement>";
	struct receipt ignored;
	OWNED_BUF(b) = {0};

	(void)state;
	issue(bytes_of(leaf, strlen(leaf)), &b);
	assert_int_equal(verify(buf_bytes(&b), &ignored), E_MALFORMED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(statement_has_the_form_of_the_protocol),
		cmocka_unit_test(statement_of_every_stage_comes_back),
		cmocka_unit_test(statement_has_one_spelling),
		cmocka_unit_test(statement_cut_off_anywhere_is_refused),
		cmocka_unit_test(receipt_verifies_and_says_what_was_stated),
		cmocka_unit_test(receipt_with_any_bit_altered_is_refused),
		cmocka_unit_test(receipt_cut_off_anywhere_is_refused),
		cmocka_unit_test(receipt_for_another_outcome_is_no_receipt),
		cmocka_unit_test(receipt_for_another_place_is_no_receipt),
		cmocka_unit_test(receipt_under_another_checkpoint_is_no_receipt),
		cmocka_unit_test(receipt_of_a_later_generation_counts),
		cmocka_unit_test(receipt_with_too_long_a_proof_is_refused),
		cmocka_unit_test(leaf_that_is_no_statement_earns_no_receipt),
	};

	return cmocka_run_group_tests_name("receipt", tests, prepare, clean_up);
}
