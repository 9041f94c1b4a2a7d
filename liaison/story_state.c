/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is known of a case, in words: one table says for every state who has it and what comes next,
 * and --json and the words for people come from the same row. What is expected by when comes from
 * what the registries have said of themselves in the trust list, and from the request itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json_text.h"
#include "liaison/daftar.h"

enum holder { AT_OFFICE, AT_EXCHANGE, AT_ISSUER, AT_RECEIVER, AT_NOBODY };

static const struct state {
	const char *word;
	enum holder holder;
	bool ended, well;
	bool anew; /* nobody has decided it: the same paper may be filed again as a new case */
	const char *doing; /* WHO: the holder */
	const char *next;  /* NUMBER: the case's */
} states[] = {
	{"draft", AT_OFFICE, false, false, false,
		N_("WHO has it as a draft; nothing has been filed"),
		N_("daftar request file NUMBER")},
	{"filed", AT_OFFICE, false, false, false,
		N_("WHO has it safe in the spool; it has not left yet"),
		N_("it is sent as soon as the exchange can be reached: daftar sync")},
	{"not-taken", AT_OFFICE, true, false, true,
		N_("WHO has it back: the exchange does not take it"),
		N_("see the code, then file a new request")},
	{"dropped", AT_OFFICE, true, false, true,
		N_("WHO has it back: it was dropped before it left"),
		N_("nothing; should it be wanted after all, file the case file again")},
	{"sent", AT_EXCHANGE, false, false, false,
		N_("WHO has it on disk, for the issuing registry to fetch"),
		N_("the issuing registry fetches it when it is on line")},
	{"delivered", AT_ISSUER, false, false, false, N_("WHO has it and looks for the record"),
		N_("the registry sends a certified extract on, or says why it does not")},
	{"handled", AT_RECEIVER, false, false, false, N_("WHO is to enter the record"),
		N_("the receiving registry enters the record, or says why it does not")},
	{"rejected", AT_NOBODY, true, false, true,
		N_("nobody has it: the issuing registry could not handle it"),
		N_("see the code, then file a new request")},
	{"expired", AT_NOBODY, true, false, true, N_("nobody has it: it was not fetched in time"),
		N_("file a new request if it is still wanted")},
	{"withdrawn", AT_NOBODY, true, false, false, N_("nobody has it: the consent was withdrawn"),
		N_("nothing; should the person consent again: daftar consent record --from FILE")},
	{"withdrawing", AT_NOBODY, false, false, false,
		N_("nobody goes on with it: the consent is withdrawn, and not every registry has "
		   "answered yet"),
		N_("daftar consent withdraw NUMBER --wait")},
	{"not-stopped", AT_NOBODY, false, false, false,
		N_("it may go on: the consent is withdrawn, and a registry could not be told"),
		N_("tell that registry by other means; then: daftar consent withdraw NUMBER")},
	{"cancelled", AT_NOBODY, true, false, true, N_("nobody has it: the case was cancelled"),
		N_("nothing; should it be wanted again: daftar request new --from FILE")},
	{"cancelling", AT_NOBODY, false, false, false,
		N_("nobody goes on with it: the case is cancelled, and not every registry has "
		   "answered yet"),
		N_("daftar cancel NUMBER --reason REQUEST-CANCELLED --wait")},
	{"not-cancelled", AT_NOBODY, false, false, false,
		N_("it may go on: the case is cancelled, and a registry could not be told"),
		N_("tell that registry by other means; then: daftar cancel NUMBER --reason "
		   "REQUEST-CANCELLED")},
	{"too-late", AT_RECEIVER, false, false, false,
		N_("WHO had entered the record before it was told to stop"),
		N_("the entry's number comes with the registry's outcome: daftar track NUMBER")},
	{"frozen", AT_NOBODY, false, false, false,
		N_("nobody goes on with it: it is held for the protection of a person"),
		N_("daftar consent release NUMBER")},
	{"consent-expired", AT_NOBODY, true, false, true,
		N_("nobody has it: the consent has ended"),
		N_("ask the person again; then: daftar consent record --from FILE")},
	{"dead-letter", AT_NOBODY, true, false, false,
		N_("the exchange has ended it: its addressee did not take it"),
		N_("what the code means: daftar codes CODE")},
	{"deferred", AT_RECEIVER, false, false, false, N_("WHO has put the decision off"),
		N_("a later outcome of the registry")},
	{"transcribed", AT_RECEIVER, true, true, false, N_("WHO has entered the record"),
		N_("print it for the family: daftar request print NUMBER")},
	{"already-transcribed", AT_RECEIVER, true, true, false,
		N_("WHO had entered the record before"),
		N_("print it for the family: daftar request print NUMBER")},
	{"refused", AT_NOBODY, true, false, false, N_("nobody has it: it was refused"),
		N_("what the code means: daftar codes CODE")},
	{"lapsed", AT_NOBODY, true, false, false,
		N_("nobody has it: the registry has let its time pass"),
		N_("see the outcome for where to appeal")},
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
	int64_t since;

	if (s->c.stop[STOP_WITHDRAWAL].reason[0] != '\0')
		return s->stop_late	? "too-late"
		       : s->stop_failed ? "not-cancelled"
		       : s->stop_open	? "cancelling"
					: "cancelled";
	if (s->c.stop[STOP_WITHDRAWAL].at != 0)
		return s->stop_late	? "too-late"
		       : s->stop_failed ? "not-stopped"
		       : s->stop_open	? "withdrawing"
					: "withdrawn";
	if (case_is_held(&s->c) || case_held_by(&s->c, &since) != NULL)
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
	if (s->out.state == OUT_REFUSED && s->out.code == E_DROPPED)
		return "dropped";
	return of_out[s->out.state];
}

bool
story_is_state(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(states[i].word, word) == 0)
			return true;
	return false;
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
holder_code(const struct story *s, enum holder h)
{
	switch (h) {
	case AT_OFFICE:
		return N_("this office");
	case AT_EXCHANGE:
		return N_("the exchange");
	case AT_ISSUER:
		return s->c.to.code;
	case AT_RECEIVER:
		return s->has_outcome ? s->outcome.header.from.code : s->c.destination.code;
	case AT_NOBODY:
		return "";
	}
	return "";
}

/* The text with the word in it replaced. */
static const char *
filled(const char *text, const char *word, const char *by)
{
	const char *at = strstr(text, word);
	OWNED_BUF(b) = {0};

	if (at == NULL)
		return text;
	buf_add(&b, text, (size_t)(at - text));
	buf_text(&b, by);
	buf_text(&b, at + strlen(word));
	return line((char *)b.data);
}

const char *
story_holder(const struct story *s)
{
	const struct state *row = row_of(s);
	const char *code = holder_code(s, row->holder);

	if (row->holder == AT_OFFICE || row->holder == AT_EXCHANGE)
		code = _(code);
	return filled(_(row->doing), "WHO", code);
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

/* ---- what is expected by when ---- */

#define DAY_MS INT64_C(86400000)

static const struct trust_profile *
profile_of(const struct office *o, const struct party *code)
{
	static const struct trust_profile none;
	const struct trust_party *p = o->trust == NULL ? NULL : trust_party(o->trust, code);

	return p == NULL ? &none : &p->profile;
}

void
story_note_terms(const struct office *o, struct story *s)
{
	const struct trust_profile *receiver = profile_of(o, &s->c.destination);

	s->issuer_days = profile_of(o, &s->c.to)->decision_days;
	s->decision_days = receiver->decision_days;
	s->tacit_days = receiver->tacit_days;
}

static void
add_term(struct story_terms *t, const char *key, int64_t from, int64_t days, const char *text)
{
	if (from == 0 || days == 0 || t->n == ARRAY_LEN(t->term))
		return;
	t->term[t->n++] = (struct story_term){.key = key, .at = from + days * DAY_MS, .text = text};
}

/* A registry counts from the day on which it got the message; when that was, the office knows of
 * the one that issues the record alone. What the other got left the first at the same time. */
void
story_terms(const struct story *s, struct story_terms *out)
{
	const char *state = story_state(s);

	memset(out, 0, sizeof *out);
	if (strcmp(state, "filed") == 0 || strcmp(state, "sent") == 0)
		add_term(out, "fetchBy", s->out.header.expires - DAY_MS, 1,
			N_("fetched by then, or it ends"));
	if (strcmp(state, "delivered") == 0)
		add_term(out, "expectedBy", s->delivered, s->issuer_days,
			N_("the issuing registry means to answer by then"));
	if (strcmp(state, "handled") == 0 || strcmp(state, "deferred") == 0) {
		add_term(out, "expectedBy", s->ended, s->decision_days,
			N_("the receiving registry means to decide by then"));
		add_term(out, "tacitBy", s->ended, s->tacit_days,
			N_("without a decision by then it counts as refused"));
	}
	if (s->outcome_day != 0 && s->may_appeal)
		add_term(out, "appealUntil", s->outcome_day - DAY_MS, 1,
			N_("an appeal is possible until then"));
	else if (s->outcome_day != 0 && strcmp(state, "deferred") == 0)
		add_term(out, "deferredUntil", s->outcome_day - DAY_MS, 1,
			N_("the registry has put it off until then"));
	if (!story_ended(s) && s->consent_until != 0 && s->c.stop[STOP_WITHDRAWAL].at == 0)
		add_term(out, "consentUntil", s->consent_until - DAY_MS, 1, N_("the consent ends"));
}

int64_t
story_next_term(const struct story *s)
{
	struct story_terms t;
	int64_t soonest = 0;

	story_terms(s, &t);
	for (size_t i = 0; i < t.n; i++)
		if (soonest == 0 || t.term[i].at < soonest)
			soonest = t.term[i].at;
	return soonest;
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
story_was_given_back(const struct story *s)
{
	return strcmp(row_of(s)->word, "dead-letter") == 0;
}

/* Nobody has said that it is not to be: what was discarded is not filed as it is, and what a forged
 * or withdrawn consent has ended is not filed at all. */
static bool
given_back_to_be_filed(const struct story *s)
{
	return story_was_given_back(s) && (ended_for(s, E_RETURNED) || ended_for(s, E_DAMAGED) ||
						  ended_for(s, E_CERT_REVOKED));
}

/* What was filed twice goes on as the other case, and who has died needs none. */
bool
story_may_be_filed_anew(const struct story *s)
{
	const char *reason = s->c.stop[STOP_WITHDRAWAL].reason;

	return (row_of(s)->anew || given_back_to_be_filed(s)) &&
	       (reason[0] == '\0' || strcmp(reason, "REQUEST-CANCELLED") == 0);
}

/* Of what was given back, its paper may be another case by now, or become one. */
static const char *
next_of(const struct story *s, const char **number)
{
	*number = s->c.number;
	if (!given_back_to_be_filed(s))
		return row_of(s)->next;
	if (s->c.anew[0] == '\0')
		return N_("hand in its case file again: daftar request file FILE");
	*number = s->c.anew;
	return N_("it goes on under another number: daftar track NUMBER");
}

const char *
story_next(const struct story *s)
{
	const char *number, *next = next_of(s, &number);
	OWNED(char, first, free_chars) = xprintf("%.*s", (int)strcspn(s->detail, " "), s->detail);

	next = filled(_(next), "NUMBER", number);
	return first[0] != '\0' ? filled(next, "CODE", first) : next;
}

/* ---- for programs ---- */

static void
put_terms(json_t *o, const struct story *s)
{
	struct story_terms t;

	story_terms(s, &t);
	for (size_t i = 0; i < t.n; i++)
		json_set_instant(o, t.term[i].key, t.term[i].at);
}

json_t *
story_json(const struct story *s)
{
	const struct state *row = row_of(s);
	char conversation[ID_TEXT_SIZE], message[ID_TEXT_SIZE];
	const char *number, *next;
	const struct party *by;
	int64_t since = 0;
	json_t *o;

	id_format(&s->c.conversation, conversation);
	id_format(&s->c.message, message);
	o = json_pack("{s:s s:s s:b s:s s:s s:s s:s s:s}", "tracking", s->c.number, "state",
		row->word, "ended", row->ended, "to", s->c.to.code, "destination",
		s->c.destination.code, "label", s->c.label, "conversation", conversation, "message",
		message);
	json_set_text(o, "holder", holder_code(s, row->holder));
	json_set_instant(o, "since", story_since(s));
	next = next_of(s, &number);
	json_set_text(o, "next", filled(next, "NUMBER", number));
	json_set_text(o, "filedAgainAs", s->c.anew[0] != '\0' ? s->c.anew : NULL);
	json_set_text(o, "insteadOf", s->c.instead_of[0] != '\0' ? s->c.instead_of : NULL);
	json_set_instant(o, "consentUntil", s->consent_until);
	put_terms(o, s);
	json_set_instant(o, "withdrawn", s->c.stop[STOP_WITHDRAWAL].at);
	json_set_text(o, "cancelled", s->c.stop[STOP_WITHDRAWAL].reason);
	json_set_instant(o, "held", case_is_held(&s->c) ? s->c.stop[STOP_HOLD].at : 0);
	by = case_held_by(&s->c, &since);
	json_set_text(o, "heldBy", by != NULL ? by->code : NULL);
	json_set_instant(o, "heldSince", by != NULL ? since : 0);
	json_set_instant(o, "drafted", s->c.created);
	json_set_instant(o, "filed", s->filed ? s->out.filed : 0);
	json_set_instant(o, "sent", s->accepted);
	json_set_instant(o, "delivered", s->delivered);
	json_set_instant(o, "handled", s->ended);
	if (s->filed && s->out.code != E_OK)
		json_set_text(o, "code",
			s->out.reason[0] != '\0' ? s->out.reason : err_word(s->out.code));
	if (s->unread != E_OK)
		json_set_text(o, "unread", err_word(s->unread));
	if (s->has_outcome) {
		json_set_text(o, "result", s->result);
		json_set_text(o, s->detail[0] != '\0' && row->well ? "entryNumber" : "reasons",
			s->detail);
		json_set_text(o, "by", s->outcome.header.from.code);
	}
	return o;
}
