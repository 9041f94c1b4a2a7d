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

/* The first proof for an id stays. A spool without room for it must still hear the notices that
 * make room, so what can not be kept, or is one too many, is only said. */
void
talk_alarm(struct talk *t, const struct statement *what, struct bytes receipt)
{
	char key[sizeof ALARM + ID_TEXT_SIZE] = ALARM;
	char stands[DIGEST_TEXT_SIZE], offered[DIGEST_TEXT_SIZE];
	OWNED_BUF(before) = {0};
	enum err e;

	id_format(&what->id, key + strlen(key));
	if (spool_fact(t->spool, key, &before) == E_OK)
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
