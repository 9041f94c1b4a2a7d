/* SPDX-License-Identifier: EUPL-1.2
 *
 * Makes a sender's messages and the addressee's receipts. The body is a small encrypted outcome in
 * the smallest size class, which makes messages of about 5 KB: the kind the exchange carries most.
 */
#include "tests/bench/parcel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/child.h"
#include "lib/xml.h"

#define DAY 86400000LL

static void
sure(enum err e, const char *what)
{
	if (e == E_OK)
		return;
	errno = 0;
	die("bench: %s: %s", what, err_word(e));
}

int64_t
bench_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void
bench_realm_load(struct bench_realm *r, const char *folder)
{
	OWNED(char, schemas, free_chars) = schemas_find();
	OWNED(char, list, free_chars) = xprintf("%s/trust.xml", folder);
	OWNED(char, operator_pem, free_chars) = xprintf("%s/operator.pem", folder);

	xml_init();
	sure(schemas == NULL ? E_NOT_FOUND : xml_load_schemas(schemas), "schemas");
	r->folder = xstrdup(folder);
	sure(cert_load(operator_pem, &r->operator_cert), operator_pem);
	sure(trust_load_file(list, r->operator_cert, instant_now(), &r->trust), list);
}

char *
bench_path(const struct bench_realm *r, const char *code, const char *file)
{
	return xprintf("%s/parties/%s/%s", r->folder, code, file);
}

struct identity *
bench_identity(const struct bench_realm *r, const char *code)
{
	OWNED(char, key, free_chars) = bench_path(r, code, "sign.key");
	OWNED(char, cert, free_chars) = bench_path(r, code, "sign.pem");
	struct identity *who = NULL;

	sure(identity_load(key, cert, &who), key);
	return who;
}

static struct header
make_header(const struct bench_realm *r, const char *from, const char *to, enum action action)
{
	struct header h = {.id = id_new(),
		.conversation = id_new(),
		.leg = id_new(),
		.action = action,
		.created = instant_now(),
		.channel_seq = 1};
	const struct trust_agreement *agreement;

	h.expires = h.created + 30 * DAY;
	h.retain_until = h.created + 90 * DAY;
	if (!copy_text(h.realm, sizeof h.realm, trust_realm(r->trust)) ||
		!party_parse(from, &h.from) || !party_parse(to, &h.to))
		die("bench: a party code is wrong");
	if (action == A_RECEIPT) {
		strcpy(h.agreement, "NONE");
		strcpy(h.purpose, "RECEIPT");
		return h;
	}
	agreement = trust_agreement(r->trust, &h.from, &h.to, action);
	if (agreement == NULL)
		die("bench: no agreement from %s to %s", from, to);
	memcpy(h.agreement, agreement->id, sizeof h.agreement);
	memcpy(h.purpose, agreement->purpose[0], sizeof h.purpose);
	return h;
}

static void
make_receipt(const struct bench_realm *r, const struct header *of, const struct digest *digest,
	const struct identity *who, struct parcel *p)
{
	const struct trust_party *hub = trust_exchange(r->trust);
	struct header h = make_header(r, of->to.code, hub->code.code, A_RECEIPT);
	struct buf out = {0};

	h.conversation = of->conversation;
	h.has_ref = true;
	h.ref = of->id;
	h.ref_digest = *digest;
	sure(message_compose_receipt(&h, ST_COMMITTED, NULL, who, &out), "receipt");
	p->receipt = buf_take(&out, &p->receipt_size);
}

struct parcel *
bench_parcels(const struct bench_realm *r, const char *from, const char *to, size_t n)
{
	static const char body[] = "<c:TranscriptionOutcome xmlns:c=\"urn:daftar:case:1\">"
				   "</c:TranscriptionOutcome>";
	OWNED(struct identity, sender, identity_free) = bench_identity(r, from);
	OWNED(struct identity, addressee, identity_free) = bench_identity(r, to);
	struct parcel *p = xcalloc(n, sizeof *p);
	struct party code;

	if (!party_parse(to, &code))
		die("bench: a party code is wrong");
	for (size_t i = 0; i < n; i++) {
		struct header h = make_header(r, from, to, A_TRANSCRIPTION_OUTCOME);
		struct buf out = {0};

		h.channel_seq = i + 1;
		sure(message_compose(&h, bytes_of(body, sizeof body - 1),
			     trust_party(r->trust, &code)->encrypt, 1, sender, &out),
			"message");
		p[i].id = h.id;
		p[i].message = buf_take(&out, &p[i].size);
		digest_of(p[i].message, p[i].size, &p[i].digest);
		make_receipt(r, &h, &p[i].digest, addressee, &p[i]);
	}
	return p;
}
