/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the screens share that show corridors: for this folder. */
#ifndef DAFTAR_DASHBOARD_CORRIDORS_H
#define DAFTAR_DASHBOARD_CORRIDORS_H

#include "dashboard/page.h"

bool corridor_is_closed(const json_t *corridor);
/* A sign, a word and a colour for its trouble, 0 to 3. */
enum mark corridor_mark(const json_t *corridor);
void corridor_state(struct page *p, const json_t *corridor);
/* "KE.CRS -> SO.NIRA", as a link to its page. */
void corridor_link(struct page *p, const json_t *corridor);
/* Its table: worst first, at most `most' rows; `only_trouble': those that have some. */
void corridor_table(struct page *p, const char *id, const char *caption, const json_t *corridors,
	size_t most, bool only_trouble);

#endif
