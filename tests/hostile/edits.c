/* SPDX-License-Identifier: EUPL-1.2
 *
 * A good message changed in one place: after signing, by whoever had it in his hands; and before
 * signing, by a party that signs well what no party may send. Then parts of two messages of any
 * two actions, and good signatures by those who are not the sender. */
#include "tests/hostile/hostile.h"

struct edit {
	struct family family;
	const char *what, *by;
};

#define OPEN_TO "<e:To>"
#define XML_DECL "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
#define XSI "http://www.w3.org/2001/XMLSchema-instance"

static const struct edit after_signing[] = {
	/* another meaning */
	{{"realm", "WRONG-REALM", NULL}, " realm=\"demo\"", " realm=\"prod\""},
	{{"version", "SCHEMA", NULL}, "schemaVersion=\"1.0\"", "schemaVersion=\"2.0\""},
	{{"sender", "SENDER-MISMATCH UNKNOWN-CERT", NULL}, "<e:From>KE.CRS", "<e:From>SO.NIRA"},
	{{"addressee", "SIGNATURE NOT-ADDRESSEE", NULL}, "<e:To>SO.NIRA", "<e:To>UNHCR.NBO"},
	{{"addressee of a receipt", "SIGNATURE NOT-ADDRESSEE", NULL}, "<e:To>DAFTAR.HUB",
		"<e:To>UNHCR.NBO"},
	{{"unknown addressee", "UNKNOWN-PARTY", NULL}, "<e:To>SO.NIRA", "<e:To>ZZ.NIRA"},
	{{"principal", "SIGNATURE SCHEMA", NULL}, "<e:AgreementRef>",
		"<e:OnBehalfOf>KE.CRS</e:OnBehalfOf><e:AgreementRef>"},
	{{"purpose", "SIGNATURE", NULL}, "<e:Purpose>BIRTH-TRANSCRIPTION",
		"<e:Purpose>BIRTH-EXTRACT"},
	{{"agreement", "SIGNATURE", NULL}, "<e:AgreementRef>", "<e:AgreementRef>Z"},
	{{"sequence", "SIGNATURE", NULL}, "<e:ChannelSeq>1<", "<e:ChannelSeq>2<"},
	{{"expiry", "SIGNATURE", NULL}, "<e:ExpiresAt>20", "<e:ExpiresAt>21"},
	{{"retention", "SIGNATURE", NULL}, "<e:RetainUntil>20", "<e:RetainUntil>21"},
	{{"cipher", "SIGNATURE", NULL}, "<xenc:CipherValue>", "<xenc:CipherValue>AAAA"},
	{{"stage", "SIGNATURE", NULL}, "COMMITTED", "REJECTED"},
	{{"code", "SIGNATURE", NULL}, "</e:Stage>", "</e:Stage><e:Code>SEAL</e:Code>"},
	{{"count", "SIGNATURE", NULL}, "<e:Count>12<", "<e:Count>13<"},
	{{"difference", "SIGNATURE", NULL}, "BROKER-LOST", "BROKER-MORE"},
	/* other places */
	{{"header twice", "SCHEMA", NULL}, "</e:Header>", "</e:Header><e:Header></e:Header>"},
	{{"body twice", "SCHEMA", NULL}, "</e:Body>", "</e:Body><e:Body></e:Body>"},
	{{"element more", "SCHEMA", NULL}, "</e:Header>", "<e:Note></e:Note></e:Header>"},
	{{"text between", "SCHEMA", NULL}, "</e:Header>", "</e:Header>x"},
	{{"no addressee", "SCHEMA", NULL}, "<e:To>SO.NIRA</e:To>", ""},
	{{"foreign element", "SCHEMA", NULL}, "</e:Header>",
		"</e:Header><x:y xmlns:x=\"urn:x\"></x:y>"},
	{{"XInclude", "SCHEMA", NULL}, "<e:Body>",
		"<e:Body><xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" "
		"href=\"file:///etc/hostname\" parse=\"text\"></xi:include>"},
	{{"xml:base", "SCHEMA", NULL}, "<e:Body>", "<e:Body xml:base=\"http://127.0.0.1:9/\">"},
	{{"xml:id", "SCHEMA", NULL}, "<e:Body>", "<e:Body xml:id=\"b\">"},
	{{"xml:lang", "SCHEMA", NULL}, "<e:Body>", "<e:Body xml:lang=\"so\">"},
	{{"Id", "SCHEMA", NULL}, "<e:Body>", "<e:Body Id=\"b\">"},
	{{"xsi:type", "SCHEMA", NULL}, "<e:Body>",
		"<e:Body xmlns:xsi=\"" XSI "\" xsi:type=\"e:Header\">"},
	{{"xsi:nil", "SCHEMA", NULL}, "<e:Body>",
		"<e:Body xmlns:xsi=\"" XSI "\" xsi:nil=\"true\">"},
	{{"xsi:schemaLocation", "SCHEMA", NULL}, "<e:Body>",
		"<e:Body xmlns:xsi=\"" XSI "\" xsi:schemaLocation=\"urn:x file:///etc/x\">"},
	/* another spelling of the same: only the octets' vote can see some of these */
	{{"single quotes", "NOT-CANONICAL", "tree"}, " realm=\"demo\"", " realm='demo'"},
	{{"blank in a start tag", "NOT-CANONICAL", "tree"}, OPEN_TO, "<e:To >"},
	{{"blank in an end tag", "NOT-CANONICAL", "tree"}, "</e:To>", "</e:To >"},
	{{"line end in a tag", "NOT-CANONICAL", "tree"}, " realm=", "\nrealm="},
	{{"blanks around =", "NOT-CANONICAL", "tree"}, " realm=", " realm = "},
	{{"other order", "NOT-CANONICAL", "tree"}, " realm=\"demo\" schemaVersion=\"1.0\"",
		" schemaVersion=\"1.0\" realm=\"demo\""},
	{{"namespace last", "NOT-CANONICAL", "tree"}, " xmlns:e=\"" NS_ENVELOPE "\" realm=\"demo\"",
		" realm=\"demo\" xmlns:e=\"" NS_ENVELOPE "\""},
	{{"declared again", "NOT-CANONICAL", "tree"}, OPEN_TO,
		"<e:To xmlns:e=\"" NS_ENVELOPE "\">"},
	{{"declared, not used", "NOT-CANONICAL", "tree"}, OPEN_TO, "<e:To xmlns:q=\"urn:q\">"},
	{{"default declared, not used", "NOT-CANONICAL", "tree"}, OPEN_TO,
		"<e:To xmlns=\"urn:q\">"},
	{{"relative namespace", "NOT-CANONICAL", NULL}, OPEN_TO, "<e:To xmlns:q=\"q\">"},
	{{"short empty tag", "NOT-CANONICAL", "tree"}, "></ds:DigestMethod>", "/>"},
	{{"line end behind", "NOT-CANONICAL", "tree"}, "</e:Message>", "</e:Message>\n"},
	{{"line end before", "NOT-CANONICAL", "tree"}, "<e:Message ", "\n<e:Message "},
	{{"carriage return", "NOT-CANONICAL", NULL}, "</e:Header>", "\r</e:Header>"},
	{{"apostrophe as entity", "NOT-CANONICAL", NULL}, "<e:Purpose>", "<e:Purpose>&apos;"},
	{{"quote as entity", "NOT-CANONICAL", NULL}, "<e:Purpose>", "<e:Purpose>&quot;"},
	{{"tab as reference in text", "NOT-CANONICAL", NULL}, "<e:Purpose>", "<e:Purpose>&#x9;"},
	{{"greater-than bare", "NOT-CANONICAL", NULL}, "<e:Purpose>", "<e:Purpose>>"},
	{{"white space in text", "SCHEMA", NULL}, "<e:Purpose>", "<e:Purpose> "},
	{{"white space between", "SCHEMA", NULL}, "</e:Header>", "</e:Header>\n"},
	{{"white space in the signature", "SIGNATURE-SHAPE", NULL}, "</ds:SignatureValue>",
		"</ds:SignatureValue> "},
	{{"white space in a value", "SIGNATURE-SHAPE", NULL}, "<ds:SignatureValue>",
		"<ds:SignatureValue>\n"},
	{{"white space in a digest", "SIGNATURE-SHAPE", NULL}, "</ds:DigestValue>",
		" </ds:DigestValue>"},
	{{"padding more", "SIGNATURE-SHAPE", NULL}, "</ds:DigestValue>", "=</ds:DigestValue>"},
	{{"white space in the cipher", "SCHEMA", NULL}, "<xenc:CipherValue>",
		"<xenc:CipherValue> "},
	/* texts split */
	{{"comment", "FORBIDDEN-MARKUP", NULL}, "<e:To>SO.", "<e:To>SO<!---->."},
	{{"comment in a receipt", "FORBIDDEN-MARKUP", NULL}, "COMMITTED", "COMM<!-- -->ITTED"},
	{{"CDATA", "FORBIDDEN-MARKUP", NULL}, "<e:To>SO.NIRA", "<e:To><![CDATA[SO.NIRA]]>"},
	{{"instruction", "FORBIDDEN-MARKUP", NULL}, "<e:To>SO.", "<e:To>SO<?x?>."},
	{{"entity", "FORBIDDEN-MARKUP", NULL}, "<e:To>", "<e:To>&x;"},
	{{"reference, decimal", "FORBIDDEN-MARKUP", NULL}, "<e:To>S", "<e:To>&#83;"},
	{{"reference, hexadecimal", "FORBIDDEN-MARKUP", NULL}, "<e:To>S", "<e:To>&#x53;"},
	{{"reference in an attribute", "FORBIDDEN-MARKUP", NULL}, "realm=\"d", "realm=\"&#100;"},
	{{"reference in the signature", "FORBIDDEN-MARKUP", NULL}, "URI=\"\"", "URI=\"&#35;x\""},
	{{"comment in a value", "FORBIDDEN-MARKUP", NULL}, "<ds:SignatureValue>",
		"<ds:SignatureValue><!-- -->"},
	{{"declaration", "FORBIDDEN-MARKUP", NULL}, "<e:Message ", XML_DECL "<e:Message "},
	{{"style sheet", "FORBIDDEN-MARKUP", NULL}, "<e:Message ",
		"<?xml-stylesheet href=\"http://127.0.0.1:9/\"?><e:Message "},
	{{"DTD", "FORBIDDEN-MARKUP", NULL}, "<e:Message ",
		"<!DOCTYPE e:Message SYSTEM \"http://127.0.0.1:9/\"><e:Message "},
	{{"DTD with ids", "FORBIDDEN-MARKUP", NULL}, "<e:Message ",
		"<!DOCTYPE e:Message [<!ATTLIST e:Body Id ID #IMPLIED>]><e:Message "},
};

/* Signed well afterwards by the sender itself. */
static const struct edit before_signing[] = {
	{{"white space around the header", "SCHEMA", NULL}, "<e:Header>", "\n<e:Header>"},
	{{"white space in the header", "SCHEMA", NULL}, "<e:Header>", "<e:Header>\n"},
	{{"white space between elements", "SCHEMA", NULL}, "<e:To>", " <e:To>"},
	{{"white space behind the header", "SCHEMA", NULL}, "</e:Header>", "</e:Header> "},
	{{"white space in the body", "SCHEMA", NULL}, "<e:Body>", "<e:Body> "},
	{{"white space behind the body", "SCHEMA", NULL}, "</e:Body>", "</e:Body>\n"},
	{{"white space at the end of the body", "SCHEMA", NULL}, "</e:Body>", "\n</e:Body>"},
	{{"white space in a receipt", "SCHEMA", NULL}, "<e:Receipt>", "<e:Receipt> "},
	{{"white space in the cipher", "SCHEMA", NULL}, "<xenc:CipherValue>",
		"<xenc:CipherValue>\n"},
	{{"white space in encrypted data", "SCHEMA", NULL}, "<xenc:CipherData>",
		"<xenc:CipherData> "},
	{{"white space in an empty element", "SCHEMA", NULL}, "></e:Period>", "> </e:Period>"},
	{{"white space in an empty algorithm", "SCHEMA", NULL}, "></xenc:EncryptionMethod>",
		"> </xenc:EncryptionMethod>"},
	{{"white space in an empty difference", "SCHEMA", NULL}, "></e:Difference>",
		"> </e:Difference>"},
	{{"white space in a statement", "SCHEMA", NULL}, "<e:Count>", " <e:Count>"},
	{{"element more", "SCHEMA", NULL}, "</e:Header>", "<e:Note></e:Note></e:Header>"},
	{{"attribute more", "SCHEMA", NULL}, "<e:Body>", "<e:Body Id=\"b\">"},
	{{"xml:id", "SCHEMA", NULL}, "<e:Body>", "<e:Body xml:id=\"b\">"},
	{{"xml:base", "SCHEMA", NULL}, "<e:Body>", "<e:Body xml:base=\"x\">"},
	{{"xsi:type", "SCHEMA", NULL}, "<e:Body>",
		"<e:Body xmlns:xsi=\"" XSI "\" xsi:type=\"e:x\">"},
	{{"xsi:schemaLocation", "SCHEMA", NULL}, "<e:Body>",
		"<e:Body xmlns:xsi=\"" XSI "\" xsi:schemaLocation=\"urn:x file:///etc/x\">"},
	{{"xsi:noNamespaceSchemaLocation", "SCHEMA", NULL}, "<e:Body>",
		"<e:Body xmlns:xsi=\"" XSI "\" xsi:noNamespaceSchemaLocation=\"x.xsd\">"},
	{{"xsi declared by name", "SCHEMA", NULL}, "<e:Body>",
		"<e:Body xmlns:q=\"" XSI "\" q:nil=\"false\">"},
	{{"XInclude", "SCHEMA", NULL}, "<e:Body>",
		"<e:Body><xi:include xmlns:xi=\"http://www.w3.org/2001/XInclude\" href=\"x\">"
		"</xi:include>"},
	{{"foreign element", "SCHEMA", NULL}, "</e:Header>",
		"</e:Header><x:y xmlns:x=\"urn:x\"></x:y>"},
	{{"foreign attribute", "SCHEMA", NULL}, "<e:Body>", "<e:Body xmlns:x=\"urn:x\" x:y=\"\">"},
	{{"signature by another prefix", "SIGNATURE-SHAPE", "octets"}, "</e:Header>",
		"</e:Header><x:Signature xmlns:x=\"" NS_DSIG "\"></x:Signature>"},
	{{"another namespace", "SCHEMA", NULL}, NS_ENVELOPE, "urn:daftar:envelope:2"},
	{{"cipher reference", "SCHEMA", NULL}, "<xenc:CipherData>",
		"<xenc:CipherData><xenc:CipherReference URI=\"http://127.0.0.1:9/\">"
		"</xenc:CipherReference>"},
	{{"principal unknown", "UNKNOWN-PARTY SCHEMA", NULL}, "<e:AgreementRef>",
		"<e:OnBehalfOf>ZZ.NIRA</e:OnBehalfOf><e:AgreementRef>"},
	{{"realm", "WRONG-REALM", NULL}, " realm=\"demo\"", " realm=\"prod\""},
	{{"sender", "SENDER-MISMATCH UNKNOWN-CERT", NULL}, "<e:From>KE.CRS", "<e:From>SO.NIRA"},
	{{"purpose", "PURPOSE NO-AGREEMENT", NULL}, "<e:Purpose>BIRTH-TRANSCRIPTION",
		"<e:Purpose>BIRTH-EXTRACT"},
	{{"agreement", "NO-AGREEMENT", NULL}, "<e:AgreementRef>AGR-", "<e:AgreementRef>AGR-9"},
};

static void
judge_after(struct tally *t, const struct sample *s)
{
	for (size_t i = 0; i < ARRAY_LEN(after_signing); i++) {
		const struct edit *e = &after_signing[i];
		OWNED_BUF(doc) = {0};

		if (replaced(&doc, buf_bytes(&s->message), e->what, e->by))
			judge(t, s, &e->family, buf_bytes(&doc), ALL_MODES);
	}
}

static void
sign_and_judge(struct tally *t, const struct sample *s, const struct family *f, struct bytes doc)
{
	OWNED_BUF(made) = {0};

	put_well_signed(&made, t->world, s, doc);
	judge(t, s, f, buf_bytes(&made), ALL_MODES);
}

static void
judge_before(struct tally *t, const struct sample *s)
{
	OWNED_BUF(plain) = {0};

	put_unsigned(&plain, s);
	for (size_t i = 0; i < ARRAY_LEN(before_signing); i++) {
		const struct edit *e = &before_signing[i];
		OWNED_BUF(doc) = {0};

		if (replaced(&doc, buf_bytes(&plain), e->what, e->by))
			sign_and_judge(t, s, &e->family, buf_bytes(&doc));
	}
}

/* Every prefix but that of the signature may be another one, as far as XML is concerned. */
static void
judge_prefix(struct tally *t, const struct sample *s, const char *prefix, bool sign)
{
	static const struct family f = {"another prefix", "SCHEMA SIGNATURE", NULL};
	OWNED(char, declared, free_chars) = xprintf("xmlns:%s=", prefix);
	OWNED(char, open, free_chars) = xprintf("<%s:", prefix);
	OWNED(char, close, free_chars) = xprintf("</%s:", prefix);
	OWNED_BUF(plain) = {0};
	OWNED_BUF(one) = {0};
	OWNED_BUF(two) = {0};
	OWNED_BUF(doc) = {0};

	if (sign)
		put_unsigned(&plain, s);
	else
		put(&plain, buf_bytes(&s->message));
	if (memmem(plain.data, plain.size, open, strlen(open)) == NULL)
		return;
	replaced_all(&one, buf_bytes(&plain), declared, "xmlns:q=");
	replaced_all(&two, buf_bytes(&one), open, "<q:");
	replaced_all(&doc, buf_bytes(&two), close, "</q:");
	if (!sign) {
		judge(t, s, &f, buf_bytes(&doc), ALL_MODES);
		return;
	}
	sign_and_judge(t, s, &f, buf_bytes(&doc));
}

/* ---- two messages ---- */

static void
judge_pair(struct tally *t, const struct sample *a, const struct sample *b)
{
	static const struct family f = {"parts of two messages", "SIGNATURE SCHEMA", NULL};
	const struct sample *from[][3] = {
		{a, a, b}, {a, b, a}, {a, b, b}, {b, a, a}, {b, a, b}, {b, b, a}};

	for (size_t i = 0; i < ARRAY_LEN(from); i++) {
		OWNED_BUF(doc) = {0};
		struct family fit = f;

		put(&doc, a->open);
		put(&doc, from[i][0]->header);
		put(&doc, from[i][1]->body);
		put(&doc, from[i][2]->signature);
		buf_text(&doc, "</e:Message>");
		if (from[i][0]->from != from[i][2]->from)
			fit.fit = "UNKNOWN-CERT SCHEMA";
		judge(t, from[i][0], &fit, buf_bytes(&doc), ONE_MODE);
	}
}

/* ---- other signers ---- */

static void
judge_signer(struct tally *t, const struct sample *s, const struct identity *by,
	const struct identity *shown, const char *fit)
{
	const struct family f = {"another signer", fit, NULL};
	OWNED_BUF(plain) = {0};
	OWNED_BUF(made) = {0};
	OWNED_BUF(doc) = {0};
	OWNED_BUF(theirs) = {0};
	OWNED_BUF(ours) = {0};

	put_unsigned(&plain, s);
	assert_int_equal(seal_sign(buf_bytes(&plain), by, &made), E_OK);
	buf_base64(&theirs, by->der, by->der_size);
	buf_base64(&ours, shown->der, shown->der_size);
	(void)replaced(&doc, buf_bytes(&made), (char *)theirs.data, (char *)ours.data);
	judge(t, s, &f, buf_bytes(&doc), ALL_MODES);
}

static void
judge_signers(struct tally *t, const struct sample *s)
{
	struct realm *r = t->world->realm;
	const struct identity *me = world_signer(t->world, s);
	OWNED(struct identity, fresh, identity_free) =
		identity_make(r, &realm_parties[s->from], true);

	for (enum who w = 0; w < WHO_N; w++) {
		if (w == s->from)
			continue;
		judge_signer(t, s, r->sign[w], r->sign[w], "UNKNOWN-CERT");
		judge_signer(t, s, r->sign[w], me, "SIGNATURE");
	}
	/* The right name and authority, but not on the list; and the party's other key. */
	judge_signer(t, s, fresh, fresh, "UNKNOWN-CERT");
	judge_signer(t, s, fresh, me, "SIGNATURE");
	judge_signer(t, s, r->encrypt[s->from], r->encrypt[s->from], "UNKNOWN-CERT");
	judge_signer(t, s, r->encrypt[s->from], me, "SIGNATURE");
}

/* ---- the registrar's seal ---- */

static void
make_extract(const struct world *w, const char *sex, struct buf *out)
{
	OWNED_BUF(doc) = {0};

	(void)replaced(&doc,
		bytes_of(realm_bodies[A_CERTIFIED_EXTRACT],
			strlen(realm_bodies[A_CERTIFIED_EXTRACT])),
		"<b:Sex>F</b:Sex>", sex);
	assert_int_equal(
		seal_extract(buf_bytes(&doc), w->realm->sign[KENYA], instant_now(), out), E_OK);
}

/* Seals exchanged between two extracts, a message's signature for a seal and the other way round.
 */
static size_t
count_seals(struct tally *t)
{
	static const struct family f = {"a seal for a signature", "SIGNATURE-SHAPE", NULL};
	EVP_PKEY *key = X509_get0_pubkey(t->world->realm->sign[KENYA]->cert);
	const struct sample *s = &t->world->sample[A_CERTIFIED_EXTRACT];
	struct bytes one_seal, two_seal;
	OWNED_BUF(one) = {0};
	OWNED_BUF(two) = {0};
	OWNED_BUF(doc) = {0};
	size_t accepted = 0;

	make_extract(t->world, "<b:Sex>F</b:Sex>", &one);
	make_extract(t->world, "<b:Sex>M</b:Sex>", &two);
	assert_int_equal(seal_verify_extract(buf_bytes(&one), key, NULL), E_OK);
	assert_true(xml_cut(buf_bytes(&one), "ds:Signature", &one_seal));
	assert_true(xml_cut(buf_bytes(&two), "ds:Signature", &two_seal));
	for (int i = 0; i < 2; i++) {
		buf_reset(&doc);
		buf_add(&doc, one.data, (size_t)(one_seal.data - one.data));
		put(&doc, i == 0 ? two_seal : s->signature);
		buf_text(&doc, "</b:CertifiedExtract>");
		accepted += seal_verify_extract(buf_bytes(&doc), key, NULL) == E_OK ? 1 : 0;
	}
	buf_reset(&doc);
	put(&doc, s->open);
	put(&doc, s->header);
	put(&doc, s->body);
	put(&doc, one_seal);
	buf_text(&doc, "</e:Message>");
	judge(t, s, &f, buf_bytes(&doc), ALL_MODES);
	return accepted;
}

bool
part_edits(struct world *w)
{
	struct tally t = {.world = w};
	size_t seals;

	for (enum action a = 0; a < ACTION_N; a++) {
		const struct sample *s = &w->sample[a];

		judge_after(&t, s);
		judge_before(&t, s);
		judge_signers(&t, s);
		for (int sign = 0; sign < 2; sign++) {
			judge_prefix(&t, s, "e", sign != 0);
			judge_prefix(&t, s, "xenc", sign != 0);
			judge_prefix(&t, s, "xenc11", sign != 0);
			judge_prefix(&t, s, "ds11", sign != 0);
		}
		for (enum action b = 0; b < ACTION_N; b++)
			if (a != b)
				judge_pair(&t, s, &w->sample[b]);
	}
	seals = count_seals(&t);
	return report(&t, "edits before and after signing, parts of two messages, other signers",
		       1500) &&
	       report_line(seals == 0, "seals of other extracts: %zu accepted", seals);
}
