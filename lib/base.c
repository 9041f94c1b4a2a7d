/* SPDX-License-Identifier: EUPL-1.2
 *
 * Memory that never fails and the one way to give up. A daemon without memory cannot keep a promise
 * half-way: it dies, its supervisor starts it again, and what was committed is still there. */
#include "lib/base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

void
die(const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	fputs("daftar: fatal: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	if (saved != 0)
		fprintf(stderr, ": %s", strerror(saved));
	fputc('\n', stderr);
	exit(1);
}

static void *
sure(void *p)
{
	if (p == NULL) {
		errno = ENOMEM;
		die("memory");
	}
	return p;
}

void *
xmalloc(size_t size)
{
	return sure(malloc(size == 0 ? 1 : size));
}

void *
xcalloc(size_t n, size_t size)
{
	return sure(calloc(n == 0 ? 1 : n, size == 0 ? 1 : size));
}

void *
xrealloc(void *p, size_t size)
{
	return sure(realloc(p, size == 0 ? 1 : size));
}

char *
xstrdup(const char *s)
{
	return sure(strdup(s));
}

char *
xprintf(const char *fmt, ...)
{
	char *out = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&out, fmt, ap) < 0)
		out = NULL;
	va_end(ap);
	return sure(out);
}

void
free_chars(char **p)
{
	free(*p);
	*p = NULL;
}

void
free_octets(uint8_t **p)
{
	free(*p);
	*p = NULL;
}

void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool
copy_text(char *dst, size_t size, const char *src)
{
	size_t n = strlen(src);

	memset(dst, 0, size);
	if (n >= size)
		return false;
	memcpy(dst, src, n);
	return true;
}

bool
all_zero(const void *data, size_t size)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < size; i++)
		if (p[i] != 0)
			return false;
	return true;
}

bool
equal_bytes(const void *a, const void *b, size_t size)
{
	return CRYPTO_memcmp(a, b, size) == 0;
}
