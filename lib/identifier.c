/* SPDX-License-Identifier: EUPL-1.2
 *
 * What is known of a number: its form, its check digit, what it tells. The table is
 * identifier_scheme.def. A number that does not fit is a reason to look at the paper again, and no
 * more than that, unless its own State sends it against its own published rule. */
#include "lib/identifier_parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/lang.h"
#include "lib/text.h"

const struct identifier_scheme identifier_schemes[] = {
#define SCHEME(                                                                                    \
	code, country, called, mark, check, record, form, keeps, fits, tells, words, source)       \
	{code, country, called, mark, check, record, words, source},
#include "lib/identifier_scheme.def"
#undef SCHEME
};
const size_t identifier_schemes_n = ARRAY_LEN(identifier_schemes);

const struct identifier_rule identifier_rules[] = {
#define SCHEME(                                                                                    \
	code, country, called, mark, check, record, form, keeps, fits, tells, words, source)       \
	{form, keeps, fits, tells},
#include "lib/identifier_scheme.def"
#undef SCHEME
};

const char *const identifier_verdicts[] = {
	[IDENTIFIER_OK] = "ok", [IDENTIFIER_WARN] = "warn", [IDENTIFIER_INVALID] = "invalid"};

const struct identifier_scheme *
identifier_scheme(const char *code)
{
	for (size_t i = 0; i < identifier_schemes_n; i++)
		if (strcasecmp(identifier_schemes[i].code, code) == 0)
			return &identifier_schemes[i];
	return NULL;
}

/* ---- the value, normalized ---- */

/* What people put between groups of digits, and what word processors put around them. */
static bool
separates(uint32_t c)
{
	return c == '-' || c == '.' || c == '/' || c == '_' || c == ',' || c == '\t' ||
	       (c >= 0x2010 && c <= 0x2015) || text_kind(c) == TEXT_SPACE ||
	       text_kind(c) == TEXT_FORMAT;
}

/* False for a character that no identifier has, and for one too many. */
static bool
add(char out[IDENTIFIER_SIZE], size_t *n, uint32_t c, const char *keeps)
{
	char one;

	if (text_digit(c) >= 0)
		one = (char)('0' + text_digit(c));
	else if (c < 0x80 && c != 0 && strchr(keeps, (int)c) != NULL)
		one = (char)c;
	else if (c >= 0x2010 && c <= 0x2015 && strchr(keeps, '-') != NULL)
		one = '-';
	else if (separates(c))
		return true;
	else if (c >= 'a' && c <= 'z')
		one = (char)(c - 'a' + 'A');
	else if (c >= 'A' && c <= 'Z')
		one = (char)c;
	else
		return false;
	if (*n + 1 == IDENTIFIER_SIZE)
		return false;
	out[(*n)++] = one;
	return true;
}

static bool
normalize(const char *value, const char *keeps, char out[IDENTIFIER_SIZE])
{
	size_t n = 0;
	uint32_t c;

	while ((c = text_next(&value)) != 0)
		if (c == TEXT_BROKEN || !add(out, &n, c, keeps)) {
			out[0] = '\0';
			return false;
		}
	out[n] = '\0';
	return n > 0;
}

/* ---- forms ---- */

static bool
is_of(char kind, const char *set, size_t set_size, char c)
{
	bool number = c >= '0' && c <= '9', capital = c >= 'A' && c <= 'Z';

	if (c == '\0')
		return false;
	switch (kind) {
	case '9':
		return number;
	case 'A':
		return capital;
	case 'N':
		return number || capital;
	case '*':
		return number || capital || c == '-' || c == '/';
	case '[':
		return memchr(set, c, set_size) != NULL;
	default:
		return c == kind;
	}
}

/* "{7,14}", "{2}" or nothing: how often. */
static void
read_count(const char **form, size_t *least, size_t *most)
{
	char *end;

	*least = *most = 1;
	if (**form != '{')
		return;
	*least = *most = strtoul(*form + 1, &end, 10);
	if (*end == ',')
		*most = strtoul(end + 1, &end, 10);
	*form = end + 1;
}

bool
value_has_form(const char *form, const char *value)
{
	while (*form != '\0') {
		char kind = *form++;
		const char *set = form;
		size_t set_size = 0, least, most, n = 0;

		if (kind == '[') {
			set_size = strcspn(form, "]");
			form += set_size + 1;
		}
		read_count(&form, &least, &most);
		while (n < most && is_of(kind, set, set_size, *value)) {
			n++;
			value++;
		}
		if (n < least)
			return false;
	}
	return *value == '\0';
}

/* ---- the verdict ---- */

#define LOOK N_("compare it with the paper; when it stands there so, it stays so")

/* What may not be is invalid only for the State whose own published rule it is. */
static void
doubt(struct identifier_result *r, char mark, const char *sender, const char *sentence)
{
	bool own = sender != NULL && strcmp(sender, r->scheme->country) == 0;

	r->verdict = mark == 'V' && own ? IDENTIFIER_INVALID : IDENTIFIER_WARN;
	r->sentence = sentence;
	r->next = LOOK;
}

static void
tells_nothing(struct identifier_result *r)
{
	r->sex = 0;
	r->year = -1;
	r->month = r->day = 0;
	r->century = false;
	r->place = NULL;
}

static void
check_value(const struct identifier_rule *rule, const char *sender, struct identifier_result *r)
{
	const struct identifier_scheme *s = r->scheme;

	if (!value_has_form(rule->form, r->normalized)) {
		doubt(r, s->mark, sender, N_("it has not the form of this scheme"));
		return;
	}
	if (rule->tells != NULL && !rule->tells(r->normalized, r)) {
		tells_nothing(r);
		doubt(r, s->mark, sender, N_("it tells a day, month or year that cannot be"));
		return;
	}
	if (rule->fits != NULL && !rule->fits(r->normalized)) {
		tells_nothing(r);
		doubt(r, s->check_mark, sender,
			s->check_mark == 'V'
				? N_("its check digit does not fit: a digit may be wrong, or two "
				     "changed places")
				: N_("its check digit does not fit the rule that is believed to be "
				     "used"));
	}
}

static bool
is_unhcr(const struct identifier_scheme *s)
{
	return strncmp(s->code, "unhcr-", 6) == 0;
}

void
identifier_check(
	const char *scheme, const char *value, const char *sender, struct identifier_result *out)
{
	const struct identifier_rule *rule;

	*out = (struct identifier_result){.scheme = identifier_scheme(scheme), .year = -1};
	if (out->scheme == NULL) {
		(void)!normalize(value, "/-", out->normalized);
		return;
	}
	rule = &identifier_rules[out->scheme - identifier_schemes];
	if (!normalize(value, rule->keeps, out->normalized))
		doubt(out, out->scheme->mark, sender,
			N_("it has characters that no number has, or too many"));
	else
		check_value(rule, sender, out);
	if (is_unhcr(out->scheme)) {
		tells_nothing(out);
		out->verdict = IDENTIFIER_INVALID;
		out->sentence = N_("a number of UNHCR tells that somebody asked for asylum: it may "
				   "stand in no record and in no request (P04)");
		out->next = N_("keep it in the office's own file; name the case by its tracking "
			       "number");
	}
}

/* ---- numbers of UNHCR in a text ---- */

static bool
word_is_unhcr(const char *word, size_t size)
{
	char one[IDENTIFIER_SIZE];

	if (size == 0 || size >= sizeof one)
		return false;
	memcpy(one, word, size);
	one[size] = '\0';
	for (size_t i = 0; one[i] != '\0'; i++)
		if (one[i] >= 'a' && one[i] <= 'z')
			one[i] = (char)(one[i] - 'a' + 'A');
	for (size_t i = 0; i < identifier_schemes_n; i++)
		if (is_unhcr(&identifier_schemes[i]) &&
			value_has_form(identifier_rules[i].form, one))
			return true;
	return false;
}

/* "NBO-12345678" is a number, "001-12-34567" a date to nobody. */
bool
holds_unhcr_number(const char *text)
{
	static const char in[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-";

	while (*text != '\0') {
		size_t n = strspn(text, in);

		if (word_is_unhcr(text, n))
			return true;
		text += n + (text[n] != '\0');
	}
	return false;
}
