/* SPDX-License-Identifier: EUPL-1.2
 *
 * Members of JSON objects that stand there only where there is something to say. */
#ifndef DAFTAR_LIAISON_JSON_PUT_H
#define DAFTAR_LIAISON_JSON_PUT_H

#include <jansson.h>

#include "lib/id.h"

/* Not when it is NULL or "". */
void json_put_text(json_t *o, const char *key, const char *text);
void json_put_id(json_t *o, const char *key, const struct id *id);
/* ms UTC as text; not when it is 0. */
void json_put_instant(json_t *o, const char *key, int64_t at);

#endif
