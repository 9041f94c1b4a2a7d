/* SPDX-License-Identifier: EUPL-1.2
 *
 * What daftarctl and the dashboard may ask: one row a verb, one function a row. Answers hold codes,
 * ids, digests, sizes and times; the broker has nothing else. Before it answers, a verb ends the
 * open group, so that it tells what is on disk. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/control_json.h"
#include "broker/daftard.h"
#include "broker/respawn.h"

#define LIST_USUAL 20
#define LIST_MOST 200
#define SEARCH_MOST 20000 /* messages looked through for a tracking number */
#define PAGE 64
#define SOON_MS (7 * 86400000ll)

/* ---- messages ---- */

static void
free_entries(struct entry **list)
{
	free(*list);
	*list = NULL;
}

static json_t *
timeline_json(const struct entry *e)
{
	json_t *steps = json_array();

	for (enum stage s = 0; s < STAGE_N; s++) {
		json_t *step;

		if (e->at[s] == 0)
			continue;
		step = json_object();
		json_put_text(step, "stage", stage_word(s));
		json_put(step, "at", json_instant(e->at[s]));
		if (s == e->stage && e->code[0] != '\0')
			json_put_text(step, "code", e->code);
		json_add(steps, step);
	}
	return steps;
}

/* What a list shows of a message. */
static json_t *
row_json(const struct entry *e)
{
	json_t *o = json_object();
	char tracking[TRACKING_SIZE];

	tracking_of(&e->header.conversation, tracking);
	json_put_number(o, "seq", e->seq);
	json_put_id(o, "id", &e->header.id);
	json_put_text(o, "tracking", tracking);
	json_put_text(o, "action", action_word(e->header.action));
	json_put_text(o, "from", e->header.from.code);
	json_put_text(o, "to", e->header.to.code);
	json_put_text(o, "stage", stage_word(e->stage));
	json_put_text(o, "code", e->code);
	json_put(o, "timeline", timeline_json(e));
	return o;
}

json_t *
event_json(const char *what, const struct entry *e)
{
	json_t *o = row_json(e);

	json_put_text(o, "event", what);
	json_put(o, "at", json_instant(instant_now()));
	return o;
}

static json_t *
receipts_json(struct daftard *d, const struct entry *e)
{
	json_t *list = json_array();
	OWNED_BUF(receipt) = {0};

	for (enum stage s = 0; s < STAGE_N; s++)
		if (e->at[s] != 0 && store_receipt(d->store, NULL, e->seq, s, &receipt) == E_OK)
			json_add(list, json_string(stage_word(s)));
	return list;
}

static json_t *
conversation_json(struct daftard *d, const struct id *conversation)
{
	OWNED(struct entry, found, free_entries) = xcalloc(PAGE, sizeof *found);
	size_t n = store_conversation(d->store, conversation, found, PAGE);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_add(list, row_json(&found[i]));
	return list;
}

static json_t *
message_json(struct daftard *d, const struct entry *e)
{
	json_t *o = row_json(e);

	json_put_id(o, "conversation", &e->header.conversation);
	json_put_id(o, "leg", &e->header.leg);
	if (e->header.has_ref)
		json_put_id(o, "answers", &e->header.ref);
	if (e->header.has_on_behalf_of)
		json_put_text(o, "on_behalf_of", e->header.on_behalf_of.code);
	json_put_text(o, "agreement", e->header.agreement);
	json_put_text(o, "purpose", e->header.purpose);
	json_put_number(o, "channel_seq", e->header.channel_seq);
	json_put_number(o, "size", e->size);
	json_put_digest(o, "digest", &e->digest);
	json_put(o, "created", json_instant(e->header.created));
	json_put(o, "expires", json_instant(e->header.expires));
	json_put_number(o, "attempts", e->attempts);
	if (e->at[ST_COMMITTED] != 0 || e->at[ST_REJECTED] != 0)
		json_put_digest(o, "by", &e->by);
	json_put(o, "receipts", receipts_json(d, e));
	json_put(o, "messages", conversation_json(d, &e->header.conversation));
	return o;
}

static const char *
text_arg(const json_t *args, const char *name)
{
	return json_string_value(json_object_get(args, name));
}

/* The first message of the newest conversation with this number. */
static enum err
find_tracking(struct daftard *d, const char *tracking, struct entry *out)
{
	OWNED(struct entry, page, free_entries) = xcalloc(PAGE, sizeof *page);
	uint64_t before = 0;
	size_t n, seen = 0;

	while (seen < SEARCH_MOST && (n = store_recent(d->store, before, page, PAGE)) > 0) {
		for (size_t i = 0; i < n; i++) {
			char text[TRACKING_SIZE];

			tracking_of(&page[i].header.conversation, text);
			if (strcmp(text, tracking) != 0)
				continue;
			return store_conversation(d->store, &page[i].header.conversation, out, 1) ==
					       1
				       ? E_OK
				       : E_NOT_FOUND;
		}
		before = page[n - 1].seq;
		seen += n;
	}
	return E_NOT_FOUND;
}

/* By message id or tracking number. */
static enum err
find_message(struct daftard *d, const json_t *args, struct entry *out)
{
	const char *name = text_arg(args, "id");
	char tracking[TRACKING_SIZE];
	struct id id;

	if (name == NULL)
		return E_USAGE;
	if (id_parse(name, &id))
		return store_find_id(d->store, NULL, &id, out);
	if (tracking_parse(name, tracking))
		return find_tracking(d, tracking, out);
	return E_USAGE;
}

static enum err
verb_message_show(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	struct entry e;

	group_end(d);
	TRY(find_message(d, args, &e));
	*data = message_json(d, &e);
	return E_OK;
}

static enum err
verb_message_list(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	json_int_t limit = json_integer_value(json_object_get(args, "limit"));
	json_int_t before = json_integer_value(json_object_get(args, "before"));
	OWNED(struct entry, page, free_entries) = xcalloc(LIST_MOST, sizeof *page);
	json_t *list = json_array();
	size_t n;

	group_end(d);
	if (limit <= 0)
		limit = LIST_USUAL;
	if (limit > LIST_MOST)
		limit = LIST_MOST;
	n = store_recent(d->store, before > 0 ? (uint64_t)before : 0, page, (size_t)limit);
	for (size_t i = 0; i < n; i++)
		json_add(list, row_json(&page[i]));
	*data = json_object();
	json_put(*data, "messages", list);
	return E_OK;
}

static enum err
verb_message_receipt(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	const char *word = text_arg(args, "stage");
	OWNED_BUF(receipt) = {0};
	struct entry e;
	enum stage s;

	group_end(d);
	TRY(find_message(d, args, &e));
	s = e.stage;
	if (word != NULL && !stage_parse(word, &s))
		return E_USAGE;
	TRY(store_receipt(d->store, NULL, e.seq, s, &receipt));
	*data = json_object();
	json_put_id(*data, "id", &e.header.id);
	json_put_text(*data, "stage", stage_word(s));
	json_put(*data, "receipt", json_stringn((const char *)receipt.data, receipt.size));
	return E_OK;
}

/* ---- parties ---- */

struct peer_of {
	const struct party *party;
	bool found;
	struct peer_state state;
};

static void
match_peer(void *context, const struct peer_state *p)
{
	struct peer_of *m = context;

	if (party_equal(&p->party, m->party)) {
		m->found = true;
		m->state = *p;
	}
}

static json_t *
party_json(struct daftard *d, const struct trust_party *p)
{
	struct peer_of m = {.party = &p->code};
	json_t *o = json_object();

	exchange_each_peer(d->exchange, match_peer, &m);
	json_put_text(o, "code", p->code.code);
	json_put_text(o, "country", p->country);
	json_put_text(o, "role", role_word(p->role));
	json_put_text(o, "name", p->name);
	json_put(o, "connected", json_boolean(m.found));
	json_put(o, "since", json_instant(m.found ? m.state.since : 0));
	json_put(o, "heard", json_instant(daftard_heard(d, &p->code)));
	json_put_number(o, "queued", store_queue_depth(d->store, &p->code));
	json_put_number(o, "under_way", m.found ? m.state.under_way : 0);
	json_put_number(o, "credit", m.found ? m.state.credit : 0);
	json_put(o, "reconciling", json_boolean(!store_reconciled(d->store, NULL, &p->code)));
	return o;
}

static json_t *
parties_json(struct daftard *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < trust_count(d->trust); i++) {
		const struct trust_party *p = trust_at(d->trust, i);

		if (p->role != ROLE_EXCHANGE)
			json_add(list, party_json(d, p));
	}
	return list;
}

static enum err
verb_party_list(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;

	(void)args;
	group_end(d);
	*data = json_object();
	json_put(*data, "parties", parties_json(d));
	return E_OK;
}

static json_t *
agreements_json(const struct trust *t, const struct party *party)
{
	json_t *list = json_array();

	for (size_t i = 0; i < trust_agreement_count(t); i++) {
		const struct trust_agreement *a = trust_agreement_at(t, i);
		json_t *o;

		if (!party_equal(&a->from, party) && !party_equal(&a->to, party))
			continue;
		o = json_object();
		json_put_text(o, "id", a->id);
		json_put_text(o, "from", a->from.code);
		json_put_text(o, "to", a->to.code);
		json_put(o, "valid_until", json_instant(a->valid_until));
		json_add(list, o);
	}
	return list;
}

static enum err
verb_party_show(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	const char *code = text_arg(args, "code");
	const struct trust_party *p;
	struct party party;

	if (code == NULL || !party_parse(code, &party))
		return E_USAGE;
	p = trust_party(d->trust, &party);
	if (p == NULL)
		return E_NOT_FOUND;
	group_end(d);
	*data = party_json(d, p);
	json_put_number(*data, "signing_certificates", p->n_sign);
	json_put_number(*data, "encryption_certificates", p->n_encrypt);
	json_put_number(*data, "connection_keys", p->n_curve);
	json_put(*data, "agreements", agreements_json(d->trust, &p->code));
	return E_OK;
}

/* ---- status ---- */

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

/* What an operator should look at: words of a fixed list, worst first. */
static json_t *
warnings_json(struct daftard *d, const struct store_figures *f, const char **state)
{
	int64_t left = trust_valid_until(d->trust) - instant_now();
	size_t reconciling, differing;
	json_t *list = json_array();

	count_books(d, &reconciling, &differing);
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
		{false, left > 0 && left < SOON_MS, "the trust list expires within 7 days"},
		{false, f->map_used > f->map_size / 10 * 7, "the store is more than 70 % full"},
		{false, f->oldest_queued != 0 && instant_now() - f->oldest_queued > 86400000,
			"a message waits for its addressee for more than a day"},
	};

	*state = "ok";
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

static enum err
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

const struct control_verb daftard_verbs[] = {
	{"status", "", "how the exchange is: state, peers, queues, children, trust list",
		verb_status},
	{"message.show", "id", "one message, by id or tracking number, with its timeline",
		verb_message_show},
	{"message.list", "[limit] [before]", "the newest messages", verb_message_list},
	{"message.receipt", "id [stage]", "the broker's receipt for a stage, the last by default",
		verb_message_receipt},
	{"party.list", "", "every party, whether it is connected and what waits for it",
		verb_party_list},
	{"party.show", "code", "one party with its keys and agreements", verb_party_show},
	{"reconcile.run", "[party]", "please compare books with us now", verb_reconcile_run},
	{"reconcile.show", "[party]", "when books were compared last, and what came of it",
		verb_reconcile_show},
	{"reconcile.diff", "party", "the differences that the party named last",
		verb_reconcile_diff},
	{"reconcile.closing", "from to", "what both sides of a channel have signed last",
		verb_reconcile_closing},
	{"scrub.run", "", "read the whole store now, looking for damage", verb_scrub_run},
	{"scrub.show", "", "what the last scrub found", verb_scrub_show},
	{"backup.run", "name", "copy the store into a new folder beneath backup-dir",
		verb_backup_run},
	{"backup.show", "", "what became of the last backup", verb_backup_show},
	{"bundle.begin", "[force]", "a courier's bundle is to be handed in", verb_bundle_begin},
	{"bundle.put", "data", "a piece of it, base64", verb_bundle_put},
	{"bundle.open", "", "all is here: check it and begin", verb_bundle_open},
	{"bundle.step", "", "hear more of it; done when the answer is complete", verb_bundle_step},
	{"bundle.take", "at", "a piece of the answer, base64", verb_bundle_take},
	{0},
};
