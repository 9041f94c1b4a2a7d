/* SPDX-License-Identifier: EUPL-1.2
 *
 * `daftar codes': what a code means, from the lists that the programs themselves are built with. */
#include <string.h>
#include <strings.h>

#include "liaison/terminal.h"

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
say_row(struct table *t, const struct code_row *r)
{
	if (say_in_json())
		say_json(json_pack("{s:s s:s s:s}", "list", r->list, "code", r->code, "sentence",
			r->sentence));
	else {
		const char *const cells[] = {r->list, r->code, _(r->sentence)};

		table_add(t, cells);
	}
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
	static const char *const titles[] = {N_("list"), N_("code"), N_("meaning")};
	const char *word = options->argument[0], *last = "";
	struct table *t = table_new(ARRAY_LEN(titles), titles);
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (word != NULL && is_asked(&rows[i], word)) {
			say_row(t, &rows[i]);
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
	table_say(&t);
	if (n > 0)
		return END_DONE;
	return fail(E_NOT_FOUND, "nothing was changed", "daftar codes",
		"there is no list and no code called %s", line(word));
}
