/* SPDX-License-Identifier: EUPL-1.2
 *
 * Makes messages for the scenario tests with the keys of a throw-away realm: one that is right, and
 * one for every way to be wrong.
 *
 *	forge REALM messages FOLDER	FOLDER/NAME.xml for every row below; prints a line for each:
 *					NAME CODE RETRY SENTENCE, as the exchange must answer
 *	forge REALM sealed FOLDER	the same for those that only the addressee can judge
 *	forge REALM pair FOLDER		one.xml and two.xml: one id, two contents, both signed well
 *	forge REALM receipt FROM ID DIGEST FILE
 *					FROM's signed Receipt that settles this message
 *
 * All are from UNHCR.NBO to KE.CRS unless the row says otherwise. A row is wrong in one thing only,
 * so that a check which lets it pass has nothing else to refuse it for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/child.h"
#include "lib/log.h"
#include "lib/seal.h"
#include "lib/xml.h"
#include "tests/tools/consent.h"
#include "tests/tools/forge_rows.h"
#include "tests/tools/realm.h"
#include "tests/unit/test_keys.h"

#define HOUR (60 * 60 * INT64_C(1000))
#define REQUEST "data/valid/transcription-request/hodan.xml"

static struct buf good, unsigned_; /* the right one, with its signature and without */
static struct header header;	   /* of the right one */

static X509 *
encryption_cert_of(const char *code)
{
	OWNED(char, file, free_chars) = xprintf("%s/parties/%s/encrypt.pem", realm, code);
	X509 *cert = NULL;

	sure(cert_load(file, &cert), file);
	return cert;
}

/* ---- the right one ---- */

static void
set_parties(struct header *h, const char *from, const char *to)
{
	if (!party_parse(from, &h->from) || !party_parse(to, &h->to))
		die("%s or %s is no party code", from, to);
}

/* Under the agreement that there is; a kind of message that nobody agreed on has none. */
static struct header
header_for(const char *from, const char *to, enum action action)
{
	OWNED(struct trust, t, trust_free) = load_trust();
	struct header h = {.id = id_new(),
		.conversation = id_new(),
		.leg = id_new(),
		.action = action,
		.created = instant_now(),
		.channel_seq = 1,
		.agreement = "NONE",
		.purpose = "RECEIPT"};
	const struct trust_agreement *a;

	set_parties(&h, from, to);
	h.expires = h.created + 24 * HOUR;
	h.retain_until = h.created + 48 * HOUR;
	if (!copy_text(h.realm, sizeof h.realm, trust_realm(t)))
		die("the realm's name is too long");
	a = trust_agreement(t, &h.from, &h.to, action);
	if (a != NULL) {
		memcpy(h.agreement, a->id, sizeof h.agreement);
		memcpy(h.purpose, a->purpose[0], sizeof h.purpose);
	}
	return h;
}

static void
read_body(struct buf *out)
{
	const char *tests = getenv("DAFTAR_TESTS");
	OWNED(char, file, free_chars) = xprintf("%s/" REQUEST, tests != NULL ? tests : "tests");
	FILE *f = fopen(file, "re");
	char part[4096];
	size_t n;

	if (f == NULL)
		die("%s", file);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buf_add(out, part, n);
	fclose(f);
	while (out->size > 0 && out->data[out->size - 1] == '\n')
		out->data[--out->size] = '\0';
}

/* What the officer was allowed, in a copy of the header: KE.CRS may tell SO.NIRA. */
static struct header
with_consent(const struct header *h, struct buf *token)
{
	OWNED(struct identity, office, identity_free) = identity_of_party("UNHCR.NBO");
	struct header out = *h;
	struct party parties[3];

	if (!party_parse("UNHCR.NBO", &parties[0]) || !party_parse("KE.CRS", &parties[1]) ||
		!party_parse("SO.NIRA", &parties[2]))
		die("a party code is wrong");
	consent_give(&out, &parties[0], office, &parties[1], &parties[2], token);
	return out;
}

/* `body' NULL: a request that a registry can answer; encrypted for `reader'. */
static void
compose(struct buf *out, const struct header *h, const char *body, const char *reader)
{
	OWNED(struct identity, signer, identity_free) = identity_of_party(h->from.code);
	OWNED(X509, to, cert_free) = encryption_cert_of(reader);
	OWNED_BUF(request) = {0};
	OWNED_BUF(token) = {0};
	struct header consented;

	if (body == NULL)
		read_body(&request);
	else
		buf_text(&request, body);
	consented = with_consent(h, &token);
	sure(message_compose_with(
		     &consented, buf_bytes(&token), buf_bytes(&request), &to, 1, signer, out),
		"composing");
}

static struct bytes
signature_of(const struct buf *message)
{
	struct bytes found;

	if (!xml_cut(buf_bytes(message), "ds:Signature", &found))
		die("a message without a signature");
	return found;
}

static void
cut_signature(struct buf *out, const struct buf *message)
{
	struct bytes s = signature_of(message);
	size_t before = (size_t)(s.data - message->data);

	buf_add(out, message->data, before);
	buf_add(out, s.data + s.size, message->size - before - s.size);
}

static void
sign(struct buf *out, const struct buf *doc, const char *code)
{
	OWNED(struct identity, signer, identity_free) = identity_of_party(code);

	sure(seal_sign(buf_bytes(doc), signer, out), "signing");
}

/* `from' with the first `what' replaced. */
static void
replace(struct buf *out, const struct buf *from, const char *what, const char *by)
{
	const uint8_t *hit = memmem(from->data, from->size, what, strlen(what));
	size_t before;

	if (hit == NULL)
		die("there is no %s to be replaced", what);
	before = (size_t)(hit - from->data);
	buf_add(out, from->data, before);
	buf_text(out, by);
	buf_add(out, hit + strlen(what), from->size - before - strlen(what));
}

/* ---- changed in one place ---- */

static void
make_before(struct buf *out, const struct edit *edit)
{
	OWNED_BUF(doc) = {0};

	replace(&doc, &unsigned_, edit->what, edit->by);
	sign(out, &doc, "UNHCR.NBO");
}

/* ---- those that are made ---- */

static void
made_large(struct buf *out)
{
	buf_add_bytes(out, buf_bytes(&good));
	while (out->size <= XML_MESSAGE_MAX)
		buf_text(out, "A");
}

static void
made_empty(struct buf *out)
{
	buf_text(out, " ");
}

static void
made_words(struct buf *out)
{
	buf_text(out, "please enter this child\n");
}

static void
made_other_root(struct buf *out)
{
	buf_text(out, "<x></x>");
}

static void
made_zero(struct buf *out)
{
	buf_add_bytes(out, buf_bytes(&good));
	out->data[out->size / 2] = '\0';
}

static void
made_cut(struct buf *out)
{
	buf_add(out, good.data, good.size / 2);
}

static void
made_twice(struct buf *out)
{
	buf_add_bytes(out, buf_bytes(&good));
	buf_add_bytes(out, buf_bytes(&good));
}

static void
made_of_many(struct buf *out, const char *open, const char *close, int n)
{
	OWNED_BUF(many) = {0};

	for (int i = 0; i < n; i++)
		buf_text(&many, open);
	for (int i = 0; i < n; i++)
		buf_text(&many, close);
	buf_text(&many, "</e:Header>");
	replace(out, &good, "</e:Header>", (char *)many.data);
}

static void
made_deep(struct buf *out)
{
	made_of_many(out, "<e:x>", "</e:x>", 40);
}

static void
made_wide(struct buf *out)
{
	made_of_many(out, "<e:x></e:x>", "", 2001);
}

static void
made_unsigned(struct buf *out)
{
	buf_add_bytes(out, buf_bytes(&unsigned_));
}

static void
made_signed_twice(struct buf *out)
{
	OWNED_BUF(two) = {0};

	buf_add_bytes(&two, signature_of(&good));
	buf_add_bytes(&two, signature_of(&good));
	buf_text(&two, "</e:Message>");
	cut_signature(out, &good);
	out->size -= strlen("</e:Message>");
	buf_add_bytes(out, buf_bytes(&two));
}

/* The signature of another message by the same sender. */
static void
made_borrowed(struct buf *out)
{
	OWNED_BUF(other) = {0};
	struct header h = header;

	h.id = id_new();
	compose(&other, &h, NULL, "KE.CRS");
	buf_add_bytes(out, buf_bytes(&unsigned_));
	out->size -= strlen("</e:Message>");
	buf_add_bytes(out, signature_of(&other));
	buf_text(out, "</e:Message>");
}

static void
made_by_other_party(struct buf *out)
{
	sign(out, &unsigned_, "KE.CRS");
}

/* KE's key, and the sender's certificate beside it: KeyInfo is not covered by the signature. */
static void
made_under_false_name(struct buf *out)
{
	OWNED(struct identity, ours, identity_free) = identity_of_party("UNHCR.NBO");
	OWNED(struct identity, theirs, identity_free) = identity_of_party("KE.CRS");
	OWNED_BUF(message) = {0};
	OWNED_BUF(our_cert) = {0};
	OWNED_BUF(their_cert) = {0};

	sure(seal_sign(buf_bytes(&unsigned_), theirs, &message), "signing");
	buf_base64(&our_cert, ours->der, ours->der_size);
	buf_base64(&their_cert, theirs->der, theirs->der_size);
	replace(out, &message, (char *)their_cert.data, (char *)our_cert.data);
}

static void
made_by_stranger(struct buf *out)
{
	OWNED(struct identity, stranger, identity_free) = make_identity("P-256");

	sure(seal_sign(buf_bytes(&unsigned_), stranger, out), "signing");
}

/* Issued by an authority of the realm, but another country's, and on nobody's list. */
static void
made_with_other_authority(struct buf *out)
{
	OWNED(char, key_file, free_chars) = xprintf("%s/ca/KE.key", realm);
	OWNED(char, cert_file, free_chars) = xprintf("%s/anchors/KE.pem", realm);
	OWNED(struct identity, authority, identity_free) = NULL;
	OWNED(struct identity, leaf, identity_free) = NULL;
	EVP_PKEY *key = make_key("P-256");

	sure(identity_load(key_file, cert_file, &authority), cert_file);
	leaf = identity_of(key, make_cert(key, authority->cert, authority->key,
					(struct cert_plan){.name = "UNHCR.NBO"}));
	sure(seal_sign(buf_bytes(&unsigned_), leaf, out), "signing");
}

static void
made_with(struct buf *out, int64_t created, int64_t expires)
{
	struct header h = header;

	h.created += created;
	h.expires = header.created + expires;
	compose(out, &h, NULL, "KE.CRS");
}

static void
made_expired(struct buf *out)
{
	made_with(out, -48 * HOUR, -24 * HOUR);
}

static void
made_tomorrow(struct buf *out)
{
	made_with(out, 12 * HOUR, 24 * HOUR);
}

/* Receipts settle; they are not submitted. */
static void
made_receipt(struct buf *out)
{
	OWNED(struct identity, signer, identity_free) = identity_of_party("UNHCR.NBO");
	struct header h = header_for("UNHCR.NBO", "DAFTAR.HUB", A_RECEIPT);

	h.has_ref = true;
	h.ref = id_new();
	digest_of("x", 1, &h.ref_digest);
	sure(message_compose_receipt(&h, ST_COMMITTED, NULL, signer, out), "composing");
}

struct made {
	const char *name;
	enum err code;
	void (*make)(struct buf *out);
};

static const struct made made[] = {
	{"too-large", E_TOO_LARGE, made_large},
	{"empty", E_MALFORMED, made_empty},
	{"words", E_MALFORMED, made_words},
	{"zero-octet", E_NOT_UTF8, made_zero},
	{"cut-off", E_MALFORMED, made_cut},
	{"two-documents", E_MALFORMED, made_twice},
	{"too-deep", E_TOO_COMPLEX, made_deep},
	{"too-many-elements", E_TOO_COMPLEX, made_wide},
	{"another-root", E_SCHEMA, made_other_root},
	{"unsigned", E_UNSIGNED, made_unsigned},
	{"signed-twice", E_SIGNATURE_SHAPE, made_signed_twice},
	{"signature-of-another", E_SIGNATURE, made_borrowed},
	{"signed-by-other-party", E_UNKNOWN_CERT, made_by_other_party},
	{"signed-under-false-name", E_SIGNATURE, made_under_false_name},
	{"signed-by-stranger", E_UNKNOWN_CERT, made_by_stranger},
	{"certificate-of-other-authority", E_UNKNOWN_CERT, made_with_other_authority},
	{"expired", E_EXPIRED, made_expired},
	{"made-in-the-future", E_CLOCK, made_tomorrow},
	{"receipt-submitted", E_ACTION, made_receipt},
};

/* ---- what only the addressee sees ---- */

static void
sealed_for_another(struct buf *out)
{
	struct header h = header_for("UNHCR.NBO", "KE.CRS", A_TRANSCRIPTION_REQUEST);

	compose(out, &h, NULL, "SO.NIRA");
}

/* The body of one message under the header of another. */
static void
sealed_for_another_message(struct buf *out)
{
	OWNED_BUF(whole) = {0};
	OWNED_BUF(bare) = {0};
	OWNED_BUF(doc) = {0};
	struct header h = header_for("UNHCR.NBO", "KE.CRS", A_TRANSCRIPTION_REQUEST);

	compose(&whole, &h, NULL, "KE.CRS");
	cut_signature(&bare, &whole);
	replace(&doc, &bare, "<e:ChannelSeq>1<", "<e:ChannelSeq>2<");
	sign(out, &doc, "UNHCR.NBO");
}

static void
sealed_nonsense(struct buf *out)
{
	struct header h = header_for("UNHCR.NBO", "KE.CRS", A_TRANSCRIPTION_REQUEST);

	compose(out, &h,
		"<c:TranscriptionRequest xmlns:c=\"urn:daftar:case:1\">"
		"</c:TranscriptionRequest>",
		"KE.CRS");
}

static const struct made sealed[] = {
	{"sealed-for-another-party", E_BODY, sealed_for_another},
	{"sealed-for-another-message", E_HEADER_MISMATCH, sealed_for_another_message},
	{"sealed-nonsense", E_SCHEMA, sealed_nonsense},
};

/* ---- files ---- */

static void
put(const char *file, const struct buf *b)
{
	FILE *f = fopen(file, "we");

	if (f == NULL || fwrite(b->data, 1, b->size, f) != b->size || fclose(f) != 0)
		die("%s", file);
}

static void
put_row(const char *folder, const char *name, enum err code, const struct buf *b)
{
	OWNED(char, file, free_chars) = xprintf("%s/%s.xml", folder, name);

	put(file, b);
	printf("%s %s %d %s\n", name, err_word(code), err_retry(code), err_sentence(code));
}

static void
put_made(const char *folder, const struct made *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		OWNED_BUF(b) = {0};

		rows[i].make(&b);
		put_row(folder, rows[i].name, rows[i].code, &b);
	}
}

static void
put_messages(const char *folder)
{
	for (size_t i = 0; i < ARRAY_LEN(before_signing); i++) {
		OWNED_BUF(b) = {0};

		make_before(&b, &before_signing[i]);
		put_row(folder, before_signing[i].name, before_signing[i].code, &b);
	}
	for (size_t i = 0; i < ARRAY_LEN(after_signing); i++) {
		const struct edit *e = &after_signing[i];
		OWNED_BUF(b) = {0};

		replace(&b, &good, e->what, e->by);
		put_row(folder, e->name, e->code, &b);
	}
	put_made(folder, made, ARRAY_LEN(made));
}

static void
put_pair(const char *folder)
{
	OWNED(char, one, free_chars) = xprintf("%s/one.xml", folder);
	OWNED(char, two, free_chars) = xprintf("%s/two.xml", folder);
	OWNED_BUF(other) = {0};
	struct header h = header;

	h.channel_seq++;
	compose(&other, &h, NULL, "KE.CRS");
	put(one, &good);
	put(two, &other);
}

static void
put_receipt(const char *from, const char *id, const char *digest, const char *file)
{
	OWNED(struct identity, signer, identity_free) = identity_of_party(from);
	struct header h = header_for(from, "DAFTAR.HUB", A_RECEIPT);
	OWNED_BUF(b) = {0};

	h.has_ref = true;
	if (!id_parse(id, &h.ref) || !digest_parse(digest, &h.ref_digest))
		die("%s is no id or %s no digest", id, digest);
	sure(message_compose_receipt(&h, ST_COMMITTED, NULL, signer, &b), "composing");
	put(file, &b);
}

static void
get_ready(void)
{
	OWNED(char, schemas, free_chars) = schemas_find();

	xml_init();
	sure(schemas == NULL ? E_NOT_FOUND : xml_load_schemas(schemas), "schemas");
	header = header_for("UNHCR.NBO", "KE.CRS", A_TRANSCRIPTION_REQUEST);
	compose(&good, &header, NULL, "KE.CRS");
	cut_signature(&unsigned_, &good);
}

static bool
run(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[2] : "";

	if (strcmp(what, "messages") == 0 && argc == 4)
		put_messages(argv[3]);
	else if (strcmp(what, "sealed") == 0 && argc == 4)
		put_made(argv[3], sealed, ARRAY_LEN(sealed));
	else if (strcmp(what, "pair") == 0 && argc == 4)
		put_pair(argv[3]);
	else if (strcmp(what, "receipt") == 0 && argc == 7)
		put_receipt(argv[3], argv[4], argv[5], argv[6]);
	else
		return false;
	return true;
}

int
main(int argc, char **argv)
{
	bool done;

	log_open("forge", LOG_NOTICE);
	realm = argc > 1 ? argv[1] : "";
	if (argc > 3)
		get_ready();
	done = run(argc, argv);
	if (!done)
		fputs("usage: forge REALM messages|sealed|pair FOLDER\n"
		      "       forge REALM receipt FROM ID DIGEST FILE\n",
			stderr);
	buf_free(&good);
	buf_free(&unsigned_);
	return done ? EXIT_SUCCESS : 2;
}
