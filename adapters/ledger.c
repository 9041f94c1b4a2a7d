/* SPDX-License-Identifier: EUPL-1.2
 *
 * The ledger of a case as facts of the spool: "ledger/<conversation>/<number>" holds an entry as
 * JSON, "ledger-head/<conversation>" the number and the digest of the last one. */
#include "adapters/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/log.h"

#define NAME_SIZE 128

struct head {
	uint32_t n; /* entries so far */
	char last[DIGEST_TEXT_SIZE];
};

static void
name_of(const struct id *conversation, uint32_t n, char out[NAME_SIZE])
{
	char id[ID_TEXT_SIZE];

	id_format(conversation, id);
	if (n == 0)
		snprintf(out, NAME_SIZE, LEDGER_HEADS "%s", id);
	else
		snprintf(out, NAME_SIZE, LEDGER_FACTS "%s/%08" PRIu32, id, n);
}

/* All zero for a case that has none. */
static enum err
head_read(struct spool *s, const struct id *conversation, struct head *out)
{
	OWNED_BUF(value) = {0};
	char name[NAME_SIZE];
	enum err e;

	*out = (struct head){.n = 0};
	name_of(conversation, 0, name);
	e = spool_fact(s, name, &value);
	if (e == E_NOT_FOUND)
		return E_OK;
	TRY(e);
	buf_u8(&value, '\0');
	return sscanf((char *)value.data, "%" SCNu32 " %64s", &out->n, out->last) == 2 ? E_OK
										       : E_DAMAGED;
}

static json_t *
entry_read(struct spool *s, const struct id *conversation, uint32_t n, struct digest *digest)
{
	OWNED_BUF(value) = {0};
	char name[NAME_SIZE];

	name_of(conversation, n, name);
	if (spool_fact(s, name, &value) != E_OK)
		return NULL;
	digest_of(value.data, value.size, digest);
	return json_loadb((const char *)value.data, value.size, 0, NULL);
}

/* ---- writing ---- */

static void
compose(const struct header *h, const struct reading *r, const char *before, int64_t now,
	struct buf *out)
{
	char at[INSTANT_TEXT_SIZE], id[ID_TEXT_SIZE], token[ID_TEXT_SIZE] = "";

	instant_format(now, at);
	id_format(&h->id, id);
	if (h->has_token)
		id_format(&h->token.id, token);
	buf_printf(out, "{\"at\":\"%s\",\"by\":\"%s\",\"why\":\"%s\",", at,
		r->by_hand ? "registrar" : "machine", r->why);
	if (r->by_hand)
		buf_printf(out, "\"uid\":%" PRIu32 ",", r->uid);
	buf_printf(out,
		"\"message\":\"%s\",\"action\":\"%s\",\"from\":\"%s\",\"agreement\":\"%s\","
		"\"purpose\":\"%s\",\"token\":\"%s\",\"before\":\"%s\"}",
		id, action_word(h->action), h->from.code, h->agreement, h->purpose, token, before);
}

static enum err
append(struct spool *s, const struct header *h, const struct reading *r, const struct head *head,
	int64_t now)
{
	char name[NAME_SIZE], last[DIGEST_TEXT_SIZE];
	OWNED_BUF(entry) = {0};
	OWNED_BUF(next) = {0};
	struct digest d;
	enum err e, end;

	compose(h, r, head->last, now, &entry);
	digest_of(entry.data, entry.size, &d);
	digest_format(&d, last);
	buf_printf(&next, "%" PRIu32 " %s", head->n + 1, last);
	TRY(spool_group(s));
	name_of(&h->conversation, head->n + 1, name);
	e = spool_set_fact(s, name, buf_bytes(&entry));
	name_of(&h->conversation, 0, name);
	if (e == E_OK)
		e = spool_set_fact(s, name, buf_bytes(&next));
	end = spool_group_end(s);
	return e != E_OK ? e : end;
}

static const char *
text_of(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));

	return text != NULL ? text : "";
}

static bool
machine_was_here(struct spool *s, const struct header *h, const struct head *head)
{
	char id[ID_TEXT_SIZE];
	struct digest ignored;
	bool found = false;

	id_format(&h->id, id);
	for (uint32_t n = 1; n <= head->n && !found; n++) {
		OWNED(json_t, entry, json_decrefp) = entry_read(s, &h->conversation, n, &ignored);

		found = strcmp(text_of(entry, "by"), "machine") == 0 &&
			strcmp(text_of(entry, "message"), id) == 0;
	}
	return found;
}

void
ledger_note(struct spool *s, const struct header *h, const struct reading *r, int64_t now)
{
	struct head head;
	enum err e = head_read(s, &h->conversation, &head);

	if (e == E_OK && !r->by_hand && machine_was_here(s, h, &head))
		return;
	if (e == E_OK)
		e = append(s, h, r, &head, now);
	if (e != E_OK)
		log_message(LOG_ERROR, &h->id, "that it was opened is not kept: why=%s code=%s",
			r->why, err_word(e));
}

/* ---- reading ---- */

enum err
ledger_list(struct spool *s, const struct id *conversation, json_t *list)
{
	char before[DIGEST_TEXT_SIZE] = "";
	struct head head;
	enum err found = E_OK;

	TRY(head_read(s, conversation, &head));
	for (uint32_t n = 1; n <= head.n; n++) {
		struct digest d;
		json_t *entry = entry_read(s, conversation, n, &d);

		if (entry == NULL) {
			found = E_DAMAGED;
			continue;
		}
		if (strcmp(text_of(entry, "before"), before) != 0)
			found = E_DAMAGED;
		digest_format(&d, before);
		json_object_set_new(entry, "n", json_integer(n));
		json_array_append_new(list, entry);
	}
	return strcmp(before, head.last) == 0 ? found : E_DAMAGED;
}
