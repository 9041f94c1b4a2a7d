/* SPDX-License-Identifier: EUPL-1.2
 *
 * One table says which elements a header has, in which order, of which kind, and where in struct
 * header each one lives. Writing, reading and comparing walk the same table, so that they can not
 * come to disagree. Every value has exactly one spelling: what is read and written again is the
 * same octets, and header_stands_in relies on it. */
#include "lib/header.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum kind { K_ID, K_INSTANT, K_NUMBER, K_ACTION, K_PARTY, K_REFERENCE, K_TEXT, K_DIGEST };

#define ALWAYS 0 /* as the place of a flag: the realm lives there, no flag does */
#define AT(member) offsetof(struct header, member), sizeof(((struct header *)NULL)->member)
#define IF(member) offsetof(struct header, member)

static const struct field {
	const char *qname;
	enum kind kind;
	size_t at, size;
	size_t flag;
} fields[] = {
	{"e:MessageId", K_ID, AT(id), ALWAYS},
	{"e:CreatedAt", K_INSTANT, AT(created), ALWAYS},
	{"e:ExpiresAt", K_INSTANT, AT(expires), ALWAYS},
	{"e:ConversationId", K_ID, AT(conversation), ALWAYS},
	{"e:LegRef", K_ID, AT(leg), ALWAYS},
	{"e:ChannelSeq", K_NUMBER, AT(channel_seq), ALWAYS},
	{"e:Action", K_ACTION, AT(action), ALWAYS},
	{"e:From", K_PARTY, AT(from), ALWAYS},
	{"e:To", K_PARTY, AT(to), ALWAYS},
	{"e:OnBehalfOf", K_PARTY, AT(on_behalf_of), IF(has_on_behalf_of)},
	{"e:RefTo", K_REFERENCE, AT(ref), IF(has_ref)},
	{"e:AgreementRef", K_TEXT, AT(agreement), ALWAYS},
	{"e:Purpose", K_TEXT, AT(purpose), ALWAYS},
	{"e:IdempotencyKey", K_DIGEST, AT(key), IF(has_key)},
	/* e:ConsentToken stands here: lib/consent_token.h */
	{"e:RetainUntil", K_INSTANT, AT(retain_until), ALWAYS},
};
#define FIRST_AFTER_TOKEN (ARRAY_LEN(fields) - 1)

_Static_assert(offsetof(struct header, realm) == ALWAYS, "no flag may live where the realm does");

static bool
is_present(const struct header *h, const struct field *f)
{
	return f->flag == ALWAYS || *(const bool *)((const char *)h + f->flag);
}

static void
compose_reference(const struct header *h, struct buf *out)
{
	char id[ID_TEXT_SIZE], digest[DIGEST_TEXT_SIZE];

	id_format(&h->ref, id);
	digest_format(&h->ref_digest, digest);
	xml_open(out, "e:RefTo", "digest", digest, "digestAlg", "sha256", "id", id, NULL);
	xml_close(out, "e:RefTo");
}

static void
compose_field(const struct header *h, const struct field *f, struct buf *out)
{
	const void *at = (const char *)h + f->at;
	char text[DIGEST_TEXT_SIZE] = "";
	const char *value = text;

	switch (f->kind) {
	case K_ID:
		id_format(at, text);
		break;
	case K_INSTANT:
		instant_format(*(const int64_t *)at, text);
		break;
	case K_NUMBER:
		snprintf(text, sizeof text, "%" PRIu64, *(const uint64_t *)at);
		break;
	case K_ACTION:
		value = action_word(*(const enum action *)at);
		break;
	case K_DIGEST:
		digest_format(at, text);
		break;
	case K_PARTY:
	case K_TEXT:
		value = at;
		break;
	case K_REFERENCE:
		compose_reference(h, out);
		return;
	}
	xml_element(out, f->qname, value);
}

static void
compose_fields(const struct header *h, size_t from, size_t to, struct buf *out)
{
	for (size_t i = from; i < to; i++)
		if (is_present(h, &fields[i]))
			compose_field(h, &fields[i], out);
}

void
header_open_message(const struct header *h, struct buf *out)
{
	xml_open(out, "e:Message", "xmlns:e", NS_ENVELOPE, "realm", h->realm, "schemaVersion",
		"1.0", NULL);
}

void
header_compose(const struct header *h, struct buf *out)
{
	header_compose_with(h, bytes_of(NULL, 0), out);
}

void
header_compose_with(const struct header *h, struct bytes token, struct buf *out)
{
	xml_open(out, "e:Header", NULL);
	compose_fields(h, 0, FIRST_AFTER_TOKEN, out);
	buf_add_bytes(out, token);
	compose_fields(h, FIRST_AFTER_TOKEN, ARRAY_LEN(fields), out);
	xml_close(out, "e:Header");
}

static bool
starts_with(struct bytes v, const void *start, size_t size)
{
	return v.size >= size && memcmp(v.data, start, size) == 0;
}

static bool
skip(struct bytes *v, const struct buf *start)
{
	if (!starts_with(*v, start->data, start->size))
		return false;
	*v = bytes_of(v->data + start->size, v->size - start->size);
	return true;
}

static bool
skip_token(struct bytes *v, const struct header *h)
{
	size_t size;

	if (!h->has_token)
		return true;
	if (!consent_token_stands_in(*v, &h->token, &size))
		return false;
	*v = bytes_of(v->data + size, v->size - size);
	return true;
}

bool
text_sane(const char *text, size_t size, const char *alphabet)
{
	size_t n = strnlen(text, size);

	return n < size && strspn(text, alphabet) == n && all_zero(text + n, size - n);
}

static bool
value_sane(const struct field *f, const void *at)
{
	struct party again;

	switch (f->kind) {
	case K_INSTANT:
		return *(const int64_t *)at >= 0 && *(const int64_t *)at < INSTANT_END;
	case K_ACTION:
		return *(const enum action *)at < ACTION_N;
	case K_TEXT:
		return text_sane(at, f->size, HEADER_ALPHABET);
	case K_PARTY:
		return text_sane(at, f->size, HEADER_ALPHABET) && party_parse(at, &again);
	case K_ID:
	case K_NUMBER:
	case K_REFERENCE:
	case K_DIGEST:
		return true;
	}
	return false;
}

bool
header_sane(const struct header *h)
{
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const struct field *f = &fields[i];
		const void *at = (const char *)h + f->at;

		if (!all_zero(at, f->size) && (!is_present(h, f) || !value_sane(f, at)))
			return false;
	}
	if (h->has_token ? !consent_token_sane(&h->token) : !all_zero(&h->token, sizeof h->token))
		return false;
	return text_sane(h->realm, sizeof h->realm, HEADER_ALPHABET) &&
	       (h->has_ref || all_zero(&h->ref_digest, sizeof h->ref_digest));
}

bool
header_stands_in(struct bytes message, const struct header *h, struct bytes *rest)
{
	OWNED_BUF(before) = {0};
	OWNED_BUF(after) = {0};

	header_open_message(h, &before);
	xml_open(&before, "e:Header", NULL);
	compose_fields(h, 0, FIRST_AFTER_TOKEN, &before);
	compose_fields(h, FIRST_AFTER_TOKEN, ARRAY_LEN(fields), &after);
	xml_close(&after, "e:Header");
	*rest = message;
	return skip(rest, &before) && skip_token(rest, h) && skip(rest, &after);
}

static bool
read_number(const char *text, uint64_t *out)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || text[digits] != '\0' || text[0] == '0')
		return false;
	errno = 0;
	*out = strtoull(text, NULL, 10);
	return errno == 0;
}

static bool
read_word(const char *text, char *out, size_t size)
{
	if (text[0] == '\0' || text[strspn(text, HEADER_ALPHABET)] != '\0')
		return false;
	return copy_text(out, size, text);
}

static bool
read_reference(struct arena *a, const xmlNode *node, struct header *h)
{
	char *algorithm = xml_attribute(a, node, "digestAlg");
	char *digest = xml_attribute(a, node, "digest");
	char *id = xml_attribute(a, node, "id");

	return algorithm != NULL && digest != NULL && id != NULL &&
	       strcmp(algorithm, "sha256") == 0 && digest_parse(digest, &h->ref_digest) &&
	       id_parse(id, &h->ref);
}

static bool
read_value(const char *text, const struct field *f, void *at)
{
	switch (f->kind) {
	case K_ID:
		return id_parse(text, at);
	case K_INSTANT:
		return instant_parse(text, at);
	case K_NUMBER:
		return read_number(text, at);
	case K_ACTION:
		return action_parse(text, at);
	case K_PARTY:
		return party_parse(text, at);
	case K_DIGEST:
		return digest_parse(text, at);
	case K_TEXT:
		return read_word(text, at, f->size);
	case K_REFERENCE:
		break;
	}
	return false;
}

/* A value that is not understood leaves zeros behind, never half of itself. */
static bool
read_field(struct arena *a, const xmlNode *header, const struct field *f, struct header *h)
{
	const xmlNode *node = xml_child(header, NS_ENVELOPE, f->qname + strlen("e:"));
	void *at = (char *)h + f->at;
	char *text;
	bool good;

	if (node == NULL)
		return f->flag != ALWAYS;
	text = f->kind == K_REFERENCE ? NULL : xml_text(a, node);
	good = f->kind == K_REFERENCE ? read_reference(a, node, h)
				      : text != NULL && read_value(text, f, at);
	if (good && f->flag != ALWAYS)
		*(bool *)((char *)h + f->flag) = true;
	if (good)
		return true;
	memset(at, 0, f->size);
	if (f->kind == K_REFERENCE)
		memset(&h->ref_digest, 0, sizeof h->ref_digest);
	return false;
}

static bool
read_token_party(const char *text, struct party *out)
{
	return text != NULL && party_parse(text, out);
}

static bool
read_token_id(const char *text, struct id *out)
{
	return text != NULL && id_parse(text, out);
}

static bool
read_token_instant(const char *text, int64_t *out)
{
	return text != NULL && instant_parse(text, out);
}

static bool
read_signer(struct arena *a, const xmlNode *signature, struct digest *out)
{
	char *text = signature != NULL ? xml_attribute(a, signature, "cert") : NULL;

	return text != NULL && digest_parse(text, out);
}

static bool
read_token_values(struct arena *a, const xmlNode *n, struct consent_token *t)
{
	const xmlNode *clearance = xml_child(n, NS_ENVELOPE, "Clearance");
	char *purpose = xml_attribute(a, n, "purpose");

	t->cleared = clearance != NULL;
	return read_token_party(xml_attribute(a, n, "by"), &t->by) &&
	       read_token_id(xml_attribute(a, n, "conversation"), &t->conversation) &&
	       read_token_party(xml_attribute(a, n, "destination"), &t->destination) &&
	       read_token_party(xml_attribute(a, n, "holder"), &t->holder) &&
	       read_token_id(xml_attribute(a, n, "id"), &t->id) &&
	       read_token_instant(xml_attribute(a, n, "issuedAt"), &t->issued) &&
	       read_token_instant(xml_attribute(a, n, "validUntil"), &t->valid_until) &&
	       purpose != NULL && read_word(purpose, t->purpose, sizeof t->purpose) &&
	       read_signer(a, xml_child(n, NS_ENVELOPE, "Grant"), &t->cert) &&
	       (!t->cleared || read_signer(a, clearance, &t->cleared_by)) && consent_token_sane(t);
}

static bool
read_token(struct arena *a, const xmlNode *header, struct header *h)
{
	const xmlNode *node = xml_child(header, NS_ENVELOPE, "ConsentToken");

	if (node == NULL)
		return true;
	h->has_token = read_token_values(a, node, &h->token);
	if (!h->has_token)
		memset(&h->token, 0, sizeof h->token);
	return h->has_token;
}

enum err
header_read(xmlDoc *doc, struct header *out)
{
	OWNED(struct arena, a, arena_free) = arena_new();
	const xmlNode *root = xml_root(doc);
	const xmlNode *header = xml_child(root, NS_ENVELOPE, "Header");
	char *realm = xml_attribute(a, root, "realm");
	bool good = xml_is(root, NS_ENVELOPE, "Message") && header != NULL && realm != NULL;

	memset(out, 0, sizeof *out);
	if (realm != NULL && !read_word(realm, out->realm, sizeof out->realm))
		good = false;
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (!read_field(a, header, &fields[i], out))
			good = false;
	if (header != NULL && !read_token(a, header, out))
		good = false;
	return good ? E_OK : E_MALFORMED;
}

enum err
validate_strictly(xmlDoc *doc, struct bytes octets, enum xml_schema which)
{
	/* Canonical octets declare a namespace in one way only. */
	static const char declared[] = "=\"http://www.w3.org/2001/XMLSchema-instance\"";

	if (memmem(octets.data, octets.size, declared, strlen(declared)) != NULL)
		return E_SCHEMA;
	return xml_validate(doc, which, NULL, 0);
}

void
clear_receipt_compose(enum stage stage, const char *code, struct bytes head, struct buf *out)
{
	xml_open(out, "e:Receipt", NULL);
	xml_element(out, "e:Stage", stage_word(stage));
	if (code != NULL && code[0] != '\0')
		xml_element(out, "e:Code", code);
	if (head.size > 0) { /* no octet of a note is special in XML */
		xml_open(out, "e:LogHead", NULL);
		buf_add_bytes(out, head);
		xml_close(out, "e:LogHead");
	}
	xml_close(out, "e:Receipt");
}

enum err
clear_receipt_read(xmlDoc *doc, enum stage *stage, char *code, size_t size)
{
	OWNED(struct arena, a, arena_free) = arena_new();
	const xmlNode *body = xml_child(xml_root(doc), NS_ENVELOPE, "Body");
	const xmlNode *receipt = xml_child(body, NS_ENVELOPE, "Receipt");
	char *word = xml_child_text(a, receipt, NS_ENVELOPE, "Stage");
	char *reason = xml_child_text(a, receipt, NS_ENVELOPE, "Code");

	if (word == NULL || !stage_parse(word, stage))
		return E_MALFORMED;
	return copy_text(code, size, reason == NULL ? "" : reason) ? E_OK : E_MALFORMED;
}
