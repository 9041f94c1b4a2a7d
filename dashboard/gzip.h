/* SPDX-License-Identifier: EUPL-1.2
 *
 * Pages made small for a thin line (RFC 1952). What is in a page beside the reader's own words is
 * either known to him or masked anew each time (session_token), so its length tells nothing. */
#ifndef DAFTAR_DASHBOARD_GZIP_H
#define DAFTAR_DASHBOARD_GZIP_H

#include "lib/buf.h"

/* Appends `in' as one gzip member. */
void gzip(struct bytes in, struct buf *out);
/* Does an Accept-Encoding header take gzip? */
bool gzip_is_taken(const char *accept);

#endif
