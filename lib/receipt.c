/* SPDX-License-Identifier: EUPL-1.2
 *
 * Statements and receipts, written and read by hand: their form is so narrow that a cursor that
 * expects literals is shorter, and easier to be sure of, than a parser and a schema. A statement
 * is read by taking its parts, composing it again and comparing: what is not exactly the one form
 * that we write is not a statement. No part can hold a character that XML would have to escape. */
#include "lib/receipt.h"

#include <stdio.h>
#include <string.h>

#define OPENING "<e:Receipt xmlns:e=\"urn:daftar:envelope:1\">"
#define CLOSING "</e:Receipt>"

/* ---- reading by expectation ---- */

/* The literal must come next. */
static void
expect(struct cursor *c, const char *literal)
{
	struct bytes got = cursor_take(c, strlen(literal));

	if (!c->bad && memcmp(got.data, literal, got.size) != 0)
		c->bad = true;
}

static bool
comes(const struct cursor *c, const char *literal)
{
	size_t size = strlen(literal);

	return !c->bad && c->left >= size && memcmp(c->at, literal, size) == 0;
}

/* Everything before the next occurrence of the literal, which is taken as well. */
static struct bytes
until(struct cursor *c, const char *literal)
{
	size_t size = strlen(literal);
	const uint8_t *found = c->bad ? NULL : memmem(c->at, c->left, literal, size);
	struct bytes part;

	if (found == NULL) {
		c->bad = true;
		return bytes_of("", 0);
	}
	part = cursor_take(c, (size_t)(found - c->at));
	(void)cursor_take(c, size);
	return part;
}

/* The same as text, empty when it does not fit. */
static void
text_until(struct cursor *c, const char *literal, char *out, size_t size)
{
	struct bytes part = until(c, literal);

	if (part.size >= size || memchr(part.data, '\0', part.size) != NULL)
		c->bad = true;
	else
		memcpy(out, part.data, part.size);
	out[c->bad ? 0 : part.size] = '\0';
}

static uint64_t
number_until(struct cursor *c, const char *literal)
{
	char text[24], again[24];
	unsigned long long n = 0;

	text_until(c, literal, text, sizeof text);
	for (const char *p = text; *p >= '0' && *p <= '9' && p < text + 19; p++)
		n = n * 10 + (unsigned long long)(*p - '0');
	snprintf(again, sizeof again, "%llu", n);
	if (strcmp(again, text) != 0)
		c->bad = true;
	return n;
}

/* ---- the statement ---- */

static bool
code_is_fit(const char *code)
{
	static const char fit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";

	return strspn(code, fit) == strlen(code);
}

void
statement_compose(const struct statement *s, struct buf *out)
{
	char id[ID_TEXT_SIZE], digest[DIGEST_TEXT_SIZE], at[INSTANT_TEXT_SIZE];

	assert(code_is_fit(s->code));
	id_format(&s->id, id);
	digest_format(&s->digest, digest);
	instant_format(s->at, at);
	buf_printf(out,
		"<e:Statement><e:For digest=\"%s\" from=\"%s\" id=\"%s\" to=\"%s\"></e:For>"
		"<e:Stage>%s</e:Stage><e:At>%s</e:At>",
		digest, s->from.code, id, s->to.code, stage_word(s->stage), at);
	if (s->code[0] != '\0')
		buf_printf(out, "<e:Code>%s</e:Code>", s->code);
	if (s->has_by) {
		digest_format(&s->by, digest);
		buf_printf(out, "<e:By>%s</e:By>", digest);
	}
	buf_text(out, "</e:Statement>");
}

static bool
compose_gives(const struct statement *s, struct bytes leaf)
{
	OWNED_BUF(again) = {0};

	if (!code_is_fit(s->code))
		return false;
	statement_compose(s, &again);
	return again.size == leaf.size && memcmp(again.data, leaf.data, leaf.size) == 0;
}

enum err
statement_parse(struct bytes leaf, struct statement *out)
{
	struct cursor c = cursor_of(leaf);
	struct statement s = {0};
	char id[ID_TEXT_SIZE], digest[DIGEST_TEXT_SIZE], by[DIGEST_TEXT_SIZE];
	char from[PARTY_SIZE], to[PARTY_SIZE], stage[16], at[INSTANT_TEXT_SIZE];

	expect(&c, "<e:Statement><e:For digest=\"");
	text_until(&c, "\" from=\"", digest, sizeof digest);
	text_until(&c, "\" id=\"", from, sizeof from);
	text_until(&c, "\" to=\"", id, sizeof id);
	text_until(&c, "\"></e:For><e:Stage>", to, sizeof to);
	text_until(&c, "</e:Stage><e:At>", stage, sizeof stage);
	text_until(&c, "</e:At>", at, sizeof at);
	if (comes(&c, "<e:Code>")) {
		expect(&c, "<e:Code>");
		text_until(&c, "</e:Code>", s.code, sizeof s.code);
	}
	if (comes(&c, "<e:By>")) {
		expect(&c, "<e:By>");
		text_until(&c, "</e:By>", by, sizeof by);
		s.has_by = digest_parse(by, &s.by);
	}
	expect(&c, "</e:Statement>");
	if (!cursor_done(&c) || !digest_parse(digest, &s.digest) || !id_parse(id, &s.id) ||
		!party_parse(from, &s.from) || !party_parse(to, &s.to) ||
		!stage_parse(stage, &s.stage) || !instant_parse(at, &s.at) ||
		!compose_gives(&s, leaf))
		return E_MALFORMED;
	*out = s;
	return E_OK;
}

/* ---- the receipt ---- */

void
receipt_compose(struct bytes statement, uint64_t index, uint64_t size, const struct digest *proof,
	size_t n, struct bytes checkpoint, struct buf *out)
{
	buf_text(out, OPENING);
	buf_add_bytes(out, statement);
	buf_printf(out, "<e:Proof index=\"%llu\" size=\"%llu\">", (unsigned long long)index,
		(unsigned long long)size);
	for (size_t i = 0; i < n; i++) {
		buf_text(out, "<e:Hash>");
		buf_base64(out, proof[i].octet, DIGEST_SIZE);
		buf_text(out, "</e:Hash>");
	}
	buf_text(out, "</e:Proof><e:Checkpoint>");
	buf_add_bytes(out, checkpoint);
	buf_text(out, "</e:Checkpoint>" CLOSING);
}

/* The parts of a receipt as they stand, before anything about them is believed. */
struct parts {
	struct bytes statement, checkpoint;
	uint64_t index, size;
	struct digest proof[MERKLE_PROOF_MAX];
	size_t n;
};

static void
take_hash(struct cursor *c, struct parts *out)
{
	size_t room = DIGEST_SIZE;
	struct bytes text;

	expect(c, "<e:Hash>");
	text = until(c, "</e:Hash>");
	if (out->n == MERKLE_PROOF_MAX ||
		!base64_decode(
			(const char *)text.data, text.size, out->proof[out->n].octet, &room) ||
		room != DIGEST_SIZE) {
		c->bad = true;
		return;
	}
	out->n++;
}

static enum err
take_apart(struct bytes receipt, struct parts *out)
{
	struct cursor c = cursor_of(receipt);
	const uint8_t *start;

	expect(&c, OPENING);
	start = c.at;
	(void)until(&c, "</e:Statement>");
	if (c.bad)
		return E_MALFORMED;
	out->statement = bytes_of(start, (size_t)(c.at - start));
	expect(&c, "<e:Proof index=\"");
	out->index = number_until(&c, "\" size=\"");
	out->size = number_until(&c, "\">");
	for (out->n = 0; comes(&c, "<e:Hash>");)
		take_hash(&c, out);
	expect(&c, "</e:Proof><e:Checkpoint>");
	out->checkpoint = until(&c, "</e:Checkpoint>");
	expect(&c, CLOSING);
	return cursor_done(&c) ? E_OK : E_MALFORMED;
}

enum err
receipt_verify(
	struct bytes receipt, const char *origin, const uint8_t log_key[32], struct receipt *out)
{
	struct digest leaf;
	struct parts p;

	TRY(take_apart(receipt, &p));
	TRY(statement_parse(p.statement, &out->what));
	TRY(checkpoint_verify(p.checkpoint, origin, log_key, &out->at));
	if (out->at.size != p.size)
		return E_PROOF;
	merkle_leaf(p.statement, &leaf);
	TRY(merkle_verify(&leaf, p.index, p.size, p.proof, p.n, &out->at.root));
	out->index = p.index;
	out->note = p.checkpoint;
	return E_OK;
}
