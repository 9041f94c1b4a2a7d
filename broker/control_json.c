/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers of the control protocol, made piece by piece. Without memory they die. */
#include "broker/control_json.h"

#include <string.h>

json_t *
json_instant(int64_t ms)
{
	char text[INSTANT_TEXT_SIZE];

	if (ms == 0)
		return json_null();
	instant_format(ms, text);
	return json_string(text);
}

void
json_put(json_t *o, const char *key, json_t *value)
{
	if (value == NULL || json_object_set_new(o, key, value) != 0)
		die("memory");
}

void
json_put_text(json_t *o, const char *key, const char *text)
{
	json_put(o, key, json_string(text));
}

void
json_put_number(json_t *o, const char *key, uint64_t n)
{
	json_put(o, key, json_integer((json_int_t)n));
}

void
json_put_id(json_t *o, const char *key, const struct id *id)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	json_put_text(o, key, text);
}

void
json_put_digest(json_t *o, const char *key, const struct digest *d)
{
	char text[DIGEST_TEXT_SIZE];

	digest_format(d, text);
	json_put_text(o, key, text);
}

void
json_add(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) != 0)
		die("memory");
}

enum err
octets_arg(const json_t *args, struct buf *out)
{
	const char *text = json_string_value(json_object_get(args, "data"));
	size_t size = text == NULL ? 0 : strlen(text);
	OWNED(uint8_t, octets, free_octets) = xmalloc(size + 1);

	if (text == NULL || !base64_decode(text, strlen(text), octets, &size))
		return E_USAGE;
	buf_add(out, octets, size);
	return E_OK;
}
