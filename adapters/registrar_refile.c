/* SPDX-License-Identifier: EUPL-1.2
 *
 * The registrar's verbs for what this registry had sent and the exchange has given back. */
#include "adapters/registrar.h"

static bool
add_given_back(void *context, const struct out_entry *e)
{
	char id[ID_TEXT_SIZE], tracking[TRACKING_SIZE], ended[INSTANT_TEXT_SIZE];

	id_format(&e->header.id, id);
	tracking_of(&e->header.conversation, tracking);
	instant_format(e->ended, ended);
	json_array_append_new(
		context, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "id", id, "tracking", tracking,
				 "state", "returned", "action", action_word(e->header.action),
				 "from", e->header.to.code, "note", e->reason, "ended", ended));
	return true;
}

/* As rows of the inbox are; `from' is who gave it back by not taking it. */
enum err
verb_returned(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;

	(void)args;
	*data = json_array();
	return core_each_given_back(d->core, add_given_back, *data);
}

static const char *
text_of(const json_t *args, const char *key)
{
	return json_string_value(json_object_get(args, key));
}

enum err
verb_refile(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	const struct refile how = {.number = text_of(args, "entryNumber"),
		.office = text_of(args, "office"),
		.why = {.code = text_of(args, "code"),
			.explanation = text_of(args, "explanation"),
			.appeal_body = text_of(args, "appealBody"),
			.appeal_by = text_of(args, "appealBy")},
		.user = control_user(d->control)};
	const char *text = text_of(args, "id");
	char said[ID_TEXT_SIZE];
	struct id id, anew;

	if (text == NULL || !id_parse(text, &id))
		return E_USAGE;
	TRY(core_refile(d->core, &id, &how, instant_now(), &anew));
	daemon_wake(d);
	id_format(&anew, said);
	*data = json_pack("{s:s,s:s}", "id", text, "filedAgainAs", said);
	return E_OK;
}
