/* SPDX-License-Identifier: EUPL-1.2
 *
 * Members of JSON objects that are texts: set only where there is something to say, and got only as
 * what they have to be. */
#ifndef DAFTAR_JSON_TEXT_H
#define DAFTAR_JSON_TEXT_H

#include <jansson.h>

#include "lib/id.h"

/* Not when it is NULL or "". */
void json_set_text(json_t *o, const char *key, const char *text);
void json_set_id(json_t *o, const char *key, const struct id *id);
/* ms UTC as text; not when it is 0. */
void json_set_instant(json_t *o, const char *key, int64_t at);

/* False when it is not there, no text, too long, or no id. */
bool json_get_text(const json_t *o, const char *key, char *out, size_t size) MUST_USE;
bool json_get_id(const json_t *o, const char *key, struct id *out) MUST_USE;

#endif
