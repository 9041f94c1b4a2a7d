/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar codes': what a code means, from the lists that the programs themselves are built with. */
#include <string.h>
#include <strings.h>

#include "liaison/daftar.h"

struct code_row {
	const char *list, *code, *sentence;
};

static const struct code_row rows[] = {
#define CODE(list, code, sentence) {list, code, sentence},
#include "lib/codes.def"
#undef CODE
#define ERR(name, word, retry, sentence) {"error", word, sentence},
#include "lib/err.def"
#undef ERR
};

static void
say_row(const struct code_row *r)
{
	if (say_in_json())
		say_json(json_pack("{s:s s:s s:s}", "list", r->list, "code", r->code, "sentence",
			r->sentence));
	else
		say("%-12s %-24s %s\n", r->list, r->code, r->sentence);
}

/* Reason codes travel as L04, and are told to people as L04 PUBLIC-POLICY. */
static bool
is_asked(const struct code_row *r, const char *word)
{
	return strcasecmp(r->list, word) == 0 || strcasecmp(r->code, word) == 0;
}

enum ending
command_codes(const struct options *options)
{
	const char *word = options->argument[0], *last = "";
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (word != NULL && is_asked(&rows[i], word)) {
			say_row(&rows[i]);
			n++;
		} else if (word == NULL && strcmp(rows[i].list, last) != 0) {
			last = rows[i].list;
			if (say_in_json())
				say_json(json_pack("{s:s}", "list", last));
			else
				say("%s\n", last);
			n++;
		}
	}
	if (n > 0)
		return END_DONE;
	return fail(E_NOT_FOUND, "nothing was changed", "daftar codes",
		"there is no list and no code called %s", line(word));
}
