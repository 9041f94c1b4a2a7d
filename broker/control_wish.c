/* SPDX-License-Identifier: EUPL-1.2
 *
 * Changes that are made by a row: the kind, whether two officers are needed, and the function that
 * makes it inside the group's transaction. The verbs check what they were given and call
 * change_ask; who, when, why, the log's leaf and the second officer are the same for all. */
#include <stdio.h>
#include <string.h>

#include "broker/control_act.h"
#include "broker/control_json.h"
#include "broker/daftard.h"

static const struct change_rule rules[] = {
	{CHANGE_HOLD, false, act_hold, NULL},
	{CHANGE_RELEASE, false, act_release, NULL},
	{CHANGE_RETRY, false, act_retry, NULL},
	{CHANGE_RETURN, true, act_return, NULL},
	{CHANGE_DISCARD, true, act_discard, NULL},
	{CHANGE_CLOSE, false, act_close, NULL},
	{CHANGE_OPEN, false, act_open, NULL},
	{CHANGE_DRAIN, false, act_drain, NULL},
	{CHANGE_SETTINGS, false, make_reload, reloaded},
	{CHANGE_LOG_LEVEL, false, make_log_level, log_level_changed},
};

const struct change_rule *
change_rule_of(enum change_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].kind == kind)
			return &rules[i];
	return NULL;
}

enum err
change_ask(struct daftard *d, enum change_kind kind, const char *subject, const json_t *args,
	json_t **data)
{
	const struct change_rule *rule = change_rule_of(kind);
	OWNED(char, document, free_chars) = json_dumps(args, JSON_COMPACT | JSON_ENSURE_ASCII);
	struct change c = {.kind = kind};

	assert(rule != NULL);
	if (document == NULL)
		return E_USAGE;
	TRY(reason_arg(args, &c));
	snprintf(c.subject, sizeof c.subject, "%s", subject);
	return change_wish(d, &c, bytes_of(document, strlen(document)), rule->two, data);
}
