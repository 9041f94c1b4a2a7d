/* SPDX-License-Identifier: EUPL-1.2
 *
 * What may stand in a name, its script, and its parts. A name is refused for a character that a
 * reader does not see or that makes him read something else, never for being unusual: people have
 * the names that they have. */
#include "lib/name_text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/lang.h"
#include "lib/text.h"

/* ---- faults ---- */

static const char *const whys[] = {
	[NAME_WELL] = NULL,
	[NAME_NOT_UTF8] = N_("the text is not UTF-8; save the file as UTF-8"),
	[NAME_EMPTY] = N_("there is nothing"),
	[NAME_TOO_LONG] = N_("it is too long: a name has at most 300 characters, a part 100"),
	[NAME_CONTROL] = N_("it is a control and no letter; a name stands on one line"),
	[NAME_DIRECTION] = N_("it turns the direction of what is read; delete it"),
	[NAME_INVISIBLE] = N_("nobody can see it; delete it"),
	[NAME_UNASSIGNED] = N_("it is no character of Unicode that this program knows"),
	[NAME_PRIVATE] = N_("it is for private use: another computer shows something else"),
	[NAME_NO_LETTER] = N_("there is no letter in it"),
};

static bool
is_joiner(uint32_t c)
{
	return c == 0x200C || c == 0x200D;
}

static bool
turns_direction(uint32_t c)
{
	return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
	       (c >= 0x2066 && c <= 0x206F);
}

static bool
is_arabic(uint32_t c)
{
	return (text_kind(c) == TEXT_LETTER && strcmp(text_script(c), "Arab") == 0) ||
	       (text_kind(c) == TEXT_MARK &&
		       ((c >= 0x610 && c <= 0x6ED) || (c >= 0x8CA && c <= 0x8FF)));
}

/* What is wrong with one character, and where nothing is with it alone, NAME_WELL. */
static enum name_fault_kind
character_fault(uint32_t before, uint32_t c, const char *behind)
{
	if (c == TEXT_BROKEN)
		return NAME_NOT_UTF8;
	if (turns_direction(c))
		return NAME_DIRECTION;
	if (is_joiner(c))
		return is_arabic(before) && is_arabic(text_next(&behind)) ? NAME_WELL
									  : NAME_INVISIBLE;
	switch (text_kind(c)) {
	case TEXT_CONTROL:
		return NAME_CONTROL;
	case TEXT_FORMAT:
		return NAME_INVISIBLE;
	case TEXT_PRIVATE:
		return NAME_PRIVATE;
	case TEXT_UNASSIGNED:
		return NAME_UNASSIGNED;
	case TEXT_LETTER:
	case TEXT_MARK:
	case TEXT_DIGIT:
	case TEXT_SPACE:
	case TEXT_SIGN:
		break;
	}
	return text_is_unseen(c) ? NAME_INVISIBLE : NAME_WELL;
}

/* Unicode gives controls no names of their own. */
static const struct {
	uint32_t c;
	const char *name;
} controls[] = {{0x08, "BACKSPACE"}, {0x09, "TAB"}, {0x0A, "LINE FEED"}, {0x0D, "CARRIAGE RETURN"},
	{0x1B, "ESCAPE"}, {0x7F, "DELETE"}, {0x85, "NEXT LINE"},
	{0x9B, "CONTROL SEQUENCE INTRODUCER"}};

static void
call(struct name_fault *f)
{
	int n = snprintf(f->called, sizeof f->called, "U+%04X", (unsigned)f->c);
	char name[88];

	text_called(f->c, name, sizeof name);
	for (size_t i = 0; i < ARRAY_LEN(controls); i++)
		if (controls[i].c == f->c)
			(void)!copy_text(name, sizeof name, controls[i].name);
	if (name[0] != '\0' && n > 0)
		(void)snprintf(f->called + n, sizeof f->called - (size_t)n, " %s", name);
}

enum name_fault_kind
name_fault_of(const char *text, size_t most, struct name_fault *out)
{
	bool letter = false;
	uint32_t before = 0, c;

	*out = (struct name_fault){.kind = NAME_WELL};
	for (; (c = text_next(&text)) != 0 && out->kind == NAME_WELL; before = c) {
		out->place++;
		letter |= c != TEXT_BROKEN && text_kind(c) == TEXT_LETTER;
		out->kind = out->place > most ? NAME_TOO_LONG : character_fault(before, c, text);
		out->c = c;
	}
	if (out->kind == NAME_WELL && !letter)
		out->kind = out->place == 0 ? NAME_EMPTY : NAME_NO_LETTER;
	out->why = whys[out->kind];
	if (out->kind >= NAME_CONTROL && out->kind <= NAME_PRIVATE)
		call(out);
	return out->kind;
}

char *
name_text_problem(const char *text)
{
	struct name_fault f;

	if (name_fault_of(text, NAME_MOST, &f) == NAME_WELL)
		return NULL;
	if (f.called[0] == '\0')
		return xstrdup(_(f.why));
	return xprintf(_("character %zu is %s: %s"), f.place, f.called, _(f.why));
}

/* ---- doubts ---- */

/* What is written where there is no name. */
static const char *const no_names[] = {"unknown", "unnamed", "n/a", "na", "nil", "none", "fnu",
	"lnu", "xxx", "inconnu", "inconnue", "sans nom", "baby", "infant", "bébé", "مجهول",
	"لا يوجد"};

static bool
says_no_name(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(no_names); i++)
		if (strcasecmp(text, no_names[i]) == 0)
			return true;
	return false;
}

/* Signs that stand in names: apostrophes and their kin, dashes, dots, the sign between words of
 * Ge'ez, a comma. */
static bool
is_usual_sign(uint32_t c)
{
	static const uint32_t usual[] = {'\'', '-', '.', ',', '`', 0xB7, 0x2BB, 0x2BC, 0x2BE, 0x2BF,
		0x2018, 0x2019, 0x2010, 0x2011, 0x1361, 0x60C};

	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		if (usual[i] == c)
			return true;
	return false;
}

static const char *
sign_doubt(const char *text)
{
	uint32_t c;

	while ((c = text_next(&text)) != 0 && c != TEXT_BROKEN) {
		if (text_kind(c) == TEXT_DIGIT)
			return N_("there is a digit in it");
		if (text_kind(c) == TEXT_SIGN && !is_usual_sign(c))
			return N_("there is a sign in it that names seldom have");
	}
	return NULL;
}

const char *
name_text_doubt(const char *text)
{
	if (says_no_name(text))
		return N_("it says that there is no name; leave it out instead");
	switch (text_doubt(text)) {
	case TEXT_MIXED_SCRIPTS:
		return N_(
			"letters of several scripts stand side by side: one of them may only look "
			"like the right one");
	case TEXT_MIXED_DIGITS:
		return N_("digits of several scripts stand side by side");
	case TEXT_PLAIN:
		break;
	}
	return sign_doubt(text);
}

/* ---- script ---- */

#define SCRIPTS_MAX 8

void
script_of(const char *text, char out[SCRIPT_SIZE])
{
	struct {
		const char *script;
		size_t n;
	} seen[SCRIPTS_MAX] = {{"Zyyy", 0}};
	size_t n = 0, best = 0;
	uint32_t c;

	while ((c = text_next(&text)) != 0) {
		const char *script = c == TEXT_BROKEN ? "Zzzz" : text_script(c);
		size_t i = 0;

		if (script[0] == 'Z')
			continue;
		while (i < n && strcmp(seen[i].script, script) != 0)
			i++;
		if (i == SCRIPTS_MAX)
			continue;
		if (i == n)
			seen[n++].script = script;
		seen[i].n++;
		if (seen[i].n > seen[best].n)
			best = i;
	}
	(void)!copy_text(out, SCRIPT_SIZE, seen[best].script);
}

/* ---- as it was typed ---- */

static bool
is_gap(uint32_t c)
{
	return c == '\t' || text_kind(c) == TEXT_SPACE;
}

enum err
name_tidy(const char *typed, struct buf *out)
{
	OWNED_BUF(one) = {0};
	bool gap = false;
	uint32_t c;

	while ((c = text_next(&typed)) != 0) {
		if (c == TEXT_BROKEN)
			return E_NOT_UTF8;
		if (is_gap(c)) {
			gap = one.size > 0;
			continue;
		}
		if (gap)
			buf_u8(&one, ' ');
		gap = false;
		text_add(&one, c);
	}
	return text_nfc(one.data == NULL ? "" : (const char *)one.data, out);
}

bool
text_is_nfc(const char *text)
{
	OWNED_BUF(nfc) = {0};

	return text_nfc(text, &nfc) == E_OK && nfc.size == strlen(text) &&
	       memcmp(nfc.data == NULL ? (const uint8_t *)"" : nfc.data, text, nfc.size) == 0;
}
