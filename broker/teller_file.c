/* SPDX-License-Identifier: EUPL-1.2
 *
 * What was told, on disk: one JSON object, replaced as a whole, so that it is the old one or the
 * new one after a power cut. */
#include <inttypes.h>
#include <string.h>

#include "broker/teller.h"
#include "lib/file.h"

#define FILE_MOST ((size_t)1 << 20)

/* ---- writing ---- */

static json_t *
told_json(const struct told *t)
{
	return json_pack("{s:I, s:s, s:s, s:I}", "id", (json_int_t)t->id, "since", t->since,
		"severity", severity_word(t->severity), "at", (json_int_t)t->at);
}

static json_t *
teller_json(const struct teller *t)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->n; i++)
		if (json_array_append_new(list, told_json(&t->told[i])) != 0)
			die("memory");
	return json_pack("{s:I, s:o}", "last", (json_int_t)t->last, "told", list);
}

enum err
tellers_save(const char *file, const struct teller all[CHANNELS])
{
	OWNED(json_t, o, json_decrefp) = json_object();
	OWNED(char, text, free_chars) = NULL;

	for (enum channel_kind k = 0; k < CHANNELS; k++)
		if (all[k].begun &&
			json_object_set_new(o, channel_word(k), teller_json(&all[k])) != 0)
			die("memory");
	text = json_dumps(o, JSON_INDENT(1) | JSON_SORT_KEYS);
	if (text == NULL)
		die("memory");
	return file_replace(file, bytes_of(text, strlen(text)), 0600);
}

/* ---- reading ---- */

static enum err
read_told(const json_t *o, struct told *out)
{
	const char *since = json_string_value(json_object_get(o, "since"));
	const char *severity = json_string_value(json_object_get(o, "severity"));

	*out = (struct told){.id = (uint64_t)json_integer_value(json_object_get(o, "id")),
		.at = json_integer_value(json_object_get(o, "at"))};
	if (severity == NULL || since == NULL || !copy_text(out->since, sizeof out->since, since))
		return E_INPUT;
	if (strcmp(severity, "critical") == 0)
		out->severity = SEVERITY_CRITICAL;
	return E_OK;
}

static enum err
read_teller(const json_t *o, struct teller *out)
{
	const json_t *list = json_object_get(o, "told"), *last = json_object_get(o, "last");

	if (!json_is_array(list) || !json_is_integer(last))
		return E_INPUT;
	out->begun = true;
	out->last = (uint64_t)json_integer_value(last);
	out->told = xcalloc(json_array_size(list) + 1, sizeof *out->told);
	for (size_t i = 0; i < json_array_size(list); i++)
		TRY(read_told(json_array_get(list, i), &out->told[out->n++]));
	return E_OK;
}

enum err
tellers_load(const char *file, struct teller all[CHANNELS])
{
	OWNED_BUF(text) = {0};
	OWNED(json_t, o, json_decrefp) = NULL;

	TRY(file_read(file, FILE_MOST, &text));
	o = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(o))
		return E_INPUT;
	for (enum channel_kind k = 0; k < CHANNELS; k++)
		if (json_object_get(o, channel_word(k)) != NULL)
			TRY(read_teller(json_object_get(o, channel_word(k)), &all[k]));
	return E_OK;
}
