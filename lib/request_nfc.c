/* SPDX-License-Identifier: EUPL-1.2
 *
 * A request's texts in normal form C, before it is composed: after that it is signed, and nothing
 * of it may be touched any more. Everywhere else a text that is not in it stays as it came. */
#include <string.h>

#include "lib/name_text.h"
#include "lib/text.h"

struct work {
	struct arena *arena;
	bool changed;
	enum err e;
};

static void
settle(struct work *w, const char **text)
{
	OWNED_BUF(nfc) = {0};

	if (*text == NULL || w->e != E_OK)
		return;
	w->e = text_nfc(*text, &nfc);
	if (w->e != E_OK || nfc.size == 0 || strcmp((const char *)nfc.data, *text) == 0)
		return;
	*text = arena_text_n(w->arena, nfc.data, nfc.size);
	w->changed = true;
}

static void
settle_name(struct work *w, struct name *n)
{
	for (struct name_form *f = n->forms; f != NULL; f = f->next) {
		settle(w, &f->full);
		for (struct name_part *p = f->parts; p != NULL; p = p->next)
			settle(w, &p->value);
	}
}

enum err
request_nfc(struct request *r, bool *changed)
{
	struct work w = {.arena = r->arena, .e = E_OK};
	struct locator *l = &r->locator;

	settle(&w, &l->entry_number);
	settle(&w, &l->office);
	settle_name(&w, &l->name);
	settle_name(&w, &l->mother);
	settle_name(&w, &l->father);
	if (l->birth_date != NULL)
		settle(&w, &l->birth_date->authored);
	if (l->birth_place != NULL)
		settle(&w, &l->birth_place->text);
	settle(&w, &r->legal_basis);
	*changed = w.changed;
	return w.e;
}

static void
settle_place(struct work *w, struct place *p)
{
	if (p != NULL)
		settle(w, &p->text);
}

static void
settle_parent(struct work *w, struct parent *p)
{
	settle_name(w, &p->name);
	settle_place(w, p->birth_place);
	settle_place(w, p->residence);
	if (p->birth_date != NULL)
		settle(w, &p->birth_date->authored);
}

/* Not the entry: its number and office make the key under which it is entered once. */
enum err
extract_nfc(struct extract *x)
{
	struct work w = {.arena = x->arena, .e = E_OK};

	settle_name(&w, &x->name);
	settle_place(&w, &x->birth_place);
	settle(&w, &x->birth_date.authored);
	settle(&w, &x->birth_time);
	for (struct parent *p = x->parents; p != NULL; p = p->next)
		settle_parent(&w, p);
	return w.e;
}
