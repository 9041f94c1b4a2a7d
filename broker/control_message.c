/* SPDX-License-Identifier: EUPL-1.2
 *
 * Messages as people look at them: lists by cursor, one message with all that proves it, what is
 * due next. Before it answers, a verb ends the open group, so that it tells what is on disk. */
#include <stdlib.h>
#include <string.h>

#include "broker/control_act.h"
#include "broker/control_look.h"
#include "broker/undecided.h"

#define LIST_USUAL 20
#define LIST_MOST 200
#define CONVERSATION_MOST 64

void
entries_free(struct entry **list)
{
	free(*list);
	*list = NULL;
}

/* ---- arguments ---- */

static const char *
text_arg(const json_t *args, const char *name)
{
	return json_string_value(json_object_get(args, name));
}

/* "" is as if it were not there: the forms of the dashboard send it. */
static const char *
word_arg(const json_t *args, const char *name)
{
	const char *word = text_arg(args, name);

	return word != NULL && word[0] != '\0' ? word : NULL;
}

size_t
limit_arg(const json_t *args)
{
	json_int_t limit = json_integer_value(json_object_get(args, "limit"));

	if (limit <= 0)
		return LIST_USUAL;
	return limit < LIST_MOST ? (size_t)limit : LIST_MOST;
}

bool
party_in(const json_t *args, const char *name, struct party *out)
{
	const char *code = word_arg(args, name);

	*out = (struct party){""};
	return code == NULL || party_parse(code, out);
}

bool
when_arg(const json_t *args, const char *name, int64_t *ms)
{
	const json_t *value = json_object_get(args, name);
	const char *word = word_arg(args, name);
	OWNED(char, day, free_chars) = NULL;
	char *end;

	*ms = json_is_integer(value) ? json_integer_value(value) : 0;
	if (word == NULL)
		return true;
	if (instant_parse(word, ms))
		return true;
	day = xprintf("%sT00:00:00.000Z", word);
	if (strlen(word) == 10 && instant_parse(day, ms))
		return true;
	*ms = strtoll(word, &end, 10);
	return *end == '\0' && *ms > 0;
}

/* By message id or tracking number. */
enum err
message_arg(struct daftard *d, const json_t *args, struct entry *out)
{
	const char *name = text_arg(args, "id");
	char tracking[TRACKING_SIZE];
	struct id id;

	if (name == NULL)
		return E_USAGE;
	if (id_parse(name, &id))
		return store_find_id(d->store, NULL, &id, out);
	if (tracking_parse(name, tracking))
		return store_find_tracking(d->store, NULL, tracking, out);
	return E_USAGE;
}

/* ---- rows ---- */

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

/* What the entry alone says. */
static json_t *
row_json(const struct entry *e)
{
	OWNED(char, corridor, free_chars) =
		xprintf("%s>%s", e->header.from.code, e->header.to.code);
	json_t *o = json_object();
	char tracking[TRACKING_SIZE];

	tracking_of(&e->header.conversation, tracking);
	json_put_number(o, "seq", e->seq);
	json_put_id(o, "id", &e->header.id);
	json_put_text(o, "tracking", tracking);
	json_put_text(o, "action", action_word(e->header.action));
	json_put_text(o, "from", e->header.from.code);
	json_put_text(o, "to", e->header.to.code);
	json_put_text(o, "corridor", corridor);
	json_put_text(o, "stage", stage_word(e->stage));
	json_put_text(o, "code", e->code);
	json_put(o, "open", json_boolean(!stage_final(e->stage)));
	json_put(o, "due", json_instant(entry_due(e)));
	json_put_number(o, "size", e->size);
	json_put_number(o, "attempts", e->attempts);
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

/* It waits for newer revocation data of its sender's country, or because its case is frozen or its
 * consent has ended. */
static void
put_waits(struct daftard *d, const struct entry *e, json_t *o)
{
	int64_t since = store_held_since(d->store, NULL, e->seq);
	enum stop why;

	json_put(o, "held", json_boolean(since != 0));
	if (since != 0)
		json_put(o, "held_since", json_instant(since));
	why = store_stopped(d->store, NULL, e->seq, &since);
	if (why != STOP_NOT)
		json_put(o, why == STOP_FROZEN ? "frozen_since" : "stopped_since",
			json_instant(since));
}

json_t *
message_row(struct daftard *d, const struct entry *e)
{
	json_t *o = row_json(e);

	put_waits(d, e, o);
	json_put(o, "aside", aside_json(d, e->seq));
	return o;
}

/* ---- one message ---- */

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
	OWNED(struct entry, found, entries_free) = xcalloc(CONVERSATION_MOST, sizeof *found);
	size_t n = store_conversation(d->store, conversation, found, CONVERSATION_MOST);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_add(list, row_json(&found[i]));
	return list;
}

static const char *
consent_word(struct daftard *d, const struct consent_token *k)
{
	if (store_is_withdrawn(d->store, NULL, k))
		return "withdrawn";
	return k->valid_until <= instant_now() ? "expired" : "in force";
}

/* By what the exchange knows of it; who it is about, it does not. */
static void
put_consent(struct daftard *d, const struct entry *e, json_t *o)
{
	const struct consent_token *k = &e->header.token;

	if (!e->header.has_token)
		return;
	json_put_id(o, "consent", &k->id);
	json_put_text(o, "consent_state", consent_word(d, k));
	json_put_text(o, "consent_by", k->by.code);
	json_put(o, "consent_until", json_instant(k->valid_until));
	json_put(o, "shown", json_boolean(e->shown));
}

static void
put_facts(const struct entry *e, json_t *o)
{
	json_put_id(o, "conversation", &e->header.conversation);
	json_put_id(o, "leg", &e->header.leg);
	if (e->header.has_ref)
		json_put_id(o, "answers", &e->header.ref);
	if (e->header.has_on_behalf_of)
		json_put_text(o, "on_behalf_of", e->header.on_behalf_of.code);
	json_put_text(o, "agreement", e->header.agreement);
	json_put_text(o, "purpose", e->header.purpose);
	json_put_number(o, "channel_seq", e->header.channel_seq);
	json_put_digest(o, "digest", &e->digest);
	json_put(o, "created", json_instant(e->header.created));
	json_put(o, "expires", json_instant(e->header.expires));
	if (e->at[ST_COMMITTED] != 0 || e->at[ST_REJECTED] != 0)
		json_put_digest(o, "by", &e->by);
}

static json_t *
message_json(struct daftard *d, const struct entry *e)
{
	json_t *o = message_row(d, e);

	put_consent(d, e, o);
	put_facts(e, o);
	json_put(o, "waits_for", waits_for_json(d, e));
	json_put(o, "allowed", allowed_json(d, e));
	json_put(o, "receipts", receipts_json(d, e));
	json_put(o, "evidence", evidence_json(d, e));
	json_put(o, "messages", conversation_json(d, &e->header.conversation));
	return o;
}

static enum err
verb_message_show(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	struct entry e;

	group_end(d);
	TRY(message_arg(d, args, &e));
	*data = message_json(d, &e);
	ledger_note(d, e.seq, ACCESS_SEEN, control_user(d->control));
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
	TRY(message_arg(d, args, &e));
	s = e.stage;
	if (word != NULL && !stage_parse(word, &s))
		return E_USAGE;
	TRY(store_receipt(d->store, NULL, e.seq, s, &receipt));
	*data = json_object();
	json_put_id(*data, "id", &e.header.id);
	json_put_text(*data, "stage", stage_word(s));
	ledger_note(d, e.seq, ACCESS_SEEN, control_user(d->control));
	json_put(*data, "receipt", json_stringn((const char *)receipt.data, receipt.size));
	return E_OK;
}

/* ---- lists ---- */

static bool
look_parse(const char *word, enum look *out)
{
	static const struct {
		const char *word;
		enum look look;
	} words[] = {{"open", LOOK_OPEN}, {"ended", LOOK_ENDED}, {"held", LOOK_HELD},
		{"aside", LOOK_ASIDE}, {"stopped", LOOK_STOPPED}};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].word, word) == 0) {
			*out = words[i].look;
			return true;
		}
	return false;
}

static bool
is_code(const char *word)
{
	return word == NULL ||
	       strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == strlen(word);
}

/* The filter that the arguments make; what does not fit the argument is E_USAGE. */
static enum err
filter_of(const json_t *args, struct store_filter *f)
{
	const char *action = word_arg(args, "action"), *stage = word_arg(args, "stage");
	const char *look = word_arg(args, "state"), *code = word_arg(args, "code");
	const char *words = word_arg(args, "q");
	enum stage s;

	*f = (struct store_filter){.look = LOOK_ALL};
	if (!party_in(args, "party", &f->party) || !party_in(args, "from", &f->from) ||
		!party_in(args, "to", &f->to) || !when_arg(args, "since", &f->since) ||
		!when_arg(args, "until", &f->until) || !is_code(code))
		return E_USAGE;
	f->has_action = action != NULL;
	if (action != NULL && !action_parse(action, &f->action))
		return E_USAGE;
	if (stage != NULL && (!stage_parse(stage, &s) || s == ST_CONFLICT))
		return E_USAGE;
	if (stage != NULL)
		f->stages = 1u << s;
	if (look != NULL && !look_parse(look, &f->look))
		return E_USAGE;
	if (code != NULL && !copy_text(f->code, sizeof f->code, code))
		return E_USAGE;
	return words == NULL ? E_OK : filter_words(f, words);
}

static enum err
verb_message_list(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	json_int_t before = json_integer_value(json_object_get(args, "before"));
	OWNED(struct entry, found, entries_free) = xcalloc(LIST_MOST, sizeof *found);
	json_t *list = json_array();
	struct store_filter f;
	struct store_page page;

	*data = json_object();
	json_put(*data, "messages", list);
	TRY(filter_of(args, &f));
	group_end(d);
	store_list(d->store, &f, before > 0 ? (uint64_t)before : 0, found, limit_arg(args), &page);
	for (size_t i = 0; i < page.n; i++)
		json_add(list, message_row(d, &found[i]));
	json_put(*data, "next", page.next != 0 ? json_integer((json_int_t)page.next) : json_null());
	json_put_number(*data, "looked", page.looked);
	return E_OK;
}

/* ---- what is due ---- */

/* The cursor is the time and the number of the last row. */
static bool
after_arg(const json_t *args, struct due *after)
{
	const char *text = word_arg(args, "after");
	char *end;

	*after = (struct due){.seq = 0};
	if (text == NULL)
		return true;
	after->at = strtoll(text, &end, 10);
	if (end == text || *end != '.')
		return false;
	text = end + 1;
	after->seq = strtoull(text, &end, 10);
	return end != text && *end == '\0' && after->seq > 0;
}

static json_t *
due_row(struct daftard *d, const struct entry *e, int64_t now)
{
	json_t *o = message_row(d, e);
	int64_t due = entry_due(e);

	json_put(o, "left_ms", json_integer(due - now));
	json_put_text(o, "why", due < e->header.expires ? "consent" : "expiry");
	return o;
}

static json_t *
decision_row(struct daftard *d, const struct undecided *x, int64_t now)
{
	const struct trust_party *p = trust_party(d->trust, &x->entry.header.to);
	json_t *o = message_row(d, &x->entry);

	json_put(o, "due", json_instant(x->due));
	json_put(o, "left_ms", json_integer(x->due - now));
	json_put_text(o, "why", undecided_word(x));
	if (x->tacit && p != NULL && p->profile.provision != NULL)
		json_put_text(o, "provision", p->profile.provision);
	return o;
}

/* Of what was taken: by when the registry is to decide. */
static json_t *
decisions_json(struct daftard *d, size_t limit, int64_t now)
{
	struct undecided *list = xcalloc(UNDECIDED_MOST, sizeof *list);
	size_t n = undecided_look(d->store, d->trust, now, list, UNDECIDED_MOST);
	json_t *rows = json_array();

	for (size_t i = 0; i < n && i < limit; i++)
		json_add(rows, decision_row(d, &list[i], now));
	free(list);
	return rows;
}

static enum err
verb_deadline_list(void *context, const json_t *args, json_t **data)
{
	struct daftard *d = context;
	OWNED(struct entry, found, entries_free) = xcalloc(LIST_MOST, sizeof *found);
	OWNED(char, next, free_chars) = NULL;
	size_t n, limit = limit_arg(args);
	int64_t now = instant_now();
	struct due after;
	json_t *list;

	if (!after_arg(args, &after))
		return E_USAGE;
	group_end(d);
	list = json_array();
	n = store_due(d->store, &after, found, limit);
	for (size_t i = 0; i < n; i++)
		json_add(list, due_row(d, &found[i], now));
	*data = json_object();
	json_put(*data, "messages", list);
	json_put(*data, "decisions", decisions_json(d, limit, now));
	if (n == limit)
		next = xprintf("%lld.%llu", (long long)after.at, (unsigned long long)after.seq);
	json_put(*data, "next", next != NULL ? json_string(next) : json_null());
	return E_OK;
}

#define CURSOR "go on where `next' of an answer says"

const struct control_verb message_verbs[] = {
	{"message.show", CONTROL_LOOKS, 0,
		"one message, by id or tracking number, with its timeline and what proves it",
		verb_message_show,
		{{"id", CONTROL_MESSAGE, CONTROL_REQUIRED, "id or tracking number", 0, 0}}},
	{"message.list", CONTROL_LOOKS, 0, "the newest messages, or those that a filter lets pass",
		verb_message_list,
		{{"limit", CONTROL_NUMBER, CONTROL_OPTIONAL, "how many, 20 without it", 0, 0},
			{"before", CONTROL_NUMBER, CONTROL_OPTIONAL, CURSOR, 0, 0},
			{"q", CONTROL_TEXT, CONTROL_OPTIONAL,
				"an id, a tracking number, or the beginning of one", 0, 64},
			{"party", CONTROL_TEXT, CONTROL_OPTIONAL, "sent by it or to it", 0, 32},
			{"from", CONTROL_TEXT, CONTROL_OPTIONAL, "its sender", 0, 32},
			{"to", CONTROL_TEXT, CONTROL_OPTIONAL, "its addressee", 0, 32},
			{"action", CONTROL_TEXT, CONTROL_OPTIONAL, "CertifiedExtract, ..", 0, 32},
			{"stage", CONTROL_TEXT, CONTROL_OPTIONAL, "its last stage", 0, 32},
			{"code", CONTROL_TEXT, CONTROL_OPTIONAL, "why it ended so", 0, 31},
			{"state", CONTROL_TEXT, CONTROL_OPTIONAL,
				"open, ended, held, aside or stopped", 0, 16},
			{"since", CONTROL_WHEN, CONTROL_OPTIONAL,
				"accepted from this day, instant or ms UTC on", 0, 32},
			{"until", CONTROL_WHEN, CONTROL_OPTIONAL, "accepted before it", 0, 32}}},
	{"message.receipt", CONTROL_LOOKS, 0, "the broker's receipt for a stage",
		verb_message_receipt,
		{{"id", CONTROL_MESSAGE, CONTROL_REQUIRED, "id or tracking number", 0, 0},
			{"stage", CONTROL_TEXT, CONTROL_OPTIONAL, "the last without it", 0, 0}}},
	{"deadline.list", CONTROL_LOOKS, 0,
		"what has not been taken yet, by the end of its time, and what a registry has "
		"taken "
		"and is to decide, by its days: the soonest first",
		verb_deadline_list,
		{{"limit", CONTROL_NUMBER, CONTROL_OPTIONAL, "how many, 20 without it", 0, 0},
			{"after", CONTROL_TEXT, CONTROL_OPTIONAL, CURSOR, 0, 64}}},
	{0},
};
