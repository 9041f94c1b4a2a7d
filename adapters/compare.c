/* SPDX-License-Identifier: EUPL-1.2
 *
 * `reconcile --with PARTY': our book and another party's, through the exchange, which carries the
 * frames and cannot make them agree. The daemon's verbs, and the registrar's side, which waits for
 * the outcome. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "adapters/commands.h"
#include "adapters/daemon.h"

#define WAIT_MS 60000
#define LOOK_NS 200000000

/* ---- in the daemon ---- */

static enum err
party_of(const json_t *args, struct party *out)
{
	const char *code = json_string_value(json_object_get(args, "with"));

	return code != NULL && party_parse(code, out) ? E_OK : E_USAGE;
}

/* What came of the last comparison with it; NULL when there was none. */
static json_t *
last_with(struct daemon *d, const struct party *with)
{
	OWNED(char, name, free_chars) = xprintf("%s%s", TALK_RECON_WITH, with->code);
	OWNED_BUF(fact) = {0};

	if (spool_fact(d->spool, name, &fact) != E_OK)
		return NULL;
	return json_loadb((const char *)fact.data, fact.size, 0, NULL);
}

enum err
verb_compare(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	struct talk_scope scope = {.since = INT64_MIN, .until = INT64_MAX};
	json_t *before;

	TRY(party_of(args, &scope.with));
	if (trust_party(d->trust, &scope.with) == NULL)
		return E_UNKNOWN_PARTY;
	before = last_with(d, &scope.with);
	*data = json_pack("{s:o}", "before", before != NULL ? before : json_null());
	return link_reconcile_with(d->link, &scope);
}

enum err
verb_compared(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	struct party with;

	TRY(party_of(args, &with));
	*data = last_with(d, &with);
	return *data != NULL ? E_OK : E_NOT_FOUND;
}

/* ---- the registrar ---- */

static bool
is_newer(const json_t *begun, const json_t *outcome)
{
	const char *before =
		json_string_value(json_object_get(json_object_get(begun, "before"), "at"));
	const char *at = json_string_value(json_object_get(outcome, "at"));

	return at != NULL && (before == NULL || strcmp(at, before) > 0);
}

/* Begins when no other comparison is under way, then waits for the outcome. */
static enum err
compare(const char *socket, json_t *args, json_t **outcome)
{
	const struct timespec pause = {0, LOOK_NS};
	int64_t deadline = monotonic_now() + WAIT_MS;
	OWNED(json_t, begun, json_decrefp) = NULL;
	enum err e;

	while ((e = control_call(socket, "compare", args, &begun)) == E_BUSY &&
		monotonic_now() < deadline)
		(void)nanosleep(&pause, NULL);
	TRY(e);
	while (monotonic_now() < deadline) {
		json_decrefp(outcome);
		*outcome = NULL;
		e = control_call(socket, "compared", args, outcome);
		if (e != E_OK && e != E_NOT_FOUND)
			return e;
		if (e == E_OK && is_newer(begun, *outcome))
			return E_OK;
		(void)nanosleep(&pause, NULL);
	}
	return E_BUSY;
}

enum err
compare_with(const struct command_line *line, const struct conf *c, json_t **outcome)
{
	json_t *args = json_pack("{s:s}", "with", line->value[OPT_WITH]);
	enum err e;

	if (args == NULL)
		return E_USAGE;
	e = compare(conf_text(c, "control"), args, outcome);
	json_decref(args);
	return e;
}
