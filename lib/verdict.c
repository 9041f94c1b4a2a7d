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
examiner_frame_message(
	struct buf *out, enum examine_mode mode, const struct party *party, struct bytes message)
{
	static const struct party nobody;

	buf_reset(out);
	buf_u8(out, 'M');
	buf_u8(out, (uint8_t)mode);
	buf_add(out, party == NULL ? nobody.code : party->code, PARTY_SIZE);
	buf_add_bytes(out, message);
}

/* The places of all flags, looked at as octets: a bool that is neither 0 nor 1 must not be read as
 * one. */
static bool
flags_sane(const uint8_t *frame)
{
	static const size_t flags[] = {offsetof(struct verdict, header.has_on_behalf_of),
		offsetof(struct verdict, header.has_ref), offsetof(struct verdict, header.has_key),
		offsetof(struct verdict, has_receipt)};

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

/* What follows the header in an accepted message. */
static bool
body_stands(const struct verdict *v, struct bytes rest)
{
	OWNED_BUF(body) = {0};

	xml_open(&body, "e:Body", NULL);
	if (v->header.action == A_RECEIPT) {
		clear_receipt_compose((enum stage)v->stage, v->receipt_code, &body);
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
	if (!digest_equal(&v->digest, &digest))
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
