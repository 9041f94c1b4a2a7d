/* SPDX-License-Identifier: EUPL-1.2
 *
 * Days of the law, counted without reading a record. */
#include "broker/undecided.h"

#include <stdlib.h>

#include "broker/ending.h"

#define CORRIDORS_PAGE 16
#define TAKEN_PAGE 32
#define TAKEN_MOST 1024 /* entries that one look reads */

/* The end of the day that is so many days later. */
static int64_t
days_later(int64_t at, unsigned days)
{
	return (at / DAY_MS + days + 1) * DAY_MS;
}

bool
undecided_of(
	const struct trust_profile *p, const struct entry *e, int64_t now, struct undecided *out)
{
	int64_t decide = days_later(e->at[ST_DELIVERED], p->decision_days);
	bool tacit = p->decision_days == 0 || (p->tacit_days > 0 && decide <= now);

	if (e->stage != ST_DELIVERED || e->header.action != A_CERTIFIED_EXTRACT ||
		(p->decision_days == 0 && p->tacit_days == 0))
		return false;
	*out = (struct undecided){.entry = *e, .due = decide, .tacit = tacit};
	if (tacit)
		out->due = days_later(e->at[ST_DELIVERED], p->tacit_days);
	return true;
}

const char *
undecided_word(const struct undecided *d)
{
	return d->tacit ? "tacit" : "decision";
}

static int
sooner(const void *a, const void *b)
{
	const struct undecided *x = a, *y = b;

	return x->due < y->due ? -1 : x->due > y->due;
}

struct gathering {
	struct store *store;
	int64_t now;
	struct undecided *list;
	size_t n, max, read;
};

static void
look_at_corridor(struct gathering *l, const struct trust_profile *p, const struct corridor *c)
{
	struct entry *e = xcalloc(TAKEN_PAGE, sizeof *e);
	size_t n = TAKEN_PAGE;
	uint64_t after = 0;

	while (n == TAKEN_PAGE && l->n < l->max && l->read < TAKEN_MOST) {
		n = store_taken(l->store, c, after, e, TAKEN_PAGE);
		l->read += n;
		for (size_t i = 0; i < n && l->n < l->max; i++) {
			after = e[i].seq;
			if (undecided_of(p, &e[i], l->now, &l->list[l->n]))
				l->n++;
		}
	}
	free(e);
}

static const struct trust_profile *
profile_with_days(const struct trust *t, const struct party *code)
{
	const struct trust_party *p = trust_party(t, code);

	return p != NULL && (p->profile.decision_days > 0 || p->profile.tacit_days > 0)
		       ? &p->profile
		       : NULL;
}

size_t
undecided_look(
	struct store *s, const struct trust *t, int64_t now, struct undecided *out, size_t max)
{
	struct gathering l = {.store = s, .now = now, .list = out, .max = max};
	struct corridor_figures f[CORRIDORS_PAGE];
	struct corridor after;
	size_t n = store_corridors(s, NULL, f, CORRIDORS_PAGE);

	while (n > 0) {
		for (size_t i = 0; i < n; i++) {
			const struct trust_profile *p = profile_with_days(t, &f[i].corridor.to);

			if (p != NULL && f[i].open > f[i].waiting)
				look_at_corridor(&l, p, &f[i].corridor);
		}
		after = f[n - 1].corridor;
		n = n == CORRIDORS_PAGE ? store_corridors(s, &after, f, CORRIDORS_PAGE) : 0;
	}
	qsort(out, l.n, sizeof *out, sooner);
	return l.n;
}
