/* SPDX-License-Identifier: EUPL-1.2
 *
 * Closing statements: what is stated is read again, a counter-signature holds for exactly one
 * statement, and nothing that was altered in either of the two documents passes for a proof. */
#include "tests/unit/test_realm.h"

#include "lib/closing.h"
#include "lib/examine.h"
#include "lib/note.h"

#define LOG "demo.daftar/log"

static struct realm *realm;
static EVP_PKEY *log_key;
static uint8_t log_public[32];

static int
set_up(void **state)
{
	size_t size = sizeof log_public;

	(void)state;
	realm_ready();
	realm = realm_new();
	log_key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	assert_int_equal(EVP_PKEY_get_raw_public_key(log_key, log_public, &size), 1);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	key_free(&log_key);
	realm_free(&realm);
	return 0;
}

static void
some_closing(size_t differences, struct closing *c)
{
	memset(c, 0, sizeof *c);
	c->from = party_of(KENYA);
	c->to = party_of(SOMALIA);
	c->since = 1793491200000;
	c->until = c->since + DAY_MS;
	c->count = 1000000;
	c->open = 17;
	c->agreed = differences == 0;
	c->n = differences;
	memset(c->fingerprint, 0xa5, sizeof c->fingerprint);
	for (size_t i = 0; i < differences; i++) {
		c->difference[i].id = id_new();
		strcpy(c->difference[i].word, "BROKER-LOST");
	}
}

static struct header
statement_header(void)
{
	struct header h = header_for(A_RECONCILIATION_STATEMENT, KENYA, HUB);

	strcpy(h.agreement, "NONE");
	strcpy(h.purpose, "RECONCILIATION");
	return h;
}

static void
state_it(const struct closing *c, struct buf *out)
{
	struct header h = statement_header();

	buf_reset(out);
	assert_int_equal(closing_sign(&h, c, realm->sign[KENYA], out), E_OK);
}

/* ---- the statement ---- */

static void
what_is_stated_is_read_again(void **state)
{
	static const size_t counts[] = {0, 1, CLOSING_DIFFERENCES_MAX};
	struct closing c, back;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		OWNED_BUF(statement) = {0};

		some_closing(counts[i], &c);
		state_it(&c, &statement);
		assert_int_equal(closing_parse(buf_bytes(&statement), &back), E_OK);
		assert_memory_equal(&back, &c, sizeof c);
	}
}

static void
a_statement_to_the_exchange_passes_examination(void **state)
{
	struct party kenya = party_of(KENYA), hub = party_of(HUB);
	struct closing c;
	struct verdict v;
	OWNED_BUF(statement) = {0};

	(void)state;
	some_closing(CLOSING_DIFFERENCES_MAX, &c);
	state_it(&c, &statement);
	examine(buf_bytes(&statement), realm->trust, NULL, &kenya, &hub, instant_now(), &v);
	assert_int_equal(v.code, E_OK);
}

static void
what_contradicts_itself_is_not_signed(void **state)
{
	struct header h = statement_header();
	struct closing c;
	OWNED_BUF(out) = {0};

	(void)state;
	some_closing(1, &c);
	c.agreed = true;
	assert_int_equal(closing_sign(&h, &c, realm->sign[KENYA], &out), E_STATE);
	some_closing(0, &c);
	c.agreed = false;
	assert_int_equal(closing_sign(&h, &c, realm->sign[KENYA], &out), E_STATE);
	some_closing(0, &c);
	c.until = c.since - 1;
	assert_int_equal(closing_sign(&h, &c, realm->sign[KENYA], &out), E_STATE);
}

/* Replaces the one place where `from' stands by `to'. */
static void
replace(struct buf *b, const char *from, const char *to)
{
	uint8_t *at = memmem(b->data, b->size, from, strlen(from));
	size_t before;
	OWNED_BUF(out) = {0};

	assert_non_null(at);
	before = (size_t)(at - b->data);
	buf_add(&out, b->data, before);
	buf_text(&out, to);
	buf_add(&out, at + strlen(from), b->size - before - strlen(from));
	buf_reset(b);
	buf_add_bytes(b, buf_bytes(&out));
}

static void
another_spelling_is_MALFORMED(void **state)
{
	static const char *const spelled[][2] = {
		{"<e:Count>1000000<", "<e:Count>01000000<"},
		{"<e:Count>1000000<", "<e:Count> 1000000<"},
		{"<e:Count>1000000<", "<e:Count>99999999999999999999<"},
		{"<e:Count>1000000</e:Count>", ""},
		{"<e:Open>17<", "<e:Open>17 <"},
		{"<e:Result>DIFFERS<", "<e:Result>AGREED<"},
		{"<e:Result>DIFFERS<", "<e:Result>DIFFERED<"},
		{"<e:Fingerprint>a5", "<e:Fingerprint>A5"},
		{"<e:Fingerprint>a5", "<e:Fingerprint>"},
		{"<e:Channel from=\"KE.CRS\"", "<e:Channel from=\"ke.crs\""},
		{" word=\"BROKER-LOST\"", ""},
		{"word=\"BROKER-LOST\"", "word=\"BROKER-LOST\" z=\"\""},
		{"<e:Difference", "<e:Other></e:Other><e:Difference"},
		{"<e:Period from=\"2026", "<e:Period from=\"2027"},
	};
	struct closing c, back;

	(void)state;
	some_closing(1, &c);
	for (size_t i = 0; i < ARRAY_LEN(spelled); i++) {
		OWNED_BUF(statement) = {0};

		state_it(&c, &statement);
		replace(&statement, spelled[i][0], spelled[i][1]);
		if (closing_parse(buf_bytes(&statement), &back) != E_MALFORMED)
			fail_msg("%s", spelled[i][1]);
	}
}

/* ---- the counter-signature ---- */

static void
sign_both(const char *origin, struct buf *statement, struct buf *note)
{
	struct closing c;

	some_closing(0, &c);
	state_it(&c, statement);
	assert_int_equal(closing_countersign(buf_bytes(statement), origin, log_key, note), E_OK);
}

static enum err
verify(const struct buf *statement, const struct buf *note)
{
	struct closing c;

	return closing_verify(buf_bytes(statement), buf_bytes(note), LOG, log_public, &c);
}

static void
both_documents_together_are_a_proof(void **state)
{
	struct closing c;
	OWNED_BUF(statement) = {0};
	OWNED_BUF(note) = {0};

	(void)state;
	sign_both(LOG, &statement, &note);
	assert_int_equal(
		closing_verify(buf_bytes(&statement), buf_bytes(&note), LOG, log_public, &c), E_OK);
	assert_true(c.agreed);
	assert_int_equal(c.count, 1000000);
	assert_int_equal(c.open, 17);
}

static void
a_note_says_in_plain_words_what_was_closed(void **state)
{
	char digest[DIGEST_TEXT_SIZE];
	struct digest d;
	OWNED_BUF(statement) = {0};
	OWNED_BUF(note) = {0};
	OWNED_BUF(text) = {0};

	(void)state;
	sign_both(LOG, &statement, &note);
	digest_of(statement.data, statement.size, &d);
	digest_format(&d, digest);
	buf_printf(&text,
		"daftar-closing/1\ndemo\nKE.CRS\nSO.NIRA\n2026-11-01T00:00:00.000Z\n"
		"2026-11-02T00:00:00.000Z\n1000000\na5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\nAGREED\n%s\n"
		"\n" NOTE_DASH LOG " ",
		digest);
	assert_memory_equal(note.data, text.data, text.size);
}

static void
a_later_generation_of_the_log_counter_signs_too(void **state)
{
	OWNED_BUF(statement) = {0};
	OWNED_BUF(note) = {0};

	(void)state;
	sign_both(LOG "/2", &statement, &note);
	assert_int_equal(verify(&statement, &note), E_OK);
	sign_both(LOG "/1", &statement, &note);
	assert_int_equal(verify(&statement, &note), E_CHECKPOINT);
	sign_both(LOG "x", &statement, &note);
	assert_int_equal(verify(&statement, &note), E_CHECKPOINT);
	sign_both("other/log", &statement, &note);
	assert_int_equal(verify(&statement, &note), E_CHECKPOINT);
}

static void
a_note_of_another_key_is_no_proof(void **state)
{
	uint8_t other[32];
	struct closing c;
	OWNED_BUF(statement) = {0};
	OWNED_BUF(note) = {0};

	(void)state;
	sign_both(LOG, &statement, &note);
	memcpy(other, log_public, sizeof other);
	other[0] ^= 1;
	assert_int_equal(closing_verify(buf_bytes(&statement), buf_bytes(&note), LOG, other, &c),
		E_CHECKPOINT);
}

static void
every_altered_octet_of_a_note_is_found(void **state)
{
	OWNED_BUF(statement) = {0};
	OWNED_BUF(note) = {0};

	(void)state;
	sign_both(LOG, &statement, &note);
	for (size_t i = 0; i < note.size; i++) {
		note.data[i] ^= 1;
		if (verify(&statement, &note) != E_CHECKPOINT)
			fail_msg("octet %zu", i);
		note.data[i] ^= 1;
	}
	for (size_t size = 0; size < note.size; size++) {
		struct buf cut = {note.data, size, note.room};

		assert_int_equal(verify(&statement, &cut), E_CHECKPOINT);
	}
	buf_text(&note, "\n");
	assert_int_equal(verify(&statement, &note), E_CHECKPOINT);
}

/* The statement's own signature aside: the note names its digest. */
static void
a_note_holds_for_one_statement_only(void **state)
{
	OWNED_BUF(statement) = {0};
	OWNED_BUF(note) = {0};
	OWNED_BUF(other) = {0};
	OWNED_BUF(others) = {0};

	(void)state;
	sign_both(LOG, &statement, &note);
	sign_both(LOG, &other, &others); /* the same numbers in another message */
	assert_int_equal(verify(&other, &note), E_CHECKPOINT);
	replace(&statement, "<e:Open>17<", "<e:Open>18<");
	assert_int_equal(verify(&statement, &note), E_CHECKPOINT);
}

static void
what_is_no_statement_is_not_counter_signed(void **state)
{
	struct header h = header_for(A_RECEIPT, KENYA, SOMALIA);
	OWNED_BUF(receipt) = {0};
	OWNED_BUF(note) = {0};

	(void)state;
	assert_int_equal(
		message_compose_receipt(&h, ST_COMMITTED, NULL, realm->sign[KENYA], &receipt),
		E_OK);
	assert_int_equal(
		closing_countersign(buf_bytes(&receipt), LOG, log_key, &note), E_MALFORMED);
	assert_int_equal(closing_countersign(bytes_of("<a>", 3), LOG, log_key, &note), E_MALFORMED);
}

static void
only_a_fit_name_and_key_counter_sign(void **state)
{
	struct closing c;
	OWNED_BUF(statement) = {0};
	OWNED_BUF(note) = {0};

	(void)state;
	some_closing(0, &c);
	state_it(&c, &statement);
	assert_int_equal(
		closing_countersign(buf_bytes(&statement), "a log", log_key, &note), E_CHECKPOINT);
	assert_int_equal(
		closing_countersign(buf_bytes(&statement), LOG, realm->sign[KENYA]->key, &note),
		E_CHECKPOINT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_stated_is_read_again),
		cmocka_unit_test(a_statement_to_the_exchange_passes_examination),
		cmocka_unit_test(what_contradicts_itself_is_not_signed),
		cmocka_unit_test(another_spelling_is_MALFORMED),
		cmocka_unit_test(both_documents_together_are_a_proof),
		cmocka_unit_test(a_note_says_in_plain_words_what_was_closed),
		cmocka_unit_test(a_later_generation_of_the_log_counter_signs_too),
		cmocka_unit_test(a_note_of_another_key_is_no_proof),
		cmocka_unit_test(every_altered_octet_of_a_note_is_found),
		cmocka_unit_test(a_note_holds_for_one_statement_only),
		cmocka_unit_test(what_is_no_statement_is_not_counter_signed),
		cmocka_unit_test(only_a_fit_name_and_key_counter_sign),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
