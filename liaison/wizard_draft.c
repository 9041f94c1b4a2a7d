/* SPDX-License-Identifier: EUPL-1.2
 *
 * Which of the drafts the wizard goes on with. */
#include <stdlib.h>
#include <string.h>

#include "liaison/wizard.h"

static char *
told(const struct draft *d)
{
	size_t answered = 0, all = 0;

	for (size_t i = 0; i < wizard_rows_n; i++) {
		bool asked = row_is_asked(&wizard_rows[i], d);

		all += asked;
		answered += asked && draft_answer(d, wizard_rows[i].id) != NULL;
	}
	return xprintf(_("go on with %s: %s to %s, %zu of %zu answered, last %s"), d->number,
		draft_text(d, "issuing")[0] != '\0' ? draft_text(d, "issuing") : "?",
		draft_text(d, "receiving")[0] != '\0' ? draft_text(d, "receiving") : "?", answered,
		all, when(d->changed));
}

/* What became a case while the power failed is no draft any more. */
static size_t
unfinished(struct office *o, struct draft list[DRAFTS_MOST])
{
	size_t n = draft_list(o, list, DRAFTS_MOST), left = 0;

	for (size_t i = 0; i < n; i++) {
		OWNED_CASE(c);

		if (case_find(o, list[i].number, &c) == E_OK) {
			(void)!draft_drop(&list[i]);
			draft_free(&list[i]);
			continue;
		}
		list[left++] = list[i];
	}
	return left;
}

enum answer
draft_choose(struct office *o, struct draft *d, bool *begun)
{
	struct draft list[DRAFTS_MOST];
	struct choice choices[DRAFTS_MOST + 1];
	char *words[DRAFTS_MOST];
	size_t n = unfinished(o, list), chosen = 0;
	enum answer a = ANSWER_GIVEN;

	choices[0] = (struct choice){"new", _("begin a new case")};
	for (size_t i = 0; i < n; i++) {
		words[i] = told(&list[i]);
		choices[i + 1] = (struct choice){list[i].number, words[i]};
	}
	if (n > 0) {
		ask_say(N_("There are cases that were begun and not finished.\n"));
		a = ask_choice(choices, n + 1, -1, &chosen);
	}
	*begun = a == ANSWER_GIVEN && chosen > 0;
	if (*begun) {
		*d = list[chosen - 1];
		json_incref(d->answers);
	} else if (a == ANSWER_GIVEN)
		draft_begin(o, d);
	for (size_t i = 0; i < n; i++) {
		draft_free(&list[i]);
		free_chars(&words[i]);
	}
	return a;
}
