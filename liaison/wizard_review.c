/* SPDX-License-Identifier: EUPL-1.2
 *
 * The page before the case is kept: every answer with its number. */
#include <stdlib.h>
#include <string.h>

#include "liaison/wizard.h"

#define ROWS_MOST 128

struct rows {
	const struct wizard_row *q[ROWS_MOST];
	size_t n;
};

static void
asked(const struct draft *d, struct rows *r)
{
	r->n = 0;
	for (size_t i = 0; i < wizard_rows_n && r->n < ROWS_MOST; i++)
		if (row_is_asked(&wizard_rows[i], d))
			r->q[r->n++] = &wizard_rows[i];
}

static void
show(const struct draft *d, const struct rows *r)
{
	ask_say(N_("\nThe case %s as it will be kept:\n"), d->number);
	for (size_t i = 0; i < r->n; i++) {
		OWNED(char, words, free_chars) = row_words(d, r->q[i]);

		ask_say("  %2zu  %s: %s\n", i + 1, _(r->q[i]->label), line(words));
	}
	ask_say(N_("Enter keeps it; a number changes that answer; ? help, save, quit.\n"));
}

enum review
review(struct draft *d, const struct wizard_row **change, enum answer *leave)
{
	OWNED_BUF(typed) = {0};
	struct choice list[ROWS_MOST];
	struct rows r;
	int meant;

	asked(d, &r);
	show(d, &r);
	for (size_t i = 0; i < r.n; i++)
		list[i] = (struct choice){r.q[i]->id, _(r.q[i]->label)};
	while (true) {
		enum answer a = ask_line(NULL, &typed);

		if (a == ANSWER_NONE)
			return REVIEW_KEEP;
		if (a == ANSWER_BACK) {
			*change = r.q[r.n - 1];
			return REVIEW_CHANGE;
		}
		if (a == ANSWER_HELP) {
			ask_say(N_("Read it to the person. Nothing has left this computer, and "
				   "nothing does before daftar request file.\n"));
			show(d, &r);
			continue;
		}
		if (a != ANSWER_GIVEN) {
			*leave = a;
			return REVIEW_LEAVE;
		}
		meant = ask_meant(list, r.n, (char *)typed.data);
		if (meant >= 0) {
			*change = r.q[meant];
			return REVIEW_CHANGE;
		}
		ask_say(N_("Type a number from 1 to %zu, or Enter to keep the case.\n"), r.n);
	}
}
