/* SPDX-License-Identifier: EUPL-1.2
 *
 * The parts of a name that was typed as one line. Where words belong together they stay together:
 * "Abd al-Rahman" is one name, and so is Gebre Medhin in Ge'ez letters, where the spelling says so;
 * in Latin letters it does not, and nobody guesses. What comes out is shown to a person before it
 * is kept. */
#include <string.h>
#include <strings.h>

#include "lib/lang.h"
#include "lib/name_text.h"

#define PARTS_MAX 12

const struct name_order_row name_orders[NAME_ORDERS] = {
	[NAME_CHAIN] = {"chain",
		N_("given name, then father's, grandfather's, great-grandfather's")},
	[NAME_GIVEN_FAMILY] = {"given-family", N_("given names, then the family name")},
	[NAME_FAMILY_GIVEN] = {"family-given", N_("the family name, then given names")},
};

/* ---- words that need the next one ---- */

static const char *const leaders[] = {
	"abd",
	"abu",
	"aboo",
	"abou",
	"umm",
	"um",
	"oum",
	"al",
	"el",
	"abdul",
	"abdel",
	"abdal",
	"عبد",
	"أبو",
	"ابو",
	"أم",
	"ام",
	"آل",
	/* Ge'ez: servant of, child of, power of, plant of, ..: the spelling of the ending says "of"
	 */
	"ገብረ",
	"ወልደ",
	"ሀይለ",
	"ኃይለ",
	"ሃይለ",
	"ሐይለ",
	"ኀይለ",
	"ተክለ",
	"ወለተ",
	"አመተ",
	"ፍቅረ",
	"ሣህለ",
	"ሳህለ",
};
/* Between two names, never in front of the first: son of, daughter of. */
static const char *const links[] = {"bint", "bent", "ibn", "bin", "ben", "بنت", "بن", "ابن"};

static bool
is_among(const char *const *words, size_t n, const char *word, size_t length)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) == length && strncasecmp(words[i], word, length) == 0)
			return true;
	return false;
}

/* How far the part goes that begins here: over words that need the next one, never to nothing. */
static size_t
part_length(const char *text, bool first)
{
	size_t n = strcspn(text, " ");

	if (text[n] == ' ' && (is_among(leaders, ARRAY_LEN(leaders), text, n) ||
				      (!first && is_among(links, ARRAY_LEN(links), text, n))))
		return n + 1 + part_length(text + n + 1, false);
	return n;
}

/* ---- parts ---- */

static const char *const chain[] = {"given", "father", "grandfather", "great-grandfather"};

static const char *
kind_of(enum name_order order, size_t i, size_t n)
{
	switch (order) {
	case NAME_CHAIN:
		return i < ARRAY_LEN(chain) ? chain[i] : "unknown";
	case NAME_GIVEN_FAMILY:
		return n > 1 && i == n - 1 ? "family" : "given";
	case NAME_FAMILY_GIVEN:
		return n > 1 && i == 0 ? "family" : "given";
	case NAME_ORDERS:
		break;
	}
	return "unknown";
}

static enum err
add_parts(struct arena *a, const char *full, struct name_form *f, size_t *n)
{
	struct name_part **end = &f->parts;
	struct name_fault fault;

	for (*n = 0; *full != '\0'; ++*n) {
		size_t length = part_length(full, *n == 0);

		if (*n == PARTS_MAX)
			return E_INPUT;
		*end = arena_alloc(a, sizeof **end);
		(*end)->value = arena_text_n(a, full, length);
		if (name_fault_of((*end)->value, NAME_PART_MOST, &fault) != NAME_WELL)
			return E_INPUT;
		end = &(*end)->next;
		full += length;
		full += strspn(full, " ");
	}
	return E_OK;
}

enum err
name_form_said(struct arena *a, const char *typed, enum name_order order, struct name_form **out)
{
	OWNED_BUF(tidy) = {0};
	struct name_form *f = arena_alloc(a, sizeof *f);
	struct name_fault fault;
	size_t n, i = 0;
	char script[SCRIPT_SIZE];

	TRY(name_tidy(typed, &tidy));
	f->full = arena_text_n(a, tidy.data == NULL ? (uint8_t *)"" : tidy.data, tidy.size);
	if (name_fault_of(f->full, NAME_MOST, &fault) != NAME_WELL)
		return E_INPUT;
	TRY(add_parts(a, f->full, f, &n));
	for (struct name_part *p = f->parts; p != NULL; p = p->next)
		p->kind = kind_of(order, i++, n);
	script_of(f->full, script);
	f->script = arena_text(a, script);
	f->no_family_name = order == NAME_CHAIN;
	*out = f;
	return E_OK;
}
