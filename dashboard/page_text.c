/* SPDX-License-Identifier: EUPL-1.2
 *
 * Text in HTML: everything from outside is escaped here, and what would act on the page or on the
 * reader's eyes (controls, bidi overrides) is shown by its number. Translation comes before
 * escaping, so that neither a catalogue nor a value can write markup. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dashboard/page.h"
#include "dashboard/view.h"
#include "lib/id.h"

void
p_raw(struct page *p, const char *html)
{
	buf_text(p->out, html);
}

void
p_numbers(struct page *p, const char *html, ...)
{
	char *all = NULL;
	va_list ap;

	assert(strstr(html, "%s") == NULL);
	va_start(ap, html);
	if (vasprintf(&all, html, ap) < 0)
		die("memory");
	va_end(ap);
	buf_text(p->out, all);
	free(all);
}

void
p_text(struct page *p, const char *text)
{
	html_text(p->out, text);
}

void
p_bdi(struct page *p, const char *text)
{
	p_raw(p, "<bdi>");
	p_text(p, text);
	p_raw(p, "</bdi>");
}

void
p_comma(struct page *p)
{
	p_raw(p, lang_is_rtl() ? "\u060c " : ", ");
}

void
p_code(struct page *p, const char *text)
{
	p_raw(p, "<code dir=\"ltr\">");
	p_text(p, text);
	p_raw(p, "</code>");
}

void
p_words(struct page *p, const char *format, ...)
{
	char *all = NULL;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&all, format[0] == '\0' ? "" : _(format), ap) < 0)
		die("memory");
	va_end(ap);
	p_text(p, all);
	free(all);
}

void
p_count(struct page *p, int64_t n, const char *one, const char *many)
{
	unsigned long u = n < 0 ? 0 : (unsigned long)n;
	OWNED(char, all, free_chars) = xprintf(ngettext(one, many, u), (long long)n);

	p_text(p, all);
}

void
p_sentence(struct page *p, const char *code)
{
	enum err e = err_of_word(code);

	if (e == E_UNKNOWN_CODE)
		p_code(p, code);
	else
		p_text(p, _(err_sentence(e)));
}

/* Thin spaces between thousands, which no language mistakes for a decimal sign. */
void
p_number(struct page *p, int64_t n)
{
	char digits[24];
	int size = snprintf(digits, sizeof digits, "%lld", (long long)n);
	int first = digits[0] == '-' ? 1 : 0;

	for (int i = 0; i < size; i++) {
		char one[2] = {digits[i], '\0'};

		if (i > first && (size - i) % 3 == 0)
			p_raw(p, "\u202f");
		buf_text(p->out, one);
	}
}

void
p_octets(struct page *p, int64_t n)
{
	static const char *const unit[] = {
		N_("%.0f B"), N_("%.1f KB"), N_("%.1f MB"), N_("%.1f GB"), N_("%.1f TB")};
	double v = n < 0 ? 0 : (double)n;
	size_t k = 0;

	while (v >= 1000 && k + 1 < ARRAY_LEN(unit))
		v /= 1000, k++;
	OWNED(char, all, free_chars) = xprintf(_(unit[k]), v);
	p_text(p, all);
}

/* ---- members of answers ---- */

const char *
text_of(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s != NULL ? s : "";
}

int64_t
number_of(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_real(v) ? (int64_t)json_real_value(v) : json_integer_value(v);
}

bool
is_true(const json_t *o, const char *key)
{
	return json_is_true(json_object_get(o, key));
}

int64_t
instant_of(const json_t *o, const char *key)
{
	int64_t ms;

	return instant_parse(text_of(o, key), &ms) ? ms : 0;
}
