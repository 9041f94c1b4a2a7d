/* SPDX-License-Identifier: EUPL-1.2
 *
 * Where a case stands, told from the spool alone: what the office filed, what the exchange's
 * receipts prove, what the registries answered. Here it is gathered; liaison/story_state.c says
 * what it means. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/protect.h"
#include "liaison/consent.h"

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
	return e->header.action == A_TRANSCRIPTION_OUTCOME && e->state >= IN_DONE &&
	       (e->code != E_OK || e->note[0] != '\0');
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

/* The day that an outcome names (liaison/outcome.c keeps it): until its end, UTC. */
static void
tell_day(struct office *o, struct story *s)
{
	OWNED_BUF(value) = {0};
	OWNED(char, key, free_chars) = NULL;
	char id[ID_TEXT_SIZE], day[11], what[16], end[INSTANT_TEXT_SIZE];

	id_format(&s->c.conversation, id);
	key = xprintf("due/%s", id);
	if (spool_fact(o->spool, key, &value) != E_OK ||
		sscanf((const char *)value.data, "%10s %15s", day, what) != 2)
		return;
	snprintf(end, sizeof end, "%.10sT23:59:59.999Z", day);
	if (instant_parse(end, &s->outcome_day))
		s->may_appeal = strcmp(what, "appeal") == 0;
}

static void
tell_outcome(struct office *o, struct story *s)
{
	if (!s->has_outcome)
		return;
	tell_day(o, s);
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
	memset(&out->c.documents, 0, sizeof out->c.documents);
	out->consent_until = consent_until(c);
	story_note_terms(o, out);
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
