/* SPDX-License-Identifier: EUPL-1.2
 *
 * A whole realm made in memory, for the tests that need messages which are right in every respect
 * before they make one thing wrong: authorities, parties with two keys each, and a trust list
 * signed by an operator. Everything is real; only the keys are young. */
#ifndef DAFTAR_TEST_REALM_H
#define DAFTAR_TEST_REALM_H

#include "tests/unit/test.h"

#include <stdio.h>

#include <openssl/x509v3.h>

#include "lib/child.h"
#include "lib/message.h"
#include "lib/seal.h"
#include "lib/trust.h"
#include "lib/xml.h"

#define DAY_MS INT64_C(86400000)

/* Who is in the realm. The last ones are there to be refused. */
enum who { HUB, KENYA, SOMALIA, OFFICE, LAPSED, REVOKED, WHO_N };

struct realm_party {
	const char *code, *country, *role;
	int from_day, until_day; /* life of its certificates, days from today */
	bool revoked;
};

static const struct realm_party realm_parties[WHO_N] = {
	[HUB] = {"DAFTAR.HUB", "", "exchange", -1, 300, false},
	[KENYA] = {"KE.CRS", "KE", "registry", -1, 300, false},
	[SOMALIA] = {"SO.NIRA", "SO", "registry", -1, 300, false},
	[OFFICE] = {"UNHCR.NBO", "", "liaison", -1, 300, false},
	[LAPSED] = {"KE.LAPSED", "KE", "registry", -9, 11, false},
	[REVOKED] = {"KE.REVOKED", "KE", "registry", -9, 300, true},
};

static const char *const realm_countries[] = {"", "KE", "SO"};

struct realm {
	EVP_PKEY *operator_key;
	X509 *operator_cert;
	EVP_PKEY *anchor_key[3];
	X509 *anchor[3];
	struct identity *sign[WHO_N], *encrypt[WHO_N];
	struct identity *second; /* another officer of OFFICE: what needs two is signed by both */
	const X509 *lost;	 /* the list revokes it, of an hour ago; a loan, or NULL */
	struct buf list;	 /* the signed trust list */
	struct trust *trust;
};

/* ---- certificates ---- */

struct cert_plan {
	const char *country, *name;
	EVP_PKEY *key;
	X509 *issuer; /* NULL: itself */
	EVP_PKEY *issuer_key;
	int from_day, until_day;
	const char *basic, *usage, *extended;
};

static inline void
cert_extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *e;

	if (value == NULL)
		return;
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(e);
	assert_int_equal(X509_add_ext(cert, e, -1), 1);
	X509_EXTENSION_free(e);
}

static inline X509 *
cert_make(const struct cert_plan *p)
{
	static long serial = 0x4001;
	X509 *cert = X509_new(), *issuer = p->issuer == NULL ? cert : p->issuer;
	time_t now = (time_t)(instant_now() / 1000);
	X509_NAME *name = X509_get_subject_name(cert);

	X509_set_version(cert, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), serial++);
	if (p->country[0] != '\0')
		X509_NAME_add_entry_by_txt(
			name, "C", MBSTRING_ASC, (const unsigned char *)p->country, -1, -1, 0);
	X509_NAME_add_entry_by_txt(
		name, "CN", MBSTRING_ASC, (const unsigned char *)p->name, -1, -1, 0);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer));
	X509_time_adj_ex(X509_getm_notBefore(cert), p->from_day, 0, &now);
	X509_time_adj_ex(X509_getm_notAfter(cert), p->until_day, 0, &now);
	X509_set_pubkey(cert, p->key);
	cert_extend(cert, issuer, NID_basic_constraints, p->basic);
	cert_extend(cert, issuer, NID_key_usage, p->usage);
	cert_extend(cert, issuer, NID_ext_key_usage, p->extended);
	cert_extend(cert, issuer, NID_subject_key_identifier, "hash");
	if (p->issuer != NULL)
		cert_extend(cert, issuer, NID_authority_key_identifier, "keyid");
	assert_true(X509_sign(cert, p->issuer_key, EVP_sha256()) > 0);
	return cert;
}

static inline X509 *
authority_make(const char *country, const char *name, EVP_PKEY *key)
{
	return cert_make(&(struct cert_plan){.country = country,
		.name = name,
		.key = key,
		.issuer_key = key,
		.from_day = -30,
		.until_day = 3000,
		.basic = "critical,CA:TRUE,pathlen:0",
		.usage = "critical,keyCertSign,cRLSign"});
}

static inline size_t
country_index(const char *country)
{
	for (size_t i = 0; i < ARRAY_LEN(realm_countries); i++)
		if (strcmp(country, realm_countries[i]) == 0)
			return i;
	fail_msg("no such country");
	return 0;
}

static inline struct identity *
identity_make(struct realm *r, const struct realm_party *p, bool signs)
{
	struct identity *i = xcalloc(1, sizeof *i);
	size_t at = country_index(p->country);
	int size;

	i->key = EVP_EC_gen("P-256");
	i->cert = cert_make(&(struct cert_plan){.country = p->country,
		.name = p->code,
		.key = i->key,
		.issuer = r->anchor[at],
		.issuer_key = r->anchor_key[at],
		.from_day = p->from_day,
		.until_day = p->until_day,
		.basic = "critical,CA:FALSE",
		.usage = signs ? "critical,digitalSignature" : "critical,keyAgreement",
		.extended = signs ? OID_MESSAGE_SIGNING : OID_MESSAGE_ENCRYPTION});
	size = i2d_X509(i->cert, NULL);
	assert_true(size > 0);
	i->der = xmalloc((size_t)size);
	i->der_size = (size_t)size;
	unsigned char *end = i->der;
	assert_int_equal(i2d_X509(i->cert, &end), size);
	return i;
}

/* ---- the trust list ---- */

static inline void
put_cert(struct buf *b, const char *qname, const char *country, const X509 *cert)
{
	OWNED_BUF(text) = {0};
	unsigned char *der = NULL;
	int size = i2d_X509(cert, &der);

	assert_true(size > 0);
	buf_base64(&text, der, (size_t)size);
	OPENSSL_free(der);
	xml_open(b, qname, "country", country, NULL);
	buf_add_bytes(b, buf_bytes(&text));
	xml_close(b, qname);
}

/* Hours of grace for every anchor, for the tests of lists that demand revocation data; NULL: none
 * is demanded. */
static const char *realm_grace;

static inline void
put_anchor(struct buf *b, const char *country, const X509 *cert)
{
	OWNED_BUF(text) = {0};
	unsigned char *der = NULL;
	int size = i2d_X509(cert, &der);

	assert_true(size > 0);
	buf_base64(&text, der, (size_t)size);
	OPENSSL_free(der);
	xml_open(b, "tl:Anchor", "country", country[0] ? country : NULL, "revocationGrace",
		realm_grace, NULL);
	buf_add_bytes(b, buf_bytes(&text));
	xml_close(b, "tl:Anchor");
}

/* The Profile element of SOMALIA, the registry that receives; NULL: none. */
static const char *realm_profile;

static inline void
put_party(struct buf *b, const struct realm *r, enum who who)
{
	const struct realm_party *p = &realm_parties[who];
	uint8_t curve[CURVE_KEY_SIZE];

	memset(curve, 'a' + (int)who, sizeof curve);
	xml_open(b, "tl:Party", "code", p->code, "country", p->country[0] ? p->country : NULL,
		"name", p->code, "role", p->role, NULL);
	put_cert(b, "tl:Sign", NULL, r->sign[who]->cert);
	if (who == OFFICE)
		put_cert(b, "tl:Sign", NULL, r->second->cert);
	put_cert(b, "tl:Encrypt", NULL, r->encrypt[who]->cert);
	xml_open(b, "tl:Curve", NULL);
	buf_base64(b, curve, sizeof curve);
	xml_close(b, "tl:Curve");
	if (who == SOMALIA && realm_profile != NULL)
		buf_text(b, realm_profile);
	xml_close(b, "tl:Party");
}

/* What every agreement demands, for the tests of lists that demand a consent token or a clearance;
 * NULL: nothing. */
static const char *realm_demands;

/* For the tests of questions: answers are allowed as well. */
static bool realm_answers;

/* Everything that travels in a body, and one purpose: what a test wants refused it asks for. */
static inline void
put_agreement(struct buf *b, enum who from, enum who to, int64_t until)
{
	OWNED(char, id, free_chars) = xprintf("AGR-%d-%d", (int)from, (int)to);
	char until_text[INSTANT_TEXT_SIZE];

	instant_format(until, until_text);
	xml_open(b, "tl:Agreement", "from", realm_parties[from].code, "id", id, "to",
		realm_parties[to].code, "validUntil", until_text, NULL);
	for (enum action a = 0; a < ACTION_N; a++)
		if (a != A_RECEIPT && (a != A_QUERY_REPLY || realm_answers))
			xml_element(b, "tl:Action", action_word(a));
	xml_element(b, "tl:Purpose", "BIRTH-TRANSCRIPTION");
	if (realm_demands != NULL)
		buf_text(b, realm_demands);
	xml_close(b, "tl:Agreement");
}

static inline void
put_revoked(struct buf *b, const X509 *cert, const char *country, int64_t at)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(cert);
	OWNED_BUF(hex) = {0};
	char text[INSTANT_TEXT_SIZE];

	instant_format(at, text);
	buf_hex(&hex, serial->data, (size_t)serial->length);
	xml_open(b, "tl:Revoked", "at", text, "country", country, "serial", (char *)hex.data, NULL);
	xml_close(b, "tl:Revoked");
}

/* The exchange's public log key; a test that needs the private one puts its own here first. */
static uint8_t realm_log_key[32] = {7};

static inline void
put_log(struct buf *b)
{
	OWNED_BUF(key) = {0};

	buf_base64(&key, realm_log_key, sizeof realm_log_key);
	xml_open(b, "tl:Operator", "name", "Operator of the test realm", NULL);
	xml_close(b, "tl:Operator");
	xml_open(b, "tl:Log", "key", (char *)key.data, "name", "test.example/log", NULL);
	xml_close(b, "tl:Log");
}

/* The list as it is before it is signed. */
static inline void
realm_list(const struct realm *r, const char *version, int64_t now, struct buf *out)
{
	char issued[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE];

	instant_format(now, issued);
	instant_format(now + 30 * DAY_MS, until);
	xml_open(out, "tl:TrustList", "xmlns:tl", NS_TRUST, "issuedAt", issued, "realm", "demo",
		"schemaVersion", "1.0", "validUntil", until, "version", version, NULL);
	put_log(out);
	for (size_t i = 0; i < ARRAY_LEN(realm_countries); i++)
		put_anchor(out, realm_countries[i], r->anchor[i]);
	for (enum who w = 0; w < WHO_N; w++)
		put_party(out, r, w);
	put_agreement(out, OFFICE, KENYA, now + 20 * DAY_MS);
	put_agreement(out, KENYA, SOMALIA, now + 20 * DAY_MS);
	put_agreement(out, SOMALIA, OFFICE, now - DAY_MS);
	put_agreement(out, LAPSED, SOMALIA, now + 20 * DAY_MS);
	put_agreement(out, REVOKED, SOMALIA, now + 20 * DAY_MS);
	for (enum who w = 0; w < WHO_N; w++)
		if (realm_parties[w].revoked)
			put_revoked(out, r->sign[w]->cert, realm_parties[w].country, now - DAY_MS);
	if (r->lost != NULL)
		put_revoked(out, r->lost, NULL, now - DAY_MS / 24);
	xml_close(out, "tl:TrustList");
}

/* What realm_list has written, changed or not, as the operator signs it. */
static inline void
realm_sign(const struct realm *r, const struct buf *plain, struct buf *out)
{
	struct identity operator= {.key = r->operator_key, .cert = r->operator_cert};
	unsigned char *der = NULL;

	operator.der_size =(size_t) i2d_X509(r->operator_cert, &der);
	operator.der = der;
	assert_int_equal(seal_sign(buf_bytes(plain), &operator, out), E_OK);
	OPENSSL_free(der);
}

static inline void
realm_sign_list(const struct realm *r, const char *version, int64_t now, struct buf *out)
{
	OWNED_BUF(plain) = {0};

	realm_list(r, version, now, &plain);
	realm_sign(r, &plain, out);
}

/* ---- the realm ---- */

/* Once a process. */
static inline void
realm_ready(void)
{
	OWNED(char, schemas, free_chars) = schemas_find();

	xml_init();
	if (schemas == NULL)
		schemas = xprintf("%s/../schemas", tests_folder());
	assert_int_equal(xml_load_schemas(schemas), E_OK);
}

/* Once more, as the statics and `r' say now. */
static inline void
realm_load(struct realm *r)
{
	buf_reset(&r->list);
	trust_free(&r->trust);
	realm_sign_list(r, "7", instant_now(), &r->list);
	assert_int_equal(
		trust_load(buf_bytes(&r->list), r->operator_cert, instant_now(), &r->trust), E_OK);
}

static inline struct realm *
realm_new(void)
{
	struct realm *r = xcalloc(1, sizeof *r);

	r->operator_key = EVP_EC_gen("P-256");
	r->operator_cert = authority_make("", "operator", r->operator_key);
	for (size_t i = 0; i < ARRAY_LEN(realm_countries); i++) {
		OWNED(char, name, free_chars) = xprintf("authority %zu", i);

		r->anchor_key[i] = EVP_EC_gen("P-256");
		r->anchor[i] = authority_make(realm_countries[i], name, r->anchor_key[i]);
	}
	for (enum who w = 0; w < WHO_N; w++) {
		r->sign[w] = identity_make(r, &realm_parties[w], true);
		r->encrypt[w] = identity_make(r, &realm_parties[w], false);
	}
	r->second = identity_make(r, &realm_parties[OFFICE], true);
	realm_load(r);
	return r;
}

static inline void
realm_free(struct realm **r)
{
	key_free(&(*r)->operator_key);
	cert_free(&(*r)->operator_cert);
	for (size_t i = 0; i < ARRAY_LEN(realm_countries); i++) {
		key_free(&(*r)->anchor_key[i]);
		cert_free(&(*r)->anchor[i]);
	}
	for (enum who w = 0; w < WHO_N; w++) {
		identity_free(&(*r)->sign[w]);
		identity_free(&(*r)->encrypt[w]);
	}
	identity_free(&(*r)->second);
	buf_free(&(*r)->list);
	trust_free(&(*r)->trust);
	free(*r);
	*r = NULL;
}

/* ---- messages ---- */

static inline struct party
party_of(enum who who)
{
	struct party p = {0};

	assert_true(party_parse(realm_parties[who].code, &p));
	return p;
}

static inline struct header
header_for(enum action action, enum who from, enum who to)
{
	int64_t now = instant_now();
	struct header h = {.realm = "demo",
		.id = id_new(),
		.conversation = id_new(),
		.leg = id_new(),
		.action = action,
		.from = party_of(from),
		.to = party_of(to),
		.created = now,
		.expires = now + DAY_MS,
		.retain_until = now + 90 * DAY_MS,
		.channel_seq = 1};

	if (action == A_RECEIPT) {
		strcpy(h.agreement, "NONE");
		strcpy(h.purpose, "RECEIPT");
	} else {
		snprintf(h.agreement, sizeof h.agreement, "AGR-%d-%d", (int)from, (int)to);
		strcpy(h.purpose,
			action == A_CANCELLATION ? PURPOSE_WITHDRAWAL : "BIRTH-TRANSCRIPTION");
	}
	if (action == A_RECEIPT || action == A_TRANSCRIPTION_OUTCOME) {
		h.has_ref = true;
		h.ref = id_new();
		digest_of("x", 1, &h.ref_digest);
	}
	if (action == A_CERTIFIED_EXTRACT) {
		h.has_key = true;
		digest_of("k", 1, &h.key);
	}
	return h;
}

/* The shortest bodies that their schemas allow. */
#define UUID "018f6c2e-7a51-7d33-9b2a-5f0c1d2e3f40"
#define HEX64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define T "xmlns:t=\"urn:daftar:types:1\""
#define C " xmlns:c=\"urn:daftar:case:1\" schemaVersion=\"1.0\">"
#define B " xmlns:b=\"urn:daftar:birth:1\" schemaVersion=\"1.0\">"
#define DIGEST_REF "digest=\"" HEX64 "\" digestAlg=\"sha256\""
#define NAME                                                                                       \
	"<t:Name " T "><t:Form authoritative=\"true\" script=\"Latn\" xml:lang=\"so\">"            \
	"<t:Full>Amina Warsame</t:Full><t:Part kind=\"given\">Amina</t:Part></t:Form></t:Name>"

static const char *const realm_bodies[ACTION_N] = {
	[A_TRANSCRIPTION_REQUEST] =
		"<c:TranscriptionRequest" C "<c:CaseType>ORIGIN-EXTRACT</c:CaseType>"
		"<c:RequestedOf>KE.CRS</c:RequestedOf><c:Destination>SO.NIRA</c:Destination>"
		"<c:Applicant relation=\"mother\"></c:Applicant><c:Locator>"
		"<c:EntryNumber>1/2</c:EntryNumber></c:Locator><c:Consent><c:ConsentId>" UUID
		"</c:ConsentId><c:Subject>child</c:Subject><c:GivenBy>mother</c:GivenBy>"
		"<c:CapacityBasis>parental-authority</c:CapacityBasis><c:Scope>"
		"<c:Destination>SO.NIRA</c:Destination><c:Purpose>BIRTH-TRANSCRIPTION</c:Purpose>"
		"<c:FieldSet>BIRTH-CORE</c:FieldSet></c:Scope><c:Language>so</c:Language>"
		"<c:RisksExplained>true</c:RisksExplained>"
		"<c:NoConditionality>true</c:NoConditionality><c:GivenOn>2026-11-01</c:GivenOn>"
		"<c:ValidUntil>2027-11-01</c:ValidUntil>"
		"<c:WithdrawalChannel>telephone</c:WithdrawalChannel><c:EvidenceDigest>" HEX64
		"</c:EvidenceDigest><c:WitnessedBy>NBO-0417</c:WitnessedBy></c:Consent>"
		"<c:LegalBasis>Act 3</c:LegalBasis></c:TranscriptionRequest>",
	[A_CERTIFIED_EXTRACT] =
		"<b:CertifiedExtract" B "<b:ExtractId>" UUID "</b:ExtractId><b:Kind>full</b:Kind>"
		"<b:Entry><b:Number>1/2</b:Number><b:Office>Nairobi</b:Office></b:Entry>"
		"<b:Subject>" NAME "<b:Sex>F</b:Sex></b:Subject><b:Birth>"
		"<b:Date basis=\"document\" calendar=\"gregorian\" value=\"2020-02-03\">3 Feb 2020"
		"</b:Date><b:Place country=\"KE\">Nairobi</b:Place></b:Birth><b:Certification>"
		"<b:Officer>Registrar</b:Officer><b:Office>Nairobi</b:Office>"
		"<b:IssuedOn>2026-11-20</b:IssuedOn><b:Place>Nairobi</b:Place></b:Certification>"
		"</b:CertifiedExtract>",
	[A_TRANSCRIPTION_OUTCOME] =
		"<c:TranscriptionOutcome" C "<c:Answers " DIGEST_REF " id=\"" UUID "\"></c:Answers>"
		"<c:Refused><c:ReasonCode>I01</c:ReasonCode></c:Refused></c:TranscriptionOutcome>",
	[A_QUERY] = "<c:Query" C "<c:QueryId>" UUID "</c:QueryId><c:About>"
		    "<c:Element>b:Sex</c:Element></c:About><c:Code>MISMATCH</c:Code>"
		    "<c:AnswerBy>2026-12-24</c:AnswerBy></c:Query>",
	[A_QUERY_REPLY] = "<c:QueryReply" C "<c:QueryId>" UUID "</c:QueryId>"
			  "<c:Answer>confirm</c:Answer></c:QueryReply>",
	[A_CANCELLATION] = "<c:Cancellation" C "<c:Kind>CONSENT-WITHDRAWN</c:Kind>"
			   "<c:Effective>2026-11-24T08:00:00.000Z</c:Effective>"
			   "<c:Erase>bodies</c:Erase></c:Cancellation>",
	[A_ATTACHMENT] =
		"<c:Attachment" C "<c:DocumentDigest>" HEX64 "</c:DocumentDigest>"
		"<c:Kind>proof-of-birth</c:Kind><c:MediaType>application/pdf</c:MediaType>"
		"<c:Size>6</c:Size><c:Part>1</c:Part><c:Of>1</c:Of><c:Data>JVBERi0x</c:Data>"
		"</c:Attachment>",
	[A_CORRECTION_NOTICE] =
		"<b:CorrectionNotice" B "<b:NoticeId>" UUID "</b:NoticeId><b:ForEntry>"
		"<b:Number>1/2</b:Number><b:Office>Nairobi</b:Office></b:ForEntry>"
		"<b:ForExtract " DIGEST_REF " id=\"" UUID "\"></b:ForExtract>"
		"<b:Kind>CLERICAL</b:Kind><b:Annotation kind=\"rectification\">x</b:Annotation>"
		"<b:Decision final=\"true\"><b:Authority>Court</b:Authority><b:Number>7</b:Number>"
		"<b:Date>2026-11-01</b:Date></b:Decision></b:CorrectionNotice>",
	[A_CORRECTION_OUTCOME] =
		"<b:CorrectionOutcome" B "<b:NoticeId>" UUID "</b:NoticeId><b:Answers " DIGEST_REF
		" id=\"" UUID "\"></b:Answers><b:Refused><b:ReasonCode>I01</b:ReasonCode>"
		"</b:Refused></b:CorrectionOutcome>",
};
#undef T
#undef B
#undef C

/* A body of `action' that is at least `size' octets long: the filling stands in an extension. */
static inline void
body_make(enum action action, size_t size, struct buf *out)
{
	const char *body = realm_bodies[action];
	size_t end = strlen(action_body(action)) + 3;

	assert_non_null(body);
	if (size == 0) {
		buf_text(out, body);
		return;
	}
	buf_add(out, body, strlen(body) - end);
	buf_text(out, "<t:Extension xmlns:t=\"urn:daftar:types:1\" ns=\"urn:x\">"
		      "<x:Fill xmlns:x=\"urn:x\">");
	while (out->size < size)
		buf_text(out, "x");
	buf_text(out, "</x:Fill></t:Extension>");
	buf_text(out, body + strlen(body) - end);
}

static inline void
message_from(
	const struct realm *r, const struct header *h, enum who from, enum who to, struct buf *out)
{
	X509 *const certs[] = {r->encrypt[to]->cert};
	OWNED_BUF(body) = {0};

	body_make(h->action, 0, &body);
	assert_int_equal(message_compose(h, buf_bytes(&body), certs, 1, r->sign[from], out), E_OK);
}

/* ---- consent tokens ---- */

/* What OFFICE has been allowed in the case of `h': `holder' may tell `destination', for a month. */
static inline struct consent_token
consent_for(const struct header *h, enum who holder, enum who destination)
{
	int64_t now = instant_now();
	struct consent_token t = {.id = id_new(),
		.conversation = h->conversation,
		.by = party_of(OFFICE),
		.holder = party_of(holder),
		.destination = party_of(destination),
		.purpose = "BIRTH-TRANSCRIPTION",
		.issued = now - 1000,
		.valid_until = now + 30 * DAY_MS};

	return t;
}

/* `t' signed by OFFICE, and by its second officer when it has to be cleared. */
static inline void
token_sign(const struct realm *r, struct consent_token *t, bool cleared, struct buf *element)
{
	OWNED_BUF(granted) = {0};

	assert_int_equal(
		consent_token_grant(t, r->sign[OFFICE], cleared ? &granted : element), E_OK);
	if (cleared)
		assert_int_equal(
			consent_token_clear(t, buf_bytes(&granted), r->second, element), E_OK);
}

/* Gives `h' such a token; message_with_token takes the element. */
static inline void
token_give(const struct realm *r, struct header *h, enum who holder, enum who destination,
	bool cleared, struct buf *element)
{
	h->token = consent_for(h, holder, destination);
	h->has_token = true;
	token_sign(r, &h->token, cleared, element);
}

static inline void
message_with_token(const struct realm *r, const struct header *h, const struct buf *element,
	enum who from, enum who to, struct buf *out)
{
	X509 *const certs[] = {r->encrypt[to]->cert};
	OWNED_BUF(body) = {0};

	body_make(h->action, 0, &body);
	assert_int_equal(message_compose_with(h, buf_bytes(element), buf_bytes(&body), certs, 1,
				 r->sign[from], out),
		E_OK);
}

/* What stops a case carries the case's token, which is put into `h'; anything else may go without.
 */
static inline void
message_good(const struct realm *r, struct header *h, enum who from, enum who to, struct buf *out)
{
	OWNED_BUF(element) = {0};

	if (h->action == A_CANCELLATION)
		token_give(r, h, from, to, false, &element);
	message_with_token(r, h, &element, from, to, out);
}

#endif
