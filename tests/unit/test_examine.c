/* SPDX-License-Identifier: EUPL-1.2
 *
 * For every code that an examination can give, a message that earns exactly that code; then, that
 * no alteration of a good message passes, and that no verdict which is not about the message at
 * hand is believed. Every verdict given in this file is also held against the message by
 * verdict_check, as the parent of an examiner does. */
#include "tests/unit/test_realm.h"

#include "lib/encrypt.h"
#include "lib/examiner.h"
#include "lib/header.h"

#define HOUR_MS INT64_C(3600000)

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

/* ---- judging ---- */

static enum err
judge_at(struct bytes message, const struct party *peer, const struct party *self, int64_t now,
	struct verdict *v)
{
	struct verdict again;

	examine(message, realm->trust, NULL, peer, self, now, v);
	assert_int_equal(verdict_check(bytes_of(v, sizeof *v), message, &again), E_OK);
	assert_memory_equal(&again, v, sizeof again);
	return (enum err)v->code;
}

static enum err
judge(const struct buf *message)
{
	struct verdict v;

	return judge_at(buf_bytes(message), NULL, NULL, instant_now(), &v);
}

/* The document, signed. */
static enum err
judge_signed(const struct buf *doc, enum who signer)
{
	OWNED_BUF(message) = {0};

	assert_int_equal(seal_sign(buf_bytes(doc), realm->sign[signer], &message), E_OK);
	return judge(&message);
}

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

/* A message that is not signed yet, with any clear body. */
static void
unsigned_around(const struct header *h, const char *body, struct buf *out)
{
	header_open_message(h, out);
	header_compose(h, out);
	buf_printf(out, "<e:Body>%s</e:Body></e:Message>", body);
}

#define RECEIPT_BODY "<e:Receipt><e:Stage>COMMITTED</e:Stage></e:Receipt>"

static void
query_from_kenya(struct buf *out)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);

	message_from(realm, &h, KENYA, SOMALIA, out);
}

/* A signed query whose header was changed first. */
static enum err
judge_query(const struct header *h, enum who signer)
{
	OWNED_BUF(message) = {0};

	message_from(realm, h, signer, SOMALIA, &message);
	return judge(&message);
}

/* ---- what is accepted ---- */

static void
good_message_of_every_action_is_accepted(void **state)
{
	struct party kenya = party_of(KENYA), somalia = party_of(SOMALIA);
	struct verdict v;

	(void)state;
	for (enum action a = 0; a < ACTION_N; a++) {
		struct header h = header_for(a, KENYA, SOMALIA);
		OWNED_BUF(message) = {0};

		if (realm_bodies[a] == NULL || a == A_QUERY_REPLY)
			continue;
		message_good(realm, &h, KENYA, SOMALIA, &message);
		assert_int_equal(
			judge_at(buf_bytes(&message), &kenya, &somalia, instant_now(), &v), E_OK);
		assert_memory_equal(&v.header, &h, sizeof h);
		assert_int_equal(v.has_receipt, 0);
		assert_int_equal(v.size, message.size);
		assert_true(v.cpu_us > 0);
	}
}

static void
good_receipt_is_accepted_with_its_stage(void **state)
{
	struct header h = header_for(A_RECEIPT, SOMALIA, HUB);
	struct party somalia = party_of(SOMALIA);
	OWNED_BUF(committed) = {0};
	OWNED_BUF(rejected) = {0};
	struct verdict v;

	(void)state;
	assert_int_equal(
		message_compose_receipt(&h, ST_COMMITTED, NULL, realm->sign[SOMALIA], &committed),
		E_OK);
	assert_int_equal(judge_at(buf_bytes(&committed), &somalia, NULL, instant_now(), &v), E_OK);
	assert_int_equal(v.has_receipt, 1);
	assert_int_equal(v.stage, ST_COMMITTED);
	assert_string_equal(v.receipt_code, "");
	assert_int_equal(
		message_compose_receipt(&h, ST_REJECTED, "SEAL", realm->sign[SOMALIA], &rejected),
		E_OK);
	assert_int_equal(judge_at(buf_bytes(&rejected), &somalia, NULL, instant_now(), &v), E_OK);
	assert_int_equal(v.stage, ST_REJECTED);
	assert_string_equal(v.receipt_code, "SEAL");
}

static void
largest_message_is_accepted(void **state)
{
	X509 *const to[] = {realm->encrypt[SOMALIA]->cert};
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};
	OWNED_BUF(message) = {0};

	(void)state;
	body_make(A_QUERY, 160 * 1024 - 2500, &body);
	assert_int_equal(
		message_compose(&h, buf_bytes(&body), to, 1, realm->sign[KENYA], &message), E_OK);
	assert_true(message.size > 200 * 1024);
	assert_int_equal(judge(&message), E_OK);
}

static enum err
judge_statement(const char *result, const char *differences)
{
	struct header h = header_for(A_RECONCILIATION_STATEMENT, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};
	OWNED_BUF(doc) = {0};

	buf_printf(&body,
		"<e:ReconciliationStatement><e:Period from=\"2026-11-01T00:00:00.000Z\" "
		"to=\"2026-11-02T00:00:00.000Z\"></e:Period><e:Channel from=\"KE.CRS\" "
		"to=\"SO.NIRA\"></e:Channel><e:Count>1000000</e:Count>"
		"<e:Fingerprint>3fa9c1d07be244581a6e90b2c4d5f617</e:Fingerprint>"
		"<e:Open>3</e:Open><e:Result>%s</e:Result>%s</e:ReconciliationStatement>",
		result, differences);
	unsigned_around(&h, (const char *)body.data, &doc);
	return judge_signed(&doc, KENYA);
}

#define ONE_DIFFERENCE                                                                             \
	"<e:Difference id=\"019a0b7c-5c00-7001-8b02-012345678901\" word=\"BROKER-LOST\">"          \
	"</e:Difference>"

static void
reconciliation_statement_is_accepted(void **state)
{
	(void)state;
	assert_int_equal(judge_statement("AGREED", ""), E_OK);
	assert_int_equal(judge_statement("DIFFERS", ONE_DIFFERENCE), E_OK);
}

static void
reconciliation_statement_that_contradicts_itself_is_SCHEMA(void **state)
{
	(void)state;
	assert_int_equal(judge_statement("AGREED", ONE_DIFFERENCE), E_SCHEMA);
	assert_int_equal(judge_statement("DIFFERS", ""), E_SCHEMA);
}

/* ---- the document ---- */

static void
more_than_the_largest_size_is_TOO_LARGE(void **state)
{
	OWNED_BUF(doc) = {0};

	(void)state;
	query_from_kenya(&doc);
	while (doc.size <= XML_MESSAGE_MAX)
		buf_text(&doc, " ");
	assert_int_equal(judge(&doc), E_TOO_LARGE);
}

static void
more_tags_than_a_message_needs_is_TOO_COMPLEX(void **state)
{
	OWNED_BUF(doc) = {0};

	(void)state;
	buf_text(&doc, "<a>");
	for (int i = 0; i < 4000; i++)
		buf_text(&doc, "<b></b>");
	buf_text(&doc, "</a>");
	assert_int_equal(judge(&doc), E_TOO_COMPLEX);
}

static void
every_cut_off_message_is_MALFORMED(void **state)
{
	OWNED_BUF(message) = {0};
	struct verdict v;

	(void)state;
	query_from_kenya(&message);
	for (size_t n = 0; n < message.size; n += 97) {
		/* A copy, so that a read past the end is seen. */
		uint8_t *part = xmalloc(n);

		if (n > 0)
			memcpy(part, message.data, n);
		assert_int_equal(
			judge_at(bytes_of(part, n), NULL, NULL, instant_now(), &v), E_MALFORMED);
		free(part);
	}
}

/* A line of tests/data/hostile/expected: file and word. */
static void
judge_hostile_file(const char *name, const char *word)
{
	OWNED(char, path, free_chars) = xprintf("%s/data/hostile/%s", tests_folder(), name);
	OWNED_BUF(doc) = {0};
	FILE *f = fopen(path, "rb");
	enum err e;
	int c;

	assert_non_null(f);
	while ((c = getc(f)) != EOF)
		buf_u8(&doc, (uint8_t)c);
	fclose(f);
	e = judge(&doc);
	if (strcmp(err_word(e), word) != 0)
		fail_msg("%s: %s, expected %s", name, err_word(e), word);
}

static void
hostile_files_get_their_codes(void **state)
{
	OWNED(char, path, free_chars) = xprintf("%s/data/hostile/expected", tests_folder());
	FILE *f = fopen(path, "r");
	char name[64], word[64];
	size_t n = 0;

	(void)state;
	assert_non_null(f);
	while (fscanf(f, "%63s %63s", name, word) == 2) {
		judge_hostile_file(name, word);
		n++;
	}
	fclose(f);
	assert_true(n > 90);
}

/* Signed by one who may sign: the schema still refuses. */
static void
signed_but_invalid_is_SCHEMA(void **state)
{
	struct header receipt = header_for(A_RECEIPT, SOMALIA, HUB);
	struct header query = header_for(A_QUERY, SOMALIA, OFFICE);
	OWNED_BUF(good) = {0};
	OWNED_BUF(more) = {0};
	OWNED_BUF(stage) = {0};
	OWNED_BUF(clear) = {0};
	OWNED_BUF(none) = {0};

	(void)state;
	unsigned_around(&receipt, RECEIPT_BODY, &good);
	assert_int_equal(judge_signed(&good, SOMALIA), E_OK);
	replace(&good, "</e:Header>", "<e:Note></e:Note></e:Header>", &more);
	assert_int_equal(judge_signed(&more, SOMALIA), E_SCHEMA);
	replace(&good, "COMMITTED", "DELIVERED", &stage);
	assert_int_equal(judge_signed(&stage, SOMALIA), E_SCHEMA);
	unsigned_around(&query, RECEIPT_BODY, &clear);
	assert_int_equal(judge_signed(&clear, SOMALIA), E_SCHEMA);
	unsigned_around(&receipt, "", &none);
	assert_int_equal(judge_signed(&none, SOMALIA), E_SCHEMA);
}

/* Valid and canonical all the same: but the parts of a message are also found without any XML
 * library, and a parent that does not find them takes its examiner for an enemy. */
static void
signed_in_another_spelling_is_SCHEMA(void **state)
{
	static const char *const rows[][2] = {{"<e:Header>", "\n<e:Header>"},
		{"<e:Header>", "<e:Header>\n"}, {"<e:To>", " <e:To>"},
		{"</e:Header>", "</e:Header>\t"}, {"<e:Receipt>", " <e:Receipt>"},
		{"</e:Stage>", "</e:Stage>\n"}, {"</e:Body>", "\n</e:Body>"},
		{"</e:Body>", "</e:Body>\n"}};
	struct header h = header_for(A_RECEIPT, SOMALIA, HUB);
	OWNED_BUF(good) = {0};

	(void)state;
	unsigned_around(&h, RECEIPT_BODY, &good);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF(spaced) = {0};

		replace(&good, rows[i][0], rows[i][1], &spaced);
		assert_int_equal(judge_signed(&spaced, SOMALIA), E_SCHEMA);
	}
}

static void
signed_with_another_prefix_is_SCHEMA(void **state)
{
	struct header h = header_for(A_RECEIPT, SOMALIA, HUB);
	OWNED_BUF(good) = {0};
	OWNED_BUF(other) = {0};

	(void)state;
	unsigned_around(&h, RECEIPT_BODY, &good);
	for (size_t i = 0; i < good.size; i++) {
		uint8_t before = i == 0 ? 0 : good.data[i - 1], behind = good.data[i + 1];
		bool prefix = good.data[i] == 'e' &&
			      ((behind == ':' && (before == '<' || before == '/')) ||
				      (behind == '=' && before == ':'));

		buf_u8(&other, prefix ? 'q' : good.data[i]);
	}
	assert_int_equal(judge_signed(&other, SOMALIA), E_SCHEMA);
}

static void
statement_with_another_body_is_SCHEMA(void **state)
{
	struct header h = header_for(A_RECONCILIATION_STATEMENT, KENYA, SOMALIA);
	OWNED_BUF(doc) = {0};

	(void)state;
	unsigned_around(&h, RECEIPT_BODY, &doc);
	assert_int_equal(judge_signed(&doc, KENYA), E_SCHEMA);
}

/* The schema knows no such rule; the examiner does. */
static void
receipt_with_an_encrypted_body_is_SCHEMA(void **state)
{
	X509 *const to[] = {realm->encrypt[HUB]->cert};
	struct header h = header_for(A_RECEIPT, SOMALIA, HUB);
	OWNED_BUF(doc) = {0};
	OWNED_BUF(content) = {0};

	(void)state;
	while (content.size < encrypt_class(1))
		buf_text(&content, "A");
	header_open_message(&h, &doc);
	header_compose(&h, &doc);
	buf_text(&doc, "<e:Body>");
	assert_int_equal(encrypt_body(buf_bytes(&content), to, 1, &doc), E_OK);
	buf_text(&doc, "</e:Body></e:Message>");
	assert_int_equal(judge_signed(&doc, SOMALIA), E_SCHEMA);
}

static void
receipt_of_nothing_is_SCHEMA(void **state)
{
	struct header h = header_for(A_RECEIPT, SOMALIA, HUB);
	OWNED_BUF(doc) = {0};

	(void)state;
	h.has_ref = false;
	unsigned_around(&h, RECEIPT_BODY, &doc);
	assert_int_equal(judge_signed(&doc, SOMALIA), E_SCHEMA);
}

static void
extract_without_its_key_is_SCHEMA(void **state)
{
	struct header h = header_for(A_CERTIFIED_EXTRACT, KENYA, SOMALIA);

	(void)state;
	h.has_key = false;
	assert_int_equal(judge_query(&h, KENYA), E_SCHEMA);
}

static void
day_that_is_none_is_SCHEMA(void **state)
{
	struct header h = header_for(A_RECEIPT, SOMALIA, HUB);
	OWNED_BUF(good) = {0};
	OWNED_BUF(bad) = {0};

	(void)state;
	h.retain_until = 1803859200000; /* 2027-03-01 */
	unsigned_around(&h, RECEIPT_BODY, &good);
	replace(&good, "2027-03-01T", "2027-02-29T", &bad);
	assert_int_equal(judge_signed(&bad, SOMALIA), E_SCHEMA);
}

/* ---- the signature ---- */

static void
message_without_signature_is_UNSIGNED(void **state)
{
	struct header h = header_for(A_RECEIPT, SOMALIA, HUB);
	OWNED_BUF(doc) = {0};

	(void)state;
	unsigned_around(&h, RECEIPT_BODY, &doc);
	assert_int_equal(judge(&doc), E_UNSIGNED);
}

static void
signature_of_another_form_is_SIGNATURE_SHAPE(void **state)
{
	OWNED_BUF(message) = {0};
	OWNED_BUF(bad) = {0};

	(void)state;
	query_from_kenya(&message);
	replace(&message, "<ds:Reference URI=\"\">", "<ds:Reference URI=\"#x\">", &bad);
	assert_int_equal(judge(&bad), E_SIGNATURE_SHAPE);
}

static void
other_algorithm_is_ALGORITHM(void **state)
{
	OWNED_BUF(message) = {0};
	OWNED_BUF(bad) = {0};

	(void)state;
	query_from_kenya(&message);
	replace(&message, ALG_ECDSA_SHA256, "http://www.w3.org/2000/09/xmldsig#dsa-sha1", &bad);
	assert_int_equal(judge(&bad), E_ALGORITHM);
}

static void
altered_after_signing_is_SIGNATURE(void **state)
{
	OWNED_BUF(message) = {0};
	OWNED_BUF(header) = {0};
	OWNED_BUF(cipher) = {0};

	(void)state;
	query_from_kenya(&message);
	replace(&message, "<e:ChannelSeq>1<", "<e:ChannelSeq>2<", &header);
	assert_int_equal(judge(&header), E_SIGNATURE);
	replace(&message, "<xenc:CipherValue>", "<xenc:CipherValue>AAAA", &cipher);
	assert_int_equal(judge(&cipher), E_SIGNATURE);
}

/* Somalia's key under Kenya's certificate; the writer itself would refuse, so the certificate is
 * put in afterwards. */
static void
key_that_is_not_the_certificates_is_SIGNATURE(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(message) = {0};
	OWNED_BUF(forged) = {0};
	OWNED_BUF(theirs) = {0};
	OWNED_BUF(ours) = {0};

	(void)state;
	message_from(realm, &h, SOMALIA, SOMALIA, &message);
	buf_base64(&ours, realm->sign[SOMALIA]->der, realm->sign[SOMALIA]->der_size);
	buf_base64(&theirs, realm->sign[KENYA]->der, realm->sign[KENYA]->der_size);
	replace(&message, (char *)ours.data, (char *)theirs.data, &forged);
	assert_int_equal(judge(&forged), E_SIGNATURE);
}

static void
signature_of_another_message_is_SIGNATURE(void **state)
{
	OWNED_BUF(one) = {0};
	OWNED_BUF(two) = {0};
	OWNED_BUF(mixed) = {0};
	const uint8_t *at, *other;

	(void)state;
	query_from_kenya(&one);
	query_from_kenya(&two);
	at = memmem(one.data, one.size, "<ds:Signature ", 14);
	other = memmem(two.data, two.size, "<ds:Signature ", 14);
	assert_true(at != NULL && other != NULL);
	buf_add(&mixed, one.data, (size_t)(at - one.data));
	buf_add(&mixed, other, two.size - (size_t)(other - two.data));
	assert_int_equal(judge(&mixed), E_SIGNATURE);
}

/* Signature wrapping: the signed message is kept whole somewhere inside, another one is shown. */
static void
wrapped_messages_are_refused(void **state)
{
	static const char *const places[] = {"<e:Body>%s</e:Body>", "<e:Body></e:Body>%s",
		"%s<e:Body></e:Body>", "<e:Body><e:Receipt>%s</e:Receipt></e:Body>",
		"<e:Body><x:y xmlns:x=\"urn:x\">%s</x:y></e:Body>"};
	struct header evil = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(message) = {0};
	OWNED_BUF(inner) = {0};
	struct bytes signature;

	(void)state;
	query_from_kenya(&message);
	assert_true(xml_cut(buf_bytes(&message), "ds:Signature", &signature));
	replace(&message, " xmlns:e=\"" NS_ENVELOPE "\"", "", &inner);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		OWNED_BUF(with) = {0};
		OWNED_BUF(without) = {0};

		header_open_message(&evil, &with);
		header_compose(&evil, &with);
		buf_printf(&with, places[i], (char *)inner.data);
		buf_add_bytes(&without, buf_bytes(&with));
		buf_add_bytes(&with, signature);
		buf_text(&with, "</e:Message>");
		buf_text(&without, "</e:Message>");
		assert_int_equal(judge(&with), E_SIGNATURE_SHAPE);
		assert_int_equal(judge(&without), E_SIGNATURE_SHAPE);
	}
}

/* ---- the certificate ---- */

static void
certificate_of_another_party_is_UNKNOWN_CERT(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);

	(void)state;
	assert_int_equal(judge_query(&h, SOMALIA), E_UNKNOWN_CERT);
}

/* The right name, the right authority, but the list does not know it. */
static void
certificate_that_is_not_listed_is_UNKNOWN_CERT(void **state)
{
	X509 *const to[] = {realm->encrypt[SOMALIA]->cert};
	OWNED(struct identity, fresh, identity_free) =
		identity_make(realm, &realm_parties[KENYA], true);
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};
	OWNED_BUF(message) = {0};

	(void)state;
	body_make(A_QUERY, 0, &body);
	assert_int_equal(message_compose(&h, buf_bytes(&body), to, 1, fresh, &message), E_OK);
	assert_int_equal(judge(&message), E_UNKNOWN_CERT);
}

static void
certificate_to_encrypt_with_is_UNKNOWN_CERT(void **state)
{
	X509 *const to[] = {realm->encrypt[SOMALIA]->cert};
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(body) = {0};
	OWNED_BUF(message) = {0};

	(void)state;
	body_make(A_QUERY, 0, &body);
	assert_int_equal(
		message_compose(&h, buf_bytes(&body), to, 1, realm->encrypt[KENYA], &message),
		E_OK);
	assert_int_equal(judge(&message), E_UNKNOWN_CERT);
}

static void
certificate_past_its_life_is_CERT_EXPIRED(void **state)
{
	int64_t later = instant_now() + (realm_parties[LAPSED].until_day + 1) * DAY_MS;
	struct header h = header_for(A_QUERY, LAPSED, SOMALIA);
	OWNED_BUF(message) = {0};
	struct verdict v;

	(void)state;
	h.expires = later + DAY_MS;
	message_from(realm, &h, LAPSED, SOMALIA, &message);
	assert_int_equal(judge_at(buf_bytes(&message), NULL, NULL, instant_now(), &v), E_OK);
	assert_int_equal(judge_at(buf_bytes(&message), NULL, NULL, later, &v), E_CERT_EXPIRED);
}

static void
revoked_certificate_is_CERT_REVOKED(void **state)
{
	struct header h = header_for(A_QUERY, REVOKED, SOMALIA);

	(void)state;
	assert_int_equal(judge_query(&h, REVOKED), E_CERT_REVOKED);
}

/* ---- the parties ---- */

static void
party_that_is_not_listed_is_UNKNOWN_PARTY(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);

	(void)state;
	assert_true(party_parse("KE.NOBODY", &h.from));
	assert_int_equal(judge_query(&h, KENYA), E_UNKNOWN_PARTY);
	h = header_for(A_QUERY, KENYA, SOMALIA);
	assert_true(party_parse("SO.NOBODY", &h.to));
	assert_int_equal(judge_query(&h, KENYA), E_UNKNOWN_PARTY);
	h = header_for(A_QUERY, KENYA, SOMALIA);
	h.has_on_behalf_of = true;
	assert_true(party_parse("KE.NOBODY", &h.on_behalf_of));
	assert_int_equal(judge_query(&h, KENYA), E_UNKNOWN_PARTY);
}

static void
connection_of_another_party_is_SENDER_MISMATCH(void **state)
{
	struct party kenya = party_of(KENYA), somalia = party_of(SOMALIA);
	OWNED_BUF(message) = {0};
	struct verdict v;

	(void)state;
	query_from_kenya(&message);
	assert_int_equal(judge_at(buf_bytes(&message), &kenya, NULL, instant_now(), &v), E_OK);
	assert_int_equal(judge_at(buf_bytes(&message), &somalia, NULL, instant_now(), &v),
		E_SENDER_MISMATCH);
}

static void
other_addressee_is_NOT_ADDRESSEE(void **state)
{
	struct party office = party_of(OFFICE), somalia = party_of(SOMALIA);
	OWNED_BUF(message) = {0};
	struct verdict v;

	(void)state;
	query_from_kenya(&message);
	assert_int_equal(judge_at(buf_bytes(&message), NULL, &somalia, instant_now(), &v), E_OK);
	assert_int_equal(
		judge_at(buf_bytes(&message), NULL, &office, instant_now(), &v), E_NOT_ADDRESSEE);
}

static void
other_realm_is_WRONG_REALM(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);

	(void)state;
	strcpy(h.realm, "production");
	assert_int_equal(judge_query(&h, KENYA), E_WRONG_REALM);
}

/* ---- the agreement ---- */

static void
message_outside_of_an_agreement_is_NO_AGREEMENT(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);

	(void)state;
	strcpy(h.agreement, "AGR-NONE");
	assert_int_equal(judge_query(&h, KENYA), E_NO_AGREEMENT);
	/* An agreement of others. */
	h = header_for(A_QUERY, KENYA, SOMALIA);
	snprintf(h.agreement, sizeof h.agreement, "AGR-%d-%d", OFFICE, KENYA);
	assert_int_equal(judge_query(&h, KENYA), E_NO_AGREEMENT);
	/* An action that the agreement does not list. */
	h = header_for(A_QUERY_REPLY, KENYA, SOMALIA);
	assert_int_equal(judge_query(&h, KENYA), E_NO_AGREEMENT);
	/* One that has ended. */
	h = header_for(A_QUERY, SOMALIA, OFFICE);
	assert_int_equal(judge_query(&h, SOMALIA), E_NO_AGREEMENT);
}

static void
receipt_between_parties_is_NO_AGREEMENT(void **state)
{
	struct header h = header_for(A_RECEIPT, SOMALIA, KENYA);
	OWNED_BUF(doc) = {0};

	(void)state;
	unsigned_around(&h, RECEIPT_BODY, &doc);
	assert_int_equal(judge_signed(&doc, SOMALIA), E_NO_AGREEMENT);
}

static void
purpose_that_is_not_agreed_is_PURPOSE(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);

	(void)state;
	strcpy(h.purpose, "BIRTH-CORRECTION");
	assert_int_equal(judge_query(&h, KENYA), E_PURPOSE);
}

/* ---- time ---- */

static void
message_past_its_expiry_is_EXPIRED(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(message) = {0};
	struct verdict v;

	(void)state;
	message_from(realm, &h, KENYA, SOMALIA, &message);
	assert_int_equal(judge_at(buf_bytes(&message), NULL, NULL, h.expires - 1, &v), E_OK);
	assert_int_equal(judge_at(buf_bytes(&message), NULL, NULL, h.expires, &v), E_EXPIRED);
}

static void
message_from_the_future_is_CLOCK(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);
	OWNED_BUF(message) = {0};
	struct verdict v;

	(void)state;
	message_from(realm, &h, KENYA, SOMALIA, &message);
	assert_int_equal(
		judge_at(buf_bytes(&message), NULL, NULL, h.created - 5 * 60000, &v), E_OK);
	assert_int_equal(
		judge_at(buf_bytes(&message), NULL, NULL, h.created - 5 * 60000 - 1, &v), E_CLOCK);
}

/* ---- the order: what costs more comes later ---- */

/* Signed with a key that may not sign for Kenya: whoever is not of this realm is not told so. */
static void
parties_are_looked_at_before_the_signature(void **state)
{
	struct header h = header_for(A_QUERY, KENYA, SOMALIA);

	(void)state;
	assert_int_equal(judge_query(&h, SOMALIA), E_UNKNOWN_CERT);
	strcpy(h.realm, "production");
	assert_int_equal(judge_query(&h, SOMALIA), E_WRONG_REALM);
	h = header_for(A_QUERY, KENYA, SOMALIA);
	assert_true(party_parse("SO.NOBODY", &h.to));
	assert_int_equal(judge_query(&h, SOMALIA), E_UNKNOWN_PARTY);
	h = header_for(A_QUERY, KENYA, SOMALIA);
	h.has_on_behalf_of = true;
	assert_true(party_parse("KE.NOBODY", &h.on_behalf_of));
	assert_int_equal(judge_query(&h, SOMALIA), E_UNKNOWN_PARTY);
}

static void
refusal_names_the_message_when_it_can(void **state)
{
	struct header h = header_for(A_RECEIPT, SOMALIA, HUB);
	OWNED_BUF(doc) = {0};
	OWNED_BUF(bad) = {0};
	struct verdict v;
	const struct id none = {0};

	(void)state;
	unsigned_around(&h, RECEIPT_BODY, &doc);
	assert_int_equal(judge_at(buf_bytes(&doc), NULL, NULL, instant_now(), &v), E_UNSIGNED);
	assert_true(id_equal(&v.header.id, &h.id));
	assert_true(party_equal(&v.header.from, &h.from));
	replace(&doc, "<e:MessageId>0", "<e:MessageId>x", &bad);
	assert_int_equal(judge_at(buf_bytes(&bad), NULL, NULL, instant_now(), &v), E_UNSIGNED);
	assert_true(id_equal(&v.header.id, &none));
}

/* A header full of text must not come out of an examiner, however it is refused. */
static void
refusal_carries_no_text_of_the_message(void **state)
{
	struct header h = header_for(A_RECEIPT, SOMALIA, HUB);
	OWNED_BUF(doc) = {0};
	OWNED_BUF(one) = {0};
	OWNED_BUF(bad) = {0};
	struct verdict v;

	(void)state;
	unsigned_around(&h, RECEIPT_BODY, &doc);
	replace(&doc, ">RECEIPT<", ">Amina Warsame, 3 Feb<", &one);
	replace(&one, ">NONE<", ">Mogadishu &amp; Nairobi<", &bad);
	assert_int_equal(judge_at(buf_bytes(&bad), NULL, NULL, instant_now(), &v), E_UNSIGNED);
	assert_null(memmem(&v, sizeof v, "Amina", 5));
	assert_null(memmem(&v, sizeof v, "Mogadishu", 9));
}

/* ---- no alteration passes ---- */

static void
altered_octets_are_refused(void **state)
{
	static const uint8_t others[] = {'A', 'b', '0', ' ', '<', '"', '=', 0x00, 0xff};
	OWNED_BUF(message) = {0};
	int64_t now = instant_now();
	struct verdict v;

	(void)state;
	query_from_kenya(&message);
	for (size_t i = 0; i < message.size; i += 11) {
		uint8_t was = message.data[i];
		uint8_t by = others[i / 11 % ARRAY_LEN(others)];

		message.data[i] = by == was ? was ^ 1 : by;
		assert_int_not_equal(judge_at(buf_bytes(&message), NULL, NULL, now, &v), E_OK);
		message.data[i] = was ^ (uint8_t)(1u << i % 7);
		assert_int_not_equal(judge_at(buf_bytes(&message), NULL, NULL, now, &v), E_OK);
		message.data[i] = was;
	}
	assert_int_equal(judge_at(buf_bytes(&message), NULL, NULL, now, &v), E_OK);
}

/* In a header and a signature every octet counts. */
static void
every_altered_octet_of_a_receipt_is_refused(void **state)
{
	struct header h = header_for(A_RECEIPT, SOMALIA, HUB);
	OWNED_BUF(message) = {0};
	int64_t now = instant_now();
	struct verdict v;

	(void)state;
	assert_int_equal(
		message_compose_receipt(&h, ST_COMMITTED, NULL, realm->sign[SOMALIA], &message),
		E_OK);
	for (size_t i = 0; i < message.size; i++) {
		message.data[i] ^= 1;
		assert_int_not_equal(judge_at(buf_bytes(&message), NULL, NULL, now, &v), E_OK);
		message.data[i] ^= 1;
	}
	assert_int_equal(judge_at(buf_bytes(&message), NULL, NULL, now, &v), E_OK);
}

static void
octets_left_out_or_doubled_are_refused(void **state)
{
	OWNED_BUF(message) = {0};

	(void)state;
	query_from_kenya(&message);
	for (size_t i = 0; i < message.size; i += 37) {
		OWNED_BUF(less) = {0};
		OWNED_BUF(more) = {0};

		buf_add(&less, message.data, i);
		buf_add(&less, message.data + i + 1, message.size - i - 1);
		assert_int_not_equal(judge(&less), E_OK);
		buf_add(&more, message.data, i + 1);
		buf_add(&more, message.data + i, message.size - i);
		assert_int_not_equal(judge(&more), E_OK);
	}
}

/* ---- no lie passes ---- */

static void
accepted_verdict(enum action a, struct buf *message, struct verdict *v)
{
	struct header h = header_for(a, SOMALIA, HUB);

	if (a == A_RECEIPT) {
		assert_int_equal(message_compose_receipt(
					 &h, ST_REJECTED, "SEAL", realm->sign[SOMALIA], message),
			E_OK);
	} else {
		h = header_for(a, KENYA, SOMALIA);
		message_good(realm, &h, KENYA, SOMALIA, message);
	}
	assert_int_equal(judge_at(buf_bytes(message), NULL, NULL, instant_now(), v), E_OK);
}

/* Equal in everything that is ever read; the time that it took may be a lie. */
static bool
says_the_same(const struct verdict *a, const struct verdict *b)
{
	OWNED_BUF(one) = {0};
	OWNED_BUF(two) = {0};

	header_compose(&a->header, &one);
	header_compose(&b->header, &two);
	return a->magic == b->magic && a->code == b->code && a->size == b->size &&
	       digest_equal(&a->digest, &b->digest) && digest_equal(&a->cert, &b->cert) &&
	       one.size == two.size && memcmp(one.data, two.data, one.size) == 0 &&
	       a->header.has_token == b->header.has_token &&
	       consent_token_equal(&a->header.token, &b->header.token) &&
	       strcmp(a->header.realm, b->header.realm) == 0 && a->has_receipt == b->has_receipt &&
	       a->stage == b->stage && strcmp(a->receipt_code, b->receipt_code) == 0;
}

static void
no_lie_about_an_accepted_message_is_believed(void **state)
{
	static const enum action actions[] = {
		A_RECEIPT, A_QUERY, A_CERTIFIED_EXTRACT, A_CANCELLATION};
	struct verdict good, out;
	uint8_t frame[sizeof good];
	size_t refused = 0;

	(void)state;
	for (size_t a = 0; a < ARRAY_LEN(actions); a++) {
		OWNED_BUF(message) = {0};

		accepted_verdict(actions[a], &message, &good);
		for (size_t i = 0; i < 8 * sizeof good; i++) {
			memcpy(frame, &good, sizeof frame);
			frame[i / 8] ^= (uint8_t)(1u << i % 8);
			if (verdict_check(bytes_of(frame, sizeof frame), buf_bytes(&message),
				    &out) != E_OK) {
				refused++;
				continue;
			}
			/* A changed code is a refusal: that lie costs the message at hand. */
			if (out.code == E_OK)
				assert_true(says_the_same(&out, &good));
		}
	}
	assert_true(refused > 3 * 8 * sizeof(struct header) / 2);
}

static void
verdict_on_another_message_is_not_believed(void **state)
{
	OWNED_BUF(one) = {0};
	OWNED_BUF(two) = {0};
	struct verdict v, out;

	(void)state;
	accepted_verdict(A_QUERY, &one, &v);
	accepted_verdict(A_QUERY, &two, &out);
	assert_int_equal(
		verdict_check(bytes_of(&v, sizeof v), buf_bytes(&two), &out), E_QUARANTINED);
	/* With the digest mended, the header still is another's. */
	digest_of(two.data, two.size, &v.digest);
	v.size = (uint32_t)two.size;
	assert_int_equal(
		verdict_check(bytes_of(&v, sizeof v), buf_bytes(&two), &out), E_QUARANTINED);
	assert_int_equal(out.code, 0);
	assert_int_equal(out.magic, 0);
}

static void
verdict_of_another_size_is_not_believed(void **state)
{
	OWNED_BUF(message) = {0};
	OWNED_BUF(more) = {0};
	struct verdict v, out;

	(void)state;
	accepted_verdict(A_QUERY, &message, &v);
	assert_int_equal(verdict_check(bytes_of(&v, sizeof v - 1), buf_bytes(&message), &out),
		E_QUARANTINED);
	buf_add(&more, &v, sizeof v);
	buf_u8(&more, 0);
	assert_int_equal(verdict_check(buf_bytes(&more), buf_bytes(&message), &out), E_QUARANTINED);
	assert_int_equal(
		verdict_check(bytes_of(NULL, 0), buf_bytes(&message), &out), E_QUARANTINED);
}

/* What a refusal may name: nothing, or an id that stands in the message. */
static void
refusal_that_names_another_message_is_not_believed(void **state)
{
	OWNED_BUF(message) = {0};
	struct verdict v, out;

	(void)state;
	accepted_verdict(A_QUERY, &message, &v);
	v.code = E_SCHEMA;
	assert_int_equal(verdict_check(bytes_of(&v, sizeof v), buf_bytes(&message), &out), E_OK);
	v.header.id = id_new();
	assert_int_equal(
		verdict_check(bytes_of(&v, sizeof v), buf_bytes(&message), &out), E_QUARANTINED);
	memset(&v.header, 0, sizeof v.header);
	assert_int_equal(verdict_check(bytes_of(&v, sizeof v), buf_bytes(&message), &out), E_OK);
	v.header.purpose[0] = '\n';
	assert_int_equal(
		verdict_check(bytes_of(&v, sizeof v), buf_bytes(&message), &out), E_QUARANTINED);
	memset(v.header.purpose, 'A', sizeof v.header.purpose);
	assert_int_equal(
		verdict_check(bytes_of(&v, sizeof v), buf_bytes(&message), &out), E_QUARANTINED);
}

/* A refusal may be unjust, but what it carries is passed on and must be what it seems. */
static void
no_lie_in_a_refusal_is_believed(void **state)
{
#define LIE(member, octets)                                                                        \
	{                                                                                          \
		offsetof(struct verdict, member), octets, sizeof(octets) - 1                       \
	}
	static const struct {
		size_t at;
		const char *octets;
		size_t size;
	} lies[] = {
		LIE(header.has_ref, "\2"),
		LIE(header.has_key, "\377"),
		LIE(header.has_on_behalf_of, "\2"),
		LIE(header.has_token, "\2"),
		LIE(header.has_token, "\1"),
		LIE(header.token.cleared, "\2"),
		LIE(header.token.by, "UNHCR.NBO"),
		LIE(has_receipt, "\2"),
		LIE(code, "\377\377"),
		LIE(stage, "\143"),
		LIE(receipt_code, "A B"),
		LIE(receipt_code, "SEAL\nfake"),
		LIE(receipt_code, "SEAL\0more"),
		LIE(header.action, "\143"),
		LIE(header.from, "ke.crs"),
		LIE(header.from, "KE.CRS\0X"),
		LIE(header.to, "SOMALIA"),
		LIE(header.realm, "de mo"),
		LIE(header.agreement, "A\033[31m"),
		LIE(header.created, "\377\377\377\377\377\377\377\377"),
		LIE(header.expires, "\377\377\377\377\377\377\377\177"),
		LIE(header.on_behalf_of, "KE.CRS"),
		LIE(header.key, "x"),
		LIE(header.ref, "x"),
		LIE(header.ref_digest, "x"),
	};
	OWNED_BUF(message) = {0};
	struct verdict v, out;

	(void)state;
	accepted_verdict(A_QUERY, &message, &v);
	v.code = E_SCHEMA;
	assert_int_equal(verdict_check(bytes_of(&v, sizeof v), buf_bytes(&message), &out), E_OK);
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		struct verdict lie = v;

		memcpy((char *)&lie + lies[i].at, lies[i].octets, lies[i].size);
		assert_int_equal(
			verdict_check(bytes_of(&lie, sizeof lie), buf_bytes(&message), &out),
			E_QUARANTINED);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_message_of_every_action_is_accepted),
		cmocka_unit_test(good_receipt_is_accepted_with_its_stage),
		cmocka_unit_test(largest_message_is_accepted),
		cmocka_unit_test(reconciliation_statement_is_accepted),
		cmocka_unit_test(reconciliation_statement_that_contradicts_itself_is_SCHEMA),
		cmocka_unit_test(more_than_the_largest_size_is_TOO_LARGE),
		cmocka_unit_test(more_tags_than_a_message_needs_is_TOO_COMPLEX),
		cmocka_unit_test(every_cut_off_message_is_MALFORMED),
		cmocka_unit_test(hostile_files_get_their_codes),
		cmocka_unit_test(signed_but_invalid_is_SCHEMA),
		cmocka_unit_test(signed_in_another_spelling_is_SCHEMA),
		cmocka_unit_test(signed_with_another_prefix_is_SCHEMA),
		cmocka_unit_test(statement_with_another_body_is_SCHEMA),
		cmocka_unit_test(receipt_with_an_encrypted_body_is_SCHEMA),
		cmocka_unit_test(receipt_of_nothing_is_SCHEMA),
		cmocka_unit_test(extract_without_its_key_is_SCHEMA),
		cmocka_unit_test(day_that_is_none_is_SCHEMA),
		cmocka_unit_test(message_without_signature_is_UNSIGNED),
		cmocka_unit_test(signature_of_another_form_is_SIGNATURE_SHAPE),
		cmocka_unit_test(other_algorithm_is_ALGORITHM),
		cmocka_unit_test(altered_after_signing_is_SIGNATURE),
		cmocka_unit_test(key_that_is_not_the_certificates_is_SIGNATURE),
		cmocka_unit_test(signature_of_another_message_is_SIGNATURE),
		cmocka_unit_test(wrapped_messages_are_refused),
		cmocka_unit_test(certificate_of_another_party_is_UNKNOWN_CERT),
		cmocka_unit_test(certificate_that_is_not_listed_is_UNKNOWN_CERT),
		cmocka_unit_test(certificate_to_encrypt_with_is_UNKNOWN_CERT),
		cmocka_unit_test(certificate_past_its_life_is_CERT_EXPIRED),
		cmocka_unit_test(revoked_certificate_is_CERT_REVOKED),
		cmocka_unit_test(party_that_is_not_listed_is_UNKNOWN_PARTY),
		cmocka_unit_test(connection_of_another_party_is_SENDER_MISMATCH),
		cmocka_unit_test(other_addressee_is_NOT_ADDRESSEE),
		cmocka_unit_test(other_realm_is_WRONG_REALM),
		cmocka_unit_test(message_outside_of_an_agreement_is_NO_AGREEMENT),
		cmocka_unit_test(receipt_between_parties_is_NO_AGREEMENT),
		cmocka_unit_test(purpose_that_is_not_agreed_is_PURPOSE),
		cmocka_unit_test(message_past_its_expiry_is_EXPIRED),
		cmocka_unit_test(message_from_the_future_is_CLOCK),
		cmocka_unit_test(parties_are_looked_at_before_the_signature),
		cmocka_unit_test(refusal_names_the_message_when_it_can),
		cmocka_unit_test(refusal_carries_no_text_of_the_message),
		cmocka_unit_test(altered_octets_are_refused),
		cmocka_unit_test(every_altered_octet_of_a_receipt_is_refused),
		cmocka_unit_test(octets_left_out_or_doubled_are_refused),
		cmocka_unit_test(no_lie_about_an_accepted_message_is_believed),
		cmocka_unit_test(verdict_on_another_message_is_not_believed),
		cmocka_unit_test(verdict_of_another_size_is_not_believed),
		cmocka_unit_test(refusal_that_names_another_message_is_not_believed),
		cmocka_unit_test(no_lie_in_a_refusal_is_believed),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
