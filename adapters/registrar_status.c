/* SPDX-License-Identifier: EUPL-1.2
 *
 * The verb `status': whether the adapter is working, what waits, and for whom. */
#include <string.h>

#include "adapters/core_parts.h"
#include "adapters/daemon.h"
#include "adapters/registrar.h"
#include "lib/loghead.h"
#include "lib/talk.h"

static json_t *
counts_json(const struct spool_counts *c)
{
	json_t *in = json_object(), *out = json_object();

	for (int s = 0; s < IN_N; s++)
		json_object_set_new(
			in, in_state_word((enum in_state)s), json_integer((json_int_t)c->in[s]));
	for (int s = 0; s < OUT_N; s++)
		json_object_set_new(out, out_state_word((enum out_state)s),
			json_integer((json_int_t)c->out[s]));
	return json_pack("{s:o,s:o,s:I,s:I}", "in", in, "out", out, "size", (json_int_t)c->map_size,
		"used", (json_int_t)c->map_used);
}

static json_t *
register_json(struct daemon *d)
{
	uint64_t all, ours;
	enum err e = d->kind->count(d->driver, &all, &ours);

	if (e != E_OK)
		return json_pack("{s:s,s:s}", "driver", d->kind->name, "code", err_word(e));
	return json_pack("{s:s,s:s,s:I,s:I}", "driver", d->kind->name, "code", err_word(E_OK),
		"entries", (json_int_t)all, "fromAbroad", (json_int_t)ours);
}

static bool
add_alarm(void *context, const char *key, struct bytes value)
{
	json_array_append_new(context, json_string(key + strlen(TALK_ALARMS)));
	return true;
}

/* What waits for a person beyond the inbox; the last comparison with the exchange. */
static void
add_facts(struct daemon *d, json_t *status)
{
	json_t *alarms = json_array();
	OWNED_BUF(last) = {0};

	if (spool_each_fact(d->spool, TALK_ALARMS, add_alarm, alarms) == E_OK &&
		json_array_size(alarms) > 0)
		json_object_set(status, "alarms", alarms);
	json_decref(alarms);
	json_object_set_new(status, "aside", json_integer((json_int_t)core_count_aside(d->core)));
	json_object_set_new(status, "logForked", json_boolean(log_forks(d->spool) > 0));
	if (spool_fact(d->spool, TALK_LAST_RECON, &last) == E_OK)
		json_object_set_new(status, "reconciled",
			json_loadb((const char *)last.data, last.size, 0, NULL));
}

struct due {
	const struct daemon *d;
	char today[11], first[11];
	size_t overdue;
};

static bool
add_due(void *context, const struct in_entry *e)
{
	struct due *due = context;
	const struct trust_profile *p = registrar_profile(due->d, e);
	char day[11];

	if (p == NULL || p->decision_days == 0)
		return true;
	core_day(e->taken, (long)p->decision_days, day);
	if (due->first[0] == '\0' || strcmp(day, due->first) < 0)
		memcpy(due->first, day, sizeof day);
	due->overdue += strcmp(due->today, day) > 0;
	return true;
}

/* By which day the first extract is to be decided, and how many should have been. */
static void
add_deadlines(struct daemon *d, json_t *status)
{
	struct due due = {.d = d};

	core_day(instant_now(), 0, due.today);
	if (spool_each_in(d->spool, add_due, &due) != E_OK || due.first[0] == '\0')
		return;
	json_object_set_new(status, "decideBy", json_string(due.first));
	json_object_set_new(status, "overdue", json_integer((json_int_t)due.overdue));
}

enum err
verb_status(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	struct spool_counts counts;
	char until[INSTANT_TEXT_SIZE];

	TRY(spool_count(d->spool, &counts));
	instant_format(trust_valid_until(d->trust), until);
	*data = json_pack("{s:s,s:s,s:s,s:s,s:{s:I,s:s},s:o,s:o}", "party", d->self.code, "realm",
		trust_realm(d->trust), "decide", conf_text(d->conf, "decide"), "exchange",
		link_is_up(d->link) ? "connected" : "away", "trust", "version",
		(json_int_t)trust_version(d->trust), "validUntil", until, "register",
		register_json(d), "spool", counts_json(&counts));
	add_facts(d, *data);
	add_deadlines(d, *data);
	return E_OK;
}
