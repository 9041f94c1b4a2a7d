/* SPDX-License-Identifier: EUPL-1.2 */
#include "liaison/layout_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "liaison/bidi.h"

static const struct command_name {
	const char *name;
} command_names[] = {
#define COMMAND(name, arguments, least, most, required, allowed, run, group, sentence, detail)     \
	{name},
#include "liaison/rows.h"
};

static const struct option_name {
	const char *name, *value;
} option_names[] = {
#define OPTION(option, name, value, sentence) {name, value},
#include "liaison/rows.h"
};

void
words_free(struct words *w)
{
	free(w->word);
}

static bool
is_latin(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if ((unsigned char)text[i] >= 0x80)
			return !bidi_has_rtl(text, size);
	return true;
}

void
words_split(struct words *w, const char *text, size_t size)
{
	const char *end = text + size;
	size_t gap;

	w->word = xcalloc(size / 2 + 1, sizeof *w->word);
	while (text < end) {
		for (gap = 0; text < end && *text == ' '; text++)
			gap++;
		if (text == end)
			return;
		struct word *new = &w->word[w->n++];
		new->at = text;
		new->gap = gap;
		while (text < end && *text != ' ')
			text++;
		new->size = (size_t)(text - new->at);
		new->columns = layout_columns(new->at, new->size);
		new->ltr = is_latin(new->at, new->size);
	}
}

static bool
is_mark(char c)
{
	return c > 0 && c <= MARK_LAST;
}

size_t
word_opening(const struct word *w)
{
	size_t n = 0;

	while (n < w->size && (strchr("([\"'`", w->at[n]) != NULL || is_mark(w->at[n])))
		n++;
	return n;
}

static bool
says(const struct word *w, const char *text, size_t size)
{
	size_t skip = word_opening(w), left = w->size - skip;

	if (left < size || strncmp(w->at + skip, text, size) != 0)
		return false;
	return left == size || strchr(".,;:)]'\"", w->at[skip + size]) != NULL ||
	       is_mark(w->at[skip + size]);
}

/* Is this the last word of a sentence, or of a part of it? */
static bool
closes(const struct word *w)
{
	return w->size > 0 && strchr(".,;:)", w->at[w->size - 1]) != NULL;
}

/* What follows a command's name in a command line: an option, a placeholder, a number, a path. */
static bool
is_argument(const struct word *w)
{
	bool small = false, large = false;

	if (w->at[0] == '-' || (w->at[0] == '[' && w->size > 1 && w->at[1] == '-'))
		return w->size > 1;
	for (size_t i = 0; i < w->size; i++) {
		unsigned char c = (unsigned char)w->at[i];

		if (c >= 0x80)
			return false;
		if (isdigit(c) || c == '/' || (c == '.' && i + 1 < w->size))
			return true;
		small = small || islower(c);
		large = large || isupper(c);
	}
	return large && !small;
}

static bool
takes_value(const struct word *w)
{
	for (size_t i = 0; i < ARRAY_LEN(option_names); i++)
		if (option_names[i].value != NULL && w->size > 2 &&
			strlen(option_names[i].name) == w->size - 2 &&
			strncmp(option_names[i].name, w->at + 2, w->size - 2) == 0)
			return true;
	return false;
}

/* How many words from `at' on are a command's name. */
static size_t
name_at(const struct words *w, size_t at)
{
	for (size_t i = 0; i < ARRAY_LEN(command_names) && at < w->n; i++) {
		const char *name = command_names[i].name, *space = strchr(name, ' ');

		if (!says(&w->word[at], name, strcspn(name, " ")))
			continue;
		if (space == NULL)
			return 1;
		if (!closes(&w->word[at]) && at + 1 < w->n &&
			says(&w->word[at + 1], space + 1, strlen(space + 1)))
			return 2;
	}
	return at < w->n && says(&w->word[at], "help", 4) ? 1 : 0;
}

/* Glues what follows the program's name at `at'; returns the next word to look at. */
static size_t
glue_command(struct words *w, size_t at)
{
	size_t n = name_at(w, at + 1), i = at + 1;

	if (closes(&w->word[at]))
		return i;
	for (; n > 0; n--)
		w->word[i++].glued = true;
	while (i < w->n && !closes(&w->word[i - 1]) &&
		(is_argument(&w->word[i]) || takes_value(&w->word[i - 1])))
		w->word[i++].glued = true;
	return i;
}

static bool
is_date(const struct word *w)
{
	size_t skip = word_opening(w);

	if (w->size < skip + 10 || w->at[skip + 4] != '-' || w->at[skip + 7] != '-')
		return false;
	return isdigit((unsigned char)w->at[skip]) && isdigit((unsigned char)w->at[skip + 9]);
}

/* Signs that French sets apart from the word before them. */
static bool
is_sign(const struct word *w)
{
	return w->ltr && w->size <= 2 && ispunct((unsigned char)w->at[0]) &&
	       strchr(":;!?%", w->at[0]) != NULL;
}

void
words_glue(struct words *w)
{
	for (size_t i = 0; i < w->n;) {
		if (i > 0 && w->word[i].gap == 1 &&
			((is_date(&w->word[i - 1]) && isdigit((unsigned char)w->word[i].at[0])) ||
				says(&w->word[i], "UTC", 3) || is_sign(&w->word[i])))
			w->word[i].glued = true;
		if (says(&w->word[i], "daftar", 6))
			i = glue_command(w, i);
		else
			i++;
	}
}
