/* SPDX-License-Identifier: EUPL-1.2
 *
 * What people type for a time and for a filter: 2026-11-26, 8h, --where code=QUARANTINED. */
#ifndef DAFTAR_CTL_WHERE_H
#define DAFTAR_CTL_WHERE_H

#include <jansson.h>

#include "lib/base.h"

enum when { WHEN_BEFORE = -1, WHEN_BEHIND = 1 }; /* a span lies before now, or behind it */
/* A day of UTC (its beginning), an instant, or a span: 30min, 8h, 7d. Milliseconds since 1970. */
bool when_parse(const char *text, int64_t now, enum when which, int64_t *ms) MUST_USE;
/* KEY=VALUE, each key at most once: code, from, to, since. Adds it to `args'; false: it is none. */
bool where_parse(const char *text, int64_t now, json_t *args) MUST_USE;

#endif
