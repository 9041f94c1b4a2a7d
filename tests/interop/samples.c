/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writes one folder for each kind of document that verifiers which are not ours shall see:
 *
 *	FOLDER/NAME/signed.xml   the message, or the sealed extract
 *	FOLDER/NAME/signer.pem   the certificate it must verify with
 *	FOLDER/NAME/body-1.key ... plain.xml
 *	                         the addressees' keys and what the body must give, where there is
 *one FOLDER/NAME/other.key    a key of the same kind that is nobody's among them
 *
 * Messages are made by message_compose, as every program of ours makes them. */
#include <assert.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lib/encrypt.h"
#include "lib/message.h"
#include "lib/seal.h"
#include "tests/tools/consent.h"
#include "tests/unit/test_keys.h"

#define REQUEST                                                                                    \
	"<c:TranscriptionRequest xmlns:c=\"urn:daftar:case:1\" a=\"&lt;&quot;&#xA;\">"             \
	"<t:Name xmlns:t=\"urn:daftar:types:1\">\xd8\xa3\xd9\x85\xd9\x8a\xd9\x86\xd8\xa9 &amp; "   \
	"\xe1\x8a\xa0\xe1\x88\x9a\xe1\x8a\x93&#xD;\n</t:Name></c:TranscriptionRequest>"
#define EXTRACT                                                                                    \
	"<b:CertifiedExtract xmlns:b=\"urn:daftar:birth:1\"><b:Child><t:Name "                     \
	"xmlns:t=\"urn:daftar:types:1\">Amina &lt;\xd8\xa3\xd9\x85\xd9\x8a\xd9\x86\xd8\xa9&gt;"    \
	"</t:Name></b:Child></b:CertifiedExtract>"

static const char *folder;

static FILE *
create(const char *name, const char *file)
{
	OWNED(char, path, free_chars) = xprintf("%s/%s/%s", folder, name, file);
	FILE *f = fopen(path, "w");

	if (f == NULL)
		die("%s", path);
	return f;
}

static void
put_bytes(const char *name, const char *file, const struct buf *b)
{
	FILE *f = create(name, file);

	if (fwrite(b->data, 1, b->size, f) != b->size || fclose(f) != 0)
		die("%s", file);
}

static void
put_cert(const char *name, const char *file, X509 *cert)
{
	FILE *f = create(name, file);

	if (PEM_write_X509(f, cert) != 1 || fclose(f) != 0)
		die("%s", file);
}

static void
put_key(const char *name, const char *file, EVP_PKEY *key)
{
	FILE *f = create(name, file);

	if (PEM_write_PKCS8PrivateKey(f, key, NULL, NULL, 0, NULL, NULL) != 1 || fclose(f) != 0)
		die("%s", file);
}

static void
open_folder(const char *name, const struct identity *signer)
{
	OWNED(char, path, free_chars) = xprintf("%s/%s", folder, name);

	if (mkdir(path, 0700) != 0)
		die("%s", path);
	put_cert(name, "signer.pem", signer->cert);
}

static struct header
header_for(enum action action)
{
	struct header h = {.realm = "demo",
		.id = id_new(),
		.conversation = id_new(),
		.leg = id_new(),
		.action = action,
		.from = {"UNHCR.NBO"},
		.to = {"KE.CRS"},
		.created = instant_now(),
		.channel_seq = 1,
		.agreement = "AGR-UNHCR-KE",
		.purpose = "BIRTH-TRANSCRIPTION"};

	h.expires = h.created + 86400000;
	h.retain_until = h.created + 2 * (int64_t)86400000;
	return h;
}

static void
must(enum err e, const char *what)
{
	if (e != E_OK)
		die("%s: %s", what, err_word(e));
}

/* `other' must not be able to open it. */
static void
put_message(const char *name, const struct identity *signer, struct identity *const *addressee,
	size_t n, const struct identity *other)
{
	struct header h = header_for(A_TRANSCRIPTION_REQUEST);
	struct bytes body = bytes_of(REQUEST, strlen(REQUEST)), element;
	const struct party holder = {"KE.CRS"}, destination = {"SO.NIRA"};
	X509 *to[4];
	OWNED_BUF(token) = {0};
	OWNED_BUF(message) = {0};
	OWNED_BUF(plain) = {0};

	open_folder(name, signer);
	assert(n <= ARRAY_LEN(to));
	for (size_t i = 0; i < n; i++) {
		OWNED(char, file, free_chars) = xprintf("body-%zu.key", i + 1);

		to[i] = addressee[i]->cert;
		put_key(name, file, addressee[i]->key);
	}
	put_key(name, "other.key", other->key);
	consent_give(&h, &h.from, signer, &holder, &destination, &token);
	must(message_compose_with(&h, buf_bytes(&token), body, to, n, signer, &message), name);
	if (!xml_cut(buf_bytes(&message), "xenc:EncryptedData", &element))
		die("%s has no body", name);
	must(decrypt_body(element, addressee[0], &plain), name);
	put_bytes(name, "signed.xml", &message);
	put_bytes(name, "plain.xml", &plain);
}

static void
put_receipt(const char *name, const struct identity *signer)
{
	struct header h = header_for(A_RECEIPT);
	OWNED_BUF(message) = {0};

	h.has_ref = true;
	h.ref = id_new();
	digest_of("x", 1, &h.ref_digest);
	open_folder(name, signer);
	must(message_compose_receipt(&h, ST_COMMITTED, NULL, signer, &message), name);
	put_bytes(name, "signed.xml", &message);
}

static void
put_seal(const char *name, const struct identity *registrar)
{
	struct bytes doc = bytes_of(EXTRACT, strlen(EXTRACT));
	OWNED_BUF(sealed) = {0};

	open_folder(name, registrar);
	must(seal_extract(doc, registrar, instant_now(), &sealed), name);
	put_bytes(name, "signed.xml", &sealed);
}

int
main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: samples FOLDER\n");
		return 2;
	}
	folder = argv[1];
	xml_init();
	OWNED(struct identity, p256, identity_free) = make_identity("P-256");
	OWNED(struct identity, p384, identity_free) = make_identity("P-384");
	OWNED(struct identity, rsa, identity_free) = make_identity("RSA-3072");
	OWNED(struct identity, other_p256, identity_free) = make_identity("P-256");
	OWNED(struct identity, other_p384, identity_free) = make_identity("P-384");
	OWNED(struct identity, other_rsa, identity_free) = make_identity("RSA-3072");
	put_message("message-p256", p256, &p256, 1, other_p256);
	put_message("message-p384", p384, &p384, 1, other_p384);
	put_message("message-rsa", rsa, &rsa, 1, other_rsa);
	put_message("message-two-p256", p256, (struct identity *[]){p256, other_p256}, 2, p384);
	put_message("message-rsa-and-p384", rsa, (struct identity *[]){rsa, p384}, 2, other_rsa);
	put_receipt("receipt-p256", p256);
	put_seal("seal-p256", p256);
	put_seal("seal-p384", p384);
	put_seal("seal-rsa", rsa);
	return 0;
}
