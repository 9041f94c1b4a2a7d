/* SPDX-License-Identifier: EUPL-1.2
 *
 * Proposals for a name in Latin letters. Arabic writes few vowels, so no table can give them back:
 * what comes out is either the letters one by one as travel documents have them (ICAO Doc 9303-3,
 * section 6), or the spelling that is usual for names that are known. For Ge'ez letters there is
 * BGN/PCGN 1967. A proposal is never a name until a person has chosen it. */
#include <string.h>

#include "lib/lang.h"
#include "lib/name_family.h"
#include "lib/name_key.h"
#include "lib/name_text.h"
#include "lib/text.h"

#define SYSTEM_AMHARIC "am-Latn-t-am-m0-bgn"
#define SYSTEM_USUAL "x-usual"
#define SYSTEM_PLAIN "x-plain"

/* ---- ICAO 9303-3: Arabic letters ---- */

/* Letters of Arabic, and those of Persian names that Doc 9303 lists beside them. Teh marbuta is
 * told apart below; vowel signs and tatweel give nothing. */
static const struct {
	uint32_t letter;
	const char *latin;
} arabic[] = {
	{0x0621, "XE"},
	{0x0622, "XAA"},
	{0x0623, "XAE"},
	{0x0624, "U"},
	{0x0625, "I"},
	{0x0626, "XI"},
	{0x0627, "A"},
	{0x0628, "B"},
	{0x062A, "T"},
	{0x062B, "XTH"},
	{0x062C, "J"},
	{0x062D, "XH"},
	{0x062E, "XKH"},
	{0x062F, "D"},
	{0x0630, "XDH"},
	{0x0631, "R"},
	{0x0632, "Z"},
	{0x0633, "S"},
	{0x0634, "XSH"},
	{0x0635, "XSS"},
	{0x0636, "XDZ"},
	{0x0637, "XTT"},
	{0x0638, "XZZ"},
	{0x0639, "E"},
	{0x063A, "G"},
	{0x0641, "F"},
	{0x0642, "Q"},
	{0x0643, "K"},
	{0x0644, "L"},
	{0x0645, "M"},
	{0x0646, "N"},
	{0x0647, "H"},
	{0x0648, "W"},
	{0x0649, "XAY"},
	{0x064A, "Y"},
	{0x0671, "XXA"},
	{0x067E, "P"},
	{0x0686, "XC"},
	{0x06A9, "XKK"},
	{0x06AF, "XGG"},
	{0x06CC, "XYA"},
};
#define TEH_MARBUTA 0x0629
#define SHADDA 0x0651

static const char *
arabic_latin(uint32_t c, bool at_end)
{
	if (c == TEH_MARBUTA)
		return at_end ? "XAH" : "XTA";
	for (size_t i = 0; i < ARRAY_LEN(arabic); i++)
		if (arabic[i].letter == c)
			return arabic[i].latin;
	return NULL;
}

/* Does the word end here? What is not written in Latin letters does not count. */
static bool
ends_word(const char *at)
{
	uint32_t c = text_next(&at);

	while (c == 0x0640 || (c != 0 && text_kind(c) == TEXT_MARK))
		c = text_next(&at);
	return c == 0 || text_kind(c) != TEXT_LETTER;
}

/* False when a letter is not in the table. */
static bool
icao_of_arabic(const char *at, struct buf *out)
{
	const char *last = NULL;
	uint32_t c;

	while ((c = text_next(&at)) != 0) {
		if (c == SHADDA && last != NULL) {
			buf_text(out, last);
		} else if (text_kind(c) == TEXT_SPACE) {
			buf_u8(out, ' ');
		} else if (text_kind(c) == TEXT_LETTER && c != 0x0640) {
			last = arabic_latin(c, ends_word(at));
			if (last == NULL)
				return false;
			buf_text(out, last);
		}
	}
	return true;
}

/* ---- ICAO 9303-3: Latin letters ---- */

/* Where the letter without its mark is not what Doc 9303 gives. In capitals. */
static const struct {
	uint32_t letter;
	const char *latin;
} latin[] = {
	{0x00C4, "AE"},
	{0x00C5, "AA"},
	{0x00C6, "AE"},
	{0x00D0, "D"},
	{0x00D6, "OE"},
	{0x00D8, "OE"},
	{0x00DC, "UE"},
	{0x00DE, "TH"},
	{0x00DF, "SS"},
	{0x1E9E, "SS"},
	{0x0110, "D"},
	{0x0126, "H"},
	{0x0131, "I"},
	{0x0132, "IJ"},
	{0x0141, "L"},
	{0x014A, "N"},
	{0x0152, "OE"},
	{0x0166, "T"},
};

static const char *
latin_of(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(latin); i++)
		if (latin[i].letter == c)
			return latin[i].latin;
	return NULL;
}

static bool
icao_of_latin(const char *text, struct buf *out)
{
	OWNED_BUF(upper) = {0};
	const char *at;
	uint32_t c;

	if (text_rewrite("Any-Upper", text, &upper) != E_OK || upper.size == 0)
		return false;
	at = (const char *)upper.data;
	while ((c = text_next(&at)) != 0) {
		OWNED_BUF(letter) = {0};
		OWNED_BUF(bare) = {0};

		if (latin_of(c) != NULL) {
			buf_text(out, latin_of(c));
			continue;
		}
		text_add(&letter, c);
		if (text_rewrite("NFD; [:M:] Remove", (char *)letter.data, &bare) != E_OK)
			return false;
		if (bare.size == 1 && bare.data[0] >= 'A' && bare.data[0] <= 'Z')
			buf_u8(out, bare.data[0]);
		else if (text_kind(c) == TEXT_LETTER)
			return false;
		else if (text_kind(c) == TEXT_SPACE || c == '-')
			buf_u8(out, ' ');
	}
	return out->size > 0;
}

/* ---- usual spellings ---- */

/* Every word has to be known: half a proposal would be taken for a whole one. */
static bool
usual_of(const char *text, struct buf *out)
{
	OWNED(char, key, free_chars) = name_key(text);
	const char *at = key;

	while (*at != '\0') {
		size_t n = strcspn(at, " ");
		const char *usual = name_family(at, n);

		if (usual == NULL)
			return false;
		buf_printf(out, "%s%s", out->size > 0 ? " " : "", usual);
		at += n + strspn(at + n, " ");
	}
	return out->size > 0;
}

/* ---- Ge'ez letters ---- */

/* Every word with a capital, as names are written. */
static bool
bgn_of_ethiopic(const char *text, struct buf *out)
{
	OWNED_BUF(small) = {0};

	return text_rewrite("Amharic-Latin/BGN", text, &small) == E_OK && small.size > 0 &&
	       text_rewrite("Any-Title", (const char *)small.data, out) == E_OK;
}

/* A letter of the sixth order has a short vowel or none; which, the script does not say. */
static bool
is_sixth(uint32_t c)
{
	return c >= 0x1200 && c <= 0x1357 && (c & 7) == 5;
}

/* It has one at the beginning of a word, after another one without, and before one that ends the
 * word: mihret, gebre, medhin. */
static bool
is_voiced(bool first, bool after_silent, uint32_t next, uint32_t next_but_one)
{
	if (next == 0 || next == ' ')
		return false;
	return first || after_silent ||
	       (is_sixth(next) && (next_but_one == 0 || next_but_one == ' '));
}

static bool
add_plain(struct buf *out, uint32_t c, bool silent)
{
	OWNED_BUF(letter) = {0};
	OWNED_BUF(bgn) = {0};
	OWNED_BUF(bare) = {0};

	text_add(&letter, c);
	if (text_rewrite("Amharic-Latin/BGN", (const char *)letter.data, &bgn) != E_OK ||
		bgn.size == 0 ||
		text_rewrite("NFD; [[:M:][:P:][:Lm:]] Remove; NFC", (const char *)bgn.data,
			&bare) != E_OK)
		return false;
	if (silent && bare.size > 1 && bare.data[bare.size - 1] == 'i')
		bare.size--;
	buf_add(out, bare.data, bare.size);
	return true;
}

/* As it may be said: without marks, and without the vowels that are probably silent. */
static bool
plain_of_ethiopic(const char *text, struct buf *out)
{
	OWNED_BUF(small) = {0};
	bool first = true, after_silent = false;
	uint32_t c;

	while ((c = text_next(&text)) != 0) {
		const char *ahead = text;
		uint32_t next = text_next(&ahead), next_but_one = next == 0 ? 0 : text_next(&ahead);
		bool silent = is_sixth(c) && !is_voiced(first, after_silent, next, next_but_one);

		first = text_kind(c) != TEXT_LETTER;
		if (first)
			buf_u8(&small, ' ');
		else if (!add_plain(&small, c, silent))
			return false;
		after_silent = silent;
	}
	return small.size > 0 && text_rewrite("Any-Title", (const char *)small.data, out) == E_OK;
}

/* ---- the table ---- */

static const struct maker {
	const char *script;
	const char *lang; /* NULL: any but those that have a row of their own */
	const char *system, *caution;
	bool (*make)(const char *text, struct buf *out);
} makers[] = {
	{"Ethi", "ti", SYSTEM_AMHARIC,
		N_("by the rule of BGN/PCGN for Amharic, which does not know all sounds of "
		   "Tigrinya"),
		bgn_of_ethiopic},
	{"Ethi", NULL, SYSTEM_AMHARIC,
		N_("as BGN/PCGN writes Amharic; people often spell their own name otherwise"),
		bgn_of_ethiopic},
	{"Ethi", NULL, SYSTEM_PLAIN, N_("as it may be said: which vowels are silent is a guess"),
		plain_of_ethiopic},
	{"Ethi", NULL, SYSTEM_USUAL, N_("the usual spelling; ask the person for hers"), usual_of},
	{"Arab", NULL, SYSTEM_USUAL, N_("the usual spelling; ask the person for hers"), usual_of},
	{"Arab", NULL, SYSTEM_ICAO,
		N_("letter by letter, for the machine-readable zone of a travel document only; it "
		   "is "
		   "not how the name is said"),
		icao_of_arabic},
	{"Latn", NULL, SYSTEM_ICAO,
		N_("for the machine-readable zone of a travel document only; the name keeps its "
		   "marks"),
		icao_of_latin},
};

static bool
is_for(const struct maker *m, const char *script, const char *lang)
{
	if (strcmp(m->script, script) != 0)
		return false;
	if (m->lang != NULL)
		return lang != NULL && strcmp(m->lang, lang) == 0;
	return m->make != bgn_of_ethiopic || lang == NULL || strcmp(lang, "ti") != 0;
}

size_t
name_proposals(const char *text, const char *lang, struct name_proposal out[PROPOSALS_MAX])
{
	char script[SCRIPT_SIZE];
	size_t n = 0;

	script_of(text, script);
	for (size_t i = 0; i < ARRAY_LEN(makers) && n < PROPOSALS_MAX; i++) {
		OWNED_BUF(made) = {0};

		if (!is_for(&makers[i], script, lang) || !makers[i].make(text, &made) ||
			made.size == 0)
			continue;
		out[n++] = (struct name_proposal){
			makers[i].system, makers[i].caution, xstrdup((const char *)made.data)};
	}
	return n;
}

void
name_proposals_free(struct name_proposal *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free_chars(&p[i].text);
}
