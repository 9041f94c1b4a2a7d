/* SPDX-License-Identifier: EUPL-1.2
 *
 * Who has handled a case, for the operator; and the note that he has looked himself, or has had
 * something written for a courier. */
#include <stdlib.h>
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"
#include "broker/ledger.h"

/* A note is no reason to take the room of messages. */
void
ledger_note(struct daftard *d, uint64_t seq, enum access_kind kind, uid_t uid)
{
	struct access a = {.kind = kind, .at = instant_now(), .uid = uid};

	if (!store_has_room(d->store))
		return;
	if (kind == ACCESS_SEEN)
		officers_name(&d->officers, uid, a.by);
	store_add_access(group_txn(d), seq, &a);
}

void
ledger_exported(struct daftard *d, uint64_t seq)
{
	d->exported = xrealloc(d->exported, (d->n_exported + 1) * sizeof *d->exported);
	d->exported[d->n_exported++] = seq;
}

void
ledger_tick(struct daftard *d)
{
	for (size_t i = 0; i < d->n_exported; i++)
		ledger_note(d, d->exported[i], ACCESS_EXPORTED, 0);
	d->n_exported = 0;
}

static void
add_lines(struct bytes lines, json_t *list)
{
	const char *at = (const char *)lines.data, *end = at + lines.size, *line;

	for (; at < end && (line = memchr(at, '\n', (size_t)(end - at))) != NULL; at = line + 1)
		json_add(list, json_loadb(at, (size_t)(line - at), 0, NULL));
}

enum err
verb_ledger(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	const char *name = json_string_value(json_object_get(args, "id"));
	char tracking[TRACKING_SIZE];
	OWNED_BUF(lines) = {0};
	json_t *list = json_array();
	struct entry e;
	struct id id;

	group_end(d);
	*data = json_pack("{s:o}", "entries", list);
	if (name == NULL)
		return E_USAGE;
	if (!id_parse(name, &id) || store_conversation(d->store, &id, &e, 1) != 1)
		TRY(message_arg(d, args, &e));
	ledger_lines(
		d->store, &trust_exchange(d->trust)->code, &e.header.conversation, NULL, &lines);
	add_lines(buf_bytes(&lines), list);
	tracking_of(&e.header.conversation, tracking);
	json_put_id(*data, "conversation", &e.header.conversation);
	json_put_text(*data, "tracking", tracking);
	ledger_note(d, e.seq, ACCESS_SEEN, control_user(d->control));
	return E_OK;
}
