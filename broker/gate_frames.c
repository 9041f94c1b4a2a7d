/* SPDX-License-Identifier: EUPL-1.2
 *
 * Writing and reading what passes between daftard and its gate. */
#include "broker/gate_frames.h"

#include <string.h>

/* ---- writing ---- */

static void
start(struct buf *out, enum gate_frame kind)
{
	buf_reset(out);
	buf_u8(out, (uint8_t)kind);
}

static void
add_frames(struct buf *out, const struct bytes *frame, size_t n)
{
	assert(n > 0 && n <= WIRE_FRAMES_MAX);
	buf_u8(out, (uint8_t)n);
	for (size_t i = 0; i < n; i++) {
		buf_u32(out, (uint32_t)frame[i].size);
		buf_add_bytes(out, frame[i]);
	}
}

void
gate_frame_open(struct buf *out, const struct curve_pair *pair, const char *endpoint)
{
	start(out, GATE_OPEN);
	buf_add(out, pair->secret_key, CURVE_KEY_SIZE);
	buf_add(out, pair->public_key, CURVE_KEY_SIZE);
	buf_text(out, endpoint);
}

void
gate_frame_allow(struct buf *out, uint32_t serial, const uint8_t (*keys)[CURVE_KEY_SIZE], size_t n)
{
	start(out, GATE_ALLOW);
	buf_u32(out, serial);
	buf_add(out, keys, n * CURVE_KEY_SIZE);
}

void
gate_frame_certs(struct buf *out, const struct parcel_certs *certs)
{
	start(out, GATE_CERTS);
	buf_add(out, certs->list, PARCEL_LIST_SIZE);
	for (size_t i = 0; i < certs->n; i++) {
		buf_u32(out, (uint32_t)certs->text[i].size);
		buf_add_bytes(out, certs->text[i]);
	}
}

void
gate_frame_allowed(struct buf *out, uint32_t serial)
{
	start(out, GATE_ALLOWED);
	buf_u32(out, serial);
}

void
gate_frame_send(struct buf *out, peer_no peer, const struct bytes *frame, size_t n)
{
	start(out, GATE_SEND);
	buf_u64(out, peer);
	add_frames(out, frame, n);
}

void
gate_frame_text(struct buf *out, enum gate_frame kind, const char *text)
{
	start(out, kind);
	buf_text(out, text);
}

void
gate_frame_frames(struct buf *out, peer_no peer, const uint8_t key[CURVE_KEY_SIZE],
	const struct bytes *frame, size_t n)
{
	start(out, GATE_FRAMES);
	buf_u64(out, peer);
	buf_add(out, key, CURVE_KEY_SIZE);
	add_frames(out, frame, n);
}

void
gate_frame_gone(struct buf *out, peer_no peer)
{
	start(out, GATE_GONE);
	buf_u64(out, peer);
}

void
gate_frame_offender(
	struct buf *out, const uint8_t key[CURVE_KEY_SIZE], enum gate_offence what, uint64_t octets)
{
	start(out, GATE_OFFENDER);
	buf_add(out, key, CURVE_KEY_SIZE);
	buf_u8(out, (uint8_t)what);
	buf_u64(out, octets);
}

/* ---- reading ---- */

static bool
read_frames(struct cursor *c, struct gate_said *out)
{
	out->n = cursor_u8(c);
	if (c->bad || out->n == 0 || out->n > WIRE_FRAMES_MAX)
		return false;
	for (size_t i = 0; i < out->n; i++)
		out->frame[i] = cursor_take(c, cursor_u32(c));
	return cursor_done(c);
}

/* Printable and not empty. */
static bool
read_text(struct cursor *c, struct gate_said *out)
{
	struct bytes text = cursor_take(c, c->left);

	if (text.size == 0 || text.size >= sizeof(out->text))
		return false;
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] <= 0x20 || text.data[i] > 0x7e)
			return false;
	memcpy(out->text, text.data, text.size);
	return true;
}

static bool
read_keys(struct cursor *c, struct gate_said *out)
{
	out->keys = cursor_take(c, c->left);
	out->n_keys = out->keys.size / CURVE_KEY_SIZE;
	return out->keys.size % CURVE_KEY_SIZE == 0;
}

static bool
read_offender(struct cursor *c, struct gate_said *out)
{
	cursor_copy(c, out->key, CURVE_KEY_SIZE);
	out->offence = (enum gate_offence)cursor_u8(c);
	out->octets = cursor_u64(c);
	return cursor_done(c) && gate_offence_word(out->offence) != NULL;
}

bool
gate_frame_cert(struct bytes *certs, struct bytes *text)
{
	struct cursor c = cursor_of(*certs);

	*text = cursor_take(&c, cursor_u32(&c));
	*certs = bytes_of(c.at, c.left);
	return !c.bad;
}

/* Nothing but whole texts. */
static bool
read_certs(struct cursor *c, struct gate_said *out)
{
	struct bytes rest, text;

	cursor_copy(c, out->list, PARCEL_LIST_SIZE);
	rest = out->certs = cursor_take(c, c->left);
	while (rest.size > 0)
		if (!gate_frame_cert(&rest, &text))
			return false;
	return !c->bad;
}

bool
gate_frame_read(struct bytes frame, struct gate_said *out)
{
	struct cursor c = cursor_of(frame);

	memset(out, 0, sizeof(*out));
	out->kind = (enum gate_frame)cursor_u8(&c);
	switch (out->kind) {
	case GATE_OPEN:
		cursor_copy(&c, out->pair.secret_key, CURVE_KEY_SIZE);
		cursor_copy(&c, out->pair.public_key, CURVE_KEY_SIZE);
		return !c.bad && read_text(&c, out);
	case GATE_ALLOW:
		out->serial = cursor_u32(&c);
		return !c.bad && read_keys(&c, out);
	case GATE_CERTS:
		return read_certs(&c, out);
	case GATE_SEND:
		out->peer = cursor_u64(&c);
		return read_frames(&c, out);
	case GATE_BOUND:
	case GATE_FAILED:
		return read_text(&c, out);
	case GATE_FRAMES:
		out->peer = cursor_u64(&c);
		cursor_copy(&c, out->key, CURVE_KEY_SIZE);
		return read_frames(&c, out);
	case GATE_GONE:
		out->peer = cursor_u64(&c);
		return cursor_done(&c);
	case GATE_OFFENDER:
		return read_offender(&c, out);
	case GATE_ALLOWED:
		out->serial = cursor_u32(&c);
		return cursor_done(&c);
	}
	return false;
}
