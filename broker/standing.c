/* SPDX-License-Identifier: EUPL-1.2
 *
 * The words of standings and changes, and what is asked of a reason and of a second officer. */
#include "broker/standing.h"

#include <stdio.h>
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
	[CHANGE_WAIVE] = "waive",
	[CHANGE_LEGAL_HOLD] = "legal-hold",
	[CHANGE_LEGAL_RELEASE] = "legal-release",
	[CHANGE_PURGE] = "purge",
	[CHANGE_HOLD] = "hold",
	[CHANGE_RELEASE] = "release",
	[CHANGE_RETRY] = "retry",
	[CHANGE_RETURN] = "return",
	[CHANGE_DISCARD] = "discard",
	[CHANGE_CLOSE] = "corridor-close",
	[CHANGE_OPEN] = "corridor-open",
	[CHANGE_DRAIN] = "drain",
	[CHANGE_ACK] = "alert-ack",
	[CHANGE_MUTE] = "alert-mute",
	[CHANGE_UNMUTE] = "alert-unmute",
	[CHANGE_SETTINGS] = "settings",
	[CHANGE_LOG_LEVEL] = "log-level",
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

/* What it is about, in a line. */
static void
subject_of(const struct change *c, char *out, size_t size)
{
	char digest[DIGEST_TEXT_SIZE];

	if (c->kind == CHANGE_TRUST)
		snprintf(out, size, "version %llu", (unsigned long long)c->version);
	else if (c->kind == CHANGE_REVOKE) {
		digest_format(&c->digest, digest);
		snprintf(out, size, "%s %s", c->party.code, digest);
	} else
		snprintf(out, size, "%s", c->party.code[0] != '\0' ? c->party.code : c->subject);
	for (char *p = out; *p != '\0'; p++) {
		const char one[2] = {*p, '\0'};

		if (!act_text_is_fit(one))
			*p = '?';
	}
}

static void
fit_name(const char *name, char *out, size_t size)
{
	snprintf(out, size, "%s", act_text_is_fit(name) ? name : "?");
}

void
change_act(const struct change *c, bool wish, struct leaf_act *out)
{
	const enum change_state state = wish && c->leaf != c->end_leaf ? CHANGE_WAITS : c->state;

	*out = (struct leaf_act){.number = c->number};
	snprintf(out->kind, sizeof out->kind, "%s", change_kind_word(c->kind));
	snprintf(out->state, sizeof out->state, "%s", change_state_word(state));
	subject_of(c, out->subject, sizeof out->subject);
	fit_name(c->by, out->by, sizeof out->by);
	out->at = state == CHANGE_WAITS ? c->proposed : c->decided;
	if (state != CHANGE_WAITS)
		fit_name(c->second, out->second, sizeof out->second);
	digest_of(c->reason, strlen(c->reason), &out->reason);
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
