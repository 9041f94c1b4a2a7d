/* SPDX-License-Identifier: EUPL-1.2
 *
 * Numbers are written short: a picture travels over thin lines. */
#include "dashboard/svg_parts.h"

#include <stdio.h>
#include <string.h>

#include "dashboard/view.h"

void
svg_number(struct buf *out, double v)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%.1f", v);

	if (n > 2 && text[n - 1] == '0')
		text[n - 2] = '\0';
	buf_text(out, strcmp(text, "-0") == 0 ? "0" : text);
}

void
svg_said(struct buf *out, const char *id, const char *title, const char *desc)
{
	buf_printf(out, "<title id=\"%s-t\">", id);
	html_text(out, title);
	buf_printf(out, "</title><desc id=\"%s-d\">", id);
	html_text(out, desc);
	buf_text(out, "</desc>");
}
