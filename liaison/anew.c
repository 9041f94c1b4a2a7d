/* SPDX-License-Identifier: EUPL-1.2
 *
 * A request that the exchange has given back (DEAD-LETTER), filed again: its case file becomes a
 * new case, with a new message and a new consent token of the same consents, and the two numbers
 * lead to each other. Should the registry have had the first all the same, the record's key keeps
 * it from being entered twice. */
#include <string.h>

#include "liaison/anew.h"
#include "liaison/consent.h"

#define NOTHING "nothing was changed and nothing was sent"

enum err
anew_note(struct office *o, const struct officer_case *c)
{
	OWNED_CASE(before);

	if (c->instead_of[0] == '\0')
		return E_OK;
	TRY(case_find(o, c->instead_of, &before));
	memcpy(before.anew, c->number, sizeof before.anew);
	ledger_note(o, &before.conversation, "filed again");
	return case_save(o, &before);
}

enum ending
anew_follow(struct office *o, struct officer_case *c)
{
	char anew[TRACKING_SIZE];
	enum ending end;
	struct story s;

	if (story_load(o, c, &s) != E_OK || !story_was_given_back(&s))
		return END_DONE;
	if (c->anew[0] != '\0') {
		memcpy(anew, c->anew, sizeof anew);
		note("The paper of %s was filed again as %s.\n", c->number, anew);
		case_free(c);
		end = request_of_number(o, anew, c);
		return end == END_DONE ? anew_follow(o, c) : end;
	}
	if (!story_may_be_filed_anew(&s))
		return fail(E_STATE, NOTHING, "daftar track NUMBER",
			"%s was ended by the exchange, and is not filed again as it is", c->number);
	return fail(E_STATE, NOTHING, "daftar request file FILE",
		"%s was given back, and nothing of the person is kept here: hand in its case file "
		"again",
		c->number);
}
