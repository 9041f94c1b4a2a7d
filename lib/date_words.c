/* SPDX-License-Identifier: EUPL-1.2
 *
 * From a folded text to the parts of a date. Words are looked up in runs, the longest first: "Dhu
 * al-Hijjah", "كانون الثاني", "between". What is no known word, number or sign makes the text
 * unreadable: to leave it out would be to guess. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/date_parts.h"

/* ---- tokens ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

/* Octets of the character at `s'. */
static size_t
length_of(const char *s)
{
	unsigned char c = (unsigned char)s[0];

	return c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
}

static void
take_number(const char **s, struct token *t)
{
	t->kind = TOKEN_NUMBER;
	for (; is_digit(**s); (*s)++, t->digits++)
		t->value = t->digits < 9 ? t->value * 10 + (**s - '0') : 999999999;
}

/* A dot ends an abbreviation, and one letter and a dot and another letter are one word: "A.H.". */
static void
take_word(const char **s, struct token *t)
{
	const char *from = *s;

	t->kind = TOKEN_WORD;
	for (;;) {
		while (is_letter(**s))
			(*s)++;
		if (**s != '.' || (size_t)(*s - from) != length_of(from) || !is_letter((*s)[1]))
			break;
		from = ++*s;
	}
	t->size = (size_t)(*s - t->at);
	if (**s == '.')
		(*s)++;
}

bool
tokens_of(const char *folded, struct tokens *out)
{
	const char *s = folded;

	out->n = 0;
	for (;;) {
		while (*s == ' ' || *s == '(' || *s == ')')
			s++;
		if (*s == '\0')
			return true;
		if (out->n == TOKENS_MOST)
			return false;
		struct token *t = &out->t[out->n++];
		*t = (struct token){.kind = TOKEN_SIGN, .at = s, .size = 1};
		if (is_digit(*s))
			take_number(&s, t);
		else if (is_letter(*s))
			take_word(&s, t);
		else
			s++;
	}
}

/* ---- words ---- */

#define WORDS_A_ROW 32
static const struct {
	enum meaning meaning;
	const char *word[WORDS_A_ROW];
} word_rows[] = {
#define WORDS(meaning, ...) {meaning, {__VA_ARGS__}},
#include "lib/date_word.def"
#undef WORDS
};

static char *word_keys[ARRAY_LEN(word_rows)][WORDS_A_ROW];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
read_rows(void)
{
	for (size_t i = 0; i < ARRAY_LEN(word_rows); i++)
		for (size_t k = 0; k < WORDS_A_ROW && word_rows[i].word[k] != NULL; k++) {
			OWNED_BUF(folded) = {0};
			struct buf key = {0};

			if (date_fold(word_rows[i].word[k], &folded) != E_OK)
				die("a word of a date is no text");
			key_of((const char *)folded.data, folded.size, &key);
			word_keys[i][k] = (char *)buf_take(&key, NULL);
		}
}

static enum meaning
meaning_of(const char *key)
{
	if (pthread_once(&once, read_rows) != 0)
		die("threads");
	for (size_t i = 0; i < ARRAY_LEN(word_rows); i++)
		for (size_t k = 0; k < WORDS_A_ROW && word_keys[i][k] != NULL; k++)
			if (strcmp(word_keys[i][k], key) == 0)
				return word_rows[i].meaning;
	return MEAN_NOTHING;
}

/* Words from `at' on with nothing but dashes between them, as a key; the number of tokens, 0: there
 * are not so many. */
static size_t
run_of_words(const struct tokens *t, size_t at, size_t words, struct buf *key)
{
	size_t i = at;

	for (; i < t->n && words > 0; i++) {
		bool dash = t->t[i].kind == TOKEN_SIGN && *t->t[i].at == '-';

		if (t->t[i].kind == TOKEN_WORD) {
			key_of(t->t[i].at, t->t[i].size, key);
			words--;
		} else if (!dash || i + 1 == t->n || t->t[i + 1].kind != TOKEN_WORD)
			return 0;
	}
	return words == 0 ? i - at : 0;
}

#define RUN_MOST 5

void
word_at(const struct tokens *t, size_t at, struct word *out, size_t *used)
{
	memset(out, 0, sizeof *out);
	for (size_t words = RUN_MOST; words > 0; words--) {
		OWNED_BUF(b) = {0};
		const char *key;

		*used = run_of_words(t, at, words, &b);
		if (*used == 0)
			continue;
		key = (const char *)b.data;
		out->is_month = month_of_key(key, out->month);
		out->weekday = out->is_month ? 0 : weekday_of_key(key);
		out->meaning = out->is_month || out->weekday != 0 ? MEAN_NOISE : meaning_of(key);
		if (out->meaning != MEAN_NOTHING)
			return;
	}
	*used = 1;
}

/* ---- parts ---- */

static unsigned
calendars_of(enum meaning m)
{
	static const unsigned hijri =
		BIT_OF(CALENDAR_HIJRI_CIVIL) | BIT_OF(CALENDAR_HIJRI_UMALQURA);

	if (m == MEAN_GREGORIAN)
		return BIT_OF(CALENDAR_GREGORIAN);
	if (m == MEAN_ETHIOPIC)
		return BIT_OF(CALENDAR_ETHIOPIC);
	if (m == MEAN_COPTIC)
		return BIT_OF(CALENDAR_COPTIC);
	if (m == MEAN_MERCY)
		return BIT_OF(CALENDAR_ETHIOPIC) | BIT_OF(CALENDAR_GREGORIAN);
	if (m == MEAN_MARTYRS)
		return BIT_OF(CALENDAR_ETHIOPIC) | BIT_OF(CALENDAR_COPTIC);
	return m == MEAN_HIJRI ? hijri : 0;
}

/* Two eras are one of both: "እ.ኤ.አ. 2023 ዓ.ም". */
static bool
add_era(unsigned bits, struct parts *p)
{
	p->eras = p->eras == 0 ? bits : p->eras & bits;
	return p->eras != 0;
}

static bool
add_meaning(enum meaning m, struct parts *p)
{
	if (calendars_of(m) != 0)
		return add_era(calendars_of(m), p);
	if (m == MEAN_BEFORE || m == MEAN_UNTIL || m == MEAN_AFTER || m == MEAN_SINCE) {
		if (p->relation != MEAN_NOTHING)
			return false;
		p->relation = m;
		return true;
	}
	p->about |= m == MEAN_ABOUT;
	p->unsure |= m == MEAN_UNSURE;
	p->decade |= m == MEAN_DECADE;
	p->before_christ |= m == MEAN_BEFORE_CHRIST;
	return m == MEAN_NOISE || m == MEAN_YEAR || m == MEAN_AND || m == MEAN_ABOUT ||
	       m == MEAN_UNSURE || m == MEAN_DECADE || m == MEAN_BEFORE_CHRIST;
}

static bool
add_word(const struct word *w, struct parts *p)
{
	if (w->is_month) {
		if (p->has_month)
			return false;
		p->has_month = true;
		memcpy(p->month, w->month, sizeof p->month);
		return true;
	}
	if (w->weekday != 0) {
		if (p->weekday != 0)
			return false;
		p->weekday = w->weekday;
		return true;
	}
	return add_meaning(w->meaning, p);
}

static bool
add_number(const struct token *t, struct parts *p)
{
	if (p->n == ARRAY_LEN(p->number))
		return false;
	p->number[p->n] = t->value;
	p->digits[p->n++] = t->digits;
	return true;
}

/* A sign separates, or says that somebody doubts. */
static bool
add_sign(const struct tokens *t, size_t at, struct parts *p)
{
	char sign = *t->t[at].at;

	if (sign == '?' || sign == '%')
		p->unsure = true;
	if (sign == '~' || sign == '%')
		p->about = true;
	if (strchr("?~%", sign) != NULL)
		return true;
	if (sign == '-' && at > 0 && t->t[at - 1].kind == TOKEN_NUMBER)
		p->is_dashed = true;
	if (sign == '.' && at + 1 == t->n)
		return true;
	return strchr("-/.,", sign) != NULL && at > 0 && at + 1 < t->n &&
	       t->t[at - 1].kind != TOKEN_SIGN;
}

bool
parts_of(const struct tokens *t, struct parts *out)
{
	memset(out, 0, sizeof *out);
	for (size_t i = 0, used; i < t->n; i += used) {
		struct word w;
		bool well;

		used = 1;
		if (t->t[i].kind == TOKEN_NUMBER)
			well = add_number(&t->t[i], out);
		else if (t->t[i].kind == TOKEN_SIGN)
			well = add_sign(t, i, out);
		else {
			word_at(t, i, &w, &used);
			well = add_word(&w, out);
		}
		if (!well)
			return false;
	}
	return true;
}
