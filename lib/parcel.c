/* SPDX-License-Identifier: EUPL-1.2
 *
 * Packing and opening. Which certificates help is looked up, but nothing depends on it being found:
 * the parcel names them. */
#include "lib/parcel.h"

#include <stdlib.h>
#include <string.h>

#define PLAIN 0x80
#define CERTIFICATE "<ds:X509Certificate>"
#define LISTED "<tl:Sign>"
#define CERTS_MAX 65535

/* ---- certificates ---- */

void
parcel_certs_clear(struct parcel_certs *c)
{
	free(c->text);
	buf_free(&c->octets);
	*c = (struct parcel_certs){.n = 0};
}

/* What stands between `tag' and the next tag, and what is behind it. */
static bool
next_text(struct bytes *rest, const char *tag, struct bytes *text)
{
	const uint8_t *from, *end;
	size_t left;

	if (rest->size == 0) /* an empty frame may be nowhere */
		return false;
	from = memmem(rest->data, rest->size, tag, strlen(tag));
	if (from == NULL)
		return false;
	from += strlen(tag);
	left = rest->size - (size_t)(from - rest->data);
	end = memchr(from, '<', left);
	if (end == NULL)
		return false;
	*text = bytes_of(from, (size_t)(end - from));
	*rest = bytes_of(end, left - text->size);
	return true;
}

void
parcel_certs_of(struct parcel_certs *c, struct bytes list)
{
	struct digest d;
	struct bytes rest, text;

	parcel_certs_clear(c);
	buf_add_bytes(&c->octets, list);
	digest_of(list.data, list.size, &d);
	memcpy(c->list, d.octet, sizeof c->list);
	rest = buf_bytes(&c->octets);
	while (c->n < CERTS_MAX && next_text(&rest, LISTED, &text)) {
		c->text = xrealloc(c->text, (c->n + 1) * sizeof *c->text);
		c->text[c->n++] = text;
	}
}

static bool
find_cert(const struct parcel_certs *c, struct bytes text, uint16_t *place)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->text[i].size == text.size &&
			memcmp(c->text[i].data, text.data, text.size) == 0) {
			*place = (uint16_t)i;
			return true;
		}
	return false;
}

struct known {
	uint16_t place[SQUEEZE_CERTS];
	struct bytes text[SQUEEZE_CERTS];
	size_t n;
};

static void
know(struct known *k, const struct parcel_certs *c, uint16_t place)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->place[i] == place)
			return;
	k->place[k->n] = place;
	k->text[k->n++] = c->text[place];
}

static void
find_known(const struct parcel_certs *c, struct bytes frame, struct known *k)
{
	struct bytes text;
	uint16_t place;

	while (k->n < SQUEEZE_CERTS && next_text(&frame, CERTIFICATE, &text))
		if (find_cert(c, text, &place))
			know(k, c, place);
}

/* ---- packing ---- */

static void
add_size(struct buf *out, size_t size)
{
	for (; size >= 128; size >>= 7)
		buf_u8(out, (uint8_t)(size | 128));
	buf_u8(out, (uint8_t)size);
}

static void
add_form(struct buf *out, const struct known *k)
{
	buf_u8(out, (uint8_t)k->n);
	for (size_t i = 0; i < k->n; i++) {
		buf_u8(out, (uint8_t)(k->place[i] >> 8));
		buf_u8(out, (uint8_t)k->place[i]);
	}
}

void
parcel_pack(const struct bytes *frame, size_t n, const struct parcel_certs *certs, struct buf *out)
{
	OWNED_BUF(octets) = {0};
	struct known k = {.n = 0};
	size_t before = out->size;

	assert(n > 0 && n <= WIRE_FRAMES_MAX);
	for (size_t i = 0; i < n; i++) {
		add_size(&octets, frame[i].size);
		buf_add_bytes(&octets, frame[i]);
		if (certs != NULL)
			find_known(certs, frame[i], &k);
	}
	add_form(out, &k);
	if (squeeze(buf_bytes(&octets), k.text, k.n, out))
		return;
	out->size = before;
	buf_u8(out, PLAIN);
	buf_add_bytes(out, buf_bytes(&octets));
}

/* ---- opening ---- */

static size_t
read_size(struct cursor *c)
{
	size_t size = 0;

	for (unsigned shift = 0; shift < 21; shift += 7) {
		uint8_t octet = cursor_u8(c);

		size |= (size_t)(octet & 127) << shift;
		if (octet < 128) {
			c->bad |= octet == 0 && shift > 0; /* one spelling */
			return size;
		}
	}
	c->bad = true;
	return 0;
}

static bool
read_frames(struct bytes octets, struct bytes frame[WIRE_FRAMES_MAX], size_t *n)
{
	struct cursor c = cursor_of(octets);

	for (*n = 0; c.left > 0 && !c.bad; ++*n) {
		size_t size = read_size(&c);

		if (*n == WIRE_FRAMES_MAX || size > WIRE_FRAME_MAX)
			return false;
		frame[*n] = cursor_take(&c, size);
	}
	return *n > 0 && cursor_done(&c);
}

static bool
read_known(struct cursor *c, uint8_t form, const struct parcel_certs *certs, struct known *k)
{
	if (form > SQUEEZE_CERTS)
		return false;
	for (size_t i = 0; i < form; i++) {
		uint16_t place = (uint16_t)(cursor_u8(c) << 8);

		place |= cursor_u8(c);
		if (c->bad || certs == NULL || place >= certs->n)
			return false;
		know(k, certs, place);
	}
	return k->n == form; /* none twice */
}

bool
parcel_open(struct bytes parcel, const struct parcel_certs *certs, struct buf *room,
	struct bytes frame[WIRE_FRAMES_MAX], size_t *n)
{
	struct cursor c = cursor_of(parcel);
	uint8_t form = cursor_u8(&c);
	struct known k = {.n = 0};
	struct bytes octets;

	buf_reset(room);
	if (c.bad || parcel.size > PARCEL_MAX)
		return false;
	if (form == PLAIN)
		buf_add_bytes(room, cursor_take(&c, c.left));
	else if (!read_known(&c, form, certs, &k) ||
		 !unsqueeze(cursor_take(&c, c.left), k.text, k.n, PARCEL_MAX, room))
		return false;
	octets = buf_bytes(room);
	return octets.size <= WIRE_TOTAL_MAX + 32 && read_frames(octets, frame, n);
}
