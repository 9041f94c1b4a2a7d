/* SPDX-License-Identifier: EUPL-1.2
 *
 * A body as JSON for the registrar's own terminal. This is personal data: it leaves the adapter
 * over its control socket only, which serves root and the adapter's own user. */
#ifndef DAFTAR_RECORD_JSON_H
#define DAFTAR_RECORD_JSON_H

#include <jansson.h>

#include "lib/message.h"
#include "lib/record.h"

/* A new reference. E_ACTION for a body that has no such form; E_SCHEMA. */
enum err record_json(enum action action, struct bytes body, json_t **out) MUST_USE;

#endif
