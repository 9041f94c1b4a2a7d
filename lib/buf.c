/* SPDX-License-Identifier: EUPL-1.2
 *
 * Growing bytes, the arena, and the bounded cursor. A buf is always NUL-terminated behind its last
 * octet, so that text built in it can be handed to C functions; freed memory is wiped, because a
 * buf may have held a decrypted record. */
#include "lib/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

void
buf_room(struct buf *b, size_t more)
{
	size_t need = b->size + more + 1;
	size_t room = b->room == 0 ? 64 : b->room;
	uint8_t *grown;

	assert(need > more);
	if (need <= b->room)
		return;
	while (room < need)
		room *= 2;
	grown = xmalloc(room);
	if (b->size > 0)
		memcpy(grown, b->data, b->size);
	if (b->data != NULL) {
		OPENSSL_cleanse(b->data, b->size);
		free(b->data);
	}
	b->data = grown;
	b->room = room;
}

void
buf_free(struct buf *b)
{
	if (b->data != NULL) {
		OPENSSL_cleanse(b->data, b->size);
		free(b->data);
	}
	*b = (struct buf){0};
}

void
buf_reset(struct buf *b)
{
	if (b->data != NULL) {
		OPENSSL_cleanse(b->data, b->size);
		b->data[0] = '\0';
	}
	b->size = 0;
}

void
buf_add(struct buf *b, const void *data, size_t size)
{
	buf_room(b, size);
	if (size > 0)
		memcpy(b->data + b->size, data, size);
	b->size += size;
	b->data[b->size] = '\0';
}

void
buf_add_bytes(struct buf *b, struct bytes v)
{
	buf_add(b, v.data, v.size);
}

void
buf_text(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	assert(n >= 0);
	buf_room(b, (size_t)n);
	vsnprintf((char *)b->data + b->size, (size_t)n + 1, fmt, again);
	va_end(again);
	b->size += (size_t)n;
}

void
buf_base64(struct buf *b, const void *data, size_t size)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *p = data;

	buf_room(b, (size + 2) / 3 * 4);
	for (size_t i = 0; i < size; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16;
		char four[4];

		if (i + 1 < size)
			v |= (uint32_t)p[i + 1] << 8;
		if (i + 2 < size)
			v |= p[i + 2];
		four[0] = letters[v >> 18];
		four[1] = letters[v >> 12 & 63];
		four[2] = i + 1 < size ? letters[v >> 6 & 63] : '=';
		four[3] = i + 2 < size ? letters[v & 63] : '=';
		buf_add(b, four, 4);
	}
}

void
buf_hex(struct buf *b, const void *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;

	buf_room(b, size * 2);
	for (size_t i = 0; i < size; i++) {
		char two[2] = {digits[p[i] >> 4], digits[p[i] & 15]};

		buf_add(b, two, 2);
	}
}

void
buf_u8(struct buf *b, uint8_t v)
{
	buf_add(b, &v, 1);
}

void
buf_u32(struct buf *b, uint32_t v)
{
	uint8_t o[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

	buf_add(b, o, sizeof o);
}

void
buf_u64(struct buf *b, uint64_t v)
{
	buf_u32(b, (uint32_t)(v >> 32));
	buf_u32(b, (uint32_t)v);
}

struct bytes
buf_bytes(const struct buf *b)
{
	return bytes_of(b->data, b->size);
}

uint8_t *
buf_take(struct buf *b, size_t *size)
{
	uint8_t *data;

	buf_room(b, 0);
	b->data[b->size] = '\0';
	data = b->data;
	if (size != NULL)
		*size = b->size;
	*b = (struct buf){0};
	return data;
}

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Decodes one group of four; gives the number of octets, 0 for an impossible group. */
static size_t
base64_group(const char *four, bool last, uint8_t out[3])
{
	size_t pads = !last ? 0 : four[2] == '=' && four[3] == '=' ? 2 : four[3] == '=' ? 1 : 0;
	uint32_t v = 0;

	for (size_t i = 0; i < 4; i++) {
		int d = i < 4 - pads ? base64_value(four[i]) : 0;

		if (d < 0)
			return 0;
		v = v << 6 | (uint32_t)d;
	}
	/* Unused bits must be zero: one encoding for one value. */
	if ((pads == 1 && (v & 0xff) != 0) || (pads == 2 && (v & 0xffff) != 0))
		return 0;
	out[0] = (uint8_t)(v >> 16);
	out[1] = (uint8_t)(v >> 8);
	out[2] = (uint8_t)v;
	return 3 - pads;
}

bool
base64_decode(const char *text, size_t length, uint8_t *out, size_t *size)
{
	size_t room = *size, n = 0;

	if (length % 4 != 0)
		return false;
	for (size_t i = 0; i < length; i += 4) {
		uint8_t three[3];
		size_t got = base64_group(text + i, i + 4 == length, three);

		if (got == 0 || n + got > room)
			return false;
		memcpy(out + n, three, got);
		n += got;
	}
	*size = n;
	return true;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
hex_decode(const char *text, size_t length, uint8_t *out, size_t size)
{
	if (length != size * 2)
		return false;
	for (size_t i = 0; i < size; i++) {
		int high = hex_value(text[2 * i]), low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

struct block {
	struct block *next;
	size_t size;
	_Alignas(max_align_t) uint8_t data[];
};

struct arena {
	struct block *blocks;
	uint8_t *at;
	size_t left;
};

#define ARENA_BLOCK 4096

struct arena *
arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void
arena_free(struct arena **a)
{
	if (*a == NULL)
		return;
	while ((*a)->blocks != NULL) {
		struct block *b = (*a)->blocks;

		(*a)->blocks = b->next;
		OPENSSL_cleanse(b->data, b->size);
		free(b);
	}
	free(*a);
	*a = NULL;
}

void *
arena_alloc(struct arena *a, size_t size)
{
	size_t need = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
	void *out;

	assert(need >= size);
	if (need > a->left) {
		size_t room = need > ARENA_BLOCK ? need : ARENA_BLOCK;
		struct block *b = xcalloc(1, sizeof *b + room);

		b->size = room;
		b->next = a->blocks;
		a->blocks = b;
		a->at = b->data;
		a->left = room;
	}
	out = a->at;
	a->at += need;
	a->left -= need;
	return out;
}

char *
arena_text_n(struct arena *a, const void *s, size_t n)
{
	char *out = arena_alloc(a, n + 1);

	if (n > 0)
		memcpy(out, s, n);
	return out;
}

char *
arena_text(struct arena *a, const char *s)
{
	return arena_text_n(a, s, strlen(s));
}

struct cursor
cursor_of(struct bytes v)
{
	return (struct cursor){v.data, v.size, false};
}

struct bytes
cursor_take(struct cursor *c, size_t size)
{
	struct bytes out = {c->at, size};

	if (c->bad || size > c->left) {
		c->bad = true;
		return (struct bytes){0};
	}
	if (size > 0)
		c->at += size;
	c->left -= size;
	return out;
}

void
cursor_copy(struct cursor *c, void *out, size_t size)
{
	struct bytes v = cursor_take(c, size);

	memset(out, 0, size);
	if (v.size > 0)
		memcpy(out, v.data, v.size);
}

uint8_t
cursor_u8(struct cursor *c)
{
	uint8_t v;

	cursor_copy(c, &v, 1);
	return v;
}

uint32_t
cursor_u32(struct cursor *c)
{
	uint8_t o[4];

	cursor_copy(c, o, sizeof o);
	return (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3];
}

uint64_t
cursor_u64(struct cursor *c)
{
	uint8_t o[8];
	uint64_t v = 0;

	cursor_copy(c, o, sizeof o);
	for (size_t i = 0; i < sizeof o; i++)
		v = v << 8 | o[i];
	return v;
}

bool
cursor_done(const struct cursor *c)
{
	return !c->bad && c->left == 0;
}
