/* SPDX-License-Identifier: EUPL-1.2
 *
 * Revocation lists, OCSP responses and certificates: an input is one of them, made by an authority
 * of the list, and edits to it; or octets of its own. Nothing is taken that the authority did not
 * sign, and a certificate that it has revoked is never good. */
#include "tests/unit/test_realm.h"

#include "tests/fuzz/fuzz.h"
#include "tests/unit/test_revoke.h"

#include "lib/examiner.h"

enum { RAW, LIST, RESPONSE, DELEGATED, CERTIFICATE, N };

static struct realm *realm;
static struct buf whole[N];
static struct digest kenya;
static const struct trust_party *office;

static void
make_delegated(struct ocsp_plan p)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	p.signer = cert_make(&(struct cert_plan){.country = "KE",
		.name = "responder",
		.key = key,
		.issuer = realm->anchor[1],
		.issuer_key = realm->anchor_key[1],
		.from_day = -1,
		.until_day = 9,
		.basic = "critical,CA:FALSE",
		.usage = "critical,digitalSignature",
		.extended = "OCSPSigning"});
	p.key = key;
	p.no_certs = false;
	ocsp_make(&p, &whole[DELEGATED]);
	X509_free(p.signer);
	EVP_PKEY_free(key);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct party code;
	struct crl_plan list;
	struct ocsp_plan response;

	(void)argc;
	(void)argv;
	realm_ready();
	realm_grace = "168";
	realm = realm_new();
	code = party_of(KENYA);
	office = trust_party(realm->trust, &code);
	kenya = office->sign_digest[0];
	list = (struct crl_plan){.issuer = realm->anchor[1],
		.key = realm->anchor_key[1],
		.number = 3,
		.revoked = realm->sign[KENYA]->cert};
	crl_make(&list, &whole[LIST]);
	response = (struct ocsp_plan){.anchor = realm->anchor[1],
		.key = realm->anchor_key[1],
		.cert = realm->sign[KENYA]->cert,
		.status = V_OCSP_CERTSTATUS_REVOKED,
		.no_certs = true};
	ocsp_make(&response, &whole[RESPONSE]);
	make_delegated(response);
	buf_add(&whole[CERTIFICATE], realm->sign[KENYA]->der, realm->sign[KENYA]->der_size);
	return 0;
}

/* Sets an octet, takes some out, or puts some in. */
static void
edit(struct buf *b, struct cursor *c)
{
	uint8_t what = cursor_u8(c), n = cursor_u8(c);
	size_t at = (size_t)cursor_u8(c) << 8;
	OWNED_BUF(next) = {0};

	at = (at | cursor_u8(c)) % (b->size + 1);
	buf_add(&next, b->data, at);
	if (what % 3 == 0 && at < b->size) {
		buf_u8(&next, n);
		at++;
	} else if (what % 3 == 1) {
		at = at + n < b->size ? at + n : b->size;
	} else {
		buf_add_bytes(&next, cursor_take(c, n < c->left ? n : c->left));
	}
	buf_add(&next, b->data + at, b->size - at);
	buf_reset(b);
	buf_add_bytes(b, buf_bytes(&next));
}

static void
offer(struct bytes der)
{
	OWNED(struct revocations, r, revocations_free) = revocations_new();
	struct revocation_facts f, again;
	enum err e = revocations_take(r, realm->trust, der, instant_now(), &f);
	bool known = false;

	for (int i = LIST; i < CERTIFICATE; i++)
		known = known || (der.size == whole[i].size &&
					 memcmp(der.data, whole[i].data, der.size) == 0);
	if ((e == E_OK) != known)
		broken("exactly what the authority made is taken");
	if (revocation_check(bytes_of(&f, sizeof f), der, &again) != E_OK)
		broken("its facts stand up to the parent's check");
	e = revocations_judge(r, realm->trust, office, &kenya, instant_now());
	if (e != (known ? E_CERT_REVOKED : E_HELD))
		broken("a revoked certificate is not good");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cursor c = cursor_of(bytes_of(data, size));
	unsigned which = cursor_u8(&c) % N;
	OWNED(X509, cert, cert_free) = NULL;
	OWNED_BUF(der) = {0};

	if (which == RAW) {
		buf_add(&der, c.at, c.left);
	} else {
		buf_add_bytes(&der, buf_bytes(&whole[which]));
		while (c.left > 0)
			edit(&der, &c);
	}
	offer(buf_bytes(&der));
	if (cert_of_der(buf_bytes(&der), &cert) == E_OK && X509_get0_pubkey(cert) == NULL)
		broken("a certificate has a key");
	return 0;
}
