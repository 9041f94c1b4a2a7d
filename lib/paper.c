/* SPDX-License-Identifier: EUPL-1.2 */
#include "lib/paper.h"

#include <ctype.h>
#include <string.h>

static const char *const codes[PAPER_LANGUAGES] = {"en", "fr", "ar", "am", "so", "sw", "ti"};

static const struct word {
	const char *code, *item, *text[PAPER_LANGUAGES];
} words[] = {
#define WORD(code, item, ...) {code, item, {__VA_ARGS__}},
#include "lib/paper_words.def"
#undef WORD
};

bool
paper_language_of(const char *code, enum paper_language *out)
{
	for (enum paper_language l = 0; l < PAPER_LANGUAGES; l++)
		if (strcmp(codes[l], code) == 0) {
			*out = l;
			return true;
		}
	return false;
}

bool
paper_languages_of(const char *text, struct paper *p)
{
	const char *comma = strchr(text, ',');
	char first[8];

	if (comma == NULL) {
		bool known = paper_language_of(text, &p->first);

		p->second = p->first;
		return known;
	}
	if ((size_t)(comma - text) >= sizeof first)
		return false;
	memcpy(first, text, (size_t)(comma - text));
	first[comma - text] = '\0';
	return paper_language_of(first, &p->first) && paper_language_of(comma + 1, &p->second);
}

const char *
paper_language_code(enum paper_language l)
{
	return codes[l];
}

bool
paper_is_rtl(enum paper_language l)
{
	return l == PAPER_AR;
}

static const struct word *
word_of(const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(words[i].code, code) == 0)
			return &words[i];
	assert(!"a field without a heading");
	return &words[0];
}

const char *
paper_word(const char *code, enum paper_language l)
{
	return word_of(code)->text[l];
}

const char *
paper_item(const char *code)
{
	return word_of(code)->item;
}

/* ---- rows ---- */

void
paper_end(struct paper *p)
{
	arena_free(&p->arena);
	memset(p->row, 0, sizeof p->row);
	p->rows = 0;
}

void
paper_begin(struct paper *p, const char *title, const char *number, const struct digest *d)
{
	paper_end(p);
	p->arena = arena_new();
	p->title = title;
	p->digest = *d;
	(void)!copy_text(p->number, sizeof p->number, number);
}

void
paper_add(struct paper *p, const char *field, const char *value)
{
	if (p->rows == PAPER_ROWS)
		return;
	p->row[p->rows].field = word_of(field)->code;
	p->row[p->rows].value = arena_text(p->arena, value == NULL ? "" : value);
	p->rows++;
}

static void
add_form(struct buf *b, const struct name_form *f)
{
	buf_printf(b, "%s%s", b->size > 0 ? "\n" : "", f->full);
	if (f->system != NULL)
		buf_printf(b, " (%s)", f->system);
}

void
paper_add_name(struct paper *p, const char *field, const struct name *n)
{
	OWNED_BUF(b) = {0};

	for (const struct name_form *f = n->forms; f != NULL; f = f->next)
		if (f->authoritative)
			add_form(&b, f);
	for (const struct name_form *f = n->forms; f != NULL; f = f->next)
		if (!f->authoritative)
			add_form(&b, f);
	paper_add(p, field, (char *)b.data);
}

/* Convention 16, article 4: day, month and year in Arabic numerals, under their symbols. */
static void
add_day(struct buf *b, const char *value)
{
	if (strlen(value) == 10 && value[4] == '-' && value[7] == '-')
		buf_printf(b, "\nJo %.2s  Mo %.2s  An %.4s", value + 8, value + 5, value);
	else
		buf_printf(b, "\n%s", value);
}

void
paper_add_date(struct paper *p, const char *field, const struct record_date *d)
{
	OWNED_BUF(b) = {0};

	if (d == NULL) {
		paper_add(p, field, NULL);
		return;
	}
	buf_text(&b, d->authored);
	if (strcmp(d->calendar, "gregorian") != 0)
		buf_printf(&b, " (%s)", d->calendar);
	add_day(&b, d->value);
	if (strcmp(d->basis, "document") != 0)
		buf_printf(&b, " (%s)", d->basis);
	paper_add(p, field, (char *)b.data);
}

/* A place abroad is followed by its State; here every place is. */
void
paper_add_place(struct paper *p, const char *field, const struct place *where)
{
	OWNED_BUF(b) = {0};

	if (where != NULL && where->text != NULL)
		buf_printf(&b, "%s, %s", where->text, where->country);
	paper_add(p, field, (char *)b.data);
}

/* ---- the code ---- */

static void
check_of(const char *text, size_t size, char out[9])
{
	static const char digits[] = "0123456789ABCDEF";
	struct digest d;

	digest_of((const uint8_t *)text, size, &d);
	for (size_t i = 0; i < 4; i++) {
		out[2 * i] = digits[((const uint8_t *)&d)[i] >> 4];
		out[2 * i + 1] = digits[((const uint8_t *)&d)[i] & 15];
	}
	out[8] = '\0';
}

void
paper_code(const char *number, const struct digest *d, char out[PAPER_CODE_SIZE])
{
	char hex[DIGEST_TEXT_SIZE], check[9];
	OWNED_BUF(b) = {0};

	buf_text(&b, "DFT1:");
	for (const char *s = number + strlen("DFT"); *s != '\0'; s++)
		if (*s != '-')
			buf_add(&b, s, 1);
	digest_format(d, hex);
	buf_printf(&b, ":%s:", hex);
	for (size_t i = 0; i < b.size; i++)
		b.data[i] = (uint8_t)toupper(b.data[i]);
	check_of((char *)b.data, b.size, check);
	buf_text(&b, check);
	(void)!copy_text(out, PAPER_CODE_SIZE, (char *)b.data);
}

enum err
paper_code_read(const char *text, char number[TRACKING_SIZE], struct digest *d)
{
	char code[PAPER_CODE_SIZE], typed[TRACKING_SIZE], hex[DIGEST_TEXT_SIZE],
		again[PAPER_CODE_SIZE];
	size_t n = strlen(text);
	char *colon;

	if (n >= sizeof code || strncasecmp(text, "DFT1:", 5) != 0)
		return E_INPUT;
	for (size_t i = 0; i <= n; i++)
		code[i] = (char)tolower((unsigned char)text[i]);
	colon = strchr(code + 5, ':');
	if (colon == NULL || strlen(colon + 1) < sizeof hex - 1)
		return E_INPUT;
	*colon = '\0';
	memcpy(hex, colon + 1, sizeof hex - 1);
	hex[sizeof hex - 1] = '\0';
	if (!copy_text(typed, sizeof typed, code + 5) || !tracking_parse(typed, number) ||
		!digest_parse(hex, d))
		return E_INPUT;
	paper_code(number, d, again);
	return strcasecmp(again, text) == 0 ? E_OK : E_INPUT;
}
