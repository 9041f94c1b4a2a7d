/* SPDX-License-Identifier: EUPL-1.2
 *
 * What stops a case. A withdrawal wins until the register's commit: what was taken or waits for the
 * registrar ends at once, for what is claimed the register is asked, and only an act that it does
 * not have is withdrawn. After the commit the answer is TOO-LATE. Everything here may be done
 * again, so that a crash between two steps changes nothing: the Cancellation is settled last.
 *
 * A case is known by its consent token: its id together with the office that has signed it, since
 * anybody could make a token of his own with another's id. Facts: "withdrawn/ID/OFFICE", for ever;
 * "frozen/CASE/OFFICE" until the release; "erase/CASE" until no body of the case is left. */
#include <stdlib.h>
#include <string.h>

#include "adapters/core_parts.h"
#include "adapters/questions.h"
#include "lib/log.h"
#include "lib/talk.h"

#define ERASE "erase/"
#define SWEEP_MS INT64_C(60000)

/* ---- facts ---- */

static char *
fact_name(const char *kind, const struct id *id, const struct party *office)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	return xprintf("%s/%s/%s", kind, text, office->code);
}

/* What cannot be read may be there. */
static bool
is_marked(const struct job *j, const char *kind, const struct id *id)
{
	OWNED(char, name, free_chars) = NULL;
	OWNED_BUF(value) = {0};

	if (!j->in.header.has_token)
		return false;
	name = fact_name(kind, id, &j->in.header.token.by);
	return spool_fact(j->c->o.spool, name, &value) != E_NOT_FOUND;
}

static enum err
mark(struct job *j, const char *kind, const struct id *id)
{
	OWNED(char, name, free_chars) = fact_name(kind, id, &j->in.header.token.by);

	return spool_mark_fact(j->c->o.spool, name);
}

bool
case_is_withdrawn(const struct job *j)
{
	return is_marked(j, "withdrawn", &j->in.header.token.id);
}

static bool
is_same_case(const struct header *a, const struct header *b)
{
	return a->has_token && b->has_token && id_equal(&a->token.id, &b->token.id) &&
	       party_equal(&a->token.by, &b->token.by);
}

/* What may stop it has been taken, and is not decided: nothing of the case goes on before it is. */
static bool
is_about_to_stop(const struct job *j)
{
	struct in_entry e = {.order = 0};

	while (spool_next_urgent_in(j->c->o.spool, e.order, &e, NULL) == E_OK)
		if (e.state < IN_DONE && is_same_case(&e.header, &j->in.header))
			return true;
	return false;
}

bool
case_is_frozen(const struct job *j)
{
	return is_marked(j, "frozen", &j->in.header.conversation) || is_about_to_stop(j);
}

bool
core_is_frozen(struct core *c, const struct in_entry *e)
{
	const struct job j = {.c = c, .in = *e};

	return e->state < IN_DONE && e->header.action != A_CANCELLATION && case_is_frozen(&j);
}

/* ---- what of the case is here ---- */

struct part {
	struct party from;
	struct id id;
};

struct parts {
	const struct job *j;
	struct part *open; /* of the inbox, not ended */
	size_t n;
	struct digest *lost; /* keys of extracts of which only the exchange's facts are left */
	size_t n_lost;
	bool any;      /* something of the case has come here or gone out from here */
	bool entered;  /* an extract of it led to an entry of the register */
	bool shared;   /* another office's token is in the same conversation */
	bool has_body; /* a message that has ended, or was accepted, is still kept */
};

static void
parts_free(struct parts *p)
{
	free(p->open);
	free(p->lost);
}

static void
see(struct parts *p, const struct header *h)
{
	const struct header *own = &p->j->in.header;

	if (h->action == A_CANCELLATION || !h->has_token ||
		!id_equal(&h->conversation, &own->conversation))
		return;
	p->any |= is_same_case(h, own);
	p->shared |= !party_equal(&h->token.by, &own->token.by);
}

static bool
see_out(void *context, const struct out_entry *e)
{
	see(context, &e->header);
	return true;
}

/* A spool that was restored has taken its end over from the exchange, without token and note. */
static bool
is_taken_over(const struct in_entry *e, const struct id *conversation)
{
	const struct header *h = &e->header;

	return h->action == A_CERTIFIED_EXTRACT && h->has_key && !h->has_token && !e->body &&
	       e->state >= IN_DONE && e->stage == ST_COMMITTED &&
	       id_equal(&h->conversation, conversation);
}

static bool
see_in(void *context, const struct in_entry *e)
{
	struct parts *p = context;

	see(p, &e->header);
	if (is_taken_over(e, &p->j->in.header.conversation)) {
		p->lost = xrealloc(p->lost, (p->n_lost + 1) * sizeof *p->lost);
		p->lost[p->n_lost++] = e->header.key;
	}
	if (e->header.action == A_CANCELLATION || !is_same_case(&e->header, &p->j->in.header))
		return true;
	p->entered |= extract_was_entered(e);
	if (e->state >= IN_DONE)
		return true;
	p->open = xrealloc(p->open, (p->n + 1) * sizeof *p->open);
	p->open[p->n++] = (struct part){e->header.from, e->header.id};
	return true;
}

static enum err
look_for_parts(struct parts *p)
{
	TRY(spool_each_in(p->j->c->o.spool, see_in, p));
	return spool_each_out(p->j->c->o.spool, see_out, p);
}

/* ---- ending them ---- */

enum err
case_end(struct job *j)
{
	enum err e = j->in.header.action == A_CERTIFIED_EXTRACT ? extract_stop(j) : E_OK;

	if (e == E_OK)
		e = job_reject(j, E_CONSENT_WITHDRAWN);
	return e == E_OK ? E_CONSENT_WITHDRAWN : e;
}

static enum err
end_part(const struct job *j, const struct part *p)
{
	JOB(o) = {.c = j->c, .now = j->now};

	TRY(spool_in(j->c->o.spool, &p->from, &p->id, &o.in, &o.message));
	return case_end(&o);
}

/* All of them, whatever becomes of one: a register that does not answer holds up only what is
 * claimed. */
static enum err
end_parts(struct parts *p)
{
	enum err first = E_OK;

	for (size_t i = 0; i < p->n; i++) {
		enum err e = end_part(p->j, &p->open[i]);

		p->entered |= e == E_TOO_LATE;
		if (first == E_OK && e != E_TOO_LATE && e != E_CONSENT_WITHDRAWN)
			first = e;
	}
	return first;
}

/* What became of them the register knows. */
static enum err
ask_for_lost(struct parts *p)
{
	const struct core_options *o = &p->j->c->o;

	for (size_t i = 0; i < p->n_lost; i++) {
		struct made m = {0};
		enum err e = extract_was_by_hand(p->j->c, &p->lost[i])
				     ? E_OK
				     : o->kind->lookup(o->driver, &p->lost[i], &m);

		if (e != E_OK && e != E_NOT_FOUND)
			return e;
		p->entered |= e == E_OK;
		p->any = true;
	}
	return E_OK;
}

/* ---- erasing ---- */

static bool
see_body(void *context, const struct out_entry *e)
{
	struct parts *p = context;

	p->has_body |= e->body && e->header.action != A_CANCELLATION &&
		       id_equal(&e->header.conversation, &p->j->in.header.conversation);
	return true;
}

static bool
see_body_in(void *context, const struct in_entry *e)
{
	struct parts *p = context;

	p->has_body |= e->body && e->header.action != A_CANCELLATION &&
		       id_equal(&e->header.conversation, &p->j->in.header.conversation);
	return true;
}

/* What is still to be said goes when it was said. */
static enum err
erase(struct core *c, const char *name, const struct id *conversation)
{
	const struct job j = {.c = c, .in.header.conversation = *conversation};
	struct parts p = {.j = &j};

	TRY(spool_erase(c->o.spool, conversation, false));
	TRY(question_erase(c->o.spool, conversation));
	core_forget_scans(c, conversation);
	if (spool_wipe(c->o.spool) != E_OK) /* the hourly sweep does it again */
		log_line(LOG_WARNING, "erased bodies are not yet overwritten");
	TRY(spool_each_out(c->o.spool, see_body, &p));
	TRY(spool_each_in(c->o.spool, see_body_in, &p));
	return p.has_body ? E_OK : spool_drop_fact(c->o.spool, name);
}

/* Only where the whole conversation is the office's own. */
enum err
case_erase(struct job *j)
{
	__attribute__((cleanup(parts_free))) struct parts p = {.j = j};
	char text[ID_TEXT_SIZE], name[sizeof ERASE + ID_TEXT_SIZE] = ERASE;

	TRY(look_for_parts(&p));
	if (p.shared) {
		log_message(LOG_WARNING, &j->in.header.id,
			"bodies stay: another office's token is in this conversation");
		return E_OK;
	}
	id_format(&j->in.header.conversation, text);
	strcat(name, text);
	TRY(spool_mark_fact(j->c->o.spool, name));
	return erase(j->c, name, &j->in.header.conversation);
}

/* ---- a Cancellation ---- */

struct stop {
	const char *purpose;
	enum err (*settle)(struct job *j);
	const char *kinds[6]; /* of the body */
	bool any_party;	      /* of the three may; else the office alone that has signed */
};

static enum err
finish(struct job *j, enum err code)
{
	ANSWERS(none) = {0};

	return answers_file(&none, j, ST_COMMITTED, code, code == E_OK ? NULL : err_word(code),
		code == E_OK ? j->in.header.purpose : err_word(code));
}

static enum err
thaw(struct job *j)
{
	OWNED(char, name, free_chars) =
		fact_name("frozen", &j->in.header.conversation, &j->in.header.token.by);

	return spool_drop_fact(j->c->o.spool, name);
}

/* What of the case is here and carries no token, an outcome, would rest for ever otherwise: nobody
 * releases what was withdrawn. */
static enum err
end_case(struct job *j, struct parts *p)
{
	enum err e;

	TRY(mark(j, "withdrawn", &j->in.header.token.id));
	TRY(look_for_parts(p));
	TRY(spool_end_unsent(j->c->o.spool, &j->in.header.token, E_CONSENT_WITHDRAWN, j->now));
	e = end_parts(p);
	TRY(case_erase(j));
	TRY(e);
	TRY(ask_for_lost(p));
	return thaw(j);
}

static enum err
withdraw(struct job *j)
{
	__attribute__((cleanup(parts_free))) struct parts p = {.j = j};

	TRY(end_case(j, &p));
	return finish(j, p.entered ? E_TOO_LATE : p.any ? E_OK : E_NOT_HELD);
}

static enum err
hold(struct job *j)
{
	if (!case_is_withdrawn(j))
		TRY(mark(j, "frozen", &j->in.header.conversation));
	return finish(j, E_OK);
}

static enum err
release(struct job *j)
{
	TRY(thaw(j));
	return finish(j, E_OK);
}

static const struct stop stops[] = {
	{PURPOSE_WITHDRAWAL, withdraw,
		{"CONSENT-WITHDRAWN", "REQUEST-CANCELLED", "DUPLICATE", "SUBJECT-DECEASED",
			"ISSUED-IN-ERROR"},
		false},
	{PURPOSE_HOLD, hold, {"PROTECTION-HOLD"}, true},
	{PURPOSE_RELEASE, release, {"PROTECTION-RELEASE"}, false},
};

static const struct stop *
stop_for(const char *purpose)
{
	for (size_t i = 0; i < ARRAY_LEN(stops); i++)
		if (strcmp(stops[i].purpose, purpose) == 0)
			return &stops[i];
	return NULL;
}

static enum err
check_sender(const struct stop *s, const struct party *from, const struct consent_token *k)
{
	if (party_equal(from, &k->by))
		return E_OK;
	return s->any_party && (party_equal(from, &k->holder) || party_equal(from, &k->destination))
		       ? E_OK
		       : E_CONSENT_SCOPE;
}

static enum err
check_who(const struct stop *s, const struct header *h)
{
	return h->has_token ? check_sender(s, &h->from, &h->token) : E_CONSENT_MISSING;
}

/* What is said inside must be what the exchange has seen outside. */
static enum err
check_body(const struct stop *s, const struct header *h, const struct cancellation *c)
{
	char id[ID_TEXT_SIZE];
	bool fits = false;

	for (size_t i = 0; i < ARRAY_LEN(s->kinds) && s->kinds[i] != NULL; i++)
		fits |= strcmp(s->kinds[i], c->kind) == 0;
	id_format(&h->token.id, id);
	return fits && (c->consent == NULL || strcmp(c->consent, id) == 0) &&
			       (c->from == NULL || strcmp(c->from, h->from.code) == 0)
		       ? E_OK
		       : E_HEADER_MISMATCH;
}

enum err
cancellation_settle(struct job *j)
{
	OWNED(struct cancellation, c, cancellation_free) = NULL;
	const struct stop *s = stop_for(j->in.header.purpose);

	if (s == NULL)
		return E_PURPOSE;
	TRY(job_open(j));
	TRY(cancellation_parse(buf_bytes(&j->body), &c));
	TRY(check_who(s, &j->in.header));
	TRY(check_body(s, &j->in.header, c));
	return s->settle(j);
}

/* ---- what a copy that is gone has settled ---- */

/* Cancellations that have ended, oldest first. What was taken over from the exchange's book came
 * without its token, and what it stopped may be open here. */
struct settled {
	struct in_entry *e;
	size_t n;
	bool any; /* one was taken over */
};

static bool
see_settled(void *context, const struct in_entry *e)
{
	struct settled *all = context;

	if (e->header.action != A_CANCELLATION || e->state < IN_DONE || e->stage != ST_COMMITTED ||
		strcmp(e->note, err_word(E_TOO_LATE)) == 0 ||
		strcmp(e->note, err_word(E_NOT_HELD)) == 0)
		return true;
	all->any |= !e->header.has_token;
	all->e = xrealloc(all->e, (all->n + 1) * sizeof *all->e);
	all->e[all->n++] = *e;
	return true;
}

static int
by_age(const void *a, const void *b)
{
	const struct in_entry *x = a, *y = b;

	return x->header.created < y->header.created ? -1 : x->header.created > y->header.created;
}

struct stopped_case {
	const struct header *stop;
	struct header header; /* of a message of the case, with its token */
	bool found;
};

static bool
see_stopped(void *context, const struct in_entry *e)
{
	struct stopped_case *s = context;
	const struct header *h = &e->header;

	if (!h->has_token || !id_equal(&h->conversation, &s->stop->conversation) ||
		check_sender(stop_for(s->stop->purpose), &s->stop->from, &h->token) != E_OK)
		return true;
	s->header = *h;
	s->found = true;
	return false;
}

static enum err
stop_once_more(struct core *c, const struct header *stop, int64_t now)
{
	struct stopped_case s = {.stop = stop};
	struct job j = {.c = c, .now = now};
	__attribute__((cleanup(parts_free))) struct parts p = {.j = &j};

	if (stop_for(stop->purpose) == NULL)
		return E_OK;
	TRY(spool_each_in(c->o.spool, see_stopped, &s));
	if (!s.found)
		return E_OK;
	j.in.header = s.header;
	if (strcmp(stop->purpose, PURPOSE_WITHDRAWAL) == 0)
		return end_case(&j, &p);
	if (strcmp(stop->purpose, PURPOSE_RELEASE) == 0)
		return thaw(&j);
	return case_is_withdrawn(&j) ? E_OK : mark(&j, "frozen", &j.in.header.conversation);
}

enum err
core_stop_again(struct core *c, int64_t now)
{
	struct settled all = {.n = 0};
	enum err e = spool_each_in(c->o.spool, see_settled, &all);

	if (all.n > 0)
		qsort(all.e, all.n, sizeof *all.e, by_age);
	for (size_t i = 0; e == E_OK && all.any && i < all.n; i++)
		e = stop_once_more(c, &all.e[i].header, now);
	free(all.e);
	return e;
}

/* ---- now and then ---- */

struct erasures {
	struct id *id;
	size_t n;
};

static bool
see_erasure(void *context, const char *key, struct bytes value)
{
	struct erasures *all = context;

	(void)value;
	all->id = xrealloc(all->id, (all->n + 1) * sizeof *all->id);
	all->n += id_parse(key + strlen(ERASE), &all->id[all->n]);
	return true;
}

void
core_sweep_now(struct core *c)
{
	struct erasures all = {.n = 0};
	enum err e = spool_each_fact(c->o.spool, ERASE, see_erasure, &all);

	for (size_t i = 0; e == E_OK && i < all.n; i++) {
		char text[ID_TEXT_SIZE], name[sizeof ERASE + ID_TEXT_SIZE] = ERASE;

		id_format(&all.id[i], text);
		strcat(name, text);
		e = erase(c, name, &all.id[i]);
	}
	if (e != E_OK)
		log_line(LOG_ERROR, "what is left of a withdrawn case is not erased yet code=%s",
			err_word(e));
	free(all.id);
}

/* An extract that waits for a registrar beyond its consent is not entered any more, and a question
 * is not answered. */
static void
end_expired(struct core *c, int64_t now)
{
	uint64_t after = 0;

	for (;;) {
		JOB(j) = {.c = c, .now = now};
		enum err e = spool_next_in(c->o.spool, IN_WAITING, after, &j.in, &j.message);

		if (e != E_OK && j.in.order == 0)
			return;
		after = j.in.order;
		if (e == E_OK && (j.in.header.action == A_CERTIFIED_EXTRACT ||
					 j.in.header.action == A_QUERY))
			e = consent_lasts(&j);
		if (e == E_CONSENT_EXPIRED && job_reject(&j, e) != E_OK)
			log_message(LOG_ERROR, &j.in.header.id, "its end cannot be filed");
	}
}

int64_t
core_sweep(struct core *c, int64_t now)
{
	if (now >= c->sweep_at || c->sweep_at - now > SWEEP_MS) {
		core_sweep_now(c);
		end_expired(c, now);
		core_forget_questions(c);
		core_forget_scans(c, NULL);
		c->sweep_at = now + SWEEP_MS;
	}
	return spool_count_facts(c->o.spool, ERASE) > 0 ? c->sweep_at - now : CORE_IDLE;
}
