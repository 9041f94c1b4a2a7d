/* SPDX-License-Identifier: EUPL-1.2
 *
 * A message is made inside out: header, body and padding become the content; the content is
 * encrypted for the addressee; the encrypted body gets the same header outside; all of it is
 * signed. The octets of the header are written once and used in both places, so "the same" means
 * equal octets, and opening compares octets.
 *
 * Opening is for messages that were examined before. What comes out of the decryption was written
 * by the signer, but the signer may be an enemy: it is parsed, held against its canonical form and
 * validated like anything else from outside. */
#include "lib/message.h"

#include <string.h>

#include "lib/encrypt.h"
#include "lib/header.h"
#include "lib/seal.h"
#include "lib/squeeze.h"
#include "lib/xml.h"

#define SMALL 0x01
#define SMALL_HEAD 5
#define CONTENT_MAX (160 * 1024)

static bool
is_clear(enum action a)
{
	return a == A_RECEIPT || a == A_RECONCILIATION_STATEMENT;
}

/* The body must be the element that the action promises, or nobody could open the message. */
static bool
is_body_of(struct bytes body, enum action a)
{
	OWNED(char, open, free_chars) = xprintf("<%s ", action_body(a));

	return body.size > strlen(open) && memcmp(body.data, open, strlen(open)) == 0;
}

static void
add_padding(struct buf *out, size_t size)
{
	char block[1024];

	memset(block, 'A', sizeof block);
	for (; size > sizeof block; size -= sizeof block)
		buf_add(out, block, sizeof block);
	buf_add(out, block, size);
}

/* e:Content, padded to exactly its size class; 0: not at all. */
static void
write_content(const struct buf *header, struct bytes body, size_t class, struct buf *out)
{
	static const char end[] = "</e:Padding></e:Content>";

	xml_open(out, "e:Content", "xmlns:e", NS_ENVELOPE, NULL);
	buf_add_bytes(out, buf_bytes(header));
	buf_add_bytes(out, body);
	xml_open(out, "e:Padding", NULL);
	if (class > out->size + strlen(end))
		add_padding(out, class - out->size - strlen(end));
	buf_text(out, end);
}

/* The unpadded content squeezed, behind a mark and its size, and zeros up to the size class. False
 * when that is in no smaller class. */
static bool
compose_small(struct bytes content, struct buf *out)
{
	OWNED_BUF(squeezed) = {0};
	size_t class;

	if (!squeeze(content, NULL, 0, &squeezed))
		return false;
	class = encrypt_class(SMALL_HEAD + squeezed.size);
	if (class >= encrypt_class(content.size))
		return false;
	buf_u8(out, SMALL);
	buf_u32(out, (uint32_t)squeezed.size);
	buf_add_bytes(out, buf_bytes(&squeezed));
	buf_room(out, class - out->size);
	while (out->size < class)
		buf_u8(out, 0);
	return true;
}

static enum err
compose_content(const struct buf *header, struct bytes body, bool small, struct buf *out)
{
	OWNED_BUF(content) = {0};
	size_t class;

	write_content(header, body, 0, &content);
	class = encrypt_class(content.size);
	if (class == 0)
		return E_TOO_LARGE;
	if (!small || !compose_small(buf_bytes(&content), out))
		write_content(header, body, class, out);
	return E_OK;
}

/* Header and body as a document of their own, signed. */
static enum err
compose_signed(const struct header *h, const struct buf *header, const struct buf *body,
	const struct identity *signer, struct buf *out)
{
	OWNED_BUF(doc) = {0};

	header_open_message(h, &doc);
	buf_add_bytes(&doc, buf_bytes(header));
	xml_open(&doc, "e:Body", NULL);
	buf_add_bytes(&doc, buf_bytes(body));
	xml_close(&doc, "e:Body");
	xml_close(&doc, "e:Message");
	return seal_sign(buf_bytes(&doc), signer, out);
}

enum err
message_compose(const struct header *h, struct bytes body, X509 *const *to, size_t n,
	const struct identity *signer, struct buf *out)
{
	return message_compose_with(h, bytes_of(NULL, 0), body, to, n, signer, out);
}

static enum err
compose(const struct header *h, struct bytes token, struct bytes body, bool small, X509 *const *to,
	size_t n, const struct identity *signer, struct buf *out)
{
	OWNED_BUF(header) = {0};
	OWNED_BUF(content) = {0};
	OWNED_BUF(encrypted) = {0};

	assert(!is_clear(h->action) && h->has_token == (token.size > 0));
	/* A trust list leaves out certificates that have ended: the addressee may have none. */
	if (n == 0)
		return E_CERT_EXPIRED;
	if (!is_body_of(body, h->action))
		return E_SCHEMA;
	header_compose_with(h, token, &header);
	TRY(compose_content(&header, body, small, &content));
	TRY(encrypt_body(buf_bytes(&content), to, n, &encrypted));
	return compose_signed(h, &header, &encrypted, signer, out);
}

enum err
message_compose_with(const struct header *h, struct bytes token, struct bytes body, X509 *const *to,
	size_t n, const struct identity *signer, struct buf *out)
{
	return compose(h, token, body, false, to, n, signer, out);
}

enum err
message_compose_small(const struct header *h, struct bytes token, struct bytes body,
	X509 *const *to, size_t n, const struct identity *signer, struct buf *out)
{
	return compose(h, token, body, true, to, n, signer, out);
}

enum err
message_compose_receipt(const struct header *h, enum stage stage, const char *code,
	const struct identity *signer, struct buf *out)
{
	return message_compose_receipt_seeing(h, stage, code, bytes_of(NULL, 0), signer, out);
}

enum err
message_compose_receipt_seeing(const struct header *h, enum stage stage, const char *code,
	struct bytes head, const struct identity *signer, struct buf *out)
{
	OWNED_BUF(header) = {0};
	OWNED_BUF(body) = {0};

	assert(h->action == A_RECEIPT && h->has_ref);
	header_compose(h, &header);
	clear_receipt_compose(stage, code, head, &body);
	return compose_signed(h, &header, &body, signer, out);
}

enum err
message_compose_statement(
	const struct header *h, struct bytes body, const struct identity *signer, struct buf *out)
{
	OWNED_BUF(header) = {0};
	OWNED_BUF(clear) = {0};

	assert(h->action == A_RECONCILIATION_STATEMENT);
	header_compose(h, &header);
	buf_add_bytes(&clear, body);
	return compose_signed(h, &header, &clear, signer, out);
}

enum err
message_header(struct bytes message, struct header *out)
{
	OWNED(xmlDoc, doc, xml_free) = NULL;

	if (xml_parse(message, &doc) != E_OK)
		return E_MALFORMED;
	return header_read(doc, out);
}

bool
message_token(struct bytes message, struct bytes *element)
{
	struct bytes header;

	return xml_cut(message, "e:Header", &header) && xml_cut(header, "e:ConsentToken", element);
}

enum err
message_receipt(struct bytes message, enum stage *stage, char *code, size_t size)
{
	OWNED(xmlDoc, doc, xml_free) = NULL;

	if (xml_parse(message, &doc) != E_OK)
		return E_MALFORMED;
	return clear_receipt_read(doc, stage, code, size);
}

bool
message_log_head(struct bytes message, struct bytes *note)
{
	static const char open[] = "<e:LogHead>", end[] = "</e:LogHead>";

	if (!xml_cut(message, "e:LogHead", note) || note->size < strlen(open) + strlen(end))
		return false;
	*note = bytes_of(note->data + strlen(open), note->size - strlen(open) - strlen(end));
	return true;
}

/* Canonical octets are what xml_cut may cut. */
static enum err
check_content(struct bytes content)
{
	OWNED(xmlDoc, doc, xml_free) = NULL;

	if (xml_parse(content, &doc) != E_OK || xml_check_canonical(doc, content) != E_OK)
		return E_SCHEMA;
	return validate_strictly(doc, content, SCHEMA_CONTENT);
}

static enum err
check_header_copy(struct bytes message, struct bytes content)
{
	struct bytes outside, inside;

	if (!xml_cut(message, "e:Header", &outside))
		return E_BODY;
	if (!xml_cut(content, "e:Header", &inside))
		return E_HEADER_MISMATCH;
	if (outside.size != inside.size || !equal_bytes(outside.data, inside.data, inside.size))
		return E_HEADER_MISMATCH;
	return E_OK;
}

/* What is behind the mark: one size, squeezed content, zeros. */
static enum err
open_small(struct buf *content)
{
	OWNED_BUF(small) = *content;
	struct cursor c = cursor_of(buf_bytes(&small));
	struct bytes squeezed;

	*content = (struct buf){0};
	(void)cursor_u8(&c);
	squeezed = cursor_take(&c, cursor_u32(&c));
	if (c.bad || !all_zero(c.at, c.left) || !unsqueeze(squeezed, NULL, 0, CONTENT_MAX, content))
		return E_BODY;
	return E_OK;
}

enum err
message_open(struct bytes message, const struct identity *who, struct buf *body)
{
	OWNED_BUF(content) = {0};
	struct bytes encrypted, element;
	struct header h;

	if (message_header(message, &h) != E_OK ||
		!xml_cut(message, "xenc:EncryptedData", &encrypted))
		return E_BODY;
	TRY(decrypt_body(encrypted, who, &content));
	if (content.size > 0 && content.data[0] == SMALL)
		TRY(open_small(&content));
	TRY(check_header_copy(message, buf_bytes(&content)));
	TRY(check_content(buf_bytes(&content)));
	if (!xml_cut(buf_bytes(&content), action_body(h.action), &element))
		return E_SCHEMA;
	buf_reset(body);
	buf_add_bytes(body, element);
	return E_OK;
}

enum err
message_open_either(struct bytes message, const struct identity *who, const struct identity *before,
	struct buf *body)
{
	enum err e = message_open(message, who, body);

	return e == E_BODY && before != NULL ? message_open(message, before, body) : e;
}
