/* SPDX-License-Identifier: EUPL-1.2
 *
 * The rules are a table of small functions over one value. They are written by hand, not as regular
 * expressions: these would follow the locale of the machine. Text is decoded to code points first,
 * because lengths count characters and because what must stay out are code points. */
#include <string.h>

#include "lib/record_rule.h"

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"

/* ---- text ---- */

/* The code point at *s, which moves behind it; 0 at the end, UINT32_MAX for what is no UTF-8. */
static uint32_t
next_code_point(const char **s)
{
	const uint8_t *p = (const uint8_t *)*s;
	size_t more = p[0] < 0x80 ? 0 : p[0] < 0xE0 ? 1 : p[0] < 0xF0 ? 2 : 3;
	static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
	uint32_t v = more == 0 ? p[0] : p[0] & (0x3FU >> more);

	if (p[0] == 0)
		return 0;
	if ((p[0] >= 0x80 && p[0] < 0xC2) || p[0] > 0xF4)
		return UINT32_MAX;
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return UINT32_MAX;
		v = v << 6 | (p[i] & 0x3FU);
	}
	*s += more + 1;
	return v < least[more] || v > 0x10FFFF || (v >= 0xD800 && v < 0xE000) ? UINT32_MAX : v;
}

/* Controls, line and paragraph separators, bidirectional overrides and isolates, private use, and
 * what is no character: a reader would not see what is signed. */
static const struct {
	uint32_t first, last;
} forbidden[] = {
	{0x00, 0x1F},
	{0x7F, 0x9F},
	{0x2028, 0x202E},
	{0x2066, 0x2069},
	{0xE000, 0xF8FF},
	{0xFDD0, 0xFDEF},
	{0xFFFE, 0xFFFF},
	{0xF0000, UINT32_MAX},
};

static bool
may_stand(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
		if (c >= forbidden[i].first && c <= forbidden[i].last)
			return false;
	return (c & 0xFFFE) != 0xFFFE;
}

/* In texts of several lines; the separators U+2028 and U+2029 are common there. */
static bool
may_stand_in_text(uint32_t c)
{
	return c == '\n' || c == 0x2028 || c == 0x2029 || may_stand(c);
}

static bool
is_arabic(uint32_t c)
{
	return (c >= 0x600 && c <= 0x6FF) || (c >= 0x750 && c <= 0x77F) ||
	       (c >= 0x870 && c <= 0x8FF) || (c >= 0xFB50 && c <= 0xFDCF) ||
	       (c >= 0xFDF0 && c <= 0xFDFF) || (c >= 0xFE70 && c <= 0xFEFC);
}

static bool
is_joiner(uint32_t c)
{
	return c == 0x200C || c == 0x200D;
}

static bool
all(const char *s, size_t max, bool (*ok)(uint32_t))
{
	uint32_t c;
	size_t n = 0;

	for (; (c = next_code_point(&s)) != 0; n++)
		if (!ok(c) || n == max)
			return false;
	return n > 0;
}

static bool
is_line(const char *s)
{
	return all(s, 300, may_stand);
}

static bool
is_short(const char *s)
{
	return all(s, 100, may_stand);
}

static bool
is_number(const char *s)
{
	return all(s, 63, may_stand);
}

static bool
is_value(const char *s)
{
	return all(s, 60, may_stand);
}

static bool
is_text(const char *s)
{
	return all(s, 2000, may_stand_in_text);
}

static bool
is_act(const char *s)
{
	return all(s, 20000, may_stand_in_text);
}

/* ZWNJ and ZWJ shape Arabic script; anywhere else they hide a difference between two names. */
static bool
joiners_are_between_arabic(const char *s)
{
	uint32_t c, before = 0, after;

	for (; (c = next_code_point(&s)) != 0 && c != UINT32_MAX; before = c) {
		const char *ahead = s;
		if (!is_joiner(c))
			continue;
		after = next_code_point(&ahead);
		if (!is_arabic(before) || !is_arabic(after))
			return false;
	}
	return true;
}

static bool
is_name(const char *s)
{
	return is_line(s) && joiners_are_between_arabic(s);
}

static bool
is_name_part(const char *s)
{
	return is_short(s) && joiners_are_between_arabic(s);
}

/* ---- machine words: runs of characters of a set ---- */

/* Takes as many characters of `set' as there are, at most `max'; false when fewer than `min'. */
static bool
run(const char **s, const char *set, size_t min, size_t max)
{
	size_t n = strspn(*s, set);

	if (n > max)
		n = max;
	*s += n;
	return n >= min;
}

static bool
one(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static bool
only(const char *s, const char *set, size_t min, size_t max)
{
	return run(&s, set, min, max) && *s == '\0';
}

static bool
is_word(const char *s)
{
	return *s != '\0';
}

static bool
is_country(const char *s)
{
	return only(s, UPPER, 2, 2);
}

static bool
is_nationality(const char *s)
{
	return is_country(s) || strcmp(s, "XXA") == 0 || strcmp(s, "XXX") == 0;
}

static bool
is_subdivision(const char *s)
{
	return run(&s, UPPER, 2, 2) && one(&s, '-') && only(s, UPPER DIGIT, 1, 3);
}

static bool
is_pcode(const char *s)
{
	return run(&s, UPPER, 2, 2) && only(s, DIGIT, 1, 12);
}

static bool
is_script(const char *s)
{
	return run(&s, UPPER, 1, 1) && only(s, LOWER, 3, 3);
}

/* Subtags of 1 to 8 letters and digits, each behind a dash. */
static bool
subtags(const char *s, size_t min, size_t max)
{
	size_t n = 0;

	for (; *s != '\0'; n++)
		if (!one(&s, '-') || !run(&s, UPPER LOWER DIGIT, 1, 8))
			return false;
	return n >= min && n <= max;
}

static bool
is_language(const char *s)
{
	return run(&s, LOWER, 2, 3) && subtags(s, 0, 6);
}

static bool
is_system(const char *s)
{
	return run(&s, LOWER, 1, 8) && subtags(s, 1, 9);
}

static bool
is_scheme(const char *s)
{
	return run(&s, LOWER, 2, 2) && one(&s, '-') && only(s, LOWER DIGIT "-", 1, 20);
}

static bool
is_normalized(const char *s)
{
	return strspn(s, UPPER DIGIT) > 0 && only(s, UPPER DIGIT "/-", 1, 40);
}

static bool
is_officer(const char *s)
{
	return strspn(s, UPPER DIGIT) > 0 && only(s, UPPER DIGIT ".-", 2, 40);
}

static bool
is_digest(const char *s)
{
	struct digest d;

	return digest_parse(s, &d);
}

static bool
is_signature(const char *s)
{
	if (!run(&s, UPPER LOWER DIGIT "+/", 64, 1366))
		return false;
	return *s == '\0' || only(s, "=", 1, 2);
}

static bool
is_count(const char *s)
{
	return *s != '0' && only(s, DIGIT, 1, 7);
}

static bool
is_data(const char *s)
{
	if (strlen(s) > 65536 || !run(&s, UPPER LOWER DIGIT "+/", 1, 65536))
		return false;
	return *s == '\0' || only(s, "=", 1, 2);
}

static bool
is_party(const char *s)
{
	struct party p;

	return party_parse(s, &p);
}

static bool
is_uuid(const char *s)
{
	static const char hex[] = DIGIT "abcdef";

	return run(&s, hex, 8, 8) && one(&s, '-') && run(&s, hex, 4, 4) && one(&s, '-') &&
	       run(&s, "12345678", 1, 1) && run(&s, hex, 3, 3) && one(&s, '-') &&
	       run(&s, "89ab", 1, 1) && run(&s, hex, 3, 3) && one(&s, '-') && only(s, hex, 12, 12);
}

/* "b:Parent", "b:Parent[2]" */
static bool
path_step(const char **s)
{
	if (!run(s, LOWER, 1, 1) || !one(s, ':') || !run(s, UPPER LOWER, 1, 40))
		return false;
	return !one(s, '[') || (run(s, DIGIT, 1, 2) && one(s, ']'));
}

static bool
is_path(const char *s)
{
	if (!path_step(&s))
		return false;
	for (size_t n = 0; *s != '\0'; n++) {
		if (n == 8 || !one(&s, '/'))
			return false;
		if (*s == '@' ? !(one(&s, '@') && run(&s, UPPER LOWER, 1, 40)) : !path_step(&s))
			return false;
	}
	return true;
}

/* ---- days ---- */

/* A number of exactly `width' digits. */
static bool
number(const char **s, size_t width, int *out)
{
	*out = 0;
	if (strspn(*s, DIGIT) < width)
		return false;
	for (size_t i = 0; i < width; i++)
		*out = *out * 10 + (*s)[i] - '0';
	*s += width;
	return true;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool
is_day(const char *s)
{
	int year, month, day;

	return number(&s, 4, &year) && one(&s, '-') && number(&s, 2, &month) && one(&s, '-') &&
	       number(&s, 2, &day) && *s == '\0' && month >= 1 && month <= 12 && day >= 1 &&
	       day <= days_in_month(year, month);
}

static bool
is_clock(const char *s)
{
	int hour, minute;

	return number(&s, 2, &hour) && one(&s, ':') && number(&s, 2, &minute) && *s == '\0' &&
	       hour < 24 && minute < 60;
}

/* What one date of an EDTF value may mean: its first and last day as YYYYMMDD. */
struct span {
	int first, last;
};

static bool
edtf_month(const char **s, int year, struct span *out)
{
	int month, day;

	if (strncmp(*s, "XX", 2) == 0) {
		*s += 2;
		if (strncmp(*s, "-XX", 3) == 0)
			*s += 3;
		return true;
	}
	if (!number(s, 2, &month) || month < 1 || month > 12)
		return false;
	*out = (struct span){year * 10000 + month * 100 + 1, year * 10000 + month * 100 + 31};
	if (!one(s, '-'))
		return true;
	if (strncmp(*s, "XX", 2) == 0) {
		*s += 2;
		return true;
	}
	if (!number(s, 2, &day) || day < 1 || day > days_in_month(year, month))
		return false;
	*out = (struct span){year * 10000 + month * 100 + day, year * 10000 + month * 100 + day};
	return true;
}

static bool
edtf_date(const char **s, struct span *out)
{
	size_t digits = strspn(*s, DIGIT);
	int first = 0, last = 0;

	if (digits != 0 && digits != 2 && digits != 3 && digits != 4)
		return false;
	for (size_t i = 0; i < 4; i++, (*s)++) {
		if (i >= digits && **s != 'X')
			return false;
		first = first * 10 + (i < digits ? **s - '0' : 0);
		last = last * 10 + (i < digits ? **s - '0' : 9);
	}
	*out = (struct span){first * 10000 + 101, last * 10000 + 1231};
	if (digits == 4 && one(s, '-') && !edtf_month(s, first, out))
		return false;
	if (**s != '\0' && strchr("?~%", **s) != NULL)
		(*s)++;
	return true;
}

bool
edtf_span(const char *value, int *first, int *last)
{
	struct span from, to;

	*first = 0;
	*last = EDTF_OPEN;
	if (strncmp(value, "../", 3) == 0) {
		value += 3;
		if (!edtf_date(&value, &to) || *value != '\0')
			return false;
		*last = to.last;
		return true;
	}
	if (!edtf_date(&value, &from))
		return false;
	*first = from.first;
	if (strcmp(value, "/..") == 0)
		return true;
	to = from;
	if (*value != '\0' && (!one(&value, '/') || !edtf_date(&value, &to)))
		return false;
	*last = to.last;
	return *value == '\0' && from.first <= to.last;
}

bool
edtf_ok(const char *value)
{
	int first, last;

	return edtf_span(value, &first, &last);
}

/* ---- the table ---- */

static const struct {
	bool (*ok)(const char *);
	const char *problem;
} rules[RULE_N] = {
#define RULE(name, ok, problem) [name] = {ok, problem},
#include "lib/record_rule.def"
#undef RULE
};

const char *
rule_problem(enum rule rule, const char *value)
{
	assert(rule < RULE_N);
	return value != NULL && rules[rule].ok(value) ? NULL : rules[rule].problem;
}

static bool
has_part(const struct name_form *f, const char *kind)
{
	for (const struct name_part *p = f->parts; p != NULL; p = p->next)
		if (strcmp(p->kind, kind) == 0)
			return true;
	return false;
}

const char *
name_problem(const struct name *n)
{
	size_t authoritative = 0;

	for (const struct name_form *f = n->forms; f != NULL; f = f->next) {
		if (f->parts == NULL)
			return "every form needs its parts";
		if (f->no_family_name && has_part(f, "family"))
			return "a form with a family name cannot be without one";
		if (f->authoritative)
			authoritative++;
	}
	return authoritative == 1 ? NULL : "exactly one form must be authoritative";
}
