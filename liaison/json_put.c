/* SPDX-License-Identifier: EUPL-1.2
 *
 * Members of JSON objects: texts, ids and instants. */
#include "liaison/json_put.h"

#include "lib/base.h"

void
json_put_text(json_t *o, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_object_set_new(o, key, json_string(text));
}

void
json_put_id(json_t *o, const char *key, const struct id *id)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	json_put_text(o, key, text);
}

void
json_put_instant(json_t *o, const char *key, int64_t at)
{
	char text[INSTANT_TEXT_SIZE];

	if (at == 0)
		return;
	instant_format(at, text);
	json_put_text(o, key, text);
}
