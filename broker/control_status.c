/* SPDX-License-Identifier: EUPL-1.2
 *
 * How the exchange is, in one answer: figures, peers, children, and the warnings that an operator
 * should look at. */
#include <string.h>
#include <unistd.h>

#include "broker/control_json.h"
#include "broker/daftard.h"
#include "broker/respawn.h"

#define HOUR_MS 3600000ll
#define SOON_MS (7 * 86400000ll)

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

/* How many parties have not compared books with us since the store was restored, and with how many
 * the last comparison left differences. */
static void
count_books(struct daftard *d, size_t *reconciling, size_t *differing)
{
	struct recon_result last;

	*reconciling = *differing = 0;
	for (size_t i = 0; i < trust_count(d->trust); i++) {
		const struct trust_party *p = trust_at(d->trust, i);

		if (p->role == ROLE_EXCHANGE)
			continue;
		if (!store_reconciled(d->store, NULL, &p->code))
			++*reconciling;
		else if (store_recon(d->store, &p->code, &last) == E_OK && books_differ(&last))
			++*differing;
	}
}

static bool
is_anyone_out(struct daftard *d)
{
	for (size_t i = 0; i < trust_count(d->trust); i++)
		if (store_standing(d->store, NULL, &trust_at(d->trust, i)->code) != STANDING_GOOD)
			return true;
	return false;
}

/* What an operator should look at: what ends, then words of a fixed list, worst first. */
static json_t *
warnings_json(struct daftard *d, const struct store_figures *f, const char **state)
{
	int64_t left = trust_valid_until(d->trust) - instant_now();
	size_t reconciling, differing;
	json_t *list = json_array();

	count_books(d, &reconciling, &differing);
	*state = certs_warn(d, list) ? "warning" : "ok";
	const struct {
		bool critical, is;
		const char *sentence;
	} looked_at[] = {
		{true, !d->ready, "not ready: the gate or the examiners do not run yet"},
		{true, gate_child_pid(d->gate) == 0, "the gate is down and is being restarted"},
		{true, !store_has_room(d->store), "the store is full: new messages are refused"},
		{true, left <= 0, "the trust list has expired"},
		{true, exchange_damaged(d->exchange) > 0,
			"the store is damaged: some messages cannot be carried on"},
		{true, d->scrub.at != 0 && d->scrub.result.code == E_DAMAGED,
			"DAMAGED: the scrub found records that are not what was written"},
		{false,
			d->scrub.at != 0 && d->scrub.result.code != E_OK &&
				d->scrub.result.code != E_DAMAGED,
			"the store could not be scrubbed"},
		{true, exchange_clock_behind(d->exchange, instant_now()),
			"the clock is behind the log: new messages are refused"},
		{false, reconciling > 0,
			"the store was restored: some parties have not compared books yet"},
		{false, differing > 0, "books differ with a party: see daftarctl reconcile show"},
		{false, count_too_old(d) > 0,
			"revocation data of a country is too old: see daftarctl crl list"},
		{false, store_held_count(d->store, NULL) > 0,
			"messages are held until newer revocation data comes"},
		{false, d->offences > 0 && instant_now() - d->offended_at < HOUR_MS,
			"the gate cut somebody off within the last hour: see the log"},
		{false, is_anyone_out(d),
			"a party is cut off or suspended: see daftarctl party list"},
		{false, changes_wait(d),
			"a change waits for a second officer: see daftarctl change list"},
		{false, left > 0 && left < SOON_MS, "the trust list expires within 7 days"},
		{false, f->map_used > f->map_size / 10 * 7, "the store is more than 70 % full"},
		{false, f->oldest_queued != 0 && instant_now() - f->oldest_queued > 86400000,
			"a message waits for its addressee for more than a day"},
	};

	for (size_t i = 0; i < ARRAY_LEN(looked_at); i++) {
		if (!looked_at[i].is)
			continue;
		if (looked_at[i].critical)
			*state = "critical";
		else if (strcmp(*state, "ok") == 0)
			*state = "warning";
		json_add(list, json_string(looked_at[i].sentence));
	}
	return list;
}

static void
set_figures(json_t *o, struct daftard *d)
{
	struct store_figures f;
	const char *state;

	store_figures(d->store, &f);
	json_put(o, "warnings", warnings_json(d, &f, &state));
	json_put_text(o, "state", state);
	json_put(o, "scrub", work_json(&d->scrub));
	json_put(o, "backup", work_json(&d->backup));
	json_put_number(o, "messages", f.messages);
	json_put_number(o, "queued", f.queued);
	json_put_number(o, "held", store_held_count(d->store, NULL));
	json_put_number(o, "withdrawn", f.withdrawn);
	json_put_number(o, "frozen", f.frozen);
	json_put_number(o, "stopped", f.stopped);
	json_put_number(o, "oldest_queued_ms", (uint64_t)f.oldest_queued);
	json_put(o, "oldest_queued", json_instant(f.oldest_queued));
	json_put_number(o, "log_size", f.log_size);
	json_put_number(o, "generation", store_generation(d->store));
	json_put(o, "restored", json_boolean(store_is_restored(d->store)));
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
