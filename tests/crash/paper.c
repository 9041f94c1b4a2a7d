/* SPDX-License-Identifier: EUPL-1.2
 *
 * Words of the template are replaced as text: what comes out is read by the same reader that reads
 * an officer's file. */
#include "tests/crash/paper.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CONSENT_START "3f1c9a52-7d40-4b6e-9a11-"

/* Replaces every `from' by `to'. */
static void
replace(struct buf *text, const char *from, const char *to)
{
	OWNED_BUF(out) = {0};
	const char *rest = (char *)text->data, *at;

	while ((at = strstr(rest, from)) != NULL) {
		buf_add(&out, rest, (size_t)(at - rest));
		buf_text(&out, to);
		rest = at + strlen(from);
	}
	buf_text(&out, rest);
	buf_reset(text);
	buf_add_bytes(text, buf_bytes(&out));
}

void
paper_make(const char *template, uint64_t number, bool back, struct buf *out)
{
	OWNED(char, text, free_chars) = xprintf("%llu", (unsigned long long)number);
	OWNED(char, consent, free_chars) =
		xprintf(CONSENT_START "%012llu", (unsigned long long)number);

	buf_reset(out);
	buf_text(out, template);
	replace(out, "0412873920", text);
	replace(out, CONSENT_START "5e0c8d2b7f01", consent); /* each has one of its own */
	if (!back)
		return;
	replace(out, "KE.CRS", "~");
	replace(out, "SO.NIRA", "KE.CRS");
	replace(out, "~", "SO.NIRA");
}

void
paper_load(const char *file, struct buf *out)
{
	FILE *f = fopen(file, "re");
	char part[8192];
	size_t n;

	if (f == NULL)
		die("%s", file);
	buf_reset(out);
	while ((n = fread(part, 1, sizeof part, f)) > 0)
		buf_add(out, part, n);
	fclose(f);
	if (out->size == 0) {
		errno = 0;
		die("%s is empty", file);
	}
}
