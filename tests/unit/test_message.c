/* SPDX-License-Identifier: EUPL-1.2
 *
 * A message comes out as it went in, for every action and size class; what the header says outside
 * is what it says inside; and only the addressee opens it. */
#include "tests/unit/test_realm.h"

#include "lib/encrypt.h"
#include "lib/file.h"
#include "lib/header.h"
#include "lib/squeeze.h"
#include "lib/xml.h"

static struct realm *realm;

static int
set_up(void **state)
{
	(void)state;
	realm_ready();
	realm = realm_new();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	realm_free(&realm);
	return 0;
}

static bool
is_clear(enum action a)
{
	return a == A_RECEIPT || a == A_RECONCILIATION_STATEMENT;
}

/* ---- words ---- */

static void
every_action_is_read_as_it_is_written(void **state)
{
	enum action back;

	(void)state;
	for (enum action a = 0; a < ACTION_N; a++) {
		assert_true(action_parse(action_word(a), &back));
		assert_int_equal(back, a);
	}
	assert_false(action_parse("receipt", &back));
	assert_false(action_parse("", &back));
}

static void
every_stage_is_read_as_it_is_written(void **state)
{
	enum stage back;

	(void)state;
	for (enum stage s = 0; s < STAGE_N; s++) {
		assert_true(stage_parse(stage_word(s), &back));
		assert_int_equal(back, s);
	}
	assert_false(stage_parse("COMMITTED ", &back));
	assert_true(stage_final(ST_COMMITTED));
	assert_false(stage_final(ST_DELIVERED));
}

/* ---- header ---- */

/* Every optional part present. */
static struct header
full_header(void)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);

	h.has_on_behalf_of = true;
	h.on_behalf_of = party_of(OFFICE);
	h.has_ref = true;
	h.ref = id_new();
	digest_of("ref", 3, &h.ref_digest);
	h.channel_seq = 999999999999999999;
	return h;
}

static void
compose_clear(const struct header *h, const char *token, struct buf *out)
{
	OWNED_BUF(header) = {0};
	const char *end = "<e:RetainUntil>";
	const uint8_t *at;

	header_compose(h, &header);
	at = memmem(header.data, header.size, end, strlen(end));
	assert_non_null(at);
	header_open_message(h, out);
	buf_add(out, header.data, (size_t)(at - header.data));
	buf_text(out, token);
	buf_add(out, at, header.size - (size_t)(at - header.data));
	buf_text(out, "<e:Body></e:Body></e:Message>");
}

static void
header_is_read_as_it_is_written(void **state)
{
	struct header full = full_header(), bare = header_for(A_QUERY, KENYA, OFFICE), back;
	OWNED_BUF(doc) = {0};

	(void)state;
	compose_clear(&full, "", &doc);
	assert_int_equal(message_header(buf_bytes(&doc), &back), E_OK);
	assert_memory_equal(&back, &full, sizeof back);
	buf_reset(&doc);
	compose_clear(&bare, "", &doc);
	assert_int_equal(message_header(buf_bytes(&doc), &back), E_OK);
	assert_memory_equal(&back, &bare, sizeof back);
}

static void
header_stands_in_its_own_message_only(void **state)
{
	struct header h = full_header(), other;
	OWNED_BUF(doc) = {0};
	struct bytes rest;

	(void)state;
	compose_clear(&h, "", &doc);
	assert_true(header_stands_in(buf_bytes(&doc), &h, &rest));
	assert_memory_equal(rest.data, "<e:Body></e:Body>", 17);
	other = h;
	other.to = party_of(OFFICE);
	assert_false(header_stands_in(buf_bytes(&doc), &other, &rest));
	other = h;
	other.retain_until++;
	assert_false(header_stands_in(buf_bytes(&doc), &other, &rest));
	other = h;
	other.has_ref = false;
	assert_false(header_stands_in(buf_bytes(&doc), &other, &rest));
	for (size_t n = 0; n < doc.size - rest.size; n += 5)
		assert_false(header_stands_in(bytes_of(doc.data, n), &h, &rest));
}

static void
consent_token_stands_in_its_place(void **state)
{
	struct header h = full_header(), back;
	OWNED_BUF(token) = {0};
	OWNED_BUF(doc) = {0};
	OWNED_BUF(cut) = {0};
	struct bytes rest;

	(void)state;
	token_give(realm, &h, KENYA, SOMALIA, true, &token);
	compose_clear(&h, (const char *)token.data, &doc);
	assert_int_equal(message_header(buf_bytes(&doc), &back), E_OK);
	assert_memory_equal(&back, &h, sizeof back);
	assert_true(header_stands_in(buf_bytes(&doc), &h, &rest));
	assert_memory_equal(rest.data, "<e:Body>", 8);
	back.has_token = false;
	memset(&back.token, 0, sizeof back.token);
	assert_false(header_stands_in(buf_bytes(&doc), &back, &rest));
	compose_clear(&h, "<e:ConsentToken id=\"x\">", &cut);
	assert_false(header_stands_in(buf_bytes(&cut), &h, &rest));
}

/* Each pair: what stands in a good document, and what is put in its place. */
static const char *const misspelt[][2] = {
	{"<e:ChannelSeq>999999999999999999<", "<e:ChannelSeq>0999999999999999999<"},
	{"<e:ChannelSeq>999999999999999999<", "<e:ChannelSeq>+1<"},
	{"<e:ChannelSeq>999999999999999999<", "<e:ChannelSeq>0<"},
	{"<e:ChannelSeq>999999999999999999<", "<e:ChannelSeq>99999999999999999999999<"},
	{"<e:ChannelSeq>999999999999999999<", "<e:ChannelSeq><"},
	{"<e:Action>CertifiedExtract<", "<e:Action>certifiedExtract<"},
	{"<e:From>KE.CRS<", "<e:From>KE.CRS.X<"},
	{"<e:From>KE.CRS<", "<e:From><e:To>KE.CRS</e:To><"},
	{"<e:From>KE.CRS</e:From>", ""},
	{"<e:To>SO.NIRA<", "<e:To>so.nira<"},
	{"digestAlg=\"sha256\"", "digestAlg=\"sha1\""},
	{"<e:RefTo digest=", "<e:RefTo dugest="},
	{" realm=\"demo\"", ""},
	{" realm=\"demo\"", " realm=\"a-realm-with-a-name-that-is-much-too-long-for-one\""},
	{" realm=\"demo\"", " realm=\"d\xc3\xa9mo\""},
	{"<e:Purpose>BIRTH-TRANSCRIPTION<", "<e:Purpose><"},
	{"<e:Purpose>BIRTH-TRANSCRIPTION<", "<e:Purpose>BIRTH TRANSCRIPTION<"},
	{"<e:Header>", "<e:header>"},
	{"</e:Header>", "</e:header>"},
};

static void
replace(const struct buf *in, const char *what, const char *by, struct buf *out)
{
	size_t n = strlen(what);
	const uint8_t *at = memmem(in->data, in->size, what, n);

	assert_non_null(at);
	buf_add(out, in->data, (size_t)(at - in->data));
	buf_text(out, by);
	buf_add(out, at + n, in->size - (size_t)(at - in->data) - n);
}

static void
misspelt_header_is_not_read(void **state)
{
	struct header h = full_header(), back;
	OWNED_BUF(doc) = {0};

	(void)state;
	compose_clear(&h, "", &doc);
	for (size_t i = 0; i < ARRAY_LEN(misspelt); i++) {
		OWNED_BUF(bad) = {0};

		replace(&doc, misspelt[i][0], misspelt[i][1], &bad);
		assert_int_equal(message_header(buf_bytes(&bad), &back), E_MALFORMED);
	}
}

static void
header_of_another_document_is_not_read(void **state)
{
	struct header h = full_header(), back;
	OWNED_BUF(doc) = {0};
	OWNED_BUF(start) = {0};
	OWNED_BUF(other) = {0};

	(void)state;
	compose_clear(&h, "", &doc);
	replace(&doc, "<e:Message ", "<e:Massage ", &start);
	replace(&start, "</e:Message>", "</e:Massage>", &other);
	assert_int_equal(message_header(buf_bytes(&other), &back), E_MALFORMED);
}

/* So that a refusal can name the message. */
static void
what_is_understood_of_a_bad_header_is_kept(void **state)
{
	struct header h = full_header(), back;
	OWNED_BUF(doc) = {0};
	OWNED_BUF(bad) = {0};
	const struct party nobody = {0};

	(void)state;
	compose_clear(&h, "", &doc);
	replace(&doc, "<e:To>SO.NIRA<", "<e:To>so.nira<", &bad);
	assert_int_equal(message_header(buf_bytes(&bad), &back), E_MALFORMED);
	assert_true(id_equal(&back.id, &h.id));
	assert_true(party_equal(&back.from, &h.from));
	assert_true(party_equal(&back.to, &nobody));
}

/* ---- there and back ---- */

static void
every_action_comes_out_as_it_went_in(void **state)
{
	(void)state;
	for (enum action a = 0; a < ACTION_N; a++) {
		struct header h = header_for(a, KENYA, SOMALIA), back;
		OWNED_BUF(message) = {0};
		OWNED_BUF(body) = {0};

		if (is_clear(a))
			continue;
		message_from(realm, &h, KENYA, SOMALIA, &message);
		assert_int_equal(message_header(buf_bytes(&message), &back), E_OK);
		assert_memory_equal(&back, &h, sizeof h);
		assert_int_equal(
			message_open(buf_bytes(&message), realm->encrypt[SOMALIA], &body), E_OK);
		assert_string_equal((char *)body.data, realm_bodies[a]);
	}
}

static enum err
compose_sized(size_t size, struct buf *message, struct buf *body)
{
	X509 *const to[] = {realm->encrypt[SOMALIA]->cert};
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);

	body_make(A_QUERY, size, body);
	return message_compose(&h, buf_bytes(body), to, 1, realm->sign[KENYA], message);
}

static void
every_size_class_comes_out_as_it_went_in(void **state)
{
	static const size_t sizes[] = {500, 2500, 5000, 10000, 20000, 40000, 80000, 140000, 161000};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		OWNED_BUF(message) = {0};
		OWNED_BUF(body) = {0};
		OWNED_BUF(back) = {0};

		assert_int_equal(compose_sized(sizes[i], &message, &body), E_OK);
		assert_true(message.size <= XML_MESSAGE_MAX);
		assert_int_equal(
			message_open(buf_bytes(&message), realm->encrypt[SOMALIA], &back), E_OK);
		assert_int_equal(back.size, body.size);
		assert_memory_equal(back.data, body.data, body.size);
	}
}

/* One octet more or less in the body does not show, until a class is full: then one octet more is a
 * step, and a step upwards. */
static void
length_says_only_the_size_class(void **state)
{
	size_t steps = 0, last = 0;

	(void)state;
	for (size_t size = 2200; size < 2200 + 2048; size += 64) {
		OWNED_BUF(message) = {0};
		OWNED_BUF(body) = {0};

		assert_int_equal(compose_sized(size, &message, &body), E_OK);
		/* SignatureValue of one curve has one length. */
		if (last != 0 && message.size != last) {
			assert_true(message.size > last);
			steps++;
		}
		last = message.size;
	}
	assert_int_equal(steps, 1);
}

static void
body_above_the_largest_class_is_too_large(void **state)
{
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};

	(void)state;
	assert_int_equal(compose_sized(164 * 1024, &message, &body), E_TOO_LARGE);
	assert_int_equal(message.size, 0);
}

static void
body_of_another_action_is_not_composed(void **state)
{
	X509 *const to[] = {realm->encrypt[SOMALIA]->cert};
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};

	(void)state;
	body_make(A_QUERY_REPLY, 0, &body);
	assert_int_equal(message_compose(&h, buf_bytes(&body), to, 1, realm->sign[KENYA], &message),
		E_SCHEMA);
	/* the trust list knows no encryption certificate of the addressee that is still good */
	assert_int_equal(message_compose(&h, buf_bytes(&body), to, 0, realm->sign[KENYA], &message),
		E_CERT_EXPIRED);
	assert_int_equal(message_compose(&h, bytes_of("", 0), to, 1, realm->sign[KENYA], &message),
		E_SCHEMA);
}

static void
receipt_comes_out_as_it_went_in(void **state)
{
	struct header h = header_for(A_RECEIPT, SOMALIA, HUB);
	OWNED_BUF(message) = {0};
	OWNED_BUF(refusal) = {0};
	OWNED_BUF(other) = {0};
	enum stage stage;
	char code[32];

	(void)state;
	assert_int_equal(
		message_compose_receipt(&h, ST_COMMITTED, NULL, realm->sign[SOMALIA], &message),
		E_OK);
	assert_int_equal(message_receipt(buf_bytes(&message), &stage, code, sizeof code), E_OK);
	assert_int_equal(stage, ST_COMMITTED);
	assert_string_equal(code, "");
	assert_int_equal(
		message_compose_receipt(&h, ST_REJECTED, "SEAL", realm->sign[SOMALIA], &refusal),
		E_OK);
	assert_int_equal(message_receipt(buf_bytes(&refusal), &stage, code, sizeof code), E_OK);
	assert_int_equal(stage, ST_REJECTED);
	assert_string_equal(code, "SEAL");
	assert_int_equal(message_receipt(buf_bytes(&refusal), &stage, code, 4), E_MALFORMED);
	h = header_for(A_QUERY, KENYA, SOMALIA);
	message_from(realm, &h, KENYA, SOMALIA, &other);
	assert_int_equal(
		message_receipt(buf_bytes(&other), &stage, code, sizeof code), E_MALFORMED);
	assert_int_equal(
		message_receipt(bytes_of("<a></a>", 7), &stage, code, sizeof code), E_MALFORMED);
	assert_int_equal(message_receipt(bytes_of("x", 1), &stage, code, sizeof code), E_MALFORMED);
}

/* ---- what must not open ---- */

static void
only_the_addressee_opens(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};

	(void)state;
	message_from(realm, &h, KENYA, SOMALIA, &message);
	assert_int_equal(message_open(buf_bytes(&message), realm->encrypt[KENYA], &body), E_BODY);
	assert_int_equal(message_open(buf_bytes(&message), realm->sign[SOMALIA], &body), E_BODY);
	assert_int_equal(body.size, 0);
}

static void
receipt_has_no_body_to_open(void **state)
{
	struct header h = header_for(A_RECEIPT, SOMALIA, HUB);
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};

	(void)state;
	assert_int_equal(
		message_compose_receipt(&h, ST_COMMITTED, NULL, realm->sign[SOMALIA], &message),
		E_OK);
	assert_int_equal(message_open(buf_bytes(&message), realm->encrypt[HUB], &body), E_BODY);
	assert_int_equal(message_open(bytes_of("<a></a>", 7), realm->encrypt[HUB], &body), E_BODY);
}

/* A message whose content is what the test says, made by an enemy who holds all of Kenya's keys. */
static void
message_around(const struct header *h, struct bytes content, struct buf *out)
{
	X509 *const to[] = {realm->encrypt[SOMALIA]->cert};
	OWNED_BUF(doc) = {0};

	header_open_message(h, &doc);
	header_compose(h, &doc);
	buf_text(&doc, "<e:Body>");
	assert_int_equal(encrypt_body(content, to, 1, &doc), E_OK);
	buf_text(&doc, "</e:Body></e:Message>");
	assert_int_equal(seal_sign(buf_bytes(&doc), realm->sign[KENYA], out), E_OK);
}

/* Brings a content to its size class. */
static void
end_content(struct buf *out, char filling)
{
	static const char end[] = "</e:Padding></e:Content>";
	size_t class = encrypt_class(out->size + strlen("<e:Padding>") + strlen(end));

	buf_text(out, "<e:Padding>");
	while (out->size < class - strlen(end))
		buf_add(out, &filling, 1);
	buf_text(out, end);
}

static void
content_around(const struct header *inside, const char *body, char filling, struct buf *out)
{
	buf_text(out, "<e:Content xmlns:e=\"urn:daftar:envelope:1\">");
	header_compose(inside, out);
	buf_text(out, body);
	end_content(out, filling);
}

static enum err
open_content(const struct header *outside, const struct buf *content)
{
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};

	message_around(outside, buf_bytes(content), &message);
	return message_open(buf_bytes(&message), realm->encrypt[SOMALIA], &body);
}

/* The same body sent on under another header: to another addressee, for another purpose. */
static void
header_outside_must_be_the_one_inside(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA), other;
	OWNED_BUF(good) = {0};

	(void)state;
	content_around(&h, realm_bodies[A_QUERY], 'A', &good);
	assert_int_equal(open_content(&h, &good), E_OK);
	for (int i = 0; i < 5; i++) {
		OWNED_BUF(content) = {0};

		other = h;
		if (i == 0)
			other.id = id_new();
		else if (i == 1)
			other.to = party_of(OFFICE);
		else if (i == 2)
			other.action = A_QUERY_REPLY;
		else if (i == 3)
			other.expires++;
		else
			strcpy(other.purpose, "RECONCILIATION");
		content_around(&other, realm_bodies[A_QUERY], 'A', &content);
		assert_int_equal(open_content(&h, &content), E_HEADER_MISMATCH);
	}
}

static void
content_without_or_with_two_headers_does_not_open(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(none) = {0};
	OWNED_BUF(two) = {0};

	(void)state;
	buf_text(&none, "<e:Content xmlns:e=\"urn:daftar:envelope:1\">");
	buf_text(&none, realm_bodies[A_QUERY]);
	end_content(&none, 'A');
	assert_int_equal(open_content(&h, &none), E_HEADER_MISMATCH);
	buf_text(&two, "<e:Content xmlns:e=\"urn:daftar:envelope:1\">");
	header_compose(&h, &two);
	header_compose(&h, &two);
	buf_text(&two, realm_bodies[A_QUERY]);
	end_content(&two, 'A');
	assert_int_equal(open_content(&h, &two), E_HEADER_MISMATCH);
}

static void
content_that_its_schema_refuses_does_not_open(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	static const char *const bodies[] = {
		"<c:Query xmlns:c=\"urn:daftar:case:1\" schemaVersion=\"1.0\"></c:Query>",
		"",
		"<x>",
		"<!-- x -->",
		"<c:Query xmlns:c=\"urn:daftar:case:1\" schemaVersion=\"1.0\"><c:QueryId "
		"xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
		"xsi:schemaLocation=\"urn:daftar:case:1 http://127.0.0.1:9/x.xsd\">" UUID
		"</c:QueryId><c:About><c:Element>b:Sex</c:Element></c:About>"
		"<c:Code>MISMATCH</c:Code><c:AnswerBy>2026-12-24</c:AnswerBy></c:Query>",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		OWNED_BUF(content) = {0};

		content_around(&h, bodies[i], 'A', &content);
		assert_int_equal(open_content(&h, &content), E_SCHEMA);
	}
	OWNED_BUF(padded) = {0};
	content_around(&h, realm_bodies[A_QUERY], 'B', &padded);
	assert_int_equal(open_content(&h, &padded), E_SCHEMA);
}

/* A valid document that is not what the header says. */
static void
body_of_another_action_does_not_open(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(content) = {0};

	(void)state;
	content_around(&h, realm_bodies[A_CANCELLATION], 'A', &content);
	assert_int_equal(open_content(&h, &content), E_SCHEMA);
}

/* Octets are compared and cut, so they must be the canonical ones. */
static void
content_that_is_not_canonical_does_not_open(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(content) = {0};
	OWNED_BUF(spaced) = {0};

	(void)state;
	content_around(&h, realm_bodies[A_QUERY], 'A', &content);
	replace(&content, "<e:Padding>A", "<e:Padding >", &spaced);
	assert_int_equal(open_content(&h, &spaced), E_SCHEMA);
}

/* ---- for a thin line ---- */

static void
a_squeezed_body_is_smaller_and_comes_out_as_it_went_in(void **state)
{
	X509 *const to[] = {realm->encrypt[KENYA]->cert};
	struct header h = header_for(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);
	OWNED(char, path, free_chars) =
		xprintf("%s/data/valid/transcription-request/selam.xml", tests_folder());
	OWNED_BUF(body) = {0};
	OWNED_BUF(small) = {0};
	OWNED_BUF(usual) = {0};
	OWNED_BUF(opened) = {0};

	(void)state;
	assert_int_equal(file_read(path, 1 << 16, &body), E_OK);
	assert_int_equal(message_compose_small(&h, bytes_of(NULL, 0), buf_bytes(&body), to, 1,
				 realm->sign[OFFICE], &small),
		E_OK);
	assert_int_equal(
		message_compose(&h, buf_bytes(&body), to, 1, realm->sign[OFFICE], &usual), E_OK);
	/* 2 KiB for 8, in base64 */
	assert_true(usual.size - small.size == 8192 || usual.size - small.size == 8188);
	assert_int_equal(message_open(buf_bytes(&small), realm->encrypt[KENYA], &opened), E_OK);
	assert_int_equal(opened.size, body.size);
	assert_memory_equal(opened.data, body.data, body.size);
}

/* Where it saves no class there is one way to write it. */
static void
a_body_in_the_smallest_class_stays_as_it_is(void **state)
{
	X509 *const to[] = {realm->encrypt[SOMALIA]->cert};
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};
	OWNED_BUF(plain) = {0};
	struct bytes encrypted;

	(void)state;
	body_make(A_QUERY, 0, &body);
	assert_int_equal(message_compose_small(&h, bytes_of(NULL, 0), buf_bytes(&body), to, 1,
				 realm->sign[KENYA], &message),
		E_OK);
	assert_true(xml_cut(buf_bytes(&message), "xenc:EncryptedData", &encrypted));
	assert_int_equal(decrypt_body(encrypted, realm->encrypt[SOMALIA], &plain), E_OK);
	assert_int_equal(plain.data[0], '<');
}

static void
small_content(struct bytes content, size_t more, uint8_t filling, struct buf *out)
{
	OWNED_BUF(squeezed) = {0};

	assert_true(squeeze(content, NULL, 0, &squeezed));
	buf_u8(out, 1);
	buf_u32(out, (uint32_t)(squeezed.size + more));
	buf_add_bytes(out, buf_bytes(&squeezed));
	while (out->size < encrypt_class(1))
		buf_u8(out, filling);
}

static void
a_squeezed_body_that_is_not_exactly_one_does_not_open(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(content) = {0};
	OWNED_BUF(good) = {0};
	OWNED_BUF(longer) = {0};
	OWNED_BUF(filled) = {0};
	OWNED_BUF(nothing) = {0};

	(void)state;
	content_around(&h, realm_bodies[A_QUERY], 'A', &content);
	small_content(buf_bytes(&content), 0, 0, &good);
	assert_int_equal(open_content(&h, &good), E_OK);
	small_content(buf_bytes(&content), 1, 0, &longer);
	assert_int_equal(open_content(&h, &longer), E_BODY);
	small_content(buf_bytes(&content), 0, 'A', &filled);
	assert_int_equal(open_content(&h, &filled), E_BODY);
	buf_u8(&nothing, 1);
	while (nothing.size < encrypt_class(1))
		buf_u8(&nothing, 0xff);
	assert_int_equal(open_content(&h, &nothing), E_BODY);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_action_is_read_as_it_is_written),
		cmocka_unit_test(every_stage_is_read_as_it_is_written),
		cmocka_unit_test(header_is_read_as_it_is_written),
		cmocka_unit_test(header_stands_in_its_own_message_only),
		cmocka_unit_test(consent_token_stands_in_its_place),
		cmocka_unit_test(misspelt_header_is_not_read),
		cmocka_unit_test(header_of_another_document_is_not_read),
		cmocka_unit_test(what_is_understood_of_a_bad_header_is_kept),
		cmocka_unit_test(every_action_comes_out_as_it_went_in),
		cmocka_unit_test(every_size_class_comes_out_as_it_went_in),
		cmocka_unit_test(length_says_only_the_size_class),
		cmocka_unit_test(body_above_the_largest_class_is_too_large),
		cmocka_unit_test(body_of_another_action_is_not_composed),
		cmocka_unit_test(receipt_comes_out_as_it_went_in),
		cmocka_unit_test(only_the_addressee_opens),
		cmocka_unit_test(receipt_has_no_body_to_open),
		cmocka_unit_test(header_outside_must_be_the_one_inside),
		cmocka_unit_test(content_without_or_with_two_headers_does_not_open),
		cmocka_unit_test(content_that_its_schema_refuses_does_not_open),
		cmocka_unit_test(body_of_another_action_does_not_open),
		cmocka_unit_test(content_that_is_not_canonical_does_not_open),
		cmocka_unit_test(a_squeezed_body_is_smaller_and_comes_out_as_it_went_in),
		cmocka_unit_test(a_body_in_the_smallest_class_stays_as_it_is),
		cmocka_unit_test(a_squeezed_body_that_is_not_exactly_one_does_not_open),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
