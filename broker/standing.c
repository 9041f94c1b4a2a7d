/* SPDX-License-Identifier: EUPL-1.2
 *
 * The words of standings and changes, and what is asked of a reason and of a second officer. */
#include "broker/standing.h"

#include <string.h>

static const char *const standing_words[STANDING_N] = {
	[STANDING_GOOD] = "good",
	[STANDING_SUSPENDED] = "suspended",
	[STANDING_CUT] = "cut",
};

static const char *const kind_words[CHANGE_N] = {
	[CHANGE_CUT] = "cut",
	[CHANGE_SUSPEND] = "suspend",
	[CHANGE_RESUME] = "resume",
	[CHANGE_TRUST] = "trust-list",
	[CHANGE_REVOKE] = "revoke",
};

static const char *const state_words[CHANGE_STATES] = {
	[CHANGE_WAITS] = "waits",
	[CHANGE_DONE] = "done",
	[CHANGE_REJECTED] = "rejected",
	[CHANGE_LAPSED] = "lapsed",
};

const char *
standing_word(enum standing s)
{
	assert(s < STANDING_N);
	return standing_words[s];
}

const char *
change_kind_word(enum change_kind k)
{
	assert(k < CHANGE_N);
	return kind_words[k];
}

const char *
change_state_word(enum change_state s)
{
	assert(s < CHANGE_STATES);
	return state_words[s];
}

bool
reason_is_fit(const char *text)
{
	size_t size = text == NULL ? 0 : strlen(text);

	if (size == 0 || size >= REASON_SIZE || strspn(text, " ") == size)
		return false;
	for (size_t i = 0; i < size; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	return true;
}

bool
change_leads_from(enum change_kind kind, enum standing now)
{
	if (kind == CHANGE_CUT)
		return now != STANDING_CUT;
	return kind == CHANGE_SUSPEND ? now == STANDING_GOOD : now != STANDING_GOOD;
}

enum err
change_may_approve(const struct change *c, uint32_t uid, int64_t now)
{
	if (c->state != CHANGE_WAITS || now - c->proposed >= CHANGE_LIFE_MS)
		return E_STATE;
	return uid == c->by_uid ? E_OFFICER : E_OK;
}
