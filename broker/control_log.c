/* SPDX-License-Identifier: EUPL-1.2
 *
 * The control verbs about the log: its newest head, as the note that every party may have, and
 * whether a head that somebody brings is one of this log. */
#include <string.h>

#include "broker/control_json.h"
#include "broker/daftard.h"
#include "lib/loghead.h"

static json_t *
head_json(const struct log_head *h)
{
	json_t *o = json_object();

	json_put_number(o, "generation", h->at.generation);
	json_put_number(o, "size", h->at.size);
	json_put_digest(o, "root", &h->at.root);
	return o;
}

enum err
verb_log_show(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	OWNED_BUF(note) = {0};
	struct log_head h;

	(void)args;
	group_end(d);
	TRY(store_checkpoint(d->store, &note));
	TRY(log_head_read(buf_bytes(&note), d->trust, &h));
	*data = head_json(&h);
	json_put_text(*data, "note", h.note);
	return E_OK;
}

/* What was lost with an earlier generation can not be told from what was never there. */
static const char *
verdict_of(struct daftard *d, const struct log_head *h)
{
	struct digest root;

	if (h->at.generation < store_generation(d->store))
		return "earlier-generation";
	if (h->at.generation > store_generation(d->store) ||
		store_log_root(d->store, h->at.size, &root) != E_OK ||
		!digest_equal(&root, &h->at.root))
		return "not-ours";
	return "ours";
}

static enum err
add_head(struct daftard *d, struct bytes note, struct log_head *h, json_t *list)
{
	json_t *o;

	TRY(log_head_read(note, d->trust, h));
	o = head_json(h);
	json_put_text(o, "verdict", verdict_of(d, h));
	json_add(list, o);
	return E_OK;
}

/* One note, or two with an empty line between. All are signed with the log's key, or E_CHECKPOINT.
 */
enum err
verb_log_check(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	const char *text = json_string_value(json_object_get(args, "notes"));
	json_t *heads = json_array();
	struct log_head one, other;
	struct bytes a, b;
	bool two;
	enum err e;

	*data = json_pack("{s:o}", "heads", heads);
	if (text == NULL)
		return E_USAGE;
	group_end(d);
	two = log_pair_split(bytes_of(text, strlen(text)), &a, &b) == E_OK;
	e = add_head(d, two ? a : bytes_of(text, strlen(text)), &one, heads);
	if (e == E_OK && two)
		e = add_head(d, b, &other, heads);
	if (e == E_OK)
		json_put(*data, "contradict",
			json_boolean(two && log_heads_contradict(&one, &other)));
	return e;
}
