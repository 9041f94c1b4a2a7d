/* SPDX-License-Identifier: EUPL-1.2
 *
 * One id that stands for two messages, both signed by their sender: somebody is wrong or forges.
 * The exchange proves it with a receipt of stage CONFLICT; the proof is kept as a fact until a
 * person has looked, and said once at error level. Nothing else follows from it: what was accepted
 * first stands. */
#include "lib/talk_parts.h"

#include <string.h>

#include "lib/log.h"

#define ALARM TALK_ALARMS "conflict/"
#define ALARMS_MOST 64 /* that are kept: an exchange can make up any number of them */

enum err
talk_check_conflict(const struct talk *t, const struct statement *what)
{
	if (what->stage != ST_CONFLICT || !what->has_by || digest_equal(&what->by, &what->digest))
		return E_PROOF;
	if (!party_equal(&what->from, &t->o.self) && !party_equal(&what->to, &t->o.self))
		return E_NOT_ADDRESSEE;
	return E_OK;
}

/* Is a proof kept under this name that is about a message of this sender? */
static bool
is_kept(struct talk *t, const char *key, const struct party *from)
{
	OWNED_BUF(proof) = {0};
	struct receipt r;

	return spool_fact(t->spool, key, &proof) == E_OK &&
	       receipt_verify(buf_bytes(&proof), trust_log_name(t->o.trust),
		       trust_log_key(t->o.trust), &r) == E_OK &&
	       party_equal(&r.what.from, from);
}

/* Whoever uses another's id for two messages of his own must not hide what becomes of the other's:
 * a second sender of one id has an alarm of his own. False: it is kept. */
static bool
name_alarm(struct talk *t, const struct statement *what, char *key)
{
	OWNED_BUF(first) = {0};
	size_t n;

	id_format(&what->id, key + strlen(key));
	if (is_kept(t, key, &what->from))
		return false;
	if (spool_fact(t->spool, key, &first) != E_OK)
		return true;
	n = strlen(key);
	snprintf(key + n, PARTY_SIZE + 1, "/%s", what->from.code);
	return !is_kept(t, key, &what->from);
}

/* The first proof for an id and a sender stays. A spool without room for it must still hear the
 * notices that make room, so what can not be kept, or is one too many, is only said. */
void
talk_alarm(struct talk *t, const struct statement *what, struct bytes receipt)
{
	char key[sizeof ALARM + ID_TEXT_SIZE + PARTY_SIZE + 1] = ALARM;
	char stands[DIGEST_TEXT_SIZE], offered[DIGEST_TEXT_SIZE];
	enum err e;

	if (!name_alarm(t, what, key))
		return;
	digest_format(&what->by, stands);
	digest_format(&what->digest, offered);
	e = spool_count_facts(t->spool, ALARM) < ALARMS_MOST
		    ? spool_set_fact(t->spool, key, receipt)
		    : E_SPOOL_FULL;
	log_message(LOG_ERROR, &what->id, "conflict from=%s to=%s stands=%s offered=%s%s%s",
		what->from.code, what->to.code, stands, offered,
		e == E_OK ? "" : " unkept=", e == E_OK ? "" : err_word(e));
	talk_changed(t);
}

/* The proof in a refusal. */
void
talk_hear_conflict(struct talk *t, const struct wire *w)
{
	struct receipt r;
	enum err e = talk_receipt(t, &w->id, w->extra, &r);

	if (e == E_OK)
		e = talk_check_conflict(t, &r.what);
	if (e == E_OK)
		talk_alarm(t, &r.what, w->extra);
	else
		log_message(LOG_ERROR, &w->id, "dropped what=CONFLICT code=%s", err_word(e));
}
