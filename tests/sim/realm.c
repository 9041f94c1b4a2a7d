/* SPDX-License-Identifier: EUPL-1.2
 *
 * The realm that every seed plays in: made once a process, from a fixed seed and on the first
 * virtual morning, so that its octets are always the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"
#include "tests/unit/test_realm.h"

#define PURPOSE "BIRTH-TRANSCRIPTION"

extern bool thin_on;
bool thin_identity(const struct digest *cert, const struct identity **out);

struct trust *the_trust;
static struct realm *realm;
static struct request *hodan;
static EVP_PKEY *log_key;

static const enum who who[PLACES] = {HUB, KENYA, SOMALIA, OFFICE};

static const enum who pairs[][2] = {{OFFICE, KENYA}, {OFFICE, SOMALIA}, {KENYA, OFFICE},
	{SOMALIA, OFFICE}, {KENYA, SOMALIA}, {SOMALIA, KENYA}};

const struct identity *
identity_of(enum seat p, bool sign)
{
	return sign ? realm->sign[who[p]] : realm->encrypt[who[p]];
}

struct party
party_at(enum seat p)
{
	return party_of(who[p]);
}

enum seat
place_of(const struct party *party)
{
	for (enum seat p = 0; p < PLACES; p++)
		if (strcmp(realm_parties[who[p]].code, party->code) == 0)
			return p;
	return PLACES;
}

const uint8_t *
curve_of(enum seat p)
{
	static uint8_t key[PLACES][CURVE_KEY_SIZE];

	memset(key[p], 'a' + (int)who[p], CURVE_KEY_SIZE);
	return key[p];
}

bool
thin_identity(const struct digest *cert, const struct identity **out)
{
	struct digest d;

	for (enum seat p = 0; p < PLACES; p++) {
		*out = identity_of(p, true);
		digest_of((*out)->der, (*out)->der_size, &d);
		if (digest_equal(&d, cert))
			return true;
	}
	return false;
}

enum err
the_signer(void *context, uint64_t size, const struct digest *root, struct buf *out)
{
	char origin[ORIGIN_SIZE];

	if (!checkpoint_origin(trust_log_name(the_trust), store_generation(context), origin))
		return E_CHECKPOINT;
	return checkpoint_sign(origin, size, root, log_key, out);
}

enum err
the_secret(void *context, const struct party *other, uint8_t out[32])
{
	(void)context;
	(void)other;
	memset(out, 's', 32);
	return E_OK;
}

static void
put_list(struct buf *b)
{
	char issued[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE];

	instant_format(SIM_START, issued);
	instant_format(SIM_START + 36500 * DAY, until);
	xml_open(b, "tl:TrustList", "xmlns:tl", NS_TRUST, "issuedAt", issued, "realm", "demo",
		"schemaVersion", "1.0", "validUntil", until, "version", "8", NULL);
	put_log(b);
	realm_demands = "<tl:ConsentRequired></tl:ConsentRequired>";
	for (size_t i = 0; i < ARRAY_LEN(realm_countries); i++)
		put_cert(b, "tl:Anchor", realm_countries[i][0] ? realm_countries[i] : NULL,
			realm->anchor[i]);
	for (enum who w = 0; w < WHO_N; w++)
		put_party(b, realm, w);
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		put_agreement(b, pairs[i][0], pairs[i][1], SIM_START + 36500 * DAY);
	xml_close(b, "tl:TrustList");
}

static void
make_trust(void)
{
	struct identity operator= {.key = realm->operator_key, .cert = realm->operator_cert};
	OWNED_BUF(plain) = {0};
	OWNED_BUF(list) = {0};
	unsigned char *der = NULL;

	operator.der_size =(size_t) i2d_X509(realm->operator_cert, &der);
	operator.der = der;
	put_list(&plain);
	if (seal_sign(buf_bytes(&plain), &operator, & list) != E_OK ||
		trust_load(buf_bytes(&list), realm->operator_cert, SIM_START, &the_trust) != E_OK)
		die("the realm's trust list");
	OPENSSL_free(der);
}

static void
read_case(void)
{
	OWNED(char, file, free_chars) = xprintf("%s/data/cases/hodan.json", tests_folder());
	OWNED_BUF(problems) = {0};
	char text[16384];
	FILE *f = fopen(file, "r");
	size_t n;

	if (f == NULL)
		die("%s", file);
	n = fread(text, 1, sizeof text, f);
	fclose(f);
	if (request_of_json(text, n, &hodan, &problems) != E_OK)
		die("%s", file);
}

void
realm_make(void)
{
	size_t size = sizeof realm_log_key;

	world = (struct world){.now = SIM_START, .random = 1};
	setenv("TZ", "UTC", 1);
	machine_begin();
	realm_ready();
	log_key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (log_key == NULL || EVP_PKEY_get_raw_public_key(log_key, realm_log_key, &size) != 1)
		die("the log's key");
	realm = realm_new();
	make_trust();
	read_case();
	thin_on = true;
}

/* ---- what is sent ---- */

void
token_make(struct consent_token *t, struct buf *element)
{
	t->by = party_at(PLACE_OFFICE);
	strcpy(t->purpose, PURPOSE);
	if (consent_token_grant(t, identity_of(PLACE_OFFICE, true), element) != E_OK)
		die("a consent token cannot be made");
}

static void
send_from(struct header *h, struct bytes token, struct bytes body, struct buf *out)
{
	enum seat from = place_of(&h->from), to = place_of(&h->to);
	X509 *certs[] = {realm->encrypt[who[to]]->cert};

	strcpy(h->realm, "demo");
	snprintf(h->agreement, sizeof h->agreement, "AGR-%d-%d", (int)who[from], (int)who[to]);
	h->has_token = consent_token_read(token, &h->token);
	if (!h->has_token || message_compose_with(h, token, body, certs, 1, identity_of(from, true),
				     out) != E_OK)
		die("a message cannot be made");
}

void
request_make(struct header *h, struct bytes token, const char *number, struct buf *out)
{
	enum seat to = place_of(&h->to);
	OWNED_BUF(body) = {0};

	h->action = A_TRANSCRIPTION_REQUEST;
	strcpy(h->purpose, PURPOSE);
	hodan->requested_of = h->to;
	hodan->destination = party_at(to == PLACE_KENYA ? PLACE_SOMALIA : PLACE_KENYA);
	hodan->consent.destination = hodan->destination.code;
	hodan->consent.valid_until = "2099-12-31"; /* the token ends sooner */
	hodan->locator.entry_number = number;
	request_compose(hodan, &body);
	send_from(h, token, buf_bytes(&body), out);
}

void
cancellation_make(struct header *h, struct bytes token, struct buf *out)
{
	struct cancellation c = {.effective = h->created, .from = h->from.code};
	OWNED_BUF(body) = {0};

	h->action = A_CANCELLATION;
	c.kind = strcmp(h->purpose, PURPOSE_WITHDRAWAL) == 0 ? "CONSENT-WITHDRAWN"
		 : strcmp(h->purpose, PURPOSE_HOLD) == 0     ? "PROTECTION-HOLD"
							     : "PROTECTION-RELEASE";
	c.erase = strcmp(h->purpose, PURPOSE_WITHDRAWAL) == 0 ? "bodies" : "none";
	cancellation_compose(&c, &body);
	send_from(h, token, buf_bytes(&body), out);
}
