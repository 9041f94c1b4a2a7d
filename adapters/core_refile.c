/* SPDX-License-Identifier: EUPL-1.2
 *
 * What this registry had sent and the exchange has given back (DEAD-LETTER), sent again: an extract
 * is made anew out of the register, an outcome out of what the register says now, each as a new
 * message in answer to the same one. Should its addressee have had the first all the same, the
 * record's key keeps it from being entered twice.
 *
 * The fact "anew/ID" holds the id of the message that stands in place of ID, and is filed together
 * with it: asked again, the same message is meant. */
#include <string.h>

#include "adapters/core_parts.h"
#include "lib/log.h"

static char *
fact_of(const struct id *id)
{
	char text[ID_TEXT_SIZE];

	id_format(id, text);
	return xprintf("anew/%s", text);
}

/* E_NOT_FOUND: it was not. */
static enum err
refiled_as(struct core *c, const struct id *id, struct id *out)
{
	OWNED(char, name, free_chars) = fact_of(id);
	OWNED_BUF(value) = {0};

	TRY(spool_fact(c->o.spool, name, &value));
	return id_parse((const char *)value.data, out) ? E_OK : E_IO;
}

/* What was discarded, or ended with its consent, stays ended. */
static bool
was_given_back(const struct out_entry *e)
{
	static const enum err codes[] = {E_RETURNED, E_DAMAGED, E_CERT_REVOKED};

	if (e->state != OUT_ENDED || e->stage != ST_DEAD_LETTER ||
		(e->header.action != A_CERTIFIED_EXTRACT &&
			e->header.action != A_TRANSCRIPTION_OUTCOME))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (strcmp(e->reason, err_word(codes[i])) == 0)
			return true;
	return false;
}

struct walk {
	struct core *c;
	spool_out_visit *each;
	void *context;
};

static bool
see_out(void *context, const struct out_entry *e)
{
	struct walk *w = context;
	struct id anew;

	return !was_given_back(e) || refiled_as(w->c, &e->header.id, &anew) == E_OK ||
	       w->each(w->context, e);
}

enum err
core_each_given_back(struct core *c, spool_out_visit *each, void *context)
{
	struct walk w = {c, each, context};

	return spool_each_out(c->o.spool, see_out, &w);
}

/* ---- what it was an answer to ---- */

struct asked_for {
	const struct header *answer;
	struct in_entry e;
	bool found;
};

static bool
see_in(void *context, const struct in_entry *e)
{
	struct asked_for *a = context;

	if (!id_equal(&e->header.id, &a->answer->ref) ||
		!digest_equal(&e->digest, &a->answer->ref_digest))
		return true;
	a->e = *e;
	a->found = true;
	return false;
}

/* E_NOT_FOUND: not kept any more. */
static enum err
load(struct job *j, const struct header *answer, unsigned user)
{
	const struct reading by = {"refile", true, user};
	struct asked_for a = {.answer = answer};
	struct spool *s = j->c->o.spool;

	TRY(spool_each_in(s, see_in, &a));
	if (!a.found)
		return E_NOT_FOUND;
	TRY(spool_in(s, &a.e.header.from, &a.e.header.id, &j->in, &j->message));
	if (case_is_withdrawn(j))
		return E_CONSENT_WITHDRAWN;
	if (case_is_frozen(j))
		return E_FROZEN;
	if (!j->in.body)
		return E_NOT_FOUND;
	ledger_note(s, &j->in.header, &by, j->now);
	return job_open(j);
}

/* ---- again ---- */

static enum err
compose(struct job *j, const struct header *old, const struct refile *how, struct answers *a)
{
	if (old->action == A_CERTIFIED_EXTRACT) {
		TRY(consent_lasts(j));
		return request_extract_again(j, how->number, how->office, a);
	}
	if (extract_was_entered(&j->in))
		return extract_tell_again(j, &old->to, a);
	return how->why.code == NULL ? E_INPUT : refusal_again(j, &old->to, &how->why, a);
}

static enum err
keep(struct job *j, const struct id *old, const struct id *anew, struct bytes message)
{
	OWNED(char, name, free_chars) = fact_of(old);
	struct spool *s = j->c->o.spool;
	char text[ID_TEXT_SIZE];

	id_format(anew, text);
	TRY(spool_set_fact(s, name, bytes_of(text, strlen(text))));
	return spool_file(s, message, j->now);
}

/* Both, or neither. */
static enum err
file(struct job *j, const struct id *old, struct bytes message, struct id *anew)
{
	struct spool *s = j->c->o.spool;
	struct header h;
	enum err e;

	TRY(message_header(message, &h));
	*anew = h.id;
	TRY(spool_group(s));
	e = keep(j, old, anew, message);
	if (e == E_OK)
		return spool_group_end(s);
	spool_group_drop(s);
	return e;
}

enum err
core_refile(
	struct core *c, const struct id *id, const struct refile *how, int64_t now, struct id *anew)
{
	JOB(j) = {.c = c, .now = now, .by_hand = true};
	struct out_entry old;
	ANSWERS(a) = {0};
	enum err e;

	if (how->why.code != NULL && !code_known("refusal", how->why.code))
		return E_INPUT;
	TRY(spool_out(c->o.spool, id, &old, NULL));
	if (!was_given_back(&old))
		return E_STATE;
	e = refiled_as(c, id, anew);
	if (e != E_NOT_FOUND)
		return e;
	TRY(load(&j, &old.header, how->user));
	TRY(compose(&j, &old.header, how, &a));
	TRY(file(&j, id, buf_bytes(&a.message[0]), anew));
	log_message(LOG_NOTICE, anew, "filed in place of what was given back");
	return E_OK;
}
