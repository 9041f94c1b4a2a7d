/* SPDX-License-Identifier: EUPL-1.2
 *
 * Certificates and what else ends, as several screens show them. */
#ifndef DAFTAR_DASHBOARD_CERTS_H
#define DAFTAR_DASHBOARD_CERTS_H

#include "dashboard/screen.h"

#define CERTS_SHOWN 60
#define CERT_DAY_MS INT64_C(86400000)

/* What it is that ends, by the word of cert.list; N_(). */
const char *expiry_words(const char *what);
/* "in 12 d", with the mark of 90, 30 and 7 days. */
void p_ends(struct page *p, int64_t until);
/* A table of rows of cert.list, `most' of them from the one at place `from' on. */
void p_certificates(struct page *p, const json_t *list, size_t from, size_t most);

/* ---- dashboard/svg_expiry.c ---- */
/* When each of these ends within 12 months from `now', a line a month and the marks of 7, 30 and 90
 * days; at most 24 of them, in the order of the list. */
void svg_expiry(struct buf *out, const json_t *list, int64_t now, bool rtl);

#endif
