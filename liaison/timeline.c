/* SPDX-License-Identifier: EUPL-1.2
 *
 * One case, told as a timeline that a person can read over a telephone; and `daftar show', which
 * shows the person as well. */
#include <string.h>
#include <time.h>

#include "lib/json_text.h"
#include "liaison/incoming.h"
#include "liaison/scans.h"
#include "liaison/terminal.h"
#include "liaison/track.h"

/* ---- the timeline ---- */

/* The same by this computer's own clock, where that is another: " (11:00 +0300)". */
static const char *
when_here(int64_t ms)
{
	time_t s = (time_t)(ms / 1000);
	struct tm here, there;
	char text[32];

	if (localtime_r(&s, &here) == NULL || gmtime_r(&s, &there) == NULL || here.tm_gmtoff == 0)
		return "";
	if (strftime(text, sizeof text,
		    here.tm_mday == there.tm_mday ? " (%H:%M %z)" : " (%m-%d %H:%M %z)",
		    &here) == 0)
		return "";
	return line(text);
}

static void
say_step(int64_t at, const char *text)
{
	if (at != 0)
		say("  %s%s  %s\n", when(at), when_here(at), _(text));
}

static void
say_code(const struct story *s)
{
	const char *word = s->out.reason[0] != '\0' ? s->out.reason : err_word(s->out.code);
	const char *sentence = code_sentence("refusal", word);

	if (s->filed && s->out.code != E_OK)
		say("  %23s  code %s: %s\n", "", line(word),
			_(sentence != NULL ? sentence : err_sentence(s->out.code)));
}

static void
say_reasons(const char *detail)
{
	OWNED(char, copy, free_chars) = xstrdup(detail);
	char *rest = copy, *code;

	while ((code = strsep(&rest, " ")) != NULL) {
		const char *sentence = code_sentence("refusal", code);

		say("  %23s  %s %s\n", "", line(code), sentence != NULL ? _(sentence) : "");
	}
}

static void
say_pair(const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		say("  %23s  %s%s%s\n", "", _(name), _(": "), line(text));
}

/* What an outcome says beside its result, in words and for programs. */
static const struct {
	const char *name, *key;
	size_t at; /* in a struct outcome */
	bool personal;
} particulars[] = {
	{N_("register"), "register", offsetof(struct outcome, register_name), false},
	{N_("office"), "office", offsetof(struct outcome, office), false},
	{N_("entered on"), "enteredOn", offsetof(struct outcome, entered_on), false},
	{N_("until"), "until", offsetof(struct outcome, until), false},
	{N_("legal provision"), "legalProvision", offsetof(struct outcome, legal_provision), false},
	{N_("appeal to"), "appealTo", offsetof(struct outcome, appeal_body), false},
	{N_("appeal by"), "appealBy", offsetof(struct outcome, appeal_by), false},
	{N_("entered as"), "enteredAs", offsetof(struct outcome, entered_as), true},
	{N_("name rule"), "nameRule", offsetof(struct outcome, name_rule), true},
	{N_("explanation"), "explanation", offsetof(struct outcome, explanation), true},
};

/* NULL: not said, or not to be shown. */
static const char *
particular(const struct outcome *u, size_t i, bool personal)
{
	if (particulars[i].personal && !personal)
		return NULL;
	return *(const char *const *)((const char *)u + particulars[i].at);
}

/* What the note does not hold; nothing about the person unless it is asked for. */
static void
say_outcome(struct office *o, const struct story *s, bool personal)
{
	OWNED(struct outcome, u, outcome_free) = NULL;
	const char *from = s->outcome.header.from.code, *result = label_of(s->result);
	OWNED(char, head, free_chars) = story_went_well(s) && s->detail[0] != '\0'
						? xprintf(_("%s answers: %s, entry %s"), from,
							  line(result), line(s->detail))
						: xprintf(_("%s answers: %s"), from, line(result));

	say_step(s->outcome.header.created, head);
	if (!story_went_well(s) && s->detail[0] != '\0')
		say_reasons(s->detail);
	if (outcome_open(o, &s->outcome, &u) != E_OK)
		return;
	for (size_t i = 0; i < ARRAY_LEN(particulars); i++)
		say_pair(particulars[i].name, particular(u, i, personal));
}

/* The consent, and what stopped the case. */
static void
say_consent(struct office *o, const struct story *s)
{
	const struct case_stop *withdrawal = &s->c.stop[STOP_WITHDRAWAL];
	int64_t since = 0;
	const struct party *by = case_held_by(&s->c, &since);

	if (s->consent_until != 0 && withdrawal->at == 0)
		say(s->consent_until < instant_now() ? N_("  %23s  the consent ended %s\n")
						     : N_("  %23s  the consent lasts until %s\n"),
			"", when(s->consent_until));
	if (withdrawal->at != 0 && withdrawal->reason[0] != '\0') {
		say_step(withdrawal->at, code_sentence("cancellation", withdrawal->reason));
		case_say_reached(o, &s->c, STOP_WITHDRAWAL);
	} else if (withdrawal->at != 0) {
		say_step(withdrawal->at, N_("the consent was withdrawn"));
		case_say_reached(o, &s->c, STOP_WITHDRAWAL);
	} else if (case_is_held(&s->c)) {
		say_step(s->c.stop[STOP_HOLD].at, N_("held for the protection of a person"));
		case_say_reached(o, &s->c, STOP_HOLD);
	}
	if (by != NULL)
		say("  %s%s  held for the protection of a person by %s\n", when(since),
			when_here(since), by->code);
}

/* What is expected by when; the consent's end is told above. */
static void
say_terms(const struct story *s)
{
	struct story_terms t;

	story_terms(s, &t);
	for (size_t i = 0; i < t.n; i++)
		if (strcmp(t.term[i].key, "consentUntil") != 0)
			say(t.term[i].at < instant_now() ? N_("by %s%s  %s (that day has passed)\n")
							 : N_("by %s%s  %s\n"),
				when(t.term[i].at), when_here(t.term[i].at), _(t.term[i].text));
}

static void
say_story(struct office *o, const struct story *s, bool personal)
{
	OWNED(char, delivered, free_chars) =
		xprintf(_("delivered: %s has it on disk"), s->c.to.code);
	OWNED(char, handled, free_chars) = xprintf(
		s->out.stage == ST_COMMITTED ? _("%s has handled it (its signed receipt is kept)")
					     : _("%s has ended it (its signed receipt is kept)"),
		s->c.to.code);

	say("%s  %s -> %s -> %s%s%s\n", s->c.number, o->self.code, s->c.to.code,
		s->c.destination.code, personal ? "  " : "", personal ? line(s->c.label) : "");
	say_step(s->c.created, N_("drafted in this office"));
	if (s->c.instead_of[0] != '\0')
		say("  %23s  filed in place of %s, which was given back\n", "", s->c.instead_of);
	if (s->filed)
		say_step(s->out.filed, N_("filed: signed, encrypted, safe in the spool"));
	say_step(s->accepted, N_("sent: the exchange has it on disk (its receipt is kept)"));
	say_step(s->delivered, delivered);
	say_step(s->ended, s->out.stage == ST_COMMITTED || s->out.stage == ST_REJECTED
				   ? handled
				   : N_("ended (the exchange's receipt is kept)"));
	say_code(s);
	if (s->c.anew[0] != '\0')
		say("  %23s  its paper was filed again as %s\n", "", s->c.anew);
	say_consent(o, s);
	questions_say(o, &s->c, personal);
	scans_say(o, &s->c);
	if (s->has_outcome)
		say_outcome(o, s, personal);
	if (s->unread != E_OK)
		say("  %23s  an answer of %s could not be accepted, and was told so: %s (%s)\n", "",
			s->unread_from.code, _(err_sentence(s->unread)), err_word(s->unread));
	say_terms(s);
	say("now:  %s, since %s\n", story_holder(s), when(story_since(s)));
	say("next: %s\n", story_next(s));
}

static void
say_story_json(struct office *o, const struct story *s, bool personal)
{
	OWNED(struct outcome, u, outcome_free) = NULL;
	json_t *j = story_json(s);

	if (!personal)
		json_object_set_new(j, "label", json_string(""));
	case_put_reached(o, &s->c, j);
	questions_put(o, &s->c, personal, j);
	scans_put(o, &s->c, j);
	if (s->has_outcome && outcome_open(o, &s->outcome, &u) == E_OK)
		for (size_t i = 0; i < ARRAY_LEN(particulars); i++)
			json_set_text(j, particulars[i].key, particular(u, i, personal));
	say_json(j);
}

enum ending
track_tell(struct office *o, const struct officer_case *c, bool personal, struct story *s)
{
	enum err e = story_load(o, c, s);

	if (e != E_OK)
		return fail(e, "nothing was changed", "daftar doctor", "case %s cannot be read",
			c->number);
	if (say_in_json())
		say_story_json(o, s, personal);
	else
		say_story(o, s, personal);
	return END_DONE;
}

/* ---- show ---- */

void
track_tell_draft(const struct officer_case *c)
{
	OWNED(struct request, r, request_free) = NULL;

	if (c->body.size == 0 || request_parse(buf_bytes(&c->body), &r) != E_OK)
		return;
	say_pair(N_("name"), name_full(&r->locator.name));
	say_pair(N_("entry number"), r->locator.entry_number);
	say_pair(N_("registry office"), r->locator.office);
	if (r->locator.birth_date != NULL)
		say_pair(N_("born on"), r->locator.birth_date->authored);
	if (r->locator.birth_place != NULL)
		say_pair(N_("born at"), r->locator.birth_place->text);
	say_pair(N_("mother"), name_full(&r->locator.mother));
	say_pair(N_("father"), name_full(&r->locator.father));
	say_pair(N_("consent until"), r->consent.valid_until);
}

enum ending
command_show(const struct options *options)
{
	OWNED(struct office, o, office_free) = NULL;
	enum ending end = office_open(options, NEED_ALL, &o);
	struct story s;
	OWNED_CASE(c);

	if (end == END_DONE)
		end = case_of_argument(o, options->argument[0], &c);
	if (end == END_DONE)
		ledger_note(o, &c.conversation, "shown");
	if (end == END_DONE)
		end = track_tell(o, &c, true, &s);
	if (end != END_DONE || say_in_json())
		return end;
	track_tell_draft(&c);
	if (c.body.size == 0)
		note(s.filed ? N_("The particulars were erased here when the request was filed.\n")
			     : N_("The particulars were erased here when the consent was "
				  "withdrawn.\n"));
	return END_DONE;
}
