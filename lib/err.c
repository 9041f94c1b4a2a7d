/* SPDX-License-Identifier: EUPL-1.2
 *
 * The list of errors as tables, made from lib/err.def. */
#include "lib/err.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *word;
	int retry;
	const char *sentence;
} rows[E_COUNT] = {
#define ERR(name, word, retry, sentence) [name] = {word, retry, sentence},
#include "lib/err.def"
#undef ERR
};

const char *
err_word(enum err e)
{
	assert(e >= 0 && e < E_COUNT);
	return rows[e].word;
}

const char *
err_sentence(enum err e)
{
	assert(e >= 0 && e < E_COUNT);
	return rows[e].sentence;
}

int
err_retry(enum err e)
{
	assert(e >= 0 && e < E_COUNT);
	return rows[e].retry;
}

enum err
err_of_word(const char *word)
{
	for (size_t i = 0; i < E_COUNT; i++)
		if (strcmp(rows[i].word, word) == 0)
			return (enum err)i;
	return E_UNKNOWN_CODE;
}
