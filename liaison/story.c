/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where a case stands, told from the spool alone: what the office filed, what the exchange's
 * receipts prove, what the registries answered. One table says for every state who has the case and
 * what comes next, and --json and the words for people come from the same row. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/protect.h"
#include "liaison/consent.h"

enum holder { AT_OFFICE, AT_EXCHANGE, AT_ISSUER, AT_RECEIVER, AT_NOBODY };

static const struct state {
	const char *word;
	enum holder holder;
	bool ended, well;
	bool anew; /* nobody has decided it: the same paper may be filed again as a new case */
	const char *doing; /* after the holder's name */
	const char *next;
} states[] = {
	{"draft", AT_OFFICE, false, false, false, "has it as a draft; nothing has been filed",
		"daftar request file NUMBER"},
	{"filed", AT_OFFICE, false, false, false, "has it safe in the spool; it has not left yet",
		"it is sent as soon as the exchange can be reached: daftar sync"},
	{"not-taken", AT_OFFICE, true, false, true, "has it back: the exchange does not take it",
		"see the code, then file a new request"},
	{"sent", AT_EXCHANGE, false, false, false,
		"has it on disk, for the issuing registry to fetch",
		"the issuing registry fetches it when it is on line"},
	{"delivered", AT_ISSUER, false, false, false, "has it and looks for the record",
		"the registry sends a certified extract on, or says why it does not"},
	{"handled", AT_RECEIVER, false, false, false, "is to enter the record",
		"the receiving registry enters the record, or says why it does not"},
	{"rejected", AT_NOBODY, true, false, true,
		"nobody has it: the issuing registry could not handle it",
		"see the code, then file a new request"},
	{"expired", AT_NOBODY, true, false, true, "nobody has it: it was not fetched in time",
		"file a new request if it is still wanted"},
	{"withdrawn", AT_NOBODY, true, false, false, "nobody has it: the consent was withdrawn",
		"nothing; should the person consent again: daftar consent record --from FILE"},
	{"withdrawing", AT_NOBODY, false, false, false,
		"nobody goes on with it: the consent is withdrawn, and not every registry has "
		"answered yet",
		"daftar consent withdraw NUMBER --wait"},
	{"not-stopped", AT_NOBODY, false, false, false,
		"it may go on: the consent is withdrawn, and a registry could not be told",
		"tell that registry by other means; then: daftar consent withdraw NUMBER"},
	{"too-late", AT_RECEIVER, false, false, false,
		"had entered the record before the withdrawal came",
		"the entry's number comes with the registry's outcome: daftar track NUMBER"},
	{"frozen", AT_NOBODY, false, false, false,
		"nobody goes on with it: it is held for the protection of a person",
		"daftar consent release NUMBER"},
	{"consent-expired", AT_NOBODY, true, false, true, "nobody has it: the consent has ended",
		"ask the person again; then: daftar consent record --from FILE"},
	{"dead-letter", AT_NOBODY, true, false, true,
		"the exchange has set it aside for a person to decide",
		"ask the operator of the exchange"},
	{"deferred", AT_RECEIVER, false, false, false, "has put the decision off",
		"a later outcome of the registry"},
	{"transcribed", AT_RECEIVER, true, true, false, "has entered the record",
		"nothing: it is done"},
	{"already-transcribed", AT_RECEIVER, true, true, false, "had entered the record before",
		"nothing: it is done"},
	{"refused", AT_NOBODY, true, false, false, "nobody has it: it was refused",
		"see the codes with: daftar codes CODE"},
	{"lapsed", AT_NOBODY, true, false, false,
		"nobody has it: the registry has let its time pass",
		"see the outcome for where to appeal"},
};

/* The outcome's word, as its note has it, and the state it makes. */
static const struct {
	const char *result, *state;
} results[] = {
	{"Transcribed", "transcribed"},
	{"AlreadyTranscribed", "already-transcribed"},
	{"Refused", "refused"},
	{"TacitRefusal", "lapsed"},
	{"Deferred", "deferred"},
};

/* ---- loading ---- */

static bool
puts_off(const struct in_entry *e)
{
	static const char word[] = "Deferred";

	return strncmp(e->note, word, strlen(word)) == 0;
}

/* The registry that enters the record has the last word, the one that issues it the word before. */
static bool
outranks(const struct story *s, const struct in_entry *a, const struct in_entry *b)
{
	return party_equal(&a->header.from, &s->c.destination) &&
	       !party_equal(&b->header.from, &s->c.destination);
}

/* The newest that decides; one that only puts off never hides one that has decided, and neither
 * does one that could not be opened, or that of a registry which has no say any more. */
static void
look_at(struct story *s, const struct in_entry *e)
{
	bool decided = s->has_outcome && !puts_off(&s->outcome);

	s->unread = e->code;
	s->unread_from = e->header.from;
	if (e->code != E_OK || (decided && (puts_off(e) || outranks(s, &s->outcome, e))))
		return;
	s->has_outcome = true;
	s->outcome = *e;
}

static bool
is_outcome(const struct in_entry *e)
{
	return e->state >= IN_DONE && (e->code != E_OK || e->note[0] != '\0');
}

static bool
visit(void *context, const struct in_entry *e)
{
	struct story *s = context;

	if (is_outcome(e) && id_equal(&e->header.conversation, &s->c.conversation))
		look_at(s, e);
	return true;
}

static int64_t
proved_at(struct office *o, const struct id *id, const char *kind, int64_t heard)
{
	OWNED_BUF(b) = {0};
	struct receipt r;

	if (heard == 0 || o->trust == NULL || spool_evidence(o->spool, id, kind, &b) != E_OK ||
		receipt_verify(buf_bytes(&b), trust_log_name(o->trust), trust_log_key(o->trust),
			&r) != E_OK)
		return heard;
	return r.what.at;
}

static void
tell_outcome(struct office *o, struct story *s)
{
	if (!s->has_outcome)
		return;
	snprintf(s->result, sizeof s->result, "%.*s", (int)strcspn(s->outcome.note, " "),
		s->outcome.note);
	outcome_detail(o, &s->outcome, s->detail, sizeof s->detail);
}

/* The end of the token, or of a draft's consents; 0: not known. */
static int64_t
consent_until(const struct officer_case *c)
{
	OWNED(struct request, r, request_free) = NULL;
	struct consent_token t;

	if (case_token(c, &t))
		return t.valid_until;
	if (c->body.size == 0 || request_parse(buf_bytes(&c->body), &r) != E_OK)
		return 0;
	return protect_until(r);
}

/* All but the outcome; E_NOT_FOUND for a draft. */
static enum err
load_request(struct office *o, const struct officer_case *c, struct story *out)
{
	memset(out, 0, sizeof *out);
	out->c = *c;
	memset(&out->c.body, 0, sizeof out->c.body);
	memset(&out->c.token, 0, sizeof out->c.token);
	out->consent_until = consent_until(c);
	out->stop_open =
		c->stop[STOP_WITHDRAWAL].at != 0 && case_stop_is_open(o, c, STOP_WITHDRAWAL);
	out->stop_late =
		c->stop[STOP_WITHDRAWAL].at != 0 && case_stop_is_late(o, c, STOP_WITHDRAWAL);
	out->stop_failed =
		c->stop[STOP_WITHDRAWAL].at != 0 && case_stop_failed(o, c, STOP_WITHDRAWAL);
	TRY(spool_out(o->spool, &c->message, &out->out, NULL));
	out->filed = true;
	out->accepted = proved_at(o, &c->message, "ACCEPTED", out->out.sent);
	out->delivered = proved_at(o, &c->message, "DELIVERED", out->out.delivered);
	if (out->out.state == OUT_ENDED)
		out->ended = proved_at(o, &c->message, "ENDED", out->out.ended);
	return E_OK;
}

enum err
story_load(struct office *o, const struct officer_case *c, struct story *out)
{
	enum err e = load_request(o, c, out);

	if (e != E_OK)
		return e == E_NOT_FOUND ? E_OK : e;
	TRY(spool_each_in(o->spool, visit, out));
	tell_outcome(o, out);
	return E_OK;
}

/* ---- many at once: the inbox is read once and sorted by case ---- */

void
answers_free(struct answers *a)
{
	free(a->entry);
	memset(a, 0, sizeof *a);
}

static bool
collect(void *context, const struct in_entry *e)
{
	struct answers *a = context;

	if (!is_outcome(e))
		return true;
	if (a->n == a->room) {
		a->room = a->room == 0 ? 64 : a->room * 2;
		a->entry = xrealloc(a->entry, a->room * sizeof *a->entry);
	}
	a->entry[a->n++] = *e;
	return true;
}

static int
by_case(const void *a, const void *b)
{
	const struct in_entry *x = a, *y = b;
	int order = memcmp(&x->header.conversation, &y->header.conversation, ID_SIZE);

	if (order != 0)
		return order;
	return x->order < y->order ? -1 : x->order > y->order;
}

enum err
answers_load(struct office *o, struct answers *out)
{
	TRY(spool_each_in(o->spool, collect, out));
	if (out->n > 0)
		qsort(out->entry, out->n, sizeof *out->entry, by_case);
	return E_OK;
}

enum err
story_load_with(
	struct office *o, const struct officer_case *c, const struct answers *a, struct story *out)
{
	size_t low = 0, high = a->n;
	enum err e = load_request(o, c, out);

	if (e != E_OK)
		return e == E_NOT_FOUND ? E_OK : e;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (memcmp(&a->entry[middle].header.conversation, &c->conversation, ID_SIZE) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < a->n && id_equal(&a->entry[low].header.conversation, &c->conversation); low++)
		look_at(out, &a->entry[low]);
	tell_outcome(o, out);
	return E_OK;
}

/* ---- the state ---- */

static const char *
state_of_end(enum stage stage)
{
	static const struct {
		enum stage stage;
		const char *state;
	} ends[] = {
		{ST_COMMITTED, "handled"},
		{ST_REJECTED, "rejected"},
		{ST_EXPIRED, "expired"},
		{ST_WITHDRAWN, "withdrawn"},
		{ST_DEAD_LETTER, "dead-letter"},
	};

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (ends[i].stage == stage)
			return ends[i].state;
	return "delivered";
}

/* Of the outcome; NULL while there is none. */
static const char *
state_of_outcome(const struct story *s)
{
	for (size_t i = 0; i < ARRAY_LEN(results) && s->has_outcome; i++)
		if (strcmp(results[i].result, s->result) == 0)
			return results[i].state;
	return NULL;
}

/* Why it was stopped; NULL when it was not. */
static const char *
state_of_stop(const struct story *s)
{
	if (s->c.stop[STOP_WITHDRAWAL].at != 0)
		return s->stop_late	? "too-late"
		       : s->stop_failed ? "not-stopped"
		       : s->stop_open	? "withdrawing"
					: "withdrawn";
	if (case_is_held(&s->c))
		return "frozen";
	return NULL;
}

static bool
ended_for(const struct story *s, enum err code)
{
	return s->filed && s->out.state != OUT_FILED &&
	       (s->out.code == code || strcmp(s->out.reason, err_word(code)) == 0);
}

/* No registry has it yet, and none will get it any more. */
static bool
has_run_out(const struct story *s)
{
	return s->consent_until != 0 && s->consent_until < instant_now() &&
	       (!s->filed || s->out.state == OUT_FILED || s->out.state == OUT_SENT);
}

/* What was entered is entered; but for that, what stops a case says more than how far it was. */
const char *
story_state(const struct story *s)
{
	static const char *const of_out[OUT_N] = {
		[OUT_FILED] = "filed",
		[OUT_SENT] = "sent",
		[OUT_DELIVERED] = "delivered",
		[OUT_REFUSED] = "not-taken",
	};

	const char *outcome = state_of_outcome(s), *stop = state_of_stop(s);

	if (outcome != NULL && (stop == NULL || strstr(outcome, "transcribed") != NULL))
		return outcome;
	if (stop != NULL)
		return stop;
	if (has_run_out(s))
		return "consent-expired";
	if (!s->filed)
		return "draft";
	if (ended_for(s, E_CONSENT_EXPIRED))
		return "consent-expired";
	if (ended_for(s, E_CONSENT_WITHDRAWN))
		return "withdrawn";
	if (s->out.state == OUT_ENDED)
		return state_of_end(s->out.stage);
	return of_out[s->out.state];
}

static const struct state *
row_of(const struct story *s)
{
	const char *word = story_state(s);

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(states[i].word, word) == 0)
			return &states[i];
	assert(!"a state without a row");
	return &states[0];
}

static const char *
holder_name(const struct story *s, enum holder h)
{
	switch (h) {
	case AT_OFFICE:
		return "this office";
	case AT_EXCHANGE:
		return "the exchange";
	case AT_ISSUER:
		return s->c.to.code;
	case AT_RECEIVER:
		return s->has_outcome ? s->outcome.header.from.code : s->c.destination.code;
	case AT_NOBODY:
		return "";
	}
	return "";
}

const char *
story_holder(const struct story *s)
{
	const struct state *row = row_of(s);
	const char *name = holder_name(s, row->holder);
	OWNED(char, text, free_chars) =
		xprintf("%s%s%s", name, name[0] == '\0' ? "" : " ", row->doing);

	return line(text);
}

int64_t
story_since(const struct story *s)
{
	if (s->has_outcome)
		return s->outcome.header.created;
	if (!s->filed)
		return s->c.created;
	if (s->out.ended != 0)
		return s->ended != 0 ? s->ended : s->out.ended;
	if (s->delivered != 0)
		return s->delivered;
	return s->accepted != 0 ? s->accepted : s->out.filed;
}

/* NUMBER in the table is this case's. */
const char *
story_next(const struct story *s)
{
	const char *next = row_of(s)->next, *at = strstr(next, "NUMBER");
	OWNED_BUF(b) = {0};

	if (at == NULL)
		return next;
	buf_add(&b, next, (size_t)(at - next));
	buf_text(&b, s->c.number);
	buf_text(&b, at + strlen("NUMBER"));
	return line((char *)b.data);
}

bool
story_ended(const struct story *s)
{
	return row_of(s)->ended;
}

bool
story_went_well(const struct story *s)
{
	return row_of(s)->well;
}

bool
story_may_be_filed_anew(const struct story *s)
{
	return row_of(s)->anew;
}

/* ---- for programs ---- */

static void
put_time(json_t *o, const char *key, int64_t ms)
{
	char text[INSTANT_TEXT_SIZE];

	if (ms == 0)
		return;
	instant_format(ms, text);
	json_object_set_new(o, key, json_string(text));
}

static void
put_text(json_t *o, const char *key, const char *text)
{
	if (text != NULL && text[0] != '\0')
		json_object_set_new(o, key, json_string(text));
}

json_t *
story_json(const struct story *s)
{
	const struct state *row = row_of(s);
	char conversation[ID_TEXT_SIZE], message[ID_TEXT_SIZE];
	json_t *o;

	id_format(&s->c.conversation, conversation);
	id_format(&s->c.message, message);
	o = json_pack("{s:s s:s s:b s:s s:s s:s s:s s:s}", "tracking", s->c.number, "state",
		row->word, "ended", row->ended, "to", s->c.to.code, "destination",
		s->c.destination.code, "label", s->c.label, "conversation", conversation, "message",
		message);
	put_text(o, "holder", holder_name(s, row->holder));
	put_time(o, "since", story_since(s));
	put_text(o, "next", story_next(s));
	put_time(o, "consentUntil", s->consent_until);
	put_time(o, "withdrawn", s->c.stop[STOP_WITHDRAWAL].at);
	put_time(o, "held", case_is_held(&s->c) ? s->c.stop[STOP_HOLD].at : 0);
	put_time(o, "drafted", s->c.created);
	put_time(o, "filed", s->filed ? s->out.filed : 0);
	put_time(o, "sent", s->accepted);
	put_time(o, "delivered", s->delivered);
	put_time(o, "handled", s->ended);
	if (s->filed && s->out.code != E_OK)
		put_text(o, "code",
			s->out.reason[0] != '\0' ? s->out.reason : err_word(s->out.code));
	if (s->unread != E_OK)
		put_text(o, "unread", err_word(s->unread));
	if (s->has_outcome) {
		put_text(o, "result", s->result);
		put_text(o, s->detail[0] != '\0' && row->well ? "entryNumber" : "reasons",
			s->detail);
		put_text(o, "by", s->outcome.header.from.code);
	}
	return o;
}
