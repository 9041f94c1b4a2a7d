/* SPDX-License-Identifier: EUPL-1.2
 *
 * Silence as a refusal: where a registry's law says so (its profile in the trust list), an extract
 * that has waited for the registrar through all of its days is refused on the last of them, and
 * issuer and liaison are told by which provision. A case that is frozen or withdrawn is not decided
 * by silence; its days go on, and count when it is released.
 *
 * Only what waits for a person is looked at: what is being entered has been decided, and what the
 * register's absence keeps is not the registrar's silence. Days are civil days, so an hour between
 * two walks is near enough. */
#include <stdio.h>
#include <string.h>

#include "adapters/core_parts.h"
#include "lib/log.h"

#define HOUR_MS INT64_C(3600000)

/* NULL: silence means nothing. */
static const struct trust_profile *
own_profile(const struct core *c)
{
	const struct trust_party *self = trust_party(c->o.trust, &c->o.self);

	return self != NULL && self->profile.tacit_days > 0 ? &self->profile : NULL;
}

/* The last of its days is over. */
static bool
is_over(const struct job *j, const struct trust_profile *p)
{
	char today[11], last[11];

	core_day(j->now, 0, today);
	core_day(j->in.taken, (long)p->tacit_days, last);
	return strcmp(today, last) > 0;
}

static enum err
refuse_tacitly(struct job *j, const struct trust_profile *p)
{
	OWNED(struct extract, x, extract_free) = NULL;
	OWNED(struct outcome, o, outcome_free) = outcome_new();
	OWNED_BUF(body) = {0};
	ANSWERS(a) = {0};
	char last[11];

	TRY(job_open(j));
	TRY(extract_parse(buf_bytes(&j->body), &x));
	core_day(j->in.taken, (long)p->tacit_days, last);
	o->result = OUTCOME_TACIT;
	o->extract_id = x->id;
	o->answers = j->in.header.id;
	o->answers_digest = j->in.digest;
	o->until = last;
	o->legal_provision = p->provision;
	outcome_compose(o, &body);
	TRY(answers_add_both(&a, j, buf_bytes(&body)));
	return answers_file(&a, j, ST_COMMITTED, E_OK, NULL, outcome_word(o));
}

static void
walk(struct core *c, const struct trust_profile *p, int64_t now)
{
	uint64_t after = 0;

	for (;;) {
		JOB(j) = {.c = c, .now = now};
		enum err e = spool_next_in(c->o.spool, IN_WAITING, after, &j.in, &j.message);

		if (e != E_OK && j.in.order == 0)
			return;
		after = j.in.order;
		if (e != E_OK || j.in.header.action != A_CERTIFIED_EXTRACT || !is_over(&j, p) ||
			case_is_frozen(&j) || case_is_withdrawn(&j))
			continue;
		e = refuse_tacitly(&j, p);
		if (e != E_OK)
			log_message(LOG_ERROR, &j.in.header.id,
				"the refusal by silence cannot be filed code=%s", err_word(e));
	}
}

int64_t
core_tacit(struct core *c, int64_t now)
{
	const struct trust_profile *p = own_profile(c);

	if (p == NULL)
		return CORE_IDLE;
	if (now >= c->tacit_at || c->tacit_at - now > HOUR_MS) {
		walk(c, p, now);
		c->tacit_at = now + HOUR_MS;
	}
	return c->tacit_at - now;
}
