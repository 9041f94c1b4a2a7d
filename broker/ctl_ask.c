/* SPDX-License-Identifier: EUPL-1.2
 *
 * Asking daftard: over the socket, or over the network with an officer's key. What was typed
 * becomes the arguments of the verb, with the types that they have there. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "broker/ctl_command.h"
#include "broker/ctl_where.h"
#include "lib/control.h"
#include "lib/id.h"

/* ---- asking ---- */

enum err
ctl_call(const struct options *o, const char *verb, json_t *args, json_t **data)
{
	return control_call(o->socket, verb, args, data);
}

enum err
ctl_put(const struct options *o, const char *verb, struct bytes all)
{
	return control_put(o->socket, verb, all);
}

/* ---- arguments ---- */

/* What stays here. */
#define OURS                                                                                       \
	(EVERYWHERE | BIT(OPT_YES) | BIT(OPT_WHERE) | BIT(OPT_PLUGIN) | BIT(OPT_ONCE) |            \
		BIT(OPT_EVERY) | BIT(OPT_OUT) | BIT(OPT_WAIT))

static bool
is_one_of(const char *name, const char *const list[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

static json_t *
whole_number(const char *text)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	return n > 0 && *end == '\0' && errno == 0 ? json_integer(n) : NULL;
}

/* NULL when it is not what it must be. */
static json_t *
value_of(const struct command *c, const char *name, const char *text)
{
	static const char *const numbers[] = {"limit", "before", "number", "days", "hours"};
	static const char *const times[] = {"since", "until"};
	/* A mute is for what comes, a filter for what was. */
	enum when which = strcmp(c->doing->verb, "alert.mute") == 0 ? WHEN_BEHIND : WHEN_BEFORE;
	int64_t ms;

	if (is_one_of(name, numbers, ARRAY_LEN(numbers)) ||
		(strcmp(name, "after") == 0 && strcmp(c->doing->verb, "reconcile.matrix") == 0))
		return whole_number(text);
	if (!is_one_of(name, times, ARRAY_LEN(times)))
		return json_string(text);
	return when_parse(text, instant_now(), which, &ms) ? json_integer(ms) : NULL;
}

/* Keys of the protocol are words with _ between. */
static void
key_of(const char *option, char out[32])
{
	size_t i;

	for (i = 0; i < 31 && option[i] != '\0'; i++)
		out[i] = option[i] == '-' ? '_' : option[i];
	out[i] = '\0';
}

static bool
put_option(json_t *args, const struct command *c, int i, const char *value)
{
	char key[32];

	key_of(ctl_table.option[i].name, key);
	return json_object_set_new(args, key,
		       ctl_table.option[i].value == NULL ? json_true() : value_of(c, key, value)) ==
	       0;
}

static bool
put_words(json_t *args, const struct options *o, const struct command *c, const char **wrong)
{
	OWNED(char, names, free_chars) = xstrdup(c->doing->names);
	char *save = NULL, *name = strtok_r(names, " ", &save);
	/* Pages of a report and closings of a period are asked for by the command itself. */
	bool raw = c->doing->run == ctl_retain_report || c->doing->run == ctl_reconcile_sign;

	for (int i = 0; i < o->n_words && name != NULL; i++) {
		*wrong = o->words[i];
		if (json_object_set_new(args, name,
			    raw ? json_string(o->words[i]) : value_of(c, name, o->words[i])) != 0)
			return false;
		name = strtok_r(NULL, " ", &save);
	}
	return true;
}

json_t *
ctl_args(const struct options *o, const struct command *c, const char **wrong)
{
	OWNED(json_t, args, json_decrefp) = json_object();

	if (!put_words(args, o, c, wrong))
		return NULL;
	for (int i = 0; i < OPT_N; i++) {
		*wrong = ctl_table.option[i].name;
		if ((OURS & BIT(i)) == 0 && o->value[i] != NULL &&
			!put_option(args, c, i, o->value[i]))
			return NULL;
	}
	return TAKE(args);
}

/* ---- the answer ---- */

void
ctl_json(const json_t *data)
{
	OWNED(json_t, whole, json_decrefp) = json_pack("{s:i}", "v", ANSWER_VERSION);

	(void)json_object_update(whole, (json_t *)data);
	json_dumpf(json_is_object(data) ? whole : data, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	putchar('\n');
	fflush(stdout);
}

void
ctl_show(const struct options *o, const struct command *c, const json_t *data)
{
	if (o->json)
		ctl_json(data);
	else
		c->doing->print(data);
}

const char *
ctl_item(const struct options *o)
{
	return o->n_words > 0 ? o->words[0] : NULL;
}

int
ctl_end(const struct options *o, const struct command *c, const char *item, const json_t *data,
	enum err e)
{
	if (e != E_OK)
		return ctl_complain(o, c, item, e);
	ctl_show(o, c, data);
	return EXIT_SUCCESS;
}

int
ctl_ask(const struct options *o, const struct command *c, json_t *args)
{
	OWNED(json_t, data, json_decrefp) = NULL;
	enum err e = ctl_call(o, c->doing->verb, args, &data);

	return ctl_end(o, c, ctl_item(o), data, e);
}
