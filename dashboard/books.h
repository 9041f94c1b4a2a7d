/* SPDX-License-Identifier: EUPL-1.2
 *
 * What the screens of the reconciliation share: dashboard/screen_book*.c only. */
#ifndef DAFTAR_DASHBOARD_BOOKS_H
#define DAFTAR_DASHBOARD_BOOKS_H

#include "dashboard/screen.h"

#define BOOKS_DAYS 14

/* "equal", "differs", "half", "unheard", or the state of a party's last comparison. */
void p_books_mark(struct page *p, const char *state);
/* Four cells: messages, differences, mended, open. */
void p_books_numbers(struct page *p, const json_t *row);

#endif
