/* SPDX-License-Identifier: EUPL-1.2
 *
 * Keys of names. The letters: what two hands that write the same name write alike. The class: what
 * two ears may hear alike. The families of spellings (name_family.def) are folded like any word and
 * sorted once, so that looking one up costs a few comparisons. */
#include "lib/name_key.h"

#include <stdlib.h>
#include <string.h>

#include "lib/name_family.h"
#include "lib/text.h"

/* ---- letters ---- */

/* What is left of a letter when the habits of writing are taken away; 0: nothing. */
static const struct {
	uint32_t from, to;
} same[] = {
	{0x0111, 'd'},	  /* d with stroke */
	{0x00F0, 'd'},	  /* eth */
	{0x0127, 'h'},	  /* h with stroke: Maltese */
	{0x0131, 'i'},	  /* dotless i */
	{0x0142, 'l'},	  /* l with stroke */
	{0x00F8, 'o'},	  /* o with stroke */
	{0x0671, 0x0627}, /* alef wasla: alef */
	{0x0649, 0x064A}, /* alef maqsura: yeh */
	{0x06CC, 0x064A}, /* yeh of Persian */
	{0x06A9, 0x0643}, /* kaf of Persian */
	{0x0629, 0x0647}, /* teh marbuta: heh */
	{0x06C1, 0x0647},
	{0x06D5, 0x0647},
	{0x0640, 0},	  /* tatweel */
	{0x1203, 0x1200}, /* the fourth order of h and of a sounds like the first */
	{0x12A3, 0x12A0},
};

/* Series of Ge'ez letters that sound alike, each moved onto the first of them. */
static const struct {
	uint32_t first, last, onto;
} series[] = {
	{0x1210, 0x1217, 0x1200},			    /* h */
	{0x1280, 0x1286, 0x1200}, {0x1220, 0x1227, 0x1230}, /* s */
	{0x12D0, 0x12D6, 0x12A0},			    /* a */
	{0x1340, 0x1346, 0x1338},			    /* ts */
};

static uint32_t
folded(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(series); i++)
		if (c >= series[i].first && c <= series[i].last)
			c = c - series[i].first + series[i].onto;
	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		if (same[i].from == c)
			return same[i].to;
	return c;
}

/* Two letters that others write as one. */
static const char *
spelt_out(uint32_t c)
{
	return c == 0x00E6 ? "ae" : c == 0x0153 ? "oe" : c == 0x00FE ? "th" : NULL;
}

/* Signs between words; all other signs, apostrophes among them, are not heard. */
static bool
is_gap(uint32_t c)
{
	return text_kind(c) == TEXT_SPACE || c == '\t' || c == '\n' || c == '-' || c == ',' ||
	       c == '_' || c == '/' || (c >= 0x2010 && c <= 0x2015) || c == 0x1361 || c == 0x60C;
}

/* Where marks are a habit of writing: accents, vowel signs that are mostly left out. In all other
 * scripts a mark is the vowel itself, and Ram is not Rama. */
static bool
marks_are_habit(uint32_t letter)
{
	static const char *const scripts[] = {
		"Latn", "Grek", "Cyrl", "Armn", "Geor", "Copt", "Ethi", "Arab", "Hebr", "Syrc"};
	const char *script = text_script(letter);

	for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
		if (strcmp(scripts[i], script) == 0)
			return true;
	return false;
}

static void
add_letter(struct buf *b, uint32_t c)
{
	enum text_kind kind = text_kind(c);

	if (spelt_out(c) != NULL)
		buf_text(b, spelt_out(c));
	else if ((kind == TEXT_LETTER && c != 0x2BC) || kind == TEXT_DIGIT) {
		c = folded(c);
		if (c != 0)
			text_add(b, c);
	}
}

/* `letter' is the one that stands before. */
static void
add_mark(struct buf *b, uint32_t c, uint32_t letter)
{
	if (text_kind(c) == TEXT_MARK && letter != 0 && !marks_are_habit(letter) &&
		!text_is_unseen(c))
		text_add(b, c);
}

/* An octet that is no UTF-8 stands for itself, so that nothing broken fits anything but itself. */
static char *
key_of_broken(const char *text)
{
	return xprintf("\xff%s", text);
}

static char *
key_of(const char *text, bool marks)
{
	OWNED_BUF(apart) = {0};
	struct buf key = {0};
	const char *at;
	uint32_t c, letter = 0;
	bool gap = false;

	if (text_apart(text, &apart) != E_OK)
		return key_of_broken(text);
	at = apart.data == NULL ? "" : (const char *)apart.data;
	while ((c = text_next(&at)) != 0) {
		size_t before = key.size;

		if (is_gap(c)) {
			gap = key.size > 0;
			continue;
		}
		if (gap)
			buf_u8(&key, ' ');
		add_letter(&key, c);
		if (marks)
			add_mark(&key, c, letter);
		if (text_kind(c) != TEXT_MARK)
			letter = text_kind(c) == TEXT_LETTER ? c : 0;
		if (key.size == before + (gap ? 1 : 0))
			key.size = before;
		else
			gap = false;
	}
	buf_add(&key, "", 0);
	key.data[key.size] = '\0';
	return (char *)buf_take(&key, NULL);
}

char *
name_key(const char *text)
{
	return key_of(text, true);
}

/* ---- what is heard ---- */

/* Latin spellings of one sound, the longer first. In Somali x is a strong h, c an ayn. */
static const struct {
	const char *written, *heard;
} sounds[] = {
	{"ch", "s"},
	{"ck", "k"},
	{"dj", "j"},
	{"dh", "d"},
	{"gh", "g"},
	{"kh", "k"},
	{"ph", "f"},
	{"sh", "s"},
	{"th", "t"},
	{"ou", "u"},
	{"oo", "u"},
	{"ee", "i"},
	{"ie", "i"},
	{"x", "h"},
	{"c", ""},
	{"q", "k"},
	{"e", "i"},
	{"y", "i"},
	{"o", "u"},
	{"w", "u"},
	{"v", "f"},
	{"p", "b"},
};

static size_t
sound_of(const char *word, const char **heard)
{
	for (size_t i = 0; i < ARRAY_LEN(sounds); i++) {
		size_t n = strlen(sounds[i].written);

		if (strncmp(word, sounds[i].written, n) == 0) {
			*heard = sounds[i].heard;
			return n;
		}
	}
	return 0;
}

void
name_sound(const char *word, size_t size, char out[NAME_SOUND_SIZE])
{
	const char *end = word + size, *heard;
	size_t n = 0;

	while (word < end && n + 1 < NAME_SOUND_SIZE) {
		char one[2] = {*word, '\0'};
		size_t taken = sound_of(word, &heard);

		if (taken == 0 || word + taken > end) {
			heard = one;
			taken = 1;
		}
		if (heard[0] != '\0' &&
			(n == 0 || out[n - 1] != heard[0] || (heard[0] & 0x80) != 0))
			out[n++] = heard[0];
		word += taken;
	}
	/* nobody hears an h at the end */
	while (n > 1 && out[n - 1] == 'h')
		n--;
	out[n] = '\0';
}

/* ---- words ---- */

/* Not part of what somebody is called: the article, son of, daughter of. */
static const char *const left_out[] = {
	"al", "el", "bin", "ben", "ibn", "bint", "bent", "بن", "بنت", "ابن"};
/* Written together with the next word, or apart. */
static const char *const joined[] = {"abd", "abdul", "abdel", "abdal", "abdi", "عبد", "gebre",
	"gabra", "wolde", "welde", "haile", "ገብረ", "ወልደ", "ሀይለ"};

static bool
is_one_of(const char *const *words, size_t n, const char *word, size_t size)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(words[i]) == size && memcmp(words[i], word, size) == 0)
			return true;
	return false;
}

static void
add_word(struct buf *b, const char *word, size_t size)
{
	const char *family = name_family(word, size);
	char heard[NAME_SOUND_SIZE];

	if (b->size > 0)
		buf_u8(b, ' ');
	if (family != NULL) {
		buf_printf(b, "=%s", family);
		return;
	}
	name_sound(word, size, heard);
	buf_text(b, heard);
}

/* Words that are only together known as a name: "abd al rahman", if the two are in a family. */
static bool
add_joined(struct buf *b, const char *word, size_t size, const char **rest)
{
	OWNED_BUF(both) = {0};
	const char *next = word + size;
	size_t n;

	if (*next != ' ' || !is_one_of(joined, ARRAY_LEN(joined), word, size))
		return false;
	buf_add(&both, word, size);
	n = strcspn(++next, " ");
	if (is_one_of(left_out, ARRAY_LEN(left_out), next, n) && next[n] == ' ') {
		buf_add(&both, next, n);
		next += n + 1;
		n = strcspn(next, " ");
	}
	buf_add(&both, next, n);
	if (name_family((const char *)both.data, both.size) == NULL)
		return false;
	add_word(b, (const char *)both.data, both.size);
	*rest = next + n;
	return true;
}

char *
name_class(const char *text)
{
	OWNED(char, letters, free_chars) = key_of(text, false);
	struct buf class = {0};
	const char *at = letters;

	while (*at != '\0') {
		size_t n = strcspn(at, " ");

		if (!add_joined(&class, at, n, &at)) {
			if (!is_one_of(left_out, ARRAY_LEN(left_out), at, n))
				add_word(&class, at, n);
			at += n;
		}
		at += strspn(at, " ");
	}
	buf_add(&class, "", 0);
	return (char *)buf_take(&class, NULL);
}

/* ---- two names ---- */

/* The one is the beginning of the other, and tells two names at least: Hodan Abdi, Hodan Abdi
 * Warsame. */
static bool
begins(const char *less, const char *more)
{
	size_t n = strlen(less);

	return strchr(less, ' ') != NULL && strncmp(less, more, n) == 0 &&
	       (more[n] == '\0' || more[n] == ' ');
}

enum name_likeness
names_compare(const char *a, const char *b)
{
	OWNED(char, ka, free_chars) = name_key(a);
	OWNED(char, kb, free_chars) = name_key(b);
	OWNED(char, ca, free_chars) = NULL;
	OWNED(char, cb, free_chars) = NULL;

	if (ka[0] == '\0' || kb[0] == '\0')
		return NAME_OTHER;
	if (strcmp(ka, kb) == 0)
		return NAME_SAME;
	ca = name_class(a);
	cb = name_class(b);
	if (ca[0] == '\0' || cb[0] == '\0')
		return NAME_OTHER;
	return strcmp(ca, cb) == 0 || begins(ca, cb) || begins(cb, ca) ? NAME_ALIKE : NAME_OTHER;
}
