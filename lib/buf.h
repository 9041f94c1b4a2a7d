/* SPDX-License-Identifier: EUPL-1.2
 *
 * A growing run of bytes, and the arena: everything that belongs to one document and is freed with
 * it. Neither ever fails: without memory they die. */
#ifndef DAFTAR_BUF_H
#define DAFTAR_BUF_H

#include "lib/base.h"

struct buf {
	uint8_t *data; /* NUL-terminated for convenience; the NUL is not counted in size */
	size_t size;
	size_t room;
};

/* Zero-initialise with {0}; buf_free leaves {0} behind, wiping the bytes first. */
void buf_free(struct buf *b);
/* OWNED_BUF(b) = {0}; freed at the end of the scope. */
#define OWNED_BUF(name) __attribute__((cleanup(buf_free))) struct buf name
void buf_reset(struct buf *b); /* size 0, memory kept */
void buf_add(struct buf *b, const void *data, size_t size);
void buf_add_bytes(struct buf *b, struct bytes v);
/* Room for so many more octets behind the end, for whoever writes there and then adds to `size'. */
void buf_room(struct buf *b, size_t more);
void buf_text(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
/* Base64 (RFC 4648 section 4, padded, one line) and lower-case hex. */
void buf_base64(struct buf *b, const void *data, size_t size);
void buf_hex(struct buf *b, const void *data, size_t size);
void buf_u8(struct buf *b, uint8_t v);
void buf_u32(struct buf *b, uint32_t v); /* big-endian */
void buf_u64(struct buf *b, uint64_t v); /* big-endian */
/* The bytes as a loan, valid until the next call on b. */
struct bytes buf_bytes(const struct buf *b);
/* Gives the memory away (malloc'ed, NUL-terminated) and leaves {0}. */
uint8_t *buf_take(struct buf *b, size_t *size);

/* Decoders: false on anything but exactly that encoding. hex takes lower case only. *size is the
 * room on entry and the length on return. */
bool base64_decode(const char *text, size_t length, uint8_t *out, size_t *size) MUST_USE;
bool hex_decode(const char *text, size_t length, uint8_t *out, size_t size) MUST_USE;

struct arena;
struct arena *arena_new(void);
void arena_free(struct arena **a);
void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned for any type */
char *arena_text(struct arena *a, const char *s);
char *arena_text_n(struct arena *a, const void *s, size_t n);

/* The bounded cursor: the only way in which bytes from outside are read. After a read that would
 * pass the end, `bad' is set, every later read gives zeros, and the caller asks once at the end. */
struct cursor {
	const uint8_t *at;
	size_t left;
	bool bad;
};

struct cursor cursor_of(struct bytes v);
uint8_t cursor_u8(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);
struct bytes cursor_take(struct cursor *c, size_t size);
/* Copies exactly `size' bytes out; zeros when there are fewer. */
void cursor_copy(struct cursor *c, void *out, size_t size);
/* True when nothing was read past the end and nothing is left over. */
bool cursor_done(const struct cursor *c);

#endif
