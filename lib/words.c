/* SPDX-License-Identifier: EUPL-1.2
 *
 * The words of actions and stages, from the lists in action.def and stage.def. A word that is not
 * on its list is not read as anything. */
#include "lib/message.h"

#include <string.h>

static const struct {
	const char *word;
	const char *body;
} actions[ACTION_N] = {
#define ACTION(name, word, body) [name] = {word, body},
#include "lib/action.def"
#undef ACTION
};

static const struct {
	const char *word;
	bool final;
} stages[STAGE_N] = {
#define STAGE(name, word, final) [name] = {word, final},
#include "lib/stage.def"
#undef STAGE
};

const char *
action_word(enum action a)
{
	assert(a < ACTION_N);
	return actions[a].word;
}

const char *
action_body(enum action a)
{
	assert(a < ACTION_N);
	return actions[a].body;
}

bool
action_parse(const char *word, enum action *out)
{
	for (size_t i = 0; i < ACTION_N; i++)
		if (strcmp(word, actions[i].word) == 0) {
			*out = (enum action)i;
			return true;
		}
	return false;
}

const char *
stage_word(enum stage s)
{
	assert(s < STAGE_N);
	return stages[s].word;
}

bool
stage_parse(const char *word, enum stage *out)
{
	for (size_t i = 0; i < STAGE_N; i++)
		if (strcmp(word, stages[i].word) == 0) {
			*out = (enum stage)i;
			return true;
		}
	return false;
}

bool
stage_final(enum stage s)
{
	assert(s < STAGE_N);
	return stages[s].final;
}
