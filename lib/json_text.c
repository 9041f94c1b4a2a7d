/* SPDX-License-Identifier: EUPL-1.2 */
#include "lib/json_text.h"

void
json_set_text(json_t *o, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_object_set_new(o, key, json_string(text));
}

void
json_set_id(json_t *o, const char *key, const struct id *id)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	json_set_text(o, key, text);
}

void
json_set_instant(json_t *o, const char *key, int64_t at)
{
	char text[INSTANT_TEXT_SIZE];

	if (at == 0)
		return;
	instant_format(at, text);
	json_set_text(o, key, text);
}

bool
json_get_text(const json_t *o, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL && copy_text(out, size, text);
}

bool
json_get_id(const json_t *o, const char *key, struct id *out)
{
	char text[ID_TEXT_SIZE];

	return json_get_text(o, key, text, sizeof text) && id_parse(text, out);
}
