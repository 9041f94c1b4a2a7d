/* SPDX-License-Identifier: EUPL-1.2
 *
 * Charts of what the broker has counted (verb stats.series, and the same members of corridor.show):
 * each a figure with its legend and its table. */
#ifndef DAFTAR_DASHBOARD_SERIES_H
#define DAFTAR_DASHBOARD_SERIES_H

#include "dashboard/page.h"

/* The span that the viewer chose, in hours: 24, 168 or 720 (?hours=); and the links to choose. */
int series_hours(const struct page *p);
void series_choice(struct page *p);

/* What came and what became of it, an hour or a day each. */
void series_flow(struct page *p, const json_t *series);
/* How long it took from acceptance to the end, on average. */
void series_pace(struct page *p, const json_t *series);
/* How long what waits now has waited, up to so long each. */
void series_ages(struct page *p, const json_t *waiting);

#endif
