/* SPDX-License-Identifier: EUPL-1.2
 *
 * The control verbs by which a bundle comes in and its answer goes out, in pieces that fit a line:
 * daftard's walls keep it from reading the operator's files itself. */
#include <stdlib.h>
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"

#define PIECE ((size_t)192 * 1024) /* of an answer, before base64 */

enum err
verb_bundle_begin(void *context, const json_t *args, json_t **data)
{
	(void)data;
	return courier_begin(context, json_is_true(json_object_get(args, "force")));
}

enum err
verb_bundle_put(void *context, const json_t *args, json_t **data)
{
	OWNED_BUF(piece) = {0};

	(void)data;
	TRY(octets_arg(args, &piece));
	return courier_put(context, buf_bytes(&piece));
}

static enum err
figures(struct daftard *d, bool done, json_t **data)
{
	const struct courier *c = &d->courier;

	*data = json_pack("{s:s, s:b, s:I, s:I, s:I}", "party", c->party.code, "done", done,
		"heard", (json_int_t)c->heard, "said", (json_int_t)c->said, "size",
		(json_int_t)c->out.size);
	return E_OK;
}

enum err
verb_bundle_open(void *context, const json_t *args, json_t **data)
{
	(void)args;
	TRY(courier_open(context));
	return figures(context, false, data);
}

enum err
verb_bundle_step(void *context, const json_t *args, json_t **data)
{
	bool done;

	(void)args;
	TRY(courier_step(context, &done));
	return figures(context, done, data);
}

enum err
verb_bundle_take(void *context, const json_t *args, json_t **data)
{
	const struct courier *c = &((struct daftard *)context)->courier;
	json_int_t at = json_integer_value(json_object_get(args, "at"));
	OWNED_BUF(text) = {0};
	size_t size;

	if (!c->signed_off)
		return E_STATE;
	if (at < 0 || (size_t)at > c->out.size)
		return E_USAGE;
	size = c->out.size - (size_t)at < PIECE ? c->out.size - (size_t)at : PIECE;
	buf_base64(&text, c->out.data + at, size);
	*data = json_pack("{s:s%}", "data", (const char *)text.data, text.size);
	return E_OK;
}
