/* SPDX-License-Identifier: EUPL-1.2
 *
 * The registrar's verbs over the control socket. An entry is named by its message id or by the
 * tracking number that the liaison office gives over the telephone; where a tracking number fits
 * several entries, the one that waits is meant. */
#include <string.h>

#include "adapters/core_parts.h"
#include "adapters/daemon.h"
#include "adapters/record_json.h"
#include "adapters/registrar.h"
#include "lib/loghead.h"
#include "lib/talk.h"

/* ---- which entry ---- */

struct search {
	char id[ID_TEXT_SIZE];
	char tracking[TRACKING_SIZE]; /* "" when the text is no tracking number */
	struct in_entry waiting, any;
	size_t n_waiting, n_any;
};

/* Nobody decides about what stops a case, or answers a question: it is named by its own id only. */
static bool
is_meant(const struct search *s, const struct in_entry *e)
{
	char text[ID_TEXT_SIZE], tracking[TRACKING_SIZE];

	id_format(&e->header.id, text);
	tracking_of(&e->header.conversation, tracking);
	return strcmp(s->id, text) == 0 ||
	       (e->header.action != A_CANCELLATION && e->header.action != A_QUERY_REPLY &&
		       e->header.action != A_ATTACHMENT && strcmp(s->tracking, tracking) == 0);
}

static bool
compare(void *context, const struct in_entry *e)
{
	struct search *s = context;

	if (!is_meant(s, e))
		return true;
	s->any = *e;
	s->n_any++;
	if (e->state == IN_WAITING) {
		s->waiting = *e;
		s->n_waiting++;
	}
	return true;
}

enum err
registrar_find(struct daemon *d, const json_t *args, struct in_entry *out)
{
	const char *text = json_string_value(json_object_get(args, "id"));
	struct search s = {.n_any = 0};

	if (text == NULL || !copy_text(s.id, sizeof s.id, text))
		return E_USAGE;
	if (!tracking_parse(text, s.tracking))
		s.tracking[0] = '\0';
	TRY(spool_each_in(d->spool, compare, &s));
	if (s.n_any == 0)
		return E_NOT_FOUND;
	if (s.n_waiting > 1 || (s.n_waiting == 0 && s.n_any > 1))
		return E_AMBIGUOUS;
	*out = s.n_waiting == 1 ? s.waiting : s.any;
	return E_OK;
}

/* ---- an entry as JSON ---- */

static void
set_instant(json_t *o, const char *key, int64_t ms)
{
	char text[INSTANT_TEXT_SIZE];

	if (ms == 0)
		return;
	instant_format(ms, text);
	json_object_set_new(o, key, json_string(text));
}

json_t *
registrar_entry(const struct in_entry *e)
{
	char id[ID_TEXT_SIZE], tracking[TRACKING_SIZE];
	json_t *o;

	id_format(&e->header.id, id);
	tracking_of(&e->header.conversation, tracking);
	o = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:i}", "id", id, "tracking", tracking, "action",
		action_word(e->header.action), "from", e->header.from.code, "state",
		in_state_word(e->state), "code", err_word(e->code), "attempts", (int)e->attempts);
	if (e->note[0] != '\0')
		json_object_set_new(o, "note", json_string(e->note));
	set_instant(o, "taken", e->taken);
	set_instant(o, "done", e->done);
	set_instant(o, "expires", e->header.expires);
	return o;
}

const struct trust_profile *
registrar_profile(const struct daemon *d, const struct in_entry *e)
{
	const struct trust_party *self = trust_party(d->trust, &d->self);

	return self != NULL && e->state == IN_WAITING && e->header.action == A_CERTIFIED_EXTRACT
		       ? &self->profile
		       : NULL;
}

static void
set_day(json_t *o, const char *key, int64_t from, unsigned days)
{
	char text[11];

	if (days == 0)
		return;
	core_day(from, (long)days, text);
	json_object_set_new(o, key, json_string(text));
}

static void
set_deadlines(const struct daemon *d, const struct in_entry *e, json_t *o)
{
	const struct trust_profile *p = registrar_profile(d, e);

	if (p == NULL)
		return;
	set_day(o, "decideBy", e->taken, p->decision_days);
	set_day(o, "refusedAfter", e->taken, p->tacit_days);
}

struct listing {
	const struct daemon *d;
	json_t *list;
	json_t *held; /* names of the facts, as keys */
	bool all;
};

static bool
note_held(void *context, const char *key, struct bytes value)
{
	if (value.size == 4 && memcmp(value.data, "HELD", 4) == 0)
		json_object_set_new(context, key, json_true());
	return true;
}

/* It is taken, and nothing is done with it before newer revocation data has come. */
static bool
is_held(const struct listing *l, const struct in_entry *e)
{
	char id[ID_TEXT_SIZE];
	OWNED(char, key, free_chars) = NULL;

	id_format(&e->header.id, id);
	key = xprintf(TALK_HELD "%s/%s", e->header.from.code, id);
	return e->state == IN_TAKEN && json_object_get(l->held, key) != NULL;
}

/* The text of its code is for whoever reads JSON alone. */
static void
put_aside(const struct listing *l, const struct in_entry *e, json_t *o)
{
	json_object_set_new(o, "state", json_string("aside"));
	json_object_set_new(o, "code", json_string(err_word(E_ADAPTER_DIED)));
	json_object_set_new(o, "deaths", json_integer((json_int_t)core_deaths(l->d->core, e)));
}

static bool
add_entry(void *context, const struct in_entry *e)
{
	struct listing *l = context;
	json_t *o;

	if (!l->all && e->state >= IN_DONE)
		return true;
	o = registrar_entry(e);
	set_deadlines(l->d, e, o);
	if (e->state == IN_WAITING)
		registrar_put_questions(l->d, e, o);
	if (core_is_aside(l->d->core, e))
		put_aside(l, e, o);
	else if (is_held(l, e))
		json_object_set_new(o, "state", json_string("held"));
	else if (core_is_frozen(l->d->core, e))
		json_object_set_new(o, "state", json_string("frozen"));
	else if (e->code == E_CONSENT_WITHDRAWN)
		json_object_set_new(o, "state", json_string("withdrawn"));
	json_array_append_new(l->list, o);
	return true;
}

static enum err
verb_inbox(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	OWNED(json_t, held, json_decrefp) = json_object();
	struct listing l = {d, json_array(), held, json_is_true(json_object_get(args, "all"))};
	enum err e = spool_each_fact(d->spool, TALK_HELD, note_held, held);

	if (e == E_OK)
		e = spool_each_in(d->spool, add_entry, &l);

	*data = l.list;
	return e;
}

/* Before anything is shown or decided. */
void
registrar_note(struct daemon *d, const struct in_entry *e, const char *why)
{
	const struct reading r = {why, true, control_user(d->control)};

	ledger_note(d->spool, &e->header, &r, instant_now());
}

static enum err
verb_show(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};
	struct in_entry e;
	json_t *record = NULL;

	TRY(registrar_find(d, args, &e));
	TRY(spool_in(d->spool, &e.header.from, &e.header.id, &e, &message));
	*data = registrar_entry(&e);
	if (core_is_aside(d->core, &e))
		json_object_set_new(*data, "state", json_string("aside"));
	set_deadlines(d, &e, *data);
	if (e.body)
		registrar_note(d, &e, "show");
	registrar_put_papers(d, &e, *data);
	registrar_put_documents(d, &e, *data);
	if (core_body(d->core, buf_bytes(&message), &body) == E_OK &&
		record_json(e.header.action, buf_bytes(&body), &record) == E_OK)
		json_object_set_new(*data, "record", record);
	return E_OK;
}

/* A sheet is entered in a book without asking anybody: none is drawn of what may not be entered. */
static enum err
may_be_drawn(struct daemon *d, const struct in_entry *e)
{
	if (!e->body)
		return E_NOT_FOUND;
	if (core_is_frozen(d->core, e))
		return E_FROZEN;
	return e->state == IN_TAKEN ? talk_held(d->spool, &e->header.from, &e->header.id) : E_OK;
}

/* The document itself, for a sheet of paper. */
static enum err
verb_paper(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	char tracking[TRACKING_SIZE], digest[DIGEST_TEXT_SIZE];
	OWNED_BUF(message) = {0};
	OWNED_BUF(body) = {0};
	struct in_entry e;

	TRY(registrar_find(d, args, &e));
	TRY(spool_in(d->spool, &e.header.from, &e.header.id, &e, &message));
	TRY(may_be_drawn(d, &e));
	registrar_note(d, &e, "print");
	TRY(core_body(d->core, buf_bytes(&message), &body));
	tracking_of(&e.header.conversation, tracking);
	digest_format(&e.digest, digest);
	*data = json_pack("{s:s,s:s,s:s,s:s#,s:b}", "tracking", tracking, "action",
		action_word(e.header.action), "digest", digest, "document", (char *)body.data,
		(int)body.size, "training", (int)trust_is_training(d->trust));
	return E_OK;
}

/* The whole case. `whole' is false when an entry is missing. */
static enum err
verb_ledger(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	char tracking[TRACKING_SIZE];
	json_t *list = json_array();
	struct in_entry e;
	enum err found;

	*data = json_pack("{s:o}", "entries", list);
	TRY(registrar_find(d, args, &e));
	found = ledger_list(d->spool, &e.header.conversation, list);
	if (found != E_OK && found != E_DAMAGED)
		return found;
	tracking_of(&e.header.conversation, tracking);
	json_object_set_new(*data, "tracking", json_string(tracking));
	json_object_set_new(*data, "whole", json_boolean(found == E_OK));
	return E_OK;
}

/* ---- decisions ---- */

static const char *
text_of(const json_t *args, const char *key)
{
	return json_string_value(json_object_get(args, key));
}

/* What became of the entry. */
enum err
registrar_answer(struct daemon *d, struct in_entry *e, enum err result, json_t **data)
{
	daemon_wake(d);
	TRY(result);
	TRY(spool_in(d->spool, &e->header.from, &e->header.id, e, NULL));
	*data = registrar_entry(e);
	return E_OK;
}

static enum err
verb_certify(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	struct in_entry e;

	TRY(registrar_find(d, args, &e));
	if (e.state == IN_WAITING)
		registrar_note(d, &e, "certify");
	return registrar_answer(d, &e,
		core_certify(d->core, &e.header.from, &e.header.id, text_of(args, "entryNumber"),
			text_of(args, "office"), instant_now()),
		data);
}

static enum err
verb_transcribe(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	const char *number = text_of(args, "entryNumber");
	struct in_entry e;

	if (number != NULL && (number[0] == '\0' || strlen(number) > 60))
		return E_INPUT;
	TRY(registrar_find(d, args, &e));
	if (e.state == IN_WAITING)
		registrar_note(d, &e, "transcribe");
	return registrar_answer(d, &e,
		core_transcribe(d->core, &e.header.from, &e.header.id, number, instant_now()),
		data);
}

static enum err
verb_refuse(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	const struct refusal why = {.code = text_of(args, "code"),
		.explanation = text_of(args, "explanation"),
		.appeal_body = text_of(args, "appealBody"),
		.appeal_by = text_of(args, "appealBy")};
	struct in_entry e;

	if (why.code == NULL)
		return E_USAGE;
	TRY(registrar_find(d, args, &e));
	if (e.state == IN_WAITING)
		registrar_note(d, &e, "refuse");
	return registrar_answer(d, &e,
		core_refuse(d->core, &e.header.from, &e.header.id, &why, instant_now()), data);
}

static enum err
verb_retry(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	struct in_entry e;

	TRY(registrar_find(d, args, &e));
	registrar_note(d, &e, "retry");
	return registrar_answer(d, &e, core_retry(d->core, &e.header.from, &e.header.id), data);
}

/* ---- the books ---- */

static void
add_difference(void *context, const char *word, const struct id *message, const char *number)
{
	json_t *o = json_pack("{s:s}", "what", word);
	char id[ID_TEXT_SIZE];

	if (message != NULL) {
		id_format(message, id);
		json_object_set_new(o, "message", json_string(id));
	}
	if (number[0] != '\0')
		json_object_set_new(o, "entryNumber", json_string(number));
	json_array_append_new(context, o);
}

static json_t *
report_json(const struct register_report *r)
{
	return json_pack("{s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "entries", (json_int_t)r->entries,
		"agree", (json_int_t)r->agree, "lost", (json_int_t)r->lost, "mended",
		(json_int_t)r->mended, "renumbered", (json_int_t)r->renumbered, "unknown",
		(json_int_t)r->unknown, "differ", (json_int_t)r->differ);
}

/* Agreed when everything that differs is mended. */
static enum err
verb_reconcile(void *context, const json_t *args, json_t **data)
{
	struct daemon *d = context;
	bool mend = json_is_true(json_object_get(args, "mend"));
	OWNED(json_t, differences, json_decrefp) = json_array();
	struct register_report r;
	bool agreed;

	TRY(core_register(d->core, mend, instant_now(), add_difference, differences, &r));
	agreed = r.lost == r.mended && r.unknown + r.differ == 0;
	*data = json_pack("{s:b,s:o,s:O}", "agreed", agreed, "register", report_json(&r),
		"differences", differences);
	daemon_wake(d);
	return E_OK;
}

const struct control_verb registrar_verbs[] = {
	{"status", CONTROL_LOOKS, CONTROL_FREE, "is it working, and what waits", verb_status,
		{{0}}},
	{"inbox", CONTROL_LOOKS, CONTROL_FREE, "what was taken and is not done", verb_inbox, {{0}}},
	{"show", CONTROL_LOOKS, CONTROL_FREE, "one entry with its record", verb_show,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"paper", CONTROL_LOOKS, CONTROL_FREE, "one entry's document, to be drawn on paper",
		verb_paper,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"certify", CONTROL_LOOKS, CONTROL_FREE, "send the extract that a request asks for",
		verb_certify,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"transcribe", CONTROL_LOOKS, CONTROL_FREE, "enter an extract in the register",
		verb_transcribe,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"retry", CONTROL_LOOKS, CONTROL_FREE, "try again what was set aside", verb_retry,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"returned", CONTROL_LOOKS, CONTROL_FREE, "what was sent and given back", verb_returned,
		{{0}}},
	{"refile", CONTROL_LOOKS, CONTROL_FREE, "send again what was given back", verb_refile,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"reconcile", CONTROL_LOOKS, CONTROL_FREE, "compare the register with the spool",
		verb_reconcile,
		{{"mend", CONTROL_SWITCH, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"compare", CONTROL_LOOKS, CONTROL_FREE, "compare our book with another party's",
		verb_compare,
		{{"with", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"compared", CONTROL_LOOKS, CONTROL_FREE, "what came of it last", verb_compared,
		{{"with", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"log-show", CONTROL_LOOKS, CONTROL_FREE, "the newest head of the exchange's log",
		verb_log_show, {{0}}},
	{"log-compare", CONTROL_LOOKS, CONTROL_FREE, "hold another party's head against ours",
		verb_log_compare,
		{{"note", CONTROL_LONG, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"log-acknowledge", CONTROL_LOOKS, CONTROL_FREE, "a person has seen that the log forked",
		verb_log_acknowledge, {{0}}},
	{"export", CONTROL_LOOKS, CONTROL_FREE, "what waits for the exchange, into a file",
		verb_export,
		{{"file", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"import", CONTROL_LOOKS, CONTROL_FREE, "what the exchange has answered to such a file",
		verb_import,
		{{"file", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"refuse", CONTROL_LOOKS, CONTROL_FREE, "refuse a request or an extract", verb_refuse,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"query", CONTROL_LOOKS, CONTROL_FREE, "ask about a request or an extract", verb_query,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"reply", CONTROL_LOOKS, CONTROL_FREE, "answer a question of another registry", verb_reply,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"documents", CONTROL_LOOKS, CONTROL_FREE, "which scans of this case have come",
		verb_documents,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"document-part", CONTROL_LOOKS, CONTROL_FREE, "the octets of one part", verb_document_part,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0},
			{"digest", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0},
			{"part", CONTROL_NUMBER, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{"ledger", CONTROL_LOOKS, CONTROL_FREE, "who has opened the messages of this case",
		verb_ledger,
		{{"id", CONTROL_TEXT, CONTROL_OPTIONAL, "see daftar-adapter(1)", 0, 0}}},
	{0},
};
