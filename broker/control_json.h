/* SPDX-License-Identifier: EUPL-1.2
 *
 * The pieces that answers of the control protocol are made of: broker/control_*.c only. */
#ifndef DAFTAR_CONTROL_JSON_H
#define DAFTAR_CONTROL_JSON_H

#include <jansson.h>

#include "lib/buf.h"
#include "lib/id.h"

json_t *json_instant(int64_t ms); /* null for 0 */
/* They take the value over. */
void json_put(json_t *o, const char *key, json_t *value);
void json_add(json_t *list, json_t *value);

void json_put_text(json_t *o, const char *key, const char *text);
void json_put_number(json_t *o, const char *key, uint64_t n);
void json_put_id(json_t *o, const char *key, const struct id *id);
void json_put_digest(json_t *o, const char *key, const struct digest *d);

/* The octets of the argument "data", base64, added to `out'. E_USAGE. */
enum err octets_arg(const json_t *args, struct buf *out) MUST_USE;

#endif
