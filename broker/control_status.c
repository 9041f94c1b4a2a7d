/* SPDX-License-Identifier: EUPL-1.2
 *
 * How the exchange is, in one answer: figures, peers, children, and the warnings that an operator
 * should look at. */
#include <unistd.h>

#include "broker/control_act.h"
#include "broker/control_json.h"
#include "broker/daftard_alert.h"
#include "broker/respawn.h"

static void
add_peer(void *context, const struct peer_state *p)
{
	json_t *o = json_object();

	json_put_text(o, "party", p->party.code);
	json_put_number(o, "epoch", p->epoch);
	json_put_number(o, "credit", p->credit);
	json_put_number(o, "under_way", p->under_way);
	json_put(o, "since", json_instant(p->since));
	json_add(context, o);
}

static json_t *
peers_json(struct daftard *d)
{
	json_t *list = json_array();

	exchange_each_peer(d->exchange, add_peer, list);
	return list;
}

static json_t *
child_json(const char *name, pid_t pid)
{
	json_t *o = json_object();

	json_put_text(o, "name", name);
	json_put_number(o, "pid", (uint64_t)pid);
	json_put(o, "running", json_boolean(pid != 0));
	json_put_number(o, "rss", pid != 0 ? helper_memory(pid) : 0);
	return o;
}

static json_t *
children_json(struct daftard *d)
{
	json_t *list = json_array();

	json_add(list, child_json("daftar-gate", gate_child_pid(d->gate)));
	for (size_t i = 0; i < examiners_count(d->examiners); i++)
		json_add(list, child_json("daftar-examiner", examiners_pid(d->examiners, i)));
	return list;
}

static json_t *
trust_json(const struct daftard *d)
{
	json_t *o = json_object();

	json_put_number(o, "version", trust_version(d->trust));
	json_put(o, "issued_at", json_instant(trust_issued_at(d->trust)));
	json_put(o, "valid_until", json_instant(trust_valid_until(d->trust)));
	json_put_number(o, "parties", trust_count(d->trust));
	return o;
}

static json_t *
examination_json(struct daftard *d)
{
	struct examiners_figures f;
	json_t *o = json_object();

	examiners_figures(d->examiners, &f);
	json_put_number(o, "waiting", f.waiting);
	json_put_number(o, "judged", f.judged);
	json_put_number(o, "quarantined", f.quarantined);
	json_put_number(o, "starts", f.starts);
	json_put_number(o, "gate_starts", gate_child_starts(d->gate));
	json_put_number(o, "offences", d->offences);
	return o;
}

static json_t *
refused_json(const struct daftard *d)
{
	json_t *o = json_object();

	for (enum err e = 0; e < E_COUNT; e++)
		if (d->refused[e] != 0)
			json_put_number(o, err_word(e), d->refused[e]);
	return o;
}

static json_t *
stages_json(const struct store_figures *f)
{
	json_t *o = json_object();

	for (enum stage s = 0; s < ST_CONFLICT; s++)
		json_put_number(o, stage_word(s), f->stage[s]);
	return o;
}

/* How many alerts of each severity fire, whoever has seen them or not. */
static json_t *
alerts_json(struct daftard *d)
{
	json_t *o = json_object();
	int64_t now = instant_now();

	for (enum severity s = SEVERITY_WARNING; s <= SEVERITY_CRITICAL; s++)
		json_put_number(o, severity_word(s), alerts_firing(alerts_of(d), s, now));
	return o;
}

static void
set_warnings(json_t *o, struct daftard *d)
{
	json_t *list = json_array();

	alerts_look(d);
	json_put_text(o, "state", alerts_warnings(d, list));
	json_put(o, "warnings", list);
	json_put(o, "alerts", alerts_json(d));
	json_put(o, "store_forecast", json_instant(alerts_store_full_at(d)));
}

static void
set_figures(json_t *o, struct daftard *d)
{
	struct store_figures f;

	set_warnings(o, d);
	store_figures(d->store, &f);
	json_put(o, "scrub", work_json(&d->scrub));
	json_put(o, "backup", work_json(&d->backup));
	json_put_number(o, "messages", f.messages);
	json_put_number(o, "queued", f.queued);
	json_put_number(o, "held", store_held_count(d->store, NULL));
	json_put_number(o, "withdrawn", f.withdrawn);
	json_put_number(o, "frozen", f.frozen);
	json_put_number(o, "stopped", f.stopped);
	json_put_number(o, "aside", f.aside);
	json_put_number(o, "dead", f.stage[ST_DEAD_LETTER]);
	drain_put(d, o);
	json_put_number(o, "oldest_queued_ms", (uint64_t)f.oldest_queued);
	json_put(o, "oldest_queued", json_instant(f.oldest_queued));
	json_put_number(o, "log_size", f.log_size);
	json_put_number(o, "generation", store_generation(d->store));
	json_put(o, "restored", json_boolean(store_is_restored(d->store)));
	waits_put(d, o);
	json_put_number(o, "damaged", exchange_damaged(d->exchange));
	json_put_number(o, "commits", f.commits);
	json_put_number(o, "store_size", f.map_size);
	json_put_number(o, "store_used", f.map_used);
	json_put(o, "stages", stages_json(&f));
}

enum err
verb_status(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	OWNED_BUF(checkpoint) = {0};
	json_t *o = json_object();

	(void)args;
	group_end(d);
	json_put_text(o, "version", PACKAGE_VERSION);
	json_put_text(o, "realm", trust_realm(d->trust));
	json_put_text(o, "endpoint", d->endpoint);
	json_put(o, "started", json_instant(d->started));
	json_put_number(o, "uptime_ms", (uint64_t)(instant_now() - d->started));
	json_put_number(o, "pid", (uint64_t)getpid());
	json_put_number(o, "rss", helper_memory(getpid()));
	set_figures(o, d);
	json_put(o, "peers", peers_json(d));
	json_put(o, "parties", parties_json(d));
	json_put(o, "children", children_json(d));
	json_put(o, "examination", examination_json(d));
	json_put(o, "refused", refused_json(d));
	json_put(o, "trust", trust_json(d));
	if (store_checkpoint(d->store, &checkpoint) == E_OK)
		json_put(o, "checkpoint",
			json_stringn((const char *)checkpoint.data, checkpoint.size));
	*data = o;
	return E_OK;
}
