/* SPDX-License-Identifier: EUPL-1.2
 *
 * A case file beyond its form: what may not stand in a name or a place, told with the character's
 * name, and what may stand but should be looked at again while the paper still lies there. By the
 * path of its key; never what stands there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/identifier.h"
#include "lib/name_key.h"
#include "lib/name_text.h"
#include "lib/place_code.h"
#include "liaison/lookup.h"

#define PATH_SIZE 96

static void
look(const char *path, const char *sentence)
{
	OWNED(char, item, free_chars) = NULL;

	if (sentence == NULL)
		return;
	item = xprintf("%s: %s", path, _(sentence));
	look_again(item);
}

/* ---- every form of every name ---- */

typedef void form_visit(void *context, const char *path, const struct name_form *f);

static void
each_form_of(const struct name *n, const char *key, form_visit *each, void *context)
{
	char path[PATH_SIZE];
	size_t i = 0;

	for (const struct name_form *f = n->forms; f != NULL; f = f->next) {
		(void)snprintf(path, sizeof path, "locator.%s[%zu]", key, ++i);
		each(context, path, f);
	}
}

static void
each_form(const struct request *r, form_visit *each, void *context)
{
	each_form_of(&r->locator.name, "name", each, context);
	each_form_of(&r->locator.mother, "mother", each, context);
	each_form_of(&r->locator.father, "father", each, context);
}

/* ---- what may not stand ---- */

static void
add_fault(struct buf *problems, const char *path, const char *key, const char *text, size_t most)
{
	struct name_fault f;

	if (name_fault_of(text, most, &f) == NAME_WELL)
		return;
	if (f.called[0] != '\0')
		buf_printf(problems, "%s.%s[%zu]: %s: %s\n", path, key, f.place, f.called, f.why);
	else
		buf_printf(problems, "%s.%s: %s\n", path, key, f.why);
}

static void
add_faults(void *context, const char *path, const struct name_form *f)
{
	size_t i = 0;
	char key[32];

	add_fault(context, path, "full", f->full, NAME_MOST);
	for (const struct name_part *p = f->parts; p != NULL; p = p->next) {
		(void)snprintf(key, sizeof key, "parts[%zu].value", ++i);
		add_fault(context, path, key, p->value, NAME_PART_MOST);
	}
}

/* Once a process; NULL when the lists are not there: then nothing is said about places. */
static const struct place_list *
places(void)
{
	static struct place_list *list;
	static bool tried;

	if (!tried && place_list_load(&list) != E_OK)
		list = NULL;
	tried = true;
	return list;
}

/* What was found of three codes. The rows of a table name a handful of places, and lists are long.
 */
struct looked_up {
	char country[4], iso[8], pcode[24];
	const char *found;
	bool wrong, full;
};

static struct looked_up *
looked_up(const struct place *p)
{
	static struct looked_up kept[64];
	const char *const code[] = {p->country, p->iso, p->pcode};
	struct looked_up k = {.full = false};
	unsigned sum = 0;

	if (!copy_text(k.country, sizeof k.country, p->country) ||
		!copy_text(k.iso, sizeof k.iso, p->iso != NULL ? p->iso : "") ||
		!copy_text(k.pcode, sizeof k.pcode, p->pcode != NULL ? p->pcode : ""))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(code); i++)
		for (const char *c = code[i]; c != NULL && *c != '\0'; c++)
			sum = sum * 31 + (unsigned char)*c;
	struct looked_up *at = &kept[sum % ARRAY_LEN(kept)];

	if (!at->full || strcmp(at->country, k.country) != 0 || strcmp(at->iso, k.iso) != 0 ||
		strcmp(at->pcode, k.pcode) != 0)
		*at = k;
	return at;
}

static const char *
place_told(const struct request *r, bool *wrong)
{
	const struct place *p = r->locator.birth_place;
	struct looked_up *k;

	*wrong = false;
	if (p == NULL || places() == NULL)
		return NULL;
	k = looked_up(p);
	if (k == NULL)
		return place_problem(places(), p, wrong);
	if (!k->full) {
		k->found = place_problem(places(), p, &k->wrong);
		k->full = true;
	}
	*wrong = k->wrong;
	return k->found;
}

enum err
check_texts(const struct request *r, struct buf *problems)
{
	size_t before = problems->size;
	bool wrong;
	const char *told = place_told(r, &wrong);

	each_form(r, add_faults, problems);
	if (told != NULL && wrong)
		buf_printf(problems, "locator.birthPlace: %s\n", told);
	return problems->size == before ? E_OK : E_INPUT;
}

/* ---- what should be looked at again ---- */

/* The parts make up the full name, whatever stands between them. */
static bool
parts_fit(const struct name_form *f)
{
	OWNED_BUF(parts) = {0};
	OWNED(char, whole, free_chars) = name_key(f->full);
	OWNED(char, sum, free_chars) = NULL;

	for (const struct name_part *p = f->parts; p != NULL; p = p->next)
		buf_printf(&parts, "%s ", p->value);
	sum = name_key(parts.data == NULL ? "" : (const char *)parts.data);
	return strcmp(whole, sum) == 0;
}

static void
look_at_form(void *context, const char *path, const struct name_form *f)
{
	char script[SCRIPT_SIZE];

	(void)context;
	script_of(f->full, script);
	look(path, name_text_doubt(f->full));
	if (strcmp(script, f->script) != 0)
		look(path, N_("its letters are not of the script that is named"));
	if (!parts_fit(f))
		look(path, N_("its parts do not make up the full name"));
}

static void
look_for_unhcr(const char *path, const char *text)
{
	if (text != NULL && holds_unhcr_number(text))
		look(path,
			N_("it looks like a number of UNHCR, which would tell that somebody asked "
			   "for asylum (P04)"));
}

static void
look_for_unhcr_in_form(void *context, const char *path, const struct name_form *f)
{
	(void)context;
	look_for_unhcr(path, f->full);
}

void
look_at_request(const struct request *r)
{
	const struct locator *l = &r->locator;
	bool wrong;
	const char *told = place_told(r, &wrong);

	each_form(r, look_at_form, NULL);
	if (told != NULL && !wrong)
		look("locator.birthPlace", told);
	each_form(r, look_for_unhcr_in_form, NULL);
	look_for_unhcr("locator.entryNumber", l->entry_number);
	look_for_unhcr("locator.office", l->office);
	if (l->birth_place != NULL)
		look_for_unhcr("locator.birthPlace", l->birth_place->text);
	look_for_unhcr("legalBasis", r->legal_basis);
}
