/* SPDX-License-Identifier: EUPL-1.2
 *
 * The exchange's figures for Prometheus, and whether it lives and serves. What may be a label is
 * bounded: codes of parties, stages, words of closed lists; never an id, never a name. Everything
 * here is a counter that is kept or a look-up by party; no message is walked over. */
#include <stdlib.h>
#include <unistd.h>

#include "broker/control_json.h"
#include "broker/daftard_alert.h"
#include "broker/metrics_text.h"
#include "broker/respawn.h"
#include "broker/store_look.h"

#define CORRIDORS_MOST 512

/* ---- one figure each ---- */

static void
gauge(struct metrics *m, const char *name, const char *help, double value)
{
	metric_family(m, name, METRIC_GAUGE, help);
	metric_sample(m, value);
}

static void
counter(struct metrics *m, const char *name, const char *help, double value)
{
	metric_family(m, name, METRIC_COUNTER, help);
	metric_sample(m, value);
}

/* An instant that is not known is not told. */
static void
instant(struct metrics *m, const char *name, const char *help, int64_t ms)
{
	if (ms != 0)
		gauge(m, name, help, (double)ms / 1000);
}

static double
age(int64_t since)
{
	int64_t now = instant_now();

	return since == 0 || since > now ? 0 : (double)(now - since) / 1000;
}

static void
put_store(struct metrics *m, struct daftard *d, const struct store_figures *f)
{
	counter(m, "daftar_messages_total", "Messages that were ever accepted.",
		(double)f->messages);
	gauge(m, "daftar_queued_messages", "Messages that wait for their addressees.",
		(double)f->queued);
	gauge(m, "daftar_oldest_queued_age_seconds",
		"Age of the message that has waited longest, 0 when none waits.",
		age(f->oldest_queued));
	gauge(m, "daftar_held_messages", "Messages held until newer revocation data comes.",
		(double)store_held_count(d->store, NULL));
	gauge(m, "daftar_stopped_messages", "Messages of frozen cases and withdrawn consents.",
		(double)f->stopped);
	gauge(m, "daftar_damaged_messages", "Messages whose record is damaged.",
		(double)exchange_damaged(d->exchange));
	counter(m, "daftar_log_leaves_total", "Statements in the transparency log.",
		(double)f->log_size);
	counter(m, "daftar_store_commits_total", "Commits since the exchange was started.",
		(double)f->commits);
	gauge(m, "daftar_store_size_bytes", "The most that the store may ever take.",
		(double)f->map_size);
	gauge(m, "daftar_store_used_bytes", "Of this, what is in use.", (double)f->map_used);
	instant(m, "daftar_store_full_timestamp_seconds",
		"When the store will be full at the rate of the last day.",
		alerts_store_full_at(d));
	gauge(m, "daftar_store_generation", "1, and one more for each time it was restored.",
		(double)store_generation(d->store));
	metric_family(m, "daftar_messages", METRIC_GAUGE, "Messages by their last stage.");
	for (enum stage s = 0; s < ST_CONFLICT; s++)
		metric_of(m, "stage", stage_word(s), (double)f->stage[s]);
}

/* ---- parties ---- */

typedef double of_party(struct daftard *d, const struct party *p);

static double
queue_of(struct daftard *d, const struct party *p)
{
	return (double)store_queue_depth(d->store, p);
}

struct is_connected {
	const struct party *party;
	bool it_is;
};

static void
match(void *context, const struct peer_state *p)
{
	struct is_connected *c = context;

	c->it_is = c->it_is || party_equal(c->party, &p->party);
}

static double
connected(struct daftard *d, const struct party *p)
{
	struct is_connected c = {.party = p};

	exchange_each_peer(d->exchange, match, &c);
	return c.it_is;
}

static double
is_out(struct daftard *d, const struct party *p)
{
	return store_standing(d->store, NULL, p) != STANDING_GOOD;
}

static double
differing(struct daftard *d, const struct party *p)
{
	struct recon_result last;

	return store_recon(d->store, p, &last) == E_OK && books_differ(&last)
		       ? (double)(last.differences - last.mended)
		       : 0;
}

static double
compared(struct daftard *d, const struct party *p)
{
	struct recon_result last;

	return store_recon(d->store, p, &last) == E_OK ? (double)last.at / 1000 : 0;
}

static double
heard(struct daftard *d, const struct party *p)
{
	return (double)alerts_heard(d, p) / 1000;
}

static void
put_parties(struct metrics *m, struct daftard *d)
{
	static const struct {
		const char *name, *help;
		of_party *value;
	} rows[] = {
		{"daftar_party_queued_messages", "Messages that wait for this party.", queue_of},
		{"daftar_party_connected", "1 when it is connected.", connected},
		{"daftar_party_heard_timestamp_seconds", "When it was last heard, 0: never.",
			heard},
		{"daftar_party_out", "1 when it is cut off or suspended.", is_out},
		{"daftar_party_compared_timestamp_seconds",
			"When books were last compared with it, 0: never.", compared},
		{"daftar_party_differing_messages",
			"Messages that its book and ours do not agree on.", differing},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		metric_family(m, rows[i].name, METRIC_GAUGE, rows[i].help);
		for (size_t k = 0; k < trust_count(d->trust); k++) {
			const struct trust_party *p = trust_at(d->trust, k);

			if (p->role != ROLE_EXCHANGE)
				metric_of(m, "party", p->code.code, rows[i].value(d, &p->code));
		}
	}
}

/* ---- corridors ---- */

static double
messages_of(const struct corridor_figures *c)
{
	return (double)c->messages;
}

static double
open_of(const struct corridor_figures *c)
{
	return (double)c->open;
}

static double
waiting_of(const struct corridor_figures *c)
{
	return (double)c->waiting;
}

static double
oldest_of(const struct corridor_figures *c)
{
	return age(c->oldest);
}

/* Of those that have ever carried a message; what is beyond the first of them is left out. */
static void
put_corridors(struct metrics *m, struct daftard *d)
{
	static const struct {
		const char *name, *help;
		enum metric_type type;
		double (*value)(const struct corridor_figures *c);
	} rows[] = {
		{"daftar_corridor_messages_total", "Messages that this corridor ever carried.",
			METRIC_COUNTER, messages_of},
		{"daftar_corridor_open_messages", "Of these, those that have not ended.",
			METRIC_GAUGE, open_of},
		{"daftar_corridor_waiting_messages", "Of these, those that nobody has taken yet.",
			METRIC_GAUGE, waiting_of},
		{"daftar_corridor_oldest_waiting_age_seconds",
			"Age of the one of these that has waited longest, 0 when none waits.",
			METRIC_GAUGE, oldest_of},
	};
	struct corridor_figures *list = xcalloc(CORRIDORS_MOST, sizeof *list);
	size_t n = store_corridors(d->store, NULL, list, CORRIDORS_MOST);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		metric_family(m, rows[i].name, rows[i].type, rows[i].help);
		for (size_t k = 0; k < n; k++)
			metric_of_two(m, "from", list[k].corridor.from.code, "to",
				list[k].corridor.to.code, rows[i].value(&list[k]));
	}
	free(list);
}

/* Until the last of its kind ends, a party can go on. */
static void
put_certificates(struct metrics *m, struct daftard *d)
{
	instant(m, "daftar_trust_list_expiry_timestamp_seconds", "End of the trust list in force.",
		trust_valid_until(d->trust));
	gauge(m, "daftar_trust_list_version", "Version of the trust list in force.",
		(double)trust_version(d->trust));
	metric_family(m, "daftar_signing_certificate_expiry_timestamp_seconds", METRIC_GAUGE,
		"End of the party's signing certificate that ends last.");
	for (size_t k = 0; k < trust_count(d->trust); k++) {
		const struct trust_party *p = trust_at(d->trust, k);
		int64_t last = 0;

		for (size_t i = 0; i < p->n_sign; i++)
			if (p->sign_revoked[i] == INT64_MAX && p->sign_until[i] > last)
				last = p->sign_until[i];
		if (p->role != ROLE_EXCHANGE && last != 0)
			metric_of(m, "party", p->code.code, (double)last / 1000);
	}
}

/* ---- processes ---- */

static void
put_processes(struct metrics *m, struct daftard *d)
{
	double examiners = 0;
	struct examiners_figures f;

	for (size_t i = 0; i < examiners_count(d->examiners); i++)
		examiners += (double)helper_memory(examiners_pid(d->examiners, i));
	metric_family(m, "daftar_resident_memory_bytes", METRIC_GAUGE, "Memory by program.");
	metric_of(m, "program", "daftard", (double)helper_memory(getpid()));
	metric_of(m, "program", "daftar-gate", (double)helper_memory(gate_child_pid(d->gate)));
	metric_of(m, "program", "daftar-examiner", examiners);
	examiners_figures(d->examiners, &f);
	gauge(m, "daftar_examinations_waiting", "Messages that wait for an examiner.",
		(double)f.waiting);
	counter(m, "daftar_examinations_total", "Messages that were examined.", (double)f.judged);
	counter(m, "daftar_quarantined_total", "Messages that have stopped an examiner.",
		(double)f.quarantined);
	counter(m, "daftar_examiner_starts_total", "Starts of examiners.", (double)f.starts);
	counter(m, "daftar_gate_starts_total", "Starts of the gate.",
		(double)gate_child_starts(d->gate));
	counter(m, "daftar_offences_total", "Connections that the gate has cut off.",
		(double)d->offences);
	metric_family(m, "daftar_refusals_total", METRIC_COUNTER, "Refusals sent, by code.");
	for (enum err e = 1; e < E_COUNT; e++)
		if (d->refused[e] != 0)
			metric_of(m, "code", err_word(e), (double)d->refused[e]);
}

/* ---- care ---- */

static void
put_care(struct metrics *m, struct daftard *d)
{
	const struct alerts *all = alerts_of(d);
	int64_t now = instant_now();

	instant(m, "daftar_backup_timestamp_seconds", "When the last whole backup was made.",
		alerts_backup_at(d));
	instant(m, "daftar_scrub_timestamp_seconds", "When the last scrub ended.", d->scrub.at);
	gauge(m, "daftar_scrub_damaged_records", "Damaged records that the last scrub found.",
		d->scrub.at == 0 ? 0 : (double)d->scrub.result.scrub.damaged);
	metric_family(m, "daftar_alerts", METRIC_GAUGE,
		"Alerts that last, seen or not, by rule and severity; muted ones are left out.");
	for (enum alert_rule r = 0; r < ALERT_RULES; r++)
		for (enum severity s = SEVERITY_WARNING; s <= SEVERITY_CRITICAL; s++)
			metric_of_two(m, "rule", alert_word(r), "severity", severity_word(s),
				(double)alerts_lasting(all, r, s, now));
}

static bool
takes_new(struct daftard *d)
{
	return d->ready && gate_child_pid(d->gate) != 0 && daftard_is_well(d) &&
	       store_has_room(d->store) && !exchange_clock_behind(d->exchange, instant_now());
}

static enum err
verb_metrics(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	OWNED_BUF(text) = {0};
	struct metrics m = {.out = &text};
	struct store_figures f;

	(void)args;
	alerts_look(d);
	store_figures(d->store, &f);
	metric_family(&m, "daftar_build_info", METRIC_GAUGE, "Always 1; its label is the version.");
	metric_of(&m, "version", PACKAGE_VERSION, 1);
	instant(&m, "daftar_start_timestamp_seconds", "When the exchange was started.", d->started);
	gauge(&m, "daftar_ready", "1 while new messages are taken.", takes_new(d));
	put_store(&m, d, &f);
	put_parties(&m, d);
	put_corridors(&m, d);
	put_certificates(&m, d);
	put_processes(&m, d);
	put_care(&m, d);
	*data = json_object();
	json_put(*data, "text", json_stringn((const char *)text.data, text.size));
	return E_OK;
}

/* ---- health ---- */

/* It answers, so it lives; it is ready while it takes what is new. */
static enum err
verb_health(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	json_t *why = json_array();

	(void)args;
	group_end(d);
	if (!d->ready)
		json_add(why, json_string("the gate or the examiners do not run yet"));
	else if (gate_child_pid(d->gate) == 0)
		json_add(why, json_string("the gate is down and is being restarted"));
	else if (!daftard_is_well(d))
		json_add(why, json_string("the gate does not answer"));
	if (!store_has_room(d->store))
		json_add(why, json_string("the store is full"));
	if (exchange_clock_behind(d->exchange, instant_now()))
		json_add(why, json_string("the clock is behind the log"));
	*data = json_object();
	json_put(*data, "live", json_true());
	json_put(*data, "ready", json_boolean(json_array_size(why) == 0));
	json_put(*data, "why", why);
	return E_OK;
}

const struct control_verb metrics_verbs[] = {
	{"metrics", CONTROL_LOOKS, 0, "figures as Prometheus reads them", verb_metrics, {{0}}},
	{"health", CONTROL_LOOKS, 0, "whether it lives, whether it takes new messages, and why not",
		verb_health, {{0}}},
	{0},
};
