/* SPDX-License-Identifier: EUPL-1.2
 *
 * The head of an HTTP/1.1 request (RFC 9112), read strictly before the web server sees an octet of
 * it: what two programs could read in two ways is refused, so that nothing can be smuggled past
 * one of them. No Transfer-Encoding at all: our forms are small and have a length. */
#ifndef DAFTAR_DASHBOARD_HTTP_HEAD_H
#define DAFTAR_DASHBOARD_HTTP_HEAD_H

#include "lib/base.h"

#define HEAD_MAX 8192
#define TARGET_MAX 2048
#define BODY_MAX 16384
#define HEAD_FIELDS_MAX 64

struct head {
	size_t size; /* octets, with the empty line */
	size_t body; /* octets that follow */
};

/* The value of a field in a complete head, copied out ("" when it did not come or does not fit). */
void head_field(struct bytes head, const char *name, char *out, size_t size);
/* 0: not complete yet. 200: complete, and `out' says how long. Anything else: the status to refuse
 * with (400, 405, 411, 413, 414, 417, 431, 505). Looks at no more than HEAD_MAX octets. */
int head_read(struct bytes so_far, struct head *out);

#endif
