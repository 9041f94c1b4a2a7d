/* SPDX-License-Identifier: EUPL-1.2
 *
 * The two ends of the pipe to an examiner: frames there, verdicts back. An examiner reads hostile
 * bytes with large libraries, so it may have been taken over; its verdict is believed only as far
 * as it can be checked without those libraries. A verdict that accepts must name a header whose
 * octets are exactly the ones that the message begins with: so a taken-over examiner can still say
 * "good" of a bad message at hand, but never make it another message, from another party, to
 * another address. */
#include "lib/examiner.h"

#include <string.h>

#include "lib/header.h"

#define CERT_START "<ds:X509Certificate>"
#define CERT_END "</ds:X509Certificate>"
#define CERT_DER_MAX 8192
#define CODE_ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"

void
examiner_frame_trust(struct buf *out, struct bytes trust_list, X509 *operator_cert)
{
	unsigned char *der = NULL;
	int size = i2d_X509(operator_cert, &der);

	if (size <= 0)
		die("a certificate cannot be written");
	buf_reset(out);
	buf_u8(out, 'T');
	buf_u32(out, (uint32_t)trust_list.size);
	buf_add_bytes(out, trust_list);
	buf_add(out, der, (size_t)size);
	OPENSSL_free(der);
}

void
examiner_frame_revocation(struct buf *out, struct bytes der)
{
	buf_reset(out);
	buf_u8(out, 'R');
	buf_add_bytes(out, der);
}

void
examiner_frame_message(struct buf *out, enum examine_mode mode, const struct party *party,
	int64_t when, struct bytes message)
{
	static const struct party nobody;

	buf_reset(out);
	buf_u8(out, 'M');
	buf_u8(out, (uint8_t)mode);
	buf_add(out, party == NULL ? nobody.code : party->code, PARTY_SIZE);
	buf_u64(out, (uint64_t)when);
	buf_add_bytes(out, message);
}

/* The places of all flags, looked at as octets: a bool that is neither 0 nor 1 must not be read as
 * one. */
static bool
flags_sane(const uint8_t *frame)
{
	static const size_t flags[] = {offsetof(struct verdict, header.has_on_behalf_of),
		offsetof(struct verdict, header.has_ref), offsetof(struct verdict, header.has_key),
		offsetof(struct verdict, header.has_token),
		offsetof(struct verdict, header.token.cleared),
		offsetof(struct verdict, has_receipt), offsetof(struct verdict, held)};

	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (frame[flags[i]] > 1)
			return false;
	return true;
}

static bool
starts_with(struct bytes v, const struct buf *start)
{
	return v.size >= start->size && memcmp(v.data, start->data, start->size) == 0;
}

/* What a verdict does not carry: the head of the log, which is its reader's to judge. */
static struct bytes
log_head_in(struct bytes rest)
{
	struct bytes note;

	return message_log_head(rest, &note) ? note : bytes_of(NULL, 0);
}

/* What follows the header in an accepted message. */
static bool
body_stands(const struct verdict *v, struct bytes rest)
{
	OWNED_BUF(body) = {0};

	xml_open(&body, "e:Body", NULL);
	if (v->header.action == A_RECEIPT) {
		clear_receipt_compose(
			(enum stage)v->stage, v->receipt_code, log_head_in(rest), &body);
		xml_close(&body, "e:Body");
	} else if (v->header.action == A_RECONCILIATION_STATEMENT) {
		buf_text(&body, "<e:ReconciliationStatement");
	} else {
		buf_text(&body, "<xenc:EncryptedData ");
	}
	return starts_with(rest, &body);
}

/* A receipt's body belongs to a receipt and to nothing else. */
static bool
receipt_sane(const struct verdict *v)
{
	if (v->header.action != A_RECEIPT)
		return v->has_receipt == 0 && v->stage == 0 && v->receipt_code[0] == '\0';
	return v->has_receipt == 1 && (v->stage == ST_COMMITTED || v->stage == ST_REJECTED);
}

static bool
acceptance_stands(const struct verdict *v, struct bytes message)
{
	const struct header *h = &v->header;
	struct bytes rest;

	return receipt_sane(v) && header_stands_in(message, h, &rest) && body_stands(v, rest);
}

/* A refusal may have understood nothing; but the id that it names must be in the message. */
static bool
refusal_stands(const struct verdict *v, struct bytes message)
{
	static const struct id none;
	char text[ID_TEXT_SIZE];

	if (id_equal(&v->header.id, &none))
		return true;
	id_format(&v->header.id, text);
	return memmem(message.data, message.size, text, strlen(text)) != NULL;
}

/* The last certificate of the message, which stands in its own signature; false when there is none.
 */
static bool
cert_in(struct bytes message, struct digest *out)
{
	const uint8_t *at = message.data, *start = NULL, *end;
	const uint8_t *stop = message.data + message.size;
	uint8_t der[CERT_DER_MAX];
	size_t size = sizeof der;

	while (at < stop &&
		(at = memmem(at, (size_t)(stop - at), CERT_START, strlen(CERT_START))) != NULL)
		start = at += strlen(CERT_START);
	end = start == NULL ? NULL
			    : memmem(start, (size_t)(stop - start), CERT_END, strlen(CERT_END));
	if (end == NULL || !base64_decode((const char *)start, (size_t)(end - start), der, &size))
		return false;
	digest_of(der, size, out);
	return true;
}

/* A refusal may have come before the certificate was read. */
static bool
cert_stands(const struct verdict *v, struct bytes message)
{
	static const struct digest none;
	struct digest told;

	if (v->code != E_OK && digest_equal(&v->cert, &none))
		return true;
	return cert_in(message, &told) && digest_equal(&v->cert, &told);
}

static bool
verdict_stands(const struct verdict *v, struct bytes message)
{
	struct digest digest;

	if (v->magic != VERDICT_MAGIC || v->size != message.size || v->code >= E_COUNT ||
		v->stage >= STAGE_N)
		return false;
	if (!header_sane(&v->header) ||
		!text_sane(v->receipt_code, sizeof v->receipt_code, CODE_ALPHABET))
		return false;
	digest_of(message.data, message.size, &digest);
	if (!digest_equal(&v->digest, &digest) || !cert_stands(v, message))
		return false;
	if (v->held && v->code != E_OK)
		return false;
	return v->code == E_OK ? acceptance_stands(v, message) : refusal_stands(v, message);
}

enum err
verdict_check(struct bytes frame, struct bytes message, struct verdict *out)
{
	memset(out, 0, sizeof *out);
	if (frame.size != sizeof *out || !flags_sane(frame.data))
		return E_QUARANTINED;
	memcpy(out, frame.data, sizeof *out);
	if (verdict_stands(out, message))
		return E_OK;
	memset(out, 0, sizeof *out);
	return E_QUARANTINED;
}

/* ---- revocation data ---- */

static bool
country_sane(const char country[3])
{
	if (country[0] == '\0')
		return all_zero(country, 3);
	return country[0] >= 'A' && country[0] <= 'Z' && country[1] >= 'A' && country[1] <= 'Z' &&
	       country[2] == '\0';
}

/* What was taken, or is too old to be, was understood. */
static bool
facts_stand(const struct revocation_facts *f)
{
	if (f->code != E_OK && f->code != E_REVOCATION && f->code != E_REVOCATION_OLD)
		return false;
	if (f->kind != REVOCATION_CRL && f->kind != REVOCATION_OCSP)
		return f->kind == 0 && f->code == E_REVOCATION;
	return f->code == E_REVOCATION || f->this_update < f->next_update;
}

enum err
revocation_check(struct bytes frame, struct bytes der, struct revocation_facts *out)
{
	struct digest digest;

	memset(out, 0, sizeof *out);
	if (frame.size != sizeof *out)
		return E_QUARANTINED;
	memcpy(out, frame.data, sizeof *out);
	digest_of(der.data, der.size, &digest);
	if (out->magic == REVOCATION_MAGIC && facts_stand(out) && country_sane(out->country) &&
		(out->kind == REVOCATION_CRL || all_zero(out->number, sizeof out->number)) &&
		digest_equal(&out->digest, &digest))
		return E_OK;
	memset(out, 0, sizeof *out);
	return E_QUARANTINED;
}
