/* SPDX-License-Identifier: EUPL-1.2
 *
 * A consent token is what it was signed as, octet for octet, by officers of a liaison office whose
 * certificates are still good; nothing else is a token. */
#include "tests/unit/test_realm.h"

#include "lib/header.h"
#include "lib/revocation.h"
#include "tests/unit/test_revoke.h"

#define END "</e:ConsentToken>"

static struct realm *realm;
static struct consent_token token, cleared; /* of one case */
static struct buf element, cleared_element; /* as they stand in a header */

static int
set_up(void **state)
{
	struct header h = header_for(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);

	(void)state;
	realm_ready();
	realm = realm_new();
	token = consent_for(&h, KENYA, SOMALIA);
	token_sign(realm, &token, false, &element);
	cleared = consent_for(&h, KENYA, SOMALIA);
	token_sign(realm, &cleared, true, &cleared_element);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	buf_free(&element);
	buf_free(&cleared_element);
	realm_free(&realm);
	return 0;
}

/* The list as it was, whatever a test has made of it. */
static int
mend(void **state)
{
	(void)state;
	realm->lost = NULL;
	realm_grace = NULL;
	realm_load(realm);
	return 0;
}

/* ---- asking ---- */

static enum err
verify(const struct buf *e, const struct consent_token *t)
{
	return consent_token_verify(buf_bytes(e), t, realm->trust, NULL, instant_now());
}

static void
expect(const struct buf *e, const struct consent_token *t, enum err expected)
{
	assert_string_equal(err_word(verify(e, t)), err_word(expected));
}

/* Whatever is read of it, it must not pass for a token of the realm. */
static bool
passes(const struct buf *e)
{
	struct consent_token t;

	return consent_token_read(buf_bytes(e), &t) && verify(e, &t) == E_OK;
}

static struct consent_token
unsigned_token(void)
{
	struct header h = header_for(A_TRANSCRIPTION_REQUEST, OFFICE, KENYA);

	return consent_for(&h, KENYA, SOMALIA);
}

static void
replace(const struct buf *in, const char *what, const char *by, struct buf *out)
{
	size_t n = strlen(what);
	const uint8_t *at = memmem(in->data, in->size, what, n);

	assert_non_null(at);
	buf_reset(out);
	buf_add(out, in->data, (size_t)(at - in->data));
	buf_text(out, by);
	buf_add(out, at + n, in->size - (size_t)(at - in->data) - n);
}

/* ---- what is good ---- */

static void
token_comes_out_as_it_went_in(void **state)
{
	struct consent_token back;

	(void)state;
	assert_true(consent_token_sane(&token));
	assert_true(consent_token_read(buf_bytes(&element), &back));
	assert_memory_equal(&back, &token, sizeof back);
	assert_true(consent_token_equal(&back, &token));
	assert_false(back.cleared);
	expect(&element, &token, E_OK);
}

static void
second_officer_signs_behind_the_first(void **state)
{
	struct consent_token back;

	(void)state;
	assert_true(consent_token_read(buf_bytes(&cleared_element), &back));
	assert_memory_equal(&back, &cleared, sizeof back);
	assert_true(back.cleared && consent_token_sane(&back));
	assert_false(digest_equal(&back.cert, &back.cleared_by));
	expect(&cleared_element, &cleared, E_OK);
}

static void
every_fact_makes_another_token(void **state)
{
	struct consent_token t[10];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		t[i] = cleared;
	t[0].id = id_new();
	t[1].conversation = id_new();
	t[2].by = party_of(KENYA);
	t[3].holder = party_of(SOMALIA);
	t[4].destination = party_of(KENYA);
	t[5].purpose[0] = 'C';
	t[6].issued--;
	t[7].valid_until++;
	t[8].cert = t[8].cleared_by;
	t[9].cleared = false;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		assert_false(consent_token_equal(&t[i], &cleared));
		expect(&cleared_element, &t[i], E_CONSENT_FORGED);
	}
	t[0] = cleared;
	t[0].cleared_by = cleared.cert;
	assert_false(consent_token_equal(&t[0], &cleared));
}

/* A list with another second officer, whose key is of this kind. */
static void
appoint(EVP_PKEY *key)
{
	struct identity *i = identity_make(realm, &realm_parties[OFFICE], true);
	int size;

	key_free(&i->key);
	cert_free(&i->cert);
	free(i->der);
	i->key = key;
	i->cert = cert_make(&(struct cert_plan){.country = "",
		.name = "UNHCR.NBO",
		.key = key,
		.issuer = realm->anchor[0],
		.issuer_key = realm->anchor_key[0],
		.from_day = -1,
		.until_day = 300,
		.basic = "critical,CA:FALSE",
		.usage = "critical,digitalSignature",
		.extended = OID_MESSAGE_SIGNING});
	size = i2d_X509(i->cert, NULL);
	assert_true(size > 0);
	i->der = xmalloc((size_t)size);
	i->der_size = (size_t)size;
	unsigned char *end = i->der;
	assert_int_equal(i2d_X509(i->cert, &end), size);
	identity_free(&realm->second);
	realm->second = i;
	realm_load(realm);
}

static void
every_kind_of_key_signs(void **state)
{
	EVP_PKEY *const keys[] = {EVP_RSA_gen(3072), EVP_EC_gen("P-384")};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		struct consent_token one = unsigned_token(), two = unsigned_token();
		OWNED_BUF(granted) = {0};
		OWNED_BUF(by_both) = {0};

		appoint(keys[i]);
		assert_int_equal(consent_token_grant(&one, realm->second, &granted), E_OK);
		expect(&granted, &one, E_OK);
		token_sign(realm, &two, true, &by_both);
		expect(&by_both, &two, E_OK);
		assert_true(by_both.size <= CONSENT_TOKEN_MAX);
	}
}

static void
weak_key_does_not_sign(void **state)
{
	struct identity weak = {.key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
		.der = realm->second->der,
		.der_size = realm->second->der_size};
	struct consent_token t = unsigned_token();
	OWNED_BUF(out) = {0};

	(void)state;
	assert_int_equal(consent_token_grant(&t, &weak, &out), E_WEAK_KEY);
	assert_int_equal(out.size, 0);
	assert_int_equal(consent_token_clear(&token, buf_bytes(&element), &weak, &out), E_WEAK_KEY);
	assert_int_equal(out.size, 0);
	assert_false(token.cleared);
	memset(&token.cleared_by, 0, sizeof token.cleared_by);
	key_free(&weak.key);
}

/* ---- two officers ---- */

static void
one_officer_clears_nothing(void **state)
{
	struct consent_token t = token, other = unsigned_token();
	OWNED_BUF(out) = {0};

	(void)state;
	assert_int_equal(
		consent_token_clear(&t, buf_bytes(&element), realm->sign[OFFICE], &out), E_STATE);
	assert_int_equal(
		consent_token_clear(&other, buf_bytes(&element), realm->second, &out), E_INPUT);
	t = cleared;
	assert_int_equal(
		consent_token_clear(&t, buf_bytes(&cleared_element), realm->second, &out), E_STATE);
	assert_int_equal(consent_token_grant(&t, realm->sign[OFFICE], &out), E_STATE);
	assert_int_equal(out.size, 0);
}

static void
one_key_in_two_certificates_is_one_officer(void **state)
{
	struct consent_token t = unsigned_token();
	OWNED_BUF(out) = {0};

	(void)state;
	assert_int_equal(EVP_PKEY_up_ref(realm->sign[OFFICE]->key), 1);
	appoint(realm->sign[OFFICE]->key);
	token_sign(realm, &t, true, &out);
	assert_false(digest_equal(&t.cert, &t.cleared_by));
	expect(&out, &t, E_CONSENT_FORGED);
}

/* The second signature under a token that its officer never saw. */
static void
clearance_of_another_token_is_FORGED(void **state)
{
	OWNED_BUF(moved) = {0};
	struct consent_token t;
	struct bytes clearance;

	(void)state;
	assert_true(xml_cut(buf_bytes(&cleared_element), "e:Clearance", &clearance));
	buf_add(&moved, element.data, element.size - strlen(END));
	buf_add_bytes(&moved, clearance);
	buf_text(&moved, END);
	assert_true(consent_token_read(buf_bytes(&moved), &t));
	assert_true(t.cleared);
	expect(&moved, &t, E_CONSENT_FORGED);
}

/* What an officer granted is not what another one has looked at again. */
static void
grant_is_no_clearance(void **state)
{
	struct consent_token t = token, again = token;
	OWNED_BUF(second) = {0};
	OWNED_BUF(made) = {0};
	OWNED(char, value, free_chars) = NULL;
	char cert[DIGEST_TEXT_SIZE];
	const char *grant, *end;

	(void)state;
	assert_int_equal(consent_token_grant(&again, realm->second, &second), E_OK);
	grant = strstr((const char *)second.data, "\">") + 2; /* of the start tag */
	grant = strstr(grant, "\">") + 2;
	end = strstr(grant, "</e:Grant>");
	value = xprintf("%.*s", (int)(end - grant), grant);
	digest_format(&again.cert, cert);
	buf_add(&made, element.data, element.size - strlen(END));
	buf_printf(&made, "<e:Clearance cert=\"%s\">%s</e:Clearance>" END, cert, value);
	assert_true(consent_token_read(buf_bytes(&made), &t));
	expect(&made, &t, E_CONSENT_FORGED);
}

/* ---- no other octets ---- */

static void
no_octet_can_be_altered(void **state)
{
	static const uint8_t by[] = {1, 2, 0x20, 0x80};
	OWNED_BUF(e) = {0};

	(void)state;
	buf_add_bytes(&e, buf_bytes(&cleared_element));
	for (size_t i = 0; i < e.size; i++)
		for (size_t k = 0; k < ARRAY_LEN(by); k++) {
			e.data[i] ^= by[k];
			assert_false(passes(&e));
			expect(&e, &cleared, E_CONSENT_FORGED);
			e.data[i] ^= by[k];
		}
	assert_true(passes(&e));
}

static void
octets_left_out_or_doubled_are_refused(void **state)
{
	const struct buf *c = &cleared_element;

	(void)state;
	for (size_t i = 0; i < c->size; i++) {
		OWNED_BUF(less) = {0};
		OWNED_BUF(more) = {0};

		buf_add(&less, c->data, i);
		buf_add(&less, c->data + i + 1, c->size - i - 1);
		assert_false(passes(&less));
		buf_add(&more, c->data, i + 1);
		buf_add(&more, c->data + i, c->size - i);
		assert_false(passes(&more));
	}
}

/* A copy, so that a read past the end is seen. */
static void
cut_off_token_is_not_read(void **state)
{
	struct consent_token t;
	size_t size;

	(void)state;
	for (size_t n = 0; n < cleared_element.size; n++) {
		uint8_t *part = xmalloc(n + 1);

		memcpy(part, cleared_element.data, n);
		part = xrealloc(part, n == 0 ? 1 : n);
		assert_false(consent_token_read(bytes_of(part, n), &t));
		assert_false(consent_token_stands_in(bytes_of(part, n), &cleared, &size));
		free(part);
	}
}

static void
other_spelling_is_not_read(void **state)
{
	static const char *const rows[][2] = {
		{"<e:ConsentToken ", "<e:ConsentToken  "},
		{"<e:ConsentToken ", "<q:ConsentToken "},
		{"<e:ConsentToken ", "<e:ConsentToken xmlns:e=\"" NS_ENVELOPE "\" "},
		{"<e:ConsentToken ", "<e:ConsentToken Id=\"a\" "},
		{" by=\"UNHCR.NBO\"", ""},
		{" by=\"UNHCR.NBO\"", " by='UNHCR.NBO'"},
		{" by=\"UNHCR.NBO\"", " by=\"\""},
		{" by=\"UNHCR.NBO\"", " by=\"unhcr.nbo\""},
		{" by=\"UNHCR.NBO\"", " by=\"UNHCR.NBO\" by=\"UNHCR.NBO\""},
		{" by=\"UNHCR.NBO\"", " by = \"UNHCR.NBO\""},
		{" holder=\"KE.CRS\"", " holder=\"KE&#46;CRS\""},
		{" destination=\"SO.NIRA\" holder=\"KE.CRS\"",
			" holder=\"KE.CRS\" destination=\"SO.NIRA\""},
		{" purpose=\"BIRTH-TRANSCRIPTION\"", " purpose=\"\""},
		{" purpose=\"BIRTH-TRANSCRIPTION\"", " purpose=\"BIRTH TRANSCRIPTION\""},
		{" purpose=\"BIRTH-TRANSCRIPTION\"",
			" purpose=\"A-PURPOSE-THAT-IS-LONGER-THAN-ANY-ON-THE-LIST\""},
		{" issuedAt=\"", " issuedAt=\"+"},
		{"Z\"", "+00:00\""},
		{"><e:Grant ", " ><e:Grant "},
		{"><e:Grant ", "> <e:Grant "},
		{"><e:Grant ", "/><e:Grant "},
		{"><e:Grant ", "><!-- --><e:Grant "},
		{"<e:Grant cert=", "<e:Grant  cert="},
		{"</e:Grant>", "=</e:Grant></e:Grant>"},
		{"</e:Grant>", "</e:Grant >"},
		{"</e:Grant>", "</e:Grant><e:Grant></e:Grant>"},
		{"</e:Clearance>", "</e:Clearance>\n"},
		{"</e:Clearance>", "/e:Clearance>"},
		{"<e:Clearance cert=\"", "<e:Clearance cert=\"0"},
		{END, "<e:More></e:More>" END},
		{END, END " "},
		{END, END END},
	};
	struct consent_token t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		OWNED_BUF(e) = {0};

		replace(&cleared_element, rows[i][0], rows[i][1], &e);
		if (consent_token_read(buf_bytes(&e), &t))
			fail_msg("row %zu is read", i);
	}
}

/* A value with white space in it is read, and is no signature. */
static void
signature_of_no_octets_is_FORGED(void **state)
{
	static const char *const values[] = {"A", "AAAA", "====", " ", "&#65;AAA"};
	struct consent_token t;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		OWNED(char, end, free_chars) = xprintf("%s</e:Grant>", values[i]);
		OWNED_BUF(e) = {0};
		char *value = strstr((char *)element.data, "cert=\"") + 6 + DIGEST_TEXT_SIZE - 1;

		buf_add(&e, element.data, (size_t)(value + 2 - (char *)element.data));
		buf_printf(&e, "%s" END, end);
		assert_true(consent_token_read(buf_bytes(&e), &t));
		expect(&e, &t, E_CONSENT_FORGED);
	}
}

static void
compose_long(size_t grant, size_t clearance, struct buf *out)
{
	struct bytes clear;
	const char *tag_end = strstr((const char *)element.data, "<e:Grant");
	char hex[DIGEST_TEXT_SIZE];

	digest_format(&token.cert, hex);
	buf_reset(out);
	buf_add(out, element.data, (size_t)(tag_end - (const char *)element.data));
	buf_printf(out, "<e:Grant cert=\"%s\">", hex);
	while (grant-- > 0)
		buf_text(out, "A");
	buf_printf(out, "</e:Grant><e:Clearance cert=\"%s\">", hex);
	while (clearance-- > 0)
		buf_text(out, "A");
	buf_text(out, "</e:Clearance>" END);
	assert_true(xml_cut(buf_bytes(out), "e:Clearance", &clear));
}

/* The largest keys have room; what is longer is nobody's token. */
static void
longest_token_is_read_and_no_longer_one(void **state)
{
	size_t rsa_8192 = (1024 + 2) / 3 * 4, fixed;
	struct consent_token t;
	OWNED_BUF(e) = {0};

	(void)state;
	compose_long(rsa_8192, rsa_8192, &e);
	assert_true(e.size <= CONSENT_TOKEN_MAX);
	assert_true(consent_token_read(buf_bytes(&e), &t));
	fixed = e.size - rsa_8192;
	compose_long(rsa_8192, CONSENT_TOKEN_MAX - fixed, &e);
	assert_int_equal(e.size, CONSENT_TOKEN_MAX);
	assert_true(consent_token_read(buf_bytes(&e), &t));
	compose_long(rsa_8192, CONSENT_TOKEN_MAX - fixed + 1, &e);
	assert_false(consent_token_read(buf_bytes(&e), &t));
}

static void
token_is_found_at_the_beginning_of_octets(void **state)
{
	OWNED_BUF(e) = {0};
	size_t size = 0;

	(void)state;
	buf_add_bytes(&e, buf_bytes(&element));
	buf_text(&e, "<e:RetainUntil>");
	assert_true(consent_token_stands_in(buf_bytes(&e), &token, &size));
	assert_int_equal(size, element.size);
	assert_false(consent_token_stands_in(buf_bytes(&e), &cleared, &size));
	assert_false(consent_token_stands_in(bytes_of(e.data + 1, e.size - 1), &token, &size));
}

/* ---- who has signed ---- */

/* Under the name of `by', by the key of `signer'. */
static void
expect_signed(enum who by, const struct identity *signer, enum err expected)
{
	struct consent_token t = unsigned_token();
	OWNED_BUF(e) = {0};

	t.by = party_of(by);
	assert_int_equal(consent_token_grant(&t, signer, &e), E_OK);
	expect(&e, &t, expected);
}

static void
only_the_liaison_offices_own_officers_sign(void **state)
{
	OWNED(struct identity, unlisted, identity_free) =
		identity_make(realm, &realm_parties[OFFICE], true);
	struct consent_token t = unsigned_token();
	OWNED_BUF(e) = {0};

	(void)state;
	expect_signed(OFFICE, realm->sign[OFFICE], E_OK);
	expect_signed(OFFICE, realm->second, E_OK);
	expect_signed(OFFICE, realm->sign[KENYA], E_CONSENT_FORGED);
	expect_signed(OFFICE, realm->sign[HUB], E_CONSENT_FORGED);
	expect_signed(OFFICE, realm->encrypt[OFFICE], E_CONSENT_FORGED);
	expect_signed(OFFICE, unlisted, E_CONSENT_FORGED);
	/* Registries and the exchange sign well, and may not. */
	expect_signed(KENYA, realm->sign[KENYA], E_CONSENT_FORGED);
	expect_signed(SOMALIA, realm->sign[SOMALIA], E_CONSENT_FORGED);
	expect_signed(HUB, realm->sign[HUB], E_CONSENT_FORGED);
	/* An office that is on no list. */
	assert_true(party_parse("IOM.NBO", &t.by));
	assert_int_equal(consent_token_grant(&t, realm->sign[OFFICE], &e), E_OK);
	expect(&e, &t, E_CONSENT_FORGED);
}

/* The officer's certificate named, another's key used. */
static void
key_that_is_not_the_certificates_is_FORGED(void **state)
{
	struct identity thief = {.key = realm->sign[KENYA]->key,
		.der = realm->sign[OFFICE]->der,
		.der_size = realm->sign[OFFICE]->der_size};

	(void)state;
	expect_signed(OFFICE, &thief, E_CONSENT_FORGED);
}

static void
certificate_must_have_been_good_when_it_signed(void **state)
{
	int64_t now = instant_now();
	struct consent_token early = unsigned_token(), old = unsigned_token();
	OWNED_BUF(e) = {0};
	OWNED_BUF(o) = {0};

	(void)state;
	early.issued = now - 2 * DAY_MS; /* it is one day old */
	assert_int_equal(consent_token_grant(&early, realm->sign[OFFICE], &e), E_OK);
	expect(&e, &early, E_CONSENT_FORGED);
	old.issued = now + 301 * DAY_MS;
	old.valid_until = now + 400 * DAY_MS;
	assert_int_equal(consent_token_grant(&old, realm->sign[OFFICE], &o), E_OK);
	expect(&o, &old, E_CONSENT_FORGED);
	/* What it signed in its life still counts when it has ended. */
	assert_int_equal(consent_token_verify(buf_bytes(&element), &token, realm->trust, NULL,
				 now + 301 * DAY_MS),
		E_OK);
}

/* ---- revoked ---- */

static void
certificate_that_the_list_revokes_has_never_signed(void **state)
{
	(void)state;
	realm->lost = realm->sign[OFFICE]->cert;
	realm_load(realm);
	expect(&element, &token, E_CERT_REVOKED);
	expect(&cleared_element, &cleared, E_CERT_REVOKED);
	realm->lost = realm->second->cert;
	realm_load(realm);
	expect(&element, &token, E_OK);
	expect(&cleared_element, &cleared, E_CERT_REVOKED);
}

static enum err
verify_knowing(const struct buf *e, const struct consent_token *t, const X509 *revoked)
{
	struct revocations *r = revocations_new();
	struct crl_plan p = {.issuer = realm->anchor[0],
		.key = realm->anchor_key[0],
		.number = 1,
		.revoked = revoked};
	struct revocation_facts f;
	OWNED_BUF(der) = {0};
	enum err answer;

	crl_make(&p, &der);
	assert_int_equal(
		revocations_take(r, realm->trust, buf_bytes(&der), instant_now(), &f), E_OK);
	answer = consent_token_verify(buf_bytes(e), t, realm->trust, r, instant_now());
	revocations_free(&r);
	return answer;
}

/* Whoever has stolen the key can write any date. */
static void
date_before_the_revocation_does_not_help(void **state)
{
	struct consent_token t = unsigned_token();
	OWNED_BUF(e) = {0};

	(void)state;
	t.issued = instant_now() - 3 * REVOKE_HOUR;
	assert_int_equal(consent_token_grant(&t, realm->sign[OFFICE], &e), E_OK);
	expect(&e, &t, E_OK);
	assert_int_equal(verify_knowing(&e, &t, realm->sign[OFFICE]->cert), E_CERT_REVOKED);
	realm->lost = realm->sign[OFFICE]->cert;
	realm_load(realm);
	expect(&e, &t, E_CERT_REVOKED);
	/* Nor that the message was accepted before: it is judged as of then. */
	assert_int_equal(consent_token_verify(buf_bytes(&e), &t, realm->trust, NULL,
				 instant_now() - 2 * REVOKE_HOUR),
		E_CERT_REVOKED);
}

static void
certificate_that_its_authority_revokes_does_not_sign(void **state)
{
	const X509 *first = realm->sign[OFFICE]->cert, *second = realm->second->cert;

	(void)state;
	assert_int_equal(verify_knowing(&element, &token, NULL), E_OK);
	assert_int_equal(verify_knowing(&element, &token, first), E_CERT_REVOKED);
	assert_int_equal(verify_knowing(&element, &token, second), E_OK);
	assert_int_equal(verify_knowing(&cleared_element, &cleared, NULL), E_OK);
	assert_int_equal(verify_knowing(&cleared_element, &cleared, first), E_CERT_REVOKED);
	assert_int_equal(verify_knowing(&cleared_element, &cleared, second), E_CERT_REVOKED);
}

static void
not_knowing_holds_where_fresh_data_is_demanded(void **state)
{
	(void)state;
	realm_grace = "48";
	realm_load(realm);
	expect(&element, &token, E_HELD);
	expect(&cleared_element, &cleared, E_HELD);
	assert_int_equal(verify_knowing(&element, &token, NULL), E_OK);
	assert_int_equal(verify_knowing(&cleared_element, &cleared, NULL), E_OK);
	/* A forgery is one, whatever is known. */
	token.valid_until++;
	expect(&element, &token, E_CONSENT_FORGED);
	token.valid_until--;
}

/* ---- facts from another process ---- */

static void
only_what_could_have_been_read_is_sane(void **state)
{
#define LIE(member, octets)                                                                        \
	{                                                                                          \
		offsetof(struct consent_token, member), octets, sizeof(octets) - 1                 \
	}
	static const struct {
		size_t at;
		const char *octets;
		size_t size;
	} lies[] = {
		LIE(by, "\0"),
		LIE(by, "unhcr"),
		LIE(by, "UNHCR.NBO\0X"),
		LIE(holder, "\0"),
		LIE(holder, "KENYA"),
		LIE(holder, "KE.CRS\0\n"),
		LIE(destination, "\0"),
		LIE(destination, "S\"<>"),
		LIE(purpose, "\0"),
		LIE(purpose, "A B"),
		LIE(purpose, "BIRTH\0more"),
		LIE(purpose, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
		LIE(issued, "\377\377\377\377\377\377\377\377"),
		LIE(issued, "\377\377\377\377\377\377\377\177"),
		LIE(valid_until, "\0\0\0\0\0\0\0\0"),
		LIE(valid_until, "\377\377\377\377\377\377\377\177"),
		LIE(cleared_by, "x"),
	};
	struct consent_token t = {0};

	(void)state;
	assert_false(consent_token_sane(&t));
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		t = token;
		memcpy((char *)&t + lies[i].at, lies[i].octets, lies[i].size);
		if (consent_token_sane(&t))
			fail_msg("lie %zu is sane", i);
	}
	t = token;
	t.valid_until = t.issued;
	assert_false(consent_token_sane(&t));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(token_comes_out_as_it_went_in),
		cmocka_unit_test(second_officer_signs_behind_the_first),
		cmocka_unit_test(every_fact_makes_another_token),
		cmocka_unit_test(weak_key_does_not_sign),
		cmocka_unit_test(one_officer_clears_nothing),
		cmocka_unit_test(clearance_of_another_token_is_FORGED),
		cmocka_unit_test(grant_is_no_clearance),
		cmocka_unit_test(no_octet_can_be_altered),
		cmocka_unit_test(octets_left_out_or_doubled_are_refused),
		cmocka_unit_test(cut_off_token_is_not_read),
		cmocka_unit_test(other_spelling_is_not_read),
		cmocka_unit_test(signature_of_no_octets_is_FORGED),
		cmocka_unit_test(longest_token_is_read_and_no_longer_one),
		cmocka_unit_test(token_is_found_at_the_beginning_of_octets),
		cmocka_unit_test(only_the_liaison_offices_own_officers_sign),
		cmocka_unit_test(key_that_is_not_the_certificates_is_FORGED),
		cmocka_unit_test(certificate_must_have_been_good_when_it_signed),
		cmocka_unit_test_teardown(certificate_that_the_list_revokes_has_never_signed, mend),
		cmocka_unit_test_teardown(date_before_the_revocation_does_not_help, mend),
		cmocka_unit_test(certificate_that_its_authority_revokes_does_not_sign),
		cmocka_unit_test_teardown(not_knowing_holds_where_fresh_data_is_demanded, mend),
		cmocka_unit_test(only_what_could_have_been_read_is_sane),
		/* these change the second officer */
		cmocka_unit_test(every_kind_of_key_signs),
		cmocka_unit_test(one_key_in_two_certificates_is_one_officer),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
