/* SPDX-License-Identifier: EUPL-1.2
 *
 * How far scans are, told: a line each, whatever they are cut into. */
#include <string.h>

#include "liaison/scans.h"
#include "liaison/terminal.h"

struct telling {
	struct office *o;
	json_t *list;
	size_t n;
};

static const char *
state_of(const struct scan *s, const struct scan_progress *p)
{
	if (!s->filed)
		return "kept";
	if (p->code != E_OK)
		return "not-taken";
	if (p->there == p->of)
		return "there";
	return p->sent == p->of ? "sent" : "waiting";
}

static const char *
kind_of(const struct scan *s)
{
	const char *sentence = code_sentence("document", s->kind);

	return sentence != NULL ? _(sentence) : s->kind;
}

/* What stands behind the scan's name. */
static char *
words_of(const struct scan *s, const struct scan_progress *p)
{
	const char *why = p->reason[0] != '\0' ? p->reason : err_word(p->code);

	if (!s->filed)
		return xprintf(_("kept with the draft"));
	if (p->code != E_OK)
		return xprintf(_("not taken (%s); %u of %u parts sent"), why, p->sent, p->of);
	if (p->there == p->of)
		return xprintf(_("the registry has all of it"));
	return xprintf(_("%u of %u parts sent"), p->sent, p->of);
}

static json_t *
json_of(const struct scan *s, const struct scan_progress *p)
{
	json_t *o = json_pack("{s:s,s:s,s:s,s:I,s:i,s:i,s:i,s:s}", "kind", s->kind, "mediaType",
		s->media_type, "digest", s->digest, "size", (json_int_t)s->size, "parts",
		(int)p->of, "sent", (int)p->sent, "settled", (int)p->there, "state",
		state_of(s, p));

	if (p->code != E_OK)
		json_object_set_new(o, "code",
			json_string(p->reason[0] != '\0' ? p->reason : err_word(p->code)));
	return o;
}

static bool
tell(void *context, const struct scan *s)
{
	struct telling *t = context;
	struct scan_progress p;
	OWNED(char, words, free_chars) = NULL;

	scan_progress(t->o, s, &p);
	if (t->list != NULL) {
		json_array_append_new(t->list, json_of(s, &p));
		return true;
	}
	words = words_of(s, &p);
	say("  %23s  scan, %s: %s\n", "", kind_of(s), words);
	return true;
}

void
scans_say(struct office *o, const struct officer_case *c)
{
	struct telling t = {.o = o};

	(void)!scan_each(o, &c->conversation, tell, &t);
}

void
scans_put(struct office *o, const struct officer_case *c, json_t *j)
{
	struct telling t = {.o = o, .list = json_array()};

	if (scan_each(o, &c->conversation, tell, &t) == E_OK && json_array_size(t.list) > 0)
		json_object_set(j, "scans", t.list);
	json_decref(t.list);
}

static bool
tell_waiting(void *context, const struct scan *s)
{
	struct telling *t = context;
	char number[TRACKING_SIZE];
	struct scan_progress p;
	OWNED(char, words, free_chars) = NULL;

	scan_progress(t->o, s, &p);
	if (!s->filed || (p.waiting == 0 && p.code == E_OK) || p.code == E_CONSENT_WITHDRAWN ||
		p.code == E_DROPPED)
		return true;
	t->n++;
	tracking_of(&s->conversation, number);
	if (say_in_json()) {
		json_t *o = json_of(s, &p);

		json_object_set_new(o, "tracking", json_string(number));
		json_object_set_new(o, "action", json_string(action_word(A_ATTACHMENT)));
		say_json(o);
		return true;
	}
	words = words_of(s, &p);
	say("%s  scan, %s: %s\n", number, kind_of(s), words);
	return true;
}

size_t
scans_say_waiting(struct office *o)
{
	struct telling t = {.o = o};

	(void)!scan_each(o, NULL, tell_waiting, &t);
	return t.n;
}
