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

/* ---- read again: without a parser, since there is one spelling ---- */

#define OPENING "<e:ReconciliationStatement><e:Period from=\""

/* What stands between this text and the next such character; false when it does not, or has no room
 * in `out'. */
static bool
take(struct bytes *rest, const char *before, char end, char *out, size_t size)
{
	size_t length = strlen(before);
	const uint8_t *last;

	if (rest->size <= length || memcmp(rest->data, before, length) != 0)
		return false;
	*rest = bytes_of(rest->data + length, rest->size - length);
	last = memchr(rest->data, end, rest->size);
	length = last == NULL ? size : (size_t)(last - rest->data);
	if (length >= size)
		return false;
	memcpy(out, rest->data, length);
	out[length] = '\0';
	*rest = bytes_of(last, rest->size - length);
	return strlen(out) == length;
}

static bool
take_instant(struct bytes *rest, const char *before, int64_t *out)
{
	char text[INSTANT_TEXT_SIZE];

	return take(rest, before, '"', text, sizeof text) && instant_parse(text, out);
}

static bool
take_party(struct bytes *rest, const char *before, struct party *out)
{
	char text[PARTY_SIZE];

	return take(rest, before, '"', text, sizeof text) && party_parse(text, out);
}

static bool
take_number(struct bytes *rest, const char *before, uint64_t *out)
{
	char text[NUMBER_TEXT_SIZE];

	if (!take(rest, before, '<', text, sizeof text))
		return false;
	*out = strtoull(text, NULL, 10);
	return true;
}

static bool
take_difference(struct bytes *rest, const char *before, struct closing_difference *out)
{
	char id[ID_TEXT_SIZE];

	return take(rest, before, '"', id, sizeof id) && id_parse(id, &out->id) &&
	       take(rest, "\" word=\"", '"', out->word, sizeof out->word);
}

static bool
take_differences(struct bytes *rest, struct closing *out)
{
	const char *before = "</e:Result><e:Difference id=\"";

	while (memmem(rest->data, rest->size, "<e:Difference ", 14) != NULL) {
		if (out->n == CLOSING_DIFFERENCES_MAX ||
			!take_difference(rest, before, &out->difference[out->n]))
			return false;
		out->n++;
		before = "\"></e:Difference><e:Difference id=\"";
	}
	return true;
}

static bool
read_body(struct bytes rest, struct closing *out)
{
	char hex[2 * sizeof out->fingerprint + 1], result[NUMBER_TEXT_SIZE];

	if (!take_instant(&rest, OPENING, &out->since) ||
		!take_instant(&rest, "\" to=\"", &out->until) ||
		!take_party(&rest, "\"></e:Period><e:Channel from=\"", &out->from) ||
		!take_party(&rest, "\" to=\"", &out->to) ||
		!take_number(&rest, "\"></e:Channel><e:Count>", &out->count) ||
		!take(&rest, "</e:Count><e:Fingerprint>", '<', hex, sizeof hex) ||
		!hex_decode(hex, strlen(hex), out->fingerprint, sizeof out->fingerprint) ||
		!take_number(&rest, "</e:Fingerprint><e:Open>", &out->open) ||
		!take(&rest, "</e:Open><e:Result>", '<', result, sizeof result))
		return false;
	out->agreed = strcmp(result, "AGREED") == 0;
	return take_differences(&rest, out) && is_consistent(out);
}

/* What was not understood shows when it is written again. */
enum err
closing_parse(struct bytes statement, struct closing *out)
{
	OWNED_BUF(again) = {0};
	struct bytes octets;

	memset(out, 0, sizeof *out);
	if (!xml_cut(statement, "e:ReconciliationStatement", &octets) || !read_body(octets, out))
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
	struct bytes rest = statement;
	char realm[REALM_SIZE];
	struct digest d;

	if (!take(&rest, "<e:Message xmlns:e=\"" NS_ENVELOPE "\" realm=\"", '"', realm,
		    sizeof realm))
		return E_MALFORMED;
	TRY(closing_parse(statement, c));
	instant_format(c->since, since);
	instant_format(c->until, until);
	digest_of(statement.data, statement.size, &d);
	digest_format(&d, digest);
	buf_printf(out, VERSION_LINE "%s\n%s\n%s\n%s\n%s\n%llu\n", realm, c->from.code, c->to.code,
		since, until, (unsigned long long)c->count);
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
