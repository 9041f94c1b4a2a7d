/* SPDX-License-Identifier: EUPL-1.2
 *
 * The closed lists of codes, compiled in from schemas/codes.csv (by way of lib/codes.def), so that
 * programs and schemas cannot know different ones. Some 200 words, looked up a few times a case:
 * they are searched from front to back. */
#include <string.h>

#include "lib/record.h"

static const struct {
	const char *list;
	const char *code;
	const char *sentence;
} codes[] = {
#define CODE(list, code, sentence) {list, code, sentence},
#include "lib/codes.def"
#undef CODE
};

const char *
code_sentence(const char *list, const char *word)
{
	if (word == NULL)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (strcmp(codes[i].list, list) == 0 && strcmp(codes[i].code, word) == 0)
			return codes[i].sentence;
	return NULL;
}

bool
code_known(const char *list, const char *word)
{
	return code_sentence(list, word) != NULL;
}

void
code_words(const char *list, struct buf *out)
{
	const char *comma = "";

	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		if (strcmp(codes[i].list, list) != 0)
			continue;
		buf_text(out, comma);
		buf_text(out, codes[i].code);
		comma = ", ";
	}
}
