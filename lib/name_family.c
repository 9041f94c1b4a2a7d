/* SPDX-License-Identifier: EUPL-1.2
 *
 * The families, read once from name_family.def and sorted by what is heard. */
#include "lib/name_family.h"

#include <stdlib.h>
#include <string.h>

#include "lib/name_key.h"

static const struct {
	const char *usual, *spellings;
} families[] = {
#define FAMILY(usual, spellings) {usual, spellings},
#include "lib/name_family.def"
#undef FAMILY
};

struct spelling {
	char *heard;
	const char *usual;
};
static struct spelling *spellings;
static size_t n_spellings;

static void
add(const char *word, size_t size, const char *usual)
{
	OWNED(char, text, free_chars) = xcalloc(size + 1, 1);
	OWNED(char, key, free_chars) = NULL;
	char heard[NAME_SOUND_SIZE];

	memcpy(text, word, size);
	key = name_key(text);
	name_sound(key, strlen(key), heard);
	if (n_spellings % 64 == 0)
		spellings = xrealloc(spellings, (n_spellings + 64) * sizeof *spellings);
	spellings[n_spellings++] = (struct spelling){xstrdup(heard), usual};
}

static int
by_heard(const void *a, const void *b)
{
	return strcmp(((const struct spelling *)a)->heard, ((const struct spelling *)b)->heard);
}

static void
read_all(void)
{
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		const char *at = families[i].spellings;

		add(families[i].usual, strlen(families[i].usual), families[i].usual);
		while (*at != '\0') {
			size_t n = strcspn(at, " ");

			add(at, n, families[i].usual);
			at += n + strspn(at + n, " ");
		}
	}
	qsort(spellings, n_spellings, sizeof *spellings, by_heard);
}

const char *
name_family(const char *word, size_t size)
{
	char heard[NAME_SOUND_SIZE];
	struct spelling key = {heard, NULL};
	const struct spelling *found;

	if (spellings == NULL)
		read_all();
	name_sound(word, size, heard);
	found = bsearch(&key, spellings, n_spellings, sizeof *spellings, by_heard);
	return found != NULL ? found->usual : NULL;
}
