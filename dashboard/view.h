/* SPDX-License-Identifier: EUPL-1.2
 *
 * Text from outside in a page: nothing of it acts on the page, and what would act on the reader's
 * eyes is shown by its number. */
#ifndef DAFTAR_DASHBOARD_VIEW_H
#define DAFTAR_DASHBOARD_VIEW_H

#include "lib/buf.h"

/* Text with &, <, > and quotes escaped and control and bidi characters made visible. */
void html_text(struct buf *out, const char *text);

#endif
