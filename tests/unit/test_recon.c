/* SPDX-License-Identifier: EUPL-1.2
 *
 * The bodies of RECON: what is written is read, lists that are cut come out whole, and every shape
 * that is wrong in one thing is E_WIRE. */
#include "tests/unit/test.h"

#include "lib/recon.h"

static struct party
party_named(const char *code)
{
	struct party p = {0};

	assert_true(party_parse(code, &p));
	return p;
}

static struct recon
head_of(enum recon_kind kind)
{
	return (struct recon){.kind = kind,
		.session = 0x0102030405060708,
		.with = party_named("SO.NIRA"),
		.from = party_named("KE.CRS"),
		.to = party_named("SO.NIRA"),
		.since = INT64_MIN,
		.until = 1800000000000};
}

static struct recon_key
key_of(unsigned i)
{
	struct recon_key k = {.from = party_named("KE.CRS")};

	k.id.octet[0] = (uint8_t)(i >> 8);
	k.id.octet[1] = (uint8_t)i;
	return k;
}

/* ---- lists: what is sent is kept ---- */

struct sent {
	struct buf body[64];
	size_t n;
};

static bool
keep(void *context, struct bytes body)
{
	struct sent *s = context;

	assert_true(s->n < ARRAY_LEN(s->body));
	buf_add_bytes(&s->body[s->n++], body);
	return true;
}

static void
sent_free(struct sent *s)
{
	for (size_t i = 0; i < s->n; i++)
		buf_free(&s->body[i]);
}
#define OWNED_SENT(name) __attribute__((cleanup(sent_free))) struct sent name

static void
open_items(const struct sent *s, size_t i, struct recon_items *out)
{
	struct recon r;

	assert_int_equal(recon_decode(buf_bytes(&s->body[i]), &r), E_OK);
	assert_int_equal(recon_items(&r, out), E_OK);
	assert_int_equal(out->more, i + 1 < s->n);
}

static struct header
some_header(void)
{
	struct header h = {.realm = "demo",
		.action = A_CERTIFIED_EXTRACT,
		.created = 1790000000000,
		.expires = 1790000100000,
		.retain_until = 1790000200000,
		.channel_seq = 7,
		.agreement = "AGR-1",
		.purpose = "TRANSCRIPTION",
		.has_key = true};

	h.id = id_new();
	h.conversation = h.id;
	h.leg = id_new();
	h.from = party_named("KE.CRS");
	h.to = party_named("SO.NIRA");
	return h;
}

/* ---- the head ---- */

static void
a_body_is_read_as_it_was_written(void **state)
{
	struct recon r = head_of(RECON_QUERY), back;
	OWNED_BUF(body) = {0};

	(void)state;
	r.payload = bytes_of("question", 8);
	recon_encode(&r, &body);
	assert_int_equal(body.size, RECON_HEAD_SIZE + 8);
	assert_int_equal(recon_decode(buf_bytes(&body), &back), E_OK);
	assert_int_equal(back.kind, RECON_QUERY);
	assert_int_equal(back.session, r.session);
	assert_true(party_equal(&back.with, &r.with) && party_equal(&back.from, &r.from) &&
		    party_equal(&back.to, &r.to));
	assert_true(back.since == r.since && back.until == r.until);
	assert_memory_equal(back.payload.data, "question", 8);
}

static void
expect_wire(const struct buf *body)
{
	struct recon r;

	assert_int_equal(recon_decode(buf_bytes(body), &r), E_WIRE);
}

static void
a_head_that_is_wrong_in_one_thing_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t octet;
	} wrong[] = {
		{0, 'Z'},				   /* no such kind */
		{0, 0}, {0, 'G'},			   /* go, with a payload */
		{9, 's'},				   /* a party in small letters */
		{9, 0},					   /* a party that begins with nothing */
		{9 + 31, 'X'},				   /* a party without end */
		{9 + 20, 'X'},				   /* something behind its end */
		{41 + 2, '-'}, {73 + 2, ' '}, {105, 0x7f}, /* since after until */
	};
	struct recon r = head_of(RECON_QUERY);
	OWNED_BUF(body) = {0};

	(void)state;
	r.payload = bytes_of("question", 8);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		recon_encode(&r, &body);
		body.data[wrong[i].at] = wrong[i].octet;
		expect_wire(&body);
	}
	for (size_t size = 0; size <= RECON_HEAD_SIZE; size++) {
		recon_encode(&r, &body);
		body.size = size;
		expect_wire(&body); /* cut off, at last without its payload */
	}
	r.to = (struct party){0}; /* half a channel */
	recon_encode(&r, &body);
	expect_wire(&body);
}

static void
a_body_larger_than_a_frame_is_refused(void **state)
{
	OWNED(uint8_t, octets, free_octets) = xcalloc(1, WIRE_FRAME_MAX);
	struct recon r = head_of(RECON_QUERY), back;
	OWNED_BUF(body) = {0};

	(void)state;
	r.payload = bytes_of(octets, WIRE_FRAME_MAX - RECON_HEAD_SIZE);
	recon_encode(&r, &body);
	assert_int_equal(recon_decode(buf_bytes(&body), &back), E_OK);
	buf_u8(&body, 0);
	expect_wire(&body);
}

static void
go_has_no_payload(void **state)
{
	struct recon r = head_of(RECON_GO), back;
	OWNED_BUF(body) = {0};

	(void)state;
	r.with = r.from = r.to = (struct party){0};
	recon_encode(&r, &body);
	assert_int_equal(recon_decode(buf_bytes(&body), &back), E_OK);
}

/* ---- codes ---- */

static enum err
get_code(enum recon_kind kind, const void *payload, size_t size, enum err *code)
{
	struct recon r = head_of(kind);
	struct bytes note;

	r.payload = bytes_of(payload, size);
	return recon_get_code(&r, code, &note);
}

static void
a_code_comes_alone_and_a_counter_signature_with_its_note(void **state)
{
	struct recon r = head_of(RECON_COUNTER);
	OWNED_BUF(payload) = {0};
	struct bytes note;
	enum err code;

	(void)state;
	recon_put_code(&payload, E_OK, bytes_of("note\n", 5));
	r.payload = buf_bytes(&payload);
	assert_int_equal(recon_get_code(&r, &code, &note), E_OK);
	assert_int_equal(code, E_OK);
	assert_int_equal(note.size, 5);
	buf_reset(&payload);
	recon_put_code(&payload, E_NO_AGREEMENT, bytes_of("note\n", 5));
	assert_int_equal(get_code(RECON_COUNTER, payload.data, payload.size, &code), E_OK);
	assert_int_equal(code, E_NO_AGREEMENT);
	assert_int_equal(get_code(RECON_REFUSED, "\4BUSY", 5, &code), E_OK);
	assert_int_equal(code, E_BUSY);
	assert_int_equal(get_code(RECON_REFUSED, "\5NEWER", 6, &code), E_OK);
	assert_int_equal(code, E_UNKNOWN_CODE);
}

static void
a_malformed_code_is_refused(void **state)
{
	enum err code;

	(void)state;
	assert_int_equal(get_code(RECON_REFUSED, "\4BUSYx", 6, &code), E_WIRE);
	assert_int_equal(get_code(RECON_REFUSED, "\5BUSY", 5, &code), E_WIRE);
	assert_int_equal(get_code(RECON_REFUSED, "\4busy", 5, &code), E_WIRE);
	assert_int_equal(get_code(RECON_REFUSED, "\4BU\0Y", 5, &code), E_WIRE);
	assert_int_equal(get_code(RECON_REFUSED, "\0", 1, &code), E_WIRE);
	assert_int_equal(get_code(RECON_COUNTER, "\2OK", 3, &code), E_WIRE);
	assert_int_equal(get_code(RECON_COUNTER, "\4BUSYnote", 9, &code), E_WIRE);
	assert_int_equal(get_code(RECON_QUERY, "\4BUSY", 5, &code), E_WIRE);
}

/* ---- lists ---- */

static void
a_long_list_is_cut_and_comes_out_whole(void **state)
{
	struct recon head = head_of(RECON_WANT);
	struct recon_list l;
	OWNED_SENT(sent) = {0};
	unsigned count = 0;

	(void)state;
	recon_list_begin(&l, &head, NULL, keep, &sent);
	for (unsigned i = 0; i < 10000; i++) {
		struct digest d = {.octet = {(uint8_t)(i >> 8), (uint8_t)i}};

		recon_list_element(&l, &d);
	}
	assert_true(recon_list_end(&l));
	assert_true(sent.n == 3);
	for (size_t b = 0; b < sent.n; b++) {
		struct recon_items items;
		struct digest d;

		assert_true(sent.body[b].size <= RECON_BODY_MAX);
		open_items(&sent, b, &items);
		for (; recon_next_element(&items, &d) == E_OK; count++)
			assert_int_equal(d.octet[0] << 8 | d.octet[1], count);
		assert_int_equal(recon_next_element(&items, &d), E_NOT_FOUND);
	}
	assert_int_equal(count, 10000);
}

static void
an_empty_list_is_said_too(void **state)
{
	struct recon head = head_of(RECON_LOST);
	struct recon_list l;
	struct recon_items items;
	struct recon_key k;
	OWNED_SENT(sent) = {0};

	(void)state;
	recon_list_begin(&l, &head, NULL, keep, &sent);
	assert_true(recon_list_end(&l));
	assert_int_equal(sent.n, 1);
	open_items(&sent, 0, &items);
	assert_int_equal(recon_next_key(&items, &k), E_NOT_FOUND);
}

static bool
refuse(void *context, struct bytes body)
{
	(void)body;
	++*(unsigned *)context;
	return false;
}

static void
a_list_that_cannot_be_sent_says_so_and_stops(void **state)
{
	struct recon head = head_of(RECON_EVIDENCE);
	struct recon_list l;
	unsigned calls = 0;

	(void)state;
	recon_list_begin(&l, &head, NULL, refuse, &calls);
	for (unsigned i = 0; i < 10000; i++) {
		struct recon_key k = key_of(i);

		recon_list_key(&l, &k);
	}
	assert_false(recon_list_end(&l));
	assert_int_equal(calls, 1);
}

static void
write_name(struct recon_name *n, struct sent *sent)
{
	struct recon head = head_of(RECON_NAMES);
	struct recon_list l;

	*n = (struct recon_name){.header = some_header(),
		.stage = ST_REJECTED,
		.code = "L.01",
		.accepted = 1790000000500};
	memset(n->digest.octet, 3, DIGEST_SIZE);
	recon_list_begin(&l, &head, NULL, keep, sent);
	recon_list_name(&l, n);
	assert_true(recon_list_end(&l));
}

static void
a_name_is_read_as_it_was_written(void **state)
{
	struct recon_name n, back;
	struct recon_items items;
	OWNED_SENT(sent) = {0};

	(void)state;
	write_name(&n, &sent);
	assert_true(sent.body[0].size < 2048);
	open_items(&sent, 0, &items);
	memset(&back, 0, sizeof back);
	assert_int_equal(recon_next_name(&items, &back), E_OK);
	assert_memory_equal(&back.header, &n.header, sizeof n.header);
	assert_true(digest_equal(&back.digest, &n.digest));
	assert_int_equal(back.stage, ST_REJECTED);
	assert_string_equal(back.code, "L.01");
	assert_int_equal(back.accepted, n.accepted);
	assert_int_equal(recon_next_name(&items, &back), E_NOT_FOUND);
}

static enum err
first_name(const struct buf *body)
{
	struct recon_items items;
	struct recon_name n;
	struct recon r;

	if (recon_decode(buf_bytes(body), &r) != E_OK || recon_items(&r, &items) != E_OK)
		return E_WIRE;
	return recon_next_name(&items, &n);
}

/* Everything in a name has one spelling, but its digest and its time are any octets. */
static void
a_name_that_is_altered_is_refused(void **state)
{
	struct recon_name n;
	OWNED_SENT(sent) = {0};
	struct buf *body = &sent.body[0];
	size_t start = RECON_HEAD_SIZE + 1, header;

	(void)state;
	write_name(&n, &sent);
	header = (size_t)body->data[start + 2] << 8 | body->data[start + 3];
	for (size_t at = start; at < body->size - 8; at++) {
		bool digest = at >= start + 4 + header && at < start + 4 + header + DIGEST_SIZE;
		uint8_t was = body->data[at];

		body->data[at] = '\n';
		if (!digest)
			assert_int_equal(first_name(body), E_WIRE);
		body->data[at] = was;
	}
	assert_int_equal(first_name(body), E_OK);
	for (size_t size = body->size - 1; size > start; size--) {
		body->size = size;
		assert_int_equal(first_name(body), E_WIRE);
	}
}

static void
receipts_are_read_as_they_were_written(void **state)
{
	struct recon head = head_of(RECON_RECEIPTS);
	struct recon_receipt r = {.key = key_of(5),
		.stage = ST_COMMITTED,
		.receipt = bytes_of("<receipt>", 9),
		.addressee_receipt = bytes_of("<theirs>", 8)};
	struct recon_receipt back;
	struct recon_items items;
	struct recon_list l;
	OWNED_SENT(sent) = {0};

	(void)state;
	recon_list_begin(&l, &head, NULL, keep, &sent);
	recon_list_receipt(&l, &r);
	r.addressee_receipt = bytes_of(NULL, 0);
	recon_list_receipt(&l, &r);
	assert_true(recon_list_end(&l));
	open_items(&sent, 0, &items);
	assert_int_equal(recon_next_receipt(&items, &back), E_OK);
	assert_true(id_equal(&back.key.id, &r.key.id));
	assert_int_equal(back.stage, ST_COMMITTED);
	assert_int_equal(back.receipt.size, 9);
	assert_memory_equal(back.addressee_receipt.data, "<theirs>", 8);
	assert_int_equal(recon_next_receipt(&items, &back), E_OK);
	assert_int_equal(back.addressee_receipt.size, 0);
	assert_int_equal(recon_next_receipt(&items, &back), E_NOT_FOUND);
}

static void
a_receipt_too_large_for_any_frame_is_left_out(void **state)
{
	OWNED(uint8_t, octets, free_octets) = xcalloc(1, WIRE_FRAME_MAX);
	struct recon head = head_of(RECON_RECEIPTS);
	struct recon_receipt r = {.key = key_of(5), .stage = ST_COMMITTED};
	struct recon_items items;
	struct recon_list l;
	OWNED_SENT(sent) = {0};

	(void)state;
	recon_list_begin(&l, &head, NULL, keep, &sent);
	r.receipt = bytes_of(octets, WIRE_FRAME_MAX);
	recon_list_receipt(&l, &r);
	for (int i = 0; i < 2;
		i++) { /* each larger than what we send at once, but not than a frame */
		r.receipt = bytes_of(octets, WIRE_FRAME_MAX - 1000);
		recon_list_receipt(&l, &r);
	}
	assert_true(recon_list_end(&l));
	assert_int_equal(sent.n, 2);
	for (size_t i = 0; i < sent.n; i++) {
		open_items(&sent, i, &items);
		assert_int_equal(recon_next_receipt(&items, &r), E_OK);
		assert_int_equal(recon_next_receipt(&items, &r), E_NOT_FOUND);
	}
}

static void
an_outcome_has_its_counts_in_every_body(void **state)
{
	struct recon head = head_of(RECON_DONE);
	struct recon_done done = {.elements = 10, .differences = 9, .mended = 8, .open = 7};
	struct recon_list l;
	OWNED_SENT(sent) = {0};
	unsigned count = 0;

	(void)state;
	memset(done.fingerprint, 6, sizeof done.fingerprint);
	recon_list_begin(&l, &head, &done, keep, &sent);
	for (unsigned i = 0; i < 4000; i++) {
		struct recon_difference d = {.word = "BROKER-LOST", .key = key_of(i)};

		recon_list_difference(&l, &d);
	}
	assert_true(recon_list_end(&l));
	assert_true(sent.n > 1);
	for (size_t b = 0; b < sent.n; b++) {
		struct recon_difference d;
		struct recon_items items;

		open_items(&sent, b, &items);
		assert_memory_equal(&items.done, &done, sizeof done);
		for (; recon_next_difference(&items, &d) == E_OK; count++) {
			assert_string_equal(d.word, "BROKER-LOST");
			assert_int_equal(d.key.id.octet[0] << 8 | d.key.id.octet[1], count);
		}
	}
	assert_int_equal(count, 4000);
}

/* ---- wrong lists ---- */

static enum err
read_list(enum recon_kind kind, const char *hex)
{
	struct recon r = head_of(kind);
	struct recon_difference difference;
	struct recon_receipt receipt;
	struct recon_items items;
	struct recon_key key;
	struct digest element;
	uint8_t octets[256];
	size_t size = strlen(hex) / 2;
	enum err e;

	assert_true(size <= sizeof octets && hex_decode(hex, strlen(hex), octets, size));
	r.payload = bytes_of(octets, size);
	TRY(recon_items(&r, &items));
	do
		e = kind == RECON_WANT	     ? recon_next_element(&items, &element)
		    : kind == RECON_RECEIPTS ? recon_next_receipt(&items, &receipt)
		    : kind == RECON_DONE     ? recon_next_difference(&items, &difference)
					     : recon_next_key(&items, &key);
	while (e == E_OK);
	return e;
}

#define ZEROS_8 "0000000000000000"
#define ZEROS_16 ZEROS_8 ZEROS_8
#define ZEROS_48 ZEROS_16 ZEROS_16 ZEROS_16
#define KE_CRS "4b452e435253" ZEROS_16 ZEROS_8 "0000"
#define KEY KE_CRS ZEROS_16

static void
a_malformed_list_is_refused(void **state)
{
	(void)state;
	assert_int_equal(read_list(RECON_WANT, "00" ZEROS_16 ZEROS_16), E_NOT_FOUND);
	assert_int_equal(read_list(RECON_WANT, "02"), E_WIRE); /* a flag that is none */
	assert_int_equal(read_list(RECON_WANT, ""), E_WIRE);   /* not even a flag */
	assert_int_equal(read_list(RECON_WANT, "01"), E_WIRE); /* more, of nothing */
	assert_int_equal(read_list(RECON_WANT, "00" ZEROS_16 "00"), E_WIRE); /* cut off */
	assert_int_equal(read_list(RECON_QUERY, "00"), E_WIRE);		     /* no list at all */
	assert_int_equal(read_list(RECON_NAMES, "00" KEY), E_WIRE);	     /* of another kind */
	assert_int_equal(read_list(RECON_LOST, "00" KEY), E_NOT_FOUND);
	assert_int_equal(read_list(RECON_LOST, "00" KEY "00"), E_WIRE);
	assert_int_equal(read_list(RECON_LOST, "00" ZEROS_48), E_WIRE); /* from nobody */
	assert_int_equal(read_list(RECON_RECEIPTS, "00" KEY "08"
						   "4143434550544544"
						   "00000001aa"
						   "00000000"),
		E_NOT_FOUND);
	assert_int_equal(/* no such stage */
		read_list(RECON_RECEIPTS, "00" KEY "08"
					  "4143434550544545"
					  "00000001aa"
					  "00000000"),
		E_WIRE);
	assert_int_equal(/* no receipt */
		read_list(RECON_RECEIPTS, "00" KEY "08"
					  "4143434550544544"
					  "00000000"
					  "00000000"),
		E_WIRE);
	assert_int_equal(/* longer than the body */
		read_list(RECON_RECEIPTS, "00" KEY "08"
					  "4143434550544544"
					  "ffffffffaa"
					  "00000000"),
		E_WIRE);
	assert_int_equal(read_list(RECON_DONE, "00" ZEROS_48), E_NOT_FOUND);
	assert_int_equal(read_list(RECON_DONE, "00" ZEROS_16), E_WIRE);
	assert_int_equal(read_list(RECON_DONE, "00" ZEROS_48 "0141" KEY), E_NOT_FOUND);
	assert_int_equal(read_list(RECON_DONE, "00" ZEROS_48 "00" KEY), E_WIRE); /* no word */
	assert_int_equal(
		read_list(RECON_DONE, "00" ZEROS_48 "0161" KEY), E_WIRE); /* small letters */
	assert_int_equal(read_list(RECON_DONE, "00" ZEROS_48 "18" ZEROS_8 ZEROS_16 KEY),
		E_WIRE); /* longer than words are */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_read_as_it_was_written),
		cmocka_unit_test(a_head_that_is_wrong_in_one_thing_is_refused),
		cmocka_unit_test(a_body_larger_than_a_frame_is_refused),
		cmocka_unit_test(go_has_no_payload),
		cmocka_unit_test(a_code_comes_alone_and_a_counter_signature_with_its_note),
		cmocka_unit_test(a_malformed_code_is_refused),
		cmocka_unit_test(a_long_list_is_cut_and_comes_out_whole),
		cmocka_unit_test(an_empty_list_is_said_too),
		cmocka_unit_test(a_list_that_cannot_be_sent_says_so_and_stops),
		cmocka_unit_test(a_name_is_read_as_it_was_written),
		cmocka_unit_test(a_name_that_is_altered_is_refused),
		cmocka_unit_test(receipts_are_read_as_they_were_written),
		cmocka_unit_test(a_receipt_too_large_for_any_frame_is_left_out),
		cmocka_unit_test(an_outcome_has_its_counts_in_every_body),
		cmocka_unit_test(a_malformed_list_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
