/* SPDX-License-Identifier: EUPL-1.2
 *
 * What a browser asks for: names and values of a query string or of a form's body
 * (application/x-www-form-urlencoded). Bounded, strict UTF-8 without control characters; a name
 * that comes twice is refused. The browser's own filters live here, so that a link carries them. */
#ifndef DAFTAR_DASHBOARD_QUERY_H
#define DAFTAR_DASHBOARD_QUERY_H

#include "lib/buf.h"

#define QUERY_MAX 24
#define QUERY_NAME_SIZE 32
#define QUERY_VALUE_SIZE 512

struct query_pair {
	char name[QUERY_NAME_SIZE];
	char value[QUERY_VALUE_SIZE];
};

struct query {
	size_t n;
	struct query_pair pair[QUERY_MAX];
};

/* False, and `out' is empty, for anything but that. Pairs without a value are left out. */
bool query_parse(struct bytes text, struct query *out) MUST_USE;
/* The value, or NULL; never "". */
const char *query_text(const struct query *q, const char *name);
/* The number, or `fallback' when there is none between `least' and `most'. */
int64_t query_number(
	const struct query *q, const char *name, int64_t fallback, int64_t least, int64_t most);
/* Sets or, with NULL or "", takes away. False when it does not fit. */
bool query_set(struct query *q, const char *name, const char *value);
/* "a=1&b=%3C", percent-encoded; for HTML it must still be escaped. */
void query_write(const struct query *q, struct buf *out);
/* One value, percent-encoded. */
void query_encode(const char *value, struct buf *out);

#endif
