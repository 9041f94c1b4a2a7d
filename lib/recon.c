/* SPDX-License-Identifier: EUPL-1.2
 *
 * Bodies of RECON, written and read. A list's payload is one octet "more", the counts (of
 * RECON_DONE only) and the items, to the end of the body; an item that does not fit any more begins
 * the next body.
 *
 * Reading is strict: every word, every party, every flag has one spelling, an item is whole or the
 * body is wrong. Texts have a length of one octet, octets a length of four. */
#include "lib/recon.h"

#include <string.h>

#include "lib/header.h"

#define CODE_ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"
#define NAME_HEADER_MAX 4096

/* ---- parts ---- */

static void
put_party(struct buf *out, const struct party *p)
{
	buf_add(out, p->code, PARTY_SIZE);
}

static bool
is_nobody(const struct party *p)
{
	static const struct party nobody;

	return party_equal(p, &nobody);
}

/* A code padded with zeros, or (when `empty') nothing but zeros. */
static bool
get_party(struct cursor *c, bool empty, struct party *out)
{
	struct party again = {0};

	cursor_copy(c, out->code, PARTY_SIZE);
	if (c->bad)
		return false;
	if (is_nobody(out))
		return empty;
	return out->code[PARTY_SIZE - 1] == '\0' && party_parse(out->code, &again) &&
	       party_equal(out, &again);
}

static void
put_text(struct buf *out, const char *text)
{
	size_t length = strlen(text);

	assert(length < 256);
	buf_u8(out, (uint8_t)length);
	buf_add(out, text, length);
}

/* Letters and digits that words are made of; with a NUL in out[size]. */
static bool
get_text(struct cursor *c, char *out, size_t size)
{
	size_t length = cursor_u8(c);

	memset(out, 0, size);
	if (length >= size)
		return false;
	cursor_copy(c, out, length);
	return !c->bad && strlen(out) == length && strspn(out, CODE_ALPHABET) == length;
}

static void
put_octets(struct buf *out, struct bytes v)
{
	buf_u32(out, (uint32_t)v.size);
	buf_add_bytes(out, v);
}

static bool
get_stage(struct cursor *c, enum stage *out)
{
	char word[24];

	return get_text(c, word, sizeof word) && stage_parse(word, out);
}

static void
put_key(struct buf *out, const struct recon_key *k)
{
	put_party(out, &k->from);
	buf_add(out, k->id.octet, ID_SIZE);
}

static bool
get_key(struct cursor *c, struct recon_key *out)
{
	bool good = get_party(c, false, &out->from);

	cursor_copy(c, out->id.octet, ID_SIZE);
	return good && !c->bad;
}

/* ---- the body ---- */

static void
put_head(struct buf *out, const struct recon *r)
{
	buf_u8(out, (uint8_t)r->kind);
	buf_u64(out, r->session);
	put_party(out, &r->with);
	put_party(out, &r->from);
	put_party(out, &r->to);
	buf_u64(out, (uint64_t)r->since);
	buf_u64(out, (uint64_t)r->until);
}

void
recon_encode(const struct recon *r, struct buf *out)
{
	buf_reset(out);
	put_head(out, r);
	buf_add_bytes(out, r->payload);
}

static bool
kind_parse(uint8_t octet, enum recon_kind *out)
{
	*out = (enum recon_kind)octet;
	switch (*out) {
	case RECON_GO:
	case RECON_QUERY:
	case RECON_ANSWER:
	case RECON_WANT:
	case RECON_NAMES:
	case RECON_EVIDENCE:
	case RECON_RECEIPTS:
	case RECON_LOST:
	case RECON_DONE:
	case RECON_STATEMENT:
	case RECON_COUNTER:
	case RECON_REFUSED:
		return true;
	}
	return false;
}

enum err
recon_decode(struct bytes body, struct recon *out)
{
	struct cursor c = cursor_of(body);
	bool good;

	*out = (struct recon){0};
	good = kind_parse(cursor_u8(&c), &out->kind);
	out->session = cursor_u64(&c);
	good = get_party(&c, true, &out->with) && good;
	good = get_party(&c, true, &out->from) && good;
	good = get_party(&c, true, &out->to) && good;
	out->since = (int64_t)cursor_u64(&c);
	out->until = (int64_t)cursor_u64(&c);
	if (!good || c.bad || body.size > WIRE_FRAME_MAX || out->since > out->until ||
		is_nobody(&out->from) != is_nobody(&out->to))
		return E_WIRE;
	out->payload = cursor_take(&c, c.left);
	return (out->kind == RECON_GO) == (out->payload.size == 0) ? E_OK : E_WIRE;
}

void
recon_put_code(struct buf *payload, enum err code, struct bytes note)
{
	put_text(payload, err_word(code));
	if (code == E_OK)
		buf_add_bytes(payload, note);
}

enum err
recon_get_code(const struct recon *r, enum err *code, struct bytes *note)
{
	struct cursor c = cursor_of(r->payload);
	char word[32];

	if ((r->kind != RECON_COUNTER && r->kind != RECON_REFUSED) ||
		!get_text(&c, word, sizeof word) || word[0] == '\0')
		return E_WIRE;
	*code = err_of_word(word);
	*note = cursor_take(&c, c.left);
	return (r->kind == RECON_COUNTER && *code == E_OK) == (note->size > 0) ? E_OK : E_WIRE;
}

/* ---- writing a list ---- */

static void
begin_body(struct recon_list *l)
{
	buf_reset(&l->body);
	put_head(&l->body, &l->head);
	buf_u8(&l->body, 0);
}

void
recon_list_begin(struct recon_list *l, const struct recon *head, const struct recon_done *done,
	bool (*send)(void *context, struct bytes body), void *context)
{
	assert((head->kind == RECON_DONE) == (done != NULL));
	*l = (struct recon_list){.head = *head, .send = send, .context = context, .good = true};
	begin_body(l);
	if (done != NULL) {
		buf_u64(&l->body, done->elements);
		buf_u64(&l->body, done->differences);
		buf_u64(&l->body, done->mended);
		buf_u64(&l->body, done->open);
		buf_add(&l->body, done->fingerprint, sizeof done->fingerprint);
	}
	l->start = l->body.size;
}

static void
add_item(struct recon_list *l, struct bytes item)
{
	if (l->start + item.size > WIRE_FRAME_MAX)
		return;
	if (l->body.size > l->start && l->body.size + item.size > RECON_BODY_MAX) {
		l->body.data[RECON_HEAD_SIZE] = 1;
		l->good = l->good && l->send(l->context, buf_bytes(&l->body));
		l->body.size = l->start; /* the counts stand in every body */
		l->body.data[RECON_HEAD_SIZE] = 0;
	}
	buf_add_bytes(&l->body, item);
}

bool
recon_list_end(struct recon_list *l)
{
	bool good = l->good && l->send(l->context, buf_bytes(&l->body));

	buf_free(&l->body);
	return good;
}

void
recon_list_element(struct recon_list *l, const struct digest *element)
{
	assert(l->head.kind == RECON_WANT);
	add_item(l, bytes_of(element->octet, DIGEST_SIZE));
}

void
recon_list_name(struct recon_list *l, const struct recon_name *n)
{
	OWNED_BUF(item) = {0};
	OWNED_BUF(header) = {0};

	assert(l->head.kind == RECON_NAMES);
	header_open_message(&n->header, &header);
	header_compose(&n->header, &header);
	buf_text(&header, "</e:Message>");
	put_octets(&item, buf_bytes(&header));
	buf_add(&item, n->digest.octet, DIGEST_SIZE);
	put_text(&item, stage_word(n->stage));
	put_text(&item, n->code);
	buf_u64(&item, (uint64_t)n->accepted);
	add_item(l, buf_bytes(&item));
}

void
recon_list_key(struct recon_list *l, const struct recon_key *k)
{
	OWNED_BUF(item) = {0};

	assert(l->head.kind == RECON_EVIDENCE || l->head.kind == RECON_LOST);
	put_key(&item, k);
	add_item(l, buf_bytes(&item));
}

void
recon_list_receipt(struct recon_list *l, const struct recon_receipt *r)
{
	OWNED_BUF(item) = {0};

	assert(l->head.kind == RECON_RECEIPTS);
	put_key(&item, &r->key);
	put_text(&item, stage_word(r->stage));
	put_octets(&item, r->receipt);
	put_octets(&item, r->addressee_receipt);
	add_item(l, buf_bytes(&item));
}

void
recon_list_difference(struct recon_list *l, const struct recon_difference *d)
{
	OWNED_BUF(item) = {0};

	assert(l->head.kind == RECON_DONE);
	put_text(&item, d->word);
	put_key(&item, &d->key);
	add_item(l, buf_bytes(&item));
}

/* ---- reading a list ---- */

static bool
is_list(enum recon_kind k)
{
	return k == RECON_WANT || k == RECON_NAMES || k == RECON_EVIDENCE || k == RECON_RECEIPTS ||
	       k == RECON_LOST || k == RECON_DONE;
}

enum err
recon_items(const struct recon *r, struct recon_items *out)
{
	uint8_t more;

	*out = (struct recon_items){.kind = r->kind, .c = cursor_of(r->payload)};
	more = cursor_u8(&out->c);
	if (!is_list(r->kind) || more > 1)
		return E_WIRE;
	out->more = more == 1;
	if (r->kind == RECON_DONE) {
		out->done.elements = cursor_u64(&out->c);
		out->done.differences = cursor_u64(&out->c);
		out->done.mended = cursor_u64(&out->c);
		out->done.open = cursor_u64(&out->c);
		cursor_copy(&out->c, out->done.fingerprint, sizeof out->done.fingerprint);
	}
	return out->c.bad || (out->more && out->c.left == 0) ? E_WIRE : E_OK;
}

/* Whether there is an item: E_OK, E_NOT_FOUND at the end, E_WIRE for a list of another kind. */
static enum err
begin_item(const struct recon_items *i, bool kind_fits)
{
	if (!kind_fits || i->c.bad)
		return E_WIRE;
	return i->c.left == 0 ? E_NOT_FOUND : E_OK;
}

/* After an error nothing more can be read. */
static enum err
end_item(struct recon_items *i, bool good)
{
	i->c.bad |= !good;
	return i->c.bad ? E_WIRE : E_OK;
}

enum err
recon_next_element(struct recon_items *i, struct digest *out)
{
	TRY(begin_item(i, i->kind == RECON_WANT));
	cursor_copy(&i->c, out->octet, DIGEST_SIZE);
	return end_item(i, true);
}

/* Exactly as recon_list_name writes it. */
static bool
read_header(struct bytes octets, struct header *out)
{
	OWNED_BUF(again) = {0};

	if (octets.size == 0 || message_header(octets, out) != E_OK)
		return false;
	header_open_message(out, &again);
	header_compose(out, &again);
	buf_text(&again, "</e:Message>");
	return again.size == octets.size && memcmp(again.data, octets.data, again.size) == 0;
}

enum err
recon_next_name(struct recon_items *i, struct recon_name *out)
{
	struct bytes header;
	uint32_t size;
	bool good;

	TRY(begin_item(i, i->kind == RECON_NAMES));
	size = cursor_u32(&i->c);
	header = cursor_take(&i->c, size);
	cursor_copy(&i->c, out->digest.octet, DIGEST_SIZE);
	good = get_stage(&i->c, &out->stage);
	good = get_text(&i->c, out->code, sizeof out->code) && good;
	out->accepted = (int64_t)cursor_u64(&i->c);
	return end_item(i,
		good && !i->c.bad && size <= NAME_HEADER_MAX && read_header(header, &out->header));
}

enum err
recon_next_key(struct recon_items *i, struct recon_key *out)
{
	TRY(begin_item(i, i->kind == RECON_EVIDENCE || i->kind == RECON_LOST));
	return end_item(i, get_key(&i->c, out));
}

enum err
recon_next_receipt(struct recon_items *i, struct recon_receipt *out)
{
	bool good;

	TRY(begin_item(i, i->kind == RECON_RECEIPTS));
	good = get_key(&i->c, &out->key);
	good = get_stage(&i->c, &out->stage) && good;
	out->receipt = cursor_take(&i->c, cursor_u32(&i->c));
	out->addressee_receipt = cursor_take(&i->c, cursor_u32(&i->c));
	return end_item(i, good && out->receipt.size > 0);
}

enum err
recon_next_difference(struct recon_items *i, struct recon_difference *out)
{
	bool good;

	TRY(begin_item(i, i->kind == RECON_DONE));
	good = get_text(&i->c, out->word, sizeof out->word) && out->word[0] != '\0';
	return end_item(i, get_key(&i->c, &out->key) && good);
}
