/* SPDX-License-Identifier: EUPL-1.2
 *
 * What pictures are written with: dashboard/svg_*.c only. */
#ifndef DAFTAR_DASHBOARD_SVG_PARTS_H
#define DAFTAR_DASHBOARD_SVG_PARTS_H

#include "lib/buf.h"

/* "12.5", "12": one digit behind the point, and none where it would say nothing. */
void svg_number(struct buf *out, double v);
/* <title> and <desc>, which the picture `id' is named and described by; escaped here. */
void svg_said(struct buf *out, const char *id, const char *title, const char *desc);

#endif
