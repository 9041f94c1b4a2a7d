/* SPDX-License-Identifier: EUPL-1.2
 *
 * The few words that every file of daftar may use: how a pointer is owned, how an error is passed
 * on, and what happens when the machine itself gives up.
 *
 * Three kinds of failure, each with one answer: a bug is an assert (never compiled out); the
 * machine (memory, a disk that fails at start, a failed fsync) is die(), after which a supervisor
 * starts us again and the store is intact; a peer or a document is an enum err. */
#ifndef DAFTAR_BASE_H
#define DAFTAR_BASE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/err.h"

#ifdef NDEBUG
#error "asserts stay in: they are how a bug stops before it does harm"
#endif

/* A local that owns: `f' takes the address of the pointer, accepts a pointer to NULL, and is called
 * at the end of the scope. */
#define OWNED(type, name, f) __attribute__((cleanup(f))) type *name

/* Give the pointer away: its value, and NULL left behind. */
#define TAKE(p)                                                                                    \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

/* Go on when the step went well, return its error otherwise. */
#define TRY(step)                                                                                  \
	do {                                                                                       \
		enum err try_ = (step);                                                            \
		if (try_ != E_OK)                                                                  \
			return try_;                                                               \
	} while (0)

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Bytes that somebody else owns; `data' may be NULL only when `size' is 0. */
struct bytes {
	const uint8_t *data;
	size_t size;
};

static inline struct bytes
bytes_of(const void *data, size_t size)
{
	return (struct bytes){data, size};
}

/* Prints "daftar: fatal: ..." (errno's text added when `errno' is not 0) and exits with status 1.
 */
void die(const char *fmt, ...) NORETURN PRINTF(1, 2);

/* malloc and friends that never return NULL: they die. xcalloc's memory is zeroed. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);
char *xstrdup(const char *s);
char *xprintf(const char *fmt, ...) PRINTF(1, 2);

/* Cleanup helper for OWNED(char, s, free_chars) and other malloc'ed memory. */
void free_chars(char **p);
void free_octets(uint8_t **p);
/* OWNED_FD(fd) = open(...): closed at the end of the scope; -1 is fine. */
void close_fd(int *fd);
#define OWNED_FD(name) __attribute__((cleanup(close_fd))) int name

/* Copies `src' into `dst[size]' and says whether it fitted; on false dst is the empty string. */
bool copy_text(char *dst, size_t size, const char *src) MUST_USE;

/* Are all octets zero? */
bool all_zero(const void *data, size_t size);

/* Comparison whose time does not depend on where the bytes differ. */
bool equal_bytes(const void *a, const void *b, size_t size);

#endif
