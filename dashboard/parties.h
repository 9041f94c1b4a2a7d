/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the screens of parties share: dashboard/screen_part*.c only. */
#ifndef DAFTAR_DASHBOARD_PARTIES_H
#define DAFTAR_DASHBOARD_PARTIES_H

#include "dashboard/screen.h"

/* Of an object of party.list. */
void p_connected(struct page *p, const json_t *party);
void p_standing(struct page *p, const json_t *party);
void p_mode(struct page *p, const json_t *party); /* of its adapter; a dash when it said none */
const char *role_words(const char *role);	  /* N_() */

#endif
