/* SPDX-License-Identifier: EUPL-1.2
 *
 * Words that programs read (states, results, kinds of finding) and that people are told in their
 * own language. In --json, in options and in files they stay as they are here. */
#include <string.h>

#include "liaison/terminal.h"

static const char *const labels[] = {
	/* where a case stands (liaison/story_state.c) */
	N_("draft"),
	N_("filed"),
	N_("not-taken"),
	N_("dropped"),
	N_("sent"),
	N_("delivered"),
	N_("handled"),
	N_("rejected"),
	N_("expired"),
	N_("withdrawn"),
	N_("withdrawing"),
	N_("not-stopped"),
	N_("too-late"),
	N_("frozen"),
	N_("consent-expired"),
	N_("dead-letter"),
	N_("deferred"),
	N_("transcribed"),
	N_("already-transcribed"),
	N_("refused"),
	N_("lapsed"),
	N_("open"),
	N_("ended"),
	N_("held"),
	N_("released"),
	N_("cancelled"),
	N_("not-filed"),
	N_("question"),
	/* what a registry has answered */
	N_("Transcribed"),
	N_("AlreadyTranscribed"),
	N_("Refused"),
	N_("TacitRefusal"),
	N_("Deferred"),
	/* consents, and what became of a stop */
	N_("valid"),
	N_("waiting"),
	N_("stopped"),
	N_("not-held"),
	N_("not-reached"),
	N_("no-road"),
	N_("failed"),
	/* who gave a consent, and about whom */
	N_("child"),
	N_("mother"),
	N_("father"),
	N_("guardian"),
	N_("self"),
	/* what doctor finds, and where */
	N_("ok"),
	N_("warn"),
	N_("fail"),
	N_("trust"),
	N_("keys"),
	N_("spool"),
	N_("clock"),
	N_("exchange"),
	N_("alarm"),
	N_("disk"),
	N_("outbox"),
	N_("token"),
	N_("private"),
	N_("revoked"),
	N_("drafts"),
	N_("contexts"),
};

const char *
label_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(labels); i++)
		if (strcmp(labels[i], word) == 0)
			return _(labels[i]);
	return word;
}
