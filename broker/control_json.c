/* SPDX-License-Identifier: EUPL-1.2
 *
 * Answers of the control protocol, made piece by piece. Without memory they die. */
#include "broker/control_json.h"

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
