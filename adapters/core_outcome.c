/* SPDX-License-Identifier: EUPL-1.2
 *
 * An outcome that comes in: the end of a case that this registry has issued an extract for. */
#include "adapters/core.h"

#include <string.h>

#include "adapters/core_parts.h"

/* Nobody answers an extract but whom it was sent to. One that this spool does not know was sent
 * before it was restored: what is said of it is kept. */
static enum err
check_outcome(struct job *j, const struct outcome *o, struct out_entry *extract)
{
	const struct header *h = &j->in.header;
	enum err e;

	memset(extract, 0, sizeof *extract);
	if (!id_equal(&h->ref, &o->answers) || !digest_equal(&h->ref_digest, &o->answers_digest))
		return E_HEADER_MISMATCH;
	e = spool_out(j->c->o.spool, &h->ref, extract, NULL);
	if (e != E_OK)
		return e == E_NOT_FOUND ? E_OK : e;
	return party_equal(&h->from, &extract->header.to) &&
			       digest_equal(&h->ref_digest, &extract->digest)
		       ? E_OK
		       : E_SENDER_MISMATCH;
}

/* As a fact under the message's id. A full spool is no reason to leave the case open: the message
 * itself stays in the inbox. */
static enum err
keep_outcome(struct job *j)
{
	OWNED(char, name, free_chars) = NULL;
	char id[ID_TEXT_SIZE];
	enum err e;

	id_format(&j->in.header.id, id);
	name = xprintf(SPOOL_OUTCOMES "%s", id);
	e = spool_set_fact(j->c->o.spool, name, buf_bytes(&j->body));
	return e == E_SPOOL_FULL ? E_OK : e;
}

/* It carries no token: whether the case was withdrawn meanwhile, so that nothing of it is to be
 * kept, the extract's says. */
enum err
outcome_settle(struct job *j)
{
	OWNED(struct outcome, o, outcome_free) = NULL;
	struct job sent = {.c = j->c, .now = j->now};
	ANSWERS(none) = {0};
	struct out_entry extract;
	bool withdrawn;

	TRY(job_open(j));
	TRY(outcome_parse(buf_bytes(&j->body), &o));
	TRY(check_outcome(j, o, &extract));
	sent.in.header = extract.header;
	withdrawn = case_is_withdrawn(&sent);
	TRY(withdrawn ? case_erase(&sent) : keep_outcome(j));
	TRY(answers_file(&none, j, ST_COMMITTED, E_OK, NULL, outcome_word(o)));
	if (withdrawn)
		core_sweep_now(j->c);
	return E_OK;
}
