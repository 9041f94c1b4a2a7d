/* SPDX-License-Identifier: EUPL-1.2
 *
 * A closing as octets. A statement has one spelling: what was read is written again and compared,
 * so that nothing can stand in it that the two sides read differently. The text of a
 * counter-signature is never read at all: whoever checks one writes it again from the statement and
 * compares. */
#include "lib/closing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/header.h"
#include "lib/note.h"

#define VERSION_LINE "daftar-closing/1\n"
#define NUMBER_TEXT_SIZE 24

static bool
is_consistent(const struct closing *c)
{
	return c->since <= c->until && c->agreed == (c->n == 0) && c->n <= CLOSING_DIFFERENCES_MAX;
}

/* ---- the statement ---- */

static void
put_number(struct buf *out, const char *qname, uint64_t v)
{
	char text[NUMBER_TEXT_SIZE];

	(void)snprintf(text, sizeof text, "%llu", (unsigned long long)v);
	xml_element(out, qname, text);
}

static void
put_difference(struct buf *out, const struct closing_difference *d)
{
	char id[ID_TEXT_SIZE];

	id_format(&d->id, id);
	xml_open(out, "e:Difference", "id", id, "word", d->word, NULL);
	xml_close(out, "e:Difference");
}

static void
compose(const struct closing *c, struct buf *out)
{
	char since[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE];
	OWNED_BUF(hex) = {0};

	instant_format(c->since, since);
	instant_format(c->until, until);
	buf_hex(&hex, c->fingerprint, sizeof c->fingerprint);
	xml_open(out, "e:ReconciliationStatement", NULL);
	xml_open(out, "e:Period", "from", since, "to", until, NULL);
	xml_close(out, "e:Period");
	xml_open(out, "e:Channel", "from", c->from.code, "to", c->to.code, NULL);
	xml_close(out, "e:Channel");
	put_number(out, "e:Count", c->count);
	xml_element(out, "e:Fingerprint", (const char *)hex.data);
	put_number(out, "e:Open", c->open);
	xml_element(out, "e:Result", c->agreed ? "AGREED" : "DIFFERS");
	for (size_t i = 0; i < c->n; i++)
		put_difference(out, &c->difference[i]);
	xml_close(out, "e:ReconciliationStatement");
}

enum err
closing_sign(const struct header *h, const struct closing *c, const struct identity *signer,
	struct buf *out)
{
	OWNED_BUF(body) = {0};

	if (!is_consistent(c))
		return E_STATE;
	compose(c, &body);
	return message_compose_statement(h, buf_bytes(&body), signer, out);
}

/* ---- read again: what is missing or not understood shows when it is written again ---- */

static uint64_t
get_number(struct arena *a, const xmlNode *parent, const char *name)
{
	const char *text = xml_child_text(a, parent, NS_ENVELOPE, name);

	return text == NULL ? 0 : strtoull(text, NULL, 10);
}

static int64_t
get_instant(struct arena *a, const xmlNode *node, const char *name)
{
	const char *text = node == NULL ? NULL : xml_attribute(a, node, name);
	int64_t ms;

	return text != NULL && instant_parse(text, &ms) ? ms : 0;
}

static void
get_party(struct arena *a, const xmlNode *node, const char *name, struct party *out)
{
	const char *text = node == NULL ? NULL : xml_attribute(a, node, name);

	if (text == NULL || !party_parse(text, out))
		memset(out, 0, sizeof *out);
}

static bool
get_difference(struct arena *a, const xmlNode *node, struct closing_difference *out)
{
	const char *id = xml_attribute(a, node, "id"), *word = xml_attribute(a, node, "word");

	return id != NULL && word != NULL && id_parse(id, &out->id) &&
	       copy_text(out->word, sizeof out->word, word);
}

static bool
get_differences(struct arena *a, const xmlNode *body, struct closing *out)
{
	for (const xmlNode *node = xml_child(body, NS_ENVELOPE, "Difference"); node != NULL;
		node = node->next) {
		if (out->n == CLOSING_DIFFERENCES_MAX ||
			!get_difference(a, node, &out->difference[out->n]))
			return false;
		out->n++;
	}
	return true;
}

static bool
read_body(const xmlNode *body, struct closing *out)
{
	OWNED(struct arena, a, arena_free) = arena_new();
	const xmlNode *period = xml_child(body, NS_ENVELOPE, "Period");
	const xmlNode *channel = xml_child(body, NS_ENVELOPE, "Channel");
	const char *hex = xml_child_text(a, body, NS_ENVELOPE, "Fingerprint");
	const char *result = xml_child_text(a, body, NS_ENVELOPE, "Result");

	if (hex == NULL || result == NULL ||
		!hex_decode(hex, strlen(hex), out->fingerprint, sizeof out->fingerprint))
		return false;
	out->since = get_instant(a, period, "from");
	out->until = get_instant(a, period, "to");
	get_party(a, channel, "from", &out->from);
	get_party(a, channel, "to", &out->to);
	out->count = get_number(a, body, "Count");
	out->open = get_number(a, body, "Open");
	out->agreed = strcmp(result, "AGREED") == 0;
	return get_differences(a, body, out) && is_consistent(out);
}

enum err
closing_parse(struct bytes statement, struct closing *out)
{
	OWNED(xmlDoc, doc, xml_free) = NULL;
	OWNED_BUF(again) = {0};
	const xmlNode *body;
	struct bytes octets;

	memset(out, 0, sizeof *out);
	if (xml_parse(statement, &doc) != E_OK ||
		!xml_cut(statement, "e:ReconciliationStatement", &octets))
		return E_MALFORMED;
	body = xml_child(xml_child(xml_root(doc), NS_ENVELOPE, "Body"), NS_ENVELOPE,
		"ReconciliationStatement");
	if (body == NULL || !read_body(body, out))
		return E_MALFORMED;
	compose(out, &again);
	if (again.size != octets.size || memcmp(again.data, octets.data, again.size) != 0)
		return E_MALFORMED;
	return E_OK;
}

/* ---- the counter-signature ---- */

static enum err
compose_note(struct bytes statement, struct closing *c, struct buf *out)
{
	char since[INSTANT_TEXT_SIZE], until[INSTANT_TEXT_SIZE], digest[DIGEST_TEXT_SIZE];
	struct header h;
	struct digest d;

	TRY(message_header(statement, &h));
	if (h.action != A_RECONCILIATION_STATEMENT)
		return E_MALFORMED;
	TRY(closing_parse(statement, c));
	instant_format(c->since, since);
	instant_format(c->until, until);
	digest_of(statement.data, statement.size, &d);
	digest_format(&d, digest);
	buf_printf(out, VERSION_LINE "%s\n%s\n%s\n%s\n%s\n%llu\n", h.realm, c->from.code,
		c->to.code, since, until, (unsigned long long)c->count);
	buf_hex(out, c->fingerprint, sizeof c->fingerprint);
	buf_printf(out, "\n%s\n%s\n", c->agreed ? "AGREED" : "DIFFERS", digest);
	return E_OK;
}

enum err
closing_countersign(struct bytes statement, const char *origin, EVP_PKEY *log_key, struct buf *out)
{
	struct closing c;
	OWNED_BUF(note) = {0};

	buf_reset(out);
	TRY(compose_note(statement, &c, &note));
	TRY(note_sign(origin, log_key, 0, &note));
	buf_add_bytes(out, buf_bytes(&note));
	return E_OK;
}

/* The signer's name in the first signature line that begins with the log's name: its own or, with
 * "/" and a number from 2, that of a later generation. */
static bool
find_origin(struct bytes rest, const char *log, char out[ORIGIN_SIZE])
{
	struct cursor c = cursor_of(rest);
	size_t dash = strlen(NOTE_DASH);
	struct bytes line;

	while (note_line(&c, &line)) {
		const uint8_t *space;

		if (line.size <= dash || memcmp(line.data, NOTE_DASH, dash) != 0)
			return false;
		line = bytes_of(line.data + dash, line.size - dash);
		space = memchr(line.data, ' ', line.size);
		if (space != NULL &&
			checkpoint_parse_origin(
				bytes_of(line.data, (size_t)(space - line.data)), log, out))
			return true;
	}
	return false;
}

enum err
closing_verify(struct bytes statement, struct bytes note, const char *log,
	const uint8_t log_key[32], struct closing *out)
{
	char origin[ORIGIN_SIZE];
	OWNED_BUF(text) = {0};
	struct cursor rest;

	TRY(compose_note(statement, out, &text));
	if (note.size > CHECKPOINT_MAX || note.size <= text.size ||
		memcmp(note.data, text.data, text.size) != 0 || note.data[text.size] != '\n')
		return E_CHECKPOINT;
	rest = cursor_of(bytes_of(note.data + text.size + 1, note.size - text.size - 1));
	if (!note_name_is_fit(log) || !find_origin(bytes_of(rest.at, rest.left), log, origin))
		return E_CHECKPOINT;
	return note_verify(buf_bytes(&text), &rest, origin, log_key);
}
